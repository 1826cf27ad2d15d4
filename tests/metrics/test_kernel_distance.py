import itertools
import sys

import numpy as np
import pytest

from course_lib.metrics.kernel_distance import kernel_distance, polynomial_kernel, squared_mmd


def kernel_of_pair(x, y):
    return (sum(a * b for a, b in zip(x, y, strict=True)) / len(x) + 1) ** 3


def by_pairs(real, generated):
    """The unbiased estimate, one pair at a time."""
    within = [np.mean([kernel_of_pair(x, y) for x, y in itertools.combinations(s, 2)]) for s in (real, generated)]
    return sum(within) - 2 * np.mean([kernel_of_pair(x, y) for x in real for y in generated])


@pytest.mark.parametrize("dimension", [1, 2, 5])
@pytest.mark.parametrize(("n", "m"), [(2, 2), (7, 4), (5, 9)])
def test_the_squared_mmd_agrees_with_the_definition_pair_by_pair(dimension, n, m):
    rng = np.random.default_rng(dimension)
    real, generated = rng.normal(size=(n, dimension)), rng.normal(0.5, 1.5, size=(m, dimension))
    assert squared_mmd(real, generated) == pytest.approx(by_pairs(real, generated), rel=1e-10)


def test_the_kernel_is_the_cube_of_one_plus_the_mean_product():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(4, 3)), rng.normal(size=(2, 3))
    expected = [[kernel_of_pair(x, y) for y in b] for x in a]
    np.testing.assert_allclose(polynomial_kernel(a, b), expected, rtol=1e-12)


def test_on_a_finite_law_the_mean_over_all_samples_is_exactly_zero():
    """Two independent draws of 2 of the same law on three values: the mean over all 81 outcomes."""
    values = np.array([[-1.0], [0.5], [2.0]])
    pairs = list(itertools.product(range(3), repeat=2))
    outcomes = [squared_mmd(values[list(x)], values[list(y)]) for x in pairs for y in pairs]
    assert np.mean(outcomes) == pytest.approx(0.0, abs=1e-12)
    assert min(outcomes) < -1 < 1 < max(outcomes)


@pytest.mark.parametrize("shift", [0.0, 0.7, -1.5])
def test_the_mean_is_the_distance_of_the_moments_up_to_the_third(shift):
    """In one dimension the kernel is 1 + 3xy + 3x²y² + x³y³: squared differences of three moments, by formula."""
    rng, repeats = np.random.default_rng(1), 400
    means = np.array([shift, shift**2 + 1, shift**3 + 3 * shift]) - [0.0, 1.0, 0.0]
    expected = np.array([3.0, 3.0, 1.0]) @ means**2
    values = np.array(
        [squared_mmd(rng.normal(size=(40, 1)), rng.normal(shift, 1, size=(40, 1))) for _ in range(repeats)]
    )
    assert abs(values.mean() - expected) < 5 * values.std() / np.sqrt(repeats)


def test_the_standard_error_is_the_scatter_of_the_value():
    rng = np.random.default_rng(2)
    results = np.array([kernel_distance(*rng.normal(size=(2, 80, 3)), num_blocks=8) for _ in range(300)])
    assert abs(results[:, 0].mean()) < 5 * results[:, 0].std() / np.sqrt(300)
    assert np.sqrt(np.square(results[:, 1]).mean()) == pytest.approx(results[:, 0].std(), rel=0.25)


def test_blocks_are_disjoint_and_the_value_is_their_mean(monkeypatch):
    blocks = []

    def recorded(real, generated):
        blocks.append((real[:, 0], generated[:, 0]))
        return float(len(blocks))

    monkeypatch.setattr(sys.modules["course_lib.metrics.kernel_distance"], "squared_mmd", recorded)
    distance = kernel_distance(np.arange(22.0)[:, None], 100 + np.arange(41.0)[:, None], num_blocks=5)
    for rows, size in zip(zip(*blocks, strict=True), (4, 8), strict=True):
        assert [len(block) for block in rows] == [size] * 5
        assert len(set(np.concatenate(rows))) == 5 * size
    assert distance == pytest.approx((3.0, np.std([1, 2, 3, 4, 5], ddof=1) / np.sqrt(5)))
    assert not np.array_equal(blocks[0][0], np.arange(4.0)), "the rows are shuffled first"


def test_swapping_the_sets_changes_nothing_and_a_shift_is_seen():
    rng = np.random.default_rng(3)
    real, generated = rng.normal(size=(200, 4)), rng.normal(1.0, 1.0, size=(200, 4))
    assert squared_mmd(generated, real) == pytest.approx(squared_mmd(real, generated))
    distance = kernel_distance(real, generated)
    assert distance.value > 5 * distance.standard_error


def test_the_seed_repeats_the_blocks():
    x, y = np.random.default_rng(4).normal(size=(2, 40, 2))
    assert kernel_distance(x, y, seed=1) == kernel_distance(x, y, seed=1)
    assert kernel_distance(x, y, seed=1) != kernel_distance(x, y, seed=2)


FINE = np.random.default_rng(0).normal(size=(20, 3))


@pytest.mark.parametrize(
    ("real", "generated", "options", "sentence"),
    [
        (FINE[:19], FINE, {}, "real should have at least 20 rows; got 19"),
        (FINE, FINE, {"num_blocks": 1}, "num_blocks should be at least 2"),
        (FINE, FINE, {"num_blocks": 2.0}, "num_blocks should be an integer"),
        (FINE, FINE[:, :2], {}, "equally many features"),
        (FINE, np.full((20, 3), np.inf), {}, "finite"),
        (FINE, FINE, {"seed": -1}, "seed"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(real, generated, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        kernel_distance(real, generated, **options)


def test_a_single_row_has_no_pair():
    with pytest.raises(ValueError, match="at least 2 rows"):
        squared_mmd(FINE[:1], FINE)
