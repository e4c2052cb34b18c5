"""Exercises of lesson 3, SHAP, with reference solutions. Spoilers!"""

import numpy as np

from course.tasks.task import choice, exercise


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
    why="This is the score that the network gave. If it were not, the explanation "
    "would be of another network, row or output.",
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
    "in it the network happened to prefer.",
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
