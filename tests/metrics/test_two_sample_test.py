import math

import numpy as np
import pytest

from course_lib.metrics.two_sample_test import classifier_two_sample_test, p_value_of_accuracy


class Oracle:
    """Knows the threshold; remembers what it was shown."""

    def __init__(self, threshold=0.0):
        self.threshold = threshold

    def fit(self, x, labels):
        self.trained_on, self.labels = x, labels

    def predict(self, x):
        self.tested_on = x
        return (x[:, 0] > self.threshold).astype(int)


class Parrot(Oracle):
    """Knows by heart what it was trained on, and nothing else: a lookup table."""

    def predict(self, x):
        known = {row.tobytes(): label for row, label in zip(self.trained_on, self.labels, strict=True)}
        return np.array([known.get(row.tobytes(), 0) for row in x])


@pytest.mark.parametrize(("right", "total"), [(0, 5), (3, 5), (9, 10), (30, 50), (50, 50)])
def test_the_p_value_is_the_share_of_coin_tosses_that_do_as_well(right, total):
    exact = sum(math.comb(total, r) for r in range(right, total + 1)) / 2**total
    assert p_value_of_accuracy(right, total) == pytest.approx(exact, rel=1e-10)


def test_an_oracle_tells_separated_laws_and_the_number_of_tests_is_reported():
    real, generated = np.linspace(1, 2, 50)[:, None], np.linspace(-2, -1, 50)[:, None]
    result = classifier_two_sample_test(real, generated, Oracle())
    assert result.accuracy == 1.0
    assert result.num_test == 50
    assert result.p_value == pytest.approx(2.0**-50)
    assert result.null_deviation == pytest.approx(0.5 / math.sqrt(50))


def test_a_classifier_that_is_always_wrong_has_accuracy_zero_and_p_value_one():
    real, generated = np.linspace(-2, -1, 20)[:, None], np.linspace(1, 2, 20)[:, None]
    result = classifier_two_sample_test(real, generated, Oracle())
    assert result.accuracy == 0.0
    assert result.p_value == 1.0


def test_who_learns_by_heart_is_no_better_than_a_coin_on_held_out_examples():
    real, generated = np.random.default_rng(0).normal(size=(2, 100, 3))
    assert classifier_two_sample_test(real, generated, Parrot()).accuracy == 0.5


@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_the_two_parts_are_disjoint_balanced_and_complete(share):
    real, generated = np.arange(40.0)[:, None], 100 + np.arange(40.0)[:, None]
    judge = Oracle()
    result = classifier_two_sample_test(real, generated, judge, test_share=share)
    train, test = set(judge.trained_on[:, 0]), set(judge.tested_on[:, 0])
    assert not train & test
    assert train | test == set(range(40)) | set(range(100, 140))
    assert sum(value < 50 for value in test) == len(test) / 2 == result.num_test / 2 == 40 * share
    assert judge.labels.sum() == len(judge.labels) / 2


def test_the_longer_set_is_cut_at_random_so_that_a_constant_answer_is_a_coin():
    class Constant(Oracle):
        def predict(self, x):
            self.tested_on = x
            return np.zeros(len(x), int)

    judge = Constant()
    result = classifier_two_sample_test(np.arange(30.0)[:, None], 100 + np.arange(90.0)[:, None], judge)
    assert result.accuracy == 0.5
    assert result.num_test == 30
    seen = np.concatenate([judge.trained_on, judge.tested_on])[:, 0]
    assert judge.labels.sum() == len(judge.labels) / 2 == 15
    assert seen.max() > 140, "the cut is random, and not the first rows"


def test_for_equal_laws_the_accuracy_scatters_as_a_coin_does():
    draws = [
        classifier_two_sample_test(*np.random.default_rng(seed).normal(size=(2, 60, 2)), seed=seed)
        for seed in range(60)
    ]
    accuracy = np.array([draw.accuracy for draw in draws])
    assert abs(accuracy.mean() - 0.5) < 5 * accuracy.std() / np.sqrt(60)
    assert 0.6 * draws[0].null_deviation < accuracy.std() < 1.3 * draws[0].null_deviation


def test_the_usual_classifier_sees_a_mean_a_variance_and_a_correlation():
    rng = np.random.default_rng(1)
    real = rng.normal(size=(600, 2))
    slanted = real[:, :1] * [0.9, 0.9] + rng.normal(size=(600, 2)) * 0.44
    for generated in (rng.normal(1.0, 1, (600, 2)), rng.normal(0, 2.5, (600, 2)), slanted):
        result = classifier_two_sample_test(real, generated)
        assert result.accuracy > 0.6
        assert result.p_value < 1e-4


def test_many_features_are_judged_linearly():
    rng = np.random.default_rng(2)
    result = classifier_two_sample_test(rng.normal(size=(80, 70)), rng.normal(0.8, 1, size=(80, 70)))
    assert result.accuracy > 0.9


FINE = np.random.default_rng(0).normal(size=(10, 3))


@pytest.mark.parametrize(
    ("real", "generated", "options", "sentence"),
    [
        (FINE[:3], FINE, {}, "real should have at least 4 rows"),
        (FINE, FINE[:, :2], {}, "equally many features"),
        (FINE, np.full((10, 3), np.nan), {}, "finite"),
        (FINE, FINE, {"test_share": 1.0}, "between 0 and 1"),
        (FINE, FINE, {"test_share": 0.01}, "nothing to test on"),
        (FINE, FINE, {"test_share": 0.99}, "nothing to train on"),
        (FINE, FINE, {"seed": 0.5}, "seed"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(real, generated, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        classifier_two_sample_test(real, generated, **options)


@pytest.mark.parametrize("numbers", [(-1, 5), (6, 5), (0, 0), (2.0, 5)])
def test_impossible_counts_have_no_p_value(numbers):
    with pytest.raises(ValueError, match="num_"):
        p_value_of_accuracy(*numbers)


class Answers:
    """Stands for a classifier whose `predict` returns something else than labels."""

    def __init__(self, answer):
        self.answer = answer

    def fit(self, x, labels):
        pass

    def predict(self, x):
        return self.answer(x[:, 0])


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: (x > 0)[:, None].astype(int),
        lambda x: 1 / (1 + np.exp(-x)),
        lambda x: np.where(x > 0, "real", "made"),
        lambda x: np.where(x > x.min(), 1.0, 0.5),
    ],
    ids=["a column", "probabilities", "names", "one that is undecided"],
)
def test_a_classifier_that_does_not_answer_with_labels_is_refused(answer):
    with pytest.raises(ValueError, match="should return a label, 0 or 1, for each row, shape"):
        classifier_two_sample_test(FINE, FINE + 1.0, Answers(answer))


def test_a_classifier_must_fit_and_predict():
    class OnlyFits:
        def fit(self, x, labels):
            pass

    with pytest.raises(ValueError, match=r"an object with fit\(x, labels\) and predict\(x\).*got a OnlyFits"):
        classifier_two_sample_test(FINE, FINE, OnlyFits())
