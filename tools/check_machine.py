"""Is this machine ready for the course? One line each, OK, NOTE or FAIL.

    python tools/check_machine.py

A FAIL stops the course and says what puts it right; a NOTE does not. The exit
status is 1 if anything fails. Only what a student installs is needed.
"""

import hashlib
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

import recordings
from repository import ROOT

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


def pythons() -> tuple[int, int]:
    """The first Python 3 that serves, and the first that no longer does.

    Without tomllib, which is missing in a Python that is too old.
    """
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', text)
    return int(found[1]), int(found[2])


def check_python() -> Line:
    version = ".".join(map(str, sys.version_info[:3]))
    oldest, too_new = pythons()
    if not (3, oldest) <= sys.version_info[:2] < (3, too_new):
        serve = f"3.{oldest} to 3.{too_new - 1}"
        remedy = f"install Python {serve}, remove .venv, and run make again"
        return Line("FAIL", "Python", f"{version}: {remedy}")
    if sys.maxsize < 2**32:
        return Line("FAIL", "Python", "32 bits: TensorFlow needs a 64-bit Python")
    return Line("OK", "Python", version)


def pins(requirements: Path) -> dict[str, str]:
    """The packages that a student installs on this machine, with their versions."""
    from packaging.requirements import Requirement

    lines = (re.sub(r"#.*", "", line).strip() for line in requirements.open())
    wanted = [Requirement(line) for line in lines if line and line[0] != "-"]
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
    """The shipped network and tables against the manifest's checksums."""
    remedy = "run: git checkout -- speech_features.csv emoRav_data.csv trained_model"
    try:
        manifest = json.loads((root / "trained_model" / "Speech_CNN.json").read_text())
        for name, expected in manifest["sha256"].items():
            folder = root if name.endswith(".csv") else root / "trained_model"
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
            if found != expected:
                text = f"{name} is not the file that the manifest names; retrain, or "
                return Line("FAIL", "files", text + remedy)
    except (OSError, ValueError, KeyError) as error:
        return Line("FAIL", "files", f"{type(error).__name__} {error}: {remedy}")
    names = " and ".join(manifest["sha256"])
    return Line("OK", "files", f"{names} have the manifest's checksums")


def check_recordings() -> Line:
    """The recordings are optional, but a folder that was named must be right."""
    named = os.environ.get("RAVDESS_DIR")
    try:
        complete, seen = recordings.look()
    except FileNotFoundError as error:
        complete, seen = False, str(error)
    if complete:
        return Line("OK", "recordings", seen)
    if named:
        remedy = "it must name the folder that holds Actor_01 to Actor_24, or be unset"
        return Line("FAIL", "recordings", f"RAVDESS_DIR names {named}. {seen} {remedy}")
    fine = "This is fine: the notebooks use stand-in voices (data/README.md)"
    return Line("NOTE", "recordings", f"{seen} {fine}")


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
