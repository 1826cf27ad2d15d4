"""What holds for all models: options outlive a copy, metrics are what they are called, who asks does not train."""

import inspect

import keras
import numpy as np
import pytest

from course_lib import layers, networks, priors
from course_lib.formulas import R1, GradientPenalty, Sparse, adversarial
from course_lib.models import GAN, ParallelGAN
from course_lib.training import ScaledAdam, to_numpy
from tests.small import data_of, every_model, gradients, values

pytestmark = pytest.mark.backend
NAMES = list(every_model())
UNUSUAL = {  # a value of each option that is not its default
    "beta": 0.25,
    "seed": 5,
    "free_bits": 0.2,
    "num_samples": 3,
    "adversarial_weight": 2.5,
    "classification_weight": 0.7,
    "packing": 2,
    "hidden_units": (7, 5),
    "activation": "tanh",
    "name": "mine",
    "trainable": False,
}


# --- one model made from another


def point_generator(hidden=()):
    return networks.dense_generator(2, (2,), hidden, output_activation=None)


@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_a_model_is_in_its_configuration_and_outlives_it(name):
    model = every_model()[name]
    config = model.get_config()
    options = set(inspect.signature(type(model).__init__).parameters) - {"self", "kwargs"}
    assert options <= set(config)
    if name == "ParallelGAN":
        given = {"packing": 2}  # beside its inherited options, which it takes by name
    else:
        given = {key: value for key, value in UNUSUAL.items() if key in options | {"name", "trainable"}}
    changed = {**config, **{key: value for key, value in given.items() if key != "packing"}}
    again = type(model).from_config(dict(changed)).get_config()
    assert {key: again[key] for key in given if key != "packing"} == {
        key: changed[key] for key in given if key != "packing"
    }
    assert set(again) == set(config)


@pytest.mark.parametrize(
    "option",
    [{"penalty": R1(3.0)}, {"penalty": GradientPenalty(2.0, one_sided=True)}, {"packing": 2}],
    ids=["R1", "gradient penalty", "packing"],
)
@pytest.mark.parametrize("kind", [GAN, ParallelGAN])
def test_penalties_and_packs_of_a_gan_outlive_its_configuration(kind, option):
    packed = 2 * option.get("packing", 1)
    if kind is GAN:
        parts = point_generator((4,)), networks.dense_discriminator((packed,), (4,))
        model = GAN(*parts, adversarial.hinge, seed=1, **option)
    else:
        parts = networks.parallel_generator(2, 2, 3, (4,)), networks.parallel_discriminator(packed, 3, (4,))
        model = ParallelGAN(*parts, adversarial.hinge, copies=3, seed=1, **option)
    again = kind.from_config(model.get_config())
    assert again.get_config() == model.get_config()
    [(name, value)] = option.items()
    assert repr(getattr(again, name)) == repr(value)
    assert again.objective is adversarial.hinge


@pytest.mark.parametrize(
    "part",
    [
        layers.Sampling(seed=4),
        layers.GumbelSoftmax(0.7, hard=True, seed=4),
        layers.VectorQuantizer(6, 3, ema_decay=0.9, revive_below=1.5, seed=4),
        layers.ParallelDense(4, 3, "tanh", True),
        layers.Noise(3, seed=4),
        Sparse(0.3, 0.1),
        adversarial.OneSidedSmoothing(0.8),
        priors.GaussianMixturePrior(2, 3),
        ScaledAdam([1.0, 0.5], learning_rate=0.02, beta_1=0.4),
    ],
    ids=lambda part: type(part).__name__,
)
def test_every_option_of_a_part_is_in_its_configuration_and_outlives_it(part):
    config = part.get_config()
    options = inspect.signature(type(part).__init__).parameters.values()
    named = {option.name for option in options if option.kind is option.POSITIONAL_OR_KEYWORD} - {"self"}
    assert named <= set(config)
    assert type(part).from_config(dict(config)).get_config() == config


# --- metrics are what they are called


def answers_of(model, data):
    """What `call` answers in evaluation, with the draws of `evaluate`."""
    for draw in model.evaluation_draws:
        draw.rewind()
    return model(data if len(data) == 2 else data[0], training=False)


def player_losses(model, y_pred):
    logits = (y_pred[key] for key in ("real_logits", "fake_logits", "generator_logits"))
    return [numbers(loss).mean() for loss in model.objective(*logits)]


def numbers(value):
    return np.asarray(to_numpy(value), "float64")


@pytest.mark.parametrize("name", ["VAE", "ConditionalVAE", "VAEGAN", "IWAE"])
def test_a_reported_reconstruction_and_kl_are_those_quantities_and_not_their_sum_or_bound(name):
    model, data = every_model()[name], data_of(name)
    y_pred = answers_of(model, data)
    told = model.evaluate(*data, verbose=0, return_dict=True)
    x = data[0]
    logits = numbers(y_pred["parameters"][0]).reshape(len(x), -1, *x.shape[1:])
    log_prob = -np.logaddexp(0, -logits) * x[:, None] - np.logaddexp(0, logits) * (1 - x[:, None])
    reconstruction = -log_prob.sum(axis=(2, 3, 4)).mean()
    assert told["reconstruction"] == pytest.approx(reconstruction, rel=0.02 if name == "IWAE" else 1e-4)
    mean, log_var = (numbers(y_pred[key]) for key in ("mean", "log_var"))
    kl = 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(axis=1).mean()
    if name != "IWAE":  # there it is estimated from the draws
        assert told["kl"] == pytest.approx(kl, rel=1e-4)
    assert told["kl"] != pytest.approx(told["reconstruction"], rel=0.1)


@pytest.mark.parametrize(
    "name", ["GAN", "ConditionalGAN", "VAEGAN", "AdversarialAutoencoder", "AuxiliaryClassifierGAN"]
)
def test_a_reported_loss_of_a_player_is_his_own(name):
    model, data = every_model(objective=adversarial.hinge)[name], data_of(name)
    told = model.evaluate(*data, verbose=0, return_dict=True)
    y_pred = answers_of(model, data)
    if name == "VAEGAN":
        verdicts = [model.objective(y_pred["real_logits"], *each) for each in y_pred["verdicts"].values()]
        losses = [np.mean([numbers(pair[i]).mean() for pair in verdicts]) for i in (0, 1)]
    else:
        losses = player_losses(model, y_pred)
    assert [told["discriminator_loss"], told["generator_loss"]] == pytest.approx(losses, rel=1e-4, abs=1e-5)
    assert losses[0] > losses[1] + 0.3  # at the start 2 and 0


# --- networks rest where nothing is trained


SEEN = []


@keras.saving.register_keras_serializable("tests")
class Watch(keras.layers.Layer):
    """Passes on what it is given, and notes whether it was in training."""

    def call(self, x, training=None):
        SEEN.append(bool(training))
        return x


def watched(network):
    """The same network behind a `Watch`, a dropout and a batch normalisation of its first input."""
    inputs = [keras.Input(each.shape[1:]) for each in network.inputs]
    first = keras.layers.BatchNormalization()(keras.layers.Dropout(0.5, seed=0)(Watch()(inputs[0])))
    answers = network([first, *inputs[1:]] if len(inputs) > 1 else first)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], answers, name=network.name)


def with_watched(name, part):
    """A model, one of whose networks is watched."""
    model = every_model()[name]
    config = model.get_config()
    config[part] = keras.saving.serialize_keras_object(watched(getattr(model, part)))
    return type(model).from_config(config)


PARTS = [
    (name, part)
    for name, model in every_model().items()
    for part in ("encoder", "decoder", "generator", "discriminator")
    if hasattr(model, part) and name != "ParallelGAN"
]


def everything_untrained(model, name, data):
    """Each method that only asks."""
    x, labels = data[0], data[1:]
    asked = []
    for method in ("encode", "elbo", "bound", "reconstruct"):
        if hasattr(model, method):
            asked.append(getattr(model, method)(x, *labels))
    if hasattr(model, "decode"):
        codes = asked[0][0] if isinstance(asked[0], tuple) else asked[0]
        asked.append(model.decode(codes, *labels))
    if hasattr(model, "sample"):
        asked.append(model.sample(4, *(each[:4] for each in labels), seed=3))
    asked.append(list(model.evaluate(*data, verbose=0, return_dict=True).values()))
    return asked


@pytest.mark.slow
@pytest.mark.parametrize(("name", "part"), PARTS)
def test_a_network_is_in_training_only_where_it_is_trained(name, part):
    model, data = with_watched(name, part), data_of(name)
    before = values(model.variables)
    SEEN.clear()
    everything_untrained(model, name, data)
    assert SEEN
    assert not any(SEEN), f"the {part} was asked in training mode"
    moved = [np.abs(a - b).max() for a, b in zip(before, values(model.variables), strict=True) if a.dtype.kind == "f"]
    assert max(moved) == 0, "asking moved weights or running means"
    model.compile(run_eagerly=True)
    SEEN.clear()
    model.fit(*data, batch_size=8, epochs=1, verbose=0)
    assert any(SEEN), f"the {part} was never in training mode"


# --- factors that enter only with packs


@pytest.mark.parametrize("penalty", [None, R1(4.0)], ids=["plain", "R1"])
def test_a_pack_counts_once_in_the_loss(penalty):
    parts = point_generator(), networks.dense_discriminator((4,), ())
    gan = GAN(*parts, adversarial.least_squares, seed=0, packing=2, penalty=penalty)
    x = np.random.default_rng(0).normal(size=(12, 2)).astype("float32")
    told, y_pred = gan.evaluate(x, verbose=0, return_dict=True), answers_of(gan, (x,))
    w, b = (numbers(weight) for weight in gan.discriminator.get_weights())
    packs = np.concatenate([x, np.roll(x, -1, axis=0)], axis=1)
    assert numbers(y_pred["real_logits"]) == pytest.approx(packs @ w + b, abs=1e-5)
    losses = player_losses(gan, y_pred)
    assert [told["discriminator_loss"], told["generator_loss"]] == pytest.approx(losses, rel=1e-4)
    price = 0.0 if penalty is None else 0.5 * 4.0 * np.square(w).sum()
    assert told["loss"] == pytest.approx(sum(losses) + price, rel=1e-4)


def test_the_gradient_of_a_judge_of_packs_is_the_one_by_hand():
    parts = point_generator(), networks.dense_discriminator((4,), ())
    gan = GAN(*parts, adversarial.least_squares, seed=0, packing=2)
    x = np.random.default_rng(1).normal(size=(12, 2)).astype("float32")
    for draw in (gan.noise,):
        draw.rewind()
    y_pred = gan(x, training=True)
    fake = numbers(y_pred["samples"])
    w, b = (numbers(weight) for weight in gan.discriminator.get_weights())
    real_packs, fake_packs = (np.concatenate([each, np.roll(each, -1, axis=0)], axis=1) for each in (x, fake))
    by_hand = (real_packs.T @ (real_packs @ w + b - 1) + fake_packs.T @ (fake_packs @ w + b)) / 12
    for draw in (gan.noise,):
        draw.rewind()
    found = gradients(gan, x, learning_rate=0.01)
    scale = by_hand.ravel() @ found[-2].ravel() / (by_hand.ravel() @ by_hand.ravel())
    assert found[-2] == pytest.approx(scale * by_hand, abs=2e-3)
    assert scale == pytest.approx(1.0, rel=0.01)
