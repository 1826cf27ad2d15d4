"""Exercises of regularised autoencoders: stopping, augmentation, decay, denoising, sparse codes, batches."""

import warnings

import numpy as np

from course_lib.exercises.engine import Exercise, Mistake, from_library


def _stop_and_keep(losses, patience, *, late=0, keep="best", allowed=np.less):
    best = 0
    for epoch in range(len(losses)):
        if allowed(losses[epoch], losses[best]):
            best = epoch
        if epoch - best >= patience + late:
            break
    kept = {"best": best, "last": epoch, "of all": int(np.argmin(losses))}[keep]
    return epoch + 1, kept + 1


def _stop_at_the_first_rise(losses, patience):
    rises = [epoch for epoch in range(1, len(losses)) if losses[epoch] > losses[epoch - 1]]
    stopped = rises[0] if rises else len(losses) - 1
    return stopped + 1, int(np.argmin(losses[: stopped + 1])) + 1


def _stop_by_rises(losses, patience):
    """Stops when the loss has risen `patience` times in a row."""
    rises = 0
    for epoch in range(1, len(losses)):
        rises = rises + 1 if losses[epoch] > losses[epoch - 1] else 0
        if rises >= patience:
            break
    return epoch + 1, int(np.argmin(losses[: epoch + 1])) + 1


def _losses(rng):
    """Falls with jitter, then rises past the patience, then falls below everything before."""
    falling = np.linspace(5, 2, int(rng.integers(6, 10)))
    falling[2] = falling[1] + 0.2  # a rise that patience must survive
    plateau = 2.1 + 0.5 * np.tile([1.0, 0.4], 5) + rng.uniform(0, 0.1, size=10)
    return np.concatenate([falling, plateau, np.linspace(1.0, 1.6, 9)]), int(rng.integers(3, 6))


STOP_AND_KEEP = Exercise(
    reference=_stop_and_keep,
    inputs=_losses,
    edges=lambda: [
        (np.array(losses), patience)
        for losses, patience in (
            ([3.0, 2.0, 1.0], 2),  # ends before it is patient enough
            ([1.0, 1.0, 1.0, 1.0], 2),  # ties: only what is *smaller* is better
            ([1.0, 2.0, 3.0, 4.0], 2),  # the first epoch is the best, and no wait
            ([2.0, 1.0, 1.5, 1.2, 0.9, 3.0], 1),
        )
    ],
    mistakes=(
        Mistake(
            "keeps the last",
            lambda losses, patience: _stop_and_keep(losses, patience, keep="last"),
            "you stop at the right epoch and keep its weights. It stopped *because* it was not the best: go back.",
        ),
        Mistake(
            "knows the future",
            lambda losses, patience: _stop_and_keep(losses, patience, keep="of all"),
            "you keep the best epoch of the whole list, but training has stopped before it was reached.",
        ),
        Mistake(
            "never stops",
            lambda losses, patience: (len(losses), int(np.argmin(losses)) + 1),
            "you let the training run to the end. It stops once `patience` epochs have passed since the best one.",
        ),
        Mistake(
            "from zero",
            lambda losses, patience: tuple(epoch - 1 for epoch in _stop_and_keep(losses, patience)),
            "you count epochs from 0. The first epoch is number 1.",
        ),
        Mistake(
            "one late",
            lambda losses, patience: _stop_and_keep(losses, patience, late=1),
            "you wait one epoch too long: stop as soon as epoch − best reaches `patience`, not when it exceeds it.",
        ),
        Mistake(
            "ties count",
            lambda losses, patience: _stop_and_keep(losses, patience, allowed=np.less_equal),
            "a loss that is only as low as the best one is no new best: with a flat curve you would wait for ever.",
        ),
        Mistake(
            "swapped",
            lambda losses, patience: _stop_and_keep(losses, patience)[::-1],
            "both numbers are right, in the wrong order: first where training stops, then what is kept.",
        ),
        Mistake(
            "patience after the best of all",
            lambda losses, patience: (int(np.argmin(losses)) + 1 + patience, int(np.argmin(losses)) + 1),
            "you added `patience` to the best epoch of the whole list. Training knows no more than it has seen: go "
            "through the epochs one by one.",
        ),
        Mistake(
            "no patience",
            _stop_at_the_first_rise,
            "you stop at the first rise. Curves jitter; that is what patience is for.",
        ),
        Mistake(
            "rises in a row",
            _stop_by_rises,
            "you count rises in a row. What counts are the epochs since the best one, whatever the curve does between.",
        ),
    ),
    hints=("Keep the number of the best epoch so far.", "Stop when `epoch - best >= patience`, and return both."),
)


def _keras_layers(*makers):
    import keras

    made = [make(keras.layers) for make in makers]
    return made[0] if len(made) == 1 else keras.Sequential(made)


def _made_of(change):
    """A layer that changes images by a function of them, `keras.ops` and `keras.random`."""
    import keras

    return keras.layers.Lambda(lambda x: change(x, keras.ops, keras.random))


def _turned(degrees):
    return lambda layers: layers.RandomRotation(degrees / 360, fill_mode="constant")


def _shifted(pixels):
    return lambda layers: layers.RandomTranslation(pixels / 8, pixels / 8, fill_mode="constant")


def _nearest(images, known):
    """For each image the index of the nearest known one, and its squared distance."""
    images, known = (array.reshape(len(array), -1).astype("float64") for array in (images, known))
    distances = np.square(images).sum(1)[:, None] - 2 * images @ known.T + np.square(known).sum(1)
    return distances.argmin(axis=1), distances.min(axis=1)


def _judge_augmentation(layer):
    import keras

    from course_lib import datasets

    if not isinstance(layer, keras.layers.Layer):
        return f"a Keras layer is expected, or a `keras.Sequential` of several; yours is a {type(layer).__name__}."
    digits = datasets.load("digits")
    x = digits.x_test[:300]
    try:
        changed, again, *more = (keras.ops.convert_to_numpy(layer(x, training=True)) for _ in range(4))
        copies = keras.ops.convert_to_numpy(layer(np.repeat(x[:1], 8, axis=0), training=True))
    except Exception as error:
        return f"your layer fails on images of shape (300, 8, 8, 1): {type(error).__name__}."
    if changed.shape != x.shape:
        return f"images must keep their shape, (8, 8, 1); yours come out as {changed.shape[1:]}."
    if changed.min() < -1e-3 or changed.max() > 1 + 1e-3:
        return "range"
    said = _judge_changes(x, changed, again, copies)
    return said or _judge_the_digits(x, np.concatenate([changed, again, *more]), digits)


def _judge_changes(x, changed, again, copies):
    if np.abs(changed - x).mean() < 1e-3:
        return "nothing"
    if np.abs(changed - again).mean() < 1e-3:
        return "always the same"
    distances = [np.square(changed - seen).sum(axis=(1, 2, 3)) for seen in (x, x[:, :, ::-1], x[:, ::-1])]
    flipped = np.mean(np.minimum(*distances[1:]) < 0.5 * distances[0])
    if flipped > 0.25:
        return "flip"
    if np.mean(np.abs(changed - x).mean(axis=(1, 2, 3)) > 1e-4) < 0.85:
        return "some of the images"
    if np.ptp(copies, axis=0).max() < 1e-3:
        return "the same for the batch"
    return None


def _judge_the_digits(x, changed, digits):
    """Whether a judge who knows the training digits still names the changed ones rightly."""
    labels, x = np.tile(digits.y_test[: len(x)], len(changed) // len(x)), np.tile(x, (len(changed) // len(x), 1, 1, 1))
    right = digits.y_train[_nearest(changed, digits.x_train)[0]] == labels
    if right.mean() < 0.87:
        return "too strong"
    ink = np.pad(x[..., 0], ((0, 0), (1, 1), (1, 1)))
    around = np.max([ink[:, i : i + 8, j : j + 8] for i in range(3) for j in range(3)], axis=0)
    blank = np.where(around == 0, changed[..., 0], np.nan)  # paper far from any ink
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an image may have no such paper
        return "noise" if np.nanmean(np.nanstd(blank, axis=(1, 2))) > 0.03 else None


CHOOSE_AN_AUGMENTATION = Exercise(
    reference=lambda: _keras_layers(_turned(8), _shifted(0.5)),
    judge_with=_judge_augmentation,
    mistakes=(
        Mistake(
            "flip",
            lambda: _keras_layers(lambda layers: layers.RandomFlip("horizontal")),
            "many of your images look more like the mirror image of the digit than like the digit: that is another "
            "sign, or none.",
        ),
        Mistake(
            "too strong",
            lambda: _keras_layers(_turned(90), _shifted(2)),
            "your images are changed so much that a judge who knows the training digits names too many wrongly. "
            "One pixel is an eighth of such an image, and a fraction of 1 is a whole turn.",
        ),
        Mistake(
            "noise",
            lambda: _made_of(lambda x, ops, random: ops.clip(x + random.normal(ops.shape(x), stddev=0.2), 0.0, 1.0)),
            "your layer puts noise on blank paper, and noise that stays in the target would have to be learnt, too: "
            "move or turn the digit instead. (We come to noise below.)",
        ),
        Mistake(
            "some of the images",
            lambda: _made_of(
                lambda x, ops, random: ops.where(random.uniform((len(x), 1, 1, 1)) < 0.1, ops.roll(x, 1, 2), x)
            ),
            "many of your images come out as they went in. *Every* image should be changed a little.",
        ),
        Mistake(
            "the same for the batch",
            lambda: _made_of(lambda x, ops, random: (0.7 + 0.3 * random.uniform(())) * (ops.roll(x, 1, 2) + x) / 2),
            "one change for the whole batch: each image should get a change of its own.",
        ),
        Mistake(
            "nothing",
            lambda: _keras_layers(lambda layers: layers.Identity()),
            "your images come out as they went in.",
        ),
        Mistake(
            "always the same",
            lambda: _keras_layers(lambda layers: layers.AveragePooling2D(2, strides=1, padding="same")),
            "your layer changes an image in the same way each time. That gives no new examples: draw at random.",
        ),
        Mistake(
            "range",
            lambda: _keras_layers(lambda layers: layers.GaussianNoise(0.2)),
            "your values leave [0, 1]: this is no image any more. (Noise that stays in the target would have to be "
            "learnt, too. We come to noise below.)",
        ),
    ),
    hints=(
        "`layers.RandomRotation` and `layers.RandomTranslation` take fractions of a turn and of the image; "
        "`fill_mode='constant'` fills with paper.",
        "Try a few degrees (10 / 360) and half a pixel (0.5 / 8).",
    ),
)


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
            "the target is noisy as well: the network is paid for copying the noise.",
        ),
        Mistake(
            "swapped",
            lambda x, noise: (x, x + noise),
            "that asks the network to *add* noise that it cannot know. Input first, target second.",
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
