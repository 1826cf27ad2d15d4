"""Walks between codes: straight, and along the sphere."""

import numpy as np


def linear_walk(start, end, num_steps):
    r"""Codes on the straight line from one code to another, both ends included.

    $$z(t) = (1 - t)\, z_0 + t\, z_1, \qquad t = 0, \dots, 1$$

    Args:
        start: Floats, `(latent_dim,)`.
        end: Floats, `(latent_dim,)`.
        num_steps: Integer ≥ 2, the number of codes.

    Returns:
        Float64 array, `(num_steps, latent_dim)`.

    Raises:
        ValueError: If the ends are not two vectors of equal length, or there are fewer than two steps.

    Example:
        >>> linear_walk([0.0, 2.0], [4.0, 0.0], 3).tolist()
        [[0.0, 2.0], [2.0, 1.0], [4.0, 0.0]]
    """
    start, end, t = _checked(start, end, num_steps)
    return (1 - t) * start + t * end


def spherical_walk(start, end, num_steps):
    r"""Codes along the great circle from one code to another, both ends included.

    $$z(t) = \frac{\sin((1-t)\,\Omega)}{\sin\Omega}\, z_0 + \frac{\sin(t\,\Omega)}{\sin\Omega}\, z_1, \qquad
      \cos\Omega = \frac{z_0 \cdot z_1}{\|z_0\|\,\|z_1\|}$$

    Between codes of equal length the length stays the same, where a straight walk cuts through the ball. Only for codes
    whose law is the same in every direction around 0, such as N(0, I): for other codes the origin has no meaning.

    Args:
        start: Floats, `(latent_dim,)`, not zero.
        end: Floats, `(latent_dim,)`, not zero and not opposite to `start`.
        num_steps: Integer ≥ 2, the number of codes.

    Returns:
        Float64 array, `(num_steps, latent_dim)`.

    Raises:
        ValueError: If the ends are not two vectors of equal length, one is zero, they are opposite, or there are fewer
            than two steps.

    Example:
        >>> spherical_walk([1.0, 0.0], [0.0, 1.0], 3).round(4).tolist()
        [[1.0, 0.0], [0.7071, 0.7071], [0.0, 1.0]]

    Reference:
        Shoemake (1985), Animating rotation with quaternion curves; for latent codes White (2016), arXiv:1609.04468.
    """
    start, end, t = _checked(start, end, num_steps)
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if min(lengths) == 0:
        raise ValueError("neither end should be zero: zero has no direction. Use linear_walk.")
    one, other = start / lengths[0], end / lengths[1]
    angle = 2 * np.arctan2(np.linalg.norm(one - other), np.linalg.norm(one + other))  # exact near 0 and π
    if np.pi - angle < 1e-7:
        raise ValueError("the ends should not be opposite: every great circle joins them. Use linear_walk.")
    if angle < 1e-7:
        return (1 - t) * start + t * end
    return (np.sin((1 - t) * angle) * start + np.sin(t * angle) * end) / np.sin(angle)


def _checked(start, end, num_steps):
    start, end = np.asarray(start, dtype="float64"), np.asarray(end, dtype="float64")
    if start.ndim != 1 or start.shape != end.shape:
        raise ValueError(
            f"both ends should be one code of shape (latent_dim,); got {start.shape} and {end.shape}. "
            "encode returns a batch: take one row of it, codes[0]."
        )
    if num_steps < 2:
        raise ValueError(f"num_steps should be at least 2, for the two ends; got {num_steps}.")
    return start, end, np.linspace(0, 1, num_steps)[:, None]
