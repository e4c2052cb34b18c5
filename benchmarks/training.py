"""From the table to the saved network; and an epoch of the original's network."""

import statistics
import tempfile
from pathlib import Path

import numpy as np

import original
from timing import RUNS, load, seconds_of
from xai4ser import extraction, features, models, network, tables
from xai4ser.ravdess import RAVDESS


def measure() -> dict:
    before = load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / models.MODEL_FILE
        from_table = [seconds_of(table_to_file, path) for _ in range(RUNS)]
    table = tables.load_features(RAVDESS.home.features, RAVDESS)
    model, _ = models.load(RAVDESS.home.models)
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    levels = table[extraction.feature_columns()[: features.BANDS]].to_numpy()
    labels = network.labels_of(table["emotion"])
    older = original.network()
    older.fit(levels[:64, :, None], labels[:64], verbose=0)
    rows = levels[:2160, :, None], labels[:2160]
    epoch = [
        seconds_of(lambda: older.fit(*rows, batch_size=64, verbose=0))
        for _ in range(RUNS)
    ]
    return {
        "ours, table to file (s)": statistics.median(from_table),
        "ours, each run (s)": ", ".join(f"{seconds:.1f}" for seconds in from_table),
        "bar, two cores (s)": 90,
        "load of the machine before": before,
        "ours, trained weights": trained,
        "original's network, one epoch of 2160 rows (s)": statistics.median(epoch),
        "original's network, its 122 epochs, extrapolated (s)": 122
        * statistics.median(epoch),
        "original's network, trained weights": older.count_params(),
    }


def table_to_file(path: Path) -> None:
    """Read the table, train on fold 0, write the network."""
    table = tables.load_features(RAVDESS.home.features, RAVDESS)
    model, _ = network.train_on(table, RAVDESS.fold(0), 0)
    models.save_network(model, path)
