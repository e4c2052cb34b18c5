"""From sound to a row of the table: a plain loop, and ours on one core and on all."""

import statistics
import time

import librosa
import soundfile

from timing import RUNS, load, seconds_of
from xai4ser import cues, extraction, features, find


def measure() -> dict:
    """Every sixth recording of the complete RAVDESS, both versions."""
    found = find.recordings()
    if not found.complete:
        raise SystemExit("The extraction is measured on the complete RAVDESS.")
    part, before = found.table.iloc[::6], load()
    times = {"plain loop, one core": [], "ours, one core": [], "ours, all cores": []}
    extraction.extract(part.iloc[:8], found.folder)  # starts the worker processes
    for _ in range(RUNS):
        times["plain loop, one core"].append(seconds_of(plain, part, found.folder))
        for name, jobs in (("ours, one core", 1), ("ours, all cores", -1)):
            times[name].append(seconds_of(extraction.extract, part, found.folder, jobs))
    medians = {name: statistics.median(values) for name, values in times.items()}
    plain_loop = medians["plain loop, one core"]
    return {
        "recordings": len(part),
        "load of the machine before": before,
        "seconds": medians,
        "ratio to the plain loop": {
            name: value / plain_loop for name, value in medians.items()
        },
        "two cores, of one core's time": medians["ours, all cores"]
        / medians["ours, one core"],
        "milliseconds per recording and step": steps(part, found.folder),
    }


def plain(part, folder) -> None:
    """The same work as a student would first write it: one version after another."""
    for version in extraction.VERSIONS:
        for path in part["path"]:
            samples, _ = librosa.load(folder / path, sr=features.SAMPLING_RATE)
            if version == "noisy":
                samples = extraction.add_noise(
                    samples, path, extraction.SIGNAL_TO_NOISE
                )
            power = librosa.feature.melspectrogram(
                y=samples,
                sr=features.SAMPLING_RATE,
                n_fft=features.WINDOW,
                hop_length=features.HOP,
                n_mels=features.BANDS,
                fmax=features.HIGHEST,
            )
            levels = librosa.power_to_db(power, amin=1e-10, top_db=None).T
            repeats = features.repetition(samples)
            features.measure(levels, features.pitch_strength(repeats))
            cues.cues_of(levels, repeats)


def steps(part, folder) -> dict:
    """Where the time of one recording in both versions goes, on one core."""
    spent = {}

    def timed(step, action, *arguments, **options):
        start = time.perf_counter()
        result = action(*arguments, **options)
        seconds = time.perf_counter() - start
        spent[step] = spent.get(step, 0.0) + 1000 * seconds / len(part)
        return result

    rate = features.SAMPLING_RATE
    for path in part["path"]:
        sound, original = timed(
            "decoding", soundfile.read, folder / path, dtype="float32", always_2d=True
        )
        samples = timed(
            "resampling",
            librosa.resample,
            sound.mean(axis=1),
            orig_sr=original,
            target_sr=rate,
        )
        for version in (samples, extraction.add_noise(samples, path, 20.0)):
            levels = timed("mel levels", features.mel_levels, version)
            repeats = timed("repetition", features.repetition, version)
            strength = features.pitch_strength(repeats)
            timed("measures of the bands", features.measure, levels, strength)
            timed("cues", cues.cues_of, levels, repeats)
    return spent
