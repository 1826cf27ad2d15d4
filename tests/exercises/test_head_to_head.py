"""What the exercises of the head to head accept beside their references."""

import numpy as np
import pytest
from scipy import stats

from course_lib.exercises import head_to_head as exercises

RIGHT = "right"


def by_welch(a, b):
    return stats.ttest_ind(a, b, equal_var=False).statistic


def by_standard_errors(a, b):
    return (np.mean(a) - np.mean(b)) / np.hypot(stats.sem(a), stats.sem(b))


def by_loops(scores):
    def beats(one, other):
        return all(x >= y for x, y in zip(one, other, strict=True)) and any(one > other)

    return [not any(beats(other, one) for other in scores) for one in scores]


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (exercises.GAP_IN_ERRORS, by_welch),
        (exercises.GAP_IN_ERRORS, by_standard_errors),
        (exercises.NOT_BEATEN, by_loops),
        (exercises.BEST_OF_TWENTY, 0.513),
        (exercises.BEST_OF_TWENTY, 0.51),
        (exercises.READ_THE_TABLE, "adf"),
        (exercises.READ_A_LEADERBOARD, ["(a)", "(d)"]),
    ],
)
def test_a_right_answer_in_other_words_is_accepted(exercise, answer):
    assert exercise.judge(answer) == RIGHT


def test_two_wrong_sentences_of_the_table_are_both_explained():
    said = exercises.READ_THE_TABLE.judge({"a", "b", "d", "f", "g"})
    assert "(b) speaks of a family" in said
    assert "(g): the table ends" in said
