"""Exercises of the variational autoencoder: its parts, its class, its first loss, its samples and its map."""

import numpy as np

from course_lib.exercises import fitting
from course_lib.exercises.engine import Entry, Exercise, Mistake

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


def cross_entropy(x, logits):
    """−log p(x|z) of each Bernoulli pixel."""
    return x * np.logaddexp(0, -logits) + (1 - x) * np.logaddexp(0, logits)


def twice_kl(mean, log_var):
    """Twice the divergence of each latent from the standard normal."""
    return np.exp(log_var) + mean**2 - 1 - log_var


def vae_loss(x, logits, mean, log_var, beta=1.0):
    """The loss of a VAE with Bernoulli pixels: a number, in nats per image."""
    return (cross_entropy(x, logits).sum(-1) + beta * 0.5 * twice_kl(mean, log_var).sum(-1)).mean()


def written_vae():
    """The class of the exercise, complete: an encoder, a draw, a decoder, and two sums.

    Returns:
        A subclass of `keras.Model`, to be made with `(encoder, decoder, beta, seed)`.
    """
    import keras
    from keras import ops

    class WrittenVAE(keras.Model):
        def __init__(self, encoder, decoder, beta=1.0, seed=0):
            super().__init__()
            self.encoder, self.decoder, self.beta = encoder, decoder, beta
            self.noise = keras.random.SeedGenerator(seed)

        def call(self, x):
            mean, log_var = self.encoder(x)
            noise = keras.random.normal(ops.shape(mean), seed=self.noise)
            return mean, log_var, self.decoder(mean + ops.exp(0.5 * log_var) * noise)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            mean, log_var, logits = y_pred
            reconstruction = ops.sum(ops.softplus(logits) - x * logits, axis=-1)
            kl = 0.5 * ops.sum(ops.exp(log_var) + mean**2 - 1 - log_var, axis=-1)
            return ops.mean(reconstruction + self.beta * kl)

    return WrittenVAE


def _with_draw(draw):
    """Like `written_vae`, with another z: `draw(mean, log_var, normal)`, where `normal(shape)` draws."""

    def made():
        import keras
        from keras import ops

        class Drawn(written_vae()):
            def call(self, x):
                mean, log_var = self.encoder(x)
                z = draw(mean, log_var, lambda shape: keras.random.normal(shape, seed=self.noise))
                return mean, log_var, self.decoder(ops.convert_to_tensor(z))

        return Drawn

    return made


def _with_loss(loss):
    """Like `written_vae`, with another loss, in NumPy: `loss(x, logits, mean, log_var, beta)`."""

    def made():
        from keras import ops

        class Lossy(written_vae()):
            def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
                mean, log_var, logits = map(ops.convert_to_numpy, y_pred)
                return loss(ops.convert_to_numpy(x), logits, mean, log_var, self.beta)

        return Lossy

    return made


def _with_outputs(change):
    """Like `written_vae`, with other outputs of `call`: `change(mean, log_var, logits)`."""

    def made():
        class Changed(written_vae()):
            def call(self, x):
                return change(*super().call(x))

        return Changed

    return made


def _noise_like(mean, normal, rows=None, columns=None):
    return normal((rows or mean.shape[0], columns or mean.shape[1]))


def _exp(values):
    from keras import ops

    return ops.exp(values)


def _sigmoid_of(logits):
    from keras import ops

    return ops.sigmoid(logits)


def _frozen(mean, log_var, normal):
    return mean + _exp(0.5 * log_var) * np.random.default_rng(3).standard_normal(tuple(mean.shape)).astype("float32")


def _uniform(mean, log_var, normal):
    from scipy.special import ndtr

    uniform = ndtr(np.asarray(_noise_like(mean, normal))).astype("float32")
    return mean + _exp(0.5 * log_var) * uniform


_DRAWS = {
    "noise forgotten": (
        lambda m, v, normal: m,
        "your z is the mean: the noise is missing. Without it nothing stops the codes from being points, and the KL "
        "asks for a σ that nobody uses.",
    ),
    "noise shared by the batch": (
        lambda m, v, normal: m + _exp(0.5 * v) * _noise_like(m, normal, rows=1),
        "all images of the batch share one noise. Draw one of the shape of `mean`.",
    ),
    "noise shared by the latents": (
        lambda m, v, normal: m + _exp(0.5 * v) * _noise_like(m, normal, columns=1),
        "all latents of an image share one number as noise. Draw one of the shape of `mean`.",
    ),
    "the same noise in every step": (
        _frozen,
        "two calls draw the same noise. Hand `self.noise` (not a number) to `keras.random.normal` as its seed: it "
        "moves on with every draw.",
    ),
    "variance for deviation": (
        lambda m, v, normal: m + _exp(v) * _noise_like(m, normal),
        "exp(log_var) is σ², and the draw needs σ: exp(½ log_var).",
    ),
    "log-variance for deviation": (
        lambda m, v, normal: m + v * _noise_like(m, normal),
        "you took `log_var` itself for σ. It is log σ²: σ = exp(½ log_var).",
    ),
    "no deviation": (
        lambda m, v, normal: m + _noise_like(m, normal),
        "the noise is not scaled: z = mean + σ · noise, with σ = exp(½ log_var).",
    ),
    "deviation upside down": (
        lambda m, v, normal: m + _exp(-0.5 * v) * _noise_like(m, normal),
        "your σ is upside down: it is exp(+½ log_var).",
    ),
    "noise only": (
        lambda m, v, normal: _noise_like(m, normal),
        "your z does not depend on the image: that is a draw from the prior. In training z comes from q(z|x).",
    ),
    "mean multiplied": (
        lambda m, v, normal: m * _exp(0.5 * v) * _noise_like(m, normal),
        "the mean is multiplied with the noise. It is added: z = mean + σ · noise.",
    ),
    "uniform noise": (
        _uniform,
        "your noise is not standard normal: use `keras.random.normal`.",
    ),
}


def _quarter(m, v):
    return 0.25 * twice_kl(m, v).sum(-1)


_LOSSES = {
    "mean over pixels": (
        lambda x, a, m, v, b: (cross_entropy(x, a).mean(-1) + b * 0.5 * twice_kl(m, v).sum(-1)).mean(),
        "you averaged the reconstruction over the pixels. Sum over the event: a mean over D pixels multiplies β by D, "
        "and the codes collapse.",
    ),
    "100 times the mean": (
        lambda x, a, m, v, b: (100 * cross_entropy(x, a).mean(-1) + b * 0.5 * twice_kl(m, v).sum(-1)).mean(),
        "100 times the mean is the sum for 100 pixels only; the check's images have fewer. Sum over the pixels.",
    ),
    "KL summed over the batch": (
        lambda x, a, m, v, b: cross_entropy(x, a).sum(-1).mean() + b * 0.5 * twice_kl(m, v).sum(),
        "your KL is summed over the images as well: that is β times the size of the batch. Sum over the latents only.",
    ),
    "mean over latents": (
        lambda x, a, m, v, b: (cross_entropy(x, a).sum(-1) + b * 0.5 * twice_kl(m, v).mean(-1)).mean(),
        "your KL is averaged over the latent dimensions: that is β / latent_dim. Sum them.",
    ),
    "means everywhere": (
        lambda x, a, m, v, b: (cross_entropy(x, a).mean(-1) + b * 0.5 * twice_kl(m, v).mean(-1)).mean(),
        "you averaged over pixels *and* over latents. Sum over both; average over the batch alone.",
    ),
    "sum over the batch": (
        lambda x, a, m, v, b: len(x) * vae_loss(x, a, m, v, b),
        "you summed over the batch. Then a batch twice as large has twice the loss: average over the images.",
    ),
    "not averaged": (
        lambda x, a, m, v, b: cross_entropy(x, a).sum(-1) + b * 0.5 * twice_kl(m, v).sum(-1),
        "one value per image, and right. Now the one mean over the batch: a loss is one number.",
    ),
    "KL with the wrong sign": (
        lambda x, a, m, v, b: vae_loss(x, a, m, v, -b),
        "the KL has the wrong sign: the ELBO subtracts it, and the *loss* is −ELBO, so it adds it.",
    ),
    "the ELBO": (
        lambda x, a, m, v, b: -vae_loss(x, a, m, v, b),
        "that is the ELBO, to be maximised. `fit` minimises: return minus that.",
    ),
    "wrong sign of the likelihood": (
        lambda x, a, m, v, b: (-cross_entropy(x, a).sum(-1) + b * 0.5 * twice_kl(m, v).sum(-1)).mean(),
        "the reconstruction has the wrong sign: the loss contains −log p(x|z), which is positive here.",
    ),
    "KL doubled": (
        lambda x, a, m, v, b: vae_loss(x, a, m, v, 2 * b),
        "your KL is exactly twice too large: the ½ is missing.",
    ),
    "KL halved": (
        lambda x, a, m, v, b: (cross_entropy(x, a).sum(-1) + b * _quarter(m, v)).mean(),
        "your KL is exactly half of what it should be: one ½ is enough.",
    ),
    "no β": (
        lambda x, a, m, v, b: vae_loss(x, a, m, v),
        "`self.beta` is not used. It multiplies the KL.",
    ),
    "β on both": (
        lambda x, a, m, v, b: b * vae_loss(x, a, m, v),
        "`self.beta` multiplies the whole loss: that changes the size of the steps and nothing else. It belongs to "
        "the KL alone.",
    ),
    "β on the reconstruction": (
        lambda x, a, m, v, b: (b * cross_entropy(x, a).sum(-1) + 0.5 * twice_kl(m, v).sum(-1)).mean(),
        "`self.beta` multiplies the reconstruction. It belongs to the KL.",
    ),
    "no KL": (
        lambda x, a, m, v, b: cross_entropy(x, a).sum(-1).mean(),
        "the KL is missing. Without it nothing holds the codes near the prior.",
    ),
    "μ² with the wrong sign": (
        lambda x, a, m, v, b: (cross_entropy(x, a).sum(-1) - b * 0.5 * (1 + v + m**2 - np.exp(v)).sum(-1)).mean(),
        "in your KL μ² has the wrong sign: moving away from the prior must cost, not pay.",
    ),
    "−1 forgotten": (
        lambda x, a, m, v, b: (cross_entropy(x, a).sum(-1) + b * 0.5 * (np.exp(v) + m**2 - v).sum(-1)).mean(),
        "in your KL the −1 is missing: for μ = 0 and σ = 1 it must be 0.",
    ),
    "log-variance for log-deviation": (
        lambda x, a, m, v, b: vae_loss(x, a, m, 2 * v, b),
        "in your KL `log_var` is read as log σ. It is log σ², so σ² = exp(log_var).",
    ),
    "log-variance for variance": (
        lambda x, a, m, v, b: (cross_entropy(x, a).sum(-1) + b * 0.5 * (v**2 + m**2 - 1 - v).sum(-1)).mean(),
        "in your KL `log_var` is squared. It is log σ², so the variance is exp(log_var).",
    ),
    "the squared error": (
        lambda x, a, m, v, b: (np.square(x - _sigmoid(a)).sum(-1) + b * 0.5 * twice_kl(m, v).sum(-1)).mean(),
        "the squared error belongs to a Gaussian. Pixels that are 0 or 1 have a Bernoulli likelihood: the "
        "cross-entropy.",
    ),
}
_ROWS, _LATENTS, _PIXELS = 4000, 3, 5


def _known_networks():
    """Linear networks with fixed weights, and a function that finds z from logits."""
    import keras

    rng = np.random.default_rng(5)
    image, code = keras.Input((_PIXELS,)), keras.Input((_LATENTS,))
    heads = [keras.layers.Dense(_LATENTS, name=name) for name in ("mean", "log_var")]
    encoder = keras.Model(image, [head(image) for head in heads])
    decoder = keras.Model(code, keras.layers.Dense(_PIXELS, name="logits")(code))
    for layer, spread in zip([*heads, decoder.layers[-1]], (1.0, 0.6, 0.7), strict=True):
        kernel = spread * rng.normal(size=layer.kernel.shape)
        layer.set_weights([kernel, 0.3 * rng.normal(size=layer.bias.shape)])
    kernel, bias = map(np.asarray, decoder.layers[-1].get_weights())
    return encoder, decoder, lambda logits: (np.asarray(logits, "float64") - bias) @ np.linalg.pinv(kernel)


def _inspect_vae(answer):
    import keras
    from keras import ops

    if not (isinstance(answer, type) and issubclass(answer, keras.Model)):
        return "the class is expected here, a `keras.Model`: hand over its name, without brackets behind it."
    encoder, decoder, z_of = _known_networks()
    model = answer(encoder, decoder, beta=2.5, seed=3)
    x = (np.random.default_rng(6).random((_ROWS, _PIXELS)) < 0.5).astype("float32")
    outputs = model.call(ops.convert_to_tensor(x))
    if outputs is None or outputs is ...:
        loss = _loss_of(model, x[:1], encoder(x[:1]), np.zeros((1, _PIXELS), "float32"))
        if loss is None or loss is ...:
            raise NotImplementedError
        return "`call` is still empty: encode, draw, decode, and return the mean, the log-variance and the logits."
    said = _wrong_outputs(outputs, encoder, x) or _wrong_draw(model, outputs, x, z_of)
    return said or _wrong_loss(model, encoder, decoder, x[:7]) or _wrong_in_training(model, x[:64], z_of)


def _loss_of(model, x, heads, logits):
    from keras import ops

    tensors = tuple(map(ops.convert_to_tensor, (*heads, logits)))
    return model.compute_loss(x=ops.convert_to_tensor(x), y=None, y_pred=tensors, sample_weight=None, training=True)


def _wrong_outputs(outputs, encoder, x):
    from keras import ops

    if not isinstance(outputs, tuple | list) or len(outputs) != 3:
        return "`call` should return three things, in this order: the mean, the log-variance, the logits."
    shapes = [tuple(each.shape) for each in outputs]
    if shapes != [(len(x), _LATENTS)] * 2 + [(len(x), _PIXELS)]:
        return (
            f"for {len(x)} images of {_PIXELS} pixels and {_LATENTS} latents `call` should return the mean and the "
            f"log-variance, ({len(x)}, {_LATENTS}) each, and the logits, ({len(x)}, {_PIXELS}); yours have the shapes "
            f"{', '.join(map(str, shapes))}."
        )
    mean, log_var, logits = map(ops.convert_to_numpy, outputs)
    known = [ops.convert_to_numpy(each) for each in encoder(x)]
    if np.allclose(mean, known[1], atol=1e-4) and np.allclose(log_var, known[0], atol=1e-4):
        return "heads exchanged"
    if not (np.allclose(mean, known[0], atol=1e-4) and np.allclose(log_var, known[1], atol=1e-4)):
        return "the first two outputs of `call` should be the encoder's two heads as they are, mean and log-variance."
    return "probabilities" if logits.min() >= 0 and logits.max() <= 1 else None


def _wrong_draw(model, outputs, x, z_of):
    from keras import ops

    mean, log_var, logits = (np.asarray(ops.convert_to_numpy(each), "float64") for each in outputs)
    z, again = z_of(logits), z_of(ops.convert_to_numpy(model.call(ops.convert_to_tensor(x))[2]))
    if np.allclose(z, mean, atol=1e-3):
        return "noise forgotten"
    if np.allclose(z, again, atol=1e-3):
        return "the same noise in every step"
    noise = (z - mean) / np.exp(0.5 * log_var)
    if np.allclose(noise, noise[:1], atol=2e-2):
        return "noise shared by the batch"
    if np.allclose(noise, noise[:, :1], atol=2e-2):
        return "noise shared by the latents"
    made = {
        "variance for deviation": (z - mean) / np.exp(log_var),
        "log-variance for deviation": (z - mean) / log_var,
        "no deviation": z - mean,
        "deviation upside down": (z - mean) * np.exp(0.5 * log_var),
        "noise only": z,
        "mean multiplied": z / (mean * np.exp(0.5 * log_var)),
    }
    if _is_standard_normal(noise, log_var):
        return None
    found = (name for name, values in made.items() if _is_standard_normal(values, log_var))
    return next(found, "uniform noise" if _has_the_scale(noise) else "z should be mean + exp(½ log_var) · noise, with "
                "noise that is standard normal and has the shape of `mean`; yours has another law.")  # fmt: skip


def _has_the_scale(noise):
    """Whether the noise lies between 0 and 1, as uniform numbers do."""
    return noise.min() > -0.1 and noise.max() < 1.1


def _is_standard_normal(noise, log_var):
    """Whether mean, variance and fourth moment are right, for small and for large σ."""
    small = log_var < np.median(log_var)
    for part in (noise[small], noise[~small]):
        n = part.size
        if abs(part.mean()) > 6 / np.sqrt(n) or abs(part.var() - 1) > 6 * np.sqrt(2 / n):
            return False
        if abs((part**4).mean() - 3) > 6 * np.sqrt(96 / n):
            return False
    return True


def _wrong_loss(model, encoder, decoder, x):
    from keras import ops

    heads = [ops.convert_to_numpy(each) for each in encoder(x)]
    logits = ops.convert_to_numpy(decoder(heads[0]))
    given = _loss_of(model, x, heads, logits)
    if given is None or given is ...:
        return "`call` is right. `compute_loss` is still empty."
    given, inputs = ops.convert_to_numpy(given), [np.asarray(each, "float64") for each in (x, logits, *heads)]
    for name, (loss, _) in _LOSSES.items():
        wrong = np.asarray(loss(*inputs, 2.5))
        if given.shape == wrong.shape and np.allclose(given, wrong, rtol=1e-4):
            return name
    if given.shape:
        return f"`call` is right. `compute_loss` should return one number, yours has the shape {given.shape}."
    if not np.isclose(given, vae_loss(*inputs, 2.5), rtol=1e-4):
        return (
            f"`call` is right. For β = 2.5 and a batch of 7, `compute_loss` should be "
            f"{vae_loss(*inputs, 2.5):.4g}, yours is {given:.4g}: compare both terms with the formulas."
        )
    inputs[1][0, :2], inputs[0][0, :2] = [60.0, -60.0], [0, 1]  # certain, and wrong: 60 nats each
    x, logits = (each.astype("float32") for each in inputs[:2])
    given = ops.convert_to_numpy(_loss_of(model, x, heads, logits))
    return None if np.isclose(given, vae_loss(*inputs, 2.5), rtol=1e-3) else "large logits"


def _wrong_in_training(model, x, z_of):
    """What only `fit` shows: code that cannot be compiled, noise that is drawn once, weights that stay."""
    import keras
    from keras import ops

    try:
        first, second = (z_of(model.predict_on_batch(x)[2]) for _ in range(2))
        model.compile(keras.optimizers.SGD(0.01))
        before = [ops.convert_to_numpy(weight).copy() for weight in model.trainable_variables]
        model.fit(x, batch_size=40, verbose=0)  # a last batch of 24
    except Exception as error:
        if fitting.is_of_an_unknown_size(error) or fitting.is_of_two_kinds_of_numbers(error):
            return fitting.stopped_in_fit(error)
        return (
            f"it runs by hand, and not in `fit`, where Keras compiles it ({type(error).__name__}). Use `keras.ops` "
            "and `keras.random` throughout, and neither NumPy nor `float`."
        )
    if np.allclose(first, second, atol=1e-3):
        return "in `fit` the noise is drawn once, when Keras compiles `call`, and then repeated: NumPy's numbers are "\
               "constants there. Use `keras.random.normal`."  # fmt: skip
    moved = [
        np.abs(ops.convert_to_numpy(w) - b).max() > 0 for w, b in zip(model.trainable_variables, before, strict=True)
    ]
    return None if all(moved) and len(moved) == 6 else "after one step of `fit` some weights have not moved: does the "\
        "gradient reach both networks?"  # fmt: skip


WRITE_A_VAE = Exercise(
    reference=written_vae,
    judge_with=_inspect_vae,
    mistakes=(
        *(Mistake(name, _with_draw(draw), sentence) for name, (draw, sentence) in _DRAWS.items()),
        *(Mistake(name, _with_loss(loss), sentence) for name, (loss, sentence) in _LOSSES.items()),
        Mistake(
            "heads exchanged",
            _with_outputs(lambda mean, log_var, logits: (log_var, mean, logits)),
            "mean and log-variance are exchanged in what `call` returns: the mean comes first.",
        ),
        Mistake(
            "probabilities",
            _with_outputs(lambda mean, log_var, logits: (mean, log_var, _sigmoid_of(logits))),
            "`call` returns probabilities. Return the logits as they are: the sigmoid is inside the cross-entropy.",
        ),
        Mistake(
            "large logits",
            _with_loss(lambda x, a, m, v, b: _clipped_loss(x, a, m, v, b)),
            "for large logits your cross-entropy is infinite or cut off: sigmoid(60) is rounded to 1. Work on the "
            "logits, softplus(ℓ) − x ℓ.",
        ),
    ),
    hints=(
        "`call`: `mean, log_var = self.encoder(x)`, then noise from `keras.random.normal(ops.shape(mean), "
        "seed=self.noise)`, then `self.decoder(z)` with z = mean + exp(½ log_var) · noise.",
        "Bernoulli: −log p(x|z) = Σ softplus(ℓ) − x ℓ over the pixels. KL = ½ Σ (σ² + μ² − 1 − log σ²) over the "
        "latents. Both with `ops.sum(…, axis=-1)`.",
        "`return ops.mean(reconstruction + self.beta * kl)`.",
    ),
)


def _clipped_loss(x, logits, mean, log_var, beta):
    p = np.clip(_sigmoid(logits), 1e-7, 1 - 1e-7)
    log_prob = x * np.log(p) + (1 - x) * np.log(1 - p)
    return (-log_prob.sum(-1) + beta * 0.5 * twice_kl(mean, log_var).sum(-1)).mean()


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


def quantiles_of_the_prior(n):
    """The numbers of the exercise: the middles of `n` slices of N(0, 1) of equal probability, smallest first."""
    return _normal_quantile((np.arange(n) + 0.5) / n)


PRIOR_QUANTILES = Exercise(
    reference=quantiles_of_the_prior,
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
