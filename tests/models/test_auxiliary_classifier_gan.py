import keras
import numpy as np
import pytest
from scipy.special import expit, log_softmax, softmax

from course_lib import networks
from course_lib.formulas import adversarial
from course_lib.formulas.gradient_penalties import R1
from course_lib.models import AuxiliaryClassifierGAN
from course_lib.training.model import to_numpy
from tests.small import gradients

pytestmark = pytest.mark.backend
CLASSES = 3
RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, CLASSES, 150)
POINTS = RNG.normal(size=(150, 1)) + LABELS[:, None]
PLACES, SLOPE, CLASS_SLOPES = np.array([-1.0, 0.5, 2.0]), 0.7, np.array([-0.8, 0.1, 0.6])
ONE_HOT = np.eye(CLASSES)[LABELS]


def places_and_slopes(classification_weight=1.0, objective=adversarial.non_saturating, penalty=None):
    """G(z, y) = θ_y whatever z, D(x) = ψ x, class logits c x."""
    gan = AuxiliaryClassifierGAN(
        networks.dense_conditional_generator(1, (1,), CLASSES, (), output_activation=None),
        networks.dense_classifying_discriminator((1,), CLASSES, ()),
        objective,
        CLASSES,
        classification_weight=classification_weight,
        seed=0,
        penalty=penalty,
    )
    gan.generator.set_weights([np.concatenate([[0.0], PLACES])[:, None], np.zeros(1)])
    gan.discriminator.set_weights([np.array([[SLOPE]]), np.zeros(1), CLASS_SLOPES[None], np.zeros(CLASSES)])
    return gan


@pytest.mark.parametrize("weight", [0.0, 1.0, 2.5])
def test_every_gradient_is_the_one_by_hand(weight):
    found = gradients(places_and_slopes(weight), POINTS, y=LABELS, learning_rate=0.1)
    x, fake = POINTS[:, 0], PLACES[LABELS]
    wrong_real = softmax(np.outer(x, CLASS_SLOPES), axis=1) - ONE_HOT  # the gradient of −log C for the class logits
    wrong_fake = softmax(np.outer(fake, CLASS_SLOPES), axis=1) - ONE_HOT
    of_samples = -expit(-SLOPE * fake) * SLOPE + weight * wrong_fake @ CLASS_SLOPES
    of_slope = np.mean(-expit(-SLOPE * x) * x + expit(SLOPE * fake) * fake)
    of_class_slopes = weight * np.mean(wrong_real * x[:, None] + wrong_fake * fake[:, None], axis=0)
    assert found[0][1:, 0] == pytest.approx(ONE_HOT.T @ of_samples / 150, abs=1e-5)
    assert found[2][0, 0] == pytest.approx(of_slope, abs=1e-5)
    assert found[4][0] == pytest.approx(of_class_slopes, abs=1e-5)


def test_the_losses_and_the_tracked_terms_are_the_objective_and_the_cross_entropies():
    gan = places_and_slopes(2.0, adversarial.least_squares)
    x, fake = POINTS[:, 0], PLACES[LABELS]
    cross_entropy = [-(log_softmax(np.outer(v, CLASS_SLOPES), axis=1) * ONE_HOT).sum(axis=1).mean() for v in (x, fake)]
    discriminator_loss = np.mean((SLOPE * x - 1) ** 2 + (SLOPE * fake) ** 2) / 2
    generator_loss = np.mean((SLOPE * fake - 1) ** 2) / 2
    logs = gan.evaluate(POINTS, LABELS, batch_size=64, return_dict=True)
    assert logs["real_class_loss"] == pytest.approx(cross_entropy[0], rel=1e-4)
    assert logs["generated_class_loss"] == pytest.approx(cross_entropy[1], rel=1e-4)
    assert logs["discriminator_loss"] == pytest.approx(discriminator_loss, rel=1e-4)
    total = discriminator_loss + generator_loss + 2.0 * (cross_entropy[0] + 2 * cross_entropy[1])
    assert logs["loss"] == pytest.approx(total, rel=1e-4)


@pytest.mark.slow
def test_a_penalty_is_on_the_slope_of_the_logit_alone():
    plain, penalised = places_and_slopes(), places_and_slopes(penalty=R1(3.0))
    a, b = (gradients(gan, POINTS, y=LABELS, learning_rate=0.1) for gan in (plain, penalised))
    assert b[2][0, 0] - a[2][0, 0] == pytest.approx(3.0 * SLOPE, abs=1e-4)
    for k in (0, 3, 4, 5):
        np.testing.assert_allclose(b[k], a[k], atol=1e-5)


def test_samples_follow_the_label_and_the_discriminator_is_not_told_it():
    gan = places_and_slopes()
    assert gan.sample(6, [0, 1, 2, 2, 1, 0])[:, 0] == pytest.approx(PLACES[[0, 1, 2, 2, 1, 0]], abs=1e-6)
    y_pred = gan((POINTS.astype("float32"), LABELS), training=True)
    assert to_numpy(y_pred["samples"])[:, 0] == pytest.approx(PLACES[LABELS], abs=1e-6)
    assert len(gan.discriminator.inputs) == 1


@pytest.mark.slow
def test_saving_and_loading_keeps_networks_and_weight(tmp_path):
    gan = places_and_slopes(0.25)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert np.array_equal(loaded.sample(3, [0, 1, 2], seed=1), gan.sample(3, [0, 1, 2], seed=1))
    assert (loaded.classification_weight, loaded.num_classes) == (0.25, CLASSES)
    assert loaded.evaluate(POINTS, LABELS)[0] == pytest.approx(gan.evaluate(POINTS, LABELS)[0], rel=1e-6)


def with_discriminator(discriminator):
    return AuxiliaryClassifierGAN(places_and_slopes().generator, discriminator, adversarial.minimax, CLASSES)


def softmax_discriminator():
    x = keras.Input((1,))
    return keras.Model(x, [keras.layers.Dense(1)(x), keras.layers.Dense(CLASSES, activation="softmax")(x)])


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: with_discriminator(networks.dense_discriminator((1,))), "must return two outputs"),
        (lambda: with_discriminator(networks.dense_classifying_discriminator((1,), 4)), r"\(batch, 3\)"),
        (lambda: with_discriminator(networks.dense_classifying_discriminator((2,), 3)), "discriminator expects"),
        (lambda: with_discriminator(networks.dense_conditional_discriminator((1,), 3)), "must return two outputs"),
        (lambda: with_discriminator(softmax_discriminator()), "must return logits"),
        (lambda: places_and_slopes(-1.0), "must be ≥ 0"),
        (lambda: places_and_slopes().fit(POINTS), "needs an integer label"),
    ],
)
def test_bad_input_gets_a_sentence_that_says_how_to_repair_it(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
