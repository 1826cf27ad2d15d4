"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

HEART, VARIED, DECAY, NOISE = "learnt-by-heart-6", "varied-examples", "weight-decay-solved-exactly", "denoising"
STRENGTH = "the-strength-must-not-depend-on-the-batch"

BUGS = [
    LessonBug(
        "the training error is taken for the held-out one",
        HEART,
        'np.mean(history["val_mse"][-5:])',
        'np.mean(history["mse"][-5:])',
    ),
    LessonBug(
        "the weights of the last epoch are kept",
        "early-stopping-2",
        "restore_best_weights=True",
        "restore_best_weights=False",
    ),
    LessonBug(
        "the error is held out from nothing",
        "more-examples-or-a-smaller-network-2",
        'held out", []).append(error(model, x_test))',
        'held out", []).append(error(model, x[:n]))',
    ),
    LessonBug(
        "the mirror shows the digits as they are", f"{VARIED}-4", "digits.x_test[:, :, ::-1]", "digits.x_test[:, :, :]"
    ),
    LessonBug(
        "upside down is only mirrored", f"{VARIED}-6", "digits.x_test[:, ::-1, ::-1]", "digits.x_test[:, :, ::-1]"
    ),
    LessonBug(
        "the code is a bottleneck", "too-wide-a-code-2", "autoencoder(128, hidden=256)", "autoencoder(8, hidden=256)"
    ),
    LessonBug("the covariance is divided by n − 1", f"{DECAY}-3", "bias=True", "bias=False"),
    LessonBug(
        "the threshold of weight decay is twice as high",
        f"{DECAY}-5",
        "2 * decay - decay**2 / np",
        "decay - decay**2 / np",
    ),
    LessonBug(
        "the encoder does not decay",
        f"{DECAY}-7",
        "encoder = keras.Sequential([keras.Input((64,)), layers.Dense(64, kernel_regularizer=keras.regularizers.L2(decay))])",
        "encoder = keras.Sequential([keras.Input((64,)), layers.Dense(64)])",
    ),
    LessonBug(
        "the deviation of the noise is taken for its variance",
        f"{NOISE}-3",
        "covariance + sigma**2 * np.eye(64)",
        "covariance + sigma * np.eye(64)",
    ),
    LessonBug("the target is the noisy image", f"{NOISE}-4", "-2 * (centred - seen @ w.T)", "-2 * (seen - seen @ w.T)"),
    LessonBug(
        "the layer is given the variance of the noise",
        f"{NOISE}-6",
        "layers.GaussianNoise(sigma)",
        "layers.GaussianNoise(sigma**2)",
    ),
    LessonBug(
        "the free and the sparse code are exchanged",
        "a-price-on-the-code-6",
        "free, whispered, sparse = treves",
        "sparse, whispered, free = treves",
    ),
    known_bug("a penalty summed over the batch", f"{STRENGTH}-5"),
    LessonBug(
        "the second order forgets its half",
        f"{STRENGTH}-8",
        "@ variance / 2 / sizes",
        "@ variance / sizes",
        f"{STRENGTH}-7",
        (f"{STRENGTH}-7",),
    ),
    LessonBug("the differences are divided by one step", "a-price-on-reacting-4", "/ (2 * step)", "/ step"),
    LessonBug(
        "the copy is compared with the noisy image",
        "five-networks-two-questions-4",
        "error(m, noisy_test, x_test), error(m, pure_noise)",
        "error(m, noisy_test), error(m, pure_noise)",
    ),
]
