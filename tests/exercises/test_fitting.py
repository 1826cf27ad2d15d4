"""Whether a loss trains: one epoch of `fit` beside that of the right loss."""

import keras
import numpy as np
import pytest
from keras import ops

from course_lib.exercises.fitting import ANOTHER_GRADIENT, NO_GRADIENT, trouble

X = np.random.default_rng(0).normal(size=(7, 3)).astype("float32")


def layer():
    built = keras.layers.Dense(2, use_bias=False, kernel_initializer="ones")
    built.build((None, 3))
    return built


def squares(network, x, outputs):
    return ops.sum(ops.square(outputs), axis=1)


def half_held_fixed(network, x, outputs):
    return ops.sum(outputs * ops.stop_gradient(outputs), axis=1)


def one_number(network, x, outputs):
    return ops.sum(ops.square(outputs)) / ops.cast(ops.shape(x)[0], "float32")


@pytest.mark.parametrize(
    ("loss", "found"),
    [
        (squares, None),
        (one_number, None),
        (half_held_fixed, ANOTHER_GRADIENT),
        (lambda network, x, outputs: ops.stop_gradient(squares(network, x, outputs)), NO_GRADIENT),
        (lambda network, x, outputs: 0.0 * squares(network, x, outputs), NO_GRADIENT),
    ],
)
def test_a_loss_is_judged_by_where_it_moves_the_weights(loss, found):
    assert trouble(loss, squares, layer, X) == found


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (lambda x: x.shape[0], "the number of examples is not known"),
        (len, "the number of examples is not known"),
        (lambda x: len(np.asarray(x)), "Use `keras.ops` for all"),
        (lambda x: ops.shape(x)[0], "is a whole number"),
    ],
)
def test_what_does_not_compile_is_told_why(size, said):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("only TensorFlow does not know the size of a batch")
    assert said in trouble(lambda network, x, outputs: ops.sum(ops.square(outputs)) / size(x), squares, layer, X)
