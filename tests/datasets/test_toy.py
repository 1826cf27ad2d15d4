import numpy as np
import pytest
from scipy import stats

from course_lib.datasets.toy import IsotropicMixture, grid, mixture_1d, moons, ring

PLANE = {
    "ring": ring(radius=1.0, standard_deviation=0.3),
    "grid": grid(side=3, spacing=1.0, standard_deviation=0.2),
    "moons": moons(standard_deviation=0.15),
    "uneven": IsotropicMixture([0.2, 0.8], [[-1.0, 0.0], [1.0, 0.5]], [0.2, 0.5]),
}
BUILT_IN = {"ring": ring(), "grid": grid(), "moons": moons(), "mixture_1d": mixture_1d()}


def points_of_the_plane(bound, num_points):
    axis = np.linspace(-bound, bound, num_points)
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    return points, axis[1] - axis[0]


@pytest.mark.parametrize("name", PLANE)
def test_log_density_agrees_with_scipy_component_by_component(name):
    toy, x = PLANE[name], np.random.default_rng(0).uniform(-2, 2, size=(20, 2))
    density = sum(
        weight * stats.multivariate_normal(mean, deviation**2).pdf(x)
        for weight, mean, deviation in zip(toy.weights, toy.means, toy.standard_deviation, strict=True)
    )
    np.testing.assert_allclose(toy.log_density(x), np.log(density), atol=1e-10)


@pytest.mark.parametrize("name", PLANE)
def test_density_of_the_plane_integrates_to_one(name):
    points, spacing = points_of_the_plane(5.0, 251)
    assert np.exp(PLANE[name].log_density(points)).sum() * spacing**2 == pytest.approx(1.0, abs=1e-6)


def test_density_of_the_line_integrates_to_one():
    x = np.linspace(-10, 10, 4001)
    assert np.exp(mixture_1d().log_density(x)).sum() * (x[1] - x[0]) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("name", PLANE)
def test_samples_fill_the_bins_as_the_density_says(name):
    points, spacing = points_of_the_plane(3.0 - 3.0 / 240, 240)  # midpoints of 240 cells per axis, 20 to a bin
    cells = np.exp(PLANE[name].log_density(points)).reshape(12, 20, 12, 20).sum(axis=(1, 3)) * spacing**2
    edges, n = np.linspace(-3, 3, 13), 50_000
    counts, _, _ = np.histogram2d(*PLANE[name].sample(n, seed=1).T, bins=(edges, edges))
    expected = n * cells
    filled = expected > 5
    chi_square = (np.square(counts - expected) / expected)[filled].sum()
    assert 1e-4 < stats.chi2(filled.sum()).sf(chi_square) < 1 - 1e-4


def test_samples_of_the_line_follow_the_distribution_function():
    toy = mixture_1d()
    x = toy.sample(20_000, seed=2)
    assert x.shape == (20_000, 1)
    components = list(zip(toy.weights, toy.means[:, 0], toy.standard_deviation, strict=True))
    exact = stats.kstest(x[:, 0], lambda t: sum(w * stats.norm(m, s).cdf(t) for w, m, s in components))
    assert exact.pvalue > 1e-3


@pytest.mark.parametrize("name", ["ring", "grid"])
def test_a_perfect_sampler_finds_every_mode_and_stays_within_three_deviations(name):
    toy, n = BUILT_IN[name], 40_000
    distances = np.linalg.norm(toy.sample(n)[:, None] - toy.modes, axis=-1)
    inside = (distances.min(axis=1) <= 3 * toy.standard_deviation[0]).mean()
    exact = 1 - np.exp(-4.5)
    assert abs(inside - exact) < 5 * np.sqrt(exact * (1 - exact) / n)
    counts = np.bincount(distances.argmin(axis=1), minlength=len(toy.modes))
    share = 1 / len(toy.modes)
    assert (np.abs(counts / n - share) < 5 * np.sqrt(share * (1 - share) / n)).all()


def test_the_modes_lie_where_the_literature_puts_them():
    np.testing.assert_allclose(np.linalg.norm(ring().modes, axis=1), 2.0)
    assert ring().standard_deviation[0] == 0.02
    neighbours = np.linalg.norm(ring().modes - np.roll(ring().modes, 1, axis=0), axis=1)
    np.testing.assert_allclose(neighbours, 4 * np.sin(np.pi / 8))
    assert {tuple(mode) for mode in grid().modes} == {(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)}
    assert grid().standard_deviation[0] == 0.05


def test_moons_are_two_half_circles_without_modes_of_their_own():
    toy = moons(standard_deviation=0.05)
    x, labels = toy.sample_labelled(5000)
    for label, centre, side in ((0, (-0.5, -0.25), 1), (1, (0.5, 0.25), -1)):
        offset = x[labels == label] - centre
        assert np.linalg.norm(offset, axis=1).mean() == pytest.approx(1.0, abs=0.01)
        assert (side * offset[:, 1] > -5 * 0.05).all()
    assert toy.modes is None
    assert abs(toy.weights @ toy.means).max() < 1e-12


@pytest.mark.parametrize("standard_deviation", [0.02, 0.1, 0.5])
def test_the_chain_of_a_moon_is_smooth_along_the_arc(standard_deviation):
    angles = np.linspace(np.pi / 3, 2 * np.pi / 3, 400)
    along = moons(standard_deviation).log_density(np.stack([np.cos(angles) - 0.5, np.sin(angles) - 0.25], axis=1))
    if standard_deviation < 0.3:  # wider moons feel each other
        assert np.ptp(along) < 0.01
    assert np.abs(np.diff(along)).max() < 0.01


def test_labels_name_the_component_of_each_draw():
    x, labels = ring().sample_labelled(500, seed=3)
    nearest = np.linalg.norm(x[:, None] - ring().modes, axis=-1).argmin(axis=1)
    assert (labels == nearest).all()
    assert labels.dtype == "int32"


@pytest.mark.parametrize("name", BUILT_IN)
def test_samples_are_float64_and_fixed_by_the_seed(name):
    toy = BUILT_IN[name]
    x = toy.sample(10, seed=4)
    assert x.dtype == "float64"
    assert x.shape == (10, toy.means.shape[1])
    assert (x == toy.sample(10, seed=4)).all()
    assert (x != toy.sample(10, seed=5)).any()


def test_far_away_the_log_density_is_finite_and_a_column_on_the_line_is_a_row_of_points():
    assert np.isfinite(ring().log_density([[100.0, -100.0]])).all()
    x = np.linspace(-1, 1, 5)
    np.testing.assert_array_equal(mixture_1d().log_density(x), mixture_1d().log_density(x[:, None]))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: ring().log_density(np.zeros(2)), r"shape \(n, 2\); got \(2,\)"),
        (lambda: mixture_1d().log_density(np.zeros((3, 2))), r"shape \(n, 1\)"),
        (lambda: ring(standard_deviation=0.0), "positive"),
        (lambda: moons(standard_deviation=-0.1), "positive"),
        (lambda: mixture_1d(weights=(0.4, 0.4)), "sum 1"),
        (lambda: mixture_1d(weights=(1.2, -0.2)), "non-negative"),
        (lambda: mixture_1d(standard_deviation=(1.0, 0.0)), "should be positive"),
        (lambda: mixture_1d(weights=(1.0,)), r"weights \(k,\)"),
        (lambda: mixture_1d(standard_deviation=(1.0, 1.0, 1.0)), "one per component"),
        (lambda: IsotropicMixture([1.0], [[0.0]], 1.0, labels=[0, 1]), "labels"),
        (lambda: IsotropicMixture([1.0], [[0.0]], 1.0, labels=[np.nan]), "labels should be integers"),
        (lambda: IsotropicMixture([], np.zeros((0, 1)), 1.0), "sum 1"),
        (lambda: ring().log_density([[np.nan, 0.0]]), "finite"),
        (lambda: ring(num_modes=0), "num_modes should be at least 1"),
        (lambda: ring(num_modes=1.5), "num_modes should be an integer"),
        (lambda: ring(radius=np.nan), "radius should be one finite number"),
        (lambda: moons(standard_deviation="0.1"), "standard_deviation should be one finite number"),
        (lambda: mixture_1d(means=[[0.0, 1.0], [2.0, 3.0]]), r"means should be \(k, d\)"),
        (lambda: ring().sample(1.5), "num_samples should be an integer"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
