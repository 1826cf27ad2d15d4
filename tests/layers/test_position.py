import keras
import numpy as np
import pytest
from keras import ops
from scipy import stats

from course_lib.layers import Position

pytestmark = pytest.mark.backend


def draws(layer, batch=5, data_shape=(4, 4, 1)):
    return np.array(ops.convert_to_numpy(layer(ops.zeros((batch, *data_shape)))))


def test_positions_are_uniform_between_zero_and_one():
    positions = draws(Position(seed=1), 30_000, (1,))
    assert positions.shape == (30_000,)
    assert positions.min() >= 0
    assert positions.max() <= 1
    assert stats.kstest(positions, "uniform").pvalue > 1e-4


def test_every_example_and_every_call_has_its_own_position_until_the_stream_is_rewound():
    layer = Position(seed=0)
    first, second = draws(layer, 50), draws(layer, 50)
    assert len(np.unique([first, second])) == 100
    layer.rewind()
    assert np.array_equal(draws(layer, 50), first)


def test_seeds_decide_and_the_configuration_keeps_them():
    first, same, other = (draws(Position(seed=seed)) for seed in (5, 5, 6))
    assert np.array_equal(first, same)
    assert not np.isclose(first, other).any()
    layer = Position()
    assert np.array_equal(draws(Position.from_config(layer.get_config())), draws(layer))
    with pytest.raises(ValueError, match="seed should be an integer"):
        Position(seed=0.5)


def test_positions_stay_float32_under_mixed_precision():
    assert (
        keras.backend.standardize_dtype(Position(seed=0, dtype="mixed_float16")(ops.zeros((2, 3))).dtype) == "float32"
    )
