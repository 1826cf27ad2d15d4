"""The planted bugs and their runner: `make mutants` plants them, these tests keep the list fit for planting."""

import ast
from collections import Counter

import pytest

from conftest import COLLECTED
from tests.mutants import plant
from tests.mutants.bug import Bug
from tests.mutants.plant import BUGS, ROOT
from tools.environment import dear

LEFT_OUT = {"pytest.mark.exhaustive"}


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_bug_changes_one_place_of_its_file_and_names_the_tests_that_must_notice(bug):
    assert (ROOT / bug.file).read_text("utf-8").count(bug.before) == 1, f"its text must occur once in {bug.file}"
    assert bug.after != bug.before
    assert (ROOT / bug.tests).is_file()


def test_no_two_bugs_have_the_same_name_or_make_the_same_change():
    assert not [name for name, count in Counter(bug.name for bug in BUGS).items() if count > 1]
    assert len({(bug.file, bug.before, bug.after) for bug in BUGS}) == len(BUGS)


def test_every_bug_has_been_convicted_by_a_test_of_its_file():
    witnesses = {name: each["test"] for name, each in plant.remembered().items()}
    assert {bug.name for bug in BUGS} == set(witnesses)
    assert not [bug.name for bug in BUGS if not witnesses[bug.name].startswith(f"{bug.tests}::")]


def test_no_bug_was_convicted_by_a_test_that_is_left_out_where_bugs_are_planted():
    left_out = set()
    for path in sorted({bug.tests for bug in BUGS}):
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        marks = {function.name: {ast.unparse(each) for each in function.decorator_list} for function in functions}
        left_out |= {f"{path}::{name}" for name, each in marks.items() if each & LEFT_OUT}
    witnesses = {name: each["test"] for name, each in plant.remembered().items()}
    assert not {name: test for name, test in witnesses.items() if test.split("[")[0] in left_out}
    assert not {name: test for name, test in witnesses.items() if test in dear.listed()}


@pytest.mark.slow
def test_every_test_that_convicted_a_bug_is_still_called_so(request):
    options = request.config.option
    if options.keyword or any("::" in str(arg) for arg in request.config.args):
        pytest.skip("needs whole files of tests: here only some of their tests were chosen")
    collected = request.config.stash[COLLECTED]
    files = {node.split("::")[0] for node in collected}
    collected = collected | {node.split("[")[0] for node in collected}  # a function's name stands for all its cases
    witnesses = {name: each["test"] for name, each in plant.remembered().items()}
    asked = {**witnesses, **{name: name for name in dear.listed()}}
    there = {name: test for name, test in asked.items() if test.split("::")[0] in files}
    gone = {name: test for name, test in there.items() if test not in collected}
    assert not gone, f"record them anew: python -m tests.mutants.plant --record {' '.join(map(repr, gone))}"


def bug(name):
    return Bug(name, "a.py", "a", "b", "tests/test_a.py")


def answering(answers, asked):
    """Stands for `run_all`: the answer for each (test, bug), and a note of what was asked."""

    def run_all(jobs, copies, nodes_of):
        for tests, planted in jobs:
            asked.append(tests)
            code = answers[tests, planted.name]
            yield (tests, planted), code, f"{planted.tests}::test_found" if code == plant.RED else None

    return run_all


def test_a_bug_that_its_witness_misses_is_tried_on_the_whole_file(monkeypatch):
    asked = []
    answers = {
        ("tests/test_a.py::test_x", "sly"): plant.GREEN,
        ("tests/test_a.py", "sly"): plant.RED,
        ("tests/test_a.py::test_x", "plain"): plant.RED,
        ("tests/test_a.py", "immortal"): plant.GREEN,
    }
    monkeypatch.setattr(plant, "run_all", answering(answers, asked))
    witnesses = {"sly": "tests/test_a.py::test_x", "plain": "tests/test_a.py::test_x"}
    convicted = plant.convict([bug("sly"), bug("plain"), bug("immortal")], [], witnesses)
    assert convicted == {"sly": "tests/test_a.py::test_found", "plain": "tests/test_a.py::test_found"}
    assert asked.count("tests/test_a.py") == 2


def test_a_test_that_crashes_convicts_nobody(monkeypatch):
    answers = {("tests/test_a.py", "crash"): 3}
    monkeypatch.setattr(plant, "run_all", answering(answers, []))
    assert plant.convict([bug("crash")], [], {}) == {}


def test_a_bug_is_taken_out_again(tmp_path):
    (tmp_path / "a.py").write_text("a = 1\n", "utf-8")
    restore = plant.planted(Bug("x", "a.py", "a = 1", "a = 2", "tests/test_a.py"), tmp_path)
    assert (tmp_path / "a.py").read_text("utf-8") == "a = 2\n"
    restore()
    assert (tmp_path / "a.py").read_text("utf-8") == "a = 1\n"


@pytest.mark.parametrize("tested", [False, True])
def test_without_a_bug_every_witness_is_asked_or_where_all_were_tested_one_of_each_file(monkeypatch, tested):
    seen = []

    def run_all(jobs, copies, nodes_of):
        for job in jobs:
            seen.extend(nodes_of(job))
            yield job, plant.RED, None

    monkeypatch.setattr(plant, "run_all", run_all)
    witnesses = {"one": "tests/test_a.py::test_y", "two": "tests/test_a.py::test_x"}
    assert plant.red_without_a_bug([], [bug("one"), bug("two")], witnesses, tested) == ["tests/test_a.py"]
    assert seen == ["tests/test_a.py::test_x", "tests/test_a.py::test_y"][: 1 if tested else 2]
