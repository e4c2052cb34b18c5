"""The tests of an explanation: right where the answer is known, and able to fail.

The yardstick is a linear model: the attribution of a feature is its weight times its
distance from the baseline, and every metric follows with a pencil.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from scipy.stats import pearsonr, spearmanr

from xai4ser import extraction, network, plots, trust

ROWS, FEATURES = 12, 40


@pytest.fixture(scope="module")
def linear():
    """Score, inputs, baseline and the only right attributions of a linear model."""
    generator = np.random.default_rng(0)
    weights = generator.normal(size=FEATURES)
    inputs = generator.normal(size=(ROWS, FEATURES))
    baseline = generator.normal(size=FEATURES)

    def score(rows):
        return rows @ weights + 3

    return score, inputs, baseline, weights * (inputs - baseline)


def broken(kind, attributions):
    """An explanation that is wrong in one particular way."""
    generator = np.random.default_rng(1)
    return {
        "sign flipped": -attributions,
        "features shuffled": generator.permuted(attributions, axis=1),
        "features reversed": attributions[:, ::-1],
        "of another row": np.roll(attributions, 1, axis=0),
        "constant": np.ones_like(attributions),
        "transposed": attributions.T.reshape(attributions.shape),
        "absolute": np.abs(attributions),
        "random": trust.random_attributions(attributions.shape, seed=2),
    }[kind]


every_break = pytest.mark.parametrize(
    "kind",
    [
        "sign flipped",
        "features shuffled",
        "features reversed",
        "of another row",
        "constant",
        "transposed",
        "absolute",
        "random",
    ],
)


# --- closed form ----------------------------------------------------------------


def test_deletion_and_insertion_of_a_linear_model_are_sums_of_attributions(linear):
    score, inputs, baseline, attributions = linear
    from_best = np.cumsum(-np.sort(-attributions, axis=1), axis=1)[:, 3::4]
    gone = np.hstack([np.zeros((ROWS, 1)), from_best])  # after 0, 10, ... 100 %
    deleted = trust.deletion(score, inputs, attributions, baseline)
    inserted = trust.insertion(score, inputs, attributions, baseline)
    np.testing.assert_allclose(deleted, score(inputs)[:, None] - gone)
    np.testing.assert_allclose(inserted, score(baseline) + gone)


def test_area_of_a_straight_line_is_its_middle():
    curves = np.stack([np.linspace(4, 0, 11), np.full(11, 7.0)])
    np.testing.assert_allclose(trust.area(curves), [2, 7])


def test_comprehensiveness_and_sufficiency_of_a_linear_model(linear):
    score, inputs, baseline, attributions = linear
    best_first = -np.sort(-attributions, axis=1)
    tops = [best_first[:, :count].sum(axis=1) for count in (1, 2, 4, 8, 20)]
    np.testing.assert_allclose(
        trust.comprehensiveness(score, inputs, attributions, baseline),
        np.mean(tops, axis=0),
    )
    np.testing.assert_allclose(
        trust.sufficiency(score, inputs, attributions, baseline),
        attributions.sum(axis=1) - np.mean(tops, axis=0),
    )


def test_right_attributions_foretell_a_linear_model_perfectly(linear):
    score, inputs, baseline, attributions = linear
    found = trust.faithfulness_correlation(score, inputs, attributions, baseline)
    np.testing.assert_allclose(found, 1)
    flipped = trust.faithfulness_correlation(score, inputs, -attributions, baseline)
    np.testing.assert_allclose(flipped, -1)


def test_several_baselines_are_averaged(linear):
    score, inputs, baseline, attributions = linear
    around = np.random.default_rng(3).normal(size=(9, FEATURES))
    around += baseline - around.mean(axis=0)
    np.testing.assert_allclose(
        trust.deletion(score, inputs, attributions, around),
        trust.deletion(score, inputs, attributions, baseline),
    )


def test_many_rows_and_baselines_do_not_meet_the_model_at_once(linear):
    score, inputs, _, attributions = linear
    sizes = []

    def counting(rows):
        sizes.append(len(rows))
        return score(rows)

    many = np.zeros((1500, FEATURES))
    trust.scores_with(counting, inputs, inputs > 0, many)
    assert max(sizes) <= trust.EVALUATIONS_AT_ONCE and sum(sizes) == ROWS * 1500


# --- every metric can fail --------------------------------------------------------


@every_break
def test_every_test_is_worse_for_a_broken_explanation(kind, linear):
    score, inputs, baseline, attributions = linear
    wrong = broken(kind, attributions)

    def result(metric, explanation):
        return metric(score, inputs, explanation, baseline).mean()

    def margin(metric):
        return result(metric, attributions) - result(metric, wrong)

    assert margin(trust.deletion) < -0.3
    assert margin(trust.insertion) > 0.3
    assert margin(trust.comprehensiveness) > 0.3
    assert margin(trust.sufficiency) < -0.3
    assert margin(trust.faithfulness_correlation) > 0.3


@every_break
def test_agreement_and_stability_notice_a_broken_explanation(kind, linear):
    *_, attributions = linear
    wrong = broken(kind, attributions)
    medians = trust.agreement(attributions, wrong, top=8).median()
    assert medians["sign agreement"] < 0.8
    assert medians["rank correlation"] < 0.8
    assert np.median(trust.stability([attributions, wrong])) < 0.8


@every_break
def test_broken_explanations_fail_on_groups_as_well(kind, linear):
    score, inputs, baseline, attributions = linear
    groups = np.repeat(np.arange(20), 2)
    right, wrong = (
        trust.faithfulness_correlation(score, inputs, which, baseline, groups=groups)
        for which in (attributions, broken(kind, attributions))
    )
    np.testing.assert_allclose(right, 1)
    assert wrong.mean() < 0.8


# --- groups, outputs, controls ------------------------------------------------------


def test_only_a_group_shows_what_near_copies_are_worth():
    inputs, baseline = np.ones((1, 4)), np.zeros(4)
    attributions = np.array([[0.5, 0.5, 0.1, 0.1]])

    def score(rows):  # the first two are copies: one of them is enough
        return rows[:, :2].max(axis=1)

    alone = trust.deletion(score, inputs, attributions, baseline, shares=(0, 0.25))
    np.testing.assert_allclose(alone, [[1, 1]])
    pairs = np.array([0, 0, 1, 1])
    together = trust.deletion(score, inputs, attributions, baseline, None, pairs)
    np.testing.assert_allclose(together[0, [0, 1, 5, 6]], [1, 0, 0, 0])
    np.testing.assert_allclose(trust.sum_groups(attributions, pairs), [[1, 0.2]])


def test_the_explained_output_is_chosen_row_by_row(linear):
    score, inputs, baseline, attributions = linear

    def three(rows):
        return np.stack([score(rows), -score(rows), 0 * score(rows)], axis=1)

    outputs = np.arange(ROWS) % 3
    sign = np.array([1, -1, 0])[outputs]
    found = trust.deletion(three, inputs, attributions, baseline, outputs)
    one = trust.deletion(score, inputs, attributions, baseline)
    np.testing.assert_allclose(found, sign[:, None] * one)
    with pytest.raises(ValueError, match="outputs="):
        trust.deletion(three, inputs, attributions, baseline)


def test_groups_that_do_not_fit_say_what_to_do(linear):
    score, inputs, baseline, attributions = linear
    with pytest.raises(ValueError, match="one number per feature"):
        trust.sum_groups(attributions, np.zeros(3, dtype=int))
    with pytest.raises(ValueError, match="return_inverse"):
        trust.sum_groups(attributions, np.arange(FEATURES) * 2)


def test_the_unusual_control_is_a_distance_in_standard_deviations():
    background = np.array([[0.0, 5.0], [4.0, 5.0]])  # mean 2, deviation 2; constant
    found = trust.unusual_attributions(np.array([[8.0, 5.0], [0.0, 5.0]]), background)
    np.testing.assert_allclose(found, [[3, 0], [1, 0]])


@pytest.mark.parametrize("groups, gone", [(None, 8), (np.arange(FEATURES) // 10, 10)])
def test_faithfulness_takes_the_share_away_that_it_is_told(groups, gone):
    inputs, left = np.ones((5, FEATURES)), []

    def score(rows):
        left.append(rows.sum(axis=1))
        return rows[:, 0]

    trust.faithfulness_correlation(
        score, inputs, inputs, np.zeros(FEATURES), groups=groups, share=0.2, draws=30
    )
    assert (left[0] == FEATURES).all() and len(left) == 31
    assert (np.array(left[1:]) == FEATURES - gone).all()


def test_the_same_seed_gives_the_same(linear):
    score, inputs, baseline, attributions = linear

    def noise(seed):
        return trust.random_attributions((5, 7), seed)

    np.testing.assert_array_equal(noise(4), noise(4))
    assert not np.array_equal(noise(4), noise(5))
    twice = [
        trust.faithfulness_correlation(
            score, inputs, attributions**2, baseline, seed=seed
        )
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(twice[0], twice[1])
    assert not np.array_equal(twice[0], twice[2])


# --- comparing -------------------------------------------------------------------


def test_correlation_is_that_of_scipy_and_zero_for_a_constant():
    first, second = np.random.default_rng(5).normal(size=(2, 4, 3, 6))
    for ranks, expected in ((False, pearsonr), (True, spearmanr)):
        found = trust.correlation(first, second, ranks)
        for row in range(4):
            one = expected(first[row].ravel(), second[row].ravel())[0]
            assert found[row] == pytest.approx(one)
    assert (trust.correlation(first, np.ones_like(first)) == 0).all()


def test_agreement_counted_by_hand():
    first = np.array([[5.0, -4.0, 3.0, 0.2, 0.1]])
    second = np.array([[5.0, 4.0, 0.1, 0.2, 3.0]])
    found = trust.agreement(first, second, top=3).iloc[0]
    assert found["top overlap"] == pytest.approx(2 / 3)  # features 0 and 1
    assert found["sign agreement"] == pytest.approx(1 / 3)  # feature 0 alone
    assert found["rank correlation"] == pytest.approx(spearmanr(*first, *second)[0])


def test_stability_compares_every_pair():
    base = np.random.default_rng(6).normal(size=(3, 500))
    noise = np.random.default_rng(7).normal(size=(2, 3, 500))
    runs = [base, base + noise[0], base + noise[1]]
    found = trust.stability(runs)
    assert found.shape == (3, 3)
    # Equal parts of signal and noise: correlation with the signal is the root of a
    # half, of two such runs with each other a half.
    np.testing.assert_allclose(found[:2].mean(), np.sqrt(0.5), atol=0.06)
    np.testing.assert_allclose(found[2].mean(), 0.5, atol=0.06)


# --- randomisation, on another architecture and another table ----------------------


@pytest.fixture(scope="module")
def small_network():
    """A dense network for 40 features and 3 classes, trained to use features 0 to 5."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    inputs = generator.normal(size=(600, FEATURES)).astype("f4")
    labels = inputs[:, :6].reshape(-1, 3, 2).sum(axis=2).argmax(axis=1)
    scaling = keras.layers.Normalization(name="scaling")
    scaling.adapt(inputs)
    model = keras.Sequential(
        [
            keras.layers.Input((FEATURES,)),
            scaling,
            keras.layers.Dense(32, activation="tanh", name="hidden"),
            keras.layers.BatchNormalization(name="batch"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(3, name="last"),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss)
    model.fit(inputs, labels, epochs=25, batch_size=64, verbose=0)
    return model, inputs[:40]


def gradient_times_step(model, inputs, outputs):
    with tf.GradientTape() as tape:
        rows = tf.constant(inputs)
        tape.watch(rows)
        chosen = tf.gather(model(rows), outputs, axis=1, batch_dims=1)
    return tape.gradient(chosen, rows).numpy() * (inputs - inputs.mean(axis=0))


def test_an_explanation_of_the_network_forgets_with_it(small_network):
    model, inputs = small_network
    answers = model(inputs).numpy().argmax(axis=1)
    before = model.get_weights()

    def explain():
        return gradient_times_step(model, inputs, answers)

    original = explain()
    forgotten = trust.randomise_from_the_top(model, explain)
    assert list(forgotten) == ["last", "batch", "hidden"]
    for explanation in forgotten.values():
        assert abs(np.median(trust.correlation(original, explanation))) < 0.5
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)
    again = trust.randomise_from_the_top(model, explain)
    np.testing.assert_array_equal(forgotten["hidden"], again["hidden"])


def test_an_explanation_of_the_data_is_caught_by_the_randomisation(small_network):
    model, inputs = small_network

    def explain():
        return trust.unusual_attributions(inputs, inputs)

    for explanation in trust.randomise_from_the_top(model, explain).values():
        np.testing.assert_allclose(trust.correlation(explain(), explanation), 1)


def test_the_network_is_restored_even_when_the_explainer_fails(small_network):
    model, inputs = small_network
    before = model.predict(inputs, verbose=0)
    with pytest.raises(ZeroDivisionError):
        trust.randomise_from_the_top(model, lambda: 1 / 0)
    np.testing.assert_array_equal(before, model.predict(inputs, verbose=0))


def test_the_weights_stay_as_large_when_they_forget(small_network):
    model, _ = small_network
    kernel = model.get_layer("last").kernel
    trained = kernel.numpy()
    kernel.assign(np.abs(trained))  # all positive: order alone would keep that
    before = kernel.numpy()
    after = trust.randomise_from_the_top(model, lambda: kernel.numpy())["last"]
    kernel.assign(trained)
    np.testing.assert_array_equal(
        np.sort(np.abs(after).ravel()), np.sort(before.ravel())
    )
    assert 0.3 < (after < 0).mean() < 0.7
    assert abs(np.corrcoef(np.abs(after).ravel(), before.ravel())[0, 1]) < 0.5


def test_all_metrics_take_a_network_of_another_shape(small_network):
    model, inputs = small_network
    answers = model(inputs).numpy().argmax(axis=1)
    attributions = gradient_times_step(model, inputs, answers)
    control = trust.random_attributions(attributions.shape, seed=0)
    for metric, sign in (
        (trust.deletion, -1),
        (trust.insertion, 1),
        (trust.comprehensiveness, 1),
        (trust.sufficiency, -1),
        (trust.faithfulness_correlation, 1),
    ):
        real, chance = (
            metric(model, inputs, which, inputs.mean(axis=0), answers).mean()
            for which in (attributions, control)
        )
        assert sign * (real - chance) > 0.2, metric.__name__
    planted = np.arange(FEATURES) < 6
    assert trust.share_found(np.abs(attributions).mean(axis=0), planted) == 1


def test_the_courses_own_network_goes_through_and_is_restored():
    network.set_seeds(3)
    columns = len(extraction.feature_columns())
    inputs = np.random.default_rng(8).normal(-40, 8, (80, columns)).astype("f4")
    model = network.summed(network.build_parts(inputs, 8))
    before = model.predict(inputs, verbose=0)
    layers = trust.randomise_from_the_top(model, lambda: None)
    assert next(iter(layers)) == "cues" and len(layers) == 5 * network.TOWERS + 1
    np.testing.assert_array_equal(before, model.predict(inputs, verbose=0))


def test_shuffled_labels_are_the_same_labels_elsewhere():
    labels = np.repeat(np.arange(4), 25)
    shuffled = trust.shuffle_labels(labels, seed=0)
    np.testing.assert_array_equal(np.sort(shuffled), labels)
    assert (shuffled == labels).mean() < 0.5


# --- global importance -----------------------------------------------------------


def test_all_recordings_stand_for_all_and_more_stand_better():
    generator = np.random.default_rng(9)
    attributions = generator.normal(size=(60, 200)) * generator.random(200)
    few, more, everything = (
        trust.importance_from_few(attributions, count, draws=50)
        for count in (2, 15, 60)
    )
    assert few.mean() < more.mean() < 1
    np.testing.assert_allclose(everything, 1)


def test_whole_people_stand_for_less_than_recordings_of_everybody():
    generator = np.random.default_rng(10)
    people = np.repeat(np.arange(6), 10)
    habits = generator.normal(size=(6, 200))[people]  # each of them loves other bands
    attributions = habits + 0.1 * generator.normal(size=habits.shape)
    recordings = trust.importance_from_few(attributions, 10, draws=50)
    one_person = trust.importance_from_few(attributions, 1, draws=50, people=people)
    assert one_person.mean() < recordings.mean() - 0.2


def test_share_found_counts_the_planted_features_at_the_top():
    planted = np.array([True, True, False, False, False])
    assert trust.share_found(np.array([5, 4, 3, 2, 1]), planted) == 1
    assert trust.share_found(np.array([5, 1, 3, 2, 0]), planted) == 0.5
    assert trust.share_found(np.array([0, 1, 3, 2, 5]), planted) == 0


# --- their figures -----------------------------------------------------------------


def test_lines_differ_in_more_than_colour_and_zero_is_drawn():
    _, ax = plt.subplots()
    lines = {name: np.arange(3.0) + i for i, name in enumerate("abcde")}
    plots.draw_lines(ax, np.arange(3), lines, "share (%)", "score", "title")
    *drawn, zero = ax.lines
    looks = {(line.get_linestyle(), line.get_marker()) for line in drawn}
    assert len(looks) == len(lines) and set(zero.get_ydata()) == {0}
    assert [line.get_label() for line in drawn] == list(lines)
    with pytest.raises(ValueError, match="another panel"):
        plots.draw_lines(ax, [0], dict.fromkeys("abcdef", [0]), "x", "y", "title")


def test_every_actor_has_a_dot_at_the_bar_of_its_column():
    _, axes = plt.subplots(1, 2, sharey=True)
    results = pd.DataFrame({"SHAP": [1.0, 3.0], "random": [-1.0, 0.0]}, index=[5, 19])
    for ax in axes:
        plots.draw_per_actor(ax, results, "score", "title")
        assert [bar.get_width() for bar in ax.patches] == [2, -0.5]
        np.testing.assert_array_equal(ax.lines[0].get_xdata(), [1, 3])
        assert ax.yaxis_inverted()  # the first column on top, shared axis or not


def test_layers_are_emptied_one_after_the_other_and_stay_empty():
    model = keras.Sequential(
        [keras.layers.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(2)]
    )
    original = [weight.copy() for weight in model.get_weights()]
    seen = trust.randomise_from_the_top(
        model, lambda: [weight.copy() for weight in model.get_weights()], seed=1
    )
    changed = [
        [not np.array_equal(a, b) for a, b in zip(weights, original, strict=True)]
        for weights in seen.values()
    ]
    assert changed[0][0] is False and changed[0][2] is True  # the last layer alone
    assert changed[1][0] is True and changed[1][2] is True  # and then the first, too


def test_agreement_ranks_by_size_and_compares_signs():
    first = np.array([[5.0, -4.0, 0.1, 0.2]])
    same_sizes = np.array([[5.0, 4.0, 0.1, 0.2]])
    found = trust.agreement(first, same_sizes, top=2)
    assert found["top overlap"].iloc[0] == 1
    assert found["sign agreement"].iloc[0] == 0.5


# --- promise and event, masks, other explainers, the scorecard ---------------------


def test_promises_of_a_linear_model_are_kept_to_the_letter(linear):
    score, inputs, baseline, attributions = linear
    promised, happened = trust.promises(score, inputs, attributions, baseline)
    np.testing.assert_allclose(promised, happened)
    assert trust.slope(promised, happened) == pytest.approx(1)
    assert trust.slope(promised, 3 * happened + 7) == pytest.approx(3)
    assert trust.slope(promised, -happened) == pytest.approx(-1)


def test_infidelity_is_nothing_for_the_right_and_much_for_a_broken_one(linear):
    score, inputs, baseline, attributions = linear
    asked = score, inputs
    right = trust.infidelity(*asked, attributions, baseline)
    np.testing.assert_allclose(right, 0, atol=1e-12)
    in_other_units = trust.infidelity(*asked, 7 * attributions, baseline)
    np.testing.assert_allclose(in_other_units, 0, atol=1e-12)
    for kind in ("features shuffled", "of another row", "absolute", "random"):
        wrong = trust.infidelity(*asked, broken(kind, attributions), baseline)
        assert wrong.mean() > 0.4, kind


def test_occlusion_and_lime_of_a_linear_model_are_its_attributions(linear):
    score, inputs, baseline, attributions = linear
    pairs = np.repeat(np.arange(FEATURES // 2), 2)
    expected = trust.sum_groups(attributions, pairs)
    alone = trust.occlusion(score, inputs, baseline, groups=pairs)
    np.testing.assert_allclose(alone, expected)
    imitated = trust.lime(score, inputs, baseline, groups=pairs)
    assert (trust.correlation(imitated, expected) > 0.99).all()
    np.testing.assert_allclose(imitated, expected, atol=0.3)


def test_occlusion_misses_what_has_a_copy_and_shapley_values_do_not():
    inputs, baseline = np.ones((1, 3)), np.zeros(3)

    def score(rows):  # the first two are copies: one of them is enough
        return rows[:, :2].max(axis=1) + rows[:, 2]

    np.testing.assert_allclose(trust.occlusion(score, inputs, baseline), [[0, 0, 1]])


def test_the_mask_keeps_the_answer_and_takes_its_probability(linear):
    _, inputs, baseline, _ = linear
    right = np.zeros((ROWS, FEATURES))
    right[:, :4] = 1  # the score reads the first four features only
    inputs = np.abs(inputs) + baseline

    def score(rows):
        away = (rows - baseline)[:, :4].sum(axis=1)
        return np.stack([away, np.full(len(rows), 0.5)], axis=1)

    answers = np.zeros(ROWS, int)
    for kept, same, least, most in ((right, 1, 0.3, 1), (-right, 0, 0, 1e-9)):
        kept = kept + 0.01 * np.arange(FEATURES)[::-1] * np.sign(kept.sum())
        asked = score, inputs, kept, baseline, answers
        assert trust.fidelity_to_input(*asked).mean() == same
        fall = trust.faithfulness_of_mask(*asked)
        assert least <= fall.min() and fall.max() <= most


def test_max_sensitivity_takes_the_largest_relative_change():
    inputs, spread = np.ones((3, 5)), np.ones(5)
    still = trust.max_sensitivity(lambda rows: np.ones_like(rows), inputs, spread)
    np.testing.assert_array_equal(still, 0)
    follows = trust.max_sensitivity(lambda rows: rows, inputs, spread, radius=0.2)
    assert (follows > 0.02).all() and (follows <= 0.2).all()
    more = trust.max_sensitivity(lambda rows: rows, inputs, spread, 0.2, draws=50)
    assert (more > follows).all()  # the largest of more draws, not their mean


def test_sparseness_is_ginis_index_of_the_sizes():
    rows = np.array([[1.0, -1, 1, -1], [0, 0, 0, -8], [1, 2, 3, 4]])
    np.testing.assert_allclose(trust.sparseness(rows), [0, 0.75, 0.25])


def scorecard():
    return trust.Scorecard(
        {
            "at most 0.1": "gap, forgets",
            "at least 0.95": "seed",
            "below both controls": "deletion",
        }
    )


@pytest.mark.parametrize(
    "test, value, verdict",
    [
        ("gap", 0.1, "yes"),
        ("gap", 0.11, "NO"),
        ("seed", 0.95, "yes"),
        ("seed", 0.94, "NO"),
    ],
)
def test_a_limit_is_kept_or_not(test, value, verdict):
    card = scorecard()
    assert card.enter(test, value).endswith(verdict)
    assert card.table().loc[test, "passed"] == verdict


def test_both_controls_must_be_beaten_for_every_person():
    ours = {"SHAP": [1.0, 2.0], "unusual": [2.0, 3.0], "random": [4.0, 4.0]}
    card = scorecard()
    assert card.compare("deletion", pd.DataFrame(ours)).endswith("yes")
    assert card.results["deletion"][:2] == (1.5, 2.5)  # the better control, its mean
    ours["SHAP"] = [1.0, 3.5]  # better on the mean, and not for the second person
    assert card.compare("deletion", pd.DataFrame(ours)).endswith("NO")


def test_the_scorecard_shows_what_failed_first_and_what_was_not_done():
    card = scorecard()
    card.enter("gap", 0.0)
    card.enter("seed", 0.5)
    assert card.table()["passed"].tolist() == ["NO", "not done", "not done", "yes"]
    with pytest.raises(ValueError, match="before the result"):
        card.enter("something new", 1.0)
