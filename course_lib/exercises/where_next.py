"""Exercises of the last map: a sampler's step, a flow's account, guidance, the families, and five capstone briefs."""

import functools

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake
from course_lib.exercises.words import before


def _a_step(rng):
    slope, place = rng.uniform(0.5, 2.0), rng.normal()
    last = bool(rng.integers(2))
    h = float(rng.uniform(0.05, 0.3))
    t = h if last else h + float(rng.uniform(0.2, 1.0))
    return rng.normal(size=7), t, h, lambda x, t: (place - slope * x) * (1 + t), rng.normal(size=7)


def _both_kinds_of_step():
    def score(x, t):
        return (0.3 - 1.5 * x) * (1 + t)

    x, noise = np.linspace(-1.1, 1.3, 5), np.array([0.4, -1.2, 0.9, 0.3, -0.6])
    times = (0.1, 0.1), (0.7, 0.1), (0.12, 0.08), (0.05, 0.02)  # the first is the last step: no fixed time tells it
    return [(x, t, h, score, noise) for t, h in times]


def _step(sign=1.0, factor=2.0, spread=lambda h: np.sqrt(2 * h), noise_at_the_end=False, noise_before=True):
    """A step back, right or with something wrong."""

    def answer(x, t, h, score, noise):
        moved = x + sign * h * (x + factor * score(x, t))
        has_noise = noise_at_the_end if t - h <= 1e-9 else noise_before
        return moved + spread(h) * noise if has_noise else moved

    return answer


STEP_BACK = Exercise(
    reference=_step(),
    inputs=_a_step,
    edges=_both_kinds_of_step,
    mistakes=(
        Mistake(
            "as found",
            _step(sign=-1.0, noise_at_the_end=True),
            "that is still the step as found: it goes on towards the noise, and shakes what should be data.",
        ),
        Mistake(
            "sign of time",
            _step(sign=-1.0),
            "the last step is quiet now, but the sign is wrong: time runs *backwards*, so x grows by h x, and climbs "
            "the score.",
        ),
        Mistake(
            "noise at the last step",
            _step(noise_at_the_end=True),
            "the direction is right now. What arrives at t = 0 must be data: the last step takes no noise.",
        ),
        Mistake(
            "never noise",
            _step(noise_before=False),
            "without any noise twice the score is too much: the samples become too narrow. Leave the noise out at "
            "t − h = 0 only.",
        ),
        Mistake(
            "the ODE's factor",
            _step(factor=1.0),
            "once the score is the way without noise. Here fresh noise comes in, and the score must work against it, "
            "too: twice.",
        ),
        Mistake(
            "half the variance",
            _step(spread=np.sqrt),
            "the noise of a step of length h has the variance 2h here: √(2h).",
        ),
        Mistake(
            "the path without noise",
            _step(factor=1.0, noise_before=False),
            "that is the path *without* noise, right in itself. Asked is the way back that keeps it: fresh noise at "
            "every step but the last, and twice the score.",
        ),
        Mistake(
            "h for its root",
            _step(spread=lambda h: 2 * h),
            "variances add up, not deviations: the noise of a step is multiplied by √(2h).",
        ),
        Mistake(
            "the score alone is turned",
            lambda x, t, h, score, noise: (
                x + h * (2 * score(x, t) - x) + (np.sqrt(2 * h) * noise if t - h > 1e-9 else 0)
            ),
            "the pull −x turns round, too, when time runs backwards: + h x.",
        ),
        Mistake(
            "noise at the last step alone",
            _step(noise_at_the_end=True, noise_before=False),
            "the condition is turned round: noise at every step *but* the last.",
        ),
    ),
    hints=(
        "Forwards: x − h x. And backwards? Which step must end in data?",
        "x + h (x + 2 score), and √(2h) · noise unless t − h is 0.",
    ),
)


def _moved_by(a):
    return a.sum(axis=1, keepdims=True)


def _a_coupling(rng):
    n, kept, other = int(rng.integers(4, 8)), int(rng.integers(2, 4)), int(rng.integers(4, 7))
    for_scale = rng.normal(size=(kept, other))
    return (
        rng.normal(size=(n, kept + other)),
        kept,
        lambda a: np.tanh(a @ for_scale) + 0.3,
        _moved_by,
    )


COUPLING = Exercise(
    reference=lambda x, kept, scale, shift: scale(x[:, :kept]).sum(axis=1),
    inputs=_a_coupling,
    constant={"shift": "The determinant does not depend on it."},
    mistakes=(
        Mistake(
            "mean",
            lambda x, kept, scale, shift: scale(x[:, :kept]).mean(axis=1),
            "the determinant is a product over *all* stretched numbers, so its logarithm is a sum, not a mean.",
        ),
        Mistake(
            "the factor for its logarithm",
            lambda x, kept, scale, shift: np.exp(scale(x[:, :kept])).sum(axis=1),
            "e^s are the stretches. The logarithm of their product is the sum of s.",
        ),
        Mistake(
            "the determinant",
            lambda x, kept, scale, shift: np.exp(scale(x[:, :kept]).sum(axis=1)),
            "that is the determinant itself: its logarithm is wanted.",
        ),
        Mistake(
            "sign",
            lambda x, kept, scale, shift: -scale(x[:, :kept]).sum(axis=1),
            "that is the determinant of the way back, from z to x.",
        ),
        Mistake(
            "the shift counts",
            lambda x, kept, scale, shift: (scale(x[:, :kept]) + shift(x[:, :kept])).sum(axis=1),
            "a shift moves points without stretching the space: it adds nothing.",
        ),
        Mistake(
            "of the whole batch",
            lambda x, kept, scale, shift: scale(x[:, :kept]).sum(),
            "one number for each row: sum over the columns, axis=1.",
        ),
        Mistake(
            "over the rows",
            lambda x, kept, scale, shift: scale(x[:, :kept]).sum(axis=0),
            "you summed over the rows. Each row has a determinant of its own: axis=1.",
        ),
        Mistake(
            "absolute values",
            lambda x, kept, scale, shift: np.abs(scale(x[:, :kept])).sum(axis=1),
            "the bars belong to the determinant e^s, which is positive. A negative s shrinks, and counts negative.",
        ),
        Mistake(
            "a logarithm too many",
            lambda x, kept, scale, shift: np.log(np.abs(scale(x[:, :kept]))).sum(axis=1),
            "s is the logarithm of the stretch already.",
        ),
    ),
    hints=(
        "The matrix ∂z/∂x is triangular: its determinant is the product of its diagonal.",
        "The diagonal has ones for a, and e^s(a) for b.",
    ),
)


def _two_densities_on_a_grid(rng):
    x = np.linspace(-3, 3, int(rng.integers(100, 140)))
    p, given = (np.exp(-0.5 * ((x - place) / width) ** 2) for place, width in zip(rng.normal(size=2), (1.6, 0.9)))  # noqa: B905
    step = x[1] - x[0]
    return x, p / (p.sum() * step), given / (given.sum() * step), float(rng.uniform(1.5, 3.0))


def _tilted(x, p, p_given, weight):
    tilted = p * (p_given / p) ** weight
    return tilted / (tilted.sum() * np.ptp(x) / (len(x) - 1))


GUIDED = Exercise(
    reference=_tilted,
    inputs=_two_densities_on_a_grid,
    constant={"order of x": "A grid is in order."},
    rtol=0.02,  # by the sum, by the trapezoidal rule or by Simpson's
    mistakes=(
        Mistake(
            "not normalised",
            lambda x, p, given, w: p * (given / p) ** w,
            "the shape is right, but it does not integrate to 1: divide by its sum times the distance of two points.",
        ),
        Mistake(
            "sums to one",
            lambda x, p, given, w: (p * (given / p) ** w) / (p * (given / p) ** w).sum(),
            "your values *sum* to 1. A density integrates to 1: divide by the sum times the distance of two points.",
        ),
        Mistake(
            "the ratio alone",
            lambda x, p, given, w: (given / p) ** w / ((given / p) ** w).sum() / (x[1] - x[0]),
            "you left out the factor p(x) in front.",
        ),
        Mistake(
            "the power of the condition alone",
            lambda x, p, given, w: given**w / (given**w).sum() / (x[1] - x[0]),
            "that is p(x|c) to the power w. The power of p(x), 1 − w, is negative: divide.",
        ),
        Mistake(
            "a mixture",
            lambda x, p, given, w: (1 - w) * p + w * given,
            "you mixed the two *densities*. Scores add up where log-densities do: multiply powers.",
        ),
        Mistake(
            "exchanged",
            lambda x, p, given, w: _tilted(x, given, p, w),
            "the two densities are exchanged: w = 1 must give p(x|c).",
        ),
        Mistake(
            "the other convention",
            lambda x, p, given, w: _tilted(x, p, given, w + 1),
            "that is the weight of papers in which w = 0 is the plain condition. Here w = 1 is.",
        ),
    ),
    hints=(
        "p · (p_given / p) ** weight, and then?",
        "Divide by its sum times x[1] − x[0].",
    ),
)

_NEEDS = {
    "exact density of vectors, sampled in one pass": "flow",
    "exact probability of sentences": "autoregressive",
    "a short code of each image, and a bound": "VAE",
    "one pass, no density asked": "GAN",
    "good samples, many passes allowed": "diffusion",
    "a score function written by hand, no training": "energy",
}

FAMILIES = Exercise(
    reference=_NEEDS,
    words=tuple(sorted(_NEEDS.values())),
    mistakes=(
        Mistake(
            "vectors by autoregression",
            _NEEDS
            | {
                "exact density of vectors, sampled in one pass": "autoregressive",
                "exact probability of sentences": "flow",
            },
            "vectors and sentences: both families are exact. But one of them needs a slope, which symbols do not have, "
            "and the other needs a pass for every entry.",
        ),
        Mistake(
            "VAE and GAN",
            _NEEDS | {"a short code of each image, and a bound": "GAN", "one pass, no density asked": "VAE"},
            "code and one pass: which of the two has an encoder and a bound?",
        ),
        Mistake(
            "GAN and diffusion",
            _NEEDS | {"one pass, no density asked": "diffusion", "good samples, many passes allowed": "GAN"},
            "one pass and many: a diffusion model is asked some fifty times for one sample.",
        ),
        Mistake(
            "diffusion and energy",
            _NEEDS
            | {
                "good samples, many passes allowed": "energy",
                "a score function written by hand, no training": "diffusion",
            },
            "many passes and no training: whoever writes E(x) by hand has the score. Whose score must be learned?",
        ),
        Mistake("vectors", Entry("exact density of vectors, sampled in one pass"), "vectors: ∫p = 1, and one pass."),
        Mistake("sentences", Entry("exact probability of sentences"), "sentences: Σ = 1 over symbols."),
        Mistake(
            "code", Entry("a short code of each image, and a bound"), "code: who has an encoder to *fewer* numbers?"
        ),
        Mistake("one pass", Entry("one pass, no density asked"), "one pass: which family gives no density at all?"),
        Mistake("many passes", Entry("good samples, many passes allowed"), "many passes: see the faces above."),
        Mistake(
            "no training",
            Entry("a score function written by hand, no training"),
            "no training: which family begins with a function E(x)?",
        ),
    ),
    hints=("Each word is used once: begin with what you are sure of.", "Symbols: autoregressive. By hand: energy."),
)


PAPERS = Exercise(
    reference="ceadb",
    mistakes=(
        Mistake(
            "diffusion is new",
            "ceabd",
            "(d) and (b): the chain of noise steps was learned in 2015, and drew images like those of GANs from 2020 "
            "on.",
            made=before("b", "d", "abcde"),
        ),
        Mistake(
            "energies after denoisers",
            "ecadb",
            "(c) and (e): Boltzmann machines are from 1985, the score of a denoising autoencoder is from 2011.",
            made=before("e", "c", "abcde"),
        ),
        Mistake(
            "diffusion before the game",
            "cedab",
            "(a) and (d): the game is from June 2014, the chain of noise steps from March 2015.",
            made=before("d", "a", "abcde"),
        ),
        Mistake(
            "the game before the score",
            "caedb",
            "(a) and (e): denoising was known to match a score in 2011, three years before the game.",
            made=before("a", "e", "abcde"),
        ),
        Mistake(
            "the game first",
            "aecdb",
            "(a) and (c): a game of 2014 cannot come before a machine of 1985.",
            made=before("a", "c", "abcde"),
        ),
        Mistake("backwards", "bdaec", "that is the right order, turned round: the oldest comes first."),
        Mistake(
            "no order",
            "cead",
            "each of the five letters must stand there once, and nothing else.",
            made=lambda order: sorted(order) != list("abcde"),
        ),
    ),
    hints=("The years are 1985, 2011, 2014, 2015 and 2020.", "An energy, a score, a game, a chain, pictures."),
)

# --- five briefs, each judged on a hidden split ------------------------------------------------------------------

_HIDDEN_SEED = 2026
NOISE = 0.5  # of the brief "restore", per pixel
# What each brief asks for: the baseline's mean on six other splits (validation letters, other sentences) with a margin
# of five of its standard deviations, rounded to two figures on the easy side. The tests compute them again.
LIMITS = {"restore": 23.0, "compress": 8.4, "detect": 0.97, "say": 3.3, "draw": 1.4}


@functools.cache
def _letters():
    """Letters in black and white, as a learner has them, and those that only the checks see: two arrays."""
    from course_lib import datasets

    return (datasets.load("glyphs").x_train[:6000] > 0.5).astype("float32"), _held_out("test", _HIDDEN_SEED)


def _held_out(split, seed):
    """600 letters of the test or validation images, in black and white."""
    from course_lib import datasets

    images = getattr(datasets.load("glyphs"), f"x_{split}")
    return (np.random.default_rng(seed).permutation(images)[:600] > 0.5).astype("float32")


def letters():
    """The letters to learn from: float32 `(6000, 28, 28, 1)`, 0 or 1.

    Example:
        >>> letters().shape
        (6000, 28, 28, 1)
    """
    return _letters()[0].copy()


@functools.cache
def _principal_parts():
    """Mean `(784,)`, axes in columns `(784, 784)` and variances `(784,)` of the training letters, the largest first."""
    flat = _letters()[0].reshape(-1, 784).astype("float64")
    variances, axes = np.linalg.eigh(np.cov(flat.T))
    return flat.mean(axis=0), axes[:, ::-1], np.maximum(variances[::-1], 0)


def _numbers(answer, shape, of):
    """An answer as finite floats of a shape, or the sentence that it deserves."""
    given = np.asarray(answer, dtype="float64")
    if given.shape != shape:
        return f"{of} should have the shape {shape}; yours is {given.shape}."
    return given if not np.isnan(given).any() else f"{of} should be numbers; yours holds NaN."


# restore


def _to_restore(letters, seed):
    """300 clean letters and noisy ones, each `(300, 28, 28, 1)`."""
    clean = letters[:300].astype("float64")
    return clean, clean + NOISE * np.random.default_rng(seed).normal(size=clean.shape)


def _squared_error(given, clean):
    return ((given - clean) ** 2).sum(axis=(1, 2, 3)).mean()


def _judge_restoring(answer):
    clean, noisy = _to_restore(_letters()[1], _HIDDEN_SEED)
    given = _numbers(answer(noisy.copy()), clean.shape, "what restores 300 letters")
    if isinstance(given, str):
        return given
    if np.allclose(given, noisy):
        return "handed back"
    if np.allclose(given, np.clip(noisy, 0, 1)):
        return "clipped"
    if np.ptp(given, axis=0).max() < 1e-6:
        return "one picture for all"
    error, most = _squared_error(given, clean), LIMITS["restore"]
    return None if error <= most else f"your squared error is {error:.1f} a letter; the brief asks for {most:g}."


def _wiener(noisy):
    mean, axes, variances = _principal_parts()
    kept = axes * (variances / (variances + NOISE**2))
    return (mean + (noisy.reshape(-1, 784) - mean) @ kept @ axes.T).reshape(noisy.shape)


RESTORE = Exercise(
    reference=lambda: _wiener,
    judge_with=_judge_restoring,
    mistakes=(
        Mistake("handed back", lambda: lambda noisy: noisy, "the noisy letters come back as they were."),
        Mistake(
            "clipped",
            lambda: lambda noisy: np.clip(noisy, 0, 1),
            "values are cut to [0, 1], which takes half of the noise away and knows nothing of letters.",
        ),
        Mistake(
            "one picture for all",
            lambda: lambda noisy: np.tile(_letters()[0].mean(axis=0), (len(noisy), 1, 1, 1)),
            "every letter is restored to the same picture: safe, and of no use.",
        ),
    ),
    hints=(
        "The Wiener filter: along each principal axis multiply by λ/(λ + σ²).",
        "axes * (variances / (variances + 0.25)) @ axes.T, around the mean.",
    ),
)

# compress


def patches(images):
    """The 3 × 4 pixels in the middle of letters, as rows of 12 bits: int64 `(n, 12)`.

    Example:
        >>> patches(np.ones((2, 28, 28, 1))).sum(axis=1).tolist()
        [12, 12]
    """
    return (np.asarray(images)[:, 12:15, 12:16].reshape(-1, 12) > 0.5).astype("int64")


def _patterns():
    return (np.arange(4096)[:, None] >> np.arange(12)) & 1


def _by_counts(bits, added=0.02):
    weights = 2 ** np.arange(12)
    counts = added + np.bincount(patches(_letters()[0]) @ weights, minlength=4096)
    with np.errstate(divide="ignore"):
        return np.log(counts / counts.sum())[bits @ weights]


def _by_their_own_counts(bits):
    numbers = bits @ 2 ** np.arange(12)
    return np.log(np.bincount(numbers, minlength=4096) / len(bits))[numbers]


def _by_independent_pixels(bits):
    ink = patches(_letters()[0]).mean(axis=0)
    return np.where(bits == 1, np.log(ink), np.log(1 - ink)).sum(axis=1)


def _bits(answer, letters):
    """The mean code length of the patches of letters."""
    return -np.asarray(answer(patches(letters)), "float64").mean() / np.log(2)


def _judge_compressing(answer):
    log_p = _numbers(answer(_patterns()), (4096,), "log p of all 4,096 patterns")
    if isinstance(log_p, str):
        return log_p
    if not abs(np.exp(log_p).sum() - 1) < 1e-6:
        disguised = {"bits": np.exp2(log_p), "probabilities": log_p, "code lengths": np.exp(-log_p)}
        with np.errstate(over="ignore"):
            disguised["per pixel"] = np.exp(12 * log_p)
        found = [name for name, each in disguised.items() if (each >= 0).all() and abs(each.sum() - 1) < 1e-6]
        return found[0] if found else "no distribution"
    hidden = patches(_letters()[1])
    given = _numbers(answer(hidden), (len(hidden),), f"log p of {len(hidden)} patches")
    if isinstance(given, str):
        return given
    if not np.allclose(given, log_p[hidden @ 2 ** np.arange(12)], atol=1e-4):
        return "the rows beside it"
    bits, most = -given.mean() / np.log(2), LIMITS["compress"]
    if not np.isfinite(bits):
        return "impossible"
    if abs(bits - _bits(_by_independent_pixels, _letters()[1])) < 0.02:
        return "independent pixels"
    return None if bits <= most else f"your code needs {bits:.2f} bits a patch; the brief asks for {most:g} at most."


COMPRESS = Exercise(
    reference=lambda: _by_counts,
    judge_with=_judge_compressing,
    mistakes=(
        Mistake(
            "bits",
            lambda: lambda bits: _by_counts(bits) / np.log(2),
            "those are bits: 2 to their power sums to 1. The brief asks for nats.",
        ),
        Mistake(
            "probabilities",
            lambda: lambda bits: np.exp(_by_counts(bits)),
            "those are probabilities: take the logarithm.",
        ),
        Mistake("code lengths", lambda: lambda bits: -_by_counts(bits), "those are code lengths: turn the sign."),
        Mistake(
            "per pixel",
            lambda: lambda bits: _by_counts(bits) / 12,
            "that is a mean over the 12 pixels: one number for the whole patch is wanted.",
        ),
        Mistake(
            "no distribution",
            lambda: lambda bits: np.zeros(len(bits)),
            "over all 4,096 patterns your probabilities do not sum to 1: no decoder could read such a code.",
        ),
        Mistake(
            "impossible",
            lambda: lambda bits: _by_counts(bits, added=0.0),
            "a hidden patch has probability 0, so its code is infinitely long. Leave something for what you never saw.",
        ),
        Mistake(
            "the rows beside it",
            lambda: _by_their_own_counts,
            "the same patch has another log p beside other patches: you count in the rows that you are asked about, "
            "which a decoder does not have yet. Count in the training letters.",
        ),
        Mistake(
            "independent pixels",
            lambda: _by_independent_pixels,
            "that is the price of independent pixels. Neighbours know of each other: use it.",
        ),
    ),
    hints=(
        "There are only 4,096 patterns and 6,000 letters: count.",
        "Add a small number to each count, so that nothing is impossible.",
    ),
)

# detect


def _strange(real, seed):
    """What a detector is tried on: a dictionary of images that are no letters as they should be."""
    from scipy.ndimage import gaussian_filter

    turned = np.random.default_rng(seed).random(real.shape) < 0.06
    return {
        "faded": 0.25 * real,
        "blurred": gaussian_filter(real, (0, 1.5, 1.5, 0)),
        "specks": np.where(turned, 1 - real, real),
    }


def _area(strange, usual):
    """The share of pairs in which the strange one has the larger score (AUROC)."""
    return np.mean((strange[:, None] > usual) + 0.5 * (strange[:, None] == usual))


def _areas(answer, letters, seed):
    """Area for each kind of damage; or a sentence. Images are asked for at once, shuffled: a score is of one image."""
    kinds = {"usual": letters[:300], **_strange(letters[300:], seed)}
    images = np.concatenate(list(kinds.values())).astype("float32")
    order = np.random.default_rng(seed).permutation(len(images))
    given = _numbers(answer(images[order]), (len(images),), f"the scores of {len(images):,} images")
    if isinstance(given, str):
        return given
    usual, *others = np.split(given[np.argsort(order)], len(kinds))
    return {name: _area(each, usual) for name, each in zip(list(kinds)[1:], others, strict=True)}


def _judge_detecting(answer):
    areas, least = _areas(answer, _letters()[1], _HIDDEN_SEED), LIMITS["detect"]
    if isinstance(areas, str):
        return areas
    if max(areas.values()) == min(areas.values()) == 0.5:
        return "one score for all"
    if max(areas.values()) < 0.1:
        return "turned round"
    if areas["specks"] < 0.1 and areas["faded"] > 0.9:
        return "the density turned round"
    if min(areas.values()) < 0.1:
        return "the density alone"
    worst = min(areas, key=areas.get)
    if areas[worst] < least:
        return f"your worst case is {worst}: AUROC {areas[worst]:.2f}. The brief asks for {least:g} in each case."
    return None


def _surprise(images, kept=40):
    """−log p of a letter under probabilistic PCA, up to a constant."""
    mean, axes, variances = _principal_parts()
    centred = np.asarray(images, "float64").reshape(-1, 784) - mean
    rest = variances[kept:].mean()
    along = centred @ axes[:, :kept]
    return 0.5 * ((along**2 / variances[:kept]).sum(axis=1) + ((centred**2).sum(1) - (along**2).sum(1)) / rest)


def _unusual(images):
    usual = _surprise(_letters()[0])
    return np.abs(_surprise(images) - usual.mean())


DETECT = Exercise(
    reference=lambda: _unusual,
    judge_with=_judge_detecting,
    mistakes=(
        Mistake(
            "the density alone",
            lambda: _surprise,
            "one kind of strange image gets *better* scores than real letters: whatever is smooth and pale is probable "
            "under a density. Ask for scores that are too good, too.",
        ),
        Mistake(
            "turned round",
            lambda: lambda images: -_unusual(images),
            "your scores are turned round: a larger one should mean stranger.",
        ),
        Mistake(
            "the density turned round",
            lambda: lambda images: -_surprise(images),
            "you hand over how *probable* an image is: specks count as usual now, and what is smooth and pale as "
            "strange. A larger score should mean stranger; then ask for scores that are too good, too.",
        ),
        Mistake("one score for all", lambda: lambda images: np.ones(len(images)), "every image gets the same score."),
    ),
    hints=(
        "−log p under probabilistic PCA is a beginning: look what it says of a faded letter.",
        "|−log p − its mean on the training letters| sees both sides.",
    ),
)

# say

words = ("a", "the", "boat", "whale", "cow", "plough", "sails", "dives", "grazes", "digs", "slowly", "fast")
_MANNER = {0: 0.9, 1: 0.2}  # how probable "slowly" is after "a" and after "the"


def sentences(number, seed=0):
    """Draw sentences of four of the twelve `words`: int64 `(number, 4)`.

    What is sung of the sea is not said of the farm, and the first word decides how the last one may be.

    Example:
        >>> " ".join(words[word] for word in sentences(1)[0])
        'the boat dives fast'
    """
    rng = np.random.default_rng([seed, 12])
    first, topic = rng.integers(2, size=(2, number))
    noun = 2 + 2 * topic + (rng.random(number) < 0.3)
    verb = 6 + 2 * topic + (rng.random(number) < 0.4)
    slowly = rng.random(number) < np.where(first == 0, _MANNER[0], _MANNER[1])
    return np.stack([first, noun, verb, np.where(slowly, 10, 11)], axis=1)


def _entropy(*shares):
    return -sum(share * np.log(share) + (1 - share) * np.log(1 - share) for share in shares)


def _least_nats():
    return _entropy(0.5, 0.5, 0.3, 0.4) + 0.5 * _entropy(_MANNER[0]) + 0.5 * _entropy(_MANNER[1])


def _counted(history, added=0.1):
    """Next-word frequencies in 4,000 sentences, given what `history` keeps of a prefix."""
    training = sentences(4000)

    def next_word(prefix):
        place, weights = prefix.shape[1], 12 ** np.arange(prefix.shape[1])
        seen, told = (history(each[:, :place]) @ weights for each in (training, prefix))
        counts = np.full((12 ** (place + 1), 12), added)
        np.add.at(counts, (seen, training[:, place]), 1)
        with np.errstate(invalid="ignore"):
            return counts[told] / counts[told].sum(axis=1, keepdims=True)

    return next_word


def _whole(prefix):
    return prefix


def _last_alone(prefix):
    return np.where(np.arange(prefix.shape[1]) == prefix.shape[1] - 1, prefix, 0)


def _nats_of(answer, seed=_HIDDEN_SEED):
    hidden, nats = sentences(2000, seed=seed), 0.0
    for place in range(4):
        p = _numbers(answer(hidden[:, :place]), (2000, 12), f"probabilities of the next word at place {place}")
        if isinstance(p, str):
            return p
        if (p < 0).any() or not np.allclose(p.sum(axis=1), 1, atol=1e-6):
            return "no distribution"
        with np.errstate(divide="ignore"):
            nats = nats - np.log(p[np.arange(2000), hidden[:, place]]).mean()
    return nats if np.isfinite(nats) else "impossible"


def _judge_saying(answer):
    nats = _nats_of(answer)
    if isinstance(nats, str):
        return nats
    for name, history in (("no history", lambda prefix: 0 * prefix), ("one word of history", _last_alone)):
        if abs(nats - _nats_of(_counted(history))) < 0.005:
            return name
    if nats <= LIMITS["say"]:
        return None
    return (
        f"your model needs {nats:.2f} nats a sentence; the brief asks for {LIMITS['say']:g} at most, and the grammar "
        f"itself needs {_least_nats():.2f}."
    )


SAY = Exercise(
    reference=lambda: _counted(_whole),
    judge_with=_judge_saying,
    mistakes=(
        Mistake(
            "no distribution",
            lambda: lambda prefix: np.ones((len(prefix), 12)),
            "each row should hold probabilities that sum to 1 over the twelve words.",
        ),
        Mistake(
            "impossible",
            lambda: lambda prefix: np.tile(np.eye(12)[0], (len(prefix), 1)),
            "a hidden sentence has probability 0, which costs infinitely much.",
        ),
        Mistake(
            "no history",
            lambda: _counted(lambda prefix: 0 * prefix),
            "your next word does not depend on what was said: each place has frequencies of its own, no more.",
        ),
        Mistake(
            "one word of history",
            lambda: _counted(_last_alone),
            "your model remembers one word. The last word of a sentence depends on the *first*.",
        ),
    ),
    hints=(
        "Count what follows each beginning in the training sentences.",
        "The whole beginning, not its last word; and a small number added to each count.",
    ),
)

# draw

_COPY = 3.0  # squared distance to a training letter; no hidden letter comes as near
_MOVED_COPY = 1.0  # the same between amplitudes, which differ less than the letters


def _distance(given, letters):
    from course_lib.features import letter_features
    from course_lib.metrics import frechet_distance

    return frechet_distance(*(letter_features(each.astype("float32")) for each in (given, letters)))


def _to_nearest(given, seen=lambda images: images):
    """Squared distance of what is seen of each drawn letter to the nearest training letter, `(n,)`."""
    training, flat = (seen(each).reshape(len(each), -1).astype("float64") for each in (_letters()[0], given))
    return ((flat**2).sum(1)[:, None] - 2 * flat @ training.T + (training**2).sum(1)).min(axis=1)


def _wherever_it_stands(images):
    """Amplitudes of waves, which stay the same when a letter is moved."""
    return np.abs(np.fft.fft2(images, axes=(1, 2), norm="ortho"))


def _judge_drawing(answer):
    drawn = [_numbers(answer(500, seed), (500, 28, 28, 1), "500 drawn letters") for seed in (1, 1, 2)]
    for each in drawn:
        if isinstance(each, str):
            return each
    given, again, others = drawn
    if given.min() < -1e-6 or given.max() > 1 + 1e-6:
        return "outside"
    if np.ptp(given, axis=0).max() < 1e-6:
        return "one picture"
    if np.mean(_to_nearest(given) < _COPY) > 0.02:
        return "copies"
    if np.mean(_to_nearest(given, _wherever_it_stands) < _MOVED_COPY) > 0.02:
        return "moved copies"
    if np.abs(given - again).mean() > 1e-3:
        return "drawn without the seed"
    if np.abs(given - others).mean() < 1e-3:
        return "one seed for all"
    distance, most = _distance(given, _letters()[1]), LIMITS["draw"]
    if distance <= most:
        return None
    return (
        f"your letters have a Fréchet distance of {distance:.1f} to hidden ones; the brief asks for {most:g} at most."
    )


def _two_stage(number, seed, kept=100, neighbours=10):
    """Codes on principal axes, drawn between a training code and one of its neighbours, decoded and cut at one half."""
    mean, axes, _ = _principal_parts()
    rng = np.random.default_rng(seed)
    codes = (_letters()[0].reshape(-1, 784) - mean) @ axes[:, :kept]
    some = codes[rng.integers(len(codes), size=number)]
    squares = (some**2).sum(1)[:, None] - 2 * some @ codes.T + (codes**2).sum(1)
    near = np.argsort(squares, axis=1)[np.arange(number), rng.integers(1, neighbours, size=number)]
    between = some + rng.uniform(0.3, 0.7, size=(number, 1)) * (codes[near] - some)
    return (mean + between @ axes[:, :kept].T > 0.5).astype("float64").reshape(number, 28, 28, 1)


DRAW = Exercise(
    reference=lambda: _two_stage,
    judge_with=_judge_drawing,
    mistakes=(
        Mistake(
            "copies",
            lambda: lambda number, seed: _letters()[0][:number],
            "some of your letters are training images, pixel by pixel. A photocopier is no model.",
        ),
        Mistake(
            "moved copies",
            lambda: lambda number, seed: np.roll(np.random.default_rng(seed).permutation(_letters()[0])[:number], 1, 1),
            "some of your letters are training images, moved. A photocopier is no model, even if the paper lies askew.",
        ),
        Mistake(
            "one seed for all",
            lambda: lambda number, seed: _two_stage(number, 1),
            "two seeds draw the same letters: hand `seed` on to whatever draws.",
        ),
        Mistake(
            "drawn without the seed",
            lambda: lambda number, seed: _two_stage(number, None),
            "the same seed draws other letters the second time: something draws without it.",
        ),
        Mistake(
            "one picture",
            lambda: lambda number, seed: np.tile(_letters()[0].mean(axis=0), (number, 1, 1, 1)),
            "you drew the same picture every time.",
        ),
        Mistake(
            "outside",
            lambda: lambda number, seed: 3.0 * _two_stage(number, seed),
            "pixels lie between 0 and 1; some of yours do not.",
        ),
    ),
    hints=(
        "Two stages: principal components, and something to draw the codes from.",
        "A point between two neighbouring codes is a code, and no copy.",
    ),
)
