"""A sound file -> samples: one of the corpus, or one of one's own.

A file that is no whole sound is refused with a sentence that says what is wrong with
it, and what to do. How long it is, is asked before anything is decoded.
"""

import hashlib
import io
from pathlib import Path

import librosa
import numpy as np
import soundfile

SUFFIXES = (".wav", ".flac", ".aif", ".aiff")  # of a corpus; capitals count as well
OF_OWN = (*SUFFIXES, ".mp3", ".ogg", ".opus")  # of recordings of one's own
TO_CONVERT = (".m4a", ".aac", ".wma", ".mp4", ".amr", ".3gp", ".webm")
SHORTEST, LONGEST = 0.3, 30.0  # s
LOWEST_RATE = 4000  # samples a second, below which little of a voice is left
SILENT = 1e-4  # of full scale, -80 dB: the spread of samples that say nothing
LOUDEST = 2.0  # of full scale; conversions overshoot a little, and never so far
COPY_AGAIN = "Copy it again from the archive."
SAVE_AGAIN = "Save or record it again."


def read_sound(path: Path, sampling_rate: int) -> np.ndarray:
    """One recording as samples at ``sampling_rate`` (Hz). Lesson 1, section 4.

    Returns a float32 array (samples,) with values from -1 to 1. Stereo is averaged to
    mono, another sampling rate is converted (soxr, high quality). Raises ValueError
    that names the file and the remedy if it is missing, empty, truncated, not a sound,
    silent, much too loud, shorter than SHORTEST or longer than LONGEST seconds.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tone.wav"
    >>> tone = np.sin(np.arange(48_000) / 10)
    >>> soundfile.write(path, np.column_stack([tone, tone]) / 2, 48_000)
    >>> read_sound(path, 24_000).shape
    (24000,)
    """
    return _mono(*_recording(Path(path)), sampling_rate)


def fingerprint(path: Path, is_own: bool = False) -> str:
    """What a recording holds, as 16 hexadecimal digits: rate, channels, samples.

    The samples count as 16 bits, so a copy without loss, in another container or with
    other remarks in it, has the same. Raises ValueError as :func:`read_sound` does,
    with the remedy for recordings of one's own if ``is_own``. Lesson 1, section 1.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> tone = (9000 * np.sin(np.arange(48_000) / 10)).astype(np.int16)
    >>> for name in ("tone.wav", "tone.flac"):
    ...     soundfile.write(folder / name, tone, 48_000)
    >>> fingerprint(folder / "tone.wav") == fingerprint(folder / "tone.flac")
    True
    """
    samples, rate = _recording(Path(path), is_own)
    whole_numbers = np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2")
    about = f"{rate} Hz, {samples.shape[1]} channels".encode()
    return hashlib.sha256(about + whole_numbers.tobytes()).hexdigest()[:16]


def read_own(
    source: Path | str | bytes, sampling_rate: int, name: str = "your file"
) -> np.ndarray:
    """Any sound file that soundfile reads, as samples at ``sampling_rate`` (Hz).

    ``source`` is a path, or the bytes of a file called ``name``. Returns float32
    (samples,). Raises ValueError, with the remedy, for a file that is missing, is no
    sound, is silent, holds a value that is no number or far too large, has too few
    samples a second, or lasts less than SHORTEST or more than LONGEST seconds.
    Lesson 5, section 8.

    >>> read_own(b"no sound", 22_050, "my_voice.m4a")
    Traceback (most recent call last):
    ValueError: my_voice.m4a is not a sound that can be read here. Save it as WAV, \
FLAC, OGG, Opus or MP3; a phone's M4A has to be converted first.
    """
    if not isinstance(source, bytes):
        path = Path(source).expanduser()
        name = path.name
        if not path.is_file():
            raise ValueError(f"{name} is not there. Give the path of a sound file.")
        try:
            source = path.read_bytes()
        except OSError as error:
            raise ValueError(
                f"{name} cannot be opened ({error.strerror}). Allow reading it."
            ) from None
    return _mono(*_decoded(io.BytesIO(source), name), sampling_rate)


def _recording(path: Path, is_own: bool = False) -> tuple[np.ndarray, int]:
    """Samples (samples, channels) of a file of a corpus, and its rate."""
    _check_file(path, SAVE_AGAIN if is_own else COPY_AGAIN)
    return _decoded(path, path.name, None if is_own else COPY_AGAIN)


def _check_file(path: Path, remedy: str) -> None:
    """Raise ValueError, with the remedy, if ``path`` cannot be a whole sound.

    Tells apart what a sound library would report in one unclear sentence, or
    not at all: a missing, an empty and a truncated file.
    """
    if not path.is_file():
        raise ValueError(f"{path.name} is not there. {remedy}")
    try:
        with path.open("rb") as file:
            header = file.read(12)
    except OSError as error:
        raise ValueError(
            f"{path.name} cannot be opened ({error.strerror}). Allow reading it, or "
            "copy it again from the archive."
        ) from None
    size = path.stat().st_size
    if size == 0:
        raise ValueError(f"{path.name} is empty. {remedy}")
    if header[:4] == b"RIFF" and header[8:] == b"WAVE":
        announced = int.from_bytes(header[4:8], "little") + 8
        if announced > size:
            raise ValueError(
                f"{path.name} is truncated: its header announces {announced} bytes "
                f"and it has {size}. {remedy}"
            )


def _decoded(
    sound: Path | io.BytesIO, name: str, remedy: str | None = None
) -> tuple[np.ndarray, int]:
    """Samples (samples, channels), float32, and their rate; ValueError with a remedy.

    The remedy is ``remedy``, or one that fits a recording of one's own.
    """

    def refuse(problem, for_own):
        raise ValueError(f"{name} {problem}. {remedy or for_own}")

    try:
        with soundfile.SoundFile(sound) as opened:
            rate, seconds = opened.samplerate, opened.frames / opened.samplerate
            if seconds == 0:
                refuse("holds no samples", "Record it again.")
            if not SHORTEST <= seconds <= LONGEST:
                refuse(
                    f"lasts {seconds:.2f} s",
                    f"Use one sentence, from {SHORTEST} to {LONGEST:.0f} s.",
                )
            if rate < LOWEST_RATE:
                refuse(f"has only {rate} samples a second", "Record 16,000 or more.")
            samples = opened.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError):
        if remedy:
            refuse("is not a sound file, or is damaged", remedy)
        refuse(
            "is not a sound that can be read here",
            "Save it as WAV, FLAC, OGG, Opus or MP3; a phone's M4A has to be converted "
            "first.",
        )
    if not np.isfinite(samples).all():
        refuse("holds values that are no numbers", "Record it again.")
    if np.abs(samples).max(initial=0) > LOUDEST:
        refuse(
            f"is {np.abs(samples).max():.3g} times as loud as a file can be",
            "Save it again, with values from -1 to 1.",
        )
    if samples.std(axis=0).max(initial=0) < SILENT:
        refuse("is silent", "Check the microphone or the file.")
    return samples, rate


def _mono(samples: np.ndarray, rate: int, sampling_rate: int) -> np.ndarray:
    """(samples, channels) at ``rate`` -> (samples,) at ``sampling_rate``, in Hz."""
    mono = samples.mean(axis=1)
    if rate == sampling_rate:
        return mono
    return librosa.resample(mono, orig_sr=rate, target_sr=sampling_rate)
