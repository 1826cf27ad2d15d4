"""Metrics: numbers that judge a generative model. Models and features are arguments."""

from course_lib.metrics.frechet_distance import frechet_distance, frechet_of_gaussians
from course_lib.metrics.importance_weighted import importance_weighted_log_likelihood, log_importance_weights
from course_lib.metrics.linear_probe import linear_probe
from course_lib.metrics.nearest_distance import nearest_distance
from course_lib.metrics.precision_recall import precision_recall

__all__ = [
    "frechet_distance",
    "frechet_of_gaussians",
    "importance_weighted_log_likelihood",
    "linear_probe",
    "log_importance_weights",
    "nearest_distance",
    "precision_recall",
]
