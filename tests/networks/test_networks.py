import itertools
import math

import keras
import numpy as np
import pytest
from keras import layers, ops

from course_lib import networks
from course_lib.contracts.networks import final_activation, output_shapes
from course_lib.layers import SpectralNormalization

pytestmark = pytest.mark.backend

IMAGE = (8, 12, 3)
PIXELS = math.prod(IMAGE)
LATENT = 5
RNG = np.random.default_rng(0)

CODERS = {
    "dense_encoder": lambda **options: networks.dense_encoder(IMAGE, LATENT, (16, 7), **options),
    "dense_gaussian_encoder": lambda **options: networks.dense_gaussian_encoder(IMAGE, LATENT, (16, 7), **options),
    "conv_encoder": lambda **options: networks.conv_encoder(IMAGE, LATENT, (4, 6), **options),
    "conv_gaussian_encoder": lambda **options: networks.conv_gaussian_encoder(IMAGE, LATENT, (4, 6), **options),
}
DECODERS = {
    "dense_decoder": lambda **options: networks.dense_decoder(LATENT, IMAGE, (7, 16), **options),
    "two_headed_decoder": lambda **options: networks.dense_decoder(LATENT, IMAGE, (7,), num_parameters=2, **options),
    "conv_decoder": lambda **options: networks.conv_decoder(LATENT, IMAGE, (6, 4), **options),
}
GENERATORS = {
    "dense_generator": lambda **options: networks.dense_generator(LATENT, IMAGE, (7, 16), **options),
    "conv_generator": lambda **options: networks.conv_generator(LATENT, IMAGE, (6, 4), **options),
}
DISCRIMINATORS = {
    "dense_discriminator": lambda **options: networks.dense_discriminator(IMAGE, (16, 7), **options),
    "conv_discriminator": lambda **options: networks.conv_discriminator(IMAGE, (4, 6), **options),
}
BUILDERS = CODERS | DECODERS | GENERATORS | DISCRIMINATORS
LOGITS_AND_MEANS = CODERS | DECODERS | DISCRIMINATORS  # all but generators, whose end is their user's choice
SHAPES = {
    **{name: [(LATENT,)] * (2 if "gaussian" in name else 1) for name in CODERS},
    **{name: [IMAGE] * (2 if "two" in name else 1) for name in DECODERS},
    **{name: [IMAGE] for name in GENERATORS},
    **{name: [(1,)] for name in DISCRIMINATORS},
}
named = pytest.mark.parametrize("name", BUILDERS)


def outputs_of(network, scale=1.0, batch=3, training=False):
    x = scale * RNG.normal(size=(batch, *network.input_shape[1:])).astype("float32")
    outputs = network(x, training=training)
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def as_numpy(tensor):
    return ops.convert_to_numpy(tensor)


@named
def test_every_network_takes_and_gives_the_promised_shapes(name):
    network = BUILDERS[name]()
    assert network.input_shape[1:] == ((LATENT,) if name in DECODERS | GENERATORS else IMAGE)
    assert output_shapes(network) == SHAPES[name]
    assert [tuple(output.shape) for output in outputs_of(network)] == [(3, *shape) for shape in SHAPES[name]]


@named
def test_every_network_saves_and_loads(name, tmp_path):
    network = BUILDERS[name]()
    network.save(tmp_path / "network.keras")
    x = RNG.normal(size=(2, *network.input_shape[1:])).astype("float32")
    pairs = zip(
        keras.tree.flatten(network(x)),
        keras.tree.flatten(keras.models.load_model(tmp_path / "network.keras")(x)),
        strict=True,
    )
    assert all(np.array_equal(as_numpy(a), as_numpy(b)) for a, b in pairs)


@pytest.mark.parametrize("name", LOGITS_AND_MEANS)
def test_heads_are_linear(name):
    network = LOGITS_AND_MEANS[name]()
    assert final_activation(network) == "linear"
    heads = [layer for layer in network.layers if isinstance(layer, (layers.Dense, layers.Conv2D))][
        -len(network.outputs) :
    ]
    assert [head.activation.__name__ for head in heads] == ["linear"] * len(heads)


@pytest.mark.parametrize("name", LOGITS_AND_MEANS)
def test_outputs_take_either_sign_and_leave_the_unit_interval_for_large_inputs(name):
    for output in outputs_of(LOGITS_AND_MEANS[name](), scale=300.0, batch=64):
        assert as_numpy(output).min() < -1
        assert as_numpy(output).max() > 2


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@named
def test_heads_are_float32_under_mixed_precision_and_the_layers_before_are_not(name, policy):
    keras.config.set_dtype_policy(policy)
    try:
        network = BUILDERS[name]()
        outputs = outputs_of(network)
    finally:
        keras.config.set_dtype_policy("float32")
    assert {keras.backend.standardize_dtype(output.dtype) for output in outputs} == {"float32"}
    assert policy.removeprefix("mixed_") in {layer.compute_dtype for layer in network.layers}
    heads = [layer for layer in network.layers if isinstance(layer, (layers.Dense, layers.Conv2D))][-len(outputs) :]
    assert {head.compute_dtype for head in heads} == {"float32"}


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize(("activation", "low", "high"), [("sigmoid", 0, 1), ("tanh", -1, 1), (None, -np.inf, np.inf)])
def test_generators_end_in_the_activation_that_was_asked_for(name, activation, low, high):
    network = GENERATORS[name](output_activation=activation)
    assert final_activation(network) == (activation or "linear")
    (made,) = outputs_of(network, scale=300.0, batch=32)
    assert low <= as_numpy(made).min() < as_numpy(made).max() <= high
    if activation is None:
        assert as_numpy(made).min() < -1
        assert as_numpy(made).max() > 1


def test_generators_make_data_in_the_unit_interval_unless_told_otherwise():
    assert {final_activation(make()) for make in GENERATORS.values()} == {"sigmoid"}


@named
def test_hidden_layers_use_the_activation_that_was_asked_for(name):
    network = BUILDERS[name](activation="softsign")
    used = {getattr(getattr(layer, "activation", None), "__name__", None) for layer in network.layers}
    assert "softsign" in used
    assert not used & {"relu", "leaky_relu"}


@pytest.mark.parametrize("name", ["conv_decoder", "conv_generator"])
@pytest.mark.parametrize(
    "shape", [(27, 27, 1), (105, 105, 1), (9, 9, 3), (10, 8, 1), (28, 30, 1), (1, 1, 1), (2, 5, 2)]
)
@pytest.mark.parametrize("filters", [(4,), (4, 3), (4, 3, 2)])
def test_pictures_of_any_size_are_made(name, shape, filters):
    network = getattr(networks, name)(3, shape, filters, activation="softsign")
    made = as_numpy(network(10 * RNG.normal(size=(8, 3))))
    assert made.shape == (8, *shape)
    assert final_activation(network) == ("sigmoid" if name == "conv_generator" else "linear")
    assert np.ptp(made, axis=0).all(), "every pixel depends on the code"


def test_what_is_too_much_of_a_picture_is_cut_off_all_round_and_nothing_is_cut_without_need():
    cut = [layer for layer in networks.conv_decoder(3, (27, 26, 1)).layers if isinstance(layer, layers.Cropping2D)]
    assert [layer.cropping for layer in cut] == [((0, 1), (1, 1))]
    whole = networks.conv_decoder(3, (28, 28, 1))
    assert not any(isinstance(layer, layers.Cropping2D) for layer in whole.layers)


@pytest.mark.parametrize("size", [5, 7, 9])
def test_convolutional_encoders_accept_odd_sizes(size):
    assert output_shapes(networks.conv_encoder((size, size, 1), 2, (3, 3))) == [(2,)]


def dense(*widths):
    """Weights and biases of fully connected layers: the sum of (inputs + 1) · outputs."""
    return sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(widths))


def conv(inputs, outputs, bias=1):
    return (9 * inputs + bias) * outputs


FEATURES = 2 * 3 * 6  # two halvings of 8 × 12, six channels
COUNTS = {
    "dense_encoder": dense(PIXELS, 16, 7, LATENT),
    "dense_gaussian_encoder": dense(PIXELS, 16, 7) + 2 * dense(7, LATENT),
    "conv_encoder": conv(3, 4) + conv(4, 6) + dense(FEATURES, LATENT),
    "conv_gaussian_encoder": conv(3, 4) + conv(4, 6) + 2 * dense(FEATURES, LATENT),
    "dense_decoder": dense(LATENT, 7, 16, PIXELS),
    "two_headed_decoder": dense(LATENT, 7) + 2 * dense(7, PIXELS),
    "conv_decoder": dense(LATENT, FEATURES) + conv(6, 6) + conv(6, 4) + conv(4, 3),
    "dense_generator": dense(LATENT, 7, 16, PIXELS),
    # batch normalisation: a scale and a shift in place of the bias, a running mean and variance
    "conv_generator": dense(LATENT, FEATURES) + conv(6, 6, 0) + conv(6, 4, 0) + 4 * (6 + 4) + conv(4, 3),
    "dense_discriminator": dense(PIXELS, 16, 7, 1),
    "conv_discriminator": conv(3, 4) + conv(4, 6) + dense(FEATURES, 1),
}


@named
def test_the_number_of_parameters_is_the_one_counted_by_hand(name):
    assert BUILDERS[name]().count_params() == COUNTS[name]


def test_no_hidden_units_make_affine_maps():
    """f(x) + f(y) = f(x + y) + f(0)."""
    for network in (
        networks.dense_encoder((3,), 2, ()),
        networks.dense_gaussian_encoder((3,), 2, ()),
        networks.dense_decoder(3, (4,), ()),
        networks.dense_generator(3, (4,), (), output_activation=None),
        networks.dense_discriminator((3,), ()),
    ):
        network.set_weights([RNG.normal(size=weight.shape) for weight in network.get_weights()])
        x, y = RNG.normal(size=(2, 5, 3)).astype("float32")
        values = [np.stack([as_numpy(part) for part in keras.tree.flatten(network(z))]) for z in (x, y, x + y, 0 * x)]
        assert values[0] + values[1] == pytest.approx(values[2] + values[3], abs=1e-4)


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_dropout_acts_in_training_alone(name):
    network = DISCRIMINATORS[name](dropout=0.5)
    x = RNG.normal(size=(4, *IMAGE)).astype("float32")
    first, second = (as_numpy(network(x, training=False)) for _ in range(2))
    assert np.array_equal(first, second)
    first, second = (as_numpy(network(x, training=True)) for _ in range(2))
    assert not np.allclose(first, second)
    assert not any(isinstance(layer, layers.Dropout) for layer in DISCRIMINATORS[name]().layers)


def test_the_two_heads_of_a_gaussian_encoder_are_different_layers():
    for name in ("dense_gaussian_encoder", "conv_gaussian_encoder", "two_headed_decoder"):
        first, second = outputs_of(BUILDERS[name]())
        assert not np.allclose(as_numpy(first), as_numpy(second))


def test_each_network_has_its_own_name():
    assert [CODERS["dense_encoder"]().name, DECODERS["conv_decoder"]().name] == ["encoder", "decoder"]
    assert {make().name for make in GENERATORS.values()} == {"generator"}
    assert {make().name for make in DISCRIMINATORS.values()} == {"discriminator"}


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_a_discriminator_may_have_every_kernel_divided_by_its_largest_singular_value(name):
    make = DISCRIMINATORS[name]
    plain, normalised = make(), make(spectral_normalization=True)
    wrapped = [layer for layer in normalised.layers if isinstance(layer, SpectralNormalization)]
    assert len(wrapped) == sum(hasattr(layer, "kernel") for layer in plain.layers)
    assert normalised.output_shape == plain.output_shape
    assert not any(isinstance(layer, SpectralNormalization) for layer in plain.layers)


def parallel_networks(copies, **options):
    return (
        networks.parallel_generator(3, 2, copies, (8, 6)),
        networks.parallel_discriminator(2, copies, (7, 5), **options),
    )


def test_parallel_networks_hold_as_many_numbers_as_their_copies_would_alone():
    generator, discriminator = parallel_networks(4)
    assert generator.count_params() == 4 * networks.dense_generator(3, (2,), (8, 6)).count_params()
    assert discriminator.count_params() == 4 * networks.dense_discriminator((2,), (7, 5)).count_params()
    assert (generator.output_shape, discriminator.output_shape) == ((None, 2), (None, 1))


def test_parallel_networks_end_in_any_number():
    generator, discriminator = parallel_networks(2)
    for network, size in ((generator, 3), (discriminator, 2)):
        values = ops.convert_to_numpy(network(RNG.normal(size=(200, size)) * 5))
        assert values.min() < 0 < values.max()
        assert network.layers[-1].compute_dtype == "float32"


def test_every_kernel_of_parallel_discriminators_is_divided_by_its_largest_singular_value():
    discriminator = parallel_networks(2, spectral_normalization=True)[1]
    assert [layer.spectral_normalization for layer in discriminator.layers[1:]] == [True, True, True]
    for network in parallel_networks(2):
        assert not any(layer.spectral_normalization for layer in network.layers[1:])


ALL_BUILDERS = {
    **BUILDERS,
    "dense_conditional_encoder": lambda **options: networks.dense_conditional_encoder(IMAGE, LATENT, 3, **options),
    "dense_conditional_decoder": lambda **options: networks.dense_conditional_decoder(LATENT, IMAGE, 3, **options),
    "dense_grid_encoder": lambda **options: networks.dense_grid_encoder(IMAGE, (4,), 2, **options),
    "dense_grid_decoder": lambda **options: networks.dense_grid_decoder((4, 3), 2, IMAGE, **options),
    "dense_conditional_generator": lambda **options: networks.dense_conditional_generator(LATENT, IMAGE, 3, **options),
    "dense_conditional_discriminator": lambda **options: networks.dense_conditional_discriminator(IMAGE, 3, **options),
    "dense_classifying_discriminator": lambda **options: networks.dense_classifying_discriminator(IMAGE, 3, **options),
    "normalised_conv_discriminator": lambda **options: networks.conv_discriminator(
        IMAGE, (4, 6), spectral_normalization=True, **options
    ),
}


@pytest.fixture
def channels_first():
    keras.config.set_image_data_format("channels_first")  # what a file keras.json can do
    yield
    keras.config.set_image_data_format("channels_last")


@pytest.mark.parametrize("name", ALL_BUILDERS)
def test_networks_are_the_same_whatever_keras_says_about_channels(name, channels_first):
    other = ALL_BUILDERS[name]()
    keras.config.set_image_data_format("channels_last")
    usual = ALL_BUILDERS[name]()
    assert (other.input_shape, other.output_shape) == (usual.input_shape, usual.output_shape)
    assert [weight.shape for weight in other.weights] == [weight.shape for weight in usual.weights]
    other.set_weights(usual.get_weights())
    inputs = [RNG.normal(size=(2, *tensor.shape[1:])).astype("float32") for tensor in usual.inputs]
    inputs = inputs if len(inputs) > 1 else inputs[0]
    keras.config.set_image_data_format("channels_first")
    for one, another in zip(keras.tree.flatten(other(inputs)), keras.tree.flatten(usual(inputs)), strict=True):
        assert np.array_equal(as_numpy(one), as_numpy(another))


WRONG_SHAPES = [
    784,
    np.int64(784),
    784.0,
    None,
    "28",
    b"28",
    (None,),
    (28, None, 1),
    (28, 28.0, 1),
    ("28", "28", "1"),
    (0, 28, 1),
    (-1, 28, 1),
    (True, 28, 1),
    {28: 28},
    {28, 1},
    np.zeros((5, 28, 28, 1)),
    ((28, 28), 1),
    keras.Input,
]
WRONG_WIDTHS = [128, 128.0, None, "128", (128.0,), ("128",), (0,), (-3,), (None,), (True,), {"units": 128}, np.eye(2)]
SHAPED = {  # builder: (what makes it with a shape, whether it convolves)
    "dense_encoder": (lambda shape: networks.dense_encoder(shape, 2), False),
    "dense_gaussian_encoder": (lambda shape: networks.dense_gaussian_encoder(shape, 2), False),
    "dense_decoder": (lambda shape: networks.dense_decoder(2, shape), False),
    "dense_conditional_encoder": (lambda shape: networks.dense_conditional_encoder(shape, 2, 3), False),
    "dense_conditional_decoder": (lambda shape: networks.dense_conditional_decoder(2, shape, 3), False),
    "dense_grid_encoder": (lambda shape: networks.dense_grid_encoder(shape, (4,), 2), False),
    "dense_grid_decoder": (lambda shape: networks.dense_grid_decoder((4,), 2, shape), False),
    "the grid of an encoder": (lambda shape: networks.dense_grid_encoder((5,), shape, 2), False),
    "the grid of a decoder": (lambda shape: networks.dense_grid_decoder(shape, 2, (5,)), False),
    "dense_generator": (lambda shape: networks.dense_generator(2, shape), False),
    "dense_discriminator": (lambda shape: networks.dense_discriminator(shape), False),
    "dense_conditional_generator": (lambda shape: networks.dense_conditional_generator(2, shape, 3), False),
    "dense_conditional_discriminator": (lambda shape: networks.dense_conditional_discriminator(shape, 3), False),
    "dense_classifying_discriminator": (lambda shape: networks.dense_classifying_discriminator(shape, 3), False),
    "conv_encoder": (lambda shape: networks.conv_encoder(shape, 2), True),
    "conv_gaussian_encoder": (lambda shape: networks.conv_gaussian_encoder(shape, 2), True),
    "conv_decoder": (lambda shape: networks.conv_decoder(2, shape), True),
    "conv_generator": (lambda shape: networks.conv_generator(2, shape), True),
    "conv_discriminator": (lambda shape: networks.conv_discriminator(shape), True),
}
HAS_EXPECTATION = r"(data_shape|positions).* should .*got"


@pytest.mark.parametrize("shape", WRONG_SHAPES, ids=lambda shape: str(shape)[:20])
@pytest.mark.parametrize("name", SHAPED)
def test_what_is_no_shape_of_an_example_is_refused_by_every_builder(name, shape):
    with pytest.raises(ValueError, match=HAS_EXPECTATION):
        SHAPED[name][0](shape)


@pytest.mark.parametrize("name", [name for name, (_, convolves) in SHAPED.items() if convolves])
@pytest.mark.parametrize(
    ("shape", "repaired"),
    [((28, 28), (28, 28, 1)), ((100, 28, 28, 1), (28, 28, 1)), ((3, 32, 32), (32, 32, 3))],
)
def test_what_is_no_shape_of_an_image_is_refused_with_the_shape_that_was_meant(name, shape, repaired):
    make = SHAPED[name][0]
    with pytest.raises(ValueError, match=r"should be \(height, width, channels\); got") as caught:
        make(shape)
    meant = eval(str(caught.value).rsplit(": ", 1)[1].removesuffix("."))
    assert meant == repaired
    make(meant)


@pytest.mark.parametrize(("shape", "meant"), [(784, (784,)), (np.int64(784), (784,))])
def test_a_single_size_is_told_how_to_become_a_shape(shape, meant):
    with pytest.raises(ValueError, match="Write it as a tuple") as caught:
        networks.dense_encoder(shape, 2)
    assert eval(str(caught.value).rsplit(": ", 1)[1].removesuffix("."), {"np": np}) == meant


def test_the_data_in_the_place_of_their_shape_are_told_the_shape():
    with pytest.raises(ValueError, match=r"got the data themselves, .*: \(28, 28, 1\)"):
        networks.conv_encoder(np.zeros((5, 28, 28, 1)), 2)


@pytest.mark.parametrize("widths", WRONG_WIDTHS, ids=str)
@pytest.mark.parametrize("name", ALL_BUILDERS)
def test_what_are_no_widths_of_layers_is_refused_by_every_builder(name, widths):
    option = "filters" if "conv" in name else "hidden_units"
    bare = ALL_BUILDERS[name].__code__.co_names  # networks, the builder, ...
    builder = getattr(networks, next(each for each in bare if hasattr(networks, each) and each != "networks"))
    arguments = {
        "data_shape": IMAGE,
        "latent_dim": 2,
        "noise_dim": 2,
        "num_classes": 3,
        "positions": (4,),
        "code_dim": 2,
    }
    wanted = {key: value for key, value in arguments.items() if key in builder.__code__.co_varnames}
    with pytest.raises(ValueError, match=rf"{option}.* should .*got"):
        builder(**wanted, **{option: widths})


def test_no_filter_is_no_convolutional_network():
    for name, (_, convolves) in SHAPED.items():
        if convolves:
            with pytest.raises(ValueError, match="filters should hold at least 1"):
                getattr(networks, name)(**{"data_shape": IMAGE, "filters": ()} | _size_of(name))


def _size_of(name):
    if "discriminator" in name:
        return {}
    return {"noise_dim": 2} if "generator" in name else {"latent_dim": 2}


@pytest.mark.parametrize("size", [0, -1, 2.0, "2", None, (2,), True])
def test_what_is_no_number_of_latents_is_refused_by_every_builder(size):
    for make in (
        lambda: networks.dense_encoder((4,), size),
        lambda: networks.dense_gaussian_encoder((4,), size),
        lambda: networks.dense_decoder(size, (4,)),
        lambda: networks.dense_conditional_encoder((4,), size, 3),
        lambda: networks.dense_conditional_decoder(size, (4,), 3),
        lambda: networks.dense_conditional_encoder((4,), 2, size),
        lambda: networks.dense_grid_encoder((4,), (4,), size),
        lambda: networks.dense_grid_decoder((4,), size, (4,)),
        lambda: networks.conv_encoder(IMAGE, size),
        lambda: networks.conv_gaussian_encoder(IMAGE, size),
        lambda: networks.conv_decoder(size, IMAGE),
        lambda: networks.dense_generator(size, (4,)),
        lambda: networks.conv_generator(size, IMAGE),
        lambda: networks.dense_classifying_discriminator((4,), size),
        lambda: networks.parallel_generator(size, 2, 3),
        lambda: networks.parallel_generator(2, size, 3),
        lambda: networks.parallel_generator(2, 2, size),
        lambda: networks.parallel_discriminator(size, 3),
        lambda: networks.dense_decoder(2, (4,), num_parameters=size),
    ):
        with pytest.raises(ValueError, match=r"should (be|lie)"):
            make()


@pytest.mark.parametrize("dropout", [1.0, -0.1, "0.5", None, np.nan])
def test_what_is_no_share_is_refused_as_dropout(dropout):
    for make in (networks.dense_discriminator, networks.conv_discriminator):
        with pytest.raises(ValueError, match=r"dropout.*got"):
            make(IMAGE, dropout=dropout)
