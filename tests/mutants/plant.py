"""Plant each bug of tests/mutants/bugs.py in a copy of the course and see that its test file goes red.

`python -m tests.mutants.plant` plants all of them; words after it choose bugs by name or file. It fails if a bug survives,
if a test is red without a bug, or if a bug can no longer be planted because the code it changes is gone.

The test that convicted a bug is remembered in tests/mutants/convicted_by.json and asked first, then its whole file;
`--record` asks the whole files and writes that list anew. With each conviction stands a digest of the bug, of the
function that it changes and of the test: `--new` plants only what has none or another one, that is what changed since.
`--sample 100` adds a hundred of the others, drawn by the commit. Where the system can fork, Keras is imported once and
each bug is tried in a forked process; elsewhere each starts anew.

That the tests are green without a bug is seen first: of every test that convicts, or with `--tested`, where `make test`
has just passed, of one in each file.
"""

from __future__ import annotations

import argparse
import ast
import gc
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from functools import cache
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
    options, words = parser().parse_known_args(words)
    witnesses = {name: each["test"] for name, each in remembered().items()}
    chosen = [bug for bug in BUGS if not words or any(word in f"{bug.name} {bug.file}" for word in words)]
    chosen = what_is_new(chosen, options.sample) if options.new else chosen
    stale = [bug for bug in chosen if (ROOT / bug.file).read_text("utf-8").count(bug.before) != 1]
    for bug in stale:
        print(f"CANNOT BE PLANTED  {bug.name}: its text must occur exactly once in {bug.file}")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [copy_of_the_course(Path(folder) / str(number)) for number in range(WORKERS)]
        asked = {} if options.record else witnesses
        failing = red_without_a_bug(copies, chosen, asked, options.tested)
        tried = [bug for bug in chosen if bug not in stale and bug.tests not in failing]
        convicted = convict(tried, copies, asked)
        survivors = [bug for bug in tried if bug.name not in convicted]
    remember(convicted, again=not options.record)
    for tests in failing:
        print(f"RED WITHOUT A BUG  {tests}")
    for bug in survivors:
        print(f"SURVIVED  {bug.name} ({bug.file}, {bug.tests})")
    caught = len(chosen) - len(survivors) - len(stale) - sum(bug.tests in failing for bug in chosen)
    print(f"{caught} of {len(chosen)} planted bugs were caught, in {time.monotonic() - started:.0f} s")
    return 0 if (chosen or options.new) and caught == len(chosen) else 1


def parser():
    options = argparse.ArgumentParser(prog="make mutants", allow_abbrev=False)
    options.add_argument("--record", action="store_true", help="ask whole files of tests and remember who convicted")
    options.add_argument("--new", action="store_true", help="only bugs that changed since they were convicted")
    options.add_argument("--sample", type=int, default=0, metavar="N", help="with --new: and N others")
    options.add_argument("--tested", action="store_true", help="`make test` has just passed")
    return options


def remembered():
    """Bug → `{"test": who convicted it, "digest": of what}`."""
    return json.loads(REMEMBERED.read_text("utf-8")) if REMEMBERED.exists() else {}


def remember(convicted, again):
    """Write down who convicted which bug; `again`: only what stands there already, so that it holds for the code of now."""
    records = remembered()  # as it is now: another run may have written meanwhile
    known = {bug.name: bug for bug in BUGS}
    for name, test in convicted.items():
        recorded = records.get(name, {}).get("test")
        if again and recorded not in (test, test.split("[")[0]):  # a function may stand for all its cases
            continue
        test = recorded if again else test
        records[name] = {"test": test, "digest": digest(known[name], test)}
    kept = {name: each for name, each in records.items() if name in known}
    REMEMBERED.write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def what_is_new(bugs, sample=0):
    """The bugs that changed since they were convicted, they, their place or the test, and some others by chance."""
    records = remembered()
    new = [bug for bug in bugs if bug.name not in records or records[bug.name].get("digest") != digest_of(bug, records)]
    others = [bug for bug in bugs if bug not in new]
    drawn = random.Random(commit()).sample(others, min(sample, len(others)))
    print(f"{len(new)} of {len(bugs)} bugs are new or changed; {len(drawn)} others are drawn", flush=True)
    return [bug for bug in bugs if bug in new or bug in drawn]


def commit():
    """The commit that is checked out: who runs the same commit twice plants the same bugs."""
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def digest_of(bug, records):
    return digest(bug, records[bug.name]["test"])


def digest(bug, test, root=ROOT):
    """Of a bug, of the function in which it is planted and of the test that convicts it: 16 hexadecimal digits."""
    text = (root / bug.file).read_text("utf-8")
    start = text.find(bug.before)
    place = around(text, start, start + len(bug.before)) if bug.file.endswith(".py") else text
    file, _, name = test.partition("::")
    tests = (root / file).read_text("utf-8")
    written = f"def {name.split('[')[0]}("
    found = tests.find(written)
    witness = around(tests, found, found + len(written)) if name and found >= 0 else tests
    return hashlib.sha256("\0".join((bug.before, bug.after, place, witness)).encode()).hexdigest()[:16]


def around(text, start, end):
    """The source of the innermost function around these characters, or of the statements of the module that they touch."""
    first, last = text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1
    tree = parsed(text)
    inside = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    inside = [node for node in inside if lines_of(node)[0] <= first and last <= lines_of(node)[1]]
    nodes = [min(inside, key=lambda node: node.end_lineno - node.lineno)] if inside else tree.body
    touched = [lines_of(node) for node in nodes if lines_of(node)[0] <= last and first <= lines_of(node)[1]]
    lines = text.splitlines()
    return "\n".join("\n".join(lines[begin - 1 : finish]) for begin, finish in touched)


@cache
def parsed(text):
    return ast.parse(text)


def lines_of(node):
    """First and last line of a statement, with its decorators."""
    decorators = [each.lineno for each in getattr(node, "decorator_list", [])]
    return min([node.lineno, *decorators]), node.end_lineno


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
