"""`make check` says what is wrong with a machine, and what puts it right."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

import check_machine
import recordings
from conftest import REPO


def test_on_this_machine():
    """Here everything is there, or the other tests would not run."""
    done = subprocess.run(
        [sys.executable, REPO / "tools" / "check_machine.py"],
        capture_output=True,
        text=True,
    )
    *lines, last = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout
    assert last == "This machine is ready."
    assert {line.split()[0] for line in lines} <= {"OK", "NOTE"}
    for about in ("Python", "packages", "TensorFlow", "files", "JupyterLab", "memory"):
        assert any(line.split()[1] == about for line in lines), about
    assert done.stderr == ""


@pytest.mark.parametrize(("version", "verdict"), [((3, 10), "FAIL"), ((3, 12), "OK")])
def test_python(version, verdict, monkeypatch):
    fake = SimpleNamespace(version_info=(*version, 1), maxsize=2**63)
    monkeypatch.setattr(check_machine, "sys", fake)
    line = check_machine.check_python()
    assert line.verdict == verdict
    assert ("install Python 3.11" in line.text) == (verdict == "FAIL")


def test_packages(tmp_path):
    installed = importlib.metadata.version("numpy")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        f"# why\nnumpy=={installed}\nnobody==1 ; sys_platform == 'nowhere'\n"
    )
    assert check_machine.check_packages(requirements).verdict == "OK"
    requirements.write_text("numpy==0.1\nno-such-package==2  # why\n")
    line = check_machine.check_packages(requirements)
    assert line.verdict == "FAIL"
    assert f"numpy {installed}, not 0.1; no-such-package missing, not 2" in line.text
    assert "pip install -r requirements.txt" in line.text


def test_files(tmp_path):
    manifest = REPO / "trained_model" / "Speech_CNN.json"
    shutil.copytree(REPO / "trained_model", tmp_path / "trained_model")
    for name in json.loads(manifest.read_text())["sha256"]:
        if name.endswith(".csv"):
            shutil.copy(REPO / name, tmp_path)
    assert check_machine.check_files(tmp_path).verdict == "OK"
    (tmp_path / "trained_model" / "Speech_CNN.h5").write_bytes(b"another network")
    line = check_machine.check_files(tmp_path)
    assert line.verdict == "FAIL"
    assert line.text.startswith("Speech_CNN.h5 is not the file")
    (tmp_path / "trained_model" / "Speech_CNN.json").unlink()
    line = check_machine.check_files(tmp_path)
    assert line.verdict == "FAIL"
    assert "git checkout" in line.text


@pytest.mark.parametrize("named", ["", "voices"])
@pytest.mark.parametrize("complete", [True, False])
def test_recordings(named, complete, monkeypatch):
    """To have none is fine; to name a folder without them is a mistake."""
    monkeypatch.setenv("RAVDESS_DIR", named)
    monkeypatch.setattr(recordings, "look", lambda: (complete, "As the library says."))
    line = check_machine.check_recordings()
    assert line.verdict == ("OK" if complete else "FAIL" if named else "NOTE")
    assert "As the library says." in line.text


def test_recordings_in_a_folder_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("RAVDESS_DIR", str(tmp_path / "nowhere"))
    line = check_machine.check_recordings()
    assert line.verdict == "FAIL"
    assert "holds Actor_01" in line.text and "nowhere" in line.text


def test_the_range_of_pythons_is_the_same_everywhere():
    """pyproject.toml states it; make, the README and the workflow must agree."""
    makefile = (REPO / "Makefile").read_text(encoding="utf-8")
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    workflow = (REPO / ".github" / "workflows" / "tests.yml").read_text("utf-8")
    oldest, too_new = check_machine.pythons()
    assert f"(3, {oldest}) <= sys.version_info < (3, {too_new})" in makefile
    versions = [f"3.{minor}" for minor in range(oldest, too_new)]
    in_words = f"{', '.join(versions[:-1])} or {versions[-1]}"
    assert in_words in makefile and in_words in readme
    assert " ".join(f"python{version}" for version in versions[::-1]) in makefile
    tested = ", ".join(f'"{version}"' for version in versions)
    assert workflow.count(f"python: [{tested}]") == 2


def test_kernel_that_does_not_start(monkeypatch):
    import jupyter_client

    def fail(*arguments, **options):
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(jupyter_client.KernelManager, "start_kernel", fail)
    line = check_machine.check_jupyter()
    assert line.verdict == "FAIL"
    assert "no such kernel" in line.text and "ipykernel" in line.text


def test_memory_and_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(check_machine, "FREE_MEMORY", 1e6)
    monkeypatch.setattr(check_machine, "FREE_DISK", 1e9)
    assert check_machine.check_memory().verdict == "FAIL"
    assert check_machine.check_disk(tmp_path).verdict == "FAIL"


def test_timings(tmp_path):
    (line,) = check_machine.check_timings(tmp_path)
    assert (line.verdict, "make run" in line.text) == ("NOTE", True)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "timings.json").write_text('{"1_data": 41.6}')
    (line,) = check_machine.check_timings(tmp_path)
    assert (line.verdict, line.text) == ("OK", "1_data took 42 s here")


def test_a_failure_is_the_exit_status(monkeypatch, capsys):
    bad = check_machine.Line("FAIL", "disk", "full: make room")
    for name in dir(check_machine):
        if name.startswith("check_"):
            monkeypatch.setattr(check_machine, name, lambda: [])
    monkeypatch.setattr(check_machine, "check_disk", lambda: bad)
    assert check_machine.main() == 1
    said = capsys.readouterr().out
    assert "FAIL  disk         full: make room" in said
    assert "1 of these must be put right." in said
