"""Hold every actor out once: six folds, three seeds, eighteen networks.

    python tools/score_folds.py

Trains the network of notebook 2 on each fold of ``xai4ser.split`` and writes what
it answers for the held-out actors' clean recordings to
``trained_model/held_out_predictions.csv``. Every figure about the six folds is
computed from that table. Takes some minutes; uses all cores, one fold on each.
"""

import sys
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "notebooks"))

SEEDS = (0, 1, 2)


def held_out_predictions(fold_number: int, seed: int) -> pd.DataFrame:
    """Train on one fold; one row per clean recording of its held-out actors."""
    from xai4ser import features, network, split, tables
    from xai4ser.corpus import EMOTIONS

    network.use_threads(1)
    table = tables.load_features()
    sides = split.fold(fold_number)
    model, _ = network.train_on(table, sides, seed)
    held_out = table[sides.rows(table, "test") & (table["version"] == "clean")]
    inputs = features.network_input(held_out[features.feature_columns()])
    probabilities = pd.DataFrame(
        network.predict(model, inputs),
        columns=[f"p_{emotion}" for emotion in EMOTIONS],
        index=held_out.index,
    )
    predicted = probabilities.idxmax(axis=1).str.removeprefix("p_")
    result = held_out[["path", "emotion", "actor"]].assign(
        predicted=predicted, fold=fold_number, seed=seed
    )
    return result.join(probabilities.round(4))


def main() -> None:
    from xai4ser import network, tables

    jobs = [(fold, seed) for seed in SEEDS for fold in range(6)]
    results = Parallel(n_jobs=-1, return_as="generator")(
        delayed(held_out_predictions)(*job) for job in jobs
    )
    table = pd.concat(tqdm(results, total=len(jobs), unit=" networks"))
    table = table.sort_values(["seed", "path"])
    path = ROOT / "trained_model" / network.PREDICTIONS_FILE
    tables.write_text(path, table.to_csv(index=False, lineterminator="\n"))
    print(network.score_of_folds(table))


if __name__ == "__main__":
    main()
