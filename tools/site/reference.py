"""The reference of `course_lib`, read from its source without importing it, with links to and from the lessons.

A docstring of the library is Markdown in sections (`Args:`, `Returns:`, `Example:`, …) with LaTeX between dollars:
autodoc would take it for reStructuredText. A signature stands in the source. So Sphinx needs neither Keras nor NumPy
beside it, and defaults are shown as they are written.
"""

import ast
import re
import textwrap
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from tools.editions.lesson_names import ARXIV, name_of, number_of
from tools.editions.lesson_sources import read_source

PARTS = {  # part of the library → what its page says of it, below its own docstring
    "course_lib": "Begin",
    "course_lib.models": "Models",
    "course_lib.networks": "Networks",
    "course_lib.layers": "Layers",
    "course_lib.priors": "Priors",
    "course_lib.training": "Training",
    "course_lib.formulas": "Formulas",
    "course_lib.exact": "Exact models, the oracles",
    "course_lib.metrics": "Metrics",
    "course_lib.datasets": "Data sets",
    "course_lib.contracts": "Contracts: what is accepted",
    "course_lib.features": "Features",
    "course_lib.imputation": "Imputation",
    "course_lib.latent": "Paths in a latent space",
    "course_lib.coding": "Coding",
    "course_lib.signals": "Signals",
    "course_lib.patients": "Patients: bugs to plant",
    "course_lib.plotting": "Figures",
    "course_lib.exercises": "Exercises and their checks",
}
SECTION = re.compile(r"^([A-Z][a-z]+(?: [a-z]+)*):\s*$")
ENTRY = re.compile(r"^(\*{0,2}[\w.]+(?:, \*{0,2}\w+)*):\s+(.*)$")
DEFINITIONS = ("Args", "Call arguments", "Attributes", "Raises")


@dataclass
class Name:
    """A public name: where it is called from, its definition, and the lessons that use or show it."""

    full: str
    node: ast.AST
    uses: list = field(default_factory=list)
    shows: list = field(default_factory=list)

    @property
    def part(self):
        return self.full.rpartition(".")[0]

    @property
    def short(self):
        return self.full.rpartition(".")[2]


# --- what there is -----------------------------------------------------------------------------------------------


def names_of(root):
    """The public functions and classes of the library: dict from a full name to its `Name`, in the order of `PARTS`."""
    names = {}
    for part in PARTS:
        for short in public_names(root, part):
            node = definition(root, part, short)
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names[f"{part}.{short}"] = Name(f"{part}.{short}", node)
    return names


def file_of(root, module):
    """The file of a module, or None."""
    path = Path(root).joinpath(*module.split("."))
    return next((each for each in (path / "__init__.py", path.with_suffix(".py")) if each.exists()), None)


@lru_cache(maxsize=256)
def tree_of(root, module):
    path = file_of(root, module)
    return ast.parse(path.read_text("utf-8")) if path else ast.Module([], [])


def public_names(root, module):
    """What `__all__` lists, in the order in which it is imported or defined; without one, what has no underscore."""
    body = tree_of(root, module).body
    listed = [ast.literal_eval(node.value) for node in body if isinstance(node, ast.Assign) and is_all(node)]
    defined = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    if not listed:
        return [name for name in defined if not name.startswith("_")]
    imported = [each.asname or each.name for node in body if isinstance(node, ast.ImportFrom) for each in node.names]
    order = [*imported, *defined]
    return sorted(listed[0], key=lambda name: order.index(name) if name in order else len(order))


def is_all(node):
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)


def definition(root, module, name):
    """The node that defines a name of a module, followed through those that hand it on; None where there is none."""
    for node in tree_of(root, module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("course_lib"):
            for each in node.names:
                if (each.asname or each.name) == name:
                    return definition(root, node.module, each.name)
    return None


# --- where it is used --------------------------------------------------------------------------------------------


def note_lessons(course, names):
    """Write into the names which lessons use them, and which show their source."""
    for lesson in course.lessons:
        code = "\n\n".join(cell.source for cell in read_source(course.source(lesson)).cells if cell.cell_type == "code")
        used, shown = names_in(code, names)
        for full in used:
            names[full].uses.append(lesson)
        for full in shown:
            names[full].shows.append(lesson)


def parsed(code):
    return ast.parse(re.sub(r"^[%!].*$", "", code, flags=re.MULTILINE))


def called_in(code):
    """What the imports of some code call things: dict from a name in it to a name of the library."""
    called = {}
    for node in ast.walk(parsed(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course_lib"):
            called |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
        elif isinstance(node, ast.Import):
            called |= {each.name: each.name for each in node.names if each.name == "course_lib"}
    return called


def names_in(code, names, called=None):
    """The full names that some code uses, and those of which it shows the source or a method's; both in their order.

    Args:
        code: Python source.
        names: Dict from full names to `Name`.
        called: What `called_in` says of code that ran before; None where this code imports what it uses.
    """
    called, used, shown = called_in(code) if called is None else called, [], []
    for node in ast.walk(parsed(code)):
        if isinstance(node, ast.Name | ast.Attribute):
            used.append(known(full_name(node, called), names))
        if isinstance(node, ast.Call) and full_name(node.func, called) in ("course_lib.show", "course_lib.source.show"):
            shown += [known(full_name(each, called), names) for each in node.args[:1]]
    return [list(dict.fromkeys(filter(None, each))) for each in (used, shown)]


def full_name(node, called):
    """`course_lib.models.VAE.call` for `VAE.call`, where `called` says what `VAE` is; None for what is another's."""
    if isinstance(node, ast.Name):
        return called.get(node.id)
    if isinstance(node, ast.Attribute):
        before = full_name(node.value, called)
        return f"{before}.{node.attr}" if before else None
    return None


def known(full, names):
    """The public name that a name is, or whose method it is; names are found by the module that defines them, too."""
    while full and "." in full:
        if full in names:
            return full
        part, _, short = full.rpartition(".")
        above = f"{part.rpartition('.')[0]}.{short}"
        if above in names and part not in names:
            return above
        full = part
    return None


# --- pages -------------------------------------------------------------------------------------------------------


def pages(course):
    """The pages of the reference: dict from a path to its Markdown; and the names, with their lessons."""
    names = names_of(course.root)
    note_lessons(course, names)
    files, listed = {}, []
    for part, title in PARTS.items():
        members = [name for name in names.values() if name.part == part]
        if members:
            page = part.removeprefix("course_lib.").replace(".", "_")
            files[f"reference/{page}.md"] = part_page(course, part, title, members, names)
            listed.append((page, part, title, members))
    rows = [
        f"* [{title}](/reference/{page}.md), `{part}`: {', '.join(role(each.full) for each in members)}"
        for page, part, title, members in listed
    ]
    tree = "\n".join(
        ["```{toctree}", ":hidden:", "", *(f"{title} </reference/{page}.md>" for page, _, title, _ in listed), "```"]
    )
    files["reference/index.md"] = INDEX.format(rows="\n".join(rows), tree=tree)
    return files, names


INDEX = """\
# The library

`course_lib` is what the lessons import: `pip install -e .` in a clone, or the wheel of `make colab`. Every formula
stands in it once and is tested against something that knows the answer by another way. Each example below is run by the
tests. With an entry stand the lessons that use it, and those that show its source.

{rows}

{tree}
"""


def part_page(course, part, title, members, names):
    text = ast.get_docstring(tree_of(course.root, part)) or ""
    entries = [entry(each, names) for each in members]
    return "\n\n".join([f"# {title}", f"`{part}`", markdown(text, names), *entries]) + "\n"


def role(full, words=""):
    return f"{{py:obj}}`{words} <{full}>`" if words else f"{{py:obj}}`~{full}`"


def entry(name, names):
    """A function or a class with its methods, as a directive of Sphinx."""
    is_class = isinstance(name.node, ast.ClassDef)
    arguments = signature(constructor(name.node) if is_class else name.node, method=is_class)
    body = [markdown(ast.get_docstring(name.node) or "", names), lessons_of(name)]
    if is_class:
        above = [linked(f"`{ast.unparse(base).rpartition('.')[2]}`", names) for base in name.node.bases]
        body[:0] = [f"*Inherits from* {', '.join(above)}."] if any("py:obj" in each for each in above) else []
        body += [method(each, names) for each in methods(name.node)]
    kind = "class" if is_class else "function"
    return directive(kind, f"{name.short}{arguments}", "\n\n".join(filter(None, body)), 8, f":module: {name.part}")


def directive(kind, title, body, ticks, *options):
    fence = "`" * ticks
    return "\n".join([f"{fence}{{py:{kind}}} {title}", *options, "", body, fence])


def constructor(node):
    """The `__init__` of a class, or what a dataclass makes of its fields."""
    found = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"]
    if found:
        return found[0]
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
    names = [each.target.id + (f"={default(each.value)}" if each.value else "") for each in fields]
    return ast.parse(f"def __init__(self, {', '.join(names)}): ...").body[0] if names and is_dataclass(node) else None


def default(value):
    return ast.unparse(value) if isinstance(value, ast.Constant | ast.Tuple | ast.UnaryOp) else "..."


def is_dataclass(node):
    return any("dataclass" in ast.unparse(each) for each in node.decorator_list)


def signature(function, method=False):
    """The arguments of a function as they are written, without `self`."""
    if function is None:
        return "()"
    arguments = ast.parse(ast.unparse(function)).body[0].args
    if method and arguments.args:
        arguments.args = arguments.args[1:]
    for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        each.annotation = None
    return f"({ast.unparse(arguments)})"


def methods(node):
    """The public methods and properties of a class that have a docstring."""
    found = [each for each in node.body if isinstance(each, ast.FunctionDef) and ast.get_docstring(each)]
    return [each for each in found if not each.name.startswith("_")]


def method(node, names):
    decorators = {ast.unparse(each) for each in node.decorator_list}
    body = markdown(ast.get_docstring(node), names)
    if decorators & {"property", "functools.cached_property"}:
        return directive("property", node.name, body, 6)
    if any(each.endswith(".setter") for each in decorators):
        return ""
    kind = next((each for each in ("classmethod", "staticmethod") if each in decorators), None)
    options = [f":{kind}:"] if kind else []
    return directive("method", node.name + signature(node, kind != "staticmethod"), body, 6, *options)


def lessons_of(name):
    def links(lessons):
        return ", ".join(f"[{number_of(lesson)}](/lessons/{name_of(lesson)}.md)" for lesson in lessons)

    words = [
        f"{what} {links(lessons)}"
        for what, lessons in (("used in", name.uses), ("source shown in", name.shows))
        if lessons
    ]
    return f"*In the lessons:* {'; '.join(words)}." if words else ""


def links_below(course, lesson, names):
    """A function from the code of a cell to the links that stand below it: to the entries of what it shows.

    Args:
        course: The `Course`.
        lesson: The lesson; its imports say what its cells mean by a name.
        names: Dict from full names to `Name`.
    """
    cells = [cell.source for cell in read_source(course.source(lesson)).cells if cell.cell_type == "code"]
    called = called_in("\n\n".join(cells))

    def links(code):
        shown = names_in(code, names, called)[1] if "show(" in code else []
        return f"*In the reference:* {', '.join(map(role, shown))}" if shown else ""

    return links


def names_of_lesson(lesson, names):
    """The end of a lesson's page: the names of the library that it uses, each a link."""
    used = sorted((name for name in names.values() if lesson in name.uses), key=lambda name: name.short.lower())
    if not used:
        return ""
    times = Counter(name.short for name in used)
    links = [role(each.full, "" if times[each.short] == 1 else two_last(each.full)) for each in used]
    return "## The library in this lesson\n\n" + " · ".join(links)


def two_last(full):
    """The end of a full name that tells namesakes apart.

    Example:
        >>> two_last("course_lib.plotting.show")
        'plotting.show'
    """
    return ".".join(full.split(".")[-2:])


# --- docstrings --------------------------------------------------------------------------------------------------


def markdown(text, names=()):
    """A docstring as Markdown for the site: its sections as lists of definitions, its examples as code.

    Example:
        >>> print(markdown("Half of it.\\n\\nArgs:\\n    x: A number."))
        Half of it.
        <BLANKLINE>
        **Args**
        <BLANKLINE>
        `x`
        : A number.
    """
    parts, title, lines = [], None, []
    for line in [*text.splitlines(), None]:
        found = SECTION.match(line) if line is not None else None
        if line is None or found:
            parts.append(section(title, lines, names))
            title, lines = (found[1] if found else None), []
        else:
            lines.append(line)
    return "\n\n".join(filter(None, parts))


def section(title, lines, names):
    body = textwrap.dedent("\n".join(lines)).strip("\n")
    if not body.strip():
        return ""
    if title is None:
        return linked(body, names)
    if title == "Example" or body.lstrip().startswith(">>>"):
        code = re.sub(r" *# doctest: .*$", "", body, flags=re.MULTILINE).replace("<BLANKLINE>", "")
        return f"**{title}**\n\n{examples(code)}"
    if title in DEFINITIONS:
        return f"**{title}**\n\n" + "\n\n".join(definitions(body, names))
    return f"**{title}**\n\n{linked(body, names)}"


def examples(code):
    """Examples with the words between them."""
    parts = re.split(r"\n\s*\n", code)
    return "\n\n".join(
        f"```pycon\n{part}\n```" if part.lstrip().startswith(">>>") else fenced_rest(part) for part in parts
    )


def fenced_rest(part):
    """Lines that belong to an example above: code, unless they read as words."""
    return part if re.match(r"[A-Z][^=(]*[.:]$", part.strip()) else f"```python\n{part}\n```"


def definitions(body, names):
    """Pairs of a name and its words, as a list of definitions."""
    entries, last = [], None
    for line in body.splitlines():
        found = ENTRY.match(line)
        if found:
            last = [found[1], [found[2]]]
            entries.append(last)
        elif last:
            last[1].append(line.strip())
        else:
            entries.append(last := ["", [line]])
    answer = []
    for name, lines in entries:
        words = linked("\n  ".join(lines).rstrip(), names)
        answer.append(f"`{name}`\n: {words}" if name else words)
    return answer


def linked(text, names):
    """A text whose names of the library, written as code, are links."""
    shorts = {}
    for name in names.values() if names else ():
        shorts.setdefault(name.short, []).append(name.full)

    def link(found):
        word = found[1].removesuffix("()")
        full = f"course_lib.{word}" if f"course_lib.{word}" in names else word if word in names else None
        full = full or (shorts[word][0] if len(shorts.get(word, ())) == 1 and len(word) > 2 else None)
        return role(full, found[1]) if full else found[0]

    text = ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", text)
    return re.sub(r"(?<!`)`([\w.]+(?:\(\))?)`(?!`)", link, text) if names else text
