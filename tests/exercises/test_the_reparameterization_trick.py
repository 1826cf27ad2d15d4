"""The checks on gradient estimators against differences, the exact gradient, the library, and other right answers."""

import numpy as np
import pytest
from keras import ops
from scipy.special import log_softmax

from course_lib.exercises import the_reparameterization_trick
from course_lib.formulas import input_gradient
from course_lib.layers import straight_through

RIGHT = "right"
LEAVE_ONE_OUT, GUMBEL_GRADIENT = (
    the_reparameterization_trick.LEAVE_ONE_OUT,
    the_reparameterization_trick.GUMBEL_GRADIENT,
)


def one_draw_after_the_other(values, score):
    estimates = []
    for row, scores in zip(values, score, strict=True):
        parts = [(f - np.delete(row, k).mean()) * scores[k] for k, f in enumerate(row)]
        estimates.append(sum(parts) / len(parts))
    return estimates


def divided_by_one_less(values, score):
    return ((values - values.mean(1)[:, None]) * score).sum(1) / (values.shape[1] - 1)


def as_a_covariance(values, score):
    return np.array([np.cov(*pair)[0, 1] for pair in zip(values, score, strict=True)])


@pytest.mark.parametrize("answer", [one_draw_after_the_other, divided_by_one_less, as_a_covariance])
def test_leaving_one_out_is_right_however_it_is_written(answer):
    assert LEAVE_ONE_OUT.judge(answer) == RIGHT


def test_leaving_one_out_is_unbiased_for_a_categorical():
    rng, probabilities, values = np.random.default_rng(0), np.array([0.2, 0.3, 0.5]), np.array([1.0, 0.25, 4.0])
    z = rng.choice(3, size=(50_000, 3), p=probabilities)
    for category, exact in enumerate(probabilities * (values - probabilities @ values)):
        estimates = LEAVE_ONE_OUT.reference(values[z], (z == category) - probabilities[category])
        assert abs(estimates.mean() - exact) < 5 * estimates.std() / np.sqrt(len(estimates))


def by_the_whole_jacobian(logits, gumbel, slope, tau, hard):
    y = np.exp(log_softmax((logits + gumbel) / tau))
    point = (y == y.max()).astype(float) if hard else y
    return (np.diag(y) - np.outer(y, y)).T @ slope(point) / tau


def entry_by_entry(logits, gumbel, slope, tau, hard):
    shifted = (logits + gumbel) / tau
    y = np.exp(shifted - shifted.max())
    y /= y.sum()
    at = np.zeros(len(y)) if hard else y
    if hard:
        at[shifted.argmax()] = 1
    s = slope(at)
    return [sum(y[k] * ((k == i) - y[i]) * s[k] for k in range(len(y))) / tau for i in range(len(y))]


@pytest.mark.parametrize("answer", [by_the_whole_jacobian, entry_by_entry])
def test_a_gradient_through_gumbel_softmax_is_right_however_it_is_written(answer):
    assert GUMBEL_GRADIENT.judge(answer) == RIGHT


def test_soft_it_is_the_slope_by_finite_differences():
    logits, gumbel, c, tau, step = np.array([0.3, -1.0, 0.8]), np.array([1.1, 0.2, -0.4]), np.arange(3.0), 0.7, 1e-6

    def f(ell):
        return (np.exp(log_softmax((ell + gumbel) / tau)) @ c) ** 2

    differences = [(f(logits + step * e) - f(logits - step * e)) / (2 * step) for e in np.eye(3)]
    found = GUMBEL_GRADIENT.reference(logits, gumbel, lambda y: 2 * (y @ c) * c, tau, False)
    np.testing.assert_allclose(found, differences, rtol=1e-6)


@pytest.mark.parametrize("hard", [False, True])
def test_it_is_what_the_library_differentiates(hard):
    logits, gumbel, c, tau = np.array([[0.3, -1.0, 0.8]]), np.array([1.1, 0.2, -0.4]), np.arange(3.0), 0.7

    def f(ell):
        y = ops.softmax((ell + gumbel.astype("float32")) / tau, axis=-1)
        y = straight_through(y) if hard else y
        return ops.sum(y * c.astype("float32"), axis=-1) ** 4

    by_machine = ops.convert_to_numpy(input_gradient(f, ops.convert_to_tensor(logits, "float32")))[0]
    found = GUMBEL_GRADIENT.reference(logits[0], gumbel, lambda y: 4 * (y @ c) ** 3 * c, tau, hard)
    np.testing.assert_allclose(found, by_machine, rtol=1e-4, atol=1e-6)


def test_both_kinds_of_slope_are_asked_for_and_the_noise_chooses_the_winner():
    cases = GUMBEL_GRADIENT.tried_on()
    assert {bool(hard) for *_, hard in cases} == {False, True}
    assert all(np.argmax(logits) != np.argmax(logits + gumbel) for logits, gumbel, *_ in cases)
    assert any(np.argmax(gumbel) != np.argmax(logits + gumbel) for logits, gumbel, *_ in cases)
