"""Bugs for the proofs of the lesson on bugs."""

from tests.mutants.lesson_bug import LessonBug, known_bug

CURVES, MARKS, MOVES, TESTS, MATRIX = (
    "six-programs-six-falling-curves",
    "three-numbers-to-know-before-training-5",
    "who-depends-on-whom",
    "twelve-tests",
    "which-test-convicts-which-bug-2",
)

BUGS = [
    LessonBug(
        "the loss before training comes last",
        f"{CURVES}-8",
        "return vae, [first, *epochs(vae, digits.x_train)]",
        "return vae, [*epochs(vae, digits.x_train), first]",
        f"{CURVES}-4",
        (f"{CURVES}-4", f"{CURVES}-6"),
    ),
    known_bug("the entropy of ink alone", MARKS),
    known_bug("a first mark in bits", MARKS),
    LessonBug("one constant for all pixels", MARKS, "pixels.mean(axis=0)", "pixels.mean()"),
    LessonBug(
        "the given noise is one row for all",
        f"{MOVES}-4",
        "noise[: shape[0], : shape[1]]",
        "noise[:1, : shape[1]]",
        f"{MOVES}-2",
        (f"{MOVES}-2",),
    ),
    LessonBug(
        "nothing is exchanged", f"{MOVES}-4", '{"x": x[10], "noise": [1.5, -1.5]}', '{"x": x[j], "noise": noise[j]}'
    ),
    LessonBug(
        "the tests are asked at the first weights", MATRIX, "vae.set_weights(trained)", "vae.set_weights(initial)"
    ),
    LessonBug("no bug is planted", MATRIX, "with sick(each.name):", 'with sick(""):'),
    LessonBug(
        "one convicted bug is enough",
        "the-smallest-set-of-tests-3",
        "matrix[:, list(columns)].any(axis=1).all()",
        "matrix[:, list(columns)].any(axis=1).any()",
    ),
    LessonBug(
        "a test for all bugs at once", "the-smallest-set-of-tests-3", ".any(axis=1).all()]", ".all(axis=1).any()]"
    ),
    LessonBug("trained weights both times", "two-traps-2", "vae.set_weights(weights)", "vae.set_weights(trained)"),
    LessonBug(
        "the repaired program is ill, too",
        "wrong-diagnoses-2",
        'verdicts["the line repaired"] = curves["B"][-1], beta(models["B"])',
        'with sick("β ignored"):\n    verdicts["the line repaired"] = curves["B"][-1], beta(models["B"])',
    ),
    LessonBug("the images are turned round, not reordered", "tests-that-are-ill-2", "x[::-1]", "1 - x"),
    LessonBug(
        "the KL is asked where it is not zero",
        "tests-that-are-ill-2",
        "kl(np.zeros(2), np.zeros(2))",
        "kl(np.ones(2), np.zeros(2))",
    ),
]
