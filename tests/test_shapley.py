"""Attributions: against closed forms, against shap, and against what must hold."""

import itertools

import keras
import numpy as np
import pytest
import shap

from xai4ser import extraction, network, shapley
from xai4ser.ravdess import EMOTIONS

SHAPE = (len(extraction.feature_columns()),)


def rows(count, seed):
    return np.random.default_rng(seed).normal(-40, 8, (count, *SHAPE)).astype("f4")


@pytest.fixture(scope="module")
def convolutional():
    """The real architecture with random weights: as curved as a trained one."""
    network.set_seeds(1)
    return network.summed(network.build_parts(rows(200, 0), len(EMOTIONS)))


@pytest.fixture(scope="module")
def linear():
    """A network that is linear in its inputs: its Shapley values are known."""
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [
            keras.layers.Input(SHAPE),
            keras.layers.Dense(len(EMOTIONS), name="scores"),
            keras.layers.Softmax(),
        ]
    )
    return model


def test_a_linear_network_gets_its_exact_shapley_values(linear):
    inputs, background = rows(3, 1), rows(16, 2)
    explanation = shapley.explain(linear, inputs, background, samples=16)
    kernel, _ = linear.get_layer("scores").get_weights()
    step = inputs - background.mean(axis=0)  # (rows, features)
    exact = step[..., None] * kernel
    np.testing.assert_allclose(explanation.values, exact, rtol=1e-3, atol=1e-3)


def test_attributions_add_up_and_a_broken_one_does_not(convolutional):
    inputs = rows(5, 3)
    explanation = shapley.explain(convolutional, inputs, rows(40, 4), samples=8)
    scores = shapley.scores_model(convolutional)(inputs).numpy()
    assert shapley.largest_gap(explanation, scores) < 1e-3
    explanation.values[0, 0, 0] += 0.1
    assert shapley.largest_gap(explanation, scores) > 0.05


def test_one_output_of_each_row_is_explained_as_among_all(convolutional):
    inputs, background, wanted = rows(6, 3), rows(40, 4), np.array([5, 0, 7, 2, 2, 1])
    of_all, of_one = (
        shapley.explain(
            convolutional, inputs, background, 8, closed=False, outputs=some
        )
        for some in (None, wanted)
    )
    chosen = of_all.values[np.arange(6), :, wanted]
    np.testing.assert_allclose(of_one.values, chosen, atol=1e-6)
    np.testing.assert_array_equal(of_one.base_values, of_all.base_values[0, wanted])
    closed = shapley.explain(convolutional, inputs, background, 8, outputs=wanted)
    scores = shapley.scorer(convolutional)(inputs)[np.arange(6), wanted]
    assert shapley.largest_gap(closed, scores) < 1e-3
    assert 0 < np.abs(closed.values - of_one.values).max() < 1


def test_a_network_as_a_function_says_what_the_network_says(convolutional):
    inputs = rows(3, 5)
    ask = shapley.function_of(convolutional)
    np.testing.assert_allclose(ask(inputs), convolutional(inputs), atol=1e-6)
    before = [variable.numpy() for variable in convolutional.weights]
    try:
        for variable in convolutional.weights:
            variable.assign(variable * 1.1)
        np.testing.assert_allclose(ask(inputs), convolutional(inputs), atol=1e-6)
        assert (
            np.abs(ask(inputs) - shapley.function_of(convolutional)(inputs)).max() == 0
        )
    finally:
        convolutional.set_weights(before)


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
    ours = shapley.explain(convolutional, inputs, background, 50).values
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
    explanation = shapley.explain(
        convolutional, inputs, rows(40, 9), samples=4, emotions=EMOTIONS
    )
    count = SHAPE[0]
    assert explanation.shape == (4, count, len(EMOTIONS))
    assert explanation.feature_names[0].endswith("Hz")
    assert explanation.feature_names[-1] == "hiss"
    assert list(explanation.output_names) == list(EMOTIONS)
    np.testing.assert_array_equal(explanation.data, inputs)
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


def test_what_an_explanation_misses_before_it_is_closed_shrinks_with_the_draws(
    convolutional,
):
    inputs, background = rows(8, 14), rows(64, 15)
    scores = shapley.scores_model(convolutional)(inputs).numpy()

    def missed(samples, closed):
        found = shapley.explain(
            convolutional, inputs, background, samples, closed=closed
        )
        return np.abs(shapley.misses(found, scores)).mean()

    assert missed(4, True) < 1e-4 < missed(64, False) < missed(4, False) / 2


def test_the_control_variate_is_off_by_a_covariance_that_falls_with_the_draws():
    """A square, whose expected gradients and covariance can be written down."""
    entry = keras.layers.Input((1,))
    square = keras.Model(entry, keras.ops.square(entry))
    drawn_from = np.random.default_rng(0).normal(size=(40, 1)).astype("f4")
    many = np.zeros((20_000, 1), np.float32)
    for samples in (4, 10):
        found = shapley.explain(square, many, drawn_from, samples, closed=False)
        truth = -np.mean(drawn_from**2)
        off = np.var(drawn_from) / samples * (40 - samples) / (40 - 1)
        error = found.values.std() / np.sqrt(len(many))
        assert found.values.mean() == pytest.approx(truth + off, abs=4 * error)
        assert off > 12 * error  # so an unbiased estimate would be told apart


# --- groups of features, against enumeration on small games ---------------------------


def small_game(players, seed):
    """A random game: what each coalition earns, two outputs; and its table."""
    earned = np.random.default_rng(seed).normal(size=(2**players, 2))

    def game(coalitions):
        places = np.asarray(coalitions, int) @ (2 ** np.arange(players))
        return earned[places]

    return game, earned


def by_orders(game, players):
    """Shapley values from their definition: the mean over all orders of joining."""
    total = np.zeros((players, 2))
    orders = list(itertools.permutations(range(players)))
    for order in orders:
        present = np.zeros((1, players))
        for player in order:
            before = game(present)[0]
            present[0, player] = 1
            total[player] += game(present)[0] - before
    return total / len(orders)


@pytest.mark.parametrize("seed", range(3))
def test_exact_values_are_those_of_the_definition(seed):
    game, _ = small_game(4, seed)
    found = shapley.exact_shapley(game, 4)
    np.testing.assert_allclose(found, by_orders(game, 4), atol=1e-6)
    wrong = found[::-1]
    assert np.abs(wrong - by_orders(game, 4)).max() > 0.01


@pytest.mark.parametrize("seed", range(3))
def test_axioms(seed):
    game, earned = small_game(4, seed)
    values = shapley.exact_shapley(game, 4)
    np.testing.assert_allclose(values.sum(axis=0), earned[-1] - earned[0], atol=1e-6)

    def with_bystander(coalitions):  # player 4 does nothing
        return game(np.asarray(coalitions)[:, :4])

    more = shapley.exact_shapley(with_bystander, 5)
    np.testing.assert_allclose(more, [*values, [0, 0]], atol=1e-6)

    def with_twins(coalitions):  # players 0 and 4 only count together
        coalitions = np.array(coalitions, int)
        coalitions[:, 0] *= coalitions[:, 4]
        return game(coalitions[:, :4])

    twins = shapley.exact_shapley(with_twins, 5)
    np.testing.assert_allclose(twins[0], twins[4], atol=1e-6)
    other, _ = small_game(4, seed + 10)
    added = shapley.exact_shapley(lambda c: game(c) + other(c), 4)
    apart = values + shapley.exact_shapley(other, 4)
    np.testing.assert_allclose(added, apart, atol=1e-6)


def test_owen_values_of_a_branch_are_what_the_branch_gets_as_one_player():
    game, _ = small_game(8, 0)
    owen = shapley.owen_values(game, 8)

    def halves(coalitions):
        return game(np.repeat(np.asarray(coalitions), 4, axis=1))

    of_halves = shapley.exact_shapley(halves, 2)
    np.testing.assert_allclose(owen.reshape(2, 4, 2).sum(axis=1), of_halves, atol=1e-6)
    assert np.abs(owen - shapley.exact_shapley(game, 8)).max() > 0.01


def test_the_tree_joins_neighbours():
    tree = shapley.tree_of_neighbours(6)
    assert tree.shape == (5, 4)
    assert tree[-1, 3] == 6
    members = {number: {number} for number in range(6)}
    for number, (left, right, _, size) in enumerate(tree, start=6):
        members[number] = members[int(left)] | members[int(right)]
        together = sorted(members[number])
        assert len(together) == size
        assert together == list(range(together[0], together[-1] + 1))


def test_the_game_of_groups_mixes_recording_and_background(convolutional):
    recording, background = rows(1, 12)[0], rows(7, 13)
    groups = np.arange(SHAPE[0]) * 3 // SHAPE[0]
    game = shapley.group_game(convolutional, recording, background, groups)
    scores = shapley.scores_model(convolutional)
    nobody, middle, everybody = game(np.array([[0, 0, 0], [0, 1, 0], [1, 1, 1]]))
    expected = scores(background).numpy().mean(axis=0)
    np.testing.assert_allclose(nobody, expected, atol=1e-4)
    np.testing.assert_allclose(everybody, scores(recording[None])[0], atol=1e-4)
    mixed = background.copy()
    mixed[:, groups == 1] = recording[groups == 1]
    expected = scores(mixed).numpy().mean(axis=0)
    np.testing.assert_allclose(middle, expected, atol=1e-4)


def test_paths_come_near_exact_values_of_groups(convolutional):
    recording, background = rows(1, 14), rows(30, 15)
    groups = np.arange(SHAPE[0]) * 8 // SHAPE[0]
    game = shapley.group_game(convolutional, recording[0], background, groups)
    exact = shapley.exact_shapley(game, 8)
    paths = shapley.explain(convolutional, recording, background, 30)
    of_groups = np.stack([paths.values[0, groups == g].sum(axis=0) for g in range(8)])
    assert np.corrcoef(exact.ravel(), of_groups.ravel())[0, 1] > 0.9


# --- other networks, other tables --------------------------------------------------


def test_another_network_on_another_table():
    keras.utils.set_random_seed(3)
    generator = np.random.default_rng(16)
    inputs, background = generator.normal(size=(4, 20)), generator.normal(size=(60, 20))
    other = keras.Sequential(
        [
            keras.layers.Input((20,)),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(3),
        ]
    )
    explanation = shapley.explain(other, inputs, background, 60)
    assert explanation.shape == (4, 20, 3)
    assert shapley.largest_gap(explanation, other(inputs).numpy()) < 1e-3
    theirs = shap.GradientExplainer(other, background.astype("f4")).shap_values(
        inputs.astype("f4"), nsamples=2000, rseed=0
    )
    both = explanation.values.ravel(), theirs.ravel()
    assert np.corrcoef(*both)[0, 1] > 0.97


def test_too_small_a_background_says_what_to_do(convolutional):
    with pytest.raises(ValueError, match="fewer samples"):
        shapley.explain(convolutional, rows(1, 0), rows(3, 1), samples=4)


def test_few_samples_come_as_near_to_the_exact_values_as_they_should():
    """The known step beside the background's mean is taken off, not added."""
    keras.utils.set_random_seed(4)
    generator = np.random.default_rng(17)
    inputs, background = generator.normal(size=(6, 8)), generator.normal(size=(64, 8))
    curved = keras.Sequential(
        [
            keras.layers.Input((8,)),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(2),
        ]
    )
    found = shapley.explain(curved, inputs, background, 8, seed=0).values
    for row, values in zip(inputs, found, strict=True):
        game = shapley.group_game(curved, row, background, np.arange(8))
        exact = shapley.exact_shapley(game, 8)
        assert np.corrcoef(exact.ravel(), values.ravel())[0, 1] > 0.97


def test_the_positions_cover_the_whole_path_evenly():
    """Of a cube, whose gradient grows along the path, the sum comes out right."""
    rows = keras.layers.Input((4,))
    cube = keras.layers.Multiply()([rows, rows, rows])
    added = keras.layers.Dense(1, kernel_initializer="ones", use_bias=False)(cube)
    model = keras.Model(rows, added)
    inputs, background = np.full((200, 4), 2.0), np.zeros((16, 4))
    found = shapley.explain(model, inputs, background, 16, closed=False)
    missed = shapley.misses(found, model(inputs).numpy())  # of a score of 32
    assert abs(missed.mean()) < 0.3
    assert missed.std() > 0  # an estimate, not the closed sum
