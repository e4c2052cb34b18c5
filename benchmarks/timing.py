"""What the benchmarks share: the clock, and where they run."""

import os
import platform
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT / "notebooks") not in sys.path:
    sys.path.insert(0, str(ROOT / "notebooks"))
RUNS = 3


def seconds_of(action, *arguments) -> float:
    """Wall-clock seconds that one call takes."""
    start = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - start


def load() -> float | str:
    """How many processes wanted to compute in the last minute, ours not yet among them.

    Times are worth something where this is near 0.
    """
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else "not known"


def machine() -> dict:
    """Where the figures were measured."""
    return {
        "processors": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
