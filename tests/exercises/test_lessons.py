"""Every exercise of every lesson: its reference is right, and each of its mistakes is refused by its own name."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from course_lib.exercises import all_exercises

SOURCES = Path(__file__).resolve().parents[2] / "notebooks" / "source"
EXERCISES = all_exercises()
MISTAKES = [(name, mistake) for name, exercise in EXERCISES.items() for mistake in exercise.mistakes]

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # some mistakes take logarithms of negative numbers


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_accepts_its_reference_and_knows_empty_and_nearly_right_answers(name):
    assert EXERCISES[name].problems() == []


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=lambda part: getattr(part, "name", part))
def test_each_planted_wrong_answer_is_refused_by_its_own_name(name, mistake):
    exercise = EXERCISES[name]
    verdict = exercise.judge(exercise.handed_in(mistake.answer))
    assert exercise.names(mistake, verdict), verdict


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_judges_the_same_answer_in_the_same_words(name):
    exercise = EXERCISES[name]
    answers = [exercise.handed_in(exercise.reference), "nonsense", lambda *inputs: 1 / 0]
    assert [exercise.judge(answer) for answer in answers] == [exercise.judge(answer) for answer in answers]
    assert exercise.judge("nonsense").startswith("not yet: ")


def _asked_in(source):
    """The exercises that a lesson's code names, such as ["the_elbo.KL_TO_THE_STANDARD_NORMAL"]."""
    tree = ast.parse(source.read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules = {each.name for node in imports for each in node.names if each.asname == "exercises"}
    named = [
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "exercises"
    ]
    names = {node.attr for node in named if node.attr.isupper()}  # others are what exercises speak of
    return [f"{module}.{name}" for module in modules for name in sorted(names)]


def test_every_exercise_is_asked_in_one_lesson_and_no_lesson_asks_for_another():
    asked = [name for source in sorted(SOURCES.glob("*.py")) for name in _asked_in(source)]
    assert sorted(asked) == sorted(EXERCISES)


def _cells(source):
    return re.split(r"(?m)^# %%.*\n", source.read_text("utf-8"))


def _handed_over():
    """(lesson's file, text of the cell, exercise's name) for each exercise that hands over code to be repaired."""
    for source in sorted(SOURCES.glob("*.py")):
        cells = _cells(source)
        for number, cell in enumerate(cells):
            if "# BEGIN SOLUTION" in cell and "# INSTEAD" in cell:
                checked = next(each for each in cells[number:] if "\ncheck(" in f"\n{each}")
                exercise, answer = re.search(r"check\(exercises\.(\w+), (\w+)\)", checked).groups()
                name = f"{source.stem[3:]}.{exercise}"
                yield pytest.param(cell, name, answer, id=name)


def _as_handed_over(cell):
    """The cell as a learner finds it: what stands after INSTEAD for the solution."""

    def uncommented(match):
        return re.sub(r"(?m)^(\s*)# ?", r"\1", match[1])

    return re.sub(r"(?ms)^\s*# BEGIN SOLUTION.*?# INSTEAD\n(.*?)^\s*# END SOLUTION\n", uncommented, cell)


@pytest.mark.parametrize(("cell", "exercise", "answer"), list(_handed_over()))
def test_the_code_that_a_lesson_hands_over_is_named_as_found_and_counts_as_no_try(cell, exercise, answer):
    import keras
    from scipy import stats

    from course_lib.metrics import log_mean_exp

    around = {"np": np, "keras": keras, "stats": stats, "log_mean_exp": log_mean_exp}
    around["sigmoid"] = lambda logits: 1 / (1 + np.exp(-logits))
    exec(_as_handed_over(cell), around)
    verdict = EXERCISES[exercise].judge(around[answer])
    assert EXERCISES[exercise].is_as_found(verdict), verdict
