"""What data larger than memory cost: the peak memory of one epoch, by array, memmap, PyDataset and tf.data.

    python -m benchmarks.own_data            # 80,000 images of 64 × 64: 1.3 GB as float32, 0.3 GB as bytes
    python -m benchmarks.own_data --images 8000

Each way is a process of its own that trains a small VAE for one epoch; its peak is the system's high-water mark, in
which the pages of a file that was read through a memmap count while they stay. "nothing" trains on 128 images.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.memory import peak_megabytes

SHAPE, BATCH_SIZE = (64, 64, 1), 128
WAYS = ("nothing", "array", "memmap", "PyDataset", "tf.data")


def write(folder, num_images):
    """The same images twice, as bytes and as float32, written piece by piece."""
    rng = np.random.default_rng(0)
    files = {kind: Path(folder) / f"{kind}.npy" for kind in ("uint8", "float32")}
    opened = {kind: np.lib.format.open_memmap(path, "w+", kind, (num_images, *SHAPE)) for kind, path in files.items()}
    for begin in range(0, num_images, 1000):
        piece = rng.integers(0, 256, (min(1000, num_images - begin), *SHAPE), dtype="uint8")
        opened["uint8"][begin : begin + 1000] = piece
        opened["float32"][begin : begin + 1000] = piece / np.float32(255)


def data(way, folder):
    """What `fit` is handed."""
    if way in ("nothing", "array", "memmap"):
        images = np.load(Path(folder) / "float32.npy", mmap_mode=None if way == "array" else "r")
        return images[:BATCH_SIZE] if way == "nothing" else images
    images = np.load(Path(folder) / "uint8.npy", mmap_mode="r")
    return {"PyDataset": as_py_dataset, "tf.data": as_tf_data}[way](images)


def as_py_dataset(images):
    import keras

    class Images(keras.utils.PyDataset):
        def __len__(self):
            return -(-len(images) // BATCH_SIZE)

        def __getitem__(self, index):
            return images[index * BATCH_SIZE : (index + 1) * BATCH_SIZE] / np.float32(255)

    return Images()


def as_tf_data(images):
    import tensorflow as tf

    def rows(begin):
        return images[begin : begin + BATCH_SIZE]

    begins = tf.data.Dataset.range(0, len(images), BATCH_SIZE).shuffle(len(images), seed=0)
    return begins.map(lambda begin: tf.numpy_function(rows, [begin], tf.uint8)).map(_scaled)


def _scaled(x):
    return x / 255


def train(way, folder):
    from course_lib import networks
    from course_lib.formulas.likelihoods import bernoulli_log_prob
    from course_lib.models import VAE

    encoder, decoder = networks.dense_gaussian_encoder(SHAPE, 2, (8,)), networks.dense_decoder(2, SHAPE, (8,))
    begin = time.perf_counter()
    VAE(encoder, decoder, bernoulli_log_prob, seed=0).fit(data(way, folder), epochs=1, verbose=0)
    print(f"{way:10} {peak_megabytes():6,.0f} MB {time.perf_counter() - begin:6.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=80_000)
    parser.add_argument("--way", choices=("write", *WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way == "write":
        write(arguments.folder, arguments.images)
    elif arguments.way:
        train(arguments.way, arguments.folder)
    else:
        with tempfile.TemporaryDirectory() as folder:
            for way in ("write", *WAYS):  # a process inherits the peak of the one that starts it: this one stays small
                options = ["--way", way, "--folder", folder, "--images", str(arguments.images)]
                subprocess.run([sys.executable, "-m", "benchmarks.own_data", *options], check=True)


if __name__ == "__main__":
    main()
