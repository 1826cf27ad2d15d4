import keras
import numpy as np
import pytest
from keras import ops

from course_lib.layers import MaskedDense

pytestmark = pytest.mark.backend
IN, OUT = [0, 1, 1, 2], [-1, 0, 2, 1, 1]


def built(**options):
    layer = MaskedDense(IN, OUT, **options)
    layer.build((None, 4))
    return layer


def test_an_output_sees_the_inputs_of_at_most_its_degree_and_no_others():
    layer, x = built(), np.random.default_rng(0).normal(size=(1, 4)).astype("float32")
    before = ops.convert_to_numpy(layer(x))[0]
    for i, degree in enumerate(IN):
        changed = x.copy()
        changed[0, i] += 1.0
        moved = np.abs(ops.convert_to_numpy(layer(changed))[0] - before) > 1e-6
        assert moved.tolist() == [degree <= out for out in OUT]


def test_with_all_degrees_equal_it_is_a_dense_layer():
    x, dense = np.random.default_rng(0).normal(size=(6, 4)).astype("float32"), keras.layers.Dense(3, activation="tanh")
    masked = MaskedDense([0] * 4, [0] * 3, activation="tanh")
    for layer in (dense, masked):
        layer.build((None, 4))
    masked.set_weights(dense.get_weights())
    assert ops.convert_to_numpy(masked(x)) == pytest.approx(ops.convert_to_numpy(dense(x)), abs=1e-6)


def test_a_copy_from_its_configuration_is_the_same_layer():
    layer = built(activation="relu")
    copy = MaskedDense.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert np.array_equal(copy.mask, layer.mask)


def test_another_number_of_inputs_is_refused():
    with pytest.raises(ValueError, match="has 4 input degrees"):
        MaskedDense(IN, OUT).build((None, 3))
