"""The pages of docs/explorables in a browser without network, opened from the disk."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = {path.parent.name: path for path in sorted((ROOT / "docs" / "explorables").glob("*/index.html"))}
NUMBERS = json.loads((ROOT / "tests" / "explorables" / "numbers.json").read_text("utf-8"))
TOLERANCE = 1e-6
AXE = """async () => (await axe.run(document, {preload: false, resultTypes: ["violations"]})).violations
  .map(each => `${each.id}: ${each.nodes[0].html.slice(0, 200)}`
    + ` ${each.nodes[0].any.map(one => one.message).join(" ")}`)"""
CONTROLS = "input, button, [tabindex='0'], summary, select"
# Where the keyboard is: the number of the control, its kind, and how one sees it.
PLACE = """controls => {
  const active = document.activeElement, all = [...document.querySelectorAll(controls)];
  if (active === document.body) return null;
  const style = getComputedStyle(active.querySelector(".reach") ?? active);
  return [all.indexOf(active), active.type ?? active.tagName, style.outlineStyle + style.outlineWidth,
          style.stroke + style.strokeWidth];
}"""
STATE = "JSON.stringify([explorable.state, explorable.numbers()])"
IS_SAID = "document.querySelector('[role=status]').textContent === document.querySelector('#says').textContent"


@pytest.fixture
def opened(browser):
    """A function that opens a page without network, where a request but for files, or a complaint, is an error."""
    windows, asked, said = [], [], []

    def open_page(name, width=1366, scheme="light"):
        window = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True)
        windows.append(window)
        window.on("request", lambda request: asked.append(request.url))
        window.on("console", lambda message: said.append(message.text))
        window.on("weberror", lambda error: said.append(str(error.error)))
        page = window.new_page()
        page.goto(PAGES[name].as_uri())
        page.wait_for_function("window.explorable && explorable.numbers()")
        return page

    yield open_page
    for window in windows:
        window.close()
    assert [each for each in asked if not each.startswith(("file:", "data:"))] == [], "a page asks no network"
    assert said == [], "nothing is said on the console"


def shown_as(value, text):
    """Whether a text is a number rounded to its digits."""
    digits = len(text.partition(".")[2])
    return abs(float(text.replace("−", "-")) - value) <= 0.500001 * 10**-digits


@pytest.mark.parametrize("name", NUMBERS)
def test_a_page_computes_and_shows_the_numbers_of_the_library(opened, name):
    page, furthest, seen = opened(name), 0.0, set()
    for case in NUMBERS[name]:
        page.evaluate("state => explorable.set(state)", case["state"])
        found = page.evaluate("explorable.numbers()")
        for key, value in case["numbers"].items():
            assert abs(found[key] - value) <= TOLERANCE * max(1.0, abs(value)), (key, found[key], value, case["state"])
            furthest = max(furthest, abs(found[key] - value))
        for cell in page.locator("#numbers td[data-value]").all():
            text, value = cell.inner_text(), cell.get_attribute("data-value")
            seen.add(text)
            if re.fullmatch(r"−?\d+(\.\d+)?", text):
                assert shown_as(float(value), text)
    assert len(seen) > len(NUMBERS[name]), "the numbers are shown, and they change"
    print(f"{name}: {len(NUMBERS[name])} states, at most {furthest:.1e} apart")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_worked_by_the_keyboard_and_read_aloud(opened, name):
    page = opened(name)
    page.wait_for_function(IS_SAID)
    count, reached, moved = page.locator(CONTROLS).count(), set(), 0
    for _ in range(count + 2):
        page.keyboard.press("Tab")
        place = page.evaluate(PLACE, CONTROLS)
        if not place or place[0] in reached:
            continue
        reached.add(place[0])
        assert place[2] == "solid3px" or place[3].endswith("2.5px"), f"one sees where the keyboard is: {place}"
        if place[1] == "g":
            for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "Shift+ArrowDown"):
                before = page.evaluate(STATE)
                page.keyboard.press(key)
                assert page.evaluate(STATE) != before, f"{key} moves the dot"
            moved += 1
        if place[1] == "range":
            before = page.evaluate(STATE)
            for key in ("ArrowRight", "ArrowUp", "ArrowLeft"):
                if page.evaluate(STATE) == before:  # not yet: it may stand at an end
                    page.keyboard.press(key)
            assert page.evaluate(STATE) != before, place
            moved += 1
    radios = page.evaluate("""() => { const all = [...document.querySelectorAll("input[type=radio]")];
      return all.length - new Set(all.map(each => each.name)).size; }""")
    assert len(reached) == count - radios, "one tab stop each, and one for each group of choices"
    assert moved, "something can be moved"
    page.wait_for_function(IS_SAID)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone(opened, name):
    page = opened(name, width=390)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_fault_of_accessibility(opened, name, scheme):
    package = importlib.util.find_spec("axe_playwright_python")
    if package is None:
        pytest.skip("axe-core is not in this environment")
    page = opened(name, scheme=scheme)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    page.add_script_tag(content=(Path(package.submodule_search_locations[0]) / "axe.min.js").read_text("utf-8"))
    assert page.evaluate(AXE) == []


@pytest.mark.parametrize("name", [name for name in PAGES if "handle" in PAGES[name].read_text("utf-8")])
def test_the_dot_follows_the_mouse(opened, name):
    page = opened(name)
    dot = page.locator(".handle").first
    dot.scroll_into_view_if_needed()
    box, before = dot.bounding_box(), page.evaluate("JSON.stringify(explorable.state)")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y - 30, steps=3)
    page.mouse.up()
    assert page.evaluate("JSON.stringify(explorable.state)") != before


def test_a_page_in_a_frame_tells_its_height_and_follows_light_and_dark(browser, tmp_path):
    host = tmp_path / "host.html"
    host.write_text(f"""<!doctype html><iframe width="360" src="{PAGES["elbo_meter"].as_uri()}"></iframe><script>
      window.heights = [];
      addEventListener("message", event => {{
        heights.push(event.data.height);
        event.source.postMessage({{theme: "dark"}}, "*");
      }});</script>""")
    window = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="light", offline=True)
    page = window.new_page()
    page.goto(host.as_uri())
    page.wait_for_function("heights.length > 0")
    frame = page.frames[1]
    frame.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert page.evaluate("heights.at(-1)") >= frame.evaluate("document.querySelector('main').scrollHeight") - 1
    assert frame.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 28)"
    window.close()


def test_the_gradients_of_the_game_are_its_slopes(opened):
    page = opened("gan_in_the_plane")
    furthest = page.evaluate("""() => {
      const game = Game.start(5, "ring"), h = 1e-5, next = Game.uniform(1);
      const batch = () => Array.from({length: 7}, () => [4 * next() - 2, 4 * next() - 2, Math.floor(8 * next())]);
      const real = batch(), fake = batch();
      let worst = 0;
      const [, by_weights] = Game.discriminator_loss(game.weights, real, fake, 0.7);
      for (let n = 0; n < game.weights.length; n++) {
        const moved = change => game.weights.map((w, k) => w + (k === n ? change : 0));
        const at = change => Game.discriminator_loss(moved(change), real, fake, 0.7);
        worst = Math.max(worst, Math.abs((at(h)[0] - at(-h)[0]) / (2 * h) - by_weights[n]));
      }
      const [, by_points] = Game.generator_loss(game.weights, fake);
      for (let n = 0; n < by_points.length; n++) {
        const by = change => [n % 2 ? 0 : change, n % 2 ? change : 0];
        const moved = ([u, v]) => fake.map(([x, y, k]) => k === n >> 1 ? [x + u, y + v, k] : [x, y, k]);
        const at = change => Game.generator_loss(game.weights, moved(by(change)))[0];
        worst = Math.max(worst, Math.abs((at(h) - at(-h)) / (2 * h) - by_points[n]));
      }
      return worst;
    }""")
    print(f"gradients: at most {furthest:.1e} from central differences")
    assert furthest < 1e-8
