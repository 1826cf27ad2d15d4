"""tools/editions/colab_kit.py: what is in dist/colab.zip, on a course of two lessons."""

import io
import zipfile
from pathlib import Path

import nbformat
import pytest

from tools.editions import build_notebooks, colab_kit, lesson_cells

ROOT = Path(__file__).resolve().parents[3]

LESSON = """\
# ---
# jupyter:
#   course:
#     gpu: {gpu}
# ---

# %% [markdown]
# # {title}
#
# One question. {{times}} See
# [the other]({{file: next}}#half), `[code]({{file: start}})` and [a picture](images/x.png).

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# What comes out? **Predict.**

# %%
print("spoiled")

# %% [markdown]
# In this lesson you have seen.
"""
WHEEL = "generative_models_course-0.3.0-py3-none-any.whl"
FILES = ["00_start.ipynb", "01_next.ipynb", "README.txt", WHEEL]


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A small course whose notebooks are stored with outputs; its wheel needs no building."""
    folder = tmp_path / "a course"
    (folder / "notebooks" / "source").mkdir(parents=True)
    (folder / "notebooks" / "images").mkdir()
    (folder / "notebooks" / "images" / "x.png").touch()
    (folder / "course_lib").mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "tiny"\n')
    (folder / "course_lib" / "__init__.py").write_text('__version__ = "0.3.0"\n')
    for name, title, gpu in (("00_start", "Start", "false"), ("01_next", "Next", "true")):
        source = LESSON.format(title=title, gpu=gpu)
        (folder / "notebooks" / "source" / f"{name}.py").write_text(source, encoding="utf-8")
    store(folder, None)
    monkeypatch.setattr(colab_kit, "built_wheel", lambda course: b"a wheel")
    return folder


def store(root, address):
    """Write the notebooks of a course with that address as if a kernel had run them."""
    course = lesson_cells.Course(root, address, "0.3.0")
    for lesson in course.lessons:
        notebook = lesson_cells.make_notebook(course, lesson)
        for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
            cell.execution_count = count
            cell.outputs = [nbformat.v4.new_output("stream", text="spoiled\n")]
        build_notebooks.write_notebook(notebook, course.notebook(lesson))


def kit_of(root):
    """Make the kit: file → bytes."""
    assert colab_kit.main([], root) == 0
    with zipfile.ZipFile(root / "dist" / "colab.zip") as archive:
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(2020, 2, 2, 0, 0, 0)}, "not when it was made"
        return {name.removeprefix(f"{colab_kit.FOLDER}/"): archive.read(name) for name in archive.namelist()}


def test_the_kit_holds_the_lessons_the_library_and_a_page_in_one_folder(root, capsys):
    files = kit_of(root)
    assert sorted(files) == FILES
    assert files[WHEEL] == b"a wheel"
    said = capsys.readouterr().out
    assert "2 lessons without outputs" in said
    assert "Google Drive" in said
    assert "unfinished" not in " ".join(path.name for path in (root / "dist").iterdir())


def test_the_lessons_of_the_kit_are_the_stored_ones_without_outputs(root):
    files = kit_of(root)
    for name in FILES[:2]:
        stored, handed_out = nbformat.read(root / "notebooks" / name, 4), nbformat.reads(files[name].decode(), 4)
        nbformat.validate(handed_out)
        assert handed_out.metadata == stored.metadata
        titles = [colab_kit.TITLE if "setup" in cell.metadata.get("tags", ()) else "" for cell in stored.cells]
        told = [title + cell.source for title, cell in zip(titles, stored.cells, strict=True)]
        assert [cell.source for cell in handed_out.cells] == told
        assert [bool(title) for title in titles] == ["cellView" in cell.metadata for cell in handed_out.cells]
        assert any(titles)
        assert [cell.id for cell in handed_out.cells] == [cell.id for cell in stored.cells]
        for cell in handed_out.cells:
            assert not cell.get("outputs")
            assert not cell.get("execution_count")
    assert "accelerator" in nbformat.reads(files["01_next.ipynb"].decode(), 4).metadata


def test_with_a_github_address_links_lead_to_the_other_lessons_in_colab(root, monkeypatch):
    address = "https://github.com/someone/course"
    store(root, address)
    (root / "pyproject.toml").write_text(f'[project]\nname = "tiny"\nurls = {{ Repository = "{address}" }}\n')
    files = kit_of(root)
    cells = nbformat.reads(files["00_start.ipynb"].decode(), 4).cells
    other = "https://colab.research.google.com/github/someone/course/blob/v0.3.0/notebooks/01_next.ipynb"
    assert f"[the other]({other}#half)" in cells[0].source
    assert "[a picture](images/x.png)" in cells[0].source
    assert f"Next: [01 · Next]({other})" in cells[-1].source
    assert f"has an address, {address}:" in files["README.txt"].decode()
    assert "git+https" in cells[1].source


def test_the_page_names_the_files_and_the_lessons_that_ask_for_a_gpu(root):
    page = kit_of(root)["README.txt"].decode()
    for words in ("00_start.ipynb … 01_next.ipynb", WHEEL, "Lessons 01 ask Colab for one", "version 0.3.0"):
        assert words in page
    assert "has an address" not in page
    assert "{" not in page
    assert max(map(len, page.splitlines())) <= 84


def test_the_page_lists_the_places_where_the_set_up_cell_looks(root):
    page, cell = kit_of(root)["README.txt"].decode(), lesson_cells.setup_cell(None, "0.3.0", "run = course_lib.setup()")
    for place in ("/content", "/kaggle/input"):
        assert place in cell
        assert place in page
    assert "range(5)" in cell
    assert page.count("four folders deep") == 2


def test_the_same_course_gives_the_same_bytes(root):
    kit_of(root)
    first = (root / "dist" / "colab.zip").read_bytes()
    (root / "dist" / "colab.zip").unlink()
    for path in (root / "notebooks").glob("*.ipynb"):
        path.touch()
    kit_of(root)
    assert (root / "dist" / "colab.zip").read_bytes() == first


def test_a_stale_lesson_is_not_handed_out(root, capsys):
    kit_of(root)
    before = (root / "dist" / "colab.zip").read_bytes()
    source = root / "notebooks" / "source" / "01_next.py"
    source.write_text(source.read_text("utf-8").replace("One question.", "Another."), encoding="utf-8")
    assert colab_kit.main([], root) == 1
    said = capsys.readouterr().out
    assert "01_next is not what its source says" in said
    assert "make notebooks" in said
    assert (root / "dist" / "colab.zip").read_bytes() == before


def test_an_interruption_leaves_the_old_kit_and_nothing_half_written(root, monkeypatch):
    kit_of(root)
    before = (root / "dist" / "colab.zip").read_bytes()

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        colab_kit.main([], root)
    assert [path.name for path in (root / "dist").iterdir()] == ["colab.zip"]
    assert (root / "dist" / "colab.zip").read_bytes() == before


def test_a_wheel_that_cannot_be_built_is_said_in_words(root, monkeypatch, capsys):
    monkeypatch.undo()
    assert colab_kit.main([], root) == 1
    assert "the wheel could not be built: " in capsys.readouterr().out
    assert not (root / "dist").exists()


def test_the_wheel_has_the_name_that_the_set_up_cell_looks_for_and_the_data():
    course = lesson_cells.find_course(ROOT)
    first, second = (colab_kit.built_wheel(course) for _ in range(2))
    assert first == second, "the same course, the same bytes"
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    assert {"course_lib/__init__.py", "course_lib/data/glyphs.npz"} <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "tools/"))]
