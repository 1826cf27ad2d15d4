"""What the exercises of choosing a model accept beside their references, and the cell that calls Optuna."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from course_lib.exercises import choosing_a_model as exercises

RIGHT = "right"
[SOURCE] = (Path(__file__).resolve().parents[2] / "notebooks" / "source").glob("*_choosing_a_model.py")


def by_standard_errors(a, b):
    return np.mean(np.subtract(a, b)), stats.sem(a - b)


def by_covariance(a, b):
    covariance = np.cov(a, b)
    return a.mean() - b.mean(), np.sqrt((covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]) / len(a))


def by_sorting(validation, test):
    best = max(range(len(validation)), key=lambda model: validation[model].sum())
    return best, np.average(test[best])


def by_placing_the_kernel(height, width, channels, filters, kernel, stride):
    places = sum(1 for _ in range(0, height - kernel + 1, stride) for _ in range(0, width - kernel + 1, stride))
    return places * channels * filters * kernel * kernel


def by_factors(low, high, count):
    return [low * (high / low) ** (step / (count - 1)) for step in range(count)]


def by_skipping(seed, done, total):
    rng = np.random.default_rng(seed)
    return [10 ** rng.uniform(-4, -1) for _ in range(total)][done:]


def by_a_loop(seed, done, total):
    rates = []
    while done < total:
        rates.append(np.power(10.0, np.random.default_rng((seed, done)).uniform(-4, -1)))
        done += 1
    return np.array(rates)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (exercises.PREDICT_OPTIMISM, 25.15),
        (exercises.PAIRED_DIFFERENCE, by_standard_errors),
        (exercises.PAIRED_DIFFERENCE, by_covariance),
        (exercises.WHICH_ERROR, {"A": "Examples", "B": "seeds", "C": "none", "D": "seeds", "E": "examples"}),
        (exercises.CHOOSE_AND_REPORT, by_sorting),
        (exercises.MULTIPLY_ADDS, by_placing_the_kernel),
        (exercises.HOW_MANY_SEEDS, 18.0),
        (exercises.LEARNING_RATES, by_factors),
        (exercises.RESUMED_DRAWS, by_a_loop),
        (exercises.RESUMED_DRAWS, by_skipping),
        (exercises.RESUMED_DRAWS, lambda seed, *ends: by_a_loop(10**6 * (seed + 1), *ends)),
    ],
)
def test_a_right_answer_in_other_words_is_accepted(exercise, answer):
    assert exercise.judge(answer) == RIGHT


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda seed, done, total: by_a_loop(seed, done, total)[:3], "7 rates; yours has the shape (3,)"),
        (lambda seed, done, total: 0.01, "a list of 7 rates is expected"),
        (lambda seed, done, total: dict(enumerate(by_a_loop(seed, done, total))), "a list of 7 rates is expected"),
        (
            lambda seed, done, total: [
                10 ** np.random.default_rng([seed, i]).uniform(-4, -2) for i in range(done, total)
            ],
            "the mean -3.0",
        ),
        (
            lambda seed, done, total: [
                10 ** np.random.default_rng(seed * i).uniform(-4, -1) for i in range(done, total)
            ],
            "try a rate in both",
        ),
        (lambda seed, done, total: by_a_loop(1000 * seed + done, done, total), "where the search stopped"),
        (lambda seed, done, total: np.resize(by_a_loop(seed, 0, 300), total)[done:], "share a rate"),
        (lambda seed, done, total: by_a_loop(seed, done, total) / 2, "between 0.0001 and 0.1"),
    ],
)
def test_rates_that_are_no_resumed_search_are_told_why(answer, said):
    assert said in exercises.RESUMED_DRAWS.judge(answer)


def test_two_wrong_errors_are_both_explained():
    said = exercises.WHICH_ERROR.judge({"a": "examples", "b": "examples", "c": "seeds", "d": "seeds", "e": "examples"})
    assert "(b) speaks of kinds" in said
    assert "(c): the score has chosen" in said


def test_the_search_with_optuna_resumes_from_its_file(tmp_path, capsys):
    pytest.importorskip("optuna", reason="Colab does not have it, and the lesson goes on without it")
    [cell] = [cell for cell in SOURCE.read_text("utf-8").split("# %%") if "import optuna" in cell]
    tried = []

    def trained(setting):
        tried.append(setting)
        return SimpleNamespace(elbo=lambda x: np.full(3, -abs(np.log10(setting["learning_rate"]) + 2)))

    keras = SimpleNamespace(utils=SimpleNamespace(set_random_seed=lambda seed: None))
    names = {"trained": trained, "validation": None, "folder": tmp_path, "keras": keras, "run": SimpleNamespace(seed=0)}
    exec(cell, names)
    assert len({setting["learning_rate"] for setting in tried}) == 4
    assert capsys.readouterr().out.splitlines()[-1].startswith("4 trials in the file")
