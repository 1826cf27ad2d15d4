"""Every metric that takes a model or a function, handed every model: a finite answer, or a sentence with a way out."""

import inspect

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from course_lib import imputation, metrics
from course_lib.models import TwoStage
from tests.small import binary_images, data_of, every_model

pytestmark = pytest.mark.backend

X = binary_images(6)
ROWS = X.reshape(6, 16)
MODELS = every_model()
THINGS = {  # name: (what is handed over, its data)
    **{name: (model, data_of(name, 6)[0]) for name, model in MODELS.items()},
    "ConditionalVAE.given": (MODELS["ConditionalVAE"].given(1), X),
    "TwoStage": (TwoStage(MODELS["Autoencoder"]), X),
    "a class": (type(MODELS["VAE"]), X),
    "a function": (lambda x: x[:, 0] if len(x.shape) == 2 else x[:, 0, 0, 0], X),
    "a network": (MODELS["GAN"].discriminator, X),
    "an encoder": (MODELS["VAE"].encoder, X),
    "a name": ("VAE", X),
    "None": (None, X),
    "an array": (ROWS, X),
}
TAKING_A_MODEL = {
    "importance_weighted_log_likelihood": lambda m, x: metrics.importance_weighted_log_likelihood(m, x, 3),
    "log_importance_weights": lambda m, x: metrics.log_importance_weights(m, x, 3),
    "amortisation_gap": lambda m, x: metrics.amortisation_gap(m, x, num_samples=2, num_steps=2).gap,
    "elbo_of_posterior": lambda m, x: metrics.elbo_of_posterior(m, x, np.zeros((6, 2)), np.zeros((6, 2)), 2),
    "rate_and_distortion": lambda m, x: metrics.rate_and_distortion(m, x),
    "impute": lambda m, x: imputation.impute(m, x, np.ones(x.shape[1:], bool), num_samples=2, num_rounds=1),
    "steepest_pair": lambda m, x: metrics.steepest_pair(m, x, x + 0.1),
    "steepest_slope": lambda m, x: metrics.steepest_slope(m, x),
    "classifier_two_sample_test": lambda m, x: metrics.classifier_two_sample_test(ROWS, ROWS, m).accuracy,
    "health_marks": metrics.health_marks,
}
TAKING_ARRAYS = {
    "active_units": metrics.active_units,
    "unit_activities": metrics.unit_activities,
    "density_coverage": lambda x: metrics.density_coverage(ROWS, x, 2),
    "frechet_distance": lambda x: metrics.frechet_distance(ROWS, x),
    "kernel_distance": lambda x: metrics.kernel_distance(np.tile(ROWS, (4, 1)), x),
    "squared_mmd": lambda x: metrics.squared_mmd(ROWS, x),
    "precision_recall": lambda x: metrics.precision_recall(ROWS, x, 2),
    "nearest_distance": lambda x: metrics.nearest_distance(x, ROWS),
    "memorisation": lambda x: metrics.memorisation(x, ROWS, ROWS)[0],
    "mode_coverage": lambda x: metrics.mode_coverage(x, np.zeros((2, 16)), 1.0)[0],
    "mutual_information": lambda x: metrics.mutual_information(x, np.arange(12).reshape(6, 2) % 2),
    "mutual_information_gap": lambda x: metrics.mutual_information_gap(x, np.arange(12).reshape(6, 2) % 3),
    "sample_scores": lambda x: list(metrics.sample_scores(ROWS, x, ROWS, ROWS).values()),
    "scores_in_blocks": lambda x: metrics.scores_in_blocks(ROWS, x, ROWS, ROWS, 2)["precision"],
    "linear_probe": lambda x: metrics.linear_probe(x, np.arange(6) % 2, x, np.arange(6) % 2),
    "log_mean_exp": metrics.log_mean_exp,
    "effective_sample_size": metrics.effective_sample_size,
    "detection": lambda x: metrics.detection(x, np.ones(4)),
    "conformal_threshold": lambda x: metrics.conformal_threshold(x, 0.5),
}
HAS_POSTERIOR = {"VAE", "IWAE", "VAEGAN", "ConditionalVAE.given"}
NEEDS_POSTERIOR = [name for name in TAKING_A_MODEL if not name.startswith(("steepest", "classifier", "health"))]


def outcome(metric, *arguments):
    """Whether the answer is finite, or the sentence of the refusal; every other error is a fault."""
    try:
        answer = metric(*arguments)
    except ValueError as error:
        return str(error)
    return bool(np.isfinite(np.concatenate([np.ravel(part) for part in keras.tree.flatten(answer)])).all())


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("metric", TAKING_A_MODEL)
def test_a_metric_of_models_answers_every_model(metric, thing):
    model, x = THINGS[thing]
    said = outcome(TAKING_A_MODEL[metric], model, x)
    if metric in NEEDS_POSTERIOR:
        assert (said is True) == (thing in HAS_POSTERIOR), said
    if said is not True:
        assert isinstance(said, str)
        assert "got" in said or "must" in said or "should" in said
        assert len(said.splitlines()) == 1


@pytest.mark.parametrize("metric", TAKING_ARRAYS)
def test_a_metric_of_arrays_refuses_every_model(metric):
    for thing, (model, _) in THINGS.items():
        if thing != "an array":
            said = outcome(TAKING_ARRAYS[metric], model)
            assert isinstance(said, str), thing
            assert "array" in said, (thing, said)


@pytest.mark.parametrize("metric", NEEDS_POSTERIOR)
def test_the_way_out_is_named(metric):
    ways = {
        "ConditionalVAE": "model.given(label)",
        "VQVAE": "model.elbo(x)",
        "Autoencoder": "model.reconstruct(x)",
        "AdversarialAutoencoder": "model.reconstruct(x)",
        "GAN": "metrics.frechet_distance(real, generated)",
        "a class": "Make a model of it",
    }
    for thing, way in ways.items():
        assert way in outcome(TAKING_A_MODEL[metric], *THINGS[thing])
    for name in ("GAN", "VAEGAN"):
        said = outcome(TAKING_A_MODEL["steepest_pair"], *THINGS[name])
        assert "model.discriminator" in said


def test_every_metric_is_walked_through():
    known = {*TAKING_A_MODEL, *TAKING_ARRAYS}
    of_numbers = {"f_score", "p_value_of_accuracy", "expected_coverage", "frechet_of_gaussians"}
    of_sounds = {"formants", "linear_prediction"}
    functions = {name for name in metrics.__all__ if inspect.isfunction(getattr(metrics, name))}
    assert functions == (known & functions) | of_numbers | of_sounds
    assert outcome(TAKING_A_MODEL["classifier_two_sample_test"], LogisticRegression(), X) is True
