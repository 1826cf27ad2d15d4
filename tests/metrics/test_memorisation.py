import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu

from course_lib.metrics.memorisation import memorisation


def clouds(seed, *sizes, dimension=6):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(size, dimension)) for size in sizes]


def test_planted_copies_are_found_and_fresh_samples_are_not():
    train, held_out, fresh = clouds(0, 500, 500, 300)
    planted = np.arange(0, 300, 5)
    samples = fresh.copy()
    samples[planted] = train[planted] + 1e-3
    result = memorisation(samples, train, held_out)
    assert result.copies[planted].all()
    assert np.delete(result.copies, planted).mean() < 0.04
    assert result.copies.dtype == bool


def test_fresh_samples_are_as_near_as_held_out_ones_and_copies_nearer():
    train, held_out, fresh = clouds(1, 400, 1000, 1000)
    share = memorisation(fresh, train, held_out).share_nearer
    assert abs(share - 0.5) < 5 * np.sqrt(1 / 12 / 1000 * 2)
    assert memorisation(train[:50], train, held_out).share_nearer == 1.0
    assert memorisation(fresh + 100, train, held_out).share_nearer == 0.0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_share_over_pairs_is_the_mann_whitney_statistic(seed):
    half, held_out, samples = (np.round(9 * x) for x in clouds(seed, 15, 40, 25, dimension=1))  # whole: with ties
    train = np.concatenate([half, -half])
    expected = mannwhitneyu(cdist(held_out, train).min(1), cdist(samples, train).min(1)).statistic / (40 * 25)
    assert memorisation(samples, train, held_out).share_nearer == pytest.approx(expected, rel=1e-12)


def test_distances_and_threshold_come_from_all_pairs():
    train, held_out, samples = clouds(3, 50, 40, 20)
    result = memorisation(samples, train, held_out, copy_quantile=0.25)
    np.testing.assert_allclose(result.distances, cdist(samples, train).min(axis=1), rtol=1e-10)
    assert result.threshold == pytest.approx(np.quantile(cdist(held_out, train).min(axis=1), 0.25))
    np.testing.assert_array_equal(result.copies, cdist(samples, train).min(axis=1) < result.threshold)


def test_the_share_of_false_alarms_is_the_quantile():
    train, held_out, fresh = clouds(4, 300, 3000, 3000)
    for quantile in (0.05, 0.3):
        alarms = memorisation(fresh, train, held_out, copy_quantile=quantile).copies.mean()
        assert abs(alarms - quantile) < 5 * np.sqrt(2 * quantile * (1 - quantile) / 3000)


def test_an_exact_copy_is_a_copy_even_where_held_out_examples_are_copies_too():
    train = np.arange(10.0)[:, None]
    result = memorisation([[3.0], [3.5]], train, train[:5])
    assert result.threshold == 0.0
    assert result.copies.tolist() == [True, False]


def test_images_count_like_their_pixels_in_a_row():
    train, held_out, samples = (x.reshape(-1, 3, 2, 1) for x in clouds(5, 20, 20, 10))
    flat = memorisation(*(x.reshape(len(x), -1) for x in (samples, train, held_out)))
    np.testing.assert_array_equal(memorisation(samples, train, held_out).distances, flat.distances)


FINE = np.random.default_rng(0).normal(size=(6, 3))


@pytest.mark.parametrize(
    ("samples", "train", "held_out", "quantile", "sentence"),
    [
        (FINE, FINE, FINE[:1], 0.01, "held_out should have at least 2 rows"),
        (FINE[:, :2], FINE, FINE, 0.01, "should have the shape"),
        (FINE, FINE, np.full((6, 3), np.nan), 0.01, "held_out.*finite"),
        (FINE, np.full((6, 3), np.inf), FINE, 0.01, "train.*finite"),
        (FINE, FINE, FINE, 1.0, "copy_quantile should lie"),
        (FINE, FINE, FINE, "few", "copy_quantile"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(samples, train, held_out, quantile, sentence):
    with pytest.raises(ValueError, match=sentence):
        memorisation(samples, train, held_out, quantile)
