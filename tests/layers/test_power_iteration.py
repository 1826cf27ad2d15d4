import numpy as np
import pytest
from keras import ops

from course_lib.layers.power_iteration import singular_vectors, times
from course_lib.training.model import to_numpy

pytestmark = pytest.mark.backend
RNG = np.random.default_rng(0)


def tensor(array):
    return ops.convert_to_tensor(array.astype("float32"))


@pytest.mark.parametrize("shape", [(4, 3), (5, 4, 3)])
def test_it_finds_the_vectors_of_numpys_largest_singular_value(shape):
    matrix = 0.01 * RNG.normal(size=shape)  # a short vector must be made longer, too
    left, right = singular_vectors(tensor(matrix), tensor(RNG.normal(size=(*shape[:-2], shape[-1]))), 300)
    expected_left, _, expected_right = np.linalg.svd(matrix)
    for found, expected in ((left, expected_left[..., 0]), (right, expected_right[..., 0, :])):
        found = to_numpy(found)
        assert np.abs((found * expected).sum(axis=-1)) == pytest.approx(np.ones(shape[:-2]), abs=1e-4)
        assert np.linalg.norm(found, axis=-1) == pytest.approx(np.ones(shape[:-2]), abs=1e-5)


def test_matrices_are_iterated_apart_and_without_iterations_the_right_vector_keeps_its_direction():
    matrix, start = RNG.normal(size=(2, 4, 3)), RNG.normal(size=(2, 3))
    for iterations in (0, 2):
        together = singular_vectors(tensor(matrix), tensor(start), iterations)
        alone = [singular_vectors(tensor(matrix[one]), tensor(start[one]), iterations) for one in range(2)]
        for side in (0, 1):
            assert to_numpy(together[side]) == pytest.approx(
                np.stack([to_numpy(each[side]) for each in alone]), abs=1e-6
            )
    still = to_numpy(singular_vectors(tensor(matrix), tensor(start), 0)[1])
    assert still == pytest.approx(start / np.linalg.norm(start, axis=1, keepdims=True), abs=1e-6)


def test_a_kernel_of_zeros_is_no_division_by_zero():
    left, right = singular_vectors(ops.zeros((4, 3)), tensor(RNG.normal(size=3)), 3)
    assert np.isfinite(to_numpy(left)).all()
    assert np.isfinite(to_numpy(right)).all()


def test_matrices_times_vectors():
    matrix, vector = RNG.normal(size=(2, 4, 3)), RNG.normal(size=(2, 3))
    assert to_numpy(times(tensor(matrix), tensor(vector))) == pytest.approx(
        np.einsum("cmn,cn->cm", matrix, vector), abs=1e-5
    )
