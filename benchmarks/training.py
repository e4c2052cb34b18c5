"""How long training takes: this network, and an epoch of the original's."""

import statistics

from machine import RUNS, seconds_of
from original import originals_network


def measure() -> dict:
    """From the table to the saved network; and an epoch of the original's network."""
    import tempfile

    from xai4ser import corpus, features, network, split, tables

    def ours(folder):
        table = tables.load_features()
        model, history = network.train_on(table, split.fold(0), 0)
        path = corpus.ROOT / tables.FEATURES_FILE
        network.save(model, folder, path, split.fold(0), 0, {}, history)

    with tempfile.TemporaryDirectory() as folder:
        from_table_to_file = [seconds_of(ours, folder) for _ in range(RUNS)]
        model, _ = network.load(folder)
    table = tables.load_features()
    levels = table[features.feature_columns()[: features.BANDS]].to_numpy()
    labels = network.labels_of(table["emotion"])
    original = originals_network()
    original.fit(levels[:64, :, None], labels[:64], verbose=0)
    epoch = [
        seconds_of(
            lambda: original.fit(
                levels[:2160, :, None], labels[:2160], batch_size=64, verbose=0
            )
        )
        for _ in range(RUNS)
    ]
    return {
        "ours, table to file (s)": statistics.median(from_table_to_file),
        "ours, numbers in the network": model.count_params(),
        "original's network, one epoch of 2160 rows (s)": statistics.median(epoch),
        "original's network, its 122 epochs, extrapolated (s)": 122
        * statistics.median(epoch),
        "original's network, numbers in the network": original.count_params(),
    }
