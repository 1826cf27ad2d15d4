# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "How good is my model, in nats?"
#     gpu: true
# ---

# %% [markdown]
# # Tighter bounds: how good is my model, in nats?
#
# **The question.** The ELBO says that a model is *at least* so good. How much better may it be, how can we find out, and
# when may two such numbers be compared?
#
# In this lesson you will
#
# * **compute** the logarithm of a mean of weights that no computer can hold, and **prove** that more draws tighten the
#   bound, on one pool of weights, to rounding;
# * **find** the bug in a report that beats the truth (deeper: and **derive** by how much);
# * **write** the loss that climbs the tighter bound, **train** with it, and **measure** what draws are worth (deeper: and what they cost);
# * deeper: **split** the distance to $\log p(x)$ into the encoder's share and the family's share, image by image;
# * **read** a table of log-likelihoods critically (deeper: and **recognise** an over-fitted density model).
#
# *To know before:* {lesson: the_elbo} (ELBO, gap, importance weights) and
# {lesson: the_reparameterization_trick} (the gradient through a draw). *Time:* {times};
# about 45 seconds to run on two CPU cores; longer with the `gpu` profile, which trains on MNIST, too.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## The logarithm of a mean
#
# Lesson {number: the_elbo}, third way: draw $z$ from $q(z\mid x)$ and compute the **importance weight**
# $w = p(x\mid z)\,p(z)/q(z\mid x)$. Its mean is $p(x)$; the mean of its *logarithm* is the ELBO. The order of mean and
# logarithm is all that stands between us and the truth. So take $K$ draws and put the logarithm last (Burda et al., 2016):
#
# $$L_K(x) = \mathbb E_{z_1,\dots,z_K\sim q}\Big[\log\frac1K\sum_{k=1}^K w_k\Big],\qquad
#   w_k=\frac{p(x\mid z_k)\,p(z_k)}{q(z_k\mid x)} .$$
#
# 1. $K = 1$: the mean of one logarithm. $L_1$ is the ELBO.
# 2. Inside the logarithm: $\mathbb E\big[\frac1K\sum_k w_k\big] = p(x)$ for every $K$. An honest estimate, whose relative
#    variance is $K$ times smaller than that of one weight.
# 3. Jensen: $L_K \le \log\mathbb E\big[\frac1K\sum_k w_k\big] = \log p(x)$. **A lower bound for every $K$.**
#
# Take the small model of lesson {number: the_elbo}, whose truth is known: one latent, $x\mid z\sim\mathcal N(Wz, I)$ with $W=(2,1)^\top$.
# Its posterior is a Gaussian; three wrong answers $q$ stand beside it. **Before you run the cell:** which of them will
# have the lowest ELBO, and will they all reach $\log p(x)$?

# %%
import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

from course_lib import plotting
from course_lib.exact import ProbabilisticPCA

rng = np.random.default_rng(run.seed)
model = ProbabilisticPCA(weights=[[2.0], [1.0]], mean=[0.0, 0.0], variance=1.0)
x = np.array([[2.5, 0.5]])
centre, width = (float(np.squeeze(part)) for part in model.posterior(x))
width, log_evidence = width**0.5, float(model.log_prob(x)[0])
candidates = {
    "shifted by one width": norm(centre + width, width),
    "twice as wide": norm(centre, 2 * width),
    "0.8 times as wide": norm(centre, 0.8 * width),
}


def log_weights_of(q, num_draws):
    z = q.rvs(num_draws, random_state=rng)
    log_likelihood = norm.logpdf(x, np.outer(z, model.weights)).sum(axis=1)
    return log_likelihood + norm.logpdf(z) - q.logpdf(z)


# %% tags=["proof"]
pools = {name: log_weights_of(q, 2**17) for name, q in candidates.items()}
num_samples = 2 ** np.arange(11)
bounds = {
    name: np.array([np.log(np.exp(pool.reshape(K, -1)).mean(axis=0)).mean() for K in num_samples])
    for name, pool in pools.items()
}
ax = plotting.curves(bounds, x=num_samples, xlabel="draws K", ylabel="bound $L_K$ / nats")
ax.axhline(log_evidence, color="black", linestyle="--", label="log p(x)")
ax.set_xscale("log", base=2)
ax.legend(frameon=False)
plotting.show(
    alt="Bound against the number of draws, logarithmic, for three q. All curves climb to the dashed line of log p(x)."
)
for name, values in bounds.items():
    print(
        f"{name:21} ELBO {values[0]:.3f}   L_16 {values[4]:.3f}   L_1024 {values[-1]:.3f}   log p(x) {log_evidence:.3f}"
    )
    assert abs(values[-1] - log_evidence) < 0.02, "with 1,024 draws the bound must have nearly reached log p(x)"

# %% [markdown]
# The widest $q$ starts lowest. All three climb to the dashed truth, and none crosses it by more than the noise of the last points (at $K=1024$ the pool makes
# only 128 blocks). What an ELBO loses by a poor $q$, draws win back. (We pay with
# decodings: $K$ times as many.)

# %% [markdown]
# ### Why it never falls
#
# "More draws are better" sounds like statistics. It is algebra, as sure as an identity. Take *one* pool of weights, cut it into blocks, take
# the log of the mean in each block, and average these. Now merge two neighbouring blocks, with means $a$ and $b$:
#
# $$\log\frac{a+b}2 \;\ge\; \frac{\log a+\log b}2 ,$$
#
# which is Jensen for two numbers (or $a + b \ge 2\sqrt{ab}$). So merging *never* lowers the average, whatever the pool
# holds. Taking expectations, $L_{2K}\ge L_K$. Try to break it: a pool of real weights, one of noise, one in which a single
# weight is astronomically large.

# %% tags=["identity"]
one_giant = np.append(np.full(1023, -50.0), 300.0)
for name, pool in {
    "real weights": pools["twice as wide"][:1024],
    "noise": rng.normal(size=1024),
    "a giant": one_giant,
}.items():
    averages = []
    for size in 2 ** np.arange(11):
        blocks = pool.reshape(-1, size)  # (blocks, weights of a block)
        averages.append((np.logaddexp.reduce(blocks, axis=1) - np.log(size)).mean())
    steps = np.diff(averages)
    print(
        f"{name:12}  from {averages[0]:8.3f} to {averages[-1]:8.3f} nats; smallest of {len(steps)} steps {steps.min():+.4f}"
    )
    assert steps.min() >= -1e-9, "merging blocks must never lower the average log of the mean"

# %% [markdown]
# Not one step down, and no error bar is needed: this holds for every pool, to rounding.

# %% [markdown] tags=["deeper"]
# ### How fast it closes
#
# 1. Write the mean of $K$ weights as $p(x)(1+\bar\varepsilon)$. Then $\mathbb E[\bar\varepsilon]=0$ and
#    $\mathrm{Var}[\bar\varepsilon]=v/K$, with $v=\mathrm{Var}[w]/p(x)^2$ the relative variance of one weight.
# 2. $L_K=\log p(x)+\mathbb E[\log(1+\bar\varepsilon)]\approx\log p(x)+\mathbb E[\bar\varepsilon]-\tfrac12\mathbb E[\bar\varepsilon^2]$
#    for small $\bar\varepsilon$, so
#    $$\log p(x)-L_K\approx\frac{v}{2K}.$$
#
# Half the gap costs twice the draws. For $q$ = posterior, shifted by $d$ widths, $v=e^{d^2}-1$ (the weights are
# log-normal). Multiplied by $2K$, the measured gap should become constant, and be $v$. (We average
# $\bar\varepsilon-\log(1+\bar\varepsilon)$: the added $\bar\varepsilon$ has mean 0 and takes most of the noise away.)

# %% tags=["proof"]
shift = 0.5
q = norm(centre + shift * width, width)
for K in (1, 4, 16, 64):
    blocks = log_weights_of(q, 2**19).reshape(K, -1)
    relative = np.exp(blocks - log_evidence).mean(axis=0)  # the mean weight of each block, divided by p(x)
    losses = relative - 1 - np.log(relative)
    gap, error = losses.mean(), losses.std() / np.sqrt(len(losses))
    print(f"K = {K:2}: gap {gap:.5f} ± {error:.5f} nats,  2K · gap = {2 * K * gap:.3f} ± {2 * K * error:.3f}")
v = np.exp(shift**2) - 1
print(f"relative variance of one weight: {v:.3f}")
assert abs(2 * K * gap - v) < 5 * 2 * K * error + 0.01, "for large K, 2K times the gap must be the relative variance"

# %% [markdown]
# It settles at $v$ once $K$ is larger than a few. The catch is in $v$ itself: in many dimensions the factors $1+v$ *multiply*,
# and for a $q$ narrower than $1/\sqrt2$ of the posterior $v$ is infinite. Then $L_K$ still climbs, but slower
# than $1/K$.

# %% [markdown]
# ## Numbers that no computer can hold
#
# So far, weights were about $e^{-4}$. An image of 28 × 28 pixels is another matter: before training, each pixel costs about
# log 2, and $784\cdot\log 2=543$ nats. Take the bound of three such images just as we did above, in float32, the format in
# which networks compute. **What will be printed?**

# %% tags=["proof"]
import keras

from course_lib import datasets, networks
from course_lib.formulas import bernoulli_log_prob
from course_lib.metrics import log_importance_weights
from course_lib.models import VAE

glyphs = datasets.load("glyphs")
keras.utils.set_random_seed(run.seed)
encoder, decoder = networks.dense_gaussian_encoder((28, 28, 1), 2), networks.dense_decoder(2, (28, 28, 1))
untrained = VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed)
log_weights = log_importance_weights(untrained, glyphs.x_test[:3].round(), 10).astype("float32")  # (draws, images)
with np.errstate(divide="ignore"):
    as_before = np.log(np.exp(log_weights).mean(axis=0))
# NBVAL_CHECK_OUTPUT
print("log of the mean weight, as before:", as_before)
assert np.isinf(as_before).all(), "weights of e^-543 must be zero in float32"

# %% [markdown]
# $e^{-543}$ is smaller than the smallest float32 number (about $e^{-103}$), so it is 0, and its logarithm $-\infty$. In
# float64 the end comes at $e^{-745}$, which a larger image passes, too. Yet the *answer* is an ordinary number near −543.
#
# **Exercise {exercise: LOG_MEAN_EXP}.** Write the logarithm of the mean of `exp(log_weights)` over the first axis, so that it survives any size.
# The table has shape `(draws, examples)`; return `(examples,)`. (Without `logsumexp` or `logaddexp`: it is two lines.)


# %% tags=["exercise"]
def my_log_mean_exp(log_weights):
    # BEGIN SOLUTION
    largest = log_weights.max(axis=0)
    return largest + np.log(np.mean(np.exp(log_weights - largest), axis=0))
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import tighter_bounds as exercises

check(exercises.LOG_MEAN_EXP, my_log_mean_exp)

# %% [markdown]
# The library's `log_mean_exp` does the same, in float64.
#
# **Exercise {exercise: ONE_GOOD_DRAW}.** Two draws, one good and one useless:
# $\log w_1=-90$, $\log w_2=-1000$. Predict $\log\frac12(w_1+w_2)$, to two decimals, without a computer. And note how
# different the *mean of the two logarithms* is.

# %% tags=["exercise"]
# BEGIN SOLUTION
my_bound = -90 - np.log(2)
# END SOLUTION

# %%
check(exercises.ONE_GOOD_DRAW, my_bound)

# %% [markdown]
# One good draw in $K$ costs $\log K$ and no more. The ELBO cannot forgive like that: there, one useless draw ruins the
# mean.

# %% [markdown]
# ## A VAE, and the whole truth about it
#
# Is $L_K$ any good for a real VAE? To judge it we need the true $\log p(x)$. With **two** latents the integral
# $\int p(x\mid z)\,p(z)\,dz$ can be done on a grid. So train a VAE with two latents on the digits of lesson {number: autoencoders}.
#
# The pixels must be *binary*, or a Bernoulli likelihood is not a probability. Draw each pixel to be 1 with a probability
# equal to its grey value (**stochastic binarisation**): seven different drawings of each training image, one of each test
# image.

# %%
import keras

digits = datasets.load("digits")


def binary(images, seed):
    return (np.random.default_rng(seed).random(images.shape) < images).astype("float32")


def digit_networks(latent_dim, encoder_units, decoder_units, activation="tanh"):
    encoder = networks.dense_gaussian_encoder((8, 8, 1), latent_dim, encoder_units, activation)
    return encoder, networks.dense_decoder(latent_dim, (8, 8, 1), decoder_units, activation)


train_x = np.concatenate([binary(digits.x_train, run.seed + seed) for seed in range(7)])
test_x = binary(digits.x_test, seed=run.seed + 100)
keras.utils.set_random_seed(run.seed)
vae = VAE(*digit_networks(2, (64,), (128, 128)), bernoulli_log_prob, seed=run.seed)
vae.compile(keras.optimizers.Adam(0.003))
history = vae.fit(train_x, epochs=15, verbose=0).history
plotting.image_rows(
    {"grey": digits.x_test[:12], "real, binary": test_x[:12], "reconstructed": vae.reconstruct(test_x[:12])}
)
plotting.show(
    alt="Three rows of twelve digits: grey scans, the binary images drawn from them, and reconstructions by a VAE "
    "with two latents, smooth and approximate."
)

# %% [markdown]
# First row the grey scans, second row what the model is asked to explain, third row its reconstructions (probabilities).
# Two latents are few; never mind, we want to know $\log p(x)$, whatever it is. The grid:

# %%
from keras import ops

from course_lib.exact import log_marginal_likelihood


def exact_log_prob(vae, images):
    """log p(x) by the trapezoidal rule on 241 × 241 latents, with the model's own decoder."""
    flat = images.reshape(len(images), -1)

    def log_likelihood(z):
        logits = ops.convert_to_numpy(vae.decoder(z.astype("float32"), training=False))
        logits = logits.reshape(len(z), -1).astype("float64")
        return logits @ flat.T - np.logaddexp(0, logits).sum(axis=1)[:, None]

    return log_marginal_likelihood(log_likelihood, latent_dim=2, num_points=241, tolerance=0.2)


exact = exact_log_prob(vae, test_x)
print(
    f"log p(x) of {len(exact)} test images: {exact.mean():.2f} ± {exact.std() / np.sqrt(len(exact)):.2f} nats on average"
)

# %% [markdown]
# (The function refuses a grid that is too coarse. ± is the standard error over the images: with other test images of the
# same kind the mean would differ by so much.)
#
# Now the bound, for these same images. **Predict:** how many draws until $L_K$ is within 0.1 nats of the truth: 10, 100,
# or 1,000?

# %% tags=["proof"]
from course_lib.metrics import effective_sample_size, importance_weighted_log_likelihood, log_mean_exp

log_weights = log_importance_weights(vae, test_x, 1000)  # (draws, images)
sizes = np.array([1, 2, 10, 50, 100, 500, 1000])  # each divides the next: blocks are merged
bound = [np.mean([log_mean_exp(log_weights[start : start + K]) for start in range(0, 1000, K)]) for K in sizes]
ax = plotting.curves({"$L_K$": np.array(bound)}, x=sizes, xlabel="draws K", ylabel="nats per image")
ax.axhline(exact.mean(), color="black", linestyle="--", label="log p(x) on the grid")
ax.set_xscale("log")
ax.legend(frameon=False)
plotting.show(
    alt="Bound in nats per image against the number of draws, logarithmic. It rises most in the first ten draws and "
    "comes close to the dashed line of log p(x) on the grid."
)
for K, value in zip(sizes, bound, strict=True):
    if K in (1, 10, 100, 1000):
        print(f"K = {K:4}: {value:.3f} nats, below log p(x) by {exact.mean() - value:.3f}")
assert exact.mean() - bound[4] < 0.1, "a hundred draws must come within 0.1 nats"
assert -0.05 < exact.mean() - bound[-1] < 0.05, "and a thousand must come close to the truth"

# %% [markdown]
# A hundred are enough. The ELBO ($K=1$) hides a part of what this model can do, and the first ten draws show most of it. A
# thousand leave next to nothing: so papers report $L_{5000}$ and call it "log-likelihood". It is still a bound. Which images are to
# blame for the rest, and how would we know without a grid?
#
# Is this VAE any good? Its losses between three numbers that come from the data alone (a **health chart**):

# %%
from course_lib.metrics import health_marks

plotting.health_chart({"training loss": [np.nan, *history["loss"]]}, health_marks(vae, train_x))
plotting.show(
    alt="The training loss against the epoch between three dashed lines: an untrained decoder, a model that ignores its "
    "code, and the floor 0. It ends between the second and the third."
)

# %% [markdown]
# It beats the best model that ignores its code by more than two nats. That is what its two latents are worth, after their price. The floor is 0 for binary pixels,
# and nobody gets there: the pixels were drawn at random.
#
# ### What draws are worth
#
# Look at the weights themselves. If one draw has all the weight, the other $K-1$ were for nothing. The **effective sample
# size** counts how many *equal* weights would be as good (Kong et al., 1994):
#
# $$\mathrm{ESS}=\frac{\big(\sum_k w_k\big)^2}{\sum_k w_k^2}\in[1, K].$$
#
# **Exercise {exercise: PREDICT_ESS}.** Ten draws; one has the weight 9, nine have the weight 1. Predict the effective sample size.

# %% tags=["exercise"]
# BEGIN SOLUTION
my_ess = (9 + 9 * 1) ** 2 / (9**2 + 9 * 1**2)
# END SOLUTION

# %%
check(exercises.PREDICT_ESS, my_ess)

# %% [markdown]
# And of 1,000 draws for each test image of our VAE? **Before you look:** is it the images with a *low* ELBO, or those with a
# large *gap*, whose draws are worth little?

# %% tags=["proof"]
from scipy.stats import spearmanr

worth, gap = effective_sample_size(log_weights), exact - log_weights.mean(axis=0)
ax = plt.subplots(figsize=(5, 3), layout="constrained")[1]
ax.scatter(gap, worth, s=8, color=plotting.PALETTE[0])
ax.set(xlabel="gap, log p(x) − ELBO / nats", ylabel="effective draws of 1,000", yscale="log", xscale="log")
plotting.show(
    alt="Effective number of draws against the gap, both logarithmic, one dot for each image: the larger the gap, "
    "the fewer draws count. A few dots lie below the band."
)
correlation, of_elbo = spearmanr(worth, gap).statistic, spearmanr(worth, log_weights.mean(axis=0)).statistic
print(f"median {np.median(worth):.0f} of 1,000 draws; worst image {worth.min():.0f}")
print(f"rank correlation with the gap: {correlation:.2f}; with the ELBO: {of_elbo:.2f}")
assert correlation < -0.6, "images with a large gap must have a small effective sample size"

# %% [markdown]
# Each dot is an image. It is the gap that counts: where the encoder's $q$ is close to the posterior (left) most draws count;
# where it is not, few do, and those images need a larger $K$. Mostly. A dot far below
# the band has few effective draws and no large gap: $q$'s tail is too thin there, which hardly lowers the ELBO, and one heavy
# weight spoils the sample. A warning light, not a proof:
# ESS is computed from the draws, so it knows nothing of a region that no draw has reached.

# %% [markdown]
# ## A report that beats the truth
#
# A colleague trains on $L_K$. Her gradient is right. Let us derive it, for she then reports the wrong number.
#
# 1. $\nabla\log\frac1K\sum_k w_k=\frac{\sum_k\nabla w_k}{\sum_j w_j}$, the derivative of a logarithm.
# 2. $\nabla w_k=w_k\,\nabla\log w_k$.
# 3. So $\nabla L_K=\mathbb E\big[\sum_k\tilde w_k\,\nabla\log w_k\big]$, with the **normalised weights**
#    $\tilde w_k=w_k/\sum_j w_j$, which sum to 1. The best draw teaches most.
#
# "So I maximise $\sum_k\tilde w_k\log w_k$, with $\tilde w$ held fixed, and that is my log-likelihood." Here is her report on
# the test images, beside the grid. **Watch the two columns.**


# %% tags=["proof"]
def as_reported(log_weights):
    weights = np.exp(log_weights - log_weights.max(axis=0))
    weights = weights / weights.sum(axis=0)
    return np.sum(weights * log_weights, axis=0)


for K in (1, 10, 100, 1000):
    reported = as_reported(log_weights[:K])
    print(
        f"K = {K:4}: reported {reported.mean():.3f} nats   log p(x) {exact.mean():.3f}   images above the truth {np.mean(reported > exact):4.0%}"
    )
assert reported.mean() > exact.mean() + 0.1, "the symptom: the report must exceed the exact log-likelihood"

# %% [markdown]
# Something is wrong: a *lower bound*, and its mean lies above the truth, in the end for (nearly) every single image.
# How can the gradient be right and the value be wrong?
#
# **Exercise {exercise: REPAIR_THE_REPORT}: find the bug.** Repair the report: it should be the bound whose gradient she uses.


# %% tags=["exercise"]
def repaired_report(log_weights):
    # BEGIN SOLUTION
    return log_mean_exp(log_weights)
    # INSTEAD
    # weights = np.exp(log_weights - log_weights.max(axis=0))
    # weights = weights / weights.sum(axis=0)
    # return np.sum(weights * log_weights, axis=0)
    # END SOLUTION


# %%
check(exercises.REPAIR_THE_REPORT, repaired_report)

# %% [markdown]
# What she reported is called a **surrogate**: a function with the right gradient at the present weights, and a value of its
# own. Use one for its gradient, if you must; **report the bound.**

# %% [markdown] tags=["deeper"]
# ### By how much it is too high
#
# 1. By definition $\log w_k=\log\tilde w_k+\log\sum_j w_j$.
# 2. Multiply by $\tilde w_k$ and sum: $\;\sum_k\tilde w_k\log w_k=\sum_k\tilde w_k\log\tilde w_k+\log\sum_j w_j$.
# 3. Add and subtract $\log K$: $\;\phantom{\sum_k\tilde w_k\log w_k}=\sum_k\tilde w_k\log(K\tilde w_k)+\log\frac1K\sum_j w_j$.
# 4. The first term is the divergence of $\tilde w$ from the uniform distribution $1/K$:
#
# $$\underbrace{\sum_k\tilde w_k\log w_k}_{\text{surrogate}}-\underbrace{\log\frac1K\sum_k w_k}_{\text{bound}}
#   =\mathrm{KL}(\tilde w\,\|\,\text{uniform})\in[0,\log K].$$
#
# It is 0 only if all weights are equal, and $\log K$ if one draw has everything. So the worse the encoder, the better the
# report.
#
# **Exercise {exercise: EXCESS}.** Write this excess from the log-weights, shape `(draws, examples)`, one value per example, without the
# surrogate and without the bound: from the normalised weights alone. (A weight may be 0 for a computer: $0\log0=0$.)


# %% tags=["exercise"]
def excess(log_weights):
    # BEGIN SOLUTION
    weights = np.exp(log_weights - log_weights.max(axis=0))
    weights = weights / weights.sum(axis=0)
    return np.sum(weights * np.log(np.where(weights > 0, len(weights) * weights, 1.0)), axis=0)
    # END SOLUTION


# %%
check(exercises.EXCESS, excess)

# %% [markdown]
# Both sides, computed apart, for every image and every $K$ (SciPy's entropy for the right one):

# %% tags=["proof"]
from scipy.stats import entropy

for K in (1, 10, 1000):
    some = log_weights[:K]
    left = as_reported(some) - log_mean_exp(some)
    shares = np.exp(some - some.max(axis=0))
    right = entropy(shares, np.full_like(shares, 1 / K), axis=0)  # SciPy normalises the weights itself
    print(
        f"K = {K:4}: surrogate − bound {left.mean():.4f} nats, KL(w̃ ‖ uniform) {right.mean():.4f}, at most log K = {np.log(K):.4f}"
    )
    assert np.abs(left - right).max() < 1e-9, "the surrogate must exceed the bound by KL(w̃ ‖ uniform), to rounding"
    assert (right < np.log(K) + 1e-9).all(), "and this divergence is at most log K"

# %% [markdown]
# An identity again.

# %% [markdown]
# ## Training on the tighter bound
#
# With automatic differentiation nobody needs a surrogate: the loss *is* $-L_K$. A model that climbs $L_K$ instead of the ELBO is
# an **importance-weighted autoencoder**, IWAE (Burda et al., 2016). It is the VAE with another loss.
#
# **Exercise {exercise: IWAE_LOSS}: write the loss.** `log_weights` is a tensor `(batch, K)`: each row the $\log w_k$ of one image. Return
# one number to be made small, in nats per image. Use `keras.ops` (`ops.logsumexp`, `ops.log`, `ops.mean`), so that the gradient
# passes; no weight may overflow.


# %% tags=["exercise"]
def iwae_loss(log_weights):
    # BEGIN SOLUTION
    num_draws = log_weights.shape[1]
    return -ops.mean(ops.logsumexp(log_weights, axis=1) - np.log(num_draws))
    # END SOLUTION


# %%
check(exercises.IWAE_LOSS, iwae_loss)

# %% [markdown]
# The check looks at value *and* gradient: by step 3 above, the gradient by $\log w_k$ must be $-\tilde w_k$, divided by the batch.
# The library's loss does the same, and tracks the two terms of the ELBO beside it:

# %%
from course_lib import show
from course_lib.models import IWAE

show(IWAE.compute_loss)

# %% [markdown]
# There is no β here. A weight on the KL divergence makes sense for a *sum* of two terms; in the logarithm of one mean it
# would turn the weights into something whose mean is not $p(x)$, and the bound would tighten towards nothing in particular.
#
# Train it, with $K=5$: the VAE's networks, data, first weights and number of steps, five times the decodings. And train the
# library's `IWAE` beside it, with the same noise. (If yours is not right yet, the course's own loss takes its place.)
# **Predict:** how far apart will these two be? And is an IWAE better than the VAE both by the truth on the grid *and* by the ELBO
# of its encoder?


# %%
loss_in_use = iwae_loss if exercises.IWAE_LOSS.judge(iwae_loss) == "right" else exercises.iwae_loss()


class WithYourLoss(IWAE):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        log_likelihood, log_ratio = self._terms(x, y_pred)  # of each draw: (batch, K)
        return loss_in_use(log_likelihood - log_ratio)


models = {"VAE": vae}
for name, model in {"IWAE, your loss": WithYourLoss, "IWAE, library": IWAE}.items():
    keras.utils.set_random_seed(run.seed)
    models[name] = model(*digit_networks(2, (64,), (128, 128)), bernoulli_log_prob, num_samples=5, seed=run.seed)
    models[name].compile(keras.optimizers.Adam(0.003))
    models[name].fit(train_x, epochs=15, verbose=0)

# %% tags=["proof"]
truths = {name: exact if trained is vae else exact_log_prob(trained, test_x) for name, trained in models.items()}
gaps = {}
for name, trained in models.items():
    weights = log_importance_weights(trained, test_x, 100)
    truth, elbo, spread = truths[name].mean(), weights.mean(), np.exp(0.5 * trained.encode(test_x)[1]).mean()
    gaps[name] = truth - elbo
    print(f"{name:16} log p(x) {truth:.3f}   L_5 {log_mean_exp(weights[:5]).mean():.3f}   ELBO {elbo:.3f}", end="   ")
    print(f"gap {gaps[name]:.3f}   mean σ of q {spread:.3f}")
apart = abs(truths["IWAE, your loss"].mean() - truths["IWAE, library"].mean())
print(f"your loss and the library's: {apart:.4f} nats apart in log p(x)")
assert apart < 0.1, "one loss, two ways to write it: the trained models must agree"
assert gaps["IWAE, library"] > gaps["VAE"], "the IWAE's ELBO must lie farther below its truth than the VAE's"

# %% [markdown]
# The two IWAEs are one model, but for rounding. Now read their rows from the right. The IWAE's $q$ is wider and its ELBO lies
# *farther* below its own $\log p(x)$: it was not asked for a good ELBO. In the bound $L_5$ a draw may miss, so $q$ may reach out and
# cover the posterior, and the decoder need not bend its posteriors into the shape of $q$. By the truth it is the better model
# here, at each of three starts that we tried; in general that depends on the model and on the time it is given. On
# MNIST, after a long training, with $K=50$, it is about two nats in the paper (below). The price is time: five decodings an image for one.

# %% [markdown] tags=["deeper"]
# ### The price: the encoder's gradient drowns
#
# If $K=10$ is good, why not train with $K=5000$? In the limit $L_K=\log p(x)$, and *the truth does not depend on $q$ at
# all*. So the encoder's gradient must vanish. The question is whether its noise vanishes faster. Rainforth et al. (2018)
# answered it with orders of magnitude:
#
# * $L_K$ depends on the encoder only through the gap, about $v/2K$. Its gradient by the encoder's parameters, the
#   **signal**, falls like $1/K$.
# * The estimate is a ratio of two means over $K$ draws, $\frac1K\sum_k w_k\nabla\log w_k$ and $\frac1K\sum_k w_k$. Each varies by
#   $1/\sqrt K$ about its own mean, and so (to first order in both, the delta method) does the ratio: its **noise**
#   (standard deviation) falls like $1/\sqrt K$.
# * The decoder's signal tends to $\nabla_\theta\log p(x)$, which is not 0; its noise falls like $1/\sqrt K$, too.
#
# **Exercise {exercise: PREDICT_SNR}.** From $K=1$ to $K=100$: by which factor does the **signal-to-noise ratio** change, (encoder's, decoder's)?

# %% tags=["exercise"]
# BEGIN SOLUTION
my_factors = ((1 / 100) / (1 / 100**0.5), 1 / (1 / 100**0.5))
# END SOLUTION

# %%
check(exercises.PREDICT_SNR, my_factors)

# %% [markdown]
# Measure it where every gradient is known by hand: $z\sim\mathcal N(\theta, I)$, $x\mid z\sim\mathcal N(z, I)$, and
# $q=\mathcal N(m, \tfrac23 I)$ with a mean $m$ that is off by 0.4 in each of five dimensions. Along a draw
# $z=m+\sqrt{2/3}\,\varepsilon$ (lesson {number: the_reparameterization_trick}): by the decoder's parameter, $\nabla_\theta\log w=z-\theta$; by the encoder's,
# $\nabla_m\log w=(x-z)+(\theta-z)$, because $\log q$ depends on $\varepsilon$ alone.

# %%
theta, seen = np.zeros(5), np.ones(5)
m, variance = (seen + theta) / 2 + 0.4, 2 / 3


def gradients_of_bound(K, repetitions):
    z = m + np.sqrt(variance) * rng.standard_normal((repetitions, K, 5), dtype="float32")
    log_w = -0.5 * ((seen - z) ** 2 + (z - theta) ** 2 - (z - m) ** 2 / variance).sum(axis=2)
    weights = np.exp(log_w - log_w.max(axis=1, keepdims=True))
    weights = (weights / weights.sum(axis=1, keepdims=True))[:, :, None]
    along_z = (seen + theta - 2 * z) + (z - m) / variance  # by z alone, q held fixed
    gradients = {"encoder": weights * (seen + theta - 2 * z), "decoder": weights * (z - theta)}
    return {name: each.sum(axis=1) for name, each in gradients.items()} | {"DReG": (weights**2 * along_z).sum(axis=1)}


draws, ratios = np.array([1, 4, 16, 64, 256]), {"encoder": [], "decoder": [], "DReG": []}
for K in draws:
    parts = [gradients_of_bound(K, 1000) for _ in range(20)]
    for name in ratios:
        g = np.concatenate([part[name] for part in parts])
        ratios[name].append(np.mean(np.abs(g.mean(axis=0)) / g.std(axis=0)))

# %% tags=["proof"]
slopes = {name: np.polyfit(np.log(draws[2:]), np.log(values[2:]), 1)[0] for name, values in ratios.items()}
ax = plotting.curves(ratios, x=draws, xlabel="draws K", ylabel="signal / noise of one gradient")
ax.set(xscale="log", yscale="log")
plotting.show(
    alt="Signal divided by noise of one gradient against the number of draws, both axes logarithmic. The decoder's "
    "line rises, the encoder's falls, and that of the doubly reparameterized encoder gradient, flat at first, rises."
)
for name, expected in (("encoder", -0.5), ("decoder", 0.5), ("DReG", 0.5)):
    print(
        f"{name}: signal-to-noise ratio {ratios[name][0]:.2f} at K = 1, {ratios[name][-1]:.3f} at K = 256; slope {slopes[name]:+.2f}, predicted {expected:+.1f}"
    )
    assert abs(slopes[name] - expected) < 0.2, f"{name}: the signal-to-noise ratio must change like K^{expected:+.1f}"

# %% [markdown]
# All slopes as predicted, to a tenth or so (the axes are logarithmic). The decoder gains from every draw; the encoder, at $K=256$, climbs a
# hill that it can hardly feel. Hence: a large $K$ for *judging*, a moderate one for *training* (5 to 50 in the papers), or
# another estimator of the same gradient: `DReG`, the **doubly reparameterized** one (Tucker et al., 2019). It leaves out
# the part of $\nabla\log w$ that comes from the parameters of $q$ directly (a score function, lesson {number: the_reparameterization_trick}),
# and weights the rest by $\tilde w_k^2$: the same mean, and a signal that does not drown.

# %% [markdown] tags=["deeper"]
# ## Whose fault is the gap?
#
# The distance from the encoder's ELBO to $\log p(x)$ has two causes (Cremer et al., 2018):
#
# $$\log p(x)-\text{ELBO}(q_\phi)=\underbrace{\log p(x)-\text{ELBO}(q^*)}_{\text{approximation gap: the family}}
#   +\underbrace{\text{ELBO}(q^*)-\text{ELBO}(q_\phi)}_{\text{amortisation gap: the encoder}} ,$$
#
# where $q^*$ is the best diagonal Gaussian for *this* $x$. It is found by optimisation, for each image alone, decoder fixed:
# start where the encoder points and climb the ELBO (its KL term exact, the same noise in every step, the best place kept).
# So the search can never end below its start.
#
# **Exercise {exercise: WHICH_GAP}.** For one image $\log p(x)=-80$; the encoder's $q$ has the ELBO −92, the best diagonal Gaussian −85.
# Predict (amortisation gap, approximation gap).

# %% tags=["exercise"]
# BEGIN SOLUTION
my_gaps = (-85 - -92, -80 - -85)
# END SOLUTION

# %%
check(exercises.WHICH_GAP, my_gaps)

# %% [markdown]
# First where the answer is known: probabilistic PCA with two latents whose columns are not at right angles, and an encoder
# that is wrong on purpose. Lesson {number: the_elbo} derived what the best diagonal Gaussian loses:
# $\tfrac12(\sum_j\log\Lambda_{jj}-\log|\Lambda|)$. **Will the search stop just there?**

# %% tags=["proof"]
from course_lib.exact import mean_field_gaussian
from course_lib.formulas import gaussian
from course_lib.metrics import amortisation_gap, elbo_of_posterior

tilted = ProbabilisticPCA(weights=[[2.0, 1.2], [1.0, 0.9], [0.5, -0.2]], mean=np.zeros(3), variance=0.5)
points = tilted.sample(50, seed=run.seed + 1)
keras.utils.set_random_seed(run.seed)
encoder, decoder = networks.dense_gaussian_encoder((3,), 2, ()), networks.dense_decoder(2, (3,), ())
encoder.get_layer("mean").set_weights([0.25 * np.ones((3, 2)), np.zeros(2)])
encoder.get_layer("log_var").set_weights([np.zeros((3, 2)), np.full(2, -1.0)])
decoder.set_weights([tilted.weights.T, tilted.mean])
linear = VAE(encoder, decoder, gaussian(0.5), seed=run.seed)
found = amortisation_gap(linear, points, num_samples=200, num_steps=150)
_, rest = mean_field_gaussian(tilted.posterior(points)[1])
start, end = (tilted.elbo(points, *q) for q in (linear.encode(points), (found.mean, found.log_var)))
left = tilted.log_prob(points) - end
print(
    f"mean ELBO: encoder {start.mean():.3f}, after the search {end.mean():.3f}; log p(x) {tilted.log_prob(points).mean():.3f}"
)
print(f"what remains of the gap: {left.mean():.4f} nats (from {left.min():.4f}); the mean-field gap: {rest:.4f} nats")
assert (left > rest - 1e-6).all(), "no diagonal Gaussian can lose less than the mean-field gap"
assert left.mean() < rest + 0.03, "and the search must lose hardly more"

# %% [markdown]
# It does; the last hundredth or two is the noise of the 200 draws that the search looks at. Which brings a warning. The search has
# *seen* its draws, and with few of them it would find a $q$ that flatters these draws only. Judge the outcome on fresh ones.
#
# Now the VAE with two latents. **Your guess:** which is larger, the encoder's share or the family's? And will the encoder do
# as well on images that it has not been trained on?

# %% tags=["proof"]
shares = {}
for name, images in {"training": binary(digits.x_train[:60], seed=run.seed), "test": test_x[:60]}.items():
    found = amortisation_gap(vae, images, num_samples=32, num_steps=50)
    q_encoder, q_best = vae.encode(images), (found.mean, found.log_var)
    fresh = {"num_samples": 100, "seed": 1}  # draws that the search has not seen
    ours, best = (elbo_of_posterior(vae, images, *q, **fresh) for q in (q_encoder, q_best))
    shares[name] = {"amortisation": (best - ours).mean(), "approximation": (exact_log_prob(vae, images) - best).mean()}
    error = (best - ours).std() / np.sqrt(len(images))
    print(f"{name:8} amortisation gap {shares[name]['amortisation']:.2f} ± {error:.2f}", end=" ")
    print(f"(on the search's draws {found.gap.mean():.2f}), approximation gap {shares[name]['approximation']:.2f} nats")
    assert (best - ours).mean() > 3 * error, "on fresh draws, too, the search must gain"

# %%
ax = plt.subplots(figsize=(6.5, 1.9), layout="constrained")[1]
left, names = np.zeros(2), {"approximation": "approximation: the family", "amortisation": "amortisation: the encoder"}
for (key, label), colour in zip(names.items(), (plotting.PALETTE[4], plotting.PALETTE[5]), strict=True):
    widths = np.array([parts[key] for parts in shares.values()])
    ax.barh(range(2), widths, left=left, color=colour, label=label)
    left = left + widths
ax.set_yticks(range(2), list(shares))
ax.set(xlabel="log p(x) − ELBO / nats per image, on average")
ax.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, 1.45), ncols=2)
plotting.show(
    alt="Two stacked horizontal bars of the mean distance between log p(x) and the ELBO, each divided into the share "
    "of the family and the share of the encoder."
)

# %% [markdown]
# Each bar is the mean distance from ELBO to truth; orange what this small encoder, one network for all images, leaves on the
# table, blue the rest. Mind what the rest holds: what no diagonal Gaussian can close, *and* what the search, with its 32
# draws, has missed. Judged on fresh draws the encoder's share comes out too small, on the search's own too large (both are
# printed), so the family's share is *at most* the blue bar. Both causes count, and the encoder's at least about as much as the family's.
# Whether the encoder does worse on new images than on its own cannot be told from these bars, with such errors; the next section has one
# that surely does. The two parts ask for different cures: a richer family for the blue one, a larger encoder (or a few steps of search
# per image) for the orange one.

# %% [markdown] tags=["deeper"]
# ## Over-fitting of a density model
#
# A model with enough freedom can give its *training* images a high density, and pay for it elsewhere: densities integrate to
# one. Nothing in the training curve shows it. Take 150 images, each drawn in black and white once, a wide VAE with eight
# latents, and far too many passes; and follow the bound $L_{20}$ of training and test images. **Sketch both curves first.**

# %%
few, held_out = binary(digits.x_train[:150], seed=run.seed), test_x[:200]
keras.utils.set_random_seed(run.seed)
wide = VAE(*digit_networks(8, (256, 256), (256, 256), "relu"), bernoulli_log_prob, seed=run.seed)
wide.compile(keras.optimizers.Adam(0.002))
curves = {"150 training images": [], "test images": []}


class HeldOutBound(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        for name, images in zip(curves, (few, held_out), strict=True):
            curves[name].append(importance_weighted_log_likelihood(wide, images, 20).mean())


copies = np.tile(few, (20, 1, 1, 1))  # an "epoch" is 20 passes
wide.fit(copies, epochs=20, verbose=0, callbacks=[HeldOutBound()])
passes = 20 * np.arange(1, len(curves["test images"]) + 1)
axes = {"x": passes, "xlabel": "passes over the 150 images", "ylabel": "bound $L_{20}$ / nats per image"}
plotting.curves({name: np.array(values) for name, values in curves.items()}, **axes)
plotting.show(
    alt="Bound per image against passes over 150 training images. The curve of the training images goes on rising; "
    "that of the test images turns and falls."
)

# %% tags=["proof"]
train_end, test_end = (values[-1] for values in curves.values())
test_best, stop = max(curves["test images"]), passes[np.argmax(curves["test images"])]
print(
    f"test: best {test_best:.2f} nats, after {stop} passes; at the end {test_end:.2f}. Training at the end {train_end:.2f}"
)
some = test_x[:100]
found = amortisation_gap(wide, some, num_samples=16, num_steps=40)
of_encoder, of_best = (
    elbo_of_posterior(wide, some, *q, num_samples=100, seed=1) for q in (wide.encode(some), (found.mean, found.log_var))
)
won_back, error = (of_best - of_encoder).mean(), (of_best - of_encoder).std() / 10
print(
    f"test ELBO at the end {of_encoder.mean():.2f} nats; a search for each image wins back {won_back:.2f} ± {error:.2f}"
)
assert train_end > curves["150 training images"][0] + 3, "the training bound must keep growing"
assert test_end < test_best - 1, "while the test bound has passed its best"
assert won_back > 5 * error, "and the encoder must be at a loss on images that it has not seen"

# %% [markdown]
# The blue curve rises to the end, the orange one turns over on the way and falls. The lowest *training* loss says
# nothing about which *density* is best; the held-out bound decides, and stopping at its top is the simplest cure
# (at the top of the *validation* images' bound, if the test images are to be reported).
#
# Note also the last line. On images that it has not seen, the over-fitted *encoder* is out of its depth, and a search for each
# image wins back two nats of the ELBO or more. So the fall of a test ELBO is not all the decoder's. $L_K$ with a large
# $K$, or a search for each image, tells the two apart.

# %% [markdown]
# ## Reading a table
#
# Log-likelihoods are compared to tenths of a nat. How large are the differences that have nothing to do with the model? Here
# is *one* model, our VAE with two latents, and *one* set of test images, made black and white in different ways. **Predict the
# order:** (1) drawn once; (2) drawn again with another seed; (3) threshold at ½; (4) left grey.

# %% tags=["proof"]
ways = {
    "drawn": test_x,
    "drawn again": binary(digits.x_test, seed=run.seed + 101),
    "threshold at ½": (digits.x_test > 0.5).astype("float32"),
    "left grey": digits.x_test,
}
figures = {}
for name, images in ways.items():
    values = importance_weighted_log_likelihood(vae, images, 200)
    figures[name] = values.mean()
    print(f"{name:16} {values.mean():7.2f} ± {values.std() / np.sqrt(len(values)):.2f} nats")
print(f"only the first 50 images, drawn: {importance_weighted_log_likelihood(vae, test_x[:50], 200).mean():7.2f} nats")
assert abs(figures["drawn"] - figures["drawn again"]) < 0.5, "two drawings must agree within their errors"
assert figures["threshold at ½"] > figures["drawn"] + 1, "a threshold makes another, easier data set"

# %% [markdown]
# Same network, same scans; and the threshold changes the figure by more than most papers gain. Drawn pixels carry noise that
# no model can predict; a threshold removes it. The grey row is not a log-likelihood at all: for a grey pixel the Bernoulli
# formula is no probability (it does not sum to 1 over what a pixel can be).
#
# So before you set two figures side by side, three things must match: the **binarisation** (drawn anew, drawn once, or a
# threshold), the **split** (which images, and *all* of them), and the **estimator** (ELBO, or $L_K$ with which $K$).
#
# ### The real thing
#
# Burda et al. (2016) trained a VAE and an IWAE ($K=50$) on MNIST with pixels drawn anew at each presentation: 50 latents,
# two layers of 200 tanh units on each side, 3,280 passes. Their table says 86.76 and 84.78 nats ($-L_{5000}$, lower is
# better). `make benchmark-mnist` repeats it in the course's repository. The full schedule takes days on two CPU cores; a
# shorter run is a station on the way, and says so. Published, and reached so far:

# %%
published = {"vae": 86.76, "iwae": 84.78}
stored = {  # what `make benchmark-mnist` printed last; a test compares it with its raw results
    "vae": {
        "log_likelihood": -90.95,
        "standard_error": 0.33,
        "images": 5000,
        "epochs": 49,
        "minutes": 33.6,
        "date": "2026-11-27",
    },
}
for name, figure in published.items():
    found, ours = stored.get(name), "no run that is long enough to say something"
    if found:
        ours = f"{-found['log_likelihood']:.2f} ± {found['standard_error']:.2f} nats, K = 5,000, passes: {found['epochs']:,} "
        ours += f"({found['minutes']} min, {found['images']:,} of the test images, {found['date']})"
    print(f"{name:4} published {figure:.2f} nats, passes: 3,280\n     here {ours}")

# %% [markdown]
# The images of a short run are a random choice from the 10,000, so by the rule above this is a station, not a comparison with
# the paper. (One pass of the IWAE costs fifty draws for each image, six minutes here, and one pass tells nothing.)
#
# **Exercise {exercise: READ_A_TABLE}.** Somebody shows you six results beside "IWAE, K = 50: 84.78 nats". Which of them may be *compared* with it?
#
# * (a) My model: pixels drawn anew in training, test pixels drawn once, all 10,000 test images, $-L_{5000}$: 83.9 nats.
# * (b) My model, as (a), but $-$ELBO: 86.2 nats.
# * (c) My model, trained and tested on the fixed binarised MNIST that others distribute, $-L_{5000}$: 84.0 nats.
# * (d) My model, as (a), on the first 1,000 test images: 83.8 nats.
# * (e) My model on grey pixels, Bernoulli loss: 64.1 nats.
# * (f) Another paper, all as in (a), "0.156 bits per pixel".
#
# Answer with a set of letters, such as `{"b", "c"}`.

# %% tags=["exercise"]
# BEGIN SOLUTION
comparable = {"a", "f"}
# END SOLUTION

# %%
check(exercises.READ_A_TABLE, comparable)

# %% [markdown]
# With a GPU you can go part of the way yourself: the paper's VAE on MNIST, 20 passes with new pixels in each, and
# $L_{5000}$ of 500 test images chosen at random. (With the `cpu` profile the cell only says so; where MNIST is neither on this
# machine nor within reach, too.)

# %%
mnist = None
if run.profile == "gpu":
    try:
        mnist = datasets.load("mnist")
    except RuntimeError as error:  # no file and no network: the message says what can be done
        print(error)
keras.utils.set_random_seed(run.seed)
if mnist is None:
    print("skipped: it needs the gpu profile (COURSE_PROFILE=gpu), MNIST, and its time")
else:
    encoder = networks.dense_gaussian_encoder((28, 28, 1), 50, (200, 200), "tanh")
    decoder = networks.dense_decoder(50, (28, 28, 1), (200, 200), "tanh")
    real = VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed)
    for epoch in range(20):
        real.fit(binary(mnist.x_train, seed=run.seed + epoch), batch_size=100, verbose=0)
    chosen = np.random.default_rng(1).permutation(10_000)[:500]
    values = importance_weighted_log_likelihood(real, binary(mnist.x_test[chosen], seed=run.seed), 5_000)
    print(f"L_5000 of 500 test images after 20 passes: {values.mean():.2f} ± {values.std() / 500**0.5:.2f} nats")

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "With K = 5000 the bound is exact, so I may call it log p(x)." True?</summary>
#
# It is a lower bound in expectation for every $K$, and its distance is about $v/2K$ with $v$ the relative variance of one
# weight. Where $q$ misses the posterior, $v$ may be enormous, and 5000 draws not enough. Look at the effective sample size, and
# say which $K$ you used. (Wu et al., 2017, check such numbers by annealed importance sampling.)
# </details>
#
# <details><summary><b>2.</b> A single estimate of $L_{10}$ for one image lies above the exact log p(x). A bug?</summary>
#
# Not yet. The bound holds for the *expectation*; one estimate is random. If the *mean over many images* lies above the truth by
# many standard errors, look for a surrogate, a missing $-\log K$ or a missing $-\log q$.
# </details>
#
# <details><summary><b>3.</b> Model A has the higher ELBO, model B the higher $L_{5000}$. Which is the better density?</summary>
#
# B, as far as these images can tell: $L_{5000}$ is the tighter bound for both. A's encoder is the better match for its decoder.
# An IWAE is a B by design.
# </details>
#
# <details><summary><b>4.</b> To get the best encoder, train with the largest K that fits into memory?</summary>
#
# No. The encoder's signal-to-noise ratio falls like $1/\sqrt K$. The decoder gains, the encoder loses.
# </details>
#
# <details><summary><b>5.</b> The training loss still falls, so the model still improves. What do you ask?</summary>
#
# For the bound on held-out images. A density model over-fits as a classifier does: density on the training images is taken from
# everywhere else. (And ask whether the fall of the test ELBO is the decoder's or only the encoder's.)
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **computed** the log of a mean of weights that no float holds, by taking the largest out first, and **proved** that merging blocks of
#   one pool never lowers the bound, whatever it holds;
# * **found** the bug in a report that beat the truth (deeper: and **derived** its excess, $\mathrm{KL}(\tilde w\,\|\,\text{uniform})\le\log K$);
# * **written** the IWAE's loss, trained it to the library's model, and **measured** effective sample sizes (and, deeper, the signal-to-noise ratio of a gradient: down like $1/\sqrt K$ for the
#   encoder, up like $\sqrt K$ for the decoder);
# * deeper: **split** the gap into amortisation and approximation, and seen the search stop at the mean-field gap on probabilistic PCA;
# * **read** a table by its binarisation, its split and its $K$ (deeper: and **recognised** over-fitting by the held-out bound).
#
# How good is my model? At least $L_K$, on held-out images, with $K$ and the binarisation stated, ± its error.
#
# **Go further.** With the `gpu` profile the cell before the quiz trains the network of the paper on MNIST. The whole schedule is
# `make benchmark-mnist` in the repository (it can be interrupted and goes on; `ARGS="--minutes 60"` stops after an hour). Or
# take the IWAE above with $K=50$: does its $\log p(x)$ still grow? And its ELBO?
#
# **References.** Kong, Liu & Wong (1994), *Sequential imputations and Bayesian missing data problems*, JASA 89. · Burda, Grosse & Salakhutdinov (2016), *Importance weighted
# autoencoders*, arXiv:1509.00519. · Wu, Burda, Salakhutdinov & Grosse (2017), *On the quantitative analysis of decoder-based
# generative models*, arXiv:1611.04273. · Cremer, Li & Duvenaud (2018), *Inference suboptimality in variational autoencoders*,
# arXiv:1801.03558. · Rainforth et al. (2018), *Tighter variational bounds are not necessarily better*, arXiv:1802.04537. · Tucker,
# Lawson, Gu & Maddison (2019), *Doubly reparameterized gradient estimators for Monte Carlo objectives*, arXiv:1810.04152.

# %% [markdown] tags=["slide"]
# # Tighter bounds: how good is my model, in nats?
#
# The ELBO says that a model is *at least* so good.
#
# **How much better may it be, how can we find out, and when may two such numbers be compared?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: the gap, and the gradient through a draw. A table says 86 nats for one model and 84 for another: is the second better? Come back to this at the end.

# %% [markdown] tags=["slide"]
# ## Put the logarithm last
#
# $$w_k=\frac{p(x\mid z_k)\,p(z_k)}{q(z_k\mid x)}\qquad\mathbb E[w_k]=p(x)$$
#
# . . .
#
# $$L_K(x)=\mathbb E\Big[\log\frac1K\sum_{k=1}^Kw_k\Big]$$
#
# + $K=1$ is the ELBO.
# + Inside the logarithm the mean is $p(x)$, for every $K$.
# + Jensen: $L_K\le\log p(x)$. **A lower bound for every $K$.**

# %% [markdown] tags=["notes"]
# 3 min. The order of mean and logarithm is all that stands between us and the truth. Ask for K = 1 before you show it.

# %% [markdown] tags=["slide"]
# ## Predict: three wrong q
#
# Shifted by one width; twice as wide; 0.8 times as wide. Which has the lowest ELBO? Do all reach $\log p(x)$?
#
# . . .
#
# {figure: the-logarithm-of-a-mean-3}

# %% [markdown] tags=["notes"]
# 3 min. Twice as wide is lowest. What an ELBO loses by a poor q, draws win back; we pay with decodings. The last points are noisy: few blocks of 1,024.

# %% [markdown] tags=["slide"]
# ## Why it never falls
#
# Average the log of the mean over blocks. Merge two blocks, with means $a$ and $b$:
#
# $$\log\frac{a+b}2\;\ge\;\frac{\log a+\log b}2$$
#
# . . .
#
# {output: why-it-never-falls-2}
#
# No error bar is needed: it holds for every pool.

# %% [markdown] tags=["notes"]
# 2 min. Let them try to break it: a giant weight? The last column is the smallest of ten steps, and it is never negative. Expectations give L_2K ≥ L_K.

# %% [markdown] tags=["slide"]
# ## Predict: what will be printed?
#
# An image of 28 × 28, before training: each pixel costs about $\log2$, so $w\approx e^{-543}$. In float32:
#
#     np.log(np.exp(log_weights).mean(axis=0))
#
# . . .
#
# The smallest float32 is about $e^{-103}$:
#
# {output: numbers-that-no-computer-can-hold-2}

# %% [markdown] tags=["notes"]
# 2 min. Usual wrong answer: −543. The answer itself is an ordinary number near −543.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: LOG_MEAN_EXP} · {minutes} minutes
#
# Write the logarithm of the mean so that it survives any size:
#
#     def my_log_mean_exp(log_weights):
#         """(draws, examples) -> (examples,)"""
#
# *No `logsumexp`: it is two lines.*

# %% [markdown] tags=["notes"]
# 4 min. Subtract the largest of each column, add it again outside. Usual wrong answers: one maximum for the whole table; the sum in place of the mean.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: ONE_GOOD_DRAW} · {minutes} minutes
#
# Two draws, one good and one useless:
#
# $$\log w_1=-90\qquad\log w_2=-1000$$
#
# **What is $\log\frac12(w_1+w_2)$, to two decimals?**
#
# And the mean of the two logarithms?

# %% [markdown] tags=["notes"]
# 2 min. −90 − log 2 = −90.69; the mean is −545. One good draw in K costs log K and no more. The ELBO cannot forgive like that.

# %% [markdown] tags=["slide"]
# ## A VAE, and the whole truth about it
#
# Two latents: the integral can be done on a grid. Pixels are *drawn* black or white: else a Bernoulli likelihood is no probability.
#
# {figure: a-vae-and-the-whole-truth-about-it-2}

# %% [markdown] tags=["notes"]
# 2 min. The model is poor, never mind: we want to know log p(x), whatever it is. Leave out how the grid is judged.

# %% [markdown] tags=["slide"]
# ## Predict: how many draws to within 0.1 nats?
#
# 10, 100 or 1,000?
#
# . . .
#
# {figure: a-vae-and-the-whole-truth-about-it-6}

# %% [markdown] tags=["notes"]
# 2 min. A hundred are enough, and the first ten bring most. Papers report K = 5,000 and call it log-likelihood. It is still a bound.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PREDICT_ESS} · {minutes} minutes
#
# How many *equal* weights would be as good? The **effective sample size**:
#
# $$\mathrm{ESS}=\frac{\big(\sum_kw_k\big)^2}{\sum_kw_k^2}\in[1,K]$$
#
# Ten draws: one has the weight 9, nine have the weight 1. **How many do they count for?**

# %% [markdown] tags=["notes"]
# 3 min. 18² / 90 = 3.6. Usual wrong answers: 10; 1, "one dominates"; forgetting the squares of the nine.

# %% [markdown] tags=["slide"]
# ## Predict: whose draws are worth little?
#
# Images with a low ELBO, or those with a large *gap*?
#
# . . .
#
# {figure: what-draws-are-worth-3}

# %% [markdown] tags=["notes"]
# 2 min. The gap. A warning light, no proof: it knows nothing of a region that no draw has reached. A few dots have a small gap and few effective draws: a thin tail.

# %% [markdown] tags=["slide"]
# ## A gradient that is right
#
# $$\nabla\log\frac1K\sum_kw_k=\frac{\sum_k\nabla w_k}{\sum_jw_j}$$
#
# . . .
#
# $$\nabla L_K=\mathbb E\Big[\sum_k\tilde w_k\,\nabla\log w_k\Big]\qquad\tilde w_k=\frac{w_k}{\sum_jw_j}$$
#
# . . .
#
# "So I maximise $\sum_k\tilde w_k\log w_k$, and that is my log-likelihood." Is it?

# %% [markdown] tags=["notes"]
# 2 min. Use ∇w = w ∇log w. The best draw teaches most. Let the last sentence stand; vote.

# %% [markdown] tags=["slide"]
# ## A report that beats the truth
#
# {output: a-report-that-beats-the-truth-2}
#
# A *lower* bound, above the truth. **Where is the bug?**

# %% [markdown] tags=["notes"]
# 2 min. Exercise {exercise: REPAIR_THE_REPORT} repairs it. Watch the last column. The gradient is right and the value is not.

# %% [markdown] tags=["slide"]
# ## A surrogate is no bound
#
# $$\underbrace{\sum_k\tilde w_k\log w_k}_{\text{surrogate}}-\underbrace{\log\frac1K\sum_kw_k}_{\text{bound}}=\mathrm{KL}(\tilde w\,\|\,\text{uniform})\in[0,\log K]$$
#
# + 0 only if all weights are equal.
# + $\log K$ if one draw has everything.
# + The worse the encoder, the better the report.
#
# Use it for its gradient, if you must; **report the bound.**

# %% [markdown] tags=["notes"]
# 2 min. The derivation, four lines, is in a deeper section. Ask what it says about a leader board.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: IWAE_LOSS} · {minutes} minutes
#
# The loss *is* $-L_K$. Write it with `keras.ops`:
#
#     def iwae_loss(log_weights):
#         """(batch, K) -> one number, nats per image"""
#
# *No weight may overflow. Where would β go?*

# %% [markdown] tags=["notes"]
# 4 min. −mean(logsumexp − log K). Usual wrong answers: the wrong axis; no log K; the mean of logs, which is the ELBO. β: nowhere, the mean would no longer be p(x).

# %% [markdown] tags=["slide"]
# ## Predict: VAE and IWAE, both judged twice
#
# Same networks, data, steps; $K=5$. Which has the higher $\log p(x)$, which the higher ELBO?
#
# . . .
#
# {output: training-on-the-tighter-bound-6 1-3}

# %% [markdown] tags=["notes"]
# 3 min. The IWAE's q is wider and its ELBO lies farther below its own truth: it was not asked for a good ELBO. One start: do not sell the difference in log p(x).

# %% [markdown] tags=["slide"]
# ## Quiz: then why not train with K = 5,000?
#
# . . .
#
# In the limit $L_K=\log p(x)$, which does not depend on $q$ at all. The **encoder's** gradient vanishes, faster than its noise does.
#
# . . .
#
# A large $K$ for *judging*, a moderate one for *training*.

# %% [markdown] tags=["notes"]
# 2 min. Signal like 1/K, noise like 1/√K: the encoder's ratio falls like 1/√K, the decoder's rises. The figure and the cure, DReG, are in a deeper section.

# %% [markdown] tags=["slide"]
# ## Predict: one model, four drawings
#
# The same network, the same test images: (1) drawn; (2) drawn again; (3) threshold at ½; (4) left grey.
#
# . . .
#
# {output: reading-a-table-2 1-4}

# %% [markdown] tags=["notes"]
# 2 min. Order them first. The threshold takes away noise that no model can predict. The grey row is no log-likelihood at all.

# %% [markdown] tags=["slide"]
# ## What must match in a table?
#
# + The **binarisation**: drawn anew, drawn once, or a threshold.
# + The **split**: which images, and *all* of them.
# + The **estimator**: ELBO, or $L_K$ with which $K$.

# %% [markdown] tags=["notes"]
# 1 min. Collect on the board before you show it. A difference of two nats is what whole papers are about.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: READ_A_TABLE} · {minutes} minutes
#
# Beside "IWAE: 84.78 nats", $-L_{5000}$, all test images. Which may be compared?
#
# - (a) pixels drawn once for the test, all images, $-L_{5000}$: 83.9
# - (b) as (a), but −ELBO: 86.2
# - (c) *fixed* binarised MNIST, $-L_{5000}$: 84.0
# - (d) as (a), first 1,000 images: 83.8
# - (e) grey pixels: 64.1
# - (f) as (a), 0.156 bits per pixel

# %% [markdown] tags=["notes"]
# 3 min. (a) and (f): 0.156 · 784 · log 2 is about 84.8 nats. Usual wrong answer: (d), "a thousand are enough": they are other images.

# %% [markdown] tags=["slide"]
# ## To take home
#
# $$\text{ELBO}=L_1\le L_K\le\log p(x)$$
#
# More draws tighten the bound. Say which $K$, which pixels, which images; and report a bound, not a surrogate.
#
# *At home:* exercises {exercise: EXCESS}, {exercise: PREDICT_SNR} and {exercise: WHICH_GAP}.

# %% [markdown] tags=["notes"]
# 1 min. Next: steering a model, a letter on request.
