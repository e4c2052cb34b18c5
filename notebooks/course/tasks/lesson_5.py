"""Exercises of lesson 5, hear the explanation, with reference solutions. Spoilers!"""

import numpy as np
import pandas as pd

from course.tasks.task import exercise


@exercise(
    "5.1",
    "From decibels back",
    hint="Exercise 1.3 backwards, for an amplitude: 20 dB are a factor of ten, so 10 "
    "to the power of gain / 20.",
    why="The next cell multiplies the magnitudes by it. A gain of -30 dB leaves a "
    "thirtieth of the amplitude, and a thousandth of the power.",
    cases=((0.0,), (-30.0,), (-20.0,), (np.array([-30.0, -6.0, 6.0]),)),
    mistakes={
        "That is the factor of the power. Magnitudes are amplitudes: divide by 20.": (
            lambda gain: 10 ** (gain / 10)
        ),
        "Decibels are logarithms with the base 10, so the base is 10, not e.": (
            lambda gain: np.exp(gain / 20)
        ),
        "This turns up what should be turned down: a negative gain needs a factor "
        "below 1.": lambda gain: 10 ** (-gain / 20),
        "That is decibels to decibels. Raise 10 to the power of this.": (
            lambda gain: gain / 20
        ),
    },
)
def amplitude_factor(gain):
    return 10 ** (gain / 20)


@exercise(
    "5.2",
    "Does it help to leave out what spoke against?",
    hint='Keep the rows in which "left out" is "usual level". Take the score where '
    'version is "without the 24 most against" and where it is "recording", both with '
    ".to_numpy(). In which share is the first the higher one?",
    why="The nearer to 1, the better the explanation knows what spoke against the "
    "answer. This is the sharper of the two controls: mere damage lowers a score.",
    mistakes={
        "You took all rows, also those in which bands were silenced. Keep those of the "
        "usual level.": lambda results: _share_higher(
            results, "without the 24 most against", "recording"
        ),
        "Those are the rows in which bands were silenced. Keep those of the usual "
        "level.": lambda results: _share_higher(
            results[results["left out"] == "silenced"],
            "without the 24 most against",
            "recording",
        ),
        "That is the share in which the score fell.": lambda results: _share_higher(
            results[results["left out"] == "usual level"],
            "recording",
            "without the 24 most against",
        ),
        "You left out what spoke *for* the answer. Take what spoke against it.": (
            lambda results: _share_higher(
                results[results["left out"] == "usual level"],
                "without the 24 most for",
                "recording",
            )
        ),
    },
)
def helped(results):
    usual = results[results["left out"] == "usual level"]
    scores_of = usual.groupby("version")["score"]
    without_against = scores_of.get_group("without the 24 most against").to_numpy()
    return np.mean(without_against > scores_of.get_group("recording").to_numpy())


def _share_higher(results: pd.DataFrame, first: str, second: str) -> float:
    scores_of = results.groupby("version")["score"]
    first, second = (scores_of.get_group(name).to_numpy() for name in (first, second))
    return np.mean(first > second)


@exercise(
    "5.3",
    "Called angry",
    hint='Keep the rows whose emotion is not angry. The mean of predicted == "angry" '
    "over them is the share.",
    why="This is the risk of whoever is recorded: to be called angry without being it. "
    "An overall score says nothing about it.",
    mistakes={
        'You started from the answers: which share of the "angry" ones is wrong. That '
        "is the risk of whoever relies on them. Start from the people who were not "
        "angry.": lambda predictions: np.mean(
            predictions.loc[predictions["predicted"] == "angry", "emotion"] != "angry"
        ),
        "You divided by all recordings. Those of anger cannot be falsely called "
        "angry.": lambda predictions: np.mean(
            (predictions["emotion"] != "angry") & (predictions["predicted"] == "angry")
        ),
        "That is the share of angry recordings that were missed.": lambda predictions: (
            np.mean(
                predictions.loc[predictions["emotion"] == "angry", "predicted"]
                != "angry"
            )
        ),
        "That is how many there are. The share is asked for: the mean.": (
            lambda predictions: np.sum(
                (predictions["emotion"] != "angry")
                & (predictions["predicted"] == "angry")
            )
        ),
    },
)
def falsely_angry(predictions):
    others = predictions[predictions["emotion"] != "angry"]
    return (others["predicted"] == "angry").mean()
