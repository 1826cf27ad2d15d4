"""What the course's speed is held to, and the arithmetic of the tables.

Ratios are of medians over the epochs of one run; a ratio of minima stands beside each. Standard library only.
"""

import statistics
from dataclasses import dataclass

MET, MISSED, UNMEASURED = "met", "**not met**", "not measured"


@dataclass(frozen=True)
class Ratio:
    """The time of one contender's step divided by another's.

    Attributes:
        task: Name of the task.
        ours: Name of the contender above the line.
        rival: Name of the one below it.
        at_most: The target, or None.
    """

    task: str
    ours: str
    rival: str
    at_most: float | None = None


RATIOS = (
    Ratio("dense_vae", "course", "keras_style"),  # held to the machine's limit instead, as beside PyTorch
    Ratio("dense_vae", "course", "pytorch"),
    Ratio("dense_vae", "course", "jax_scan", 1.25),
    Ratio("dense_vae", "course_jax", "keras_style", 0.6),
    Ratio("dense_vae", "course_jax", "jax_scan"),
    Ratio("dense_vae", "jax_scan", "keras_style"),  # the practical limit, beside the targets
    Ratio("dense_vae", "jax_scan", "pytorch"),
    Ratio("conv_vae", "course", "keras_style"),
    Ratio("conv_vae", "course", "tensorflow_loop", 1.05),
    Ratio("conv_vae", "course", "pytorch", 0.9),
    Ratio("conv_vae", "course", "jax_scan"),
    Ratio("dense_gan", "course", "keras_style", 0.5),
    Ratio("dense_gan", "course", "pytorch"),
    Ratio("dense_gan", "course", "jax_scan", 1.2),
    Ratio("conv_gan", "course", "keras_style", 0.8),
    Ratio("conv_gan", "course", "pytorch"),
    Ratio("conv_gan", "course", "jax_scan"),
    Ratio("wgan_gp", "course", "keras_style", 1.0),
)

FIRST_STEP_SECONDS = 2.5
IMPORT_SECONDS = 0.2
LESSON_SECONDS = 60
LESSON_MEGABYTES = 2000
LIMITED = ("dense_vae", "conv_vae", "dense_gan", "conv_gan")  # products are timed; a gradient penalty is not counted
LINEAR = 1.3  # cost per image at the largest size, divided by that at the smallest
ELBO_AT_LEAST = {1: -95.0, 3: -93.0, 10: -91.0}  # minutes: nats, on MNIST


def milliseconds(result, clock="seconds"):
    """Per step: (minimum, median) over the timed epochs."""
    per_step = [1000 * seconds / result["steps"] for seconds in result[clock]]
    return min(per_step), statistics.median(per_step)


def first_step_seconds(result):
    """What the first epoch took beyond a usual one: set-up, tracing and compilation."""
    return result["first_seconds"] - statistics.median(result["seconds"])


def ratio_of(results, ratio):
    """(of medians, of minima), or None where one of the two was not measured."""
    pair = results.get(ratio.ours), results.get(ratio.rival)
    if not all(result and result.get("seconds") for result in pair):
        return None
    (our_minimum, our_median), (minimum, median) = map(milliseconds, pair)
    return our_median / median, our_minimum / minimum


def verdict(value, at_most):
    """Whether a value keeps to its target."""
    if at_most is None:
        return ""
    if value is None:
        return UNMEASURED
    return MET if value <= at_most else MISSED


def cost_growth(sizes, cost):
    """A cost per image at the largest size divided by that at the smallest: 1 where it is linear in the data."""
    ordered = sorted(sizes, key=lambda size: size["count"])
    smallest, largest = ordered[0], ordered[-1]
    return (largest[cost] / largest["count"]) / (smallest[cost] / smallest["count"])


def copies_of_data(sizes):
    """How many times the data stand in memory: the slope of the peak against the size of the data."""
    ordered = sorted(sizes, key=lambda size: size["count"])
    smallest, largest = ordered[0], ordered[-1]
    if largest["data_megabytes"] == smallest["data_megabytes"] or not largest["peak_megabytes"]:
        return None
    more = largest["peak_megabytes"] - smallest["peak_megabytes"]
    return more / (largest["data_megabytes"] - smallest["data_megabytes"])
