"""Active units: how many latent dimensions carry something about the data."""

from course_lib.contracts.arguments import finite_float64, real_number


def active_units(means, threshold=0.01):
    r"""The number of latent dimensions whose posterior mean moves with the data.

    $$\#\{u : A_u > \text{threshold}\}, \qquad
      A_u = \operatorname{Var}_x\big(\mathbb E_{q(z \mid x)}[z_u]\big)$$

    A collapsed dimension has the same answer for every example, A = 0. The threshold is meant for a prior of unit
    variance: a code in other units needs another one.

    Args:
        means: Numbers, `(n, latent_dim)`: the encoder's means for many examples, such as `vae.encode(x)[0]`.
        threshold: Number ≥ 0, in squared units of the code.

    Returns:
        Integer from 0 to `latent_dim`.

    Raises:
        ValueError: If `means` is no finite table of at least two rows, or the threshold is negative.

    Example:
        >>> active_units([[-1.0, 0.01], [1.0, -0.01]])
        1

    Reference:
        Burda, Grosse & Salakhutdinov (2016), arXiv:1509.00519, section 5.2.
    """
    threshold = real_number(threshold, "threshold")
    if threshold < 0:
        raise ValueError(f"threshold should be ≥ 0, a variance; got {threshold!r}.")
    return int((unit_activities(means) > threshold).sum())


def unit_activities(means):
    r"""The variance of each latent dimension's posterior mean over the data, $A_u$ of `active_units`.

    Args:
        means: Numbers, `(n, latent_dim)`, n ≥ 2.

    Returns:
        Float64 array, `(latent_dim,)`, divided by n.

    Raises:
        ValueError: If `means` is no finite table of at least two rows.

    Example:
        >>> unit_activities([[-1.0, 3.0], [1.0, 3.0]]).tolist()
        [1.0, 0.0]

    Reference:
        Burda, Grosse & Salakhutdinov (2016), arXiv:1509.00519, section 5.2.
    """
    means = finite_float64(means, "means")
    if means.ndim != 2 or len(means) < 2 or not means.shape[1]:
        raise ValueError(
            f"means should have shape (n, latent_dim) with n ≥ 2; got {means.shape}. A VAE's encode returns means and "
            "log-variances: give the first of the two."
        )
    return means.var(axis=0)
