"""What a microphone, a room and a telephone do to a voice, and its features after it.

Each disturbance takes samples (samples,) at ``features.SAMPLING_RATE`` and the name of
the recording, from which everything random is drawn, so that it is the same in every
run. The rooms are simulated: a direct sound, early reflections, and noise that dies
away exponentially. Nothing but the packages of the course is needed; a codec that this
computer's libsndfile cannot write is left out.
"""

import io
import zlib
from functools import cache, partial

import librosa
import numpy as np
import soundfile
from joblib import Parallel, delayed
from scipy.signal import butter, fftconvolve, sosfiltfilt

from timing import ROOT
from xai4ser import extraction, features, find, tables
from xai4ser.audio import read_sound
from xai4ser.ravdess import RAVDESS

KEPT = ROOT / "build" / "disturbed"  # rows already computed; `make clean` removes them
RATE = features.SAMPLING_RATE
EARLY = 0.05  # s, within which single reflections can be told apart
REFLECTIONS = 8
TELEPHONE = (300, 3400)  # Hz
CODEC_RATE = 24_000  # Hz, which every codec below takes
# Name -> format, subtype, compression from 0 (least) to 1 (most).
CODECS = {
    "MP3": ("MP3", "MPEG_LAYER_III", 0.5),
    "Vorbis": ("OGG", "VORBIS", 0.9),
    "Opus": ("OGG", "OPUS", 0.95),
}


def generator_of(name: str, what: str) -> np.random.Generator:
    """One that depends on the recording and on what is drawn for it."""
    return np.random.default_rng(zlib.crc32(f"{name} {what}".encode()))


# --- the disturbances ---------------------------------------------------------


def untouched(samples, name):
    return samples


def noise(samples, name, decibels):
    """White noise so many decibels below the voice, drawn as in the table."""
    return extraction.add_noise(samples, name, decibels)


def gain(samples, name, decibels):
    """Turned up or down, and clipped where a file would clip."""
    return np.clip(samples * 10 ** (decibels / 20), -1, 1)


def response(seconds: float, generator) -> np.ndarray:
    """The impulse response (samples,) of a room that dies by 60 dB in ``seconds``.

    A direct sound, REFLECTIONS at random times within EARLY, and from there on Gaussian
    noise, all under the same exponential: the common model of a diffuse field. What
    follows the direct sound carries as much energy as it, so the microphone stands at
    the critical distance of the room. The whole has energy 1: a voice keeps its level.

    >>> found = response(0.3, np.random.default_rng(0))
    >>> round(float(np.sum(found**2)), 6), round(float(found[0] ** 2), 6)
    (1.0, 0.5)
    """
    time = np.arange(int(1.2 * seconds * RATE)) / RATE
    decay = 10 ** (-3 * time / seconds)  # amplitude: 60 dB are a thousandth
    tail = generator.standard_normal(len(time)) * decay
    tail[time < EARLY] *= 0.1  # the field is not yet diffuse
    early = generator.integers(int(0.003 * RATE), int(EARLY * RATE), REFLECTIONS)
    tail[early] += decay[early] * np.sqrt(EARLY * RATE / REFLECTIONS)
    tail[0] = 0
    tail *= np.sqrt(0.5 / np.sum(tail**2))
    tail[0] = np.sqrt(0.5)
    return tail


def room(samples, name, seconds):
    """In a room of its own; ``seconds`` to die by 60 dB, or the lowest and highest."""
    generator = generator_of(name, f"room {seconds}")
    if isinstance(seconds, tuple):
        seconds = generator.uniform(*seconds)
    heard = fftconvolve(samples, response(seconds, generator))[: len(samples)]
    return heard.astype(np.float32)


def noisy_room(samples, name, seconds, decibels):
    """A room, and in it a noise that does not come from the voice's place."""
    return noise(room(samples, name, seconds), name, decibels)


def telephone(samples, name):
    """What a telephone line lets through, TELEPHONE in Hz."""
    line = butter(4, TELEPHONE, "bandpass", fs=RATE, output="sos")
    return sosfiltfilt(line, samples).astype(np.float32)


def encoded(samples, codec: str) -> bytes:
    """``samples`` as a file in one of the CODECS."""
    kind, subtype, compression = CODECS[codec]
    wide = librosa.resample(samples, orig_sr=RATE, target_sr=CODEC_RATE)
    file = io.BytesIO()
    with soundfile.SoundFile(
        file,
        "w",
        CODEC_RATE,
        1,
        subtype=subtype,
        format=kind,
        compression_level=compression,
    ) as opened:
        opened.write(np.clip(wide, -1, 1))
    return file.getvalue()


def coded(samples, name, codec):
    """Written and read again in one of the CODECS."""
    found, rate = soundfile.read(io.BytesIO(encoded(samples, codec)), dtype="float32")
    return librosa.resample(found, orig_sr=rate, target_sr=RATE)


def can_write(codec: str) -> bool:
    """True if this computer's libsndfile writes it."""
    kind, subtype, _ = CODECS[codec]
    return subtype in soundfile.available_subtypes(kind)


DISTURBANCES = {
    "clean": untouched,
    "white noise 20 dB": partial(noise, decibels=20.0),
    "white noise 10 dB": partial(noise, decibels=10.0),
    "12 dB quieter": partial(gain, decibels=-12),
    "6 dB quieter": partial(gain, decibels=-6),
    "6 dB louder": partial(gain, decibels=6),
    "12 dB louder": partial(gain, decibels=12),
    "room 0.3 s": partial(room, seconds=0.3),
    "room 0.6 s": partial(room, seconds=0.6),
    "room 0.6 s and noise 20 dB": partial(noisy_room, seconds=0.6, decibels=20.0),
    "telephone band": telephone,
    **{codec: partial(coded, codec=codec) for codec in CODECS if can_write(codec)},
}
# These rows stand in the table already.
VERSION_OF = {"clean": "clean", "white noise 20 dB": "noisy"}
# For training, in trials of the recipe: other rooms than those that are scored.
ROOMS = (0.2, 0.8)  # s
FOR_TRAINING = {
    "rooms": partial(room, seconds=ROOMS),
    "noisy rooms": partial(noisy_room, seconds=ROOMS, decibels=20.0),
}


# --- their features -----------------------------------------------------------


def row_of(folder, path, disturb) -> np.ndarray:
    """The row of the table (features,) of one recording, disturbed."""
    samples = read_sound(folder / path, RATE)
    return extraction.features_of(disturb(samples, path.rsplit("/", 1)[-1]))


def rows_of(what: str) -> np.ndarray:
    """The rows (recordings, features) of all recordings under one disturbance.

    In the order of the clean rows of the table, rounded as in the table. What was
    computed once is read from KEPT, and what stands in the table from there.
    """
    if what in VERSION_OF:
        table = tables.load_features(RAVDESS.home.features, RAVDESS)
        rows = table[table["version"] == VERSION_OF[what]]
        return rows[extraction.feature_columns()].to_numpy(np.float32)
    kept = KEPT / f"{what.replace(' ', '_')}.npy"
    if kept.is_file():
        return np.load(kept)
    found = complete()
    disturb = (DISTURBANCES | FOR_TRAINING)[what]
    rows = Parallel(n_jobs=-1, batch_size=8)(
        delayed(row_of)(found.folder, path, disturb) for path in found.table["path"]
    )
    rows = extraction.rounded(np.stack(rows)).astype(np.float32)
    KEPT.mkdir(parents=True, exist_ok=True)
    np.save(kept, rows)
    return rows


@cache
def complete() -> find.Recordings:
    """The complete RAVDESS, or an end with the remedy."""
    found = find.recordings()
    if not found.complete:
        raise SystemExit(
            "Disturbed sound is made from the complete RAVDESS: data/README.md says "
            "where it goes."
        )
    return found


def kilobits_a_second(codec: str, every: int = 60) -> float:
    """What a codec needs, over every so manieth recording."""
    found = complete()
    bits, seconds = 0, 0.0
    for path in found.table["path"].iloc[::every]:
        samples = read_sound(found.folder / path, RATE)
        bits += 8 * len(encoded(samples, codec))
        seconds += len(samples) / RATE
    return bits / seconds / 1000
