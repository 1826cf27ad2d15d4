"""Show the tested source of the library in a lesson: what is shown is what runs."""

import ast
import functools
import html
import inspect
import re
import sys
import textwrap
from pathlib import Path


def show(thing, docstring=False, folded=None):
    """Show the source of a function, class or method: highlighted in a notebook, printed elsewhere.

    Args:
        thing: A function, class, method or property written in Python, such as `VAE.compute_loss`.
        docstring: Whether to show docstrings in full; by default only their first line.
        folded: A line to click on, behind which a notebook hides the source: what gives an answer away is opened by
            those who have one. None hides nothing.

    Raises:
        ValueError: `thing` has no Python source.

    Example:
        >>> from course_lib.source import source_of
        >>> show(source_of)  # doctest: +ELLIPSIS
        # course_lib/source.py
        def source_of(thing, docstring=False):
            ...
    """
    source = source_of(thing, docstring)
    text = f"# {_file_of(thing)}\n{source}"
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if not hasattr(shell, "kernel"):
        print(text)
        return
    from IPython.display import display

    fence = "````" if "```" in text else "```"
    marked = f"{fence}python\n{text}\n{fence}"
    if folded is not None:
        marked = f"<details><summary>{html.escape(folded)}</summary>\n\n{marked}\n\n</details>"
    display({"text/markdown": marked, "text/plain": text}, raw=True)


def source_of(thing, docstring=False):
    """The source of a function, class or method, without indentation.

    Args:
        thing: A function, class, method or property written in Python.
        docstring: Whether to keep docstrings in full; by default only their first line.

    Returns:
        The source, a string without a newline at its end.

    Raises:
        ValueError: `thing` has no Python source.

    Example:
        >>> print(source_of(_unwrapped).splitlines()[0])
        def _unwrapped(thing):
    """
    thing = _unwrapped(thing)
    try:
        lines = inspect.getsource(thing)
    except (OSError, TypeError):
        raise ValueError(f"Expected Python code whose source is at hand, received {_described(thing)}.") from None
    text = textwrap.dedent(lines).rstrip()
    return text if docstring else _with_short_docstrings(text)


def _unwrapped(thing):
    if isinstance(thing, property) and thing.fget is not None:
        thing = thing.fget
    if isinstance(thing, functools.cached_property | functools.partial):
        thing = thing.func
    thing = inspect.unwrap(thing)
    if not (inspect.isroutine(thing) or inspect.isclass(thing)):
        kind = type(thing).__name__
        hint = "name one of its functions or classes" if inspect.ismodule(thing) else f"show its class, {kind}"
        raise ValueError(f"Expected a function, class or method, received {_described(thing)}: {hint}.")
    return thing


def _described(thing):
    name = getattr(thing, "__qualname__", getattr(thing, "__name__", None))
    return f"the {type(thing).__name__} `{name}`" if name else f"an object of type {type(thing).__name__}"


def _file_of(thing):
    """The file as seen from its package, such as course_lib/formulas/divergences.py: the same on every machine."""
    thing = _unwrapped(thing)
    package = sys.modules.get(thing.__module__.partition(".")[0])
    if thing.__module__ == "__main__" or getattr(package, "__file__", None) is None:
        return "this notebook"
    top = Path(package.__file__).parent
    file = Path(inspect.getsourcefile(thing))
    return file.relative_to(top.parent if hasattr(package, "__path__") else top).as_posix()


def _with_short_docstrings(text):
    lines = text.splitlines()
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    docstrings = [node.body[0] for node in nodes if ast.get_docstring(node)]
    for node in sorted(docstrings, key=lambda node: node.lineno, reverse=True):
        opening = re.match(r"""(\s*\w*(\"{3}|'{3}))""", lines[node.lineno - 1])
        if opening and node.end_lineno > node.lineno:
            body = "\n".join(lines[node.lineno - 1 : node.end_lineno])[opening.end() :].strip()
            lines[node.lineno - 1 : node.end_lineno] = [opening[1] + body.splitlines()[0] + opening[2]]
    return "\n".join(lines)
