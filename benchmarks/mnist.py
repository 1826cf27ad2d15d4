"""`make benchmark-mnist`: a VAE and an IWAE of Burda et al. (2016) on MNIST, in nats, beside the published figures.

One stochastic layer of 50 latents, 2 × 200 tanh units on each side, MNIST binarised anew at each presentation, batches
of 20, Adam, and the paper's schedule: 3^i passes with a step size of 0.001 · 10^(−i/7) for i = 0 … 7, which are 3,280
passes in all. The test images are binarised once. The bound with K = 5000 draws is then an estimate of log p(x).

The full schedule takes days on two cores. `--minutes 10` trains for so long, each model for half of it, says how far it
got, and keeps the training: the same command goes on from there. What has not finished is never called the result.
"""

import argparse
import contextlib
import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402

from benchmarks import machine, rendering  # noqa: E402

RAW, PAGE = rendering.RAW / "mnist.json", rendering.HERE / "MNIST.md"
KEPT = ROOT / ".cache" / "mnist"
MODELS = {"vae": 1, "iwae": 50}  # name → draws K of the objective
PUBLISHED = {"vae": 86.76, "iwae": 84.78}  # nats, −log p(x): Burda et al. (2016), table 1, one stochastic layer
STAGES = tuple(range(8))
SHOWN_FROM = 40  # passes, four stages of eight: what has had fewer is kept, and shown nowhere
BATCH_SIZE, NUM_LATENTS, UNITS, DRAWS = 20, 50, (200, 200), 5_000
IMAGES_AT_ONCE = 250


def epochs_of_schedule(stages=STAGES):
    """Passes over the training images: 1 + 3 + 9 + …

    Example:
        >>> epochs_of_schedule()
        3280
    """
    return sum(3**stage for stage in stages)


def learning_rates(steps_per_epoch, stages=STAGES):
    """The paper's step sizes as a Keras schedule of the number of steps taken."""
    import keras

    ends = [steps_per_epoch * epochs_of_schedule(stages[: index + 1]) for index in range(len(stages))]
    return keras.optimizers.schedules.PiecewiseConstantDecay(ends[:-1], [1e-3 * 10 ** (-stage / 7) for stage in stages])


def binarised(name):
    """The class of a model that draws black and white pixels from grey ones whenever it is trained on them.

    The likelihood judges the very pixels that the encoder has seen. The draws come from a stream of the model's own, so
    that a resumed training goes on with them. Evaluation takes its images as they are.
    """
    import keras
    from keras import ops

    from course_lib.models import IWAE, VAE

    class Binarised({"vae": VAE, "iwae": IWAE}[name]):
        def __init__(self, *networks, seed=None, **options):
            super().__init__(*networks, seed=seed, **options)
            self.pixel_seed = keras.random.SeedGenerator(None if seed is None else seed + 3)

        def call(self, x, training=None):
            if training:
                x = ops.cast(keras.random.uniform(ops.shape(x), seed=self.pixel_seed) < x, "float32")
            return {**super().call(x, training=training), "pixels": x}

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return super().compute_loss(y_pred["pixels"], y, y_pred, sample_weight, training)

    Binarised.__name__ = f"Binarised{name.upper()}"
    return Binarised


def model_of(name, brightness, steps_per_epoch, seed=0):
    """The compiled model of the paper; the output biases begin at the mean image."""
    import keras

    from course_lib import networks
    from course_lib.formulas import likelihoods

    encoder = networks.dense_gaussian_encoder(brightness.shape, NUM_LATENTS, UNITS, "tanh")
    decoder = networks.dense_decoder(NUM_LATENTS, brightness.shape, UNITS, "tanh")
    share = np.clip(brightness.reshape(-1), 0.001, 0.999)
    decoder.layers[-2].bias.assign(np.log(share / (1 - share)))
    options = {} if name == "vae" else {"num_samples": MODELS[name]}
    model = binarised(name)(encoder, decoder, likelihoods.bernoulli_log_prob, seed=seed, **options)
    model.compile(keras.optimizers.Adam(learning_rates(steps_per_epoch), epsilon=1e-4))
    return model


class OutOfTimeError(Exception):
    """Raised after an epoch when the time is used up; the epoch has been kept."""


def train(name, x, seconds, folder, epochs):
    """Train until the schedule or the time ends; returns the model, its losses of all epochs, and their seconds.

    The seconds of each epoch are kept with the training, so that they are those of the training that is gone on with.
    """
    import keras

    from course_lib.training.resuming import ResumableTraining

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.began = perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            logs["seconds"] = perf_counter() - self.began

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            print(f"    epoch {epoch + 1:4d} of {epochs}: loss {logs['loss']:.2f} nats", flush=True)
            if perf_counter() - began > seconds and epoch + 1 < epochs:
                raise OutOfTimeError  # an exception, so that the training is kept as unfinished

    keras.utils.set_random_seed(0)
    model, began = model_of(name, x.mean(axis=0), -(-len(x) // BATCH_SIZE)), perf_counter()
    kept = ResumableTraining(folder)
    with contextlib.suppress(OutOfTimeError):
        model.fit(x, batch_size=BATCH_SIZE, epochs=epochs, verbose=0, callbacks=[Clock(), kept, Stop()])
    return model, [entry["loss"] for entry in kept.logs], sum(entry.get("seconds", 0.0) for entry in kept.logs)


def binary(x, seed):
    """Black and white pixels, drawn once: float32."""
    return (np.random.default_rng(seed).random(x.shape, dtype="float32") < x).astype("float32")


def held_out_log_likelihood(model, x, seconds, draws=DRAWS):
    """The bound with K draws, image after image in a random order, until the time is used up.

    The order is random because the first test images of MNIST are easier than the rest.
    """
    from course_lib.metrics import importance_weighted_log_likelihood

    began, values = perf_counter(), []
    order = np.random.default_rng(1).permutation(len(x))
    for start in range(0, len(x), IMAGES_AT_ONCE):
        rows = order[start : start + IMAGES_AT_ONCE]
        values.append(importance_weighted_log_likelihood(model, x[rows], draws, seed=start))
        if perf_counter() - began > seconds:
            break
    values = np.concatenate(values)
    return {
        "log_likelihood": float(values.mean()),
        "standard_error": float(values.std(ddof=1) / np.sqrt(len(values))),
        "images": len(values),
        "of_images": len(x),
        "draws": draws,
        "evaluation_seconds": perf_counter() - began,
    }


def measure(name, data, seconds, folder):
    """Train one model for so long, or to the end, and judge it; a dictionary of what was found and how far it got."""
    from course_lib import __version__

    epochs = epochs_of_schedule()
    x = np.concatenate([data.x_train, data.x_validation])  # all 60,000, as in the paper
    model, losses, trained = train(name, x, seconds, folder, epochs)
    found = held_out_log_likelihood(model, binary(data.x_test, seed=0), max(60, 0.5 * seconds))
    found |= {"epochs": len(losses), "of_epochs": epochs, "training_loss": losses[-1], "version": __version__}
    return {**found, "training_seconds": trained, "finished": len(losses) == epochs, **machine.described()}


def shown(results):
    """The results of trainings that have gone far enough to say something about the model.

    Example:
        >>> list(shown({"vae": {"epochs": 49}, "iwae": {"epochs": 1}}))
        ['vae']
    """
    return {name: found for name, found in results.items() if found["epochs"] >= SHOWN_FROM or found.get("finished")}


def page(results):
    """MNIST.md: the results beside the published ones, and how far from comparable they are."""
    listed = shown(results)
    rows = [[_title(name), f"−{PUBLISHED[name]:.2f}", *_cells(found)] for name, found in listed.items()]
    head = ["model", "published, 3,280 passes", "here: log p(x) / nats", "passes", "test images", "training, min"]
    done = bool(results) and all(results.get(name, {}).get("finished") for name in MODELS)
    verdict = (
        "The full schedule was run: the figures may be set beside the published ones."
        if done
        else "**The schedule was not run to its end: these are stations on the way, not a reproduction.** "
        '`make benchmark-mnist ARGS="--minutes M"` goes on from the last epoch that was kept.'
    )
    missing = [_without_a_row(name, results.get(name)) for name in MODELS if name not in listed]
    machines = [f"* {name}: {_machine(found)}" for name, found in listed.items()]
    parts = [TITLE, *([rendering.table(head, rows), ""] if rows else []), verdict, ""]
    return "\n".join([*parts, *missing, *([""] if missing else []), *machines, "", HOW, ""])


def _title(name):
    return "VAE" if MODELS[name] == 1 else f"IWAE, K = {MODELS[name]}"


def _without_a_row(name, found):
    line = f"{_title(name)} (published −{PUBLISHED[name]:.2f}) has no row: "
    if found is None:
        return line + "not measured."
    minutes = found["training_seconds"] / 60 / found["epochs"]
    passes = "1 pass" if found["epochs"] == 1 else f"{found['epochs']:,} passes"
    line += f"its training has had {passes}, at {minutes:.1f} minutes a pass, too few to say anything. "
    return line + f'The raw result is kept; `make benchmark-mnist ARGS="--only {name}"` goes on.'


def _cells(found):
    value = f"{found['log_likelihood']:.2f} ± {found['standard_error']:.2f} (K = {found['draws']:,})"
    images = f"{found['images']:,} of {found['of_images']:,}"
    return [value, f"{found['epochs']:,}", images, f"{found['training_seconds'] / 60:.1f}"]


def _machine(found):
    return f"{found['date']}, {found['processor']}, {found['system']}, version {found['version']}, {found['course']}"


TITLE = """\
# A VAE and an IWAE on MNIST, in nats

Made by `make benchmark-mnist`; do not edit. Burda, Grosse & Salakhutdinov (2016), arXiv:1509.00519, table 1: one
stochastic layer of 50 latents, 2 × 200 tanh units on each side.
"""

HOW = """\
## What must match before two such figures may be compared

* *Binarisation*: pixels drawn anew from the grey values at each presentation in training, the test images drawn once.
  A fixed binarisation, or a threshold at ½, is another data set.
* *Split*: 60,000 training images, no image of the test set among them; the test images here are a random choice where
  there are not all 10,000 (the first ones are easier than the rest).
* *Estimator*: the importance-weighted bound with K = 5000; with another K it is another number.
* *Training*: passes, schedule and batch size. A figure from an unfinished schedule says how good the model is so far.

± is the standard error over the test images. The one drawing of their pixels, the draws of the estimator and the seed
of the training add something of their own that one run cannot tell."""


def parser():
    options = argparse.ArgumentParser(prog="make benchmark-mnist", description=__doc__.partition("\n")[0])
    options.add_argument("--minutes", type=float, help="train for so long in all, then say where it got to")
    options.add_argument("--only", choices=MODELS, help="one of the two models")
    options.add_argument("--render", action="store_true", help="only make MNIST.md from the raw results")
    return options


def main(words=None):
    arguments = parser().parse_args(words)
    results = rendering.read(RAW) or {}
    if not arguments.render:
        from course_lib.datasets import load

        data = load("mnist")
        chosen = [arguments.only] if arguments.only else list(MODELS)
        seconds = float("inf") if arguments.minutes is None else 60 * arguments.minutes / len(chosen)
        for name in chosen:
            print(f"--- {name}: K = {MODELS[name]}", flush=True)
            results[name] = measure(name, data, seconds, KEPT / name)
            rendering.write_raw(RAW, results)
            print("    " + summary(name, results[name]), flush=True)
    rendering.write(PAGE, page(results))
    print(f"Written to {PAGE.relative_to(ROOT)}. The lesson on tighter bounds shows (paste, and build it):")
    print(f"stored = {for_the_lesson(results)}")
    return 0


def for_the_lesson(results):
    """The figures that the lesson on tighter bounds shows: it carries them, as Colab has only the package."""
    return {
        name: {
            "log_likelihood": round(found["log_likelihood"], 2),
            "standard_error": round(found["standard_error"], 2),
            "images": found["images"],
            "epochs": found["epochs"],
            "minutes": round(found["training_seconds"] / 60, 1),
            "date": found["date"],
        }
        for name, found in shown(results).items()
    }


def summary(name, found):
    """One line for the screen."""
    line = f"log p(x) ≥ {found['log_likelihood']:.2f} ± {found['standard_error']:.2f} nats "
    line += f"(K = {found['draws']:,}, {found['images']:,} of {found['of_images']:,} test images) "
    line += f"after {found['epochs']:,} of {found['of_epochs']:,} passes; published −{PUBLISHED[name]:.2f} after all"
    return line if found["finished"] else line + ". UNFINISHED: not to be compared"


if __name__ == "__main__":
    raise SystemExit(main())
