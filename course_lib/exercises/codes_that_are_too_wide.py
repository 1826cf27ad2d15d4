"""Exercises of codes that are too wide: gains, denoising, sparse and contractive penalties, batches, twins."""

import numpy as np

from course_lib.exercises import fitting
from course_lib.exercises.engine import Entry, Exercise, Mistake, from_library


def _variances():
    from course_lib import datasets
    from course_lib.exact import principal_variances

    return principal_variances(datasets.load("digits").x_train.reshape(-1, 64))


def _count_above(threshold):
    return lambda: int(np.sum(_variances() > threshold))


DIRECTIONS_LEFT = Exercise(
    reference=_count_above(0.03),
    mistakes=(
        Mistake("all", 64, "that is the width of the code. Which directions have a gain above 0?"),
        Mistake(
            "twice lambda",
            _count_above(0.06),
            "you compared the variances with 2λ. In the derivative both terms carry a factor 2, and it cancels.",
        ),
        Mistake(
            "half lambda",
            _count_above(0.015),
            "you compared the variances with λ/2. In the derivative both terms carry a factor 2, and it cancels.",
        ),
        Mistake(
            "standard deviations",
            _count_above(0.03**2),
            "you compared standard deviations with λ. An eigenvalue of the covariance is a variance.",
        ),
        Mistake(
            "those switched off",
            lambda: int(np.sum(_variances() <= 0.03)),
            "you counted the directions that are switched off.",
        ),
        Mistake("eight", 8, "that was the bottleneck before. Nothing here is eight numbers wide."),
    ),
    hints=("The gain 1 − λ/λ_j is positive where λ_j > λ.", "Count them with `np.sum(principal_variances(x) > 0.03)`."),
)


BEST_GAIN = Exercise(
    reference=0.64,
    rtol=0.01,
    mistakes=(
        Mistake("trusts", 1.0, "a = 1 hands the noise on in full, an error of 0.09. Can less be better?"),
        Mistake(
            "not squared",
            0.16 / (0.16 + 0.3),
            "you added a variance and a standard deviation. The noise has variance 0.3².",
        ),
        Mistake(
            "roots",
            0.4 / 0.7,
            "you compared standard deviations, 0.4 and 0.3. Squared errors add up to variances.",
        ),
        Mistake("the noise's share", 0.36, "that is the share of the noise in what you observe. Which share is data?"),
        Mistake(
            "weight decay",
            1 - 0.09 / 0.16,
            "that is the gain under weight decay of strength 0.09. Noise never cuts; write down the expected error "
            "(1 − a)² · 0.16 + a² · 0.09 and minimise it.",
        ),
        Mistake(
            "the root of it", 0.8, "you took a root. The expected error is (1 − a)² · 0.16 + a² · 0.09; minimise it."
        ),
        Mistake(
            "noise over signal",
            0.09 / 0.16,
            "that is noise over signal. The gain is the *signal's* share of what you observe: 0.16 of how much?",
        ),
        Mistake(
            "what is observed", 0.16 + 0.09, "that is the variance of what you observe: the denominator of the gain."
        ),
    ),
    hints=("The expected error is (1 − a)² · 0.16 + a² · 0.09.", "Set its derivative with respect to a to zero."),
)


def _clean_and_noise(rng):
    shape = rng.integers(4, 9, size=2)
    return rng.uniform(size=shape), rng.normal(size=shape)


TRAINING_PAIR = Exercise(
    reference=lambda x, noise: (x + noise, x),
    inputs=_clean_and_noise,
    mistakes=(
        Mistake(
            "as found",
            lambda x, noise: (x + noise, x + noise),
            "the colleague's pair. What should the network answer when it sees `x + noise`? That is the target.",
        ),
        Mistake(
            "swapped",
            lambda x, noise: (x, x + noise),
            "that asks the network to *add* noise that it cannot know. Input first, target second.",
        ),
        Mistake(
            "cleaned twice",
            lambda x, noise: (x + noise, x - noise),
            "the target is `x` itself: nothing has to be taken off it.",
        ),
        Mistake(
            "noise taken off",
            lambda x, noise: (x, x - noise),
            "`x` is clean: subtracting the noise adds noise of the other sign. Add it to the input.",
        ),
        Mistake("no noise", lambda x, noise: (x, x), "the noise is gone altogether, and copying pays again."),
        Mistake(
            "predicts the noise",
            lambda x, noise: (x + noise, noise),
            "that network would learn to return the noise. (A useful idea elsewhere.) Here the target is the image.",
        ),
    ),
    hints=("What should the network return when it is handed `x + noise`?",),
)


def _kl(target, activity):
    return target * np.log(target / activity) + (1 - target) * np.log((1 - target) / (1 - activity))


def _for_each(value, activations):
    return np.full(len(activations), value)


SPARSE_PENALTY = Exercise(
    reference=from_library("formulas.bernoulli_kl_sparsity"),
    inputs=lambda rng: (
        rng.uniform(0.02, 0.9, size=rng.integers((9, 4), (14, 8))).astype("float32"),
        float(rng.uniform(0.05, 0.2)),
    ),
    mistakes=(
        Mistake(
            "image by image",
            lambda a, target: _kl(target, a).sum(axis=1),
            "you compared every single activity with the target. Take the mean over the images first: a unit may be "
            "active for some images if it is silent for others.",
        ),
        Mistake(
            "mean over units",
            lambda a, target: _for_each(_kl(target, a.mean(axis=0)).mean(), a),
            "you averaged over the units. Then the strength depends on the width of the code: sum.",
        ),
        Mistake(
            "the other way round",
            lambda a, target: _for_each(_kl(a.mean(axis=0), target).sum(), a),
            "that is KL(ρ̂ ‖ ρ). The expectation runs over the coin with the target ρ, so ρ stands before the logs.",
        ),
        Mistake(
            "heads only",
            lambda a, target: _for_each((target * np.log(target / a.mean(axis=0))).sum(), a),
            "you have the heads. A coin also shows tails: add (1 − ρ) log((1 − ρ)/(1 − ρ̂)).",
        ),
        Mistake(
            "mean over the units' axis",
            lambda a, target: _for_each(_kl(target, a.mean(axis=1)).sum(), a),
            "you averaged over the units and summed over the images. `activations.mean(axis=0)` is the mean of each "
            "unit over the images.",
        ),
        Mistake(
            "divided by the batch",
            lambda a, target: _for_each(_kl(target, a.mean(axis=0)).sum() / len(a), a),
            "you divided by the number of images. The mean over the batch is taken once, in the loss; here every image "
            "carries the full value.",
        ),
        Mistake(
            "sign",
            lambda a, target: -_for_each(_kl(target, a.mean(axis=0)).sum(), a),
            "the sign is flipped. A divergence is never negative.",
        ),
        Mistake(
            "one number",
            lambda a, target: _kl(target, a.mean(axis=0)).sum(),
            "the total is right. Return it once for each image, shape (n,): `np.full(len(activations), total)`.",
        ),
        Mistake(
            "cross-entropy",
            lambda a, target: _for_each(
                -(target * np.log(a.mean(axis=0)) + (1 - target) * np.log(1 - a.mean(axis=0))).sum(), a
            ),
            "that is the cross-entropy: it is not 0 where ρ̂ = ρ. The target's own logarithms are missing.",
        ),
        Mistake(
            "tails turned round",
            lambda a, target: _for_each(
                (
                    target * np.log(target / a.mean(axis=0))
                    - (1 - target) * np.log((1 - target) / (1 - a.mean(axis=0)))
                ).sum(),
                a,
            ),
            "the tails have the wrong sign: both terms are added.",
        ),
        Mistake(
            "squared distance",
            lambda a, target: _for_each(np.square(a.mean(axis=0) - target).sum(), a),
            "that is a squared distance from the target. A fair idea, but the KL divergence is asked for.",
        ),
    ),
    hints=(
        "`activations.mean(axis=0)` is ρ̂, one number for each unit.",
        "`np.full(len(activations), total)` gives every image the total.",
    ),
)


def _squares(x, reconstruction):
    return np.sum((x - reconstruction) ** 2, axis=1)


def _batch_with_codes(rng):
    n, pixels, units = (int(size) for size in rng.integers((8, 6, 3), (13, 9, 6)))
    x, reconstruction = rng.uniform(size=(2, n, pixels))
    return x, reconstruction, rng.normal(size=(n, units)), float(rng.uniform(0.1, 0.5))


REPAIRED_LOSS = Exercise(
    reference=lambda x, r, codes, weight: np.mean(_squares(x, r) + weight * np.abs(codes).sum(axis=1)),
    inputs=_batch_with_codes,
    mistakes=(
        Mistake(
            "as found",
            lambda x, r, codes, weight: np.mean(_squares(x, r)) + weight * np.sum(np.abs(codes)),
            "this is the colleague's loss. The error is a mean over the images; over what does the penalty run?",
        ),
        Mistake(
            "mean over everything",
            lambda x, r, codes, weight: np.mean(_squares(x, r)) + weight * np.mean(np.abs(codes)),
            "you averaged over images *and* code entries. Now the strength depends on the width of the code: sum over "
            "the code, mean over the images.",
        ),
        Mistake(
            "both summed",
            lambda x, r, codes, weight: np.sum(_squares(x, r)) + weight * np.sum(np.abs(codes)),
            "now both are sums over the batch. The balance is right, but the whole loss still grows with the "
            "batch, and with it every gradient step.",
        ),
        Mistake(
            "no penalty",
            lambda x, r, codes, weight: np.mean(_squares(x, r)),
            "you removed the penalty. It should stay, with a strength that does not depend on the batch.",
        ),
        Mistake(
            "squares",
            lambda x, r, codes, weight: np.mean(_squares(x, r) + weight * np.square(codes).sum(axis=1)),
            "the mean is right, but the penalty has become an L2: keep the absolute values.",
        ),
        Mistake(
            "no absolute values",
            lambda x, r, codes, weight: np.mean(_squares(x, r) + weight * codes.sum(axis=1)),
            "the mean is right, but the absolute values are gone: positive and negative entries cancel.",
        ),
        Mistake(
            "absolute value of the sum",
            lambda x, r, codes, weight: np.mean(_squares(x, r) + weight * np.abs(codes.sum(axis=1))),
            "first the absolute values, then the sum: else positive and negative entries cancel.",
        ),
        Mistake(
            "one for each image",
            lambda x, r, codes, weight: _squares(x, r) + weight * np.abs(codes).sum(axis=1),
            "one loss for each image is right; now take the mean over the images.",
        ),
        Mistake(
            "per pixel",
            lambda x, r, codes, weight: np.mean((x - r) ** 2) + weight * np.mean(np.abs(codes).sum(axis=1)),
            "the penalty is right, but the error is now per pixel. Leave the sum over the pixels.",
        ),
        Mistake(
            "the weight on the error",
            lambda x, r, codes, weight: np.mean(weight * _squares(x, r) + np.abs(codes).sum(axis=1)),
            "the weight belongs to the penalty, not to the error.",
        ),
    ),
    hints=("`np.sum(np.abs(codes), axis=1)` is one penalty for each image.", "Add it to `errors`, then take one mean."),
)


def _denoiser(call, loss, noise=None):
    """A factory of classes like the lesson's, whose three parts are functions."""

    def made():
        import keras

        class Denoiser(keras.Model):
            def __init__(self, encoder, decoder, sigma):
                super().__init__()
                self.encoder, self.decoder = encoder, decoder
                self.noise = keras.layers.GaussianNoise(noise(sigma) if noise else sigma)

            def call(self, x, training=None):
                return call(self, x, training)

            def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
                return loss(self, x, y_pred, keras.ops)

        return Denoiser

    return made


def _denoised(self, x, training):
    return self.decoder(self.encoder(self.noise(x, training=training)))


def _error_of(self, x, y_pred, ops):
    return ops.mean(ops.sum(ops.square(x - y_pred), axis=-1))


def _scaling_networks():
    """An encoder that doubles and a decoder that triples: noise shows where it came in."""
    import keras

    return [keras.Sequential([keras.Input((3,)), keras.layers.Rescaling(scale)]) for scale in (2.0, 3.0)]


def _judge_denoiser(kind):
    import keras

    if not (isinstance(kind, type) and issubclass(kind, keras.Model)):
        return "the class itself is expected, a subclass of `keras.Model`: hand over `Denoiser`."
    keras.utils.set_random_seed(0)
    rng, sigma = np.random.default_rng(0), 0.3
    x, answer = rng.normal(size=(2, 400, 3)).astype("float32")
    model = kind(*_scaling_networks(), sigma)
    used, seen, again = (model(x, training=training) for training in (False, True, True))
    loss = model.compute_loss(x=x, y=None, y_pred=keras.ops.convert_to_tensor(answer))
    if any(each is ... for each in (used, seen, loss)):
        raise NotImplementedError  # not answered yet
    if any(each is None for each in (used, seen, loss)):
        return "a method of your class returns None: end `call` and `compute_loss` with `return …`."
    used, seen, again, loss = (keras.ops.convert_to_numpy(each) for each in (used, seen, again, loss))
    return _judge_call(x, sigma, used, seen, again) or _judge_loss(x, answer, loss) or _judge_training(kind)


def _judge_call(x, sigma, used, seen, again):
    if used.shape != x.shape or seen.shape != x.shape:
        return f"`call` should return images of the shape of `x`, {x.shape}; yours returns {used.shape}."
    noise = (seen - 6 * x).std() / sigma
    if np.abs(used - 6 * x).max() > 1e-4:
        spread = np.abs((used - 6 * x).std() / sigma - 6) < 0.6
        return (
            "noise in use" if spread else "`call` is decoder(encoder(x)), with noise on `x` in training; yours is not."
        )
    if noise < 1e-4:
        return "no noise"
    if np.abs(seen - again).max() < 1e-4:
        return "your noise is the same each time: draw it anew in each call."
    for share, name in ((3, "noise on the code"), (1, "noise on the answer"), (6 * sigma, "variance for deviation")):
        if abs(noise - share) < 0.1:
            return name
    if abs(noise - 6) > 0.6:
        return f"your noise is {noise / 6:.2f} times as large as `sigma` asks for."
    return None


def _judge_loss(x, answer, loss):
    squares = np.square(x - answer)
    known = {
        "as many losses as images": squares.sum(axis=1),
        "per pixel": squares.mean(),
        "summed over the batch": squares.sum(),
    }
    for name, value in known.items():
        if loss.shape == value.shape and np.allclose(loss, value, rtol=1e-4):
            return name
    if loss.shape != ():
        return f"`compute_loss` should return one number; yours has the shape {loss.shape}."
    right = squares.sum(axis=1).mean()
    if np.isclose(loss, right, rtol=1e-4):
        return None
    if 0.5 * 3 * 0.3**2 < loss - right < 2 * 3 * 0.3**2:
        return "the target is noisy"
    if np.isclose(loss, np.abs(x - answer).sum(axis=1).mean(), rtol=1e-4):
        return "absolute differences"
    return f"`compute_loss` gives {loss:.3f} where {right:.3f} is right."


def _judge_training(kind):
    """Whether a linear denoiser of Gaussian data learns the gains of the Wiener filter."""
    import keras

    deviations, sigma = np.array([1.0, 0.5, 0.25]), 0.5
    x = (np.random.default_rng(1).normal(size=(20_050, 3)) * deviations).astype("float32")  # a last batch of 50
    keras.utils.set_random_seed(0)
    linear = [keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, use_bias=False)]) for _ in range(2)]
    model = kind(*linear, sigma)
    model.compile(keras.optimizers.Adam(0.02), jit_compile=False)
    try:
        model.fit(x, batch_size=100, epochs=2, verbose=0)
    except Exception as error:  # whatever a framework raises where its tensors have no values yet
        if "No gradients" in str(error):
            return "the values are right, but no gradient passes from the loss to the weights. Is something held fixed?"
        return fitting.stopped_in_fit(error)
    learnt = np.eye(3) @ np.linalg.multi_dot([keras.ops.convert_to_numpy(each.kernel) for part in linear
                                              for each in part.layers])  # fmt: skip
    off = np.abs(np.diagonal(learnt) - deviations**2 / (deviations**2 + sigma**2)).max()
    if off > 0.1:
        return f"your class trains, but on Gaussian data a gain is {off:.2f} off the Wiener filter."
    return None


DENOISER = Exercise(
    reference=_denoiser(_denoised, _error_of),
    judge_with=_judge_denoiser,
    mistakes=(
        Mistake(
            "no noise",
            _denoiser(lambda self, x, training: self.decoder(self.encoder(x)), _error_of),
            "there is no noise in training: pass `x` through `self.noise`, and hand `training` on to it.",
        ),
        Mistake(
            "noise in use",
            _denoiser(lambda self, x, training: _denoised(self, x, True), _error_of),
            "your noise acts outside of training, too: hand `training` on to the layer.",
        ),
        Mistake(
            "noise on the code",
            _denoiser(
                lambda self, x, training: self.decoder(self.noise(self.encoder(x), training=training)), _error_of
            ),
            "your noise is on the code. It belongs on the image, before the encoder.",
        ),
        Mistake(
            "noise on the answer",
            _denoiser(
                lambda self, x, training: self.noise(self.decoder(self.encoder(x)), training=training), _error_of
            ),
            "your noise is on the answer, where nothing can take it away again. It belongs before the encoder.",
        ),
        Mistake(
            "variance for deviation",
            _denoiser(_denoised, _error_of, noise=lambda sigma: sigma**2),
            "your noise has the standard deviation σ². `GaussianNoise` takes a standard deviation.",
        ),
        Mistake(
            "the target is noisy",
            _denoiser(
                _denoised, lambda self, x, y_pred, ops: _error_of(self, self.noise(x, training=True), y_pred, ops)
            ),
            "the target is noisy as well: compare the answer with the clean `x`.",
        ),
        Mistake(
            "per pixel",
            _denoiser(_denoised, lambda self, x, y_pred, ops: ops.mean(ops.square(x - y_pred))),
            "you averaged over the pixels: sum over an image, mean over the batch.",
        ),
        Mistake(
            "summed over the batch",
            _denoiser(_denoised, lambda self, x, y_pred, ops: ops.sum(ops.square(x - y_pred))),
            "you summed over the batch: then the loss grows with it. Sum over an image, mean over the batch.",
        ),
        Mistake(
            "as many losses as images",
            _denoiser(_denoised, lambda self, x, y_pred, ops: ops.sum(ops.square(x - y_pred), axis=-1)),
            "one error for each image is right; now take the mean over the batch.",
        ),
        Mistake(
            "absolute differences",
            _denoiser(_denoised, lambda self, x, y_pred, ops: ops.mean(ops.sum(ops.abs(x - y_pred), axis=-1))),
            "you took absolute differences. Their best answer is a median; the squared error is asked for.",
        ),
    ),
    hints=(
        "`self.noise(x, training=training)`, then `self.encoder`, then `self.decoder`.",
        "`ops.mean(ops.sum(ops.square(…), axis=-1))` of the clean `x` and `y_pred`.",
    ),
)


def _sigmoid_encoders():
    import keras

    rng = np.random.default_rng(3)
    for pixels, units, images in ((6, 4, 5), (3, 7, 8)):
        layer = keras.layers.Dense(units, "sigmoid")
        encoder = keras.Sequential([keras.Input((pixels,)), layer])
        layer.set_weights([rng.normal(size=(pixels, units)), rng.normal(size=units)])
        yield encoder, rng.normal(size=(images, pixels)).astype("float32")


def _contraction(slopes=lambda h, x, kernel: h * (1 - h), power=2, lengths=lambda kernel: (kernel**2).sum(axis=0)):
    """A factory of penalties with other slopes or other lengths of the weights."""

    def penalty(encoder, x, codes):
        import keras

        kernel = keras.ops.convert_to_numpy(encoder.layers[-1].kernel)
        codes = keras.ops.convert_to_numpy(codes)
        return (slopes(codes, x, kernel) ** power * lengths(kernel)).sum(axis=-1)

    return lambda: penalty


_CONTRACTIONS = {
    "of a ReLU": _contraction(lambda h, x, kernel: (h > 0).astype("float32")),
    "of a tanh": _contraction(lambda h, x, kernel: 1 - h**2),
    "slopes not squared": _contraction(power=1),
    "the code itself": _contraction(lambda h, x, kernel: h),
    "weights not squared": _contraction(lengths=lambda kernel: np.abs(kernel).sum(axis=0)),
    "length, not squared length": _contraction(lengths=lambda kernel: np.sqrt((kernel**2).sum(axis=0))),
    "sigmoid twice": _contraction(lambda h, x, kernel: (lambda s: s * (1 - s))(1 / (1 + np.exp(-h)))),
    "one for the batch": lambda: lambda *inputs: _contraction()()(*inputs).mean(),
    "summed over the batch": lambda: lambda *inputs: _contraction()()(*inputs).sum(),
    "mean over the units": lambda: lambda encoder, x, codes: _contraction()()(encoder, x, codes) / codes.shape[1],
    "the norm": lambda: lambda *inputs: np.sqrt(_contraction()()(*inputs)),
}


def _judge_contraction(penalty):
    import keras

    if not callable(penalty):
        return "a function of (encoder, x, codes) is expected."
    given, cases = [], list(_sigmoid_encoders())
    for encoder, x in cases:
        result = penalty(encoder, x, encoder(x))
        if result is ...:
            raise NotImplementedError  # not answered yet
        if result is None:
            return "your function returns None: end it with `return …`."
        given.append(np.asarray(keras.ops.convert_to_numpy(result), dtype="float64"))

    def fits(answer):
        expected = [np.asarray(answer(encoder, x, encoder(x))) for encoder, x in cases]
        return all(a.shape == b.shape and np.allclose(a, b, rtol=1e-3) for a, b in zip(given, expected, strict=True))

    if fits(_jacobian_norms):
        return _wrong_gradient_of_contraction(penalty)
    for name, answer in _CONTRACTIONS.items():
        if fits(answer()):
            return name
    if any(each.shape != (len(x),) for each, (_, x) in zip(given, cases, strict=True)):
        return f"one number for each image is expected, shape (n,); yours has the shape {given[0].shape} for n = 5."
    return f"for our first image yours is {given[0][0]:.4f}, and the Jacobian's squared norm {_first():.4f}."


def _wrong_gradient_of_contraction(penalty):
    """Whether the penalty trains an encoder: what its values cannot show."""
    from course_lib.formulas import squared_jacobian_norm

    x = np.random.default_rng(1).normal(size=(7, 4)).astype("float32")
    right = lambda encoder, x, codes: squared_jacobian_norm(encoder, x)  # noqa: E731
    found = fitting.trouble(penalty, right, _an_encoder_to_train, x)
    if found == fitting.ANOTHER_GRADIENT:
        return "the values are right, and their gradient is not: neither the slopes nor the weights may be held fixed."
    return found


def _an_encoder_to_train():
    import keras

    rng, layer = np.random.default_rng(2), keras.layers.Dense(3, "sigmoid")
    encoder = keras.Sequential([keras.Input((4,)), layer])
    layer.set_weights([rng.normal(size=(4, 3)), rng.normal(size=3)])
    return encoder


def _jacobian_norms(encoder, x, codes):
    import keras

    from course_lib.formulas import squared_jacobian_norm

    return keras.ops.convert_to_numpy(squared_jacobian_norm(encoder, x))


def _first():
    encoder, x = next(_sigmoid_encoders())
    return _jacobian_norms(encoder, x, None)[0]


_SENTENCES_OF_CONTRACTION = {
    "of a ReLU": "that is the formula of a ReLU, whose slope is 1 where it is active. What is the slope of a sigmoid?",
    "of a tanh": "1 − z² is the slope of a tanh. A sigmoid's is z (1 − z).",
    "slopes not squared": "the entries of J are squared, and with them the slopes: (z (1 − z))².",
    "the code itself": "you used the code where its *slope* belongs, z (1 − z).",
    "weights not squared": "you summed absolute weights. The norm sums their squares.",
    "length, not squared length": "you used the length of each unit's weights; the *squared* length belongs there.",
    "sigmoid twice": "you applied the sigmoid again: `codes` are its outputs already.",
    "one for the batch": "you averaged over the batch. The model does that: return one number for each image.",
    "summed over the batch": "you summed over the batch. Return one number for each image.",
    "mean over the units": "you averaged over the units: sum, or the strength depends on the width of the code.",
    "the norm": "that is the norm; its square is asked for.",
}


def _right_contraction(hold=lambda penalty: penalty):
    from keras import ops

    def penalty(encoder, x, codes):
        lengths = ops.sum(ops.square(encoder.layers[-1].kernel), axis=0)
        return hold(ops.sum(ops.square(codes * (1 - codes)) * lengths, axis=-1))

    return penalty


def _contraction_held_fixed():
    from keras import ops

    return _right_contraction(ops.stop_gradient)


CONTRACTION = Exercise(
    reference=_right_contraction,
    judge_with=_judge_contraction,
    mistakes=(
        *(Mistake(name, answer, _SENTENCES_OF_CONTRACTION[name]) for name, answer in _CONTRACTIONS.items()),
        Mistake(
            fitting.NO_GRADIENT,
            _contraction_held_fixed,
            "the values are right, but no gradient passes to the weights, so the penalty would train nothing: "
            "something is held fixed (`stop_gradient`, `get_weights`), or has left `keras.ops`, for NumPy for one.",
        ),
    ),
    hints=(
        "J_ji = z_j (1 − z_j) w_ij: square, and sum over i and j.",
        "The sum over i of w_ij² is `ops.sum(ops.square(kernel), axis=0)`, one number for each unit.",
    ),
)


TWINS = Exercise(
    reference={"L1": "B", "noise": "A", "noise under decay": "B", "decay under noise": "E", "steps": "C"},
    words=tuple("ABCDEF"),
    mistakes=(
        Mistake("L1 with A", Entry("L1", "A"), "(L1): A lacks the decay, too. Then you would measure both together."),
        Mistake("L1 with D", Entry("L1", "D"), "(L1): D has it as well."),
        Mistake("L1", Entry("L1"), "(L1): which run has the decay and 1,000 steps, but no L1?"),
        Mistake("noise with B", Entry("noise", "B"), "(noise): E has no decay, so its twin has none."),
        Mistake("noise", Entry("noise"), "(noise): which run differs from E in nothing but the noise?"),
        Mistake(
            "noise under decay with A",
            Entry("noise under decay", "A"),
            "(noise under decay): F has the decay. A lacks noise *and* decay.",
        ),
        Mistake(
            "noise under decay with E",
            Entry("noise under decay", "E"),
            "(noise under decay): E has the noise, too; it would measure the decay.",
        ),
        Mistake(
            "noise under decay", Entry("noise under decay"), "(noise under decay): which run is F, noise taken away?"
        ),
        Mistake(
            "decay under noise with B",
            Entry("decay under noise", "B"),
            "(decay under noise): B has the decay, too; it would measure the noise.",
        ),
        Mistake(
            "decay under noise", Entry("decay under noise"), "(decay under noise): which run is F, decay taken away?"
        ),
        Mistake("steps", Entry("steps"), "(steps): which run is D, stopped earlier?"),
    ),
    hints=("Cover one column of the table: the twin agrees in all the others.",),
)
