import dataclasses

import numpy as np
import pytest
from scipy import stats

from course_lib.datasets.toy import IsotropicMixture, grid, mixture_1d, moons, ring
from course_lib.metrics import mode_coverage


def by_hand(samples, means, deviation, radius):
    """The protocol, one sample after the other."""
    counts = [0] * len(means)
    for sample in samples:
        distances = [np.linalg.norm(np.subtract(sample, mean)) for mean in means]
        nearest = int(np.argmin(distances))
        if distances[nearest] <= radius * np.broadcast_to(deviation, len(means))[nearest]:
            counts[nearest] += 1
    return sum(count > 0 for count in counts), sum(counts) / len(samples), counts


@pytest.mark.parametrize("toy", [ring(), grid(), ring(5, 1.0, 0.1)], ids=["ring", "grid", "five"])
@pytest.mark.parametrize("radius", [1.0, 2.0, 3.0])
def test_a_perfect_sampler_covers_all_modes_and_scores_the_mass_within_the_radius(toy, radius):
    num_samples = 20_000
    found = mode_coverage(toy.sample(num_samples, seed=1), toy, radius=radius)
    expected = 1 - np.exp(-(radius**2) / 2)
    assert found.modes == len(toy.modes)
    assert abs(found.high_quality - expected) < 5 * np.sqrt(expected * (1 - expected) / num_samples)
    assert stats.chisquare(found.counts).pvalue > 1e-4


def test_in_more_dimensions_the_mass_is_that_of_chi_squared():
    samples = np.random.default_rng(0).normal(size=(20_000, 5))
    expected = stats.chi2(5).cdf(9.0)
    found = mode_coverage(samples, np.zeros((1, 5)), 1.0)
    assert abs(found.high_quality - expected) < 5 * np.sqrt(expected * (1 - expected) / 20_000)


@pytest.mark.parametrize("deviation", [0.3, np.array([0.1, 0.2, 0.5, 1.0])])
@pytest.mark.parametrize("radius", [0.5, 3.0])
@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_the_counter_follows_the_protocol_sample_by_sample(deviation, radius, dimensions):
    rng = np.random.default_rng(dimensions)
    samples, means = rng.normal(size=(200, dimensions)), rng.normal(size=(4, dimensions))
    modes, share, counts = by_hand(samples, means, deviation, radius)
    found = mode_coverage(samples, means, deviation, radius)
    assert (found.modes, found.counts.tolist()) == (modes, counts)
    assert found.high_quality == pytest.approx(share)


@pytest.mark.parametrize("toy", [ring(), grid(), mixture_1d(), mixture_1d(weights=(0.9, 0.1))])
def test_a_perfect_sampler_has_the_weights_of_the_modes_up_to_chance(toy):
    """2n times the divergence is the likelihood-ratio statistic: about χ² with k − 1 degrees of freedom."""
    num_samples, wide_apart = 20_000, dataclasses.replace(toy, standard_deviation=1e-3)
    found = [mode_coverage(wide_apart.sample(num_samples, seed=seed), wide_apart).reverse_kl for seed in range(20)]
    assert stats.kstest(2 * num_samples * np.array(found), stats.chi2(len(toy.means) - 1).cdf).pvalue > 1e-4


def test_reverse_kl_counts_all_samples_by_their_nearest_mode_in_nats():
    means, weights = np.array([[-9.0], [0.0], [9.0]]), np.array([0.2, 0.3, 0.5])
    samples = [[-9.0], [-7.0], [1.0], [4.0]]  # two of them far from any mode; the last mode has none
    mixture = IsotropicMixture(weights, means, 0.1)
    expected = stats.entropy([0.5, 0.5, 0.0], weights)
    assert mode_coverage(samples, mixture).reverse_kl == pytest.approx(expected)
    assert mode_coverage(samples, means, 0.1).reverse_kl == pytest.approx(np.log(3) - np.log(2))
    assert mode_coverage(np.tile([2.0, 0.0], (7, 1)), ring()).reverse_kl == pytest.approx(np.log(8))


def test_what_lies_between_the_modes_covers_none_of_them():
    """A counter without a radius gives full marks to a generator that knows nothing of the modes."""
    everywhere = np.random.default_rng(0).uniform(-3, 3, size=(5000, 2))
    assert mode_coverage(everywhere, ring(), radius=1e6)[:2] == (8, 1.0)
    assert mode_coverage(everywhere, ring()).high_quality < 0.01
    middle = mode_coverage([[0.0, 0.0]], ring())
    assert middle[:2] == (0, 0.0)
    assert middle.counts.tolist() == [0] * 8


def test_a_collapsed_generator_has_the_highest_quality_and_one_mode():
    collapsed = np.tile(ring().modes[3], (100, 1))
    found = mode_coverage(collapsed, ring())
    assert found[:2] == (1, 1.0)
    assert found.counts.tolist() == [0, 0, 0, 100, 0, 0, 0, 0]


def test_one_sample_is_enough_and_a_missing_mode_is_missed():
    toy = grid()
    found = mode_coverage(np.delete(toy.modes, [0, 24], axis=0), toy)
    assert found.modes == 23
    assert found.counts.sum() == 23


def test_the_border_belongs_to_the_mode():
    found = mode_coverage([[3.0], [np.nextafter(3.0, 4.0)]], [[0.0]], 1.0)
    assert found.counts.tolist() == [1]


def test_a_sample_belongs_to_the_nearest_mean_even_if_another_mode_is_wider():
    found = mode_coverage([[0.4]], [[0.0], [1.0]], [0.1, 10.0])
    assert found[:2] == (0, 0.0)


def test_an_explicit_deviation_goes_before_that_of_the_mixture():
    samples = ring().modes + np.array([0.5, 0.0])
    assert mode_coverage(samples, ring()).modes == 0
    assert mode_coverage(samples, ring(), standard_deviation=0.25).modes == 8


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[0.0, 0.0]], [[0.0, 0.0]]), "standard_deviation is missing"),
        (([[0.0, 0.0]], [[0.0, 0.0]], 0.0), "one positive number"),
        (([[0.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]], [0.1, 0.0]), "one positive number"),
        (([[0.0, 0.0]], [[0.0, 0.0]], [0.1, 0.1]), "one for each of the 1 modes"),
        (([[0.0, 0.0]], [[0.0, 0.0]], 0.1, 0.0), "radius, in standard deviations"),
        (([[0.0, 0.0, 0.0]], [[0.0, 0.0]], 0.1), "equally many features"),
        (([[np.nan, 0.0]], [[0.0, 0.0]], 0.1), "samples"),
        ((np.zeros((0, 2)), [[0.0, 0.0]], 0.1), "at least 1 rows"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_a_reason(arguments, words):
    with pytest.raises(ValueError, match=words):
        mode_coverage(*arguments)


def test_a_mixture_whose_components_are_no_modes_is_counted_by_its_means():
    assert mode_coverage(moons().sample(50), moons()).counts.shape == (len(moons().means),)
