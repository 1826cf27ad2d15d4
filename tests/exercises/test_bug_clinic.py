"""What the exercises of the bug clinic accept beside their references, and what else they refuse."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import entr

from course_lib.exercises import bug_clinic as exercises

RIGHT = "right"


def marks_by_scipy(x):
    return [
        len(x[0]) * np.log(2),
        stats.bernoulli(x.mean(axis=0)).entropy().sum(),
        (entr(x) + entr(1 - x)).sum() / len(x),
    ]


def leaks_by_pairs(losses_of, noise):
    before = losses_of(noise)
    for j in range(len(noise)):
        other = np.where(np.arange(len(noise))[:, None] == j, -7.0, noise)
        if any(losses_of(other)[i] != before[i] for i in range(len(noise)) if i != j):
            return np.True_
    return np.False_


def leaks_all_rows(losses_of, noise):
    return bool((losses_of(noise + 1) != losses_of(noise)).any())


def leaks_in_place(losses_of, noise):
    before = losses_of(noise)
    for j in range(len(noise)):
        noise[j] += 10.0
        if np.delete(losses_of(noise) != before, j).any():
            return True
    return False


def the_last_cover(matrix):
    """Another of the smallest sets, as a set."""
    found = exercises._smallest(matrix)
    others = [
        columns
        for columns in exercises.itertools.combinations(range(matrix.shape[1]), len(found))
        if exercises._covers(matrix, columns)
    ]
    return set(others[-1])


def held_by_cases(reconstruction, kl, capacity, beta):
    return np.mean(reconstruction) + beta * np.mean(np.where(kl > capacity, kl - capacity, capacity - kl))


def agree_by_numpy(given, expected):
    return given.shape == expected.shape and np.allclose(given, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (exercises.HEALTH_MARKS, marks_by_scipy),
        (exercises.LEAKS, leaks_by_pairs),
        (exercises.SMALLEST_COVER, the_last_cover),
        (exercises.CAPACITY, held_by_cases),
        (exercises.EFFECTIVE_BETA, (3.92, 0.000784)),
        (exercises.SICK_TEST, agree_by_numpy),
    ],
)
def test_a_right_answer_in_other_words_is_accepted(exercise, answer):
    assert exercise.judge(answer) == RIGHT


@pytest.mark.parametrize("answer", [leaks_all_rows, leaks_in_place])
def test_a_test_that_convicts_the_right_program_is_told_so(answer):
    assert "convicts the right program" in exercises.LEAKS.judge(answer)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda losses_of, noise: [False], "answer True or False"),
        (lambda losses_of, noise: ..., "not answered yet"),
        (True, "hand over the function itself"),
        (lambda losses_of, noise: False, "change something in between"),
        (lambda losses_of, noise: leaks_by_pairs(losses_of, noise) or None, "end it with `return False`"),
    ],
)
def test_tests_that_are_none_are_refused(answer, said):
    assert said in exercises.LEAKS.judge(answer)


def a_set_of_all_bugs(matrix):
    """The natural first try: bugs that no test convicts are not left out."""
    for size in range(matrix.shape[1] + 1):
        for columns in exercises.itertools.combinations(range(matrix.shape[1]), size):
            if matrix[:, columns].any(axis=1).all():
                return list(columns)
    return None


def test_a_search_that_fails_where_a_bug_is_free_counts_as_an_answer():
    assert "for some inputs your function returns None" in exercises.SMALLEST_COVER.judge(a_set_of_all_bugs)
    said = exercises.SMALLEST_COVER.judge(lambda matrix: a_set_of_all_bugs(matrix) or [])
    assert "one that no test convicts" in said


def sets_that_convict_all(matrix):
    tests = range(matrix.shape[1])
    for size in range(len(tests) + 1):
        yield from (list(c) for c in exercises.itertools.combinations(tests, size) if matrix[:, c].any(axis=1).all())


@pytest.mark.parametrize(
    "search",
    [
        lambda matrix: next(sets_that_convict_all(matrix)),
        lambda matrix: list(sets_that_convict_all(matrix))[0],  # noqa: RUF015 (as learners write it)
        lambda matrix: min(sets_that_convict_all(matrix), key=len),
    ],
)
def test_a_search_that_stops_where_a_bug_is_free_is_told_why(search):
    said = exercises.SMALLEST_COVER.judge(search)
    assert said.startswith("not yet: right, as long as every bug is convicted")
    assert "Leave such rows out first" in said
    assert exercises.SMALLEST_COVER.judge(lambda matrix: search(matrix[matrix.any(axis=1)])) == RIGHT


def test_a_search_that_stops_and_is_wrong_besides_is_not_called_right():
    said = exercises.SMALLEST_COVER.judge(lambda matrix: next(sets_that_convict_all(matrix))[1:])
    assert "which another test convicts" in said


def test_a_search_that_stops_everywhere_is_told_what_next_found():
    said = exercises.SMALLEST_COVER.judge(lambda matrix: next(each for each in [] if each))
    assert "`next(…)` found nothing" in said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda matrix: [*exercises._smallest(matrix), *np.flatnonzero(~matrix.any(axis=0))[:1]], "and 2 would do"),
        (lambda matrix: exercises._smallest(matrix)[:1], "which another test convicts"),
        (lambda matrix: exercises._smallest(matrix)[:1] * 2, "you name a test twice"),
        (lambda matrix: [99], "whole numbers from 0 to"),
        (lambda matrix: "none", "whole numbers from 0 to"),
        (3, "a function is expected here"),
    ],
)
def test_a_wrong_cover_is_told_its_fault_and_not_another_cover(answer, said):
    assert said in exercises.SMALLEST_COVER.judge(answer)


def test_covers_are_tried_where_every_bug_is_convicted_and_where_one_is_not():
    drawn = [exercises._bugs_and_tests(np.random.default_rng(seed))[0] for seed in range(6)]
    assert {bool(matrix.any(axis=1).all()) for matrix in drawn} == {True, False}


@pytest.mark.parametrize(
    ("tolerances", "said"),
    [
        ({"rtol": 0, "atol": 1e-5}, "lets 0.000003 pass"),
        ({"rtol": 0, "atol": 1e-4}, "lets 0.00005 pass"),
        ({"rtol": 0, "atol": 5e-3}, "so wide that 0.001 passes"),
        ({"atol": 1e-6}, "acts, too"),
        ({"rtol": 1e-6, "atol": 1e-6}, "acts, too"),
        ({}, "two tolerances, and both act"),
        ({"rtol": 0, "atol": 1e-7}, "smaller than asked"),
        ({"rtol": 0, "atol": 1e-6, "equal_nan": True}, "two NaN at the same place"),
    ],
)
def test_a_tolerance_that_is_too_wide_is_named(tolerances, said):
    def agree(given, expected):
        return given.shape == expected.shape and np.allclose(given, expected, **tolerances)

    assert said in exercises.SICK_TEST.judge(agree)


def test_a_cover_with_a_test_twice_or_one_that_misses_a_bug_is_refused():
    assert exercises.SMALLEST_COVER.judge(lambda matrix: exercises._smallest(matrix)[:1]) != RIGHT
    assert exercises.SMALLEST_COVER.judge(lambda matrix: exercises._smallest(matrix)[:1] * 2) != RIGHT
