"""Which tests `make test` leaves to `make test-all`."""

import ast

from tools.environment import dear

SECONDS = {
    "tests/test_a.py::test_of_every_model[a]": 0.4,
    "tests/test_a.py::test_of_every_model[b]": 0.9,
    "tests/test_a.py::test_of_every_model[c]": 0.8,
    "tests/test_a.py::test_of_every_model[d]": 0.17,
    "tests/test_a.py::test_alone": 1.2,
    "tests/test_a.py::test_quick": 0.2,
}


def test_of_a_test_that_convicts_nobody_the_cheapest_case_stays():
    assert dear.dear(SECONDS, set()) == [
        "tests/test_a.py::test_alone",
        "tests/test_a.py::test_of_every_model[a]",
        "tests/test_a.py::test_of_every_model[b]",
        "tests/test_a.py::test_of_every_model[c]",
    ]


def test_what_convicts_a_bug_stays_and_then_the_cheapest_may_go():
    witnesses = {"tests/test_a.py::test_of_every_model[b]", "tests/test_a.py::test_alone"}
    assert dear.dear(SECONDS, witnesses) == [f"tests/test_a.py::test_of_every_model[{case}]" for case in "acd"]


def test_a_function_that_convicts_stands_for_all_its_cases():
    left = dear.dear(SECONDS, {"tests/test_a.py::test_of_every_model"})
    assert left == ["tests/test_a.py::test_alone"]


def test_the_seconds_are_read_from_the_results_of_a_run(tmp_path):
    results = tmp_path / "results.xml"
    case = '<testcase classname="{}" name="{}" time="2.5"/>'
    cases = case.format("tests.models.test_a", "test_x[1]") + case.format("course_lib.a", "a")
    results.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>", "utf-8")
    assert dear.measured(results) == {"tests/models/test_a.py::test_x[1]": 2.5}


def test_every_test_on_the_list_has_a_function():
    functions = {name.split("[")[0] for name in dear.listed()}
    for file in {function.split("::")[0] for function in functions}:
        tree = ast.parse((dear.ROOT / file).read_text("utf-8"))
        there = {f"{file}::{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert not {function for function in functions if function.startswith(f"{file}::")} - there
