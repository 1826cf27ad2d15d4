"""The builder of the lessons, its cells and its rules (`tools/editions/`), on a course of two."""

import ast
import base64
import copy
import importlib.machinery
import json
import re
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from tools.editions import build_notebooks, lesson_cells, lesson_rules

ROOT = Path(__file__).resolve().parents[3]

FIRST = """\
# ---
# jupyter:
#   course:
#     gpu: true
# ---

# %% [markdown]
# # Start: does it run?
#
# One question: {times}.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Doubling, and $x^2$
# See [the next lesson]({file: next}#doubling) and [the web](https://keras.io).

# %%
# NBVAL_CHECK_OUTPUT
from course_lib.exercises import check
from course_lib.exercises import start as exercises

print("two")

# %% [markdown]
# **Exercise {exercise: DOUBLE}.** Double.


# %% tags=["exercise"]
def double(x):
    # BEGIN SOLUTION
    twice = 2
    return twice * x
    # END SOLUTION


# %%
check(exercises.DOUBLE, double)

# %% [markdown]
# ## Two more
# Exercises {exercise: GUESS} and {exercise: ADD_ONE}.

# %% tags=["exercise"]
# BEGIN SOLUTION
guess = 3
# END SOLUTION


def add_one(x):
    # BEGIN SOLUTION
    return x + 1
    # INSTEAD
    # return x - 1
    # END SOLUTION


# %%
check(exercises.GUESS, guess)
check(exercises.ADD_ONE, add_one)

# %% [markdown]
# In this lesson you have doubled.
"""

SECOND = """\
# %% [markdown]
# # Next: and then?
#
# {times}

# %% tags=["setup"]
import course_lib

run = course_lib.setup(seed=1)

# %% [markdown]
# It goes [back]({file: start}), to {lesson: start}.
"""

EXERCISES = """\
from course_lib.exercises.engine import Exercise, Mistake


def _numbers(rng):
    return (rng.normal(size=4),)


DOUBLE = Exercise(lambda x: 2 * x, _numbers, (Mistake("square", lambda x: x**2, "that is the square."),))
GUESS = Exercise(3, mistakes=(Mistake("two", 2, "one more."),))
ADD_ONE = Exercise(lambda x: x + 1, _numbers, (Mistake("minus", lambda x: x - 1, "the sign is wrong."),))
"""


@pytest.fixture
def root(tmp_path):
    """A small course, sources only, in a folder with a space in its name."""
    folder = tmp_path / "a course"
    (folder / "notebooks" / "source").mkdir(parents=True)
    (folder / "course_lib").mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "tiny"\n')
    (folder / "course_lib" / "__init__.py").write_text('__version__ = "0.3.0"\n')
    write_source(folder, "00_start", FIRST)
    write_source(folder, "01_next", SECOND)
    return folder


def write_source(root, lesson, text):
    (root / "notebooks" / "source" / f"{lesson}.py").write_text(text, encoding="utf-8")


def change(root, old, new, lesson="00_start"):
    """Edit a source."""
    text = (root / "notebooks" / "source" / f"{lesson}.py").read_text("utf-8")
    assert old in text
    write_source(root, lesson, text.replace(old, new, 1))


def build(root, *arguments):
    return build_notebooks.main(list(arguments), root=root)


def stored(root, lesson="00_start"):
    return nbformat.read(root / "notebooks" / f"{lesson}.ipynb", as_version=4)


def cell_of(notebook, name):
    return next(cell for cell in notebook.cells if cell.id == name)


def library_says(root, line):
    (root / "course_lib").mkdir(exist_ok=True)
    (root / "course_lib" / "thing.py").write_text(
        f'def thing(x):\n    """One more.\n\n    And more.\n    """\n    {line}\n'
    )


def store_as_run(root, edit=lambda notebook: None, lessons=("00_start", "01_next")):
    """Write the notebooks as if a kernel had run them, the first one edited."""
    course = lesson_cells.find_course(root)
    for lesson in lessons:
        notebook = lesson_cells.make_notebook(course, lesson)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for count, cell in enumerate(code, start=1):
            cell.execution_count = count
            if "NBVAL_CHECK_OUTPUT" in cell.source:
                cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="two\n")]
        if lesson == lessons[0]:
            edit(notebook)
        build_notebooks.write_notebook(notebook, course.notebook(lesson))


# --- holes and solutions ---


@pytest.mark.parametrize(
    ("solution", "hole"),
    [
        ("return x + 1", "return ...  # your turn"),
        ("y = x\nreturn (\n    x,\n    y,\n)", "return ...  # your turn"),
        ("y = 2 * x", "y = ...  # your turn"),
        ("mean, log_var = encode(x)", "mean, log_var = ..., ...  # your turn"),
        ("self.scale = 2", "self.scale = ...  # your turn"),
        ("x[0] = 1", "# your turn\n..."),
        ("x += 1", "# your turn\n..."),
        ("if x:\n    return 1", "# your turn\n..."),
        ("print(x)", "# your turn\n..."),
        ("return x + 1\n# INSTEAD\n# if x:\n#     return x - 1", "if x:\n    return x - 1"),
    ],
)
@pytest.mark.parametrize("indent", ["", "    ", "        "])
def test_a_solution_becomes_a_hole_at_its_own_indentation(solution, hole, indent):
    block = textwrap.indent(f"# BEGIN SOLUTION\n{solution}\n# END SOLUTION", indent)
    assert lesson_cells.with_holes(f"before\n{block}\nafter") == f"before\n{textwrap.indent(hole, indent)}\nafter"


def test_the_solved_edition_keeps_the_solution_and_loses_the_markers():
    code = (
        "def f(x):\n    # BEGIN SOLUTION\n    y = x\n\n    return y\n    # INSTEAD\n    # return 1\n    # END SOLUTION"
    )
    assert lesson_cells.without_markers(code) == "def f(x):\n    y = x\n\n    return y"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("# BEGIN SOLUTION\nx = 1", "without `# END SOLUTION`"),
        ("x = 1\n# END SOLUTION", "without a `# BEGIN SOLUTION`"),
        ("# BEGIN SOLUTION\n# BEGIN SOLUTION\nx = 1\n# END SOLUTION", "a second"),
        ("def f():\n    # BEGIN SOLUTION\n    return 1\n# END SOLUTION", "of the same indentation"),
        ("# BEGIN SOLUTION\n# only words\n# END SOLUTION", "empty"),
        ("# BEGIN SOLUTION\nx = = 1\n# END SOLUTION", "no Python"),
        ("# INSTEAD\nx = 1", "without a `# BEGIN SOLUTION`"),
    ],
)
def test_unbalanced_markers_are_refused(code, words):
    with pytest.raises(lesson_cells.LessonError, match=re.escape(words)):
        lesson_cells.with_holes(code)


def test_a_built_lesson_has_holes_that_are_python_and_no_trace_of_the_solution(root):
    assert build(root, "--no-execute") == 0
    notebook = stored(root)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "SOLUTION" not in text
    assert "twice" not in text
    assert cell_of(notebook, "exercise-0-1").source == "def double(x):\n    return ...  # your turn"
    holes = "guess = ...  # your turn\n\n\ndef add_one(x):\n    return x - 1"
    assert cell_of(notebook, "exercise-0-2").source == holes
    for cell in notebook.cells:
        if cell.cell_type == "code":
            ast.parse(cell.source)


# --- ids, metadata, links ---


def test_ids_come_from_headings_and_labels(root):
    build(root, "--no-execute")
    assert [cell.id for cell in stored(root).cells] == [
        "00-start-does-it-run", "setup", "doubling-and", "doubling-and-2", "doubling-and-3", "exercise-0-1",
        "check-0-1", "two-more", "exercise-0-2", "check-0-2", "two-more-2",
    ]  # fmt: skip


def test_ids_outlive_changes_elsewhere(root):
    build(root, "--no-execute")
    before = {cell.id: cell.source for cell in stored(root).cells}
    change(root, "# ## Doubling", "# ## New section\n# Words.\n\n# %%\nx = 1\n\n# %% [markdown]\n# ## Doubling")
    change(root, 'print("two")', 'print("deux")')
    build(root, "--no-execute")
    after = {cell.id: cell.source for cell in stored(root).cells}
    assert set(after) - set(before) == {"new-section", "new-section-2"}
    assert [name for name in before if before[name] != after.get(name)] == ["doubling-and-2"]


def test_ids_are_valid_and_unique_whatever_the_headings():
    headings = ["# Ω", "## Ω", "## Same", "## Same", "## Same 2", "## " + "long " * 40, "words"]
    cells = [nbformat.v4.new_markdown_cell(text) for text in headings]
    ids = lesson_cells.cell_ids(cells)
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z0-9-]{1,64}", name) for name in ids)


def test_metadata_ask_for_a_gpu_only_where_the_header_does(root):
    build(root, "--no-execute")
    first, second = stored(root).metadata, stored(root, "01_next").metadata
    assert (first.accelerator, first.colab) == ("GPU", {"provenance": []})
    assert not {"accelerator", "colab"} & set(second)
    assert second.kernelspec == {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert second.course == {"repository": None}


def test_neighbours_are_linked_with_their_titles(root):
    write_source(root, "02_last", SECOND.replace("Next: and then?", "Last"))
    build(root, "--no-execute")
    last_lines = [
        stored(root, lesson).cells[-1].source.splitlines()[-1] for lesson in ("00_start", "01_next", "02_last")
    ]
    assert last_lines == [
        "Next: [01 · Next: and then?](01_next.ipynb)",
        "Previous: [00 · Start: does it run?](00_start.ipynb) · Next: [02 · Last](02_last.ipynb)",
        "Previous: [01 · Next: and then?](01_next.ipynb)",
    ]


# --- the set-up cell and the address ---


def a_library(**names):
    """What `import course_lib` finds where it is installed."""
    module = type(sys)("course_lib")
    module.__spec__ = importlib.machinery.ModuleSpec("course_lib", None)
    vars(module).update(names)
    return module


@pytest.mark.parametrize("address", [None, "https://example.org/course"])
def test_where_the_library_is_there_the_set_up_cell_installs_nothing_and_says_nothing(address, monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "course_lib", a_library(setup=lambda: "ready"))
    monkeypatch.setattr(subprocess, "run", None)
    namespace = {}
    exec(lesson_cells.setup_cell(address, "0.3.0", "run = course_lib.setup()"), namespace)
    assert namespace["run"] == "ready"
    assert capfd.readouterr() == ("", "")


def test_with_an_address_the_set_up_cell_installs_the_tag_alone_and_goes_on(monkeypatch):
    code = lesson_cells.setup_cell("file:///a repository", "0.3.0", "run = course_lib.setup(seed=1)")
    commands = []

    def install(command):
        commands.append(command)
        sys.modules["course_lib"] = a_library(setup=lambda seed: seed)
        return SimpleNamespace(returncode=0)

    monkeypatch.setitem(sys.modules, "course_lib", None)
    monkeypatch.setattr(subprocess, "run", install)
    namespace = {}
    exec(code, namespace)
    options = ["-m", "pip", "install", "-qq", "--no-deps"]
    assert commands == [[sys.executable, *options, "git+file:///a repository@v0.3.0"]]
    assert namespace["run"] == 1


def test_an_address_that_pip_cannot_reach_is_one_sentence_below_its_words(monkeypatch):
    monkeypatch.setitem(sys.modules, "course_lib", None)
    monkeypatch.setattr(subprocess, "run", lambda command: SimpleNamespace(returncode=1))
    with pytest.raises(RuntimeError, match=r"let this machine use the internet .* and run this cell") as raised:
        exec(lesson_cells.setup_cell("https://example.org/course", "0.3.0", "run = course_lib.setup()"), {})
    assert raised.value.__context__ is None, "one traceback, not two"


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/someone/course.git", "https://github.com/someone/course.git"),
        ("https://someone:secret@github.com/someone/course", "https://github.com/someone/course"),
        ("git@github.com:someone/course.git", "https://github.com/someone/course.git"),
        ("git@github.com:/someone/course.git", "https://github.com/someone/course.git"),
        ("git@gitlab.example.org:a/group/course.git", "https://gitlab.example.org/a/group/course.git"),
        ("ssh://git@github.com/someone/course.git", "https://github.com/someone/course.git"),
        ("ssh://git@ssh.github.com:443/someone/course.git", "https://github.com/someone/course.git"),
        ("ssh://git@codeberg.example.org:2222/someone/course", "https://codeberg.example.org/someone/course"),
        ("me@my-server:lessons/course.git", "https://example.org/stated"),
        ("ssh://me@my-server/lessons/course.git", "https://example.org/stated"),
        ("file:///a/folder", "https://example.org/stated"),
        ("C:\\lessons\\course", "https://example.org/stated"),
        ("/a/folder", "https://example.org/stated"),
        (None, "https://example.org/stated"),
    ],
)
def test_the_address_is_that_of_a_public_remote_else_the_one_in_pyproject(root, remote, address):
    (root / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[project.urls]\nRepository = "https://example.org/stated"\n'
    )
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    if remote:
        subprocess.run(["git", "-C", str(root), "remote", "add", "origin", remote], check=True)
    assert lesson_cells.repository_address(root) == address


def test_a_github_address_gives_a_badge_under_the_title_and_others_none(root):
    course = lesson_cells.Course(root, "https://github.com/someone/course.git", "0.3.0")
    title = lesson_cells.make_notebook(course, "00_start").cells[0].source
    assert title.startswith("# 00 · Start: does it run?\n\nOne question: 0 minutes")
    assert "exercises.\n\n[![Open in Colab](" in title
    assert title.endswith("colab.research.google.com/github/someone/course/blob/v0.3.0/notebooks/00_start.ipynb)")
    for address in (None, "https://example.org/course"):
        course = lesson_cells.Course(root, address, "0.3.0")
        assert "Colab" not in lesson_cells.make_notebook(course, "00_start").cells[0].source


def test_a_clone_from_elsewhere_is_not_stale(root):
    home = lesson_cells.Course(root, "https://github.com/someone/course", "0.3.0")
    store_as_run(root)
    for lesson in home.lessons:
        notebook, run = lesson_cells.make_notebook(home, lesson), stored(root, lesson)
        build_notebooks.keep_outputs(run, notebook)
        build_notebooks.write_notebook(notebook, home.notebook(lesson))
    assert lesson_cells.find_course(root).address is None
    assert build(root, "--check") == 0


def test_a_lesson_keeps_its_outputs_under_another_number_and_not_with_other_code(root):
    def notebook(number, code="print(1)"):
        source = f'{code}\ncheck("{number}.2", exercises.X, x)'
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="a")])

    said = "1\nExercise {}.2: right\nas in Exercise 7.2: right\n"
    before, after, other = notebook(15), notebook(16), notebook(16, "print(2)")
    before.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text=said.format(15))]
    build_notebooks.keep_outputs(copy.deepcopy(before), after)
    assert after.cells[0].outputs[0].text == said.format(16)
    build_notebooks.keep_outputs(copy.deepcopy(before), other)
    assert other.cells[0].outputs == []


# --- the rules of a source ---

NEW_CELL = "# %%\nfrom course_lib"  # the lesson's first own code cell, in which the bad lines are put


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("# # Start", "# Start", "the first cell is markdown and starts with"),
        ("# In this lesson you have doubled.", "# \n\n# %%\nx = 1", "the last cell is markdown"),
        ('# %% tags=["setup"]', "# %%", "exactly one cell has the tag `setup`"),
        ("run = course_lib.setup()", "run = course_lib.setup()\nimport numpy", "cell `setup`: the set-up cell holds"),
        ("import course_lib\n", "import course_lib as c\n", "cell `setup`: the set-up cell holds"),
        ('print("two")', 'print("two")\n\n# %%\nx = 1\n\n# %%\nx = 2', "third code cell in a row"),
        ('print("two")', "x = 1\n" * 24, "it has 28 lines, more than 25"),
        ('print("two")', "!ls", "a shell command: `!ls`"),
        ('print("two")', "%timeit 1", "an unknown magic: `%timeit 1`"),
        ('print("two")', "%%bash\nls", "an unknown magic: `%%bash`"),
        ('print("two")', 'get_ipython().system("ls")', "a magic in disguise"),
        (
            'print("two")',
            "from course_lib.formulas.likelihoods import gaussian",
            "an address: write `from course_lib.formulas import",
        ),
        ('print("two")', "x = = 1", "it is no Python: invalid syntax, `x = = 1`"),
        ('print("two")', "# BEGIN SOLUTION\nx = 1\n# END SOLUTION", "belong together"),
        ("    # BEGIN SOLUTION\n    twice", "    twice", "without a `# BEGIN SOLUTION`"),
        ("\n    # END SOLUTION\n\n\n# %%\ncheck", "\n\n\n# %%\ncheck", "without `# END SOLUTION`"),
        ("check(exercises.DOUBLE, double)", "double(3)", "the cell after an exercise is its check"),
        ("check(exercises.GUESS", "check(exercises.DOUBLE", "two checks are of `DOUBLE`"),
        ("check(exercises.GUESS", 'check("0.2", exercises.GUESS', "a check names its exercise first"),
        ("check(exercises.GUESS", "check(label", "a check names its exercise first"),
        ('print("two")', "plt.show()", "`plt.show()` gives a figure no text"),
        ("{file: next}#doubling", "gone.ipynb", "its link to `gone.ipynb` leads nowhere"),
        ("{file: next}#doubling", "../gone.md", "its link to `../gone.md` leads nowhere"),
        ("# See [the", "# As $a\n#    + b$, see [the", "a line of the formula $a + b$ begins as a list does"),
        ("# See [the", "# As $a=½$, see [the", "the formula $a=½$ has `½`: write it as LaTeX does"),
        ("# See [the", "# As $w_\\max$, see [the", "has a bare `_\\max`: KaTeX sets `_{\\max}` alone"),
        ("#     gpu: true", "#     cpu: true", "the header knows gpu, part, question, and not cpu"),
    ],
)
def test_a_source_that_breaks_a_rule_is_refused_by_build_and_check(root, capsys, old, new, words):
    store_as_run(root)
    before = (root / "notebooks" / "00_start.ipynb").read_bytes()
    change(root, old, new)
    for arguments in (["--no-execute"], ["--check"]):
        assert build(root, *arguments) == 1
        assert words in capsys.readouterr().out
    assert (root / "notebooks" / "00_start.ipynb").read_bytes() == before


@pytest.mark.parametrize(
    "line",
    ["%matplotlib inline", 'text = """\n!not a command\n%nor a magic\n"""', "# ls -la is a comment", "x = 7\\\n%3"],
)
def test_what_only_looks_like_a_magic_is_allowed(line):
    assert lesson_rules.language_problems(f"x = 1\n{line}\ny = 2") == []


def test_links_inside_formulas_and_code_are_no_links(root):
    change(root, "# See [the", "# Here $q[z](x)$ and `a[b](c)` and\n#\n# $$p[z](y)$$\n#\n# see [the")
    assert build(root, "--no-execute") == 0


def test_formulas_may_be_broken_anywhere_else():
    assert lesson_rules.formulas_as_lists("$a +\nb$ and\n- $c$\n- $d$\n\n  $$e\n+ f$$, `$`\n- `$`") == []
    assert lesson_rules.formulas_as_lists("$$a\n+ b$$\n\n1. $$c +\nd$$") == []


def test_a_displayed_formula_inside_a_paragraph_is_torn_as_another_one():
    assert lesson_rules.formulas_as_lists("1. Collect:\n   $$a\n     + b$$\n2. $c$\n\n$$d\n- e$$") == ["a + b"]


def test_a_badly_named_lesson_is_refused(root, capsys):
    write_source(root, "appendix", SECOND)
    assert build(root, "--no-execute") == 1
    assert "named NN_name.py" in capsys.readouterr().out


# --- --check of what is stored ---


def test_check_accepts_what_was_built_and_run(root, capsys):
    store_as_run(root)
    assert build(root, "--check") == 0
    assert "every notebook is what its source says" in capsys.readouterr().out


TEXT = {"image/png": {"alt": "A square that is black all over, and nothing else."}}


def picture(kilobytes):
    return {"image/png": base64.b64encode(bytes(kilobytes * 1024)).decode()}


def output(kind, **content):
    def edit(notebook):
        cell_of(notebook, "check-0-1").outputs.append(nbformat.v4.new_output(kind, **content))

    return edit


def edit_cell(name, **values):
    def edit(notebook):
        cell_of(notebook, name).update(values)

    return edit


def never_run(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(execution_count=None, outputs=[])


WIDGET = {"application/vnd.jupyter.widget-view+json": {"model_id": "7"}}
AXES = {"text/plain": "<Axes at 0x7f00aa11bb22>"}
SHOWN = {"text/plain": '# course_lib/thing.py\ndef thing(x):\n    """One more."""\n    return x + 1'}


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (never_run, "it was never run"),
        (edit_cell("check-0-1", execution_count=None), "it was run in part, or out of order"),
        (edit_cell("check-0-1", execution_count=9), "it was run in part, or out of order"),
        (edit_cell("check-0-1", source="check()"), "cell `check-0-1` is stale: `- check()`"),
        (edit_cell("doubling-and", source="## Doubling"), "cell `doubling-and` is stale"),
        (edit_cell("check-0-1", metadata={"tags": ["raises-exception"]}), "`check-0-1` is stale: its type or tags"),
        (edit_cell("check-0-1", metadata={"collapsed": True}), "`check-0-1` is stale: its type or tags"),
        (edit_cell("check-0-1", id="other"), "cell `other` is stale: the source has it no more"),
        (edit_cell("check-0-1", id="other"), "cell `check-0-1` is stale: it is not in the notebook"),
        (lambda notebook: notebook.cells.pop(2), "cell `doubling-and` is stale: it is not in the notebook"),
        (lambda notebook: notebook.cells.insert(0, notebook.cells.pop(2)), "its cells are in another order"),
        (lambda notebook: notebook.metadata.kernelspec.update(name="conda"), "its metadata are stale"),
        (edit_cell("check-0-1", source="!false"), "cell `check-0-1`: a shell command: `!false`"),
        (edit_cell("check-0-1", source="%cd x"), "cell `check-0-1`: an unknown magic: `%cd x`"),
        (edit_cell("doubling-and-2", outputs=[]), "it is marked NBVAL_CHECK_OUTPUT and has no output"),
        (output("stream", name="stderr", text="W0000 slow\n"), "cell `check-0-1`: it wrote to stderr: W0000 slow"),
        (output("error", ename="ValueError", evalue="no", traceback=[]), "it stopped with ValueError: no"),
        (output("display_data", data=picture(101), metadata=TEXT), "a figure has 101 KB, more than 100 KB"),
        (output("display_data", data=picture(9)), "a figure has no text (image/png): show it by `plotting.show`"),
        (output("display_data", data=picture(9), metadata={"image/png": {"alt": ""}}), "a figure has no text"),
        (output("display_data", data={"image/gif": "AA"}, metadata=TEXT), "a figure has no text (image/gif)"),
        (output("display_data", data={"text/html": "<p><img src='x.png'></p>"}), "a picture in HTML has no `alt`"),
        (output("display_data", data={"image/svg+xml": "x" * 110_000}), "a figure has 107 KB"),
        (
            output("display_data", data={"text/html": "<img src='data:image/png;base64," + "A" * 150_000}),
            "a figure has",
        ),
        (output("display_data", data=WIDGET), "a live widget"),
        (output("display_data", data=AXES), "an object's address:  at 0x7f00aa11bb22"),
        (output("display_data", data=SHOWN), "a source that course_lib/thing.py no longer has: return x + 1"),
        (output("stream", name="stdout", text="read /home/ann/x.npz\n"), "a path of the machine: /home/ann/x.npz"),
        (output("stream", name="stdout", text="in C:\\Users\\ann\\x\n"), "a path of the machine: C:\\Users\\ann\\x"),
        (output("display_data", data={"text/html": "<b>/Users/ann/x</b>"}), "a path of the machine: /Users/ann/x"),
        (output("stream", name="stdout", text=f"read {Path.home()}/x\n"), "a path of the machine"),
        (output("stream", name="stdout", text=f"1\n{'x' * 101}\n"), "a line of 101 characters, more than 100: xxx"),
        (output("display_data", data={"text/plain": "x" * 101}), "it prints a line of 101 characters"),
    ],
)
def test_check_refuses_a_stored_notebook_that_is_not_as_it_should_be(root, capsys, edit, words):
    library_says(root, "return x + 2")
    store_as_run(root, edit)
    assert build(root, "--check") == 1
    said = capsys.readouterr().out
    assert "00_start: FAILED" in said
    assert words in said
    assert "01_next: FAILED" not in said


@pytest.mark.parametrize(
    "edit",
    [
        output("display_data", data=picture(99), metadata=TEXT),
        output("display_data", data={"text/html": "<img alt='a letter A' src='x.png'>"}),
        output("display_data", data=SHOWN),
        output("stream", name="stdout", text="1/home/2, a square/root/3, https://example.org/tmp/x\n"),
        output("stream", name="stdout", text=f"{'x' * 100}\n" * 2),
        output("display_data", data={"text/plain": "x" * 101, "text/markdown": "x" * 101}),
        output("display_data", data={"text/html": "<img alt='A' src='data:image/png;base64,AA/tmp/AA'>"}),
    ],
)
def test_check_accepts_small_figures_current_sources_and_what_is_no_path(root, capsys, edit):
    library_says(root, "return x + 1")
    store_as_run(root, edit)
    assert build(root, "--check") == 0, capsys.readouterr().out


@pytest.mark.parametrize("place", [Path("/srv/a course"), Path("/opt/course")], ids=str)
def test_the_folder_of_the_course_is_a_path_of_the_machine_wherever_it_is(place):
    course = lesson_cells.Course(place, None, "0.3.0")
    assert lesson_rules.machine_paths(course, f"read '{place}/data/x.npz'") == [f"{place}/data/x.npz"]
    assert lesson_rules.machine_paths(course, f"{place}-like, course_lib/models/vae.py") == []


def test_check_sees_a_shown_source_whose_lines_have_changed_places(root, capsys):
    library_says(root, "y = x + 1\n    return y")
    shown = SHOWN["text/plain"].replace("return x + 1", "return y\n    y = x + 1")
    store_as_run(root, output("display_data", data={"text/plain": shown}))
    assert build(root, "--check") == 1
    assert "no longer has: y = x + 1" in capsys.readouterr().out


def test_check_sees_a_changed_source(root, capsys):
    store_as_run(root)
    change(root, "One question", "Another question")
    assert build(root, "--check") == 1
    assert (
        "cell `00-start-does-it-run` is stale: `- One question: 0 minutes of reading and 25 of exercises.`"
        in capsys.readouterr().out
    )


def test_check_sees_a_neighbour_that_came(root, capsys):
    store_as_run(root)
    write_source(root, "02_last", SECOND)
    assert build(root, "--check") == 1
    said = capsys.readouterr().out
    assert "02_last: FAILED\n    its notebook is missing" in said
    assert "01_next: FAILED" in said


def test_check_finds_missing_broken_and_orphaned_notebooks(root, capsys):
    store_as_run(root)
    (root / "notebooks" / "00_start.ipynb").write_text('{"cells": [')
    (root / "notebooks" / "01_next.ipynb").rename(root / "notebooks" / "02_old.ipynb")
    assert build(root, "--check") == 1
    said = capsys.readouterr().out
    assert "00_start: FAILED\n    its notebook cannot be read" in said
    assert "01_next: FAILED\n    its notebook is missing" in said
    assert "02_old.ipynb: FAILED\n    it has no source" in said


def test_check_allows_an_error_where_the_source_announces_it(root):
    lines = '# %% tags=["raises-exception"]\n1 / 0\n\n# %% [markdown]\n# In this lesson'
    change(root, "# In this lesson", f"# An error:\n\n{lines}")

    def fail(notebook):
        error = nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="division by zero", traceback=[])
        notebook.cells[-2].outputs = [error]

    store_as_run(root, fail)
    assert build(root, "--check") == 0


def test_a_course_without_lessons_and_an_unknown_lesson_are_refused(root, capsys):
    assert build(root, "--check", "07") == 1
    assert "there is no lesson '07'; there are 00_start, 01_next" in capsys.readouterr().out
    for source in (root / "notebooks" / "source").glob("*.py"):
        source.unlink()
    assert build(root, "--check") == 1


# --- what is kept of a run ---


def test_tracebacks_lose_colours_and_folders(root):
    course = lesson_cells.find_course(root)
    shown = "\n".join(
        [
            "\x1b[0;31mValueError\x1b[0m  Traceback",
            "File ~/lessons/a/course_lib/models/vae.py:12, in fit(self)",
            f"File {root}/course_lib/models/vae.py:12, in fit(self)",
            "File /opt/venv/lib/python3.11/site-packages/keras/src/layer.py:3, in call",
            r"File C:\Users\ann\venv\Lib\site-packages\keras\src\layer.py:3, in call",
            "File /tmp/ipykernel_12/345.py:1",
            "File /usr/lib/python3.11/json/decoder.py:355, in decode",
        ]
    )
    assert build_notebooks.without_paths(course, shown).splitlines() == [
        "ValueError  Traceback",
        "File vae.py:12, in fit(self)",
        "File course_lib/models/vae.py:12, in fit(self)",
        "File keras/src/layer.py:3, in call",
        r"File keras\src\layer.py:3, in call",
        "File this cell:1",
        "File decoder.py:355, in decode",
    ]


def test_outputs_are_stored_in_one_form(root):
    course = lesson_cells.find_course(root)
    notebook = lesson_cells.make_notebook(course, "01_next")
    cell = notebook.cells[1]
    cell.execution_count = 5
    streams = [
        nbformat.v4.new_output("stream", name="stdout", text=text) for text in ("epoch 1\r", "epoch 2\n", "done\n")
    ]
    result = nbformat.v4.new_output("execute_result", data={"text/plain": "1"}, execution_count=5)
    cell.outputs = [*streams, result, nbformat.v4.new_output("display_data", data=WIDGET)]
    cell.metadata["execution"] = {"iopub.execute_input": "2026-01-01"}
    build_notebooks.normalise(course, notebook)
    assert [output.get("text") for output in cell.outputs] == ["epoch 2\ndone\n", None]
    assert (cell.execution_count, cell.outputs[1].execution_count) == (1, 1)
    assert cell.metadata == {"tags": ["setup"]}


def test_a_run_that_repeats_leaves_the_file_alone(root, capsys):
    def draw(kilobytes, words="two\n"):
        def run(course, notebook):
            for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
                cell.execution_count = count
                labels = lesson_cells.checks_of(cell.source)
                verdicts = {"0.3": "not yet: no"}
                said = "".join(f"Exercise {each}: {verdicts.get(each, 'not answered yet')}\n" for each in labels)
                cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=said or words)]
            cell.outputs.append(nbformat.v4.new_output("display_data", data=picture(kilobytes), metadata=TEXT))

        return run

    path = root / "notebooks" / "00_start.ipynb"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_notebooks, "run_notebook", draw(10))
        assert build(root, "00") == 0
        first = path.read_bytes()
        assert build(root, "00") == 0
        assert "3 exercises, unchanged\n" in capsys.readouterr().out
        patch.setattr(build_notebooks, "run_notebook", draw(11))
        assert build(root, "00_start") == 0
        assert path.read_bytes() == first
        assert "unchanged but for the bytes of figures" in capsys.readouterr().out
        assert build(root, "--force", "00") == 0
        second = path.read_bytes()
        assert second != first
        patch.setattr(build_notebooks, "run_notebook", draw(11, "three\n"))
        assert build(root, str(path)) == 0
        assert path.read_bytes() not in (first, second)
        patch.setattr(build_notebooks, "run_notebook", draw(101))
        assert build(root, "00") == 1
        assert "a figure has 101 KB" in capsys.readouterr().out
        patch.setattr(build_notebooks, "run_notebook", draw(10, "x" * 101))
        assert build(root, "00") == 1
        assert "it prints a line of 101 characters" in capsys.readouterr().out
    assert build(root, "--check", "00") == 0


def test_a_quick_build_keeps_outputs_while_the_code_is_the_same(root):
    store_as_run(root)
    change(root, "One question", "Another question")
    assert build(root, "--no-execute") == 0
    assert build(root, "--check") == 0
    change(root, 'print("two")', 'print("deux")')
    assert build(root, "--no-execute") == 0
    assert build(root, "--check") == 1


def test_an_interrupted_write_leaves_the_old_notebook(root, monkeypatch):
    store_as_run(root)
    path = root / "notebooks" / "00_start.ipynb"
    before = path.read_bytes()

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build_notebooks.write_notebook(stored(root, "01_next"), path)
    assert path.read_bytes() == before
    assert sorted(each.name for each in path.parent.iterdir()) == ["00_start.ipynb", "01_next.ipynb", "source"]


def test_stored_notebooks_end_lines_alike_everywhere(root):
    build(root, "--no-execute")
    content = (root / "notebooks" / "00_start.ipynb").read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"}\n")
    assert "·".encode() in content


@pytest.mark.parametrize(
    ("solved", "verdicts", "words"),
    [
        (True, ["right", "right", "not yet: no"], "exercise 0.3 says 'not yet: no', not 'right'"),
        (True, ["right", None, "right"], "exercise 0.2 says nothing, not 'right'"),
        (True, ["right", "not answered yet", "right"], "exercise 0.2 says 'not answered yet', not 'right'"),
        (False, ["right", "not answered yet", "not yet: no"], "exercise 0.1 says 'right', not 'not answered yet'"),
        (False, ["not yet: no", "not answered yet", "not yet: no"], "exercise 0.1 says 'not yet: no'"),
        (True, ["right", "right", "right"], None),
        (False, ["not answered yet", "not answered yet", "not yet: no"], None),
        (False, ["not answered yet", "not answered yet", "right"], "exercise 0.3 says 'right'"),
    ],
)  # fmt: skip
def test_each_check_must_say_what_its_edition_asks_for(root, solved, verdicts, words):
    course = lesson_cells.find_course(root)
    notebook = lesson_cells.make_notebook(course, "00_start", solved)
    lines = [f"Exercise 0.{number}: {said}\n" for number, said in enumerate(verdicts, start=1) if said]
    for name, text in (("check-0-1", lines[0]), ("check-0-2", "".join(lines[1:]))):
        cell_of(notebook, name).outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    problems = lesson_rules.verdict_problems(course, "00_start", notebook, solved)
    assert (words in "\n".join(problems)) if words else not problems


# --- end to end ---


@pytest.mark.slow
def test_a_marked_cell_that_prints_something_else_when_solved_is_reported(root):
    course = lesson_cells.find_course(root)
    stored, solved = (lesson_cells.make_notebook(course, "00_start", solved) for solved in (False, True))
    [marked] = [cell.id for cell in solved.cells if "NBVAL_CHECK_OUTPUT" in cell.source]
    for notebook in (stored, solved):
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = [nbformat.v4.new_output("stream", text="two\n")]
    assert lesson_rules.changed_outputs(stored, solved) == []
    assert lesson_rules.changed_outputs(None, solved) == []
    for cell in solved.cells:
        if cell.cell_type == "code":
            cell.outputs[0].text = "three\n"
    [problem] = lesson_rules.changed_outputs(stored, solved)
    assert f"`{marked}`" in problem


def test_lessons_may_be_made_two_at_a_time(root, capsys, monkeypatch):
    both = threading.Barrier(2, timeout=20)
    monkeypatch.setattr(build_notebooks, "build_lesson", lambda course, lesson, *options: f"beside {both.wait()}")
    assert build(root, "--solutions", "--at-once", "2") == 0
    assert capsys.readouterr().out.count("beside") == 2


@pytest.mark.slow
def test_a_lesson_from_source_to_solved_notebook(root, capsys, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    shown = 'plotting.show(alt="A straight line that rises from 1 at the left to 2 at the right.")'
    drawn = f"import matplotlib.pyplot as plt\nfrom course_lib import plotting\n\nplt.plot([1, 2])\n{shown}"
    change(root, 'print("two")', f'print("two")\n{drawn}')
    for module in ("plotting.py", "runtime.py"):
        shutil.copy(ROOT / "course_lib" / module, root / "course_lib")
    library = (ROOT / "course_lib" / "exercises").glob("*.py")
    (root / "course_lib" / "exercises").mkdir()
    for file in library:
        if file.stem in {"__init__", "automatic", "calls", "cells", "comparison", "engine", "references", "words",
                         "notebook", "progress", "solutions"}:  # fmt: skip
            (root / "course_lib" / "exercises" / file.name).write_text(file.read_text("utf-8"), encoding="utf-8")
    (root / "course_lib" / "exercises" / "start.py").write_text(EXERCISES)
    with (root / "course_lib" / "__init__.py").open("a") as init:
        init.write("\n\ndef setup(seed=0):\n    return seed\n")
    assert build(root) == 0, capsys.readouterr().out
    assert build(root, "--check") == 0
    notebook = stored(root)
    assert cell_of(notebook, "check-0-1").outputs[0].text == "Exercise 0.1: not answered yet\n"
    said = "Exercise 0.2: not answered yet\nExercise 0.3: not yet: the sign is wrong.\n"
    assert cell_of(notebook, "check-0-2").outputs[0].text == said
    assert "iopub" not in json.dumps(notebook)
    [_, figure] = cell_of(notebook, "doubling-and-2").outputs
    assert "image/png" in figure.data
    assert figure.metadata["image/png"]["alt"].startswith("A straight line that rises")

    assert build(root, "--solutions", "00") == 0, capsys.readouterr().out
    assert "3 exercises right" in capsys.readouterr().out
    solved = nbformat.read(root / "workbook" / "solutions" / "00_start.ipynb", as_version=4)
    assert "Solved edition" in solved.cells[0].source
    assert cell_of(solved, "exercise-0-1").source == "def double(x):\n    twice = 2\n    return twice * x"

    change(root, "return twice * x", "return twice + x")
    assert build(root, "--solutions", "00", "--output", str(root / "elsewhere")) == 1
    assert "exercise 0.1 says 'not yet: " in capsys.readouterr().out
    assert not (root / "elsewhere").exists()

    change(root, 'print("two")', 'import sys\n\nprint("careful", file=sys.stderr)')
    before = (root / "notebooks" / "00_start.ipynb").read_bytes()
    assert build(root, "00") == 1
    assert "cell `doubling-and-2`: it wrote to stderr: careful" in capsys.readouterr().out
    change(root, 'print("careful", file=sys.stderr)', "double(1)(2)\nundefined")
    assert build(root, "00") == 1
    assert "cell `doubling-and-2` stopped with NameError: name 'double' is not defined" in capsys.readouterr().out
    assert (root / "notebooks" / "00_start.ipynb").read_bytes() == before
