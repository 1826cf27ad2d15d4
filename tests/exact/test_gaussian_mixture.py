import itertools

import numpy as np
import pytest
from scipy import stats
from sklearn import mixture as sklearn_mixture

from course_lib.exact.gaussian_mixture import GaussianMixture


def planted():
    """Three well separated components of different size, shape and weight."""
    covariances = [[[1.0, 0.6], [0.6, 0.8]], [[0.3, 0.0], [0.0, 1.5]], [[0.5, -0.2], [-0.2, 0.4]]]
    return GaussianMixture([0.5, 0.3, 0.2], [[-5.0, 0.0], [4.0, 4.0], [5.0, -5.0]], covariances)


def overlapping():
    covariances = [[[1.0, 0.3], [0.3, 1.0]], [[2.0, -0.5], [-0.5, 0.7]]]
    return GaussianMixture([0.35, 0.65], [[-0.5, 0.2], [0.8, 0.0]], covariances)


def densities(model, x):
    components = zip(model.weights, model.means, model.covariances, strict=True)
    return np.stack([weight * stats.multivariate_normal(mean, cov).pdf(x) for weight, mean, cov in components], axis=1)


def test_log_prob_and_responsibilities_agree_with_scipy():
    model, x = overlapping(), overlapping().sample(50)
    joint = densities(model, x)
    np.testing.assert_allclose(model.log_prob(x), np.log(joint.sum(axis=1)), atol=1e-11)
    np.testing.assert_allclose(model.responsibilities(x), joint / joint.sum(axis=1, keepdims=True), atol=1e-11)


def test_log_prob_stays_finite_far_away():
    far = np.array([[1e4, -1e4]])
    assert np.isfinite(overlapping().log_prob(far)).all()
    assert overlapping().responsibilities(far).sum() == pytest.approx(1.0)


def test_em_step_agrees_with_sums_written_out():
    model, x = overlapping(), overlapping().sample(40, seed=3)
    joint, after = densities(model, x), model.em_step(x)
    for k in range(2):
        share = joint[:, k] / joint.sum(axis=1)
        mean = sum(r * row for r, row in zip(share, x, strict=True)) / share.sum()
        covariance = sum(r * np.outer(row - mean, row - mean) for r, row in zip(share, x, strict=True)) / share.sum()
        assert after.weights[k] == pytest.approx(share.mean(), abs=1e-12)
        np.testing.assert_allclose(after.means[k], mean, atol=1e-12)
        np.testing.assert_allclose(after.covariances[k], covariance, atol=1e-12)


def test_em_step_agrees_with_scikit_learn():
    model, x = overlapping(), overlapping().sample(200, seed=4)
    other = sklearn_mixture.GaussianMixture(
        2, max_iter=1, reg_covar=0.0, weights_init=model.weights, means_init=model.means,
        precisions_init=np.linalg.inv(model.covariances),
    )  # fmt: skip
    with pytest.warns(match="did not converge"):
        other.fit(x)
    np.testing.assert_allclose(model.em_step(x).covariances, other.covariances_, atol=1e-9)
    np.testing.assert_allclose(model.em_step(x).log_prob(x), other.score_samples(x), atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_em_never_lowers_the_likelihood(seed):
    x, rng = overlapping().sample(150, seed=seed), np.random.default_rng(seed)
    model = GaussianMixture([0.2, 0.3, 0.5], rng.normal(size=(3, 2)), np.tile(np.eye(2), (3, 1, 1)))
    likelihoods = []
    for _ in range(60):
        likelihoods.append(model.log_prob(x).sum())
        model = model.em_step(x)
    rises = np.diff(likelihoods)
    assert (rises >= -1e-9 * np.abs(likelihoods[0])).all()
    assert likelihoods[-1] > likelihoods[0] + 1


@pytest.mark.slow
def test_fit_recovers_separated_components_and_beats_the_planted_likelihood():
    truth, x = planted(), planted().sample(1500, seed=1)
    fitted = GaussianMixture.fit(x, num_components=3)
    assert fitted.log_prob(x).mean() >= truth.log_prob(x).mean()
    order = min(itertools.permutations(range(3)), key=lambda p: np.abs(fitted.means[list(p)] - truth.means).sum())
    counts = 1500 * truth.weights
    error = np.sqrt(np.diagonal(truth.covariances, axis1=1, axis2=2) / counts[:, None])
    assert (np.abs(fitted.means[list(order)] - truth.means) < 4 * error).all()
    assert (np.abs(fitted.weights[list(order)] - truth.weights) < 4 * np.sqrt(truth.weights / 1500)).all()
    np.testing.assert_allclose(fitted.covariances[list(order)], truth.covariances, atol=0.25)


def test_fit_with_one_component_is_the_mean_and_the_covariance_divided_by_n():
    x = overlapping().sample(30)
    fitted = GaussianMixture.fit(x, num_components=1)
    np.testing.assert_allclose(fitted.means[0], x.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(fitted.covariances[0], np.cov(x, rowvar=False, bias=True), atol=1e-12)


def test_fit_keeps_the_best_of_its_starts():
    x = planted().sample(300)
    likelihoods = [GaussianMixture.fit(x, 3, num_starts=n, seed=6).log_prob(x).mean() for n in (1, 3, 10)]
    assert likelihoods == sorted(likelihoods)


def test_a_start_that_ends_on_a_pair_of_near_twins_counts_as_collapsed():
    x = np.append(np.random.default_rng(1).normal(size=20), [4.0, 4.0 + 1e-7])[:, None]
    with pytest.raises(ValueError, match="collapsed"):
        GaussianMixture.fit(x, num_components=2)


def test_fit_says_so_when_every_start_collapses():
    with pytest.raises(ValueError, match="collapsed"):
        GaussianMixture.fit(np.random.default_rng(0).normal(size=(6, 2)), num_components=5, num_starts=3)


def test_a_component_on_too_few_points_is_refused_by_the_step():
    tight = GaussianMixture([0.5, 0.5], [[0.0], [9.0]], [[[1.0]], [[1e-4]]])
    with pytest.raises(ValueError, match="positive definite"):
        tight.em_step([[-1.0], [0.0], [1.0], [9.0]])


def test_samples_have_the_mean_and_covariance_of_the_mixture_within_standard_errors():
    model, n = overlapping(), 100_000
    x = model.sample(n, seed=2)
    mean = model.weights @ model.means
    outer = np.einsum("k,ki,kj->ij", model.weights, model.means - mean, model.means - mean)
    covariance = np.einsum("k,kij->ij", model.weights, model.covariances) + outer
    products = (x - mean)[:, :, None] * (x - mean)[:, None]
    assert (np.abs(x.mean(axis=0) - mean) < 5 * np.sqrt(np.diag(covariance) / n)).all()
    assert (np.abs(products.mean(axis=0) - covariance) < 5 * products.std(axis=0) / np.sqrt(n)).all()


def test_a_component_of_weight_zero_is_never_used():
    model = GaussianMixture([0.0, 1.0], [[50.0], [0.0]], [[[1.0]], [[1.0]]])
    np.testing.assert_allclose(model.log_prob([[0.5]]), stats.norm.logpdf([0.5]))
    assert model.responsibilities([[50.0]]).tolist() == [[0.0, 1.0]]
    assert model.sample(100).max() < 10


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([0.5, 0.6], [[0.0], [1.0]], [[[1.0]], [[1.0]]]), "sum 1"),
        (([-0.5, 1.5], [[0.0], [1.0]], [[[1.0]], [[1.0]]]), "non-negative"),
        (([0.5, 0.5], [0.0, 1.0], [1.0, 1.0]), r"means should be \(k, d\)"),
        (([0.5, 0.5], [[0.0], [1.0]], [[1.0], [1.0]]), r"covariances \(k, d, d\)"),
        (([1.0], [[0.0], [1.0]], [[[1.0]], [[1.0]]]), "1 weights, 2 means"),
        (([1.0], [[0.0]], [[[-1.0]]]), "positive definite"),
    ],
)
def test_bad_parameters_are_refused_with_what_was_expected(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        GaussianMixture(*arguments)


def test_more_components_than_examples_are_refused():
    with pytest.raises(ValueError, match="1 … 3"):
        GaussianMixture.fit(np.zeros((3, 2)), num_components=4)
