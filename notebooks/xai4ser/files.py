"""Files that are written whole or not at all, folders that are walked, checksums.

What the system says about a file (an OSError) becomes one sentence with the remedy.
"""

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

WAITS = (0, 0.1, 0.3, 0.6, 1.0, 2.0)  # s; a virus scanner holds a new file for a moment
LEFT_BEHIND = 60  # s without a change, after which a draft belongs to a killed run
REMEDIES = {
    errno.ENOSPC: "Make room on the disk, then run this again.",
    errno.EDQUOT: "Make room on the disk, then run this again.",
}
NOT_ALLOWED = (
    "Allow writing there, or copy the course to a folder of your own, then run this "
    "again."
)


class CannotWrite(OSError):
    """A file could not be written; the message names it and the remedy."""


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Say in one sentence why ``path`` could not be written in the block.

    Raises CannotWrite, an OSError, instead of what the system says.

    >>> with plainly(Path("table.csv")):
    ...     raise OSError(errno.ENOSPC, "No space left on device")
    Traceback (most recent call last):
    xai4ser.files.CannotWrite: table.csv cannot be written (No space left on device). \
Make room on the disk, then run this again.
    """
    try:
        yield
    except CannotWrite:
        raise
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        remedy = REMEDIES.get(error.errno, NOT_ALLOWED)
        raise CannotWrite(f"{path} cannot be written ({reason}). {remedy}") from error


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A temporary name to write to, which becomes ``path`` if the block succeeds.

    The folder is made if need be. The draft lies in a folder that ends in ``.part``,
    which git ignores; it is removed if the block fails, and at the next call if the
    computer was switched off meanwhile. Raises CannotWrite, with the remedy, if the
    folder may not be written to, the disk is full, or ``path`` is open elsewhere.
    Lessons 1 and 2, where they save.

    >>> folder = Path(tempfile.mkdtemp())
    >>> with written_whole(folder / "note.txt") as draft:
    ...     _ = draft.write_text("all of it")
    >>> (folder / "note.txt").read_text()
    'all of it'
    """
    path = Path(path)
    with part_folder(path.parent) as folder, plainly(path):
        yield folder / path.name
        move(folder / path.name, path)


@contextmanager
def part_folder(parent: Path) -> Iterator[Path]:
    """A folder in ``parent`` for unfinished work, ``....part``; removed at the end.

    Removes what killed runs left there, too.

    >>> parent = Path(tempfile.mkdtemp())
    >>> with part_folder(parent) as folder:
    ...     _ = (folder / "unfinished.txt").write_text("half")
    >>> list(parent.iterdir())
    []
    """
    with plainly(parent):
        parent.mkdir(parents=True, exist_ok=True)
        _remove_left_behind(parent)
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=".", suffix=".part"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left_behind(parent: Path) -> None:
    """Remove drafts of runs that were killed; those of running ones change still."""
    for folder in parent.glob(".*.part"):
        try:
            changed = max(p.stat().st_mtime for p in (folder, *folder.rglob("*")))
        except OSError:  # another run has just removed it
            continue
        if folder.is_dir() and time.time() - changed > LEFT_BEHIND:
            shutil.rmtree(folder, ignore_errors=True)


def move(source: Path, target: Path) -> None:
    """Rename ``source`` to ``target``, which is replaced if it is a file.

    On Windows another program may hold either: waits a moment, then raises
    CannotWrite, which says to close it.

    >>> folder = Path(tempfile.mkdtemp())
    >>> move(write_text(folder / "a.txt", "here"), folder / "b.txt")
    >>> [path.name for path in folder.iterdir()]
    ['b.txt']
    """
    for wait in WAITS:
        time.sleep(wait)
        try:
            os.replace(source, target)
            return
        except PermissionError as error:
            refusal = error
    raise CannotWrite(
        f"{target.name} cannot be put in its place: another program has it open. "
        "Close it there (Excel, or a virus scanner that still reads), then run this "
        "again."
    ) from refusal


def write_text(path: Path, text: str) -> Path:
    """Write ``text`` to ``path`` (UTF-8, line ends as they are); returns ``path``.

    Raises CannotWrite as :func:`written_whole` does.

    >>> write_text(Path(tempfile.mkdtemp()) / "note.txt", "here").read_text()
    'here'
    """
    with written_whole(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="")
    return Path(path)


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    >>> path = Path(tempfile.mkdtemp(), "note.txt")
    >>> _ = path.write_text("here")
    >>> checksum(path)[:8]
    'fcec9150'
    """
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def walk(
    folder: Path, skip: Callable[[Path], bool] = lambda path: False
) -> tuple[list[Path], list[tuple[Path, str]]]:
    """All files below ``folder``, sorted, and what could not be looked into.

    Follows links to folders, each folder once, so that a link to itself does no harm.
    Unfinished work (folders that end in ``.part``) and what ``skip`` is true for stay
    out. Returns the files and pairs of a path and what the system said about it.

    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "note.txt").write_text("here")
    >>> [file.name for file in walk(folder)[0]]
    ['note.txt']
    """
    found, refused, visited = [], [], set()

    def refuse(error):
        refused.append((Path(error.filename), error.strerror))

    for place, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        real = os.path.realpath(place)
        if real in visited:
            folders.clear()
            continue
        visited.add(real)
        here = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if not name.endswith(".part") and not skip(here / name)
        )
        found += [here / name for name in names if not skip(here / name)]
    return sorted(found), refused


def make_printable(*streams) -> None:
    """Let a console that lacks a letter of a path show its code, and not fail.

    >>> import io
    >>> console = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    >>> make_printable(console)
    >>> print("Ж", file=console)
    """
    for stream in streams:
        stream.reconfigure(errors="backslashreplace")
