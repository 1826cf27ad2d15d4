import sys

import numpy as np
import pytest

from course_lib.metrics.precision_recall import f_score, precision_recall

MODES = np.array([[-10.0, 0.0], [10.0, 0.0]])


def tight_modes(n, seed, modes=MODES):
    rng = np.random.default_rng(seed)
    return modes[np.arange(n) % len(modes)] + 0.1 * rng.normal(size=(n, 2))


def by_loops(real, generated, k):
    """Equations 1 and 2 of the paper, one pair of points at a time."""

    def covered(points, centres):
        radii = []
        for i, centre in enumerate(centres):
            others = [np.linalg.norm(centre - other) for j, other in enumerate(centres) if j != i]
            radii.append(sorted(others)[k - 1])
        hits = [any(np.linalg.norm(p - c) <= r for c, r in zip(centres, radii, strict=True)) for p in points]
        return float(np.mean(hits))

    return covered(generated, real), covered(real, generated)


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("dimension", [1, 2, 8])
def test_precision_and_recall_agree_with_the_definition_pair_by_pair(k, dimension):
    rng = np.random.default_rng(10 * k + dimension)
    real, generated = rng.normal(size=(31, dimension)), rng.normal(1.5, 0.6, size=(23, dimension))
    answer = precision_recall(real, generated, num_neighbors=k)
    assert answer == by_loops(real, generated, k)
    assert answer != (1.0, 1.0)


def test_equal_laws_score_one_and_one():
    precision, recall = precision_recall(tight_modes(1000, 0), tight_modes(1000, 1))
    assert precision > 0.95
    assert recall > 0.95


def test_one_mode_of_two_scores_precision_one_and_recall_one_half():
    precision, recall = precision_recall(tight_modes(1000, 0), tight_modes(1000, 1, MODES[:1]))
    assert precision > 0.95
    assert recall == pytest.approx(0.5, abs=0.02)


def test_half_garbage_scores_precision_one_half_and_recall_one():
    garbage = np.array([0.0, 1000.0]) + 0.1 * np.random.default_rng(2).normal(size=(1000, 2))
    precision, recall = precision_recall(tight_modes(1000, 0), np.concatenate([tight_modes(1000, 1), garbage]))
    assert precision == pytest.approx(0.5, abs=0.02)
    assert recall > 0.95


def test_disjoint_laws_score_zero_and_swapping_the_sets_swaps_the_scores():
    assert precision_recall(tight_modes(200, 0), tight_modes(200, 1) + 100) == (0.0, 0.0)
    real, generated = tight_modes(200, 0), tight_modes(150, 1, MODES[:1])
    assert precision_recall(generated, real) == precision_recall(real, generated)[::-1]


def test_a_point_is_not_its_own_neighbour():
    real, generated = [[0.0], [1.0], [3.0]], [[4.9], [20.0]]
    assert precision_recall(real, generated, num_neighbors=1)[0] == 0.5  # the ball of 3 reaches 2 further, to 5
    assert precision_recall(real, [[5.1], [20.0]], num_neighbors=1)[0] == 0.0


def test_twins_have_balls_without_extent_and_the_edge_of_a_ball_belongs_to_it():
    twins = np.repeat([[0.0], [5.0]], 2, axis=0)
    assert precision_recall(twins, [[0.0], [0.1], [5.0], [9.0]], num_neighbors=1)[0] == 0.5
    assert precision_recall([[0.0], [1.0]], [[2.0], [2.5]], num_neighbors=1)[0] == 0.5


@pytest.mark.parametrize("rows", [1, 7, 23, 10_000])
def test_the_chunk_size_changes_nothing(rows, monkeypatch):
    rng = np.random.default_rng(3)
    real, generated = rng.normal(size=(31, 2)), rng.normal(0.5, 1.0, size=(23, 2))
    monkeypatch.setattr(sys.modules["course_lib.metrics.precision_recall"], "CHUNK_ROWS", rows)
    assert precision_recall(real, generated) == by_loops(real, generated, 3)


def test_scale_shift_and_order_change_nothing():
    rng = np.random.default_rng(4)
    real, generated = rng.normal(size=(60, 3)), rng.normal(0.5, 1.0, size=(50, 3))
    expected = precision_recall(real, generated)
    assert precision_recall(4 * real + 1, 4 * generated + 1) == expected
    assert precision_recall(real[::-1], generated[::-1]) == expected


FINE = np.random.default_rng(0).normal(size=(6, 3))


@pytest.mark.parametrize(
    ("real", "generated", "num_neighbors", "sentence"),
    [
        (FINE, FINE, 0, "num_neighbors should be at least 1; got 0"),
        (FINE, FINE, 2.0, "num_neighbors should be an integer; got 2.0"),
        (FINE, FINE, True, "num_neighbors should be an integer"),
        (FINE[:3], FINE, 3, "real should have at least 4 rows; got 3"),
        (FINE, FINE[:3], 3, "generated should have at least 4 rows; got 3"),
        (FINE, FINE[:, :2], 3, "equally many features"),
        (FINE, np.full((6, 3), np.nan), 3, "finite"),
        (1e200 * FINE, FINE, 3, "squares overflow"),
        (np.zeros((6, 2, 2)), FINE, 3, "real should have shape"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(real, generated, num_neighbors, sentence):
    with pytest.raises(ValueError, match=sentence):
        precision_recall(real, generated, num_neighbors)


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_the_f_score_is_the_weighted_harmonic_mean(beta):
    for precision, recall in ((0.9, 0.3), (0.2, 0.8), (1.0, 0.5), (0.4, 0.4)):
        mean = (1 + beta**2) / (1 / precision + beta**2 / recall)
        assert f_score(precision, recall, beta) == pytest.approx(mean, rel=1e-12)


def test_f1_is_near_the_worse_score_and_zero_if_one_is():
    assert f_score(1.0, 0.5) == pytest.approx(2 / 3)
    assert f_score(1.0, 0.0) == f_score(0.0, 1.0) == f_score(0.0, 0.0) == 0.0
    assert f_score(1, 1) == 1.0


def test_a_large_beta_asks_for_recall_and_a_small_one_for_precision():
    assert f_score(0.9, 0.2, beta=100.0) == pytest.approx(0.2, abs=1e-3)
    assert f_score(0.9, 0.2, beta=0.01) == pytest.approx(0.9, abs=1e-3)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [((1.2, 0.5), "precision should lie"), ((0.5, -0.1), "recall should lie"), ((0.5, 0.5, 0.0), "positive number")],
)
def test_scores_outside_the_unit_interval_are_refused(numbers, sentence):
    with pytest.raises(ValueError, match=sentence):
        f_score(*numbers)
