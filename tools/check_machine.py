"""Is this machine ready for the course? One line each, OK, NOTE or FAIL.

    python tools/check_machine.py

A FAIL stops the course and says what puts it right; a NOTE does not. The exit
status is 1 if anything fails. Only what a student installs is needed.
"""

import importlib.metadata
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "notebooks"))

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
BROWSERS = ("firefox", "google-chrome", "chromium", "chromium-browser")
FREE_MEMORY = 2.0  # gigabytes, for one notebook with TensorFlow
FREE_DISK = 1.0  # gigabytes, for what the notebooks write, with the recordings


@dataclass(frozen=True)
class Line:
    """One finding: OK, NOTE or FAIL, about what, and what to do."""

    verdict: str
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.verdict:4}  {self.about:12} {self.text}"


# --- the programs -------------------------------------------------------------


def check_python() -> Line:
    version = ".".join(map(str, sys.version_info[:3]))
    if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        remedy = "install Python 3.11, 3.12 or 3.13, remove .venv, and run make again"
        return Line("FAIL", "Python", f"{version}: {remedy}")
    if sys.maxsize < 2**32:
        return Line("FAIL", "Python", "32 bits: TensorFlow needs a 64-bit Python")
    return Line("OK", "Python", version)


def pins(requirements: Path) -> dict[str, str]:
    """The packages that a student installs on this machine, with their versions."""
    from packaging.requirements import Requirement

    lines = (re.sub(r"#.*|^-.*", "", line).strip() for line in requirements.open())
    wanted = [Requirement(line) for line in lines if line]
    return {
        requirement.name: str(requirement.specifier).removeprefix("==")
        for requirement in wanted
        if requirement.marker is None or requirement.marker.evaluate()
    }


def check_packages(requirements: Path = ROOT / "requirements.txt") -> Line:
    wrong = []
    wanted = pins(requirements)
    for name, version in wanted.items():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = "missing"
        if found != version:
            wrong.append(f"{name} {found}, not {version}")
    if wrong:
        remedy = "run: python -m pip install -r requirements.txt"
        return Line("FAIL", "packages", f"{'; '.join(wrong)}: {remedy}")
    return Line("OK", "packages", f"all {len(wanted)} as pinned in requirements.txt")


def check_tensorflow() -> Line:
    """Load TensorFlow in a process of its own: it may end Python altogether."""
    test = "import xai4ser, keras; print(keras.backend.backend(), keras.__version__)"
    done = subprocess.run(
        [sys.executable, "-c", test],
        cwd=ROOT / "notebooks",
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        remedy = "make a new environment as the README says"
        return Line("FAIL", "TensorFlow", f"does not load ({said}): {remedy}")
    return Line("OK", "TensorFlow", f"loads; keras {done.stdout.split()[-1]}")


def check_jupyter() -> Line:
    """A server needs a port of this machine, and a kernel of this Python."""
    try:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
    except OSError as error:
        remedy = "allow programs to listen on 127.0.0.1 (firewall, security software)"
        return Line("FAIL", "JupyterLab", f"no port can be opened ({error}): {remedy}")
    from jupyter_client import KernelManager

    manager = KernelManager(kernel_name="python3")
    try:
        manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        client.stop_channels()
    except Exception as error:  # it raises what it likes
        remedy = "run: python -m pip install --force-reinstall ipykernel"
        return Line("FAIL", "JupyterLab", f"no kernel starts ({error}): {remedy}")
    finally:
        if manager.has_kernel:
            manager.shutdown_kernel(now=True)
    return Line("OK", "JupyterLab", "a port is free and a kernel starts")


# --- the files ------------------------------------------------------------------


def check_files(root: Path = ROOT) -> Line:
    """The shipped network and tables, read and compared as the lessons do."""
    from xai4ser import files, places, tables
    from xai4ser.ravdess import RAVDESS

    place = places.Place(root)
    remedy = "run: git checkout -- speech_features.csv emoRav_data.csv trained_model"
    try:
        manifest = json.loads((place.models / "Speech_CNN.json").read_text("utf-8"))
        for name, expected in manifest["sha256"].items():
            if files.checksum(place.models / name) != expected:
                text = f"{name} is not the file that the manifest names; retrain, or "
                return Line("FAIL", "files", text + remedy)
        tables.load_recordings(place.recordings, RAVDESS)
        table = tables.load_features(place.features, RAVDESS)
        problem = tables.difference(manifest["table"], table)
    except (OSError, ValueError, KeyError) as error:
        return Line("FAIL", "files", f"{type(error).__name__} {error}: {remedy}")
    if problem:
        text = f"{place.features.name} is not the manifest's: {problem}; {remedy}"
        return Line("FAIL", "files", text)
    return Line("OK", "files", "tables and network are whole and belong together")


def check_recordings() -> Line:
    """What notebook 1 will say: nothing is made by looking."""
    from xai4ser import find

    try:
        found = find.look()
    except OSError as error:
        return Line("FAIL", "recordings", str(error))
    complete = found.recordings is not None and found.recordings.complete
    verdict = "OK" if complete and not found.to_unpack else "NOTE"
    return Line(verdict, "recordings", str(found))


def check_timings(root: Path = ROOT) -> list[Line]:
    """How long each notebook took when all were run here."""
    file = root / "build" / "timings.json"
    if not file.is_file():
        return [Line("NOTE", "run times", "not measured here yet: run `make run`")]
    timings = json.loads(file.read_text())
    return [
        Line("OK", "run times", f"{name} took {seconds:.0f} s here")
        for name, seconds in timings.items()
    ]


# --- the machine -----------------------------------------------------------------


def check_browser() -> Line:
    """JupyterLab is shown, and sound is played, by a browser."""
    known = map(shutil.which, BROWSERS)
    try:
        found = next(filter(None, known), None) or webbrowser.get().name
    except webbrowser.Error:
        text = "none found: open the address that `make lab` prints in one elsewhere"
        return Line("NOTE", "browser", text)
    text = f"{Path(found).name}; whether you hear it: play the first player of the page"
    return Line("OK", "browser", text)


def check_memory() -> Line:
    import psutil  # ipykernel brings it along

    free = psutil.virtual_memory().available / 1e9
    if free < FREE_MEMORY:
        remedy = f"close other programs; {FREE_MEMORY:.0f} GB are needed"
        return Line("FAIL", "memory", f"{free:.1f} GB free: {remedy}")
    return Line("OK", "memory", f"{free:.1f} GB free")


def check_disk(folder: Path = ROOT) -> Line:
    free = shutil.disk_usage(folder).free / 1e9
    if free < FREE_DISK:
        remedy = f"make room; {FREE_DISK:.0f} GB are needed"
        return Line("FAIL", "disk", f"{free:.1f} GB free: {remedy}")
    if not os.access(folder, os.W_OK):
        remedy = "copy the course to a folder of your own"
        return Line("FAIL", "disk", f"{folder} cannot be written to: {remedy}")
    return Line("OK", "disk", f"{free:.0f} GB free")


def main() -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    verdicts = []
    checks = (check_python, check_packages, check_memory, check_disk)
    checks += (check_tensorflow, check_files, check_recordings, check_jupyter)
    for check in (*checks, check_browser, check_timings):
        try:
            found = check()
        except ImportError as error:  # the line about packages says the remedy
            found = Line("FAIL", check.__name__.removeprefix("check_"), str(error))
        for line in found if isinstance(found, list) else [found]:
            print(line, flush=True)
            verdicts.append(line.verdict)
    failed = verdicts.count("FAIL")
    print(
        f"{failed} of these must be put right." if failed else "This machine is ready."
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
