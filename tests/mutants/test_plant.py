"""The planted bugs and their runner: `make mutants` plants them, these tests keep the list fit for planting."""

import ast
import json
from collections import Counter

import pytest

from tests.mutants import plant
from tests.mutants.bug import Bug
from tests.mutants.plant import BUGS, ROOT

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


@pytest.mark.slow
def test_every_test_that_convicted_a_bug_is_still_called_so(request):
    options = request.config.option
    if (
        options.keyword
        or options.markexpr not in ("", "not exhaustive")
        or any("::" in str(arg) for arg in request.config.args)
    ):
        pytest.skip("needs whole files of tests: here only some of their tests were chosen")
    collected = {item.nodeid for item in request.session.items}
    files = {node.split("::")[0] for node in collected}
    collected |= {node.split("[")[0] for node in collected}  # a function's name stands for all its cases
    witnesses = {name: each["test"] for name, each in plant.remembered().items()}
    there = {name: test for name, test in witnesses.items() if test.split("::")[0] in files}
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


CODE = """import math

HALF = 0.5


@cached
def kl(mean):
    def square(x):
        return x * x

    return HALF * square(mean)


def other():
    return 1
"""
TEST = """def test_kl():
    assert kl(2.0) == 2.0


def test_other():
    assert other() == 1
"""


def digest_in(folder, code=CODE, test=TEST, before="x * x", after="x"):
    (folder / "a.py").write_text(code, "utf-8")
    (folder / "test_a.py").write_text(test, "utf-8")
    return plant.digest(Bug("sly", "a.py", before, after, "test_a.py"), "test_a.py::test_kl[1]", folder)


def test_a_conviction_holds_until_the_bug_its_function_or_its_test_changes(tmp_path):
    seen = digest_in(tmp_path)
    assert seen == digest_in(tmp_path, CODE.replace("return 1", "return 2")), "another function"
    assert seen == digest_in(tmp_path, CODE, TEST.replace("== 1", "== 3")), "another test"
    changed = [
        digest_in(tmp_path, after="2 * x"),
        digest_in(tmp_path, CODE.replace("return x * x", "return 1.0 * (x * x)")),
        digest_in(tmp_path, CODE, TEST.replace("kl(2.0)", "kl(3.0)")),
    ]
    assert seen not in changed and len(set(changed)) == 3


def test_what_stands_outside_of_functions_is_known_by_its_statement_and_decorators_belong_to_a_function(tmp_path):
    seen = digest_in(tmp_path, before="HALF = 0.5", after="HALF = 1")
    assert seen == digest_in(tmp_path, CODE.replace("square", "twice"), before="HALF = 0.5", after="HALF = 1")
    whole = digest_in(tmp_path, before="HALF * square", after="square")
    assert whole != digest_in(tmp_path, CODE.replace("@cached", "@kept"), before="HALF * square", after="square")


def test_only_what_has_no_conviction_or_an_old_one_is_new_and_some_others_are_drawn_by_the_commit(monkeypatch):
    bugs = [bug(name) for name in ("old", "changed", "unknown", "a", "b", "c")]
    monkeypatch.setattr(plant, "digest", lambda bug, test: f"digest of {bug.name}")
    records = {each.name: {"test": "t", "digest": f"digest of {each.name}"} for each in bugs}
    records["changed"]["digest"] = "another"
    del records["unknown"]
    monkeypatch.setattr(plant, "remembered", lambda: records)
    assert [each.name for each in plant.what_is_new(bugs)] == ["changed", "unknown"]
    drawn = set()
    for number in range(30):
        monkeypatch.setattr(plant, "commit", lambda number=number: f"commit {number}")
        names = [each.name for each in plant.what_is_new(bugs, 2)]
        assert len(names) == 4 and {"changed", "unknown"} < set(names)
        assert names == [each.name for each in plant.what_is_new(bugs, 2)], "one commit, one choice"
        drawn |= set(names)
    assert len(drawn) == len(bugs)


def test_a_run_renews_what_it_saw_again_and_only_a_record_names_other_tests(monkeypatch, tmp_path):
    known = BUGS[:3]
    records = {each.name: {"test": f"{each.tests}::test_x", "digest": "old"} for each in known}
    monkeypatch.setattr(plant, "REMEMBERED", tmp_path / "convicted_by.json")
    plant.REMEMBERED.write_text(json.dumps(records), "utf-8")
    monkeypatch.setattr(plant, "digest", lambda bug, test: "new")
    plant.remember({known[0].name: f"{known[0].tests}::test_x", known[1].name: "another"}, again=True)
    assert [plant.remembered()[each.name]["digest"] for each in known] == ["new", "old", "old"]
    plant.remember({known[1].name: "another"}, again=False)
    assert plant.remembered()[known[1].name] == {"test": "another", "digest": "new"}
