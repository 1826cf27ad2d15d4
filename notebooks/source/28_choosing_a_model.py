# ---
# jupyter:
#   course:
#     part: "Part IV · In practice"
#     question: "Which model should I take, and how sure am I?"
# ---

# %% [markdown]
# # Choosing a model: equal budgets, error bars, and one look at the test set
#
# **The question.** You have ten settings, three kinds of network and one week. Which model should you take, and how sure are you
# that it is the best? The training loss nearly always prefers the largest one. The validation score flatters, on average, the one
# that you pick. So what *can* be trusted?
#
# In this lesson you will
#
# * **derive** by how much a training score flatters, and **find** a planted number of latents with held-out data;
# * **write** a paired comparison, and **say** which error belongs to which claim;
# * **prove** by how much the best of $m$ equal models looks better than it is, and **report** a choice without that luck;
# * **count** multiply-adds, and **compare** dense, convolutional and recurrent networks at equal budgets;
# * **run** a random search that can be stopped and resumed, and **derive** how many trials it needs.
#
# *To know before:* the VAE ({lesson: the_variational_autoencoder}), probabilistic PCA
# ({lesson: probabilistic_pca_and_monte_carlo}), the test for two groups of trainings ({lesson: head_to_head}). *Time:* {times};
# about 50 seconds to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## The score on the training set flatters
#
# Take the smallest model that learns anything: data $x\sim\mathcal N(\mu,I_d)$, and the mean $\bar x$ of $n$ examples is all that is
# fitted. The loss of one example is $\tfrac12\|x-\bar x\|^2$ nats (and a constant). How much better is it on the training set than
# on new data?
#
# 1. New $x$: the deviations of $x$ and of $\bar x$ are independent, so
#    $\mathbb E\,\tfrac12\|x-\bar x\|^2=\tfrac12\big(d+\tfrac dn\big)$.
# 2. Training $x$: $\bar x$ has moved *towards* it. The sum of squares around the sample's own mean has $n-1$ degrees of freedom for
#    each coordinate: $\tfrac12\big(d-\tfrac dn\big)$.
# 3. The difference is $\;\mathbb E[\text{held out}-\text{training}]=d/n$: **the number of fitted parameters, divided by the number
#    of examples**, in nats per example.
#
# For other models fitted by maximum likelihood this is true for large $n$, if the model can hold the truth; Akaike's criterion (1974) repays
# it: loss + (parameters)/$n$. Here it is exact. **Proof**, with $d=20$ and $n=100$:

# %% tags=["proof"]
import matplotlib.pyplot as plt
import numpy as np
from scipy import integrate, stats

from course_lib import plotting

rng, d, n = np.random.default_rng(run.seed), 20, 100
training, held_out = rng.normal(size=(2, 4000, n, d))  # 4,000 data sets
fitted = training.mean(axis=1, keepdims=True)
losses = [0.5 * ((x - fitted) ** 2).sum(axis=-1).mean(axis=1) for x in (training, held_out)]
optimism = losses[1] - losses[0]
error = optimism.std(ddof=1) / len(optimism) ** 0.5
print(f"held out − training: {optimism.mean():.4f} ± {error:.4f} nats, derived {d / n:.4f}")
assert abs(optimism.mean() - d / n) < 4.5 * error, "a training loss must flatter by d/n"

# %% [markdown]
# **Exercise {exercise: PREDICT_OPTIMISM}: predict.** The same model with $d=50$ numbers and $n=200$ examples has a training loss of 24.9 nats per example. Which
# loss do you expect on new data?

# %% tags=["exercise"]
# BEGIN SOLUTION
expected_loss = 24.9 + 50 / 200
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import choosing_a_model as exercises

check(exercises.PREDICT_OPTIMISM, expected_loss)

# %% [markdown]
# ## Is a larger model better? Ask data that it has not seen
#
# "For a better result take a more complex model" and "against over-fitting take a simpler one" are both good advice, and
# contradict each other. The complexity must *fit the data*, and held-out data say when it does. We plant the answer: 300 points in 20
# dimensions, made by probabilistic PCA with **four** latents. The likelihood is exact, so nothing but the choice can go wrong.
#
# **Predict:** what does the curve of the training likelihood do beyond four latents? And that of held-out data?

# %% tags=["proof"]
from course_lib.exact import ProbabilisticPCA

sizes = np.arange(1, 11)


def planted(seed, num_new):
    draws = np.random.default_rng([run.seed, seed])
    directions = np.linalg.qr(draws.normal(size=(20, 4)))[0]
    truth = ProbabilisticPCA(directions * [2.0, 1.6, 1.3, 1.0], np.zeros(20), 0.25)
    return truth.sample(300, seed=1000 * run.seed + seed), truth.sample(num_new, seed=1000 * run.seed + 500 + seed)


x, new = planted(0, 5000)
fits = [ProbabilisticPCA.fit(x, q) for q in sizes]
on_training = np.array([fit.log_prob(x).mean() for fit in fits])
on_new = np.array([fit.log_prob(new) for fit in fits])  # (model, example)
for q in (4, 5):
    step = on_new[q - 1] - on_new[q - 2]
    error, apart = step.std(ddof=1) / len(step) ** 0.5, np.hypot(*stats.sem(on_new[q - 2 : q], axis=1))
    print(f"{q - 1} → {q} latents: {step.mean():+.3f} ± {error:.3f} nats (± {apart:.3f} if the errors are not paired)")
assert (np.diff(on_training) > 0).all(), "the training likelihood must rise with every latent"
assert on_new.mean(axis=1).argmax() == 3, "held-out data must find the four planted latents"
assert 4 * error < abs(step.mean()) < apart, "only paired errors can see that five are too many"

# %%
ax = plotting.curves(
    {"training (300)": on_training, "held out (5,000)": on_new.mean(axis=1)},
    x=sizes,
    xlabel="latents",
    ylabel="log p(x), nats per example",
)
ax.axvline(4, color="grey", linestyle=":")
ax.set(xticks=sizes)
plotting.show(
    alt="Log-likelihood against the number of latents. Both curves rise steeply up to four latents; beyond, the one "
    "of the training data goes on rising slowly, the one of held-out data falls slowly."
)

# %% [markdown]
# The training curve rises for ever. The held-out one turns at four, but only just: its step from four to five is a few hundredths of
# a nat, and each of the two numbers alone is known no better than that. The *paired* error, that of the differences example by example, is more
# than ten times smaller. Below we prove why.

# %% [markdown] tags=["deeper"]
# ### Fifty data sets
#
# Once is an anecdote. Fifty data sets, with 1,000 new points each held out (5,000 above), and beside them a criterion that needs none: **BIC** (Schwarz, 1978) takes
# $\tfrac12\log n$ nats for each parameter from the training log-likelihood. (For PCA with $q$ latents in $d$ dimensions: $dq-\tfrac12q(q-1)$ for
# the directions, one for the noise, $d$ for the mean.)

# %% tags=["proof"]
chosen = {"held out": [], "BIC": [], "training": []}
for seed in range(1, 51):
    x, new = planted(seed, 1000)
    fits = [ProbabilisticPCA.fit(x, q) for q in sizes]
    fit_sums = np.array([fit.log_prob(x).sum() for fit in fits])
    parameters = 20 * sizes - sizes * (sizes - 1) / 2 + 1 + 20
    chosen["held out"].append(sizes[np.argmax([fit.log_prob(new).mean() for fit in fits])])
    chosen["BIC"].append(sizes[np.argmax(fit_sums - 0.5 * parameters * np.log(len(x)))])
    chosen["training"].append(sizes[np.argmax(fit_sums)])
for name, each in chosen.items():
    print(f"{name:8} chooses four latents in {np.sum(np.array(each) == 4)} of 50 data sets")
assert all(np.sum(np.array(chosen[name]) == 4) >= 45 for name in ("held out", "BIC")), "both must find the planted four"
assert set(chosen["training"]) == {10}, "the training likelihood must choose the largest model"

# %% [markdown]
# Held-out data and BIC find the planted four nearly always, the training likelihood never: it takes the largest model on offer. BIC needs no
# held-out data, but the number of parameters and a large $n$.

# %% [markdown]
# ## The same examples: paired errors
#
# Two models are scored on the *same* $n$ examples. Hard examples are hard for both, so the scores $a_i$ and $b_i$ are correlated, with a
# coefficient $\rho$ that is often above 0.9. If both have the variance $\sigma^2$,
#
# $$\operatorname{Var}(a_i-b_i)=2\sigma^2(1-\rho),\qquad \text{error of the mean difference}=\sigma\sqrt{2(1-\rho)/n}.$$
#
# With $\rho=0.99$ that is ten times less than without pairing; to get it by more data one would need a hundred times as many. **Proof**, by drawing 4,000
# test sets of 50 examples:

# %% tags=["proof"]
rng = np.random.default_rng(run.seed + 1)
for rho in (0.0, 0.5, 0.9, 0.99):
    shared, own = rng.normal(size=(4000, 50)), rng.normal(size=(2, 4000, 50))
    a, b = np.sqrt(rho) * shared + np.sqrt(1 - rho) * own
    measured, derived = (a - b).mean(axis=1).std(), np.sqrt(2 * (1 - rho) / 50)
    print(f"ρ = {rho:4.2f}: the mean difference scatters by {measured:.4f}, derived {derived:.4f}")
    assert abs(measured / derived - 1) < 0.06, "the scatter must be that of the pairs"

# %% [markdown]
# **Exercise {exercise: PAIRED_DIFFERENCE}: write it.** `a` and `b`, each `(n,)`, are the scores of two models on the same examples. Return
# `(difference, error)`: how much better $a$ is on average, and the standard error of that.


# %% tags=["exercise"]
def paired_difference(a, b):
    # BEGIN SOLUTION
    return (a - b).mean(), (a - b).std(ddof=1) / np.sqrt(len(a))
    # END SOLUTION


# %%
check(exercises.PAIRED_DIFFERENCE, paired_difference)

# %% [markdown]
# **Exercise {exercise: WHICH_ERROR}: choose.** Which error belongs to each claim: `"examples"` (paired, over test examples), `"seeds"` (over trainings), or
# `"none"` (no error bar repairs it)? The keys are the letters.
#
# * (a) *These two files of weights: the first is better on letters like these.*
# * (b) *Convolutions are better than dense layers here, for this budget.*
# * (c) *The best of 40 trials on the validation set is better than the old model, by its validation score.*
# * (d) *A learning rate of 0.003 is better than one of 0.001.*
# * (e) *The network in our product, which is trained already, is better than the one of last year.*

# %% tags=["exercise"]
# BEGIN SOLUTION
errors = {"a": "examples", "b": "seeds", "c": "none", "d": "seeds", "e": "examples"}
# END SOLUTION

# %%
check(exercises.WHICH_ERROR, errors)

# %% [markdown]
# The error of pairs speaks of two *trained* networks and of more examples. Another seed would have given other networks: for
# "this kind of network is better than that one" seeds are counted ({lesson: head_to_head}). And neither knows that a score has *chosen*:
#
# ## The winner's curse
#
# Let $m$ models be *equally good*. Each validation score is the truth and an error $\sigma\varepsilon_j$. We take the best score: its
# error is the *largest* of $m$, and on average
#
# $$\mathbb E\max_j\varepsilon_j=\int t\;m\,\varphi(t)\,\Phi(t)^{m-1}\,dt,$$
#
# since the largest lies below $t$ with probability $\Phi(t)^m$. If the models share examples, the common part of their errors moves all
# scores alike and chooses nothing: $\sigma\sqrt{1-\rho}$ stands for $\sigma$. On a **test set that chose nothing** the same model has an average error
# of zero. **Predict** the bias for $m=50$, in standard errors. **Proof**:


# %% tags=["proof"]
def expected_maximum(m):
    t = np.linspace(-9, 9, 2001)
    return integrate.trapezoid(t * m * stats.norm.pdf(t) * stats.norm.cdf(t) ** (m - 1), x=t)


rng, rounds, drawn_points = np.random.default_rng(run.seed + 2), 20_000, []
for m in (5, 10, 50):
    for rho in (0.0, 0.8):
        common = np.sqrt(rho) * rng.normal(size=(2, rounds, 1))  # of the validation set and of the test set
        validation, test = common + np.sqrt(1 - rho) * rng.normal(size=(2, rounds, m))
        best = validation.argmax(axis=1)[:, None]
        seen, reported = (np.take_along_axis(scores, best, axis=1) for scores in (validation, test))
        derived = np.sqrt(1 - rho) * expected_maximum(m)
        error = reported.std() / rounds**0.5
        print(f"best of {m:2}, ρ = {rho}: validation {seen.mean():+.3f} (derived {derived:.3f})", end=", ")
        print(f"test {reported.mean():+.3f} ± {error:.3f}")
        assert abs(seen.mean() - derived) < 5 * seen.std() / rounds**0.5, "the winner must look better by E[max]"
        assert abs(reported.mean()) < 5 * error, "a test set that chose nothing must not flatter"
        drawn_points += [] if rho else [(m, seen.mean(), reported.mean())]

# %%
curve = {"validation score of the winner, derived": [expected_maximum(m) for m in range(1, 201)]}
ax = plotting.curves(curve, "number of equal models", "bias, in standard errors")
number, of_validation, of_test = np.transpose(drawn_points)
ax.plot(number, of_validation, "o", color=plotting.PALETTE[0], label="the same, drawn above (ρ = 0)")
ax.plot(number, of_test, "s", color=plotting.PALETTE[1], label="its test score, drawn above")
ax.axhline(0, color="grey", linestyle=":")
ax.set(xscale="log", ylim=(-0.2, 3.9))
ax.legend(frameon=False, loc="upper left")
plotting.show(
    alt="Bias of the winner's score against the number of equal models, logarithmic. The validation score rises from 0 "
    "through 1.2 at five models to 2.7 at two hundred, and three drawn points lie on that curve. The three drawn test "
    "scores lie on the dotted line at zero."
)

# %% [markdown]
# The curse is small where the models differ by many errors, and large where they do not: exactly where you would like to know. So: **choose on
# validation data, report on test data, once.** Whoever looks twice and keeps the better one has made the test set a validation set.
#
# **Exercise {exercise: CHOOSE_AND_REPORT}: find the bug.** The function gets scores of $m$ models, each `(models, examples)`, larger is better, and returns
# `(number of the chosen model, score to report)`; a model's score is its mean over examples. It runs, and its reports are splendid. Repair it.


# %% tags=["exercise"]
def choose_and_report(validation, test):
    # BEGIN SOLUTION
    best = validation.mean(axis=1).argmax()
    return best, test[best].mean()
    # INSTEAD
    # best = test.mean(axis=1).argmax()
    # return best, test[best].mean()
    # END SOLUTION


# %%
check(exercises.CHOOSE_AND_REPORT, choose_and_report)

# %% [markdown]
# ## What is an equal budget?
#
# Equal *parameters*, equal *updates*, equal *computation*, equal *seconds*? They are different things, because a layer may use a weight
# many times. **Multiply-adds = numbers in the kernel × places where it is used.**
#
# | layer | parameters | places |
# |---|---|---|
# | dense, $n\to u$ | $(n+1)\,u$ | 1 |
# | convolution, kernel $k\times k$, $c\to f$ channels | $(k^2c+1)\,f$ | pixels of the *output* |
# | transposed convolution | $(k^2c+1)\,f$ | pixels of the *input* |
# | GRU, $n\to u$ | $3\,(n+u+2)\,u$ | steps in time |

# %%
import math

import keras
from keras import layers


def multiply_adds(network):
    """Multiply-adds of one forward pass of one example; padding counts, biases and activations do not."""
    total = 0
    for layer in network.layers:
        by_input = isinstance(layer, (layers.Conv2DTranspose, layers.GRU))
        places = (layer.input if by_input else layer.output).shape[1:-1] if layer.weights else ()
        kernels = [weight.shape for weight in layer.weights if "bias" not in weight.name]
        total += sum(map(math.prod, kernels)) * math.prod(places)
    return total


# %% [markdown]
# **Proof**, by a network that counts for itself: set its inputs and kernels to 1 and its biases to 0. Then each product is a 1, and the sum of
# the outputs is the *number* of products. And the parameters of the table against Keras.


# %% tags=["proof"]
def counted(layer, shape):
    network = keras.Sequential([keras.Input(shape), layer])
    formula, parameters = multiply_adds(network), network.count_params()
    network.set_weights([np.full(w.shape, "bias" not in w.name, "float32") for w in network.weights])
    return formula, int(keras.ops.sum(network(np.ones((1, *shape), "float32")))), parameters


keras.utils.set_random_seed(run.seed)
cases = {
    "dense 30 → 7": (layers.Dense(7), (30,), 31 * 7),
    "dense at 9 places": (layers.Dense(7), (9, 30), 31 * 7),
    "convolution": (layers.Conv2D(5, 3, strides=2), (15, 11, 4), (9 * 4 + 1) * 5),
    "transposed": (layers.Conv2DTranspose(5, 3, strides=2), (6, 7, 4), (9 * 4 + 1) * 5),
}
for name, (layer, shape, parameters) in cases.items():
    formula, products, found = counted(layer, shape)
    print(f"{name:18} {formula:6,} multiply-adds, counted {products:6,}; parameters {parameters}, Keras {found}")
    assert (formula, parameters) == (products, found), "the formulas must count what the layer does"
assert keras.Sequential([keras.Input((9, 30)), layers.GRU(7)]).count_params() == 3 * (30 + 7 + 2) * 7, "and the GRU's"

# %% [markdown] tags=["deeper"]
# ### By hand
#
# **Exercise {exercise: MULTIPLY_ADDS}: count.** A convolution *without* padding: an image `height × width` with `channels`, a square kernel, `filters` outputs.
# Return the multiply-adds of one image.


# %% tags=["exercise"]
def my_multiply_adds(height, width, channels, filters, kernel, stride):
    # BEGIN SOLUTION
    rows, columns = (height - kernel) // stride + 1, (width - kernel) // stride + 1
    return rows * columns * kernel**2 * channels * filters
    # END SOLUTION


# %%
check(exercises.MULTIPLY_ADDS, my_multiply_adds)

# %% [markdown]
# ## Dense, convolutional, recurrent: at equal multiply-adds
#
# Three VAEs for letters of 14 × 14 pixels, with eight latents: dense layers; convolutions; and a GRU that reads an image two rows at a time, and
# another that writes it. The widths are chosen so that one image costs each of them the same, and all get the same images,
# updates, batches and step size (one for all, after a look at one seed).

# %%
from course_lib import datasets, networks
from course_lib.formulas import bernoulli_log_prob
from course_lib.models import VAE

SHAPE, LATENTS = (14, 14, 1), 8


def shrunk(images):
    return (images.reshape(-1, 14, 2, 14, 2, 1).mean(axis=(2, 4)) > 0.5).astype("float32")


glyphs = datasets.load("glyphs")
train, validation, test = shrunk(glyphs.x_train[:2048]), shrunk(glyphs.x_validation), shrunk(glyphs.x_test)


def recurrent(units):
    image, code = keras.Input(SHAPE), keras.Input((LATENTS,))
    read = layers.GRU(units)(layers.Reshape((7, 28))(image))  # seven steps of two rows
    steps = layers.Reshape((7, LATENTS))(layers.Dense(7 * LATENTS)(code))
    written = layers.GRU(units, return_sequences=True)(steps)
    encoder = keras.Model(image, [layers.Dense(LATENTS)(read), layers.Dense(LATENTS)(read)])
    return encoder, keras.Model(code, layers.Reshape(SHAPE)(layers.Dense(28)(written)))


# %% tags=["proof"]
def parts(kind):
    if kind == "dense":
        return networks.dense_gaussian_encoder(SHAPE, LATENTS, (288,)), networks.dense_decoder(LATENTS, SHAPE, (288,))
    if kind == "recurrent":
        return recurrent(43)
    return networks.conv_gaussian_encoder(SHAPE, LATENTS, (7, 14)), networks.conv_decoder(LATENTS, SHAPE, (14, 7))


kinds = ("dense", "convolutional", "recurrent")
keras.utils.set_random_seed(run.seed)
budgets = {kind: sum(map(multiply_adds, parts(kind))) for kind in kinds}
sizes_of = {kind: sum(part.count_params() for part in parts(kind)) for kind in kinds}
for kind in kinds:
    print(f"{kind:13} {budgets[kind]:,} multiply-adds an image, {sizes_of[kind]:,} parameters")
assert max(budgets.values()) / min(budgets.values()) < 1.05, "the budgets must be equal to five per cent"
assert sizes_of["dense"] > 5 * max(sizes_of["convolutional"], sizes_of["recurrent"]), "parameters must not be equal"

# %% [markdown]
# Equal computation, and far fewer parameters where weights are used again. **Predict** the order on held-out letters, and the order in time. Three seeds each; the clock
# leaves out first epochs, where a program may be built:

# %% tags=["proof"]
from time import perf_counter

from course_lib.training import restart

seeds = [3 * run.seed + number for number in range(3)]
scores, seconds, updates = ({kind: [] for kind in kinds} for _ in range(3))
pictures = {"real (validation)": validation[:12]}
for kind in kinds:
    keras.utils.set_random_seed(run.seed)
    vae = VAE(*parts(kind), bernoulli_log_prob)
    vae.compile(keras.optimizers.Adam(0.01))
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        restart(vae, VAE(*parts(kind), bernoulli_log_prob, seed=seed))  # a new start, the same program
        vae.fit(train, batch_size=32, epochs=1, verbose=0)
        began = perf_counter()
        vae.fit(train, batch_size=32, epochs=5, verbose=0)
        seconds[kind].append((perf_counter() - began) / 5)
        scores[kind].append(vae.elbo(validation).mean())
        updates[kind].append(int(vae.optimizer.iterations))
    pictures[kind] = vae.reconstruct(validation[:12])
for kind in kinds:
    error = np.std(scores[kind], ddof=1) / len(seeds) ** 0.5
    print(f"{kind:13}", ", ".join(f"{score:.1f}" for score in scores[kind]), end=": ")
    print(f"mean {np.mean(scores[kind]):.1f} ± {error:.2f} nats, {1000 * np.median(seconds[kind]):.0f} ms an epoch")
assert len({count for each in updates.values() for count in each}) == 1, "all must have taken as many steps"

# %%
ink = np.clip(train.mean(axis=0), 1e-4, 1 - 1e-4)
blind = np.sum(validation * np.log(ink) + (1 - validation) * np.log1p(-ink), axis=(1, 2, 3)).mean()
print(f"one picture for all letters: {blind:.1f} nats")
for one, other in (("dense", "convolutional"), ("dense", "recurrent"), ("convolutional", "recurrent")):
    welch = stats.ttest_ind(scores[one], scores[other], equal_var=False)
    gap, limit = welch.statistic, stats.t(welch.df).ppf(1 - 0.025 / 3)  # three comparisons: three times as strict
    verdict = f"{one if gap > 0 else other} is better" if abs(gap) > limit else "undecided"
    print(f"{one} − {other}: {gap:+.1f} errors, limit {limit:.1f}: {verdict}")

# %% [markdown]
# The first line is a mark: a model that ignores its code and answers every letter with the same picture. None of
# the networks is finished: a table at equal budgets is a table of beginnings.
# "Undecided" does not mean "equal": where one score of three has hardly left this mark, three are too few. Held-out letters, and what the last network of each kind makes of them (reconstructions):

# %%
plotting.image_rows(pictures)
plotting.show(
    alt="Four rows of twelve letters of 14 by 14 pixels: real ones, and their grey reconstructions by the dense, the "
    "convolutional and the recurrent network. The dense row is the most legible, the other two are blurred."
)

# %% [markdown]
# Each number is the mean of *three trainings*, and its error counts trainings, not images. The table speaks of this budget, this step
# size and centred letters; it does not say "convolutions are bad". The same multiply-adds take a multiple of the time: a GRU must wait for each step
# before it takes the next, and a small convolution keeps no processor busy. Choose the budget that *you* pay: seconds on your
# machine, parameters on a telephone.
#
# When to stop is a choice, too: "stop when the loss no longer falls" should watch the *held-out* bound, be patient for a few epochs, and bring back the
# best weights. A GAN's loss is no such criterion ({lesson: training_a_gan}).
#
# **Exercise {exercise: HOW_MANY_SEEDS}: plan.** Single trainings of each of two networks scatter by 1.5 nats. You hope for a gap of 1 nat. How many seeds of *each*
# are needed, so that the gap is at least two of its standard errors?

# %% tags=["exercise"]
# BEGIN SOLUTION
seeds_needed = math.ceil(2 * (2 * 1.5 / 1.0) ** 2)
# END SOLUTION

# %%
check(exercises.HOW_MANY_SEEDS, seeds_needed)

# %% [markdown]
# ## What a network believes before it has seen data
#
# Why should anyone take a convolution? Move the letters. On a canvas of 56 × 56 we can do this exactly with the *best
# linear* networks (without biases). The best linear dense autoencoder with 64 numbers is PCA with 64 components: 2 · 3,136 · 64 weights. The best
# linear convolution with one filter of 7 × 7 and stride 7 is PCA of patches with one component: 64 numbers too, and 98 weights. Both learn
# from letters in the upper left corner.
#
# **Predict** both errors where they were trained, and when letters move down by 7, 14 and 28 pixels.


# %%
def on_canvas(images, down):
    canvas = np.zeros((len(images), 56, 56))
    canvas[:, down : down + 28, :28] = images[..., 0]
    return canvas


def patches(canvas):
    return canvas.reshape(-1, 8, 7, 8, 7).swapaxes(2, 3).reshape(-1, 49)


def components(rows, count):
    return np.linalg.eigh(rows.T.astype("float64") @ rows)[1][:, -count:]  # those with the largest eigenvalues


# %% tags=["proof"]
learned = glyphs.x_train[:3000]
dense = np.zeros((64, 56, 56))  # pixels that were always 0 have weights 0
dense[:, :28, :28] = components(learned.reshape(-1, 784), 64).T.reshape(64, 28, 28)
dense, kernel = dense.reshape(64, -1), components(patches(on_canvas(learned, 0)), 1)
moves, left = (0, 7, 14, 28), {"dense": [], "convolution": []}
for down in moves:
    moved = on_canvas(glyphs.x_validation[:500], down)
    rows, small = moved.reshape(len(moved), -1), patches(moved)
    left["dense"].append(np.sum((rows - rows @ dense.T @ dense) ** 2) / len(moved))
    left["convolution"].append(np.sum((small - small @ kernel @ kernel.T) ** 2) / len(moved))
energy = np.sum(moved**2) / len(moved)
for name, each in left.items():
    print(f"{name:12} moved by 0, 7, 14, 28: " + " ".join(f"{value:8.4f}" for value in each))
print(f"nothing at all leaves {energy:.4f}")
assert np.ptp(left["convolution"]) < 1e-9, "a convolution must not notice a move by its stride"
assert abs(left["dense"][-1] - energy) < 1e-4 * energy, "where it saw nothing, the dense network must know nothing"
assert left["dense"][0] < left["convolution"][0] / 5, "where it was trained, the dense network must be far better"
assert left["dense"][2] > left["convolution"][2], "and fourteen pixels away it must be worse"

# %% [markdown]
# Read the last column first: moved by 28 pixels, the letters lie where the dense network has only zeros, so its answer is empty.

# %%
ax = plotting.curves(left, x=moves, xlabel="letters moved by, pixels", ylabel="squared error per image")
ax.axhline(energy, color="grey", linestyle=":")
ax.set(ylim=(0, 1.1 * energy), xticks=moves)
plotting.show(
    alt="Squared error against how far the letters were moved. The dense autoencoder starts near 6 and rises to the "
    "dotted line at 87, where nothing is left; the convolution stays at 43 all along."
)

# %% [markdown]
# Neither is better. The dense network knows *these places*; the convolution believes that all places are alike, and needs 98 weights. An
# **inductive bias** is what a network believes before it has seen data. It pays where it is true: most where data are few.

# %% [markdown] tags=["deeper"]
# ### A convolution with biases and ReLUs
#
# Does a real convolution move its features with the image, too? Only for moves by multiples of its stride, and away from the edges.
# **Proof**, two layers with stride 2, so a stride of 4 in all:

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
two = keras.Sequential([keras.Input((56, 56, 1))])
for filters in (8, 16):
    two.add(layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu", bias_initializer="random_normal"))
image = np.zeros((1, 56, 56, 1), "float32")
image[:, 14:42, 14:42] = glyphs.x_validation[:1]
features = keras.ops.convert_to_numpy(two(image))
for move in (4, 8, 2):
    moved = keras.ops.convert_to_numpy(two(np.roll(image, move, axis=1)))
    unmoved = np.roll(features, move // 4, axis=1)
    difference = np.abs(moved - unmoved)[:, 3:-3, 3:-3].max() / features.max()
    print(f"image moved by {move}, features moved by {move // 4}: they differ by {difference:.1e} of the largest")
    assert (difference < 1e-6) == (move % 4 == 0), "features must move with the image, for multiples of the stride only"

# %% [markdown]
# By multiples of the stride the features move along. By two pixels they would have to move by half a place, and there is none.

# %% [markdown]
# ## Random search
#
# A network has more knobs than anyone can put in a grid. Draw settings at random instead: how many trials are enough? If a
# share $s$ of all settings is good, $N$ independent trials all miss it with probability $(1-s)^N$. For the best 5 % and a
# certainty of 95 %, $N\ge\log 0.05/\log0.95$: **59 trials, whatever the number of knobs**. And with two knobs of which only one matters
# (nobody knows which), nine grid points try three values of it and nine random ones try nine (Bergstra & Bengio, 2012).

# %% tags=["proof"]
enough = math.ceil(math.log(0.05) / math.log(0.95))
rng = np.random.default_rng(run.seed + 3)
hits = {n: np.mean(rng.uniform(size=(40_000, n)).max(axis=1) > 0.95) for n in (enough - 1, enough)}
print({n: f"{hit:.4f} (derived {1 - 0.95**n:.4f})" for n, hit in hits.items()})
assert 1 - 0.95 ** (enough - 1) < 0.95 <= 1 - 0.95**enough, f"{enough} trials must be the first that are enough"
assert all(abs(hit - (1 - 0.95**n)) < 0.005 for n, hit in hits.items()), "and chance must agree"
grid = np.stack(np.meshgrid(*2 * [[1 / 6, 1 / 2, 5 / 6]]), axis=-1).reshape(9, 2)
random = rng.uniform(size=(9, 2))
place = rng.uniform(0.025, 0.975, size=(20_000, 1))  # the good twentieth of the knob that matters
for name, share, derived in (
    ("grid", np.mean(np.any(abs(grid[:, 0] - place) < 0.025, axis=1)), 3 * 0.05 / 0.95),
    ("random", np.mean(np.any(abs(rng.uniform(size=(20_000, 9)) - place) < 0.025, axis=1)), 1 - 0.95**9),
):
    print(f"nine points, {name:6}: a good value of the knob that matters in {share:.3f} (derived {derived:.3f})")
    assert abs(share - derived) < 0.015, "the chances must be those of three values and of nine"

# %%
figure, axes = plt.subplots(1, 2, figsize=(7, 3.4), layout="constrained", sharey=True)
for ax, points, title in zip(axes, (grid, random), ("grid: 3 values of each", "random: 9 values of each"), strict=True):
    ax.scatter(*points.T, color=plotting.PALETTE[0], zorder=3)
    ax.plot(points[:, 0], np.full(9, -0.06), "|", color=plotting.PALETTE[1], markersize=14, clip_on=False)
    ax.set(xlim=(0, 1), ylim=(-0.1, 1), xlabel="the knob that matters", title=title)
axes[0].set(ylabel="the knob that does not")
plotting.show(
    figure,
    alt="Two squares of nine points each. Left a regular grid, whose shadows on the horizontal axis are only three "
    "marks; right random points, with nine different marks.",
)

# %% [markdown]
# A search takes hours, and machines stop. So it writes down each trial as soon as it ends, and called again it goes on.
#
# **Exercise {exercise: RESUMED_DRAWS}: find the bug.** A search had `done` trials when it stopped, and is resumed up to trial `total` (not included). The function returns the learning rates
# still to be tried, each $10^u$ with a uniform $u$ from $-4$ to $-1$. It "finds nothing new". Repair it: trial $i$ gets the rate that it would have got in a search that
# goes through, no two trials share a rate, and another `seed` is another search.


# %% tags=["exercise"]
def still_to_run(seed, done, total):
    # BEGIN SOLUTION
    return [10 ** np.random.default_rng([seed, number]).uniform(-4, -1) for number in range(done, total)]
    # INSTEAD
    # rng = np.random.default_rng(seed)
    # return [10 ** rng.uniform(-4, -1) for number in range(done, total)]
    # END SOLUTION


# %%
check(exercises.RESUMED_DRAWS, still_to_run)

# %% [markdown]
# The surest way: trial $i$ draws from a seed made of the search's seed and $i$ alone. Then several processes can share one file, each with its own numbers.
# A process that is killed while it writes leaves half a line; so each trial begins a new line, and what cannot be read is run again.
# **Step sizes and widths are drawn on a logarithmic scale**, because factors matter, not differences:

# %%
import json
import tempfile
from pathlib import Path


def drawn(number):
    rng = np.random.default_rng([run.seed, number])
    return {"learning_rate": 10 ** rng.uniform(-4, -1), "units": int(2 ** rng.uniform(4, 8))}


def search(score, journal, numbers):
    done = {trial["number"] for trial in read(journal)}
    for number in numbers:
        if number not in done:
            trial = {"number": number, **drawn(number)}
            trial["score"] = float(score(trial))
            with journal.open("a") as file:
                file.write("\n" + json.dumps(trial))  # a line of its own, even after half a line


def read(journal):
    lines = journal.read_text().splitlines() if journal.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]  # half a line is no trial


# %% [markdown]
# **Proof** that it forgets nothing, and repeats only what was lost: one search that goes through; one that breaks down in its eighth trial, one that is killed while it
# writes down its seventh; and one shared by two.


# %% tags=["proof"]
def fragile(trial):
    if len(calls) == 7 and broken:
        raise KeyboardInterrupt
    calls.append(trial["number"])
    return -((np.log10(trial["learning_rate"]) + 2.5) ** 2)


folder = Path(tempfile.mkdtemp())
again, halves = [range(20), range(20)], [range(0, 20, 2), range(1, 20, 2)]
for name, parts_of_it in {"through": [range(20)], "resumed": again, "killed": again, "shared": halves}.items():
    calls, broken, journal = [], name in ("resumed", "killed"), folder / f"{name}.jsonl"
    for numbers in parts_of_it:
        try:
            search(fragile, journal, numbers)
        except KeyboardInterrupt:
            broken = False
            journal.write_text(journal.read_text()[: -20 if name == "killed" else None])
    found = sorted(read(journal), key=lambda trial: trial["number"])
    print(f"{name}: {len(calls)} trials, the best is number {max(found, key=lambda trial: trial['score'])['number']}")
    lost = [6] * (name == "killed")
    assert sorted(calls) == sorted([*range(20), *lost]), "each trial must be run once, and again if its line was lost"
    assert found == sorted(read(folder / "through.jsonl"), key=lambda t: t["number"]), "all must find the same"
assert len({trial["learning_rate"] for trial in found}) == 20, "no setting may be tried twice"

# %% [markdown]
# Now with a real score: the **validation ELBO** of a small dense VAE, six trials. (Six hit the best twentieth with probability 0.26.)


# %%
def trained(trial):
    keras.utils.set_random_seed(run.seed)
    hidden = (trial["units"],)
    coders = networks.dense_gaussian_encoder(SHAPE, LATENTS, hidden), networks.dense_decoder(LATENTS, SHAPE, hidden)
    vae = VAE(*coders, bernoulli_log_prob, seed=run.seed)
    vae.compile(keras.optimizers.Adam(trial["learning_rate"]))
    vae.fit(train, batch_size=64, epochs=3, verbose=0)
    return vae


keras.utils.set_random_seed(run.seed)
search(lambda trial: trained(trial).elbo(validation).mean(), folder / "vae.jsonl", range(6))
trials = sorted(read(folder / "vae.jsonl"), key=lambda trial: -trial["score"])
for trial in trials:
    print(f"trial {trial['number']}: learning rate {trial['learning_rate']:.5f}, {trial['units']:3} units", end=", ")
    print(f"validation ELBO {trial['score']:7.1f} nats")

# %%
figure, ax = plt.subplots(figsize=(5.6, 3.4), layout="constrained")
dots = ax.scatter(
    [trial["learning_rate"] for trial in trials],
    [trial["score"] for trial in trials],
    c=np.log2([trial["units"] for trial in trials]),
    cmap="viridis",
)
ax.set(xscale="log", xlabel="learning rate", ylabel="validation ELBO, nats")
figure.colorbar(dots, label="log₂ units")
plotting.show(
    figure,
    alt="Validation ELBO of six trials against the learning rate, logarithmic, coloured by the number of units. The "
    "smallest learning rate scores lowest.",
)

# %% [markdown]
# Three epochs are few: one picture for all had −44.3. If the best trial lies at an end of the *range* drawn from, that was too narrow. And now, **once**, the test set:

# %%
keras.utils.set_random_seed(run.seed)
on_test = trained(trials[0]).elbo(test)
print(f"chosen: trial {trials[0]['number']}, validation {trials[0]['score']:.2f} nats")
print(f"test, once: {on_test.mean():.2f} ± {stats.sem(on_test):.2f} nats ({len(on_test)} images)")

# %% [markdown]
# That is the number to report. Whether this setting is the *best*, one training of each cannot say.

# %% [markdown] tags=["deeper"]
# ### One knob
#
# **Exercise {exercise: LEARNING_RATES}: write a grid.** Sometimes there is but one knob. Return `count` learning rates from `low` to `high`, both included, each the same
# *factor* above the one before.


# %% tags=["exercise"]
def learning_rates(low, high, count):
    # BEGIN SOLUTION
    return np.geomspace(low, high, count)
    # END SOLUTION


# %%
check(exercises.LEARNING_RATES, learning_rates)

# %% [markdown] tags=["deeper"]
# ## The same search with Optuna
#
# [Optuna](https://optuna.org) does what our `search` does, and more: it proposes settings near those that were good (TPE; Bergstra et al., 2011), stops
# hopeless trials early, and keeps its journal in a file or a data base that many processes share. `load_if_exists` resumes. It is what to use outside
# of lessons. (Four trials do not show TPE at work: it draws its first ten at random. The course's environment has it; on Colab, `pip install optuna` adds it. Without it the cell says so, and nothing else changes.)


# %%
def suggested(trial):
    setting = {
        "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True),
        "units": trial.suggest_int("units", 16, 256, log=True),
    }
    return float(trained(setting).elbo(validation).mean())


keras.utils.set_random_seed(run.seed)
try:
    import optuna
except ImportError:
    print("Optuna is not installed here (`pip install optuna`). The search above has done the same with twenty lines.")
else:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = optuna.storages.JournalStorage(
        optuna.storages.journal.JournalFileBackend(str(folder / "optuna.log"))  # several processes may share it
    )
    options = {"study_name": "vae", "storage": storage, "direction": "maximize", "load_if_exists": True}
    for start in range(2):  # the second one resumes; with the seed of the first it would draw the same trials again
        study = optuna.create_study(**options, sampler=optuna.samplers.TPESampler(seed=run.seed + start))
        study.optimize(suggested, n_trials=2)
        print(f"{len(study.trials)} trials in the file, best validation ELBO {study.best_value:.1f} nats")

# %% [markdown] tags=["deeper"]
# ## What the mean hides
#
# A score over all examples is a mean over classes: $\text{ELBO}=\sum_c\pi_c\,\text{ELBO}_c$, an identity. A class with a share of 1 % may lose 50 nats for half a nat of the mean. Two exact densities (probabilistic PCA of
# every fourth pixel): one has learned from all ten, the other has never seen the tenth, which is rare where both are used.

# %% tags=["identity"]
old, new = (images.reshape(len(images), -1)[:, ::4] for images in (glyphs.x_train, glyphs.x_validation))
rare_class = glyphs.y_validation == 9
shares = np.where(rare_class, 0.01 / rare_class.mean(), 0.99 / (1 - rare_class.mean()))
models = {
    "all ten": ProbabilisticPCA.fit(old, 20),
    "without the tenth": ProbabilisticPCA.fit(old[glyphs.y_train != 9], 20),
}
logs = {name: model.log_prob(new) for name, model in models.items()}
for name, each in logs.items():
    overall, common, rare = (shares * each).mean(), each[~rare_class].mean(), each[rare_class].mean()
    print(f"{name:18} mean {overall:7.2f}, nine letters {common:7.2f}, the rare one {rare:7.2f} nats")
    assert abs(overall - (0.99 * common + 0.01 * rare)) < 1e-9 * abs(overall), "the mean is the mean of the classes"
step = logs["without the tenth"] - logs["all ten"]  # example by example
common, rare = step[~rare_class], step[rare_class]
change, error = 0.99 * common.mean() + 0.01 * rare.mean(), np.hypot(0.99 * stats.sem(common), 0.01 * stats.sem(rare))
print(f"the difference, paired: mean {change:+.2f} ± {error:.2f}", end=", ")
print(f"the rare letter {rare.mean():+.1f} ± {stats.sem(rare):.1f} nats")

# %% [markdown]
# In the mean nobody can tell the two apart, even with paired errors. On the letter that it has never seen, the second one loses more than ten nats. So a report has one line per class ({lesson: conditioning_and_rare_classes}).

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> Two networks have the same number of parameters. Is that an equal budget?</summary>
#
# Of memory. A convolution uses each weight at every pixel, a recurrent network at every step: computation and seconds may differ a
# hundredfold. Say which budget is equal, and report the others.
# </details>
#
# <details><summary><b>2.</b> The best of 50 settings has a validation ELBO of −80.1 ± 0.4. What do you expect on the test set?</summary>
#
# Less, if many of the fifty are about equally good: up to 2.25 errors of the part that they do not share. Report the test score, taken once.
# </details>
#
# <details><summary><b>3.</b> Test scores −80.4 ± 0.9 and −81.0 ± 0.9 on the same images. Undecided?</summary>
#
# Nobody can say from these numbers: the error of the *difference* is that of the pairs, and may be 0.05.
# </details>
#
# <details><summary><b>4.</b> You resume a search with the seed it began with, and the best score does not improve any more. Why?</summary>
#
# Perhaps it tries the same settings again. Let the seed depend on the trial's number.
# </details>
#
# <details><summary><b>5.</b> "We tried 60 settings, so the best is among the best 5 % of all." Sure?</summary>
#
# With probability 0.95, of the settings *in the range that was drawn from*, and by their true order: noise of the validation score comes on top.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **derived** that a training loss flatters by (parameters)/$n$, and **found** the planted four latents with data that were held out;
# * **written** a paired comparison, and **said** which error belongs to which claim;
# * **proved** the winner's curse, and **repaired** a report that had fallen for it;
# * **counted** multiply-adds, and **compared** three kinds of network at equal computation, with errors over seeds;
# * **run** a random search that was stopped and resumed, and derived its 59 trials.
#
# Which model should you take? **The one with the best validation score at the budget that you pay. Call it the best where its lead is several errors, of pairs or of seeds. How good it is, a
# test set says, once.**
#
# **Go further.** Move the letters by up to three pixels and compare the three networks again. Run the search with 59 trials. Give each kind of network its own
# search of eight trials: tuning is part of the budget, too.
#
# **References.** Akaike (1974), *A new look at the statistical model identification*, IEEE Transactions on Automatic Control 19. · Schwarz (1978), *Estimating the dimension of a model*,
# Annals of Statistics 6. · Tipping & Bishop (1999), *Probabilistic principal component analysis*, JRSS B 61. · Bergstra et al. (2011), *Algorithms for hyper-parameter
# optimization*, NeurIPS. · Bergstra & Bengio (2012), [*Random search for hyper-parameter optimization*](https://www.jmlr.org/papers/v13/bergstra12a.html), JMLR 13. · Cawley & Talbot (2010), [*On over-fitting in model selection*](https://www.jmlr.org/papers/v11/cawley10a.html),
# JMLR 11. · Akiba et al. (2019), [*Optuna*](https://arxiv.org/abs/1907.10902), arXiv:1907.10902. · Dodge et al. (2019), [*Show your work*](https://arxiv.org/abs/1909.03004), arXiv:1909.03004.

# %% [markdown] tags=["slide"]
# # Choosing a model
#
# Ten settings, three kinds of network, one week.
#
# **Which model should I take, and how sure am I?**

# %% [markdown] tags=["notes"]
# 1 min. The training loss nearly always prefers the largest. The validation score flatters, on average, what it picks. What can be trusted?

# %% [markdown] tags=["slide"]
# ## Predict: by how much does a training loss flatter?
#
# Fit the mean of $\mathcal N(\mu,I_d)$ from $n$ examples: $d=20$, $n=100$.
#
# Loss of new examples − loss of training examples = ?
#
# . . .
#
# $$\tfrac12\big(d+\tfrac dn\big)-\tfrac12\big(d-\tfrac dn\big)=\frac dn$$
#
# {output: the-score-on-the-training-set-flatters-2}

# %% [markdown] tags=["notes"]
# 4 min. Parameters over examples. The usual wrong answer is half of it: the mean also lies nearer to the training set than the truth does.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PREDICT_OPTIMISM} · {minutes} minutes
#
# 50 numbers are fitted to 200 examples. The training loss is 24.9 nats per example.
#
# **Which loss do you expect on new data?**

# %% [markdown] tags=["notes"]
# 3 min. 25.15. Usual wrong answers: 25.025, the half; 24.65, the sign; 28.9, examples over parameters.

# %% [markdown] tags=["slide"]
# ## Predict: how do the curves go on beyond four?
#
# Data with four planted latents; probabilistic PCA with 1 to 10.
#
# . . .
#
# {figure: is-a-larger-model-better-ask-data-that-it-has-3}

# %% [markdown] tags=["notes"]
# 3 min. Let them draw both curves first. Training rises for ever, held out turns at four, but only just.

# %% [markdown] tags=["slide"]
# ## Only just: can we see it?
#
# {output: is-a-larger-model-better-ask-data-that-it-has-2}
#
# . . .
#
# Fifty data sets:
#
# {output: fifty-data-sets-2}

# %% [markdown] tags=["notes"]
# 3 min. The unpaired error hides the last step, the paired one shows it. BIC needs no held-out data, but it must know the number of parameters.

# %% [markdown] tags=["slide"]
# ## The same examples: paired errors
#
# $$\operatorname{Var}(a_i-b_i)=2\sigma^2(1-\rho)$$
#
# Hard examples are hard for both: $\rho$ is often above 0.9.
#
# {output: the-same-examples-paired-errors-2}

# %% [markdown] tags=["notes"]
# 3 min. With ρ = 0.99, ten times smaller: a hundred times as many examples would be needed without pairs. Exercise {exercise: PAIRED_DIFFERENCE} is homework.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: WHICH_ERROR} · {minutes} minutes
#
# Over examples, over seeds, or none?
#
# - (a) *These two files of weights: the first is better.*
# - (b) *Convolutions are better than dense layers here.*
# - (c) *The best of 40 trials, by its validation score, beats the old model.*
# - (d) *A learning rate of 0.003 is better than one of 0.001.*
# - (e) *The network in our product beats last year's.*

# %% [markdown] tags=["notes"]
# 4 min. examples, seeds, none, seeds, examples. The hard one is (c): the score has chosen, so it is biased, and no error bar repairs that.

# %% [markdown] tags=["slide"]
# ## Predict: the best of fifty *equal* models
#
# By how many standard errors does its validation score flatter?
#
# . . .
#
# $$\mathbb E\max_j\varepsilon_j=\int t\,m\,\varphi(t)\,\Phi(t)^{m-1}dt$$
#
# {figure: the-winner-s-curse-3}

# %% [markdown] tags=["notes"]
# 4 min. 2.25. Take a vote first. If the models share examples, only the part that they do not share counts.

# %% [markdown] tags=["slide"]
# ## Choose on validation data, report on test data, once
#
# {output: the-winner-s-curse-2}

# %% [markdown] tags=["notes"]
# 2 min. The last column is zero within a few of its errors. Looking twice makes the test set a validation set. Exercise {exercise: CHOOSE_AND_REPORT} has a function that cheats.

# %% [markdown] tags=["slide"]
# ## What is an equal budget?
#
# Equal parameters? Updates? Computation? Seconds?
#
# . . .
#
# **Multiply-adds = numbers in the kernel × places where it is used**
#
# {output: dense-convolutional-recurrent-at-equal-multiply-3}

# %% [markdown] tags=["notes"]
# 3 min. Same computation, a fraction of the parameters. Set all inputs and weights to one, and a layer counts its own products.

# %% [markdown] tags=["slide"]
# ## Predict: dense, convolutional, recurrent
#
# Equal multiply-adds, images, updates, step size. Which bound, how many seconds?
#
# . . .
#
# {output: dense-convolutional-recurrent-at-equal-multiply-5}
#
# {output: dense-convolutional-recurrent-at-equal-multiply-6}

# %% [markdown] tags=["notes"]
# 4 min. Three trainings each. The sentence that the table supports is about this budget and centred letters, not about convolutions.

# %% [markdown] tags=["slide"]
# ## What do these nats look like?
#
# {figure: dense-convolutional-recurrent-at-equal-multiply-8}
#
# Reconstructions of letters that were not in training.

# %% [markdown] tags=["notes"]
# 1 min. Say that these are reconstructions, never samples.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: HOW_MANY_SEEDS} · {minutes} minutes
#
# Single trainings of two networks scatter by 1.5 nats each. You hope for a gap of 1 nat.
#
# **How many seeds of each, so that the gap is two standard errors?**

# %% [markdown] tags=["notes"]
# 4 min. 18 of each. The usual wrong answer is 9: one of the two models is forgotten.

# %% [markdown] tags=["slide"]
# ## Predict: move the letters
#
# 64 numbers each; trained in one corner: PCA, and one filter of 7 × 7.
#
# . . .
#
# {figure: what-a-network-believes-before-it-has-seen-data-5}

# %% [markdown] tags=["notes"]
# 3 min. The convolution's error is the same at every place, exactly. Neither wins everywhere: an inductive bias pays where it is true.

# %% [markdown] tags=["slide"]
# ## Predict: how many random trials reach the best 5 %?
#
# With probability 0.95, and ten knobs.
#
# . . .
#
# $$(1-0.05)^N\le0.05:\quad N=59$$
#
# {figure: random-search-3}

# %% [markdown] tags=["notes"]
# 3 min. 59, whatever the number of knobs: the best five per cent are five per cent of the draws. And nine grid points try three values of the knob that matters, nine random ones nine.

# %% [markdown] tags=["slide"]
# ## Stop it, resume it, share it
#
# + Write down each trial as soon as it ends.
# + Trial $i$ draws from the search's seed and $i$ alone.
# + Factors matter: draw the *logarithm*.
#
# {output: random-search-8}

# %% [markdown] tags=["notes"]
# 2 min. Exercise {exercise: RESUMED_DRAWS}: a resumed search that tries the same settings again. Optuna does all this, too.

# %% [markdown] tags=["slide"]
# ## Quiz: −80.4 ± 0.9 and −81.0 ± 0.9 on the same images. Undecided?
#
# . . .
#
# Nobody can say: the error of the *difference* is that of the pairs, and may be 0.05.

# %% [markdown] tags=["notes"]
# 2 min. Most say undecided.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Take the best validation score at the budget that *you* pay.
#
# Call it the best where its lead is several errors, of *pairs* (these networks) or of *seeds* (these kinds).
#
# How good it is, a test set says, **once**.
#
# *At home:* exercises {exercise: PAIRED_DIFFERENCE}, {exercise: CHOOSE_AND_REPORT} and {exercise: RESUMED_DRAWS}.

# %% [markdown] tags=["notes"]
# 1 min. A bound over all examples hides rare classes: one line per class in the report.
