"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

GLASSES = "calculating-with-codes-this-very-face-with"
ENTRIES, STAGES, COSTS = "do-the-entries-mean-something", "the-repair-two-stages", "what-the-repair-costs"

BUGS = [
    LessonBug(
        "PCA is given eight numbers for two",
        "reading-a-code-the-linear-probe-4",
        '"PCA, 2": (pca_codes(x, 2), pca_codes(x_test, 2))',
        '"PCA, 2": (pca_codes(x, 8), pca_codes(x_test, 8))',
    ),
    LessonBug(
        "the sum of two codes is taken for their middle",
        "a-ruler-how-far-is-the-nearest-real-image-2",
        "model.decode(((z_test + z_test[partner]) / 2)[differ])",
        "model.decode((z_test + z_test[partner])[differ])",
    ),
    LessonBug(
        "the origin is not moved",
        "straight-or-along-the-sphere-2",
        "way(start + 50, end + 50, 3) - 50",
        "way(start, end, 3)",
    ),
    known_bug("a sphere's half angle", "straight-or-along-the-sphere-2"),
    LessonBug(
        "the glasses are taken off",
        f"{GLASSES}-7",
        "face_model.decode(codes_without + glasses)",
        "face_model.decode(codes_without - glasses)",
        f"{GLASSES}-5",
        (f"{GLASSES}-5",),
    ),
    LessonBug(
        "the truth keeps its glasses off",
        f"{GLASSES}-7",
        '{"glasses": 1}',
        '{"glasses": 0}',
        f"{GLASSES}-5",
        (f"{GLASSES}-5",),
    ),
    LessonBug(
        "the decoder turns the same way as the encoder",
        f"{ENTRIES}-5",
        "rotation.T @ others[0]",
        "rotation @ others[0]",
        f"{ENTRIES}-3",
        (f"{ENTRIES}-3",),
    ),
    LessonBug(
        "the bias of the code is not turned",
        f"{ENTRIES}-5",
        "kernels[-1] @ rotation]",
        "kernels[-1]]",
        f"{ENTRIES}-3",
        (f"{ENTRIES}-3",),
    ),
    LessonBug(
        "reconstructions are called decoded draws",
        "the-decoder-as-a-generator-7",
        '"(a) decoded N(0, I)": from_prior',
        '"(a) decoded N(0, I)": copies',
    ),
    LessonBug(
        "one positive entry is enough",
        "a-relu-on-the-code-and-n-0-i-3",
        "share = np.mean((draws > 0).all(axis=1))",
        "share = np.mean((draws > 0).any(axis=1))",
    ),
    LessonBug(
        "the generators are named in the reverse order",
        f"{STAGES}-9",
        "for name, images in generators.items():",
        "for name, images in zip(generators, reversed(generators.values()), strict=True):",
    ),
    LessonBug(
        "the second stage hands out training codes",
        f"{STAGES}-11",
        "rebuilt = model.reconstruct(digits.x_train)\n",
        'rebuilt = model.reconstruct(digits.x_train)\ngenerators = generators | {"ten Gaussians": model.decode(z[:359])}\n',
    ),
    LessonBug(
        "the copier draws codes of its own",
        f"{STAGES}-11",
        "model.decode(z[:359])",
        "model.decode(z[:359] + 0.5 * rng.normal(size=(359, 8)))",
    ),
    LessonBug("the new decoder forgets to halve", f"{COSTS}-2", "[weights[0] / 2, *weights[1:]]", "weights"),
    LessonBug("the old density is fitted again", "the-target-moves-2", "old = old or now", "old = now"),
]
