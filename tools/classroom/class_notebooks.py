"""A lesson as nbgrader's instructor edition: solutions in its exercise cells, and its check cells worth points.

nbgrader knows cells by `metadata.nbgrader`. Here an exercise is a *solution* cell, in which students write; the check
below it is a *test* cell, locked and worth points, which must fail where the answer is not right (`COURSE_STRICT=1`);
the set-up cell is locked without points. All other cells are free: students may play with them.
"""

import re

from tools.editions.lesson_cells import hole_of, make_notebook, solution_blocks
from tools.editions.lesson_names import exercises_of, numbered_source
from tools.editions.lesson_sources import LessonError, tags_of
from tools.editions.lesson_times import MINUTES_OF_AN_EXERCISE, kinds_of_exercises

SCHEMA = 3
UNKNOWN_KIND = "a function to write"  # what the lesson's time assumes, too
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
SAID = "\n\n*Class edition: your answers are collected and graded. Keep the cells and their order.*"


def class_notebook(course, lesson):
    """The instructor edition of a lesson, not run.

    Args:
        course: The `Course`.
        lesson: The lesson, `NN_name`.

    Returns:
        An `nbformat` notebook that `nbgrader generate_assignment` accepts.

    Raises:
        LessonError: The lesson cannot be built, or an exercise has no check below it.
    """
    notebook = make_notebook(course, lesson)
    source = numbered_source(course, lesson)
    points = points_of(course, lesson)
    for cell, written in zip(notebook.cells, source.cells, strict=True):
        if "exercise" in tags_of(cell):
            cell.source = with_regions(written.source)
            cell.metadata.nbgrader = marks(cell.id, solution=True)
        elif cell.id.startswith("check-"):
            cell.metadata.nbgrader = marks(cell.id, locked=True, points=points.pop(0)) if points else {}
        elif cell.id == "setup":
            cell.metadata.nbgrader = marks(cell.id, locked=True)
        elif cell.cell_type == "markdown":
            cell.source = with_links_between_folders(cell.source)
    notebook.cells[0].source += SAID
    notebook.metadata.kernelspec = KERNEL
    refuse_lone_cells(lesson, notebook, points)
    return notebook


def points_of(course, lesson):
    """The points of a lesson's exercises, in order: one for each minute that the exercise is expected to take."""
    kinds = kinds_of_exercises(course, course.source(lesson).read_text("utf-8"))
    return [MINUTES_OF_AN_EXERCISE[kinds.get(name, UNKNOWN_KIND)] for name in exercises_of(course, lesson)]


def marks(name, solution=False, locked=False, points=None):
    """What nbgrader reads of a cell."""
    grade = points is not None
    found = {"cell_type": "code", "grade": grade, "grade_id": name, "locked": locked, "schema_version": SCHEMA}
    found |= {"solution": solution, "task": False}
    return found | ({"points": points} if grade else {})


def with_regions(code):
    """An exercise with its solution, and with what students get instead in comments, between nbgrader's marks."""
    lines = []
    for part in solution_blocks(code):
        if isinstance(part, str):
            lines.append(part)
            continue
        indent, solution, instead = part
        hole = [f"{indent}# {line}".rstrip() for line in hole_of(solution, instead)]
        region = [f"{indent}### BEGIN SOLUTION", *solution, f"{indent}### INSTEAD", *hole]
        lines += [*region, f"{indent}### END SOLUTION"]
    return "\n".join(lines)


def with_links_between_folders(text):
    """Links to other lessons as they are in a course folder, where each lesson has a folder of its own.

    What lies in this repository's `docs/` students do not have: there the words remain.
    """
    text = re.sub(r"\[([^]\n]+)\]\(\.\./docs/[^)\s]*\)", r"\1", text)
    return re.sub(r"\]\((\d\d_\w+)\.ipynb", r"](../\1/\1.ipynb", text)


def refuse_lone_cells(lesson, notebook, points_left):
    """Exercises and checks that are not one of each, which could not be graded."""
    graded = [cell.id.split("-", 1) for cell in notebook.cells if cell.id.startswith(("exercise-", "check-"))]
    roles = [role for role, _ in graded]
    labels = [label for _, label in graded]
    if points_left or roles != ["exercise", "check"] * (len(roles) // 2) or labels[::2] != labels[1::2]:
        raise LessonError(
            f"{lesson}: expected one check below each exercise, came {', '.join('-'.join(each) for each in graded)}. "
            f"Write `check(exercises.NAME, answer)` in the cell below each cell with the tag `exercise`."
        )
