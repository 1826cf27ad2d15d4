"""What does a pipeline cost beside data in memory, and how much memory does it take? `fit` on both, turn by turn.

    .venv/bin/python -m benchmarks.own_pipeline [--batches 32] [--epochs 10] [--gigabytes 4]

Images lie in a file of bytes that is larger than what is read at once; a `keras.utils.PyDataset` and a
`tf.data.Dataset` read them batch by batch, and the course checks each on its way. Both train the convolutional and the
dense VAE of the benchmarks beside the same images in memory, an epoch each in turn. Then an epoch of a few hundred
batches is read out of a file of `--gigabytes`, and the peak of memory is compared with that before.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path[:0] = [str(ROOT)]

import keras  # noqa: E402
import numpy as np  # noqa: E402

from benchmarks import memory  # noqa: E402
from benchmarks.tasks import TASKS  # noqa: E402
from benchmarks.with_course import model_of  # noqa: E402

SHAPE = (28, 28, 1)
SIZE = 28 * 28  # bytes of an image
TARGET = 1.3  # times an epoch in memory, of the convolutional model


class ImagesOfAFile(keras.utils.PyDataset):
    """Batches of images out of a file of bytes, of which one batch at a time is in memory."""

    def __init__(self, path, batch_size, count):
        super().__init__()
        self.path, self.batch_size, self.count = path, batch_size, count

    def __len__(self):
        return self.count // self.batch_size

    def __getitem__(self, index):
        offset = index * self.batch_size * SIZE
        raw = np.fromfile(self.path, "uint8", self.batch_size * SIZE, offset=offset)
        return raw.reshape(-1, *SHAPE).astype("float32") / 255


def dataset_of_a_file(path, batch_size, count):
    """The same as a `tf.data.Dataset`, read in TensorFlow's own threads."""
    import tensorflow as tf

    def decoded(records):
        return tf.cast(tf.reshape(tf.io.decode_raw(records, "uint8"), (-1, *SHAPE)), "float32") / 255

    records = tf.data.FixedLengthRecordDataset(str(path), SIZE).take(count)
    batches = records.batch(batch_size).map(decoded).prefetch(2)
    return batches.apply(tf.data.experimental.assert_cardinality(count // batch_size))


def seconds_of(task, sources, epochs):
    """Name → seconds of each epoch, after one that compiles; the models take turns."""
    models = {name: model_of(task) for name in sources}
    seconds = {name: [] for name in sources}
    for _ in range(epochs + 1):
        for name, source in sources.items():
            size = task.batch_size if name == "memory" else None
            began = time.perf_counter()
            models[name].fit(source, batch_size=size, verbose=0)
            seconds[name].append(time.perf_counter() - began)
    return {name: values[1:] for name, values in seconds.items()}


def measure(task, path, batches, epochs):
    """A line for each way to read, with its ratio to data in memory."""
    count = batches * task.batch_size
    x = ImagesOfAFile(path, count, count)[0]
    sources = {"memory": x, "PyDataset": ImagesOfAFile(path, task.batch_size, count)}
    if keras.backend.backend() == "tensorflow":
        sources["tf.data"] = dataset_of_a_file(path, task.batch_size, count)
    seconds = seconds_of(task, sources, epochs)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, values in seconds.items():
        ratio = medians[name] / medians["memory"]
        per_step = (1000 * min(values) / batches, 1000 * medians[name] / batches)
        print(f"{task.name:9} {name:9} ms a step: min {per_step[0]:6.2f}, median {per_step[1]:6.2f}; ratio {ratio:.2f}")
    return medians


def growth(path, batches):
    """Megabytes by which the peak of memory grows from as many batches of a file's beginning to those of all of it."""
    task = TASKS["dense_vae"]
    model = model_of(task)
    beginning = ImagesOfAFile(path, task.batch_size, batches * task.batch_size)
    model.fit(beginning, steps_per_epoch=batches, verbose=0)  # compiles what is used later, too
    before = memory.peak_megabytes()
    count = path.stat().st_size // SIZE // task.batch_size * task.batch_size
    model.fit(ImagesOfAFile(path, task.batch_size, count), steps_per_epoch=batches, verbose=0)
    return memory.peak_megabytes() - before


def main(words=None):
    options = argparse.ArgumentParser(prog="own_pipeline", description=__doc__.partition("\n")[0])
    options.add_argument("--batches", type=int, default=32, help="batches of an epoch")
    options.add_argument("--epochs", type=int, default=10)
    options.add_argument(
        "--gigabytes", type=float, default=4.0, help="the size of the large file, of which most is empty"
    )
    options.add_argument("--only", choices=("conv_vae", "dense_vae"), nargs="+", default=["conv_vae", "dense_vae"])
    arguments = options.parse_args(words)
    ratio = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images"
        for name in arguments.only:
            task = TASKS[name]
            (255 * task.data(arguments.batches)).astype("uint8").tofile(path)
            medians = measure(task, path, arguments.batches, arguments.epochs)
            if name == "conv_vae":
                ratio = max(value for name, value in medians.items() if name != "memory") / medians["memory"]
        with path.open("r+b") as file:
            file.truncate(int(arguments.gigabytes * 1e9) // SIZE * SIZE)
        grown = growth(path, 10 * arguments.batches)
    print(f"a file of {arguments.gigabytes:g} GB: {grown:.0f} MB of memory more at its peak")
    verdict = "met" if ratio <= TARGET else "NOT met"
    print(f"convolutional: {ratio:.2f} times an epoch in memory, at most {TARGET}: {verdict}")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    raise SystemExit(main())
