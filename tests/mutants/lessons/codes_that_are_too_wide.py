"""Bugs for the proofs of the lesson on over-complete codes."""

from tests.mutants.lesson_bug import LessonBug, known_bug

FEW, TWIN, PROOF = "few-active-units", "each-beside-its-twin", "the-directions-do-not-mix-the-proof"

BUGS = [
    LessonBug(
        "the code is a bottleneck",
        "more-numbers-than-pixels-4",
        "train(autoencoder())",
        "train(autoencoder(width=8))",
    ),
    LessonBug(
        "the threshold of weight decay is twice as high",
        "one-direction-at-a-time-6",
        "1 - decay / variances.clip(1e-12)",
        "1 - 2 * decay / variances.clip(1e-12)",
    ),
    LessonBug(
        "the deviation of the noise is taken for its variance",
        "denoising-2",
        "sum(axis=2) / (2 * width**2)",
        "sum(axis=2) / (2 * width)",
    ),
    LessonBug(
        "the decoder is not scaled back", f"{FEW}-2", "[w / 1000, b / 1000, 1000 * v, c]", "[w / 1000, b / 1000, v, c]"
    ),
    known_bug("a penalty summed over the batch", "the-strength-must-not-depend-on-the-batch-5"),
    LessonBug("the differences are divided by one step", "react-to-little-4", "/ (2 * tiny)", "/ tiny"),
    LessonBug(
        "the answer is compared with the noisy image",
        f"{TWIN}-3",
        "[np.square(answer - held_out).mean() for answer in (clean, noisy)]",
        "[np.square(answer - seen).mean() for answer, seen in ((clean, held_out), (noisy, held_out + noise))]",
        "more-numbers-than-pixels-4",
        ("more-numbers-than-pixels-4",),
    ),
    LessonBug(
        "the smallest loss counts half of the price",
        f"{PROOF}-2",
        "2 * decay - decay**2 / variances",
        "decay - decay**2 / variances",
    ),
    LessonBug(
        "the target is the noisy image",
        f"{PROOF}-4",
        "-2 * (centred - seen @ w.T)",
        "-2 * (seen - seen @ w.T)",
    ),
    LessonBug(
        "the second order forgets its half",
        "a-price-on-the-mean-activity-4",
        "@ variance / 2 / sizes",
        "@ variance / sizes",
    ),
]
