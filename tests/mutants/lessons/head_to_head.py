"""Bugs for the proofs of the lesson that compares models."""

from tests.mutants.lesson_bug import LessonBug, known_bug

MEANS, GAP, CHOICES = (
    "a-vae-and-a-gan-on-equal-terms",
    "is-the-gap-a-gap-3",
    "two-choices-that-are-no-property-of-the-model",
)

BUGS = [
    LessonBug(
        "the discriminator gets one head of the encoder",
        f"{MEANS}-3",
        "(UNITS, 2 * LATENTS)",
        "(UNITS, LATENTS)",
        f"{MEANS}-2",
        (f"{MEANS}-2",),
    ),
    LessonBug(
        "the generator starts with weights of its own",
        f"{MEANS}-3",
        "    generator.set_weights(decoder.get_weights())\n",
        "",
        f"{MEANS}-2",
        (f"{MEANS}-2",),
    ),
    LessonBug(
        "the discriminator's game is one epoch longer",
        f"{MEANS}-5",
        "epochs=EPOCHS, verbose=0)",
        'epochs=EPOCHS + (name == "GAN"), verbose=0)',
    ),
    LessonBug("the two errors are added", GAP, "np.hypot(tau, sigma)", "(tau + sigma)"),
    LessonBug("the variance is divided by the number of seeds", GAP, "a.var(-1, ddof=1)", "a.var(-1, ddof=0)"),
    LessonBug("the normal law for Student's", GAP, "stats.t(2 * count - 2)", "stats.norm()"),
    LessonBug(
        "every n is scored against all test images",
        f"{CHOICES}-2",
        "of_test[s : s + count])",
        "of_test[:n])",
    ),
    LessonBug("the drawn images are cut, too", f"{CHOICES}-4", "(coins < x)", "(0.5 < x)"),
    known_bug("precision and recall swapped", f"{CHOICES}-4"),
    LessonBug("better in one column is enough", "choosing-3", "(good[i] >= row).all() and ", ""),
]
