"""Attributions: against closed forms, against shap, and against what must hold."""

import keras
import numpy as np
import pytest
import shap

from xai4ser import features, network, shapley
from xai4ser.corpus import EMOTIONS

SHAPE = (features.BANDS, len(features.MEASURES))


def rows(count, seed):
    return np.random.default_rng(seed).normal(-40, 8, (count, *SHAPE)).astype("f4")


@pytest.fixture(scope="module")
def convolutional():
    """The real architecture with random weights: as curved as a trained one."""
    network.set_seeds(1)
    model = network.build_network(rows(200, 0))
    network.centre_scores(model)
    return model


@pytest.fixture(scope="module")
def linear():
    """A network that is linear in its inputs: its Shapley values are known."""
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [
            keras.layers.Input(SHAPE),
            keras.layers.Flatten(),
            keras.layers.Dense(len(EMOTIONS), name="scores"),
            keras.layers.Softmax(),
        ]
    )
    network.centre_scores(model)
    return model


def test_a_linear_network_gets_its_exact_shapley_values(linear):
    inputs, background = rows(3, 1), rows(16, 2)
    explanation = shapley.explain(linear, inputs, background, samples=16)
    kernel, _ = linear.get_layer("scores").get_weights()
    step = inputs - background.mean(axis=0)  # (rows, bands, measures)
    exact = step[..., None] * kernel.reshape(*SHAPE, len(EMOTIONS))
    np.testing.assert_allclose(
        shapley.by_band(explanation), exact, rtol=1e-3, atol=1e-3
    )


def test_attributions_add_up_and_a_broken_one_does_not(convolutional):
    inputs = rows(5, 3)
    explanation = shapley.explain(convolutional, inputs, rows(40, 4), samples=8)
    scores = shapley.scores_model(convolutional)(inputs).numpy()
    assert shapley.largest_gap(explanation, scores) < 1e-3
    explanation.values[0, 0, 0] += 0.1
    assert shapley.largest_gap(explanation, scores) > 0.05


def test_attributions_sum_to_zero_over_the_emotions(convolutional):
    explanation = shapley.explain(convolutional, rows(3, 3), rows(40, 4), samples=8)
    assert np.abs(explanation.values.sum(axis=2)).max() < 1e-4


def test_a_recording_in_a_background_of_itself_gets_nothing(convolutional):
    inputs = rows(1, 5)
    background = np.repeat(inputs, 8, axis=0)
    explanation = shapley.explain(convolutional, inputs, background, samples=8)
    assert np.abs(explanation.values).max() < 1e-5


def test_it_agrees_with_shaps_gradient_explainer(convolutional):
    inputs, background = rows(2, 6), rows(50, 7)
    ours = shapley.by_band(shapley.explain(convolutional, inputs, background, 50))
    scores = shapley.scores_model(convolutional)
    theirs = shap.GradientExplainer(scores, background).shap_values(
        inputs, nsamples=600, rseed=0
    )
    for row in range(2):
        for emotion in range(len(EMOTIONS)):
            pair = ours[row, ..., emotion].ravel(), theirs[row, ..., emotion].ravel()
            assert np.corrcoef(*pair)[0, 1] > 0.9


def test_the_explanation_is_one_that_shap_can_plot(convolutional):
    inputs = rows(4, 8)
    explanation = shapley.explain(convolutional, inputs, rows(40, 9), samples=4)
    count = SHAPE[0] * SHAPE[1]
    assert explanation.shape == (4, count, len(EMOTIONS))
    assert explanation.feature_names[0].endswith("Hz")
    assert list(explanation.output_names) == list(EMOTIONS)
    np.testing.assert_array_equal(features.network_input(explanation.data), inputs)
    one = explanation[0, :, 3]
    assert one.values.shape == (count,) and np.isscalar(float(one.base_values))


def test_the_same_seed_gives_the_same_and_more_samples_come_closer(convolutional):
    inputs, background = rows(4, 10), rows(128, 11)

    def explain(samples, seed):
        return shapley.explain(convolutional, inputs, background, samples, seed).values

    np.testing.assert_array_equal(explain(4, 0), explain(4, 0))
    limit = explain(128, 1)
    few, many = (np.abs(explain(n, 0) - limit).mean() for n in (4, 64))
    assert many < few / 2


def test_too_small_a_background_says_what_to_do(convolutional):
    with pytest.raises(ValueError, match="fewer samples"):
        shapley.explain(convolutional, rows(1, 0), rows(3, 1), samples=4)
