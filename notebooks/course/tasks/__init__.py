"""All exercises: a file a lesson, each exercise with its reference solution."""

from course.tasks import (
    lesson_1,
    lesson_2,
    lesson_3,
    lesson_4,
    lesson_5,
    lesson_6,
    lesson_7,
)
from course.tasks.task import TASKS, Task

__all__ = [
    "TASKS",
    "Task",
    "lesson_1",
    "lesson_2",
    "lesson_3",
    "lesson_4",
    "lesson_5",
    "lesson_6",
    "lesson_7",
]
