import keras
import numpy as np
import pytest
from keras import ops

from course_lib.formulas.events import (
    as_float32,
    expected,
    finite_exp,
    real_tensor,
    require_broadcastable,
    require_same_shape,
    sum_over_event,
)

pytestmark = pytest.mark.backend


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "int32", "uint8", "bool"])
def test_numbers_of_every_dtype_become_float32(dtype):
    (x,) = as_float32(ops.cast([[0, 1]], dtype))
    assert keras.backend.standardize_dtype(x.dtype) == "float32"
    assert ops.convert_to_numpy(x).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize("bad", [["a"], [1j], [[1.0], [1.0, 2.0]], None, np.array([None]), {"x": 1}])
def test_what_is_no_array_of_real_numbers_is_refused(bad):
    with pytest.raises(ValueError, match="Expected an array of real numbers"):
        real_tensor(bad)


def test_an_event_is_summed_over_all_its_axes_and_the_batch_over_none():
    x = np.arange(24.0).reshape(2, 3, 4)
    assert ops.convert_to_numpy(sum_over_event(ops.convert_to_tensor(x))).tolist() == x.sum(axis=(1, 2)).tolist()
    assert ops.convert_to_numpy(sum_over_event(ops.ones(3))).tolist() == [1.0, 1.0, 1.0]


def test_shapes_are_compared_where_they_are_known():
    require_same_shape(np.zeros((2, 3)), np.ones((2, 3)), "other")
    require_same_shape(keras.KerasTensor((None, 3)), np.ones((2, 3)), "other")
    for other in (np.zeros((2, 1)), np.zeros(3), np.zeros((1, 2, 3))):
        with pytest.raises(ValueError, match=r"other.*\(2, 3\)"):
            require_same_shape(np.zeros((2, 3)), other, "other")
    with pytest.raises(ValueError, match="single numbers"):
        require_same_shape(np.zeros(()), np.zeros(()), "other")


def test_a_parameter_may_broadcast_to_the_data_and_never_the_data_to_it():
    for shape in ((), (3,), (1, 3), (2, 1), (2, 3)):
        require_broadcastable(np.zeros(shape), np.zeros((2, 3)), "log_var")
    for shape in ((2,), (4, 3), (1, 2, 3)):
        with pytest.raises(ValueError, match="log_var must broadcast"):
            require_broadcastable(np.zeros(shape), np.zeros((2, 3)), "log_var")


def test_the_exponential_is_exact_until_float32_ends_and_finite_beyond():
    x = np.array([-200.0, -1.0, 0.0, 80.0], "float32")
    np.testing.assert_allclose(ops.convert_to_numpy(finite_exp(x)), np.exp(x.astype("float64")), rtol=1e-5, atol=1e-37)
    assert np.isfinite(ops.convert_to_numpy(finite_exp(np.array([88.0, 1e4, np.inf], "float32")))).all()


def test_what_cannot_happen_costs_nothing_and_what_can_costs_its_value():
    probabilities, values = ops.array([0.0, 0.0, 0.5, 0.5]), ops.array([np.inf, -np.inf, -np.inf, 3.0])
    assert ops.convert_to_numpy(expected(probabilities, values)).tolist() == [0.0, 0.0, -np.inf, 1.5]
