"""Sound -> two dozen cues that speech science names: pitch, loudness, tempo, voice.

Each cue is one number per recording, in a unit that can be said aloud. They are
measured on what rises above the recording's own steady noise, so that a fan in the
room, or white noise, changes them little: see :func:`without_noise`.

Sources: Boersma P (1993), Accurate short-term analysis of the fundamental frequency
and the harmonics-to-noise ratio of a sampled sound, Proceedings of the Institute of
Phonetic Sciences 17:97 (pitch, harmonics); Eyben F et al. (2016), The Geneva
Minimalistic Acoustic Parameter Set (GeMAPS) for voice research and affective
computing, IEEE Transactions on Affective Computing 7:190 (which cues, alpha ratio,
Hammarberg index, first harmonics).
"""

import numpy as np
from librosa import lpc, resample
from scipy.ndimage import median_filter, uniform_filter1d
from scipy.signal import find_peaks

from xai4ser.features import (
    HOP,
    PITCHED,
    QUICK,
    SAMPLING_RATE,
    band_frequencies,
    mel_levels,
    periods,
    pitch_strength,
    repetition,
)

QUIET = 10  # percentile over time that counts as a band's steady noise
SPEECH_RANGE = 25.0  # dB below the loudest frame down to which a frame is speech
PERIOD_COST = 0.02  # strength that a pitch an octave lower must have more
NEAR_MEDIAN = 0.9  # octaves from a recording's median in which its pitch is looked for
REFERENCE = 100.0  # Hz, the pitch of 0 semitones
SMALLEST_RISE = 3.0  # dB, by which the level must rise to count as a new syllable
FIFTH = 5  # a beginning or an end is a fifth of the frames

# name: what it says. The order is the order in the table.
CUES = {
    "pitch": "median pitch of the voice (semitones above 100 Hz)",
    "pitch range": "from the lowest to the highest tenth of the pitch (semitones)",
    "pitch peak": "highest twentieth of the pitch above its median (semitones)",
    "pitch start": "pitch of the first fifth of the voice above the median (semitones)",
    "pitch end": "pitch of the last fifth of the voice above the median (semitones)",
    "pitch movement": "mean change of the pitch within 93 ms (semitones)",
    "loudness": "mean level while somebody speaks (dB)",
    "loudness range": "from the softest to the loudest tenth of the speech (dB)",
    "loudness end": "level of the last fifth of the speech above the mean (dB)",
    "duration": "time from the first word to the last (s)",
    "pauses": "silence between the first word and the last (s)",
    "rises": "how often the level rises by 3 dB or more, as with a syllable (per s)",
    "voiced": "share of the speech in which the voice has a pitch (%)",
    "voiced stretch": "mean time for which the voice holds a pitch unbroken (s)",
    "harmonics": "harmonics over noise while the voice has a pitch (dB)",
    "alpha ratio": "level of 1000 to 5000 Hz over that below 1000 Hz, voiced (dB)",
    "peak ratio": "loudest band of 2000 to 5000 Hz over that below 2000 Hz, voiced (dB)",  # noqa: E501
    "bass": "level below 300 Hz over that of 300 to 1000 Hz, voiced (dB)",
    "first harmonic": "level of the first harmonic over that of the second (dB)",
    "first resonance": "centre of the power from 300 to 1000 Hz, voiced (Hz)",
    "second resonance": "centre of the power from 1000 to 2800 Hz, voiced (Hz)",
    "brightness": "centre of the power of the speech on a scale of octaves (Hz)",
    "brightness end": "brightness of the last fifth over that of all (octaves)",
    "hiss": "level above 4000 Hz over that below while the voice has no pitch (dB)",
}
_IN_BRACKETS = {cue: text[text.rindex("(") + 1 : -1] for cue, text in CUES.items()}
UNITS = _IN_BRACKETS | {"pitch": "semitones"}
DECIMALS = dict.fromkeys(CUES, 2) | {
    "voiced": 1,
    "first resonance": 0,
    "second resonance": 0,
    "brightness": 0,
}


def settings() -> dict:
    """What the cues depend on besides the settings of the bands.

    >>> settings()["speech_range_db"]
    25.0
    """
    return {
        "quiet_percentile": QUIET,
        "speech_range_db": SPEECH_RANGE,
        "period_cost": PERIOD_COST,
        "near_median_octaves": NEAR_MEDIAN,
        "reference_hz": REFERENCE,
        "smallest_rise_db": SMALLEST_RISE,
        "part": FIFTH,
    }


# --- pitch -----------------------------------------------------


def pitch_of(repeats: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Pitch of each frame in semitones above 100 Hz, (frames,).

    ``repeats`` (frames, periods) from :func:`repetition`; ``counts`` (frames,) True
    where the voice has a pitch. A voice that repeats after one period repeats after
    two as well, so a longer period must be a little stronger. A second look takes
    the peak near the recording's median, which mends jumps by an octave, and a
    median over five frames mends single frames. A parabola through the peak and its
    neighbours gives the period to a fraction of a sample.

    >>> time = np.arange(SAMPLING_RATE) / SAMPLING_RATE
    >>> buzz = sum(np.sin(2 * np.pi * 200 * k * time) / k for k in range(1, 9))
    >>> pitch = pitch_of(repetition(buzz), np.ones(87, dtype=bool))
    >>> round(float(np.median(pitch)))  # 200 Hz are an octave above 100 Hz
    12
    """
    octaves = np.log2(periods())
    preferred = repeats - PERIOD_COST * octaves
    usual = np.median(octaves[preferred[counts].argmax(axis=1)])
    near = np.abs(octaves - usual) < NEAR_MEDIAN
    peak = np.where(near, preferred, -np.inf).argmax(axis=1)
    middle = np.clip(peak, 1, len(octaves) - 2)
    rows = np.arange(len(repeats))
    left, top, right = (repeats[rows, middle + step] for step in (-1, 0, 1))
    bend = np.minimum(left - 2 * top + right, -1e-6)
    period = periods()[middle] + np.clip((left - right) / (2 * bend), -1, 1)
    pitch = 12 * np.log2(SAMPLING_RATE / period / REFERENCE)
    return median_filter(pitch, 5, mode="nearest")


# --- formants ---------------------------------------------------

FORMANT_RATE = 10_000  # samples a second: formants are looked for below 5000 Hz
FORMANT_PIECE = 300  # samples, 30 ms
FORMANT_ORDER = 12  # two for each resonance, and two for the slope
WIDEST_FORMANT = 500  # Hz; what is wider is the slope of the spectrum


def formants_at(samples: np.ndarray, seconds: float) -> np.ndarray:
    """Resonances of the vocal tract around one moment of a vowel, ascending, in Hz.

    By linear prediction, which finds the filter that would turn a train of pulses into
    these samples: Atal BS, Hanauer SL (1971), Speech analysis and synthesis by linear
    prediction of the speech wave, Journal of the Acoustical Society of America 50:637.
    ``samples`` (samples,) at SAMPLING_RATE. Lesson 1, section 4.

    >>> from scipy.signal import lfilter
    >>> pulses = np.zeros(SAMPLING_RATE)
    >>> pulses[::200] = 1  # 110 Hz
    >>> angle = 2 * np.pi * 1500 / SAMPLING_RATE
    >>> buzz = lfilter([1], [1, -2 * 0.99 * np.cos(angle), 0.99**2], pulses)
    >>> any(abs(formants_at(buzz, 0.5) - 1500) < 30)
    True
    """
    middle, reach = int(seconds * SAMPLING_RATE), SAMPLING_RATE // 20
    around = samples[max(0, middle - reach) : middle + reach]
    slower = resample(around, orig_sr=SAMPLING_RATE, target_sr=FORMANT_RATE)
    start = max(0, len(slower) // 2 - FORMANT_PIECE // 2)
    piece = slower[start : start + FORMANT_PIECE]
    piece = np.append(piece[0], piece[1:] - 0.97 * piece[:-1]) * np.hamming(len(piece))
    roots = np.roots(lpc(piece, order=FORMANT_ORDER))
    roots = roots[roots.imag > 0]
    frequency = np.angle(roots) * FORMANT_RATE / (2 * np.pi)
    width = -np.log(np.abs(roots)) * FORMANT_RATE / np.pi
    return np.sort(frequency[(width < WIDEST_FORMANT) & (frequency > 200)])


# --- levels -------------------------------------------------------------------


def without_noise(levels: np.ndarray) -> np.ndarray:
    """Power of each band, (frames, bands), less what sounds all the time.

    ``levels`` (frames, bands) in dB. A band's steady noise is the power that it
    falls below in a tenth of the frames. A millionth of the loudest frame's power
    is left everywhere, shared by the bands, so that no band is quite silent.

    >>> levels = np.array([[-60.0], [-60.0], [-20.0]])  # one loud frame in steady noise
    >>> np.round(10 * np.log10(without_noise(levels))).ravel().tolist()
    [-80.0, -80.0, -20.0]
    """
    power = 10 ** (levels / 10)
    power = np.maximum(power - 2 * np.percentile(power, QUIET, axis=0), 0)
    return power + 1e-6 * power.sum(axis=1).max() / power.shape[1] + 1e-12


def is_speech(loudness: np.ndarray) -> np.ndarray:
    """True for the frames within SPEECH_RANGE of the loudest one, (frames,).

    >>> is_speech(np.array([-70.0, -40.0, -20.0])).tolist()
    [False, True, True]
    """
    return loudness > loudness.max() - SPEECH_RANGE


def _db(power: np.ndarray) -> np.ndarray:
    return 10 * np.log10(power)


def _between(low: float, high: float) -> np.ndarray:
    """True for the bands from ``low`` to ``high`` Hz, (bands,)."""
    return (band_frequencies() >= low) & (band_frequencies() < high)


def _level(power: np.ndarray, low: float, high: float) -> float:
    """Level in dB of ``power`` (frames, bands) from ``low`` to ``high`` Hz: the mean
    over the frames of the level in each."""
    return _db(power[:, _between(low, high)].sum(axis=1)).mean()


def _centre(power: np.ndarray, low: float = 50, high: float = 8000) -> float:
    """Centre of ``power`` (frames, bands) between two frequencies, in octaves above
    1 Hz: the mean over the frames, each weighing the same."""
    part = power[:, _between(low, high)]
    octaves = np.log2(band_frequencies()[_between(low, high)])
    return (part @ octaves / part.sum(axis=1)).mean()


def _last_fifth(values: np.ndarray) -> np.ndarray:
    return values[-max(1, len(values) // FIFTH) :]


def _first_fifth(values: np.ndarray) -> np.ndarray:
    return values[: max(1, len(values) // FIFTH)]


def _spread(values: np.ndarray, low: float, high: float) -> float:
    lower, upper = np.percentile(values, [low, high])
    return upper - lower


# --- the cues -----------------------------------------------------------------


def cues(samples: np.ndarray) -> np.ndarray:
    """All cues of ``samples`` (samples,) at SAMPLING_RATE, (cues,).

    >>> noise = np.random.default_rng(0).normal(0, 0.1, SAMPLING_RATE)
    >>> cues(noise).shape
    (24,)
    """
    return cues_of(mel_levels(samples), repetition(samples))


def cues_of(levels: np.ndarray, repeats: np.ndarray) -> np.ndarray:
    """All cues, (cues,), in the order of CUES.

    ``levels`` (frames, bands) in dB, ``repeats`` (frames, periods) from
    :func:`repetition`. Whoever only whispers has no pitch: then the speech frame
    that repeats itself best counts as the only one with a pitch, which gives every
    range, change and share a zero or almost, and every cue a value.

    >>> noise = np.random.default_rng(0).normal(0, 0.1, SAMPLING_RATE)
    >>> found = dict(zip(CUES, cues_of(mel_levels(noise), repetition(noise))))
    >>> round(float(found["duration"]), 1)
    1.0
    """
    power = without_noise(levels)
    loudness = _db(power.sum(axis=1))
    speech = is_speech(loudness)
    strength = pitch_strength(repeats)
    voiced = speech & (strength > PITCHED)
    if not voiced.any():
        voiced[np.where(speech, strength, -np.inf).argmax()] = True
    pitch = pitch_of(repeats, voiced)
    found = {
        **_pitch_cues(pitch, voiced),
        **_loudness_cues(loudness, speech),
        **_voice_cues(power, strength, speech, voiced),
        "first harmonic": _first_over_second(power, pitch, voiced),
    }
    return np.array([found[name] for name in CUES])


def _pitch_cues(pitch: np.ndarray, voiced: np.ndarray) -> dict:
    """``pitch`` (frames,) in semitones, ``voiced`` (frames,)."""
    sung = pitch[voiced]
    both = voiced[QUICK:] & voiced[:-QUICK]
    change = np.abs(pitch[QUICK:] - pitch[:-QUICK])[both]
    median = np.median(sung)
    return {
        "pitch": median,
        "pitch range": _spread(sung, 10, 90),
        "pitch peak": np.percentile(sung, 95) - median,
        "pitch start": _first_fifth(sung).mean() - median,
        "pitch end": _last_fifth(sung).mean() - median,
        "pitch movement": change.mean() if len(change) else 0.0,
    }


def _loudness_cues(loudness: np.ndarray, speech: np.ndarray) -> dict:
    """``loudness`` (frames,) in dB, ``speech`` (frames,)."""
    seconds = HOP / SAMPLING_RATE
    first, last = np.flatnonzero(speech)[[0, -1]]
    utterance = loudness[first : last + 1]
    spoken = loudness[speech]
    smooth = uniform_filter1d(utterance, 5, mode="nearest")
    syllables = find_peaks(smooth, prominence=SMALLEST_RISE)[0]
    return {
        "loudness": spoken.mean(),
        "loudness range": _spread(spoken, 10, 90),
        "loudness end": _last_fifth(spoken).mean() - spoken.mean(),
        "duration": seconds * len(utterance),
        "pauses": seconds * (len(utterance) - len(spoken)),
        "rises": len(syllables) / (seconds * len(utterance)),
    }


def _voice_cues(power, strength, speech, voiced) -> dict:
    """``power`` (frames, bands); ``strength``, ``speech``, ``voiced`` (frames,)."""
    sung, spoken = power[voiced], power[speech]
    unvoiced = power[speech & ~voiced] if (speech & ~voiced).any() else spoken
    stretches = np.count_nonzero(np.diff(voiced.astype(int), prepend=0) == 1)
    regular = np.clip(strength[voiced], 0.01, 0.99)
    peaks = [
        _db(sung[:, _between(*edges)].max(axis=1)).mean()
        for edges in ((2000, 5000), (50, 2000))
    ]
    return {
        "voiced": 100 * voiced.sum() / speech.sum(),
        "voiced stretch": HOP / SAMPLING_RATE * voiced.sum() / stretches,
        "harmonics": np.mean(_db(regular / (1 - regular))),
        "alpha ratio": _level(sung, 1000, 5000) - _level(sung, 50, 1000),
        "peak ratio": peaks[0] - peaks[1],
        "bass": _level(sung, 50, 300) - _level(sung, 300, 1000),
        "first resonance": 2 ** _centre(sung, 300, 1000),
        "second resonance": 2 ** _centre(sung, 1000, 2800),
        "brightness": 2 ** _centre(spoken),
        "brightness end": _centre(_last_fifth(spoken)) - _centre(spoken),
        "hiss": _level(unvoiced, 4000, 11_025) - _level(unvoiced, 50, 4000),
    }


def _first_over_second(power, pitch, voiced) -> float:
    """Level at the pitch less the level at its double, mean over the voiced frames."""
    frequency = REFERENCE * 2 ** (pitch[voiced] / 12)
    centres = band_frequencies()
    level = _db(power[voiced])
    rows = np.arange(len(level))
    one, two = (
        level[rows, np.abs(centres - times * frequency[:, None]).argmin(axis=1)]
        for times in (1, 2)
    )
    return (one - two).mean()
