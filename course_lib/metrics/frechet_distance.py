"""Fréchet distance: how far two clouds of features are apart in mean and covariance."""

import numpy as np

from course_lib.contracts.arguments import real_array
from course_lib.metrics.feature_rows import feature_pair


def frechet_distance(real, generated):
    r"""Squared Fréchet distance of the Gaussians fitted to two sets of features.

    On features of the Inception network this is the FID; on other features it has another scale. It sees means and
    covariances only, and it is biased upwards: two samples of n rows from the same N(0, I_d) score about
    (2d + d(d+1)/2)/n, so compare at equal n, beside real against real.

    Args:
        real: Numbers, `(n, d)`, `n >= 2`. One example a row.
        generated: Numbers, `(m, d)`, `m >= 2`.

    Returns:
        Float, at least 0, in squared units of the features. Covariances are divided by n − 1, as FID's are; they may
        be singular.

    Raises:
        ValueError: If a set is not two-dimensional, has fewer than 2 rows, holds NaN or infinity, or the widths differ.

    Example:
        >>> real = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
        >>> round(frechet_distance(real, real + [3.0, 4.0]), 9)
        25.0

    Reference:
        Heusel et al. (2017), GANs trained by a two time-scale update rule, arXiv:1706.08500, equation 6.
    """
    real, generated = feature_pair(real, generated, min_rows=2)
    return frechet_of_gaussians(*_moments(real), *_moments(generated))


def frechet_of_gaussians(mean_a, covariance_a, mean_b, covariance_b):
    r"""Squared Fréchet (Wasserstein-2) distance of two Gaussians.

    $$d^2 = \|\mu_a - \mu_b\|^2 + \operatorname{tr}\Big(A + B - 2\big(A^{1/2} B A^{1/2}\big)^{1/2}\Big)$$

    The trace of the last root is the sum of the singular values of A^{1/2} B^{1/2}; taken so, singular covariances
    lose no digits.

    Args:
        mean_a: Floats, `(d,)`.
        covariance_a: Floats, `(d, d)`: symmetric, no negative eigenvalue.
        mean_b: Floats, `(d,)`.
        covariance_b: Floats, `(d, d)`.

    Returns:
        Float, at least 0.

    Raises:
        ValueError: If the shapes do not match, a number is not finite, or a covariance is not symmetric and positive
            semi-definite.

    Example:
        >>> frechet_of_gaussians([0.0], [[1.0]], [3.0], [[4.0]])  # (0 − 3)² + (1 − 2)²
        10.0

    Reference:
        Dowson & Landau (1982), The Fréchet distance between multivariate normal distributions, equation 4.
    """
    mean_a, covariance_a = _checked_gaussian(mean_a, covariance_a, "a")
    mean_b, covariance_b = _checked_gaussian(mean_b, covariance_b, "b")
    if mean_a.shape != mean_b.shape:
        raise ValueError(f"both Gaussians should have the same dimension; got {len(mean_a)} and {len(mean_b)}.")
    overlap = np.linalg.svd(_symmetric_root(covariance_a) @ _symmetric_root(covariance_b), compute_uv=False).sum()
    distance = np.square(mean_a - mean_b).sum() + np.trace(covariance_a) + np.trace(covariance_b) - 2 * overlap
    return float(max(distance, 0.0))  # rounding may leave −1e-16


def _moments(features):
    return features.mean(axis=0), np.atleast_2d(np.cov(features, rowvar=False))


def _checked_gaussian(mean, covariance, name):
    mean, covariance = real_array(mean, f"mean_{name}"), real_array(covariance, f"covariance_{name}")
    mean, covariance = mean.astype("float64"), covariance.astype("float64")
    if mean.ndim != 1 or not mean.size or covariance.shape != (len(mean), len(mean)):
        raise ValueError(
            f"mean_{name} should be (d,) and covariance_{name} (d, d); got {mean.shape}, {covariance.shape}."
        )
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise ValueError(f"mean_{name} and covariance_{name} should be finite; they hold NaN or infinity.")
    if not np.allclose(covariance, covariance.T, rtol=1e-6, atol=1e-10 * np.abs(covariance).max()):
        raise ValueError(f"covariance_{name} should be symmetric; it is not.")
    return mean, covariance


def _symmetric_root(covariance):
    eigenvalues, vectors = np.linalg.eigh(covariance)
    rounding = 1e-10 * np.abs(eigenvalues).max()
    if eigenvalues[0] < -rounding:
        raise ValueError(f"a covariance should have no negative eigenvalue; this one has {eigenvalues[0]:.3g}.")
    return (vectors * np.sqrt(np.maximum(eigenvalues, 0.0))) @ vectors.T
