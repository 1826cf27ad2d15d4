"""Measurements that need a process of their own: `python -m benchmarks.measure WHAT …` prints one line of JSON."""

import argparse
import json
import sys
from pathlib import Path
from time import perf_counter

from benchmarks import machine
from benchmarks.memory import peak_megabytes, peak_megabytes_of_children

ROOT = Path(__file__).resolve().parents[1]


def import_time(arguments):
    """Seconds of `import course_lib`; nothing of it is imported yet."""
    began = perf_counter()
    import course_lib

    return {"seconds": perf_counter() - began, "version": course_lib.__version__}


def lesson(arguments):
    """Run a lesson in a fresh kernel: seconds in all and until its first figure, and the kernel's peak memory."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(ROOT / "notebooks" / arguments.name, as_version=4)
    resources = {"metadata": {"path": str(ROOT / "notebooks")}}
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources)
    began, first_figure = perf_counter(), None
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
            if first_figure is None and shows_a_figure(cell):
                first_figure = perf_counter() - began
        seconds = perf_counter() - began
    return {
        "seconds": seconds,
        "first_figure_seconds": first_figure,
        "peak_megabytes": peak_megabytes_of_children(),
    }


def shows_a_figure(cell):
    return any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


def data_size(arguments):
    """Seconds and memory of a small VAE's `fit` and `evaluate` on so many images."""
    from benchmarks.tasks import images
    from course_lib import networks
    from course_lib.formulas import likelihoods
    from course_lib.models import VAE

    x = images(arguments.count)
    before = peak_megabytes()
    encoder, decoder = networks.dense_gaussian_encoder((28, 28, 1), 8), networks.dense_decoder(8, (28, 28, 1))
    vae = VAE(encoder, decoder, likelihoods.bernoulli_log_prob, seed=0)
    vae.compile(jit_compile=True)  # whatever the length: sizes are compared, not compilations
    seconds = epoch_seconds(vae, x, epochs=4)
    vae.evaluate(x)
    began = perf_counter()
    vae.evaluate(x)
    evaluate_seconds = perf_counter() - began
    return {
        "count": len(x),
        "fit_seconds": sorted(seconds[1:])[len(seconds[1:]) // 2],
        "evaluate_seconds": evaluate_seconds,
        "data_megabytes": x.nbytes / 1e6,
        "megabytes_before": before,
        "peak_megabytes": peak_megabytes(),
    }


def epoch_seconds(model, x, epochs, **options):
    """Seconds of each epoch of `fit`."""
    from benchmarks.pace import Pace, keras_callback

    pace = Pace(epochs)
    model.fit(x, epochs=epochs, verbose=0, callbacks=[keras_callback(pace)], **options)
    return pace.seconds


def importance_weighted(arguments):
    """Seconds of the importance-weighted bound with K draws on so many images, at initial weights.

    Its products alone are timed before and after.
    """
    from benchmarks.operations import bound_products, operations, seconds_of
    from benchmarks.tasks import TASKS, images
    from benchmarks.with_course import model_of
    from course_lib.metrics import importance_weighted_log_likelihood

    vae, x = model_of(TASKS["dense_vae"]), images(arguments.count)
    products = bound_products(vae, len(x), arguments.draws, rows=5_000)
    importance_weighted_log_likelihood(vae, x, num_samples=20)
    bare, began = [seconds_of(products)], perf_counter()
    bound = importance_weighted_log_likelihood(vae, x, num_samples=arguments.draws)
    seconds, peak = perf_counter() - began, peak_megabytes()
    bare.append(seconds_of(products))
    return {
        "seconds": seconds,
        "count": len(x),
        "draws": arguments.draws,
        "mean_bound": float(bound.mean()),
        "peak_megabytes": peak,
        "operations": operations(products),
        "product_seconds": bare,
        "load": machine.load(),
    }


def limit(arguments):
    """Seconds of a task's training step, and of the products in it alone; the two take turns, an epoch each."""
    from benchmarks.operations import operations, seconds_of, training_products
    from benchmarks.pace import Pace
    from benchmarks.tasks import TASKS
    from benchmarks.with_course import Trainer

    task, bare = TASKS[arguments.task], []
    products = training_products(task)

    class Turns(Pace):
        def tell(self):
            bare.append(seconds_of(products))

    pace = Turns(arguments.epochs + 1)
    Trainer(task, task.data()).train(pace)
    return {
        "operations": operations(products),
        "seconds": [seconds / task.steps for seconds in pace.seconds[1:]],
        "product_seconds": bare[1:],
        "load": machine.load(),
    }


def elbo(arguments):
    """Test ELBO after so many seconds, compilation included; binarised MNIST where it is at hand, else glyphs."""
    import keras
    import numpy as np

    from benchmarks.tasks import TASKS
    from benchmarks.with_course import model_of

    keras.utils.set_random_seed(0)
    name, train, test = images_at_hand()
    vae, rng = model_of(TASKS["dense_vae"]), np.random.default_rng(0)
    began, epochs = perf_counter(), 0
    while perf_counter() - began < arguments.seconds:
        drawn = (rng.random(train.shape, dtype="float32") < train).astype("float32")
        vae.fit(drawn, epochs=1, verbose=0)
        epochs += 1
    seconds = perf_counter() - began
    values = vae.elbo((rng.random(test.shape, dtype="float32") < test).astype("float32"))
    error = float(values.std() / np.sqrt(len(values)))
    return {"data": name, "seconds": seconds, "epochs": epochs, "elbo": float(values.mean()), "error_of_mean": error}


def images_at_hand():
    from course_lib.datasets import load
    from course_lib.datasets.downloads import cache_folder, given_folder

    folders = [folder for folder in (given_folder(), cache_folder()) if folder is not None]
    name = "mnist" if any((folder / "mnist.npz").exists() for folder in folders) else "glyphs"
    data = load(name)
    return name, data.x_train, data.x_test


def parser():
    commands = argparse.ArgumentParser()
    add = commands.add_subparsers(required=True).add_parser
    add("import_time").set_defaults(action=import_time)
    one = add("lesson")
    one.add_argument("name")
    one.set_defaults(action=lesson)
    one = add("data_size")
    one.add_argument("count", type=int)
    one.set_defaults(action=data_size)
    one = add("importance_weighted")
    one.add_argument("count", type=int)
    one.add_argument("draws", type=int)
    one.set_defaults(action=importance_weighted)
    one = add("limit")
    one.add_argument("task")
    one.add_argument("epochs", type=int)
    one.set_defaults(action=limit)
    one = add("elbo")
    one.add_argument("seconds", type=float)
    one.set_defaults(action=elbo)
    return commands


def main(words=None):
    answers = sys.stdout
    sys.stdout = sys.stderr
    arguments = parser().parse_args(words)
    print(json.dumps(arguments.action(arguments)), file=answers)


if __name__ == "__main__":
    main()
