"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

HALF, WEIGHTS, HELPS, GRAMMAR = (
    "the-missing-half",
    "weights-and-a-bug-in-them",
    "what-helps-and-what-does-not",
    "the-grammar-of-the-codes",
)

BUGS = [
    known_bug("samples of the first class alone", "a-letter-on-request-8"),
    known_bug("the VAE of one class with another label", f"{HALF}-5"),
    LessonBug(
        "every label is asked for, and the next one scored",
        "what-is-a-label-worth-3",
        "model.elbo(few, k)",
        "model.elbo(few, (k + 1) % 10)",
    ),
    known_bug("imputation without weights", f"{HALF}-3"),
    known_bug("imputation weights without the prior", f"{HALF}-3"),
    LessonBug("the right label is the fifth next", f"{HALF}-5", "(k + shift) % 10", "(k + shift + 5) % 10"),
    LessonBug(
        "the model as found uses its weights",
        f"{WEIGHTS}-2",
        "self.kl(y_pred))",
        "self.kl(y_pred)) if sample_weight is None else ops.mean(ops.cast(sample_weight, 'float32') * self.kl(y_pred))",
    ),
    LessonBug("Keras is taken to divide by the weights", f"{WEIGHTS}-4", "by_keras - 4.5", "by_keras - 9 / 3"),
    LessonBug(
        "the weights are forgotten",
        f"{WEIGHTS}-7",
        "sample_weight=sample_weight, verbose=0)",
        "sample_weight=None, verbose=0)",
    ),
    LessonBug(
        "the resampled data are the data",
        f"{HELPS}-2",
        "np.repeat(np.arange(len(y_rare)), 1000 // counts[y_rare])",
        "np.tile(np.arange(len(y_rare)), 1)",
    ),
    LessonBug(
        "another letter is asked for",
        f"{HELPS}-4",
        "conditional.sample(200, 3, seed=2)",
        "conditional.sample(200, 0, seed=2)",
    ),
    LessonBug("both books are moved by gradients", "codes-that-are-symbols-6", '{"ema_decay": 0.9}', "{}"),
    LessonBug("nothing is revived", "dead-codes-2", '("with revival", 1.0)', '("with revival", None)'),
    known_bug("a code prior that sees the code it predicts", f"{GRAMMAR}-2"),
    known_bug("a code prior of independent positions", f"{GRAMMAR}-2"),
    LessonBug(
        "the gain has the wrong sign",
        f"{GRAMMAR}-4",
        "gain = vqvae.elbo(x_test) - uniform_bound",
        "gain = uniform_bound - vqvae.elbo(x_test)",
    ),
]
