"""The network: its parts, what they learn, how training rows are altered."""

import numpy as np
import pytest

from xai4ser import extraction, features, network, scoring, shapley

COLUMNS = len(extraction.feature_columns())
EMOTIONS = 8


def rows_with_a_cue(count, seed):
    """Noise, in dB, in which each emotion raises a region of eight bands and a cue."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % EMOTIONS
    inputs = generator.normal(-40, 5, (count, COLUMNS)).astype("f4")
    for row, label in enumerate(labels):
        extraction.by_band(inputs)[row, 16 * label : 16 * label + 8] += 15
        inputs[row, extraction.BAND_FEATURES + label] += 15
    return inputs, labels


@pytest.fixture(scope="module")
def trained():
    """A network trained briefly on rows that hold a clear cue."""
    watched = rows_with_a_cue(64, 1)
    return network.fit(*rows_with_a_cue(512, 0), seed=3, epochs=40, watched=watched)


# --- the network --------------------------------------------------------------


def test_it_is_small_and_scales_the_rows_of_the_table():
    inputs, _ = rows_with_a_cue(64, 0)
    parts = network.build_parts(inputs, EMOTIONS)
    assert parts.input_shape[1:] == (COLUMNS,)
    assert parts.count_params() <= 300_000
    of_cues = parts.get_layer("scaling_of_cues")(inputs[:, extraction.BAND_FEATURES :])
    np.testing.assert_allclose(of_cues.numpy().mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(of_cues.numpy().std(axis=0), 1, atol=1e-3)


def test_the_blur_mixes_neighbouring_bands_of_one_measure_and_keeps_their_sum():
    inputs, _ = rows_with_a_cue(16, 0)
    kernel = network.build_parts(inputs, EMOTIONS).get_layer("blur").get_weights()[0]
    measures = len(features.MEASURES)
    np.testing.assert_allclose(kernel.sum(axis=0), np.eye(measures), atol=1e-6)
    np.testing.assert_allclose(kernel, kernel[::-1], atol=1e-7)
    assert kernel[:, 0, 0].argmax() == len(kernel) // 2 and kernel.max() < 0.5


def test_the_scores_are_what_bands_and_cues_say_and_sum_to_zero(trained):
    model, _ = trained
    inputs, _ = rows_with_a_cue(32, 4)
    scores = shapley.scores_model(model)(inputs).numpy()
    of_bands, of_cues = (part.numpy() for part in network.halves(model)(inputs))
    np.testing.assert_allclose(of_bands + of_cues, scores, atol=1e-5)
    for part in (of_bands, of_cues):
        np.testing.assert_allclose(part.sum(axis=1), 0, atol=1e-4)
        assert np.abs(part).max() > 0.5


def test_bands_and_cues_each_read_their_own_columns(trained):
    model, _ = trained
    inputs, _ = rows_with_a_cue(8, 5)
    before = [part.numpy() for part in network.halves(model)(inputs)]
    changed = inputs.copy()
    changed[:, extraction.BAND_FEATURES :] += 9
    of_bands, of_cues = network.halves(model)(changed)
    assert np.array_equal(of_bands, before[0])
    assert not np.allclose(of_cues, before[1])


def test_each_part_learns_a_cue_that_is_there(trained):
    inputs, labels = rows_with_a_cue(128, 2)
    for answers in (
        network.predict(trained[0], inputs),
        *network.halves(trained[0])(inputs),
    ):
        found = np.asarray(answers).argmax(axis=1)
        assert scoring.unweighted_average_recall(labels, found) > 0.8


# --- training -----------------------------------------------------------------


@pytest.mark.training
def test_the_same_seed_gives_identical_weights():
    inputs, labels = rows_with_a_cue(128, 6)
    first, second = (network.fit(inputs, labels, seed=1, epochs=2)[0] for _ in range(2))
    for one, two in zip(first.get_weights(), second.get_weights(), strict=True):
        assert np.array_equal(one, two)


@pytest.mark.training
def test_who_is_watched_changes_nothing():
    inputs, labels = rows_with_a_cue(128, 6)
    watched = rows_with_a_cue(32, 7)
    alone, _ = network.fit(inputs, labels, seed=1, epochs=2)
    seen, history = network.fit(inputs, labels, seed=1, epochs=2, watched=watched)
    for one, two in zip(alone.get_weights(), seen.get_weights(), strict=True):
        assert np.array_equal(one, two)
    assert len(history["val_loss"]) == 2


def test_stretching_moves_a_peak_by_the_stated_factor_at_most_and_no_cue():
    inputs = np.zeros((200, COLUMNS), np.float32)
    extraction.by_band(inputs)[:, 60] = 1
    inputs[:, extraction.BAND_FEATURES :] = 5
    moved = network.stretched(inputs, np.random.default_rng(0), largest=0.12)
    centres = features.band_frequencies()
    peaks = centres[extraction.by_band(moved)[:, :, 0].argmax(axis=1)] / centres[60]
    assert 1 / 1.16 < peaks.min() < 0.95 and 1.05 < peaks.max() < 1.16
    assert (moved[:, extraction.BAND_FEATURES :] == 5).all()


@pytest.fixture
def altered(monkeypatch):
    """Training rows that are all alike, altered by one thing only."""

    def make(inputs, targets, **constants):
        for name, value in {"FEATURE_NOISE": 0.0, **constants}.items():
            monkeypatch.setattr(network, name, value)
        monkeypatch.setattr(network, "stretched", lambda rows, generator: rows)
        return network.AlteredRows(inputs, targets, seed=0)

    return make


def test_a_louder_microphone_shifts_levels_and_nothing_else(altered):
    inputs = np.zeros((64, COLUMNS), np.float32)
    rows = altered(inputs, np.eye(8, dtype="f4")[np.zeros(64, int)])
    bands = np.abs(extraction.by_band(rows.altered_inputs)).max(axis=(0, 1))
    moved = [name for name, size in zip(features.MEASURES, bands, strict=True) if size]
    assert moved == list(features.LEVELS)


def test_mixup_mixes_targets_as_it_mixes_rows(altered):
    labels = np.arange(64) % 8
    inputs = np.zeros((64, COLUMNS), np.float32)
    inputs[:, 2 * features.BANDS : 2 * features.BANDS + 8] = np.eye(8)[labels]
    rows = altered(inputs, np.eye(8, dtype="f4")[labels])  # skewness: no level
    mixed = rows.altered_inputs[:, 2 * features.BANDS : 2 * features.BANDS + 8]
    np.testing.assert_allclose(rows.altered_targets, mixed, atol=1e-5)
    assert ((rows.altered_targets > 0.01) & (rows.altered_targets < 0.99)).any()


def test_noise_has_the_stated_share_of_each_features_spread(altered):
    generator = np.random.default_rng(0)
    inputs = generator.normal(0, [1, 10], (640, 2)).astype("f4")
    inputs = np.pad(
        inputs, ((0, 0), (2 * features.BANDS, COLUMNS - 2 - 2 * features.BANDS))
    )
    rows = altered(inputs, np.eye(8, dtype="f4")[np.zeros(640, int)], FEATURE_NOISE=0.5)
    rows.spread = inputs.std(axis=0)
    disturbed = rows._disturbed(inputs) - inputs
    ratio = (
        disturbed.std(axis=0)[2 * features.BANDS :][:2]
        / inputs.std(axis=0)[2 * features.BANDS :][:2]
    )
    assert ratio == pytest.approx(0.5, abs=0.06)


def test_a_fold_is_trained_on_clean_and_noisy_rows_of_everybody_but_the_test_actors(
    monkeypatch,
):
    from xai4ser import places, tables
    from xai4ser.ravdess import RAVDESS

    table = tables.load_features(places.SHIPPED.features, RAVDESS)
    seen = {}
    monkeypatch.setattr(network, "fit", lambda x, y, seed, **_: seen.update(x=x, y=y))
    network.train_on(table, RAVDESS.fold(0), 0)
    expected = table[~table["actor"].isin(RAVDESS.fold(0).test)]
    assert len(seen["x"]) == len(expected) == 2400
    assert np.array_equal(seen["y"], network.labels_of(expected["emotion"]))


def test_the_recipe_is_what_the_notes_and_the_lesson_say():
    """What a fit is made of, without fitting: a changed constant must be meant."""
    recipe = {
        "towers": network.TOWERS,
        "filters": network.FILTERS,
        "blur": network.BLUR,
        "feature noise": network.FEATURE_NOISE,
        "weight of the cues": network.CUES_WEIGHT,
        "regularity": network.REGULARITY,
        "epochs": network.EPOCHS,
        "warm-up": network.WARM_UP,
        "batch": network.BATCH,
        "rate": network.LEARNING_RATE,
        "smoothing": network.LABEL_SMOOTHING,
        "threads": network.THREADS,
    }
    assert list(recipe.values()) == [
        4,
        96,
        1.5,
        0.6,
        1.3,
        0.03,
        36,
        6,
        64,
        1e-3,
        0.1,
        2,
    ]


def test_the_shipped_network_has_the_shape_that_the_recipe_builds():
    from xai4ser import models, places

    shipped, manifest = models.load(places.SHIPPED.models)
    inputs, _ = rows_with_a_cue(16, 0)
    ours = network.summed(network.build_parts(inputs, EMOTIONS))
    of_ours, of_shipped = (
        [(weight.name, tuple(weight.shape)) for weight in model.weights]
        for model in (ours, shipped)
    )
    assert of_ours == of_shipped
    assert len(manifest["history"]["loss"]) == network.EPOCHS


def test_the_cues_are_fitted_by_a_logistic_regression_of_all_rows():
    from sklearn.linear_model import LogisticRegression

    inputs, labels = rows_with_a_cue(256, 8)
    parts = network.build_parts(inputs, EMOTIONS)
    of_cues = inputs[:, extraction.BAND_FEATURES :]
    network._fit_cues(parts, of_cues, labels)
    scaled = (of_cues - of_cues.mean(axis=0)) / of_cues.std(axis=0)
    expected = LogisticRegression(C=network.REGULARITY, max_iter=1000)
    expected = expected.fit(scaled, labels).decision_function(scaled)
    found = parts(inputs)[-1].numpy()
    np.testing.assert_allclose(found, network.CUES_WEIGHT * expected, atol=0.02)


def test_the_scores_average_the_towers_and_add_the_cues():
    inputs, _ = rows_with_a_cue(16, 0)
    parts = network.build_parts(inputs, EMOTIONS)
    layer = parts.get_layer("cues")
    layer.set_weights(
        [np.random.default_rng(0).normal(size=w.shape) for w in layer.get_weights()]
    )
    before = [part.numpy() for part in parts(inputs)]  # of each tower, then the cues
    model = network.summed(parts)
    expected = np.mean(before[:-1], axis=0) + before[-1]
    expected -= expected.mean(axis=1, keepdims=True)
    scores = shapley.scores_model(model)(inputs).numpy()
    np.testing.assert_allclose(scores, expected, rtol=1e-3, atol=1e-3)
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    found = network.predict(model, inputs)
    np.testing.assert_allclose(found, odds / odds.sum(axis=1, keepdims=True), atol=1e-5)


def test_a_training_row_meets_another_partner_in_each_epoch(altered):
    generator = np.random.default_rng(0)
    inputs = generator.normal(size=(64, COLUMNS)).astype("f4")
    rows = altered(inputs, np.eye(8, dtype="f4")[np.arange(64) % 8])
    first = rows.altered_inputs.copy()
    rows.on_epoch_end()
    assert not np.array_equal(first, rows.altered_inputs)
    assert len(rows[0][1]) == network.TOWERS


@pytest.fixture
def compiled(monkeypatch):
    """What ``fit`` hands to Keras: optimiser, losses, callbacks; nothing is trained."""
    seen = {}

    class History:
        history = {"loss": [1.0]}

    def instead(model, rows, **rest):
        seen.update(rest, optimiser=model.optimizer, loss=model.loss, rows=rows)
        return History()

    monkeypatch.setattr(network.keras.Model, "fit", instead)
    network.fit(*rows_with_a_cue(640, 0), seed=1)
    return seen


def test_the_optimiser_is_the_one_of_the_recipe(compiled):
    optimiser = compiled["optimiser"].get_config()
    assert optimiser["name"].startswith("adam_w")  # numbered when made again
    assert optimiser["weight_decay"] == 0.1
    assert optimiser["clipnorm"] == 5.0
    assert optimiser["use_ema"] and optimiser["ema_momentum"] == 0.99
    averaging = compiled["callbacks"][0]
    assert isinstance(averaging, network.keras.callbacks.SwapEMAWeights)
    assert compiled["epochs"] == network.EPOCHS
    for loss in compiled["loss"]:
        said = loss.get_config()
        assert said["from_logits"] and said["label_smoothing"] == 0.1


def test_the_learning_rate_rises_for_six_epochs_and_then_falls_to_nothing(compiled):
    rate, steps = compiled["optimiser"]._learning_rate, len(compiled["rows"])
    rates = np.array([float(rate(epoch * steps)) for epoch in range(37)])
    assert rates.argmax() == network.WARM_UP
    assert rates[0] == pytest.approx(network.LEARNING_RATE / 10)
    assert rates.max() == pytest.approx(network.LEARNING_RATE)
    assert rates[36] == pytest.approx(0, abs=1e-6)
    assert (np.diff(rates[6:]) < 0).all()


def test_half_of_what_a_cnn_found_is_dropped_in_training():
    parts = network.build_parts(rows_with_a_cue(16, 0)[0], EMOTIONS)
    rates = [layer.rate for layer in parts.layers if "dropout" in layer.name]
    assert rates == [0.5] * network.TOWERS


def test_a_mixed_row_stays_mostly_itself_and_most_rows_hardly_mixed(altered):
    labels = np.arange(640) % 8
    inputs = np.zeros((640, COLUMNS), np.float32)
    rows = altered(inputs, np.eye(8, dtype="f4")[labels])
    largest = rows.altered_targets.max(axis=1)
    assert largest.min() > 0.49
    assert (largest > 0.9).mean() > 0.4


def test_a_microphone_shifts_and_tilts_a_row(altered):
    rows = altered(
        np.zeros((640, COLUMNS), np.float32), np.eye(8, dtype="f4")[[0] * 640]
    )
    level = extraction.by_band(rows._disturbed(rows.inputs))[:, :, 0]  # (rows, bands)
    middle, tilt = level[:, 64], level[:, -1] - level[:, 0]
    assert middle.std() == pytest.approx(1, abs=0.15)  # dB
    assert tilt.std() == pytest.approx(2, abs=0.3)
    assert abs(np.corrcoef(middle, tilt)[0, 1]) < 0.15


def test_rows_are_altered_in_another_order_in_each_epoch(altered):
    labels = np.arange(64) % 8
    rows = altered(np.zeros((64, COLUMNS), np.float32), np.eye(8, dtype="f4")[labels])
    assert not np.array_equal(rows.altered_targets.argmax(axis=1), labels)


def test_stretching_is_a_straight_line_between_two_bands():
    inputs = np.zeros((50, COLUMNS), np.float32)
    extraction.by_band(inputs)[:] = np.arange(features.BANDS)[:, None]
    moved = extraction.by_band(network.stretched(inputs, np.random.default_rng(0)))
    inner = np.diff(moved[:, 10:110, 0], axis=1)
    assert (inner > 0).all() and np.abs(np.diff(inner, axis=1)).max() < 0.2
