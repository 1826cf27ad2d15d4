"""Formulas for a page without a network: LaTeX becomes MathML, which browsers draw by themselves.

Why MathML: it is text in the page (a screen reader speaks it, a printer prints it sharply), it needs no script and no
font files, and all current browsers draw it. MathJax or KaTeX would add megabytes to each page or a folder beside it.
The converter is latex2mathml, pure Python, fetched once (`requirements-sheets.lock`, with its hash) and kept in .cache.
"""

import importlib
import re
import subprocess
import sys
from pathlib import Path

from tools.editions.formulas import FORMULA

LOCK = "requirements-sheets.lock"
# What the converter does not know → what it knows, with the same look.
REWRITTEN = (
    (r"\\math(bb|cal|bf|rm) ?([A-Za-z])", lambda found: rf"\math{found[1]}{{{found[2]}}}"),
    (r"\\(?:text|operatorname\*?)\{([^{}]*)\}", lambda found: rf"\text{{{found[1]}}}"),
    (r"\\(?:big|Big|bigg|Bigg)[lrm]?(?![a-z])", lambda found: ""),
    (r"\\boxed\{\\;", lambda found: "{"),
    (r"\\[!;,:]\}", lambda found: "}"),
    (r"\\lt(?![a-z])", lambda found: "<"),
)


THIN_SPACE = re.compile(r"(<mi>(?:log|exp|sin|cos|tanh|max|min|det|arg)</mi>)(?=<m(?:i|n|sub|sup|frac|row)\b)")


class MathematicsError(Exception):
    """The converter is missing, or does not understand a formula: what, and how to repair it."""


def folder_of(root):
    """Where the converter is kept."""
    return Path(root) / ".cache" / "sheets"


def installed(root):
    """Whether the version that the lock names lies in its folder."""
    version = re.search(r"latex2mathml==(\S+)", (Path(root) / LOCK).read_text("utf-8"))[1]
    return (folder_of(root) / f"latex2mathml-{version}.dist-info").is_dir()


def install(root):
    """Fetch the converter, by its hash.

    Raises:
        MathematicsError: There is no network, or the file is not the one that the lock names.
    """
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "--quiet",
        "--upgrade",
    ]
    command += ["--no-deps", "--require-hashes", "--target", str(folder_of(root)), "-r", str(Path(root) / LOCK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MathematicsError(
            "The sheets need latex2mathml once, a small package that turns formulas into MathML, and it could not be "
            f"fetched. Connect to a network (or name your proxy) and call again. pip: {done.stderr.strip()[-600:]}"
        )


def converter(root):
    """A function from LaTeX and whether it is displayed to MathML; the package is fetched where it is missing."""
    if not installed(root):
        install(root)
    if str(folder_of(root)) not in sys.path:
        sys.path.append(str(folder_of(root)))
    convert = importlib.import_module("latex2mathml.converter").convert

    def to_mathml(latex, display=False):
        for pattern, instead in REWRITTEN:
            latex = re.sub(pattern, instead, latex)
        try:
            made = convert(latex.strip(), display="block" if display else "inline")
        except Exception as error:  # the converter raises many kinds
            raise MathematicsError(f"This formula could not be converted ({error}): {latex}") from None
        if "\\" in re.sub(r"<mo[^>]*>&#x0005C;</mo>", "", made):
            raise MathematicsError(f"The converter does not know a command of this formula: {latex}\nIt made: {made}")
        return THIN_SPACE.sub(r'\1<mspace width="0.167em"></mspace>', made)

    return to_mathml


def set_aside(text, to_mathml):
    """A text with marks in the places of its formulas, which markdown leaves alone, and what belongs there."""
    made = {}

    def mark(found):
        if found["code"]:
            return found[0]
        name = f"FORMULA{len(made)}X"
        made[name] = to_mathml(found["display"] or found["inline"], bool(found["display"]))
        return name

    return FORMULA.sub(mark, text), made
