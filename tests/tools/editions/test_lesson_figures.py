"""Every figure has a text (`tools/editions/lesson_figures.py`)."""

from pathlib import Path

import pytest

from tools.editions import lesson_figures

ROOT = Path(__file__).resolve().parents[3]

LONG = "Two curves against the epoch, of which one falls."


@pytest.mark.parametrize(
    "code",
    [
        f'plotting.show(alt="{LONG}")',
        f'plotting.show(figure, alt="{LONG}")',
        'plotting.show(\n    alt="Two curves against the epoch, "\n    "of which one falls."\n)',
        'plotting.show(alt=f"The digit that is decoded where entry {entry} has the value {value:.1f}.")',
        f'plotting.moving_picture(draw, range(3), alt="{LONG}")',
        f'SamplePictures(make, draw=draw, alt="{LONG}")',
        "SamplePictures(make)",
        "plt.subplots(figsize=(12, 3))",
        "ax.legend(fontsize=8)",
        "x = 1\n%matplotlib inline",
    ],
)
def test_a_figure_with_a_text_that_can_be_read_is_accepted(code):
    assert lesson_figures.figure_problems(code) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("plt.plot([1, 2])\nplt.show()", "`plt.show()` gives a figure no text"),
        ("figure.show()", "`figure.show()` gives a figure no text"),
        ("plotting.show()", '`plotting.show` gets `alt="…"`'),
        ('plotting.show(alt="A figure.")', "of at least 40 characters"),
        ("plotting.show(alt=text)", "a literal text"),
        ('plotting.show(alt=f"{a long name of a variable that is no text}")'.replace(" ", "_"), "a literal text"),
        ("plotting.moving_picture(draw, range(3))", "`plotting.moving_picture` gets"),
        ("SamplePictures(make, draw)", "`SamplePictures` gets"),
        ("plt.subplots(1, 6, figsize=(12.5, 3))", "a figure is 12.5 inches wide, more than 12"),
        ("ax.legend(fontsize=7)", "letters of 7 points are too small"),
    ],
)
def test_a_figure_without_a_text_or_too_small_to_read_is_refused(code, words):
    [problem] = lesson_figures.figure_problems(code)
    assert words in problem


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("x = 1", 0),
        (f'plotting.show(alt="{LONG}")', 0),
        ('plotting.show(\n    alt="one "\n    "two"\n)\nx = 1', 3),
        ('SamplePictures(\n    make,\n    draw=draw,\n    alt="one "\n    "two",\n)', 2),
        ("x = = 1", 0),
    ],
)
def test_the_texts_of_figures_are_no_code_to_read(code, lines):
    assert lesson_figures.lines_of_texts(code) == lines


def test_every_figure_of_the_lessons_has_a_text_of_its_own():
    texts = []
    for source in sorted((ROOT / "notebooks" / "source").glob("*.py")):
        for name, call in lesson_figures.calls_in(source.read_text("utf-8")):
            texts += [value.value for value in call.keywords if value.arg == "alt" and name == "plotting.show"]
    written = [text.value for text in texts if hasattr(text, "value")]
    assert len(written) > 100
    assert len(set(written)) == len(written)
    assert not [text for text in written if not text.endswith(".")]
