"""Sound -> what each mel band does; bands in Hz.

A recording becomes a mel spectrogram in dB (frames x bands), of which only the
part counts in which somebody speaks. Each of the 128 bands is then described by a
few numbers, its *measures*.
"""

from functools import cache

import librosa
import numpy as np
import scipy.fft
from scipy.ndimage import uniform_filter1d

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


# --- bands ------------------------------------------------------------------


@cache
def band_frequencies() -> np.ndarray:
    """Centre frequency of each mel band, (bands,) in Hz; not to be written to.

    >>> band_frequencies()[[0, 127]].round().tolist()
    [26.0, 10736.0]
    """
    edges = librosa.mel_frequencies(n_mels=BANDS + 2, fmin=LOWEST, fmax=HIGHEST)
    edges.flags.writeable = False
    return edges[1:-1]


# --- from sound to levels ----------------------------------------------------


@cache
def mel_filters() -> np.ndarray:
    """Weight of each frequency of the spectrum in each band, (frequencies, bands).

    >>> mel_filters().shape
    (513, 128)
    """
    return librosa.filters.mel(
        sr=SAMPLING_RATE, n_fft=WINDOW, n_mels=BANDS, fmin=LOWEST, fmax=HIGHEST
    ).T


def mel_power(samples: np.ndarray) -> np.ndarray:
    """Power in each mel band over time, (frames, bands).

    ``samples`` (samples,) at SAMPLING_RATE. Raises ValueError if they are fewer
    than one analysis window.

    >>> mel_power(np.zeros(SAMPLING_RATE)).shape
    (87, 128)
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

    >>> mel_levels(np.zeros(SAMPLING_RATE)).max().item()
    -100.0
    """
    return 10 * np.log10(np.maximum(mel_power(samples), 10 ** (FLOOR / 10)))


def is_spoken(levels: np.ndarray) -> np.ndarray:
    """True for the frames in which somebody speaks, (frames,).

    ``levels`` (frames, bands) in dB. A frame counts as speech if its power over
    all bands is within SPOKEN_RANGE of the loudest frame's. Raises ValueError if
    all is silence.

    >>> levels = np.full((3, BANDS), -20.0)
    >>> levels[0] = -60  # 40 dB below the others
    >>> is_spoken(levels).tolist()
    [False, True, True]
    """
    if levels.max() <= FLOOR:
        raise ValueError("it is silent. Check the microphone or the file.")
    loudness = 10 * np.log10(np.sum(10 ** (levels / 10), axis=1))  # (frames,)
    return loudness > loudness.max() - SPOKEN_RANGE


@cache
def periods() -> np.ndarray:
    """Periods in PITCH_RANGE at which repetition is measured: (periods,) samples.

    >>> periods()[[0, -1]].tolist()  # samples: of 600 Hz and of 70 Hz
    [36, 315]
    """
    shortest, longest = (int(SAMPLING_RATE / f) for f in PITCH_RANGE[::-1])
    return np.arange(shortest, longest + 1)


@cache
def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The window (WINDOW,); cosines (frequencies, 1 + periods); the window's own
    autocorrelation at the periods, (periods,)."""
    size = 2 * WINDOW  # zeros up to here, so that a shifted frame meets only zeros
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    frequencies = np.arange(int(PITCH_CUT / SAMPLING_RATE * size) + 1)
    lags = np.concatenate([[0], periods()])
    cosines = np.cos(2 * np.pi / size * np.outer(frequencies, lags))
    cosines[1:] *= 2  # each frequency but 0 stands for its mirror image too
    of_window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(WINDOW), size)) ** 2)
    return window, cosines.astype(np.float32), (of_window / of_window[0])[periods()]


def repetition(samples: np.ndarray) -> np.ndarray:
    """How well each frame fits itself shifted by each period, (frames, periods).

    That is the autocorrelation up to 4 kHz, corrected for the window: Boersma P (1993),
    Accurate short-term analysis of the fundamental frequency and the
    harmonics-to-noise ratio of a sampled sound, Proceedings of the Institute of
    Phonetic Sciences 17:97.
    ``samples`` (samples,) at SAMPLING_RATE. Its maximum over the periods is
    :func:`pitch_strength`. Only the periods of PITCH_RANGE are needed, and a
    product with their cosines is five times as fast as an inverse transform.

    >>> repetition(np.sin(np.arange(SAMPLING_RATE) / 10)).shape
    (87, 280)
    """
    window, cosines, of_window = _tables()
    padded = np.pad(samples.astype(np.float32), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP] * window
    spectrum = scipy.fft.rfft(frames, 2 * WINDOW, axis=1)[:, : len(cosines)]
    found = (spectrum.real**2 + spectrum.imag**2) @ cosines
    return found[:, 1:] / np.maximum(found[:, :1], 1e-9) / of_window


def pitch_strength(repeats: np.ndarray) -> np.ndarray:
    """How regularly each frame repeats itself, (frames,): near 1 for a vowel.

    The highest peak of ``repeats`` (frames, periods) from :func:`repetition`.
    Lesson 1, section 5.

    >>> pitch_strength(np.array([[0.1, 0.9], [0.2, 0.1]])).tolist()
    [0.9, 0.2]
    """
    return repeats.max(axis=1)


def frames_of(levels: np.ndarray, strength: np.ndarray) -> dict:
    """For each measure, the frames that it is a mean over, and what it averages.

    This is the definition of the measures. ``levels`` (frames, bands) in dB,
    ``strength`` (frames,) from :func:`pitch_strength`. Returns, by name, the numbers
    of the frames (n,) and values (n, bands) whose mean over the frames is the measure.
    A change from one frame to a later one stands at the frame midway. Lesson 1,
    section 5; lesson 5, section 4.

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
    Lesson 1, section 5.

    >>> measure(np.full((40, BANDS), -20.0), np.ones(40)).shape
    (128, 8)
    """
    found = frames_of(levels, strength)
    return np.column_stack([found[name][1].mean(axis=0) for name in MEASURES])
