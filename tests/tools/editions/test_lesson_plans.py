"""The plans of docs/teaching.md: lessons by name, minutes by the builder (`tools/editions/lesson_plans.py`)."""

import functools
import itertools
import re
from pathlib import Path

import pytest

from tools.editions import lesson_files, lesson_plans
from tools.editions.lesson_cells import find_course
from tools.editions.lesson_names import name_of
from tools.editions.lesson_sources import Course, LessonError

ROOT = Path(__file__).resolve().parents[3]
COURSE = find_course(ROOT)
TEXT = (ROOT / "docs" / "teaching.md").read_text("utf-8")
TIMES = {
    found[1]: [int(each) if each != "–" else 0 for each in found.groups()[1:]]
    for found in re.finditer(
        r"^\| (\d\d) [^|]+\| (\S+) \| (\S+) \| (\S+) \|$", (ROOT / "docs" / "times.md").read_text(), re.M
    )
}
SMALL = """<!-- the hours of the course -->
<!-- end of the hours -->
<!-- plan: class = reading + deeper; home = exercises
day 1: start
-->
<!-- end of the plan -->
"""
LESSON = "# %% [markdown]\n# # Start: why?\n# " + 1800 * "word " + "\n"
NAMES = [name_of(lesson) for lesson in COURSE.lessons]


@functools.cache
def plans():
    return lesson_plans.plans_of(COURSE, TEXT)


def test_the_page_is_what_its_plans_say():
    assert lesson_plans.planned(COURSE, TEXT) == TEXT, (
        "build any lesson with --no-execute: the builder writes the tables"
    )


def test_the_builder_writes_the_page(tmp_path):
    for name, text in {"docs/teaching.md": SMALL, "notebooks/source/00_start.py": LESSON}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    course = Course(tmp_path, None, "0.1")
    lesson_files.renew_files(course)
    written = (tmp_path / "docs" / "teaching.md").read_text("utf-8")
    assert "| day 1 | [00 Start](../notebooks/00_start.ipynb) | 10 | – | – |" in written
    assert "**0 h 10**" in written
    lesson_files.renew_files(course)
    assert (tmp_path / "docs" / "teaching.md").read_text("utf-8") == written, "a second time must change nothing"


def test_the_totals_are_the_sums_of_the_page_of_times():
    reading, exercises, deeper = (sum(column) for column in zip(*TIMES.values(), strict=True))
    assert len(TIMES) == len(COURSE.lessons)
    hours = [f"{each // 60} h {each % 60:02d}" for each in (reading + exercises, reading, exercises, deeper)]
    assert re.findall(r"\d+ h \d\d", lesson_plans.HOURS.search(TEXT)[0]) == hours


def test_the_sums_of_each_plan_are_those_of_its_lessons():
    term, practice, block, day = plans()
    for plan, in_class, home in ((term, (0,), (1,)), (practice, (0,), (1,)), (block, (0, 1), ()), (day, (0, 1), ())):
        for week in plan:
            minutes = [TIMES[lesson[:2]] for lesson in week.lessons]
            assert week.in_class == sum(each[part] for each in minutes for part in in_class), week.name
            assert week.home == sum(each[part] for each in minutes for part in home), week.name


def test_each_plan_fits_its_hours():
    term, practice, block, day = plans()
    assert (len(term), len(block)) == (12, 6)
    assert max(week.in_class for week in [*term, *practice]) <= 90, "one session of 90 minutes a week"
    assert max(week.in_class for week in block) <= 180, "two sessions of 90 minutes a week"
    assert sum(part.in_class for part in day) <= 6.5 * 60, "a day"
    taught = [lesson for week in [*term, *practice] for lesson in week.lessons]
    assert len(set(taught)) == len(taught)
    assert len(COURSE.lessons) - len(taught) <= 1, "term and seminar have room for all lessons but one"


def test_the_run_sheet_fills_ninety_minutes_without_a_hole():
    spans = [tuple(map(int, each)) for each in re.findall(r"^\| (\d+)–(\d+) \|", TEXT, re.MULTILINE)]
    assert spans[0][0] == 0
    assert spans[-1][1] == 90
    assert all(end == begins for (_, end), (begins, _) in itertools.pairwise(spans))


def test_the_run_sheet_names_exercises_of_the_core_path_of_its_lesson():
    sheet = TEXT[TEXT.index("| minute |") :]
    [lesson] = [each for each in COURSE.lessons if each.endswith("_the_elbo")]
    source = COURSE.source(lesson).read_text("utf-8")
    named = re.findall(r"`([A-Z_]{4,})`", sheet)
    assert len(named) >= 4
    assert all(f"exercises.{name}" in source for name in named)


def test_each_lesson_that_the_page_writes_about_exists():
    titles = [title.lower() for title in re.findall(r"^# # (.+)", "\n".join(sources()), re.MULTILINE)]
    coming = {"conditioning and rare classes", "discrete codes"}
    table = TEXT[TEXT.index("| lesson | needs |") : TEXT.index("**Leave out first**")]
    named = {each.lower() for each in re.findall(r"\*([^*\n]+)\*", table)}
    assert [each for each in named - coming if not any(title.startswith(each) for title in titles)] == []
    assert len(re.findall(r"^\| \*", table, re.MULTILINE)) >= 22


def sources():
    return [COURSE.source(lesson).read_text("utf-8") for lesson in COURSE.lessons]


@pytest.mark.parametrize(
    ("rule", "lines", "said"),
    [
        ("class = reading; home = sleep", "1: start_here", "sums of reading, exercises, deeper"),
        ("reading", "1: start_here", "a plan begins"),
        ("class = reading; home = nothing", "1: nowhere", "no lesson is called `nowhere`"),
        ("class = reading; home = nothing", "1: start_here\n2: the_elbo, start_here", "twice, again in `2: the_elbo"),
    ],
    ids=["part", "rule", "name", "twice"],
)
def test_what_is_wrong_with_a_plan_is_said(rule, lines, said):
    with pytest.raises(LessonError, match=said):
        lesson_plans.weeks_of(COURSE, rule, lines)


def test_what_is_neither_in_class_nor_at_home_is_left_over():
    [week] = lesson_plans.weeks_of(COURSE, "class = exercises; home = nothing", "1: the_elbo")
    minutes = lesson_plans.minutes_of(COURSE, week.lessons[0])
    assert (week.in_class, week.home, week.deeper) == (minutes["exercises"], 0, minutes["reading"] + minutes["deeper"])
