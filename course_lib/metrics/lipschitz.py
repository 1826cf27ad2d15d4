"""How steep is a critic? Measured from pairs of points and from gradients: in both cases a lower bound of the truth."""

import keras
import numpy as np
from keras import ops
from scipy.spatial import distance

from course_lib.contracts.arguments import finite_float64
from course_lib.formulas.gradients import input_gradient


def steepest_pair(critic, x, y):
    r"""The steepest slope of a critic between a point of one sample and a point of another.

    $$\hat L = \max_{ij} \frac{|f(x_i) - f(y_j)|}{\lVert x_i - y_j \rVert}$$

    It is a *lower bound* of the Lipschitz constant, which is the supremum over all pairs of points there are. Yet for
    these samples it is enough: every transport plan pays at least $|f(x_i) - f(y_j)| / \hat L$ for each unit it
    carries, so that $(\overline{f(x)} - \overline{f(y)}) / \hat L \le W_1$ of the two samples, without exception.
    Pairs that coincide are passed over; those that nearly do carry the rounding errors of the scores.

    Args:
        critic: Keras model (called with `training=False`) or function from float32 `(n, ...)` to `(n,)` or `(n, 1)`.
        x: Numbers, `(n, ...)`. All points in `x` and `y` with each other: hand in the same array twice.
        y: Numbers, `(m, ...)`; memory grows with n·m.

    Returns:
        Float ≥ 0, in units of the score per unit of x.

    Raises:
        ValueError: If the shapes per example differ, a number is not finite, the critic does not return one score an
            example, or every pair coincides.

    Example:
        >>> steepest_pair(lambda x: 3 * x[:, 0], [[0.0], [1.0]], [[2.0], [5.0]])
        3.0

    Reference:
        Arjovsky, Chintala & Bottou (2017), arXiv:1701.07875, section 3: a K-Lipschitz critic estimates at most K · W₁.
    """
    x, y = _examples(x, "x"), _examples(y, "y")
    if x.shape[1:] != y.shape[1:]:
        raise ValueError(f"an example of x should have the shape of one of y; got {x.shape[1:]} and {y.shape[1:]}.")
    gaps = distance.cdist(x.reshape(len(x), -1), y.reshape(len(y), -1))
    if not gaps.any():
        raise ValueError("x and y should hold two different points at least; all pairs coincide.")
    rises = np.abs(np.subtract.outer(_scores(critic, x), _scores(critic, y)))
    return float((rises[gaps > 0] / gaps[gaps > 0]).max())


def steepest_slope(critic, x):
    r"""The largest gradient norm of a critic at given points: $\max_i \lVert \nabla_x f(x_i) \rVert$.

    It is a *lower bound* of the Lipschitz constant: between the points the critic may be steeper.

    Args:
        critic: Keras model (called with `training=False`) or function from float32 `(n, ...)` to one score an example.
        x: Numbers, `(n, ...)`.

    Returns:
        Float ≥ 0, in units of the score per unit of x.

    Raises:
        ValueError: If `x` is empty or a number is not finite.

    Example:
        >>> steepest_slope(lambda x: x[:, 0] ** 2, [[0.5], [-2.0]])
        4.0

    Reference:
        Gulrajani et al. (2017), arXiv:1704.00028, section 2.3: differentiable functions are 1-Lipschitz if and only if
        their gradients have norm at most 1 everywhere.
    """
    x = _examples(x, "x")
    _scores(critic, x[:1])
    slopes = input_gradient(_at_rest(critic), ops.convert_to_tensor(x.astype("float32")))
    slopes = ops.convert_to_numpy(ops.stop_gradient(slopes)).astype("float64")
    return float(np.linalg.norm(slopes.reshape(len(slopes), -1), axis=1).max())


def _at_rest(critic):
    """The critic without dropout and the like."""
    if hasattr(critic, "discriminator"):
        raise ValueError(
            f"critic should be a function of points; got a whole {type(critic).__name__}. Hand over its critic: "
            "model.discriminator."
        )
    if isinstance(critic, type) or not callable(critic):
        raise ValueError(f"critic should be a function of points or a network; got a {type(critic).__name__}.")
    return (lambda x: critic(x, training=False)) if isinstance(critic, keras.layers.Layer) else critic


def _answers(critic, x):
    """What a critic says of points: one tensor, or a sentence about what it says instead."""
    try:
        answers = _at_rest(critic)(x)
    except (TypeError, AttributeError, NotImplementedError) as error:
        reason = next((line for line in str(error).splitlines() if line.strip()), "")
        raise ValueError(
            f"critic should be a function of points of shape {tuple(x.shape)}; got {type(error).__name__} when it was "
            f"called on them: {reason[:200]}"
        ) from error
    if not hasattr(answers, "shape"):
        raise ValueError(
            f"critic should return one score an example; got a {type(answers).__name__} from a "
            f"{type(critic).__name__}. Hand over the network that scores, such as gan.discriminator."
        )
    return answers


def _examples(values, name):
    values = finite_float64(values, name)
    if values.ndim < 2 or values.size == 0:
        raise ValueError(f"{name} should have shape (n, ...) with n >= 1; got {values.shape}. Add an axis: x[:, None].")
    return values


def _scores(critic, x):
    scores = _answers(critic, ops.convert_to_tensor(x.astype("float32")))
    scores = ops.convert_to_numpy(ops.stop_gradient(scores)).astype("float64")
    if scores.shape not in ((len(x),), (len(x), 1)):
        raise ValueError(
            f"a critic should return one score an example, ({len(x)},) or ({len(x)}, 1); got {scores.shape}."
        )
    return finite_float64(scores.reshape(len(x)), "the critic's scores")
