"""The minutes of the instructor guide, from what the lessons hold.

    python tools/plan_minutes.py          docs/instructor_guide.md

The tables between marks are made anew, and the minutes with which the text of each
section begins. Words, lines of code, figures, exercises and questions are counted,
how long the cells run was measured, and the rates stand below.
"""

import re
from pathlib import Path

import nbformat

from lesson_parts import Section, sections_of
from marks import between
from notebook_files import numbered_notebooks
from repository import ROOT
from xai4ser.files import write_text

GUIDE = "docs/instructor_guide.md"
# A lecturer speaks 120 to 150 words a minute. The others are for a class of twenty.
WORDS_A_MINUTE = 130
SECONDS_A_LINE = 4  # to read a line of code together
SECONDS_A_FIGURE = 60  # to look at it, and say what one sees
MINUTES_AN_EXERCISE = 4
MINUTES_A_QUESTION = 2
BREAK = 10

# Minutes there are: for each lesson, its core or all of it, and the share of its
# exercises and questions that are done in class. Breaks lie between lessons.
PLANS = {
    "45 minutes": (45, {3: ("core", 0)}),
    "90 minutes": (90, {2: ("core", 0), 3: ("core", 0)}),
    "180 minutes": (180, {1: ("core", 0.25), 2: ("core", 0.25), 3: ("core", 0.25)}),
    "first week, 90 minutes": (90, {1: ("all", 0.5)}),
    "second week, 90 minutes": (90, {2: ("all", 1)}),
    "third week, 90 minutes": (90, {3: ("all", 1)}),
}
SHARES = {0.25: "a quarter", 0.5: "half", 1: "all"}


def taught(section: Section) -> float:
    """Minutes for the text, the code and the figures; cells run while one speaks."""
    spoken = section.words / WORDS_A_MINUTE
    looked = section.lines * SECONDS_A_LINE + section.figures * SECONDS_A_FIGURE
    return max(spoken + looked / 60, section.seconds / 60)


def practised(section: Section) -> float:
    """Minutes for all exercises and questions."""
    return (
        section.exercises * MINUTES_AN_EXERCISE + section.questions * MINUTES_A_QUESTION
    )


def is_frame(section: Section) -> bool:
    """The opening, the set-up and the close, which belong to every plan."""
    name = re.sub(r"^\d+\. ", "", section.title)
    return not re.match(r"\d+\. ", section.title) or name in (
        "Set-up",
        "What you can now answer",
    )


def minutes_of(sections: list[Section], part: str, share: float) -> float:
    """The core of a lesson or all of it, with a share of what is to be practised."""
    chosen = [s for s in sections if part == "all" or s.is_core() or is_frame(s)]
    return sum(taught(s) + share * practised(s) for s in chosen)


def lessons(root: Path = ROOT) -> dict[int, list[Section]]:
    """The sections of every lesson there is, by its number."""
    return {
        int(path.name[0]): sections_of(nbformat.read(path, as_version=4))
        for path in numbered_notebooks(root)
    }


def numbers(sections: list[Section]) -> str:
    """The numbers of sections, such as "1 to 4, 6"."""
    runs = []
    for number in (int(s.title.split(".")[0]) for s in sections):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(
        f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs
    )


def lessons_table(found: dict[int, list[Section]]) -> str:
    rows = [
        "",
        "| lesson | core: sections ● | core | all sections | exercises and questions "
        "| the whole lesson | of this, cells run |",
        "|---|---|---|---|---|---|---|",
    ]
    for number, sections in found.items():
        core = [section for section in sections if section.is_core()]
        rows.append(
            f"| {number} | {numbers(core)} | {minutes_of(sections, 'core', 0):.0f} | "
            f"{minutes_of(sections, 'all', 0):.0f} | "
            f"{sum(map(practised, sections)):.0f} | "
            f"{minutes_of(sections, 'all', 1):.0f} | "
            f"{sum(s.seconds for s in sections) / 60:.0f} |"
        )
    return "\n".join([*rows, ""])


def has_breaks(lessons_of_plan: dict) -> bool:
    """Three lessons in one sitting need breaks between them."""
    return len(lessons_of_plan) > 2


def minutes_of_plan(lessons_of_plan: dict, found: dict) -> float:
    parts = [
        minutes_of(found[number], part, share)
        for number, (part, share) in lessons_of_plan.items()
    ]
    return sum(parts) + has_breaks(lessons_of_plan) * BREAK * (len(parts) - 1)


def plans_table(found: dict[int, list[Section]]) -> str:
    rows = ["", "| there are | teach | that takes |", "|---|---|---|"]
    for name, (_, lessons_of_plan) in PLANS.items():
        said = [
            f"{'the core' if part == 'core' else 'all'} of lesson {number}"
            for number, (part, _) in lessons_of_plan.items()
        ]
        (share,) = {share for _, share in lessons_of_plan.values()}
        if share:
            said.append(f"{SHARES[share]} of the exercises and questions")
        said += [f"breaks of {BREAK} minutes"] * has_breaks(lessons_of_plan)
        minutes = minutes_of_plan(lessons_of_plan, found)
        rows.append(f"| {name} | {'; '.join(said)} | {minutes:.0f} minutes |")
    return "\n".join([*rows, ""])


def rates() -> str:
    return (
        f"\n{WORDS_A_MINUTE} words a minute, {SECONDS_A_LINE} s for a line of code, "
        f"{SECONDS_A_FIGURE} s for a figure, {MINUTES_AN_EXERCISE} minutes for an "
        f"exercise, {MINUTES_A_QUESTION} for a question.\n"
    )


def with_minutes(guide: str, found: dict[int, list[Section]]) -> str:
    """The guide with its tables and minutes made anew."""
    guide = between(guide, "lessons", lessons_table(found))
    guide = between(guide, "plans", plans_table(found))
    guide = between(guide, "rates", rates())
    for number, sections in found.items():
        for section in sections:
            needed = max(1, round(taught(section) + practised(section)))
            unit = "minute" if needed == 1 else "minutes"
            heading = rf"(^## (?:Notebook|Lesson) {number}\n(?:(?!^## ).)*?^### "
            heading += rf"{re.escape(section.title)}\n\n)\d+ minutes?"
            guide = re.sub(
                heading, rf"\g<1>{needed} {unit}", guide, flags=re.M | re.DOTALL
            )
    return guide


def renew(root: Path = ROOT) -> None:
    """Write the guide with its minutes made anew, if there is one."""
    guide = root / GUIDE
    if guide.is_file():
        text = guide.read_text(encoding="utf-8")
        write_text(guide, with_minutes(text, lessons(root)))


if __name__ == "__main__":
    renew()
    print(f"{GUIDE}: minutes made anew")
