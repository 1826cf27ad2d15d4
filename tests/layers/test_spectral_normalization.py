import itertools

import keras
import numpy as np
import pytest
from keras import layers, ops

from course_lib.layers import SpectralNormalization
from course_lib.training.model import to_numpy
from tests.small import values

pytestmark = pytest.mark.backend
RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 4)).astype("float32")


def with_singular_values(singular_values, rows=4, columns=3):
    left = np.linalg.qr(RNG.normal(size=(rows, rows)))[0][:, : len(singular_values)]
    right = np.linalg.qr(RNG.normal(size=(columns, columns)))[0][:, : len(singular_values)]
    return left @ np.diag(singular_values) @ right.T


def normalised_dense(kernel, iterations=1, **options):
    layer = SpectralNormalization(layers.Dense(kernel.shape[1], **options), iterations)
    layer.build((None, kernel.shape[0]))
    layer.layer.kernel.assign(kernel)
    return layer


def converged(layer, x=X, calls=40):
    for _ in range(calls):
        layer(x, training=True)
    return layer


@pytest.mark.parametrize("largest", [0.2, 1.0, 7.0])
def test_sigma_is_the_largest_singular_value_of_a_kernel_with_a_gap(largest):
    kernel = with_singular_values([largest, largest / 2, largest / 10])
    layer = converged(normalised_dense(kernel))
    assert float(layer.largest_singular_value()) == pytest.approx(largest, rel=1e-4)
    assert np.linalg.svd(kernel, compute_uv=False)[0] == pytest.approx(largest)


def test_the_layer_computes_with_the_divided_kernel_its_own_bias_and_activation():
    kernel = with_singular_values([3.0, 1.0, 0.5])
    layer = converged(normalised_dense(kernel, activation="tanh", bias_initializer="ones"))
    assert to_numpy(layer(X)) == pytest.approx(np.tanh(X @ kernel / 3.0 + 1.0), abs=1e-4)
    assert to_numpy(layer.layer.kernel) == pytest.approx(kernel, abs=1e-6)  # never overwritten


def test_sigma_is_at_most_the_largest_singular_value_before_convergence_and_grows_towards_it():
    layer = normalised_dense(with_singular_values([2.0, 1.8, 0.1]))
    estimates = []
    for _ in range(30):
        estimates.append(float(layer.largest_singular_value()))
        layer(X, training=True)
    assert max(estimates) < 2.0 + 1e-4
    assert all(b > a - 1e-4 for a, b in itertools.pairwise(estimates))


def test_more_iterations_a_call_are_as_many_calls():
    kernel = with_singular_values([2.0, 1.5, 1.0])
    many, one = normalised_dense(kernel, iterations=4), normalised_dense(kernel)
    one.right_vector.assign(to_numpy(many.right_vector))
    many(X, training=True)
    converged(one, calls=4)
    assert to_numpy(many.right_vector) == pytest.approx(to_numpy(one.right_vector), abs=1e-5)


def test_the_vector_moves_in_training_alone():
    layer = normalised_dense(with_singular_values([2.0, 1.5, 1.0]))
    before = to_numpy(layer.right_vector)
    layer(X)
    layer(X, training=False)
    assert np.array_equal(to_numpy(layer.right_vector), before)
    layer(X, training=True)
    assert not np.allclose(to_numpy(layer.right_vector), before)
    assert [variable.path for variable in layer.non_trainable_variables] == [layer.right_vector.path]


@pytest.mark.parametrize("training", [False, True])
def test_the_gradient_flows_through_sigma_with_its_vectors_held_still(training):
    """f(W) = c·(x W / vᵀWu), differentiated by central differences with u and v constant."""
    kernel = with_singular_values([2.0, 1.5, 1.0])
    layer = normalised_dense(kernel, use_bias=False)
    right = to_numpy(layer.right_vector).astype("float64")
    right /= np.linalg.norm(right)
    left = kernel @ right / np.linalg.norm(kernel @ right)
    if training:
        right = left @ kernel / np.linalg.norm(left @ kernel)
        left = kernel @ right / np.linalg.norm(kernel @ right)
    direction = RNG.normal(size=3)

    def function(kernel):
        return np.mean((X @ kernel / (left @ kernel @ right)) @ direction)

    expected = np.zeros_like(kernel)
    for index in np.ndindex(kernel.shape):
        step = np.zeros_like(kernel)
        step[index] = 1e-6
        expected[index] = (function(kernel + step) - function(kernel - step)) / 2e-6

    class Model(keras.Model):
        def call(self, x):
            return ops.matmul(layer(x, training=training), ops.convert_to_tensor(direction[:, None].astype("float32")))

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return ops.mean(y_pred)

    model = Model()
    model.normalised = layer
    model.built = True
    model.compile(keras.optimizers.SGD(1e-2), jit_compile=False)
    model.fit(X, batch_size=5, verbose=0)
    found = (kernel - to_numpy(layer.layer.kernel)) / 1e-2
    np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-3)
    assert np.sum(found * kernel) == pytest.approx(0, abs=1e-2)  # dividing by the length leaves no way along W


def test_a_convolution_is_divided_by_the_value_of_its_reshaped_kernel():
    layer = SpectralNormalization(layers.Conv2D(3, 2, padding="same", use_bias=False))
    x = RNG.normal(size=(2, 5, 5, 2)).astype("float32")
    converged(layer, x, calls=60)
    kernel = to_numpy(layer.layer.kernel)
    largest = np.linalg.svd(kernel.reshape(-1, 3), compute_uv=False)[0]
    assert float(layer.largest_singular_value()) == pytest.approx(largest, rel=1e-3)
    plain = to_numpy(layer.layer(x))
    assert to_numpy(layer(x)) == pytest.approx(plain / largest, rel=1e-2, abs=1e-3)


def test_the_operator_norm_of_a_convolution_can_be_larger_than_that_of_its_reshaped_kernel():
    """A kernel of ones over 2 × 2 places doubles the length twice for constant images; reshaped its norm is 2."""
    layer = SpectralNormalization(layers.Conv2D(1, 2, padding="same", use_bias=False, kernel_initializer="ones"))
    x = np.ones((1, 40, 40, 1), "float32")
    converged(layer, x, calls=5)
    assert float(layer.largest_singular_value()) == pytest.approx(2.0, rel=1e-4)
    assert np.linalg.norm(to_numpy(layer(x))) > 1.9 * np.linalg.norm(x)


def test_a_stateless_call_gives_the_same_answer_and_leaves_the_vector_where_it_was():
    network = keras.Sequential([keras.Input((4,)), SpectralNormalization(layers.Dense(3, "tanh")), layers.Dense(1)])
    before = values(network.variables)
    trainable = [ops.stop_gradient(2 * variable.value) for variable in network.trainable_variables]
    state = [variable.value for variable in network.non_trainable_variables]
    answer, moved = network.stateless_call(trainable, state, X, training=True)
    assert all(np.array_equal(a, b) for a, b in zip(before, values(network.variables), strict=True))
    assert not np.allclose(to_numpy(moved[0]), to_numpy(state[0]))
    network.set_weights([2 * w if w.ndim == 2 or w.shape != (3,) else w for w in network.get_weights()])
    network.layers[0].right_vector.assign(to_numpy(state[0]))
    assert to_numpy(network(X, training=True)) == pytest.approx(to_numpy(answer), abs=1e-5)


def test_saving_keeps_the_vector(tmp_path):
    network = keras.Sequential([keras.Input((4,)), SpectralNormalization(layers.Dense(3), 2)])
    network(X, training=True)
    network.save(tmp_path / "network.keras")
    again = keras.models.load_model(tmp_path / "network.keras")
    assert np.array_equal(to_numpy(again(X)), to_numpy(network(X)))
    assert again.layers[0].power_iterations == 2


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_divides_too(policy):
    layer = SpectralNormalization(layers.Dense(3, dtype=policy), dtype=policy)
    outputs = converged(layer)(X)
    assert keras.backend.standardize_dtype(outputs.dtype) == policy.removeprefix("mixed_")
    norm = np.linalg.svd(to_numpy(layer.layer.kernel), compute_uv=False)[0]
    assert float(layer.largest_singular_value()) == pytest.approx(norm, rel=2e-2)


def test_a_layer_without_a_kernel_is_refused():
    with pytest.raises(ValueError, match="a LayerNormalization has none"):
        SpectralNormalization(layers.LayerNormalization())(X)
    with pytest.raises(ValueError, match="power_iterations should be at least 1"):
        SpectralNormalization(layers.Dense(3), 0)
