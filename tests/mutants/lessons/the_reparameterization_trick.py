"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

DRAW, PATH, BY_HAND, COST = (
    "a-draw-that-makes-the-loss-better",
    "the-pathwise-estimator",
    "the-gradient-by-hand-and-three-estimators-of-it",
    "what-it-costs-bias-and-variance-against",
)
SAMPLING, GUMBEL = "course_lib/layers/sampling.py", "course_lib/layers/gumbel_softmax.py"
SCORE, BASE, INSIDE, WHEN = (
    "the-score-function-estimator",
    "baselines-subtract-what-you-knew-before",
    "inside-a-trained-vae",
    "when-does-each-apply",
)

BUGS = [
    LessonBug(
        "the variance is taken for the deviation",
        f"{PATH}-5",
        "errors = np.sqrt(variance / n)",
        "variance = np.exp(2 * log_var)\n    errors = np.sqrt(variance / n)",
    ),
    LessonBug(
        "the slope by the log-variance forgets its half",
        f"{PATH}-7",
        '("log σ²", by_log_var, np.exp(log_var))',
        '("log σ²", by_log_var, 2 * np.exp(log_var))',
    ),
    LessonBug(
        "the draw as found has noise after all",
        f"{DRAW}-3",
        "return mean * ops.exp(0.5 * log_var)",
        "return mean + ops.exp(0.5 * log_var) * keras.random.normal(ops.shape(mean))",
        f"{DRAW}-2",
        (f"{DRAW}-2",),
    ),
    LessonBug(
        "the honest ELBO is taken with the broken draw",
        f"{DRAW}-5",
        "elbos[name] = vae.elbo(x_test)",
        "elbos[name] = -np.array([vae.evaluate(x_test, return_dict=True)['loss'] if name != 'as found' else bad_history['loss'][-1]])",
    ),
    LessonBug(
        "noise is added to the draw as found",
        f"{DRAW}-7",
        '"as found": AsFound()}',
        '"as found": lambda m, v: m + ops.exp(0.5 * v) * keras.random.normal(ops.shape(m))}',
    ),
    LessonBug(
        "the score is not divided by the deviation",
        f"{SCORE}-4",
        "z**2 * epsilon / sigma}",
        "z**2 * epsilon}",
        f"{SCORE}-2",
        (f"{SCORE}-2",),
    ),
    LessonBug(
        "14 is written for 15 in the fourth moment",
        "two-variances-in-closed-form-3",
        "r**4 + 14 * r**2 + 15}",
        "r**4 + 14 * r**2 + 14}",
    ),
    LessonBug(
        "the parabola forgets the baseline's own square",
        f"{BASE}-2",
        "(b**2 - 2 * b * best) / sigma**2",
        "(-2 * b * best) / sigma**2",
    ),
    LessonBug(
        "the other draws' mean holds the draw itself",
        f"{BASE}-5",
        "of_the_others = (K * average - f_values) / (K - 1)",
        "of_the_others = average",
    ),
    LessonBug(
        "the score is not divided by the deviation, inside the VAE",
        f"{INSIDE}-3",
        '"score function, baseline": (f_values - of_the_others) * epsilon / sigma',
        '"score function, baseline": (f_values - of_the_others) * epsilon * sigma',
        f"{INSIDE}-2",
        (f"{INSIDE}-2",),
    ),
    LessonBug(
        "the density of the step's border is not scaled",
        f"{WHEN}-2",
        "norm.pdf(mu / sigma) / sigma",
        "norm.pdf(mu / sigma)",
    ),
    LessonBug(
        "the half in the wave's damping is forgotten",
        f"{WHEN}-4",
        "np.exp(-0.5 * (k * sigma) ** 2)",
        "np.exp(-((k * sigma) ** 2))",
    ),
    LessonBug(
        "the noise is logistic, not Gumbel's",
        "softened-gumbel-softmax-2",
        "logits = ops.convert_to_tensor(np.tile(np.log(probabilities)",
        "logits = ops.convert_to_tensor(np.tile(probabilities",
    ),
    LessonBug(
        "the baseline of categories holds the draw itself",
        f"{BY_HAND}-5",
        " * K / (K - 1)  # over the mean of the others",
        "",
        f"{BY_HAND}-3",
        (f"{BY_HAND}-3",),
    ),
    LessonBug(
        "the gradient by hand forgets the temperature",
        f"{BY_HAND}-5",
        "axis=-1, keepdims=True)) / tau",
        "axis=-1, keepdims=True))",
        f"{BY_HAND}-3",
        (f"{BY_HAND}-3",),
    ),
    LessonBug(
        "the gradient by hand forgets that the entries add up to 1",
        f"{BY_HAND}-5",
        "y * (s - np.sum(y * s, axis=-1, keepdims=True)) / tau",
        "y * s / tau",
        f"{BY_HAND}-3",
        (f"{BY_HAND}-3",),
    ),
    LessonBug(
        "all draws of an estimate share their noise",
        f"{BY_HAND}-6",
        "rng.gumbel(size=(n, K, 3))",
        "rng.gumbel(size=(n, 1, 3)) + np.zeros((n, K, 3))",
        f"{BY_HAND}-3",
        (f"{BY_HAND}-3",),
    ),
    LessonBug(
        "the noise is uniform, not logistic",
        f"{COST}-4",
        "logistic = np.log(u) - np.log1p(-u)",
        "logistic = u - 0.5",
        f"{COST}-2",
        (f"{COST}-2",),
    ),
    LessonBug(
        "the integral forgets the temperature of the slope",
        f"{COST}-8",
        "* y * (1 - y) / tau",
        "* y * (1 - y)",
        f"{COST}-2",
        (f"{COST}-2",),
    ),
    LessonBug(
        "straight-through is handed the soft value",
        f"{COST}-10",
        "for hard in (False, True))",
        "for hard in (False, False))",
    ),
    known_bug("σ² for σ", f"{PATH}-5"),
    known_bug("noise missing", f"{PATH}-7"),
    known_bug("Gumbel noise without its second logarithm", "softened-gumbel-softmax-2"),
    known_bug("straight-through that doubles the Gumbel gradient", f"{COST}-8"),
    known_bug("the Gumbel temperature multiplies", f"{COST}-8"),
]
