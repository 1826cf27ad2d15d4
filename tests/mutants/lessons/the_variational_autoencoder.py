"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

BUILT, LOSS, PROMISES, KNOWN, STRANGERS = (
    "the-parts-built",
    "the-likelihood-decides-the-loss",
    "four-promises",
    "the-vae-whose-optimum-is-known",
    "three-strangers",
)

BUGS = [
    known_bug("mean instead of sum over pixels", f"{BUILT}-8"),
    LessonBug(
        "the decoder hears noise instead of the code",
        f"{BUILT}-10",
        "return mean + ops.exp(0.5 * log_var) * noise",
        "return 0.0 * mean + noise",
        "course_lib/layers/sampling.py",
    ),
    LessonBug(
        "the sum of the weights is taken for their mean",
        "how-tight-is-the-bound-2",
        "np.logaddexp.reduce(log_weights, axis=0) - np.log(K)",
        "np.logaddexp.reduce(log_weights, axis=0)",
    ),
    known_bug("the proposal's density forgotten", "how-tight-is-the-bound-2"),
    LessonBug(
        "the log-variance is read as twice itself", f"{LOSS}-6", "float(np.exp(models", "float(np.exp(0.5 * models"
    ),
    LessonBug(
        "the scores are taken for log-probabilities", f"{LOSS}-8", "special.log_softmax(scores, axis=-1)", "scores"
    ),
    known_bug("Gaussian with σ for σ²", f"{LOSS}-8"),
    LessonBug(
        "the mean of the batches' means is taken for the mean",
        f"{PROMISES}-2",
        "vae.evaluate(x_test), np.mean(np.concatenate(each))",
        "vae.evaluate(x_test), np.mean([batch.mean() for batch in each])",
    ),
    LessonBug(
        "the design is kept, and not the weights",
        f"{PROMISES}-4",
        'copy = keras.saving.load_model(Path(folder) / "vae.keras")',
        "copy = VAE(*firefly_networks(), bernoulli_log_prob, seed=run.seed)",
    ),
    LessonBug(
        "the log-variance has the wrong sign",
        "a-map-by-the-quantiles-of-the-prior-3",
        "spread = np.exp(log_var)",
        "spread = np.exp(-log_var)",
    ),
    known_bug("a linear VAE's rate without its half", f"{KNOWN}-3"),
    LessonBug("the turn is no rotation", f"{KNOWN}-5", "[[np.cos(a), -np.sin(a)]", "[[np.cos(a), np.sin(a)]"),
    LessonBug(
        "the epochs are read backwards",
        f"{STRANGERS}-2",
        'verbose=0).history["loss"]',
        'verbose=0).history["loss"][::-1]',
    ),
    LessonBug(
        "each stranger's own loss is believed",
        f"{STRANGERS}-4",
        "bound = np.mean([model.elbo(x_test).mean() for _ in range(10)])",
        'bound = -float(model.evaluate(x_test, return_dict=True)["loss"])',
    ),
    LessonBug(
        "β = 1 is taken for 100", "in-disguise-3", "bernoulli_log_prob, beta=100.0", "bernoulli_log_prob, beta=1.0"
    ),
    LessonBug(
        "the sound is scaled before it is offered",
        "your-own-data-5",
        "(of_sound, sound.reshape(-1, 64))",
        "(of_sound, sound.reshape(-1, 64) / 32768.0)",
    ),
]
