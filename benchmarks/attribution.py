"""Cost and precision of every explainer: all in one run, with one background.

Cost is the time for one recording and all eight emotions; ours is timed on all 1440
recordings. Precision is the correlation per recording and emotion, the median: with our
method's own limit (2000 samples) feature by feature, over 24 recordings or, for shap's
explainers, the first three of them, and the first alone for those that evaluate the
network without its gradient; and with the exact Shapley values of nine groups, eight of
sixteen bands each and the cues. Every explainer compares with the same hundred
recordings.

Such explainers get more and more evaluations, so that one sees whether they have
converged, or what it would cost: a tree of n features is worked off to its last leaf
with two thirds of n squared evaluations (counted for 8 to 128), which is extrapolated.
"""

import time
import warnings

import numpy as np
import shap
from scipy.stats import spearmanr

from course import lesson
from timing import ROOT
from xai4ser import cues, evidence, extraction, features, plots, shapley
from xai4ser.ravdess import RAVDESS

SAMPLES = (8, 16, 32, 64)
EVALUATIONS = {
    "PermutationExplainer": (1,),  # rounds, of 2 n + 1 each
    "KernelExplainer": (4000, 16_000),
    "PartitionExplainer": (1000, 4000, 16_000),
}
GROUPS = 9
GROUP_OF_FEATURE = np.concatenate(
    [
        np.tile(np.arange(features.BANDS) // 16, len(features.MEASURES)),
        np.full(len(cues.CUES), 8),
    ]
)


def measure() -> dict:
    for message in lesson.KNOWN_WARNINGS:
        warnings.filterwarnings("ignore", message=message)
    given = lesson.open_trained(RAVDESS)
    generator = np.random.default_rng(0)
    fitted = np.flatnonzero(given.fitted)
    background = given.inputs[generator.choice(fitted, 100, replace=False)]
    everything = given.inputs[given.clean]
    few = everything[generator.choice(len(everything), 24, replace=False)]
    limit = np.mean(
        [
            shapley.explain(given.model, few, background, 100, seed).values
            for seed in range(1, 21)
        ],
        axis=0,
    )
    start = time.perf_counter()
    exact = np.stack([exact_values(given.model, row, background) for row in few[:3]])
    seconds_of_exact = (time.perf_counter() - start) / len(exact)

    def precision(values):
        """``values`` (recordings, features, emotions) against limit and exact."""
        used = min(len(values), len(exact))
        members = np.eye(GROUPS)[GROUP_OF_FEATURE]  # (features, groups)
        of_groups = np.einsum("rfe,fg->rge", values[:used], members)
        return {
            "correlation with our limit": correlation(values, limit[: len(values)]),
            "correlation with exact values of 9 groups": correlation(
                of_groups, exact[:used]
            ),
        }

    ours = {
        str(samples): ours_with(samples, given.model, everything, few, background)
        for samples in SAMPLES
    }
    scores, misses = shapley.scores_model(given.model)(few).numpy(), {}
    for samples, of_samples in ours.items():
        found = shapley.explain(
            given.model, few, background, int(samples), seed=0, closed=False
        )
        of_samples |= precision(of_samples.pop("values"))
        misses[samples] = missed(found, scores, limit)
    stock = stock_explainers(given.model, few[:3], background, precision)
    draw_cost_and_precision(ours, stock)
    return {
        "background, recordings": len(background),
        "ours, by samples": ours,
        "ours, what the sum misses before it is closed, by samples": misses,
        "shap's explainers": stock,
        "PartitionExplainer to its last leaf, extrapolated": to_the_last_leaf(
            stock["PartitionExplainer"], few.shape[1]
        ),
        "exact Shapley values of 9 groups, per recording (s)": seconds_of_exact,
    }


def ours_with(samples, model, everything, few, background) -> dict:
    """Time for all recordings, the gap to additivity, and the values of a few."""
    shapley.explain(model, everything[:64], background, samples)  # traces the graph
    start = time.perf_counter()
    found = shapley.explain(model, everything, background, samples, seed=0)
    seconds = time.perf_counter() - start
    scores = shapley.scores_model(model)(everything).numpy()
    return {
        "seconds for all 1440": seconds,
        "seconds per recording": seconds / len(everything),
        "largest gap to additivity": shapley.largest_gap(found, scores),
        "values": shapley.explain(model, few, background, samples, seed=0).values,
    }


def missed(found, scores, limit) -> dict:
    """What the sum of the attributions misses, as a bar for the error of each."""
    misses = np.abs(shapley.misses(found, scores))
    to_share = np.abs(scores - found.base_values)
    errors = evidence.sums_of_items(found.values - limit)  # (rows, items, emotions)
    errors = np.sqrt((errors**2).mean(axis=1))
    return {
        "median, in units of the score": float(np.median(misses)),
        "median, of the median that is shared out": float(
            np.median(misses) / np.median(to_share)
        ),
        "error by item, median": float(np.median(errors)),
        "rank correlation with the error by item": float(
            spearmanr(misses.ravel(), errors.ravel())[0]
        ),
    }


def exact_values(model, recording, background) -> np.ndarray:
    """Exact Shapley values (groups, emotions)."""
    game = shapley.group_game(model, recording, background, GROUP_OF_FEATURE)
    return shapley.exact_shapley(game, GROUPS)


def correlation(values, reference) -> float:
    """Median over recordings and emotions, each the correlation of all features."""
    of_pairs = [
        np.corrcoef(values[row, :, emotion], reference[row, :, emotion])[0, 1]
        for row in range(len(values))
        for emotion in range(values.shape[-1])
    ]
    return float(np.median(of_pairs))


def stock_explainers(model, recordings, background, precision) -> dict:
    """shap's own explainers, at several budgets, on ``recordings`` (rows, features)."""
    scores = shapley.scores_model(model)
    count = recordings.shape[1]

    def score_of_rows(rows):
        rows = np.asarray(rows, np.float32)
        parts = [rows[start : start + 4096] for start in range(0, len(rows), 4096)]
        return np.concatenate([scores(part).numpy() for part in parts])

    # Each returns a function of recordings, so that what is prepared once is not timed.

    def permutation(rounds):
        masker = shap.maskers.Independent(background)
        explainer = shap.PermutationExplainer(score_of_rows, masker, seed=0)
        budget = rounds * (2 * count + 1)
        return lambda some: explainer(some, max_evals=budget, silent=True).values

    def partition(budget):
        tree = shapley.tree_of_neighbours(count)
        masker = shap.maskers.Partition(background, clustering=tree)
        explainer = shap.PartitionExplainer(score_of_rows, masker)
        return lambda some: explainer(some, max_evals=budget, silent=True).values

    def kernel(budget):
        explainer = shap.KernelExplainer(score_of_rows, background)
        return lambda some: explainer.shap_values(
            some, nsamples=budget, l1_reg=0, silent=True
        )

    def gradient(samples):
        explainer = shap.GradientExplainer(scores, background)
        return lambda some: explainer.shap_values(some, nsamples=samples, rseed=0)

    def deep(size):
        explainer = shap.DeepExplainer(
            (scores.inputs, scores.outputs[0]), background[:size]
        )
        return explainer.shap_values

    explainers = {
        "GradientExplainer": (gradient, (100, 400)),
        "DeepExplainer": (deep, (100,)),
        "PermutationExplainer": (permutation, EVALUATIONS["PermutationExplainer"]),
        "KernelExplainer": (kernel, EVALUATIONS["KernelExplainer"]),
        "PartitionExplainer": (partition, EVALUATIONS["PartitionExplainer"]),
    }
    result = {}
    for name, (prepare, budgets) in explainers.items():
        result[name] = {}
        for budget in budgets:
            print(f"  {name} {budget}", flush=True)
            by_gradient = name not in EVALUATIONS
            some = recordings if by_gradient else recordings[:1]
            explain = prepare(budget)
            if by_gradient:
                explain(some[:1])  # traces its graph
            start = time.perf_counter()
            found = np.asarray(explain(some))
            each = (time.perf_counter() - start) / len(found)
            result[name][str(budget)] = {
                "seconds per recording": each,
                "hours for all 1440, extrapolated": 1440 * each / 3600,
                **precision(found),
            }
    return result


def to_the_last_leaf(partition: dict, count: int) -> dict:
    """What PartitionExplainer would cost until it has converged, extrapolated.

    ``partition`` are its results by evaluations, for ``count`` features.
    """
    longest, evaluations = max(partition, key=int), 2 * count**2 / 3
    each = partition[longest]["seconds per recording"] / int(longest)
    return {
        "evaluations": round(evaluations),
        "hours per recording": each * evaluations / 3600,
    }


def draw_cost_and_precision(ours: dict, stock: dict) -> None:
    """``benchmarks/explainers.png``: what a recording costs, and how precise it is."""
    import matplotlib.pyplot as plt

    plots.use_course_style()
    figure, axes = plt.subplots(1, 2, figsize=(12.5, 4.8), sharex=True)
    count = len(extraction.feature_columns())
    columns = {
        "correlation with our limit": f"{count} features: correlation with our limit",
        "correlation with exact values of 9 groups": "9 groups: correlation with exact "
        "Shapley values",
    }
    colours = plots.BLUE, plots.VERMILION, plots.PINK, plots.GREEN, plots.ORANGE
    looks = zip("oPs^Dv", (*colours, plots.VIOLET), strict=True)
    for (name, of_method), (marker, colour) in zip(
        {"xai4ser.shapley": ours, **stock}.items(), looks, strict=True
    ):
        for ax, column in zip(axes, columns, strict=True):
            points = [
                (budget["seconds per recording"], budget[column])
                for budget in of_method.values()
                if column in budget
            ]
            ax.plot(*zip(*points, strict=True), marker=marker, color=colour, label=name)
    for ax, title in zip(axes, columns.values(), strict=True):
        ax.set_xscale("log")
        ax.set(xlabel="seconds per recording, all eight emotions", ylabel="correlation")
        ax.set_title(title, fontsize=12)
        ax.grid(alpha=0.3)
    axes[0].legend(fontsize=10)
    figure.savefig(ROOT / "benchmarks" / "explainers.png")
    plt.close(figure)
