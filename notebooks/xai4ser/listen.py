"""Attribution -> gain per frequency -> sound; and attribution -> moments in time.

An attribution over frequency bands is an equaliser: what spoke for an emotion is
kept, the rest is brought to its usual level or turned down, and the result can be
heard. It is a sound, so it can also be given back to the network, which tests the
explanation on something real. And because every measure of a band is a mean over
frames, an attribution can be shared out among the moments that made it.

In the examples, ``listener`` is the shipped network as a :class:`Listener`, and
``heard`` what it hears in a stand-in voice.
"""

import io
from dataclasses import dataclass
from functools import cached_property

import librosa
import numpy as np
import pandas as pd
import soundfile
from scipy.ndimage import median_filter, uniform_filter1d
from scipy.stats import spearmanr

from xai4ser import audio, cues, evidence, extraction, features, shapley
from xai4ser.corpus import Recordings
from xai4ser.features import HOP, MEASURES, SAMPLING_RATE, WINDOW

SMOOTHING = 9  # bands: neighbours are near-copies, so they are read together
SILENCED = -30.0  # dB, the gain of a band that is silenced
LARGEST = 30.0  # dB, the largest gain, up or down, that makes a band usual
STRONGEST = 24  # bands left out in "without its strongest bands"
DRAWS = 50  # background recordings and positions in one explanation
NEAREST = 5  # training recordings whose mean distance counts
LEAST_MISSING = 6  # bands at the top that must be soft to say that they are missing
FAR = 99.0  # per cent of the training recordings that lie nearer than a far one
VOICE_TRACKS = {
    "pitch": "how high the voice is (Hz)",
    "level": "how loud it is (dB)",
    "brightness": "level at 1 to 5 kHz less level at 50 Hz to 1 kHz (dB)",
}


# --- what the network hears --------------------------------------------------


def inputs_of(sound: np.ndarray) -> np.ndarray:
    """What the network reads of ``sound`` (samples,): (1, features).

    Rounded as in the table, so a recording of the table gives its row. Raises
    ValueError if the sound is silent or shorter than one analysis window.

    >>> inputs_of(np.random.default_rng(0).normal(0, 0.1, SAMPLING_RATE)).shape
    (1, 1048)
    """
    return extraction.rounded(extraction.features_of(sound)[None]).astype(np.float32)


def in_percent(probabilities: np.ndarray, emotions, count: int = 3) -> str:
    """The ``count`` most probable emotions in words.

    >>> in_percent(np.array([0.2, 0.53, 0.27]), ["sad", "angry", "happy"], 2)
    'angry 53 %, happy 27 %'
    """
    first = np.argsort(-probabilities, kind="stable")[:count]
    return ", ".join(f"{emotions[i]} {100 * probabilities[i]:.0f} %" for i in first)


@dataclass(frozen=True)
class Heard:
    """A sound, what the network answers to it, and why.

    emotions       their names, in the order of the scores
    sound          samples (samples,) at features.SAMPLING_RATE
    probabilities  (emotions,)
    scores         (emotions,), before the softmax
    attributions   (features, emotions), in units of the score
    base           (emotions,), mean score of the background
    background_mean (features,), mean of the background: what "usual" means

    >>> heard.answer in heard.emotions
    True
    >>> np.allclose(heard.scores, heard.base + heard.attributions.sum(axis=0))
    True
    """

    emotions: tuple[str, ...]
    sound: np.ndarray
    probabilities: np.ndarray
    scores: np.ndarray
    attributions: np.ndarray
    base: np.ndarray
    background_mean: np.ndarray

    @property
    def answer(self) -> str:
        """The emotion with the highest probability."""
        return self.emotions[int(self.probabilities.argmax())]

    def says(self, count: int = 3) -> str:
        """The network's answer, such as "angry 53 %, happy 27 %"."""
        return in_percent(self.probabilities, self.emotions, count)

    @cached_property
    def levels(self) -> np.ndarray:
        """Mel spectrogram, (frames, bands) in dB."""
        return features.mel_levels(self.sound)

    @cached_property
    def strength(self) -> np.ndarray:
        """How regularly each frame repeats itself, (frames,)."""
        return features.pitch_strength(features.repetition(self.sound))

    @cached_property
    def to_usual(self) -> np.ndarray:
        """Gain that brings each band to its usual mean level, (bands,) in dB.

        At most LARGEST up or down. In such a band nothing of its level is left for
        an attribution to compare with the background.
        """
        level = self.levels[features.is_spoken(self.levels)].mean(axis=0)
        usual = extraction.by_band(self.background_mean[None])[0][:, 0]
        return np.clip(usual - level, -LARGEST, LARGEST)

    def for_emotion(self, emotion: str) -> np.ndarray:
        """What each feature added to the score of ``emotion``, (features,)."""
        return self.attributions[:, self.emotions.index(emotion)]

    def by_band(self, emotion: str) -> np.ndarray:
        """What each measure of each band added, (bands, measures)."""
        return extraction.by_band(self.for_emotion(emotion)[None])[0]

    def of_bands(self, emotion: str) -> np.ndarray:
        """What each band added to the score of ``emotion``, all measures, (bands,)."""
        return self.by_band(emotion).sum(axis=1)

    def of_cues(self, emotion: str) -> float:
        """What the named cues added together, which have no place among the bands."""
        return float(self.for_emotion(emotion)[extraction.BAND_FEATURES :].sum())

    def items(self, emotion: str) -> pd.Series:
        """What each item of evidence added for ``emotion``, strongest first.

        The values add up to the score less the base value.

        >>> len(heard.items("sad"))
        48
        """
        sums = evidence.sums_of_items(self.for_emotion(emotion)[None])[0]
        sums = pd.Series(sums, evidence.item_names())
        return sums[sums.abs().sort_values(ascending=False, kind="stable").index]


class Listener:
    """The network together with the background that its explanations compare with.

    ``model`` is a network as :func:`xai4ser.models.load` returns it;
    ``emotions`` names its outputs; ``background`` (recordings, features) needs at
    least DRAWS rows.

    >>> listener.hear(heard.sound).says(1) == listener.says(heard.sound, 1)
    True
    """

    def __init__(self, model, emotions, background: np.ndarray, seed: int = 0):
        self.model, self.emotions = model, tuple(emotions)
        self.background, self.seed = background, seed

    def answer(self, sound: np.ndarray) -> np.ndarray:
        """Probabilities (emotions,) for ``sound`` (samples,)."""
        return shapley.function_of(self.model)(inputs_of(sound))[0]

    def says(self, sound: np.ndarray, count: int = 3) -> str:
        """The network's answer to ``sound``, such as "angry 53 %, happy 27 %"."""
        return in_percent(self.answer(sound), self.emotions, count)

    def hear(self, sound: np.ndarray) -> Heard:
        """Answer and explanation for ``sound`` (samples,), about 0.3 s of work.

        Raises ValueError as :func:`inputs_of`.
        """
        inputs = inputs_of(sound)
        explanation = shapley.explain(
            self.model, inputs, self.background, DRAWS, self.seed, self.emotions
        )
        attributions = explanation.values[0]
        base = explanation.base_values[0]
        return Heard(
            emotions=self.emotions,
            sound=sound,
            probabilities=shapley.function_of(self.model)(inputs)[0],
            scores=base + attributions.sum(axis=0),
            attributions=attributions,
            base=base,
            background_mean=self.background.mean(axis=0),
        )


# --- attribution -> gain -> sound --------------------------------------------


def smoothed(attribution: np.ndarray) -> np.ndarray:
    """Mean of ``attribution`` (bands,) over SMOOTHING neighbouring bands, (bands,).

    >>> smoothed(np.eye(9)[4] * 9).tolist() == [1.0] * 9
    True
    """
    return uniform_filter1d(attribution, SMOOTHING, mode="nearest")


def gain_of(kept: np.ndarray, left_out) -> np.ndarray:
    """Gain of each band in dB, (bands,): 0 where ``kept`` (bands,) is true.

    Elsewhere it is ``left_out``: one gain in dB, such as SILENCED, or one per band,
    such as :attr:`Heard.to_usual`. The edges run over three bands: a filter with hard
    edges rings.

    >>> gain_of(np.array([True, True, True, False, False, False]), -30).tolist()
    [0.0, 0.0, -10.0, -20.0, -30.0, -30.0]
    """
    share_left_out = uniform_filter1d((~kept).astype(float), 3, mode="nearest")
    return share_left_out * left_out + 0.0  # no minus zero


def strongest(attribution: np.ndarray, count: int = STRONGEST) -> np.ndarray:
    """True for the ``count`` bands that spoke most for an emotion, (bands,).

    >>> np.flatnonzero(strongest(np.arange(128.0), count=2)).tolist()
    [126, 127]
    """
    first = np.argsort(-smoothed(attribution), kind="stable")[:count]
    return np.isin(np.arange(len(attribution)), first)


def filtered(sound: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """``sound`` (samples,) with ``gain`` (bands,) in dB applied to its spectrum.

    Between the centres of the bands the gain runs in straight lines. Only magnitudes
    change; every part keeps its phase, and so its place in time. A gain of 0 dB gives
    the sound back.

    >>> sound = np.random.default_rng(0).normal(0, 0.1, SAMPLING_RATE).astype("f4")
    >>> np.allclose(filtered(sound, np.zeros(features.BANDS)), sound, atol=1e-5)
    True
    """
    spectrum = librosa.stft(sound, n_fft=WINDOW, hop_length=HOP)
    frequencies = librosa.fft_frequencies(sr=SAMPLING_RATE, n_fft=WINDOW)
    gain = np.interp(frequencies, features.band_frequencies(), gain)
    factor = (10 ** (gain / 20)).astype(np.float32)  # (frequencies,)
    return librosa.istft(
        spectrum * factor[:, None], n_fft=WINDOW, hop_length=HOP, length=len(sound)
    )


def variants(
    heard: Heard, emotion: str, count: int = STRONGEST, silence: bool = False
) -> dict[str, np.ndarray]:
    """Four sounds (samples,): the recording, and what an explanation makes of it.

    The recording; only the bands that spoke for ``emotion``; only those that spoke
    against it; the recording without the ``count`` bands that spoke most for it. The
    keys say so in words. What is left out gets its usual level, which is what a SHAP
    value compares with; or, if ``silence`` is true, SILENCED.

    >>> list(variants(heard, "sad"))[:2]
    ['the recording', 'only what spoke for sad']
    """
    attribution = heard.of_bands(emotion)
    speaks_for = smoothed(attribution) > 0
    kept = {
        f"only what spoke for {emotion}": speaks_for,
        f"only what spoke against {emotion}": ~speaks_for,
        f"without the {count} bands strongest for {emotion}": ~strongest(
            attribution, count
        ),
    }
    left_out = SILENCED if silence else heard.to_usual
    return {"the recording": heard.sound} | {
        name: filtered(heard.sound, gain_of(bands, left_out))
        for name, bands in kept.items()
    }


def controls(
    heard: Heard,
    emotion: str,
    generator: np.random.Generator,
    count: int = STRONGEST,
    silence: bool = False,
) -> dict[str, np.ndarray]:
    """Two sounds (samples,) beside :func:`variants`, since any damage lowers a score.

    The recording without ``count`` bands at random, in stretches of eight, and without
    the ``count`` that spoke most against ``emotion``. Lesson 5, section 3.

    >>> list(controls(heard, "sad", np.random.default_rng(0)))[0]
    'without 24 random bands'
    """
    first = 8 * generator.choice(features.BANDS // 8, size=count // 8, replace=False)
    random = np.isin(np.arange(features.BANDS) // 8 * 8, first)
    against = strongest(-heard.of_bands(emotion), count)
    left_out = SILENCED if silence else heard.to_usual
    return {
        f"without {count} random bands": filtered(
            heard.sound, gain_of(~random, left_out)
        ),
        f"without the {count} bands strongest against {emotion}": filtered(
            heard.sound, gain_of(~against, left_out)
        ),
    }


# --- attribution -> time -----------------------------------------------------


def shares(
    levels: np.ndarray, strength: np.ndarray, background_mean: np.ndarray
) -> np.ndarray:
    """Which part of each measure's attribution belongs to each frame.

    A measure is a mean over frames. If it lies above its usual value (that of
    ``background_mean``, (bands, measures)), the frames above that value made
    it so, each in proportion to how far above it is; if below, those below. Where no
    frame stands out, all share alike. Returns (frames, bands, measures), which sum to
    1 over the frames: no attribution is lost, and none changes its sign.

    >>> usual = extraction.by_band(heard.background_mean[None])[0]
    >>> of_frames = shares(heard.levels, heard.strength, usual)
    >>> np.allclose(of_frames.sum(axis=0), 1)
    True
    """
    result = np.zeros((*levels.shape, len(MEASURES)))
    for number, (frames, values) in enumerate(
        features.frames_of(levels, strength).values()
    ):
        away = values - background_mean[:, number]
        weight = np.maximum(away * np.sign(away.sum(axis=0)), 0)
        weight[:, weight.sum(axis=0) < 1e-9] = 1
        result[frames, :, number] = weight / weight.sum(axis=0)
    return result


def over_time(heard: Heard, emotion: str) -> np.ndarray:
    """What each moment of each band added to the score of ``emotion``.

    (frames, bands). The named cues belong to the whole recording and are left out; the
    sum over frames is what :meth:`Heard.of_bands` says.

    >>> of_bands = over_time(heard, "sad").sum(axis=0)
    >>> np.allclose(of_bands, heard.of_bands("sad"), atol=1e-4)
    True
    """
    usual = extraction.by_band(heard.background_mean[None])[0]
    of_frames = shares(heard.levels, heard.strength, usual)
    attributions = heard.by_band(emotion)
    return np.einsum("fbm,bm->fb", of_frames, attributions)


def shuffled_over_time(
    heard: Heard, emotion: str, generator: np.random.Generator
) -> np.ndarray:
    """The sharing rule alone: :func:`over_time` of attributions in the wrong places.

    The control for what one sees in (frames, bands): the same sizes, shuffled over
    bands and measures. Lesson 5, section 4.

    >>> shuffled_over_time(heard, "sad", np.random.default_rng(0)).shape[1]
    128
    """
    right = heard.by_band(emotion)
    wrong = generator.permutation(right.ravel()).reshape(right.shape)
    usual = extraction.by_band(heard.background_mean[None])[0]
    of_frames = shares(heard.levels, heard.strength, usual)
    return np.einsum("fbm,bm->fb", of_frames, wrong)


def seconds_of(levels: np.ndarray) -> np.ndarray:
    """The moment of each frame, (frames,) in s.

    >>> seconds_of(np.zeros((3, features.BANDS))).round(3).tolist()
    [0.0, 0.012, 0.023]
    """
    return np.arange(len(levels)) * HOP / SAMPLING_RATE


def voice_over_time(sound: np.ndarray) -> pd.DataFrame:
    """What a psychologist measures of a voice, frame by frame.

    Columns: seconds; is_spoken; pitch (Hz; missing where the voice has none), by YIN
    (de Cheveigné & Kawahara 2002, JASA 111:1917) and a median over five frames; level
    (dB); brightness (dB), which eGeMAPS (Eyben et al. 2016) calls the alpha ratio, as
    a difference: level from 1 to 5 kHz less that from 50 Hz to 1 kHz.

    >>> list(voice_over_time(heard.sound))
    ['seconds', 'is_spoken', 'pitch', 'level', 'brightness']
    """
    levels = features.mel_levels(sound)
    spoken = features.is_spoken(levels)
    low, high = features.PITCH_RANGE
    pitch = librosa.yin(
        sound,
        fmin=low,
        fmax=high,
        sr=SAMPLING_RATE,
        frame_length=2 * WINDOW,
        hop_length=HOP,
    )
    pitched = spoken & (
        features.pitch_strength(features.repetition(sound)) > features.PITCHED
    )
    pitched &= pitch < high  # at the edge of the search nothing was found
    pitched &= median_filter(pitched, 5)  # what stands alone is no voice
    power = np.abs(librosa.stft(sound, n_fft=WINDOW, hop_length=HOP)) ** 2
    frequencies = librosa.fft_frequencies(sr=SAMPLING_RATE, n_fft=WINDOW)

    def level_between(lowest, highest):
        inside = (frequencies >= lowest) & (frequencies < highest)
        total = power[inside].sum(axis=0)
        return 10 * np.log10(np.maximum(total, 10 ** (features.FLOOR / 10)))

    return pd.DataFrame(
        {
            "seconds": seconds_of(levels),
            "is_spoken": spoken,
            "pitch": np.where(pitched, median_filter(pitch, 5), np.nan),
            "level": level_between(0, np.inf),
            "brightness": level_between(1000, 5000) - level_between(50, 1000),
        }
    )


def coincidence(attribution: np.ndarray, voice: pd.DataFrame) -> pd.Series:
    """Rank correlation, over the spoken frames, of importance with VOICE_TRACKS.

    ``attribution`` (frames, bands) from :func:`over_time`; a frame's importance is
    the sum of its absolute values. Not a number where fewer than ten frames count.

    >>> found = coincidence(over_time(heard, "sad"), voice_over_time(heard.sound))
    >>> list(found.index)
    ['pitch', 'level', 'brightness']
    """
    importance = np.abs(attribution).sum(axis=1)
    found = {}
    for cue in VOICE_TRACKS:
        frames = (voice["is_spoken"] & voice[cue].notna()).to_numpy()
        varies = frames.sum() >= 10 and voice.loc[frames, cue].nunique() > 1
        found[cue] = (
            spearmanr(importance[frames], voice.loc[frames, cue]).statistic
            if varies
            else np.nan
        )
    return pd.Series(found)


# --- how far from the training data ------------------------------------------


class TrainingData:
    """The training recordings, to say how far a new one lies from them.

    ``inputs`` (recordings, features), ``actors`` (recordings,). The distance
    is the mean over the NEAREST training recordings, in standard deviations per
    feature (root mean square over the features). It is compared with how far each
    training recording lies from those of the *other* actors, since a new voice is
    another actor's too.

    >>> rows = np.random.default_rng(0).normal(size=(60, 1048))
    >>> known = TrainingData(rows, actors=np.arange(60) % 6)
    >>> known.is_far(np.vstack([rows[:1], rows[:1] + 9])).tolist()
    [False, True]
    """

    def __init__(self, inputs: np.ndarray, actors: np.ndarray):
        self.inputs = inputs
        self.mean, self.spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
        self.rows = (inputs - self.mean) / self.spread
        apart = self._apart(self.rows)  # (recordings, recordings)
        apart[actors[:, None] == actors[None]] = np.inf
        self.known = np.sort(self._of_nearest(apart))

    def _apart(self, rows):
        square = (rows**2).sum(axis=1)[:, None] + (self.rows**2).sum(axis=1)
        square = np.maximum(square - 2 * rows @ self.rows.T, 0)
        return np.sqrt(square / rows.shape[1])

    @staticmethod
    def _of_nearest(apart):
        return np.partition(apart, NEAREST, axis=1)[:, :NEAREST].mean(axis=1)

    def distance(self, inputs: np.ndarray) -> np.ndarray:
        """Distance of each of ``inputs`` (rows, features), (rows,)."""
        rows = (inputs - self.mean) / self.spread
        return self._of_nearest(self._apart(rows))

    def percentile(self, inputs: np.ndarray) -> np.ndarray:
        """Per cent of the training recordings that lie nearer, (rows,)."""
        nearer = np.searchsorted(self.known, self.distance(inputs))
        return 100 * nearer / len(self.known)

    def is_far(self, inputs: np.ndarray) -> np.ndarray:
        """True for rows farther than FAR per cent of the training recordings."""
        return self.percentile(inputs) > FAR

    def verdict(self, inputs: np.ndarray) -> str:
        """A sentence on how far one recording (1, features) lies."""
        percentile = self.percentile(inputs)[0]
        square = ((inputs - self.mean) / self.spread) ** 2
        by_item = evidence.sums_of_items(square)[0]
        by_item = by_item / np.bincount(evidence.item_of_features())
        oddest = evidence.item_names()[int(by_item.argmax())]
        sentence = (
            f"Its distance from the training recordings is "
            f"{self.distance(inputs)[0]:.2f} standard deviations per feature, farther "
            f"than {percentile:.0f} % of them are from the other actors'."
        )
        if percentile <= FAR:
            return sentence
        return (
            f"FAR FROM THE TRAINING RECORDINGS. {sentence} Most unlike them: "
            f"{oddest}. The network still answers, and nothing that it learned says "
            "that the answer means anything."
        )

    def diagnosis(self, inputs: np.ndarray) -> str:
        """What level and bandwidth of one recording (1, features) are, in a sentence.

        Level: the cue "loudness". Bandwidth: the frequency above which every band is
        softer, relative to the loudness, than in 99 of 100 training recordings. Either
        is the microphone's, the codec's or the room's doing, and no feeling. Lesson 5,
        section 8.
        """
        column = extraction.BAND_FEATURES + list(cues.CUES).index("loudness")
        loudness = np.append(self.inputs[:, column], inputs[0, column])
        levels = extraction.by_band(np.concatenate([self.inputs, inputs]))[:, :, 0]
        shape = levels - loudness[:, None]  # (recordings, bands)
        is_missing = shape[-1] < np.quantile(shape[:-1], 0.01, axis=0)
        above = int(is_missing[::-1].argmin()) if not is_missing.all() else len(shape)
        louder = loudness[-1] - np.median(loudness[:-1])
        direction = "louder" if louder > 0 else "softer"
        found = [
            f"Its speech is {abs(louder):.0f} dB {direction} than that of the middle "
            "training recording."
        ]
        if not np.quantile(loudness, 0.01) < loudness[-1] < np.quantile(loudness, 0.99):
            found.append("NO TRAINING RECORDING IS LIKE THAT: turn the level.")
        if above > LEAST_MISSING:
            edge = features.band_frequencies()[-min(above, features.BANDS)]
            found.append(
                f"ABOVE {edge:.0f} Hz NEXT TO NOTHING IS LEFT, as through a telephone "
                "or a strong compression: record anew, as WAV or FLAC."
            )
        return " ".join(found)


def other_ways(sound: np.ndarray) -> dict[str, np.ndarray]:
    """The same sound (samples,) as another device would hand it over, by name.

    Softer and louder; with its high frequencies cut off, as slower sampling does; and
    compressed, each codec as libsndfile sets it. Lesson 5, section 8.

    >>> list(other_ways(heard.sound))[:2]
    ['6 dB softer', '6 dB louder']
    """
    return {
        "6 dB softer": sound * np.float32(10 ** (-6 / 20)),
        "6 dB louder": sound * np.float32(10 ** (6 / 20)),
        "up to 8 kHz": _sampled_at(sound, 16_000),
        "up to 4 kHz": _sampled_at(sound, 8_000),
        "Opus": _compressed(sound, "OGG", "OPUS", 48_000),
        "MP3": _compressed(sound, "MP3", "MPEG_LAYER_III", SAMPLING_RATE),
        "MP3, as small as can be": _compressed(
            sound, "MP3", "MPEG_LAYER_III", SAMPLING_RATE, smallest=True
        ),
    }


def _sampled_at(sound: np.ndarray, rate: int) -> np.ndarray:
    slower = librosa.resample(sound, orig_sr=SAMPLING_RATE, target_sr=rate)
    again = librosa.resample(slower, orig_sr=rate, target_sr=SAMPLING_RATE)
    return again[: len(sound)]


def _compressed(sound, container, codec, rate, smallest=False) -> np.ndarray:
    content = io.BytesIO()
    samples = librosa.resample(sound, orig_sr=SAMPLING_RATE, target_sr=rate)
    level = 0.99 if smallest else None
    soundfile.write(
        content,
        samples,
        rate,
        format=container,
        subtype=codec,
        compression_level=level,
    )
    again = audio.read_own(content.getvalue(), SAMPLING_RATE, codec)
    return again[: len(sound)]


def held_out_recordings(recordings: Recordings, actors) -> pd.DataFrame:
    """Rows of ``recordings.table`` of ``actors``; of stand-in voices, all rows.

    The network has heard no stand-in voice, so all of these are held out. Raises
    ValueError if none of the actors is there.

    >>> from xai4ser import find
    >>> recordings = find.recordings()  # doctest: +SKIP
    >>> len(held_out_recordings(recordings, (5, 19, 20, 22)))  # doctest: +SKIP
    240
    """
    table = recordings.table
    if recordings.origin == recordings.corpus.name:
        table = table[table["actor"].isin(actors)]
    if table.empty:
        raise ValueError(
            f"There is no recording of the actors {list(actors)}, which were held "
            "out. Fetch the complete RAVDESS: data/README.md says how."
        )
    return table.reset_index(drop=True)
