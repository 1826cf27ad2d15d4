import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="course_lib")
class MaskedDense(keras.layers.Layer):
    r"""A dense layer in which an output sees only the inputs of at most its own degree.

    $$y_j = f\Big(\sum_{i:\, d_i \le d_j} W_{ij}\, x_i + b_j\Big)$$

    Stacked, it makes a network whose output j depends on nothing of a higher degree than $d_j$: an autoregressive
    model in one pass. An output of degree −1 is its bias alone.

    Args:
        input_degrees: Integers, one for each input.
        output_degrees: Integers, one for each output; their number is the layer's width.
        activation: A Keras activation or its name; None is linear.

    Raises:
        ValueError: If the input has another length than `input_degrees`.

    Example:
        >>> layer = MaskedDense([0, 1], [-1, 0, 1])
        >>> layer.build((None, 2))
        >>> layer.mask.tolist()  # rows: inputs, columns: outputs
        [[0.0, 1.0, 1.0], [0.0, 0.0, 1.0]]

    Reference:
        Germain et al. (2015), MADE, arXiv:1502.03509, eq. 8–9.
    """

    def __init__(self, input_degrees, output_degrees, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.input_degrees = [int(degree) for degree in input_degrees]
        self.output_degrees = [int(degree) for degree in output_degrees]
        self.activation = keras.activations.get(activation)

    @property
    def mask(self):
        """Ones where an output may see an input: NumPy `(inputs, outputs)`."""
        return (np.asarray(self.input_degrees)[:, None] <= np.asarray(self.output_degrees)).astype("float32")

    def build(self, input_shape):
        if input_shape[-1] != len(self.input_degrees):
            raise ValueError(f"MaskedDense has {len(self.input_degrees)} input degrees; got inputs {input_shape}.")
        shape = len(self.input_degrees), len(self.output_degrees)
        self.kernel = self.add_weight(shape=shape, initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=shape[1:], initializer="zeros", name="bias")

    def call(self, x):
        return self.activation(ops.matmul(x, self.kernel * ops.cast(self.mask, self.compute_dtype)) + self.bias)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], len(self.output_degrees))

    def get_config(self):
        return {
            **super().get_config(),
            "input_degrees": self.input_degrees,
            "output_degrees": self.output_degrees,
            "activation": keras.activations.serialize(self.activation),
        }
