"""What a corpus of 1,000, 10,000 and 100,000 recordings takes, in time and memory.

Each step is measured at two sizes, each in a process of its own, and a straight line
through the two gives the rest: what is said of 1,000 to 100,000 recordings is
extrapolated. Sound is that of RAVDESS; tables are its rows over and over, with other
numbers in each. Everything runs in one process, so that processes can be multiplied.

    python benchmarks/scaling.py STEP RECORDINGS    one measurement, as JSON
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from timing import ROOT
from xai4ser import extraction, tables
from xai4ser.ravdess import RAVDESS

MANY = (1000, 10_000, 100_000)
TWICE = 2  # rows of the table per recording


def measure() -> dict:
    """Everything under "large corpora" in ``benchmarks/results.json``."""
    result = {}
    for name, (_, sizes) in STEPS.items():
        found = []
        for size in sizes:
            print(f"  {name}, {size} recordings", flush=True)
            command = [sys.executable, __file__, name, str(size)]
            ran = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
            found.append(json.loads(ran.stdout.splitlines()[-1]))
        result[name] = {
            "measured": dict(zip(map(str, sizes), found, strict=True)),
            "extrapolated": {
                str(many): {
                    what: round(line(sizes, [f[what] for f in found], many), 4)
                    for what in found[0]
                }
                for many in MANY
            },
        }
    return result


def line(sizes, values, at: int) -> float:
    """Where the straight line through two measurements stands at ``at``.

    >>> line((100, 300), (2.0, 4.0), 1000)
    11.0
    """
    slope = (values[1] - values[0]) / (sizes[1] - sizes[0])
    return float(values[1] + slope * (at - sizes[1]))


def one(step: str, recordings: int) -> dict:
    """Seconds, and the most memory that the process has held, packages included."""
    prepare, _ = STEPS[step]
    action = prepare(recordings)
    start = time.perf_counter()
    more = action()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "memory (GB)": peak_memory(), **more}


def peak_memory() -> float:
    """The most memory that this process has held, in GB.

    On Linux from /proc: ``getrusage`` there also counts what the process that started
    this one had held.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        held = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(held.group(1)) / 1e6
    import resource  # not on Windows

    unit = 1e9 if sys.platform == "darwin" else 1e6  # bytes or kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


# --- the steps ------------------------------------------------------------------
# Each prepares, and returns what is to be measured.


def extracting(recordings: int):
    from disturbances import complete

    found = complete()
    part = found.table.iloc[:recordings]
    extraction.extract(part.iloc[:4], found.folder, jobs=1)

    def action():
        extraction.extract(part, found.folder, jobs=1)
        return {}

    return action


def many_rows(recordings: int):
    """The table of RAVDESS over and over, with other numbers in each row.

    Rows that are there twice would be packed away by parquet.
    """
    table = tables.load_features(RAVDESS.home.features, RAVDESS)
    columns = extraction.feature_columns()
    which = np.resize(np.arange(len(table)), TWICE * recordings)
    many = table.iloc[which].reset_index(drop=True)
    values = many[columns].to_numpy()
    noise = np.random.default_rng(0).standard_normal(values.shape, dtype=np.float32)
    values = extraction.rounded(values + 0.1 * values.std(axis=0) * noise)
    many[columns] = values.astype(np.float32)
    return many


def writing(suffix: str):
    def prepare(recordings: int):
        table = many_rows(recordings)
        folder = Path(tempfile.mkdtemp())
        path = folder / f"features{suffix}"

        def action():
            if suffix == ".parquet":
                extraction.save_parquet(table, path)
            else:
                table.to_csv(path, index=False)
            size = path.stat().st_size / 1e9
            path.unlink()
            folder.rmdir()
            return {"file (GB)": size}

        return action

    return prepare


def reading(suffix: str):
    def prepare(recordings: int):
        import pandas as pd

        path = Path(tempfile.mkdtemp()) / f"features{suffix}"
        write = (
            "import sys; sys.path[:0] = ['benchmarks']; import scaling; "
            f"from xai4ser import extraction; t = scaling.many_rows({recordings}); "
        ) + (
            f"extraction.save_parquet(t, {str(path)!r})"
            if suffix == ".parquet"
            else f"t.to_csv({str(path)!r}, index=False)"
        )
        # In another process, whose memory does not count here.
        subprocess.run([sys.executable, "-c", write], check=True, cwd=ROOT)

        def action():
            table = (
                pd.read_parquet(path)
                if suffix == ".parquet"
                else pd.read_csv(path, low_memory=False)
            )
            table.astype(dict.fromkeys(extraction.feature_columns(), np.float32))
            path.unlink()
            path.parent.rmdir()
            return {}

        return action

    return prepare


def explaining(recordings: int):
    from xai4ser import evidence, models, shapley

    model, _ = models.load(RAVDESS.home.models)
    table = many_rows(recordings)
    inputs = table[extraction.feature_columns()].to_numpy(np.float32)[::TWICE]
    background = inputs[:100]
    shapley.explain(model, inputs[:64], background, 16)  # traces the graph

    def action():
        """A thousand at a time, of which the sums of the items are kept."""
        kept = [
            evidence.sums_of_items(
                shapley.explain(
                    model, inputs[start : start + 1000], background, 16
                ).values
            ).astype(np.float32)
            for start in range(0, len(inputs), 1000)
        ]
        return {"kept (GB)": sum(part.nbytes for part in kept) / 1e9}

    return action


STEPS = {
    "extraction": (extracting, (240, 960)),
    "writing the table as CSV": (writing(".csv"), (1000, 4000)),
    "reading the table as CSV": (reading(".csv"), (1000, 4000)),
    "writing the table as parquet": (writing(".parquet"), (2000, 8000)),
    "reading the table as parquet": (reading(".parquet"), (2000, 8000)),
    "attributions by item, 16 samples": (explaining, (1000, 3000)),
}

if __name__ == "__main__":
    step, recordings = sys.argv[1:]
    print(json.dumps(one(step, int(recordings))))
