"""The game of the explorable `gan_in_the_plane`, again in NumPy and Keras: the gradients by automatic differentiation.

What a page computes by hand is replayed here by other means: the library's losses and its R1, the densities by
`GaussianMixture`, the integrals by its sums. Only the random numbers are the same, by the same generator.
"""

import math
import os

import numpy as np

from course_lib.exact import GaussianMixture

SPREAD, NUM_POINTS, UNITS, BATCH = 0.25, 8, 32, 64
RING = [[2 * math.cos(2 * math.pi * n / 8), 2 * math.sin(2 * math.pi * n / 8)] for n in range(8)]
DATA = {"ring": np.array(RING), "two": np.array([[-1.5, 0.0], [1.5, 0.0]])}


class Mulberry32:
    """Uniform numbers of 32 bits, and normal ones by Box and Muller."""

    def __init__(self, seed):
        self.state = seed % 2**32

    def uniform(self):
        self.state = (self.state + 0x6D2B79F5) % 2**32
        a = self.state
        t = (a ^ (a >> 15)) * (a | 1) % 2**32
        t ^= (t + (t ^ (t >> 7)) * (t | 61)) % 2**32
        return (t ^ (t >> 14)) / 2**32

    def normal(self):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())

    def near(self, centres):
        k = min(len(centres) - 1, int(self.uniform() * len(centres)))
        return (*(centres[k] + SPREAD * np.array([self.normal(), self.normal()])), k)

    def batch(self, centres):
        drawn = np.array([self.near(centres) for _ in range(BATCH)])
        return drawn[:, :2], drawn[:, 2].astype(int)


def gradients(weights, real, fake, gamma):
    """Both losses and their gradients, float64: of D by its weights, of G by its samples, from TensorFlow's tapes."""
    import tensorflow as tf

    weights, real, fake = (tf.constant(each, dtype="float64") for each in (weights, real, fake))

    def logit(weights, x):
        units = tf.reshape(weights[:-1], (UNITS, 4))
        return tf.tanh(x @ tf.transpose(units[:, :2]) + units[:, 2]) @ units[:, 3:] + weights[-1]

    with tf.GradientTape() as outer:
        outer.watch(weights)
        with tf.GradientTape() as inner:
            inner.watch(real)
            on_real = logit(weights, real)
        slope = inner.gradient(on_real, real)
        loss = tf.reduce_mean(tf.nn.softplus(-on_real)) + tf.reduce_mean(tf.nn.softplus(logit(weights, fake)))
        loss += gamma / 2 * tf.reduce_mean(tf.reduce_sum(slope**2, axis=1))
    with tf.GradientTape() as tape:
        tape.watch(fake)
        generator_loss = tf.reduce_mean(tf.nn.softplus(-logit(weights, fake)))
    by_weights, by_samples = outer.gradient(loss, weights), tape.gradient(generator_loss, fake)
    return float(loss), by_weights.numpy(), float(generator_loss), by_samples.numpy()


class Adam:
    """Adam with β₁ = 0 and β₂ = 0.99."""

    def __init__(self, rate):
        self.rate, self.square, self.count = rate, 0.0, 0

    def step(self, gradient):
        self.count += 1
        self.square = 0.99 * self.square + 0.01 * gradient**2
        return self.rate * gradient / (np.sqrt(self.square / (1 - 0.99**self.count)) + 1e-8)


def played(seed, gamma, data, step):
    """The generator's points and the discriminator's weights after some steps."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    rng = Mulberry32(1000 + seed)
    points = np.array([[0.3 * rng.normal(), 0.3 * rng.normal()] for _ in range(NUM_POINTS)])
    weights = np.array([[rng.normal(), rng.normal(), rng.normal(), rng.normal() / UNITS**0.5] for _ in range(UNITS)])
    weights = np.append(weights.ravel(), 0.0)
    of_d, of_g = Adam(0.02), Adam(0.01)
    for _ in range(step):
        (real, _), (fake, _) = rng.batch(DATA[data]), rng.batch(points)
        weights = weights - of_d.step(gradients(weights, real, fake, gamma)[1])
        fake, chosen = rng.batch(points)
        by_points = np.zeros_like(points)
        np.add.at(by_points, chosen, gradients(weights, fake, fake, 0.0)[3])
        points = points - of_g.step(by_points)
    return points, weights


def numbers(seed, gamma, data, step):
    """What the page shows in this state."""
    points, weights = played(seed, gamma, data, step)
    units = weights[:-1].reshape(UNITS, 4)

    def logit(x):
        return np.tanh(x @ units[:, :2].T + units[:, 2]) @ units[:, 3] + weights[-1]

    p, q = (
        GaussianMixture(np.full(len(each), 1 / len(each)), each, np.tile(SPREAD**2 * np.eye(2), (len(each), 1, 1)))
        for each in (DATA[data], points)
    )
    side = np.linspace(-6, 6, 121)
    plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    log_p, log_q, values, area = p.log_prob(plane), q.log_prob(plane), logit(plane), (side[1] - side[0]) ** 2
    both = np.logaddexp(log_p, log_q)
    best = area * np.sum(np.exp(log_p) * (log_p - both) + np.exp(log_q) * (log_q - both))
    own = -area * np.sum(np.exp(log_p) * np.logaddexp(0, -values) + np.exp(log_q) * np.logaddexp(0, values))
    distances = np.linalg.norm(DATA[data][:, None] - points[None], axis=-1)
    found = {"step": step, "own": own, "best": best, "jsd": (best + math.log(4)) / 2}
    found |= {"covered": int((distances.min(axis=1) < 3 * SPREAD).sum()), "logit": logit(points[:1])[0]}
    return found | {"x": points[0, 0], "y": points[0, 1]}
