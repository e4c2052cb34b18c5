"""A corpus: its emotions and speakers, what names tell, what a folder holds.

Everything that depends on a corpus is handed a :class:`Corpus`, or reads the emotions
off the table or the manifest. RAVDESS is described in ``ravdess.py``, recordings of
one's own in a file ``corpus.toml`` that ``corpora.py`` reads.
"""

import csv
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from xai4ser import audio, files, places, split
from xai4ser.places import Place

PROBLEM_COLUMNS = ["file", "problem", "remedy"]
SYNTHETIC = "These are synthetic voices"  # how the README beside such voices begins


def stem(path: str) -> str:
    """The name of a recording without folder and ending.

    >>> stem("Actor_08/03-01-05-02-01-01-08.wav")
    '03-01-05-02-01-01-08'
    """
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


@dataclass(frozen=True)
class Corpus:
    """A collection of recordings of acted or natural emotions.

    name               as it is cited
    emotions           in the order of the network's outputs
    speakers           all of them, as the column ``actor`` names them
    folds              who is held out together; every speaker once
    decode             path or name of a file -> what it says (``emotion``, ``actor``,
                       perhaps ``sex`` and others); ValueError with the remedy
    columns            of the table of recordings, "path" first
    size               number of recordings in full; None if that is not known
    recordings_folder  where a reader puts them
    home               where its tables, networks and predictions lie
    checksums          name without ending -> ``audio.fingerprint``, of all recordings
                       as published; empty if that is not known
    women              the speakers who are women; None if that is not known
    key                path -> what tells a recording from the others: its name, or,
                       where names come again in other folders, the path
    is_own             True for recordings of one's own, all in ``recordings_folder``
    licence, citation  what it may be used for, and how it is cited
    notes              what a reader should know of it before a score, a sentence each
    """

    name: str
    emotions: tuple[str, ...]
    speakers: tuple
    folds: tuple[tuple, ...]
    decode: Callable[[str], dict]
    columns: tuple[str, ...]
    size: int
    recordings_folder: Path
    home: Place
    checksums: dict[str, str] = field(default_factory=dict, repr=False, hash=False)
    women: tuple | None = None
    key: Callable[[str], str] = stem
    is_own: bool = False
    licence: str = ""
    citation: str = ""
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        emotions = f"{len(self.emotions)} emotions ({', '.join(self.emotions)})"
        about = f"{self.name}: {len(self.speakers)} speakers, {emotions}."
        return "\n* ".join([about, *self.notes])

    def fold(self, number: int) -> split.Split:
        """The split in which the speakers of fold ``number`` are held out.

        >>> from xai4ser.ravdess import RAVDESS
        >>> RAVDESS.fold(0).test
        (5, 19, 20, 22)
        """
        return split.fold(self.folds, number)

    def to_read(self, what: str) -> Path:
        """Where ``what`` ("features", "models", ...) lies: one's own, else the shipped.

        >>> from xai4ser.ravdess import RAVDESS
        >>> RAVDESS.to_read("predictions").name
        'held_out_predictions.csv'
        """
        return places.to_read(self.home, what)

    def to_write(self) -> Place:
        """Where a notebook writes: never over what is shipped, unless told by name."""
        return places.to_write(self.home)

    def sexes(self, actors) -> np.ndarray:
        """ "women" or "men" for each of ``actors``, or "unknown" if that is not said.

        Lesson 2, section 7.

        >>> from xai4ser.ravdess import RAVDESS
        >>> RAVDESS.sexes([1, 2]).tolist()
        ['men', 'women']
        """
        if self.women is None:
            return np.full(len(actors), "unknown")
        return np.where(np.isin(actors, self.women), "women", "men")

    def check_name(self, path: str) -> None:
        """Raise ValueError, with the remedy, if ``path`` is no file of this corpus.

        >>> from xai4ser.ravdess import RAVDESS
        >>> RAVDESS.check_name("notes.txt")
        Traceback (most recent call last):
        ValueError: notes.txt is not a sound file. It can be moved.
        """
        name = path.rsplit("/", 1)[-1]
        if name.startswith("."):
            raise ValueError(
                f"{name} is a hidden file that a computer made, not a recording. It "
                "can be deleted."
            )
        if name.lower().endswith(audio.TO_CONVERT):
            raise ValueError(
                f"{name} is a sound that is not read here. Save it as WAV."
            )
        if not name.lower().endswith(audio.OF_OWN if self.is_own else audio.SUFFIXES):
            raise ValueError(f"{name} is not a sound file. It can be moved.")
        self.decode(path)

    def is_recording(self, path: str) -> bool:
        """True for the path, or the name, of one of its files."""
        try:
            self.check_name(path)
        except ValueError:
            return False
        return True

    def in_order(self, table: pd.DataFrame) -> pd.DataFrame:
        """``table`` sorted by speaker and name, whatever the folders are called."""
        keys = table.assign(_name=table["path"].map(self.key))
        order = keys.sort_values(["actor", "_name"], kind="stable").index
        return table.loc[order].reset_index(drop=True)


def read_checksums(path: Path) -> dict[str, str]:
    """The list that ``tools/list_checksums.py`` writes: name -> checksum.

    Raises FileNotFoundError, with the remedy, if it is not there or damaged.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "list.csv")
    >>> _ = path.write_text("name,checksum\\n03-01-05-02-01-01-08,2fedc083\\n")
    >>> read_checksums(path)
    {'03-01-05-02-01-01-08': '2fedc083'}
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return {row["name"]: row["checksum"] for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError):
        raise FileNotFoundError(
            f"{places.short(path)} cannot be read. Restore it with: git checkout -- "
            f"{places.short(path)}"
        ) from None


def list_recordings(
    folder: Path,
    corpus: Corpus,
    skip: Callable[[Path], bool] = lambda path: False,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """All recordings of ``corpus`` below ``folder``, each file of them read once.

    The name of a file decides, not its folder. Returns three tables. The first has one
    row per recording that can be used, with the columns of ``emoRav_data.csv``, sorted
    by actor and name; ``path`` is relative to ``folder``, with ``/`` on every system.
    The second names each file that is left out, why, and the remedy (columns file,
    problem, remedy). The third names, in the same way, recordings that are used but
    are not as published. Of several copies the published one is taken. Lesson 1,
    section 1.

    >>> import tempfile
    >>> from xai4ser.ravdess import RAVDESS
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "notes.txt").write_text("no recording")
    >>> [len(table) for table in list_recordings(folder, RAVDESS)]
    [0, 1, 0]
    """
    found, refused = files.walk(folder, lambda p: skip(p) or is_synthetic(p))
    left_out = [
        (_relative(path, folder), f"{path.name} cannot be opened ({said})", "Allow it.")
        for path, said in refused
    ]
    named = []
    for path in found:
        try:
            corpus.check_name(_relative(path, folder))
            named.append(path)
        except ValueError as error:
            left_out.append(_row(_relative(path, folder), error))
    rows, altered, taken = [], [], {}
    prints = _fingerprints(named, corpus.is_own)
    for path, said in zip(named, prints, strict=True):
        relative = _relative(path, folder)
        if isinstance(said, ValueError):
            left_out.append(_row(relative, said))
        else:
            # One's own recordings have any names: of equal samples, one is taken.
            name = said if corpus.is_own else corpus.key(relative)
            taken.setdefault(name, []).append((relative, said))
    for name, copies in taken.items():
        published = corpus.checksums.get(name)
        # Sorting keeps the order of equals, so of equal copies the first is taken.
        (path, said), *others = sorted(copies, key=lambda copy: copy[1] != published)
        rows.append({"path": path} | corpus.decode(path))
        if published and said != published:
            altered.append(
                (
                    path,
                    f"{path.rsplit('/', 1)[-1]} is used, but its samples are not the "
                    f"published ones of {corpus.name}: it was converted, cut or "
                    "exchanged",
                    "Copy it again from the archive.",
                )
            )
        left_out += [
            (
                other,
                f"{other.rsplit('/', 1)[-1]} differs from its copy {path}, which is "
                "used",
                "Delete one of them.",
            )
            for other, saying in others
            if saying != said
        ]
        if corpus.is_own:
            left_out += [_copy(other, path, corpus) for other, _ in others]
    table = corpus.in_order(pd.DataFrame(rows, columns=corpus.columns))
    problems = (pd.DataFrame(r, columns=PROBLEM_COLUMNS) for r in (left_out, altered))
    return table, *problems


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _row(path: str, error: ValueError) -> tuple[str, str, str]:
    problem, _, remedy = str(error).rpartition(". ")
    return path, problem, remedy


def _copy(other: str, path: str, corpus: Corpus) -> tuple[str, str, str]:
    problem = f"{other} holds the same samples as {path}, which is used"
    first, second = (corpus.decode(p)["emotion"] for p in (path, other))
    if first != second:
        problem += f", and is called {second} instead of {first}"
    return other, problem, "Delete the one that is wrong."


def is_synthetic(folder: Path) -> bool:
    """True for a folder of stand-in voices: they must not pass for recordings.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "README.txt").write_text(f"{SYNTHETIC}.")
    >>> is_synthetic(folder)
    True
    """
    note = folder / "README.txt"
    try:
        return note.is_file() and note.read_text("utf-8").startswith(SYNTHETIC)
    except (OSError, ValueError):
        return False


def _fingerprint(path: Path, is_own: bool) -> str | ValueError:
    try:
        return audio.fingerprint(path, is_own)
    except ValueError as error:
        return error


def _fingerprints(paths: list[Path], is_own: bool) -> list[str | ValueError]:
    """``audio.fingerprint`` of each file, or what is wrong with it; in threads."""
    work = Parallel(n_jobs=-1, prefer="threads", return_as="generator")(
        delayed(_fingerprint)(path, is_own) for path in paths
    )
    progress = tqdm(
        work, "checking", len(paths), file=sys.stdout, ncols=79, delay=3, leave=False
    )
    return list(progress)


@dataclass(frozen=True)
class Recordings:
    """A folder of recordings and what it holds.

    corpus   what they are recordings of
    folder   where they are
    origin   the name of the corpus, or "stand-in voices"
    table    one row per recording, see :func:`list_recordings`
    left_out one row per file that cannot be used
    altered  one row per recording that is used and is not as published
    seen     what else was met in looking for them, a sentence each

    >>> nothing = pd.DataFrame({"path": [], "actor": []})
    >>> from xai4ser.ravdess import RAVDESS
    >>> Recordings(RAVDESS, Path("."), "RAVDESS", nothing, nothing).complete
    False
    """

    corpus: Corpus
    folder: Path
    origin: str
    table: pd.DataFrame
    left_out: pd.DataFrame
    altered: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=PROBLEM_COLUMNS)
    )
    seen: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """True for all recordings of the corpus, each as published."""
        is_real = self.origin == self.corpus.name
        if self.corpus.size is None:  # all that can be used is all that there is
            return is_real and len(self.table) > 0
        names = set(self.table["path"].map(stem))
        all_there = len(names) == self.corpus.size == len(self.table)
        known = not self.corpus.checksums or names == set(self.corpus.checksums)
        return is_real and all_there and known and self.altered.empty

    def file_of(self, path: str) -> Path | None:
        """The file of the recording that a table calls ``path``; None if not here.

        A table may have been made from folders with other names. Lesson 3, section 2.
        """
        key = self.corpus.key
        here = self.table["path"][self.table["path"].map(key) == key(path)]
        is_real = self.origin == self.corpus.name
        return self.folder / here.iloc[0] if is_real and len(here) else None

    @property
    def place(self) -> Place:
        """Where tables made from these recordings go.

        Made from anything less than the whole corpus they go below ``data/``, apart
        from those that the next lessons read.
        """
        if self.complete:
            return self.corpus.to_write()
        name = self.origin.replace(" ", "_").replace("-", "_")
        return Place(places.DATA / f"made_from_{name}")

    def _message(self) -> tuple[str, str]:
        actors = self.table["actor"].nunique()
        count = (
            f"{_count(self.table, 'recording')} of {actors} actor{'s' * (actors != 1)}"
        )
        corpus = self.corpus
        if corpus.is_own:
            return corpus.name, " ".join(self._about_own())
        if self.complete:
            return f"{corpus.name}, complete", f"{count}."
        ending = "go below data/ and leave the shipped tables alone."
        if self.origin == corpus.name:
            return f"{corpus.name}, incomplete", " ".join(
                [
                    f"{count}, and the complete set has {corpus.size}.",
                    *_examples(self.altered, "used and not as published"),
                    *_examples(self.left_out, "left out"),
                    *self.seen,
                    f"Tables made from them {ending}",
                ]
            )
        return "STAND-IN VOICES, not RAVDESS", " ".join(
            [
                f"{count}, made by a synthesiser on this computer because no "
                "recordings were found.",
                *self.seen,
                "Everything below runs and can be heard, but its figures describe "
                "synthetic voices. data/README.md says where the real recordings go. "
                f"Tables made here {ending}",
            ]
        )

    def _about_own(self) -> list[str]:
        speakers = self.table["actor"].nunique()
        return [
            f"{_count(self.table, 'recording')} of {speakers} "
            f"speaker{'s' * (speakers != 1)}, emotions: "
            f"{', '.join(self.corpus.emotions)}.",
            *_examples(self.left_out, "left out"),
            *self.seen,
            *self.corpus.notes,
            f"What is made from them lies in {self.corpus.home}.",
        ]

    def __repr__(self) -> str:
        return ": ".join(self._message())

    def _repr_html_(self) -> str:
        to_know = self.corpus.is_own and (len(self.left_out) or self.corpus.notes)
        kind = "success" if self.complete else "danger"
        kind = "warning" if to_know else kind
        title, text = self._message()
        return (
            f'<div class="alert alert-block alert-{kind}" role="status">'
            f"<b>{escape(title)}.</b> {escape(text)}</div>"
        )


def _count(table: pd.DataFrame, what: str) -> str:
    return f"{len(table)} {what}" + "s" * (len(table) != 1)


def _examples(problems: pd.DataFrame, state: str) -> list[str]:
    """A sentence about ``problems``, or none if there are none."""
    if problems.empty:
        return []
    first = problems.iloc[0]
    return [
        f"{_count(problems, 'file')} {state}, for example: {first['problem']}. "
        f"{first['remedy']}"
    ]
