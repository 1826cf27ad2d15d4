"""The sentences of the checks name lessons and exercises by their numbers of today."""

import pytest

from course_lib.exercises import contents
from course_lib.exercises.references import exercise, lesson


@pytest.mark.parametrize("name", contents.LESSONS)
def test_a_lesson_is_named_by_its_number(name):
    assert lesson(name) == f"lesson {contents.LESSONS[name]}"


def test_exercises_are_counted_from_one():
    first, second, *_ = contents.EXERCISES["the_elbo"]
    number = int(contents.LESSONS["the_elbo"])
    assert exercise(f"the_elbo.{first}") == f"exercise {number}.1"
    assert exercise(f"the_elbo.{second}") == f"exercise {number}.2"


@pytest.mark.parametrize("name", ["the_elbow", "05", ""])
def test_an_unknown_lesson_is_refused(name):
    with pytest.raises(ValueError, match=r"must be a lesson's: start_here, .*; got"):
        lesson(name)


@pytest.mark.parametrize("name", ["the_elbo.GONE", "the_elbo", "gone.SQUARED_ERROR", ""])
def test_an_unknown_exercise_is_refused(name):
    with pytest.raises(ValueError, match="one of its exercises; got"):
        exercise(name)
