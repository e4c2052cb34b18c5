"""Who trains, who validates, who tests; the proof that nobody is on two sides.

Two recordings of one actor share a voice, a microphone distance and a room. Every
split of this tutorial therefore divides *actors*, never rows.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

LEAST_FOLDS, MOST_FOLDS = 3, 6  # of a corpus of one's own
LARGE = 100.0  # a cost above any that unevenness has


@dataclass(frozen=True)
class Split:
    """Actors on each side of a split. Lesson 2, section 3."""

    train: tuple
    validation: tuple
    test: tuple

    @property
    def fitted(self) -> tuple:
        """Everybody that a final network is fitted to: all but the test actors.

        >>> Split((1, 4), (2,), (3,)).fitted
        (1, 2, 4)
        """
        return tuple(sorted(self.train + self.validation))

    def rows(self, table: pd.DataFrame, side: str) -> np.ndarray:
        """Boolean mask (rows,) of the rows of ``table`` on ``side``.

        >>> table = pd.DataFrame({"actor": [1, 2, 3, 1]})
        >>> Split((1,), (2,), (3,)).rows(table, "train").tolist()
        [True, False, False, True]
        """
        return table["actor"].isin(getattr(self, side)).to_numpy()

    def as_dict(self) -> dict:
        """Who was fitted to and who was held out, as the manifest stores them.

        >>> Split((1,), (2,), (3,)).as_dict()
        {'fitted': [1, 2], 'test': [3]}
        """
        return {"fitted": list(self.fitted), "test": list(self.test)}


def fold(folds: tuple[tuple, ...], number: int) -> Split:
    """The split in which the actors of ``folds[number]`` are held out.

    The next fold validates and all others train; of two folds none can validate.
    Raises ValueError, with the remedy, if there are fewer than two. Lesson 2,
    section 3.

    >>> fold(((1, 2), (3, 4), (5, 6)), 0)
    Split(train=(5, 6), validation=(3, 4), test=(1, 2))
    """
    if len(folds) < 2:
        raise ValueError(
            "There is one speaker, and nobody else whose recordings could test the "
            "network. Add recordings of at least two others."
        )
    test, validation = folds[number], folds[(number + 1) % len(folds)]
    if len(folds) == 2:
        validation = ()
    others = (actor for group in folds for actor in group)
    train = sorted(a for a in others if a not in test and a not in validation)
    return Split(tuple(train), tuple(validation), tuple(test))


def deal(counts: pd.DataFrame) -> tuple[tuple, ...]:
    """Deal speakers into folds, so that each fold has a like share of every emotion.

    ``counts`` (speakers, emotions) holds numbers of recordings. There are as many folds
    as the rarest emotion has speakers, from three to six, or fewer if there are fewer
    speakers. Those with many recordings are dealt first, each to the fold that is then
    most even (least sum of squares of its emotions' shares), or else smallest; where
    an emotion has hardly enough speakers left, to a fold that lacks it. The fold that
    resembles the whole most comes first; its speakers test. Depends on nothing else,
    so it comes out the same again. For :mod:`xai4ser.corpora`.

    >>> counts = pd.DataFrame({"sad": [2, 2, 4], "calm": [2, 2, 4]}, ["a", "b", "c"])
    >>> deal(counts)
    (('a',), ('b',), ('c',))
    """
    names = sorted(counts.index)
    shares = (counts / counts.sum()).fillna(0).loc[names]  # of each emotion
    speakers_of_rarest = int((counts > 0).sum().min())
    number = min(max(LEAST_FOLDS, min(MOST_FOLDS, speakers_of_rarest)), len(names))
    held, of_fold = np.zeros((number, shares.shape[1])), [[] for _ in range(number)]
    order = np.argsort(-shares.sum(axis=1).to_numpy(), kind="stable")
    for place, speaker in enumerate(order):
        left = shares.to_numpy()[order[place:]]  # of this speaker and those to come
        share = left[0]
        costs = ((held + share) ** 2).sum(axis=1) - (held**2).sum(axis=1)
        lacking = held == 0  # (folds, emotions)
        urgent = (share > 0) & ((left > 0).sum(axis=0) <= lacking.sum(axis=0))
        costs -= LARGE * (lacking & urgent).sum(axis=1)
        empty = np.array([not fold for fold in of_fold])
        if empty.sum() >= len(left):  # every fold gets somebody
            costs[~empty] = np.inf
        chosen = np.lexsort((held.sum(axis=1), np.round(costs, 9)))[0]
        held[chosen] += share
        of_fold[chosen].append(names[speaker])
    unlike = np.round(((held - 1 / number) ** 2).sum(axis=1), 9)
    best = np.lexsort((unlike, (held == 0).sum(axis=1)))  # all emotions, then even
    return tuple(tuple(sorted(of_fold[fold])) for fold in best)


def prove_disjoint(table: pd.DataFrame, sides: dict[str, np.ndarray]) -> str:
    """Check that no actor and no recording stands on two sides of a split.

    ``table`` has the columns ``actor`` and ``path``; ``sides`` maps the name of
    a side to a boolean mask (rows,). Returns a sentence for the reader; raises
    ValueError that names the first offender. Lessons 2 to 5, when they split.

    >>> table = pd.DataFrame({"actor": [1, 2], "path": ["a.wav", "b.wav"]})
    >>> masks = {"train": np.array([True, False]), "test": np.array([False, True])}
    >>> prove_disjoint(table, masks)
    'No actor and no recording is on two sides: 1 actors in train, 1 actors in test.'
    """
    for first, second in combinations(sides, 2):
        for column in ("actor", "path"):
            of_first, of_second = (
                set(table.loc[sides[side], column]) for side in (first, second)
            )
            shared = sorted(of_first & of_second)
            if shared:
                raise ValueError(
                    f"{len(shared)} values of {column} stand in both {first} and "
                    f"{second}, for example {shared[0]}: the score would measure how "
                    "well the network remembers them. Split by actor, for example "
                    "with corpus.fold(0)."
                )
    counts = ", ".join(
        f"{table.loc[mask, 'actor'].nunique()} actors in {name}"
        for name, mask in sides.items()
    )
    return f"No actor and no recording is on two sides: {counts}."
