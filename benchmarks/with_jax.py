"""Raw JAX: the data stay on the device, an epoch is one compiled `scan`, Adam is written out. The practical limit.

Convolutions on a CPU are several times slower inside a scan, so there each step is a call of its own.
Parameters are a flat list of kernels and biases, in the order and layout of the Keras networks.
"""

from functools import partial

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

IMAGES = ("NHWC", "HWIO", "NHWC")
SHAPES = {  # kernels, first network and second; each has a bias as long as its outputs
    "dense_vae": (
        [(784, 400), (400, 400), (400, "z"), (400, "z")],
        [("z", 400), (400, 400), (400, 784)],
    ),
    "conv_vae": (
        [(3, 3, 1, 32), (3, 3, 32, 64), (3136, 16), (16, "z"), (16, "z")],
        [("z", 3136), (3, 3, 64, 64, "transposed"), (3, 3, 32, 64, "transposed"), (3, 3, 1, 32, "transposed")],
    ),
    "dense_gan": (
        [("z", 128), (128, 128), (128, 2)],
        [(2, 128), (128, 128), (128, 1)],
    ),
    "conv_gan": (
        [("z", 6272), (4, 4, 128, 128, "transposed"), (4, 4, 128, 128, "transposed"), (7, 7, 128, 1)],
        [(3, 3, 1, 64), (3, 3, 64, 128), (128, 1)],
    ),
}


def initial_parameters(task, seed=0):
    """Uniform kernels after Glorot & Bengio (2010), biases zero: two flat lists."""
    rng = np.random.default_rng(seed)
    networks = []
    for kernels in SHAPES[task.name]:
        parameters = []
        for shape in kernels:
            outputs = shape[-3] if shape[-1] == "transposed" else shape[-1]
            shape = [task.noise_dim if size == "z" else size for size in shape if size != "transposed"]
            limit = np.sqrt(6 / (np.prod(shape[:-2]) * (shape[-2] + shape[-1])))
            outputs = task.noise_dim if outputs == "z" else outputs
            parameters += [rng.uniform(-limit, limit, shape).astype("float32"), np.zeros(outputs, "float32")]
        networks.append([jnp.asarray(parameter) for parameter in parameters])
    return networks


def conv(x, kernel, bias, stride=2):
    return lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=IMAGES) + bias


def transposed_conv(x, kernel, bias, stride=2):
    strides = (stride, stride)
    return lax.conv_transpose(x, kernel, strides, "SAME", dimension_numbers=IMAGES, transpose_kernel=True) + bias


def dense(parameters, x, activation):
    """Dense layers, the last one linear."""
    for kernel, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        x = activation(x @ kernel + bias)
    return x @ parameters[-2] + parameters[-1]


relu, leaky_relu = jax.nn.relu, partial(jax.nn.leaky_relu, negative_slope=0.2)


def dense_encoder(p, x):
    features = relu(dense(p[:-4], x.reshape(len(x), -1), relu))
    return features @ p[-4] + p[-3], features @ p[-2] + p[-1]


def dense_decoder(p, z):
    return dense(p, z, relu).reshape(-1, 28, 28, 1)


def conv_encoder(p, x):
    features = relu(conv(relu(conv(x, *p[:2])), *p[2:4]))
    features = relu(features.reshape(len(x), -1) @ p[4] + p[5])
    return features @ p[6] + p[7], features @ p[8] + p[9]


def conv_decoder(p, z):
    features = relu(z @ p[0] + p[1]).reshape(-1, 7, 7, 64)
    features = relu(transposed_conv(relu(transposed_conv(features, *p[2:4])), *p[4:6]))
    return transposed_conv(features, *p[6:], stride=1)


def conv_generator(p, z):
    features = leaky_relu(z @ p[0] + p[1]).reshape(-1, 7, 7, 128)
    features = leaky_relu(transposed_conv(leaky_relu(transposed_conv(features, *p[2:4])), *p[4:6]))
    return jax.nn.sigmoid(conv(features, *p[6:], stride=1))


def conv_discriminator(p, x):
    features = leaky_relu(conv(leaky_relu(conv(x, *p[:2])), *p[2:4]))
    return features.max(axis=(1, 2)) @ p[4] + p[5]


NETWORKS = {
    "dense_vae": (dense_encoder, dense_decoder),
    "conv_vae": (conv_encoder, conv_decoder),
    "dense_gan": (partial(dense, activation=relu), partial(dense, activation=leaky_relu)),
    "conv_gan": (conv_generator, conv_discriminator),
}


def vae_loss(networks, parameters, x, noise):
    encoder, decoder = networks
    mean, log_var = encoder(parameters[0], x)
    logits = decoder(parameters[1], mean + jnp.exp(0.5 * log_var) * noise)
    cross_entropy = x * jax.nn.softplus(-logits) + (1 - x) * jax.nn.softplus(logits)
    kl = 0.5 * (jnp.exp(log_var) + mean**2 - 1 - log_var)
    loss = (cross_entropy.sum() + kl.sum()) / len(x)
    return loss, loss


def gan_loss(networks, parameters, x, noise):
    """Both losses in one, each with a gradient to its own network: a simultaneous step; and the discriminator's."""
    generator, discriminator = networks
    samples, still = generator(parameters[0], noise), lax.stop_gradient
    d_loss = jax.nn.softplus(-discriminator(parameters[1], x)) + jax.nn.softplus(
        discriminator(parameters[1], still(samples))
    )
    g_loss = jax.nn.softplus(-discriminator(still(parameters[1]), samples))
    return (d_loss + g_loss).mean(), d_loss.mean()


def adam(task, state, gradients):
    """Kingma & Ba (2015), arXiv:1412.6980, algorithm 1 with the bias corrections in the step size."""
    parameters, first, second, step = state
    step = step + 1
    first = jax.tree.map(lambda m, g: task.beta_1 * m + (1 - task.beta_1) * g, first, gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
    rate = task.learning_rate * jnp.sqrt(1 - 0.999**step) / (1 - task.beta_1**step)
    parameters = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), parameters, first, second)
    return parameters, first, second, step


class Trainer:
    """See `with_course.Trainer`."""

    def __init__(self, task, x):
        self.x, self.key = jnp.asarray(x), jax.random.key(0)
        parameters = initial_parameters(task)
        moments = [jax.tree.map(jnp.zeros_like, parameters) for _ in range(2)]
        self.state = (parameters, *moments, jnp.zeros((), "float32"))
        self.loss_function = partial(gan_loss if task.adversarial else vae_loss, NETWORKS[task.name])

        def step(x, state, rows_and_key):
            rows, key = rows_and_key
            noise = jax.random.normal(key, (task.batch_size, task.noise_dim))
            gradients, shown = jax.grad(self.loss_function, has_aux=True)(state[0], x[rows], noise)
            return adam(task, state, gradients), shown

        def batches(x, key):
            order, noise = jax.random.split(key)
            rows = jax.random.permutation(order, len(x)).reshape(-1, task.batch_size)
            return rows, jax.random.split(noise, len(rows))

        @partial(jax.jit, donate_argnums=0)
        def one_scan(state, x, key):
            state, losses = lax.scan(partial(step, x), state, batches(x, key))
            return state, losses.mean()

        @partial(jax.jit, donate_argnums=1)
        def one_step(x, state, rows_and_key):
            return step(x, state, rows_and_key)

        def step_by_step(state, x, key):
            losses = []
            for rows_and_key in zip(*batches(x, key), strict=True):
                state, loss = one_step(x, state, rows_and_key)
                losses.append(loss)
            return state, jnp.stack(losses).mean()

        convolutions_on_a_cpu = task.convolutional and jax.default_backend() == "cpu"
        self.train_one_epoch = step_by_step if convolutions_on_a_cpu else one_scan

    def train(self, pace):
        pace.run(self.epoch)

    def epoch(self):
        self.key, key = jax.random.split(self.key)
        self.state, loss = self.train_one_epoch(self.state, self.x, key)
        return float(loss)

    def num_parameters(self):
        return sum(parameter.size for parameter in jax.tree.leaves(self.state[0]))

    def loss(self, weights, x, noise):
        boundary = len(self.state[0][0])
        parameters = [[jnp.asarray(weight) for weight in part] for part in (weights[:boundary], weights[boundary:])]
        shapes = jax.tree.map(jnp.shape, parameters), jax.tree.map(jnp.shape, self.state[0])
        if shapes[0] != shapes[1]:
            raise ValueError(f"Expected weights of shapes {shapes[1]}; got {shapes[0]}.")
        return float(self.loss_function(parameters, jnp.asarray(x), jnp.asarray(noise))[0])
