"""The best Gaussian with independent entries for a Gaussian whose entries hang together."""

import numpy as np

from course_lib.contracts.arguments import real_array
from course_lib.exact.gaussian import cholesky_factor


def mean_field_gaussian(covariance):
    r"""The diagonal Gaussian q that minimises KL(q ‖ p) for a Gaussian p, and what is left of the divergence.

    With the precision matrix $\Lambda = C^{-1}$ of p: the mean of q is that of p, its variances and the rest are

    $$s_j = \frac{1}{\Lambda_{jj}}, \qquad \min_q \mathrm{KL}(q\,\|\,p)
      = \tfrac12 \Big(\sum_j \log \Lambda_{jj} - \log |\Lambda|\Big) \ge 0$$

    Where p is the posterior of a latent-variable model, this is what the best mean-field ELBO loses: with
    `ProbabilisticPCA`, `log_prob(x)` minus the rest is the highest ELBO of any diagonal q.

    Args:
        covariance: Floats, `(d, d)`: C, positive definite.

    Returns:
        Variances, float64 `(d,)`, and the divergence that is left, a float in nats.

    Raises:
        numpy.linalg.LinAlgError: (a ValueError) if the covariance is not symmetric and positive definite.

    Example:
        >>> variances, rest = mean_field_gaussian(np.linalg.inv([[4.0, 3.0], [3.0, 4.0]]))
        >>> variances.round(4).tolist(), round(rest, 4)
        ([0.25, 0.25], 0.4133)

    Reference:
        Bishop (2006), Pattern Recognition and Machine Learning, section 10.1.2.
    """
    factor = cholesky_factor(covariance)
    if factor.ndim != 2:
        raise ValueError(f"one covariance (d, d) is expected; got {real_array(covariance, 'covariance').shape}.")
    inverse_factor = np.linalg.inv(factor)
    precisions = np.square(inverse_factor).sum(axis=0)  # the diagonal of Λ = L⁻ᵀ L⁻¹
    log_determinant = -2.0 * np.log(np.diag(factor)).sum()
    return 1.0 / precisions, float(0.5 * (np.log(precisions).sum() - log_determinant))
