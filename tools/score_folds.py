"""Hold every actor out once: six folds, three seeds, eighteen networks.

    python tools/score_folds.py

Trains the network of lesson 2 on each fold and writes what it answers for the
held-out actors' recordings, clean and noisy, to
``trained_model/held_out_predictions.csv``. Every figure about the six folds is
computed from that table. The networks of the first seed are kept beside it, so that
every actor can be explained by a network that never heard them. Takes some minutes;
each network is trained as lesson 2 trains its own, on two threads, and several at once
where there are more cores.
"""

import pandas as pd
from joblib import Parallel, cpu_count, delayed
from tqdm import tqdm

SEEDS = (0, 1, 2)


def held_out_predictions(fold_number: int, seed: int) -> pd.DataFrame:
    """Train on one fold; one row per recording and version of its held-out actors."""
    from xai4ser import models, network, tables
    from xai4ser.ravdess import RAVDESS

    place = RAVDESS.home
    table = tables.load_features(place.features, RAVDESS)
    model, answers = network.hold_out(table, RAVDESS.fold(fold_number), seed)
    if seed == SEEDS[0] and fold_number:  # fold 0 is the shipped network's
        models.save_network(model, place.models / models.FOLD_FILE.format(fold_number))
    return models.numbered(answers, fold_number, seed)


def main() -> None:
    from xai4ser import files, models, network, scoring
    from xai4ser.ravdess import RAVDESS

    jobs = [(fold, seed) for seed in SEEDS for fold in range(len(RAVDESS.folds))]
    at_once = max(1, cpu_count() // network.THREADS)
    results = Parallel(n_jobs=at_once, return_as="generator")(
        delayed(held_out_predictions)(*job) for job in jobs
    )
    table = pd.concat(tqdm(results, total=len(jobs), unit=" networks"))
    table = table.sort_values(["seed", "path", "version"])
    text = table.to_csv(index=False, lineterminator="\n")
    files.write_text(RAVDESS.home.predictions, text)
    models.list_folds(RAVDESS.home.models)
    for version, rows in table.groupby("version"):
        print(version, scoring.score_of_folds(rows))


if __name__ == "__main__":
    main()
