import itertools
import sys

import numpy as np
import pytest

from course_lib.metrics.density_coverage import density_coverage, expected_coverage


def by_loops(real, generated, k):
    """Density and coverage from their definition, one pair of points at a time."""
    density, covered = 0, 0
    for i, centre in enumerate(real):
        radius = sorted(np.linalg.norm(centre - other) for j, other in enumerate(real) if j != i)[k - 1]
        inside = sum(np.linalg.norm(centre - sample) <= radius for sample in generated)
        density, covered = density + inside, covered + (inside > 0)
    return density / (k * len(generated)), covered / len(real)


def modes(n, seed, which=(0, 1)):
    places = np.array([[-10.0, 0.0], [10.0, 0.0]])[list(which)]
    return places[np.arange(n) % len(places)] + 0.1 * np.random.default_rng(seed).normal(size=(n, 2))


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("dimension", [1, 2, 8])
def test_density_and_coverage_agree_with_the_definition_pair_by_pair(k, dimension):
    rng = np.random.default_rng(10 * k + dimension)
    real, generated = rng.normal(size=(31, dimension)), rng.normal(1.0, 0.7, size=(17, dimension))
    assert density_coverage(real, generated, k) == pytest.approx(by_loops(real, generated, k), rel=1e-12)


@pytest.mark.parametrize(("num_real", "num_generated", "k"), [(4, 3, 1), (4, 3, 2), (5, 2, 3), (3, 4, 2)])
def test_the_expected_coverage_counts_the_orders_in_which_the_nearest_k_are_real(num_real, num_generated, k):
    """All orders of the other real points and the samples around one centre are equally likely: count them."""
    around = ["real"] * (num_real - 1) + ["generated"] * num_generated
    orders = set(itertools.permutations(around))
    empty = sum(order[:k] == ("real",) * k for order in orders) / len(orders)
    assert expected_coverage(num_real, num_generated, k) == pytest.approx(1 - empty, rel=1e-12)


@pytest.mark.parametrize("dimension", [1, 3, 64])
def test_equal_laws_have_density_one_and_the_expected_coverage_in_every_dimension(dimension):
    rng = np.random.default_rng(dimension)
    draws = [
        density_coverage(rng.normal(size=(60, dimension)), rng.normal(size=(90, dimension)), 3) for _ in range(150)
    ]
    for values, expected in zip(np.transpose(draws), (1.0, expected_coverage(60, 90, 3)), strict=True):
        assert abs(values.mean() - expected) < 5 * values.std() / np.sqrt(len(values))


def test_one_mode_of_two_is_covered_by_half_and_garbage_halves_the_density():
    density, coverage = density_coverage(modes(400, 0), modes(400, 1, which=(0,)))
    assert coverage == pytest.approx(0.5, abs=0.03)
    assert density == pytest.approx(1.0, abs=0.15)
    density, coverage = density_coverage(modes(400, 0), np.concatenate([modes(400, 1), np.full((400, 2), 99.0)]))
    assert density == pytest.approx(0.5, abs=0.08)
    assert coverage > 0.9


def test_the_edge_of_a_ball_belongs_to_it():
    """By hand: balls [−1, 1], [0, 2], [1, 5], [3, 13]; the sample 2 lies on the edge of the second."""
    assert density_coverage([[0.0], [1.0], [3.0], [8.0]], [[1.5], [2.0], [-4.0]], 1) == pytest.approx((4 / 3, 0.5))
    assert density_coverage([[0.0], [1.0]], [[2.0]], num_neighbors=1) == (1.0, 0.5)


def test_disjoint_laws_score_zero_and_copies_cover_everything():
    real = modes(100, 0)
    assert density_coverage(real, real + 500) == (0.0, 0.0)
    assert density_coverage(real, real)[1] == 1.0


def test_an_outlier_among_the_samples_covers_nothing():
    real = np.random.default_rng(0).normal(size=(50, 2))
    far = np.array([[1e3, 0.0], [-1e3, 0.0], [0.0, 1e3], [0.0, -1e3]])
    assert density_coverage(real, far, num_neighbors=3) == (0.0, 0.0)


def test_the_mean_of_many_dimensions_lies_in_nearly_every_ball():
    """In 64 dimensions the origin is nearer to each point, at √64, than its neighbours are, at nearly √128."""
    real = np.random.default_rng(0).normal(size=(300, 64))
    density, coverage = density_coverage(real, np.zeros((1, 64)))
    assert density > 0.8 * 300 / 5
    assert coverage > 0.8


@pytest.mark.parametrize("rows", [1, 7, 10_000])
def test_the_chunk_size_changes_nothing(rows, monkeypatch):
    rng = np.random.default_rng(3)
    real, generated = rng.normal(size=(31, 2)), rng.normal(0.5, 1.0, size=(23, 2))
    monkeypatch.setattr(sys.modules["course_lib.metrics.precision_recall"], "CHUNK_ROWS", rows)
    assert density_coverage(real, generated, 3) == pytest.approx(by_loops(real, generated, 3), rel=1e-12)


FINE = np.random.default_rng(0).normal(size=(6, 3))


@pytest.mark.parametrize(
    ("real", "generated", "num_neighbors", "sentence"),
    [
        (FINE, FINE, 0, "num_neighbors should be at least 1; got 0"),
        (FINE, FINE, 2.0, "num_neighbors should be an integer; got 2.0"),
        (FINE[:3], FINE, 3, "at least 4 rows; got 3"),
        (FINE, FINE[:0], 3, "generated should have at least 1 rows; got 0"),
        (FINE, FINE[:, :2], 3, "equally many features"),
        (FINE, np.full((6, 3), np.nan), 3, "finite"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(real, generated, num_neighbors, sentence):
    with pytest.raises(ValueError, match=sentence):
        density_coverage(real, generated, num_neighbors)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [((5, 3, 5), "num_real should be at least 6"), ((5, 0, 2), "num_generated"), ((5, 3, 0), "num_neighbors")],
)
def test_an_impossible_count_has_no_expected_coverage(numbers, sentence):
    with pytest.raises(ValueError, match=sentence):
        expected_coverage(*numbers)
