"""What a learner reads where Python or NumPy stops (`calls`): what happened, and how to repair it."""

import numpy as np
import pytest

from course_lib.exercises import Exercise

LARGEST = Exercise(reference=lambda x: np.sort(x)[-1], inputs=lambda rng: (rng.normal(size=int(rng.integers(5, 9))),))


def empty_next(x):
    return next(each for each in x if each > 100)


def empty_next_in_a_generator(x):
    def found():
        yield next(each for each in x if each > 100)

    return max(found())


@pytest.mark.parametrize("answer", [empty_next, empty_next_in_a_generator])
def test_a_next_that_finds_nothing_is_told_what_happened(answer):
    said = LARGEST.judge(answer)
    assert said.startswith("not yet: `next(…)` found nothing")
    assert "`next(…, None)`" in said
    assert "of your cell" in said


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: np.sort(x)[np.ceil(0.9 * len(x)) - 1],
        lambda x: np.sort(x).tolist()[np.ceil(0.9 * len(x)) - 1],
        lambda x: np.sort(x)[len(x) / 2],
        lambda x: np.sort(x)[np.array([len(x) / 2])],
    ],
)
def test_an_index_that_is_a_float_is_no_hole_and_is_told_its_repair(answer):
    said = LARGEST.judge(answer)
    assert said.startswith("not yet: an index is a whole number")
    assert "`int(…)`" in said


def test_a_comma_in_the_index_of_a_list_is_no_float():
    said = LARGEST.judge(lambda x: x.tolist()[0, 1])
    assert said.startswith("not yet: a list takes one index, and no comma")


@pytest.mark.parametrize("answer", [lambda x: np.sort(x)[int(...)], lambda x: list(x)[...], lambda x: x[... - 1]])
def test_an_index_that_is_a_hole_is_one(answer):
    assert LARGEST.judge(answer) == "not answered yet"


@pytest.mark.parametrize(
    "answer", [lambda x: x if x > 0 else -x, lambda x: x > 0 and x < 1, lambda x: not x, lambda x: max(0, x)]
)
def test_an_array_is_no_truth_value(answer):
    said = LARGEST.judge(answer)
    assert "Python's `max` and `min`, ask for one truth value, and an array has many. Between arrays write `&`" in said


def test_parts_that_cannot_be_joined_are_shapes_that_do_not_fit():
    said = LARGEST.judge(lambda x: np.concatenate([np.zeros((1, 2)), np.zeros((1, 3))]))
    assert "the shapes of two arrays do not fit together" in said
