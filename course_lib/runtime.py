"""Starts a lesson: the backend without its noise, the seed, the device, and the profile that sizes the experiments."""

import contextlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
import tempfile
from dataclasses import dataclass

PROFILES = ("cpu", "gpu")
LARGEST_SEED = 2**31 - 1  # what every backend takes; lessons count on from the seed
BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}


@dataclass(frozen=True)
class Runtime:
    """What a lesson runs on.

    Attributes:
        backend: `"tensorflow"`, `"jax"` or `"torch"`; `"none"` for a lesson that needs no backend.
        device: In words, such as `"CPU (2 cores)"`.
        profile: `"cpu"` or `"gpu"`: the same lesson, and where `pick` is asked, the size for that device.
        seed: The seed that everything random starts from.
    """

    backend: str
    device: str
    profile: str
    seed: int

    def pick(self, *, cpu, gpu):
        """Choose by profile: `epochs = run.pick(cpu=5, gpu=100)`.

        Example:
            >>> Runtime("tensorflow", "CPU (2 cores)", "cpu", 0).pick(cpu=5, gpu=100)
            5
        """
        return {"cpu": cpu, "gpu": gpu}[self.profile]


def setup(seed=None, *, backend=True):
    """Start a lesson and say in one line what it runs on.

    Starts Keras' backend quietly (its start-up messages are kept back, and shown if the start fails), seeds Python,
    NumPy and the backend, and picks the profile: the environment variable `COURSE_PROFILE` if set, else `gpu` where
    the backend sees an accelerator, else `cpu`. A notebook gets `check`, `solution` and the lesson's `exercises`, so
    that each exercise can be checked in a fresh session. Where a person works in it, the quiet trainings of plain Keras
    models show how far they are, too.

    Args:
        seed: Integer from which everything random starts; without one, the environment variable `COURSE_SEED` if set,
            else 0.
        backend: False for a lesson of pure theory, which then starts seconds faster.

    Returns:
        A `Runtime`.

    Raises:
        ValueError: If `COURSE_PROFILE` or `KERAS_BACKEND` names something unknown, or `COURSE_SEED` is no seed.
        ModuleNotFoundError: If the backend is not installed; the message says how to install it.

    Example:
        >>> run = setup(seed=0, backend=False)  # doctest: +ELLIPSIS
        course_lib ... · no backend needed · CPU (...) · profile ... · seed 0
        >>> run.seed
        0
    """
    if seed is None:
        seed = _seed()
    if backend:
        name = _start_backend(seed)
        device, found = _device(), has_accelerator()
        versions = f"Keras {sys.modules['keras'].__version__} on {_name_and_version(name)}"
    else:
        _seed_without_backend(seed)
        name, device, found, versions = "none", _cpu(), False, "no backend needed"
    profile = _profile(found)
    _put_checks_at_hand()
    if backend and shell_of_a_person():
        from course_lib.training.passing_line import watch_plain_keras

        watch_plain_keras()
    print(f"course_lib {_own_version()} · {versions} · {device} · profile {profile} · seed {seed}")
    return Runtime(backend=name, device=device, profile=profile, seed=seed)


def _put_checks_at_hand():
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if hasattr(shell, "kernel"):
        from course_lib.exercises import check, notebook, solution

        notebook.put_at_hand(shell, check=check, solution=solution)


def shell_of_a_person(shell=None):
    """The IPython shell of a notebook that a person works in; None elsewhere, also where a program runs a notebook.

    JupyterLab, Jupyter Notebook and VS Code say with each cell which cell it is; nbclient and nbval do not.

    Args:
        shell: The shell; without one, the running one.

    Returns:
        The shell, or None.

    Example:
        >>> shell_of_a_person() is None
        True
    """
    if shell is None and "IPython" in sys.modules:
        shell = sys.modules["IPython"].get_ipython()
    if not hasattr(shell, "kernel"):
        return None
    try:
        metadata = shell.parent_header.get("metadata") or {}
    except AttributeError:
        metadata = {}
    return shell if "cellId" in metadata or "google.colab" in sys.modules else None


def has_accelerator():
    """Whether the running backend sees a GPU or TPU.

    Returns:
        Bool.

    Example:
        >>> has_accelerator() in (True, False)
        True
    """
    return _accelerator() is not None


def environment_report():
    """Describe the environment in a few lines, for the first lesson and for reports of problems.

    Returns:
        Dict from a word to its description: operating system, Python, packages, backend and device.

    Example:
        >>> sorted(environment_report())[:2]
        ['Python', 'backend']
    """
    import keras

    packages = ("keras", "tensorflow", "jax", "torch", "numpy", "scipy", "scikit-learn", "matplotlib")
    return {
        "course_lib": _own_version(),
        "Python": platform.python_version(),
        "system": f"{platform.system()} on {platform.machine()}",
        "backend": keras.backend.backend(),
        "device": _device(),
        **{name: version for name in packages if (version := _version(name))},
    }


def _start_backend(seed):
    name = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if name not in BACKENDS:
        raise ValueError(f"KERAS_BACKEND must be one of {', '.join(BACKENDS)}; got {name!r}.")
    if importlib.util.find_spec(BACKENDS[name]) is None:
        raise ModuleNotFoundError(
            f"KERAS_BACKEND asks for {name}, which is not installed here. Install it (pip install {BACKENDS[name]}), "
            "or unset KERAS_BACKEND to use TensorFlow."
        )
    os.environ.setdefault("KERAS_BACKEND", name)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _quiet_start():
        import keras

        keras.utils.set_random_seed(seed)  # starts the backend's random generators
        keras.config.set_image_data_format("channels_last")  # the course's own, whatever a keras.json says
        has_accelerator()  # lists the devices, which is when the backend talks
        if name == "tensorflow":
            import tensorflow as tf

            tf.get_logger().setLevel("ERROR")  # its advice on retracing counts models of different shapes as one
    return keras.backend.backend()


@contextlib.contextmanager
def _quiet_start():
    """Keep back what native code writes to file descriptor 2; show it if the start fails."""
    try:
        descriptor = 2
        kept = os.dup(descriptor)
    except OSError:  # no such descriptor: nothing to keep back
        yield
        return
    with tempfile.TemporaryFile() as notes:
        sys.stderr.flush()
        os.dup2(notes.fileno(), descriptor)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(kept, descriptor)
            os.close(kept)
            if failed:
                notes.seek(0)
                sys.stderr.write(notes.read().decode(errors="replace"))


def _accelerator():
    """The name of the first accelerator that the backend sees, or None."""
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        devices = [device for device in tf.config.list_physical_devices() if device.device_type in ("GPU", "TPU")]
        if not devices:
            return None
        return tf.config.experimental.get_device_details(devices[0]).get("device_name", devices[0].device_type)
    if keras.backend.backend() == "jax":
        import jax

        device = jax.devices()[0]
        return None if device.platform == "cpu" else device.device_kind
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name(0)
    return "Apple GPU" if torch.backends.mps.is_available() else None


def _device():
    return _accelerator() or _cpu()


def _cpu():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"CPU ({cores} core{'s' if cores != 1 else ''})"


def _profile(accelerated):
    profile = os.environ.get("COURSE_PROFILE") or ("gpu" if accelerated else "cpu")
    if profile not in PROFILES:
        raise ValueError(f"COURSE_PROFILE must be one of {', '.join(PROFILES)}; got {profile!r}.")
    return profile


def _seed():
    said = os.environ.get("COURSE_SEED") or "0"
    if not (said.isascii() and said.isdigit() and int(said) <= LARGEST_SEED):
        raise ValueError(f"COURSE_SEED must be a whole number from 0 to {LARGEST_SEED}; got {said!r}.")
    return int(said)


def _seed_without_backend(seed):
    import random

    import numpy as np

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  the global stream that libraries draw from


def _name_and_version(backend):
    return f"{ {'tensorflow': 'TensorFlow', 'jax': 'JAX', 'torch': 'PyTorch'}[backend] } {_version(backend)}"


def _version(distribution):
    for name in (distribution, f"{distribution}-cpu", f"{distribution}-macos"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(name)
    return None


def _own_version():
    import course_lib

    return course_lib.__version__
