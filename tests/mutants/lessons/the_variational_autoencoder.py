"""Bugs for the proofs of the variational autoencoder's lesson."""

from tests.mutants.lesson_bug import LessonBug, known_bug

BEFORE, TRAIN, SAMPLES, BOUND, PROMISES, KNOWN = (
    "before-the-first-step",
    "train-both",
    "reconstructions-and-samples",
    "how-tight-is-the-bound",
    "four-promises",
    "the-vae-whose-optimum-is-known",
)

BUGS = [
    known_bug("mean instead of sum over pixels", f"{BEFORE}-3"),
    known_bug("mean instead of sum over pixels", f"{TRAIN}-2"),
    LessonBug(
        "the decoder hears noise instead of the code",
        f"{TRAIN}-2",
        "return mean + ops.exp(0.5 * log_var) * noise",
        "return 0.0 * mean + noise",
        "course_lib/layers/sampling.py",
    ),
    LessonBug(
        "the model that was not trained is read again",
        f"{TRAIN}-4",
        '*history[f"val_{name}"]]',
        "*[first[name]] * 20]",
    ),
    LessonBug(
        "the more probable value is taken instead of a draw",
        f"{SAMPLES}-5",
        "(rng.random(means.shape) < means)",
        "(means > 0.5)",
    ),
    LessonBug(
        "the sum of the weights is taken for their mean",
        f"{BOUND}-2",
        "np.logaddexp.reduce(log_weights, axis=0) - np.log(K)",
        "np.logaddexp.reduce(log_weights, axis=0)",
    ),
    known_bug("the proposal's density forgotten", f"{BOUND}-2"),
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
    LessonBug("the small model is measured twice", "letters-3", '("16 numbers", wide)', '("16 numbers", plane)'),
    LessonBug(
        "the log-variance has the wrong sign",
        "a-map-by-the-quantiles-of-the-prior-3",
        "spread = np.exp(log_var)",
        "spread = np.exp(-log_var)",
    ),
    known_bug("a linear VAE's rate without its half", f"{KNOWN}-3"),
    LessonBug("the turn is no rotation", f"{KNOWN}-5", "[[np.cos(a), -np.sin(a)]", "[[np.cos(a), np.sin(a)]"),
]
