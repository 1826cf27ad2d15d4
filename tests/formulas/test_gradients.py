import keras
import numpy as np
import pytest
from keras import layers, ops

from course_lib import networks
from course_lib.formulas.gradients import input_gradient, squared_jacobian_norm
from course_lib.models import Autoencoder
from course_lib.training.model import to_numpy, weighted_mean
from tests.small import gradients

pytestmark = pytest.mark.backend
TENSORFLOW, JAX, TORCH = (keras.backend.backend() == name for name in ("tensorflow", "jax", "torch"))
RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 3)).astype("float32")


def tanh_network(units=4):
    network = keras.Sequential([keras.Input((3,)), layers.Dense(5, "tanh"), layers.Dense(units, "tanh")])
    for variable in network.weights:  # biases too
        variable.assign(0.7 * np.random.default_rng(1).normal(size=variable.shape))
    return network


def in_float64(network, x):
    for layer in network.layers:
        x = np.tanh(x @ to_numpy(layer.kernel).astype("float64") + to_numpy(layer.bias).astype("float64"))
    return x


def jacobians(function, x, step=1e-6):
    """Central differences: (inputs, batch, units)."""
    moves = step * np.eye(x.shape[1])
    return np.array([(function(x + move) - function(x - move)) / (2 * step) for move in moves])


class Steep(Autoencoder):
    """Its loss is ½ ‖∇ Σ_j h_j(x)‖², the gradient of the summed code."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        slopes = input_gradient(lambda x: self.encoder(x, training=False), x)
        return weighted_mean(0.5 * ops.sum(ops.square(slopes), axis=1), sample_weight)


def steep():
    """Its code is h = tanh(w·x), one unit without a bias; the decoder has nothing to learn."""
    encoder = keras.Sequential([keras.Input((3,)), layers.Dense(1, "tanh", use_bias=False)])
    encoder.layers[0].kernel.assign([[0.4], [-0.9], [0.6]])
    decoder = networks.dense_decoder(1, (3,), ())
    decoder.trainable = False
    return Steep(encoder, decoder)


def gradient_of_the_squared_slope(w, x):
    r"""∇_w of mean ½ ‖w‖² (1 − h²)², h = tanh(w·x): (1 − h²)² w − 2 ‖w‖² h (1 − h²)² x, by hand."""
    h = np.tanh(x @ w)
    sharpness = (1 - h**2) ** 2
    return (sharpness[:, None] * w - 2 * (w @ w) * (h * sharpness)[:, None] * x).mean(axis=0)


def test_the_gradient_of_a_network_is_the_one_by_finite_differences():
    network = tanh_network()
    expected = jacobians(lambda x: in_float64(network, x), X.astype("float64")).sum(axis=2).T
    assert to_numpy(input_gradient(network, X)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("x", [2.0, np.array([[1, 3], [2, -1]]), np.array([[1.5, 3], [2, -1]], "float32")])
def test_the_gradient_of_a_square_is_twice_its_input(x):
    assert to_numpy(input_gradient(ops.square, x)) == pytest.approx(2 * np.asarray(x))


def test_what_the_output_does_not_depend_on_has_gradient_zero():
    assert np.array_equal(to_numpy(input_gradient(lambda x: ops.ones((2, 2)), X)), np.zeros_like(X))
    assert to_numpy(input_gradient(lambda x: x[:, 0], X)).tolist() == [[1.0, 0.0, 0.0]] * 30


def test_the_gradient_of_the_gradient_is_the_second_derivative():
    def slope(x):
        return input_gradient(lambda x: x**3, x)

    assert to_numpy(input_gradient(slope, X)) == pytest.approx(6 * X, rel=1e-5)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_gradient_of_a_squared_slope_with_respect_to_weights_is_the_closed_form(seed):
    """As a function of the weights: no model, no compilation."""
    w, x = np.random.default_rng(seed).normal(size=(3, 1)).astype("float32"), X

    def squared_slope(w):
        slopes = input_gradient(lambda x: ops.tanh(ops.matmul(x, w)), x)
        return 0.5 * ops.mean(ops.sum(ops.square(slopes), axis=1))

    expected = gradient_of_the_squared_slope(w[:, 0].astype("float64"), x.astype("float64"))
    assert to_numpy(input_gradient(squared_slope, w))[:, 0] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_training_follows_the_gradient_of_a_squared_slope():
    model = steep()
    before = to_numpy(model.encoder.layers[0].kernel)[:, 0].astype("float64")
    found = gradients(model, X, learning_rate=0.01)[0][:, 0]
    assert found == pytest.approx(gradient_of_the_squared_slope(before, X.astype("float64")), rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("jit_compile", [False] if TORCH else [False, True])
def test_the_compiled_loop_of_fit_follows_it_too(jit_compile):
    """Ten full-batch steps of plain gradient descent, against the same ten steps in NumPy."""
    model = steep()
    w = to_numpy(model.encoder.layers[0].kernel)[:, 0].astype("float64")
    steps = 5 if TENSORFLOW else 1
    model.compile(keras.optimizers.SGD(0.1), jit_compile=jit_compile, steps_per_execution=steps)
    model.fit(np.tile(X, (5, 1)), batch_size=30, epochs=2, shuffle=False, verbose=0)
    for _ in range(10):
        w -= 0.1 * gradient_of_the_squared_slope(w, X.astype("float64"))
    assert to_numpy(model.encoder.layers[0].kernel)[:, 0] == pytest.approx(w, abs=1e-5)


def test_a_loss_with_a_gradient_inside_can_be_evaluated():
    model = steep()
    w = to_numpy(model.encoder.layers[0].kernel)[:, 0].astype("float64")
    expected = (0.5 * (w @ w) * (1 - np.tanh(X @ w) ** 2) ** 2).mean()
    assert np.ravel(model.evaluate(X, batch_size=8))[0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("units", [1, 4])
def test_the_squared_jacobian_norm_is_the_one_by_finite_differences(units):
    network = tanh_network(units)
    expected = np.square(jacobians(lambda x: in_float64(network, x), X.astype("float64"))).sum(axis=(0, 2))
    assert to_numpy(squared_jacobian_norm(network, X)) == pytest.approx(expected, rel=1e-4)


def test_the_squared_jacobian_norm_of_one_layer_is_the_closed_form():
    """Rifai et al. (2011), section 4: Σ_j (h_j (1 − h_j))² ‖W_j‖² for a sigmoid layer."""
    network = keras.Sequential([keras.Input((3,)), layers.Dense(4, "sigmoid", kernel_initializer="he_normal")])
    h, kernel = to_numpy(network(X)), to_numpy(network.layers[0].kernel)
    expected = np.square(h * (1 - h)) @ np.square(kernel).sum(axis=0)
    assert to_numpy(squared_jacobian_norm(network, X)) == pytest.approx(expected, rel=1e-4)


def test_images_have_a_jacobian_too():
    network = networks.dense_encoder((2, 3, 1), 2, ())
    kernel = to_numpy(network.layers[-1].kernel)
    images = RNG.normal(size=(5, 2, 3, 1)).astype("float32")
    assert to_numpy(squared_jacobian_norm(network, images)) == pytest.approx(5 * [np.square(kernel).sum()], rel=1e-5)


def test_only_codes_of_one_axis_have_a_jacobian_norm():
    with pytest.raises(ValueError, match="Flatten"):
        squared_jacobian_norm(lambda x: ops.expand_dims(x, 1), X)
