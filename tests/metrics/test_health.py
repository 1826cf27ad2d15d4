import keras
import numpy as np
import pytest
from scipy.optimize import minimize

from course_lib import networks
from course_lib.formulas import adversarial
from course_lib.formulas.likelihoods import (
    Likelihood,
    bernoulli_log_prob,
    categorical_log_prob,
    gaussian,
    gaussian_log_prob,
    register,
)
from course_lib.metrics import health_marks
from course_lib.models import VAE, Autoencoder
from tests.small import IMAGE, binary_images, every_model, small_gan, small_vae

GREY = np.random.default_rng(0).beta(0.4, 0.7, size=(40, *IMAGE)).astype("float32")


def cost(log_likelihood, x, *parameters):
    """The mean cost of an answer, by the library's own log-probability."""
    answers = [np.broadcast_to(each, x.shape).astype("float32") for each in parameters]
    return -float(keras.ops.convert_to_numpy(log_likelihood(x, *answers)).mean())


def best_constant(costs, start):
    """The cost of the best answer that is the same for all examples, found by an optimiser."""
    return minimize(costs, start, method="L-BFGS-B", options={"maxiter": 500, "maxfun": 100_000}).fun


def test_the_marks_of_coins_are_the_best_that_answers_of_each_kind_can_reach():
    marks, flat = health_marks(small_vae(), GREY), GREY.reshape(40, -1).astype("float64")
    assert np.isclose(marks.start, cost(bernoulli_log_prob, GREY, 0.0), rtol=1e-5)
    found = best_constant(lambda logits: (np.logaddexp(0, logits) - flat * logits).sum(axis=1).mean(), np.zeros(16))
    assert np.isclose(marks.ignores_code, found, rtol=1e-4)
    inside = np.clip(GREY, 1e-6, 1 - 1e-6)
    assert np.isclose(marks.floor, cost(bernoulli_log_prob, GREY, np.log(inside / (1 - inside))), rtol=1e-3)
    assert marks.start > marks.ignores_code > marks.floor > 0


def test_binary_images_have_no_floor_but_zero_and_pixels_that_never_change_cost_nothing():
    x = binary_images(50)
    x[:, 0] = 0.0
    marks = health_marks(small_vae(), x)
    assert marks.floor == 0
    frequencies = x.mean(axis=0)[1:].ravel()
    from scipy import stats

    assert np.isclose(marks.ignores_code, stats.bernoulli(frequencies).entropy().sum(), rtol=1e-6)


def test_an_untrained_vae_costs_the_first_mark_and_its_kl():
    keras.utils.set_random_seed(0)
    vae, x = small_vae(), binary_images(200)
    terms = vae.evaluate(x, return_dict=True)
    assert abs(terms["reconstruction"] - health_marks(vae, x).start) < 1.5


@pytest.mark.parametrize("variance", [0.01, 2.0])
def test_the_marks_of_a_fixed_gaussian_are_costs_of_its_own_density(variance):
    likelihood = gaussian(variance)
    marks = health_marks(small_vae(log_likelihood=likelihood), GREY)
    answers = 0.0, GREY.mean(axis=0), GREY
    assert np.allclose(marks, [cost(likelihood, GREY, each) for each in answers], rtol=1e-4)


def test_a_gaussian_with_its_own_variances_has_no_floor():
    encoder = networks.dense_gaussian_encoder(IMAGE, 2, (8,))
    inputs = keras.Input((2,))
    decoder = keras.Model(inputs, [keras.layers.Reshape(IMAGE)(keras.layers.Dense(16)(inputs)) for _ in range(2)])
    marks = health_marks(VAE(encoder, decoder, gaussian_log_prob), GREY)
    best = GREY.mean(axis=0), np.log(GREY.var(axis=0))
    assert np.allclose(marks[:2], [cost(gaussian_log_prob, GREY, *each) for each in ((0.0, 0.0), best)], rtol=1e-4)
    assert marks.floor == -np.inf


def test_the_marks_of_symbols_are_those_of_their_frequencies():
    x = np.random.default_rng(1).choice(3, p=[0.7, 0.2, 0.1], size=(300, 5))
    encoder = networks.dense_gaussian_encoder((5,), 2, (8,))
    marks = health_marks(VAE(encoder, networks.dense_decoder(2, (5, 3), (8,)), categorical_log_prob), x)
    counts = np.stack([np.bincount(column, minlength=3) for column in x.T]) / 300
    logits = np.broadcast_to(np.log(counts), (300, 5, 3)).astype("float32")
    assert np.isclose(marks.start, 5 * np.log(3))
    assert np.isclose(marks.ignores_code, -float(keras.ops.mean(categorical_log_prob(x, logits))), rtol=1e-5)
    assert marks.floor == 0


def test_the_marks_of_a_squared_error_are_those_of_zero_of_the_mean_and_of_a_copy():
    model = Autoencoder(networks.dense_encoder(IMAGE, 2, ()), networks.dense_decoder(2, IMAGE, ()))
    flat = GREY.reshape(40, -1).astype("float64")
    around_mean = ((flat - flat.mean(axis=0)) ** 2).sum(axis=1).mean()
    assert np.allclose(health_marks(model, GREY), [(flat**2).sum(axis=1).mean(), around_mean, 0.0], rtol=1e-5)


def test_every_model_with_a_likelihood_has_the_same_marks_of_the_same_data():
    x = binary_images(30)
    models = every_model()
    models = {name: make() if not hasattr(make, "fit") else make for name, make in models.items()}
    asked = {name: model for name, model in models.items() if getattr(model, "log_likelihood", None)}
    assert len(asked) >= 5
    expected = health_marks(small_vae(), x)
    for name, model in asked.items():
        assert np.allclose(health_marks(model, x), expected), name


def test_a_gan_has_other_marks_and_an_unknown_likelihood_is_refused():
    with pytest.raises(ValueError, match="2 log 2 for D"):
        health_marks(small_gan(adversarial.non_saturating), np.zeros((3, 2)))

    def laplace(x, mean):
        return -keras.ops.sum(keras.ops.abs(x - mean), axis=(1, 2, 3))

    register(laplace, Likelihood(mean=lambda mean: mean))
    with pytest.raises(ValueError, match="what a constant answer costs"):
        health_marks(small_vae(log_likelihood=laplace), GREY)


def test_data_that_do_not_fit_the_model_are_refused():
    with pytest.raises(ValueError, match="shape"):
        health_marks(small_vae(), np.zeros((3, 7)))
