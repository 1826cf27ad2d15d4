import keras
import numpy as np
import pytest
from keras import ops

from course_lib.training.optimizers import ScaledAdam
from tests.small import values

pytestmark = pytest.mark.backend
RNG = np.random.default_rng(0)
START = [RNG.normal(size=shape).astype("float32") for shape in ((3, 2), (2,), (2, 1))]
GRADIENTS = [[RNG.normal(size=start.shape).astype("float32") for start in START] for _ in range(12)]


def trained(optimizer, steps=12):
    """The variables after some steps down given gradients."""
    variables = [keras.Variable(start) for start in START]
    for gradients in GRADIENTS[:steps]:
        optimizer.apply([ops.convert_to_tensor(gradient) for gradient in gradients], variables)
    return values(variables)


@pytest.mark.parametrize("options", [{}, {"beta_1": 0.5}, {"amsgrad": True}, {"clipnorm": 0.1}])
def test_scales_of_one_are_adam(options):
    scaled = trained(ScaledAdam([1, 1, 1], learning_rate=0.05, **options))
    for found, exact in zip(scaled, trained(keras.optimizers.Adam(0.05, **options)), strict=True):
        assert found == pytest.approx(exact, abs=1e-6)  # on PyTorch Keras computes Adam in another order


def test_it_is_adam_by_hand():
    scales, rate, moments, squares = (2.0, 0.5, 0.0), 0.05, [0.0] * 3, [0.0] * 3
    expected = [start.astype("float64") for start in START]
    for step, gradients in enumerate(GRADIENTS, start=1):
        for i, gradient in enumerate(gradients):
            moments[i] = 0.9 * moments[i] + 0.1 * gradient
            squares[i] = 0.999 * squares[i] + 0.001 * gradient**2
            corrected = np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            expected[i] = expected[i] - scales[i] * rate * corrected * moments[i] / (np.sqrt(squares[i]) + 1e-7)
    for found, exact in zip(trained(ScaledAdam(scales, rate)), expected, strict=True):
        assert found == pytest.approx(exact, abs=1e-4)


def test_the_first_step_is_the_learning_rate_times_the_scale_against_the_sign_of_the_gradient():
    after = trained(ScaledAdam([0.5, 1.0, 3.0], learning_rate=0.1), steps=1)
    for scale, start, end, gradient in zip((0.5, 1.0, 3.0), START, after, GRADIENTS[0], strict=True):
        assert end - start == pytest.approx(-0.1 * scale * np.sign(gradient), abs=1e-4)


def test_a_scale_of_one_half_halves_every_step_of_given_gradients():
    whole, half = trained(ScaledAdam([1, 1, 1], 0.05)), trained(ScaledAdam([0.5, 0.5, 0.5], 0.05))
    for a, b, start in zip(whole, half, START, strict=True):
        assert b - start == pytest.approx((a - start) / 2, abs=1e-5)


@pytest.mark.parametrize("held", range(3))
def test_a_scale_of_zero_leaves_the_variable_bit_for_bit_and_moves_the_others(held):
    scales = [float(i != held) for i in range(3)]
    reference = trained(ScaledAdam([1, 1, 1], 0.05))
    for i, (found, start) in enumerate(zip(trained(ScaledAdam(scales, 0.05)), START, strict=True)):
        assert np.array_equal(found, start if i == held else reference[i])
        assert np.array_equal(found, start) == (i == held)


def test_the_scales_follow_a_learning_rate_schedule_and_its_changes():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([0], [0.1, 0.0])  # one step, then none
    once, start = trained(ScaledAdam([1, 0.5, 0], schedule)), START
    assert once[1] - start[1] == pytest.approx(-0.05 * np.sign(GRADIENTS[0][1]), abs=1e-4)
    optimizer = ScaledAdam([1, 1, 1], 0.1)
    optimizer.learning_rate = 0.0
    assert all(np.array_equal(a, b) for a, b in zip(trained(optimizer), START, strict=True))


@pytest.mark.parametrize("scales", [[1.0, 1.0], [1.0] * 4, []])
def test_another_number_of_scales_than_variables_is_refused(scales):
    with pytest.raises(ValueError, match="each of the 3 trainable variables") as caught:
        trained(ScaledAdam(scales))
    assert f"got {len(scales)}" in str(caught.value)
    assert "Call compile again" in str(caught.value)


@pytest.mark.parametrize("scale", [-1.0, -1e-9, float("nan"), float("inf")])
def test_scales_that_are_no_scales_are_refused(scale):
    with pytest.raises(ValueError, match="finite numbers ≥ 0"):
        ScaledAdam([1.0, scale])


def test_weight_decay_which_would_move_what_is_held_still_is_refused():
    with pytest.raises(ValueError, match=r"weight_decay=0\.1"):
        ScaledAdam([1.0, 0.0], weight_decay=0.1)


def test_the_configuration_makes_the_same_optimiser():
    optimizer = ScaledAdam([2.0, 0.5, 0.0], learning_rate=0.05, beta_1=0.5)
    copy = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(copy, ScaledAdam)
    assert copy.step_scales == [2.0, 0.5, 0.0]
    for a, b in zip(trained(copy), trained(optimizer), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.slow
def test_it_works_inside_a_loss_scale_optimiser():
    """Float16 training: the gradients come multiplied by the loss scale, and no step is longer for it."""
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dense(1, dtype="float32")])
    finally:
        keras.config.set_dtype_policy("float32")
    scales, before = [1.0, 0.5, 0.0, 3.0], values(model.trainable_variables)
    model.compile(keras.optimizers.LossScaleOptimizer(ScaledAdam(scales, 0.1), initial_scale=128.0), loss="mse")
    model.fit(RNG.normal(size=(64, 3)), 5 + RNG.normal(size=(64, 1)), batch_size=64, verbose=0, shuffle=False)
    for scale, start, end in zip(scales, before, values(model.trainable_variables), strict=True):
        assert abs(end - start) == pytest.approx(0.1 * scale, rel=1e-2)
        assert np.array_equal(start, end) == (scale == 0)


@pytest.mark.slow
@pytest.mark.parametrize("jit_compile", [False, True])
def test_fit_moves_only_what_has_a_scale(jit_compile):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    before = values(model.trainable_variables)
    if keras.backend.backend() == "torch":
        jit_compile = False  # as in the course: nothing is compiled on PyTorch
    model.compile(ScaledAdam([1, 1, 0, 0], 0.1), loss="mse", jit_compile=jit_compile)
    model.fit(RNG.normal(size=(64, 3)), RNG.normal(size=(64, 1)), epochs=2, verbose=0)
    still = [np.array_equal(a, b) for a, b in zip(before, values(model.trainable_variables), strict=True)]
    assert still == [False, False, True, True]
