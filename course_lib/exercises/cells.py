"""The cells that ran before a check: which of them wrote the answer, and how one that should have came to its end."""

import ast
import difflib
import re
from dataclasses import dataclass

from course_lib.exercises import calls

_COMPOUND = (ast.For, ast.While, ast.With, ast.If, ast.Try, ast.Match)
_NAMES_OF_THEIR_OWN = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_COMMANDS = {"time": True, "prun": False, "capture": True}  # run a cell as it stands; whether it may hide errors
_NO_NAMES = "return|print|assert|raise|del|import|if|while|for|with|yield|await|not"


@dataclass(frozen=True)
class Cell:
    """A cell that ran, or that Python refused.

    Attributes:
        number: The number that stands in brackets beside it.
        code: Its source, with IPython's own additions to the language translated.
        error: The name of the exception that stopped it, or None.
        message: The first line of what the exception said.
        line: The line at which it stopped; None where that is not known.
        place: What the notebook calls the cell, the same each time that it runs; None where that is not told.
        hides_errors: Whether it ran below a command such as `%%capture`, which does not tell how it ended.
    """

    number: int
    code: str
    error: str | None = None
    message: str = ""
    line: int | None = None
    place: str | None = None
    hides_errors: bool = False

    def parsed(self):
        """The top-level statements; None if it is no valid Python, so that nothing of it ran."""
        try:
            return ast.parse(self.code).body
        except (SyntaxError, ValueError):
            return None

    def mentions(self, name):
        """Whether it writes a name, or (where it is no valid Python) seems to be meant to."""
        statements = self.parsed()
        if statements is None:
            return writes(self.code, name) or _is_meant_to_write(self.code, name)
        return any(_binds(each, name) for each in statements)

    def wrote(self, name):
        """Whether it wrote a name for certain (True), not at all (False), or perhaps (None)."""
        statements = self.parsed()
        if statements is None:
            return False
        said, stopped = False, self.error is not None
        beside = stopped and self.line and sum(each.lineno <= self.line <= each.end_lineno for each in statements) > 1
        for each in statements:
            ended = each.end_lineno < self.line if stopped and self.line else not stopped and not self.hides_errors
            if not ended and self.line is not None and each.lineno > self.line:
                break
            if _binds(each, name):
                certain = ended and not isinstance(each, _COMPOUND)
                possible = self.line is None or ended or beside or isinstance(each, _COMPOUND)
                said = True if certain else (None if possible and not said else said)
        return said


def of_result(shell, result):
    """The `Cell` of what IPython tells after a cell; None where no cell of the notebook ran.

    Args:
        shell: The IPython shell.
        result: An `ExecutionResult`.
    """
    info, number = getattr(result, "info", None), getattr(result, "execution_count", None)
    raw = getattr(info, "raw_cell", None)
    if not isinstance(raw, str) or number is None or getattr(info, "silent", False):
        return None
    error = result.error_before_exec or result.error_in_exec
    public = (each.__name__ for each in type(error).__mro__ if not each.__name__.startswith("_"))
    kind = None if error is None else next(public)
    message = "" if error is None else (error.msg or "") if isinstance(error, SyntaxError) else calls.first_line(error)
    command = (re.match(r"\s*%%(\w+)", raw) or [None, ""])[1]
    line = None if command else _line_of(error)  # such a command counts lines of its own
    place, hides = getattr(info, "cell_id", None), _COMMANDS.get(command, False)
    return Cell(number, _translated(shell, raw, command), kind, message.rstrip("."), line, place, hides)


def _translated(shell, raw, command):
    """Without IPython's commands. A cell below `%%time` is taken for itself; one below `%%bash` writes no names."""
    if command and command not in _COMMANDS:
        return ""
    raw = re.sub(r"\A(\s*)%%[^\n]*", r"\1", raw)
    try:
        return shell.transform_cell(raw) if hasattr(shell, "transform_cell") else raw
    except SyntaxError:
        return raw


def _line_of(error):
    """The line of the cell, not of a function that it calls, at which an exception left it."""
    trace = getattr(error, "__traceback__", None)
    while trace is not None:
        code = trace.tb_frame.f_code
        whole = code.co_name == "<module>" or code.co_name.startswith("<cell line")  # so IPython 7 and 8 call it
        if whole and ("ipykernel_" in code.co_filename or "<ipython" in code.co_filename):
            return trace.tb_lineno
        trace = trace.tb_next
    return error.lineno if isinstance(error, SyntaxError) else None


# --- which names a cell is about -----------------------------------------------------------------------------------


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
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) == 3]
    found = [node for node in found if getattr(node.func, "id", None) == "check"]
    found = [node for node in found if label is None or getattr(node.args[0], "value", None) == label]
    return {node.id for call in found for node in ast.walk(call.args[2]) if isinstance(node, ast.Name)}


def writes(code, name):
    """Whether a cell defines or assigns a name, be it valid Python or not.

    Example:
        >>> writes("def my_kl(mean:", "my_kl"), writes("a, b = 1, 2", "b"), writes("print(b == 2)", "b")
        (True, True, False)
    """
    name = re.escape(name)
    defined = rf"[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+{name}\b"
    assigned = rf"[(\[ \t]*[\w, \t*]*\b{name}\b[\w, \t*)\]]*(?::[^=\n]*)?[-+*/@]?=(?!=)"
    imported = rf"(?:from|import)\b[^\n]*\b{name}\b"
    return bool(re.search(rf"(?m)^(?:{defined}|{assigned}|{imported})", code))


def _is_meant_to_write(code, name):
    """Whether a line begins as if it wrote a name, as "Def my_kl(mean):", "my_kl(mean) = …" and "my_kl: 3" do."""
    name = re.escape(name)
    after_a_word = rf"\w+[ \t]+{name}[ \t]*[(=:]"
    alone = rf"{name}[ \t]*(?:\([^()\n]*\)[ \t]*)?[=:](?!=)"
    return bool(re.search(rf"(?m)^(?!(?:{_NO_NAMES})\b)(?:{after_a_word}|{alone})", code))


def _binds(node, name):
    """Whether a statement gives a name of the notebook a value; inside of a function it is another one."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    if isinstance(node, _NAMES_OF_THEIR_OWN) or (isinstance(node, ast.AnnAssign) and node.value is None):
        return False
    if isinstance(node, ast.Name):
        return node.id == name and isinstance(node.ctx, ast.Store)
    if isinstance(node, ast.alias):
        return name in (node.asname, node.name)
    return any(_binds(each, name) for each in ast.iter_child_nodes(node))


# --- what is said of them ------------------------------------------------------------------------------------------


def fault(ran, names, there):
    """What went wrong in the newest cell that should have written an answer.

    Args:
        ran: The `Cell`s before the check, in the order in which they ran.
        names: The names of the answer.
        there: Those of them that have a value.

    Returns:
        A sentence, or None if that cell did its work, or there is none.
    """
    left, later = set(names), set()
    for cell in reversed(ran):
        if cell.place is None or cell.place not in later:  # what a cell said before it was changed, it says no more
            for name in sorted(name for name in left if cell.mentions(name)):
                said = _told(cell, name, before=name in there)
                if said:
                    return said
                left.discard(name)
        later.add(cell.place)
    return None


def _told(cell, name, before):
    """How a cell that stopped left a name; None where it wrote it."""
    parsed, wrote = cell.parsed() is not None, cell.wrote(name)
    stopped = f"{cell.error}: {cell.message}" if cell.message else cell.error
    where = "" if cell.line is None else f"line {cell.line}"
    if cell.error is None or (wrote and not (parsed and cell.error == "SyntaxError")):
        return None
    if wrote:  # "'return' outside function" is found when the statements before it have run
        return (
            f"The cell that writes `{name}` stopped in {where} ({stopped}): is a line that belongs to it not indented? "
            "Repair it, run it, then run this cell."
        )
    then = "" if wrote is None or not before else ", and what I see is from before"
    when = f"{', perhaps' if wrote is None else ''} before it had written `{name}`"
    if not parsed:
        place = ", ".join(filter(None, (where, stopped)))
        return (
            f"Python could not read the cell that should write `{name}` ({place}), so nothing of it ran{then}. Repair "
            "it, run it, then run this cell."
        )
    place = f" in {where}" if where else ""
    if cell.error == "KeyboardInterrupt":
        return f"The cell that writes `{name}` was interrupted{place}{when}{then}. Run it again, then this one."
    return (
        f"The cell that writes `{name}` stopped{place} ({stopped}){when}{then}. Repair it, run it, then run this cell."
    )


def writer(ran, name):
    """The number of the cell that wrote a name last; None where that is not certain."""
    for cell in reversed(ran):
        if cell.mentions(name) and cell.wrote(name) is not False:
            return cell.number if cell.wrote(name) else None
    return None


def why_missing(ran, name, others):
    """Why a name has no value, where the cell that writes it is not to blame.

    Args:
        ran: The `Cell`s before the check.
        name: The name.
        others: The names that the notebook has.

    Returns:
        A sentence that starts in lower case, or None if that cell did not run.
    """
    number = writer(ran, name)
    if number is not None:
        return (
            f"`{name}` was written by the cell with [{number}] beside it, and deleted since. Run that cell again, then "
            "this one."
        )
    written = {other.lower(): other for other in others if any(cell.mentions(other) for cell in ran)}
    close = difflib.get_close_matches(name.lower(), written, n=1, cutoff=0.8)
    if not close:
        return None
    return (
        f"this session has no `{name}`, and it has `{written[close[0]]}`. If that is your answer: write its name as "
        "the check does, letter by letter, and run both cells."
    )
