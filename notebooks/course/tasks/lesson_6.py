"""Exercises of lesson 6, other voices, with reference solutions. Spoilers!"""

import numpy as np

from course.tasks.task import choice, exercise


@exercise(
    "6.1",
    "As many as how many?",
    hint="counts is an array of numbers of recordings, one per speaker. Its sum, "
    "squared, divided by the sum of counts squared.",
    why="Kish (1965) uses it for unequal weights. Two speakers with 50 recordings each "
    "give 2, one with 99 and one with 1 give 1.02: hundreds of recordings may be worth "
    "two people.",
    cases=(
        (np.array([50, 50]),),
        (np.array([99, 1]),),
        (np.array([72, 10, 8, 0, 4, 4, 2]),),
    ),
    mistakes={
        "That is how many speakers there are. One with a single recording counts there "
        "as much as one with a hundred.": lambda counts: np.sum(counts > 0),
        "That is one over it: you divided the sum of squares by the square of the "
        "sum.": lambda counts: np.sum(counts**2) / np.sum(counts) ** 2,
        "You divided the sum, not its square.": (
            lambda counts: np.sum(counts) / np.sum(counts**2)
        ),
        "The sum comes first and is squared afterwards. You squared each number, so "
        "this is 1 whatever the numbers are.": lambda counts: (
            np.sum(counts**2) / np.sum(counts**2)
        ),
    },
)
def effective_number(counts):
    return counts.sum() ** 2 / (counts**2).sum()


@exercise(
    "6.2",
    "How much is left?",
    hint='Sum strongest["elsewhere"] and strongest["at home"], each over the items, '
    "then divide.",
    why="The share of the sum weighs each item by what it does at home. A mean of the "
    "items' shares would let an item that does little count as much as the strongest.",
    mistakes={
        "You averaged the items' own shares. An item that does little at home then "
        "counts as much as the strongest: divide sums.": lambda strongest: np.mean(
            strongest["carries"]
        ),
        "You divided home by elsewhere.": lambda strongest: (
            strongest["at home"].sum() / strongest["elsewhere"].sum()
        ),
        "That is what is lost. What is left is asked for.": lambda strongest: (
            1 - strongest["elsewhere"].sum() / strongest["at home"].sum()
        ),
        "That is the difference in units of the score. Divide instead.": (
            lambda strongest: strongest["at home"].sum() - strongest["elsewhere"].sum()
        ),
    },
)
def carried(strongest):
    return strongest["elsewhere"].sum() / strongest["at home"].sum()


choice(
    "6.3",
    "What can these two corpora not tell?",
    answer="c",
    hint="Only one thing may differ between what you compare.",
    why="The same people, the same instruction, the same room and microphone: only the "
    "language differs. Each of the others changes two things or more at once.",
    options={
        "a": (
            "Urdu talk shows against American actors, with the level corrected.",
            "The level is then the same, and acting, room, speakers and labels still "
            "differ together with the language.",
        ),
        "b": (
            "Urdu talk shows against English talk shows.",
            "Closer. But the people differ, and so do the shows: who was invited, what "
            "about, who labelled, with which microphones.",
        ),
        "c": (
            "Bilingual speakers who act the same emotions in both languages, in one "
            "studio, the order of the languages drawn at random.",
            "",
        ),
        "d": (
            "Training on Urdu, and testing on Urdu and on English.",
            "That asks how one network does on two corpora, which differ in everything "
            "at once, as before.",
        ),
    },
)
