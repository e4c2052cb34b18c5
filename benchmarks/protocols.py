"""What the score is worth: two networks under three ways to split the recordings."""

from original import originals_features, train_original


def measure() -> dict:
    """UAR of the original's features and network, and of ours, under three splits.

    The original's protocol as it was: a random quarter of the rows tests, training
    stops on that same quarter. Then the same with recordings and with actors.
    """
    import numpy as np
    from joblib import Parallel, delayed
    from sklearn.preprocessing import StandardScaler

    from xai4ser import corpus, features, network, tables

    table = tables.load_features()
    labels = network.labels_of(table["emotion"])
    found = corpus.find_recordings()
    originals = np.concatenate(
        Parallel(n_jobs=-1)(
            delayed(originals_features)(found.folder / path)
            for path in found.table["path"]
        )
    )
    groups_of = {
        "by row": np.arange(len(table)),
        "by recording": table["path"].factorize()[0],
        "by actor": table["actor"].to_numpy(),
    }
    result = {"original": {}, "ours": {}}
    inputs = features.network_input(table[features.feature_columns()])
    for name, groups in groups_of.items():
        shuffled = np.random.default_rng(0).permutation(np.unique(groups))
        test = np.isin(groups, shuffled[: len(shuffled) // 4])
        scaler = StandardScaler().fit(originals[~test])
        scaled = scaler.transform(originals)[:, :, None]
        answers = train_original(scaled, labels, test).argmax(axis=1)
        recall = network.unweighted_average_recall(labels[test], answers)
        result["original"][name] = recall
        model, _ = network.fit(inputs[~test], labels[~test], 30, 0)
        answers = network.predict(model, inputs[test]).argmax(axis=1)
        recall = network.unweighted_average_recall(labels[test], answers)
        result["ours"][name] = recall
    return result
