"""Where things lie: the top of the repository, what is shipped, what one makes oneself.

What is shipped stays as it is, so that ``git pull`` never meets a changed file: the
notebooks write to a folder of their own below ``data/``. Only a program that was told
so by name (``make refresh``, ``make folds``) writes to the top of the repository.
"""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
WRITES_SHIPPED = "XAI4SER_WRITES_SHIPPED"  # environment variable, "yes" for refreshing
# One line that brings back everything that is shipped, and puts away one's own.
RESTORE = (
    "get back what is shipped: delete the folder data/my_work if it is there, and run: "
    "git checkout -- emoRav_data.csv speech_features.csv trained_model"
)


@dataclass(frozen=True)
class Place:
    """A folder with everything that is made from one set of recordings.

    >>> SHIPPED.features.name
    'speech_features.csv'
    """

    folder: Path
    list_name: str = "emoRav_data.csv"  # of the table of recordings

    @property
    def recordings(self) -> Path:
        """The table of recordings, written by lesson 1.

        >>> SHIPPED.recordings.name
        'emoRav_data.csv'
        """
        return self.folder / self.list_name

    @property
    def features(self) -> Path:
        """The table of features, written by lesson 1."""
        return self.folder / "speech_features.csv"

    @property
    def models(self) -> Path:
        """The folder of the networks, written by lesson 2."""
        return self.folder / "trained_model"

    @property
    def predictions(self) -> Path:
        """What the networks of all folds answer for the actors they never heard."""
        return self.models / "held_out_predictions.csv"

    def __str__(self) -> str:
        return short(self.folder)


DESCRIPTION = "corpus.toml"  # what a folder of one's own recordings is known by


def is_own_corpus(folder: Path) -> bool:
    """True for a folder of one's own recordings: it holds their description.

    >>> is_own_corpus(DATA)
    False
    """
    return (Path(folder) / DESCRIPTION).is_file()


SHIPPED = Place(ROOT)
OWN = Place(DATA / "my_work")


def writes_shipped() -> bool:
    """True in a run that was asked to renew what is shipped.

    >>> writes_shipped()
    False
    """
    return os.environ.get(WRITES_SHIPPED) == "yes"


def to_write(home: Place) -> Place:
    """Where a notebook writes what belongs in ``home``.

    What is shipped is not touched: :data:`OWN` stands in for it, unless the run was
    told by name to renew it.

    >>> str(to_write(SHIPPED))
    'data/my_work'
    """
    return OWN if home == SHIPPED and not writes_shipped() else home


def to_read(home: Place, what: str) -> Path:
    """The path of ``what``, such as "features": one's own if it was made, else shipped.

    >>> short(to_read(SHIPPED, "features")).endswith("speech_features.csv")
    True
    """
    own = getattr(to_write(home), what)
    return own if own.exists() else getattr(home, what)


def is_made(path: Path) -> bool:
    """True where RAVDESS is not looked for: what the course keeps below ``data/``,
    and folders of one's own recordings.

    >>> is_made(DATA / "my_work"), is_made(DATA / "Ravdess")
    (True, False)
    """
    name = path.name
    own = name in ("my_work", "stand_in_voices", "README.md", ".gitkeep")
    made = path.parent == DATA and (own or name.startswith("made_from_"))
    return made or is_own_corpus(path)


def short(path: Path) -> str:
    """``path`` as the reader of a notebook should see it: from the repository.

    >>> short(ROOT / "data" / "README.md")
    'data/README.md'
    """
    path = Path(path).resolve()
    if path == ROOT:
        return "the top of the repository"
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
