"""What runs on GitHub is what runs here: make's targets and the README's lines."""

import re

import pytest
import yaml

from conftest import REPO

MAKEFILE = (REPO / "Makefile").read_text(encoding="utf-8")
README = (REPO / "README.md").read_text(encoding="utf-8")
WORKFLOWS = sorted((REPO / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_commands_are_those_of_the_makefile_or_the_readme(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    commands = [s["run"] for j in jobs.values() for s in j["steps"] if "run" in s]
    assert commands
    for command in commands:
        if command.startswith("make "):
            target = command.removeprefix("make ")
            assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), command
        else:
            assert command in README, command


def test_quick_on_windows_is_quick_elsewhere():
    (chosen,) = re.findall(r'pytest -m "(.*)"', MAKEFILE)
    assert f'-m "{chosen}"' in README
