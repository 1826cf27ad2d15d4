import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from course_lib.metrics.linear_probe import linear_probe


def three_clouds(n, seed, scale=(1.0, 20.0)):
    """Overlapping classes; the second feature is wide, so that standardising it matters under a penalty."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, size=n)
    centres = np.array([[0.0, 0.0], [1.5, 0.5], [0.3, 1.8]])
    return (centres[labels] + rng.normal(size=(n, 2))) * scale + [5.0, -3.0], labels


def by_general_optimiser(train, y, test, y_test, regularisation):
    """The same classifier from its definition, minimised by scipy."""
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    train, test = (train - mean) / deviation, (test - mean) / deviation

    def objective(flat):
        weights, bias = flat[:6].reshape(2, 3), flat[6:]
        scores = train @ weights + bias
        log_loss = logsumexp(scores, axis=1) - scores[np.arange(len(y)), y]
        return log_loss.sum() + 0.5 * regularisation * np.square(weights).sum()

    best = minimize(objective, np.zeros(9), method="BFGS", options={"gtol": 1e-4}).x
    return np.mean((test @ best[:6].reshape(2, 3) + best[6:]).argmax(axis=1) == y_test)


@pytest.mark.parametrize("regularisation", [0.1, 1.0, 200.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_accuracy_is_that_of_the_penalised_classifier_found_by_a_general_optimiser(regularisation, seed):
    train, test = three_clouds(60, seed), three_clouds(2000, seed + 10)
    expected = by_general_optimiser(*train, *test, regularisation)
    assert linear_probe(*train, *test, regularisation) == pytest.approx(expected, abs=1.5e-3)


def test_a_strong_penalty_changes_the_answer():
    train, test = three_clouds(60, 0), three_clouds(2000, 10)
    assert linear_probe(*train, *test, 0.01) != linear_probe(*train, *test, 1e6)


def test_units_and_origin_of_the_features_change_nothing():
    (train, y), (test, y_test) = three_clouds(60, 2), three_clouds(500, 3)
    expected = linear_probe(train, y, test, y_test)
    scale, shift = np.array([1e-3, 40.0]), np.array([7.0, -1e3])
    assert linear_probe(train * scale + shift, y, test * scale + shift, y_test) == expected


def test_the_scale_comes_from_the_training_codes_alone():
    train, labels = np.array([[-1.0], [-2.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])
    shifted = np.array([[9.0], [10.0], [11.0]])  # centred by themselves, a third would be called 0
    assert linear_probe(train, labels, shifted, [1, 1, 1]) == 1.0


def test_classes_around_each_other_cannot_be_read_linearly():
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    codes, labels = np.concatenate([ring, 3 * ring]), np.repeat([0, 1], 400)
    assert linear_probe(codes[::2], labels[::2], codes[1::2], labels[1::2]) < 0.6
    radius = np.linalg.norm(codes, axis=1, keepdims=True)
    assert linear_probe(radius[::2], labels[::2], radius[1::2], labels[1::2]) == 1.0


def test_labels_may_be_words():
    codes = np.array([[-1.0], [1.0]])
    assert linear_probe(codes, ["left", "right"], [[-3.0], [-2.0]], ["left", "right"]) == 0.5


FINE, LABELS = np.random.default_rng(0).normal(size=(6, 3)), np.array([0, 1, 0, 1, 0, 1])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((FINE[0], LABELS, FINE, LABELS), "train_codes should have shape"),
        ((FINE, LABELS[:5], FINE, LABELS), r"train_labels should have shape \(6,\)"),
        ((FINE, LABELS, FINE, LABELS[:, None]), "test_labels should have shape"),
        ((FINE, LABELS, FINE[:, :2], LABELS), "equally wide; got 3 and 2"),
        ((FINE, LABELS, np.full((6, 3), np.nan), LABELS), "test_codes should be finite"),
        ((FINE, 0 * LABELS, FINE, LABELS), "two different labels"),
        ((FINE, LABELS, FINE, LABELS, 0.0), "positive number; got 0.0"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        linear_probe(*arguments)
