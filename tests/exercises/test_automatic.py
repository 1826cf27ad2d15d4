"""Wrong answers made by rule: every exercise refuses them, or its inputs could not tell right from wrong."""

import re
from pathlib import Path
from types import FunctionType

import keras
import numpy as np
import pytest

from course_lib.exercises import Exercise, all_exercises
from course_lib.exercises.automatic import accepted, wrong_answers
from course_lib.exercises.comparison import plain
from course_lib.exercises.words import Word

SOURCES = Path(__file__).resolve().parents[2] / "notebooks" / "source"
EXERCISES = all_exercises()

pytestmark = pytest.mark.filterwarnings("ignore")  # wrong answers divide by 0 and take logarithms of it


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_accepts_no_wrong_answer_made_by_rule(name):
    assert accepted(EXERCISES[name]) == []


@pytest.mark.parametrize("name", [name for name, each in EXERCISES.items() if each.words])
def test_the_words_to_choose_among_stand_in_the_lesson_and_cover_all_answers(name):
    exercise = EXERCISES[name]
    text = next(SOURCES.glob(f"??_{name.partition('.')[0]}.py")).read_text("utf-8")
    allowed = {Word(word) for word in exercise.words}
    for word in exercise.words:
        assert re.search(rf"\b{re.escape(word)}\b" if len(word) == 1 else re.escape(f'"{word}"'), text), word
    for mistake in exercise.mistakes:
        assert _words_of(exercise.handed_in(mistake.answer)) <= allowed, mistake.name


def _words_of(value):
    if isinstance(value, str):
        word = Word(value)
        return set(word) if len(word) > 1 and " " not in value and value.isalpha() and value in ALPHABETIC else {word}
    if isinstance(value, dict):
        return set().union(*map(_words_of, value.values()))
    return set().union(*map(_words_of, value)) if isinstance(value, set | frozenset | tuple) else set()


def _answers_of_letters():
    """The answers that are several letters in a row: an order, or steps."""
    for exercise in EXERCISES.values():
        if exercise.words and all(len(word) == 1 for word in exercise.words):
            for part in (exercise.reference, *(exercise.handed_in(mistake.answer) for mistake in exercise.mistakes)):
                yield from (part.values() if isinstance(part, dict) else [part])


ALPHABETIC = {each for each in _answers_of_letters() if isinstance(each, str)}


@pytest.mark.parametrize(
    ("reference", "inputs", "accepted_wrongly"),
    [
        (lambda x, k: x * k, lambda rng: (rng.normal(size=int(rng.integers(3, 9))), 2.0), "`k` frozen"),
        (lambda x: x * x.shape[0], lambda rng: (rng.normal(size=4),), "length of 4 of axis 0"),
        (lambda x: x, lambda rng: (np.arange(float(rng.integers(3, 9))),), "`x` sorted along axis 0"),
        (lambda x: x.sum(), lambda rng: (np.sort(rng.random(rng.integers(3, 9))),), "code for a sorted `x`"),
        (lambda logits: np.logaddexp(0, logits), lambda rng: (rng.normal(size=rng.integers(3, 9)),), "clipped at 15"),
        (lambda x, yes: x * yes, lambda rng: (rng.normal(size=rng.integers(3, 9)), True), "`yes` frozen"),
    ],
    ids=["constant", "size", "sorted", "order", "extreme", "one mode"],
)
def test_inputs_that_cannot_tell_are_reported(reference, inputs, accepted_wrongly):
    assert any(accepted_wrongly in each for each in accepted(Exercise(reference=reference, inputs=inputs)))


def test_what_makes_no_difference_is_found_by_comparing_and_not_reported():
    def two_tables(rng):
        return tuple(rng.normal(size=(2, int(rng.integers(3, 9)), int(rng.integers(3, 9)))))

    def distance(x, y):
        return np.square(x - y).sum()  # the order of rows matters, exchanging both does not

    exercise = Exercise(reference=distance, inputs=two_tables)
    assert accepted(exercise) == []
    assert not any("exchanged" in each.name for each in wrong_answers(exercise))


def test_a_constant_needs_a_reason_and_must_not_vary():
    def draw(rng):
        return rng.normal(size=int(rng.integers(3, 9))), 2.0

    def accepted_with(constant):
        return accepted(Exercise(reference=lambda x, k: x * k, inputs=draw, constant=constant))

    assert accepted_with({"k": "the lesson says two."}) == []
    assert any("no reason" in each for each in accepted_with({"k": "two"}))
    assert any("no argument" in each for each in accepted_with({"k": "two.", "m": "it is not there."}))
    assert any("varies" in each for each in accepted_with({"k": "two.", "axis 0 of x": "five."}))


def test_a_tolerance_that_takes_another_unit_is_reported():
    assert any("in bits" in each for each in accepted(Exercise(reference=2.0, rtol=0.5)))
    assert any("integer below" in each for each in accepted(Exercise(reference=4.1, rtol=0.05)))


def test_words_of_a_choice_are_exchanged_one_by_one():
    names = [each.name for each in wrong_answers(Exercise(reference={"A": "x", "B": "y"}, words=("x", "y", "z")))]
    assert "'A': the word 'y'" in names
    assert "'A': the word 'z'" in names
    assert "turned round" in names


# --- right results, and bad manners ---


@pytest.mark.parametrize(
    ("reference", "given", "bad"),
    [
        (lambda x: 2 * x, (np.ones(2),), set()),  # inputs changed in place are noticed for every judge
        (lambda rng: rng.normal(), (np.random.default_rng(0),), {"random numbers of its own"}),
        (lambda rng: 0.0, (np.random.default_rng(0),), set()),
    ],
    ids=["array", "generator", "generator that is not used"],
)
def test_a_judge_that_minds_no_manners_is_reported(reference, given, bad):
    def judge(answer):
        answer(*given)

    found = accepted(Exercise(reference=lambda: reference, judge_with=judge))
    assert {each.removesuffix(" is judged right") for each in found if "no such thing" not in each} == bad


def test_losses_of_values_alone_are_reported():
    def squares(x):
        return keras.ops.square(x)

    def judge(answer):
        x = keras.ops.convert_to_tensor([1.0, 2.0])
        return None if np.allclose(keras.ops.convert_to_numpy(answer(x)), [1.0, 4.0]) else "squares are asked for."

    found = accepted(Exercise(reference=lambda: squares, judge_with=judge))
    assert "a gradient held fixed is judged right" in found
    assert "NumPy for tensors is judged right" in found
    assert "`shape[0]` for the size of a batch is judged right" in found


FUNCTIONS = [
    name
    for name, each in EXERCISES.items()
    if each.inputs or (each.judge_with and isinstance(each.handed_in(each.reference), FunctionType))
]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_answer_that_stops_or_takes_other_arguments_is_told_so(name):
    assert "stopped with ZeroDivisionError" in EXERCISES[name].judge(lambda *inputs: 1 / 0)
    assert "and takes: none." in EXERCISES[name].judge(lambda: 0)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if EXERCISES[name].inputs])
def test_no_fault_of_the_checks_is_shown_where_numbers_come_as_something_else(name):
    reference = EXERCISES[name].reference
    for change in (
        lambda result: np.asarray(result, "float32"),
        lambda result: np.asarray(result).tolist(),
        lambda result: [[result]],
        str,
        lambda result: {"result": result},
        lambda result: 10**400,
    ):
        assert "stopped" not in EXERCISES[name].judge(
            lambda *inputs, change=change: _changed(reference(*inputs), change)
        )


def _changed(result, change):
    result = plain(result)
    return tuple(change(each) for each in result) if isinstance(result, tuple) else change(result)
