"""Exercises of over-fitting and regularisation: stopping in time, curves, honest reports, augmentation, decay."""

import warnings

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake


class _Learner:
    """A model in a training whose held-out errors are given: one number of weights, the epoch it has reached."""

    def __init__(self, errors):
        self.errors, self.epoch, self.trained = errors, 0, 0

    def get_weights(self):
        return [np.array([float(self.epoch)])]

    def set_weights(self, weights):
        self.epoch = int(weights[0][0])


def _one_epoch(model):
    if model.trained == len(model.errors):
        raise IndexError("you train for more than `most_epochs` epochs")
    model.epoch = model.trained = model.trained + 1


def _held_out(model):
    return float(model.errors[model.epoch - 1]) if model.epoch else 9.0


def _trainings():
    """Pairs of held-out errors and a patience: jitter, a second fall that comes too late, ties, no wait, no end."""
    rng = np.random.default_rng(0)
    for patience in (3, 5, 4):
        falling = np.linspace(5, 2, int(rng.integers(6, 10)))
        falling[2] = falling[1] + 0.2  # a rise that patience must survive
        plateau = 2.1 + 0.5 * np.tile([1.0, 0.4], 5) + rng.uniform(0, 0.1, size=10)
        yield np.concatenate([falling, plateau, np.linspace(1.0, 1.6, 9)]), patience
    yield np.array([3.0, 2.0, 1.0]), 2  # ends before patience does
    yield np.array([3.0, 1.0, 2.0]), 2  # so does this one, and its best epoch is not the last
    yield np.array([1.0, 1.0, 1.0, 1.0]), 2  # ties: only what is *smaller* is better
    yield np.array([1.0, 2.0, 3.0, 4.0]), 2  # the first epoch is the best
    yield np.array([2.0, 1.0, 1.5, 1.2, 0.9, 3.0]), 1


def _patient(
    *,
    late=0,
    better=np.less,
    restores=True,
    at_the_end=True,
    patience_counts=True,
    first=1,
    swapped=False,
    counts="best",
):
    def training(model, train_one_epoch, held_out_error, patience, most_epochs):
        lowest, before, best, rises, vain, kept = np.inf, np.inf, 0, 0, 0, model.get_weights()
        restored = restores
        for epoch in range(1, most_epochs + 1):
            train_one_epoch(model)
            error = held_out_error(model)
            rises, before = (rises + 1 if error > before else 0), error
            if better(error, lowest):
                lowest, best, kept = error, epoch, model.get_weights()
            else:
                vain += 1
            waited = {"best": epoch - best, "rises in a row": rises, "all in vain": vain}[counts]
            if patience_counts and waited >= patience + late:
                break
        else:
            restored = restores and at_the_end
        if restored:
            model.set_weights(kept)
        said = epoch - 1 + first, best - 1 + first
        return said[::-1] if swapped else said

    return lambda: training


def _measures_first(model, train_one_epoch, held_out_error, patience, most_epochs):
    lowest, best, kept = np.inf, 0, model.get_weights()
    for epoch in range(1, most_epochs + 1):
        error = held_out_error(model)
        if error < lowest:
            lowest, best, kept = error, epoch, model.get_weights()
        if epoch - best >= patience:
            break
        train_one_epoch(model)
    model.set_weights(kept)
    return epoch, best


def _tried(training):
    """For each training: what an answer returned, and the epochs that the model was trained and is at."""
    results = []
    for errors, patience in _trainings():
        model = _Learner(errors)
        said = training(model, _one_epoch, _held_out, patience, len(errors))
        results.append((said, model.trained, model.epoch))
    return results


_STOPPING = {
    "from zero": _patient(first=0),
    "swapped": _patient(swapped=True),
    "keeps the last": _patient(restores=False),
    "never stops": _patient(patience_counts=False),
    "one late": _patient(late=1),
    "one early": _patient(late=-1),
    "ties count": _patient(better=np.less_equal),
    "rises in a row": _patient(counts="rises in a row"),
    "all in vain": _patient(counts="all in vain"),
    "keeps the last at the end": _patient(at_the_end=False),
    "measures first": lambda: _measures_first,
    "no patience": lambda: lambda model, train, error, patience, most: _patient()()(model, train, error, 1, most),
}


def _judge_stopping(training):
    if not callable(training):
        return "a function of (model, train_one_epoch, held_out_error, patience, most_epochs) is expected."
    results = _tried(training)
    if any(said is ... for said, *_ in results):
        raise NotImplementedError  # not answered yet
    if any(said is None for said, *_ in results):
        return "your function returns None: end it with `return last_epoch, best_epoch`."
    if not all(isinstance(said, tuple | list) and len(said) == 2 for said, *_ in results):
        return "two numbers are expected: the last epoch, and the best one."
    results = [(tuple(int(each) for each in said), *rest) for said, *rest in results]
    if results == _tried(_patient()()):
        return None
    for name, answer in _STOPPING.items():
        if results == _tried(answer()):
            return name
    for ((last, best), trained, at), (right, epochs, _) in zip(results, _tried(_patient()()), strict=True):
        if trained != epochs:
            return f"on one of our trainings yours lasts {trained} epochs, where it should last {epochs}."
        if (last, best) != right:
            return f"on one of our trainings you return {(last, best)}, and {right} is right."
        if at != best:
            return f"the model is left with the weights of epoch {at}, and the best one was {best}."
    return "something differs from what was asked for."


_SENTENCES_OF_STOPPING = {
    "from zero": "you count epochs from 0. The first epoch is number 1.",
    "swapped": "both numbers are right, in the wrong order: first where training stops, then what is kept.",
    "keeps the last": "you stop at the right epoch and keep its weights. It stopped *because* it was not the best: "
    "`model.set_weights(…)` with what you have kept.",
    "never stops": "you let the training run to the end. It stops `patience` epochs after the best one.",
    "one late": "you wait one epoch too long: stop as soon as epoch − best reaches `patience`.",
    "one early": "you stop one epoch too soon: `patience` epochs after the best one.",
    "ties count": "an error that is only as low as the best one is no new best: on a flat curve you would never stop.",
    "rises in a row": "you count rises in a row. What counts are the epochs since the best one.",
    "all in vain": "you count every epoch that was no new best. A new best epoch starts the waiting anew.",
    "keeps the last at the end": "where `most_epochs` ends the training, you keep the weights of the last epoch. Go "
    "back to the best ones there, too.",
    "measures first": "you measure before you train, so each error belongs to the epoch before.",
    "no patience": "you stop one epoch after the best one, whatever `patience` says. Curves jitter.",
}


EARLY_STOPPING = Exercise(
    reference=_patient(),
    judge_with=_judge_stopping,
    mistakes=tuple(Mistake(name, answer, _SENTENCES_OF_STOPPING[name]) for name, answer in _STOPPING.items()),
    hints=(
        "Keep three things of the best epoch so far: its error, its number and `model.get_weights()`.",
        "In each epoch: train, measure, compare, and `break` when `epoch - best_epoch >= patience`.",
    ),
)


READ_THE_CURVES = Exercise(
    reference={"A": "train longer", "B": "regularise", "C": "larger network", "D": "leave it"},
    words=("train longer", "larger network", "regularise", "leave it"),
    mistakes=(
        Mistake("A is small", Entry("A", "larger network"), "(A): both curves are still falling. Let them."),
        Mistake("A is over-fitted", Entry("A", "regularise"), "(A): the two curves are as near as they can be."),
        Mistake("A is good", Entry("A", "leave it"), "(A): compare with the grey line. Has the training ended?"),
        Mistake("B longer", Entry("B", "train longer"), "(B): which way does the validation error go?"),
        Mistake(
            "B larger", Entry("B", "larger network"), "(B): it fits its own images perfectly. That is not the need."
        ),
        Mistake("B is good", Entry("B", "leave it"), "(B): the training error is good. Which error counts?"),
        Mistake("C longer", Entry("C", "train longer"), "(C): both curves have been flat for most of the steps."),
        Mistake(
            "C regularised", Entry("C", "regularise"), "(C): there is no gap to close. What is missing is freedom."
        ),
        Mistake("C is good", Entry("C", "leave it"), "(C): three times the error of the grey line."),
        Mistake("D longer", Entry("D", "train longer"), "(D): the curves are flat, and at the grey line."),
        Mistake("D larger", Entry("D", "larger network"), "(D): it is as good as the good network already."),
        Mistake("D regularised", Entry("D", "regularise"), "(D): a small gap is no disease. See where validation is."),
    ),
    hints=("First: where is the *validation* curve, and which way does it go?", "Then: how far below it is training?"),
)


def _errors(rng):
    """Errors of settings and starts on which each way of choosing chooses another setting."""
    for _ in range(10_000):
        validation = rng.uniform(0.02, 0.05, size=(int(rng.integers(4, 7)), int(rng.integers(3, 6))))
        test = validation.mean(axis=1, keepdims=True) + rng.normal(size=validation.shape) * 0.006 + 0.002
        means = validation.mean(axis=1)
        chosen = [means.argmin(), test.mean(axis=1).argmin(), validation.min(axis=1).argmin(), means.argmax()]
        if len(set(map(int, chosen))) == 4 and chosen[0] < min(validation.shape) and test.min() > 0:
            return validation, test
    raise RuntimeError("no errors found")


def _report(chosen_by, reported):
    def answer(validation, test):
        chosen = int(chosen_by(validation, test))
        return chosen, float(reported(validation, test, chosen))

    return answer


def _by_validation(validation, test):
    return validation.mean(axis=1).argmin()


def _its_test_error(validation, test, chosen):
    return test[chosen].mean()


HONEST_REPORT = Exercise(
    reference=_report(_by_validation, _its_test_error),
    inputs=_errors,
    mistakes=(
        Mistake(
            "chosen by test",
            _report(lambda validation, test: test.mean(axis=1).argmin(), _its_test_error),
            "you chose by the test errors. Then nothing is left that was not used to decide.",
        ),
        Mistake(
            "reports validation",
            _report(_by_validation, lambda validation, test, chosen: validation[chosen].mean()),
            "the setting is right, but its validation error was used to choose it and flatters: report the test error.",
        ),
        Mistake(
            "luckiest start",
            _report(lambda validation, test: validation.min(axis=1).argmin(), _its_test_error),
            "you chose the setting with the luckiest single start. Compare means over the starts.",
        ),
        Mistake(
            "reports the best start",
            _report(_by_validation, lambda validation, test, chosen: test[chosen].min()),
            "the setting is right, but you report its luckiest start: the mean over the starts.",
        ),
        Mistake(
            "test error of the best start",
            _report(_by_validation, lambda validation, test, chosen: test[chosen, validation[chosen].argmin()]),
            "the setting is right; report the mean over *all* of its starts.",
        ),
        Mistake(
            "swapped",
            lambda validation, test: _report(_by_validation, _its_test_error)(validation, test)[::-1],
            "both are right, in the wrong order: first the index of the setting, then its error.",
        ),
        Mistake(
            "counted from one",
            lambda validation, test: (
                int(_by_validation(validation, test)) + 1,
                float(test[_by_validation(validation, test)].mean()),
            ),
            "the error is right. The index counts from 0, as arrays do.",
        ),
        Mistake(
            "largest",
            _report(lambda validation, test: validation.mean(axis=1).argmax(), _its_test_error),
            "you chose the largest error.",
        ),
        Mistake(
            "mean over settings",
            _report(lambda validation, test: validation.mean(axis=0).argmin(), _its_test_error),
            "you averaged over the settings and chose a start. Each row is a setting: `mean(axis=1)`.",
        ),
        Mistake(
            "smallest test error of all",
            _report(_by_validation, lambda validation, test, chosen: test.mean(axis=1).min()),
            "the setting is right, and the number belongs to another one: the smallest test error of all.",
        ),
    ),
    hints=(
        "`validation.mean(axis=1)` is one number for each setting.",
        "`test[chosen].mean()` is what you may report.",
    ),
)


ALLOWED_CHANGES = Exercise(
    reference={"a", "c", "e"},
    words=tuple("abcdefg"),
    mistakes=(
        Mistake("no cats", Entry("a"), "(a): does a cat in a mirror become anything but a cat?"),
        Mistake("hearts", Entry("b"), "(b): on which side is the heart?"),
        Mistake("no cells", Entry("c"), "(c): who decides which way up a slide lies?"),
        Mistake("letters", Entry("d"), "(d): what does a b become?"),
        Mistake("no small turns", Entry("e"), "(e): people write at a slant of five degrees all the time."),
        Mistake("lights", Entry("f"), "(f): here the hue *is* the meaning."),
        Mistake("speech", Entry("g"), "(g): would you understand it?"),
    ),
    hints=("Ask of each: could the changed example have been in the data, under the same name?",),
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
    said = _judge_changes(x, changed, (again, *more), copies)
    return said or _judge_the_digits(x, np.concatenate([changed, again, *more]), digits)


def _judge_changes(x, changed, others, copies):
    if np.abs(changed - x).mean() < 1e-3:
        return "nothing"
    if max(np.abs(changed - other).mean() for other in others) < 1e-3:  # two draws of few may be equal by chance
        return "always the same"
    distances = [
        np.square(changed - seen).sum(axis=(1, 2, 3)) for seen in (x, x[:, :, ::-1], x[:, ::-1], x[:, ::-1, ::-1])
    ]
    flipped = np.mean(np.min(distances[1:], axis=0) < 0.5 * distances[0])
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
            "many of your images look more like a mirror image of the digit, or like the digit on its head, than like "
            "the digit: that is another sign, or none.",
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
            "move or turn the digit instead. (As noise on the input alone it is another cure.)",
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
            "learnt, too. As noise on the input alone it is another cure.)",
        ),
    ),
    hints=(
        "`layers.RandomRotation` and `layers.RandomTranslation` take fractions of a turn and of the image; "
        "`fill_mode='constant'` fills with paper.",
        "Try a few degrees (10 / 360) and half a pixel (0.5 / 8).",
    ),
)


DECAY_STEP = Exercise(
    reference=lambda w, gradient, rate, strength: w - rate * (gradient + 2 * strength * w),
    inputs=lambda rng: (
        *rng.normal(size=(2, int(rng.integers(4, 9)))),
        float(rng.uniform(0.05, 0.3)),
        float(rng.uniform(0.1, 0.9)),
    ),
    mistakes=(
        Mistake(
            "no two",
            lambda w, gradient, rate, strength: w - rate * (gradient + strength * w),
            "the derivative of λw² is 2λw.",
        ),
        Mistake(
            "no learning rate",
            lambda w, gradient, rate, strength: w - rate * gradient - 2 * strength * w,
            "the penalty is part of the loss, so its gradient is multiplied by the learning rate, too.",
        ),
        Mistake(
            "after the step",
            lambda w, gradient, rate, strength: (w - rate * gradient) * (1 - 2 * rate * strength),
            "you decay the weights *after* the step. Both gradients are taken at the same w.",
        ),
        Mistake(
            "upwards",
            lambda w, gradient, rate, strength: w + rate * (gradient + 2 * strength * w),
            "descent goes against the gradient: minus.",
        ),
        Mistake(
            "grows",
            lambda w, gradient, rate, strength: w - rate * (gradient - 2 * strength * w),
            "your penalty makes the weights grow: its gradient is *added* to that of the loss.",
        ),
        Mistake(
            "the penalty itself",
            lambda w, gradient, rate, strength: w - rate * (gradient + strength * w**2),
            "you added the penalty to the gradient. Add its derivative.",
        ),
        Mistake(
            "absolute values",
            lambda w, gradient, rate, strength: w - rate * (gradient + strength * np.sign(w)),
            "that is the gradient of λ Σ |w|, the L1 penalty.",
        ),
        Mistake(
            "no gradient",
            lambda w, gradient, rate, strength: w - 2 * rate * strength * w,
            "that is the decay alone: where is the gradient of the loss?",
        ),
        Mistake(
            "what is taken off",
            lambda w, gradient, rate, strength: rate * (gradient + 2 * strength * w),
            "that is what the step takes off. The new weights are w minus it.",
        ),
        Mistake(
            "no decay",
            lambda w, gradient, rate, strength: w - rate * gradient,
            "that is the step without the penalty.",
        ),
    ),
    hints=("What is the derivative of λw² with respect to w?", "w − η · (gradient + 2λw)."),
)
