"""Lessons and exercises by name: a lesson is moved, split or renamed by renaming its file."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest

from tools.editions import build_notebooks, lesson_cells, lesson_files, lesson_names

ROOT = Path(__file__).resolve().parents[3]

LESSON = """\
# ---
# jupyter:
#   course:
#     part: "Part I"
#     question: "{question}"
# ---

# %% [markdown]
# # {title}: a question
#
# Words. {times}

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# {text}


# %% tags=["exercise"]
def answer(x):
    # BEGIN SOLUTION
    return x
    # END SOLUTION


# %%
check(exercises.SAME, answer)

# %% [markdown]
# The end.
"""
README = """\
# A course

It begins with [lesson 07](notebooks/09_start.ipynb); open `notebooks/08_next.ipynb`.

<!-- the map of lessons -->
<!-- end of the map -->
"""
TEXT = (
    "**Exercise {exercise: SAME}** of {lesson: start}, lesson {number: next}, [words]({file: next}#here), {title: next}"
)


@pytest.fixture
def root(tmp_path):
    """A course of two lessons with a README and a module of checks."""
    (tmp_path / "notebooks" / "source").mkdir(parents=True)
    (tmp_path / "course_lib" / "exercises").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "tiny"\n')
    (tmp_path / "course_lib" / "__init__.py").write_text('__version__ = "0.3.0"\n')
    (tmp_path / "README.md").write_text(README)
    write(tmp_path, "00_start", "Start", TEXT)
    write(tmp_path, "01_next", "Next", "Words, and exercise {exercise: start.SAME}.")
    checks(tmp_path, "f\"as in {lesson('next')}, {exercise('next.SAME')}\"")
    return tmp_path


def write(root, lesson, title, text):
    source = LESSON.replace("{title}", title).replace("{text}", text).replace("{question}", f"Why {title}?")
    (root / "notebooks" / "source" / f"{lesson}.py").write_text(source, "utf-8")


def checks(root, text):
    (root / "course_lib" / "exercises" / "start.py").write_text(f"SENTENCE = {text}\n", "utf-8")


def build(root, *arguments):
    return build_notebooks.main(["--no-execute", *arguments], root=root)


def check(root, capsys):
    code = build_notebooks.main(["--check"], root=root)
    return code, capsys.readouterr().out


def texts(root, lesson):
    return [cell.source for cell in nbformat.read(root / "notebooks" / f"{lesson}.ipynb", as_version=4).cells]


# --- what is written for a name ---


def test_names_become_numbers_titles_and_links(root):
    assert build(root) == 0
    title, _, text, _, answered, _ = texts(root, "00_start")
    assert title.startswith("# 00 · Start: a question")
    assert text == (
        "**Exercise 0.1** of [lesson 00](00_start.ipynb), lesson 01, [words](01_next.ipynb#here), "
        "[01 · Next: a question](01_next.ipynb)"
    )
    assert answered == 'check("0.1", exercises.SAME, answer)'
    assert texts(root, "01_next")[2] == "Words, and exercise 0.1."


def test_a_sentence_may_begin_with_a_lesson(root):
    course = lesson_cells.find_course(root)
    assert lesson_names.numbered(course, "00_start", "{Lesson: next} says") == "[Lesson 01](01_next.ipynb) says"


def test_a_format_of_a_number_is_no_name(root):
    course = lesson_cells.find_course(root)
    assert lesson_names.numbered(course, "00_start", 'f"{number:03}"', True) == 'f"{number:03}"'


def test_exercises_are_numbered_in_the_order_of_their_checks(root):
    course = lesson_cells.find_course(root)
    source = course.source("01_next")
    more = "check(exercises.FIRST, x)\ncheck(\n    exercises.SECOND,\n    y,\n)\n"
    source.write_text(source.read_text("utf-8").replace("check(exercises.SAME", more + "check(exercises.SAME"), "utf-8")
    assert lesson_names.exercises_of(course, "01_next") == ["FIRST", "SECOND", "SAME"]
    cell = lesson_names.numbered(course, "01_next", more, True)
    assert lesson_cells.checks_of(cell) == ["1.1", "1.2"]
    assert lesson_names.label_of(course, "00_start", "next.SAME") == "1.3"


# --- what is written beside the notebooks ---


def test_the_readme_gets_its_map_and_new_numbers(root):
    assert build(root) == 0
    text = (root / "README.md").read_text("utf-8")
    assert "[lesson 00](notebooks/00_start.ipynb); open `notebooks/01_next.ipynb`" in text
    assert text.count("| *Part I* | |") == 1
    assert "| **[01 Next](notebooks/01_next.ipynb)** | Why Next? |\n\n<!-- end" in text


def test_the_sentences_of_the_checks_get_their_numbers(root):
    assert build(root) == 0
    namespace = {}
    exec((root / "course_lib" / "exercises" / "contents.py").read_text("utf-8"), namespace)
    assert namespace["LESSONS"] == {"start": "00", "next": "01"}
    assert namespace["EXERCISES"] == {"start": ("SAME",), "next": ("SAME",)}


def test_check_sees_what_is_stale_beside_the_notebooks(root, capsys):
    build(root)
    for path in (root / "README.md", root / "course_lib" / "exercises" / "contents.py"):
        kept = path.read_text("utf-8")
        path.write_text(kept.replace("01", "03"), "utf-8")
        assert f"{path.relative_to(root)} is stale" in check(root, capsys)[1]
        path.write_text(kept, "utf-8")
    assert "beside the notebooks" not in check(root, capsys)[1]


# --- what is refused ---


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("As in lesson 07.", "it writes `lesson 07`, which is wrong once a lesson is moved: write {lesson: the_elbo}"),
        ("Lessons 3 and 4.", "it writes `Lessons 3`"),
        ("In the lesson\n# 07 you see", "it writes `lesson 07`"),
        ("See exercise 5.2.", "it writes `exercise 5.2`"),
        ("[there](07_gone.ipynb)", "it writes `07_gone.ipynb`"),
        ("As in {lesson: gone}.", "no lesson is called `gone`; there are start, next"),
        ("{number: 07}", "no lesson is called `07`"),
        ("{lesson: art}", "no lesson is called `art`"),
        ("{exercise: GONE}", "lesson `start` checks no exercise `GONE`; it checks SAME"),
        ("{exercise: next.GONE}", "lesson `next` checks no exercise `GONE`"),
        ("Words.\n#\n# ## 07 · A title", None),
    ],
)
def test_a_number_that_an_author_writes_and_a_name_that_nobody_has_are_refused(root, capsys, text, words):
    build(root)
    write(root, "00_start", "Start", text)
    assert build(root, "00") == (1 if words else 0)
    assert (words or "written") in capsys.readouterr().out
    if words:
        assert words in check(root, capsys)[1]


def test_a_numbered_title_is_refused(root, capsys):
    write(root, "00_start", "00 · Start", "Words.")
    assert build(root, "00") == 1
    assert "its title has a number" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"as in lesson 07"', "course_lib/exercises/start.py: it writes `lesson 07`"),
        ('"see exercise 7.2"', "course_lib/exercises/start.py: it writes `exercise 7.2`"),
        ("f\"{lesson('gone')}\"", "course_lib/exercises/start.py: no lesson is called `gone`"),
        ("f\"{exercise('next.GONE')}\"", "lesson `next` checks no exercise `GONE`"),
        ("f\"{exercise('SAME')}\"", "`SAME` names no lesson: write `the_elbo.SAME`"),
    ],
)
def test_the_texts_of_the_checks_are_held_to_the_same(root, capsys, text, words):
    build(root)
    checks(root, text)
    code, said = check(root, capsys)
    assert code == 1
    assert words in said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Begin with lesson 00.", "README.md: it writes `lesson 00`"),
        ("[Lesson 09](notebooks/09_gone.ipynb)", "no lesson is called `gone`"),
    ],
)
def test_a_readme_with_a_number_or_a_link_that_cannot_be_renewed_is_refused(root, capsys, line, words):
    build(root)
    with (root / "README.md").open("a") as readme:
        readme.write(f"\n{line}\n")
    code, said = check(root, capsys)
    assert code == 1
    assert words in said


def test_two_lessons_with_one_number_or_one_name_are_refused(root, capsys):
    write(root, "01_start", "Another", "Words.")
    assert build(root) == 1
    said = capsys.readouterr().out
    assert "01_start has its name, too" in said
    assert "01_next has its number, too" in said


def test_a_lesson_without_a_question_has_no_row(root, capsys):
    source = root / "notebooks" / "source" / "00_start.py"
    source.write_text(source.read_text("utf-8").replace('#     question: "Why Start?"\n', ""), "utf-8")
    assert build(root) == 1
    assert "00_start states no `question`" in capsys.readouterr().out


# --- the course itself ---


@pytest.fixture
def course_copy(tmp_path):
    """The sources of this course, all that holds their numbers, and what their links lead to."""
    shutil.copytree(ROOT / "notebooks" / "source", tmp_path / "notebooks" / "source")
    shutil.copytree(ROOT / "course_lib" / "exercises", tmp_path / "course_lib" / "exercises")
    for name in ("README.md", "pyproject.toml", "course_lib/__init__.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "docs").mkdir()
    for folder in ("notebooks/images", "docs/explorables"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    return tmp_path


@pytest.mark.exhaustive
def test_a_lesson_is_moved_by_renaming_files(course_copy):
    """The last lesson but one goes before the first: every number moves by one, and nothing else is edited."""
    course = lesson_cells.find_course(course_copy)
    before = {lesson: lesson_cells.make_notebook(course, lesson) for lesson in course.lessons}
    *others, moved, last = course.lessons
    new = {moved: f"00_{moved[3:]}", last: last} | {each: f"{int(each[:2]) + 1:02}_{each[3:]}" for each in others}
    for old in reversed(course.lessons):
        course.source(old).rename(course.source(new[old] + "-"))
    for old in course.lessons:
        course.source(old).rename(course.source(old.removesuffix("-")))
    assert build(course_copy) == 0
    assert lesson_files.stale_files(course) == []
    for old, renamed in new.items():
        expected = [renumbered(cell.source, new) for cell in before[old].cells[:-1]]  # the last has the neighbours
        assert texts(course_copy, renamed)[:-1] == expected
    readme = (course_copy / "README.md").read_text("utf-8")
    for old, renamed in new.items():
        assert f"[{renamed[:2]} " in readme
        assert (old in readme) == (old == renamed)


def renumbered(text, new):
    """A built text as it should be where lessons have other numbers."""
    numbers = {old[:2]: renamed[:2] for old, renamed in new.items()}
    text = re.sub(r"\b(\d\d_[a-z0-9_]+)\.ipynb", lambda found: f"{new[found[1]]}.ipynb", text)
    text = re.sub(r"^# (\d\d) ·", lambda found: f"# {numbers[found[1]]} ·", text)
    lists = r"\b([Ll]essons?[ \n])((?:\d\d)(?:(?:, | and | or )\d\d)*)\b"
    text = re.sub(lists, lambda found: found[1] + re.sub(r"\d\d", lambda n: numbers[n[0]], found[2]), text)
    labels = r'((?:[Ee]xercises?[ \n]|check\(\s*"))((?:\d+\.\d+)(?:(?:, |\sand\s|–)\d+\.\d+)*)'

    def label(found):
        return f"{int(numbers[f'{int(found[1]):02}'])}.{found[2]}"

    text = re.sub(labels, lambda found: found[1] + re.sub(r"(\d+)\.(\d+)", label, found[2]), text)
    of_a_table = r"(?m)(?<=\()(?:here, )?\d\d(?:, \d\d)*(?=\)[^\n]*\|$)|(?<=\| )\d\d(?:, \d\d)*(?= \|$)"
    return re.sub(of_a_table, lambda found: re.sub(r"\d\d", lambda n: numbers[n[0]], found[0]), text)


def test_nothing_that_the_builder_does_not_renew_calls_a_lesson_by_its_number():
    pages = ["Makefile", "environment.yml", "data/*.md", "benchmarks/*.py", "tools/*.py"]
    pages += ["tools/editions/*.txt", "tools/environment/*.py", "tools/data/*.py", "course_lib/*.py"]
    literal = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for pattern in pages
        for path in ROOT.glob(pattern)
        for found in lesson_names.LITERAL.finditer(path.read_text("utf-8"))
    ]
    assert not literal


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Kingma & Welling (2014), arXiv:1312.6114.", "(2014), [arXiv:1312.6114](https://arxiv.org/abs/1312.6114)."),
        ("(arXiv:cs/0701001)", "([arXiv:cs/0701001](https://arxiv.org/abs/cs/0701001))"),
        ("[arXiv:1312.6114](https://arxiv.org/abs/1312.6114)", "[arXiv:1312.6114](https://arxiv.org/abs/1312.6114)"),
        ("<summary>Is `a < b` it?</summary> No, `b`.", "<summary>Is <code>a &lt; b</code> it?</summary> No, `b`."),
    ],
)
def test_references_are_links_and_code_shows_in_a_line_to_click(text, page):
    assert lesson_names.with_links(text).endswith(page)
