"""Models and quantities with known answers, in float64 with NumPy and SciPy only.

They are the oracles of lessons and tests: nothing here shares code with what it judges.
"""

from course_lib.exact.dirac_gan import DiracGAN, eigenvalue_moduli
from course_lib.exact.gaussian import gaussian_log_density, multivariate_gaussian_kl
from course_lib.exact.gaussian_mixture import GaussianMixture
from course_lib.exact.optimal_discriminator import discriminator_value, optimal_logit, optimal_value
from course_lib.exact.principal_components import (
    principal_axes,
    principal_variances,
    reconstruction_error,
    subspace_distance,
)
from course_lib.exact.probabilistic_pca import ProbabilisticPCA
from course_lib.exact.quadrature import expectation_1d, jensen_shannon_1d, kl_1d, log_marginal_likelihood
from course_lib.exact.transport import wasserstein_of_densities, wasserstein_of_samples

__all__ = [
    "DiracGAN",
    "GaussianMixture",
    "ProbabilisticPCA",
    "discriminator_value",
    "eigenvalue_moduli",
    "expectation_1d",
    "gaussian_log_density",
    "jensen_shannon_1d",
    "kl_1d",
    "log_marginal_likelihood",
    "multivariate_gaussian_kl",
    "optimal_logit",
    "optimal_value",
    "principal_axes",
    "principal_variances",
    "reconstruction_error",
    "subspace_distance",
    "wasserstein_of_densities",
    "wasserstein_of_samples",
]
