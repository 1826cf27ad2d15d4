# ---
# jupyter:
#   course:
#     part: "Part III · GANs"
#     question: "What does the game between two networks optimise?"
# ---

# %% [markdown]
# # GAN theory: a game whose value is a divergence, and a generator that descends another one
#
# **The question.** A network turns noise into samples, and a second network says which samples are real. Nobody writes
# down a likelihood. What does the game between the two optimise?
#
# In this lesson you will
#
# * **explain** what a generator has instead of a density, and what a GAN therefore does *not* maximise;
# * **derive** the best discriminator, and **measure** how near a trained one comes to it;
# * **prove** that its value is $-\log 4+2\,\mathrm{JSD}$, and **predict** all losses at the end of a perfect game;
# * **compare** the two losses of a generator by their slopes, **find the bug** in a third, and **fit** a generator to
#   known data;
# * **derive** which divergence a generator really descends, and **decide** what it costs to lose a part of the data.
#
# *To know before:* KL in both directions ({lesson: the_elbo}), change of variables, logits and the binary
# cross-entropy ({lesson: autoencoders}). Nothing about GANs. *Time:* {times}; about 40
# seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## A sampler without a density
#
# The **generator** $G$ is a network. Noise $z\sim\mathcal N(0,I)$ goes in, a sample $x=G(z)$ comes out, and nothing is
# added to it. That is a complete model: you can draw from it as often as you like. (Other noise will do, uniform for one,
# if you say which.) We write $q$ for the distribution of its samples, and $p$ for that of the data.
#
# What you cannot do is ask it how probable a given $x$ is. Such a model is called **implicit** (Mohamed &
# Lakshminarayanan, 2016). It is not only that $q(x)$ is hard to compute: often there is *no* density. Here is a generator
# with one noise number and two outputs, next to real points. **Before you look:** which share of the real points has a
# positive density under this generator?

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import ops
from scipy.stats import norm

from course_lib import datasets, plotting

rng = np.random.default_rng(run.seed)
real = datasets.load("moons", num_test=400).x_test
z = rng.normal(size=2000)
generated = np.stack([1.5 * np.sin(z), 0.7 * np.cos(2.6 * z)], axis=1)
ax = plt.subplots(figsize=(4.6, 2.8), layout="constrained")[1]
ax.scatter(*real.T, s=6, color="0.65", label="real")
ax.scatter(*generated.T, s=2, color=plotting.PALETTE[5], label="generated")
ax.set(xlabel="$x_1$", ylabel="$x_2$")
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), markerscale=2)
plotting.show(
    alt="Real points of two half-moons in grey, and the samples of a generator with one noise number: all of them on "
    "one orange curve, beside most of the real points."
)

# %% [markdown]
# Is it only a matter of drawing more? We draw up to 200,000 samples and measure the median distance from a real point to its
# nearest sample. Beside it a generator *with* a density: the same curve, and a little noise added to each coordinate.

# %% tags=["proof"]
from scipy.spatial import cKDTree

for count in (2000, 20_000, 200_000):
    z = rng.normal(size=count)
    curve = np.stack([1.5 * np.sin(z), 0.7 * np.cos(2.6 * z)], axis=1)
    blurred = curve + 0.2 * rng.normal(size=curve.shape)
    of_curve, of_blurred = (np.median(cKDTree(each).query(real)[0]) for each in (curve, blurred))
    print(f"{count:7,} samples: median distance from a real point {of_curve:.3f} (with a density {of_blurred:.3f})")
assert of_curve > 0.05, "a hundred times as many samples of a curve must not come near the points beside it"
assert of_blurred < 0.1 * of_curve, "where there is a density, they must"

# %% [markdown]
# One number of noise can only trace curves, and curves have no area: a real point lies beside them with probability 1, where
# the log-likelihood is $-\infty$. More samples fill the curve and stop there; with a density they come as near as you like. An
# image GAN with 128 numbers of noise and 784 pixels is in the position of the curve.
# So **a GAN does not maximise a likelihood**, neither "the generator's" nor anyone's; it could not even say what it is.
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
# It learns the mean, a single point. Squared error (or absolute error) to a target is a sensible *extra* term where pairs
# exist, such as a sketch and its photograph (pix2pix: Isola et al., 2017). Noise and data are no pairs. What is needed is
# a loss that looks at samples *as a population*. The idea of the GAN: let a second network learn that loss.

# %% [markdown]
# ## The game
#
# The **discriminator** $D$ gets an example, half of the time a real one, half of the time a generated one, and returns
# the probability $D(x)$ that it is real. Its score is the log-probability that it gives to the truth:
#
# $$V(D,G)=\mathbb E_{x\sim p}\big[\log D(x)\big]+\mathbb E_{z}\big[\log(1-D(G(z)))\big],\qquad \min_G\max_D V(D,G).$$
#
# $V$ is the log-likelihood of a *classifier*, and it is about labels (real, generated), not about data. $D$ wants it
# large, $G$ wants it small (Goodfellow et al., 2014, eq. 1). Neither player minimises "the loss between them": there is
# no such thing. In a program both descend, each a loss of its own:
#
# | player | wants | its loss |
# |---|---|---|
# | discriminator | $V$ large | $-V$, the binary cross-entropy of its labels (both halves added) |
# | generator, *saturating* | $V$ small | $\mathbb E_z[\log(1-D(G(z)))]$, the only part of $V$ that it can move |
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
# 2. At a point it is $h(y)=a\log y+b\log(1-y)$, with $a=p(x)$, $b=q(x)$ and $y=D(x)$.
# 3. Its derivative is $h'(y)=\dfrac ay-\dfrac b{1-y}$. Set it to 0 and solve for $y$: that is yours, in the exercise
#    below.
# 4. Its second derivative $-\dfrac a{y^2}-\dfrac b{(1-y)^2}$ is negative: the solution is the one maximum.

# %%
y = np.linspace(0.001, 0.999, 999)
pairs = {"a = 0.4, b = 0.1": (0.4, 0.1), "a = 0.2, b = 0.2": (0.2, 0.2), "a = 0.05, b = 0.3": (0.05, 0.3)}
heights = {name: a * np.log(y) + b * np.log(1 - y) for name, (a, b) in pairs.items()}
ax = plotting.curves(heights, x=y, xlabel="y = D(x)", ylabel="a log y + b log(1 − y)")
for name, height in heights.items():
    ax.plot(y[height.argmax()], height.max(), "o", color="black", markersize=4)
    print(f"{name}: highest at y = {y[height.argmax()]:.3f}")
ax.set_ylim(-1.2, 0)
plotting.show(
    alt="Three curves of a log y + b log(1 − y) against y, for three pairs of densities. Each has one maximum, "
    "marked by a dot, at a different y."
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
# A network returns the **logit** $\ell=\log\frac D{1-D}$. For the best discriminator it takes a memorable form, because
# in $\frac{D^*}{1-D^*}$ the denominators cancel:
#
# $$\ell^*(x)=\log p(x)-\log q(x).$$
#
# **The best discriminator is the log-ratio of the two densities.** It has never seen either of them, only samples.
# (Estimating a ratio by classifying is older than GANs: Gutmann & Hyvärinen, 2010, trained models by it.)
#
# Is this what a network learns? Data on the line: two hills of different width. The generator is $G(z)=1.3\,z$, held
# still by `generator_scale=0`, so that only $D$ moves.

# %%
from course_lib import networks
from course_lib.exact import optimal_logit
from course_lib.formulas import adversarial
from course_lib.models import GAN

hills = {"means": (-1.0, 1.0), "standard_deviation": (0.5, 1.2), "weights": (0.4, 0.6)}
data = datasets.load("mixture_1d", num_train=50_000, seed=run.seed, **hills)
log_p, q = data.density.log_density, norm(0.0, 1.3)

keras.utils.set_random_seed(run.seed)
generator = networks.dense_generator(1, (1,), (), output_activation=None)
generator.set_weights([np.array([[1.3]]), np.array([0.0])])
discriminator = networks.dense_discriminator((1,), (32, 32), activation="tanh")
game = GAN(generator, discriminator, adversarial.non_saturating, seed=run.seed)
epochs = run.pick(cpu=20, gpu=60)
game.compile(learning_rate=keras.optimizers.schedules.CosineDecay(0.01, 100 * epochs), generator_scale=0)
history = game.fit(data.x_train, epochs=epochs, batch_size=500, verbose=0).history

# %% [markdown]
# We compare logits, which is stricter than comparing probabilities, on the region that holds 99 % of the mass of what $D$
# was shown (the mixture $m=\frac12(p+q)$, without half a per cent at each end). Outside there is hardly an example to
# learn from.


# %% tags=["proof"]
def trained_logit(x):
    return ops.convert_to_numpy(discriminator(np.float32(x)[:, None]))[:, 0].astype("float64")


x = np.linspace(-6, 6, 2401)
density_p, density_q = np.exp(log_p(x)), q.pdf(x)
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
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
plotting.curves({"p (data)": density_p, "q (generator)": density_q}, x=x, xlabel="x", ylabel="density", ax=left)
right.axvspan(-6, x[inside][0], color="0.92")
right.axvspan(x[inside][-1], 6, color="0.92")
right.axhline(0.5, color="0.8", linewidth=1)
right.plot(x, 1 / (1 + np.exp(-best)), color="black", label="$D^*=p/(p+q)$")
right.plot(x, 1 / (1 + np.exp(-trained_logit(x))), "--", color=plotting.PALETTE[5], label="trained D")
right.set(xlabel="x", ylabel="probability of “real”", ylim=(0, 1))
right.legend(frameon=False)
plotting.show(
    alt="Left, the densities of data and generator. Right, the probability of real: the best discriminator, a curve "
    "with several bends, and the trained one, dashed, which follows it between grey margins."
)

# %% [markdown]
# Where the orange density is higher than the blue one, $D^*$ is below ½, and the other way round. The trained $D$
# (dashed) follows it through all the bends. In the grey margins, where it saw one example in a hundred, it may say
# anything. Remember them: a generator whose samples lie *there* is judged by a discriminator that knows nothing.

# %% [markdown] tags=["deeper"]
# ### Nobody beats it
#
# $V(D)\le V(D^*)$ for **every** $D$, by construction. Here are several, judged on the exact densities, by an integral.
# Which one will come closest?

# %% tags=["proof"]
from course_lib.exact import discriminator_value, optimal_value

judges = {
    "a coin, D = ½": np.zeros_like,
    "a straight line": lambda x: 0.3 * x,
    "D*, logits doubled (too sure)": lambda x: 2 * optimal_logit(x, log_p, q.logpdf),
    "D*, logits halved (too timid)": lambda x: 0.5 * optimal_logit(x, log_p, q.logpdf),
    "D*, moved by 0.3": lambda x: optimal_logit(x - 0.3, log_p, q.logpdf),
    "the trained network": trained_logit,
}
highest = optimal_value(log_p, q.logpdf, -9, 9)
for name, logit in judges.items():
    value = discriminator_value(logit, log_p, q.logpdf, -9, 9)
    print(f"{name:30} V = {value:.5f}, below V(D*) by {highest - value:.5f} nats")
    assert value <= highest, "no discriminator may score higher than p/(p + q) on the exact densities"
print(f"{'D* = p/(p + q)':30} V = {highest:.5f}")

# %% [markdown]
# The trained network comes within a fraction of a thousandth of a nat; a coin is not far either, because $p$ and $q$ are
# alike. Note how flat the maximum is: logits that are wrong by a factor of two cost a few hundredths of a nat.
#
# **But on a sample?** In practice $V$ is an average over examples, and the theorem is about expectations. Draw 30 real
# and 30 generated points. How often does $D^*$ itself score above $V(D^*)$? And what does a discriminator score that
# simply *remembers* the 60 points, and gives each $x$ the label of its nearest one?

# %%
few_p, few_q = data.density.sample(30, seed=run.seed + 1)[:, 0], q.rvs(30, random_state=run.seed + 1)


def score(logit, real, fake):
    return np.mean(-np.logaddexp(0, -logit(real))) + np.mean(-np.logaddexp(0, logit(fake)))


def memory(x):
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
on_sample, exact = score(memory, few_p, few_q), discriminator_value(memory, log_p, q.logpdf, -9, 9)
print(f"V(D*) = {highest:.3f}; on samples of 30 D* scores {np.min(scores):.2f} to {np.max(scores):.2f}", end=", ")
print(f"{100 * np.mean(np.array(scores) > highest):.0f} % of the time above V(D*)")
print(f"the memory scores {on_sample:.3f} on the 60 points it knows, and {exact:.2f} on the exact densities")
assert 0.3 < np.mean(np.array(scores) > highest) < 0.7, "D* must beat its own expectation about half of the time"
assert on_sample > highest > exact, "a memory must beat D* on its own points, and lose on the densities"

# %% [markdown]
# $D^*$ lands above its own expectation about half of the time, and the memory is nearly perfect on the points it knows
# and far worse than a coin on new ones. So a discriminator with a *high* training score may have memorised: look at its
# score on held-out examples.
#
# **Exercise {exercise: UNEQUAL_NUMBERS}.** Suppose $D$ is shown $n$ real and $m$ generated examples, not equally many. Derive its best *logit*
# (step 2 with $a=n\,p$, $b=m\,q$).


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
# Both sides can be computed without the other: left the score of the classifier, right the divergence. (By one rule on
# one grid, so what is tested is the algebra. That a *trained* classifier gets there is another matter: see below.)

# %% tags=["proof"]
from course_lib.exact import jensen_shannon_1d, optimal_value

games = {
    "equal": (norm(0, 1), norm(0, 1)),
    "N(0, 1) and N(1, 1)": (norm(0, 1), norm(1, 1)),
    "N(0, 1) and N(0, 3²)": (norm(0, 1), norm(0, 3)),
    "far apart": (norm(-8, 1), norm(8, 1)),
}
for name, (one, other) in games.items():
    value = optimal_value(one.logpdf, other.logpdf, -25, 25)
    jsd = jensen_shannon_1d(one.logpdf, other.logpdf, -25, 25)
    right_side = -np.log(4) + 2 * jsd
    print(f"{name:21} V(D*) = {value:11.8f}   −log 4 + 2 JSD = {right_side:11.8f}   JSD = {jsd:.4f}")
    assert abs(value - right_side) < 1e-8, "V(D*) must be −log 4 + 2 JSD"

# %% [markdown]
# ### Between 0 and log 2
#
# * **JSD ≥ 0**, and 0 only if $p=q$: it is a mean of two KL divergences, and these are never negative (lesson {number: the_elbo}). Each
#   is 0 only if $p=m$, and that means $p=q$.
# * **JSD ≤ log 2**: since $p\le p+q=2m$, we have $\log\frac pm\le\log2$ at every point; so
#   $\mathrm{KL}(p\,\|\,m)\le\log2$, and the same for $q$. It *is* log 2 if $p$ and $q$ never overlap: there $p=2m$
#   wherever $p$ has mass.
# * **Symmetric**, because $m$ is. (Its root is even a distance: Endres & Schindelin, 2003.)
# * **Always finite**, unlike KL: $m$ has mass wherever $p$ or $q$ has.
#
# In words: a label "real or generated" is one bit, log 2 nats. JSD is how much of it an example gives away, to the best
# judge. So it must run into a ceiling. **Predict** its curve, and that of KL, as $\mathcal N(b,1)$ moves away from
# $\mathcal N(0,1)$.

# %%
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
print(f"JSD at b = 3: {divergence[30]:.4f}, at b = 8: {divergence[80]:.6f}; log 2 = {np.log(2):.6f}")

# %% [markdown]
# From about six standard deviations on, JSD lies at its ceiling: it *cannot tell far from farther*. KL goes on rising.
# Keep this flat part in mind.
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
# On a thousand random pairs of dice, some of which hardly overlap:

# %% tags=["proof"]
dice_p, dice_q = rng.dirichlet(np.full(6, 0.3), size=(2, 1000))
dice_m = (dice_p + dice_q) / 2
of_dice = 0.5 * (dice_p * np.log(dice_p / dice_m) + dice_q * np.log(dice_q / dice_m)).sum(axis=1)
print(f"JSD of 1,000 random pairs of dice: {of_dice.min():.4f} to {of_dice.max():.4f}")
assert 0 < of_dice.min() < of_dice.max() < np.log(2), "JSD must lie between 0 and log 2"

# %% [markdown]
# What follows for the generator? At the best discriminator, $V$ is smallest where JSD is: $\min_G\max_DV=-\log4$, reached
# **exactly** if $q=p$. That is the theorem that GANs rest on (Goodfellow et al., 2014, theorem 1). Mind what it assumes:
# a $D$ that is optimal *at every moment*, a $D$ and a $G$ that can be any function, and densities rather than examples.
# That two networks that take small steps *find* this point is not in it
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
# A gradient reaches the generator through one number a sample, the logit $\ell$ of $D$. So look at the two losses as
# functions of it. With $D=\sigma(\ell)=1/(1+e^{-\ell})$ the derivative is $\frac{dD}{d\ell}=D(1-D)$, and by the chain
# rule
#
# $$\frac{d}{d\ell}\log(1-D)=-\frac{D(1-D)}{1-D}=-D,\qquad\qquad \frac{d}{d\ell}\big(-\log D\big)=-\frac{D(1-D)}{D}=-(1-D).$$
#
# Both are negative: both generators want the logit to rise. They differ in *when* they want it most. **Proof**, by
# automatic differentiation of the library's objectives:

# %% tags=["proof"]
from scipy.special import expit as sigmoid

from course_lib.formulas import input_gradient

logits = np.linspace(-6, 6, 25).astype("float32")
D = sigmoid(logits)
slopes = {}
for name, objective, formula in (
    ("saturating, log(1 − D)", adversarial.minimax, -D),
    ("non-saturating, −log D", adversarial.non_saturating, -(1 - D)),
):
    slopes[name] = ops.convert_to_numpy(input_gradient(lambda logit, of=objective: of(logit, logit, logit)[1], logits))
    print(
        f"{name}: slopes {slopes[name][[4, 12, 20]].round(4)} at ℓ = −4, 0, 4; formula {formula[[4, 12, 20]].round(4)}"
    )
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
# Early in a training every sample is easily told from real ones: all logits lie in the grey part. There the saturating
# loss (blue) is flat: its slope is $-D\approx0$. The worse the samples, the *less* the generator hears. The
# non-saturating loss (orange) has its full slope $-1$ there, and goes quiet where a sample is already taken for real.
# That is why it was proposed along with the game itself (Goodfellow et al., 2014, section 3), and it is what nearly
# everybody trains with.
#
# Now with the best $D$, and exactly. Data $\mathcal N(0,1)$, generator $G(z)=z+b$; $D^*$ is held still, and
# `generator_gradient` computes the pull on $b$ as an integral. **Predict** what happens to each of the two as $b$ grows.

# %% tags=["proof"]
from course_lib.exact import generator_gradient

loss_slopes = {"saturating": lambda logit: -sigmoid(logit), "non-saturating": lambda logit: -sigmoid(-logit)}
pulls = {name: [] for name in loss_slopes}
for distance in (1.0, 2.0, 4.0, 8.0):
    for name, slope in loss_slopes.items():
        gradient = generator_gradient(slope, norm.logpdf, norm.logpdf, 1.0, distance, -20, 20)
        pulls[name].append(gradient[1])
    saturating, other = (values[-1] for values in pulls.values())
    both = f"pull {saturating:.6f} saturating, {other:.6f} non-saturating"
    print(f"b = {distance:.0f}: {both}; together {saturating + other:.6f}")
assert pulls["saturating"][-1] < 1e-3, "far from the data, the saturating gradient must vanish"
assert pulls["non-saturating"][-1] > 7.9, "the non-saturating one must not"

# %% [markdown]
# At a distance of eight standard deviations the saturating pull is gone. In terms of divergences: $V(D^*)$ is flat,
# because JSD has reached its ceiling log 2. (The generator is worst exactly where its loss does not care.) The other pull
# grows with the distance. And there is a pattern in the last column that you will be able to explain in a moment.
#
# **Exercise {exercise: WHICH_LOSS}: which loss am I?** Four strangers, `exercises.strangers["A"]` to `["D"]`, are functions of a logit. One
# is the saturating loss of the generator, one its non-saturating loss, one the sum of both, and one the discriminator's
# loss for a generated example. Take differences at ℓ = −4, 0, 4 and name them: `{"A": …, "B": …, "C": …, "D": …}` with
# `"saturating"`, `"non-saturating"`, `"sum"` and `"discriminator"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
for name, stranger in exercises.strangers.items():
    print(name, [round(float(stranger(at + 1e-4) - stranger(at - 1e-4)) / 2e-4, 3) for at in (-4.0, 0.0, 4.0)])
who_is_who = {"A": "non-saturating", "B": "discriminator", "C": "sum", "D": "saturating"}
# END SOLUTION

# %%
check(exercises.WHICH_LOSS, who_is_who)

# %% [markdown]
# ## Does it fit?
#
# The smallest GAN that can be right: $G(z)=az+b$, data $\mathcal N(2,(\frac12)^2)$. Perfect is $b=2$ and $|a|=\frac12$:
# the noise is symmetric, so $-\frac12$ is as good. It starts at $a=1$, $b=0$. The paths of $a$ and $b$ are kept, epoch by
# epoch.

# %%
data_2 = np.random.default_rng(run.seed).normal(2.0, 0.5, size=(4000, 1))


def fitted(objective, epochs):
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


keras.utils.set_random_seed(run.seed)
gan, path, history = fitted(adversarial.non_saturating, epochs=90)

# %% [markdown]
# Two networks that chase each other do not come to rest by themselves (lesson {number: stability_and_mode_collapse}), so we read the *average* of the last
# third.

# %% tags=["proof"]
last = path[-30:]
scale, shift = np.abs(last[:, 0]).mean(), last[:, 1].mean()
loss = np.mean(history["discriminator_loss"][-30:])
print(f"|a| = {scale:.3f} (data: 0.5), b = {shift:.3f} (data: 2)")
print(f"the discriminator's loss is {loss:.4f}, log 4 = {np.log(4):.4f}")
assert abs(scale - 0.5) < 0.05 * 0.5, "|a| must come within 5 % of the data's standard deviation"
assert abs(shift - 2) < 0.05 * 2, "b must come within 5 % of the data's mean"
assert abs(loss - np.log(4)) < 0.01, "if q is p, the best discriminator is a coin with loss log 4"

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
# in the middle do they spread out again. It may come out as $-\frac12$, the mirror image: nothing in the samples could
# tell. At the end the discriminator is a coin, with loss log 4, and *nobody can see in this number that the fit is good*:
# a discriminator too weak to learn has the same loss.
#
# ### The game as it moves
#
# In two dimensions the game can be watched. The data are a ring of eight heaps. The generator turns four noise numbers
# into a point. Three things are kept after every epoch: the probability $D(x)=\sigma(\ell(x))$ everywhere, some samples, and at
# each sample $x=G(z)$ the direction $-\nabla_x\,\mathrm{softplus}(-\ell(x))=(1-D(x))\,\nabla_x\ell(x)$ in which its loss falls
# fastest: this, and nothing else, is what the generator hears about the data. **Predict:** in which direction do arrows point, up or down the slope of $D$? And what
# will $D$ look like when the generator is nearly right?

# %%
from course_lib.formulas import input_gradient

heaps = datasets.toy.ring(standard_deviation=0.15).sample(4000, seed=run.seed).astype("float32")
side = np.linspace(-3, 3, 41, dtype="float32")
plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
some_noise = np.random.default_rng(1).normal(size=(150, 4)).astype("float32")

keras.utils.set_random_seed(run.seed)
player = networks.dense_generator(4, (2,), (64, 64), output_activation=None)
judge = networks.dense_discriminator((2,), (64, 64))

# %% [markdown]
# What is kept in a moment:

# %%
moments = []


def look(epoch=None, logs=None):
    points = ops.convert_to_numpy(player(some_noise))
    believed = ops.convert_to_numpy(ops.sigmoid(judge(plane))).reshape(41, 41)
    pull = -input_gradient(lambda x: ops.softplus(-judge(x)), points)
    moments.append((believed, points, ops.convert_to_numpy(pull)))


look()
ring_gan = GAN(player, judge, adversarial.non_saturating, seed=run.seed)
ring_gan.compile(learning_rate=0.002)
keras.utils.set_random_seed(run.seed)
ring_gan.fit(heaps, epochs=60, batch_size=200, verbose=0, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=look)])


def draw(epoch, ax=None):
    believed, points, pull = moments[epoch]
    ax = plotting.discriminator_field(believed, heaps[:300], points, 0.7 * pull, ax=ax)
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
# fooled. Early, $D$ splits the plane in two and all samples are sent to the same side: they run across the plane as a
# swarm, $D$ turns round, they run back. They spread as its boundary bends and turns, and settle on the ring only when it
# closes around the heaps. Late, the field is pale wherever samples and data are mixed: there $D$ can no longer tell, $D=p/(p+q)\approx\frac12$;
# it stays red in the gaps between the heaps, where some samples still lie and no data.
#
# ### Find the bug
#
# A colleague writes the generator's loss from memory: "binary cross-entropy of the discriminator's verdict on my
# samples", which are generated, so the label is 0. The loss is non-negative, smooth, and it falls. **Watch what the
# generator does.**


# %% tags=["proof"]
def from_memory(real_logits, fake_logits, generator_logits):
    discriminator_loss, _ = adversarial.non_saturating(real_logits, fake_logits, generator_logits)
    return discriminator_loss, ops.softplus(ops.reshape(generator_logits, (-1,)))


keras.utils.set_random_seed(run.seed)
_, path, history = fitted(from_memory, epochs=25)
first, final = (history["generator_loss"][epoch] for epoch in (0, -1))
print(f"the generator's loss falls from {first:.3f} to {final:.3f} nats; the data lie at 2")
print("b after 0, 5, 10, …, 25 epochs:", path[::5, 1].round(2))
assert final < 0.5 * first, "the symptom: the loss falls, as if all were well"
assert path[-1, 1] < 0, "and the samples move away from the data"

# %% [markdown]
# The loss gets better and better, and the samples move *away* from the data, until $D$ is sure and nobody pulls any more.
# The two networks **co-operate**: both want $D$ to call the samples generated, and running away makes that easy.
#
# **Exercise {exercise: REPAIRED_LOSS}: find the bug.** Repair the generator's loss (the non-saturating one) for an array of logits, one value
# each. It must survive logits of ±900.


# %% tags=["exercise"]
def repaired_loss(logits):
    # BEGIN SOLUTION
    return np.logaddexp(0.0, -logits)
    # INSTEAD
    # return np.logaddexp(0.0, logits)
    # END SOLUTION


# %%
check(exercises.REPAIRED_LOSS, repaired_loss)

# %% [markdown] tags=["deeper"]
# ## What the generator really descends
#
# For the *saturating* loss the answer is known: at $D^*$ it descends $V(D^*)$, that is $2\,\mathrm{JSD}$. The
# non-saturating loss has the same fixed point, and *another gradient*. Whose? (Arjovsky & Bottou, 2017, theorem 2.5.) Let
# the generator have parameters θ, its samples the density $q_\theta$; it stands at $\theta_0$, and $D^*$ is the best
# discriminator *there*, with logit $\ell^*=\log p-\log q_{\theta_0}$. All gradients are with respect to θ, at $\theta_0$,
# **and $D^*$ holds still**.
#
# 1. *The logit alone.* $\mathrm{KL}(q_\theta\,\|\,p)=\int q_\theta\log\frac{q_\theta}{p}$. Differentiate the product: one
#    part is $\int\nabla q_\theta\,\log\frac{q_{\theta_0}}p$, the other
#    $\int q_\theta\,\nabla\log q_\theta=\int\nabla q_\theta=\nabla 1=0$. So
#    $\;\nabla\mathrm{KL}(q_\theta\,\|\,p)=-\int\nabla q_\theta\;\ell^*=-\nabla\,\mathbb E_z[\ell^*(G_\theta(z))]$.
# 2. *The saturating loss.* $V(D^*)$ depends on θ twice, through the samples and through $D^*$. The second way adds
#    nothing: $D^*$ is a maximum, where the derivative is 0. So $\;\nabla\,\mathbb
#    E_z[\log(1-D^*(G_\theta(z)))]=\nabla\big({-\log4}+2\,\mathrm{JSD}\big)=2\,\nabla\mathrm{JSD}$.
# 3. *Combine.* $\ell=\log D-\log(1-D)$, and therefore $-\log D=-\ell-\log(1-D)$:
#
# $$\nabla\,\mathbb E_z\big[-\log D^*(G_\theta(z))\big]=\nabla\Big(\mathrm{KL}(q_\theta\,\|\,p)-2\,\mathrm{JSD}(p,q_\theta)\Big).$$
#
# So that was the pattern of the table: the two pulls add up to the gradient of $\mathrm{KL}(q\,\|\,p)=b^2/2$, which is
# $b$.
#
# **Proof by integrals**, for the two hills and $G(z)=az+b$. Left side: the mean over samples of (slope of the loss) ×
# (slope of $\ell^*$ along $x$) × $(z,1)$. Right side: KL and JSD as integrals, and their differences as $a$ and $b$
# change a little. The two sides share nothing but the rule that integrates.

# %% tags=["proof"]
from course_lib.exact import kl_1d, non_saturating_divergence

ENDS = (-14, 14)


def difference(divergence, a, b, h=1e-4):
    """The gradient of a divergence of N(b, a²) from the data, by differences."""
    at = {
        key: norm(b + db, a + da).logpdf
        for key, (da, db) in {"a+": (h, 0), "a-": (-h, 0), "b+": (0, h), "b-": (0, -h)}.items()
    }
    return np.array([divergence(at[f"{key}+"]) - divergence(at[f"{key}-"]) for key in "ab"]) / (2 * h)


for a, b in ((1.0, 0.0), (0.5, -2.0), (0.8, 2.5), (2.0, 1.0)):
    gradient = generator_gradient(loss_slopes["non-saturating"], log_p, norm.logpdf, a, b, *ENDS)
    theorem = difference(lambda log_q: non_saturating_divergence(log_p, log_q, *ENDS), a, b)
    print(f"a = {a}, b = {b:4}: gradient of the loss {gradient.round(6)}, of KL(q‖p) − 2 JSD {theorem.round(6)}")
    assert np.abs(gradient - theorem).max() < 1e-6 * (1 + np.abs(theorem).max()), "theorem 2.5 must hold"

# %% [markdown]
# Equal to six digits, at every place. Note the **minus** in front of JSD: the loss that everybody uses does not
# *minimise* the Jensen–Shannon divergence. (Together with the KL it is still a divergence, as Shannon et al., 2020,
# noticed: the sum equals $2\,\mathrm{KL}(m\,\|\,p)$, never negative, and 0 only for $q=p$. To see it, write both as
# $\int(p+q)\log\frac mp$.)
#
# ### A theorem that seems to fail
#
# Another colleague checks the theorem without the library. She computes the *value* of the loss,
# $\mathbb E_{q_b}[-\log D^*]$ as an integral, with the best $D$ for the generator, at $b+h$ and at $b-h$, and divides by
# $2h$:


# %% tags=["proof"]
from course_lib.exact import expectation_1d


def value_of_the_loss(shift, judged_at):
    """E[−log D*] of N(shift, 1) against data N(0, 1), where D* is the best for a generator at `judged_at`."""
    log_q, judged = norm(shift, 1).logpdf, norm(judged_at, 1).logpdf
    return expectation_1d(lambda x: np.logaddexp(0, -optimal_logit(x, norm.logpdf, judged)), log_q, -20, 20)


h = 1e-4
for b in (0.5, 1.0, 2.0):
    hers = (value_of_the_loss(b + h, b + h) - value_of_the_loss(b - h, b - h)) / (2 * h)
    theorem = generator_gradient(loss_slopes["non-saturating"], norm.logpdf, norm.logpdf, 1.0, b, -20, 20)[1]
    print(f"b = {b}: she finds {hers:.5f}, the theorem says {theorem:.5f}")
    assert abs(hers - theorem) > 0.02, "the symptom: her slope is not the theorem's"

# %% [markdown]
# The theorem is right. **Exercise {exercise: HELD_STILL}: find the bug** in her slope. `loss(shift, judged_at)` is a function like the one
# above.


# %% tags=["exercise"]
def slope_of_the_loss(loss, shift, h):
    # BEGIN SOLUTION
    return (loss(shift + h, shift) - loss(shift - h, shift)) / (2 * h)
    # INSTEAD
    # return (loss(shift + h, shift + h) - loss(shift - h, shift - h)) / (2 * h)
    # END SOLUTION


# %%
check(exercises.HELD_STILL, slope_of_the_loss)

# %% [markdown]
# The *value* of the non-saturating loss at $D^*$ is something else: $\mathrm{KL}(q\,\|\,p)-\mathrm{KL}(q\,\|\,m)+\log2$.
# Only the gradient, with a discriminator that does not react, is that of $\mathrm{KL}(q\,\|\,p)-2\,\mathrm{JSD}$. (For
# $V$ as a whole the distinction does not matter, by step 2; for either loss of the generator alone it does.) A generator
# never sees how $D$ will answer its step; in `GAN`, the discriminator is held still under a `stop_gradient`.
#
# ### One rule for all losses
#
# Let the generator's loss be any function $L(\ell)$. Many divergences have the form $\mathbb E_p[f(r)]=\int p\,f(r)$ with
# $r=\frac{q}{p}$, so that $\ell^*=-\log r$. Differentiate under the integral:
#
# $$\nabla\int p\,f\Big(\frac{q_\theta}p\Big)=\int f'\Big(\frac{q_{\theta_0}}p\Big)\,\nabla q_\theta=\nabla\,\mathbb E_z\big[f'(r)\big|_{x=G_\theta(z)}\big].$$
#
# So **the generator descends the divergence whose $f'(r)$ is its loss $L(-\log r)$**, up to a constant (which has no
# gradient). This is Nowozin et al. (2016) read backwards. The menu, with $D=\frac1{1+r}$:
#
# | divergence | $f(r)$ | $f'(r)$, without constants |
# |---|---|---|
# | $\mathrm{KL}(q\,\|\,p)$ | $r\log r$ | $\log r$ |
# | $\mathrm{KL}(p\,\|\,q)$ | $-\log r$ | $-1/r$ |
# | $2\,\mathrm{JSD}$ | $\log\frac2{1+r}+r\log\frac{2r}{1+r}$ | $\log\frac r{1+r}$ |
# | $\mathrm{KL}(q\,\|\,p)-2\,\mathrm{JSD}$ | $(1+r)\log\frac{1+r}2$ | $\log(1+r)$ |
#
# **Exercise {exercise: WHAT_IS_DESCENDED}.** Which divergence is descended at $D^*$ by each of four losses? Complete the dictionary: keys
# `"log(1 - D)"`, `"-log D"`, `"-logit"` and `"-exp(logit)"`; values `"2 JSD"`, `"KL(q||p)"`, `"KL(p||q)"`,
# `"KL(q||p) - 2 JSD"`. One of them would make a GAN climb the *likelihood*, after all.

# %% tags=["exercise"]
# BEGIN SOLUTION
descended = {
    "log(1 - D)": "2 JSD",
    "-log D": "KL(q||p) - 2 JSD",
    "-logit": "KL(q||p)",
    "-exp(logit)": "KL(p||q)",
}
# END SOLUTION

# %%
check(exercises.WHAT_IS_DESCENDED, descended)

# %% [markdown]
# Read from the menu, or measure: here is the gradient of each loss at one place, and those of the four divergences. Each
# row of the first block has its twin in the second.

# %% tags=["proof"]
four_slopes = loss_slopes | {
    "minus the logit": lambda logit: -np.ones_like(logit),
    "minus exp(logit)": lambda logit: -np.exp(logit),
}
four = {
    "KL(p‖q)": lambda log_q: kl_1d(log_p, log_q, *ENDS),
    "KL(q‖p)": lambda log_q: kl_1d(log_q, log_p, *ENDS),
    "KL(q‖p) − 2 JSD": lambda log_q: non_saturating_divergence(log_p, log_q, *ENDS),
    "2 JSD": lambda log_q: 2 * jensen_shannon_1d(log_p, log_q, *ENDS),
}
of_losses = [generator_gradient(slope, log_p, norm.logpdf, 0.8, 1.5, *ENDS) for slope in four_slopes.values()]
of_divergences = [difference(divergence, 0.8, 1.5) for divergence in four.values()]
for names, gradients in ((four_slopes, of_losses), (four, of_divergences)):
    for name, gradient in zip(names, gradients, strict=True):
        print(f"{name:18} {gradient.round(5)}")
twins = [sum(np.allclose(one, other, rtol=1e-5, atol=1e-6) for other in of_divergences) for one in of_losses]
assert twins == [1, 1, 1, 1], "each loss must descend one of the four divergences, and no other"

# %% [markdown] tags=["deeper"]
# ## What it costs to lose a mode
#
# Now the consequence. In lesson {number: the_elbo} a single Gaussian was fitted to two hills: the forward divergence
# $\mathrm{KL}(p\,\|\,q)$ **covered** both, the reverse one **chose** one. A VAE climbs a bound on the likelihood, that
# is, it descends (a bound on) the forward one. And the generator?
#
# Data: two equal hills at ±2, each with standard deviation ½. The generator makes one Gaussian, as wide as one hill, and
# we move it along. **Where will each objective be lowest?**

# %%
two = datasets.load("mixture_1d", means=(-2.0, 2.0), standard_deviation=0.5, weights=(0.5, 0.5)).density.log_density
GRID = (-14, 14, 2001)
objectives = {
    "KL(p‖q), likelihood": lambda log_q: kl_1d(two, log_q, *GRID),
    "2 JSD, saturating": lambda log_q: 2 * jensen_shannon_1d(two, log_q, *GRID),
    "KL(q‖p) − 2 JSD, non-saturating": lambda log_q: non_saturating_divergence(two, log_q, *GRID),
}
positions = np.linspace(-4, 4, 81)
landscape = {name: np.array([each(norm(b, 0.5).logpdf) for b in positions]) for name, each in objectives.items()}

# %%
figure, frames = plt.subplots(3, 1, figsize=(6.5, 5.2), layout="constrained", sharex=True)
for ax, colour, (name, values) in zip(frames, plotting.PALETTE, landscape.items(), strict=False):
    ax.plot(positions, values, color=colour)
    ax.plot(
        positions[values < values.min() + 1e-6], values[values < values.min() + 1e-6], "o", color="black", markersize=5
    )
    ax.fill_between(positions, values.min(), values.min() + np.exp(two(positions)) / 0.4 * np.ptp(values), color="0.9")
    ax.set_ylabel("nats")
    ax.set_title(name, loc="left", fontsize=10)
frames[-1].set_xlabel("position b of the generator (its scale is ½; in grey the data's density)")
plotting.show(
    alt="Three curves of an objective against the position of a narrow generator, with the two hills of the data in "
    "grey. The likelihood is lowest between the hills; the other two are lowest on the hills."
)
for name, values in landscape.items():
    print(f"{name:32} lowest at b = {', '.join(f'{b:.1f}' for b in positions[values < values.min() + 1e-6])}")

# %% [markdown]
# The likelihood puts the generator *between* the hills, where there are hardly any data, because it must not miss either.
# The other two put it on one hill; and from the left hill, the way to the right one leads over a ridge. Now let the width
# be free as well, and start once narrow, once wide:

# %% tags=["proof"]
from scipy.optimize import minimize

fits = {}
for name, objective in objectives.items():
    found = [
        minimize(lambda t, of=objective: of(norm(t[0], np.exp(t[1])).logpdf), start, method="Nelder-Mead", tol=1e-4)
        for start in ((-1.7, -0.5), (0.1, 0.6))
    ]
    fits[name] = min((each.fun, each.x[0], np.exp(each.x[1])) for each in found)
    print(f"{name:32}", ", ".join(f"{each.fun:.3f} at N({each.x[0]:.2f}, {np.exp(each.x[1]):.2f}²)" for each in found))
wide, one_hill = fits["KL(p‖q), likelihood"], fits["KL(q‖p) − 2 JSD, non-saturating"]
assert np.abs(np.array(wide[1:]) - [0, np.sqrt(4.25)]).max() < 0.05, "forward KL must cover: mean 0, variance 2² + ½²"
assert abs(abs(one_hill[1]) - 2) + abs(one_hill[2] - 0.5) < 0.05, "KL(q‖p) − 2 JSD must choose one hill"

# %%
steps = np.linspace(0, 1, 26)  # from N(−2, 0.5²), one hill, to N(0, 2.06²), both
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
left.fill_between(x, np.exp(two(x)), color="0.9")
for colour, (name, objective) in zip(plotting.PALETTE, objectives.items(), strict=False):
    left.plot(x, norm(*fits[name][1:]).pdf(x), color=colour)
    values = [objective(norm(-2 + 2 * t, 0.5 + 1.56 * t).logpdf) for t in steps]
    right.plot(steps, values, color=colour, label=name)
left.set(xlabel="x", ylabel="density", title="the best Gaussian of each objective")
right.set(
    xlabel="from one hill (0) to both (1)", ylabel="nats", yscale="log", title="the way between the two solutions"
)
figure.legend(frameon=False, loc="outside lower center", ncols=3)
plotting.show(
    alt="Left, two grey hills of data with the best Gaussian of each objective: wide ones over both, and a narrow "
    "one on a single hill. Right, each objective on the way from one hill to both, on a logarithmic axis: one "
    "falls, one rises, one is low at both ends."
)

# %% [markdown]
# Left, the data in grey. Forward KL (blue, hidden under the orange line): mean and variance of *all* data. Right, what
# each objective says on the way from one hill to both: blue falls from the left, green rises. The saturating objective
# (orange) has two solutions that are almost equally good, the covering one a little better. The non-saturating one
# prefers one hill by more than a nat. Half of the data are missing, and it is content.
#
# ### The price list
#
# Suppose $q$ is the data *without* a part that holds the share $w$: $q=\frac{p}{1-w}$ on what is kept, and 0 on what is
# lost.
#
# * Forward: $\mathrm{KL}(p\,\|\,q)=\infty$, for the smallest $w$.
# * Reverse: $\mathrm{KL}(q\,\|\,p)=\int q\log\frac1{1-w}=-\log(1-w)$.
# * Non-saturating: use $2\,\mathrm{KL}(m\,\|\,p)$.
#
# **Exercise {exercise: PRICE_OF_A_LOST_MODE}.** Work out the last line as a function of $w$ (an array of shares).


# %% tags=["exercise"]
def price_of_a_lost_mode(w):
    # BEGIN SOLUTION
    return (2 - w) * np.log((2 - w) / (2 * (1 - w))) - w * np.log(2)
    # END SOLUTION


# %%
check(exercises.PRICE_OF_A_LOST_MODE, price_of_a_lost_mode)

# %% [markdown]
# And the opposite sin: $q=(1-\varepsilon)\,p+\varepsilon\cdot$(junk where $p$ is 0). There
# $\mathrm{KL}(q\,\|\,p)=\infty$, so the non-saturating price is infinite, while the forward one is
# $-\log(1-\varepsilon)$. (JSD is symmetric: both sins cost the same.)

# %%
share = np.linspace(0.001, 0.9, 300)
dice_p, dice_q = np.stack([1 - share, share]), np.stack([np.ones(300), np.zeros(300)])  # two faces; q lost the second
dice_m = (dice_p + dice_q) / 2
non_saturating = 2 * np.sum(dice_m * np.log(dice_m / dice_p), axis=0)  # 2 KL(m‖p)
saturating = -np.log(1 - share) - non_saturating
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained", sharey=True)
left.plot(share, saturating, color=plotting.PALETTE[1], label="2 JSD, saturating")
left.plot(share, non_saturating, color=plotting.PALETTE[2], label="KL(q‖p) − 2 JSD, non-saturating")
right.plot(share, saturating, color=plotting.PALETTE[1])
right.plot(share, -np.log(1 - share), color=plotting.PALETTE[0], label="KL(p‖q), likelihood")
left.set(xlabel="share of the data that q has lost", ylabel="price / nats", title="lost (likelihood: infinite)")
right.set(xlabel="share of junk among the samples", title="invented (non-saturating: infinite)")
figure.legend(frameon=False, loc="outside lower center", ncols=3)
plotting.show(
    alt="Left, the price of losing a share of the data: both generator losses rise slowly from zero. Right, the "
    "price of inventing junk: the saturating one is the same, the likelihood's rises faster."
)
price = dict(zip((0.01, 0.1, 0.5), np.interp((0.01, 0.1, 0.5), share, non_saturating), strict=True))
print(
    "non-saturating price of losing",
    ", ".join(f"{100 * w:.0f} % of the data: {nats:.3f} nats" for w, nats in price.items()),
)

# %% [markdown]
# **Losing is cheap, inventing is forbidden**: half of all data may go for about a quarter of a nat, but not one sample
# may lie where there are no data. The likelihood has it exactly the other way round. Hence the reputation of the two
# families: GANs drop modes and look sharp, models of likelihood cover everything and blur.
#
# Take the explanation for what it is: a statement about the objective at the best $D$. It is *one* reason for mode
# dropping and not the only one. GANs trained with a loss that descends the forward KL also drop modes (Goodfellow, 2016,
# discusses this objection), and games can be won where no divergence would show the way (Fedus et al., 2018). So the
# *dynamics* of the game have their share. Lesson {number: stability_and_mode_collapse} counts modes.

# %% [markdown] tags=["deeper"]
# ## Who invented what, and when
#
# | | |
# |---|---|
# | before | hidden Markov models and mixtures (decades in practice), Boltzmann machines (1980s), deep belief networks (Hinton, Osindero & Teh, 2006), NADE (2011) |
# | 2010 | noise-contrastive estimation: fit a density by classifying data against noise (Gutmann & Hyvärinen) |
# | 20 Dec 2013 | VAE: Kingma & Welling, Amsterdam; independently Rezende, Mohamed & Wierstra, 16 Jan 2014 |
# | 10 Jun 2014 | GAN: Goodfellow and seven colleagues, **Université de Montréal**, with both generator losses |
# | 2016 | f-GAN (Nowozin, Cseke & Tomioka): a game for each f-divergence |
# | 2017 | what the non-saturating generator descends (Arjovsky & Bottou, theorem 2.5); Wasserstein GAN ({lesson: wasserstein_gans}) |
#
# And how the two families compare:
#
# | | VAE | GAN |
# |---|---|---|
# | density of the model | explicit: $\int p(z)\,p(x\mid z)\,dz$, bounded from below | implicit: samples only |
# | second network | encoder, an approximate posterior | discriminator, a log-ratio |
# | training | one objective climbed by both networks | a game: two losses |
# | in the ideal case | descends $\mathrm{KL}(p\,\|\,q)$ | $2\,\mathrm{JSD}$, or $\mathrm{KL}(q\,\|\,p)-2\,\mathrm{JSD}$ |
# | what it finds cheap | blur, junk between the modes | missing modes |
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
# It may be: a perfect one leaves $D$ a coin, with loss log 4. But a discriminator that has learned nothing also has this
# loss, whatever the samples look like. The theorem speaks of the *best* $D$. So a GAN's losses are no stopping criterion:
# judge samples.
# </details>
#
# <details><summary><b>2.</b> "V is the log-likelihood, and the generator maximises it." What is wrong?</summary>
#
# $V$ is the log-likelihood of the *labels* under the discriminator, and the generator makes it small. A likelihood of the
# *data* under the generator occurs nowhere: usually it has no density.
# </details>
#
# <details><summary><b>3.</b> "Training maximises the generator's loss and minimises the discriminator's." Correct it.</summary>
#
# Each player *minimises* its own loss. It is the value $V$ that one of them minimises and the other maximises. "The
# generator maximises the error of $D$" is one half of it; the other half is that $D$ minimises that error. And gradient
# descent is the way in which a loss is minimised: it is no loss.
# </details>
#
# <details><summary><b>4.</b> Does a generative model need a generator and a discriminator?</summary>
#
# A GAN does. VAEs, autoregressive models, flows, energy-based and diffusion models have no discriminator (lesson {number: latent_variable_models}'s
# map).
# </details>
#
# <details><summary><b>5.</b> A script builds a network from noise to data and calls `predict` on noise, under the comment "train". What has it learned?</summary>
#
# Nothing: no step was taken, there are no data in it and no judge. Look for an optimiser whose step counter moves.
# </details>
#
# <details><summary><b>6.</b> "GANs are for discrete data such as text, VAEs for continuous data." True?</summary>
#
# Rather the reverse. The generator learns from $\partial D/\partial x$, and a chosen word has no derivative (one needs
# REINFORCE or Gumbel-softmax: lesson {number: the_reparameterization_trick}). A VAE takes any likelihood, a categorical one for words; what is hard for it
# are discrete *latents*.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **explained** that a generator is a sampler, mostly without a density, and that a GAN maximises no likelihood of data;
# * **derived** $D^*=p/(p+q)$ point by point, and **measured** a trained network against its logit $\log p-\log q$;
# * **proved** $V(D^*)=-\log4+2\,\mathrm{JSD}$ with $0\le\mathrm{JSD}\le\log2$, and **predicted** a coin, log 4 and log 2
#   at the end;
# * **compared** the slopes $-D$ and $-(1-D)$, **found the bug** that makes the players co-operate, and **fitted**
#   $\mathcal N(2,(\frac12)^2)$ to 5 %;
# * **derived** that the non-saturating generator descends $\mathrm{KL}(q\,\|\,p)-2\,\mathrm{JSD}$, and **decided** what
#   that means: losing is cheap, inventing is forbidden.
#
# What does the game optimise? Its *value*, at the best discriminator, is a Jensen–Shannon divergence. What the generator
# *descends* depends on its loss; with the usual one it is a divergence that forgives missing modes.
#
# **Go further.** Give the generator the loss $-e^{\ell}$ (three lines, as in `from_memory`) and let it fit the two hills:
# does it cover? Clip the logit first, and say why that is necessary. Or replace the 1-D data by the ring of eight
# Gaussians and a generator with two hidden layers, and count the hills it finds with either loss: on a GPU, with five
# seeds each.
#
# **References.** Lin (1991), *Divergence measures based on the Shannon entropy*, IEEE Trans. Inf. Theory 37. · Endres &
# Schindelin (2003), *A new metric for probability distributions*, IEEE Trans. Inf. Theory 49. · Hinton, Osindero & Teh
# (2006), *A fast learning algorithm for deep belief nets*, Neural Computation 18. · Gutmann & Hyvärinen (2010),
# *Noise-contrastive estimation*, AISTATS. · Larochelle & Murray (2011), *The neural autoregressive distribution
# estimator*, AISTATS. · Kingma & Welling (2014), *Auto-encoding variational Bayes*, arXiv:1312.6114. · Rezende, Mohamed &
# Wierstra (2014), *Stochastic backpropagation and approximate inference in deep generative models*, arXiv:1401.4082. ·
# Goodfellow et al. (2014), *Generative adversarial networks*, arXiv:1406.2661. · Nowozin, Cseke & Tomioka (2016),
# *f-GAN*, arXiv:1606.00709. · Mohamed & Lakshminarayanan (2016), *Learning in implicit generative models*,
# arXiv:1610.03483. · Goodfellow (2016), *NIPS 2016 tutorial: generative adversarial networks*, arXiv:1701.00160. ·
# Arjovsky & Bottou (2017), *Towards principled methods for training generative adversarial networks*, arXiv:1701.04862. ·
# Isola et al. (2017), *Image-to-image translation with conditional adversarial networks*, arXiv:1611.07004. · Fedus et
# al. (2018), *Many paths to equilibrium: GANs do not need to decrease a divergence at every step*, arXiv:1710.08446. ·
# Shannon et al. (2020), *Non-saturating GAN training as divergence minimization*, arXiv:2010.08029.
