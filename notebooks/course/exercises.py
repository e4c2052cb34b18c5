"""Exercises and questions: check an answer, give a hint, show the solution.

A student's cell gives a name an answer and has it checked::

    share = ...
    exercises.check("1.2", share, counts)

As long as the answer is ``...`` the check says "not attempted". A wrong answer is
told why it is wrong, if it is one of those that many people give, and a right one
why it matters. Whatever the verdict, ``check(...).answer`` is a right answer, the
student's or else the reference's, so that the cells below can go on with it.

The exercises stand in ``tasks/``, each with its reference solution, and the
questions in ``questions.toml``. The folded hints and solutions in the notebooks are
made from these two files by ``tools/solutions.py``.
"""

import ast
import inspect
import textwrap
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from course.tasks import TASKS, Task
from xai4ser import plots
from xai4ser.ravdess import EMOTIONS

QUESTIONS_FILE = Path(__file__).with_name("questions.toml")
NOT_ATTEMPTED, WRONG, RIGHT = "not attempted", "not yet", "right"
SYMBOLS = {NOT_ATTEMPTED: "○", WRONG: "✘", RIGHT: "✔"}
EDGES = {
    NOT_ATTEMPTED: plots.SKY_BLUE,
    WRONG: plots.VERMILION,
    RIGHT: plots.GREEN,
}


# --- what a student calls -----------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What the check says of an answer.

    number   of the exercise, such as "1.2"
    verdict  "not attempted", "not yet" or "right"
    text     the reason, in a sentence or two
    answer   the student's if it is right, else the reference's
    """

    number: str
    verdict: str
    text: str
    answer: Any

    def __repr__(self) -> str:
        lines = [f"{SYMBOLS[self.verdict]} Exercise {self.number}: {self.verdict}."]
        lines.append(self.text)
        if self.verdict != RIGHT:
            lines.append(f'A hint: exercises.hint("{self.number}")')
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        inside = escape(self.text)
        if self.verdict != RIGHT:
            hint_text = escape(TASKS[self.number].hint)
            inside += f"<details><summary>Hint</summary>{hint_text}</details>"
        return _box(
            f'<span aria-hidden="true">{SYMBOLS[self.verdict]}</span> '
            f"<b>Exercise {self.number}: {self.verdict}.</b> {inside}",
            EDGES[self.verdict],
        )


@dataclass(frozen=True)
class Note:
    """A title and a text, perhaps with code, for :func:`hint` and :func:`solution`."""

    title: str
    text: str
    code: str = ""

    def __repr__(self) -> str:
        return "\n\n".join(filter(None, (self.title, self.code, self.text)))

    def _repr_html_(self) -> str:
        code = f"<pre><code>{escape(self.code)}</code></pre>" if self.code else " "
        return _box(
            f"<b>{escape(self.title)}.</b>{code}{escape(self.text)}",
            plots.SKY_BLUE,
        )


def _box(inside: str, colour: str) -> str:
    style = f"border-left: 0.4em solid {colour}; padding: 0.3em 0.8em; margin: 0.3em 0"
    return f'<div role="status" style="{style}">{inside}</div>'


def check(number: str, answer: Any, *data: Any) -> Result:
    """Compare ``answer`` with what the reference solution makes of ``data``.

    ``number`` is that of the exercise, ``data`` what the cell in the notebook hands
    over, in that order. An answer that is a curve is drawn beside the expected one.
    Raises ValueError for an exercise that does not exist, TypeError for missing data,
    both with the remedy.
    """
    task = _task(number)
    try:
        reference = _reference(task, data)
    except (ValueError, KeyError) as error:
        lacking = [emotion for emotion in EMOTIONS if f"'{emotion}'" in str(error)]
        if not lacking:
            raise
        text = f"It asks about {lacking[0]}, an emotion that this corpus does not have."
        return Result(number, NOT_ATTEMPTED, text, None)
    if task.draw:
        _draw_beside(task, answer, reference)
    if is_stub(task, answer):
        text = "Replace the ... above by your answer, then run the cell again."
        return Result(number, NOT_ATTEMPTED, text, reference)
    with np.errstate(all="ignore"):  # a wrong answer may divide by zero
        reason = _reason(task, answer, reference, data)
    if reason:
        return Result(number, WRONG, reason, reference)
    return Result(number, RIGHT, task.why, answer)


def hint(number: str) -> Note:
    """A push in the right direction, for exercise ``number``."""
    task = _task(number)
    return Note(f"Hint for exercise {number}", task.hint)


def solution(number: str) -> Note:
    """The reference solution of exercise ``number``, and why it matters."""
    task = _task(number)
    return Note(f"Solution of exercise {number}", task.why, solution_code(task))


def _task(number: str) -> Task:
    if number not in TASKS:
        raise ValueError(
            f'There is no exercise "{number}". There are: {", ".join(TASKS)}.'
        )
    return TASKS[number]


def _reference(task: Task, data: tuple) -> Any:
    if task.cases or task.options:
        return task.answer
    try:
        inspect.signature(task.answer).bind(*data)
    except TypeError:
        names = ", ".join(["your answer", *inspect.signature(task.answer).parameters])
        raise TypeError(
            f'Exercise {task.number} is checked with: exercises.check("{task.number}", '
            f"{names}). Restore the last line of its cell."
        ) from None
    return task.answer(*data)


# --- right or wrong, and why ---------------------------------------------------


def is_stub(task: Task, answer: Any) -> bool:
    """Whether the answer is still ``...``, or a function that returns it."""
    if task.cases and callable(answer):
        try:
            return answer(*task.cases[0]) is ...
        except Exception:
            return False
    return answer is ...


def fits(answer: Any, reference: Any, tolerance: float, least: float = 0.0) -> bool:
    """Whether two answers agree: to ``tolerance`` of the largest value, for numbers.

    Numbers that differ by no more than ``least`` agree in any case. Letters of either
    case are one, and tables may have their rows and columns in another order.
    """
    if isinstance(reference, str):
        return isinstance(answer, str) and _plain(answer) == _plain(reference)
    if isinstance(reference, pd.DataFrame) and isinstance(answer, pd.DataFrame):
        if not _same_labels(answer, reference):
            return False
        answer = answer.reindex_like(reference)
    found, expected = _numbers(answer), _numbers(reference)
    if found is None or found.shape != expected.shape:
        return False
    margin = max(least, tolerance * np.abs(expected).max(initial=0))
    return bool(np.all(np.abs(found - expected) <= margin))


def _same_labels(answer: pd.DataFrame, reference: pd.DataFrame) -> bool:
    """Whether two tables have the same rows and columns, in whatever order."""
    return all(
        len(found) == len(expected) and set(found) == set(expected)
        for found, expected in zip(answer.axes, reference.axes, strict=True)
    )


def _plain(text: str) -> str:
    return text.strip().casefold()


def _numbers(value: Any) -> np.ndarray | None:
    """``value`` as an array of floats; None if it does not consist of numbers."""
    if isinstance(value, str) or callable(value):
        return None
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return None


def _reason(task: Task, answer: Any, reference: Any, data: tuple) -> str:
    """Why the answer is wrong; empty if it is right."""
    if task.options:
        return _reason_of_choice(task, answer)
    if task.cases:
        return _reason_of_function(task, answer)
    if fits(answer, reference, task.tolerance):
        return ""
    numbers = _numbers(reference)  # a mistake may come out as zero, up to rounding
    least = 0.0 if numbers is None else 1e-6 * np.abs(numbers).max(initial=0)
    for reason, mistake in task.mistakes.items():
        if fits(answer, mistake(*data), task.tolerance, least):
            return reason
    return difference(answer, reference, task.tolerance)


def _reason_of_choice(task: Task, answer: Any) -> str:
    letters = list(task.options)
    letter = _plain(answer) if isinstance(answer, str) else None
    if letter == task.answer:
        return ""
    if letter not in letters:
        return f"Answer with one letter in quotes, from {letters[0]} to {letters[-1]}."
    return f"({letter}) {task.options[letter][1]}"


def _reason_of_function(task: Task, answer: Any) -> str:
    if not callable(answer):
        return (
            "A function is asked for. Write it with def and return, and pass its name."
        )
    outputs = []
    for case in task.cases:
        try:
            outputs.append(answer(*case))
        except Exception as error:
            return (
                f"With the input {_shown(case)} your function stops: "
                f"{type(error).__name__}: {error}."
            )

    def agrees_with(function):
        pairs = zip(outputs, task.cases, strict=True)
        return all(fits(x, function(*case), task.tolerance) for x, case in pairs)

    if agrees_with(task.answer):
        return ""
    for reason, mistake in task.mistakes.items():
        if agrees_with(mistake):
            return reason
    for output, case in zip(outputs, task.cases, strict=True):
        expected = task.answer(*case)
        if output is None:
            return "Your function returns nothing: it needs a return."
        if not fits(output, expected, task.tolerance):
            return (
                f"With the input {_shown(case)} your function gives "
                f"{_shown((output,))}, and {_shown((expected,))} is right."
            )
    return ""


def _shown(values: tuple) -> str:
    """Values as a reader would write them."""
    with np.printoptions(precision=3, suppress=True):
        return ", ".join(
            f"{v:.4g}" if isinstance(v, (int, float, np.number)) else str(v)
            for v in values
        )


def difference(answer: Any, reference: Any, tolerance: float) -> str:
    """How a wrong answer differs from the reference, without giving that away."""
    if isinstance(reference, str):
        if isinstance(answer, str):
            return f'"{answer}" is not it.'
        return 'A word in quotes is asked for, such as "calm".'
    found, expected = _numbers(answer), _numbers(reference)
    if found is None:
        return f"Numbers are asked for, and this is {_kind(answer)}."
    if isinstance(reference, pd.DataFrame) and isinstance(answer, pd.DataFrame):
        if fits(answer.T, reference, tolerance):
            return "Rows and columns are exchanged."
        if not _same_labels(answer, reference):
            return (
                f"The rows should be {', '.join(map(str, reference.index))}, the "
                f"columns {', '.join(map(str, reference.columns))}."
            )
        found = _numbers(answer.reindex_like(reference))
    if found.shape != expected.shape:
        asked = "one number" if expected.ndim == 0 else f"the shape {expected.shape}"
        given = "one number" if found.ndim == 0 else f"the shape {found.shape}"
        return f"The answer should be or have {asked}; yours is or has {given}."
    if np.isnan(found).any():
        return "There are values that are not numbers (nan) in it."
    for factor in (100, 0.01):
        if fits(found / factor, expected, tolerance):
            return (
                f"It is {factor:g} times as large as it should be: per cent or share?"
            )
    if fits(-found, expected, tolerance):
        return "The size is right and the sign is reversed."
    if found.ndim == 1 and fits(found[::-1], expected, tolerance):
        return "The values are right and in the reverse order."
    if found.ndim == 0:
        side = "large" if found > expected else "small"
        return f"{found:.4g} is too {side}."
    far = np.abs(found - expected)
    place = ", ".join(map(str, np.unravel_index(far.argmax(), far.shape)))
    return (
        f"The shape is right, the values are not: at position {place} yours is off by "
        f"{far.max():.3g}."
    )


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    return "a function" if callable(value) else f"a {type(value).__name__}"


def _draw_beside(task: Task, answer: Any, reference: np.ndarray) -> None:
    """The student's curve over the mel bands, beside the expected one."""
    from IPython.display import display

    found = _numbers(answer) if answer is not ... else None
    comparable = found is not None and found.shape == reference.shape
    title = "yours: nothing yet" if answer is ... else "yours: not one value per band"
    if comparable:
        far = np.abs(found - reference).max()
        alike = np.corrcoef(found, reference)[0, 1] if np.ptp(found) > 0 else 0
        title = f"yours: largest distance {far:.2g}, correlation {alike:.2f}"
    figure, axes = plt.subplots(1, 2, figsize=(11, 3), sharex=True, sharey=True)
    axes[1].plot(reference, color=plots.BLUE, linestyle="--")
    axes[1].set_title("expected")
    if comparable:
        axes[0].plot(found, color=plots.VERMILION)
    axes[0].set_title(title)
    axes[0].set_ylabel(task.draw)
    for ax in axes:
        plots.frequency_axis(ax, len(reference))
    display(figure)
    plt.close(figure)


# --- what stands folded in the notebooks ------------------------------------------


def solution_code(task: Task) -> str:
    """The reference solution as a student would write it in the notebook.

    Made from the source of the reference function: whole, if a function is asked
    for, else its body, whose last line gives the answer the function's name.
    """
    if task.options:
        return f'"{task.answer}"'
    source = textwrap.dedent(inspect.getsource(task.answer))
    (function,) = ast.parse(source).body
    lines = source.splitlines()
    if task.cases:
        return "\n".join(lines[function.lineno - 1 :])
    body = lines[function.body[0].lineno - 1 :]
    last = function.body[-1].lineno - function.body[0].lineno
    body[last] = body[last].replace("return", f"{function.name} =", 1)
    return textwrap.dedent("\n".join(body))


def solution_block(number: str) -> str:
    """Markdown for the box of exercise ``number``: its options; hint and solution."""
    task = _task(number)
    parts = []
    if task.options:
        parts += [
            f"* **{letter}** {text}" for letter, (text, _) in task.options.items()
        ]
        parts.append("")
        others = [
            f"**{letter}**: {because}"
            for letter, (_, because) in task.options.items()
            if letter != task.answer
        ]
        solved = [f"**{task.answer}**. {task.why}", *others]
    else:
        solved = [f"```python\n{solution_code(task)}\n```", task.why]
    parts.append(_folded("Hint", task.hint))
    parts.append(_folded("Solution", "\n\n".join(solved)))
    return "\n".join(parts)


def questions() -> dict[str, dict]:
    """The multiple-choice questions, by number, in the order of the notebooks.

    Each has ``concept``, ``text`` and ``options``, a list of dictionaries with
    ``text``, ``right`` and ``because``.
    """
    listed = tomllib.loads(QUESTIONS_FILE.read_text(encoding="utf-8"))["question"]
    return {question["number"]: question for question in listed}


def question_block(number: str) -> str:
    """Markdown for question ``number``: each option unfolds to say what is true."""
    question = questions()[number]
    parts = [
        '<div class="alert alert-block alert-warning" style="color: black">\n',
        f"**Question {number}.** {question['text']} Open the answer that you "
        "would give.\n",
    ]
    for letter, option in zip("abcdef", question["options"], strict=False):
        verdict = f"{SYMBOLS[RIGHT]} **Right.**"
        if not option["right"]:
            verdict = f"{SYMBOLS[WRONG]} **No.**"
        summary = f"<b>{letter}</b> {escape(option['text'], quote=False)}"
        parts.append(_folded(summary, f"{verdict} {option['because']}"))
    return "\n".join([*parts, "</div>"])


def _folded(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
