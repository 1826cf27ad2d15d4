"""Properties of the models over data of every dtype and layout, single examples and ragged last batches."""

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import networks
from course_lib.formulas import likelihoods
from course_lib.metrics import importance_weighted_log_likelihood, log_importance_weights
from course_lib.models import GAN, VAE, Autoencoder
from tests.small import IMAGE, binary_images, small_gan, small_vae, values
from tests.strategies import LAYOUTS, NO_COUNTS, repeatable, seeds

SIZES = st.integers(1, 7)


def symbols_vae():
    encoder = networks.dense_gaussian_encoder((3,), 2, (4,))
    return VAE(encoder, networks.dense_decoder(2, (3, 4), (4,)), likelihoods.categorical_log_prob, seed=0)


def points_vae():
    decoder = networks.dense_decoder(2, (2,), (4,), num_parameters=2)
    return VAE(networks.dense_gaussian_encoder((2,), 2, (4,)), decoder, likelihoods.gaussian_log_prob, seed=0)


def images_autoencoder():
    return Autoencoder(networks.dense_encoder(IMAGE, 2, (4,)), networks.dense_decoder(2, IMAGE, (4,)))


def some_points(n, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 2)).astype("float32")


def some_symbols(n, seed=0):
    return np.random.default_rng(seed).integers(0, 4, (n, 3))


MODELS = {  # name: (maker of the model, maker of n examples)
    "Bernoulli VAE": (small_vae, lambda n, seed=0: binary_images(n, seed=seed)),
    "Gaussian VAE": (points_vae, some_points),
    "categorical VAE": (symbols_vae, some_symbols),
    "autoencoder": (images_autoencoder, lambda n, seed=0: binary_images(n, seed=seed)),
    "GAN": (small_gan, some_points),
}
VAES = [name for name in MODELS if "VAE" in name]


@functools.cache
def model_of(name):
    """One model for all examples: compilation takes longer than everything else."""
    return MODELS[name][0]()


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
@repeatable(2)
@given(seed=seeds(), n=SIZES, batch_size=st.integers(1, 8), weighted=st.booleans())
def test_training_is_finite_with_any_number_of_examples_and_a_ragged_last_batch(name, seed, n, batch_size, weighted):
    model, x = model_of(name), MODELS[name][1](n, seed)
    sample_weight = np.random.default_rng(seed).uniform(0.5, 2.0, n) if weighted else None
    history = model.fit(x, batch_size=batch_size, sample_weight=sample_weight, verbose=0).history
    assert np.isfinite(list(history.values())).all()
    assert all(np.isfinite(variable).all() for variable in values(model.trainable_variables))


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
@repeatable(2)
@given(seed=seeds(), n=SIZES, batch_size=st.integers(1, 8))
def test_evaluation_repeats_itself_with_any_number_of_examples_and_a_ragged_last_batch(name, seed, n, batch_size):
    model, x = model_of(name), MODELS[name][1](n, seed)
    losses = model.evaluate(x, batch_size=batch_size, return_dict=True)
    assert losses == model.evaluate(x, batch_size=batch_size, return_dict=True)
    assert np.isfinite(list(losses.values())).all()
    if name == "autoencoder":  # draws nothing
        whole = model.evaluate(x, batch_size=n, return_dict=True)
        assert losses == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "GAN"])
@repeatable(6)
@given(
    seed=seeds(),
    n=SIZES,
    layout=st.sampled_from(sorted(LAYOUTS)),
    dtype=st.sampled_from(("float64", "float16", "int32")),
)
def test_encode_reconstruct_and_elbo_give_one_finite_answer_an_example(name, seed, n, layout, dtype):
    model, x = model_of(name), MODELS[name][1](n, seed)
    kind = "int16" if name == "categorical VAE" else dtype
    moved = LAYOUTS[layout](x.astype(kind))
    x = x.astype(kind)
    codes, same = model.encode(moved), model.encode(x)
    np.testing.assert_allclose(codes, same, rtol=1e-5, atol=1e-6)
    assert np.shape(codes)[-2:] == (n, 2)
    copies = model.reconstruct(moved)
    assert copies.shape == ((*x.shape, 4) if name == "categorical VAE" else x.shape)
    assert np.isfinite(copies).all()
    if name in VAES:
        elbo = model.elbo(moved)
        assert elbo.shape == (n,)
        assert np.isfinite(elbo).all()


@pytest.mark.parametrize("name", [*VAES, "GAN"])
@repeatable(6)
@given(num_samples=st.integers(1, 9), seed=seeds())
def test_samples_are_as_many_as_asked_for_and_repeat_for_a_seed(name, num_samples, seed):
    model = model_of(name)
    samples = model.sample(num_samples, seed=seed)
    assert len(samples) == num_samples
    assert np.isfinite(samples).all()
    np.testing.assert_array_equal(model.sample(num_samples, seed=seed), samples)


@pytest.mark.parametrize("name", VAES)
@repeatable(4)
@given(seed=st.integers(0, 1000), n=st.integers(1, 5), num_samples=st.integers(1, 12), rows=st.integers(1, 12))
def test_importance_weights_merge_to_the_bound_in_pieces_of_any_size(name, seed, n, num_samples, rows):
    model, x = model_of(name), MODELS[name][1](n, seed)
    log_weights = log_importance_weights(model, x, num_samples, seed=seed, rows_at_once=rows)
    bound = importance_weighted_log_likelihood(model, x, num_samples, seed=seed, rows_at_once=rows)
    assert log_weights.shape == (num_samples, n)
    largest = log_weights.max(axis=0)
    assert (largest - np.log(num_samples) <= bound + 1e-9).all()
    assert (bound <= largest + 1e-9).all()
    merged = np.logaddexp.reduce(log_weights, axis=0) - np.log(num_samples)
    np.testing.assert_allclose(bound, merged, rtol=1e-9, atol=1e-9)
    sums = np.logaddexp.accumulate(log_weights, axis=0)
    assert (np.diff(sums, axis=0) >= 0).all()  # one more weight never takes anything from the sum


@pytest.mark.parametrize("bad", [0, *NO_COUNTS], ids=repr)
def test_what_is_no_count_is_refused_by_gan_samples_and_importance_weights(bad):
    x = binary_images(2)
    vae = model_of("Bernoulli VAE")
    for call in (
        lambda: model_of("GAN").sample(bad),
        lambda: importance_weighted_log_likelihood(vae, x, bad),
        lambda: log_importance_weights(vae, x, bad),
        lambda: log_importance_weights(vae, x, 2, rows_at_once=bad),
    ):
        with pytest.raises(ValueError, match=r"(num_samples|rows_at_once) should be"):
            call()


@pytest.mark.parametrize("bad", [-1, 1.5, "2", True, 2**40], ids=repr)
def test_what_is_no_seed_is_refused_when_a_model_is_made(bad):
    for make in (small_vae, small_gan):
        with pytest.raises(ValueError, match="seed should"):
            make(seed=bad)


BROKEN = {
    "empty": lambda x: x[:0],
    "NaN": lambda x: np.where(np.arange(x.size).reshape(x.shape) == 3, np.nan, x),
    "infinite": lambda x: np.full(x.shape, np.inf),
    "an axis short": lambda x: x[..., 0],
    "an axis long": lambda x: x[..., None],
    "transposed": lambda x: np.moveaxis(x, 0, -1),
    "strings": lambda x: x.astype(str),
    "complex": lambda x: x.astype("complex64"),
    "ragged": lambda x: [x[0].tolist(), x[1].tolist()[:1]],
    "nothing": lambda x: None,
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("name", MODELS)
def test_data_that_do_not_fit_are_refused_before_anything_is_trained(name, broken):
    model, x = model_of(name), MODELS[name][1](5)
    before = values(model.trainable_variables)
    bad = BROKEN[broken](x)
    methods = [lambda x: model.fit(x, verbose=0), model.evaluate]
    methods += [] if isinstance(model, GAN) else [model.encode, model.reconstruct]
    methods += [model.elbo] if isinstance(model, VAE) else []
    for method in methods:
        with pytest.raises(ValueError, match=r"^x (is|must)"):
            method(bad)
    for old, new in zip(before, values(model.trainable_variables), strict=True):
        np.testing.assert_array_equal(old, new)
