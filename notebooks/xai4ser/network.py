"""The CNN: build, train, score, save, load.

The network reads a recording as ``(bands, measures)``: 128 mel bands in a row,
with what each band does as its channels. The numbers of the table go in as they
are; scaling happens in the first layers. The last layer but one gives a score per
emotion, the last turns scores into probabilities.
"""

import hashlib
import json
import os
import platform
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

# TensorFlow's faster kernels add numbers in another order on another processor, and
# announce so at every start. The log level hides what its compiled part writes about
# itself (processor, graph attributes); errors reach Python as exceptions all the same.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers
from sklearn.metrics import recall_score

from xai4ser import features
from xai4ser.corpus import EMOTIONS
from xai4ser.split import Split
from xai4ser.tables import short, write_text

MODEL_FILE = "Speech_CNN.h5"
MANIFEST_FILE = "Speech_CNN.json"
FOLD_FILE = "fold_{}.h5"
PREDICTIONS_FILE = "held_out_predictions.csv"
REMEDY = (
    "Train it again with notebook 2, or restore both files with: "
    "git checkout -- trained_model"
)

# True for the measures that a louder microphone would shift.
IS_LEVEL = [measure in features.LEVELS for measure in features.MEASURES]

THREADS = 2  # what every laptop has
EPOCHS = 60
WARM_UP = 6  # epochs in which the learning rate rises
BATCH = 64
FILTERS = 128
PATIENCE = 30  # epochs without a better validation loss before training stops
LEARNING_RATE = 1e-3
LABEL_SMOOTHING = 0.1


def _use_two_threads() -> None:
    """Divide TensorFlow's work in the same way on every machine.

    How many threads share a sum decides in which order it is added up, and so its
    last digits, and after thousands of steps of training the score.
    """
    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)


_use_two_threads()  # must come before TensorFlow's first sum


def set_seeds(seed: int) -> None:
    """Seed Python, NumPy and Keras, and ask TensorFlow for repeatable sums.

    With the same seed, and THREADS threads, the same machine gives identical weights.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


# --- the network --------------------------------------------------------------


def build_network(inputs: np.ndarray) -> keras.Sequential:
    """A small 1-D CNN over the bands, its scaling taken from ``inputs``.

    ``inputs`` (rows, bands, measures) are the training rows in dB. The first
    convolution looks at 16 bands at a time, in steps of 8; the second at three
    such positions together. Then dropout, one score per emotion, and the softmax.
    """
    # Unrolled, because Keras reads an .h5 file wrongly if a Normalization layer in
    # it has more than one axis.
    scaling = layers.Normalization(name="scaling")
    scaling.adapt(inputs.reshape(len(inputs), -1))
    blocks = [
        layer
        for width, stride in ((16, 8), (3, 1))
        for layer in (
            layers.Conv1D(FILTERS, width, stride, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.97),
            layers.ReLU(),
        )
    ]
    return keras.Sequential(
        [
            layers.Input(inputs.shape[1:]),
            layers.Reshape((-1,)),
            scaling,
            layers.Reshape(inputs.shape[1:]),
            *blocks,
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(len(EMOTIONS), name="scores"),
            layers.Softmax(name="probabilities"),
        ],
        name="speech_cnn",
    )


def centre_scores(network: keras.Sequential) -> None:
    """Shift the scores of every recording so that the eight sum to zero.

    The softmax ignores a shift that all scores share, so no probability changes;
    but a score now says how much more the network leans to this emotion than to
    the average one, which is what an explanation should be about.
    """
    kernel, bias = network.get_layer("scores").get_weights()
    network.get_layer("scores").set_weights(
        [kernel - kernel.mean(axis=1, keepdims=True), bias - bias.mean()]
    )


# --- training -----------------------------------------------------------------


class AugmentedRows(keras.utils.PyDataset):
    """Batches of training rows, altered anew in every epoch.

    Each row is altered as another speaker or another recording would alter it,
    which leaves its emotion as it is: the bands are stretched by up to 12 % (a
    longer or shorter vocal tract), levels shifted and tilted (another microphone),
    a little noise added, and two rows mixed (Zhang et al. 2018, "mixup",
    arXiv:1710.09412).
    """

    def __init__(self, inputs: np.ndarray, labels: np.ndarray, seed: int):
        super().__init__()
        self.inputs = inputs.astype(np.float32)
        self.targets = np.eye(len(EMOTIONS), dtype=np.float32)[labels]
        self.generator = np.random.default_rng(seed)
        self.spread = self.inputs.std(axis=0)  # (bands, measures)
        self.on_epoch_end()

    def __len__(self) -> int:
        return len(self.inputs) // BATCH

    def __getitem__(self, index: int):
        rows = slice(index * BATCH, (index + 1) * BATCH)
        return self.altered_inputs[rows], self.altered_targets[rows]

    def on_epoch_end(self) -> None:
        order = self.generator.permutation(len(self.inputs))
        inputs = stretch_bands(self.inputs[order], self.generator)
        inputs = self._disturb(inputs)
        partner = self.generator.permutation(len(inputs))
        share = self.generator.beta(0.3, 0.3, len(inputs)).astype(np.float32)
        share = np.maximum(share, 1 - share)
        targets = self.targets[order]
        self.altered_inputs = _mix(inputs, partner, share)
        self.altered_targets = _mix(targets, partner, share)

    def _disturb(self, inputs: np.ndarray) -> np.ndarray:
        rows, bands, _ = inputs.shape
        shift = self.generator.normal(0, 1, (rows, 1))
        tilt = self.generator.normal(0, 1, (rows, 1)) * np.linspace(-1, 1, bands)
        noise = self.generator.normal(0, 0.2, inputs.shape) * self.spread
        disturbed = inputs + noise
        disturbed[:, :, IS_LEVEL] += (shift + tilt)[..., None]
        return disturbed.astype(np.float32)


def stretch_bands(inputs: np.ndarray, generator, largest: float = 0.12) -> np.ndarray:
    """``inputs`` (rows, bands, measures) with each row's frequencies multiplied.

    The factor, between 1/(1 + ``largest``) and 1 + ``largest``, is drawn per row.
    """
    rows, bands, _ = inputs.shape
    limit = np.log1p(largest)
    factor = np.exp(generator.uniform(-limit, limit, rows))
    centres = features.band_frequencies()
    position = np.interp(np.outer(factor, centres), centres, np.arange(bands))
    lower = np.minimum(position.astype(int), bands - 2)  # (rows, bands)
    weight = (position - lower)[..., None].astype(np.float32)
    row = np.arange(rows)[:, None]
    return inputs[row, lower] * (1 - weight) + inputs[row, lower + 1] * weight


def _mix(values: np.ndarray, partner: np.ndarray, share: np.ndarray) -> np.ndarray:
    share = share.reshape(-1, *[1] * (values.ndim - 1))
    return share * values + (1 - share) * values[partner]


def fit(
    inputs: np.ndarray,
    labels: np.ndarray,
    epochs: int,
    seed: int,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[keras.Sequential, dict]:
    """Fit a new network to ``inputs`` (rows, bands, measures), ``labels`` (rows,).

    The learning rate rises at first and then falls along a cosine, to nearly zero
    in the last of the ``epochs``; the weights kept are a running average over the
    last steps. With ``validation``, a pair of the same kind of other actors, the
    run ends early once its loss has not improved for PATIENCE epochs.

    Returns the network and its history (a list per quantity, a value per epoch).
    """
    set_seeds(seed)
    network = build_network(inputs)
    rows = AugmentedRows(inputs, labels, seed)
    warm_up = len(rows) * min(WARM_UP, epochs // 2)
    rate = keras.optimizers.schedules.CosineDecay(
        LEARNING_RATE / 10,
        decay_steps=len(rows) * epochs - warm_up,
        warmup_target=LEARNING_RATE,
        warmup_steps=warm_up,
    )
    network.compile(
        optimizer=keras.optimizers.AdamW(
            rate, weight_decay=0.1, clipnorm=5.0, use_ema=True, ema_momentum=0.99
        ),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=LABEL_SMOOTHING),
        metrics=["accuracy"],
    )
    callbacks = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)]
    if validation is not None:
        validation = (validation[0], np.eye(len(EMOTIONS))[validation[1]])
        callbacks.append(keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE))
    history = network.fit(
        rows, validation_data=validation, epochs=epochs, verbose=0, callbacks=callbacks
    )
    return network, history.history


def train(
    inputs: np.ndarray,
    labels: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray],
    seed: int,
) -> tuple[keras.Sequential, dict]:
    """Find out how long to train, then train that long on all that may be used.

    ``inputs`` (rows, bands, measures) and ``labels`` (rows,) are of the training
    actors, ``validation`` a pair of the same kind of the validation actors. A first
    network is fitted to the training actors only, until the validation actors' loss
    has not improved for PATIENCE epochs. The network returned is then fitted, anew
    and for as many epochs, to both together: sixteen actors are few, and the
    validation actors' recordings would otherwise be lost.

    Returns the network and the history of the first run.
    """
    _, history = fit(inputs, labels, EPOCHS, seed, validation)
    network, _ = fit(
        np.concatenate([inputs, validation[0]]),
        np.concatenate([labels, validation[1]]),
        len(history["loss"]),
        seed,
    )
    centre_scores(network)
    return network, history


def train_on(
    table: pd.DataFrame, sides: Split, seed: int
) -> tuple[keras.Sequential, dict]:
    """:func:`train` on the clean recordings of a split's training actors.

    ``table`` is the feature table; the clean recordings of the validation actors
    decide when training stops.
    """
    clean = (table["version"] == "clean").to_numpy()
    inputs = features.network_input(table[features.feature_columns()])
    labels = labels_of(table["emotion"])
    training, validation = (
        clean & sides.rows(table, side) for side in ("train", "validation")
    )
    return train(
        inputs[training],
        labels[training],
        validation=(inputs[validation], labels[validation]),
        seed=seed,
    )


# --- scores -------------------------------------------------------------------


def predict(network: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Probabilities (rows, emotions) for ``inputs`` (rows, bands, measures)."""
    batches = (inputs[start : start + 512] for start in range(0, len(inputs), 512))
    return np.concatenate([network(batch, training=False) for batch in batches])


def labels_of(emotions: pd.Series) -> np.ndarray:
    """Position of each emotion in the one list of emotions, (rows,)."""
    return emotions.map(EMOTIONS.index).to_numpy()


def unweighted_average_recall(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Share of each emotion that is recognised, averaged over the emotions."""
    return float(recall_score(labels, predicted, average="macro"))


def interval_over_actors(
    labels: np.ndarray, predicted: np.ndarray, actors: np.ndarray, draws: int = 2000
) -> tuple[float, float]:
    """A 95 % bootstrap interval of the UAR, drawing whole actors.

    All arrays are (rows,). Recordings of one actor resemble each other, so
    drawing single recordings would make the interval too narrow (Efron &
    Tibshirani 1993, An Introduction to the Bootstrap, on clustered data).
    """
    generator = np.random.default_rng(0)
    names = np.unique(actors)
    # Recordings, and right answers, of each actor and emotion: (actors, emotions)
    of_group = (actors[:, None, None] == names[:, None]) & (
        labels[:, None, None] == np.arange(len(EMOTIONS))
    )
    total = of_group.sum(axis=0)
    hits = (of_group & (labels == predicted)[:, None, None]).sum(axis=0)
    drawn = generator.integers(0, len(names), (draws, len(names)))
    recalls = hits[drawn].sum(axis=1) / np.maximum(total[drawn].sum(axis=1), 1)
    low, high = np.quantile(recalls.mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def score_of_folds(predictions: pd.DataFrame) -> dict:
    """Score of the six folds, from the table of held-out predictions.

    ``predictions`` has the columns emotion, predicted, actor and seed, every actor
    held out once per seed. Returns the mean UAR over the seeds, its 95 % interval
    over actors, and the UAR of each seed.
    """
    labels, answers = (
        labels_of(predictions[column]) for column in ("emotion", "predicted")
    )
    by_seed = [
        unweighted_average_recall(labels[rows], answers[rows])
        for seed in sorted(predictions["seed"].unique())
        for rows in [(predictions["seed"] == seed).to_numpy()]
    ]
    actors = predictions["actor"].to_numpy()
    return {
        "uar": float(np.mean(by_seed)),
        "uar_interval": list(interval_over_actors(labels, answers, actors)),
        "uar_of_seeds": by_seed,
    }


# --- the model and its manifest -------------------------------------------------


def sha256_of(path: Path) -> str:
    """Checksum of a file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def save_network(network: keras.Model, path: Path) -> Path:
    """Write ``network`` alone as an .h5 file, under a temporary name, and rename it.

    Returns ``path``, whose folder is made if need be.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=path.parent) as temporary,
        warnings.catch_warnings(),
        _quiet_keras(),
    ):
        # Keras prefers its own format, and its HDF5 writer still uses a call that
        # NumPy 2 deprecates; the file is whole, as the reload proves.
        warnings.filterwarnings("ignore", message=".*__array__.*")
        draft = Path(temporary) / path.name
        network.save(draft, include_optimizer=False)
        os.replace(draft, path)
    return path


def save(
    network: keras.Model,
    folder: Path,
    table: Path,
    split: Split,
    seed: int,
    scores: dict,
    history: dict,
) -> Path:
    """Write ``Speech_CNN.h5`` and its manifest into ``folder``.

    Returns the path of the model.
    ``table`` is the feature table that the network was trained on. Both files
    are written under temporary names and renamed.
    """
    folder = Path(folder)
    model = save_network(network, folder / MODEL_FILE)
    manifest = {
        "emotions": list(EMOTIONS),
        "feature_columns": features.feature_columns(),
        "features": features.settings(),
        "actors": split.as_dict(),
        "seed": seed,
        "scores": scores,
        "history": {
            quantity: np.round(values, 4).tolist()
            for quantity, values in history.items()
        },
        "versions": {
            "python": platform.python_version(),
            **{
                name: version(name)
                for name in ("keras", "librosa", "numpy", "pandas", "scikit-learn")
            },
            "tensorflow": tf.__version__,
        },
        "sha256": {MODEL_FILE: sha256_of(model), Path(table).name: sha256_of(table)},
    }
    write_text(folder / MANIFEST_FILE, json.dumps(manifest, indent=1) + "\n")
    return model


def load(folder: Path) -> tuple[keras.Model, dict]:
    """The network and its manifest from ``folder``.

    Raises FileNotFoundError or ValueError, with the remedy, if a file is missing,
    the model is not the one that the manifest describes, or it was trained on
    features that this version of the library does not make.
    """
    folder = Path(folder)
    for name in (MODEL_FILE, MANIFEST_FILE):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{short(folder / name)} is not there. {REMEDY}")
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text())
        expected = manifest["sha256"][MODEL_FILE]
    except (ValueError, KeyError):
        raise ValueError(
            f"{MANIFEST_FILE} is not a readable manifest. {REMEDY}"
        ) from None
    if sha256_of(folder / MODEL_FILE) != expected:
        raise ValueError(
            f"{MODEL_FILE} is not the model that {MANIFEST_FILE} describes (their "
            f"checksums differ). {REMEDY}"
        )
    if manifest["feature_columns"] != features.feature_columns():
        raise ValueError(
            f"{MODEL_FILE} was trained on other features than this version of the "
            f"library makes. {REMEDY}"
        )
    if manifest["emotions"] != list(EMOTIONS):
        raise ValueError(
            f"{MANIFEST_FILE} lists other emotions, or in another order, than "
            f"xai4ser.corpus. {REMEDY}"
        )
    return _read_network(folder / MODEL_FILE), manifest


def load_fold(folder: Path, number: int) -> keras.Model:
    """The network that never heard the actors of fold ``number`` (0 to 5).

    Fold 0 is the shipped network's; the others lie beside it in ``folder``, written
    by ``tools/score_folds.py`` (seed 0). Raises FileNotFoundError with the remedy.
    """
    path = Path(folder) / (FOLD_FILE.format(number) if number else MODEL_FILE)
    if not path.is_file():
        raise FileNotFoundError(
            f"{short(path)} is not there. Train the networks of all folds again with: "
            "make folds, or restore them with: git checkout -- trained_model"
        )
    return _read_network(path)


def _read_network(path: Path) -> keras.Model:
    with _quiet_keras():
        return keras.saving.load_model(path, compile=False)


def check_table(manifest: dict, table: Path) -> None:
    """Raise ValueError if ``table`` is not the one the model was trained on."""
    if sha256_of(table) != manifest["sha256"][Path(table).name]:
        raise ValueError(
            f"{Path(table).name} has changed since the network was trained on it. "
            f"{REMEDY}"
        )


class _quiet_keras:
    """Hides Keras' notice that HDF5 is its older format, and nothing else."""

    def __enter__(self):
        import absl.logging

        self.logger = absl.logging.get_absl_logger()
        self.filter = lambda record: "HDF5" not in record.getMessage()
        self.logger.addFilter(self.filter)

    def __exit__(self, *error):
        self.logger.removeFilter(self.filter)
