"""How long each lesson takes to import what it imports."""

import os
import statistics
import subprocess
import sys

from timing import ROOT, RUNS, seconds_of

IMPORTS = {
    "lesson 1": "extraction, find, plots, tables",
    "lesson 2": "extraction, models, network, plots, scoring, split, tables",
    "lesson 3": "evidence, models, network, plots, shapley, split, tables",
}


def measure() -> dict:
    """Median seconds, each in a new process."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "notebooks")}

    def start(names):
        command = [sys.executable, "-c", f"from xai4ser import {names}"]
        subprocess.run(command, env=environment, check=True, capture_output=True)

    return {
        lesson: statistics.median(seconds_of(start, names) for _ in range(RUNS))
        for lesson, names in IMPORTS.items()
    }
