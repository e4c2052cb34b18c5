"""Files that are written whole or not at all, and their checksums."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A temporary name to write to, which becomes ``path`` if the block succeeds.

    The folder is made if need be. The draft ends in ``.part``, which git ignores, and
    is removed if the block fails. Raises OSError, with the remedy, if the file cannot
    be put in its place.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with written_whole(folder / "note.txt") as draft:
    ...     _ = draft.write_text("all of it")
    >>> (folder / "note.txt").read_text()
    'all of it'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=".", suffix=".part"))
    draft = folder / path.name
    try:
        yield draft
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
        folder.rmdir()


def write_text(path: Path, text: str) -> Path:
    """Write ``text`` to ``path`` (UTF-8, line ends as they are); returns ``path``."""
    with written_whole(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="")
    return Path(path)


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
