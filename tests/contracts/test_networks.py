import keras
import pytest
from keras import layers, ops

from course_lib import networks
from course_lib.contracts.networks import final_activation, has_convolutions, input_shape, output_shapes

pytestmark = pytest.mark.backend


def functional(*steps, shape=(4,)):
    inputs = outputs = keras.Input(shape)
    for step in steps:
        outputs = step(outputs)
    return keras.Model(inputs, outputs)


class Subclassed(keras.Model):
    """Its layers are made in another order than they are called in: the head first, a gate last."""

    def __init__(self):
        super().__init__()
        self.head = layers.Dense(3)
        self.gate = layers.Dense(3, activation="sigmoid")

    def call(self, x):
        return self.head(x) * self.gate(x)


def dense(activation):
    return layers.Dense(4, activation=activation)


@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid", "tanh", "softmax", "hard_sigmoid", "softplus"])
@pytest.mark.parametrize("make", [keras.Sequential, lambda steps: functional(*steps)], ids=["sequential", "functional"])
def test_the_activation_of_the_last_layer_is_found(make, activation):
    assert final_activation(make([dense("relu"), dense(activation)])) == activation


@pytest.mark.parametrize(
    "end",
    [
        layers.Reshape((2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Permute((1,)),
        lambda x: layers.Cropping1D(1)(layers.Reshape((4, 1))(x)),
        lambda x: layers.Flatten()(layers.Reshape((2, 2))(x)),
        lambda x: ops.reshape(x, (-1, 2, 2)),
        lambda x: ops.squeeze(ops.expand_dims(x, -1), -1),
        lambda x: ops.cast(x, "float32"),
    ],
    ids=["reshape", "flatten", "dropout", "permute", "crop", "twice", "ops.reshape", "ops.squeeze", "ops.cast"],
)
def test_layers_and_operations_that_only_move_numbers_are_looked_through(end):
    assert final_activation(functional(dense("sigmoid"), end)) == "sigmoid"
    assert final_activation(functional(dense("linear"), end)) == "linear"


def test_reshapes_at_the_end_of_a_sequential_model_are_looked_through():
    assert final_activation(keras.Sequential([dense("sigmoid"), layers.Reshape((2, 2)), layers.Flatten()])) == "sigmoid"


@pytest.mark.parametrize("activation", ["linear", "sigmoid"])
def test_nested_models_are_looked_into(activation):
    inner_sequential = keras.Sequential([dense("relu"), dense(activation)])
    inner_functional = functional(dense("relu"), dense(activation))
    for inner in (inner_sequential, inner_functional):
        assert final_activation(keras.Sequential([dense("relu"), inner])) == activation
        assert final_activation(functional(dense("relu"), inner)) == activation
        assert final_activation(functional(functional(inner), layers.Reshape((2, 2)))) == activation


def test_the_output_that_is_used_of_a_nested_model_counts():
    inputs = keras.Input((4,))
    two_heads = keras.Model(inputs, [dense("linear")(inputs), dense("sigmoid")(inputs)])
    assert final_activation(functional(lambda x: two_heads(x)[0])) == "linear"
    assert final_activation(functional(lambda x: two_heads(x)[1])) == "sigmoid"


@pytest.mark.parametrize(
    ("end", "name"),
    [
        (layers.Activation("sigmoid"), "sigmoid"),
        (layers.Activation("linear"), "linear"),
        (layers.Softmax(), "softmax"),
        (layers.LeakyReLU(), "leaky_relu"),
        (layers.ReLU(), "relu"),
        (layers.BatchNormalization(), "batch_normalization"),
    ],
)
def test_activation_layers_are_named_like_the_activations(end, name):
    assert final_activation(functional(dense("linear"), end)) == name
    assert final_activation(keras.Sequential([dense("linear"), end])) == name


@pytest.mark.parametrize("name", ["sigmoid", "softmax", "tanh", "hard_sigmoid", "leaky_relu", "relu"])
@pytest.mark.parametrize("module", [ops, keras.activations], ids=["ops", "activations"])
def test_functions_are_named_like_the_activations(module, name):
    assert final_activation(functional(dense("linear"), getattr(module, name))) == name


def test_wrappers_end_in_what_they_wrap():
    wrapped = layers.TimeDistributed(dense("sigmoid"))
    assert final_activation(functional(wrapped, shape=(3, 2))) == "sigmoid"
    assert final_activation(keras.Sequential([layers.SpectralNormalization(dense("sigmoid"))])) == "sigmoid"


def test_a_layer_by_itself_is_a_network():
    assert final_activation(dense("tanh")) == "tanh"
    assert final_activation(dense(None)) == "linear"


@pytest.mark.parametrize(
    "network",
    [
        Subclassed(),
        keras.Sequential([Subclassed()]),
        functional(Subclassed()),
        keras.Sequential(),
        keras.Sequential([layers.Reshape((2, 2))]),
        functional(layers.Reshape((2, 2))),
        functional(layers.Identity()),
    ],
    ids=["subclass", "in sequential", "in functional", "empty", "reshape", "functional reshape", "identity"],
)
def test_an_end_that_cannot_be_read_off_is_none(network):
    assert final_activation(network) is None


def test_arithmetic_after_a_sigmoid_is_no_sigmoid():
    assert final_activation(functional(dense("sigmoid"), lambda x: 2 * x - 1)) not in ("sigmoid", "linear", None)


def test_a_subclass_of_a_functional_model_is_read_like_one():
    class Named(keras.Model):
        pass

    inputs = keras.Input((4,))
    assert final_activation(Named(inputs, dense("sigmoid")(inputs))) == "sigmoid"


def test_shapes_of_built_networks_leave_out_the_batch():
    network = functional(dense("relu"), layers.Reshape((2, 2, 1)))
    assert input_shape(network) == (4,)
    assert output_shapes(network) == [(2, 2, 1)]
    assert output_shapes(keras.Sequential([keras.Input((3,)), dense("relu")])) == [(4,)]
    assert output_shapes(networks.dense_gaussian_encoder((5,), 3)) == [(3,), (3,)]
    assert input_shape(functional(layers.Conv1D(2, 1), shape=(None, 3))) == (None, 3)


def test_a_single_output_in_a_list_is_one_output():
    inputs = keras.Input((4,))
    assert output_shapes(keras.Model(inputs, [dense("relu")(inputs)])) == [(4,)]


def test_shapes_of_networks_that_are_not_built_are_none():
    for network in (keras.Sequential([dense("relu")]), Subclassed(), dense("relu")):
        assert input_shape(network) is None
        assert output_shapes(network) is None


def test_a_sequential_model_that_was_called_knows_its_shapes():
    network = keras.Sequential([dense("relu"), layers.Dense(2)])
    network(ops.zeros((5, 3)))
    assert input_shape(network) == (3,)
    assert output_shapes(network) == [(2,)]


def test_two_inputs_have_no_single_shape():
    first, second = keras.Input((4,)), keras.Input((3,))
    assert input_shape(keras.Model([first, second], layers.Concatenate()([first, second]))) is None


def test_convolutions_are_found_at_any_depth():
    conv = keras.Sequential([layers.Conv2D(2, 3)])
    assert has_convolutions(conv)
    assert has_convolutions(keras.Sequential([keras.Sequential([conv])]))
    assert has_convolutions(functional(layers.Reshape((2, 2, 1)), keras.Sequential([layers.Conv2DTranspose(2, 3)])))
    assert has_convolutions(
        functional(layers.Reshape((2, 2, 1, 1)), layers.TimeDistributed(keras.Sequential([layers.Conv2D(2, 1)])))
    )
    assert has_convolutions(networks.conv_generator(2, (8, 8, 1)))


def test_convolutions_inside_subclasses_and_lists_are_found():
    class Blocks(keras.Model):
        def __init__(self, *blocks):
            super().__init__()
            self.blocks = list(blocks)

    assert has_convolutions(Blocks(dense("relu"), keras.Sequential([layers.DepthwiseConv2D(3)])))
    assert not has_convolutions(Blocks(dense("relu"), dense("relu")))


def test_dense_networks_and_pooling_are_no_convolutions():
    assert not has_convolutions(networks.dense_gaussian_encoder((4, 4, 1), 2))
    assert not has_convolutions(functional(layers.Reshape((4, 1)), layers.MaxPooling1D(2), layers.Flatten()))
