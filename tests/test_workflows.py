"""The public checks run the lines that a reader runs: make's targets, or Windows'."""

import re

import pytest
import yaml

from conftest import REPO

WORKFLOWS = sorted((REPO / ".github" / "workflows").glob("*.yml"))
TARGETS = re.findall(r"^(\w+):.*##", (REPO / "Makefile").read_text("utf-8"), re.M)
WINDOWS = (
    r"python -m venv .venv",
    r".venv\Scripts\python -m pip install -r requirements-dev.txt",
    r".venv\Scripts\python tools\check_machine.py",
    r".venv\Scripts\python -m pytest",
    r".venv\Scripts\python tools\run_notebooks.py run",
)


def steps_of(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_line_is_a_target_of_make_or_one_of_windows(path):
    lines = [step["run"] for step in steps_of(path) if "run" in step]
    assert lines
    for line in lines:
        known = line.startswith(WINDOWS) or line.removeprefix("make ") in TARGETS
        assert known, line


def test_every_supported_python_is_tried():
    pythons = (REPO / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">=3.11,<3.14"' in pythons
    workflow = (REPO / ".github" / "workflows" / "tests.yml").read_text("utf-8")
    assert workflow.count('["3.11", "3.12", "3.13"]') == 2
