"""The trials behind the recipe of the network, so that the log can be computed again.

    python benchmarks/recipe_search.py [--folds 1 3] [TRIAL ...]

Each trial changes some constants of ``xai4ser.network`` and is trained on folds 1 to 5,
without the actors of fold 0, who choose nothing. What each fold gave is added to
``benchmarks/recipe_search.json``; a fold that stands there is not computed again. The
table is printed at the end. A trial of five folds takes some four minutes. The last
trials also train on, or are scored in, simulated rooms (``disturbances.py``), for which
the recordings must be there; what they are scored in are other rooms than those that
they were trained in.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "notebooks"))

LOG = Path(__file__).with_suffix(".json")
FOLDS = (1, 2, 3, 4, 5)
TRIALS = {
    "the recipe": {},
    "no blur": {"BLUR": 0.01},
    "one CNN": {"TOWERS": 1},
    "two CNNs": {"TOWERS": 2},
    "32 filters": {"FILTERS": 32},
    "64 filters": {"FILTERS": 64},
    "feature noise 0.2": {"FEATURE_NOISE": 0.2},
    "feature noise 0.4": {"FEATURE_NOISE": 0.4},
    "24 epochs": {"EPOCHS": 24},
    "60 epochs": {"EPOCHS": 60},
    "without the cues": {"CUES_WEIGHT": 0.0},
    "cues weighing 1": {"CUES_WEIGHT": 1.0},
    "clean rows only": {"clean_only": True},
    # What beside the clean rows is trained on; the recipe has "noisy" alone.
    "the recipe, heard in a room": {"beside": ("noisy",)},
    "rooms for noise": {"beside": ("rooms",)},
    "noisy rooms for noise": {"beside": ("noisy rooms",)},
    "rooms beside noise": {"beside": ("noisy", "rooms")},
}
SCORED_ROOM = "room 0.6 s"


def try_fold(settings: dict, number: int) -> dict[str, float]:
    """UAR on the clean and the noisy recordings of the actors of fold ``number``."""
    from xai4ser import extraction, network, scoring, tables
    from xai4ser.ravdess import RAVDESS

    settings = dict(settings)
    clean_only = settings.pop("clean_only", False)
    beside = settings.pop("beside", None)
    before = {name: getattr(network, name) for name in settings}
    table = tables.load_features(RAVDESS.home.features, RAVDESS)
    sides = RAVDESS.fold(number)
    chooses = ~table["actor"].isin(RAVDESS.folds[0]).to_numpy()
    clean = (table["version"] == "clean").to_numpy()
    rows = sides.rows(table, "fitted") & chooses & (clean | (not clean_only))
    inputs = table[extraction.feature_columns()].to_numpy(np.float32)
    labels = network.labels_of(table["emotion"])
    trained = inputs[rows], labels[rows]
    if beside is not None:
        trained = with_rooms(inputs, labels, clean, rows, beside)
    try:
        for name, value in settings.items():
            setattr(network, name, value)
        model, _ = network.fit(*trained, 0, epochs=network.EPOCHS)
    finally:
        for name, value in before.items():
            setattr(network, name, value)
    held_out = sides.rows(table, "test")

    def score_of(rows, labels):
        answers = network.predict(model, rows).argmax(axis=1)
        return round(scoring.unweighted_average_recall(labels, answers), 4)

    found = {
        version: score_of(inputs[held_out & chosen], labels[held_out & chosen])
        for version, chosen in (("clean", clean), ("noisy", ~clean))
    }
    if beside is not None:
        import disturbances

        heard = disturbances.rows_of(SCORED_ROOM)[held_out[clean]]
        found["room"] = score_of(heard, labels[held_out & clean])
    return found


def with_rooms(inputs, labels, clean, rows, beside) -> tuple[np.ndarray, np.ndarray]:
    """Of the clean ``rows``, each recording's row and then what ``beside`` names."""
    import disturbances

    trained = [inputs[clean]] + [
        inputs[~clean] if name == "noisy" else disturbances.rows_of(name)
        for name in beside
    ]
    of_fitted = np.stack(trained, axis=1)[rows[clean]]  # (recordings, kinds, features)
    return (
        of_fitted.reshape(-1, inputs.shape[1]),
        np.repeat(labels[clean & rows], len(trained)),
    )


def main() -> None:
    from xai4ser.files import write_text

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trials", nargs="*", choices=[[], *TRIALS], metavar="TRIAL")
    parser.add_argument("--folds", nargs="+", type=int, choices=FOLDS, default=FOLDS)
    chosen = parser.parse_args()
    log = json.loads(LOG.read_text()) if LOG.is_file() else {}
    for name in chosen.trials or TRIALS:
        of_trial = log.setdefault(name, {})
        for number in chosen.folds:
            if str(number) not in of_trial:
                of_trial[str(number)] = try_fold(TRIALS[name], number)
                write_text(LOG, json.dumps(log, indent=1) + "\n")
    for name, of_folds in log.items():
        scores = "  ".join(
            f"{version} {np.mean([found[version] for found in of_folds.values()]):.3f}"
            for version in next(iter(of_folds.values()))
        )
        print(f"{name:28s} {scores}  {len(of_folds)} folds")


if __name__ == "__main__":
    main()
