"""`make benchmark-full-size`: the course's models at published sizes, station after station, beside what was published.

Each task of `benchmarks/full_size_tasks.py` is trained in instalments (`--minutes 10`: so long for each task and seed),
kept under `.cache/full_size`, and goes on where it stopped. After each instalment it is judged by what the course has:
reconstruction error, ELBO in nats, bits per dimension, Fréchet distance. FULL_SIZE.md and a picture of each task are
made from what is stored. A training that has not come to its recipe's end is called a station, whatever its numbers.

The full recipes take hours to days on an accelerator and months on a processor. `KERAS_BACKEND=jax` and
`--precision mixed_bfloat16` make trainings of their own, with rows of their own. A task whose data are not there waits,
and the command goes on with the next one.
"""

import argparse
import math
import re
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402

from benchmarks import full_size_tasks as tasks  # noqa: E402
from benchmarks import machine, rendering  # noqa: E402

RAW, PAGE = rendering.RAW / "full_size.json", rendering.HERE / "FULL_SIZE.md"
PICTURES = rendering.RAW / "full_size"
KEPT = ROOT / ".cache" / "full_size"
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")
NUM_IMAGES, AT_ONCE = 1_000, 50  # judged; through a large network together
NUM_COMPONENTS, FITTED_TO = 60, 3_000  # the axes of the Fréchet distance, and the training images they are fitted to
LARGEST_PICTURE, COLUMNS = 80_000, 8  # bytes, images in a row


# --- judging ---------------------------------------------------------------------------------------------------------


def in_portions(function, *arrays):
    """A model's method on a few images at a time: a large network on a thousand of them needs too much memory."""
    starts = range(0, len(arrays[0]), AT_ONCE)
    return np.concatenate([function(*(each[start : start + AT_ONCE] for each in arrays)) for start in starts])


def standardising(task, train):
    """Two functions, from images to what the model takes and back."""
    if not task.standardised:
        return (lambda images: images), (lambda answers: answers)
    few = train[:FITTED_TO]
    middle = few.mean(axis=0)
    scale = (few - middle).std()

    def there(images):
        return ((images - middle) / scale).astype("float32")

    def back(answers):
        return np.clip(middle + scale * answers, 0, 1)

    return there, back


def samples_of(model, task, number, labels, back=lambda answers: answers):
    """So many samples in data space, each portion with a seed of its own; of a binary model black and white pixels."""
    made = []
    for start in range(0, number, AT_ONCE):
        count = min(AT_ONCE, number - start)
        given = {"labels": labels[start : start + count]} if task.labelled else {}
        made.append(back(model.sample(count, seed=start + 1, **given)))
    images = np.concatenate(made)
    return tasks.drawn(images, seed=3) if task.binary else images


def components(train, seed=0):
    """From images to 60 principal components, each divided by its deviation, as in the lesson where_next."""
    from sklearn.decomposition import PCA

    few = train[:FITTED_TO].reshape(min(len(train), FITTED_TO), -1)
    number = min(NUM_COMPONENTS, *few.shape)
    axes = PCA(number, svd_solver="randomized", whiten=True, random_state=seed).fit(few)
    return lambda images: axes.transform(images.reshape(len(images), -1)).astype("float64")


def bits_per_dimension(nats, dimensions):
    """What a density of values in [0, 1] says about 256 levels: −log₂ p of a level, from nats of noise-filled images.

    Example:
        >>> bits_per_dimension(np.array([0.0]), 12).tolist()  # the uniform density: 8 bits
        [8.0]
    """
    return 8.0 - np.asarray(nats) / (dimensions * math.log(2))


def filled(images, seed=4):
    """Uniform noise in the 256 levels of [0, 1], so that a density can be judged (Theis et al., 2016)."""
    noise = np.random.default_rng(seed).random(images.shape, dtype="float32")
    return ((255 * images + noise) / 256).astype("float32")


def judged(model, task, sets, number):
    """The scores of a task: dict name → (mean, standard error), a Fréchet distance without an error."""
    from course_lib.metrics import frechet_distance

    number = min(number, len(sets.test), len(sets.fresh))
    x, labels = sets.test[:number], sets.test_labels[:number]
    beside = (labels,) if task.labelled else ()
    back = standardising(task, sets.train)[1]
    found, dimensions = {"images": number}, math.prod(x.shape[1:])
    if "error" in task.scores:
        made = in_portions(model.reconstruct, x, *beside)
        found["error"] = mean_and_error(np.square(made - x).reshape(number, -1).sum(axis=1))
    if "elbo" in task.scores:
        nats = in_portions(model.elbo, filled(x) if "bits" in task.scores else x, *beside)
        found["elbo"] = mean_and_error(nats)
        if "bits" in task.scores:
            found["bits"] = mean_and_error(bits_per_dimension(nats, dimensions))
    if "frechet" in task.scores:
        train = tasks.drawn(sets.train[:FITTED_TO], seed=2) if task.binary == "anew" else sets.train
        seen = components(train)
        real = seen(x)
        found["frechet"] = frechet_distance(real, seen(samples_of(model, task, number, labels, back)))
        found["fresh"] = frechet_distance(real, seen(sets.fresh[:number]))
    return found


def mean_and_error(values):
    """The mean over images and its standard error.

    Example:
        >>> mean_and_error([1.0, 3.0])
        [2.0, 1.0]
    """
    values = np.asarray(values, dtype="float64")
    return [float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))]


# --- pictures --------------------------------------------------------------------------------------------------------


def rows_of_pictures(model, task, sets):
    """What the picture shows: dict from a word to images."""
    x, labels = sets.test[:COLUMNS], sets.test_labels[:COLUMNS]
    back = standardising(task, sets.train)[1]
    rows = {"real": x}
    if "error" in task.scores:
        rows["reconstructed"] = np.clip(model.reconstruct(x), 0, 1)
    if "frechet" in task.scores:
        rows["generated"] = samples_of(model, task, COLUMNS, labels, back)
    if task.binary:
        rows["generated, means"] = samples_of(model, replace(task, binary=""), COLUMNS, labels, back)
    return rows


def save_picture(path, rows):
    """Write rows of images into one PNG, with fewer columns or colours where it would be too large."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    for columns in range(COLUMNS, 0, -1):
        grid = np.concatenate([np.concatenate(list(images[:columns]), axis=1) for images in rows.values()])
        pixels = (255 * np.clip(grid, 0, 1) + 0.5).astype("uint8")
        picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
        if picture.width < 400:
            picture = picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.NEAREST)
        for colours in (None, 128):
            few = picture if colours is None else picture.convert("RGB").quantize(colours)
            few.save(path, optimize=True)
            if path.stat().st_size <= LARGEST_PICTURE:
                return


# --- one instalment --------------------------------------------------------------------------------------------------


def key_of(seed, backend, precision):
    """What makes a training another one: the words under which it is stored, and the name of its folder."""
    return f"seed {seed}, {backend}, {precision}"


def measure(name, task, sets, seed, seconds, precision="float32", number=NUM_IMAGES):
    """One instalment of a task: a dictionary of what was found and how far it got, and the rows of its picture."""
    import keras

    from benchmarks import instalments
    from course_lib import __version__
    from course_lib.runtime import environment_report

    backend = keras.backend.backend()
    before = keras.config.dtype_policy().name
    keras.config.set_dtype_policy(precision)
    try:
        keras.utils.set_random_seed(seed)
        model = task.make(sets.train.shape[1:], seed)
    finally:
        keras.config.set_dtype_policy(before)
    updates = tasks.updates_in_all(task, len(sets.train))
    folder = KEPT / name / key_of(seed, backend, precision).replace(", ", "-").replace(" ", "-")
    instalment = instalments.Instalment(folder, seconds, told=Teller())
    x = standardising(task, sets.train)[0](sets.train)
    labels = sets.labels if task.labelled else None
    logs = instalments.train(model, x, labels, updates, task.part, task.batch_size, instalment)
    began = perf_counter()
    scores = judged(model, task, sets, number)
    rows = rows_of_pictures(model, task, sets)
    report, weights = environment_report(), sum(math.prod(weight.shape) for weight in model.trainable_variables)
    del model
    keras.utils.clear_session()
    found = {
        "seed": seed,
        "backend": backend,
        "precision": precision,
        "updates": len(logs) * task.part,
        "of_updates": -(-updates // task.part) * task.part,
        "updates_of_a_pass": instalments.updates_of_a_pass(len(x), task.batch_size),
        "batch_size": task.batch_size,
        "seconds": sum(entry["seconds"] for entry in logs),
        "judging_seconds": perf_counter() - began,
        "training_loss": logs[-1]["loss"],
        "weights": weights,
        "scores": scores,
        "picture": list(rows),
        "finished": len(logs) * task.part >= updates,
        "device": report["device"],
        "versions": f"Keras {report['keras']}, {backend} {report.get(backend, '')}".strip(),
        "version": __version__,
        **machine.described(),
    }
    return found, rows


class Teller:
    """Says now and then how far a training is."""

    def __init__(self, every=10.0):
        self.every, self.last = every, -float("inf")

    def __call__(self, done, parts, logs):
        if perf_counter() - self.last > self.every:
            self.last = perf_counter()
            print(f"    part {done:,} of {parts:,}: loss {logs['loss']:.4g}", flush=True)


def stored(results, name, found):
    """Keep a result, unless a longer training of the same kind is stored already; whether it was kept."""
    runs = results.setdefault("runs", {}).setdefault(name, {})
    key = key_of(found["seed"], found["backend"], found["precision"])
    if key in runs and runs[key]["updates"] > found["updates"]:
        return False
    runs[key] = found
    results.get("waiting", {}).pop(name, None)
    return True


def longest(of_task):
    """Of a task's rows the one whose picture is shown: trained for the most updates."""
    return max(of_task, key=lambda found: found["updates"])


# --- the page --------------------------------------------------------------------------------------------------------


def page(results):
    """FULL_SIZE.md: every task, with its stations, or with what it waits for."""
    runs = {name: list(results.get("runs", {}).get(name, {}).values()) for name in tasks.TASKS}
    rows = [row(name, found) for name, of_task in runs.items() for found in of_task]
    head = ["model", "data", "published", "here", "passes", "updates", "training, min", ""]
    finished = [found for of_task in runs.values() for found in of_task if found["finished"]]
    verdict = (
        "Every row has come to the end of its recipe."
        if rows and len(finished) == len(rows) and all(runs.values())
        else "**A station is not a result**: its training has not come to the end of the recipe, and its numbers say "
        'how far it is, not how good the model is. `make benchmark-full-size ARGS="--only NAME --minutes M"` goes on '
        "where the training stopped, on the machine that keeps it, and begins anew on another."
    )
    waiting = [waits(name, results.get("waiting", {}).get(name)) for name, of_task in runs.items() if not of_task]
    sections = [section(name, of_task) for name, of_task in runs.items() if of_task]
    parts = [TITLE, *([rendering.table(head, rows), ""] if rows else []), verdict, ""]
    parts += [*(["## Without a row", "", *waiting, ""] if waiting else []), *sections, HOW, ""]
    return "\n".join(parts)


def row(name, found):
    task = tasks.task_of(name)
    kind = "end of the recipe" if found["finished"] else "**station**"
    published = re.split(r" \(|:", task.published)[0]
    cells = [task.title, tasks.DATA[task.data], published, scores_in_words(found["scores"])]
    passes = [found[which] / found["updates_of_a_pass"] for which in ("updates", "of_updates")]
    return [
        *cells,
        f"{in_figures(passes[0])} of {in_figures(passes[1])}",
        f"{found['updates']:,} of {found['of_updates']:,}",
        f"{found['seconds'] / 60:.1f}",
        kind,
    ]


def in_figures(value):
    """A number of passes: whole ones from 10 on.

    Example:
        >>> in_figures(0.123), in_figures(3.21), in_figures(1234.5)
        ('0.12', '3.2', '1,234')
    """
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def scores_in_words(scores):
    """The scores of a row, each with its unit."""
    words = []
    if "error" in scores:
        words.append("squared error {:.1f} ± {:.1f}".format(*scores["error"]))
    if "elbo" in scores:
        words.append("ELBO {:,.1f} ± {:.1f} nats".format(*scores["elbo"]))
    if "bits" in scores:
        words.append("{:.2f} ± {:.2f} bits per dimension".format(*scores["bits"]))
    if "frechet" in scores:
        words.append(f"Fréchet {scores['frechet']:.1f} (fresh real images {scores['fresh']:.1f})")
    return "; ".join(words)


def waits(name, reason):
    """The line of a task without a row."""
    task = tasks.task_of(name)
    line = f"* {task.title}, {tasks.DATA[task.data]}: "
    line += f"waits for its data, {tasks.DATA[task.data]}: {reason}." if reason else "not begun."
    return f"{line} Published: {task.published}."


def section(name, of_task):
    """Recipe, published figure, what must match, what differs, and where each row was trained."""
    task = tasks.task_of(name)
    shown = longest(of_task)
    lines = [
        f"## {task.title}, {tasks.DATA[task.data]}",
        "",
        f"* *Recipe*: {task.recipe}; batches of {task.batch_size}.",
        f"* *Published*: {task.published}.",
        f"* *What must match before it may be compared*: {task.match}.",
        f"* *What differs here, whatever the number of passes*: {task.differs}.",
    ]
    for found in of_task:
        scores = found["scores"]
        lines.append(
            f"* *{'Trained to its end' if found['finished'] else 'A station'}*: seed {found['seed']}, "
            f"{found['weights']:,} weights, {found['updates']:,} updates in {found['seconds']:,.0f} s, "
            f"{found['precision']}; judged on {scores['images']:,} images in {found['judging_seconds']:,.0f} s; "
            f"{found['date']}, {found['device']}, {found['processor']}, {found['versions']}, {found['system']}, "
            f"version {found['version']}, {found['course']}; load {found.get('load before the run', '–')}"
        )
    rows = "; ".join(shown["picture"])
    after = f"after {shown['updates']:,} of {shown['of_updates']:,} updates"
    lines += [f"* [The picture](results/full_size/{name}.png) {after}, row by row: {rows}.", ""]
    return "\n".join(lines)


TITLE = """\
# The course's models at published sizes

Made by `make benchmark-full-size`; do not edit. ± is the standard error over the judged images; what another seed
would change it does not say. The importance-weighted autoencoder is in `MNIST.md`.
"""

HOW = """\
## How it was judged

* *Images*: at most 1,000 test images in a random order, and as many samples; each row says how many. The faces' fresh
  real images are their validation images. Elsewhere the test images are halved, into those that are judged and the
  fresh ones; training and validation images train.
* *Squared error*: summed over all values of an image, which lie in [0, 1].
* *ELBO*: one draw of the code; β does not enter. For colour images it is the logarithm of a density, of images whose
  256 levels are filled with uniform noise (Theis et al., 2016, arXiv:1511.01844).
* *Bits per dimension*: the same bound, for the levels: 8 − ELBO / (D log 2).
* *Fréchet*: on 60 whitened principal components of 3,000 training images, as in the lesson where_next. The letter
  features of other lessons know nothing of digits, clothes and faces. It has another scale than a published FID. Of a
  model of black and white pixels its drawn pixels are judged, not their probabilities.
* *Published figures* were compared with copies of the papers' tables and captions. The recipes were entered from
  memory, without the papers at hand: look at the place that is named before you cite one.
* *A pass* is a number of full batches; the few images left over differ from pass to pass.
* *Seconds* are those on the clock, compilation included. A load above the number of cores means that other programs
  ran beside it, and the same training takes fewer seconds alone."""


def parser():
    options = argparse.ArgumentParser(prog="make benchmark-full-size", description=__doc__.partition("\n")[0])
    options.add_argument("--minutes", type=float, help="train each task and seed for so long; without it, to the end")
    options.add_argument("--only", choices=tasks.TASKS, nargs="+", help="some of the tasks", metavar="NAME")
    options.add_argument("--seeds", type=int, nargs="+", default=[0], help="seeds, each a training of its own")
    options.add_argument("--precision", choices=PRECISIONS, default="float32", help="of layers; weights are float32")
    options.add_argument("--images", type=int, default=NUM_IMAGES, help="how many test images and samples are judged")
    options.add_argument("--list", action="store_true", help="only name the tasks")
    options.add_argument("--render", action="store_true", help="only make FULL_SIZE.md from the raw results")
    return options


def main(words=None):
    arguments = parser().parse_args(words)
    if arguments.images < 2:
        parser().error(f"--images must be 2 or more, as one image has no standard error; got {arguments.images}")
    if arguments.list:
        for name, task in tasks.TASKS.items():
            print(f"{name:16} {task.title}, {tasks.DATA[task.data]}: {task.recipe}")
        return 0
    results = rendering.read(RAW) or {}
    if not arguments.render:
        import course_lib

        course_lib.setup(seed=0)
        for name in arguments.only or tasks.TASKS:
            advance(results, name, arguments)
            rendering.write_raw(RAW, results)
            rendering.write(PAGE, page(results))
    rendering.write(PAGE, page(results))
    print(f"Written to {PAGE.relative_to(ROOT)}.")
    return 0


def advance(results, name, arguments):
    """One instalment of each seed of a task; where its data are missing, the row waits."""
    from course_lib.datasets import DataError, names

    task = tasks.task_of(name)
    print(f"--- {name}: {task.title}, {tasks.DATA[task.data]}", flush=True)
    try:
        if task.data not in names():
            raise DataError(f"this version of the course has no data set {task.data!r}")
        sets = tasks.sets_of(task)
    except DataError as error:
        print(f"    waits for its data. {error}", flush=True)
        results.setdefault("waiting", {})[name] = "they were not on the machine that ran this"
        return
    seconds = float("inf") if arguments.minutes is None else 60 * arguments.minutes
    for seed in arguments.seeds:
        found, rows = measure(name, task, sets, seed, seconds, arguments.precision, arguments.images)
        kept = stored(results, name, found)
        if kept and found["updates"] == longest(results["runs"][name].values())["updates"]:
            save_picture(PICTURES / f"{name}.png", rows)
        print("    " + summary(task, found) + ("" if kept else " (a longer one stays stored)"), flush=True)


def summary(task, found):
    """One line for the screen."""
    line = f"{scores_in_words(found['scores'])} after {found['updates']:,} of {found['of_updates']:,} updates, "
    line += f"{found['seconds'] / 60:.1f} min; published: {task.published}"
    return line if found["finished"] else line + ". A STATION: not to be compared"


if __name__ == "__main__":
    raise SystemExit(main())
