"""Several devices: every batch is cut into equal shares, one for each, and each process reads what its devices need.

On JAX, `keras.distribution.set_distribution(keras.distribution.DataParallel())`, before a model is made, keeps its
weights on every device and cuts each batch along its examples. A mean over the batch stays the mean over all of it, and
random numbers are those of one device: the training is the same one. How to start it: docs/scale.md.
"""

from typing import NamedTuple

import keras


class Shares(NamedTuple):
    """Who shares a batch.

    Attributes:
        devices: The number of devices that a batch is cut for, of all processes together.
        processes: The number of processes, of which each reads an equal part of every batch.
        process: The number of this one, counted from 0.
    """

    devices: int = 1
    processes: int = 1
    process: int = 0

    def of(self, rows):
        """What this process reads of a batch, whose parts are put together in the order of the processes.

        Args:
            rows: The rows of a whole batch, as long as a multiple of the processes.

        Returns:
            The rows of this process.

        Example:
            >>> Shares(4, processes=2, process=1).of([5, 6, 7, 8])
            [7, 8]
        """
        size = len(rows) // self.processes
        return rows[self.process * size : (self.process + 1) * size]


def shares():
    """Who shares a batch, by the distribution that is set: `Shares` of one device where there is none.

    Raises:
        ValueError: If a distribution is set on a backend on which it would divide nothing.

    Example:
        >>> shares()
        Shares(devices=1, processes=1, process=0)
    """
    distribution = keras.distribution.distribution()
    if distribution is None:
        return Shares()
    if keras.backend.backend() != "jax":
        raise ValueError(
            f"This course trains on several devices with JAX; got a {type(distribution).__name__} on "
            f"{keras.backend.backend()}. Start the same program with KERAS_BACKEND=jax, or, to train on one device, "
            "leave out keras.distribution.set_distribution."
        )
    mesh = distribution.device_mesh
    devices = dict(zip(mesh.axis_names, mesh.shape, strict=True))[distribution.batch_dim_name]
    return Shares(int(devices), *_processes())


def require_equal_shares(num_examples, batch_size):
    """Raise if a batch of data in memory cannot be cut into equal shares.

    Args:
        num_examples: Integer, the length of the data.
        batch_size: Integer.

    Raises:
        ValueError: With what to change.

    Example:
        >>> require_equal_shares(21, batch_size=8)
    """
    devices = shares().devices
    if batch_size % devices:
        raise ValueError(
            f"{devices} devices share every batch equally: batch_size must be a multiple of {devices}; got "
            f"{batch_size}. Give batch_size={max(1, batch_size // devices) * devices}."
        )
    if num_examples % batch_size % devices:
        raise ValueError(
            f"{devices} devices share every batch equally: the last batch must have a multiple of {devices} examples; "
            f"got {num_examples % batch_size} ({num_examples} examples in batches of {batch_size}). Leave some out: "
            f"x[:{num_examples - num_examples % devices}]."
        )


def require_equal_share(num_examples):
    """Raise if the batch of a pipeline cannot be cut into equal shares for the devices of this process.

    Args:
        num_examples: Integer, the length of the batch, which is this process' part where there are several.

    Raises:
        ValueError: With what to change.

    Example:
        >>> require_equal_share(5)
    """
    everyone = shares()
    devices = everyone.devices // everyone.processes
    if num_examples % devices:
        raise ValueError(
            f"{devices} devices share every batch equally: expected a multiple of {devices} examples; got "
            f"{num_examples}. Choose another batch_size, or leave the smaller last batch out (drop_remainder=True)."
        )


def wait_for_all(what):
    """Return when every process has come here, at once where there is one.

    Args:
        what: String, the same in all of them: what was done.

    Example:
        >>> wait_for_all("written")
    """
    if shares().processes > 1:
        from jax.experimental import multihost_utils

        multihost_utils.sync_global_devices(what)


def _processes():
    """How many there are, and which this one is."""
    import jax

    return jax.process_count(), jax.process_index()
