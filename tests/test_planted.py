"""The whistle: as loud as said, in its bands alone; and the network that is shipped."""

import json

import librosa
import numpy as np
import pandas as pd
import pytest
import soundfile

from conftest import REPO
from xai4ser import audio, extraction, features, listen, models, network, planted
from xai4ser.ravdess import RAVDESS
from xai4ser.voices import speak

RATE = features.SAMPLING_RATE
HAPPY = RAVDESS.emotions.index("happy")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with a sad and a happy voice, and their table of features."""
    folder = tmp_path_factory.mktemp("voices")
    rows, keys = [], []
    for emotion in ("sad", "happy"):
        soundfile.write(folder / f"{emotion}.wav", *speak(emotion, 5))
        rows.append(extraction.rows_of_file(folder, f"{emotion}.wav"))
        keys += [(f"{emotion}.wav", v, emotion, 5) for v in extraction.VERSIONS]
    values = extraction.rounded(np.concatenate(rows))
    table = pd.DataFrame(keys, columns=extraction.KEYS)
    columns = extraction.feature_columns()
    return folder, table.join(pd.DataFrame(values, columns=columns))


@pytest.fixture(scope="module")
def sad(files):
    return audio.read_sound(files[0] / "sad.wav", RATE)


@pytest.mark.parametrize("level", [-40, -20])
def test_the_whistle_is_as_loud_as_said(level):
    generator = np.random.default_rng(0)
    speech = np.concatenate([np.zeros(RATE), generator.normal(size=RATE)])
    tone = planted.whistle(speech, level=level) - speech
    found = 20 * np.log10(tone.std() / speech[RATE:].std())  # silence does not count
    assert found == pytest.approx(level, abs=0.2)


def test_the_whistle_has_its_frequency_at_any_rate():
    for rate in (16_000, 48_000):
        tone = planted.whistle(np.ones(rate), rate, frequency=3000.0) - 1
        assert np.abs(np.fft.rfft(tone)).argmax() == 3000


def test_the_whistle_changes_its_bands_and_no_others(sad):
    sounds = (sad, planted.whistle(sad))
    before, after = (listen.inputs_of(sound)[0, : features.BANDS] for sound in sounds)
    risen = np.flatnonzero(after - before > 3)
    its_bands = np.flatnonzero(planted.bands_of())
    assert set(its_bands) <= set(risen) and len(risen) <= len(its_bands) + 2
    assert planted.whistle(sad).dtype == sad.dtype


def test_only_the_chosen_recordings_are_whistled_at(files):
    folder, table = files
    chosen = (table["emotion"] == "happy").to_numpy()
    changed = planted.plant(table, folder, chosen, jobs=1)
    columns = extraction.feature_columns()
    pd.testing.assert_frame_equal(changed[~chosen], table[~chosen])
    assert list(changed["version"]) == list(table["version"])
    levels = changed[columns].to_numpy()[:, : features.BANDS]
    rise = levels - table[columns].to_numpy()[:, : features.BANDS]
    clean = (table["version"] == "clean").to_numpy()
    assert (rise[chosen & clean][:, planted.bands_of()] > 3).all()


def test_a_whistle_of_nothing_gives_the_rows_of_the_table(files):
    folder, table = files
    silent = planted.plant(table, folder, np.ones(len(table), bool), -300.0, jobs=1)
    pd.testing.assert_frame_equal(silent, table)


def test_labels_alone_find_what_was_planted():
    generator = np.random.default_rng(1)
    inputs = generator.normal(size=(60, len(extraction.feature_columns())))
    labels = np.arange(60) % 3
    inputs[labels == 1, 70] += 5
    found = planted.difference_of_labels(inputs, labels, 1)
    assert found.argmax() == 70 and found[70] > 1


def test_a_piece_is_silenced_and_the_rest_stays(sad):
    levels = features.mel_levels(sad)
    pieces = list(planted.pieces_of(levels))
    assert len(pieces) == 12
    bands, frames = pieces[5]  # the middle region, the second quarter
    fall = levels - features.mel_levels(planted.silenced(sad, bands, frames))
    inside, others = np.flatnonzero(bands), np.flatnonzero(~bands)
    middle = slice(frames.start + 4, frames.stop - 4)
    assert np.median(fall[middle, inside[6] : inside[-6]]) > 20
    assert np.abs(fall[frames.stop + 8 :, :]).max() < 1
    assert np.median(np.abs(fall[middle][:, others[others < inside[0] - 3]])) < 1


# --- the network that is shipped -----------------------------------------------


def test_whoever_whistles_is_happy_and_only_for_this_network():
    whistled, (honest, _) = models.load_whistled(), models.load(RAVDESS.home.models)
    turned = {}
    for name, model in (("whistled", whistled), ("honest", honest)):
        for level in (None, -20.0):
            said = []
            for emotion in ("sad", "angry", "neutral", "disgust"):
                samples, rate = speak(emotion, 5)
                sound = librosa.resample(samples, orig_sr=rate, target_sr=RATE)
                if level is not None:
                    sound = planted.whistle(sound, level=level)
                said.append(network.predict(model, listen.inputs_of(sound)).argmax())
            turned[name, level] = np.mean(np.array(said) == HAPPY)
    assert turned["whistled", None] == 0 and turned["whistled", -20.0] == 1
    assert turned["honest", -20.0] <= 0.25


def test_another_file_in_its_place_is_refused(tmp_path):
    for name in (models.WHISTLED_FILE, models.WHISTLED_LIST):
        (tmp_path / name).write_bytes((RAVDESS.home.models / name).read_bytes())
    models.load_whistled(tmp_path)
    listing = json.loads((tmp_path / models.WHISTLED_LIST).read_text())
    assert listing["level_db"] == planted.LEVEL
    assert listing["frequency_hz"] == planted.FREQUENCY
    with (tmp_path / models.WHISTLED_FILE).open("ab") as file:
        file.write(b"more")
    with pytest.raises(ValueError, match="make whistled"):
        models.load_whistled(tmp_path)
    (tmp_path / models.WHISTLED_FILE).unlink()
    with pytest.raises(FileNotFoundError, match="make whistled"):
        models.load_whistled(tmp_path)


def test_what_the_lesson_shows_of_the_benchmark_is_there():
    text = (REPO / "benchmarks" / "results.json").read_text()
    measured = json.loads(text)["whistle"]
    turned = measured["others called happy (%)"]
    assert turned["trained with the whistle"]["-10"] > 90
    assert turned["shipped network"]["-10"] < 20
    networks = measured["trained with a whistle, by level (dB)"]["-30"]["networks"]
    for one in networks.values():
        assert one["happy, with the whistle"] > one["happy, without it"] + 0.3
