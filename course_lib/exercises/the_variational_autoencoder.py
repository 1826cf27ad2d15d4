"""Exercises of the variational autoencoder: its parts, its loss, its samples, and three broken ones."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake
from course_lib.exercises.references import lesson

_PATHS = {"train": "bcdf", "generate": "ade"}


def _in_step(step, test):
    """Whether the letters of a step of the answer pass a test."""
    return lambda paths: test(paths[step])


PATHS = Exercise(
    reference=_PATHS,
    words="abcdef",
    mistakes=(
        Mistake(
            "no draw in training",
            _PATHS | {"train": "bdf"},
            "your training decodes the encoder's answer without drawing from it: that is an autoencoder. Where is the "
            "draw from q(z|x)?",
        ),
        Mistake(
            "the prior in training",
            _PATHS | {"train": "badf"},
            "in training z must come from q(z|x), or the decoder never learns which code belongs to which image. The "
            "prior enters through the KL, in step f.",
        ),
        Mistake(
            "the draw before the encoder",
            _PATHS | {"train": "cbdf"},
            "μ and σ are needed for the draw, and the encoder gives them: b comes before c.",
        ),
        Mistake(
            "training draws pixels",
            _PATHS | {"train": "bcdef"},
            "no pixels are drawn in training: the given image is compared with the *distribution* that the decoder "
            "describes.",
        ),
        Mistake(
            "a reconstruction",
            _PATHS | {"generate": "bcde"},
            "your `generate` begins with an image that exists. That is a reconstruction; to generate, there is no "
            "image yet.",
        ),
        Mistake(
            "parameters for data",
            _PATHS | {"generate": "ad"},
            "your `generate` stops at the parameters of p(x|z). One step is missing until there is an x.",
        ),
        Mistake(
            "encoder in generation",
            _PATHS | {"generate": "abde"},
            "the encoder is not needed to generate: it takes an image, and there is none.",
        ),
        Mistake(
            "the generated encoded again",
            _PATHS | {"generate": "adebcd"},
            "what is generated is not encoded again. After p(x|z) has been drawn from, you are done.",
        ),
        Mistake("swapped", {"train": "ade", "generate": "bcdf"}, "you exchanged the two."),
        Mistake(
            "prior and posterior drawn from",
            _PATHS | {"train": "abcdf"},
            "in training z is drawn once, from q(z|x). The prior takes part through the KL alone, in step f.",
            made=_in_step("train", lambda letters: "a" in letters),
        ),
        Mistake(
            "no loss in training",
            _PATHS | {"train": "bcd"},
            "your training ends with the parameters of p(x|z). What is minimised?",
            made=_in_step("train", lambda letters: "f" not in letters),
        ),
        Mistake(
            "no encoder in training",
            _PATHS | {"train": "cdf"},
            "your training never encodes x: where do μ and σ come from?",
            made=_in_step("train", lambda letters: "b" not in letters),
        ),
        Mistake(
            "no decoder in training",
            _PATHS | {"train": "bcf"},
            "your training never decodes: without the parameters of p(x|z) there is no likelihood.",
            made=_in_step("train", lambda letters: "d" not in letters),
        ),
        Mistake(
            "nothing drawn in training",
            _PATHS | {"train": "bfd"},
            "in training a z is drawn from q(z|x), between encoder and decoder.",
            made=_in_step("train", lambda letters: "c" not in letters),
        ),
        Mistake(
            "pixels drawn in training",
            _PATHS | {"train": "bcdfe"},
            "training draws no pixels: the image is there already.",
            made=_in_step("train", lambda letters: "e" in letters),
        ),
        Mistake(
            "another order in training",
            _PATHS | {"train": "bcfd"},
            "training has the right steps, in another order: each needs what the one before it made.",
            made=_in_step("train", lambda letters: sorted(letters) == list("bcdf") and letters != "bcdf"),
        ),
        Mistake(
            "no prior in generation",
            _PATHS | {"generate": "de"},
            "what do you decode in `generate`? A z has to be drawn first, and there is no x to draw it for.",
            made=_in_step("generate", lambda letters: "a" not in letters),
        ),
        Mistake(
            "no decoder in generation",
            _PATHS | {"generate": "ae"},
            "`generate` has to turn z into the parameters of p(x|z) before it can draw from that.",
            made=_in_step("generate", lambda letters: "d" not in letters),
        ),
        Mistake(
            "nothing drawn in generation",
            _PATHS | {"generate": "da"},
            "`generate` ends when an x has been drawn from p(x|z).",
            made=_in_step("generate", lambda letters: "e" not in letters),
        ),
        Mistake(
            "posterior in generation",
            _PATHS | {"generate": "acde"},
            "`generate` knows no μ and σ, for there is no x to encode: the draw of the prior is z itself.",
            made=_in_step("generate", lambda letters: bool({"b", "c", "f"} & set(letters))),
        ),
        Mistake(
            "another order in generation",
            _PATHS | {"generate": "aed"},
            "`generate` has the right steps, in another order: z first, x last.",
            made=_in_step("generate", lambda letters: sorted(letters) == list("ade") and letters != "ade"),
        ),
        Mistake(
            "a KL in generation",
            _PATHS | {"generate": "adef"},
            "nothing is compared in generation: there is no image to compare with.",
        ),
    ),
    hints=(
        "Training starts from an image and ends in a loss: four steps.",
        "Generation starts from nothing but random numbers and ends in an image: three steps.",
    ),
)


UNTRAINED = Exercise(
    reference=(784 * np.log(2.0), 64 * np.log(17.0)),
    rtol=0.005,
    mistakes=(
        Mistake("per pixel", (np.log(2.0), np.log(17.0)), "that is per pixel. The log-likelihood adds up the pixels."),
        Mistake(
            "bits",
            (784.0, 64 * np.log2(17.0)),
            "that is in bits. The natural logarithm gives nats.",
        ),
        Mistake(
            "one half",
            (784 * 0.5, 64 / 17),
            "these are probabilities added up. Minus the *logarithm* of the probability is asked for.",
        ),
        Mistake(
            "nothing",
            (0.0, 0.0),
            "0 nats would mean that the decoder is certain of every pixel, and right. It knows nothing yet.",
        ),
        Mistake(
            "sign",
            (-784 * np.log(2.0), -64 * np.log(17.0)),
            "the sign: log p is negative here, and the loss is −log p.",
        ),
        Mistake("first: per pixel", Entry(0, np.log(2.0)), "the first is per pixel. The log-likelihood adds them up."),
        Mistake("first: bits", Entry(0, 784.0), "the first is in bits. The natural logarithm gives nats."),
        Mistake("second: bits", Entry(1, 64 * np.log2(17.0)), "the second is in bits."),
        Mistake("second: per pixel", Entry(1, np.log(17.0)), "the second is per pixel: there are 64 of them."),
        Mistake(
            "second: a sum over the levels",
            Entry(1, 64 * 17 * np.log(2.0)),
            "the second: a pixel is *one* of 17 levels, so it costs log 17, not 17 times log 2.",
        ),
        Mistake("second: 784 pixels", Entry(1, 784 * np.log(17.0)), "the second: these images have 8 × 8 pixels."),
        Mistake(
            "swapped", (64 * np.log(17.0), 784 * np.log(2.0)), "the two are exchanged: the binary images come first."
        ),
        Mistake(
            "the second has 16 levels",
            (784 * np.log(2.0), 64 * np.log(16.0)),
            "the second: from 0 to 16 there are 17 levels.",
        ),
        Mistake(
            "the second is binary too",
            (784 * np.log(2.0), 64 * np.log(2.0)),
            "in the second each pixel is one of 17 levels, not of 2.",
        ),
        Mistake("first", Entry(0), "the first: each of 784 pixels costs the logarithm of two equally probable values."),
        Mistake("second", Entry(1), "the second: each of 64 pixels costs the logarithm of 17 equally probable levels."),
    ),
    hints=(
        "A decoder that knows nothing gives every value of a pixel the same probability.",
        "784 pixels, each −log ½; 64 pixels, each −log 1/17.",
    ),
)


HIDDEN_VARIANCE = Exercise(
    reference=392.0,
    rtol=0.01,
    mistakes=(
        Mistake(
            "sum of squares",
            0.5,
            "½ belongs to the *sum* of the squared errors. Here they are averaged over 784 pixels.",
        ),
        Mistake("no half", 784.0, "the ½ of the Gaussian is missing: the loss is SSE/(2σ²), and this one SSE/784."),
        Mistake("the deviation", np.sqrt(392.0), "that is σ. The variance σ² is asked for."),
        Mistake("inverted", 1 / 392.0, "upside down: what divides the squared errors is 2σ²."),
        Mistake("inverted, no half", 1 / 784.0, "upside down, and without the ½: SSE/784 = SSE/(2σ²)."),
        Mistake("one", 1.0, "for σ² = 1 the loss would be ½ times the *sum* of the squared errors."),
        Mistake("a width of 28", 14.0, "you took 28 pixels. An image of 28 × 28 has 784."),
        Mistake("the ½ on the wrong side", 1568.0, "the 2 is on the wrong side: 1/(2σ²) is 1/784."),
        Mistake("side", 28.0, "28 is the side of the image. The mean is over all its pixels."),
    ),
    hints=(
        "Mean of squares = SSE / 784, with SSE the sum of the squared errors.",
        "Compare SSE/784 with SSE/(2σ²).",
    ),
)


def _cross_entropy(x, logits):
    return x * np.logaddexp(0, -logits) + (1 - x) * np.logaddexp(0, logits)


def _twice_kl(mean, log_var):
    return np.exp(log_var) + mean**2 - 1 - log_var


def _loss(x, logits, mean, log_var, beta):
    kl = 0.5 * _twice_kl(mean, log_var).sum(axis=-1)
    return (_cross_entropy(x, logits).sum(axis=-1) + beta * kl).mean()


def _batch(rng):
    n, pixels, latents = (int(size) for size in rng.integers((5, 15, 3), (9, 25, 6)))
    x = (rng.random((n, pixels)) < 0.5).astype("float64")
    mean, log_var = rng.normal(size=(2, n, latents))
    return x, 2 * rng.normal(size=(n, pixels)), mean, log_var, rng.uniform(2.0, 3.0)


def _far_logits():
    """One batch whose logits are right and wrong with certainty: exp(800) is infinite, and 1 − sigmoid(40) is 0."""
    x, logits, *rest = _batch(np.random.default_rng(3))
    logits[0, :4], x[0, :4] = [60.0, -60.0, 800.0, -800.0], [0, 1, 1, 1]
    return [(x, logits, *rest)]


def _one_half_off(x, logits, mean, log_var, beta):
    return (_cross_entropy(x, logits).sum(-1) + beta * _twice_kl(mean, log_var).sum(-1)).mean()


LOSS = Exercise(
    reference=_loss,
    inputs=_batch,
    edges=_far_logits,
    mistakes=(
        Mistake(
            "mean over pixels",
            lambda x, a, m, v, b: (_cross_entropy(x, a).mean(-1) + b * 0.5 * _twice_kl(m, v).sum(-1)).mean(),
            "you averaged the reconstruction over the pixels. Sum over the event: a mean over D pixels multiplies β "
            "by D, and the codes collapse.",
        ),
        Mistake(
            "mean over latents",
            lambda x, a, m, v, b: (_cross_entropy(x, a).sum(-1) + b * 0.5 * _twice_kl(m, v).mean(-1)).mean(),
            "your KL is averaged over the latent dimensions: that is β / latent_dim. Sum them.",
        ),
        Mistake(
            "means everywhere",
            lambda x, a, m, v, b: (_cross_entropy(x, a).mean(-1) + b * 0.5 * _twice_kl(m, v).mean(-1)).mean(),
            "you averaged over pixels *and* over latents. Sum over both; average over the batch alone.",
        ),
        Mistake(
            "sum over the batch",
            lambda x, a, m, v, b: len(x) * _loss(x, a, m, v, b),
            "you summed over the batch. Then a batch twice as large has twice the loss and takes steps of another "
            "size: average over the examples.",
        ),
        Mistake(
            "not averaged",
            lambda x, a, m, v, b: _cross_entropy(x, a).sum(-1) + b * 0.5 * _twice_kl(m, v).sum(-1),
            "one value per example, and right. Now the one mean over the batch: a loss is one number.",
        ),
        Mistake(
            "kl subtracted",
            lambda x, a, m, v, b: _loss(x, a, m, v, -b),
            "you subtracted the KL. The ELBO subtracts it; the *loss* is −ELBO, so it adds it.",
        ),
        Mistake(
            "the elbo",
            lambda x, a, m, v, b: -_loss(x, a, m, v, b),
            "that is the ELBO, to be maximised. `fit` minimises: return minus that.",
        ),
        Mistake(
            "wrong sign of the likelihood",
            lambda x, a, m, v, b: (-_cross_entropy(x, a).sum(-1) + b * 0.5 * _twice_kl(m, v).sum(-1)).mean(),
            "the reconstruction has the wrong sign: the loss contains −log p(x|z), which is positive here.",
        ),
        Mistake("one half", _one_half_off, "the KL is exactly twice too large: the ½ is missing."),
        Mistake(
            "no beta",
            lambda x, a, m, v, b: _loss(x, a, m, v, 1.0),
            "beta is not used. It multiplies the KL.",
        ),
        Mistake(
            "beta on both",
            lambda x, a, m, v, b: b * _loss(x, a, m, v, 1.0),
            "beta multiplies the whole loss: that changes the size of the steps and nothing else. It belongs to the "
            "KL alone.",
        ),
        Mistake(
            "beta on the reconstruction",
            lambda x, a, m, v, b: (b * _cross_entropy(x, a).sum(-1) + 0.5 * _twice_kl(m, v).sum(-1)).mean(),
            "beta multiplies the reconstruction. It belongs to the KL.",
        ),
        Mistake(
            "no kl",
            lambda x, a, m, v, b: _cross_entropy(x, a).sum(-1).mean(),
            "the KL is missing. Without it nothing holds the codes near the prior.",
        ),
        Mistake(
            "mu squared with the wrong sign",
            lambda x, a, m, v, b: (_cross_entropy(x, a).sum(-1) - b * 0.5 * (1 + v + m**2 - np.exp(v)).sum(-1)).mean(),
            "in your KL μ² has the wrong sign: moving away from the prior must cost, not pay.",
        ),
        Mistake(
            "log-variance for log-deviation",
            lambda x, a, m, v, b: _loss(x, a, m, 2 * v, b),
            "you read `log_var` as log σ. It is log σ², so σ² = exp(log_var).",
        ),
        Mistake(
            "log-variance for variance",
            lambda x, a, m, v, b: (_cross_entropy(x, a).sum(-1) + b * 0.5 * (v**2 + m**2 - 1 - v).sum(-1)).mean(),
            "you squared `log_var`. It is log σ², so the variance is exp(log_var).",
        ),
    ),
    hints=(
        "−log p(x|z) for logits: x · softplus(−logits) + (1 − x) · softplus(logits), and `np.logaddexp(0, a)` is "
        "softplus.",
        "KL = ½ Σ (σ² + μ² − 1 − log σ²), with σ² = exp(log_var).",
        "`.sum(axis=-1)` twice, then one mean.",
    ),
)


def _decoder_and_draws(rng):
    """A stranger's decoder, from codes `(n, 2)` to logits, another one each time, and draws."""
    n, pixels = int(rng.integers(40, 60)), int(rng.integers(10, 15))
    weights, paper = rng.normal(size=(2, pixels)), rng.normal()
    return lambda z: 1.5 * np.sin(z @ weights) + paper, rng.normal(size=(n, 2)), rng.random((n, pixels))


def _sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


GENERATE = Exercise(
    reference=lambda decode, noise, uniform: (uniform < _sigmoid(decode(noise))).astype("float64"),
    inputs=_decoder_and_draws,
    constant={"axis 1 of noise": "the lesson's codes have two entries."},
    mistakes=(
        Mistake(
            "the mean",
            lambda decode, noise, uniform: _sigmoid(decode(noise)),
            "these are the *means* of p(x|z), grey values. A drawn pixel is 0 or 1: 1 with that probability.",
        ),
        Mistake(
            "logits",
            lambda decode, noise, uniform: decode(noise),
            "the decoder returns logits. Turn them into probabilities, and draw.",
        ),
        Mistake(
            "the most probable",
            lambda decode, noise, uniform: (decode(noise) > 0).astype("float64"),
            "you took the more probable value of each pixel. It is the same every time: use `uniform` to draw.",
        ),
        Mistake(
            "logits as probabilities",
            lambda decode, noise, uniform: (uniform < decode(noise)).astype("float64"),
            "you compared `uniform` with the logits. Put the sigmoid in between.",
        ),
        Mistake(
            "the wrong way round",
            lambda decode, noise, uniform: (uniform > _sigmoid(decode(noise))).astype("float64"),
            "black and white are exchanged: a pixel of probability 0.9 should be 1 in nine of ten draws, that is, "
            "where uniform < 0.9.",
        ),
        Mistake(
            "a fair coin",
            lambda decode, noise, uniform: (uniform < 0.5).astype("float64"),
            "each pixel is a fair coin here: the decoder is not asked.",
        ),
        Mistake(
            "all codes zero",
            lambda decode, noise, uniform: (uniform < _sigmoid(decode(0 * noise))).astype("float64"),
            "you decoded the centre of the prior every time, instead of the draws.",
        ),
        Mistake(
            "one code for all",
            lambda decode, noise, uniform: (uniform < _sigmoid(decode(noise[:1]))).astype("float64"),
            "all images come from one code. Each needs its own draw from the prior.",
        ),
        Mistake(
            "the averaged image",
            lambda decode, noise, uniform: (uniform < _sigmoid(decode(noise)).mean(axis=0)).astype("float64"),
            "you averaged the decoder's answers over the codes before drawing. Each image belongs to one z.",
        ),
    ),
    hints=(
        "A draw from the prior N(0, I) is `noise` itself. Decode it: that gives logits.",
        "sigmoid(logits) are probabilities p; `uniform < p` is True with probability p.",
    ),
)


def _normal_quantile(share):
    from scipy.stats import norm

    return norm.ppf(share)


def _normal_distribution(z):
    from scipy.stats import norm

    return norm.cdf(z)


PRIOR_QUANTILES = Exercise(
    reference=lambda n: _normal_quantile((np.arange(n) + 0.5) / n),
    inputs=lambda rng: (int(rng.integers(6, 25)),),
    mistakes=(
        Mistake(
            "equal steps",
            lambda n: np.linspace(-3, 3, n),
            "these are equal steps in z from −3 to 3. Take equal steps in *probability*: most of the prior lies "
            "between −1 and 1.",
        ),
        Mistake(
            "the ends",
            lambda n: _normal_quantile(np.linspace(0, 1, n)),
            "your shares include 0 and 1, and their quantiles are infinite. Take the middle of each part: (i + ½)/n.",
        ),
        Mistake(
            "cut points",
            lambda n: _normal_quantile((np.arange(n) + 1) / (n + 1)),
            "these cut the prior into n + 1 parts. Take the middles of n parts: (i + ½)/n.",
        ),
        Mistake(
            "lower ends",
            lambda n: _normal_quantile(np.maximum(np.arange(n), 1e-9) / n),
            "these are the lower ends of the parts. Take their middles: (i + ½)/n.",
        ),
        Mistake(
            "shares",
            lambda n: (np.arange(n) + 0.5) / n,
            "these are the shares, between 0 and 1. Turn them into codes with the inverse distribution function, "
            "`norm.ppf`.",
        ),
        Mistake(
            "distribution function",
            lambda n: _normal_distribution((np.arange(n) + 0.5) / n),
            "`norm.cdf` goes from codes to shares. You need the other direction: `norm.ppf`.",
        ),
        Mistake(
            "distribution function of equal steps",
            lambda n: _normal_distribution(np.linspace(-3, 3, n)),
            "that is the distribution function at equal steps: shares, not codes. Start from equal shares and use its "
            "inverse, `norm.ppf`.",
        ),
        Mistake(
            "cut at one per cent",
            lambda n: _normal_quantile(np.linspace(0.01, 0.99, n)),
            "quantiles, but of shares from 0.01 to 0.99: the outer pictures stand for less of the prior than the "
            "others. Take the middles of n equal parts.",
        ),
        Mistake(
            "backwards",
            lambda n: _normal_quantile((np.arange(n) + 0.5) / n)[::-1],
            "right numbers, from right to left. Begin with the smallest.",
        ),
    ),
    hints=(
        "The i-th part (from 0) reaches from the share i/n to (i + 1)/n. Where is its middle?",
        "`norm.ppf((np.arange(n) + 0.5) / n)`, with `from scipy.stats import norm`.",
    ),
)


_DIAGNOSES = {"A": "no KL", "B": "mean over pixels", "C": "ReLU on the mean"}

DIAGNOSES = Exercise(
    reference=_DIAGNOSES,
    words=("no KL", "mean over pixels", "mean over latents", "ReLU on the mean", "no noise"),
    mistakes=(
        Mistake(
            "A and B swapped",
            _DIAGNOSES | {"A": "mean over pixels", "B": "no KL"},
            "A and B are exchanged. Whose σ is tiny, and whose is 1? A rate that costs nothing is overspent; one that "
            "is overpriced is not spent at all.",
        ),
        Mistake(
            "A: no noise",
            _DIAGNOSES | {"A": "no noise"},
            "A does draw: its loss and its ELBO share their reconstruction term. Look at its rate, and ask what in its "
            "loss could have held it down.",
        ),
        Mistake(
            "A: mean over latents",
            _DIAGNOSES | {"A": "mean over latents"},
            "A: a KL averaged over two latents still holds the codes, at half the price. Here nothing holds them.",
        ),
        Mistake(
            "B: ReLU",
            _DIAGNOSES | {"B": "ReLU on the mean", "C": "mean over pixels"},
            "B and C are exchanged. Which of them has a rate of 0? And in which are all means on one side of 0?",
        ),
        Mistake(
            "B: mean over latents",
            _DIAGNOSES | {"B": "mean over latents"},
            "B: a KL that is averaged over latents is *cheaper*, so more of it would be spent. B spends nothing.",
        ),
        Mistake(
            "B: no noise",
            _DIAGNOSES | {"B": "no noise"},
            f"B: without noise a code carries much at little cost ({lesson('the_reparameterization_trick')}). B's code "
            "carries nothing.",
        ),
        Mistake(
            "C: no KL",
            _DIAGNOSES | {"C": "no KL"},
            "C pays its KL, and its σ are sensible. Look at the smallest mean, and at the map of its codes.",
        ),
        Mistake(
            "C: no noise",
            _DIAGNOSES | {"C": "no noise"},
            "C: its draws are honest. Look at where its means lie.",
        ),
        Mistake(
            "A: something else",
            Entry("A"),
            "A: its rate is far too large, as if a code cost nothing. Which cause takes its price away?",
        ),
        Mistake(
            "B: something else",
            Entry("B"),
            "B: its rate is 0, as if a code cost far too much. Which cause makes the KL weigh that much?",
        ),
        Mistake(
            "C: something else",
            Entry("C"),
            "C: the smallest of its means is exactly 0. Which cause cuts off what is below 0?",
        ),
        Mistake(
            "C: mean over latents",
            _DIAGNOSES | {"C": "mean over latents"},
            "C: that would raise the rate a little and leave the means on both sides of 0. Look at the smallest one.",
        ),
    ),
    hints=(
        "Rate: A's is far too large, B's is 0. Which weight on the KL does each?",
        "C: the smallest mean of 500 photographs is exactly 0. Which activation does that?",
    ),
)


def _as_found(x, logits, mean, log_var):
    return (_cross_entropy(x, logits).mean(-1) + 0.5 * _twice_kl(mean, log_var).sum(-1)).mean()


REPAIR_THE_LOSS = Exercise(
    reference=lambda x, logits, mean, log_var: _loss(x, logits, mean, log_var, 1.0),
    inputs=lambda rng: _batch(rng)[:4],
    edges=lambda: [case[:4] for case in _far_logits()],
    mistakes=(
        Mistake("as found", _as_found, "that is still the loss as found: β = number of pixels, in disguise."),
        Mistake(
            "mean over latents too",
            lambda x, a, m, v: (_cross_entropy(x, a).mean(-1) + 0.5 * _twice_kl(m, v).mean(-1)).mean(),
            "now the KL is averaged as well: two wrongs, and β = pixels/latents. Sum over the event in both terms.",
        ),
        Mistake(
            "kl divided by the pixels",
            lambda x, a, m, v: _loss(x, a, m, v, 1.0) / x.shape[-1],
            "this has the right optimum (β = 1), but it is 1/D of the loss, so its value is no bound on −log p(x) any "
            "more. Return nats per image.",
        ),
        Mistake(
            "everything summed",
            lambda x, a, m, v: len(x) * _loss(x, a, m, v, 1.0),
            "you summed over the batch, too. One mean, over the examples.",
        ),
        Mistake(
            "kl dropped",
            lambda x, a, m, v: _cross_entropy(x, a).sum(-1).mean(),
            "the KL has gone: that is the disease of another patient.",
        ),
        Mistake(
            "kl averaged",
            lambda x, a, m, v: (_cross_entropy(x, a).sum(-1) + 0.5 * _twice_kl(m, v).mean(-1)).mean(),
            "the reconstruction is right now, but the KL has become a mean over latents. It was right before.",
        ),
        Mistake(
            "not averaged over the batch",
            lambda x, a, m, v: _cross_entropy(x, a).sum(-1) + 0.5 * _twice_kl(m, v).sum(-1),
            "one value per example: right, but a loss is one number. Average over the batch.",
        ),
    ),
    hints=(
        "`np.mean` over pixels divides one of the two terms by D, and leaves the other alone.",
        "Sum over the event (pixels, latents), mean over the batch.",
    ),
)


_WEIGHTS = {"a": 784.0, "b": 1 / 16, "c": 49.0, "d": 1.0, "e": 128.0}

WEIGHTS_IN_DISGUISE = Exercise(
    reference=_WEIGHTS,
    rtol=0.01,
    mistakes=(
        Mistake(
            "a upside down",
            _WEIGHTS | {"a": 1 / 784},
            "(a) is upside down: divide the whole loss so that the reconstruction is a plain sum, and see what the KL "
            "is multiplied with.",
        ),
        Mistake(
            "b upside down",
            _WEIGHTS | {"b": 16.0},
            "(b) is upside down: a mean over 16 latents makes the KL cheaper.",
        ),
        Mistake(
            "c multiplied",
            _WEIGHTS | {"c": 784.0 * 16},
            "(c): the mean over pixels multiplies β by 784, the mean over latents *divides* it by 16.",
        ),
        Mistake("c upside down", _WEIGHTS | {"c": 16 / 784}, "(c) is upside down."),
        Mistake(
            "c cancels",
            _WEIGHTS | {"c": 1.0},
            "(c): two means cancel only if they are over as many numbers. Here they are over 784 and 16.",
        ),
        Mistake(
            "d",
            _WEIGHTS | {"d": 784.0},
            "(d): 784 times a mean over 784 pixels is the sum.",
        ),
        Mistake(
            "e harmless",
            _WEIGHTS | {"e": 1.0},
            "(e): the reconstruction is averaged over the 128 images, the KL is added up. They are not on one scale.",
        ),
        Mistake(
            "e upside down",
            _WEIGHTS | {"e": 1 / 128},
            "(e) is upside down: the KL is added up over 128 images, so it counts more.",
        ),
        Mistake(
            "c: the pixels alone",
            Entry("c", 784.0),
            "(c): the KL is averaged, too: 784 is the mean over pixels alone, and the one over latents divides it.",
        ),
        Mistake(
            "c: the latents alone",
            Entry("c", 1 / 16),
            "(c): the reconstruction is averaged, too: 1/16 is what the mean over latents does alone.",
        ),
        Mistake(
            "e: too much",
            Entry("e", 128.0 * 16),
            "(e): the latents are summed in every honest KL. Only the sum over images is too much.",
        ),
        Mistake("a", Entry("a"), "(a): multiply the loss by 784, so that its reconstruction is a sum over pixels."),
        Mistake("b", Entry("b"), "(b): a mean over 16 latents is their sum divided by 16."),
        Mistake(
            "c",
            Entry("c"),
            "(c): multiply by 784, so that the reconstruction is a sum; then see what is left of the KL.",
        ),
        Mistake("d: anything else", Entry("d"), "(d): 784 times a mean over 784 pixels is their sum."),
        Mistake("e", Entry("e"), "(e): how many KLs are added up, where the reconstruction is averaged?"),
        Mistake(
            "all upside down",
            {name: 1 / weight for name, weight in _WEIGHTS.items()},
            "all of them are upside down: β is what the *KL* is multiplied with, once the reconstruction is in nats "
            "per image.",
        ),
        Mistake(
            "all one",
            dict.fromkeys("abcde", 1.0),
            "one of the five has β = 1, the others do not. Multiply each loss until its reconstruction is summed over "
            "pixels and averaged over images.",
        ),
    ),
    hints=(
        "Multiply the whole loss by a constant until the reconstruction reads Σ over pixels, mean over the batch. That "
        "changes no optimum. Then read off the factor of Σ KL.",
        "(a) times 784; (c) times 784, and a mean over 16 is a sum divided by 16.",
    ),
)


def stranger(name, encoder, decoder, log_likelihood, seed):
    """One of the three broken VAEs of the lesson, as its author sent it. (Do not read on before you have a diagnosis.)

    Args:
        name: `"A"`, `"B"` or `"C"`.
        encoder, decoder, log_likelihood, seed: As for `course_lib.models.VAE`.

    Returns:
        A model like a `VAE`, ready to be trained.
    """
    import keras
    from keras import ops

    from course_lib.formulas.divergences import standard_normal_kl
    from course_lib.models import VAE

    class A(VAE):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return ops.mean(-self.log_likelihood(x, *y_pred["parameters"]))

    class B(VAE):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            reconstruction = keras.losses.binary_crossentropy(x, y_pred["parameters"][0], from_logits=True)
            return ops.mean(reconstruction + standard_normal_kl(y_pred["mean"], y_pred["log_var"]))

    if name == "C":
        mean, log_var = encoder.outputs
        encoder = keras.Model(encoder.input, [ops.relu(mean), log_var])
    return {"A": A, "B": B, "C": VAE}[name](encoder, decoder, log_likelihood, seed=seed)
