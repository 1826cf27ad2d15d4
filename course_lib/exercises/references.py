"""Lessons and exercises by name, for the sentences of the checks: numbers change when a lesson is moved."""

from course_lib.exercises import contents


def lesson(name):
    """A lesson as it is called in a sentence.

    Args:
        name: The lesson's name, such as "the_elbo".

    Returns:
        A string, "lesson " and two digits.

    Raises:
        ValueError: If no lesson has this name.

    Example:
        >>> lesson("start_here")
        'lesson 00'
    """
    if name not in contents.LESSONS:
        raise ValueError(f"name must be a lesson's: {', '.join(contents.LESSONS)}; got {name!r}.")
    return f"lesson {contents.LESSONS[name]}"


def exercise(name):
    """An exercise as it is called in a sentence.

    Args:
        name: The names of its lesson and its own, such as "the_elbo.PREDICT_THE_GAP".

    Returns:
        A string, "exercise " and the numbers of lesson and exercise.

    Raises:
        ValueError: If no exercise has this name.

    Example:
        >>> exercise("start_here.SQUARED_ERROR")
        'exercise 0.1'
    """
    place, _, own = name.rpartition(".")
    names = contents.EXERCISES.get(place, ())
    if own not in names:
        raise ValueError(f"name must be a lesson's name, a dot and one of its exercises; got {name!r}.")
    return f"exercise {int(contents.LESSONS[place])}.{names.index(own) + 1}"
