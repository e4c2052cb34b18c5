"""What a split is worth: the original's features and network, and ours, under three.

The original's protocol as it was: a random quarter of the rows tests, and training
stops on that same quarter. Then the same with recordings and with actors held back
whole. Everybody is scored on the same rows, and the figures are means over splits. What
a split gave is kept in ``build/protocols.json``, and is not computed again.
"""

import json

import numpy as np
from joblib import Parallel, delayed
from sklearn.preprocessing import StandardScaler

import original
from timing import ROOT
from xai4ser import extraction, find, network, scoring, tables
from xai4ser.files import write_text
from xai4ser.ravdess import RAVDESS

SPLITS = 2
KEPT = ROOT / "build" / "protocols.json"


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
    kept = json.loads(KEPT.read_text()) if KEPT.is_file() else {}
    for seed in range(SPLITS):
        for name, groups in groups_of.items():
            key = f"{name}, split {seed}"
            if key not in kept:
                print(f"  {key}", flush=True)
                kept[key] = scores_of(powers, inputs, labels, held_back(groups, seed))
                write_text(KEPT, json.dumps(kept, indent=1) + "\n")
    result = {"splits": SPLITS, "original": {}, "ours": {}, "each split": {}}
    for name in groups_of:
        scores = [kept[f"{name}, split {seed}"] for seed in range(SPLITS)]
        means = np.mean(scores, axis=0).tolist()
        result["original"][name], result["ours"][name] = means
        for who, values in zip(
            ("original", "ours"), zip(*scores, strict=True), strict=True
        ):
            shown = ", ".join(f"{value:.3f}" for value in values)
            result["each split"][f"{who}, {name}"] = shown
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
