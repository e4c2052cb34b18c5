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
from scipy.special import softmax
from scipy.stats import rankdata
from sklearn.linear_model import Ridge

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


def promises(
    score: Callable,
    inputs: np.ndarray,
    attributions: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    share: float = 0.2,
    draws: int = 50,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """What attributions promise for the loss of random sets, and what happens.

    ``draws`` times a random ``share`` of the groups is taken away. Promised is the sum
    of the attributions that went, the event is the fall of the score: two arrays (rows,
    draws), in units of the score. Lesson 4, section 4.

    >>> def score(rows):  # linear: a feature adds its weight times its value
    ...     return rows @ np.array([2.0, 1.0, 0.0])
    >>> inputs, baseline = np.ones((1, 3)), np.zeros(3)
    >>> promised, happened = promises(score, inputs, np.array([[2, 1, 0]]), baseline)
    >>> promised.shape, np.allclose(promised, happened)
    ((1, 50), True)
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
    return np.array(promised).T, np.array(happened).T


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

    The correlation, over the draws, of the two that :func:`promises` returns: 1 is
    best, 0 is useless. Bhatt, Weller, Moura 2020, "Evaluating and aggregating
    feature-based model explanations", arXiv:2005.00631.

    >>> def score(rows):  # linear: a feature adds its weight times its value
    ...     return rows @ np.array([2.0, 1.0, 0.0])
    >>> inputs, attributions = np.ones((1, 3)), np.array([[2.0, 1.0, 0.0]])
    >>> baseline = np.zeros(3)
    >>> found = faithfulness_correlation(score, inputs, attributions, baseline)
    >>> found.round(3).tolist()
    [1.0]
    """
    return correlation(
        *promises(
            score, inputs, attributions, baseline, outputs, groups, share, draws, seed
        )
    )


def slope(promised: np.ndarray, happened: np.ndarray) -> float:
    """By how much the event grows when the promise grows by one.

    Both (rows, draws), from :func:`promises`. The least-squares line of all points
    through their common mean: 1 if sizes can be taken at their word. Lesson 4,
    section 4.

    >>> slope(np.array([[1.0, 2.0]]), np.array([[2.0, 4.0]]))
    2.0
    """
    away = promised - promised.mean()
    return float((away * happened).sum() / (away**2).sum())


def infidelity(
    score: Callable,
    inputs: np.ndarray,
    attributions: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """Which part of the events the promises miss, (rows,). Low is good.

    The mean squared distance of the two that :func:`promises` returns, divided by the
    mean square of the events, after all promises were multiplied by the one factor that
    suits them best: so explanations in other units can be compared, 0 is perfect and 1
    no better than to promise nothing. Yeh, Hsieh, Suggala, Inouye, Ravikumar 2019, "On
    the (in)fidelity and sensitivity of explanations", arXiv:1901.09392, for random
    fifths of the features that go to the baseline. Lesson 4, section 4.

    >>> def score(rows):  # linear: a feature adds its weight times its value
    ...     return rows @ np.array([2.0, 1.0, 0.0])
    >>> inputs, baseline = np.ones((1, 3)), np.zeros(3)
    >>> wrong = np.array([[0.0, 0.0, 5.0]])
    >>> infidelity(score, inputs, wrong, baseline).round(3).tolist()
    [1.0]
    """
    promised, happened = promises(
        score, inputs, attributions, baseline, outputs, groups
    )
    factor = (promised * happened).sum() / max((promised**2).sum(), 1e-12)
    missed = ((factor * promised - happened) ** 2).mean(axis=1)
    return missed / np.maximum((happened**2).mean(axis=1), 1e-12)


# --- other explainers, to compare with ------------------------------------------


def occlusion(
    score: Callable,
    inputs: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """How far the score falls when one group alone is taken away, (rows, groups).

    It needs neither gradients nor coalitions, and plays another game than Shapley
    values: of two near-copies neither is missed. Zeiler, Fergus 2014, "Visualizing and
    understanding convolutional networks", arXiv:1311.2901. Lesson 4, section 7.

    >>> def score(rows):  # linear: a feature adds its weight times its value
    ...     return rows @ np.array([2.0, 1.0, 0.0])
    >>> inputs, baseline = np.ones((1, 3)), np.zeros(3)
    >>> occlusion(score, inputs, baseline).tolist()
    [[2.0, 1.0, 0.0]]
    """
    numbers = _group_numbers(inputs.shape[1], groups)
    everything = np.ones(inputs.shape, dtype=bool)
    whole = scores_with(score, inputs, everything, baseline, outputs)
    without = [
        scores_with(score, inputs, everything & (numbers != group), baseline, outputs)
        for group in range(numbers.max() + 1)
    ]
    return whole[:, None] - np.array(without).T


def lime(
    score: Callable,
    inputs: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    samples: int = 500,
    seed: int = 0,
) -> np.ndarray:
    """The slopes of a straight line that imitates the score nearby, (rows, groups).

    ``samples`` times each group is kept or taken away by the toss of a coin; a linear
    regression tells the score from what was kept, and the samples that keep more count
    more. Ribeiro, Singh, Guestrin 2016, "Why should I trust you?", arXiv:1602.04938
    ("LIME"), with its distance, its kernel and no selection. Lesson 4, section 7.

    >>> def score(rows):  # linear: a feature adds its weight times its value
    ...     return rows @ np.array([2.0, 1.0, 0.0])
    >>> inputs, attributions = np.ones((1, 3)), np.array([[2.0, 1.0, 0.0]])
    >>> np.abs(lime(score, inputs, np.zeros(3))).round(1).tolist()
    [[2.0, 1.0, 0.0]]
    """
    numbers = _group_numbers(inputs.shape[1], groups)
    generator = np.random.default_rng(seed)
    kept = generator.integers(0, 2, (samples, numbers.max() + 1)).astype(bool)
    kept[0] = True
    distance = 1 - np.sqrt(kept.mean(axis=1))  # cosine distance from the recording
    weight = np.exp(-((distance / 0.25) ** 2) / 2)
    found = []
    for row in range(len(inputs)):
        here = np.repeat(inputs[row : row + 1], samples, axis=0)
        chosen = None if outputs is None else np.full(samples, outputs[row])
        of_samples = scores_with(score, here, kept[:, numbers], baseline, chosen)
        line = Ridge(alpha=1.0).fit(kept, of_samples, sample_weight=weight)
        found.append(line.coef_)
    return np.array(found)


# --- masks: only this, or all but this ---------------------------------------------


def stronger_half(attributions: np.ndarray, groups: np.ndarray | None) -> np.ndarray:
    """True for the features of the groups above the median, (rows, features).

    >>> stronger_half(np.array([[3.0, -4.0, 1.0, 0.0]]), None).tolist()
    [[True, False, True, False]]
    """
    summed = sum_groups(attributions, groups)
    stronger = summed > np.median(summed, axis=1, keepdims=True)
    return stronger[:, _group_numbers(attributions.shape[1], groups)]


def fidelity_to_input(
    score: Callable,
    inputs: np.ndarray,
    attributions: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """Is the answer the same from the stronger half alone? (rows,), 0 or 1.

    ``outputs`` (rows,) are the answers to the whole ``inputs``; ``score`` gives (n,
    outputs). The weaker half comes from ``baseline`` (features,). "Fid-In" of Paissan,
    Ravanelli, Subakan 2024, "Listenable maps for audio classifiers" (L-MAC),
    arXiv:2403.13086, with a mask made of attributions. Lesson 4, section 3.

    >>> def score(rows):  # of two answers; the first reads the first feature alone
    ...     return np.stack([4 * rows[:, 0], np.ones(len(rows))], axis=1)
    >>> inputs, right, baseline = np.ones((1, 2)), np.array([[4.0, 0.0]]), np.zeros(2)
    >>> fidelity_to_input(score, inputs, right, baseline, np.array([0])).tolist()
    [1.0]
    """
    only = np.where(stronger_half(attributions, groups), inputs, baseline)
    return (np.argmax(score(only), axis=1) == outputs).astype(float)


def faithfulness_of_mask(
    score: Callable,
    inputs: np.ndarray,
    attributions: np.ndarray,
    baseline: np.ndarray,
    outputs: np.ndarray,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """How far the answer's probability falls without the stronger half, (rows,).

    The probabilities are the softmax of ``score``. "FF" of Paissan et al. 2024,
    arXiv:2403.13086; see :func:`fidelity_to_input`. Lesson 4, section 3.

    >>> def score(rows):  # of two answers; the first reads the first feature alone
    ...     return np.stack([4 * rows[:, 0], np.ones(len(rows))], axis=1)
    >>> inputs, right, baseline = np.ones((1, 2)), np.array([[4.0, 0.0]]), np.zeros(2)
    >>> fall = faithfulness_of_mask(score, inputs, right, baseline, np.array([0]))
    >>> fall.round(2).tolist()
    [0.68]
    """
    without = np.where(stronger_half(attributions, groups), baseline, inputs)
    rows = np.arange(len(inputs))
    before, after = (
        softmax(np.asarray(score(sounds)), axis=1)[rows, outputs]
        for sounds in (inputs, without)
    )
    return before - after


# --- how an explanation is made ------------------------------------------------------


def max_sensitivity(
    explain: Callable,
    inputs: np.ndarray,
    spread: np.ndarray,
    radius: float = 0.1,
    draws: int = 5,
    seed: int = 0,
) -> np.ndarray:
    """The largest relative change of an explanation under a tiny disturbance, (rows,).

    ``explain`` makes attributions (rows, features) of inputs (rows, features). Each of
    ``draws`` times every feature moves by a random amount of at most ``radius`` times
    its ``spread`` (features,). Low is good. ``explain`` must use the same random
    numbers each time, or its own chance is measured as well. Yeh et al. 2019,
    arXiv:1901.09392. Lesson 4, section 6.

    >>> inputs, spread = np.ones((1, 3)), np.ones(3)
    >>> max_sensitivity(lambda rows: np.ones_like(rows), inputs, spread).tolist()
    [0.0]
    """
    generator = np.random.default_rng(seed)
    before = explain(inputs)
    size = np.maximum(np.linalg.norm(before, axis=1), 1e-12)
    changes = []
    for _ in range(draws):
        step = generator.uniform(-radius, radius, inputs.shape) * spread
        after = explain((inputs + step).astype(inputs.dtype))
        changes.append(np.linalg.norm(after - before, axis=1) / size)
    return np.max(changes, axis=0)


def sparseness(attributions: np.ndarray) -> np.ndarray:
    """How unequal the sizes of attributions (rows, parts) are, (rows,): Gini's index.

    0 if all are alike, near 1 if one part has everything. Chalasani, Chen, Chowdhury,
    Jha, Wu 2020, "Concise explanations of neural networks using adversarial training",
    arXiv:1810.06583. Lesson 4, section 3.

    >>> sparseness(np.array([[1.0, -1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 8.0]])).tolist()
    [0.0, 0.75]
    """
    sizes = np.sort(np.abs(attributions), axis=1)
    count = sizes.shape[1]
    ranks = 2 * np.arange(1, count + 1) - count - 1
    total = np.maximum(sizes.sum(axis=1), 1e-12)
    return (sizes * ranks).sum(axis=1) / (count * total)


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


# --- the scorecard ------------------------------------------------------------------


class Scorecard:
    """Tests of an explanation, each with a limit that is written down beforehand.

    ``limits``: limit -> names of tests, separated by commas. A limit is "at most 0.1",
    "at least 0.95", "below both controls" or "above both controls". :meth:`enter` and
    :meth:`compare` take results, and :meth:`table` shows all tests, those that were
    not done as well. Lesson 4, sections 1 and 10.

    >>> card = Scorecard({"at least 0.95": "another seed, another background"})
    >>> card.enter("another seed", 0.9)
    'another seed: 0.90, at least 0.95: NO'
    """

    def __init__(self, limits: dict[str, str]):
        self.limits = {
            name: limit for limit, names in limits.items() for name in names.split(", ")
        }
        self.results = {}

    def enter(self, test: str, value: float, control: float | None = None) -> str:
        """Note the ``value`` of a test with a number as limit; returns it in words.

        ``control``, what a worthless explanation gets, is shown beside it. Raises
        ValueError for a test whose limit was not written down before.
        """
        word, number = self._limit(test).rsplit(" ", 1)
        passed = (
            value >= float(number) if word == "at least" else value <= float(number)
        )
        return self._note(test, value, control, passed)

    def compare(self, test: str, results: pd.DataFrame) -> str:
        """Note ``results`` (people, explanations), whose first column is on trial.

        It must be better than all other columns, the controls, for each person.
        Returns the result in words. Raises ValueError as :meth:`enter`.
        """
        sign = -1 if self._limit(test).startswith("below") else 1
        ours, controls = sign * results.iloc[:, 0], sign * results.iloc[:, 1:]
        passed = (ours > controls.max(axis=1)).all()
        best = sign * controls.mean().max()
        return self._note(test, sign * ours.mean(), best, passed)

    def _limit(self, test: str) -> str:
        if test not in self.limits:
            raise ValueError(
                f"No limit was set for {test!r}. Write it down before the result."
            )
        return self.limits[test]

    def _note(self, test, value, control, passed) -> str:
        verdict = "yes" if passed else "NO"
        self.results[test] = (float(value), control, verdict)
        beside = "" if control is None else f" (control {control:.2f})"
        return f"{test}: {value:.2f}{beside}, {self.limits[test]}: {verdict}"

    def table(self) -> pd.DataFrame:
        """A row per test: value, control, limit, passed. The *no*s come first."""
        rows = []
        for test, limit in self.limits.items():
            value, control, verdict = self.results.get(test, (None, None, "not done"))
            shown = ["" if x is None else f"{x:.2f}" for x in (value, control)]
            rows.append((test, *shown, limit, verdict))
        columns = ["test", "value", "control", "limit", "passed"]
        table = pd.DataFrame(rows, columns=columns).set_index("test")
        return table.sort_values("passed", key=_loudest_first, kind="stable")


def _loudest_first(verdicts: pd.Series) -> pd.Series:
    return verdicts.map({"NO": 0, "not done": 1, "yes": 2})
