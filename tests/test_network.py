"""The network: what it learns, how it is scored, and what loading refuses."""

import json

import numpy as np
import pandas as pd
import pytest

from xai4ser import features, network, split, tables
from xai4ser.corpus import EMOTIONS

SHAPE = (features.BANDS, len(features.MEASURES))


def rows_with_a_cue(count, seed):
    """Noise, in dB, in which each emotion raises a region of eight bands."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % len(EMOTIONS)
    inputs = generator.normal(-40, 5, (count, *SHAPE)).astype("f4")
    for row, label in enumerate(labels):
        inputs[row, 16 * label : 16 * label + 8] += 15
    return inputs, labels


@pytest.fixture(scope="module")
def trained():
    """A network trained briefly on rows that hold a clear cue."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "EPOCHS", 40)
        model, history = network.train(
            *rows_with_a_cue(512, 0), validation=rows_with_a_cue(64, 1), seed=3
        )
    return model, history


def test_the_network_is_small_and_takes_decibels():
    inputs, _ = rows_with_a_cue(64, 0)
    model = network.build_network(inputs)
    assert model.input_shape[1:] == SHAPE
    assert model.count_params() <= 300_000
    scaled = model.get_layer("scaling")(inputs.reshape(64, -1)).numpy()
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-3)


def test_it_learns_a_cue_that_is_there(trained):
    inputs, labels = rows_with_a_cue(128, 2)
    answers = network.predict(trained[0], inputs).argmax(axis=1)
    assert scoring.unweighted_average_recall(labels, answers) > 0.9


def test_its_scores_sum_to_zero_and_centring_changes_no_answer(trained):
    model, _ = trained
    inputs, _ = rows_with_a_cue(32, 4)
    before = network.predict(model, inputs)
    kernel, bias = model.get_layer("scores").get_weights()
    model.get_layer("scores").set_weights([kernel + 0.5, bias + 2])
    network.centre_scores(model)
    np.testing.assert_allclose(network.predict(model, inputs), before, atol=1e-5)
    kernel, bias = model.get_layer("scores").get_weights()
    np.testing.assert_allclose(kernel.sum(axis=1), 0, atol=1e-5)
    assert abs(bias.sum()) < 1e-5


def test_the_same_seed_gives_identical_weights():
    data = rows_with_a_cue(128, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "EPOCHS", 4)
        runs = [network.train(*data, validation=data, seed=5)[0] for _ in range(2)]
    for first, second in zip(*(run.get_weights() for run in runs), strict=True):
        np.testing.assert_array_equal(first, second)


def test_stretching_moves_a_peak_by_the_stated_factor_at_most():
    inputs = np.zeros((50, *SHAPE), dtype="f4")
    band = 60
    inputs[:, band] = 1
    stretched = network.stretch_bands(inputs, np.random.default_rng(0), largest=0.12)
    centres = features.band_frequencies()
    found = centres[stretched[:, :, 0].argmax(axis=1)]
    ratio = found / centres[band]
    assert ratio.min() > 1 / 1.15 and ratio.max() < 1.15
    assert ratio.std() > 0.03


def test_the_recall_is_the_mean_over_emotions():
    labels = np.array([0] * 8 + [1] * 2)
    answers = np.zeros(10, dtype=int)
    assert scoring.unweighted_average_recall(labels, answers) == 0.5


def test_the_interval_is_wider_when_actors_differ():
    labels = np.tile(np.arange(8), 40)
    actors = np.repeat(np.arange(8), 40)
    alike = np.where(np.arange(320) % 5 == 0, (labels + 1) % 8, labels)
    unlike = np.where(actors < 2, (labels + 1) % 8, labels)
    widths = []
    for answers in (alike, unlike):
        low, high = scoring.interval_over_actors(labels, answers, actors)
        recall = scoring.unweighted_average_recall(labels, answers)
        assert low <= recall <= high
        widths.append(high - low)
    assert widths[1] > 5 * widths[0]


def save(trained, folder):
    table = folder / "speech_features.csv"
    table.write_text("a table\n")
    model, history = trained
    models.save(
        model,
        folder,
        table,
        split.fold(0),
        seed=3,
        scores={"test_uar": 0.5},
        history=history,
    )
    return table


def test_a_saved_network_gives_the_same_answers(trained, tmp_path):
    table = save(trained, tmp_path)
    model, manifest = models.load(tmp_path)
    inputs, _ = rows_with_a_cue(32, 6)
    np.testing.assert_array_equal(
        network.predict(model, inputs), network.predict(trained[0], inputs)
    )
    assert manifest["emotions"] == list(EMOTIONS)
    assert manifest["feature_columns"] == features.feature_columns()
    assert manifest["actors"]["test"] == list(split.FOLDS[0])
    models.check_table(manifest, table)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        models.MODEL_FILE,
        models.MANIFEST_FILE,
        "speech_features.csv",
    ]


def test_another_table_is_refused(trained, tmp_path):
    table = save(trained, tmp_path)
    _, manifest = models.load(tmp_path)
    table.write_text("another table\n")
    with pytest.raises(ValueError, match="has changed"):
        models.check_table(manifest, table)


def change_manifest(folder, **changes):
    path = folder / models.MANIFEST_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda f: (f / models.MODEL_FILE).write_bytes(b"x"), "checksums differ"),
        (lambda f: (f / models.MANIFEST_FILE).write_text("{"), "not a readable"),
        (lambda f: change_manifest(f, feature_columns=["a"]), "other features"),
        (lambda f: change_manifest(f, emotions=list(EMOTIONS[::-1])), "another order"),
    ],
)
def test_a_model_that_is_not_the_manifests_is_refused(trained, tmp_path, damage, word):
    save(trained, tmp_path)
    damage(tmp_path)
    with pytest.raises(ValueError, match=word) as error:
        models.load(tmp_path)
    assert "notebook 2" in str(error.value)


@pytest.mark.parametrize("name", [models.MODEL_FILE, models.MANIFEST_FILE])
def test_a_missing_file_is_named(trained, tmp_path, name):
    save(trained, tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        models.load(tmp_path)


def test_the_shipped_score_is_what_the_shipped_files_give(repo):
    model, manifest = models.load(repo / "trained_model")
    models.check_table(manifest, repo / "speech_features.csv")
    # Read here without the library's own reader: the manifest must suffice.
    table = pd.read_csv(repo / "speech_features.csv")
    rows = table["actor"].isin(manifest["actors"]["test"]) & (
        table["version"] == "clean"
    )
    values = table.loc[rows, manifest["feature_columns"]].to_numpy("float32")
    measures = len(manifest["features"]["measures"])
    inputs = values.reshape(len(values), measures, -1).transpose(0, 2, 1)
    answers = np.array(manifest["emotions"])[
        model.predict(inputs, verbose=0).argmax(axis=1)
    ]
    truth = table.loc[rows, "emotion"].to_numpy()
    recalls = [np.mean(answers[truth == e] == e) for e in manifest["emotions"]]
    assert np.mean(recalls) == pytest.approx(manifest["scores"]["test_uar"], abs=1e-6)


def test_the_score_of_the_six_folds_is_what_the_predictions_give(repo):
    _, manifest = models.load(repo / "trained_model")
    predictions = pd.read_csv(repo / "trained_model" / network.PREDICTIONS_FILE)
    recalls = []
    for _, of_seed in predictions.groupby("seed"):
        assert of_seed["path"].is_unique and len(of_seed) == 1440
        right = of_seed["emotion"] == of_seed["predicted"]
        recalls.append(right.groupby(of_seed["emotion"]).mean().mean())
    assert np.mean(recalls) == pytest.approx(manifest["scores"]["six_folds"]["uar"])
    low, high = manifest["scores"]["six_folds"]["uar_interval"]
    assert low < np.mean(recalls) < high


def test_every_prediction_is_of_an_actor_who_was_held_out(repo):
    predictions = pd.read_csv(repo / "trained_model" / network.PREDICTIONS_FILE)
    for number, of_fold in predictions.groupby("fold"):
        assert set(of_fold["actor"]) == set(split.FOLDS[number])
    columns = [f"p_{emotion}" for emotion in EMOTIONS]
    assert np.allclose(predictions[columns].sum(axis=1), 1, atol=1e-3)
    named = predictions[columns].idxmax(axis=1).str.removeprefix("p_")
    assert (named == predictions["predicted"]).mean() > 0.999  # rounded to 4 digits


def test_the_shipped_split_is_fold_0(repo):
    _, manifest = models.load(repo / "trained_model")
    assert manifest["actors"] == split.fold(0).as_dict()


@pytest.mark.parametrize("number", range(6))
def test_the_networks_of_the_folds_are_those_behind_the_predictions(number, repo):
    predictions = pd.read_csv(repo / "trained_model" / network.PREDICTIONS_FILE)
    rows = (predictions["fold"] == number) & (predictions["seed"] == 0)
    table = tables.load_features(repo).query("version == 'clean'").set_index("path")
    stated = predictions[rows].set_index("path").filter(like="p_")
    inputs = features.network_input(table.loc[stated.index, features.feature_columns()])
    model = models.load_fold(repo / "trained_model", number)
    assert np.abs(network.predict(model, inputs) - stated.to_numpy()).max() < 0.002


def test_the_notes_state_the_scores_that_the_predictions_give(repo):
    predictions = pd.read_csv(repo / "trained_model" / network.PREDICTIONS_FILE)
    columns = [f"p_{emotion}" for emotion in EMOTIONS]
    averaged = predictions.groupby(["path", "emotion"])[columns].mean().reset_index()
    together = scoring.unweighted_average_recall(
        network.labels_of(averaged["emotion"]),
        averaged[columns].to_numpy().argmax(axis=1),
    )
    alone = scoring.score_of_folds(predictions)["uar"]
    notes = (repo / "docs" / "model_notes.md").read_text()
    assert f"everywhere, {alone:.3f}." in notes
    assert f"averaged, give {together:.3f}" in notes


def test_a_missing_network_of_a_fold_names_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match="make folds"):
        models.load_fold(tmp_path, 3)
