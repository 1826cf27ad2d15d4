"""Bugs for the proofs of the lesson on what comes next."""

from tests.mutants.lesson_bug import LessonBug, known_bug

SLOPE, FLOOR, NATS, CHAIN, PATHS = (
    "the-best-denoiser-is-a-slope-2",
    "a-loss-that-has-a-floor-6",
    "the-losses-add-up-to-nats-2",
    "a-diffusion-model-is-a-vae",
    "the-same-densities-one-path-each",
)
FAMILIES, FACES = "three-more-families-on-the-same-line", "faces-at-equal-seconds-5"

BUGS = [
    LessonBug("the score is multiplied by the deviation of the noise", SLOPE, "noise**2 * truth", "noise * truth"),
    known_bug("a score divided by deviations", SLOPE),
    known_bug("a denoiser that is asked at the time, not at its root", FLOOR),
    LessonBug("the time of a ratio without its half", NATS, "0.5 * np.log1p(1 / ratio)", "np.log1p(1 / ratio)"),
    known_bug("a floor averaged over clean values", NATS),
    LessonBug(
        "the ratio of the variances is turned round",
        f"{CHAIN}-3",
        "variance / after if",
        "after / variance if",
        f"{CHAIN}-2",
        (f"{CHAIN}-2",),
    ),
    LessonBug(
        "the path without noise gets the score of the one with noise",
        f"{PATHS}-3",
        "-x - truth.score(x, t)",
        "-x - 2 * truth.score(x, t)",
        f"{PATHS}-2",
        (f"{PATHS}-2",),
    ),
    LessonBug(
        "the density rises where points spread",
        "exact-log-densities-from-a-denoiser-2",
        "truth.log_prob(end, 3.0) + gained",
        "truth.log_prob(end, 3.0) - gained",
    ),
    LessonBug(
        "the slope of a step forgets how steep it is",
        f"{FAMILIES}-3",
        "np.exp(heights + steepness)",
        "np.exp(heights)",
        f"{FAMILIES}-2",
        (f"{FAMILIES}-2",),
    ),
    LessonBug(
        "counts divided by all counts, not by those of the beginning",
        "autoregression-one-symbol-after-the-other-2",
        "counts[told].sum(axis=1)",
        "counts.sum()",
    ),
    LessonBug(
        "a Langevin step with the whole slope",
        "energies-everything-but-a-constant-2",
        "walkers - h / 2 * walkers",
        "walkers - h * walkers",
    ),
    LessonBug(
        "noise is counted before it has travelled",
        "energies-everything-but-a-constant-4",
        "abs(along_paths[-1] - share)",
        "abs(along_paths[0] - share)",
    ),
    LessonBug(
        "the score of the way back with noise, on the path without",
        "energies-everything-but-a-constant-4",
        "return -x - truth.score(x, t)",
        "return -x - 2 * truth.score(x, t)",
        "the-same-densities-one-path-each-2",
        ("the-same-densities-one-path-each-2",),
    ),
    LessonBug(
        "the powers of a tilted density are exchanged",
        "guidance-a-condition-exaggerated-3",
        "p ** (1 - weight) * given**weight",
        "p**weight * given ** (1 - weight)",
    ),
    known_bug("a sampler that keeps the guess in its noise", FACES),
]
