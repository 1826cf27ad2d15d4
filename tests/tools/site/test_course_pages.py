import ast
import re
from pathlib import Path

import pytest
import yaml

import course_lib
from tools.editions.formulas import formulas_not_set
from tools.editions.lesson_cells import find_course
from tools.editions.lesson_sources import Course
from tools.site import build, course_pages

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def course(tmp_path):
    (tmp_path / "notebooks" / "source").mkdir(parents=True)
    header = '# ---\n# jupyter:\n#   course:\n#     question: "Why?"\n{part}# ---\n\n'
    for lesson, part in {
        "00_start": "",
        "01_more": '#     part: "Part I"\n',
        "02_last": '#     part: "Part I"\n',
    }.items():
        path = tmp_path / "notebooks" / "source" / f"{lesson}.py"
        path.write_text(header.format(part=part) + "# %% [markdown]\n# # Title: of this\n", "utf-8")
    return Course(tmp_path, None, "1.2.3")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("[a](../notebooks/01_more.ipynb#x)", "[a](/lessons/more.md#x)"),
        ("[results](../benchmarks/RESULTS.md)", "[results](/measured/results.md)"),
        ("[`b`](../tests/test_b.py)", "`b`"),
        ("[c](https://example.org), [d](#below)", "[c](https://example.org), [d](#below)"),
        ("`[e](../tests/e.py)`", "`[e](../tests/e.py)`"),
        ("[*f* [1]](times.md)", "[*f* [1]](/measured/times.md)"),
        ("[times.md](times.md)", "[](/measured/times.md)"),
        ("in `times.md`, by `make.md`", "in [](/measured/times.md), by `make.md`"),
    ],
)
def test_links_of_a_document_lead_to_pages_or_lose_their_link(course, words, answer):
    pages = {"benchmarks/RESULTS.md": "measured/results", "docs/times.md": "measured/times"}
    assert course_pages.with_links(course, words, "docs", pages) == answer


def test_with_an_address_the_other_files_are_linked_there(course):
    course = Course(course.root, "https://github.com/someone/course.git", "1.2.3")
    linked = course_pages.with_links(course, "[b](../tests/b.py)", "docs", {})
    assert linked == "[b](https://github.com/someone/course/blob/v1.2.3/tests/b.py)"


def test_a_document_shows_the_pictures_to_which_it_links_and_says_nothing_to_its_editors(course):
    (course.root / "docs").mkdir()
    (course.root / "docs" / "a.md").write_text("# A\n\nBy hand; do not edit.\n\n* [The end](b/c.png): *real*.\n")
    with pytest.raises(FileNotFoundError):
        course_pages.pictures_of(course, ["docs/a.md"])
    (course.root / "docs" / "b").mkdir()
    (course.root / "docs" / "b" / "c.png").write_bytes(b"1")
    assert course_pages.pictures_of(course, ["docs/a.md"]) == {"pictures/c.png": b"1"}
    text = course_pages.document(course, "docs/a.md", {})
    assert text == "# A\n\nBy hand.\n\n* The end: *real*.\n\n  ![The end: *real*.](/pictures/c.png)\n"


def test_lessons_are_listed_by_part_with_their_question_and_minutes(course):
    assert course_pages.parts_of(course) == [("", ["00_start"]), ("Part I", ["01_more", "02_last"])]
    text = course_pages.lessons_index(course)
    assert "| [01 Title](/lessons/more.md) | Why? | 0 | – |" in text
    assert ":caption: Part I\n\n01 Title <more.md>\n02 Title <last.md>\n" in text


def test_a_room_lists_its_pages_in_their_order_and_then_the_others():
    text = course_pages.room_index("measured", ["measured/times", "measured/zebra", "measured/results"])
    assert text.index("/measured/results.md") < text.index("/measured/times.md") < text.index("/measured/zebra.md")


def test_every_document_of_the_course_has_a_page_and_every_page_stands_in_a_room():
    course = find_course(ROOT)
    pages = course_pages.pages_of(course)
    documents = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert documents <= set(pages)
    assert {page.partition("/")[0] for page in pages.values()} <= set(course_pages.ROOMS)
    assert len(set(pages.values())) == len(pages)


def test_links_of_the_documents_lead_to_files_that_are_there():
    broken = []
    for file in course_pages.pages_of(find_course(ROOT)):
        text = course_pages.CODE.sub("", (ROOT / file).read_text("utf-8"))
        for _, target in course_pages.LINK.findall(text):
            place = (ROOT / file).parent / target.partition("#")[0]
            if not re.match(r"[a-z]+:|#", target) and not place.exists():
                broken.append(f"{file}: {target}")
    assert broken == []


def test_formulas_of_the_documents_are_written_as_latex_does():
    folders = ("docs/**/*.md", "docs/*.txt", "data/*.md", "benchmarks/*.md", "*.md")
    files = [path for folder in folders for path in ROOT.glob(folder)]
    assert len(files) > 40
    assert {path.name: said for path in files if (said := formulas_not_set(path.read_text("utf-8")))} == {}


def test_formulas_of_the_docstrings_are_written_as_latex_does():
    found = {}
    for path in (ROOT / "course_lib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                said = formulas_not_set(ast.get_docstring(node) or "")
                found |= {f"{path.name}, {getattr(node, 'name', 'the module')}": said} if said else {}
    assert found == {}


def test_the_course_is_cited_with_its_version_and_without_an_address_that_it_has_not():
    known = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors", "version", "date-released", "license"} <= set(known)
    assert (known["version"], known["license"]) == (course_lib.__version__, ["MIT", "CC-BY-4.0"])
    assert [each["name"] for each in known["authors"]] == ["The course authors"]
    course = find_course(ROOT)
    addresses = {"url", "repository-code", "doi"} & set(known)
    assert not addresses or course.address, "an address is that of the repository, and there is none yet"
    text = course_pages.cite_page(course)
    assert (
        f"The course authors ({known['date-released'].year}). *{known['title']}.* Version {known['version']}." in text
    )
    assert "  author = {{The course authors}},\n" in text


def test_a_folder_of_sources_holds_what_was_written_and_nothing_older(tmp_path):
    build.renew(tmp_path / "source", {"old.md": "old", "a/b.md": "text"})
    build.renew(tmp_path / "source", {"a/b.md": "Ελληνικά", "c.png": b"\0"})
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"source/a/b.md", "source/c.png"}
    assert (tmp_path / "source" / "a" / "b.md").read_text("utf-8") == "Ελληνικά"


def test_what_a_page_would_load_from_elsewhere_is_seen(tmp_path):
    for name, words in {
        "a": '<img alt="x" src="https://example.org/x.png">',
        "b": '<link href="//example.org/x.css" rel="stylesheet">',
        "c": '<a href="https://example.org">elsewhere</a><link rel="canonical" href="https://example.org/">',
        "d": '<script defer src="http://example.org/x.js"></script>',
    }.items():
        (tmp_path / f"{name}.html").write_text(words, "utf-8")
    assert [each[0] for each in build.asked_elsewhere(tmp_path)] == ["a", "b", "d"]
