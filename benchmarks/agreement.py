"""Do two trainings of the recipe explain the same recordings alike?

Once with another seed and the same actors, once with other actors: two disjoint halves
of those that are not test actors, balanced by sex. Compared are the attributions of
the same held-out recordings, for all emotions: by single feature, by band (all its
measures together), by item of evidence, and by the named cues alone. The agreement
is the median over the recordings of the correlation between two trainings.
"""

from itertools import combinations

import numpy as np

import timing  # noqa: F401  finds the packages
from xai4ser import evidence, extraction, network, scoring, shapley, tables
from xai4ser.ravdess import RAVDESS

SEEDS = (0, 1)
DRAWS = 2  # of two halves of the actors
SAMPLES = 64  # background rows and positions in one explanation
FOLD = 0


def levels_of(values: np.ndarray) -> dict[str, np.ndarray]:
    """Attributions (rows, features, emotions) at each level: (rows, parts, ...)."""

    return {
        "feature": values,
        "band": extraction.by_band(values).sum(axis=2),
        "item": evidence.sums_of_items(values),
        "cue": values[:, extraction.BAND_FEATURES :],
    }


def agreement(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Median correlation over the recordings, at each level."""
    found = {}
    for name, one in levels_of(first).items():
        other = levels_of(second)[name]
        correlations = [
            np.corrcoef(a.ravel(), b.ravel())[0, 1]
            for a, b in zip(one, other, strict=True)
        ]
        found[name] = round(float(np.median(correlations)), 3)
    return found


def mean_of(agreements: list[dict]) -> dict[str, float]:
    """The mean at each level over several comparisons."""
    return {
        name: round(float(np.mean([one[name] for one in agreements])), 3)
        for name in agreements[0]
    }


def halves_of(actors: list[int], draw: int) -> tuple[list[int], list[int]]:
    """Two disjoint halves of ``actors``, each with as many women as men."""
    generator = np.random.default_rng(draw)
    halves = [], []
    for sex in (0, 1):
        order = generator.permutation([a for a in actors if a % 2 == sex]).tolist()
        middle = len(order) // 2
        halves[0].extend(order[:middle])
        halves[1].extend(order[middle:])
    return sorted(halves[0]), sorted(halves[1])


def telling(values: np.ndarray, answers: np.ndarray) -> dict[str, float]:
    """How few items say how much, for the score of each recording's answer."""
    items = levels_of(values)["item"][np.arange(len(answers)), :, answers]
    sizes = np.sort(np.abs(items), axis=1)[:, ::-1]
    ratio = sizes.sum(axis=1) / np.abs(items.sum(axis=1))
    share = sizes[:, :12].sum(axis=1) / sizes.sum(axis=1)
    return {
        "items": items.shape[1],
        "sizes over size of the sum (median)": round(float(np.median(ratio)), 2),
        "share of the sizes in the twelve strongest (median)": round(
            float(np.median(share)), 3
        ),
    }


def by_emotion(values: np.ndarray, labels: np.ndarray) -> dict[str, list[float]]:
    """What each item adds to its own emotion's score: the mean over its recordings."""
    items = levels_of(values)["item"]  # (recordings, items, emotions)
    means = {
        emotion: items[labels == number, :, number].mean(axis=0)
        for number, emotion in enumerate(RAVDESS.emotions)
    }
    return {emotion: mean.round(3).tolist() for emotion, mean in means.items()}


class Held:
    """The held-out recordings, and how a network fitted to some actors explains."""

    def __init__(self):
        self.table = tables.load_features(RAVDESS.home.features, RAVDESS)
        self.inputs = self.table[extraction.feature_columns()].to_numpy(np.float32)
        self.labels = network.labels_of(self.table["emotion"])
        self.sides = RAVDESS.fold(FOLD)
        clean = (self.table["version"] == "clean").to_numpy()
        self.rows = clean & self.sides.rows(self.table, "test")
        others = np.flatnonzero(clean & self.sides.rows(self.table, "fitted"))
        chosen = np.random.default_rng(0).choice(others, 100, replace=False)
        self.background = self.inputs[chosen]

    def trained_on(self, actors, seed: int):
        """Attributions, answers and score of a network fitted to ``actors``."""
        rows = self.table["actor"].isin(actors).to_numpy()
        model, _ = network.fit(self.inputs[rows], self.labels[rows], seed)
        held = self.inputs[self.rows]
        found = shapley.explain(model, held, self.background, SAMPLES, seed=0)
        answers = network.predict(model, held).argmax(axis=1)
        uar = scoring.unweighted_average_recall(self.labels[self.rows], answers)
        return found.values, answers, uar


def measure() -> dict:
    """Everything under "agreement" in ``benchmarks/results.json``."""
    held = Held()
    fitted = list(held.sides.fitted)
    of_seeds = [held.trained_on(fitted, seed) for seed in SEEDS]
    by_seeds = [agreement(a[0], b[0]) for a, b in combinations(of_seeds, 2)]
    by_actors, uar_of_halves, of_halves = [], [], []
    for draw in range(DRAWS):
        first, second = (held.trained_on(half, 0) for half in halves_of(fitted, draw))
        of_halves += [first, second]
        by_actors.append(agreement(first[0], second[0]))
        uar_of_halves += [first[2], second[2]]
    values, answers, _ = of_seeds[0]
    side_by_side = {
        "another seed": of_seeds[1],
        "ten of the actors": of_halves[0],
        "the other ten": of_halves[1],
    }
    labels = held.labels[held.rows]
    return {
        "seeds": mean_of(by_seeds),
        "actors": mean_of(by_actors),
        "actors, each draw": by_actors,
        "uar of seeds": [round(one[2], 4) for one in of_seeds],
        "uar of halves": [round(one, 4) for one in uar_of_halves],
        "telling": telling(values, answers),
        "items added": {
            name: by_emotion(one[0], labels) for name, one in side_by_side.items()
        },
    }
