r"""How long a lesson takes, counted: nobody types it. The rates stand in `docs/times.md`, with their reasons.

A section is *deeper* where the markdown cell of its heading has the tag `deeper`: it ends before the next heading of
the same or a higher level. JupyterLab shows it folded, and a line below the heading says so elsewhere. What remains is
the *core path*, at most 75 minutes, whole without the rest.
"""

import ast
import re
from dataclasses import dataclass

from tools.editions.lesson_figures import lines_of_texts
from tools.editions.lesson_names import CHECK, number_of, numbered_source
from tools.editions.lesson_seeds import lines_of_seeds
from tools.editions.lesson_sources import tags_of, title_of

WORDS_A_MINUTE = 180
MINUTES_OF_A_FORMULA = 1
SECONDS_OF_A_LINE = 5
MINUTES_OF_AN_EXERCISE = {"a value to predict or choose": 4, "a function to write": 8, "a thing to build": 10}
MOST_CORE_MINUTES = 75
TIMES = "{times}"
SCOPES = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
DEEPER = "deeper"
UNDER_A_DEEPER_HEADING = "*Deeper: the core path does without this section.*"


@dataclass(frozen=True)
class Times:
    """Minutes of a part of a lesson."""

    reading: float
    exercises: float

    @property
    def said(self):
        """What a learner is told: each to the nearest five."""
        return [5 * round(minutes / 5) for minutes in (self.reading, self.exercises)]


# --- deeper sections ---------------------------------------------------------------------------------------------


def heading_of(cell):
    """The level and the text of the heading that a markdown cell begins with, or None."""
    found = re.match(r"(#{1,6}) +(.+)", cell.source) if cell.cell_type == "markdown" else None
    return (len(found[1]), found[2]) if found else None


def are_deeper(cells):
    """For each cell, whether it belongs to a deeper section."""
    return [level is not None for level in levels_of_deeper(cells)]


def levels_of_deeper(cells):
    """For each cell, the level of the heading of the deeper section to which it belongs, or None."""
    answer, level = [], None
    for cell in cells:
        highest = min((len(marks) for marks in headings_in(cell)), default=7)
        if level and highest <= level:
            level = None
        if DEEPER in tags_of(cell) and heading_of(cell):
            level = min(level or 7, heading_of(cell)[0])
        answer.append(level)
    return answer


def headings_in(cell):
    """The marks, `#` to `######`, of all headings of a markdown cell."""
    if cell.cell_type != "markdown":
        return []
    return re.findall(r"^(#{1,6}) ", re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL), re.MULTILINE)


def marked_deeper(text):
    """The text of a deeper section's first cell, with the line that says so."""
    heading, _, rest = text.partition("\n")
    return f"{heading}\n\n{UNDER_A_DEEPER_HEADING}" + (f"\n\n{rest.lstrip()}" if rest.strip() else "")


# --- minutes -----------------------------------------------------------------------------------------------------


def times_of(course, lesson):
    """The times of a lesson's core path and of its deeper sections."""
    source = numbered_source(course, lesson, strict=False)
    kinds = kinds_of_exercises(course, course.source(lesson).read_text("utf-8"))
    deeper = are_deeper(source.cells)
    return [times_of_cells([cell for cell, each in zip(source.cells, deeper, strict=True) if each == part], kinds)
            for part in (False, True)]  # fmt: skip


def times_of_cells(cells, kinds):
    """The times of some cells of a source.

    Args:
        cells: Markdown and code cells, checks numbered or not.
        kinds: Dict from an exercise's name to its kind, a key of `MINUTES_OF_AN_EXERCISE`.
    """
    reading = sum(minutes_of_text(cell.source) for cell in cells if cell.cell_type == "markdown")
    code = [cell for cell in cells if cell.cell_type == "code" and "setup" not in tags_of(cell)]
    read = [cell.source for cell in code if "exercise" not in tags_of(cell)]
    lines = sum(lines_to_read(each) - lines_of_texts(each) - lines_of_seeds(each) for each in read)
    reading += lines * SECONDS_OF_A_LINE / 60
    names = [name for cell in code for name in names_checked(cell.source)]
    return Times(reading, sum(MINUTES_OF_AN_EXERCISE[kinds.get(name, "a function to write")] for name in names))


def minutes_of_text(text):
    """The minutes for a text: its words, a formula in a line as one word, and its display formulas."""
    blocks = re.findall(r"```.*?```", text, flags=re.DOTALL)
    text = re.sub(r"```.*?```|<[^>]+>|\]\([^)]*\)", " ", text, flags=re.DOTALL)
    displayed = re.findall(r"\$\$.+?\$\$", text, flags=re.DOTALL)
    text = re.sub(r"\$\$.+?\$\$", " ", text, flags=re.DOTALL)
    words = re.findall(r"\w+(?:['’.,\-–]\w+)*", re.sub(r"\$[^$]+\$|`[^`]+`", " word ", text))
    lines = sum(lines_to_read(block) - 2 for block in blocks)
    return len(words) / WORDS_A_MINUTE + len(displayed) * MINUTES_OF_A_FORMULA + lines * SECONDS_OF_A_LINE / 60


def lines_to_read(code):
    return sum(bool(line.strip()) for line in code.splitlines())


def names_checked(code):
    """The names of the exercises that a cell checks, numbered or not."""
    return [found[3] for found in CHECK.finditer(re.sub(r'check\((\s*)"[^"]*",\s*', r"check(\1", code))]


def kinds_of_exercises(course, source):
    """The kind of each exercise of the module that a lesson imports as `exercises`, read without running it."""
    found = re.search(r"^from course_lib\.exercises import (\w+) as exercises$", source, re.MULTILINE)
    path = course.root / "course_lib" / "exercises" / f"{found[1]}.py" if found else None
    if not path or not path.exists():
        return {}
    assigned = [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.Assign)]
    calls = [
        node for node in assigned if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "Exercise"
    ]
    return {node.targets[0].id: kind_of(node.value) for node in calls}


def kind_of(call):
    """The kind of exercise that a call of `Exercise` makes, in the words of its docstring."""
    arguments = {argument.arg for argument in call.keywords}
    if "judge_with" in arguments:
        return "a thing to build"
    return "a function to write" if "inputs" in arguments or len(call.args) > 1 else "a value to predict or choose"


# --- what is written and what is refused -------------------------------------------------------------------------


def line_of_times(course, lesson):
    """What stands in a lesson in the place of `{times}`."""
    core, deeper = times_of(course, lesson)
    reading, exercises = core.said
    words = f"{reading} minutes of reading" + (f" and {exercises} of exercises" if exercises else "")
    more = f" on the core path, {sum(deeper.said)} minutes more in the deeper sections"
    return words + (more if sum(deeper.said) else "")


def table_of_times(course):
    """The minutes of all lessons, for the page that says how they are counted."""
    rows = ["| lesson | reading | exercises | deeper |", "| --- | --- | --- | --- |"]
    for lesson in course.lessons:
        core, deeper = times_of(course, lesson)
        title = title_of(course, lesson).partition(":")[0]
        minutes = " | ".join(str(each) for each in (*core.said, sum(deeper.said) or "–"))
        rows.append(f"| {number_of(lesson)} {title} | {minutes} |")
    return "\n".join([*rows, ""])


def times_problems(course, lesson, cells):
    """A typed time, a core path that is too long, and a tag `deeper` on what begins no section: sentences."""
    problems = []
    if cells and TIMES not in cells[0].source:
        problems.append("the first cell says `{times}`, where the builder writes the minutes")
    for cell in cells:
        if DEEPER in tags_of(cell) and not (heading_of(cell) and heading_of(cell)[0] > 1):
            problems.append(f"the tag `deeper` belongs to a heading of level 2 or more, not to `{first_line(cell)}`")
    problems += ends_inside_a_cell(cells) + needed_from_deeper(cells)
    core, _ = times_of(course, lesson)
    if max(sum(core.said), core.reading + core.exercises) > MOST_CORE_MINUTES:
        problems.append(
            f"its core path takes {core.reading:.0f} minutes of reading and {core.exercises:.0f} of exercises, more "
            f"than {MOST_CORE_MINUTES} together: mark sections `deeper`, or make it two lessons"
        )
    return problems


def ends_inside_a_cell(cells):
    """Cells in whose middle a deeper section ends: what stands before the heading would lose its place."""
    problems = []
    for level, cell in zip(levels_of_deeper(cells), cells[1:], strict=False):
        ends = [marks for marks in headings_in(cell) if level and len(marks) <= level]
        if ends and heading_of(cell) is None:
            found = re.search(rf"^{ends[0]} .+$", cell.source, re.MULTILINE)[0]
            problems.append(f"a deeper section ends before `{found}`, inside a cell: begin one with this heading")
    return problems


def needed_from_deeper(cells):
    """Names that the core path uses and only a deeper section makes: the core is to be whole without it."""
    core, deeper, problems = set(), {}, []
    for cell, is_deeper in zip(cells, are_deeper(cells), strict=True):
        made, used = names_in(cell)
        if is_deeper:
            core -= made
            deeper |= dict.fromkeys(made, cell)
            continue
        needed = sorted((used - made) & (set(deeper) - core))
        problems += [f"its core path uses `{name}`, which a deeper section makes" for name in needed]
        core |= made
    return list(dict.fromkeys(problems))


def names_in(cell):
    """The names that a code cell makes for later cells, and those that it uses."""
    if cell.cell_type != "code":
        return set(), set()
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:  # reported elsewhere
        return set(), set()
    scopes = [each for each in ast.walk(tree) if isinstance(each, SCOPES)]
    inside = {id(node) for scope in scopes for node in ast.walk(scope)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    stored = [node for node in names if isinstance(node.ctx, ast.Store)]
    made = {node.id for node in stored if id(node) not in inside}
    local = {node.id for node in stored if id(node) in inside}
    local |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    local |= {node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)}
    made |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            made |= {(each.asname or each.name).partition(".")[0] for each in node.names}
    return made, {node.id for node in names if isinstance(node.ctx, ast.Load)} - local


def first_line(cell):
    return cell.source.partition("\n")[0]
