import itertools

import keras
import numpy as np
import pytest
from keras import ops

from course_lib import networks
from course_lib.formulas.likelihoods import bernoulli_log_prob, gaussian
from course_lib.layers import VectorQuantizer
from course_lib.models import VQVAE, CodePrior
from tests.small import IMAGE, binary_images, gradients, values

pytestmark = pytest.mark.backend
TENSORFLOW = keras.backend.backend() == "tensorflow"


def small_vqvae(num_codes=5, positions=(3,), seed=0, log_likelihood=bernoulli_log_prob, **quantizer):
    return VQVAE(
        networks.dense_grid_encoder(IMAGE, positions, 2, (16,)),
        networks.dense_grid_decoder(positions, 2, IMAGE, (16,)),
        VectorQuantizer(num_codes, 2, seed=seed, **quantizer),
        log_likelihood,
        seed=seed,
    )


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    model, x = small_vqvae(ema_decay=0.9, revive_below=0.5), binary_images(1000)
    model.compile(keras.optimizers.Adam(1e-2))
    model.fit(x, epochs=10, batch_size=100, verbose=0)
    return model, x


def exact_log_likelihood(model, x, log_prior):
    """log Σ_k p(k) p(x | k) over every grid of codes."""
    shape, num_codes = model.code_shape, model.quantizer.num_codes
    grids = np.array(list(itertools.product(range(num_codes), repeat=int(np.prod(shape)))), "int32")
    logits = ops.convert_to_numpy(model._decoded(grids.reshape(-1, *shape))[0]).astype("float64")
    logits, flat = logits.reshape(len(grids), -1), x.reshape(len(x), -1).astype("float64")
    log_likelihood = flat @ logits.T - np.logaddexp(0, logits).sum(axis=1)
    return np.logaddexp.reduce(log_likelihood + log_prior(grids.reshape(-1, *shape)), axis=1)


@pytest.mark.slow
def test_the_bound_lies_below_the_exact_log_likelihood_and_a_fitted_prior_raises_it(trained):
    model, x = trained
    test = binary_images(200, seed=1)
    uniform = model.elbo(test)
    exact = exact_log_likelihood(model, test, lambda grids: -3 * np.log(5))
    assert (uniform <= exact + 1e-4).all()
    codes = model.encode(x)
    prior = CodePrior(model.code_shape, 5, (32,), seed=0)
    prior.compile(keras.optimizers.Adam(1e-2))
    prior.fit(codes, epochs=10, batch_size=100, verbose=0)
    model.set_prior(prior)
    fitted = model.elbo(test)
    exact_fitted = exact_log_likelihood(model, test, lambda grids: prior.log_prob(grids).astype("float64"))
    model.set_prior(None)
    assert (fitted <= exact_fitted + 1e-4).all()
    assert fitted.mean() > uniform.mean() + 0.3
    assert fitted - uniform == pytest.approx(prior.log_prob(model.encode(test)) + 3 * np.log(5), abs=1e-4)


def test_the_bound_holds_for_noise_too_and_is_no_equality(trained):
    model, _ = trained
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (200, *IMAGE)).astype("float32")
    bounds, exact = model.elbo(x), exact_log_likelihood(model, x, lambda grids: -3 * np.log(5))
    assert (bounds <= exact + 1e-4).all()
    assert (exact - bounds).max() > 0.1  # most random images have other codes that explain them, too


def test_samples_are_decoded_draws_from_the_prior(trained):
    model, _ = trained
    uniform = model.sample(5, seed=1)
    assert uniform.shape == (5, *IMAGE)
    assert 0 < uniform.min() < uniform.max() < 1
    assert np.array_equal(uniform, model.sample(5, seed=1))
    prior = CodePrior(model.code_shape, 5, (8,), seed=0)
    weights = [0 * weight for weight in prior.network.get_weights()]
    weights[-1][[2, 5 + 4, 10 + 1]] = 50.0  # the grid 2, 4, 1 alone
    prior.network.set_weights(weights)
    model.set_prior(prior)
    only = model.sample(7, seed=1)
    model.set_prior(None)
    assert only == pytest.approx(np.broadcast_to(model.decode([[2, 4, 1]]), only.shape), abs=1e-6)


def test_the_prior_is_no_part_of_the_model_and_must_fit_its_codes(trained):
    model, _ = trained
    weights = len(model.weights)
    model.set_prior(CodePrior((3,), 5))
    assert len(model.weights) == weights
    model.set_prior(None)
    with pytest.raises(ValueError, match=r"should be CodePrior\(\(3,\), 5\), like the codes; got one for grids \(4,\)"):
        model.set_prior(CodePrior((4,), 5))
    with pytest.raises(ValueError, match="of 6 codes"):
        model.set_prior(CodePrior((3,), 6))
    with pytest.raises(ValueError, match="should be a CodePrior, or None"):
        model.set_prior("uniform")


def test_the_loss_is_the_negative_log_likelihood_plus_the_terms_of_the_quantizer():
    model, x = small_vqvae(commitment=0.7), binary_images(50)
    model.compile()
    y_pred = model(x)
    loss = float(ops.convert_to_numpy(model.compute_loss(x=x, y_pred=y_pred)))
    z = ops.convert_to_numpy(model.encoder(x)).astype("float64")
    book = ops.convert_to_numpy(model.quantizer.codebook)
    distance = np.square(z[:, :, None] - book).sum(axis=-1)  # (50, 3, 5)
    logits = ops.convert_to_numpy(model.decoder(book[distance.argmin(axis=-1)])).astype("float64")
    reconstruction = (np.logaddexp(0, logits) - x * logits).sum(axis=(1, 2, 3))
    assert loss == pytest.approx((reconstruction + 1.7 * distance.min(axis=-1).sum(axis=1)).mean(), rel=1e-4)
    weights = np.arange(50) / 10
    weighted = float(ops.convert_to_numpy(model.compute_loss(x=x, y_pred=y_pred, sample_weight=weights)))
    expected = np.average(reconstruction + 1.7 * distance.min(axis=-1).sum(axis=1), weights=weights)
    assert weighted == pytest.approx(expected, rel=1e-4)


def test_every_weight_receives_a_gradient_the_codebook_and_the_encoder_among_them():
    model = small_vqvae()
    book = np.random.default_rng(0).normal(size=(5, 2)) * 0.3
    model.quantizer.codebook.assign(book.astype("float32"))
    for variable, gradient in zip(model.trainable_variables, gradients(model, binary_images(64), 1e-2), strict=True):
        assert np.abs(gradient).max() > 0, variable.path
    assert model.quantizer.codebook.path in [variable.path for variable in model.trainable_variables]


@pytest.mark.slow
def test_training_learns_to_reconstruct_with_several_codes(trained):
    model, x = trained
    logs = model.evaluate(x, return_dict=True)
    assert logs["perplexity"] > 2
    untrained = small_vqvae(ema_decay=0.9, revive_below=0.5).evaluate(x, return_dict=True)
    assert logs["reconstruction"] < untrained["reconstruction"] - 3
    assert np.square(model.reconstruct(x) - x).mean() < 0.7 * x.var()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("jit_compile", "steps"),
    [(False, 4), *(pytest.param(*pair, marks=pytest.mark.exhaustive) for pair in ((False, 1), (True, 32)))],
)
def test_running_means_are_the_same_however_the_steps_are_compiled(jit_compile, steps):
    """330 examples in ragged batches: the plain loop is the reference; NumPy repeats its updates of the counts."""
    if not TENSORFLOW:
        jit_compile, steps = keras.backend.backend() == "jax", 1
    x, results = binary_images(330), []
    for options in ({"jit_compile": False, "steps_per_execution": 1, "run_eagerly": TENSORFLOW}, None):
        keras.utils.set_random_seed(0)
        model = small_vqvae(ema_decay=0.9, revive_below=None if jit_compile else 0.5)  # XLA draws other numbers
        book = np.random.default_rng(1).normal(size=(5, 2)).astype("float32")
        model.quantizer.codebook.assign(book)
        model.quantizer.sums.assign(book)
        model.quantizer.counts.assign(np.ones(5))
        model.compile(
            keras.optimizers.Adam(1e-3), **(options or {"jit_compile": jit_compile, "steps_per_execution": steps})
        )
        history = model.fit(x, batch_size=64, epochs=3, verbose=0).history
        results.append((history, values(model.quantizer.weights), values(model.trainable_variables)))
    for a, b in zip(results[0][1] + results[0][2], results[1][1] + results[1][2], strict=True):
        assert a == pytest.approx(b, abs=2e-3)
    assert results[0][0]["perplexity"] == pytest.approx(results[1][0]["perplexity"], rel=1e-2)
    assert results[0][0]["loss"] == pytest.approx(results[1][0]["loss"], rel=1e-3)


@pytest.mark.slow
def test_with_the_networks_held_still_the_running_means_of_a_fit_are_those_of_numpy():
    x = binary_images(330)
    model = small_vqvae(ema_decay=0.9)
    book = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    model.quantizer.codebook.assign(book)
    model.quantizer.sums.assign(book)
    model.compile(keras.optimizers.SGD(0.0))
    z = ops.convert_to_numpy(model.encoder(x)).reshape(330, -1, 2).astype("float64")
    model.fit(x, batch_size=64, epochs=2, verbose=0, shuffle=False)
    counts, sums, codes = np.ones(5), book.astype("float64"), book.astype("float64")
    for begin in [*range(0, 330, 64), *range(0, 330, 64)]:
        batch = z[begin : begin + 64].reshape(-1, 2)
        nearest = np.square(batch[:, None] - codes).sum(axis=-1).argmin(axis=1)
        counts = 0.9 * counts + 0.1 * np.bincount(nearest, minlength=5)
        sums = 0.9 * sums + 0.1 * np.array([batch[nearest == k].sum(axis=0) for k in range(5)])
        codes = sums / counts[:, None]
    assert ops.convert_to_numpy(model.quantizer.counts) == pytest.approx(counts, rel=1e-3)
    assert ops.convert_to_numpy(model.quantizer.codebook) == pytest.approx(codes, rel=1e-3, abs=1e-4)


def test_evaluation_moves_no_code_and_needs_no_noise(trained):
    model, x = trained
    before = values(model.quantizer.weights)
    logs = model.evaluate(x[:130], batch_size=64, return_dict=True)
    assert model.evaluate(x[:130], batch_size=130, return_dict=True)["loss"] == pytest.approx(logs["loss"], rel=1e-4)
    assert np.array_equal(model.elbo(x[:9]), model.elbo(x[:9]))
    for a, b in zip(before, values(model.quantizer.weights), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.slow
def test_saving_and_loading_keeps_codes_and_pictures(tmp_path, trained):
    model, x = trained
    model.save(tmp_path / "vqvae.keras")
    loaded = keras.models.load_model(tmp_path / "vqvae.keras")
    assert np.array_equal(loaded.encode(x), model.encode(x))
    assert np.array_equal(loaded.reconstruct(x), model.reconstruct(x))
    loaded.fit(x[:100], verbose=0)


@pytest.mark.slow
def test_grids_of_codes_may_have_several_axes_and_data_any_range():
    model = small_vqvae(positions=(2, 2), log_likelihood=gaussian(0.1))
    x = np.random.default_rng(0).normal(size=(20, *IMAGE)) / 3
    assert model.fit(x, verbose=0).history["loss"][0] > 0
    assert model.encode(x).shape == (20, 2, 2)
    assert model.reconstruct(x).shape == x.shape


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: VQVAE(
                networks.dense_grid_encoder(IMAGE, (3,), 4),
                networks.dense_grid_decoder((3,), 4, IMAGE),
                VectorQuantizer(5, 2),
                bernoulli_log_prob,
            ),
            r"should return one tensor \(batch, positions, 2\)",
        ),
        (
            lambda: VQVAE(
                networks.dense_grid_encoder(IMAGE, (3,), 2),
                networks.dense_grid_decoder((4,), 2, IMAGE),
                VectorQuantizer(5, 2),
                bernoulli_log_prob,
            ),
            r"the encoder returns \[\(3, 2\)\], the decoder takes \(4, 2\)",
        ),
        (
            lambda: VQVAE(networks.dense_encoder(IMAGE, 2), networks.dense_decoder(2, IMAGE), None, bernoulli_log_prob),
            "quantizer should be a layers.VectorQuantizer; got NoneType",
        ),
        (lambda: small_vqvae().decode([[0, 1, 5]]), r"codes must lie in \[0, 4\] for 5 codes"),
        (lambda: small_vqvae().fit(binary_images(5) * 255), "Raw pixels"),
        (lambda: small_vqvae().sample(0), "num_samples should be at least 1"),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
