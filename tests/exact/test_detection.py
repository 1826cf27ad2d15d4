import numpy as np
import pytest
from scipy import integrate, stats

from course_lib.exact.detection import auroc_of_scaled_gaussians, detection_1d, law_of_false_alarms


@pytest.mark.parametrize(("shift", "scale"), [(0.5, 1.0), (2.0, 1.0), (1.0, 3.0)])
def test_the_area_of_two_normals_is_known(shift, scale):
    auroc, _ = detection_1d(stats.norm(0, 1).logpdf, stats.norm(shift, scale).logpdf, -20, 25)
    assert auroc == pytest.approx(stats.norm.cdf(shift / np.sqrt(1 + scale**2)), abs=1e-6)


@pytest.mark.parametrize("prevalence", [0.5, 0.1, 0.01])
def test_the_average_precision_agrees_with_adaptive_quadrature(prevalence):
    normal, anomalous = stats.norm(0, 1), stats.norm(2, 1)

    def weighted(t):
        hits, alarms = prevalence * anomalous.sf(t), (1 - prevalence) * normal.sf(t)
        return hits / (hits + alarms) * anomalous.pdf(t)

    expected, _ = integrate.quad(weighted, -8, 12)
    found = detection_1d(normal.logpdf, anomalous.logpdf, -9, 12, prevalence)[1]
    assert found == pytest.approx(expected, abs=1e-4)


def test_equal_densities_know_nothing():
    law = stats.gamma(3).logpdf
    assert detection_1d(law, law, 1e-9, 60, 0.2) == pytest.approx((0.5, 0.2), abs=1e-3)


def test_scores_far_apart_are_told_apart():
    assert detection_1d(stats.norm(0, 1).logpdf, stats.norm(12, 1).logpdf, -8, 20, 0.01) == pytest.approx(
        (1, 1), abs=1e-4
    )


@pytest.mark.parametrize(("dimension", "scale"), [(1, 0.5), (2, 0.5), (10, 0.7), (5, 1.0), (3, 2.0)])
def test_scaled_gaussians_agree_with_draws(dimension, scale):
    x, y = np.random.default_rng(dimension).normal(size=(2, 100_000, dimension))
    share = np.mean((scale * y**2 * scale).sum(axis=1) > (x**2).sum(axis=1))
    assert abs(auroc_of_scaled_gaussians(dimension, scale) - share) < 5 * 0.5 / np.sqrt(100_000)


def test_in_two_dimensions_the_area_is_a_ratio():
    assert auroc_of_scaled_gaussians(2, 0.5) == pytest.approx(0.25 / 1.25)


@pytest.mark.parametrize(("count", "order"), [(99, 95), (20, 20), (7, 1)])
def test_the_law_of_false_alarms_is_that_of_an_order_statistic(count, order):
    draws = np.sort(np.random.default_rng(count).random((20_000, count)), axis=1)[:, order - 1]
    law = law_of_false_alarms(count, order)
    assert law.mean() == pytest.approx((count + 1 - order) / (count + 1))
    assert stats.kstest(1 - draws, law.cdf).pvalue > 1e-4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda law: detection_1d(law, law, -1, 1), "mass 1"),
        (lambda law: detection_1d(law, law, 1, -1), "smaller than upper"),
        (lambda law: detection_1d(law, law, -9, 9, 1.0), "prevalence should lie between"),
        (lambda law: auroc_of_scaled_gaussians(2, 0.0), "scale should be positive"),
        (lambda law: auroc_of_scaled_gaussians(0, 1.0), "dimension should be at least 1"),
        (lambda law: law_of_false_alarms(9, 10), "order should lie in 1 … 9"),
    ],
)
def test_what_is_out_of_range_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(stats.norm(0, 1).logpdf)
