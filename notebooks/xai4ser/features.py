"""Sound -> what each mel band does; the column names; bands in Hz.

A recording becomes a mel spectrogram in dB (frames x bands), of which only the
part counts in which somebody speaks. Each of the 128 bands is then described by a
few numbers, its *measures*. The table ``speech_features.csv`` holds them, measure by
measure, bands ascending.
"""

import sys
import zlib
from functools import cache
from pathlib import Path

import librosa
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.ndimage import uniform_filter1d
from tqdm import tqdm

from xai4ser.audio import read_sound

SAMPLING_RATE = 22_050  # Hz
WINDOW = 1024  # samples in one analysis window: 46 ms
HOP = 256  # samples from one window to the next: 12 ms
BANDS = 128
LOWEST, HIGHEST = 0, 11_025  # Hz, the edges of the mel bands
FLOOR = -100.0  # dB, the level given to silence
SPOKEN_RANGE = 30.0  # dB below the loudest frame down to which a frame is speech
PITCH_RANGE = (70, 600)  # Hz, where the pitch of a speaking voice is looked for
PITCHED = 0.6  # strength of the repetition from which a frame counts as pitched
PITCH_CUT = 4000  # Hz, above which the repetition of the voice is not looked for
ENDING = 0.2  # of the spoken frames: the last fifth
LEAST_SPREAD = 0.5  # dB, added to the spread, so that a steady band has no skewness
AUDIBLE = -50.0  # dB, from which a band counts as sounding
QUICK, SLOW = 8, 26  # frames: 93 ms, about a syllable's onset; 302 ms, a syllable
NEIGHBOURS = 9  # bands whose mean is a band's surroundings
SIGNAL_TO_NOISE = 20.0  # dB, of the noisy version
VERSIONS = ("clean", "noisy")
KEYS = ["path", "version", "emotion", "actor"]

# What a band does, in one sentence each. The order is the order in the table.
MEASURES = {
    "level": "mean level while somebody speaks (dB)",
    "ending": "mean level in the last fifth of the speaking (dB)",
    "skewness": "asymmetry of the level: above 0, mostly soft with a few loud moments",
    "sounding": "time during which the band is louder than -50 dB (s)",
    "movement": "mean change of the level within 93 ms (dB)",
    "swing": "mean change of the level within 302 ms (dB)",
    "contrast": "mean distance of the level from the mean over nine bands, its own in "
    "the middle, while the voice has a pitch: how far harmonics stand out (dB)",
    "voicing": "share of the time from first to last word in which the voice has a "
    "pitch and the band is louder than -50 dB (%)",
}
UNITS = dict.fromkeys(MEASURES, "dB") | {
    "skewness": "no unit",
    "sounding": "s",
    "voicing": "%",
}
DECIMALS = dict.fromkeys(MEASURES, 1) | {"skewness": 2, "sounding": 2}  # in the table
LEVELS = ("level", "ending")  # the measures that a louder microphone shifts


def settings() -> dict:
    """Everything that the features depend on, as the manifest stores it."""
    return {
        "sampling_rate_hz": SAMPLING_RATE,
        "window_samples": WINDOW,
        "hop_samples": HOP,
        "bands": BANDS,
        "lowest_hz": LOWEST,
        "highest_hz": HIGHEST,
        "mel_scale": "slaney",
        "floor_db": FLOOR,
        "spoken_range_db": SPOKEN_RANGE,
        "pitch_range_hz": list(PITCH_RANGE),
        "pitched_from": PITCHED,
        "pitch_cut_hz": PITCH_CUT,
        "ending_share": ENDING,
        "least_spread_db": LEAST_SPREAD,
        "audible_from_db": AUDIBLE,
        "quick_frames": QUICK,
        "slow_frames": SLOW,
        "neighbouring_bands": NEIGHBOURS,
        "signal_to_noise_db": SIGNAL_TO_NOISE,
        "measures": MEASURES,
        "units": UNITS,
        "decimals": DECIMALS,
    }


# --- bands ------------------------------------------------------------------


def band_frequencies() -> np.ndarray:
    """Centre frequency of each mel band, (bands,) in Hz."""
    edges = librosa.mel_frequencies(n_mels=BANDS + 2, fmin=LOWEST, fmax=HIGHEST)
    return edges[1:-1]


def feature_columns() -> list[str]:
    """Names such as ``level_850Hz``: measure by measure, bands ascending."""
    return [
        f"{measure}_{frequency:.0f}Hz"
        for measure in MEASURES
        for frequency in band_frequencies()
    ]


# --- from sound to levels ----------------------------------------------------


@cache
def mel_filters() -> np.ndarray:
    """Weight of each frequency of the spectrum in each band, (frequencies, bands)."""
    return librosa.filters.mel(
        sr=SAMPLING_RATE, n_fft=WINDOW, n_mels=BANDS, fmin=LOWEST, fmax=HIGHEST
    ).T


def mel_power(samples: np.ndarray) -> np.ndarray:
    """Power in each mel band over time, (frames, bands).

    ``samples`` (samples,) at SAMPLING_RATE. Raises ValueError if they are fewer
    than one analysis window.
    """
    if len(samples) < WINDOW:
        raise ValueError(
            f"it lasts {1000 * len(samples) / SAMPLING_RATE:.0f} ms, less than one "
            f"analysis window ({1000 * WINDOW / SAMPLING_RATE:.0f} ms). Use a longer "
            "recording."
        )
    spectrum = librosa.stft(samples, n_fft=WINDOW, hop_length=HOP)
    power = spectrum.real**2 + spectrum.imag**2  # (frequencies, frames)
    return power.T @ mel_filters()


def mel_levels(samples: np.ndarray) -> np.ndarray:
    """Level of each mel band over time in dB, (frames, bands).

    0 dB is a power of 1. The reference is the same for all recordings, so a loud
    voice stays louder than a soft one. Silence has FLOOR.
    """
    return 10 * np.log10(np.maximum(mel_power(samples), 10 ** (FLOOR / 10)))


def is_spoken(levels: np.ndarray) -> np.ndarray:
    """True for the frames in which somebody speaks, (frames,).

    ``levels`` (frames, bands) in dB. A frame counts as speech if its power over
    all bands is within SPOKEN_RANGE of the loudest frame's. Raises ValueError if
    all is silence.
    """
    if levels.max() <= FLOOR:
        raise ValueError("it is silent. Check the microphone or the file.")
    loudness = 10 * np.log10(np.sum(10 ** (levels / 10), axis=1))  # (frames,)
    return loudness > loudness.max() - SPOKEN_RANGE


def pitch_strength(samples: np.ndarray) -> np.ndarray:
    """How regularly each frame repeats itself, (frames,): near 1 for a vowel.

    That is the highest peak of the frame's autocorrelation, corrected for the
    window, at the periods in PITCH_RANGE: Boersma P (1993), Accurate short-term
    analysis of the fundamental frequency and the harmonics-to-noise ratio of a
    sampled sound, Proceedings of the Institute of Phonetic Sciences 17:97.
    """
    size = 2 * WINDOW  # zeros up to here, so that a shifted frame meets only zeros
    spectrum = librosa.stft(samples, n_fft=size, win_length=WINDOW, hop_length=HOP)
    power = spectrum.real**2 + spectrum.imag**2  # (frequencies, frames)
    power[librosa.fft_frequencies(sr=SAMPLING_RATE, n_fft=size) > PITCH_CUT] = 0
    shortest, longest = (int(SAMPLING_RATE / f) for f in PITCH_RANGE[::-1])
    of_frames = np.fft.irfft(power, axis=0)[: longest + 1]  # (periods, frames)
    of_window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(WINDOW), size)) ** 2)
    repetition = of_frames / np.maximum(of_frames[0], 1e-12)
    repetition /= (of_window / of_window[0])[: longest + 1, None]
    return repetition[shortest:].max(axis=0)


def frames_of(levels: np.ndarray, strength: np.ndarray) -> dict:
    """For each measure, the frames that it is a mean over, and what it averages.

    This is the definition of the measures. ``levels`` (frames, bands) in dB,
    ``strength`` (frames,) from :func:`pitch_strength`. Returns, by name, the numbers
    of the frames (n,) and values (n, bands) whose mean over the frames is the measure.
    A change from one frame to a later one stands at the frame midway. Lesson 1,
    section 6; lesson 5, section 4.

    >>> levels = np.full((40, BANDS), -20.0)
    >>> frames, values = frames_of(levels, np.ones(40))["level"]
    >>> len(frames), values.mean().item()
    (40, -20.0)
    """
    spoken = is_spoken(levels)
    speech = np.flatnonzero(spoken)  # pauses left out
    utterance = np.arange(speech[0], speech[-1] + 1)  # pauses between words included
    pitched = np.flatnonzero(spoken & (strength > PITCHED))
    is_pitched = np.isin(utterance, pitched)[:, None]
    harmonic = pitched if len(pitched) else speech
    last_part = speech[-max(1, int(len(speech) * ENDING)) :]
    deviation = levels[speech] - levels[speech].mean(axis=0)
    spread = levels[speech].std(axis=0) + LEAST_SPREAD
    sounds = levels[utterance] > AUDIBLE
    surroundings = uniform_filter1d(
        levels[harmonic], NEIGHBOURS, axis=1, mode="nearest"
    )
    return {
        "level": (speech, levels[speech]),
        "ending": (last_part, levels[last_part]),
        "skewness": (speech, (deviation / spread) ** 3),
        "sounding": (utterance, sounds * (len(utterance) * HOP / SAMPLING_RATE)),
        "movement": _changes(levels, utterance, QUICK),
        "swing": _changes(levels, utterance, SLOW),
        "contrast": (harmonic, np.abs(levels[harmonic] - surroundings)),
        "voicing": (utterance, 100.0 * (sounds & is_pitched)),
    }


def _changes(levels, utterance, frames):
    """Absolute change within ``frames``; zero for an utterance that is not longer."""
    if len(utterance) <= frames:
        return utterance, np.zeros((len(utterance), levels.shape[1]))
    before, after = utterance[:-frames], utterance[frames:]
    return before + frames // 2, np.abs(levels[after] - levels[before])


def measure(levels: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """What each band does, (bands, measures), in the order of MEASURES.

    ``levels`` (frames, bands) in dB, ``strength`` (frames,): see :func:`frames_of`.
    Lesson 1, section 6.

    >>> measure(np.full((40, BANDS), -20.0), np.ones(40)).shape
    (128, 8)
    """
    found = frames_of(levels, strength)
    return np.column_stack([found[name][1].mean(axis=0) for name in MEASURES])


def features_of(samples: np.ndarray) -> np.ndarray:
    """One row of the table, (features,), for ``samples`` at SAMPLING_RATE."""
    measures = measure(mel_levels(samples), pitch_strength(samples))
    return measures.T.reshape(-1)  # measure by measure, bands ascending


# --- the noisy version --------------------------------------------------------


def add_noise(samples: np.ndarray, name: str, signal_to_noise: float) -> np.ndarray:
    """``samples`` with white noise at ``signal_to_noise`` dB.

    The noise is drawn with a seed made from ``name``, the file name, so it is
    the same on every run and in whatever order the recordings come.
    """
    generator = np.random.default_rng(zlib.crc32(name.encode()))
    noise = generator.standard_normal(len(samples), dtype=np.float32)
    signal_power = np.mean(samples**2)
    noise_power = signal_power / 10 ** (signal_to_noise / 10)
    return samples + np.sqrt(noise_power) * noise


# --- all recordings -----------------------------------------------------------


def rows_of_file(folder: Path, path: str) -> np.ndarray | str:
    """The rows of one recording, (versions, features), or what is wrong with it."""
    try:
        samples = read_sound(Path(folder) / path, SAMPLING_RATE)
        noisy = add_noise(samples, path.rsplit("/", 1)[-1], SIGNAL_TO_NOISE)
        return np.stack([features_of(samples), features_of(noisy)])
    except ValueError as error:
        return str(error)


def extract(
    recordings: pd.DataFrame, folder: Path, jobs: int = -1
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The feature table of all ``recordings``, and the recordings that failed.

    ``recordings`` is the table of ``emoRav_data.csv``; its paths start at
    ``folder``. Uses all cores (``jobs=-1``) through joblib, gives the same on
    one, and shows progress. Returns the table, two rows per recording with the
    columns of KEYS and then the features, and a table (file, problem) of
    recordings that could not be read: one bad file does not end the run.
    """
    results = Parallel(n_jobs=jobs, return_as="generator", batch_size=8)(
        delayed(rows_of_file)(folder, path) for path in recordings["path"]
    )
    rows, keys, failed = [], [], []
    progress = tqdm(
        results, total=len(recordings), unit=" recordings", file=sys.stdout, ncols=79
    )
    for result, record in zip(progress, recordings.itertuples(), strict=True):
        if isinstance(result, str):
            failed.append((record.path, result))
            continue
        rows.append(result)
        keys += [(record.path, v, record.emotion, record.actor) for v in VERSIONS]
    values = np.concatenate(rows) if rows else np.empty((0, len(feature_columns())))
    table = pd.concat(
        [
            pd.DataFrame(keys, columns=KEYS),
            pd.DataFrame(rounded(values), columns=feature_columns()),
        ],
        axis=1,
    )
    return table, pd.DataFrame(failed, columns=["file", "problem"])


def rounded(values: np.ndarray) -> np.ndarray:
    """``values`` (rows, features) with the decimals of the table."""
    decimals = np.repeat(list(DECIMALS.values()), BANDS)
    return np.round(values * 10.0**decimals) / 10.0**decimals + 0.0  # no minus zero


def network_input(values: np.ndarray) -> np.ndarray:
    """Rows of the table as the network reads them.

    ``values`` (rows, features), measure by measure -> (rows, bands, measures).
    """
    values = np.asarray(values, dtype=np.float32)
    return values.reshape(len(values), len(MEASURES), BANDS).transpose(0, 2, 1)
