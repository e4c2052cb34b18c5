"""Exercises of lesson 2, the network, with reference solutions. Spoilers!"""

import numpy as np
import pandas as pd

from course.tasks.task import choice, exercise


@exercise(
    "2.1",
    "Count the twins",
    hint='table.loc[held_back, "path"] are the paths that were held back, and '
    ".isin(...) says for each whether it is among others; the mean of that is a share.",
    why="Most of the rows that are meant to test have a near-copy among those that "
    "train. The more there are, the more the score is a test of memory.",
    mistakes={
        "You looked for the actor, or in the whole table: everybody is found. A twin "
        "has the same path and is not held back.": lambda table, held_back: (
            table.loc[held_back, "actor"].isin(table.loc[~held_back, "actor"]).mean()
        ),
        "That is the share of the training rows that have their twin in the test. The "
        "question starts from the held-back rows.": lambda table, held_back: (
            table.loc[~held_back, "path"].isin(table.loc[held_back, "path"]).mean()
        ),
        "That is the share without a twin in training.": lambda table, held_back: (
            1 - table.loc[held_back, "path"].isin(table.loc[~held_back, "path"]).mean()
        ),
        "That is how many there are. Take their share of the held-back rows: the "
        "mean.": lambda table, held_back: (
            table.loc[held_back, "path"].isin(table.loc[~held_back, "path"]).sum()
        ),
        "That is what to expect, in per cent: a twin trains with a chance of four in "
        "five. Count the twins of these rows, as a share.": lambda table, held_back: 80,
    },
)
def twins(table, held_back):
    return table.loc[held_back, "path"].isin(table.loc[~held_back, "path"]).mean()


@exercise(
    "2.2",
    "How many numbers learn?",
    hint="Each filter has a weight for each of the 16 bands that it looks at and for "
    "each measure there.",
    why="The filter slides, so it needs no weights of its own at each place. That is "
    "why a convolution learns from fewer recordings than a dense layer could.",
    mistakes={
        "You have left out the measures: the filter sees all of them at each of its "
        "16 bands.": lambda measures, filters: 16 * filters,
        "use_bias=False: this layer has no biases.": lambda measures, filters: (
            16 * measures * filters + filters
        ),
        "You have counted them anew at each of the 16 positions. The filter slides: "
        "its weights are the same everywhere.": lambda measures, filters: (
            16 * measures * filters * 16
        ),
        "That would be its weights if each filter looked at all bands at once. It "
        "looks at 16.": lambda measures, filters: 128 * measures * filters,
        "Those are the weights of one filter.": lambda measures, filters: 16 * measures,
    },
    tolerance=1e-6,
)
def weights_of_first(measures, filters):
    return 16 * measures * filters


@exercise(
    "2.3",
    "The softmax",
    hint="np.exp of each score, divided by the sum of all of them.",
    why="Probabilities know only differences of scores: add 3 to all, and nothing "
    "changes. That freedom is what the centring uses.",
    cases=(
        (np.array([1.0, 2.0, 3.0]),),
        (np.array([-1.5, 0.0, 0.25, 1.0]),),
        (np.array([4.0, 5.0, 6.0]),),
    ),
    mistakes={
        "You divided the scores by their sum. Scores may be negative, and so would be "
        'these "probabilities": take np.exp first.': lambda scores: (
            scores / scores.sum()
        ),
        "These do not add up to one: divide by the sum.": lambda scores: np.exp(scores),
        "You divided by the largest. Divide by the sum, so that all add up to one.": (
            lambda scores: np.exp(scores) / np.exp(scores).max()
        ),
        "The sign in the exponent is reversed: now the lowest score wins.": (
            lambda scores: np.exp(-scores) / np.exp(-scores).sum()
        ),
    },
)
def softmax(scores):
    return np.exp(scores) / np.exp(scores).sum()


@exercise(
    "2.4",
    "Recall by hand",
    hint="For emotion n, answers[truth == n] are the answers to its recordings. How "
    "many of them are n?",
    why="The mean of these eight is the UAR. An emotion that is hardly ever "
    "recognised cannot hide behind the others.",
    mistakes={
        "That is precision: among the answers with that name, the share that is right. "
        "Recall starts from the acted emotion, truth == n.": lambda truth, answers: [
            np.sum(truth[answers == n] == n) / max(1, np.sum(answers == n))
            for n in np.unique(truth)
        ],
        "That is the accuracy, one number over all recordings. Eight are asked for, "
        "one per emotion.": lambda truth, answers: np.mean(truth == answers),
        "These are numbers of recordings. Divide each by the number of recordings of "
        "that emotion.": lambda truth, answers: [
            np.sum((truth == n) & (answers == n)) for n in np.unique(truth)
        ],
        "You divided by the number of all recordings. Divide by that of the emotion.": (
            lambda truth, answers: [
                np.mean((truth == n) & (answers == n)) for n in np.unique(truth)
            ]
        ),
    },
)
def recalls(truth, answers):
    return [np.mean(answers[truth == n] == n) for n in np.unique(truth)]


def emotion_to_ask(counts: pd.DataFrame) -> str:
    """The emotion for exercise 2.5: its row and its column have different answers.

    ``counts`` (acted, answered) with the emotions as labels. What this emotion is most
    often taken for is not what is most often taken for it, and both stand out.
    """

    def lead(series):
        largest, second = [*series.nlargest(2), 0][:2]
        return (largest - second) / max(1, series.sum())

    def clearness(emotion):
        row, column = (c.loc[emotion].drop(emotion) for c in (counts, counts.T))
        differ = row.idxmax() != column.idxmax()
        return differ, min(lead(row), lead(column))

    return max(counts.index, key=clearness)


@exercise(
    "2.5",
    "Taken for what?",
    hint="counts.loc[asked] is the row of that emotion. Leave its own place out with "
    ".drop(asked), and .idxmax() names the largest of the others.",
    why="A row says what becomes of the recordings of one emotion; a column says what "
    "hides behind one answer. The two are easily mixed up.",
    mistakes={
        "That is on the diagonal: the right answers. The most frequent wrong one is "
        "asked for.": lambda counts, asked: counts.loc[asked].idxmax(),
        "You read the column: which emotion is most often taken *for* this one. Its "
        "own recordings are in its row.": lambda counts, asked: (
            counts[asked].drop(asked).idxmax()
        ),
    },
)
def taken_for(counts, asked):
    return counts.loc[asked].drop(asked).idxmax()


@exercise(
    "2.6",
    "For whom, and for which emotion?",
    hint='pd.crosstab(predictions["emotion"], sex, values=predictions["right"], '
    'aggfunc="mean").',
    why="The average over emotions says by how much; the table says for which of them, "
    "and whether one of them is the other way round.",
    mistakes={
        "These are numbers of right answers. The share is asked for: the mean of "
        "right.": lambda predictions, sex: pd.crosstab(
            predictions["emotion"], sex, values=predictions["right"], aggfunc="sum"
        ),
        "You grouped by the answer, so this is precision. Group by the emotion that "
        "was acted.": lambda predictions, sex: pd.crosstab(
            predictions["predicted"], sex, values=predictions["right"], aggfunc="mean"
        ),
        "That counts all recordings, right and wrong.": lambda predictions, sex: (
            pd.crosstab(predictions["emotion"], sex)
        ),
    },
)
def recall_by_sex(predictions, sex):
    return pd.crosstab(
        predictions["emotion"], sex, values=predictions["right"], aggfunc="mean"
    )


choice(
    "2.7",
    "Who decides?",
    answer="c",
    hint="Whoever decides has been used. Who must stay unused for the final score?",
    why="The watched actors decide. The test actors then give a score in which no "
    "choice is hidden.",
    options={
        "a": (
            "The score of the test actors: no network was fitted to them.",
            "They would then have chosen, and the score of the better network would "
            "be partly luck. It would no longer be an honest score.",
        ),
        "b": (
            "The score of the actors that it was fitted to: there are most of them.",
            "The network can learn the people it was fitted to by heart, so this score "
            "says little about others.",
        ),
        "c": (
            "The score of watched actors, to whom neither was fitted; then the test "
            "actors, once, for the network that was chosen.",
            "They decide, and the test stays untouched.",
        ),
        "d": (
            "The mean over watched and test actors: more people, less chance.",
            "More people make a better choice, but these test actors have chosen, and "
            "nobody is left to test.",
        ),
    },
)
