"""An instrument for vowels: where the resonances of a sound lie, by linear prediction."""

import numpy as np
from scipy import linalg

from course_lib.contracts.arguments import finite_float64, real_number, whole_number


def linear_prediction(x, order=6):
    r"""The best coefficients that predict a sample from those before it, $\hat x_n = \sum_{j=1}^p a_j x_{n-j}$.

    Args:
        x: Floats, `(samples,)`: a piece of a sound; it is windowed (Hamming) first.
        order: p: two for each resonance.

    Returns:
        Float64 array `(order,)`: a.

    Raises:
        ValueError: If the sound is silent, or not longer than the order.

    Example:
        >>> x = 0.9 ** np.arange(2000) * 1.0
        >>> linear_prediction(np.tile(x[:50], 40), order=1).round(1).tolist()
        [0.9]

    Reference:
        Atal & Hanauer (1971), Speech analysis and synthesis by linear prediction, J. Acoust. Soc. Am. 50.
    """
    x, order = finite_float64(x, "x"), whole_number(order, "order", 1)
    if x.ndim != 1 or len(x) <= order:
        raise ValueError(f"x should be one sound, longer than the order {order}; got {x.shape}.")
    x = x * np.hamming(len(x))
    lags = np.array([x[: len(x) - lag] @ x[lag:] for lag in range(order + 1)])
    if not lags[0] > 0:
        raise ValueError("x should not be silent: there is nothing to predict.")
    lags[0] *= 1 + 1e-9
    return linalg.solve_toeplitz(lags[:-1], lags[1:])


def formants(x, rate=8000, order=6, number=3):
    r"""The resonances of a sound, in Hz: the angles of the poles of $1 / (1 - \sum_j a_j z^{-j})$.

    For a source of pulses at the pitch $f_0$ the spectrum is known only at its multiples; so expect errors up to about
    $f_0 / 2$.

    Args:
        x: Floats, `(samples,)`: a piece of a sound in which the resonances stand still.
        rate: Samples a second.
        order: Of the linear prediction.
        number: How many resonances, from the lowest.

    Returns:
        Float64 array `(number,)`, rising; NaN where there are fewer.

    Example:
        >>> from scipy.signal import lfilter
        >>> noise = np.random.default_rng(0).normal(size=8000)
        >>> pole = 0.97 * np.exp(2j * np.pi * 1000 / 8000)
        >>> found = formants(lfilter([1], np.poly([pole, pole.conj()]), noise), order=2, number=1)
        >>> bool(abs(found[0] - 1000) < 10)
        True
    """
    rate, number = real_number(rate, "rate"), whole_number(number, "number", 1)
    roots = np.roots(np.concatenate([[1.0], -linear_prediction(x, order)]))
    angles = np.sort(np.angle(roots[roots.imag > 1e-9])) * rate / (2 * np.pi)
    return np.concatenate([angles, np.full(number, np.nan)])[:number]
