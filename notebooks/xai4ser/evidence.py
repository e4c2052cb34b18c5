"""Items of evidence: pieces of an explanation with names that one can say aloud.

A table of a thousand features is too fine to be told: neighbouring bands are
near-copies, and no one names them. An item is a named cue of the voice, or what a
region of frequency does in one respect, such as "movement below 300 Hz". Its
attribution is the sum of its features' attributions, so nothing is lost.
"""

from functools import cache

import numpy as np
import shap

from xai4ser import cues, features

# Where the pitch and its first harmonics lie; where the resonances that make a vowel
# lie; the brilliance of a voice and the hiss of s and of breath.
REGIONS = {
    "below 300 Hz": (0, 300),
    "300 to 3000 Hz": (300, 3000),
    "above 3000 Hz": (3000, 12_000),
}


@cache
def region_of_bands() -> np.ndarray:
    """Number of the region in REGIONS that each band's centre lies in, (bands,).

    >>> region_of_bands()[[0, 40, 127]].tolist()
    [0, 1, 2]
    """
    upper = [high for _, high in REGIONS.values()]
    return np.searchsorted(upper, features.band_frequencies(), side="right")


def item_names() -> list[str]:
    """The names of all items: measure by measure from low to high, then the cues.

    >>> item_names()[0], item_names()[-1]
    ('level below 300 Hz', 'hiss')
    """
    of_regions = [f"{m} {region}" for m in features.MEASURES for region in REGIONS]
    return of_regions + list(cues.CUES)


@cache
def item_of_features() -> np.ndarray:
    """Number of the item that each feature of the table belongs to, (features,).

    >>> item_of_features().max() + 1 == len(item_names())
    np.True_
    """
    of_measures = np.arange(len(features.MEASURES))[:, None] * len(REGIONS)
    of_bands = (of_measures + region_of_bands()).reshape(-1)
    return np.concatenate([of_bands, of_bands.max() + 1 + np.arange(len(cues.CUES))])


def item_units() -> list[str]:
    """The unit of each item's value.

    >>> dict(zip(item_names(), item_units()))["pitch range"]
    'semitones'
    """
    of_regions = [features.UNITS[m] for m in features.MEASURES for _ in REGIONS]
    return of_regions + list(cues.UNITS.values())


def sums_of_items(values: np.ndarray) -> np.ndarray:
    """Sums over the features of each item: (rows, features, ...) -> (rows, items, ...).

    >>> sums_of_items(np.ones((1, len(item_of_features())))).sum().item()
    1048.0
    """
    members = np.eye(len(item_names()))[item_of_features()]  # (features, items)
    return np.moveaxis(np.tensordot(values, members, axes=(1, 0)), -1, 1)


def items_of(explanation: shap.Explanation) -> shap.Explanation:
    """The explanation by items: what ``shapley.explain`` returns, told in fewer pieces.

    ``values`` (rows, items, emotions) are sums of the features'; ``data`` (rows, items)
    are means over the bands of a region, in the unit of the table. Lesson 3, section 2.

    >>> values = np.ones((2, len(item_of_features()), 8))
    >>> one = shap.Explanation(values, np.zeros((2, 8)), data=values[:, :, 0])
    >>> items_of(one).shape
    (2, 48, 8)
    """
    sizes = np.bincount(item_of_features())
    return shap.Explanation(
        values=sums_of_items(explanation.values),
        base_values=explanation.base_values,
        data=sums_of_items(explanation.data) / sizes,
        feature_names=item_names(),
        output_names=explanation.output_names,
    )
