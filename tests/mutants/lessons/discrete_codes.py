"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

GRAMMAR, ONE_WORD = "the-grammar-of-the-codes", "what-does-one-word-leave-out-2"

BUGS = [
    known_bug("no gradient through the quantizer", "who-is-moved-by-what-5"),
    LessonBug("both books are moved by gradients", "what-does-a-copy-count-2", '{"ema_decay": 0.9}', "{}"),
    LessonBug("nothing is revived", "dead-codes-3", '("with revival", 1.0)', '("with revival", None)'),
    known_bug("a code prior that sees the code it predicts", f"{GRAMMAR}-5"),
    known_bug("a code prior of independent positions", f"{GRAMMAR}-5"),
    LessonBug(
        "the words of the test images are read backwards",
        f"{GRAMMAR}-7",
        "test_words = vqvae.encode(x_test)",
        "test_words = vqvae.encode(x_test)[:, ::-1]",
    ),
    LessonBug("the grammar is not handed over", f"{GRAMMAR}-9", "vqvae.set_prior(prior)", "vqvae.set_prior(None)"),
    LessonBug("the two places of a word are exchanged", ONE_WORD, "@ [16, 1]", "@ [1, 16]"),
    LessonBug("the words have no prior", ONE_WORD, " - np.log(256)", ""),
]
