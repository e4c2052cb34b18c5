"""Tables too large for a CSV: as parquet, whole or in parts, and the same numbers."""

from dataclasses import replace

import pandas as pd
import pytest

from xai4ser import corpus, extraction, places, tables, voices
from xai4ser.ravdess import RAVDESS

pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return voices.write_voices(tmp_path_factory.mktemp("v"), (1,), progress=False)


@pytest.fixture(scope="module")
def recordings(folder):
    return corpus.list_recordings(folder, RAVDESS)[0].iloc[:5]


@pytest.fixture(scope="module")
def whole(recordings, folder):
    return extraction.extract(recordings, folder, jobs=1)[0]


@pytest.fixture
def small(tmp_path, recordings):
    """RAVDESS, as if it had these five recordings."""
    return replace(RAVDESS, size=5, checksums={}, home=places.Place(tmp_path))


@pytest.fixture
def in_parts(tmp_path, recordings, folder):
    target = tmp_path / "features.parquet"
    failed = extraction.extract_in_parts(recordings, folder, target, size=2)
    assert failed.empty
    return target


def test_parquet_and_csv_hold_the_same_table(tmp_path, whole, small):
    read = [
        tables.load_features(tables.save_features(whole, tmp_path / name, small), small)
        for name in ("features.csv", "features.parquet")
    ]
    pd.testing.assert_frame_equal(*read, check_exact=True)


def test_parts_are_read_as_the_table_that_is_made_in_one_go(in_parts, whole, small):
    names = sorted(path.name for path in in_parts.glob("part_*"))
    assert names == [f"part_{number:05d}.parquet" for number in range(3)]
    csv = tables.save_features(whole, in_parts.parent / "features.csv", small)
    pd.testing.assert_frame_equal(
        tables.load_features(in_parts, small),
        tables.load_features(csv, small),
        check_exact=True,
    )


def test_a_run_that_was_interrupted_goes_on(in_parts, recordings, folder, monkeypatch):
    (in_parts / "part_00001.parquet").unlink()
    made, extract = [], extraction.extract
    monkeypatch.setattr(
        extraction,
        "extract",
        lambda part, f: made.append(len(part)) or extract(part, f),
    )
    extraction.extract_in_parts(recordings, folder, in_parts, size=2)
    assert made == [2] and len(pd.read_parquet(in_parts)) == 10


def test_parts_of_other_recordings_are_refused(in_parts, recordings, folder):
    with pytest.raises(ValueError, match="other recordings.*Delete the folder"):
        extraction.extract_in_parts(recordings.iloc[1:], folder, in_parts, size=2)


def test_what_failed_is_told_again_when_the_parts_are_there(
    tmp_path, recordings, folder
):
    damaged = recordings.copy()
    damaged.loc[3, "path"] = "Actor_01/missing.wav"
    target = tmp_path / "features.parquet"
    for _ in range(2):
        failed = extraction.extract_in_parts(damaged, folder, target, size=2)
        assert failed["file"].tolist() == ["Actor_01/missing.wav"]
    assert len(pd.read_parquet(target)) == 8


def test_a_folder_that_would_not_be_read_is_not_written(tmp_path, recordings, folder):
    with pytest.raises(ValueError, match="end in .parquet"):
        extraction.extract_in_parts(recordings, folder, tmp_path / "features")


def test_a_damaged_parquet_file_is_refused_with_the_remedy(tmp_path, small):
    path = tmp_path / "features.parquet"
    path.write_bytes(b"no table")
    with pytest.raises(ValueError, match="not a readable table. Run notebook 1"):
        tables.load_features(path, small)
