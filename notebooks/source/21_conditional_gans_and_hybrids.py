# ---
# jupyter:
#   course:
#     part: "Part III · GANs"
#     question: "Can the two families be combined?"
# ---

# %% [markdown]
# # Conditional GANs and hybrids: every loss needs its own network
#
# **The question.** A VAE has an encoder and a bound, and blurs. A GAN has a discriminator and looks sharp, and cannot say
# what code an image has. Can the two families be combined? And can either be told *what* to make?
#
# In this lesson you will
#
# * **derive** what a discriminator learns that is told the label, and **find the bug** in a game that is told the wrong one;
# * **measure** whether samples are what was asked for *and* as varied as the data, and see which loss spoils the second;
# * deeper: **explain** what an absolute error to a paired target does: it regresses to the conditional median; and **train** a
#   network that completes letters, with a discriminator beside the error and without;
# * **put three losses on the right networks**, and **prove** that a VAE-GAN without its game is the VAE;
# * deeper: **test** whether the codes of an adversarial autoencoder can be told from its prior.
#
# *To know before:* the VAE ({lesson: the_variational_autoencoder}), GAN theory
# ({lesson: gan_theory}), training a GAN ({lesson: training_a_gan}). *Time:* {times}; about 50 seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## One discriminator, four places to put it
#
# What a GAN adds to a model is a discriminator: a classifier that tells two populations apart, and whose slope trains another
# network. Nothing says that the populations must be images and samples. This lesson moves the discriminator around:
#
# | model | the discriminator compares | with |
# |---|---|---|
# | conditional GAN | pairs (image, its label) | pairs (sample, the label asked for) |
# | pix2pix | pairs (input, its target) | pairs (input, the network's answer) |
# | VAE-GAN | images | what the VAE's decoder makes |
# | adversarial autoencoder | draws of the prior | codes of the data |
#
# In all of them the best answer is what it was in lesson {number: gan_theory}: the logit $\log p-\log q$ of the two populations.
# So ask of each: *what does it see, and whom does its slope reach?*
#
# ## Asking for a class
#
# A **conditional GAN** (Mirza & Osindero, 2014) hands the label $y$ to both networks: $x=G(z,y)$, and a discriminator of
# pairs $D(x,y)$. The samples of a step get the labels of its data. What does the best discriminator say?
#
# 1. It sees real pairs with the density $p(x,y)=p(y)\,p(x\mid y)$, and generated ones with $q(x,y)=p(y)\,q(x\mid y)$.
# 2. Its logit is the log-ratio (lesson {number: gan_theory}): $\;\ell^*(x,y)=\log p(x,y)-\log q(x,y)=\log p(x\mid y)-\log q(x\mid y)$. The
#    shares $p(y)$ cancel.
# 3. So it plays one game for each label, and the value is the mean of their values:
#
# $$V(D^*)=-\log4+2\sum_yp(y)\,\mathrm{JSD}\big(p(\cdot\mid y),\,q(\cdot\mid y)\big).$$
#
# It is at its floor only if *each class* is right. A discriminator that is not told the label compares
# $p(x)=\sum_yp(y)p(x\mid y)$ with $q(x)$: **predict** what it says of a generator whose labels are all exchanged. On the
# line, two equal classes, $\mathcal N(-1,1)$ and $\mathcal N(1,1)$:

# %%
from itertools import pairwise

import keras
import matplotlib.pyplot as plt
import numpy as np
from scipy.special import expit as sigmoid
from scipy.stats import norm

from course_lib.exact import jensen_shannon_1d, optimal_value

ENDS = (-12, 12)
classes = (norm(-1, 1).logpdf, norm(1, 1).logpdf)


def total(of_class):
    """The log-density of all samples together, whatever their label."""
    return lambda x: np.logaddexp(of_class[0](x), of_class[1](x)) - np.log(2)


SHARES, AWAY = np.array([0.3, 0.7]), 40.0


def pairs(of_class):
    """The log-density of pairs (x, y) as one number, x + 40 y: whoever sees it sees both."""
    return lambda t: np.logaddexp(np.log(0.3) + of_class[0](t), np.log(0.7) + of_class[1](t - AWAY))


# %% [markdown]
# Four generators, and the values of both games by quadrature. The game of pairs is computed as *one* game, with
# unequal shares of 0.3 and 0.7, and step 3 must come out of it:

# %% tags=["proof"]
generators = {
    "as asked": classes,
    "labels exchanged": classes[::-1],
    "label ignored": (total(classes), total(classes)),
    "too far out": (norm(-2, 1).logpdf, norm(3, 1).logpdf),
}
print(f"{'generator':18} V(D*) told the label   −log 4 + 2 Σ p(y) JSD   V(D*) not told   (floor {-np.log(4):.4f})")
for name, made in generators.items():
    apart = np.array([jensen_shannon_1d(p, q, *ENDS) for p, q in zip(classes, made, strict=True)])
    told, formula = optimal_value(pairs(classes), pairs(made), ENDS[0], AWAY + ENDS[1]), -np.log(4) + 2 * SHARES @ apart
    not_told = optimal_value(total(classes), total(made), *ENDS)
    print(f"{name:18} {told:15.4f} {formula:25.4f} {not_told:18.4f}")
    assert abs(told - formula) < 1e-8, "the game of pairs must fall apart into one game a label"
    if name in ("labels exchanged", "label ignored"):
        assert abs(not_told + np.log(4)) < 1e-8 < told + np.log(4), "without the label D must be blind to it"

# %% [markdown]
# Without the label the value is at its floor for the exchanged and for the ignored label: all samples *together* are right,
# and the discriminator sees no more.
#
# **Exercise {exercise: LABELLED_LOGIT}.** Suppose the data are imbalanced, and the samples get labels that are drawn in other shares. Derive the
# best *logit* for a pair: `log_p` and `log_q` are $\log p(x\mid y)$ and $\log q(x\mid y)$, `data_share` and `sample_share`
# the shares of that $y$ in the data and among the samples.


# %% tags=["exercise"]
def labelled_logit(log_p, log_q, data_share, sample_share):
    # BEGIN SOLUTION
    return log_p - log_q + np.log(data_share) - np.log(sample_share)
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import conditional_gans_and_hybrids as exercises

check(exercises.LABELLED_LOGIT, labelled_logit)

# %% [markdown]
# The extra term does not depend on $x$, so at the *best* $D$ the generator's slope along $x$ is that of the same logit. But
# the non-saturating loss weighs that slope by $1-D$: where a label is rare among the *samples*, $D$ takes each of them for
# real before it looks, and hardly any slope is left. Hence the rule: the samples get the labels of the data.
#
# ### Letters on request
#
# Three letters in black and white, 6,000 images, a dense `ConditionalGAN` with the R1 penalty of lesson {number: stability_and_mode_collapse}.

# %%
from course_lib import datasets, metrics, networks, plotting
from course_lib.formulas import adversarial, gradient_penalties
from course_lib.models import ConditionalGAN

SHAPE, LETTERS = (28, 28, 1), (0, 4, 8)  # A, K and S
glyphs = datasets.load("glyphs")


def three_letters(images, letters):
    chosen = np.isin(letters, LETTERS)
    return (images[chosen] > 0.5).astype("float32"), np.searchsorted(LETTERS, letters[chosen])


x_train, y_train = three_letters(glyphs.x_train, glyphs.y_train)
x_test, y_test = three_letters(glyphs.x_test, glyphs.y_test)
keras.utils.set_random_seed(run.seed)
gan = ConditionalGAN(
    networks.dense_conditional_generator(8, SHAPE, 3, (64,)),
    networks.dense_conditional_discriminator(SHAPE, 3, (64, 32)),
    adversarial.non_saturating,
    num_classes=3,
    seed=run.seed,
    penalty=gradient_penalties.R1(1.0),
)
gan.compile(learning_rate=0.002)
history = gan.fit(x_train, y_train, batch_size=64, epochs=36, verbose=0)

# %%
asked = np.repeat([0, 1, 2], 200)
generated = gan.sample(600, asked, seed=run.seed)
plotting.image_rows({f"generated, asked for {'AKS'[y]}": generated[asked == y][:12] for y in range(3)})
plotting.show(
    alt="Three rows of twelve generated letters, asked for as A, K and S; most show the letter that was asked for."
)

# %% [markdown]
# Most can be read; a few are fragments. Are they what was asked for? A classifier that had no part in the GAN's training says
# so: the course's network that names letters (`data/letter_features.md`). It may choose among all *ten* letters. A share
# needs its control: how many samples are named as the letter *after* the one that was asked for? **And before you trust a
# high score:** here is a rival that knows one training image of each letter, and repeats it.

# %% tags=["proof"]
from course_lib.features import letter_features, letter_scores

first_of_each = [np.flatnonzero(y_train == y)[0] for y in range(3)]
candidates = {
    "real (test)": (x_test, y_test),
    "generated": (generated, asked),
    "one image a letter": (x_train[first_of_each][asked], asked),
}
accuracy, control = {}, {}
for name, (images, labels) in candidates.items():
    named = letter_scores(images)[0].argmax(axis=1)
    accuracy[name], control[name] = (np.mean(named == np.array(LETTERS)[(labels + shift) % 3]) for shift in (0, 1))
    error = np.sqrt(accuracy[name] * (1 - accuracy[name]) / len(named))
    print(f"{name:19} named as asked: {accuracy[name]:.3f} ± {error:.3f}; as the next letter: {control[name]:.3f}")
assert accuracy["generated"] > 0.65, "most of the samples must be named as asked (chance: 10 %)"
assert control["generated"] < 0.2, "and few as the next letter: a label without effect gives every letter a third"
assert accuracy["one image a letter"] == 1.0, "and the rival, who knows three images, is perfect"

# %% [markdown]
# (± is the error of so many samples. Another training, with another seed, moves the number by several hundredths more.) The
# rival wins. Accuracy asks whether a sample *could* be an A, not whether the samples are *like the As*. The missing half
# is variety *within* a class.
#
# **Exercise {exercise: WITHIN_CLASS_VARIANCE}.** Write the within-class variance: the mean over all examples of the squared distance from the mean of
# the example's *own* class, $\frac1n\sum_i\|f_i-\bar f_{y_i}\|^2$. `features` is `(n, d)`, `labels` `(n,)`; the classes
# are not equally frequent.


# %% tags=["exercise"]
def within_class_variance(features, labels):
    # BEGIN SOLUTION
    own_mean = np.stack([features[labels == y].mean(axis=0) for y in labels])
    return np.square(features - own_mean).sum(axis=1).mean()
    # END SOLUTION


# %%
check(exercises.WITHIN_CLASS_VARIANCE, within_class_variance)

# %% [markdown]
# **Proof**, on the classifier's 32 features, and on the pixels beside them:


# %% tags=["proof"]
def spread(features, labels):
    return sum(np.mean(labels == y) * features[labels == y].var(axis=0).sum() for y in np.unique(labels))


variety = {}
print("within-class variance, as a share of the real one:")
for name, (images, labels) in candidates.items():
    pixels = images.reshape(len(images), -1)
    views = letter_features(images), pixels, (pixels > 0.5).astype("float64")
    variety[name] = np.array([spread(view, labels) for view in views])
    shares = variety[name] / variety["real (test)"]
    print(f"{name:19} features {shares[0]:.2f}, pixels {shares[1]:.2f}, pixels made black or white {shares[2]:.2f}")
share = variety["generated"] / variety["real (test)"]
assert 0.6 < share[0] < 1.4, "on features the samples of a class must vary about as the real ones do"
assert variety["one image a letter"].max() < 1e-6, "and one image a letter must not vary at all"

# %% [markdown]
# Now the rival is found out. On features the samples' share of the real variety is not far from 1, and moves by a fifth from
# seed to seed. On pixels they vary less. Partly that is contrast: a grey pixel is nearer to every mean, and made black or
# white (last column) the same samples vary more. The rest of the gap is variety that is missing, and no less than that: fragments
# among the samples add variance of their own, and hide some. *Two* numbers, each with its partner, and the pictures:
# nothing less says that a conditional model does what it is asked.
#
# ### Find the bug: whose label is that?
#
# A colleague permutes the labels before he generates, "so that the generator does not copy the batch". Here is his step. The
# loss curves look like any GAN's, the samples look like letters, and the label has no effect at all.


# %%
def colleagues_pairs(generate, noise, labels, rng):
    asked_for = rng.permutation(labels)
    return generate(noise, asked_for), labels


# %% [markdown]
# Why no effect? Let $G(z,y)=z+b_y$ start at $b_0=b_1=0$, for the two classes at $-1$ and $1$, with the best $D$. The pull on
# $b_y$ is an integral (`generator_gradient`, lesson {number: gan_losses}), for each label that $D$ is *shown*:

# %% tags=["proof"]
from course_lib.exact import generator_gradient

shown = np.array(
    [generator_gradient(lambda logit: -sigmoid(-logit), p, norm.logpdf, 1.0, 0.0, *ENDS)[1] for p in classes]
)
labels = np.arange(20_000) % 2
asked, claimed = colleagues_pairs(lambda noise, asked_for: asked_for, None, labels, np.random.default_rng(run.seed))
colleague = np.array([shown[claimed[asked == y]].mean() for y in (0, 1)])  # the pull on b_y, by the label that is shown
print(f"slope of the loss along b₀ and b₁: shown as asked {shown.round(3)}, the colleague's {colleague.round(3)}")
assert shown[0] > 0.3 > -0.3 > shown[1], "shown its own label, each class must be pulled to its own side"
assert np.abs(colleague).max() < 5 * shown.max() / 100, "with the labels mixed up nothing must tell the classes apart"

# %% [markdown]
# **Exercise {exercise: FAKE_PAIRS}: find the bug.** Repair it. `generate(noise, labels)` makes samples; return the samples and the labels to
# show beside them.


# %% tags=["exercise"]
def fake_pairs(generate, noise, labels, rng):
    # BEGIN SOLUTION
    asked_for = rng.permutation(labels)
    return generate(noise, asked_for), asked_for
    # INSTEAD
    # asked_for = rng.permutation(labels)
    # return generate(noise, asked_for), labels
    # END SOLUTION


# %%
check(exercises.FAKE_PAIRS, fake_pairs)

# %% [markdown]
# ## A discriminator that names the class
#
# Another way to enforce the label: do not tell it to the discriminator, let it *name* it. The **auxiliary classifier GAN**
# (Odena et al., 2017) has two heads on one network, $D(x)$ and a classifier $C(y\mid x)$, and the generator is paid for
# being named rightly:
#
# $$L_G+w\,\big[-\log C(y\mid G(z,y))\big].$$
#
# It works, and it asks for something else than $p(x\mid y)$. Take the two overlapping classes again, the best classifier
# of real images, $C(y\mid x)=p(y\mid x)$, and two generators whose samples have *exactly* the law $p(x)$ in total, so that $D$ has nothing
# to say. The honest one draws from the class. The *sorted* one also draws from $p(x)$, and hands out $x<0$ if label 0 was
# asked for, $x>0$ if label 1 was. **Predict** which of them has the lower loss, and how varied its classes are.

# %% tags=["proof"]
from course_lib.exact import expectation_1d


def log_classifier(x):
    return -np.logaddexp(0, -2 * x)  # log p(1 | x) = log σ(2x)


# for label 1, with x ~ p(x | 1) for the honest generator, and x ~ 2 p(x) on x > 0 for the sorted one
laws = {
    "honest": classes[1],
    "sorted": lambda x: np.where(x > 0, np.log(2) + total(classes)(x), -np.inf),
}
scores = {}
for name, law in laws.items():
    mean = expectation_1d(lambda x: x, law, *ENDS)
    scores[name] = {
        "class loss / nats": expectation_1d(lambda x: -log_classifier(x), law, *ENDS),
        "named as asked": expectation_1d(lambda x: (x > 0).astype(float), law, *ENDS),
        "variance": expectation_1d(lambda x, mean=mean: (x - mean) ** 2, law, *ENDS),
    }
    print(f"{name}:", ", ".join(f"{key} {value:.3f}" for key, value in scores[name].items()))
assert scores["sorted"]["class loss / nats"] < 0.7 * scores["honest"]["class loss / nats"], "sorting must be rewarded"
assert abs(scores["honest"]["variance"] - 1) < 1e-3, "a real class has the variance 1"
assert scores["sorted"]["variance"] < 0.7, "and a sorted one far less"

# %%
x = np.linspace(-4.5, 4.5, 901)
figure, axes = plt.subplots(1, 2, figsize=(9, 2.6), layout="constrained", sharey=True)
mirrored = {"honest": classes[0], "sorted": lambda x: laws["sorted"](-x)}
for ax, name in zip(axes, laws, strict=True):
    of_label = {"label 0": np.exp(mirrored[name](x)), "label 1": np.exp(laws[name](x))}
    plotting.curves(of_label, x=x, xlabel="x", ylabel="density of the samples", ax=ax)
    ax.plot(x, np.exp(total(classes)(x)), color="0.6", linestyle="--", label="all together")
    ax.set_title(f"{name} generator", fontsize=10)
    ax.legend(frameon=False, fontsize=8)
plotting.show(
    alt="Two panels of the densities of the samples by label, and of all together, for an honest and a sorted "
    "generator. The sorted one cuts its classes off in the middle; the dashed sum is the same in both."
)

# %% [markdown]
# The sorted generator is named rightly *every* time, where real examples of the class are only 84 % of the time; its loss is
# lower, its classes are cut off in the middle, and no discriminator without a label can object (the dashed curves are
# equal). An auxiliary classifier prefers the *clearest* examples of a class (Gong et al., 2019). So for classes that
# overlap, "classified better than real data" is a symptom, not a success. The library has this model too
# (`AuxiliaryClassifierGAN`). Where classes hardly overlap, the classifier is nearly sure of every honest sample and has
# little to reward; whether that holds for your data, measure.

# %% [markdown] tags=["deeper"]
# ## Pairs: an error to a target, and a discriminator
#
# "Add an L1 or L2 loss to the generator." To *which* target? In lesson {number: gan_theory} noise was paired with random examples, and the
# generator learned one point. Such a term needs a target that belongs to the input: a map and its photograph, a sketch and
# its picture. There **pix2pix** (Isola et al., 2017) trains
#
# $$L_G+\lambda\,\mathbb E\,\|y-G(x)\|_1 .$$
#
# The second term alone is a regression, and its solution is known. For one $x$ and a prediction $c$:
#
# 1. $\frac{d}{dc}\,\mathbb E\,|y-c|=P(y<c)-P(y>c)$, which is 0 at the **conditional median**;
# 2. $\frac{d}{dc}\,\mathbb E\,(y-c)^2=2(c-\mathbb E\,y)$, which is 0 at the **conditional mean**.
#
# **Exercise {exercise: BEST_CONSTANT}.** Write the prediction with the smallest expected absolute error for a $y$ that takes few values:
# `values` `(k,)`, in no order, with probabilities `weights` (no sum of them is exactly ½).


# %% tags=["exercise"]
def best_constant(values, weights):
    # BEGIN SOLUTION
    order = np.argsort(values)
    return values[order][np.searchsorted(np.cumsum(weights[order]), 0.5)]
    # END SOLUTION


# %%
check(exercises.BEST_CONSTANT, best_constant)

# %% [markdown]
# **Proof** where both are known. Given $x$, let $y=(1+x)\,e^{s\varepsilon}$ with $\varepsilon\sim\mathcal N(0,1)$, $s=0.8$:
# skewed, with the conditional median $1+x$ and the conditional mean $(1+x)\,e^{s^2/2}$, 38 % above it. A straight line is
# fitted with either error.

# %% tags=["proof"]
from scipy.optimize import minimize

rng = np.random.default_rng(run.seed)
inputs = rng.uniform(0, 2, size=20_000)
targets = (1 + inputs) * np.exp(0.8 * rng.normal(size=20_000))
slope, offset = np.polyfit(inputs, targets, deg=1)
absolute = minimize(
    lambda line: np.abs(targets - line[0] - line[1] * inputs).mean(), (offset, slope), method="Nelder-Mead"
)
print(f"squared error : {offset:.2f} + {slope:.2f} x; conditional mean   {np.exp(0.32):.2f} + {np.exp(0.32):.2f} x")
print(f"absolute error: {absolute.x[0]:.2f} + {absolute.x[1]:.2f} x; conditional median 1.00 + 1.00 x")
places = np.array([0.2, 1.0, 1.8])
by_absolute, by_squared = absolute.x[0] + absolute.x[1] * places, offset + slope * places
assert np.allclose(by_absolute, 1 + places, rtol=0.04), "the absolute error must find the conditional median"
assert np.allclose(by_squared, np.exp(0.32) * (1 + places), rtol=0.06), "the squared one the conditional mean"

# %% [markdown]
# For images this is done pixel by pixel, and no pixel knows of its neighbours. Let the input be the name of a letter, and
# the target an image of it. **Predict** the two best answers: what becomes of a thin stroke that is a little elsewhere in
# each image?

# %% tags=["proof"]
means = np.stack([x_train[y_train == y].mean(axis=0) for y in range(3)])
medians = np.stack([np.median(x_train[y_train == y], axis=0) for y in range(3)])
plotting.image_rows({"real": x_train[first_of_each], "best L2 answer": means, "best L1 answer": medians})
plotting.show(
    alt="Three rows of images of A, K and S: real letters, the best answer to the squared error, grey smears, and "
    "the best answer to the absolute error, black and white with much of the strokes missing."
)
lost = np.mean([x_train[y_train == y][:, medians[y] == 0].sum() for y in range(3)]) / (x_train.sum() / 3)
print(f"of the ink of real images, {lost:.0%} lies where the median is white")
print(
    f"share of ink: real {x_train.mean():.3f}, best L2 answer {means.mean():.3f}, best L1 answer {medians.mean():.3f}"
)
assert lost > 0.4, "where a stroke lies elsewhere in most images, the median must leave it out"

# %% [markdown]
# The mean is a smear with the right amount of ink. The median is black and white, and has the strokes that *most* images
# share: a pixel that is ink in fewer than half of them is left white, and with it half of the ink of a real image. (The
# median's own share of ink falls less, since a pixel that most images share becomes black in full.) Of A and K a blot is
# left. That is the gap which the discriminator fills. One pixel is enough to see how the two work together: given its input, $y$
# lies near $-1$ with probability 0.4, near $1$ with 0.6. The network answers $c$ (with a little noise, so that it has a
# density). The adversarial loss is $\mathrm{KL}(q\,\|\,p)-2\,\mathrm{JSD}$, what a generator descends at the best $D$ (lesson
# {number: gan_losses}).

# %% tags=["proof"]
from course_lib.exact import non_saturating_divergence

WIDTH = 0.2


def log_target(y):
    return np.logaddexp(np.log(0.4) + norm.logpdf(y, -1, WIDTH), np.log(0.6) + norm.logpdf(y, 1, WIDTH))


answers = np.linspace(-1.6, 1.6, 161)
terms = {"squared error": [], "absolute error": [], "adversarial": []}
for c in answers:
    law = norm(c, WIDTH).logpdf
    terms["squared error"].append(expectation_1d(lambda y, at=c: (y - at) ** 2, log_target, -4, 4, 2001))
    terms["absolute error"].append(expectation_1d(lambda y, at=c: np.abs(y - at), log_target, -4, 4, 2001))
    terms["adversarial"].append(non_saturating_divergence(log_target, law, -4, 4, 2001))
terms = {name: np.array(values) for name, values in terms.items()}
terms["absolute + adversarial"] = terms["absolute error"] + terms["adversarial"]
best = {name: answers[values.argmin()] for name, values in terms.items()}
for name, place in best.items():
    print(f"{name:22} lowest at c = {place:5.2f}, where the data have the density {np.exp(log_target(place)):.3f}")
assert abs(best["squared error"] - 0.2) < 0.03, "the squared error must answer with the mean, −0.4 + 0.6"
assert np.exp(log_target(best["squared error"])) < 0.01, "where there are no data at all"
assert abs(best["absolute error"] - 1) < 0.3, "the absolute error must answer at the likelier mode"
assert abs(best["absolute + adversarial"] - 1) < 0.1, "and the game must move it to the middle of that mode"

# %%
figure, axes = plt.subplots(1, 4, figsize=(10, 2.4), layout="constrained")
for ax, (name, values), colour in zip(axes, terms.items(), plotting.PALETTE, strict=False):
    ax.fill_between(answers, values.min(), values.min() + np.exp(log_target(answers)) * np.ptp(values), color="0.9")
    ax.plot(answers, values, color=colour)
    ax.plot(best[name], values.min(), "o", color="black", markersize=5)
    unit = {"squared error": "squared error", "absolute error": "absolute error", "adversarial": "nats"}.get(
        name, "sum of both"
    )
    ax.set(xlabel="answer c", ylabel=unit, title=name)
    ax.title.set_fontsize(10)
plotting.show(
    alt="Four curves of a loss against the answer, with the two modes of the data in grey and the lowest point "
    "marked. The squared error is lowest between the modes, the absolute error near the likelier one, the adversarial loss at "
    "a mode, and the sum of both at the likelier mode."
)

# %% [markdown]
# In grey, where the data are. The squared error answers *between* the two modes, where nothing is. The absolute error goes to
# the likelier mode, though not to its middle. The adversarial loss has a valley at *either* mode, the deeper one at the
# likelier, and a wall between them. So has the sum: a network that starts at the other mode stays there.
#
# *Variety* cannot come out here, since this network answers with one place. The adversarial loss alone would pay for it (it is
# lowest only at $q=p$); the absolute error charges for every answer but the median. Isola et al. report
# which of the two won: their generator ignored its noise.

# %% [markdown]
# ### Half a letter, and the whole
#
# Now a network. The input $x$ is the upper half of a letter in black and white, the target $y$ its lower half: a B or an R?
# A slanted foot or a straight one? The discriminator $D$ sees *pairs* (input, target) and (input, answer). Who hears which
# loss? Solid arrows are computed, dashed ones are gradients:

# %%
blue, orange = plotting.PALETTE[0], plotting.PALETTE[5]
towards_d = {"color": blue, "linestyle": "--", "connectionstyle": "arc3,rad=0.4"}
towards_g = {"color": orange, "linestyle": "--", "connectionstyle": "arc3,rad=-0.4"}
L1, y, still = "$|y-G(x)|$", "lower half y", "D, held still"
places = {L1: (0, 1.5), "upper half x": (0, 0), y: (1.8, 1.5), "G": (1.8, 0), "D": (4, 1.5), still: (4, 0)}
plotting.diagram(
    places | {"$L_D$": (5.6, 1.5), "$w\\,L_G$": (5.6, 0)},
    [
        *(("upper half x", "G", "", {}), (y, L1, "", {}), ("G", L1, "", {})),
        *((y, "D", "(x, y)", {}), ("G", "D", "held still", {}), ("G", still, "(x, G(x))", {})),
        *(("D", "$L_D$", "", {}), (still, "$w\\,L_G$", "", {})),
        (L1, "G", "", towards_g | {"connectionstyle": "arc3,rad=0.3"}),
        *(("$L_D$", "D", "", towards_d), ("$w\\,L_G$", still, "", towards_g), (still, "G", "", towards_g)),
    ],
    shaded=["G", "D"],
)
plotting.show(
    alt="Boxes and arrows. G answers the upper half x. Its answer and the lower half y go into the absolute error, and as pairs "
    "with x into D. Dashed gradients: L_D moves D only; the absolute error and w L_G, through a copy of D held still, move G."
)

# %% [markdown]
# The generator hears two losses, the discriminator one of its own.
#
# **Exercise {exercise: PAIRED_LOSS}.** Write what the generator descends, for each example. `made` and `target` are `(n, d)`, `logits` `(n,)` the
# discriminator's logits of the pairs with `made`, and `weight` multiplies the non-saturating loss:
# $\;\sum_j|y_j-G_j|+w\log(1+e^{-l})$.


# %% tags=["exercise"]
def paired_loss(made, target, logits, weight):
    # BEGIN SOLUTION
    return np.abs(target - made).sum(axis=1) + weight * np.logaddexp(0, -logits)
    # END SOLUTION


# %%
check(exercises.PAIRED_LOSS, paired_loss)

# %% [markdown]
# The same in a model, as drawn. It stands on the course's `UnsupervisedModel`, a `keras.Model` that checks data and compiles
# for the backend at hand. The weight $w$ is a variable, so that one compiled model serves all the runs:

# %%
from keras import layers, ops

from course_lib.models import held_still
from course_lib.training import UnsupervisedModel

HALF = (14, 28, 1)


class Paired(UnsupervisedModel):
    takes_targets = True  # it is trained by fit(upper, lower)

    def __init__(self, generator, discriminator):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.weight = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, upper, training=None):
        return self.generator(upper)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        real, fake = (self.discriminator([lower, x]) for lower in (y, ops.stop_gradient(y_pred)))
        fooled = held_still(self.discriminator, [y_pred, x])
        discriminator_loss, generator_loss = adversarial.non_saturating(real, fake, fooled)
        error = ops.sum(ops.abs(y - y_pred), axis=(1, 2, 3))
        return ops.mean(error + self.weight * generator_loss + discriminator_loss)


# %% [markdown]
# Three starts, each trained twice from the same first weights, for as many steps, on the same 8,000 images: with the error
# alone ($w=0$, the control, whose discriminator only watches) and with the discriminator ($w=5$). The truth of each test
# input is known: its own lower half. **Predict**: which is nearer to it in pixels? Which has the right amount of ink?


# %%
def halves(images):
    black = (images > 0.5).astype("float32")
    return [black[:, :14], black[:, 14:]]


def new_networks():
    upper, lower = keras.Input(HALF), keras.Input(HALF)
    hidden = layers.Dense(128, activation="relu")(layers.Flatten()(upper))
    made = layers.Reshape(HALF)(layers.Dense(392, activation="sigmoid")(hidden))
    seen = layers.Concatenate()([layers.Flatten()(lower), layers.Flatten()(upper)])
    logit = layers.Dense(1)(layers.Dense(64, activation="leaky_relu")(seen))
    return keras.Model(upper, made), keras.Model([lower, upper], logit)


# %%
training, held_out = halves(glyphs.x_train[:8000]), halves(glyphs.x_test)
keras.utils.set_random_seed(run.seed)
paired, answered = Paired(*new_networks()), {"L1 alone": [], "L1 + discriminator": []}
paired.compile(keras.optimizers.Adam(0.001, beta_1=0.5))
paired.optimizer.build(paired.trainable_variables)
unused = [variable.numpy() for variable in paired.optimizer.variables]
for start in range(3):
    for name, weight in (("L1 alone", 0.0), ("L1 + discriminator", 5.0)):
        keras.utils.set_random_seed(3 * run.seed + start)
        for network, fresh in zip((paired.generator, paired.discriminator), new_networks(), strict=True):
            network.set_weights(fresh.get_weights())
        for variable, value in zip(paired.optimizer.variables, unused, strict=True):
            variable.assign(value)
        paired.weight.assign(weight)
        paired.fit(*training, batch_size=64, epochs=6, verbose=0)
        answered[name].append(ops.convert_to_numpy(paired.generator(held_out[0])))

# %% [markdown]
# First the pictures, of the first start:


# %%
def whole(lower_halves):
    return np.concatenate([held_out[0], lower_halves], axis=1)


shown = {"input": np.zeros_like(held_out[1])} | {name: made[0] for name, made in answered.items()}
plotting.image_rows({name: whole(made)[:14] for name, made in (shown | {"truth": held_out[1]}).items()})
plotting.show(
    alt="Four rows of fourteen letters: the upper halves that are given; completed by the network with L1 alone, with much "
    "of the lower strokes missing; with L1 and a discriminator, ink where strokes belong, grey and with dots; the true letters."
)


# %% tags=["proof"]
def measures(made):
    own, others = (
        np.abs(made - truth).sum(axis=(1, 2, 3)).mean() for truth in (held_out[1], np.roll(held_out[1], 1, 0))
    )
    features = [letter_features(whole(each)) for each in (held_out[1], made)]
    return own, others, made.mean() / held_out[1].mean(), metrics.frechet_distance(*features)


columns = ("error to its own truth", " to another's", "ink, of the true", "Fréchet distance")
print(" " * 18, *columns)
alone, both = (np.array([measures(made) for made in runs]).T for runs in answered.values())
for name, measured in zip(answered, (alone, both), strict=True):
    mean, error = measured.mean(axis=1), measured.std(axis=1, ddof=1) / np.sqrt(3)
    print(f"{name:18}", *(f"{f'{m:.2f} ± {e:.2f}':>{len(c)}}" for c, m, e in zip(columns, mean, error, strict=True)))
print(f"{'an empty half':18} {held_out[1].sum(axis=(1, 2, 3)).mean():22.2f} {'':13} {'0':>16}")
assert (np.stack([alone[0], both[0]]) < [alone[1], both[1]]).all(), "an answer must be nearer to its own truth"
assert (alone[2] < 0.67).all(), "the error alone must leave out a third of the ink"
assert (np.abs(both[2] - 1) < np.abs(alone[2] - 1)).all(), "and the discriminator must bring it back"
assert (both[3] < 0.8 * alone[3]).all(), "with letters that are more like letters, from every start"
assert (both[0] > alone[0]).all(), "while the error alone stays nearer in pixels"

# %% [markdown]
# (Errors in pixels of 392, to its own lower half and, as a control, to another letter's; ± is the standard error over three starts.) The error alone leaves a stroke out wherever most
# letters with this upper half have it elsewhere: more than a third of the ink is missing. No real letter ends in the air, so the discriminator
# finds such answers out, and the generator puts ink there, rightly or not. That *costs* pixels: a stroke in the wrong place
# is counted twice, once where it is and once where it should be; the empty half pays only once. So the columns disagree, and
# each is right: the absolute error asks for the likeliest value of each pixel, the Fréchet distance whether the letters, taken together,
# look like letters. (They are not clean yet, but grey smudges with stray dots: a small dense discriminator, and a short training.)

# %% [markdown]
# ## VAE-GAN: three losses, three networks
#
# A VAE's decoder makes images, so a discriminator can look at them. The **VAE-GAN** (Larsen et al., 2016) has three networks and
# four terms:
#
# | name here | term |
# |---|---|
# | `"reconstruction"` | $-\mathbb E_{q(z\mid x)}[\log p(x\mid z)]$ |
# | `"KL"` | $\mathrm{KL}(q(z\mid x)\,\Vert\,p(z))$ |
# | `"tell apart"` | $L_D$, the discriminator's loss on data and decoded codes |
# | `"deceive"` | $w\,L_G$, small if the discriminator takes decoded codes for real |
#
# **Exercise {exercise: LOSSES_OF_A_VAE_GAN}: put the losses on the right networks.** Which terms does each network descend? Answer with a dictionary
# of sets, `{"encoder": {…}, "decoder": {…}, "discriminator": {…}}`. (A term may occur more than once. Ask: whose output is
# it about, and is this network for it or against it?)

# %% tags=["exercise"]
# BEGIN SOLUTION
wiring = {
    "encoder": {"reconstruction", "KL"},
    "decoder": {"reconstruction", "deceive"},
    "discriminator": {"tell apart"},
}
# END SOLUTION

# %%
check(exercises.LOSSES_OF_A_VAE_GAN, wiring)

# %% [markdown]
# As a picture. Solid: what is computed. Dashed: the gradients, one colour for each loss. Follow each colour to its last box:


# %%
def gradient(colour, bend):
    return {"color": plotting.PALETTE[colour], "linestyle": "--", "connectionstyle": f"arc3,rad={bend}"}


L_D, L_G, likelihood, still = "$L_D$", "$w\\,L_G$", "$-\\log\\,p(x|z)$", "D, held still"
below = {"image x": (0, 0), "encoder": (1.3, 0), "code z": (2.5, 0), "decoder": (3.7, 0), still: (5.4, 0), L_G: (7, 0)}
above = {"real x": (3.7, 1.2), "D": (5.4, 1.2), L_D: (7, 1.2)}
computed = [*pairwise(below), *pairwise(above), ("decoder", "D"), ("encoder", "KL"), ("decoder", likelihood)]
gradients = {(L_D, "D"): (0, 0.4), (L_G, still): (5, -0.4), (still, "decoder"): (5, -0.4), ("KL", "encoder"): (3, 0.6)}
gradients |= {(likelihood, "decoder"): (2, -0.6), ("decoder", "encoder"): (2, -0.35)}
plotting.diagram(
    below | above | {"KL": (1.3, 1.2), likelihood: (3.7, -1.3)},
    [(*ends, "", {}) for ends in computed] + [(*ends, "", gradient(*style)) for ends, style in gradients.items()],
    shaded=["encoder", "decoder", "D"],
    ax=plt.subplots(figsize=(9, 3.2), layout="constrained")[1],
)
plotting.show(
    alt="Boxes and arrows of a VAE-GAN: an image goes through encoder, code and decoder into the discriminator. Dashed gradients: "
    "L_D moves the discriminator, w L_G the decoder, the likelihood decoder and encoder, and KL the encoder."
)

# %% [markdown]
# The orange gradient of $w\,L_G$ passes *through* the discriminator and ends at the decoder. (The real images are those that the
# encoder gets; decoded draws of the prior, which $D$ sees as well, are left out.)
#
# (Larsen et al. compare *features of the discriminator* in the place of pixels; the wiring is theirs, algorithm 1. We keep
# the pixels' likelihood, so that a bound remains.)
#
# The library has this wiring in one `compute_loss`, by stopping gradients. Does it do what it says? **Measure**: a gradient
# is what one plain step of size 1 changes. Three small VAE-GANs with equal weights and equal seeds differ in one number
# each. **Predict** which networks notice.

# %%
from course_lib.formulas import bernoulli_log_prob
from course_lib.models import VAE, VAEGAN

batch = datasets.load("digits").x_train[:64]
keras.utils.set_random_seed(run.seed)
encoder, decoder = networks.dense_gaussian_encoder((8, 8, 1), 2, (16,)), networks.dense_decoder(2, (8, 8, 1), (16,))
discriminator = networks.dense_discriminator((8, 8, 1), (16,))
parts = {"encoder": encoder, "decoder": decoder, "discriminator": discriminator}
start = {name: network.get_weights() for name, network in parts.items()}


def gradients(model):
    """One gradient step of size 1 from the same start: network by network, what it subtracts."""
    for name, network in parts.items():
        network.set_weights(start[name])
    model.compile(keras.optimizers.SGD(1.0), jit_compile=False, steps_per_execution=1, run_eagerly=True)
    model.fit(batch, batch_size=64, epochs=1, shuffle=False, verbose=0)
    return {
        name: np.concatenate([(a - b).ravel() for a, b in zip(start[name], network.get_weights(), strict=True)])
        for name, network in parts.items()
    }


def vae_gan(adversarial_weight=1.0, beta=1.0, seed=run.seed):
    three, objective = (encoder, decoder, discriminator), adversarial.non_saturating
    return VAEGAN(*three, bernoulli_log_prob, objective, adversarial_weight, beta=beta, seed=seed)


# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
usual = gradients(vae_gan())
for change, model in {"w = 5 for 1": vae_gan(adversarial_weight=5.0), "β = 3 for 1": vae_gan(beta=3.0)}.items():
    moved = {name: np.abs(g - usual[name]).max() for name, g in gradients(model).items()}
    print(f"{change}: the gradients change by", ", ".join(f"{name} {value:.6f}" for name, value in moved.items()))
    notices = {name for name, value in moved.items() if value > 1e-3}
    assert notices == {"decoder" if change.startswith("w") else "encoder"}, "one network alone must hear this number"

# %% [markdown]
# The weight of the game is heard by the decoder alone, β by the encoder alone, and the discriminator hears neither. Note what
# the first line says of the *encoder*: it does not learn to deceive.
#
# Now take the game's weight to 0. What is left must be the VAE. (The class inherits the VAE's terms, so the question is
# whether the game leaks into them.) **Proof**: the same start, the same noise $\varepsilon$. The game needs noise of its own
# (the discriminator also sees decoded draws of the prior); in the library each purpose has its own seed generator, so that
# these draws do not shift the others.

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
without_game = gradients(vae_gan(adversarial_weight=0.0))
as_vae = gradients(VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed))
other_noise = gradients(VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed + 1))
for name in ("encoder", "decoder"):
    apart = np.abs(without_game[name] - as_vae[name]).max()
    noise = np.abs(without_game[name] - other_noise[name]).max()
    print(f"{name}: largest gradient {np.abs(as_vae[name]).max():.3f}, VAE-GAN against VAE {apart:.1e}", end="")
    print(f" (against a VAE with another ε: {noise:.3f})")
    assert apart < 1e-6, "with adversarial weight 0 the gradients must be those of the VAE"
    assert noise > 1e-3, "and the comparison must be sharp enough to notice other noise"
assert np.abs(without_game["discriminator"]).max() > 1e-3, "the discriminator still learns: it watches"

# %% [markdown]
# ### Find the bug: the bars that are missing
#
# "All terms are losses, so I add them up and minimise the sum." For the logit $l$ of a decoded code the two terms of the
# game are $L_D=\log(1+e^{l})$ and $w\,L_G=w\log(1+e^{-l})$. In the sum, both networks hear both:


# %% tags=["proof"]
from scipy.optimize import minimize


def summed_pulls(logit, weight):
    both = sigmoid(logit) - weight * sigmoid(-logit)
    return both, both  # the slope that the discriminator descends, and the decoder's


for weight in (0.1, 1.0, 10.0):
    found = minimize(
        lambda logit, w=weight: np.logaddexp(0, logit[0]) + w * np.logaddexp(0, -logit[0]), [0.5], method="Nelder-Mead"
    )
    verdict = sigmoid(found.x[0])
    print(
        f"w = {weight:4}: on a sample that it recognises, D says {verdict:.3f}; w/(1 + w) = {weight / (1 + weight):.3f}"
    )
    assert abs(verdict - weight / (1 + weight)) < 1e-3, "the summed loss must be least at D = w/(1 + w)"

# %% [markdown]
# Its best answer to a *bad* sample is $D=\frac w{1+w}$, whatever the sample looks like: set the slope
# $\sigma(l)-w\,\sigma(-l)$ to 0. At $w=1$ a coin; at $w=10$ it calls every sample real. And at that answer the decoder's
# pull is 0, too. Their *sum* goes down, and nobody plays.
#
# **Exercise {exercise: MISSING_BARS}: find the bug.** Return the two slopes as they should be: the one that the *discriminator* descends, and
# the one that the *decoder* descends. (`sigmoid` is above.)


# %% tags=["exercise"]
def pulls(logit, weight):
    # BEGIN SOLUTION
    return sigmoid(logit), -weight * sigmoid(-logit)
    # INSTEAD
    # both = sigmoid(logit) - weight * sigmoid(-logit)
    # return both, both
    # END SOLUTION


# %%
check(exercises.MISSING_BARS, pulls)

# %% [markdown]
# ### What the game buys, and what it costs
#
# The same VAE twice, without and with the game (its weight is 5), on the three letters: the same start, as many steps.
# **Predict**: which has the better bound? Which has fewer grey pixels? (Real ones have none.)

# %%
trained = {}
for name, weight in (("VAE", 0.0), ("VAE-GAN", 5.0)):
    keras.utils.set_random_seed(run.seed)
    model = VAEGAN(
        networks.dense_gaussian_encoder(SHAPE, 8, (64,)),
        networks.dense_decoder(8, SHAPE, (64,)),
        networks.dense_discriminator(SHAPE, (64, 32)),
        bernoulli_log_prob,
        adversarial.non_saturating,
        adversarial_weight=weight,
        seed=run.seed,
    )
    model.compile(learning_rate=0.002)
    model.fit(x_train, batch_size=64, epochs=10, verbose=0)
    trained[name] = model

# %% tags=["proof"]
rows = {"real (test)": x_test[:12]}
bound, grey = {}, {}
for name, model in trained.items():
    samples, rebuilt = model.sample(600, seed=run.seed), model.reconstruct(x_test)
    rows |= {f"reconstructed, {name}": rebuilt[:12], f"generated, {name}": samples[:12]}
    bound[name], grey[name] = model.elbo(x_test).mean(), np.mean((samples > 0.1) & (samples < 0.9))
    frechet = metrics.frechet_distance(letter_features(x_test), letter_features(samples))
    print(f"{name:8} bound {bound[name]:6.1f} nats, grey pixels {grey[name]:.1%}, Fréchet distance {frechet:.1f}")
plotting.image_rows(rows)
plotting.show(
    alt="Rows of twelve letters: real test letters, then reconstructed and generated ones of the VAE and of the "
    "VAE-GAN. Those of the VAE-GAN have more contrast and less grey."
)
assert bound["VAE-GAN"] < bound["VAE"], "a game of this weight must cost nats"
assert grey["VAE-GAN"] < grey["VAE"], "and it must buy contrast"

# %% [markdown]
# The game bought *contrast*, which a discriminator of single images sees first, and it was paid for in nats. The
# samples' Fréchet distance is smaller, too, here. That is no law: in lesson {number: head_to_head}'s table
# (ten letters, larger networks, weight 1, equal time, five seeds) the VAE-GAN is the most precise and the least varied of four models, and its Fréchet distance is the
# largest. A hybrid has the virtues of both parents *or* their vices, and which ones is a matter of measurement.

# %% [markdown] tags=["deeper"]
# ## Adversarial autoencoder: a discriminator of codes
#
# In lesson {number: rate_distortion_and_beta} the mean KL of a VAE fell into two parts:
# $\;\mathbb E_x\,\mathrm{KL}(q(z\mid x)\,\|\,p(z))=I(x;z)+\mathrm{KL}(q(z)\,\|\,p(z))$, where
# $q(z)=\mathbb E_x\,q(z\mid x)$ is the **aggregated posterior**. Sampling needs only the second: that codes of data, taken
# *together*, lie as the prior does. The first part is a tax on information. So keep a plain autoencoder, drop the KL, and
# let a discriminator compare codes with draws of the prior (Makhzani et al., 2015).
#
# **Exercise {exercise: LOSSES_OF_AN_ADVERSARIAL_AUTOENCODER}.** The same game of names, for this model: `"reconstruction"`, `"KL"`, `"tell apart"`, `"deceive"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
wiring_of_codes = {
    "encoder": {"reconstruction", "deceive"},
    "decoder": {"reconstruction"},
    "discriminator": {"tell apart"},
}
# END SOLUTION

# %%
check(exercises.LOSSES_OF_AN_ADVERSARIAL_AUTOENCODER, wiring_of_codes)

# %% [markdown]
# The same picture for codes. **Before you look:** where does the gradient of $w\,L_G$ end now?

# %%
middle = {"image x": (0, 0), "encoder": (1.3, 0), "code z": (2.6, 0), "decoder": (4.2, 0), likelihood: (6, 0)}
above, below = {"draws of p(z)": (2.6, 1.2), "D": (4.2, 1.2), L_D: (6, 1.2)}, {still: (4.2, -1.2), L_G: (6, -1.2)}
computed = [*pairwise(middle), *pairwise(above), *pairwise(below), ("code z", "D"), ("code z", still)]
gradients = {(L_D, "D"): (0, 0.3), (L_G, still): (5, -0.3), (still, "encoder"): (5, -0.3)}
gradients |= {(likelihood, "decoder"): (2, -0.4), ("decoder", "encoder"): (2, -0.35)}
plotting.diagram(
    middle | above | below,
    [(*ends, "", {}) for ends in computed] + [(*ends, "", gradient(*style)) for ends, style in gradients.items()],
    shaded=["encoder", "decoder", "D"],
    ax=plt.subplots(figsize=(9, 3.2), layout="constrained")[1],
)
plotting.show(
    alt="Boxes and arrows of an adversarial autoencoder: the code of an image goes to the decoder and to the discriminator, which "
    "compares it with draws of the prior. Dashed gradients: L_D moves the discriminator, w L_G the encoder, the likelihood both coders."
)

# %% [markdown]
# At the encoder: the code is its output, and the discriminator looks at codes. The decoder hears the likelihood alone.
#
# Two runs on 8×8 digits with four-dimensional codes, with the game and without (weight 0 *is* a plain autoencoder). Then
# the question that decides whether one may sample: can a classifier tell codes from draws of the prior, on a half that it
# has not seen (lesson {number: judging_generative_models})? We ask for the codes of the training digits, which the encoder was trained to hide, and for
# those of test digits, which it was not. **Predict** the accuracies.

# %%
from course_lib.models import AdversarialAutoencoder

digits = datasets.load("digits")
coders = {}
for name, weight in (("plain autoencoder", 0.0), ("adversarial autoencoder", 5.0)):
    keras.utils.set_random_seed(run.seed)
    coder = AdversarialAutoencoder(
        networks.dense_encoder((8, 8, 1), 4, (64,)),
        networks.dense_decoder(4, (8, 8, 1), (64,)),
        networks.dense_discriminator((4,), (64, 32)),
        bernoulli_log_prob,
        adversarial.non_saturating,
        adversarial_weight=weight,
        seed=run.seed,
    )
    coder.compile(learning_rate=0.002)
    coder.fit(digits.x_train, batch_size=64, epochs=60, verbose=0)
    coders[name] = coder

# %% tags=["proof"]
from sklearn.neighbors import KNeighborsClassifier

codes = {name: coder.encode(digits.x_train) for name, coder in coders.items()}
prior = np.random.default_rng(run.seed + 1).normal(size=codes["plain autoencoder"].shape)
told = {}
print("codes told from the prior, share of right answers:")
for name, coder in coders.items():
    for part, images in (("training", digits.x_train), ("test", digits.x_test)):
        z = coder.encode(images)
        told[name, part] = found = metrics.classifier_two_sample_test(prior[: len(z)], z)
        neighbours = metrics.classifier_two_sample_test(prior[: len(z)], z, KNeighborsClassifier(15))
        print(f"{name:24} {part:8} {found.accuracy:.3f}", end=" ")
        print(f"(a coin: 0.5 ± {found.null_deviation:.3f}); by 15 nearest neighbours: {neighbours.accuracy:.3f}")
    close = 3 * told[name, "test"].null_deviation
    if name == "plain autoencoder":
        assert min(told[name, part].accuracy for part in ("training", "test")) >= 0.9, "plain codes must be told apart"
    else:
        assert told[name, "training"].accuracy <= 0.6, (
            "codes of the game must pass for the prior, with a fresh classifier"
        )
        assert told[name, "test"].accuracy <= 0.6 + close, "and so must codes of images that were not in the game"

# %% [markdown]
# The codes themselves, two coordinates of four, beside draws of the prior; and what the game cost in reconstruction:

# %%
figure, axes = plt.subplots(1, 3, figsize=(9, 3.1), layout="constrained", sharex=True, sharey=True)
for ax, (name, z) in zip(axes, {"prior": prior, **codes}.items(), strict=True):
    ax.scatter(*z[:, :2].T, s=3, color="0.4" if name == "prior" else plotting.PALETTE[0])
    ax.set(xlabel="$z_1$", ylabel="$z_2$", title=name)
    ax.title.set_fontsize(10)
plotting.show(
    alt="Three clouds of codes in two coordinates: draws of the prior, the codes of the plain autoencoder, which lie "
    "far out, and those of the adversarial one, which lie where the prior is."
)
errors = {
    name: np.square(coder.reconstruct(digits.x_test) - digits.x_test).sum(axis=(1, 2, 3))
    for name, coder in coders.items()
}
print("squared error of test digits:", ", ".join(f"{name} {error.mean():.2f}" for name, error in errors.items()))

# %% [markdown]
# The plain codes lie where they like, far out; the game has brought them to the prior, and the reconstruction has hardly
# suffered. But read the last column of the test honestly: nearest neighbours still find something, perhaps
# since 64 numbers squeezed into four dimensions leave gaps between the digits. A low accuracy says that *this* classifier found nothing. Now decode draws
# of the prior with either:

# %%
plotting.image_rows(
    {
        "real (test)": digits.x_test[:12],
        "reconstructed, adversarial": coders["adversarial autoencoder"].reconstruct(digits.x_test[:12]),
        "generated, plain": coders["plain autoencoder"].sample(12, seed=3),
        "generated, adversarial": coders["adversarial autoencoder"].sample(12, seed=3),
    }
)
plotting.show(
    alt="Four rows of twelve images: real test digits, reconstructions by the adversarial autoencoder, samples of "
    "the plain autoencoder, much the same pale ring, and samples of the adversarial one, which look more like "
    "digits."
)

# %% [markdown]
# The plain decoder was never trained where the prior is; it makes much the same pale shape of whatever it gets. The other one
# knows the place. What was lost on the way? There is no bound any more: like a GAN, this model has no nats to report.

# %% [markdown]
# ## So, can they be combined?
#
# | | VAE | GAN | VAE-GAN | adversarial autoencoder |
# |---|---|---|---|---|
# | code of an image | yes | no | yes | yes |
# | bound in nats | yes | no | yes (at weight 5 a lower one) | no |
# | the game is about | – | images | images | codes |
# | the prior is kept by | KL of each code | construction | KL of each code | the game |
# | can fail by | blur | lost modes, oscillation | either | gaps between codes |
#
# Other combinations: a discriminator of *pairs* (image, code) that trains encoder and generator at once (BiGAN: Donahue et al., 2017;
# ALI: Dumoulin et al., 2017). And the newer families (flows, diffusion) need no discriminator at all.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> Samples of a conditional GAN are classified as asked 100 % of the time; real data are 91 %. A success?</summary>
#
# A warning. Either the classes have lost their variety, or a classifier in the loss has pushed them away from each other.
# Compare the within-class variance with the real one.
# </details>
#
# <details><summary><b>2.</b> "A generator's loss is the L1 or L2 distance of its samples from real images." What is wrong?</summary>
#
# From *which* images? Noise has no target: the best answer to random pairs is one point, the mean or the median of all
# data. With targets that belong to the inputs (pix2pix) it is a sensible *extra* term, a regression to the conditional
# median or mean; the adversarial loss is the other one.
# </details>
#
# <details><summary><b>3.</b> A VAE-GAN with adversarial weight 0: is its discriminator useless?</summary>
#
# It trains and watches, and reaches nobody. Encoder and decoder are those of the VAE, to the last digit, if its noise comes
# from a stream of its own.
# </details>
#
# <details><summary><b>4.</b> The discriminator of an adversarial autoencoder has loss 1.386 = log 4. Are the codes distributed as the prior?</summary>
#
# Perhaps; or the discriminator is weak. The loss of the discriminator that was *trained against* is no evidence: take a fresh
# classifier and held-out codes. And even then: it found no difference, which is not the same as none.
# </details>
#
# <details><summary><b>5.</b> Why do the samples of a training step get the labels of the data, and not uniform ones?</summary>
#
# Otherwise $D$ learns $\log p(y)-\log q(y)$, the shares, besides what matters. (At *sampling* time ask for what you like.)
# </details>
#
# ## In this lesson you have
#
# * **derived** that a labelled game compares $p(x\mid y)$ with $q(x\mid y)$, class by class, and **found the bug** of a
#   label that was not the one asked for;
# * **measured** with a classifier that samples are what was asked for, and how far their variety is from the real one's; seen an
#   auxiliary classifier reward classes that are too narrow;
# * deeper: **explained** L1 to a paired target as a conditional median, and **trained** a network that completes letters, with and
#   without a discriminator of pairs: one is nearer in pixels, the other draws letters more like letters;
# * **put three losses on the right networks**, **measured** who hears which, and **proved** that weight 0 is the VAE;
# * deeper: **tested** codes against the prior: a plain autoencoder's are told apart, an adversarial one's are not, by that classifier.
#
# Can they be combined, and told what to make? Yes, if every loss reaches its own network and no other, and if both networks are
# told the same label. What the combination buys and what it costs must be measured.
#
# **Go further.** On a GPU: all ten letters, wider hidden layers and 200 epochs; plot accuracy and within-class variance against
# the epoch. Or give the adversarial autoencoder another prior, ten modes with one for each
# digit: whose loss changes, and what must the discriminator be told?
#
# **References.** Mirza & Osindero (2014), *Conditional generative adversarial nets*, arXiv:1411.1784. · Makhzani et al.
# (2015), *Adversarial autoencoders*, arXiv:1511.05644. · Larsen et al. (2016), *Autoencoding beyond pixels using a learned
# similarity metric*, arXiv:1512.09300, algorithm 1. · Odena, Olah & Shlens (2017), *Conditional image synthesis with
# auxiliary classifier GANs*, arXiv:1610.09585. · Isola et al. (2017), *Image-to-image translation with conditional
# adversarial networks*, arXiv:1611.07004, section 3. · Donahue, Krähenbühl & Darrell (2017), *Adversarial feature
# learning*, arXiv:1605.09782. · Dumoulin et al. (2017), *Adversarially learned inference*, arXiv:1606.00704. · Lopez-Paz &
# Oquab (2017), *Revisiting classifier two-sample tests*, arXiv:1610.06545. · Gong et al. (2019), *Twin auxiliary
# classifiers GAN*, arXiv:1907.02690.

# %% [markdown] tags=["slide"]
# # Conditional GANs and hybrids: every loss needs its own network
#
# A VAE has an encoder and a bound, and blurs. A GAN has a discriminator and looks sharp, and cannot say what code an image has.
#
# **Can the two families be combined? And can either be told *what* to make?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: the VAE, GAN theory, one trained GAN. The subtitle is the lesson: for each loss, ask whom its slope reaches.

# %% [markdown] tags=["slide"]
# ## One discriminator, four places to put it
#
# | model | the discriminator compares | with |
# |---|---|---|
# | conditional GAN | (image, its label) | (sample, label asked for) |
# | pix2pix | (input, its target) | (input, the answer) |
# | VAE-GAN | images | what the decoder makes |
# | adversarial autoencoder | draws of the prior | codes of the data |
#
# *What does it see, and whom does its slope reach?*

# %% [markdown] tags=["notes"]
# 2 min. The best answer is the logit log p − log q in all four. Keep the table on the board; each line comes back.

# %% [markdown] tags=["slide"]
# ## Told the label
#
# The discriminator sees pairs. Its best logit:
#
# $$\ell^*(x,y)=\log\frac{p(y)\,p(x\mid y)}{p(y)\,q(x\mid y)}=\log\frac{p(x\mid y)}{q(x\mid y)}$$
#
# . . .
#
# One game for each label:
#
# $$V(D^*)=-\log4+2\sum_yp(y)\,\mathrm{JSD}\big(p(\cdot\mid y),q(\cdot\mid y)\big)$$

# %% [markdown] tags=["notes"]
# 2 min. The shares cancel because samples get the labels of the data. At the floor only if each class is right.

# %% [markdown] tags=["slide"]
# ## Predict: all labels are exchanged
#
# What does a discriminator say that is told the label? And one that is not?
#
# . . .
#
# Value told the label, by the formula, and not told; the floor is $-\log4=-1.3863$:
#
# {output: one-discriminator-four-places-to-put-it-4 2-5}

# %% [markdown] tags=["notes"]
# 3 min. Without the label it stays at its floor, −log 4: all samples together are right, and that is all it sees. The first two columns must agree.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: LABELLED_LOGIT} · {minutes} minutes
#
# The data are imbalanced; the samples get labels drawn in *other* shares.
#
# **What is the best logit for a pair?**
#
# Given: $\log p(x\mid y)$, $\log q(x\mid y)$, the share of $y$ in the data, its share among the samples.

# %% [markdown] tags=["notes"]
# 3 min. Add log data share − log sample share. Usual wrong answers: the sign exchanged; "the shares always cancel". Where a label is rare among samples, hardly any slope is left.

# %% [markdown] tags=["slide"]
# ## Letters on request
#
# {figure: letters-on-request-3}
#
# Most can be read. **Are they what was asked for, and as varied as the data?**

# %% [markdown] tags=["notes"]
# 1 min. A small dense conditional GAN with R1. Ask for a measure before the next slide.

# %% [markdown] tags=["slide"]
# ## Predict: who gets the best score?
#
# A classifier names letters. A rival knows **one** training image a letter and repeats it.
#
# . . .
#
# {output: letters-on-request-5}

# %% [markdown] tags=["notes"]
# 2 min. The rival wins. Accuracy asks whether a sample could be an A, not whether samples are like the As. The last number is the control.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: WITHIN_CLASS_VARIANCE} · {minutes} minutes
#
# The missing half: variety *within* a class.
#
# $$\frac1n\sum_i\big\|f_i-\bar f_{y_i}\big\|^2$$
#
# Write it for `features` $(n,d)$ and `labels` $(n,)$. The classes are *not* equally frequent.
#
# **What is it for the rival?**

# %% [markdown] tags=["notes"]
# 4 min. Zero for the rival. Usual wrong answers: the mean of class variances without their shares; the distance from the mean of all.

# %% [markdown] tags=["slide"]
# ## The rival is found out
#
# The real test images have 1.00 by definition, the rival 0.00, everywhere. And the GAN?
#
# . . .
#
# {output: letters-on-request-8 1} {output: letters-on-request-8 3}
#
# A grey pixel is nearer to every mean, so contrast counts, too.
#
# **Two numbers, each with its partner, and the pictures.**

# %% [markdown] tags=["notes"]
# 2 min. On features not far from 1, and it moves by a fifth from seed to seed. On pixels less. Fragments add variance of their own and hide some.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: FAKE_PAIRS} · {minutes} minutes
#
# Loss curves as ever, samples like letters, and the label has no effect. **Find the bug.**
#
#     def colleagues_pairs(generate, noise, labels, rng):
#         asked_for = rng.permutation(labels)
#         return generate(noise, asked_for), labels

# %% [markdown] tags=["notes"]
# 3 min. The shown label must be the one asked for. Usual wrong answer: "do not permute". Permuting is fine if the discriminator is shown the same array.

# %% [markdown] tags=["slide"]
# ## A discriminator that names the class
#
# Do not tell the label to the discriminator, let it *name* it:
#
# $$L_G+w\,\big[-\log C(y\mid G(z,y))\big]$$
#
# . . .
#
# *Honest*: draws from the class. *Sorted*: draws from $p(x)$ and hands out $x<0$ for label 0, $x>0$ for label 1.
#
# **Predict: which has the lower loss?**

# %% [markdown] tags=["notes"]
# 2 min. Two overlapping classes at −1 and 1; both generators have the same law in total, so D has nothing to say.

# %% [markdown] tags=["slide"]
# ## Sorting is rewarded
#
# {figure: a-discriminator-that-names-the-class-3}
#
# {output: a-discriminator-that-names-the-class-2}

# %% [markdown] tags=["notes"]
# 2 min. The sorted one is named rightly every time, real examples only 84 % of the time. Classes that overlap lose their edges.

# %% [markdown] tags=["slide"]
# ## Quiz: 100 % of the samples are named as asked, real data 91 %. A success?
#
# . . .
#
# A warning. Either the classes have lost their variety, or a classifier in the loss has pushed them apart.
#
# . . .
#
# Compare the **within-class variance** with the real one.

# %% [markdown] tags=["notes"]
# 1 min. "Classified better than real data" is a symptom.

# %% [markdown] tags=["slide"]
# ## Pairs: "add an L1 loss". To which target?
#
# With a target that belongs to the input, it is a regression:
#
# $$\frac{d}{dc}\,\mathbb E\,|y-c|=P(y<c)-P(y>c)$$
#
# . . .
#
# Squared error: the conditional **mean**. Absolute error: the conditional **median**.
#
# {figure: pairs-an-error-to-a-target-and-a-discriminator-5}

# %% [markdown] tags=["notes"]
# 3 min. Ask what becomes of a stroke that lies elsewhere in each image: grey, or gone. A deeper section; the exercise on it is for home.

# %% [markdown] tags=["slide"]
# ## Predict: half a letter, with a discriminator and without
#
# Which is nearer to its own truth in pixels? Which has the right ink?
#
# . . .
#
# {figure: half-a-letter-and-the-whole-10}

# %% [markdown] tags=["notes"]
# 3 min. The error alone stays nearer in pixels, and leaves out more than a third of the ink. The discriminator brings it back; a misplaced stroke counts twice. Both columns are right; the numbers are in the notebook.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: LOSSES_OF_A_VAE_GAN} · {minutes} minutes
#
# A **VAE-GAN** has an encoder, a decoder and a discriminator. Who descends which?
#
# - reconstruction: $-\mathbb E_q[\log p(x\mid z)]$
# - KL: $\mathrm{KL}(q(z\mid x)\,\|\,p(z))$
# - tell apart: $L_D$
# - deceive: $w\,L_G$

# %% [markdown] tags=["notes"]
# 3 min. Encoder: reconstruction, KL. Decoder: reconstruction, deceive. Discriminator: tell apart. Usual wrong answer: the encoder learns to deceive.

# %% [markdown] tags=["slide"]
# ## Who hears which number?
#
# Three VAE-GANs, equal weights and seeds; one number changed. Whose gradient changes?
#
# . . .
#
# | | encoder | decoder | discriminator |
# |---|---|---|---|
# | $w=5$ for 1 | no | **yes** | no |
# | $\beta=3$ for 1 | **yes** | no | no |
#
# . . .
#
# And at $w=0$? Encoder and decoder have the gradients of the **VAE**, if the noise is the same.

# %% [markdown] tags=["notes"]
# 2 min. Measured, in the notebook: a step of size 1 of plain gradient descent. At w = 0 nothing differs by more than rounding. The discriminator watches and reaches nobody.

# %% [markdown] tags=["slide"]
# ## "All terms are losses, so I add them up"
#
# For the logit $l$ of a decoded code both networks then hear
#
# $$\log(1+e^{l})+w\log(1+e^{-l}).$$
#
# . . .
#
# {output: find-the-bug-the-bars-that-are-missing-2}
#
# At that answer the decoder's pull is 0, too. **Nobody plays.**

# %% [markdown] tags=["notes"]
# 2 min. Set the slope σ(l) − wσ(−l) to 0. At w = 10 it calls every sample real. Exercise {exercise: MISSING_BARS} repairs it, at home.

# %% [markdown] tags=["slide"]
# ## Predict: what the game buys, and what it costs
#
# The same VAE with the game and without. Better bound? Fewer grey pixels?
#
# . . .
#
# {figure: what-the-game-buys-and-what-it-costs-3}
#
# {output: what-the-game-buys-and-what-it-costs-3}

# %% [markdown] tags=["notes"]
# 3 min. Contrast, paid in nats. The Fréchet distance is smaller here, and that is no law: in the table of {lesson: head_to_head} the VAE-GAN has the largest of four models.

# %% [markdown] tags=["slide"]
# ## Can they be combined?
#
# | | VAE | GAN | VAE-GAN | adv. autoencoder |
# |---|---|---|---|---|
# | code of an image | yes | no | yes | yes |
# | bound in nats | yes | no | yes | no |
# | the game is about | – | images | images | codes |
# | can fail by | blur | lost modes | either | gaps between codes |

# %% [markdown] tags=["notes"]
# 1 min. A hybrid has the virtues of both parents or their vices; measure which. The adversarial autoencoder is a deeper section.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Every loss needs its own network. For each discriminator ask:
#
# *What does it see, and whom does its slope reach?*
#
# A score needs a partner: named as asked, **and** as varied as the data.
#
# *At home:* exercises {exercise: BEST_CONSTANT}, {exercise: PAIRED_LOSS} and {exercise: LOSSES_OF_AN_ADVERSARIAL_AUTOENCODER}.

# %% [markdown] tags=["notes"]
# 1 min. Next: how to judge generative models at all.
