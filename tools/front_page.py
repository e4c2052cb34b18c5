"""The first page of the site: docs/index.md with what is computed filled in."""

import json
import re
from pathlib import Path

import pandas as pd
import yaml

import launch
from course import players
from marks import between
from repository import ROOT
from xai4ser import scoring, voices
from xai4ser.ravdess import RAVDESS

VOICE = 2  # a woman; synthetic, so no recording's sound is in the site's sources


def picture(root: Path) -> str:
    """The picture of the README, described in the README's words."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"!\[.+?\]\(docs/result\.png\)", readme, re.DOTALL)
    return f"\n{shown[0]}\n"


def sound() -> str:
    """A synthetic voice, calm and angry, as two players."""
    said = [
        players.player(*voices.speak(emotion, VOICE), f"The voice, {emotion}")
        for emotion in ("calm", "angry")
    ]
    return f"\n\n{''.join(player._repr_html_() for player in said)}\n\n"


def results(root: Path) -> str:
    """The result in five lines, from the predictions and the measurements."""
    predictions = pd.read_csv(RAVDESS.home.predictions)
    of_version = {
        version: scoring.score_of_folds(rows)
        for version, rows in predictions.groupby("version")
    }
    clean, noisy = of_version["clean"], of_version["noisy"]
    low, high = clean["uar_interval"]
    measured = json.loads((root / "benchmarks" / "results.json").read_text("utf-8"))
    agreement = measured["agreement"]
    telling = agreement["telling"]
    seeds, actors = agreement["seeds"]["item"], agreement["actors"]["item"]
    cost = measured["attribution"]["ours, by samples"]["16"]
    lines = [
        f"**{clean['uar']:.0%} of an emotion's recordings** are recognised, on average "
        f"over eight emotions (UAR {clean['uar']:.2f}, 95 % interval over 24 actors "
        f"{low:.2f} to {high:.2f}; chance is 0.125), in voices that the network never "
        "heard. The recipe was chosen by the scores of twenty of these actors.",
        f"In white noise at 20 dB it is {noisy['uar']:.2f}.",
        f"**Twelve of {telling['items']} items** of evidence, with names such as "
        "*pitch range*, hold "
        f"{telling['share of the sizes in the twelve strongest (median)']:.0%} of an "
        "explanation (median).",
        f"**Trained with another seed** the network is explained alike: correlation "
        f"{seeds:.2f}. Trained on **other actors**, it is {actors:.2f}.",
        f"All 1440 recordings are explained for all eight emotions in "
        f"{cost['seconds for all 1440']:.0f} seconds, on "
        f"{measured['machine']['processors']} processor cores.",
    ]
    return "\n".join(["", *(f"* {line}" for line in lines), ""])


def get(repository: str) -> str:
    fetch = f"git clone {repository} course\ncd course\n" if repository else ""
    here = "" if repository else "In a copy of the repository:\n\n"
    return f"\n{here}```\n{fetch}make lab\n```\n"


def cite(root: Path) -> str:
    """What CITATION.cff says, in words."""
    cff = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    (ravdess,) = (work for work in cff["references"] if "doi" in work)
    authors = ", ".join(
        f"{who['family-names']} {who['given-names']}" for who in ravdess["authors"]
    )
    place = f"{ravdess['volume']}({ravdess['issue']}): {ravdess['start']}"
    return (
        f"\n*{cff['title']}*, version {cff['version']}.\n\n"
        f"Together with the recordings: {authors} ({ravdess['year']}). "
        f"{ravdess['title']}. *{ravdess['journal']}* {place}. "
        f"<https://doi.org/{ravdess['doi']}>\n"
    )


def filled(root: Path = ROOT) -> str:
    """The text of the first page."""
    repository = launch.address(root)
    text = (root / "docs" / "index.md").read_text(encoding="utf-8")
    for mark, inside in (
        ("picture", picture(root)),
        ("sound", sound()),
        ("results", results(root)),
        ("get", get(repository)),
        ("launch", launch.links_in_words(repository, root)),
        ("cite", cite(root)),
    ):
        text = between(text, mark, inside)
    return text
