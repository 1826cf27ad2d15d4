"""The notebook around an exercise: whether a person sits before it, which cells ran, how a verdict is shown there."""

import ast
import html
import importlib
import os
import re
import sys

from course_lib import runtime
from course_lib.exercises import contents

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


def note_on_the_cell_above(label):
    """What the check cannot see by itself: that the exercise's cell does not compile.

    Args:
        label: The exercise's number in the running cell, `check("8.1", …)`.

    Returns:
        A sentence, or None.
    """
    shell = shell_here()
    ran = list(getattr(shell, "user_ns", {}).get("In") or [])
    return fault_of_the_cell_above(shell, ran[:-1], names_checked(ran[-1], label)) if ran else None


def names_checked(code, label=None):
    """The names in the answers that a cell hands to `check`, such as {"my_kl"}.

    Args:
        code: The source of a cell.
        label: Only those of the check with this number; None for all.

    Example:
        >>> sorted(names_checked('check("8.4", exercises.PREDICT_THE_GAP, (wide, narrow))'))
        ['narrow', 'wide']
    """
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return set()
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) == 3]
    calls = [node for node in calls if getattr(node.func, "id", None) == "check"]
    calls = [node for node in calls if label is None or getattr(node.args[0], "value", None) == label]
    return {node.id for call in calls for node in ast.walk(call.args[2]) if isinstance(node, ast.Name)}


def fault_of_the_cell_above(shell, ran, names):
    """What is wrong with the newest cell that writes one of these names: a sentence, or None."""
    for code in reversed(ran):
        written = [name for name in sorted(names) if writes(code, name)]
        if written:
            error = syntax_error(shell, code)
            return error and (
                f"The cell that writes `{written[0]}` has a syntax error in line {error.lineno}, so Python did not run "
                "it, and what I see is from before. Repair it, run it, then run this cell."
            )
    return None


def writes(code, name):
    """Whether a cell defines or assigns a name, be it valid Python or not.

    Example:
        >>> writes("def my_kl(mean:", "my_kl"), writes("a, b = 1, 2", "b"), writes("print(b == 2)", "b")
        (True, True, False)
    """
    name = re.escape(name)
    defined = rf"[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+{name}\b"
    assigned = rf"[(\[ \t]*[\w, \t*]*\b{name}\b[\w, \t*)\]]*(?::[^=\n]*)?[-+*/@]?=(?!=)"
    return bool(re.search(rf"(?m)^(?:{defined}|{assigned})", code))


def syntax_error(shell, code):
    """The error with which a cell does not compile, or None; IPython's own additions to the language are none."""
    try:
        ast.parse(shell.transform_cell(code) if hasattr(shell, "transform_cell") else code)
    except SyntaxError as error:
        return error
    return None


def explain_a_missing_name(result):
    """After a cell: say calmly why a check stopped at a name that nobody wrote. Called by IPython."""
    error = getattr(result, "error_in_exec", None)
    code = getattr(getattr(result, "info", None), "raw_cell", None) or ""
    shell = shell_of_a_person()
    if shell is None or not isinstance(error, NameError) or not _CHECK.search(code):
        return
    name = getattr(error, "name", None)
    if name in names_checked(code):
        ran = list(shell.user_ns.get("In") or [])
        fault = fault_of_the_cell_above(shell, ran[:-1], {name})
        show_verdict(f"Not answered yet: {fault or f'nothing has written `{name}` in this session. ' + RUN_BOTH}")
    elif name in ("check", "exercises"):
        show_verdict("Not answered yet: this session is new. Run the cells from the top (menu Run, Run All Above).")


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
    if explain_a_missing_name not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", explain_a_missing_name)


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
