"""Core and deeper, and the minutes that are counted (`tools/editions/lesson_times.py`)."""

from pathlib import Path

import nbformat
import pytest

from tools.editions import build_notebooks, lesson_cells, lesson_files, lesson_times
from tools.editions.lesson_cells import find_course
from tools.editions.lesson_names import numbered_source
from tools.editions.lesson_rules import objective_problems

ROOT = Path(__file__).resolve().parents[3]

LESSON = """\
# %% [markdown]
# # Start: why?
#
# *Time:* {times}; a minute to run.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %%
from course_lib.exercises import check
from course_lib.exercises import start as exercises

core = 1

# %% [markdown]
# ## First
# Words.

# %% tags=["exercise"]
# BEGIN SOLUTION
guess = core
# END SOLUTION

# %%
check(exercises.GUESS, guess)

# %% [markdown] tags=["deeper"]
# ## Below
# More words.

# %%
below = core + 1

# %% [markdown]
# ### Further below

# %% tags=["exercise"]
# BEGIN SOLUTION
built = [below]
# END SOLUTION

# %%
check(exercises.BUILT, built)

# %% [markdown]
# ## Last

# %%
print(core)

# %% [markdown]
# The end.
"""
CHECKS = """\
GUESS = Exercise(reference=1)
WRITTEN = Exercise(lambda x: x, inputs=draw)
POSITIONAL = Exercise(lambda x: x, draw)
BUILT = Exercise(reference=make, judge_with=judge)
_PRIVATE = ("no", "exercise")
"""
PAGE = "<!-- the table of times -->\n<!-- end of the table -->\n"


@pytest.fixture
def course(tmp_path):
    (tmp_path / "notebooks" / "source").mkdir(parents=True)
    (tmp_path / "course_lib" / "exercises").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "times.md").write_text(PAGE)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "tiny"\n')
    (tmp_path / "course_lib" / "__init__.py").write_text('__version__ = "0.3.0"\n')
    (tmp_path / "course_lib" / "exercises" / "start.py").write_text(CHECKS)
    write(tmp_path, LESSON)
    return lesson_cells.find_course(tmp_path)


def write(root, text):
    (root / "notebooks" / "source" / "00_start.py").write_text(text, "utf-8")


def change(course, old, new):
    text = course.source("00_start").read_text("utf-8")
    assert old in text
    write(course.root, text.replace(old, new, 1))


def build(course, *arguments):
    return build_notebooks.main(["--no-execute", *arguments], root=course.root)


def problems(course):
    return "\n".join(lesson_cells_problems(course))


def lesson_cells_problems(course):
    from tools.editions.lesson_rules import source_problems

    return source_problems(course, "00_start")


def markdown(text):
    return nbformat.v4.new_markdown_cell(text)


def code(text, *tags):
    return nbformat.v4.new_code_cell(text, metadata={"tags": list(tags)})


# --- minutes ---


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("word " * 180, 1.0),
        ("one $x^2 + y^2$ two `a = b + c` three", 5 / 180),
        ("$$\\begin{aligned}a&=b\\\\\nb&=c\\end{aligned}$$", 1.0),
        ("$$a$$\n\nand\n\n$$b$$", 2 + 1 / 180),
        ("[two words](https://example.org/a/long/address)", 2 / 180),
        ("<details><summary>Why</summary>Because.</details>", 2 / 180),
        ("well-known, don't, 1.5 – 3", 4 / 180),
        ("```python\nx = 1\n\ny = 2\n```", 10 / 60),
    ],
)
def test_a_text_takes_a_minute_for_180_words_and_for_each_display_formula(text, minutes):
    assert lesson_times.minutes_of_text(text) == pytest.approx(minutes)


def test_code_that_is_read_takes_5_seconds_a_line_and_the_set_up_and_solutions_none():
    cells = [code("a = 1\n\nb = 2"), code("import course_lib", "setup"), code("c = 3\n" * 9, "exercise")]
    assert lesson_times.times_of_cells(cells, {}) == lesson_times.Times(10 / 60, 0)


@pytest.mark.parametrize(("name", "minutes"), [("GUESS", 4), ("WRITTEN", 8), ("POSITIONAL", 8), ("BUILT", 10)])
def test_an_exercise_takes_the_minutes_of_its_kind_numbered_or_not(course, name, minutes):
    kinds = lesson_times.kinds_of_exercises(course, LESSON)
    for text in (f"check(exercises.{name}, answer)", f'check("0.1", exercises.{name}, answer)'):
        assert lesson_times.times_of_cells([code(text)], kinds).exercises == minutes


def test_the_kinds_are_those_of_the_engine():
    from course_lib.exercises import all_exercises

    course = lesson_cells.find_course(ROOT)
    kinds = {}
    for lesson in course.lessons:
        source = course.source(lesson).read_text("utf-8")
        kinds |= {
            f"{lesson[3:]}.{name}": kind for name, kind in lesson_times.kinds_of_exercises(course, source).items()
        }
    for name, exercise in all_exercises().items():
        building = "a thing to build" if exercise.judge_with else "a value to predict or choose"
        assert kinds[name] == ("a function to write" if exercise.inputs else building), name


# --- core and deeper ---


def test_a_section_is_deeper_up_to_the_next_heading_of_its_level(course):
    cells = [
        markdown("# Title"), markdown("## A"), markdown("### B"), code("b"), markdown("#### C"),
        markdown("### D"), markdown("words\n\n```\n# no heading\n```"), markdown("## E"),
    ]  # fmt: skip
    cells[2].metadata["tags"] = ["deeper"]
    assert lesson_times.are_deeper(cells) == [False, False, True, True, True, False, False, False]
    cells[1].metadata["tags"] = ["deeper"]
    assert lesson_times.are_deeper(cells) == [False, True, True, True, True, True, True, False]


def test_the_times_of_both_parts_stand_in_the_first_cell_and_on_the_page(course):
    core, deeper = lesson_times.times_of(course, "00_start")
    assert (core.exercises, deeper.exercises) == (4, 10)
    assert build(course) == 0
    first = nbformat.read(course.notebook("00_start"), as_version=4).cells[0].source
    words = "0 minutes of reading and 5 of exercises on the core path, 10 minutes more in the deeper sections"
    assert f"*Time:* {words}; a minute to run." in first
    assert "| 00 Start | 0 | 5 | 10 |" in (course.root / "docs" / "times.md").read_text("utf-8")
    assert lesson_files.stale_files(course) == []


def test_a_deeper_section_is_folded_and_says_so(course):
    build(course)
    cells = nbformat.read(course.notebook("00_start"), as_version=4).cells
    below = next(cell for cell in cells if cell.source.startswith("## Below"))
    assert below.source == "## Below\n\n*Deeper: the core path does without this section.*\n\nMore words."
    assert below.metadata == {"jp-MarkdownHeadingCollapsed": True, "tags": ["deeper"]}
    assert not [cell for cell in cells if cell is not below and "jp-MarkdownHeadingCollapsed" in cell.metadata]


def test_what_a_run_keeps_of_a_deeper_section_is_that_it_is_folded(course):
    notebook = lesson_cells.make_notebook(course, "00_start")
    expected = [dict(cell.metadata) for cell in notebook.cells]
    for cell in notebook.cells:
        cell.metadata["execution"] = {"iopub.execute_input": "2026-01-01"}
    build_notebooks.normalise(course, notebook)
    assert [cell.metadata for cell in notebook.cells] == expected


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("*Time:* {times}", "*Time:* 20 minutes", "the first cell says `{times}`"),
        (
            "# Words.",
            "# " + "word " * 75 * 180,
            "takes 75 minutes of reading and 4 of exercises, more than 75 together",
        ),
        ("print(core)", "print(below)", "its core path uses `below`, which a deeper section makes"),
        ("print(core)", "print(f(below) for f in [abs])", "its core path uses `below`"),
        ("print(core)", "below = 1\nprint(below)", None),
        ("print(core)", "print([below for below in range(3)])", None),
        ("print(core)", "def g(below):\n    return below\n\n\ng(1)", None),
        ("below = core + 1", "core = below = 2", "its core path uses `core`, which a deeper section makes"),
        ("below = core + 1", "import math\n\nbelow = math.pi", None),
        ("# ## Last", "# Words.\n#\n# ## Last", "a deeper section ends before `## Last`, inside a cell"),
        ("# ### Further", "# Words.\n#\n# ### Further", None),
        ("# ## Below\n# More", "# Above.\n#\n# ## Below\n# More", "the tag `deeper` belongs to a heading"),
        ("# More words.", "# " + "word " * 75 * 180, None),
        ("# *Time:*", "# In this lesson you will\n#\n# * deeper: write.\n#\n# *Time:*", "1 points of what one will do"),
    ],
)
def test_what_would_make_the_core_less_than_whole_is_refused(course, old, new, words):
    change(course, old, new)
    assert words in problems(course) if words else not problems(course)


@pytest.mark.parametrize(
    ("will", "have", "section", "problems"),
    [
        ("* read;\n* deeper: write,\n  too.", "* read;\n* deeper: written.", True, []),
        ("* read (deeper: and\n  write).", "* read (deeper: and written).", True, []),
        ("* read.", "* read.", False, []),
        ("* deeper: write.", "* written.", True, ["1 points of what one will do are marked `deeper`, and 0"]),
        ("* read.", "* read,\n  deeper: much.", True, ["0 points of what one will do are marked `deeper`, and 1"]),
        ("* deeper: write.", "* deeper: written.", False, ["points are marked `deeper`, and no section is"]),
    ],
)
def test_what_only_a_deeper_section_teaches_is_marked_in_both_lists(will, have, section, problems):
    begin, end = f"# A\n\nIn this lesson you will\n\n{will}\n\nNow.", f"## In this lesson you have\n\n{have}"
    texts = [begin, "## B\n\nA deeper look.", end]
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    cells[1].metadata["tags"] = ["deeper"] if section else []
    found = objective_problems(cells)
    assert [each[: len(words)] for each, words in zip(found, problems, strict=True)] == problems


def test_the_rule_reads_the_lists_of_the_lessons_themselves():
    course = find_course(ROOT)
    cells = numbered_source(course, "08_the_elbo", strict=False).cells
    assert objective_problems(cells) == []
    changed = [cell for cell in cells if "## In this lesson you have" in cell.source]
    changed[0].source = changed[0].source.replace("* deeper: ", "* ")
    assert objective_problems(cells) != []


def test_every_lesson_of_the_course_has_a_core_path_of_at_most_75_minutes():
    course = lesson_cells.find_course(ROOT)
    for lesson in course.lessons:
        core, _ = lesson_times.times_of(course, lesson)
        assert core.reading + core.exercises <= lesson_times.MOST_CORE_MINUTES, lesson


def test_the_page_states_the_rates_that_are_used():
    page = (ROOT / "docs" / "times.md").read_text("utf-8")
    for kind, minutes in lesson_times.MINUTES_OF_AN_EXERCISE.items():
        assert f"| an exercise: {kind}" in page
        assert f"| {minutes} minutes |" in page
    assert f"{lesson_times.WORDS_A_MINUTE} a minute" in page
    assert f"{lesson_times.SECONDS_OF_A_LINE} seconds" in page
