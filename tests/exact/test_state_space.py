import numpy as np
import pytest
from scipy.stats import multivariate_normal

from course_lib.exact.mean_field import mean_field_gaussian
from course_lib.exact.state_space import kalman_log_likelihood, posterior_precision, price_of_independent_frames

CASES = [(0.9, 0.19, 0.5), (-0.5, 1.0, 0.1), (0.0, 0.3, 2.0)]


def prior(frames, coefficient, innovation):
    lags = abs(np.subtract.outer(np.arange(frames), np.arange(frames)))
    return innovation / (1 - coefficient**2) * coefficient ** lags.astype(float)


@pytest.mark.parametrize("case", CASES)
def test_the_likelihood_is_that_of_one_normal_law(case):
    coefficient, innovation, noise = case
    law = multivariate_normal(np.zeros(30), prior(30, coefficient, innovation) + noise * np.eye(30))
    y = law.rvs(size=4, random_state=0)
    assert np.allclose(kalman_log_likelihood(y, *case), law.logpdf(y), atol=1e-10)


@pytest.mark.parametrize("case", CASES)
def test_the_posterior_precision_is_that_of_prior_and_noise(case):
    expected = np.linalg.inv(prior(12, case[0], case[1])) + np.eye(12) / case[2]
    assert np.allclose(posterior_precision(12, *case), expected, atol=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_the_price_is_the_limit_of_the_mean_field_formula(case):
    losses = [mean_field_gaussian(np.linalg.inv(posterior_precision(n, *case)))[1] for n in (200, 201)]
    assert losses[1] - losses[0] == pytest.approx(price_of_independent_frames(*case), abs=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kalman_log_likelihood([0.0], 1.0, 1.0, 1.0), "between −1 and 1"),
        (lambda: price_of_independent_frames(0.5, 0.0, 1.0), "should be positive"),
        (lambda: posterior_precision(1, 0.5, 1.0, 1.0), "at least 2"),
    ],
)
def test_what_is_out_of_range_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
