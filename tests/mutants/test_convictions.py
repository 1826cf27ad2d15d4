"""What a conviction is made of, and which bugs are planted again when only what changed is asked for."""

import json

from tests.mutants import plant
from tests.mutants.bug import Bug
from tests.mutants.plant import BUGS


def bug(name):
    return Bug(name, "a.py", "a", "b", "tests/test_a.py")


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
    assert seen not in changed
    assert len(set(changed)) == 3


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
        assert len(names) == 4
        assert {"changed", "unknown"} < set(names)
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
    plant.remember({known[2].name: f"{known[2].tests}::test_x[case 1]"}, again=True)
    assert plant.remembered()[known[2].name] == {"test": f"{known[2].tests}::test_x", "digest": "new"}
