import numpy as np
import pytest
from scipy import integrate, special, stats

from course_lib.exact.generator_objective import affine_log_density, generator_gradient, non_saturating_divergence

P = stats.norm(0.4, 1.3)
TWO_HILLS = [(0.6, stats.norm(-1.5, 0.7)), (0.4, stats.norm(1.0, 1.1))]
ENDS = (-14, 14)
AT = [(1.0, 0.0), (0.6, 1.2), (-0.8, -1.0)]

LOSSES = {
    "saturating": (lambda logit: -special.expit(logit), lambda kl, reverse, jsd: 2 * jsd),
    "non-saturating": (lambda logit: -special.expit(-logit), lambda kl, reverse, jsd: reverse - 2 * jsd),
    "minus the logit": (lambda logit: -np.ones_like(logit), lambda kl, reverse, jsd: reverse),
    "minus its exponential": (lambda logit: -np.exp(logit), lambda kl, reverse, jsd: kl),
}


def two_hills(x):
    return np.log(sum(weight * hill.pdf(x) for weight, hill in TWO_HILLS))


def trapezoid_divergences(log_p, scale, shift):
    """KL(p‖q), KL(q‖p) and JSD by a plain sum over a grid that shares nothing with the library."""
    x = np.linspace(*ENDS, 14_001)
    p, q = np.exp(log_p(x)), stats.norm.pdf(x, shift, abs(scale))
    m, dx = (p + q) / 2, x[1] - x[0]
    kl = [np.sum(special.rel_entr(first, second)) * dx for first, second in ((p, q), (q, p), (p, m), (q, m))]
    return kl[0], kl[1], (kl[2] + kl[3]) / 2


def slope_of(divergence, log_p, scale, shift, h=1e-4):
    up_and_down = [(scale + h, shift), (scale - h, shift), (scale, shift + h), (scale, shift - h)]
    values = [divergence(*trapezoid_divergences(log_p, *place)) for place in up_and_down]
    return np.array([values[0] - values[1], values[2] - values[3]]) / (2 * h)


@pytest.mark.parametrize("scale_and_shift", AT)
def test_the_generators_density_is_that_of_its_samples(scale_and_shift):
    scale, shift = scale_and_shift
    x = np.linspace(-3, 3, 13)
    expected = stats.laplace(shift, abs(scale)).logpdf(x)
    np.testing.assert_allclose(affine_log_density(stats.laplace.logpdf, scale, shift)(x), expected, atol=1e-12)


def test_a_negative_scale_mirrors_noise_that_leans():
    x = np.linspace(-2.5, 0.9, 5)
    log_q = affine_log_density(stats.expon.logpdf, -2.0, 1.0)
    np.testing.assert_allclose(log_q(x), stats.expon.logpdf((1.0 - x) / 2.0) - np.log(2.0))
    assert np.isneginf(log_q(1.1))


@pytest.mark.parametrize("scale_and_shift", AT)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("log_p", [P.logpdf, two_hills], ids=["one hill", "two hills"])
def test_what_each_generator_loss_descends(loss, log_p, scale_and_shift):
    """Arjovsky & Bottou's theorem 2.5 and its three relatives, against differences of the divergences themselves."""
    slope, divergence = LOSSES[loss]
    gradient = generator_gradient(slope, log_p, stats.norm.logpdf, *scale_and_shift, *ENDS)
    np.testing.assert_allclose(gradient, slope_of(divergence, log_p, *scale_and_shift), rtol=1e-5, atol=1e-6)


def test_the_gradient_is_that_of_a_loss_whose_discriminator_holds_still():
    scale, shift, h = 0.7, -0.9, 1e-4
    log_q = stats.norm(shift, scale).logpdf

    def loss(scale, shift):
        def integrand(z):
            x = scale * z + shift
            return stats.norm.pdf(z) * -special.log_expit(two_hills(x) - log_q(x))

        return integrate.quad(integrand, -10, 10, epsabs=1e-12, limit=200)[0]

    expected = [loss(scale + h, shift) - loss(scale - h, shift), loss(scale, shift + h) - loss(scale, shift - h)]
    gradient = generator_gradient(LOSSES["non-saturating"][0], two_hills, stats.norm.logpdf, scale, shift, *ENDS)
    np.testing.assert_allclose(gradient, np.array(expected) / (2 * h), rtol=1e-5)


def test_noise_that_leans_pulls_differently_on_the_scale():
    slope = LOSSES["non-saturating"][0]
    leaning = stats.gumbel_r(0.0, 1.0)
    one, mirrored = (
        generator_gradient(slope, P.logpdf, leaning.logpdf, scale, P.mean(), -30, 40) for scale in (1.0, -1.0)
    )
    np.testing.assert_allclose(one, -mirrored, atol=1e-9)  # p is symmetric around the shift
    assert np.abs(one).min() > 0.01


@pytest.mark.parametrize("loss", LOSSES)
def test_at_the_data_no_loss_pulls(loss):
    gradient = generator_gradient(LOSSES[loss][0], P.logpdf, stats.norm.logpdf, 1.3, 0.4, *ENDS)
    np.testing.assert_allclose(gradient, 0.0, atol=1e-8)


def test_far_from_the_data_the_saturating_pull_vanishes_and_the_other_grows():
    pulls = {
        loss: [
            generator_gradient(LOSSES[loss][0], stats.norm.logpdf, stats.norm.logpdf, 1.0, shift, -30, 30)[1]
            for shift in (2.0, 6.0, 12.0)
        ]
        for loss in ("saturating", "non-saturating")
    }
    assert pulls["saturating"][0] > 20 * pulls["saturating"][1] > 1000 * pulls["saturating"][2] > 0
    assert pulls["non-saturating"][2] == pytest.approx(12.0, abs=1e-3)
    np.testing.assert_allclose(np.add(*pulls.values()), [2.0, 6.0, 12.0], atol=1e-6)  # together ∇KL(q‖p) = b


@pytest.mark.parametrize("q", [P, stats.norm(-2, 0.5), stats.norm(1, 2.5), stats.laplace(0.2, 0.4)])
def test_the_divergence_is_twice_that_of_the_middle_from_the_data(q):
    x = np.linspace(-40, 40, 80_001)
    middle = (P.pdf(x) + q.pdf(x)) / 2
    expected = 2 * np.sum(special.rel_entr(middle, P.pdf(x))) * (x[1] - x[0])
    divergence = non_saturating_divergence(P.logpdf, q.logpdf, -40, 40, num_points=40_001)
    assert divergence == pytest.approx(expected, abs=1e-5)
    assert divergence > -1e-9


def test_losing_a_mode_has_a_price_and_inventing_one_has_none_that_can_be_paid():
    kept, lost, junk = stats.uniform(0, 1), stats.uniform(2, 1), stats.uniform(4, 1)

    def data(x, weight=0.25):
        return np.log((1 - weight) * kept.pdf(x) + weight * lost.pdf(x))

    def inventing(x):
        return np.log(0.9 * np.exp(data(x)) + 0.1 * junk.pdf(x))

    with np.errstate(divide="ignore"):
        price = non_saturating_divergence(data, kept.logpdf, -1, 6, num_points=70_001)
        assert non_saturating_divergence(data, inventing, -1, 6, num_points=70_001) == np.inf
    assert price == pytest.approx(1.75 * np.log(1.75 / 1.5) - 0.25 * np.log(2), abs=1e-3)


@pytest.mark.parametrize(
    ("scale", "shift", "sentence"), [(0.0, 1.0, "should not be 0"), (1.0, np.inf, "shift"), ("a", 0.0, "scale")]
)
def test_a_generator_without_a_density_is_refused(scale, shift, sentence):
    with pytest.raises(ValueError, match=sentence):
        affine_log_density(stats.norm.logpdf, scale, shift)


def test_an_interval_that_loses_samples_is_refused():
    with pytest.raises(ValueError, match="Widen"):
        generator_gradient(LOSSES["saturating"][0], P.logpdf, stats.norm.logpdf, 1.0, 5.0, -3, 3)
