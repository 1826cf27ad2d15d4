# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "How does a gradient pass through a random draw?"
# ---

# %% [markdown]
# # The reparameterization trick: how a gradient passes through a random draw
#
# **The question.** A VAE draws its code at random, and trains the network that says *how* to draw. But a draw is a
# number out of a box: what is the derivative of a number out of a box?
#
# In this lesson you will
#
# * **derive** two estimators of the gradient of an expectation, line by line, and **test** by experiment that both are unbiased;
# * **write** the draw of a VAE, and **find the bug** in one whose loss is better than that of the true draw;
# * **predict** the variance of both estimators in closed form, and **measure** it, also inside a trained VAE;
# * **write** the leave-one-out baseline, which lowers the variance of one of them, and **decide** which estimator applies;
# * deeper: **draw** discrete codes by Gumbel-max, **write** the gradient through the softened draw, and **measure** what it costs.
#
# *To know before:* {lesson: the_elbo} (the ELBO is an expectation under $q_\phi$); the chain rule; the
# variance of a sum. *Time:* {times}; about 30 seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## A curve that cannot be differentiated, and one that can
#
# Lesson {number: the_elbo} ended with a number to climb, $\mathbb E_{z\sim q_\phi}[\,\dots]$, in which the weights $\phi$ stand *under the
# expectation sign*: they decide from where $z$ is drawn. Strip it to the smallest such problem. One number
# $z\sim\mathcal N(\mu,\sigma^2)$, and the function $f(z)=z^2$. We know everything about it:
#
# $$\mathbb E[z^2]=\mu^2+\sigma^2,\qquad \frac{d}{d\mu}\,\mathbb E[z^2]=2\mu .$$
#
# Now pretend that we do not, and estimate $\mathbb E[z^2]$ by the mean of 100 draws, for a row of values of $\mu$. Do it
# in two ways: with **fresh** randomness for every $\mu$, and by drawing 100 numbers $\varepsilon\sim\mathcal N(0,1)$
# **once** and moving them, $z=\mu+\sigma\varepsilon$. Both are honest estimates at every single $\mu$. **Before you run
# the cell:** what does each *curve* look like, and which of the two has a slope?

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_lib import plotting

rng = np.random.default_rng(run.seed)
sigma, means = 1.0, np.linspace(-1, 2, 121)
once = rng.standard_normal(100)
estimates = {
    "fresh draws for each μ": np.array([np.mean((mu + sigma * rng.standard_normal(100)) ** 2) for mu in means]),
    "the same ε, moved": np.array([np.mean((mu + sigma * once) ** 2) for mu in means]),
    "exact: μ² + σ²": means**2 + sigma**2,
}
plotting.curves(estimates, xlabel="μ", ylabel="estimate of E[z²]", x=means)
plotting.show(
    alt="Three curves of an estimate of E[z²] against the mean. With fresh draws it jumps from point to point; with "
    "the same noise, moved, it is a smooth parabola close to the exact one."
)
spacing = means[1] - means[0]
for name, values in estimates.items():
    errors = np.diff(values) / spacing - (means[1:] + means[:-1])
    print(f"{name:24} slope between neighbours: wrong by {np.sqrt(np.mean(errors**2)):5.2f} (root mean square)")

# %% [markdown]
# Each blue point is as good as each orange one. But the blue curve jumps from one point to the next: the difference of
# two neighbours, divided by a small step, is nearly all noise, and the smaller the step the worse. The orange curve is
# a parabola: not quite the true one (green), but with a slope close to its slope everywhere.
#
# So there are two views of one draw. *A number out of a box that depends on* $\mu$: no slope. *A fixed noise, moved by*
# $\mu$: an ordinary function of $\mu$, with an ordinary derivative. The second view is the whole trick.

# %%
figure, frames = plt.subplots(1, 2, figsize=(9, 2.4), layout="constrained")
draws = {"a draw from a box": "z ~ N(μ, σ²)", "a noise that is moved": "z = μ + σε"}
back = {"color": plotting.PALETTE[5], "linestyle": "--", "connectionstyle": "arc3,rad=0.45"}
for ax, (title, z) in zip(frames, draws.items(), strict=True):
    places, forward = {"μ, σ": (0, 0), z: (1.6, 0), "f(z)": (3.2, 0)}, [("μ, σ", z), (z, "f(z)")]
    gradients, random = [("f(z)", z)], z
    if "ε" in z:
        places, forward = places | {"ε ~ N(0, 1)": (1.6, 1.1)}, [*forward, ("ε ~ N(0, 1)", z)]
        gradients, random = [*gradients, (z, "μ, σ")], "ε ~ N(0, 1)"
    arrows = [(*each, "", {}) for each in forward] + [(*each, "", back) for each in gradients]
    plotting.diagram(places, arrows, shaded=[random], ax=ax)
    ax.set(title=title, ylim=(-0.9, 1.5))
plotting.show(
    alt="Two diagrams. Left, μ and σ lead to a random box z and on to f(z); the dashed gradient comes back from f(z) and "
    "ends at z. Right, the random box is ε, beside the way; the gradient passes through z to μ and σ."
)

# %% [markdown]
# Grey: what is random. Solid: what is computed. Dashed: the gradient. It cannot pass a box that is random itself (left);
# with the randomness beside the way, it can (right).

# %% [markdown]
# ## The pathwise estimator
#
# Let $p(\varepsilon)$ be the density of $\mathcal N(0,1)$.
#
# 1. Write the draw as a **path** from noise to $z$: $\;z=\mu+\sigma\varepsilon$, $\varepsilon\sim\mathcal N(0,1)$.
#    Moved and scaled noise is Gaussian again, with mean $\mu$ and variance $\sigma^2$: the same $z$.
# 2. Change the variable of the integral: $\;\mathbb E_{z}[f(z)]=\int f(\mu+\sigma\varepsilon)\,p(\varepsilon)\,d\varepsilon$.
#    The parameters have moved from the density into the function.
# 3. Differentiate under the integral; $p$ does not depend on $\mu$:
#    $\;\frac{d}{d\mu}\mathbb E[f]=\int \frac{d}{d\mu} f(\mu+\sigma\varepsilon)\,p(\varepsilon)\,d\varepsilon$.
# 4. Chain rule, $\frac{dz}{d\mu}=1$: $\;\frac{d}{d\mu}\mathbb E[f]=\mathbb E_\varepsilon\big[f'(\mu+\sigma\varepsilon)\big]$.
# 5. The same for $\sigma$, with $\frac{dz}{d\sigma}=\varepsilon$: $\;\frac{d}{d\sigma}\mathbb E[f]=\mathbb E_\varepsilon\big[f'(\mu+\sigma\varepsilon)\,\varepsilon\big]$.
# 6. And for the log-variance $v=\log\sigma^2$, which a network returns: $\sigma=e^{v/2}$, so $\frac{d\sigma}{dv}=\frac\sigma2$
#    and $\;\frac{d}{dv}\mathbb E[f]=\mathbb E_\varepsilon\big[f'(z)\,\tfrac12\sigma\varepsilon\big]$.
#
# A draw of $\varepsilon$, put into the bracket of 4, is the **pathwise** (or *reparameterization*) estimator. Step 3 is
# the one that needs something: $f$ must be continuous, and differentiable but for a few kinks. We come back to that.
#
# For $f(z)=z^2$ the estimator is $2z$, and its mean is $2\mu$: right.
#
# Nothing here was added to any loss. $z=\mu+\sigma\varepsilon$ is a way of **sampling**; there is no
# "reparameterization loss". The objective is the same ELBO as before.
#
# **Exercise {exercise: DRAW}.** Write the draw for a batch: `mean`, `log_var` ($=\log\sigma^2$) and `noise` have the shape
# `(batch, latent_dim)`, and so has the result.


# %% tags=["exercise"]
def my_draw(mean, log_var, noise):
    # BEGIN SOLUTION
    return mean + np.exp(0.5 * log_var) * noise
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import the_reparameterization_trick as exercises

check(exercises.DRAW, my_draw)

# %% [markdown]
# The library's layer does the same, and brings its own stream of noise. (It must be Keras' noise, drawn inside `call`.
# With `np.random` the noise would be drawn *once*, when a training step is compiled, and then be the same for ever.)

# %%
from course_lib import show
from course_lib.layers import Sampling

show(Sampling.call)

# %% [markdown]
# How would you test such a layer? "Two calls differ" is not enough: far too many wrong draws differ, too. Among
# Gaussians, mean **and** variance decide, so measure both, at several points (that the draw has a Gaussian's shape is a test of its own). With $n$ draws the mean has the standard
# error $\sigma/\sqrt n$, and the variance $\sigma^2\sqrt{2/n}$.

# %% tags=["proof"]
from keras import ops

n, layer, points = 40_000, Sampling(seed=run.seed), [(0.0, 0.0), (1.5, 1.2), (-2.0, -3.0)]
for mu, log_var in points:
    z = layer(ops.full((n, 1), mu), ops.full((n, 1), log_var))
    z, variance = np.asarray(ops.convert_to_numpy(z), "float64"), np.exp(log_var)
    errors = np.sqrt(variance / n), variance * np.sqrt(2 / n)
    print(f"asked for mean {mu:4.1f}, got {z.mean():7.4f} ± {errors[0]:.4f};", end="   ")
    print(f"asked for variance {variance:.4f}, got {z.var():.4f} ± {errors[1]:.4f}")
    assert abs(z.mean() - mu) < 5 * errors[0], "the draws must have the mean they were asked for"
    assert abs(z.var() - variance) < 5 * errors[1], "the draws must have the variance they were asked for"

# %% [markdown]
# Now the gradients that the machine finds through the draw, by automatic differentiation. For $f(z)=z^2$ their means
# should be $2\mu$ (step 4), and by $\log\sigma^2$ (step 6) $\mathbb E[2z\cdot\frac12\sigma\varepsilon]=\sigma^2$.

# %% tags=["proof"]
from course_lib.formulas import input_gradient

for mu, log_var in points:
    mean, log_vars = ops.full((n, 1), mu), ops.full((n, 1), log_var)
    by_mean = input_gradient(lambda m, v=log_vars: layer(m, v) ** 2, mean)
    by_log_var = input_gradient(lambda v, m=mean: layer(m, v) ** 2, log_vars)
    for name, slopes, exact in (("μ", by_mean, 2 * mu), ("log σ²", by_log_var, np.exp(log_var))):
        slopes = np.asarray(ops.convert_to_numpy(slopes), "float64")
        error = slopes.std() / np.sqrt(n)
        print(f"slope of E[z²] by {name:6}: {slopes.mean():7.4f} ± {error:.4f}, exact {exact:7.4f}")
        assert abs(slopes.mean() - exact) < 5 * error, "the gradient through the draw must be the known one"

# %% [markdown]
# Moments and gradients, all within a few standard errors.

# %% [markdown]
# ## A draw that makes the loss better
#
# Here is a draw as one finds it in tutorials: $z=\mu\cdot e^{\frac12\log\sigma^2}$. It is put
# into the library's VAE in place of `Sampling`, and both VAEs are trained on the digits, made black and white: same networks, same start, same
# data, same steps. (How the parts of a VAE work together is lesson {number: the_variational_autoencoder}; here only the draw matters.) The loss of
# the second will be *better*. **Your guess:** by which of its two terms, reconstruction or KL? And what will it generate?

# %%
import keras

from course_lib import datasets, networks
from course_lib.formulas import bernoulli_log_prob
from course_lib.models import VAE

digits = datasets.load("digits")
x_train, x_test = ((part > 0.5).astype("float32") for part in (digits.x_train, digits.x_test))  # black or white


class AsFound(keras.layers.Layer):
    def call(self, mean, log_var):
        return mean * ops.exp(0.5 * log_var)


def trained(draw):
    keras.utils.set_random_seed(run.seed)
    encoder = networks.dense_gaussian_encoder((8, 8, 1), 4, (128,))
    vae = VAE(encoder, networks.dense_decoder(4, (8, 8, 1), (128,)), bernoulli_log_prob, seed=run.seed)
    vae.sampling = draw
    vae.compile(keras.optimizers.Adam(0.003))
    return vae, vae.fit(np.tile(x_train, (10, 1, 1, 1)), epochs=10, verbose=0).history


# %% tags=["proof"]
good, good_history = trained(Sampling(seed=run.seed))
bad, bad_history = trained(AsFound())
ends = {"μ + σ ε": good_history["loss"], "as found": bad_history["loss"]}
plotting.curves(ends, xlabel="epoch", ylabel="training loss / nats per image")
plotting.show(
    alt="Training loss per image against the epoch for two draws. The curve of the draw as found ends below that of "
    "the correct draw."
)
for name, history in (("μ + σ ε", good_history), ("as found", bad_history)):
    print(f"{name:9} loss {history['loss'][-1]:.2f} nats, of which KL {history['kl'][-1]:.2f} nats")
assert bad_history["loss"][-1] < good_history["loss"][-1] - 1, "the broken draw must reach the *better* loss"

# %% [markdown]
# The broken one wins by several nats per image, in both terms, and its KL is close to 0. A colleague would ship it. **Before you read
# on:** the loss of a VAE is a bound on $-\log p(x)$. What would it mean that a code which costs almost nothing
# (half a nat or so; to name one of ten equally frequent digits takes $\log 10=2.3$) tells the decoder which digit to draw, and how?
#
# It would be a miracle, so suspect the bound. Look at two things: the images that each model *generates* (draw $z$ from
# the prior, decode), and the ELBO of test images with an honest draw, which `vae.elbo` makes with a layer of its own.

# %% tags=["proof"]
from course_lib.metrics import nearest_distance

models = {"μ + σ ε": good, "as found": bad}
rows = {f"generated, {name}": vae.sample(12, seed=3) for name, vae in models.items()}
plotting.image_rows({"real": x_test[:12]} | rows)
plotting.show(
    alt="Three rows of twelve images: real digits, samples of the VAE with the correct draw, and samples of the one "
    "as found, which are crisper and often no digits."
)
mark = nearest_distance(x_test, x_train).mean()
elbos, distances = {}, {}
for name, vae in models.items():
    elbos[name] = vae.elbo(x_test)
    black_or_white = vae.sample(1_000, seed=run.seed + 1) > 0.5  # as the data are
    distances[name] = nearest_distance(black_or_white, x_train)
    for what, values in ((f"{name:9} honest ELBO / nats", elbos[name]), ("distance", distances[name])):
        print(f"{what} {values.mean():6.2f} ± {values.std() / np.sqrt(len(values)):.2f}", end="    ")
    print(f"(mark {mark:.2f})")
assert elbos["as found"].mean() < elbos["μ + σ ε"].mean() - 10, (
    "with an honest draw, the broken model must be far worse"
)
assert distances["as found"].mean() > distances["μ + σ ε"].mean() + 0.1, "its images must lie farther from real ones"

# %% [markdown]
# The truth turned round. With a real draw of $z$, the "better" model loses tens of nats. Its generated images may deceive
# you: they are *crisper* than those above them. But many are confident strokes that make no digit. The ruler of
# {lesson: the_latent_space}, on samples made black or white, puts them beyond the mark of held-out real digits; honest
# samples stay within it. Why was its loss so good? Ask its draw for many codes of *one* image, and for one code of *each*
# image:

# %% tags=["proof"]
tensors = [ops.convert_to_tensor(np.tile(each, (5_000, 1))) for each in bad.encode(x_test[:1])]
for name, draw in {"μ + σ ε": Sampling(seed=run.seed), "as found": AsFound()}.items():
    z = ops.convert_to_numpy(draw(*tensors)).astype("float64")
    print(f"{name:9} mean of z {z.mean(axis=0).round(3)}   variance of z {z.var(axis=0).round(3)}")
asked_mean, asked_log_var = (ops.convert_to_numpy(each)[0] for each in tensors)
print(f"{'asked for':9} mean      {asked_mean.round(3)}   variance      {np.exp(asked_log_var).round(3)}")
assert (z.var(axis=0) < 1e-9).all(), "as found, z must have no variance at all, given x"
for name, vae in models.items():
    codes = vae.sampling(*(ops.convert_to_tensor(each) for each in vae.encode(x_train)))
    print(f"{name:9} variance of z over all images {ops.convert_to_numpy(codes).var(axis=0).round(2)} (prior: 1)")

# %% [markdown]
# There is no draw. Given $x$, the code is *one point*, $\mu\sigma$: this is an autoencoder (lesson {number: autoencoders}) that pays a KL for a
# distribution which it never uses. So it keeps $\sigma$ near 1 and $\mu$ near 0, where the KL costs little on average, and writes its
# message in small differences of $\mu$. The decoder can read them, because no noise is there to blur them. This "loss"
# is not the negative ELBO of anything. And all its codes lie in a small region around 0 (last line), so most draws of
# N(0, I) land where the decoder has never been. With a true draw the variance over all images is close to 1: the
# codes fill the prior.
#
# The lesson of it: **a loss that falls proves nothing about a draw.** Its moments convict: a wrong mean or variance
# is a wrong draw. (Right ones do not acquit: $\mu\pm\sigma$ by the toss of a coin has both. The shape must fit, too.)
#
# **Exercise {exercise: REPAIR_THE_DRAW}: find the bug.** Repair the draw. This time it makes its own noise: use the generator `rng` that you
# are given. `check` looks at what you were told to look at: the moments of many draws, their shape, and whether they are independent.


# %% tags=["exercise"]
def repaired_draw(mean, log_var, rng):
    # BEGIN SOLUTION
    return mean + np.exp(0.5 * log_var) * rng.standard_normal(mean.shape)
    # INSTEAD
    # return mean * np.exp(0.5 * log_var)
    # END SOLUTION


# %%
check(exercises.REPAIR_THE_DRAW, repaired_draw)

# %% [markdown]
# ## The score-function estimator
#
# The pathwise estimator needs $f'$. What if $f$ is a program that you can run but not differentiate, or if $z$ is a
# category, which cannot be moved a little? There is an older way (Glynn, 1990; Williams, 1992, who called it REINFORCE).
# It leaves $f$ alone and differentiates the *density*:
#
# 1. The draw's density depends on $\mu$, $f$ does not:
#    $\frac{d}{d\mu}\mathbb E_q[f]=\frac{d}{d\mu}\int q(z)\,f(z)\,dz=\int \frac{dq(z)}{d\mu}\,f(z)\,dz.$
# 2. That is no expectation, so we cannot draw it. Repair: $\frac{d}{d\mu}\log q=\frac1q\frac{dq}{d\mu}$, so
#    $\frac{dq}{d\mu}=q\,\frac{d}{d\mu}\log q$.
# 3. Insert: $\frac{d}{d\mu}\mathbb E_q[f]=\int q(z)\,\frac{d\log q(z)}{d\mu}\,f(z)\,dz
#    =\mathbb E_q\Big[f(z)\,\frac{d\log q(z)}{d\mu}\Big].$
# 4. The derivative of the log-density is called the **score**. For the Gaussian,
#    $\log q=-\frac{(z-\mu)^2}{2\sigma^2}+\text{const}$, so the score is $\frac{z-\mu}{\sigma^2}=\frac\varepsilon\sigma$.
#
# In words: *draw; if the result was good, shift the density towards it, in proportion to how good.* No derivative of
# $f$ anywhere; it may be a step, a table, a game.
#
# Both estimators of $d\,\mathbb E[z^2]/d\mu$, then: $\;2z\;$ and $\;z^2\,\varepsilon/\sigma$. Both should average
# $2\mu$. **What do you expect of the single values?** Here $\mu=1.5$, $\sigma=0.6$.


# %%
def two_estimators(mu, sigma, n, rng):
    epsilon = rng.standard_normal(n)
    z = mu + sigma * epsilon
    return {"pathwise": 2 * z, "score function": z**2 * epsilon / sigma}


ax = plt.subplots(figsize=(7, 2.8), layout="constrained")[1]
for colour, (name, g) in zip(plotting.PALETTE, two_estimators(1.5, 0.6, 20_000, rng).items(), strict=False):
    ax.hist(g, bins=np.linspace(-8, 42, 101), density=True, alpha=0.6, color=colour, label=name)
ax.axvline(3.0, color="black", linestyle="--", label="exact: 2μ = 3")
ax.set(xlabel="one estimate of dE[z²]/dμ", ylabel="density", yscale="log")
ax.legend(frameon=False)
plotting.show(
    alt="Histograms of single gradient estimates on a logarithmic axis, with the exact value as a line. The pathwise "
    "ones are narrow around it; those of the score function crowd just below 0, with a long tail to the right."
)

# %% [markdown]
# Same mean, and two different worlds (mind the logarithmic axis; the long tail goes on to the right of the frame). One
# pathwise estimate is rarely off by more than 3, and has the wrong sign in six of a thousand draws; one score-function
# estimate has it whenever $\varepsilon<0$, that is half of the time, and now and then it is 10 times too large. First a test that the means are the same, at several points:

# %% tags=["proof"]
for mu, sigma in [(1.5, 0.6), (-2.0, 0.3), (0.5, 2.0)]:
    for name, g in two_estimators(mu, sigma, 200_000, rng).items():
        error = g.std() / np.sqrt(len(g))
        print(f"μ = {mu:4}, σ = {sigma}: {name:14} {g.mean():7.3f} ± {error:.3f}   exact {2 * mu:.3f}")
        assert abs(g.mean() - 2 * mu) < 5 * error, f"the {name} estimator must be unbiased for 2μ"

# %% [markdown]
# ## Two variances, in closed form
#
# How much worse is it? For $f=z^2$ this can be computed. The moments of $\varepsilon\sim\mathcal N(0,1)$ are
# $\mathbb E[\varepsilon^2]=1$, $\mathbb E[\varepsilon^4]=3\cdot1=3$, $\mathbb E[\varepsilon^6]=5\cdot3=15$ (integrate by parts: each is the
# one before, times the next odd number); all odd ones are 0 by symmetry.
#
# **Pathwise.** $\;2z=2\mu+2\sigma\varepsilon$, so $\;\mathrm{Var}[2z]=4\sigma^2$.
#
# **Score function.**
#
# 1. Insert $z^2=\mu^2+2\mu\sigma\varepsilon+\sigma^2\varepsilon^2$:
#    $\;g=z^2\,\frac\varepsilon\sigma=\frac{\mu^2}{\sigma}\varepsilon+2\mu\,\varepsilon^2+\sigma\,\varepsilon^3$.
# 2. The mean, as a check: only the even power counts, $\;\mathbb E[g]=2\mu$.
# 3. Square: $\;g^2=\frac{\mu^4}{\sigma^2}\varepsilon^2+4\mu^2\varepsilon^4+\sigma^2\varepsilon^6
#    +2\,\frac{\mu^2}{\sigma}\,\sigma\;\varepsilon^4+(\text{terms in }\varepsilon^3\text{ and }\varepsilon^5).$
# 4. Take the mean: $\;\mathbb E[g^2]=\frac{\mu^4}{\sigma^2}+4\mu^2\cdot3+\sigma^2\cdot15+2\mu^2\cdot3
#    =\frac{\mu^4}{\sigma^2}+18\mu^2+15\sigma^2.$
# 5. Subtract the squared mean, $4\mu^2$:
#    $$\mathrm{Var}\Big[z^2\,\frac\varepsilon\sigma\Big]=\frac{\mu^4}{\sigma^2}+14\mu^2+15\sigma^2 .$$
#
# **Exercise {exercise: PREDICT_THE_VARIANCES}.** Take $\mu=2$, $\sigma=\tfrac12$. Predict both variances, pathwise first. (And: how many
# score-function draws do you have to average to be as exact as *one* pathwise draw?)

# %% tags=["exercise"]
# BEGIN SOLUTION
my_variances = (4 * 0.5**2, 2.0**4 / 0.5**2 + 14 * 2.0**2 + 15 * 0.5**2)
# END SOLUTION

# %%
check(exercises.PREDICT_THE_VARIANCES, my_variances)

# %% [markdown]
# Their ratio is that number of draws. Now measure, over a range
# of $\mu/\sigma$. (In units of $\sigma^2$, both depend on this ratio alone: 4, and
# $r^4+14r^2+15$.) A measured variance has an error, too: $\sqrt{(m_4-s^4)/n}$ with $s^2$ the variance and $m_4$ the
# fourth central moment.


# %% tags=["proof"]
def measured_variance(g):
    squares = (g - g.mean()) ** 2
    return squares.mean(), squares.std() / np.sqrt(len(g))


ratios, sigma = np.array([0, 0.5, 1, 2, 3, 5, 8]), 0.7
exact = {"pathwise": lambda r: 4 + 0 * r, "score function": lambda r: r**4 + 14 * r**2 + 15}
fine = np.linspace(0, 8, 200)
curves = {f"{name}: closed form": law(fine) for name, law in exact.items()}
ax = plotting.curves(curves, xlabel="μ / σ", ylabel="variance / σ²", x=fine)
ax.set_yscale("log")
for ratio in ratios:
    for colour, (name, g) in zip(
        plotting.PALETTE, two_estimators(ratio * sigma, sigma, 400_000, rng).items(), strict=False
    ):
        variance, error = np.array(measured_variance(g)) / sigma**2
        ax.errorbar(ratio, variance, 5 * error, fmt="o", color=colour, capsize=3)
        if ratio in (0, 2, 8):
            print(
                f"μ/σ = {ratio:.0f}: {name:14} {variance:9.3f} ± {error:.3f} σ²   closed form {exact[name](ratio):.0f} σ²"
            )
        assert abs(variance - exact[name](ratio)) < 6 * error, (
            f"the variance of the {name} estimator must be as derived"
        )
plotting.show(
    alt="Variance of two gradient estimators against μ/σ, logarithmic. The pathwise line is flat, the score "
    "function's rises steeply; measured dots lie on the lines."
)

# %% [markdown]
# Lines: the closed forms; dots: measured, with bars of five standard errors, mostly smaller than the dot. The pathwise
# variance does not care where $\mu$ is. The other grows like $\mu^4/\sigma^2$: that term is the *level* of $f$, which has
# nothing to do with its slope. And look at $\sigma\to0$ at a fixed $\mu\ne0$: pathwise $4\sigma^2\to0$, score function
# $\mu^4/\sigma^2\to\infty$. An encoder that becomes sure of its codes (a small $\sigma$) makes one estimator perfect and
# the other useless.

# %% [markdown]
# ## Baselines: subtract what you knew before
#
# Can the level of $f$ be taken out? The score has mean 0, because the density stays normalised:
# $\mathbb E_q[\frac{d\log q}{d\mu}]=\int\frac{dq}{d\mu}dz=\frac{d}{d\mu}1=0$. So for *every* constant $b$,
#
# $$\mathbb E_q\Big[(f(z)-b)\,\frac{d\log q}{d\mu}\Big]=\frac{d}{d\mu}\,\mathbb E_q[f]-b\cdot0 :$$
#
# still unbiased. $b$ is a **baseline**; a term of mean 0 that is subtracted to lower the variance is a **control
# variate**. Which $b$ is best? Write $s=\varepsilon/\sigma$ for the score.
#
# 1. A parabola in $b$: $\;\mathrm{Var}[(f-b)s]=\mathrm{Var}[fs]-2b\,\mathrm{Cov}[fs,s]+b^2\,\mathrm{Var}[s].$
# 2. Its lowest point: $b^\ast=\mathrm{Cov}[fs,s]\,/\,\mathrm{Var}[s]=\mathbb E[f s^2]\,/\,\mathbb E[s^2]$.
# 3. For $f=z^2$: $\mathbb E[s^2]=\frac1{\sigma^2}$ and $\mathbb E[z^2s^2]=\frac{\mu^2+3\sigma^2}{\sigma^2}$, so
#    $b^\ast=\mu^2+3\sigma^2$. (Not quite the mean of $f$, $\mu^2+\sigma^2$.)
# 4. What remains: $\mathrm{Var}[fs]-\frac{(\mu^2+3\sigma^2)^2}{\sigma^2}=8\mu^2+6\sigma^2$. The term $\mu^4/\sigma^2$ is gone.
#
# How much does it buy, and what if $b$ is a little off? **Predict** the shape of the variance as a function of $b$, and
# whether a bad $b$ can do harm.

# %% tags=["proof"]
mu, sigma, n = 2.0, 0.5, 400_000
best = mu**2 + 3 * sigma**2
epsilon = rng.standard_normal(n)
values = (mu + sigma * epsilon) ** 2


def closed_form(b):
    return mu**4 / sigma**2 + 14 * mu**2 + 15 * sigma**2 + (b**2 - 2 * b * best) / sigma**2


b_axis = np.linspace(-4, 12, 100)
lines = {"score function: closed form": closed_form(b_axis), "pathwise": np.full(100, 4 * sigma**2)}
ax = plotting.curves(lines, xlabel="baseline b", ylabel="variance of one draw", x=b_axis)
for b in (-4.0, 0.0, 2.0, mu**2 + sigma**2, best, 8.0, 12.0):
    g = (values - b) * epsilon / sigma
    variance, error = measured_variance(g)
    ax.errorbar(b, variance, 5 * error, fmt="o", color=plotting.PALETTE[0], capsize=3)
    print(f"b = {b:5.2f}: mean {g.mean():.3f}, variance {variance:6.2f} ± {error:.2f}, derived {closed_form(b):6.2f}")
    assert abs(g.mean() - 2 * mu) < 5 * g.std() / np.sqrt(n), "any constant baseline must leave the mean alone"
    assert abs(variance - closed_form(b)) < 6 * error, "the variance must be the parabola"
plotting.show(
    alt="Variance of the score-function estimator against its baseline: a parabola with measured dots on it. Its "
    "lowest point is still far above the flat line of the pathwise estimator."
)
assert np.isclose(closed_form(best), 8 * mu**2 + 6 * sigma**2), "at its lowest point, step 4"

# %% [markdown]
# A parabola, flat at its bottom: $b$ need not be exact, the mean of $f$ is nearly as good. A baseline on the wrong side, or
# too large, does harm. And even the best one leaves the score function far above the pathwise line: it still learns only
# *whether* a draw was good, where the pathwise estimator is told in which direction it would have been better.
#
# One trap. In practice $b$ is estimated, and the nearest estimate is the mean of $f$ over the same draws. But then each
# draw's own value is inside its baseline, and the baseline is no constant any more: of $K$ draws, the part $f(z_k)/K$ of the
# mean is the draw's own, and $\mathbb E[\frac1Kf(z_k)\,s_k]$ is one $K$-th of the gradient. It is subtracted.
#
# The repair is called **leave-one-out** (Mnih & Rezende, 2016; Kool et al., 2019): the baseline of each draw is the mean of
# $f$ over the *others*. It is independent of this draw, hence as good as a constant:
# $\;\frac1K\sum_k\big(f(z_k)-\text{mean}_{j\ne k}\,f(z_j)\big)\,s_k$.
#
# **Exercise {exercise: LEAVE_ONE_OUT}.** Write it. `values` ($f(z)$) and `score` have the shape `(n, K)`: each row holds the $K$ draws of one
# estimate. Return the `n` estimates.


# %% tags=["exercise"]
def leave_one_out(values, score):
    # BEGIN SOLUTION
    others = (values.sum(axis=1, keepdims=True) - values) / (values.shape[1] - 1)
    return ((values - others) * score).mean(axis=1)
    # END SOLUTION


# %%
check(exercises.LEAVE_ONE_OUT, leave_one_out)

# %% [markdown]
# Four estimators on the same draws. **Which mean is wrong, and by how much at $K=2$?** And what does leaving one out cost in
# variance?

# %% tags=["proof"]
for K in (2, 4, 16):
    noise = rng.standard_normal((200_000, K))
    f_values = (mu + sigma * noise) ** 2
    average = f_values.mean(axis=1, keepdims=True)
    of_the_others = (K * average - f_values) / (K - 1)
    baselines = {"b = 0": 0.0, "mean of all": average, "leave-one-out": of_the_others}
    estimates = {name: ((f_values - b) * noise / sigma).mean(axis=1) for name, b in baselines.items()}
    variance = {}
    for name, g in (estimates | {"pathwise": 2 * (mu + sigma * noise).mean(axis=1)}).items():
        error, (variance[name], its_error) = g.std() / np.sqrt(len(g)), measured_variance(g)
        print(f"K = {K:2}, {name:13}: mean {g.mean():.3f} ± {error:.3f}", end="   ")
        print(f"(exact {2 * mu:.0f}), variance {variance[name]:6.3f} ± {its_error:.3f}")
        factor = 1 - 1 / K if name == "mean of all" else 1.0
        assert abs(g.mean() - factor * 2 * mu) < 5 * error, "only the draw's own value may shrink the gradient"
    assert variance["pathwise"] < variance["leave-one-out"] < 0.6 * variance["b = 0"], "the baseline must help, not win"

# %% [markdown]
# With its own draw in the baseline, the gradient shrinks by the factor $1-1/K$: half of it is lost at $K=2$. (So leave-one-out
# is the same sum divided by $K-1$ instead of $K$.) Leave-one-out keeps the mean, and takes nearly half of the variance away at
# $K=2$, two thirds at $K=16$; pathwise is far ahead still.

# %% [markdown]
# ## Inside a trained VAE
#
# So much for $z^2$. Now the real thing: the good VAE from above, one test image $x$, $f(z)=\log p(x\mid z)$, and the gradient
# with respect to the four means that the encoder returned. Three estimators, on the same 4,000 draws. **By what
# factor** will their variances differ?

# %%
n, x = 4_000, x_test[:1]
mean, log_var = good.encode(x)
sigma, epsilon = np.exp(0.5 * log_var), rng.standard_normal((n, 4)).astype("float32")
images, means = (ops.convert_to_tensor(np.tile(each, (n,) + (1,) * (each.ndim - 1)), "float32") for each in (x, mean))


def log_likelihood(means):
    return bernoulli_log_prob(images, good.decoder(means + sigma * epsilon))


f_values = np.asarray(ops.convert_to_numpy(log_likelihood(means)), "float64")[:, None]
of_the_others = (f_values.sum() - f_values) / (n - 1)
gradients = {
    "pathwise": np.asarray(ops.convert_to_numpy(input_gradient(log_likelihood, means)), "float64"),
    "score function, baseline": (f_values - of_the_others) * epsilon / sigma,
    "score function": f_values * epsilon / sigma,
}
total = {name: g.var(axis=0).sum() for name, g in gradients.items()}

# %% tags=["proof"]
figure, frames = plt.subplots(1, 3, figsize=(9, 2.6), layout="constrained")
for ax, (name, g), colour in zip(frames, gradients.items(), plotting.PALETTE, strict=False):
    ax.scatter(g[:800, 0], g[:800, 1], s=3, color=colour)
    ax.plot(*gradients["pathwise"].mean(axis=0)[:2], "k+", markersize=12)
    ax.set(title=name, xlabel="slope by $\\mu_1$ / nats")
frames[0].set_ylabel("slope by $\\mu_2$ / nats")
plotting.show(
    alt="Three clouds of gradients in a trained VAE, one dot for each draw, all around the same cross, on scales of "
    "their own: pathwise, score function with a baseline, and score function. The plain score function scatters "
    "by far the most."
)
for name, g in gradients.items():
    difference = g - gradients["pathwise"]
    print(f"{name:25} variance {total[name]:9.1f} nats², {total[name] / total['pathwise']:7.1f} × pathwise")
    error = difference.std(axis=0) / np.sqrt(n)
    assert (np.abs(difference.mean(axis=0)) <= 5 * error).all(), "all three must have the same mean"
assert total["score function"] > 50 * total["pathwise"], "in a VAE the score function must be far noisier"
assert total["score function, baseline"] < 0.2 * total["score function"], "a baseline must help by a large factor"

# %% [markdown]
# Each dot is the gradient from one draw, the cross is the mean that all three share (mind the three scales). Plain, the
# score function has a hundred times the variance or more: to get the same gradient you would average as many draws of $z$
# *for every image*. A baseline takes back most of that, not all. With the pathwise gradient one draw per image is
# enough, and that made the VAE practical (Kingma & Welling, 2014; Rezende et al., 2014). The decoder here has ReLU units,
# with kinks; it is continuous, and the kinks have no area, so step 3 holds.

# %% [markdown]
# ## When does each apply?
#
# Pathwise is not always better, and not always *right*. Take a **step** first, $f(z)=1$ for $z>0$ and 0 else. Its expectation is
# a probability, with the slope $\frac{d}{d\mu}P(z>0)=\frac1\sigma\,p(\frac\mu\sigma)$, $p$ the density of $\mathcal N(0,1)$. **Predict** what the machine
# finds on the path.

# %% tags=["proof"]
from scipy.stats import norm

mu, sigma, n = 0.4, 0.8, 200_000
epsilon = rng.standard_normal(n)
z, exact_slope = mu + sigma * epsilon, norm.pdf(mu / sigma) / sigma
score = (z > 0) * epsilon / sigma
path = input_gradient(lambda means: ops.cast(means + sigma * epsilon > 0, "float32"), ops.full((n,), mu))
error = score.std() / np.sqrt(n)
print(f"exact {exact_slope:.4f}, score function {score.mean():.4f} ± {error:.4f}, pathwise {float(ops.mean(path)):.4f}")
assert abs(score.mean() - exact_slope) < 5 * error, "the score function must be unbiased for a step"
assert float(ops.max(ops.abs(path))) == 0, "on the path a step must have no slope at all"

# %% [markdown]
# For the step, pathwise says 0, always, without an error message. Step 3 of its derivation is not allowed there: all of the
# change happens at the jump, and a draw never hits it. One line shows how the two estimators hang together. The score is
# $\frac{dq}{d\mu}/q$, and $\frac{dq}{d\mu}=-\frac{dq}{dz}$ (moving μ to the right is moving $z$ to the left), so, integrating by parts,
# $\int f\,\frac{dq}{d\mu}\,dz=-\int f\,\frac{dq}{dz}\,dz=\int f'\,q\,dz$: score function in, pathwise out. A jump of $f$ would
# leave a term of its own at the jump, and that is the term which pathwise forgets.
#
# Now a **wave**, $f(z)=\sin(kz)$, with $\frac{d}{d\mu}\mathbb E[f]=k\cos(k\mu)\,e^{-k^2\sigma^2/2}$. It is smooth, but its slopes grow with $k$
# while its values do not. **Who wins** for long waves (a small $k$), and who for short ones?

# %% tags=["proof"]
waves, variances = np.linspace(0.2, 6, 30), {"pathwise": [], "score function": []}
for k in waves:
    exact_slope = k * np.cos(k * mu) * np.exp(-0.5 * (k * sigma) ** 2)
    for name, g in (("pathwise", k * np.cos(k * z)), ("score function", np.sin(k * z) * epsilon / sigma)):
        variances[name].append(g.var())
        assert abs(g.mean() - exact_slope) < 5 * g.std() / np.sqrt(n), (
            f"for a wave the {name} estimator must be unbiased"
        )
ax = plotting.curves(variances, xlabel="wave number k", ylabel="variance, f = sin(kz)", x=waves)
ax.set_yscale("log")
plotting.show(
    alt="Variance of two gradient estimators against the wave number, logarithmic. For long waves the pathwise curve "
    "is lower; for short ones it is higher than that of the score function."
)
assert variances["pathwise"][0] < variances["score function"][0], "for a smooth f pathwise must win"
assert variances["pathwise"][-1] > variances["score function"][-1], "for a rough f the score function must win"

# %% [markdown]
# Both are right for every wave (asserted), and for short ones the score function is the better one: the slope at a point says
# little about the average over many waves (Mohamed et al., 2020).
#
# | | pathwise | score function |
# |---|---|---|
# | needs from $f$ | continuous, with a derivative | only its values |
# | needs from $q$ | a path $z=T(\varepsilon,\phi)$, differentiable in $\phi$ | a density, differentiable in $\phi$, on a fixed support |
# | discrete $z$ | no | yes |
# | variance | follows the slopes of $f$ | follows the level of $f$, and $1/\sigma^2$ |
#
# **Exercise {exercise: WHICH_APPLIES}.** Which of the two can you use here, so that it is unbiased? Answer with a dictionary from `"a"` to `"e"`,
# each `"pathwise"`, `"score function"`, `"both"` or `"neither"`.
#
# * (a) $z\sim\mathcal N(\mu,\sigma^2)$, slope by $\mu$; $f$ is the log-likelihood of a decoder with ReLU units;
# * (b) $z\sim\mathcal N(\mu,\sigma^2)$, slope by $\mu$; $f(z)$ is 1 if a classifier gives the decoded image the right *class*, and 0 if not;
# * (c) $z\in\{0,1\}$ with $P(z=1)=\theta$, slope by $\theta$; $f(z)=z^2$;
# * (d) $z\sim\mathcal N(\mu,\sigma^2)$, slope by $\mu$; $f$ is smooth, but is computed by a program that gives you values only;
# * (e) $z$ uniform between 0 and $a$, slope by $a$; $f(z)=z^2$. (Compute it: $\log q=-\log a$ inside.)

# %% tags=["exercise"]
# BEGIN SOLUTION
which = {"a": "both", "b": "score function", "c": "score function", "d": "score function", "e": "pathwise"}
# END SOLUTION

# %%
check(exercises.WHICH_APPLIES, which)

# %% [markdown] tags=["deeper"]
# ## Discrete codes: Gumbel-max
#
# Let $z$ be one of $m$ categories, with probabilities $\pi_k\propto e^{\ell_k}$ (the network returns the **logits** $\ell_k$). Is
# there at least a *path* from fixed noise to $z$? Yes: add independent **Gumbel** noise to the logits, and take the largest.
# A Gumbel number is $g=-\log(-\log u)$ (in this section $g$ is noise, no longer a gradient), with $u$ uniform in (0, 1). So $P(g\le t)=P(u\le\exp(-e^{-t}))=\exp(-e^{-t})$.
#
# 1. Take $\ell_k=\log\pi_k$. The sum $h_k=\ell_k+g_k$ has $P(h_k\le t)=\exp(-e^{-(t-\ell_k)})=\exp(-\pi_k e^{-t}).$
# 2. Its density is the derivative, $\;\pi_k e^{-t}\exp(-\pi_k e^{-t})$.
# 3. $k$ wins with the value $t$ if all others are below: $\;\prod_{i\ne k}\exp(-\pi_i e^{-t})$.
# 4. Integrate over $t$: $P(k\text{ wins})=\int\pi_k e^{-t}\exp\big(-\underbrace{\textstyle\sum_i\pi_i}_{=1}e^{-t}\big)\,dt
#    =\pi_k\big[\exp(-e^{-t})\big]_{-\infty}^{\infty}=\pi_k.$
#
# A constant added to all logits moves all $h_k$ alike, so they need not be normalised.
#
# **Exercise {exercise: GUMBEL_MAX}.** Draw by Gumbel-max. `logits` and `uniform` have shape `(n, m)`; return the winning indices, `(n,)`.


# %% tags=["exercise"]
def gumbel_max(logits, uniform):
    # BEGIN SOLUTION
    return np.argmax(logits - np.log(-np.log(uniform)), axis=-1)
    # END SOLUTION


# %%
check(exercises.GUMBEL_MAX, gumbel_max)

# %% [markdown]
# ### Softened: Gumbel-softmax
#
# A path, but one that ends in an argmax: a step, with the slope 0 everywhere. So **soften the end**: replace the argmax by a
# softmax at a *temperature* $\tau>0$,
#
# $$y=\mathrm{softmax}\big((\ell+g)/\tau\big)$$
#
# (Jang et al., 2017; Maddison et al., 2017, who call it the *concrete* distribution). $y$ has $m$ positive entries of sum
# 1: a point of a triangle, if $m=3$, whose corners are the categories. **What will 600 draws look like** for $\tau=2$,
# and for $\tau=0.1$? The probabilities are 0.2, 0.3 and 0.5.

# %% tags=["proof"]
from course_lib.layers import GumbelSoftmax

probabilities = np.array([0.2, 0.3, 0.5])
logits = ops.convert_to_tensor(np.tile(np.log(probabilities), (20_000, 1)), "float32")
corners = np.array([[0, 0], [1, 0], [0.5, np.sqrt(0.75)]])
figure, frames = plt.subplots(1, 4, figsize=(9, 2.5), layout="constrained")
for ax, tau in zip(frames, (2.0, 1.0, 0.5, 0.1), strict=True):
    y = ops.convert_to_numpy(GumbelSoftmax(tau, seed=run.seed)(logits))
    ax.fill(*corners.T, fill=False, edgecolor="0.6")
    for k, (corner, side) in enumerate(zip(corners, ((0, -1), (0, -1), (1, 0)), strict=True)):
        ax.annotate(str(k), corner, np.multiply(9, side), textcoords="offset points", ha="center", va="center")
    ax.scatter(*(y[:600] @ corners).T, s=4, alpha=0.5, c=[plotting.PALETTE[k] for k in y[:600].argmax(axis=1)])
    ax.set(title=f"τ = {tau}", aspect="equal")
    ax.set_axis_off()
    winners = np.bincount(y.argmax(axis=1), minlength=3) / len(y)
    error = np.sqrt(probabilities * (1 - probabilities) / len(y))
    print(f"τ = {tau}: largest {winners.round(3)} (asked {probabilities} ± {error.max():.3f})", end="   ")
    print(f"mean of y {y.mean(axis=0).round(3)}")
    assert (np.abs(winners - probabilities) < 5 * error).all(), "the largest entry must be an exact draw at every τ"
plotting.show(
    alt="Four triangles of 600 draws at the temperatures 2, 1, 0.5 and 0.1, coloured by the largest entry, the corners numbered. Hot draws "
    "crowd in the middle; cold ones sit in the corners."
)

# %% [markdown]
# Each dot is one draw; the corners are the categories, the colour says which entry is largest. Hot, the draws crowd in the
# middle; cold, they sit in the corners, almost one-hot. The largest entry has the right probabilities *at every
# temperature*: that is Gumbel-max, and τ does not change who is largest. (All four have the same noise, hence the very same
# winners.) But the mean of $y$ is not $\pi$: hot draws are too even.
# So $\mathbb E[f(y)]$ is another number than $\mathbb E[f(z)]$, and so is its slope. The softening has a price, a **bias**.
#
# And if the next layer insists on a true one-hot code? **Straight-through Gumbel-softmax** (Jang et al., 2017, section 2.2) *computes* with the one-hot
# argmax, and *differentiates* as if it had been $y$. (Bengio et al., 2013, pass the gradient through a threshold as if that were the
# identity, without a τ.) In the library, `GumbelSoftmax(temperature, hard=True)`:

# %%
from course_lib.layers import straight_through

show(straight_through)

# %% [markdown]
# The bracket is 0 in the forward pass; the derivative does not see the stopped part. The value is one-hot to the last bit, and
# the gradient is that of `soft`: a deliberate lie.

# %% [markdown]
# ### The gradient by hand, and three estimators of it
#
# What does the machine do on the way back? The softmax of $(\ell+g)/\tau$ has the Jacobian
# $\frac{\partial y_k}{\partial\ell_i}=\frac{y_k(\delta_{ki}-y_i)}\tau$, with $\delta_{ki}=1$ for $k=i$ and 0 else. The chain rule
# multiplies it by $f'(y)$ and sums over $k$. Straight-through takes $f'$ at the one-hot point of the largest entry, and keeps
# the Jacobian of $y$.
#
# **Exercise {exercise: GUMBEL_GRADIENT}.** Write the gradient with respect to the logits, for one draw: `logits` and `gumbel` have the shape `(m,)`,
# `slope` is a function from a point, `(m,)`, to $f'$ there, `(m,)`. With `hard=True`, return what straight-through follows.


# %% tags=["exercise"]
from scipy.special import softmax


def gumbel_gradient(logits, gumbel, slope, tau, hard):
    # BEGIN SOLUTION
    y = softmax((logits + gumbel) / tau)
    s = slope(np.eye(len(y))[np.argmax(y)] if hard else y)
    return y * (s - np.sum(y * s)) / tau
    # END SOLUTION


# %%
check(exercises.GUMBEL_GRADIENT, gumbel_gradient)

# %% [markdown]
# The score function with leave-one-out needs no softening: the score of a category is $\frac{\partial\log\pi_z}{\partial\ell}=z-\pi$, with $z$
# one-hot. Here are all three, with $K$ draws an estimate, for $f(z)=(c\cdot z)^2$. Three categories are few, so the exact gradient is
# a sum: $\pi_i\,(f_i-\sum_k\pi_kf_k)$.


# %%
c, tau = np.array([1.0, -0.5, 2.0]), 0.8
exact_gradient = probabilities * (c**2 - probabilities @ c**2)


def three_gradients(n, K):
    sums = np.log(probabilities) + rng.gumbel(size=(n, K, 3))
    y, z = softmax(sums / tau, axis=-1), np.eye(3)[sums.argmax(axis=-1)]
    f_values = (z @ c) ** 2
    surplus = (f_values - f_values.mean(axis=1, keepdims=True)) * K / (K - 1)  # over the mean of the others
    of_one_draw = {"leave-one-out": surplus[..., None] * (z - probabilities)}
    for name, point in (("Gumbel-softmax", y), ("straight-through", z)):
        s = 2 * (point @ c)[..., None] * c
        of_one_draw[name] = y * (s - np.sum(y * s, axis=-1, keepdims=True)) / tau
    return {name: each.mean(axis=1) for name, each in of_one_draw.items()}


# %% [markdown]
# **Predict:** which of the three has the smallest error with 4 draws, and which with 256?

# %% tags=["proof"]
n, off, variance = 40_000, {}, {}
print("exact gradient       ", exact_gradient.round(3))
for name, each in three_gradients(n, K=4).items():
    error, squares = each.std(axis=0) / np.sqrt(n), ((each - each.mean(axis=0)) ** 2).sum(axis=1)
    off[name], variance[name] = np.abs(each.mean(axis=0) - exact_gradient) / error, squares.mean()
    print(f"{name:16} mean {each.mean(axis=0).round(3)} ± {error.max():.3f}", end="   ")
    print(f"variance {variance[name]:.3f} ± {squares.std() / np.sqrt(n):.3f}")
    if name != "leave-one-out":
        layer = GumbelSoftmax(tau, hard=name == "straight-through", seed=run.seed)
        slopes = ops.convert_to_numpy(input_gradient(lambda ell, layer=layer: ops.sum(layer(ell) * c, -1) ** 2, logits))
        its_error = slopes.std(axis=0) / np.sqrt(len(slopes))
        assert (np.abs(slopes.mean(axis=0) - each.mean(axis=0)) < 5 * (error + its_error)).all(), (
            "by hand as in the library"
        )
assert off["leave-one-out"].max() < 5, "leave-one-out must have no bias"
assert min(off["Gumbel-softmax"].max(), off["straight-through"].max()) > 10, "the other two must have one"
assert variance["Gumbel-softmax"] < 0.5 * variance["leave-one-out"], "softened, the variance must be the smallest"
assert variance["Gumbel-softmax"] < 0.5 * variance["straight-through"], "and the one-hot point must cost variance"

# %% tags=["proof"]
draws = 2 ** np.arange(1, 9)
errors = {}
for K in draws:
    for name, each in three_gradients(2_000, K).items():
        errors.setdefault(name, []).append(np.sqrt(((each - exact_gradient) ** 2).sum(axis=1).mean()))
ax = plotting.curves(errors, xlabel="draws K of one estimate", ylabel="root-mean-square error", x=draws)
ax.set(xscale="log", yscale="log")
ax.set_xticks(draws, draws)
ax.set_yticks([0.05, 0.1, 0.2, 0.5, 1], ["0.05", "0.1", "0.2", "0.5", "1"])
ax.minorticks_off()
plotting.show(
    alt="Error of three gradient estimators against the number of draws, both axes logarithmic. Leave-one-out falls all "
    "the way; Gumbel-softmax is lower at first and then flat; straight-through flattens, too."
)
assert errors["Gumbel-softmax"][1] < 0.9 * errors["leave-one-out"][1], "with four draws the softened one must be best"
assert errors["leave-one-out"][-1] < 0.5 * min(errors["Gumbel-softmax"][-1], errors["straight-through"][-1]), (
    "with many draws the unbiased one must be best"
)

# %% [markdown]
# Few draws: the small variance of Gumbel-softmax wins. Many draws: its bias stays, whatever $K$ is, and leave-one-out goes on
# falling like $1/\sqrt K$. Straight-through has a bias *and* a large variance here. How do both depend on τ?

# %% [markdown]
# ### What it costs: bias and variance against τ
#
# Two categories, so that everything can be computed. $P(z=1)=\theta$ (here a probability, no weight) with logit $\ell=\log\frac\theta{1-\theta}$, and $f(z)=(z-0.45)^2$,
# a toy of Tucker et al. (2017). The exact slope:
#
# 1. $\mathbb E[f]=\theta f(1)+(1-\theta)f(0)$ and $\frac{d\theta}{d\ell}=\theta(1-\theta)$, so $\frac{d}{d\ell}\mathbb E[f]=\theta(1-\theta)\,(f(1)-f(0))$.
# 2. The softened entry is $y=\mathrm{sigmoid}((\ell+L)/\tau)$: the difference $L=g_1-g_0$ of two Gumbels is *logistic*,
#    $L=\log u-\log(1-u)$. (By Gumbel-max with the logits 0 and $\ell$, $P(\ell+g_1>g_0)=\mathrm{sigmoid}(\ell)$: so
#    $P(-L<\ell)=\mathrm{sigmoid}(\ell)$, the logistic distribution function, and $L$ is symmetric.)
# 3. $\frac{dy}{d\ell}=\frac{y(1-y)}\tau$. So Gumbel-softmax follows $\mathbb E\big[f'(y)\frac{y(1-y)}\tau\big]$, and straight-through
#    $\mathbb E\big[f'(z)\frac{y(1-y)}\tau\big]$: one-dimensional integrals over $u$, which a fine grid gives exactly.
#
# **Predict** for falling τ: bias up or down? Variance up or down? And can the softened slope have the wrong *sign*?

# %%
from scipy.special import expit

theta = 0.3
logit = np.log(theta / (1 - theta))
u = (np.arange(400_000) + 0.5) / 400_000
logistic = np.log(u) - np.log1p(-u)


def mean_and_deviation(slope, tau, hard):
    y = expit((logit + logistic) / tau)
    slopes = slope((logit + logistic > 0) * 1.0 if hard else y) * y * (1 - y) / tau
    return slopes.mean(), slopes.std()


def toy_slope(y):
    return 2 * (y - 0.45)


# %% [markdown]
# That is step 3, for any $f$. Now the toy, at $\theta=0.3$:

# %% tags=["proof"]
exact = theta * (1 - theta) * (0.55**2 - 0.45**2)
soft = {tau: mean_and_deviation(toy_slope, tau, hard=False) for tau in (2.0, 1.0, 0.5, 0.2, 0.1)}
for tau, (found, deviation) in soft.items():
    print(
        f"τ = {tau}: slope {found:7.4f}, exact {exact:.4f}, bias {found - exact:7.4f}, sd of one draw {deviation:.3f}"
    )
bias = {tau: abs(found - exact) for tau, (found, _) in soft.items()}
assert bias[1.0] > bias[0.5] > bias[0.2] > bias[0.1], "from τ = 1 down to 0.1 the bias must fall"
assert bias[2.0] < bias[1.0], "from τ = 2 to 1 it rises: 'colder is less biased' holds only in the end"
assert soft[1.0][0] < 0 < exact, "at τ = 1 the softened slope must point the wrong way"

# %% [markdown]
# At τ = 1 the slope has the wrong sign: a descent would raise θ here, although $f(0)<f(1)$ and the best θ is 0. From
# τ = 1 to 0.1 the bias falls to about a quarter. But from 2 to 1 it had *risen*: "the colder, the less biased" is true
# of the limit, not of every step. How does the whole curve look? For comparison, the score function: with the score
# $\frac{d}{d\ell}\log P(z)=z-\theta$ its estimate is $f(z)\,(z-\theta)$, which has no bias at all.

# %%
taus = np.geomspace(0.03, 5, 40)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
biases, deviations = {}, {}
for name, hard in (("Gumbel-softmax", False), ("straight-through", True)):
    curve = np.array([mean_and_deviation(toy_slope, tau, hard) for tau in taus])
    biases[name], deviations[name] = np.abs(curve[:, 0] - exact), curve[:, 1]
plotting.curves(biases, xlabel="temperature τ", ylabel="|bias| of the slope", x=taus, ax=left)
plotting.curves(deviations, xlabel="temperature τ", ylabel="sd of one draw", x=taus, ax=right)
left.axhline(exact, color="black", linestyle=":", label="the slope itself")
plain = np.sqrt(theta * (1 - theta)) * abs(0.55**2 * (1 - theta) + 0.45**2 * theta)
right.axhline(plain, color=plotting.PALETTE[2], linestyle="--", label="score function")
for ax, ticks in ((left, [0.003, 0.01, 0.03]), (right, [0.01, 0.1, 1])):
    ax.set(xscale="log", yscale="log", xticks=[0.03, 0.1, 0.3, 1, 3], xticklabels=[0.03, 0.1, 0.3, 1, 3])
    ax.set_yticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.legend(frameon=False)
plotting.show(
    alt="Left, the bias of the slope against the temperature for Gumbel-softmax and straight-through: each has a "
    "hill near 1 and falls to the left of it. Right, the standard deviation of one draw, which rises as the "
    "temperature falls."
)

# %% [markdown]
# Left the bias (dotted: the slope that is to be estimated; a bias above that line can turn the sign), right the standard
# deviation of one draw. Each bias has its hill near τ = 1. To the left of it, bias falls in proportion to τ and the deviation
# rises like $1/\sqrt\tau$: **a trade**. In practice τ starts near 1 and is lowered slowly (the layer's `temperature` can be
# assigned while training).
#
# For one bit, the score function is a strong rival: its noise is comparable and it has no bias. (With the baseline
# $b=(1-\theta)f(1)+\theta f(0)$ it has no variance either: put it in, and both values of $z$ give the same estimate.) With many
# bits it suffers, because the score of every bit is multiplied by one common value of $f$, to which all others contribute.
#
# Does the library's layer, with the gradients that the machine finds, follow these integrals, soft and hard?

# %% tags=["proof"]
n = 100_000
two_logits = ops.convert_to_tensor(np.tile([0.0, logit], (n, 1)), "float32")
for hard in (False, True):
    for tau in (1.0, 0.1):
        layer = GumbelSoftmax(tau, hard=hard, seed=run.seed)
        slopes = input_gradient(lambda logits, layer=layer: (layer(logits)[:, 1] - 0.45) ** 2, two_logits)
        slopes = np.asarray(ops.convert_to_numpy(slopes), "float64")[:, 1]
        error, integral = slopes.std() / np.sqrt(n), mean_and_deviation(toy_slope, tau, hard)[0]
        print(f"hard={hard!s:5}, τ = {tau}: layer {slopes.mean():8.4f} ± {error:.4f}, integral {integral:8.4f}")
        assert abs(slopes.mean() - integral) < 5 * error, "the layer's gradient must be that of the softened problem"

# %% [markdown]
# Both as computed. One more question about straight-through: does *its* bias vanish as τ → 0? For the toy, it does. But
# cold, $\frac{dy}{d\ell}$ is a spike where the two categories tie, and there straight-through sees $f'(0)$ half of the time and
# $f'(1)$ the other half. Its limit is $\theta(1-\theta)\,\frac{f'(0)+f'(1)}2$, and the truth $\theta(1-\theta)(f(1)-f(0))$. They
# agree for a parabola, and for hardly anything else. Take $f(z)=z^4$:

# %% tags=["proof"]
exact_quartic = theta * (1 - theta) * 1.0
for tau in (0.5, 0.1, 0.02):
    found_soft, found_hard = (mean_and_deviation(lambda y: 4 * y**3, tau, hard)[0] for hard in (False, True))
    print(f"τ = {tau:4}: exact {exact_quartic:.3f}, Gumbel-softmax {found_soft:.3f}, straight-through {found_hard:.3f}")
assert abs(found_soft - exact_quartic) < 0.02 * exact_quartic + 1e-3, (
    "cold Gumbel-softmax must approach the exact slope"
)
assert abs(found_hard - 2 * exact_quartic) < 0.05 * exact_quartic, "and straight-through its own limit, here twice that"

# %% [markdown]
# Gumbel-softmax goes to the truth, straight-through to twice the truth. It is biased even in the limit; it is used
# because it is simple, and the layers behind it see exact one-hot codes. Lesson {number: discrete_codes} uses its deterministic cousin in a
# codebook. If you need *no* bias, take the score function with a baseline: for discrete $z$ it is unbiased.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "A VAE's loss has three terms: reconstruction, KL, and the reparameterized Gaussian loss." Right?</summary>
#
# No. Two terms. Reparameterization is how $z$ is *drawn*, so that the gradient of the first term reaches the encoder. It adds
# nothing to the value of the loss.
# </details>
#
# <details><summary><b>2.</b> To generate a new image, do you compute μ + σ ε?</summary>
#
# No: μ and σ belong to an image that you already have. To generate, draw $z$ from the prior, N(0, I), and decode it; the
# encoder is not needed. μ + σ ε of a real image, decoded, is a reconstruction.
# </details>
#
# <details><summary><b>3.</b> A test of a sampling layer calls it twice on the same input and asserts that the results differ.
# Which broken draws pass?</summary>
#
# Almost all: noise of the wrong size (σ² for σ), noise without μ, noise that is the same in the whole batch, noise of 0.001. The
# test convicts only a draw without any noise, or with noise that is the same in every call. Test mean *and* variance, at several
# points, and then the shape.
# </details>
#
# <details><summary><b>4.</b> Without the trick, can the encoder not be trained at all?</summary>
#
# It can: by the score function, unbiased for any $f$. It was tried, and is hundreds of times noisier here without a baseline. And
# if you stop the gradient at $z$ altogether, the encoder still gets the gradient of the KL, and obeys it: its posterior
# becomes the prior.
# </details>
#
# <details><summary><b>5.</b> Straight-through gives exact one-hot codes. So are its gradients exact?</summary>
#
# No. The value is exact, the gradient is that of another function. For $f=z^4$ its limit was twice the truth.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **derived** the pathwise estimator (differentiate $f$ along a path) and the score-function estimator (differentiate
#   the density), and seen both hit $2\mu$ within standard errors;
# * **written** $z=\mu+\sigma\varepsilon$, tested by mean and variance, and convicted a draw without noise whose loss was better than
#   that of the same VAE with a true draw;
# * **predicted** the variances $4\sigma^2$ and $\mu^4/\sigma^2+14\mu^2+15\sigma^2$, and measured a factor of hundreds in a VAE;
# * **written** a baseline from the *other* draws, which keeps the mean, and **decided** that pathwise needs a continuous $f$
#   and a path, the score function only values and a fixed support;
# * deeper: **drawn** categories by Gumbel-max, **written** the gradient through the softened draw, and measured the bias (falling in the end, not always), the variance
#   (rising), and the lie of straight-through.
#
# How does a gradient pass through a random draw? Around it: the noise is drawn first, and the parameters only move it.
#
# **Go further.** Train the good VAE with a latent of 16 and look at `total` again: does the score function get worse with
# the dimension, and why? Or plant another bug in the draw: noise scaled by σ² instead of σ. It has a variance, and it differs
# in every call. The loss improves again, by a few nats, and the honest ELBO gets worse. Why do codes with
# $\sigma<1$ profit from it, and which line of the cell with the variances over all images gives it away?
#
# **References.** Glynn (1990), *Likelihood ratio gradient estimation for stochastic systems*, CACM 33. ·
# Williams (1992), *Simple statistical gradient-following algorithms for connectionist reinforcement learning*, Machine
# Learning 8. · Bengio, Léonard & Courville (2013), *Estimating or propagating gradients through stochastic neurons for
# conditional computation*, arXiv:1308.3432. · Kingma & Welling (2014), *Auto-encoding variational Bayes*, arXiv:1312.6114. ·
# Rezende, Mohamed & Wierstra (2014), *Stochastic backpropagation and approximate inference in deep generative models*,
# arXiv:1401.4082. · Mnih & Rezende (2016), *Variational inference for Monte Carlo objectives*, arXiv:1602.06725. ·
# Jang, Gu & Poole (2017), *Categorical reparameterization with Gumbel-softmax*, arXiv:1611.01144. ·
# Maddison, Mnih & Teh (2017), *The concrete distribution*, arXiv:1611.00712. ·
# Tucker et al. (2017), *REBAR: low-variance, unbiased gradient estimates for discrete latent variable models*,
# arXiv:1703.07370. · Kool, van Hoof & Welling (2019), *Buy 4 REINFORCE samples, get a baseline for free!*, ICLR workshop. ·
# Mohamed, Rosca, Figurnov & Mnih (2020), *Monte Carlo gradient estimation in machine learning*, arXiv:1906.10652.

# %% [markdown] tags=["slide"]
# # The reparameterization trick: how a gradient passes through a random draw
#
# A VAE draws its code at random, and trains the network that says *how* to draw.
#
# **A draw is a number out of a box. What is the derivative of a number out of a box?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: the ELBO is an expectation under q. Its weights stand under the expectation sign: they decide from where z is drawn.

# %% [markdown] tags=["slide"]
# ## Predict: which of two curves has a slope?
#
# $\mathbb E[z^2]$, $z\sim\mathcal N(\mu,1)$, by 100 draws for each $\mu$: fresh ones, or the same $\varepsilon$, moved.
#
# . . .
#
# {figure: a-curve-that-cannot-be-differentiated-and-one-2}

# %% [markdown] tags=["notes"]
# 3 min. Let them draw both. Each point of both curves is equally good. But of the fresh one the difference of two neighbours, divided by a small step, is nearly all noise, and the smaller the step the worse.

# %% [markdown] tags=["slide"]
# ## Two views of one draw
#
# + A number out of a box that *depends* on $\mu$: no slope.
# + A fixed noise, *moved* by $\mu$: an ordinary function of $\mu$, with an ordinary derivative.
#
# . . .
#
# $$z=\mu+\sigma\varepsilon,\qquad\varepsilon\sim\mathcal N(0,1)$$
#
# . . .
#
# The second view is the whole trick.

# %% [markdown] tags=["notes"]
# 1 min. It is a way of sampling. There is no "reparameterization loss".

# %% [markdown] tags=["slide"]
# ## The pathwise estimator
#
# $$\mathbb E_z[f(z)]=\int f(\mu+\sigma\varepsilon)\,\varphi(\varepsilon)\,d\varepsilon$$
#
# . . .
#
# $$\frac{d}{d\mu}\mathbb E[f]=\int\frac{d}{d\mu}f(\mu+\sigma\varepsilon)\,\varphi(\varepsilon)\,d\varepsilon$$
#
# . . .
#
# $$=\mathbb E_\varepsilon\big[f'(\mu+\sigma\varepsilon)\big]$$
#
# For $f=z^2$: the estimator is $2z$, its mean $2\mu$.

# %% [markdown] tags=["notes"]
# 3 min. The most important slide. Ask which step needs something of f: the second, the derivative under the integral. f must be continuous, and differentiable but for a few kinks. We come back to it.

# %% [markdown] tags=["slide"]
# ## And by $\sigma$? And by $\log\sigma^2$?
#
# $$\frac{dz}{d\sigma}=\varepsilon:\qquad\frac{d}{d\sigma}\mathbb E[f]=\mathbb E_\varepsilon\big[f'(z)\,\varepsilon\big]$$
#
# . . .
#
# A network returns $v=\log\sigma^2$, so $\sigma=e^{v/2}$ and $\dfrac{d\sigma}{dv}=\dfrac\sigma2$:
#
# $$\frac{d}{dv}\mathbb E[f]=\mathbb E_\varepsilon\big[f'(z)\,\tfrac12\sigma\varepsilon\big]$$

# %% [markdown] tags=["notes"]
# 2 min. Let them do the first one. The usual wrong answer for the second forgets the ½.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: DRAW} · {minutes} minutes
#
# Write the draw for a batch: `my_draw(mean, log_var, noise)`.
#
# All three have the shape `(batch, latent_dim)`, and so has the result.

# %% [markdown] tags=["notes"]
# 2 min. Usual wrong answers: e to the log σ², which is the variance; a plus and a product exchanged.

# %% [markdown] tags=["slide"]
# ## Quiz: a test calls a sampling layer twice and asserts that the results differ. Enough?
#
# . . .
#
# No: noise of the wrong size passes, noise without $\mu$, one noise for the whole batch.
#
# . . .
#
# A Gaussian is fixed by mean **and** variance:
#
# {output: the-pathwise-estimator-5}

# %% [markdown] tags=["notes"]
# 2 min. Vote. Ask which broken draw the test does convict: only one without any noise. After ± one standard error.

# %% [markdown] tags=["slide"]
# ## Predict: a draw from a tutorial, $z=\mu\cdot e^{\frac12\log\sigma^2}$
#
# Will the loss be higher, lower, or not a number?
#
# . . .
#
# {figure: a-draw-that-makes-the-loss-better-3}
#
# {output: a-draw-that-makes-the-loss-better-3}

# %% [markdown] tags=["notes"]
# 2 min. Most say higher. It is lower, and its KL is close to 0. A colleague would ship it.

# %% [markdown] tags=["slide"]
# ## Too good to be true
#
# A code that costs next to nothing names no digit: one of ten takes $\log10=2.3$ nats.
#
# . . .
#
# {figure: a-draw-that-makes-the-loss-better-5}
#
# {output: a-draw-that-makes-the-loss-better-5}

# %% [markdown] tags=["notes"]
# 2 min. With an honest draw the better model loses tens of nats. Its images are crisper, and many make no digit. The mark is the distance of held-out digits to the training images.

# %% [markdown] tags=["slide"]
# ## There is no draw
#
# {output: a-draw-that-makes-the-loss-better-7}
#
# . . .
#
# Given $x$, the code is *one point*: an autoencoder that pays for a distribution which it never uses.
#
# . . .
#
# **A loss that falls proves nothing about a draw. The moments of $z$ do.**

# %% [markdown] tags=["notes"]
# 2 min. It keeps σ near 1 and μ near 0, where the KL costs nothing, and writes its message in small differences of μ. Exercise {exercise: REPAIR_THE_DRAW} repairs it, at home.

# %% [markdown] tags=["slide"]
# ## The score-function estimator
#
# What if $f$ cannot be differentiated, or $z$ is a category? Differentiate the *density*:
#
# $$\frac{d}{d\mu}\mathbb E_q[f]=\int\frac{dq(z)}{d\mu}\,f(z)\,dz$$
#
# . . .
#
# $$\frac{dq}{d\mu}=q\,\frac{d\log q}{d\mu}$$
#
# . . .
#
# $$\frac{d}{d\mu}\mathbb E_q[f]=\mathbb E_q\Big[f(z)\,\frac{d\log q(z)}{d\mu}\Big]$$

# %% [markdown] tags=["notes"]
# 3 min. The middle line is the trick of this one: without it there is no expectation to draw from. In words: draw; if it was good, shift the density towards it. Also called REINFORCE. For the Gaussian the score is ε/σ.

# %% [markdown] tags=["slide"]
# ## Predict: single values of $2z$ and of $z^2\,\varepsilon/\sigma$
#
# Both have the mean $2\mu$.
#
# . . .
#
# {figure: the-score-function-estimator-2}

# %% [markdown] tags=["notes"]
# 2 min. Mind the logarithmic axis. The score function has the wrong sign whenever ε < 0, half of the time. Same mean, two different worlds.

# %% [markdown] tags=["slide"]
# ## Two variances, in closed form
#
# $$\mathrm{Var}[2z]=4\sigma^2$$
#
# . . .
#
# $$g=z^2\,\frac\varepsilon\sigma=\frac{\mu^2}\sigma\varepsilon+2\mu\,\varepsilon^2+\sigma\,\varepsilon^3$$
#
# . . .
#
# With $\mathbb E[\varepsilon^2]=1$, $\mathbb E[\varepsilon^4]=3$, $\mathbb E[\varepsilon^6]=15$:
#
# $$\mathrm{Var}[g]=\frac{\mu^4}{\sigma^2}+14\mu^2+15\sigma^2$$

# %% [markdown] tags=["notes"]
# 2 min. Show only where 18μ² comes from: 4μ²·3 and 2μ²·3; then subtract 4μ². The rest is in the notebook.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PREDICT_THE_VARIANCES} · {minutes} minutes
#
# $f(z)=z^2$, $\mu=2$, $\sigma=\frac12$.
#
# Predict both variances, the pathwise one first.
#
# How many score-function draws are as exact as *one* pathwise draw?

# %% [markdown] tags=["notes"]
# 3 min. 1 and 123.75, so some 124 draws. Usual wrong answers: the standard deviation; σ in the place of σ².

# %% [markdown] tags=["slide"]
# ## Predict: what if the encoder becomes sure, $\sigma\to0$?
#
# . . .
#
# {figure: two-variances-in-closed-form-3}
#
# One becomes perfect, the other useless: $4\sigma^2\to0$, $\mu^4/\sigma^2\to\infty$.

# %% [markdown] tags=["notes"]
# 2 min. For a fixed μ that is not 0. The term μ⁴/σ² is the level of f, which has nothing to do with its slope.

# %% [markdown] tags=["slide"]
# ## Baselines: subtract what you knew before
#
# The score has mean 0, so for *every* constant $b$:
#
# $$\mathbb E_q\Big[(f(z)-b)\,\frac{d\log q}{d\mu}\Big]=\frac{d}{d\mu}\mathbb E_q[f]$$
#
# . . .
#
# With the score $s$ the variance is a parabola in $b$; lowest at
#
# $$b^*=\frac{\mathbb E[f s^2]}{\mathbb E[s^2]}$$

# %% [markdown] tags=["notes"]
# 2 min. Why mean 0? The density stays normalised: the derivative of 1. The usual wrong answer: "the best b is the mean of f". Nearly.

# %% [markdown] tags=["slide"]
# ## Predict: can a bad baseline do harm?
#
# . . .
#
# {figure: baselines-subtract-what-you-knew-before-2}
#
# It can. And the best one is still far above the pathwise line.

# %% [markdown] tags=["notes"]
# 2 min. It learns only whether a draw was good; pathwise is told in which direction it would have been better.

# %% [markdown] tags=["slide"]
# ## Quiz: the baseline is the mean of $f$ over the *same* $K$ draws. Unbiased?
#
# . . .
#
# No: each draw's own value is inside its baseline. The gradient shrinks by the factor $1-\frac1K$.
#
# {output: baselines-subtract-what-you-knew-before-5 1-4}
#
# . . .
#
# The mean of the *other* draws is as good as a constant.

# %% [markdown] tags=["notes"]
# 1 min. Leave-one-out. Half of the gradient is lost with two draws.

# %% [markdown] tags=["slide"]
# ## Inside a trained VAE
#
# {figure: inside-a-trained-vae-3}
#
# {output: inside-a-trained-vae-3}
#
# One mean, three scales. With pathwise, one draw per image is enough.

# %% [markdown] tags=["notes"]
# 2 min. Ask for the factor before you show it. Mind the scales of the three panels. This made the VAE practical.

# %% [markdown] tags=["slide"]
# ## Predict: a step, $f(z)=1$ for $z>0$
#
# What does the machine find on the path?
#
# . . .
#
# {output: when-does-each-apply-2}
#
# . . .
#
# Always 0, without an error message. All change happens at the jump, and a draw never hits it.

# %% [markdown] tags=["notes"]
# 2 min. This is the step of the derivation that needed a continuous f. For short waves even a smooth f is better served by the score function: the notebook has the figure.

# %% [markdown] tags=["slide"]
# ## When does each apply?
#
# | | pathwise | score function |
# |---|---|---|
# | needs from $f$ | continuous, with a derivative | only its values |
# | needs from $q$ | a path $z=T(\varepsilon,\phi)$ | a density on a fixed support |
# | discrete $z$ | no | yes |
# | variance | follows the slopes of $f$ | follows the level of $f$, and $1/\sigma^2$ |

# %% [markdown] tags=["notes"]
# 1 min. Both need differentiability in φ. Leave out Gumbel-max and its softened form: deeper sections.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: WHICH_APPLIES} · {minutes} minutes
#
# Pathwise, score function, both, or neither?
#
# - (a) $z$ Gaussian, by $\mu$; a decoder with ReLU units
# - (b) $z$ Gaussian, by $\mu$; $f$ is right (1) or wrong (0)
# - (c) $z\in\{0,1\}$, by $\theta=P(z=1)$; $f=z^2$
# - (d) $z$ Gaussian, by $\mu$; a smooth program, values only
# - (e) $z$ uniform on $[0,a]$, by $a$; $f=z^2$

# %% [markdown] tags=["notes"]
# 3 min. Both; score; score; score; pathwise. The usual wrong answer is (e): the support moves with a, and the score alone is −1/a, which misses the edge.

# %% [markdown] tags=["slide"]
# ## Quiz: "The loss has three terms: reconstruction, KL, and the reparameterized Gaussian loss." Right?
#
# . . .
#
# No, two. Reparameterization is how $z$ is *drawn*, so that the gradient of the first reaches the encoder.
#
# . . .
#
# And to generate? Draw $z$ from the prior: $\mu$ and $\sigma$ belong to an image that you already have.

# %% [markdown] tags=["notes"]
# 1 min. Vote first.

# %% [markdown] tags=["slide"]
# ## To take home
#
# How does a gradient pass through a random draw?
#
# **Around it: the noise is drawn first, and the parameters only move it.**
#
# *At home:* exercises {exercise: REPAIR_THE_DRAW} and {exercise: LEAVE_ONE_OUT}.

# %% [markdown] tags=["notes"]
# 1 min. Next: the parts become one model, the variational autoencoder.
