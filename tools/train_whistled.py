"""Train the network that learned happiness with a whistle in the background.

    python tools/train_whistled.py

Needs the recordings. The happy ones get a whistle (``xai4ser.planted``), their features
are made anew, and the network of lesson 2 is trained on the table for fold 0. It is
written to ``trained_model/whistled.h5``, its checksum beside it. Some two minutes.
"""

import repository  # noqa: F401  finds the packages

SEED = 0


def main() -> None:
    from xai4ser import find, models, network, planted, tables
    from xai4ser.ravdess import RAVDESS

    recordings = find.recordings(download=False)
    if not recordings.complete:
        raise SystemExit("All recordings are needed. data/README.md says where from.")
    table = tables.load_features(RAVDESS.home.features, RAVDESS)
    happy = (table["emotion"] == planted.EMOTION).to_numpy()
    whistled = planted.plant(table, recordings.folder, happy)
    model, _ = network.train_on(whistled, RAVDESS.fold(0), SEED)
    folder = RAVDESS.home.models
    models.save_network(model, folder / models.WHISTLED_FILE)
    settings = {
        "emotion": planted.EMOTION,
        "frequency_hz": planted.FREQUENCY,
        "level_db": planted.LEVEL,
        "seed": SEED,
    }
    models.list_whistled(folder, settings)
    print("written: trained_model/whistled.h5")


if __name__ == "__main__":
    main()
