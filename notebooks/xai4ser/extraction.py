"""Sound -> a row of the table: every measure of every band, and the named cues.

``speech_features.csv`` has two rows per recording, clean and noisy: measure by measure,
bands ascending, then the cues.
"""

import sys
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from xai4ser import cues, features
from xai4ser.audio import read_sound
from xai4ser.files import written_whole

SIGNAL_TO_NOISE = 20.0  # dB, of the noisy version
VERSIONS = ("clean", "noisy")
KEYS = ["path", "version", "emotion", "actor"]
BAND_FEATURES = len(features.MEASURES) * features.BANDS  # then come the cues


def settings() -> dict:
    """Everything that the table depends on, as the manifest stores it.

    >>> settings()["hop_samples"]
    256
    """
    return {
        "sampling_rate_hz": features.SAMPLING_RATE,
        "window_samples": features.WINDOW,
        "hop_samples": features.HOP,
        "bands": features.BANDS,
        "lowest_hz": features.LOWEST,
        "highest_hz": features.HIGHEST,
        "mel_scale": "slaney",
        "floor_db": features.FLOOR,
        "spoken_range_db": features.SPOKEN_RANGE,
        "pitch_range_hz": list(features.PITCH_RANGE),
        "pitched_from": features.PITCHED,
        "pitch_cut_hz": features.PITCH_CUT,
        "ending_share": features.ENDING,
        "least_spread_db": features.LEAST_SPREAD,
        "audible_from_db": features.AUDIBLE,
        "quick_frames": features.QUICK,
        "slow_frames": features.SLOW,
        "neighbouring_bands": features.NEIGHBOURS,
        "signal_to_noise_db": SIGNAL_TO_NOISE,
        "measures": features.MEASURES,
        "units": features.UNITS,
        "decimals": features.DECIMALS,
        "cues": cues.CUES,
        "cue_decimals": cues.DECIMALS,
        "cue_settings": cues.settings(),
    }


# --- one row --------------------------------------------------------------------


def feature_columns() -> list[str]:
    """Names such as ``level_850Hz``, measure by measure, then ``pitch_semitones``.

    >>> feature_columns()[0], feature_columns()[-1]
    ('level_26Hz', 'hiss_dB')
    """
    of_bands = [
        f"{measure}_{frequency:.0f}Hz"
        for measure in features.MEASURES
        for frequency in features.band_frequencies()
    ]
    return of_bands + [
        f"{cue}_{unit}".replace("%", "percent").replace(" ", "_")
        for cue, unit in cues.UNITS.items()
    ]


def features_of(samples: np.ndarray) -> np.ndarray:
    """One row of the table, (features,), for ``samples`` at features.SAMPLING_RATE.

    Raises ValueError for a sound that is silent or shorter than one window. Lesson 1,
    section 6.

    >>> noise = np.random.default_rng(0).normal(0, 0.1, features.SAMPLING_RATE)
    >>> features_of(noise).shape
    (1048,)
    """
    levels, repeats = features.mel_levels(samples), features.repetition(samples)
    measures = features.measure(levels, features.pitch_strength(repeats))
    of_cues = cues.cues_of(levels, repeats)
    return np.concatenate([measures.T.reshape(-1), of_cues])


def rounded(values: np.ndarray) -> np.ndarray:
    """``values`` (rows, features) with the decimals of the table.

    >>> row = np.full((1, len(feature_columns())), 1.23456)
    >>> rounded(row)[0, [0, -1]].tolist()  # a level, and the cue "hiss"
    [1.2, 1.23]
    """
    decimals = np.repeat(list(features.DECIMALS.values()), features.BANDS)
    scale = 10.0 ** np.concatenate([decimals, list(cues.DECIMALS.values())])
    return np.round(values * scale) / scale + 0.0  # no minus zero


def by_band(rows: np.ndarray) -> np.ndarray:
    """The bands' part of ``rows`` (rows, features, ...): (rows, bands, measures, ...).

    >>> by_band(np.zeros((2, len(feature_columns()), 8))).shape
    (2, 128, 8, 8)
    """
    shape = (len(rows), len(features.MEASURES), features.BANDS, *rows.shape[2:])
    return np.swapaxes(rows[:, :BAND_FEATURES].reshape(shape), 1, 2)


# --- the noisy version --------------------------------------------------------


def add_noise(samples: np.ndarray, name: str, signal_to_noise: float) -> np.ndarray:
    """``samples`` with white noise at ``signal_to_noise`` dB.

    The noise is drawn with a seed made from ``name``, the file name, so it is
    the same on every run and in whatever order the recordings come.

    >>> tone = np.sin(np.arange(22_050) / 10)
    >>> noise = add_noise(tone, "a.wav", 20.0) - tone
    >>> round(10 * np.log10(np.mean(tone**2) / np.mean(noise**2)).item())
    20
    """
    generator = np.random.default_rng(zlib.crc32(name.encode()))
    noise = generator.standard_normal(len(samples), dtype=np.float32)
    signal_power = np.mean(samples**2)
    noise_power = signal_power / 10 ** (signal_to_noise / 10)
    return samples + np.sqrt(noise_power) * noise


# --- all recordings -----------------------------------------------------------


def rows_of_file(folder: Path, path: str) -> np.ndarray | str:
    """The rows of one recording, (versions, features), or what is wrong with it.

    >>> rows_of_file(Path("nowhere"), "no_file.wav")
    'no_file.wav is not there. Copy it again from the archive.'
    """
    try:
        samples = read_sound(Path(folder) / path, features.SAMPLING_RATE)
        name = f"{Path(path).stem}.wav"  # the same noise for a copy as .WAV or .flac
        noisy = add_noise(samples, name, SIGNAL_TO_NOISE)
        return np.stack([features_of(samples), features_of(noisy)])
    except ValueError as error:
        return str(error)


def extract(
    recordings: pd.DataFrame, folder: Path, jobs: int = -1
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The feature table of all ``recordings``, and the recordings that failed.

    ``recordings`` is the table of ``emoRav_data.csv``; its paths start at
    ``folder``. Uses all cores (``jobs=-1``) through joblib, or the cluster that joblib
    is set to (docs/large_corpora.md), gives the same on one, and shows progress.
    Returns the table, two rows per recording with the columns of KEYS and then the
    features, and a table (file, problem) of recordings that could not be read: one bad
    file does not end the run.

    >>> nothing = pd.DataFrame({"path": [], "emotion": [], "actor": []})
    >>> table, failed = extract(nothing, Path("."), jobs=1)  # doctest: +ELLIPSIS
    0 recordings ...
    >>> len(table), table.columns[0]
    (0, 'path')
    """
    results = Parallel(n_jobs=jobs, return_as="generator", batch_size=8)(
        delayed(rows_of_file)(folder, path) for path in recordings["path"]
    )
    rows, keys, failed = [], [], []
    progress = tqdm(
        results, total=len(recordings), unit=" recordings", file=sys.stdout, ncols=79
    )
    for result, record in zip(progress, recordings.itertuples(), strict=True):
        if isinstance(result, str):
            failed.append((record.path, result))
            continue
        rows.append(result)
        keys += [(record.path, v, record.emotion, record.actor) for v in VERSIONS]
    values = np.concatenate(rows) if rows else np.empty((0, len(feature_columns())))
    table = pd.concat(
        [
            pd.DataFrame(keys, columns=KEYS),
            pd.DataFrame(rounded(values), columns=feature_columns()),
        ],
        axis=1,
    )
    return table, pd.DataFrame(failed, columns=["file", "problem"])


def extract_in_parts(
    recordings: pd.DataFrame, folder: Path, target: Path, size: int = 1000
) -> pd.DataFrame:
    """:func:`extract`, ``size`` recordings at a time, each part a file in ``target``.

    For a corpus whose table is too large to be made in one go. ``target`` is a folder
    whose name ends in ``.parquet``; ``tables.load_features`` reads it as one table. A
    part that is there already is not made again, so a run that was interrupted goes
    on where it stopped. Returns the table (file, problem) of the recordings that
    failed. Raises ValueError, with the remedy, if a part was made from other
    recordings. Needs pyarrow. docs/large_corpora.md.

    >>> nothing = pd.DataFrame({"path": [], "emotion": [], "actor": []})
    >>> extract_in_parts(nothing, Path("."), Path("table.csv"))
    Traceback (most recent call last):
    ValueError: table.csv is to hold parts of a table. Let its name end in .parquet.
    """
    target = Path(target)
    if target.suffix != ".parquet":
        raise ValueError(
            f"{target.name} is to hold parts of a table. Let its name end in .parquet."
        )
    failed = [pd.DataFrame(columns=["file", "problem"])]
    for number, start in enumerate(range(0, len(recordings), size)):
        part = recordings.iloc[start : start + size]
        file, problems = (
            target / name
            for name in (f"part_{number:05d}.parquet", f"_problems_{number:05d}.csv")
        )
        if not file.is_file():
            print(f"recordings {start + 1} to {start + len(part)}", flush=True)
            table, of_part = extract(part, folder)
            with written_whole(problems) as draft:
                of_part.to_csv(draft, index=False)
            save_parquet(table, file)
        of_part = pd.read_csv(problems)
        made = set(pd.read_parquet(file, columns=["path"])["path"])
        if made != set(part["path"]) - set(of_part["file"]):
            raise ValueError(
                f"{file.name} in {target.name} was made from other recordings, or with "
                f"another size of parts. Delete the folder {target.name}, and run this "
                "again."
            )
        failed.append(of_part)
    return pd.concat(failed, ignore_index=True)


def save_parquet(table: pd.DataFrame, path: Path) -> Path:
    """Write a table of features in single precision, as it is read; returns ``path``.

    A third of the space of a CSV, and read in a moment. Needs pyarrow.

    >>> save_parquet(table, Path("table.parquet")).name  # doctest: +SKIP
    'table.parquet'
    """
    small = table.astype(dict.fromkeys(feature_columns(), np.float32))
    with written_whole(path) as draft:
        small.to_parquet(draft, index=False)
    return Path(path)
