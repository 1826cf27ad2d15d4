"""A program for the tests: trains small models on JAX, on one device or several, and says what came of it.

    python -m tests.on_devices FILE MODEL... [--devices 2] [--process 0 1 PORT] [--folder RUNS] [--epochs 2]

`--devices` are virtual ones of this process; none is training without a distribution. With `--process NUMBER ALL PORT`
it is one of several that train together. FILE gets a JSON value: model → histories, evaluation, samples and weights.
"""

import argparse
import json
import os
from pathlib import Path

EXAMPLES, BATCH = 20, 8  # the last batch is smaller: 4
UNWEIGHTED = ("GAN", "ConditionalGAN", "AuxiliaryClassifierGAN", "ParallelGAN", "VAEGAN", "AdversarialAutoencoder")


def main(words=None):
    options = argparse.ArgumentParser()
    options.add_argument("file", type=Path)
    options.add_argument("models", nargs="+")
    options.add_argument("--devices", type=int, default=0)
    options.add_argument("--process", nargs=3, type=int, metavar=("NUMBER", "ALL", "PORT"))
    options.add_argument("--folder")
    options.add_argument("--epochs", type=int, default=2)
    arguments = options.parse_args(words)
    os.environ["KERAS_BACKEND"] = "jax"
    os.environ["JAX_NUM_CPU_DEVICES"] = str(max(1, arguments.devices))
    join(arguments)
    found = {name: trained(name, arguments) for name in arguments.models}
    arguments.file.write_text(json.dumps(found), "utf-8")


def join(arguments):
    """Take the devices that are asked for, with the other processes."""
    import jax
    import keras

    if arguments.process:
        number, everyone, port = arguments.process
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        keras.distribution.initialize(f"127.0.0.1:{port}", everyone, number)
    if arguments.devices:
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))


def trained(name, arguments):
    """The numbers of one model."""
    import keras
    import numpy as np

    from course_lib.training import ResumableTraining
    from tests.small import data_of, every_model, values

    keras.utils.set_random_seed(0)
    model, data = every_model()[name], data_of(name, EXAMPLES)
    weights = None if name in UNWEIGHTED else np.linspace(0.5, 1.5, EXAMPLES)
    callbacks = [ResumableTraining(Path(arguments.folder) / name)] if arguments.folder else []
    options = {"batch_size": BATCH, "verbose": 0, "sample_weight": weights, "callbacks": callbacks}
    history = model.fit(*data, epochs=arguments.epochs, validation_data=data, **options).history
    weight = model.trainable_variables[0].value
    devices = len(weight.sharding.device_set)
    sample = getattr(model, "sample_copies", getattr(model, "sample", None))
    return {
        "devices": devices,
        "history": history,
        "evaluation": numbers(model.evaluate(*data, batch_size=BATCH, return_dict=True)),
        "one batch": numbers(model.test_on_batch(*(part[:BATCH] for part in data), return_dict=True)),
        "samples": [] if sample is None else np.ravel(sample(4, *(part[:4] for part in data[1:]), seed=3)).tolist(),
        "weights": [float(number) for value in values(model.variables) for number in value.astype("float64").ravel()],
    }


def numbers(logs):
    return {name: float(value) for name, value in logs.items()}


if __name__ == "__main__":
    main()
