"""How good answers are: unweighted average recall, and how sure one can be of it."""

import numpy as np
import pandas as pd
from scipy.stats import bootstrap
from sklearn.metrics import recall_score


def unweighted_average_recall(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Share of each emotion that is recognised, averaged over the emotions.

    Both arguments are (rows,). The average is over the emotions in ``labels``. Lesson
    2, section 2.

    >>> unweighted_average_recall(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]))
    0.5
    """
    there = np.unique(labels)
    return float(recall_score(labels, predicted, labels=there, average="macro"))


def interval_over_actors(
    labels: np.ndarray, predicted: np.ndarray, actors: np.ndarray, draws: int = 2000
) -> tuple[float, float]:
    """A 95 % bootstrap interval of the UAR, drawing whole actors.

    All arrays are (rows,). Recordings of one actor resemble each other, so
    drawing single recordings would make the interval too narrow (Efron &
    Tibshirani 1993, An Introduction to the Bootstrap, on clustered data). It is an
    interval of the *mean* over actors like these; a single new actor, or the next
    four, scatter more. Two numbers that are none (nan) for a single actor, from whom
    nothing can be said about others. Lesson 2, section 6.

    >>> labels, actors = np.array([0, 1, 0, 1]), np.array([1, 1, 2, 2])
    >>> interval_over_actors(labels, np.array([0, 1, 0, 0]), actors)
    (0.5, 1.0)
    """
    # Recordings, and right answers, of each actor and emotion: (actors, emotions)
    emotions = np.unique(labels)
    of_group = (actors[:, None, None] == np.unique(actors)[:, None]) & (
        labels[:, None, None] == emotions
    )
    total = of_group.sum(axis=0)
    hits = (of_group & (labels == predicted)[:, None, None]).sum(axis=0)

    def recall_of(drawn: np.ndarray, axis: int = -1) -> np.ndarray:
        found = hits[drawn].sum(axis=axis - 1 if axis < 0 else axis)
        there = total[drawn].sum(axis=axis - 1 if axis < 0 else axis)
        # An emotion that none of the drawn actors speaks has no recall.
        return (found / np.maximum(there, 1)).sum(axis=-1) / (there > 0).sum(axis=-1)

    if len(hits) < 2:
        return float("nan"), float("nan")
    interval = bootstrap(
        (np.arange(len(hits)),),
        recall_of,
        n_resamples=draws,
        confidence_level=0.95,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return float(interval.low), float(interval.high)


def score_of_folds(predictions: pd.DataFrame) -> dict:
    """Score of all folds, from the table of held-out predictions.

    ``predictions`` has the columns emotion, predicted, actor and seed, every actor
    held out once per seed. Returns the mean UAR over the seeds, its 95 % interval
    over actors, and the UAR of each seed. Lesson 2, section 7.

    >>> table = pd.DataFrame({"emotion": ["sad", "calm"], "predicted": ["sad", "sad"],
    ...                       "actor": [1, 2], "seed": [0, 0]})
    >>> score_of_folds(table)["uar"]
    0.5
    """
    names = sorted(predictions["emotion"].unique())
    labels, answers = (
        pd.Categorical(predictions[column], names).codes
        for column in ("emotion", "predicted")
    )
    seeds = predictions["seed"].to_numpy()
    of_seeds = [
        unweighted_average_recall(labels[seeds == seed], answers[seeds == seed])
        for seed in np.unique(seeds)
    ]
    actors = predictions["actor"].to_numpy()
    return {
        "uar": float(np.mean(of_seeds)),
        "uar_interval": list(interval_over_actors(labels, answers, actors)),
        "uar_of_seeds": of_seeds,
    }
