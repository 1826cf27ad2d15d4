r"""The slides of a lesson, which stand in its source, and their rules.

A markdown cell with the tag `slide` is a slide; the markdown cell below it, with the tag `notes`, is what the speaker
alone sees. Neither is in any notebook. The deck usually stands together at the end of the source:

    # %% [markdown] tags=["slide"]
    # ## Predict: how far is a code from the prior?
    # The mean is 1 and the variance 1, in 10 latents. How many nats is the KL?
    #
    # . . .
    #
    # {figure: what-a-code-costs-2}

    # %% [markdown] tags=["notes"]
    # 3 min. The usual wrong answer is 0.5: the sum over latents is forgotten. Leave out the colours.

* The first slide begins with `# ` and the title, the others with `## `. Headings that begin with *Predict*, *Exercise*,
  *Quiz* or *To take home* are shown in a colour of their own. A *Quiz* has its answer behind a pause.
* A line `. . .` is a pause: what follows it comes with the next key. The points of a list come one by one if they are
  written with `+`, and at once if they are written with `-`.
* `{figure: CELL}` shows the figure that the stored notebook has in that cell, with its text for those who do not see
  it; `{figure: CELL 2}` the second one of a cell. Two of them on one line stand side by side. `{output: CELL}` shows
  what the cell printed; `{output: CELL 2-4}` its lines 2 to 4. A cell is named by its id in the notebook; a wrong name
  is answered with the list. So a number on a slide is never older than the lesson.
* `{exercise: NAME}` and the other names of `lesson_names.py` are replaced here too, links shown as text; `{minutes}`
  is the number with which the notes begin.
* Notes begin with the minutes, `3 min.`, and then say the usual wrong answer and what to leave out.
  They hold no formula: the speaker's view has no KaTeX.
* A lesson with slides has 15 to 25, for 40 to 50 minutes. A slide has at most 75 words, a formula counted as one, and
  fewer if it has a figure.
"""

import re
from dataclasses import dataclass

from tools.editions.formulas import formulas_not_set
from tools.editions.lesson_names import numbered
from tools.editions.lesson_sources import LessonError, read_slides, tags_of

FEWEST, MOST = 15, 25
SHORTEST, LONGEST = 40, 50  # minutes
MOST_WORDS, MOST_WORDS_WITH_FIGURE = 75, 45
MOST_PRINTED_ROWS = 10
PRINTED_COLUMNS, SMALL_COLUMNS = 81, 94  # lines too long for the first are set small; the longest are wrapped
PAUSE = ". . ."
STORED = re.compile(r"\{(figure|output): +([\w-]+)(?: +(\d+)(?:-(\d+))?)?\}")
LINE_OF_STORED = re.compile(rf"{STORED.pattern}(?: +{STORED.pattern})*")
MINUTES = re.compile(r"(\d+(?:\.\d+)?) min\b")


@dataclass(frozen=True)
class Slide:
    """A slide: its Markdown, and what the speaker alone sees."""

    text: str
    notes: str = ""

    @property
    def minutes(self):
        """The minutes that its notes begin with, or None."""
        found = MINUTES.match(self.notes)
        return float(found[1]) if found else None

    @property
    def title(self):
        return re.sub("^#+ +", "", self.text.partition("\n")[0])

    @property
    def stored(self):
        """What it takes from the stored notebook: list of (kind, cell, first, last), the numbers None if not given."""
        return stored_in(self.text)


def slides_of(course, lesson):
    """The slides of a lesson, numbers and titles in the place of names; none where it has no deck.

    Raises:
        LessonError: A name is unknown, notes stand below no slide, or a slide or its notes are code.
    """
    slides = []
    for cell in read_slides(course.source(lesson)):
        if cell.cell_type != "markdown":
            raise LessonError(f"slides and notes are markdown cells, not code: `{first_line(cell.source)}`")
        text = re.sub(r"\[([^]]*)\]\(\w+\.ipynb\)", r"\1", numbered(course, lesson, cell.source.strip()))
        if "slide" in tags_of(cell):
            slides.append(Slide(text))
        elif not slides or slides[-1].notes:
            raise LessonError(f"notes belong below a slide, once: `{first_line(text)}`")
        else:
            slides[-1] = Slide(slides[-1].text, text)
    return [Slide(each.text.replace("{minutes}", said(each.minutes)), each.notes) for each in slides]


def first_line(text):
    return text.partition("\n")[0]


def said(minutes):
    return "?" if minutes is None else f"{minutes:g}"


# --- what is taken from the stored notebook ------------------------------------------------------------------------


def stored_in(text):
    """What a text takes from the stored notebook: list of (kind, cell, first, last), the numbers None if not given."""
    found = STORED.findall(text)
    return [(kind, cell, *(int(each) if each else None for each in numbers)) for kind, cell, *numbers in found]


def figures_in(notebook):
    """Dict from the id of a cell to its figures, each a pair of the PNG (base64) and its text."""
    figures = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture:
                text = output.get("metadata", {}).get("image/png", {}).get("alt", "")
                figures.setdefault(cell.id, []).append(("".join(picture.split()), text))
    return figures


def printed_in(notebook):
    """Dict from the id of a cell to the lines that it printed."""
    printed = {}
    for cell in notebook.cells:
        text = "".join(output.text for output in cell.get("outputs", []) if output.output_type == "stream")
        if text.strip():
            printed[cell.id] = text.rstrip("\n").split("\n")
    return printed


def figure_of(figures, cell, number=None):
    """The figure that a slide names, or a `LessonError` that lists those that exist."""
    if cell not in figures:
        raise LessonError(f"no cell `{cell}` has a figure; these have: {', '.join(figures) or 'none'}")
    number = 1 if number is None else number
    if not 1 <= number <= len(figures[cell]):
        raise LessonError(f"cell `{cell}` has {len(figures[cell])} figures, not {number}")
    return figures[cell][number - 1]


def lines_of(printed, cell, first=None, last=None):
    """The printed lines that a slide names, or a `LessonError` that lists the cells that print."""
    if cell not in printed:
        raise LessonError(f"no cell `{cell}` prints anything; these do: {', '.join(printed) or 'none'}")
    lines = printed[cell]
    if first is None:
        return lines
    if not 1 <= first <= (last or first) <= len(lines):
        raise LessonError(f"cell `{cell}` prints {len(lines)} lines, and has no lines {first}-{last or first}")
    return lines[first - 1 : last or first]


def is_wide(lines):
    """Whether printed lines are set in small letters."""
    return max(map(len, lines)) > PRINTED_COLUMNS


# --- what breaks the rules ---------------------------------------------------------------------------------------


def slide_problems(course, lesson, notebook):
    """The rules that the slides of a lesson break, each as a sentence; none where it has no deck.

    Args:
        course: The `Course`.
        lesson: The lesson, `NN_name`.
        notebook: Its stored notebook, from which figures and printed lines are taken.
    """
    try:
        slides = slides_of(course, lesson)
    except LessonError as error:
        return [f"its slides: {each}" for each in error.problems]
    if not slides:
        return []
    problems = []
    if not FEWEST <= len(slides) <= MOST:
        problems.append(f"its deck has {len(slides)} slides, and not {FEWEST} to {MOST}")
    minutes = [slide.minutes for slide in slides]
    if None not in minutes and not SHORTEST <= sum(minutes) <= LONGEST:
        problems.append(f"its slides take {said(sum(minutes))} minutes, and not {SHORTEST} to {LONGEST}")
    figures, printed = figures_in(notebook), printed_in(notebook)
    for number, slide in enumerate(slides, 1):
        found = [*problems_of_slide(slide, number == 1), *stored_problems(slide, figures, printed)]
        problems += [f"slide {number}, `{slide.title}`: {each}" for each in found]
    return problems


def problems_of_slide(slide, is_first):
    problems = []
    marks = "# " if is_first else "## "
    if not slide.text.startswith(marks):
        problems.append(f"it begins with `{marks}` and its title")
    body = slide.text.partition("\n")[2]
    if not body.replace(PAUSE, "").strip():
        problems.append("it is empty: say or show something below its title")
    if slide.minutes is None:
        problems.append("the cell below it has the tag `notes` and begins with its minutes, such as `2 min.`")
    if "$" in slide.notes:
        problems.append("its notes hold a formula, which the speaker's view cannot set: write σ²")
    problems += formulas_not_set(slide.text)
    most = MOST_WORDS_WITH_FIGURE if any(kind == "figure" for kind, *_ in slide.stored) else MOST_WORDS
    if words_in(body) > most:
        problems.append(f"it has {words_in(body)} words, more than {most}: say the rest in the notes")
    pauses = [line for line in body.splitlines() if line.strip() == PAUSE]
    if slide.title.startswith("Quiz") and not pauses:
        problems.append(f"the answer of a quiz comes after a pause, a line `{PAUSE}`")
    for line in map(str.strip, body.splitlines()):
        if (line.startswith("{") or STORED.search(line)) and not LINE_OF_STORED.fullmatch(line):
            problems.append(f"`{line}` is not understood: `{{figure: CELL}}` or `{{output: CELL}}` on its own line")
    return problems


def words_in(text):
    """The words that are read on a slide: a formula counts as one."""
    text = re.sub(r"\$\$.+?\$\$|\$[^$]+\$|`[^`]+`", " formula ", STORED.sub(" ", text), flags=re.DOTALL)
    return len(re.findall(r"\w+(?:['’.,\-–]\w+)*", text))


def stored_problems(slide, figures, printed):
    problems = []
    for kind, cell, first, last in slide.stored:
        try:
            if kind == "figure":
                figure_of(figures, cell, first)
                continue
            lines = lines_of(printed, cell, first, last)
        except LessonError as error:
            problems += error.problems
            continue
        columns = SMALL_COLUMNS if is_wide(lines) else PRINTED_COLUMNS
        rows = sum(max(1, -(-len(line) // columns)) for line in lines)
        if rows > MOST_PRINTED_ROWS:
            problems.append(
                f"what cell `{cell}` prints fills {rows} rows, more than {MOST_PRINTED_ROWS}: name some lines, as in "
                f"`{{output: {cell} 1-3}}`"
            )
    return problems
