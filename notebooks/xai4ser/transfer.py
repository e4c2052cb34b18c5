"""A network meets another corpus: what of its score, and of its explanation, carries.

Two corpora rarely have the same emotions, so everything is asked about those that they
share. Speakers are unequal and few, so every score has an interval over speakers.
"""

import os
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from xai4ser import corpora, evidence, extraction, listen, places, scoring, voices
from xai4ser.audio import read_sound
from xai4ser.corpus import Corpus, Recordings
from xai4ser.features import SAMPLING_RATE

VARIABLE = "OTHER_CORPUS_DIR"
FOLDERS = ("urdu", "second_cast")  # below data/: where it is looked for, and stood in
TEN = "ten_voices"  # below data/: recordings that stand in for one's own


# --- the other corpus -----------------------------------------------------------


def other_corpus() -> Corpus:
    """The second corpus of lesson 6: one's own, the Urdu one, or a stand-in.

    The folder that the environment variable OTHER_CORPUS_DIR names; else
    ``data/urdu``; else ``data/second_cast``, in which synthetic voices are made. A
    folder without a description gets one (:func:`corpora.describe`). Raises
    FileNotFoundError or BadDescription, with the remedy. Lesson 6, section 0.

    >>> other_corpus().name  # doctest: +SKIP
    'URDU'
    """
    named = os.environ.get(VARIABLE, "").strip().strip("\"'")
    usual, stand_in = (places.DATA / name for name in FOLDERS)
    folder = places.ROOT / Path(named).expanduser() if named else usual
    if not named and not usual.is_dir():
        folder = voices.write_other_voices(stand_in)
    if not folder.is_dir():
        raise FileNotFoundError(
            f"The folder in {VARIABLE}, {named}, does not exist. Give the folder that "
            "holds the recordings, or leave the variable empty."
        )
    return _described(folder)


def own_voices(folder: Path | str | None = None) -> Corpus:
    """One's own few recordings in ``folder`` as a corpus; else ten synthetic ones.

    A folder without a description gets one. Raises as :func:`corpora.describe`. Lesson
    6, section 7.

    >>> own_voices().emotions  # doctest: +SKIP
    ('neutral', 'happy', 'sad', 'angry', 'surprised')
    """
    return _described(folder or voices.write_ten_voices(places.DATA / TEN))


def _described(folder: Path | str) -> Corpus:
    try:
        return corpora.read(folder)
    except FileNotFoundError:
        return corpora.describe(folder)


def is_named_or_there() -> bool:
    """True if :func:`other_corpus` would not make stand-ins. For ``make refresh``.

    >>> is_named_or_there() in (True, False)
    True
    """
    usual = places.DATA / FOLDERS[0]
    return bool(os.environ.get(VARIABLE, "").strip()) or usual.is_dir()


def is_stand_in(corpus: Corpus) -> bool:
    """True for the second cast of synthetic voices.

    >>> from xai4ser.ravdess import RAVDESS
    >>> is_stand_in(RAVDESS)
    False
    """
    return corpus.home.folder == places.DATA / FOLDERS[1]


def shared_emotions(first: Corpus, second: Corpus) -> tuple[str, ...]:
    """The emotions of ``first`` that ``second`` has too, in the order of ``first``.

    Words are compared, so both must use the same ones: a description maps them. Raises
    ValueError, with the remedy, if there are fewer than two. Lesson 6, section 0.

    >>> from xai4ser.ravdess import RAVDESS
    >>> shared_emotions(RAVDESS, RAVDESS)[:2]
    ('neutral', 'calm')
    """
    shared = tuple(e for e in first.emotions if e in second.emotions)
    if len(shared) < 2:
        raise ValueError(
            f"{first.name} and {second.name} share {len(shared)} emotions, and a "
            "comparison needs two. Map the words of one to those of the other below "
            "[words] in corpus.toml."
        )
    return shared


def halves(corpus: Corpus) -> tuple[tuple, tuple]:
    """The speakers of every other fold, and the others: each half tests the other.

    Lesson 6, section 5.

    >>> from xai4ser.ravdess import RAVDESS
    >>> [len(half) for half in halves(RAVDESS)]
    [12, 12]
    """
    return tuple(sum(corpus.folds[first::2], ()) for first in (0, 1))


# --- the score --------------------------------------------------------------------


def answers_among(scores: np.ndarray, emotions, shared) -> np.ndarray:
    """The one of the ``shared`` emotions with the highest score, names (rows,).

    ``scores`` (rows, emotions) or probabilities of a network whose outputs are
    ``emotions``. What it would say of others is not listened to. Lesson 6, section 1.

    >>> scores = np.array([[0.1, 3.0, 0.2], [0.3, 0.0, 0.1]])
    >>> answers_among(scores, ["sad", "calm", "angry"], ["sad", "angry"]).tolist()
    ['angry', 'sad']
    """
    columns = [list(emotions).index(emotion) for emotion in shared]
    return np.array(shared)[scores[:, columns].argmax(axis=1)]


def score_over_speakers(
    truth: np.ndarray, answers: np.ndarray, speakers: np.ndarray
) -> dict:
    """UAR of ``answers``, its interval, and the same with each speaker counting alike.

    All arrays are (rows,); the first two hold names of emotions. "uar" counts each
    recording of an emotion alike; "low" and "high" are its 95 % interval over speakers;
    "speakers alike" averages within each speaker of an emotion first, so that one with
    eighty recordings counts as one with two. Lesson 6, sections 1 and 5.

    >>> truth = np.array(["sad", "sad", "sad", "calm"])
    >>> answers = np.array(["sad", "sad", "calm", "calm"])
    >>> found = score_over_speakers(truth, answers, np.array(["a", "a", "b", "b"]))
    >>> round(found["uar"], 3), found["speakers alike"]
    (0.833, 0.75)
    """
    low, high = scoring.interval_over_actors(truth, answers, speakers)
    right = truth == answers
    alike = [
        np.mean(
            [
                right[(truth == emotion) & (speakers == speaker)].mean()
                for speaker in np.unique(speakers[truth == emotion])
            ]
        )
        for emotion in np.unique(truth)
    ]
    return {
        "uar": scoring.unweighted_average_recall(truth, answers),
        "low": low,
        "high": high,
        "speakers alike": float(np.mean(alike)),
    }


def effective_number(speakers: np.ndarray) -> float:
    """How many equally frequent speakers would say as much as these, from 1 up.

    ``speakers`` (rows,). The square of the number of recordings over the sum of the
    squares of the speakers' numbers: Kish L (1965), Survey Sampling, on unequal
    weights. Lesson 6, section 1, and exercise 6.1.

    >>> effective_number(np.array(["a", "a", "b", "b"]))
    2.0
    """
    counts = np.unique(speakers, return_counts=True)[1]
    return float(counts.sum() ** 2 / (counts**2).sum())


# --- the explanation ----------------------------------------------------------------


def items_among(values: np.ndarray, emotions, shared) -> np.ndarray:
    """Attributions of items to the ``shared`` emotions, (rows, items, shared).

    ``values`` (rows, features, emotions). Centred: what an item adds to an emotion
    beyond what it adds to the shared ones on average, for only that moves the answer
    among them. Lesson 6, section 1.

    >>> values = np.ones((1, len(evidence.item_of_features()), 3))
    >>> found = items_among(values, ["sad", "calm", "angry"], ["sad", "angry"])
    >>> found.shape == (1, len(evidence.item_names()), 2), found.any().item()
    (True, False)
    """
    columns = [list(emotions).index(emotion) for emotion in shared]
    items = evidence.sums_of_items(values)[..., columns]
    return items - items.mean(axis=-1, keepdims=True)


def separation(items: np.ndarray, truth: np.ndarray, shared) -> np.ndarray:
    """How much each item does to tell the emotions apart, (items,), in units of score.

    ``items`` (rows, items, shared) of :func:`items_among`, ``truth`` (rows,) names.
    What the item adds to an emotion's score in recordings of that emotion, less what
    it adds there in recordings of the others; the mean over the emotions. The sum over
    the items is the same of the scores, so nothing is lost. Below zero an item
    misleads. Lesson 6, sections 1 and 3.

    >>> items = np.array([[[1.0, -1.0]], [[0.0, 0.0]]])  # 2 recordings, 1 item
    >>> separation(items, np.array(["sad", "calm"]), ["sad", "calm"])
    array([1.])
    """
    apart = [
        items[truth == emotion, :, number].mean(axis=0)
        - items[truth != emotion, :, number].mean(axis=0)
        for number, emotion in enumerate(shared)
    ]
    return np.mean(apart, axis=0)


def separation_interval(
    items: np.ndarray, truth: np.ndarray, shared, speakers: np.ndarray, draws=1000
) -> np.ndarray:
    """95 % intervals of :func:`separation` over speakers, (2, items).

    Draws whole speakers (bootstrap, percentiles). A draw that lacks an emotion is
    made of those that it has. Lesson 6, section 1.

    >>> items = np.array([[[1.0, -1.0]], [[0.0, 0.0]]] * 2)
    >>> truth, speakers = np.array(["sad", "calm"] * 2), np.array([1, 1, 2, 2])
    >>> separation_interval(items, truth, ["sad", "calm"], speakers).ravel().tolist()
    [1.0, 1.0]
    """
    names = np.unique(speakers)
    of = np.stack([speakers == name for name in names]).astype(float)
    sums, counts = [], []
    for number, emotion in enumerate(shared):
        is_it = truth == emotion
        for rows in (is_it, ~is_it):
            sums.append(of @ (items[..., number] * rows[:, None]))
            counts.append(of @ rows)
    sums, counts = np.stack(sums, 1), np.stack(counts, 1)  # (speakers, 2 emotions, ..)

    drawn = np.random.default_rng(0).integers(len(names), size=(draws, len(names)))
    total, number = sums[drawn].sum(axis=1), counts[drawn].sum(axis=1)[..., None]
    mean = total / np.where(number > 0, number, np.nan)  # (draws, 2 emotions, items)
    apart = mean[:, ::2] - mean[:, 1::2]
    defined = np.isfinite(apart).any(axis=(1, 2))
    return np.percentile(np.nanmean(apart[defined], axis=1), [2.5, 97.5], axis=0)


# --- level and colour ---------------------------------------------------------------


def gain_between(inputs: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Gain that gives ``inputs`` the mean level of ``others`` in each band, in dB.

    Both are (rows, features); returns (bands,). It needs no emotion, only recordings:
    what two corpora differ in by microphone, room and recording level, and also by the
    voices and the sounds of the language. Lesson 6, section 4.

    >>> rows = np.zeros((2, len(extraction.feature_columns())))
    >>> gain_between(rows, rows + 3.0)[0].item()
    3.0
    """
    levels = [
        extraction.by_band(rows)[:, :, 0].mean(axis=0) for rows in (others, inputs)
    ]
    return levels[0] - levels[1]


def inputs_with(recordings: Recordings, paths, gain) -> np.ndarray:
    """Features of clean ``recordings`` after a ``gain`` in dB, (recordings, features).

    ``paths`` as in ``recordings.table``; ``gain`` is one number, a turn of the knob, or
    one per band (bands,), an equaliser. The sound is changed and measured anew, because
    some measures count what is louder than a fixed level. Lesson 6, section 4.

    >>> softer = inputs_with(recordings, paths, -12.0)  # doctest: +SKIP
    """
    rows = Parallel(n_jobs=-1)(
        delayed(_row_with)(recordings.folder / path, gain) for path in paths
    )
    return extraction.rounded(np.stack(rows)).astype(np.float32)


def _row_with(path: Path, gain) -> np.ndarray:
    sound = read_sound(path, SAMPLING_RATE)
    if np.ndim(gain):
        return extraction.features_of(listen.filtered(sound, gain))
    return extraction.features_of(sound * np.float32(10 ** (gain / 20)))
