"""Metrics: numbers that judge a generative model. Models and features are arguments."""

from course_lib.metrics.active_units import active_units, unit_activities
from course_lib.metrics.amortisation_gap import AmortisationGap, amortisation_gap, elbo_of_posterior
from course_lib.metrics.frechet_distance import frechet_distance, frechet_of_gaussians
from course_lib.metrics.importance_weighted import (
    effective_sample_size,
    importance_weighted_log_likelihood,
    log_importance_weights,
    log_mean_exp,
)
from course_lib.metrics.linear_probe import linear_probe
from course_lib.metrics.mutual_information_gap import mutual_information, mutual_information_gap
from course_lib.metrics.nearest_distance import nearest_distance
from course_lib.metrics.precision_recall import precision_recall
from course_lib.metrics.rate_and_distortion import rate_and_distortion

__all__ = [
    "AmortisationGap",
    "active_units",
    "amortisation_gap",
    "effective_sample_size",
    "elbo_of_posterior",
    "frechet_distance",
    "frechet_of_gaussians",
    "importance_weighted_log_likelihood",
    "linear_probe",
    "log_importance_weights",
    "log_mean_exp",
    "mutual_information",
    "mutual_information_gap",
    "nearest_distance",
    "precision_recall",
    "rate_and_distortion",
    "unit_activities",
]
