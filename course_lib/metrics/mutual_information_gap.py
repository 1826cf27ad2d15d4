"""Mutual information of codes with known factors, and the gap that asks for one latent dimension per factor."""

import numpy as np

from course_lib.contracts.arguments import finite_float64, whole_number


def mutual_information_gap(codes, factors, num_bins=20):
    r"""How far the code's best dimension is ahead of its second best, for each known factor.

    $$\mathrm{MIG}_k = \frac{I(z_{(1)}; v_k) - I(z_{(2)}; v_k)}{H(v_k)} \in [0, 1]$$

    The two dimensions are those that tell most about the factor. 1: one dimension tells all, no other anything.
    0: two tell the same. It speaks about the *axes* of the code: a rotation changes it, and may leave everything else
    about the model as it was. The score of a model is the mean over its factors.

    Args:
        codes: Numbers, `(n, latent_dim)` with at least two dimensions, such as the encoder's means.
        factors: Integers, `(n, num_factors)`: known causes of the data, each with at least two values. Put real-valued
            factors into bins first.
        num_bins: Integer ≥ 2, the bins of equal width between the least and the largest value of each dimension.

    Returns:
        Float64 array, `(num_factors,)`.

    Raises:
        ValueError: If the shapes do not fit, codes are not finite, or a factor is constant.

    Example:
        >>> factors = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        >>> mutual_information_gap(factors.astype(float), factors).tolist()
        [1.0, 1.0]

    Reference:
        Chen et al. (2018), Isolating sources of disentanglement, arXiv:1802.04942, eq. 6; from bins of the mean code
        as in Locatello et al. (2019), arXiv:1811.12359.
    """
    codes, factors = _checked(codes, factors)
    if codes.shape[1] < 2:
        raise ValueError("a gap needs at least two latent dimensions; got 1.")
    entropies = np.array([_mutual_information(factor, factor) for factor in factors.T])
    if not entropies.all():
        raise ValueError(f"every factor should have at least two values; factor {entropies.argmin()} is constant.")
    second, first = np.sort(mutual_information(codes, factors, num_bins), axis=0)[-2:]
    return (first - second) / entropies


def mutual_information(codes, factors, num_bins=20):
    r"""Mutual information of each latent dimension, put into bins, with each known factor.

    $$I(z_j; v_k) = \sum_{b, v} p(b, v) \log \frac{p(b, v)}{p(b)\,p(v)}$$

    Counted from examples, so biased upwards, by about (bins − 1)(values − 1)/(2n) nats where the two are independent.

    Args:
        codes: Numbers, `(n, latent_dim)`.
        factors: Integers, `(n, num_factors)`.
        num_bins: Integer ≥ 2.

    Returns:
        Float64 array, `(latent_dim, num_factors)`: nats.

    Raises:
        ValueError: If the shapes do not fit or codes are not finite.

    Example:
        >>> mutual_information([[0.0], [0.1], [1.0], [0.9]], [[0], [0], [1], [1]]).round(4).tolist()  # log 2
        [[0.6931]]

    Reference:
        Shannon (1948), A mathematical theory of communication, section 12.
    """
    codes, factors = _checked(codes, factors)
    num_bins = whole_number(num_bins, "num_bins", 2)
    binned = [_bins(code, num_bins) for code in codes.T]
    return np.array([[_mutual_information(code, factor) for factor in factors.T] for code in binned])


def _mutual_information(one, other):
    """Of two arrays of symbols, `(n,)` each; of a symbol with itself it is the entropy."""
    (_, one), (_, other) = (np.unique(symbols, return_inverse=True) for symbols in (one, other))
    counts = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(counts, (one, other), 1.0)
    joint = counts / counts.sum()
    independent = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    seen = joint > 0
    return max(float((joint[seen] * np.log(joint[seen] / independent[seen])).sum()), 0.0)  # rounding may leave −1e-17


def _bins(code, num_bins):
    low, high = code.min(), code.max()
    width = (high - low) / num_bins
    if not width > 0:
        return np.zeros(len(code), "int64")
    return np.minimum((code - low) / width, num_bins - 1).astype("int64")


def _checked(codes, factors):
    codes, factors = finite_float64(codes, "codes"), np.asarray(factors)
    if codes.ndim != 2 or 0 in codes.shape:
        raise ValueError(f"codes should have shape (n, latent_dim); got {codes.shape}.")
    if factors.ndim != 2 or len(factors) != len(codes) or not factors.shape[1]:
        raise ValueError(
            f"factors should have shape ({len(codes)}, num_factors), a column for each; got {factors.shape}. "
            "Stack single factors with np.stack([...], axis=1)."
        )
    if factors.dtype.kind not in "biu":
        raise ValueError(
            f"factors should be integers, one for each value of a factor; got {factors.dtype}. Put real-valued factors "
            "into bins first: np.digitize(factor, edges)."
        )
    return codes, factors
