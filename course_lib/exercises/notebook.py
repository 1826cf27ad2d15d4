"""The notebook around an exercise: whether a person sits before it, which cells ran, how a verdict is shown there."""

import html
import importlib
import os
import re
import sys
from types import FunctionType, ModuleType

from course_lib import runtime
from course_lib.exercises import cells, contents

RUN_BOTH = "If you have written your answer: run the cell above first (Shift+Enter), then this one."
SAME = "This is the same answer as before. If you have changed it: run the cell above first, then this one."
_SIGNS = {
    "right": ("✓", "#007A5A"),
    "not yet": ("✗", "#B84A00"),
    "": ("○", "#6A6A6A"),
}  # white can be read on them, and they are seen on white and on black
_CHECK = re.compile(r"(?<![\w.])check\(")


def shell_here():
    """The running IPython shell, or None."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def shell_of_a_person():
    """The shell of a notebook that a person works in; None elsewhere, also in a notebook that a program runs."""
    shell = shell_here()
    return None if shell is None else runtime.shell_of_a_person(shell)


# --- what ran ----------------------------------------------------------------------------------------------------

_ran = []  # the cells of this session


def note_on_the_cell_above(label):
    """What the check cannot see by itself: that the exercise's cell is no valid Python, or stopped before its end.

    Args:
        label: The exercise's number in the running cell, `check("8.1", …)`.

    Returns:
        A sentence, or None.
    """
    names = _names_of(label)
    return cells.fault(_ran, names, names) if names else None


def source_of_the_answer(label):
    """Which cells wrote the answer that is checked: a sentence, or nothing where that is not certain."""
    written = {}
    for name in sorted(_names_of(label)):
        written.setdefault(cells.writer(_ran, name), []).append(f"`{name}`")
    if not written or None in written:
        return ""
    said = (f"{' and '.join(names)} of the cell with [{number}] beside it" for number, names in written.items())
    return f" What is checked is {', and '.join(said)}."


def _names_of(label):
    """The names of the answer in the running cell, unless that cell writes one itself."""
    code = [*(getattr(shell_here(), "user_ns", {}).get("In") or [""])][-1]
    names = cells.names_checked(code, label)
    return set() if any(cells.writes(code, name) for name in names) else names


def after_a_cell(result):
    """Note how a cell ended; say calmly why a check stopped at a name that nobody wrote. Called by IPython."""
    shell = shell_of_a_person()
    if shell is None:
        return
    explain_a_missing_name(shell, result)
    cell = cells.of_result(shell, result)
    _ran.extend([] if cell is None else [cell])


def explain_a_missing_name(shell, result):
    """Say below a check that stopped why: a name has no value, or the check itself was changed."""
    error = getattr(result, "error_in_exec", None)
    code = getattr(getattr(result, "info", None), "raw_cell", None) or ""
    if error is None or not _CHECK.search(code):
        return
    if not isinstance(error, NameError):
        said = _what_became_of_the_check(shell, error)
        if said:
            show_verdict(f"Not answered yet: {said}")
        return
    name, names = getattr(error, "name", None), cells.names_checked(code)
    if name in names:
        fault = cells.fault(_ran, {name}, set())
        others = [each for each in shell.user_ns if not each.startswith("_") and each not in names]
        why = fault or cells.why_missing(_ran, name, others) or f"this session has no `{name}` yet. {RUN_BOTH}"
        show_verdict(f"Not answered yet{'.' if fault else ':'} {why}")
    elif name in ("check", "exercises"):
        show_verdict(
            f"Not answered yet: this session has no `{name}`. Run the cells from the top (menu Run, Run All Above)."
        )


def _what_became_of_the_check(shell, error):
    """A sentence where a learner changed the check itself: its arguments, or what its names stand for; else None."""
    lost = [name for name, kind in (("check", FunctionType), ("exercises", ModuleType))
            if name in shell.user_ns and not isinstance(shell.user_ns[name], kind)]  # fmt: skip
    if lost:
        return (
            f"a cell gave the name `{lost[0]}` to something else, and the checks need it. Take another name there, "
            "restart the kernel (menu Kernel) and run the cells from the top."
        )
    if isinstance(error, TypeError) and str(error).startswith("check()"):
        return "a check takes three things: its number, the exercise, and your answer. Write it as it was."
    return None


# --- what is at hand ---------------------------------------------------------------------------------------------


def put_at_hand(shell, **names):
    """Give a notebook the names that its checks need, so that each runs in a fresh session right after the set-up cell.

    What the notebook has already stays as it is.

    Args:
        shell: The IPython shell.
        **names: Names and what they stand for.
    """
    lesson = lesson_of_this_notebook(shell)
    if lesson is not None:
        names["exercises"] = importlib.import_module(f"course_lib.exercises.{lesson}")
    for name, thing in names.items():
        shell.user_ns.setdefault(name, thing)
    if after_a_cell not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", after_a_cell)


def lesson_of_this_notebook(shell):
    """The name of the lesson whose file this notebook is, where Jupyter or VS Code says which; else None."""
    path = os.environ.get("JPY_SESSION_NAME") or shell.user_ns.get("__vsc_ipynb_file__") or ""
    found = re.match(r"\d\d_([a-z0-9_]+)", re.split(r"[/\\]", str(path))[-1])
    return found[1] if found and contents.EXERCISES.get(found[1]) else None


# --- how it is shown ---------------------------------------------------------------------------------------------


def show_verdict(text):
    """Show a verdict: with a sign and a colour where a person sits before a notebook, else printed.

    Args:
        text: Lines; the first holds the verdict, those after it are hints and notes.
    """
    if shell_of_a_person() is None:
        print(text)
        return
    from IPython.display import display

    display({"text/plain": text, "text/html": as_html(text)}, raw=True)


def as_html(text):
    """A verdict as a block of words that wrap, in the colours of the page it stands on.

    Args:
        text: As for `show_verdict`.

    Returns:
        HTML.
    """
    first, *rest = text.split("\n")
    found = re.match(r"(?:Exercise [^:]*: )?(right|not yet)\b", first)
    sign, colour = _SIGNS[found[1] if found else ""]
    marked = [_in_html(first), *(f'<div style="margin-top:.3em">{_in_html(line.strip())}</div>' for line in rest)]
    return (
        f'<div role="status" style="border-left:4px solid {colour};padding:.2em .8em;margin:.2em 0;max-width:50em;'
        'white-space:normal;overflow-wrap:break-word;font-family:var(--jp-content-font-family,sans-serif)">'
        f'<b aria-hidden="true" style="background:{colour};color:#fff;padding:0 .35em;border-radius:.2em">{sign}</b> '
        f"{''.join(marked)}</div>"
    )


def _in_html(text):
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
