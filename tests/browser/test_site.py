"""The site of dist/site in a browser without network: `make test-browser` writes it first and runs this."""

import importlib.util
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

SITE = Path(__file__).resolve().parents[2] / "dist" / "site"
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
PAGES = [page for page in PAGES if not page.startswith(("_static/", "explorables/"))]
LESSON = "lessons/the_elbo.html"
WITH_ALL_CODE = ("lessons/start_here.html",)  # the colours of code are the same everywhere

# What is wrong with a page: a list of words.
LOOK = """async () => {
  const wrong = [];
  for (const each of document.querySelectorAll(".math"))
    if (!each.querySelector(".katex") || each.querySelector(".katex-error"))
      wrong.push("mathematics that is not set: " + each.textContent);
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const each = texts.currentNode, typed = /\\$\\$|\\*\\*|\\]\\(|```|\\\\[a-z]+\\{/.test(each.textContent);
    if (typed && !each.parentElement.closest("pre, code, .math, .sig, script"))
      wrong.push("markup that is shown as it was typed: " + each.textContent.trim().slice(0, 100));
  }
  for (const each of document.querySelectorAll("img")) {
    each.loading = "eager";
    await each.decode().catch(() => wrong.push("a figure that does not load: " + each.src));
    if (!each.alt.trim()) wrong.push("a figure without a text: " + each.src);
  }
  let last = 0;
  for (const each of document.querySelectorAll("main h1, main h2, main h3, main h4, main h5")) {
    const level = Number(each.tagName[1]);
    if (level > last + 1) wrong.push(`a heading of level ${level} below one of ${last}: ${each.textContent}`);
    last = level;
  }
  for (const each of document.querySelectorAll("main pre, main .math.block, main table, main div"))
    if (each.scrollWidth > each.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(each).overflowX)
        && each.tabIndex < 0 && !each.querySelector("a, button, [tabindex]"))
      wrong.push("what scrolls cannot be reached by the keyboard: " + each.outerHTML.slice(0, 200));
  if (document.querySelectorAll("main h1").length !== 1) wrong.push("not one title");
  return wrong;
}"""
# What runs out of a narrow page, also where the page cuts it off; what scrolls by itself may be wider.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth, scrolls = [...document.querySelectorAll("main *")]
    .filter(each => /auto|scroll/.test(getComputedStyle(each).overflowX) && each.scrollWidth > each.clientWidth);
  return [...document.querySelectorAll("main *")].filter(each => each.getBoundingClientRect().right > width + 1)
    .filter(each => !scrolls.some(one => one !== each && one.contains(each)) && !each.closest(".katex-mathml, svg"))
    .filter(each => each.textContent.trim() || each.matches("img, iframe"))
    .slice(-3).map(each => each.outerHTML.slice(0, 200));
}"""
BROKEN_WORDS = """() => {
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), broken = [];
  while (texts.nextNode()) {
    const each = texts.currentNode;
    if (!each.parentElement.closest("td, th") || each.parentElement.closest(".math, .genindextable")) continue;
    for (const word of each.data.matchAll(/[A-Za-z]{2,20}/g)) {
      const place = document.createRange();
      place.setStart(each, word.index);
      place.setEnd(each, word.index + word[0].length);
      if (new Set([...place.getClientRects()].map(one => Math.round(one.top))).size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""
# Formulas wider than their column, and printed lines that break in it. Folded text has no width: all is opened for it.
BROKEN_LINES = """() => {
  const folded = [...document.querySelectorAll("details:not([open])")];
  for (const each of folded) each.open = true;
  const wide = [...document.querySelectorAll(".katex-display")].filter(each => each.scrollWidth > each.clientWidth + 1);
  const broken = [...document.querySelectorAll("div.output pre .code-line")]
    .filter(each => each.getBoundingClientRect().height > 1.6 * parseFloat(getComputedStyle(each).lineHeight));
  for (const each of folded) each.open = false;
  return [...wide.map(each => each.querySelector("annotation")), ...broken].map(each => each.textContent);
}"""
# axe reads each letter of a formula and each word of code, nine elements of ten: LOOK says what matters of those. What
# a frame shows is looked at by itself (test_explorables.py): axe would have to write to it, which files may not.
SLIM = """(keep_code) => {
  for (const each of document.querySelectorAll(".katex-html")) each.remove();
  if (!keep_code) for (const each of document.querySelectorAll("pre")) each.textContent = each.textContent;
}"""
AXE = """async (options) =>
  (await axe.run(document, {...options, preload: false, iframes: false, resultTypes: ["violations"]})).violations
  .filter(each => ["serious", "critical"].includes(each.impact))
  .map(each => `${each.id}: ${each.nodes.length} times, such as ${each.nodes[0].html.slice(0, 200)}`
       + ` ${each.nodes[0].any.map(one => one.message).join(" ").slice(0, 200)}`)"""


@pytest.fixture
def context(browser):
    """A window without network, where every request but for files is an error, and so is every complaint."""
    window = browser.new_context(viewport={"width": 1366, "height": 900}, offline=True)
    window.asked, window.said = [], []
    window.on("request", lambda request: window.asked.append(request.url))
    window.on("console", lambda told: window.said.append(told.text) if told.type in ("error", "warning") else None)
    window.on("weberror", lambda error: window.said.append(str(error.error)))
    yield window
    asked = [each[:80] for each in window.asked if not each.startswith(("file:", "data:", "blob:", "about:"))]
    window.close()
    assert asked == [], "a page asks nothing of the network"
    assert window.said == [], "nothing is complained of on the console"


@pytest.fixture(scope="module")
def axe():
    """The script of axe-core, as its package brings it."""
    package = importlib.util.find_spec("axe_playwright_python")
    return (Path(package.submodule_search_locations[0]) / "axe.min.js").read_text("utf-8")


def opened(context, page):
    window = context.new_page()
    window.goto((SITE / page).as_uri())
    window.wait_for_selector("html.is-ready")
    window.evaluate("document.fonts.ready")
    return window


def test_there_are_pages():
    assert len(PAGES) > 60, "make site writes them"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_whole_and_without_a_network(context, axe, page):
    window = opened(context, page)
    assert window.evaluate(LOOK) == []
    assert window.evaluate(BROKEN_LINES) == [], "formulas and printed lines are shown whole on a laptop: make them two"
    window.set_viewport_size({"width": 390, "height": 844})
    assert window.evaluate(TOO_WIDE) == [], "nothing scrolls sideways at 390 pixels but for code, tables and formulas"
    assert window.evaluate(BROKEN_WORDS) == [], "a table scrolls before a word in it is broken"
    window.set_viewport_size({"width": 1366, "height": 900})
    window.evaluate(SLIM, page in WITH_ALL_CODE)
    window.add_script_tag(content=axe)
    assert window.evaluate(AXE, {}) == []
    window.add_style_tag(content="*, *::before, *::after { transition: none !important }")  # colours change at once
    window.evaluate("document.documentElement.dataset.theme = 'dark'")
    window.wait_for_timeout(50)
    assert window.evaluate(AXE, {"runOnly": ["color-contrast"]}) == []


class Places(HTMLParser):
    """The links and the ids of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids.add(values.get("id"))
        self.links += [values[name] for name in ("href", "src") if values.get(name)]


def test_every_link_inside_the_site_leads_somewhere():
    places = {page: Places((SITE / page).read_text("utf-8")) for page in PAGES}
    broken = []
    for page, place in places.items():
        for link in place.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link in ("#", "#pst-back-to-top"):
                continue
            target = (SITE / page).parent / unquote(parts.path) if parts.path else SITE / page
            inside = target.resolve()
            name = inside.relative_to(SITE).as_posix() if inside.is_relative_to(SITE) else None
            lost = parts.fragment and name in places and unquote(parts.fragment) not in places[name].ids
            if not inside.is_file() or lost:
                broken.append(f"{page}: {link}")
    assert broken == []


@pytest.mark.parametrize(("words", "found"), [("reparameterization", "trick"), ("VampPrior", "VampPrior")])
def test_the_search_finds_without_a_server(context, words, found):
    window = opened(context, LESSON)
    window.keyboard.press("Control+k")
    window.keyboard.type(words)
    window.keyboard.press("Enter")
    window.wait_for_selector("#search-results li a")
    results = window.locator("#search-results li").all_inner_texts()
    assert any(found in each for each in results), results


def test_light_and_dark_can_be_chosen(context):
    window = opened(context, LESSON)
    for mode in ("dark", "light"):
        window.get_by_role("button", name="Color mode").click()
        window.locator(f".dropdown-menu.show [data-mode={mode}]").click()
        assert window.evaluate("document.documentElement.dataset.theme") == mode


def test_the_deeper_sections_can_be_hidden_and_a_link_into_one_shows_it(context):
    window = opened(context, LESSON)
    deeper = window.locator("section.deeper").first
    assert deeper.is_visible()
    window.get_by_role("button", name="Core path only").click()
    assert not deeper.is_visible()
    window.evaluate("location.hash = document.querySelector('section.deeper').id")
    deeper.wait_for(state="visible")


def test_answers_and_solutions_are_folded_until_one_asks(context):
    window = opened(context, LESSON)
    solution = window.locator("details.solution").first
    assert not solution.locator("pre").is_visible()
    solution.locator("summary").focus()
    window.keyboard.press("Enter")
    assert solution.locator("pre").is_visible()
    assert window.locator("details:not([class])").count() >= 3, "the quiz is folded, too"


@pytest.mark.parametrize(("width", "but"), [(1366, ".none"), (390, ".has-columns")])
def test_no_line_of_code_or_output_runs_out_of_its_place(context, width, but):
    window = opened(context, LESSON)
    window.set_viewport_size({"width": width, "height": 900})
    window.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    code = f".bd-article div[class*=highlight-]:not({but}) pre"
    wide = f"[...document.querySelectorAll('{code}')].filter(each => each.scrollWidth > each.clientWidth + 1).length"
    assert window.evaluate(wide) == 0
    assert window.locator("details.setup pre").first.text_content().count("\n") > 5, "lines stay lines, to be copied"


def test_the_keyboard_reaches_the_text_and_shows_where_it_is(context):
    window = opened(context, LESSON)
    window.keyboard.press("Tab")
    assert "Skip to main content" in window.evaluate("document.activeElement.textContent")
    for selector in (".buttons a.button", "details summary", ".bd-article p a"):
        window.locator(selector).first.focus()
        window.keyboard.press("Shift+Tab")
        window.keyboard.press("Tab")
        style = window.evaluate("(({outlineStyle, outlineWidth}) => outlineStyle + outlineWidth)"
                                "(getComputedStyle(document.activeElement))")  # fmt: skip
        assert re.fullmatch(r"solid[1-9]\d*(\.\d+)?px", style), selector


def test_previous_and_next_lead_through_the_lessons(context):
    window = opened(context, LESSON)
    window.locator("a.right-next").click()
    window.wait_for_selector("html.is-ready")
    assert window.url.endswith("lessons/the_reparameterization_trick.html")
    window.locator("a.left-prev").click()
    window.wait_for_selector("html.is-ready")
    assert window.url.endswith(LESSON)


@pytest.mark.parametrize("width", [1366, 390])
def test_an_explorable_is_shown_whole_in_its_lesson(context, width):
    window = opened(context, LESSON)
    window.set_viewport_size({"width": width, "height": 900})
    window.locator(".explorable iframe").scroll_into_view_if_needed()
    frame = window.frame_locator(".explorable iframe")
    frame.locator("#numbers td").first.wait_for()
    window.wait_for_timeout(500)
    assert frame.locator("html").evaluate("each => each.scrollHeight - innerHeight") == 0
    assert not frame.locator(".home").is_visible(), "the way back to the lesson is for the page by itself"
