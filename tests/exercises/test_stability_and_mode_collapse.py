"""The checks on stability and mode collapse against the library, a search or a count by hand, and other right words."""

import keras
import numpy as np
import pytest

from course_lib.exact import DiracGAN, eigenvalue_moduli
from course_lib.exercises import stability_and_mode_collapse
from course_lib.metrics import mode_coverage

RIGHT = "right"


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


def slope_by_the_chain_rule(discriminator, real, gamma):
    hidden = np.tanh(real @ discriminator.weights + discriminator.bias)
    slope = ((1 - hidden**2) * discriminator.v) @ discriminator.weights.T
    return gamma / 2 * np.einsum("ni,ni->n", slope, slope)


def slope_of_the_sum(discriminator, real, gamma):
    from course_lib.formulas import input_gradient

    slope = input_gradient(lambda x: keras.ops.sum(discriminator(x, training=False)), real)
    return 0.5 * gamma * keras.ops.einsum("ni,ni->n", slope, slope)


def penalty_with(hold):
    """The right values, by way of `hold`, which may let no gradient pass."""

    def penalty(discriminator, real, gamma):
        from course_lib.formulas import input_gradient

        slope = input_gradient(discriminator, real)
        return 0.5 * gamma * keras.ops.sum(slope * hold(slope), axis=1)

    return penalty


def slope_at_other_points(discriminator, real, gamma):
    return slope_by_the_chain_rule(discriminator, real + 0.3, gamma)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (stability_and_mode_collapse.PREDICTED_SPIRAL, 1.6446),
        (stability_and_mode_collapse.ALTERNATING_JACOBIAN, [[3 / 4, -1 / 2], [1 / 2, 1]]),
        (stability_and_mode_collapse.NARROWEST, 0.316),
        (
            stability_and_mode_collapse.FATES,
            dict(zip("ABCDEF", ["Contract", "circle", "grow", "contract", "grow", "grow"], strict=True)),
        ),
        (stability_and_mode_collapse.BEST_REPLY, np.array([0, 0, 1, 0])),
        (stability_and_mode_collapse.RANK_THE_CURES, list("FDCBAE")),
        (stability_and_mode_collapse.R1_PENALTY, slope_of_the_sum),
        (stability_and_mode_collapse.POWER_ITERATION, half_a_round_behind),
        (stability_and_mode_collapse.MODE_COUNTER, counted_with_sets),
    ],
)
def test_a_right_answer_in_other_words_is_accepted(exercise, answer):
    assert exercise.judge(answer) == RIGHT


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (stability_and_mode_collapse.PREDICTED_SPIRAL, 1.7),
        (stability_and_mode_collapse.NARROWEST, 0.35),
        (stability_and_mode_collapse.BEST_REPLY, [0.0, 0.4, 0.6, 0.0]),
        (stability_and_mode_collapse.R1_PENALTY, slope_at_other_points),
        (stability_and_mode_collapse.MODE_COUNTER, lambda *inputs: np.maximum(mode_coverage(*inputs)[:2], (1, 0))),
        (stability_and_mode_collapse.RANK_THE_CURES, "ABCDEF"),
        (stability_and_mode_collapse.ALTERNATING_JACOBIAN, [[0.75, -0.5], [0.5, 0.75]]),
        (stability_and_mode_collapse.MODE_COUNTER, lambda samples, means, deviation: (8, 0.989)),
        (stability_and_mode_collapse.MODE_COUNTER, counted_up_to_the_last),
        (stability_and_mode_collapse.POWER_ITERATION, by_eigenvalues),
        (stability_and_mode_collapse.POWER_ITERATION, lambda kernel, start, num_iterations: np.linalg.norm(kernel, 2)),
        (stability_and_mode_collapse.POWER_ITERATION, brought_to_length_one_at_the_end),
    ],
)
def test_a_wrong_answer_without_a_name_is_refused(exercise, answer):
    assert exercise.judge(answer).startswith("not yet: ")


@pytest.mark.parametrize(
    ("penalty", "said"),
    [
        (penalty_with(keras.ops.stop_gradient), "and their gradient is not"),
        (lambda *inputs: keras.ops.stop_gradient(penalty_with(lambda slope: slope)(*inputs)), "would train nothing"),
        (lambda *inputs: np.asarray(penalty_with(lambda slope: slope)(*inputs)), "what leaves it, for NumPy for one"),
        (slope_by_the_chain_rule, "Use `keras.ops` for all"),
    ],
)
def test_a_penalty_that_trains_nothing_is_refused(penalty, said):
    assert said in stability_and_mode_collapse.R1_PENALTY.judge(penalty)


def test_a_sample_within_reach_of_two_modes_counts_for_the_nearest():
    def of_any(samples, means, deviation):
        near = np.linalg.norm(samples[:, None] - means, axis=2) <= 3 * deviation
        return near.any(axis=0).sum(), near.any(axis=1).mean()

    assert "counts for the *nearest* alone" in stability_and_mode_collapse.MODE_COUNTER.judge(of_any)


def test_the_predicted_spiral_is_that_of_a_small_path():
    path = DiracGAN(0.2).trajectory(1e-5, 0.0, num_steps=100)
    assert np.hypot(*path[-1]) / 1e-5 == pytest.approx(stability_and_mode_collapse.PREDICTED_SPIRAL.reference, rel=1e-6)


def test_the_alternating_jacobian_is_that_of_the_library():
    assert np.array(stability_and_mode_collapse.ALTERNATING_JACOBIAN.reference) == pytest.approx(
        DiracGAN(1.0).alternating_jacobian()
    )


def test_the_fates_are_those_of_a_hundred_steps():
    field = np.array([[-0.1, -2.0], [2.0, -0.1]])
    steps = {
        "a": [[0.9, -0.3], [0.3, 0.9]],
        "b": [[0.0, -1.0], [1.0, 0.0]],
        "c": [[1.0, -0.1], [0.1, 1.0]],
        "d": [[-0.9, 0.0], [0.0, 0.5]],
        "e": [[0.5, 0.0], [0.0, 1.1]],
        "f": np.eye(2) + 0.1 * field,
    }
    lengths = {name: np.linalg.norm(np.linalg.matrix_power(step, 100) @ [0.6, 0.8]) for name, step in steps.items()}
    found = {
        name: "contract" if length < 0.9 else "grow" if length > 1.1 else "circle" for name, length in lengths.items()
    }
    assert found == stability_and_mode_collapse.FATES.reference


@pytest.mark.parametrize(("factor", "comes_in"), [(1.05, True), (0.95, False)])
def test_the_narrowest_width_is_where_sampled_games_begin_to_come_in(factor, comes_in):
    """Steps on the two players' losses for a fixed set of draws, differentiated by differences."""
    width, h, e = factor * stability_and_mode_collapse.NARROWEST.reference, 0.2, 1e-6
    draws = width * np.random.default_rng(0).normal(size=20_000)
    draws = (draws - draws.mean()) / draws.std() * width

    def value(theta, psi):
        return -np.logaddexp(0, -psi * (theta + draws)).mean() - np.logaddexp(0, psi * draws).mean()

    theta, psi = start = 0.05, 0.0
    for _ in range(400):
        of_theta = (value(theta + e, psi) - value(theta - e, psi)) / (2 * e)
        of_psi = (value(theta, psi + e) - value(theta, psi - e)) / (2 * e)
        theta, psi = theta - h * of_theta, psi + h * of_psi
    assert (np.hypot(theta, psi) < np.hypot(*start)) == comes_in


def test_the_best_reply_has_the_smallest_loss_of_many():
    probability = np.array([0.30, 0.55, 0.62, 0.45])
    others = np.random.default_rng(0).dirichlet(np.full(4, 0.3), size=2000)
    best = np.array(stability_and_mode_collapse.BEST_REPLY.reference)
    assert best.sum() == 1
    assert best @ -np.log(probability) <= (others @ -np.log(probability)).min()


@pytest.mark.parametrize("gamma", [0.2, 0.3, 0.45])
def test_the_cures_are_ranked_by_their_moduli(gamma):
    games = {name: DiracGAN(0.2, gamma if name in "cdf" else 0.0, 4.0 if name in "ef" else 1.0) for name in "abcdef"}
    of = {
        name: eigenvalue_moduli(game.alternating_jacobian() if name in "bd" else game.simultaneous_jacobian())[0]
        for name, game in games.items()
    }
    assert "".join(sorted(of, key=of.get)) == stability_and_mode_collapse.RANK_THE_CURES.reference
    assert min(np.diff(sorted(of.values()))) > 1e-3, "no two may be told apart by rounding alone"


def test_r1_is_that_of_the_library():
    from course_lib.formulas import R1

    discriminator, real, gamma = stability_and_mode_collapse.R1_PENALTY.inputs(np.random.default_rng(0))
    found = keras.ops.convert_to_numpy(stability_and_mode_collapse.R1_PENALTY.reference(discriminator, real, gamma))
    assert found == pytest.approx(keras.ops.convert_to_numpy(R1(gamma)(discriminator, real)), rel=1e-4)
    assert found == pytest.approx(slope_by_the_chain_rule(discriminator, real, gamma), rel=1e-4)


def test_the_power_iteration_finds_the_largest_singular_value():
    kernel, start, num_iterations = stability_and_mode_collapse.POWER_ITERATION.edges()[0]
    largest = np.linalg.svd(kernel, compute_uv=False)[0]
    assert stability_and_mode_collapse.POWER_ITERATION.reference(kernel, start, num_iterations) == pytest.approx(
        largest, rel=1e-6
    )


def test_the_mode_counter_is_that_of_the_library():
    modes = []
    for samples, means, deviation in stability_and_mode_collapse.MODE_COUNTER.tried_on():
        found = mode_coverage(samples, means, deviation)
        assert stability_and_mode_collapse.MODE_COUNTER.reference(samples, means, deviation) == pytest.approx(found[:2])
        modes.append((found.modes, len(means)))
    assert all(0 < covered < all_modes for covered, all_modes in modes[:3])
    assert modes[3:] == [(1, 3), (0, 3), (1, 1)]
