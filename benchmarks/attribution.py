"""What an explanation costs, and how precise it is: ours and shap's, in one run."""

import time

from machine import ROOT
from stock_explainers import stock_explainers


def measure() -> dict:
    """Cost and precision of every explainer: all of them in one run.

    Cost is the time for one recording and all eight emotions; ours is timed on all
    1440 recordings. Precision is the correlation per recording and emotion, the
    median: with our method's own limit (2000 samples) feature by feature, over 24
    recordings or, for shap's explainers, the first three of them; and with
    the exact Shapley values of eight groups of sixteen bands.
    """
    import numpy as np

    from xai4ser import corpus, features, network, shapley, tables

    model, manifest = network.load(corpus.ROOT / "trained_model")
    table = tables.load_features()
    clean = (table["version"] == "clean").to_numpy()
    inputs = features.network_input(table[features.feature_columns()])
    training = clean & table["actor"].isin(manifest["actors"]["train"]).to_numpy()
    generator = np.random.default_rng(0)
    background = inputs[generator.choice(np.flatnonzero(training), 100, replace=False)]
    everything = inputs[clean]
    few = generator.choice(len(everything), 24, replace=False)
    limit = np.mean(
        [
            shapley.by_band(
                shapley.explain(model, everything[few], background, 100, seed)
            )
            for seed in range(1, 21)
        ],
        axis=0,
    )
    exact, seconds_of_exact = {}, {}
    for groups, recordings in ((8, few[:3]), (12, few[:1])):
        of_band = np.arange(features.BANDS) * groups // features.BANDS
        start = time.perf_counter()
        exact[groups] = np.stack(
            [
                shapley.exact_shapley(
                    shapley.band_game(model, everything[row], background, of_band),
                    groups,
                )
                for row in recordings
            ]
        )
        seconds = (time.perf_counter() - start) / len(recordings)
        seconds_of_exact[f"{groups} groups of bands, per recording (s)"] = seconds

    def precision(values, of_limit=limit):
        """``values`` (recordings, bands, measures, emotions) against both."""
        count = len(values)
        result = {"correlation with our limit": correlation(values, of_limit[:count])}
        for groups, reference in exact.items():
            of_band = np.arange(features.BANDS) * groups // features.BANDS
            used = min(count, len(reference))
            grouped = np.stack(
                [values[:used, of_band == g].sum(axis=(1, 2)) for g in range(groups)], 1
            )
            result[f"correlation with exact values of {groups} groups"] = correlation(
                grouped, reference[:used]
            )
        return result

    shapley.explain(model, everything[:64], background, 4)  # traces the graph
    ours = {}
    importance = np.abs(limit).mean(axis=0)
    for samples in (4, 8, 16, 24, 32, 64, 96):
        start = time.perf_counter()
        found = shapley.explain(model, everything, background, samples, seed=0)
        seconds = time.perf_counter() - start
        scores = shapley.scores_model(model)(everything).numpy()
        values = shapley.by_band(found)[few]
        ours[str(samples)] = {
            "seconds for all 1440": seconds,
            "seconds per recording": seconds / len(everything),
            **precision(values),
            "correlation of the global importance with the limit's": float(
                np.corrcoef(np.abs(values).mean(axis=0).ravel(), importance.ravel())[
                    0, 1
                ]
            ),
            "largest gap to additivity": shapley.largest_gap(found, scores),
        }
    stock = stock_explainers(model, everything[few[:3]], background, precision)
    draw_cost_and_precision(ours, stock)
    return {
        "ours, by samples": ours,
        "shap's explainers": stock,
        "exact Shapley values": seconds_of_exact,
    }


def correlation(values, reference) -> float:
    """Median over recordings and emotions, each the correlation of all features."""
    import numpy as np

    of_pairs = [
        np.corrcoef(values[row, ..., e].ravel(), reference[row, ..., e].ravel())[0, 1]
        for row in range(len(values))
        for e in range(values.shape[-1])
    ]
    return float(np.median(of_pairs))


def draw_cost_and_precision(ours: dict, stock: dict) -> None:
    """``benchmarks/explainers.png``: what a recording costs, and how precise it is."""
    import matplotlib.pyplot as plt

    from xai4ser import plots

    plots.use_course_style()
    figure, axes = plt.subplots(1, 2, figsize=(12.5, 4.8), sharex=True)
    columns = {
        "correlation with our limit": "1024 features: correlation with our limit",
        "correlation with exact values of 8 groups": "8 groups of bands: correlation "
        "with exact Shapley values",
    }
    looks = zip("oPs^vX", plots.OKABE_ITO[3:] + plots.OKABE_ITO[:1], strict=True)
    for (name, of_method), (marker, colour) in zip(
        {"xai4ser.shapley": ours, **stock}.items(), looks, strict=True
    ):
        for ax, column in zip(axes, columns, strict=True):
            points = [
                (budget["seconds per recording"], budget[column])
                for budget in of_method.values()
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
