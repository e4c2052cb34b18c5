"""The two tables that pass from one notebook to the next: write and check.

``emoRav_data.csv`` has one row per recording, ``speech_features.csv`` one per
recording and version. A reader that finds something else stops with a sentence
that names the file, what is wrong and what puts it right.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from xai4ser import corpus, features

RECORDINGS_FILE = "emoRav_data.csv"
FEATURES_FILE = "speech_features.csv"
REMEDY = "Run notebook 1 to write it again, or restore it with: git checkout -- "


def short(path: Path) -> str:
    """``path`` as the reader of a notebook should see it: from the repository."""
    path = Path(path).resolve()
    return (
        path.relative_to(corpus.ROOT).as_posix()
        if path.is_relative_to(corpus.ROOT)
        else path.name
    )


def write_text(path: Path, text: str) -> Path:
    """Write ``text`` under a temporary name, then rename: all of it or nothing."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return path


def save_recordings(table: pd.DataFrame, folder: Path) -> Path:
    """Write ``emoRav_data.csv`` into ``folder``; returns its path."""
    text = table[corpus.COLUMNS].to_csv(index=False, lineterminator="\n")
    return write_text(Path(folder) / RECORDINGS_FILE, text)


def load_recordings(folder: Path = corpus.ROOT) -> pd.DataFrame:
    """Read and check ``emoRav_data.csv``; raises ValueError with the remedy."""
    path = Path(folder) / RECORDINGS_FILE
    table = _read(path, corpus.COLUMNS)
    if table["path"].tolist() != sorted(table["path"]):
        raise ValueError(f"{path.name} is not sorted by path. {REMEDY}{path.name}")
    return table


def save_features(table: pd.DataFrame, folder: Path) -> Path:
    """Check and write ``speech_features.csv`` into ``folder``; returns its path."""
    path = Path(folder) / FEATURES_FILE
    _check_features(table, path)
    text = table.to_csv(index=False, lineterminator="\n")
    return write_text(path, text)


def load_features(folder: Path = corpus.ROOT) -> pd.DataFrame:
    """Read and check ``speech_features.csv``.

    Returns the columns path, version, emotion, actor and then the features,
    float32. Raises FileNotFoundError or ValueError with the remedy if the file is
    missing, has other columns (it was made with other settings), holds gaps, or
    lacks a recording's clean or noisy version.
    """
    path = Path(folder) / FEATURES_FILE
    table = _read(path, features.KEYS + features.feature_columns())
    _check_features(table, path)
    columns = features.feature_columns()
    return table.astype(dict.fromkeys(columns, np.float32))


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    if not path.is_file():
        raise FileNotFoundError(f"{path.name} is not there. {REMEDY}{path.name}")
    try:
        table = pd.read_csv(path)
    except (ValueError, pd.errors.ParserError):
        raise ValueError(
            f"{path.name} is not a readable table. {REMEDY}{path.name}"
        ) from None
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(
            f"{path.name} lacks {len(missing)} columns, for example {missing[0]}: it "
            f"is damaged or was made with other settings. {REMEDY}{path.name}"
        )
    if list(table.columns) != columns:
        raise ValueError(
            f"{path.name} has other columns, or in another order, than this version "
            f"of the library makes. {REMEDY}{path.name}"
        )
    return table


def _check_features(table: pd.DataFrame, path: Path) -> None:
    values = table[features.feature_columns()].to_numpy(dtype=float)
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(
            f"{path.name} has a gap in row {row} ({table['path'].iloc[row]}), column "
            f"{features.feature_columns()[column]}. {REMEDY}{path.name}"
        )
    unknown = set(table["emotion"]) - set(corpus.EMOTIONS)
    if unknown:
        raise ValueError(
            f"{path.name} names an unknown emotion, {sorted(unknown)[0]}. "
            f"{REMEDY}{path.name}"
        )
    versions = table.groupby("path")["version"].agg(sorted)
    incomplete = versions[versions.map(lambda v: v != sorted(features.VERSIONS))]
    if len(incomplete):
        raise ValueError(
            f"{path.name}: {incomplete.index[0]} should stand there once clean and "
            f"once noisy. {REMEDY}{path.name}"
        )
