"""What a split is worth: the original's features and network, and ours, under three.

The original's protocol as it was: a random quarter of the rows tests, and training
stops on that same quarter. Then the same with recordings and with actors held back
whole. Everybody is scored on the same rows, and the figures are means over splits.
"""

import numpy as np
from joblib import Parallel, delayed
from sklearn.preprocessing import StandardScaler

import original
from xai4ser import extraction, find, network, scoring, tables
from xai4ser.ravdess import RAVDESS

SPLITS = 2


def measure() -> dict:
    table = tables.load_features(RAVDESS.home.features, RAVDESS)
    labels = network.labels_of(table["emotion"])
    inputs = table[extraction.feature_columns()].to_numpy(np.float32)
    found = find.recordings()
    powers = np.concatenate(
        Parallel(n_jobs=-1)(
            delayed(original.features_of)(found.folder / path)
            for path in found.table["path"]
        )
    )
    groups_of = {
        "by row": np.arange(len(table)),
        "by recording": table["path"].factorize()[0],
        "by actor": table["actor"].to_numpy(),
    }
    result = {"splits": SPLITS, "original": {}, "ours": {}}
    for name, groups in groups_of.items():
        scores = np.array(
            [
                scores_of(powers, inputs, labels, held_back(groups, seed))
                for seed in range(SPLITS)
            ]
        )
        result["original"][name], result["ours"][name] = scores.mean(axis=0).tolist()
    return result


def held_back(groups: np.ndarray, seed: int) -> np.ndarray:
    """A quarter of the groups: True for the rows (rows,) that test."""
    shuffled = np.random.default_rng(seed).permutation(np.unique(groups))
    return np.isin(groups, shuffled[: len(shuffled) // 4])


def scores_of(powers, inputs, labels, test) -> tuple[float, float]:
    """UAR of the original and of ours on the rows that ``test``."""
    scaler = StandardScaler().fit(powers[~test])
    older = original.answers(scaler.transform(powers)[:, :, None], labels, test)
    model, _ = network.fit(inputs[~test], labels[~test], 0)
    ours = network.predict(model, inputs[test]).argmax(axis=1)
    return tuple(
        scoring.unweighted_average_recall(labels[test], answers)
        for answers in (older, ours)
    )
