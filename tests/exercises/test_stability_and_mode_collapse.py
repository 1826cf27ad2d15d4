"""The checks on stability and mode collapse against the library, a search or a count by hand, and other right words."""

import itertools

import numpy as np
import pytest

from course_lib.exact import DiracGAN, eigenvalue_moduli
from course_lib.exercises import stability_and_mode_collapse
from course_lib.metrics import mode_coverage

RIGHT = "right"
LOSING_TWO = (np.full(8, 1 / 8), np.array([1 / 6] * 6 + [0.0] * 2))


def by_eigenvalues(kernel, start, num_iterations):
    return np.sqrt(np.linalg.eigvalsh(kernel.T @ kernel).max())


def half_a_round_behind(kernel, start, num_iterations):
    right = start
    for _ in range(num_iterations):
        left = kernel @ right
        right = kernel.T @ left / np.linalg.norm(left)
    return np.linalg.norm(right)


def brought_to_length_one_at_the_end(kernel, start, num_iterations):
    for _ in range(num_iterations):
        start = kernel.T @ (kernel @ start)
    return np.linalg.norm(kernel @ (start / np.linalg.norm(start)))


def counted_up_to_the_last(samples, means, standard_deviation):
    distances = np.linalg.norm(samples[:, None] - means, axis=2)
    near = distances.min(axis=1) <= 3 * standard_deviation
    return len(np.bincount(distances.argmin(axis=1)[near])), near.mean()


def counted_with_sets(samples, means, standard_deviation):
    covered, good = set(), 0
    for sample in samples:
        distances = np.hypot(*(sample - means).T)
        if distances.min() <= 3 * standard_deviation:
            covered.add(int(distances.argmin()))
            good += 1
    return len(covered), good / len(samples)


def pack_by_pack(p, q, packing):
    packs = itertools.product(range(len(p)), repeat=packing)
    return sum(abs(np.prod(p[list(pack)]) - np.prod(q[list(pack)])) for pack in packs) / 2


def slope_unit_by_unit(x, weights, bias, v, gamma):
    slope = sum(v[j] / np.cosh(x @ weights[:, j] + bias[j])[:, None] ** 2 * weights[:, j] for j in range(len(v)))
    return gamma / 2 * np.einsum("ni,ni->n", slope, slope)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (stability_and_mode_collapse.PREDICTED_SPIRAL, 1.6446),
        (stability_and_mode_collapse.ALTERNATING_JACOBIAN, lambda h: [[1 - h**2 / 4, -h / 2], [h / 2, 1]]),
        (stability_and_mode_collapse.BEST_GAMMA, np.float64(0.995)),
        (stability_and_mode_collapse.RANK_THE_CURES, "fdcbae"),
        (stability_and_mode_collapse.R1_PENALTY, slope_unit_by_unit),
        (stability_and_mode_collapse.POWER_ITERATION, half_a_round_behind),
        (stability_and_mode_collapse.MODE_COUNTER, counted_with_sets),
        (stability_and_mode_collapse.PACKED_DISTANCE, pack_by_pack),
    ],
)
def test_a_right_answer_in_other_words_is_accepted(exercise, answer):
    assert exercise.judge(answer) == RIGHT


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (stability_and_mode_collapse.PREDICTED_SPIRAL, 1.7),
        (stability_and_mode_collapse.BEST_GAMMA, 0.9),
        (stability_and_mode_collapse.RANK_THE_CURES, "ABCDEF"),
        (stability_and_mode_collapse.ALTERNATING_JACOBIAN, lambda h: np.eye(2)),
        (stability_and_mode_collapse.MODE_COUNTER, lambda samples, means, deviation: (8, 0.989)),
        (stability_and_mode_collapse.MODE_COUNTER, counted_up_to_the_last),
        (stability_and_mode_collapse.POWER_ITERATION, by_eigenvalues),
        (stability_and_mode_collapse.POWER_ITERATION, lambda kernel, start, num_iterations: np.linalg.norm(kernel, 2)),
        (stability_and_mode_collapse.POWER_ITERATION, brought_to_length_one_at_the_end),
    ],
)
def test_a_wrong_answer_without_a_name_is_refused(exercise, answer):
    assert exercise.judge(answer).startswith("not yet: ")


def test_the_predicted_spiral_is_that_of_a_small_path():
    path = DiracGAN(0.2).trajectory(1e-5, 0.0, num_steps=100)
    assert np.hypot(*path[-1]) / 1e-5 == pytest.approx(stability_and_mode_collapse.PREDICTED_SPIRAL.reference, rel=1e-6)


@pytest.mark.parametrize("h", [0.3, 1.0, 2.5])
def test_the_alternating_jacobian_is_that_of_the_library(h):
    assert stability_and_mode_collapse.ALTERNATING_JACOBIAN.reference(h) == pytest.approx(
        DiracGAN(h).alternating_jacobian()
    )


def test_the_best_gamma_is_what_a_search_finds():
    gammas = np.linspace(0.01, 4, 2000)
    moduli = [eigenvalue_moduli(DiracGAN(0.5, gamma).simultaneous_jacobian())[0] for gamma in gammas]
    assert gammas[np.argmin(moduli)] == pytest.approx(stability_and_mode_collapse.BEST_GAMMA.reference, abs=0.005)


@pytest.mark.parametrize("gamma", [0.2, 0.3, 0.45])
def test_the_cures_are_ranked_by_their_moduli(gamma):
    games = {name: DiracGAN(0.2, gamma if name in "CDF" else 0.0, 4.0 if name in "EF" else 1.0) for name in "ABCDEF"}
    of = {
        name: eigenvalue_moduli(game.alternating_jacobian() if name in "BD" else game.simultaneous_jacobian())[0]
        for name, game in games.items()
    }
    assert "".join(sorted(of, key=of.get)) == stability_and_mode_collapse.RANK_THE_CURES.reference
    assert min(np.diff(sorted(of.values()))) > 1e-3, "no two may be told apart by rounding alone"


def test_r1_is_that_of_the_library():
    import keras

    from course_lib.formulas.gradient_penalties import R1

    x, weights, bias, v, gamma = stability_and_mode_collapse.R1_PENALTY.inputs(np.random.default_rng(0))
    network = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            keras.layers.Dense(len(bias), activation="tanh"),
            keras.layers.Dense(1, use_bias=False),
        ]
    )
    network.set_weights([weights, bias, v[:, None]])
    found = keras.ops.convert_to_numpy(R1(gamma)(network, x.astype("float32")))
    assert found == pytest.approx(
        stability_and_mode_collapse.R1_PENALTY.reference(x, weights, bias, v, gamma), rel=1e-4
    )


def test_the_power_iteration_finds_the_largest_singular_value():
    kernel, start, num_iterations = stability_and_mode_collapse.POWER_ITERATION.edges()[0]
    largest = np.linalg.svd(kernel, compute_uv=False)[0]
    assert stability_and_mode_collapse.POWER_ITERATION.reference(kernel, start, num_iterations) == pytest.approx(
        largest, rel=1e-6
    )


def test_the_mode_counter_is_that_of_the_library():
    for seed in range(3):
        samples, means, deviation = stability_and_mode_collapse.MODE_COUNTER.inputs(np.random.default_rng(seed))
        found = mode_coverage(samples, means, deviation)
        assert stability_and_mode_collapse.MODE_COUNTER.reference(samples, means, deviation) == pytest.approx(found[:2])
        assert 0 < found.modes < len(means)


@pytest.mark.parametrize("packing", [1, 2, 3])
def test_the_distance_of_packs_is_counted_by_hand(packing):
    p, q = LOSING_TWO
    assert stability_and_mode_collapse.PACKED_DISTANCE.reference(p, q, packing) == pytest.approx(
        pack_by_pack(p, q, packing)
    )
    assert stability_and_mode_collapse.PACKED_DISTANCE.reference(p, q, packing) == pytest.approx(1 - 0.75**packing)
