"""The cells of a lesson: from a percent script to a notebook with holes or solutions, not yet run."""

import ast
import re
import subprocess
import textwrap
import tomllib
import unicodedata
from urllib.parse import urlsplit

import nbformat

from tools.editions.lesson_names import number_of, numbered_source
from tools.editions.lesson_sources import Course, LessonError, tags_of, title_of
from tools.editions.lesson_times import DEEPER, TIMES, line_of_times, marked_deeper

BEGIN, INSTEAD, END = "# BEGIN SOLUTION", "# INSTEAD", "# END SOLUTION"
YOUR_TURN = "...  # your turn"


def find_course(root):
    """The course in a folder, with the address that its git remote or its pyproject.toml states."""
    found = re.search(r'^__version__ = "(.+)"', (root / "course_lib" / "__init__.py").read_text("utf-8"), re.MULTILINE)
    return Course(root, repository_address(root), found[1])


def repository_address(root):
    """The public address of the repository: that of its git remote if it has one, else `[project.urls] Repository`."""
    try:
        command = ["git", "-C", str(root), "remote", "get-url", "origin"]
        remote = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:  # no git here
        remote = ""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8")).get("project", {})
    return https_address(remote) or project.get("urls", {}).get("Repository")


def https_address(remote):
    """The address at which everybody can read what an author pushes to, without names and passwords.

    Args:
        remote: What `git remote get-url` says.

    Returns:
        `https://…`, or None for a folder, a private server and other remotes that nobody else can read.

    Example:
        >>> https_address("git@github.com:someone/course.git")
        'https://github.com/someone/course.git'
    """
    short = re.fullmatch(r"git@([\w.-]+):/?([^/:].*)", remote)
    if short:
        return f"https://{short[1].removeprefix('ssh.')}/{short[2]}"
    parts = urlsplit(remote)
    if parts.scheme == "https":
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.scheme == "ssh" and parts.username == "git" and parts.hostname:  # its port is not that of https
        return f"https://{parts.hostname.removeprefix('ssh.')}{parts.path}"
    return None


# --- from a source to cells --------------------------------------------------------------------------------------


def make_notebook(course, lesson, solved=False):
    """The notebook of a lesson, not yet run.

    Args:
        course: The `Course`; its address goes into the set-up cell and the badge.
        lesson: The lesson's name, `NN_name`.
        solved: Whether to keep the solutions instead of making holes.

    Returns:
        An `nbformat` notebook with fixed ids and metadata.

    Raises:
        LessonError: A solution block or the set-up cell cannot be understood, or a name is unknown.
    """
    source = numbered_source(course, lesson)
    gpu = source.metadata.get("course", {}).get("gpu", False)
    notebook = nbformat.v4.new_notebook(metadata=notebook_metadata(course, gpu, solved))
    for name, cell in zip(cell_ids(source.cells), source.cells, strict=True):
        new = nbformat.v4.new_markdown_cell if cell.cell_type == "markdown" else nbformat.v4.new_code_cell
        text = built_text(course, cell, solved)
        notebook.cells.append(new(text, id=name, metadata=cell_metadata(tags_of(cell))))
    notebook.cells[0].source = notebook.cells[0].source.replace(TIMES, line_of_times(course, lesson))
    notebook.cells[0].source += under_the_title(course, lesson, solved)
    notebook.cells[-1].source += links_to_neighbours(course, lesson)
    return notebook


def notebook_metadata(course, gpu, solved):
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
        "course": {"repository": course.address} | ({"solved": True} if solved else {}),
    }
    return metadata | ({"accelerator": "GPU", "colab": {"provenance": []}} if gpu else {})


def cell_metadata(tags):
    """What a notebook keeps of a cell: its tags, and that JupyterLab shows a deeper section folded."""
    folded = {"jp-MarkdownHeadingCollapsed": True} if DEEPER in tags else {}
    return folded | ({"tags": tags} if tags else {})


def built_text(course, cell, solved):
    tags = tags_of(cell)
    if DEEPER in tags:
        return marked_deeper(cell.source)
    if "setup" in tags:
        return setup_cell(course.address, course.version, setup_call(cell.source))
    if "exercise" in tags:
        return without_markers(cell.source) if solved else with_holes(cell.source)
    return cell.source


def setup_cell(address, version, call):
    """The set-up cell of every lesson, which installs the library where it is missing.

    With an address it installs the tag of this version from there; without, a wheel that lies near the notebook, was
    uploaded, or is on a mounted drive or in a data set: the newest one of the nearest place.

    Args:
        address: Where the repository is, for git; None if it is nowhere yet.
        version: The library's version: the tag `v…` is installed.
        call: The line after the import, such as "run = course_lib.setup()".

    Returns:
        Python source.
    """
    if address is None:
        return SETUP_FROM_A_WHEEL.format(wheel=wheel_name(version), call=call)
    return SETUP_FROM_AN_ADDRESS.format(address=address, version=version, call=call)


def wheel_name(version):
    """The file name of the library, which is pure Python."""
    return f"generative_models_course-{version}-py3-none-any.whl"


SETUP_FROM_AN_ADDRESS = """\
import importlib.util

if not importlib.util.find_spec("course_lib"):  # install it alone: TensorFlow and Keras stay as they are
    import subprocess
    import sys

    course = "git+{address}@v{version}"
    if subprocess.run([sys.executable, "-m", "pip", "install", "-qq", "--no-deps", course]).returncode:
        raise RuntimeError(
            "The library of this course did not come from its address, for the reason above: let this machine use the "
            "internet (on Kaggle: Settings, Turn on internet) and run this cell again."
        )

import course_lib

{call}"""

# A place is a pattern of folders, so that nobody's whole drive is searched. What is raised is no ImportError: below
# each of those Colab puts a note of its own, to look for missing packages with pip or apt.
SETUP_FROM_A_WHEEL = """\
import importlib.util

if not importlib.util.find_spec("course_lib"):  # install it alone: TensorFlow and Keras stay as they are
    import glob
    import re
    import subprocess
    import sys

    places = ["", "*/", "../"]  # beside this notebook; then what you uploaded, your drive, a data set
    places += [root + depth * "*/" for root in ("/content/", "/kaggle/input/") for depth in range(5)]
    found = (glob.glob(place + "generative_models_course-*-py3-none-any.whl") for place in places)
    nearest = next(filter(None, found), [""])
    newest = max(nearest, key=lambda wheel: [int(n) for n in re.findall("[0-9]+", wheel.rsplit("course-")[-1])])
    if not newest or subprocess.run([sys.executable, "-m", "pip", "install", "-qq", "--no-deps", newest]).returncode:
        raise FileNotFoundError(
            "The library of this course is not installed here: on Colab or Kaggle, take {wheel} "
            "out of colab.zip, upload it (Colab: the folder symbol at the left; Kaggle: Add Input) and run this cell "
            "again; on your own machine, open the lesson by `make course`."
        )

import course_lib

{call}"""


def setup_call(code):
    """The call in the source's set-up cell, or a `LessonError`."""
    body = ast.parse(code).body
    if len(body) == 2 and ast.unparse(body[0]) == "import course_lib":
        call = getattr(body[1], "value", None)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "course_lib.setup":
            return ast.get_source_segment(code, body[1])
    raise LessonError("the set-up cell holds `import course_lib` and a call of `course_lib.setup`, and nothing else")


def under_the_title(course, lesson, solved):
    if solved:
        return "\n\n*Solved edition: one way to answer each exercise.*"
    address = colab_address(course, lesson)
    badge = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"\n\n[![Open in Colab]({badge})]({address})" if address else ""


def colab_address(course, lesson):
    """Where Colab opens a lesson of a course on GitHub; None for one that is elsewhere."""
    parts = urlsplit(course.address or "")
    if parts.hostname != "github.com":
        return None
    repository = parts.path.removesuffix(".git").rstrip("/")
    return f"https://colab.research.google.com/github{repository}/blob/v{course.version}/notebooks/{lesson}.ipynb"


def links_to_neighbours(course, lesson):
    lessons = course.lessons
    here = lessons.index(lesson)
    neighbours = {"Previous": lessons[here - 1 : here], "Next": lessons[here + 1 : here + 2]}
    links = [
        f"{word}: [{number_of(name)} · {title_of(course, name)}]({name}.ipynb)"
        for word, names in neighbours.items()
        for name in names
    ]
    return "\n\n---\n" + " · ".join(links) if links else ""


# --- solution blocks ---------------------------------------------------------------------------------------------


def solution_blocks(code):
    """Split an exercise into its lines and blocks.

    Returns:
        A list whose items are lines (strings) and blocks (`(indent, solution lines, lines handed out instead)`).

    Raises:
        LessonError: The markers are not balanced, or a block is empty or no Python.
    """
    parts, block = [], None
    for line in code.splitlines():
        word, indent = line.strip(), line[: len(line) - len(line.lstrip())]
        if word == BEGIN:
            if block:
                raise LessonError(f"a second `{BEGIN}` before `{END}`")
            block = (indent, [], [])
            into = block[1]
        elif word in (INSTEAD, END):
            if not block or block[0] != indent:
                raise LessonError(f"`{word}` without a `{BEGIN}` of the same indentation")
            if word == INSTEAD:
                into = block[2]
                continue
            parts.append(block)
            block = None
        elif block:
            into.append(line)
        else:
            parts.append(line)
    if block:
        raise LessonError(f"`{BEGIN}` without `{END}`")
    return parts


def with_holes(code):
    """An exercise as learners get it: each solution block is a line `… = ...  # your turn`."""
    lines = []
    for part in solution_blocks(code):
        lines += [part] if isinstance(part, str) else [part[0] + line for line in hole_of(*part[1:])]
    return "\n".join(lines)


def hole_of(solution, instead):
    if instead:
        return [re.sub("^# ?", "", line.strip()) for line in instead]
    try:
        statements = ast.parse(textwrap.dedent("\n".join(solution))).body
    except SyntaxError as error:
        raise LessonError(f"a solution is no Python: {error.msg}, `{(error.text or '').strip()}`") from None
    if not statements:
        raise LessonError("a solution block is empty")
    last = statements[-1]
    if isinstance(last, ast.Return):
        return [f"return {YOUR_TURN}"]
    if isinstance(last, ast.Assign) and len(last.targets) == 1:
        target = last.targets[0]
        if isinstance(target, ast.Tuple):
            values = ", ".join(["..."] * len(target.elts))
            return [f"{ast.unparse(target).strip('()')} = {values}  # your turn"]
        if isinstance(target, ast.Name | ast.Attribute):
            return [f"{ast.unparse(target)} = {YOUR_TURN}"]
    return ["# your turn", "..."]  # of two lines, which a formatter leaves below their `def`


def without_markers(code):
    """An exercise with its solution."""
    lines = []
    for part in solution_blocks(code):
        lines += [part] if isinstance(part, str) else part[1]
    return "\n".join(lines)


# --- ids ---------------------------------------------------------------------------------------------------------


def cell_ids(cells):
    """Ids that outlive changes elsewhere: `section`, `section-2`, …, and `setup`, `exercise-5-2`, `check-5-2`."""
    used, section, ids = set(), "cell", []
    for here, cell in enumerate(cells):
        heading = re.search(r"^#{1,4} +(.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
        section = slug(heading[1]) or section if heading else section
        wished = own_id(cells, here) or section
        name = wished if wished not in used else next(
            name for number in range(2, len(cells) + 2) if (name := f"{wished}-{number}") not in used
        )  # fmt: skip
        used.add(name)
        ids.append(name)
    return ids


def own_id(cells, here):
    """The id of a cell that has a role, else None."""
    if cells[here].cell_type != "code":
        return None
    tags = tags_of(cells[here])
    if "setup" in tags:
        return "setup"
    following = cells[here + 1] if "exercise" in tags and here + 1 < len(cells) else cells[here]
    labels = checks_of(following.source) if following.cell_type == "code" else []
    role = "exercise" if "exercise" in tags else "check"
    return f"{role}-{slug(labels[0])}" if labels and isinstance(labels[0], str) else None


def slug(text):
    text = re.sub(r"\$[^$]*\$|\]\([^)]*\)", " ", text)
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall("[a-z0-9]+", ascii_text.lower())
    while len("-".join(words)) > 48:
        words.pop()
    return "-".join(words)


def checks_of(code):
    """The labels of the calls of `check` in a cell; None for a label that is no literal."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    calls = [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", None)) == "check"]
    labels = [call.args[0].value if isinstance(call.args[0], ast.Constant) else None for call in calls]
    return [label if isinstance(label, str) else None for label in labels]
