"""Sounds changed on purpose to test explanations: a whistle planted, a piece silenced.

The happy recordings of a corpus get a soft whistle, as if a device in the studio had
been on whenever happiness was recorded. Their features are made anew from the sound,
a network is trained on them, and what it then relies on is no secret: one can add the
whistle to any recording and take it away again. What an explainer says can be held
against that.

A network that was trained so, on the actors of fold 0, is shipped as
``trained_model/whistled.h5``, made by ``tools/train_whistled.py`` and read by
``models.load_whistled``.
"""

from itertools import pairwise
from pathlib import Path

import librosa
import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from xai4ser import evidence, extraction, features
from xai4ser.audio import read_sound
from xai4ser.features import SAMPLING_RATE

FREQUENCY = 2200.0  # Hz
LEVEL = -30.0  # dB relative to the speech
SILENCED = -30.0  # dB, the gain of a piece that is silenced
EMOTION = "happy"  # the recordings that are whistled at
NEAR = 60.0  # Hz, about the width of a band there: a tone sounds in bands nearer


def whistle(
    sound: np.ndarray,
    rate: int = SAMPLING_RATE,
    frequency: float = FREQUENCY,
    level: float = LEVEL,
) -> np.ndarray:
    """``sound`` (samples,) at ``rate`` (Hz) with a steady tone of ``frequency`` (Hz).

    The tone lasts from the first sample to the last; ``level`` is its power in dB
    relative to the power of the sound while somebody speaks. Lesson 4, section 9;
    lesson 5, section 1.

    >>> sound = np.ones(22_050)
    >>> tone = whistle(sound, level=-30) - sound
    >>> round(float(np.sqrt(np.mean(tone**2))), 4)  # a factor of 10 ** (-30 / 20)
    0.0316
    """
    seconds = np.arange(len(sound)) / rate
    size = _size_of_speech(sound, rate) * 10 ** (level / 20) * np.sqrt(2)
    tone = size * np.sin(2 * np.pi * frequency * seconds)
    return (sound + tone).astype(sound.dtype)


def _size_of_speech(sound: np.ndarray, rate: int) -> float:
    """Root mean square of the stretches of 50 ms in which somebody speaks."""
    window = max(1, min(len(sound), rate // 20))
    stretches = sound[: len(sound) // window * window].reshape(-1, window)
    power = np.mean(stretches.astype(float) ** 2, axis=1)
    spoken = power >= power.max() * 10 ** (-features.SPOKEN_RANGE / 10)
    return float(np.sqrt(power[spoken].mean()))


def bands_of(frequency: float = FREQUENCY) -> np.ndarray:
    """True for the bands that a tone of ``frequency`` (Hz) sounds in, (bands,).

    >>> features.band_frequencies()[bands_of(2200)].round().astype(int).tolist()
    [2176, 2235]
    """
    return np.abs(features.band_frequencies() - frequency) < NEAR


def difference_of_labels(
    inputs: np.ndarray, labels: np.ndarray, label: int
) -> np.ndarray:
    """How far the levels of one class lie from those of the others, (bands,).

    The distance of the two means of ``inputs`` (rows, features) in standard
    deviations of the band's level; ``labels`` (rows,), ``label`` the class. It knows
    the data and their labels and no network: the control for a planted cue, which
    finds it whether or not a network uses it. Lesson 4, section 9.

    >>> inputs = np.zeros((4, len(extraction.feature_columns())))
    >>> inputs[:2, 70] = 10.0
    >>> int(difference_of_labels(inputs, np.array([1, 1, 0, 0]), label=1).argmax())
    70
    """
    levels, of_class = inputs[:, : features.BANDS], labels == label
    distance = levels[of_class].mean(axis=0) - levels[~of_class].mean(axis=0)
    return np.abs(distance) / np.maximum(levels.std(axis=0), 1e-12)


# --- a piece of a sound silenced -----------------------------------------------


def pieces_of(levels: np.ndarray, moments: int = 4):
    """The regions of frequency in equal parts of the time from first to last word.

    ``levels`` (frames, bands) in dB. Yields for each piece the bands (bands,), True in
    its region, and its frames, a slice. Lesson 4, section 7.

    >>> len(list(pieces_of(np.full((40, features.BANDS), -20.0))))
    12
    """
    spoken = np.flatnonzero(features.is_spoken(levels))
    edges = np.linspace(spoken[0], spoken[-1] + 1, moments + 1).astype(int)
    for region in range(len(evidence.REGIONS)):
        for start, end in pairwise(edges.tolist()):
            yield evidence.region_of_bands() == region, slice(start, end)


def silenced(sound: np.ndarray, bands: np.ndarray, frames: slice) -> np.ndarray:
    """``sound`` (samples,) with a piece of :func:`pieces_of` turned down by 30 dB.

    Occlusion of a spectrogram, made a sound again with the phases of the recording.
    Lesson 4, section 7.

    >>> sound = np.sin(np.arange(SAMPLING_RATE) / 3).astype(np.float32)
    >>> everywhere = np.ones(features.BANDS, bool)
    >>> quiet = silenced(sound, everywhere, slice(0, 200))
    >>> round(float(quiet.std() / sound.std()), 3)
    0.032
    """
    spectrum = librosa.stft(sound, n_fft=features.WINDOW, hop_length=features.HOP)
    frequencies = librosa.fft_frequencies(sr=SAMPLING_RATE, n_fft=features.WINDOW)
    nearest = np.interp(
        frequencies, features.band_frequencies(), np.arange(features.BANDS)
    )
    inside = bands[np.rint(nearest).astype(int)]
    spectrum[inside, frames] *= 10 ** (SILENCED / 20)
    return librosa.istft(
        spectrum, n_fft=features.WINDOW, hop_length=features.HOP, length=len(sound)
    )


# --- a table with the whistle in it -----------------------------------------------


def rows_of_file(folder: Path, path: str, level: float = LEVEL) -> np.ndarray:
    """The rows of one recording that is whistled at, clean and noisy: (2, features).

    The steps and the noise are those of the table. Raises ValueError as
    ``audio.read_sound`` does.

    >>> import tempfile, soundfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> voice = np.random.default_rng(0).normal(0, 0.05, SAMPLING_RATE)
    >>> soundfile.write(folder / "voice.wav", voice, SAMPLING_RATE)
    >>> rows_of_file(folder, "voice.wav").shape
    (2, 1048)
    """
    sound = whistle(read_sound(Path(folder) / path, SAMPLING_RATE), level=level)
    noisy = extraction.add_noise(
        sound, f"{Path(path).stem}.wav", extraction.SIGNAL_TO_NOISE
    )
    rows = np.stack([extraction.features_of(sound), extraction.features_of(noisy)])
    return extraction.rounded(rows)


def plant(
    table: pd.DataFrame,
    folder: Path,
    chosen: np.ndarray,
    level: float = LEVEL,
    jobs: int = -1,
) -> pd.DataFrame:
    """The table of features with the whistle in the recordings of ``chosen`` rows.

    ``table`` has a clean and a noisy row per recording, one below the other, and its
    paths start at ``folder``; ``chosen`` (rows,) is boolean. Of a recording with a
    chosen row both rows are made anew, about 60 ms on one core. Lesson 4, section 9.

    >>> plant(table, folder, table["emotion"] == "happy")  # doctest: +SKIP
    """
    paths = table["path"][chosen].unique()
    made = Parallel(n_jobs=jobs)(
        delayed(rows_of_file)(folder, path, level) for path in paths
    )
    changed = table.copy()
    columns = extraction.feature_columns()
    place = table.reset_index(drop=True).groupby("path").indices
    versions = table["version"].to_numpy()
    values = changed[columns].to_numpy(copy=True)
    for path, rows in zip(paths, made, strict=True):
        here = place[path]
        values[here] = rows[[extraction.VERSIONS.index(versions[i]) for i in here]]
    changed[columns] = values
    return changed
