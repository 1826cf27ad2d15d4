"""Log-probabilities of data given a decoder's output, in nats, one value per example, and the facts about each.

A decoder returns the parameters of a distribution over data; a log-probability judges data by them. Every function
sums over the event (all axes but the first) and computes in float32. `facts` tells, for each log-probability, its
mean in data space and which data it accepts, so that a model can check its input and show pictures.
"""

import math
import numbers
import types
from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import ops

from course_lib.formulas.events import (
    as_float32,
    expected,
    finite_exp,
    real_tensor,
    require_broadcastable,
    require_same_shape,
    sum_over_event,
)

_LOG_2_PI = math.log(2.0 * math.pi)


def bernoulli_log_prob(x, logits):
    r"""Log-probability of binary data, from logits.

    $$\log p(x \mid \ell) = \sum_i x_i \log s_i + (1 - x_i) \log(1 - s_i), \qquad s = \operatorname{sigmoid}(\ell)$$

    For grey values in (0, 1) the same expression is a cross-entropy whose best value is minus the entropy of the
    targets, below 0 even for a perfect copy; it is then not a normalised likelihood (Loaiza-Ganem & Cunningham, 2019,
    arXiv:1907.06845).

    Args:
        x: Numbers in [0, 1], `(batch, ...)`.
        logits: Floats of any precision, same shape, finite. Log-odds, before any sigmoid.

    Returns:
        Float32 tensor, `(batch,)`: nats per example, at most 0.

    Raises:
        ValueError: If the shapes differ (they would broadcast silently).

    Example:
        >>> round(float(bernoulli_log_prob([[1.0, 0.0]], [[0.0, 0.0]])[0]), 4)  # 2 log ½
        -1.3863

    Reference:
        Kingma & Welling (2014), arXiv:1312.6114, appendix C.1.
    """
    x, logits = as_float32(x, logits)
    require_same_shape(x, logits, "logits")
    return -sum_over_event(x * ops.softplus(-logits) + (1.0 - x) * ops.softplus(logits))


def gaussian_log_prob(x, mean, log_var):
    r"""Log-density of a diagonal Gaussian.

    $$\log p(x \mid \mu, \sigma^2) = -\tfrac12 \sum_i \Big( \log 2\pi + \log\sigma_i^2
      + \frac{(x_i - \mu_i)^2}{\sigma_i^2} \Big)$$

    A density, so it can be positive, and it is unbounded above where the variance may shrink to 0 (Mattei & Frellsen,
    2018, arXiv:1802.04826).

    Args:
        x: Numbers, `(batch, ...)`.
        mean: Floats of any precision, same shape.
        log_var: Floats, broadcastable to the same shape: $\log\sigma^2$ (not the standard deviations).

    Returns:
        Float32 tensor, `(batch,)`: nats per example.

    Raises:
        ValueError: If `x` and `mean` have different shapes, or `log_var` does not broadcast to them.

    Example:
        >>> round(float(gaussian_log_prob([[0.0]], [[0.0]], [[0.0]])[0]), 4)  # -½ log 2π
        -0.9189

    Reference:
        Kingma & Welling (2014), arXiv:1312.6114, appendix C.2.
    """
    x, mean, log_var = as_float32(x, mean, log_var)
    require_same_shape(x, mean, "mean")
    require_broadcastable(log_var, x, "log_var")
    return -0.5 * sum_over_event(_LOG_2_PI + log_var + ops.square((x - mean) * finite_exp(-0.5 * log_var)))


def categorical_log_prob(x, logits):
    r"""Log-probability of symbols, one categorical distribution per position.

    $$\log p(x \mid \ell) = \sum_i \log \operatorname{softmax}(\ell_i)_{x_i}$$

    Args:
        x: Integers in [0, categories), `(batch, ...)`; or one-hot (or probability) vectors,
            `(batch, ..., categories)`, the same shape as the logits.
        logits: Floats of any precision, `(batch, ..., categories)`. Before any softmax; −∞ for a symbol that cannot
            occur.

    Returns:
        Float32 tensor, `(batch,)`: nats per example, summed over positions; −∞ for a symbol that cannot occur, or an
        integer that names none.

    Raises:
        ValueError: If the shapes fit neither form, or symbols are not integers.

    Example:
        >>> round(float(categorical_log_prob([[0, 3]], [[[0.0] * 4, [0.0] * 4]])[0]), 4)  # 2 log ¼
        -2.7726

    Reference:
        The multinomial-logit likelihood, e.g. Bishop (2006), Pattern Recognition and Machine Learning, eq. 4.104.
    """
    (logits,) = as_float32(logits)
    x = real_tensor(x)
    if 0 < len(x.shape) == len(logits.shape) - 1:
        return sum_over_event(_log_probability_of_symbols(x, ops.log_softmax(logits, axis=-1)))
    (x,) = as_float32(x)
    require_same_shape(x, logits, "logits")
    return sum_over_event(expected(x, ops.log_softmax(logits, axis=-1)))


def _log_probability_of_symbols(x, log_probabilities):
    if "float" in keras.backend.standardize_dtype(x.dtype):
        raise ValueError(
            f"Symbols must be integers, or one-hot vectors of the shape of the logits, {tuple(log_probabilities.shape)}"
            f"; got {x.dtype} of shape {tuple(x.shape)}. Convert them: x.astype('int32')."
        )
    symbols = ops.arange(log_probabilities.shape[-1], dtype="int32")
    is_symbol = ops.equal(ops.expand_dims(ops.cast(x, "int32"), -1), symbols)
    require_same_shape(is_symbol, log_probabilities, "logits", "One-hot data")
    return ops.max(ops.where(is_symbol, log_probabilities, -math.inf), axis=-1, initial=-math.inf)


@keras.saving.register_keras_serializable(package="course_lib")
class FixedGaussian:
    """The log-density of a Gaussian whose variance σ² is fixed and stated; made by `gaussian(variance)`.

    Called as `log_prob(x, mean)`: the decoder returns the mean alone.
    """

    def __init__(self, variance):
        is_number = isinstance(variance, numbers.Real) and not isinstance(variance, bool)
        if not (is_number and 0 < variance < math.inf):
            raise ValueError(
                f"The variance σ² must be a positive, finite number in squared units of the data; got {variance!r}. "
                "For pixels in [0, 1] try gaussian(0.01), a standard deviation of 0.1."
            )
        self.variance = float(variance)
        self.__name__ = f"gaussian({self.variance:g})"

    def __call__(self, x, mean):
        return gaussian_log_prob(x, mean, math.log(self.variance))

    def __repr__(self):
        return self.__name__

    def get_config(self):
        return {"variance": self.variance}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def gaussian(variance):
    r"""A Gaussian log-density with a fixed, stated variance.

    $$\log p(x \mid \mu) = -\frac{\|x - \mu\|^2}{2\sigma^2} - \frac{D}{2} \log(2\pi\sigma^2)$$

    A squared error *is* this, for one particular σ²: the sum of squares is σ² = ½, Keras' mean over D values is
    σ² = D/2. Stating σ² states how much a wrong pixel costs against the KL divergence.

    Args:
        variance: Positive number, σ², in squared units of the data.

    Returns:
        A function `(x, mean) -> (batch,)` in nats, which can be saved with a model.

    Raises:
        ValueError: If the variance is not a positive, finite number.

    Example:
        >>> log_prob = gaussian(variance=0.25)
        >>> round(float(log_prob([[1.0]], [[0.5]])[0]), 4)
        -0.7258
    """
    return FixedGaussian(variance)


@dataclass(frozen=True)
class Likelihood:
    """What a model must know about a log-probability.

    Attributes:
        mean: From the decoder's outputs to the mean of the distribution, in data space.
        num_parameters: How many tensors the decoder returns.
        minimum: The smallest value that data may have, or None.
        maximum: The largest value, or None.
        symbols: True where data are integers that name symbols; they are never converted to floats.
        takes_logits: True where the decoder must not end in a sigmoid or softmax.
    """

    mean: Callable
    num_parameters: int = 1
    minimum: float | None = None
    maximum: float | None = None
    symbols: bool = False
    takes_logits: bool = False


_FACTS = {
    bernoulli_log_prob: Likelihood(mean=ops.sigmoid, minimum=0.0, maximum=1.0, takes_logits=True),
    gaussian_log_prob: Likelihood(mean=lambda mean, log_var: mean, num_parameters=2),
    categorical_log_prob: Likelihood(mean=ops.softmax, minimum=0, symbols=True, takes_logits=True),
}


def facts(log_prob):
    """Look up the facts about a log-probability.

    Args:
        log_prob: One of this module's log-probabilities, or a function made known by `register`.

    Returns:
        Its `Likelihood`.

    Raises:
        ValueError: If the function is unknown; the message says how to make it known.

    Example:
        >>> facts(bernoulli_log_prob).maximum
        1.0
    """
    if isinstance(log_prob, FixedGaussian):
        return Likelihood(mean=lambda mean: mean)
    known = _known(log_prob)
    if known is None:
        raise ValueError(
            "Expected a log-probability that course_lib.formulas.likelihoods knows (bernoulli_log_prob, "
            f"gaussian_log_prob, categorical_log_prob or gaussian(variance)); got {log_prob!r}. Make your own known "
            "with course_lib.formulas.likelihoods.register(function, Likelihood(mean=..., minimum=..., maximum=...))."
        )
    return known


def _known(log_prob):
    """The facts about a function, or about an object of a class of which one was registered."""
    if not callable(log_prob):
        return None
    try:
        return _FACTS.get(log_prob, _FACTS.get(type(log_prob)))
    except TypeError:  # it has no hash
        return _FACTS.get(type(log_prob))


def register(log_prob, likelihood):
    """Make your own log-probability known to the models, and to Keras, which can then load models that use it.

    A saved model holds the name of a function, not the function: register it again, under the same name, before you
    load the model in another session. An object that is called (with `get_config` and `from_config`, like those of
    `gaussian`) speaks for all objects of its class.

    Args:
        log_prob: A function `(x, *parameters) -> (batch,)`, in nats. A lambda has no name and cannot be saved.
        likelihood: Its `Likelihood`.

    Returns:
        The function, unchanged.

    Raises:
        ValueError: If it cannot be called, or `likelihood` is no `Likelihood`.

    Example:
        >>> def laplace_log_prob(x, mean):
        ...     return -ops.sum(ops.abs(x - mean) + math.log(2.0), axis=-1)
        >>> facts(register(laplace_log_prob, Likelihood(mean=lambda mean: mean))).num_parameters
        1
    """
    if not callable(log_prob) or not isinstance(likelihood, Likelihood):
        raise ValueError(
            "register takes a function (x, *parameters) -> (batch,) and a Likelihood; got "
            f"{log_prob!r} and {likelihood!r}. Write register(function, Likelihood(mean=lambda mean: mean))."
        )
    is_function = isinstance(log_prob, types.FunctionType)
    _FACTS[log_prob if is_function or log_prob.__hash__ else type(log_prob)] = likelihood
    if not is_function and not isinstance(log_prob, type):
        _FACTS[type(log_prob)] = likelihood
    _make_known_to_keras(log_prob if is_function else type(log_prob))
    return log_prob


def _make_known_to_keras(function_or_class):
    """Let Keras find it by its name; what it knows already, and what has no name, stays as it is."""
    name = getattr(function_or_class, "__name__", "<lambda>")
    is_described = isinstance(function_or_class, types.FunctionType) or hasattr(function_or_class, "get_config")
    if name != "<lambda>" and is_described and keras.saving.get_registered_name(function_or_class) == name:
        keras.saving.register_keras_serializable(package="own")(function_or_class)


for _function in (bernoulli_log_prob, gaussian_log_prob, categorical_log_prob):
    keras.saving.register_keras_serializable(package="course_lib")(_function)
