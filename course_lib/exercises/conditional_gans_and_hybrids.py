"""Exercises of conditional GANs and hybrids: who is told the label, and which network hears which loss."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake
from course_lib.exercises.references import exercise, lesson


def _sigmoid(logits):
    return np.exp(-np.logaddexp(0.0, -logits))


def _labelled_logit(log_p, log_q, data_share, sample_share):
    return log_p - log_q + np.log(data_share) - np.log(sample_share)


def _densities_and_shares(rng):
    n = int(rng.integers(6, 11))
    return (*rng.normal(size=(2, n)), *rng.uniform(0.1, 0.9, size=(2, n)))


LABELLED_LOGIT = Exercise(
    reference=_labelled_logit,
    inputs=_densities_and_shares,
    mistakes=(
        Mistake(
            "shares forgotten",
            lambda log_p, log_q, data, samples: log_p - log_q,
            "that is right if each label is as frequent among the samples as in the data. Here it is not: compare the "
            "*joint* densities p(x, y) and q(x, y).",
        ),
        Mistake(
            "shares upside down",
            lambda log_p, log_q, data, samples: log_p - log_q - np.log(data / samples),
            "the two shares are exchanged: a label that is frequent in the data makes *real* more probable.",
        ),
        Mistake(
            "share without logarithm",
            lambda log_p, log_q, data, samples: log_p - log_q + data / samples,
            "the ratio of the shares multiplies a ratio of densities. In a logit, its logarithm is added.",
        ),
        Mistake(
            "share of the data alone",
            lambda log_p, log_q, data, samples: log_p - log_q + np.log(data),
            "the share of the label among the samples is missing: q(x, y) is a product, too.",
        ),
        Mistake(
            "share of the samples alone",
            lambda log_p, log_q, data, samples: log_p - log_q - np.log(samples),
            "the share of the label in the data is missing: p(x, y) is a product, too.",
        ),
        Mistake(
            "probability",
            lambda *inputs: _sigmoid(_labelled_logit(*inputs)),
            "that is the probability. The logit is asked for.",
        ),
        Mistake(
            "labels real and generated exchanged",
            lambda *inputs: -_labelled_logit(*inputs),
            "that is the logit of *generated*: the sign is flipped.",
        ),
        Mistake(
            "logarithms of the shares added",
            lambda log_p, log_q, data, samples: log_p - log_q + np.log(data * samples),
            "you added the logarithms of both shares. The share among the samples belongs to q(x, y), which is "
            "subtracted.",
        ),
        Mistake(
            "shares multiplied",
            lambda log_p, log_q, data, samples: (log_p - log_q) * data / samples,
            "you multiplied the logit by the ratio of the shares. That ratio multiplies *densities*: its "
            "logarithm is added.",
        ),
        Mistake(
            "shares subtracted",
            lambda log_p, log_q, data, samples: log_p - log_q + data - samples,
            "you added the difference of the shares. Take their logarithms: log of a ratio.",
        ),
        Mistake(
            "the ratio itself",
            lambda *inputs: np.exp(_labelled_logit(*inputs)),
            "that is the ratio of the two joint densities. The logit is its logarithm.",
        ),
        Mistake(
            "decimal logarithm",
            lambda log_p, log_q, data, samples: log_p - log_q + np.log10(data / samples),
            "the densities come with natural logarithms, and your shares with decimal ones: `np.log`.",
        ),
    ),
    hints=(
        f"The discriminator sees pairs. Its best logit is log p(x, y) − log q(x, y) ({lesson('gan_theory')}).",
        "p(x, y) = p(y) p(x | y), and q(x, y) is the share of the label among the samples times q(x | y).",
    ),
)


def _within(features, labels, reduce=np.sum):
    own = np.stack([features[labels == label].mean(axis=0) for label in labels])
    return reduce(np.square(features - own), axis=1).mean()


def _per_class(features, labels, ddof=0):
    return np.array([features[labels == y].var(axis=0, ddof=ddof).sum() for y in np.unique(labels)])


def _between(features, labels):
    return np.square(features - features.mean(axis=0)).sum(axis=1).mean() - _within(features, labels)


def _labelled_features(rng):
    d, classes = int(rng.integers(4, 8)), int(rng.integers(3, 6))
    labels = rng.permutation(np.repeat(np.arange(classes), rng.permutation(np.array([4, 6, 12, 9, 7])[:classes])))
    means, widths = 2 * rng.normal(size=(classes, d)), np.geomspace(0.5, 2.0, classes)
    return means[labels] + widths[labels][:, None] * rng.normal(size=(len(labels), d)), labels


WITHIN_CLASS_VARIANCE = Exercise(
    reference=_within,
    inputs=_labelled_features,
    mistakes=(
        Mistake(
            "one mean for all",
            lambda features, labels: features.var(axis=0).sum(),
            "you measured from the mean of *all* examples. Classes that lie far apart would count as variety: use each "
            "example's own class.",
        ),
        Mistake(
            "between the classes",
            _between,
            "that is the variance *between* the class means. One image a class would score high.",
        ),
        Mistake(
            "mean over features",
            lambda features, labels: _within(features, labels, np.mean),
            "you averaged over the features. A squared distance is a sum over them.",
        ),
        Mistake(
            "mean over classes",
            lambda features, labels: _per_class(features, labels).mean(),
            "you averaged over the classes, so an example of a rare class counts more. Average over the examples.",
        ),
        Mistake(
            "sum over classes",
            lambda features, labels: _per_class(features, labels).sum(),
            "you added the classes up: with more classes there would be more variance. Average over the examples.",
        ),
        Mistake(
            "a deviation",
            lambda features, labels: np.sqrt(_within(features, labels)),
            "that is the root of it, a deviation.",
        ),
        Mistake(
            "distance not squared",
            lambda features, labels: np.sqrt(
                np.square(features - np.stack([features[labels == y].mean(axis=0) for y in labels])).sum(axis=1)
            ).mean(),
            "that is the mean distance. A variance averages *squared* distances.",
        ),
        Mistake(
            "n minus 1",
            lambda features, labels: np.average(
                _per_class(features, labels, 1), weights=np.unique(labels, return_counts=True)[1]
            ),
            "you divided by n − 1 in each class (`ddof=1`). Here it is the plain mean of squared distances.",
        ),
        Mistake(
            "not divided by n",
            lambda features, labels: len(labels) * _within(features, labels),
            "that is the sum over the examples. A variance is their mean: divide by n.",
        ),
        Mistake(
            "one mean for all features",
            lambda features, labels: np.mean([features[labels == y].var() for y in np.unique(labels)]),
            "`.var()` without an axis measures all features of a class from one common number. Give each feature "
            "its own mean, `.var(axis=0)`, and add the features up.",
        ),
        Mistake(
            "one mean for all features, weighted",
            lambda features, labels: np.mean([features[labels == y].var() for y in labels]),
            "your classes are weighed rightly, but `.var()` without an axis mixes the features: take "
            "`.var(axis=0).sum()`.",
        ),
        Mistake(
            "a number for each feature",
            lambda features, labels: np.mean([features[labels == y].var(axis=0) for y in labels], axis=0),
            "those are the variances of the single features. Add them up: one number is asked for.",
        ),
        Mistake(
            "spread of the features of one example",
            lambda features, labels: features.var(axis=1).mean(),
            "`axis=1` compares the features of one example with each other. Compare the examples of one class: axis 0.",
        ),
    ),
    hints=(
        "For each class: its rows, their mean, the squared distances of the rows from it.",
        "`features[labels == y].var(axis=0).sum()` is the variance of class y; weigh it with the share of the class.",
    ),
)


def _pairs_as_found(generate, noise, labels, rng):
    return generate(noise, rng.permutation(labels)), labels


def _pairs(generate, noise, labels, rng):
    asked = rng.permutation(labels)
    return generate(noise, asked), asked


def _inspect_pairs(answer):
    if not callable(answer):
        return "a function of (generate, noise, labels, rng) is expected: hand over the function itself."
    labels = np.random.default_rng(5).permutation(np.repeat([0, 1, 2], [120, 60, 300]))
    noise = np.random.default_rng(7).normal(size=(len(labels), 2))
    calls = []

    def generate(noise, asked):
        calls.append(np.array(asked))
        return np.column_stack([noise, asked])  # each sample carries the label that it was made for

    pair = answer(generate, noise.copy(), labels.copy(), np.random.default_rng(3))
    if pair is None:
        return "your function returns None. End it with `return samples, shown_labels`."
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        return "a pair is expected, `return samples, shown_labels`."
    samples, shown = (np.asarray(part) for part in pair)
    if not calls or samples.shape != (len(labels), 3):
        return "the first result should be what `generate(noise, …)` returns, one sample for each label."
    if shown.shape != labels.shape:
        return f"the second result should be one label for each sample, shape {labels.shape}; yours has {shown.shape}."
    if not np.array_equal(np.sort(samples[:, :2], axis=0), np.sort(noise, axis=0)):
        return "the noise that you are given should go in, row by row: each sample needs its own."
    if found := _wrong_labels(samples, shown, labels):
        return found
    _, again = answer(generate, noise.copy(), labels.copy(), np.random.default_rng(3))
    return None if np.array_equal(shown, again) else "a generator of its own"


def _wrong_labels(samples, shown, labels):
    asked = samples[:, 2].astype(int)
    if len(np.unique(asked)) == 1:
        return "one class alone"
    if not np.array_equal(asked, shown):
        return "as found" if np.array_equal(np.sort(asked), np.sort(shown)) else "two draws of labels"
    counts, expected = (np.bincount(each, minlength=3) for each in (asked, labels))
    drawn = 6 * np.sqrt(expected)  # labels drawn anew from the batch have its shares, but for chance
    return "labels of another law" if len(counts) > 3 or (np.abs(counts - expected) > drawn).any() else None


FAKE_PAIRS = Exercise(
    reference=lambda: _pairs,
    judge_with=_inspect_pairs,
    mistakes=(
        Mistake(
            "as found",
            lambda: _pairs_as_found,
            "a sample is still shown beside a label that it was not made for: its own label and the shown one must be "
            "the same array.",
        ),
        Mistake(
            "two draws of labels",
            lambda: lambda generate, noise, labels, rng: (generate(noise, rng.integers(0, 3, len(labels))), labels),
            "the samples are made for labels that you drew afresh, and shown beside those of the data. Show the ones "
            "that you asked for.",
        ),
        Mistake(
            "labels of another law",
            lambda: lambda generate, noise, labels, rng: _pairs(generate, noise, rng.integers(0, 3, len(labels)), rng),
            "each sample has its own label now, but the labels are not those of the batch: their shares differ from "
            "the data's, and the discriminator will learn the shares "
            f"({exercise('conditional_gans_and_hybrids.LABELLED_LOGIT')}).",
        ),
        Mistake(
            "a generator of its own",
            lambda: lambda generate, noise, labels, rng: _pairs(generate, noise, labels, np.random.default_rng()),
            "the pairs are right, but their labels do not come from `rng`: draw from the generator that you are given, "
            "or nobody can repeat your run.",
        ),
        Mistake(
            "one class alone",
            lambda: lambda generate, noise, labels, rng: (generate(noise, 0 * labels), labels),
            "you asked for one class only.",
        ),
    ),
    hints=(
        "Which array is handed to `generate`, and which one is returned beside the samples?",
        "Permuting is harmless (it keeps the shares), as long as the permuted labels are also the ones shown.",
    ),
)


def _weighted_median(values, weights):
    order = np.argsort(values)
    return values[order][np.searchsorted(np.cumsum(weights[order]), 0.5)]


def _a_lottery(rng):
    k = int(rng.integers(6, 9))
    values = np.array([0.1, 0.3, 0.7, 1.5, 2.6, 4.2, 7.0, 9.5])[:k]
    return rng.permutation(values) + 0.05 * rng.random(k), rng.dirichlet(np.full(k, 0.8))


BEST_CONSTANT = Exercise(
    reference=_weighted_median,
    inputs=_a_lottery,
    draws=5,
    mistakes=(
        Mistake(
            "mean",
            lambda values, weights: np.sum(values * weights),
            "that is the mean, which has the smallest *squared* error.",
        ),
        Mistake(
            "most probable",
            lambda values, weights: values[weights.argmax()],
            "that is the most probable value. It has the smallest share of misses, whatever their size.",
        ),
        Mistake(
            "weights ignored",
            lambda values, weights: np.median(values),
            "that is the median of the list. Each value counts with its probability.",
        ),
        Mistake(
            "not sorted",
            lambda values, weights: values[np.searchsorted(np.cumsum(weights), 0.5)],
            "you added the probabilities up in the order of the list. Sort the values first, the weights with them.",
        ),
        Mistake(
            "weights not sorted along",
            lambda values, weights: np.sort(values)[np.searchsorted(np.cumsum(weights), 0.5)],
            "the values are sorted, and the weights are not: use one `argsort` for both.",
        ),
        Mistake(
            "middle of the range",
            lambda values, weights: (values.min() + values.max()) / 2,
            "that is the middle between the extremes: it has the smallest *largest* error.",
        ),
        Mistake(
            "the error itself",
            lambda values, weights: np.sum(weights * np.abs(values - _weighted_median(values, weights))),
            "that is how large the smallest error is. Return the prediction that has it.",
        ),
        Mistake(
            "interpolated",
            lambda values, weights: np.interp(0.5, np.cumsum(weights[np.argsort(values)]), np.sort(values)),
            "you interpolated between two values. Between them the slope of the error is constant, so the "
            "smallest error is *at* a value: the first at which the sum reaches ½.",
        ),
        Mistake(
            "nearest to one half",
            lambda values, weights: np.sort(values)[np.abs(np.cumsum(weights[np.argsort(values)]) - 0.5).argmin()],
            "you took the place where the sum is *nearest* to ½, which may lie before it. The slope turns where "
            "the sum first *reaches* ½.",
        ),
        Mistake(
            "index into the unsorted",
            lambda values, weights: values[np.searchsorted(np.cumsum(weights[np.argsort(values)]), 0.5)],
            "the place is right in the *sorted* list, and you looked it up in the unsorted one: "
            "`values[order][place]`.",
        ),
        Mistake(
            "the place",
            lambda values, weights: np.searchsorted(np.cumsum(weights[np.argsort(values)]), 0.5),
            "that is the place in the sorted list. The prediction is the value there.",
        ),
        Mistake(
            "one place too early",
            lambda values, weights: np.sort(values)[np.searchsorted(np.cumsum(weights[np.argsort(values)]), 0.5) - 1],
            "one place too early: there the probabilities up to it do not add up to ½ yet.",
        ),
    ),
    hints=(
        "The slope of the error in c is P(y < c) − P(y > c): walk up the sorted values until it turns positive.",
        "`order = np.argsort(values)`, then the first place where `np.cumsum(weights[order])` reaches ½.",
    ),
)


def _softplus(logits):
    return np.logaddexp(0.0, logits)


def _naive_softplus(logits):
    with np.errstate(over="ignore"):
        return np.log(1 + np.exp(logits))


def _paired_loss(made, target, logits, weight):
    return np.abs(target - made).sum(axis=1) + weight * _softplus(-logits)


def _answers_and_logits(rng):
    shape = (int(rng.integers(5, 9)), int(rng.integers(3, 5)))
    return rng.uniform(size=shape), rng.uniform(size=shape), 2 * rng.normal(size=shape[0]), rng.uniform(1.5, 4.0)


def _answers_found_out():
    made, target = np.array([[0.2, 0.9, 0.4], [0.7, 0.1, 0.6]]), np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    return [(made, target, np.array([-800.0, 800.0]), 2.5), (made, target, np.array([60.0, -60.0]), 0.5)]


PAIRED_LOSS = Exercise(
    reference=_paired_loss,
    inputs=_answers_and_logits,
    edges=_answers_found_out,
    mistakes=(
        Mistake(
            "squared",
            lambda made, target, logits, w: np.square(target - made).sum(axis=1) + w * _softplus(-logits),
            "you squared the differences: that answers with the conditional mean, a smear. Take their absolute values.",
        ),
        Mistake(
            "no absolute value",
            lambda made, target, logits, w: (target - made).sum(axis=1) + w * _softplus(-logits),
            "without an absolute value too much and too little cancel, and more ink is always better.",
        ),
        Mistake(
            "mean over pixels",
            lambda made, target, logits, w: np.abs(target - made).mean(axis=1) + w * _softplus(-logits),
            "you took the mean over the pixels. That divides the error by d, so the adversarial loss weighs d times "
            "as much.",
        ),
        Mistake(
            "the discriminator's loss",
            lambda made, target, logits, w: np.abs(target - made).sum(axis=1) + w * _softplus(logits),
            "log(1 + eˡ) of an answer is the *discriminator's* loss: descending it, the generator would make its "
            "answers easy to find. It wants a large logit.",
        ),
        Mistake(
            "saturating",
            lambda made, target, logits, w: np.abs(target - made).sum(axis=1) - w * _softplus(logits),
            "that is the saturating loss, log(1 − D). Here −log D is asked for, log(1 + e⁻ˡ).",
        ),
        Mistake(
            "sign of the adversarial loss",
            lambda made, target, logits, w: np.abs(target - made).sum(axis=1) - w * _softplus(-logits),
            "the sign of the adversarial loss is flipped: both terms are losses of the generator, and are added.",
        ),
        Mistake(
            "weight on the error",
            lambda made, target, logits, w: w * np.abs(target - made).sum(axis=1) + _softplus(-logits),
            "the weight stands at the error. Here it multiplies the adversarial loss.",
        ),
        Mistake(
            "weight forgotten",
            lambda made, target, logits, w: np.abs(target - made).sum(axis=1) + _softplus(-logits),
            "the weight of the adversarial loss is missing.",
        ),
        Mistake(
            "weight on both",
            lambda made, target, logits, w: w * (np.abs(target - made).sum(axis=1) + _softplus(-logits)),
            "the weight multiplies both terms. It belongs to the adversarial loss alone.",
        ),
        Mistake(
            "the logit itself",
            lambda made, target, logits, w: np.abs(target - made).sum(axis=1) - w * logits,
            "that is a critic's score. The non-saturating loss bends it: log(1 + e⁻ˡ).",
        ),
        Mistake(
            "error alone",
            lambda made, target, logits, w: np.abs(target - made).sum(axis=1),
            "the adversarial loss is missing.",
        ),
        Mistake(
            "adversarial loss alone",
            lambda made, target, logits, w: w * _softplus(-logits),
            "the error to the target is missing.",
        ),
        Mistake(
            "overflow",
            lambda made, target, logits, w: np.abs(target - made).sum(axis=1) + w * _naive_softplus(-logits),
            "right, but for a logit of −800: e⁸⁰⁰ is infinite. `np.logaddexp(0, -logits)` does not overflow.",
        ),
        Mistake(
            "logarithm of the probability cut off",
            lambda made, target, logits, w: (
                np.abs(target - made).sum(axis=1) - w * np.log(np.clip(_sigmoid(logits), 1e-7, 1 - 1e-7))
            ),
            "your logarithm is cut off near 0, so an answer that is found out for certain feels no pull any more. Do "
            "not compute the probability: `np.logaddexp(0, -logits)`.",
        ),
        Mistake(
            "mean over examples",
            lambda *inputs: _paired_loss(*inputs).mean(),
            "you averaged over the examples. Keep one value for each, shape (n,).",
        ),
    ),
    hints=(
        "Two terms, each with shape (n,): sum the absolute differences over the last axis.",
        "log(1 + e⁻ˡ) is `np.logaddexp(0, -logits)`.",
    ),
)


_VAE_GAN = {
    "encoder": {"reconstruction", "KL"},
    "decoder": {"reconstruction", "deceive"},
    "discriminator": {"tell apart"},
}
_ALL = {"reconstruction", "KL", "deceive", "tell apart"}

LOSSES_OF_A_VAE_GAN = Exercise(
    reference=_VAE_GAN,
    words=("reconstruction", "KL", "tell apart", "deceive"),
    mistakes=(
        Mistake(
            "everything for everybody",
            dict.fromkeys(_VAE_GAN, _ALL),
            "that is one loss for all, the classic bug: the discriminator would learn to be deceived, and the decoder "
            "to be found out.",
        ),
        Mistake(
            "the encoder deceives",
            _VAE_GAN | {"encoder": {"reconstruction", "KL", "deceive"}},
            "the encoder is not to deceive: it would move codes to where the decoder's pictures pass for real, and "
            "they would no longer say what was in x. Its two losses make the bound.",
        ),
        Mistake(
            "the decoder with the KL",
            _VAE_GAN | {"decoder": {"reconstruction", "KL", "deceive"}},
            "the KL compares q(z | x) with the prior: no weight of the decoder occurs in it.",
        ),
        Mistake(
            "the decoder tells apart",
            _VAE_GAN | {"decoder": {"reconstruction", "deceive", "tell apart"}},
            "a decoder that lowers the discriminator's loss *helps* it: it makes its pictures easy to recognise.",
        ),
        Mistake(
            "the discriminator deceives",
            _VAE_GAN | {"discriminator": {"tell apart", "deceive"}},
            "a discriminator that lowers the decoder's loss learns to be fooled. It has one loss.",
        ),
        Mistake(
            "players exchanged",
            _VAE_GAN | {"decoder": {"reconstruction", "tell apart"}, "discriminator": {"deceive"}},
            "the two losses of the game are exchanged: who wants to be taken for real?",
        ),
        Mistake(
            "a plain GAN",
            _VAE_GAN | {"decoder": {"deceive"}},
            "without the reconstruction the decoder is a GAN's generator: nothing asks that decode(encode(x)) be x.",
        ),
        Mistake(
            "a plain VAE",
            _VAE_GAN | {"decoder": {"reconstruction"}},
            "this decoder is a VAE's: the discriminator watches, and nobody minds it.",
        ),
        Mistake(
            "an encoder without reconstruction",
            _VAE_GAN | {"encoder": {"KL"}},
            "with the KL alone the best code is the prior, whatever x is: collapse.",
        ),
        Mistake(
            "encoder",
            Entry("encoder"),
            "encoder: it makes the bound, the two terms of a VAE, and takes no part in the game.",
        ),
        Mistake(
            "decoder",
            Entry("decoder"),
            "decoder: its pictures should be like x, and pass for real. Which two terms say that?",
        ),
        Mistake(
            "discriminator",
            Entry("discriminator"),
            "discriminator: it has one loss, and that is about telling data from pictures.",
        ),
        Mistake(
            "an encoder without a prior",
            _VAE_GAN | {"encoder": {"reconstruction"}},
            "without the KL the codes go where they like, and draws of the prior decode to nothing known.",
        ),
        Mistake(
            "an adversarial autoencoder",
            _VAE_GAN | {"encoder": {"reconstruction", "deceive"}, "decoder": {"reconstruction"}},
            "that is another hybrid, in which *codes* are judged. Here the discriminator sees images: who makes them?",
        ),
    ),
    hints=(
        "Ask of each loss: whose output is it about, and is this network for it or against it?",
        "The bound of the VAE has two terms; the encoder's weights occur in both, the decoder's in one.",
    ),
)


_AAE = {"encoder": {"reconstruction", "deceive"}, "decoder": {"reconstruction"}, "discriminator": {"tell apart"}}

LOSSES_OF_AN_ADVERSARIAL_AUTOENCODER = Exercise(
    reference=_AAE,
    words=("reconstruction", "KL", "tell apart", "deceive"),
    mistakes=(
        Mistake(
            "as in the VAE-GAN",
            _VAE_GAN,
            "that is the VAE-GAN, where pictures are judged. Here codes are judged: who makes those?",
        ),
        Mistake(
            "with a KL",
            _AAE | {"encoder": {"reconstruction", "KL", "deceive"}},
            "the code is a point, not a distribution: there is no KL to compute. The game takes its place.",
        ),
        Mistake(
            "KL for the game",
            _AAE | {"encoder": {"reconstruction", "KL"}},
            "the game replaces the KL: who, if not the encoder, makes what the discriminator sees?",
        ),
        Mistake(
            "the decoder deceives",
            {"encoder": {"reconstruction"}, "decoder": {"reconstruction", "deceive"}, "discriminator": {"tell apart"}},
            "the discriminator never sees what the decoder makes. It sees codes.",
        ),
        Mistake(
            "both deceive",
            _AAE | {"decoder": {"reconstruction", "deceive"}},
            "no weight of the decoder stands between the code and the discriminator: it cannot hear that loss.",
        ),
        Mistake("encoder", Entry("encoder"), "encoder: its codes should hold x, and pass for draws of the prior."),
        Mistake(
            "decoder",
            Entry("decoder"),
            "decoder: it makes pictures, and the discriminator sees codes. Which loss is left for it?",
        ),
        Mistake(
            "discriminator",
            Entry("discriminator"),
            "discriminator: it has one loss, and that is about telling codes from draws of the prior.",
        ),
        Mistake(
            "no reconstruction",
            _AAE | {"encoder": {"deceive"}},
            "an encoder that only deceives can send every x to a draw of the prior that says nothing about x.",
        ),
        Mistake(
            "players exchanged",
            _AAE | {"encoder": {"reconstruction", "tell apart"}, "discriminator": {"deceive"}},
            "the two losses of the game are exchanged: who makes codes that must look like the prior?",
        ),
    ),
    hints=(
        "Who makes what the discriminator sees, this time?",
        "There is no KL in this model. The other three remain.",
    ),
)


def _pulls(logit, weight):
    return _sigmoid(logit), -weight * _sigmoid(-logit)


def _without_bars(logit, weight):
    both = _sigmoid(logit) - weight * _sigmoid(-logit)
    return both, both


MISSING_BARS = Exercise(
    reference=_pulls,
    inputs=lambda rng: (3 * rng.normal(size=int(rng.integers(5, 10))), float(rng.uniform(1.5, 4.0))),
    edges=lambda: [(np.array([-800.0, 800.0, 0.3]), 2.5)],
    mistakes=(
        Mistake(
            "as found",
            _without_bars,
            "that is still the code as found: both networks hear both losses.",
        ),
        Mistake(
            "exchanged",
            lambda logit, weight: _pulls(logit, weight)[::-1],
            "the two are exchanged: L_D = log(1 + eˡ) for a sample belongs to the discriminator.",
        ),
        Mistake(
            "a bar on one side",
            lambda logit, weight: (_without_bars(logit, weight)[0], _pulls(logit, weight)[1]),
            "the discriminator still hears the decoder's loss: hold its weights still there.",
        ),
        Mistake(
            "a bar on the other side",
            lambda logit, weight: (_pulls(logit, weight)[0], _without_bars(logit, weight)[1]),
            "the decoder still hears the discriminator's loss: hold the sample still.",
        ),
        Mistake(
            "weight forgotten",
            lambda logit, weight: _pulls(logit, 1.0),
            "the adversarial weight w is missing: it multiplies the decoder's loss.",
        ),
        Mistake(
            "weight on the discriminator",
            lambda logit, weight: (weight * _sigmoid(logit), -_sigmoid(-logit)),
            "w belongs to the decoder's loss, not to the discriminator's.",
        ),
        Mistake(
            "saturating",
            lambda logit, weight: (_sigmoid(logit), -weight * _sigmoid(logit)),
            "the decoder's pull is that of the saturating loss. Here L_G = log(1 + e⁻ˡ), with the slope −σ(−l).",
        ),
        Mistake(
            "sign of the decoder",
            lambda logit, weight: (_sigmoid(logit), weight * _sigmoid(-logit)),
            "the sign of the decoder's pull is flipped: its loss *falls* as the logit rises.",
        ),
        Mistake(
            "the losses",
            lambda logit, weight: (np.logaddexp(0.0, logit), weight * np.logaddexp(0.0, -logit)),
            "those are the two losses. Their slopes in the logit are asked for.",
        ),
        Mistake(
            "both signs",
            lambda logit, weight: tuple(-each for each in _pulls(logit, weight)),
            "both signs are flipped: the slopes are asked for, not the steps downhill.",
        ),
        Mistake(
            "the discriminator on real images",
            lambda logit, weight: (_sigmoid(-logit), -weight * _sigmoid(-logit)),
            "σ(−l) is small where the discriminator is fooled. The slope of log(1 + eˡ) is σ(l): large where a "
            "sample passes for real.",
        ),
    ),
    hints=(
        "The slope of log(1 + eˡ) is σ(l), that of log(1 + e⁻ˡ) is −σ(−l). One belongs to each network.",
        "`return sigmoid(logit), -weight * sigmoid(-logit)`.",
    ),
)
