"""Where the recordings are: look in the usual places, fetch, or make stand-in voices."""

import os
from pathlib import Path

from xai4ser import archives, voices
from xai4ser.corpus import Recordings, list_recordings
from xai4ser.places import DATA
from xai4ser.ravdess import RAVDESS

STAND_IN_FOLDER = DATA / "stand_in_voices"


def recordings(folder=None, download: bool = False) -> Recordings:
    """The recordings, from the first of these places that has them.

    1. ``folder``, if given; 2. the folder named by the environment variable
    RAVDESS_DIR; 3. ``data/Ravdess/audio_speech_actors_01-24``; 4. anything
    below ``data/`` that looks like RAVDESS, also a ``.zip`` of it, which is
    unpacked to place 3; 5. if ``download`` is true, Zenodo (208 MB);
    6. stand-in voices, synthesised on the spot.

    Raises FileNotFoundError if ``folder`` or RAVDESS_DIR is given and holds no
    recording, and ConnectionError if a download was asked for and failed.
    """
    for given, origin in (
        (folder, "the folder given"),
        (os.environ.get("RAVDESS_DIR"), "the folder in RAVDESS_DIR"),
    ):
        if given:
            return _recordings_in(Path(given).expanduser(), origin)
    for place in (RAVDESS.recordings_folder, DATA):
        home = _home_of_recordings(place)
        if home is not None:
            return _of_ravdess(home)
    archive = archives.archive_below(DATA)
    if archive is None and download:
        archive = archives.download_archive()
    if archive is not None:
        archives.unpack(archive, RAVDESS.recordings_folder)
        return _of_ravdess(RAVDESS.recordings_folder)
    return stand_in_recordings()


def stand_in_recordings() -> Recordings:
    """Synthetic voices in the layout of RAVDESS, made now if not yet there."""
    voices.write_voices(STAND_IN_FOLDER)
    listed = list_recordings(STAND_IN_FOLDER, RAVDESS)
    return Recordings(RAVDESS, STAND_IN_FOLDER, "stand-in voices", *listed)


def _of_ravdess(folder: Path) -> Recordings:
    return Recordings(RAVDESS, folder, RAVDESS.name, *list_recordings(folder, RAVDESS))


def _recordings_in(folder: Path, origin: str) -> Recordings:
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder}, {origin}, does not exist. Give the folder that "
            "holds Actor_01 to Actor_24."
        )
    home = _home_of_recordings(folder)
    if home is None:
        raise FileNotFoundError(
            f"{folder}, {origin}, holds no RAVDESS speech recording. Give the "
            "folder that holds Actor_01 to Actor_24."
        )
    return _of_ravdess(home)


def _home_of_recordings(folder: Path) -> Path | None:
    """The folder below ``folder`` from which the recordings are best listed.

    That is the one that holds the Actor_ folders; of several, the one with
    most recordings, and of equals the shallowest.
    """
    count: dict[Path, int] = {}
    for path in folder.rglob("*.wav"):
        if STAND_IN_FOLDER in path.parents or not RAVDESS.is_recording(path.name):
            continue
        is_filed = path.parent.name.startswith("Actor_")
        home = path.parent.parent if is_filed else path.parent
        count[home] = count.get(home, 0) + 1
    if not count:
        return None
    return min(count, key=lambda home: (-count[home], len(home.parts), home))
