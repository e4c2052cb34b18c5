"""What the shipped recipe answers, and explains, when the sound is disturbed.

Each recording is answered and explained by the network of its fold, which never heard
its actor, once clean and once under each of ``disturbances.DISTURBANCES``. The networks
were trained on clean rows and on those in white noise at 20 dB; rooms, telephone,
codecs and gain are new to them. Three things are told of each disturbance:

* the UAR over all actors, with its interval,
* the share of the recordings whose answer is that of their clean twin,
* the agreement of the explanations with those of the clean twin, by item of evidence:
  the correlation over items and emotions, its median over every third recording.
"""

from functools import cache

import numpy as np

import disturbances
from xai4ser import evidence, extraction, models, network, scoring, shapley, tables
from xai4ser.ravdess import RAVDESS

EVERY = 3  # recording is explained
SAMPLES = 16  # background rows and positions in one explanation
BACKGROUND = 100  # recordings of the actors that a network was fitted to


def measure() -> dict:
    """Everything under "robustness" in ``benchmarks/results.json``."""
    table = tables.load_features(RAVDESS.home.features, RAVDESS)
    clean = table[table["version"] == "clean"].reset_index(drop=True)
    inputs = clean[extraction.feature_columns()].to_numpy(np.float32)
    labels = network.labels_of(clean["emotion"])
    actors = clean["actor"].to_numpy()
    before, found = answers_and_items(clean, inputs, inputs), {}
    for name in disturbances.DISTURBANCES:
        print(f"  {name}", flush=True)
        answers, items = answers_and_items(clean, inputs, disturbances.rows_of(name))
        found[name] = {
            "uar": scoring.unweighted_average_recall(labels, answers),
            "interval over actors": [
                round(end, 4)
                for end in scoring.interval_over_actors(labels, answers, actors)
            ],
            "answers kept": float((answers == before[0]).mean()),
            "explanations agree, by item": agreement(items, before[1]),
        }
    return {
        "recordings": len(clean),
        "of which explained": len(before[1]),
        "disturbances": found,
        "kilobits a second": {
            codec: disturbances.kilobits_a_second(codec)
            for codec in disturbances.CODECS
            if codec in found
        },
    }


def answers_and_items(clean, inputs, disturbed) -> tuple[np.ndarray, np.ndarray]:
    """Answers (recordings,) and evidence (explained, items, emotions), out of fold.

    ``clean`` is the table of the clean rows, ``inputs`` their features, ``disturbed``
    (recordings, features) what the networks hear.
    """
    explained = np.arange(len(clean)) % EVERY == 0
    answers = np.zeros(len(clean), int)
    items = np.zeros((len(clean), len(evidence.item_names()), len(RAVDESS.emotions)))
    for number in range(len(RAVDESS.folds)):
        sides, model = RAVDESS.fold(number), network_of(number)
        held_out = sides.rows(clean, "test")
        answers[held_out] = network.predict(model, disturbed[held_out]).argmax(axis=1)
        fitted = np.flatnonzero(sides.rows(clean, "fitted"))
        chosen = np.random.default_rng(0).choice(fitted, BACKGROUND, replace=False)
        rows = held_out & explained
        found = shapley.explain(model, disturbed[rows], inputs[chosen], SAMPLES, seed=0)
        items[rows] = evidence.sums_of_items(found.values)
    return answers, items[explained]


@cache  # so that its graph is traced once
def network_of(number: int):
    """The shipped network that never heard the actors of a fold."""
    return models.load_fold(RAVDESS.home.models, number)


def agreement(items, of_twins) -> float:
    """Median over the recordings of the correlation over items and emotions."""
    return float(
        np.median(
            [
                np.corrcoef(a.ravel(), b.ravel())[0, 1]
                for a, b in zip(items, of_twins, strict=True)
            ]
        )
    )
