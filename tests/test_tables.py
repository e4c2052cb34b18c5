"""The tables that pass from notebook to notebook: what they refuse, and how."""

import os
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from made_corpus import NAMES
from xai4ser import extraction, features, places, tables
from xai4ser.ravdess import RAVDESS, decode

PATHS = [f"Actor_{name[-2:]}/{name}.wav" for name in NAMES]


@pytest.fixture
def corpus(tmp_path):
    """RAVDESS, as if it had four recordings, of which tmp_path holds the tables."""
    return replace(
        RAVDESS,
        size=len(NAMES),
        checksums=dict.fromkeys(NAMES, "0"),
        home=places.Place(tmp_path),
    )


@pytest.fixture
def table():
    """Four recordings in both versions, with plausible numbers."""
    keys = pd.DataFrame(
        [
            (path, version, decode(path)["emotion"], decode(path)["actor"])
            for path in PATHS
            for version in extraction.VERSIONS
        ],
        columns=extraction.KEYS,
    )
    columns = extraction.feature_columns()
    values = np.random.default_rng(0).uniform(1, 9, (len(keys), len(columns)))
    return pd.concat([keys, pd.DataFrame(values.round(2), columns=columns)], axis=1)


@pytest.fixture
def recording_table():
    return pd.DataFrame([{"path": path} | decode(path) for path in PATHS])


def test_the_feature_table_survives_a_round_trip(table, corpus):
    path = tables.save_features(table, corpus.home.features, corpus)
    loaded = tables.load_features(path, corpus)
    loaded["emotion"] = loaded["emotion"].astype(str)
    pd.testing.assert_frame_equal(loaded, table, check_dtype=False, rtol=1e-5)
    assert [p.name for p in path.parent.iterdir()] == ["speech_features.csv"]


def test_line_ends_of_windows_change_nothing(table, recording_table, corpus):
    path = tables.save_features(table, corpus.home.features, corpus)
    before = tables.describe(tables.load_features(path, corpus))
    other = tables.save_recordings(recording_table, corpus.home.recordings, corpus)
    for written in (path, other):
        written.write_bytes(written.read_bytes().replace(b"\n", b"\r\n"))
    assert tables.describe(tables.load_features(path, corpus)) == before
    assert len(tables.load_recordings(other, corpus)) == 4


def changed(**columns):
    def change(table):
        table = table.copy().astype(dict.fromkeys(columns, object))
        for name, value in columns.items():
            table.loc[3, name] = value
        return table

    return change


COLUMN = extraction.feature_columns()[20]
FEATURES = {
    "a missing column": (lambda t: t.drop(columns=t.columns[10]), "lacks 1 column"),
    "a gap": (changed(**{COLUMN: None}), "a gap in row 3"),
    "another order": (
        lambda t: t[[*t.columns[:4], *t.columns[:3:-1]]],
        "in another order",
    ),
    "a missing version": (lambda t: t.drop(index=5), "once clean and once noisy"),
    "twice": (lambda t: pd.concat([t, t]), "once clean and once noisy"),
    "an unknown emotion": (changed(emotion="bored"), "unknown emotion, bored"),
    "text": (changed(**{COLUMN: "loud"}), f"'loud' in row 3 .*{COLUMN}.* no number"),
    "a decimal comma": (changed(**{COLUMN: "1,5"}), f"'1,5' in row 3 .*{COLUMN}"),
    "no rows": (lambda t: t[:0], "has no rows"),
    "actor 99": (changed(actor=99), "is of actor 1, and the table says 99"),
    "shuffled actors": (
        lambda t: t.assign(actor=t["actor"].to_numpy()[::-1]),
        "is of actor 1, and the table says 2",
    ),
    "another emotion": (changed(emotion="happy"), "is of emotion angry"),
    "a name that is none": (changed(path="x.wav"), "x.wav is not a RAVDESS name"),
    "one emotion only": (
        lambda t: t[t["emotion"] == "neutral"],
        "holds 2 of the 4 recordings",
    ),
    "truncated": (lambda t: t[:4], "holds 2 of the 4 recordings"),
    "a thousand times": (
        lambda t: t.assign(**{COLUMN: t[COLUMN] * 1000}),
        "an impossible value in row 0",
    ),
}


@pytest.mark.parametrize("case", FEATURES)
def test_a_damaged_table_is_refused_with_the_remedy(table, corpus, case):
    damage, sentence = FEATURES[case]
    damage(table).to_csv(corpus.home.features, index=False)
    with pytest.raises(ValueError, match=sentence) as error:
        tables.load_features(corpus.home.features, corpus)
    assert "speech_features.csv" in str(error.value)
    assert "Run notebook 1" in str(error.value) and places.RESTORE in str(error.value)


RECORDINGS = {
    "truncated": (lambda t: t[:3], "holds 3 of the 4 recordings"),
    "doubled": (lambda t: pd.concat([t, t]), "twice"),
    "unsorted": (lambda t: t[::-1], "not sorted"),
    "another actor": (changed(actor=7), "is of actor 2, and the table says 7"),
    "another sentence": (changed(statement=2), "is of statement 1"),
}


@pytest.mark.parametrize("case", RECORDINGS)
def test_a_damaged_list_is_refused_with_the_remedy(recording_table, corpus, case):
    damage, sentence = RECORDINGS[case]
    damage(recording_table).to_csv(corpus.home.recordings, index=False)
    with pytest.raises(ValueError, match=sentence) as error:
        tables.load_recordings(corpus.home.recordings, corpus)
    assert "emoRav_data.csv" in str(error.value)
    assert "Run notebook 1" in str(error.value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00 no table", b"a;b\n1;2\n"])
def test_a_file_that_is_no_table_is_named(corpus, content):
    corpus.home.features.write_bytes(content)
    with pytest.raises(ValueError, match="speech_features.csv"):
        tables.load_features(corpus.home.features, corpus)


def test_a_missing_table_is_named(corpus):
    with pytest.raises(FileNotFoundError, match="speech_features.csv is not there"):
        tables.load_features(corpus.home.features, corpus)
    with pytest.raises(FileNotFoundError, match="emoRav_data.csv is not there"):
        tables.load_recordings(corpus.home.recordings, corpus)


@pytest.mark.parametrize("rows", [slice(0, 0), slice(0, 6)])
def test_less_than_everything_never_replaces_what_lessons_read(
    table, recording_table, corpus, tmp_path, rows
):
    path = tables.save_features(table, corpus.home.features, corpus)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="no rows|3 of the 4"):
        tables.save_features(table[rows], path, corpus)
    with pytest.raises(ValueError, match="of the 4 recordings"):
        recordings = corpus.home.recordings
        tables.save_recordings(recording_table[:2], recordings, corpus)
    assert path.read_bytes() == before and not corpus.home.recordings.exists()
    if len(table[rows]):  # a part goes elsewhere
        elsewhere = tmp_path / "made_from_RAVDESS" / "speech_features.csv"
        assert tables.save_features(table[rows], elsewhere, corpus).is_file()


# --- by content, within what two computers differ by ----------------------------------


@pytest.fixture(scope="module")
def shipped():
    return tables.load_features(places.SHIPPED.features, RAVDESS)


def rebuilt_elsewhere(table):
    """54 values in 50 rows by a last digit, as measured; one frame voiced or not."""
    table = table.copy()
    generator = np.random.default_rng(0)
    for row in generator.choice(len(table), 50, replace=False):
        column = generator.choice(extraction.feature_columns()[:1024])
        table.loc[row, column] += 1.0 if "voicing" in column else 0.1
    of_frame = [c for c in table if c.startswith("voicing")]
    table.loc[7, of_frame] += 1.0
    return table


def test_a_rebuild_on_another_machine_is_the_same_table(shipped):
    described = tables.describe(shipped)
    assert tables.difference(described, rebuilt_elsewhere(shipped)) == ""
    flat = shipped.assign(path=shipped["path"].str.rsplit("/").str[-1])
    flat = flat.sort_values("path", kind="stable")
    assert tables.difference(described, flat) == ""


VALUES = extraction.feature_columns()
OTHER = {
    "truncated": (lambda t: t[:-2], "has 2878 rows"),
    "scaled": (lambda t: t.assign(**{COLUMN: t[COLUMN] * 1.01}), "mean of a column"),
    "a column shifted": (
        lambda t: t.assign(**{COLUMN: t[COLUMN] + 0.1}),
        "mean of a column",
    ),
    "a row shifted": (
        lambda t: pd.concat(
            [t[:1].assign(**{c: t[c][:1] + 1.0 for c in VALUES}), t[1:]]
        ),
        "mean of a row",
    ),
    "two rows exchanged": (
        lambda t: pd.concat([t.loc[[60, 0]].reset_index(drop=True), t[2:]]).assign(
            **{key: t[key].to_numpy() for key in extraction.KEYS}
        ),
        "mean of a row",
    ),
    "other emotions": (
        lambda t: t.assign(emotion=t["emotion"].to_numpy()[::-1]),
        "name other emotions",
    ),
}


@pytest.mark.parametrize("case", OTHER)
def test_another_table_is_not_taken_for_it(shipped, case):
    change, sentence = OTHER[case]
    assert sentence in tables.difference(tables.describe(shipped), change(shipped))


# --- what is shipped --------------------------------------------------------------


def test_the_shipped_tables_are_complete(shipped):
    recordings = tables.load_recordings(places.SHIPPED.recordings, RAVDESS)
    assert len(recordings) == 1440
    assert len(shipped) == 2880
    assert shipped["path"].drop_duplicates().tolist() == recordings["path"].tolist()


def test_the_shipped_table_is_what_the_recordings_give(recordings, shipped):
    indexed = shipped.set_index(["path", "version"])
    for path in indexed.index.get_level_values("path").unique()[::97]:
        rebuilt = extraction.rows_of_file(recordings, path)
        for version, row in zip(extraction.VERSIONS, rebuilt, strict=True):
            expected = indexed.loc[(path, version), extraction.feature_columns()]
            shipped_row = expected.to_numpy(float)
            difference = np.abs(extraction.rounded(row[None])[0] - shipped_row)
            # a value may fall on the other side of a rounding step elsewhere
            assert (difference > 1e-3).mean() < 0.01
            assert difference[: extraction.BAND_FEATURES].max() < 0.11


def test_the_units_of_all_features_have_a_plausible_range():
    assert set(features.UNITS.values()) <= set(tables.PLAUSIBLE)


GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@x"]


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_the_remedy_restores_table_and_network(tmp_path, repo):
    """The command of the sentence, given to a shell in a clone as Windows makes it."""
    (tmp_path / "trained_model").mkdir()
    shutil.copy(repo / ".gitattributes", tmp_path)
    for name in ("speech_features.csv", "emoRav_data.csv"):
        (tmp_path / name).write_bytes(b"path,version\na,b\n")
    (tmp_path / "trained_model" / "Speech_CNN.h5").write_bytes(b"\r\n\n network")

    def git(*arguments):
        subprocess.run([*GIT, *arguments], cwd=tmp_path, check=True, timeout=60)

    git("init", "-q")
    git("config", "core.autocrlf", "true")
    git("add", "-A")
    git("commit", "-qm", "as shipped")
    for path in ("speech_features.csv", "trained_model/Speech_CNN.h5"):
        (tmp_path / path).write_text("spoiled")
    command = places.RESTORE.split("run: ")[1].split()
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60, env=os.environ)
    assert (tmp_path / "speech_features.csv").read_bytes() == b"path,version\na,b\n"
    network = tmp_path / "trained_model" / "Speech_CNN.h5"
    assert network.read_bytes() == b"\r\n\n network"
