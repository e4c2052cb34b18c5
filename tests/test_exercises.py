"""Every reference solution is right, every wrong answer is told why it is wrong."""

import ast
import re

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_score, recall_score

import solutions
from conftest import REPO
from course import exercises
from course.exercises import NOT_ATTEMPTED, RIGHT, WRONG
from course.tasks import TASKS
from xai4ser import features
from xai4ser.ravdess import EMOTIONS, RAVDESS

PATHS = sorted((REPO / "notebooks").glob("[1-9]_*.ipynb"))
LEAST = {1: 6, 2: 6, 3: 6, 4: 3, 5: 3, 6: 3, 7: 3}  # exercises in each notebook
generator = np.random.default_rng(0)
every_task = pytest.mark.parametrize("number", TASKS)


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    assert not plt.get_fignums(), "a figure was left open"


# --- small data like those of the notebooks ------------------------------------------


class Tensor(np.ndarray):
    """An array that has to be asked for its numbers, as TensorFlow's."""

    def numpy(self):
        return np.asarray(self)


def scores(recordings):
    """Eight scores that sum to zero, not linear in the recordings (n, bands, m)."""
    mixed = recordings.reshape(len(recordings), -1)[:, :24].reshape(-1, 8, 3)
    raw = np.exp(mixed[..., 0]) + 2 * mixed[..., 1]
    return (raw - raw.mean(axis=1, keepdims=True)).view(Tensor)


class Explanation:
    values = generator.normal(size=(6, 40, 8))
    base_values = np.tile(generator.normal(size=8), (6, 1))


def table_of_features():
    paths = [f"Actor_{a:02d}/{n}.wav" for a in (1, 2, 3) for n in range(20)]
    table = pd.DataFrame({"path": np.repeat(paths, 2)})
    return table.assign(actor=table["path"].str[6:8].astype(int))


FRAMES = (
    -60
    + 15 * generator.normal(size=(40, features.BANDS))
    + np.linspace(30, 0, features.BANDS)
)
FRAMES[30:] = -90  # silence
COUNTS = pd.Series([96] + [192] * 7, index=EMOTIONS)
SAMPLES = 0.1 * generator.normal(size=2000) + 0.05
TRUTH = np.repeat(np.arange(8), [5] + [10] * 7)
ANSWERS = np.where(generator.random(75) < 0.6, TRUTH, generator.integers(0, 8, 75))
CONFUSIONS = pd.DataFrame(10 * np.eye(8, dtype=int), index=EMOTIONS, columns=EMOTIONS)
CONFUSIONS.loc["disgust", "angry"], CONFUSIONS.loc["happy", "disgust"] = 5, 7
PREDICTIONS = pd.DataFrame(
    {
        "emotion": np.array(EMOTIONS)[TRUTH],
        "predicted": np.array(EMOTIONS)[ANSWERS],
        "right": TRUTH == ANSWERS,
    }
)
SEX = np.where(np.arange(75) % 2, "women", "men")
BY_BAND = generator.normal(size=(12, features.BANDS, 8, 8))
REGIONS = {"low": (0, 300), "middle": (300, 4000), "high": (4000, 12_000)}
OF_REGIONS = generator.normal(size=(3, 8))
OF_REGIONS[:, 3] = 0.1, 0.9, -0.4  # sad
OF_REGIONS[0, 4] = 5.0  # angry
CALM = generator.normal(size=(7, features.BANDS, 8))
NAMES = list(EMOTIONS)
AREAS_OF = {
    "SHAP": np.array([1.0, 1.0, 3.0, 1.0, 2.0, 4.0]),
    "unusual features": np.array([2.0, 2.0, 1.0, 5.0, 1.5, 3.0]),
    "random": np.array([3.0, 0.5, 4.0, 3.0, 1.0, 5.0]),
}
OF_ITEMS, BASE_VALUES = (
    np.random.default_rng(7).normal(size=size) for size in ((48, 8), 8)
)
RESULTS = pd.DataFrame(
    {
        "left out": ["usual level"] * 5 + ["silenced"] * 5,
        "recording": [4.0, 3.0, 2.0, 5.0, 1.0] * 2,
        "without the 24 most for": [1.0, 2.0, 2.5, 2.0, 1.5] * 2,
        "without the 24 most against": [5.0, 4, 2.5, 6, 0.5, 4.5, 3.5, 1.5, 1, 1.5],
    }
).melt("left out", var_name="version", value_name="score")
STRONGEST = pd.DataFrame({"at home": [1.0, 0.5, 0.2], "elsewhere": [0.1, 0.5, 0.1]})
STRONGEST["carries"] = STRONGEST["elsewhere"] / STRONGEST["at home"]

DATA = {
    "1.1": ("03-01-06-02-01-02-17.wav",),
    "1.2": (COUNTS, "happy"),
    "1.4": (FRAMES[:30], FRAMES),
    "1.6": (SAMPLES,),
    "2.1": (table_of_features(), generator.random(120) < 0.2),
    "2.2": (8, 128),
    "2.4": (TRUTH, ANSWERS),
    "2.5": (CONFUSIONS, "disgust"),
    "2.6": (PREDICTIONS, SEX),
    "3.3": (Explanation, np.array([4, 1, 0, 2, 3, 5])),
    "3.4": (BY_BAND, NAMES),
    "3.5": (OF_REGIONS, REGIONS, NAMES),
    "3.6": (scores, CALM, NAMES),
    "4.1": (AREAS_OF,),
    "5.2": (RESULTS,),
    "5.3": (PREDICTIONS,),
    "6.2": (STRONGEST,),
    "7.3": (OF_ITEMS, BASE_VALUES, 3, 1),
}


def check(number, answer):
    return exercises.check(number, answer, *DATA.get(number, ()))


def reference(number):
    task = TASKS[number]
    if task.cases or task.options:
        return task.answer
    return task.answer(*DATA.get(number, ()))


# --- right answers ----------------------------------------------------------------


@every_task
def test_the_reference_is_right(number):
    result = check(number, reference(number))
    assert (result.verdict, result.text) == (RIGHT, TASKS[number].why)
    assert "✔" in repr(result) and "right" in repr(result)


@every_task
def test_the_solution_that_is_shown_is_right(number):
    task = TASKS[number]
    code = exercises.solution(number).code
    if task.options:
        assert check(number, ast.literal_eval(code)).verdict == RIGHT
        return
    names = {"np": np, "pd": pd, "corpus": RAVDESS, "features": features}
    data = DATA.get(number, ())
    if not task.cases:
        parameters = exercises.inspect.signature(task.answer).parameters
        names |= dict(zip(parameters, data, strict=True))
    exec(code, names)
    assert check(number, names[task.answer.__name__]).verdict == RIGHT
    assert max(map(len, code.splitlines())) <= 88


RIGHT_IN_ANOTHER_WAY = [
    ("1.1", " Fearful"),
    ("1.2", 192 / 1440),
    ("1.2", 0.13),
    ("1.4", list(FRAMES[:30].mean(axis=0))),
    ("1.5", "B"),
    ("2.4", pd.Series(recall_score(TRUTH, ANSWERS, average=None))),
    ("2.6", PREDICTIONS.groupby(["emotion", SEX])["right"].mean().unstack()),
    (
        "2.6",
        PREDICTIONS.assign(sex=SEX).pivot_table(
            index="emotion", columns="sex", values="right"
        )[["women", "men"]],
    ),
    ("3.1", lambda n, a, b, ab: 0.5 * (a - n) + 0.5 * (ab - b)),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT_IN_ANOTHER_WAY)
def test_other_ways_to_a_right_answer(number, answer):
    result = check(number, answer)
    assert result.verdict == RIGHT, result.text
    assert result.answer is answer


# --- wrong answers, and what they are told --------------------------------------------


@every_task
def test_each_foreseen_mistake_is_named(number):
    """A mistake gets its own reason; so no two of them look alike to the check."""
    task = TASKS[number]
    data = DATA.get(number, ())
    if task.options:
        wrong = {
            f"({letter}) {because}": letter
            for letter, (_, because) in task.options.items()
            if letter != task.answer
        }
    elif task.cases:
        wrong = task.mistakes
    else:
        wrong = {why: mistake(*data) for why, mistake in task.mistakes.items()}
    assert len(wrong) >= 2
    for why, answer in wrong.items():
        result = check(number, answer)
        assert (result.verdict, result.text) == (WRONG, why)
        assert exercises.fits(result.answer, reference(number), 1e-9) or (
            result.answer is task.answer
        )


def softmax_of_largest(values):
    return np.exp(values - values.max())


def reference_lead():
    return TASKS["7.3"].answer(OF_ITEMS, BASE_VALUES, 3, 1)


WRONG_ANSWERS = [
    ("1.1", "disgust", "positions in Python at 0"),
    ("1.1", "calm", "the intensity"),
    ("1.1", "neutral", "the statement"),
    ("1.1", "happy", "the modality"),
    ("1.1", "06", "That is the code"),
    ("1.1", "sad", '"sad" is not it'),
    ("1.1", 6, "word in quotes"),
    ("1.2", 0.125, "equally frequent"),
    ("1.2", 13.333, "per cent or share"),
    ("1.2", 192, "number of recordings"),
    ("1.2", "0.13", "Numbers are asked for, and this is text"),
    ("1.3", lambda ratio: 20 * np.log10(ratio), "decibels of power need 10"),
    ("1.3", lambda ratio: np.log(ratio) * 10, "natural logarithm"),
    ("1.3", lambda ratio: np.log10(ratio), "bels"),
    ("1.3", lambda ratio: 10 * ratio, "With the input 1 your function gives 10"),
    ("1.3", lambda ratio: None, "needs a return"),
    ("1.3", lambda ratio: "10 dB", "your function gives 10 dB"),
    ("1.3", lambda: 3, "your function stops: TypeError"),
    ("1.3", 10.0, "A function is asked for"),
    ("1.4", FRAMES[:30].mean(axis=1), "averaged over the bands"),
    ("1.4", FRAMES.mean(axis=0), "silence included"),
    ("1.4", -FRAMES[:30].mean(axis=0), "sign is reversed"),
    ("1.4", FRAMES[:30].mean(axis=0)[::-1], "reverse order"),
    ("1.4", FRAMES[:30].mean(axis=0) + 3, "off by 3"),
    ("1.4", FRAMES[:30].mean(axis=0)[:64], "have the shape (128,)"),
    ("1.4", np.where(FRAMES[0] > -40, np.nan, 1.0), "not numbers (nan)"),
    ("1.5", "a", "no column tells"),
    ("1.5", "d", "11,025 Hz"),
    ("1.5", 2, "one letter in quotes"),
    ("1.5", np.array(["b", "b"]), "one letter in quotes"),
    ("1.6", np.mean(SAMPLES**2) / 10, "right for amplitudes"),
    ("1.6", np.mean(SAMPLES**2) / 20, "Decibels are no factor"),
    ("1.6", np.mean(SAMPLES**2) * 100, "stronger than the signal"),
    ("2.1", 1.0, "looked for the actor"),
    ("2.1", 0.5, "too small"),
    ("2.1", 4, "too large"),
    ("2.1", 80, "what to expect"),
    ("2.2", 2048, "left out the measures"),
    ("2.2", 16512, "no biases"),
    ("2.2", 16 * 8 * 128 * 16, "The filter slides"),
    ("2.3", lambda scores: scores / scores.sum(), "Scores may be negative"),
    ("2.3", softmax_of_largest, "divided by the largest"),
    ("2.3", np.exp, "do not add up to one"),
    ("2.4", np.mean(TRUTH == ANSWERS), "That is the accuracy"),
    ("2.4", precision_score(TRUTH, ANSWERS, average=None), "That is precision"),
    ("2.4", np.bincount(TRUTH[TRUTH == ANSWERS], minlength=8), "numbers of recordings"),
    (
        "2.4",
        100 * recall_score(TRUTH, ANSWERS, average=None),
        "per cent or share",
    ),
    ("2.5", "disgust", "on the diagonal"),
    ("2.5", "happy", "read the column"),
    ("2.5", "sad", "is not it"),
    ("2.5", 4, "word in quotes"),
    (
        "2.6",
        PREDICTIONS.groupby([SEX, "emotion"])["right"].mean().unstack(),
        "Rows and columns are exchanged",
    ),
    ("2.6", PREDICTIONS.groupby("emotion")["right"].mean(), "the shape (8, 2)"),
    (
        "2.6",
        PREDICTIONS.groupby(["emotion", SEX])["right"].sum().unstack(),
        "numbers of right answers",
    ),
    (
        "2.6",
        pd.crosstab(SEX, SEX),
        "The rows should be angry, calm",
    ),
    ("2.6", pd.DataFrame({"men": [1, 2]}, index=["sad", "sad"]), "The rows should"),
    ("2.6", {"sad": 1}, "Numbers are asked for, and this is a dict"),
    ("2.7", "a", "partly luck"),
    ("2.7", "B", "by heart"),
    ("3.1", lambda n, a, b, ab: a - n, "when it comes first"),
    ("3.1", lambda n, a, b, ab: (ab - n) / 2, "equal shares"),
    ("3.3", Explanation.values[0, :, 4].sum(), "forgotten the base value"),
    ("3.3", Explanation.base_values[:, 4], "one number"),
    (
        "3.3",
        Explanation.base_values[0, 4] + np.abs(Explanation.values[0, :, 4]).sum(),
        "absolute values",
    ),
    ("3.2", lambda p, v: p + v, "different units"),
    ("3.2", lambda p, v: p * np.exp(v), "odds that grow"),
    ("3.4", BY_BAND[:, :, 0, 4].mean(axis=0), "cancels"),
    ("3.4", np.abs(BY_BAND[:, :, 0, 4].mean(axis=0)), "np.abs comes first"),
    ("3.4", np.abs(BY_BAND[:, :, 0, 4]).sum(axis=0), "Take the mean"),
    ("3.5", "high", "speaks least for sadness"),
    ("3.5", "low", "Look at the column of sad"),
    ("3.5", 1, "position of the region"),
    ("3.5", 0.9, "That is the sum"),
    ("3.5", 7, "A word in quotes"),
    ("4.3", lambda a, b, top: np.mean(np.abs(a) > np.abs(b)), "With the input"),
    (
        "4.3",
        lambda a, b, top: (
            len(set((-a).argsort()[:top]) & set((-b).argsort()[:top])) / top
        ),
        "signed values",
    ),
    ("4.4", lambda size, planted: size[planted].sum() / size.sum(), "share of the imp"),
    ("4.4", lambda size, planted: planted.mean(), "chance would find"),
    ("4.1", 5 / 6, "one* of the two"),
    ("4.1", 2, "too large"),
    ("4.1", 4 / 6, "random control alone"),
    ("4.1", True, "compared the means"),
    ("4.2", "a", "Robust against what?"),
    ("4.2", "d", "every network has gradients"),
    ("5.1", lambda gain: 10 ** (gain / 10), "Magnitudes are amplitudes"),
    ("5.1", lambda gain: 10 ** (-gain / 20), "factor below 1"),
    ("5.1", lambda gain: 0.03, "With the input 0 your function gives 0.03"),
    ("5.2", 0.7, "You took all rows"),
    ("5.2", 0.6, "silenced. Keep"),
    ("5.2", 4, "too large"),
    ("5.2", 80, "per cent or share"),
    (
        "5.3",
        np.mean(ANSWERS[TRUTH != 4] != 4),
        "too large",
    ),
    ("5.3", np.mean(TRUTH[ANSWERS == 4] != 4), "You started from the answers"),
    ("5.3", np.mean((TRUTH != 4) & (ANSWERS == 4)), "divided by all recordings"),
    ("3.6", 2e-17, "zero up to rounding"),
    ("3.6", scores(CALM)[:, 1].mean(), "mean score for calm"),
    ("3.6", scores(CALM)[:, 4], "one number"),
    ("3.7", "a", "without a look at"),
    ("3.7", "e", "from a to d"),
    ("6.1", lambda counts: np.sum(counts > 0), "how many speakers there are"),
    ("6.1", lambda counts: np.sum(counts**2) / np.sum(counts) ** 2, "one over it"),
    ("6.2", STRONGEST["carries"].mean(), "averaged the items' own shares"),
    ("6.2", 1 - 0.7 / 1.7, "what is lost"),
    ("6.3", "a", "level is then the same"),
    ("6.3", "b", "Closer"),
    ("7.1", lambda i, e, c: i * e * c, "would *not* keep clear"),
    ("7.1", lambda i, e, c: (1 - c) * i, "asked about for every emotion"),
    ("7.2", "a", "Two groups with opposite"),
    ("7.2", "d", "no contradiction"),
    ("7.3", (OF_ITEMS[:, 3] - OF_ITEMS[:, 1]).sum(), "base values are missing"),
    ("7.3", -reference_lead(), "sign is reversed"),
]


@pytest.mark.parametrize(("number", "answer", "reason"), WRONG_ANSWERS)
def test_wrong_answers_are_told_why(number, answer, reason):
    result = check(number, answer)
    assert result.verdict == WRONG
    assert reason in result.text
    assert "✘" in repr(result) and "not yet" in repr(result)
    assert "<details><summary>Hint</summary>" in result._repr_html_()


def test_exercise_2_5_asks_where_row_and_column_differ():
    from course.tasks.lesson_2 import emotion_to_ask

    assert emotion_to_ask(CONFUSIONS) == "disgust"


def test_every_exercise_is_tried_with_two_wrong_answers():
    tried = [number for number, _, _ in WRONG_ANSWERS]
    assert {
        number: tried.count(number) for number in TASKS if tried.count(number) < 2
    } == {}


# --- not attempted, hints, mistakes in the call -----------------------------------


@every_task
def test_an_untouched_exercise_is_not_attempted(number):
    untouched = [...]
    if TASKS[number].cases:
        untouched.append(lambda *inputs: ...)
    for stub in untouched:
        result = check(number, stub)
        assert result.verdict == NOT_ATTEMPTED
        assert f'exercises.hint("{number}")' in repr(result)
        check(number, result.answer)
        assert check(number, result.answer).verdict == RIGHT, (
            "cells below go on with it"
        )


@every_task
def test_hint_and_solution_can_be_asked_for(number):
    hint, solution = exercises.hint(number), exercises.solution(number)
    assert TASKS[number].hint in repr(hint)
    assert solution.code in repr(solution) and TASKS[number].why in repr(solution)
    assert "<pre><code>" in solution._repr_html_()


def test_a_result_escapes_what_it_shows():
    shown = check("1.1", "<b>calm</b>")._repr_html_()
    assert "&lt;b&gt;calm" in shown and 'role="status"' in shown
    assert "✘" in shown and "not yet" in shown


def test_mistakes_in_the_call_name_the_remedy():
    with pytest.raises(ValueError, match="There is no exercise"):
        exercises.check("9.9", 1)
    with pytest.raises(
        TypeError, match='check\\("1.4", your answer, speech, frames\\)'
    ):
        exercises.check("1.4", 1)


@pytest.mark.parametrize("answer", [..., FRAMES[:30].mean(axis=0) + 1, 3, "text"])
def test_a_curve_is_drawn_beside_the_expected_one(answer, monkeypatch):
    drawn = []

    def keep(figure):
        figure.draw_without_rendering()
        drawn.append([[line.get_ydata() for line in ax.lines] for ax in figure.axes])
        drawn.append(figure.axes[0].get_title())

    monkeypatch.setattr("IPython.display.display", keep)
    check("1.4", answer)
    (yours, expected), title = drawn
    assert np.allclose(expected[0], FRAMES[:30].mean(axis=0))
    if isinstance(answer, np.ndarray):
        assert np.allclose(yours[0], answer)
        assert title == "yours: largest distance 1, correlation 1.00"
    else:
        assert yours == []


# --- what stands in the notebooks --------------------------------------------------


def cells_of(path, kind):
    notebook = nbformat.read(path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def marks(path, kind):
    prose = "\n".join(cells_of(path, "markdown"))
    return re.findall(rf"<!-- {kind} ([\d.]+) -->", prose)


def calls(path):
    """(number, names handed over, code above) of each check in a notebook."""
    above = ""
    for source in cells_of(path, "code"):
        above += source + "\n"
        for node in ast.walk(ast.parse(source)):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "exercises.check"
            ):
                number, *names = node.args
                yield number.value, [ast.unparse(name) for name in names], above


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_notebook_and_list_hold_the_same_exercises(path):
    notebook = path.name[0]
    listed = [number for number in TASKS if number.startswith(notebook + ".")]
    assert len(listed) >= LEAST[int(notebook)]
    assert listed == [f"{notebook}.{n + 1}" for n in range(len(listed))]
    assert marks(path, "solution") == listed
    assert [number for number, _, _ in calls(path)] == listed
    prose = "\n".join(cells_of(path, "markdown"))
    for number in listed:
        assert f"**Exercise {number}.**" in prose
    asked = [n for n in exercises.questions() if n.startswith(notebook + ".")]
    assert sorted(marks(path, "question")) == asked


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_checks_hand_over_what_the_solution_names(path):
    for number, (answer, *data), above in calls(path):
        task = TASKS[number]
        if not task.options:
            assert answer == task.answer.__name__
        expected = []
        if not task.cases and not task.options:
            expected = list(exercises.inspect.signature(task.answer).parameters)
        assert data == expected, number
        for name in data:
            assert re.search(rf"\b{name}\b.*=|\b{name} in\b|def {name}\(", above), name
        stub = rf"{answer} = \.\.\.|def {answer}\([\w, ]+\):\n    return \.\.\."
        assert re.search(stub, above), f"{number}: its stub is not ..."


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_folded_text_is_that_of_the_source(path):
    for source in cells_of(path, "markdown"):
        assert source == solutions.filled(source), "run: python tools/solutions.py"


def test_filling_notices_a_difference():
    empty = "before\n<!-- solution 1.2 -->\n<!-- /solution -->\nafter"
    full = solutions.filled(empty)
    assert exercises.solution_code(TASKS["1.2"]) in full
    assert full.startswith("before\n") and full.endswith("\nafter")
    assert solutions.filled(full) == full
    assert solutions.filled(full.replace("counts.sum()", "counts.max()")) == full
    question = "<!-- question 2.1 -->\nold\n<!-- /question -->"
    assert "old" not in solutions.filled(question)
    on_one_line = "<!-- question 2.1 --><!-- /question -->"
    assert solutions.filled(on_one_line) == solutions.filled(question)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
@pytest.mark.parametrize("kind", ["question", "solution"])
def test_numbers_follow_the_reader(path, kind):
    text = "\n".join(cells_of(path, "markdown"))
    found = re.findall(rf"<!-- {kind} ([\d.]+) -->", text)
    assert found == [f"{path.name[0]}.{n + 1}" for n in range(len(found))]


@pytest.mark.parametrize("number", exercises.questions())
def test_questions_are_complete(number):
    question = exercises.questions()[number]
    options = question["options"]
    assert len(options) >= 3
    assert sum(option["right"] for option in options) == 1
    assert all(len(option["because"].split()) >= 6 for option in options)
    assert question["concept"]
    block = exercises.question_block(number)
    assert (
        block.count("<details><summary>") == block.count("</details>") == len(options)
    )
    assert block.count("✔ **Right.**") == 1


def test_an_exercise_about_an_emotion_that_a_corpus_lacks_is_left_out():
    by_band = np.ones((3, 128, 8, 2))
    result = exercises.check("3.4", ..., by_band, ["happy", "sad"])
    assert result.verdict == exercises.NOT_ATTEMPTED
    assert "angry, an emotion that this corpus does not have" in result.text
