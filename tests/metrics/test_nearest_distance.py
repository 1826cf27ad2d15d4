import sys

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from course_lib.metrics.nearest_distance import nearest_distance


@pytest.mark.parametrize("dimension", [1, 3, 8])
@pytest.mark.parametrize(("n", "m"), [(1, 1), (40, 7), (7, 300)])
def test_distances_agree_with_all_pairs_and_with_a_tree(n, m, dimension):
    rng = np.random.default_rng(dimension)
    samples, reference = rng.normal(1.0, 2.0, size=(n, dimension)), rng.normal(size=(m, dimension))
    answer = nearest_distance(samples, reference)
    assert answer.shape == (n,)
    np.testing.assert_allclose(answer, cdist(samples, reference).min(axis=1), rtol=1e-12)
    np.testing.assert_allclose(answer, cKDTree(reference).query(samples)[0], rtol=1e-12)


def test_copies_are_at_distance_zero_even_far_from_the_origin():
    reference = np.random.default_rng(0).normal(1e6, 1.0, size=(200, 5))
    assert nearest_distance(reference[::3], reference).max() == 0.0


def test_small_distances_far_from_the_origin_keep_their_digits():
    reference = 1e5 + 10.0 * np.arange(50.0)[:, None] * np.ones(4)
    np.testing.assert_allclose(nearest_distance(reference + 0.25, reference), 0.5, rtol=1e-9)


def test_images_count_like_their_pixels_in_a_row():
    rng = np.random.default_rng(1)
    samples, reference = rng.uniform(size=(5, 4, 4, 1)).astype("float32"), rng.uniform(size=(9, 4, 4, 1))
    flat = nearest_distance(samples.reshape(5, 16), reference.reshape(9, 16))
    np.testing.assert_array_equal(nearest_distance(samples, reference), flat)


@pytest.mark.parametrize("rows", [1, 4, 30, 1000])
def test_the_chunk_size_changes_nothing(rows, monkeypatch):
    rng = np.random.default_rng(2)
    samples, reference = rng.normal(size=(30, 6)), rng.normal(size=(50, 6))
    monkeypatch.setattr(sys.modules["course_lib.metrics.nearest_distance"], "CHUNK_ROWS", rows)
    np.testing.assert_allclose(nearest_distance(samples, reference), cdist(samples, reference).min(axis=1), rtol=1e-12)


def test_more_reference_never_makes_a_sample_lonelier():
    rng = np.random.default_rng(3)
    samples, reference = rng.normal(size=(20, 3)), rng.normal(size=(60, 3))
    assert np.all(nearest_distance(samples, reference) <= nearest_distance(samples, reference[:30]))


def test_the_distance_is_not_symmetric_in_its_sets():
    assert nearest_distance([[0.0]], [[0.0], [9.0]]).tolist() == [0.0]
    assert nearest_distance([[0.0], [9.0]], [[0.0]]).tolist() == [0.0, 9.0]


@pytest.mark.parametrize(
    ("samples", "reference", "sentence"),
    [
        (np.zeros((3, 4, 4)), np.zeros((3, 16)), r"got \(4, 4\) and \(16,\)"),
        (np.zeros((0, 4)), np.zeros((3, 4)), "at least 1 rows; got 0"),
        (np.zeros((3, 4)), np.full((3, 4), np.nan), "reference.*finite"),
        (np.zeros(4), np.zeros(4), "should have shape"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(samples, reference, sentence):
    with pytest.raises(ValueError, match=sentence):
        nearest_distance(samples, reference)
