# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "What is p(x) where a datum has a hidden cause, and how does such a model learn?"
# ---

# %% [markdown]
# # Latent-variable models: p(x) adds up everything that could have caused x
#
# **The question.** A generative model claims to know how probable each $x$ is. What is that number, $p(x)$, when every datum
# has a cause that nobody wrote down? And how does such a model learn?
#
# In this lesson you will
#
# * **write** a generative model as a prior and a likelihood, draw from it, and compute $p(x)$ as a *sum*;
# * **say** what maximum likelihood minimises, and which ceiling it can never pass;
# * **write** a step of the EM algorithm, and **derive** the lower bound that it climbs;
# * **explain** with that bound why the likelihood never falls, and what a rise does not prove.
#
# *To know before:* densities, expectations, the Gaussian $\mathcal N(\mu, \sigma^2)$, logarithms; covariances for one section
# ({lesson: linear_algebra_and_dynamics}).
# *Time:* {times}; about 10 seconds to run on two CPU cores. No network is trained.

# %% tags=["setup"]
import course_lib

run = course_lib.setup(backend=False)

# %% [markdown]
# ## Two draws make a datum
#
# A bird lands on a scale in a garden. (The garden is invented, so that we know everything about it.) Two species come.
# Six birds of ten belong to species A and weigh 18 g, give or take 2; four belong to B and weigh 24 g, give or take 3.
# The scale writes down the weight $x$. Nobody writes down the species $z$: it is a **latent variable**, it was there
# when the datum came about, and it is not in the data.
#
# A **generative model** is a recipe for data. This one has two steps: *draw $z$, then draw $x$ given $z$*.
#
# | name | symbol | here |
# |---|---|---|
# | **prior** | $p(z)$ | 0.6 for A, 0.4 for B |
# | **likelihood** | $p(x \mid z)$ | $\mathcal N(18, 2^2)$ for A, $\mathcal N(24, 3^2)$ for B |
# | joint | $p(x, z) = p(x \mid z)\, p(z)$ | both at once |
# | **marginal**, or evidence | $p(x)$ | how probable is this weight, whatever the species? |
# | **posterior** | $p(z \mid x)$ | which species, now that we have seen the weight? |
#
# The first two are the model; the last three follow from them. What will the scale's record look like: two humps, or
# one? **Guess first.**

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_lib import plotting

rng = np.random.default_rng(run.seed)
species = rng.choice(2, size=5000, p=[0.6, 0.4])  # the prior
weight = rng.normal(np.array([18.0, 24.0])[species], np.array([2.0, 3.0])[species])  # the likelihood
bins = np.arange(6, 38, 0.5)
_, (left, right) = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained", sharey=True)
hidden = [weight[species == 0], weight[species == 1]]
left.hist(hidden, bins, stacked=True, color=plotting.PALETTE[:2], label=["A", "B"])
left.legend(frameon=False)
left.set(title="what happened: (x, z)", xlabel="weight x / g", ylabel="birds per ½ g")
right.hist(weight, bins, color="grey")
right.set(title="what is recorded: x", xlabel="weight x / g")
plotting.show(
    alt="Two histograms of bird weights. Left, coloured by species: a tall hill of light birds, and a lower, wider "
    "one of heavy birds on its shoulder. Right, what is recorded: one grey hump with a long right shoulder."
)

# %% [markdown]
# One hump with a shoulder. To *generate* was easy: two draws. To say how probable a weight of 21 g is, we must account for
# both ways in which it can have come about.
#
# ## Where z takes few values, p(x) is a sum
#
# With $K$ possible values of $z$, prior weights $\pi_k = p(z=k)$ and the likelihoods $\mathcal N(x; \mu_k, \sigma_k^2)$:
#
# $$\begin{aligned}
# p(x) &= \sum_{k=1}^K p(x, z=k) && \text{sum rule: add up all the ways} \\
#      &= \sum_{k=1}^K \pi_k\, \mathcal N(x; \mu_k, \sigma_k^2) && \text{product rule, and our model}
# \end{aligned}$$
#
# This is a **mixture of Gaussians**. One term divided by the whole sum is the posterior (Bayes' rule). In mixtures it has a
# name, the **responsibility** of component $k$ for $x$:
#
# $$r_k(x) = p(z=k \mid x) = \frac{\pi_k\, \mathcal N(x; \mu_k, \sigma_k^2)}
#   {\sum_j \pi_j\, \mathcal N(x; \mu_j, \sigma_j^2)}, \qquad \sum_k r_k(x) = 1 .$$
#
# The course has this model in `course_lib.exact`, with full covariances. **Guess:** at which weight would you bet equally on
# A and B, at 21 g, half-way between the means? And of which species is a bird of 5 g?

# %%
from course_lib.exact import GaussianMixture

birds = GaussianMixture(weights=[0.6, 0.4], means=[[18.0], [24.0]], covariances=[[[2.0**2]], [[3.0**2]]])
grid = np.linspace(2, 36, 681)
density, r = np.exp(birds.log_prob(grid[:, None])), birds.responsibilities(grid[:, None])
_, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
left.hist(weight, bins, density=True, color="lightgrey", label="the 5,000 birds")
parts = {"0.6 · N(x; 18, 2²)": density * r[:, 0], "0.4 · N(x; 24, 3²)": density * r[:, 1], "p(x), their sum": density}
plotting.curves(parts, "weight x / g", "density / per g", grid, left)
for x in (17.0, 21.0, 25.0):
    here, shares = np.exp(birds.log_prob([[x]])[0]), birds.responsibilities([[x]])[0]
    left.bar([x, x], here * shares, 0.8, bottom=[0, here * shares[0]], color=plotting.PALETTE[:2], alpha=0.6)
    right.text(x, 1.02, f"{shares[0]:.0%}", ha="center", color=plotting.PALETTE[0])
    right.axvline(x, color="black", linewidth=0.8, linestyle=":")
right.stackplot(grid, r.T, colors=plotting.PALETTE[:2], alpha=0.6)
right.text(14, 0.5, "A")
right.text(28, 0.5, "B")
right.set(xlabel="weight x / g", ylabel="responsibility", ylim=(0, 1.12))
plotting.show(
    alt="Left, the histogram of weights with the two weighted densities and their sum; at 17, 21 and 25 grams a bar is "
    "stacked from the two terms. Right, the share of each term in its bar at every weight: mostly A from 5 to 21 grams, else B."
)

# %% [markdown]
# A responsibility is *a share of a bar*. The shares are equal a little to the right of 21 g: A is more common, and has the
# benefit of the doubt. At the far left B, the *heavy* species, wins back ground: it has the larger spread, and so far from
# both means spread counts more than the mean. Below 5.2 g it leads: rather B for a bird of 5 g. (None was ever so light.)
#
# "The sum follows the histogram" is what eyes say. Two sharper tests: the density must have the mass 1, and the draws must
# follow its distribution function. The largest distance between that function and the one of $n$ true draws exceeds
# $1.95/\sqrt n$ in one case of a thousand (Kolmogorov's test).

# %% tags=["proof"]
from scipy import stats

from course_lib.exact import expectation_1d


def distribution(x):
    return 0.6 * stats.norm.cdf(x, 18, 2) + 0.4 * stats.norm.cdf(x, 24, 3)


mass = expectation_1d(np.ones_like, lambda x: birds.log_prob(x[:, None]), lower=0, upper=50)
distance = stats.kstest(weight, distribution).statistic
print(f"total mass {mass:.6f}    distance of the 5,000 draws {distance:.4f}, allowed {1.95 / np.sqrt(5000):.4f}")
assert abs(mass - 1) < 1e-6, "a density must have mass 1"
assert distance < 1.95 / np.sqrt(5000), "draws of z, then x given z, must follow the marginal p(x)"

# %% [markdown]
# **Exercise {exercise: RESPONSIBILITY}.** In another garden both species vary by the same 2 g around their means, 18 g and 24 g, and eight
# birds of ten are of species A. A bird weighs exactly 21 g. What is the responsibility of A? (No computer needed.)

# %% tags=["exercise"]
# BEGIN SOLUTION
responsibility_of_a = 0.8
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import latent_variable_models as exercises

check(exercises.RESPONSIBILITY, responsibility_of_a)

# %% [markdown]
# One day a pigeon of 300 g lands. What does the computer say to the formula, taken literally?

# %%
terms = [0.6 * stats.norm.pdf(300.0, 18, 2), 0.4 * stats.norm.pdf(300.0, 24, 3)]
with np.errstate(divide="ignore"):
    print("log of the sum of the terms:", np.log(sum(terms)), "nats")
# NBVAL_CHECK_OUTPUT
print(f"in logarithms: {birds.log_prob([[300.0]])[0]:.2f} nats")

# %% [markdown]
# Both terms are smaller than any number that the computer can hold: they became 0, and $\log 0 = -\infty$. The remedy is to
# stay in logarithms. With $a_k = \log \pi_k + \log \mathcal N(x; \mu_k, \sigma_k^2)$ and $m = \max_k a_k$,
#
# $$\log \sum_k e^{a_k} = \log \Big( e^m \sum_k e^{a_k - m} \Big) = m + \log \sum_k e^{a_k - m} .$$
#
# The largest term of the last sum is $e^0 = 1$: it cannot vanish. NumPy calls this `np.logaddexp`, SciPy `logsumexp`.
#
# **Exercise {exercise: LOG_MARGINAL}.** Write $\log p(x)$ of a mixture of two Gaussians, safe for pigeons. `x` has shape `(n,)`; `weights`,
# `means` and `deviations` (the $\sigma_k$) have shape `(2,)`. Return one value per example, in nats.


# %% tags=["exercise"]
def log_marginal(x, weights, means, deviations):
    # BEGIN SOLUTION
    standardised = (x[:, None] - means) / deviations
    log_joint = np.log(weights) - 0.5 * standardised**2 - np.log(deviations) - 0.5 * np.log(2 * np.pi)  # (n, 2)
    return np.logaddexp(log_joint[:, 0], log_joint[:, 1])
    # END SOLUTION


# %%
check(exercises.LOG_MARGINAL, log_marginal)

# %% [markdown]
# ## Maximum likelihood moves the model towards the data
#
# So far we knew the garden. Now we do not: we have data $x_1, \dots, x_N$ from an unknown density $p^*$, and a model
# $p_\theta$ whose parameters $\theta$ (weights, means, spreads) we may choose. **Maximum likelihood** chooses those with the
# largest mean log-likelihood, $\frac1N \sum_n \log p_\theta(x_n)$.
#
# What does that do? With many data the mean becomes an expectation under $p^*$. Then, line by line:
#
# $$\begin{aligned}
# \mathrm{KL}(p^* \,\|\, p_\theta) &= \int p^*(x) \log \frac{p^*(x)}{p_\theta(x)}\, dx
#    && \text{the Kullback–Leibler divergence} \\
# &= -H(p^*) - \mathbb E_{p^*}[\log p_\theta(x)] && \text{the entropy of the data: } H = -\mathbb E_{p^*}[\log p^*] \\
# \Rightarrow\quad \mathbb E_{p^*}[\log p_\theta(x)] &= -H(p^*) - \mathrm{KL}(p^* \,\|\, p_\theta) && \text{solved.}
# \end{aligned}$$
#
# $H$ does not depend on $\theta$. So maximising the expected log-likelihood *is* minimising the divergence of the model from
# the data. Since $\mathrm{KL} \ge 0$ (by Jensen's inequality, see below; {lesson: the_elbo} is about it), there is a ceiling, $-H$, and
# only the truth reaches it. **Try it:** we shift the model's idea of the heavy species from 18 g to 30 g, and compare the
# mean over our 5,000 birds with the right-hand side, by quadrature. Where is the peak?

# %% tags=["proof"]
from course_lib.exact import kl_1d


def log_density(mixture):
    return lambda x: mixture.log_prob(x[:, None])


entropy = -expectation_1d(log_density(birds), log_density(birds), 0, 50)
shifts = np.linspace(18, 30, 13)
models = [GaussianMixture([0.6, 0.4], [[18.0], [mean]], [[[4.0]], [[9.0]]]) for mean in shifts]
values = np.array([model.log_prob(weight[:, None]) for model in models])  # (model, bird)
theory = np.array([-entropy - kl_1d(log_density(birds), log_density(model), 0, 50) for model in models])
errors = values.std(axis=1) / np.sqrt(5000)
ax = plotting.curves({"−H − KL, by quadrature": theory}, "assumed mean of species B / g", "nats per bird", shifts)
ax.errorbar(shifts, values.mean(axis=1), errors, fmt="o", color=plotting.PALETTE[1], label="mean log-likelihood ± SE")
ax.axhline(-entropy, color="grey", linestyle=":", label="the ceiling, −H")
ax.legend(frameon=False)
plotting.show(
    alt="Mean log-likelihood per bird against the assumed mean of the heavy species. The measured points lie on the "
    "theoretical curve, whose peak is at the true value and touches the ceiling."
)
worst = np.abs(values.mean(axis=1) - theory) / errors
print(
    f"ceiling {-entropy:.2f} nats per bird, in kg {np.log(1000) - entropy:.2f}; worst {worst.max():.1f} standard errors"
)
assert worst.max() < 5, "the mean log-likelihood must estimate −H − KL"

# %% [markdown]
# The dots (data) lie on the curve (theory), the peak is at the true 24 g, and it touches the ceiling. No model scores better on
# average over fresh birds: the birds *do* vary.
#
# Two warnings about the number. $p(x)$ is a *density*, here per gram, so its logarithm depends on the unit: in kilograms the
# same birds under the same model get $\log 1000 = 6.91$ nats more each, and the ceiling is above 0. That is no bug. And the
# ceiling is a property of the *data*: compare scores only on the same data, in the same unit.
#
# **Exercise {exercise: NATS_LOST}.** The weights of species A follow $\mathcal N(18, 2^2)$. A model says $\mathcal N(20, 2^2)$. How many
# nats per bird does it lose, compared with the true law? (Take the difference of the two log-densities, and its mean.)

# %% tags=["exercise"]
# BEGIN SOLUTION
nats_lost = 0.5
# END SOLUTION

# %%
check(exercises.NATS_LOST, nats_lost)

# %% [markdown]
# ## EM: guess the hidden, refit, repeat
#
# If someone had written down the species, maximum likelihood would be child's play: count them, average the weights of
# each. Nobody has. So take the derivative of $\ell = \sum_n \log p(x_n)$ and see how far it gets us. With
# $\mathcal N_{nk} = \mathcal N(x_n; \mu_k, \sigma_k^2)$ and $r_{nk} = r_k(x_n)$:
#
# $$\begin{aligned}
# \frac{\partial \ell}{\partial \mu_k} &= \sum_n \frac{1}{p(x_n)}\, \pi_k \frac{\partial \mathcal N_{nk}}{\partial \mu_k}
#   && \text{only term } k \text{ contains } \mu_k \\
# &= \sum_n \frac{\pi_k\, \mathcal N_{nk}}{p(x_n)} \cdot \frac{x_n - \mu_k}{\sigma_k^2}
#   = \sum_n r_{nk}\, \frac{x_n - \mu_k}{\sigma_k^2} && \text{there is the responsibility.}
# \end{aligned}$$
#
# Setting it to zero gives $\mu_k = \sum_n r_{nk} x_n / \sum_n r_{nk}$: the mean of the data, each weighted by how much
# of it belongs to $k$. It looks like a solution and is none, for the $r_{nk}$ on the right depend on $\mu_k$. But it
# suggests an algorithm, **expectation–maximisation** (EM). From some start, repeat:
#
# * **E-step:** compute the responsibilities $r_{nk}$ with the present parameters;
# * **M-step:** with these *held fixed*, refit the parameters as if each datum were split among the components, $r_{nk}$
#   of it in each. With $N_k = \sum_n r_{nk}$:
#
# $$\pi_k = \frac{N_k}{N}, \qquad \mu_k = \frac{1}{N_k} \sum_n r_{nk}\, x_n, \qquad
#   \sigma_k^2 = \frac{1}{N_k} \sum_n r_{nk}\, (x_n - \mu_k)^2 \ \text{ (with the new } \mu_k).$$
#
# Mixtures were fitted like this in the 1960s; Dempster, Laird & Rubin (1977) saw the general algorithm and named it.
#
# **Exercise {exercise: EM_STEP}. One EM step.** `x` is `(n,)`; `weights`, `means`, `deviations` are `(k,)`. Return the three new arrays,
# as a tuple. (`x[:, None] - means` has shape `(n, k)`. These data are tame: you need no logarithms here.)


# %% tags=["exercise"]
def em_step(x, weights, means, deviations):
    # BEGIN SOLUTION
    joint = weights * np.exp(-0.5 * ((x[:, None] - means) / deviations) ** 2) / (deviations * np.sqrt(2 * np.pi))
    r = joint / joint.sum(axis=1, keepdims=True)
    counts = r.sum(axis=0)
    new_means = r.T @ x / counts
    variances = (r * (x[:, None] - new_means) ** 2).sum(axis=0) / counts
    return counts / len(x), new_means, np.sqrt(variances)
    # END SOLUTION


# %%
check(exercises.EM_STEP, em_step)

# %% [markdown]
# ## A lower bound that touches
#
# EM has a guarantee that gradient descent on a network does not have: no step makes the likelihood worse. The proof is
# short, and it is the seed of the next lessons. Let $q_1, \dots, q_K$ be *any* probabilities for the $K$ values of
# $z$. For one datum $x$:
#
# $$\begin{aligned}
# \log p(x) &= \sum_k q_k \log \frac{p(x, k)}{p(k \mid x)}
#  && \text{the } q_k \text{ sum to 1, and } p(x, k) = p(k \mid x)\, p(x) \\
# &= \underbrace{\sum_k q_k \log \frac{p(x, k)}{q_k}}_{F(q, \theta)}
#  + \underbrace{\sum_k q_k \log \frac{q_k}{p(k \mid x)}}_{\mathrm{KL}(q \,\|\, p(\cdot \mid x))}
#  && \text{insert } q_k \text{ above and below.}
# \end{aligned}$$
#
# The second part is never negative, because the logarithm bends downwards (Jensen's inequality: the mean of logarithms
# is at most the logarithm of the mean):
#
# $$-\mathrm{KL}(q \,\|\, p) = \sum_k q_k \log \frac{p_k}{q_k} \;\le\; \log \sum_k q_k \frac{p_k}{q_k} \le \log 1 = 0 .$$
#
# So $F$ is a *lower bound* of $\log p(x)$, the divergence is the gap, and the gap is zero for exactly one $q$, the posterior. Look at
# it in two ways. Left: one bird of 21 g, and $F$ for every $q$. Right: all birds, $q$ held at the responsibilities under a
# start with $\mu_B = 21$ g, and $F$ for every $\mu_B$. **Before you look:** where do the curves touch?

# %% tags=["proof"]
start = GaussianMixture([0.5, 0.5], [[17.0], [21.0]], [[[9.0]], [[9.0]]])
held, grid = start.responsibilities(weight[:, None]), np.linspace(15, 33, 181)  # q for each bird; values of μ_B


def log_joint(mean_b):  # log p(x, k) of each bird, without the library: (n, 2)
    return np.log(0.5) + stats.norm.logpdf(weight[:, None], [17.0, mean_b], 3.0)


bound = np.array([(held * (log_joint(mean) - np.log(held))).sum(axis=1).mean() for mean in grid])
truth = np.array([np.logaddexp(*log_joint(mean).T).mean() for mean in grid])
gap, best_mean = truth - bound, grid[bound.argmax()]
next_mean = start.em_step(weight[:, None]).means[1, 0]
print(f"smallest gap {gap.min():.1e} nats at μ_B = {grid[gap.argmin()]:.1f} g")
print(f"the bound is highest at {best_mean:.1f} g, and an EM step goes to {next_mean:.2f} g")
assert gap.min() > -1e-12, "the bound must lie below the log-likelihood everywhere"
assert abs(gap[grid == 21.0][0]) < 1e-12, "it must touch at the parameters that q belongs to"
assert abs(best_mean - next_mean) < 0.051, "the M-step must go to the top of the bound"

# %%
joint = np.array([0.6, 0.4]) * stats.norm.pdf(21.0, [18, 24], [2, 3])  # p(x, k) of one bird of 21 g
q_a = np.linspace(0.005, 0.995, 199)
one_bound = q_a * np.log(joint[0] / q_a) + (1 - q_a) * np.log(joint[1] / (1 - q_a))
_, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
for ax, x, low, high in ((left, q_a, one_bound, np.full(199, np.log(joint.sum()))), (right, grid, bound, truth)):
    ax.fill_between(x, low, high, color="lightgrey", label="gap, KL(q ‖ posterior)")
    plotting.curves({"bound F": low, "log-likelihood": high}, "", "nats per bird", x, ax)
left.axvline(joint[0] / joint.sum(), color="black", linestyle=":")
left.set(title="E-step: choose q, close the gap", xlabel="q of A, for one bird of 21 g")
right.axvline(21, color="black", linestyle=":")
right.annotate("", (next_mean, bound.max()), (21, truth[grid == 21.0][0]), arrowprops={"arrowstyle": "->"})
right.set(title="M-step: go to the top of F", xlabel="mean of species B / g", xlim=(18, 29), ylim=(-3.1, -2.74))
right.get_legend().remove()
plotting.show(
    alt="Left, the bound against q of A: an arch that touches the horizontal log-likelihood at the posterior, dotted. Right, "
    "against the mean of B: the bound touches the log-likelihood at 21 grams, and an arrow goes to its top."
)

# %% [markdown]
# That is EM: *the E-step lifts the bound until it touches, the M-step walks to the top of it, where the likelihood is at least
# as high.* Then a new bound is lifted. As a chain, from $\theta$ to $\theta'$ with $q = p_\theta(\cdot \mid x)$, summed over the data:
#
# $$\log p_{\theta'}(x) \;\overset{(1)}{\ge}\; F(q, \theta') \;\overset{(2)}{\ge}\; F(q, \theta)
#   \;\overset{(3)}{=}\; \log p_\theta(x) .$$
#
# (3) The E-step closed the gap at $\theta$. (2) The M-step maximises $F$ with $q$ held fixed. (1) At $\theta'$ the gap is
# some other number $\ge 0$. That is all.
#
# <details><summary>The M-step maximises F: one line for each parameter</summary>
#
# The parameters occur in $\sum_n F$ only through
# $Q = \sum_n \sum_k r_{nk} \big[ \log \pi_k - \tfrac12 \log 2\pi\sigma_k^2 - (x_n - \mu_k)^2 / 2\sigma_k^2 \big]$.
#
# * $\partial Q / \partial \mu_k = \sum_n r_{nk} (x_n - \mu_k)/\sigma_k^2 = 0$ gives $\mu_k = \frac1{N_k}\sum_n r_{nk} x_n$.
# * $\partial Q / \partial \sigma_k^2 = -\frac{N_k}{2 \sigma_k^2} + \frac{1}{2 \sigma_k^4} \sum_n r_{nk} (x_n - \mu_k)^2 = 0$
#   gives $\sigma_k^2 = \frac1{N_k} \sum_n r_{nk} (x_n - \mu_k)^2$.
# * The weights must sum to 1. With a Lagrange multiplier $\lambda$, $N_k / \pi_k = \lambda$ gives $\pi_k = N_k / N$.
# * In several dimensions, $C_k = \frac{1}{N_k} \sum_n r_{nk} (x_n - \mu_k)(x_n - \mu_k)^\top$.
#
# $Q$ falls without limit towards the edges (a $\sigma_k$ to 0 or infinity, a $\pi_k$ to 0), so the only stationary point
# is the maximum. (Unless component $k$ owns a single point; see the quiz.)
# </details>
#
# **Exercise {exercise: GAP}.** A bird's true responsibilities are (0.8, 0.2). Somebody is undecided and takes $q = (0.5, 0.5)$. How many
# nats does their bound lie below $\log p(x)$?

# %% tags=["exercise"]
# BEGIN SOLUTION
gap_in_nats = 0.5 * np.log(0.5 / 0.8) + 0.5 * np.log(0.5 / 0.2)
# END SOLUTION

# %%
check(exercises.GAP, gap_in_nats)

# %% [markdown]
# ## EM at work
#
# Now in the plane, with four planted Gaussians. We draw 800 points and forget which came from where. EM starts
# blindly: four of the points as means, the covariance of all points for each, equal weights. Ten such starts, 100 steps
# each. (A start in which a component shrinks onto a few points is replaced; the quiz says why.)
# **Your guesses:** will every step go up? Will every start arrive at the same place?

# %% tags=["proof"]
import contextlib

shapes = [[[1.0, 0.6], [0.6, 0.8]], [[0.3, 0.0], [0.0, 1.5]], [[0.5, -0.2], [-0.2, 0.4]], [[0.6, 0.3], [0.3, 0.4]]]
planted = GaussianMixture([0.4, 0.25, 0.2, 0.15], [[-3, 0], [2, 2.5], [3, -2], [-1, 4]], shapes)
points, rng = planted.sample(800, seed=run.seed + 1), np.random.default_rng(run.seed)


def climb(mixture, steps=100):
    path = [mixture]
    for _ in range(steps):
        path.append(path[-1].em_step(points))
    return path


covariances, paths = np.tile(np.cov(points.T), (4, 1, 1)), []
while len(paths) < 10:
    with contextlib.suppress(np.linalg.LinAlgError):  # a component shrank onto a few points: draw another start
        paths.append(climb(GaussianMixture(np.full(4, 0.25), rng.choice(points, 4, replace=False), covariances)))
likelihoods = np.array([[mixture.log_prob(points).mean() for mixture in path] for path in paths])  # (start, step)
largest_fall = -(np.diff(likelihoods) / np.abs(likelihoods[:, 1:])).min()
print(f"largest relative fall in {np.diff(likelihoods).size:,} steps: {max(largest_fall, 0):.0e} (rounding)")
assert largest_fall < 1e-9, "an EM step must never lower the exact likelihood"

# %%
from matplotlib.colors import to_rgb

best = np.argmax(likelihoods[:, -1] > likelihoods.max() - 1e-6)  # the first that got to the top
figure, axes = plt.subplots(1, 5, figsize=(9.8, 2.3), layout="constrained", width_ratios=[1, 1, 1, 1, 1.5])
colours = np.array([to_rgb(colour) for colour in plotting.PALETTE[:4]])
for ax, step in zip(axes, (0, 3, 10, 100), strict=False):
    mixture = paths[best][step]
    ax.scatter(*points[::3].T, s=2, c=mixture.responsibilities(points[::3]) @ colours)
    plotting.covariance_ellipses(mixture.means, mixture.covariances, color="black", ax=ax)
    ax.set(title=f"after {step} steps", xlim=(-7, 6), ylim=(-6, 8), xlabel="$x_1$")
axes[0].set(ylabel="$x_2$")
axes[4].plot(likelihoods.T, color="grey", linewidth=0.7)
axes[4].plot(likelihoods[best], color=plotting.PALETTE[0])
axes[4].axhline(planted.log_prob(points).mean(), color=plotting.PALETTE[1], linestyle=":")
axes[4].set(xlabel="EM step", ylabel="nats per point", ylim=(likelihoods[:, 1].min(), None), title="exact likelihood")
plotting.show(
    alt="Four scatter plots after 0, 3, 10 and 100 EM steps, with an ellipse for each of four components: wide and "
    "overlapping at the start, in the end one on each cloud. A fifth panel has the exact likelihood of ten "
    "starts against the step: every curve rises, and some wait on a plateau."
)

# %% [markdown]
# Not one of the thousand steps went down, beyond the last digit that the computer keeps. Each point has the colour mixture of
# its responsibilities; the ellipses lie two standard deviations from each mean. Right: blue is the start that is shown, grey
# are the others, dotted the planted parameters. Some curves wait on a plateau, and one that stays there has found a *local*
# maximum (two ellipses share one cloud while one covers two). EM never falls, but it does not look beyond the next hill:
# take several starts, keep the best.
#
# The blue curve ends *above* the dotted line. **How can a fit be better than the truth?**

# %% tags=["proof"]
from scipy.optimize import linear_sum_assignment

found = paths[best][-1]
apart = np.linalg.norm(planted.means[:, None] - found.means, axis=-1)  # (planted, found)
_, order = linear_sum_assignment(apart)
fitted, true = likelihoods[best, -1], planted.log_prob(points).mean()
fresh = planted.sample(20_000, seed=run.seed + 2)
fresh_fitted, fresh_true = found.log_prob(fresh).mean(), planted.log_prob(fresh).mean()
print(f"training: fitted {fitted:.4f}, planted {true:.4f} nats per point")
print(f"fresh   : fitted {fresh_fitted:.4f}, planted {fresh_true:.4f} nats per point")
print("weights: planted", planted.weights, "found", found.weights[order].round(3))
print("distances of the means:", apart[range(4), order].round(3))
assert fitted >= true, "the best of several starts must reach the training likelihood of the planted parameters"
assert fresh_fitted < fresh_true, "on fresh points no model may beat the truth"
assert apart[range(4), order].max() < 0.4, "it must recover the planted means, up to their order"
assert np.abs(found.weights[order] - planted.weights).max() < 0.06, "and the planted weights"

# %% [markdown]
# On the *training* points the planted parameters are one candidate among many, and the maximum is at least as good as
# any candidate. On *fresh* points the truth wins again: the difference is the over-fit. The components are recovered up
# to their order, which is all that one can ask ("component 2 is species B" is *your* reading). And note what was learnt: the
# likelihood *and the prior* $\pi$.

# %% [markdown]
# ## What a fall proves, and what a rise does not
#
# If the exact likelihood of the training data falls, a plain EM program is wrong. (Libraries often add a little to the variances
# for safety; then the theorem is not exactly about them.) Does a likelihood that always rises prove a program right? No. Any
# step that *raises* $F$ obeys the chain above, also one that forgets to update the weights. (Steps that raise $F$ without
# maximising it are called *generalised EM*, and are used on purpose.) **A fall convicts; a rise acquits nobody.** The
# first of the deeper sections below tries it out on five wrong programs. What acquits is a comparison with the maximum of $F$, as in
# the figure of the bound, or with a derivative.
#
# **Exercise {exercise: VERDICTS}.** Five colleagues report on their EM for a mixture. Is the program `"guilty"` (surely wrong), or is it `"not proven"`?
#
# * (a) Plain EM. In step 7 the exact log-likelihood of the training data fell by 0.02 nats per datum.
# * (b) Plain EM. The exact log-likelihood rose in each of 500 steps.
# * (c) Plain EM. On the training data it rose in each step, and on the validation data it fell from step 30 on.
# * (d) After each M-step they add 0.001 to all variances. In step 40 the training log-likelihood fell by $10^{-6}$ nats.
# * (e) Plain EM. The mean log-likelihood is positive, +3 nats per datum.

# %% tags=["exercise"]
# BEGIN SOLUTION
verdicts = {"a": "guilty", "b": "not proven", "c": "not proven", "d": "not proven", "e": "not proven"}
# END SOLUTION

# %%
check(exercises.VERDICTS, verdicts)

# %% [markdown] tags=["deeper"]
# ## Five wrong programs
#
# The right EM step and five wrong ones, each from the same ten starts, on the same 1,000 birds. **Which will fall?**

# %%
FEW = weight[:1000]


def mean_log_likelihood(weights, means, deviations):
    return np.log((weights * stats.norm.pdf(FEW[:, None], means, deviations)).sum(axis=1)).mean()


def step_with(bug, weights, means, deviations):
    prior = np.full(2, 0.5) if bug == "E-step without the prior" else weights
    joint = prior * np.exp(-0.5 * ((FEW[:, None] - means) / deviations) ** 2) / deviations
    r = joint / joint.sum(axis=1, keepdims=True)
    if bug == "all or nothing":
        r = np.eye(2)[r.argmax(axis=1)]
    counts = r.sum(axis=0)
    new_means = r.T @ FEW / counts
    centre = means if bug == "spread around the old mean" else new_means
    new_deviations = np.sqrt((r * (FEW[:, None] - centre) ** 2).sum(axis=0) / counts)
    if bug == "spread never updated":
        new_deviations = deviations
    return weights if bug == "weights never updated" else counts / len(FEW), new_means, new_deviations


# %% tags=["proof"]
rng, falls, ends = np.random.default_rng(run.seed), {}, {}
first = [(np.array([w, 1 - w]), rng.uniform([15, 21], [20, 27]), np.full(2, 3.0)) for w in rng.uniform(0.2, 0.8, 10)]
m_steps = ["spread around the old mean", "weights never updated", "spread never updated"]
for bug in ["none", "E-step without the prior", "all or nothing", *m_steps]:
    curves = []
    for state in first:
        curve = []
        for _ in range(100):
            curve.append(mean_log_likelihood(*state))
            state = step_with(bug, *state)
        curves.append(curve)
    falls[bug], ends[bug] = max(-np.diff(curves).min(), 0), np.array(curves)[:, -1].max()
    print(f"{bug:27} largest fall {falls[bug]:.0e}, best end {ends[bug]:.4f} nats per bird")
assert falls["none"] < 1e-12, "the right step must never fall"
assert min(falls["E-step without the prior"], falls["all or nothing"]) > 1e-7, "a wrong E-step must be seen to fall"
assert max(falls[bug] for bug in m_steps) < 1e-12, "a lazy M-step must never fall"
assert ends["none"] > ends["spread never updated"] + 1e-3, "though it may never reach the maximum"

# %% [markdown]
# The two with a wrong E-step fall. The three whose M-step is lazy never do, beyond rounding: each of them raises $F$, or leaves it. Where the spread is
# never updated, the best end is too low. (Frozen weights come near the maximum: one of the ten starts has nearly the
# right ones.) With the spread around the old mean it even is where it should be, because there old and new mean agree.

# %% [markdown] tags=["deeper"]
# ## EM and the gradient
#
# A network has no M-step in closed form; there one climbs the derivative. How is EM related to that? The derivative above was
#
# $$\frac{\partial \ell}{\partial \mu_k} = \frac{1}{\sigma_k^2} \sum_n r_{nk} (x_n - \mu_k) = \frac{N_k}{\sigma_k^2} (\mu_k^\text{EM} - \mu_k) .$$
#
# So the EM step *is* a gradient step, of length $\sigma_k^2 / N_k$ (Xu & Jordan, 1996). **Check it:** nudge one mean and see how the likelihood changes.

# %% tags=["proof"]
nudged = [GaussianMixture(start.weights, [[17.0], [21.0 + h]], start.covariances) for h in (-1e-4, 1e-4)]
low, high = (mixture.log_prob(weight[:, None]).sum() for mixture in nudged)
slope = (high - low) / 2e-4
length = 9.0 / held[:, 1].sum()  # σ² / N
print(f"slope {slope:.3f} nats per g; by a gradient step to {21 + length * slope:.5f} g, by EM to {next_mean:.5f} g")
assert abs(21 + length * slope - next_mean) < 1e-5, "EM must move the mean along the gradient, by σ²/N of it"

# %% [markdown]
# The length needs no tuning: long for a component that owns few data, short for one that owns many.

# %% [markdown] tags=["deeper"]
# ## A colleague's EM
#
# A colleague fits our birds with their own EM step. The weights sum to 1, nothing crashes, the curve starts with a gain.
# **What is wrong with these curves?** (The first twenty steps; on the right the two $\sigma_k$.)


# %%
def their_step(x, weights, means, deviations):
    log_joint = np.log(weights) + stats.norm.logpdf(x[:, None], means, deviations)  # (n, k)
    r = np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=0))
    counts = r.sum(axis=0)
    means = r.T @ x / counts
    deviations = np.sqrt((r * (x[:, None] - means) ** 2).sum(axis=0) / counts)
    return counts / counts.sum(), means, deviations


state = np.array([0.5, 0.5]), np.array([15.0, 28.0]), np.array([3.0, 3.0])
history, deviations = [], []
for _ in range(20):
    history.append(mean_log_likelihood(*state))
    deviations.append(state[2])
    state = their_step(FEW, *state)
_, (left, right) = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained")
plotting.curves({"their EM": history}, "step", "mean log-likelihood / nats", range(20), left)
both = {"$σ_A$": np.array(deviations)[:, 0], "$σ_B$": np.array(deviations)[:, 1]}
plotting.curves(both, "step", "deviation / g", range(20), right)
plotting.show(
    alt="Left, the mean log-likelihood of the colleague's EM against the step: it rises at first, and then falls. "
    "Right, the two standard deviations, which shrink in the end."
)
print(f"best {max(history):.2f} after step {np.argmax(history)}, then down to {history[-1]:.2f} nats per bird")

# %% [markdown]
# The likelihood falls: by our theorem, a proof of guilt. And in the end both components shrink, into the places where
# the birds are densest. In a correct EM every datum hands out exactly one unit of responsibility, to whomever it likes; here
# the crowded places seem to count more. **Exercise {exercise: REPAIRED_STEP}: find the bug,** and repair the function.


# %% tags=["exercise"]
def repaired_step(x, weights, means, deviations):
    log_joint = np.log(weights) + stats.norm.logpdf(x[:, None], means, deviations)  # (n, k)
    # BEGIN SOLUTION
    r = np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=1, keepdims=True))
    # INSTEAD
    # r = np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=0))
    # END SOLUTION
    counts = r.sum(axis=0)
    means = r.T @ x / counts
    deviations = np.sqrt((r * (x[:, None] - means) ** 2).sum(axis=0) / counts)
    return counts / counts.sum(), means, deviations


# %%
check(exercises.REPAIRED_STEP, repaired_step)

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "EM guarantees that we find the maximum-likelihood parameters." Right?</summary>
#
# No. It guarantees that no step makes the likelihood worse. It can wait on plateaus for a long time and end on a local
# maximum. Several starts help; they are no guarantee either.
# </details>
#
# <details><summary><b>2.</b> Is the likelihood of a mixture of two Gaussians bounded above?</summary>
#
# No! Put one mean exactly on one datum and let its $\sigma$ go to 0: the density there grows without limit, and the
# other component takes care of the rest. So "the" maximum-likelihood solution does not exist, and what one wants is a
# good *local* maximum. (`GaussianMixture.fit` abandons starts in which a component shrinks onto points.)
# </details>
#
# <details><summary><b>3.</b> Does maximum likelihood make $p_\theta$ equal to the law of the data?</summary>
#
# It brings it as near as the family allows, in the sense of $\mathrm{KL}(p^* \| p_\theta)$, if the optimiser succeeds and
# there are enough data. On finite data the optimum fits the *sample*: it beats the truth there, and loses to it on fresh data.
# </details>
#
# ## In this lesson you have
#
# * **written** a model as prior and likelihood, drawn from it, and computed its $p(x)$ as a sum that survives a pigeon;
# * **seen** that maximum likelihood minimises $\mathrm{KL}(\text{data} \,\|\, \text{model})$, with minus the entropy of the data as its
#   ceiling;
# * **written** an EM step, and derived the bound that it lifts and climbs;
# * **explained** why the likelihood never falls, and why a wrong program may never fall either.
#
# In one sentence: *$p(x)$ is the sum of all the ways in which $x$ can have come about, and EM climbs it by a bound from below
# that touches wherever $q$ is the posterior.*
#
# But what if $z$ is no species but a *number*? {Lesson: probabilistic_pca_and_monte_carlo} solves the one case that can be
# solved, and shows why the others need something new.
#
# **Go further.** (1) Fit mixtures with 1 to 20 components to the 8 × 8 digits (on their first 20 principal coordinates,
# `GaussianMixture.fit(train @ principal_axes(train, 20), …)`) and look at decoded samples. (2) Choose the number of components
# by the likelihood of validation data: does it find the four planted ones?
#
# **References.** Dempster, Laird & Rubin (1977), *Maximum likelihood from incomplete data via the EM algorithm*, J. R.
# Stat. Soc. B 39. · Before them, for mixtures: Hasselblad (1966), *Estimation of parameters for a mixture of normal distributions*, Technometrics 8;
# Day (1969), *Estimating the components of a mixture of normal distributions*, Biometrika 56. ·
# Neal & Hinton (1998), *A view of the EM algorithm that justifies incremental, sparse, and other
# variants* (the bound $F$). · Xu & Jordan (1996), *On convergence properties of the EM algorithm for Gaussian mixtures*,
# Neural Computation 8. · Bishop (2006), *Pattern recognition and machine learning*, chapter 9.

# %% [markdown] tags=["slide"]
# # Latent-variable models: p(x) adds up everything that could have caused x
#
# Every datum has a cause that nobody wrote down.
#
# **What is the probability $p(x)$ then? And how does such a model learn?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: densities, expectations, the Gaussian, logarithms. No network is trained today.

# %% [markdown] tags=["slide"]
# ## Two draws make a datum
#
# A bird lands on a scale. Six of ten are of species A, 18 ± 2 g; four are of B, 24 ± 3 g. The scale writes down the weight $x$, and nobody the species $z$.
#
# | | | here |
# |---|---|---|
# | prior | $p(z)$ | 0.6 for A, 0.4 for B |
# | likelihood | $p(x\mid z)$ | $\mathcal N(18,2^2)$, $\mathcal N(24,3^2)$ |
#
# The recipe: draw $z$, then draw $x$ given $z$.

# %% [markdown] tags=["notes"]
# 2 min. Two lines are the whole model; all the rest follows. The usual confusion: "likelihood" as the probability of the parameters.

# %% [markdown] tags=["slide"]
# ## Predict: two humps on the scale, or one?
#
# . . .
#
# {figure: two-draws-make-a-datum-2}

# %% [markdown] tags=["notes"]
# 2 min. Most say two. One hump with a shoulder: the right picture is all that the scale sees.

# %% [markdown] tags=["slide"]
# ## p(x) is a sum
#
# $$p(x)=\sum_{k}p(x,z=k)$$
#
# . . .
#
# $$=\sum_{k}\pi_k\,\mathcal N(x;\mu_k,\sigma_k^2)$$
#
# . . .
#
# One term divided by the whole is the posterior, here called the **responsibility**:
#
# $$r_k(x)=p(z=k\mid x)=\frac{\pi_k\,\mathcal N(x;\mu_k,\sigma_k^2)}{p(x)}$$

# %% [markdown] tags=["notes"]
# 2 min. Sum rule, product rule, Bayes: name them one by one. The responsibilities of a datum sum to 1; say so twice, the bug of the deeper section lives there.

# %% [markdown] tags=["slide"]
# ## Predict: where would you bet equally? And on a bird of 5 g?
#
# The means are 18 and 24 g.
#
# . . .
#
# {figure: where-z-takes-few-values-p-x-is-a-sum-2}

# %% [markdown] tags=["notes"]
# 3 min. Most bet at 21 g: A is more common, so it is a little to the right. A bird of 5 g: B, the heavy species, because its spread is larger. A responsibility is a share of a bar.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: RESPONSIBILITY} · {minutes} minutes
#
# Another garden: both species vary by the same 2 g, around 18 g and 24 g. Eight birds of ten are of species A.
#
# A bird weighs exactly 21 g.
#
# **What is the responsibility of A?** No computer is needed.

# %% [markdown] tags=["notes"]
# 3 min. At half-way both likelihoods are equal, so the answer is the prior, 0.8. The usual wrong answer: ½, the prior forgotten.

# %% [markdown] tags=["slide"]
# ## A pigeon of 300 g
#
# {output: where-z-takes-few-values-p-x-is-a-sum-7}
#
# . . .
#
# $$\log\sum_k e^{a_k}=m+\log\sum_k e^{a_k-m},\qquad m=\max_k a_k$$
#
# The largest term of the sum is now 1: it cannot vanish.

# %% [markdown] tags=["notes"]
# 2 min. Ask why the first line is −∞: both terms are smaller than any number that the computer holds. The exercise {exercise: LOG_MARGINAL} is homework.

# %% [markdown] tags=["slide"]
# ## What does maximum likelihood minimise?
#
# $$\mathrm{KL}(p^*\,\|\,p_\theta)=\int p^*(x)\log\frac{p^*(x)}{p_\theta(x)}\,dx$$
#
# . . .
#
# $$=-H(p^*)-\mathbb E_{p^*}[\log p_\theta(x)]$$
#
# . . .
#
# The entropy $H$ does not depend on $\theta$: **maximum likelihood moves the model towards the data**, and $-H$ is its ceiling.

# %% [markdown] tags=["notes"]
# 2 min. Ask who can move H: nobody, the birds do vary.

# %% [markdown] tags=["slide"]
# ## Predict: we shift the mean of B from 18 to 30 g
#
# Where is the peak? Does it reach the ceiling?
#
# . . .
#
# {figure: maximum-likelihood-moves-the-model-towards-the-2}

# %% [markdown] tags=["notes"]
# 2 min. Dots: 5,000 birds. Curve: theory. In kilograms each bird gets log 1000 = 6.91 nats more: compare scores only in the same unit.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: NATS_LOST} · {minutes} minutes
#
# The weights of species A follow $\mathcal N(18,2^2)$. A model says $\mathcal N(20,2^2)$.
#
# **How many nats per bird does it lose, compared with the true law?**
#
# Take the difference of the two log-densities, and its mean.

# %% [markdown] tags=["notes"]
# 4 min. (20 − 18)²/(2 · 4) = ½ nat. Usual wrong answers: 1, the ½ forgotten; 2 grams; dividing by σ in place of σ².

# %% [markdown] tags=["slide"]
# ## If only somebody had written down the species
#
# $$\frac{\partial\ell}{\partial\mu_k}=\sum_n r_{nk}\,\frac{x_n-\mu_k}{\sigma_k^2}=0$$
#
# . . .
#
# $$\mu_k=\frac{\sum_n r_{nk}\,x_n}{\sum_n r_{nk}}$$
#
# . . .
#
# It looks like a solution and is none: the $r_{nk}$ depend on $\mu_k$.

# %% [markdown] tags=["notes"]
# 2 min. Let them find out why it is no solution. The derivation is in the notebook.

# %% [markdown] tags=["slide"]
# ## EM: guess the hidden, refit, repeat
#
# + **E-step:** the responsibilities $r_{nk}$, with the present parameters.
# + **M-step:** hold them fixed; refit as if each datum were split, $r_{nk}$ of it to each $k$:
#
# . . .
#
# $$\pi_k=\frac{N_k}{N},\quad\mu_k=\frac1{N_k}\sum_n r_{nk}x_n,\quad\sigma_k^2=\frac1{N_k}\sum_n r_{nk}(x_n-\mu_k)^2$$

# %% [markdown] tags=["notes"]
# 2 min. N_k is the sum of the responsibilities of k. With the *new* mean in the last formula. Exercise {exercise: EM_STEP} is for home: a function of six lines.

# %% [markdown] tags=["slide"]
# ## A lower bound, for any $q$
#
# $$\log p(x)=\sum_k q_k\log\frac{p(x,k)}{p(k\mid x)}$$
#
# . . .
#
# $$=\underbrace{\sum_k q_k\log\frac{p(x,k)}{q_k}}_{F(q,\theta)}+\underbrace{\sum_k q_k\log\frac{q_k}{p(k\mid x)}}_{\mathrm{KL}\;\ge\;0}$$
#
# . . .
#
# $F$ is below $\log p(x)$; the gap is 0 only for the posterior.

# %% [markdown] tags=["notes"]
# 3 min. The seed of the next lessons: with an integral in place of the sum it is the ELBO. One fragment at a time.

# %% [markdown] tags=["slide"]
# ## Predict: where do the curves touch?
#
# Left: one bird, every $q$. Right: all birds, $q$ held, every $\mu_B$.
#
# . . .
#
# {figure: a-lower-bound-that-touches-3}

# %% [markdown] tags=["notes"]
# 3 min. Left at the posterior, right at the present mean, 21 g. E-step: lift the bound until it touches. M-step: walk to its top.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: GAP} · {minutes} minutes
#
# A bird's true responsibilities are $(0.8,\,0.2)$. Somebody is undecided and takes $q=(0.5,\,0.5)$.
#
# **How many nats does their bound lie below $\log p(x)$?**

# %% [markdown] tags=["notes"]
# 4 min. ½ log(0.5/0.8) + ½ log(0.5/0.2) = 0.223 nats. The usual wrong answer: the other direction of KL, 0.193.

# %% [markdown] tags=["slide"]
# ## EM at work
#
# {figure: em-at-work-3}
#
# Not one of 1,000 steps goes down. Some starts wait on a plateau, and not all arrive.

# %% [markdown] tags=["notes"]
# 2 min. The blue curve ends above the dotted line, the planted parameters. Ask how a fit can beat the truth: on the training points only; on fresh points the truth wins.

# %% [markdown] tags=["slide"]
# ## Quiz: "EM finds the maximum-likelihood parameters." Right?
#
# . . .
#
# No. It guarantees only that no step makes the likelihood worse. It can end on a *local* maximum: take several starts.
#
# . . .
#
# And with a mean on one datum and $\sigma\to0$ the likelihood has no upper end at all.

# %% [markdown] tags=["notes"]
# 2 min. Vote first. Leave out generalised EM.

# %% [markdown] tags=["slide"]
# ## Quiz: the likelihood rose in each of 500 steps. Is the program right?
#
# . . .
#
# Not proven. Whatever raises $F$ also never falls, such as a step that forgets to update the weights.
#
# . . .
#
# **A fall convicts; a rise acquits nobody.**

# %% [markdown] tags=["notes"]
# 2 min. Exercise {exercise: VERDICTS} has five such reports; a good one to discuss in pairs, if there is time.

# %% [markdown] tags=["slide"]
# ## To take home
#
# $p(x)$ is the sum of all the ways in which $x$ can have come about.
#
# EM climbs it by a bound from below that touches wherever $q$ is the posterior.
#
# *At home:* exercises {exercise: LOG_MARGINAL}, {exercise: EM_STEP} and {exercise: VERDICTS}.

# %% [markdown] tags=["notes"]
# 1 min. Next: what if z is no species but a number? Then the sum is an integral.
