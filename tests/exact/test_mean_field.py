import numpy as np
import pytest
from scipy import optimize

from course_lib.exact import ProbabilisticPCA, mean_field_gaussian, multivariate_gaussian_kl

MODELS = [
    ProbabilisticPCA([[1.5, 1.0], [0.2, 1.2], [-0.5, 0.4]], mean=[0.3, 0.0, -1.0], variance=0.5),
    ProbabilisticPCA(np.random.default_rng(0).normal(size=(6, 3)), mean=np.zeros(6), variance=0.2),
]


@pytest.mark.parametrize("model", MODELS)
def test_no_optimiser_finds_a_better_diagonal_gaussian(model):
    covariance = model.posterior([model.mean])[1]
    variances, rest = mean_field_gaussian(covariance)

    def divergence(log_var):
        zero = np.zeros((1, len(log_var)))
        return multivariate_gaussian_kl(zero, np.diag(np.exp(log_var))[None], zero[0], covariance)[0]

    found = optimize.minimize(divergence, np.zeros(len(covariance)), method="BFGS", options={"gtol": 1e-9})
    assert found.fun == pytest.approx(rest, abs=1e-9)
    assert np.exp(found.x) == pytest.approx(variances, rel=1e-4)


@pytest.mark.parametrize("model", MODELS)
def test_what_is_left_is_what_the_best_mean_field_elbo_of_ppca_loses(model):
    x = model.sample(5, seed=1)
    mean, covariance = model.posterior(x)
    variances, rest = mean_field_gaussian(covariance)
    elbo = model.elbo(x, mean, np.log(np.tile(variances, (5, 1))))
    assert model.log_prob(x) - elbo == pytest.approx(np.full(5, rest), abs=1e-10)


def test_independent_entries_cost_nothing():
    variances, rest = mean_field_gaussian(np.diag([0.3, 2.0, 5.0]))
    assert variances == pytest.approx([0.3, 2.0, 5.0])
    assert rest == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("bad", [[[1.0, 2.0], [2.0, 1.0]], [[1.0, 0.5], [0.0, 1.0]], np.eye(2)[None], [1.0]])
def test_what_is_no_covariance_is_refused(bad):
    with pytest.raises(ValueError, match="covariance"):
        mean_field_gaussian(bad)
