"""A sound file -> samples: one of the corpus, or one of one's own.

A file that is no whole sound is refused with a sentence that says what is wrong with
it, and what to do.
"""

import io
from pathlib import Path

import librosa
import numpy as np
import soundfile

SHORTEST, LONGEST = 0.3, 30.0  # s of a recording of one's own
SILENT = 1e-5  # of full scale, -100 dB: a recording whose peak is lower says nothing


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


def _mono(sound: Path | io.BytesIO, sampling_rate: int) -> np.ndarray:
    """Samples (samples,), float32, channels averaged, at ``sampling_rate`` Hz."""
    samples, original_rate = soundfile.read(sound, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)  # (samples, channels) -> (samples,)
    if original_rate == sampling_rate or len(mono) == 0:
        return mono
    return librosa.resample(mono, orig_sr=original_rate, target_sr=sampling_rate)


def read_sound(path: Path, sampling_rate: int) -> np.ndarray:
    """One recording as samples at ``sampling_rate`` (Hz). Lesson 1, section 3.

    Returns a float32 array (samples,) with values from -1 to 1. Stereo is
    averaged to mono, another sampling rate is converted (soxr, high quality).
    Raises ValueError that names the file and the remedy if it is empty,
    truncated or not a sound.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tone.wav"
    >>> soundfile.write(path, np.full((480, 2), 0.5), 48_000)
    >>> read_sound(path, 48_000).shape
    (480,)
    """
    path = Path(path)
    check_sound_file(path)
    try:
        mono = _mono(path, sampling_rate)
    except soundfile.LibsndfileError:
        raise ValueError(
            f"{path.name} is not a sound file. Copy it again from the archive."
        ) from None
    if len(mono) == 0:
        raise ValueError(
            f"{path.name} holds no samples. Copy it again from the archive."
        )
    return mono


def read_own(
    source: Path | str | bytes, sampling_rate: int, name: str = "your file"
) -> np.ndarray:
    """Any sound file that soundfile reads, as samples at ``sampling_rate`` (Hz).

    ``source`` is a path, or the bytes of a file called ``name``. Raises ValueError,
    with the remedy, for a file that is missing, is no sound, is silent, holds a value
    that is no number, or lasts less than SHORTEST or more than LONGEST seconds.
    Lesson 5, section 6.
    """
    if not isinstance(source, bytes):
        path = Path(source).expanduser()
        name = path.name
        if not path.is_file():
            raise ValueError(f"{name} is not there. Give the path of a sound file.")
        source = path.read_bytes()
    try:
        seconds = soundfile.info(io.BytesIO(source)).duration
        if SHORTEST <= seconds <= LONGEST:
            mono = _mono(io.BytesIO(source), sampling_rate)
    except soundfile.LibsndfileError:
        raise ValueError(
            f"{name} is not a sound that can be read here. Save it as WAV, FLAC, OGG "
            "or MP3; a phone's M4A has to be converted first."
        ) from None
    if not SHORTEST <= seconds <= LONGEST:
        raise ValueError(
            f"{name} lasts {seconds:.2f} s. Use one sentence, from {SHORTEST} to "
            f"{LONGEST:.0f} s."
        )
    if not np.isfinite(mono).all():
        raise ValueError(f"{name} holds values that are no numbers. Record it again.")
    if np.abs(mono).max() < SILENT:
        raise ValueError(f"{name} is silent. Check the microphone or the file.")
    return mono
