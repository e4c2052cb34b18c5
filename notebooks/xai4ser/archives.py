"""The archive of RAVDESS: find a zip file of it, fetch it, unpack it."""

import shutil
import tempfile
import zipfile
from pathlib import Path

from xai4ser.places import DATA
from xai4ser.ravdess import RAVDESS

ARCHIVE_NAME = "Audio_Speech_Actors_01-24.zip"
ARCHIVE_URL = f"https://zenodo.org/records/1188976/files/{ARCHIVE_NAME}?download=1"
ARCHIVE_MD5 = "bc696df654c87fed845eb13823edef8a"
ARCHIVE_MEGABYTES = 208


def archive_below(folder: Path) -> Path | None:
    for archive in sorted(folder.rglob("*.zip")):
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                if any(RAVDESS.is_recording(Path(n).name) for n in opened.namelist()):
                    return archive
    return None


def download_archive(folder: Path = DATA) -> Path:
    """Fetch the archive of recordings from Zenodo (208 MB) into ``folder``.

    Shows progress, writes under a temporary name and keeps the file only if
    its checksum is right. Returns its path. Raises ConnectionError, within
    about 10 seconds, if Zenodo cannot be reached.
    """
    import pooch
    import requests

    print(f"Fetching {ARCHIVE_NAME} ({ARCHIVE_MEGABYTES} MB) from zenodo.org")
    try:
        path = pooch.retrieve(
            ARCHIVE_URL,
            known_hash=f"md5:{ARCHIVE_MD5}",
            fname=ARCHIVE_NAME,
            path=folder,
            downloader=pooch.HTTPDownloader(progressbar=True, timeout=8),
        )
    except (requests.RequestException, OSError) as error:
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
    return Path(path)


def unpack(archive: Path, folder: Path) -> None:
    """Write the speech recordings of a zip file to ``folder``/Actor_XX/.

    Each recording once, whatever the archive's own layout. Works in a
    temporary folder that is renamed at the end, so ``folder`` is either
    complete or absent. Raises FileExistsError if ``folder`` holds files.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty. Move it away, then run again.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix="unpacking_", dir=folder.parent))
    try:
        with zipfile.ZipFile(archive) as opened:
            for member in opened.namelist():
                name = Path(member).name
                if not RAVDESS.is_recording(name):
                    continue
                target = temporary / f"Actor_{RAVDESS.decode(name)['actor']:02d}" / name
                target.parent.mkdir(exist_ok=True)
                with opened.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
        if folder.exists():
            folder.rmdir()
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
