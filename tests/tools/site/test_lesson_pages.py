import base64

import nbformat
import pytest

from tools.editions.lesson_sources import Course
from tools.site.lesson_pages import code_part, lesson_page, page_text, solutions_below

PIXEL = base64.b64encode(b"\x89PNG not really").decode()


@pytest.fixture
def course(tmp_path):
    source = tmp_path / "notebooks" / "source"
    source.mkdir(parents=True)
    for lesson, title in {"00_start": "Start", "01_next": "Next: what comes"}.items():
        (source / f"{lesson}.py").write_text(f"# %% [markdown]\n# # {title}\n", "utf-8")
    return Course(tmp_path, "https://github.com/someone/course", "1.2.3")


def code(source, *outputs, tags=()):
    return nbformat.v4.new_code_cell(source, id="here", outputs=list(outputs), metadata={"tags": list(tags)})


def shown(alt, kind="image/png"):
    return nbformat.v4.new_output(
        "display_data", {kind: PIXEL, "text/plain": "<Figure>"}, metadata={kind: {"alt": alt}}
    )


def test_links_to_lessons_and_pictures_lead_to_pages(course):
    text = page_text(course, "[lesson 01](01_next.ipynb#a-place), ![a dog](images/dog.png)")
    assert text == "[lesson 01](/lessons/next.md#a-place), ![a dog](/images/dog.png)"
    text = page_text(course, "see [a walk](../docs/explorables/walk/index.html).")
    assert text == 'see <a href="../explorables/walk/index.html">a walk</a>.'


def test_the_badge_and_the_neighbours_are_left_out(course):
    badge = "[![Open in Colab](https://example.org/badge.svg)](https://example.org/lesson)"
    assert page_text(course, f"# Title\n\nWords.\n\n{badge}") == "# Title\n\nWords."
    assert (
        page_text(course, "The end.\n\n---\nPrevious: [00 · A](00_a.ipynb) · Next: [02 · B](02_b.ipynb)") == "The end."
    )
    assert page_text(course, "One.\n\n---\n\nTwo.") == "One.\n\n---\n\nTwo."


def test_a_formula_in_a_folded_heading_is_marked_for_the_script(course):
    text = page_text(course, "<details><summary>Is $a<b$ for 5 $?</summary>\n\nYes, $a$.\n</details>")
    assert '<summary>Is <span class="math inline">a&lt;b</span> for 5 $?</summary>' in text
    assert "Yes, $a$." in text, "where Markdown is read, the formula stays"


def test_each_figure_of_a_cell_keeps_its_own_text():
    figures = {}
    part = code_part(code("draw()", shown("a dog:\n two `tails`"), shown("a cat")), "animals", figures)
    assert list(figures) == ["animals-here-1.png", "animals-here-2.png"]
    assert figures["animals-here-1.png"] == base64.b64decode(PIXEL)
    assert ":alt: a dog: two `tails`\n" in part
    assert ":alt: a cat\n" in part


def test_a_sound_is_a_file_that_the_page_plays():
    sound = f'<audio controls="controls" >\n<source src="data:audio/wav;base64,{PIXEL}" type="audio/wav" />\n</audio>'
    output = nbformat.v4.new_output("display_data", {"text/html": sound, "text/plain": "<IPython Audio object>"})
    figures = {}
    part = code_part(code("Audio(sound)", output), "vowels", figures)
    assert figures == {"vowels-here-1.wav": base64.b64decode(PIXEL)}
    assert 'src="../sounds/vowels-here-1.wav"' in part
    assert "Audio object" not in part


def test_what_a_cell_prints_is_fenced_whatever_it_holds():
    printed = nbformat.v4.new_output("stream", name="stdout", text="```\n\x1b[31mred\x1b[0m\n")
    part = code_part(code("print()", printed), "x", {})
    assert "````{code-block} text\n:class: output\n\n```\nred\n````" in part


@pytest.mark.parametrize(("tag", "words"), [("proof", "Proof:"), ("identity", "Identity:"), ("exercise", "Exercise:")])
def test_a_cell_says_what_it_is(tag, words):
    part = code_part(code("x = 1", tags=[tag]), "x", {})
    assert f'<div class="cell {tag}"' in part
    assert f'<p class="kind">{words}' in part


def test_an_identity_that_is_also_a_proof_is_called_an_identity():
    assert "Identity" in code_part(code("x = 1", tags=["proof", "identity"]), "x", {})


def test_the_set_up_cell_is_folded_and_its_output_is_not():
    printed = nbformat.v4.new_output("stream", name="stdout", text="ready")
    part = code_part(code("import course_lib", printed, tags=["setup"]), "x", {})
    assert part.index("</details>") < part.index("ready")


def test_solutions_stand_below_the_checks_of_their_exercises():
    code = 'from course_lib.exercises import check\n\ncheck("8.1", exercises.KL, kl)\ncheck("8.2", exercises.GAP, gap)'
    assert solutions_below(code, {"KL": "kl = 1", "GAP": "gap = 2"}) == [("8.1", "kl = 1"), ("8.2", "gap = 2")]
    assert solutions_below(code, {"GAP": "gap = 2"}) == [("8.2", "gap = 2")]
    assert solutions_below("print(1)", {"KL": "kl = 1"}) == []


def test_a_page_has_title_buttons_text_and_folded_solution(course):
    cells = [
        nbformat.v4.new_markdown_cell("# 01 · Next: what comes\n\nA question."),
        code("kl = ...", tags=["exercise"]),
        nbformat.v4.new_code_cell('check("1.1", exercises.KL, kl)'),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), course.notebook("01_next"))
    text = lesson_page(course, "01_next", {"KL": "kl = 1"}).text
    assert text.startswith('# 01 · Next: what comes\n\n<div class="buttons">')
    assert 'href="../notebooks/01_next.ipynb" download' in text
    assert "colab.research.google.com/github/someone/course/blob/v1.2.3/notebooks/01_next.ipynb" in text
    assert "<summary>A solution of exercise 1.1</summary>" in text
    without = Course(course.root, None, "1.2.3")
    assert "colab" not in lesson_page(without, "01_next", {}).text, "without an address there is no badge"
