"""Planted bugs of what decides which tests run, and which planted bugs are planted again."""

from tests.mutants.bug import planted_in

_DEAR = ("tools/environment/dear.py", "tests/tools/environment/test_dear.py")
_PLANT = ("tests/mutants/plant.py", "tests/mutants/test_convictions.py")

BUGS = (
    planted_in(_DEAR, "a witness left to make test-all", "if name not in witnesses), key", "), key"),
    planted_in(_DEAR, "a witness without its cases forgotten", "        if function in witnesses:\n", "        if False:\n"),
    planted_in(_DEAR, "every case of a test left to make test-all", "free[1 if cheapest_stays else 0 :]", "free[0:]"),
    planted_in(_DEAR, "a test alone left out as early as one of several", "limit = OF_SEVERAL if len(names) > 1 else ALONE", "limit = OF_SEVERAL"),
    planted_in(_DEAR, "the examples of docstrings left to make test-all", '.startswith("tests.")', '.startswith("")'),
    planted_in(_PLANT, "a conviction that outlives its test", "(bug.before, bug.after, place, witness)", "(bug.before, bug.after, place)"),
    planted_in(_PLANT, "a conviction that outlives its function", "(bug.before, bug.after, place, witness)", "(bug.before, bug.after, witness)"),
    planted_in(_PLANT, "a conviction that outlives its bug", "(bug.before, bug.after, place, witness)", "(bug.before, place, witness)"),
    planted_in(_PLANT, "a conviction of the whole file", "nodes = [min(inside, key=lambda node: node.end_lineno - node.lineno)] if inside else tree.body", "nodes = tree.body\n    first, last = 1, len(text)"),
    planted_in(_PLANT, "a bug that is convicted by another test in silence", 'if again and recorded not in (test, test.split("[")[0]):', "if False:"),
    planted_in(_PLANT, "a sample that is the same for every commit", "random.Random(commit())", "random.Random(0)"),
)  # fmt: skip
