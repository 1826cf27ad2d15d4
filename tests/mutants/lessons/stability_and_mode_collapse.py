"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

DIRAC = "course_lib/exact/dirac_gan.py"

BUGS = [
    LessonBug(
        "the growth forgets the square root",
        "simultaneous-steps-leave-2",
        "formula = np.sqrt(1 + step_size**2 * slope**2)",
        "formula = 1 + step_size**2 * slope**2",
    ),
    LessonBug(
        "the slope of the logistic loss is taken with the wrong sign",
        "simultaneous-steps-leave-2",
        "np.exp(path[:-1].prod(axis=1))",
        "np.exp(-path[:-1].prod(axis=1))",
    ),
    LessonBug(
        "alternating steps are simultaneous",
        "alternating-steps-circle-3",
        "2000, alternating=True).T",
        "2000, alternating=False).T",
    ),
    LessonBug(
        "the brake forgets the step's own square",
        "r1-a-judge-that-pays-for-its-opinions-at-the-2",
        "np.sqrt(1 - step_size * gamma + step_size**2 / 4)",
        "np.sqrt(1 - step_size * gamma)",
    ),
    LessonBug(
        "the alternating path is held against the simultaneous factor",
        "r1-a-judge-that-pays-for-its-opinions-at-the-5",
        "(True, np.sqrt(1 - 0.06))",
        "(True, np.sqrt(1 - 0.06 + 0.01))",
    ),
    LessonBug(
        "the rate of D enters squared", "two-time-scales-2", "np.sqrt(1 + scale * 0.01)", "np.sqrt(1 + scale**2 * 0.01)"
    ),
    LessonBug(
        "the kernel is assigned with squared singular values",
        "spectral-normalisation-no-layer-may-stretch-3",
        "np.diag([3.0, 1.0, 0.5])",
        "np.diag([9.0, 1.0, 0.25])",
    ),
    LessonBug(
        "the share within three deviations is that of a line",
        "counting-modes-3",
        "expected = 1 - np.exp(-4.5)",
        "expected = 0.9973",
    ),
    LessonBug(
        "the two runs are counted the other way round",
        "twenty-generators-at-once-3",
        'np.subtract(modes["R1, γ = 1"], modes["no penalty"])',
        'np.subtract(modes["no penalty"], modes["R1, γ = 1"])',
    ),
    LessonBug("packs are punished as single examples", "packs-3", "lost, 3), 1 - 0.75**3)", "lost, 3), 1 - 0.75)"),
    known_bug("a Dirac slope with the wrong sign", "simultaneous-steps-leave-2"),
    known_bug("a simultaneous step that is alternating", "simultaneous-steps-leave-2"),
    known_bug("an alternating step that is simultaneous", "alternating-steps-circle-3"),
    known_bug("an upper border of γ without the step", "r1-a-judge-that-pays-for-its-opinions-at-the-2"),
    known_bug("R1 of half the strength", "r1-a-judge-that-pays-for-its-opinions-at-the-5"),
    known_bug("the generator's time scale for the discriminator's", "two-time-scales-2"),
    known_bug("the length of the kernel for its singular value", "spectral-normalisation-no-layer-may-stretch-3"),
    known_bug("a squared distance within a plain radius", "counting-modes-3"),
]
