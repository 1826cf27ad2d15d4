import keras
import numpy as np
import pytest
from scipy.stats import kstest
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity

from course_lib import networks
from course_lib.models import Autoencoder, TwoStage
from tests.small import values

pytestmark = pytest.mark.backend

MEAN, FACTOR = np.array([3.0, -2.0]), np.array([[1.5, 0.0], [1.0, 0.4]])
X = MEAN + np.random.default_rng(0).normal(size=(4000, 2)) @ FACTOR.T


def affine(scale=1.0, shift=0.0):
    """An untrained autoencoder that is perfect by construction: codes are `scale * x + shift`."""
    encoder = keras.Sequential([keras.Input((2,)), keras.layers.Rescaling(scale, offset=shift)])
    decoder = keras.Sequential([keras.Input((2,)), keras.layers.Rescaling(1 / scale, offset=-shift / scale)])
    return Autoencoder(encoder, decoder)


def two_clouds(n=600):
    rng = np.random.default_rng(1)
    return np.repeat([[-5.0, 0.0], [5.0, 0.0]], n // 2, axis=0) + 0.3 * rng.normal(size=(n, 2))


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (-0.5, 7.0), (20.0, -3.0)])
def test_the_samples_follow_the_law_of_gaussian_data_whatever_the_scale_of_the_codes(scale, shift):
    samples = TwoStage(affine(scale, shift)).fit(X).sample(4000, seed=1)
    whitened = np.linalg.solve(FACTOR, (samples - MEAN).T)
    for row in whitened:
        assert kstest(row, "norm").pvalue > 1e-4
    assert abs(np.corrcoef(whitened)[0, 1]) < 5 / np.sqrt(4000)


def test_one_gaussian_takes_mean_and_covariance_of_the_codes():
    density = TwoStage(affine(2.0, 1.0)).fit(X).fitted
    codes = 2 * X + 1
    np.testing.assert_allclose(density.means_[0], codes.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(density.covariances_[0], np.cov(codes.T, bias=True), rtol=1e-4)


def test_a_mixture_stays_off_the_gap_that_one_gaussian_fills():
    x = two_clouds()
    in_gap = {}
    for components in (1, 2):
        model = TwoStage(affine(), GaussianMixture(components, random_state=0)).fit(x)
        in_gap[components] = np.mean(np.abs(model.sample(500)[:, 0]) < 3)
    assert in_gap[1] > 0.3
    assert in_gap[2] == 0


def test_samples_are_decoded_codes_of_the_density():
    model = TwoStage(affine(4.0, 2.0)).fit(X)
    np.testing.assert_allclose(model.sample(50, seed=3), (model.sample_codes(50, seed=3) - 2) / 4, atol=1e-5)


def test_samples_are_new_and_follow_the_seed():
    model = TwoStage(affine()).fit(X)
    once, again, other = model.sample(200, seed=1), model.sample(200, seed=1), model.sample(200, seed=2)
    np.testing.assert_array_equal(once, again)
    assert not np.isin(once.round(6), other.round(6)).any()
    assert not np.isin(once.round(6), X.round(6)).all(axis=1).any()


def test_the_components_of_a_mixture_come_in_random_order():
    model = TwoStage(affine(), GaussianMixture(2, random_state=0)).fit(two_clouds())
    left = model.sample(400)[:, 0] < 0
    assert abs(left[:200].mean() - 0.5) < 5 * 0.5 / np.sqrt(200)


def test_the_networks_are_not_trained_and_the_density_given_stays_unfitted():
    autoencoder = Autoencoder(networks.dense_encoder((2,), 2, (8,)), networks.dense_decoder(2, (2,), (8,)))
    density = GaussianMixture(3, random_state=0)
    before = values(autoencoder.weights)
    TwoStage(autoencoder, density).fit(X[:200]).sample(10)
    for weight, same in zip(values(autoencoder.weights), before, strict=True):
        np.testing.assert_array_equal(weight, same)
    assert not hasattr(density, "means_")


def test_a_second_fit_begins_anew():
    model = TwoStage(affine()).fit(X)
    model.fit(X + 100)
    assert model.sample(100).min() > 50


class Constant:
    """A density of one's own: all mass on the mean."""

    def fit(self, codes):
        self.mean = codes.mean(axis=0)

    def sample(self, num_samples):
        return np.tile(self.mean, (num_samples, 1))


def test_any_density_with_fit_and_sample_will_do():
    samples = TwoStage(affine(), Constant()).fit(X).sample(5)
    np.testing.assert_allclose(samples, np.tile(X.mean(axis=0), (5, 1)), rtol=1e-5)


def test_a_density_whose_sample_takes_the_seed_gets_it():
    model = TwoStage(affine(), KernelDensity(bandwidth=0.1)).fit(X)
    np.testing.assert_array_equal(model.sample(20, seed=4), model.sample(20, seed=4))
    assert np.any(model.sample(20, seed=4) != model.sample(20, seed=5))


def test_sampling_before_fitting_is_refused():
    with pytest.raises(ValueError, match="Call fit"):
        TwoStage(affine()).sample(3)


def test_what_is_no_autoencoder_or_no_density_is_refused():
    with pytest.raises(ValueError, match="autoencoder should have the methods encode, decode; a Sequential has no enc"):
        TwoStage(keras.Sequential([keras.Input((2,))]))
    with pytest.raises(ValueError, match="density should have the methods fit, sample"):
        TwoStage(affine(), density=np.zeros(2))


def test_data_that_do_not_fit_and_an_empty_draw_are_refused():
    with pytest.raises(ValueError, match="expected"):
        TwoStage(affine()).fit(np.zeros((10, 3)))
    with pytest.raises(ValueError, match="positive integer; got 0"):
        TwoStage(affine()).fit(X).sample(0)
