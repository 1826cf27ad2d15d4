"""Lessons and exercises by their names: authors write names, and the builder writes numbers, titles and links.

A lesson's number stands in one place, the name of its source, `NN_name.py`. An exercise's number is its place among the
checks of its lesson. So a lesson is moved, split or renamed by renaming a file:

    {lesson: the_elbo}            a link, "lesson 05"; {Lesson: the_elbo} at the beginning of a sentence
    {number: the_elbo}            "05", as in "lessons {number: the_elbo} and …"
    {title: the_elbo}             a link, "05 · The ELBO: …"
    {file: the_elbo}              "05_the_elbo.ipynb", for a link in words of your own
    {exercise: TWO_DRAWS}         "5.2", an exercise of the same lesson
    {exercise: the_elbo.TWO_DRAWS}

The sentences of the checks are Python: `lesson("the_elbo")` and `exercise("the_elbo.TWO_DRAWS")` of
`course_lib.exercises.references`, which reads the numbers in `contents.py`, a file that the builder writes.
"""

import html
import re
from functools import lru_cache

from tools.editions.lesson_sources import LessonError, read_source, title_of

REFERENCE = re.compile(r"\{(lesson|Lesson|number|title|file|exercise):\s+([^{}\n]*?)\s*\}")
CHECK = re.compile(r"(?<![\w.])check\((\s*)(\w+\.([A-Z]\w*))(?=\s*,)")
LITERAL = re.compile(r"\b[Ll]essons?[ \n]\d+|\b[Ee]xercises?[ \n]\d+\.\d+|\b\d\d_\w+\.ipynb")
ARXIV = re.compile(r"(?<![\w\[/])arXiv:(\d{4}\.\d{4,5}|[a-z-]+/\d{7})(?!\]\()")
SUMMARY = re.compile(r"<summary>.*?</summary>", re.DOTALL)
INLINE_CODE = re.compile(r"`([^`\n]+)`")
CALL = re.compile(r"(?<![\w.])(lesson|exercise)\(\s*[\"']([^\"']*)[\"']\s*\)")
UNNAMED = "a check names its exercise first, `check(exercises.NAME, answer)`: the builder writes the number before it"


# --- names -------------------------------------------------------------------------------------------------------


def name_of(lesson):
    """A lesson's name: `the_elbo` of `05_the_elbo`."""
    return lesson[3:]


def number_of(lesson):
    """A lesson's number, two digits."""
    return lesson[:2]


def lesson_called(course, name):
    """The lesson of a name, or a `LessonError`."""
    found = [lesson for lesson in course.lessons if name_of(lesson) == name]
    if not found:
        known = ", ".join(map(name_of, course.lessons))
        raise LessonError(f"no lesson is called `{name}`; there are {known}")
    return found[0]


def exercises_of(course, lesson):
    """The names of a lesson's exercises, in the order of their checks."""
    return list(checked_in(course.source(lesson).read_text("utf-8")))


@lru_cache(maxsize=128)
def checked_in(text):
    """The names of the exercises that a source checks; each reference to an exercise asks for them."""
    return tuple(found[3] for found in CHECK.finditer(text))


def label_of(course, lesson, name):
    """The number under which an exercise is checked, such as `5.2`, or a `LessonError`."""
    place, _, constant = name.rpartition(".")
    if not (place or lesson):
        raise LessonError(f"`{name}` names no lesson: write `the_elbo.{constant}`")
    lesson = lesson_called(course, place) if place else lesson
    names = exercises_of(course, lesson)
    if constant not in names:
        raise LessonError(f"lesson `{name_of(lesson)}` checks no exercise `{constant}`; it checks {', '.join(names)}")
    return f"{int(number_of(lesson))}.{names.index(constant) + 1}"


# --- from names to numbers ---------------------------------------------------------------------------------------


def numbered_source(course, lesson, strict=True):
    """A lesson's source with numbers, titles and links in the place of names.

    Args:
        course: The `Course`.
        lesson: The lesson, `NN_name`.
        strict: Whether an unknown name is an error; else it stays as it is, and `name_problems` reports it.

    Returns:
        What `read_source` gives, the cells changed.

    Raises:
        LessonError: A name is unknown.
    """
    source = read_source(course.source(lesson))
    for cell in source.cells:
        if strict or not problems_of(lambda cell=cell: numbered(course, lesson, cell.source, cell.cell_type == "code")):
            cell.source = numbered(course, lesson, cell.source, cell.cell_type == "code")
    if source.cells:
        source.cells[0].source = re.sub("^# ", f"# {number_of(lesson)} · ", source.cells[0].source)
    return source


def numbered(course, lesson, text, code=False):
    """The text of a cell with numbers in the place of names."""
    text = REFERENCE.sub(lambda found: reference(course, lesson, *found.groups()), text)
    if not code:
        return with_links(text)
    return CHECK.sub(lambda found: f'check({found[1]}"{label_of(course, lesson, found[3])}", {found[2]}', text)


def with_links(text):
    """The text of a page with its arXiv numbers as links, and with code that shows in a line to click."""
    text = ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", text)
    return SUMMARY.sub(lambda found: INLINE_CODE.sub(in_html, found[0]), text)  # there, Markdown is not read


def in_html(found):
    return f"<code>{html.escape(found[1], quote=False)}</code>"


def reference(course, lesson, form, name):
    """What is written for `{form: name}` in a lesson."""
    if form == "exercise":
        return label_of(course, lesson, name)
    other = lesson_called(course, name)
    if form in ("number", "file"):
        return number_of(other) if form == "number" else f"{other}.ipynb"
    words = f"{number_of(other)} · {title_of(course, other)}" if form == "title" else f"{form} {number_of(other)}"
    return f"[{words}]({other}.ipynb)"


# --- what breaks the rules ---------------------------------------------------------------------------------------


def name_problems(course, lesson):
    """Numbers that an author has written, names that nobody has, and checks without a name: sentences."""
    problems = [] if re.fullmatch(r"\d\d_[a-z0-9_]+", lesson) else ["a lesson's file is named NN_name.py"]
    for other in course.lessons:
        if other != lesson and number_of(other) == number_of(lesson):
            problems.append(f"{other} has its number, too: rename one of the two")
        if other != lesson and name_of(other) == name_of(lesson):
            problems.append(f"{other} has its name, too: rename one of the two")
    text = re.sub(r"^# ?", "", course.source(lesson).read_text("utf-8"), flags=re.MULTILINE)
    problems += [
        literal_problem(found[0], "{lesson: the_elbo} or {exercise: NAME}") for found in LITERAL.finditer(text)
    ]
    if re.search(r"^# \d\d? ?·", text, re.MULTILINE):
        problems.append("its title has a number: leave it out, the builder writes the one of the file's name")
    for found in REFERENCE.finditer(text):
        problems += problems_of(lambda found=found: reference(course, lesson, *found.groups()))
    if re.search(r"^(?!#).*(?<![\w.])check\(\s*[\"']", course.source(lesson).read_text("utf-8"), re.MULTILINE):
        problems.append(UNNAMED)
    names = exercises_of(course, lesson)
    problems += [f"two checks are of `{name}`" for name in dict.fromkeys(names) if names.count(name) > 1]
    return list(dict.fromkeys(problems))


def literal_problem(found, instead):
    return f"it writes `{' '.join(found.split())}`, which is wrong once a lesson is moved: write {instead}"


def problems_of(attempt):
    try:
        attempt()
    except LessonError as error:
        return error.problems
    return []


def checks_folder(course):
    return course.root / "course_lib" / "exercises"


def texts_of_checks_problems(course):
    """What is wrong with the references in the modules of the checks."""
    problems = []
    for path in sorted(checks_folder(course).glob("*.py")):
        if path.name in ("engine.py", "contents.py", "references.py"):  # its examples have numbers; the two make them
            continue
        text = path.read_text("utf-8")
        found = [literal_problem(each[0], '{lesson("the_elbo")} in an f-string') for each in LITERAL.finditer(text)]
        for kind, name in CALL.findall(text):
            found += problems_of(
                lambda kind=kind, name=name: (
                    lesson_called(course, name) if kind == "lesson" else label_of(course, None, name)
                )
            )
        problems += [f"course_lib/exercises/{path.name}: {each}" for each in dict.fromkeys(found)]
    return problems
