"""How long it takes until a notebook's imports are done."""

import os
import statistics
import subprocess
import sys

from machine import ROOT, RUNS, seconds_of


def measure() -> dict:
    """Median seconds to import what each notebook imports, in a new process."""
    imports = {
        "notebook 1": "corpus, features, plots, tables",
        "notebook 2": "corpus, features, network, plots, split, tables",
        "notebook 3": "corpus, listen, network, plots, shapley, split, tables",
    }
    environment = os.environ | {"PYTHONPATH": str(ROOT / "notebooks")}

    def start(names):
        command = [sys.executable, "-c", f"from xai4ser import {names}"]
        subprocess.run(command, env=environment, check=True, capture_output=True)

    return {
        notebook: statistics.median(seconds_of(start, names) for _ in range(RUNS))
        for notebook, names in imports.items()
    }
