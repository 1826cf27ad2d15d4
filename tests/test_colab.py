"""tools/colab.py: what `make test-colab` installs, compares and reports."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import colab

ROOT = Path(__file__).resolve().parents[1]
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


def test_the_lock_pins_what_colab_had():
    pins = dict(
        line.split("==") for line in (ROOT / "requirements-colab.lock").read_text().splitlines() if "==" in line
    )
    assert pins["tensorflow"] == "2.20.0"
    assert pins["keras"] == "3.13.2"
    for name, version in {"numpy": "2.1", "matplotlib": "3.10", "scikit-learn": "1.6", "ipywidgets": "7.7"}.items():
        assert pins[name].startswith(version + ".")
    assert not [name for name in pins if "generative-models" in name]


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
        ({"keras": "3.13.2", "jax": "1"}, ["the set-up cell changed jax: None, 1"]),
        ({}, ["the set-up cell changed keras: 3.13.2, None"]),
    ],
)
def test_whatever_the_set_up_cell_changed_beside_the_course_is_a_problem(after, problems, monkeypatch):
    seen = iter([{"keras": "3.13.2"}, after])
    monkeypatch.setattr(colab, "packages", lambda environment: next(seen))
    monkeypatch.setattr(colab, "program", lambda *arguments, **options: None)
    monkeypatch.setattr(colab, "run_lesson", lambda *arguments: [])
    assert colab.install_by_the_set_up_cell(HERE, Path("x.ipynb")) == problems


def test_the_installed_packages_are_listed():
    assert {"numpy", "keras", "pytest"} <= set(colab.packages(HERE))


@pytest.mark.slow
def test_a_lesson_that_fails_is_reported_with_its_error(tmp_path, capfd):
    path = lesson(tmp_path, "course_lib = __import__('json')", "raise ValueError('planted')")
    assert "planted" in colab.run_lesson(HERE, path)[0]
    assert "site-packages" in colab.run_lesson(HERE, path, "--set-up-only")[0], "json does not lie in site-packages"
    path = lesson(tmp_path, "import nbformat as course_lib", "raise ValueError('planted')")
    assert colab.run_lesson(HERE, path, "--set-up-only") == []
    assert "00_lesson: ok" in capfd.readouterr().out


def test_a_program_that_fails_is_an_error_unless_it_may():
    with pytest.raises(colab.SetupError, match="planted"):
        colab.program(HERE, "raise SystemExit('planted')")
    assert colab.program(HERE, "raise SystemExit(3)", check=False).returncode == 3
    assert isinstance(colab.program(HERE, "pass"), subprocess.CompletedProcess)
