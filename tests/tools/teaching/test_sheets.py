"""Instructor sheets: what a lecturer reads is what the sources and the checks say (`tools/teaching/sheets.py`)."""

import functools
import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tools.editions import formulas
from tools.editions.lesson_cells import find_course
from tools.editions.lesson_names import exercises_of
from tools.editions.lesson_sources import LessonError
from tools.editions.lesson_times import times_of
from tools.teaching import mathematics, sheets
from tools.teaching.questions import questions_of

ROOT = Path(__file__).resolve().parents[3]
COURSE = find_course(ROOT)
VOID = {"meta", "br", "hr", "img", "mspace", "input", "col"}


def stub(latex, display=False):
    """In the place of the converter, which a fresh clone does not have."""
    return f"<math>{html.escape(latex)}</math>"


@functools.cache
def asked_in(lesson):
    return sheets.exercises_asked(COURSE, lesson)


@functools.cache
def page_of(lesson):
    return sheets.sheet(COURSE, lesson, stub)


class Tags(HTMLParser):
    """Reads a page; open tags at the end, and what it loads."""

    def __init__(self):
        super().__init__()
        self.open, self.loaded, self.wrong = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("script", "link", "iframe", "object", "img"):
            self.loaded.append((tag, attributes))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag != "p":  # a paragraph ends by itself where a block begins
            self.wrong.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass


@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_a_sheet_has_every_exercise_with_its_solution_and_all_that_its_check_knows(lesson):
    asked = asked_in(lesson)
    assert [each.name for each in asked] == exercises_of(COURSE, lesson)
    page = page_of(lesson)
    for each in asked:
        assert each.question.startswith("**Exercise"), each.name
        assert "BEGIN SOLUTION" not in each.solution
        assert "# your turn" not in each.solution
        compile(each.solution, each.name, "exec")
        assert each.exercise.mistakes, each.name
    rows = (
        page.count("<th scope='row'>")
        - len(re.findall(r'<table class="times">.*?</table>', page, re.S)[0].split("<tr>"))
        + 1
    )
    assert rows == sum(len(each.exercise.mistakes) for each in asked), "each named mistake has its row"
    assert not re.search(r"\{(?:lesson|exercise|title|number): ", page), "names must have become numbers"
    assert not re.search(r"FORMULA\d+X", page)


@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_the_minutes_of_a_sheet_are_those_of_the_lesson(lesson):
    core, deeper = times_of(COURSE, lesson)
    asked = asked_in(lesson)
    assert sum(each.minutes for each in asked if not each.deeper) == core.exercises
    assert sum(each.minutes for each in asked if each.deeper) == deeper.exercises


@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_a_sheet_is_one_whole_page_that_loads_nothing(lesson):
    page = page_of(lesson)
    reader = Tags()
    reader.feed(page)
    assert reader.loaded == []
    assert reader.open == []
    assert not re.search(r"url\(|@import|src=", page)


def test_a_sheet_has_the_questions_of_its_lesson_and_no_notebook_has_them():
    [lesson] = [each for each in COURSE.lessons if each.endswith("_the_elbo")]
    page, questions = page_of(lesson), questions_of(COURSE, lesson)
    titles = [each.title for part in questions.values() for each in part]
    assert all(
        html.escape(title, quote=False) in html.unescape(page) or title in html.unescape(page) for title in titles
    )
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        text = path.read_text("utf-8")
        assert not any(title in text for title in titles), path.name


def test_a_check_without_its_exercise_is_named():
    [lesson] = [each for each in COURSE.lessons if each.endswith("_start_here")]
    cells = sheets.numbered_source(COURSE, lesson).cells
    with pytest.raises(LessonError, match=r"no text above the cell of exercise 0\.9"):
        sheets.question_above(cells, len(cells), "0.9")


def test_links_to_lessons_keep_their_words_on_paper():
    assert (
        sheets.without_links("see [lesson 08](08_the_elbo.ipynb), [a page](times.md)")
        == "see lesson 08, [a page](times.md)"
    )


def test_a_written_page_is_whole_or_not_there(tmp_path):
    failures = sheets.write_sheets(COURSE, COURSE.lessons[:1], tmp_path, stub)
    assert failures == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{COURSE.lessons[0]}.html", "index.html"]
    assert f'href="{COURSE.lessons[0]}.html"' in (tmp_path / "index.html").read_text("utf-8")


def test_the_sheet_of_a_lesson_that_was_renamed_goes(tmp_path):
    (tmp_path / "99_old_name.html").write_text("old")
    sheets.write_sheets(COURSE, [], tmp_path, stub)
    assert not (tmp_path / "99_old_name.html").exists()


# --- formulas ----------------------------------------------------------------------------------------------------


def test_formulas_are_found_and_code_is_left_alone():
    text = "$a_1$ and `$HOME` and\n```python\nx = '$b$'\n```\n$$\\frac c\nd$$, for 5 $"
    assert formulas.formulas_of(text) == [("a_1", False), ("\\frac c\nd", True)]


def test_markdown_does_not_touch_a_formula():
    page = sheets.rendered("so $a_1 * b_1 * c$, then *this* and `$HOME`", stub)
    formula = '<span class="together"><math>a_1 * b_1 * c</math>,</span>'
    assert page.strip() == f"<p>so {formula} then <em>this</em> and <code>$HOME</code></p>"


converter_here = pytest.mark.skipif(
    not (ROOT / mathematics.LOCK).exists() or not mathematics.installed(ROOT),
    reason="latex2mathml is fetched by `make sheets`",
)


@converter_here
@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_every_formula_of_a_sheet_becomes_mathml(lesson):
    page = sheets.sheet(COURSE, lesson, mathematics.converter(ROOT))
    assert "<math" in page or lesson.startswith("22")


@converter_here
def test_a_formula_that_is_not_understood_is_named():
    with pytest.raises(mathematics.MathematicsError, match=r"nosuchcommand"):
        mathematics.converter(ROOT)(r"a + \nosuchcommand{b}")


def test_the_lock_of_the_converter_names_one_version_by_its_hash():
    path = ROOT / mathematics.LOCK
    if not path.exists():
        pytest.skip("a copy of the course without its locks")
    text = path.read_text("utf-8")
    assert re.search(r"^latex2mathml==[\d.]+ \\\n    --hash=sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert "://" not in text
