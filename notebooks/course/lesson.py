"""The set-up that lessons share: the look of figures; the network with its data."""

import logging
import warnings
from dataclasses import dataclass
from html import escape

import keras
import numpy as np
import pandas as pd

from course import descriptions
from xai4ser import models, network, plots, split, tables, transfer
from xai4ser.corpus import Corpus
from xai4ser.scoring import unweighted_average_recall

# Remarks about versions of Keras and TensorFlow, and of joblib, known and harmless.
KNOWN_WARNINGS = (
    "The structure of `inputs` doesn't match",
    "Your TensorFlow version is newer than 2.4.0",
    "A worker stopped while some jobs were given",  # joblib, on a busy machine
)


class About:
    """A box for a corpus of one's own: which sentences of a lesson are not about it."""

    def __init__(self, corpus: Corpus):
        self.title = f"This lesson runs on {corpus.name}"
        self.sentences = (
            "Code, figures and tables are about your recordings. The text was written "
            "about RAVDESS: its numbers, and what it says about its 24 actors, eight "
            "emotions and two sentences, are RAVDESS's.",
            *corpus.notes,
        )

    def __repr__(self) -> str:
        return " ".join([f"{self.title}.", *self.sentences])

    def _repr_html_(self) -> str:
        points = "".join(f"<li>{escape(text)}</li>" for text in self.sentences)
        return (
            '<div class="alert alert-block alert-info" role="status">'
            f"<b>{escape(self.title)}.</b><ul>{points}</ul></div>"
        )


class OtherVoices(About):
    """A box for lesson 6: which voices are the other ones."""

    def __init__(self, corpus: Corpus):
        self.is_stand_in = transfer.is_stand_in(corpus)
        self.title = f"The other voices: {corpus.name}"
        self.sentences = (corpus.citation, *corpus.notes)
        if self.is_stand_in:
            self.sentences = (
                "Made by a synthesiser on this computer, because no second corpus was "
                f"found. Set {transfer.VARIABLE} to the folder of one, or put it into "
                "data/urdu. Everything below runs, and its figures describe synthetic "
                "voices; the text describes the recordings.",
            )

    def _repr_html_(self) -> str:
        box = super()._repr_html_()
        return box.replace("alert-info", "alert-danger") if self.is_stand_in else box


def begin(corpus: Corpus | None = None) -> About | None:
    """Set the look of the figures, and let each carry its description.

    Returns, for a corpus of one's own, a box about it; its emotions get their colours.
    """
    plots.use_course_style()
    for emotion in corpus.emotions if corpus else ():
        plots.COLOURS[emotion], plots.LINE_STYLES[emotion]  # asked for: given
    descriptions.describe_when_shown()
    for message in KNOWN_WARNINGS:
        warnings.filterwarnings("ignore", message=message)
    # It warns when several networks are explained: each needs a graph of its own.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    return About(corpus) if corpus and corpus.is_own else None


SAME = 0.01  # of the UAR: on another processor one or two answers may differ


@dataclass(frozen=True)
class Trained:
    """A trained network with the table that it was trained on.

    model, manifest  the network and what is known about it
    emotions         in the order of the network's outputs
    table            the table of features
    inputs           (rows, features), in the units of the table
    labels           (rows,), positions in ``emotions``
    clean            (rows,), True for clean versions
    fitted           (rows,), True for clean rows of the actors fitted to
    held_out         (rows,), True for clean rows of the test actors
    """

    model: keras.Model
    manifest: dict
    emotions: list[str]
    table: pd.DataFrame
    inputs: np.ndarray
    labels: np.ndarray
    clean: np.ndarray
    fitted: np.ndarray
    held_out: np.ndarray


def open_trained(corpus: Corpus) -> Trained:
    """Load the network and its table, prove the split and reproduce the score.

    This is what lesson 3 does step by step in its first sections; it prints what was
    proved. Raises ValueError, with the remedy, if network and table do not belong
    together, and AssertionError if the score is another than the manifest's.
    """
    table = tables.load_features(corpus.to_read("features"), corpus)
    model, manifest = models.load(corpus.to_read("models"))
    models.check_table(manifest, table)
    inputs = table[manifest["feature_columns"]].to_numpy(np.float32)
    labels = network.labels_of(table["emotion"])
    clean = (table["version"] == "clean").to_numpy()
    fitted, held_out = (
        clean & table["actor"].isin(manifest["actors"][side]).to_numpy()
        for side in ("fitted", "test")
    )
    print(split.prove_disjoint(table, {"fitted": fitted, "held out": held_out}))
    _reproduce_score(model, manifest, inputs[held_out], labels[held_out])
    return Trained(
        model=model,
        manifest=manifest,
        emotions=manifest["emotions"],
        table=table,
        inputs=inputs,
        labels=labels,
        clean=clean,
        fitted=fitted,
        held_out=held_out,
    )


def _reproduce_score(model, manifest, inputs, truth) -> None:
    answers = network.predict(model, inputs).argmax(axis=1)
    recall = unweighted_average_recall(truth, answers)
    stated = manifest["scores"]["test_uar"]
    assert abs(recall - stated) < SAME, f"UAR here {recall}, in the manifest {stated}"
    print(f"UAR here {recall:.4f}, in the manifest {stated:.4f}")
