"""The examples in the docstrings of the science: every public function has one.

Most are there to be read. They run all the same, so that none is wrong.
"""

import ast
import doctest
import importlib

import matplotlib.pyplot as plt
import numpy as np
import pytest

import imports
from conftest import REPO

MODULES = imports.modules_below(REPO / "notebooks")
SCIENCE = sorted(name for name in MODULES if name.startswith("xai4ser."))
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@pytest.fixture(scope="module")
def heard():
    """Names that examples use: a listener, and what it hears in a stand-in voice."""
    import librosa

    from xai4ser import features, listen, models, places, tables, voices
    from xai4ser.ravdess import RAVDESS

    model, manifest = models.load(places.SHIPPED.models)
    table = tables.load_features(places.SHIPPED.features, RAVDESS)
    background = table[manifest["feature_columns"]].to_numpy(np.float32)[:100:2]
    listener = listen.Listener(model, manifest["emotions"], background)
    sound, rate = voices.speak("angry", 5)
    sound = librosa.resample(sound, orig_sr=rate, target_sr=features.SAMPLING_RATE)
    return {"listener": listener, "heard": listener.hear(sound)}


def slow_marked(name):
    slow = name in ("xai4ser.network", "xai4ser.equaliser")
    return pytest.param(name, marks=pytest.mark.training if slow else ())


@pytest.mark.parametrize("name", map(slow_marked, SCIENCE))
def test_the_examples_of_a_module_run(name, request, monkeypatch):
    monkeypatch.delenv("RAVDESS_DIR", raising=False)
    monkeypatch.setitem(plt.rcParams, "figure.max_open_warning", 0)
    module = importlib.import_module(name)
    names = {}
    if name in ("xai4ser.listen", "xai4ser.equaliser"):
        names = request.getfixturevalue("heard")
    failed, _ = doctest.testmod(module, optionflags=OPTIONS, extraglobs=names)
    plt.close("all")
    assert not failed


def public_functions(tree: ast.Module):
    """Functions and methods that a reader may call: (name, docstring)."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name, ast.get_docstring(node) or ""
        is_error = isinstance(node, ast.ClassDef) and any(
            ast.unparse(base).endswith("Error") for base in node.bases
        )
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            if is_error:
                continue
            of_class = [n for n in node.body if isinstance(n, ast.FunctionDef)]
            texts = [ast.get_docstring(n) or "" for n in of_class]
            yield node.name, "\n".join([ast.get_docstring(node) or "", *texts])


@pytest.mark.parametrize("name", SCIENCE)
def test_every_public_function_has_an_example(name):
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    without = [known for known, text in public_functions(tree) if ">>>" not in text]
    assert not without, f"{name}: an example is missing for {', '.join(without)}"
