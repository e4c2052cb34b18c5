"""Items of evidence: what a name says is what was added up."""

import re

import numpy as np
import shap

from xai4ser import cues, evidence, extraction, features


def test_a_band_lies_where_the_name_of_its_item_says():
    names = np.array(evidence.item_names())[evidence.item_of_features()]
    of_bands = names[: extraction.BAND_FEATURES].reshape(-1, features.BANDS)
    for measure, in_turn in zip(features.MEASURES, of_bands, strict=True):
        for frequency, name in zip(features.band_frequencies(), in_turn, strict=True):
            assert name.startswith(f"{measure} ")
            numbers = [float(number) for number in re.findall(r"\d+", name)]
            low, high = {
                "below": (0, numbers[0]),
                "above": (numbers[0], features.SAMPLING_RATE / 2),
            }.get(name.split()[1], numbers)
            assert low <= frequency < high, name
    assert list(names[extraction.BAND_FEATURES :]) == list(cues.CUES)


def test_attributions_are_added_up_and_values_averaged():
    count = len(evidence.item_of_features())
    one = shap.Explanation(
        np.ones((2, count, 8)), np.zeros((2, 8)), np.full((2, count), 5)
    )
    found = evidence.items_of(one)
    assert found.values.sum(axis=1).tolist() == [[count] * 8] * 2
    np.testing.assert_allclose(found.data, 5)
