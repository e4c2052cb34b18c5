"""The tests of an explanation: what it must survive before one believes it.

Every function works on plain arrays, whatever model and table they come from:
``inputs`` (rows, features), ``attributions`` of the same shape, and ``score``, a
function from (n, features) to (n,) or (n, outputs). With several outputs, ``outputs``
(rows,) names the one that was explained in each row. A feature that is taken away
gets its value from ``baseline``, one row (features,) or several (n, features), whose
scores are then averaged.

Neighbouring features are often near-copies, and taking one away then changes nothing.
``groups`` (features,), a number per feature, makes all features with one number come
and go together; a group's attribution is the sum of its features' attributions.

No figure of a test means much alone. :func:`random_attributions` and
:func:`unusual_attributions` make two explanations that know nothing about the model;
what is not better than both of them explains nothing.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import rankdata

SHARES = np.linspace(0, 1, 11)  # of the features, in a deletion or insertion curve
ERASER_SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
EVALUATIONS_AT_ONCE = 4096


# --- grouping, ranking and controls -------------------------------------------


def sum_groups(attributions: np.ndarray, groups: np.ndarray | None) -> np.ndarray:
    """Attributions of groups, (rows, groups), from those of features.

    ``groups`` (features,) holds the numbers 0, 1, 2, ... without a gap; None leaves
    every feature its own group. Raises ValueError for other numbers or another length.

    >>> sum_groups(np.array([[1.0, 2.0, 4.0]]), groups=np.array([0, 0, 1])).tolist()
    [[3.0, 4.0]]
    """
    attributions = np.asarray(attributions, dtype=float)
    numbers = _group_numbers(attributions.shape[1], groups)
    members = np.eye(numbers.max() + 1)[numbers]  # (features, groups)
    return attributions if groups is None else attributions @ members


def _group_numbers(features: int, groups: np.ndarray | None) -> np.ndarray:
    if groups is None:
        return np.arange(features)
    groups = np.asarray(groups)
    if groups.shape != (features,):
        raise ValueError(
            f"There are {features} features, and groups has the shape {groups.shape}. "
            "Give one number per feature."
        )
    if not np.array_equal(np.unique(groups), np.arange(groups.max() + 1)):
        raise ValueError(
            "The groups must be numbered 0, 1, 2, ... without a gap. "
            "numpy.unique(groups, return_inverse=True)[1] numbers them so."
        )
    return groups


def random_attributions(shape: tuple[int, int], seed: int) -> np.ndarray:
    """Normal noise of ``shape`` (rows, features): the first control.

    >>> random_attributions((2, 5), seed=0).shape
    (2, 5)
    """
    return np.random.default_rng(seed).normal(size=shape)


def unusual_attributions(inputs: np.ndarray, background: np.ndarray) -> np.ndarray:
    """How far each feature is from the usual, (rows, features): the second control.

    The distance from the mean of ``background`` (n, features), in its standard
    deviations. It looks at the data and never at the model.

    >>> background = np.array([[0.0], [4.0]])  # mean 2, standard deviation 2
    >>> unusual_attributions(np.array([[8.0]]), background).tolist()
    [[3.0]]
    """
    spread = np.maximum(background.std(axis=0), 1e-12)
    return np.abs(inputs - background.mean(axis=0)) / spread


def _places(attributions: np.ndarray, groups: np.ndarray | None) -> np.ndarray:
    """Place of each feature's group in the ranking, 0 the highest, (rows, features)."""
    summed = sum_groups(attributions, groups)
    order = np.argsort(-summed, axis=1, kind="stable")
    places = np.argsort(order, axis=1, kind="stable")
    return places[:, _group_numbers(attributions.shape[1], groups)]


# --- taking features away ------------------------------------------------------


def scores_with(
    score: Callable,
    inputs: np.ndarray,
    known: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray | None = None,
) -> np.ndarray:
    """Score of each row when only its ``known`` features are its own, (rows,).

    ``known`` (rows, features) is boolean; all other features come from ``baseline``.
    Raises ValueError if the score has several outputs and ``outputs`` is missing.

    >>> def score(rows):  # linear: a feature adds its weight times its value
    ...     return rows @ np.array([2.0, 1.0, 0.0])
    >>> inputs, attributions = np.ones((1, 3)), np.array([[2.0, 1.0, 0.0]])

    >>> known = np.array([[False, True, True]])
    >>> scores_with(score, inputs, known, baseline=np.zeros(3)).tolist()
    [1.0]
    """
    baseline = np.atleast_2d(baseline)
    rows_at_once = max(1, EVALUATIONS_AT_ONCE // len(baseline))
    results = []
    for start in range(0, len(inputs), rows_at_once):
        rows = slice(start, start + rows_at_once)
        mixed = np.where(known[rows, None], inputs[rows, None], baseline)
        result = np.asarray(score(mixed.reshape(-1, inputs.shape[1])))
        result = result.reshape(len(mixed), len(baseline), -1).mean(axis=1)
        if result.shape[1] > 1 and outputs is None:
            raise ValueError(
                f"The score has {result.shape[1]} outputs. Say with outputs= which of "
                "them was explained in each row."
            )
        chosen = 0 if outputs is None else outputs[rows]
        results.append(result[np.arange(len(result)), chosen])
    return np.concatenate(results)


def deletion(
    score: Callable,
    inputs: np.ndarray,
    attributions: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    shares: np.ndarray = SHARES,
) -> np.ndarray:
    """Scores after the most positive shares of the features are gone, (rows, shares).

    Low is good: the sooner the score falls, the more the features mattered. Bach et
    al. 2015, PLoS ONE 10:e0130140 ("pixel flipping"); Petsiuk, Das, Saenko 2018,
    "RISE", arXiv:1806.07421.

    >>> def score(rows):  # linear: a feature adds its weight times its value
    ...     return rows @ np.array([2.0, 1.0, 0.0])
    >>> inputs, attributions = np.ones((1, 3)), np.array([[2.0, 1.0, 0.0]])

    >>> deletion(score, inputs, attributions, np.zeros(3), shares=(0, 0.3, 1)).tolist()
    [[3.0, 1.0, 0.0]]
    """
    places = _places(attributions, groups)
    return np.stack(
        [
            scores_with(score, inputs, places >= count, baseline, outputs)
            for count in _counts(places, shares)
        ],
        axis=1,
    )


def insertion(
    score: Callable,
    inputs: np.ndarray,
    attributions: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    shares: np.ndarray = SHARES,
) -> np.ndarray:
    """Scores when only the most positive shares are there, (rows, shares).

    High is good: the sooner the score rises, the more the features mattered.
    Petsiuk, Das, Saenko 2018, arXiv:1806.07421.

    >>> def score(rows):  # linear: a feature adds its weight times its value
    ...     return rows @ np.array([2.0, 1.0, 0.0])
    >>> inputs, attributions = np.ones((1, 3)), np.array([[2.0, 1.0, 0.0]])

    >>> insertion(score, inputs, attributions, np.zeros(3), shares=(0, 0.3, 1)).tolist()
    [[0.0, 2.0, 3.0]]
    """
    places = _places(attributions, groups)
    return np.stack(
        [
            scores_with(score, inputs, places < count, baseline, outputs)
            for count in _counts(places, shares)
        ],
        axis=1,
    )


def _counts(places: np.ndarray, shares) -> np.ndarray:
    """Numbers of groups that ``shares`` of them are, rounded up."""
    total = places.max() + 1
    return np.ceil(np.round(np.asarray(shares) * total, 6)).astype(int)


def area(curves: np.ndarray, shares: np.ndarray = SHARES) -> np.ndarray:
    """Area under each curve (rows, shares), in units of the score, (rows,).

    >>> area(np.array([[4.0, 0.0]]), shares=np.array([0, 1])).tolist()
    [2.0]
    """
    return np.trapezoid(curves, shares, axis=1)


def comprehensiveness(
    score: Callable,
    inputs: np.ndarray,
    attributions: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """What is lost without the most important features, (rows,). High is good.

    The score minus the score without the top 1, 5, 10, 20 and 50 % (at least one
    group), averaged over these five. DeYoung et al. 2020, "ERASER", arXiv:1911.03429.

    >>> def score(rows):  # linear: a feature adds its weight times its value
    ...     return rows @ np.array([2.0, 1.0, 0.0])
    >>> inputs, attributions = np.ones((1, 3)), np.array([[2.0, 1.0, 0.0]])

    >>> comprehensiveness(score, inputs, attributions, np.zeros(3)).round(1).tolist()
    [2.2]
    """
    shares = (0, *ERASER_SHARES)
    curves = deletion(score, inputs, attributions, baseline, outputs, groups, shares)
    return curves[:, 0] - curves[:, 1:].mean(axis=1)


def sufficiency(
    score: Callable,
    inputs: np.ndarray,
    attributions: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """What is lost with only the most important features, (rows,). Low is good.

    The score minus the score of the top 1, 5, 10, 20 and 50 % alone, averaged over
    these five. Below zero, the chosen features alone score higher than all together.
    DeYoung et al. 2020, arXiv:1911.03429.

    >>> def score(rows):  # linear: a feature adds its weight times its value
    ...     return rows @ np.array([2.0, 1.0, 0.0])
    >>> inputs, attributions = np.ones((1, 3)), np.array([[2.0, 1.0, 0.0]])

    >>> sufficiency(score, inputs, attributions, np.zeros(3)).round(1).tolist()
    [0.8]
    """
    shares = (*ERASER_SHARES, 1)
    curves = insertion(score, inputs, attributions, baseline, outputs, groups, shares)
    return curves[:, -1] - curves[:, :-1].mean(axis=1)


def faithfulness_correlation(
    score: Callable,
    inputs: np.ndarray,
    attributions: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    share: float = 0.2,
    draws: int = 50,
    seed: int = 0,
) -> np.ndarray:
    """Do the attributions foretell what the loss of a random set costs? (rows,)

    ``draws`` times a random ``share`` of the groups is taken away. The result is the
    correlation, over the draws, between the sum of the attributions that went and the
    fall of the score: 1 is best, 0 is useless. Bhatt, Weller, Moura 2020, "Evaluating
    and aggregating feature-based model explanations", arXiv:2005.00631.

    >>> def score(rows):  # linear: a feature adds its weight times its value
    ...     return rows @ np.array([2.0, 1.0, 0.0])
    >>> inputs, attributions = np.ones((1, 3)), np.array([[2.0, 1.0, 0.0]])

    >>> baseline = np.zeros(3)
    >>> found = faithfulness_correlation(score, inputs, attributions, baseline)
    >>> found.round(3).tolist()
    [1.0]
    """
    numbers = _group_numbers(inputs.shape[1], groups)
    count = max(1, round(share * (numbers.max() + 1)))
    generator = np.random.default_rng(seed)
    everything = np.ones(inputs.shape, dtype=bool)
    whole = scores_with(score, inputs, everything, baseline, outputs)
    promised, happened = [], []
    for _ in range(draws):
        lottery = generator.random((len(inputs), numbers.max() + 1))
        gone = (lottery.argsort(axis=1).argsort(axis=1) < count)[:, numbers]
        promised.append((attributions * gone).sum(axis=1))
        happened.append(whole - scores_with(score, inputs, ~gone, baseline, outputs))
    return correlation(np.array(promised).T, np.array(happened).T)


# --- comparing explanations -----------------------------------------------------


def correlation(
    first: np.ndarray, second: np.ndarray, ranks: bool = False
) -> np.ndarray:
    """Correlation of two arrays (rows, ...) row by row, (rows,).

    Pearson's, or with ``ranks`` Spearman's. Zero where a row is constant: it then
    says nothing about the other.

    >>> correlation(np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 4.0, 6.0]])).round(6)
    array([1.])
    """
    first, second = (np.reshape(x, (len(x), -1)).astype(float) for x in (first, second))
    if ranks:
        first, second = rankdata(first, axis=1), rankdata(second, axis=1)
    first = first - first.mean(axis=1, keepdims=True)
    second = second - second.mean(axis=1, keepdims=True)
    size = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    together = (first * second).sum(axis=1)
    return np.where(size > 1e-12, together / np.maximum(size, 1e-12), 0.0)


def agreement(
    first: np.ndarray, second: np.ndarray, top: int, groups: np.ndarray | None = None
) -> pd.DataFrame:
    """How much two explanations (rows, features) agree, one row per row.

    * rank correlation: Spearman's, of the signed attributions;
    * top overlap: share of the ``top`` features, by absolute value, that both name;
    * sign agreement: share of the ``top`` that both name and give the same sign.

    Krishna et al. 2022, "The disagreement problem in explainable machine learning",
    arXiv:2202.01602.

    >>> first, second = np.array([[5.0, -4.0, 0.1]]), np.array([[5.0, 4.0, 0.1]])
    >>> agreement(first, second, top=2)["sign agreement"].tolist()
    [0.5]
    """
    first, second = sum_groups(first, groups), sum_groups(second, groups)
    both = _is_top(first, top) & _is_top(second, top)
    same_sign = np.sign(first) == np.sign(second)
    return pd.DataFrame(
        {
            "rank correlation": correlation(first, second, ranks=True),
            "top overlap": both.sum(axis=1) / top,
            "sign agreement": (both & same_sign).sum(axis=1) / top,
        }
    )


def _is_top(attributions: np.ndarray, top: int) -> np.ndarray:
    return _places(np.abs(attributions), None) < top


def stability(explanations: list[np.ndarray]) -> np.ndarray:
    """Correlation of every pair of ``explanations`` (rows, ...), (pairs, rows).

    The explanations are of the same rows, made with another seed, another background,
    or of another network that does the same job.

    >>> runs = np.random.default_rng(0).normal(size=(3, 10, 5))  # three explanations
    >>> stability(list(runs)).shape  # of ten recordings: three pairs
    (3, 10)
    """
    return np.stack(
        [
            correlation(first, second)
            for number, first in enumerate(explanations)
            for second in explanations[number + 1 :]
        ]
    )


# --- randomisation ----------------------------------------------------------------


def randomise_from_the_top(network, explain: Callable, seed: int = 0) -> dict:
    """Explanations of a network that forgets layer by layer, the last layer first.

    The weights of one layer after the other get the same numbers in random order and
    with random signs: as large as before, and empty of what was learned. After each
    layer, ``explain()`` explains ``network``, a Keras model, as it stands. Layers that
    are not trained stay, and in the end the network is what it was before.

    Returns what ``explain`` returned, by name of the layer that was emptied last. An
    explanation of the network must lose its likeness to the original one; what keeps
    it draws the data and not the network. Adebayo et al. 2018, "Sanity checks for
    saliency maps", arXiv:1810.03292 (cascading randomisation).

    >>> import keras
    >>> network = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])
    >>> found = randomise_from_the_top(network, lambda: network.get_weights()[0])
    >>> len(found), np.array_equal(*found.values(), network.get_weights()[0])
    (1, False)
    """
    generator = np.random.default_rng(seed)
    before = network.get_weights()
    explanations = {}
    try:
        for layer in reversed(network.layers):
            if not layer.trainable_weights:
                continue
            for weight in layer.trainable_weights:
                values = generator.permutation(np.asarray(weight).ravel())
                values *= generator.choice((-1, 1), size=values.size)
                weight.assign(values.reshape(weight.shape))
            explanations[layer.name] = explain()
    finally:
        network.set_weights(before)
    return explanations


def shuffle_labels(labels: np.ndarray, seed: int) -> np.ndarray:
    """The same labels (rows,) in random order, to train a network on nonsense.

    What it learns is noise, so the explanation of a real network must not resemble its
    own. Adebayo et al. 2018, arXiv:1810.03292 (data randomisation).

    >>> sorted(shuffle_labels(np.array([0, 0, 1, 2]), seed=0).tolist())
    [0, 0, 1, 2]
    """
    return np.random.default_rng(seed).permutation(labels)


# --- global importance ------------------------------------------------------------


def importance_from_few(
    attributions: np.ndarray,
    count: int,
    draws: int = 200,
    seed: int = 0,
    people: np.ndarray | None = None,
) -> np.ndarray:
    """How well a few recordings stand for all, (draws,).

    The importance of a feature is its mean absolute attribution. Each draw takes
    ``count`` rows without replacement, or, with ``people`` (rows,), all rows of
    ``count`` people; the result is the correlation of their importance with that of
    all rows. Recordings of one person resemble each other, so that a person's sixty
    recordings may stand for less than sixty drawn from everybody.

    >>> attributions = np.random.default_rng(0).normal(size=(10, 30))
    >>> importance_from_few(attributions, count=10, draws=2).round(6).tolist()
    [1.0, 1.0]
    """
    size = np.abs(attributions)
    generator = np.random.default_rng(seed)
    units = np.arange(len(size)) if people is None else people
    names = np.unique(units)
    drawn = np.stack(
        [
            size[np.isin(units, generator.choice(names, count, replace=False))].mean(0)
            for _ in range(draws)
        ]
    )
    everything = np.broadcast_to(size.mean(axis=0), drawn.shape)
    return correlation(drawn, everything)


def share_found(importance: np.ndarray, planted: np.ndarray) -> float:
    """Share of the ``planted`` features among as many most important ones.

    ``importance`` (features,), ``planted`` (features,) boolean. One if the cue leads
    the ranking; by chance it is the share of features that are planted.

    >>> share_found(np.array([5, 1, 3]), planted=np.array([True, True, False]))
    0.5
    """
    top = np.argsort(-importance, kind="stable")[: planted.sum()]
    return float(planted[top].mean())
