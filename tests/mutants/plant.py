"""Plant each bug of tests/mutants/bugs.py in a copy of the course and see that its test file goes red.

`python -m tests.mutants.plant` plants all of them; words after it choose bugs by name or file. It fails if a bug survives,
if a test is red without a bug, or if a bug can no longer be planted because the code it changes is gone.

The test that convicted a bug is remembered in tests/mutants/convicted_by.json and asked first, then its whole file;
`--record` asks the whole files and writes that list anew, `--record --new` only for bugs that are not in it. Where the
system can fork, Keras is imported once and each bug is tried in a forked process; elsewhere each starts anew.

That the tests are green without a bug is seen first: of every test that convicts, or with `--tested`, where `make test`
has just passed, of one in each file.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.mutants.bugs import BUGS  # noqa: E402

COPIED = (
    "course_lib",
    "tests",
    "tools",
    "benchmarks",
    "docs",
    "hub",
    "notebooks/source",
    "conftest.py",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)
OPTIONS = ("-q", "-x", "--no-header", "--no-summary", "-m", "not exhaustive")
RED, GREEN = 1, 0
WITNESS = "first-failure.txt"
WORKERS = 2
REMEMBERED = ROOT / "tests" / "mutants" / "convicted_by.json"


def main(words):
    record, only_new = "--record" in words, "--new" in words
    tested = "--tested" in words
    words = [word for word in words if word not in ("--record", "--new", "--tested")]
    witnesses = remembered()
    chosen = [bug for bug in BUGS if not words or any(word in f"{bug.name} {bug.file}" for word in words)]
    chosen = [bug for bug in chosen if not (only_new and bug.name in witnesses)]
    stale = [bug for bug in chosen if (ROOT / bug.file).read_text("utf-8").count(bug.before) != 1]
    for bug in stale:
        print(f"CANNOT BE PLANTED  {bug.name}: its text must occur exactly once in {bug.file}")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [copy_of_the_course(Path(folder) / str(number)) for number in range(WORKERS)]
        asked = {} if record else witnesses
        failing = red_without_a_bug(copies, chosen, asked, tested)
        tried = [bug for bug in chosen if bug not in stale and bug.tests not in failing]
        convicted = convict(tried, copies, asked)
        survivors = [bug for bug in tried if bug.name not in convicted]
    if record:
        known = {bug.name for bug in BUGS}
        witnesses = remembered()  # as it is now: another run may have written meanwhile
        kept = {name: test for name, test in {**witnesses, **convicted}.items() if name in known}
        REMEMBERED.write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    for tests in failing:
        print(f"RED WITHOUT A BUG  {tests}")
    for bug in survivors:
        print(f"SURVIVED  {bug.name} ({bug.file}, {bug.tests})")
    caught = len(chosen) - len(survivors) - len(stale) - sum(bug.tests in failing for bug in chosen)
    print(f"{caught} of {len(chosen)} planted bugs were caught, in {time.monotonic() - started:.0f} s")
    return 0 if chosen and caught == len(chosen) else 1


def remembered():
    """Bug → the test that convicted it."""
    return json.loads(REMEMBERED.read_text("utf-8")) if REMEMBERED.exists() else {}


def copy_of_the_course(folder):
    """A copy to plant bugs in; the data and the lessons are shared, not copied."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("cache"))
    return folder


def red_without_a_bug(copies, bugs, witnesses, tested=False):
    """The test files that fail in an unchanged copy: they could convict nobody. One test of each where all passed."""
    asked = {}
    for bug in bugs:
        asked.setdefault(bug.tests, set()).add(witnesses.get(bug.name, bug.tests))
    jobs = [(tests, None) for tests in asked]
    nodes = {tests: [tests] if tests in wanted else sorted(wanted) for tests, wanted in asked.items()}
    nodes = {tests: wanted[:1] for tests, wanted in nodes.items()} if tested else nodes
    return [tests for (tests, _), code, _ in run_all(jobs, copies, lambda job: nodes[job[0]]) if code != GREEN]


def convict(bugs, copies, witnesses):
    """Plant each bug; return name → the first test that went red, for those that were caught."""
    convicted = {}
    known = [(witnesses[bug.name], bug) for bug in bugs if bug.name in witnesses]
    for round_of_jobs in (known, None):
        if round_of_jobs is None:
            round_of_jobs = [(bug.tests, bug) for bug in bugs if bug.name not in convicted]
        for (tests, bug), code, witness in run_all(round_of_jobs, copies, lambda job: [job[0]]):
            if code == RED:
                convicted[bug.name] = witness or tests
                print(f"caught    {bug.name}  [{convicted[bug.name].split('::', 1)[-1]}]", flush=True)
            elif tests == bug.tests:
                print(f"SURVIVED  {bug.name}", flush=True)
    return convicted


def run_all(jobs, copies, nodes_of):
    """Run `(tests, bug or None)` jobs, one in each copy at a time; yield each with its exit code and first failure."""
    waiting, running, idle = deque(jobs), {}, list(copies)
    while waiting or running:
        while waiting and idle:
            job, copy = waiting.popleft(), idle.pop()
            restore = planted(job[1], copy) if job[1] else (lambda: None)
            (copy / WITNESS).unlink(missing_ok=True)
            running[start(nodes_of(job), copy)] = job, copy, restore
        process, code = wait_for_one(running)
        job, copy, restore = running.pop(process)
        restore()
        idle.append(copy)
        yield job, code, (copy / WITNESS).read_text("utf-8") if (copy / WITNESS).exists() else None


def planted(bug, copy):
    """Plant a bug; return the function that takes it out again."""
    path = copy / bug.file
    text = path.read_text("utf-8")
    path.write_text(text.replace(bug.before, bug.after), "utf-8")
    return lambda: path.write_text(text, "utf-8")


class Witness:
    """A pytest plugin: writes down the first test that fails, also one that works in another folder."""

    def __init__(self):
        self.file = Path(WITNESS).absolute()

    def pytest_runtest_logreport(self, report):
        if report.failed and not self.file.exists():
            self.file.write_text(report.nodeid, "utf-8")


def start(tests, copy):
    """Start pytest on tests of a copy; return a process identity."""
    if not hasattr(os, "fork"):
        return subprocess.Popen([sys.executable, "-m", "pytest", *OPTIONS, *tests], cwd=copy, env=variables(copy))
    process = os.fork()
    if process:
        return process
    code = 3
    try:
        with Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), 1)
            os.dup2(nothing.fileno(), 2)
        os.chdir(copy)
        os.environ.update(variables(copy))
        sys.path[:] = [str(copy), *(entry for entry in sys.path if Path(entry or ".").resolve() != ROOT)]
        for name in [
            name for name in sys.modules if name.split(".")[0] in ("course_lib", "tests", "tools", "conftest")
        ]:
            del sys.modules[name]
        code = int(sys.modules["pytest"].main([*OPTIONS, *tests], plugins=[Witness()]))
    finally:
        os._exit(code)


def variables(copy):
    own = {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    return {**os.environ, **own, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # notebooks' and others': seconds for each bug


def wait_for_one(running):
    if hasattr(os, "fork"):
        process, status = os.wait()
        return process, os.waitstatus_to_exitcode(status)
    while True:
        for process in running:
            if process.poll() is not None:
                return process, process.returncode
        time.sleep(0.1)


def warm_up():
    """Import once what every test imports; nothing is computed, so that forking is safe."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("MPLBACKEND", "agg")
    sys.dont_write_bytecode = True
    import keras  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import pytest  # noqa: F401
    import scipy.stats  # noqa: F401
    import sklearn.decomposition  # noqa: F401

    gc.freeze()  # pytest collects garbage at its end: what was imported here need not be looked through for each bug


if __name__ == "__main__":
    if hasattr(os, "fork"):
        warm_up()
    sys.exit(main(sys.argv[1:]))
