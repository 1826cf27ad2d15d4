# ---
# jupyter:
#   course:
#     part: "Part III · GANs"
#     question: "What if the distance were a transport cost?"
# ---

# %% [markdown]
# # Wasserstein GANs: what if the distance were a transport cost?
#
# **The question.** A GAN's best discriminator measures a divergence with a ceiling: once data and samples no longer
# overlap, far and farther look the same, and nothing shows the generator the way. What if we measured instead how far the
# samples would have to be *carried*?
#
# In this lesson you will
#
# * **compute** transport costs by hand, by sorting and by a linear program;
# * **prove** that the cost grows with the distance where the Jensen–Shannon divergence is flat;
# * **derive** its dual: a critic whose slope is at most 1, and the lower bound that *any* critic gives;
# * **write** a round of WGAN-GP, five critic steps and one of the generator;
# * **compare** clipping, two gradient penalties and spectral normalisation on one network, from the same starts;
# * **train** a Wasserstein GAN, with the exact distance beside the critic's estimate all along.
#
# *To know before:* the game and the Jensen–Shannon divergence ({lesson: gan_theory}), spectral normalisation and R1
# ({lesson: stability_and_mode_collapse}), gradients of a network with respect to its input; for the deeper sections
# integration by parts. *Time:* {times}; about 35 seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Moving earth
#
# Think of one sample as heaps of earth, of the other as holes. Point $x_i$ holds $\frac1n$ of the earth, point $y_j$ takes
# $\frac1m$. A **plan** $P$ says how much goes from where to where: $P_{ij}\ge0$, all earth leaves ($\sum_jP_{ij}=\frac1n$),
# all holes are filled ($\sum_iP_{ij}=\frac1m$). Carrying costs the *distance*, per unit of earth. The cost of the cheapest
# plan (the *optimal transport plan*) is the **Wasserstein-1 distance**, or earth mover's distance:
#
# $$W_1(x,y)=\min_P\sum_{ij}P_{ij}\,\lVert x_i-y_j\rVert .$$
#
# It has a unit, that of the data: pixels' grey, metres, whatever $x$ is measured in. (Squared distances give
# $W_2$, which this lesson does not need.)
#
# This is a linear program: a linear cost, linear constraints. `exact.transport_plan` solves it. With equal numbers some
# best plan sends each point to exactly one other. **Before you look:** can two arrows of a best plan cross?

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import ops
from scipy.stats import norm

from course_lib import datasets, exact, metrics, networks, plotting
from course_lib.formulas import adversarial

rng = np.random.default_rng(run.seed)
heaps, holes = rng.normal(size=(12, 2)), rng.normal([1.5, 0.5], 0.8, size=(12, 2))
target = exact.transport_plan(heaps, holes).argmax(axis=1)
figure, frames = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained", sharex=True, sharey=True)
for ax, goes_to, name in zip(frames, (np.arange(12), target), ("in the order of the list", "cheapest"), strict=True):
    way = holes[goes_to] - heaps
    ax.quiver(*heaps.T, *way.T, angles="xy", scale_units="xy", scale=1, color="0.6", width=0.004)
    ax.scatter(*heaps.T, color=plotting.PALETTE[0], label="heaps x", zorder=3)
    ax.scatter(*holes.T, color=plotting.PALETTE[5], marker="s", label="holes y", zorder=3)
    ax.set(title=f"{name}: {np.linalg.norm(way, axis=1).mean():.2f} per unit of earth", xlabel="$x_1$", aspect="equal")
frames[0].set_ylabel("$x_2$")
frames[1].legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
plotting.show(
    alt="Twelve heaps and twelve holes in the plane, twice, joined by arrows. In the order of the list the arrows "
    "cross; in the cheapest plan none cross, and on average they are shorter."
)

# %% [markdown]
# No. If two arrows crossed, exchanging their ends would make the two *together* shorter (two sides of a triangle are longer
# than the third, twice). *On the line* the exchange never costs more, so the order can be kept: **sort both samples, the
# smallest goes to the smallest**.
#
# $$W_1=\frac1n\sum_i\big|x_{(i)}-y_{(i)}\big|\qquad\text{(on the line, equal numbers)}$$
#
# **Proof**, on small samples, three methods that share nothing: the best of all $6!=720$ orders, the linear program, and sorting.

# %% tags=["proof"]
from itertools import permutations

for _ in range(3):
    a, b = rng.normal(size=6), rng.normal(1.0, 2.0, size=6)
    all_orders = min(np.abs(a - b[list(order)]).mean() for order in permutations(range(6)))
    program, by_sorting = exact.wasserstein_of_points(a[:, None], b[:, None]), np.abs(np.sort(a) - np.sort(b)).mean()
    print(f"all orders {all_orders:.6f}, program {program:.6f}, sorting {by_sorting:.6f}")
    assert np.ptp([all_orders, program, by_sorting]) < 1e-9, "on the line, sorting must be the cheapest plan"

# %% [markdown]
# **Exercise {exercise: TRANSPORT_BY_HAND}.** By hand. Three heaps at 0, 1 and 7; three holes at 4, 2 and 3 (in this order on the list). What is
# $W_1$?

# %% tags=["exercise"]
# BEGIN SOLUTION
by_hand = (2 + 2 + 3) / 3
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import wasserstein_gans as exercises

check(exercises.TRANSPORT_BY_HAND, by_hand)

# %% [markdown] tags=["deeper"]
# ### The area between two curves
#
# For *densities* on the line there is a picture. Stand at a border $u$. Left of it the heaps have $F_p(u)$ of the earth,
# the holes want $F_q(u)$: the difference must cross the border, one way or the other. Add up all borders (Vallender, 1974):
#
# $$W_1(p,q)=\int\big|F_p(u)-F_q(u)\big|\,du .$$

# %% tags=["proof"]
x = np.linspace(-6, 7, 521)
p, q = norm(0, 1), norm(0.5, 2.2)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
plotting.curves({"p": p.pdf(x), "q": q.pdf(x)}, x=x, xlabel="x", ylabel="density", ax=left)
plotting.curves({"$F_p$": p.cdf(x), "$F_q$": q.cdf(x)}, x=x, xlabel="border u", ylabel="share to the left", ax=right)
right.fill_between(x, p.cdf(x), q.cdf(x), where=p.cdf(x) < q.cdf(x), color="0.7")
right.fill_between(x, p.cdf(x), q.cdf(x), where=p.cdf(x) > q.cdf(x), color="0.9")
plotting.show(
    alt="Left, a narrow and a wide density. Right, their distribution functions, which cross; the areas between them "
    "are shaded, dark on one side of the crossing and light on the other."
)
area = exact.wasserstein_of_densities(p.logpdf, q.logpdf, -20, 20)
sampled = exact.wasserstein_of_samples(p.rvs(100_000, random_state=1), q.rvs(100_000, random_state=2))
print(f"both grey areas {area:.4f}; two sorted samples of 100,000 points: {sampled:.4f}; difference of the means 0.5")
assert abs(area - sampled) < 0.03, "the area must be the cost of the sorted samples"

# %% [markdown]
# Where the curves cross, the earth changes its direction: over borders in the dark area it goes to the left (the holes
# there want more than the heaps have), over those in the light area to the right. Both cost, and so the sum is far more
# than the difference of the means.
#
# **Exercise {exercise: AREA_BETWEEN}.** Write it for histograms: `p` and `q` hold the shares of earth in equal bars, each bar `width` wide.


# %% tags=["exercise"]
def wasserstein_of_histograms(p, q, width):
    # BEGIN SOLUTION
    return np.abs(np.cumsum(p - q)).sum() * width
    # END SOLUTION


# %%
check(exercises.AREA_BETWEEN, wasserstein_of_histograms)

# %% [markdown]
# ## Far, and farther
#
# Now the reason for all this. Data: a narrow hill at 0, with standard deviation 0.1. Samples: the same hill at $b$. From a
# distance of about 1 the two do not overlap. **Draw two curves before you look**: the Jensen–Shannon divergence against
# $b$, and $W_1$ against $b$.

# %% tags=["proof"]
distances = np.arange(-8, 151) / 50  # from a little below 0, for the slope at 0
hill = norm(0, 0.1).logpdf
moved = [norm(b, 0.1).logpdf for b in distances]
jsd = np.array([exact.jensen_shannon_1d(hill, other, -2, 5, 3001) for other in moved])
transport = np.array([exact.wasserstein_of_densities(hill, other, -2, 5, 3001) for other in moved])
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
plotting.curves({"JSD / nats": jsd, "$W_1$": transport}, x=distances, xlabel="distance b", ylabel="value", ax=left)
slopes = {name: np.gradient(values, distances) for name, values in (("2 JSD", 2 * jsd), ("$W_1$", transport))}
plotting.curves(slopes, x=distances, xlabel="distance b", ylabel="pull on the generator", ax=right)
for ax in (left, right):
    ax.set(xlim=(0, 3), ylim=(0, None))
plotting.show(
    alt="Left, Jensen–Shannon divergence and transport distance against the distance of two hills: the first climbs "
    "to a ceiling and stays there, the second is a straight line. Right, their slopes: a bump near 0, and a "
    "constant."
)
far = distances >= 1.2
print(f"from b = 1.2 to 3, JSD changes by {np.ptp(jsd[far]):.1e} nats; log 2 − JSD is {np.log(2) - jsd[far].min():.1e}")
print(f"the largest difference between W₁ and |b| is {np.abs(transport - np.abs(distances)).max():.1e}")
assert np.abs(jsd[far] - np.log(2)).max() < 1e-6, "JSD must lie at log 2 as soon as the hills no longer overlap"
assert np.abs(transport - np.abs(distances)).max() < 1e-6, "W₁ must be the distance, near and far"

# %% [markdown]
# JSD climbs to its ceiling and stays there; its pull on the generator (right) is a bump near the data, and 0 beyond. $W_1$
# *is* the distance, and pulls with the same strength at every distance above 0. (The right panel has the slope of 2 JSD, because that is what
# the game gives to the generator: $V(D^*)=-\log4+2\,\mathrm{JSD}$.)
#
# "No overlap" is no rare accident. Lesson {number: gan_theory} began with a generator that can only draw curves in the plane, while data lie
# beside them; images lie on thin sheets in a space of 784 dimensions. The textbook case (Arjovsky, Chintala & Bottou,
# 2017, example 1): the data are points $(0,u)$ and the samples points $(\theta,u)$, with $u$ uniform between 0 and 1. Two
# parallel lines.
#
# **Exercise {exercise: PARALLEL_LINES}: predict.** At $\theta=0.5$: give $\mathrm{KL}(p\,\|\,q)$, JSD (nats) and $W_1$, and the derivatives of
# JSD and of $W_1$ with respect to $\theta$ there: five numbers. A dictionary with the keys `"KL"`, `"JSD"`, `"W1"`, `"slope of JSD"` and
# `"slope of W1"`; infinity is `np.inf`.

# %% tags=["exercise"]
# BEGIN SOLUTION
lines = {"KL": np.inf, "JSD": np.log(2), "W1": 0.5, "slope of JSD": 0.0, "slope of W1": 1.0}
# END SOLUTION

# %%
check(exercises.PARALLEL_LINES, lines)

# %% [markdown]
# The linear program agrees for $W_1$, in the plane, on 200 points of each line:

# %% tags=["proof"]
u = rng.uniform(size=200)
for theta in (0.01, 0.5, 2.0):
    cost = exact.wasserstein_of_points(np.stack([0 * u, u], axis=1), np.stack([0 * u + theta, u[::-1]], axis=1))
    print(f"θ = {theta:4}: W₁ = {cost:.6f}")
    assert abs(cost - theta) < 1e-9, "every point must go straight across"

# %% [markdown]
# ## The other side: a price for every place
#
# A generator cannot use a linear program: it needs something with a gradient. Suppose somebody puts
# a *price* $f$ on every place and buys earth at $y$, to sell it at $x$. (Now it travels the other way, from $y$ to $x$. The
# cost is the same, and soon $x$ will be the data and $y$ the samples, which have to move.) Let $f$ never rise faster than
# the distance:
#
# $$|f(a)-f(b)|\le\lVert a-b\rVert\quad\text{for all }a,b .$$
#
# Such a function is called **1-Lipschitz**. For *any* plan $P$:
#
# 1. $\displaystyle\frac1n\sum_if(x_i)-\frac1m\sum_jf(y_j)=\sum_{ij}P_{ij}\,\big(f(x_i)-f(y_j)\big)$, because the rows of
#    $P$ sum to $\frac1n$ and its columns to $\frac1m$;
# 2. $\displaystyle\le\sum_{ij}P_{ij}\,\lVert x_i-y_j\rVert$, because $f$ is 1-Lipschitz.
# 3. It holds for the cheapest plan, too. So **no 1-Lipschitz function has a larger difference of means than $W_1$**.
#
# And some function reaches it (Kantorovich & Rubinstein, 1958):
#
# $$W_1(p,q)=\max_{f\ 1\text{-Lipschitz}}\;\mathbb E_p[f]-\mathbb E_q[f].$$
#
# The $f$ of the maximum is the best **critic** (the *Kantorovich potential*). It is no probability and has no sigmoid; it is a
# landscape. Equality in step 2 tells its shape: wherever the plan carries something, $f$ must rise by exactly the distance.
# *Along every arrow of the best plan the slope is 1.*
#
# Why does some function reach it? Every linear program has a twin, its **dual**, with a price for each constraint, and both
# have the same value. Two heaps and two holes, solved with SciPy, which hands out the prices too:

# %% tags=["proof"]
from scipy.optimize import linprog

places, takers = np.array([0.0, 3.0]), np.array([2.0, 1.0])
cost = np.abs(places[:, None] - takers)  # the plan is four numbers: x₁ → y₁, x₁ → y₂, x₂ → y₁, x₂ → y₂
leaves, arrives = np.kron(np.eye(2), [[1, 1]]), np.kron([[1, 1]], np.eye(2))
solved = linprog(cost.ravel(), A_eq=np.concatenate([leaves, arrives]), b_eq=[0.5] * 4)
prices = solved.eqlin.marginals  # by how much the cost grows with the earth at x₁, x₂, y₁, y₂
slack = (cost - (prices[:2, None] + prices[2:])).ravel()
print(f"cheapest plan {solved.fun:.3f}, worth of the prices {0.5 * prices.sum():.3f}")
print(f"plan {solved.x.round(3)}, distance − prices {slack.round(3)}")
assert np.isclose(solved.fun, 0.5 * prices.sum()), "both programs must have the same value"
assert slack.min() > -1e-9, "no two prices may add up to more than the distance"
assert np.abs(slack * solved.x).max() < 1e-9, "where something is carried, they must add up to the distance"

# %% [markdown]
# No two prices add up to more than the distance, and wherever the plan carries something, they *are* the distance. (The prices of
# the holes are $f$ with a minus: bought there, sold here.) Now 48 against 48 points in the plane:

# %%
data, samples = datasets.load("ring", num_test=48, seed=run.seed).x_test, 0.5 * rng.normal(size=(48, 2))
critic, plan = exact.kantorovich_potential(data, samples), exact.transport_plan(data, samples)
grid = np.stack(np.meshgrid(np.linspace(-2.6, 2.6, 80), np.linspace(-2.6, 2.6, 80)), axis=-1)
height = critic(grid.reshape(-1, 2)).reshape(80, 80)
ax = plt.subplots(figsize=(5.4, 4), layout="constrained")[1]
shades = ax.contourf(grid[..., 0], grid[..., 1], height, 12, cmap="Greys", alpha=0.6)
ax.figure.colorbar(shades, label="score f(x)")
way = data[plan.argmax(axis=0)] - samples
ax.quiver(*samples.T, *way.T, angles="xy", scale_units="xy", scale=1, width=0.003, color=plotting.PALETTE[2])
ax.scatter(*data.T, s=12, color=plotting.PALETTE[0], label="data")
ax.scatter(*samples.T, s=12, marker="s", color=plotting.PALETTE[5], label="samples")
ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
ax.legend(frameon=True, fontsize=8, loc="upper left")
plotting.show(
    alt="A landscape of the best critic in shades of grey over the plane, with a ring of data, samples in the "
    "middle, and an arrow from each sample to its data point, along which the score rises."
)

# %% tags=["proof"]
cost = exact.wasserstein_of_points(data, samples)
rises = critic(data[plan.argmax(axis=0)]) - critic(samples)
print(
    f"cost of the best plan {cost:.6f}, difference of the critic's means {critic(data).mean() - critic(samples).mean():.6f}"
)
print(f"rise along an arrow, divided by its length: {(rises / np.linalg.norm(way, axis=1)).min():.6f} at least")
assert abs(critic(data).mean() - critic(samples).mean() - cost) < 1e-8, "the best critic must attain the transport cost"
assert np.allclose(rises, np.linalg.norm(way, axis=1)), "along every arrow the slope must be 1"

# %% [markdown]
# Two programs that were solved separately agree: the cheapest plan, and the best prices. And look where the
# arrows (from the samples to the data) go: uphill. A generator that moves its samples along $\nabla f$ *is being told
# where they belong*.
#
# **Exercise {exercise: WHICH_ARE_LIPSCHITZ}.** Which of these functions of one number are 1-Lipschitz? Give the set of their letters, such as
# `{"A", "C"}`.
#
# A: $|x|$ · B: $\sin x$ · C: $x^2$ · D: $2\tanh x$ · E: $\operatorname{sigmoid}(4x)$ · F: $\sqrt{1+x^2}$ · G: $\max(x,0)$ ·
# H: $\sqrt{|x|}$

# %% tags=["exercise"]
# BEGIN SOLUTION
gentle = {"A", "B", "E", "F", "G"}
# END SOLUTION

# %%
check(exercises.WHICH_ARE_LIPSCHITZ, gentle)

# %% [markdown]
# ### What any critic is worth
#
# A network is not 1-Lipschitz by itself. But divide *any* function by its largest slope $L$, and it is. So for every
# critic, however badly trained,
#
# $$\frac{\overline{f(x)}-\overline{f(y)}}{L}\;\le\;W_1 .$$
#
# Which $L$? The true Lipschitz constant of a network is hard to find. Step 2 above needs the inequality only between a
# point of $x$ and a point of $y$, so for *these samples* the steepest of all pairs will do: `metrics.steepest_pair`. It is
# a guarantee for the given samples, not a guess. We call the quotient the **certified** distance, the numerator alone the
# **raw** estimate. (The slope at the points themselves, or at random points between, is only a lower bound of $L$, and
# would certify nothing.)


# %% tags=["proof"]
def scores(critic, x):
    return ops.convert_to_numpy(critic(np.float32(x)))[:, 0].astype("float64")


def judged(critic, x, y):
    """Raw estimate, steepest pair, certified distance and exact distance of two samples."""
    raw, steepest = scores(critic, x).mean() - scores(critic, y).mean(), metrics.steepest_pair(critic, x, y)
    on_the_line = x.shape[1] == 1
    cost = exact.wasserstein_of_samples(x[:, 0], y[:, 0]) if on_the_line else exact.wasserstein_of_points(x, y)
    return raw, steepest, raw / steepest, cost


keras.utils.set_random_seed(run.seed)
untrained = networks.dense_discriminator((2,), (32, 32))
raw, steepest, certified, cost = judged(untrained, data, samples)
print(f"untrained critic: raw {raw:.3f}, steepest {steepest:.3f}, certified {certified:.3f} ≤ exact {cost:.3f}")
assert certified <= cost, "estimate divided by slope must be a lower bound, for every critic"

# %% [markdown]
# ## A critic that is a network
#
# The game changes by two lines: no sigmoid, no logarithm. Critic and generator descend

# %%
course_lib.show(adversarial.wasserstein)

# %% [markdown]
# Without a limit on the slope the critic would double its weights, and double its "distance", for ever. How do we limit it?
#
# ### First idea: clip the weights
#
# Keep every weight in $[-c,c]$ after every step (Arjovsky, Chintala & Bottou, 2017, algorithm 1). In Keras that is a
# constraint, a function that the optimiser applies after its step:


# %%
class Clipped(keras.constraints.Constraint):
    def __init__(self, limit):
        self.limit = limit

    def __call__(self, weights):
        return ops.clip(weights, -self.limit, self.limit)


# %% [markdown]
# Our data: two hills on the line, at ±2; the samples: one hill in the middle. The generator is held still by
# `generator_scale=0`, so that the critic can become as good as it can. **What should the best critic look like?**

# %%
from course_lib.models import GAN
from course_lib.training import restart

hills = {"means": (-2.0, 2.0), "standard_deviation": 0.4, "weights": (0.4, 0.6)}
line = datasets.load("mixture_1d", num_train=20_000, seed=run.seed, **hills)


def against_still(critic, size, mean, deviation, penalty, rate, steps):
    """The game of a critic against samples of N(mean, deviation²), the generator held still."""
    generator = networks.dense_generator(size, (size,), (), output_activation=None)
    generator.set_weights([deviation * np.eye(size), np.full(size, mean)])
    game = GAN(generator, critic, adversarial.wasserstein, seed=run.seed, penalty=penalty)
    game.compile(learning_rate=keras.optimizers.schedules.CosineDecay(rate, steps), generator_scale=0)
    return game


def trained(critic, x, mean, deviation, penalty=None, epochs=15, rate=0.01):
    game = against_still(critic, x.shape[1], mean, deviation, penalty, rate, steps=epochs * (len(x) // 250))
    game.fit(x, epochs=epochs, batch_size=250, verbose=0)
    return critic


# %% [markdown]
# Two limits, and 1,000 fresh points of each side to judge by:

# %% tags=["proof"]
line_x = line.density.sample(1000, seed=run.seed + 5)
line_y = norm(0.3, 1.0).rvs((1000, 1), random_state=run.seed + 6)
clipped = {}
for limit in (0.1, 0.03):
    keras.utils.set_random_seed(run.seed)
    clipped[limit] = networks.dense_discriminator((1,), (32, 32))
    for variable in clipped[limit].trainable_variables:
        variable.constraint = Clipped(limit)
    trained(clipped[limit], line.x_train, 0.3, 1.0)
    raw, steepest, certified, cost = judged(clipped[limit], line_x, line_y)
    print(f"c = {limit}: raw {raw:.4f}, steepest {steepest:.4f}, certified {certified:.3f} ≤ exact {cost:.3f}", end="")
    print(f"; c³ · 32² = {limit**3 * 32**2:.3f}")
    assert certified <= cost, "a clipped critic's certified distance must be a lower bound"
    assert steepest <= limit**3 * 32**2, "three layers of weights below c cannot be steeper than c³ times 32²"

# %% [markdown]
# One distance, and two raw numbers that differ by a factor of about thirty. Clipping makes a critic $K$-Lipschitz for *some*
# $K$ that nobody chose: three layers, so $K$ goes with $c^3$. (With more layers it vanishes or explodes, and the
# generator's gradient with it.) What the weights do with their freedom:

# %% tags=["proof"]
x = np.linspace(-6, 7, 521)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for (limit, critic), colour in zip(clipped.items(), plotting.PALETTE, strict=False):
    weights = np.concatenate([values.ravel() for values in critic.get_weights()]) / limit
    left.hist(weights, np.linspace(-1, 1, 42), histtype="step", color=colour, label=f"c = {limit}")
    at_the_limit = np.mean(np.abs(weights) > 0.999)
    print(f"c = {limit}: {100 * at_the_limit:.0f} % of the weights lie at the limit")
    assert at_the_limit > 0.8, "the symptom: most weights must be driven to ±c"
    curve = scores(critic, x[:, None])
    steepest = metrics.steepest_pair(critic, line_x, line_y)
    right.plot(x, (curve - curve.mean()) / steepest, color=colour, label=f"c = {limit}")
left.set(xlabel="weight / c", ylabel="number of weights", xticks=(-1, -0.5, 0, 0.5, 1))
left.legend(frameon=False)
right.set(xlabel="x", ylabel="score / its steepest slope")
right.legend(frameon=False)
plotting.show(
    alt="Left, histograms of the weights of clipped critics: nearly all lie at the two limits. Right, their scores "
    "along the line, divided by the steepest slope: a V that is less steep on one side than on the other."
)

# %% [markdown]
# Nearly all weights sit at $\pm c$ (left): a network whose weights all have one size can make only simple functions. The best
# critic would be a V with slope 1 on *both* sides, high at both hills. The clipped ones (right, divided by their steepest
# slope) reach it on one side only, and a part of it on the other: clipping limits the steepest place and asks nothing
# of the others.

# %% [markdown]
# ### Second idea: ask for the slope
#
# The best critic has slope 1 along the arrows of the plan. Nobody knows the plan; so a data point and a sample are paired *at
# random*, and a slope of length 1 is asked for at a point *between* them (Gulrajani et al., 2017):
#
# $$L_D=f(G(z))-f(x)+\lambda\big(\lVert\nabla f(\hat x)\rVert-1\big)^2,\qquad
#   \hat x=t\,x+(1-t)\,G(z),\qquad t\sim\mathcal U(0,1),$$
#
# another $t$ for each example. That is more than the theory asks: random pairs are no arrows of the plan (in the picture of the ring no arrow crosses the
# middle, many random pairs do), and there the best critic may be flatter than 1. Hence the **one-sided** penalty,
# $\lambda\max(0,\lVert\nabla f\rVert-1)^2$, which leaves slopes below 1 alone (Petzka et al., 2018).

# %%
from course_lib.formulas import GradientPenalty, interpolation_points

course_lib.show(GradientPenalty.__call__)

# %% [markdown]
# Check it where the answer is known. A linear critic $f(x)=w\cdot x$ has the gradient $w$ at *every* point, so its penalty
# must be $\lambda(\lVert w\rVert-1)^2$, wherever one asks. Images, 8×8:

# %% tags=["proof"]
real, fake = rng.normal(size=(2, 16, 8, 8, 1)).astype("float32")
position = rng.uniform(size=16).astype("float32")
keras.utils.set_random_seed(run.seed)
linear = networks.dense_discriminator((8, 8, 1), ())
for length in (0.2, 1.0, 3.0):
    w = rng.normal(size=(64, 1))
    w *= length / np.linalg.norm(w)
    linear.set_weights([w, np.zeros(1)])
    found = ops.convert_to_numpy(GradientPenalty(1.0)(linear, real, fake, position))
    print(f"‖w‖ = {length}: penalty {found.min():.6f} to {found.max():.6f}, (‖w‖ − 1)² = {(length - 1) ** 2:.6f}")
    assert np.abs(found - (length - 1) ** 2).max() < 1e-5, "the penalty of a linear critic must be (‖w‖ − 1)²"

# %% [markdown]
# **A trap at zero.** The length $\sqrt{\sum_kg_k^2}$ has no derivative at $g=0$: the chain rule asks for $\frac1{2\sqrt0}$
# times $2\cdot0$, and infinity times nothing is NaN. One flat spot (a dead ReLU will do), and all weights are NaN after the
# next step. The library takes 0 there. Both, on a critic whose weights are 0:

# %% tags=["proof"]
from course_lib.formulas import input_gradient

zero = ops.zeros((3, 2))
naive = input_gradient(lambda g: ops.sqrt(ops.sum(g * g, axis=1)), zero)


def penalty_of(w):
    return GradientPenalty(1.0)(lambda x, training=False: ops.matmul(x, w), zero + 1.0, zero, ops.ones(3))


safe = input_gradient(penalty_of, ops.zeros((2, 1)))
print("naive root:", ops.convert_to_numpy(naive)[0], " the library's penalty:", ops.convert_to_numpy(safe)[:, 0])
assert np.isnan(ops.convert_to_numpy(naive)).all(), "the naive root must give NaN at 0"
assert np.isfinite(ops.convert_to_numpy(safe)).all(), "the penalty's gradient must stay finite at a slope of 0"

# %% [markdown]
# ### A round of WGAN-GP
#
# Algorithm 1 of Gulrajani et al. (2017): the critic takes *five* steps, each with new data and new samples; then the generator
# takes one. **Exercise {exercise: WGAN_GP_ROUND}: write it.** `real_batches` is a list of five batches of data, `(batch, d)`, `weight` is λ, `rng` a
# NumPy generator. The networks are behind a `game`:
#
# | call | what it does |
# |---|---|
# | `game.generate(count)` | new samples $G(z)$, `(count, d)` |
# | `game.scores(x)` | $f(x)$, `(batch,)` |
# | `game.slopes(x)` | $\nabla f(x)$, `(batch, d)` |
# | `game.step_critic(loss)`, `game.step_generator(loss)` | one step down; `loss` is one number, the mean over a batch |
#
# (In a framework `loss` carries its gradient along. Here the check looks at the number, and at where you asked.)


# %% tags=["exercise"]
def wgan_gp_round(game, real_batches, weight, rng):
    # BEGIN SOLUTION
    for real in real_batches:
        samples, t = game.generate(len(real)), rng.uniform(size=(len(real), 1))
        lengths = np.sqrt(np.square(game.slopes(t * real + (1 - t) * samples)).sum(axis=1))
        game.step_critic((game.scores(samples) - game.scores(real) + weight * (lengths - 1) ** 2).mean())
    game.step_generator(-game.scores(game.generate(len(real_batches[0]))).mean())
    # END SOLUTION


# %%
check(exercises.WGAN_GP_ROUND, wgan_gp_round)

# %% [markdown]
# ### Four critics on equal terms
#
# Now all on the same data: one network (two hidden layers of 32, leaky ReLU), eight epochs, one step size, the same three random starts.
# Only the limit differs: clipped weights, the two penalties ($\lambda=10$), and spectral normalisation, which divides each weight
# matrix by its largest singular value ({lesson: stability_and_mode_collapse}). **Predict** which certifies most.

# %%
penalties = {"two-sided penalty": GradientPenalty(10.0), "one-sided penalty": GradientPenalty(10.0, one_sided=True)}
shares = {}
for name in ("clipped, c = 0.1", *penalties, "spectral"):
    found, game = [], None
    for start in range(3 * run.seed, 3 * run.seed + 3):
        keras.utils.set_random_seed(start)
        critic = networks.dense_discriminator((1,), (32, 32), spectral_normalization=name == "spectral")
        for variable in critic.trainable_variables if "clipped" in name else ():
            variable.constraint = Clipped(0.1)
        fresh = against_still(critic, 1, 0.3, 1.0, penalties.get(name), rate=0.003, steps=8 * 80)
        game = game or fresh
        restart(game, fresh)  # each start has its own weights; the program is built once
        game.fit(line.x_train, epochs=8, batch_size=250, verbose=0)
        found.append(judged(game.discriminator, line_x, line_y))
    shares[name] = [certified / cost for _, _, certified, cost in found]
    print(f"{name:18} raw {found[0][0]:7.3f}; certified, of the exact distance:", *map("{:6.1%}".format, shares[name]))

# %% tags=["proof"]
best = np.array(shares["one-sided penalty"])
others = [name for name in shares if "clipped" in name or name == "spectral"]
assert max(map(max, shares.values())) <= 1, "nobody may certify more than the exact distance"
assert best.min() > 0.9, "the one-sided penalty must certify nine tenths, from every start"
assert all((best > shares[name]).all() for name in others), "and more than the others from the same start"

# %% [markdown]
# From every start the *one-sided* penalty certifies nearly all of the distance. The *two-sided* one certifies as much, or next to
# nothing: where a critic happens to fall instead of rise, a slope of −1 satisfies the penalty as well, and the road back leads
# through a slope of 0, which costs λ. (In the plane and above a gradient can turn without shrinking; there this is rarer.)
# *Clipping* certifies something in between; how much depends on the start. *Spectral normalisation* is safe, and too careful: no
# layer may stretch anything, each leaky ReLU shrinks something, and what is left is far from a slope of 1 on both sides.

# %% [markdown] tags=["deeper"]
# ### Is it between?
#
# $\hat x$ lies on the straight line from $x$ to $G(z)$. A point is on it **if and only if** its distances to both ends
# add up to the whole: $\lVert\hat x-x\rVert+\lVert\hat x-G(z)\rVert=\lVert x-G(z)\rVert$. That is a test which needs nothing
# but the points. The library's, and two others that can be found in published code; **which of them passes?**


# %% tags=["proof"]
def detour(points):
    """How much longer the way over the points is, in shares of the straight way."""
    ways = [np.sqrt(np.square(a - b).sum(axis=(1, 2, 3))) for a, b in ((points, real), (points, fake), (real, fake))]
    return (ways[0] + ways[1]) / ways[2] - 1


candidates = {
    "the library's": ops.convert_to_numpy(interpolation_points(real, fake, position)),
    "t ~ N(0, 1)": fake + rng.normal(size=(16, 1, 1, 1)) * (real - fake),
    "a t for each pixel": fake + rng.uniform(size=real.shape) * (real - fake),
}
for name, points in candidates.items():
    print(f"{name:20} detour {detour(points).min():.6f} to {detour(points).max():.6f}")
assert detour(candidates["the library's"]).max() < 1e-6, "every interpolation point must lie on the straight way"
assert detour(candidates["t ~ N(0, 1)"]).max() > 0.1, "positions from N(0, 1) must leave the way"
assert detour(candidates["a t for each pixel"]).min() > 0.05, "a position for each pixel must leave the way, always"

# %% [markdown]
# **Exercise {exercise: BETWEEN}: find the bug.** This program has been copied many times; it trains, and the samples look passable. Repair
# it. `real` and `samples` are `(batch, …)`, `rng` a NumPy generator.


# %% tags=["exercise"]
def between(real, samples, rng):
    shape = (len(real),) + (1,) * (real.ndim - 1)
    # BEGIN SOLUTION
    t = rng.uniform(size=shape)
    return t * real + (1 - t) * samples
    # INSTEAD
    # t = rng.normal(size=shape)
    # return t * real + (1 - t) * samples
    # END SOLUTION


# %%
check(exercises.BETWEEN, between)

# %% [markdown]
# Two thirds of the positions of $\mathcal N(0,1)$ lie outside of $[0,1]$: the slope is asked for *behind* the data and
# behind the samples, where nothing is carried, and the way between gets a third of the attention.
#
# **Exercise {exercise: PENALTY_OF_IMAGES}: find the bug.** The colleague's penalty for images. `slopes` are the gradients, `(batch, height, width,
# channels)`. Her linear critic of length 1 should cost nothing, and it does not:


# %%
def her_penalty(slopes, weight):
    return weight * ((np.linalg.norm(slopes, axis=1) - 1) ** 2).mean(axis=(1, 2))


unit = np.full((1, 8, 8, 1), 1 / 8)  # 64 pixels, length 1
print(f"length of the gradient: {np.sqrt(np.square(unit).sum()):.1f}, her penalty: {her_penalty(unit, 10.0)[0]:.3f}")

# %% [markdown]
# What does her length measure? Write the penalty that the formula asks for, one value for each image.


# %% tags=["exercise"]
def penalty_of_images(slopes, weight):
    # BEGIN SOLUTION
    length = np.sqrt(np.square(slopes).sum(axis=(1, 2, 3)))
    return weight * (length - 1) ** 2
    # INSTEAD
    # return weight * ((np.linalg.norm(slopes, axis=1) - 1) ** 2).mean(axis=(1, 2))
    # END SOLUTION


# %%
check(exercises.PENALTY_OF_IMAGES, penalty_of_images)

# %% [markdown] tags=["deeper"]
# ## By how much the penalty overshoots
#
# The penalty is often said to *make* the critic 1-Lipschitz. It asks, and it compromises. The smallest case: one data point
# and one sample, at a distance $W$. Between them the critic has a slope $s$; its score difference is $W\,s$, and it
# maximises
#
# $$W\,s-\lambda\,(s-1)^2 .$$
#
# **Exercise {exercise: SLOPE_OF_TWO_POINTS}.** Which slope does it choose? A function of $W$ (`distance`) and $\lambda$ (`weight`).


# %% tags=["exercise"]
def slope_of_two_points(distance, weight):
    # BEGIN SOLUTION
    return 1 + distance / (2 * weight)
    # END SOLUTION


# %%
check(exercises.SLOPE_OF_TWO_POINTS, slope_of_two_points)

# %% [markdown]
# So the slope is $1+\frac W{2\lambda}$, never 1, and the raw estimate is $W+\frac{W^2}{2\lambda}$. Mind the units: a slope
# has none, so **$\lambda$ is measured in the unit of the data**. The famous 10 is much for data that lie 0.1 apart, and
# little for images that lie 10 apart, as images of 784 pixels may: there the slope would be 1.5. **Measured**, on two points,
# with $\lambda=2$:

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
pair = networks.dense_discriminator((1,), ())
pair.set_weights([np.array([[0.5]]), np.zeros(1)])
for distance in (1.0, 2.0, 4.0):
    point = np.full((640, 1), distance, "float32")
    generator = networks.dense_generator(1, (1,), (), output_activation=None)
    generator.set_weights([np.zeros((1, 1)), np.zeros(1)])  # all samples at 0
    game = GAN(generator, pair, adversarial.wasserstein, seed=run.seed, penalty=GradientPenalty(2.0))
    game.compile(learning_rate=keras.optimizers.schedules.CosineDecay(0.1, 200), generator_scale=0)
    game.fit(point, epochs=20, batch_size=64, verbose=0)
    slope = float(pair.get_weights()[0].item())
    print(f"W = {distance}: slope {slope:.5f}, 1 + W/(2λ) = {1 + distance / 4:.5f}")
    assert abs(slope - (1 + distance / 4)) < 1e-3, "for two points the slope must be 1 + W/(2λ)"

# %% [markdown]
# ### On the whole line
#
# The same for densities, position by position. Three steps:
#
# 1. *The gain.* Integrate by parts: $\mathbb E_p[f]-\mathbb E_q[f]=\int f'(u)\,g(u)\,du$ with $g=F_q-F_p$, the earth that
#    must cross at $u$.
# 2. *The price.* Let $\rho$ be the density of $\hat x$. The penalty is $\lambda\int\rho(u)\,(|f'(u)|-1)^2\,du$.
# 3. No slope binds another. At each $u$ maximise $s\,g-\lambda\rho\,(|s|-1)^2$ over $s$: with the sign of $g$,
#
# $$|f'(u)|=1+\frac{|g(u)|}{2\lambda\,\rho(u)},\qquad\text{so the raw estimate is}\quad
#   W_1+\int\frac{g(u)^2}{2\lambda\,\rho(u)}\,du .$$
#
# (Two points: $g=1$, and $\rho=\frac1W$ on the way. It fits.) But look at step 3 again. The price has *two* valleys, at
# $s=+1$ and at $s=-1$. Even with the wrong sign there is a local best, $|f'|=1-\frac{|g|}{2\lambda\rho}$, as long as
# $|g|<2\lambda\rho$: to turn round, a slope would have to pass through 0, where the price is $\lambda\rho$. **There, a critic
# that starts with the wrong slope stays wrong.** The **one-sided** penalty has one valley: slopes
# below 1 are free. It overshoots by the same formula.
#
# To see both, start two critics from the same function, one that falls everywhere. The right one would be a V.


# %%
def falling_critic():
    critic, draws = networks.dense_discriminator((1,), (32, 32), activation="tanh"), np.random.default_rng(run.seed)
    limits = (0.3, 1.0), (-2.0, 2.0), (0.0, 0.1), (-1.0, 1.0), (-0.4, 0.0), (0.0, 0.0)  # positive, positive, negative
    shapes = [values.shape for values in critic.get_weights()]
    critic.set_weights([draws.uniform(*ends, size=shape) for ends, shape in zip(limits, shapes, strict=True)])
    return critic


penalties = {"two-sided": GradientPenalty(10.0), "one-sided": GradientPenalty(10.0, one_sided=True)}
keras.utils.set_random_seed(run.seed)
critics = {
    name: trained(falling_critic(), line.x_train, 0.3, 1.0, penalty, epochs=20) for name, penalty in penalties.items()
}

# %% [markdown]
# The prediction, from the formula alone: $\rho$ by a histogram of 400,000 points between.

# %%
u = np.linspace(-8, 8, 161)
fine = np.linspace(-8, 8, 4001)
p_fine, q_fine = np.exp(line.density.log_density(fine)), norm(0.3, 1.0).pdf(fine)
gap = np.interp(u, fine, np.cumsum(q_fine - p_fine) * (fine[1] - fine[0]))
t = rng.uniform(size=400_000)
points = t * line.density.sample(400_000, seed=run.seed + 1)[:, 0]
points += (1 - t) * norm(0.3, 1.0).rvs(400_000, random_state=run.seed + 2)
rho = np.histogram(points, np.append(u - 0.05, 8.05), density=True)[0]
known = rho > 1e-3
overshoot = np.where(known, np.abs(gap) / (20 * np.where(known, rho, 1)), 0)
exact_1d = np.abs(gap).sum() * 0.1
predicted = exact_1d + (np.abs(gap) * overshoot).sum() * 0.1

# %% tags=["proof"]
results = {}
for name, critic in critics.items():
    raw_exact = np.trapezoid(scores(critic, fine[:, None]) * (p_fine - q_fine), fine)
    results[name] = judged(critic, line_x, line_y)
    print(f"{name}: raw {raw_exact:6.3f} on the exact densities (formula {predicted:.3f}, W₁ = {exact_1d:.3f})")
    on_samples = "raw {:6.3f} on the samples, steepest {:.3f}, certified {:6.3f} ≤ exact {:.3f}"
    print("          ", on_samples.format(*results[name]))
    assert results[name][2] <= results[name][3], "certified must never exceed the exact distance"
    if name == "one-sided":
        assert raw_exact > 1.02 * exact_1d, "the raw estimate must overshoot"
        assert abs(raw_exact - predicted) < 0.02 * predicted, "and by as much as the formula says"
assert results["one-sided"][2] > 0.9 * results["one-sided"][3], "certified must reach 0.9 of the exact distance"
assert results["two-sided"][0] < 0.3 * results["two-sided"][3], "the two-sided critic must be stuck on the wrong side"

# %% [markdown]
# The one-sided critic overshoots by as much as predicted. What does the other one look like?

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
middle = np.abs(fine) < 4
sign = np.where(gap < 0, -1, 1)
right.plot(u[known], (sign * (1 + overshoot))[known], "--", color="black", label="formula", linewidth=1)
for (name, critic), colour in zip(critics.items(), plotting.PALETTE, strict=False):
    curve = scores(critic, fine[:, None])
    left.plot(fine[middle], curve[middle] - curve[middle].mean(), color=colour, label=name)
    right.plot(fine[middle], np.gradient(curve, fine)[middle], color=colour)
left.fill_between(fine[middle], -3.6, -3.6 + 2.5 * p_fine[middle], color="0.85")
left.plot(fine[middle], -3.6 + 2.5 * q_fine[middle], color="0.5", linewidth=1)
left.set(xlabel="x (grey area: data; line: samples)", ylabel="score f(x)")
right.set(xlabel="x", ylabel="slope f′(x)", xlim=(-4, 4))
figure.legend(frameon=False, loc="outside lower center", ncols=3)
plotting.show(
    alt="Left, the scores of two critics along the line, with the data as a grey area: the one-sided critic is a V, "
    "the two-sided one goes down all the way. Right, their slopes, of which the one-sided follows the dashed "
    "formula."
)

# %% [markdown]
# The one-sided critic (orange) is the V, and its slopes follow the dashed formula wherever anything is carried: five to ten
# per cent above 1. At the far left and right, where hardly anything passes, it may do as it likes. The two-sided one (blue)
# satisfies its penalty nearly everywhere, slope −1 to the last, and is worthless on the right half: its "distance" is about
# 0. (Beyond $x=3$ the dashed formula falls to −1, rightly: there $F_q<F_p$, a little earth goes the other way.) In the plane and
# above a gradient can *turn* without shrinking.

# %% [markdown]
# ## In the plane
#
# Eight tight Gaussians on a ring, against one broad hill in the middle. No sorting here: the exact cost of 400 against 400
# points comes from the assignment problem. The penalty is the two-sided one of the paper.

# %% tags=["proof"]
ring = datasets.load("ring", num_train=20_000, seed=run.seed)
keras.utils.set_random_seed(run.seed)
plane = trained(networks.dense_discriminator((2,), (64, 64)), ring.x_train, 0.0, 0.5, GradientPenalty(10.0))
ring_x, ring_y = ring.density.sample(400, seed=run.seed + 5), 0.5 * rng.normal(size=(400, 2))
raw, steepest, certified, cost = judged(plane, ring_x, ring_y)
print(
    f"raw {raw:.3f}, steepest {steepest:.3f}, certified {certified:.3f}, exact {cost:.3f}: {100 * certified / cost:.1f} %"
)
assert raw > cost, "the raw estimate must overshoot here"
assert 0.9 * cost <= certified <= cost, "certified must lie between 0.9 and 1 times the exact distance"

# %% [markdown]
# A network that never saw a plan finds nearly all of the cost of the best one. The raw number is too large, the divided one a
# little too small: *between the two lies the truth*, here at least. **Only the second is guaranteed.**
#
# **Exercise {exercise: READ_THE_CRITIC}.** Three critics of the same two samples report a raw estimate and their steepest pair: A: 0.012 with
# slope 0.01; B: 1.65 with slope 1.1; C: 4.0 with slope 4.0. Which lower bound of $W_1$ does each certify, and which critic
# is the best? A dictionary with the keys `"A"`, `"B"`, `"C"` and `"best"` (a letter).

# %% tags=["exercise"]
# BEGIN SOLUTION
reading = {"A": 0.012 / 0.01, "B": 1.65 / 1.1, "C": 4.0 / 4.0, "best": "B"}
# END SOLUTION

# %%
check(exercises.READ_THE_CRITIC, reading)

# %% [markdown]
# ## A Wasserstein GAN
#
# Now the generator moves, against the ring. The critic should stay near its best, so it steps five times as far as the
# generator (`generator_scale=0.2`). After each epoch we look at 300 real
# and 300 generated points: the exact distance, and what the critic says.

# %%
keras.utils.set_random_seed(run.seed)
generator = networks.dense_generator(4, (2,), (64, 64), output_activation=None)
wgan = GAN(
    generator,
    networks.dense_discriminator((2,), (64, 64)),
    adversarial.wasserstein,
    seed=run.seed,
    penalty=GradientPenalty(10.0, one_sided=True),
)
wgan.compile(learning_rate=2e-3, generator_scale=0.2)
held_out = ring.density.sample(300, seed=run.seed + 50)
rows, pictures = [], {}


def look(epoch, logs=None):
    made = wgan.sample(300, seed=run.seed + 60)
    rows.append(judged(wgan.discriminator, held_out, made))
    if epoch in (-1, 4, 24):
        pictures[epoch + 1] = made


look(-1)
watch = keras.callbacks.LambdaCallback(on_epoch_end=look)
wgan.fit(ring.x_train, epochs=25, batch_size=250, verbose=0, callbacks=[watch])
raw, _, certified, cost = np.array(rows).T

# %% tags=["proof"]
figure, frames = plt.subplots(1, 4, figsize=(12, 3), layout="constrained", width_ratios=(1.7, 1, 1, 1))
named = {"exact $W_1$": cost, "raw estimate": raw, "certified": certified}
plotting.curves(named, x=np.arange(len(rows)), xlabel="epoch", ylabel="distance", ax=frames[0])
for ax, (epoch, made) in zip(frames[1:], pictures.items(), strict=True):
    ax.scatter(*held_out.T, s=8, color="0.6")
    ax.scatter(*made.T, s=5, color=plotting.PALETTE[5])
    ax.set(title=f"epoch {epoch}", aspect="equal", xlim=(-2.7, 2.7), ylim=(-2.7, 2.7), xlabel="$x_1$")
frames[1].set_ylabel("$x_2$")
plotting.show(
    alt="Left, exact distance, raw estimate and certified bound against the epoch: all come down in the end, the "
    "bound always below the exact distance. Right, three moments of the samples, which move onto the grey ring "
    "of data."
)
fresh = exact.wasserstein_of_points(held_out, ring.density.sample(300, seed=run.seed + 51))
print(f"exact W₁ from {cost[0]:.2f} to {cost[-1]:.2f}; two real samples of 300 points are {fresh:.2f} apart")
agreement = np.corrcoef(raw[5:], cost[5:])[0, 1]
print(f"from the fifth epoch on, raw estimate and exact distance have a correlation of {agreement:.2f}")
assert (certified <= cost).all(), "certified must be a lower bound at every moment"
assert cost[-1] < 0.35 * cost[0], "the samples must come nearer to the data"
assert agreement > 0.5, "the critic's estimate must fall with the exact distance"

# %% [markdown]
# Grey: real; orange: generated. Compare with lesson {number: gan_theory}, where the discriminator's loss ended at log 4, the number of a
# perfect generator and of a useless discriminator alike. Here the critic's number *falls as the samples get better*. Three cautions:
#
# * It starts too low: an untrained critic says little, whatever the distance; and it dips in the first epochs, where the
#   generator runs and the critic must learn the new place first. A small estimate is good news only if the
#   critic is good. The certified line lies below the exact one in every epoch.
# * Even two *real* samples of 300 points are not at distance 0. *On average* $W_1$ between samples overestimates that between
#   their laws, by an amount that shrinks slowly (in $d>2$ dimensions about as $n^{-1/d}$: Dudley, 1969).
#   For images most of the number is this excess.
# * Raw estimates of different critics, or of different $\lambda$, cannot be compared (exercise {exercise: READ_THE_CRITIC}).
#
# Is mode collapse cured? Losing a mode now costs at least its mass times the distance to the next one, and not only the little of
# lesson {number: gan_theory}. That is a better incentive, and no guarantee. Go on counting modes, as in
# {lesson: stability_and_mode_collapse}.
#
# (The papers keep the critic near its best by five steps for each step of the generator, as you have written. Here every step of the
# critic is five times as long instead.)

# %% [markdown] tags=["deeper"]
# ### Does the game converge?
#
# The theory does not say so: Mescheder et al. (2018) show that WGAN-GP, with a fixed number of steps,
# does not find the equilibrium of the Dirac-GAN. See for yourself. All data at 0, one sample at $\theta$, the critic
# $f(x)=-\psi x$, so that it climbs $\psi\theta-\lambda(|\psi|-1)^2$ and the sample climbs $f$. **Predict:** where is the sample
# after 20,000 small steps?


# %% tags=["proof"]
def last_lap(weight, one_sided=False, step=0.02):
    theta, psi, lap = 1.0, 0.5, []
    for turn in range(20_000):
        excess = max(abs(psi) - 1, 0.0) if one_sided else abs(psi) - 1
        slope = theta - 2 * weight * excess * np.sign(psi)
        theta, psi = theta - step * psi, psi + step * slope
        if turn >= 15_000:
            lap.append(theta)
    return min(lap), max(lap)


for weight in (0.3, 10.0):
    two, one = last_lap(weight), last_lap(weight, one_sided=True)
    print(f"λ = {weight:4}: θ in the end from {two[0]:6.2f} to {two[1]:6.2f}; one-sided {one[0]:6.2f} to {one[1]:6.2f}")
    assert min(np.abs(two).max(), np.abs(one).max()) > 0.9, "neither penalty may bring the sample to the data at 0"

# %% [markdown]
# Neither comes to rest at 0. Why? For $0<\psi<1$ the two-sided penalty gives, for small steps, $\psi'=\theta+2\lambda-2\lambda\psi$ and
# $\theta'=-\psi$. Both stand still at $\psi=0$, $\theta=-2\lambda$: a critic without a slope, a sample $2\lambda$ from the data.
# Seen from there the pair is a damped oscillator, $\psi''=-2\lambda\psi'-\psi$. For $\lambda>1$ it creeps to that point and $\psi$
# never changes its sign: the famous $\lambda=10$ parks the sample 20 away, though it began at 1. For $\lambda<1$ it swings through
# $\psi=0$, where the penalty changes its side, and the two circle. The one-sided penalty says nothing below a slope of 1, so the players
# turn as without it. (A *linear* critic, with one slope everywhere, shows this in full; a network need not.) R1, a penalty on the slope itself, is what brings them in (lesson {number: stability_and_mode_collapse}).

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "The critic's loss is the Wasserstein distance." Correct it.</summary>
#
# Minus the loss (without the penalty) is an *estimate* of it, too large by the overshoot of the penalty, too small if the
# critic is not yet good, and in a unit that nobody knows if weights are clipped. Divided by the steepest pair it is a lower
# bound.
# </details>
#
# <details><summary><b>2.</b> A critic ends in a sigmoid, with slope at most 1. Is its estimate still a lower bound?</summary>
#
# Yes, any 1-Lipschitz function gives one; but this one cannot exceed 1, so for far samples it is a poor one, with hardly a
# slope. That is JSD's ceiling again. A critic has no sigmoid.
# </details>
#
# <details><summary><b>3.</b> "The gradient penalty enforces the Lipschitz condition." Does it?</summary>
#
# It asks for a slope near 1, on the ways between data and samples, and gets $1+\frac{W}{2\lambda}$ for two points. Elsewhere
# nothing is asked. Spectral normalisation (lesson {number: stability_and_mode_collapse}) bounds the slope everywhere, but the product of the layers' bounds is
# usually far above the true one.
# </details>
#
# <details><summary><b>4.</b> Batch normalisation in the critic: what does it break?</summary>
#
# The penalty is about the slope of $f$ at *one* example. In training mode batch normalisation makes each score depend on the
# whole batch, so there is no such slope. (Gulrajani et al. leave it out and suggest layer normalisation.)
# </details>
#
# <details><summary><b>5.</b> Would $W_1$ see a generator that has lost one of ten modes?</summary>
#
# Yes: a tenth of the mass must be carried from the other modes to the lost one. It sees how *far* that is as well, unlike
# JSD, for which every lost mode counts alike.
# </details>
#
# <details><summary><b>6.</b> All pixels are scaled from [0, 1] to [0, 255]. What happens to $W_1$, and to λ?</summary>
#
# Both are in the unit of the data: $W_1$ is 255 times larger, and λ = 10 has become 255 times weaker. Scale it along.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **computed** transport costs by hand, by sorting and by a linear program, which agree;
# * **proved** that JSD lies flat at log 2 where $W_1$ grows in proportion to the distance;
# * **derived** the dual with its 1-Lipschitz critic, and that raw estimate / steepest pair ≤ $W_1$ for *every* critic;
# * **written** a round of WGAN-GP: random pairs, a point between, the length of the slope, five steps and one;
# * **compared** four limits on one network: clipping has an unknown unit, the two-sided penalty can get stuck, the one-sided
#   certifies most;
# * **trained** a Wasserstein GAN whose number falls with the exact distance.
#
# What if the distance were a transport cost? Then far and farther differ, the critic becomes a landscape with a slope
# everywhere, and **its number means something, provided that you know its slope.**
#
# **Go further.** Let λ go from 0.3 to 100 in the plane and plot raw and certified: where does each come closest? Give the
# four critics tanh in place of the leaky ReLU: who suffers? On a GPU,
# train a WGAN on the glyphs, and put its estimate beside the Fréchet distance of lesson {number: judging_generative_models}.
#
# **References.** Kantorovich (1942), *On the translocation of masses*. · Kantorovich & Rubinstein (1958), *On a space of
# completely additive functions*. · Dudley (1969), *The speed of mean Glivenko–Cantelli convergence*, Ann. Math. Statist.
# 40. · Vallender (1974), *Calculation of the Wasserstein distance between probability distributions on the line*. ·
# Arjovsky, Chintala & Bottou (2017), *Wasserstein GAN*, arXiv:1701.07875. · Gulrajani et al. (2017), *Improved training of
# Wasserstein GANs*, arXiv:1704.00028. · Petzka, Fischer & Lukovnikov (2018), *On the regularization of Wasserstein GANs*,
# arXiv:1709.08894. · Mescheder, Geiger & Nowozin (2018), *Which training methods for GANs do actually converge?*,
# arXiv:1801.04406. · Peyré & Cuturi (2019), *Computational optimal transport*, arXiv:1803.00567.

# %% [markdown] tags=["slide"]
# # Wasserstein GANs: what if the distance were a transport cost?
#
# Once data and samples no longer overlap, far and farther look the same to a GAN's best discriminator.
#
# **What if we measured how far the samples would have to be *carried*?**

# %% [markdown] tags=["notes"]
# 1 min. Recall the ceiling of the Jensen–Shannon divergence, log 2. Needed from before: the game and its value, the slope of a network by its input.

# %% [markdown] tags=["slide"]
# ## Moving earth
#
# Heaps $x_i$ hold $\frac1n$ of the earth each, holes $y_j$ take $\frac1m$. In a **plan**, $P_{ij}\ge0$, all earth leaves and all holes are filled.
#
# $$W_1(x,y)=\min_P\sum_{ij}P_{ij}\,\lVert x_i-y_j\rVert$$
#
# + The **Wasserstein-1 distance**, or earth mover's distance.
# + Its unit is that of the data.

# %% [markdown] tags=["notes"]
# 2 min. Ask for the unit before you show it. It is a linear program: a linear cost, linear constraints. Leave out W₂.

# %% [markdown] tags=["slide"]
# ## Predict: can two arrows of a cheapest plan cross?
#
# . . .
#
# {figure: moving-earth-2}
#
# No: exchange their ends, and the two together get shorter.

# %% [markdown] tags=["notes"]
# 2 min. The triangle inequality, twice; draw it on the board. Many say "sometimes it pays".

# %% [markdown] tags=["slide"]
# ## On the line: sort both
#
# The smallest goes to the smallest:
#
# $$W_1=\frac1n\sum_i\big|x_{(i)}-y_{(i)}\big|$$
#
# . . .
#
# Three methods that share nothing, on three random pairs of samples:
#
# {output: moving-earth-4}

# %% [markdown] tags=["notes"]
# 2 min. 720 orders, a linear program, sorting. On the line an exchange never costs more, so the order can be kept.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: TRANSPORT_BY_HAND} · {minutes} minutes
#
# Three heaps at 0, 1 and 7.
#
# Three holes at 4, 2 and 3, in this order on the list.
#
# **What is $W_1$?**

# %% [markdown] tags=["notes"]
# 2 min. (2 + 2 + 3)/3 = 7/3. Usual wrong answers: 3, in the order of the list, (4 + 1 + 4)/3; 7, the sum without the third.

# %% [markdown] tags=["slide"]
# ## Predict: two curves
#
# A narrow hill at 0, the same hill at $b$. Draw JSD and $W_1$ against $b$.
#
# . . .
#
# {figure: far-and-farther-2}

# %% [markdown] tags=["notes"]
# 3 min. On paper first. Most get the left panel right; ask for the right one, the pull on a generator: 0 beyond the overlap, and 1 everywhere. The right panel has the slope of 2 JSD, because that is in the value of the game.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PARALLEL_LINES} · {minutes} minutes
#
# Data: points $(0,u)$. Samples: points $(\theta,u)$. $u$ is uniform between 0 and 1, $\theta=0.5$.
#
# Predict five numbers:
#
# - $\mathrm{KL}(p\,\|\,q)$, JSD, $W_1$;
# - the derivatives of JSD and of $W_1$ by $\theta$.

# %% [markdown] tags=["notes"]
# 3 min. Infinity, log 2, 0.5, 0, 1. Usual wrong answers: KL = 0, "the same u"; a slope of JSD that is small but not 0. Images lie on thin sheets: no overlap is no rare accident.

# %% [markdown] tags=["slide"]
# ## The other side: a price for every place
#
# Let $f$ never rise faster than the distance (**1-Lipschitz**):
#
# $$|f(a)-f(b)|\le\lVert a-b\rVert$$
#
# . . .
#
# $$\overline{f(x)}-\overline{f(y)}=\sum_{ij}P_{ij}\,\big(f(x_i)-f(y_j)\big)$$
#
# . . .
#
# $$\le\sum_{ij}P_{ij}\,\lVert x_i-y_j\rVert$$
#
# . . .
#
# For *any* plan, so for the cheapest, too.

# %% [markdown] tags=["notes"]
# 3 min. The most important derivation. Ask why the second line holds: rows of P sum to 1/n, columns to 1/m. Ask why the third: it is the definition.

# %% [markdown] tags=["slide"]
# ## And some function reaches it
#
# $$W_1(p,q)=\max_{f\ 1\text{-Lipschitz}}\;\mathbb E_p[f]-\mathbb E_q[f]$$
#
# + The best $f$ is the best **critic**.
# + It is no probability and has no sigmoid: it is a *landscape*.
# + Along every arrow of the best plan its slope is 1.

# %% [markdown] tags=["notes"]
# 2 min. Kantorovich and Rubinstein (1958). Equality in the last step of the slide before gives the third point. Why a maximum reaches it, the twin of a linear program, stands in the notebook: leave it out.

# %% [markdown] tags=["slide"]
# ## The landscape of the best critic
#
# {figure: the-other-side-a-price-for-every-place-4}
#
# {output: the-other-side-a-price-for-every-place-5}

# %% [markdown] tags=["notes"]
# 2 min. Cheapest plan and best prices were solved separately. Ask where a generator should move its samples: uphill, along the arrows.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: WHICH_ARE_LIPSCHITZ} · {minutes} minutes
#
# Which of these functions of one number are 1-Lipschitz?
#
# - A: $|x|$ · B: $\sin x$ · C: $x^2$ · D: $2\tanh x$
# - E: $\operatorname{sigmoid}(4x)$ · F: $\sqrt{1+x^2}$
# - G: $\max(x,0)$ · H: $\sqrt{|x|}$

# %% [markdown] tags=["notes"]
# 2 min. A, B, E, F, G. Usual wrong answers: H counted in, though it is steep without end at 0; A left out because of its corner; E left out because of the 4, but the sigmoid's slope is ¼.

# %% [markdown] tags=["slide"]
# ## What *any* critic is worth
#
# Divide by the slope $L$ of the steepest pair of a data point and a sample:
#
# $$\frac{\overline{f(x)}-\overline{f(y)}}{L}\;\le\;W_1$$
#
# The numerator is the **raw** estimate, the quotient **certified**.
#
# . . .
#
# {output: what-any-critic-is-worth-2}

# %% [markdown] tags=["notes"]
# 2 min. It holds for every critic, however badly trained, for these samples. The usual wrong answer: use the slope at the points themselves; that is only a lower bound of L, and would certify nothing.

# %% [markdown] tags=["slide"]
# ## Predict: clip all weights to $[-c,c]$
#
# One distance, $c=0.1$ and $c=0.03$. By how much do the raw estimates differ?
#
# . . .
#
# {output: first-idea-clip-the-weights-6}
#
# . . .
#
# The slope goes with $c^3$, in three layers: a unit that nobody chose.

# %% [markdown] tags=["notes"]
# 2 min. Most say "a factor of three". The certified numbers are comparable, the raw ones are not.

# %% [markdown] tags=["slide"]
# ## What clipped weights do with their freedom
#
# {figure: first-idea-clip-the-weights-8}
#
# Nearly all sit at $\pm c$. The best critic is a V with slope 1 on *both* sides.

# %% [markdown] tags=["notes"]
# 1 min. Clipping limits the steepest place and asks nothing of the others.

# %% [markdown] tags=["slide"]
# ## Second idea: ask for the slope
#
# $$L_D=f(G(z))-f(x)+\lambda\big(\lVert\nabla f(\hat x)\rVert-1\big)^2$$
#
# $$\hat x=t\,x+(1-t)\,G(z),\qquad t\sim\mathcal U(0,1)$$
#
# . . .
#
# Nobody knows the plan, so the pairs are *random*: there the best critic may be flatter than 1.
#
# . . .
#
# **One-sided**: $\;\lambda\max(0,\lVert\nabla f\rVert-1)^2$ leaves slopes below 1 alone.

# %% [markdown] tags=["notes"]
# 3 min. Go back to the landscape: no arrow crosses the middle, most random pairs do. The usual wrong answer: "the penalty makes the critic 1-Lipschitz". It asks, and it compromises.

# %% [markdown] tags=["slide"]
# ## Quiz: a flat spot. What is the gradient of $\sqrt{\sum_k g_k^2}$ at $g=0$?
#
# . . .
#
# $\dfrac1{2\sqrt0}\cdot2\cdot0$: infinity times nothing.
#
# {output: second-idea-ask-for-the-slope-6}
#
# . . .
#
# One flat spot, and all weights are NaN after the next step. A dead ReLU will do.

# %% [markdown] tags=["notes"]
# 1 min. The library takes 0 there. Most say 0 or 1.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: WGAN_GP_ROUND} · {minutes} minutes
#
# Write a round of WGAN-GP: **five** steps of the critic, each with new data and new samples; then **one** of the generator.
#
# `game.generate(count)`, `game.scores(x)`, `game.slopes(x)`, `game.step_critic(loss)`, `game.step_generator(loss)`

# %% [markdown] tags=["notes"]
# 5 min. Usual wrong answers: one t for the whole batch; the same samples five times; the sign of the critic's loss; a squared slope where the formula has its length.

# %% [markdown] tags=["slide"]
# ## Predict: four limits, one network. Which certifies most?
#
# Same data, same three starts.
#
# . . .
#
# {output: four-critics-on-equal-terms-2}
#
# . . .
#
# A slope of −1 satisfies the two-sided penalty, too. The way back leads through 0, which costs $\lambda$.

# %% [markdown] tags=["notes"]
# 2 min. Most bet on the paper's penalty. The one-sided one certifies more than nine tenths from every start. Spectral normalisation is safe and too careful. In the plane a gradient can turn without shrinking, so that being stuck is rarer there.

# %% [markdown] tags=["slide"]
# ## A Wasserstein GAN
#
# {figure: a-wasserstein-gan-3}
#
# {output: a-wasserstein-gan-3}
#
# The critic's number falls as the samples get better.

# %% [markdown] tags=["notes"]
# 2 min. Compare with log 4, which a perfect generator and a useless discriminator share. Two cautions: an untrained critic says little; and even two real samples are not at distance 0.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: READ_THE_CRITIC} · {minutes} minutes
#
# Three critics of the same two samples:
#
# | | raw | steepest pair |
# |---|---|---|
# | A | 0.012 | 0.01 |
# | B | 1.65 | 1.1 |
# | C | 4.0 | 4.0 |
#
# Which lower bound does each certify? Which critic is the best?

# %% [markdown] tags=["notes"]
# 2 min. 1.2, 1.5 and 1.0: B. The usual wrong answer: C, the largest raw number.

# %% [markdown] tags=["slide"]
# ## Quiz: "The critic's loss is the Wasserstein distance." Right?
#
# . . .
#
# Minus the loss is an *estimate*: too large by the penalty's overshoot, too small if the critic is not yet good.
#
# . . .
#
# And all pixels from [0, 1] to [0, 255]? $W_1$ is 255 times larger, and $\lambda=10$ has become 255 times weaker: **both are in the unit of the data.**

# %% [markdown] tags=["notes"]
# 2 min. For two points at the distance W the slope is 1 + W/(2λ), exercise {exercise: SLOPE_OF_TWO_POINTS}. Leave out the formula for the whole line.

# %% [markdown] tags=["slide"]
# ## To take home
#
# $$\frac{\text{difference of the critic's means}}{\text{its steepest slope}}\;\le\;W_1$$
#
# The critic is a landscape with a slope everywhere. **Its number means something, provided that you know its slope.**
#
# *At home:* exercises {exercise: BETWEEN} and {exercise: PENALTY_OF_IMAGES}.

# %% [markdown] tags=["notes"]
# 1 min. Next: GANs that are told what to draw.
