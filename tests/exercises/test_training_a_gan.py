"""The checks on training a GAN: right answers in other words are accepted, and wrong ones that look right are not."""

import keras
import numpy as np
import pytest

from course_lib.exercises import training_a_gan

RIGHT = "right"


def stable(logits):
    return np.log1p(np.exp(-np.abs(logits))) + np.maximum(logits, 0)


def batch_norm_of_squares(x, mean, variance, training):
    if training:
        centre, spread = x.sum(0) / len(x), (x**2).mean(0) - x.mean(0) ** 2
        return (x - centre) / (spread + 1e-3) ** 0.5, mean + 0.01 * (centre - mean), 0.99 * variance + 0.01 * spread
    return (x - mean) / (variance + 1e-3) ** 0.5, mean, variance


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (training_a_gan.DIRECTIONS, lambda of_d, of_g: [of_g[0], of_d[-1]]),
        (training_a_gan.DIAGNOSES, {name: bug.upper() for name, bug in training_a_gan.runs.items()}),
        (training_a_gan.ONE_SIGMOID, lambda real, fake: stable(-real) + stable(fake)),
        (training_a_gan.FLOOR, 1.0064),
        (training_a_gan.SMOOTHED, lambda p, q, t, s: t / (1 + q / p) + s / (1 + p / q)),
        (training_a_gan.BATCH_NORM, batch_norm_of_squares),
        (training_a_gan.EVIDENCE, ("d", "b")),
    ],
)
def test_a_right_answer_in_other_words_is_accepted(exercise, answer):
    assert exercise.judge(answer) == RIGHT


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (training_a_gan.DIRECTIONS, lambda of_d, of_g: (of_g[0], of_d[0])),
        (training_a_gan.DIAGNOSES, dict.fromkeys("PQRST", "healthy")),
        (training_a_gan.FLOOR, 1.02),
        (
            training_a_gan.ONE_SIGMOID,
            lambda real, fake: -np.log(1 / (1 + np.exp(-real))) - np.log(1 / (1 + np.exp(fake))),
        ),
        (training_a_gan.BATCH_NORM, lambda x, mean, variance, training: (x, mean, variance)),
        (training_a_gan.EVIDENCE, set()),
        (training_a_gan.EVIDENCE, {"a", "c"}),
    ],
)
def test_a_wrong_answer_without_a_name_is_refused(exercise, answer):
    assert exercise.judge(answer).startswith("not yet: ")


def test_the_floor_of_two_sigmoids_is_what_a_search_finds():
    probabilities = np.linspace(0, 1, 101)  # what the first sigmoid can give
    real, fake = np.meshgrid(probabilities, probabilities)
    assert training_a_gan.FLOOR.reference == pytest.approx((stable(-real) + stable(fake)).min(), abs=1e-12)


def test_the_best_smoothed_discriminator_is_what_a_search_finds():
    p, q, t, s = np.array([0.5, 0.02]), np.array([0.1, 0.6]), 0.9, 0.1
    y = np.linspace(0.0005, 0.9995, 1999)[:, None]
    loss = -(t * p + s * q) * np.log(y) - ((1 - t) * p + (1 - s) * q) * np.log(1 - y)
    assert training_a_gan.SMOOTHED.reference(p, q, t, s) == pytest.approx(y[loss.argmin(axis=0), 0], abs=5e-4)


def test_batch_normalisation_is_that_of_keras():
    import keras

    rng = np.random.default_rng(0)
    x, mean, variance = rng.normal(2.0, 3.0, size=(6, 4)), rng.normal(size=4), rng.gamma(2.0, size=4)
    for training in (True, False):
        layer = keras.layers.BatchNormalization(center=False, scale=False)
        layer.build(x.shape)
        layer.set_weights([mean, variance])
        found = keras.ops.convert_to_numpy(layer(x.astype("float32"), training=training))
        expected = training_a_gan.BATCH_NORM.reference(x, mean, variance, training)
        for one, other in zip((found, *layer.get_weights()), expected, strict=True):
            assert one == pytest.approx(other, abs=1e-4)


def test_both_modes_of_batch_normalisation_are_tried():
    modes = {
        training_a_gan.BATCH_NORM.inputs(np.random.default_rng(seed))[3]
        for seed in range(training_a_gan.BATCH_NORM.draws)
    }
    assert modes == {True, False}


def forgetting_to_freeze_again(discriminator, combined, images, labels, noise):
    discriminator.trainable = True
    discriminator.train_on_batch(images, labels)
    combined.train_on_batch(noise, np.ones((len(noise), 1)))


def the_other_way_round(discriminator, combined, images, labels, noise):
    discriminator.trainable = False
    combined.train_on_batch(noise, np.ones((len(noise), 1)))
    discriminator.trainable = True
    discriminator.train_on_batch(images, labels)


def with_the_label_of_samples(discriminator, combined, images, labels, noise):
    discriminator.trainable = True
    discriminator.train_on_batch(images, labels)
    discriminator.trainable = False
    combined.train_on_batch(noise, np.zeros((len(noise), 1)))


def with_one_network_left_out(discriminator, combined, images, labels, noise):
    discriminator.trainable = True
    discriminator.train_on_batch(images, labels)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (forgetting_to_freeze_again, "the generator's step moves it too"),
        (the_other_way_round, RIGHT),
        (with_the_label_of_samples, "learns to be *recognised*"),
        (with_one_network_left_out, "each round trains both"),
        ("freeze it", "hand over the function"),
    ],
)
def test_a_round_of_training_is_judged_by_what_moves(answer, said):
    assert said in training_a_gan.FROZEN_ROUND.judge(answer)


@pytest.mark.parametrize("run_eagerly", [True, False])
@pytest.mark.parametrize("trainable", [True, False])
@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights:UserWarning")
def test_keras_reads_trainable_when_the_hint_says_so(run_eagerly, trainable):
    import keras

    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.trainable = not trainable  # what stands here in `compile` is not remembered

    def compiled():
        network.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=run_eagerly, jit_compile=False)

    def moves():
        before = network.get_weights()
        network.train_on_batch(np.ones((4, 2)), np.full((4, 1), 5.0))
        return not np.array_equal(before[0], network.get_weights()[0])

    compiled()
    network.trainable = trainable
    assert moves() == trainable
    network.trainable = not trainable
    assert moves() == ((not trainable) if run_eagerly else trainable), "a compiled step keeps to its first call"
    compiled()
    assert moves() == (not trainable)


def detached(generator, discriminator, descend, images, noise):
    from keras import ops

    samples = ops.stop_gradient(generator(noise))

    def of_d():
        return ops.mean(ops.softplus(-discriminator(images))) + ops.mean(ops.softplus(discriminator(samples)))

    descend(discriminator, of_d)
    descend(generator, lambda: -ops.mean(ops.log_sigmoid(discriminator(generator(noise)))))


def the_generator_first(generator, discriminator, descend, images, noise):
    import keras
    from keras import ops

    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    yes, no = ops.ones((len(images), 1)), ops.zeros((len(images), 1))
    descend(generator, lambda: cross_entropy(yes, discriminator(generator(noise))))
    descend(
        discriminator,
        lambda: cross_entropy(yes, discriminator(images)) + cross_entropy(no, discriminator(generator(noise))),
    )


def with_its_size_named(generator, discriminator, descend, images, noise):
    def with_a_size(network, loss):
        descend(network, loss, rate=0.1)

    training_a_gan.ONE_ROUND.reference()(generator, discriminator, with_a_size, images, noise)


def with_a_step_of_its_own(generator, discriminator, descend, images, noise):
    training_a_gan.ONE_ROUND.reference()(generator, discriminator, training_a_gan.descend, images, noise)


def least_squares(generator, discriminator, descend, images, noise):
    from keras import ops

    descend(discriminator, lambda: ops.mean((discriminator(images) - 1) ** 2 + discriminator(generator(noise)) ** 2))
    descend(generator, lambda: ops.mean(ops.softplus(-discriminator(generator(noise)))))


def with_probabilities(generator, discriminator, descend, images, noise):
    from keras import ops

    cross_entropy, yes = keras.losses.BinaryCrossentropy(), ops.ones((len(images), 1))
    descend(
        discriminator,
        lambda: cross_entropy(yes, discriminator(images)) + cross_entropy(0 * yes, discriminator(generator(noise))),
    )
    descend(generator, lambda: cross_entropy(yes, discriminator(generator(noise))))


def with_d_held_fixed(generator, discriminator, descend, images, noise):
    from keras import ops

    def of_d():
        real, fake = discriminator(images), discriminator(generator(noise))
        return ops.mean(ops.stop_gradient(ops.softplus(-real) + ops.softplus(fake)))

    descend(discriminator, of_d)
    descend(generator, lambda: ops.mean(ops.softplus(-discriminator(generator(noise)))))


def with_g_on_the_images(generator, discriminator, descend, images, noise):
    from keras import ops

    def of_d():
        return ops.mean(ops.softplus(-discriminator(images)) + ops.softplus(discriminator(generator(noise))))

    descend(discriminator, of_d)
    descend(generator, lambda: ops.mean(ops.softplus(-discriminator(images))))


def freezing_first(generator, discriminator, descend, images, noise):
    discriminator.trainable = False
    training_a_gan.ONE_ROUND.reference()(generator, discriminator, descend, images, noise)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (detached, RIGHT),
        (the_generator_first, "A step of D comes first"),
        (training_a_gan._logits_made_before, "your discriminator does not move: no gradient passes"),
        (with_d_held_fixed, "your discriminator does not move: no gradient passes"),
        (with_g_on_the_images, "must contain `discriminator(generator(noise))`"),
        (freezing_first, "`discriminator.trainable` is False where its own step is taken"),
        (lambda g, d, descend: None, "called with 5 arguments, and takes: g, d, descend"),
        (least_squares, "otherwise than the losses ask"),
        (lambda generator, discriminator, descend, images, noise: None, "not answered yet"),
        ("a round", "hand over the function"),
        (with_probabilities, "without `from_logits=True`"),
        (with_its_size_named, RIGHT),
        (with_a_step_of_its_own, "take each step with that one"),
        (
            lambda generator, discriminator, descend, images, noise: descend(keras.Sequential(), lambda: 0),
            "one of the two networks",
        ),
        (lambda g, d, descend, x, noise: descend(g, 0.5), "a function that computes"),
    ],
)
def test_one_round_is_judged_by_where_the_weights_go(answer, said):
    assert said in training_a_gan.ONE_ROUND.judge(answer)


def test_a_step_goes_down_the_loss_by_its_size_and_moves_one_network_alone():
    layers = keras.layers
    players = [keras.Sequential([keras.Input((2,)), layers.Dense(1, use_bias=False)]) for _ in range(2)]
    for player in players:
        player.set_weights([np.float32([[1], [-2]])])
    x = keras.ops.convert_to_tensor(np.float32([[3, 1]]))
    training_a_gan.descend(players[0], lambda: (players[0](x)[0, 0] - players[1](x)[0, 0] - 1) ** 2, rate=0.25)
    np.testing.assert_allclose(players[0].get_weights()[0], [[1 + 0.25 * 2 * 3], [-2 + 0.25 * 2 * 1]], rtol=1e-6)
    np.testing.assert_array_equal(players[1].get_weights()[0], [[1], [-2]])
