import random

import keras
from keras import ops

from course_lib.contracts.arguments import real_number, whole_number

_SMALLEST_UNIFORM = 1.2e-38  # the smallest normal float32: its Gumbel value is −4.47 instead of −∞


@keras.saving.register_keras_serializable(package="course_lib")
class GumbelSoftmax(keras.layers.Layer):
    r"""Draws one of several categories, softened so that gradients reach the logits.

    Gumbel noise on the logits makes their largest entry a draw from the categorical distribution,
    $P(\arg\max_i (\ell_i + g_i) = k) = \mathrm{softmax}(\ell)_k$. A softmax at temperature $\tau$ replaces the
    argmax, which has no derivative:

    $$y = \mathrm{softmax}\big((\ell + g) / \tau\big), \qquad g_i = -\log(-\log u_i), \qquad u_i \sim U(0, 1).$$

    With `hard=True` the value is the one-hot argmax and the gradient is still that of $y$: *straight-through*. The
    gradients are those of the softened problem, thus biased for the discrete one; a lower temperature means less bias
    in the end, and more variance. It draws in training and in evaluation alike, in float32 under every precision
    policy.

    Args:
        temperature: τ > 0. Can be changed while training: `layer.temperature = 0.5`.
        hard: Boolean; True for one-hot values with straight-through gradients.
        seed: Integer ≥ 0 or None. Seed of the layer's own random stream; None takes one from Keras' global seed.

    Call arguments:
        logits: Floats, `(batch, ..., categories)`: log-probabilities up to a constant.

    Output shape:
        Same as `logits`, float32: each row of the last axis is ≥ 0 and sums to 1.

    Raises:
        ValueError: If the temperature is not a positive number, `hard` is no Boolean, the seed is no such integer, or
            the logits have fewer than two axes or two categories.

    Example:
        >>> one_hot = GumbelSoftmax(0.5, hard=True, seed=0)(ops.log([[0.2, 0.8]] * 10_000))
        >>> round(float(ops.mean(one_hot[:, 1])), 1)
        0.8

    Reference:
        Jang et al. (2017), arXiv:1611.01144, eq. 2 and section 2.2; Maddison et al. (2017), arXiv:1611.00712.
    """

    def __init__(self, temperature, hard=False, seed=None, **kwargs):
        super().__init__(autocast=False, **kwargs)  # half precision would round the draw
        if not isinstance(hard, bool):
            raise ValueError(f"hard should be True (one-hot, straight-through) or False (soft); got {hard!r}.")
        self.hard = hard
        self.seed = random.randint(1, 10**9) if seed is None else whole_number(seed, "seed", 0, 2**32 - 1)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self._temperature = self.add_weight(
            shape=(), initializer="ones", trainable=False, dtype="float32", autocast=False, name="temperature"
        )
        self.temperature = temperature
        self.built = True  # nothing is left to make; Keras would read a batch of data to find that out

    def call(self, logits):
        logits = ops.cast(logits, "float32")
        if len(logits.shape) < 2 or logits.shape[-1] < 2:
            raise ValueError(
                "GumbelSoftmax expects logits (batch, ..., categories) with two categories or more; got "
                f"{tuple(logits.shape)}. For a binary variable give two: stack zeros beside its logit."
            )
        soft = ops.softmax((logits + self._gumbel(ops.shape(logits))) / self.temperature, axis=-1)
        return straight_through(soft) if self.hard else soft

    def _gumbel(self, shape):
        uniform = keras.random.uniform(shape, minval=_SMALLEST_UNIFORM, dtype="float32", seed=self.seed_generator)
        return -ops.log(-ops.log(uniform))

    @property
    def temperature(self):
        """The temperature τ, a scalar variable; assign a number to change it, also while training."""
        return self._temperature

    @temperature.setter
    def temperature(self, value):
        if not real_number(value, "temperature") > 0:
            raise ValueError(f"temperature should be above 0; got {value!r}. For one-hot draws use hard=True.")
        self._temperature.assign(value)

    def compute_output_shape(self, logits_shape):
        return logits_shape

    def rewind(self):
        """Return to the start of the random stream, so that the next draws repeat the first ones."""
        self.seed_generator.state.assign([self.seed, 0])

    def get_config(self):
        temperature = float(ops.convert_to_numpy(self._temperature))
        return {**super().get_config(), "temperature": temperature, "hard": self.hard, "seed": self.seed}


def straight_through(soft):
    """The one-hot argmax as value, the gradient of `soft` as gradient.

    Args:
        soft: Floats, `(..., categories)`; the first of equal largest entries counts.

    Returns:
        Tensor of the same shape and dtype: exactly 0 and 1.

    Example:
        >>> ops.convert_to_numpy(straight_through(ops.array([[0.2, 0.5, 0.3]]))).tolist()
        [[0.0, 1.0, 0.0]]

    Reference:
        Bengio et al. (2013), arXiv:1308.3432; Jang et al. (2017), arXiv:1611.01144, section 2.2.
    """
    one_hot = ops.one_hot(ops.argmax(soft, axis=-1), soft.shape[-1], dtype=soft.dtype)
    return one_hot + (soft - ops.stop_gradient(soft))
