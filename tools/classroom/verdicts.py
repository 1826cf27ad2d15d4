"""What stands in the notebooks of a class: the verdict on each exercise, read from the stored outputs.

Nothing is run. A notebook that cannot be read, or lacks something, becomes a sentence, and the others are read.
"""

import importlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.exercises import contents
from course_lib.exercises.engine import NOT_YET, RIGHT, UNANSWERED

GRADED, SUBMITTED = "autograded", "submitted"
NO_WORK_OF_STUDENTS = {"source", "release", "feedback"}
MOST_BYTES = 100_000_000
CHECK = re.compile(r"""(?<![\w.])check\(\s*["']([\d.]+)["']\s*,\s*\w+\.([A-Z]\w*)""")
MODULE = re.compile(r"^from course_lib\.exercises import (\w+) as exercises$", re.MULTILINE)
STATES = ("right", "wrong", "empty", "stopped", "not run", "missing")


@dataclass(frozen=True)
class Verdict:
    """How an exercise stands in one notebook.

    Attributes:
        state: One of `STATES`: wrong was judged so, stopped ended in an error or at the time limit, empty is as it was
            handed out, and of a missing one the check was deleted.
        mistakes: The names of the mistakes that the sentence names.
        said: The sentence, or the error.
    """

    state: str
    mistakes: tuple = ()
    said: str = ""


@dataclass
class Work:
    """A lesson that a student handed in."""

    student: str
    lesson: str
    path: Path
    verdicts: dict

    @property
    def right(self):
        return sum(verdict.state == "right" for verdict in self.verdicts.values())


@dataclass
class Class:
    """What was found in a folder.

    Attributes:
        folder: Where it was read.
        works: One `Work` for each student and lesson.
        problems: What was wrong with notebooks, as sentences.
    """

    folder: Path
    works: list = field(default_factory=list)
    problems: list = field(default_factory=list)

    @property
    def is_graded(self):
        return self.folder.name == GRADED


class NotebookError(Exception):
    """Why a notebook cannot be read, and what to do."""


# --- a folder ----------------------------------------------------------------------------------------------------


def read_class(folder):
    """Read all notebooks of a folder: that of a class, nbgrader's `autograded/` or `submitted/`, or any other.

    Args:
        folder: A `Path`. Its first level are students, `STUDENT/…/LESSON.ipynb`, or the notebooks themselves, named for
            students, `STUDENT_LESSON.ipynb`. Where nbgrader has graded, what it ran is read, not what was handed in.

    Returns:
        A `Class`.
    """
    found = Class(where_the_work_is(folder))
    for path in notebooks_in(found.folder):
        where = path.relative_to(found.folder).as_posix()
        try:
            lesson, verdicts = read_notebook(path)
        except NotebookError as error:
            found.problems.append(f"{where}: {error}")
            continue
        found.works.append(Work(student_of(path, found.folder, lesson), lesson, path, verdicts))
        found.problems += [f"{where}: {problem}" for problem in oddities(path, lesson, verdicts)]
    if found.is_graded:
        found.problems += left_ungraded(found.folder)
    keep_one_of_each(found)
    return found


def where_the_work_is(folder):
    for name in (GRADED, SUBMITTED):
        if any(notebooks_in(folder / name)):
            return folder / name
    return folder


def notebooks_in(folder):
    """The notebooks of students below a folder, in order; not Jupyter's checkpoints, nor the lecturer's editions."""
    for path in sorted(folder.rglob("*.ipynb")):
        above = path.relative_to(folder).parts[:-1]
        hidden = any(part.startswith(".") for part in (*above, path.name))
        if not hidden and not NO_WORK_OF_STUDENTS & set(above[:1]) and path.is_file():
            yield path


def student_of(path, folder, lesson):
    first, *rest = path.relative_to(folder).parts
    if rest:
        return first
    name = re.sub(rf"(?:\d\d_)?{lesson}", "", path.stem).strip(" _-.")
    return name or path.stem


def oddities(path, lesson, verdicts):
    """Sentences on a notebook that can be read and is not as it was handed out."""
    problems = [
        f"expected a check of exercise {label_of(lesson, name)}, came none: its cell was deleted or changed"
        for name, verdict in verdicts.items()
        if verdict.state == "missing"
    ]
    if lesson not in path.stem:
        problems.append(
            f"it is the lesson `{file_of(lesson)}` under another name, which nbgrader passes over: rename it"
        )
    return problems


def left_ungraded(graded):
    """Notebooks that were handed in and have no graded fellow: nbgrader gave up on them."""
    submitted = graded.with_name(SUBMITTED)
    return [
        f"{path.relative_to(submitted).as_posix()}: it was handed in and not graded: call `nbgrader autograde` and "
        f"read what it says"
        for path in notebooks_in(submitted)
        if not (graded / path.relative_to(submitted)).exists()
    ]


def keep_one_of_each(found):
    """Of several notebooks of a student and a lesson, the one with most right answers counts."""
    best = {}
    for work in found.works:
        key = work.student, work.lesson
        if key in best:
            better, other = sorted((best[key], work), key=lambda each: -each.right)
            where = [each.path.relative_to(found.folder).as_posix() for each in (other, better)]
            found.problems.append(
                f"{where[0]}: the same student has this lesson twice: {where[1]} counts, which has no fewer right"
            )
            work = better
        best[key] = work
    found.works = list(best.values())


# --- a notebook --------------------------------------------------------------------------------------------------


def read_notebook(path):
    """The lesson that a notebook is, whatever its name, and the verdicts that stand in it.

    Returns:
        The lesson's name, and a dict from the name of each of its exercises to a `Verdict`.

    Raises:
        NotebookError: It is broken, or no lesson of the course.
    """
    cells = code_cells(path)
    sources = [text_of(cell.get("source")) for cell in cells]
    lesson = lesson_of(sources)
    exercises = importlib.import_module(f"course_lib.exercises.{lesson}")
    verdicts = {name: Verdict("missing") for name in contents.EXERCISES[lesson]}
    for cell, source in zip(cells, sources, strict=True):
        for label, name in CHECK.findall(source):
            if name in verdicts:
                verdicts[name] = verdict_of(cell, label, getattr(exercises, name))
    return lesson, verdicts


def code_cells(path):
    if path.stat().st_size > MOST_BYTES:
        raise NotebookError(
            f"expected a notebook, came {path.stat().st_size / 1e6:.0f} MB: clear its outputs and run it"
        )
    try:
        cells = json.loads(path.read_text("utf-8-sig"))["cells"]
        return [cell for cell in cells if cell.get("cell_type") == "code"]
    except OSError as error:
        raise NotebookError(f"it cannot be opened ({error.strerror})") from None
    except (ValueError, RecursionError) as error:  # of JSON, and of UTF-8
        reason = f"{type(error).__name__}: {str(error)[:80]}"
        raise NotebookError(f"expected a notebook, came no JSON ({reason}): ask for it once more") from None
    except (KeyError, TypeError, AttributeError):
        raise NotebookError(
            "expected a notebook with a list of cells, came other JSON: ask for the .ipynb file"
        ) from None


def text_of(source):
    """A text that a notebook may keep in lines."""
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")


def lesson_of(sources):
    """The lesson whose checks these cells hold: the one that they import, or else the one that has most of them."""
    text = "\n".join(sources)
    checked = {name for _, name in CHECK.findall(text)}
    imported = [name for name in MODULE.findall(text) if name in contents.EXERCISES]
    fitting = {lesson: len(checked & set(names)) for lesson, names in contents.EXERCISES.items()}
    lesson = imported[0] if imported else max(fitting, key=fitting.get)
    if not fitting[lesson]:
        raise NotebookError(
            "expected a lesson of this course, came a notebook without its checks: is it the right file?"
        )
    return lesson


def verdict_of(cell, label, exercise):
    """The verdict that stands below the cell of a check."""
    outputs = [output for output in cell.get("outputs") or [] if isinstance(output, dict)]
    said = [found for output in outputs for found in sentences_in(output, label)]
    if said:
        return understood(said[-1], exercise)
    errors = [output for output in outputs if output.get("output_type") == "error"]
    if errors:
        error = f"{errors[-1].get('ename', 'an error')}: {text_of(errors[-1].get('evalue'))}".strip(": ")
        return Verdict("stopped", said=error.splitlines()[0])
    return Verdict("not run")


def sentences_in(output, label):
    """What an output says of the exercise with that label; hints, and what else is said below it, left out."""
    kind = output.get("output_type")
    if kind == "error":
        text = text_of(output.get("evalue"))
    elif kind == "stream":
        text = text_of(output.get("text"))
    else:
        text = text_of((output.get("data") or {}).get("text/plain"))
    pattern = rf"^Exercise {re.escape(label)}: (.*?)(?=^Exercise [\d.]+: |^    \S|\Z)"
    return [found.strip() for found in re.findall(pattern, text, re.MULTILINE | re.DOTALL)]


def understood(said, exercise):
    if said == RIGHT:
        return Verdict("right")
    if said.startswith(UNANSWERED) or exercise.is_as_found(said):
        return Verdict("empty", said=said)
    sentences = said.removeprefix(NOT_YET).split(" And: ")
    made = tuple(mistake.name for mistake in exercise.mistakes if mistake.sentence in sentences)
    return Verdict("wrong", made, said)


# --- names -------------------------------------------------------------------------------------------------------


def label_of(lesson, name):
    """The number of an exercise, such as `5.2`."""
    return f"{int(contents.LESSONS[lesson])}.{contents.EXERCISES[lesson].index(name) + 1}"


def file_of(lesson):
    return f"{contents.LESSONS[lesson]}_{lesson}"
