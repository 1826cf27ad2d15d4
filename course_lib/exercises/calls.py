"""How a learner's function behaves when it is called: what it changes, and why it stops."""

import difflib
import inspect
import linecache
import re
import traceback

import numpy as np

_WORDS_OF_MISFITTING_SHAPES = (
    "could not be broadcast",
    "incompatible shapes",
    "mismatch in its core dimension",
    "shapes cannot be multiplied",
    "must match the size of tensor",
    "not aligned",
    "matrix size-incompatible",
    "dimensions must be equal",
)


def copied(value):
    """Inputs with arrays of their own, so that one call cannot spoil the next."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    return type(value)(map(copied, value)) if type(value) in (tuple, list) else value


def changed_input(function, inputs, passed):
    """The input that a call changed in place.

    Args:
        function: The function that was called, for the names of its arguments.
        inputs: The arguments as they were.
        passed: The same arguments after the call.

    Returns:
        Words such as "its input `mean`", or None.

    Example:
        >>> changed_input(lambda mean: None, (np.zeros(2),), (np.ones(2),))
        'its input `mean`'
    """
    for number, (before, after) in enumerate(zip(inputs, passed, strict=True)):
        if not _same(before, after):
            names = _argument_names(function)
            return f"its input `{names[number]}`" if number < len(names) else f"its input number {number + 1}"
    return None


def _same(before, after):
    if isinstance(before, np.ndarray):
        return before.dtype == object or np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(_same(before[key], after[key]) for key in before)
    if type(before) in (tuple, list):
        return len(before) == len(after) and all(map(_same, before, after))
    return True


def _argument_names(function):
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some built-in functions have no signature
        return []


def misfit(function, inputs):
    """A sentence if the function cannot be called with these arguments at all, else None.

    Example:
        >>> misfit(lambda mean: mean, (0.0, 1.0))
        'your function is called with 2 arguments, and takes: mean.'
    """
    try:
        inspect.signature(function).bind(*inputs)
    except TypeError:
        takes = ", ".join(_argument_names(function)) or "none"
        return f"your function is called with {len(inputs)} argument{'s'[: len(inputs) - 1]}, and takes: {takes}."
    except ValueError:
        return None
    return None


def comes_from_a_hole(error):
    """Whether an exception says no more than that something is still `...`."""
    message = _message(error).lower()
    unfilled = "ellipsis" in message and "single ellipsis" not in message
    return unfilled or isinstance(error, NotImplementedError)


def explained(error, answer):
    """An exception as a sentence that starts in lower case, with the line of the learner's cell that was running.

    Args:
        error: The exception, with its traceback.
        answer: The function that was called, which tells the learner's own lines from the library's.

    Returns:
        A sentence, such as "the name `lg_var` is not defined; did you mean `log_var`? (Line 2 of your cell: …)".
    """
    frame, place = _place(error, answer)
    return _sentence(error, frame) + place


def _sentence(error, frame):
    kind, message = type(error).__name__, _first_line(error)
    if isinstance(error, UnboundLocalError) and (quoted := re.search(r"'(\w+)'", message)):
        return f"the variable `{quoted[1]}` is used before it has a value."
    if isinstance(error, NameError) and error.name:
        known = [*frame.f_locals, *frame.f_globals] if frame else []
        close = difflib.get_close_matches(error.name, known, n=1)
        return f"the name `{error.name}` is not defined" + (f"; did you mean `{close[0]}`?" if close else ".")
    if isinstance(error, RecursionError):
        return "your function calls itself without end."
    if any(words in message.lower() for words in _WORDS_OF_MISFITTING_SHAPES):
        return f"the shapes of two arrays do not fit together: {message}."
    return f"your code stopped with {kind}: {message}." if message else f"your code stopped with {kind}."


def _message(error):
    try:
        return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    except Exception:  # an exception class of the learner's own may fail to print
        return ""


def _first_line(error):
    line = next(iter(_message(error).strip().splitlines()), "").rstrip(". ")
    return line if len(line) <= 200 else line[:199] + "…"


def _place(error, answer):
    """The last frame of the learner's own code, and words on its line."""
    own = getattr(getattr(answer, "__code__", None), "co_filename", None)
    found = None, ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if file == own or "ipykernel_" in file or file.startswith("<ipython-input"):
            line = linecache.getline(file, number).strip()
            found = frame, f" (Line {number} of your cell{f': `{line}`' if line else ''}.)"
    return found
