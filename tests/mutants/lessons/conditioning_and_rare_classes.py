"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

HALF, FACES, RARE, WEIGHTS = (
    "the-missing-half",
    "a-face-by-description",
    "the-rare-class",
    "weights-are-copies-and-a-bug-in-them",
)

BUGS = [
    known_bug("samples of the first class alone", "a-letter-on-request-10"),
    LessonBug(
        "every label is asked for, and the next one scored",
        "what-is-a-label-worth-3",
        "model.elbo(few, k)",
        "model.elbo(few, (k + 1) % 10)",
    ),
    LessonBug(
        "a hat is asked for by the label without it",
        f"{FACES}-10",
        "artist.decode(codes, number_of(after))",
        "artist.decode(codes, number_of(before))",
        f"{FACES}-9",
        (f"{FACES}-9",),
    ),
    LessonBug(
        "the faces are compared with what they were",
        f"{FACES}-10",
        'images - made["truth"]',
        'images - made["left alone"]',
    ),
    known_bug("imputation without weights", f"{HALF}-3"),
    known_bug("imputation weights without the prior", f"{HALF}-3"),
    known_bug("the VAE of one class with another label", f"{HALF}-5"),
    LessonBug("the right label is the fifth next", f"{HALF}-5", "(k + shift) % 10", "(k + shift + 5) % 10"),
    LessonBug(
        "the resampled data are the data",
        f"{RARE}-8",
        "np.repeat(np.arange(len(y_rare)), 1000 // counts[y_rare])",
        "np.tile(np.arange(len(y_rare)), 1)",
    ),
    LessonBug(
        "another letter is asked for",
        f"{RARE}-10",
        "conditional.sample(200, 3, seed=2)",
        "conditional.sample(200, 0, seed=2)",
    ),
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
]
