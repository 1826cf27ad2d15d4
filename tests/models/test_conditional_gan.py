import keras
import numpy as np
import pytest
from scipy.special import expit

from course_lib import networks
from course_lib.formulas import adversarial
from course_lib.formulas.gradient_penalties import R1, R2
from course_lib.models import ConditionalGAN
from course_lib.training.model import to_numpy
from tests.small import gradients

pytestmark = pytest.mark.backend
CLASSES = 3
RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, CLASSES, 200)
POINTS = RNG.normal(size=(200, 2)) + 3.0 * LABELS[:, None]


def small_conditional_gan(seed=0, hidden=(16,), objective=adversarial.non_saturating, **options):
    generator = networks.dense_conditional_generator(2, (2,), CLASSES, hidden, output_activation=None)
    discriminator = networks.dense_conditional_discriminator((2,), CLASSES, hidden)
    return ConditionalGAN(generator, discriminator, objective, CLASSES, seed=seed, **options)


def places_and_slopes(objective=adversarial.non_saturating):
    """G(z, y) = θ_y whatever z, D(x, y) = ψ x + v_y."""
    gan = ConditionalGAN(
        networks.dense_conditional_generator(1, (1,), CLASSES, (), output_activation=None),
        networks.dense_conditional_discriminator((1,), CLASSES, ()),
        objective,
        CLASSES,
        seed=0,
    )
    places, slope, offsets = np.array([-1.0, 0.5, 2.0]), 0.7, np.array([0.3, -0.4, 1.1])
    gan.generator.set_weights([np.concatenate([[0.0], places])[:, None], np.zeros(1)])
    gan.discriminator.set_weights([np.concatenate([[slope], offsets])[:, None], np.zeros(1)])
    return gan, places, slope, offsets


def test_both_gradients_are_those_by_hand_label_for_label():
    gan, places, slope, offsets = places_and_slopes()
    x, labels = np.array([0.2, -1.3, 0.9, 2.2, 0.1]), np.array([0, 2, 1, 2, 2])
    found = gradients(gan, x[:, None], y=labels, learning_rate=0.1)
    one_hot = np.eye(CLASSES)[labels]
    real, fake = slope * x + offsets[labels], slope * places[labels] + offsets[labels]
    of_logits = -expit(-real), expit(fake)
    by_hand = {
        "places": one_hot.T @ (-expit(-fake) * slope) / 5,
        "slope": np.mean(of_logits[0] * x + of_logits[1] * places[labels]),
        "offsets": one_hot.T @ (of_logits[0] + of_logits[1]) / 5,
    }
    assert found[0][1:, 0] == pytest.approx(by_hand["places"], abs=1e-5)
    assert found[2][0, 0] == pytest.approx(by_hand["slope"], abs=1e-5)
    assert found[2][1:, 0] == pytest.approx(by_hand["offsets"], abs=1e-5)


def test_the_losses_are_those_of_the_objective_given_the_labels():
    gan, places, slope, offsets = places_and_slopes(adversarial.least_squares)
    x, labels = RNG.normal(size=130), np.arange(130) % CLASSES
    real, fake = slope * x + offsets[labels], slope * places[labels] + offsets[labels]
    logs = gan.evaluate(x[:, None], labels, batch_size=64, return_dict=True)
    assert logs["discriminator_loss"] == pytest.approx(np.mean((real - 1) ** 2 + fake**2) / 2, rel=1e-4)
    assert logs["generator_loss"] == pytest.approx(np.mean((fake - 1) ** 2) / 2, rel=1e-4)
    assert logs["loss"] == pytest.approx(logs["discriminator_loss"] + logs["generator_loss"], rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("penalty", [None, R1(3.0)])
def test_a_penalty_is_on_the_slope_given_the_label_and_saved(penalty, tmp_path):
    """D(x, y) = s_y x: the slope is that of the label."""
    x, one_hot = keras.Input((1,)), keras.Input((CLASSES,))
    slope = keras.layers.Dense(1, use_bias=False)
    discriminator = keras.Model([x, one_hot], keras.layers.Multiply()([x, slope(one_hot)]))
    slopes = np.array([0.5, -1.0, 2.0])
    slope.set_weights([slopes[:, None]])
    generator = places_and_slopes()[0].generator
    gan = ConditionalGAN(generator, discriminator, adversarial.non_saturating, CLASSES, seed=0, penalty=penalty)
    logs = gan.evaluate(POINTS[:, :1], LABELS, return_dict=True)
    expected = 0.0 if penalty is None else 1.5 * np.mean(slopes[LABELS] ** 2)
    assert logs.get("penalty", 0.0) == pytest.approx(expected, rel=1e-4)
    assert logs["loss"] == pytest.approx(logs["discriminator_loss"] + logs["generator_loss"] + expected, rel=1e-4)
    gan.optimizer.build(gan.trainable_variables)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert loaded.evaluate(POINTS[:, :1], LABELS)[0] == pytest.approx(logs["loss"], rel=1e-5)


@pytest.mark.slow
def test_a_penalty_at_the_samples_moves_the_discriminator_alone():
    """D(x, y) = x² s_y has the slope 2 x s_y, which depends on where the samples are."""
    x, one_hot = keras.Input((1,)), keras.Input((CLASSES,))
    slope = keras.layers.Dense(1, use_bias=False)
    judge = keras.Model([x, one_hot], keras.layers.Multiply()([x, x, slope(one_hot)]))
    found = {}
    for penalty in (None, R2(4.0)):
        first, places, _, _ = places_and_slopes()
        slope.set_weights([np.array([[0.5], [-1.0], [2.0]])])
        gan = ConditionalGAN(first.generator, judge, adversarial.non_saturating, CLASSES, seed=0, penalty=penalty)
        found[penalty is None] = gradients(gan, POINTS[:, :1], y=LABELS, learning_rate=0.01)
    with_penalty, without = found[False], found[True]
    assert with_penalty[0] == pytest.approx(without[0], abs=1e-4)
    share = np.bincount(LABELS) / len(LABELS)
    by_hand = share * 4.0 * 4 * places**2 * np.array([0.5, -1.0, 2.0])
    assert (with_penalty[2] - without[2])[:, 0] == pytest.approx(by_hand, abs=1e-3)


def test_samples_are_of_the_classes_that_were_asked_for_and_follow_the_noise():
    gan, places, _, _ = places_and_slopes()
    gan.generator.set_weights([np.concatenate([[2.0], places])[:, None], np.zeros(1)])
    labels = np.arange(30_000) % CLASSES
    samples = gan.sample(30_000, labels)
    for label, place in enumerate(places):
        assert samples[labels == label].mean() == pytest.approx(place, abs=6 * 2 / np.sqrt(10_000))
        assert samples[labels == label].std() == pytest.approx(2, abs=6 * 2 / np.sqrt(20_000))
    assert np.array_equal(gan.sample(4, 1, seed=3), gan.sample(4, [1, 1, 1, 1], seed=3))
    assert gan.sample(4, np.int64(2), seed=3) == pytest.approx(gan.sample(4, 1, seed=3) + 1.5, abs=1e-5)
    assert not np.array_equal(gan.sample(4, 1), gan.sample(4, 1))


def test_the_samples_of_a_step_carry_the_labels_of_its_data():
    gan, places, _, _ = places_and_slopes()
    y_pred = gan((POINTS[:, :1].astype("float32"), LABELS), training=True)
    assert to_numpy(y_pred["samples"])[:, 0] == pytest.approx(places[LABELS], abs=1e-6)


def test_noise_differs_between_examples_and_steps_and_evaluation_repeats_its_own():
    gan, x = small_conditional_gan(), POINTS.astype("float32")
    first, second = (to_numpy(gan((x, LABELS), training=True)["samples"]) for _ in range(2))
    assert len(np.unique(first, axis=0)) == len(first)
    assert not np.allclose(first, second)
    assert gan.evaluate(POINTS, LABELS) == gan.evaluate(POINTS, LABELS)


@pytest.mark.slow
def test_validation_and_evaluation_agree():
    gan = small_conditional_gan()
    gan.compile(jit_compile=False, steps_per_execution=1)
    history = gan.fit(POINTS, LABELS, verbose=0, batch_size=32, validation_data=(POINTS[:75], LABELS[:75])).history
    assert gan.evaluate(POINTS[:75], LABELS[:75], batch_size=32)[0] == pytest.approx(history["val_loss"][-1], rel=1e-5)


@pytest.mark.slow
def test_saving_and_loading_keeps_networks_scales_and_classes(tmp_path):
    gan = small_conditional_gan(seed=4)
    gan.compile(learning_rate=0.01, generator_scale=0.5, jit_compile=False, steps_per_execution=1)
    gan.fit(POINTS, LABELS, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert np.array_equal(loaded.sample(6, [0, 1, 2] * 2, seed=1), gan.sample(6, [0, 1, 2] * 2, seed=1))
    assert loaded.objective is adversarial.non_saturating
    assert loaded.optimizer.step_scales == gan.optimizer.step_scales
    assert loaded.num_classes == CLASSES


def with_discriminator(discriminator):
    return ConditionalGAN(small_conditional_gan().generator, discriminator, adversarial.minimax, CLASSES)


def sigmoid_discriminator():
    x, one_hot = keras.Input((2,)), keras.Input((CLASSES,))
    logit = keras.layers.Dense(1, activation="sigmoid")(keras.layers.Concatenate()([x, one_hot]))
    return keras.Model([x, one_hot], logit)


def frozen():
    gan = small_conditional_gan()
    gan.generator.trainable = False
    return gan


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: with_discriminator(networks.dense_discriminator((2,))), "discriminator takes two inputs"),
        (lambda: with_discriminator(networks.dense_conditional_discriminator((2,), 4)), "for 3 classes"),
        (lambda: with_discriminator(networks.dense_conditional_discriminator((3,), CLASSES)), "discriminator expects"),
        (lambda: with_discriminator(sigmoid_discriminator()), "must return logits"),
        (lambda: with_discriminator(small_conditional_gan().generator), "must return one logit"),
        (lambda: with_discriminator(keras.Sequential([keras.layers.Dense(1)])), "functional Keras model"),
        (lambda: frozen().fit(POINTS, LABELS), "is it frozen"),
        (lambda: small_conditional_gan().fit(POINTS), "needs an integer label"),
        (lambda: small_conditional_gan().fit(POINTS, LABELS + 1), "must lie in 0 … 2"),
        (lambda: small_conditional_gan().fit(POINTS[:, :1], LABELS), "must have shape"),
        (lambda: small_conditional_gan().sample(3, [0, 1]), "one label per example"),
        (lambda: small_conditional_gan().sample(3, 3), "must lie in 0 … 2"),
        (lambda: small_conditional_gan().compile(optimizer="adam", generator_scale=0.5), "Give either an optimizer"),
    ],
)
def test_bad_input_gets_a_sentence_that_says_how_to_repair_it(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_conditional_generators_end_in_the_activation_that_was_asked_for(activation):
    generator = networks.dense_conditional_generator(2, (4, 4, 1), CLASSES, (8,), output_activation=activation)
    made = to_numpy(generator([30 * RNG.normal(size=(50, 2)).astype("float32"), np.eye(3, dtype="float32")[[0] * 50]]))
    assert made.shape == (50, 4, 4, 1)
    assert made.min() >= {"sigmoid": 0, "tanh": -1}[activation]
    assert made.max() <= 1
