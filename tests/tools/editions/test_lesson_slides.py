"""The slides of a lesson (`lesson_slides.py`) and the decks made of them (`slides.py`), without browser and network."""

import base64
import hashlib
import re
import struct
import zipfile
from pathlib import Path

import nbformat
import pytest

from tools.editions import lesson_cells, slides
from tools.editions.build_notebooks import check_lesson
from tools.editions.lesson_slides import PRINTED_COLUMNS, SMALL_COLUMNS, Slide, slide_problems, slides_of, words_in
from tools.editions.lesson_sources import LessonError, read_source
from tools.editions.lesson_times import times_of
from tools.editions.slides_live import live_notebook

LESSON = """\
# %% [markdown]
# # Bound: which one?
#
# {times}

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## A drawing
# Look.

# %%
print("one")

# %% [markdown]
# It was drawn.
"""
FIRST = "# Bound\n\nWhich one?"
OTHER = "## Next\n\nSomething.\n\n. . .\n\nLater."
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 600, 300)).decode()


def cell(tag, text):
    lines = "\n".join(f"# {line}".rstrip() for line in text.splitlines())
    return f'\n# %% [markdown] tags=["{tag}"]\n{lines}\n'


def written(root, deck):
    """A course of one lesson with a deck: pairs of a slide and its notes."""
    text = LESSON + "".join(cell("slide", slide) + (cell("notes", notes) if notes else "") for slide, notes in deck)
    (root / "notebooks" / "source").mkdir(parents=True, exist_ok=True)
    (root / "notebooks" / "source" / "00_bound.py").write_text(text, "utf-8")
    (root / "course_lib").mkdir(exist_ok=True)
    (root / "course_lib" / "__init__.py").write_text('__version__ = "0.3.0"\n', "utf-8")
    (root / "pyproject.toml").write_text('[project]\nname = "tiny"\n', "utf-8")
    return lesson_cells.find_course(root)


@pytest.fixture
def course_of(tmp_path):
    """Makes a course whose deck has the slides given, after a good first one, and fifteen in all."""

    def make(*changed, count=15, minutes="3 min."):
        deck = [(FIRST, minutes), *changed]
        return written(tmp_path, [*deck, *[(OTHER, minutes)] * (count - len(deck))])

    return make


def notebook(pictures=1, printed="one\ntwo\nthree\n"):
    """A stored notebook with a cell that draws and prints."""
    texts = ['A "line" < a curve', "A second one"][:pictures]
    outputs = [nbformat.v4.new_output("display_data", data={"image/png": PNG}, metadata={"image/png": {"alt": text}})
               for text in texts]  # fmt: skip
    outputs += [nbformat.v4.new_output("stream", name="stdout", text=printed)] if printed else []
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", id="a-drawing", outputs=outputs)])


def problems(course, stored=None):
    return slide_problems(course, "00_bound", stored or notebook())


def html_of(text, notes="1 min.", stored=None):
    from tools.editions.lesson_slides import figures_in, printed_in

    stored = stored or notebook()
    return slides.slide_html(Slide(text, notes), figures_in(stored), printed_in(stored))


# --- what is no part of the notebook -------------------------------------------------------------------------------


def test_the_notebook_of_a_lesson_is_the_same_with_and_without_its_deck(course_of, tmp_path):
    course = course_of()
    made, times = lesson_cells.make_notebook(course, "00_bound"), times_of(course, "00_bound")
    without = written(tmp_path, [])
    assert made == lesson_cells.make_notebook(without, "00_bound")
    assert times == times_of(without, "00_bound"), "nobody reads the slides at home"
    assert len(read_source(course.source("00_bound")).cells) == 5


def test_check_judges_the_slides_beside_the_notebook(course_of):
    course = course_of((OTHER.replace("Something.", "{figure: nowhere}"), "3 min."))
    stored = lesson_cells.make_notebook(course, "00_bound")
    for number, each in enumerate([each for each in stored.cells if each.cell_type == "code"], 1):
        each.execution_count = number
    nbformat.write(stored, course.notebook("00_bound"))
    [problem] = check_lesson(course, "00_bound")
    assert problem.startswith("slide 2, `Next`: ")


# --- the rules -------------------------------------------------------------------------------------------------------


def test_a_good_deck_breaks_no_rule_and_a_lesson_needs_none(course_of, tmp_path):
    assert problems(course_of()) == []
    assert problems(written(tmp_path, [])) == []


@pytest.mark.parametrize(("count", "minutes"), [(14, "3 min."), (26, "1.7 min.")])
def test_a_deck_has_15_to_25_slides(course_of, count, minutes):
    assert problems(course_of(count=count, minutes=minutes)) == [f"its deck has {count} slides, and not 15 to 25"]


@pytest.mark.parametrize("minutes", ["2 min.", "4 min."])
def test_the_minutes_of_a_deck_add_up_to_45_or_so(course_of, minutes):
    assert problems(course_of(minutes=minutes)) == [f"its slides take {15 * int(minutes[0])} minutes, and not 40 to 50"]


@pytest.mark.parametrize(
    ("slide", "notes", "said"),
    [
        ("## Empty", "3 min.", "it is empty"),
        ("## Empty but for a pause\n\n. . .", "3 min.", "it is empty"),
        ("Title\n\nText.", "3 min.", "it begins with `## `"),
        ("# Title\n\nText.", "3 min.", "it begins with `## `"),
        (OTHER, "", "begins with its minutes"),
        (OTHER, "3 min. They forget $x$.", "its notes hold a formula"),
        ("## Half\n\n$x=½$", "3 min.", "the formula $x=½$ has `½`"),
        (OTHER, "Say it slowly, 3 min.", "begins with its minutes"),
        ("## Long\n\n" + "word " * 76, "3 min.", "it has 76 words, more than 75"),
        ("## Long\n\n" + "word " * 46 + "\n\n{figure: a-drawing}", "3 min.", "it has 46 words, more than 45"),
        ("## Quiz: why?\n\nBecause.", "3 min.", "the answer of a quiz comes after a pause"),
        ("## Next\n\n{figure: a-drawin}", "3 min.", "no cell `a-drawin` has a figure; these have: a-drawing"),
        ("## Next\n\n{figure: a-drawing 2}", "3 min.", "cell `a-drawing` has 1 figures, not 2"),
        ("## Next\n\n{figure: a-drawing 0}", "3 min.", "cell `a-drawing` has 1 figures, not 0"),
        ("## Next\n\n{output: setup}", "3 min.", "no cell `setup` prints anything; these do: a-drawing"),
        ("## Next\n\n{output: a-drawing 2-4}", "3 min.", "cell `a-drawing` prints 3 lines, and has no lines 2-4"),
        ("## Next\n\n{figur: a-drawing}", "3 min.", "`{figur: a-drawing}` is not understood"),
        ("## Next\n\n{figure: a-drawing} and a word", "3 min.", "is not understood"),
        ("## Next\n\nSee {figure: a-drawing}", "3 min.", "is not understood"),
    ],
)
def test_a_slide_that_breaks_a_rule_is_named(course_of, slide, notes, said):
    found = problems(course_of((slide, notes)))
    assert len(found) == 1
    assert found[0].startswith("slide 2, `")
    assert said in found[0]


def test_printed_lines_must_fit(course_of):
    course = course_of(("## Next\n\n{output: a-drawing}", "3 min."))
    assert problems(course, notebook(printed="x\n" * 10)) == []
    assert "fills 11 rows" in problems(course, notebook(printed="x\n" * 9 + "x" * 100))[0]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ((("slide", "# Look\n\n{exercise: NOBODY}"),), "checks no exercise `NOBODY`"),
        ((("slide", FIRST), ("notes", "1 min."), ("notes", "Again.")), "notes belong below a slide, once: `Again.`"),
        ((("notes", "1 min."), ("slide", FIRST)), "notes belong below a slide, once: `1 min.`"),
    ],
)
def test_a_deck_that_cannot_be_read_is_reported(tmp_path, cells, said):
    course = written(tmp_path, [])
    course.source("00_bound").write_text(LESSON + "".join(cell(*each) for each in cells), "utf-8")
    [problem] = problems(course)
    assert said in problem


def test_code_is_no_slide(tmp_path):
    course = written(tmp_path, [])
    course.source("00_bound").write_text(LESSON + '\n# %% tags=["slide"]\nprint(1)\n', "utf-8")
    with pytest.raises(LessonError, match="markdown cells, not code"):
        slides_of(course, "00_bound")


def test_names_become_numbers_links_words_and_minutes_those_of_the_notes(tmp_path):
    course = written(tmp_path, [("# Bound · {minutes} minutes\n\nSee {lesson: bound}.", "2.5 min. Ask.")])
    [slide] = slides_of(course, "00_bound")
    assert slide.text == "# Bound · 2.5 minutes\n\nSee lesson 00."
    assert slide.minutes == 2.5


def test_a_formula_is_one_word():
    assert words_in("Two words $x + y + z$ and $$\\mathbb E [x]\n+ 3$$ `a b`") == 6


# --- the page --------------------------------------------------------------------------------------------------------


def test_what_follows_a_pause_appears_later_and_each_point_with_a_plus_alone():
    text = "## T\n\nNow.\n\n- at once\n\n. . .\n\nThen\n\n$$x$$\n\n+ one $y$\n+ two\n  - inside\n\n. . .\n\n"
    text += "{figure: a-drawing}"
    found = re.findall(r'<(\w+) class="([^"]*)"[^>]*?data-fragment-index="(\d+)"', html_of(text))
    assert [(element, int(index)) for element, _, index in found] == [
        ("p", 0), ("div", 0), ("li", 1), ("li", 2), ("div", 3),
    ]  # fmt: skip
    assert all("fragment" in classes for _, classes, _ in found)


def test_without_a_pause_everything_is_there_at_once():
    assert "fragment" not in html_of("## T\n\nNow.\n\n- one\n- two")


def test_a_figure_keeps_its_text_and_its_size():
    page = html_of("## T\n\n{figure: a-drawing}")
    assert 'alt="A &quot;line&quot; &lt; a curve"' in page
    assert f'width="600" height="300" src="data:image/png;base64,{PNG}"' in page
    assert page.count("<img") == 1
    two = html_of("## T\n\n{figure: a-drawing 2} {figure: a-drawing}", stored=notebook(2))
    assert [text[:8] for text in re.findall('alt="([^"]*)"', two)] == ["A second", "A &quot;"], "as named"


def test_printed_lines_are_shown_as_they_are():
    page = html_of("## T\n\n{output: a-drawing 2-3}", stored=notebook(printed="a\nb < c\n  d\n"))
    assert "<pre>b &lt; c\n  d</pre>" in page
    for columns, kind in ((PRINTED_COLUMNS, ""), (PRINTED_COLUMNS + 1, ' class="small"')):
        assert f"<pre{kind}>" in html_of("## T\n\n{output: a-drawing}", stored=notebook(printed="x" * columns))


def test_the_longest_lines_that_count_as_one_row_are_not_wrapped():
    style = (slides.HERE / "slides_deck.css").read_text("utf-8")
    large, small = (
        int(re.search(rf"reveal {kind} {{ font(?:-size)?: (\d+)px", style)[1]) for kind in ("pre", r"pre\.small")
    )
    room = 1280 - 14 - 2 * 72 - 2 * 18  # slide, coloured edge, padding of the slide and of the grey box
    letter = 0.602  # width of a letter of DejaVu Sans Mono, of its size
    assert [int(room / (letter * size)) for size in (large, small)] == [PRINTED_COLUMNS, SMALL_COLUMNS]


def test_a_formula_is_left_to_katex_and_no_markdown_in_it():
    page = html_of("## T\n\n$a_i*b*<c$ and *word*\n\n$$x_1\n\\\\ y_1$$")
    assert '<span class="math inline">a_i*b*&lt;c</span>' in page
    assert '<div class="math block">x_1\n\\\\ y_1</div>' in page
    assert "<em>word</em>" in page


def test_notes_are_for_the_speaker_alone():
    assert '<aside class="notes">\n<p>1 min. Ask <em>twice</em>.</p>\n</aside>' in html_of(
        "## T\n\nx", "1 min. Ask *twice*."
    )


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("# T", "title"),
        ("## T", "plain"),
        ("## Quiz: T", "quiz"),
        ("## Predict", "predict"),
        ("## Exercise 1", "exercise"),
    ],
)
def test_the_kind_of_a_slide_is_in_its_title(title, kind):
    assert f'<section class="{kind}">' in html_of(f"{title}\n\nx")


# --- the whole deck --------------------------------------------------------------------------------------------------

PARTS = dict.fromkeys(("reveal.js", "notes.js", "reveal.css", "katex.js", "katex.css", "licences"), "/* here */")


def test_a_deck_is_one_file_that_asks_nothing_of_the_network(course_of):
    course = course_of(("## Next\n\n{figure: a-drawing}\n\n$x<y$", "3 min."))
    nbformat.write(notebook(), course.notebook("00_bound"))
    parts = PARTS | {"notes.js": "open('<p></script>')", "licences": "MIT -- so"}
    page = slides.deck_html(course, "00_bound", parts)
    assert page.count("<section") == 15
    assert "{{" not in page
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", page)
    assert "<title>00 · Bound: which one?</title>" in page
    assert r"open('<p><\/script>')" in page
    assert "MIT — so" in page, "two hyphens would end the comment"
    assert page == slides.deck_html(
        course, "00_bound", PARTS | {"notes.js": "open('<p></script>')", "licences": "MIT -- so"}
    )


def test_the_live_deck_runs_the_cells_before_a_figure_and_shows_the_one_that_draws(course_of):
    course = course_of(("## Next\n\n{figure: a-drawing}\n\n. . .\n\nLater.\n\n{output: a-drawing}", "3 min."),
                       ("## Again\n\n{figure: a-drawing}\n{output: a-drawing 2}", "3 min."))  # fmt: skip
    stored = notebook()
    stored.cells.insert(0, nbformat.v4.new_code_cell("import course_lib", id="setup"))
    nbformat.write(stored, course.notebook("00_bound"))
    live = live_notebook(course, "00_bound")
    nbformat.validate(live)
    kinds = [(each.cell_type, each.metadata.slideshow.slide_type, each.source) for each in live.cells]
    assert kinds[2:7] == [
        ("markdown", "slide", "## Next"), ("code", "skip", "import course_lib"), ("code", "-", ""),
        ("markdown", "fragment", "Later."), ("markdown", "notes", "3 min."),
    ]  # fmt: skip
    assert live.cells[4].outputs
    assert [kind for _, kind, _ in kinds[7:11]] == ["slide", "-", "-", "notes"]
    assert live.cells[8].attachments["figure.png"]["image/png"] == PNG
    assert live.cells[9].source == "```\ntwo\n```"


def test_no_deck_is_written_of_slides_that_break_a_rule(course_of, tmp_path):
    course = course_of(("## Empty", "3 min."))
    nbformat.write(notebook(), course.notebook("00_bound"))
    with pytest.raises(LessonError, match="it is empty"):
        slides.make_deck(course, "00_bound", tmp_path / "out", PARTS, None)
    assert not (tmp_path / "out").exists()


def packages(folder, root):
    """Two small packages in the places of the real ones, and their lock."""
    folder.mkdir(parents=True)
    lock = ""
    for (name, inside), files in (
        (slides.REVEAL, {"dist/reveal.js": "r", "plugin/notes/notes.js": "n", "dist/reveal.css": "c", "LICENSE": "R"}),
        (slides.KATEX, {
            "katex.min.js": "k", "LICENSE": "K", "fonts/A.woff2": "font",
            "katex.min.css": '{src:url(fonts/A.woff2) format("woff2"),url(fonts/A.woff) format("woff"),'
            'url(fonts/A.ttf) format("truetype")}',
        }),
    ):  # fmt: skip
        path = folder / f"{name}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for file, text in files.items():
                archive.writestr(inside + file, text)
        lock += f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"
    (root / slides.LOCK).write_text(lock, "utf-8")


def test_the_fonts_of_the_formulas_are_inside_the_style(tmp_path):
    packages(tmp_path / ".cache" / "slides", tmp_path)
    parts = slides.bundle(tmp_path)
    font = base64.b64encode(b"font").decode()
    assert parts["katex.css"] == f'{{src:url(data:font/woff2;base64,{font}) format("woff2")}}'
    assert [parts[name] for name in ("reveal.js", "notes.js", "reveal.css", "katex.js", "licences")] == [
        *"rnck",
        "R\nK",
    ]


def test_a_package_that_is_not_the_locked_one_is_refused(tmp_path, monkeypatch):
    packages(tmp_path / ".cache" / "slides", tmp_path)
    for path in (tmp_path / ".cache" / "slides").glob("sphinx*.whl"):
        path.write_bytes(path.read_bytes() + b"altered")
    monkeypatch.setattr(slides, "download", lambda root, folder: None)
    with pytest.raises(LessonError, match=r"no `sphinx_revealjs` with the SHA-256 of requirements-slides.lock"):
        slides.bundle(tmp_path)


def test_without_network_the_command_says_what_to_do(tmp_path, monkeypatch):
    answer = slides.subprocess.CompletedProcess([], 1, "", "WARNING: x\nERROR: No matching distribution found")
    asked = []
    monkeypatch.setattr(slides.subprocess, "run", lambda command, **options: asked.append(command) or answer)
    (tmp_path / slides.LOCK).write_text("", "utf-8")
    with pytest.raises(LessonError, match=r"connect to the network .* pip says: ERROR: No matching distribution found"):
        slides.bundle(tmp_path)
    assert "--require-hashes" in asked[0]


def test_without_a_browser_the_deck_is_written_and_the_missing_pdf_is_told(course_of, tmp_path, monkeypatch, capsys):
    course = course_of()
    nbformat.write(notebook(), course.notebook("00_bound"))
    packages(tmp_path / ".cache" / "slides", tmp_path)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert slides.main([], root=tmp_path) == 0
    said = capsys.readouterr().out
    assert "00_bound: 15 slides, 45 minutes" in said
    assert "No PDF was written: there is no Chromium on this machine" in said
    assert [path.name for path in (tmp_path / "dist" / "slides").iterdir()] == ["00_bound.html"]


def test_a_lesson_without_slides_is_named(tmp_path, capsys):
    written(tmp_path, [])
    assert slides.main(["bound"], root=tmp_path) == 1
    assert "00_bound: no slides are written yet" in capsys.readouterr().out


def test_every_lesson_has_its_slides():
    course = lesson_cells.find_course(Path(__file__).resolve().parents[3])
    assert [lesson for lesson in course.lessons if not slides_of(course, lesson)] == []
