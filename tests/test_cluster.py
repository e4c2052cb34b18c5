"""The work on a Dask cluster: the same numbers, even if a worker dies on the way."""

import os
import signal

import joblib
import numpy as np
import pandas as pd
import pytest

from xai4ser import corpus, extraction, network, shapley, voices
from xai4ser.ravdess import EMOTIONS, RAVDESS

distributed = pytest.importorskip("dask.distributed")
pytestmark = pytest.mark.training  # two processes that import TensorFlow


@pytest.fixture(scope="module")
def client():
    """Two worker processes on this machine, each with one thread."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return voices.write_voices(tmp_path_factory.mktemp("v"), (1,), progress=False)


@pytest.fixture(scope="module")
def recordings(folder):
    return corpus.list_recordings(folder, RAVDESS)[0].iloc[:40]


@pytest.fixture(scope="module")
def at_home(recordings, folder):
    return extraction.extract(recordings, folder, jobs=1)[0]


def a_worker_that_dies(client, progress):
    """``tqdm``, but one worker is killed when the first result has come."""

    def with_murder(results, *arguments, **options):
        for number, result in enumerate(progress(results, *arguments, **options)):
            if number == 0:
                pids = client.run(os.getpid)
                os.kill(min(pids.values()), signal.SIGKILL)
            yield result

    return with_murder


def test_a_cluster_makes_the_same_table_and_shows_progress(
    client, recordings, folder, at_home, capsys
):
    with joblib.parallel_config(backend="dask"):
        table, failed = extraction.extract(recordings, folder)
    assert failed.empty
    pd.testing.assert_frame_equal(table, at_home, check_exact=True)
    assert "40/40" in capsys.readouterr().out
    ran = client.run(lambda: "xai4ser.extraction" in __import__("sys").modules)
    assert all(ran.values())  # both workers have worked


def test_a_worker_that_dies_takes_nothing_of_the_table_with_it(
    client, recordings, folder, at_home, monkeypatch
):
    before = set(client.run(os.getpid).values())
    dies = a_worker_that_dies(client, extraction.tqdm)
    monkeypatch.setattr(extraction, "tqdm", dies)
    with joblib.parallel_config(backend="dask"):
        table, failed = extraction.extract(recordings, folder)
    assert failed.empty
    pd.testing.assert_frame_equal(table, at_home, check_exact=True)
    client.wait_for_workers(2)
    assert set(client.run(os.getpid).values()) != before


# --- attributions ---------------------------------------------------------------


def rows(count, seed):
    shape = (count, len(extraction.feature_columns()))
    return np.random.default_rng(seed).normal(-40, 8, shape).astype("f4")


@pytest.fixture
def explain(monkeypatch):
    """Explains 70 rows in nine jobs; progress is shown from the beginning."""
    monkeypatch.setattr(shapley, "POINTS_AT_ONCE", 64)
    monkeypatch.setattr(shapley, "ROWS_IN_A_JOB", 8)
    monkeypatch.setattr(shapley, "PATIENCE", 0)
    network.set_seeds(1)
    model = network.summed(network.build_parts(rows(50, 0), len(EMOTIONS)))

    def explained():
        found = shapley.explain(model, rows(70, 1), rows(16, 2), samples=8, seed=3)
        return found.values

    return explained


def test_a_cluster_finds_the_same_attributions_though_a_worker_dies(
    client, explain, monkeypatch, capsys
):
    at_home = explain()
    assert np.abs(at_home).max() > 0
    before = set(client.run(os.getpid).values())
    monkeypatch.setattr(shapley, "tqdm", a_worker_that_dies(client, shapley.tqdm))
    with joblib.parallel_config(backend="dask"):
        there = explain()
    np.testing.assert_array_equal(there, at_home)
    # The line is wiped at the end, so its last state may come and go unseen.
    assert "explaining" in (said := capsys.readouterr().out) and "/9 [" in said
    client.wait_for_workers(2)
    assert set(client.run(os.getpid).values()) != before


def test_processes_of_this_machine_find_the_same_attributions(explain):
    at_home = explain()
    with joblib.parallel_config(backend="loky", n_jobs=2):
        np.testing.assert_array_equal(explain(), at_home)
