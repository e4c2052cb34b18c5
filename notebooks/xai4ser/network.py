"""The network: a CNN over the bands and a tower over the cues; build, train, predict.

It reads a row of the table, (features,), as it is; scaling happens in the first layers.
What it says is a sum: several small CNNs read the bands, and what they say is averaged;
a linear part reads the named cues of the voice. Each part is trained on a loss of its
own, so that each earns its keep. All speak in log-probabilities, so their scores are
added, and "how much came from the bands, how much from the cues" is an exact statement.
The last layer turns scores into probabilities.
"""

import warnings

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from xai4ser import cues, extraction, features
from xai4ser.split import Split

# True for the measures that a louder microphone would shift.
IS_LEVEL = np.isin(list(features.MEASURES), features.LEVELS)

THREADS = 2  # what every laptop has
TOWERS = 4  # small CNNs whose scores are averaged
FILTERS = 96  # of each convolution
BLUR = 1.5  # bands, standard deviation of the fixed blur in front
FEATURE_NOISE = 0.6  # added in training, in standard deviations of each feature
CUES_WEIGHT = 1.3  # of what the cues say, beside what the bands say
REGULARITY = 0.03  # C of the logistic regression on the cues
UNHEARD = 5.0  # by so much an emotion without recordings scores below the others
EPOCHS = 36  # fixed: nobody decides when to stop
WARM_UP = 6  # epochs in which the learning rate rises
BATCH = 64
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

    >>> set_seeds(3)
    >>> first = keras.random.uniform((2,))
    >>> set_seeds(3)
    >>> bool((keras.random.uniform((2,)) == first).numpy().all())
    True
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


# --- the network --------------------------------------------------------------


def build_parts(inputs: np.ndarray, emotions: int) -> keras.Model:
    """The parts, each with its own scores, their scaling taken from ``inputs``.

    ``inputs`` (rows, features) are the training rows. The outputs are a list of scores
    (rows, emotions): of each CNN over the bands, and last of the cues. Lesson 2,
    section 4.

    >>> inputs = np.random.default_rng(0).normal(size=(9, 1048)).astype("f4")
    >>> parts = build_parts(inputs, emotions=4)
    >>> [part.shape for part in parts.outputs] == [(None, 4)] * (TOWERS + 1)
    True
    """
    row = layers.Input(inputs.shape[1:], name="row")
    of_bands, of_cues = _scaled(row, inputs)
    measures = layers.Reshape((len(features.MEASURES), features.BANDS))(of_bands)
    bands = _blurred(layers.Permute((2, 1))(measures))  # (bands, measures)
    parts = [_cnn(bands, emotions, number) for number in range(TOWERS)]
    parts.append(layers.Dense(emotions, name="cues")(of_cues))
    return keras.Model(row, parts, name="parts")


def _scaled(row, inputs):
    """The columns of the bands and those of the cues, each with mean 0, spread 1."""
    column = layers.Reshape((-1, 1))(row)
    found = []
    for name, cut in (
        ("bands", (0, len(cues.CUES))),
        ("cues", (extraction.BAND_FEATURES, 0)),
    ):
        # Flat, because Keras reads an .h5 file wrongly if a Normalization layer in it
        # has more than one axis.
        scaling = layers.Normalization(name=f"scaling_of_{name}")
        scaling.adapt(inputs[:, cut[0] : inputs.shape[1] - cut[1]])
        found.append(scaling(layers.Flatten()(layers.Cropping1D(cut)(column))))
    return found


def _blurred(bands):
    """Each band with its neighbours, by a fixed bell curve, each measure by itself.

    Neighbouring bands overlap and know nearly the same. Blurred, they cannot be played
    off against each other, and two trainings come to like weights.
    """
    reach = np.arange(-round(3 * BLUR), round(3 * BLUR) + 1)
    bell = np.exp(-((reach / BLUR) ** 2) / 2)
    measures = bands.shape[-1]
    blur = layers.Conv1D(
        measures,
        len(reach),
        padding="same",
        use_bias=False,
        trainable=False,
        name="blur",
    )
    result = blur(bands)
    blur.set_weights([bell[:, None, None] / bell.sum() * np.eye(measures)])
    return result


def _cnn(bands, emotions: int, number: int):
    """Scores of one CNN: 16 bands at a time in steps of 8, then three of those."""
    found = bands
    for width, stride in ((16, 8), (3, 1)):
        found = layers.Conv1D(FILTERS, width, stride, padding="same", use_bias=False)(
            found
        )
        found = layers.ReLU()(layers.BatchNormalization(momentum=0.97)(found))
    found = layers.Dropout(0.5)(layers.Flatten()(found))
    return layers.Dense(emotions, name=f"bands_{number}")(found)


def summed(parts: keras.Model) -> keras.Model:
    """One network whose scores are the sum of what the ``parts`` say.

    The CNNs' scores are averaged, the cues' are added. Each part's scores are shifted
    so that they sum to zero over the emotions: the softmax ignores such a shift, and a
    score then says how much more the network leans to this emotion than to the average
    one. The layers "from_bands" and "from_cues" hold the two halves of "scores".

    >>> inputs = np.random.default_rng(0).normal(size=(9, 1048)).astype("f4")
    >>> network = summed(build_parts(inputs, emotions=4))
    >>> network.predict(inputs, verbose=0).sum(axis=1).round(4).tolist() == [1.0] * 9
    True
    """
    for name in [f"bands_{number}" for number in range(TOWERS)] + ["cues"]:
        _centre(parts.get_layer(name))
    *of_bands, of_cues = parts.outputs
    from_bands = layers.Average(name="from_bands")(of_bands)
    from_cues = layers.Rescaling(1.0, name="from_cues")(of_cues)
    scores = layers.Add(name="scores")([from_bands, from_cues])
    probabilities = layers.Softmax(name="probabilities")(scores)
    return keras.Model(parts.inputs[0], probabilities, name="speech_cnn")


def _centre(dense: layers.Dense) -> None:
    kernel, bias = dense.get_weights()
    kernel, bias = kernel - kernel.mean(axis=1, keepdims=True), bias - bias.mean()
    dense.set_weights([kernel, bias])


def halves(network: keras.Model) -> keras.Model:
    """What the bands say and what the cues say: two scores (rows, emotions) each.

    Their sum is the network's score. Lesson 2, section 7; lesson 3, section 4.

    >>> inputs = np.random.default_rng(0).normal(size=(9, 1048)).astype("f4")
    >>> of_bands, of_cues = halves(summed(build_parts(inputs, 4)))(inputs)
    >>> of_bands.shape, of_cues.shape
    (TensorShape([9, 4]), TensorShape([9, 4]))
    """
    outputs = [network.get_layer(name).output for name in ("from_bands", "from_cues")]
    return keras.Model(network.inputs[0], outputs)


# --- training -----------------------------------------------------------------


class AlteredRows(keras.utils.PyDataset):
    """Batches of training rows, altered anew in every epoch.

    Each row is altered as another speaker or another recording would alter it,
    which leaves its emotion as it is: the bands are stretched by up to 12 % (a
    longer or shorter vocal tract), levels shifted and tilted (another microphone),
    noise added to every feature, and two rows mixed (Zhang et al. 2018, "mixup",
    arXiv:1710.09412).

    ``inputs`` (rows, features), ``targets`` (rows, emotions), which every CNN learns.

    >>> rows = AlteredRows(np.zeros((64, 1048)), np.eye(8)[np.arange(64) % 8], seed=0)
    >>> len(rows), rows[0][0].shape
    (1, (64, 1048))
    """

    def __init__(self, inputs: np.ndarray, targets: np.ndarray, seed: int):
        super().__init__()
        self.inputs, self.targets = inputs.astype(np.float32), targets
        self.generator = np.random.default_rng(seed)
        self.spread = self.inputs.std(axis=0)  # (features,)
        self.on_epoch_end()

    def __len__(self) -> int:
        return max(1, len(self.inputs) // BATCH)

    def __getitem__(self, index: int):
        rows = slice(index * BATCH, (index + 1) * BATCH)
        targets = (self.altered_targets[rows],) * TOWERS
        return self.altered_inputs[rows], targets

    def on_epoch_end(self) -> None:
        order = self.generator.permutation(len(self.inputs))
        inputs = self._disturbed(stretched(self.inputs[order], self.generator))
        partner = self.generator.permutation(len(inputs))
        share = self.generator.beta(0.3, 0.3, (len(inputs), 1)).astype(np.float32)
        share = np.maximum(share, 1 - share)
        self.altered_inputs = mixed(inputs, partner, share)
        self.altered_targets = mixed(self.targets[order], partner, share)

    def _disturbed(self, inputs: np.ndarray) -> np.ndarray:
        normal = self.generator.standard_normal
        noise = normal(inputs.shape, dtype=np.float32) * FEATURE_NOISE * self.spread
        shift, tilt = normal((2, len(inputs), 1, 1), dtype=np.float32)
        slope = np.linspace(-1, 1, features.BANDS, dtype=np.float32)[:, None]
        disturbed = inputs + noise
        bands = extraction.by_band(disturbed)  # a view: (rows, bands, measures)
        bands[:, :, IS_LEVEL] += shift + tilt * slope
        return disturbed


def stretched(inputs: np.ndarray, generator, largest: float = 0.12) -> np.ndarray:
    """``inputs`` (rows, features) with each row's frequencies multiplied.

    The factor, between 1/(1 + ``largest``) and 1 + ``largest``, is drawn per row. Cues
    stay as they are.

    >>> flat = np.full((2, 1048), 7.0, np.float32)
    >>> np.ptp(stretched(flat, np.random.default_rng(0))) < 1e-5  # flat it stays
    np.True_
    """
    limit = np.log1p(largest)
    factor = np.exp(generator.uniform(-limit, limit, len(inputs)))
    centres = features.band_frequencies()
    position = np.interp(np.outer(factor, centres), centres, np.arange(len(centres)))
    lower = np.minimum(position.astype(int), len(centres) - 2)  # (rows, bands)
    weight = (position - lower)[..., None].astype(np.float32)
    bands, row = extraction.by_band(inputs), np.arange(len(inputs))[:, None]
    found = bands[row, lower] * (1 - weight) + bands[row, lower + 1] * weight
    result = inputs.copy()
    extraction.by_band(result)[:] = found
    return result


def mixed(values: np.ndarray, partner: np.ndarray, share: np.ndarray) -> np.ndarray:
    """``share`` (rows, 1) of each row of ``values``, the rest of its ``partner``.

    >>> mixed(np.array([[0.0], [1.0]]), np.array([1, 0]), np.array([[0.9], [0.9]]))
    array([[0.1],
           [0.9]])
    """
    return share * values + (1 - share) * values[partner]


def fit(
    inputs: np.ndarray,
    labels: np.ndarray,
    seed: int,
    epochs: int = EPOCHS,
    watched: tuple[np.ndarray, np.ndarray] | None = None,
    callbacks: tuple = (),
    emotions: int | None = None,
) -> tuple[keras.Model, dict]:
    """Fit a new network to ``inputs`` (rows, features), ``labels`` (rows,).

    The learning rate rises at first and then falls along a cosine, to nearly zero
    in the last of the ``epochs``; the weights kept are a running average over the
    last steps. Every CNN has a loss of its own, and so have the cues, whose part is a
    logistic regression. ``watched``, a pair of the same kind
    of other actors, is scored after each epoch and changes nothing. ``emotions`` is the
    number of outputs, if there are more than in ``labels``: the others are never
    answered. Lesson 2, section 5.

    Returns the network and its history (a list per quantity, a value per epoch).

    >>> inputs = np.random.default_rng(0).normal(size=(64, 1048)).astype("f4")
    >>> network, history = fit(inputs, np.arange(64) % 4, seed=0, epochs=1)
    >>> network.output_shape, len(history["loss"])
    ((None, 4), 1)
    """
    set_seeds(seed)
    one_hot = np.eye(emotions or labels.max() + 1, dtype=np.float32)
    parts = build_parts(inputs, len(one_hot))
    _fit_cues(parts, inputs[:, extraction.BAND_FEATURES :], labels)
    cnns = keras.Model(parts.inputs[0], parts.outputs[:-1])
    rows = AlteredRows(inputs, one_hot[labels], seed)
    warm_up = len(rows) * min(WARM_UP, epochs // 2)
    rate = keras.optimizers.schedules.CosineDecay(
        LEARNING_RATE / 10,
        decay_steps=len(rows) * epochs - warm_up,
        warmup_target=LEARNING_RATE,
        warmup_steps=warm_up,
    )
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=LABEL_SMOOTHING
    )
    cnns.compile(
        optimizer=keras.optimizers.AdamW(
            rate, weight_decay=0.1, clipnorm=5.0, use_ema=True, ema_momentum=0.99
        ),
        loss=[loss] * TOWERS,
    )
    if watched is not None:
        watched = (watched[0], (one_hot[watched[1]],) * TOWERS)
    history = cnns.fit(
        rows,
        validation_data=watched,
        epochs=epochs,
        verbose=0,
        callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=True), *callbacks],
    )
    return summed(parts), history.history


def _fit_cues(parts: keras.Model, of_cues: np.ndarray, labels: np.ndarray) -> None:
    """Fit a logistic regression to ``of_cues`` (rows, cues): the cues' part."""
    regression = LogisticRegression(C=REGULARITY, max_iter=1000)
    regression.fit(StandardScaler().fit_transform(of_cues), labels)
    layer = parts.get_layer("cues")
    weights = weights_of(regression, layer.units)
    layer.set_weights([CUES_WEIGHT * part for part in weights])


def weights_of(regression: LogisticRegression, emotions: int) -> tuple:
    """Weights (cues, emotions) and biases (emotions,) of a logistic regression.

    With two emotions it has one score, which speaks for the second and against the
    first. An emotion that it was not fitted to scores UNHEARD below all others. Lesson
    2, section 5.

    >>> two = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    >>> weights, bias = weights_of(two, emotions=2)
    >>> weights.shape, float(weights.sum())
    ((1, 2), 0.0)
    """
    weights, bias = regression.coef_.T, regression.intercept_
    known = regression.classes_
    if len(known) == 2:
        weights, bias = np.hstack([-weights, weights]) / 2, np.append(-bias, bias) / 2
    if len(known) == emotions:
        return weights, bias
    of_all = np.zeros((len(weights), emotions))
    bias_of_all = np.full(emotions, bias.min() - UNHEARD)
    of_all[:, known], bias_of_all[known] = weights, bias
    return of_all, bias_of_all


def train_on(table: pd.DataFrame, sides: Split, seed: int) -> tuple[keras.Model, dict]:
    """:func:`fit` to all recordings, clean and noisy, of a split's fitted actors.

    ``table`` is the feature table.

    >>> from xai4ser import places, tables
    >>> from xai4ser.ravdess import RAVDESS
    >>> table = tables.load_features(places.SHIPPED.features, RAVDESS)
    >>> network, _ = train_on(table, RAVDESS.fold(0), seed=0)  # doctest: +SKIP
    """
    inputs = table[extraction.feature_columns()].to_numpy(np.float32)
    labels = labels_of(table["emotion"])
    fitted = sides.rows(table, "fitted")
    emotions = len(table["emotion"].cat.categories)
    return fit(inputs[fitted], labels[fitted], seed, emotions=emotions)


def hold_out(
    table: pd.DataFrame, sides: Split, seed: int
) -> tuple[keras.Model, pd.DataFrame]:
    """:func:`train_on` a split, and what the network answers for its test actors.

    Returns the network and a row per recording and version of the test actors: path,
    version, emotion, actor, predicted, and a probability per emotion ("p_sad").
    ``tools/score_folds.py``, and ``models.hold_out_everybody``.

    >>> from xai4ser import places, tables
    >>> from xai4ser.ravdess import RAVDESS
    >>> table = tables.load_features(places.SHIPPED.features, RAVDESS)
    >>> _, answers = hold_out(table, RAVDESS.fold(0), seed=0)  # doctest: +SKIP
    >>> len(answers)  # doctest: +SKIP
    480
    """
    model, _ = train_on(table, sides, seed)
    held_out = table[sides.rows(table, "test")]
    inputs = held_out[extraction.feature_columns()].to_numpy(np.float32)
    probabilities = pd.DataFrame(
        predict(model, inputs),
        columns=[f"p_{emotion}" for emotion in table["emotion"].cat.categories],
        index=held_out.index,
    )
    predicted = probabilities.idxmax(axis=1).str.removeprefix("p_")
    keys = held_out[extraction.KEYS].assign(predicted=predicted)
    return model, keys.join(probabilities.round(4))


# --- answers ------------------------------------------------------------------


def predict(network: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Probabilities (rows, emotions) for ``inputs`` (rows, features).

    >>> network = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])
    >>> predict(network, np.zeros((5, 3), np.float32)).shape
    (5, 2)
    """
    batches = (inputs[start : start + 512] for start in range(0, len(inputs), 512))
    return np.concatenate([network(batch, training=False) for batch in batches])


def labels_of(emotions: pd.Series) -> np.ndarray:
    """Position of each emotion in the order of the outputs, (rows,).

    ``emotions`` is the column of a table that :mod:`xai4ser.tables` has read.

    >>> labels_of(pd.Series(pd.Categorical(["sad", "calm"], ["calm", "sad"]))).tolist()
    [1, 0]
    """
    return emotions.cat.codes.to_numpy(dtype=int)
