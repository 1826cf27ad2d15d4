"""Bugs for the proofs of the lesson on what a likelihood decides."""

from tests.mutants.lesson_bug import LessonBug, known_bug

LOSS, STRANGERS = "the-likelihood-decides-the-loss", "three-strangers"

BUGS = [
    LessonBug(
        "the log-variance is read as twice itself", f"{LOSS}-9", "float(np.exp(models", "float(np.exp(0.5 * models"
    ),
    LessonBug(
        "the scores are taken for log-probabilities", f"{LOSS}-11", "special.log_softmax(scores, axis=-1)", "scores"
    ),
    known_bug("Gaussian with σ for σ²", f"{LOSS}-11"),
    LessonBug(
        "the odds are upside down",
        "bernoulli-on-greys-2",
        "np.log(probability / (1 - probability))",
        "np.log((1 - probability) / probability)",
    ),
    LessonBug(
        "our own model is sent in A's place",
        f"{STRANGERS}-4",
        "exercises.stranger(name, *parts, **seed)",
        "VAE(*parts, **seed)",
    ),
    LessonBug(
        "each stranger's own loss is believed",
        f"{STRANGERS}-6",
        "bound = np.mean([model.elbo(x_test).mean() for _ in range(10)])",
        'bound = -float(model.evaluate(x_test, return_dict=True)["loss"])',
    ),
    LessonBug("β = 1 is taken for 100", "in-disguise-3", "beta=100.0", "beta=1.0"),
    LessonBug(
        "the sound is scaled before it is offered",
        "your-own-data-5",
        "(of_sound, sound.reshape(-1, 64))",
        "(of_sound, sound.reshape(-1, 64) / 32768.0)",
    ),
]
