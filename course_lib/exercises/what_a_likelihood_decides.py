"""Exercises of what a likelihood decides: hidden variances, broken losses, and three strangers to diagnose."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake
from course_lib.exercises.references import lesson
from course_lib.exercises.the_variational_autoencoder import cross_entropy, twice_kl, vae_loss

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


def _decoded_draws(rng):
    draws, n, pixels = (int(size) for size in rng.integers((3, 5, 6), (6, 9, 12)))
    x = rng.random((n, pixels))
    return x, x + 0.3 * rng.normal(size=(draws, n, pixels)) + 0.1 * rng.normal(size=pixels)


BEST_VARIANCE = Exercise(
    reference=lambda x, decoded: np.square(x - decoded).mean(),
    inputs=_decoded_draws,
    mistakes=(
        Mistake(
            "the deviation",
            lambda x, decoded: np.sqrt(np.square(x - decoded).mean()),
            "that is σ. The variance σ² is asked for.",
        ),
        Mistake(
            "halved",
            lambda x, decoded: 0.5 * np.square(x - decoded).mean(),
            "there is a ½ too many: it stands before both terms of −log p, and cancels.",
        ),
        Mistake(
            "doubled",
            lambda x, decoded: 2 * np.square(x - decoded).mean(),
            "twice too large: set the derivative −SSE/(2σ⁴) + D/(2σ²) to 0, and both ½ cancel.",
        ),
        Mistake(
            "summed over the pixels",
            lambda x, decoded: np.square(x - decoded).sum(axis=-1).mean(),
            "you summed over the pixels: that is SSE. The best σ² is SSE / D, the error of *one* pixel.",
        ),
        Mistake(
            "one for each pixel",
            lambda x, decoded: np.square(x - decoded).mean(axis=(0, 1)),
            "that is a σ² for each pixel. One number for all is asked for; with one for each, a pixel that is always 0 "
            "makes the density infinite.",
        ),
        Mistake(
            "one for each image",
            lambda x, decoded: np.square(x - decoded).mean(axis=(0, 2)),
            "that is a σ² for each image. One number for all is asked for.",
        ),
        Mistake(
            "one for each draw",
            lambda x, decoded: np.square(x - decoded).mean(axis=(1, 2)),
            "that is a σ² for each draw. The expectation over q is a mean over the draws, too.",
        ),
        Mistake(
            "the mean picture",
            lambda x, decoded: np.square(x - decoded.mean(axis=0)).mean(),
            "you averaged the decoded images before squaring. The ELBO averages the squares: a draw that misses costs.",
        ),
        Mistake(
            "the variance of the errors",
            lambda x, decoded: np.var(x - decoded),
            "a variance leaves out the mean error. The likelihood charges for it: take the mean of the squares.",
        ),
        Mistake(
            "the variance of the data",
            lambda x, decoded: np.var(x),
            "that is how much the data vary, and holds nothing of the decoder. What is left after decoding counts.",
        ),
        Mistake(
            "the first draw",
            lambda x, decoded: np.square(x - decoded[0]).mean(),
            "you used the first draw alone. Average over all of them.",
        ),
        Mistake(
            "absolute errors",
            lambda x, decoded: np.abs(x - decoded).mean(),
            "these are absolute errors (a Laplace likelihood). The Gaussian squares them.",
        ),
    ),
    hints=(
        "Step 5 of the derivation: the best σ² is SSE / D, averaged over data and draws.",
        "`x - decoded` has the shape (draws, n, pixels). Square, then one mean over everything.",
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
            "C pays its KL. Look at the smallest of its means, and at the map of its codes.",
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


def _batch(rng):
    n, pixels, latents = (int(size) for size in rng.integers((5, 15, 3), (9, 25, 6)))
    x = (rng.random((n, pixels)) < 0.5).astype("float64")
    mean, log_var = rng.normal(size=(2, n, latents))
    return x, 2 * rng.normal(size=(n, pixels)), mean, log_var


def _far_logits():
    """One batch whose logits are right and wrong with certainty: exp(800) is infinite, and 1 − sigmoid(40) is 0."""
    x, logits, *rest = _batch(np.random.default_rng(3))
    logits[0, :4], x[0, :4] = [60.0, -60.0, 800.0, -800.0], [0, 1, 1, 1]
    return [(x, logits, *rest)]


def _as_found(x, logits, mean, log_var):
    return (cross_entropy(x, logits).mean(-1) + 0.5 * twice_kl(mean, log_var).sum(-1)).mean()


REPAIR_THE_LOSS = Exercise(
    reference=lambda x, logits, mean, log_var: vae_loss(x, logits, mean, log_var),
    inputs=_batch,
    edges=_far_logits,
    mistakes=(
        Mistake("as found", _as_found, "that is still the loss as found: β = number of pixels, in disguise."),
        Mistake(
            "mean over latents too",
            lambda x, a, m, v: (cross_entropy(x, a).mean(-1) + 0.5 * twice_kl(m, v).mean(-1)).mean(),
            "now the KL is averaged as well: two wrongs, and β = pixels/latents. Sum over the event in both terms.",
        ),
        Mistake(
            "kl divided by the pixels",
            lambda x, a, m, v: vae_loss(x, a, m, v) / x.shape[-1],
            "this has the right optimum (β = 1), but it is 1/D of the loss, so its value is no bound on −log p(x) any "
            "more. Return nats per image.",
        ),
        Mistake(
            "everything summed",
            lambda x, a, m, v: len(x) * vae_loss(x, a, m, v),
            "you summed over the batch, too. One mean, over the examples.",
        ),
        Mistake(
            "kl dropped",
            lambda x, a, m, v: cross_entropy(x, a).sum(-1).mean(),
            "the KL has gone: that is another bug.",
        ),
        Mistake(
            "100 times the mean",
            lambda x, a, m, v: (100 * cross_entropy(x, a).mean(-1) + 0.5 * twice_kl(m, v).sum(-1)).mean(),
            "100 times the mean is the sum for 100 pixels only; other images have other sizes. Sum over the pixels.",
        ),
        Mistake(
            "kl averaged",
            lambda x, a, m, v: (cross_entropy(x, a).sum(-1) + 0.5 * twice_kl(m, v).mean(-1)).mean(),
            "the reconstruction is right now, but the KL has become a mean over latents. It was right before.",
        ),
        Mistake(
            "not averaged over the batch",
            lambda x, a, m, v: cross_entropy(x, a).sum(-1) + 0.5 * twice_kl(m, v).sum(-1),
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
