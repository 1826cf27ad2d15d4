"""The rules of a lesson: of its source, of its outputs, and of the stored notebook against its source."""

import ast
import difflib
import json
import re
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools.editions.formulas import formulas_not_set
from tools.editions.lesson_cells import BEGIN, END, INSTEAD, built_text, cell_ids, checks_of, tags_of
from tools.editions.lesson_figures import figure_problems, lines_of_texts, picture_problems
from tools.editions.lesson_names import UNNAMED, name_problems, numbered_source
from tools.editions.lesson_seeds import lines_of_seeds, seed_problems
from tools.editions.lesson_sources import LessonError
from tools.editions.lesson_times import times_problems

MOST_LINES = 25
MOST_FIGURE_BYTES = 100 * 1024
MOST_COLUMNS = 100  # JupyterLab breaks a longer line of plain text, and inside a word
KNOWN_MAGICS = ("%matplotlib inline",)
KNOWN_HEADERS = ("gpu", "part", "question")

# --- the rules of a source ---------------------------------------------------------------------------------------


def source_problems(course, lesson):
    """The rules that a source breaks, each as a sentence that names the cell."""
    problems = name_problems(course, lesson)
    source = numbered_source(course, lesson, strict=False)
    cells, unknown = source.cells, set(source.metadata.get("course", {})) - set(KNOWN_HEADERS)
    if unknown:
        problems.append(f"the header knows {', '.join(KNOWN_HEADERS)}, and not {', '.join(sorted(unknown))}")
    if not cells or cells[0].cell_type != "markdown" or not cells[0].source.startswith("# "):
        problems.append("the first cell is markdown and starts with `# ` and the title")
    if cells and cells[-1].cell_type != "markdown":
        problems.append("the last cell is markdown")
    code_cells = [cell for cell in cells if cell.cell_type == "code"]
    if [("setup" in tags_of(cell)) for cell in code_cells].count(True) != 1 or "setup" not in tags_of(code_cells[0]):
        problems.append("exactly one cell has the tag `setup`, the first code cell")
    for here, (name, cell) in enumerate(zip(cell_ids(cells), cells, strict=True)):
        found = code_problems(course, cells, here) if cell.cell_type == "code" else text_problems(course, cell.source)
        problems += [f"cell `{name}`: {each}" for each in found]
    named = zip(cell_ids(cells), cells, strict=True)
    written = {name: cell for name, cell in named if cell.cell_type == "code"}
    seeds = seed_problems(
        [(name, cell.source) for name, cell in written.items()], lambda name: "exercise" in tags_of(written[name])
    )
    return problems + seeds + objective_problems(cells) + times_problems(course, lesson, cells)


def objective_problems(cells):
    """A promise that only a deeper section keeps says so, at the beginning and where the lesson looks back.

    Args:
        cells: The cells of a lesson; its lists stand below "In this lesson you will" and "In this lesson you have".

    Returns:
        A list of sentences; empty where both lists mark as many points, and none in a lesson without such sections.
    """
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    marked = {}
    for words in ("In this lesson you will", "In this lesson you have"):
        points = re.search(rf"{words}[^\n]*\n\n((?:[* ] [^\n]*(?:\n|$))+)", text)
        marked[words] = sum("deeper" in point for point in re.split(r"(?m)^\* ", points[1])) if points else 0
    before, after = marked.values()
    if before != after:
        return [f"{before} points of what one will do are marked `deeper`, and {after} of what one has done"]
    if before and not any("deeper" in tags_of(cell) for cell in cells):
        return ["points are marked `deeper`, and no section is"]
    return []


def code_problems(course, cells, here):
    cell, tags = cells[here], tags_of(cells[here])
    problems = []
    if not cell.source.strip():
        return ["it is empty"]
    if here >= 2 and all(before.cell_type == "code" for before in cells[here - 2 : here]):
        problems.append("it is the third code cell in a row: say something in between")
    try:
        versions = [built_text(course, cell, solved) for solved in (False, True)]
    except (LessonError, SyntaxError) as error:
        return [*problems, str(error)]
    has_markers = any(line.strip() in (BEGIN, INSTEAD, END) for line in cell.source.splitlines())
    if has_markers != ("exercise" in tags):
        problems.append("solution blocks and the tag `exercise` belong together")
    if None in checks_of(cell.source):
        problems.append(UNNAMED)
    if "exercise" in tags and not (here + 1 < len(cells) and cells[here + 1].cell_type == "code"
                                   and checks_of(cells[here + 1].source)):  # fmt: skip
        problems.append("the cell after an exercise is its check: `check(exercises.NAME, answer)`")
    lines = len(versions[1].splitlines()) - lines_of_texts(versions[1]) - lines_of_seeds(versions[1])
    if lines > MOST_LINES:
        problems.append(f"it has {lines} lines, more than {MOST_LINES}")
    problems += figure_problems(cell.source)
    return list(dict.fromkeys([*problems, *(each for version in versions for each in language_problems(version))]))


def language_problems(code):
    """What is not plain Python: shell commands, magics, and plain mistakes."""
    problems = []
    try:
        tree = ast.parse(code)
    except SyntaxError:
        lines = code.splitlines()
        problems += [f"a shell command: `{line.strip()}`" for line in lines if line.lstrip().startswith("!")]
        magics = [line.strip() for line in lines if line.lstrip().startswith("%")]
        problems += [f"an unknown magic: `{magic}`" for magic in magics if magic not in KNOWN_MAGICS]
        if problems:
            return problems
        try:
            tree = ast.parse("\n".join(line for line in lines if not line.lstrip().startswith("%")))
        except SyntaxError as error:
            return [f"it is no Python: {error.msg}, `{(error.text or '').strip()}`"]
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    problems = ["it calls `get_ipython`, which is a magic in disguise"] if "get_ipython" in names else []
    return problems + [
        f"it imports from `{node.module}`, an address: write `from {'.'.join(node.module.split('.')[:2])} import …`"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and re.match(r"course_lib\.\w+\.", node.module or "")
    ]


def text_problems(course, text):
    """Empty cells, formulas that are not set as they are meant, and relative links that lead nowhere."""
    if not text.strip():
        return ["it is empty"]
    problems = [f"a line of the formula ${formula}$ begins as a list does" for formula in formulas_as_lists(text)]
    problems += formulas_not_set(text)
    prose = re.sub(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$", "", text, flags=re.DOTALL)
    for link in re.findall(r"""\]\(<?([^)\s>]+)|(?:href|src)=["']([^"']+)["']""", prose):
        target = unquote("".join(link)).partition("#")[0]
        if not target or urlsplit(target).scheme or target.startswith("//"):
            continue
        place = course.notebooks / target
        is_lesson = place.suffix == ".ipynb" and place.parent == course.notebooks
        if not (place.stem in course.lessons if is_lesson else place.exists()):
            problems.append(f"its link to `{target}` leads nowhere")
    return problems


def formulas_as_lists(text):
    """Formulas that go on in a line which begins with +, - or *: outside JupyterLab they are torn there.

    A displayed formula that begins a paragraph of its own is not: there, Markdown looks for its end first.
    """
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    prose = re.sub(r"(\A|\n[ \t]*\n)[ \t]*\$\$.*?\$\$", r"\1", prose, flags=re.DOTALL)
    formulas = [displayed or inline for displayed, inline in re.findall(r"\$\$(.*?)\$\$|\$([^$]*)\$", prose, re.DOTALL)]
    return [" ".join(formula.split()) for formula in formulas if re.search(r"\n\s*[-+*] ", formula)]


# --- the rules of a notebook that was run ------------------------------------------------------------------------


def output_problems(course, notebook):
    """The rules that stored outputs break, each as a sentence that names the cell."""
    problems = [f"cell `{cell.id}`: {problem}" for cell in notebook.cells if cell.cell_type == "code"
                for problem in cell_output_problems(course, cell)]  # fmt: skip
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    if not any(counts):
        return [*problems, "it was never run"]
    if counts != list(range(1, len(counts) + 1)):
        problems.append("it was run in part, or out of order")
    return problems


def cell_output_problems(course, cell):
    problems = []
    for output in cell.outputs:
        if output.get("name") == "stderr":
            problems.append(f"it wrote to stderr: {shortened(output.text)}")
        if output.output_type == "error" and "raises-exception" not in tags_of(cell):
            problems.append(f"it stopped with {output.ename}: {shortened(output.evalue)}")
        if is_widget(output):
            problems.append("it stores a live widget, which shows nothing until it is run")
        problems += [f"a figure has {size // 1024} KB, more than {MOST_FIGURE_BYTES // 1024} KB"
                     for size in figure_sizes(output) if size > MOST_FIGURE_BYTES]  # fmt: skip
        problems += picture_problems(output)
        text = text_of(output)
        problems += [f"an output names a path of the machine: {path}" for path in machine_paths(course, text)]
        problems += [
            f"an output holds an object's address: {where}" for where in re.findall(r" at 0x[0-9A-Fa-f]{6,}", text)
        ]
        problems += stale_sources(course, output)
    wants_output = "NBVAL_CHECK_OUTPUT" in cell.source or "nbval-check-output" in tags_of(cell)
    if wants_output and not cell.outputs and cell.execution_count:
        problems.append("it is marked NBVAL_CHECK_OUTPUT and has no output")
    return problems


def width_problems(notebook):
    """The longest printed line of each cell where JupyterLab would break it inside a word.

    Args:
        notebook: A notebook that was run.

    Returns:
        A list of sentences.
    """
    widest = {cell.id: max(plain_lines(cell), key=len, default="") for cell in notebook.cells}
    return [
        f"cell `{name}`: it prints a line of {len(line)} characters, more than {MOST_COLUMNS}: "
        f"{line[:60]}… Break it where the sense breaks, or use shorter words"
        for name, line in widest.items()
        if len(line) > MOST_COLUMNS
    ]


def plain_lines(cell):
    """The lines that a cell shows as plain text; a source that `show` displays is Markdown, and keeps its own lines."""
    return [
        line
        for output in cell.get("outputs", [])
        if output.output_type == "stream" or list(output.get("data", {})) == ["text/plain"]
        for line in text_of(output).splitlines()
    ]


def stale_sources(course, output):
    """What `show` has printed and the library no longer says: a lesson shows what the tests ran."""
    shown = output.get("data", {}).get("text/plain", "")
    named = re.match(r"# (course_lib/[\w/]+\.py)\n", shown)
    if not named:
        return []
    path = course.root / named[1]
    says = iter([line.strip() for line in path.read_text("utf-8").splitlines()] if path.exists() else [])
    lines = [line.strip() for line in shown.splitlines()[1:] if '"""' not in line]  # docstrings are shown shortened
    gone = [line for line in lines if line not in says]  # an iterator: each line must follow the one before
    return [f"it shows a source that {named[1]} no longer has: {gone[0]}"] if gone else []


def shortened(text):
    line = text.strip().splitlines()[0] if text.strip() else ""
    return line if len(line) <= 160 else line[:159] + "…"


def figure_sizes(output):
    """Bytes of each picture, those inside HTML counted together."""
    sizes = []
    for kind, content in output.get("data", {}).items():
        if kind == "image/svg+xml":
            sizes.append(len(content.encode()))
        elif kind.startswith("image/"):
            sizes.append(len("".join(content.split())) * 3 // 4)
        elif kind == "text/html" and "data:image" in content:
            sizes.append(len(content) * 3 // 4)
    return sizes


def text_of(output):
    """All that can be read in an output, embedded pictures left out."""
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return "\n".join([output.evalue, *output.traceback])
    kinds = {kind: content for kind, content in output.data.items() if not kind.startswith("image/")}
    text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in kinds.values())
    return re.sub(r"data:[a-z]+/[^\"')\s]+", "", text)


def machine_paths(course, text):
    """The first path in a text that only this machine, or any one machine, has."""
    own = {str(place) for place in (course.root, course.root.resolve(), Path.home(), Path(tempfile.gettempdir()))}
    own = [re.escape(path) + r"(?![\w-])" for path in sorted(own) if len(path) > 3]
    anywhere = [
        r"/(?:home|Users|root|tmp|private/var|var/folders)/",
        r"[A-Za-z]:\\+Users\\",
        r"[\w./\\-]*(?:site|dist)-packages",
    ]
    found = re.search(rf"(?<![\w.])(?:{'|'.join(own + anywhere)})[^\s'\",:<]*", text)
    return [found[0]] if found else []


def verdict_problems(course, lesson, notebook, solved):
    """Checks that did not say what they must: "right" where solved, "not answered yet" where there are holes."""
    problems = []
    source_cells = numbered_source(course, lesson).cells
    for before, cell in zip([None, *source_cells], notebook.cells, strict=False):
        labels = checks_of(cell.source) if cell.cell_type == "code" else []
        said = "".join(text_of(output) for output in cell.outputs) if labels else ""
        wanted = ("right",) if solved else ("not answered yet",)
        if before and INSTEAD in before.source and not solved:
            wanted += ("not yet",)  # code with a bug was handed out
        for label in labels:
            verdict = re.search(rf"^Exercise {re.escape(label)}: (.*)$", said, re.MULTILINE)
            if not verdict or not verdict[1].startswith(wanted):
                heard = f"says {verdict[1]!r}" if verdict else "says nothing"
                edition = "its solution" if solved else "the hole"
                problems.append(
                    f"cell `{cell.id}`: with {edition} in place, exercise {label} {heard}, not {wanted[0]!r}"
                )
    return problems


def changed_outputs(stored, notebook):
    """Cells marked NBVAL_CHECK_OUTPUT, the same on any machine, whose text is not what the stored notebook has."""
    if stored is None:
        return []
    before = {cell.get("id"): cell for cell in stored.cells if cell.cell_type == "code"}
    return [
        f"cell `{cell.id}` is marked NBVAL_CHECK_OUTPUT and printed something else than in the stored notebook"
        for cell in notebook.cells
        if cell.cell_type == "code" and "NBVAL_CHECK_OUTPUT" in cell.source and cell.id in before
        if [text_of(output) for output in cell.outputs] != [text_of(output) for output in before[cell.id].outputs]
    ]


# --- a stored notebook against its source -------------------------------------------------------------------------


def stale_cells(stored, expected):
    """How the stored cells differ from what the source says now."""
    problems = []
    if stored.metadata != expected.metadata:
        problems.append("its metadata are stale")
    before, after = ({cell.get("id"): cell for cell in notebook.cells} for notebook in (stored, expected))
    problems += [f"cell `{name}` is stale: the source has it no more" for name in before if name not in after]
    problems += [f"cell `{name}` is stale: it is not in the notebook" for name in after if name not in before]
    for name in after:
        if name in before and before[name].source != after[name].source:
            problems.append(f"cell `{name}` is stale: {first_change(before[name].source, after[name].source)}")
        elif name in before and described(before[name]) != described(after[name]):
            problems.append(f"cell `{name}` is stale: its type or tags changed")
    if not problems and [cell.get("id") for cell in stored.cells] != list(after):
        problems.append("its cells are in another order than in the source")
    return problems


def described(cell):
    return cell.cell_type, dict(cell.metadata)


def first_change(before, after):
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return next((f"`{line}`" for line in lines if line[0] in "+-"), "white space changed")


def is_widget(output):
    return "application/vnd.jupyter.widget-view+json" in output.get("data", {})
