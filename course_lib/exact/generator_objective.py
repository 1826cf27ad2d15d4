"""What a generator descends against the best discriminator there is: its gradient, and the divergence behind it."""

import numpy as np

from course_lib.contracts.arguments import real_number
from course_lib.exact.optimal_discriminator import optimal_logit
from course_lib.exact.quadrature import expectation_1d, jensen_shannon_1d, kl_1d

_STEP = 1e-5  # of the differences along x, in units of the generator's scale


def affine_log_density(log_base, scale, shift):
    r"""Log-density of what the generator G(z) = az + b makes of noise z on the line.

    $$\log q(x) = \log \pi\!\left(\frac{x - b}{a}\right) - \log |a|$$

    Args:
        log_base: Vectorised log-density π of the noise, in nats, such as `scipy.stats.norm.logpdf`.
        scale: a, not 0; negative turns the noise round.
        shift: b.

    Returns:
        Vectorised function from points x to log q(x), in nats.

    Raises:
        ValueError: If `scale` is 0: a single point has no density.

    Example:
        >>> standard_normal = lambda z: -0.5 * (np.log(2 * np.pi) + z**2)
        >>> round(float(affine_log_density(standard_normal, scale=-2.0, shift=1.0)(1.0)), 4)  # −log 2 lower than at 0
        -1.6121
    """
    scale, shift = real_number(scale, "scale"), real_number(shift, "shift")
    if scale == 0:
        raise ValueError("scale should not be 0: the generator would make a single point, which has no density.")
    return lambda x: log_base((np.asarray(x, dtype="float64") - shift) / scale) - np.log(abs(scale))


def generator_gradient(slope, log_p, log_base, scale, shift, lower, upper, num_points=20_001):
    r"""Gradient of a generator's loss in its own parameters, against D* held still.

    The generator is G(z) = az + b, its loss L a function of the discriminator's logit, and the discriminator the
    optimal one *for this generator*, $\ell^* = \log p - \log q$, which does not move while the gradient is taken:

    $$\nabla_{(a,b)} \, \mathbb E_z\big[L(\ell^*(az + b))\big]
      = \mathbb E_z\Big[L'(\ell^*(x)) \; \frac{d\ell^*}{dx}(x) \; (z, 1)\Big], \qquad x = az + b$$

    Args:
        slope: Vectorised L′, the loss's derivative for the logit: −D = `-expit(logit)` for the saturating loss
            log(1 − D), −(1 − D) = `-expit(-logit)` for the non-saturating −log D.
        log_p: Vectorised log-density of the data, in nats, positive density wherever the generator has mass.
        log_base: Vectorised log-density of the noise z.
        scale: a, not 0.
        shift: b.
        lower: Left end of an interval that holds the generator's mass.
        upper: Right end.
        num_points: Grid points.

    Returns:
        Float64 array `(2,)`: the derivatives for a and for b, in nats per unit.

    Raises:
        ValueError: If `scale` is 0, the generator's mass on the interval is not 1, or p vanishes where q has mass.

    Example:
        >>> normal = lambda mean: lambda x: -0.5 * (np.log(2 * np.pi) + (x - mean) ** 2)
        >>> def pull_on_the_shift(slope, shift=10.0):
        ...     return round(float(generator_gradient(slope, normal(0.0), normal(0.0), 1.0, shift, -30, 30)[1]), 4)
        >>> pull_on_the_shift(lambda logit: -1 / (1 + np.exp(-logit)))  # saturating, far from the data: none
        0.0
        >>> pull_on_the_shift(lambda logit: -1 / (1 + np.exp(logit)))  # non-saturating: the steepest of all
        10.0

    Reference:
        Goodfellow et al. (2014), arXiv:1406.2661, section 3; Arjovsky & Bottou (2017), arXiv:1701.04862, section 2.2.
    """
    log_q = affine_log_density(log_base, scale, shift)
    step = _STEP * abs(scale)

    def pull(x):
        rise = optimal_logit(x + step, log_p, log_q) - optimal_logit(x - step, log_p, log_q)
        return slope(optimal_logit(x, log_p, log_q)) * rise / (2 * step)

    ends = (lower, upper, num_points)
    for_scale = expectation_1d(lambda x: pull(x) * (x - shift) / scale, log_q, *ends)
    return np.array([for_scale, expectation_1d(pull, log_q, *ends)])


def non_saturating_divergence(log_p, log_q, lower, upper, num_points=20_001):
    r"""The divergence that the non-saturating generator descends at D*.

    $$\mathrm{KL}(q \,\|\, p) - 2\,\mathrm{JSD}(p, q) = 2\,\mathrm{KL}\big(\tfrac12(p + q) \,\big\|\, p\big) \ge 0$$

    Zero only for q = p. Losing a mode of p costs little; samples where p has no mass cost without end. It is *not* the
    value of the generator's loss, only what has its gradient (D* held still).

    Args:
        log_p: Vectorised log-density of the data, in nats.
        log_q: Vectorised log-density of the generator.
        lower: Left end of an interval that holds the mass of both.
        upper: Right end.
        num_points: Grid points.

    Returns:
        Float, nats; infinite where q has mass and p has none.

    Raises:
        ValueError: If the mass of p or q on the interval is not 1.

    Example:
        >>> normal = lambda mean: lambda x: -0.5 * (np.log(2 * np.pi) + (x - mean) ** 2)
        >>> round(non_saturating_divergence(normal(0.0), normal(6.0), -12, 18), 3)  # 18 nats, less 2 log 2
        16.621

    Reference:
        Arjovsky & Bottou (2017), arXiv:1701.04862, theorem 2.5; Shannon et al. (2020), arXiv:2010.08029.
    """
    ends = (lower, upper, num_points)
    return kl_1d(log_q, log_p, *ends) - 2 * jensen_shannon_1d(log_p, log_q, *ends)
