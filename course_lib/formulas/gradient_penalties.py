"""Penalties on the slope of a discriminator: one value per example, each pulling its gradient to a stated length.

A penalty is differentiated twice, once with respect to the input and once with respect to the weights. The
discriminator is called with `training=False`: JAX cannot follow changes of state (moving averages, random streams)
inside a gradient, and dropout would make the slope random.
"""

import keras
from keras import ops

from course_lib.contracts.arguments import real_number
from course_lib.formulas.events import as_float32, require_same_shape, sum_over_event
from course_lib.formulas.gradients import input_gradient


def squared_slope(discriminator, x):
    r"""The squared length of the gradient of each example's logit: $\lVert \nabla_x D(x) \rVert^2$.

    Args:
        discriminator: Keras model from data to one logit an example; called with `training=False`.
        x: Floats, `(batch, ...)`.

    Returns:
        Float32 tensor, `(batch,)`, ≥ 0: squared logits per squared unit of x.

    Example:
        >>> discriminator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> float(squared_slope(discriminator, ops.zeros((1, 3)))[0])
        3.0
    """
    slope = input_gradient(lambda x: discriminator(x, training=False), x)
    return sum_over_event(ops.square(*as_float32(slope)))


def interpolation_points(real, samples, position):
    r"""A point between each example and its sample: $\hat x = t\,x + (1 - t)\,G(z)$, one position $t$ an example.

    Args:
        real: Floats, `(batch, ...)`.
        samples: Floats, the same shape.
        position: Floats in [0, 1], `(batch,)`: 1 is the example, 0 the sample.

    Returns:
        Float32 tensor, the shape of `real`.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> points = interpolation_points(ops.ones((1, 2)), ops.zeros((1, 2)), ops.array([0.25]))
        >>> ops.convert_to_numpy(points).tolist()
        [[0.25, 0.25]]

    Reference:
        Gulrajani et al. (2017), arXiv:1704.00028, algorithm 1, line 6.
    """
    real, samples, position = as_float32(real, samples, position)
    require_same_shape(real, samples, "samples", "real")
    sizes = {size for size in (*position.shape[:1], real.shape[0]) if size is not None}
    if len(position.shape) != 1 or len(sizes) > 1:
        raise ValueError(
            f"position must hold one number in [0, 1] for each example, shape (batch,); got {tuple(position.shape)} "
            f"for a batch of shape {tuple(real.shape)}."
        )
    position = ops.reshape(position, (-1,) + (1,) * (len(real.shape) - 1))
    return position * real + (1.0 - position) * samples


def check_gradient_penalty(penalty):
    """Raise unless a penalty is None or a function of `(discriminator, real, samples, position)`.

    Args:
        penalty: What a `GAN` is handed as its penalty.

    Raises:
        ValueError: If it is a name, a number, a class or a Keras regulariser.

    Example:
        >>> check_gradient_penalty(R1(10.0))
    """
    if penalty is None:
        return
    if not callable(penalty) or isinstance(penalty, (type, keras.regularizers.Regularizer)):
        raise ValueError(
            "A GAN's penalty is a function of (discriminator, real, samples, position) that returns one value per "
            f"example, such as gradient_penalties.R1(10.0); got {penalty!r}. Make one, with its weight in brackets."
        )


@keras.saving.register_keras_serializable(package="course_lib")
class R1:
    r"""A zero-centred penalty on the slope at the data.

    $$R_1(x) = \frac{\gamma}{2} \, \lVert \nabla_x D(x) \rVert^2, \qquad x \text{ a real example}$$

    Where samples and data agree, nothing may be left to climb: that is what makes the equilibrium attract.

    Args:
        gamma: Number ≥ 0, the strength.

    Raises:
        ValueError: If it is no such number.

    Call arguments:
        discriminator: Keras model to one logit an example; called with `training=False`.
        real: Floats, `(batch, ...)`.
        samples: Not used.
        position: Not used.

    Output shape:
        `(batch,)`, float32.

    Example:
        >>> discriminator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> float(R1(10.0)(discriminator, ops.zeros((1, 3)))[0])
        15.0

    Reference:
        Mescheder et al. (2018), arXiv:1801.04406, eq. 9.
    """

    def __init__(self, gamma):
        self.gamma = _strength(gamma, "gamma")

    def __call__(self, discriminator, real, samples=None, position=None):
        return 0.5 * self.gamma * squared_slope(discriminator, real)

    def get_config(self):
        return {"gamma": self.gamma}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __repr__(self):
        return f"{type(self).__name__}({self.gamma:g})"


@keras.saving.register_keras_serializable(package="course_lib")
class R2(R1):
    r"""The same zero-centred penalty as `R1`, at the samples instead of the data.

    $$R_2(z) = \frac{\gamma}{2} \, \lVert \nabla_x D(x) \rVert^2, \qquad x = G(z)$$

    Args:
        gamma: Number ≥ 0, the strength.

    Raises:
        ValueError: If it is no such number.

    Call arguments:
        discriminator: Keras model to one logit an example; called with `training=False`.
        real: Not used.
        samples: Floats, `(batch, ...)`; a `GAN` gives them without gradient to the generator.
        position: Not used.

    Output shape:
        `(batch,)`, float32.

    Example:
        >>> R2(10.0)
        R2(10)

    Reference:
        Mescheder et al. (2018), arXiv:1801.04406, eq. 10.
    """

    def __call__(self, discriminator, real, samples, position=None):
        return 0.5 * self.gamma * squared_slope(discriminator, samples)


@keras.saving.register_keras_serializable(package="course_lib")
class GradientPenalty:
    r"""A penalty that pulls the slope to 1 between data and samples, for a critic that should be 1-Lipschitz.

    $$\lambda \, (\lVert \nabla_x D(\hat x) \rVert - 1)^2, \qquad \hat x = t\,x + (1 - t)\,G(z),
      \qquad t \sim \mathcal U(0, 1) \text{ for each example}$$

    One-sided, it punishes only slopes above 1. Where the slope is 0 its length has no derivative; 0 is taken.

    Args:
        weight: Number ≥ 0, λ.
        one_sided: Whether slopes below 1 are free.

    Raises:
        ValueError: If the weight is no such number.

    Call arguments:
        discriminator: Keras model to one score an example; called with `training=False`.
        real: Floats, `(batch, ...)`.
        samples: Floats, the same shape; a `GAN` gives them without gradient to the generator.
        position: Floats in [0, 1], `(batch,)`.

    Output shape:
        `(batch,)`, float32.

    Example:
        >>> critic = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> float(GradientPenalty(10.0)(critic, ops.ones((1, 4)), ops.zeros((1, 4)), ops.array([0.5]))[0])
        10.0

    Reference:
        Gulrajani et al. (2017), arXiv:1704.00028, eq. 3; one-sided: Petzka et al. (2018), arXiv:1709.08894, eq. 8.
    """

    def __init__(self, weight=10.0, one_sided=False):
        self.weight = _strength(weight, "weight")
        self.one_sided = bool(one_sided)

    def __call__(self, discriminator, real, samples, position):
        squared = squared_slope(discriminator, interpolation_points(real, samples, position))
        excess = _root(squared) - 1.0
        return self.weight * ops.square(ops.relu(excess) if self.one_sided else excess)

    def get_config(self):
        return {"weight": self.weight, "one_sided": self.one_sided}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __repr__(self):
        return f"GradientPenalty({self.weight:g}{', one_sided=True' if self.one_sided else ''})"


def _root(squared):
    """The square root, with derivative 0 at 0 instead of infinity."""
    positive = squared > 0
    return ops.where(positive, ops.sqrt(ops.where(positive, squared, 1.0)), 0.0)


def _strength(value, name):
    value = real_number(value, name)
    if value < 0:
        raise ValueError(f"{name}, the strength of a penalty, must be a number ≥ 0; got {value!r}.")
    return value
