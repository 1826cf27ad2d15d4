import numpy as np
import pytest
from scipy import integrate, stats

from course_lib.exact import Diffusion1D, GaussianMixture

MIXTURE = Diffusion1D([0.3, 0.7], [-2.0, 1.0], [0.5, 0.7])
TIMES = [0.05, 0.2, 0.5, 1.0, 2.0]
X = np.linspace(-4, 4, 41)


@pytest.mark.parametrize("t", [0.0, *TIMES])
def test_the_density_is_that_of_faded_data_plus_noise(t):
    signal, noise = np.exp(-t), np.sqrt(1 - np.exp(-2 * t))
    variances = signal**2 * np.array([0.25, 0.49]) + noise**2
    known = GaussianMixture([0.3, 0.7], signal * np.array([[-2.0], [1.0]]), variances[:, None, None])
    assert MIXTURE.log_prob(X, t) == pytest.approx(known.log_prob(X[:, None]), abs=1e-12)


@pytest.mark.parametrize("t", [0.0, *TIMES])
def test_the_score_is_the_slope_of_the_log_density(t):
    h = 1e-5
    slopes = (MIXTURE.log_prob(X + h, t) - MIXTURE.log_prob(X - h, t)) / (2 * h)
    assert MIXTURE.score(X, t) == pytest.approx(slopes, abs=1e-8)


@pytest.mark.parametrize("t", TIMES)
def test_the_denoiser_is_the_noisy_value_plus_the_score(t):
    signal, noise = MIXTURE.signal_and_noise(t)
    assert MIXTURE.denoised(X, t) == pytest.approx((X + noise**2 * MIXTURE.score(X, t)) / signal, abs=1e-11)


def test_the_floor_is_the_error_of_the_denoiser_on_draws():
    rng = np.random.default_rng(0)
    hump = rng.choice(2, size=200_000, p=MIXTURE.weights)
    clean = rng.normal(MIXTURE.means[hump], MIXTURE.deviations[hump])
    for t in (0.2, 1.0):
        signal, noise = MIXTURE.signal_and_noise(t)
        noisy = signal * clean + noise * rng.normal(size=clean.shape)
        guess = (noisy + noise**2 * MIXTURE.score(noisy, t)) / signal
        errors = (clean - guess) ** 2
        assert abs(errors.mean() - MIXTURE.denoising_error(t)) < 5 * errors.std() / len(errors) ** 0.5


@pytest.mark.parametrize("t", TIMES)
def test_the_floor_of_gaussian_data_is_known(t):
    gaussian = Diffusion1D([1.0], [0.4], [1.3])
    signal, noise = gaussian.signal_and_noise(t)
    assert gaussian.denoising_error(t) == pytest.approx(1 / (1 / 1.3**2 + signal**2 / noise**2), rel=1e-9)


def test_the_floor_is_the_variance_of_the_data_where_nothing_else_is_left():
    mean = 0.3 * -2 + 0.7 * 1
    variance = 0.3 * (0.25 + 4) + 0.7 * (0.49 + 1) - mean**2
    assert MIXTURE.denoising_error(12.0) == pytest.approx(variance, rel=1e-6)


def test_half_the_integral_of_the_floors_is_the_mutual_information():
    def floor(ratio):
        return MIXTURE.denoising_error(0.5 * np.log1p(1 / ratio))

    nodes, weights = np.polynomial.legendre.leggauss(16)
    t = 0.5 * np.log(2)  # a ratio of one
    x = np.linspace(-9, 9, 4001)
    entropy = -integrate.simpson(np.exp(MIXTURE.log_prob(x, t)) * MIXTURE.log_prob(x, t), x=x)
    information = entropy - stats.norm(scale=MIXTURE.signal_and_noise(t)[1]).entropy()
    assert 0.25 * weights @ [floor((node + 1) / 2) for node in nodes] == pytest.approx(information, abs=1e-9)


@pytest.mark.parametrize("t", [0.0, 0.3, 3.0])
def test_the_distribution_function_integrates_the_density_and_the_quantile_inverts_it(t):
    x = np.linspace(-12, 12, 6001)
    mass = integrate.cumulative_simpson(np.exp(MIXTURE.log_prob(x, t)), x=x, initial=0.0)
    assert MIXTURE.cdf(x, t) == pytest.approx(mass, abs=1e-9)
    shares = np.array([0.001, 0.3, 0.5, 0.999])
    assert MIXTURE.cdf(MIXTURE.quantile(shares, t), t) == pytest.approx(shares, abs=1e-12)


def test_after_a_long_time_a_standard_normal_is_left():
    assert MIXTURE.log_prob(X, 12.0) == pytest.approx(stats.norm.logpdf(X), abs=1e-4)


@pytest.mark.parametrize(
    ("weights", "means", "deviations", "said"),
    [
        ([0.5, 0.6], [0.0, 1.0], [1.0, 1.0], "sum 1"),
        ([1.5, -0.5], [0.0, 1.0], [1.0, 1.0], "sum 1"),
        ([0.5, 0.5], [0.0], [1.0, 1.0], "equally many"),
        ([0.5, 0.5], [0.0, 1.0], [1.0, 0.0], "positive"),
    ],
)
def test_what_is_no_mixture_is_refused(weights, means, deviations, said):
    with pytest.raises(ValueError, match=said):
        Diffusion1D(weights, means, deviations)


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        MIXTURE.log_prob(X, -0.1)
    with pytest.raises(ValueError, match=r"at least 0\.001"):
        MIXTURE.denoised(X, 0.0)
    with pytest.raises(ValueError, match="strictly between"):
        MIXTURE.quantile([0.0, 0.5])
    with pytest.raises(ValueError, match="shape"):
        MIXTURE.score(X[:, None], 1.0)
