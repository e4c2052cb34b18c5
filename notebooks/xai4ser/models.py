"""A network as a file, and the manifest beside it that says what it may be used for."""

import json
import platform
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from tqdm import tqdm

from xai4ser import extraction, network, places, tables
from xai4ser.corpus import Corpus
from xai4ser.files import checksum, write_text, written_whole
from xai4ser.places import short
from xai4ser.split import Split

MODEL_FILE = "Speech_CNN.h5"
MANIFEST_FILE = "Speech_CNN.json"
FOLD_FILE = "fold_{}.h5"
FOLDS_FILE = "folds.json"  # checksums of the networks of the folds
REMEDY = f"Train it again with notebook 2, or {places.RESTORE}"
REMEDY_OF_OWN = "Train it again with notebook 2 on these recordings."
WHISTLED_FILE = "whistled.h5"  # trained where happy recordings hold a whistle
WHISTLED_LIST = "whistled.json"  # its checksum, and how it was made
FOLDS_REMEDY = (
    "Train the networks of all folds again with: make folds, or restore them with: "
    "git checkout -- trained_model"
)
WHISTLED_REMEDY = (
    "Train the whistled network again with: make whistled, or restore it with: "
    "git checkout -- trained_model"
)
# What a manifest must say, and how: {name: type}.
CONTENTS = {
    "emotions": list,
    "feature_columns": list,
    "features": dict,
    "actors": dict,
    "scores": dict,
    "history": dict,
    "table": dict,
    "sha256": dict,
}


def save_network(model: keras.Model, path: Path) -> Path:
    """Write ``model`` alone as an .h5 file, under a temporary name, and rename it.

    Returns ``path``, whose folder is made if need be. Raises OSError, with the remedy,
    if it cannot be written. Lesson 2, section 8, through :func:`save`.

    >>> import tempfile
    >>> model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])
    >>> save_network(model, Path(tempfile.mkdtemp(), "small.h5")).name
    'small.h5'
    """
    with written_whole(path) as draft, warnings.catch_warnings(), _quiet_keras():
        # Keras prefers its own format, and its HDF5 writer still uses a call that
        # NumPy 2 deprecates; the file is whole, as the reload proves.
        warnings.filterwarnings("ignore", message=".*__array__.*")
        model.save(draft, include_optimizer=False)
    return Path(path)


def save(
    model: keras.Model,
    folder: Path,
    table: pd.DataFrame,
    emotions: tuple[str, ...],
    split: Split,
    seed: int,
    scores: dict,
    history: dict,
) -> Path:
    """Write ``Speech_CNN.h5`` and its manifest into ``folder``.

    Returns the path of the model. ``table`` is the table of features that the network
    was trained on, as ``tables.load_features`` gives it. Both files are written under
    temporary names and renamed. Raises OSError, with the remedy, if they cannot be
    written. Lesson 2, section 8.

    >>> from xai4ser.ravdess import RAVDESS
    >>> save(model, folder, table, RAVDESS.emotions, RAVDESS.fold(0), seed=0,
    ...      scores={"test_uar": 0.6}, history={"loss": [1.0]})  # doctest: +SKIP
    """
    folder = Path(folder)
    path = save_network(model, folder / MODEL_FILE)
    manifest = {
        "emotions": list(emotions),
        "feature_columns": extraction.feature_columns(),
        "features": extraction.settings(),
        "actors": split.as_dict(),
        "seed": seed,
        "scores": scores,
        "history": {
            quantity: np.round(values, 4).tolist()
            for quantity, values in history.items()
        },
        "versions": {
            "python": platform.python_version(),
            **{
                name: version(name)
                for name in ("keras", "librosa", "numpy", "pandas", "scikit-learn")
            },
            "tensorflow": tf.__version__,
        },
        "table": tables.describe(table),
        "sha256": {MODEL_FILE: checksum(path)},
    }
    write_text(folder / MANIFEST_FILE, json.dumps(manifest, indent=1) + "\n")
    return path


def load(folder: Path) -> tuple[keras.Model, dict]:
    """The network and its manifest from ``folder``.

    Raises FileNotFoundError or ValueError, with the remedy, if a file is missing,
    the model is not the one that the manifest describes, or it was trained on
    features that this version of the library does not make. Lessons 2 to 5.

    >>> model, manifest = load(places.SHIPPED.models)
    >>> manifest["emotions"][:2]
    ['neutral', 'calm']
    """
    folder, remedy = Path(folder), _remedy(folder)
    for name in (MODEL_FILE, MANIFEST_FILE):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{short(folder / name)} is not there. {remedy}")
    manifest = read_manifest(folder)
    if checksum(folder / MODEL_FILE) != manifest["sha256"].get(MODEL_FILE):
        raise ValueError(
            f"{MODEL_FILE} is not the model that {MANIFEST_FILE} describes (their "
            f"checksums differ). {remedy}"
        )
    if manifest["feature_columns"] != extraction.feature_columns():
        raise ValueError(
            f"{MODEL_FILE} was trained on other features than this version of the "
            f"library makes. {remedy}"
        )
    ours = json.loads(json.dumps(extraction.settings()))
    if manifest["features"] != ours:
        theirs = manifest["features"]
        other = [k for k in sorted({*ours, *theirs}) if ours.get(k) != theirs.get(k)]
        raise ValueError(
            f"{MODEL_FILE} was trained on features made with other settings than this "
            f"version of the library uses: {', '.join(other)}. {remedy}"
        )
    return _read_network(folder / MODEL_FILE), manifest


def read_manifest(folder: Path) -> dict:
    """The manifest in ``folder``; ValueError, with the remedy, if it lacks anything.

    >>> read_manifest(places.SHIPPED.models)["table"]["rows"]
    2880
    """
    try:
        manifest = json.loads((Path(folder) / MANIFEST_FILE).read_text("utf-8"))
    except (ValueError, OSError):
        manifest = None
    if not isinstance(manifest, dict):
        raise ValueError(
            f"{MANIFEST_FILE} is not a readable manifest. {_remedy(folder)}"
        )
    for name, kind in CONTENTS.items():
        if not isinstance(manifest.get(name), kind):
            raise ValueError(
                f"{MANIFEST_FILE} does not say its {name!r}. {_remedy(folder)}"
            )
    return manifest


def _remedy(folder: Path) -> str:
    is_own = places.is_own_corpus(Path(folder).parent)
    return REMEDY_OF_OWN if is_own else REMEDY


def check_table(manifest: dict, table: pd.DataFrame) -> None:
    """Raise ValueError, with the remedy, if the network was not trained on ``table``.

    ``table`` is as ``tables.load_features`` gives it. What counts is what it holds: a
    table that another computer made from the same recordings passes. Lessons 3 to 5.

    >>> from xai4ser.ravdess import RAVDESS
    >>> table = tables.load_features(places.SHIPPED.features, RAVDESS)
    >>> check_table(read_manifest(places.SHIPPED.models), table)
    """
    has_names = not pd.api.types.is_numeric_dtype(table["actor"])  # one's own speakers
    remedy = REMEDY_OF_OWN if has_names else REMEDY
    if list(table["emotion"].cat.categories) != manifest["emotions"]:
        raise ValueError(
            f"{MANIFEST_FILE} names other emotions than the table has, or in another "
            f"order. {remedy}"
        )
    try:
        problem = tables.difference(manifest["table"], table)
    except (KeyError, ValueError, AttributeError):
        problem = "what the manifest says about it cannot be read"
    if problem:
        raise ValueError(
            f"The table of features is not the one that the network was trained on: "
            f"{problem}. {remedy}"
        )


def load_fold(folder: Path, number: int) -> keras.Model:
    """The network that never heard the actors of fold ``number`` (0 to 5).

    Fold 0 is that of :func:`load`; the others lie beside it in ``folder``, or, if that
    is one's own, among what is shipped, written by ``tools/score_folds.py`` (seed 0).
    For a corpus of one's own all were written by :func:`held_out_predictions`.
    Raises FileNotFoundError or ValueError, with the remedy, if it is missing or is not
    the one that ``folds.json`` lists. Lesson 7, section 0.

    >>> load_fold(places.SHIPPED.models, 3).output_shape
    (None, 8)
    """
    folder, name = Path(folder), FOLD_FILE.format(number)
    if not number and not (folder / name).is_file():
        return load(folder)[0]
    if folder == places.OWN.models and not (folder / name).is_file():
        folder = places.SHIPPED.models
    is_own = places.is_own_corpus(folder.parent)
    remedy = REMEDY_OF_OWN if is_own else FOLDS_REMEDY
    return _load_listed(folder / name, folder / FOLDS_FILE, remedy)


def _load_listed(path: Path, listing: Path, remedy: str) -> keras.Model:
    """The network at ``path`` if it is the one whose checksum ``listing`` holds."""
    if not path.is_file():
        raise FileNotFoundError(f"{short(path)} is not there. {remedy}")
    try:
        listed = json.loads(listing.read_text("utf-8"))[path.name]
    except (OSError, ValueError, KeyError, TypeError):
        raise ValueError(f"{short(listing)} cannot be read. {remedy}") from None
    if checksum(path) != listed:
        raise ValueError(
            f"{short(path)} is not the network that {listing.name} lists (their "
            f"checksums differ). {remedy}"
        )
    return _read_network(path)


def list_folds(folder: Path, **also) -> Path:
    """Write ``folds.json``, the checksums of the networks of the folds in ``folder``.

    ``tools/score_folds.py`` ends with it. ``also`` is written beside them. Returns its
    path.

    >>> import tempfile
    >>> list_folds(Path(tempfile.mkdtemp())).name
    'folds.json'
    """
    networks = sorted(Path(folder).glob(FOLD_FILE.format("*")))
    listed = {path.name: checksum(path) for path in networks} | also
    return write_text(Path(folder) / FOLDS_FILE, json.dumps(listed, indent=1) + "\n")


def numbered(answers: pd.DataFrame, fold: int, seed: int) -> pd.DataFrame:
    """What ``network.hold_out`` answers, with columns for the fold and the seed.

    >>> answers = pd.DataFrame({"predicted": ["sad"], "p_sad": [0.9]})
    >>> list(numbered(answers, fold=2, seed=0))
    ['predicted', 'fold', 'seed', 'p_sad']
    """
    place = answers.columns.get_loc("predicted") + 1
    before, after = answers.iloc[:, :place], answers.iloc[:, place:]
    return before.assign(fold=fold, seed=seed).join(after)


def held_out_predictions(corpus: Corpus) -> pd.DataFrame:
    """What networks answer for speakers whom they never heard, each held out once.

    One row per recording, version and seed: path, version, emotion, actor, predicted,
    fold, seed, and a probability per emotion. What was computed is read. For a corpus
    of one's own a network is trained for each fold (seed 0) and kept, the first time
    and whenever its table has changed; that takes some minutes and shows progress.
    Raises FileNotFoundError or ValueError, with the remedy, if there is no table, or
    one speaker only. Lesson 2, sections 0 and 7.

    >>> from xai4ser.ravdess import RAVDESS
    >>> len(held_out_predictions(RAVDESS))
    8640
    """
    path = corpus.to_read("predictions")
    if not corpus.is_own:
        return pd.read_csv(path)
    table, folder = tables.load_features(corpus.home.features, corpus), path.parent
    folds = [list(fold) for fold in corpus.folds]
    made_from = {"table": tables.describe(table), "folds": folds}
    texts = dict.fromkeys(("path", "emotion", "actor", "predicted"), str)
    as_written = {"dtype": texts, "keep_default_na": False}  # a speaker called 007
    try:
        listed = json.loads((folder / FOLDS_FILE).read_text("utf-8"))
        if all(listed[key] == value for key, value in made_from.items()):
            return pd.read_csv(path, **as_written)
    except (OSError, ValueError, KeyError):
        pass  # not made yet, or damaged: make it
    rows = []
    numbers = tqdm(
        range(len(corpus.folds)), "folds", unit=" networks", file=sys.stdout, ncols=79
    )
    for number in numbers:
        model, answers = network.hold_out(table, corpus.fold(number), seed=0)
        save_network(model, folder / FOLD_FILE.format(number))
        rows.append(numbered(answers, number, seed=0))
    found = pd.concat(rows).sort_values(["seed", "path", "version"])
    found["emotion"] = found["emotion"].astype(str)
    write_text(path, found.to_csv(index=False, lineterminator="\n"))
    list_folds(folder, **made_from)
    return found.reset_index(drop=True)


def load_whistled(folder: Path = places.SHIPPED.models) -> keras.Model:
    """The network that was trained where happy recordings hold a whistle.

    See :mod:`xai4ser.planted`; it is otherwise the network of :func:`load`, fitted to
    the same actors. Raises FileNotFoundError or ValueError, with the remedy, if it is
    missing or is not the one that ``whistled.json`` lists. Lesson 4, section 9;
    lesson 5, section 1.

    >>> load_whistled().output_shape
    (None, 8)
    """
    folder = Path(folder)
    return _load_listed(folder / WHISTLED_FILE, folder / WHISTLED_LIST, WHISTLED_REMEDY)


def list_whistled(folder: Path, settings: dict) -> Path:
    """Write ``whistled.json``: checksum of the network, and ``settings`` of its making.

    ``tools/train_whistled.py`` ends with it. Returns its path.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / WHISTLED_FILE).write_bytes(b"a network")
    >>> list_whistled(folder, {"level_db": -30}).name
    'whistled.json'
    """
    listed = {WHISTLED_FILE: checksum(Path(folder) / WHISTLED_FILE)} | settings
    return write_text(Path(folder) / WHISTLED_LIST, json.dumps(listed, indent=1) + "\n")


def _read_network(path: Path) -> keras.Model:
    with _quiet_keras():
        return keras.saving.load_model(path, compile=False)


class _quiet_keras:
    """Hides Keras' notice that HDF5 is its older format, and nothing else."""

    def __enter__(self):
        import absl.logging

        self.logger = absl.logging.get_absl_logger()
        self.filter = lambda record: "HDF5" not in record.getMessage()
        self.logger.addFilter(self.filter)

    def __exit__(self, *error):
        self.logger.removeFilter(self.filter)
