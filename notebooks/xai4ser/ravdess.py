"""RAVDESS, the corpus of this course: what its file names say, its actors and folds.

The speech part of the Ryerson Audio-Visual Database of Emotional Speech and Song: 24
actors, 8 emotions, 1440 files. Livingstone SR, Russo FA (2018), PLoS ONE 13(5):
e0196391, https://doi.org/10.1371/journal.pone.0196391. Licence: CC BY-NC-SA 4.0.
"""

from pathlib import Path

from xai4ser import places
from xai4ser.corpus import Corpus, read_checksums

# The position of an emotion in this list is its code in a file name, minus one.
EMOTIONS = (
    "neutral",
    "calm",
    "happy",
    "sad",
    "angry",
    "fearful",
    "disgust",
    "surprised",
)
INTENSITIES = ("normal", "strong")
STATEMENTS = ("Kids are talking by the door", "Dogs are sitting by the door")
ACTORS = tuple(range(1, 25))

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


def decode(name: str) -> dict:
    """What the seven fields of a RAVDESS file name say.

    ``name`` is a file name or path such as ``03-01-05-02-01-01-08.wav``:
    modality, vocal channel, emotion, intensity, statement, repetition, actor.

    Returns a dictionary with ``emotion`` and ``intensity`` (words),
    ``statement``, ``repetition`` and ``actor`` (numbers) and ``sex``.
    Raises ValueError, with the remedy, for a name that does not belong to the
    audio-only speech recordings. Lesson 1, section 2.

    >>> decode("Actor_08/03-01-05-02-01-01-08.wav")["emotion"]
    'angry'
    """
    file = Path(name).name
    fields = Path(name).stem.split("-")
    if len(fields) != 7 or not all(
        len(f) == 2 and f.isascii() and f.isdecimal() for f in fields
    ):
        raise ValueError(
            f"{file} is not a RAVDESS name, which has seven two-digit fields such "
            "as 03-01-05-02-01-01-08.wav. Restore its name, or move it elsewhere."
        )
    modality, channel, emotion, intensity, statement, repetition, actor = (
        int(field) for field in fields
    )
    if modality != 3:
        raise ValueError(
            f"{file} belongs to a video (modality {modality:02d}). This tutorial "
            "uses audio-only files (modality 03); move it elsewhere."
        )
    if channel != 1:
        raise ValueError(
            f"{file} is a song (vocal channel {channel:02d}). This tutorial uses "
            "speech (vocal channel 01); move it elsewhere."
        )
    limits = zip(
        ("emotion", "intensity", "statement", "repetition", "actor"),
        (emotion, intensity, statement, repetition, actor),
        (len(EMOTIONS), len(INTENSITIES), len(STATEMENTS), 2, len(ACTORS)),
        strict=True,
    )
    for field, value, largest in limits:
        if not 1 <= value <= largest:
            raise ValueError(
                f"{file}: its {field} is {value:02d}, and RAVDESS has 01 to "
                f"{largest:02d}. Restore its name, or move it elsewhere."
            )
    if emotion == 1 and intensity == 2:
        raise ValueError(
            f"{file}: RAVDESS has no strong neutral. Restore its name, or move it "
            "elsewhere."
        )
    return {
        "emotion": EMOTIONS[emotion - 1],
        "intensity": INTENSITIES[intensity - 1],
        "statement": statement,
        "repetition": repetition,
        "actor": actor,
        "sex": "male" if actor % 2 else "female",
    }


def file_name(
    emotion: str, intensity: str, statement: int, repetition: int, actor: int
) -> str:
    """The RAVDESS file name of a recording: the inverse of :func:`decode`.

    Used by the stand-in voices.

    >>> file_name("angry", "strong", statement=1, repetition=1, actor=8)
    '03-01-05-02-01-01-08.wav'
    """
    return (
        f"03-01-{EMOTIONS.index(emotion) + 1:02d}-"
        f"{INTENSITIES.index(intensity) + 1:02d}-"
        f"{statement:02d}-{repetition:02d}-{actor:02d}.wav"
    )


RAVDESS = Corpus(
    name="RAVDESS",
    emotions=EMOTIONS,
    speakers=ACTORS,
    folds=FOLDS,
    decode=decode,
    columns=(
        "path",
        "emotion",
        "intensity",
        "statement",
        "repetition",
        "actor",
        "sex",
    ),
    size=1440,
    recordings_folder=places.DATA / "Ravdess" / "audio_speech_actors_01-24",
    home=places.SHIPPED,
    checksums=read_checksums(Path(__file__).with_name("ravdess_checksums.csv")),
    women=ACTORS[1::2],
    licence="CC BY-NC-SA 4.0",
    citation="Livingstone SR, Russo FA (2018) The Ryerson Audio-Visual Database of "
    "Emotional Speech and Song (RAVDESS). PLoS ONE 13(5): e0196391.",
)
