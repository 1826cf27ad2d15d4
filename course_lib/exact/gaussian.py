"""The Gaussian with a full covariance: its log-density and its divergence, in nats and float64."""

import numpy as np

from course_lib.contracts.arguments import finite_float64, real_array
from course_lib.exact.rows import as_rows


def cholesky_factor(covariance):
    """Lower Cholesky factor of each covariance in a stack.

    Args:
        covariance: Floats, `(..., d, d)`, symmetric and positive definite.

    Returns:
        Float64 array, `(..., d, d)`: lower triangular.

    Raises:
        numpy.linalg.LinAlgError: (a ValueError) if a covariance is not symmetric and positive definite.

    Example:
        >>> cholesky_factor([[4.0]]).tolist()
        [[2.0]]
    """
    covariance = real_array(covariance, "a covariance").astype("float64")
    if covariance.ndim < 2 or covariance.shape[-1] != covariance.shape[-2] or 0 in covariance.shape:
        raise ValueError(f"a covariance should have shape (d, d); got {covariance.shape}.")
    try:
        if not _is_symmetric(covariance):
            raise np.linalg.LinAlgError
        return np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError(
            "a covariance should be symmetric and positive definite; this one is not. "
            "Use more examples than features, or fewer features."
        ) from None


def _is_symmetric(covariance):
    if not np.isfinite(covariance).all():
        return False
    rounding = 1e-10 * np.abs(covariance).max(axis=(-2, -1), keepdims=True)
    return (np.abs(covariance - np.swapaxes(covariance, -1, -2)) <= rounding).all()


def gaussian_log_density(x, mean, covariance):
    r"""Log-density of a Gaussian with a full covariance.

    $$\log \mathcal N(x; \mu, C) = -\tfrac12\big(d \log 2\pi + \log|C| + (x-\mu)^\top C^{-1} (x-\mu)\big)$$

    Args:
        x: Floats, `(n, d)`.
        mean: Floats, `(d,)`.
        covariance: Floats, `(d, d)`, positive definite.

    Returns:
        Float64 array, `(n,)`: nats per example.

    Raises:
        numpy.linalg.LinAlgError: (a ValueError) if the covariance is not symmetric and positive definite.
        ValueError: If the shapes do not match or a number is not finite.

    Example:
        >>> round(float(gaussian_log_density([[0.0]], [0.0], [[1.0]])[0]), 4)
        -0.9189

    Reference:
        Bishop (2006), Pattern Recognition and Machine Learning, equation 2.43.
    """
    factor = cholesky_factor(covariance)
    mean = finite_float64(mean, "mean")
    if factor.shape != 2 * mean.shape:
        raise ValueError(f"mean should be (d,) and the covariance (d, d); got {mean.shape} and {factor.shape}.")
    whitened = (as_rows(x, len(mean)) - mean) @ np.linalg.inv(
        factor
    ).T  # (n, d); SciPy's triangular solve waits for threads
    log_normaliser = len(factor) * np.log(2 * np.pi) + 2 * np.log(np.diag(factor)).sum()
    return -0.5 * (log_normaliser + np.square(whitened).sum(axis=1))


def multivariate_gaussian_kl(mean_q, covariance_q, mean_p, covariance_p):
    r"""KL divergence of one full-covariance Gaussian from another, per example.

    $$\mathrm{KL}(q\,\|\,p) = \tfrac12\big(\operatorname{tr} C_p^{-1} C_q
      + (\mu_q-\mu_p)^\top C_p^{-1} (\mu_q-\mu_p) - d + \log|C_p| - \log|C_q|\big) \ge 0$$

    Args:
        mean_q: Floats, `(n, d)`.
        covariance_q: Floats, `(n, d, d)`, or `(d, d)` for all examples.
        mean_p: Floats, `(n, d)`, or `(d,)` for all examples.
        covariance_p: Floats, `(d, d)`.

    Returns:
        Float64 array, `(n,)`: nats per example.

    Raises:
        numpy.linalg.LinAlgError: (a ValueError) if a covariance is not symmetric and positive definite.
        ValueError: If the shapes do not match or a number is not finite.

    Example:
        >>> multivariate_gaussian_kl([[1.0]], [[1.0]], [0.0], [[1.0]]).tolist()
        [0.5]

    Reference:
        Kullback (1959), Information Theory and Statistics, chapter 9.
    """
    factor_q, factor_p = cholesky_factor(covariance_q), cholesky_factor(covariance_p)
    mean_q, mean_p = as_rows(mean_q, name="mean_q"), finite_float64(mean_p, "mean_p")
    n, d = mean_q.shape
    shapes = mean_p.shape, factor_q.shape, factor_p.shape
    if not (shapes[0] in ((d,), (n, d)) and shapes[1] in ((d, d), (n, d, d)) and shapes[2] == (d, d)):
        raise ValueError(
            f"for mean_q ({n}, {d}), mean_p should be ({d},) or ({n}, {d}), covariance_q ({d}, {d}) or ({n}, {d}, {d}) "
            f"and covariance_p ({d}, {d}); got {', '.join(map(str, shapes))}."
        )
    difference = mean_q - mean_p
    precision_p = np.linalg.inv(covariance_p)
    trace = np.einsum("ij,...ji->...", precision_p, covariance_q)
    distance = np.einsum("ni,ij,nj->n", difference, precision_p, difference)
    return 0.5 * (trace + distance - d + _log_determinant(factor_p) - _log_determinant(factor_q))


def _log_determinant(factor):
    return 2 * np.log(np.diagonal(factor, axis1=-2, axis2=-1)).sum(axis=-1)
