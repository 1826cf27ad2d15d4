"""The files that the builder writes beside the notebooks: tables of the checks, the README, three pages of docs/."""

import json
import re

from tools.editions.lesson_cells import without_markers
from tools.editions.lesson_names import (
    CHECK,
    checks_folder,
    exercises_of,
    lesson_called,
    literal_problem,
    name_of,
    number_of,
    numbered_source,
    texts_of_checks_problems,
)
from tools.editions.lesson_plans import planned
from tools.editions.lesson_sources import LessonError, read_source, tags_of, title_of
from tools.editions.lesson_times import table_of_times
from tools.editions.systems import problems_of, systems_of, with_systems

MAP = re.compile(r"(<!-- the map of lessons[^>]*-->\n).*?(<!-- end of the map -->)", re.DOTALL)
TABLE = re.compile(r"(<!-- the table of times[^>]*-->\n).*?(<!-- end of the table -->)", re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\(notebooks/\d\d_(\w+)\.ipynb")


def written_files(course):
    """The files that hold numbers for others, as they should be.

    Returns:
        Dict from a path to its text: the table for the sentences of the checks, the solutions that `solution` shows,
        the README, and the pages of the times, of the plans and of the systems.

    Raises:
        LessonError: A name in the README, in a plan or among the systems is unknown, or a lesson says no question.
    """
    files = {}
    if checks_folder(course).is_dir():
        files[checks_folder(course) / "contents.py"] = contents(course)
        files[checks_folder(course) / "solutions.json"] = solutions(course)
    readme = course.root / "README.md"
    if readme.exists():
        files[readme] = numbered_readme(course, readme.read_text("utf-8"))
    page = course.root / "docs" / "times.md"
    if page.exists():
        files[page] = TABLE.sub(
            lambda found: f"{found[1]}\n{table_of_times(course)}\n{found[2]}", page.read_text("utf-8")
        )
    plans = course.root / "docs" / "teaching.md"
    if plans.exists():
        files[plans] = planned(course, plans.read_text("utf-8"))
    systems = course.root / "docs" / "systems.md"
    if systems.exists():
        files[systems] = with_systems(course, systems.read_text("utf-8"))
    return files


def contents(course):
    """The table from which the sentences of the checks take their numbers."""
    lines = [
        '"""The numbers of lessons and exercises. Written by tools/editions/build_notebooks.py: edit nothing here."""',
        "",
    ]
    lines += ["LESSONS = {", *(f'    "{name_of(each)}": "{number_of(each)}",' for each in course.lessons), "}", ""]
    lines += ["EXERCISES = {"]
    for lesson in course.lessons:
        names = exercises_of(course, lesson)
        inside = [f'    "{name_of(lesson)}": (', *(f'        "{name}",' for name in names), "    ),"]
        lines += inside if names else [f'    "{name_of(lesson)}": (),']
    return "\n".join([*lines, "}", ""])


def solutions(course):
    """The solutions of all exercises as JSON: for each lesson, the code of an exercise's cell under its name."""
    found = {}
    for lesson in course.lessons:
        cells = numbered_source(course, lesson, strict=False).cells
        raw = read_source(course.source(lesson)).cells
        found[name_of(lesson)] = {
            name: without_markers(above.source).strip()
            for above, check, code in zip(cells, raw[1:], cells[1:], strict=False)
            if "exercise" in tags_of(above) and code.cell_type == "code"
            for name in [each[3] for each in CHECK.finditer(check.source)]
        }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def numbered_readme(course, text):
    """A README with the map of the lessons, and the numbers and files of its other links to lessons, renewed."""
    if MAP.search(text):
        text = MAP.sub(lambda found: f"{found[1]}\n{map_of_lessons(course)}\n{found[2]}", text)

    def renewed(found):
        lesson = lesson_called(course, found[2])
        words = re.sub(r"\b\d\d\b", number_of(lesson), found[1])
        return f"[{words}](notebooks/{lesson}.ipynb"

    text = LINK.sub(renewed, text)
    files = rf"\bnotebooks/\d\d_({'|'.join(map(name_of, course.lessons))})\.ipynb"
    return re.sub(files, lambda found: f"notebooks/{lesson_called(course, found[1])}.ipynb", text)


def map_of_lessons(course):
    """The table of the lessons, with the part and the question that each states in its header."""
    rows, before = ["| lesson | the question |", "| --- | --- |"], None
    for lesson in course.lessons:
        header = read_source(course.source(lesson)).metadata.get("course", {})
        if "question" not in header:
            raise LessonError(f"{lesson} states no `question` in its header, and the README's map needs one")
        if header.get("part", before) != before:
            before = header["part"]
            rows.append(f"| *{before}* | |")
        title = title_of(course, lesson).partition(":")[0]
        rows.append(f"| **[{number_of(lesson)} {title}](notebooks/{lesson}.ipynb)** | {header['question']} |")
    return "\n".join([*rows, ""])


def readme_problems(course):
    """Numbers in the README that are no link to a lesson: the builder could not renew them."""
    readme = course.root / "README.md"
    text = MAP.sub("", readme.read_text("utf-8")) if readme.exists() else ""
    text = re.sub(r"\[[^\]]*\]\(notebooks/[^)]*\)", "", text)
    return [
        f"README.md: {literal_problem(found[0], 'a link to the lesson, whose number the builder renews')}"
        for found in re.finditer(r"\b[Ll]essons?[ \n]\d+", text)
    ]


def stale_files(course):
    """What is wrong with the files that hold numbers for others, as sentences."""
    problems = texts_of_checks_problems(course) + readme_problems(course)
    try:
        wanted = written_files(course)
        problems += problems_of(course, systems_of(course))
    except LessonError as error:
        return [*problems, *error.problems]
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    return problems + [
        f"{path.relative_to(course.root)} is stale: build any lesson with --no-execute" for path in stale
    ]


def renew_files(course):
    """Write the files that hold numbers for others, where they are stale."""
    for path, text in written_files(course).items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")
