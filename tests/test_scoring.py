"""Scores: the recall, its interval over actors, and what the shipped figures say."""

import numpy as np
import pandas as pd
import pytest

from xai4ser import extraction, models, network, places, scoring, tables
from xai4ser.ravdess import RAVDESS


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


def test_the_interval_is_that_of_drawing_whole_actors_and_holds_95_per_cent():
    generator = np.random.default_rng(1)
    labels, actors = np.tile(np.arange(4), 60), np.repeat(np.arange(12), 20)
    right = generator.random(240) < np.repeat(generator.uniform(0.2, 0.9, 12), 20)
    answers = np.where(right, labels, (labels + 1) % 4)
    low, high = scoring.interval_over_actors(labels, answers, actors)
    of_actor = np.array([right[actors == actor].mean() for actor in range(12)])
    drawn = of_actor[generator.integers(0, 12, (20_000, 12))].mean(axis=1)
    expected = np.quantile(drawn, [0.025, 0.975])
    assert (low, high) == pytest.approx(expected, abs=0.015)


def test_the_score_of_the_six_folds_is_what_the_predictions_give(repo):
    _, manifest = models.load(places.SHIPPED.models)
    predictions = pd.read_csv(places.SHIPPED.predictions)
    recalls = []
    clean = predictions[predictions["version"] == "clean"]
    for _, of_seed in clean.groupby("seed"):
        assert of_seed["path"].is_unique and len(of_seed) == 1440
        right = of_seed["emotion"] == of_seed["predicted"]
        recalls.append(right.groupby(of_seed["emotion"]).mean().mean())
    assert np.mean(recalls) == pytest.approx(manifest["scores"]["six_folds"]["uar"])
    low, high = manifest["scores"]["six_folds"]["uar_interval"]
    assert low < np.mean(recalls) < high


def test_every_prediction_is_of_an_actor_who_was_held_out(repo):
    predictions = pd.read_csv(places.SHIPPED.predictions)
    for number, of_fold in predictions.groupby("fold"):
        assert set(of_fold["actor"]) == set(RAVDESS.folds[number])
    columns = [f"p_{emotion}" for emotion in RAVDESS.emotions]
    assert np.allclose(predictions[columns].sum(axis=1), 1, atol=1e-3)
    named = predictions[columns].idxmax(axis=1).str.removeprefix("p_")
    assert (named == predictions["predicted"]).mean() > 0.999  # rounded to 4 digits


def test_the_shipped_split_is_fold_0(repo):
    _, manifest = models.load(places.SHIPPED.models)
    assert manifest["actors"] == RAVDESS.fold(0).as_dict()


@pytest.mark.parametrize("number", range(6))
def test_the_networks_of_the_folds_are_those_behind_the_predictions(number, repo):
    predictions = pd.read_csv(places.SHIPPED.predictions)
    rows = (predictions["fold"] == number) & (predictions["seed"] == 0)
    keys = ["path", "version"]
    table = tables.load_features(places.SHIPPED.features, RAVDESS).set_index(keys)
    stated = predictions[rows].set_index(keys).filter(like="p_")
    inputs = table.loc[stated.index, extraction.feature_columns()].to_numpy(np.float32)
    found = network.predict(models.load_fold(places.SHIPPED.models, number), inputs)
    if number:
        assert np.abs(found - stated.to_numpy()).max() < 0.002
    else:  # lesson 2 trains the shipped network anew, whose last digits may differ
        same = found.argmax(axis=1) == stated.to_numpy().argmax(axis=1)
        assert same.mean() > 0.95


def test_the_notes_state_the_scores_that_the_predictions_give(repo):
    predictions = pd.read_csv(places.SHIPPED.predictions)
    notes = (repo / "docs" / "model_notes.md").read_text(encoding="utf-8")
    for version, rows in predictions.groupby("version"):
        score = scoring.score_of_folds(rows)["uar"]
        assert f"{score:.3f} on {version} recordings" in notes


def test_noise_costs_little():
    predictions = pd.read_csv(places.SHIPPED.predictions)
    clean, noisy = (
        scoring.score_of_folds(predictions[predictions["version"] == version])["uar"]
        for version in ("clean", "noisy")
    )
    assert clean >= 0.60 and noisy >= clean - 0.02


def test_a_missing_network_of_a_fold_names_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match="make folds"):
        models.load_fold(tmp_path, 3)
