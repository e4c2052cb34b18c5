"""Exercises of lesson 1, data processing, with reference solutions. Spoilers!"""

import numpy as np

from course.tasks.task import choice, exercise
from xai4ser.ravdess import RAVDESS as corpus


@exercise(
    "1.1",
    "A name, taken apart",
    hint="The third field is the emotion. It counts from 1, and Python from 0.",
    why="Labels come from file names. An error of one here would still train, and "
    "every figure from here on would name the wrong emotion.",
    mistakes={
        "You have taken the code as the position: the codes begin at 1 and positions "
        "in Python at 0, so this is the next emotion in the list.": lambda other_name: (
            corpus.emotions[int(other_name.split("-")[2])]
        ),
        "That is what 01 stands for, which is the vocal channel (second field) and the "
        "statement (fifth) here. The emotion is in the third field, which has "
        "position 2.": lambda other_name: corpus.emotions[
            int(other_name.split("-")[4]) - 1
        ],
        "That is what 02 stands for, which is the intensity (fourth field) and the "
        "repetition (sixth) here. The emotion is in the third field, which has "
        "position 2.": lambda other_name: corpus.emotions[
            int(other_name.split("-")[3]) - 1
        ],
        "That is what 03 stands for: the first field, the modality, or a field that "
        "holds 02 and was not counted from 1. The emotion is in the third field, which "
        "has position 2.": lambda other_name: corpus.emotions[
            int(other_name.split("-")[0]) - 1
        ],
        "That is the code. The answer is the word that it stands for.": (
            lambda other_name: other_name.split("-")[2]
        ),
    },
)
def emotion_by_hand(other_name):
    return corpus.emotions[int(other_name.split("-")[2]) - 1]


@exercise(
    "1.2",
    "Always the same answer",
    tolerance=0.03,
    hint="How many of all recordings have this emotion? counts.sum() is the number of "
    "all.",
    why="This much is right without listening. A score means something only beside "
    "what such an answer reaches.",
    mistakes={
        "One over the number of emotions would be right if all were equally frequent. "
        "Here they are not.": lambda counts, answer: 1 / len(counts),
        "That is the number of recordings with this emotion. Divide it by the number "
        "of all.": lambda counts, answer: counts[answer],
        "You divided by the largest class, not by all recordings.": (
            lambda counts, answer: counts[answer] / counts.max()
        ),
        "That is the share of wrong answers.": (
            lambda counts, answer: 1 - counts[answer] / counts.sum()
        ),
    },
)
def share_right(counts, answer):
    return counts[answer] / counts.sum()


@exercise(
    "1.3",
    "Decibels",
    hint="Ten times the logarithm to the base 10: np.log10. Twice the power is "
    "3 dB, ten times is 10 dB.",
    why="With this the next figure is drawn. Ten is for a ratio of powers. Twenty is "
    "for a ratio of amplitudes: power is amplitude squared, and the logarithm of a "
    "square is twice the logarithm.",
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
        "which somebody speaks.": lambda speech, frames: frames.mean(axis=0),
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
    "1.5",
    "What may an explanation say?",
    answer="b",
    hint="Which of the four sentences is about something that stands in the table?",
    why="The mean level of each band is in the table, so the network can have used "
    "it, and an explanation can speak of it.",
    options={
        "a": (
            'The network said "surprised" because the pitch jumped up on "talking".',
            "The cues tell how high the pitch begins and ends, how wide it ranges and "
            "how much it moves. On which word in between it rose, no column tells.",
        ),
        "b": (
            'The network said "angry" because the bands around 3000 Hz were loud.',
            "The level of each band is in the table.",
        ),
        "c": (
            'The network said "sad" because the speaker paused before "by the door".',
            "One cue tells how long all pauses are together. Where one was made is "
            "not in the table.",
        ),
        "d": (
            'The network said "disgust" because of a hiss at 15,000 Hz.',
            "After resampling to 22,050 samples a second nothing above 11,025 Hz is "
            "left.",
        ),
    },
)


@exercise(
    "1.6",
    "How much noise?",
    hint="The power of the signal is np.mean(samples**2). 10 dB less is a tenth of "
    "the power; 20 dB less is a tenth of a tenth.",
    why="The noise below is made with it. Whoever takes 20 dB for a factor of ten "
    "makes the noise ten times too strong.",
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
