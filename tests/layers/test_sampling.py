import keras
import numpy as np
import pytest
from keras import ops

from course_lib.layers import Sampling

pytestmark = pytest.mark.backend
POINTS = [(0.0, 0.0), (1.5, 1.2), (-2.0, -1.0), (0.3, 2.2), (4.0, -6.0)]  # (mean, log_var)
DRAWS = 40_000


def draws(layer, mean, log_var, shape=(DRAWS, 1)):
    tensors = (ops.full(shape, value, dtype="float32") for value in (mean, log_var))
    return np.array(ops.convert_to_numpy(layer(*tensors)))


@pytest.mark.parametrize(("mean", "log_var"), POINTS)
def test_z_has_the_mean_and_the_variance_it_was_given(mean, log_var):
    z, variance = draws(Sampling(seed=1), mean, log_var), np.exp(log_var)
    assert abs(z.mean() - mean) < 5 * np.sqrt(variance / DRAWS)
    assert abs(z.var() - variance) < 5 * variance * np.sqrt(2 / DRAWS)


@pytest.mark.parametrize(("mean", "log_var"), POINTS)
def test_z_is_gaussian(mean, log_var):
    standardised = (draws(Sampling(seed=2), mean, log_var).astype("float64") - mean) / np.exp(0.5 * log_var)
    assert abs(np.mean(standardised**3)) < 5 * np.sqrt(15 / DRAWS)
    assert abs(np.mean(standardised**4) - 3) < 5 * np.sqrt(96 / DRAWS)
    assert abs(np.mean(np.abs(standardised) < 1) - 0.6827) < 5 * np.sqrt(0.25 / DRAWS)


def rewound_gradient(layer, function, mean, log_var, step=0.05):
    """One gradient per example, by central differences between equal draws: d f(z) / d mean and d f(z) / d log_var."""

    def values(mean, log_var):
        layer.rewind()
        return function(draws(layer, mean, log_var)[:, 0].astype("float64"))

    of_mean = (values(mean + step, log_var) - values(mean - step, log_var)) / (2 * step)
    of_log_var = (values(mean, log_var + step) - values(mean, log_var - step)) / (2 * step)
    return of_mean, of_log_var


@pytest.mark.parametrize(("mean", "log_var"), POINTS)
def test_the_gradient_of_the_expected_square_is_twice_the_mean_and_the_variance(mean, log_var):
    """E[z²] = μ² + σ², so its derivatives by μ and by log σ² are 2μ and σ²."""
    of_mean, of_log_var = rewound_gradient(Sampling(seed=3), np.square, mean, log_var)
    for found, exact in ((of_mean, 2 * mean), (of_log_var, np.exp(log_var))):
        assert abs(found.mean() - exact) < 5 * found.std() / np.sqrt(DRAWS) + 1e-3 * max(1.0, abs(exact))


@pytest.mark.parametrize(("mean", "log_var"), POINTS[:3])
def test_gradients_reach_mean_and_log_var_through_the_draw(mean, log_var):
    """By the backend's own differentiation: one plain gradient step on the batch mean of z²."""

    one = keras.Input((1,))
    heads = [
        keras.layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(start))(one)
        for start in (mean, log_var)
    ]
    model, rate = keras.Model(one, Sampling(seed=4)(*heads)), 1e-2
    model.compile(keras.optimizers.SGD(rate), loss="mse", jit_compile=False)
    model.fit(np.ones((DRAWS, 1)), np.zeros((DRAWS, 1)), batch_size=DRAWS, epochs=1, verbose=0)
    of_mean, of_log_var = (
        (start - float(kernel[0, 0])) / rate
        for start, kernel in zip((mean, log_var), model.get_weights()[:2], strict=True)
    )
    deviation = np.exp(0.5 * log_var)
    assert abs(of_mean - 2 * mean) < 5 * 2 * deviation / np.sqrt(DRAWS) + 1e-3
    # z · σ ε, the derivative by log σ², has variance μ² σ² + 2 σ⁴
    assert (
        abs(of_log_var - deviation**2) < 5 * np.sqrt((mean * deviation) ** 2 + 2 * deviation**4) / np.sqrt(DRAWS) + 1e-3
    )


def test_a_vanishing_variance_gives_the_mean():
    assert draws(Sampling(seed=0), 1.5, -80.0, (10, 3)) == pytest.approx(1.5)


def test_one_layer_draws_anew_in_each_call():
    layer = Sampling(seed=0)
    assert not np.isclose(draws(layer, 0.0, 0.0, (50, 2)), draws(layer, 0.0, 0.0, (50, 2))).any()


def test_every_example_and_every_latent_has_its_own_noise():
    z = draws(Sampling(seed=0), 0.7, 0.3, (64, 5))
    assert len(np.unique(z)) == z.size
    long = draws(Sampling(seed=0), 0.0, 0.0, (20_000, 3))
    assert np.corrcoef(long.T)[np.triu_indices(3, 1)] == pytest.approx(0, abs=5 / np.sqrt(20_000))
    assert abs(np.corrcoef(long[:-1, 0], long[1:, 0])[0, 1]) < 5 / np.sqrt(20_000)


def test_it_draws_in_training_and_in_evaluation_alike():
    mean, log_var = keras.Input((1,)), keras.Input((1,))
    model = keras.Model([mean, log_var], Sampling(seed=0)(mean, log_var))
    for training in (True, False):
        z = model([ops.zeros((DRAWS, 1)), ops.zeros((DRAWS, 1))], training=training)
        assert np.var(ops.convert_to_numpy(z)) == pytest.approx(1, abs=5 * np.sqrt(2 / DRAWS))


@pytest.mark.parametrize("seed", [0, 7, None])
def test_rewinding_repeats_the_draws_from_the_start(seed):
    layer = Sampling(seed=seed)
    first, second = draws(layer, 0.0, 0.0, (9, 2)), draws(layer, 0.0, 0.0, (9, 2))
    layer.rewind()
    assert np.array_equal(draws(layer, 0.0, 0.0, (9, 2)), first)
    assert np.array_equal(draws(layer, 0.0, 0.0, (9, 2)), second)


def test_equal_seeds_draw_alike_and_different_seeds_do_not():
    first, same, other = (draws(Sampling(seed=seed), 0.0, 0.0, (9, 2)) for seed in (5, 5, 6))
    assert np.array_equal(first, same)
    assert not np.isclose(first, other).any()


def test_without_a_seed_layers_differ_and_follow_the_global_seed():
    def pair():
        keras.utils.set_random_seed(3)
        return [draws(Sampling(), 0.0, 0.0, (9, 2)) for _ in range(2)]

    (first, second), (first_again, second_again) = pair(), pair()
    assert not np.isclose(first, second).any()
    assert np.array_equal(first, first_again)
    assert np.array_equal(second, second_again)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_draws_are_float32_and_unrounded_under_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    try:
        layer = Sampling(seed=1)
        half = policy.removeprefix("mixed_")
        z = layer(ops.zeros((500, 2), dtype=half), ops.zeros((500, 2), dtype=half))
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(z.dtype) == "float32"
    assert np.array_equal(ops.convert_to_numpy(z), draws(Sampling(seed=1), 0.0, 0.0, (500, 2)))


def test_a_large_float32_mean_is_not_rounded_on_its_way_in_under_mixed_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        z = Sampling(seed=1)(ops.full((3, 1), 1234.567), ops.full((3, 1), -80.0))
    finally:
        keras.config.set_dtype_policy("float32")
    assert ops.convert_to_numpy(z) == pytest.approx(1234.567, abs=1e-3)


@pytest.mark.parametrize(("mean", "log_var"), [((5, 2), (5, 1)), ((5, 2), (1, 2)), ((5, 2), (5, 3)), ((5, 2), (2,))])
def test_shapes_that_differ_are_refused_though_they_might_broadcast(mean, log_var):
    with pytest.raises(ValueError, match="same shape, one variance per latent dimension") as caught:
        Sampling()(ops.zeros(mean), ops.zeros(log_var))
    assert str(mean) in str(caught.value)
    assert str(log_var) in str(caught.value)


@pytest.mark.parametrize("seed", [3, None])
def test_a_copy_from_its_configuration_draws_alike(seed):
    layer = Sampling(seed=seed, name="z")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert isinstance(copy, Sampling)
    assert (copy.name, copy.seed) == ("z", layer.seed)
    assert np.array_equal(draws(copy, 0.0, 0.0, (4, 2)), draws(layer, 0.0, 0.0, (4, 2)))


def test_it_works_inside_a_functional_model_with_any_batch_size():
    inputs = keras.Input((3,))
    z = Sampling(seed=0)(keras.layers.Dense(2)(inputs), keras.layers.Dense(2)(inputs))
    model = keras.Model(inputs, z)
    assert model.output_shape == (None, 2)
    assert [tuple(model(ops.ones((batch, 3))).shape) for batch in (1, 4)] == [(1, 2), (4, 2)]
    assert model.predict(np.ones((5, 3)), verbose=0).shape == (5, 2)


def test_it_has_nothing_to_train():
    layer = Sampling(seed=0)
    draws(layer, 0.0, 0.0, (2, 2))
    assert layer.trainable_variables == []


@pytest.mark.parametrize("bad", [-1, 1.5, True, "0", 2**40])
def test_what_is_no_seed_is_refused(bad):
    with pytest.raises(ValueError, match="seed should"):
        Sampling(seed=bad)
