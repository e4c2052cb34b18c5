"""What teaches: exercises and questions, players, panels, figures in words.

lesson        the set-up that the lessons share
exercises     check, hint, solution; the folded blocks of the lessons
tasks/        the exercises, a file a lesson, each with its reference solution
questions.toml  the multiple-choice questions
players       sounds at one safe level
descriptions  figures in words
panels        the explorer, the game and the own voice of lesson 5, as widgets
"""

import xai4ser  # noqa: F401  before TensorFlow, whose log level it sets
