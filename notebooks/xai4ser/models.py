"""A network as a file, and the manifest beside it that says what it may be used for."""

import json
import platform
import warnings
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from xai4ser import extraction
from xai4ser.files import checksum, write_text, written_whole
from xai4ser.places import short
from xai4ser.split import Split

MODEL_FILE = "Speech_CNN.h5"
MANIFEST_FILE = "Speech_CNN.json"
FOLD_FILE = "fold_{}.h5"
REMEDY = (
    "Train it again with notebook 2, or restore both files with: "
    "git checkout -- trained_model"
)


def save_network(network: keras.Model, path: Path) -> Path:
    """Write ``network`` alone as an .h5 file, under a temporary name, and rename it.

    Returns ``path``, whose folder is made if need be.
    """
    with written_whole(path) as draft, warnings.catch_warnings(), _quiet_keras():
        # Keras prefers its own format, and its HDF5 writer still uses a call that
        # NumPy 2 deprecates; the file is whole, as the reload proves.
        warnings.filterwarnings("ignore", message=".*__array__.*")
        network.save(draft, include_optimizer=False)
    return Path(path)


def save(
    network: keras.Model,
    folder: Path,
    table: Path,
    emotions: tuple[str, ...],
    split: Split,
    seed: int,
    scores: dict,
    history: dict,
) -> Path:
    """Write ``Speech_CNN.h5`` and its manifest into ``folder``.

    Returns the path of the model.
    ``table`` is the feature table that the network was trained on. Both files
    are written under temporary names and renamed.
    """
    folder = Path(folder)
    model = save_network(network, folder / MODEL_FILE)
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
        "sha256": {MODEL_FILE: checksum(model), Path(table).name: checksum(table)},
    }
    write_text(folder / MANIFEST_FILE, json.dumps(manifest, indent=1) + "\n")
    return model


def load(folder: Path) -> tuple[keras.Model, dict]:
    """The network and its manifest from ``folder``.

    Raises FileNotFoundError or ValueError, with the remedy, if a file is missing,
    the model is not the one that the manifest describes, or it was trained on
    features that this version of the library does not make.
    """
    folder = Path(folder)
    for name in (MODEL_FILE, MANIFEST_FILE):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{short(folder / name)} is not there. {REMEDY}")
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text())
        expected = manifest["sha256"][MODEL_FILE]
    except (ValueError, KeyError):
        raise ValueError(
            f"{MANIFEST_FILE} is not a readable manifest. {REMEDY}"
        ) from None
    if checksum(folder / MODEL_FILE) != expected:
        raise ValueError(
            f"{MODEL_FILE} is not the model that {MANIFEST_FILE} describes (their "
            f"checksums differ). {REMEDY}"
        )
    if manifest["feature_columns"] != extraction.feature_columns():
        raise ValueError(
            f"{MODEL_FILE} was trained on other features than this version of the "
            f"library makes. {REMEDY}"
        )
    if manifest["features"] != json.loads(json.dumps(extraction.settings())):
        raise ValueError(
            f"{MODEL_FILE} was trained on features made with other settings than this "
            f"version of the library uses. {REMEDY}"
        )
    return _read_network(folder / MODEL_FILE), manifest


def load_fold(folder: Path, number: int) -> keras.Model:
    """The network that never heard the actors of fold ``number`` (0 to 5).

    Fold 0 is the shipped network's; the others lie beside it in ``folder``, written
    by ``tools/score_folds.py`` (seed 0). Raises FileNotFoundError with the remedy.
    """
    path = Path(folder) / (FOLD_FILE.format(number) if number else MODEL_FILE)
    if not path.is_file():
        raise FileNotFoundError(
            f"{short(path)} is not there. Train the networks of all folds again with: "
            "make folds, or restore them with: git checkout -- trained_model"
        )
    return _read_network(path)


def _read_network(path: Path) -> keras.Model:
    with _quiet_keras():
        return keras.saving.load_model(path, compile=False)


def check_table(manifest: dict, table: Path) -> None:
    """Raise ValueError if ``table`` is not the one the model was trained on."""
    if checksum(table) != manifest["sha256"][Path(table).name]:
        raise ValueError(
            f"{Path(table).name} has changed since the network was trained on it. "
            f"{REMEDY}"
        )


class _quiet_keras:
    """Hides Keras' notice that HDF5 is its older format, and nothing else."""

    def __enter__(self):
        import absl.logging

        self.logger = absl.logging.get_absl_logger()
        self.filter = lambda record: "HDF5" not in record.getMessage()
        self.logger.addFilter(self.filter)

    def __exit__(self, *error):
        self.logger.removeFilter(self.filter)
