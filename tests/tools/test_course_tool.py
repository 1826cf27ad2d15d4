"""tools/course.py and what it stands on: finding Python, making the environment once, saying how a test run went."""

import ast
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tools import course
from tools.environment import find_python, report
from tools.environment import virtual_environment as environments
from tools.environment.find_python import Python, SetupError

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
BEFORE_SET_UP = (
    "course",
    "editions/colab",
    "editions/verdicts",
    "editions/workbook",
    "environment/durations",
    "environment/find_python",
)
BEFORE_SET_UP += ("environment/report", "environment/virtual_environment", "environment/warm_kernels")
GOOD = {
    "version": [3, 12, 1],
    "implementation": "CPython",
    "bits": 64,
    "system": "linux",
    "machine": "x86_64",
    "build": "linux-x86_64",
    "musl": False,
    "free_threaded": False,
    "lacks": [],
    "executable": "/opt/python3.12",
}
scripts = pytest.mark.skipif(os.name == "nt", reason="the fake Pythons are shell scripts")


def fake_python(path, facts=None, complaint=""):
    """A program that answers the probe with these facts, or fails with a complaint as a shim does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if facts is None:
        path.write_text(f"#!/bin/sh\necho '{complaint}' >&2\nexit 127\n")
    else:
        path.write_text(f"#!/bin/sh\necho '{json.dumps(dict(GOOD, **facts))}'\n")
    path.chmod(0o755)
    return str(path)


# --- finding a Python


def test_the_python_that_runs_this_fits():
    assert find_python.examine((sys.executable,)).problem == ""


@scripts
def test_a_shim_that_fails_is_passed_over(tmp_path):
    shim = fake_python(tmp_path / "my shims" / "python3.12", complaint="pyenv: python3.12: command not found")
    real = fake_python(tmp_path / "my versions" / "python", {"executable": "real"})
    found = find_python.find_python([(shim,), (str(tmp_path / "nothing here"),), (real,)])
    assert (found.executable, found.version) == ("real", (3, 12, 1))


@scripts
def test_without_a_fitting_python_the_error_names_what_was_found_and_what_to_do(tmp_path):
    shim = fake_python(tmp_path / "python3.12", complaint="pyenv: python3.12: command not found")
    newest = fake_python(tmp_path / "python3", {"version": [3, 14, 0]})
    old = fake_python(tmp_path / "python", {"version": [2, 7, 18]})
    with pytest.raises(SetupError) as caught:
        find_python.find_python([(shim,), (newest,), (old,)])
    message = str(caught.value)
    assert "does not run (pyenv: python3.12: command not found)" in message
    assert f"{newest} is 3.14.0: 3.14 has no TensorFlow wheel" in message
    assert f"{old} is 2.7.18: too old" in message
    assert "Install one" in message
    assert "PYTHON=" in message


def test_a_machine_without_any_python_says_so():
    with pytest.raises(SetupError, match=r"Found: none\."):
        find_python.find_python([])


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"version": [3, 10, 13]}, "too old"),
        ({"version": [3, 14, 0]}, "3.14 has no TensorFlow wheel"),
        ({"bits": 32}, "32-bit"),
        ({"musl": True}, "musl"),
        ({"system": "darwin"}, "Intel Mac"),
        ({"build": "win-arm64", "system": "win32"}, "Windows on ARM"),
        ({"free_threaded": True, "version": [3, 13, 0]}, "free-threaded"),
        ({"implementation": "PyPy"}, "PyPy instead of CPython"),
        ({"lacks": ["ensurepip"]}, "sudo apt install python3.12-venv"),
        ({"lacks": ["ssl", "ctypes"]}, "ssl and ctypes"),
    ],
)
def test_each_unsupported_python_has_its_own_reason(facts, words):
    assert words in find_python.problem_with(dict(GOOD, **facts))


@pytest.mark.parametrize(
    "facts", [{}, {"version": [3, 11, 0]}, {"version": [3, 13, 9]}, {"system": "darwin", "machine": "arm64"}]
)
def test_supported_pythons_have_no_problem(facts):
    assert find_python.problem_with(dict(GOOD, **facts)) == ""


def test_a_named_python_is_the_only_candidate(tmp_path, monkeypatch):
    named = tmp_path / "my python"
    named.touch()
    monkeypatch.setenv("PYTHON", str(named))
    assert list(find_python.candidate_commands()) == [(str(named),)]
    monkeypatch.setenv("PYTHON", "py -3.12")
    assert list(find_python.candidate_commands()) == [("py", "-3.12")]


@scripts
def test_candidates_come_from_all_of_path_and_from_pyenv_each_once(tmp_path, monkeypatch):
    shim = fake_python(tmp_path / "shims" / "python3.12", complaint="not active")
    second = fake_python(tmp_path / "bin" / "python3.12", {})
    hidden = fake_python(tmp_path / "pyenv" / "versions" / "3.12.1" / "bin" / "python", {})
    monkeypatch.delenv("PYTHON", raising=False)
    monkeypatch.setenv("PATH", os.pathsep.join(str(tmp_path / name) for name in ("shims", "bin", "bin", "absent")))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    commands = list(find_python.candidate_commands())
    running = (sys._base_executable,)
    assert commands[:4] == [running, (shim,), (second,), (hidden,)]
    assert len(commands) == len(set(commands))
    later = list(find_python.candidate_commands(running_first=False))
    assert later.index((hidden,)) < later.index(running)


# --- making the environment


class Installer:
    """Stands for venv and pip: makes the files that they would make, and remembers what it was asked."""

    def __init__(self, environment):
        self.environment = environment
        self.asked = []
        self.commands = []
        self.stamps = []
        self.failure = None

    def __call__(self, environment, command, new_log=False):
        self.asked.append("venv" if "venv" in command else command[-1])
        self.commands.append(command)
        self.stamps.append(environments.read_stamp(environment).get("state"))
        if "venv" in command:
            environment.python.parent.mkdir(parents=True, exist_ok=True)
            environment.python.touch()
        elif self.failure:
            raise self.failure


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A course in a folder with a space in its name, where nothing is installed and every Python is a good 3.12."""
    root = tmp_path / "my course"
    root.mkdir()
    (root / "requirements.lock").write_text("keras==3.15.1\n")
    (root / "pyproject.toml").write_text("[project]\n")
    environment = environments.course_environment(root)
    installer = Installer(environment)
    monkeypatch.delenv("PYTHON", raising=False)
    monkeypatch.setattr(environments, "run_logged", installer)
    monkeypatch.setattr(environments, "compile_bytecode", lambda environment: None)
    monkeypatch.setattr(environments, "NEEDED_GIB", 0)
    monkeypatch.setattr(environments, "examine", good_if_it_exists)
    monkeypatch.setattr(
        environments, "find_python", lambda candidates: Python(("python3.12",), "", (3, 12, 1), "python")
    )
    return installer


def good_if_it_exists(command):
    return Python(command, "" if Path(command[0]).exists() else "does not start", (3, 12, 1), command[0])


def prepare(house):
    """What one call asked of venv and pip."""
    house.asked.clear()
    environments.prepare(house.environment, say=lambda words: None)
    return house.asked


EVERYTHING = ["venv", "requirements.lock", "."]


def test_the_first_call_installs_and_the_second_asks_nothing(house):
    assert prepare(house) == EVERYTHING
    assert prepare(house) == []


def test_learners_get_exactly_the_hashed_lock_and_then_the_course_alone(house):
    prepare(house)
    _, packages, course_itself = house.commands
    assert packages[-3:] == ["--require-hashes", "-r", "requirements.lock"]
    assert course_itself[-4:] == ["--no-deps", "--no-build-isolation", "-e", "."]


def test_the_stamp_of_completion_is_written_last(house):
    prepare(house)
    assert house.stamps == ["unfinished"] * 3
    assert environments.read_stamp(house.environment)["state"] == "complete"


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SetupError("no network"), OSError(28, "disk full")])
def test_a_broken_set_up_is_done_again_from_the_start(house, end):
    house.failure = end
    with pytest.raises(type(end)):
        prepare(house)
    assert not environments.is_ready(house.environment)
    rest = house.environment.path / "half a package"
    rest.touch()
    house.failure = None
    assert prepare(house) == EVERYTHING
    assert not rest.exists()


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_new_requirements_are_installed_into_the_environment_as_it_is(house, name):
    prepare(house)
    (house.environment.root / name).write_text("changed\n")
    assert prepare(house) == EVERYTHING[1:]
    assert prepare(house) == []


def test_an_update_without_network_keeps_the_old_environment_for_the_next_try(house):
    prepare(house)
    (house.environment.root / "requirements.lock").write_text("changed\n")
    house.failure = SetupError("no network")
    with pytest.raises(SetupError):
        prepare(house)
    assert not environments.is_ready(house.environment)
    house.failure = None
    assert prepare(house) == EVERYTHING[1:]


def test_line_endings_do_not_renew_the_environment(house):
    prepare(house)
    (house.environment.root / "requirements.lock").write_bytes(b"keras==3.15.1\r\n")
    assert prepare(house) == []


def test_a_moved_folder_gets_a_new_environment(house):
    prepare(house)
    moved = house.environment.root.rename(house.environment.root.with_name("elsewhere"))
    house.environment = environments.course_environment(moved)
    assert prepare(house) == EVERYTHING


def test_an_environment_whose_python_was_removed_is_made_anew(house):
    prepare(house)
    house.environment.python.unlink()
    assert prepare(house) == EVERYTHING


def test_an_environment_of_the_learners_own_is_filled_and_an_unusable_one_is_left_alone(house):
    own = house.environment.path / "something of mine"
    own.parent.mkdir()
    own.touch()
    with pytest.raises(SetupError, match="was not made by this course"):
        prepare(house)
    house.environment.python.parent.mkdir()
    house.environment.python.touch()
    assert prepare(house) == EVERYTHING[1:]
    assert own.exists()


def test_another_named_python_renews_the_environment(house, monkeypatch):
    prepare(house)
    versions = {"my-python3.12": (3, 12, 9), "my-python3.13": (3, 13, 0)}
    monkeypatch.setattr(
        environments, "examine", lambda command: Python(command, "", versions.get(command[0], (3, 12, 1)), command[0])
    )
    monkeypatch.setenv("PYTHON", "my-python3.12")
    assert prepare(house) == []
    monkeypatch.setenv("PYTHON", "my-python3.13")
    assert prepare(house) == EVERYTHING


def test_two_set_ups_at_once_install_once(house, monkeypatch):
    installing = threading.Lock()

    def slow_installer(*arguments, **options):
        assert installing.acquire(blocking=False), "two installers run at once"
        time.sleep(0.05)
        house(*arguments, **options)
        installing.release()

    monkeypatch.setattr(environments, "run_logged", slow_installer)
    said = []
    calls = [threading.Thread(target=environments.prepare, args=(house.environment, said.append)) for _ in range(3)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert house.asked == EVERYTHING
    assert any("Another set-up is running" in words for words in said)


def test_too_little_disk_is_said_before_anything_is_made(house, monkeypatch):
    monkeypatch.setattr(environments, "NEEDED_GIB", 1e9)
    with pytest.raises(SetupError, match="make room"):
        prepare(house)
    assert not house.environment.path.exists()


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "network cannot"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "was refused"),
        ("something unheard of", "Calling again starts it afresh"),
    ],
)
def test_a_failed_installer_is_explained_with_its_last_lines(tmp_path, output, sentence):
    environment = environments.course_environment(tmp_path)
    command = [sys.executable, "-c", f"print('first'); print({output!r}); raise SystemExit(1)"]
    with pytest.raises(SetupError) as caught:
        environments.run_logged(environment, command)
    assert sentence in str(caught.value)
    assert f"  | {output}" in str(caught.value)
    assert environment.log.read_text(encoding="utf-8").splitlines()[:2] == ["first", output]


def test_variables_that_bend_an_environment_do_not_reach_it(tmp_path, monkeypatch):
    for name in ("PYTHONPATH", "PYTHONHOME", "PIP_USER"):
        monkeypatch.setenv(name, "1")
    environment = environments.course_environment(tmp_path)
    variables = environments.clean_variables(environment)
    assert not {"PYTHONPATH", "PYTHONHOME", "PIP_USER"} & set(variables)
    assert variables["PATH"].startswith(str(environment.python.parent))


# --- the command line, in a folder with a space in its name


@pytest.fixture
def checkout(tmp_path):
    """A copy of the tools beside two lessons, with an environment that is stamped as complete."""
    root = tmp_path / "my course"
    shutil.copytree(TOOLS, root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    (root / "notebooks").mkdir()
    (root / "notebooks" / "00_start_here.ipynb").write_text('{"cells": []}')
    environment = environments.course_environment(root)
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    environments.write_stamp(environment, state="complete", python=[3, 12, 1], **environments.fingerprint(environment))
    return root


def call(checkout, *words, program=(sys.executable, "tools/course.py"), **variables):
    return subprocess.run(
        [*program, *words],
        cwd=checkout,
        env={**{name: value for name, value in os.environ.items() if name != "PYTHON"}, **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_a_second_call_copies_the_lessons_and_installs_nothing(checkout):
    made = everything_in(checkout / ".venv")
    for _ in range(2):
        run = call(checkout, "course", "--no-launch")
        assert run.returncode == 0, run.stderr
        assert "Installing" not in run.stdout + run.stderr
    assert everything_in(checkout / ".venv") == made
    assert json.loads((checkout / "workbook" / "00_start_here.ipynb").read_text()) == {"cells": []}


def everything_in(folder):
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_works_from_a_path_with_spaces(checkout):
    run = call(checkout, "course", "ARGS=--no-launch", program=("make",))
    assert run.returncode == 0, run.stderr
    assert (checkout / "workbook" / "00_start_here.ipynb").exists()
    assert "make course" in call(checkout, program=("make",)).stdout


@scripts
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_without_any_python_says_what_to_install(checkout, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").symlink_to(shutil.which("sh"))
    run = call(checkout, "course", program=(shutil.which("make"),), PATH=str(tmp_path / "bin"))
    assert run.returncode == 2
    assert "Install Python 3.12" in run.stderr


@scripts
def test_a_python_that_does_not_fit_ends_with_a_sentence_and_changes_nothing(checkout):
    named = fake_python(checkout / "python3.14", {"version": [3, 14, 0]})
    run = call(checkout, "course", "--no-launch", PYTHON=named)
    assert run.returncode == 2
    assert "3.14 has no TensorFlow wheel" in run.stderr
    assert "Traceback" not in run.stderr
    assert environments.course_environment(checkout).python.exists()


def test_the_first_lesson_is_opened_by_its_name_whatever_its_number(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "03_start_here.ipynb").write_text('{"cells": []}')
    commands = []
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "prepare", lambda environment: None)
    monkeypatch.setattr(course, "run_until_stopped", lambda command, environment: commands.append(command) or 0)
    assert course.main(["course"]) == 0
    assert "--LabApp.default_url=/lab/tree/03_start_here.ipynb" in commands[0]


def test_a_checkout_without_its_first_lesson_says_so(checkout):
    (checkout / "notebooks" / "00_start_here.ipynb").unlink()
    run = call(checkout, "course", "--no-launch")
    assert run.returncode == 2
    assert "the checkout is not complete" in run.stderr


def test_progress_counts_what_stands_in_saved_lessons_and_renews_the_page(tmp_path, monkeypatch):
    commands = []
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "prepare", lambda environment: None)
    monkeypatch.setattr(course, "run", lambda command, variables: commands.append(command) or 0)
    (tmp_path / "workbook").mkdir()
    output = {"output_type": "stream", "name": "stdout", "text": "Exercise 3.1: right\n"}
    check = {"cell_type": "code", "source": 'check("3.1", exercises.KL, kl)', "outputs": [output]}
    (tmp_path / "workbook" / "03_the_elbo.ipynb").write_text(json.dumps({"cells": [check]}))
    (tmp_path / "workbook" / "04_broken.ipynb").write_text("{")
    assert course.main(["progress"]) == 0
    assert json.loads((tmp_path / "workbook" / ".progress.json").read_text()) == {"the_elbo.KL": "right"}
    assert commands[0][1:] == ["-m", "tools.editions.show_progress", str(tmp_path / "workbook")]


def test_clean_leaves_the_workbook(checkout):
    call(checkout, "course", "--no-launch")
    assert call(checkout, "clean").returncode == 0
    assert not (checkout / ".venv").exists()
    assert (checkout / "workbook" / "00_start_here.ipynb").exists()


@pytest.mark.parametrize("words", [["lock", "--environment-only"], ["notebooks", "01_autoencoders", "--force"]])
def test_options_for_other_tools_are_passed_on(words, monkeypatch):
    commands = []
    monkeypatch.setattr(course, "prepare", lambda environment: None)
    monkeypatch.setattr(course, "run", lambda command, variables: commands.append(command) or 0)
    assert course.main(words) == 0
    assert commands[0][3:] == words[1:]


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["--tested"], ["-m", "tests.mutants.plant", "--tested"]),
        (["lessons", "--new", "05"], ["-m", "tests.mutants.plant_in_lessons", "--new", "05"]),
    ],
)
def test_bugs_for_lessons_are_planted_by_a_program_of_their_own(words, command, monkeypatch):
    commands = []
    monkeypatch.setattr(course, "prepare", lambda environment: None)
    monkeypatch.setattr(course, "run", lambda command, variables: commands.append(command) or 0)
    assert course.main(["mutants", *words]) == 0
    assert commands[0][1:] == command


def test_the_site_is_written_by_the_courses_environment_and_made_by_sphinxs(monkeypatch):
    commands, prepared = [], []
    monkeypatch.setattr(course, "prepare", lambda environment: prepared.append(environment.folder))
    monkeypatch.setattr(course, "run", lambda command, variables: commands.append(command) or 0)
    assert course.main(["site"]) == 0
    assert prepared == [".venv", ".venv-site"]
    python = str(environments.site_environment(ROOT).python)
    assert commands[0][1:] == ["-m", "tools.site.build", "--sphinx", python]


def test_a_mistyped_option_is_refused(capsys):
    with pytest.raises(SystemExit):
        course.main(["course", "--prot", "8890"])
    assert "unknown: --prot 8890" in capsys.readouterr().err


def test_every_command_has_a_make_target_and_every_make_command_of_the_readme_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [targets] = re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    commands = set(course.parser()._subparsers._group_actions[0].choices)
    assert commands <= set(targets.split())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^ +)make\s([a-z-]+)", readme, flags=re.MULTILINE))
    assert {"course", "test"} <= named <= set(targets.split())


@pytest.mark.parametrize("name", BEFORE_SET_UP)
def test_what_runs_before_the_set_up_needs_python_3_8_and_nothing_else(name):
    tree = ast.parse((TOOLS / f"{name}.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    rooms = {f"tools.{room}" for room in ("editions", "environment")}  # from which whole modules are imported
    known = rooms | {f"tools.{module.replace('/', '.')}" for module in BEFORE_SET_UP}
    assert {module for module in imported if module.split(".")[0] not in sys.stdlib_module_names} <= known
    names = {
        node.module: {alias.name for alias in node.names} for node in ast.walk(tree) if type(node) is ast.ImportFrom
    }
    assert {f"{room}.{module}" for room in rooms for module in names.get(room, ())} <= known


@pytest.mark.parametrize(
    ("variables", "system", "answer"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "10.0.0.1 22"}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_TTY": "/dev/ttys1"}, "darwin", False),
        ({}, "win32", True),
    ],
)
def test_a_browser_opens_only_where_the_learner_sits(variables, system, answer):
    assert course.has_display(variables, system) is answer


def test_backend_tests_run_only_files_that_carry_the_mark(tmp_path, monkeypatch):
    (tmp_path / "tests").mkdir()
    mark = "mark." + "backend"  # in two pieces, or this file would be chosen too
    (tmp_path / "tests" / "test_vae.py").write_text(f"@pytest.{mark}\ndef test(): ...")
    (tmp_path / "tests" / "test_builder.py").write_text("import jupytext")
    monkeypatch.setattr(course, "ROOT", tmp_path)
    assert course.files_with_backend_tests() == [str(Path("tests/test_vae.py"))]


@pytest.mark.parametrize(("library_good", "lessons_code", "expected"), [(True, 0, 0), (True, 1, 1), (False, 0, 1)])
def test_the_solved_test_is_good_only_if_library_and_lessons_are(monkeypatch, library_good, lessons_code, expected):
    asked = []
    case = report.Case("tests", "a", "passed" if library_good else "failed", 0.1)
    monkeypatch.setattr(course, "prepare", lambda environment: None)
    part = report.Part("library", not library_good, 1.0, [case])
    monkeypatch.setattr(course, "run_pytest", lambda *words, **options: part)
    monkeypatch.setattr(
        course, "build_notebooks", lambda environment, *words, **variables: asked.append(words) or lessons_code
    )
    assert course.main(["test", "--solved"]) == expected
    assert asked[0][0] == "--solutions"
    assert "--at-once" in asked[0]


def asked_of_pytest(monkeypatch, words, cores=4):
    """The pytest commands of a command of the course, each with the variables that are set for it."""
    asked = []
    monkeypatch.setattr(course.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(course, "prepare", lambda environment: None)
    monkeypatch.setattr(course, "build_notebooks", lambda environment, *words, **variables: 0)
    monkeypatch.setattr(course.warm_kernels, "of", lambda *_: contextlib.nullcontext((["--of-warm-kernels"], {})))
    monkeypatch.setattr(course, "run", lambda command, variables: asked.append((command[3:], variables)) or 0)
    for name in course.THREADS:
        monkeypatch.delenv(name, raising=False)
    course.main(words)
    return asked


def test_make_test_leaves_the_exhaustive_tests_to_make_test_all(monkeypatch):
    [(library, _), (lessons, _)] = asked_of_pytest(monkeypatch, ["test"])
    assert library[-4:] == ["tests", "course_lib", "-m", "not exhaustive"]
    assert lessons[-1] == str(Path("notebooks") / max(path.name for path in (ROOT / "notebooks").glob("*.ipynb")))
    [(library, _), (lessons, _)] = asked_of_pytest(monkeypatch, ["test-all"])
    assert library[-2:] == ["tests", "course_lib"]
    assert {"--nbval-lax", "--of-warm-kernels"} <= set(lessons)
    [(fast, _)] = asked_of_pytest(monkeypatch, ["check"])
    assert fast[-2:] == ["-m", "not slow"]


@pytest.mark.parametrize(("words", "chosen"), [([], "backend and not exhaustive"), (["--all"], "backend")])
def test_the_other_backends_leave_out_what_make_test_leaves_out_but_when_asked_for_all(monkeypatch, words, chosen):
    asked = asked_of_pytest(monkeypatch, ["test-backends", *words])
    assert [variables["KERAS_BACKEND"] for _, variables in asked] == ["jax", "torch"]
    assert all(command[command.index("-m", 2) + 1] == chosen for command, _ in asked)


def test_two_workers_share_library_and_lessons_and_the_cores(monkeypatch):
    for command, variables in asked_of_pytest(monkeypatch, ["test"]):
        assert {"--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder"} <= set(command)
        assert {variables[name] for name in course.THREADS} == {"2"}
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert course.threads_of_one_of(2)["OMP_NUM_THREADS"] == "7", "who sets it means it"


def test_the_solved_lessons_run_two_at_a_time_on_a_core_each(monkeypatch):
    asked = []
    monkeypatch.setattr(course.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(course, "run", lambda command, variables: asked.append((command, variables)) or 0)
    course.solve_lessons(course.course_environment(ROOT), LIBRARY)
    [(command, variables)] = asked
    assert command[-2:] == ["--at-once", "2"]
    assert variables["TF_NUM_INTRAOP_THREADS"] == "1"


def test_on_one_core_there_is_one_process(monkeypatch):
    for command, variables in asked_of_pytest(monkeypatch, ["test"], cores=1):
        assert not [word for word in command if "numprocesses" in word]
        assert not set(course.THREADS) & set(variables)


def test_before_the_tests_it_is_said_how_long_they_take(monkeypatch, capsys):
    asked_of_pytest(monkeypatch, ["test"])
    assert re.search(r"library take about \d+ (s|min), then the lessons about \d+ (s|min)\.", capsys.readouterr().out)


# --- the summary


def cases(group, *outcomes):
    return [report.Case(group, f"Cell {number}", outcome, 0.5) for number, outcome in enumerate(outcomes)]


LIBRARY = report.Part("library", 0, 30.2, cases("tests.test_a", *["passed"] * 412))
LESSONS = [Path("notebooks/00_start_here.ipynb"), Path("notebooks/01_autoencoders.ipynb")]


def lessons_part(*groups, exit_code=0):
    return report.Part("lessons", exit_code, 61.0, [case for group in groups for case in group])


BOTH = (cases("notebooks.00_start_here.ipynb", "passed", "passed"), cases("notebooks.01_autoencoders.ipynb", "passed"))


def test_the_summary_of_a_good_run():
    words, good = report.summary(LIBRARY, lessons_part(*BOTH), LESSONS, "Python 3.12.1, Linux")
    assert good
    assert words.endswith("412 checks of the library passed; 2 lessons ran; everything on this machine works.")
    assert "00_start_here: 2 cells ran, 1.0 s" in words
    assert "412 checks passed, 30 s" in words


@pytest.mark.parametrize(
    ("library", "lessons", "words_expected"),
    [
        (LIBRARY, None, "none found in notebooks/"),
        (LIBRARY, lessons_part(BOTH[0]), "01_autoencoders: DID NOT RUN"),
        (LIBRARY, lessons_part(BOTH[0], cases("01_autoencoders.ipynb", "failed"), exit_code=1), "FAILED in Cell 0"),
        (report.Part("library", 1, 1, cases("tests.test_a", "passed", "failed")), lessons_part(*BOTH), "1 FAILED"),
        (report.Part("library", 2, 1, cases("tests.test_a", "error")), lessons_part(*BOTH), "1 FAILED"),
        (report.Part("library", 5, 1), lessons_part(*BOTH), "pytest ended with code 5"),
        (report.Part("library", -9, 1), lessons_part(*BOTH), "want of memory"),
        (report.Part("library", 0, 1), lessons_part(*BOTH), "no result"),
        (
            report.Part("library", 3, 1, cases("tests.test_a", "passed")),
            lessons_part(*BOTH),
            "but pytest ended with code 3",
        ),
    ],
)
def test_anything_that_is_not_good_is_said(library, lessons, words_expected):
    words, good = report.summary(library, lessons, LESSONS, "Python 3.12.1, Linux")
    assert not good
    assert words_expected in words
    assert "What to do" in words
    assert "everything on this machine works" not in words


def test_pytests_own_file_is_read(tmp_path):
    (tmp_path / "test_three.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): assert False\ndef test_c(): pytest.skip('no')\n"
        "@pytest.fixture\ndef broken(): raise ValueError\ndef test_d(broken): pass\n"
    )
    results = tmp_path / "results.xml"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={results}", "-p", "no:cacheprovider", str(tmp_path)]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    code = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True).returncode
    part = report.read_part("library", code, 1.0, results)
    assert [case.outcome for case in part.cases] == ["passed", "failed", "skipped", "error"]
    assert not part.good


@pytest.mark.parametrize("content", [None, "<testsuites><unfinished"])
def test_a_missing_result_file_is_no_success(tmp_path, content):
    results = tmp_path / "results.xml"
    if content is not None:
        results.write_text(content)
    assert not report.read_part("library", 0, 1.0, results).good


def other_pythons(monkeypatch, outcomes):
    """`make test-pythons` with pretended Pythons: version → whether its tests pass, or None if there is none."""
    tested = []
    found = {f"/opt/python{version}": version for version, good in outcomes.items() if good is not None}
    monkeypatch.setattr(course, "candidate_commands", lambda preferred: [(program,) for program in found])
    monkeypatch.setattr(course, "is_version", lambda command, version: found[command[0]] == version)
    monkeypatch.setattr(
        course, "prepare", lambda environment: tested.append((environment.folder, os.environ["PYTHON"]))
    )
    cases = {True: [report.Case("tests", "a", "passed", 0.1)], False: [report.Case("tests", "a", "failed", 0.1)]}

    def run_pytest(environment, title, arguments, **options):
        good = outcomes[title.removeprefix("python-")]
        return report.Part(title, 0 if good else 1, 1.0, cases[good])

    monkeypatch.setattr(course, "run_pytest", run_pytest)
    return tested


def test_the_tests_run_on_every_python_that_is_found_and_one_that_is_missing_is_named(monkeypatch, capsys):
    tested = other_pythons(monkeypatch, {"3.11": True, "3.12": None, "3.13": True})
    assert course.main(["test-pythons"]) == 0
    assert tested == [(".venv-3.11", "/opt/python3.11"), (".venv-3.13", "/opt/python3.13")]
    assert "NOT TESTED  Python 3.12" in capsys.readouterr().out
    assert "PYTHON" not in os.environ or os.environ["PYTHON"] != "/opt/python3.13"


def test_one_python_that_fails_fails_the_command(monkeypatch, capsys):
    other_pythons(monkeypatch, {"3.12": True, "3.13": False})
    assert course.main(["test-pythons", "3.12"]) == 0
    assert course.main(["test-pythons", "3.12", "3.13"]) == 1
    assert "FAILED  Python 3.13" in capsys.readouterr().out


def test_the_version_of_a_command_is_the_one_that_it_says_itself(tmp_path):
    assert course.is_version((sys.executable,), ".".join(map(str, sys.version_info[:2])))
    assert not course.is_version((sys.executable,), "3.9")
    assert not course.is_version((str(tmp_path / "nothing"),), "3.12")


def test_jax_compiles_simply_for_tests_and_keeps_the_flags_that_were_set(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_of_my_own")
    variables = course.quick_to_compile()
    assert variables["XLA_FLAGS"].split() == ["--xla_of_my_own", "--xla_backend_optimization_level=0"]
    assert Path(variables["JAX_COMPILATION_CACHE_DIR"]).parent == course.ROOT / ".cache", "make clean removes it"
    monkeypatch.delenv("XLA_FLAGS")
    assert course.quick_to_compile()["XLA_FLAGS"] == "--xla_backend_optimization_level=0"


def test_test_colab_knows_its_two_options(monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(
        course.colab, "test_in_colabs_environment", lambda root, *options: seen.append(options[:2]) or 0
    )
    for words in ([], ["--newest"], ["--without-lessons"], ["--newest", "--without-lessons"]):
        assert course.main(["test-colab", *words]) == 0
    assert seen == [(True, False), (True, True), (False, False), (False, True)]
    assert course.main(["test-colab", "--new"]) == 2
    assert "knows --without-lessons and --newest; got --new" in capsys.readouterr().err


def test_the_kit_for_colab_is_made_in_the_courses_environment(monkeypatch):
    prepared, commands = [], []
    monkeypatch.setattr(course, "prepare", prepared.append)
    monkeypatch.setattr(course, "run", lambda command, variables: commands.append(command) or 0)
    assert course.main(["colab", "--output", "x.zip"]) == 0
    environment = course.course_environment(course.ROOT)
    assert prepared == [environment]
    assert commands == [[str(environment.python), "-m", "tools.editions.colab_kit", "--output", "x.zip"]]
