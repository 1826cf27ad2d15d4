"""Principal components: the best that any linear autoencoder can do."""

import numpy as np

from course_lib.contracts.arguments import whole_number
from course_lib.exact.rows import as_rows


def principal_variances(x):
    r"""Eigenvalues of the maximum-likelihood covariance (divided by n), largest first.

    Args:
        x: Floats, `(n, d)`.

    Returns:
        Float64 array, `(d,)`, all at least 0.

    Example:
        >>> principal_variances([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]]).tolist()
        [2.0, 0.5]

    Reference:
        Pearson (1901), On lines and planes of closest fit to systems of points in space.
    """
    return np.maximum(_eigen_decomposition(x)[0], 0.0)


def principal_axes(x, num_components):
    """The directions of largest variance.

    Args:
        x: Floats, `(n, d)`.
        num_components: k, with `1 <= k <= d`.

    Returns:
        Float64 array, `(d, k)`: orthonormal columns, largest variance first; each has an arbitrary sign.

    Raises:
        ValueError: If k is out of range.

    Example:
        >>> np.abs(principal_axes([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]], 1)).tolist()
        [[1.0], [0.0]]
    """
    vectors = _eigen_decomposition(x)[1]
    return vectors[:, : whole_number(num_components, "num_components", 1, len(vectors))]


def reconstruction_error(x, num_components):
    r"""The smallest error with which a linear code of k numbers can copy `x`: the rank-k residual.

    $$\min_{\operatorname{rank} A \le k, \, b} \frac1n \sum_n \|x_n - A x_n - b\|^2 = \sum_{j > k} \lambda_j$$

    Squared error summed over features, averaged over examples; λ are the `principal_variances`.

    Args:
        x: Floats, `(n, d)`.
        num_components: k, with `0 <= k <= d`.

    Returns:
        Float, in squared units of x per example.

    Raises:
        ValueError: If k is out of range.

    Example:
        >>> reconstruction_error([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]], num_components=1)
        0.5

    Reference:
        Eckart & Young (1936); for linear autoencoders Baldi & Hornik (1989), Neural Networks 2(1).
    """
    variances = principal_variances(x)
    rank = whole_number(num_components, "num_components", 0, len(variances))
    return float(variances[rank:].sum())


def subspace_distance(a, b):
    r"""How far two subspaces are apart: ‖sin Θ‖²_F, the sum of the squared sines of their principal angles.

    Args:
        a: Floats, `(d, k)`: columns that span the first subspace, not necessarily orthogonal.
        b: Floats, `(d, k)`: columns that span the second.

    Returns:
        Float in [0, k]: 0 for equal subspaces, k for orthogonal ones.

    Raises:
        ValueError: If the shapes differ or the columns are linearly dependent.

    Example:
        >>> round(subspace_distance([[1.0], [0.0]], [[2.0], [2.0]]), 12)  # sin² 45°
        0.5

    Reference:
        Björck & Golub (1973), Numerical methods for computing angles between linear subspaces.
    """
    a, b = as_rows(a, name="a"), as_rows(b, name="b")
    if a.shape != b.shape:
        raise ValueError(f"a and b should have the same shape (d, k); got {a.shape} and {b.shape}.")
    basis_a, basis_b = _orthonormal(a, "a"), _orthonormal(b, "b")
    outside = basis_b - basis_a @ (basis_a.T @ basis_b)
    return float(np.square(outside).sum())


def _eigen_decomposition(x):
    """Eigenvalues `(d,)` and eigenvectors `(d, d)` of the covariance, largest first."""
    x = as_rows(x)
    centred = x - x.mean(axis=0)
    variances, vectors = np.linalg.eigh(centred.T @ centred / len(x))
    return variances[::-1], vectors[:, ::-1]


def _orthonormal(columns, name):
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise ValueError(
            f"the columns of {name} should be linearly independent; they span fewer than {columns.shape[1]} dimensions."
        )
    return np.linalg.qr(columns)[0]
