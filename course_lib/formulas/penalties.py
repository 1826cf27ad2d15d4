"""Penalties on the code of an autoencoder: formulas with one value per example, and weighted versions for a model.

Each value is summed over the code; the mean over the batch is taken once, in the model's loss. So the strength of a
penalty depends neither on the size of a batch nor on how often its examples are repeated.
"""

import math

import keras
from keras import ops

from course_lib.contracts.arguments import real_number
from course_lib.contracts.networks import final_activation
from course_lib.formulas.events import as_float32, sum_over_event
from course_lib.formulas.gradients import squared_jacobian_norm

_SMALLEST = 1e-7


def l1(codes):
    r"""The absolute values of a code, summed: $\sum_j |h_j|$. Its pull to zero does not weaken near zero.

    Args:
        codes: Floats, `(batch, ...)`.

    Returns:
        Float32 tensor, `(batch,)`, ≥ 0, in the unit of the code.

    Example:
        >>> float(l1(ops.array([[3.0, -4.0]]))[0])
        7.0

    Reference:
        Tibshirani (1996), Regression shrinkage and selection via the lasso, JRSS B 58.
    """
    return sum_over_event(ops.abs(*as_float32(codes)))


def l2(codes):
    r"""The squared length of a code: $\sum_j h_j^2$. Its pull is proportional to the value.

    Args:
        codes: Floats, `(batch, ...)`.

    Returns:
        Float32 tensor, `(batch,)`, ≥ 0, in squared units of the code.

    Example:
        >>> float(l2(ops.array([[3.0, -4.0]]))[0])
        25.0
    """
    return sum_over_event(ops.square(*as_float32(codes)))


def bernoulli_kl_sparsity(activations, target):
    r"""How far the mean activity of each unit is from a target, as a KL divergence, summed over the units.

    $$\sum_j \operatorname{KL}(\rho \,\|\, \hat\rho_j) =
      \sum_j \Big( \rho \log\frac{\rho}{\hat\rho_j} + (1 - \rho) \log\frac{1 - \rho}{1 - \hat\rho_j} \Big), \qquad
      \hat\rho_j = \frac1n \sum_{i=1}^n h_{ij}$$

    It is a property of the batch, so every example gets the same value. And it is biased: the divergence is convex
    in $\hat\rho_j$, so by Jensen's inequality the mean over batches of n examples lies *above* the value for the
    whole data set, by about $\operatorname{Var}(h_j)\,(\rho/\bar h_j^2 + (1-\rho)/(1-\bar h_j)^2) / 2n$ for each unit.

    Args:
        activations: Floats in [0, 1] (behind a sigmoid), `(batch, units)`.
        target: The wanted mean activity ρ, a number with 0 < ρ < 1.

    Returns:
        Float32 tensor, `(batch,)`: nats ≥ 0, all equal.

    Raises:
        ValueError: If ρ is not between 0 and 1.

    Example:
        >>> [float(nats) for nats in bernoulli_kl_sparsity(ops.array([[0.0, 1.0], [1.0, 0.0]]), target=0.5)]
        [0.0, 0.0]

    Reference:
        Ng (2011), Sparse autoencoder, CS294A lecture notes; Lee, Ekanadham & Ng (2008).
    """
    _check_target(target)
    (activations,) = as_float32(activations)
    activity = ops.clip(ops.mean(activations, axis=0), _SMALLEST, 1 - _SMALLEST)  # (units,)
    kl = target * (math.log(target) - ops.log(activity))
    kl += (1 - target) * (math.log(1 - target) - ops.log(1 - activity))
    return ops.sum(kl) * ops.ones_like(activations[:, 0])


class Penalty:
    """A weighted penalty for an `Autoencoder`: called with `(encoder, x, codes)`, it returns `(batch,)`.

    Args:
        weight: Number ≥ 0, the strength of the penalty beside the reconstruction error.

    Raises:
        ValueError: If the weight is no finite number, or negative.
    """

    def __init__(self, weight):
        self.weight = real_number(weight, "The weight of a penalty")
        if self.weight < 0:
            raise ValueError(f"The weight of a penalty must be a number ≥ 0; got {weight}.")

    def __call__(self, encoder, x, codes):
        """Return the weighted penalty of each example: the encoder, its input `(batch, ...)`, its codes."""
        raise NotImplementedError

    def check_encoder(self, encoder):
        """Raise a `ValueError` if the penalty makes no sense behind this encoder."""

    def get_config(self):
        return {"weight": self.weight}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{value:g}' for value in self.get_config().values())})"


@keras.saving.register_keras_serializable(package="course_lib")
class L1(Penalty):
    """The weighted sum of absolute code values, `l1`. It needs a decoder that cannot undo a smaller scale.

    Args:
        weight: Number ≥ 0.

    Example:
        >>> float(L1(0.5)(None, None, ops.array([[3.0, -4.0]]))[0])
        3.5
    """

    def __call__(self, encoder, x, codes):
        return self.weight * l1(codes)


@keras.saving.register_keras_serializable(package="course_lib")
class L2(Penalty):
    """The weighted squared length of the code, `l2`. It needs a decoder that cannot undo a smaller scale.

    Args:
        weight: Number ≥ 0.

    Example:
        >>> float(L2(0.5)(None, None, ops.array([[3.0, -4.0]]))[0])
        12.5
    """

    def __call__(self, encoder, x, codes):
        return self.weight * l2(codes)


@keras.saving.register_keras_serializable(package="course_lib")
class Sparse(Penalty):
    """The weighted divergence of the units' mean activities from a target, `bernoulli_kl_sparsity`.

    Args:
        weight: Number ≥ 0.
        target: The wanted mean activity ρ, with 0 < ρ < 1.

    Raises:
        ValueError: If ρ is out of range, or the encoder does not end in a sigmoid.

    Example:
        >>> Sparse(weight=3.0, target=0.1)
        Sparse(3, 0.1)
    """

    def __init__(self, weight, target=0.05):
        super().__init__(weight)
        _check_target(target)
        self.target = float(target)

    def __call__(self, encoder, x, codes):
        return self.weight * bernoulli_kl_sparsity(codes, self.target)

    def check_encoder(self, encoder):
        activation = final_activation(encoder)
        if activation not in (None, "sigmoid", "hard_sigmoid", "softmax"):  # None: it cannot be read off
            raise ValueError(
                f"Sparse compares mean activities with {self.target:g}, so codes must lie in [0, 1], but the encoder "
                f"ends in {activation!r}. Give its last layer activation='sigmoid', or use L1 for other codes."
            )

    def get_config(self):
        return {**super().get_config(), "target": self.target}


@keras.saving.register_keras_serializable(package="course_lib")
class Contractive(Penalty):
    """The weighted squared norm of the encoder's Jacobian, `squared_jacobian_norm`: how much the code reacts to x.

    The encoder is differentiated as it is used, without the noise of its random layers.

    Args:
        weight: Number ≥ 0.

    Example:
        >>> encoder = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, kernel_initializer="ones")])
        >>> float(Contractive(0.5)(encoder, ops.ones((1, 3)), None)[0])  # six entries of 1
        3.0

    Reference:
        Rifai et al. (2011), Contractive auto-encoders, ICML, eq. 7.
    """

    def __call__(self, encoder, x, codes):
        return self.weight * squared_jacobian_norm(lambda x: encoder(x, training=False), x)


def check_penalty(penalty, encoder):
    """Raise unless a penalty is a function of `(encoder, x, codes)` that fits the encoder.

    Args:
        penalty: What an `Autoencoder` is handed as its penalty.
        encoder: Its encoder.

    Raises:
        ValueError: If it is a name, a Keras regulariser (which sums over the batch), or does not fit.

    Example:
        >>> check_penalty(L1(0.1), encoder=None)
    """
    if not callable(penalty) or isinstance(penalty, keras.regularizers.Regularizer):
        raise ValueError(
            "A penalty is a function of (encoder, x, codes) that returns one value per example, such as "
            f"penalties.L1(0.1); got {type(penalty).__name__}. A Keras regulariser would sum over the batch."
        )
    if isinstance(penalty, Penalty):
        penalty.check_encoder(encoder)


def _check_target(target):
    if not 0 < target < 1:
        raise ValueError(f"The target activity must lie strictly between 0 and 1; got {target}.")
