"""Exercises of text: perplexity, the shift, word dropout, policy gradients, ranks by counting, bits per character."""

import math

import numpy as np

from course_lib.exercises.engine import Exercise, Mistake

_H = 4.729476358313187  # nats per sentence; tests compare it with the grammar

PERPLEXITY_PER_WORD = Exercise(
    reference=math.exp(_H / 5),
    rtol=0.005,
    mistakes=(
        Mistake(
            "per sentence",
            math.exp(_H),
            "that is the perplexity per *sentence*: among as many sentences it hesitates. Divide the nats by the words "
            "before you take the exponential.",
        ),
        Mistake("base 2 of nats", 2 ** (_H / 5), "H is in nats, and nats belong to e. 2 to that power is for bits."),
        Mistake(
            "divided afterwards",
            math.exp(_H) / 5,
            "the nats add up over the words, so the perplexities multiply: take the fifth root, not a fifth.",
        ),
        Mistake("nats per word", _H / 5, "these are the nats per word. The perplexity is e to that power."),
        Mistake(
            "bits per word", _H / 5 / math.log(2), "these are the bits per word. The perplexity is 2 to that power."
        ),
        Mistake(
            "nats per sentence", _H, "these are the nats per sentence. Divide by the words, then take the exponential."
        ),
        Mistake(
            "bits taken for nats", math.exp(_H / 5 / math.log(2)), "you changed to bits and then took e to that power."
        ),
        Mistake("vocabulary", 19.0, "that is the perplexity of a model that knows nothing but the number of words."),
        Mistake(
            "sentences", 144.0, "that is the number of sentences. They are not equally likely, and it is not per word."
        ),
        Mistake("four words", math.exp(_H / 4), "the sentence has five words. The certain one counts as well."),
        Mistake(
            "wrong sign", math.exp(-_H / 5), "that is the geometric mean of the words' probabilities: one over it."
        ),
    ),
    hints=("Nats per word: H / 5.", "`np.exp` of that."),
)


# --- the shift ---------------------------------------------------------------------------------------------------


def _strings(rng):
    n, length = (int(size) for size in rng.integers((3, 4), (6, 8)))
    num_symbols = int(rng.integers(5, 12))
    return rng.integers(0, num_symbols, (n, length)), int(num_symbols + rng.integers(1, 4))


def _shifted(x, begin):
    return np.concatenate([np.full((len(x), 1), begin, x.dtype), x[:, :-1]], axis=1)


SHIFTED = Exercise(
    reference=_shifted,
    inputs=_strings,
    mistakes=(
        Mistake("not shifted", lambda x, begin: x, "nothing is shifted: position t is told $x_t$, which it predicts."),
        Mistake(
            "shifted left",
            lambda x, begin: np.concatenate([x[:, 1:], np.full((len(x), 1), begin)], axis=1),
            "you shifted to the left: position t is told the *next* symbol. The begin symbol comes first.",
        ),
        Mistake(
            "rolled",
            lambda x, begin: np.roll(x, 1, axis=1),
            "np.roll brings the last symbol round to the front: the first prediction is told how the string ends. Put "
            "`begin` there.",
        ),
        Mistake(
            "nothing dropped",
            lambda x, begin: np.concatenate([np.full((len(x), 1), begin), x], axis=1),
            "one column too many: nothing is predicted from the last symbol. Drop it.",
        ),
        Mistake(
            "first symbol replaced",
            lambda x, begin: np.concatenate([np.full((len(x), 1), begin), x[:, 1:]], axis=1),
            "you replaced the first symbol and shifted nothing: the other positions are told what they predict.",
        ),
        Mistake(
            "first symbol forgotten",
            lambda x, begin: x[:, :-1],
            "the first symbol has to be predicted, too: from `begin`, the column that is missing.",
        ),
        Mistake(
            "filled with 0",
            lambda x, begin: _shifted(x, 0),
            "0 is a symbol of the language. Begin with a symbol of its own, `begin`.",
        ),
        Mistake(
            "begin of its own making",
            lambda x, begin: _shifted(x, x.max() + 1),
            "your begin symbol is one more than the largest in *this* array, so it changes from batch to batch. Write "
            "`begin`.",
        ),
        Mistake(
            "shifted twice",
            lambda x, begin: _shifted(_shifted(x, begin), begin),
            "shifted by two: the symbol just before is hidden from its prediction.",
        ),
        Mistake(
            "along the batch",
            lambda x, begin: np.concatenate([np.full((1, x.shape[1]), begin), x[:-1]], axis=0),
            "you shifted along the batch: each string is now predicted from another one. Positions are axis 1.",
        ),
    ),
    hints=("A column of `begin`, then all of x but its last column.", "`np.concatenate([…, x[:, :-1]], axis=1)`."),
)


# --- word dropout ------------------------------------------------------------------------------------------------


def _histories(rng):
    n, length = (int(size) for size in rng.integers((5, 4), (9, 7)))
    words = rng.integers(0, 9, (n, length))
    begin = int(rng.integers(9, 14))
    words[:, 0] = begin
    uniform = rng.uniform(size=(n, length))
    uniform[: n // 2, 0] = 0.01
    return words, uniform, float(rng.uniform(0.3, 0.6)), begin + int(rng.integers(1, 4)), bool(rng.integers(2))


def _while_used_and_while_trained():
    words, uniform = np.array([[9, 1, 2, 3], [9, 4, 0, 1]]), np.array([[0.1, 0.2, 0.7, 0.4], [0.6, 0.3, 0.1, 0.9]])
    return [(words, uniform, 0.5, 10, training) for training in (True, False)]


def _dropped(history, uniform, rate, hidden, training):
    drop = uniform < rate
    drop[:, 0] = False
    return np.where(drop & training, hidden, history)


def _always(history, uniform, rate, hidden, training):
    return _dropped(history, uniform, rate, hidden, True)


def _begin_too(history, uniform, rate, hidden, training):
    return np.where((uniform < rate) & training, hidden, history)


WORD_DROPOUT = Exercise(
    reference=_dropped,
    inputs=_histories,
    edges=_while_used_and_while_trained,
    mistakes=(
        Mistake(
            "as found",
            lambda history, uniform, rate, hidden, training: np.where(uniform < rate, hidden, history),
            "it drops words in training and in use alike, and it may drop the begin symbol, from which the first "
            "word is predicted.",
        ),
        Mistake(
            "when used, too",
            _always,
            "the begin symbol is safe now. But words are still dropped when the model is used: look at `training`.",
        ),
        Mistake(
            "begin symbol dropped",
            _begin_too,
            "nothing is dropped in use now. But the begin symbol may still go: the first word is predicted from it.",
        ),
        Mistake(
            "kept with the rate",
            lambda history, uniform, rate, hidden, training: _dropped(history, uniform, 1 - rate, hidden, training),
            "you keep a word with probability r. It is *hidden* with that probability.",
        ),
        Mistake(
            "the large numbers",
            lambda history, uniform, rate, hidden, training: np.where(
                (uniform > rate) & (np.arange(history.shape[1]) > 0) & training, hidden, history
            ),
            "`uniform > rate` hides a word with probability 1 − r: turn the sign round.",
        ),
        Mistake(
            "the last one never",
            lambda history, uniform, rate, hidden, training: np.where(
                (uniform < rate) & (np.arange(history.shape[1]) < history.shape[1] - 1) & training, hidden, history
            ),
            "you keep the *last* word. The begin symbol stands in the first column.",
        ),
        Mistake(
            "kept and hidden exchanged",
            lambda history, uniform, rate, hidden, training: np.where(
                (uniform < rate) & (np.arange(history.shape[1]) > 0) & training, history, hidden
            ),
            "the two ends of `np.where` are exchanged: first what stands where the condition holds, `hidden`.",
        ),
        Mistake(
            "the others dropped",
            lambda history, uniform, rate, hidden, training: _dropped(history, 1 - uniform, rate, hidden, training),
            "you drop the words whose number is large. Hide where `uniform < rate`, so that all see the same words.",
        ),
        Mistake(
            "when used only",
            lambda history, uniform, rate, hidden, training: _dropped(history, uniform, rate, hidden, not training),
            "`training` is turned round: words are dropped when the model is used.",
        ),
        Mistake(
            "multiplied by zero",
            lambda history, uniform, rate, hidden, training: _dropped(history, uniform, rate, 0, training),
            "the hidden word became 0, and 0 is a word of the language. Write the symbol `hidden`.",
        ),
        Mistake(
            "scaled up",
            lambda history, uniform, rate, hidden, training: np.where(
                (uniform < rate) & training, 0.0, history / (1 - rate if training else 1.0)
            ),
            "that is the dropout of numbers. Symbols cannot be scaled: replace them by `hidden`.",
        ),
        Mistake(
            "shortened sentences",
            lambda history, uniform, rate, hidden, training: np.where(
                np.cumsum(_dropped(history, uniform, rate, hidden, training) == hidden, 1) > 0, hidden, history
            ),
            "from the first dropped word on all are hidden. Each word is dropped on its own.",
        ),
        Mistake(
            "never",
            lambda history, uniform, rate, hidden, training: history,
            "now nothing is ever dropped.",
        ),
    ),
    hints=("The first column never goes: `drop[:, 0] = False`.", "`np.where(drop & training, hidden, history)`."),
)


# --- the policy gradient -----------------------------------------------------------------------------------------


def _a_batch(rng):
    n, num_words = int(rng.integers(6, 12)), int(rng.integers(4, 7))
    return rng.normal(size=num_words), rng.integers(0, num_words, n), rng.normal(size=n) + rng.uniform(1, 3)


def _softmax(logits):
    q = np.exp(logits - np.max(logits))
    return q / q.sum()


def _steps(logits, draws):
    q = _softmax(logits)
    return np.eye(len(q))[draws] - q


def _gradient(logits, draws, rewards):
    others = (rewards.sum() - rewards) / (len(rewards) - 1)
    return ((rewards - others)[:, None] * _steps(logits, draws)).mean(axis=0)


def _with_baseline(baseline):
    def answer(logits, draws, rewards):
        return ((rewards - baseline(rewards))[:, None] * _steps(logits, draws)).mean(axis=0)

    return answer


def _summed(logits, draws, rewards):
    return len(draws) * _gradient(logits, draws, rewards)


def _through_q(logits, draws, rewards):
    others = (rewards.sum() - rewards) / (len(rewards) - 1)
    q = _softmax(logits)
    return ((rewards - others)[:, None] * q[draws][:, None] * _steps(logits, draws)).mean(axis=0)


POLICY_GRADIENT = Exercise(
    reference=_gradient,
    inputs=_a_batch,
    mistakes=(
        Mistake(
            "mean over all",
            _with_baseline(lambda rewards: rewards.mean()),
            "your baseline contains the draw's own reward, so it depends on the draw: on average the estimate is "
            "(n − 1)/n of the gradient. Leave the draw out of its own baseline.",
        ),
        Mistake(
            "no baseline",
            _with_baseline(lambda rewards: 0.0),
            "unbiased, and noisy: there is no baseline. Subtract the mean reward of the other draws.",
        ),
        Mistake(
            "wrong sign",
            lambda *batch: -_gradient(*batch),
            "that is the gradient of the *loss*. The gradient of the expected reward has the other sign.",
        ),
        Mistake(
            "baseline added",
            _with_baseline(lambda rewards: -(rewards.sum() - rewards) / (len(rewards) - 1)),
            "you added the baseline. Subtract it.",
        ),
        Mistake(
            "divided by n",
            _with_baseline(lambda rewards: (rewards.sum() - rewards) / len(rewards)),
            "the others are n − 1, and you divided their sum by n.",
        ),
        Mistake("sum over the batch", _summed, "you summed over the batch. The expectation is estimated by a mean."),
        Mistake(
            "mean over the vocabulary",
            lambda *batch: _gradient(*batch) / len(batch[0]),
            "you took a mean over the vocabulary as well: the gradient is V times too small.",
        ),
        Mistake(
            "one number",
            lambda *batch: _gradient(*batch).mean(),
            "one number is left: the mean over the vocabulary. The gradient has an entry for each logit.",
        ),
        Mistake(
            "gradient of q",
            _through_q,
            "that is the gradient of $q(k)$, not of $\\log q(k)$: the draws have counted the q already.",
        ),
        Mistake(
            "one row for each draw",
            lambda logits, draws, rewards: (
                (rewards - (rewards.sum() - rewards) / (len(rewards) - 1))[:, None] * _steps(logits, draws)
            ),
            "that is one gradient for each draw. Take their mean.",
        ),
        Mistake(
            "sum of the others",
            _with_baseline(lambda rewards: rewards.sum() - rewards),
            "that is the *sum* of the others' rewards. Their mean is the baseline.",
        ),
    ),
    hints=(
        "Others: `(rewards.sum() - rewards) / (n - 1)`.",
        "Steps: `np.eye(V)[draws] - q`, weighted, then the mean over the draws.",
    ),
)


# --- ranks, and bits ---------------------------------------------------------------------------------------------

RANK = Exercise(
    reference="BAC",
    words="ABC",
    mistakes=(
        Mistake(
            "by the samples",
            "CAB",
            "that is the order in which the true model likes their samples; one sentence for ever would win it. How "
            "well does each predict *real* sentences?",
        ),
        Mistake(
            "C second", "BCA", "B is the best. But compare how A and C predict real sentences: 4.94 and 11.2 nats."
        ),
        Mistake(
            "A first",
            "ABC",
            "A speaks more carefully than the language does, and pays on real sentences: 4.94 against 4.74 nats.",
        ),
        Mistake(
            "B last",
            "ACB",
            "B's samples are judged at 4.73 nats since that *is* the entropy of the language: the truth gets no less.",
        ),
        Mistake(
            "C first",
            "CBA",
            "C nearly always says one thing: judged best, and it predicts real sentences at 11.2 nats.",
        ),
    ),
    hints=("Nats of real sentences are H + KL(p‖q): the less the better.", "4.74, 4.94, 11.2."),
)


def _texts(rng):
    words = np.array(["the", "code", "of", "a", "loss", "is", "bits", "model", "falls", "word"])
    return [" ".join(rng.choice(words, size=size)) for size in (400, 90)]


def _compressor(rng):
    import bz2
    import zlib

    return (zlib.compress, bz2.compress)[int(rng.integers(2))]


def _corpus(rng):
    return (_compressor(rng), *_texts(rng))


def _bits_of(compress, before, text):
    return len(compress((before + text).encode())) - len(compress(before.encode()))


def _bits_per_character(compress, train, test):
    return 8 * _bits_of(compress, train, test) / len(test)


BITS_PER_CHARACTER = Exercise(
    reference=_bits_per_character,
    inputs=_corpus,
    mistakes=(
        Mistake(
            "as found",
            lambda compress, train, test: 8 * _bits_of(compress, train + test, test) / len(test),
            "the compressor has read the test text already: `seen` contains it, and a copy is nearly free. It may "
            "have read the training text only.",
        ),
        Mistake(
            "both texts",
            lambda compress, train, test: 8 * len(compress((train + test).encode())) / len(train + test),
            "that is the price of both texts. What *more* does the test text need, once the other has been read?",
        ),
        Mistake(
            "both texts for the price of one",
            lambda compress, train, test: 8 * len(compress((train + test).encode())) / len(test),
            "you charge the test characters with the training text as well: subtract what that needs alone.",
        ),
        Mistake(
            "test alone",
            lambda compress, train, test: 8 * len(compress(test.encode())) / len(test),
            "this compressor begins with nothing: the network has read the training text. Let it read that, too.",
        ),
        Mistake(
            "bytes",
            lambda compress, train, test: _bits_of(compress, train, test) / len(test),
            "these are *bytes* per character. A byte has 8 bits.",
        ),
        Mistake(
            "per character of both",
            lambda compress, train, test: 8 * _bits_of(compress, train, test) / len(train + test),
            "the bits are those of the test text, so divide by its characters alone.",
        ),
        Mistake(
            "per character of the training text",
            lambda compress, train, test: 8 * _bits_of(compress, train, test) / len(train),
            "the bits are those of the test text, and you divide by the characters of the training text.",
        ),
        Mistake(
            "the training text charged",
            lambda compress, train, test: (
                8 * (len(compress((train + test).encode())) - len(compress(test.encode()))) / len(test)
            ),
            "you subtract what the *test* text needs alone, so what is left is the price of the training text.",
        ),
        Mistake(
            "bits of the whole",
            lambda compress, train, test: float(8 * _bits_of(compress, train, test)),
            "these are the bits of the whole text. Divide by its characters.",
        ),
        Mistake(
            "order turned round",
            lambda compress, train, test: 8 * _bits_of(compress, test, train) / len(test),
            "here the compressor reads the test text first, and is asked what the training text needs.",
        ),
    ),
    hints=(
        "`seen` should be the training text.",
        "Bytes of both less bytes of the training text, times 8, over len(test).",
    ),
)
