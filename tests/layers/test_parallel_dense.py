import keras
import numpy as np
import pytest
from keras import ops

from course_lib.layers import ParallelDense, SpectralNormalization
from course_lib.training.model import to_numpy
from tests.small import values

pytestmark = pytest.mark.backend
RNG = np.random.default_rng(0)
COPIES, BLOCK = 3, 4
X = RNG.normal(size=(COPIES * BLOCK, 2)).astype("float32")
BLOCKS = X.reshape(COPIES, BLOCK, 2)


def layer_of(units=5, **options):
    layer = ParallelDense(units, COPIES, **options)
    layer.build((None, 2))
    layer.bias.assign(RNG.normal(size=(COPIES, 1, units)))
    return layer


def test_each_block_goes_through_the_weights_of_its_own_copy():
    layer = layer_of(activation="tanh")
    kernel, bias = to_numpy(layer.kernel), to_numpy(layer.bias)
    expected = np.concatenate([np.tanh(BLOCKS[c] @ kernel[c] + bias[c]) for c in range(COPIES)])
    assert to_numpy(layer(X)) == pytest.approx(expected, abs=1e-5)


def test_another_copys_weights_and_examples_change_nothing():
    layer = layer_of()
    before, moved = to_numpy(layer(X)).reshape(COPIES, BLOCK, 5), X.copy()
    moved[:BLOCK] += 10.0
    kernel = to_numpy(layer.kernel).copy()
    kernel[0] *= -2.0
    layer.kernel.assign(kernel)
    after = to_numpy(layer(moved)).reshape(COPIES, BLOCK, 5)
    assert np.array_equal(before[1:], after[1:])
    assert not np.allclose(before[0], after[0])


def test_copies_begin_with_different_kernels_in_glorots_range_for_one_copy():
    layer = ParallelDense(100, 4)
    layer.build((None, 50))
    kernel, limit = to_numpy(layer.kernel), np.sqrt(6 / 150)
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.05)
    assert np.abs(kernel).max() <= limit
    assert np.abs(np.corrcoef(kernel.reshape(4, -1)) - np.eye(4)).max() < 0.1
    assert not to_numpy(layer.bias).any()


def test_one_copy_is_a_dense_layer():
    layer, dense = ParallelDense(3, 1, activation="relu"), keras.layers.Dense(3, activation="relu")
    layer.build((None, 2))
    dense.build((None, 2))
    dense.kernel.assign(to_numpy(layer.kernel)[0])
    assert to_numpy(layer(X)) == pytest.approx(to_numpy(dense(X)), abs=1e-6)


def spectral_pair():
    """A layer of copies, and for each copy the library's spectrally normalised dense layer with the same state."""
    layer = layer_of(spectral_normalization=True)
    alone = []
    for copy in range(COPIES):
        single = SpectralNormalization(keras.layers.Dense(5))
        single.build((None, 2))
        single.layer.kernel.assign(to_numpy(layer.kernel)[copy])
        single.layer.bias.assign(to_numpy(layer.bias)[copy, 0])
        single.right_vector.assign(to_numpy(layer.right_vectors)[copy])
        alone.append(single)
    return layer, alone


@pytest.mark.parametrize("training", [False, True])
def test_each_copy_is_normalised_as_a_layer_of_its_own(training):
    layer, alone = spectral_pair()
    for _ in range(3):
        together = to_numpy(layer(X, training=training)).reshape(COPIES, BLOCK, 5)
        for copy, single in enumerate(alone):
            assert together[copy] == pytest.approx(to_numpy(single(BLOCKS[copy], training=training)), abs=1e-5)
    for copy, single in enumerate(alone):
        ours, its = to_numpy(layer.right_vectors)[copy], to_numpy(single.right_vector)
        assert ours / np.linalg.norm(ours) == pytest.approx(its / np.linalg.norm(its), abs=1e-5)


def test_the_iteration_converges_to_the_largest_singular_value_of_each_copy():
    layer = layer_of(spectral_normalization=True)
    kernel = np.stack([np.diag([2.0, 0.5]), np.diag([0.1, 3.0]), np.diag([5.0, 1.0])])
    layer.kernel.assign(np.concatenate([kernel, np.zeros((COPIES, 2, 3))], axis=2))
    for _ in range(30):
        layer(X, training=True)
    assert to_numpy(layer.largest_singular_values()).ravel() == pytest.approx([2.0, 3.0, 5.0], rel=1e-4)


def test_the_gradient_of_a_normalised_kernel_has_no_part_along_it():
    """The output does not change when the kernel is stretched, so the gradient is orthogonal to the kernel."""
    layer = layer_of(spectral_normalization=True)
    for _ in range(50):
        layer(X, training=True)
    model = keras.Sequential([keras.Input((2,)), layer])
    kernel = to_numpy(layer.kernel).copy()
    model.compile(keras.optimizers.SGD(1.0), loss="mse")
    model.fit(X, RNG.normal(size=(COPIES * BLOCK, 5)), batch_size=len(X), epochs=1, shuffle=False, verbose=0)
    gradient = kernel - to_numpy(layer.kernel)
    for copy in range(COPIES):
        along = np.sum(gradient[copy] * kernel[copy]) / np.linalg.norm(kernel[copy])
        assert abs(along) < 0.02 * np.linalg.norm(gradient[copy])
        assert np.linalg.norm(gradient[copy]) > 1e-3


def test_the_vectors_are_no_trainable_weights_and_stay_in_evaluation():
    layer = layer_of(spectral_normalization=True)
    before = values([layer.right_vectors])[0]
    layer(X)
    layer(X, training=False)
    assert np.array_equal(to_numpy(layer.right_vectors), before)
    layer(X, training=True)
    assert not np.array_equal(to_numpy(layer.right_vectors), before)
    assert len(layer.trainable_variables) == 2


def test_a_reloaded_layer_computes_the_same():
    layer = layer_of(activation="relu", spectral_normalization=True)
    again = ParallelDense.from_config(layer.get_config())
    again.build((None, 2))
    again.set_weights(layer.get_weights())
    assert to_numpy(again(X)) == pytest.approx(to_numpy(layer(X)), abs=1e-6)


def test_the_shape_is_known_before_it_is_built():
    assert ParallelDense(7, COPIES).compute_output_shape((None, 2)) == (None, 7)
    assert keras.Sequential([keras.Input((2,)), ParallelDense(7, COPIES)]).output_shape == (None, 7)
    assert ops.shape(layer_of(7)(X)) == (12, 7)


@pytest.mark.parametrize("shape", [(None, 4, 2), (None, None)])
def test_inputs_that_are_no_vectors_are_refused(shape):
    with pytest.raises(ValueError, match=r"takes inputs of shape \(batch, inputs\)"):
        ParallelDense(3, COPIES).build(shape)


@pytest.mark.parametrize("numbers", [(0, 3), (3, 0), (2.5, 3)])
def test_widths_and_copies_that_are_no_positive_integers_are_refused(numbers):
    with pytest.raises(ValueError, match=r"should be (an integer|at least 1)"):
        ParallelDense(*numbers)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_the_iteration_goes_on_in_float32_under_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    try:
        layer = layer_of(spectral_normalization=True)
        outputs = [layer(X, training=True) for _ in range(60)]
    finally:
        keras.config.set_dtype_policy("float32")
    found = layer.largest_singular_values()
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    assert keras.backend.standardize_dtype(outputs[-1].dtype) == policy.removeprefix("mixed_")
    expected = np.linalg.svd(to_numpy(layer.kernel), compute_uv=False)[:, 0]
    assert to_numpy(found).ravel() == pytest.approx(expected, rel=1e-3)
