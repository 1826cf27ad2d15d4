# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "What is p(x), and why can't we compute it?"
# ---

# %% [markdown]
# # Latent-variable models: p(x) adds up everything that could have caused x
#
# **The question.** A generative model claims to know how probable each $x$ is. What is that number, $p(x)$, and why can
# we so rarely compute it?
#
# In this lesson you will
#
# * **write** a generative model as a prior and a likelihood, draw from it, and compute $p(x)$ where it is a *sum*;
# * **say** what maximum likelihood minimises, and what it can never go below;
# * **derive** the EM algorithm, and see why its likelihood never falls (and use that to convict a program);
# * **solve** the *integral* once, for probabilistic PCA, and fit that model to real digits in closed form;
# * **predict** how badly a Monte-Carlo estimate of $p(x)$ fails, and on which side of the truth it lands.
#
# *To know before:* densities, expectations, the Gaussian $\mathcal N(\mu, C)$, matrices; lesson {number: the_latent_space} helps.
# *Time:* {times}; about 15 seconds to run on two CPU cores. No network is trained, so a GPU is
# not needed.

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
z = rng.choice(2, size=5000, p=[0.6, 0.4])  # the prior
weight = rng.normal(np.array([18.0, 24.0])[z], np.array([2.0, 3.0])[z])  # the likelihood
bins = np.arange(10, 36, 0.5)
_, (left, right) = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained", sharey=True)
left.hist([weight[z == 0], weight[z == 1]], bins, stacked=True, color=plotting.PALETTE[:2], label=["A", "B"])
left.legend(frameon=False)
left.set(title="what happened: (x, z)", xlabel="weight x / g", ylabel="birds per ½ g")
right.hist(weight, bins, color="grey")
right.set(title="what is recorded: x", xlabel="weight x / g")
plotting.show(
    alt="Two histograms of bird weights. Left, coloured by species: a tall hill of light birds, and a lower, wider "
    "one of heavy birds on its shoulder. Right, what is recorded: one grey hump with a long right shoulder."
)

# %% [markdown]
# One hump with a long right shoulder. On the left you see both draws, on the right what the record keeps. To *generate*
# was easy: two draws. To say how probable a weight of 21 g is, we have to account for both ways in which it can have
# come about.

# %% [markdown]
# ## Where z takes few values, p(x) is a sum
#
# Two rules of probability do it. With $K$ possible values of $z$, prior weights $\pi_k = p(z=k)$ and the likelihoods
# $\mathcal N(x; \mu_k, \sigma_k^2)$:
#
# $$\begin{aligned}
# p(x) &= \sum_{k=1}^K p(x, z=k) && \text{sum rule: add up all the ways} \\
#      &= \sum_{k=1}^K p(z=k)\, p(x \mid z=k) && \text{product rule} \\
#      &= \sum_{k=1}^K \pi_k\, \mathcal N(x; \mu_k, \sigma_k^2) && \text{our model}
# \end{aligned}$$
#
# The last line is called a **mixture of Gaussians**. Dividing one term by the whole sum gives the posterior (Bayes'
# rule). For mixtures it has a name, the **responsibility** of component $k$ for $x$:
#
# $$r_k(x) = p(z=k \mid x) = \frac{p(x, z=k)}{p(x)} = \frac{\pi_k\, \mathcal N(x; \mu_k, \sigma_k^2)}
#   {\sum_j \pi_j\, \mathcal N(x; \mu_j, \sigma_j^2)}, \qquad \sum_k r_k(x) = 1 .$$
#
# The course has this model in `course_lib.exact`, with full covariances instead of single variances. At which weight
# would you bet equally on A and B: at 21 g, half-way between the means, or to one side of it?

# %%
from course_lib.exact import GaussianMixture

birds = GaussianMixture(weights=[0.6, 0.4], means=[[18.0], [24.0]], covariances=[[[2.0**2]], [[3.0**2]]])
grid = np.linspace(10, 36, 521)
density, r = np.exp(birds.log_prob(grid[:, None])), birds.responsibilities(grid[:, None])
_, (left, right) = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
left.hist(weight, bins, density=True, color="lightgrey", label="the 5,000 birds")
parts = {"0.6 · N(x; 18, 2²)": density * r[:, 0], "0.4 · N(x; 24, 3²)": density * r[:, 1], "p(x), their sum": density}
plotting.curves(parts, "weight x / g", "density / per g", grid, left)
plotting.curves({"r of A": r[:, 0], "r of B": r[:, 1]}, "weight x / g", "responsibility", grid, right)
right.axvline(21, color="grey", linestyle=":")
right.axhline(0.5, color="grey", linestyle=":")
plotting.show(
    alt="Left, the histogram of weights with the two weighted densities of the species and their sum, which follows "
    "it. Right, the two responsibilities against weight: they cross a little to the right of 21 grams."
)

# %% [markdown]
# The green sum on the left follows the histogram. On the right, the two responsibilities cross a little to the right of
# 21 g: A is the more common species, and has the benefit of the doubt. Look at the far left, too. Why does B, the
# *heavy* species, win back ground below 12 g? (Because it has the larger spread. So far from both means, spread counts
# more than the mean.)
#
# "Follows the histogram" is what eyes say. Two sharper tests: the density must have the total mass 1, and the draws must
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
# One day a pigeon of 300 g lands. Its probability under our model is absurdly small, but not zero. What does the
# computer say to the formula, taken literally?

# %%
terms = [0.6 * stats.norm.pdf(300.0, 18, 2), 0.4 * stats.norm.pdf(300.0, 24, 3)]
with np.errstate(divide="ignore"):
    print("log of the sum of the terms:", np.log(sum(terms)), "nats")
# NBVAL_CHECK_OUTPUT
print(f"in logarithms: {birds.log_prob([[300.0]])[0]:.2f} nats")

# %% [markdown]
# Both terms are smaller than any number that the computer can hold. They became 0, and $\log 0 = -\infty$: one such
# datum, and the mean log-likelihood of a million others is lost. The remedy is to stay in logarithms. With
# $a_k = \log \pi_k + \log \mathcal N(x; \mu_k, \sigma_k^2)$ and $m = \max_k a_k$,
#
# $$\log \sum_k e^{a_k} = \log \Big( e^m \sum_k e^{a_k - m} \Big) = m + \log \sum_k e^{a_k - m} .$$
#
# The largest term of the last sum is $e^0 = 1$, so nothing is lost that matters. NumPy calls it `np.logaddexp`, SciPy
# `logsumexp`. You will need it in every lesson of this part.
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
# $p_\theta$ whose parameters $\theta$ (weights, means, spreads) we may choose. **Maximum likelihood** chooses those under
# which the data are most probable, or (the same, and kinder to computers) those with the largest mean log-likelihood
# $\frac1N \sum_n \log p_\theta(x_n)$.
#
# What does that do? With many data the mean becomes an expectation under $p^*$. Then, line by line:
#
# $$\begin{aligned}
# \mathrm{KL}(p^* \,\|\, p_\theta) &= \int p^*(x) \log \frac{p^*(x)}{p_\theta(x)}\, dx
#    && \text{the Kullback–Leibler divergence} \\
# &= \mathbb E_{p^*}[\log p^*(x)] - \mathbb E_{p^*}[\log p_\theta(x)] && \text{log of a quotient} \\
# &= -H(p^*) - \mathbb E_{p^*}[\log p_\theta(x)] && \text{the entropy of the data: } H = -\mathbb E[\log p^*] \\
# \Rightarrow\quad \mathbb E_{p^*}[\log p_\theta(x)] &= -H(p^*) - \mathrm{KL}(p^* \,\|\, p_\theta) && \text{solved.}
# \end{aligned}$$
#
# $H$ does not depend on $\theta$. So maximising the likelihood *is* minimising the divergence of the model from the
# data. Since $\mathrm{KL} \ge 0$ (we prove it below; lesson {number: the_elbo} is about it), there is a ceiling, $-H$, and only the
# truth reaches it. **Try it:** we shift the model's idea of the heavy species from 18 g to 30 g, and compare the mean
# log-likelihood of our 5,000 birds with the right-hand side, computed by quadrature. Where is the peak, and how high?

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
print(f"ceiling {-entropy:.4f} nats per bird; largest disagreement {worst.max():.1f} standard errors")
assert worst.max() < 5, "the mean log-likelihood must estimate −H − KL"

# %% [markdown]
# The dots (data, with their standard errors) lie on the curve (theory), the peak is at the true 24 g, and it touches the
# ceiling of −2.69 nats per bird. Nobody can predict these weights better: the birds *do* vary.
#
# Two warnings about the number. First, $p(x)$ is a *density*, here per gram, so its logarithm depends on the unit: in
# kilograms the same birds under the same model get $\log 1000 = 6.91$ nats more each, +4.22 on average. A
# log-likelihood above 0 is no bug, and below 0 no sign of health. Second, the ceiling is a property of the *data*. A score says
# something beside another model's score on the same data, in the same unit.
#
# **Exercise {exercise: NATS_LOST}.** The weights of species A follow $\mathcal N(18, 2^2)$. A model says $\mathcal N(20, 2^2)$. How many
# nats per bird does it lose, compared with the true law? (Take the difference of the two log-densities, and its mean.)

# %% tags=["exercise"]
# BEGIN SOLUTION
nats_lost = 0.5
# END SOLUTION

# %%
check(exercises.NATS_LOST, nats_lost)

# %% [markdown] tags=["deeper"]
# ## EM: guess the hidden, refit, repeat
#
# If someone had written down the species, maximum likelihood would be child's play: count them, average the weights of
# each. Nobody has. So take the derivative of $L = \sum_n \log p(x_n)$ and see how far it gets us. Write
# $\mathcal N_{nk} = \mathcal N(x_n; \mu_k, \sigma_k^2)$ and $r_{nk} = r_k(x_n)$:
#
# $$\begin{aligned}
# \frac{\partial L}{\partial \mu_k} &= \sum_n \frac{1}{p(x_n)}\, \pi_k \frac{\partial \mathcal N_{nk}}{\partial \mu_k}
#   && \text{derivative of the logarithm; only term } k \text{ contains } \mu_k \\
# &= \sum_n \frac{\pi_k\, \mathcal N_{nk}}{p(x_n)} \cdot \frac{x_n - \mu_k}{\sigma_k^2}
#   && \text{derivative of the Gaussian} \\
# &= \sum_n r_{nk}\, \frac{x_n - \mu_k}{\sigma_k^2} && \text{there is the responsibility.}
# \end{aligned}$$
#
# Setting it to zero gives $\mu_k = \sum_n r_{nk} x_n / \sum_n r_{nk}$: the mean of the data, each weighted by how much
# of it belongs to $k$. It looks like a solution and is none, for the $r_{nk}$ on the right depend on $\mu_k$. But it
# suggests an algorithm, **expectation–maximisation** (Dempster, Laird & Rubin, 1977). From some start, repeat:
#
# * **E-step:** compute the responsibilities $r_{nk}$ with the present parameters;
# * **M-step:** with these *held fixed*, refit the parameters as if each datum were split among the components, $r_{nk}$
#   of it in each. With $N_k = \sum_n r_{nk}$:
#
# $$\pi_k = \frac{N_k}{N}, \qquad \mu_k = \frac{1}{N_k} \sum_n r_{nk}\, x_n, \qquad
#   \sigma_k^2 = \frac{1}{N_k} \sum_n r_{nk}\, (x_n - \mu_k)^2 \ \text{ (with the new } \mu_k).$$
#
# **Check the derivative first.** Nudge one mean and see how the likelihood changes. And compare: where does EM move the
# mean to, and where would a gradient step of length $\sigma_k^2 / N_k$ take it?

# %% tags=["proof"]
x = weight[:, None]
start = GaussianMixture([0.5, 0.5], [[17.0], [22.0]], [[[9.0]], [[9.0]]])
nudged = [GaussianMixture(start.weights, [[17.0], [22.0 + h]], start.covariances) for h in (-1e-4, 1e-4)]
differences = (nudged[1].log_prob(x).sum() - nudged[0].log_prob(x).sum()) / 2e-4
r = start.responsibilities(x)[:, 1]
gradient = (r * (weight - 22.0) / 9.0).sum()
print(f"dL/dμ₂: by differences {differences:.4f}, by the formula {gradient:.4f} nats per g")
print(
    f"μ₂ after the EM step {start.em_step(x).means[1, 0]:.6f}, after 22 + σ²/N₂ · dL/dμ₂ {22 + 9 / r.sum() * gradient:.6f}"
)
assert abs(differences - gradient) < 1e-3 * abs(gradient), "the derivative must be the weighted sum"
assert abs(start.em_step(x).means[1, 0] - 22 - 9 / r.sum() * gradient) < 1e-9, (
    "EM must move the mean along the gradient"
)

# %% [markdown]
# The formula holds, and EM turns out to be gradient ascent (for the means) with a step length that nobody has to tune:
# long for a component that owns few data, short for one that owns many. A network has no M-step in closed form; there
# one climbs the same derivative with Adam.
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
# ### Why the likelihood never falls
#
# EM has a guarantee that gradient descent on a network does not have: no step makes the likelihood worse. The proof is
# short, and it is the seed of the whole next lesson. Let $q_1, \dots, q_K$ be *any* probabilities for the $K$ values of
# $z$. For one datum $x$:
#
# $$\begin{aligned}
# \log p(x) &= \sum_k q_k \log p(x) && \text{the } q_k \text{ sum to 1} \\
# &= \sum_k q_k \log \frac{p(x, k)}{p(k \mid x)} && \text{product rule: } p(x, k) = p(k \mid x)\, p(x) \\
# &= \underbrace{\sum_k q_k \log \frac{p(x, k)}{q_k}}_{F(q, \theta)}
#  + \underbrace{\sum_k q_k \log \frac{q_k}{p(k \mid x)}}_{\mathrm{KL}(q \,\|\, p(\cdot \mid x))}
#  && \text{insert } q_k \text{ above and below.}
# \end{aligned}$$
#
# The second part is never negative, because the logarithm bends downwards (Jensen's inequality: the mean of logarithms
# is at most the logarithm of the mean):
#
# $$-\mathrm{KL}(q \,\|\, p) = \sum_k q_k \log \frac{p_k}{q_k} \;\le\; \log \sum_k q_k \frac{p_k}{q_k} = \log 1 = 0 .$$
#
# So $F$ is a *lower bound* of $\log p(x)$, and the divergence is the gap. Now take an EM step from $\theta$ to
# $\theta'$, with $q = p_\theta(\cdot \mid x)$:
#
# $$\log p_{\theta'}(x) \;\overset{(1)}{\ge}\; F(q, \theta') \;\overset{(2)}{\ge}\; F(q, \theta)
#   \;\overset{(3)}{=}\; \log p_\theta(x) \qquad \text{(summed over the data)} .$$
#
# (3) The E-step chose $q$ such that the gap at $\theta$ is zero. (2) The M-step maximises $F$ over the parameters with
# $q$ held fixed (shown below). (1) At $\theta'$ the gap is some other number $\ge 0$. That is all.
#
# <details><summary>The M-step maximises F: one line for each parameter</summary>
#
# The parameters occur in $\sum_n F$ only through
# $Q = \sum_n \sum_k r_{nk} \big[ \log \pi_k - \tfrac12 \log 2\pi\sigma_k^2 - (x_n - \mu_k)^2 / 2\sigma_k^2 \big]$.
#
# * $\partial Q / \partial \mu_k = \sum_n r_{nk} (x_n - \mu_k)/\sigma_k^2 = 0$ gives $\mu_k = \frac1{N_k}\sum_n r_{nk} x_n$.
# * $\partial Q / \partial \sigma_k^2 = -\frac{N_k}{2 \sigma_k^2} + \frac{1}{2 \sigma_k^4} \sum_n r_{nk} (x_n - \mu_k)^2 = 0$
#   gives $\sigma_k^2 = \frac1{N_k} \sum_n r_{nk} (x_n - \mu_k)^2$.
# * The weights must sum to 1. With a Lagrange multiplier $\lambda$,
#   $\partial (Q - \lambda \sum_j \pi_j) / \partial \pi_k = N_k / \pi_k - \lambda = 0$ gives $\pi_k = N_k / \lambda$, and the
#   sum gives $\lambda = N$.
# * In several dimensions, with the inverse covariance $\Lambda_k = C_k^{-1}$ as the parameter:
#   $\partial Q / \partial \Lambda_k = \frac{N_k}{2} \Lambda_k^{-1} - \frac12 \sum_n r_{nk} (x_n - \mu_k)(x_n - \mu_k)^\top = 0$
#   gives $C_k = \frac{1}{N_k} \sum_n r_{nk} (x_n - \mu_k)(x_n - \mu_k)^\top$.
#
# Each is the only stationary point, and $Q$ falls without limit towards the edges (a $\sigma_k$ that goes to 0 or to
# infinity, a $\pi_k$ that goes to 0), so it is the maximum. (Unless component $k$ owns a single point; see the quiz.)
# </details>
#
# **In numbers,** for one bird of 21 g and three guesses $q$. Which one closes the gap?

# %% tags=["proof"]
joint = np.array([0.6, 0.4]) * stats.norm.pdf(21.0, [18, 24], [2, 3])  # p(x, k), without the library
posterior = joint / joint.sum()
for name, q in {"undecided": np.array([0.5, 0.5]), "sure of B": np.array([0.01, 0.99]), "posterior": posterior}.items():
    bound, gap = (q * np.log(joint / q)).sum(), (q * np.log(q / posterior)).sum()
    print(f"{name:9}: bound {bound:.4f} + gap {gap:.4f} = {bound + gap:.4f}    log p(x) {np.log(joint.sum()):.4f} nats")
    assert abs(bound + gap - birds.log_prob([[21.0]])[0]) < 1e-12, "bound plus gap must be log p(x), for every q"
    assert gap > -1e-12, "no gap may be negative"

# %% [markdown]
# The sum is the same for every $q$; only the split changes. The posterior leaves no gap.

# %% [markdown]
# ### EM at work
#
# Now in the plane, with four planted Gaussians. We draw 800 points from them and forget which came from where. EM starts
# blindly: four of the points as means, the covariance of all points for each, equal weights. Ten such starts, 100 steps
# each. (A start in which a component shrinks onto a few points is replaced; the quiz says what is behind that.)
# **Your guesses:** will every step go up? Will every start arrive at the same place?

# %% tags=["proof"]
import contextlib

shapes = [[[1.0, 0.6], [0.6, 0.8]], [[0.3, 0.0], [0.0, 1.5]], [[0.5, -0.2], [-0.2, 0.4]], [[0.6, 0.3], [0.3, 0.4]]]
planted = GaussianMixture([0.4, 0.25, 0.2, 0.15], [[-3, 0], [2, 2.5], [3, -2], [-1, 4]], shapes)
points = planted.sample(800, seed=run.seed + 1)


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

# %% [markdown]
# Not one of the thousand steps went down, beyond the last digit that the computer keeps. So the theorem holds, and we
# may use it: **if the exact likelihood falls, the program is wrong.** Few tests are as sharp. (It needs the exact
# likelihood and an exact step. Libraries often add a little to the variances for safety, and then it is not exactly true.)
#
# Here is the best of the ten on its way, and all ten curves. Every third point is drawn, in the colour mixture of its
# responsibilities; the ellipses lie two standard deviations from each mean.

# %%
from matplotlib.colors import to_rgb

best = np.argmax(likelihoods[:, -1] > likelihoods.max() - 1e-6)  # the first that got to the top
moments = [0, 3, 10, 100]
figure, axes = plt.subplots(1, 5, figsize=(9.8, 2.3), layout="constrained", width_ratios=[1, 1, 1, 1, 1.5])
colours = np.array([to_rgb(colour) for colour in plotting.PALETTE[:4]])
for ax, step in zip(axes, moments, strict=False):
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
# From left to right: at the start the ellipses are as wide as the whole picture, and the colours say no more than which
# chosen point is nearer; then the ellipses divide the clouds among them, and in the end each has one of its own. In the
# right panel blue is the start that is shown, grey are the others, and the dotted line is the likelihood of the planted
# parameters. Starts *do* differ: some curves wait on a plateau for ten steps and more, and a curve that
# stays there has found a *local* maximum (two ellipses share one cloud while one ellipse covers two). EM never falls, but it
# does not look beyond the next hill. So take several starts and keep the best.
#
# Note that the blue curve ends *above* the dotted line. **How can a fit be better than the truth?**

# %% tags=["proof"]
from scipy.optimize import linear_sum_assignment

found = paths[best][-1]
apart = np.linalg.norm(planted.means[:, None] - found.means, axis=-1)  # (planted, found)
_, order = linear_sum_assignment(apart)
fitted, true = likelihoods[best, -1], planted.log_prob(points).mean()
fresh = planted.sample(20_000, seed=run.seed + 2)
print(f"training: fitted {fitted:.4f}, planted {true:.4f} nats per point")
print(
    f"fresh   : fitted {found.log_prob(fresh).mean():.4f}, planted {planted.log_prob(fresh).mean():.4f} nats per point"
)
print("weights: planted", planted.weights, "found", found.weights[order].round(3))
print("distances of the means:", apart[range(4), order].round(3))
assert fitted >= true, "the best of several starts must reach the training likelihood of the planted parameters"
assert apart[range(4), order].max() < 0.4, "it must recover the planted means, up to their order"
assert np.abs(found.weights[order] - planted.weights).max() < 0.06, "and the planted weights"

# %% [markdown]
# On the *training* points the planted parameters are one candidate among many, and the maximum is at least as good as
# any candidate. On *fresh* points the truth wins again: the difference is the over-fit. The components are recovered up
# to their order, which is all that one can ask: exchanging two of them changes no $p(x)$. ("Component 2 is species B"
# is *your* reading.)
#
# Note also what was learnt: the likelihood *and the prior* $\pi$. That is not so in every model. Probabilistic PCA
# below, and a standard VAE, keep their prior fixed; lesson {number: rate_distortion_and_beta} lets it learn.

# %% [markdown]
# ### A colleague's EM
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
    history.append(GaussianMixture(state[0], state[1][:, None], state[2][:, None, None] ** 2).log_prob(x).mean())
    deviations.append(state[2])
    state = their_step(weight, *state)
_, (left, right) = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained")
plotting.curves({"their EM": history}, "step", "mean log-likelihood / nats", range(20), left)
both = {"$σ_1$": np.array(deviations)[:, 0], "$σ_2$": np.array(deviations)[:, 1]}
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
# ## Where z is continuous, p(x) is an integral
#
# Species are few. The slant of a digit, its size, its thickness are numbers, so let $z$ be a vector of $q$ real numbers.
# The sum rule becomes an integral:
#
# $$p(x) = \int p(x \mid z)\, p(z)\, dz .$$
#
# You will read that $p(x) = \sum_z p(x \mid z)\, p(z)$ is "the" formula of generative models. It is the formula of
# latent-variable models, as a sum where $z$ takes separate values; for continuous $z$ it is this integral. And that
# makes all the difference: the sum we could always do, the integral almost never. (The last section has models that
# are built quite differently.)
#
# Here is the model where it works, the linear one: **probabilistic PCA** (Tipping & Bishop, 1999). A standard normal
# code goes through a linear decoder, and noise is added to each of the $d$ coordinates:
#
# $$z \sim \mathcal N(0, I_q), \qquad x \mid z \sim \mathcal N(Wz + \mu,\ \sigma^2 I_d), \qquad
#   W \text{ a } d \times q \text{ matrix.}$$
#
# **What is $p(x)$?** The short way: $x = Wz + \mu + \varepsilon$ with $\varepsilon \sim \mathcal N(0, \sigma^2 I)$ is a
# linear function of Gaussians, so it is Gaussian, and two moments say everything:
#
# $$\mathbb E[x] = W\, \mathbb E[z] + \mu + \mathbb E[\varepsilon] = \mu, \qquad
#   \operatorname{Cov}[x] = W\, \mathbb E[z z^\top]\, W^\top + \mathbb E[\varepsilon \varepsilon^\top] = W W^\top + \sigma^2 I = C$$
#
# (the cross terms vanish, since $z$ and $\varepsilon$ are independent with mean 0). So
# $p(x) = \mathcal N(x; \mu,\ WW^\top + \sigma^2 I)$.
#
# The long way does the integral itself, and yields the posterior for free. With $\bar x = x - \mu$:
#
# $$\begin{aligned}
# p(x) &= \int (2\pi\sigma^2)^{-d/2} (2\pi)^{-q/2} \exp\!\Big[ -\tfrac{1}{2\sigma^2} \|\bar x - Wz\|^2 - \tfrac12 \|z\|^2 \Big] dz
#  && \text{likelihood times prior} \\
# -2[\,\cdot\,] &= \tfrac{1}{\sigma^2} \bar x^\top \bar x - \tfrac{2}{\sigma^2} z^\top W^\top \bar x + z^\top P z,
#  \quad P = I + \tfrac{1}{\sigma^2} W^\top W && \text{sorted by powers of } z \\
# &= (z - m)^\top P (z - m) + \tfrac{1}{\sigma^2} \bar x^\top \bar x - m^\top P m,
#  \quad m = \tfrac{1}{\sigma^2} P^{-1} W^\top \bar x && \text{completing the square} \\
# &= (z - m)^\top P (z - m) + \bar x^\top \big[ \tfrac{1}{\sigma^2} I - \tfrac{1}{\sigma^4} W P^{-1} W^\top \big] \bar x
#  && \text{insert } m \\
# &= (z - m)^\top P (z - m) + \bar x^\top C^{-1} \bar x && \text{Woodbury's identity} \\
# p(x) &= (2\pi\sigma^2)^{-d/2} (2\pi)^{-q/2} \cdot (2\pi)^{q/2} |P|^{-1/2} \cdot e^{-\bar x^\top C^{-1} \bar x / 2}
#  && \text{the integral over } z \text{ of a Gaussian} \\
# &= (2\pi)^{-d/2} |C|^{-1/2}\, e^{-\bar x^\top C^{-1} \bar x / 2} && |C| = \sigma^{2d} |P| .
# \end{aligned}$$
#
# (*Woodbury's identity* is $C^{-1}=\frac1{\sigma^2}I-\frac1{\sigma^4}WP^{-1}W^\top$ for $C=\sigma^2I+WW^\top$: multiply both
# sides by $C$ to see it. And $|\sigma^2I_d+WW^\top|=\sigma^{2d}\,|I_q+\frac1{\sigma^2}W^\top W|$, since $WW^\top$ and $W^\top W$
# have the same eigenvalues apart from 0.)
#
# The line with the completed square says more: as a function of $z$, the joint is a Gaussian around $m$ with covariance
# $P^{-1}$. That is the **posterior**, $p(z \mid x) = \mathcal N(m, P^{-1})$. It never needs the integral, and it tells us
# *which codes explain this $x$*.
#
# **Check it** against an integral that knows nothing of all this: two latents, three coordinates, the trapezoidal rule
# on a fine grid. `log_likelihood` returns $\log p(x \mid z)$ for $m$ codes and $n$ examples, shape `(m, n)`; we shall
# need it again.

# %% tags=["proof"]
from course_lib.exact import ProbabilisticPCA, log_marginal_likelihood


def log_likelihood(model, x, z):
    centred, d = x - model.mean, len(model.mean)
    cross = z @ (model.weights.T @ centred.T)
    decoded = np.square(z @ np.linalg.cholesky(model.weights.T @ model.weights)).sum(axis=1, keepdims=True)  # ‖Wz‖²,
    squares = np.square(centred).sum(axis=1) - 2 * cross + decoded  # since ‖Wz‖² = ‖zᵀL‖² if LLᵀ = WᵀW
    return -0.5 * (squares / model.variance + d * np.log(2 * np.pi * model.variance))


model = ProbabilisticPCA(weights=rng.normal(size=(3, 2)), mean=[1.0, 0.0, -1.0], variance=0.3)
examples = model.sample(4, seed=3)
by_integral = log_marginal_likelihood(
    lambda z: log_likelihood(model, examples, z), latent_dim=2, bound=9, num_points=361
)
by_formula = model.log_prob(examples)
for each in zip(by_integral, by_formula, strict=True):
    print("integral {:.10f}    N(x; μ, WWᵀ + σ²I) {:.10f} nats".format(*each))
assert np.allclose(by_integral, by_formula, rtol=0, atol=1e-8), "the marginal of pPCA must be this Gaussian"

# %% [markdown]
# Ten digits agree. Now see it. In the figure $W = (2, 1)^\top$, $\mu = 0$ and $\sigma = 0.5$: one latent number, two
# coordinates. Before you look: which shape has the cloud of all $x$, and where do the codes lie in it?

# %%
line = ProbabilisticPCA(weights=[[2.0], [1.0]], mean=[0.0, 0.0], variance=0.25)
codes = rng.normal(size=(600, 1))
cloud = codes @ line.weights.T + 0.5 * rng.normal(size=(600, 2))
chosen = np.array([[1.0, 2.0]])
(m,), ((v,),) = line.posterior(chosen)
_, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3), layout="constrained", width_ratios=[1.3, 1])
dots = left.scatter(*cloud.T, s=5, c=codes[:, 0], cmap="viridis")
plt.colorbar(dots, ax=left, label="latent z")
plotting.covariance_ellipses([[0, 0]], [line.covariance], color="black", ax=left)
left.plot(*(np.array([[-2.5], [2.5]]) @ line.weights.T).T, color="black", linestyle=":")
left.plot(*chosen.T, "X", color=plotting.PALETTE[5], markersize=10)
left.plot(*(line.weights @ m), "o", color=plotting.PALETTE[5])
left.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal", title="data space")
axis = np.linspace(-3, 3, 301)
laws = {"prior p(z)": stats.norm.pdf(axis), "posterior p(z | ✖)": stats.norm.pdf(axis, m[0], np.sqrt(v))}
plotting.curves(laws, "latent z", "density", axis, right)
right.set(title="code space")
plotting.show(
    alt="Left, a long cloud of points coloured by their latent number, with the dotted line of decoded codes, an "
    "ellipse, a cross for one observation and a dot for its decoded posterior mean. Right, two densities of the "
    "latent: the wide prior and the narrow posterior."
)

# %% [markdown]
# Left: 600 draws, coloured by the code that made them, the ellipse of $C$ (two standard deviations), and the dotted line
# of all decoded codes, $Wz$. The noise lifts points off the line; along it, code and noise add up. Right: before we see
# anything, $z$ follows the prior. After seeing the cross, it is known to about a fifth of a unit: the posterior. The round
# dot on the line is the posterior mean, decoded. It lies a little closer to the centre than the foot of the perpendicular: the prior pulls.
#
# **Exercise {exercise: SPREAD}.** Let $W = (3, 4)^\top$ and $\sigma^2 = 11$. What is the standard deviation of $x$ *along* the direction
# of $W$, and what is it *across*? Answer with a tuple, (along, across).

# %% tags=["exercise"]
# BEGIN SOLUTION
spread = (6.0, np.sqrt(11.0))
# END SOLUTION

# %%
check(exercises.SPREAD, spread)

# %% [markdown] tags=["deeper"]
# ### Maximum likelihood in one line
#
# With $p(x)$ in closed form one can look for the best $W$ and $\sigma^2$, and Tipping & Bishop found them in closed form,
# too. Let $\lambda_1 \ge \dots \ge \lambda_d$ be the eigenvalues of the data's covariance $S$ (divided by $N$), and $U_q$
# the first $q$ eigenvectors, in the columns: the principal axes of lesson {number: autoencoders}. Then $\mu$ is the mean of the data and
#
# $$\sigma^2 = \frac{1}{d-q} \sum_{j>q} \lambda_j, \qquad W = U_q\, (\Lambda_q - \sigma^2 I)^{1/2}, \qquad
#   \Lambda_q = \operatorname{diag}(\lambda_1, \dots, \lambda_q) .$$
#
# In words: *the noise is the average variance that the codes do not explain; the decoder's columns are the principal
# axes, as long as the variance that is left after the noise is taken off.*
#
# <details><summary>Derivation</summary>
#
# The mean log-likelihood, with $\mu$ the data's mean, is
# $\ell = -\frac12 \big( d \log 2\pi + \log |C| + \operatorname{tr} C^{-1} S \big)$.
#
# 1. Its derivative is $\partial \ell / \partial W = C^{-1} S C^{-1} W - C^{-1} W$, so a stationary point has $S C^{-1} W = W$.
# 2. Write $W = \sum_j a_j u_j v_j^\top$ with lengths $a_j > 0$ and orthonormal $u_j$, $v_j$ (its singular values). Then
#    $C u_j = (a_j^2 + \sigma^2) u_j$, hence $C^{-1} W v_j = \frac{a_j}{a_j^2 + \sigma^2} u_j$.
# 3. So 1. says $S u_j = (a_j^2 + \sigma^2)\, u_j$: each column direction is an *eigenvector* of $S$, and
#    $a_j^2 = \lambda_j - \sigma^2$. The $v_j$ stay free: a rotation of the codes that changes no $p(x)$.
# 4. In the directions that are used, $C$ has the eigenvalue $\lambda_j$, in the others $\sigma^2$. Insert:
#    $-2\ell = d \log 2\pi + \sum_\text{used} \log \lambda_j + q + (d-q) \log \sigma^2 + \frac{1}{\sigma^2} \sum_\text{unused} \lambda_j$.
# 5. The derivative in $\sigma^2$ is zero for $\sigma^2 = \frac{1}{d-q} \sum_\text{unused} \lambda_j$, the mean of the
#    unused eigenvalues. What remains is $(d-q) \log \operatorname{mean}_\text{unused}(\lambda) - \sum_\text{unused} \log \lambda_j$
#    plus terms that do not depend on the choice. It is small where the unused ones are nearly equal, so they are
#    neighbours in the order; and the used ones must satisfy $\lambda_j = a_j^2 + \sigma^2 \ge \sigma^2$, so the unused
#    are the smallest.
# </details>
#
# A closed form claims that *nothing* is better. Let a general optimiser try: quasi-Newton ascent (L-BFGS) on all 16
# parameters, from three random starts, with no idea of eigenvectors. This is *maximum likelihood by gradient*, as for a
# network.

# %% tags=["proof"]
from scipy.optimize import minimize

data = ProbabilisticPCA(rng.normal(size=(5, 2)), rng.normal(size=5), 0.4).sample(300, seed=run.seed + 4)


def mean_nats(parameters):
    W, mean, log_variance = parameters[:10].reshape(5, 2), parameters[10:15], parameters[15]
    return ProbabilisticPCA(W, mean, np.exp(log_variance)).log_prob(data).mean()


closed = ProbabilisticPCA.fit(data, num_latents=2)
climbs = [minimize(lambda p: -mean_nats(p), rng.normal(size=16), method="L-BFGS-B") for _ in range(3)]
reached = np.array([-end.fun for end in climbs])
print(f"closed form {closed.log_prob(data).mean():.8f}, optimiser {reached.round(8)} nats")
print(f"noise variance: closed form {closed.variance:.5f}, optimiser {np.exp([end.x[15] for end in climbs]).round(5)}")
assert (reached <= closed.log_prob(data).mean() + 1e-9).all(), "nothing may be better than the closed form"
assert reached.max() > closed.log_prob(data).mean() - 1e-5, "and the optimiser must get there"

# %% [markdown]
# The optimiser climbs to the same height and never higher.

# %% [markdown] tags=["deeper"]
# ### A generative model of digits
#
# Back to the 8 × 8 digits of lesson {number: autoencoders}. `fit`, `log_prob`, `sample`: a generative model trained on data, in a few
# milliseconds. One precaution: the pixels are *whole* numbers from 0 to 16, and a density can be raised without limit by
# narrow spikes on whole numbers. So we spread every value over its unit interval by adding uniform noise
# (*dequantisation*; Uria et al., 2013). **Guess:** how many latents explain *held-out* digits best?

# %%
from course_lib import datasets

digits = datasets.load("digits")
pixels = [np.rint(16 * part.reshape(-1, 64)) for part in (digits.x_train, digits.x_validation)]
train, held_out = (part + rng.uniform(size=part.shape) for part in pixels)  # grey levels, 0 to 17
latents = [1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 60, 63]
fits = {q: ProbabilisticPCA.fit(train, q) for q in latents}
scores = {
    "training": [fits[q].log_prob(train).mean() for q in latents],
    "held out": [fits[q].log_prob(held_out).mean() for q in latents],
}
plotting.curves(scores, "number of latents q", "mean log p(x) / nats per image", latents)
plotting.show(
    alt="Mean log p(x) per image against the number of latents, for training and held-out images. Both curves rise "
    "and stay together; the held-out one is flat at the end."
)
best_q = latents[int(np.argmax(scores["held out"]))]
print(
    f"held out, best: q = {best_q} with {max(scores['held out']):.1f} nats; q = 2 has {scores['held out'][1]:.1f} nats"
)

# %% [markdown]
# The two curves stay together, and the held-out one is flat from 56 on: a model of one mean of 64 entries and a 64 × 64
# covariance has enough with 1,259 images. From 2 latents to 56 the held-out likelihood rises by almost 50 nats per image. Then it is flat. Are
# those nats *visible*? Draw from three of the models: $z$ from the prior, decode, add the noise.

# %% tags=["proof"]
rows = {"real (held out)": pixels[1][:12]} | {f"generated, q = {q}": fits[q].sample(12, seed=5) for q in (2, 16, 56)}
plotting.image_rows({name: images.reshape(-1, 8, 8).clip(0, 17) / 17 for name, images in rows.items()})
plotting.show(
    alt="Rows of twelve images: held-out digits and samples of models with 2, 16 and 56 latents. With two latents "
    "all is noise; with more the noise fades, and most samples are mere strokes."
)
print(f"noise of the model with 56 latents: σ = {np.sqrt(fits[56].variance):.3f} grey levels")
print(f"noise that we added ourselves: 1/√12 = {1 / np.sqrt(12):.3f} grey levels")
assert abs(np.sqrt(fits[56].variance) - 1 / np.sqrt(12)) < 0.05, "what no latent explains must be our own noise"

# %% [markdown]
# A real generative model, exactly fitted, with an exact likelihood for every image, and its samples are poor. With two
# latents they drown in the noise. With 56 the noise has fallen to the 0.29 grey levels that we had put in ourselves: all
# that can be explained is explained, and yet most samples are mere strokes, a few of which resemble a digit. Two lessons
# in one figure:
#
# * **Likelihood is not looks.** From 16 latents to 56 the model gained some 25 nats per image, and what one sees of them
#   is mostly speckles that are gone: it became *sure* of pixels that are almost always blank. (Theis et al., 2016, have
#   sharper examples.)
# * **The model is too simple, not badly fitted.** Its $p(x)$ is one Gaussian: a single cloud, where digits form many,
#   bent ones. No parameter can repair that. It needs a decoder that bends: a network $f(z)$ in place of $Wz$.
#
# So put a network in, as in lesson {number: the_latent_space}? The two draws stay as easy as ever. But go back to the derivation: "completing
# the square" worked because $Wz$ is linear. With a network inside there is no square, and **nobody can do the integral**.
# On a grid? With 361 points per axis, as in our check, and 16 latents: $361^{16} \approx 10^{41}$ decoder calls.

# %% [markdown]
# ## Monte Carlo: right on average, and useless
#
# The integral is an expectation, $p(x) = \mathbb E_{z \sim p(z)}[p(x \mid z)]$, and an expectation can be estimated
# by a mean over draws:
#
# $$\hat p_K = \frac1K \sum_{k=1}^{K} p(x \mid z_k), \qquad z_1, \dots, z_K \sim p(z).$$
#
# It needs draws from the prior and calls of the decoder, so it works for *any* decoder. It is **unbiased**:
# $\mathbb E[\hat p_K] = p(x)$ for every $K$, even for $K = 1$. What could go wrong? Its variance. For pPCA we can derive
# it. One term has the variance $\mathbb E[p(x \mid z)^2] - p(x)^2$, and:
#
# $$\begin{aligned}
# p(x \mid z)^2 &= (2\pi\sigma^2)^{-d}\, e^{-\|x - \mu - Wz\|^2 / \sigma^2} && \text{the Gaussian, squared} \\
# &= (2\pi\sigma^2)^{-d}\, (\pi\sigma^2)^{d/2}\ \mathcal N\!\big(x;\, Wz + \mu,\ \tfrac{\sigma^2}{2} I\big)
#   && \text{again a Gaussian, with half the variance} \\
# &= (4\pi\sigma^2)^{-d/2}\ \mathcal N\!\big(x;\, Wz + \mu,\ \tfrac{\sigma^2}{2} I\big) && \text{collected} \\
# \mathbb E_z[p(x \mid z)^2] &= (4\pi\sigma^2)^{-d/2}\ \mathcal N\!\big(x;\, \mu,\ WW^\top + \tfrac{\sigma^2}{2} I\big)
#   && \text{the marginal of pPCA, with } \sigma^2/2
# \end{aligned}$$
#
# $$\Rightarrow\quad \operatorname{Var}[\hat p_K] = \frac1K \Big[ (4\pi\sigma^2)^{-d/2}\,
#   \mathcal N\!\big(x;\, \mu,\ WW^\top + \tfrac{\sigma^2}{2} I\big) - p(x)^2 \Big] .$$
#
# What matters is the error relative to $p(x)$. Call $R = K \operatorname{Var}[\hat p_K] / p(x)^2$ the *relative variance*
# of one draw; the relative error of the estimate is then $\sqrt{R/K}$. **First a gentle case,** two latents and four
# coordinates: half a million draws against the formula, for three $x$.

# %% tags=["proof"]
from course_lib.exact import gaussian_log_density


def log_second_moment(model, x):  # log E[p(x | z)²]
    d, half = len(model.mean), model.variance / 2
    covariance = model.weights @ model.weights.T + half * np.eye(d)
    return -0.5 * d * np.log(8 * np.pi * half) + gaussian_log_density(x, model.mean, covariance)


def relative_variance(model, x):
    return np.exp(log_second_moment(model, x) - 2 * model.log_prob(x)) - 1


gentle = ProbabilisticPCA(np.random.default_rng(0).normal(size=(4, 2)), np.zeros(4), 1.0)
x = gentle.sample(3, seed=1)
terms = np.exp(log_likelihood(gentle, x, rng.normal(size=(500_000, 2))) - gentle.log_prob(x))  # p(x | z) / p(x)
measured = terms.var(axis=0)
errors = np.sqrt((((terms - terms.mean(axis=0)) ** 4).mean(axis=0) - measured**2) / len(terms))
for r, error, theory in zip(measured, errors, relative_variance(gentle, x), strict=True):
    print(f"relative variance R: measured {r:.3f} ± {error:.3f}, formula {theory:.3f}")
assert (np.abs(measured - relative_variance(gentle, x)) < 5 * errors).all(), "the variance must follow the formula"

# %% [markdown]
# The formula is right. With $R$ between 1 and 2, a hundred draws give $p(x)$ to about 12 %: fine. **Now 1,000 coordinates
# instead of four,** and still only two latents. Measuring $R$ as above would fail for the same reason as the estimate
# itself, so we check the formula by quadrature (the integral of $p(x \mid z)^2\, p(z)$ over the plane, with a fine grid).
# Then come 500 estimates of each of the three $\log p(x)$, from 100 draws each. The mean of an estimate *is* right, so **do you
# expect** about half of them above the truth?

# %% tags=["proof"]
wide = ProbabilisticPCA(np.random.default_rng(0).normal(size=(1000, 2)), np.zeros(1000), 1.0)
x = wide.sample(3, seed=1)
by_grid = log_marginal_likelihood(lambda z: 2 * log_likelihood(wide, x, z), latent_dim=2, num_points=801)
print("log E[p(x|z)²]: grid   ", by_grid.round(6))
print("                formula", log_second_moment(wide, x).round(6), "nats")
assert np.allclose(by_grid, log_second_moment(wide, x), atol=1e-6), "the formula must hold in high dimension"


def log_estimate(model, x, K):  # log of the mean of p(x | z) over K draws
    z = rng.normal(size=(K, model.weights.shape[1]))
    return np.logaddexp.reduce(log_likelihood(model, x, z), axis=0) - np.log(K)


gaps = np.array([log_estimate(wide, x, K=100) for _ in range(500)]) - wide.log_prob(x)  # (estimate, x)
for j, r in enumerate(relative_variance(wide, x)):
    low, middle, high = np.quantile(gaps[:, j], [0.05, 0.5, 0.95])
    print(
        f"R = {r:5.0f}: median {middle:6.1f} nats, 90 % in [{low:.0f}, {high:.1f}], too low: {(gaps[:, j] < 0).mean():.0%}"
    )
assert (np.median(gaps, axis=0) < -2).all(), "with R far above K, the typical estimate must lie far below the truth"

# %% [markdown]
# The typical estimate is *nats* too low, one in twenty by dozens of them, and more than four of five are on the low side.
# Both facts are true together: on average $\hat p$ is right, and typically it is far too small. The average is
# rescued by the few estimates with a draw that happened to hit; those are several times too large.
#
# **Why low? Where do the draws go?** Here are 1,000 codes from the prior, and the posterior of one $x$ for three widths
# of the data. Only draws in the ellipse explain $x$; the others contribute next to nothing.

# %%
draws = rng.normal(size=(1000, 2))
_, axes = plt.subplots(1, 3, figsize=(8.5, 2.9), layout="constrained", sharey=True)
for ax, d in zip(axes, (4, 64, 1000), strict=True):
    narrow = ProbabilisticPCA(wide.weights[:d], np.zeros(d), 1.0)
    (mean,), covariance = narrow.posterior(wide.sample(1, seed=1)[:, :d])
    inside = np.einsum("ni,ij,nj->n", draws - mean, np.linalg.inv(covariance), draws - mean) < 4
    ax.scatter(*draws[~inside].T, s=2, color="lightgrey")
    ax.scatter(*draws[inside].T, s=6, color=plotting.PALETTE[1])
    plotting.covariance_ellipses([mean], [covariance], color="black", ax=ax)
    ax.set(title=f"d = {d}: {inside.sum()} of 1,000 inside", xlabel="$z_1$", aspect="equal")
axes[0].set(ylabel="$z_2$")
plotting.show(
    alt="Three panels of the same 1,000 prior draws, with the posterior's ellipse for 4, 64 and 1,000 coordinates. "
    "The ellipse shrinks from panel to panel, and fewer draws lie inside."
)

# %% [markdown]
# The more coordinates testify, the better they determine the code, and the smaller is the posterior (the ellipse holds
# 86 % of it). A good model of large images has a *tiny* posterior: the better the codes are determined, the worse the
# prior is at guessing them.
#
# ### On which side, and by how much
#
# The low side is no accident. The logarithm bends downwards, so Jensen's inequality gives
#
# $$\mathbb E[\log \hat p_K] \;\le\; \log \mathbb E[\hat p_K] = \log p(x) :$$
#
# **the logarithm of an unbiased estimate is biased low.** By how much, if the error is small? Let
# $\hat p_K = p(x)\,(1 + \delta)$, with $\mathbb E[\delta] = 0$ and $\mathbb E[\delta^2] = R/K$. Then
# $\log(1+\delta) \approx \delta - \frac12\delta^2$, and
#
# $$\mathbb E[\log \hat p_K] - \log p(x) \;\approx\; -\frac{R}{2K} .$$
#
# Back in the gentle case both means can be seen. (20,000 estimates for each $K$.)

# %% tags=["proof"]
x = gentle.sample(1, seed=1)
R = relative_variance(gentle, x)[0]
for K in (1, 10, 100):
    terms = log_likelihood(gentle, x, rng.normal(size=(20_000 * K, 2))).reshape(20_000, K)
    log_ratio = np.logaddexp.reduce(terms, axis=1) - np.log(K) - gentle.log_prob(x)  # log of the estimate / p(x)
    ratio, error = np.exp(log_ratio).mean(), np.exp(log_ratio).std() / np.sqrt(20_000)
    bias, bias_error = log_ratio.mean(), log_ratio.std() / np.sqrt(20_000)
    print(f"K = {K:3}: mean of p̂/p {ratio:.4f} ± {error:.4f}, ", end="")
    print(f"of log p̂ − log p {bias:.4f} ± {bias_error:.4f}, −R/2K = {-R / (2 * K):.4f} nats")
    assert abs(ratio - 1) < 5 * error, "the estimate of p(x) must be unbiased"
    assert bias < -3 * bias_error, "its logarithm must be biased low"
assert abs(bias + R / 200) < 0.2 * R / 200 + 5 * bias_error, "for large K the bias must approach −R/2K"

# %% [markdown]
# The first mean is 1 for every $K$, within its error. The second is negative for every $K$, and for $K = 100$ it is what
# the little expansion predicts. (For $K = 1$ it is off: there $\delta$ is not small.) Remember the direction. Whoever estimates log-likelihoods by simple
# Monte Carlo is too *pessimistic*, and more draws always look like a better model.
#
# **Exercise {exercise: LOG_EVIDENCE}.** Turn the values $\log p(x \mid z_k)$, shape `(K, n)` for $K$ draws and $n$ examples, into the estimate
# $\log \hat p_K(x)$, one per example. The values can be as low as −5000.


# %% tags=["exercise"]
def log_evidence(log_likelihoods):
    # BEGIN SOLUTION
    return np.logaddexp.reduce(log_likelihoods, axis=0) - np.log(len(log_likelihoods))
    # END SOLUTION


# %%
check(exercises.LOG_EVIDENCE, log_evidence)

# %% [markdown] tags=["deeper"]
# ### More latents: the end of patience
#
# With two latents, the relative variance grew roughly in proportion to the width of the data. With more latents it grows
# *exponentially*: the prior has to hit the small interval in every one of $q$ directions at once. We let $q$ go from 1 to
# 16, with four coordinates per latent, take one $x$ from each model, and estimate with 1,000 draws, again and again.
# **Predict:** how far off is the typical estimate for $q = 16$?

# %% tags=["proof"]
repeats, sizes = run.pick(cpu=300, gpu=3000), [1, 2, 4, 8, 16]
_, axes = plt.subplots(1, 6, figsize=(11, 2.4), layout="constrained", width_ratios=[1, 1, 1, 1, 1, 1.6])
needed, medians = [], []
for q, ax in zip(sizes, axes, strict=False):
    deep = ProbabilisticPCA(np.random.default_rng(0).normal(size=(4 * q, q)), np.zeros(4 * q), 1.0)
    x = deep.sample(1, seed=1)
    gaps = np.array([log_estimate(deep, x, K=1000)[0] for _ in range(repeats)]) - deep.log_prob(x)[0]
    needed.append(100 * relative_variance(deep, x)[0])
    medians.append(np.median(gaps))
    ax.hist(gaps, 20, color=plotting.PALETTE[0])
    ax.axvline(0, color=plotting.PALETTE[1])
    ax.set(title=f"q = {q}", xlabel="$\\log \\hat p - \\log p$ / nats", yticks=[])
axes[5].semilogy(sizes, needed, "o-", color=plotting.PALETTE[0])
axes[5].set(xlabel="latents q", ylabel="draws for ±10 %", xticks=sizes)
plotting.show(
    alt="Five histograms of the error of log p for 1, 2, 4, 8 and 16 latents, with the truth as a line: narrow "
    "around it at first, then farther and farther below. A sixth panel shows the draws needed for ten per cent, "
    "on a logarithmic axis: they rise steeply with the number of latents."
)
print("median error / nats:", dict(zip(sizes, np.round(medians, 2).tolist(), strict=True)))
print("draws for a relative error of 10 %:", dict(zip(sizes, [f"{n:.0e}" for n in needed], strict=True)))
assert abs(medians[0]) < 0.1, "with one latent the typical estimate must be good"
assert medians[-1] < -20, "with sixteen it must be hopelessly low"

# %% [markdown]
# Histograms of the error, the truth at the orange line. One or two latents: excellent. Four: a spread of a nat. Eight:
# nearly all estimates are nats too low. Sixteen, a modest size for a code: *all* of them are, by dozens of nats. (Mind
# the scales.) On the right, $100 R$, the number of draws for a relative error of 10 %: with sixteen latents, some $10^{15}$
# decoder calls, for *one* image.
#
# So that is the answer to the question of this lesson. $p(x)$ adds up all $z$ that could have caused $x$, almost none of
# them could, and we do not know which. **The way out is in the figure with the ellipses: draw $z$ where the posterior
# is.** A draw from any other law $q(z)$ is paid for with a weight:
#
# $$p(x) = \int p(x \mid z)\, p(z)\, dz = \int \frac{p(x \mid z)\, p(z)}{q(z)}\, q(z)\, dz
#   = \mathbb E_{z \sim q}\!\left[ \frac{p(x \mid z)\, p(z)}{q(z)} \right] .$$
#
# How many draws do we need, if $q$ is the true posterior?

# %% tags=["proof"]
(mean,), covariance = deep.posterior(x)
z = rng.multivariate_normal(mean, covariance, size=3)  # three draws, each an estimate of its own
log_weight = log_likelihood(deep, x, z)[:, 0]
log_weight += gaussian_log_density(z, np.zeros(16), np.eye(16)) - gaussian_log_density(z, mean, covariance)
print("16 latents, one draw each:", log_weight.round(8), "  exact:", deep.log_prob(x)[0].round(8), "nats")
assert np.allclose(log_weight, deep.log_prob(x), atol=1e-8), "with the true posterior every single draw must be exact"

# %% [markdown]
# One. Since $p(x \mid z)\, p(z) / p(z \mid x) = p(x)$, the weight is the same for every draw, and the variance zero. From
# $10^{15}$ draws to a single one, only by looking in the right place.
#
# There is a catch, of course: for a network decoder nobody knows the posterior either. But an *approximate* one would
# do. Who can tell, from an image, which codes it may have come from? **An encoder can.** That is the encoder's job in a
# variational autoencoder; and what one gains with an imperfect one is a lower bound, the $F(q, \theta)$ that you met in
# EM. Lesson {number: the_elbo} makes it the objective.

# %% [markdown]
# ## A map of the families
#
# Prior and likelihood are one way to build a generative model. Others start elsewhere. For each, ask two questions: *can
# it draw a new $x$? can it tell $p(x)$ of a given one?*
#
# | family | how it makes $x$ | can it sample? | does it give $p(x)$? |
# |---|---|---|---|
# | latent variable, simple (mixture, pPCA) | draw $z$, then $x$ given $z$ | yes | **exactly**: a sum, or a closed form |
# | latent variable, network decoder (VAE) | the same | yes | a **lower bound**; estimates by importance weights |
# | adversarial (GAN) | draw $z$, $x = G(z)$, no noise on top | yes | **not at all**: the model is its sampler |
# | autoregressive (NADE, PixelCNN, language models) | one entry after the other, $p(x) = \prod_i p(x_i \mid x_{\lt i})$ | yes, step by step | **exactly** |
# | flow | an invertible $x = f(z)$, so $p(x) = p(z)\, \lvert \det \partial z / \partial x \rvert$ | yes | **exactly** |
# | energy based (Boltzmann machines) | $p(x) = e^{-E(x)} / Z$ with an energy $E$ | by long Markov chains | **up to the unknown constant** $Z$ |
# | diffusion | noise, removed in many small steps | yes, step by step | a **lower bound** (or numerically, by solving a differential equation) |
#
# So a discriminator belongs to *one* of the families, the adversarial; and "prior and likelihood" is not the
# mathematics of all of them. Diffusion models *are* latent-variable models, with a fixed encoder and a chain of many $z$.
# Nor are such models new: EM for mixtures is from 1977, hidden Markov models recognised speech in the
# 1980s, Boltzmann machines are from 1985, and neural autoregressive densities (NADE) from 2011. VAEs came in December
# 2013 (Kingma & Welling), GANs in June 2014 (Goodfellow et al.). This course builds the second and third row from
# scratch, and meets the fourth in lesson {number: conditional_and_discrete_codes}.
#
# **Exercise {exercise: STATEMENTS}.** Which of these sentences are right? Answer with a set of letters, such as `{"a", "b"}`.
#
# * (a) Every generative model consists of a generator and a discriminator.
# * (b) $p(x) = \sum_z p(x \mid z)\, p(z)$ is the mathematical model behind every generative model.
# * (c) A mixture fitted by EM learns its prior and its likelihood; probabilistic PCA learns only its likelihood.
# * (d) A model can draw perfect samples and yet have no way to say $p(x)$ of a given $x$.
# * (e) A generative model creates new data *instead of* learning from existing data.
# * (f) A log-likelihood of +12 nats for an image proves that the program is wrong.

# %% tags=["exercise"]
# BEGIN SOLUTION
right_ones = {"c", "d"}
# END SOLUTION

# %%
check(exercises.STATEMENTS, right_ones)

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
# good *local* maximum. (`GaussianMixture.fit` abandons starts in which a component shrinks onto points.) A loss that is
# a negative log-density has no lower limit just because it is called a loss. pPCA with $q < d$ is safe unless the data
# lie in a $q$-dimensional plane: it has one $\sigma^2$ for all directions.
# </details>
#
# <details><summary><b>3.</b> A script averages $\log p(x \mid z_k)$ over draws from the prior and calls it
# $\log p(x)$. What does it compute?</summary>
#
# The mean of logarithms, not the logarithm of the mean. By Jensen it lies below even in the limit of infinitely many
# draws, usually far below. More draws do not help: it is another quantity, not a noisy estimate.
# </details>
#
# <details><summary><b>4.</b> "The estimate of $p(x)$ is unbiased, so with enough test images the mean of
# $\log \hat p(x)$ is right."</summary>
#
# No. Each logarithm is biased low, and averaging over images averages the bias, too. Only more draws *per image*, or
# better placed ones, help.
# </details>
#
# <details><summary><b>5.</b> Does maximum likelihood make $p_\theta$ equal to the law of the data?</summary>
#
# It brings it as near as the family allows, in the sense of $\mathrm{KL}(p^* \| p_\theta)$, if the optimiser succeeds and
# there are enough data. One Gaussian for all digits was fitted perfectly, and is a poor model. And on finite data the
# optimum fits the *sample*: it beats the truth there, and loses to it on fresh data.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **written** a model as prior and likelihood, drawn from it, and computed its $p(x)$ as a sum that survives a pigeon;
# * **seen** that maximum likelihood minimises $\mathrm{KL}(\text{data} \,\|\, \text{model})$, with the entropy of the data as its
#   ceiling;
# * **derived** EM from a lower bound that touches, watched a thousand steps without a fall, and convicted a program whose
#   likelihood fell;
# * **solved** the integral for probabilistic PCA, confirmed it to ten digits, and fitted real digits in closed form;
# * **predicted** the variance of Monte Carlo to the digit, and its side: log-estimates fail *low*, exponentially in the
#   number of latents, unless one draws where the posterior is.
#
# So what is $p(x)$? *The sum of all the ways in which $x$ can have come about.* And why can't we compute it? *Because there are
# too many ways, and only the posterior knows which of them count.*
#
# **Go further.** (1) Fit mixtures with 1 to 20 components to the 8 × 8 digits (on their first 20 principal coordinates,
# `GaussianMixture.fit(train @ principal_axes(train, 20), …)`) and look at decoded samples: does a mixture of linear
# models draw better digits than one? (2) Replace $Wz$ by a small fixed network with two latents. The grid still works:
# compare `log_marginal_likelihood` with `log_estimate` for $K$ = 10 to $10^6$. (3) With `COURSE_PROFILE=gpu`, the last experiment
# takes ten times as many repeats; give it $q$ = 32, too, and a million draws. Does it help?
#
# **References.** Dempster, Laird & Rubin (1977), *Maximum likelihood from incomplete data via the EM algorithm*, J. R.
# Stat. Soc. B 39. · Neal & Hinton (1998), *A view of the EM algorithm that justifies incremental, sparse, and other
# variants* (the bound $F$). · Xu & Jordan (1996), *On convergence properties of the EM algorithm for Gaussian mixtures*,
# Neural Computation 8 (EM and the gradient). · Tipping & Bishop (1999), *Probabilistic principal component analysis*,
# J. R. Stat. Soc. B 61. · Bishop (2006), *Pattern recognition and machine learning*, chapters 9 and 12. ·
# Uria, Murray & Larochelle (2013), *RNADE*, arXiv:1306.0186 (dequantisation). · Theis, van den Oord & Bethge (2016), *A
# note on the evaluation of generative models*, arXiv:1511.01844. · Kingma & Welling (2013), *Auto-encoding variational
# Bayes*, arXiv:1312.6114. · Goodfellow et al. (2014), *Generative adversarial networks*, arXiv:1406.2661. · Larochelle & Murray (2011),
# *The neural autoregressive distribution estimator*, AISTATS. · Rezende & Mohamed (2015), *Variational inference with normalizing flows*,
# arXiv:1505.05770. · van den Oord et al. (2016), *Pixel recurrent neural networks*, arXiv:1601.06759. · Ho et al. (2020),
# *Denoising diffusion probabilistic models*, arXiv:2006.11239. · Song et al. (2021), *Score-based generative modeling
# through stochastic differential equations*, arXiv:2011.13456.
