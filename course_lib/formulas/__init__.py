"""The equations of the course: one value per example, in nats, on any backend.

Every name is handed on, so that `from course_lib.formulas import bernoulli_log_prob, standard_normal_kl` is enough; the
modules group them, where a name alone says too little: `adversarial.hinge`, `likelihoods.register`.
"""

from course_lib.formulas.adversarial import (
    OneSidedSmoothing,
    hinge,
    least_squares,
    minimax,
    non_saturating,
    wasserstein,
)
from course_lib.formulas.divergences import (
    categorical_kl,
    gaussian_frechet,
    gaussian_kl,
    jensen_shannon,
    standard_normal_kl,
)
from course_lib.formulas.gradient_penalties import R1, R2, GradientPenalty, interpolation_points, squared_slope
from course_lib.formulas.gradients import input_gradient, squared_jacobian_norm
from course_lib.formulas.likelihoods import (
    FixedGaussian,
    Likelihood,
    bernoulli_log_prob,
    categorical_log_prob,
    gaussian,
    gaussian_log_prob,
)
from course_lib.formulas.penalties import L1, L2, Contractive, Penalty, Sparse, bernoulli_kl_sparsity, l1, l2

__all__ = [
    "L1",
    "L2",
    "R1",
    "R2",
    "Contractive",
    "FixedGaussian",
    "GradientPenalty",
    "Likelihood",
    "OneSidedSmoothing",
    "Penalty",
    "Sparse",
    "bernoulli_kl_sparsity",
    "bernoulli_log_prob",
    "categorical_kl",
    "categorical_log_prob",
    "gaussian",
    "gaussian_frechet",
    "gaussian_kl",
    "gaussian_log_prob",
    "hinge",
    "input_gradient",
    "interpolation_points",
    "jensen_shannon",
    "l1",
    "l2",
    "least_squares",
    "minimax",
    "non_saturating",
    "squared_jacobian_norm",
    "squared_slope",
    "standard_normal_kl",
    "wasserstein",
]
