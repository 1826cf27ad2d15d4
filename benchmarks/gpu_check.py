"""`make gpu-check`: do the models train on the accelerator that the backend sees, in every precision, and how fast?

    KERAS_BACKEND=jax python benchmarks/gpu_check.py

Each model trains in float32 and in half precision and has to keep what the tests ask of it on a CPU; at the same
weights and noise it has to have the CPU's loss. Examples a second stand beside those of the raw JAX scan. Results go
to RESULTS.md. Without an accelerator nothing is checked and the command ends with code 3; with `--allow-cpu` the same
runs on the CPU, to test the script itself, and nothing is kept.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # JAX would take the memory of the process beside it
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from benchmarks import machine, rendering  # noqa: E402
from benchmarks.pace import Pace, keras_callback  # noqa: E402
from benchmarks.race import Failed, race  # noqa: E402
from benchmarks.tasks import CONTENDERS, TASKS  # noqa: E402

NO_ACCELERATOR = 3
CHECKED = [name for name in TASKS if any(one.name == "jax_scan" for one in CONTENDERS[name])]  # what a raw step is for
LOSS_TOLERANCE = {"float32": 1e-4, "mixed_float16": 1e-2, "mixed_bfloat16": 3e-2}  # relative, against the CPU's float32
TRAINING_STEPS = {False: 50, True: 25}  # dense, convolutional
HIDE_ACCELERATORS = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu", "HIP_VISIBLE_DEVICES": ""}


class Checks:
    """Facts that have to hold, counted and named."""

    def __init__(self):
        self.passed, self.failed = 0, []

    def hold(self, fact, holds):
        self.passed += bool(holds)
        if not holds:
            self.failed.append(fact)


@contextmanager
def precision(policy):
    import keras

    before = keras.config.dtype_policy().name
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def policies():
    """Float32, and the half precisions that the device computes in."""
    from course_lib.runtime import has_accelerator

    capability = compute_capability()
    if capability is None and has_accelerator():  # a TPU, say: bfloat16 alone
        return ["float32", "mixed_bfloat16"]
    newer = capability is None or capability >= (8, 0)  # the CPU of a trial can do both, slowly
    return ["float32", "mixed_float16", *(["mixed_bfloat16"] if newer else [])]


def compute_capability():
    """Of the first NVIDIA card, as (major, minor), or None."""
    import keras

    backend = keras.backend.backend()
    if backend == "torch":
        import torch

        return torch.cuda.get_device_capability(0) if torch.cuda.is_available() else None
    if backend == "jax":
        import jax

        found = getattr(jax.devices()[0], "compute_capability", None)
        return tuple(map(int, str(found).split("."))) if found else None
    import tensorflow as tf

    cards = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(cards[0]).get("compute_capability") if cards else None


def check(task, policy, quick):
    """Train a task's model in a precision and see what the tests see on a CPU; returns a row of the table."""
    from benchmarks.with_course import Trainer

    checks = Checks()
    steps = 10 if quick else TRAINING_STEPS[task.convolutional]
    with precision(policy):
        trainer = Trainer(task, task.data(steps))
        check_device(checks, trainer)
        (check_gan if task.adversarial else check_vae)(checks, trainer)
        check_loss_against_cpu(checks, task, policy)
        speed = examples_per_second(task, quick)
    return {"model": task.title, "policy": policy, "passed": checks.passed, "failed": checks.failed, **speed}


def check_device(checks, trainer):
    from course_lib.runtime import has_accelerator

    if has_accelerator():
        checks.hold("the weights lie on the accelerator", not on_the_cpu(trainer.model.trainable_variables[0].value))


def on_the_cpu(tensor):
    device = getattr(tensor, "device", None)
    return "cpu" in str(device() if callable(device) else device).lower()


def check_vae(checks, trainer):
    import keras
    import numpy as np

    from course_lib.formulas.divergences import standard_normal_kl

    model, x = trainer.model, trainer.x
    before = trainer.get_weights()
    model.compile(keras.optimizers.Adam(trainer.task.learning_rate))
    history = model.fit(x, batch_size=trainer.task.batch_size, epochs=4, verbose=0, validation_data=x[:256]).history
    checks.hold("the loss falls by more than 2 nats", history["val_loss"][-1] < history["val_loss"][0] - 2)
    checks.hold("every loss is finite", np.isfinite(history["loss"] + history["val_loss"]).all())
    checks.hold("every ELBO is finite", np.isfinite(model.elbo(x[:256])).all())
    checks.hold("every weight moves", all_moved(before, trainer.get_weights()))
    y_pred = model(x[:8], training=True)
    terms = {
        "loss": model.compute_loss(x=x[:8], y_pred=y_pred),
        "KL divergence": standard_normal_kl(y_pred["mean"], y_pred["log_var"]),
        "log-probability": model.log_likelihood(x[:8], *y_pred["parameters"]),
        "ELBO": model.elbo(x[:8]),
    }
    for name, term in terms.items():
        checks.hold(f"the {name} is float32", keras.backend.standardize_dtype(term.dtype) == "float32")
    check_importance_weighted(checks, model, x)


def check_importance_weighted(checks, model, x):
    """Within six standard errors of the ELBO or above it: the bound tightens with the number of draws."""
    import numpy as np

    from course_lib.metrics import importance_weighted_log_likelihood

    elbo, bound = model.elbo(x[:256]), importance_weighted_log_likelihood(model, x[:256], num_samples=50)
    error = np.std(bound - elbo) / np.sqrt(len(elbo))
    checks.hold("the importance-weighted bound is not below the ELBO", np.mean(bound - elbo) > -6 * error)


def check_gan(checks, trainer):
    import keras
    import numpy as np

    model, x = trainer.model, trainer.x
    generator, discriminator = model.generator, model.discriminator
    options = {"batch_size": trainer.task.batch_size, "verbose": 0}
    before = copies(generator), copies(discriminator)
    at_first = model.evaluate(x[:512], return_dict=True)["discriminator_loss"]
    model.compile(learning_rate=1e-3, generator_scale=0.0)
    model.fit(x, epochs=2, **options)
    later = model.evaluate(x[:512], return_dict=True)["discriminator_loss"]
    checks.hold("the discriminator's loss falls while the generator stands still", later < at_first)
    checks.hold("the generator that stands still does not move", all_equal(before[0], copies(generator)))
    checks.hold("the discriminator moves", all_moved(before[1], copies(discriminator)))
    before = copies(generator), copies(discriminator)
    model.compile(learning_rate=1e-3)
    history = model.fit(x, epochs=2, **options).history
    checks.hold("every loss is finite", all(np.isfinite(values).all() for values in history.values()))
    checks.hold(
        "both networks move",
        all(all_moved(*pair) for pair in zip(before, (copies(generator), copies(discriminator)), strict=True)),
    )
    checks.hold("samples are finite", np.isfinite(model.sample(16)).all())
    y_pred = model(x[:8], training=True)
    losses = model.objective(y_pred["real_logits"], y_pred["fake_logits"], y_pred["generator_logits"])
    for name, loss in zip(("discriminator's", "generator's"), losses, strict=True):
        checks.hold(f"the {name} loss is float32", keras.backend.standardize_dtype(loss.dtype) == "float32")


def copies(network):
    return [weight.copy() for weight in network.get_weights()]


def all_moved(before, after):
    return all((a != b).any() for a, b in zip(before, after, strict=True))


def all_equal(before, after):
    return all((a == b).all() for a, b in zip(before, after, strict=True))


def check_loss_against_cpu(checks, task, policy):
    """At the same weights, data and noise: the loss here, and in float32 in a process that sees no accelerator."""
    import numpy as np

    from benchmarks.with_course import Trainer

    rng = np.random.default_rng(0)
    x = task.data(steps=1)
    noise = rng.normal(size=(len(x), task.noise_dim)).astype("float32")
    trainer = Trainer(task, x)
    weights = [weight + rng.normal(0, 0.02, weight.shape).astype("float32") for weight in trainer.get_weights()]
    with exact_products():
        here = trainer.loss(weights, x, noise)
    there = loss_on_cpu(task, weights, noise)
    difference = abs(here - there) / abs(there)
    checks.hold(f"the loss is the CPU's ({here:.5g} here, {there:.5g} there)", difference <= LOSS_TOLERANCE[policy])


@contextmanager
def exact_products():
    """Without the shortened mantissas (TensorFloat-32) that some cards multiply float32 with by default."""
    import keras

    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        with jax.default_matmul_precision("highest"):
            yield
    elif backend == "tensorflow":
        import tensorflow as tf

        before = tf.config.experimental.tensor_float_32_execution_enabled()
        tf.config.experimental.enable_tensor_float_32_execution(False)
        yield
        tf.config.experimental.enable_tensor_float_32_execution(before)
    else:
        import torch

        before = torch.backends.cudnn.allow_tf32
        torch.backends.cudnn.allow_tf32 = False
        yield
        torch.backends.cudnn.allow_tf32 = before


def loss_on_cpu(task, weights, noise):
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.npz"
        np.savez(given, *weights, noise=noise)
        command = [sys.executable, str(Path(__file__).resolve()), "--loss-of", task.name, str(given)]
        said = subprocess.run(command, env={**os.environ, **HIDE_ACCELERATORS}, capture_output=True, text=True)
    if said.returncode:
        raise RuntimeError(f"the loss on the CPU could not be computed: {said.stderr.strip()[-300:]}")
    return json.loads(said.stdout.strip().splitlines()[-1])


def print_loss(name, path):
    """The process that `loss_on_cpu` starts."""
    import numpy as np

    from benchmarks.with_course import Trainer
    from course_lib.runtime import has_accelerator

    if has_accelerator():
        raise RuntimeError("the accelerator could not be hidden from this process")
    task, given = TASKS[name], np.load(path)
    weights = [given[f"arr_{number}"] for number in range(len(given.files) - 1)]
    x = task.data(steps=1)
    print(json.dumps(Trainer(task, x).loss(weights, x, given["noise"])))


def examples_per_second(task, quick):
    """Of the course's `fit`, everything at its default, after a first epoch; the median of the others."""
    from benchmarks.with_course import Trainer

    steps = 5 if quick else 2 * TRAINING_STEPS[task.convolutional]
    pace = Pace(epochs=3 if quick else 6)
    trainer = Trainer(task, task.data(steps))
    trainer.model.fit(
        trainer.x, batch_size=task.batch_size, epochs=pace.epochs, verbose=0, callbacks=[keras_callback(pace)]
    )
    seconds = sorted(pace.seconds[1:])
    return {"images_per_second": steps * task.batch_size / seconds[len(seconds) // 2]}


def raw_jax_speed(task, quick):
    """The same of the raw JAX scan, in a process of its own; None where JAX is missing or sees another device."""
    from course_lib.runtime import has_accelerator

    if importlib.util.find_spec("jax") is None:
        return None
    scan = next(one for one in CONTENDERS[task.name] if one.name == "jax_scan")
    scan = replace(scan, steps=2 if quick else 2 * TRAINING_STEPS[task.convolutional], epochs=2 if quick else 6)
    try:
        result = race(
            task.name, {scan.environment: sys.executable}, say=lambda *words, **options: None, contenders=[scan]
        )
    except (Failed, OSError):
        return None
    seconds = sorted(result[scan.name].get("seconds", []))
    if has_accelerator() == (result[scan.name].get("platform") == "cpu"):
        return None
    return scan.steps * task.batch_size / seconds[len(seconds) // 2] if seconds else None


def rows(names, quick):
    found = []
    for name in names:
        raw = raw_jax_speed(TASKS[name], quick)
        for policy in policies():
            try:
                row = check(TASKS[name], policy, quick)
            except Exception as error:
                row = {
                    "model": TASKS[name].title,
                    "policy": policy,
                    "passed": 0,
                    "failed": [f"{type(error).__name__}: {error}"[:300]],
                }
            found.append({**row, "raw_jax_images_per_second": raw})
            print(
                f"  {name}, {policy}: {'; '.join(row['failed']) or str(row['passed']) + ' checks passed'}", flush=True
            )
    return found


def main(words=None):
    options = argparse.ArgumentParser(prog="gpu_check.py", description=__doc__.partition("\n")[0])
    options.add_argument("--allow-cpu", action="store_true", help="try the script on the CPU; nothing is kept")
    options.add_argument("--quick", action="store_true", help="a few steps; nothing is kept")
    options.add_argument("--only", nargs="+", choices=CHECKED, default=list(CHECKED), help="these models alone")
    options.add_argument("--loss-of", nargs=2, help=argparse.SUPPRESS)
    arguments = options.parse_args(words)
    if arguments.loss_of:
        print_loss(*arguments.loss_of)
        return 0
    from course_lib.runtime import has_accelerator, setup

    run = setup(seed=0)
    if not has_accelerator() and not arguments.allow_cpu:
        print(f"NOT CHECKED: {run.backend} sees no accelerator on this machine ({run.device}). Nothing was measured.")
        return NO_ACCELERATOR
    return checked(run, has_accelerator(), arguments)


def checked(run, accelerated, arguments):
    from course_lib.runtime import environment_report

    if not accelerated:
        print("ON THE CPU, to try the script: this says nothing about an accelerator, and nothing is kept.")
    report = environment_report()
    packages = ", ".join(f"{name} {report[name]}" for name in ("keras", "tensorflow", "jax", "torch") if name in report)
    content = {
        "device": f"{run.device if accelerated else 'none, a trial on the CPU'}, {run.backend}",
        "machine": {**machine.described(), "packages": packages},
        "rows": rows(arguments.only, arguments.quick),
    }
    print("\n" + rendering.accelerator_section(content))
    if accelerated and not arguments.quick and arguments.only == list(CHECKED):
        rendering.write_raw(rendering.RAW / f"gpu-{run.backend}.json", content)
        rendering.write_page()
        print(f"Written to {rendering.PAGE.relative_to(ROOT)}.")
    return 1 if any(row["failed"] for row in content["rows"]) else 0


if __name__ == "__main__":
    raise SystemExit(main())
