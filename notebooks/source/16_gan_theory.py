# ---
# jupyter:
#   course:
#     part: "Part III · GANs"
#     question: "What does the game between two networks measure, and how does a generator learn from it?"
# ---

# %% [markdown]
# # GAN theory: a game whose value is a divergence
#
# **The question.** A network turns noise into samples, and a second network says which samples are real. Nobody writes
# down a likelihood of the data. What does the game between the two measure, and how does the first one learn from it?
#
# In this lesson you will
#
# * **explain** what a generator has instead of a density, and **draw** who learns from which loss;
# * **derive** the best discriminator, and **measure** how near a trained one comes to it;
# * **prove** that its value is $-\log 4+2\,\mathrm{JSD}$, and **predict** all losses at the end of a perfect game;
# * **compare** the saturating and the non-saturating loss by their slopes;
# * **write** both losses, **train** with them, and **recognise** the bug that makes the two networks co-operate.
#
# *To know before:* KL in both directions ({lesson: the_elbo}), logits and the binary cross-entropy
# ({lesson: autoencoders}), expectations as integrals, the chain rule. Nothing about GANs. *Time:* {times}; about 30
# seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## A sampler without a density
#
# The **generator** $G$ is a network. Noise $z\sim\mathcal N(0,I)$ goes in, a sample $x=G(z)$ comes out, and nothing is
# added to it. That is a complete model: you can draw from it as often as you like. We write $q$ for the distribution of
# its samples, and $p$ for that of the data.
#
# What you cannot do is ask how probable a given $x$ is. Such a model is called **implicit** (Mohamed & Lakshminarayanan,
# 2016). It is not only that $q(x)$ is hard to compute: often there is *no* density. Here is a generator with one noise
# number and two outputs, next to real points. **Before you look:** which share of the real points has a positive density
# under this generator?

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import ops
from scipy.special import expit as sigmoid
from scipy.stats import norm

from course_lib import datasets, plotting

rng = np.random.default_rng(run.seed)
real = datasets.load("moons", num_test=400).x_test


def samples_on_a_curve(count):
    z = rng.normal(size=count)
    return np.stack([1.5 * np.sin(z), 0.7 * np.cos(2.6 * z)], axis=1)


ax = plt.subplots(figsize=(4.6, 2.8), layout="constrained")[1]
ax.scatter(*real.T, s=6, color="0.65", label="real")
ax.scatter(*samples_on_a_curve(2000).T, s=2, color=plotting.PALETTE[5], label="generated")
ax.set(xlabel="$x_1$", ylabel="$x_2$")
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), markerscale=2)
plotting.show(
    alt="Real points of two half-moons in grey, and the samples of a generator with one noise number: all of them on "
    "one orange curve, beside most of the real points."
)

# %% [markdown]
# Is it only a matter of drawing more? We measure the median distance from a real point to its nearest sample. The
# control is the same curve with a little noise added to each coordinate, which *has* a density.

# %% tags=["proof"]
from scipy.spatial import cKDTree

for count in (2000, 20_000, 200_000):
    curve = samples_on_a_curve(count)
    blurred = curve + 0.2 * rng.normal(size=curve.shape)
    of_curve, of_blurred = (np.median(cKDTree(each).query(real)[0]) for each in (curve, blurred))
    print(f"{count:7,} samples: median distance from a real point {of_curve:.3f} (with a density {of_blurred:.3f})")
assert of_curve > 0.05, "a hundred times as many samples of a curve must not come near the points beside it"
assert of_blurred < 0.1 * of_curve, "where there is a density, they must"

# %% [markdown]
# One noise number can only trace curves, and curves have no area: a real point lies beside them with probability 1, where
# the log-likelihood is $-\infty$. An image GAN with 128 noise numbers and 784 pixels is in the position of the curve. So
# **a GAN does not maximise a likelihood of the data**: it could not even say what it is.
#
# And nothing tells the generator *which* $x$ a given $z$ should become. A tempting shortcut is to give it pairs: noise
# in, some real example as the target, squared error as the loss. **Predict** what $G(z)=az+b$ learns if the data are
# $\mathcal N(2,(\tfrac12)^2)$, and the pairs are made at random.

# %% tags=["proof"]
noise, examples = rng.normal(size=5000), rng.normal(2.0, 0.5, size=5000)
a, b = np.polyfit(noise, examples, deg=1)
print(f"least squares: G(z) = {a:+.3f} z + {b:.3f}: its samples have standard deviation {abs(a):.3f}, the data 0.5")
assert abs(a) < 0.05, "noise that is not paired with data predicts nothing, so the best slope must be 0"
assert abs(b - 2) < 0.05, "and what is left is the mean of the data"

# %% [markdown]
# It learns the mean, a single point. What is needed is a loss that looks at samples *as a population*. The idea of the
# GAN: let a second network learn that loss.

# %% [markdown]
# ## The game
#
# The **discriminator** $D$ gets as many real examples as generated ones, and returns for each the probability $D(x)$ that
# it is real. What it earns is the log-probability that it gives to the truth: the mean over real ones plus the mean over generated ones,
#
# $$V(D,G)=\mathbb E_{x\sim p}\big[\log D(x)\big]+\mathbb E_{z}\big[\log(1-D(G(z)))\big],\qquad \min_G\max_D V(D,G).$$
#
# $V$ is a log-likelihood of *labels* (real, generated), not of data. $D$ wants it large, $G$ wants it small (Goodfellow et
# al., 2014, eq. 1). In a program each player descends a loss of its own. Who learns from which?

# %%
to_d = {"color": plotting.PALETTE[0], "linestyle": "--", "connectionstyle": "arc3,rad=0.35"}
to_g = {"color": plotting.PALETTE[5], "linestyle": "--", "connectionstyle": "arc3,rad=-0.35"}
D, G = "discriminator D", "generator G"
plotting.diagram(
    {"noise z": (0, 0), G: (1.3, 0), "data x": (1.3, 1.1), D: (2.9, 0.55), "$L_D$": (4.4, 1.1), "$L_G$": (4.4, 0)},
    [
        *(("noise z", G, "", {}), (G, D, "", {}), ("data x", D, "", {}), (D, "$L_D$", "", {}), (D, "$L_G$", "", {})),
        ("$L_D$", D, "D learns", to_d),
        ("$L_G$", D, "", to_g),
        (D, G, "G learns", to_g),
    ],
    shaded=[D, G],
)
plotting.show(
    alt="Boxes and arrows. Noise goes through the generator G into the discriminator D, data go into D, and D's answers "
    "into two losses. A dashed blue arrow leads from L_D back to D and ends there; a dashed orange one leads from L_G "
    "back through D to G."
)

# %% [markdown]
# Solid: what is computed. Dashed: the gradients. $L_D$ changes the weights of $D$ only. $L_G$ passes *through* $D$, whose
# weights hold still for it, and changes those of $G$: all that $G$ learns about the data comes through $D$.
#
# | player | wants | its loss |
# |---|---|---|
# | discriminator | $V$ large | $-V$, the binary cross-entropy of its labels (both halves added; Keras averages them: $-V/2$) |
# | generator, *saturating* | $V$ small | $\mathbb E_z[\log(1-D(G(z)))]$, the only part of $V$ that it can change |
# | generator, *non-saturating* | $D$ to be wrong about its samples | $-\mathbb E_z[\log D(G(z))]$ |
#
# Two losses for the same generator: that will be the second half of this lesson. First let $G$ hold still.
#
# ### The best discriminator
#
# Write $V$ as one integral over $x$, with $q$ the density of the samples (from here on we work on the line, where $G$ has
# one):
#
# $$V(D)=\int\Big(p(x)\,\log D(x)+q(x)\,\log(1-D(x))\Big)\,dx .$$
#
# 1. $D$ may be *any* function, so its value at one $x$ does not bind it at another. Maximise the integrand point by
#    point.
# 2. At a point it is $h(y)=p\log y+q\log(1-y)$, with $y=D(x)$ and the numbers $p=p(x)$, $q=q(x)$.
# 3. Its derivative is $h'(y)=\dfrac py-\dfrac q{1-y}$. Set it to 0 and solve for $y$: that is yours, in the exercise
#    below.
# 4. Its second derivative $-\dfrac p{y^2}-\dfrac q{(1-y)^2}$ is negative: the solution is the one maximum.
#
# Left, two densities and three points on the line; right, $h(y)$ at each of the three:

# %%
mixture = {"means": (-1.0, 1.0), "standard_deviation": (0.5, 1.2), "weights": (0.4, 0.6)}
data = datasets.load("mixture_1d", num_train=50_000, seed=run.seed, **mixture)
log_p, q = data.density.log_density, norm(0.0, 1.3)
x, y = np.linspace(-6, 6, 2401), np.linspace(0.001, 0.999, 999)
density_p, density_q = np.exp(log_p(x)), q.pdf(x)

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
plotting.curves({"p (data)": density_p, "q (generator)": density_q}, x=x, xlabel="x", ylabel="density", ax=left)
for at, marker, colour in zip((-1.0, 0.2, 3.5), "os^", plotting.PALETTE[2:], strict=False):
    p_here, q_here = np.exp(log_p(np.array([at])))[0], q.pdf(at)
    height = p_here * np.log(y) + q_here * np.log(1 - y)
    left.plot([at, at], [p_here, q_here], marker + "-", color=colour)
    right.plot(y, height, color=colour, label=f"x = {at}")
    right.plot(y[height.argmax()], height.max(), marker, color=colour)
    print(f"x = {at:4}: p = {p_here:.3f}, q = {q_here:.3f}, h is highest at y = {y[height.argmax()]:.3f}")
right.set(xlabel="y = D(x)", ylabel="p log y + q log(1 − y)", ylim=(-1.2, 0.02))
right.legend(frameon=False)
plotting.show(
    alt="Left, the densities of data and generator with three points marked on both. Right, for each point the curve "
    "p log y + q log(1 − y) against y; each has one maximum, marked, further right where p is larger than q."
)

# %% [markdown]
# **Exercise {exercise: BEST_PROBABILITY}.** Solve step 3. Write the best $D(x)$ from the two densities at $x$ (arrays; they are never both 0).
# The three maxima above tell you whether you are right.


# %% tags=["exercise"]
def best_probability(p, q):
    # BEGIN SOLUTION
    return p / (p + q)
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import gan_theory as exercises

check(exercises.BEST_PROBABILITY, best_probability)

# %% [markdown]
# A network returns the **logit** $\ell=\log\frac D{1-D}$. For the best discriminator the denominators cancel in
# $\frac{D^*}{1-D^*}$, and
#
# $$\ell^*(x)=\log p(x)-\log q(x).$$
#
# **The best discriminator is the log-ratio of the two densities.** It has never seen either of them, only samples.
# (Estimating a ratio by classifying is older than GANs: Gutmann & Hyvärinen, 2010, trained models by it.)
#
# Is this what a network learns? The data are those of the figure. The generator is $G(z)=1.3\,z$, held still by
# `generator_scale=0`, so that only $D$ moves.

# %%
from course_lib import networks
from course_lib.exact import optimal_logit
from course_lib.formulas import adversarial
from course_lib.models import GAN

keras.utils.set_random_seed(run.seed)
generator = networks.dense_generator(1, (1,), (), output_activation=None)
generator.set_weights([np.array([[1.3]]), np.array([0.0])])
discriminator = networks.dense_discriminator((1,), (32, 32), activation="tanh")
game = GAN(generator, discriminator, adversarial.non_saturating, seed=run.seed)
epochs = run.pick(cpu=20, gpu=60)
game.compile(learning_rate=keras.optimizers.schedules.CosineDecay(0.01, 100 * epochs), generator_scale=0)
history = game.fit(data.x_train, epochs=epochs, batch_size=500, verbose=0).history

# %% [markdown]
# We compare logits, which is stricter than comparing probabilities. The region holds 99 % of the mass of what $D$ was shown:
# the mixture $m=\frac12(p+q)$, without half a per cent at each end. Outside there is hardly an example to learn from.


# %% tags=["proof"]
def trained_logit(x):
    return ops.convert_to_numpy(discriminator(np.float32(x)[:, None]))[:, 0].astype("float64")


middle = (density_p + density_q) / 2
share = np.cumsum(middle) / middle.sum()
inside = (share > 0.005) & (share < 0.995)
best = optimal_logit(x, log_p, q.logpdf)
error = np.abs(trained_logit(x) - best)
typical = np.sum((middle * error)[inside]) / middle[inside].sum()
low, high = best[inside].min(), best[inside].max()
print(f"between {x[inside][0]:.2f} and {x[inside][-1]:.2f} the best logit runs from {low:.2f} to {high:.2f}")
print(f"error of the trained logit: {typical:.3f} on average, {error[inside].max():.2f} at most")
assert typical < 0.06, "where the examples are, the trained logit must be log p − log q"
assert error[inside].max() < 0.7, "and it must not be far off anywhere on the region with 99 % of the mass"

# %%
ax = plt.subplots(figsize=(6, 3), layout="constrained")[1]
for margin in ((-6, x[inside][0]), (x[inside][-1], 6)):
    ax.axvspan(*margin, color="0.92")
ax.axhline(0.5, color="0.8", linewidth=1)
ax.plot(x, sigmoid(best), color="black", label="$D^*=p/(p+q)$")
ax.plot(x, sigmoid(trained_logit(x)), "--", color=plotting.PALETTE[5], label="trained D")
ax.set(xlabel="x", ylabel="probability of “real”", ylim=(0, 1))
ax.legend(frameon=False)
plotting.show(
    alt="The probability of real against x: the best discriminator, a black curve with several bends, and the trained "
    "one, dashed, which follows it between two grey margins."
)

# %% [markdown]
# Where $q$ is larger than $p$ (see above), $D^*$ is below ½, and the other way round. The trained $D$
# (dashed) follows it through all the bends. In the grey margins, where it saw one example in a hundred, it may say
# anything: a generator whose samples lie *there* learns from a discriminator that knows nothing.
#
# In a running notebook the next figure has sliders for the generator. **Say first:** can you move $q$ so that $D^*$ is ½
# everywhere? And where will $D^*$ go when $q$ is a needle?


# %%
def best_answer_to(mean_of_q, deviation_of_q):
    q = norm(mean_of_q, deviation_of_q)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
    plotting.curves({"p (data)": density_p, "q (generator)": q.pdf(x)}, xlabel="x", ylabel="density", x=x, ax=left)
    right.axhline(0.5, color="0.8", linewidth=1)
    right.plot(x, sigmoid(optimal_logit(x, log_p, q.logpdf)), color="black")
    right.set(xlabel="x", ylabel="D*(x)", ylim=(-0.02, 1.02))
    return figure


plotting.slider(
    best_answer_to,
    mean_of_q=(-3.0, 3.0, 0.0),
    deviation_of_q=(0.2, 3.0, 1.3),
    alt="Left, the density of the data with two hills, and that of the generator with one. Right, the best discriminator: "
    "above one half where the data are denser, below where the generator is.",
)

# %% [markdown]
# One bell can never be two hills: $D^*$ keeps its bends where the densities differ. At a needle $D^*$ falls towards 0, and
# elsewhere it is 1: no generated point comes from there, so "real" is always right.

# %% [markdown] tags=["deeper"]
# ### Nobody beats it
#
# $V(D)\le V(D^*)$ for **every** $D$, by construction. Here are several, on the exact densities, by an integral. The unit
# of measure is what $D^*$ gains over a coin flip, $D=\frac12$. **Predict:** which share of this gain is lost if all
# logits are twice too large?

# %% tags=["proof"]
from course_lib.exact import discriminator_value, optimal_value

candidates = {
    "a coin flip, D = ½": np.zeros_like,
    "a straight line": lambda x: 0.3 * x,
    "logits doubled (too sure)": lambda x: 2 * optimal_logit(x, log_p, q.logpdf),
    "logits halved (too timid)": lambda x: 0.5 * optimal_logit(x, log_p, q.logpdf),
    "D*, moved by 0.3": lambda x: optimal_logit(x - 0.3, log_p, q.logpdf),
    "the trained network": trained_logit,
}
highest = optimal_value(log_p, q.logpdf, -9, 9)
values = {name: discriminator_value(logit, log_p, q.logpdf, -9, 9) for name, logit in candidates.items()}
lost = {name: (highest - value) / (highest - values["a coin flip, D = ½"]) for name, value in values.items()}
for name, value in values.items():
    print(f"{name:27} V = {value:.5f}, loses {100 * lost[name]:6.1f} % of what D* gains over a coin flip")
print(f"{'D* = p/(p + q)':27} V = {highest:.5f}")
assert min(lost.values()) >= 0, "no discriminator may score higher than p/(p + q) on the exact densities"
assert lost["the trained network"] < 0.02, "and a network that never saw the formula must come close to its value"

# %% [markdown]
# The trained network loses next to nothing, and too sure is much worse than too timid: halved logits lose about a fifth
# of the gain, doubled ones about two thirds.
#
# **But on a sample?** In practice $V$ is an average over examples, and the theorem is about expectations. Draw 30 real
# and 30 generated points. How often does $D^*$ itself score above $V(D^*)$? And what does a discriminator score that
# simply *remembers* the 60 points, and gives each $x$ the label of its nearest one?

# %%
few_p, few_q = data.density.sample(30, seed=run.seed + 1)[:, 0], q.rvs(30, random_state=run.seed + 1)


def score(logit, real, fake):
    return np.mean(-np.logaddexp(0, -logit(real))) + np.mean(-np.logaddexp(0, logit(fake)))


def nearest_neighbour(x):
    distances = [np.abs(np.subtract.outer(x, known)).min(axis=1) for known in (few_p, few_q)]
    return np.where(distances[0] < distances[1], 6.0, -6.0)


# %% tags=["proof"]
scores = [
    score(
        lambda x: optimal_logit(x, log_p, q.logpdf),
        data.density.sample(30, seed=run.seed + s)[:, 0],
        q.rvs(30, random_state=run.seed + 1000 + s),
    )
    for s in range(300)
]
on_sample, exact = (
    score(nearest_neighbour, few_p, few_q),
    discriminator_value(nearest_neighbour, log_p, q.logpdf, -9, 9),
)
print(f"V(D*) = {highest:.3f}; on samples of 30 D* scores {np.min(scores):.2f} to {np.max(scores):.2f}", end=", ")
print(f"{100 * np.mean(np.array(scores) > highest):.0f} % of the time above V(D*)")
print(
    f"the one that remembers scores {on_sample:.3f} on the 60 points it knows, and {exact:.2f} on the exact densities"
)
assert 0.3 < np.mean(np.array(scores) > highest) < 0.7, "D* must beat its own expectation about half of the time"
assert on_sample > highest > exact, "who remembers must beat D* on its own points, and lose on the densities"

# %% [markdown]
# $D^*$ lands above its own expectation about half of the time. The one that remembers is nearly perfect on the points it
# knows, and far worse than a coin flip on new ones. So a discriminator with a *high* training score may have memorised:
# look at its score on held-out examples.
#
# **Exercise {exercise: UNEQUAL_NUMBERS}.** Suppose $D$ is shown $n$ real and $k$ generated examples, not equally many. Derive its best *logit*
# (step 2 with $n\,p$ and $k\,q$ in the place of $p$ and $q$).


# %% tags=["exercise"]
def best_logit(log_p, log_q, num_real, num_fake):
    # BEGIN SOLUTION
    return log_p - log_q + np.log(num_real / num_fake)
    # END SOLUTION


# %%
check(exercises.UNEQUAL_NUMBERS, best_logit)

# %% [markdown]
# ## What the best discriminator measures
#
# Put $D^*$ into $V$. Let $m=\frac12(p+q)$ be the mixture.
#
# 1. $V(D^*)=\mathbb E_p\Big[\log\dfrac{p}{p+q}\Big]+\mathbb E_q\Big[\log\dfrac{q}{p+q}\Big]$, because
#    $1-D^*=\dfrac q{p+q}$.
# 2. $p+q=2m$, so $\log\dfrac p{p+q}=\log\dfrac pm-\log2$, and the same for $q$.
# 3. $V(D^*)=-2\log2+\mathrm{KL}(p\,\|\,m)+\mathrm{KL}(q\,\|\,m)$.
# 4. Half of the sum of these two divergences has a name, the **Jensen–Shannon divergence** (Lin, 1991):
#    $\mathrm{JSD}(p,q)=\frac12\mathrm{KL}(p\,\|\,m)+\frac12\mathrm{KL}(q\,\|\,m)$. Hence
#
# $$V(D^*)=-\log4+2\,\mathrm{JSD}(p,q).$$
#
# The oracle comes from information theory. A label "real or generated" is one bit, log 2 nats, and JSD is how much of it
# an example gives away: the information $H(m)-\frac12H(p)-\frac12H(q)$, a difference of entropies. Those of two Gaussians
# have a closed form; only $H(m)$ is an integral.

# %% tags=["proof"]
from course_lib.exact import expectation_1d, jensen_shannon_1d, optimal_value

games = {
    "equal": (norm(0, 1), norm(0, 1)),
    "N(0, 1) and N(1, 1)": (norm(0, 1), norm(1, 1)),
    "N(0, 1) and N(0, 3²)": (norm(0, 1), norm(0, 3)),
    "far apart": (norm(-8, 1), norm(8, 1)),
}
for name, (one, other) in games.items():

    def log_m(x, one=one, other=other):
        return np.logaddexp(one.logpdf(x), other.logpdf(x)) - np.log(2)

    value = optimal_value(one.logpdf, other.logpdf, -25, 25)
    entropy_of_m = expectation_1d(lambda x, log_m=log_m: -log_m(x), log_m, -25, 25)
    information = entropy_of_m - (one.entropy() + other.entropy()) / 2
    print(f"{name:21} V(D*) = {value:9.6f}   −log 4 + 2 × information = {-np.log(4) + 2 * information:9.6f}", end="   ")
    print(f"JSD = {jensen_shannon_1d(one.logpdf, other.logpdf, -25, 25):.4f}")
    assert abs(value - (-np.log(4) + 2 * information)) < 1e-6, "V(D*) must be −log 4 + 2 JSD"

# %% [markdown]
# And the loss of the network trained above, which knows no formula? Minus its value should be near
# $\log4-2\,\mathrm{JSD}$ of *its* two densities:

# %% tags=["proof"]
expected = np.log(4) - 2 * jensen_shannon_1d(log_p, q.logpdf, -9, 9)
measured = np.mean(history["discriminator_loss"][-5:])
print(f"the trained discriminator's loss {measured:.4f}, log 4 − 2 JSD = {expected:.4f}, a coin flip {np.log(4):.4f}")
assert abs(measured - expected) < 0.01, "a trained discriminator's loss must measure the JSD"

# %% [markdown]
# ### Between 0 and log 2
#
# * **JSD ≥ 0**, and 0 only if $p=q$: it is a mean of two KL divergences, and these are never negative (lesson {number: the_elbo}). Each
#   is 0 only if $p=m$, and that means $p=q$.
# * **JSD ≤ log 2**: since $p\le p+q=2m$, we have $\log\frac pm\le\log2$ at every point, and the same for $q$. It *is*
#   log 2 if $p$ and $q$ never overlap: there $p=2m$ wherever $p$ has mass.
# * **Symmetric**, because $m$ is. **Always finite**, unlike KL: $m$ has mass wherever $p$ or $q$ has.
#
# So it must run into a ceiling. **Predict** its curve, and that of KL, as $\mathcal N(b,1)$ moves away from
# $\mathcal N(0,1)$.

# %% tags=["proof"]
distances = np.linspace(0, 8, 81)
divergence = np.array([jensen_shannon_1d(norm.logpdf, norm(b, 1).logpdf, -12, 20, 3001) for b in distances])
ax = plotting.curves(
    {"KL = b²/2": distances**2 / 2, "JSD": divergence}, x=distances, xlabel="distance b", ylabel="divergence / nats"
)
ax.axhline(np.log(2), color="0.5", linestyle="--")
ax.text(8, 0.72, "log 2", ha="right", va="bottom")
ax.set_ylim(-0.05, 1.6)
plotting.show(
    alt="KL and Jensen–Shannon divergence against the distance of two Gaussians. KL rises as a parabola; JSD "
    "flattens and stays at its ceiling, log 2."
)
print(f"JSD at b = 3: {divergence[30]:.4f}, at b = 6: {divergence[60]:.4f}, at b = 8: {divergence[80]:.4f}", end="; ")
print(f"log 2 = {np.log(2):.4f}")
assert (np.diff(divergence) > 0).all(), "JSD must rise with the distance"
assert divergence[-1] < np.log(2), "and stay below log 2"
assert np.log(2) - divergence[60] < 0.005, "and six standard deviations away it must be nearly there"

# %% [markdown]
# From about six standard deviations on, JSD lies at its ceiling: it *cannot tell far from farther*. KL goes on rising.
# Keep this flat part in mind, and the first picture with it: a curve and an area never overlap at all, so there JSD is
# log 2 *wherever* the curve lies ({lesson: wasserstein_gans} has a remedy).

# %% [markdown] tags=["deeper"]
# #### Write it for dice
#
# **Exercise {exercise: JENSEN_SHANNON}.** Write JSD for pairs of dice: `p` and `q` are `(batch, faces)`, rows sum to 1, **and some
# probabilities are 0**. Return nats, `(batch,)`.


# %% tags=["exercise"]
def my_jensen_shannon(p, q):
    # BEGIN SOLUTION
    m = (p + q) / 2
    divergences = [np.sum(a * np.log(np.where(a > 0, a, 1) / np.where(a > 0, m, 1)), axis=-1) for a in (p, q)]
    return (divergences[0] + divergences[1]) / 2
    # END SOLUTION


# %%
check(exercises.JENSEN_SHANNON, my_jensen_shannon)

# %% [markdown]
# ### What the generator could win
#
# At the best discriminator, $V$ is smallest where JSD is: **exactly** if $q=p$, and nowhere else. That is the theorem that GANs rest on (Goodfellow et al., 2014, theorem 1). Mind what it assumes:
# a $D$ that is optimal *at every moment*, a $D$ and a $G$ that can be any function, and densities rather than examples.
# It does not say that two networks that take small steps *find* this point
# ({lesson: stability_and_mode_collapse}).
#
# **Exercise {exercise: EQUILIBRIUM}: predict.** The perfect game: $q=p$, and $D$ is the best there is. Give $D(x)$, $V$, the discriminator's
# loss $-V$ and the non-saturating loss of the generator (nats), in a dictionary with the keys `"D"`, `"V"`,
# `"discriminator_loss"` and `"generator_loss"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
at_the_end = {"D": 0.5, "V": -np.log(4), "discriminator_loss": np.log(4), "generator_loss": np.log(2)}
# END SOLUTION

# %%
check(exercises.EQUILIBRIUM, at_the_end)

# %% [markdown]
# ## Two losses for one generator
#
# The gradient reaches the generator through one number a sample, the logit $\ell$ of $D$ (the orange arrow). So look at the
# two losses as functions of it. With $D=\sigma(\ell)=1/(1+e^{-\ell})$ the derivative is $\frac{dD}{d\ell}=D(1-D)$, and by the chain
# rule
#
# $$\frac{d}{d\ell}\log(1-D)=-\frac{D(1-D)}{1-D}=-D,\qquad\qquad \frac{d}{d\ell}\big(-\log D\big)=-\frac{D(1-D)}{D}=-(1-D).$$
#
# Both are negative: both generators want the logit to rise. They differ in *when* they want it most. **Proof**, by
# automatic differentiation of the library's objectives:

# %% tags=["proof"]
from course_lib.formulas import input_gradient

logits = np.linspace(-6, 6, 25).astype("float32")
D = sigmoid(logits)
slopes = {}
for name, objective, formula in (
    ("saturating, log(1 − D)", adversarial.minimax, -D),
    ("non-saturating, −log D", adversarial.non_saturating, -(1 - D)),
):
    slopes[name] = ops.convert_to_numpy(input_gradient(lambda logit, of=objective: of(logit, logit, logit)[1], logits))
    print(f"{name}: {slopes[name][[4, 12, 20]].round(4)} at ℓ = −4, 0, 4; formula {formula[[4, 12, 20]].round(4)}")
    assert np.abs(slopes[name] - formula).max() < 1e-6, "the slope for each logit must be −D, or −(1 − D)"

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
losses = {"saturating, log(1 − D)": np.log1p(-D), "non-saturating, −log D": -np.log(D)}
plotting.curves(losses, x=logits, xlabel="logit of a sample", ylabel="loss / nats", ax=left)
plotting.curves(slopes, x=logits, xlabel="logit of a sample", ylabel="slope / nats per unit of logit", ax=right)
for ax in (left, right):
    ax.axvspan(-6, -2, color="0.92", zorder=0)
    ax.text(-5.8, 0.3, "D is sure:\ngenerated", transform=ax.get_xaxis_transform(), fontsize=9)
    ax.get_legend().remove()
left.legend(frameon=False, loc="upper right")
plotting.show(
    alt="Left, the two generator losses against the logit of a sample; right, their slopes. In the grey region, "
    "where D is sure, the saturating loss is flat and the non-saturating one has its full slope."
)

# %% [markdown]
# Once $D$ has learned and $G$ has not, every sample is easily told from real ones: all logits lie in the grey part. There
# the saturating loss (blue) is flat, its slope is $-D\approx0$: the worse the samples, the *less* the generator learns
# from them. The non-saturating loss (orange) has its full slope $-1$ there, and is flat where a sample is already taken
# for real. That is why it was proposed along with the game itself (Goodfellow et al., 2014, section 3); StyleGAN is
# trained by it. ({lesson: gan_losses} has the other usual ones, and one rule for all.)
#
# At the best $D$ the saturating loss *must* fall silent far away: it is $V$, and the JSD has reached its ceiling. The
# generator is worst exactly where its loss is flat.
#
# **Exercise {exercise: WHICH_LOSS}: which loss am I?** Four losses, `exercises.unknown_losses["A"]` to `["D"]`, are functions of a logit. One
# is the saturating loss of the generator, one its non-saturating loss, one the sum of both, and one the discriminator's
# loss for a generated example. Take differences at ℓ = −4, 0, 4 and name them: `{"A": …, "B": …, "C": …, "D": …}` with
# `"saturating"`, `"non-saturating"`, `"sum"` and `"discriminator"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
for name, unknown in exercises.unknown_losses.items():
    print(name, [round(float(unknown(at + 1e-4) - unknown(at - 1e-4)) / 2e-4, 3) for at in (-4.0, 0.0, 4.0)])
who_is_who = {"A": "non-saturating", "B": "discriminator", "C": "sum", "D": "saturating"}
# END SOLUTION

# %%
check(exercises.WHICH_LOSS, who_is_who)

# %% [markdown]
# ## Write the losses, and train
#
# **Exercise {exercise: TWO_LOSSES}: write the game.** Now the real piece: the discriminator's loss and the generator's non-saturating loss in
# `keras.ops`, one value per example, to be *minimised*. `fake_logits` and `generator_logits` are the logits of the same
# samples; the first are for $L_D$, the second for $L_G$ (the model stops the gradients as in the diagram). Logits of ±900
# must not hurt. The check compares values, then trains one round with your losses and looks how both networks moved.


# %% tags=["exercise"]
def two_losses(real_logits, fake_logits, generator_logits):
    # BEGIN SOLUTION
    discriminator_loss = ops.softplus(-real_logits) + ops.softplus(fake_logits)
    return discriminator_loss, ops.softplus(-generator_logits)
    # END SOLUTION


# %%
check(exercises.TWO_LOSSES, two_losses)

# %% [markdown]
# The smallest GAN that can be right: $G(z)=az+b$, data $\mathcal N(2,(\frac12)^2)$. Perfect is $b=2$ and $|a|=\frac12$:
# the noise is symmetric, so $-\frac12$ is as good. It starts at $a=1$, $b=0$, and $a$ and $b$ are kept after each epoch.
# (The library's `non_saturating` is what you have just written; put your own in its place.)

# %%
objective = adversarial.non_saturating  # once the check says "right": objective = two_losses
data_2 = np.random.default_rng(run.seed).normal(2.0, 0.5, size=(4000, 1))


def fitted(objective, epochs):
    keras.utils.set_random_seed(run.seed)
    made = networks.dense_generator(1, (1,), (), output_activation=None)
    made.set_weights([np.array([[1.0]]), np.array([0.0])])
    gan = GAN(made, networks.dense_discriminator((1,), (16, 16), activation="tanh"), objective, seed=run.seed)
    gan.compile(learning_rate=0.005)
    path = [[1.0, 0.0]]
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: path.append([float(weight.item()) for weight in made.get_weights()])
    )
    history = gan.fit(data_2, epochs=epochs, batch_size=200, verbose=0, callbacks=[keep]).history
    return gan, np.array(path), history


gan, path, history = fitted(objective, epochs=90)

# %% [markdown]
# Both players keep moving, batch by batch, so we read the *average* of the last third.

# %% tags=["proof"]
last = path[-30:]
scale, shift = np.abs(last[:, 0]).mean(), last[:, 1].mean()
loss = np.mean(history["discriminator_loss"][-30:])
print(f"|a| = {scale:.3f} (data: 0.5), b = {shift:.3f} (data: 2)")
print(f"on the way |a| was as small as {np.abs(path[:, 0]).min():.3f}")
print(f"the discriminator's loss is {loss:.4f}, log 4 = {np.log(4):.4f}")
assert abs(scale - 0.5) < 0.05 * 0.5, "|a| must come within 5 % of the data's standard deviation"
assert abs(shift - 2) < 0.05 * 2, "b must come within 5 % of the data's mean"
assert abs(loss - np.log(4)) < 0.01, "if q is p, the best discriminator is a coin flip with loss log 4"
assert np.abs(path[:, 0]).min() < 0.1, "on the way the samples shrink almost to a point"

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained", width_ratios=(1.3, 1))
plotting.curves({"a": path[:, 0], "b": path[:, 1]}, x=np.arange(len(path)), xlabel="epoch", ylabel="value", ax=left)
left.legend(frameon=False, loc="center right")
for height in (-0.5, 0.5, 2.0):
    left.axhline(height, color="0.7", linestyle=":", zorder=0)
bins = np.linspace(0, 4, 41)
right.hist(data_2[:, 0], bins, density=True, color="0.8", label="real")
right.hist(
    gan.sample(4000, seed=1)[:, 0], bins, density=True, histtype="step", color=plotting.PALETTE[5], label="generated"
)
right.set(xlabel="x", ylabel="density")
right.legend(frameon=False)
plotting.show(
    alt="Left, the generator's two parameters against the epoch, which approach dotted lines, the right answers, "
    "after a detour. Right, the histogram of the samples lies over that of the data."
)

# %% [markdown]
# Dotted: the right answers. First $b$ hurries to the data while $a$ shrinks, almost to a point; only when the samples sit
# in the middle do they spread out again. Why shrink? Seen from far away $D$ is a slope: *every* sample is sent the same
# way, to the one place that looks most real. That is a **mode collapse** in passing; some games stay in it ({lesson: stability_and_mode_collapse}). And
# at the end the loss is log 4, in which *nobody can see that the fit is good*: a discriminator too weak to learn has the
# same loss.
#
# ### The game as it moves
#
# In two dimensions the game can be watched. The data are a ring of eight modes. The generator turns four noise numbers
# into a point. Three things are kept after every epoch: the probability $D(x)=\sigma(\ell(x))$ everywhere, some samples, and at
# each sample the direction $-\nabla_x\,\mathrm{softplus}(-\ell(x))=(1-D(x))\,\nabla_x\ell(x)$ in which its loss falls
# fastest: this, and nothing else, is what the generator learns about the data. **Predict:** do the arrows point up or down
# the slope of $D$? And what will $D$ look like when the generator is nearly right?

# %%
ring = datasets.toy.ring(standard_deviation=0.15).sample(4000, seed=run.seed).astype("float32")
side = np.linspace(-3, 3, 41, dtype="float32")
plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
some_noise = np.random.default_rng(1).normal(size=(150, 4)).astype("float32")

keras.utils.set_random_seed(run.seed)
ring_generator = networks.dense_generator(4, (2,), (64, 64), output_activation=None)
ring_discriminator = networks.dense_discriminator((2,), (64, 64))

# %% [markdown]
# What is kept of a moment:

# %%
moments = []


def look(epoch=None, logs=None):
    points = ops.convert_to_numpy(ring_generator(some_noise))
    believed = ops.convert_to_numpy(ops.sigmoid(ring_discriminator(plane))).reshape(41, 41)
    arrows = -input_gradient(lambda x: ops.softplus(-ring_discriminator(x)), points)
    moments.append((believed, points, ops.convert_to_numpy(arrows)))


look()
ring_gan = GAN(ring_generator, ring_discriminator, adversarial.non_saturating, seed=run.seed)
ring_gan.compile(learning_rate=0.002)
keras.utils.set_random_seed(run.seed)
ring_gan.fit(ring, epochs=60, batch_size=200, verbose=0, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=look)])


def draw(epoch, ax=None):
    believed, points, arrows = moments[epoch]
    ax = plotting.discriminator_field(believed, ring[:300], points, 0.7 * arrows, ax=ax)
    ax.set_title("untrained" if epoch == 0 else f"{epoch} epochs")
    return ax


# %%
figure, columns = plt.subplots(1, 4, figsize=(11, 3), layout="constrained", sharey=True)
for epoch, ax in zip((0, 9, 20, 60), columns, strict=True):
    draw(epoch, ax).label_outer()
plotting.show(
    alt="Four moments of a game in the plane, untrained and after 9, 20 and 60 epochs: a field of the discriminator "
    "from blue for real to red for generated, a ring of grey data, and orange samples with arrows up the slope, "
    "which move towards the data."
)

# %% [markdown]
# Four moments. Grey: real points. Orange: generated ones, with their arrows. Blue: $D$ says "real"; red: "generated". And
# all moments one after another (the film plays by itself; if it does not where you read this, nothing is missing: the four
# pictures above are from it):

# %%
plotting.moving_picture(
    draw,
    range(0, 61, 4),
    alt="The same game as a film, from untrained to 60 epochs: the orange samples follow their arrows to the ring of grey "
    "data, while the discriminator's field changes under them.",
    seconds=0.4,
)

# %% [markdown]
# The arrows point *up* the slope of $D$, from red to blue, and they are long where the logit is steep and $D$ is not yet
# fooled. Early, the boundary of $D$ is nearly straight, and the samples run as a swarm; $D$ turns, they run elsewhere.
# They settle on the ring only when the boundary closes around it. Late, the field is pale wherever samples and data are
# mixed: there $D$ can no longer tell, $D=p/(p+q)\approx\frac12$.
#
# ### Find the bug
#
# A colleague writes the generator's loss from memory: "binary cross-entropy of the discriminator's answer for my
# samples", which are generated, so the label is 0. The loss is non-negative, smooth, and it falls. **Watch what the
# generator does**, beside the right loss: same networks, start, data and noise.


# %% tags=["proof"]
def from_memory(real_logits, fake_logits, generator_logits):
    discriminator_loss, _ = adversarial.non_saturating(real_logits, fake_logits, generator_logits)
    return discriminator_loss, ops.softplus(ops.reshape(generator_logits, (-1,)))


_, wrong_path, history = fitted(from_memory, epochs=25)
first, final = (history["generator_loss"][epoch] for epoch in (0, -1))
print(f"the generator's loss falls from {first:.3f} to {final:.3f} nats; the data lie at 2")
print("b after 0, 5, 10, …, 25 epochs:", wrong_path[::5, 1].round(2))
print("           with the right loss:", path[:26:5, 1].round(2))
assert final < 0.5 * first, "the symptom: the loss falls, as if all were well"
assert wrong_path[-1, 1] < 0 < 1 < path[25, 1], "and the samples move away from the data; with the right loss they come"

# %% [markdown]
# The loss gets better and better, and the samples move *away* from the data, until $D$ is sure and its slope is gone.
# The two networks **co-operate**: both want $D$ to call the samples generated, and running away makes that easy. The label
# in the generator's loss is what it *wants to hear*, 1. (Does your `two_losses` pass this test? Try it.)

# %% [markdown] tags=["deeper"]
# ## Who invented what, and when
#
# | | |
# |---|---|
# | before | hidden Markov models and mixtures (decades in practice), Boltzmann machines (1980s), deep belief networks (Hinton, Osindero & Teh, 2006), NADE (2011) |
# | 2010 | noise-contrastive estimation: fit a density by classifying data against noise (Gutmann & Hyvärinen) |
# | 20 Dec 2013 | VAE: Kingma & Welling, Amsterdam; independently Rezende, Mohamed & Wierstra, 16 Jan 2014 |
# | 10 Jun 2014 | GAN: Goodfellow and seven colleagues, **Université de Montréal**, with both generator losses |
# | 2016 | f-GAN (Nowozin, Cseke & Tomioka): a game for each f-divergence ({lesson: gan_losses}) |
# | 2017 | what the non-saturating generator descends (Arjovsky & Bottou, theorem 2.5: {lesson: gan_losses}); Wasserstein GAN ({lesson: wasserstein_gans}) |
#
# And how the two families compare:
#
# | | VAE | GAN |
# |---|---|---|
# | density of the model | explicit: $\int p(z)\,p(x\mid z)\,dz$, bounded from below | implicit: samples only |
# | second network | encoder, an approximate posterior | discriminator, a log-ratio |
# | training | one objective climbed by both networks | a game: two losses |
# | in the ideal case | descends $\mathrm{KL}(p\,\Vert\,q)$ | the saturating one: $2\,\mathrm{JSD}$ |
# | typical failure | blur (of a Gaussian decoder), junk between the modes | missing modes |
# | discrete data (text) | any likelihood will do | hard: no gradient passes through a chosen symbol |
# | its own number tells quality | yes, the held-out bound | no, see the quiz |
#
# **Exercise {exercise: WHO_CAME_FIRST}.** Put in order, oldest first, as a tuple of words: `"theorem 2.5"`, `"GAN"`, `"deep belief network"`,
# `"VAE"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
oldest_first = ("deep belief network", "VAE", "GAN", "theorem 2.5")
# END SOLUTION

# %%
check(exercises.WHO_CAME_FIRST, oldest_first)

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> The discriminator's loss has settled at 1.386. Is the generator perfect?</summary>
#
# It may be: a perfect one leaves $D$ a coin flip, with loss log 4. But a discriminator that has learned nothing also has
# this loss, whatever the samples look like. The theorem speaks of the *best* $D$. So look at samples.
# </details>
#
# <details><summary><b>2.</b> "V is the log-likelihood, and the generator maximises it." What is wrong?</summary>
#
# $V$ is the log-likelihood of the *labels* under the discriminator, and the generator makes it small. A likelihood of the
# *data* under the generator occurs nowhere: usually it has no density.
# </details>
#
# <details><summary><b>3.</b> Keras reports a discriminator's loss of 0.693, this lesson calls the same state 1.386. Who is right?</summary>
#
# Both: Keras averages over the whole batch, half of it real and half generated; $-V$ adds the two means. A factor of 2 in
# $D$'s loss is a factor of 2 in its gradient: with SGD it doubles the step, with Adam it hardly matters.
# </details>
#
# <details><summary><b>4.</b> "The saturating and the non-saturating game have the same equilibrium, so it does not matter which one is used." Right?</summary>
#
# The equilibrium is the same, the way to it is not: where $D$ is sure, one gradient is nearly 0 and the other is at its
# full size. And against $D^*$ they descend different divergences ({lesson: gan_losses}).
# </details>
#
# <details><summary><b>5.</b> A script builds a network from noise to data and calls `predict` on noise, under the comment "train". What has it learned?</summary>
#
# Nothing: no step was taken, there are no data in it and no discriminator. Look for an optimiser whose step counter moves.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **explained** that a generator is a sampler, mostly without a density, and **drawn** that $L_D$ changes $D$, and $L_G$
#   passes through $D$ to $G$;
# * **derived** $D^*=p/(p+q)$ point by point, and **measured** a trained network against its logit $\log p-\log q$;
# * **proved** $V(D^*)=-\log4+2\,\mathrm{JSD}$ with $0\le\mathrm{JSD}\le\log2$, and **predicted** $D=\frac12$, log 4 and
#   log 2 at the end;
# * **compared** the slopes $-D$ and $-(1-D)$: where $D$ is sure, only the second teaches the generator anything;
# * **written** both losses, **fitted** $\mathcal N(2,(\frac12)^2)$ to 5 %, and **recognised** co-operation by samples that
#   run away while the loss falls.
#
# **To take home:** the best discriminator is the log-ratio $\log p-\log q$, and the value of the game at it is a
# Jensen–Shannon divergence, $-\log4+2\,\mathrm{JSD}$.
#
# **Go further.** Replace the ring by a generator with two noise numbers, then with one: what happens to the gaps between
# the modes? *Next:* what the generator descends with each of the usual losses ({lesson: gan_losses}).
#
# **Touch it:** [a GAN in the plane](../docs/explorables/gan_in_the_plane/index.html).
#
# **References.** Lin (1991), *Divergence measures based on the Shannon entropy*, IEEE Trans. Inf. Theory 37. · Hinton,
# Osindero & Teh (2006), *A fast learning algorithm for deep belief nets*, Neural Computation 18. · Gutmann & Hyvärinen
# (2010), *Noise-contrastive estimation*, AISTATS. · Larochelle & Murray (2011), *The neural autoregressive distribution
# estimator*, AISTATS. · Kingma & Welling (2014), *Auto-encoding variational Bayes*, arXiv:1312.6114. · Rezende, Mohamed &
# Wierstra (2014), *Stochastic backpropagation and approximate inference in deep generative models*, arXiv:1401.4082. ·
# Goodfellow et al. (2014), *Generative adversarial networks*, arXiv:1406.2661. · Nowozin, Cseke & Tomioka (2016),
# *f-GAN*, arXiv:1606.00709. · Mohamed & Lakshminarayanan (2016), *Learning in implicit generative models*,
# arXiv:1610.03483. · Arjovsky & Bottou (2017), *Towards principled methods for training generative adversarial networks*,
# arXiv:1701.04862. · Karras, Laine & Aila (2019), *A style-based generator architecture for generative adversarial
# networks*, arXiv:1812.04948.

# %% [markdown] tags=["slide"]
# # GAN theory: a game whose value is a divergence
#
# A network turns noise into samples. A second one says which samples are real. Nobody writes down a likelihood.
#
# **What does the game between the two measure, and how does the first one learn from it?**

# %% [markdown] tags=["notes"]
# 2 min. Ask who has seen a GAN sample, and who can say what its loss measures. Do not answer yet. Needed from before: KL in both directions, logits, binary cross-entropy. Nothing about GANs.

# %% [markdown] tags=["slide"]
# ## A sampler without a density
#
# $$z\sim\mathcal N(0,I),\qquad x=G(z)$$
#
# + You can draw from it as often as you like: $q$ is the distribution of its samples, $p$ that of the data.
# + You cannot ask how probable a given $x$ is: the model is **implicit**.
# + Often there *is* no density: one noise number, two outputs.

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong answer: "the density is there, it is only hard to compute". With fewer noise numbers than outputs there is none. Leave out the measure theory.

# %% [markdown] tags=["slide"]
# ## Predict: which share of the real points has positive density here?
#
# One noise number, two outputs.
#
# . . .
#
# {figure: a-sampler-without-a-density-2}
#
# None: the curve has no area.

# %% [markdown] tags=["notes"]
# 3 min. Let them vote: all, half, none. Many say "half, those near the curve". Ask what happens with a hundred times as many samples: the distance to the real points hardly falls, because the curve stays a curve.

# %% [markdown] tags=["slide"]
# ## The game
#
# $$V(D,G)=\mathbb E_{x\sim p}\big[\log D(x)\big]+\mathbb E_{z}\big[\log(1-D(G(z)))\big]$$
#
# . . .
#
# $$\min_G\,\max_D\;V(D,G)$$
#
# + $D(x)$: the probability that $x$ is real.
# + $V$ is a log-likelihood of the *labels*, not of the data.

# %% [markdown] tags=["notes"]
# 3 min. Read the formula aloud, term by term. The usual wrong answer: "V is the likelihood and G maximises it". G makes it small, and no likelihood of data occurs anywhere.

# %% [markdown] tags=["slide"]
# ## Who learns from which loss?
#
# {figure: the-game-2}
#
# Solid: computed. Dashed: gradients. All that $G$ learns about the data comes *through* $D$.

# %% [markdown] tags=["notes"]
# 2 min. Ask: which arrow would be missing if somebody froze D for ever? Leave out the code of the two gradients; that is the lesson on training.

# %% [markdown] tags=["slide"]
# ## The best discriminator, point by point
#
# $$V(D)=\int\Big(p(x)\,\log D(x)+q(x)\,\log(1-D(x))\Big)\,dx$$
#
# + $D$ may be any function: maximise at each $x$ alone.
# + There, with $y=D(x)$: $\;h(y)=p\log y+q\log(1-y)$.
# + $h'(y)=\dfrac py-\dfrac q{1-y}$, and $h''<0$: there is one maximum.

# %% [markdown] tags=["notes"]
# 3 min. Derive on the board, with the class. Stop before solving h' = 0: that is their exercise.

# %% [markdown] tags=["slide"]
# ## Three points, three maxima
#
# {figure: the-best-discriminator-2}
#
# {output: the-best-discriminator-2}

# %% [markdown] tags=["notes"]
# 2 min. Ask before the exercise: at which of the three must the best D be above one half? Where p is larger than q.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: BEST_PROBABILITY} · {minutes} minutes
#
# Solve $\;\dfrac py=\dfrac q{1-y}\;$ for $y$.
#
# Write `best_probability(p, q)` in the notebook, and test it on the three points.

# %% [markdown] tags=["notes"]
# 5 min. Usual wrong answers: q/(p + q), the probability of *generated*; p/q, the ratio, which is no probability; (p + q)/2, the density of the mixture. The check names each of them.

# %% [markdown] tags=["slide"]
# ## The best discriminator is a log-ratio
#
# $$D^*(x)=\frac{p(x)}{p(x)+q(x)}$$
#
# . . .
#
# $$\ell^*(x)=\log\frac{D^*}{1-D^*}=\log p(x)-\log q(x)$$
#
# . . .
#
# It has seen neither density, only samples.

# %% [markdown] tags=["notes"]
# 2 min. This is the sentence of the first half. Mention Gutmann and Hyvärinen (2010) only if asked.

# %% [markdown] tags=["slide"]
# ## Predict: does a trained network find it?
#
# 32 and 32 hidden units, samples only. Where will it be wrong?
#
# . . .
#
# {figure: the-best-discriminator-8}

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong answer: "at the bends". It is wrong in the grey margins, where it saw one example in a hundred. A generator whose samples lie there learns from a D that knows nothing.

# %% [markdown] tags=["slide"]
# ## What does the best discriminator measure?
#
# With $m=\frac12(p+q)$:
#
# $$V(D^*)=\mathbb E_p\Big[\log\frac{p}{2m}\Big]+\mathbb E_q\Big[\log\frac{q}{2m}\Big]$$
#
# . . .
#
# $$=-2\log2+\mathrm{KL}(p\,\|\,m)+\mathrm{KL}(q\,\|\,m)$$
#
# . . .
#
# $$V(D^*)=-\log4+2\,\mathrm{JSD}(p,q)$$

# %% [markdown] tags=["notes"]
# 3 min. One fragment at a time; ask for the next line each time. Where the factor 2 comes from: JSD has a half before each KL.

# %% [markdown] tags=["slide"]
# ## Predict: how does JSD grow with the distance?
#
# $\mathcal N(0,1)$ against $\mathcal N(b,1)$. KL is $b^2/2$. And JSD?
#
# . . .
#
# {figure: between-0-and-log-2-2}

# %% [markdown] tags=["notes"]
# 3 min. Let them draw the curve on paper. Most draw a slower parabola. It ends at log 2: from about six standard deviations on, JSD cannot tell far from farther. Ask what the curve of the third slide gets: log 2, wherever it lies.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: EQUILIBRIUM} · {minutes} minutes
#
# The perfect game: $q=p$, and $D$ is the best there is. Predict, in nats:
#
# - $D(x)$
# - $V$
# - the discriminator's loss $-V$
# - the generator's non-saturating loss $-\log D$

# %% [markdown] tags=["notes"]
# 3 min. Usual wrong answers: D = 1, "everything looks real" (that is a fooled one); V = −log 2, one of two expectations; log 2 for the discriminator's loss, which is the mean that Keras reports.

# %% [markdown] tags=["slide"]
# ## Quiz: the discriminator's loss has settled at 1.386. Is the generator perfect?
#
# . . .
#
# It may be: then $D=\frac12$ and $-V=\log4\approx1.386$.
#
# . . .
#
# A discriminator that has learned *nothing* has this loss too. The theorem speaks of the best $D$: look at samples.

# %% [markdown] tags=["notes"]
# 2 min. Let them vote yes or no before the first fragment. This is the most useful sentence for those who will train GANs.

# %% [markdown] tags=["slide"]
# ## Two losses for one generator
#
# | | loss | slope for the logit |
# |---|---|---|
# | saturating | $\log(1-D)$ | $-D$ |
# | non-saturating | $-\log D$ | $-(1-D)$ |
#
# Both want the logit to rise. **When do they want it most?**

# %% [markdown] tags=["notes"]
# 2 min. Derive one slope on the board, with dD/dℓ = D(1 − D). Leave the other to them.

# %% [markdown] tags=["slide"]
# ## Where $D$ is sure, only one of them teaches
#
# {figure: two-losses-for-one-generator-3}

# %% [markdown] tags=["notes"]
# 2 min. Point at the grey region: all samples are there early in training. The saturating loss is flat where the generator is worst. Leave out StyleGAN.

# %% [markdown] tags=["slide"]
# ## Write the game, and train it
#
# $G(z)=az+b$, data $\mathcal N(2,(\tfrac12)^2)$.
#
# {figure: write-the-losses-and-train-6}
#
# {output: write-the-losses-and-train-5}

# %% [markdown] tags=["notes"]
# 2 min. Ask why a shrinks first: seen from far away D is a slope, and sends every sample the same way. That is a mode collapse in passing. The exercise {exercise: TWO_LOSSES} is homework.

# %% [markdown] tags=["slide"]
# ## The game as it moves
#
# {figure: the-game-as-it-moves-5}
#
# Do the arrows point up or down the slope of $D$?

# %% [markdown] tags=["notes"]
# 2 min. Up, from red to blue. At the end the field is pale where samples and data are mixed. Show the film in the notebook if there is time; it is the last thing to leave out.

# %% [markdown] tags=["slide"]
# ## Quiz: find the bug
#
# "Binary cross-entropy of the discriminator's answer for my samples. They are generated, so the label is 0." The loss falls. What happens?
#
# . . .
#
# {output: find-the-bug-2}
#
# . . .
#
# The samples move *away*: the two networks co-operate. The label is what the generator *wants to hear*: 1.

# %% [markdown] tags=["notes"]
# 2 min. Most say "it learns more slowly". The data lie at 2, and b runs to the other side.

# %% [markdown] tags=["slide"]
# ## To take home
#
# The best discriminator is the log-ratio $\log p-\log q$.
#
# The value of the game at it is a Jensen–Shannon divergence:
#
# $$V(D^*)=-\log4+2\,\mathrm{JSD}(p,q).$$
#
# *At home:* exercises {exercise: WHICH_LOSS} and {exercise: TWO_LOSSES}.

# %% [markdown] tags=["notes"]
# 1 min. Next: what the generator descends with each of the usual losses.
