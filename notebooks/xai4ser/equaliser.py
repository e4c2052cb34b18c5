"""Answer -> tone control: the smallest smooth equaliser that changes the answer.

A gain that is the same at all times and smooth over frequency is what the tone control
of an amplifier does. Here the network itself says how to set it so that it changes its
mind. What comes out says how fragile an answer is, and nothing about an emotion.
"""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from xai4ser import cues, features, listen, shapley

CURVES = 10  # smooth curves over frequency whose sum is the gain
STEPS = 30  # of the search, at most
LONGEST_STEP = 1.0  # dB rms
AIM = 0.2  # of the score, by which the search aims beyond the border
PATIENCE = 4  # steps without a smaller one, after which the search ends
DIFFERENCE = 0.5  # dB, with which slopes are measured
LARGEST = 8.0  # dB rms, from which on it is no tone control any more
HALVINGS = 7  # of the last search, for the smallest share that is enough

# What becomes of each measure under a gain that is the same at all times. Lesson 5.
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
    curves help most. The next gain is the smallest one that would be enough if all
    that were a straight line: Moosavi-Dezfooli, Fawzi, Frossard 2016, DeepFool,
    arXiv:1511.04599. Each is applied to the sound, whose features are then made anew;
    at last the smallest share that is still enough is looked for. Raises ValueError for
    an unknown target. Lesson 5, section 4.
    """
    if target not in listener.emotions:
        raise ValueError(f"There is no {target}: choose of {list(listener.emotions)}.")
    number = listener.emotions.index(target)
    levels, repeats = features.mel_levels(sound), features.repetition(sound)
    shapes, weights, best, since = curves(), np.zeros(CURVES), None, 0
    for _ in range(STEPS):
        margin, slope = _slope(listener.model, levels, repeats, shapes, weights, number)
        is_shorter = best is None or _length(weights) < 0.98 * _length(best)
        if is_shorter and margin > 0:
            if _answers(listener, sound, weights @ shapes, number):
                best, since = weights, 0
        since += 1
        if best is not None and since > PATIENCE:
            break
        wanted = (slope @ weights - margin + AIM) / (slope @ slope + 1e-12) * slope
        step = wanted - weights
        weights = weights + step * min(0.7, LONGEST_STEP / (_length(step) + 1e-12))
        weights = weights * min(1.0, LARGEST / (_length(weights) + 1e-12))
    if best is None:
        return Tone(target, weights @ shapes, False)
    return Tone(target, _shortened(listener, sound, best @ shapes, number), True)


def _length(weights: np.ndarray) -> float:
    return float(np.linalg.norm(weights))


def _slope(model, levels, repeats, shapes, weights, number):
    """By how much the target's score leads the best other's, and its slope (curves,)."""
    gain = weights @ shapes
    row = features_with(levels, repeats, gain)
    inputs = tf.constant(row[None].astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        scores = shapley.scores_model(model)(inputs, training=False)[0]
        others = tf.concat([scores[:number], scores[number + 1 :]], 0)
        margin = scores[number] - tf.reduce_max(others)
    gradient = tape.gradient(margin, inputs).numpy()[0]
    moved = [
        features_with(levels, repeats, gain + DIFFERENCE * shape) for shape in shapes
    ]
    slope = (np.array(moved) - row) @ gradient / DIFFERENCE  # (curves,)
    return float(margin), slope


def _answers(listener, sound, gain, number) -> bool:
    return int(listener.answer(listen.filtered(sound, gain)).argmax()) == number


def _shortened(listener, sound, gain, number) -> np.ndarray:
    """The smallest share of ``gain`` that is still enough, by halving."""
    too_little, enough = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (too_little + enough) / 2
        if _answers(listener, sound, middle * gain, number):
            enough = middle
        else:
            too_little = middle
    return enough * gain
