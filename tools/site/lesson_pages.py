"""A lesson as a page of the site: from its stored notebook to Markdown for Sphinx, and its figures as files.

Nothing runs: text, code and outputs are those of `notebooks/`. A page is named after the lesson's name (`the_elbo`), so
that its address outlives a change of its number. What becomes of a notebook:

* figures are files with the texts that `plotting.show` stored; a picture of the page is loaded when it is scrolled to;
* what one hears is a file, too, with the browser's own controls;
* proofs and exercises say what they are; below the check of an exercise its tested solution is folded;
* the badge and the links to the neighbours, which the site has for itself, are left out.

Why our own Markdown and not myst-nb: it gives a cell with three figures one text for all of them, needs 30 more
packages (a database among them), and leaves formulas inside folded headings as they are.
"""

import base64
import html
import json
import re
from dataclasses import dataclass, field

import nbformat

from tools.editions.lesson_cells import checks_of, colab_address
from tools.editions.lesson_names import lesson_called, name_of

FORMULA = re.compile(r"(?<![\\$])\$(?!\$)([^$\n]+)\$(?!\d)")
SUMMARY = re.compile(r"(<summary>)(.*?)(</summary>)", re.DOTALL)
BADGE = re.compile(r"\n*\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)\s*$")
NEIGHBOURS = re.compile(r"\n+---\n(?:Previous|Next): \[.*\Z", re.DOTALL)
LESSON_LINK = re.compile(r"\]\((?:\.\./notebooks/|notebooks/)?\d\d_(\w+)\.ipynb(#[^)]*)?\)")
IMAGE_LINK = re.compile(r"\]\(images/([\w.-]+)\)")
EXPLORABLE_LINK = re.compile(r"\[([^]\n]+)\]\(\.\./docs/explorables/([\w./-]+)\)")
TERMINAL_CODE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
KINDS = {
    "proof": "Proof: this cell fails if the two sides disagree",
    "identity": "Identity: it holds by algebra",
    "exercise": "Exercise: your turn",
}
SOUND = re.compile(r'<source src="data:audio/wav;base64,([^"]+)"')
ENDINGS = {"image/png": "png", "image/gif": "gif", "image/svg+xml": "svg", "image/jpeg": "jpg"}


@dataclass
class Page:
    """The Markdown of a page, and its pictures and sounds: dict from a file's name to its bytes."""

    text: str
    figures: dict = field(default_factory=dict)


def lesson_page(course, lesson, solutions, links=lambda code: ""):
    """The page of a lesson.

    Args:
        course: The `Course`.
        lesson: The lesson, `NN_name`.
        solutions: Dict from the name of an exercise of this lesson to the code of its solution.
        links: Function from the code of a cell to a line of Markdown that stands below it.

    Returns:
        A `Page`.
    """
    notebook = nbformat.read(course.notebook(lesson), as_version=4)
    page, parts = Page(""), []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            text = page_text(course, cell.source)
            parts.append(with_buttons(course, lesson, text) if number == 0 else text)
        elif cell.cell_type == "code":
            parts += [code_part(cell, name_of(lesson), page.figures), links(cell.source)]
            parts += [solution_part(*each) for each in solutions_below(cell.source, solutions)]
    page.text = "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"
    return page


# --- text --------------------------------------------------------------------------------------------------------


def page_text(course, text):
    """The text of a Markdown cell, its links and folded headings as the site needs them."""
    text = NEIGHBOURS.sub("", BADGE.sub("", text))
    text = LESSON_LINK.sub(lambda found: f"](/lessons/{found[1]}.md{found[2] or ''})", text)
    text = IMAGE_LINK.sub(r"](/images/\1)", text)
    text = EXPLORABLE_LINK.sub(r'<a href="../explorables/\2">\1</a>', text)
    return SUMMARY.sub(lambda found: found[1] + FORMULA.sub(formula_in_html, found[2]) + found[3], text)


def formula_in_html(found):
    """A formula where Markdown is not read, as the page's script finds it.

    Example:
        >>> import re
        >>> FORMULA.sub(formula_in_html, "Is $a < b$?")
        'Is <span class="math inline">a &lt; b</span>?'
    """
    return f'<span class="math inline">{html.escape(html.unescape(found[1]), quote=False)}</span>'


def with_buttons(course, lesson, text):
    """The first cell with buttons below its title: the notebook to download, and Colab where there is an address."""
    title, _, rest = text.partition("\n")
    links = [f'<a class="button" href="../notebooks/{lesson}.ipynb" download>Download the notebook</a>']
    colab = colab_address(course, lesson)
    links += [f'<a class="button" href="{colab}">Open in Colab</a>'] if colab else []
    links.append('<button class="button core-only" type="button" aria-pressed="false" hidden>Core path only</button>')
    return f'{title}\n\n<div class="buttons">{" ".join(links)}</div>\n\n{rest.lstrip()}'


# --- code --------------------------------------------------------------------------------------------------------


def code_part(cell, name, figures):
    """A code cell with its outputs; its pictures and sounds are put into `figures`."""
    tags = cell.metadata.get("tags", [])
    if "setup" in tags:
        return folded("The set-up cell", fenced(cell.source, "python"), "setup") + outputs_part(cell, name, figures)
    kind = next((each for each in ("identity", "proof", "exercise") if each in tags), "")
    label = f'<p class="kind">{KINDS[kind]}</p>\n\n' if kind else ""
    outputs = outputs_part(cell, name, figures)
    return f'<div class="cell {kind}" id="{cell.id}-cell">\n{label}\n{fenced(cell.source, "python")}{outputs}\n\n</div>'


def outputs_part(cell, name, figures):
    """What a cell printed and showed, in its order."""
    parts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        kind = next((each for each in ENDINGS if each in data), None)
        if output.output_type == "stream":
            parts.append(fenced(TERMINAL_CODE.sub("", output.text), "text", "output"))
        elif kind:
            file = f"{name}-{cell.id}-{len(figures) + 1}.{ENDINGS[kind]}"
            figures[file] = bytes_of(kind, data[kind])
            alt = " ".join(output.get("metadata", {}).get(kind, {}).get("alt", "").split())
            parts.append(picture(f"figures/{file}", alt))
        elif sound := SOUND.search(data.get("text/html", "")):
            file = f"{name}-{cell.id}-{len(figures) + 1}.wav"
            figures[file] = base64.b64decode(sound[1])
            label = 'aria-label="The sound that the cell above made"'
            parts.append(f'<audio controls preload="metadata" {label} src="../sounds/{file}"></audio>')
        elif "text/markdown" in data:
            parts.append(f'<div class="shown">\n\n{data["text/markdown"].strip()}\n\n</div>')
        elif "text/plain" in data:
            parts.append(fenced(data["text/plain"], "text", "output"))
    return "".join(f"\n\n{part}" for part in parts)


def bytes_of(kind, data):
    return data.encode() if kind == "image/svg+xml" else base64.b64decode(data)


def picture(path, alt):
    """A picture with its text; a directive, because a text may hold any character."""
    return f"```{{image}} {path}\n:alt: {alt}\n:class: figure\n:loading: lazy\n```"


def fenced(code, language, kind=""):
    """A block of code, fenced by more backticks than it has itself."""
    longest = max((len(found) for found in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    options = f":class: {kind}\n" if kind else ""
    return f"{fence}{{code-block}} {language}\n{options}\n{code.strip(chr(10))}\n{fence}"


def folded(summary, body, kind):
    return f'<details class="{kind}">\n<summary>{summary}</summary>\n\n{body}\n\n</details>'


def solutions_below(code, solutions):
    """The solutions that belong below a cell that checks: pairs of the exercise's number and its solution."""
    names = re.findall(r'(?<![\w.])check\(\s*"[\d.]+",\s*\w+\.([A-Z]\w*)', code)
    numbers = [number for number in checks_of(code) if number]
    return [(number, solutions[name]) for number, name in zip(numbers, names, strict=False) if name in solutions]


def solution_part(number, code):
    return folded(f"A solution of exercise {number}", fenced(code, "python"), "solution")


def solutions_of(course):
    """The tested solutions: dict from a lesson's name to a dict from an exercise's name to its code."""
    path = course.root / "course_lib" / "exercises" / "solutions.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def page_of(course, name):
    """Where the page of a lesson stands, from the root of the site; a `LessonError` for a name that nobody has."""
    return f"/lessons/{name_of(lesson_called(course, name))}.md"
