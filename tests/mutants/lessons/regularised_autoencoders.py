"""Bugs for the proofs of the lesson on over-fitting and regularisation."""

from tests.mutants.lesson_bug import LessonBug

HEART, STOP, MORE = "learnt-by-heart", "stop-in-time", "more-images-or-a-smaller-network"
TWIN, MEANING = "regularisers-each-beside-its-twin", "what-may-change-without-changing-the-meaning"

BUGS = [
    LessonBug(
        "the training error is taken for the held-out one",
        f"{HEART}-6",
        'np.mean(history["val_mse"][-5:])',
        'np.mean(history["mse"][-5:])',
    ),
    LessonBug(
        "the same image is handed in each round",
        "ten-digits-a-hundred-rounds-3",
        "images = to_numpy(model.decoder(model.encoder(images)))",
        "rebuilt = to_numpy(model.decoder(model.encoder(images)))",
        "ten-digits-a-hundred-rounds-2",
        ("ten-digits-a-hundred-rounds-2",),
    ),
    LessonBug(
        "the weights of the last epoch are kept",
        f"{STOP}-3",
        "restore_best_weights=True",
        "restore_best_weights=False",
    ),
    LessonBug(
        "the error is held out from nothing",
        f"{MORE}-2",
        'held out"] = [error(model, digits.x_validation) for model, _ in trained]',
        'held out"] = [error(model, own) for model, own in trained]',
    ),
    LessonBug(
        "the steps stay at 800",
        f"{MORE}-4",
        "train(longer, digits.x_train[:1000], steps=4000)",
        "train(longer, digits.x_train[:1000])",
    ),
    LessonBug(
        "the noise is not handed on to the network",
        f"{TWIN}-2",
        "{name: autoencoder(**options) for name, options in kinds.items()}",
        '{name: autoencoder(**{**options, "noise": 0.0}) for name, options in kinds.items()}',
    ),
    LessonBug(
        "the largest validation error is chosen",
        f"{TWIN}-6",
        "min(validation, key=validation.get)",
        "max(validation, key=validation.get)",
    ),
    LessonBug(
        "the mirror shows the digits as they are",
        f"{MEANING}-2",
        "digits.x_validation[:, :, ::-1]",
        "digits.x_validation[:, :, ::1]",
    ),
    LessonBug(
        "half a turn is only a mirror",
        f"{MEANING}-4",
        "digits.x_validation[:, ::-1, ::-1]",
        "digits.x_validation[:, :, ::-1]",
    ),
    LessonBug(
        "Adam is given the strength of the penalty as its decay",
        "two-things-called-weight-decay-3",
        "weights_left(adam(2e-3, weight_decay=2.0), 0.0)",
        "weights_left(adam(2e-3), 0.4)",
    ),
]
