"""The two tables that pass from one notebook to the next: write and check.

``emoRav_data.csv`` has one row per recording, ``speech_features.csv`` one per
recording and version. A reader that finds something else stops with a sentence
that names the file, what is wrong and what puts it right.
"""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from xai4ser import cues, extraction, features, places
from xai4ser.corpus import Corpus, stem
from xai4ser.files import write_text

REMEDY = f"Run notebook 1 to write it again, or {places.RESTORE}"
REMEDY_OF_OWN = "Run notebook 1 on these recordings to write it again."
# What a feature can be in a recording, by its unit; wider than any voice.
PLAUSIBLE = {
    "dB": (-150, 150),
    "no unit": (-50, 50),
    "s": (0, 60),
    "per s": (0, 60),
    "%": (0, 100),
    "Hz": (0, 24_000),
    "octaves": (-10, 10),
    "semitones": (-100, 100),
}
# Two machines may round a value differently, and a frame that is just voiced on one is
# not on the other, which moves a hundred values of a row by a hundredth part. What that
# moves in the mean of a row, and of a column (more for large numbers, those in Hz):
TOLERANCES = {"row_means": 0.3, "column_means": 0.02}
SHOWN = 4  # decimals of those means


def save_recordings(table: pd.DataFrame, path: Path, corpus: Corpus) -> Path:
    """Write the table of recordings to ``path``; returns it. Lesson 1, section 2.

    Raises ValueError, with the remedy, if it is less than the whole corpus and
    ``path`` is what the next lessons read.

    >>> import tempfile
    >>> from xai4ser.ravdess import RAVDESS
    >>> table = load_recordings(places.SHIPPED.recordings, RAVDESS)
    >>> path = Path(tempfile.mkdtemp(), "list.csv")
    >>> save_recordings(table, path, RAVDESS).read_text("utf-8").count("angry")
    192
    """
    table = table[list(corpus.columns)]
    _check_whole_if_read(table, path, corpus)
    return write_text(path, table.to_csv(index=False, lineterminator="\n"))


def most_alike(table: pd.DataFrame, **wanted) -> pd.Series:
    """The first row that has most of what is wanted, by name of the column.

    What stands first counts most; columns that ``table`` lacks do not count. Lesson 1,
    section 4.

    >>> table = pd.DataFrame({"emotion": ["sad", "Angry"], "actor": [1, 2]})
    >>> most_alike(table, emotion="angry", actor=1, intensity="strong").name
    1
    """
    alike = np.zeros(len(table))
    for weight, (column, value) in enumerate(reversed(wanted.items())):
        if column in table:
            fits = table[column].astype(str).str.lower() == str(value).lower()
            alike += fits.to_numpy() * 2**weight
    return table.iloc[alike.argmax()]


def title_of(recording: pd.Series) -> str:
    """Who speaks and how, for a title; of what a corpus does not tell, nothing.

    >>> title_of(pd.Series({"actor": 8, "sex": "female", "emotion": "angry"}))
    'actor 8 (female), angry'
    """
    who = f"actor {recording['actor']}"
    who += f" ({recording['sex']})" if "sex" in recording else ""
    facts = (recording[f] for f in ("emotion", "intensity") if f in recording)
    return ", ".join((who, *facts))


def load_recordings(path: Path, corpus: Corpus) -> pd.DataFrame:
    """Read and check the table of recordings, which must hold the whole corpus.

    Returns one row per recording, sorted by actor and name. Raises FileNotFoundError
    or ValueError, with the remedy. Lesson 2, section 1.

    >>> from xai4ser.ravdess import RAVDESS
    >>> len(load_recordings(places.SHIPPED.recordings, RAVDESS))
    1440
    """
    path = Path(path)
    table, remedy = _read(path, list(corpus.columns), corpus), _remedy(path)
    _check_names(table, path, corpus)
    if table["path"].duplicated().any():
        twice = table["path"][table["path"].duplicated()].iloc[0]
        raise ValueError(f"{path.name} names {twice} twice. {remedy}")
    if table["path"].tolist() != corpus.in_order(table)["path"].tolist():
        raise ValueError(f"{path.name} is not sorted by actor and name. {remedy}")
    _check_whole(table, path, corpus)
    return table


def save_features(table: pd.DataFrame, path: Path, corpus: Corpus) -> Path:
    """Check and write the table of features to ``path``; returns it.

    As CSV, or as parquet if the name ends so. Raises ValueError, with the remedy, if a
    value is missing or impossible, or if a recording is and ``path`` is what the next
    lessons read. Lesson 1, section 6.

    >>> from xai4ser.ravdess import RAVDESS
    >>> table = load_features(places.SHIPPED.features, RAVDESS)
    >>> save_features(table[:1], Path("one_row.csv"), RAVDESS)
    Traceback (most recent call last):
    ValueError: one_row.csv: ... should stand there once clean and once noisy. ...
    """
    path = Path(path)
    _check_features(table, path, corpus)
    _check_whole_if_read(table, path, corpus)
    if path.suffix == ".parquet":
        return extraction.save_parquet(table, path)
    return write_text(path, table.to_csv(index=False, lineterminator="\n"))


def load_features(path: Path, corpus: Corpus) -> pd.DataFrame:
    """Read and check the table of features at ``path``, of the whole corpus.

    A CSV file, or a parquet file or folder of such files whose name ends in .parquet.
    Returns the columns path, version, emotion, actor and then the features,
    float32; ``emotion`` is categorical, in the order of ``corpus.emotions``. Raises
    FileNotFoundError or ValueError with the remedy if the file is missing, has other
    columns (it was made with other settings), holds gaps, text or impossible values,
    says of a recording what its name does not say, or lacks a recording or one of its
    versions. Lessons 2 to 5, at the beginning.

    >>> from xai4ser.ravdess import RAVDESS
    >>> len(load_features(places.SHIPPED.features, RAVDESS))
    2880
    """
    path = Path(path)
    columns = extraction.feature_columns()
    table = _read(path, extraction.KEYS + columns, corpus)
    _check_features(table, path, corpus)
    _check_whole(table, path, corpus)
    table["emotion"] = pd.Categorical(table["emotion"], corpus.emotions)
    return table.astype(dict.fromkeys(columns, np.float32))


def describe(table: pd.DataFrame) -> dict:
    """What a table of features holds, in brief, as the manifest stores it.

    ``rows``, a checksum of the ``keys`` (name, version, emotion, actor), and the mean
    of each row and column. A table that another computer made from the same recordings
    has the same keys and nearly the same means: see :func:`difference`. Lesson 2.

    >>> from xai4ser.ravdess import RAVDESS
    >>> describe(load_features(places.SHIPPED.features, RAVDESS))["rows"]
    2880
    """
    values, keys = _in_order_of_names(table)
    means = {"row_means": values.mean(axis=1), "column_means": values.mean(axis=0)}
    return {
        "rows": len(table),
        "keys": hashlib.sha256("\n".join(keys).encode()).hexdigest()[:16],
        **{
            name: " ".join(f"{mean:.{SHOWN}f}" for mean in of_table)
            for name, of_table in means.items()
        },
    }


def difference(described: dict, table: pd.DataFrame) -> str:
    """How ``table`` differs from what :func:`describe` described; "" if it does not.

    Lessons 3 to 5, through ``models.check_table``.

    >>> from xai4ser.ravdess import RAVDESS
    >>> table = load_features(places.SHIPPED.features, RAVDESS)
    >>> difference(describe(table), table)
    ''
    >>> difference(describe(table), table[:-2])
    'it has 2878 rows and not 2880'
    """
    here = describe(table)
    if here["rows"] != described["rows"]:
        return f"it has {here['rows']} rows and not {described['rows']}"
    if here["keys"] != described["keys"]:
        return "its rows are of other recordings, or name other emotions or actors"
    for name, tolerance in TOLERANCES.items():
        where = name.removesuffix("_means")
        ours, theirs = (np.array(d[name].split(), float) for d in (here, described))
        if len(ours) != len(theirs):
            return f"it has another number of {where}s"
        distance = np.abs(ours - theirs)
        if (distance > tolerance + 1e-4 * np.abs(theirs)).any():
            return (
                f"its values are others, by up to {distance.max():.3g} in the mean of "
                f"a {where}, where two computers differ by some {tolerance}"
            )
    return ""


def _in_order_of_names(table):
    """Values (rows, features) and keys of ``table``, whatever its folders' names."""
    names = table["path"].map(stem)
    keys = names + " " + table["version"] + " " + table["emotion"].astype(str)
    keys = keys + " " + table["actor"].astype(str)
    order = np.argsort(keys.to_numpy(), kind="stable")
    values = table[extraction.feature_columns()].to_numpy(dtype=float)
    return values[order], keys.iloc[order]


def _remedy(path: Path) -> str:
    is_own = places.is_own_corpus(Path(path).parent)
    return REMEDY_OF_OWN if is_own else REMEDY


def _read(path: Path, columns: list[str], corpus: Corpus) -> pd.DataFrame:
    remedy = _remedy(path)
    if not path.exists():
        raise FileNotFoundError(f"{path.name} is not there. {remedy}")
    as_written = {}
    if corpus.is_own:  # a speaker may be called 007 or NA, and stays so
        texts = {*corpus.columns, *extraction.KEYS}
        gaps = dict.fromkeys(set(columns) - texts, ["", "NA", "nan"])
        as_written = {"dtype": dict.fromkeys(texts, str), "na_values": gaps}
        as_written["keep_default_na"] = False
    try:
        if path.suffix == ".parquet":
            table = pd.read_parquet(path)
        else:
            table = pd.read_csv(path, low_memory=False, **as_written)
    except (ValueError, OSError, pd.errors.ParserError):
        raise ValueError(f"{path.name} is not a readable table. {remedy}") from None
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(
            f"{path.name} lacks {len(missing)} columns, for example {missing[0]}: it "
            f"is damaged or was made with other settings. {remedy}"
        )
    if list(table.columns) != columns:
        raise ValueError(
            f"{path.name} has other columns, or in another order, than this version "
            f"of the library makes. {remedy}"
        )
    if table.empty:
        raise ValueError(f"{path.name} has no rows. {remedy}")
    return table


def _check_names(table: pd.DataFrame, path: Path, corpus: Corpus) -> None:
    """Raise ValueError unless each row says what the name of its recording says."""
    rows = table[[c for c in corpus.columns if c in table]].to_dict("records")
    for number, row in enumerate(rows):
        try:
            said = corpus.decode(str(row["path"]))
        except ValueError as error:
            problem = str(error).rpartition(". ")[0]
            raise ValueError(
                f"{path.name}, row {number}: {problem}. {_remedy(path)}"
            ) from None
        for column, value in said.items():
            if row.get(column, value) != value:
                raise ValueError(
                    f"{path.name}, row {number}: {row['path']} is of {column} {value}, "
                    f"and the table says {row[column]}. {_remedy(path)}"
                )


def _check_whole(table: pd.DataFrame, path: Path, corpus: Corpus) -> None:
    """Raise ValueError unless all recordings of the corpus are in the table."""
    if corpus.size is None:
        return
    names = set(table["path"].map(corpus.key))
    missing = sorted(set(corpus.checksums) - names)
    if missing or len(names) != corpus.size:
        example = f", for example not {missing[0]}" if missing else ""
        raise ValueError(
            f"{path.name} holds {len(names)} of the {corpus.size} recordings of "
            f"{corpus.name}{example}. {_remedy(path)}"
        )


def _check_whole_if_read(table: pd.DataFrame, path: Path, corpus: Corpus) -> None:
    """What the next lessons read is only replaced by a table of everything."""
    read_next = (corpus.home.folder, corpus.to_write().folder)
    if Path(path).resolve().parent in read_next:
        _check_whole(table, Path(path), corpus)


def _check_features(table: pd.DataFrame, path: Path, corpus: Corpus) -> None:
    columns = extraction.feature_columns()
    if table.empty:
        raise ValueError(f"{path.name} would have no rows. {_remedy(path)}")
    for column in columns:
        if not pd.api.types.is_numeric_dtype(table[column]):
            numbers = pd.to_numeric(table[column], errors="coerce")
            row = int(np.argmax(numbers.isna() & table[column].notna()))
            raise ValueError(
                f"{path.name} has {table[column].iloc[row]!r} in row {row} "
                f"({table['path'].iloc[row]}), column {column}, which is no number. "
                f"{_remedy(path)}"
            )
    values = table[columns].to_numpy(dtype=float)

    def refuse(wrong, problem):
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise ValueError(
                f"{path.name} has {problem} in row {row} ({table['path'].iloc[row]}), "
                f"column {columns[column]}. {_remedy(path)}"
            )

    refuse(~np.isfinite(values), "a gap")
    of_bands = np.repeat([features.UNITS[m] for m in features.MEASURES], features.BANDS)
    units = [*of_bands, *cues.UNITS.values()]
    lowest, highest = np.array([PLAUSIBLE[unit] for unit in units]).T
    refuse((values < lowest) | (values > highest), "an impossible value")
    unknown = set(table["emotion"]) - set(corpus.emotions)
    if unknown:
        raise ValueError(
            f"{path.name} names an unknown emotion, {min(unknown, key=str)}. "
            f"{_remedy(path)}"
        )
    _check_names(table, path, corpus)
    versions = table.groupby("path")["version"].agg(sorted)
    incomplete = versions[versions.map(lambda v: v != sorted(extraction.VERSIONS))]
    if len(incomplete):
        raise ValueError(
            f"{path.name}: {incomplete.index[0]} should stand there once clean and "
            f"once noisy. {_remedy(path)}"
        )
