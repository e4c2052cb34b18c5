"""Attributions: how much each feature adds to each emotion's score.

What is explained is the score of an emotion before the softmax. The network's
scores are centred (the eight of one recording sum to zero), so a score says how
much more the network leans to this emotion than to the average one.

Two games are played here. :func:`explain` follows the straight path from a
background recording to the explained one, adds up what each feature contributes on
the way, and averages over background recordings and positions on the path. That is
*expected gradients*: Erion, Janizek, Sturmfels, Lundberg, Lee (2021), Improving
performance of deep learning models with axiomatic attribution priors and expected
gradients, Nature Machine Intelligence 3:620, arXiv:1906.10670. It gives a thousand
features and all emotions at once. :func:`group_game` switches groups of features on
and off; what shap makes of it are the Shapley and Owen values of the groups, which need
no gradient but many evaluations of the network.
"""

import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import keras
import numpy as np
import shap
import tensorflow as tf
from joblib import Parallel, delayed, effective_n_jobs
from tqdm import tqdm

from xai4ser import cues, features

POINTS_AT_ONCE = 512  # network evaluations in one batch
PATIENCE = 60  # s, after which progress is shown
ROWS_IN_A_JOB = 256  # at least, if the work is divided over a cluster


@lru_cache(maxsize=8)
def scores_model(network: keras.Model) -> keras.Model:
    """The part of ``network`` that ends at its scores, before the softmax.

    That is its layer named "scores". A network without one is taken as it is, and
    its outputs are what is explained.

    >>> network = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])
    >>> scores_model(network) is network
    True
    """
    if "scores" not in [layer.name for layer in network.layers]:
        return network
    return keras.Model(network.inputs[0], network.get_layer("scores").output)


@lru_cache(maxsize=16)
def function_of(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """``network`` as a function from rows (rows, features) to its outputs (rows, ...).

    It gives the numbers that ``network(rows)`` gives. But there Python calls layer
    after layer, which for a single row takes many times as long as the sums; here
    TensorFlow is shown the whole network once and then runs it as one piece.

    >>> network = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])
    >>> function_of(network)(np.zeros((5, 3))).tolist() == [[0.0, 0.0]] * 5
    True
    """

    @tf.function(input_signature=[tf.TensorSpec(network.input_shape)])
    def graph(rows):
        return network(rows, training=False)

    return lambda rows: graph(np.asarray(rows, np.float32)).numpy()


def scorer(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """A function from rows (rows, features) to scores (rows, emotions).

    What :func:`scores_model` says, as arrays and quickly: see :func:`function_of`.

    >>> network = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])
    >>> scorer(network)(np.zeros((5, 3))).shape
    (5, 2)
    """
    return function_of(scores_model(network))


# --- the path: expected gradients ---------------------------------------------


def explain(
    network: keras.Model,
    inputs: np.ndarray,
    background: np.ndarray,
    samples: int = 32,
    seed: int = 0,
    emotions: Sequence[str] | None = None,
    closed: bool = True,
    outputs: np.ndarray | None = None,
) -> shap.Explanation:
    """Expected gradients of all scores for ``inputs`` (rows, features).

    ``background`` (recordings, features) is what a recording is compared with; it
    needs at least ``samples`` rows. Each explained row draws ``samples`` background
    rows and as many positions on the path, one from each of equal stretches.
    ``emotions`` names the scores. If not ``closed``, the attributions are left as the
    draws give them, and what they miss (:func:`misses`) is an error bar that costs
    nothing. ``outputs`` (rows,), such as the answers, is the number of the one score
    that is explained of each row, which is quicker than to explain all (and what is
    missed is shared by the scatter of that one). The work goes to whatever joblib is
    set to (``joblib.parallel_config``), by default to this process, and gives the same
    everywhere. Lesson 3, section 2.

    Returns a ``shap.Explanation`` with ``values`` (rows, features, emotions), in
    units of the score, ``base_values`` (rows, emotions), the mean score of the
    background, and ``data`` (rows, features) in the units of the table. With
    ``outputs``, values are (rows, features) and base values (rows,). ``values`` plus
    base value equal the score up to rounding: see :func:`_attributions_of`.
    Raises ValueError for a background that is too small.

    >>> network = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])
    >>> rows = np.random.default_rng(0).normal(size=(20, 3))
    >>> explanation = explain(network, rows[:4], background=rows, samples=8)
    >>> explanation.values.shape
    (4, 3, 2)
    >>> largest_gap(explanation, network.predict(rows[:4], verbose=0)) < 1e-4
    True
    >>> of_first = explain(network, rows[:4], rows, samples=8, outputs=np.zeros(4, int))
    >>> np.allclose(of_first.values, explanation.values[:, :, 0], atol=1e-5)
    True
    """
    if len(background) < samples:
        raise ValueError(
            f"{samples} samples need as many background rows, and there are "
            f"{len(background)}. Give more rows, or ask for fewer samples."
        )
    inputs, background = (rows.astype(np.float32) for rows in (inputs, background))
    scores = scores_model(network)
    score_of = scorer(network)
    base = score_of(background).mean(axis=0)  # (emotions,)
    wanted = np.tile(np.arange(len(base)), (len(inputs), 1))  # (rows, emotions)
    if outputs is not None:
        wanted = np.asarray(outputs)[:, None]  # (rows, 1)
    to_share = np.take_along_axis(score_of(inputs) - base, wanted, axis=1)
    rows_at_once = max(1, POINTS_AT_ONCE // samples)
    at_once = rows_at_once * -(-ROWS_IN_A_JOB // rows_at_once)
    generator = np.random.default_rng(seed)

    def jobs() -> Iterator[tuple]:
        for start in range(0, len(inputs), at_once):
            rows = slice(start, start + at_once)
            count = len(inputs[rows])
            draws = [
                _draw(
                    min(rows_at_once, count - first),
                    len(background),
                    samples,
                    generator,
                )
                for first in range(0, count, rows_at_once)
            ]
            yield inputs[rows], background, wanted[rows], to_share[rows], draws, closed

    if effective_n_jobs(None) == 1:
        found = (_explained(scores, *job) for job in jobs())
    else:
        packed = pickle.dumps(scores)
        found = Parallel(return_as="generator")(
            delayed(_explained_there)(packed, pickle.dumps(job)) for job in jobs()
        )
    values = tqdm(  # each (rows, features, wanted)
        found,
        "explaining",
        -(-len(inputs) // at_once),
        unit=" parts",
        file=sys.stdout,
        ncols=79,
        delay=PATIENCE,
        leave=False,
    )
    values = np.concatenate(list(values))
    if outputs is None:
        return as_explanation(values, base, inputs, emotions)
    return as_explanation(values[:, :, 0], base[outputs], inputs)


def _explained(scores, inputs, background, wanted, to_share, draws, closed):
    """Attributions (rows, features, wanted) of ``inputs``, a batch for each draw."""
    attributions = _attributions_of(scores, closed, wanted.shape[1])
    mean_steps = inputs - background.mean(axis=0)  # (rows, features)
    values, start = [], 0
    for drawn, positions in draws:
        rows = slice(start, start + len(drawn))
        found = attributions(
            inputs[rows],
            background[drawn],
            positions,
            mean_steps[rows],
            wanted[rows].astype(np.int32),
            to_share[rows],
        )
        values.append(found.numpy())
        start = rows.stop
    return np.concatenate(values)


def _explained_there(packed_scores: bytes, packed_job: bytes):
    """:func:`_explained` in another process, which keeps the network for the next job.

    Bytes travel with the job itself. Arrays, Dask would leave with one of its workers,
    and with that worker they would be lost.
    """
    return _explained(_unpacked(packed_scores), *pickle.loads(packed_job))


@lru_cache(maxsize=2)
def _unpacked(packed_scores: bytes) -> keras.Model:
    return pickle.loads(packed_scores)


def _draw(rows, background, samples, generator):
    """Which background rows, and how far along the path: both (rows, samples)."""
    drawn, stretch = (
        np.stack([generator.permutation(count)[:samples] for _ in range(rows)])
        for count in (background, samples)
    )
    positions = (stretch + generator.random(stretch.shape)) / samples
    return drawn, positions.astype(np.float32)


@lru_cache(maxsize=8)  # to trace its graph takes longer than to explain a recording
def _attributions_of(scores: keras.Model, closed: bool, count: int):
    """A function that estimates attributions, each the mean over a row's samples.

    Of each row ``count`` outputs are explained: those whose numbers are ``wanted``.

    Gradient times step scatters around the attribution, and two things are known
    about how it does. *Steps*: the background rows that were drawn lie a little
    beside the mean of the background; that known step, times the mean gradient, is
    taken off (a control variate: Owen 2013, Monte Carlo theory, methods and
    examples, chapter 8, https://artowen.su.domains/mc). The mean gradient is estimated
    from the same n draws, so the estimate is unbiased only to order 1/n: its
    expectation is off by the covariance of mean gradient and mean step, which falls
    with n and is nothing once the whole background is drawn. *Sum* (if ``closed``): all
    features together miss the score that is ``to_share`` by a known amount, which is
    given to the features in proportion to how much each scatters. So the attributions
    add up, and where the outputs sum to zero, so do the attributions.
    """

    def gradients_at(points, wanted):  # (points, ...) -> (points, ..., count)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(points)
            said = tf.gather(scores(points, training=False), wanted, batch_dims=1)
            said = tf.unstack(said, count, axis=1)
        return tf.stack([tape.gradient(score, points) for score in said], -1)

    shape = scores.input_shape[1:]
    signature = [
        tf.TensorSpec((None, *shape)),
        tf.TensorSpec((None, None, *shape)),
        tf.TensorSpec((None, None)),
        tf.TensorSpec((None, *shape)),
        tf.TensorSpec((None, count), tf.int32),
        tf.TensorSpec((None, count)),
    ]

    @tf.function(input_signature=signature)
    def attributions(rows, drawn, positions, mean_steps, wanted, to_share):
        explained, samples = tf.shape(drawn)[0], tf.shape(drawn)[1]
        positions = tf.reshape(positions, (explained, samples, *[1] * len(shape)))
        steps = rows[:, None] - drawn
        points = drawn + positions * steps
        wanted = tf.repeat(wanted, samples, axis=0)  # (points, count)
        gradients = gradients_at(tf.reshape(points, (-1, *shape)), wanted)
        gradients = tf.reshape(gradients, (explained, samples, -1, count))
        steps = tf.reshape(steps, (explained, samples, -1, 1))
        beside = steps - tf.reshape(mean_steps, (explained, 1, -1, 1))
        mean_gradient = tf.reduce_mean(gradients, 1, keepdims=True)
        # What each sample says: (rows, samples, features, count)
        parts = gradients * steps - mean_gradient * beside
        mean = tf.reduce_mean(parts, 1)
        if not closed:
            return tf.reshape(mean, (explained, *shape, count))
        miss = to_share - tf.reduce_sum(mean, 1)  # (rows, count)
        scatter = tf.reduce_sum(tf.math.reduce_variance(parts, 1), 2)
        total = tf.reduce_sum(scatter, 1, keepdims=True)
        shares = tf.math.divide_no_nan(scatter, total)  # (rows, features)
        found = mean + shares[..., None] * miss[:, None]
        return tf.reshape(found, (explained, *shape, count))

    return attributions


# --- as shap wants it ------------------------------------------------------------


def as_explanation(
    values: np.ndarray,
    base: np.ndarray,
    inputs: np.ndarray,
    emotions: Sequence[str] | None = None,
) -> shap.Explanation:
    """Wrap attributions so that every plot of shap understands them.

    ``values`` (rows, features, emotions), ``base`` (emotions,), ``inputs`` (rows,
    features); of one output a row, ``values`` (rows, features) and ``base`` (rows,).
    The features of this course get their names. ``emotions`` names the outputs.

    >>> values, base = np.zeros((5, 3, 2)), np.zeros(2)
    >>> as_explanation(values, base, np.zeros((5, 3)), ["calm", "sad"]).output_names
    ['calm', 'sad']
    """
    names = feature_labels()
    return shap.Explanation(
        values=values,
        base_values=base if values.ndim == 2 else np.tile(base, (len(values), 1)),
        data=inputs,
        feature_names=names if inputs.shape[1] == len(names) else None,
        output_names=None if emotions is None else list(emotions),
    )


def feature_labels() -> list[str]:
    """Names for plots, such as "level at 850 Hz", in the order of the table.

    >>> feature_labels()[0], feature_labels()[-1]
    ('level at 26 Hz', 'hiss')
    """
    of_bands = [
        f"{measure} at {frequency:.0f} Hz"
        for measure in features.MEASURES
        for frequency in features.band_frequencies()
    ]
    return of_bands + list(cues.CUES)


def misses(explanation: shap.Explanation, scores: np.ndarray) -> np.ndarray:
    """What base value plus attributions lack of ``scores``: both (rows, emotions).

    For an explanation that was not closed, an error bar of the sum that costs nothing.

    >>> explanation = as_explanation(np.ones((1, 3, 2)), np.zeros(2), np.zeros((1, 3)))
    >>> misses(explanation, np.array([[3.0, 3.5]])).tolist()
    [[0.0, 0.5]]
    """
    return scores - explanation.base_values - explanation.values.sum(axis=1)


def largest_gap(explanation: shap.Explanation, scores: np.ndarray) -> float:
    """How far base value plus attributions are from ``scores`` (rows, emotions).

    ``scores`` (rows,) if one output of each row was explained.

    >>> explanation = as_explanation(np.ones((1, 3, 2)), np.zeros(2), np.zeros((1, 3)))
    >>> largest_gap(explanation, np.array([[3.0, 3.5]]))
    0.5
    """
    return float(np.abs(misses(explanation, scores)).max())


# --- groups of features: Shapley and Owen values ---------------------------------


def group_game(
    network: keras.Model,
    recording: np.ndarray,
    background: np.ndarray,
    group_of_feature: np.ndarray,
) -> Callable[[np.ndarray], np.ndarray]:
    """The game whose players are groups of features: what each coalition scores.

    ``recording`` (features,), ``background`` (recordings, features),
    ``group_of_feature`` (features,) the number of the group, from 0, that each feature
    belongs to, such as ``evidence.item_of_features()``.

    Returns a function from coalitions (coalitions, groups), True or 1 for each
    group that takes part, to scores (coalitions, emotions). The features of a group
    that takes part are those of the recording; the others are those of a background
    row, and the score is the mean over the background. That is the *interventional*
    game, whose coalitions may be sounds that no voice makes (Janzing, Minorics,
    Bloebaum 2020, Feature relevance quantification in explainable AI: a causal
    problem, AISTATS, arXiv:1910.13413).

    >>> network = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])
    >>> recording, background = np.ones(3), np.zeros((5, 3))
    >>> game = group_game(network, recording, background, np.array([0, 0, 1]))
    >>> game(np.array([[0, 0], [1, 1]])).shape
    (2, 2)
    """
    scores = scorer(network)
    recording, background = (
        np.asarray(rows, np.float32) for rows in (recording, background)
    )
    at_once = max(1, 8 * POINTS_AT_ONCE // len(background))

    def score_of(coalitions: np.ndarray) -> np.ndarray:
        found = []
        for start in range(0, len(coalitions), at_once):
            part = np.asarray(coalitions[start : start + at_once], bool)
            takes_part = part[:, None, group_of_feature]
            mixed = np.where(takes_part, recording, background)
            answers = scores(mixed.reshape(-1, *recording.shape))
            found.append(answers.reshape(*mixed.shape[:2], -1).mean(axis=1))
        return np.concatenate(found)

    return score_of


def exact_shapley(game: Callable, players: int) -> np.ndarray:
    """Exact Shapley values (players, emotions) of a ``game`` over few players.

    All 2 to the power of ``players`` coalitions are scored, by
    ``shap.explainers.Exact``.

    >>> def game(coalitions):  # worth 6 only if both are there: a point for each half
    ...     return 6 * np.asarray(coalitions).all(axis=1, keepdims=True)
    >>> exact_shapley(game, players=2).ravel().tolist()
    [3.0, 3.0]
    """
    nobody, everybody = np.zeros((1, players)), np.ones((1, players))
    explainer = shap.explainers.Exact(game, shap.maskers.Independent(nobody))
    return explainer(everybody, max_evals=2**players, silent=True).values[0]


def owen_values(game: Callable, players: int) -> np.ndarray:
    """Owen values (players, emotions) of a ``game`` whose players stand in a row.

    The players are halved, halved again, and so on, down to single ones: a tree in
    which neighbours come apart last. Credit is first shared between the halves of a
    branch, then within them, so that near-copies share what they have in common
    (Owen 1977, Values of games with a priori unions). ``shap.explainers.Partition``
    computes them; the number of coalitions grows with the square of ``players``, so
    take some dozens at most.

    >>> def game(coalitions):  # the first, or the second, a near-copy of it
    ...     return np.asarray(coalitions)[:, :2].any(axis=1, keepdims=True) * 4.0
    >>> owen_values(game, players=4).ravel().tolist()
    [2.0, 2.0, 0.0, 0.0]
    """
    nobody, everybody = np.zeros((1, players)), np.ones((1, players))
    masker = shap.maskers.Partition(nobody, clustering=tree_of_neighbours(players))
    explainer = shap.explainers.Partition(game, masker)
    return explainer(everybody, max_evals=players**2, silent=True).values[0]


def tree_of_neighbours(count: int) -> np.ndarray:
    """A row of ``count`` halved down to single members, as scipy writes a linkage.

    (count - 1, 4): the two branches that are joined, their distance (here the size
    of the branch), and how many members they have together.

    >>> tree_of_neighbours(4)[:, :2].tolist()  # 4 and 5 are the two pairs
    [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    """
    links = []

    def join(first: int, last: int) -> int:
        if last - first == 1:
            return first
        middle = (first + last) // 2
        left, right = join(first, middle), join(middle, last)
        links.append((left, right, last - first, last - first))
        return count + len(links) - 1

    join(0, count)
    return np.array(links, dtype=float)
