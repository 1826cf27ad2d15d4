"""`make gpu-check`: do the models train on the accelerator that the backend sees, in every precision, and how fast?

    KERAS_BACKEND=jax python benchmarks/gpu_check.py

Four larger models train in float32 and in half precision and have to keep what the tests ask of them on a CPU; at the
same weights and noise they have to have the CPU's loss. Examples a second stand beside those of the raw JAX scan, and
beside what the device's products of matrices would allow. Then every model of the library trains in every precision,
and one lesson runs with the sizes of the `gpu` profile. Results go to RESULTS.md. Without an accelerator nothing is
checked and the command ends with code 3; with `--allow-cpu` the same runs on the CPU, to test the script itself, and
nothing is kept. Nothing new is begun after `--minutes`; what was not reached is named.

On a machine without a network: `bash benchmarks/on_a_card.sh` brings what is missing.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # JAX would take the memory of the process beside it
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from benchmarks import machine, operations, rendering  # noqa: E402
from benchmarks.pace import Pace, keras_callback  # noqa: E402
from benchmarks.race import Failed, race  # noqa: E402
from benchmarks.tasks import CONTENDERS, TASKS  # noqa: E402

NO_ACCELERATOR = 3
CHECKED = [name for name in TASKS if any(one.name == "jax_scan" for one in CONTENDERS[name])]  # what a raw step is for
LOSS_TOLERANCE = {"float32": 1e-4, "mixed_float16": 1e-2, "mixed_bfloat16": 3e-2}  # relative, against the CPU's float32
TRAINING_STEPS = {False: 50, True: 25}  # dense, convolutional
PRODUCT = {False: 8192, True: 512}  # rows of the square matrices that are multiplied, and on a trial
LESSON = "the_variational_autoencoder"
REST = ("lesson", "every_model")
ALL = [*CHECKED, *REST]
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


def check_model(name, policy):
    """Train one small model of the library, of whatever kind, in a precision."""
    import keras
    import numpy as np

    from tests.small import data_of, every_model, values

    checks = Checks()
    with precision(policy):
        keras.utils.set_random_seed(0)
        model, data = every_model()[name], data_of(name, 64)
        before = values(model.trainable_variables)
        history = model.fit(*data, batch_size=32, epochs=3, verbose=0, validation_data=data).history
        moved = [(a != b).any() for a, b in zip(before, values(model.trainable_variables), strict=True)]
        checks.hold("every loss is finite", all(np.isfinite(losses).all() for losses in history.values()))
        checks.hold("most weights move", np.mean(moved) > 0.5)  # a code that no example takes stays
        again = [model.evaluate(*data, return_dict=True) for _ in range(2)]
        checks.hold("two evaluations agree", all(np.isclose(again[0][key], again[1][key]) for key in again[0]))
        sample = getattr(model, "sample_copies", getattr(model, "sample", None))
        if sample is not None:
            samples = sample(4, *(part[:4] for part in data[1:]), seed=0)
            checks.hold("samples are finite", np.isfinite(samples).all())
        check_device(checks, type("Trained", (), {"model": model}))
    return {"model": f"{name}, small", "policy": policy, "passed": checks.passed, "failed": checks.failed}


def product_flops(policy, quick):
    """Operations a second of the product of two square matrices in the precision's type: the device's limit."""
    import keras
    from keras import ops

    size, repeats = PRODUCT[quick], 3 if quick else 20
    with precision(policy):
        dtype = keras.config.dtype_policy().compute_dtype
    matrix = ops.cast(keras.random.normal((size, size), seed=0), dtype) / size**0.5

    def finished(tensor):
        return ops.convert_to_numpy(ops.cast(tensor[:1, :1], "float32"))

    seconds = []
    for _ in range(4):
        began, product = time.perf_counter(), matrix
        for _ in range(repeats):
            product = ops.matmul(product, matrix)
        finished(product)
        seconds.append((time.perf_counter() - began) / repeats)
    return 2 * size**3 / min(seconds[1:])


def operations_of_an_example(task):
    """Of its share of a training step."""
    return operations.operations(operations.training_products(task, examples=1))


def check_lesson(name, profile):
    """Run the cells of a lesson in a process of its own, with the sizes of a profile; it holds its own proofs."""
    [notebook] = (ROOT / "notebooks").glob(f"[0-9][0-9]_{name}.ipynb")
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    checks, began = Checks(), time.perf_counter()
    variables = {"COURSE_PROFILE": profile, "MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "lesson.py"
        program.write_text("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"), "utf-8")
        said = subprocess.run(
            [sys.executable, str(program)], env={**os.environ, **variables}, cwd=folder, capture_output=True, text=True
        )
    last = (said.stderr.strip().splitlines() or ["no word"])[-1]
    checks.hold(f"the lesson runs to its end: {last}"[:300], said.returncode == 0)
    seconds = time.perf_counter() - began
    title = f"lesson {name}, {profile} profile, {seconds:.0f} s"
    return {"model": title, "policy": "float32", "passed": checks.passed, "failed": checks.failed}


def checks_of_the_rest(parts, profile):
    """What is checked after the larger models: a title and a function that gives a row, one after the other."""
    from tests.small import every_model

    if "lesson" in parts:
        yield f"lesson {LESSON}", lambda: check_lesson(LESSON, profile)
    names = list(every_model()) if "every_model" in parts else []
    for policy in policies():
        for name in names:
            yield f"{name}, {policy}", lambda name=name, policy=policy: check_model(name, policy)


def rest(parts, ends, profile="gpu"):
    """Rows of the lesson and of every model, as far as they are among the parts."""
    return [row_of(title, check_it, ends) for title, check_it in checks_of_the_rest(parts, profile)]


def row_of(title, check_it, ends):
    """What a check found, or why there is nothing: it failed, or was not to be begun any more."""
    row = {"model": title, "policy": "", "passed": 0, "failed": ["not reached within --minutes"]}
    if time.monotonic() < ends:
        try:
            row = check_it()
        except Exception as error:
            row["failed"] = [f"{type(error).__name__}: {error}"[:300]]
    speed = f", {row['images_per_second']:,.0f} examples a second" if "images_per_second" in row else ""
    print(f"  {title}: {'; '.join(row['failed']) or str(row['passed']) + ' checks passed'}{speed}", flush=True)
    return row


def rows(names, quick, ends):
    """Rows of the larger models, with their speed beside what JAX and the device can do."""
    found = []
    limits = {policy: product_flops(policy, quick) for policy in policies()}
    said = ", ".join(f"{policy} {flops / 1e12:.3g} TFLOP/s" for policy, flops in limits.items())
    print(f"  products of matrices: {said}", flush=True)
    for name in names:
        task = TASKS[name]
        raw = raw_jax_speed(task, quick) if time.monotonic() < ends else None
        for policy in policies():
            row = row_of(f"{name}, {policy}", lambda task=task, policy=policy: check(task, policy, quick), ends)
            beside = {"raw_jax_images_per_second": raw}
            beside["product_limit_images_per_second"] = limits[policy] / operations_of_an_example(task)
            found.append({**row, **beside})
    return found


def main(words=None):
    options = argparse.ArgumentParser(prog="gpu_check.py", description=__doc__.partition("\n")[0])
    options.add_argument("--allow-cpu", action="store_true", help="try the script on the CPU; nothing is kept")
    options.add_argument("--quick", action="store_true", help="a few steps; nothing is kept")
    options.add_argument("--minutes", type=float, default=9.0, help="begin no other model after these (9)")
    options.add_argument("--only", nargs="+", choices=ALL, default=ALL, help="these models or parts alone")
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
    ends = time.monotonic() + 60 * arguments.minutes
    report = environment_report()
    packages = ", ".join(f"{name} {report[name]}" for name in ("keras", "tensorflow", "jax", "torch") if name in report)
    content = {
        "device": f"{run.device if accelerated else 'none, a trial on the CPU'}, {run.backend}",
        "machine": {**machine.described(), "packages": packages},
        "rows": rows([name for name in arguments.only if name in CHECKED], arguments.quick, ends),
    }
    content["rows"] += rest(arguments.only, ends, "gpu" if accelerated else "cpu")
    print("\n" + rendering.accelerator_section(content))
    if accelerated and not arguments.quick and arguments.only == ALL:
        rendering.write_raw(rendering.RAW / f"gpu-{run.backend}.json", content)
        rendering.write_page()
        print(f"Written to {rendering.PAGE.relative_to(ROOT)}.")
    return 1 if any(row["failed"] for row in content["rows"]) else 0


if __name__ == "__main__":
    raise SystemExit(main())
