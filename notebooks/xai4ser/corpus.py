"""A corpus: its emotions, its speakers, how a file's name tells them; what a folder holds.

Everything that depends on a corpus is handed a :class:`Corpus`, or reads the emotions
off the table or the manifest. RAVDESS is described in ``ravdess.py``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pandas as pd

from xai4ser import places, split
from xai4ser.places import DATA, Place

PROBLEM_COLUMNS = ["file", "problem", "remedy"]


@dataclass(frozen=True)
class Corpus:
    """A collection of recordings of acted or natural emotions.

    name               as it is cited
    emotions           in the order of the network's outputs
    speakers           all of them, as the column ``actor`` names them
    folds              who is held out together; every speaker once
    decode             name of a file -> what it says; ValueError with the remedy
    columns            of the table of recordings, "path" first
    size               number of recordings in full
    recordings_folder  where a reader puts them
    home               where its tables, networks and predictions lie
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

    def is_recording(self, name: str) -> bool:
        """True for the name of one of its files."""
        try:
            self.decode(name)
        except ValueError:
            return False
        return not name.startswith(".")


def list_recordings(folder: Path, corpus: Corpus) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All recordings of ``corpus`` below ``folder``, and the files left out.

    Returns two tables. The first has one row per recording, with the columns
    of ``emoRav_data.csv``, sorted by ``path`` (relative to ``folder``, with
    ``/`` on every system), so its order never depends on the file system. The
    second names each file that was left out, why, and the remedy. A recording
    that is there twice, as in Kaggle's archive, counts once.
    """
    rows, left_out, seen = [], [], set()
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))
    for path in files:
        name = path.rsplit("/", 1)[-1]
        if not (folder / path).is_file() or name in seen:
            continue
        try:
            if name.startswith("."):
                raise ValueError(
                    f"{name} is a hidden file that a computer made, not a "
                    "recording. It can be deleted."
                )
            if not name.lower().endswith(".wav"):
                raise ValueError(f"{name} is not a .wav file. It can be moved.")
            rows.append({"path": path} | corpus.decode(name))
            seen.add(name)
        except ValueError as error:
            problem, _, remedy = str(error).rpartition(". ")
            left_out.append((path, problem, remedy))
    table = pd.DataFrame(rows, columns=corpus.columns)
    return table, pd.DataFrame(left_out, columns=PROBLEM_COLUMNS)


@dataclass(frozen=True)
class Recordings:
    """A folder of recordings and what it holds.

    corpus   what they are recordings of
    folder   where they are
    origin   the name of the corpus, or "stand-in voices"
    table    one row per recording, see :func:`list_recordings`
    left_out one row per file that is not a speech recording
    """

    corpus: Corpus
    folder: Path
    origin: str
    table: pd.DataFrame
    left_out: pd.DataFrame

    @property
    def complete(self) -> bool:
        """True for all recordings of the corpus."""
        is_real = self.origin == self.corpus.name
        return is_real and len(self.table) == self.corpus.size

    @property
    def place(self) -> Place:
        """Where tables made from these recordings go.

        Made from anything less than the whole corpus they go below ``data/``, apart
        from those that the next lessons read.
        """
        if self.complete:
            return self.corpus.to_write()
        name = self.origin.replace(" ", "_").replace("-", "_")
        return Place(DATA / f"made_from_{name}")

    def _message(self) -> tuple[str, str]:
        actors = self.table["actor"].nunique()
        count = f"{len(self.table)} recordings of {actors} actors"
        if self.complete:
            return "RAVDESS, complete", f"{count}."
        if self.origin == "RAVDESS":
            return (
                "RAVDESS, incomplete",
                f"{count}, and the complete set has {self.corpus.size}. Tables "
                "made from them go below data/ and leave the shipped tables alone.",
            )
        return (
            "STAND-IN VOICES, not RAVDESS",
            f"{count}, made by a synthesiser on this computer because no "
            "recordings were found. Everything below runs and can be heard, but "
            "its figures describe synthetic voices. data/README.md says where the "
            "real recordings go. Tables made here go below data/ and leave the "
            "shipped tables alone.",
        )

    def __repr__(self) -> str:
        return ": ".join(self._message())

    def _repr_html_(self) -> str:
        kind = "success" if self.complete else "danger"
        title, text = self._message()
        return (
            f'<div class="alert alert-block alert-{kind}" role="status">'
            f"<b>{escape(title)}.</b> {escape(text)}</div>"
        )
