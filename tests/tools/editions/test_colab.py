"""The set-up cell of the stored lessons, and what `make test-colab` installs, compares and reports."""

import builtins
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools.editions import colab, lesson_cells

ROOT = Path(__file__).resolve().parents[3]
HERE = SimpleNamespace(python=Path(sys.executable), path=Path(sys.prefix))
git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def lesson(folder, *cells):
    """A notebook whose first cell is tagged as the set-up cell."""
    nodes = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": s, "outputs": [], "execution_count": None}
        for i, s in enumerate(cells)
    ]
    nodes[0]["metadata"] = {"tags": ["setup"]}
    path = folder / "00_lesson.ipynb"
    path.write_text(json.dumps({"cells": nodes, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


# --- the environment ---


def test_both_environments_ask_for_colabs_python_first_and_hold_no_course():
    for environment in (colab.colab_environment(ROOT), colab.newest_environment(ROOT)):
        assert environment.preferred[0] == "3.13"
        assert not environment.course
        assert not environment.running_first
    assert colab.newest_environment(ROOT).lock == "requirements.lock"
    assert colab.newest_environment(ROOT).folder != colab.colab_environment(ROOT).folder


# --- the set-up cell of the stored lessons ---

STORED = sorted((ROOT / "notebooks").glob("*.ipynb"))
WHEEL = "generative_models_course-{}-py3-none-any.whl"
PIP = """\
import os, sys, zipfile
with open(os.environ["HEARD"], "a") as heard:
    print(*sys.argv[1:], sep="|", file=heard)
try:
    zipfile.ZipFile(sys.argv[-1]).extractall(os.environ["SITE"])
except zipfile.BadZipFile:
    sys.exit("ERROR: pip's own words")
"""
LIBRARY = "__version__ = {!r}\n\n\ndef setup(*arguments, **options):\n    return 'ready'\n"


class Machine:
    """A Python without the course, whose pip only notes what it is asked and unpacks; its /content is in a folder."""

    def __init__(self, folder):
        self.folder, self.site = folder, folder / "site"
        self.heard = folder / "heard"
        (self.site / "pip").mkdir(parents=True)
        (self.site / "pip" / "__init__.py").touch()
        (self.site / "pip" / "__main__.py").write_text(PIP)
        (folder / "content").mkdir()

    def put(self, place, version, whole=True):
        """A wheel in a folder."""
        path = self.folder / place / WHEEL.format(version)
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("course_lib/__init__.py", LIBRARY.format(version))
        if not whole:
            path.write_bytes(path.read_bytes()[:40])
        return path

    def run(self, source, folder="content"):
        """Run a set-up cell in a folder."""
        for root in ("/content/", "/kaggle/input/"):
            source = source.replace(f'"{root}"', repr(f"{self.folder}{root}"))
        (self.folder / folder).mkdir(parents=True, exist_ok=True)
        variables = {**os.environ, "PYTHONPATH": str(self.site), "SITE": str(self.site), "HEARD": str(self.heard)}
        return subprocess.run(
            [sys.executable, "-S", "-c", f"{source}\nprint(course_lib.__version__)"],
            cwd=self.folder / folder,
            env=variables,
            capture_output=True,
            text=True,
        )

    def asked_of_pip(self):
        return self.heard.read_text().splitlines() if self.heard.exists() else []


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def set_up_of(path):
    notebook = json.loads(path.read_text("utf-8"))
    [cell] = [cell for cell in notebook["cells"] if "setup" in cell["metadata"].get("tags", [])]
    return notebook["metadata"]["course"]["repository"], "".join(cell["source"])


def without_an_address():
    """The set-up cell that the builder makes for a course that has no address."""
    return lesson_cells.setup_cell(None, "0.1.0", "run = course_lib.setup()")


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem[:2])
def test_the_first_cell_of_every_stored_lesson_says_what_to_do_and_installs_the_library_alone(path, machine):
    address, source = set_up_of(path)
    version = lesson_cells.find_course(ROOT).version
    assert source == lesson_cells.setup_cell(address, version, source.splitlines()[-1]), "call `make notebooks`"
    if address is None:
        assert_one_sentence(machine.run(source), version)
    wheel = machine.put("content", version)
    done = machine.run(source)
    [asked] = machine.asked_of_pip()
    if address is None:
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{version}\n", "")
    assert asked == "|".join(
        ["install", "-qq", "--no-deps", wheel.name if address is None else f"git+{address}@v{version}"]
    )


@pytest.mark.parametrize(
    ("wheels", "folder", "chosen"),
    [
        ({"here": "0.1.0"}, "here", "0.1.0"),
        ({"here/generative-models-course": "0.1.0"}, "here", "0.1.0"),
        ({"here": "0.1.0"}, "here/lessons", "0.1.0"),
        ({"content": "0.1.0"}, "here", "0.1.0"),
        ({"content/generative-models-course": "0.1.0"}, "here", "0.1.0"),
        ({"content/drive/MyDrive": "0.1.0"}, "content", "0.1.0"),
        ({"content/drive/MyDrive/generative-models-course": "0.1.0"}, "content", "0.1.0"),
        ({"content/drive/MyDrive/Colab Notebooks/generative-models-course": "0.1.0"}, "content", "0.1.0"),
        ({"content/drive/Shareddrives/A class/generative-models-course": "0.1.0"}, "content", "0.1.0"),
        ({"kaggle/input/generative-models": "0.1.0"}, "kaggle/working", "0.1.0"),
        ({"kaggle/input/generative-models/generative-models-course": "0.1.0"}, "kaggle/working", "0.1.0"),
        ({"kaggle/input/datasets/someone/generative-models/kit": "0.1.0"}, "kaggle/working", "0.1.0"),
        ({"content/drive/MyDrive/kit": "0.9.0", "content/drive/MyDrive/kit (1)": "0.10.0"}, "content", "0.10.0"),
        ({"content/drive/MyDrive/2027": "0.9.0", "content/drive/MyDrive/2026": "0.10.0"}, "content", "0.10.0"),
        ({"here": "0.1.0", "content/drive/MyDrive/kit": "0.2.0"}, "here", "0.1.0"),
    ],
)
def test_the_wheel_is_found_wherever_a_person_may_have_put_it(machine, wheels, folder, chosen):
    for place, version in wheels.items():
        machine.put(place, version)
    done = machine.run(without_an_address(), folder)
    assert (done.stdout, done.stderr) == (f"{chosen}\n", "")
    [asked] = machine.asked_of_pip()
    assert asked.startswith("install|-qq|--no-deps|")


def test_of_several_wheels_beside_the_notebook_the_newest_is_installed(machine):
    for version in ("0.2.0", "0.10.1", "0.9.9"):
        machine.put("here", version)
    assert machine.run(without_an_address(), "here").stdout == "0.10.1\n"


def test_where_the_library_is_installed_the_wheel_is_left_alone(machine):
    machine.put("content", "0.2.0")
    with zipfile.ZipFile(machine.put("elsewhere", "0.1.0")) as archive:
        archive.extractall(machine.site)
    done = machine.run(without_an_address())
    assert (done.stdout, done.stderr, machine.asked_of_pip()) == ("0.1.0\n", "", [])


@pytest.mark.parametrize(
    "place", [None, "content/drive/MyDrive/too/deep/kit", "kaggle/input/a/b/c/d/e"], ids=["nowhere", "deep", "deeper"]
)
def test_a_lesson_that_is_alone_says_in_one_sentence_what_to_do(machine, place):
    if place:
        machine.put(place, "0.1.0")
    done = machine.run(without_an_address())
    assert machine.asked_of_pip() == []
    assert_one_sentence(done, "0.1.0")


def test_a_wheel_that_is_not_whole_is_refused_with_the_same_sentence_below_the_words_of_pip(machine):
    machine.put("content", "0.1.0", whole=False)
    done = machine.run(without_an_address())
    assert done.stderr.startswith("ERROR: pip's own words\n")
    assert_one_sentence(done, "0.1.0")


def assert_one_sentence(done, version):
    """One traceback, and its message is one sentence, which no word of Colab's own follows."""
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 1
    assert "During handling" not in done.stderr
    name, _, sentence = done.stderr.splitlines()[-1].partition(": ")
    assert not issubclass(getattr(builtins, name), ImportError), (
        "Colab adds advice on missing packages to each of those"
    )
    assert re.fullmatch(r"The library of this course is not installed here: .*[^.]\.", sentence)
    assert ". " not in sentence
    assert f"take {WHEEL.format(version)} out of colab.zip, upload it" in sentence
    assert "run this cell again" in sentence


# --- what `make test-colab` does ---


@git
def test_the_clone_holds_the_last_commit_under_its_release_tag(tmp_path):
    root = tmp_path / "a course"
    (root / "course_lib").mkdir(parents=True)
    (root / "course_lib" / "__init__.py").write_text('__version__ = "7.1"\n')
    for command in (["init", "-q"], ["add", "."]):
        colab.git(root, *command)
    colab.git(root, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "Begin")
    (root / "course_lib" / "__init__.py").write_text('__version__ = "8.0"\n')
    repository = colab.clone(root, tmp_path / "clone")
    assert colab.git(repository, "tag").split() == ["v7.1"]


@git
def test_a_failing_git_command_is_reported(tmp_path):
    with pytest.raises(colab.SetupError, match="git log failed"):
        colab.git(tmp_path, "log")


@pytest.mark.parametrize(
    ("after", "problems"),
    [
        ({"keras": "3.13.2", "generative-models-course": "1"}, []),
        ({"keras": "3.15.0", "generative-models-course": "1"}, ["the set-up cell changed keras: 3.13.2, 3.15.0"]),
        ({"keras": "3.13.2", "generative-models-course": "1", "six": "1"}, ["the set-up cell changed six: None, 1"]),
        ({"generative-models-course": "1"}, ["the set-up cell changed keras: 3.13.2, None"]),
        ({"keras": "3.13.2"}, ["the set-up cell did not install the course"]),
    ],
)
def test_whatever_the_set_up_cell_changed_beside_the_course_is_a_problem(after, problems, monkeypatch):
    seen = iter([{"keras": "3.13.2"}, after])
    monkeypatch.setattr(colab, "packages", lambda environment: next(seen))
    monkeypatch.setattr(colab, "program", lambda *arguments, **options: None)
    monkeypatch.setattr(colab, "run_lesson", lambda *arguments, **options: ([], []))
    found = colab.install_by_the_set_up_cell(HERE, Path("x.ipynb"), "somewhere")
    assert found == [f"somewhere: {problem}" for problem in problems]


def an_error(words, *lines):
    return {"output_type": "error", "ename": "FileNotFoundError", "evalue": words, "traceback": [*lines, words]}


@pytest.mark.parametrize(
    ("problems", "said", "good"),
    [
        (["stopped"], [an_error("Take the wheel, upload it and run this cell again.")], True),
        (["stopped"], [an_error("Take the wheel. Then upload it.")], False),
        (["stopped"], [an_error("No module named 'course_lib'")], False),
        (["stopped"], [an_error("Take the wheel, upload it.", "During handling of the above exception, …")], False),
        ([], [], False),
    ],
)
def test_a_lesson_that_is_alone_must_stop_with_one_sentence(problems, said, good, monkeypatch):
    monkeypatch.setattr(colab, "program", lambda *arguments, **options: None)
    monkeypatch.setattr(colab, "run_lesson", lambda *arguments, **options: (problems, said))
    assert (colab.set_up_alone(HERE, Path("x.ipynb")) == []) == good


def test_content_is_made_where_there_is_none_and_removed_afterwards(tmp_path, monkeypatch):
    monkeypatch.setattr(colab, "CONTENT", tmp_path / "content")
    with colab.content_folder(tmp_path / "spare") as content:
        assert content == tmp_path / "content"
        assert content.is_dir()
    assert not content.exists()


def test_content_that_belongs_to_somebody_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(colab, "CONTENT", tmp_path / "content")
    (tmp_path / "spare").mkdir()
    with (
        colab.content_folder(tmp_path / "spare") as first,
        colab.content_folder(tmp_path / "spare") as second,  # two of these commands at the same time
    ):
        assert (first, second) == (tmp_path / "content", tmp_path / "spare" / "content")
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "mine.txt").touch()
    with colab.content_folder(tmp_path / "spare") as third:
        assert third == tmp_path / "spare" / "content"
    assert (tmp_path / "content" / "mine.txt").exists()


@pytest.mark.skipif(os.name != "posix", reason="asks whether a process still runs")
def test_content_of_a_run_that_was_killed_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(colab, "CONTENT", tmp_path / "content")
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    (tmp_path / "content" / "drive").mkdir(parents=True)
    (tmp_path / "content" / colab.MARK).write_text(str(ended.pid))
    with colab.content_folder(tmp_path / "spare") as content:
        assert [path.name for path in content.iterdir()] == [colab.MARK]


def test_a_lesson_and_the_wheel_are_put_where_a_person_puts_them(tmp_path, monkeypatch):
    kit, content = tmp_path / "kit", tmp_path / "content"
    kit.mkdir()
    content.mkdir()
    first = lesson(kit, 'places = ["/content/"]')
    (kit / WHEEL.format("0.1.0")).touch()
    for place in (*colab.PLACES, colab.Place("alone", "alone", None)):
        path = colab.laid_out(first, content, place)
        assert path == content / place.notebook / "00_lesson.ipynb"
        assert repr(f"{content}/")[1:-1] in path.read_text(), "the folder that stands for /content"
        wheels = [wheel.parent for wheel in content.rglob("*.whl")]
        assert wheels == ([] if place.wheel is None else [(content / place.wheel)])
    monkeypatch.setattr(colab, "CONTENT", content)
    assert "/content/" in colab.laid_out(first, content, colab.PLACES[0]).read_text().replace(str(content), "")


def test_the_installed_packages_are_listed():
    assert {"numpy", "keras", "pytest"} <= set(colab.packages(HERE))


@pytest.mark.exhaustive
def test_a_lesson_that_fails_is_reported_with_its_error_and_what_its_set_up_said(tmp_path, capfd):
    path = lesson(tmp_path, "course_lib = __import__('json')\nprint('started')", "raise ValueError('planted')")
    [problem], said = colab.run_lesson(HERE, path)
    assert "planted" in problem
    assert colab.spoken(said) == "started"
    [problem], _ = colab.run_lesson(HERE, path, "--set-up-only")
    assert "site-packages" in problem, "json does not lie in site-packages"
    path = lesson(tmp_path, "import nbformat as course_lib", "raise ValueError('planted')")
    assert colab.run_lesson(HERE, path, "--set-up-only") == ([], [])
    assert "00_lesson: ok" in capfd.readouterr().out


def test_a_program_that_fails_is_an_error_unless_it_may():
    with pytest.raises(colab.SetupError, match="planted"):
        colab.program(HERE, "raise SystemExit('planted')")
    assert colab.program(HERE, "raise SystemExit(3)", check=False).returncode == 3
    assert isinstance(colab.program(HERE, "pass"), subprocess.CompletedProcess)
