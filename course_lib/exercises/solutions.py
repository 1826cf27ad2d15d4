"""The tested solution of one exercise, in the notebook: after two tries, or where it is asked for anyway.

`solutions.json` holds the code of the solved lessons. The builder writes it from their sources.
"""

import functools
import json
import re
import sys
from pathlib import Path

from course_lib.exercises import contents
from course_lib.exercises.engine import TRIES, Exercise, name_of, tries_of
from course_lib.exercises.notebook import shell_here


def solution(which, anyway=False):
    """Show one way to solve an exercise, the one that the tests run.

    Args:
        which: The exercise: its number, such as "8.1", its name, such as "KL_OF_TWO_GAUSSIANS", with its lesson's name
            before it where two lessons have one of that name, or the exercise itself, `exercises.KL_OF_TWO_GAUSSIANS`.
            Blanks, small letters and the word "exercise" make no other number or name.
        anyway: Whether to show it before two tries.

    Raises:
        ValueError: If there is no such exercise.

    Example:
        >>> solution("TIMES_SMALLER", anyway=True)  # doctest: +ELLIPSIS
        # Exercise ..., one way to solve it
        times_smaller = 784 / (16 * 4)
    """
    name = found(which)
    label = number_of(name)
    if not anyway and tries_of(name) < TRIES:
        print(
            f"Exercise {label}: try it twice first; the check tells you what is wrong with an answer. "
            f'To see the solution now: solution("{label}", anyway=True)'
        )
        return
    text = f"# Exercise {label}, one way to solve it\n{solution_of(name)}"
    if not hasattr(shell_here(), "kernel"):
        print(text)
        return
    from IPython.display import display

    display({"text/markdown": f"```python\n{text}\n```", "text/plain": text}, raw=True)


def solution_of(name):
    """The code that solves an exercise.

    Args:
        name: The names of its lesson and its own, such as "the_elbo.KL_OF_TWO_GAUSSIANS".

    Returns:
        Python source, as in the solved lesson.
    """
    lesson, own = name.split(".")
    return _stored()[lesson][own]


def number_of(name):
    """The number of an exercise, such as "8.1"."""
    lesson, own = name.split(".")
    return f"{int(contents.LESSONS[lesson])}.{contents.EXERCISES[lesson].index(own) + 1}"


def found(which):
    """The name of an exercise, with its lesson's; `which` as for `solution`."""
    names = [f"{lesson}.{own}" for lesson, owns in contents.EXERCISES.items() for own in owns]
    if isinstance(which, Exercise):
        same = [name_of(which)] if name_of(which) in names else []
    else:
        asked = _spelled(which)
        same = [name for name in names if asked in map(_spelled, (name, name.split(".")[1], number_of(name)))]
        longer = [number for number in map(number_of, names) if number == f"{asked}0"]
        if isinstance(which, float) and longer:
            raise ValueError(f'which must be a string here: Python reads {longer[0]} as {which}. Write "{longer[0]}".')
    if len(same) > 1:  # that of the lesson which this notebook is
        same = [name for name in same if f"course_lib.exercises.{name.split('.')[0]}" in sys.modules] or same
    if len(same) != 1:
        known = "several lessons have one" if same else "there is none"
        example = f" Say which: {', '.join(same)}." if same else ' Take its number, as in solution("8.1").'
        raise ValueError(f"which must be the number or the name of an exercise; got {which!r}, and {known}.{example}")
    return same[0]


def _spelled(which):
    """A number or a name without what people add to it: blanks, "exercise", small letters, a zero, a comma."""
    text = re.sub(r"^exercises?\b[ .:]*", "", str(which).strip().strip("\"'`. ").casefold())
    text = re.sub(r"[\s-]+", "_", re.sub(r"\s*([.,])\s*", r"\1", text))
    number = re.fullmatch(r"0*(\d+)[.,](\d+)", text)
    return f"{number[1]}.{number[2]}" if number else text


@functools.cache
def _stored():
    return json.loads(Path(__file__).with_name("solutions.json").read_text("utf-8"))
