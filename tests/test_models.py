"""A network as a file: what is kept beside it, and what loading refuses."""

import json
import shutil

import h5py
import keras
import numpy as np
import pytest

from xai4ser import extraction, models, places, tables
from xai4ser.ravdess import RAVDESS

SPLIT = RAVDESS.fold(0)


@pytest.fixture(scope="module")
def table():
    return tables.load_features(places.SHIPPED.features, RAVDESS)


@pytest.fixture(scope="module")
def network():
    inputs = keras.Input((len(extraction.feature_columns()),))
    network = keras.Model(inputs, keras.layers.Dense(8, "softmax")(inputs))
    network.compile("adam", "categorical_crossentropy")
    network.optimizer.build(network.trainable_variables)
    return network


@pytest.fixture(scope="module")
def saved_once(network, table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained_model")
    scores = {"test_uar": 0.5}
    history = {"loss": [2.0, 1.0], "accuracy": [0.25, 0.5]}
    models.save(network, folder, table, RAVDESS.emotions, SPLIT, 3, scores, history)
    return folder


@pytest.fixture
def saved(saved_once, tmp_path):
    return shutil.copytree(saved_once, tmp_path / "trained_model")


def test_a_saved_network_gives_the_same_answers(saved, network, table):
    model, manifest = models.load(saved)
    rows = table[extraction.feature_columns()].to_numpy()[:4]
    np.testing.assert_array_equal(model.predict(rows), network.predict(rows))
    assert manifest["emotions"] == list(RAVDESS.emotions)
    assert manifest["actors"] == SPLIT.as_dict()
    assert manifest["seed"] == 3
    assert manifest["history"] == {"loss": [2.0, 1.0], "accuracy": [0.25, 0.5]}
    models.check_table(manifest, table)
    names = sorted(p.name for p in saved.iterdir())
    assert names == [models.MODEL_FILE, models.MANIFEST_FILE]


def test_the_file_holds_the_network_and_not_what_trained_it(saved):
    with h5py.File(saved / models.MODEL_FILE) as file:
        assert list(file) == ["model_weights"]


def change(key, value):
    """What writes ``value`` under ``key``; None takes the key away."""

    def changed(folder):
        path = folder / models.MANIFEST_FILE
        manifest = json.loads(path.read_text()) | {key: value}
        kept = {k: v for k, v in manifest.items() if v is not None}
        path.write_text(json.dumps(kept))

    return changed


OTHER_HOP = json.loads(json.dumps(extraction.settings())) | {"hop_samples": 512}
DAMAGES = {
    "another file": (
        lambda f: (f / models.MODEL_FILE).write_bytes(b"x"),
        "checksums differ",
    ),
    "truncated": (
        lambda f: (f / models.MODEL_FILE).write_bytes(
            (f / models.MODEL_FILE).read_bytes()[:5000]
        ),
        "checksums differ",
    ),
    "half a manifest": (
        lambda f: (f / models.MANIFEST_FILE).write_text("{"),
        "not a readable",
    ),
    "a list": (lambda f: (f / models.MANIFEST_FILE).write_text("[]"), "not a readable"),
    "other columns": (change("feature_columns", ["a"]), "other features"),
    "another hop": (change("features", OTHER_HOP), "other settings .*: hop_samples"),
    **{
        f"without {key}": (change(key, None), f"does not say its '{key}'")
        for key in models.CONTENTS
    },
}


@pytest.mark.parametrize("case", DAMAGES)
def test_a_network_that_is_not_the_manifests_is_refused(saved, case):
    damage, sentence = DAMAGES[case]
    damage(saved)
    with pytest.raises(ValueError, match=sentence) as error:
        models.load(saved)
    assert "notebook 2" in str(error.value) and places.RESTORE in str(error.value)


@pytest.mark.parametrize("name", [models.MODEL_FILE, models.MANIFEST_FILE])
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        models.load(saved)


def test_another_table_is_refused(saved, table):
    manifest = models.read_manifest(saved)
    with pytest.raises(ValueError, match="not the one that the network") as error:
        models.check_table(manifest, table[:-2])
    assert places.RESTORE in str(error.value)
    reversed_emotions = manifest | {"emotions": manifest["emotions"][::-1]}
    with pytest.raises(ValueError, match="in another order"):
        models.check_table(reversed_emotions, table)
    with pytest.raises(ValueError, match="cannot be read"):
        models.check_table(manifest | {"table": {"rows": 2880}}, table)


def test_the_shipped_network_and_table_belong_together(table):
    models.check_table(models.read_manifest(places.SHIPPED.models), table)


# --- the networks of the folds ------------------------------------------------------


def exchange(folder):
    first, second = (folder / models.FOLD_FILE.format(n) for n in (1, 2))
    first.rename(folder / "other")
    second.rename(first)
    (folder / "other").rename(second)


FOLD_DAMAGES = {
    "exchanged": (exchange, "checksums differ"),
    "truncated": (lambda f: (f / "fold_1.h5").write_bytes(b"x"), "checksums differ"),
    "gone": (lambda f: (f / "fold_1.h5").unlink(), "fold_1.h5 is not there"),
    "no list": (lambda f: (f / models.FOLDS_FILE).unlink(), "cannot be read"),
    "an empty list": (lambda f: (f / models.FOLDS_FILE).write_text("{}"), "be read"),
}


@pytest.mark.parametrize("case", FOLD_DAMAGES)
def test_a_network_of_a_fold_that_is_not_listed_is_refused(saved, network, case):
    for number in (1, 2):
        name = models.FOLD_FILE.format(number)
        network.layers[-1].bias.assign(np.full(8, float(number)))
        models.save_network(network, saved / name)
    models.list_folds(saved)
    models.load_fold(saved, 1)
    damage, sentence = FOLD_DAMAGES[case]
    damage(saved)
    with pytest.raises((ValueError, FileNotFoundError), match=sentence) as error:
        models.load_fold(saved, 1)
    assert "make folds" in str(error.value)


def test_ones_own_network_goes_with_the_shipped_ones_of_the_folds(saved, monkeypatch):
    monkeypatch.setattr(places, "OWN", places.Place(saved.parent))
    assert models.load_fold(saved, 0).output_shape == (None, 8)
    assert models.load_fold(saved, 3).output_shape == (None, 8)
    assert not (saved / "fold_3.h5").exists()
