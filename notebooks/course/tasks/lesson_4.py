"""Exercises of lesson 4, trust the explanation, with reference solutions. Spoilers!"""

import numpy as np

from course.tasks.task import choice, exercise


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
