"""Attributions: how much each feature adds to each emotion's score.

What is explained is the score of an emotion before the softmax. The network's
scores are centred (the eight of one recording sum to zero), so a score says how
much more the network leans to this emotion than to the average one.

The method is *expected gradients*: Erion, Janizek, Sturmfels, Lundberg, Lee
(2021), Improving performance of deep learning models with axiomatic attribution
priors and expected gradients, Nature Machine Intelligence 3:620,
arXiv:1906.10670. It follows the straight path from a background recording to the
explained one, adds up what each feature contributes on the way, and averages over
background recordings and positions on the path.
"""

import keras
import numpy as np
import shap
import tensorflow as tf

from xai4ser import features
from xai4ser.corpus import EMOTIONS

POINTS_AT_ONCE = 1024  # network evaluations in one batch


def scores_model(network: keras.Model) -> keras.Model:
    """The part of ``network`` that ends at its scores, before the softmax."""
    return keras.Model(network.inputs[0], network.get_layer("scores").output)


def explain(
    network: keras.Model,
    inputs: np.ndarray,
    background: np.ndarray,
    samples: int = 32,
    seed: int = 0,
) -> shap.Explanation:
    """Expected gradients of all scores for ``inputs`` (rows, bands, measures).

    ``background`` (recordings, bands, measures) is what a recording is compared
    with; it needs at least ``samples`` rows. Each explained row draws ``samples``
    background rows and as many positions on the path, one from each of equal
    stretches.

    Returns a ``shap.Explanation`` with ``values`` (rows, features, emotions), in
    units of the score, ``base_values`` (rows, emotions), the mean score of the
    background, and ``data`` (rows, features) in the units of the table; features in
    the order of the table. ``values`` plus base value equal the score up to
    rounding: see :func:`_make_additive`. Raises ValueError for a background that is
    too small.
    """
    if len(background) < samples:
        raise ValueError(
            f"{samples} samples need as many background rows, and there are "
            f"{len(background)}. Give more rows, or ask for fewer samples."
        )
    scores = scores_model(network)
    base = scores(background).numpy().mean(axis=0)  # (emotions,)
    reached = scores(inputs).numpy()  # (rows, emotions)
    contributions = _contributions_of(scores)
    generator = np.random.default_rng(seed)
    rows_at_once = max(1, POINTS_AT_ONCE // samples)
    values = []
    for start in range(0, len(inputs), rows_at_once):
        rows = inputs[start : start + rows_at_once]
        points, steps = _path_points(rows, background, samples, generator)
        parts = contributions(points, steps).numpy()  # (points, bands, measures, e)
        parts = parts.reshape(len(rows), samples, -1, len(EMOTIONS))
        known = reached[start : start + rows_at_once] - base  # (rows, emotions)
        values.append(_make_additive(parts, known))
    return as_explanation(np.concatenate(values), base, inputs)


def _path_points(rows, background, samples, generator):
    """Points between background and explained rows, and the whole way between.

    Both (rows * samples, bands, measures), float32.
    """
    chosen = np.stack(
        [generator.permutation(len(background))[:samples] for _ in rows]
    )  # (rows, samples)
    stretch = np.stack([generator.permutation(samples) for _ in rows])
    position = (stretch + generator.random(stretch.shape)) / samples
    steps = rows[:, None] - background[chosen]  # (rows, samples, bands, measures)
    points = background[chosen] + position[..., None, None] * steps
    shape = (-1, *rows.shape[1:])
    return points.reshape(shape).astype("f4"), steps.reshape(shape).astype("f4")


def _contributions_of(scores: keras.Model):
    """A function: (points, steps) -> gradient of each score times the step."""

    @tf.function(reduce_retracing=True)
    def contributions(points, steps):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(points)
            result = scores(points, training=False)
            by_emotion = tf.unstack(result, axis=1)
        gradients = [tape.gradient(score, points) for score in by_emotion[:-1]]
        # The scores sum to zero, so the last gradient is minus the others' sum.
        gradients.append(-tf.add_n(gradients))
        # -> (points, measures, bands, emotions): the order of the table
        return tf.transpose(tf.stack(gradients, -1) * steps[..., None], (0, 2, 1, 3))

    return lambda points, steps: contributions(tf.constant(points), tf.constant(steps))


def _make_additive(parts: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The mean of ``parts`` over the samples, corrected so that its sum is known.

    ``parts`` (rows, samples, features, emotions) scatter around the attributions;
    ``known`` (rows, emotions) is what these must add up to. Their sum over the
    features scatters too, and by how much it misses is known, so each feature is
    corrected by what usually goes with such a miss: a control variate, whose
    coefficient is the regression of the feature on the sum over the samples. The
    coefficients of all features sum to one, hence so do the corrections. Last, the
    mean over the emotions, zero but for the corrections, is taken out.
    """
    mean = parts.mean(axis=1)  # (rows, features, emotions)
    total = parts.sum(axis=2)  # (rows, samples, emotions)
    miss = known - total.mean(axis=1)  # (rows, emotions)
    deviation = total - total.mean(axis=1, keepdims=True)
    covariance = np.einsum("rsfe,rse->rfe", parts - mean[:, None], deviation)
    variance = np.einsum("rse,rse->re", deviation, deviation)
    slope = covariance / np.maximum(variance, 1e-12)[:, None]
    corrected = mean + slope * miss[:, None]
    return corrected - corrected.mean(axis=2, keepdims=True)


def as_explanation(
    values: np.ndarray, base: np.ndarray, inputs: np.ndarray
) -> shap.Explanation:
    """Wrap attributions so that every plot of shap understands them.

    ``values`` (rows, features, emotions), ``base`` (emotions,), ``inputs`` (rows,
    bands, measures).
    """
    data = inputs.transpose(0, 2, 1).reshape(len(inputs), -1)
    return shap.Explanation(
        values=values,
        base_values=np.tile(base, (len(values), 1)),
        data=data,
        feature_names=feature_labels(),
        output_names=list(EMOTIONS),
    )


def feature_labels() -> list[str]:
    """Names for plots, such as "level at 850 Hz", in the order of the table."""
    return [
        f"{measure} at {frequency:.0f} Hz"
        for measure in features.MEASURES
        for frequency in features.band_frequencies()
    ]


def largest_gap(explanation: shap.Explanation, scores: np.ndarray) -> float:
    """How far base value plus attributions are from ``scores`` (rows, emotions)."""
    explained = explanation.base_values + explanation.values.sum(axis=1)
    return float(np.abs(explained - scores).max())


def by_band(explanation: shap.Explanation) -> np.ndarray:
    """Attributions as (rows, bands, measures, emotions)."""
    rows, _, emotions = explanation.values.shape
    shape = (rows, len(features.MEASURES), features.BANDS, emotions)
    return explanation.values.reshape(shape).transpose(0, 2, 1, 3)
