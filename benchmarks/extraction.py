"""How long the features take: a plain loop, and this library on one and all cores."""

import statistics
import time

from machine import RUNS, seconds_of


def measure() -> dict:
    """Features of every sixth recording: a plain loop, ours on one and all cores."""
    from xai4ser import corpus, features

    found = corpus.find_recordings()
    if not found.complete:
        raise SystemExit("The extraction is measured on the complete RAVDESS.")
    part = found.table.iloc[::6]
    times = {"plain loop": [], "ours, one core": [], "ours, all cores": []}
    features.extract(part.iloc[:8], found.folder)  # starts the worker processes
    for _ in range(RUNS):
        times["plain loop"].append(seconds_of(plain_loop, part, found.folder))
        times["ours, one core"].append(
            seconds_of(features.extract, part, found.folder, 1)
        )
        times["ours, all cores"].append(
            seconds_of(features.extract, part, found.folder, -1)
        )
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        "recordings": len(part),
        "seconds": medians,
        "ratio to the plain loop": {
            name: value / medians["plain loop"] for name, value in medians.items()
        },
        "milliseconds per recording and step": steps_of_extraction(part, found.folder),
    }


def plain_loop(part, folder) -> None:
    """The same work as a student would first write it: one version after another."""
    import librosa

    from xai4ser import features

    for version in features.VERSIONS:
        for path in part["path"]:
            samples, _ = librosa.load(folder / path, sr=features.SAMPLING_RATE)
            if version == "noisy":
                samples = features.add_noise(samples, path, features.SIGNAL_TO_NOISE)
            power = librosa.feature.melspectrogram(
                y=samples,
                sr=features.SAMPLING_RATE,
                n_fft=features.WINDOW,
                hop_length=features.HOP,
                n_mels=features.BANDS,
                fmax=features.HIGHEST,
            )
            levels = librosa.power_to_db(power, amin=1e-10, top_db=None).T
            features.measure(levels, features.pitch_strength(samples))


def steps_of_extraction(part, folder) -> dict:
    """Where the time of one recording in both versions goes, on one core."""
    import librosa
    import soundfile

    from xai4ser import features

    spent = dict.fromkeys(
        ("decoding", "resampling", "mel levels", "pitch strength", "measures"), 0.0
    )

    def timed(step, action, *arguments, **options):
        start = time.perf_counter()
        result = action(*arguments, **options)
        spent[step] += 1000 * (time.perf_counter() - start) / len(part)
        return result

    for path in part["path"]:
        sound, rate = timed("decoding", soundfile.read, folder / path, dtype="float32")
        sound = sound if sound.ndim == 1 else sound.mean(axis=1)
        samples = timed(
            "resampling",
            librosa.resample,
            sound,
            orig_sr=rate,
            target_sr=features.SAMPLING_RATE,
        )
        for version in (samples, features.add_noise(samples, path, 20.0)):
            levels = timed("mel levels", features.mel_levels, version)
            strength = timed("pitch strength", features.pitch_strength, version)
            timed("measures", features.measure, levels, strength)
    return spent
