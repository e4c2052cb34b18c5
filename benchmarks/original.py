"""Features and network of the tutorial that this one re-makes, as they were."""


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
