"""Exercises of autoencoders: units, the PCA residual, bottlenecks, noise, cross-entropy, raw pixels, 784-32-784."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake


def _image_size(images):
    return float(np.prod(images.shape[1:]))


def _error_and_images(rng):
    return float(rng.uniform(0.01, 0.1)), rng.uniform(size=rng.integers((20, 8, 4, 2), (40, 12, 7, 5)))


PER_IMAGE = Exercise(
    reference=lambda mse, images: mse * _image_size(images),
    inputs=_error_and_images,
    mistakes=(
        Mistake("unchanged", lambda mse, images: mse, "that is still per pixel: an image has more than one."),
        Mistake(
            "times the batch",
            lambda mse, images: mse * len(images),
            "you multiplied by the number of images. Keras averaged over them too, and there the average may stay: "
            "multiply by the values in *one* image.",
        ),
        Mistake(
            "times everything",
            lambda mse, images: mse * images.size,
            "you undid both averages. The sum runs over the pixels of an image; over the images we keep the mean.",
        ),
        Mistake(
            "times the height",
            lambda mse, images: mse * images.shape[1],
            "you multiplied by the height alone. An image has height × width × channels values.",
        ),
        Mistake(
            "square images",
            lambda mse, images: mse * images.shape[1] ** 2 * images.shape[3],
            "you took the images for square, height × height. Here the width differs: height × width × channels.",
        ),
        Mistake(
            "square images without the channels",
            lambda mse, images: mse * images.shape[1] ** 2,
            "you took the images for square and of one channel. An image has height × width × channels values.",
        ),
        Mistake(
            "without the channels",
            lambda mse, images: mse * images.shape[1] * images.shape[2],
            "you counted the pixels, and each has several values, one a channel: multiply by the channels, too.",
        ),
        Mistake(
            "divided",
            lambda mse, images: mse / _image_size(images),
            "you divided by the number of pixels. A sum is larger than a mean: multiply.",
        ),
    ),
    hints=("`images.shape[1:]` is the shape of one image.", "`np.prod` multiplies the entries of a shape."),
)


def _eigenvalues(x, centred=True, count=None):
    """Eigenvalues of the covariance, largest first."""
    x = x - x.mean(axis=0) if centred else x
    return np.linalg.eigvalsh(x.T @ x / (count or len(x)))[::-1]


def _rows_and_code_size(rng):
    n, d = int(rng.integers(30, 50)), int(rng.integers(9, 13))  # so many that no two counts of eigenvalues coincide
    x = rng.normal(size=(n, d)) * rng.uniform(1.0, 2.0, size=d) @ np.linalg.qr(rng.normal(size=(d, d)))[0]
    return x + rng.normal(size=d), int(rng.integers(2, 4))


PCA_RESIDUAL = Exercise(
    reference=lambda x, code_size: _eigenvalues(x)[code_size:].sum(),
    inputs=_rows_and_code_size,
    draws=5,
    mistakes=(
        Mistake(
            "the kept ones",
            lambda x, code_size: _eigenvalues(x)[:code_size].sum(),
            "you summed the eigenvalues that the code keeps. The error is made of the ones it drops.",
        ),
        Mistake(
            "smallest first",
            lambda x, code_size: _eigenvalues(x)[::-1][code_size:].sum(),
            "`np.linalg.eigvalsh` lists the smallest eigenvalue first: you dropped the smallest and summed the rest. "
            "Reverse the order.",
        ),
        Mistake(
            "the wrong count of small ones",
            lambda x, code_size: _eigenvalues(x)[::-1][:code_size].sum(),
            "you summed the `code_size` smallest eigenvalues. The code keeps `code_size` of them, all the others are "
            "lost.",
        ),
        Mistake(
            "one too few",
            lambda x, code_size: _eigenvalues(x)[code_size + 1 :].sum(),
            "one eigenvalue is missing: the code keeps numbers 0 to code_size − 1, so the rest begins at `code_size`.",
        ),
        Mistake(
            "one too many",
            lambda x, code_size: _eigenvalues(x)[code_size - 1 :].sum(),
            "one eigenvalue is too many: the code keeps numbers 0 to code_size − 1, so the rest begins at `code_size`.",
        ),
        Mistake(
            "not divided by n",
            lambda x, code_size: _eigenvalues(x, count=1)[code_size:].sum(),
            "your covariance is a sum over the examples. The loss is a mean over them: divide by n.",
        ),
        Mistake(
            "standard deviations",
            lambda x, code_size: np.sqrt(np.maximum(_eigenvalues(x)[code_size:], 0)).sum(),
            "you summed standard deviations. Squared errors add up to variances, the eigenvalues as they are.",
        ),
        Mistake(
            "share of the total",
            lambda x, code_size: _eigenvalues(x)[code_size:].sum() / _eigenvalues(x).sum(),
            "that is the share of the variance that is lost. The loss is the variance itself.",
        ),
        Mistake(
            "mean of the rest",
            lambda x, code_size: _eigenvalues(x)[code_size:].mean(),
            "you averaged the dropped eigenvalues. Each is a squared error of its own: sum them.",
        ),
        Mistake(
            "per value",
            lambda x, code_size: _eigenvalues(x)[code_size:].sum() / x.shape[1],
            "that is the error per value. Per example, the sum stays undivided.",
        ),
        Mistake(
            "not centred",
            lambda x, code_size: _eigenvalues(x, centred=False)[code_size:].sum(),
            "you forgot to subtract the mean of each column. The biases of the network may hold it for free.",
        ),
        Mistake(
            "singular values",
            lambda x, code_size: np.sqrt(len(x) * np.maximum(_eigenvalues(x), 0))[code_size:].sum(),
            "you summed singular values of the data. An eigenvalue of the covariance is a singular value squared, "
            "divided by n.",
        ),
        Mistake(
            "squares of eigenvalues",
            lambda x, code_size: np.square(_eigenvalues(x)[code_size:]).sum(),
            "you squared the eigenvalues. They are variances already: sum them as they are.",
        ),
        Mistake(
            "covariance of the rows",
            lambda x, code_size: np.linalg.eigvalsh(np.cov(x))[::-1][code_size:].sum(),
            "that is the covariance between *examples*: `np.cov` takes rows for variables. The covariance of the D "
            "values has shape (D, D).",
        ),
        Mistake(
            "n - 1",
            lambda x, code_size: _eigenvalues(x, count=len(x) - 1)[code_size:].sum(),
            "you divided by n − 1, as `np.cov` does. The loss is a mean over n examples: divide by n "
            "(`np.cov(x.T, bias=True)`).",
        ),
    ),
    hints=(
        "Centre the data; the covariance is `centred.T @ centred / len(x)`.",
        "`np.linalg.eigvalsh(covariance)[::-1]` are its eigenvalues, largest first.",
    ),
)


BOTTLENECKS = Exercise(
    reference={"b", "c", "d", "e"},
    words="abcdef",
    mistakes=(
        Mistake(
            "the wide code",
            {"a", "b", "c", "d", "e"},
            "(a) has no bottleneck: its narrowest layer has 64 numbers, its input 28. You have just seen it copy "
            "noise.",
        ),
        Mistake(
            "wide layers first",
            {"b", "c", "e"},
            "look at (d) again: its first layers are wider than the input, but everything then goes through 8 numbers.",
        ),
        Mistake(
            "the middle is not the narrowest",
            {"b", "c", "d"},
            "look at (e) again: its middle layer is as wide as the input, but everything passes through 16 numbers on "
            "the way to it.",
        ),
        Mistake(
            "the widest code",
            Entry("f"),
            "(f) widens on its way: its narrowest layer is the input itself, so a copy can pass.",
        ),
        Mistake(
            "not the plain one",
            Entry("b"),
            "look at (b) again: 784 numbers have to go through 32.",
        ),
        Mistake(
            "not the small one",
            Entry("c"),
            "look at (c) again: ten numbers have to go through 5. Small networks have bottlenecks, too.",
        ),
        Mistake(
            "hourglasses only",
            {"b", "c"},
            "you chose by the outline. What counts is the narrowest layer, wherever it stands: see (d) and (e) again.",
            whole=True,
        ),
        Mistake(
            "the wide ones",
            {"a", "f"},
            "these are the two *without* a bottleneck: none of their layers is narrower than the input.",
        ),
    ),
    hints=("Compare the narrowest layer of each network with its input.",),
)


NOISE_RESIDUAL = Exercise(
    reference=1 / 24,
    rtol=0.05,
    mistakes=(
        Mistake(
            "mean predictor",
            1 / 12,
            "that is what the mean alone achieves, the variance of one value. Five numbers may be kept on top of it.",
        ),
        Mistake(
            "per example",
            5 / 12,
            "that is the sum over the ten values of an example. Per value, divide by 10.",
        ),
        Mistake(
            "no error",
            0.0,
            "five numbers cannot hold ten independent ones: five directions of variance 1/12 are lost.",
        ),
        Mistake(
            "standard deviation",
            0.5 / np.sqrt(12),
            "you halved the standard deviation. Squared errors add up to variances: use 1/12.",
        ),
        Mistake("share", 0.5, "half of the variance is lost, that is right. Half of what number?"),
    ),
    hints=(
        "Independent values of equal variance: what are the ten eigenvalues of their covariance?",
        "The code keeps five of the ten, and the error per value is the sum of the others divided by 10.",
    ),
)


def _terms(x, p):
    return -(x * np.log(p) + (1 - x) * np.log(1 - p))


def _pixels_and_probabilities(rng):
    shape = rng.integers((3, 5), (7, 12))
    return rng.uniform(size=shape), rng.uniform(0.05, 0.95, size=shape)


CROSS_ENTROPY = Exercise(
    reference=lambda x, p: _terms(x, p).sum(axis=1),
    inputs=_pixels_and_probabilities,
    mistakes=(
        Mistake(
            "sign", lambda x, p: -_terms(x, p).sum(axis=1), "the sign is flipped: a loss is *minus* the logarithm."
        ),
        Mistake(
            "minus for the first term alone",
            lambda x, p: (-x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1),
            "the minus stands before the first term alone: both logarithms cost, −x log p − (1 − x) log(1 − p).",
        ),
        Mistake(
            "minus for the second term alone",
            lambda x, p: (x * np.log(p) - (1 - x) * np.log(1 - p)).sum(axis=1),
            "the minus stands before the second term alone: both logarithms cost, −x log p − (1 − x) log(1 − p).",
        ),
        Mistake(
            "mean over pixels",
            lambda x, p: _terms(x, p).mean(axis=1),
            "you averaged over the pixels. The probabilities of independent pixels multiply, so their logarithms add: "
            "sum.",
        ),
        Mistake(
            "one number",
            lambda x, p: _terms(x, p).sum(axis=1).mean(),
            "you averaged over the images as well. Keep one value per image, shape (n,).",
        ),
        Mistake(
            "one sum",
            lambda x, p: _terms(x, p).sum(),
            "you summed over everything. Sum over the pixels, axis 1, and keep one value per image.",
        ),
        Mistake(
            "wrong axis",
            lambda x, p: _terms(x, p).sum(axis=0),
            "you summed over the images and kept the pixels. Sum over axis 1.",
        ),
        Mistake("terms", _terms, "these are the terms, one for each pixel. Sum them over axis 1."),
        Mistake(
            "ink only",
            lambda x, p: -(x * np.log(p)).sum(axis=1),
            "the term of the paper is missing: without (1 − x) log(1 − p), painting everything black costs nothing.",
        ),
        Mistake(
            "paper only",
            lambda x, p: -((1 - x) * np.log(1 - p)).sum(axis=1),
            "the term of the ink is missing: without x log p, a blank page costs nothing.",
        ),
        Mistake(
            "exchanged",
            lambda x, p: _terms(p, x).sum(axis=1),
            "x and p are exchanged: the logarithm is taken of the prediction, not of the target.",
        ),
        Mistake(
            "paper and ink exchanged",
            lambda x, p: _terms(1 - x, p).sum(axis=1),
            "x weighs log(1 − p) and 1 − x weighs log p; it is the other way round.",
        ),
        Mistake(
            "squared error",
            lambda x, p: np.square(x - p).sum(axis=1),
            "that is the squared error. The formula of this section has logarithms.",
        ),
        Mistake(
            "above the entropy",
            lambda x, p: (_terms(x, p) - _terms(x, x)).sum(axis=1),
            "that is the cross-entropy minus its floor, the entropy of x: a divergence. The loss includes the floor.",
        ),
        Mistake(
            "bits",
            lambda x, p: _terms(x, p).sum(axis=1) / np.log(2),
            "that is in bits. Nats come from the natural logarithm.",
        ),
    ),
    hints=(
        "Write the bracket of the formula for all pixels at once; `np.log` is the natural logarithm.",
        "Minus `np.sum(…, axis=1)` adds the pixels and keeps the images.",
    ),
)


def _prepared(pixels):
    return pixels.reshape(-1, 28).astype("float32") / 255


PREPARE_PIXELS = Exercise(
    reference=_prepared,
    inputs=lambda rng: (rng.integers(0, 200, size=(int(rng.integers(3, 9)), 28, 28)).astype("uint8"),),
    constant=dict.fromkeys(("axis 1 of pixels", "axis 2 of pixels"), "the lesson's images have 28 × 28 pixels."),
    mistakes=(
        Mistake(
            "as found",
            lambda pixels: pixels.reshape(-1, 28).astype("float32"),
            "this is the colleague's function, bug included. Print the largest value that it returns, and put that in "
            "the place of x in the formula: which sign has each term?",
        ),
        Mistake(
            "own maximum",
            lambda pixels: pixels.reshape(-1, 28).astype("float32") / pixels.max(),
            "you divided by the largest pixel that happens to occur here. The next batch would get another scale: "
            "divide by the largest *possible* value.",
        ),
        Mistake(
            "divided by 256",
            lambda pixels: pixels.reshape(-1, 28).astype("float32") / 256,
            "256 is *how many* values a uint8 pixel can have. The largest of them is 255, and full ink should be 1.",
        ),
        Mistake(
            "whole numbers",
            lambda pixels: (pixels.reshape(-1, 28) // 255).astype("float32"),
            'every grey value becomes 0: `//` drops the fraction, and so does `astype("uint8")` after a division. '
            "Convert to float, then use `/`, and keep the floats.",
        ),
        Mistake(
            "clipped",
            lambda pixels: np.clip(pixels.reshape(-1, 28).astype("float32"), 0, 1),
            "clipping makes every grey value but 0 a full 1. Divide by the largest possible value instead.",
        ),
        Mistake(
            "binarised",
            lambda pixels: (pixels.reshape(-1, 28) > 127).astype("float32"),
            "you made every pixel black or white. The range is right, but the greys are lost: divide instead.",
        ),
        Mistake(
            "inverted",
            lambda pixels: 1 - _prepared(pixels),
            "the range is right, but ink and paper are exchanged: leave 0 at 0.",
        ),
        Mistake(
            "standardised",
            lambda pixels: (pixels.reshape(-1, 28) - pixels.mean()) / pixels.std(),
            "you standardised the pixels. Many are now negative, and with x < 0 the cross-entropy has no minimum "
            "either.",
        ),
        Mistake(
            "minus one to one",
            lambda pixels: pixels.reshape(-1, 28) / np.float32(127.5) - 1,
            "you scaled to [−1, 1]. A sigmoid's output and a Bernoulli's target live in [0, 1].",
        ),
        Mistake(
            "images",
            lambda pixels: pixels.astype("float32") / 255,
            "the range is right. The network takes rows, though: keep the `reshape(-1, 28)`.",
        ),
    ),
    hints=(
        "The targets of a cross-entropy are shares of ink, between 0 and 1.",
        "What is the largest value that a uint8 pixel can have?",
    ),
)


def _autoencoder(*, code_size=32, code="linear", output="linear", hidden=(), likelihood=True):
    import keras
    from keras import layers

    from course_lib.formulas.likelihoods import bernoulli_log_prob
    from course_lib.models import Autoencoder

    wide = [layers.Dense(units, activation="relu") for units in hidden]
    encoder = keras.Sequential([keras.Input((784,)), *wide, layers.Dense(code_size, activation=code)])
    decoder = keras.Sequential([keras.Input((code_size,)), layers.Dense(784, activation=output)])
    return Autoencoder(encoder, decoder, bernoulli_log_prob if likelihood else None)


def _one_network():
    import keras
    from keras import layers

    return keras.Sequential([keras.Input((784,)), layers.Dense(32), layers.Dense(784)])


def _inspect(model):
    import keras

    from course_lib.contracts.networks import final_activation, input_shape, output_shapes
    from course_lib.exercises.bending import bends
    from course_lib.formulas.likelihoods import bernoulli_log_prob
    from course_lib.models import Autoencoder

    if not isinstance(model, Autoencoder):
        return "one network" if isinstance(model, keras.Model) else _not_an_autoencoder(model)
    taken, codes, made = input_shape(model.encoder), output_shapes(model.encoder), output_shapes(model.decoder)
    if taken is None or codes is None or made is None:
        return "one of your networks is not built yet: begin each with `keras.Input((…,))`."
    if taken != (784,) or made != [(784,)]:
        return f"the encoder should take and the decoder return 784 values; yours take {taken} and return {made[0]}."
    if codes != [(32,)]:
        return "code size"
    if _num_dense(model.encoder) != 1 or _num_dense(model.decoder) != 1:
        return "hidden layers"
    if final_activation(model.encoder) == "relu":
        return "ReLU code"
    if final_activation(model.decoder) == "sigmoid":
        return "sigmoid"
    ends = {"encoder": final_activation(model.encoder), "decoder": final_activation(model.decoder)}
    for name, activation in ends.items():
        if activation != "linear":
            return f"your {name} ends in {activation}: leave the activation out, codes and logits may take any sign."
    rng = np.random.default_rng(0)
    for name, network, size in (("encoder", model.encoder, 784), ("decoder", model.decoder, 32)):
        if bends(network, *(3 * rng.normal(size=(2, 16, size)).astype("float32"))):
            return f"your {name} is not linear: some layer bends what passes. `Input` and one `Dense` are all it needs."
    return None if model.log_likelihood is bernoulli_log_prob else "squared error"


def _not_an_autoencoder(answer):
    return f"an `Autoencoder(encoder, decoder, …)` is expected here, and yours is of type {type(answer).__name__}."


def _num_dense(network):
    import keras

    return sum(isinstance(layer, keras.layers.Dense) for layer in network._flatten_layers())


BUILD_784_32_784 = Exercise(
    reference=_autoencoder,
    judge_with=_inspect,
    mistakes=(
        Mistake(
            "one network",
            _one_network,
            "that is one network. Hand over an `Autoencoder` of two, so that data can be encoded and codes decoded.",
        ),
        Mistake(
            "code size",
            lambda: _autoencoder(code_size=64),
            "the code should have 32 numbers: the last layer of the encoder decides.",
        ),
        Mistake(
            "hidden layers",
            lambda: _autoencoder(hidden=(128,)),
            "784-32-784 has one `Dense` layer on each side of the code: the encoder 784 → 32, the decoder 32 → 784.",
        ),
        Mistake(
            "ReLU code",
            lambda: _autoencoder(code="relu"),
            "your code ends in a ReLU: no entry can be negative, half of each axis is out of reach, and a unit may "
            "die. Leave the activation out.",
        ),
        Mistake(
            "sigmoid",
            lambda: _autoencoder(output="sigmoid", likelihood=False),
            "your decoder returns probabilities. Let it return logits, without an activation; `bernoulli_log_prob` "
            "does the rest.",
        ),
        Mistake(
            "squared error",
            lambda: _autoencoder(likelihood=False),
            "your model minimises the squared error. Hand it `bernoulli_log_prob` as its third argument.",
        ),
    ),
    hints=(
        "`keras.Sequential([keras.Input((784,)), layers.Dense(32)])` is the encoder.",
        "The third argument of `Autoencoder` is the log-likelihood.",
    ),
)
