"""The decks of dist/slides in a browser without network: `make test-browser` writes them first and runs this."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "dist" / "slides"
DECKS = sorted(FOLDER.glob("*.html"))
SMALLEST = 0.75  # of the size in which the lesson draws a figure

# What is wrong with the slide that is shown, all its fragments visible: a list of words.
LOOK = """(smallest) => {
  const slide = Reveal.getCurrentSlide(), edge = slide.getBoundingClientRect(), wrong = [];
  for (const each of slide.querySelectorAll(":scope > :not(aside), pre, img, table, .katex-html")) {
    const box = each.getBoundingClientRect();
    if (box.bottom > edge.bottom - 10 || box.right > edge.right - 10)
      wrong.push("beyond the edge: " + each.textContent);
  }
  for (const each of slide.querySelectorAll("img")) {
    const box = each.getBoundingClientRect();
    if (!each.naturalWidth) wrong.push("a figure that does not load: " + each.alt);
    if (!each.alt) wrong.push("a figure without a text");
    if (Math.min(box.width / each.naturalWidth, box.height / each.naturalHeight) < smallest)
      wrong.push("a figure too small to be read: " + each.alt);
  }
  for (const each of slide.querySelectorAll(".math"))
    if (!each.querySelector(".katex-html") || each.querySelector(".katex-error, [style*='cc0000']"))
      wrong.push("mathematics that is not set: " + each.textContent);
  return wrong;
}"""


@pytest.fixture
def context(browser):
    """A window of 1280 × 720 without network, where every request but for files is an error."""
    window = browser.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    window.asked, window.said = [], []
    window.on("request", lambda request: window.asked.append(request.url))
    window.on("console", lambda message: window.said.append(message.text))
    window.on("weberror", lambda error: window.said.append(str(error.error)))
    yield window
    asked = [each[:80] for each in window.asked if not each.startswith(("file:", "data:", "blob:", "about:"))]
    window.close()
    assert asked == [], "a deck asks nothing of the network"
    assert window.said == [], "nothing is said on the console"


def opened(context, deck):
    page = context.new_page()
    page.goto(deck.as_uri())
    page.wait_for_function("Reveal.isReady()")
    page.evaluate("document.fonts.ready")
    return page


def test_there_are_decks():
    assert DECKS, "make slides writes them"


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_every_slide_shows_its_figures_and_formulas_inside_its_edges(context, deck):
    page = opened(context, deck)
    count = page.evaluate("Reveal.getTotalSlides()")
    assert 15 <= count <= 25
    wrong = {}
    for number in range(count):
        page.evaluate(f"Reveal.slide({number}, 0, 99)")
        wrong[number + 1] = page.evaluate(LOOK, SMALLEST)
    assert {number: words for number, words in wrong.items() if words} == {}


@pytest.mark.parametrize("deck", DECKS[:1], ids=lambda deck: deck.stem)
def test_the_keyboard_leads_through_all_fragments_and_back(context, deck):
    page = opened(context, deck)
    steps = page.evaluate("""() => [...document.querySelectorAll(".slides > section")].reduce((sum, slide) => sum + 1 +
      new Set([...slide.querySelectorAll(".fragment")].map((each) => each.dataset.fragmentIndex)).size, 0)""")
    presses = steps - 1
    for _ in range(presses - 1):
        page.keyboard.press("Space")
    assert not page.evaluate("Reveal.getProgress() >= 1"), "the last press is still to come"
    page.keyboard.press("Space")
    assert page.evaluate("Reveal.getProgress() >= 1"), "one press a step leads to the end"
    page.keyboard.press("Home")
    assert page.evaluate("Reveal.getIndices().h") == 0


@pytest.mark.parametrize("deck", DECKS[:1], ids=lambda deck: deck.stem)
def test_the_speakers_view_opens_from_the_file_and_follows(context, deck):
    page = opened(context, deck)
    with context.expect_page() as waiting:
        page.keyboard.press("s")
    speaker = waiting.value
    first, second = (
        page.evaluate(f"document.querySelectorAll('aside.notes')[{number}].textContent.trim()") for number in (0, 1)
    )
    speaker.wait_for_function("words => document.body.textContent.includes(words)", arg=first[:40])
    page.evaluate("Reveal.slide(1)")
    speaker.wait_for_function("words => document.body.textContent.includes(words)", arg=second[:40])


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_the_pdf_has_a_page_for_each_slide(deck):
    pages = deck.with_suffix(".pdf").read_bytes().count(b"/Type /Page\n")
    assert pages == deck.read_text("utf-8").count("<section class=")
