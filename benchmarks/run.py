"""Measure what this project claims about speed and score; write the results.

    python benchmarks/run.py [start-up extraction training attribution protocols]

Each part runs in turn and is written to ``benchmarks/results.json`` as soon as it
is done; ``benchmarks/results.md`` and the table in the README are made from that
file. Times are medians of several runs on the machine that is named in the file;
what carries over to another machine are the ratios.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "notebooks"))
RESULTS = ROOT / "benchmarks" / "results.json"
REPORT = ROOT / "benchmarks" / "results.md"
README = ROOT / "README.md"
RUNS = 3


def seconds_of(action, *arguments) -> float:
    """Wall-clock seconds that one call takes."""
    start = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - start


# --- start-up -----------------------------------------------------------------


def measure_start_up() -> dict:
    """Median seconds to import what each notebook imports, in a new process."""
    imports = {
        "notebook 1": "corpus, features, plots, tables",
        "notebook 2": "corpus, features, network, plots, split, tables",
        "notebook 3": "corpus, listen, network, plots, shapley, split, tables",
    }
    environment = os.environ | {"PYTHONPATH": str(ROOT / "notebooks")}

    def start(names):
        command = [sys.executable, "-c", f"from xai4ser import {names}"]
        subprocess.run(command, env=environment, check=True, capture_output=True)

    return {
        notebook: statistics.median(seconds_of(start, names) for _ in range(RUNS))
        for notebook, names in imports.items()
    }


# --- extraction ---------------------------------------------------------------


def measure_extraction() -> dict:
    """Features of every sixth recording: a plain loop, ours on one and all cores."""
    from xai4ser import corpus, features

    found = corpus.find_recordings()
    if not found.complete:
        raise SystemExit("The extraction is measured on the complete RAVDESS.")
    part = found.table.iloc[::6]
    times = {"plain loop": [], "ours, one core": [], "ours, all cores": []}
    features.extract(part.iloc[:8], found.folder)  # starts the worker processes
    for _ in range(RUNS):
        times["plain loop"].append(seconds_of(plain_loop, part, found.folder))
        times["ours, one core"].append(
            seconds_of(features.extract, part, found.folder, 1)
        )
        times["ours, all cores"].append(
            seconds_of(features.extract, part, found.folder, -1)
        )
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        "recordings": len(part),
        "seconds": medians,
        "ratio to the plain loop": {
            name: value / medians["plain loop"] for name, value in medians.items()
        },
        "milliseconds per recording and step": steps_of_extraction(part, found.folder),
    }


def plain_loop(part, folder) -> None:
    """The same work as a student would first write it: one version after another."""
    import librosa

    from xai4ser import features

    for version in features.VERSIONS:
        for path in part["path"]:
            samples, _ = librosa.load(folder / path, sr=features.SAMPLING_RATE)
            if version == "noisy":
                samples = features.add_noise(samples, path, features.SIGNAL_TO_NOISE)
            power = librosa.feature.melspectrogram(
                y=samples,
                sr=features.SAMPLING_RATE,
                n_fft=features.WINDOW,
                hop_length=features.HOP,
                n_mels=features.BANDS,
                fmax=features.HIGHEST,
            )
            levels = librosa.power_to_db(power, amin=1e-10, top_db=None).T
            features.measure(levels, features.pitch_strength(samples))


def steps_of_extraction(part, folder) -> dict:
    """Where the time of one recording in both versions goes, on one core."""
    import librosa
    import soundfile

    from xai4ser import features

    spent = dict.fromkeys(
        ("decoding", "resampling", "mel levels", "pitch strength", "measures"), 0.0
    )

    def timed(step, action, *arguments, **options):
        start = time.perf_counter()
        result = action(*arguments, **options)
        spent[step] += 1000 * (time.perf_counter() - start) / len(part)
        return result

    for path in part["path"]:
        sound, rate = timed("decoding", soundfile.read, folder / path, dtype="float32")
        sound = sound if sound.ndim == 1 else sound.mean(axis=1)
        samples = timed(
            "resampling",
            librosa.resample,
            sound,
            orig_sr=rate,
            target_sr=features.SAMPLING_RATE,
        )
        for version in (samples, features.add_noise(samples, path, 20.0)):
            levels = timed("mel levels", features.mel_levels, version)
            strength = timed("pitch strength", features.pitch_strength, version)
            timed("measures", features.measure, levels, strength)
    return spent


# --- training -----------------------------------------------------------------


def measure_training() -> dict:
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


def originals_network():
    """The layers and settings of the tutorial that this one re-makes."""
    import keras
    from keras import layers

    def convolution(filters):
        return layers.Conv1D(filters, 5, padding="same", activation="relu")

    def pooling():
        return layers.MaxPooling1D(5, strides=2, padding="same")

    model = keras.Sequential(
        [
            layers.Input((128, 1)),
            convolution(256),
            pooling(),
            convolution(256),
            pooling(),
            convolution(128),
            pooling(),
            layers.Dropout(0.2),
            convolution(64),
            pooling(),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(8, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# --- attribution --------------------------------------------------------------


def measure_attribution() -> dict:
    """Cost and precision of every explainer: all of them in one run.

    Cost is the time for one recording and all eight emotions; ours is timed on all
    1440 recordings. Precision is the correlation per recording and emotion, the
    median: with our method's own limit (2000 samples) feature by feature, over 24
    recordings or, for shap's explainers, the first three of them; and with
    the exact Shapley values of eight groups of sixteen bands.
    """
    import numpy as np

    from xai4ser import corpus, features, network, shapley, tables

    model, manifest = network.load(corpus.ROOT / "trained_model")
    table = tables.load_features()
    clean = (table["version"] == "clean").to_numpy()
    inputs = features.network_input(table[features.feature_columns()])
    training = clean & table["actor"].isin(manifest["actors"]["train"]).to_numpy()
    generator = np.random.default_rng(0)
    background = inputs[generator.choice(np.flatnonzero(training), 100, replace=False)]
    everything = inputs[clean]
    few = generator.choice(len(everything), 24, replace=False)
    limit = np.mean(
        [
            shapley.by_band(
                shapley.explain(model, everything[few], background, 100, seed)
            )
            for seed in range(1, 21)
        ],
        axis=0,
    )
    exact, seconds_of_exact = {}, {}
    for groups, recordings in ((8, few[:3]), (12, few[:1])):
        of_band = np.arange(features.BANDS) * groups // features.BANDS
        start = time.perf_counter()
        exact[groups] = np.stack(
            [
                shapley.exact_shapley(
                    shapley.band_game(model, everything[row], background, of_band),
                    groups,
                )
                for row in recordings
            ]
        )
        seconds = (time.perf_counter() - start) / len(recordings)
        seconds_of_exact[f"{groups} groups of bands, per recording (s)"] = seconds

    def precision(values, of_limit=limit):
        """``values`` (recordings, bands, measures, emotions) against both."""
        count = len(values)
        result = {"correlation with our limit": correlation(values, of_limit[:count])}
        for groups, reference in exact.items():
            of_band = np.arange(features.BANDS) * groups // features.BANDS
            used = min(count, len(reference))
            grouped = np.stack(
                [values[:used, of_band == g].sum(axis=(1, 2)) for g in range(groups)], 1
            )
            result[f"correlation with exact values of {groups} groups"] = correlation(
                grouped, reference[:used]
            )
        return result

    shapley.explain(model, everything[:64], background, 4)  # traces the graph
    ours = {}
    importance = np.abs(limit).mean(axis=0)
    for samples in (4, 8, 16, 24, 32, 64, 96):
        start = time.perf_counter()
        found = shapley.explain(model, everything, background, samples, seed=0)
        seconds = time.perf_counter() - start
        scores = shapley.scores_model(model)(everything).numpy()
        values = shapley.by_band(found)[few]
        ours[str(samples)] = {
            "seconds for all 1440": seconds,
            "seconds per recording": seconds / len(everything),
            **precision(values),
            "correlation of the global importance with the limit's": float(
                np.corrcoef(np.abs(values).mean(axis=0).ravel(), importance.ravel())[
                    0, 1
                ]
            ),
            "largest gap to additivity": shapley.largest_gap(found, scores),
        }
    stock = stock_explainers(model, everything[few[:3]], background, precision)
    draw_cost_and_precision(ours, stock)
    return {
        "ours, by samples": ours,
        "shap's explainers": stock,
        "exact Shapley values": seconds_of_exact,
    }


def correlation(values, reference) -> float:
    """Median over recordings and emotions, each the correlation of all features."""
    import numpy as np

    of_pairs = [
        np.corrcoef(values[row, ..., e].ravel(), reference[row, ..., e].ravel())[0, 1]
        for row in range(len(values))
        for e in range(values.shape[-1])
    ]
    return float(np.median(of_pairs))


def stock_explainers(model, recordings, background, precision) -> dict:
    """shap's own explainers, at several budgets, on ``recordings``."""
    import warnings

    import numpy as np
    import shap

    from xai4ser import features, shapley

    # Known and harmless; the gap to additivity is measured all the same.
    warnings.filterwarnings("ignore", message="The structure of `inputs` doesn't")
    warnings.filterwarnings("ignore", message="Your TensorFlow version is newer")
    scores = shapley.scores_model(model)
    bands, measures = recordings.shape[1:]

    def in_table_order(rows):
        return rows.transpose(0, 2, 1).reshape(len(rows), -1)

    def score_of_rows(rows):
        inputs = features.network_input(rows)
        parts = [inputs[start : start + 4096] for start in range(0, len(inputs), 4096)]
        return np.concatenate([scores(part).numpy() for part in parts])

    def of_features(values):  # (recordings, features, emotions) -> by band
        return values.reshape(len(values), measures, bands, -1).transpose(0, 2, 1, 3)

    ten, hundred = in_table_order(background[:10]), background
    count = bands * measures
    tree = shapley.tree_of_neighbours(count)

    # Each returns a function of recordings, so that what is prepared once is not timed.

    def permutation(rounds):
        masker = shap.maskers.Independent(ten)
        explainer = shap.PermutationExplainer(score_of_rows, masker, seed=0)
        budget = rounds * (2 * count + 1)
        return lambda some: of_features(
            explainer(in_table_order(some), max_evals=budget, silent=True).values
        )

    def partition(budget):
        masker = shap.maskers.Partition(ten, clustering=tree)
        explainer = shap.PartitionExplainer(score_of_rows, masker)
        return lambda some: of_features(
            explainer(in_table_order(some), max_evals=budget, silent=True).values
        )

    def kernel(budget):
        explainer = shap.KernelExplainer(score_of_rows, ten)

        def explain(some):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # too few samples for its regression
                values = explainer.shap_values(
                    in_table_order(some), nsamples=budget, silent=True, l1_reg=0
                )
            return of_features(np.asarray(values))

        return explain

    def gradient(samples):
        explainer = shap.GradientExplainer(scores, hundred)
        return lambda some: explainer.shap_values(some, nsamples=samples, rseed=0)

    def deep(size):
        explainer = shap.DeepExplainer(
            (scores.inputs, scores.outputs[0]), hundred[:size]
        )
        return explainer.shap_values

    explainers = {
        "GradientExplainer": (gradient, (25, 100, 400)),
        "DeepExplainer": (deep, (10, 30, 100)),
        "PermutationExplainer": (permutation, (1, 4)),
        "PartitionExplainer": (partition, (500, 4000)),
        "KernelExplainer": (kernel, (2304, 8192)),
    }
    result = {}
    for name, (prepare, budgets) in explainers.items():
        result[name] = {}
        for budget in budgets:
            print(f"  {name} {budget}", flush=True)
            explain = prepare(budget)
            explain(recordings[:1])  # traces its graph
            start = time.perf_counter()
            found = explain(recordings)
            each = (time.perf_counter() - start) / len(found)
            result[name][str(budget)] = {
                "seconds per recording": each,
                "hours for all 1440, extrapolated": 1440 * each / 3600,
                **precision(found),
            }
    return result


def draw_cost_and_precision(ours: dict, stock: dict) -> None:
    """``benchmarks/explainers.png``: what a recording costs, and how precise it is."""
    import matplotlib.pyplot as plt

    from xai4ser import plots

    plots.use_course_style()
    figure, axes = plt.subplots(1, 2, figsize=(12.5, 4.8), sharex=True)
    columns = {
        "correlation with our limit": "1024 features: correlation with our limit",
        "correlation with exact values of 8 groups": "8 groups of bands: correlation "
        "with exact Shapley values",
    }
    looks = zip("oPs^vX", plots.OKABE_ITO[3:] + plots.OKABE_ITO[:1], strict=True)
    for (name, of_method), (marker, colour) in zip(
        {"xai4ser.shapley": ours, **stock}.items(), looks, strict=True
    ):
        for ax, column in zip(axes, columns, strict=True):
            points = [
                (budget["seconds per recording"], budget[column])
                for budget in of_method.values()
            ]
            ax.plot(*zip(*points, strict=True), marker=marker, color=colour, label=name)
    for ax, title in zip(axes, columns.values(), strict=True):
        ax.set_xscale("log")
        ax.set(xlabel="seconds per recording, all eight emotions", ylabel="correlation")
        ax.set_title(title, fontsize=12)
        ax.grid(alpha=0.3)
    axes[0].legend(fontsize=10)
    figure.savefig(ROOT / "benchmarks" / "explainers.png")
    plt.close(figure)


# --- protocols ----------------------------------------------------------------


def measure_protocols() -> dict:
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


def originals_features(path):
    """Mean linear power of 128 mel bands, clean and noisy, of 2.5 s from 0.6 s on."""
    import librosa
    import numpy as np

    samples, rate = librosa.load(path, duration=2.5, offset=0.6)
    generator = np.random.default_rng(0)
    noise = 0.035 * generator.uniform() * samples.max()
    noisy = samples + noise * generator.normal(size=len(samples))
    return np.stack(
        [
            librosa.feature.melspectrogram(y=version, sr=rate).mean(axis=1)
            for version in (samples, noisy)
        ]
    )


def train_original(inputs, labels, test):
    """Fit the original's network as it was: early stopping on the test rows."""
    import keras

    keras.utils.set_random_seed(0)
    model = originals_network()
    stop = keras.callbacks.EarlyStopping(
        "val_loss", patience=10, restore_best_weights=True
    )
    model.fit(
        inputs[~test],
        labels[~test],
        validation_data=(inputs[test], labels[test]),
        epochs=200,
        batch_size=64,
        verbose=0,
        callbacks=[stop],
    )
    return model.predict(inputs[test], verbose=0)


# --- the report ---------------------------------------------------------------


def machine() -> dict:
    """Where the figures were measured."""
    return {
        "processors": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def lines_of(value, depth=0) -> list[str]:
    """A nested dictionary as an indented Markdown list."""
    lines = []
    for key, item in value.items():
        indent = "  " * depth
        if isinstance(item, dict):
            lines += [f"{indent}* {key}", *lines_of(item, depth + 1)]
        else:
            shown = f"{item:.3g}" if isinstance(item, float) else item
            lines.append(f"{indent}* {key}: {shown}")
    return lines


def write_reports(results: dict) -> None:
    """``results.json``, ``results.md`` and the table of results in the README."""
    from xai4ser import corpus, network, tables

    tables.write_text(RESULTS, json.dumps(results, indent=1) + "\n")
    text = "# Measured\n\nMade by `make bench`; nothing here is typed by hand.\n"
    for part, value in results.items():
        text += "\n".join(["", f"## {part}", "", *lines_of(value), ""])
    tables.write_text(REPORT, text)
    _, manifest = network.load(corpus.ROOT / "trained_model")
    readme = README.read_text()
    table = readme_table(manifest["scores"], results)
    readme = re.sub(
        r"(<!-- results -->\n).*?(<!-- /results -->)",
        lambda match: match[1] + table + match[2],
        readme,
        flags=re.S,
    )
    tables.write_text(README, readme)


def readme_table(scores: dict, results: dict) -> str:
    """The rows of the README's table that have been measured."""
    folds = scores["six_folds"]
    rows = [
        (
            "UAR, every actor held out once (six folds, three seeds)",
            f"**{folds['uar']:.3f}**, 95 % interval over actors "
            f"{folds['uar_interval'][0]:.2f} to {folds['uar_interval'][1]:.2f}",
        ),
        (
            "UAR of the shipped network, its four test actors",
            f"{scores['test_uar']:.2f}",
        ),
        ("chance", "0.125"),
    ]
    if "protocols" in results:
        for name, score in results["protocols"]["original"].items():
            ours = results["protocols"]["ours"][name]
            shown = f"{score:.2f} and {ours:.2f}"
            rows.append((f"UAR, one split {name}: the original, this network", shown))
    if "extraction" in results:
        ratio = results["extraction"]["ratio to the plain loop"]["ours, all cores"]
        rows.append(
            ("features of 240 recordings: time as a share of a plain loop's", ratio)
        )
    if "training" in results:
        seconds = results["training"]["ours, table to file (s)"]
        rows.append(("from the table to the saved network", f"{seconds:.0f} s"))
    if "attribution" in results:
        for samples in ("16", "64"):
            ours = results["attribution"]["ours, by samples"][samples]
            rows.append(
                (
                    "attributions of 1440 recordings × 8 emotions × 1024 features, "
                    f"{samples} samples",
                    f"{ours['seconds for all 1440']:.0f} s, correlation with their "
                    f"limit {ours['correlation with our limit']:.3f}",
                )
            )
    shown = [(n, f"{v:.2f}" if isinstance(v, float) else v) for n, v in rows]
    return "\n".join(
        ["| | |", "|---|---|", *[f"| {name} | {value} |" for name, value in shown], ""]
    )


PARTS = {
    "start-up": measure_start_up,
    "extraction": measure_extraction,
    "training": measure_training,
    "attribution": measure_attribution,
    "protocols": measure_protocols,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART")
    chosen = parser.parse_args().parts or list(PARTS)
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    for part in chosen:
        print(f"measuring {part} ...", flush=True)
        results = {"machine": machine()} | results | {part: PARTS[part]()}
        write_reports(results)
    print(f"written: {REPORT.relative_to(ROOT)}, {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
