"""Hold every actor out once: six folds, three seeds, eighteen networks.

    python tools/score_folds.py

Trains the network of notebook 2 on each fold of ``xai4ser.split`` and writes what
it answers for the held-out actors' clean recordings to
``trained_model/held_out_predictions.csv``. Every figure about the six folds is
computed from that table. The networks of the first seed are kept beside it, so that
every actor can be explained by a network that never heard them. Takes some minutes;
each network is trained as notebook 2 trains its own, on two threads, and several at
once where there are more cores.
"""

import pandas as pd
from joblib import Parallel, cpu_count, delayed
from tqdm import tqdm

from repository import ROOT

MODELS = ROOT / "trained_model"
SEEDS = (0, 1, 2)


def held_out_predictions(fold_number: int, seed: int) -> pd.DataFrame:
    """Train on one fold; one row per clean recording of its held-out actors."""
    from xai4ser import features, network, split, tables
    from xai4ser.corpus import EMOTIONS

    table = tables.load_features()
    sides = split.fold(fold_number)
    model, _ = network.train_on(table, sides, seed)
    if seed == SEEDS[0] and fold_number:  # fold 0 is the shipped network's
        network.save_network(model, MODELS / network.FOLD_FILE.format(fold_number))
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
    at_once = max(1, cpu_count() // network.THREADS)
    results = Parallel(n_jobs=at_once, return_as="generator")(
        delayed(held_out_predictions)(*job) for job in jobs
    )
    table = pd.concat(tqdm(results, total=len(jobs), unit=" networks"))
    table = table.sort_values(["seed", "path"])
    tables.write_text(
        MODELS / network.PREDICTIONS_FILE,
        table.to_csv(index=False, lineterminator="\n"),
    )
    print(network.score_of_folds(table))


if __name__ == "__main__":
    main()
