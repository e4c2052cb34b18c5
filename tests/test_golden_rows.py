"""Four stand-in voices, measured once and kept: no constant drifts unseen."""

import json

import numpy as np
import pandas as pd
import pytest

import write_golden_rows
from xai4ser import cues, extraction, features, models, places


@pytest.fixture(scope="module")
def kept():
    return pd.read_csv(write_golden_rows.FILE, index_col="voice")


@pytest.fixture(scope="module")
def measured():
    return write_golden_rows.measured()


def test_the_rows_are_of_these_voices_and_columns(kept, measured):
    assert list(kept.index) == list(measured.index)
    assert list(kept.columns) == list(measured.columns)


@pytest.mark.parametrize("kind", [*features.MEASURES, "cues"])
def test_the_features_are_what_they_were(kind, kept, measured):
    """A rounding edge may be crossed elsewhere; the mean and most values may not."""
    if kind == "cues":
        columns = list(kept.columns[extraction.BAND_FEATURES :])
        steps = [10.0**-digits for digits in cues.DECIMALS.values()]
    else:
        columns = [c for c in kept if c.startswith(f"{kind}_")]
        steps = [10.0 ** -features.DECIMALS[kind]] * len(columns)
    distance = (measured[columns] - kept[columns]).abs().to_numpy()
    assert (distance > 1.5 * np.array(steps)).mean() < 0.02
    assert (distance > 0).mean() < 0.05


def test_the_shipped_manifest_names_the_settings_in_use():
    manifest = models.read_manifest(places.SHIPPED.models)
    assert manifest["features"] == json.loads(json.dumps(extraction.settings()))
