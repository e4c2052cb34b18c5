"""The CNN: build, train, score, save, load.

The network reads a recording as ``(bands, measures)``: 128 mel bands in a row,
with what each band does as its channels. The numbers of the table go in as they
are; scaling happens in the first layers. The last layer but one gives a score per
emotion, the last turns scores into probabilities.
"""

import warnings

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers

from xai4ser import extraction, features
from xai4ser.split import Split

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
    try:
        tf.config.threading.set_intra_op_parallelism_threads(THREADS)
        tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    except RuntimeError:  # TensorFlow has computed already, and keeps its threads
        warnings.warn(
            "TensorFlow was in use before xai4ser.network was imported, so a network "
            "trained now may differ in its last digits from one trained elsewhere. "
            "Import xai4ser.network first to train the same one.",
            stacklevel=2,
        )


_use_two_threads()  # must come before TensorFlow's first sum


def set_seeds(seed: int) -> None:
    """Seed Python, NumPy and Keras, and ask TensorFlow for repeatable sums.

    With the same seed, and THREADS threads, the same machine gives identical weights.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


# --- the network --------------------------------------------------------------


def build_network(inputs: np.ndarray, emotions: int) -> keras.Sequential:
    """A small 1-D CNN over the bands, its scaling taken from ``inputs``.

    ``inputs`` (rows, bands, measures) are the training rows in dB. The first
    convolution looks at 16 bands at a time, in steps of 8; the second at three
    such positions together. Then dropout, a score for each of so many ``emotions``,
    and the softmax.
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
            layers.Dense(emotions, name="scores"),
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

    def __init__(self, inputs: np.ndarray, targets: np.ndarray, seed: int):
        super().__init__()
        self.inputs = inputs.astype(np.float32)
        self.targets = targets
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
    one_hot = np.eye(labels.max() + 1, dtype=np.float32)
    network = build_network(inputs, len(one_hot))
    rows = AugmentedRows(inputs, one_hot[labels], seed)
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
        validation = (validation[0], one_hot[validation[1]])
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
    inputs = features.network_input(table[extraction.feature_columns()])
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
    """Position of each emotion in the order of the outputs, (rows,).

    ``emotions`` is the column of a table that :mod:`xai4ser.tables` has read.

    >>> labels_of(pd.Series(pd.Categorical(["sad", "calm"], ["calm", "sad"]))).tolist()
    [1, 0]
    """
    return emotions.cat.codes.to_numpy(dtype=int)
