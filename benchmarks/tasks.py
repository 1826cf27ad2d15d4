"""The five trainings that are compared: their sizes and data, and who takes part in each.

NumPy only: every contender reads this, whatever its framework.
"""

from dataclasses import dataclass, replace

import numpy as np

COURSE = ".venv"
BACKENDS = ".venv-backends"


@dataclass(frozen=True)
class Task:
    """One training, the same for all contenders.

    Attributes:
        name: Of the task.
        title: In words, for the table.
        batch_size: Examples a step.
        steps: Steps an epoch.
        epochs: Epochs that are timed; one more comes before them.
        noise_dim: Width of the latent code or of the generator's noise.
        learning_rate: Adam's step size.
        beta_1: Adam's first decay.
        convolutional: Whether the networks are convolutional.
        penalty: Weight of the gradient penalty on a Wasserstein critic; None for another objective.
    """

    name: str
    title: str
    batch_size: int
    steps: int
    epochs: int
    noise_dim: int
    learning_rate: float = 1e-3
    beta_1: float = 0.9
    convolutional: bool = False
    penalty: float | None = None

    @property
    def adversarial(self):
        return "gan" in self.name

    def data(self, steps=None):
        """One epoch of data: float32, `(steps * batch_size, ...)`."""
        count = self.batch_size * (steps or self.steps)
        return points(count) if self.name == "dense_gan" else images(count)


@dataclass(frozen=True)
class Contender:
    """One way to do a task.

    Attributes:
        name: Short, unique within the task.
        title: In words, for the table.
        module: The module in `benchmarks/` that trains.
        environment: The environment that it runs in.
        backend: Keras' backend, where Keras is used.
        steps: Steps an epoch where the task's would take too long: the row is then marked "few".
        epochs: Timed epochs, likewise.
    """

    name: str
    title: str
    module: str
    environment: str = COURSE
    backend: str = "tensorflow"
    steps: int | None = None
    epochs: int | None = None

    @property
    def few(self):
        return self.epochs is not None


TASKS = {
    task.name: task
    for task in (
        Task("dense_vae", "dense VAE, 784-400-400-z20, batch 128", 128, steps=100, epochs=12, noise_dim=20),
        Task("conv_vae", "convolutional VAE of keras.io, batch 128", 128, 32, 12, noise_dim=2, convolutional=True),
        Task("dense_gan", "dense GAN on 2-D points, batch 512", 512, 200, 20, 2, learning_rate=2e-4, beta_1=0.5),
        Task("conv_gan", "DCGAN of keras.io, 28×28, batch 64", 64, 8, 10, 128, 2e-4, 0.5, convolutional=True),
        Task("wgan_gp", "WGAN-GP with the DCGAN's networks, batch 64", 64, 8, 10, 128, 2e-4, 0.5, True, penalty=10.0),
    )
}

_COURSE = Contender("course", "**the course**: `fit`, TensorFlow", "with_course")
_KERAS = Contender("keras_style", "keras.io style: `train_step` + `fit`, TensorFlow", "with_keras")
_PYTORCH = Contender("pytorch", "plain PyTorch loop, DataLoader", "with_pytorch", BACKENDS, "torch")
_JAX = Contender("jax_scan", "raw jitted JAX scan, data resident", "with_jax", BACKENDS, "jax")
_SLOW_JAX = replace(_JAX, title="raw jitted JAX steps, data resident", steps=4, epochs=3)

CONTENDERS = {
    "dense_vae": (
        _COURSE,
        Contender("course_jax", "**the course**: `fit`, JAX", "with_course", BACKENDS, "jax"),
        _KERAS,
        _PYTORCH,
        _JAX,
    ),
    "conv_vae": (
        _COURSE,
        _KERAS,
        Contender("tensorflow_loop", "TensorFlow tutorial's compiled step and loop", "with_tensorflow"),
        _PYTORCH,
        _SLOW_JAX,
    ),
    "dense_gan": (_COURSE, _KERAS, _PYTORCH, _JAX),
    "conv_gan": (_COURSE, _KERAS, _PYTORCH, replace(_SLOW_JAX, steps=1, epochs=2)),
    "wgan_gp": (_COURSE, _KERAS),
}


def images(count, seed=0):
    """Binary images of letters: float32 `(count, 28, 28, 1)`, drawn with replacement from the embedded glyphs."""
    from course_lib.datasets import load

    train = load("glyphs").x_train
    rows = np.random.default_rng(seed).integers(0, len(train), count)
    return (train[rows] > 0.5).astype("float32")


def points(count, seed=0):
    """Points of a ring of eight Gaussians: float32 `(count, 2)`."""
    from course_lib.datasets.toy import ring

    return ring().sample(count, seed).astype("float32")
