import numpy as np
import pytest
from scipy import linalg
from sklearn.decomposition import PCA

from course_lib.exact.principal_components import (
    principal_axes,
    principal_variances,
    reconstruction_error,
    subspace_distance,
)


def some_data(n=40):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 6)) @ rng.normal(size=(6, 6)) + 5.0


@pytest.mark.parametrize("k", [1, 3, 5, 6])
def test_reconstruction_error_agrees_with_scikit_learn_rebuilding_the_data(k):
    x = some_data()
    pca = PCA(k).fit(x)
    rebuilt = pca.inverse_transform(pca.transform(x))
    assert reconstruction_error(x, k) == pytest.approx(np.square(x - rebuilt).sum(axis=1).mean(), abs=1e-10)


def test_variances_are_those_of_the_covariance_divided_by_n():
    x = some_data(n=8)
    np.testing.assert_allclose(principal_variances(x), PCA().fit(x).explained_variance_ * 7 / 8, rtol=1e-10)
    assert reconstruction_error(x, 0) == pytest.approx(np.square(x - x.mean(axis=0)).sum(axis=1).mean())


def test_no_linear_code_rebuilds_better():
    x, rng = some_data(), np.random.default_rng(1)
    for _ in range(20):
        basis = principal_axes(x, 2) + 0.1 * rng.normal(size=(6, 2))
        centre = x.mean(axis=0) + 0.1 * rng.normal(size=6)
        codes = (x - centre) @ np.linalg.pinv(basis).T
        assert np.square(x - centre - codes @ basis.T).sum(axis=1).mean() > reconstruction_error(x, 2)


def test_axes_are_orthonormal_and_agree_with_scikit_learn_up_to_sign():
    x = some_data()
    axes = principal_axes(x, 4)
    np.testing.assert_allclose(axes.T @ axes, np.eye(4), atol=1e-12)
    np.testing.assert_allclose(np.abs(axes), np.abs(PCA(4).fit(x).components_.T), atol=1e-9)


def test_repeating_every_example_changes_nothing():
    x = some_data()
    assert reconstruction_error(np.repeat(x, 3, axis=0), 2) == pytest.approx(reconstruction_error(x, 2))


@pytest.mark.parametrize("seed", range(5))
def test_subspace_distance_agrees_with_the_principal_angles_of_scipy(seed):
    a, b = np.random.default_rng(seed).normal(size=(2, 7, 3))
    expected = np.square(np.sin(linalg.subspace_angles(a, b))).sum()
    assert subspace_distance(a, b) == pytest.approx(expected, abs=1e-12)
    assert subspace_distance(b, a) == pytest.approx(expected, abs=1e-12)


def test_subspace_distance_knows_the_span_and_not_the_basis():
    a, mix = np.random.default_rng(0).normal(size=(6, 2)), np.array([[2.0, 1.0], [0.0, -3.0]])
    assert subspace_distance(a, a @ mix) < 1e-28
    assert subspace_distance(np.eye(6)[:, :2], np.eye(6)[:, 2:4]) == pytest.approx(2.0)


def test_subspace_distance_resolves_tiny_angles():
    tilted = np.array([[1.0], [1e-9]])
    assert subspace_distance(np.array([[1.0], [0.0]]), tilted) == pytest.approx(1e-18, rel=1e-6)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: reconstruction_error(some_data(), 7), "0 … 6; got 7"),
        (lambda: reconstruction_error(some_data(), -1), "0 … 6"),
        (lambda: principal_axes(some_data(), 0), "1 … 6"),
        (lambda: principal_variances(np.zeros(5)), "shape"),
        (lambda: subspace_distance(np.eye(3)[:, :1], np.eye(3)[:, :2]), "same shape"),
        (lambda: subspace_distance(np.ones((3, 2)), np.eye(3)[:, :2]), "columns of a should be linearly independent"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
