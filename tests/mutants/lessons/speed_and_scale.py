"""Bugs for the proofs of the lesson on speed and scale."""

from tests.mutants.lesson_bug import LessonBug

COMPILE, PIPELINES, HALF, STEPS, BATCH, DEVICES, SMALLER, BOUND = (
    "compile-it-are-the-weights-the-same",
    "hide-the-waiting-pipelines",
    "half-the-digits-where-are-the-cliffs",
    "fewer-steps-optimisers-have-exact-rates",
    "what-a-larger-batch-buys",
    "two-devices-which-average",
    "a-smaller-decoder-what-do-bytes-cost-in-nats",
    "what-the-distillation-loss-bounds",
)

BUGS = [
    LessonBug(
        "one way shuffles its batches",
        f"{COMPILE}-5",
        "epochs=epochs, shuffle=False",
        'epochs=epochs, shuffle="run_eagerly" in way',
        f"{COMPILE}-4",
        (f"{COMPILE}-4",),
    ),
    LessonBug(
        "the loss is a mean over the outputs",
        f"{COMPILE}-5",
        "ops.sum(ops.square(prediction - y), axis=-1)",
        "ops.mean(ops.square(prediction - y), axis=-1)",
        f"{COMPILE}-4",
        (f"{COMPILE}-4",),
    ),
    LessonBug(
        "the pipeline reads everything before it gives anything",
        f"{PIPELINES}-5",
        "for batch in batches:",
        "for batch in list(batches):",
        f"{PIPELINES}-2",
        (f"{PIPELINES}-2",),
    ),
    LessonBug(
        "the batches come last in, first out",
        f"{PIPELINES}-5",
        "queue.Queue(maxsize=ahead)",
        "queue.LifoQueue()",
        f"{PIPELINES}-2",
        (f"{PIPELINES}-2",),
    ),
    LessonBug(
        "all workers but one are idle", f"{PIPELINES}-10", "ThreadPoolExecutor(workers)", "ThreadPoolExecutor(1)"
    ),
    LessonBug(
        "what is done alone is divided, too",
        f"{PIPELINES}-10",
        'timed("alone", 0, 0.040, log)',
        'timed("alone", 0, 0.040 / workers, log)',
    ),
    LessonBug("the total is kept in float32", f"{HALF}-2", "total = kind(total + kind(1))", "total = total + 1.0"),
    LessonBug("one digit too few", f"{HALF}-2", '"bfloat16": 8}', '"bfloat16": 7}'),
    LessonBug(
        "master weights in float32",
        f"{HALF}-5",
        "formats[name](w - formats[name](0.001)) for",
        "np.float32(w) - np.float32(0.001) for",
    ),
    LessonBug("an exponential of base two", f"{HALF}-5", "np.isfinite(np.exp(ladder))", "np.isfinite(np.exp2(ladder))"),
    LessonBug(
        "the sum is rounded at its end alone",
        f"{HALF}-7",
        "total = (total + each.astype(kind)).astype(kind)",
        "total = total.astype(float) + each.astype(kind)",
    ),
    LessonBug(
        "no momentum in the optimiser",
        f"{STEPS}-2",
        "keras.optimizers.SGD(step, momentum=beta)",
        "keras.optimizers.SGD(step, momentum=0.0)",
    ),
    LessonBug(
        "momentum of Nesterov",
        f"{STEPS}-2",
        "momentum=beta)",
        "momentum=beta, nesterov=True)",
    ),
    LessonBug("the rate is the momentum itself", f"{STEPS}-2", "0.75, 0.75**0.5)", "0.75, 0.75)"),
    LessonBug(
        "a batch in which all examples are the same one",
        f"{BATCH}-2",
        "rng.integers(0, 4000, size=(2000, size))",
        "rng.integers(0, 4000, size=(2000, 1)).repeat(size, axis=1)",
    ),
    LessonBug(
        "sums of gradients for means",
        f"{DEVICES}-2",
        "@ (x @ w - t) / len(x)",
        "@ (x @ w - t)",
    ),
    LessonBug(
        "ragged shards without weights", f"{DEVICES}-2", "weights=[len(shard[1])", "weights=[1 + 0 * len(shard[1])"
    ),
    LessonBug(
        "the layer is asked in inference",
        f"{DEVICES}-5",
        "normalise(shard, training=True)",
        "normalise(shard, training=False)",
    ),
    LessonBug(
        "the variance is divided by n − 1",
        f"{DEVICES}-5",
        "reshape(-1, size).var(axis=1)",
        "reshape(-1, size).var(axis=1, ddof=1)",
    ),
    LessonBug(
        "two devices that are one",
        "keras-on-two-devices-3",
        '["CPU:0", "CPU:1"][:devices]',
        '["CPU:0"]',
        "keras-on-two-devices-2",
        ("keras-on-two-devices-2",),
    ),
    LessonBug(
        "NumPy's step of a sum",
        "keras-on-two-devices-3",
        "@ residual / len(residual)",
        "@ residual",
    ),
    LessonBug(
        "rounded down",
        f"{SMALLER}-4",
        "return np.round(w / step) + zero_point",
        "return np.floor(w / step) + zero_point",
        f"{SMALLER}-3",
        (f"{SMALLER}-3",),
    ),
    LessonBug(
        "one step too many for the bits",
        f"{SMALLER}-4",
        "(2**bits - 1)",
        "2**bits",
        f"{SMALLER}-3",
        (f"{SMALLER}-3",),
    ),
    LessonBug(
        "the smallest singular values are kept",
        f"{SMALLER}-7",
        "left[:, :rank] * singular[:rank] @ right[:rank]",
        "left[:, -rank:] * singular[-rank:] @ right[-rank:]",
    ),
    LessonBug("a mean over the pixels", f"{BOUND}-2", "divergences.sum(axis=1)", "divergences.mean(axis=1)"),
    LessonBug("samples of the student", f"{BOUND}-2", "expit(decode(z, teacher))", "expit(decode(z, student))"),
    LessonBug(
        "8 bits that are four",
        f"{SMALLER}-15",
        "quantised(kernel, bits, axis)",
        "quantised(kernel, min(bits, 4), axis)",
        f"{SMALLER}-13",
        (f"{SMALLER}-13",),
    ),
    LessonBug(
        "the activation is forgotten",
        f"{SMALLER}-15",
        "np.maximum(z @ hidden_kernel + hidden_bias, 0)",
        "(z @ hidden_kernel + hidden_bias)",
        f"{SMALLER}-9",
        (f"{SMALLER}-9",),
    ),
]
