"""The tables of `docs/systems.md`: which system of five introductory articles works in which lesson, and what holds it.

Authors write `docs/systems.txt`, and name lessons by name; the builder writes the numbers, the titles and the links:

    # A subject
    S0.10: what the article names, in words of our own
        in the_elbo: Two Gaussians: no integral left
        by proof, KL_OF_TWO_GAUSSIANS, formulas.standard_normal_kl, tests/formulas/test_divergences.py
        but where it falls short
    S1.16: another one, that works in the same places
        as S0.10
    S0.22: what is only spoken of
        told the_elbo: Quiz

`in` is a place where it is built and `told` one where it is only mentioned, each a lesson and one of its headings;
`outside` is a place in no lesson, in words. `by` says what holds the place above it: `proof` (a proof cell of that
section), an exercise of that lesson, a name of `course_lib`, or a test file. `problems_of` says what of this is not
there; `tests/tools/editions/test_systems.py` looks up the names of the library, too.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from tools.editions.lesson_names import exercises_of, label_of, lesson_called, name_of
from tools.editions.lesson_plans import link_to
from tools.editions.lesson_sources import LessonError, read_source, tags_of

COMING = {}  # lessons that are written next, and their titles: a row may name them before they are there
TABLES = re.compile(r"(<!-- the systems[^>]*-->\n).*?(<!-- end of the systems -->)", re.DOTALL)
ROW = re.compile(r"(S\d\.\d+): (.+)")
LINE = re.compile(r"(in|told|outside|by|but|as) (.+)")
HEADING = re.compile(r"^(#{2,6}) (.+?)\s*$", re.MULTILINE)
HEAD = "| id | what the article names | where it works here | held by |\n| --- | --- | --- | --- |"


@dataclass
class Place:
    """Where a system works, or is told of (`told`), and what holds it there; outside the lessons, `lesson` is empty."""

    lesson: str
    section: str
    told: bool = False
    by: tuple = ()


@dataclass
class System:
    """One row: its `id` in the articles, what it is, its places, and where it falls short."""

    id: str
    subject: str
    what: str
    places: list = field(default_factory=list)
    but: str = ""

    @property
    def is_held(self):
        return any(place.by for place in self.places)


# --- reading -----------------------------------------------------------------------------------------------------


def systems_of(course):
    """The rows of `docs/systems.txt`; none where a course has no such file."""
    source = course.root / "docs" / "systems.txt"
    return systems_in(source.read_text("utf-8")) if source.exists() else []


def systems_in(text):
    """The rows of a source, in its order.

    Raises:
        LessonError: A line says nothing that is known, or an `as` names a row that does not stand above it.
    """
    subject, found = "", {}
    for number, line in enumerate(text.splitlines(), start=1):
        begins, goes_on = ROW.fullmatch(line), LINE.fullmatch(line.strip())
        if line.startswith("# "):
            subject = line[2:].strip()
        elif begins:
            if begins[1] in found:
                raise LessonError(f"docs/systems.txt, line {number}: {begins[1]} has a row already")
            found[begins[1]] = system = System(begins[1], subject, begins[2].strip())
        elif goes_on and found and line.startswith(" "):
            try:
                add_line(system, found, *goes_on.groups())
            except (KeyError, IndexError):
                raise LessonError(f"docs/systems.txt, line {number}: nothing above fits `{line.strip()}`") from None
        elif line.strip() and subject:
            raise LessonError(f"docs/systems.txt, line {number}: cannot read `{line.strip()}`")
    return list(found.values())


def add_line(system, found, word, rest):
    if word == "as":
        other = {name: each for name, each in found.items() if name != system.id}[rest]
        system.places, system.but = [replace(place) for place in other.places], other.but
    elif word == "but":
        system.but = rest
    elif word == "by":
        system.places[-1].by = tuple(re.split(r",\s*", rest))
    elif word == "outside":
        system.places.append(Place("", rest))
    else:
        lesson, _, section = rest.partition(":")
        system.places.append(Place(lesson, section.strip(), told=word == "told"))


# --- writing -----------------------------------------------------------------------------------------------------


def is_there(course, name):
    """Whether a lesson has this name; else it must be one of those that come."""
    if name in COMING and name not in map(name_of, course.lessons):
        return False
    return bool(lesson_called(course, name))


def where(course, place, before=None):
    """A place as the table says it; in the same lesson as the place `before`, its heading is enough."""
    if not place.lesson:
        return place.section
    if before and (before.lesson, before.told) == (place.lesson, place.told):
        return f"and *{place.section}*"
    if is_there(course, place.lesson):
        words = f"{link_to(course, lesson_called(course, place.lesson))}: *{place.section}*"
    else:
        words = f"to come: {COMING[place.lesson]}" + (f", *{place.section}*" if place.section else "")
    return f"mentioned in {words}; not built" if place.told else words


def holder(course, place, name):
    """What holds a place, as the table says it."""
    if name == "proof":
        return "proof"
    if "/" in name:
        return f"[{name.rpartition('/')[2]}](../{name})"
    if not is_exercise(name):
        return f"`{name}`"
    if not is_there(course, place.lesson):
        return f"exercise `{name}`"
    return f"exercise {label_of(course, lesson_called(course, place.lesson), name)}"


def is_exercise(name):
    return re.fullmatch(r"[A-Z][A-Z0-9_]+", name) is not None


def row_of(course, system):
    pairs = zip(system.places, [None, *system.places], strict=False)
    places = [where(course, place, before) for place, before in pairs]
    held = [", ".join(holder(course, place, name) for name in place.by) or "–" for place in system.places]
    if system.but:
        places.append(f"(but {system.but})")
    cells = (system.id, system.what, "<br>".join(places), "<br>".join(held))
    return f"| {' | '.join(cells)} |"


def summary_of(course, systems):
    """How many rows are built, only spoken of, or still to come."""
    kinds = Counter(kind_of(course, system) for system in systems)
    return (
        f"Of {len(systems)} rows **{kinds['built']}** work here today, **{kinds['next']}** wait for a lesson "
        f"that is being finished, and **{kinds['nothing']}** have nothing yet, or are nothing that could be built. "
        f"{sum(bool(each.but) for each in systems)} say where they fall short.\n"
    )


def kind_of(course, system):
    """Whether a row is `built` in a lesson that is here, in one that comes `next`, or has `nothing`."""
    if not system.is_held:
        return "nothing"
    here = [place for place in system.places if place.by and (not place.lesson or is_there(course, place.lesson))]
    return "built" if here else "next"


def tables_of(course, systems):
    """The page's summary and its tables, one for each subject."""
    parts = [summary_of(course, systems)]
    for subject in dict.fromkeys(system.subject for system in systems):
        rows = [row_of(course, system) for system in systems if system.subject == subject]
        parts.append("\n".join([f"## {subject}", "", HEAD, *rows, ""]))
    return "\n".join(parts)


def with_systems(course, page):
    """A page with its tables renewed from the source.

    Raises:
        LessonError: A row names a lesson or an exercise that nobody has.
    """
    tables = tables_of(course, systems_of(course))
    return TABLES.sub(lambda found: f"{found[1]}\n{tables}\n{found[2]}", page)


# --- what is wrong -----------------------------------------------------------------------------------------------


def sections_of(course, lesson):
    """The sections of a lesson: dict from a heading to whether a proof cell stands under it, sub-sections included."""
    proved, above = {}, []
    for cell in read_source(course.source(lesson)).cells:
        if cell.cell_type == "markdown":
            for level, heading in HEADING.findall(cell.source):
                above = [(depth, name) for depth, name in above if depth < len(level)] + [(len(level), heading)]
                proved.setdefault(heading, False)
        elif "proof" in tags_of(cell):
            proved |= {name: True for _, name in above}
    return proved


def problems_of(course, systems):
    """Headings, proof cells, exercises and test files that rows name and that are not there: sentences."""
    problems = []
    for system in systems:
        for place in system.places:
            problems += [f"docs/systems.txt, {system.id}: {each}" for each in problems_of_place(course, place)]
    return list(dict.fromkeys(problems))


def problems_of_place(course, place):
    problems = [f"no file `{name}`" for name in place.by if "/" in name and not (course.root / name).is_file()]
    if not place.lesson or not is_there(course, place.lesson):
        return problems
    lesson = lesson_called(course, place.lesson)
    proved, exercises = sections_of(course, lesson), exercises_of(course, lesson)
    if place.section not in proved:
        problems.append(f"`{place.lesson}` has no heading `{place.section}`")
    elif "proof" in place.by and not proved[place.section]:
        problems.append(f"no proof cell of `{place.lesson}` stands under `{place.section}`")
    unknown = [name for name in place.by if is_exercise(name) and name not in exercises]
    return problems + [f"`{place.lesson}` checks no exercise `{name}`" for name in unknown]
