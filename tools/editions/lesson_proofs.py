"""The rule of proofs: a cell that asserts has been seen red, or says what else it is.

A code cell with an `assert` has one of these tags:

* `proof`: theory against an oracle. At least one planted bug, in the library or in a cell, has turned it red; the
  record of that is in tests/mutants/lessons.json, with a digest of the cell's code (tests/mutants/plant_in_lessons.py).
* `guard`: it only makes sure that the data, a shape or a chance is what the text below needs.
* `identity`: both sides are equal by algebra, whatever the numbers. The text before the cell says so.
"""

import ast
import hashlib
import json
import re

from tools.editions.lesson_cells import built_text, cell_ids, checks_of, tags_of
from tools.editions.lesson_names import name_of, numbered_source
from tools.editions.lesson_sources import LessonError

ROLES = ("proof", "guard", "identity")
RECORDS = ("tests", "mutants", "lessons.json")

# Lessons with proof cells that nobody has turned red yet, and how many: each number can only shrink.
PENDING = {}


def asserting_cells(course, lesson):
    """The cells of a lesson that assert and are no exercise: list of (name, cell, code)."""
    cells = numbered_source(course, lesson, strict=False).cells
    return [
        (name, cell, built_text(course, cell, True))
        for name, cell in zip(cell_ids(cells), cells, strict=True)
        if cell.cell_type == "code" and "exercise" not in tags_of(cell) and asserts_in(cell.source)
    ]


def proof_cells(course, lesson):
    """The cells tagged `proof`: dictionary of name → the code that decides."""
    return {name: deciding(code) for name, cell, code in asserting_cells(course, lesson) if "proof" in tags_of(cell)}


def statements_of(code):
    return ast.parse(re.sub(r"(?m)^%.*$", "", code)).body


def asserts_in(code):
    try:
        return any(isinstance(node, ast.Assert) for each in statements_of(code) for node in ast.walk(each))
    except SyntaxError:
        return False


def deciding(code):
    """A cell up to its last assertion: what follows, such as a figure, cannot change the verdict."""
    ends = [each.end_lineno for each in statements_of(code) if any(isinstance(n, ast.Assert) for n in ast.walk(each))]
    return "\n".join(line.rstrip() for line in code.splitlines()[: max(ends)])


def digest(code):
    return hashlib.sha256(deciding(code).encode()).hexdigest()[:16]


def convictions(course):
    """Lesson → list of convictions, each a dictionary with `cell`, `digest`, `bug`, `message`."""
    path = course.root.joinpath(*RECORDS)
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def proof_problems(course, lesson):
    """Sentences about cells that assert without a role, and about proofs that were never seen red."""
    try:
        cells = asserting_cells(course, lesson)
    except (LessonError, SyntaxError):  # another rule says so
        return []
    problems = []
    texts = text_before(course, lesson)
    for name, cell, _ in cells:
        roles = [tag for tag in tags_of(cell) if tag in ROLES]
        if len(roles) != 1:
            problems.append(f"cell `{name}`: it asserts, so it has one of the tags {', '.join(ROLES)}")
        elif roles == ["identity"] and "identit" not in texts[name].lower():
            problems.append(f"cell `{name}`: it is tagged `identity`, and the text before it does not say so")
        if checks_of(cell.source):
            problems.append(f"cell `{name}`: a check and an assertion do not go into one cell")
    open_ones, pending = never_red(course, lesson), PENDING.get(name_of(lesson), 0)
    if len(open_ones) > pending:
        problems += [
            f"cell `{name}`: no bug on record turns this proof, as it is now, red: plant one in "
            f'tests/mutants/lessons/ and run `make mutants ARGS="lessons --new {name_of(lesson)}"`'
            for name in open_ones
        ]
    elif len(open_ones) < PENDING.get(name_of(lesson), 0):
        problems.append(
            f"{len(open_ones)} proofs wait for a bug, and PENDING says {PENDING[name_of(lesson)]}: lower it"
        )
    return problems


def never_red(course, lesson):
    """The proof cells whose present code no bug on record has turned red."""
    seen = {each["digest"] for each in convictions(course).get(name_of(lesson), [])}
    return [name for name, code in proof_cells(course, lesson).items() if digest(code) not in seen]


def text_before(course, lesson):
    """The text above each code cell, from the last code cell that has text above it."""
    text, texts, in_code = "", {}, False
    cells = numbered_source(course, lesson, strict=False).cells
    for name, cell in zip(cell_ids(cells), cells, strict=True):
        if cell.cell_type == "markdown":
            text, in_code = ("" if in_code else text) + cell.source, False
        else:
            texts[name], in_code = text, True
    return texts
