import keras
import numpy as np
import pytest

from course_lib.formulas import adversarial
from course_lib.models import ConditionalGAN
from course_lib.models.adversaries import (
    check_discriminator,
    check_not_frozen,
    checked_weight,
    held_still,
    judged_twice,
    two_time_scales,
)
from course_lib.training.model import to_numpy
from tests.small import data_of, every_model, small_gan, values

pytestmark = pytest.mark.backend
POINTS = np.random.default_rng(0).normal(size=(20, 2)).astype("float32")


def judge():
    """With everything that has a state, batch normalisation and dropout, and a second input beside the samples."""
    x, beside = keras.Input((2,)), keras.Input((3,))
    features = keras.layers.Dense(8)(keras.layers.Concatenate()([x, beside]))
    features = keras.layers.Dropout(0.5, seed=0)(keras.layers.BatchNormalization()(features))
    return keras.Model([x, beside], keras.layers.Dense(1)(features))


def beside():
    return keras.ops.convert_to_tensor(np.eye(3, dtype="float32")[np.arange(len(POINTS)) % 3])


def test_what_is_held_still_moves_no_state_and_works_as_in_training():
    network, inputs = judge(), [keras.ops.convert_to_tensor(POINTS), beside()]
    before = values(network.non_trainable_variables)
    still = to_numpy(held_still(network, inputs, training=False))
    assert still == pytest.approx(to_numpy(network(inputs, training=False)), abs=1e-6)
    in_training = to_numpy(held_still(network, inputs, training=True))
    assert not np.allclose(still, in_training, atol=1e-2), "batch statistics and dropout must work as in training"
    after = values(network.non_trainable_variables)
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def moved_by(answer):
    """How far a step along an answer's sum moves the samples' maker, and the judge."""
    network = judge()

    class Players(keras.Model):
        def __init__(self):
            super().__init__()
            self.judge, self.maker = network, keras.layers.Dense(2, kernel_initializer="identity", name="maker")
            self.maker.build((None, 2))

        def call(self, x, training=None):
            return answer(self.judge, self.maker(x))

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return keras.ops.sum(y_pred)

    players = Players()
    players.compile(keras.optimizers.SGD(1.0), jit_compile=False)
    weights = players.maker.trainable_variables, network.trainable_variables
    before = [values(each) for each in weights]
    players.fit(POINTS, np.zeros(len(POINTS)), epochs=1, batch_size=len(POINTS), verbose=0)
    steps = [map(np.subtract, values(each), first) for each, first in zip(weights, before, strict=True)]
    return [max(np.abs(step).max() for step in each) for each in steps]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Gradients do not exist:UserWarning")  # one player stands still
@pytest.mark.parametrize(("position", "maker_moves"), [(0, False), (1, True)])
def test_each_verdict_moves_its_own_player_alone(position, maker_moves):
    def answer(network, samples):
        return judged_twice(network, samples, beside=(beside(),))[position]

    maker, network = moved_by(answer)
    assert (maker > 0, network > 0) == (maker_moves, not maker_moves)


def test_the_two_verdicts_on_samples_are_the_same_numbers():
    network, samples = judge(), keras.ops.convert_to_tensor(POINTS)
    first, second = (to_numpy(each) for each in judged_twice(network, samples, beside=(beside(),)))
    assert first == pytest.approx(second, abs=1e-6)
    assert first == pytest.approx(to_numpy(network([samples, beside()])), abs=1e-6)


def two_scales(optimizer=None, learning_rate=None, generator=1.0, discriminator=1.0):
    gan = small_gan()
    return two_time_scales(
        optimizer,
        learning_rate,
        0.002,
        generator_scale=(generator, gan.generator.trainable_variables),
        discriminator_scale=(discriminator, gan.discriminator.trainable_variables),
    )


def test_the_default_is_adam_with_little_momentum_and_a_scale_for_each_variable():
    adam = two_scales(generator=0.5, discriminator=3.0)
    assert (adam.beta_1, adam.step_scales) == (0.5, [0.5] * 4 + [3.0] * 4)
    assert float(adam.learning_rate) == pytest.approx(0.002)
    assert float(two_scales(learning_rate=0.01).learning_rate) == pytest.approx(0.01)
    assert float(two_scales(learning_rate=0.0).learning_rate) == 0.0, "a rate of 0 holds still; it is not the default"


def test_an_optimiser_of_ones_own_is_used_as_it_is():
    own = keras.optimizers.SGD(0.1)
    assert two_scales(own) is own


@pytest.mark.parametrize("options", [{"learning_rate": 0.1}, {"generator": 2.0}, {"discriminator": 0.0}])
def test_an_optimiser_of_ones_own_together_with_options_of_the_default_is_refused(options):
    with pytest.raises(ValueError, match="either an optimizer, or learning_rate, generator_scale and discriminator_sc"):
        two_scales("sgd", **options)


def rich_conditional_gan():
    """With everything that has a state, in both networks."""
    z, one_hot = keras.Input((2,)), keras.Input((3,))
    made = keras.layers.Dense(8)(keras.layers.Concatenate()([z, one_hot]))
    made = keras.layers.Dense(2)(keras.layers.BatchNormalization()(made))
    return ConditionalGAN(keras.Model([z, one_hot], made), judge(), adversarial.non_saturating, 3, seed=0)


def networks_of(model):
    """The networks of each player, by the name of the player's step scale."""
    makers = ["generator"] if hasattr(model, "generator") else ["encoder", "decoder"]
    names = {"generator" if len(makers) == 1 else "autoencoder": makers, "discriminator": ["discriminator"]}
    return {player: [getattr(model, name) for name in names[player]] for player in names}


@pytest.mark.parametrize("still", [0, 1], ids=["maker", "discriminator"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("VAEGAN", marks=pytest.mark.slow),
        pytest.param("AdversarialAutoencoder", marks=pytest.mark.exhaustive),
        pytest.param("ConditionalGAN", marks=pytest.mark.exhaustive),
        pytest.param("AuxiliaryClassifierGAN", marks=pytest.mark.exhaustive),
    ],
)
def test_networks_with_step_scale_zero_keep_their_weights_and_the_others_move(name, still):
    is_rich = name == "ConditionalGAN"
    model = rich_conditional_gan() if is_rich else every_model()[name]
    data = (POINTS, np.arange(len(POINTS)) % 3) if is_rich else data_of(name, 128)
    players = networks_of(model)
    held, moving = list(players)[still], list(players)[1 - still]

    def weights(player):
        return values([variable for network in players[player] for variable in network.trainable_variables])

    before = weights(held), weights(moving)
    model.compile(**{f"{held}_scale": 0.0}, jit_compile=False, steps_per_execution=1)
    model.fit(*data, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before[0], weights(held), strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(before[1], weights(moving), strict=True))


def ending_in(activation, units=1):
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(units, activation=activation)])


def test_a_discriminator_must_return_logits_of_the_right_shape():
    check_discriminator(ending_in(None))
    with pytest.raises(ValueError, match=r"one logit, shape \(batch, 1\); got \[\(3,\)\]"):
        check_discriminator(ending_in(None, units=3))
    with pytest.raises(ValueError, match=r"logits of the classes \(batch, 4\)"):
        check_discriminator(ending_in(None), num_classes=4)
    for activation in ("sigmoid", "softmax", "hard_sigmoid"):
        with pytest.raises(ValueError, match="must return logits"):
            check_discriminator(ending_in(activation))


def test_a_frozen_network_is_named():
    frozen = ending_in(None)
    frozen.trainable = False
    check_not_frozen(judge=ending_in(None))
    with pytest.raises(ValueError, match=r"The judge has no trainable weights: is it frozen"):
        check_not_frozen(judge=frozen)


def test_a_weight_of_a_loss_is_a_finite_number_that_is_not_negative():
    assert checked_weight(0, "adversarial_weight") == 0
    with pytest.raises(ValueError, match="adversarial_weight must be ≥ 0; got -1"):
        checked_weight(-1, "adversarial_weight")
