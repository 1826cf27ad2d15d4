"""The plans of `docs/teaching.md`: authors name the lessons of each week, the builder writes their minutes.

A plan is a comment with one line a week, and the table below it is written from the minutes of `docs/times.md`:

    <!-- plan: class = reading; home = exercises
    1: start_here, linear_algebra_and_dynamics
    2: autoencoders
    -->
    (the table)
    <!-- end of the plan -->

What fills the class and what is left for home is a sum of `reading`, `exercises` and `deeper`, or `nothing`. The line
between `<!-- the hours of the course -->` and `<!-- end of the hours -->` says how long everything takes.
"""

import functools
import re
from dataclasses import dataclass

from tools.editions.lesson_names import lesson_called, number_of
from tools.editions.lesson_sources import LessonError, title_of
from tools.editions.lesson_times import times_of

PARTS = ("reading", "exercises", "deeper")
PLAN = re.compile(r"(<!-- plan: (?P<rule>[^\n]*)\n(?P<weeks>.*?)-->\n).*?(<!-- end of the plan -->)", re.DOTALL)
RULE = re.compile(r"class = (?P<in_class>[\w +]+); home = (?P<home>[\w +]+)")
HOURS = re.compile(r"(<!-- the hours of the course[^>]*-->\n).*?(<!-- end of the hours -->)", re.DOTALL)


@dataclass(frozen=True)
class Week:
    """One line of a plan: its lessons, and the minutes of each part in class, at home and left over."""

    name: str
    lessons: tuple
    in_class: int
    home: int
    deeper: int


def minutes_of(course, lesson):
    """The minutes of a lesson as its first cell says them: dict from the parts to multiples of five."""
    core, deeper = times_of(course, lesson)
    return dict(zip(PARTS, (*core.said, sum(deeper.said)), strict=True))


def plans_of(course, text):
    """The plans of a page, in their order: lists of `Week`.

    Raises:
        LessonError: A plan says no rule, names a lesson that nobody has, or names one twice.
    """
    known = functools.cache(functools.partial(minutes_of, course))
    return [weeks_of(course, found["rule"], found["weeks"], known) for found in PLAN.finditer(text)]


def weeks_of(course, rule, lines, known=None):
    """The weeks of a plan from its rule and its lines; `known` gives the minutes of a lesson, once counted."""
    known = known or functools.partial(minutes_of, course)
    said = RULE.fullmatch(rule.strip())
    parts = (
        {place: set(re.findall(r"\w+", said[place])) - {"nothing"} for place in ("in_class", "home")} if said else {}
    )
    if not said or not parts["in_class"] | parts["home"] <= set(PARTS):
        raise LessonError(f"a plan begins `class = …; home = …` with sums of {', '.join(PARTS)}; got `{rule.strip()}`")
    weeks, seen = [], set()
    for line in filter(str.strip, lines.splitlines()):
        week, _, names = line.rpartition(":")
        lessons = [lesson_called(course, name) for name in re.findall(r"\w+", names)]
        twice = seen & set(lessons)
        if twice:
            raise LessonError(f"a plan names {', '.join(sorted(twice))} twice, again in `{line.strip()}`")
        seen |= set(lessons)
        minutes = [known(lesson) for lesson in lessons]
        groups = (parts["in_class"], parts["home"], set(PARTS) - parts["in_class"] - parts["home"])
        totals = [sum(each[part] for each in minutes for part in group) for group in groups]
        weeks.append(Week(week.strip(), tuple(lessons), *totals))
    return weeks


def table_of(course, weeks):
    """The table of a plan, with its sums."""
    rows = ["| | lessons | in class | at home | left out or optional |", "| --- | --- | --- | --- | --- |"]
    for week in weeks:
        links = ", ".join(link_to(course, lesson) for lesson in week.lessons)
        rows.append(f"| {week.name} | {links} | {week.in_class} | {week.home or '–'} | {week.deeper or '–'} |")
    sums = [sum(getattr(week, part) for week in weeks) for part in ("in_class", "home", "deeper")]
    rows.append("| **together** | | " + " | ".join(f"**{in_hours(each)}**" if each else "–" for each in sums) + " |")
    return "\n".join([*rows, ""])


def link_to(course, lesson):
    title = title_of(course, lesson).partition(":")[0]
    return f"[{number_of(lesson)} {title}](../notebooks/{lesson}.ipynb)"


def in_hours(minutes):
    """Minutes as hours and minutes.

    Example:
        >>> in_hours(1515)
        '25 h 15'
    """
    return f"{minutes // 60} h {minutes % 60:02d}"


def hours_of(course, known):
    """The sentence about the length of the whole course."""
    minutes = [known(lesson) for lesson in course.lessons]
    reading, exercises, deeper = (sum(each[part] for each in minutes) for part in PARTS)
    return (
        f"The core path of all {len(course.lessons)} lessons takes **{in_hours(reading + exercises)}**: "
        f"{in_hours(reading)} of reading and {in_hours(exercises)} of exercises. The deeper sections take another "
        f"**{in_hours(deeper)}**.\n"
    )


def planned(course, text):
    """A page with the tables of its plans, and its hours, renewed."""
    known = functools.cache(functools.partial(minutes_of, course))
    text = HOURS.sub(lambda found: f"{found[1]}\n{hours_of(course, known)}\n{found[2]}", text)

    def renewed(found):
        table = table_of(course, weeks_of(course, found["rule"], found["weeks"], known))
        return f"{found[1]}\n{table}\n{found[4]}"

    return PLAN.sub(renewed, text)
