"""What the benchmark of robustness does to a sound is what it says."""

import sys

import numpy as np
import pytest

from conftest import REPO

sys.path.insert(0, str(REPO / "benchmarks"))
import disturbances  # noqa: E402

RATE = disturbances.RATE
NAME = "03-01-01-01-01-01-01.wav"


@pytest.fixture(scope="module")
def sound():
    time = np.arange(2 * RATE) / RATE
    beats = 0.1 * np.sin(2 * np.pi * 220 * time) * (np.sin(2 * np.pi * 3 * time) > 0)
    noise = 0.01 * np.random.default_rng(0).standard_normal(len(time))
    return (beats + noise).astype(np.float32)


@pytest.mark.parametrize("what", disturbances.DISTURBANCES | disturbances.FOR_TRAINING)
def test_each_keeps_the_length_and_is_the_same_every_time(what, sound):
    disturb = (disturbances.DISTURBANCES | disturbances.FOR_TRAINING)[what]
    once, twice = disturb(sound, NAME), disturb(sound, NAME)
    assert np.array_equal(once, twice)
    assert abs(len(once) - len(sound)) < 0.1 * RATE
    assert np.isfinite(once).all() and once.dtype == np.float32
    assert np.array_equal(once, sound) == (what == "clean")


@pytest.mark.parametrize("seconds", [0.3, 0.6])
def test_a_room_dies_by_60_db_in_its_time(seconds):
    """From the energy that is still to come, between -5 and -25 dB (Schroeder 1965)."""
    slopes = []
    for seed in range(10):
        found = disturbances.response(seconds, np.random.default_rng(seed))
        assert np.sum(found**2) == pytest.approx(1)
        tail = found[int(disturbances.EARLY * RATE) :]
        left = 10 * np.log10(np.cumsum(tail[::-1] ** 2)[::-1] / np.sum(tail**2))
        part = (left < -5) & (left > -25)
        time = np.arange(len(tail)) / RATE
        slopes.append(-60 / np.polyfit(time[part], left[part], 1)[0])
    assert np.mean(slopes) == pytest.approx(seconds, rel=0.05)


def test_another_recording_stands_in_another_room(sound):
    one, other = (
        disturbances.room(sound, name, 0.6) for name in (NAME, f"another {NAME}")
    )
    assert np.abs(one - other).max() > 0.01


def test_the_telephone_lets_its_band_through_and_nothing_else():
    time = np.arange(RATE) / RATE

    def passed(frequency):
        tone = np.sin(2 * np.pi * frequency * time).astype(np.float32)
        heard = disturbances.telephone(tone, NAME)[RATE // 4 : -RATE // 4]
        return 20 * np.log10(heard.std() / tone.std())

    assert passed(1000) == pytest.approx(0, abs=0.5)
    assert passed(100) < -30 and passed(8000) < -30


def test_gain_is_a_gain_and_clips_where_a_file_would():
    quiet = np.full(8, 0.1, np.float32)
    assert disturbances.gain(quiet, NAME, 6) == pytest.approx(0.1995, abs=1e-4)
    assert disturbances.gain(9 * quiet, NAME, 6).max() == 1
