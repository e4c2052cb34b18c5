"""Find, fetch, check and list the recordings; decode a file name.

The recordings are the speech part of RAVDESS: 24 actors, 8 emotions, 1440
files. Source: Livingstone SR, Russo FA (2018), The Ryerson Audio-Visual
Database of Emotional Speech and Song, PLoS ONE 13(5): e0196391,
https://doi.org/10.1371/journal.pone.0196391
"""

import os
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pandas as pd

# The one list of emotions: the position in it is the RAVDESS code minus one.
EMOTIONS = (
    "neutral",
    "calm",
    "happy",
    "sad",
    "angry",
    "fearful",
    "disgust",
    "surprised",
)
INTENSITIES = ("normal", "strong")
STATEMENTS = ("Kids are talking by the door", "Dogs are sitting by the door")
ACTORS = tuple(range(1, 25))
RECORDINGS_IN_FULL = 1440
COLUMNS = [
    "path",
    "emotion",
    "intensity",
    "statement",
    "repetition",
    "actor",
    "sex",
]

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
USUAL_FOLDER = DATA / "Ravdess" / "audio_speech_actors_01-24"
STAND_IN_FOLDER = DATA / "stand_in_voices"
PROBLEM_COLUMNS = ["file", "problem", "remedy"]

ARCHIVE_NAME = "Audio_Speech_Actors_01-24.zip"
ARCHIVE_URL = f"https://zenodo.org/records/1188976/files/{ARCHIVE_NAME}?download=1"
ARCHIVE_MD5 = "bc696df654c87fed845eb13823edef8a"
ARCHIVE_MEGABYTES = 208


# --- what a file name says ------------------------------------------------


def decode(name: str) -> dict:
    """What the seven fields of a RAVDESS file name say.

    ``name`` is a file name or path such as ``03-01-05-02-01-01-08.wav``:
    modality, vocal channel, emotion, intensity, statement, repetition, actor.

    Returns a dictionary with ``emotion`` and ``intensity`` (words),
    ``statement``, ``repetition`` and ``actor`` (numbers) and ``sex``.
    Raises ValueError, with the remedy, for a name that does not belong to the
    audio-only speech recordings.
    """
    file = Path(name).name
    fields = Path(name).stem.split("-")
    if len(fields) != 7 or not all(len(f) == 2 and f.isdecimal() for f in fields):
        raise ValueError(
            f"{file} is not a RAVDESS name, which has seven two-digit fields such "
            "as 03-01-05-02-01-01-08.wav. Restore its name, or move it elsewhere."
        )
    modality, channel, emotion, intensity, statement, repetition, actor = (
        int(field) for field in fields
    )
    if modality != 3:
        raise ValueError(
            f"{file} belongs to a video (modality {modality:02d}). This tutorial "
            "uses audio-only files (modality 03); move it elsewhere."
        )
    if channel != 1:
        raise ValueError(
            f"{file} is a song (vocal channel {channel:02d}). This tutorial uses "
            "speech (vocal channel 01); move it elsewhere."
        )
    limits = zip(
        ("emotion", "intensity", "statement", "repetition", "actor"),
        (emotion, intensity, statement, repetition, actor),
        (len(EMOTIONS), len(INTENSITIES), len(STATEMENTS), 2, len(ACTORS)),
        strict=True,
    )
    for field, value, largest in limits:
        if not 1 <= value <= largest:
            raise ValueError(
                f"{file}: its {field} is {value:02d}, and RAVDESS has 01 to "
                f"{largest:02d}. Restore its name, or move it elsewhere."
            )
    return {
        "emotion": EMOTIONS[emotion - 1],
        "intensity": INTENSITIES[intensity - 1],
        "statement": statement,
        "repetition": repetition,
        "actor": actor,
        "sex": "male" if actor % 2 else "female",
    }


def file_name(
    emotion: str, intensity: str, statement: int, repetition: int, actor: int
) -> str:
    """The RAVDESS file name of a recording: the inverse of :func:`decode`."""
    return (
        f"03-01-{EMOTIONS.index(emotion) + 1:02d}-"
        f"{INTENSITIES.index(intensity) + 1:02d}-"
        f"{statement:02d}-{repetition:02d}-{actor:02d}.wav"
    )


# --- which recordings there are ---------------------------------------------


def list_recordings(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All speech recordings below ``folder``, and the files left out.

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
            rows.append({"path": path} | decode(name))
            seen.add(name)
        except ValueError as error:
            problem, _, remedy = str(error).rpartition(". ")
            left_out.append((path, problem, remedy))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table, pd.DataFrame(left_out, columns=PROBLEM_COLUMNS)


@dataclass(frozen=True)
class Recordings:
    """A folder of recordings and what it holds.

    folder   where they are
    origin   "RAVDESS" or "stand-in voices"
    table    one row per recording, see :func:`list_recordings`
    left_out one row per file that is not a speech recording
    """

    folder: Path
    origin: str
    table: pd.DataFrame
    left_out: pd.DataFrame

    @property
    def complete(self) -> bool:
        """True for all 1440 recordings of RAVDESS speech."""
        return self.origin == "RAVDESS" and len(self.table) == RECORDINGS_IN_FULL

    @property
    def output_folder(self) -> Path:
        """Where tables made from these recordings go.

        The top of the repository for the complete RAVDESS; for anything less
        a folder under ``data/``, so that the shipped tables stay whole.
        """
        if self.complete:
            return ROOT
        folder = DATA / ("made_from_" + self.origin.replace(" ", "_").replace("-", "_"))
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _message(self) -> tuple[str, str]:
        actors = self.table["actor"].nunique()
        count = f"{len(self.table)} recordings of {actors} actors"
        if self.complete:
            return "RAVDESS, complete", f"{count}."
        if self.origin == "RAVDESS":
            return (
                "RAVDESS, incomplete",
                f"{count}, and the complete set has {RECORDINGS_IN_FULL}. Tables "
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


# --- where the recordings are -----------------------------------------------


def find_recordings(folder=None, download: bool = False) -> Recordings:
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
    for place in (USUAL_FOLDER, DATA):
        home = _home_of_recordings(place)
        if home is not None:
            return Recordings(home, "RAVDESS", *list_recordings(home))
    archive = _archive_below(DATA)
    if archive is None and download:
        archive = download_archive()
    if archive is not None:
        unpack(archive, USUAL_FOLDER)
        return Recordings(USUAL_FOLDER, "RAVDESS", *list_recordings(USUAL_FOLDER))
    return stand_in_recordings()


def stand_in_recordings() -> Recordings:
    """Synthetic voices in the layout of RAVDESS, made now if not yet there."""
    from xai4ser import voices

    voices.write_voices(STAND_IN_FOLDER)
    return Recordings(
        STAND_IN_FOLDER, "stand-in voices", *list_recordings(STAND_IN_FOLDER)
    )


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
    return Recordings(home, "RAVDESS", *list_recordings(home))


def _home_of_recordings(folder: Path) -> Path | None:
    """The folder below ``folder`` from which the recordings are best listed.

    That is the one that holds the Actor_ folders; of several, the one with
    most recordings, and of equals the shallowest.
    """
    count: dict[Path, int] = {}
    for path in folder.rglob("*.wav"):
        if STAND_IN_FOLDER in path.parents or not _is_recording(path.name):
            continue
        is_filed = path.parent.name.startswith("Actor_")
        home = path.parent.parent if is_filed else path.parent
        count[home] = count.get(home, 0) + 1
    if not count:
        return None
    return min(count, key=lambda home: (-count[home], len(home.parts), home))


def _is_recording(name: str) -> bool:
    try:
        decode(name)
    except ValueError:
        return False
    return not name.startswith(".")


# --- archives ---------------------------------------------------------------


def _archive_below(folder: Path) -> Path | None:
    for archive in sorted(folder.rglob("*.zip")):
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                if any(_is_recording(Path(n).name) for n in opened.namelist()):
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
                if not _is_recording(name):
                    continue
                target = temporary / f"Actor_{decode(name)['actor']:02d}" / name
                target.parent.mkdir(exist_ok=True)
                with opened.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
        if folder.exists():
            folder.rmdir()
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


# --- one recording ----------------------------------------------------------


def check_sound_file(path: Path) -> None:
    """Raise ValueError, with the remedy, if ``path`` cannot be a whole sound.

    Tells apart what a sound library would report in one unclear sentence, or
    not at all: a missing, an empty and a truncated file.
    """
    remedy = "Copy it again from the archive."
    if not path.is_file():
        raise ValueError(f"{path.name} is not there. {remedy}")
    size = path.stat().st_size
    if size == 0:
        raise ValueError(f"{path.name} is empty. {remedy}")
    with path.open("rb") as file:
        header = file.read(12)
    if header[:4] == b"RIFF" and header[8:] == b"WAVE":
        announced = int.from_bytes(header[4:8], "little") + 8
        if announced > size:
            raise ValueError(
                f"{path.name} is truncated: its header announces {announced} bytes "
                f"and it has {size}. {remedy}"
            )


def read_sound(path: Path, sampling_rate: int):
    """One recording as samples at ``sampling_rate`` (Hz).

    Returns a float32 array (samples,) with values from -1 to 1. Stereo is
    averaged to mono, another sampling rate is converted (soxr, high quality).
    Raises ValueError that names the file and the remedy if it is empty,
    truncated or not a sound.
    """
    import librosa
    import soundfile

    path = Path(path)
    check_sound_file(path)
    try:
        samples, original_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        raise ValueError(
            f"{path.name} is not a sound file. Copy it again from the archive."
        ) from None
    if len(samples) == 0:
        raise ValueError(
            f"{path.name} holds no samples. Copy it again from the archive."
        )
    mono = samples.mean(axis=1)  # (samples, channels) -> (samples,)
    if original_rate == sampling_rate:
        return mono
    return librosa.resample(mono, orig_sr=original_rate, target_sr=sampling_rate)
