"""The tables that pass from notebook to notebook: what they refuse, and how."""

import numpy as np
import pandas as pd
import pytest

from xai4ser import corpus, features, tables


@pytest.fixture
def table():
    """Four recordings in both versions, with plausible numbers."""
    names = [corpus.file_name(e, "normal", 1, 1, 3) for e in corpus.EMOTIONS[:4]]
    keys = pd.DataFrame(
        [
            (f"Actor_03/{name}", version, corpus.decode(name)["emotion"], 3)
            for name in names
            for version in features.VERSIONS
        ],
        columns=features.KEYS,
    )
    values = np.random.default_rng(0).normal(
        -40, 10, (8, len(features.feature_columns()))
    )
    numbers = pd.DataFrame(values.round(2), columns=features.feature_columns())
    return pd.concat([keys, numbers], axis=1)


def test_the_feature_table_survives_a_round_trip(table, tmp_path):
    tables.save_features(table, tmp_path)
    loaded = tables.load_features(tmp_path)
    pd.testing.assert_frame_equal(loaded, table, check_dtype=False, rtol=1e-5)


def test_nothing_is_left_behind_by_writing(table, tmp_path):
    tables.save_features(table, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [tables.FEATURES_FILE]


def broken(table, kind):
    if kind == "a missing column":
        return table.drop(columns=table.columns[10])
    if kind == "a gap":
        return table.mask(table == table.iloc[3, 20])
    if kind == "another order":
        return table[[*table.columns[:4], *table.columns[:3:-1]]]
    if kind == "a missing version":
        return table.drop(index=5)
    return table.replace({"emotion": {"neutral": "bored"}})


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("a missing column", "lacks 1 column"),
        ("a gap", "gap in row 3"),
        ("another order", "another order"),
        ("a missing version", "once clean and once noisy"),
        ("an unknown emotion", "bored"),
    ],
)
def test_a_damaged_table_is_refused_with_the_remedy(table, tmp_path, kind, word):
    broken(table, kind).to_csv(tmp_path / tables.FEATURES_FILE, index=False)
    with pytest.raises(ValueError, match=word) as error:
        tables.load_features(tmp_path)
    assert tables.FEATURES_FILE in str(error.value)
    assert "Run notebook 1" in str(error.value)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="Run notebook 1"):
        tables.load_features(tmp_path)
    with pytest.raises(FileNotFoundError, match=tables.RECORDINGS_FILE):
        tables.load_recordings(tmp_path)


def test_a_bad_table_never_replaces_a_good_one(table, tmp_path):
    path = tables.save_features(table, tmp_path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="gap"):
        tables.save_features(broken(table, "a gap"), tmp_path)
    assert path.read_bytes() == before


def test_an_unsorted_list_is_refused(tmp_path):
    rows = [
        {"path": f"Actor_03/{name}"} | corpus.decode(name)
        for name in ("03-01-02-01-01-01-03.wav", "03-01-01-01-01-01-03.wav")
    ]
    tables.save_recordings(pd.DataFrame(rows), tmp_path)
    with pytest.raises(ValueError, match="not sorted"):
        tables.load_recordings(tmp_path)


def test_the_shipped_tables_are_complete():
    recordings = tables.load_recordings()
    table = tables.load_features()
    assert len(recordings) == 1440
    assert len(table) == 2880
    assert table["path"].drop_duplicates().tolist() == recordings["path"].tolist()


def test_the_shipped_table_is_what_the_recordings_give(recordings):
    shipped = tables.load_features().set_index(["path", "version"])
    for path in shipped.index.get_level_values("path").unique()[::97]:
        rebuilt = features.describe_file(recordings, path)
        for version, row in zip(features.VERSIONS, rebuilt, strict=True):
            expected = shipped.loc[(path, version), features.feature_columns()]
            shipped_row = expected.to_numpy(float)
            difference = np.abs(features.rounded(row[None])[0] - shipped_row)
            # a value may fall on the other side of a rounding step elsewhere
            assert (difference > 1e-4).mean() < 0.01
            assert difference.max() < 0.11
