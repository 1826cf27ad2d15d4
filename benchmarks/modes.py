"""`make benchmark-modes`: how many Gaussians of a ring (8) and of a grid (25) do GANs reach, method by method?

Five seeds of each method are trained side by side as one model (`course_lib.models.ParallelGAN`), with the same
networks, batches, numbers of updates and learning rates; what differs is named in `METHODS`. Samples are counted by
`course_lib.metrics.mode_coverage`; ± is the standard error over the seeds. What is measured is kept at once: an
interrupted run goes on with the method and data set that it lacked.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402

from benchmarks import machine, rendering  # noqa: E402

RAW, PAGE = rendering.RAW / "modes.json", rendering.HERE / "MODES.md"
COPIES, NUM_SAMPLES = 5, 2_500
STEPS, BATCH_SIZE, NUM_TRAIN = 15_000, 64, 100_000  # the batch is that of one copy
NOISE_DIM, UNITS, LEARNING_RATE = 4, (64, 64), 2e-3
DATA = {"ring": "ring of 8", "grid": "grid of 25"}
COUNTED = ("modes", "high quality", "reverse KL")
SLOW_D, SLOW_G, PACKS = {"discriminator_scale": 0.25}, {"generator_scale": 0.25}, {"packing": 2}
METHODS = {  # name → (title, objective, penalty and its weight, other options)
    "non_saturating": ("non-saturating", "non_saturating", None, {}),
    "slow_discriminator": ("… D 4 times slower", "non_saturating", None, SLOW_D),
    "slow_generator": ("… G 4 times slower", "non_saturating", None, SLOW_G),
    "packing": ("… packs of 2", "non_saturating", None, PACKS),
    "packing_slow": ("… packs of 2, D 4 times slower", "non_saturating", None, PACKS | SLOW_D),
    "r1": ("… R1, γ = 1", "non_saturating", ("R1", 1.0), {}),
    "wgan_gp": ("Wasserstein, penalty λ = 1", "wasserstein", ("GradientPenalty", 1.0), {}),
    "hinge_spectral": ("hinge, spectral normalisation", "hinge", None, {"spectral_normalization": True}),
}

PUBLISHED = (  # paper, method; modes, high quality and reverse KL (nats) of the ring, and of the grid
    ("VEEGAN", "GAN", "1", "99.3 %", "–", "3.3", "0.5 %", "–"),
    ("VEEGAN", "ALI", "2.8", "0.13 %", "–", "15.8", "1.6 %", "–"),
    ("VEEGAN", "unrolled GAN", "7.6", "35.6 %", "–", "23.6", "16 %", "–"),
    ("VEEGAN", "VEEGAN", "8", "52.9 %", "–", "24.6", "40 %", "–"),
    ("PacGAN", "GAN", "6.3 ± 0.5", "98.2 ± 0.2 %", "0.45 ± 0.09", "17.3 ± 0.8", "94.8 ± 0.7 %", "0.70 ± 0.07"),
    ("PacGAN", "ALI", "6.6 ± 0.3", "97.6 ± 0.4 %", "0.36 ± 0.04", "24.1 ± 0.4", "95.7 ± 0.6 %", "0.14 ± 0.03"),
    ("PacGAN", "packs of 2", "7.9 ± 0.1", "95.6 ± 2.0 %", "0.07 ± 0.03", "23.8 ± 0.7", "91.3 ± 0.8 %", "0.13 ± 0.04"),
    ("PacGAN", "packs of 3", "7.8 ± 0.1", "97.7 ± 0.3 %", "0.10 ± 0.02", "24.6 ± 0.4", "94.2 ± 0.4 %", "0.06 ± 0.02"),
    ("PacGAN", "packs of 4", "7.8 ± 0.1", "95.9 ± 1.4 %", "0.07 ± 0.02", "24.8 ± 0.2", "93.6 ± 0.6 %", "0.04 ± 0.01"),
)


def mixture_of(data):
    """The exact distribution: 8 modes on a circle of radius 2 (σ = 0.02), or 25 at distances of 2 (σ = 0.05)."""
    from course_lib.datasets import toy

    return {"ring": toy.ring, "grid": toy.grid}[data]()


def model_of(method, steps=STEPS, copies=COPIES, seed=0):
    """Five independent GANs as one compiled model; both learning rates fall to 0 along a cosine."""
    import keras

    from course_lib import networks
    from course_lib.formulas import adversarial, gradient_penalties
    from course_lib.models import ParallelGAN

    keras.utils.set_random_seed(seed)
    _, objective, penalty, options = METHODS[method]
    packing = options.get("packing", 1)
    generator = networks.parallel_generator(NOISE_DIM, 2, copies, UNITS)
    spectral = options.get("spectral_normalization", False)
    discriminator = networks.parallel_discriminator(2 * packing, copies, UNITS, spectral_normalization=spectral)
    penalty = penalty and getattr(gradient_penalties, penalty[0])(penalty[1])
    objective = getattr(adversarial, objective)
    model = ParallelGAN(generator, discriminator, objective, copies, seed=seed, penalty=penalty, packing=packing)
    scales = {name: value for name, value in options.items() if name.endswith("_scale")}
    model.compile(
        learning_rate=keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps), jit_compile=False, **scales
    )
    return model


def train(model, x, steps, batch_size):
    """Exactly so many updates, each on a full batch for every copy."""
    per_epoch = len(x) // batch_size
    epochs, rest = divmod(steps, per_epoch)
    x = x[: per_epoch * batch_size]
    if epochs:
        model.fit(x, batch_size=batch_size, epochs=epochs, verbose=0)
    if rest:
        model.fit(x[: rest * batch_size], batch_size=batch_size, epochs=1, verbose=0)


def measure(method, data, steps=STEPS):
    """Train five seeds of a method on a data set, and count."""
    from course_lib.metrics import mode_coverage

    mixture, began = mixture_of(data), time.process_time()
    model = model_of(method, steps)
    train(model, mixture.sample(NUM_TRAIN, seed=0), steps, BATCH_SIZE * COPIES)
    seconds = time.process_time() - began
    found = [mode_coverage(samples, mixture) for samples in model.sample_copies(NUM_SAMPLES, seed=1)]
    return {
        "modes": [each.modes for each in found],
        "high_quality": [each.high_quality for each in found],
        "counts": [each.counts.tolist() for each in found],
        "reverse_kl": [each.reverse_kl for each in found],
        "updates": steps,
        "seconds": round(seconds, 1),
        **machine.described(),
    }


def missing(results, methods=None, data=None):
    """The (method, data set) pairs that have not been measured, in the order of the table."""
    return [
        (method, name) for name in data or DATA for method in methods or METHODS if name not in results.get(method, {})
    ]


def mean_and_error(values):
    """The mean over seeds and its standard error.

    Example:
        >>> mean_and_error([1.0, 3.0])
        (2.0, 1.0)
    """
    values = np.asarray(values, dtype="float64")
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def cells(found):
    """Modes, high quality and reverse KL of one measurement, as text."""
    if found is None:
        return ["–"] * len(COUNTED)
    modes, share, divergence = (mean_and_error(found[name]) for name in ("modes", "high_quality", "reverse_kl"))
    share = [100 * value for value in share]
    return ["{:.1f} ± {:.1f}".format(*modes), "{:.1f} ± {:.1f} %".format(*share), "{:.2f} ± {:.2f}".format(*divergence)]


def table_rows(results):
    """Head and rows of the table."""
    head = ["method", *(f"{title}: {what}" for title in DATA.values() for what in COUNTED)]
    perfect = f"{100 * (1 - np.exp(-4.5)):.1f} %"
    rows = [["a perfect sampler", "8", perfect, "0.00", "25", perfect, "0.00"]]
    for method, (title, *_) in METHODS.items():
        of_method = results.get(method)
        if of_method:
            rows.append([title, *(cell for data in DATA for cell in cells(of_method.get(data)))])
    return head, rows


def published_table():
    """The rows of the two papers."""
    head = ["paper", "method", "ring: modes", "high quality", "reverse KL", "grid: modes", "high quality", "reverse KL"]
    return rendering.table(head, [list(row) for row in PUBLISHED])


def facts(results):
    """Updates, seconds and machines, a line for each."""
    runs = [found for of_method in results.values() for found in of_method.values()]
    updates = sorted({found["updates"] for found in runs})
    where = sorted({(found["date"], found["processor"], found["system"]) for found in runs})
    seconds = [found["seconds"] for found in runs]
    return [
        f"* {' and '.join(f'{each:,}' for each in updates)} updates of both networks",
        f"* {min(seconds):.0f} to {max(seconds):.0f} processor seconds for the five seeds of a method together",
        *(f"* measured {date} on {processor}, {system}" for date, processor, system in where),
    ]


def page(results):
    """MODES.md."""
    if not results:
        return TITLE + "\nNot measured yet: `make benchmark-modes`.\n"
    todo = missing(results)
    verdict = (
        "All methods were measured on both data sets."
        if not todo
        else f"**Not complete**: {len(todo)} of {len(METHODS) * len(DATA)} runs are missing; `make benchmark-modes` "
        "goes on with them."
    )
    table = rendering.table(*table_rows(results))
    beside = HOW.format(published=published_table())
    return "\n".join([TITLE, table, "", verdict, "", *facts(results), "", beside, ""])


TITLE = """\
# Modes that GANs reach: a ring of 8 and a grid of 25 Gaussians

Made by `make benchmark-modes`; do not edit. Mean ± standard error over five seeds.
"""

HOW = """\
## The protocol

* *Data*: 8 equal Gaussians on a circle of radius 2, σ = 0.02; 25 equal Gaussians on a square grid at distances of 2,
  σ = 0.05. 100,000 training points.
* *Counting* (Srivastava et al., 2017, VEEGAN): 2,500 samples of each trained generator. A sample is of high quality if
  it lies within 3σ of the nearest mean; a mode counts if it is nearest to at least one high-quality sample.
* *Reverse KL* (Lin et al., 2018, PacGAN), in nats: each of the 2,500 samples, of high quality or not, belongs to the
  nearest mode; the divergence of these shares from equal ones. Chance alone gives a perfect sampler 0.001 on the ring
  and 0.005 on the grid; one mode alone is log 8 = 2.08, or log 25 = 3.22.
* *Networks*: generator 4 (Gaussian noise) – 64 – 64 – 2 with ReLU, discriminator 2 – 64 – 64 – 1 with leaky ReLU (for
  packs of two 4 – 64 – 64 – 1).
* *Training*: both networks in one simultaneous step, batches of 64, Adam (β₁ = 0.5) with a step size of 0.002 that
  falls to 0 along a cosine. “4 times slower” is a quarter of that for one network. γ and λ are 1. Nothing was tuned for
  one method more than for another. The last weights are judged, no best ones are chosen.
* *Seeds*: five, trained side by side (`ParallelGAN`); each has its own weights, noise and batches.

## Beside the published tables

The rows of the two papers that made this comparison popular:

{published}

*Where these figures come from*: PacGAN's rows were compared with the authors' own picture of their table 1 (repository
fjxmlzn/PacGAN, `synthetic_data_experiments/results/Table1.png`). VEEGAN's were entered from memory, without a copy of
the paper at hand, and are not checked: look at its table 1 before you cite one.

Both count as above. What they train differs, from ours and from each other (look at the two rows called GAN):

* *VEEGAN* (Srivastava et al., 2017, arXiv:1705.07761, table 1): 2,500 samples, means over five runs without errors.
* *PacGAN* (Lin et al., 2018, arXiv:1712.04086, table 1): means and standard errors of ten runs. In the authors'
  released code the ring has radius 1 and σ = 0.01 (ours at half the size), the grid is ours; the generator has layers
  of 400 units and 2 noise dimensions, the discriminator maxout layers of 200 units with 5 pieces; Adam with 0.0001 and
  β₁ = 0.8, batches of 100 from 100,000 points, 400 epochs, which are 400,000 updates: 27 times ours.

A row of theirs above or below one of ours says nothing about the method before the networks and the number of
updates are equal. Rows of one table can be compared: PacGAN's own GAN misses nearly a third of the grid, and packs
repair most of that; ours without packs misses a tenth, and packs of 2 change that by less than the errors."""


def parser():
    options = argparse.ArgumentParser(prog="make benchmark-modes", description=__doc__.partition("\n")[0])
    options.add_argument("--steps", type=int, default=STEPS, help="updates of each training")
    options.add_argument("--only", choices=METHODS, nargs="+", help="some of the methods")
    options.add_argument("--data", choices=DATA, nargs="+", help="one of the data sets")
    options.add_argument("--again", action="store_true", help="forget what was measured before")
    options.add_argument("--render", action="store_true", help="only make MODES.md from the raw results")
    return options


def main(words=None):
    arguments = parser().parse_args(words)
    results = {} if arguments.again else rendering.read(RAW) or {}
    if not arguments.render:
        for method, data in missing(results, arguments.only, arguments.data):
            print(f"--- {METHODS[method][0]}, {DATA[data]}", flush=True)
            found = measure(method, data, arguments.steps)
            results.setdefault(method, {})[data] = found
            rendering.write_raw(RAW, results)
            rendering.write(PAGE, page(results))
            print(f"    modes, high quality: {', '.join(cells(found))} in {found['seconds']:.0f} s", flush=True)
    rendering.write(PAGE, page(results))
    print(f"Written to {PAGE.relative_to(ROOT)}. The lesson on mode collapse carries its rows, with date and machine:")
    print(rendering.table(*table_rows(results)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
