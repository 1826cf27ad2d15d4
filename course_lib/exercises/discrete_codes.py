"""Exercises of discrete codes: nearest codes, who moves what, running means, perplexity, grammars."""

import math

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake

_ROUTES = {"log-likelihood": "both networks", "codebook": "codebook", "commitment": "encoder"}

WHO_MOVES = Exercise(
    reference=_ROUTES,
    words=("encoder", "decoder", "codebook", "both networks", "all three"),
    mistakes=(
        Mistake(
            "likelihood trains the codebook",
            _ROUTES | {"log-likelihood": "all three"},
            "the log-likelihood's gradient is copied past the quantizer: it reaches the encoder, and the codebook "
            "never sees it.",
        ),
        Mistake(
            "likelihood trains the decoder alone",
            _ROUTES | {"log-likelihood": "decoder"},
            "without more the rounding would block it. But the gradient passes straight through: who stands behind?",
        ),
        Mistake(
            "codebook and commitment swapped",
            _ROUTES | {"codebook": "encoder", "commitment": "codebook"},
            "the bar holds still what stands under it: in the first term that is z, in the second e.",
        ),
        Mistake(
            "both terms move both",
            _ROUTES | {"codebook": "all three", "commitment": "all three"},
            "without the bars that would be so. What does a bar do?",
        ),
        Mistake(
            "commitment moves the codebook",
            _ROUTES | {"commitment": "codebook"},
            "in the commitment term the code e stands under the bar.",
        ),
        Mistake(
            "likelihood: anything else",
            Entry("log-likelihood"),
            "log-likelihood: the decoder makes it, and the gradient passes the rounding straight through. Whom does it "
            "reach behind it, and whom does it pass by?",
        ),
        Mistake(
            "codebook: anything else",
            Entry("codebook"),
            "codebook term: z stands under the bar, so it is a constant there. What is left that can move?",
        ),
        Mistake(
            "commitment: anything else",
            Entry("commitment"),
            "commitment term: e stands under the bar, so it is a constant there. Who makes what is left?",
        ),
        Mistake(
            "codebook moves the encoder",
            _ROUTES | {"codebook": "encoder"},
            "in the codebook term the vector z stands under the bar.",
        ),
    ),
    hints=(
        "What stands under a bar is a constant for the gradient.",
        "Straight through: the encoder gets the gradient.",
    ),
)


def _books(rng):
    n, positions, codes, length = (int(size) for size in rng.integers((6, 3, 5, 2), (10, 6, 9, 5)))
    return rng.normal(size=(n, positions, length)), rng.normal(size=(codes, length)) * rng.uniform(0.5, 2.0, length)


def _nearest(z, codebook):
    return np.square(z[..., None, :] - codebook).sum(axis=-1).argmin(axis=-1)


NEAREST_CODE = Exercise(
    reference=_nearest,
    inputs=_books,
    mistakes=(
        Mistake(
            "farthest",
            lambda z, e: np.square(z[..., None, :] - e).sum(axis=-1).argmax(axis=-1),
            "that is the farthest code.",
        ),
        Mistake(
            "largest product",
            lambda z, e: (z @ e.T).argmax(axis=-1),
            "you took the largest inner product. A long code wins that from afar: subtract half its squared length, or "
            "compute distances.",
        ),
        Mistake(
            "distances",
            lambda z, e: np.square(z[..., None, :] - e).sum(axis=-1).min(axis=-1),
            "these are the smallest distances. The question is which code has them: its index.",
        ),
        Mistake(
            "vectors",
            lambda z, e: e[_nearest(z, e)],
            "these are the codes' vectors. Return their numbers, one for each vector of z.",
        ),
        Mistake(
            "sums of absolute differences",
            lambda z, e: np.abs(z[..., None, :] - e).sum(axis=-1).argmin(axis=-1),
            "you added absolute differences. The distance here is Euclidean: squares, added up.",
        ),
        Mistake(
            "smallest angle",
            lambda z, e: (z @ (e / np.linalg.norm(e, axis=1, keepdims=True)).T).argmax(axis=-1),
            "you compared directions: a short code and a long one look alike. Compute distances.",
        ),
        Mistake(
            "counted from 1",
            lambda z, e: _nearest(z, e) + 1,
            "you count the codes from 1. The first is number 0.",
        ),
        Mistake(
            "one-hot",
            lambda z, e: np.eye(len(e))[_nearest(z, e)],
            "these are one-hot vectors. Return the numbers of the codes.",
        ),
        Mistake(
            "numbers of the flattened table",
            lambda z, e: np.square(z[..., None, :] - e).sum(axis=-1).argmin(),
            "argmin without an axis looks through the whole table. Every vector has a nearest code: axis=-1.",
        ),
        Mistake(
            "signed differences",
            lambda z, e: (z[..., None, :] - e).sum(axis=-1).argmin(axis=-1),
            "you added signed differences: +1 and −1 would make a distance of 0. Square them first.",
        ),
        Mistake(
            "wrong axis",
            lambda z, e: np.square(z[..., None, :] - e).sum(axis=-1).argmin(axis=0),
            "you compared the examples with each other. The codes are the last axis of the distances.",
        ),
        Mistake(
            "one code per example",
            lambda z, e: np.square(z[..., None, :] - e).sum(axis=(-3, -1)).argmin(axis=-1),
            "you chose one code for each example. Every position has its own.",
        ),
    ),
    hints=(
        "`z[..., None, :] - codebook` has shape (…, codes, length).",
        "Square, sum over the last axis, then argmin.",
    ),
)


def _price_in_bits(positions, codes):
    return positions * math.log2(codes)


PRICE_OF_THE_CODE = Exercise(
    reference=_price_in_bits(16, 32),
    rtol=0.005,
    mistakes=(
        Mistake("nats", 16 * math.log(32), "that is the number of *nats*. Bits are asked for."),
        Mistake("one position", math.log2(32), "that is one position. There are 16."),
        Mistake(
            "positions times codes", 16.0 * 32, "a symbol out of 32 does not take 32 bits. How many yes/no questions?"
        ),
        Mistake("bits of the image", 784.0, "that is the image as it is. What does the *word* take?"),
        Mistake("words of two codes", 16.0, "one bit would do for 2 codes. There are 32."),
        Mistake("positions times the root", 16.0 * 4, "32 is 2⁵: count the yes/no questions again."),
        Mistake("floats", 16.0 * 32 * 4, "that would be the vectors themselves. Only their numbers are kept."),
        Mistake("log of the sum", math.log2(16 * 32), "the grids are 32 × 32 × … (16 factors), not 16 × 32."),
        Mistake("exchanged", 32 * math.log2(16), "16 positions, each one of 32: not 32 of 16, and not 16 bytes."),
    ),
    hints=("One symbol out of 32 takes log₂ 32 = 5 bits.", "16 · 5."),
)


# --- moving the codebook -----------------------------------------------------------------------------------------


def _moved(counts, sums, z, codes, decay):
    chosen = np.eye(len(counts))[codes]
    counts = decay * counts + (1 - decay) * chosen.sum(axis=0)
    sums = decay * sums + (1 - decay) * chosen.T @ z
    return sums / counts[:, None]


def _a_batch(rng):
    num_codes, length, n = (int(size) for size in rng.integers((4, 2, 20), (7, 4, 40)))
    counts = rng.uniform(1.0, 6.0, num_codes)
    codes = rng.choice(num_codes, size=n, p=rng.dirichlet(np.full(num_codes, 0.6)))
    z = rng.normal(size=(n, length)) + codes[:, None]
    return counts, counts[:, None] * rng.normal(size=(num_codes, length)), z, codes, float(rng.uniform(0.5, 0.95))


def _a_code_without_vectors():
    counts = np.array([2.0, 3.0, 1.0])
    z = np.array([[1.0, 2.0], [3.0, 1.0], [0.5, 0.0]])
    return [(counts, np.array([[2.0, 4.0], [3.0, -3.0], [5.0, 1.0]]), z, np.array([0, 0, 1]), 0.9)]


def _batch_parts(counts, z, codes):
    chosen = np.eye(len(counts))[codes]
    return chosen.sum(axis=0), chosen.T @ z


def _means_of_means(counts, sums, z, codes, decay):
    n, total = _batch_parts(counts, z, codes)
    return decay * sums / counts[:, None] + (1 - decay) * total / np.maximum(n, 1)[:, None]


def _kept_if_empty(counts, sums, z, codes, decay):
    n, _ = _batch_parts(counts, z, codes)
    moved = _means_of_means(counts, sums, z, codes, decay)
    return np.where(n[:, None] > 0, moved, sums / counts[:, None])


def _with_parts(rule):
    def answer(counts, sums, z, codes, decay):
        n, total = _batch_parts(counts, z, codes)
        return rule(counts, sums, n, total, decay)

    return answer


RUNNING_MEANS = Exercise(
    reference=_moved,
    inputs=_a_batch,
    edges=_a_code_without_vectors,
    mistakes=(
        Mistake(
            "as found",
            _means_of_means,
            "this averages *means*: a code with one vector in the batch moves as far as one with a hundred, and a code "
            "without any is pulled to the origin. Keep running counts and running sums, and divide once, at the end.",
        ),
        Mistake(
            "means of means, empty codes kept",
            _kept_if_empty,
            "codes without vectors now stay, but one vector still moves a code as far as a hundred do. Average counts "
            "and sums, not means.",
        ),
        Mistake(
            "shares exchanged",
            lambda counts, sums, z, codes, decay: _moved(counts, sums, z, codes, 1 - decay),
            "ρ and 1 − ρ are exchanged: `decay` is the share of the *old*.",
        ),
        Mistake(
            "this batch alone",
            _with_parts(lambda counts, sums, n, total, decay: total / np.maximum(n, 1)[:, None]),
            "these are the means of this batch alone: the old counts and sums are forgotten.",
        ),
        Mistake(
            "old counts",
            _with_parts(lambda counts, sums, n, total, decay: (decay * sums + (1 - decay) * total) / counts[:, None]),
            "the sums are new, the counts old. Both take the same step before you divide.",
        ),
        Mistake(
            "nothing decays",
            _with_parts(lambda counts, sums, n, total, decay: (sums + total) / (counts + n)[:, None]),
            "you added the batch to counts and sums without a decay: then the first vectors count for ever.",
        ),
        Mistake(
            "the batch in full",
            _with_parts(lambda counts, sums, n, total, decay: (decay * sums + total) / (decay * counts + n)[:, None]),
            "the batch enters in full, not with the share 1 − ρ.",
        ),
        Mistake(
            "not divided",
            _with_parts(lambda counts, sums, n, total, decay: decay * sums + (1 - decay) * total),
            "these are the running sums. A mean is a sum divided by a count.",
        ),
        Mistake(
            "counts plus one",
            _with_parts(
                lambda counts, sums, n, total, decay: (
                    (decay * sums + (1 - decay) * total) / (decay * counts + (1 - decay) * n + 1)[:, None]
                )
            ),
            "you added 1 to the counts: that pulls every code to the origin.",
        ),
    ),
    hints=(
        "N ← ρN + (1 − ρ)n and m ← ρm + (1 − ρ)Σz, with `chosen.sum(axis=0)` and `chosen.T @ z`.",
        "The codebook is m / N, with the new ones.",
    ),
)

PERPLEXITY = Exercise(
    reference=4.0,
    rtol=0.005,
    mistakes=(
        Mistake("codes in use", 5.0, "that is the number of codes in use. They are not equally frequent."),
        Mistake("codes of the book", 512.0, "that would be so if all codes were equally frequent."),
        Mistake("entropy in bits", 2.0, "that is the entropy in bits. The perplexity is 2 to that power."),
        Mistake("entropy in nats", 2 * math.log(2), "that is the entropy in nats. The perplexity is e to that power."),
        Mistake("mixed bases", math.exp(2.0), "an entropy in *bits* belongs to 2 to that power, one in nats to e."),
        Mistake("squared shares", 1 / (0.25 + 4 / 64), "that is 1/Σp², another count of effective codes."),
        Mistake("one eighth forgotten", math.sqrt(2.0), "the other four contribute as well: 4 · ⅛ · log 8."),
    ),
    hints=("The shares are ½, ⅛, ⅛, ⅛, ⅛.", "Σ −p log₂ p = ½ · 1 + 4 · ⅛ · 3 bits, and 2 to that power."),
)


# --- a first grammar ---------------------------------------------------------------------------------------------


def _counts_of(training, num_codes, add=1.0):
    return add + np.array([np.bincount(column, minlength=num_codes) for column in training.T])


def _look_up(log_share, words):
    return log_share[np.arange(words.shape[1]), words]


def _log_shares(training, num_codes, add=1.0):
    counts = _counts_of(training, num_codes, add)
    return np.log(counts / counts.sum(axis=1, keepdims=True))


def _by_frequency(words, training, num_codes):
    return _look_up(_log_shares(training, num_codes), words).sum(axis=1)


def _words(rng):
    n, m, places, num_codes = (int(size) for size in rng.integers((4, 15, 3, 4), (8, 30, 6, 8)))
    shares = rng.dirichlet(np.ones(num_codes), size=places)

    def drawn(size):
        return np.stack([rng.choice(num_codes, size=size, p=share) for share in shares], axis=1)

    return drawn(n), drawn(m), num_codes


def _a_symbol_that_never_occurred():
    return [(np.array([[0, 3], [2, 1]]), np.array([[0, 1], [0, 1], [1, 2]]), 12)]


def _pooled(words, training, num_codes):
    counts = 1 + np.bincount(training.ravel(), minlength=num_codes)
    return np.log(counts / counts.sum())[words].sum(axis=1)


def _wrong_total(words, training, num_codes):
    return _look_up(np.log(_counts_of(training, num_codes) / len(training)), words).sum(axis=1)


FREQUENCIES = Exercise(
    reference=_by_frequency,
    inputs=_words,
    edges=_a_symbol_that_never_occurred,
    mistakes=(
        Mistake(
            "one table for all places",
            _pooled,
            "you counted the symbols of all places together. Each place has frequencies of its own.",
        ),
        Mistake(
            "nothing added",
            lambda words, training, k: _look_up(_log_shares(training, k, 0.0), words).sum(axis=1),
            "a symbol that training lacks at its place costs infinitely much. Add one to every count.",
        ),
        Mistake(
            "divided by the number of words",
            _wrong_total,
            "the ones that you added count in the total, too: divide by m + num_codes, or the shares do not sum to 1.",
        ),
        Mistake(
            "means",
            lambda words, training, k: _look_up(_log_shares(training, k), words).mean(axis=1),
            "that is the mean over the places. The log-probability of a word is a sum.",
        ),
        Mistake(
            "bits",
            lambda words, training, k: _by_frequency(words, training, k) / np.log(2),
            "these are bits. Take natural logarithms.",
        ),
        Mistake(
            "a cost",
            lambda words, training, k: -_by_frequency(words, training, k),
            "the sign is turned: a log-probability is at most 0.",
        ),
        Mistake(
            "probabilities",
            lambda words, training, k: np.exp(_by_frequency(words, training, k)),
            "these are probabilities. Return their logarithms.",
        ),
        Mistake(
            "each symbol",
            lambda words, training, k: _look_up(_log_shares(training, k), words),
            "these are the terms, one for each place. Add them up for each word.",
        ),
        Mistake(
            "half added",
            lambda words, training, k: _look_up(_log_shares(training, k, 0.5), words).sum(axis=1),
            "you added ½ to the counts. Here it is one.",
        ),
    ),
    hints=(
        "counts = 1 + np.array([np.bincount(column, minlength=num_codes) for column in training.T])",
        "log_share[np.arange(places), words] are the terms of each word; sum them over the places.",
    ),
)
