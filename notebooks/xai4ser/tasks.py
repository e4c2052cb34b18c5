"""The exercises of the notebooks, each with its reference solution. Spoilers!

A reference solution is a function whose parameters are the names that the notebook
has at that place and whose own name is that of the answer, so that its source can be
shown as the solution. It computes: no answer that depends on data is typed. Beside it
stand the wrong answers that many people give, each with what to tell them. See
``exercises.py`` for how they are checked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from xai4ser import corpus, features


@dataclass(frozen=True)
class Task:
    """An exercise.

    number     notebook and position, such as "1.2"
    title      a few words
    hint       a push in the right direction
    why        why the answer matters, one or two sentences
    answer     the reference: a function of the notebook's data; the function that is
               asked for, if there are ``cases``; a letter, if there are ``options``
    mistakes   what to say -> a function that makes this mistake, as ``answer``
    cases      inputs on which a function that is asked for is tried
    options    letter -> (statement, why it is right or wrong)
    draw       label with unit of a curve over the mel bands; empty: nothing is drawn
    tolerance  share of the largest value by which numbers may differ
    """

    number: str
    title: str
    hint: str
    why: str
    answer: Any
    mistakes: dict[str, Callable] = field(default_factory=dict)
    cases: tuple = ()
    options: dict[str, tuple[str, str]] = field(default_factory=dict)
    draw: str = ""
    tolerance: float = 0.01


TASKS: dict[str, Task] = {}


def exercise(number: str, title: str, **details) -> Callable:
    """Enter the function below as the reference solution of exercise ``number``."""

    def enter(function):
        TASKS[number] = Task(number, title, answer=function, **details)
        return function

    return enter


def choice(number: str, title: str, answer: str, **details) -> None:
    """Enter a choice among options, of which the one lettered ``answer`` is right."""
    TASKS[number] = Task(number, title, answer=answer, **details)


# --- notebook 1: data processing --------------------------------------------------


@exercise(
    "1.1",
    "A name, taken apart",
    hint="The third field is the emotion. It counts from 1, and Python from 0.",
    why="Labels come from file names. An error of one here would still train, and "
    "every figure from here on would name the wrong emotion.",
    mistakes={
        "You have taken the code as the position: the codes begin at 1 and positions "
        "in Python at 0, so this is the next emotion in the list.": lambda other_name: (
            corpus.EMOTIONS[int(other_name.split("-")[2])]
        ),
        "You have read the fourth field, the intensity. The emotion is in the third, "
        "which has position 2.": lambda other_name: corpus.EMOTIONS[
            int(other_name.split("-")[3]) - 1
        ],
        "That is the code. The answer is the word that it stands for.": (
            lambda other_name: other_name.split("-")[2]
        ),
    },
)
def emotion_by_hand(other_name):
    return corpus.EMOTIONS[int(other_name.split("-")[2]) - 1]


@exercise(
    "1.2",
    "Always the same answer",
    hint="How many of all recordings are happy? counts.sum() is the number of all.",
    why="Whoever always says happy reaches this accuracy without listening. A score "
    "means something only beside what can be had for nothing.",
    mistakes={
        "One in eight would be right if all eight emotions were equally frequent. "
        "Neutral has half as many recordings.": lambda counts: 1 / len(counts),
        "That is the number of happy recordings. Divide it by the number of all.": (
            lambda counts: counts["happy"]
        ),
        "You divided by the largest class, not by all recordings.": (
            lambda counts: counts["happy"] / counts.max()
        ),
        "That is the share of wrong answers.": (
            lambda counts: 1 - counts["happy"] / counts.sum()
        ),
    },
)
def always_happy(counts):
    return counts["happy"] / counts.sum()


@exercise(
    "1.3",
    "Decibels",
    hint="Ten times the logarithm to the base 10: np.log10. Twice the power is "
    "3 dB, ten times is 10 dB.",
    why="With this the next figure is drawn. Ten for a power, twenty for an "
    "amplitude: the power is the amplitude squared, and the logarithm makes of the "
    "square a factor of two.",
    cases=((1.0,), (10.0,), (0.5,), (np.array([1e-6, 2.0, 1000.0]),)),
    mistakes={
        "Twenty is for a ratio of amplitudes. This is a ratio of powers: decibels of "
        "power need 10.": lambda ratio: 20 * np.log10(ratio),
        "That is the natural logarithm. Decibels are made with the logarithm to the "
        "base 10: np.log10.": lambda ratio: 10 * np.log(ratio),
        "These are bels. A decibel is a tenth of one, so there are ten times as "
        "many.": lambda ratio: np.log10(ratio),
        "That is the logarithm to the base 2; decibels need np.log10.": (
            lambda ratio: 10 * np.log2(ratio)
        ),
        "The sign is reversed: more power has more decibels.": (
            lambda ratio: -10 * np.log10(ratio)
        ),
    },
)
def decibels(ratio):
    return 10 * np.log10(ratio)


@exercise(
    "1.4",
    "How finely do we hear?",
    hint="The frequencies of a window of T seconds are 1/T Hz apart. How many "
    "seconds are 1024 samples?",
    why="Harmonics closer than one or two of these steps melt into one. Those of a low "
    "voice, with a pitch of about 100 Hz, are four or five steps apart.",
    mistakes={
        "48,000 is the rate of the files. The window is cut after resampling to "
        "22,050.": lambda: 48_000 / features.WINDOW,
        "That uses the hop, the distance from one window to the next. It decides how "
        "often you look; the window's length decides how finely.": (
            lambda: features.SAMPLING_RATE / features.HOP
        ),
        "That is the length of the window in seconds. The spacing in Hz is its "
        "inverse.": lambda: features.WINDOW / features.SAMPLING_RATE,
        "That spreads the range up to half the sampling rate over 1024 frequencies. "
        "There are only 513 up to there.": (
            lambda: features.SAMPLING_RATE / 2 / features.WINDOW
        ),
    },
)
def spacing():
    return features.SAMPLING_RATE / features.WINDOW


@exercise(
    "1.5",
    "Find a band",
    hint="np.abs(centres - 1000) says how far each band is from 1000 Hz, and "
    ".argmin() where that is least.",
    why="From here on a frequency in Hz can be found in the table, and a band in the "
    "table can be named in Hz.",
    mistakes={
        "That is the band's frequency. Its position in centres is asked for: "
        "argmin.": lambda centres: centres[np.abs(centres - 1000).argmin()],
        "That would be so if all bands were equally wide. On the mel scale the low "
        "bands are narrow, so 1000 Hz comes later.": (
            lambda centres: round(1000 / features.HIGHEST * len(centres))
        ),
        "You have counted from 1. The first band has position 0.": (
            lambda centres: np.abs(centres - 1000).argmin() + 1
        ),
        "argmax finds the band that is farthest away.": (
            lambda centres: np.abs(centres - 1000).argmax()
        ),
    },
)
def band(centres):
    return np.abs(centres - 1000).argmin()


@exercise(
    "1.6",
    "Average over time",
    hint="speech has the shape (frames, bands). axis=0 averages over the frames.",
    why="This curve is the first of the eight measures, level, and the first 128 "
    "columns of the table.",
    draw="level (dB)",
    mistakes={
        "You averaged over the bands: the result has one value per frame. The time "
        "axis of speech is axis 0.": lambda speech, frames: speech.mean(axis=1),
        "You averaged over frames and bands at once, so that one number is left. "
        "Name the axis.": lambda speech, frames: speech.mean(),
        "You averaged over all frames, silence included. Take speech, the frames in "
        "which she speaks.": lambda speech, frames: frames.mean(axis=0),
        "You averaged the power and then took decibels: a few loud frames decide. Take "
        "the mean of the decibels.": lambda speech, frames: (
            10 * np.log10((10 ** (speech / 10)).mean(axis=0))
        ),
        "That is the median. It is a good description, too, but the mean is asked "
        "for.": lambda speech, frames: np.median(speech, axis=0),
    },
)
def mean_levels(speech, frames):
    return speech.mean(axis=0)


choice(
    "1.7",
    "What may an explanation say?",
    answer="b",
    hint="Which of the four sentences is about something that stands in the table?",
    why="The mean level of each band is in the table, so the network can have used "
    "it, and an explanation can speak of it.",
    options={
        "a": (
            'The network said "surprised" because the pitch rose on the word "door".',
            "Nothing in the table says which word was spoken when, so the network "
            "cannot have used it.",
        ),
        "b": (
            'The network said "angry" because the bands around 3000 Hz were loud.',
            "The level of each band is in the table.",
        ),
        "c": (
            'The network said "sad" because the speaker paused before "by the door".',
            "Pauses are left out, or run together with everything else; where one was "
            "made is not in the table.",
        ),
        "d": (
            'The network said "disgust" because of a hiss at 15,000 Hz.',
            "After resampling to 22,050 samples a second nothing above 11,025 Hz is "
            "left.",
        ),
    },
)


@exercise(
    "1.8",
    "How much noise?",
    hint="The power of the signal is np.mean(samples**2). 10 dB less is a tenth of "
    "the power; 20 dB less is a tenth of a tenth.",
    why="The noise below is made with it. Whoever takes 20 dB for a factor of ten "
    "makes the noise ten times too strong, and tests another kitchen.",
    mistakes={
        "You divided by 10, which is right for amplitudes. 20 dB is a factor of 100 in "
        "power: 10 ** (20 / 10).": lambda samples: (
            np.mean(samples**2) / 10 ** (20 / 20)
        ),
        "This noise is stronger than the signal. At a positive ratio the signal's "
        "power is the larger one: divide.": lambda samples: (
            np.mean(samples**2) * 10 ** (20 / 10)
        ),
        "You divided by 20. Decibels are no factor: turn them into one with "
        "10 ** (decibels / 10).": lambda samples: np.mean(samples**2) / 20,
        "That is the power of the signal itself. The noise lies 20 dB below.": (
            lambda samples: np.mean(samples**2)
        ),
        "That is the amplitude of the noise. The power is asked for; the root is "
        "taken below.": lambda samples: np.sqrt(np.mean(samples**2) / 100),
    },
)
def noise_power(samples):
    return np.mean(samples**2) / 10 ** (20 / 10)


# --- notebook 2: the network --------------------------------------------------------


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
    },
)
def twins(table, held_back):
    return table.loc[held_back, "path"].isin(table.loc[~held_back, "path"]).mean()


@exercise(
    "2.2",
    "How many numbers learn?",
    hint="Each of the 128 filters has a weight for each of the 16 bands that it looks "
    "at and for each measure there.",
    why="The filter slides, so it needs no weights of its own at each place. That is "
    "why a convolution learns from fewer recordings than a dense layer could.",
    mistakes={
        "You have left out the measures: the filter sees all of them at each of its "
        "16 bands.": lambda inputs: 16 * 128,
        "use_bias=False: this layer has no biases.": lambda inputs: (
            16 * inputs.shape[2] * 128 + 128
        ),
        "You have counted them anew at each of the 16 positions. The filter slides: "
        "its weights are the same everywhere.": lambda inputs: (
            16 * inputs.shape[2] * 128 * 16
        ),
        "That is the number of a filter's weights if it looked at all bands at once. "
        "It looks at 16.": lambda inputs: inputs.shape[1] * inputs.shape[2] * 128,
        "Those are the weights of one filter, and there are 128.": (
            lambda inputs: 16 * inputs.shape[2]
        ),
    },
    tolerance=1e-6,
)
def weights_of_first(inputs):
    return 16 * inputs.shape[2] * 128


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
            for n in range(8)
        ],
        "That is the accuracy, one number over all recordings. Eight are asked for, "
        "one per emotion.": lambda truth, answers: np.mean(truth == answers),
        "These are numbers of recordings. Divide each by the number of recordings of "
        "that emotion.": lambda truth, answers: [
            np.sum((truth == n) & (answers == n)) for n in range(8)
        ],
        "You divided by the number of all recordings. Divide by that of the emotion.": (
            lambda truth, answers: [
                np.mean((truth == n) & (answers == n)) for n in range(8)
            ]
        ),
    },
)
def recalls(truth, answers):
    return [np.mean(answers[truth == n] == n) for n in range(8)]


@exercise(
    "2.5",
    "Taken for what?",
    hint="Take the row of disgust, set the place of disgust itself to 0, and look for "
    "the largest: argmax.",
    why="A row says what becomes of the recordings of one emotion; a column says what "
    "hides behind one answer. Reports mix the two up often.",
    mistakes={
        "That is on the diagonal: the right answers. The most frequent wrong one is "
        "asked for.": lambda counts: corpus.EMOTIONS[
            counts[corpus.EMOTIONS.index("disgust")].argmax()
        ],
        "You read the column: which emotion is most often taken *for* disgust. The "
        "recordings of disgust are in its row.": lambda counts: corpus.EMOTIONS[
            np.delete(np.arange(8), 6)[
                np.delete(counts[:, corpus.EMOTIONS.index("disgust")], 6).argmax()
            ]
        ],
    },
)
def taken_for(counts):
    disgust = corpus.EMOTIONS.index("disgust")
    row = np.where(np.arange(8) == disgust, 0, counts[disgust])
    return corpus.EMOTIONS[row.argmax()]


@exercise(
    "2.6",
    "For whom, and for which emotion?",
    hint='pd.crosstab(predictions["emotion"], sex, values=predictions["right"], '
    'aggfunc="mean").',
    why="The average over emotions said by how much women are recognised better; the "
    "table says where. One row can be the other way round.",
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
    why="The validation actors are there to decide. The test actors then give a score "
    "in which no choice is hidden.",
    options={
        "a": (
            "The score of the test actors: they were never trained on.",
            "They would then have chosen, and the score of the better one of the two "
            "is partly luck. It would no longer be an honest score.",
        ),
        "b": (
            "The score of the training actors: there are most of them.",
            "The network can learn sixteen people by heart, so this score says little "
            "about others.",
        ),
        "c": (
            "The score of the validation actors; then the test actors, once, for the "
            "network that was chosen.",
            "They decide, and the test stays untouched.",
        ),
        "d": (
            "The mean over validation and test actors: more people, less chance.",
            "More people make a better choice, but these test actors have chosen, and "
            "nobody is left to test.",
        ),
    },
)


# --- notebook 3: SHAP -----------------------------------------------------------------


@exercise(
    "3.1",
    "Two players",
    hint="There are two orders. If the first player comes first, it adds first - "
    "nobody; if it comes second, it adds both - second. Average the two.",
    why="There is no more to a Shapley value. With more players there are more orders.",
    cases=((0.0, 1.0, 2.0, 5.0), (1.0, 1.0, 1.0, 1.0), (-0.5, 0.25, 0.75, 2.0)),
    mistakes={
        "That is what the player adds when it comes first. In the other order it joins "
        "when the second is already there.": lambda nobody, first, second, both: (
            first - nobody
        ),
        "That is what the player adds when it comes last. In the other order it comes "
        "first.": lambda nobody, first, second, both: both - second,
        "These are equal shares, whatever the two contribute.": (
            lambda nobody, first, second, both: (both - nobody) / 2
        ),
        "You added the two orders up. Average them, or more is shared out than there "
        "is.": lambda nobody, first, second, both: first - nobody + both - second,
        "That is half of what both earn. What is there with nobody is the base value, "
        "and belongs to no player.": lambda nobody, first, second, both: both / 2,
    },
)
def shapley_of_first(nobody, first, second, both):
    return ((first - nobody) + (both - second)) / 2


@exercise(
    "3.2",
    "From score to probability",
    hint="The odds are probability / (1 - probability). Adding shap_value to this "
    "score alone multiplies them by np.exp(shap_value).",
    why="The same SHAP value is worth much at 0.5 and hardly anything at 0.99. So we "
    "explain scores, and do not read them as per cent.",
    cases=((0.5, 0.7), (0.99, 0.7), (0.02, 2.0), (0.3, -1.0)),
    mistakes={
        "You added a score to a probability. They have different units: 0.99 + 0.7 is "
        "no probability.": lambda probability, shap_value: probability + shap_value,
        "A score does not change a probability by so many per cent.": (
            lambda probability, shap_value: probability * (1 + shap_value)
        ),
        "It is the odds that grow by the factor exp(shap_value). A probability that "
        "did could pass 1.": lambda probability, shap_value: (
            probability * np.exp(shap_value)
        ),
        "These are the odds. Turn them back into a probability: odds / (1 + odds).": (
            lambda probability, shap_value: (
                probability / (1 - probability) * np.exp(shap_value)
            )
        ),
        "You clipped the sum at 1. A softmax never gets there.": (
            lambda probability, shap_value: np.clip(probability + shap_value, 0, 1)
        ),
    },
)
def probability_after(probability, shap_value):
    odds = probability / (1 - probability) * np.exp(shap_value)
    return odds / (1 + odds)


@exercise(
    "3.3",
    "Put it together again",
    hint="explanation.base_values[0, e] is where it starts, and "
    "explanation.values[0, :, e] are the thousand steps, with e = answers[0].",
    why="This is the score that the network gave. If it were not, inputs, output or "
    "background would not be those that we believe.",
    mistakes={
        "You have forgotten the base value: the SHAP values say how far the score is "
        "from it.": lambda explanation, answers: explanation.values[
            0, :, answers[0]
        ].sum(),
        "You added absolute values up. What speaks against must be taken off.": (
            lambda explanation, answers: (
                explanation.base_values[0, answers[0]]
                + np.abs(explanation.values[0, :, answers[0]]).sum()
            )
        ),
        "You averaged the SHAP values. They are shares of one sum: add them up.": (
            lambda explanation, answers: (
                explanation.base_values[0, answers[0]]
                + explanation.values[0, :, answers[0]].mean()
            )
        ),
        "You added up over all emotions. Their scores sum to zero: choose the one that "
        "was answered.": lambda explanation, answers: (
            explanation.base_values[0].sum() + explanation.values[0].sum()
        ),
        "You added up over the recordings. One recording's features share out its "
        "score: the first index is 0.": lambda explanation, answers: (
            explanation.base_values[0, answers[0]]
            + explanation.values[:, :, answers[0]].sum()
        ),
    },
)
def rebuilt(explanation, answers):
    emotion = answers[0]
    steps = explanation.values[0, :, emotion]
    return explanation.base_values[0, emotion] + steps.sum()


@exercise(
    "3.4",
    "The level alone",
    hint="by_band has the shape (recordings, bands, measures, emotions). The level is "
    "measure 0. First the absolute values, then the mean over the recordings.",
    why="The order matters: absolute value first, or recordings in which a band speaks "
    "for anger cancel those in which it speaks against it.",
    draw="importance (score)",
    mistakes={
        "You averaged signed values: what speaks for and against cancels. Importance "
        "has no sign: take np.abs first.": lambda by_band, class_names: by_band[
            :, :, 0, class_names.index("angry")
        ].mean(axis=0),
        "You took the absolute value after the mean, when for and against had already "
        "cancelled. np.abs comes first.": lambda by_band, class_names: np.abs(
            by_band[:, :, 0, class_names.index("angry")].mean(axis=0)
        ),
        "You added all measures up. Only the level is asked for, measure 0.": (
            lambda by_band, class_names: (
                np.abs(by_band[..., class_names.index("angry")])
                .mean(axis=0)
                .sum(axis=1)
            )
        ),
        "You added up over the recordings. Take the mean, which does not grow with "
        "their number.": lambda by_band, class_names: np.abs(
            by_band[:, :, 0, class_names.index("angry")]
        ).sum(axis=0),
        "You averaged over the bands: one value per recording. The recordings are axis "
        "0.": lambda by_band, class_names: np.abs(
            by_band[:, :, 0, class_names.index("angry")]
        ).mean(axis=1),
    },
)
def level_importance(by_band, class_names):
    angry = class_names.index("angry")
    return np.abs(by_band[:, :, 0, angry]).mean(axis=0)


@exercise(
    "3.5",
    "What speaks most for sadness?",
    hint='regions has the shape (regions, emotions). class_names.index("sad") finds '
    "the column, argmax the row, and list(REGIONS) its name.",
    why="A region may be reported: its sum does not depend on which of two near-copies "
    "the network happened to prefer.",
    mistakes={
        "That is the region that speaks least for sadness, or most against it: argmin. "
        "Take argmax.": lambda regions, REGIONS, class_names: list(REGIONS)[
            regions[:, class_names.index("sad")].argmin()
        ],
        "That is the strongest region over all emotions. Look at the column of sad.": (
            lambda regions, REGIONS, class_names: list(REGIONS)[
                regions.max(axis=1).argmax()
            ]
        ),
        "That is the position of the region. Its name is asked for: list(REGIONS) has "
        "them in order.": lambda regions, REGIONS, class_names: regions[
            :, class_names.index("sad")
        ].argmax(),
        "That is the sum. The name of its region is asked for: argmax, then "
        "list(REGIONS).": lambda regions, REGIONS, class_names: regions[
            :, class_names.index("sad")
        ].max(),
    },
)
def strongest_region(regions, REGIONS, class_names):
    of_sad = regions[:, class_names.index("sad")]
    return list(REGIONS)[of_sad.argmax()]


@exercise(
    "3.6",
    "Compared with calm voices",
    hint="A base value is a mean score over the background. scores(...).numpy() has "
    "the shape (recordings, emotions); take the column of angry.",
    why="Other background, other starting point: from here an explanation would answer "
    '"why angry, rather than like these calm voices?"',
    mistakes={
        "That is their mean score for calm. Take the column of angry.": (
            lambda scores, calm_recordings, class_names: np.asarray(
                scores(calm_recordings)
            )[:, class_names.index("calm")].mean()
        ),
        "That is the mean over all eight emotions, zero up to rounding, since the "
        "scores are centred. Take the column of angry.": (
            lambda scores, calm_recordings, class_names: np.asarray(
                scores(calm_recordings)
            ).mean()
        ),
        "That is the score of the mean recording. The base value is the mean of the "
        "scores, and the network is not linear.": (
            lambda scores, calm_recordings, class_names: np.asarray(
                scores(calm_recordings.mean(axis=0, keepdims=True))
            )[0, class_names.index("angry")]
        ),
        "That is a mean of probabilities. What we explain are scores.": (
            lambda scores, calm_recordings, class_names: _probabilities(
                np.asarray(scores(calm_recordings))
            )[:, class_names.index("angry")].mean()
        ),
    },
)
def base_value(scores, calm_recordings, class_names):
    calm_scores = scores(calm_recordings).numpy()
    return calm_scores[:, class_names.index("angry")].mean()


def _probabilities(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores)
    return powers / powers.sum(axis=1, keepdims=True)


choice(
    "3.7",
    "Better than chance",
    answer="b",
    hint="What does each of the two controls know of the network?",
    why="Looking at the data alone does better. An explanation of the network must "
    "beat what can be said without it.",
    options={
        "a": (
            "It explains the network: it is better than chance.",
            "Better than chance is also what finds unusual features, without a look at "
            "the network.",
        ),
        "b": (
            "It has shown nothing about the network yet.",
            "An order that never saw the network did better.",
        ),
        "c": (
            "Deletion is a bad test, because it makes recordings that do not exist.",
            "That is a weakness of the test, and it strikes all three orders alike. It "
            "does not excuse the one that comes second.",
        ),
        "d": (
            "The network decides by unusual features.",
            "That does not follow: unusual features also damage a recording most when "
            "they are replaced, whatever the network decides by.",
        ),
    },
)


# --- notebook 4: trust the explanation ----------------------------------------------


@exercise(
    "4.1",
    "Recording by recording",
    hint='areas_of["SHAP"] < areas_of["random"] is True or False for each recording, & '
    "joins two such comparisons, and the mean of them is a share.",
    why="A mean may hide that an explanation fails for some recordings. This share "
    "says how often the rule holds for a single one, which is what people look at.",
    mistakes={
        "That is better than *one* of the two at least. Both are asked for: & instead "
        "of |.": lambda areas_of: np.mean(
            (areas_of["SHAP"] < areas_of["unusual features"])
            | (areas_of["SHAP"] < areas_of["random"])
        ),
        "The comparison is reversed: a small area is good for deletion.": (
            lambda areas_of: np.mean(
                (areas_of["SHAP"] > areas_of["unusual features"])
                & (areas_of["SHAP"] > areas_of["random"])
            )
        ),
        "That is how often it beats the random control alone. The stronger control is "
        "the other one.": lambda areas_of: np.mean(
            areas_of["SHAP"] < areas_of["random"]
        ),
        "You compared the means, so there is one answer for all recordings. Compare "
        "recording by recording, then take the mean.": lambda areas_of: float(
            areas_of["SHAP"].mean() < areas_of["unusual features"].mean()
        ),
    },
)
def beats_both(areas_of):
    beats_unusual = areas_of["SHAP"] < areas_of["unusual features"]
    beats_random = areas_of["SHAP"] < areas_of["random"]
    return np.mean(beats_unusual & beats_random)


choice(
    "4.2",
    "The network forgets",
    answer="c",
    hint="What is left in the picture, if the network that it is said to explain has "
    "forgotten everything?",
    why="What stays when the network has gone cannot come from the network. It is a "
    "picture of the recording.",
    options={
        "a": (
            "The explanation is robust: it is not disturbed by details of the network.",
            "Robust against what? All that the network had learned is gone. An "
            "explanation of it must be gone, too.",
        ),
        "b": (
            "The network did not need the layers that were shuffled.",
            "Then its answers would have stayed the same as well. With shuffled "
            "weights they are those of no trained network.",
        ),
        "c": (
            "The picture shows the recording, and not what the network does with it.",
            "It stays without the network, so it does not come from it.",
        ),
        "d": (
            "The test is not fair: a network without training has no explanation.",
            "It has: every network has gradients and Shapley values. They must only be "
            "others than those of the trained one.",
        ),
    },
)


@exercise(
    "4.3",
    "Do the two name the same?",
    hint="np.argsort(-np.abs(values))[:top] are the positions of the strongest; "
    "np.intersect1d gives those that two lists share.",
    why="Two explanations may correlate well over a thousand features and still name "
    "other ones as the most important, and those are what people read.",
    cases=(
        (np.array([3.0, -2.0, 1.0, 0.5, 0.1]), np.array([2.5, -4.0, 0.1, 0.3, 0.2]), 2),
        (np.array([1.0, -5.0, 4.0, 3.0, 0.2]), np.array([9.0, -8.0, 7.0, 1.0, 0.0]), 3),
        (np.array([-4.0, 1.0, 2.0, 0.0, 3.0]), np.array([-3.0, 0.5, 0.1, 2.0, 1.0]), 2),
    ),
    mistakes={
        "You ranked signed values: what speaks strongly against counts as last. Take "
        "np.abs first.": lambda first, second, top: (
            len(np.intersect1d(np.argsort(-first)[:top], np.argsort(-second)[:top]))
            / top
        ),
        "That is how many both name. Divide by top.": lambda first, second, top: (
            _named_by_both(first, second, top)
        ),
        "You divided by all that either names (Jaccard's index). Divide by top.": (
            lambda first, second, top: (
                _named_by_both(first, second, top)
                / (2 * top - _named_by_both(first, second, top))
            )
        ),
        "argsort sorts upwards, so these are the weakest features. Put a minus before "
        "the values.": lambda first, second, top: (
            len(
                np.intersect1d(
                    np.argsort(np.abs(first))[:top], np.argsort(np.abs(second))[:top]
                )
            )
            / top
        ),
    },
)
def top_overlap(first, second, top):
    strongest_first = np.argsort(-np.abs(first))[:top]
    strongest_second = np.argsort(-np.abs(second))[:top]
    return len(np.intersect1d(strongest_first, strongest_second)) / top


def _named_by_both(first: np.ndarray, second: np.ndarray, top: int) -> int:
    return round(top * top_overlap(first, second, top))


@exercise(
    "4.4",
    "Was the planted cue found?",
    hint="planted.sum() features are planted. Take as many of the most important, "
    "with np.argsort(-importance), and ask which share of them is planted.",
    why="By chance it is the share of all features that are planted: planted.mean(). An"
    " explanation must be far above that, because here the right answer is known.",
    cases=(
        (
            np.array([0.9, 0.1, 0.8, 0.2, 0.7, 0.05]),
            np.array([True, True, False, False, True, False]),
        ),
        (
            np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
            np.array([False, False, False, True, False, True]),
        ),
        (
            np.array([0.1, 0.9, 0.3, 0.2, 0.25, 0.15]),
            np.array([True, False, False, True, False, False]),
        ),
    ),
    mistakes={
        "That is the share of the importance that lies on planted features. The "
        "ranking is asked for.": lambda importance, planted: (
            importance[planted].sum() / importance.sum()
        ),
        "argsort sorts upwards, so these are the least important ones. Put a minus "
        "before importance.": lambda importance, planted: planted[
            np.argsort(importance)[: planted.sum()]
        ].mean(),
        "That only asks whether the very first is planted. Take as many as are "
        "planted.": lambda importance, planted: float(planted[importance.argmax()]),
        "That is the share that chance would find.": (
            lambda importance, planted: planted.mean()
        ),
    },
)
def share_of_planted(importance, planted):
    first = np.argsort(-importance)[: planted.sum()]
    return planted[first].mean()


# --- notebook 5: hear the explanation -----------------------------------------------


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
