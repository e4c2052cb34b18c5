"""Recordings of one's own: descriptions, what follows from them, and bad ones.

A bad case is a line of a table: what is done to a folder of good recordings, and a part
of what is said.
"""

import itertools
import shutil

import numpy as np
import pandas as pd
import pytest

from made_corpus import RATE, tone, write_sound
from xai4ser import corpora, extraction, find, models, network, places, split, tables
from xai4ser.ravdess import RAVDESS

PEOPLE, WORDS = ("anna", "ben", "cleo", "dan"), ("Angry", "happy", "sad")
DESCRIBED = """name = "Mine"
recordings = "."
pattern = '(^|/)(?P<emotion>[^/]+)/(?P<speaker>[^_/]+)_'
emotions = ["happy", "sad", "angry"]
[words]
Angry = "angry"
"""
FIRST = "Angry/anna_0.wav"


def write_own(folder, takes=3):
    """A small corpus of one's own: no two recordings alike."""
    sounds = itertools.count(200, 7)
    for word, person, take in itertools.product(WORDS, PEOPLE, range(takes)):
        write_sound(folder / word / f"{person}_{take}.wav", tone(next(sounds)))
    (folder / places.DESCRIPTION).write_text(DESCRIBED)
    return folder


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return write_own(tmp_path_factory.mktemp("good"))


@pytest.fixture
def own(good, tmp_path):
    """A copy of the good corpus, to be damaged."""
    return shutil.copytree(good, tmp_path / "my_voices")


# --- a good one -------------------------------------------------------------------


def test_everything_follows_from_the_description(own, monkeypatch):
    monkeypatch.setenv("RAVDESS_DIR", "/nowhere")  # is not asked
    corpus = corpora.read(own)
    assert corpus.emotions == ("happy", "sad", "angry")
    assert corpus.speakers == PEOPLE
    assert [note[:17] for note in corpus.notes] == ["One speaker tests"]
    assert sorted(sum(corpus.folds, ())) == list(PEOPLE)
    found = find.recordings(corpus=corpus)
    assert found.complete and len(found.table) == 36 and found.left_out.empty
    assert found.place == corpus.home and found.place.folder == own
    place = found.place
    tables.save_recordings(found.table, place.recordings, corpus)
    table, failed = extraction.extract(found.table, found.folder, jobs=1)
    assert failed.empty
    tables.save_features(table, place.features, corpus)
    read = tables.load_features(corpus.to_read("features"), corpus)
    assert list(read["emotion"].cat.categories) == list(corpus.emotions)
    assert tables.load_recordings(place.recordings, corpus)["actor"].iloc[0] == "anna"
    # A second look does not take what was made for recordings.
    assert find.recordings(corpus=corpora.read(own)).left_out.empty


def test_what_was_made_is_read_where_the_recordings_are_gone(own):
    corpus = corpora.read(own)
    found = find.recordings(corpus=corpus)
    path = tables.save_recordings(found.table, found.place.recordings, corpus)
    for word in WORDS:
        shutil.rmtree(own / word)
    again = corpora.read(own)
    assert again.folds == corpus.folds
    assert len(tables.load_recordings(path, again)) == 36
    with pytest.raises(FileNotFoundError, match="holds no recording of Mine"):
        find.recordings(corpus=again)


def test_a_table_made_with_another_description_is_refused(own):
    corpus = corpora.read(own)
    found = find.recordings(corpus=corpus)
    path = tables.save_recordings(found.table, found.place.recordings, corpus)
    file = own / places.DESCRIPTION
    file.write_text(DESCRIBED.replace('Angry = "angry"', 'Angry = "sad"'))
    with pytest.raises(ValueError, match="is of emotion sad") as error:
        tables.load_recordings(path, corpora.read(own))
    assert "Run notebook 1 on these recordings" in str(error.value)
    assert "git checkout" not in str(error.value)


def test_ravdess_is_not_looked_for_among_ones_own(own, monkeypatch):
    monkeypatch.delenv("RAVDESS_DIR", raising=False)
    monkeypatch.setattr(places, "DATA", own.parent)
    assert find.look().seen == ()


def test_a_speaker_called_na_or_007_stays_so(own):
    for number, name in enumerate(("NA", "007")):
        for take in range(2):
            sound = tone(900 + 7 * number + 50 * take)
            write_sound(own / "happy" / f"{name}_{take}.wav", sound)
    corpus = corpora.read(own)
    found = find.recordings(corpus=corpus)
    path = tables.save_recordings(found.table, found.place.recordings, corpus)
    assert {"NA", "007"} < set(tables.load_recordings(path, corpus)["actor"])


def test_names_that_come_again_in_other_folders_are_other_recordings(own):
    same = [path.name for path in own.rglob("anna_0.wav")]
    assert len(same) == 3
    found = find.recordings(corpus=corpora.read(own))
    assert len(found.table) == 36
    assert found.file_of("sad/anna_0.wav") == own / "sad" / "anna_0.wav"


# --- published corpora ------------------------------------------------------------

# Name of the corpus; files named by its scheme; what is said of the first; folders.
SCHEMES = {
    "EMO-DB": (
        ("wav/03a01Fa.wav", "wav/16b10Wb.wav", "wav/08a07La.wav"),
        {"emotion": "happy", "actor": "03", "sentence": "a01", "version": "a"},
    ),
    "CREMA-D": (
        ("AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1040_ITH_SAD_X.wav"),
        {"emotion": "angry", "actor": "1001", "sentence": "DFA", "level": "XX"},
    ),
    "TESS": (
        ("OAF_Fear/OAF_back_fear.wav", "YAF_pleasant/YAF_dog_ps.wav"),
        {"emotion": "fearful", "actor": "OA", "word": "back"},
    ),
    "SAVEE": (
        ("DC_su03.wav", "JE/a01.wav", "KL/sa15.wav"),
        {"emotion": "surprised", "actor": "DC", "sentence": "03"},
    ),
    "URDU": (
        ("Angry/SM1_F10_A010.wav", "Happy/SF1_F1_H01.wav"),
        {"emotion": "angry", "actor": "SM1", "sex": "male"},
    ),
}


@pytest.mark.parametrize("name", SCHEMES)
def test_a_published_scheme_is_recognised(name, tmp_path, capsys):
    files, told = SCHEMES[name]
    for file in files:
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.touch()
    corpus = corpora.describe(tmp_path)
    assert f"the scheme of {name}: {len(files)} of {len(files)}" in (
        capsys.readouterr().out
    )
    assert corpus.name == name and corpus.citation
    assert corpus.decode(files[0]) == told
    assert all(map(corpus.is_recording, files))


def test_every_scheme_is_tested_and_has_distinct_words():
    assert set(corpora.known()) == set(SCHEMES)
    for said in corpora.known().values():
        assert set(said["words"].values()) <= set(said["emotions"])


# --- folders that describe themselves ----------------------------------------------

LAYOUTS = {
    "emotion/speaker_take": "{word}/{person}_{take}.wav",
    "speaker/emotion/take": "{person}/{word}/{take}.wav",
    "speaker_emotion_take": "{person}_{word}_{take}.wav",
    "speaker-emotiontake": "{person}-{word}{take:02d}.wav",
    "speaker_words_emotion": "{person}_say_{take}_{word}.wav",
    "session/speaker/take emotion": "all/{person}/{take} {word}.wav",
    "number_emotion/speaker": "01_{word}/{person}_{take}.wav",
    "sex_speaker_emotion": "f_{person}_{take}_{word}.wav",
}


def touch_all(folder, layout, takes=3):
    for word, person, take in itertools.product(WORDS, PEOPLE, range(takes)):
        path = folder / layout.format(word=word, person=person, take=take)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_names_with_words_for_emotions_are_understood(layout, tmp_path, capsys):
    touch_all(tmp_path, LAYOUTS[layout])
    corpus = corpora.describe(tmp_path)
    assert corpus.speakers == PEOPLE
    assert corpus.emotions == ("happy", "sad", "angry")
    assert "36 of 36 sound files" in capsys.readouterr().out
    assert corpora.read(tmp_path).folds == corpus.folds


def test_numbers_of_takes_are_not_taken_for_speakers(tmp_path, capsys):
    for word, take in itertools.product(WORDS, range(9)):
        path = tmp_path / word / f"{take:03d}.wav"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    corpus = corpora.describe(tmp_path)
    assert len(corpus.speakers) == 27
    assert "SPEAKERS UNKNOWN" in capsys.readouterr().out


def test_a_table_describes_them(own, capsys):
    (own / places.DESCRIPTION).unlink()
    rows = [
        (path.relative_to(own).as_posix(), path.parent.name, path.name[0], 7)
        for path in sorted(own.rglob("*.wav"))
    ]
    columns = ["path", "emotion", "speaker", "count"]  # also a method of tuples
    pd.DataFrame(rows, columns=columns).to_csv(own / "list.csv", sep=";", index=False)
    corpus = corpora.describe(own)
    assert "the table list.csv: 36 of 36" in capsys.readouterr().out
    assert corpus.speakers == ("a", "b", "c", "d")
    found = find.recordings(corpus=corpus)
    assert found.table["count"].tolist() == ["7"] * 36 and found.left_out.empty
    path = tables.save_recordings(found.table, found.place.recordings, corpus)
    assert len(tables.load_recordings(path, corpus)) == 36


def test_a_description_is_never_written_over(own):
    with pytest.raises(FileExistsError, match="Correct it by hand"):
        corpora.describe(own)


def test_words_that_nobody_knows_are_asked_for(tmp_path, capsys):
    for word, person in itertools.product(("hasira", "furaha"), PEOPLE):
        path = tmp_path / word / f"{person}_1.wav"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    with pytest.raises(corpora.BadDescription, match="what your words mean"):
        corpora.describe(tmp_path)
    corpus = corpora.describe(tmp_path, words={"hasira": "angry", "furaha": "happy"})
    assert corpus.emotions == ("happy", "angry") and len(corpus.speakers) == 4


# --- bad ones: what is done, and what is said -----------------------------------------


def described(**changes):
    """The description with lines replaced: key -> line, or None to leave it out."""

    def change(folder):
        file = folder / places.DESCRIPTION
        lines = file.read_text().splitlines()
        for key, line in changes.items():
            at = [i for i, said in enumerate(lines) if said.startswith(f"{key} =")]
            lines[at[0] : at[0] + 1] = [line] if line else []
        file.write_text("\n".join(lines))

    return change


def with_table(text):
    def change(folder):
        described(pattern='table = "list.csv"')(folder)
        (folder / "list.csv").write_text(text)

    return change


REFUSED = {
    "no description": (
        lambda f: (f / places.DESCRIPTION).unlink(),
        "Write one with corpora.describe",
    ),
    "no folder": (shutil.rmtree, "does not exist. Give the folder"),
    "no recordings": (
        lambda f: [shutil.rmtree(f / word) for word in WORDS],
        "holds no sound file",
    ),
    "a pattern that fits nothing": (
        described(pattern="pattern = '(?P<speaker>x)(?P<emotion>y)'"),
        "Of 36 sound files .* none can be used with the pattern",
    ),
    "a pattern that is none": (
        described(pattern="pattern = '(?P<emotion>'"),
        "no regular expression",
    ),
    "no group for the speaker": (
        described(pattern="pattern = '(?P<emotion>[^/]+)/'"),
        'no group called speaker. .*speakers = "unknown"',
    ),
    "no group for the emotion": (
        described(pattern="pattern = '(?P<speaker>[^/]+)_'"),
        "no group called emotion",
    ),
    "no emotions": (described(emotions=None), "does not say: emotions. Add it"),
    "one emotion": (described(emotions='emotions = ["sad"]'), "two or more"),
    "neither pattern nor table": (described(pattern=None), "either pattern or table"),
    "a misspelt key": (described(name='name = "a"\nlicense = "b"'), "'license'"),
    "a word that leads nowhere": (
        described(Angry='Angry = "furious"'),
        "'furious', which is not among the emotions",
    ),
    "double quotes around a pattern": (
        described(pattern='pattern = "(?P<emotion>\\w+)/"'),
        "a pattern in single ones",
    ),
    "a folder that is not there": (
        described(recordings='recordings = "wav"'),
        "the folder of recordings, wav, is not there",
    ),
    "no table": (described(pattern='table = "list.csv"'), "list.csv cannot be read"),
    "a table without emotions": (
        with_table("path,speaker,label\nx.wav,a,sad\n"),
        "has no column 'emotion'; it has path, speaker, label. Rename",
    ),
    "a table that says it twice": (
        with_table(f"path,speaker,emotion\n{FIRST},a,sad\n{FIRST},a,happy\n"),
        "names Angry/anna_0.wav twice",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused_with_the_remedy(case, own):
    damage, sentence = REFUSED[case]
    damage(own)
    with pytest.raises((ValueError, FileNotFoundError), match=sentence) as error:
        corpora.read(own)
    assert len(str(error.value).split(". ")) > 1, "it needs a remedy"


def without(*paths):
    return lambda folder: [path.unlink() for p in paths for path in folder.glob(p)]


# What is done; what the notes of the corpus say; how many can be used.
NOTED = {
    "a pattern that fits a part": (
        lambda f: write_sound(f / "happy" / "stray.wav", tone(999)),
        "1 sound files are not used, for example: happy/stray.wav does not fit",
        36,
    ),
    "a word that is not known": (
        described(Angry=None, emotions='emotions = ["happy", "sad"]'),
        "'Angry', has no meaning",
        24,
    ),
    "an emotion that is left out": (
        described(Angry='Angry = ""', emotions='emotions = ["happy", "sad"]'),
        "12 recordings are left out",
        24,
    ),
    "an emotion without recordings": (
        described(emotions='emotions = ["happy", "sad", "angry", "calm"]'),
        "no recording of calm",
        36,
    ),
    "two recordings of an emotion": (
        without("sad/[bcd]*", "sad/anna_2*"),
        "sad: 2 recordings of 1 speaker. Its recall says little",
        26,
    ),
    "one speaker": (without("*/[bcd]*"), "There is one speaker", 9),
    "two speakers": (without("*/[cd]*"), "There are two speakers", 18),
    "speakers who speak one emotion": (
        without("sad/anna*", "happy/anna*", "sad/ben*", "Angry/ben*"),
        "2 of 4 speakers speak in one emotion only",
        24,
    ),
    "an emotion that only one speaker has": (
        without("sad/[bcd]*"),
        "The folds cannot be balanced, because speakers stay whole: there is no sad in",
        27,
    ),
    "speakers that cannot be told": (
        described(
            pattern="pattern = '(?P<emotion>[^/]+)/'\nspeakers = \"unknown\"",
        ),
        "SPEAKERS UNKNOWN: .*Scores are too good",
        36,
    ),
    "a table with missing files": (
        with_table(f"path,speaker,emotion\n{FIRST},a,sad\ngone.wav,b,happy\n"),
        "names 1 files that are not there or not used, for example gone.wav",
        1,
    ),
    "files that the table lacks": (
        with_table(f"path,speaker,emotion\n{FIRST},a,sad\n"),
        "35 sound files are not used, .* has no row in list.csv. Add one",
        1,
    ),
}


@pytest.mark.parametrize("case", NOTED)
def test_what_can_be_used_is_used_and_the_rest_is_said(case, own):
    damage, sentence, count = NOTED[case]
    damage(own)
    corpus = corpora.read(own)
    found = find.recordings(corpus=corpus)
    said = " ".join(corpus.notes)
    assert pd.Series(said).str.contains(sentence).item(), said
    assert len(found.table) == count
    assert sorted(sum(corpus.folds, ())) == sorted(corpus.speakers)
    for note in corpus.notes:
        assert note in repr(found) and note in repr(corpus)


def write(path, *sound, **options):
    return lambda folder: write_sound(folder / path, *sound, **options)


HOUR = np.zeros(4000 * 3600, np.int16)
# What is done to the files; what the box says; how many can be used.
FILES = {
    "an hour": (write("sad/anna_9.wav", HOUR, 4000), "lasts 3600.00 s. Use one", 36),
    "empty": (lambda f: (f / FIRST).write_bytes(b""), "is empty. Save or record", 35),
    "no sound": (lambda f: (f / FIRST).write_text("x"), "Save it as WAV, FLAC", 35),
    "the same samples twice": (
        lambda f: shutil.copy(f / FIRST, f / "Angry" / "dan_9.wav"),
        "holds the same samples as Angry/anna_0.wav",
        36,
    ),
    "the same samples with another emotion": (
        lambda f: shutil.copy(f / FIRST, f / "sad" / "anna_9.wav"),
        "and is called sad instead of angry. Delete the one that is wrong",
        36,
    ),
    "mixed rates": (
        write("sad/anna_9.wav", tone(999, rate=44_100), 44_100),
        r"Sampling rates are mixed: 16000 Hz \(36\), 44100 Hz \(1\)",
        37,
    ),
    "a rate for each emotion": (
        write("sad/anna_9.wav", tone(999, rate=44_100), 44_100),
        "the network can tell emotions by the recorder",
        37,
    ),
    "a phone's format": (
        lambda f: (f / "sad" / "anna_9.m4a").write_bytes(b"x"),
        "anna_9.m4a is a sound that is not read here. Save it as WAV",
        36,
    ),
    "mp3": (write("sad/anna_9.mp3", subtype="MPEG_LAYER_III"), "37 recordings", 37),
    "a low rate": (lambda f: None, "there is nothing above 8000 Hz", 36),
    "stereo": (
        write("sad/anna_9.wav", np.column_stack([tone(999), tone(999)]), RATE),
        "1 recordings have several channels",
        37,
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_of_ones_own_is_named_and_the_others_are_used(case, own):
    damage, sentence, count = FILES[case]
    damage(own)
    found = find.recordings(corpus=corpora.read(own))
    assert pd.Series(repr(found)).str.contains(sentence).item(), repr(found)
    assert len(found.table) == count
    assert "archive" not in repr(found)


def test_nothing_that_can_be_used_is_said_and_never_stood_in_for(own):
    for path in own.rglob("*.wav"):
        path.write_bytes(b"")
    with pytest.raises(FileNotFoundError, match="that can be used. .* is empty"):
        find.recordings(corpus=corpora.read(own))


# --- folds, and networks for few ----------------------------------------------------


def test_folds_are_as_even_as_whole_speakers_allow():
    generator = np.random.default_rng(0)
    counts = pd.DataFrame(
        generator.integers(1, 30, (20, 4)), list("abcdefghijklmnopqrst")
    )
    folds = split.deal(counts)
    assert len(folds) == 6 and folds == split.deal(counts[::-1])
    shares = np.array([counts.loc[list(f)].sum() / counts.sum() for f in folds])
    assert np.abs(shares - 1 / 6).max() < 0.05


def test_a_rare_emotion_is_in_every_fold_if_it_can_be():
    counts = pd.DataFrame({"sad": 10, "angry": 0}, [f"s{n}" for n in range(12)])
    counts.loc[["s3", "s5", "s7"], "angry"] = (90, 5, 1)
    folds = split.deal(counts)
    assert len(folds) == 3
    assert all(counts.loc[list(fold), "angry"].sum() for fold in folds)


def test_the_folds_of_ravdess_are_its_own():
    assert not RAVDESS.is_own and RAVDESS.fold(0).test == (5, 19, 20, 22)


def small_table(emotions, speakers, takes=2):
    """A table of features of noise, in which emotions differ."""
    columns = extraction.feature_columns()
    generator = np.random.default_rng(0)
    rows = [
        (f"{e}/{s}_{t}.wav", version, e, s)
        for e, s, t in itertools.product(emotions, speakers, range(takes))
        for version in extraction.VERSIONS
    ]
    table = pd.DataFrame(rows, columns=extraction.KEYS)
    table["emotion"] = pd.Categorical(table["emotion"], emotions)
    values = 5 + 0.3 * generator.normal(size=(len(table), len(columns)))  # of any unit
    values += 0.3 * table["emotion"].cat.codes.to_numpy()[:, None]
    return table.join(pd.DataFrame(values, columns=columns, dtype=np.float32))


@pytest.mark.training
@pytest.mark.parametrize("case", ["two emotions", "one that was never heard"])
def test_a_network_for_few_emotions(case, monkeypatch):
    monkeypatch.setattr(network, "EPOCHS", 2)
    monkeypatch.setattr(network, "TOWERS", 1)
    emotions = ("happy", "sad") if case == "two emotions" else ("happy", "sad", "angry")
    table = small_table(emotions, PEOPLE[:3])
    if case != "two emotions":  # the last speaks only in the test
        table = table[(table["emotion"] != "angry") | (table["actor"] == "cleo")]
        table = table.reset_index(drop=True)
    sides = split.fold((("cleo",), ("anna",), ("ben",)), 0)
    model, answers = network.hold_out(table, sides, seed=0)
    assert model.output_shape == (None, len(emotions))
    assert len(answers) == (table["actor"] == "cleo").sum()
    heard = answers[answers["emotion"] != "angry"]
    assert (heard["predicted"] == heard["emotion"]).mean() > 0.7
    assert not (answers["predicted"] == "angry").any()


@pytest.mark.training
def test_held_out_predictions_are_made_once_and_again_for_another_table(
    own, monkeypatch
):
    monkeypatch.setattr(network, "EPOCHS", 2)
    monkeypatch.setattr(network, "TOWERS", 1)
    corpus = corpora.read(own)
    table = small_table(corpus.emotions, corpus.speakers, takes=3)
    table["path"] = table["path"].str.replace("angry", "Angry")
    path = tables.save_features(table, corpus.home.features, corpus)
    first = models.held_out_predictions(corpus)
    assert len(first) == len(table)
    assert set(first["actor"]) == set(corpus.speakers)
    fold_1 = models.load_fold(corpus.home.models, 1)
    assert fold_1.output_shape == (None, 3)
    monkeypatch.setattr(network, "hold_out", None)  # is not needed again
    again = models.held_out_predictions(corpus)
    assert again["predicted"].tolist() == first["predicted"].tolist()
    table[extraction.feature_columns()[0]] += 5
    tables.save_features(table, path, corpus)
    with pytest.raises(TypeError):  # it would be trained again
        models.held_out_predictions(corpus)
