"""The archive of RAVDESS: look into a zip file, fetch it, unpack it.

A zip file is unpacked whole or not at all, and never because it merely ends in .zip.
"""

import shutil
import zipfile
import zlib
from pathlib import Path

from xai4ser import files, places
from xai4ser.corpus import Corpus, stem

ARCHIVE_NAME = "Audio_Speech_Actors_01-24.zip"
ARCHIVE_URL = f"https://zenodo.org/records/1188976/files/{ARCHIVE_NAME}?download=1"
ARCHIVE_MD5 = "bc696df654c87fed845eb13823edef8a"
ARCHIVE_MEGABYTES = 208

LARGEST = 20_000_000  # bytes of one recording; those of RAVDESS have up to 1 MB
LARGEST_TOTAL = 3_000_000_000  # bytes of all; RAVDESS has 565 MB
OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
UNFINISHED = (".part", ".crdownload", ".download")
FETCH = f"Fetch {ARCHIVE_NAME} from https://zenodo.org/records/1188976 again."


class BadArchive(ValueError):
    """An archive that cannot be used; the message says why, and the remedy."""


def is_archive(path: Path) -> bool:
    """True for a file that ends as archives and unfinished downloads do.

    >>> is_archive(Path("RAVDESS.ZIP")), is_archive(Path("notes.txt"))
    (True, False)
    """
    endings = (".zip", *OTHER_ARCHIVES, *UNFINISHED)
    return path.suffix.lower() in endings and not path.name.startswith(".")


def members(archive: Path, corpus: Corpus) -> list[zipfile.ZipInfo]:
    """The recordings of ``corpus`` in a zip file, which is only looked at.

    Raises BadArchive, a ValueError with the remedy, for a file that is no zip file, is
    truncated, needs a password, holds no recording, or holds what is far too large.
    Lesson 1, section 1.

    >>> import tempfile
    >>> from xai4ser.ravdess import RAVDESS
    >>> archive = Path(tempfile.mkdtemp(), "some.zip")
    >>> with zipfile.ZipFile(archive, "w") as opened:
    ...     opened.writestr("Actor_08/03-01-05-02-01-01-08.wav", b"a sound")
    >>> len(members(archive, RAVDESS))
    1
    """
    name, ending = archive.name, archive.suffix.lower()
    if ending in UNFINISHED:
        raise BadArchive(f"{name} is an unfinished download. {FETCH}")
    if ending in OTHER_ARCHIVES:
        raise BadArchive(
            f"{name} is not a zip file. Unpack it with another program, into data/."
        )
    try:
        with archive.open("rb") as file:
            start = file.read(512)
        with zipfile.ZipFile(archive) as opened:
            inside = [info for info in opened.infolist() if not info.is_dir()]
    except OSError as error:
        raise BadArchive(
            f"{name} cannot be opened ({error.strerror}). Allow reading it."
        ) from None
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise BadArchive(f"{name} {_what_it_is(start)}. {FETCH}") from None
    found = [info for info in inside if corpus.is_recording(Path(info.filename).name)]
    _check_members(name, inside, found, corpus)
    return found


def _what_it_is(start: bytes) -> str:
    """What a file that is no zip file is, by its first bytes."""
    if not start:
        return "is empty"
    if start.startswith(b"PK"):
        return "is truncated: its end is missing"
    if b"<html" in start.lower() or b"<!doctype" in start.lower():
        return "is a web page that was saved under the archive's name"
    return "is not a zip file"


def _check_members(name, inside, found, corpus) -> None:
    if not found:
        example = Path(inside[0].filename).name if inside else "nothing"
        try:
            corpus.check_name(example)
        except ValueError as error:
            example = str(error).rpartition(". ")[0]
        raise BadArchive(
            f"{name} holds {len(inside)} files and no recording of {corpus.name} "
            f"speech, for example: {example}. Fetch {ARCHIVE_NAME} from "
            "https://zenodo.org/records/1188976."
        )
    if any(info.flag_bits & 1 for info in found):
        raise BadArchive(
            f"{name} needs a password. Unpack it with another program, into data/."
        )
    largest = max(found, key=lambda info: info.file_size)
    total = sum(info.file_size for info in found)
    if largest.file_size > LARGEST or total > LARGEST_TOTAL:
        raise BadArchive(
            f"{name} would unpack to {total / 1e6:,.0f} MB, with "
            f"{Path(largest.filename).name} of {largest.file_size / 1e6:,.0f} MB: that "
            f"is no archive of recordings. {FETCH}"
        )


def download_archive(folder: Path | None = None) -> Path:
    """Fetch the archive of recordings from Zenodo (208 MB) into ``folder``, or data/.

    Shows progress, writes under a temporary name and keeps the file only if its
    checksum is right. Returns its path. Raises ConnectionError, within about 10
    seconds, if Zenodo cannot be reached, and OSError with the remedy if ``folder``
    cannot be written to. Lesson 1, section 1.

    >>> download_archive().name  # doctest: +SKIP
    'Audio_Speech_Actors_01-24.zip'
    """
    import pooch
    import requests

    target = (folder or places.DATA) / ARCHIVE_NAME
    print(f"Fetching {ARCHIVE_NAME} ({ARCHIVE_MEGABYTES} MB) from zenodo.org")
    with files.part_folder(target.parent) as temporary:
        try:
            pooch.retrieve(
                ARCHIVE_URL,
                known_hash=f"md5:{ARCHIVE_MD5}",
                fname=ARCHIVE_NAME,
                path=temporary,
                downloader=pooch.HTTPDownloader(progressbar=True, timeout=8),
            )
        except (requests.RequestException, ConnectionError, TimeoutError) as error:
            raise ConnectionError(
                "The recordings could not be fetched from zenodo.org "
                f"({type(error).__name__}). Run this again when the network is back, "
                f"or fetch {ARCHIVE_NAME} in a browser from "
                "https://zenodo.org/records/1188976 and put it into the folder data/."
            ) from None
        except ValueError:
            raise ConnectionError(
                f"What zenodo.org sent is not the published {ARCHIVE_NAME} (its "
                "checksum differs), so it was thrown away. Run this again."
            ) from None
        except OSError:
            with files.plainly(target):
                raise
        files.move(temporary / ARCHIVE_NAME, target)
    return target


def unpack(archive: Path, folder: Path, corpus: Corpus) -> None:
    """Write the recordings of a zip file to ``folder``/Actor_XX/.

    Each recording once, whatever the archive's own layout; a copy that differs goes to
    ``folder``/copy_2/Actor_XX/. Works in a folder that ends in ``.part`` and is renamed
    at the end, so ``folder`` is either complete or absent. Raises FileExistsError if
    ``folder`` holds files, BadArchive if the archive cannot be read to its end, and
    OSError, with the remedy, if the disk is full or may not be written to. Lesson 1,
    section 1.

    >>> import tempfile
    >>> from xai4ser.ravdess import RAVDESS
    >>> folder = Path(tempfile.mkdtemp())
    >>> with zipfile.ZipFile(folder / "some.zip", "w") as opened:
    ...     opened.writestr("03-01-05-02-01-01-08.wav", b"a sound")
    >>> unpack(folder / "some.zip", folder / "unpacked", RAVDESS)
    >>> [path.name for path in (folder / "unpacked").iterdir()]
    ['Actor_08']
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty. Move it away, then run again.")
    found = members(archive, corpus)
    with files.part_folder(folder.parent) as temporary, files.plainly(folder):
        needed = sum(info.file_size for info in found)
        free = shutil.disk_usage(temporary).free
        if free < needed:
            raise files.CannotWrite(
                f"{archive.name} needs {needed / 1e6:,.0f} MB and {free / 1e6:,.0f} MB "
                "are free. Make room on the disk, then run this again."
            )
        whole = temporary / "whole"
        whole.mkdir()
        with zipfile.ZipFile(archive) as opened:
            for info, target in _targets(found, corpus):
                (whole / target).parent.mkdir(parents=True, exist_ok=True)
                _write_member(opened, info, whole / target)
        if folder.exists() and any(folder.iterdir()):
            return  # another notebook has unpacked it meanwhile
        if folder.exists():
            folder.rmdir()
        files.move(whole, folder)


def _targets(found: list[zipfile.ZipInfo], corpus: Corpus):
    """Pairs of a member and where it goes; copies that are alike go nowhere."""
    sums: dict[str, list[int]] = {}
    for info in found:
        name = Path(info.filename).name
        copies = sums.setdefault(stem(name), [])
        if info.CRC in copies:
            continue
        copies.append(info.CRC)
        top = Path("." if len(copies) == 1 else f"copy_{len(copies)}")
        yield info, top / f"Actor_{corpus.decode(name)['actor']:0>2}" / name


def _write_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    name = Path(opened.filename).name
    try:
        source = opened.open(info)
    except NotImplementedError:
        raise BadArchive(
            f"{name} is packed by a method that Python cannot read. Unpack it with "
            "another program, into data/."
        ) from None
    except (RuntimeError, zipfile.BadZipFile):
        raise BadArchive(f"{name} is damaged at {target.name}. {FETCH}") from None
    with source, target.open("wb") as sink:
        try:
            shutil.copyfileobj(source, sink)
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise BadArchive(
                f"{name} is damaged at {target.name} (its checksum differs). {FETCH}"
            ) from None
