import keras
from keras import ops

from course_lib.contracts.arguments import whole_number
from course_lib.layers.power_iteration import singular_vectors, times


@keras.saving.register_keras_serializable(package="course_lib")
class SpectralNormalization(keras.layers.Wrapper):
    r"""Runs a layer with its kernel divided by the largest singular value of the kernel.

    $$\bar W = W / \sigma(W), \qquad \sigma = v^\top W u, \qquad
      v \leftarrow \frac{W u}{\lVert W u \rVert}, \quad u \leftarrow \frac{W^\top v}{\lVert W^\top v \rVert}$$

    for a kernel W of `(inputs, units)`. The vector u is a weight that no gradient moves: each call in training goes
    on with the power iteration, each call in evaluation leaves it alone. The gradient flows through the kernel *and*
    through σ, with u and v held constant, so that it has no part along W. The kernel itself is never changed here
    (Keras' own layer overwrites it inside its call).

    A dense layer becomes 1-Lipschitz once the iteration has converged. The kernel of a convolution is reshaped to
    `(height · width · channels, filters)`; the largest singular value of that matrix is *not* the operator norm of
    the convolution, which can be larger.

    Args:
        layer: Keras layer with a `kernel`, such as `Dense` or `Conv2D`.
        power_iterations: Integer ≥ 1, iterations in each call in training.

    Raises:
        ValueError: If the layer has no kernel, or the number of iterations is not a positive integer.

    Call arguments:
        inputs: What the layer takes.
        training: Whether the power iteration goes on.

    Output shape:
        That of the layer.

    Example:
        >>> layer = SpectralNormalization(keras.layers.Dense(1, kernel_initializer="ones", use_bias=False))
        >>> round(float(layer(ops.ones((1, 4)))[0, 0]), 4)  # kernel of length 2
        2.0

    Reference:
        Miyato et al. (2018), arXiv:1802.05957, eq. 8, section 2.1 and algorithm 1.
    """

    def __init__(self, layer, power_iterations=1, **kwargs):
        super().__init__(layer, **kwargs)
        self.power_iterations = whole_number(power_iterations, "power_iterations", 1)

    def build(self, input_shape=None):
        super().build(input_shape)
        if getattr(self.layer, "kernel", None) is None:
            raise ValueError(
                f"SpectralNormalization divides the kernel of a layer; a {type(self.layer).__name__} has none. Wrap a "
                "Dense or a convolution, and leave other layers as they are."
            )
        self.right_vector = self.add_weight(
            shape=(self.layer.kernel.shape[-1],),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            trainable=False,
            dtype="float32",
            autocast=False,  # else PyTorch would assign to a copy in half precision
            name="right_vector",
        )

    def call(self, inputs, training=None):
        kernel = ops.convert_to_tensor(self.layer.kernel)
        normalised = kernel / ops.cast(self.largest_singular_value(training), kernel.dtype)
        trainable, fixed = (
            [normalised if variable is self.layer.kernel else variable.value for variable in variables]
            for variables in (self.layer.trainable_variables, self.layer.non_trainable_variables)
        )
        outputs, _ = self.layer.stateless_call(trainable, fixed, inputs)
        return outputs

    def largest_singular_value(self, training=False):
        """The estimate of σ, a float32 scalar; in training after further power iterations, which are kept."""
        matrix = ops.cast(ops.convert_to_tensor(self.layer.kernel), "float32")
        matrix = ops.reshape(matrix, (-1, matrix.shape[-1]))
        iterations = self.power_iterations if training else 0
        left, right = singular_vectors(ops.stop_gradient(matrix), ops.convert_to_tensor(self.right_vector), iterations)
        if training:
            self.right_vector.assign(right)
        return ops.dot(left, times(matrix, right))

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def get_config(self):
        return {**super().get_config(), "power_iterations": self.power_iterations}
