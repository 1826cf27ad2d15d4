"""The progress of the tests: the longest first, and words that say how a run of the tests goes."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools.environment import durations, progress

ROOT = Path(__file__).resolve().parents[3]


# --- how long it will take


def test_half_of_the_work_at_the_recorded_pace_leaves_as_much_again():
    forecast = durations.Forecast({"long": 10, "short": 2}, {"long": 90.0, "short": 10.0})
    assert forecast.total == 100
    for _ in range(5):
        forecast.finished("long")
    share, left = forecast.remaining(elapsed=45.0)
    assert share == pytest.approx(0.45)
    assert left == pytest.approx(55)


def test_a_slower_machine_is_noticed():
    forecast = durations.Forecast({"a": 100}, {"a": 1000.0})
    for _ in range(50):
        forecast.finished("a")
    assert forecast.remaining(elapsed=1000.0)[1] == pytest.approx(1000, rel=0.05)


def test_two_workers_halve_it_unless_one_file_is_long():
    assert durations.Forecast({"a": 1, "b": 1}, {"a": 60.0, "b": 60.0}, workers=2).total == 60
    assert durations.Forecast({"a": 1, "b": 1}, {"a": 110.0, "b": 10.0}, workers=2).total == 110
    forecast = durations.Forecast({"a": 1, "b": 1}, {"a": 110.0, "b": 10.0}, workers=2)
    forecast.finished("b")
    assert forecast.remaining(elapsed=5.0)[1] == pytest.approx(110)


def test_a_file_without_a_record_gets_a_guess_and_at_the_end_nothing_is_left():
    forecast = durations.Forecast({"new": 20}, {})
    assert forecast.total == pytest.approx(20 * durations.SECONDS_OF_A_NEW_TEST)
    for _ in range(21):  # a test that is reported twice must not turn the clock back
        forecast.finished("new")
    assert forecast.is_over("new")
    assert forecast.remaining(3.0) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "5 s"), (12, "10 s"), (49, "50 s"), (50, "1 min"), (89, "1 min"), (400, "7 min")]
)
def test_durations_are_said_roundly(seconds, words):
    assert durations.in_words(seconds) == words


def test_what_this_machine_took_counts_before_everybodys_record(tmp_path):
    own, everybodys = tmp_path / "cache" / "own.json", tmp_path / "everybodys.json"
    everybodys.write_text(json.dumps({"library": {"a": 1.0, "b": 2.0}}))
    assert durations.recorded("check", own, everybodys) == {"a": 1.0, "b": 2.0}
    durations.record("library", {"a": 3.0}, own)
    durations.record("check", {"b": 0.5}, own)
    assert durations.recorded("library", own, everybodys) == {"a": 3.0, "b": 2.0}
    assert durations.recorded("check", own, everybodys) == {"a": 3.0, "b": 0.5}
    assert durations.recorded("jax", own, everybodys) == {"a": 3.0, "b": 0.5}
    assert durations.recorded("lessons", own, everybodys) == {}


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_missing_or_broken_record_is_no_record(tmp_path, content):
    if content is not None:
        (tmp_path / "own.json").write_text(content)
    assert durations.stored(tmp_path / "own.json") == {}


def test_every_file_of_everybodys_record_exists_and_no_lesson_is_missing():
    """Renewed by `python -m tools.environment.durations` after a run."""
    record = durations.stored(durations.EVERYBODYS)
    assert {"library", "lessons"} <= set(record)
    assert not [name for seconds in record.values() for name in seconds if not (ROOT / name).exists()]
    assert set(record["lessons"]) == {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}


# --- a run of pytest


@pytest.fixture
def tests(tmp_path):
    """Three files of small tests; the last is recorded as the longest."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name, count in (("a", 3), ("b", 2), ("c", 2)):
        (tmp_path / f"test_{name}.py").write_text("".join(f"def test_{i}(): pass\n" for i in range(count)))
    (tmp_path / ".cache").mkdir()
    durations.record("library", {"test_c.py": 9.0, "test_a.py": 0.1, "test_b.py": 0.2}, progress_record(tmp_path))
    return tmp_path


def progress_record(folder):
    return folder / ".cache" / "durations.json"


def run_pytest(folder, *options, title="library"):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tools.environment.progress"]
    plugins = ["-p", "xdist"] if "-n2" in options else []
    run = subprocess.run(
        [*command, f"--progress={title}", "-o", "console_output_style=classic", *plugins, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return run.returncode, run.stdout


TWO = pytest.param(
    ("-n2", "--dist=loadfile", "--no-loadscope-reorder"),
    id="two workers",
    marks=pytest.mark.skipif(find_spec("xdist") is None, reason="pytest-xdist is not among Colab's packages"),
)
ONE = pytest.param((), id="one process")


@pytest.mark.slow
@pytest.mark.parametrize("options", [ONE, TWO])
def test_a_run_says_what_it_does_without_dots_and_ends_with_pytests_own_line(tests, options):
    code, said = run_pytest(tests, *options)
    assert code == 0, said
    assert "7 checks in 3 files: about" in said
    assert re.search(r"^7 passed in ", said, flags=re.MULTILINE), "pytest's closing line stays visible"
    assert "..." not in said
    assert "%]" not in said


def test_the_longest_file_comes_first_and_what_each_took_is_kept(tests):
    run_pytest(tests, "--junitxml=order.xml")
    order = re.findall(r'classname="(\w+)"', (tests / "order.xml").read_text())
    assert list(dict.fromkeys(order)) == ["test_c", "test_b", "test_a"]
    kept = durations.stored(progress_record(tests))["library"]
    assert set(kept) == {"test_a.py", "test_b.py", "test_c.py"}
    assert kept["test_c.py"] < 9


@pytest.mark.slow
@pytest.mark.parametrize("options", [ONE, TWO])
def test_a_failure_is_named_at_once_explained_at_the_end_and_not_recorded(tests, options):
    (tests / "test_b.py").write_text("def test_wrong():\n    assert 1 + 1 == 3\n")
    code, said = run_pytest(tests, *options)
    assert code == 1
    assert "  FAILED  test_b.py::test_wrong" in said
    assert "assert (1 + 1) == 3" in said
    assert "1 failed, 5 passed" in said
    assert durations.stored(progress_record(tests))["library"]["test_c.py"] == 9


def test_without_a_title_the_plugin_does_nothing(tests):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tools.environment.progress", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run(command, cwd=tests, env=environment, capture_output=True, text=True)
    assert "......." in run.stdout


# --- what is said


class Screen:
    """Stands for pytest's terminal reporter."""

    def __init__(self, isatty):
        self.isatty, self.text, self._tw = isatty, "", self
        self.fullwidth = 100

    def write(self, words):
        self.text += words

    def flush(self):
        pass


class Report:
    def __init__(self, nodeid, outcome="passed", duration=1.0, when="call"):
        self.nodeid, self.outcome, self.duration, self.when = nodeid, outcome, duration, when
        self.failed = outcome == "failed"


def pretended(isatty, title="library", **seconds):
    """A `Progress` of a run with two tests a file, its screen, and a function that lets tests end."""
    time, screen = [0.0], Screen(isatty)
    options = type("Options", (), {"numprocesses": 2})
    config = type("Config", (), {"option": options, "rootpath": Path("nowhere")})
    seen = progress.Progress(config, screen, title, seconds, clock=lambda: time[0])
    seen.begin([f"{name}::{number}" for name in seconds for number in range(2)])

    def end(nodeid, outcome="passed", after=0.0):
        seen.pytest_runtest_logstart(nodeid)
        time[0] += after
        seen.pytest_runtest_logreport(Report(nodeid, outcome, after))
        seen.pytest_runtest_logfinish(nodeid)

    return seen, screen, end


def test_in_a_log_a_line_comes_each_quarter_of_a_minute():
    seen, screen, end = pretended(False, **{"tests/test_a.py": 200.0, "tests/test_b.py": 200.0})
    end("tests/test_a.py::0", after=5.0)
    assert "%" not in screen.text
    seen.pytest_runtest_logstart("tests/test_b.py::0")
    end("tests/test_a.py::1", after=50.0)
    assert "  50 %  2 of 4 done · about 2 min left · now b" in screen.text
    assert "\r" not in screen.text


def test_on_a_terminal_the_line_changes_and_a_failure_stays():
    _, screen, end = pretended(True, **{"tests/test_a.py": 20.0, "tests/test_b.py": 20.0})
    end("tests/test_a.py::0", after=2.0)
    assert not screen.text.endswith("\n")
    end("tests/test_b.py::0", "failed", after=2.0)
    lines = [line.split("\r")[-1] for line in screen.text.split("\n")]
    assert "  FAILED  tests/test_b.py::0" in lines


def test_each_lesson_gets_a_line_when_it_has_run():
    _, screen, end = pretended(False, "lessons", **{"notebooks/00_a.ipynb": 30.0, "notebooks/01_b.ipynb": 60.0})
    end("notebooks/00_a.ipynb::0", after=10.0)
    assert "00_a" not in screen.text
    end("notebooks/00_a.ipynb::1", after=20.0)
    assert "  00_a ran, 30 s · 1 of 2, about 2 min left" in screen.text
    end("notebooks/01_b.ipynb::0", "failed", after=10.0)
    end("notebooks/01_b.ipynb::1", after=10.0)
    assert screen.text.endswith("  01_b FAILED, 20 s · 2 of 2\n")


@pytest.mark.exhaustive
def test_the_names_of_the_tests_are_the_same_in_every_process():
    """A set in the name of a test has another order in another process, and two workers could not share the tests."""
    names = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests", "course_lib"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        names.append([line for line in run.stdout.splitlines() if "::" in line])
    assert len(names[0]) > 1000
    assert names[0] == names[1]
