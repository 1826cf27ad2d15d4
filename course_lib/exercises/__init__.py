"""The exercises of the lessons: each knows its right answer, and the wrong ones worth naming."""

import importlib
import pkgutil

from course_lib.exercises.engine import Entry, Exercise, Mistake, check, from_library
from course_lib.exercises.solutions import solution

__all__ = ["Entry", "Exercise", "Mistake", "all_exercises", "check", "from_library", "solution"]


def all_exercises():
    """Every exercise of the course, for the tests.

    Returns:
        A dictionary from `"the_elbo.KL_TO_THE_STANDARD_NORMAL"` to its `Exercise`, in the order of names.
    """
    found = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        names = vars(importlib.import_module(f"{__name__}.{module.name}"))
        found |= {f"{module.name}.{name}": each for name, each in names.items() if isinstance(each, Exercise)}
    return found
