"""What makes or trains a network starts from the lesson's seed, whatever was answered above."""

import contextlib
import io
import random
import re
from pathlib import Path

import pytest

from tools.editions import lesson_cells
from tools.editions.lesson_names import numbered_source
from tools.editions.lesson_seeds import seed_problems

ROOT = Path(__file__).resolve().parents[3]

SEED = "keras.utils.set_random_seed(run.seed)\n"


def problems(*cells, exercises=()):
    return seed_problems([(str(i), code) for i, code in enumerate(cells)], lambda name: int(name) in exercises)


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("encoder = networks.dense_encoder((4,), 2)", "networks.dense_encoder"),
        ("model.fit(x)", "model.fit"),
        ("model.fit(x)\n" + SEED, "model.fit"),
        ("for n in (1, 2):\n    model.fit(x)", "model.fit"),
        ("def one():\n    return keras.Sequential([])\n\n\nmodel = one()", "one"),
        ("import keras\n\nhistory = {n: model.fit(x) for n in (1, 2)}", "model.fit"),
        ("for n in (1, 2):\n    " + SEED + "model = dense_encoder((4,), n)", "dense_encoder"),
    ],
)
def test_a_cell_that_draws_without_a_seed_is_named_with_the_call(cell, named):
    [sentence] = problems(cell)
    assert sentence.startswith(f"cell `0`: `{named}` draws random numbers")


@pytest.mark.parametrize(
    "cell",
    [
        SEED + "model.fit(x)",
        "for n in (1, 2):\n    " + SEED + "    model = networks.dense_encoder((4,), n)\n    model.fit(x)",
        "def one():\n    " + SEED + "    return networks.dense_encoder((4,), 2)\n\n\nmodel = one()",
        "def one():\n    return networks.dense_encoder((4,), 2)",
        "ProbabilisticPCA.fit(x, 2)",
        "GaussianMixture(2, random_state=run.seed).fit(x)",
        "%matplotlib inline\nprint(model.history)",
    ],
)
def test_a_cell_with_its_seed_or_without_chance_is_left_in_peace(cell):
    assert problems(cell) == []


def test_a_function_that_draws_is_known_in_later_cells_and_a_learners_cell_is_his_own():
    function = "def one():\n    return networks.dense_encoder((4,), 2)"
    assert problems(function, "model = one()")
    assert problems(function, "model = one()", exercises=(1,)) == []


def printed(lesson, solved):
    """What each cell of a lesson prints, without a kernel; `solved` names the exercises that were answered."""
    import keras
    import matplotlib.pyplot as plt

    course = lesson_cells.find_course(ROOT)
    cells = numbered_source(course, lesson).cells
    names, said, space = lesson_cells.cell_ids(cells), {}, {"__name__": "__main__"}
    keras.utils.set_random_seed(random.randrange(10**6))  # whatever was drawn before
    for name, cell in zip(names, cells, strict=True):
        if cell.cell_type != "code":
            continue
        code = lesson_cells.built_text(course, cell, name in solved)
        words = io.StringIO()
        with (
            contextlib.redirect_stdout(words),
            contextlib.suppress(NameError if "exercise" in cell.metadata.get("tags", []) else ()),
        ):
            exec(compile(code, name, "exec"), space)
        plt.close("all")
        said[name] = words.getvalue()
    return said


@pytest.mark.exhaustive
def test_answering_one_exercise_changes_no_number_below_it(monkeypatch):
    course = lesson_cells.find_course(ROOT)
    [lesson] = (each for each in course.lessons if each.endswith("_the_reparameterization_trick"))
    cells = numbered_source(course, lesson).cells
    tagged = zip(lesson_cells.cell_ids(cells), cells, strict=True)
    exercises = [name for name, cell in tagged if "exercise" in cell.metadata.get("tags", [])]
    untouched = printed(lesson, ())
    assert len(exercises) > 3
    assert sum(bool(re.search(r"\d\.\d", words)) for words in untouched.values()) > 10
    for name in exercises:
        changed = {cell for cell, words in printed(lesson, (name,)).items() if words != untouched[cell]}
        changed = {cell for cell in changed if not cell.startswith("check")}  # they know what was said before
        assert changed <= {name}, f"answering {name} changed {changed}"
