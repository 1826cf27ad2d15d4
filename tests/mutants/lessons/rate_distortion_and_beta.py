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
        "active_units(vae.encode(held_out)[0] + rng.normal(size=(len(held_out), 10)))",
    ),
    LessonBug(
        "all pixels get one brightness", f"{COLLAPSE}-11", "brightness = x.mean(axis=0)", "brightness = x.mean()"
    ),
    LessonBug("no bits are free", "free-bits-3", "free_bits=0.5", "free_bits=0.0"),
    LessonBug(
        "the aggregated posterior is a sum, not a mean",
        f"{SENDS}-3",
        "np.logaddexp.reduce(log_q, axis=1) - np.log(len(z))",
        "np.logaddexp.reduce(log_q, axis=1)",
    ),
    known_bug("the mean of the components' log-densities", f"{SENDS}-3"),
    known_bug("a mixture prior with unnormalised weights", f"{SENDS}-3"),
    LessonBug("the saving has the wrong sign", f"{SENDS}-7", "(rate - new_rate).mean()", "(new_rate - rate).mean()"),
    LessonBug(
        "the gain has the wrong sign",
        "a-prior-that-learns-2",
        "gain = sum(bills[1.0]) - sum(bill)",
        "gain = sum(bill) - sum(bills[1.0])",
    ),
    LessonBug("the turn stretches", "why-nothing-guarantees-it-2", "turn = np.sqrt(0.5) * np.array", "turn = np.array"),
]
