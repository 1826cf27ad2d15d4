"""The symbols, the words, the works, and the programs that are silently wrong."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tools.editions.lesson_cells import find_course
from tools.editions.lesson_names import name_of
from tools.editions.lesson_sources import Course, LessonError
from tools.site import bibliography, explorables, glossary, places, symbols
from tools.site.lesson_pages import lesson_page

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def the_course():
    return find_course(ROOT)


@pytest.fixture
def course(tmp_path):
    def make(**texts):
        folder = tmp_path / "notebooks" / "source"
        folder.mkdir(parents=True, exist_ok=True)
        for number, (name, text) in enumerate(texts.items()):
            lines = "\n".join(f"# {line}" for line in text.splitlines())
            (folder / f"{number:02}_{name}.py").write_text(f"# %% [markdown]\n# # {name}\n\n# %% [markdown]\n{lines}\n")
        return Course(tmp_path, None, "1.2.3")

    return make


# --- symbols


@pytest.mark.parametrize(
    ("latex", "letters"),
    [
        (r"\frac{\partial x}{\partial \theta}", ["x", r"\theta"]),
        (r"\mathcal N(\mu, I_{d}) \mathbb{E}", [r"\mathcal N", r"\mathbb E", r"\mu", "I", "d"]),
        (r"\text{some words} \operatorname{tr}(A) \mathrm{KL}", ["A"]),
        (r"\underbrace{z}_{\text{a \texttt{code}}}", ["z"]),
        (r"\mathbf 1\{a \lt b\}", [r"\mathbf 1", "a", "b"]),
        (r"\hat\mu \le \bar x", [r"\mu", "x"]),
    ],
)
def test_the_letters_of_a_formula_are_found(latex, letters):
    assert symbols.letters_in(latex) == letters


LETTERS = {"one": ["x", r"\beta"], "two": ["x"], "three": ["x", "y"]}


def problems(rows):
    return symbols.problems_of(symbols.meanings_in(f"head\n---\n{rows}"), LETTERS)


USUAL = "x: a datum\n    usually one\n"
B, Y = "\\beta: a weight\n    in one\n", "y: a label\n    in three\n"


def test_a_table_in_which_every_letter_has_one_meaning_has_no_problem():
    assert problems(USUAL + B + Y + "x: a place\n    in three\n") == []


def test_a_letter_without_a_row_is_found():
    assert problems(USUAL + B) == ["`y` in `three` has no row in docs/symbols.txt"]


def test_a_letter_with_two_meanings_in_one_lesson_is_found_unless_they_are_told_apart():
    second = "x: a place\n    in three\nx: a cross\n    in three\n"
    assert problems(USUAL + B + Y + second) == [
        "`x` has 2 meanings in `three`, and no row tells them apart: a place / a cross"
    ]
    assert problems(USUAL + B + Y + second + "    apart: it is bold\n") == []
    also = "x: a datum\n    usually one\n    too three\nx: a place\n    in three\n"
    assert len(problems(B + Y + also)) == 1, "the usual meaning holds there, too"


def test_rows_for_lessons_that_are_not_there_or_lack_the_letter_are_found():
    assert problems(USUAL + B + Y + "\\beta: a rate\n    in two\n") == [
        r"`\beta` (a rate): `two` has no such letter",
        r"`\beta` (a rate) holds in no lesson",
    ]
    assert "`y`: no lesson is called `four`" in problems(
        USUAL + B + Y + "y: a name\n    in three, four\n    apart: it is\n"
    )


@pytest.mark.parametrize("rows", ["x a datum\n", "x: a datum\n", "x: a datum\n    somewhere else\n"])
def test_a_row_that_cannot_be_read_is_refused(rows):
    with pytest.raises(LessonError):
        symbols.meanings_in(f"---\n---\n{rows}")


@pytest.mark.slow
def test_every_letter_of_the_course_has_one_meaning_a_lesson_or_two_that_are_told_apart(the_course):
    letters = {name_of(lesson): symbols.letters_of(the_course, lesson) for lesson in the_course.lessons}
    assert symbols.problems_of(symbols.meanings_of(the_course), letters) == []


def test_the_page_of_the_symbols_names_the_lesson_that_defines_first(course):
    course = course(one="$x + \\beta$", two="$x$")
    (course.root / "docs").mkdir()
    (course.root / "docs" / "symbols.txt").write_text(f"---\n\n---\n{USUAL}{B}", "utf-8")
    text = symbols.page(course)
    assert "| $x$ | a datum. | [**00**](/lessons/one.md), [01](/lessons/two.md) |" in text
    assert text.index(r"$\beta$") < text.index("| $x$")


MEANING = """$R$ and more.
## In this lesson you will
A rate $R$.
## First
A pair $R, x$.

No rate.
## Second
The rate $R$.
## Third
An error $R_t$."""


@pytest.mark.parametrize(
    ("rows", "anchor"),
    [
        ("R: the rate\n    in one\n", "second"),
        ("R: another thing\n    in one\n", "first"),
        ("R: a reward, $R_{t}$\n    in one\n", "third"),
        ("R: the rate\n    in one\n    at First\n", "first"),
        ("R: a thing\n    in one\nR: the error $R,x$\n    in one\n    apart: it is\n", "second"),
        ("S: a sum\n    in one\n", None),
    ],
)
def test_a_letter_is_linked_to_the_section_that_defines_it(course, rows, anchor):
    sections = places.sections_of(course(one=MEANING), "one")
    meanings = symbols.meanings_in(f"---\n---\n{rows}")
    section = symbols.section_of(meanings[0], meanings, sections)
    assert (section and section.anchor) == anchor


@pytest.mark.slow
def test_every_symbol_of_the_course_is_linked_to_a_section_of_a_page(the_course):
    sections = {name_of(lesson): places.sections_of(the_course, name_of(lesson)) for lesson in the_course.lessons}
    pages = {name_of(lesson): lesson_page(the_course, lesson, {}).text for lesson in the_course.lessons}
    meanings, lost = symbols.meanings_of(the_course), []
    for each in meanings:
        section = symbols.section_of(each, meanings, sections[each.defined_in])
        heading = re.escape(section.heading) if section and section.anchor else "nowhere"
        if not re.search(rf"^#+ {heading}$", pages[each.defined_in], re.MULTILINE):
            lost.append(f"{each.letter} ({each.words}), {each.defined_in}")
    assert lost == []


# --- words


def test_the_words_of_the_glossary_stand_in_the_lessons_that_they_name(the_course):
    terms = glossary.terms_in((ROOT / "docs" / "glossary.txt").read_text("utf-8"))
    assert len(terms) > 90
    sections = {name_of(lesson): places.sections_of(the_course, name_of(lesson)) for lesson in the_course.lessons}
    assert [(word, name) for word, name, spoken, _ in terms if not glossary.section_of(spoken, sections[name])] == []


def test_a_word_is_found_below_its_heading_where_it_is_bold(course):
    course = course(one="A gulf.\n## First\nA rate is told of.\n## Second\nThe **rate** is this.\n## Third\nA rate.")
    sections = places.sections_of(course, "one")
    assert glossary.section_of("rate", sections).anchor == "second"
    assert glossary.section_of("told", sections).anchor == "first"
    assert glossary.section_of("gulf", sections).anchor == "", "the page has a top"
    assert glossary.section_of("gap", sections) is None


def test_a_glossary_with_a_word_twice_is_refused():
    with pytest.raises(LessonError, match="gap, twice"):
        glossary.terms_in("\n---\ngap [one]: a\nGap [two]: b")


# --- places


def test_the_places_of_headings_are_named_as_the_site_names_them(course):
    text = (
        "## The rate $R$, of [a code](x.md)\n```\n# no heading\n```\n## Aims\n## Aims\n##### Small\n## `fit` & *more*?"
    )
    found = [(section.heading, section.anchor) for section in places.sections_of(course(one=text), "one")]
    assert found == [
        ("one", ""),
        ("The rate $R$, of [a code](x.md)", "the-rate--of-a-code"),
        ("Aims", "aims"),
        ("Aims", "aims-1"),
        ("Small", ""),
        ("`fit` & *more*?", "fit--more"),
    ]


# --- works


def test_a_work_that_two_lessons_cite_stands_once(course):
    cited = "**References.** {}. ·\nNg (2011), *Sparse autoencoder*, notes."
    first = cited.format("The model: Kingma & Welling (2014), *Auto-encoding\nvariational Bayes*, arXiv:1312.6114")
    second = cited.format("Kingma & Welling (2014), arXiv:1312.6114")
    works = bibliography.works_of(course(one=first, two=second))
    assert [lessons for _, lessons in works] == [["00_one", "01_two"]] * 2
    assert works[0][0] == (
        "Kingma & Welling (2014), *Auto-encoding variational Bayes*, [arXiv:1312.6114](https://arxiv.org/abs/1312.6114)"
    )


def test_of_two_mentions_that_of_one_work_alone_is_listed(course):
    alone = "Ng (2011), *Sparse autoencoder*, lecture notes"
    several = f"{alone}; and, found before, Olshausen (1996), *Emergence of fields*, with many more words"
    works = bibliography.works_of(course(one=f"**References.** {several}.", two=f"**References.** {alone}."))
    assert [tuple(work) for work in works] == [(alone, ["00_one", "01_two"])]


def test_the_works_of_the_course_have_authors_and_years(the_course):
    works = bibliography.works_of(the_course)
    assert len(works) > 150
    assert [work for work, _ in works if not re.match(r"[A-ZÀ-Žvd][^(]+\(\d{4}\)", work)] == []


def test_the_works_of_the_course_have_titles_and_one_year_each(the_course):
    works = [work for work, _ in bibliography.works_of(the_course)]
    assert [work for work in works if "*" not in work] == []
    addresses = [re.search(r"arXiv:[\d.]+\d", work) for work in works]
    assert [name for name, count in Counter(each[0] for each in addresses if each).items() if count > 1] == []


# --- programs that are silently wrong


def blocks():
    text = (ROOT / "docs" / "silent_mistakes.md").read_text("utf-8")
    found = re.findall(r"^## (.+?)$.*?^```python\n(.+?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(found) == text.count("\n## ") >= 12
    return [
        pytest.param(code, id=title, marks=[pytest.mark.slow] if "import keras" in code else [])
        for title, code in found
    ]


@pytest.mark.parametrize("code", blocks())
def test_the_test_of_a_silent_mistake_finds_it_and_lets_the_right_program_pass(code):
    names = {}
    exec(compile(code, "docs/silent_mistakes.md", "exec"), names)
    names["test"](names["right"])
    with pytest.raises(AssertionError):
        names["test"](names["wrong"])


# --- explorables


def test_an_explorable_is_copied_and_shown_below_its_heading(course):
    course = course(one="## First\nText.\n## Second\nMore.")
    folder = course.root / "docs" / "explorables" / "hills"
    folder.mkdir(parents=True)
    (folder / "about.json").write_text('{"lesson": "one", "section": "Second", "title": "Two <hills>", "height": 300}')
    with pytest.raises(LessonError, match=r"no index\.html"):
        explorables.found(course)
    (folder / "index.html").write_text("<main></main>")
    (folder.parent / "shared.js").write_text("1")
    found = explorables.found(course)
    files = explorables.files(course, found)
    assert set(files) == {"hills/index.html", "hills/about.json", "shared.js"}
    assert b'href="../../lessons/one.html"' in files["hills/index.html"], "a page by itself says where it comes from"
    assert '<a href="../explorables/hills/index.html">Two &lt;hills&gt;</a>, in [00 one]' in explorables.page(course)
    text = explorables.embedded("## First\n\nText.\n\n## Second\n\nMore.\n", "one", found)
    assert text.index("## Second") < text.index('src="../explorables/hills/index.html"') < text.index("More.")
    assert 'title="Two &lt;hills&gt;" height="300"' in text
    assert explorables.embedded("## Other", "two", found) == "## Other"
    with pytest.raises(LessonError, match="no heading `Second`"):
        explorables.embedded("## Other", "one", found)


def test_an_explorable_that_says_not_where_it_belongs_is_refused(course):
    course = course(one="text")
    folder = course.root / "docs" / "explorables" / "hills"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<html></html>")
    for about in ('{"lesson": "one"}', "no JSON", '{"lesson": "four", "section": "a", "title": "b"}'):
        (folder / "about.json").write_text(about)
        with pytest.raises(LessonError):
            explorables.found(course)
