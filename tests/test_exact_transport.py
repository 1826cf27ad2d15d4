import numpy as np
import pytest
from scipy import integrate, optimize, stats

from course_lib.exact.transport import wasserstein_of_densities, wasserstein_of_samples


@pytest.mark.parametrize("seed", range(5))
def test_equal_samples_agree_with_the_best_of_all_assignments(seed):
    a, b = np.random.default_rng(seed).normal([0.0, 1.0], [1.0, 3.0], size=(9, 2)).T
    cost = np.abs(a[:, None] - b)
    best = cost[optimize.linear_sum_assignment(cost)].mean()
    assert wasserstein_of_samples(a, b) == pytest.approx(best, abs=1e-12)


def test_unequal_samples_agree_with_their_copies_in_equal_numbers():
    a, b = np.random.default_rng(0).normal(size=4), np.random.default_rng(1).normal(1.0, 2.0, size=6)
    copies = wasserstein_of_samples(np.repeat(a, 3), np.repeat(b, 2))
    assert wasserstein_of_samples(a, b) == pytest.approx(copies, abs=1e-12)
    assert wasserstein_of_samples(b, a) == pytest.approx(copies, abs=1e-12)


def test_the_distance_is_linear_in_a_shift_and_in_the_scale():
    a = np.random.default_rng(2).normal(size=50)
    assert wasserstein_of_samples(a, a[::-1]) == 0.0
    assert wasserstein_of_samples(a, a - 7.5) == pytest.approx(7.5)
    assert wasserstein_of_samples(3 * a, 3 * a + 6) == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("a", "sentence"), [(np.zeros((3, 1)), r"shape \(n,\)"), ([], "n >= 1"), ([0.0, np.nan], "finite")]
)
def test_a_sample_off_the_line_is_refused(a, sentence):
    with pytest.raises(ValueError, match=f"a should .*{sentence}"):
        wasserstein_of_samples(a, [1.0])
    with pytest.raises(ValueError, match=f"b should .*{sentence}"):
        wasserstein_of_samples([1.0], a)


@pytest.mark.parametrize(
    ("p", "q"),
    [(stats.norm(), stats.norm(2, 1)), (stats.norm(0, 1), stats.norm(0, 3)), (stats.norm(-1, 0.5), stats.gumbel_r())],
)
def test_densities_agree_with_the_integral_over_quantiles(p, q):
    exact, _ = integrate.quad(lambda u: abs(p.ppf(u) - q.ppf(u)), 0, 1, limit=400)
    assert wasserstein_of_densities(p.logpdf, q.logpdf, -30, 30) == pytest.approx(exact, abs=1e-5)
    assert wasserstein_of_densities(q.logpdf, p.logpdf, -30, 30) == pytest.approx(exact, abs=1e-5)


def test_two_widths_of_one_gaussian_differ_by_the_mean_absolute_deviation():
    exact = (3 - 1) * np.sqrt(2 / np.pi)
    distance = wasserstein_of_densities(stats.norm(0, 1).logpdf, stats.norm(0, 3).logpdf, -30, 30)
    assert distance == pytest.approx(exact, abs=1e-6)


def test_large_samples_approach_the_distance_of_their_densities():
    p, q, n = stats.norm(), stats.norm(1, 2), 200_000
    exact = wasserstein_of_densities(p.logpdf, q.logpdf, -20, 20)
    sampled = wasserstein_of_samples(p.rvs(n, random_state=0), q.rvs(n, random_state=1))
    assert abs(sampled - exact) < 5 * np.sqrt((1 + 4) / n)


def test_an_interval_that_loses_mass_is_refused():
    with pytest.raises(ValueError, match=r"mass 1 between -1 and 1.*Widen"):
        wasserstein_of_densities(stats.norm().logpdf, stats.norm().logpdf, -1, 1)
