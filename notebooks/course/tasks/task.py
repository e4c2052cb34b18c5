"""What an exercise is, and how the files of the lessons enter theirs.

A reference solution is a function whose parameters are the names that the notebook
has at that place and whose own name is that of the answer, so that its source can be
shown as the solution. It computes: no answer that depends on data is typed. Beside it
stand the wrong answers that many people give, each with what to tell them. See
``exercises.py`` for how they are checked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Task:
    """An exercise.

    number     notebook and position, such as "1.2"
    title      a few words
    hint       a push in the right direction
    why        why the answer matters, one or two sentences
    answer     the reference: a function of the notebook's data; the function that is
               asked for, if there are ``cases``; a letter, if there are ``options``
    mistakes   what to say -> a function that makes this mistake, as ``answer``
    cases      inputs on which a function that is asked for is tried
    options    letter -> (statement, why it is right or wrong)
    draw       label with unit of a curve over the mel bands; empty: nothing is drawn
    tolerance  share of the largest value by which numbers may differ
    """

    number: str
    title: str
    hint: str
    why: str
    answer: Any
    mistakes: dict[str, Callable] = field(default_factory=dict)
    cases: tuple = ()
    options: dict[str, tuple[str, str]] = field(default_factory=dict)
    draw: str = ""
    tolerance: float = 0.01


TASKS: dict[str, Task] = {}


def exercise(number: str, title: str, **details) -> Callable:
    """Enter the function below as the reference solution of exercise ``number``."""

    def enter(function):
        TASKS[number] = Task(number, title, answer=function, **details)
        return function

    return enter


def choice(number: str, title: str, answer: str, **details) -> None:
    """Enter a choice among options, of which the one lettered ``answer`` is right."""
    TASKS[number] = Task(number, title, answer=answer, **details)
