"""Bugs for the proofs of the losses of GANs."""

from tests.mutants.lesson_bug import LessonBug, known_bug

RATIO, DESCENDS, CLIMBS = (
    "divergences-made-of-a-ratio",
    "what-the-generator-descends",
    "a-gan-that-climbs-the-likelihood",
)

BUGS = [
    LessonBug(
        "total variation with the half of its other definition",
        f"{RATIO}-6",
        "lambda r: np.abs(r - 1)",
        "lambda r: 0.5 * np.abs(r - 1)",
        f"{RATIO}-4",
        (f"{RATIO}-4",),
    ),
    LessonBug(
        "the ratio is upside down at the data",
        "one-logit-for-all-games-2",
        "np.exp(-of(x))",
        "np.exp(of(x))",
    ),
    LessonBug(
        "JSD is written for 2 JSD",
        f"{DESCENDS}-4",
        "lambda log_q: 2 * jensen_shannon_1d(log_p",
        "lambda log_q: jensen_shannon_1d(log_p",
        f"{DESCENDS}-3",
        (f"{DESCENDS}-3",),
    ),
    LessonBug(
        "her discriminator is held still",
        "a-theorem-that-seems-to-fail-2",
        "value_of_the_loss(b + h, b + h) - value_of_the_loss(b - h, b - h)",
        "value_of_the_loss(b + h, b) - value_of_the_loss(b - h, b)",
    ),
    LessonBug(
        "scores pass a sigmoid",
        "other-discriminators-least-squares-and-hinge-4",
        "np.abs(learned[name] - score)",
        "np.abs(sigmoid(learned[name]) - score)",
    ),
    LessonBug(
        "the slope of D squared for that of (D - 1) squared",
        "which-losses-keep-a-gradient-far-from-the-data-2",
        "-sigmoid(logit) * sigmoid(-logit) ** 2",
        "-(sigmoid(logit) ** 2) * sigmoid(-logit)",
    ),
    LessonBug(
        "the likelihood is given the reverse divergence",
        "one-mode-or-all-of-them-2",
        "lambda log_q: kl_1d(log_modes, log_q, *GRID)",
        "lambda log_q: kl_1d(log_q, log_modes, *GRID)",
    ),
    LessonBug(
        "the generator that should climb the likelihood descends the reverse divergence",
        f"{CLIMBS}-5",
        "lambda logits: -steep(logits)",
        "lambda logits: -logits",
        f"{CLIMBS}-2",
        (f"{CLIMBS}-2", f"{CLIMBS}-4"),
    ),
    known_bug("a pull of the discriminator with the labels swapped", f"{DESCENDS}-4"),
    known_bug("a pull without the discriminator's slope along x", f"{DESCENDS}-4"),
    known_bug("the divergence of the non-saturating loss with one JSD", f"{DESCENDS}-4"),
    known_bug("a scale pulled per unit of x", f"{DESCENDS}-4"),
]
