"""The two tables that pass from one notebook to the next: write and check.

``emoRav_data.csv`` has one row per recording, ``speech_features.csv`` one per
recording and version. A reader that finds something else stops with a sentence
that names the file, what is wrong and what puts it right.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from xai4ser import extraction
from xai4ser.corpus import Corpus
from xai4ser.files import write_text

REMEDY = "Run notebook 1 to write it again, or restore it with: git checkout -- "


def save_recordings(table: pd.DataFrame, path: Path, corpus: Corpus) -> Path:
    """Write the table of recordings to ``path``; returns it. Lesson 1, section 2."""
    text = table[list(corpus.columns)].to_csv(index=False, lineterminator="\n")
    return write_text(path, text)


def load_recordings(path: Path, corpus: Corpus) -> pd.DataFrame:
    """Read and check the table of recordings; raises ValueError with the remedy."""
    path = Path(path)
    table = _read(path, list(corpus.columns))
    if table["path"].tolist() != sorted(table["path"]):
        raise ValueError(f"{path.name} is not sorted by path. {REMEDY}{path.name}")
    return table


def save_features(table: pd.DataFrame, path: Path, corpus: Corpus) -> Path:
    """Check and write the table of features to ``path``; returns it.

    Lesson 1, section 8.
    """
    path = Path(path)
    _check_features(table, path, corpus)
    text = table.to_csv(index=False, lineterminator="\n")
    return write_text(path, text)


def load_features(path: Path, corpus: Corpus) -> pd.DataFrame:
    """Read and check the table of features at ``path``.

    Returns the columns path, version, emotion, actor and then the features,
    float32; ``emotion`` is categorical, in the order of ``corpus.emotions``. Raises
    FileNotFoundError or ValueError with the remedy if the file is missing, has other
    columns (it was made with other settings), holds gaps, or lacks a recording's clean
    or noisy version. Lessons 2 to 5, at the beginning.
    """
    path = Path(path)
    columns = extraction.feature_columns()
    table = _read(path, extraction.KEYS + columns)
    _check_features(table, path, corpus)
    table["emotion"] = pd.Categorical(table["emotion"], corpus.emotions)
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


def _check_features(table: pd.DataFrame, path: Path, corpus: Corpus) -> None:
    values = table[extraction.feature_columns()].to_numpy(dtype=float)
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(
            f"{path.name} has a gap in row {row} ({table['path'].iloc[row]}), column "
            f"{extraction.feature_columns()[column]}. {REMEDY}{path.name}"
        )
    unknown = set(table["emotion"]) - set(corpus.emotions)
    if unknown:
        raise ValueError(
            f"{path.name} names an unknown emotion, {sorted(unknown)[0]}. "
            f"{REMEDY}{path.name}"
        )
    versions = table.groupby("path")["version"].agg(sorted)
    incomplete = versions[versions.map(lambda v: v != sorted(extraction.VERSIONS))]
    if len(incomplete):
        raise ValueError(
            f"{path.name}: {incomplete.index[0]} should stand there once clean and "
            f"once noisy. {REMEDY}{path.name}"
        )
