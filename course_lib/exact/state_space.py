"""A signal that moves slowly, seen in noise: its exact likelihood, and what independent frames lose."""

import numpy as np

from course_lib.contracts.arguments import finite_float64, real_number, whole_number


def kalman_log_likelihood(y, coefficient, innovation, noise):
    r"""Exact log p(y) of an autoregression seen in noise, frame by frame.

    $$x_t = \phi\, x_{t-1} + \mathcal N(0, q), \qquad y_t = x_t + \mathcal N(0, r), \qquad
      x_1 \sim \mathcal N\big(0,\, q / (1 - \phi^2)\big)$$

    Args:
        y: Floats, `(frames,)` or `(n, frames)`.
        coefficient: φ, between −1 and 1.
        innovation: q > 0, a variance.
        noise: r > 0, a variance.

    Returns:
        Nats: a float64, or `(n,)`.

    Raises:
        ValueError: If a parameter is out of its range.

    Example:
        >>> round(float(kalman_log_likelihood([0.5], 0.9, 0.19, 0.5)), 6)
        -1.205004

    Reference:
        Kalman (1960), J. Basic Engineering 82.
    """
    y = finite_float64(y, "y")
    coefficient, innovation, noise = _checked(coefficient, innovation, noise)
    mean, variance, total = 0.0, innovation / (1 - coefficient**2), 0.0
    for t in range(y.shape[-1]):
        surprise, spread = y[..., t] - mean, variance + noise
        total = total - 0.5 * (np.log(2 * np.pi * spread) + surprise**2 / spread)
        gain = variance / spread
        mean, variance = mean + gain * surprise, (1 - gain) * variance
        mean, variance = coefficient * mean, coefficient**2 * variance + innovation
    return total


def posterior_precision(num_frames, coefficient, innovation, noise):
    """The precision matrix of x given y, float64 `(num_frames, num_frames)`: tridiagonal, whatever y is.

    Example:
        >>> posterior_precision(2, 0.5, 1.0, 0.5).tolist()
        [[3.0, -0.5], [-0.5, 3.0]]
    """
    coefficient, innovation, noise = _checked(coefficient, innovation, noise)
    num_frames = whole_number(num_frames, "num_frames", 2)
    diagonal = np.full(num_frames, (1 + coefficient**2) / innovation + 1 / noise)
    diagonal[[0, -1]] = 1 / innovation + 1 / noise
    beside = np.full(num_frames - 1, -coefficient / innovation)
    return np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)


def price_of_independent_frames(coefficient, innovation, noise):
    r"""What the best q with independent frames loses against the exact posterior, in nats a frame, for long clips.

    $$\tfrac12 \ln \frac{2d}{d + \sqrt{d^2 - 4c^2}}, \qquad d = \frac{1 + \phi^2}{q} + \frac1r, \; c = \frac{\phi}{q}$$

    Args:
        coefficient, innovation, noise: φ, q and r, as in `kalman_log_likelihood`.

    Returns:
        A float: nats a frame.

    Example:
        >>> round(price_of_independent_frames(0.9, 0.19, 0.5), 6)
        0.121161
        >>> price_of_independent_frames(0.0, 0.19, 0.5)
        0.0

    Reference:
        The mean-field formula of Bishop (2006), section 10.1.2; the determinant of a tridiagonal Toeplitz matrix.
    """
    coefficient, innovation, noise = _checked(coefficient, innovation, noise)
    d, c = (1 + coefficient**2) / innovation + 1 / noise, coefficient / innovation
    return float(0.5 * np.log(2 * d / (d + np.sqrt(d**2 - 4 * c**2))))


def _checked(coefficient, innovation, noise):
    coefficient, innovation = real_number(coefficient, "coefficient"), real_number(innovation, "innovation")
    noise = real_number(noise, "noise")
    if not -1 < coefficient < 1:
        raise ValueError(f"coefficient should lie between −1 and 1; got {coefficient}.")
    if not (innovation > 0 and noise > 0):
        raise ValueError(f"innovation and noise are variances, and should be positive; got {innovation} and {noise}.")
    return coefficient, innovation, noise
