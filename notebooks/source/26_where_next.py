# ---
# jupyter:
#   course:
#     part: "Part IV · In practice"
#     question: "Is everything one model?"
#     gpu: true
# ---

# %% [markdown]
# # Where next: diffusion, flows and their neighbours on one line, where every answer is known
#
# **The question.** You have built autoencoders, VAEs and GANs. Around you people speak of diffusion, flows, language models and
# energies. Are these new worlds, or one thing that you know, seen from other sides?
#
# In this lesson you will
#
# * **derive** that the best denoiser is the slope of a log-density, and **measure** how far a trained one lies above its floor;
# * **prove** that a diffusion model is a VAE with many latents, and that its deterministic path is a transport map;
# * **repair** a step of a sampler, and **write** the log-determinant of a flow;
# * **tell** an exact likelihood from a leaky one, and a biased sampler from a right one, each by a number;
# * **judge** a small denoiser of faces beside a VAE and a GAN at equal processor seconds, and **choose** a family for a need.
#
# *To know before:* the ELBO ({lesson: the_elbo}), denoising autoencoders ({lesson: codes_that_are_too_wide}), transport on the
# line ({lesson: wasserstein_gans}), the map of the families in {lesson: probabilistic_pca_and_monte_carlo}. *Time:* {times}; about
# 40 seconds to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## One line, and noise that grows
#
# Our data are numbers: three of ten come from a narrow hump at −2, the others from a wide one at 1. On a line everything can be
# computed, so every claim about it meets its truth. Now let the data **fade while noise grows**:
#
# $$x_t = \alpha_t\,x_0 + \sigma_t\,\varepsilon,\qquad \alpha_t = e^{-t},\quad \sigma_t^2 = 1 - e^{-2t},\quad \varepsilon\sim\mathcal N(0,1).$$
#
# At $t=0$ stand the data, and for large $t$ a standard normal: nothing of them is left. **Before you run the cell:** which of
# the two humps can be seen longer?

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_lib import datasets, plotting
from course_lib.exact import Diffusion1D

WEIGHTS, MEANS, DEVIATIONS = (0.3, 0.7), (-2.0, 1.0), (0.5, 0.7)
truth = Diffusion1D(WEIGHTS, MEANS, DEVIATIONS)
data = datasets.load(
    "mixture_1d", means=MEANS, standard_deviation=DEVIATIONS, weights=WEIGHTS, num_train=60_000, seed=run.seed
)
x = np.linspace(-4.5, 4.5, 400)
noisy_densities = {f"t = {t:g}": np.exp(truth.log_prob(x, t)) for t in (0.0, 0.2, 0.5, 1.0, 3.0)}
plotting.curves(noisy_densities, xlabel="x", ylabel="density", x=x)
plotting.show(
    alt="Five densities. At t = 0 two humps, a narrow one at −2 and a wide one at 1; with growing t both move inwards and "
    "melt; at t = 0.5 the left one is a shoulder, at t = 1 one hump is left, at t = 3 a standard normal."
)

# %% [markdown]
# The wide one, which holds seven tenths of the mass (under noise both soon are almost equally wide): at $t=0.5$ the left hump is only a shoulder, and at
# $t=1$ nobody would guess it. A **diffusion model** learns to go back, from the last of these curves to the first. But
# from one noisy number no one can say which clean one it was. So what is there to learn?
#
# ## The best denoiser is a slope
#
# With squared error the best answer is the mean of all clean values that a noisy one may have come from,
# $\mathbb E[x_0\mid x_t]$. In {lesson: codes_that_are_too_wide} its arrows pointed uphill on the density. Here is why:
#
# 1. $p_t(x_t)=\int p(x_0)\,\mathcal N(x_t;\alpha_t x_0,\sigma_t^2)\,dx_0$: each clean value, and where the noise puts it.
# 2. The derivative of a Gaussian is the Gaussian times $-(x_t-\alpha_t x_0)/\sigma_t^2$. So
#    $\;p_t'(x_t)=\int p(x_0)\,\mathcal N(\dots)\,\frac{\alpha_t x_0-x_t}{\sigma_t^2}\,dx_0$.
# 3. Divide by $p_t(x_t)$: on the left stands the slope of the log-density, on the right a mean over $p(x_0\mid x_t)$:
#    $\;\nabla\log p_t(x_t)=\frac{\alpha_t\,\mathbb E[x_0\mid x_t]-x_t}{\sigma_t^2}$.
# 4. Solve for the denoiser (Robbins, 1956, who credits Tweedie):
#
# $$\mathbb E[x_0\mid x_t]=\frac{x_t+\sigma_t^2\,\nabla\log p_t(x_t)}{\alpha_t}.$$
#
# The slope $\nabla\log p_t$ is called the **score**. Whoever can denoise knows it, and the other way round. **Proof**: the denoiser by its
# definition, an integral over $x_0$, against the score in closed form.

# %% tags=["proof"]
lines = {}
for t in (0.05, 0.5, 1.0):
    signal, noise = truth.signal_and_noise(t)
    lines[f"t = {t:g}"] = truth.denoised(x, t)
    by_score = (x + noise**2 * truth.score(x, t)) / signal
    difference = np.abs(lines[f"t = {t:g}"] - by_score).max()
    print(f"t = {t:4}: largest difference {difference:.1e}")
    assert difference < 1e-11, "the best denoiser must be the noisy value plus σ² times the score, over α"
ax = plotting.curves(lines, xlabel="noisy value $x_t$", ylabel="best guess of $x_0$", x=x)
ax.plot(x, x, color="0.7", linewidth=1)
plotting.show(
    alt="The best guess of the clean value against the noisy one for three times, beside the diagonal. With little noise it "
    "follows the diagonal; with more it is steep between the humps and flat outside; with much noise it is flatter everywhere."
)

# %% [markdown]
# With little noise (blue) the denoiser leaves almost everything as it is. At $t=0.5$ it makes a soft *decision* between
# two humps (steep in the middle), and pulls strays back (flat outside). So the
# denoiser knows where data are, and how sure one can be.
#
# ## A loss that has a floor
#
# A network $\hat x(x_t,t)$ is trained by $\mathbb E\,(x_0-\hat x)^2$. Split it as every squared error:
#
# $$\mathbb E\,(x_0-\hat x)^2=\underbrace{\mathbb E\,\mathrm{Var}(x_0\mid x_t)}_{\text{floor: no network gets below}}
#   +\underbrace{\mathbb E\big(\mathbb E[x_0\mid x_t]-\hat x\big)^2}_{\text{what the network does wrong}}.$$
#
# The library's model is short: noise of a random strength is put on, and the network answers.

# %%
from course_lib import show
from course_lib.models import Denoiser

show(Denoiser.call)

# %% [markdown]
# ($t=3u^2$ with a uniform $u$, so that small noise is practised most.) We train it on the line. **Predict:** at which $t$ is its loss
# smallest? And at which is it the *best* denoiser, measured by the floor?

# %%
import math

import keras
from keras import layers


def dense_denoiser(shape, units):
    noisy, time = keras.Input(shape), keras.Input((1,))
    features = layers.Flatten()(noisy)
    for width in units:
        features = layers.Dense(width, "swish")(layers.Concatenate()([features, time]))
    answer = layers.Dense(math.prod(shape))(layers.Concatenate()([features, time]))
    return keras.Model([noisy, time], layers.Reshape(shape)(answer))


keras.utils.set_random_seed(run.seed)
on_the_line = Denoiser(dense_denoiser((1,), (64, 64, 64)), seed=run.seed)
on_the_line.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.005, 20 * 60)), jit_compile=False)
history = on_the_line.fit(data.x_train, batch_size=1000, epochs=20, verbose=0)

# %% [markdown]
# Two ways to know how wrong it is: the loss, on 20,000 noisy values; and floor plus the second term, each an integral against the
# exact denoiser. **Proof** that they agree:

# %% tags=["proof"]
from scipy import integrate

clean = np.repeat(truth.quantile((np.arange(2000) + 0.5) / 2000), 10)[:, None]
rng = np.random.default_rng(run.seed)
grid, above = np.linspace(-8, 8, 2001), {}
for t in (0.05, 0.2, 0.5, 1.0, 2.0):
    signal, noise = truth.signal_and_noise(t)
    errors = (on_the_line.denoise(signal * clean + noise * rng.normal(size=clean.shape), t) - clean) ** 2
    loss, error, floor = errors.mean(), errors.std() / len(errors) ** 0.5, truth.denoising_error(t)
    wrong = (on_the_line.denoise(grid[:, None], t)[:, 0] - truth.denoised(grid, t)) ** 2
    excess = integrate.trapezoid(np.exp(truth.log_prob(grid, t)) * wrong, x=grid)
    above[t] = excess / floor
    print(f"t = {t:4}: loss {loss:.4f} ± {error:.4f} = floor {floor:.4f} + {excess:.4f}, {above[t]:5.1%} of the floor")
    assert abs(loss - floor - excess) < 5 * error, "the loss must be the floor plus what the network does wrong"
    assert above[t] < (0.02 if t >= 0.5 else 0.1), "and a trained network must come near the floor"
assert max(above, key=above.get) == 0.05, "the smallest loss must lie farthest above its floor, in per cent"

# %% [markdown]
# The smallest loss, at $t=0.05$, belongs to the *worst* denoiser: it lies farthest above its floor, in per cent. At $t=2$ the loss is
# more than twenty times as large, and hardly anything could be done better. **A low denoising loss at low noise means nothing; its distance
# from the floor does.** For images nobody knows the floor.

# %% [markdown]
# ## The losses add up to nats
#
# This course has counted in nats, and now in squared errors. They are one thing. Let $y=\sqrt s\,x_0+n$ be data in noise of variance 1,
# with the signal-to-noise ratio $s$ (our $x_t$ divided by $\sigma_t$: $s=\alpha_t^2/\sigma_t^2$). What the
# noisy value tells about the clean one, the mutual information, grows with $s$, and its slope is *half the floor*
# (Guo, Shamai & Verdú, 2005):
#
# $$I(x_0;y)=\tfrac12\int_0^{s}\mathrm{floor}(s')\,ds'.$$
#
# So the floors, added up over the noise levels, say how many nats the noisy value holds about the data. **Proof** for $s=1$: the integral of floors against
# the information by its definition, $H(y)-H(n)$.


# %% tags=["proof"]
def time_of(ratio):
    return 0.5 * np.log1p(1 / ratio)  # α²/σ² = ratio


nodes, node_weights = np.polynomial.legendre.leggauss(24)
ratios, steps = (nodes + 1) / 2, node_weights / 2
from_floors = 0.5 * steps @ [truth.denoising_error(time_of(ratio)) for ratio in ratios]
wide, (_, noise) = np.linspace(-12, 12, 8001), truth.signal_and_noise(time_of(1.0))
log_p = truth.log_prob(wide, time_of(1.0))
entropy = -integrate.simpson(np.exp(log_p) * log_p, x=wide)
by_definition = entropy - 0.5 * np.log(2 * np.pi * np.e * noise**2)
print(f"half the integral of the floors {from_floors:.9f} nats, the mutual information {by_definition:.9f} nats")
assert abs(from_floors - by_definition) < 1e-7, "half the integral of the floors must be the mutual information"

# %% [markdown]
# Nine digits. A network that lies above its floor loses nats: half of its excess, added up over $s$ in the same way. That is how a
# diffusion model's squared errors become a bound on $\log p(x)$.

# %% [markdown]
# ## A diffusion model is a VAE
#
# Take $n$ small steps of noise, $x_0\to x_1\to\dots\to x_n$, each $x_k=\sqrt{1-\beta}\,x_{k-1}+\sqrt\beta\,\varepsilon$. Call the data $x=x_0$, and
# $z=(x_1,\dots,x_n)$ the latents. Then
#
# * the **encoder** $q(z\mid x)$ is the noise: fixed, with nothing to learn;
# * the **prior** is $\mathcal N(0,1)$ for the last latent $x_n$;
# * the **decoder** is a chain of small Gaussians $p(x_{k-1}\mid x_k)$, with learned means. Here we give it the best means, and the
#   variance $\beta$, as the first papers did.
#
# Its ELBO is the one that you know. No model has a larger mean of $\log p(x)$ than $-H$, where $H$ is the entropy of the data. The mean ELBO lies
# below it by the divergence of the two chains, from data to noise and back, which the chain rule splits:
#
# $$\underbrace{\mathrm{KL}\big(q(x_n)\,\|\,\mathcal N(0,1)\big)}_{\text{what is left of the data}}
#   +\sum_{k=1}^{n}\underbrace{\mathbb E\,\mathrm{KL}\big(q(x_{k-1}\mid x_k)\,\|\,p(x_{k-1}\mid x_k)\big)}_{\text{one small step back}}.$$
#
# For Gaussian data both sides can be computed, and by two ways that share only the variances of the steps: the steps one by one, and two
# covariance matrices of $n+1$ numbers. **Predict:** ten times as many steps. How much smaller is the gap?


# %%
def gap_by_steps(n, fixed_variance, variance=0.25, longest=3.0):
    keep, gap = np.exp(-longest / n), 0.0  # √(1 − β)
    for _ in range(n):
        after = keep**2 * variance + 1 - keep**2
        ratio = variance / after if fixed_variance else 1.0  # of q(x_{k−1} | x_k) to p(x_{k−1} | x_k)
        gap, variance = gap + 0.5 * (ratio - 1 - np.log(ratio)), after
    return gap + 0.5 * (variance - 1 - np.log(variance))


# %% tags=["proof"]
from course_lib.exact import multivariate_gaussian_kl


def gap_by_matrices(n, variance=0.25, longest=3.0):
    keep, variances = np.exp(-longest / n), [variance]
    for _ in range(n):
        variances.append(keep**2 * variances[-1] + 1 - keep**2)
    steps, pull = np.arange(n + 1), keep * np.divide(variances[:-1], variances[1:])  # the best means: pull · x_k
    forward = keep ** abs(steps[:, None] - steps) * np.minimum.outer(*2 * [np.array(variances)])
    unrolled = np.linalg.inv(np.eye(n + 1) - np.diag(pull, 1))
    backward = unrolled @ np.diag([*n * [1 - keep**2], 1.0]) @ unrolled.T
    return multivariate_gaussian_kl(np.zeros((1, n + 1)), forward, np.zeros(n + 1), backward)[0]


for n in (10, 100, 1000):
    fixed, right = gap_by_steps(n, fixed_variance=True), gap_by_steps(n, fixed_variance=False)
    print(f"{n:4} steps: variance β loses {fixed:.5f} nats, the right variance {right:.1e}")
    assert n == 1000 or abs(gap_by_matrices(n) - fixed) < 1e-6, "the steps must add up to the divergence of the chains"
tenfold = gap_by_steps(1000, fixed_variance=True) / gap_by_steps(10_000, fixed_variance=True)
assert abs(tenfold - 10) < 0.5, "ten times the steps, a tenth of the gap"

# %% [markdown]
# The gap falls as $1/n$ once the steps are small: a small step back *is* nearly Gaussian with variance $\beta$, so that each of the $n$ steps loses only about $1/n^2$. With the right variance only
# $10^{-6}$ nats remain, the little that is left of the data at the end. So thousands of steps, Gaussian decoders and a fixed encoder make a VAE without
# posterior collapse: the encoder cannot give up.
#
# ## The same densities, one path each
#
# Noise moves the density from $p_0$ to $p_3$. There is a way to move *points* without any noise such that at each time they have exactly
# the same density (Song et al., 2021):
#
# $$\frac{dx}{dt}=-x-\nabla\log p_t(x),$$
#
# the **probability-flow ODE**. Run it backwards from a normal number, and out comes a datum. On a line, paths of such an equation
# cannot cross. So every point keeps its rank: one with 30 % of the mass on its left has 30 % on its left for ever, and
#
# $$x_0=F_0^{-1}\big(F_3(x_3)\big),$$
#
# the sorted plan of {lesson: wasserstein_gans}, the cheapest transport. **A generator after all: one noise, one datum**, like a GAN's, but
# nobody played a game. Two ways to solve an ODE: **Euler** uses the slope at the start of a step, **Heun** the mean of the slopes at both ends. **Predict** what
# twice the number of steps does to the error of each.

# %%
from itertools import pairwise

shares = (np.arange(100) + 0.5) / 100
begins, ends = truth.quantile(shares, t=3.0), truth.quantile(shares, t=0.0)


def velocity(x, t):
    return -x - truth.score(x, t)


def travelled(x, times, heun, velocity=velocity):
    path = [x]
    for t, later in pairwise(times):
        slope = velocity(x, t)
        if heun:
            slope = (slope + velocity(x + (later - t) * slope, later)) / 2
        x = x + (later - t) * slope
        path.append(x)
    return np.array(path)


# %% tags=["proof"]
errors = {}
for n in (50, 100, 200):
    times = 3.0 * np.linspace(1, 0, n + 1) ** 2
    errors[n] = [np.abs(travelled(begins, times, heun)[-1] - ends).max() for heun in (False, True)]
    uniform = np.abs(travelled(begins, np.linspace(3, 0, n + 1), heun=True)[-1] - ends).max()
    print(f"{n:3} steps: Euler {errors[n][0]:.4f}, Heun {errors[n][1]:.5f}; Heun with equal steps {uniform:.4f}")
halved, quartered = np.divide(errors[100], errors[200])
print(f"twice the steps: Euler's error by {halved:.2f}, Heun's by {quartered:.2f}")
assert errors[200][1] < 2e-4, "the path must end where the sorted plan says"
assert abs(halved - 2) < 0.2, "twice the steps must halve Euler's error"
assert abs(quartered - 4) < 0.3, "and quarter Heun's"

# %% [markdown]
# Euler halves, Heun quarters: with 50 steps Heun is already better than Euler with 200. And the steps must be *dense near the data* (here
# $t\propto u^2$), where the density is rough: with equal steps Heun's error is about ten times as large.

# %%
times = 3.0 * np.linspace(1, 0, 201) ** 2
grid = np.linspace(-4, 4, 300)
figure, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
ax.pcolormesh(times, grid, np.exp([truth.log_prob(grid, t) for t in times]).T ** 0.5, cmap="Blues", rasterized=True)
ax.plot(times, travelled(begins, times, heun=True)[:, ::6], color="0.15", linewidth=0.7)
ax.set_xscale("function", functions=(lambda t: np.sqrt(np.maximum(t, 0)), np.square))
ax.set(xlabel="t: 0 is data, 3 is noise", ylabel="x", xlim=(0, 3))
ax.set_xticks([0, 0.05, 0.2, 0.5, 1, 2, 3])
plotting.show(
    alt="Paths over the time axis, on a blue map of the density. On the right they are spread as a normal law; towards the "
    "left they part at about t = 0.5 into two bundles, three of ten going down to −2, and never cross."
)

# %% [markdown]
# The paths part where the two humps become visible, and none crosses another.
#
# **A second way back** keeps the noise. Forwards each small step is $x\leftarrow x-h\,x+\sqrt{2h}\,\varepsilon$; backwards, too, fresh noise comes in
# with each step on the way, and twice the score works against it.
#
# **Exercise {exercise: STEP_BACK}: find the bugs.** A colleague's step back has two. The samples run away, and those that do not are too wide. Repair it.
# `score` is a function of `(x, t)`, `noise` is $\varepsilon$, and the step goes from `t` to `t - h`; the last one arrives at 0, where the data are.


# %% tags=["exercise"]
def step_back(x, t, h, score, noise):
    # BEGIN SOLUTION
    moved = x + h * (x + 2 * score(x, t))
    return moved + np.sqrt(2 * h) * noise if t - h > 1e-9 else moved
    # INSTEAD
    # moved = x - h * (x + 2 * score(x, t))
    # return moved + np.sqrt(2 * h) * noise
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import where_next as exercises

check(exercises.STEP_BACK, step_back)

# %% [markdown]
# With both repaired a step is
#
# $$x\leftarrow x+h\,\big(x+2\nabla\log p_t(x)\big)+\sqrt{2h}\,\varepsilon,$$
#
# without the last term where it arrives at the data. The path without noise has the score once. Of the two scores here, one moves the density, as there, and the other undoes what the fresh
# noise does.

# %% [markdown] tags=["deeper"]
# ### Exact log-densities from a denoiser
#
# Points that move with a velocity $v$ spread where $\partial v/\partial x>0$, and there their density falls: along a path
# $\frac{d}{dt}\log p_t(x_t)=-\frac{\partial v}{\partial x}$. Integrate, and a score gives a **likelihood**, not only a bound:
#
# $$\log p_0(x_0)=\log p_3(x_3)+\int_0^3\frac{\partial v}{\partial x}(x_t,t)\,dt .$$
#
# **Proof**, with the derivative by differences. One more trap: at the end stands $p_3$, not quite the standard normal. What does it cost to
# forget that?


# %% tags=["proof"]
def spread(x, t, h=1e-4):
    return (velocity(x + h, t) - velocity(x - h, t)) / (2 * h)


def log_prob_along(start, n):
    times = 3.0 * np.linspace(0, 1, n + 1) ** 2
    path = travelled(start, times, heun=True)
    spreads = np.array([spread(x, t) for x, t in zip(path, times, strict=True)])
    return path[-1], integrate.trapezoid(spreads, x=times, axis=0)


start, off = np.linspace(-3.5, 3.0, 60), {}
for n in (50, 100, 200):
    end, gained = log_prob_along(start, n)
    off[n] = np.abs(truth.log_prob(end, 3.0) + gained - truth.log_prob(start)).max()
    wrong = np.abs(-0.5 * (end**2 + np.log(2 * np.pi)) + gained - truth.log_prob(start)).max()
    print(f"{n:3} steps: off by {off[n]:.4f} nats; with the standard normal at the end by {wrong:.4f}")
assert off[200] < 1e-3, "the log-density along the path must be the exact one"
assert abs(off[100] / off[200] - 4) < 0.5, "and its error must fall with the square of the step"

# %% [markdown]
# The error of the solver can be made as small as you like; that of the wrong end stays, about 0.03 nats. On images the derivative
# is a trace of a large matrix, estimated by random vectors (Song et al., 2021).

# %% [markdown]
# ## Three more families on the same line
#
# ### Flows: keep account of the stretching
#
# A **flow** is an invertible network $z=g(x)$ from data to normal noise. Its density is exact, because probability is not lost but
# stretched:
#
# $$\log p(x)=\log\mathcal N\big(g(x);0,1\big)+\log\big|g'(x)\big|.$$
#
# Here $g$ is a line plus three smooth steps, with positive slopes so that it can be inverted; SciPy climbs the likelihood. **Predict** what
# $\int p$ is if the last term is forgotten.

# %%
from scipy import optimize
from scipy.stats import norm

grid = np.linspace(-9, 9, 3001)
density = np.exp(truth.log_prob(grid))


def flow(x, parameters):
    """Noise g(x) and slope g′(x)."""
    shift, slope, heights, steepness, places = *parameters[:2], *np.split(parameters[2:], 3)
    bend, slope = np.tanh(np.exp(steepness) * (x[:, None] - places)), 0.1 + np.exp(slope)
    return shift + slope * x + bend @ np.exp(heights), slope + (1 - bend**2) @ np.exp(heights + steepness)


def log_prob_of_flow(x, parameters):
    z, slope = flow(x, parameters)
    return norm.logpdf(z) + np.log(slope)


# %% tags=["proof"]
first = np.array([0.0, -1.0, *3 * [-1.0], *3 * [0.0], -2.0, -0.5, 1.0])
fitted = optimize.minimize(lambda p: -integrate.trapezoid(density * log_prob_of_flow(grid, p), x=grid), first).x
wide = np.linspace(-60, 60, 120_001)
total = integrate.trapezoid(np.exp(log_prob_of_flow(wide, fitted)), x=wide)
forgotten = integrate.trapezoid(norm.pdf(flow(wide, fitted)[0]), x=wide)
lost = integrate.trapezoid(density * (truth.log_prob(grid) - log_prob_of_flow(grid, fitted)), x=grid)
print(f"∫p = {total:.9f}, without the slope {forgotten:.3f}; KL to the truth {lost:.4f} nats")
assert abs(total - 1) < 1e-6, "with the slope the density must integrate to one"
assert abs(forgotten - 1) > 0.2, "and without it, it must not"
assert 0 <= lost < 0.05, "the flow must come near to the truth, and cannot beat it"

# %% [markdown]
# One, to nine digits, and with a KL to the truth that can be *computed*. In many dimensions $|g'|$ is the determinant of a matrix. A **coupling** makes it
# cheap (Dinh et al., 2015; 2017): keep one half $a$ of the numbers, and stretch and shift the other half $b$ by amounts that depend on $a$
# alone,
#
# $$z_a=a,\qquad z_b=b\cdot e^{s(a)}+t(a).$$
#
# **Exercise {exercise: COUPLING}: the log-determinant.** Return $\log|\det\partial z/\partial x|$ for each row. `x` is `(n, d)`; the first `kept` columns are $a$;
# `scale(a)` gives $s$, `(n, d - kept)`, and `shift(a)` gives $t$.


# %% tags=["exercise"]
def log_determinant(x, kept, scale, shift):
    # BEGIN SOLUTION
    return scale(x[:, :kept]).sum(axis=1)
    # END SOLUTION


# %%
check(exercises.COUPLING, log_determinant)

# %% [markdown]
# ### Autoregression: one symbol after the other
#
# Cut the line into 64 cells and write the number of a cell with six binary digits. Any distribution of such words is a product of
# conditionals, $p(k)=\prod_i p(k_i\mid k_{\lt i})$. That is how language models work, and the code prior of {lesson: discrete_codes}. Its proof of honesty: **sum it over all words.**
# Count the conditionals in the training data; the second program forgets the shift, and lets digit $i$ be
# told by the digits up to $i$ *included*.

# %% tags=["proof"]
edges = np.linspace(-5.0, 4.5, 65)[1:-1]
words = (np.searchsorted(edges, data.x_train[:, 0])[:, None] >> np.arange(5, -1, -1)) & 1  # (n, 6), 0 or 1
every_word = (np.arange(64)[:, None] >> np.arange(5, -1, -1)) & 1


def log_prob_of_words(asked, extra):
    """Sum of log p(digit i | the first i + extra digits), by counts with ½ added to each."""
    total = np.zeros(len(asked))
    for i in range(6):
        seen, told = (each[:, : i + extra] @ 2 ** np.arange(i + extra) for each in (words, asked))
        counts = np.full((2 ** (i + extra), 2), 0.5)
        np.add.at(counts, (seen, words[:, i]), 1)
        total += np.log(counts[told, asked[:, i]] / counts[told].sum(axis=1))
    return total


honest, leaky = (np.exp(log_prob_of_words(every_word, extra)) for extra in (0, 1))
cells = np.diff(truth.cdf(np.array([-60.0, *edges, 60.0])))
nats = [-cells @ np.log(each) for each in (cells, honest, leaky)]
print(f"sums over all 64 words: honest {honest.sum():.9f}, leaky {leaky.sum():.2f}")
print(f"nats per word: truth {nats[0]:.4f}, honest {nats[1]:.4f}, leaky {nats[2]:.4f}")
assert abs(honest.sum() - 1) < 1e-9, "an autoregressive model must sum to one"
assert leaky.sum() > 10, "one that sees its own answer must not"
assert nats[2] < nats[0], "and it seems to beat the truth"

# %% [markdown]
# The leaky program "codes" a word for almost nothing, far below the entropy, which is impossible: its probabilities sum to more than 50. **A
# likelihood that was never summed proves nothing.**
#
# ### Energies: everything but a constant
#
# An **energy-based model** says $p(x)=e^{-E(x)}/Z$ and does not know $Z$. The score does not need it, $\nabla\log p=-\nabla E$, so one can
# walk: **Langevin** steps $x\leftarrow x-\frac h2\nabla E(x)+\sqrt h\,\varepsilon$ have $p$ as their law, *if $h$ is small*. How small? For
# $\mathcal N(0,1)$, $E=x^2/2$ and a step multiplies $x$ by $1-\frac h2$ and adds noise of variance $h$. A variance $v$ that stays solves $v=(1-\frac h2)^2v+h$:
#
# $$v=\frac{1}{1-h/4}.$$
#
# **Proof**, by 20,000 walkers:

# %% tags=["proof"]
rng = np.random.default_rng(run.seed)
for h in (0.1, 0.5, 1.0):
    walkers = rng.normal(size=20_000)
    for _ in range(200):
        walkers = walkers - h / 2 * walkers + np.sqrt(h) * rng.normal(size=walkers.shape)
    expected, error = 1 / (1 - h / 4), walkers.var() * np.sqrt(2 / len(walkers))
    print(f"h = {h}: variance {walkers.var():.3f} ± {error:.3f}, expected {expected:.3f} (the model says 1)")
    assert abs(walkers.var() - expected) < 5 * error, "Langevin steps must widen the law by 1/(1 − h/4)"

# %% [markdown]
# Unadjusted steps are *biased*, by a known amount; a test that accepts or refuses each step repairs it (Metropolis–Hastings). Worse: they need
# patience. On our mixture let 4,000 walkers start in the right hump, and count who is on the left, below the valley at −0.8, where 30 % belong. **Predict:** how many
# steps of $h=0.05$ will it take? Beside them, 4,000 quantiles of the standard normal follow the ODE from $t=3$ to the data, in 200 steps.

# %% tags=["proof"]
rng, on_the_left = np.random.default_rng(run.seed), []
walkers = np.full(4000, 1.0)
for _ in range(2001):
    on_the_left.append(np.mean(walkers < -0.8))
    walkers = walkers + 0.025 * truth.score(walkers) + np.sqrt(0.05) * rng.normal(size=walkers.shape)
along_paths = np.mean(travelled(norm.ppf((np.arange(4000) + 0.5) / 4000), times, heun=True) < -0.8, axis=1)
share = truth.cdf([-0.8])[0]
error = np.sqrt(share * (1 - share) / 4000)
print(f"truth {share:.3f}; ODE {along_paths[-1]:.3f} after 200 steps")
by_walking = ", ".join(f"{on_the_left[steps]:.3f} after {steps:,}" for steps in (200, 1000, 2000))
print(f"Langevin {by_walking} steps (± {error:.3f})")
ax = plotting.curves({"Langevin": on_the_left}, "steps", "share on the left", x=np.arange(2001))
ax.axhline(share, color="0.8", linewidth=5, zorder=0, label="truth")
ax.plot(along_paths, "--", color=plotting.PALETTE[5], label="ODE, 200 steps")
ax.legend(frameon=False)
plotting.show(
    alt="The share of walkers left of −0.8 against Langevin steps: it creeps up from zero and reaches the true 30 per cent only "
    "after about a thousand steps, while the ODE comes from 21 per cent of the noise to the truth in 200 steps."
)
assert abs(along_paths[-1] - share) < 0.005, "the ODE must bring the right share to the left"
assert share - on_the_left[200] > 5 * error, "and Langevin steps must not, after as many"

# %% [markdown]
# About a thousand, for two humps on a line. Behind a high wall walkers stay for ages. The ODE had the right share after 200 (400 scores, as Heun asks twice in a step), since it *starts* where there
# are no walls: in the noise. That is what the levels of noise are for.

# %% [markdown] tags=["deeper"]
# ## Guidance: a condition, exaggerated
#
# Text-to-image models do not draw from $p(x\mid c)$. They add a multiple of the difference of two scores,
# $\nabla\log p(x)+w\,\big(\nabla\log p(x\mid c)-\nabla\log p(x)\big)$ with $w>1$ (Ho & Salimans, 2022). At each noise level that is the score of a **tilted density**
#
# $$p_w(x)\propto p(x)^{1-w}\,p(x\mid c)^{w}=p(x)\Big(\frac{p(x\mid c)}{p(x)}\Big)^{w}.$$
#
# **Exercise {exercise: GUIDED}.** Compute it on a grid. `p` and `p_given` are the two densities on the equally spaced points `x`; return the density $p_w$ there, *normalised*.


# %% tags=["exercise"]
def guided(x, p, p_given, weight):
    # BEGIN SOLUTION
    tilted = p * (p_given / p) ** weight
    return tilted / (tilted.sum() * (x[1] - x[0]))
    # END SOLUTION


# %%
check(exercises.GUIDED, guided)

# %% [markdown]
# Let $c$ be "from the left hump", at $t=0.5$, where the humps overlap. **Predict** what $w=4$ does to the mean and to the width.

# %% tags=["proof"]
grid = np.linspace(-9, 8, 3401)
signal, noise = truth.signal_and_noise(0.5)
middle_given, deviation_given = signal * MEANS[0], np.hypot(signal * DEVIATIONS[0], noise)
p, given = np.exp(truth.log_prob(grid, 0.5)), norm.pdf(grid, middle_given, deviation_given)
tilted, moments = {}, {}
for weight in (0, 1, 2, 4):
    unnormalised = p ** (1 - weight) * given**weight
    tilted[f"w = {weight}"] = unnormalised / integrate.trapezoid(unnormalised, x=grid)
    mean = integrate.trapezoid(grid * tilted[f"w = {weight}"], x=grid)
    width = integrate.trapezoid((grid - mean) ** 2 * tilted[f"w = {weight}"], x=grid) ** 0.5
    moments[weight] = mean, width
    print(f"w = {weight}: mean {mean:.3f}, deviation {width:.3f}")
plotting.curves(tilted, xlabel="x", ylabel="density", x=grid).set_xlim(-5, 4)
plotting.show(
    alt="Four densities at t = 0.5: w = 0 the whole lopsided hump, w = 1 its left part, w = 2 and 4 ever narrower and "
    "farther to the left, away from the other hump."
)
assert np.allclose(moments[1], (middle_given, deviation_given), atol=1e-6), "w = 1 must be the condition"
assert np.isclose(moments[0][0], signal * 0.1, atol=1e-6), "w = 0 must be all data"
assert moments[4][0] < moments[2][0] < middle_given, "a larger w must move it away from the other hump"
assert moments[4][1] < moments[2][1] < deviation_given, "and narrow it"

# %% [markdown]
# It moves *away from the other hump*, to where nobody would mistake it, and becomes narrower: more clearly of its class, and less varied. (A sampler that follows these
# scores does not draw from a tilted $p_0$: noising a tilted density and tilting a noised one are two things.)

# %% [markdown]
# ## Faces, at equal seconds
#
# Back to pictures. Three small dense models get the same 6,000 faces of 16 × 16 pixels, hidden layers of the same widths, and about the same
# processor seconds. The denoiser is the very class that met its floor above. **Predict** the order by looks.

# %%
from time import process_time

from course_lib import networks
from course_lib.formulas import adversarial, gaussian, gradient_penalties
from course_lib.models import GAN, VAE

faces = datasets.load("faces", size=16, num_train=6000)
SHAPE, UNITS = faces.x_train.shape[1:], (256, 256)
middle = faces.x_train.mean(axis=0)
scale = float((faces.x_train - middle).std())
standardised = ((faces.x_train - middle) / scale).astype("float32")


def three_models():
    keras.utils.set_random_seed(run.seed)
    coders = networks.dense_gaussian_encoder(SHAPE, 32, UNITS), networks.dense_decoder(32, SHAPE, UNITS)
    players = networks.dense_generator(32, SHAPE, UNITS), networks.dense_discriminator(SHAPE, UNITS)
    return {
        "VAE": VAE(*coders, gaussian(0.5), seed=run.seed),
        "GAN": GAN(*players, adversarial.non_saturating, seed=run.seed, penalty=gradient_penalties.R1(1.0)),
        "denoiser": Denoiser(dense_denoiser(SHAPE, UNITS), seed=run.seed),
    }


# %%
EPOCHS, RATES = {"VAE": 10, "GAN": 5, "denoiser": 10}, {"VAE": 0.002, "GAN": 0.0003, "denoiser": 0.003}
models, seconds = three_models(), {}
for name, model in models.items():
    falling = keras.optimizers.schedules.CosineDecay(RATES[name], EPOCHS[name] * 47)
    rate = {"learning_rate": RATES[name]} if name == "GAN" else {"optimizer": keras.optimizers.Adam(falling)}
    model.compile(**rate, jit_compile=False)
    began = process_time()
    keras.utils.set_random_seed(run.seed)
    model.fit(faces.x_train if name == "GAN" else standardised, batch_size=128, epochs=EPOCHS[name], verbose=0)
    seconds[name] = process_time() - began
print("processor seconds:", {name: round(value) for name, value in seconds.items()})


def drawn(name, number, seed=1):
    images = models[name].sample(number, seed=seed)
    return images if name == "GAN" else np.clip(middle + scale * images, 0, 1)


plotting.image_rows({"real": faces.x_test[:10], **{f"generated by {name}": drawn(name, 10) for name in models}})
plotting.show(
    alt="Four rows of ten small faces: real ones; soft and average ones by the VAE; noisy, speckled ones by the GAN; and by the "
    "denoiser faces with clear hair, hats, glasses and backgrounds, close to the real ones."
)

# %% [markdown]
# The denoiser's faces have clear hats, beards and glasses. A number for it: the Fréchet distance ({lesson: judging_generative_models}) of 1,000 samples to the
# test faces, beside that of fresh real faces. We measure on 60 principal components, each divided by its deviation, so that a pair of glasses counts as much as the
# colour of the background.

# %% tags=["proof"]
from course_lib import metrics
from course_lib.exact import principal_axes

flat = faces.x_train.reshape(6000, -1).astype("float64")
axes = principal_axes(flat, 60)
deviations = (flat @ axes).std(axis=0)


def components(images):
    return (images.reshape(len(images), -1) - flat.mean(axis=0)) @ axes / deviations


of_test = components(faces.x_test)
scores = {"fresh real faces": metrics.frechet_distance(of_test, components(faces.x_validation))}
scores |= {name: metrics.frechet_distance(of_test, components(drawn(name, 1000))) for name in models}
print({name: round(float(value), 1) for name, value in scores.items()})
assert scores["denoiser"] < min(scores["VAE"], scores["GAN"]) / 1.5, "at equal seconds the denoiser must be far ahead"

# %% [markdown]
# One training each, one choice of networks, and few seconds: {lesson: head_to_head} says what such a comparison is worth. The order also
# hangs on the ruler: in somewhat longer trainings a VAE with a broader likelihood came level with the denoiser on the 20 largest components, *not* divided: those hardly see
# detail. (There we tried the VAE's deviation at eight values, the GAN at six settings, the denoiser at one.) By looks, the first place agrees with what happened in the world after 2020; that a VAE stands before a GAN does not: a few seconds are little for a game. A denoiser has one loss that falls, no opponent, and every step of its decoder is easy. What it pays: 50 passes for one sample,
# and no short code of an image.
#
# ## The map, with proofs
#
# | family | exact $\log p(x)$? | latent code? | one pass to a sample? | symbols? |
# |---|---|---|---|---|
# | mixture, pPCA | **yes**: a sum, an integral ({number: latent_variable_models}, {number: probabilistic_pca_and_monte_carlo}) | yes, exact posterior | yes | yes |
# | VAE | **bound**, with its gap known ({number: the_elbo}, {number: tighter_bounds}) | yes, short | yes | by its likelihood ({number: what_a_likelihood_decides}) |
# | VQ-VAE + prior | bound, one word of many ({number: discrete_codes}) | yes, symbols | no, one pass a symbol | yes |
# | GAN | **none** ({number: gan_theory}) | no encoder, unless added ({number: conditional_gans_and_hybrids}) | yes | no gradient ({number: training_a_gan}) |
# | autoregressive | **yes**: Σ = 1 (here, {number: discrete_codes}) | no | no, one pass a symbol | yes |
# | flow | **yes**: ∫p = 1 (here) | yes, as large as $x$ | yes | no, no $g'$ |
# | energy | **up to $Z$** (here) | no | no, long chains | yes |
# | diffusion | **bound**, or the ODE's exact value (here) | as large as $x$; the ODE's $x_3$ | no, many | needs another noise |
#
# **Exercise {exercise: FAMILIES}: choose.** For each need, the family that the map suggests, each once: `"autoregressive"`, `"flow"`, `"GAN"`, `"VAE"`, `"diffusion"`, `"energy"`.
# A dictionary with these keys:
#
# * `"exact density of vectors, sampled in one pass"`
# * `"exact probability of sentences"`
# * `"a short code of each image, and a bound"`
# * `"one pass, no density asked"`
# * `"good samples, many passes allowed"`
# * `"a score function written by hand, no training"`

# %% tags=["exercise"]
# BEGIN SOLUTION
choices = {
    "exact density of vectors, sampled in one pass": "flow",
    "exact probability of sentences": "autoregressive",
    "a short code of each image, and a bound": "VAE",
    "one pass, no density asked": "GAN",
    "good samples, many passes allowed": "diffusion",
    "a score function written by hand, no training": "energy",
}
# END SOLUTION

# %%
check(exercises.FAMILIES, choices)

# %% [markdown]
# **Exercise {exercise: PAPERS}: put them in order.** Five findings; what comes first? Answer with a string of letters, such as `"abcde"`.
#
# * (a) Generative adversarial networks: a game between two networks.
# * (b) Denoising diffusion models draw images as good as those of GANs.
# * (c) Boltzmann machines learn an energy by walking.
# * (d) A chain of small noise steps can be learned backwards: "nonequilibrium thermodynamics".
# * (e) Training a denoising autoencoder is matching a score.

# %% tags=["exercise"]
# BEGIN SOLUTION
order = "ceadb"
# END SOLUTION

# %%
check(exercises.PAPERS, order)

# %% [markdown] tags=["deeper"]
# ## Capstone: five briefs, one of them yours
#
# Choose one, take a week, and use any model of the course or one of your own. Each is judged by a number on a **hidden split** that no cell of this
# notebook shows; the solutions below are baselines of a few lines, and easy to beat.
#
# | brief | you hand in | judged by | passes | baseline |
# |---|---|---|---|---|
# | restore | `restore(noisy)` | squared error a letter, noise of σ = ½ | ≤ 23 | the Wiener filter of principal components |
# | compress | `log_prob(bits)` | bits a patch, *after* all 4,096 patterns were summed | ≤ 8.4 | counting |
# | detect | `score(images)` | the worst AUROC of three kinds of damage | ≥ 0.97 | a two-sided density |
# | say | `next_word(beginning)` | nats a sentence (the grammar's entropy is 3.08) | ≤ 3.3 | counting |
# | draw | `draw(number, seed)` | Fréchet distance on letter features, and no copies | ≤ 1.4 | two stages |
#
# No limit was set on the hidden split. Each is the mean of the baseline on six *validation* splits, made from other seeds, plus five of its standard deviations
# between them (for `detect`: minus), rounded to two figures on the easy side.
#
# **Passing is half of the marks.** The other half is a report of two pages. Ten points each:
#
# 1. **Question.** Which use do you have in mind, and which mistake would hurt it most?
# 2. **Model.** What is random, what is learned; the loss in one line, with its unit.
# 3. **Oracle.** One thing about your model that you *know* (a sum that is 1, a floor, a closed form), and your test of it.
# 4. **Comparison.** One rival with equal means; several seeds, errors, and the rule by which you chose.
# 5. **Blind spots.** What your number cannot see, and a picture that shows it.

# %%
training_letters = exercises.letters()  # float32 (6000, 28, 28, 1), 0 or 1
flat_letters = training_letters.reshape(-1, 784).astype("float64")
average = flat_letters.mean(axis=0)
letter_variances, letter_axes = np.linalg.eigh(np.cov(flat_letters.T))  # the largest last
dirty = training_letters[:8] + 0.5 * np.random.default_rng(run.seed).normal(size=(8, 28, 28, 1))
plotting.image_rows({"clean": training_letters[:8], "to restore": np.clip(dirty, 0, 1)})
plotting.show(
    alt="Two rows of eight letters: clean black and white ones, and the same with so much grey noise that the strokes are hard to see."
)
print(" / ".join(" ".join(exercises.words[word] for word in sentence) for sentence in exercises.sentences(4)))

# %% [markdown]
# **Exercise {exercise: RESTORE}: restore.** `noisy` is `(n, 28, 28, 1)`, letters plus normal noise of deviation ½. Return the letters.


# %% tags=["exercise"]
def restore(noisy):
    # BEGIN SOLUTION
    gains = np.maximum(letter_variances, 0) / (np.maximum(letter_variances, 0) + 0.25)
    codes = (noisy.reshape(-1, 784) - average) @ letter_axes
    return (average + codes * gains @ letter_axes.T).reshape(noisy.shape)
    # END SOLUTION


# %%
check(exercises.RESTORE, restore)

# %% [markdown]
# **Exercise {exercise: COMPRESS}: compress.** `exercises.patches(images)` cuts 3 × 4 pixels out of the middle of each letter: `bits`, `(n, 12)`. Return log p of each row, in nats.


# %% tags=["exercise"]
def log_prob_of_patches(bits):
    # BEGIN SOLUTION
    numbers = exercises.patches(training_letters) @ 2 ** np.arange(12)
    counts = 0.02 + np.bincount(numbers, minlength=4096)
    return np.log(counts / counts.sum())[bits @ 2 ** np.arange(12)]
    # END SOLUTION


# %%
check(exercises.COMPRESS, log_prob_of_patches)

# %% [markdown]
# **Exercise {exercise: DETECT}: detect.** Images `(n, 28, 28, 1)`: real letters, or faded, blurred or speckled ones. Return a score for each, larger for stranger.


# %% tags=["exercise"]
def strangeness(images):
    # BEGIN SOLUTION
    def surprise(x):
        rest = letter_variances[:-40].mean()
        codes = (x.reshape(-1, 784) - average) @ letter_axes
        return (codes[:, -40:] ** 2 / letter_variances[-40:]).sum(axis=1) + (codes[:, :-40] ** 2).sum(axis=1) / rest

    return np.abs(surprise(images) - surprise(training_letters).mean())
    # END SOLUTION


# %%
check(exercises.DETECT, strangeness)

# %% [markdown]
# **Exercise {exercise: SAY}: say.** A grammar makes sentences of four of twelve words (`exercises.words`); `exercises.sentences(number)` draws some. `beginning` is
# `(n, i)`, the first $i$ words of $n$ sentences, $i=0,\dots,3$. Return the probabilities of the next word, `(n, 12)`.


# %% tags=["exercise"]
def next_word(beginning):
    # BEGIN SOLUTION
    place, known = beginning.shape[1], exercises.sentences(4000)
    seen, asked = (each[:, :place] @ 12 ** np.arange(place) for each in (known, beginning))
    counts = np.full((12 ** (place + 1), 12), 0.1)
    np.add.at(counts, (seen, known[:, place]), 1)
    return counts[asked] / counts[asked].sum(axis=1, keepdims=True)
    # END SOLUTION


# %%
check(exercises.SAY, next_word)

# %% [markdown]
# **Exercise {exercise: DRAW}: draw.** Return `number` new letters, `(number, 28, 28, 1)` between 0 and 1: the same ones for the same `seed`, others for another. A training
# letter that was moved is still a copy.


# %% tags=["exercise"]
def draw_letters(number, seed):
    # BEGIN SOLUTION
    rng, codes = np.random.default_rng(seed), (flat_letters - average) @ letter_axes[:, -100:]
    some = codes[rng.integers(len(codes), size=number)]
    distances = (some**2).sum(1)[:, None] - 2 * some @ codes.T + (codes**2).sum(1)
    near = codes[np.argsort(distances, axis=1)[np.arange(number), rng.integers(1, 10, size=number)]]
    between = some + rng.uniform(0.3, 0.7, size=(number, 1)) * (near - some)
    return (average + between @ letter_axes[:, -100:].T > 0.5).astype("float32").reshape(number, 28, 28, 1)
    # END SOLUTION


# %%
check(exercises.DRAW, draw_letters)

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> A denoiser's loss is 0.01 at the smallest noise. Is it a good denoiser?</summary>
#
# That says nothing: with little noise, handing the input back is nearly as good. Ask for the floor at this noise, or compare with that trivial answer.
# </details>
#
# <details><summary><b>2.</b> "Diffusion models have replaced VAEs." What would you add?</summary>
#
# They *are* VAEs, with a fixed encoder, as many latents as steps, and the same bound. What they gave up is the short code, and one pass to a sample.
# </details>
#
# <details><summary><b>3.</b> Two programs solve the same ODE with 50 network calls each, Euler with 50 steps, Heun with 25. Who wins?</summary>
#
# On the line Heun, by far: its error falls with the square of the step. Count the calls, not the steps, and keep the steps dense near the data.
# </details>
#
# <details><summary><b>4.</b> A language model reports fewer nats than the entropy of the source. A breakthrough?</summary>
#
# A leak: it sees its own answers. Sum its probabilities over all words of a short length; the sum will exceed 1.
# </details>
#
# <details><summary><b>5.</b> Langevin walkers gather in one of two humps, each of which they cover perfectly. What does a local test miss?</summary>
#
# The share of each hump. It takes walks over the wall between them, which are exponentially rare in its height. Levels of noise take the wall away.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **derived** that the best denoiser is $x_t$ plus $\sigma_t^2$ times the score, over $\alpha_t$, and measured a trained one by its distance from the floor;
# * **proved** that floors add up to nats, that a diffusion is a VAE whose gap falls as $1/n$, and that its deterministic path keeps ranks;
# * **repaired** a sampler's step, and **written** the log-determinant of a coupling;
# * **told** exact from leaky, and unbiased from biased, by sums, integrals and one variance;
# * **judged** a denoiser beside a VAE and a GAN at equal seconds, and **chosen** a family for a need.
#
# Is everything one model? **One question, *how does noise become data*, and several bargains: what you want exact (a density, a short code, one pass) decides
# the family.** Whatever you build next, find the number that it must reach, and the one that it cannot beat.
#
# **Go further.** With a GPU: a convolutional denoiser on 32 × 32 faces (`Denoiser` takes any network of `[x_t, u]`). Without one: draw samples with 5, 10 and 25 steps, and
# let the Fréchet distance say where patience ends.
#
# **Touch it:** [diffusion in 1-D](../docs/explorables/diffusion_1d/index.html).
#
# **A short shelf.** Books: Bishop & Bishop (2024), *Deep learning*, Springer; Prince (2023), *Understanding deep learning*, MIT Press; Tomczak (2024), *Deep generative
# modeling*, Springer; Murphy (2023), *Probabilistic machine learning: advanced topics*, MIT Press. Documentation: [Keras](https://keras.io), [TensorFlow](https://www.tensorflow.org).
#
# **References.** Robbins (1956), *An empirical Bayes approach to statistics*, Berkeley Symposium. · Ackley, Hinton & Sejnowski (1985), *A learning algorithm for Boltzmann machines*,
# Cognitive Science 9. · Guo, Shamai & Verdú (2005), *Mutual information and minimum mean-square error in Gaussian channels*, arXiv:cs/0412108. · Vincent (2011), *A connection between
# score matching and denoising autoencoders*, Neural Computation 23. · Kingma & Welling (2014), *Auto-encoding variational Bayes*, arXiv:1312.6114. · Goodfellow et al. (2014), *Generative
# adversarial networks*, arXiv:1406.2661. · Dinh, Krueger & Bengio (2015), *NICE*, arXiv:1410.8516. · Sohl-Dickstein et al. (2015), *Deep unsupervised learning using nonequilibrium
# thermodynamics*, arXiv:1503.03585. · Dinh, Sohl-Dickstein & Bengio (2017), *Density estimation using Real NVP*, arXiv:1605.08803. · Ho, Jain & Abbeel (2020), *Denoising diffusion
# probabilistic models*, arXiv:2006.11239. · Song, Meng & Ermon (2021), *Denoising diffusion implicit models*, arXiv:2010.02502. · Song et al. (2021), *Score-based generative modeling
# through stochastic differential equations*, arXiv:2011.13456. · Dhariwal & Nichol (2021), *Diffusion models beat GANs on image synthesis*, arXiv:2105.05233. · Kingma et al. (2021),
# *Variational diffusion models*, arXiv:2107.00630. · Ho & Salimans (2022), *Classifier-free diffusion guidance*, arXiv:2207.12598. · Karras et al. (2022), *Elucidating the design space
# of diffusion-based generative models*, arXiv:2206.00364.

# %% [markdown] tags=["slide"]
# # Where next: diffusion, flows and their neighbours
#
# You have built autoencoders, VAEs and GANs. Around you people speak of diffusion, flows, language models and energies.
#
# **New worlds, or one thing that you know, seen from five sides?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: the ELBO, a denoising autoencoder, transport on the line. Everything today happens on one line, where the truth is known.

# %% [markdown] tags=["slide"]
# ## Predict: which hump is seen longer?
#
# $$x_t=e^{-t}x_0+\sqrt{1-e^{-2t}}\;\varepsilon$$
#
# . . .
#
# {figure: one-line-and-noise-that-grows-2}

# %% [markdown] tags=["notes"]
# 2 min. Data fade, noise grows. At t = 0.5 the left hump is a shoulder, at t = 1 it is gone. A diffusion model learns to go back, curve by curve.

# %% [markdown] tags=["slide"]
# ## What can be learned, if nobody knows which point it was?
#
# + The **mean** of all clean values that $x_t$ may have come from.
# + Squared error finds it.
# + And it is a slope:
#
# $$\mathbb E[x_0\mid x_t]=\frac{x_t+\sigma_t^2\,\nabla\log p_t(x_t)}{\alpha_t}$$

# %% [markdown] tags=["notes"]
# 3 min. Derive it on the board, four lines: differentiate the Gaussian inside the integral, divide by the density. The slope is called the score.

# %% [markdown] tags=["slide"]
# ## The best denoiser
#
# {figure: the-best-denoiser-is-a-slope-2}
#
# Little noise: hands the value back. More noise: a soft decision between two humps.

# %% [markdown] tags=["notes"]
# 2 min. Ask what the flat parts mean. Integral and score agree to fourteen digits.

# %% [markdown] tags=["slide"]
# ## A loss that has a floor
#
# $$\mathbb E(x_0-\hat x)^2=\underbrace{\mathbb E\,\mathrm{Var}(x_0\mid x_t)}_{\text{floor}}+\text{what the network does wrong}$$
#
# **Predict:** at which noise is the loss smallest? At which is the denoiser *best*?
#
# . . .
#
# {output: a-loss-that-has-a-floor-6}

# %% [markdown] tags=["notes"]
# 4 min. Vote on both. The smallest loss belongs to the worst denoiser, in per cent of the floor. Usual wrong answer: small loss, good model. For images nobody knows the floor.

# %% [markdown] tags=["slide"]
# ## Squared errors become nats
#
# $$I(x_0;y)=\tfrac12\int_0^{s}\mathrm{floor}(s')\,ds'$$
#
# {output: the-losses-add-up-to-nats-2}
#
# . . .
#
# So a denoiser's excess over the floor is a loss in nats.

# %% [markdown] tags=["notes"]
# 2 min. Guo, Shamai and Verdú, 2005. Leave out the proof; nine digits are convincing. This is why a squared error bounds a log-likelihood.

# %% [markdown] tags=["slide"]
# ## A diffusion model is a VAE
#
# - encoder: the noise, fixed
# - latents: $x_1,\dots,x_n$
# - prior: $\mathcal N(0,1)$ for $x_n$
# - decoder: $n$ small Gaussian steps
#
# . . .
#
# **Predict:** ten times as many steps. How much smaller is the gap?
#
# . . .
#
# {output: a-diffusion-model-is-a-vae-3}

# %% [markdown] tags=["notes"]
# 4 min. Let them name the four parts before you show the list. The gap falls as 1/n because a small step back is nearly Gaussian with variance β. With the right variance hardly anything is lost: what is left of the data at the end. No posterior collapse: the encoder cannot give up.

# %% [markdown] tags=["slide"]
# ## The same densities, without noise
#
# $$\frac{dx}{dt}=-x-\nabla\log p_t(x)$$
#
# {figure: the-same-densities-one-path-each-5}
#
# Paths never cross, so each point keeps its rank.

# %% [markdown] tags=["notes"]
# 3 min. Ask first why they cannot cross: a path has one velocity at each place. So the map is the sorted transport plan of the Wasserstein lesson: a generator, one noise, one datum.

# %% [markdown] tags=["slide"]
# ## Predict: twice the number of steps
#
# What happens to the error of Euler, and of Heun?
#
# . . .
#
# {output: the-same-densities-one-path-each-3}

# %% [markdown] tags=["notes"]
# 2 min. Halved and quartered. Heun asks the network twice a step and still wins. Equal steps cost a factor of ten: be dense near the data.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: STEP_BACK} · {minutes} minutes
#
# Forwards: $x\leftarrow x-h\,x+\sqrt{2h}\,\varepsilon$. A colleague's step *back*:
#
# ```python
# moved = x - h * (x + 2 * score(x, t))
# return moved + np.sqrt(2 * h) * noise
# ```
#
# The samples run away, and those that do not are too wide. **Find both bugs.**

# %% [markdown] tags=["notes"]
# 6 min. The sign, since time runs backwards; and the noise at the last step, which should arrive at data. Usual wrong repair: dropping the factor 2, which belongs to the path without noise.

# %% [markdown] tags=["slide"]
# ## Flows: keep account of the stretching
#
# $$\log p(x)=\log\mathcal N\big(g(x)\big)+\log|g'(x)|$$
#
# **Predict:** what is $\int p$ if the last term is forgotten?
#
# . . .
#
# {output: three-more-families-on-the-same-line-3}

# %% [markdown] tags=["notes"]
# 2 min. Exact, and the KL to the truth can be computed. In many dimensions the slope is a determinant.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: COUPLING} · {minutes} minutes
#
# Keep one half $a$, change the other half $b$:
#
# $$z_a=a,\qquad z_b=b\cdot e^{s(a)}+t(a)$$
#
# **What is $\log|\det\partial z/\partial x|$?**

# %% [markdown] tags=["notes"]
# 4 min. The sum of s(a). Usual wrong answers: with t, which does not stretch; the sum of e to the s; a mean.

# %% [markdown] tags=["slide"]
# ## Autoregression: sum it
#
# One symbol after the other, $p(k)=\prod_ip(k_i\mid k_{\lt i})$. Two programs, on words of six zeros and ones:
#
# {output: autoregression-one-symbol-after-the-other-2 2}
#
# **Which is better?**
#
# . . .
#
# {output: autoregression-one-symbol-after-the-other-2 1}

# %% [markdown] tags=["notes"]
# 2 min. The leaky one sees its own answer, and beats the entropy, which is impossible. A likelihood that was never summed proves nothing.

# %% [markdown] tags=["slide"]
# ## Energies: walk, and be patient
#
# $$x\leftarrow x-\tfrac h2\nabla E(x)+\sqrt h\,\varepsilon$$
#
# All walkers start in the right hump. How long until 30 % are on the left?
#
# . . .
#
# {figure: energies-everything-but-a-constant-4}

# %% [markdown] tags=["notes"]
# 3 min. Two diseases: the step widens the law by a known factor, and walls between humps. Levels of noise take the walls away.

# %% [markdown] tags=["slide"]
# ## Predict: faces at equal seconds. Whose are best?
#
# A VAE, a GAN and a denoiser; dense, equal widths.
#
# . . .
#
# {figure: faces-at-equal-seconds-3}

# %% [markdown] tags=["notes"]
# 3 min. By looks first. Then the caveats: one training each, nobody tuned, one choice of networks. What the denoiser pays: fifty passes a sample, no short code.

# %% [markdown] tags=["slide"]
# ## Quiz: "diffusion models have replaced VAEs." What would you add?
#
# . . .
#
# They *are* VAEs: a fixed encoder, as many latents as steps, the same bound.
#
# . . .
#
# Given up: the short code, and one pass to a sample.

# %% [markdown] tags=["notes"]
# 2 min. Let two of them argue before the first fragment.

# %% [markdown] tags=["slide"]
# ## To take home
#
# One question, *how does noise become data*, and several bargains:
#
# + an exact density? flow, autoregression
# + a short code, a bound? VAE
# + one pass, no density? GAN
# + good samples, many passes? diffusion
#
# Find the number that your model must reach, and the one that it cannot beat. *At home:* exercise {exercise: FAMILIES}, and one of five briefs.

# %% [markdown] tags=["notes"]
# 2 min. Show the five briefs of the capstone: restore, compress, detect, say, draw. Half of the marks are for the report.
