"""Answer -> tone control: the smallest smooth equaliser that changes the answer.

A gain that is the same at all times and smooth over frequency is what the tone control
of an amplifier does. Here the network itself says how to set it so that it changes its
mind. What comes out says how fragile an answer is, and nothing about an emotion.
In the examples, ``listener`` and ``heard`` are those of :mod:`xai4ser.listen`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import tensorflow as tf

from xai4ser import cues, features, listen, shapley

CURVES = 10  # smooth curves over frequency whose sum is the gain
CLIMBS = 25  # steps to an answer that has turned, at most
PULLS = 4  # attempts to reach it by a smaller gain
LONGEST_STEP = 1.0  # dB rms
AIM = 0.2  # of the score, by which a step aims beyond the border
DIFFERENCE = 0.5  # dB, with which slopes are measured
LARGEST = 10.0  # dB rms, from which on it is no tone control any more
HALVINGS = 7  # of the last search, for the smallest share that is enough

# What becomes of each measure under a gain that is the same at all times, as long as
# the same frames count as speech: a level moves, and what compares levels of one band
# at different times does not. Lesson 5, section 3.
UNDER_A_GAIN = {
    "level": "moves by the gain",
    "ending": "moves by the gain",
    "skewness": "stays",
    "sounding": "moves where a level passes -50 dB",
    "movement": "stays",
    "swing": "stays",
    "contrast": "moves by what neighbouring gains differ",
    "voicing": "moves where a level passes -50 dB",
}


def curves() -> np.ndarray:
    """Cosines over the bands, (CURVES, bands), each 1 dB rms and right-angled to all.

    They have no constant part: a tone control is no volume control. The rms of a sum
    of them is the length of their weights.

    >>> curves().shape
    (10, 128)
    >>> np.allclose(curves() @ curves().T / features.BANDS, np.eye(CURVES))
    True
    """
    along = (np.arange(features.BANDS) + 0.5) / features.BANDS
    return np.sqrt(2) * np.cos(np.pi * np.outer(np.arange(1, CURVES + 1), along))


def rms(gain: np.ndarray) -> float:
    """Root mean square of ``gain`` (bands,) over the bands, in dB.

    >>> rms(np.array([3.0, -3.0]))
    3.0
    """
    return float(np.sqrt(np.mean(np.square(gain))))


def features_with(
    levels: np.ndarray, repeats: np.ndarray, gain: np.ndarray
) -> np.ndarray:
    """What the features become, (features,), if ``gain`` (bands,) in dB is applied.

    ``levels`` (frames, bands) and ``repeats`` (frames, periods) are those of the sound
    as it is. Every level moves by the gain of its band; how regularly the voice repeats
    itself is taken to stay. A forecast: the sound itself is asked afterwards.

    >>> levels, repeats = heard.levels, features.repetition(heard.sound)
    >>> before, after = (
    ...     features_with(levels, repeats, np.full(features.BANDS, gain))
    ...     for gain in (0.0, 3.0)
    ... )
    >>> np.round(after[:3] - before[:3], 6).tolist()  # the levels move by the gain
    [3.0, 3.0, 3.0]
    """
    moved = levels + gain
    strength = features.pitch_strength(repeats)
    of_bands = features.measure(moved, strength).T.reshape(-1)
    return np.concatenate([of_bands, cues.cues_of(moved, repeats)])


@dataclass(frozen=True)
class Tone:
    """A tone control that makes the network answer ``target``, if ``found``.

    gain    (bands,) in dB, at 100 %
    found   whether the sound, filtered and measured anew, is answered by ``target``

    >>> tone = Tone("sad", np.zeros(features.BANDS), found=False)
    >>> np.allclose(tone.sound(heard.sound), heard.sound, atol=1e-5)
    True
    """

    target: str
    gain: np.ndarray
    found: bool

    def sound(self, sound: np.ndarray, share: float = 1.0) -> np.ndarray:
        """``sound`` (samples,) with ``share`` of the gain applied, from 0 to 1."""
        return listen.filtered(sound, share * self.gain)


def smallest(listener: listen.Listener, sound: np.ndarray, target: str) -> Tone:
    """The smallest smooth gain with which the network answers ``target`` to ``sound``.

    ``sound`` (samples,), ``target`` an emotion that is not the answer. Each step asks
    how the network's scores change with each feature (its gradient), and how each
    feature changes with each of :func:`curves` (differences); both together say which
    curves help most. It goes as far as would be enough if all that were a straight
    line: Moosavi-Dezfooli, Fawzi, Frossard 2016, DeepFool, arXiv:1511.04599. The gain
    is applied to the sound and the network asked again, with features made anew, until
    the answer has turned; then the gain is pulled back as far as the answer stays.
    That finds a small gain, and not always the smallest there is. Raises ValueError
    for an unknown target. Lesson 5, section 5.

    >>> target = heard.emotions[int(np.argsort(-heard.probabilities)[1])]
    >>> tone = smallest(listener, heard.sound, target)
    >>> not tone.found or listener.says(tone.sound(heard.sound), 1).startswith(target)
    True
    """
    if target not in listener.emotions:
        raise ValueError(f"There is no {target}: choose of {list(listener.emotions)}.")
    search = _Search(listener, sound, listener.emotions.index(target))
    weights = np.zeros(CURVES)
    for _ in range(CLIMBS):
        if search.lead(weights) > 0:
            break
        weights = search.climbed(weights)
    else:
        return Tone(target, weights @ curves(), False)
    for _ in range(PULLS):
        slope = search.slope(weights)
        along = (weights @ slope) / (slope @ slope + 1e-12) * slope
        pulled = search.climbed((weights + along) / 2)
        is_smaller = np.linalg.norm(pulled) < np.linalg.norm(weights)
        if is_smaller and search.lead(pulled) > 0:
            weights = pulled
    return Tone(target, search.shortened(weights) @ curves(), True)


@dataclass(frozen=True)
class _Search:
    """What is asked again and again while a gain for one sound is looked for."""

    listener: listen.Listener
    sound: np.ndarray
    number: int  # of the emotion that is wanted

    @cached_property
    def levels(self):
        return features.mel_levels(self.sound)

    @cached_property
    def repeats(self):
        return features.repetition(self.sound)

    def lead(self, weights) -> float:
        """The wanted score less the best other, of the sound with this gain."""
        changed = listen.filtered(self.sound, weights @ curves())
        inputs = listen.inputs_of(changed)
        scores = shapley.scorer(self.listener.model)(inputs)[0]
        return float(scores[self.number] - np.delete(scores, self.number).max())

    def slope(self, weights) -> np.ndarray:
        """By how much the lead grows with each curve, (curves,) per dB."""
        shapes = curves()
        gain = weights @ shapes
        row = features_with(self.levels, self.repeats, gain)
        moved = [
            features_with(self.levels, self.repeats, gain + DIFFERENCE * shape)
            for shape in shapes
        ]
        return (np.array(moved) - row) @ self._gradient(row) / DIFFERENCE

    def _gradient(self, row) -> np.ndarray:
        """By how much the lead grows with each feature, (features,)."""
        inputs = tf.constant(row[None].astype(np.float32))
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            scores = shapley.scores_model(self.listener.model)(inputs, training=False)
            others = tf.concat(
                [scores[0, : self.number], scores[0, self.number + 1 :]], 0
            )
            lead = scores[0, self.number] - tf.reduce_max(others)
        return tape.gradient(lead, inputs).numpy()[0]

    def climbed(self, weights) -> np.ndarray:
        """One step to where the lead would be AIM if it grew in a straight line."""
        slope = self.slope(weights)
        steepness = np.linalg.norm(slope) + 1e-12
        step = np.clip(
            (AIM - self.lead(weights)) / steepness, -LONGEST_STEP, LONGEST_STEP
        )
        weights = weights + step * slope / steepness
        return weights * min(1.0, LARGEST / (np.linalg.norm(weights) + 1e-12))

    def shortened(self, weights) -> np.ndarray:
        """The smallest share of the weights that is still enough, by halving."""
        too_little, enough = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (too_little + enough) / 2
            if self.lead(middle * weights) > 0:
                enough = middle
            else:
                too_little = middle
        return enough * weights
