"""The split: nobody is on two sides, and the proof of it can fail."""

import numpy as np
import pandas as pd
import pytest

from xai4ser import split
from xai4ser.ravdess import ACTORS, RAVDESS


def table_of(actors):
    paths = [f"Actor_{actor:02d}/{n}.wav" for actor in actors for n in range(3)]
    return pd.DataFrame({"path": paths, "actor": np.repeat(actors, 3)})


def test_every_actor_is_held_out_exactly_once():
    held_out = [actor for actors in RAVDESS.folds for actor in actors]
    assert sorted(held_out) == list(ACTORS)


@pytest.mark.parametrize("number", range(6))
def test_a_fold_is_balanced_and_complete(number):
    sides = RAVDESS.fold(number)
    assert sorted(sides.train + sides.validation + sides.test) == list(ACTORS)
    assert len(sides.train) == 16
    for actors in (sides.train, sides.validation, sides.test):
        assert sum(actor % 2 for actor in actors) == len(actors) / 2


def test_rows_selects_the_rows_of_a_side():
    table = table_of(list(ACTORS))
    sides = RAVDESS.fold(0)
    assert set(table["actor"][sides.rows(table, "test")]) == set(sides.test)


def test_the_proof_holds_for_every_fold():
    table = table_of(list(ACTORS))
    for number in range(6):
        sides = RAVDESS.fold(number)
        rows = {s: sides.rows(table, s) for s in ("train", "validation", "test")}
        assert "16 actors in train" in split.prove_disjoint(table, rows)


def test_the_proof_fails_for_one_shared_actor():
    table = table_of([1, 2, 3])
    train = np.isin(table["actor"], [1, 2])
    test = np.isin(table["actor"], [3])
    test[0] = True
    with pytest.raises(ValueError, match="actor stand in both train and test"):
        split.prove_disjoint(table, {"train": train, "test": test})


def test_the_proof_fails_for_one_shared_recording():
    table = table_of([1, 2])
    table.loc[5, "path"] = table.loc[0, "path"]
    sides = {"train": table["actor"] == 1, "test": table["actor"] == 2}
    with pytest.raises(ValueError, match="path stand in both"):
        split.prove_disjoint(table, sides)


def test_the_proof_compares_every_pair_of_three_sides():
    table = table_of([1, 2, 3])
    alone = {
        name: np.isin(table["actor"], [actor])
        for name, actor in (("train", 1), ("validation", 2), ("test", 3))
    }
    split.prove_disjoint(table, alone)
    for first, second in (
        ("train", "validation"),
        ("train", "test"),
        ("validation", "test"),
    ):
        mixed = alone | {second: alone[second] | alone[first]}
        with pytest.raises(ValueError, match=f"both {first} and {second}"):
            split.prove_disjoint(table, mixed)


def test_who_is_fitted_to_is_everybody_but_the_test_actors():
    sides = RAVDESS.fold(2)
    assert sides.as_dict() == {"fitted": list(sides.fitted), "test": list(sides.test)}
    assert set(sides.fitted) == set(ACTORS) - set(sides.test)
