"""Metrics: numbers that judge a generative model. Models and features are arguments."""

from course_lib.metrics.active_units import active_units, unit_activities
from course_lib.metrics.amortisation_gap import AmortisationGap, amortisation_gap, elbo_of_posterior
from course_lib.metrics.density_coverage import density_coverage, expected_coverage
from course_lib.metrics.detection import conformal_threshold, detection
from course_lib.metrics.formants import formants, linear_prediction
from course_lib.metrics.frechet_distance import frechet_distance, frechet_of_gaussians
from course_lib.metrics.health import HealthMarks, health_marks
from course_lib.metrics.importance_weighted import (
    effective_sample_size,
    importance_weighted_log_likelihood,
    log_importance_weights,
    log_mean_exp,
)
from course_lib.metrics.kernel_distance import kernel_distance, squared_mmd
from course_lib.metrics.linear_probe import linear_probe
from course_lib.metrics.lipschitz import steepest_pair, steepest_slope
from course_lib.metrics.memorisation import memorisation
from course_lib.metrics.mode_coverage import ModeCoverage, mode_coverage
from course_lib.metrics.mutual_information_gap import mutual_information, mutual_information_gap
from course_lib.metrics.nearest_distance import nearest_distance
from course_lib.metrics.precision_recall import f_score, precision_recall
from course_lib.metrics.rate_and_distortion import rate_and_distortion
from course_lib.metrics.scoreboard import sample_scores, scores_in_blocks
from course_lib.metrics.two_sample_test import classifier_two_sample_test, p_value_of_accuracy

__all__ = [
    "AmortisationGap",
    "HealthMarks",
    "ModeCoverage",
    "active_units",
    "amortisation_gap",
    "classifier_two_sample_test",
    "conformal_threshold",
    "density_coverage",
    "detection",
    "effective_sample_size",
    "elbo_of_posterior",
    "expected_coverage",
    "f_score",
    "formants",
    "frechet_distance",
    "frechet_of_gaussians",
    "health_marks",
    "importance_weighted_log_likelihood",
    "kernel_distance",
    "linear_prediction",
    "linear_probe",
    "log_importance_weights",
    "log_mean_exp",
    "memorisation",
    "mode_coverage",
    "mutual_information",
    "mutual_information_gap",
    "nearest_distance",
    "p_value_of_accuracy",
    "precision_recall",
    "rate_and_distortion",
    "sample_scores",
    "scores_in_blocks",
    "squared_mmd",
    "steepest_pair",
    "steepest_slope",
    "unit_activities",
]
