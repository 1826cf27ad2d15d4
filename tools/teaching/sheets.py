"""Write the instructor sheets: `make sheets`, one page to print for each lesson, in `dist/sheets/`.

    python -m tools.teaching.sheets                  # all lessons
    python -m tools.teaching.sheets the_elbo 15      # some of them, by name or number

A sheet has, for each exercise, the question, the tested solution, the expected minutes, and every mistake that the
check knows with what it says; then the questions of `docs/teaching/NAME.md` with their answers. Everything comes from
the sources: nothing is typed twice. A page is one file without scripts, which needs no network.
"""

import argparse
import html
import importlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mistune
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tools.editions.build_notebooks import named_lessons
from tools.editions.lesson_cells import find_course, without_markers
from tools.editions.lesson_names import number_of, numbered, numbered_source
from tools.editions.lesson_sources import LessonError, tags_of, title_of
from tools.editions.lesson_times import MINUTES_OF_AN_EXERCISE, are_deeper, kinds_of_exercises, names_checked, times_of
from tools.teaching.mathematics import MathematicsError, converter, set_aside
from tools.teaching.questions import DISCUSSION, EXAM, questions_of

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "dist/sheets"
CODE = HtmlFormatter(style="default", cssclass="code")


@dataclass(frozen=True)
class Asked:
    """One exercise of a lesson, as a lecturer needs it."""

    label: str
    name: str
    question: str
    solution: str
    kind: str
    minutes: int
    deeper: bool
    exercise: Any


# --- from a lesson to its exercises ------------------------------------------------------------------------------


def exercises_asked(course, lesson):
    """The exercises of a lesson, in their order.

    Raises:
        LessonError: A check has no exercise above it, or names one that the module of checks lacks.
    """
    text = course.source(lesson).read_text("utf-8")
    found = re.search(r"^from course_lib\.exercises import (\w+) as exercises$", text, re.MULTILINE)
    module = importlib.import_module(f"course_lib.exercises.{found[1]}") if found else None
    kinds = kinds_of_exercises(course, text)
    cells = numbered_source(course, lesson).cells
    deeper, asked, last = are_deeper(cells), [], None
    for here, cell in enumerate(cells):
        if cell.cell_type == "code" and "exercise" in tags_of(cell):
            last = here
        for name in names_checked(cell.source) if cell.cell_type == "code" else []:
            label = re.search(rf'check\(\s*"([\d.]+)",\s*\w+\.{name}\b', cell.source)[1]
            exercise = getattr(module, name, None)
            if last is None or exercise is None:
                raise LessonError(
                    f"the check of `{name}` has no cell tagged `exercise` above it, or no exercise in its module"
                )
            kind = kinds.get(name, "a function to write")
            question = question_above(cells, last, label)
            solution = without_markers(cells[last].source)
            minutes = MINUTES_OF_AN_EXERCISE[kind]
            asked.append(Asked(label, name, question, solution, kind, minutes, deeper[here], exercise))
    return asked


def question_above(cells, here, label):
    """The text of an exercise: from the words "Exercise N.M" to the end of their cell."""
    for cell in reversed(cells[:here]):
        found = re.search(rf"\*\*Exercise\s+{re.escape(label)}\b", cell.source)
        if cell.cell_type == "markdown" and found:
            return cell.source[found.start() :]
    raise LessonError(f"no text above the cell of exercise {label} says **Exercise {label}")


# --- from exercises to a page ------------------------------------------------------------------------------------


def sheet(course, lesson, to_mathml):
    """The page of a lesson: HTML that needs nothing else.

    Args:
        course: The `Course`.
        lesson: The lesson, `NN_name`.
        to_mathml: Function from LaTeX and whether it is displayed to MathML.

    Raises:
        LessonError: The lesson or its questions cannot be understood.
    """
    asked, questions = exercises_asked(course, lesson), questions_of(course, lesson)
    title, question = title_of(course, lesson), numbered_source(course, lesson).metadata["course"]["question"]

    def text(words):
        return rendered(without_links(numbered(course, lesson, words)), to_mathml)

    body = [
        '<header><p class="kind">Instructor sheet · not for learners</p>',
        f"<h1>{number_of(lesson)} · {text_only(title, text)}</h1>",
        f'<p class="lead">{text_only(question, text)}</p>{box_of_times(course, lesson, asked)}</header>',
        "<h2>Exercises</h2>",
        *(part_of_exercise(each, text) for each in asked),
        *part_of_questions(questions[DISCUSSION], DISCUSSION, "listen for", text),
        *part_of_questions(questions[EXAM], EXAM, "solution", text),
    ]
    return PAGE.format(
        title=f"{number_of(lesson)} {html.escape(title)}", code=CODE.get_style_defs(), body="\n".join(body)
    )


def rendered(words, to_mathml):
    """Markdown as HTML, formulas as MathML."""
    marked, formulas = set_aside(words, to_mathml)
    made = re.sub(r"(FORMULA\d+X)([,.;:?!)]+)", r'<span class="together">\1\2</span>', MARKDOWN(marked))
    return re.sub(r"FORMULA\d+X", lambda found: formulas[found[0]], made)


def text_only(words, text):
    """One paragraph without its tags."""
    return re.sub(r"^<p>|</p>\s*$", "", text(words).strip())


def without_links(words):
    """Links to other lessons keep their words: a sheet lies on paper."""
    return re.sub(r"\[([^\]]+)\]\([^)\s]+\.ipynb\)", r"\1", words)


def box_of_times(course, lesson, asked):
    core, deeper = times_of(course, lesson)
    reading, exercises = core.said
    cells = {
        "core path: reading": f"{reading} min",
        "core path: exercises": f"{exercises} min",
        "deeper sections": f"{sum(deeper.said)} min" if sum(deeper.said) else "–",
        "exercises": f"{len(asked)}, of which {sum(each.deeper for each in asked)} deeper",
        "mistakes that the checks know": str(sum(len(each.exercise.mistakes) for each in asked)),
    }
    rows = "".join(f"<tr><th scope='row'>{name}</th><td>{value}</td></tr>" for name, value in cells.items())
    return f'<table class="times"><caption>At a glance</caption><tbody>{rows}</tbody></table>'


def part_of_exercise(asked, text):
    """The part of the sheet about one exercise."""
    where = " · in a deeper section" if asked.deeper else ""
    mistakes = "".join(
        f"<tr><th scope='row'>{html.escape(each.name)}</th><td>{text_only(each.sentence, text)}</td></tr>"
        for each in asked.exercise.mistakes
    )
    hints = "".join(f"<li>{text_only(hint, text)}</li>" for hint in asked.exercise.hints)
    return (
        f'<section class="exercise"><h3>{asked.label} <code>{asked.name}</code></h3>'
        f'<p class="kind">{asked.kind} · about {asked.minutes} minutes{where}</p>{text(asked.question)}'
        f'<div class="answer"><p class="kind">tested solution</p>{highlight(asked.solution, PythonLexer(), CODE)}</div>'
        + (
            "<table class='mistakes'><caption>What goes wrong, and what the check says</caption><thead><tr>"
            "<th scope='col'>mistake</th><th scope='col'>“not yet: …”</th></tr></thead>"
            f"<tbody>{mistakes}</tbody></table>"
            if mistakes
            else ""
        )
        + (f"<p class='kind'>hints, from the second wrong answer on</p><ol class='hints'>{hints}</ol>" if hints else "")
        + "</section>"
    )


def part_of_questions(questions, heading, answer, text):
    """The part of the sheet with the questions for discussion, or for an exam."""
    yield f"<h2>{heading}</h2>"
    for number, each in enumerate(questions, start=1):
        code = f"<div class='computed'>{highlight(each.code, PythonLexer(), CODE)}</div>" if each.code else ""
        yield (
            f'<section class="question"><h3>{number}. {text_only(each.title, text)}</h3>{text(each.text)}'
            f'<div class="answer"><p class="kind">{answer}</p>{text(each.answer)}{code}</div></section>'
        )


MARKDOWN = mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: instructor sheet</title>
<style>
:root {{ color-scheme: light; }}
body {{ font: 16px/1.5 Georgia, "Times New Roman", serif; color: #111; }}
body {{ max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }}
h1, h2, h3, .kind, table {{ font-family: "Helvetica Neue", Arial, sans-serif; }}
h1 {{ font-size: 1.7rem; line-height: 1.2; margin: .2rem 0 .6rem; }}
h2 {{ font-size: 1.25rem; margin: 2.2rem 0 .4rem; border-bottom: 2px solid #111; }}
h3 {{ font-size: 1.05rem; margin: 1.4rem 0 .2rem; }}
.lead {{ font-style: italic; font-size: 1.1rem; }}
.kind {{ font-size: .82rem; color: #444; margin: .2rem 0; }}
.answer {{ border-left: 4px solid #0072b2; padding-left: .8rem; margin: .6rem 0; }}
code, pre {{ font: .85rem/1.4 "DejaVu Sans Mono", Menlo, Consolas, monospace; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; }}
table {{ border-collapse: collapse; font-size: .85rem; width: 100%; margin: .6rem 0; }}
th, td {{ text-align: left; vertical-align: top; padding: .25rem .5rem; border: 1px solid #bbb; }}
caption {{ text-align: left; color: #444; padding: .2rem 0; }}
th[scope=row] {{ font-weight: 600; width: 30%; }}
.times {{ width: auto; }} .times th[scope=row] {{ width: auto; }}
.together {{ white-space: nowrap; }}
math {{ font-size: 1.05em; }}
math {{ font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", "DejaVu Math TeX Gyre", math; }}
math[display=block] {{ margin: .5rem 0; max-width: 100%; overflow-x: auto; overflow-y: hidden; }}
{code}
@page {{ size: A4; margin: 18mm 16mm; }}
@media print {{
  body {{ font-size: 10.5pt; margin: 0; max-width: none; padding: 0; }}
  h2 {{ break-after: avoid; }} h3, .kind, caption {{ break-after: avoid; }}
  .question, tr, .answer {{ break-inside: avoid; }}
}}
</style>
</head>
<body>
{body}
</body>
</html>
"""


# --- commands ----------------------------------------------------------------------------------------------------


def write_sheets(course, lessons, folder, to_mathml):
    """Write the sheets of some lessons, and the page that lists those in the folder; how many failed."""
    folder.mkdir(parents=True, exist_ok=True)
    failures = 0
    for lesson in lessons:
        try:
            write(folder / f"{lesson}.html", sheet(course, lesson, to_mathml))
            print(f"{lesson}: written", flush=True)
        except (LessonError, MathematicsError) as error:
            print(f"{lesson}: FAILED\n    {error}", flush=True)
            failures += 1
    for path in folder.glob("[0-9][0-9]_*.html"):
        if path.stem not in course.lessons:
            path.unlink()  # of a lesson that was renamed
    rows = [
        f'<li><a href="{lesson}.html">{number_of(lesson)} {html.escape(title_of(course, lesson))}</a></li>'
        for lesson in course.lessons
        if (folder / f"{lesson}.html").exists()
    ]
    body = f"<h1>Instructor sheets</h1><ul>{''.join(rows)}</ul>"
    write(folder / "index.html", PAGE.format(title="Course", code="", body=body))
    return failures


def write(path, text):
    """Write under another name, then rename: nobody ever sees half a page."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, "utf-8", newline="\n")
    unfinished.replace(path)


def main(arguments=None, root=ROOT):
    parser = argparse.ArgumentParser(description="Write the instructor sheets into dist/sheets.")
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as the_elbo or 08; all where none is named")
    parser.add_argument("--output", type=Path, help="another folder")
    options = parser.parse_args(arguments)
    try:
        course = find_course(root)
        lessons = named_lessons(course, options.lessons)
        folder = options.output or root / FOLDER
        failures = write_sheets(course, lessons, folder, converter(root))
    except (LessonError, MathematicsError) as error:
        print(error)
        return 1
    print(f"open {folder / 'index.html'} in a browser; print from there" if not failures else "some sheets are missing")
    return min(1, failures)


if __name__ == "__main__":
    sys.exit(main())
