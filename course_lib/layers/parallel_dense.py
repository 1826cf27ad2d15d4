import keras
from keras import ops

from course_lib.contracts.arguments import whole_number
from course_lib.layers.power_iteration import singular_vectors, times


@keras.saving.register_keras_serializable(package="course_lib")
class ParallelDense(keras.layers.Layer):
    r"""Several dense layers side by side, one for each of several networks that never meet.

    $$y_c = \phi(x_c W_c + b_c), \qquad c = 1, \dots, \text{copies}$$

    The batch is read as `copies` blocks of equal length, one after the other; block c goes through kernel c alone. So
    networks of such layers are independent, and all are trained by one `fit`. Kernels begin as different draws of
    Glorot's uniform distribution, each scaled by the inputs and units of *one* copy.

    With spectral normalisation each copy's kernel is divided by its own largest singular value, estimated as in
    `SpectralNormalization`: by one power iteration in each call in training.

    Args:
        units: Integer, the width of each copy.
        copies: Integer, how many there are.
        activation: Activation of the units.
        spectral_normalization: Whether every kernel is divided by its largest singular value.

    Raises:
        ValueError: If a number is not a positive integer, or the input is not `(batch, inputs)`.

    Call arguments:
        inputs: Tensor `(copies * n, inputs)`.
        training: Whether the power iteration goes on.

    Output shape:
        `(copies * n, units)`.

    Example:
        >>> layer = ParallelDense(1, copies=2)
        >>> layer.build((None, 1))
        >>> _ = layer.kernel.assign([[[10.0]], [[20.0]]])  # (copies, inputs, units)
        >>> ops.convert_to_numpy(layer(ops.array([[1.0], [2.0], [1.0], [2.0]])))[:, 0].tolist()
        [10.0, 20.0, 20.0, 40.0]

    Reference:
        Spectral normalisation: Miyato et al. (2018), arXiv:1802.05957, algorithm 1.
    """

    def __init__(self, units, copies, activation=None, spectral_normalization=False, **kwargs):
        super().__init__(**kwargs)
        self.units = whole_number(units, "units", 1)
        self.copies = whole_number(copies, "copies", 1)
        self.activation = keras.activations.get(activation)
        self.spectral_normalization = bool(spectral_normalization)

    def build(self, input_shape):
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ValueError(
                f"ParallelDense takes inputs of shape (batch, inputs); got {tuple(input_shape)}. Flatten them first."
            )
        inputs = input_shape[-1]
        limit = (6 / (inputs + self.units)) ** 0.5
        self.kernel = self.add_weight(
            shape=(self.copies, inputs, self.units),
            initializer=keras.initializers.RandomUniform(-limit, limit),
            name="kernel",
        )
        self.bias = self.add_weight(shape=(self.copies, 1, self.units), initializer="zeros", name="bias")
        if self.spectral_normalization:
            self.right_vectors = self.add_weight(
                shape=(self.copies, self.units),
                initializer=keras.initializers.RandomNormal(stddev=1.0),
                trainable=False,
                dtype="float32",
                autocast=False,  # as in SpectralNormalization
                name="right_vectors",
            )
        self.built = True

    def call(self, inputs, training=None):
        kernel = ops.convert_to_tensor(self.kernel)
        if self.spectral_normalization:
            kernel = kernel / ops.cast(self.largest_singular_values(training), kernel.dtype)
        blocks = ops.reshape(inputs, (self.copies, -1, inputs.shape[-1]))
        outputs = self.activation(ops.matmul(blocks, kernel) + self.bias)
        return ops.reshape(outputs, (-1, self.units))

    def largest_singular_values(self, training=False):
        """The estimates of σ, float32 `(copies, 1, 1)`; in training after one more power iteration, which is kept."""
        kernel = ops.cast(ops.convert_to_tensor(self.kernel), "float32")
        vectors = ops.convert_to_tensor(self.right_vectors)
        left, right = singular_vectors(ops.stop_gradient(kernel), vectors, 1 if training else 0)
        if training:
            self.right_vectors.assign(right)
        return ops.reshape(ops.sum(left * times(kernel, right), axis=-1), (-1, 1, 1))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "copies": self.copies,
            "activation": keras.activations.serialize(self.activation),
            "spectral_normalization": self.spectral_normalization,
        }
