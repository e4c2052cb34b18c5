"""Exercises of lesson 7, for whom it holds, with reference solutions. Spoilers!"""

import numpy as np

from course.tasks.task import choice, exercise


@exercise(
    "7.1",
    "How many by chance alone?",
    hint="An interval of 95 % misses the true mean in 5 % of the cases. If every true "
    "mean is zero, in which share of all questions does it keep clear of zero?",
    why="So a list of findings says little without the number of questions that were "
    "asked. The next cell computes a limit for all of them together.",
    cases=((48, 8, 0.95), (48, 1, 0.95), (6, 8, 0.99)),
    mistakes={
        "That is how many would *not* keep clear of zero.": (
            lambda items, emotions, confidence: items * emotions * confidence
        ),
        "You counted the items once. Each is asked about for every emotion.": (
            lambda items, emotions, confidence: items * (1 - confidence)
        ),
        "That is the chance that there is any at all. Asked for is how many.": (
            lambda items, emotions, confidence: 1 - confidence ** (items * emotions)
        ),
        "Both ends together make 5 %: an interval may miss on either side.": (
            lambda items, emotions, confidence: items * emotions * (1 - confidence) / 2
        ),
    },
)
def expected_by_chance(items, emotions, confidence):
    return items * emotions * (1 - confidence)


choice(
    "7.2",
    "A mean of zero",
    answer="c",
    hint="Look at *pitch, sad* in the figure of section 2. What is the mean of two "
    "groups that lie on the two sides of zero?",
    why="A mean over people may describe nobody. So draw the people first, and a mean "
    "only when they belong together.",
    options={
        "a": (
            "The network does not use this item for this emotion.",
            "Then every single actor would be near zero. Two groups with opposite "
            "signs have a mean of zero, too.",
        ),
        "b": (
            "There were too few recordings.",
            "More recordings make the mean more certain. If it is zero for a reason, "
            "it stays zero.",
        ),
        "c": (
            "It may speak for the emotion in some voices and against it in others.",
            "",
        ),
        "d": (
            "The explanation is wrong.",
            "A mean of zero is no contradiction: the attributions of each recording "
            "still add up to its score.",
        ),
    },
)


@exercise(
    "7.3",
    "From a contrast back to the scores",
    hint="The attributions of a recording add up to its score only together with the "
    "base value, and each emotion has its own. Take both for `first`, both for "
    "`second`, and subtract.",
    why="A contrast needs no explainer of its own: what was computed for each emotion "
    "is enough, as long as the base values are not forgotten.",
    mistakes={
        "The base values are missing: even before the recording is looked at, one "
        "emotion may be ahead.": lambda attributions, base_values, first, second: (
            attributions[:, first].sum() - attributions[:, second].sum()
        ),
        "You added both base values. It is their difference that counts, as with the "
        "attributions.": lambda attributions, base_values, first, second: (
            attributions[:, first].sum()
            - attributions[:, second].sum()
            + base_values[first]
            + base_values[second]
        ),
        "That is the mean over the items. Attributions add up: take the sum.": (
            lambda attributions, base_values, first, second: (
                attributions[:, first].mean()
                - attributions[:, second].mean()
                + base_values[first]
                - base_values[second]
            )
        ),
        "These are the sizes. With their signs the attributions add up to the score.": (
            lambda attributions, base_values, first, second: (
                np.abs(attributions[:, first]).sum()
                - np.abs(attributions[:, second]).sum()
                + base_values[first]
                - base_values[second]
            )
        ),
    },
)
def lead(attributions, base_values, first, second):
    of_first = attributions[:, first].sum() + base_values[first]
    of_second = attributions[:, second].sum() + base_values[second]
    return of_first - of_second
