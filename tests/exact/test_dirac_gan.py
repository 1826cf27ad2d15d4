import numpy as np
import pytest
from scipy import optimize

from course_lib.exact.dirac_gan import DiracGAN, eigenvalue_moduli

POSITIONS = [(1.0, 0.3), (-0.4, 2.0), (0.0, -1.5), (3.0, 4.0)]


def game_value(theta, psi):
    return -np.log1p(np.exp(-theta * psi)) - np.log(2)


def slope(t):
    return 1 / (1 + np.exp(t))


@pytest.mark.parametrize(("theta", "psi"), POSITIONS)
@pytest.mark.parametrize("gamma", [0.0, 0.7])
def test_a_simultaneous_step_follows_the_gradients_of_the_game(theta, psi, gamma):
    down = optimize.approx_fprime([theta], lambda t: game_value(t[0], psi))[0]
    up = optimize.approx_fprime([psi], lambda s: game_value(theta, s[0]) - 0.5 * gamma * s[0] ** 2)[0]
    expected = theta - 0.2 * down, psi + 0.2 * up
    np.testing.assert_allclose(DiracGAN(0.2, gamma).simultaneous_step(theta, psi), expected, atol=1e-6)


@pytest.mark.parametrize(("theta", "psi"), POSITIONS)
def test_in_an_alternating_step_the_generator_answers_the_new_discriminator(theta, psi):
    game = DiracGAN(0.2, gamma=0.7)
    _, moved = game.simultaneous_step(theta, psi)
    answer, _ = game.simultaneous_step(theta, moved)
    assert game.alternating_step(theta, psi) == (answer, moved)


@pytest.mark.parametrize(("theta", "psi"), POSITIONS)
@pytest.mark.parametrize("h", [0.05, 0.5, 3.0])
def test_simultaneous_steps_grow_the_radius_by_exactly_the_formula(theta, psi, h):
    growth = np.hypot(*DiracGAN(h).simultaneous_step(theta, psi)) / np.hypot(theta, psi)
    assert growth == pytest.approx(np.sqrt(1 + h**2 * slope(theta * psi) ** 2), rel=1e-12)


@pytest.mark.parametrize("h", [0.1, 1.0])
@pytest.mark.parametrize("gamma", [0.0, 0.6])
def test_jacobians_agree_with_finite_differences_of_the_steps(h, gamma):
    game = DiracGAN(h, gamma)
    for step, jacobian in (
        (game.simultaneous_step, game.simultaneous_jacobian()),
        (game.alternating_step, game.alternating_jacobian()),
    ):
        columns = [(np.array(step(*(1e-5 * unit))) - np.array(step(*(-1e-5 * unit)))) / 2e-5 for unit in np.eye(2)]
        np.testing.assert_allclose(jacobian, np.stack(columns, axis=1), atol=1e-9)


@pytest.mark.parametrize("h", [0.1, 1.0, 3.0])
def test_simultaneous_steps_without_regularisation_leave_the_equilibrium(h):
    np.testing.assert_allclose(eigenvalue_moduli(DiracGAN(h).simultaneous_jacobian()), np.sqrt(1 + h**2 / 4))


@pytest.mark.parametrize(("h", "circles"), [(0.1, True), (1.0, True), (3.9, True), (4.1, False), (6.0, False)])
def test_alternating_steps_circle_up_to_a_step_of_four(h, circles):
    largest = eigenvalue_moduli(DiracGAN(h).alternating_jacobian())[0]
    assert (largest == pytest.approx(1.0, abs=1e-12)) == circles
    assert largest > 1 - 1e-12


@pytest.mark.parametrize(("h", "gamma"), [(0.1, 0.3), (0.5, 0.9), (1.0, 0.5)])
def test_r1_shrinks_simultaneous_steps_by_the_formula(h, gamma):
    moduli = eigenvalue_moduli(DiracGAN(h, gamma).simultaneous_jacobian())
    np.testing.assert_allclose(moduli, np.sqrt(1 - h * gamma + h**2 / 4))


def test_simultaneous_r1_is_stable_exactly_between_its_two_bounds():
    for h in (0.1, 0.7, 2.0, 3.5):
        for gamma in np.linspace(0.01, 25, 500):
            stable = eigenvalue_moduli(DiracGAN(h, gamma).simultaneous_jacobian())[0] < 1
            assert stable == (h / 4 < gamma < 2 / h + h / 8)


def test_alternating_r1_shrinks_by_the_formula_while_the_eigenvalues_are_complex():
    for h in (0.05, 0.5, 1.5):
        for gamma in np.linspace(0.01, 0.99 * (1 - h / 4), 20):
            moduli = eigenvalue_moduli(DiracGAN(h, gamma).alternating_jacobian())
            np.testing.assert_allclose(moduli, np.sqrt(1 - h * gamma))
        assert np.ptp(eigenvalue_moduli(DiracGAN(h, 1.01 * (1 - h / 4)).alternating_jacobian())) > 0


@pytest.mark.parametrize(("theta", "psi"), POSITIONS)
def test_the_vector_field_is_what_a_step_adds_for_each_unit_of_learning_rate(theta, psi):
    game = DiracGAN(0.2, gamma=0.7, discriminator_scale=3.0)
    along_theta, along_psi = game.vector_field(theta, psi)
    moved = game.simultaneous_step(theta, psi)
    assert (moved[0] - theta) / 0.2 == pytest.approx(along_theta, rel=1e-9)
    assert (moved[1] - psi) / 0.6 == pytest.approx(along_psi, rel=1e-9)
    assert along_theta == pytest.approx(-psi * slope(theta * psi))
    assert along_psi == pytest.approx(theta * slope(theta * psi) - 0.7 * psi)


@pytest.mark.parametrize("gamma", [0.0, 0.4, 1.0, 2.5])
def test_the_field_turns_without_r1_and_pulls_in_with_it(gamma):
    found = np.sort_complex(np.linalg.eigvals(DiracGAN(0.1, gamma).field_jacobian()))
    expected = np.sort_complex((-gamma + np.array([-1, 1]) * np.sqrt(complex(gamma**2 - 1))) / 2)
    np.testing.assert_allclose(found, expected, atol=1e-7)  # at γ = 1 the two meet, where eigenvalues are sensitive
    assert (found.real < 0).all() == (gamma > 0)


@pytest.mark.parametrize("scale", [0.2, 1.0, 6.0])
@pytest.mark.parametrize("h", [0.1, 1.0])
def test_two_time_scales_alone_never_bring_simultaneous_steps_in(scale, h):
    game = DiracGAN(h, discriminator_scale=scale)
    np.testing.assert_allclose(eigenvalue_moduli(game.simultaneous_jacobian()), np.sqrt(1 + scale * h**2 / 4))
    path = game.trajectory(1e-3, 0.0, num_steps=300)
    assert np.hypot(path[-1, 0], path[-1, 1] / np.sqrt(scale)) / 1e-3 == pytest.approx(
        (1 + scale * h**2 / 4) ** 150, rel=0.2 if h < 1 else np.inf
    )


@pytest.mark.parametrize(("h", "scale", "gamma"), [(0.3, 1.0, 0.2), (0.3, 4.0, 0.2), (0.8, 0.5, 0.9)])
def test_the_jacobians_of_two_time_scales_agree_with_finite_differences_of_the_steps(h, scale, gamma):
    game = DiracGAN(h, gamma, scale)
    for step, jacobian in (
        (game.simultaneous_step, game.simultaneous_jacobian()),
        (game.alternating_step, game.alternating_jacobian()),
    ):
        columns = [(np.array(step(*(1e-5 * unit))) - np.array(step(*(-1e-5 * unit)))) / 2e-5 for unit in np.eye(2)]
        np.testing.assert_allclose(jacobian, np.stack(columns, axis=1), atol=1e-9)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("h", [0.1, 0.7, 2.0, 3.5, 4.5])
def test_the_stable_interval_of_gamma_is_where_all_moduli_are_below_one(h, scale):
    low, high = DiracGAN(h, discriminator_scale=scale).stable_gammas()
    for gamma in np.linspace(0.01, 45, 700):
        game = DiracGAN(h, gamma, scale)
        assert (eigenvalue_moduli(game.simultaneous_jacobian())[0] < 1) == (low < gamma < high)


def test_trajectories_behave_as_the_eigenvalues_say():
    start = {"theta": 0.01, "psi": 0.0, "num_steps": 400}
    radius = {
        name: np.hypot(*DiracGAN(0.2, gamma).trajectory(**start, alternating=alternating).T)
        for name, gamma, alternating in [
            ("out", 0, False),
            ("circle", 0, True),
            ("in", 0.3, False),
            ("in too", 0.3, True),
        ]
    }
    assert radius["out"][-1] / 0.01 == pytest.approx((1 + 0.2**2 / 4) ** 200, rel=1e-3)
    assert radius["circle"].min() > 0.009
    assert radius["circle"].max() < 0.011
    assert radius["in"][-1] / 0.01 == pytest.approx((1 - 0.06 + 0.01) ** 200, rel=0.5)
    assert radius["in too"][-1] / 0.01 == pytest.approx((1 - 0.06) ** 200, rel=0.5)


def test_a_trajectory_starts_at_the_start_and_takes_the_steps():
    game = DiracGAN(0.3)
    path = game.trajectory(1.0, 0.5, num_steps=2)
    assert path.shape == (3, 2)
    np.testing.assert_allclose(path[1:], [game.simultaneous_step(*path[0]), game.simultaneous_step(*path[1])])


def test_arrays_of_games_step_at_once_and_large_logits_do_not_overflow():
    theta, psi = np.array([1.0, 100.0, -100.0]), np.array([0.3, 100.0, 100.0])
    together = np.stack(DiracGAN(0.1).simultaneous_step(theta, psi), axis=1)
    alone = [DiracGAN(0.1).simultaneous_step(*position) for position in zip(theta, psi, strict=True)]
    np.testing.assert_array_equal(together, alone)
    assert np.isfinite(together).all()


@pytest.mark.parametrize(("step_size", "gamma"), [(0.0, 0.0), (-1.0, 0.0), (0.1, -0.1), (np.nan, 0.0)])
def test_a_step_that_is_not_positive_and_a_negative_gamma_are_refused(step_size, gamma):
    with pytest.raises(ValueError, match=r"step_size should be (positive and gamma at least 0|one finite number)"):
        DiracGAN(step_size, gamma)


@pytest.mark.parametrize("scale", [0.0, -1.0])
def test_a_scale_that_is_not_positive_is_refused(scale):
    with pytest.raises(ValueError, match="discriminator_scale should be positive"):
        DiracGAN(0.1, discriminator_scale=scale)
