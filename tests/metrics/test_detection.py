import numpy as np
import pytest
from scipy import stats

from course_lib.exact.detection import detection_1d, law_of_false_alarms
from course_lib.metrics.detection import conformal_threshold, detection


def pairs_won(normal, anomalous):
    above, equal = np.greater.outer(anomalous, normal), np.equal.outer(anomalous, normal)
    return (above + 0.5 * equal).mean()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_area_is_the_share_of_pairs_ties_counting_one_half(seed):
    rng = np.random.default_rng(seed)
    normal, anomalous = np.round(3 * rng.normal(size=40)), np.round(3 * rng.normal(1, 1, size=17))
    assert detection(normal, anomalous).auroc == pytest.approx(pairs_won(normal, anomalous))
    assert detection(normal, anomalous, prevalence=0.01).auroc == pytest.approx(pairs_won(normal, anomalous))


@pytest.mark.parametrize("prevalence", [0.5, 0.1, 0.02])
def test_a_weighted_sample_has_the_average_precision_of_the_densities(prevalence):
    rng = np.random.default_rng(3)
    normal, anomalous = rng.normal(size=40_000), rng.normal(2, 1, size=40_000)
    exact = detection_1d(stats.norm(0, 1).logpdf, stats.norm(2, 1).logpdf, -9, 12, prevalence)[1]
    assert detection(normal, anomalous, prevalence).average_precision == pytest.approx(exact, rel=0.06)


def test_without_a_prevalence_it_is_that_of_the_examples():
    normal, anomalous = np.array([1.0, 3.0, 0.0]), np.array([2.0, 4.0])
    assert detection(normal, anomalous).average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert detection(normal, anomalous) == detection(normal, anomalous, 0.4)


@pytest.mark.parametrize("law", [stats.norm(), stats.t(2), stats.lognorm(1.5)], ids=["normal", "t", "log-normal"])
def test_the_threshold_keeps_its_rate_for_every_law(law):
    calibrations = law.rvs(size=(4000, 39), random_state=np.random.default_rng(4))
    rates = law.sf([conformal_threshold(each, 0.1) for each in calibrations])
    assert abs(rates.mean() - 0.1) < 5 * rates.std() / np.sqrt(4000)
    assert stats.kstest(rates, law_of_false_alarms(39, 36).cdf).pvalue > 1e-4


def test_the_threshold_is_one_of_the_scores_in_any_order():
    scores = np.random.default_rng(5).permutation(np.arange(1.0, 20.0))
    assert [conformal_threshold(scores, rate) for rate in (0.05, 0.1, 0.49, 0.5)] == [19, 18, 11, 10]


@pytest.mark.parametrize(("count", "rate"), [(99, 0.05), (199, 0.015), (9, 0.1), (999, 0.001), (99, 0.45)])
def test_a_whole_rank_is_not_pushed_up_by_rounding(count, rate):
    rank = round((1 - rate) * (count + 1))
    assert conformal_threshold(np.arange(1.0, count + 1), rate) == rank


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: detection([], [1.0]), "normal should be a list of scores"),
        (lambda: detection([1.0], [[1.0]]), "anomalous should be a list of scores"),
        (lambda: detection([np.nan], [1.0]), "normal should be finite"),
        (lambda: detection([1.0], [2.0], 0), "prevalence should lie between 0 and 1"),
        (lambda: conformal_threshold(np.arange(18.0), 0.05), "at least 19 calibration scores; got 18"),
        (lambda: conformal_threshold(np.arange(18.0), 5), "Five per cent are 0.05"),
    ],
)
def test_what_is_no_score_is_refused_with_a_repair(call, message):
    with pytest.raises(ValueError, match=message):
        call()
