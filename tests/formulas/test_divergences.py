import numpy as np
import pytest
from keras import ops
from scipy import integrate, special, stats

from course_lib.formulas.divergences import (
    categorical_kl,
    gaussian_frechet,
    gaussian_kl,
    jensen_shannon,
    standard_normal_kl,
)

pytestmark = pytest.mark.backend

POINTS = [(-0.7, 1.1), (0.0, 0.0), (2.0, -3.0), (0.3, 0.5)]
PAIRS = [(-0.7, 1.1, 0.4, -0.6), (0.0, 0.0, 0.0, 0.0), (2.0, -1.0, -1.0, 1.5), (0.3, 0.5, 0.3, 1.0)]


def numbers(tensor):
    return ops.convert_to_numpy(tensor)


def by_quadrature(q, p):
    inside = q.mean() + q.std() * np.array([-14, 14])
    return integrate.quad(lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), *inside, limit=200)[0]


def normal(mean, log_var):
    return stats.norm(mean, np.exp(0.5 * log_var))


@pytest.mark.parametrize(("mean", "log_var"), POINTS)
def test_standard_normal_kl_agrees_with_quadrature(mean, log_var):
    exact = by_quadrature(normal(mean, log_var), stats.norm())
    assert numbers(standard_normal_kl([[mean]], [[log_var]]))[0] == pytest.approx(exact, abs=1e-5)


@pytest.mark.parametrize(("mean_q", "log_var_q", "mean_p", "log_var_p"), PAIRS)
def test_gaussian_kl_agrees_with_quadrature(mean_q, log_var_q, mean_p, log_var_p):
    exact = by_quadrature(normal(mean_q, log_var_q), normal(mean_p, log_var_p))
    formula = numbers(gaussian_kl([[mean_q]], [[log_var_q]], [[mean_p]], [[log_var_p]]))[0]
    assert formula == pytest.approx(exact, abs=1e-5)


def test_gaussian_kl_agrees_with_monte_carlo_within_standard_errors():
    mean_q, log_var_q = np.array([0.5, -1.0]), np.array([0.2, -0.4])
    mean_p, log_var_p = np.array([0.0, 0.3]), np.array([-0.3, 0.6])
    q, p = normal(mean_q, log_var_q), normal(mean_p, log_var_p)
    z = q.rvs((20_000, 2), random_state=0)
    terms = (q.logpdf(z) - p.logpdf(z)).sum(axis=1)
    formula = numbers(gaussian_kl(mean_q[None], log_var_q[None], mean_p[None], log_var_p[None]))[0]
    assert abs(formula - terms.mean()) < 5 * terms.std() / np.sqrt(len(terms))


def test_gaussian_kl_to_the_standard_normal_is_standard_normal_kl():
    mean, log_var = np.random.default_rng(0).normal(size=(2, 6, 4))
    zeros = np.zeros_like(mean)
    general = numbers(gaussian_kl(mean, log_var, zeros, zeros))
    assert general == pytest.approx(numbers(standard_normal_kl(mean, log_var)), rel=1e-5)


def test_gaussian_kl_is_zero_for_equal_gaussians_and_not_symmetric():
    assert numbers(gaussian_kl([[0.3, 2.0]], [[0.1, -1.0]], [[0.3, 2.0]], [[0.1, -1.0]]))[0] == pytest.approx(
        0, abs=1e-6
    )
    forth = numbers(gaussian_kl([[0.0]], [[0.0]], [[0.0]], [[2.0]]))[0]
    back = numbers(gaussian_kl([[0.0]], [[2.0]], [[0.0]], [[0.0]]))[0]
    assert abs(forth - back) > 1


def test_kl_is_summed_over_latents_and_kept_per_example():
    mean, log_var = np.full((3, 4), 0.5, "float32"), np.full((3, 4), -0.2, "float32")
    once = numbers(standard_normal_kl(mean, log_var))
    assert once.shape == (3,)
    assert numbers(standard_normal_kl(np.tile(mean, 2), np.tile(log_var, 2))) == pytest.approx(2 * once)
    assert numbers(standard_normal_kl(np.tile(mean, (2, 1)), np.tile(log_var, (2, 1)))) == pytest.approx(
        np.tile(once, 2)
    )


def test_kl_is_summed_over_every_axis_of_the_event():
    mean, log_var = np.random.default_rng(0).normal(size=(2, 3, 2, 5)).astype("float32")
    flat = numbers(standard_normal_kl(mean.reshape(3, 10), log_var.reshape(3, 10)))
    assert numbers(standard_normal_kl(mean, log_var)) == pytest.approx(flat, rel=1e-5)


def test_kl_of_half_precision_is_computed_in_float32():
    mean, log_var = np.full((1, 512), 2.5, "float16"), np.full((1, 512), 3.0, "float16")
    kl = standard_normal_kl(ops.convert_to_tensor(mean), ops.convert_to_tensor(log_var))
    assert ops.convert_to_numpy(kl).dtype == np.float32
    assert numbers(kl)[0] == pytest.approx(512 * 0.5 * (np.exp(3) + 6.25 - 1 - 3), rel=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_categorical_kl_agrees_with_scipy(seed):
    logits_q, logits_p = 3 * np.random.default_rng(seed).normal(size=(2, 5, 7))
    exact = special.rel_entr(special.softmax(logits_q, axis=1), special.softmax(logits_p, axis=1)).sum(axis=1)
    assert numbers(categorical_kl(logits_q, logits_p)) == pytest.approx(exact, rel=1e-4)


def test_categorical_kl_sums_over_positions():
    logits_q, logits_p = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    by_position = sum(numbers(categorical_kl(logits_q[:, i], logits_p[:, i])) for i in range(4))
    assert numbers(categorical_kl(logits_q, logits_p)) == pytest.approx(by_position, rel=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_jensen_shannon_agrees_with_scipy_and_is_symmetric(seed):
    from scipy.spatial.distance import jensenshannon

    logits_p, logits_q = 2 * np.random.default_rng(seed).normal(size=(2, 5, 7))
    p, q = special.softmax(logits_p, axis=1), special.softmax(logits_q, axis=1)
    exact = [jensenshannon(a, b) ** 2 for a, b in zip(p, q, strict=True)]
    assert numbers(jensen_shannon(logits_p, logits_q)) == pytest.approx(exact, rel=1e-4)
    assert numbers(jensen_shannon(logits_q, logits_p)) == pytest.approx(exact, rel=1e-4)


def test_gaussian_frechet_is_the_transport_cost_of_the_quantile_coupling():
    levels = (np.arange(200_000) + 0.5) / 200_000
    a, b = normal(0.3, -0.5), normal(-1.0, 0.8)
    exact = np.mean((a.ppf(levels) - b.ppf(levels)) ** 2)
    assert numbers(gaussian_frechet([[0.3]], [[-0.5]], [[-1.0]], [[0.8]]))[0] == pytest.approx(exact, rel=1e-3)


def test_gaussian_frechet_is_summed_over_dimensions():
    two = numbers(gaussian_frechet([[1.0, 2.0]], [[0.0, 1.0]], [[0.0, 0.0]], [[1.0, -1.0]]))[0]
    one = numbers(gaussian_frechet([[1.0]], [[0.0]], [[0.0]], [[1.0]]))[0]
    other = numbers(gaussian_frechet([[2.0]], [[1.0]], [[0.0]], [[-1.0]]))[0]
    assert two == pytest.approx(one + other, rel=1e-5)


def test_equal_gaussians_are_at_distance_zero_also_where_float32_holds_neither_the_variance_nor_its_inverse():
    for log_var in ([[-100.0]], [[-1e4]], [[100.0]], [[1e4]]):
        assert numbers(gaussian_kl([[1.5]], log_var, [[1.5]], log_var)).tolist() == [0.0]
        assert numbers(gaussian_frechet([[1.5]], log_var, [[1.5]], log_var)).tolist() == [0.0]
    assert numbers(gaussian_kl([[1.5]], [[-1e4]], [[0.0]], [[-1e4]])).tolist() == [np.inf]
    assert numbers(gaussian_frechet([[1.5]], [[1e4]], [[1.5]], [[0.0]])).tolist() == [np.inf]


def test_a_category_that_cannot_occur_costs_nothing_unless_the_other_distribution_uses_it():
    p, q, never = [[0.0, 1.0, -np.inf]], [[1.0, 0.0, -np.inf]], [[0.0, -np.inf, -np.inf]]
    exact = special.rel_entr(special.softmax(p), special.softmax(q)).sum()
    assert numbers(categorical_kl(p, q)) == pytest.approx([exact], rel=1e-5)
    assert numbers(categorical_kl(never, p)) == pytest.approx([-np.log(special.softmax(p)[0, 0])], rel=1e-5)
    assert numbers(categorical_kl(p, never)).tolist() == [np.inf]
    assert numbers(jensen_shannon([[0.0, -np.inf]], [[-np.inf, 0.0]])) == pytest.approx([np.log(2)], rel=1e-6)


def test_shapes_that_would_broadcast_silently_are_refused():
    column, wide = np.zeros((3, 1)), np.zeros((3, 4))
    for call in (
        lambda: standard_normal_kl(wide, column),
        lambda: gaussian_kl(column, column, wide, wide),
        lambda: gaussian_kl(wide, column, wide, wide),
        lambda: gaussian_frechet(column, column, wide, wide),
        lambda: categorical_kl(wide, column),
        lambda: jensen_shannon(column, wide),
    ):
        with pytest.raises(ValueError, match=r"\(3, 1\).*\(3, 4\)|\(3, 4\).*\(3, 1\)"):
            call()
    assert numbers(gaussian_kl(wide, wide, 0.0, column)).tolist() == [0.0] * 3
