"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

PLANE, COLLAPSE, SENDS = "the-plane-for-a-network", "collapse-and-what-it-looks-like", "what-the-encoder-really-sends"

BUGS = [
    LessonBug(
        "the logarithm of the width has the wrong sign",
        "two-prices-one-plane-2",
        "(code_variance - 1 - np.log(s))",
        "(code_variance - 1 + np.log(s))",
    ),
    LessonBug(
        "the variance of the code is taken for its deviation",
        "two-prices-one-plane-4",
        "np.sqrt(s[i]) * measured.normal",
        "s[i] * measured.normal",
    ),
    LessonBug(
        "the error of the formula forgets the noise in the code",
        "two-prices-one-plane-4",
        "errors[i]), (paid",
        "errors[i] / 2), (paid",
    ),
    LessonBug(
        "the box of the faces forgets σ²",
        "faces-and-units-that-fall-asleep-one-by-one-4",
        "sleeps_at = np.geomspace(4, 128, 200), variances_of_faces[:16] / sigma2_of_faces",
        "sleeps_at = np.geomspace(4, 128, 200), variances_of_faces[:16]",
    ),
    known_bug("a linear VAE fitted with beta 1 whatever is asked", "does-a-vae-find-it-2"),
    LessonBug(
        "the water level has β squared", "does-a-vae-find-it-2", "level = beta * sigma2", "level = beta**2 * sigma2"
    ),
    LessonBug(
        "the box forgets to pay the rate",
        "and-which-is-right-2",
        "d / (2 * sigma2) - r for d",
        "d / (2 * sigma2) for d",
    ),
    known_bug("the distortion with the wrong sign", f"{PLANE}-4"),
    LessonBug(
        "draws are taken for means",
        f"{PLANE}-8",
        "active[beta] = active_units(mean)",
        "active[beta] = active_units(mean + np.exp(0.5 * log_var) * rng.normal(size=mean.shape))",
    ),
    LessonBug(
        "the epochs are compared the other way round",
        f"{COLLAPSE}-7",
        'history["loss"][-1] < history["loss"][0]',
        'history["loss"][0] < history["loss"][-1]',
    ),
    LessonBug(
        "draws are taken for means",
        f"{COLLAPSE}-9",
        "active_units(vae.encode(held_out)[0])",
        "active_units(vae.encode(held_out)[0] + rng.normal(size=(len(held_out), 16)))",
    ),
    LessonBug("the variance is taken for the deviation", f"{COLLAPSE}-11", "sigma2_of_faces**0.5", "sigma2_of_faces"),
    LessonBug("no bits are free", "free-bits-3", "free_bits=0.5", "free_bits=0.0"),
    LessonBug(
        "the aggregated posterior is a sum, not a mean",
        f"{SENDS}-3",
        "special.logsumexp(table, axis=1) + np.log(1000)",
        "special.logsumexp(table, axis=1)",
    ),
    LessonBug(
        "the mean of the components' log-densities",
        f"{SENDS}-3",
        "np.exp(log_q_of_all(part)).mean(axis=1)",
        "np.exp(log_q_of_all(part).mean(axis=1))",
    ),
    LessonBug(
        "the rate without its minus one",
        f"{SENDS}-3",
        "0.5 * (variance + mean**2 - 1 - log_var)",
        "0.5 * (variance + mean**2 - log_var)",
    ),
    LessonBug("the saving has the wrong sign", f"{SENDS}-7", "(rate - new_rate).mean()", "(new_rate - rate).mean()"),
    LessonBug(
        "the gain has the wrong sign",
        "a-prior-that-learns-2",
        "gain = sum(bills[1.0]) - sum(bill)",
        "gain = sum(bill) - sum(bills[1.0])",
    ),
    LessonBug(
        "the turned code is not turned back",
        "why-nothing-guarantees-it-2",
        "(turned_codes @ turn).astype",
        "turned_codes.astype",
    ),
    LessonBug(
        "the turn shears", "why-nothing-guarantees-it-2", "[[1.0, -1.0], [1.0, 1.0]]", "[[1.0, 0.0], [1.0, 1.0]]"
    ),
]
