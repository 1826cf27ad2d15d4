"""A learner's JupyterLab as `make course` starts it, looked at in a browser: verdicts, wrapped code, no questions.

It runs in `.venv-browser`, which has Playwright; JupyterLab and the kernel are those of `.venv`. With PICTURES=folder
each page is kept there as a picture, to be looked at.
"""

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.browser.conftest import BROWSER
from tools import course
from tools.editions import workbook

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PICTURES = os.environ.get("PICTURES")
TOKEN = "secret"
MOST_SECONDS = 120  # for all cells together
NOTEBOOK = "00_start_here.ipynb"
THEMES = ("JupyterLab Light", "JupyterLab Dark")
WIDTHS, HEIGHT = (1366, 390), 2200  # pixels: a common laptop, a phone; high enough to see all cells

pytestmark = [
    pytest.mark.skipif(not BROWSER, reason="there is no Chromium on this machine"),
    pytest.mark.skipif(not PYTHON.exists(), reason="the environment of the course is not there: `make environment`"),
]

FAILING = {"refused", "explained"}  # cells that stop, and after which JupyterLab is to run the next one
CHECK = 'check("0.2", exercises.TIMES_SMALLER, {})'
LONG = 'assert isinstance(run.seed, int), "' + " ".join(["a sentence at the end of a long line"] * 6) + '"'
TRAINING = """\
import time

import keras
from tests.small import binary_images, small_vae

wait = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: time.sleep(0.5))
history = small_vae().fit(binary_images(64), epochs=8, verbose=0, callbacks=[wait])"""
SLIDER = """\
import matplotlib.pyplot as plt
from course_lib import plotting


def line(slope):
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.plot([0, 1], [0, slope])
    return figure


plotting.slider(line, slope=(-1.0, 1.0, 0.5), alt="A straight line whose slope the slider chooses.")"""
CELLS = {
    "setup": "import course_lib\n\nrun = course_lib.setup(backend=False)",
    "right": CHECK.format("784 / (16 * 4)"),
    "wrong": CHECK.format("784 / 16"),
    "unanswered": CHECK.format("..."),
    "refused": "my_guess = 784 / (16 *",
    "explained": CHECK.format("my_guess"),
    "long": LONG,
    "slider": SLIDER,
    "shown": "from course_lib.source import show, source_of\n\nshow(source_of)",
    "training": TRAINING,
}

# Each text of the verdicts that are shown: [what it is, its contrast with what lies behind it].
CONTRASTS = """() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb.slice(0, 3).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = channels(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const answer = [];
  for (const verdict of document.querySelectorAll(".jp-OutputArea [role=status]"))
    for (const each of [verdict, ...verdict.querySelectorAll("*")]) {
      const [one, other] = [light(channels(getComputedStyle(each).color)), light(behind(each))].sort((a, b) => b - a);
      answer.push([each.tagName + " " + each.textContent.slice(0, 30), (one + 0.05) / (other + 0.05)]);
    }
  return answer;
}"""
LAST = "[...document.querySelectorAll('.jp-CodeCell')].at(-1).querySelector('.jp-OutputArea')"
# Whether the last cell has its number, which it gets when it has run.
ENDED = (
    r"/\[\d+\]/.test([...document.querySelectorAll('.jp-CodeCell')].at(-1).querySelector('.jp-InputPrompt').innerText)"
)
# What is wider than the place that it has: text that one would have to scroll for, sideways.
SIDEWAYS = """() => [...document.querySelectorAll(
    ".jp-CodeCell .cm-scroller, .jp-OutputArea-output, .jp-OutputArea [role=status]")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent.slice(0, 60))"""


def tags_of(name):
    return [name, workbook.NEVER_STOPS] if name in FAILING else [name]


def notebook():
    """The learner's copy of a lesson."""
    cells = [
        {"cell_type": "code", "id": name, "metadata": {"tags": tags_of(name)}, "source": code, "outputs": []}
        for name, code in CELLS.items()
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    lesson = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return workbook.edition_of(json.dumps(lesson).encode())


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A JupyterLab of a learner who has no settings yet."""
    folder = tmp_path_factory.mktemp("learner")
    (folder / "home").mkdir()
    (folder / "workbook").mkdir()
    (folder / "workbook" / NOTEBOOK).write_text(json.dumps(notebook()), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "MPLBACKEND"))}
    variables |= {"HOME": str(folder / "home"), "PYTHONPATH": str(ROOT), "KERAS_BACKEND": "tensorflow"}
    command = [str(PYTHON), "-m", "jupyterlab", *course.JUPYTER_OPTIONS, "--no-browser", "--allow-root"]
    command += [f"--port={port}", f"--IdentityProvider.token={TOKEN}", "--LabApp.expose_app_in_browser=True"]
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder / "workbook", env=course.with_settings(variables), stdout=log, stderr=log
        )
    try:
        for _ in range(480):
            time.sleep(0.25)
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5)
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def page(browser, address):
    """The notebook with all its cells run, and what the page asked of the network meanwhile."""
    window = browser.new_context(viewport={"width": WIDTHS[0], "height": HEIGHT})
    page = window.new_page()
    page.asked, page.training = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(f"{address}/lab/tree/{NOTEBOOK}?token={TOKEN}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
    page.evaluate("async () => { const opened = jupyterapp.shell.currentWidget.context; await opened.ready; "
                  "await opened.sessionContext.ready; }")  # fmt: skip
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")  # it ends at the first error
    end = time.monotonic() + MOST_SECONDS
    while not page.evaluate(ENDED) and time.monotonic() < end:
        page.training.append(page.evaluate(f"{LAST}.innerText"))
        kept(page, "training", only_if=len(page.training) % 20 == 0)
        page.wait_for_timeout(100)
    yield page
    window.close()


def kept(page, name, only_if=True):
    if PICTURES and only_if:
        Path(PICTURES).mkdir(exist_ok=True)
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def seen(page, theme, width):
    """Show the page in a theme, in a window of a width, without the list of files where there is no room for it."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.evaluate("narrow => narrow ? jupyterapp.shell.collapseLeft() : jupyterapp.shell.expandLeft()", width < 600)
    page.wait_for_timeout(1500)
    kept(page, f"{theme.split()[-1].lower()}-{width}")
    return page


def test_all_cells_ran_and_the_verdicts_have_their_signs(page):
    assert page.evaluate(ENDED), "the cells did not come to their end"
    signs = page.evaluate("[...document.querySelectorAll('[role=status] b')].map((each) => each.textContent)")
    assert signs == ["✓", "✗", "○", "○"]


def test_a_cell_that_python_could_not_read_is_explained_below_its_check(page):
    said = page.locator("[role=status]").last.inner_text()
    assert "Python could not read the cell that should write my_guess (line 1, SyntaxError: " in said


def test_a_slider_stands_at_its_first_value_and_redraws_its_figure(page):
    cell = page.locator(".jp-CodeCell").nth(list(CELLS).index("slider"))
    cell.scroll_into_view_if_needed()
    assert cell.locator(".widget-readout").inner_text() == "0.50"
    first = cell.locator("img").get_attribute("src")
    assert cell.locator("img").bounding_box()["width"] > 150
    handle = cell.locator(".noUi-handle")
    handle.focus()
    handle.press("ArrowRight")
    page.wait_for_function("src => document.querySelector('.jp-CodeCell img').src !== src", arg=first)
    assert cell.locator(".widget-readout").inner_text() != "0.50"
    assert cell.locator("img").count() == 1, "in the place of the first one"
    kept(page, "slider")


def test_the_set_up_cell_is_folded_to_a_line_that_says_what_to_do(page):
    first = page.locator(".jp-CodeCell").first
    assert first.locator(".cm-editor").count() == 0 or not first.locator(".cm-editor").is_visible()
    assert "Set-up: run this cell first" in first.inner_text()
    assert "course_lib" in first.locator(".jp-OutputArea").inner_text()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_verdicts_can_be_read_in_both_themes(page, theme, width):
    found = seen(page, theme, width).evaluate(CONTRASTS)
    assert len(found) >= 6
    assert [each for each in found if each[1] < 4.5] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_must_be_scrolled_sideways(page, width):
    assert seen(page, THEMES[0], width).evaluate(SIDEWAYS) == []


def test_nobody_is_asked_whether_there_should_be_news_and_nothing_is_asked_of_the_network(page, address):
    page.wait_for_timeout(3000)
    assert page.locator(".Toastify__toast, .jp-Dialog").count() == 0
    assert [url for url in page.asked if not url.startswith((address, "data:", "blob:"))] == []


def test_a_quiet_training_shows_its_epochs_while_it_runs_and_nothing_afterwards(page, address):
    shown = [text.strip() for text in page.training if text.strip()]
    assert shown[0].startswith("epoch 1/8")
    assert len(set(shown)) >= 6
    assert all("\n" not in text for text in shown)
    assert page.evaluate(f"{LAST}.innerText").strip() == ""
    assert page.evaluate(f"{LAST}.getBoundingClientRect().height") < 24, "no more than the room of a line"
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    request = urllib.request.Request(f"{address}/api/contents/{NOTEBOOK}", headers={"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert "epoch" not in json.dumps(json.loads(answer.read())["content"]["cells"][-1]["outputs"])
