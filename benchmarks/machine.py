"""The machine that the figures were measured on, and its clock."""

import os
import platform
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "notebooks"))  # where the library is
RUNS = 3


def seconds_of(action, *arguments) -> float:
    """Wall-clock seconds that one call takes."""
    start = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - start


def machine() -> dict:
    """Where the figures were measured."""
    return {
        "processors": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
