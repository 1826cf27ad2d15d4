"""What a training step has to multiply: products of matrices, counted, and timed without anything around them.

A `product` is a triple (m, k, n): a matrix of m rows and k columns times one of k rows and n columns, 2·m·k·n
operations. A convolution is written as the product that it can be computed by.
"""

import math
import statistics
import time

MOST_ROWS = 4096  # a longer product is timed in pieces of so many rows, as a convolution keeps to its cache


def operations(products):
    """How many operations products take.

    Example:
        >>> operations([(2, 3, 4)])
        48
    """
    return sum(2 * m * k * n for m, k, n in products)


def forward_products(network, examples):
    """The products of a network's forward pass over so many examples.

    Two ways lead from a convolution of stride 1 to a product, with the places of the kernel in the rows of the second
    matrix or in its columns; the more nearly square one is taken.
    """
    found = []
    for layer in network._flatten_layers():
        if not hasattr(layer, "kernel"):
            continue
        given, made = layer.input.shape[1:-1], layer.output.shape[1:-1]
        channels_in, channels_out = layer.input.shape[-1], layer.output.shape[-1]
        places = math.prod(layer.kernel.shape[:-2])  # of the kernel; 1 of a dense layer
        inside, outside = (places * channels_in, channels_out), (channels_in, places * channels_out)
        if "Transpose" in type(layer).__name__:
            found.append((examples * math.prod(given), *outside))
        elif given == made:
            found.append((examples * math.prod(made), *max(inside, outside, key=min)))
        else:
            found.append((examples * math.prod(made), *inside))
    return found


def training_products(task, examples=None):
    """The products of a training step: of each forward product (m, k, n) also the two of its gradients.

    The gradient by the weights is a product (k, m, n), that by the input (m, n, k). The discriminator of a GAN is asked
    three times: for data, for samples, and for samples on behalf of the generator. Counted, though no program needs
    them: a first layer's gradient by its input, and the discriminator's by its weights on behalf of the generator. Not
    counted: a gradient penalty.

    Args:
        task: A `Task`.
        examples: Integer, the size of the batch; None is the task's.
    """
    from benchmarks.with_course import model_of

    model, examples = model_of(task), task.batch_size if examples is None else examples
    first, second = (model.generator, model.discriminator) if task.adversarial else (model.encoder, model.decoder)
    forward = forward_products(first, examples) + (3 if task.adversarial else 1) * forward_products(second, examples)
    return [each for m, k, n in forward for each in ((m, k, n), (k, m, n), (m, n, k))]


def bound_products(vae, count, draws, rows):
    """The products of the decoder for so many draws of each of so many examples, in calls of so many rows."""
    return forward_products(vae.decoder, rows) * math.ceil(count * draws / rows)


def seconds_of(products, repeats=5):
    """Seconds that the bare products take here, one after the other, in float32: each by the faster of two libraries.

    Args:
        products: List of triples.
        repeats: Integer, how often each is timed; the fastest counts.
    """
    fastest = {product: seconds_of_product(*product, repeats) for product in set(products)}
    return sum(fastest[product] for product in products)


def seconds_of_product(m, k, n, repeats):
    """Of one product, by NumPy's library or by TensorFlow's, whichever is faster."""
    import numpy as np
    import tensorflow as tf

    short, inner = min(m, MOST_ROWS), min(k, MOST_ROWS)
    rng = np.random.default_rng(0)
    a, b = (rng.random(shape, dtype="float32") for shape in ((short, inner), (inner, n)))
    out, ta, tb = np.empty((short, n), "float32"), tf.constant(a), tf.constant(b)

    def by_tensorflow():
        tf.linalg.matmul(ta, tb)[0, 0].numpy()

    seconds = min(fastest(lambda: np.matmul(a, b, out=out), repeats), fastest(by_tensorflow, repeats))
    return seconds * (m / short) * (k / inner)


def fastest(call, repeats):
    """Seconds of the fastest of so many calls, after one that is not timed."""
    call()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def share(found):
    """Of what `measure.limit` found: (operations a second of the bare products, of the program, its share of them)."""
    bare, took = (statistics.median(found[name]) for name in ("product_seconds", "seconds"))
    return found["operations"] / bare, found["operations"] / took, bare / took
