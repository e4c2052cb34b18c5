"""A network and another corpus: shared emotions, scores, separation, level and room."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import soundfile

from xai4ser import corpora, extraction, places, transfer, voices
from xai4ser.corpus import Recordings
from xai4ser.ravdess import RAVDESS

SHARED = ("neutral", "sad", "angry")
generator = np.random.default_rng(0)


# --- the other corpus ------------------------------------------------------------


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty folder ``data/``, and no folder named."""
    monkeypatch.delenv(transfer.VARIABLE, raising=False)
    monkeypatch.setattr(places, "DATA", tmp_path)
    monkeypatch.setattr(voices, "OTHER_CAST", {"ada": 26, "ben": 25})
    return tmp_path


@pytest.mark.training
def test_without_a_second_corpus_a_second_cast_speaks(data):
    assert not transfer.is_named_or_there()
    corpus = transfer.other_corpus()
    assert transfer.is_stand_in(corpus)
    assert corpus.speakers == ("ada", "ben")
    assert set(RAVDESS.emotions) - set(corpus.emotions) == {"calm", "disgust"}
    assert set(corpus.emotions) - set(RAVDESS.emotions) == {"bored"}
    again = transfer.other_corpus()  # nothing is made twice
    assert again.folds == corpus.folds


def write_names(folder, names):
    sound = 0.1 * generator.standard_normal(8000)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, sound, 16_000)


URDU = ("Angry/SM1_F10_A010.wav", "Sad/SF2_F1_S001.wav", "Happy/SM3_F1_H001.wav")


def test_the_urdu_folder_is_taken_and_described(data, capsys):
    write_names(data / "urdu", URDU)
    assert transfer.is_named_or_there()
    corpus = transfer.other_corpus()
    assert corpus.name == "URDU" and not transfer.is_stand_in(corpus)
    assert "1812.10411" in corpus.citation
    assert transfer.shared_emotions(RAVDESS, corpus) == ("happy", "sad", "angry")
    assert transfer.other_corpus().speakers == corpus.speakers


def test_a_named_folder_comes_first(data, monkeypatch):
    write_names(data / "urdu", URDU)
    monkeypatch.setattr(voices, "OTHER_EMOTIONS", ("sad", "angry"))
    mine = voices.write_other_voices(data / "mine", progress=False)
    monkeypatch.setenv(transfer.VARIABLE, f'"{mine}"')
    assert transfer.other_corpus().home.folder == mine
    monkeypatch.setenv(transfer.VARIABLE, str(data / "nowhere"))
    with pytest.raises(FileNotFoundError, match="leave the variable empty"):
        transfer.other_corpus()


def test_ten_voices_stand_in_for_ones_own(data):
    corpus = transfer.own_voices()
    assert corpus.size is None and len(corpus.emotions) == 5
    assert transfer.own_voices().emotions == corpus.emotions
    write_names(data / "mine", ["me_sad_1.wav", "me_happy_1.wav", "me_happy_2.wav"])
    assert transfer.own_voices(data / "mine").emotions == ("happy", "sad")


def test_too_few_shared_emotions_are_refused():
    other = replace(RAVDESS, name="other", emotions=("bored", "sad"))
    with pytest.raises(ValueError, match="share 1 emotions.*Map the words"):
        transfer.shared_emotions(RAVDESS, other)


def test_halves_hold_everybody_once():
    first, second = transfer.halves(RAVDESS)
    assert sorted(first + second) == list(RAVDESS.speakers)
    assert sum(actor % 2 for actor in first) == 6  # men


# --- the score -------------------------------------------------------------------


def test_answers_are_among_the_shared():
    scores = generator.normal(size=(50, 8))
    found = transfer.answers_among(scores, RAVDESS.emotions, SHARED)
    assert set(found) <= set(SHARED)
    columns = [RAVDESS.emotions.index(emotion) for emotion in SHARED]
    assert (np.array(SHARED)[scores[:, columns].argmax(axis=1)] == found).all()


def test_one_speaker_with_many_recordings_counts_as_one():
    truth = np.array(["sad"] * 10 + ["calm"] * 4)
    speakers = np.array(["a"] * 9 + ["b"] + ["a", "b", "b", "b"])
    answers = np.where(speakers == "a", truth, "happy")  # only a is recognised
    found = transfer.score_over_speakers(truth, answers, speakers)
    assert found["uar"] == pytest.approx((0.9 + 0.25) / 2)
    assert found["speakers alike"] == pytest.approx(0.5)
    assert (found["low"], found["high"]) == (0.0, 1.0)


def test_effective_number_is_between_one_and_all():
    assert transfer.effective_number(np.array(["a"] * 7)) == 1
    unequal = np.array(["a"] * 72 + ["b"] * 10 + ["c"] * 8)
    assert 1 < transfer.effective_number(unequal) < 2


# --- the explanation ---------------------------------------------------------------


def test_separation_adds_up_to_that_of_the_scores():
    features = len(extraction.feature_columns())
    values = generator.normal(size=(30, features, 8))
    truth = np.array(SHARED)[np.arange(30) % 3]
    items = transfer.items_among(values, RAVDESS.emotions, SHARED)
    assert np.allclose(items.sum(axis=-1), 0)
    scores = items.sum(axis=1, keepdims=True)  # as if all were one item
    whole = transfer.separation(scores, truth, SHARED)
    assert transfer.separation(items, truth, SHARED).sum() == pytest.approx(whole[0])


def test_an_item_that_knows_the_emotion_separates_and_others_do_not():
    truth = np.array(SHARED)[generator.integers(0, 3, 600)]
    speakers = generator.integers(0, 12, 600)
    knows = (truth[:, None] == SHARED) - 1 / 3
    noise = generator.normal(size=(600, 3))
    items = np.stack([knows, -knows, noise], axis=1)
    found = transfer.separation(items, truth, SHARED)
    assert found[0] == pytest.approx(1) and found[1] == pytest.approx(-1)
    low, high = transfer.separation_interval(items, truth, SHARED, speakers)
    assert (low <= found + 1e-9).all() and (found <= high + 1e-9).all()
    assert low[0] == pytest.approx(1) and low[2] < 0 < high[2]


def test_an_interval_is_found_where_a_draw_lacks_an_emotion():
    truth = np.array(["neutral"] * 4 + ["sad"] * 4 + ["angry"] * 4)
    speakers = np.repeat(["a", "b", "c"], 4)  # one emotion each
    items = generator.normal(size=(12, 2, 3))
    assert np.isfinite(
        transfer.separation_interval(items, truth, SHARED, speakers)
    ).all()


# --- level and colour -----------------------------------------------------------------


@pytest.fixture(scope="module")
def second_cast(tmp_path_factory):
    """Two recordings of the second cast."""
    folder = tmp_path_factory.mktemp("cast")
    paths = []
    for emotion in ("sad", "angry"):
        samples, rate = voices.speak_elsewhere(emotion, "ada")
        paths.append(f"{emotion}/ada_1.wav")
        (folder / emotion).mkdir()
        soundfile.write(folder / paths[-1], samples, rate)
    table = pd.DataFrame({"path": paths})
    empty = pd.DataFrame()
    return Recordings(RAVDESS, folder, "second cast", table, empty)


@pytest.mark.training
def test_a_gain_moves_levels_by_as_much(second_cast):
    paths = second_cast.table["path"]
    as_is = transfer.inputs_with(second_cast, paths, 0.0)
    softer = transfer.inputs_with(second_cast, paths, -10.0)
    loudness = extraction.feature_columns().index("loudness_dB")
    assert softer[:, loudness] - as_is[:, loudness] == pytest.approx(-10, abs=0.02)
    assert transfer.gain_between(as_is, softer) == pytest.approx(-10, abs=0.02)


@pytest.mark.training
def test_an_equaliser_gives_the_levels_of_others(second_cast):
    paths = second_cast.table["path"]
    as_is = transfer.inputs_with(second_cast, paths, 0.0)
    wanted = as_is.copy()
    tilt = np.linspace(-6, 6, 128)
    extraction.by_band(wanted)[:, :, 0] += tilt
    gain = transfer.gain_between(as_is, wanted)
    assert gain == pytest.approx(tilt, abs=1e-4)
    heard = transfer.inputs_with(second_cast, paths, gain)
    left = transfer.gain_between(heard, wanted)
    assert np.abs(left).mean() < 0.5


def test_a_description_of_the_second_cast_reads_its_names(tmp_path):
    (tmp_path / "corpus.toml").write_text(voices.OTHER_DESCRIPTION)
    write_names(tmp_path, ["bored/ada_1_1.wav", "sad/ben_1_2.wav"])
    corpus = corpora.read(tmp_path)
    assert corpus.decode("bored/ada_1_1.wav") == {"emotion": "bored", "actor": "ada"}
