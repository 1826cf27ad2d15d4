"""Models and quantities with known answers, in float64 with NumPy and SciPy only.

They are the oracles of lessons and tests: nothing here shares code with what it judges.
"""

from course_lib.exact.detection import auroc_of_scaled_gaussians, detection_1d, law_of_false_alarms
from course_lib.exact.diffusion_1d import Diffusion1D
from course_lib.exact.dirac_gan import DiracGAN, eigenvalue_moduli
from course_lib.exact.finite_language import (
    conditional_entropy,
    entropy,
    every_string,
    price_of_word_dropout,
    total_correlation,
)
from course_lib.exact.gaussian import gaussian_log_density, multivariate_gaussian_kl
from course_lib.exact.gaussian_mixture import GaussianMixture
from course_lib.exact.generator_objective import (
    affine_log_density,
    generator_gradient,
    non_saturating_divergence,
)
from course_lib.exact.linear_vae import LinearVAE, fit_linear_vae, negative_beta_elbo
from course_lib.exact.mean_field import mean_field_gaussian
from course_lib.exact.optimal_discriminator import discriminator_value, optimal_logit, optimal_value
from course_lib.exact.principal_components import (
    principal_axes,
    principal_variances,
    reconstruction_error,
    subspace_distance,
)
from course_lib.exact.probabilistic_pca import ProbabilisticPCA
from course_lib.exact.quadrature import expectation_1d, jensen_shannon_1d, kl_1d, log_marginal_likelihood
from course_lib.exact.state_space import kalman_log_likelihood, posterior_precision, price_of_independent_frames
from course_lib.exact.transport import (
    kantorovich_potential,
    transport_plan,
    wasserstein_of_densities,
    wasserstein_of_points,
    wasserstein_of_samples,
)

__all__ = [
    "Diffusion1D",
    "DiracGAN",
    "GaussianMixture",
    "LinearVAE",
    "ProbabilisticPCA",
    "affine_log_density",
    "auroc_of_scaled_gaussians",
    "conditional_entropy",
    "detection_1d",
    "discriminator_value",
    "eigenvalue_moduli",
    "entropy",
    "every_string",
    "expectation_1d",
    "fit_linear_vae",
    "gaussian_log_density",
    "generator_gradient",
    "jensen_shannon_1d",
    "kalman_log_likelihood",
    "kantorovich_potential",
    "kl_1d",
    "law_of_false_alarms",
    "log_marginal_likelihood",
    "mean_field_gaussian",
    "multivariate_gaussian_kl",
    "negative_beta_elbo",
    "non_saturating_divergence",
    "optimal_logit",
    "optimal_value",
    "posterior_precision",
    "price_of_independent_frames",
    "price_of_word_dropout",
    "principal_axes",
    "principal_variances",
    "reconstruction_error",
    "subspace_distance",
    "total_correlation",
    "transport_plan",
    "wasserstein_of_densities",
    "wasserstein_of_points",
    "wasserstein_of_samples",
]
