# ---
# jupyter:
#   course:
#     part: "Part IV · In practice"
#     question: "How do I make it faster without changing what it computes?"
# ---

# %% [markdown]
# # Speed and scale: faster, and still the same
#
# **The question.** A training takes a week, and a decoder does not fit into a telephone. Compile, prefetch, halve the
# digits, take a faster optimiser, two devices, a smaller model: each is one line of code. Which of them computes *the
# same*, which *nearly* the same, and which something else? A clock cannot tell you.
#
# In this lesson you will
#
# * **prove** that compiled and plain training give equal weights, and **measure** where the time goes;
# * **predict** how fast a pipeline is, and what more workers cannot buy;
# * **find** the cliffs of half precision, and **place** the float32 casts;
# * **derive** how many steps an optimiser needs (deeper: and what a larger batch buys);
# * **repair** a loss for several devices;
# * **quantise** a decoder by hand, and **weigh** bytes against exact nats.
#
# *To know before:* the VAE ({lesson: the_variational_autoencoder}), eigenvalues and iterations
# ({lesson: linear_algebra_and_dynamics}). *Time:* {times}; about 40 seconds to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Compile it: are the weights the same?
#
# Keras can run a training step line by line in Python (*eagerly*), as one graph, compiled (by XLA), or many steps at
# one call. The mathematics is the same; the order in which numbers are added may differ. So equal weights are
# expected, up to rounding. The judge is a network of two layers in NumPy, with gradients by hand and in double precision:

# %%
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, ops

from course_lib import plotting

rng = np.random.default_rng(run.seed)
inputs, targets = rng.normal(size=(512, 64)).astype("float32"), rng.normal(size=(512, 8)).astype("float32")
first, second = rng.normal(size=(64, 128)) / 8, rng.normal(size=(128, 8)) / 11


def by_hand(first, second, epochs, rate=0.01):
    for _ in range(epochs):
        for x, y in zip(np.split(inputs, 16), np.split(targets, 16), strict=True):  # 16 batches of 32
            hidden = np.tanh(x @ first)
            error = 2 * (hidden @ second - y) / 32
            back = (error @ second.T) * (1 - hidden**2)
            first, second = first - rate * x.T @ back, second - rate * hidden.T @ error
    return first, second


# %% [markdown]
# The same in Keras, with what differs as options of `compile`:


# %%
def squared_error(y, prediction):
    return ops.sum(ops.square(prediction - y), axis=-1)  # over the event; Keras takes the mean over the batch


def trained(epochs, **way):
    network = keras.Sequential(
        [keras.Input((64,)), layers.Dense(128, "tanh", use_bias=False), layers.Dense(8, use_bias=False)]
    )
    network.set_weights([first, second])
    network.compile(keras.optimizers.SGD(0.01), squared_error, **way)
    network.fit(inputs, targets, batch_size=32, epochs=epochs, shuffle=False, verbose=0)
    return network


ways = {"line by line in Python": {"run_eagerly": True}, "one graph": {"jit_compile": False}}
ways |= {"XLA": {"jit_compile": True}, "16 steps at one call": {"jit_compile": False, "steps_per_execution": 16}}
if run.backend == "torch":
    print("Keras on PyTorch runs one step at a call, and not with XLA: two ways are left.")
    ways = {"line by line in Python": {"run_eagerly": True}, "as PyTorch runs": {"jit_compile": False}}

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
by_numpy, milliseconds = by_hand(first, second, epochs=2), {}
limit = run.pick(cpu=1e-5, gpu=1e-3)  # many GPUs multiply float32 with 11 digits (TF32)
for name, way in ways.items():
    network = trained(2, **way)
    apart = max(np.abs(w - v).max() for w, v in zip(network.get_weights(), by_numpy, strict=True))
    epochs, began = 1 if "run_eagerly" in way else 10, time.perf_counter()
    network.fit(inputs, targets, batch_size=32, epochs=epochs, shuffle=False, verbose=0)
    milliseconds[name] = 1000 * (time.perf_counter() - began) / (16 * epochs)
    print(f"{name:23} {milliseconds[name]:6.2f} ms a step; weights differ from NumPy's by {apart:.0e} at most")
    assert apart < limit, "the way a step is run must not change the weights"
moved = max(np.abs(w - v).max() for w, v in zip(by_numpy, (first, second), strict=True))
assert moved > 1e-2, "and the training must have moved them"

# %% [markdown]
# Equal up to rounding, though the seconds differ. An honest clock **warms up** first (the first call also builds the
# program) and times many steps. On a GPU it also waits until the device has finished: calls return before that.
#
# How fast *could* it be? A step is five matrix products: two forward, three backward. Alone they take:


# %%
def products():
    x, y = inputs[:32], targets[:32]
    w, v = first.astype("float32"), second.astype("float32")
    hidden = x @ w
    return hidden @ v, x.T @ (y @ v.T), hidden.T @ y


products()
began = time.perf_counter()
for _ in range(500):
    products()
milliseconds["the five products in NumPy"] = 2 * (time.perf_counter() - began)
flops = 2 * 32 * (2 * 64 * 128 + 3 * 128 * 8)
for name, each in milliseconds.items():
    print(f"{name:27} {flops / each / 1e6:6.2f} billion operations a second")

# %%
ax = plt.subplots(figsize=(7, 2.4), layout="constrained")[1]
ax.bar_label(ax.barh(list(milliseconds), list(milliseconds.values()), color=plotting.PALETTE[0]), fmt="%.2f", padding=3)
ax.set(xscale="log", xlabel="milliseconds a step, logarithmic")
ax.margins(x=0.2)
ax.invert_yaxis()
plotting.show(
    alt="Horizontal bars of milliseconds a step, on a logarithmic axis: one for each way to run it, and one for the bare "
    "matrix products of a step, which is much the shortest."
)

# %% [markdown]
# What lies between is mostly **overhead**: to begin an operation, a step or a call costs the same for a small batch as
# for a large one. Fewer and larger pieces make it matter less; a stronger chip would wait, too.
#
# ## Hide the waiting: pipelines
#
# A batch is read (10 ms), then the network learns from it (20 ms). One after the other that is 30 ms. But while the
# network works, somebody could read the next batch: **prefetching**. **Predict** the milliseconds a batch.
#
# The two share a shelf (a *queue*) on which a few batches wait:

# %%
import queue
import threading


def prefetched(batches, ahead=2):
    """The same batches, made ahead in a thread of their own."""
    shelf, end = queue.Queue(maxsize=ahead), object()

    def fill():
        for batch in batches:
            shelf.put(batch)
        shelf.put(end)

    threading.Thread(target=fill, daemon=True).start()
    while (batch := shelf.get()) is not end:
        yield batch


# %% [markdown]
# A loop with a log, to count *events*: seconds alone prove nothing on a busy machine.


# %%
def timed(stage, number, seconds, log):
    began = time.perf_counter()
    time.sleep(seconds)  # stands for the work: a disk, or a GPU, that works while Python waits
    log.append((stage, number, began, time.perf_counter()))
    return number


def epoch(prefetch):
    log = []
    batches = (timed("read", number, 0.010, log) for number in range(20))
    for number in prefetched(batches) if prefetch else batches:
        timed("learn", number, 0.020, log)
    return log


# %% tags=["proof"]
logs = {"one after the other": epoch(False), "prefetched": epoch(True)}
walls = {}
for name, log in logs.items():
    reads, learns = ([each for each in log if each[0] == stage] for stage in ("read", "learn"))
    parts = [sum(end - began for _, _, began, end in stage) for stage in (reads, learns)]  # as measured
    walls[name] = wall = max(each[3] for each in log) - min(each[2] for each in log)
    beside = sum(any(r[2] < step[3] and step[2] < r[3] for step in learns) for r in reads)
    print(f"{name:19}: {50 * wall:.1f} ms a batch; sum {50 * sum(parts):.1f}, largest {50 * max(parts):.1f}", end="; ")
    print(f"{beside} of 20 reads ran beside a step")
    assert [each[1] for each in learns] == list(range(20)), "the batches must come in their order, each once"
    if name == "prefetched":
        assert max(parts) <= wall < 0.9 * sum(parts), "reading must be hidden behind learning"
        assert beside >= 15, "reads must run beside steps"
    else:
        assert wall >= 0.99 * sum(parts), "one after the other must take as long as all parts together"
        assert beside == 0, "without a shelf nothing may overlap"

# %% [markdown]
# The first eight batches:

# %%
figure, axes = plt.subplots(2, 1, figsize=(8, 2.8), layout="constrained", sharex=True)
for ax, (name, log) in zip(axes, logs.items(), strict=True):
    origin = min(each[2] for each in log)
    for stage, number, began, end in log:
        if number < 8:
            row = ("read", "learn").index(stage)
            ax.barh(
                row, 1000 * (end - began), left=1000 * (began - origin), color=plotting.PALETTE[row], edgecolor="white"
            )
            ax.text(500 * (began + end) - 1000 * origin, row, number, ha="center", va="center", color="white")
    ax.set(yticks=[0, 1], yticklabels=["read", "learn"], title=name)
    ax.invert_yaxis()
axes[1].set(xlabel="milliseconds")
plotting.show(
    alt="Two time charts of eight batches. Above, reading and learning take turns. Below, the bars of reading lie beside those "
    "of learning, which follow each other without gaps, and the eighth batch is learned much earlier."
)

# %% [markdown]
# With a shelf between all stages the slowest one sets the pace:
#
# $$\underbrace{t_1+t_2+\dots}_{\text{one after the other}}\qquad\text{against}\qquad\underbrace{\max(t_1,t_2,\dots)}_{\text{side by side}}\quad\text{a batch}.$$
#
# The order of the batches is the same, so the weights are, too. (`tf.data` has `.prefetch(2)`, a `PyDataset` has
# workers. They also hand over an error in reading; ours would wait for ever.)
#
# **Exercise {exercise: PREDICT_A_PIPELINE}: predict** the milliseconds a batch: read 8 ms, decode 30 ms, learn 20 ms.
# `"apart"`: one after the other. `"shelves"`: a shelf between all stages. `"two decoders"`: and two workers decode.
# `"new GPU"`: and learning takes 10 ms only.

# %% tags=["exercise"]
# BEGIN SOLUTION
pace = {"apart": 58, "shelves": 30, "two decoders": 20, "new GPU": 15}
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import speed_and_scale as exercises

check(exercises.PREDICT_A_PIPELINE, pace)

# %% [markdown]
# **What workers cannot buy.** Let a share $f$ of a job be work that $k$ workers can divide. The rest remains, so the
# speed-up is at most
#
# $$\frac{1}{(1-f)+f/k}\;<\;\frac1{1-f}$$
#
# (Amdahl, 1967). The share is measured with one worker. Does it foretell the others?

# %% tags=["proof"]
from concurrent.futures import ThreadPoolExecutor


def job(workers):
    log, began = [], time.perf_counter()
    timed("alone", 0, 0.040, log)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda number: timed("divided", number, 0.010, log), range(16)))
    wall, ((first, last), *parts) = time.perf_counter() - began, [each[2:] for each in log]
    together = max(sum(start <= now < end for start, end in parts) for now, _ in parts)
    return wall, last - first, sum(end - start for start, end in parts), together


one, alone, divided, _ = job(1)
share, speed_ups = divided / (alone + divided), {}
print(f"one worker: {share:.3f} of the time can be divided; the limit is {1 / (1 - share):.2f} times as fast")
for workers in (1, 2, 4, 8, 16):
    wall, _, _, together = job(workers)
    speed_ups[workers], amdahl = one / wall, 1 / (1 - share + share / workers)
    print(f"{workers:2} at work, {together:2} at once: {speed_ups[workers]:.2f} times as fast, Amdahl {amdahl:.2f}")
    assert wall >= 0.99 * (0.040 + 0.160 / workers), "no number of workers may beat the law"
    assert min(workers, 2) <= together <= workers, "several workers must work at the same time"
assert abs(share - 0.8) < 0.1, "four fifths of this job can be divided"

# %%
many = np.geomspace(1, 200, 100)
ax = plotting.curves(
    {"Amdahl": 1 / (1 - share + share / many)}, x=many, xlabel="workers, logarithmic", ylabel="times as fast"
)
ax.plot(list(speed_ups), list(speed_ups.values()), "o", color=plotting.PALETTE[1], label="measured")
ax.axhline(1 / (1 - share), color="grey", linestyle=":", label="the limit")
ax.set(xscale="log")
ax.legend(frameon=False)
plotting.show(
    alt="Speed-up against the number of workers, logarithmic. The curve rises and flattens below a dotted line near five; the "
    "measured points for one to sixteen workers rise with it, and the last ones may lie lower."
)

# %% [markdown]
# The law is a bound: to start workers costs time, too. Before you buy some, measure the share that they can divide.
#
# ## Half the digits: where are the cliffs?
#
# Numbers of 16 bits need half the memory, and many chips multiply matrices of them several times faster (adding up
# in 32 bits). **float16** has 11 binary digits and ends at 65,504; **bfloat16** has 8 digits and the
# range of float32. **Predict:** you add 1 again and again, 4,096 times. What is the sum in each format?

# %% tags=["proof"]
import ml_dtypes

formats = {"float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}
digits = {"float32": 24, "float16": 11, "bfloat16": 8}
paths = {}
for name, kind in formats.items():
    total, paths[name] = kind(0), []
    for _ in range(4096):
        total = kind(total + kind(1))
        paths[name].append(float(total))
    print(f"{name:8}: {total:.0f}")
    assert paths[name][-1] == min(4096, 2 ** digits[name]), "the sum must stop at two to the number of digits"

# %%
ax = plotting.curves(paths, x=np.arange(1, 4097), xlabel="ones added", ylabel="the sum")
plotting.show(
    alt="The sum against the number of ones that were added. float32 rises to 4,096; float16 stays at 2,048 and bfloat16 "
    "at 256 for ever."
)

# %% [markdown]
# With $d$ digits whole numbers are exact up to $2^d$. Beyond it they lie 2 apart: $2^d+1$ is exactly half-way, is
# rounded to the even neighbour, and that is where we were. **A large number does not feel a small one.** Three more
# cliffs:

# %% tags=["proof"]
half, brain = formats["float16"], formats["bfloat16"]
ladder = np.arange(0, 12, 2**-7).astype(half)  # all of these are float16 numbers
with np.errstate(over="ignore"):
    last = ladder[np.isfinite(np.exp(ladder))].max()
print(f"exp overflows in float16 above {last} (ln 65,504 = {np.log(65504):.4f})")
assert last <= np.log(65504) < last + 2**-7, "exp must overflow at the logarithm of the largest number"

steps = 2.0 ** -np.arange(1, 40)
least = steps[steps.astype(half) > 0].min()
print(f"the smallest float16 above 0: {least:.3g}; half of it is {half(least / 2)}")
assert least == 2.0**-24, "2⁻²⁴ must be the smallest number above 0"

weights = {name: kind(1) for name, kind in formats.items()}
for _ in range(1000):
    weights = {name: formats[name](w - formats[name](0.001)) for name, w in weights.items()}
print("1, minus a thousandth, a thousand times:", {name: round(float(w), 3) for name, w in weights.items()})
assert weights["bfloat16"] == 1, "bfloat16 must not feel a step of a thousandth"
assert max(abs(float(weights[name])) for name in ("float16", "float32")) < 0.05, "the others must come near 0"

# %% [markdown]
# So what is kept in float32? The **weights** (an update is a small number added to a large one), every **sum** over
# many terms, and **exponentials**, unless a bound keeps them low. In float16 also multiply the loss by some thousands
# before the backward pass, and divide the gradients by it in float32 after it: **loss scaling** lifts small gradients
# over $2^{-24}$. (Micikevicius et al., 2018.)
#
# What does a sum cost in nats? 200 images, each with 784 terms of $-\log p$, in all some 630 nats. They are rounded
# to 16 bits and added: one after the other, in 16 bits and in float32, and by NumPy's own sum in 16 bits, once down
# the rows and once along them. (Errors are root mean squares.)

# %% tags=["proof"]
terms = rng.exponential(0.8, size=(784, 200))


def running_sum(terms, kind):
    total = np.zeros(terms.shape[1], kind)
    for each in terms:
        total = (total + each.astype(kind)).astype(kind)
    return total.astype("float64")


for name in ("float16", "bfloat16"):
    kind, rounded = formats[name], terms.astype(formats[name])
    found = {"in 16 bits": running_sum(rounded, kind), "in float32": running_sum(rounded, np.float32)}
    found["NumPy, down"] = rounded.sum(axis=0).astype("float64")
    found["NumPy, along"] = np.ascontiguousarray(rounded.T).sum(axis=1).astype("float64")
    off = {way: np.sqrt(np.mean((each - terms.sum(axis=0)) ** 2)) for way, each in found.items()}
    print(f"{name:8}: nats off:", ", ".join(f"{value:.3f} {way}" for way, value in off.items()))
    assert off["in 16 bits"] > 5 * off["in float32"], "the running sum must cost far more than the rounded terms"
    assert off["in float32"] < 0.2, "rounded terms alone must cost less than a fifth of a nat"

# %% [markdown]
# Rounding the *terms* hardly hurts, as their errors have both signs. *Adding* in 16 bits does. Whether a library's
# sum is safe may depend on the axis, as here, and on the device: cast first. The course's formulas do, and the heads
# of its networks answer in float32.
#
# **Exercise {exercise: PLACE_THE_CASTS}: place the casts.** A VAE is trained in mixed precision. Answer `"float32"`
# for what must not be in 16 bits, and `"half"` for what may be.
#
# * (a) the matrix products of the hidden layers
# * (b) the sum of $\log p$ over 784 pixels
# * (c) the ReLUs
# * (d) $e^{\log\sigma^2}$ in the KL divergence
# * (e) the weights, to which Adam adds its steps
# * (f) the mean of the loss over a batch of 4,096

# %% tags=["exercise"]
# BEGIN SOLUTION
precision = {"a": "half", "b": "float32", "c": "half", "d": "float32", "e": "float32", "f": "float32"}
# END SOLUTION

# %%
check(exercises.PLACE_THE_CASTS, precision)

# %% [markdown]
# ## Fewer steps: optimisers have exact rates
#
# A loss is a bowl near its minimum: $L(w)=\frac12\sum_i\lambda_iw_i^2$. One step of gradient descent multiplies each
# $w_i$ by $1-\eta\lambda_i$. A large $\eta$ makes the steepest direction leap, a small one makes the flattest creep;
# the best compromise is $\eta=2/(\lambda_{\min}+\lambda_{\max})$, and with the **condition number**
# $\kappa=\lambda_{\max}/\lambda_{\min}$ every step then multiplies the distance by
#
# $$\frac{\kappa-1}{\kappa+1}.$$
#
# **Momentum** (Polyak, 1964) also adds $\beta$ times the last move. Each direction becomes a recursion of two steps,
# with roots of $\rho^2-(1+\beta-\eta\lambda)\rho+\beta=0$. Where they are complex, their product $\beta$ is
# $|\rho|^2$: the rate is $\sqrt\beta$, *whatever the curvature*. It can be pushed down to
# $(\sqrt\kappa-1)/(\sqrt\kappa+1)$, where the roots of the flattest and the steepest direction become double.
# **Predict** with $\kappa=100$: how many steps until the distance is a millionth?
#
# Keras' own optimiser walks; the eigenvalues of the recursion and the formulas judge.

# %% tags=["proof"]
curvatures, kappa = np.array([1, 10, 100], "float32"), 100
best_beta = ((kappa**0.5 - 1) / (kappa**0.5 + 1)) ** 2
settings = {  # step size, momentum, rate by the formulas
    "gradient descent": (2 / (1 + kappa), 0.0, (kappa - 1) / (kappa + 1)),
    "momentum 0.75": (0.025, 0.75, 0.75**0.5),
    "the best momentum": (4 / (1 + kappa**0.5) ** 2, best_beta, best_beta**0.5),
}
walks = {}
for name, (step, beta, formula) in settings.items():
    optimiser, w = keras.optimizers.SGD(step, momentum=beta), keras.Variable(np.ones(3, "float32"))
    walks[name] = [3**0.5]
    for _ in range(300):
        optimiser.apply([curvatures * ops.convert_to_numpy(w)], [w])
        walks[name].append(np.linalg.norm(ops.convert_to_numpy(w).astype("float64")))
    measured = np.exp(np.polyfit(np.arange(150, 301), np.log(walks[name][150:]), 1)[0])
    recursions = [[[1 + beta - step * curvature, -beta], [1, 0]] for curvature in curvatures]
    radius = np.abs(np.linalg.eigvals(np.array(recursions))).max()
    steps, walked = np.log(1e-6) / np.log(formula), sum(each > 1e-6 * walks[name][0] for each in walks[name])
    walked = walked if walked <= 300 else "over 300"
    print(f"{name:17}: rate {measured:.4f}, formula {formula:.4f}; a millionth: {steps:.0f} steps, walked {walked}")
    assert abs(radius / formula - 1) < 1e-3, "the formula must be the largest eigenvalue"
    assert abs(measured / formula - 1) < 0.01, "Keras' optimiser must walk at this rate"

# %%
ax = plotting.curves(walks, xlabel="steps", ylabel="distance from the minimum")
ax.set(yscale="log", ylim=(1e-9, 10))
plotting.show(
    alt="Distance from the minimum against the steps, logarithmic. Gradient descent is a line that hardly falls; the two with "
    "momentum fall to a billionth within about 150 steps, the best one after a rise at the start."
)

# %% [markdown]
# A rate speaks of the long run: the best momentum first moves *away*, for double roots add a term $k\rho^k$. Its walk
# to a millionth takes hardly fewer steps than with momentum 0.75.
#
# **Exercise {exercise: FEWER_STEPS}: predict.** Now $\kappa=10{,}000$. By the rates, about how many times as many
# steps does gradient descent need as the best momentum?

# %% tags=["exercise"]
# BEGIN SOLUTION
times_as_many = 10_000**0.5
# END SOLUTION

# %%
check(exercises.FEWER_STEPS, times_as_many)

# %% [markdown]
# A network's landscape is no bowl, and its gradients are noisy. Another optimiser or batch size is *another training*,
# not the same one made faster.

# %% [markdown] tags=["deeper"]
# ### What a larger batch buys
#
# A mean over $B$ examples, drawn independently, scatters with the variance of one example's gradient, divided by $B$.
# **Proof**:

# %% tags=["proof"]
x, t, w = rng.normal(size=(4000, 10)), rng.normal(size=4000), rng.normal(size=10)
gradients = 2 * (x @ w - t)[:, None] * x  # of each example's squared error
one_example = gradients.var(axis=0).sum()
sizes, scatter = np.array([1, 4, 16, 64, 256]), []
for size in sizes:
    drawn = rng.integers(0, 4000, size=(2000, size))
    scatter.append(gradients[drawn].mean(axis=1).var(axis=0).sum())
    print(f"batch {size:3}: variance {scatter[-1]:8.3f}, derived {one_example / size:8.3f}")
    assert abs(scatter[-1] * size / one_example - 1) < 0.2, "the variance must be that of one example, over B"
slope = np.polyfit(np.log(sizes), np.log(scatter), 1)[0]
print(f"slope on logarithmic axes: {slope:.3f}")
assert abs(slope + 1) < 0.04, "four times the batch must mean a quarter of the variance"

# %% [markdown]
# Four times the batch costs four times the arithmetic and halves the standard deviation. As long as noise is what
# limits you, larger batches pay, with a larger learning rate (Goyal et al., 2017); where it is the curvature, they buy
# next to nothing (McCandlish et al., 2018).

# %% [markdown]
# ## Two devices: which average?
#
# A batch is cut into **shards**, one for each device. Every device computes the gradient of *its* mean loss; the
# results are averaged. Is that the gradient of the batch? **Predict** for 5 + 5 examples, and for 7 + 3. The judge
# needs no formula for gradients: it takes slopes of the loss of the whole batch by a step into the complex plane,
# $\operatorname{Im}L(w+\mathrm{i}h)/h$, which is exact to the last digits for tiny $h$.

# %% tags=["proof"]
x, t, w = rng.normal(size=(10, 4)), rng.normal(size=10), rng.normal(size=4)


def gradient(x, t):
    return 2 * x.T @ (x @ w - t) / len(x)


whole = np.array([np.mean((x @ (w + 1e-30j * axis) - t) ** 2).imag / 1e-30 for axis in np.eye(4)])
for first_size in (5, 7):
    shards = [(x[rows], t[rows]) for rows in np.split(np.arange(10), [first_size])]
    plain = np.mean([gradient(*shard) for shard in shards], axis=0)
    weighted = np.average([gradient(*shard) for shard in shards], axis=0, weights=[len(shard[1]) for shard in shards])
    off = [np.abs(each - whole).max() for each in (plain, weighted)]
    print(f"{first_size} + {10 - first_size}: plain mean off by {off[0]:.1e}, weighted by sizes off by {off[1]:.1e}")
    assert off[1] < 1e-12, "the mean weighted by the sizes must be the gradient of the batch"
    assert (off[0] < 1e-12) == (first_size == 5), "the plain mean must be it for equal shards only"

# %% [markdown]
# Equal shards, plain mean: the same training, up to rounding. Ragged (unequal) shards, and it is another, without a
# word.
#
# **Exercise {exercise: SHARD_LOSS}: find the bug.** Many frameworks do not average: they *add* the devices'
# gradients. Each device calls this function with `losses`, `(n,)`, of its own examples, and differentiates what comes
# back; `batch` is the number of examples of *all* devices. With four devices the gradient comes out four times too
# large. (Adam hides that: it divides by the gradient's size.) Repair it, for ragged shards too.


# %% tags=["exercise"]
def shard_loss(losses, batch):
    # BEGIN SOLUTION
    return np.sum(losses) / batch
    # INSTEAD
    # return np.mean(losses)
    # END SOLUTION


# %%
check(exercises.SHARD_LOSS, shard_loss)

# %% [markdown]
# One layer looks at the *other examples* of its batch: **batch normalisation**. A shard of $n$ examples has, on
# average, the variance $(1-1/n)\sigma^2$ around its own mean. **Proof**, for a batch of ten on two devices:

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
batches = rng.normal(1.0, 2.0, size=(20_000, 10, 1)).astype("float32")
normalise = layers.BatchNormalization(epsilon=0.0, momentum=0.0)  # remembers the last batch alone
seen = {}
for size in (10, 5):
    outputs, seen[size] = [], []
    for shard in np.split(batches[0], 10 // size):
        outputs.append(ops.convert_to_numpy(normalise(shard, training=True)))
        seen[size].append(float(normalise.moving_variance[0]))
    seen[size] = np.mean(seen[size]), np.concatenate(outputs)
    shards = batches[0].astype("float64").reshape(-1, size, 1)
    by_numpy = (shards - shards.mean(axis=1, keepdims=True)) / shards.std(axis=1, keepdims=True)
    assert np.abs(seen[size][1] - by_numpy.reshape(10, 1)).max() < 1e-4, "the layer must use its shard's own moments"
apart = np.abs(seen[10][1] - seen[5][1]).max()
print(f"one batch: variance {seen[10][0]:.2f} on one device, {seen[5][0]:.2f} on two; outputs differ by {apart:.2f}")
means = {size: batches.reshape(-1, size).var(axis=1).mean() for size in (10, 5)}
ratio, derived = means[5] / means[10], (1 - 1 / 5) / (1 - 1 / 10)
print(f"20,000 batches: shards have {ratio:.4f} of the variance, derived {derived:.4f}")
assert apart > 1e-3, "batch normalisation on shards must be another function"
assert abs(ratio - derived) < 0.01, "shards of five must have 0.889 of the variance of ten"

# %% [markdown]
# So batch normalisation on small shards is another model. Synchronise it, or normalise by something that does not
# look at the neighbours.

# %% [markdown] tags=["deeper"]
# ### Keras on two devices
#
# A processor can play two devices for TensorFlow. That must be said before TensorFlow starts, so a process of its own
# does it: two steps of SGD of a linear model under `MirroredStrategy` on two devices, with 16 examples in batches of
# 8 + 8 and with 15 in 8 + 7, with a loss of Keras' and with a function of one's own that returns the mean itself. One
# device with 15 examples is the control. NumPy's steps are the judge.

# %%
program = """
import json, os, sys
os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")
import tensorflow as tf
[cpu] = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, 2 * [tf.config.LogicalDeviceConfiguration()])
import keras, numpy as np
given, found = json.load(sys.stdin), []
def own_mean(y, prediction):
    return keras.ops.mean((y - prediction) ** 2)
for devices in (1, 2):
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"][:devices])
    for loss in (keras.losses.MeanSquaredError(), own_mean):
        with strategy.scope():
            network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, use_bias=False)])
            network.compile(keras.optimizers.SGD(0.01), loss, jit_compile=False)
        for examples in (16, 15) if devices == 2 else (15,):
            network.set_weights([np.array(given["w"])[:, None]])
            x, t = np.array(given["x"])[:examples], np.array(given["t"])[:examples, None]
            network.fit(x, t, batch_size=8, shuffle=False, verbose=0)
            found.append([devices, getattr(loss, "name", "own"), examples, network.get_weights()[0][:, 0].tolist()])
print(json.dumps(found))
"""

# %% tags=["proof"]
import json
import subprocess
import sys

if run.backend != "tensorflow":
    print("MirroredStrategy is TensorFlow's. On JAX, keras.distribution cuts batches: see docs/scale.md.")
else:
    x, t = rng.normal(size=(16, 4)), rng.normal(size=16)
    given = json.dumps({"x": x.tolist(), "t": t.tolist(), "w": w.tolist()})
    child = subprocess.run([sys.executable, "-c", program], input=given, capture_output=True, text=True, timeout=300)
    assert child.returncode == 0, f"the second process should end well; it said {child.stderr[-500:]}"
    for devices, loss, examples, stepped in json.loads(child.stdout.splitlines()[-1]):
        right = w
        for rows in (slice(8), slice(8, examples)):
            residual = x[rows] @ right - t[rows]
            right = right - 0.02 * x[rows].T @ residual / len(residual)
        off = np.abs(stepped - right).max()
        print(f"{devices} device(s), {examples} examples, loss {loss:18}: weights off by {off:.0e}")
        same = devices == 1 or (examples == 16 and loss != "own")
        assert (off < 1e-5) == same, "two devices must agree with one for Keras' mean over equal shards only"

# %% [markdown]
# With Keras' loss and equal shards it is the same training: Keras divides each device's mean by the number of
# devices, and the gradients are added. It cannot do so for one number that you hand it: your own mean counts *twice*.
# And a ragged batch is weighted falsely by both, without a word. The course's library refuses ragged shards (on JAX;
# docs/scale.md).

# %% [markdown]
# ## A smaller decoder: what do bytes cost in nats?
#
# A trained network is shipped: now memory counts. **Quantise** (Jacob et al., 2018): keep a weight as a whole number
# $q$ of $b$ bits, from 0 to $2^b-1$, on an even ladder from the smallest weight to the largest,
#
# $$w\approx\Delta\,(q-q_0),\qquad\Delta=\frac{w_{\max}-w_{\min}}{2^b-1},\qquad q=\operatorname{round}(w/\Delta)+q_0,\qquad q_0=\operatorname{round}(-w_{\min}/\Delta).$$
#
# The **zero point** $q_0$ is the number that stands for the weight 0. The error is at most $\Delta/2$; where the
# weights are spread over many steps it is about uniform there, with the mean square $\Delta^2/12$.
#
# **Exercise {exercise: INT8}: write it** for 8 bits and weights `w` of both signs, `(n, m)`. Return
# `(q, step, zero_point)`.


# %% tags=["exercise"]
def stored(w):
    # BEGIN SOLUTION
    step = (w.max() - w.min()) / 255
    zero_point = np.round(-w.min() / step)
    return np.round(w / step) + zero_point, step, zero_point
    # END SOLUTION


# %%
check(exercises.INT8, stored)

# %% [markdown]
# One step $\Delta$ for the whole matrix must suit its largest weight. A step for *each column* costs a few more
# bytes. **Predict** what that gains, if the columns differ in size. In decibels: signal over error, $10\log_{10}$ of
# the ratio of the mean squares; 6 dB are one bit.


# %%
def quantised(w, bits, axis=None):
    low, high = w.min(axis=axis, keepdims=True), w.max(axis=axis, keepdims=True)
    step = (high - low) / (2**bits - 1)
    zero_point = np.round(-low / step)
    return np.round(w / step) + zero_point, step, zero_point


def restored(q, step, zero_point):
    return step * (q - zero_point)


# %% tags=["proof"]
matrix = rng.normal(size=(400, 64)) * rng.uniform(0.3, 1.5, size=64)
for bits in (8, 6, 4):
    decibels, squares = [], []
    for axis in (None, 0):
        q, step, zero_point = quantised(matrix, bits, axis)
        error = restored(q, step, zero_point) - matrix
        assert set(np.unique(q)) <= set(range(2**bits)), "the numbers must be those of b bits"
        assert (np.abs(error) <= step / 2 * (1 + 1e-9)).all(), "no weight may be off by more than half a step"
        squares.append(np.mean(step**2) / 12)
        assert abs(np.mean(error**2) / squares[-1] - 1) < 0.06, "the mean square must be that of a uniform error"
        decibels.append(10 * np.log10(np.mean(matrix**2) / np.mean(error**2)))
    derived = 10 * np.log10(squares[0] / squares[1])
    print(
        f"{bits} bits: {decibels[0]:.1f} dB with one step, {decibels[1]:.1f} dB with one a column (+{derived:.1f} derived)"
    )
    assert abs(decibels[1] - decibels[0] - derived) < 0.3, "the gain must be that of the mean squared steps"

# %% [markdown]
# **Low rank.** Another way: $W\approx UV$ with $r$ columns in $U$. The best one keeps the $r$ largest singular values
# $s_i$, and its squared error is what it leaves, $\sum_{i>r}s_i^2$ (Eckart & Young, 1936). **Proof** on the
# trained decoder of a VAE with *two* latents, for letters of 14 × 14 black or white pixels; everything can be
# integrated:

# %%
from course_lib import datasets, networks
from course_lib.exact import log_marginal_likelihood
from course_lib.formulas import bernoulli_log_prob
from course_lib.models import VAE

glyphs = datasets.load("glyphs")


def shrunk(images):
    return (images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196) > 0.5).astype("float32")


train, test = shrunk(glyphs.x_train[:4096]), shrunk(glyphs.x_test[:200])


def trained_vae(units):
    keras.utils.set_random_seed(run.seed)
    coders = networks.dense_gaussian_encoder((196,), 2, (128,)), networks.dense_decoder(2, (196,), (units,))
    vae = VAE(*coders, bernoulli_log_prob, seed=run.seed)
    vae.compile(keras.optimizers.Adam(0.003))
    vae.fit(train, batch_size=64, epochs=20, verbose=0)
    return vae


vae = trained_vae(128)
teacher = [w.astype("float64") for w in vae.decoder.get_weights()]  # kernel, bias, kernel, bias

# %% tags=["proof"]
kernel = teacher[2]  # (128, 196)
left, singular, right = np.linalg.svd(kernel, full_matrices=False)
by_eigenvalues = np.linalg.eigvalsh(kernel @ kernel.T)  # their squares, rising
for rank in (4, 19, 64):
    cut = left[:, :rank] * singular[:rank] @ right[:rank]
    error, left_over = np.sum((cut - kernel) ** 2), by_eigenvalues[:-rank].sum()
    print(f"rank {rank:2}: error {error:9.4f}, what is left {left_over:9.4f} of {by_eigenvalues.sum():.1f}")
    assert np.linalg.matrix_rank(cut) == rank, "the matrix must have this rank"
    assert abs(error - left_over) < 1e-9 * by_eigenvalues.sum(), "the error must be the squares of what is left"

# %% [markdown]
# **Distil** (Hinton et al., 2015). A third way: a smaller network, the **student**, learns to answer as the
# **teacher** does. To distil a decoder needs no data: the codes are drawn from the prior.

# %%
from scipy.special import expit


def decode(z, decoder):
    hidden_kernel, hidden_bias, kernel, bias = decoder
    return np.maximum(z @ hidden_kernel + hidden_bias, 0) @ kernel + bias  # logits


def distilled(units):
    keras.utils.set_random_seed(run.seed)
    student = networks.dense_decoder(2, (196,), (units,))
    student.compile(keras.optimizers.Adam(0.01), lambda p, logits: -bernoulli_log_prob(p, logits))
    z = np.random.default_rng(run.seed).normal(size=(20_000, 2))
    student.fit(z.astype("float32"), expit(decode(z, teacher)).astype("float32"), batch_size=128, epochs=3, verbose=0)
    return [w.astype("float64") for w in student.get_weights()]


student = distilled(8)


# %% [markdown]
# The scale for all:


# %%
def evidence(x, decoder):
    """The exact log p(x), nats: the integral over both latents; no encoder has a say."""

    def log_likelihood(z):
        logits = decode(z, decoder)
        return logits @ x.T - np.logaddexp(0, logits).sum(axis=1, keepdims=True)

    return log_marginal_likelihood(log_likelihood, 2, num_points=121, bound=4.5, tolerance=0.05)


# %% [markdown]
# Now all of them on **letters that were never seen**, with the exact $\log p(x)$ of 200 test images. Nats lost are
# differences image by image. As a control there is a small decoder trained on the letters themselves, with
# an encoder as large as the first. **Predict** which way loses most at a quarter of the bytes (27,000), and which
# at a twelfth (8,000).


# %%
def packed(bits, axis):
    return [*teacher[:2], restored(*quantised(kernel, bits, axis)), teacher[3]]  # the large matrix: 98 % of all weights


rest = sum(w.size for w in teacher) - kernel.size
models = {  # family → [(bytes, decoder)]; whatever is not packed is kept in float32
    "one step a matrix": [(kernel.size * bits / 8 + 4 * (rest + 2), packed(bits, None)) for bits in (8, 4, 3, 2)],
    "one step a column": [(kernel.size * bits / 8 + 4 * (rest + 2 * 196), packed(bits, 0)) for bits in (8, 4, 3, 2)],
}
models["low rank"] = [
    (4 * (rest + rank * (128 + 196)), [*teacher[:2], left[:, :rank] * singular[:rank] @ right[:rank], teacher[3]])
    for rank in (19, 9, 4)
]
models["students"] = [(4 * sum(w.size for w in each), each) for each in (distilled(32), student)]
small = [[w.astype("float64") for w in trained_vae(units).decoder.get_weights()] for units in (32, 8)]
models["small, trained on letters"] = [(4 * sum(w.size for w in each), each) for each in small]

# %% [markdown]
# On the scale (8, 4, 3, 2 bits; ranks 19, 9, 4). The figure shows one standard error; less than a thousandth of a nat is drawn there.

# %% tags=["proof"]
z = rng.normal(size=(10, 2))
by_keras = ops.convert_to_numpy(vae.decoder(z))
assert np.abs(decode(z, teacher) - by_keras).max() < run.pick(cpu=1e-3, gpu=0.1), "both must decode alike"
full, lost = evidence(test, teacher), {}
elbo = np.mean([vae.elbo(test) for _ in range(5)], axis=0)
print(f"teacher: {4 * (kernel.size + rest):,} bytes, log p = {full.mean():.2f} nats, ELBO {elbo.mean():.2f} nats")
assert elbo.mean() < full.mean(), "the bound must lie below the evidence"
for name, family in models.items():
    for size, decoder in family:
        lost[name, size] = each = full - evidence(test, decoder)
        print(f"{name:26} {size:7,.0f} bytes: {each.mean():+7.3f} ± {each.std(ddof=1) / 200**0.5:.3f} nats lost")
eight, _, three, two = (lost[name, size] for name, size in lost if name == "one step a matrix")
assert abs(eight.mean()) < 0.05, "8 bits must cost next to nothing"
gain = three - [each for (name, _), each in lost.items() if name == "one step a column"][2]
assert gain.mean() > 4 * gain.std(ddof=1) / 200**0.5, "at 3 bits a step for each column must pay"
smallest = {name: each.mean() for (name, size), each in lost.items() if size < 9000}
print(f"below 9,000 bytes: least by {min(smallest, key=smallest.get)}, most by {max(smallest, key=smallest.get)}")
assert max(smallest, key=smallest.get) == "one step a matrix", "and at 2 bits the ladder must be the worst way"

# %%
ax = plt.subplots(figsize=(7, 3.6), layout="constrained")[1]
for number, name in enumerate(models):
    found = {size / 1000: each for (family, size), each in lost.items() if family == name}
    means, errors = np.array([(each.mean(), each.std(ddof=1) / 200**0.5) for each in found.values()]).T
    low, points, high = np.maximum([means - errors, means, means + errors], 1e-3)
    look = {"marker": plotting.MARKERS[number], "color": plotting.PALETTE[number], "label": name, "capsize": 2}
    ax.errorbar(list(found), points, [points - low, high - points], **look)
ax.set(xlabel="thousand bytes, logarithmic", ylabel="nats an image lost, logarithmic", xscale="log", yscale="log")
ax.set_xticks([8, 10, 15, 20, 30], [8, 10, 15, 20, 30], minor=False)
ax.set_xticks([], minor=True)
ax.legend(frameon=False, fontsize=8)
plotting.show(
    alt="Nats lost for each image, against thousands of bytes, both logarithmic, with error bars, for five ways to make a decoder "
    "smaller. The quantised ones rise most steeply towards fewer bytes; at eight thousand the one with one step a matrix is worst."
)

# %% [markdown]
# Generated letters, one code in each column:

# %%
rows = {"teacher, 103 kB": teacher, "8 bits, 27 kB": packed(8, None), "2 bits, 9 kB": packed(2, None)}
rows |= {"rank 4, 8 kB": models["low rank"][2][1], "student, 7 kB": student}
plotting.image_rows({name: expit(decode(z, decoder)).reshape(-1, 14, 14) for name, decoder in rows.items()})
plotting.show(
    alt="Five rows of ten generated letters of 14 by 14 pixels, from the same codes: by the teacher, with 8 bits, with 2 bits, "
    "with rank 4 and by the student. Eight bits cannot be told from the teacher; two bits are spoilt."
)

# %% [markdown]
# Eight bits a weight cost next to nothing. Below three or four bits the ladder breaks, and it is better to have fewer
# weights than worse ones. The control: at a quarter of the bytes nobody loses more than a few tenths of a nat, not
# even the small decoder that was trained on the letters. The teacher was larger than two latents need. Ask for that
# control before you praise a compression.
#
# What *is* the same and what is not, in one table:
#
# | one line of code | what stays the same |
# |---|---|
# | compile, many steps a call | the weights, up to rounding |
# | prefetch | everything |
# | 16 bits | all but the last digits, if weights and sums stay in float32 |
# | another optimiser, another batch size | the objective; the path is another one |
# | equal shards | the weights, up to rounding, unless a layer or a loss looks at the whole batch |
# | 8 bits, low rank, a student | nothing exactly: say the nats |

# %% [markdown] tags=["deeper"]
# ### What the distillation loss bounds
#
# The student's loss at one $z$ is a divergence between two laws of pixels. Nobody is ever shown $z$. For *every* pair
# of decoders, a teacher $p$ and a student $q$,
#
# $$\mathrm{KL}\big(p(x)\,\|\,q(x)\big)\;\le\;\mathbb E_{p(z)}\,\mathrm{KL}\big(p(x\mid z)\,\|\,q(x\mid z)\big),$$
#
# since the right side is the KL of the pairs $(x,z)$, and to forget $z$ can only make two laws more alike. **Proof**
# with the smallest student, the right side by an integral over both latents, the left side by samples of the teacher:

# %% tags=["proof"]
axis = np.linspace(-5, 5, 161)
grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
prior = np.exp(-0.5 * (grid**2).sum(axis=1))
by_teacher, by_student = decode(grid, teacher), decode(grid, student)
divergences = expit(by_teacher) * (by_teacher - by_student) - np.logaddexp(0, by_teacher) + np.logaddexp(0, by_student)
bound = np.sum(prior * divergences.sum(axis=1)) / prior.sum()
z = rng.normal(size=(500, 2))
samples = (rng.uniform(size=(500, 196)) < expit(decode(z, teacher))).astype("float64")
apart = evidence(samples, teacher) - evidence(samples, student)
error = apart.std(ddof=1) / len(apart) ** 0.5
print(f"KL of the samples: {apart.mean():.3f} ± {error:.3f} nats; the distillation loss, integrated: {bound:.3f} nats")
assert apart.mean() > 4 * error, "the student must not be the teacher"
assert apart.mean() < bound + 4 * error, "the loss at z must bound the divergence of the samples"
assert bound < 30, "and the student must have learned: a constant answer is far worse"

# %% [markdown]
# So a small distillation loss is a guarantee for the samples. (A large one is no verdict: another student may use $z$
# in another way.)

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> A new GPU is ten times as fast, and the training one and a half times. Why?</summary>
#
# Something else sets the pace: reading, or overhead at each call. By Amdahl's law only 37 % of the time was the GPU's:
# 1/(0.63 + 0.037) = 1.5. Measure the parts. </details>
#
# <details><summary><b>2.</b> In bfloat16 the loss falls for a while and then stands still. The learning rate is
# small. What is your first suspicion?</summary>
#
# The weights are kept in bfloat16: a step of less than about 0.2 % to 0.4 % of a weight is rounded away. Keep them in
# float32. </details>
#
# <details><summary><b>3.</b> Four devices, four times the batch, the same learning rate, the same number of epochs.
# The result is worse. Is something broken?</summary>
#
# Not necessarily: it is another training, with a quarter of the steps. Keep the batch, cut into four, and it is the
# same one. </details>
#
# <details><summary><b>4.</b> "Our int8 model has the same accuracy, so it is the same model." True?</summary>
#
# Accuracy does not look at probabilities. Compare nats, image by image.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **proved** that compiled and plain training give equal weights, and **measured** what lies between a step and its matrix products;
# * **predicted** pipelines by their slowest stage, and workers by Amdahl's law;
# * **found** the cliffs of float16 and bfloat16, and **placed** the float32 casts;
# * **derived** the rates of gradient descent and momentum (deeper: and the $1/B$ of gradient noise);
# * **repaired** a loss that several devices add up;
# * **quantised** a decoder by hand, and **weighed** bytes against exact nats.
#
# How do you make it faster without changing what it computes? **Measure where the time goes, change one thing, and
# let numbers, not a clock, say what is still the same.**
#
# **Go further.** Train the VAE of this lesson with `keras.config.set_dtype_policy("mixed_bfloat16")` and compare the
# exact evidence. Several GPUs and machines: docs/scale.md.
#
# **References.** Eckart & Young (1936), *The approximation of one matrix by another of lower rank*, Psychometrika 1.
# · Polyak (1964), *Some methods of speeding up the convergence of iteration methods*, USSR Computational Mathematics
# and Mathematical Physics 4. · Amdahl (1967), *Validity of the single processor approach to achieving large scale
# computing capabilities*, AFIPS. · Hinton et al. (2015),
# [*Distilling the knowledge in a neural network*](https://arxiv.org/abs/1503.02531), arXiv:1503.02531. · Goyal et al.
# (2017), [*Accurate, large minibatch SGD*](https://arxiv.org/abs/1706.02677), arXiv:1706.02677. · Micikevicius et al.
# (2018), [*Mixed precision training*](https://arxiv.org/abs/1710.03740), arXiv:1710.03740. · Jacob et al. (2018),
# [*Quantization and training of neural networks for efficient integer-arithmetic-only inference*](https://arxiv.org/abs/1712.05877),
# arXiv:1712.05877. · McCandlish et al. (2018),
# [*An empirical model of large-batch training*](https://arxiv.org/abs/1812.06162), arXiv:1812.06162.

# %% [markdown] tags=["slide"]
# # Speed and scale
#
# A training takes a week. A decoder does not fit into a telephone.
#
# **How do I make it faster without changing what it computes?**

# %% [markdown] tags=["notes"]
# 1 min. Each remedy is one line of code. Which compute the same, which nearly the same, which something else?

# %% [markdown] tags=["slide"]
# ## Predict: four ways to run a step. Are the weights equal?
#
# Line by line in Python · one graph · XLA · 16 steps at one call
#
# . . .
#
# {output: compile-it-are-the-weights-the-same-5}

# %% [markdown] tags=["notes"]
# 3 min. Equal up to rounding; NumPy is the judge, with gradients by hand. The seconds differ, and which way wins
# depends on the machine.

# %% [markdown] tags=["slide"]
# ## How fast could it be?
#
# A step is five matrix products. The rest is *overhead*, paid per call.
#
# {figure: compile-it-are-the-weights-the-same-8}

# %% [markdown] tags=["notes"]
# 2 min. For a small network a stronger machine would wait, too. Warm up before you time; on a GPU wait until it has
# finished.

# %% [markdown] tags=["slide"]
# ## Predict: read 10 ms, learn 20 ms
#
# Milliseconds a batch, one after the other, and with prefetching?
#
# . . .
#
# {figure: hide-the-waiting-pipelines-7}

# %% [markdown] tags=["notes"]
# 3 min. 30 and 20: the slowest stage sets the pace. The batches come in the same order, so the weights are the same.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PREDICT_A_PIPELINE} · {minutes} minutes
#
# Read 8 ms, decode 30 ms, learn 20 ms.
#
# - `"apart"`: one after the other
# - `"shelves"`: a shelf between all stages
# - `"two decoders"`: and two workers decode
# - `"new GPU"`: and learning takes 10 ms only

# %% [markdown] tags=["notes"]
# 4 min. 58, 30, 20, 15. The usual wrong answer is the last one, 10: the new GPU waits for the decoders.

# %% [markdown] tags=["slide"]
# ## What workers cannot buy
#
# $$\frac{1}{(1-f)+f/k}<\frac1{1-f}$$
#
# {figure: hide-the-waiting-pipelines-11}

# %% [markdown] tags=["notes"]
# 2 min. Four fifths can be divided: never more than five times as fast. The points may lie lower: the law counts no
# cost of starting workers. Measure the share before you buy.

# %% [markdown] tags=["slide"]
# ## Predict: add 1, 4,096 times
#
# In float32, float16 (11 digits) and bfloat16 (8 digits).
#
# . . .
#
# {figure: half-the-digits-where-are-the-cliffs-3}

# %% [markdown] tags=["notes"]
# 3 min. 4,096, 2,048 and 256. A large number does not feel a small one.

# %% [markdown] tags=["slide"]
# ## Three more cliffs
#
# {output: half-the-digits-where-are-the-cliffs-5}

# %% [markdown] tags=["notes"]
# 3 min. Exponentials overflow, small gradients vanish, and a bfloat16 weight of 1 does not feel a step of a
# thousandth: so weights are kept in float32.

# %% [markdown] tags=["slide"]
# ## What does a sum cost, in nats?
#
# 784 terms, some 630 nats an image.
#
# {output: half-the-digits-where-are-the-cliffs-7}

# %% [markdown] tags=["notes"]
# 2 min. Rounding the terms hardly hurts, adding in 16 bits does. Whether the library's sum is safe depends on
# library, axis and device.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PLACE_THE_CASTS} · {minutes} minutes
#
# `"float32"` or `"half"`?
#
# - (a) the matrix products of the hidden layers
# - (b) the sum of $\log p$ over 784 pixels
# - (c) the ReLUs
# - (d) $e^{\log\sigma^2}$ in the KL divergence
# - (e) the weights, to which Adam adds its steps
# - (f) the mean of the loss over a batch of 4,096

# %% [markdown] tags=["notes"]
# 4 min. half, float32, half, float32, float32, float32. Discuss (e): a small step on a large weight.

# %% [markdown] tags=["slide"]
# ## Predict: κ = 100. How many steps to a millionth?
#
# $$\text{gradient descent }\frac{\kappa-1}{\kappa+1},\qquad\text{the best momentum }\frac{\sqrt\kappa-1}{\sqrt\kappa+1}$$
#
# . . .
#
# {output: fewer-steps-optimisers-have-exact-rates-2}

# %% [markdown] tags=["notes"]
# 4 min. 691 and 69 by the rates. With complex roots the rate is √β whatever the curvature. Exercise
# {exercise: FEWER_STEPS}: with κ = 10,000 the ratio of the rates' steps is 100.

# %% [markdown] tags=["slide"]
# ## As a picture
#
# {figure: fewer-steps-optimisers-have-exact-rates-3}

# %% [markdown] tags=["notes"]
# 1 min. The best momentum begins with a detour: some 90 steps to a millionth. A bowl, and exact gradients: a network
# has neither.

# %% [markdown] tags=["slide"]
# ## What does a larger batch buy?
#
# Variance of a gradient: that of one example, divided by $B$.
#
# {output: what-a-larger-batch-buys-2}

# %% [markdown] tags=["notes"]
# 2 min. Four times the arithmetic for half the standard deviation. Another batch size is another training.

# %% [markdown] tags=["slide"]
# ## Predict: two devices average their gradients
#
# 5 + 5 examples; 7 + 3 examples. Is it the gradient of the batch?
#
# . . .
#
# {output: two-devices-which-average-2}

# %% [markdown] tags=["notes"]
# 3 min. Equal shards: yes, up to rounding. Ragged ones: only with weights. Nothing says a word. Exercise
# {exercise: SHARD_LOSS} is the trap of frameworks that add.

# %% [markdown] tags=["slide"]
# ## One layer looks at its neighbours
#
# Batch normalisation on shards is another model.
#
# {output: two-devices-which-average-5}

# %% [markdown] tags=["notes"]
# 2 min. A shard of n examples has (1 − 1/n) of the variance, on average.

# %% [markdown] tags=["slide"]
# ## Quantise: a ladder of $2^b$ steps
#
# $$w\approx\Delta(q-q_0),\quad|\text{error}|\le\Delta/2,\quad\text{mean square}\approx\Delta^2/12$$
#
# {output: a-smaller-decoder-what-do-bytes-cost-in-nats-4}

# %% [markdown] tags=["notes"]
# 3 min. 6 dB a bit; a step for each column gains some more. Exercise {exercise: INT8} is homework.

# %% [markdown] tags=["slide"]
# ## Predict: what loses most at a quarter of the bytes? At a twelfth?
#
# Fewer bits · low rank · a student · a small one, trained on letters
#
# . . .
#
# {figure: a-smaller-decoder-what-do-bytes-cost-in-nats-16}

# %% [markdown] tags=["notes"]
# 4 min. Exact log p of letters that were never seen, two latents integrated. Take a vote first. At a twelfth it is two
# bits with one step, by far; at a quarter nobody loses more than a few tenths of a nat.

# %% [markdown] tags=["slide"]
# ## What do these nats look like?
#
# {figure: a-smaller-decoder-what-do-bytes-cost-in-nats-18}
#
# Generated letters, from the same codes.

# %% [markdown] tags=["notes"]
# 1 min. Samples of one code in each column.

# %% [markdown] tags=["slide"]
# ## Quiz: four devices, four times the batch, and the result is worse. Is something broken?
#
# . . .
#
# Not necessarily: it is another training, with a quarter of the steps.

# %% [markdown] tags=["notes"]
# 1 min. Keep the batch, cut into four, and it is the same one.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Measure where the time goes. Change one thing.
#
# Let numbers, not a clock, say what is still the same.
#
# *At home:* exercises {exercise: FEWER_STEPS}, {exercise: SHARD_LOSS} and {exercise: INT8}.

# %% [markdown] tags=["notes"]
# 1 min. The table at the end of the lesson says, line by line, what stays the same.
