import numpy as np
import pytest
from scipy import integrate, special, stats

from course_lib.exact.optimal_discriminator import discriminator_value, optimal_logit, optimal_value
from course_lib.exact.quadrature import jensen_shannon_1d

P, Q = stats.norm(-0.5, 1.2), stats.norm(1.0, 0.6)
ENDS = (-12, 12)


def test_the_optimal_discriminator_is_p_over_p_plus_q():
    x = np.linspace(-3, 3, 13)
    np.testing.assert_allclose(special.expit(optimal_logit(x, P.logpdf, Q.logpdf)), P.pdf(x) / (P.pdf(x) + Q.pdf(x)))


def test_the_logit_where_one_or_both_have_no_mass():
    left, right = stats.uniform(0, 1), stats.uniform(2, 1)
    logits = optimal_logit(np.array([0.5, 1.5, 2.5]), left.logpdf, right.logpdf)
    assert logits.tolist() == [np.inf, 0.0, -np.inf]


def test_value_agrees_with_adaptive_quadrature():
    def logit(x):
        return 0.7 - 1.3 * x

    real, _ = integrate.quad(lambda x: P.pdf(x) * np.log(special.expit(logit(x))), *ENDS)
    fake, _ = integrate.quad(lambda x: Q.pdf(x) * np.log(1 - special.expit(logit(x))), *ENDS)
    assert discriminator_value(logit, P.logpdf, Q.logpdf, *ENDS) == pytest.approx(real + fake, abs=1e-8)


def test_no_discriminator_beats_the_optimal_one():
    best, rng = optimal_value(P.logpdf, Q.logpdf, *ENDS), np.random.default_rng(0)
    for _ in range(20):
        shift, slope, size = rng.normal(size=3)

        def logit(x, shift=shift, slope=slope, size=size):
            return optimal_logit(x, P.logpdf, Q.logpdf) + size * np.sin(slope * x + shift)

        assert discriminator_value(logit, P.logpdf, Q.logpdf, *ENDS) < best


@pytest.mark.parametrize(("p", "q"), [(P, Q), (Q, P), (stats.norm(), stats.norm(5)), (stats.laplace(0, 0.3), P)])
def test_optimal_value_is_twice_the_jensen_shannon_divergence_less_log_four(p, q):
    ends = (-80, 80)
    divergence = jensen_shannon_1d(p.logpdf, q.logpdf, *ends)
    assert optimal_value(p.logpdf, q.logpdf, *ends) == pytest.approx(2 * divergence - np.log(4), abs=1e-3)


def test_optimal_value_of_gaussians_to_nine_digits():
    divergence = jensen_shannon_1d(P.logpdf, Q.logpdf, *ENDS)
    assert optimal_value(P.logpdf, Q.logpdf, *ENDS) == pytest.approx(2 * divergence - np.log(4), abs=1e-9)


def test_optimal_value_of_equal_and_of_disjoint_densities():
    assert optimal_value(P.logpdf, P.logpdf, *ENDS) == pytest.approx(-np.log(4), abs=1e-9)
    apart = optimal_value(stats.uniform(0, 1).logpdf, stats.uniform(2, 1).logpdf, -1, 4)
    assert apart == pytest.approx(0.0, abs=1e-12)


def test_an_interval_that_loses_mass_is_refused():
    with pytest.raises(ValueError, match="Widen"):
        optimal_value(P.logpdf, Q.logpdf, -1, 1)
