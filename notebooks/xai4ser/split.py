"""Who trains, who validates, who tests; the proof that nobody is on two sides.

Two recordings of one actor share a voice, a microphone distance and a room, so
a network can pay its way by recognising people. Every split of this tutorial
therefore divides *actors*, never rows.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai4ser.corpus import ACTORS

# Six folds of two women and two men. Drawn once, before any result was seen:
# odd and even actors permuted by numpy.random.default_rng(0), then dealt out.
FOLDS = (
    (5, 19, 20, 22),
    (9, 10, 12, 15),
    (6, 11, 16, 23),
    (1, 4, 7, 14),
    (8, 13, 21, 24),
    (2, 3, 17, 18),
)


@dataclass(frozen=True)
class Split:
    """Actors (numbers) on each side of a split."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]

    def rows(self, table: pd.DataFrame, side: str) -> np.ndarray:
        """Boolean mask (rows,) of the rows of ``table`` on ``side``."""
        return table["actor"].isin(getattr(self, side)).to_numpy()

    def as_dict(self) -> dict:
        """The three lists of actors, as the manifest stores them."""
        return {
            side: [int(actor) for actor in getattr(self, side)]
            for side in ("train", "validation", "test")
        }


def fold(number: int) -> Split:
    """The split in which the actors of fold ``number`` (0 to 5) are held out.

    The next fold validates (it decides when to stop) and the other sixteen
    actors train. Fold 0 is the split of the shipped model.
    """
    test = FOLDS[number]
    validation = FOLDS[(number + 1) % len(FOLDS)]
    others = set(ACTORS) - set(test) - set(validation)
    return Split(tuple(sorted(others)), validation, test)


def prove_disjoint(table: pd.DataFrame, sides: dict[str, np.ndarray]) -> str:
    """Check that no actor and no recording stands on two sides of a split.

    ``table`` has the columns ``actor`` and ``path``; ``sides`` maps the name of
    a side to a boolean mask (rows,). Returns a sentence for the reader; raises
    ValueError that names the first offender.
    """
    names = list(sides)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            for column in ("actor", "path"):
                shared = set(table.loc[sides[first], column]) & set(
                    table.loc[sides[second], column]
                )
                if shared:
                    raise ValueError(
                        f"{len(shared)} values of {column} stand in both {first} and "
                        f"{second}, for example {sorted(shared)[0]}: the score would "
                        "measure how well the network remembers them. Split by actor, "
                        "for example with xai4ser.split.fold(0)."
                    )
    counts = ", ".join(
        f"{table.loc[mask, 'actor'].nunique()} actors in {name}"
        for name, mask in sides.items()
    )
    return f"No actor and no recording is on two sides: {counts}."
