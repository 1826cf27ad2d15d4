"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

ASKED, PAIRS, VAEGAN = (
    "letters-on-request",
    "pairs-an-error-to-a-target-and-a-discriminator",
    "vae-gan-three-losses-three-networks",
)
GAMES = "what-the-game-buys-and-what-it-costs"

BUGS = [
    LessonBug(
        "the shares of the labels are forgotten in the mean of the games",
        "one-discriminator-four-places-to-put-it-4",
        "2 * SHARES @ apart",
        "2 * np.mean(apart)",
    ),
    LessonBug(
        "the discriminator of pairs is not told the label",
        "one-discriminator-four-places-to-put-it-4",
        "of_class[1](t - AWAY))",
        "of_class[1](t))",
        "one-discriminator-four-places-to-put-it-2",
        ("one-discriminator-four-places-to-put-it-2",),
    ),
    LessonBug(
        "the labels are mixed before they are handed to the generator",
        f"{ASKED}-5",
        "named == np.array(LETTERS)[(labels + shift) % 3]",
        "named == np.array(LETTERS)[(np.random.default_rng(0).permutation(labels) + shift) % 3]",
    ),
    LessonBug(
        "the variance is taken over all classes",
        f"{ASKED}-8",
        "features[labels == y].var(axis=0)",
        "features.var(axis=0)",
    ),
    LessonBug(
        "the colleague repairs his permutation",
        "find-the-bug-whose-label-is-that-4",
        "return generate(noise, asked_for), labels",
        "return generate(noise, asked_for), asked_for",
        "find-the-bug-whose-label-is-that-2",
        ("find-the-bug-whose-label-is-that-2",),
    ),
    LessonBug(
        "the sorted law is not normalised to its half",
        "a-discriminator-that-names-the-class-2",
        "np.where(x > 0, np.log(2) + total(classes)(x), -np.inf)",
        "total(classes)(x)",
    ),
    LessonBug(
        "the mean of a log-normal forgets its half",
        f"{PAIRS}-3",
        "by_squared, np.exp(0.32) *",
        "by_squared, np.exp(0.64) *",
    ),
    LessonBug("the ink is counted where the mean is white", f"{PAIRS}-5", "medians[y] == 0]", "means[y] == 0]"),
    LessonBug(
        "the mean of the modes forgets their shares",
        f"{PAIRS}-7",
        "np.log(0.4) + norm.logpdf(y, -1, WIDTH), np.log(0.6)",
        "np.log(0.5) + norm.logpdf(y, -1, WIDTH), np.log(0.5)",
    ),
    LessonBug(
        "an answer's own truth is another's",
        "half-a-letter-and-the-whole-11",
        "for truth in (held_out[1], np.roll(held_out[1], 1, 0))",
        "for truth in (np.roll(held_out[1], 1, 0), held_out[1])",
    ),
    LessonBug(
        "the answers of the two models are exchanged",
        "half-a-letter-and-the-whole-11",
        "for runs in answered.values())",
        "for runs in reversed(answered.values()))",
    ),
    LessonBug(
        "the game's weight is 1 after all",
        f"{VAEGAN}-8",
        "vae_gan(adversarial_weight=0.0)",
        "vae_gan(adversarial_weight=1.0)",
    ),
    LessonBug(
        "the discriminator's pull on itself is left out of the sum",
        "find-the-bug-the-bars-that-are-missing-2",
        "np.logaddexp(0, logit[0]) + w *",
        "0 * logit[0] + w *",
    ),
    LessonBug(
        "the two models are named the other way round",
        f"{GAMES}-3",
        "for name, model in trained.items():",
        "for name, model in zip(trained, reversed(trained.values()), strict=True):",
    ),
    LessonBug(
        "the training of the plain autoencoder is given the discriminator",
        "adversarial-autoencoder-a-discriminator-of-codes-6",
        "for name, coder in coders.items()}",
        "for name, coder in coders.items()}\ncoders = dict(zip(coders, reversed(list(coders.values())), strict=True))",
    ),
    known_bug("an encoder that learns to deceive", f"{VAEGAN}-6"),
    known_bug("the adversarial weight on the discriminator", f"{VAEGAN}-6"),
    known_bug("a VAE-GAN without its bound", f"{VAEGAN}-8"),
]
