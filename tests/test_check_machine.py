"""`make check` says what is wrong with a machine, and what puts it right."""

import importlib.metadata
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

import check_machine
from conftest import REPO


@pytest.mark.training
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
    shutil.copytree(REPO / "trained_model", tmp_path / "trained_model")
    for name in ("speech_features.csv", "emoRav_data.csv"):
        text = (REPO / name).read_bytes().replace(b"\n", b"\r\n")  # as Windows may
        (tmp_path / name).write_bytes(text)
    line = check_machine.check_files(tmp_path)
    assert line.verdict == "OK", line.text
    (tmp_path / "emoRav_data.csv").write_text("path\n")
    line = check_machine.check_files(tmp_path)
    assert line.verdict == "FAIL" and "emoRav_data.csv" in line.text
    (tmp_path / "trained_model" / "Speech_CNN.h5").write_bytes(b"another network")
    line = check_machine.check_files(tmp_path)
    assert line.verdict == "FAIL"
    assert line.text.startswith("Speech_CNN.h5 is not the file")
    (tmp_path / "trained_model" / "Speech_CNN.json").unlink()
    line = check_machine.check_files(tmp_path)
    assert line.verdict == "FAIL"
    assert "git checkout" in line.text


def test_recordings(tmp_path, monkeypatch):
    """To have none is fine; to name a folder without them is a mistake."""
    from xai4ser import find, places

    monkeypatch.setenv("RAVDESS_DIR", str(tmp_path))
    line = check_machine.check_recordings()
    assert line.verdict == "FAIL" and "RAVDESS_DIR" in line.text
    for number in range(1440):  # to count files was not enough
        (tmp_path / f"{number}.wav").touch()
    assert check_machine.check_recordings().verdict == "FAIL"
    monkeypatch.delenv("RAVDESS_DIR")
    monkeypatch.setattr(places, "DATA", tmp_path / "elsewhere")
    line = check_machine.check_recordings()
    assert line.verdict == "NOTE" and line.text == str(find.look())


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
