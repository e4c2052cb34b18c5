"""What does a network make of a whistle in the happy recordings, and who notices?

A steady tone of 2200 Hz is added to the sound of every happy recording, at several
levels below the speech, and features are made anew (``xai4ser.planted``). Networks of
several seeds are trained on such tables, fold 0's split. Asked of the held-out actors:
how many happy recordings are recognised with and without the whistle, how many others
turn happy when they are whistled at, where the explanation of the answer "happy" ranks
the two bands in which the whistle sounds, and what two controls say that know no
network. The shipped network, which never heard a whistle, gets the same sounds.

Needs the recordings; eight trainings, some twenty minutes on two cores.
"""

import numpy as np

import timing  # noqa: F401  finds the packages
from xai4ser import (
    extraction,
    features,
    find,
    models,
    network,
    planted,
    shapley,
    tables,
    trust,
)
from xai4ser.ravdess import RAVDESS

LEVELS = (-40.0, -30.0, -20.0)  # dB relative to the speech, in training
WHISTLED_AT = (-40.0, -30.0, -20.0, -10.0)  # at the others, afterwards
SEEN_BY_LABELS = (-60.0, -50.0, *LEVELS)  # no network is trained for these
SEEDS = (0, 1, 2)
SAMPLES = 50
LEAD = "share of the whistle's bands that lead"
PLANTED = planted.bands_of()
HAPPY = RAVDESS.emotions.index(planted.EMOTION)


def inputs_of(table) -> np.ndarray:
    return table[extraction.feature_columns()].to_numpy(np.float32)


def share_happy(model, rows: np.ndarray) -> float:
    answers = network.predict(model, rows).argmax(axis=1)
    return round(float((answers == HAPPY).mean()), 3)


class Studio:
    """The table, the recordings, and who is held out."""

    def __init__(self):
        recordings = find.recordings(download=False)
        if not recordings.complete:
            raise SystemExit("All recordings are needed. See data/README.md.")
        self.folder = recordings.folder
        self.table = tables.load_features(RAVDESS.home.features, RAVDESS)
        self.labels = network.labels_of(self.table["emotion"])
        sides = RAVDESS.fold(0)
        clean = (self.table["version"] == "clean").to_numpy()
        self.fitted = sides.rows(self.table, "fitted")
        self.held_out = clean & sides.rows(self.table, "test")
        self.happy = self.labels == HAPPY
        # A hundred of the fitted actors' clean recordings, as in lesson 4.
        rows = np.flatnonzero(self.fitted & clean)
        self.background = np.random.default_rng(0).choice(rows, 100, replace=False)
        self.clean_fitted = rows

    def whistled(self, level: float, chosen: np.ndarray) -> np.ndarray:
        """Inputs (rows, features) with the whistle in the ``chosen`` rows."""
        return inputs_of(planted.plant(self.table, self.folder, chosen, level))


def find_whistle(studio: Studio, model, rows, background) -> dict:
    """How an explanation of "happy" ranks the whistle's bands in ``rows``."""
    found = shapley.explain(model, rows, background, SAMPLES, seed=0)
    sizes = np.abs(found.values[..., HAPPY]).mean(axis=0)  # (features,)
    by_band = extraction.by_band(sizes[None])[0].sum(axis=1)  # (bands,)
    order = np.argsort(-by_band).tolist()
    return {
        LEAD: trust.share_found(by_band, PLANTED),
        "places of its bands": [1 + order.index(b) for b in np.flatnonzero(PLANTED)],
        "its share of all sizes": round(
            float(by_band[PLANTED].sum() / by_band.sum()), 3
        ),
    }


def at_level(studio: Studio, level: float, others: dict) -> dict:
    """Networks of all seeds that were trained with a whistle at ``level``."""
    inputs, held, happy = inputs_of(studio.table), studio.held_out, studio.happy
    table = studio.whistled(level, happy)
    networks = {}
    for seed in SEEDS:
        if seed == 0 and level == planted.LEVEL:
            model = models.load_whistled()
        else:
            fitted = studio.fitted
            model, _ = network.fit(table[fitted], studio.labels[fitted], seed)
        networks[f"seed {seed}"] = {
            "happy, with the whistle": share_happy(model, table[held & happy]),
            "happy, without it": share_happy(model, inputs[held & happy]),
            "others, before": share_happy(model, inputs[held & ~happy]),
            "others, whistled at": {
                str(int(loud)): share_happy(model, rows)
                for loud, rows in others.items()
            },
        } | find_whistle(studio, model, table[held & happy], table[studio.background])
        print(level, seed, networks[f"seed {seed}"], flush=True)
    honest = find_whistle(
        studio,
        models.load(RAVDESS.home.models)[0],
        table[held & happy],
        inputs[studio.background],
    )
    unusual = trust.unusual_attributions(
        table[held & happy], table[studio.clean_fitted]
    ).mean(axis=0)
    by_band = extraction.by_band(unusual[None])[0].sum(axis=1)
    return {
        "networks": networks,
        "the shipped network, same sounds": honest,
        "control without labels": trust.share_found(by_band, PLANTED),
    }


def seen_by_labels(studio: Studio, level: float) -> dict:
    """The control that knows the labels, on the fitted actors' clean recordings."""
    fitted = studio.clean_fitted
    chosen = studio.happy & studio.fitted
    rows = studio.whistled(level, chosen)[fitted]
    distance = planted.difference_of_labels(rows, studio.labels[fitted], HAPPY)
    order = np.argsort(-distance).tolist()
    return {
        LEAD: trust.share_found(distance, PLANTED),
        "places of its bands": [1 + order.index(b) for b in np.flatnonzero(PLANTED)],
    }


def in_short(found: dict) -> dict:
    """What lesson 4 shows of ``found``, from all seeds together."""
    by_level = found["trained with a whistle, by level (dB)"]
    at_level = by_level[str(int(planted.LEVEL))]["networks"].values()
    turned = [one["others, whistled at"] for one in at_level]
    shown = {
        level: {
            name: with_spread([one[name] for one in at["networks"].values()])
            for name in ("happy, with the whistle", "happy, without it", LEAD)
        }
        for level, at in by_level.items()
    }
    for level, control in found["control with labels, by level (dB)"].items():
        places = " and ".join(map(str, control["places of its bands"]))
        shown[level] = {"its places by labels": places} | shown.get(level, {})
    return {
        "others called happy (%)": {
            "trained with the whistle": {
                level: round(100 * float(np.mean([one[level] for one in turned])), 1)
                for level in turned[0]
            },
            "shipped network": {
                level: round(100 * share, 1)
                for level, share in found["the shipped network, whistled at"].items()
            },
        },
        "by level (dB), lowest to highest seed": shown,
        "found at the level of the shipped one": float(
            np.mean([one[LEAD] for one in at_level])
        ),
    }


def with_spread(values: list[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"


def measure() -> dict:
    """Everything under "whistle" in ``benchmarks/results.json``."""
    studio = Studio()
    others = {}
    chosen = studio.held_out & ~studio.happy
    for level in WHISTLED_AT:
        others[level] = studio.whistled(level, chosen)[chosen]
    shipped, _ = models.load(RAVDESS.home.models)
    found = {
        "frequency (Hz)": planted.FREQUENCY,
        "bands (Hz)": [
            round(float(centre)) for centre in features.band_frequencies()[PLANTED]
        ],
        "the shipped network, whistled at": {
            str(int(level)): share_happy(shipped, rows)
            for level, rows in others.items()
        },
        "control with labels, by level (dB)": {
            str(int(level)): seen_by_labels(studio, level) for level in SEEN_BY_LABELS
        },
        "trained with a whistle, by level (dB)": {
            str(int(level)): at_level(studio, level, others) for level in LEVELS
        },
    }
    return in_short(found) | found
