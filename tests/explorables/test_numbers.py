"""The numbers that the pages of docs/explorables are held to are the library's, and each page has its place."""

import json
import re
from pathlib import Path

import pytest

from tests.explorables import numbers
from tools.editions.lesson_cells import find_course
from tools.editions.lesson_names import lesson_called

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.parent for path in (ROOT / "docs" / "explorables").glob("*/index.html"))


@pytest.mark.slow
def test_the_file_holds_what_the_library_says():
    stored, computed = json.loads(numbers.FILE.read_text("utf-8")), numbers.all_numbers()
    assert stored.keys() == computed.keys() == {page.name for page in PAGES}
    for name, cases in computed.items():
        for was, case in zip(stored[name], cases, strict=True):
            words = {key: value for key, value in case["state"].items() if isinstance(value, str)}
            assert words.items() <= was["state"].items(), name
            values = {key: value for key, value in case["state"].items() if key not in words}
            assert {key: was["state"][key] for key in values} == pytest.approx(values, rel=1e-12), name
            assert was["numbers"] == pytest.approx(case["numbers"], rel=5e-7, abs=5e-7), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_an_explorable_has_a_place_in_a_lesson(page):
    about = json.loads((page / "about.json").read_text("utf-8"))
    lesson = lesson_called(find_course(ROOT), about["lesson"])
    source = (ROOT / "notebooks" / "source" / f"{lesson}.py").read_text("utf-8")
    assert re.search(rf"^# #+ {re.escape(about['section'])}$", source, re.MULTILINE)
    assert about["title"] in (page / "index.html").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_opens_from_the_disk(page):
    text = (page / "index.html").read_text("utf-8")
    assert not re.search(r"""fetch\(|import\(|type=.module|(?:src|href)=["']?(?:https?:)?//""", text)
    for name in re.findall(r"""(?:src|href)=["']([^"']+)""", text):
        assert (page / name).resolve().is_file(), name
    assert max(path.stat().st_size for path in page.iterdir()) <= 300_000
