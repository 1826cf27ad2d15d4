"""Bugs for the proofs of the lesson on Wasserstein GANs."""

from tests.mutants.lesson_bug import LessonBug, known_bug

CLIP, ASK, LINE, WGAN, FOUR = (
    "first-idea-clip-the-weights",
    "second-idea-ask-for-the-slope",
    "on-the-whole-line",
    "a-wasserstein-gan",
    "four-critics-on-equal-terms",
)

BUGS = [
    LessonBug(
        "the points of one side are not sorted",
        "moving-earth-4",
        "np.abs(np.sort(a) - np.sort(b)).mean()",
        "np.abs(a - np.sort(b)).mean()",
    ),
    LessonBug(
        "the areas are added with their signs",
        "the-area-between-two-curves-2",
        "area = exact.wasserstein_of_densities(p.logpdf, q.logpdf, -20, 20)",
        "area = np.trapezoid(p.cdf(x) - q.cdf(x), x)",
    ),
    LessonBug(
        "the Jensen–Shannon divergence is doubled",
        "far-and-farther-2",
        "jsd = np.array([exact.jensen_shannon_1d(hill, other, -2, 5, 3001) for other in moved])",
        "jsd = np.array([2 * exact.jensen_shannon_1d(hill, other, -2, 5, 3001) for other in moved])",
    ),
    LessonBug(
        "the points are paired in the order of the list",
        "far-and-farther-5",
        "cost = exact.wasserstein_of_points(np.stack([0 * u, u], axis=1), np.stack([0 * u + theta, u[::-1]], axis=1))",
        "cost = np.linalg.norm([0 * u + theta, u[::-1] - u], axis=0).mean()",
    ),
    LessonBug(
        "the critic's rise is taken in the order of the list",
        "the-other-side-a-price-for-every-place-5",
        "critic(data[plan.argmax(axis=0)]) - critic(samples)",
        "critic(data) - critic(samples)",
    ),
    LessonBug(
        "the estimate is not divided by the steepest slope",
        "what-any-critic-is-worth-2",
        "return raw, steepest, raw / steepest, cost",
        "return raw, steepest, abs(raw) + cost, cost",
    ),
    LessonBug(
        "the bound has one layer too many",
        f"{CLIP}-6",
        "assert steepest <= limit**3 * 32**2",
        "assert steepest <= limit**4 * 32**2",
    ),
    LessonBug(
        "the weights are squashed, not clipped",
        f"{CLIP}-8",
        "ops.clip(weights, -self.limit, self.limit)",
        "self.limit * ops.tanh(weights / self.limit)",
        f"{CLIP}-2",
        (f"{CLIP}-2", f"{CLIP}-4", f"{CLIP}-6"),
    ),
    LessonBug("the penalty asks for a slope of 0", f"{ASK}-4", "found - (length - 1) ** 2", "found - length**2"),
    LessonBug(
        "the root of the library is the naive one",
        f"{ASK}-6",
        "safe = input_gradient(penalty_of, ops.zeros((2, 1)))",
        "safe = input_gradient(lambda w: ops.square(ops.sqrt(ops.sum(w * w)) - 1), ops.zeros((2, 1)))",
    ),
    LessonBug(
        "the library's points get a position for each pixel",
        "is-it-between-2",
        '"the library\'s": ops.convert_to_numpy(interpolation_points(real, fake, position)),',
        '"the library\'s": fake + rng.uniform(size=real.shape) * (real - fake),',
    ),
    LessonBug(
        "the overshoot forgets the 2 of 2 λ",
        "by-how-much-the-penalty-overshoots-3",
        "slope - (1 + distance / 4)",
        "slope - (1 + distance / 2)",
    ),
    LessonBug(
        "the formula forgets the factor 2 of the penalty's slope",
        f"{LINE}-5",
        "np.abs(gap) / (20 *",
        "np.abs(gap) / (10 *",
        f"{LINE}-4",
        (f"{LINE}-4",),
    ),
    LessonBug(
        "the prices are those of a dearer second hole",
        "the-other-side-a-price-for-every-place-2",
        "prices = solved.eqlin.marginals",
        "prices = solved.eqlin.marginals + [0, 0, 0, 0.5]",
    ),
    LessonBug(
        "the raw estimate is divided by nothing",
        f"{FOUR}-3",
        "[certified / cost for _, _, certified, cost in found]",
        "[raw / cost for raw, _, _, cost in found]",
        f"{FOUR}-2",
        (f"{FOUR}-2",),
    ),
    LessonBug(
        "the raw estimate is called certified",
        "in-the-plane-2",
        "raw, steepest, certified, cost = judged(plane, ring_x, ring_y)",
        "certified, steepest, raw, cost = judged(plane, ring_x, ring_y)",
    ),
    LessonBug(
        "real and generated are exchanged",
        f"{WGAN}-3",
        "judged(wgan.discriminator, held_out, made)",
        "judged(wgan.discriminator, made, held_out)",
        f"{WGAN}-2",
        (f"{WGAN}-2",),
    ),
    LessonBug(
        "the gradient penalty asks for a slope of 0, as R1 does",
        "does-the-game-converge-2",
        "else abs(psi) - 1",
        "else abs(psi)",
    ),
    known_bug("penalty points off the segment", "is-it-between-2"),
    known_bug("NaN where the slope is 0", f"{ASK}-6"),
    known_bug("the dearest plan", "moving-earth-4"),
    known_bug("areas between distribution functions that cancel", "the-area-between-two-curves-2"),
    known_bug("squared gaps between distribution functions", "far-and-farther-2"),
    known_bug("squared costs for plain ones", "far-and-farther-5"),
]
