"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug

EXACT = "course_lib/exact/finite_language.py"
KNOWN, SUM = "a-language-in-which-everything-is-known-4", "a-language-model-is-a-distribution-add-it-up-5"
PRICE, CODE, GAN = "word-dropout-has-a-price-list-5", "and-the-code-4", "two-text-gans-judged-by-counting-9"
NGRAM = "an-n-gram-and-a-network"

BUGS = [
    LessonBug(
        "entropies in bits", KNOWN, "-(shares * np.log(shares)).sum()", "-(shares * np.log2(shares)).sum()", EXACT
    ),
    LessonBug("a history that is not shifted", SUM, "history(strings, 4), strings\n", "strings, strings\n"),
    LessonBug(
        "a rate without its prior",
        "why-a-vae-of-text-ignores-its-code-2",
        "np.log(posterior / 0.5)",
        "np.log(posterior)",
    ),
    LessonBug("holes with the probability of words", PRICE, "np.where(holes, r, 1 - r)", "np.where(holes, 1 - r, r)"),
    LessonBug(
        "a price that hides with the chance of showing",
        PRICE,
        "(1 - rate) ** len(seen) * rate ** (place - len(seen))",
        "rate ** len(seen) * (1 - rate) ** (place - len(seen))",
        EXACT,
    ),
    LessonBug("the history is hidden from the wrong one", CODE, "code_dim=2), hide)", "code_dim=2), not hide)"),
    LessonBug("noise on probabilities", "why-gans-hate-symbols-2", "np.log(true) + rng", "true + rng"),
    LessonBug("corners taken for none", "why-gans-hate-symbols-2", "[1 - caught, caught]", "[caught, 1 - caught]"),
    LessonBug(
        "q is left out of the score", "the-policy-gradient-2", "[:, None] * (np.eye(V) - q)", "[:, None] * np.eye(V)"
    ),
    LessonBug(
        "a slope not divided by the temperature", "the-other-road-straight-through-2", "** 2 / tau, g)", "** 2, g)"
    ),
    LessonBug(
        "the baseline is not used",
        "what-does-a-reward-train-that-says-nothing-2",
        "size * (1.0 - baseline)",
        "size * 1.0",
    ),
    LessonBug(
        "a baseline that runs away from the rewards",
        "what-does-a-reward-train-that-says-nothing-2",
        "baseline += follow",
        "baseline -= follow",
    ),
    LessonBug("generators judged before they are trained", GAN, "curves[way][-1] for way", "curves[way][0] for way"),
    LessonBug(
        "the logarithm of 1 − D as the reward",
        "is-the-game-to-blame-2",
        "np.log(p / (p + q))",
        "np.log(q / (p + q))",
    ),
    LessonBug("real sentences judged, not samples", "fluent-is-not-right-2", "-q @ np.log(p)", "-p @ np.log(q)"),
    LessonBug(
        "the share of new characters given away twice",
        f"{NGRAM}-4",
        "answer = share / (self.total[h] + self.different[h])",
        "answer = share / self.total[h]",
        f"{NGRAM}-2",
        (f"{NGRAM}-2",),
    ),
    LessonBug("an order chosen on what was learned", f"{NGRAM}-4", "ngram.bits(validation", "ngram.bits(train"),
    LessonBug("the text grows from last to first", "how-much-text-3", "(8, 4, 2, 1)", "(1, 2, 4, 8)"),
    LessonBug("all of the text each time", "how-much-text-3", "1000 * part)", "1000)"),
]
