import keras
import numpy as np
import pytest
from keras import ops
from scipy import stats

from course_lib.layers import Noise

pytestmark = pytest.mark.backend
DRAWS = 30_000


def draws(layer, batch=5, data_shape=(4, 4, 1)):
    return np.array(ops.convert_to_numpy(layer(ops.zeros((batch, *data_shape)))))


def test_noise_has_mean_zero_variance_one_and_no_correlation():
    z = draws(Noise(3, seed=1), DRAWS, (1,))
    assert z.mean(axis=0) == pytest.approx(0, abs=5 / np.sqrt(DRAWS))
    assert z.var(axis=0) == pytest.approx(1, abs=5 * np.sqrt(2 / DRAWS))
    assert np.corrcoef(z.T)[np.triu_indices(3, 1)] == pytest.approx(0, abs=5 / np.sqrt(DRAWS))


@pytest.mark.parametrize("latent", [0, 1])
def test_noise_is_gaussian(latent):
    assert stats.kstest(draws(Noise(2, seed=2), DRAWS, (1,))[:, latent], "norm").pvalue > 1e-4


def test_only_the_length_of_the_batch_matters():
    layer = Noise(3, seed=0)
    for data_shape in ((), (2,), (4, 4, 1)):
        layer.rewind()
        ones = ops.convert_to_numpy(layer(ops.ones((5, *data_shape))))
        layer.rewind()
        assert ones.shape == (5, 3)
        assert np.array_equal(draws(layer, 5, data_shape), ones)


def test_one_layer_draws_anew_in_each_call():
    layer = Noise(4, seed=0)
    assert not np.isclose(draws(layer, 50), draws(layer, 50)).any()


def test_every_example_has_its_own_noise():
    z = draws(Noise(4, seed=0), 64)
    assert len(np.unique(z)) == z.size


@pytest.mark.parametrize("seed", [0, 7, None])
def test_rewinding_repeats_the_draws_from_the_start(seed):
    layer = Noise(2, seed=seed)
    first, second = draws(layer), draws(layer)
    layer.rewind()
    assert np.array_equal(draws(layer), first)
    assert np.array_equal(draws(layer), second)


def test_equal_seeds_draw_alike_and_different_seeds_do_not():
    first, same, other = (draws(Noise(3, seed=seed)) for seed in (5, 5, 6))
    assert np.array_equal(first, same)
    assert not np.isclose(first, other).any()


def test_without_a_seed_layers_differ_and_follow_the_global_seed():
    def pair():
        keras.utils.set_random_seed(3)
        return [draws(Noise(3)) for _ in range(2)]

    (first, second), (first_again, _) = pair(), pair()
    assert not np.isclose(first, second).any()
    assert np.array_equal(first, first_again)


def test_a_draw_with_a_seed_repeats_and_leaves_the_stream_alone():
    layer, untouched = Noise(3, seed=0), Noise(3, seed=0)
    repeated = [np.array(ops.convert_to_numpy(layer.draw(6, seed=seed))) for seed in (9, 9, 10)]
    assert repeated[0].shape == (6, 3)
    assert np.array_equal(repeated[0], repeated[1])
    assert not np.isclose(repeated[0], repeated[2]).any()
    assert np.array_equal(draws(layer), draws(untouched))


def test_a_draw_without_a_seed_continues_the_stream():
    layer, same = Noise(3, seed=0), Noise(3, seed=0)
    assert np.array_equal(ops.convert_to_numpy(layer.draw(5)), draws(same, 5))
    assert not np.isclose(draws(layer, 5), ops.convert_to_numpy(layer.draw(5))).any()


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_noise_is_float32_and_unrounded_under_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    try:
        z = Noise(2, seed=1)(ops.zeros((500, 1), dtype=policy.removeprefix("mixed_")))
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(z.dtype) == "float32"
    assert np.array_equal(ops.convert_to_numpy(z), draws(Noise(2, seed=1), 500, (1,)))


@pytest.mark.parametrize("seed", [3, None])
def test_a_copy_from_its_configuration_draws_alike(seed):
    layer = Noise(2, seed=seed, name="z")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert (copy.name, copy.noise_dim, copy.seed) == ("z", 2, layer.seed)
    assert np.array_equal(draws(copy), draws(layer))


def test_it_works_inside_a_functional_model_with_any_batch_size():
    inputs = keras.Input((4, 4, 1))
    model = keras.Model(inputs, Noise(3, seed=0)(inputs))
    assert model.output_shape == (None, 3)
    assert [tuple(model(ops.ones((batch, 4, 4, 1))).shape) for batch in (1, 6)] == [(1, 3), (6, 3)]


def test_it_has_nothing_to_train():
    layer = Noise(3, seed=0)
    draws(layer)
    assert layer.trainable_variables == []


@pytest.mark.parametrize("bad", [0, -1, 1.5, True])
def test_what_is_no_number_of_dimensions_or_samples_is_refused(bad):
    with pytest.raises(ValueError, match="noise_dim should be"):
        Noise(bad)
    with pytest.raises(ValueError, match="num_samples should be"):
        Noise(2, seed=0).draw(bad)
    assert tuple(Noise(np.int64(2), seed=np.int64(3)).draw(np.int64(4), seed=np.int64(5)).shape) == (4, 2)
