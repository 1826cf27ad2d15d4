from itertools import permutations

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from course_lib.exact.transport import (
    kantorovich_potential,
    transport_plan,
    wasserstein_of_densities,
    wasserstein_of_points,
    wasserstein_of_samples,
)


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


def _two_samples(n, m, dimension=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, dimension)), rng.normal(1.0, 2.0, size=(m, dimension))


@pytest.mark.parametrize(("dimension", "seed"), [(1, 0), (2, 1), (3, 2)])
def test_points_agree_with_the_best_of_all_permutations(dimension, seed):
    x, y = _two_samples(6, 6, dimension, seed)
    best = min(np.linalg.norm(x - y[list(order)], axis=1).mean() for order in permutations(range(6)))
    assert wasserstein_of_points(x, y) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize(("n", "m"), [(9, 9), (4, 7), (1, 5), (6, 1)])
def test_points_of_one_column_agree_with_the_sorted_samples(n, m):
    x, y = _two_samples(n, m, dimension=1)
    assert wasserstein_of_points(x, y) == pytest.approx(wasserstein_of_samples(x[:, 0], y[:, 0]), abs=1e-10)


def test_unequal_numbers_agree_with_their_copies_in_equal_numbers():
    x, y = _two_samples(4, 6)
    copies = wasserstein_of_points(np.repeat(x, 3, axis=0), np.repeat(y, 2, axis=0))
    assert wasserstein_of_points(x, y) == pytest.approx(copies, abs=1e-10)
    assert wasserstein_of_points(y, x) == pytest.approx(copies, abs=1e-10)


@pytest.mark.parametrize(("n", "m"), [(5, 5), (4, 7), (7, 4)])
def test_a_plan_takes_all_from_every_point_and_fills_every_point(n, m):
    plan = transport_plan(*_two_samples(n, m))
    assert plan.shape == (n, m)
    assert (plan >= 0).all()
    np.testing.assert_allclose(plan.sum(axis=1), 1 / n, atol=1e-12)
    np.testing.assert_allclose(plan.sum(axis=0), 1 / m, atol=1e-12)


def test_a_shift_of_all_points_costs_its_length():
    x, _ = _two_samples(30, 30)
    assert wasserstein_of_points(x, x[::-1] + np.array([3.0, 4.0])) == pytest.approx(5.0, abs=1e-12)
    assert wasserstein_of_points(x, x[::-1]) == 0.0


@pytest.mark.parametrize(("n", "m", "dimension"), [(8, 8, 2), (5, 9, 3), (9, 4, 1)])
def test_the_best_critic_has_slope_one_and_attains_the_distance(n, m, dimension):
    x, y = _two_samples(n, m, dimension)
    critic, anywhere = kantorovich_potential(x, y), np.random.default_rng(7).normal(size=(300, dimension)) * 4
    assert critic(x).mean() - critic(y).mean() == pytest.approx(wasserstein_of_points(x, y), abs=1e-9)
    gaps = np.linalg.norm(anywhere[:, None] - anywhere, axis=-1)
    rises = np.abs(critic(anywhere)[:, None] - critic(anywhere))
    assert (rises <= gaps + 1e-9).all()
    assert (rises / np.where(gaps > 0, gaps, np.inf)).max() > 0.99


def test_no_function_with_slope_one_beats_the_best_critic():
    x, y = _two_samples(20, 20)
    distance = wasserstein_of_points(x, y)
    directions = np.random.default_rng(1).normal(size=(50, 2))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    centres = np.random.default_rng(2).normal(size=(50, 2)) * 3
    for direction, centre in zip(directions, centres, strict=True):
        for function in (lambda a, w=direction: a @ w, lambda a, c=centre: np.linalg.norm(a - c, axis=1)):
            assert abs(function(x).mean() - function(y).mean()) <= distance + 1e-12


@pytest.mark.parametrize("function", [transport_plan, wasserstein_of_points, kantorovich_potential])
def test_points_that_are_none_are_refused(function):
    good = np.zeros((2, 2))
    for bad, sentence in ((np.zeros(3), r"shape \(n, d\)"), (np.zeros((0, 2)), "n >= 1"), (good * np.nan, "finite")):
        with pytest.raises(ValueError, match=f"x should .*{sentence}"):
            function(bad, good)
        with pytest.raises(ValueError, match=f"y should .*{sentence}"):
            function(good, bad)
    with pytest.raises(ValueError, match="same space; got 2 and 3"):
        function(good, np.zeros((2, 3)))
