"""What a class did not understand: `make class-report FOLDER=…` reads its notebooks and writes a report.

    python -m tools.classroom.class_report classroom                    # into classroom/class-report
    python -m tools.classroom.class_report submissions --output FOLDER

It reads the verdicts that stand in the stored outputs, of what nbgrader has run where it has graded, else of what was
handed in: then they are what the student's own machine said. Nothing is run, and no network is used. It writes

    class.csv      student × exercise: right, wrong, empty, stopped, not run, missing
    report.md      the named mistakes, by how many made them, and how each exercise went
    report.html    the same, as a page; neither names a student, so that it can be shown
    problems.txt   notebooks that could not be read, or lack something
"""

import argparse
import csv
import html
import importlib
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from course_lib.exercises import contents
from tools.classroom.verdicts import STATES, file_of, label_of, read_class

FOLDER = "class-report"
NOT_HANDED_IN = ""
MEANINGS = (
    "right · wrong: judged so · empty: as handed out · stopped: by an error or the time limit · not run · "
    "missing: its check was deleted"
)


@dataclass(frozen=True)
class Made:
    """A mistake of an exercise, and how many made it, of those who handed the lesson in."""

    label: str
    exercise: str
    mistake: str
    sentence: str
    count: int
    students: int

    @property
    def share(self):
        return f"{self.count} of {self.students}"


# --- counting ----------------------------------------------------------------------------------------------------


def lessons_of(works):
    return sorted({work.lesson for work in works}, key=lambda lesson: contents.LESSONS[lesson])


def mistakes_made(works):
    """The named mistakes that somebody made, the most frequent first."""
    found = []
    for lesson in lessons_of(works):
        module = importlib.import_module(f"course_lib.exercises.{lesson}")
        verdicts = [work.verdicts for work in works if work.lesson == lesson]
        for name in contents.EXERCISES[lesson]:
            counts = Counter(mistake for each in verdicts for mistake in each[name].mistakes)
            sentences = {mistake.name: mistake.sentence for mistake in getattr(module, name).mistakes}
            label = label_of(lesson, name)
            found += [Made(label, name, *(each, sentences[each], n, len(verdicts))) for each, n in counts.items()]
    return sorted(found, key=lambda made: (-made.count / made.students, -made.count, sorting(made.label), made.mistake))


def sorting(label):
    return [int(part) for part in label.split(".")]


def states_of_exercises(works):
    """(label, name, how many of each of `STATES`, wrong in a way that has no name) for each exercise, in order."""
    rows = []
    for lesson in lessons_of(works):
        verdicts = [work.verdicts for work in works if work.lesson == lesson]
        for name in contents.EXERCISES[lesson]:
            counts = Counter(each[name].state for each in verdicts)
            unnamed = sum(each[name].state == "wrong" and not each[name].mistakes for each in verdicts)
            rows.append((label_of(lesson, name), name, [counts[state] for state in STATES], unnamed))
    return rows


# --- writing -----------------------------------------------------------------------------------------------------


def write_table(works, path):
    """The CSV file: a row a student, a column an exercise; empty where the lesson was not handed in."""
    columns = [(lesson, name) for lesson in lessons_of(works) for name in contents.EXERCISES[lesson]]
    by_student = {}
    for work in works:
        by_student.setdefault(work.student, {})[work.lesson] = work
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["student", "right", *(f"{label_of(*column)} {column[1]}" for column in columns)])
        for student, lessons in sorted(by_student.items()):
            states = [
                lessons[lesson].verdicts[name].state if lesson in lessons else NOT_HANDED_IN for lesson, name in columns
            ]
            table.writerow([harmless(student), states.count("right"), *states])


def harmless(text):
    """A name that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def summary_of(found):
    works = found.works
    students, lessons = len({work.student for work in works}), lessons_of(works)
    titles = ", ".join(map(file_of, lessons))
    source = (
        "The verdicts are those of nbgrader's own run of the notebooks."
        if found.is_graded
        else "The verdicts are those that stood in the notebooks as they were handed in: what students' machines said."
    )
    remarks = len(found.problems)
    words = "1 remark on a notebook stands" if remarks == 1 else f"{remarks} remarks on notebooks stand"
    problems = f" {words} in problems.txt." if remarks else ""
    return f"{students} students, {len(works)} notebooks, of {titles}. {source}{problems}"


def markdown(found):
    """The report as Markdown."""
    made, rows = mistakes_made(found.works), states_of_exercises(found.works)
    lines = ["# What the class did not understand", "", summary_of(found), "", "## Mistakes, by how many made them", ""]
    if made:
        lines += ["| made by | exercise | mistake | what they were told |", "| --- | --- | --- | --- |"]
        lines += [f"| {each.share} | {each.label} {each.exercise} | {cell(each.mistake)} | {cell(each.sentence)} |"
                  for each in made]  # fmt: skip
    else:
        lines.append("Nobody made a mistake that has a name.")
    lines += ["", "## Exercises", "", MEANINGS, ""]
    lines += [f"| exercise | {' | '.join(STATES)} | wrong without a name |", "| --- |" + " ---: |" * (len(STATES) + 1)]
    lines += [
        f"| {label} {name} | {' | '.join(map(str, counts))} | {unnamed} |" for label, name, counts, unnamed in rows
    ]
    return "\n".join([*lines, ""])


def cell(text):
    """A text in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>What the class did not understand</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }}
caption {{ text-align: left; font-weight: bold; padding: .4rem 0; }}
th, td {{ text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #8886; }}
th {{ font-weight: 600; }}
.number {{ text-align: right; }}
.share {{ display: block; white-space: nowrap; min-width: 7rem; }}
.bar {{ display: block; height: .5rem; background: #0072b2; }}
</style>
</head>
<body>
<main>
<h1>What the class did not understand</h1>
<p>{summary}</p>
<h2>Mistakes</h2>
{mistakes}
<h2>Exercises</h2>
<p>{meanings}</p>
{exercises}
</main>
</body>
</html>
"""


def page(found):
    """The report as a page of its own: no scripts, no network; the bars repeat what the numbers say."""
    made, rows = mistakes_made(found.works), states_of_exercises(found.works)
    head = ["made by", "exercise", "mistake", "what they were told"]
    body = [
        [f"{share_cell(each)}", f"{each.label} {html.escape(each.exercise)}", html.escape(each.mistake),
         with_code(each.sentence)] for each in made
    ]  # fmt: skip
    mistakes = (
        table("Named mistakes, by how many made them", head, body) if made else "<p>Nobody made one with a name.</p>"
    )
    numbers = [[f"{label} {html.escape(name)}", *counts, unnamed] for label, name, counts, unnamed in rows]
    exercises = table("How many notebooks, for each exercise", ["exercise", *STATES, "wrong without a name"], numbers)
    return PAGE.format(
        summary=html.escape(summary_of(found)), mistakes=mistakes, meanings=html.escape(MEANINGS), exercises=exercises
    )


def share_cell(made):
    width = round(100 * made.count / made.students)
    return f'<span class="share">{made.share}</span><span class="bar" aria-hidden="true" style="width:{width}%"></span>'


def with_code(sentence):
    """A sentence of a check as HTML: its `code` and its *emphasis* as such."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(sentence))
    return re.sub(r"(?<![\w*])\*(\w(?:[^*<]*\w)?)\*(?![\w*])", r"<em>\1</em>", text)


def table(caption, head, rows):
    """A table whose first column and first row are headers; its cells are HTML, numbers stand at the right."""

    def row(cells):
        first, *others = cells
        tds = "".join(
            f'<td class="number">{each}</td>' if isinstance(each, int) else f"<td>{each}</td>" for each in others
        )
        return f'<tr><th scope="row">{first}</th>{tds}</tr>'

    heads = "".join(f'<th scope="col">{html.escape(each)}</th>' for each in head)
    lines = [f"<table><caption>{html.escape(caption)}</caption>", f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
    return "\n".join([*lines, *map(row, rows), "</tbody>", "</table>"])


def write_report(found, target):
    """Write the four files of the report."""
    target.mkdir(parents=True, exist_ok=True)
    write_table(found.works, target / "class.csv")
    (target / "report.md").write_text(markdown(found), "utf-8", newline="\n")
    (target / "report.html").write_text(page(found), "utf-8", newline="\n")
    problems = found.problems or ["Every notebook could be read."]
    (target / "problems.txt").write_text("\n".join([*problems, ""]), "utf-8", errors="replace", newline="\n")


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Read the notebooks of a class and say what it did not understand.")
    parser.add_argument("folder", type=Path, help="that of `make classroom`, or any folder of notebooks")
    parser.add_argument("--output", type=Path, help=f"where to write the report (FOLDER/{FOLDER})")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        print(f"Expected a folder, came {options.folder}: make class-report FOLDER=classroom", file=sys.stderr)
        return 1
    found = read_class(options.folder.absolute())
    for problem in found.problems:
        print(f"NOTE  {problem}")
    if not found.works:
        print(
            f"Expected notebooks of lessons in {options.folder}, as STUDENT/LESSON.ipynb or STUDENT_LESSON.ipynb, came "
            f"none that can be read. Name the folder that holds them.",
            file=sys.stderr,
        )
        return 1
    target = options.output or options.folder / FOLDER
    write_report(found, target)
    for made in mistakes_made(found.works)[:5]:
        print(f"  {made.share}: {made.label} {made.exercise}, {made.mistake}")
    print(f"{summary_of(found)}\n{target}: report.html, report.md, class.csv, problems.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
