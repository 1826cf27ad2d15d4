import numpy as np
import pytest
from keras import ops
from scipy import special

from course_lib.formulas.adversarial import (
    OneSidedSmoothing,
    hinge,
    least_squares,
    minimax,
    non_saturating,
    wasserstein,
)

pytestmark = pytest.mark.backend
OBJECTIVES = [minimax, non_saturating, hinge, least_squares, wasserstein, OneSidedSmoothing(0.9)]
REAL, FAKE = np.array([-3.0, -0.4, 0.2, 2.5]), np.array([1.3, -2.0, 0.1, 4.0])


def losses(objective, real=REAL, fake=FAKE, generated=FAKE):
    return [ops.convert_to_numpy(loss) for loss in objective(real, fake, generated)]


def test_zero_logits_give_two_log_two_and_log_two():
    discriminator_loss, generator_loss = losses(non_saturating, [0.0], [0.0], [0.0])
    assert discriminator_loss == pytest.approx(2 * np.log(2))
    assert generator_loss == pytest.approx(np.log(2))


def test_minimax_is_the_value_function():
    real, fake = special.expit(REAL), special.expit(FAKE)
    discriminator_loss, generator_loss = losses(minimax)
    assert discriminator_loss == pytest.approx(-np.log(real) - np.log(1 - fake), rel=1e-5)
    assert generator_loss == pytest.approx(np.log(1 - fake), rel=1e-5)


def test_non_saturating_generator_maximises_the_log_probability_of_real():
    real, fake = special.expit(REAL), special.expit(FAKE)
    discriminator_loss, generator_loss = losses(non_saturating)
    assert discriminator_loss == pytest.approx(-np.log(real) - np.log(1 - fake), rel=1e-5)
    assert generator_loss == pytest.approx(-np.log(fake), rel=1e-5)


def test_hinge_least_squares_and_wasserstein_are_their_formulas():
    assert losses(hinge)[0] == pytest.approx(np.maximum(0, 1 - REAL) + np.maximum(0, 1 + FAKE), rel=1e-5)
    assert losses(hinge)[1] == pytest.approx(-FAKE)
    assert losses(least_squares)[0] == pytest.approx(0.5 * (REAL - 1) ** 2 + 0.5 * FAKE**2, rel=1e-5)
    assert losses(least_squares)[1] == pytest.approx(0.5 * (FAKE - 1) ** 2, rel=1e-5)
    assert losses(wasserstein)[0] == pytest.approx(FAKE - REAL, rel=1e-5)
    assert losses(wasserstein)[1] == pytest.approx(-FAKE)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_discriminator_wants_real_up_and_fake_down_and_generator_the_opposite(objective):
    def change(argument, part):
        logits = [np.array([0.1]), np.array([0.2]), np.array([0.3])]
        moved = [value + 1e-2 * (index == argument) for index, value in enumerate(logits)]
        return float(losses(objective, *moved)[part][0] - losses(objective, *logits)[part][0])

    assert change(0, part=0) < 0 < change(1, part=0)
    assert change(2, part=0) == 0  # the generator's logits are none of the discriminator's business
    assert change(2, part=1) < 0
    assert change(0, part=1) == change(1, part=1) == 0


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_one_loss_per_example_whether_logits_are_columns_or_not(objective):
    flat, columns = losses(objective), losses(objective, REAL[:, None], FAKE[:, None], FAKE[:, None])
    for a, b in zip(flat, columns, strict=True):
        assert a.shape == b.shape == (4,)
        assert a == pytest.approx(b)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_extreme_logits_give_finite_losses(objective):
    extreme = np.array([1e4, -1e4])
    assert all(np.isfinite(loss).all() for loss in losses(objective, extreme, extreme, extreme))


def test_more_than_one_logit_an_example_is_refused():
    with pytest.raises(ValueError, match="one logit per example"):
        minimax(np.zeros((4, 2)), np.zeros((4, 2)), np.zeros((4, 2)))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_batches_of_different_sizes_are_refused_and_never_broadcast(objective):
    with pytest.raises(ValueError, match=r"batches of one size.*\(1,\).*\(4,\)"):
        losses(objective, np.zeros(1), np.zeros(4), np.zeros(4))


@pytest.mark.parametrize("target", [0.3, 0.9, 1.0])
def test_one_sided_smoothing_is_the_cross_entropy_with_a_softer_target_for_real_examples_alone(target):
    real, fake = special.expit(REAL), special.expit(FAKE)
    discriminator_loss, generator_loss = losses(OneSidedSmoothing(target))
    expected = -target * np.log(real) - (1 - target) * np.log(1 - real) - np.log(1 - fake)
    assert discriminator_loss == pytest.approx(expected, rel=1e-5)
    assert generator_loss == pytest.approx(-np.log(fake), rel=1e-5)


def test_with_smoothing_the_best_discriminator_of_equal_laws_says_half_of_the_target():
    logits = np.linspace(-3, 3, 6001)
    discriminator_loss, _ = losses(OneSidedSmoothing(0.8), logits, logits, logits)
    assert logits[discriminator_loss.argmin()] == pytest.approx(special.logit(0.4), abs=5e-3)


def test_smoothing_survives_its_configuration_and_refuses_targets_that_are_no_probabilities():
    again = OneSidedSmoothing.from_config(OneSidedSmoothing(0.7).get_config())
    assert repr(again) == "OneSidedSmoothing(0.7)"
    for target in (0.0, -0.1, 1.2, float("nan"), "0.9"):
        with pytest.raises(ValueError, match="real_target"):
            OneSidedSmoothing(target)
