"""`make benchmark-head-to-head`: VAE, GAN with R1, WGAN-GP and VAE-GAN on the glyphs, equal in parameters and seconds.

Every model gets the same black and white images, as many parameters as the others (to 1 in 1,000) and as many seconds
of processor time, compilation included; the time on the clock would depend on who else uses the machine. Five seeds
each. Samples are judged on the features of `course_lib.features.letter_features` against test images, with all scores
of `course_lib.metrics.sample_scores`; ± is the standard error over the seeds. What is measured is kept at once: an
interrupted run goes on with the model and seed that it lacked.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402

from benchmarks import machine, rendering  # noqa: E402

RAW, PAGE = rendering.RAW / "head_to_head.json", rendering.HERE / "HEAD_TO_HEAD.md"
MODELS = {"vae": "VAE", "gan": "GAN, R1", "wgan": "WGAN-GP", "vae_gan": "VAE-GAN"}
SEEDS = (0, 1, 2, 3, 4)
SECONDS, BATCH_SIZE, NUM_LATENTS = 20.0, 64, 16
SHAPE, UNITS, UNITS_OF_THREE = (28, 28, 1), 256, 170  # hidden units of two networks, or of three
NUM_SAMPLES = 1_000  # of each model, and of real images: the n of the lessons on scores
BEST = {  # score → whether the best is the largest, the smallest, or the nearest to a number
    "precision": max,
    "recall": max,
    "F1": max,
    "density": 1.0,
    "coverage": max,
    "Fréchet": min,
    "kernel": min,
    "accuracy": 0.5,
    "nearer": 0.5,
}


def model_of(name, seed):
    """A compiled model. The discriminator is the encoder with its 2 · 16 outputs joined in one logit."""
    import keras

    from course_lib import models, networks
    from course_lib.formulas import adversarial, gradient_penalties
    from course_lib.formulas.likelihoods import bernoulli_log_prob

    keras.utils.set_random_seed(seed)
    units = UNITS_OF_THREE if name == "vae_gan" else UNITS
    judge = networks.dense_discriminator(SHAPE, (units, 2 * NUM_LATENTS))
    if name in ("vae", "vae_gan"):
        encoder = networks.dense_gaussian_encoder(SHAPE, NUM_LATENTS, (units,))
        decoder = networks.dense_decoder(NUM_LATENTS, SHAPE, (units,))
    if name == "vae":
        model = models.VAE(encoder, decoder, bernoulli_log_prob, seed=seed)
        model.compile(keras.optimizers.Adam(1e-3))
        return model
    if name == "vae_gan":
        model = models.VAEGAN(encoder, decoder, judge, bernoulli_log_prob, adversarial.non_saturating, seed=seed)
        model.compile(keras.optimizers.Adam(1e-3))
        return model
    objective, penalty = {
        "gan": (adversarial.non_saturating, gradient_penalties.R1(10.0)),
        "wgan": (adversarial.wasserstein, gradient_penalties.GradientPenalty(10.0)),
    }[name]
    generator = networks.dense_generator(NUM_LATENTS, SHAPE, (units,))
    model = models.GAN(generator, judge, objective, seed=seed, penalty=penalty)
    model.compile(learning_rate=1e-3)
    return model


def train(model, x, seconds, clock=time.process_time):
    """Train until the processor time is used up; returns the seconds that were used."""
    import keras

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.check()

        def on_epoch_end(self, epoch, logs=None):
            self.check()

        def check(self):
            if clock() - began >= seconds:
                self.model.stop_training = True

    began = clock()
    model.fit(x, batch_size=BATCH_SIZE, epochs=1_000_000, verbose=0, callbacks=[Stop()])
    return clock() - began


def judged(model, sets, seed):
    """All scores of a model's samples, and the bound in nats where the model has one."""
    from course_lib.features import letter_features
    from course_lib.metrics import sample_scores

    samples = model.sample(NUM_SAMPLES, seed=seed)
    found = sample_scores(sets["real"], letter_features(samples), sets["train"], sets["held_out"])
    if hasattr(model, "elbo"):
        found["bound"] = float(np.mean(model.elbo(sets["images"])))
    return found


def measure(name, seed, x, sets, seconds):
    """Train and judge one model with one seed."""
    model = model_of(name, seed)
    used = train(model, x, seconds)
    updates = int(np.asarray(model.optimizer.iterations))
    return {
        "scores": judged(model, sets, seed),
        "parameters": int(sum(np.prod(weight.shape) for weight in model.trainable_variables)),
        "updates": updates,
        "seconds": round(used, 2),
        **machine.described(),
    }


def load_sets():
    """Training images, and the features and images that samples are judged with."""
    from course_lib.datasets import load
    from course_lib.features import letter_features

    glyphs = load("glyphs")
    images = {split: (glyphs.split(split)[0] > 0.5).astype("float32") for split in ("train", "validation", "test")}
    sets = {split: letter_features(x) for split, x in images.items()}
    real, held_out = sets["test"][:NUM_SAMPLES], sets["test"][NUM_SAMPLES:]
    return images["train"], {**sets, "real": real, "held_out": held_out, "images": images["test"]}


def of_fresh_images(sets):
    """The scores of validation images, as if they were samples: what equal laws get at this number of examples."""
    from course_lib.metrics import sample_scores

    fresh = sets["validation"][:NUM_SAMPLES]
    return {"scores": sample_scores(sets["real"], fresh, sets["train"], sets["held_out"])}


def missing(results, models=None, seeds=SEEDS):
    """The (model, seed) pairs that have not been measured, seed by seed, so that a cut run has all models."""
    names = MODELS if models is None else models
    return [(name, seed) for seed in seeds for name in names if str(seed) not in results.get("runs", {}).get(name, {})]


def summary(runs):
    """Score → (mean, standard error) over the seeds; the error is None for a single seed."""
    scores = [run["scores"] for run in runs.values()]
    return {score: mean_and_error([run[score] for run in scores]) for score in scores[0]}


def mean_and_error(values):
    """The mean of independent values and its standard error, None for a single one.

    Example:
        >>> mean_and_error([1.0, 3.0])
        (2.0, 1.0)
    """
    values = np.asarray(values, dtype="float64")
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return float(values.mean()), error


def winners(summaries, score):
    """The best model by a score, and those that two standard errors of the difference cannot tell from it."""
    best = BEST[score]
    badness = {max: lambda mean: -mean, min: lambda mean: mean}.get(best, lambda mean: abs(mean - best))
    order = sorted(summaries, key=lambda name: badness(summaries[name][score][0]))
    first, *others = order

    def close(name):
        (mean, error), (other, its) = summaries[first][score], summaries[name][score]
        return None in (error, its) or abs(badness(mean) - badness(other)) < 2 * np.hypot(error, its)

    return [first, *(name for name in others if close(name))]


def table_rows(results):
    """Head and rows of the table: a row for each model that was measured, the best scores marked."""
    runs = {name: results["runs"][name] for name in MODELS if results.get("runs", {}).get(name)}
    summaries = {name: summary(of_model) for name, of_model in runs.items()}
    head = ["model", "seeds", "updates", *BEST, "ELBO / nats"]
    rows = []
    if "fresh" in results:
        fresh = results["fresh"]["scores"]
        rows.append(["fresh real images", "", "", *(cell((fresh[score], None), score, False) for score in BEST), ""])
    for name, found in summaries.items():
        updates = round(np.mean([run["updates"] for run in runs[name].values()]), -1)
        marks = [len(summaries) > 1 and name in winners(summaries, score) for score in BEST]
        cells = [cell(found[score], score, mark) for score, mark in zip(BEST, marks, strict=True)]
        bound = cell(found["bound"], "bound", False) if "bound" in found else "none"
        rows.append([MODELS[name], str(len(runs[name])), f"{updates:,.0f}", *cells, bound])
    return head, rows


def cell(value, score, mark):
    """A mean with its error, in as many digits as mean something; a star marks the best."""
    mean, error = value
    digits = {"bound": 1, "kernel": 3}.get(score, 2)
    text = f"{mean:.{digits}f}" + ("" if error is None else f" ± {error:.{digits}f}")
    return text + ("*" if mark else "")


def page(results):
    """HEAD_TO_HEAD.md."""
    if not results.get("runs"):
        return TITLE + "\nNot measured yet: `make benchmark-head-to-head`.\n"
    head, rows = table_rows(results)
    todo = missing(results)
    verdict = (
        "All models were measured with all seeds."
        if not todo
        else f"**Not complete**: {len(todo)} of {len(MODELS) * len(SEEDS)} runs are missing; "
        "`make benchmark-head-to-head` goes on with them."
    )
    parts = [TITLE, rendering.table(head, rows), "", STAR, "", verdict, "", *facts(results), "", HOW, ""]
    return "\n".join(parts)


def facts(results):
    """Parameters, seconds and the machine, a line for each."""
    lines = []
    for name, of_model in results["runs"].items():
        used = [run["seconds"] for run in of_model.values()]
        parameters = {run["parameters"] for run in of_model.values()}
        count = " or ".join(f"{each:,}" for each in sorted(parameters))
        lines.append(f"* {MODELS[name]}: {count} parameters, {min(used):.1f} to {max(used):.1f} processor seconds")
    runs = [run for of_model in results["runs"].values() for run in of_model.values()]
    where = sorted({(run["date"], run["processor"], run["system"]) for run in runs})
    return lines + [f"* measured {date} on {processor}, {system}" for date, processor, system in where]


TITLE = """\
# VAE, GAN, WGAN-GP and VAE-GAN head to head on the glyphs

Made by `make benchmark-head-to-head`; do not edit. Equal images, parameters and processor seconds, several seeds.
"""

STAR = """\
± is the standard error over seeds. A star marks the best model of a column, and each that two standard errors of the
difference cannot tell from it. Best is the largest precision, recall, F1 and coverage; the smallest Fréchet and kernel
distance; a density nearest 1; an accuracy and a share `nearer` nearest ½. *Fresh real images* are validation images
judged as if they were samples."""

HOW = """\
## What was compared

* *Data*: 20,000 training glyphs, black and white (threshold ½). 1,000 samples of each model, grey as the networks give
  them, against 1,000 test images, on the 32 features of `course_lib.features`; the training set and the other 1,000
  test images for `nearer`; the bound on all test images.
* *Networks*: dense, 16 latents or noise dimensions, one hidden layer of 256 units each way (170 where there are three
  networks); the discriminator has the encoder's layers, joined in one logit.
* *Training*: batches of 64, a step size of 0.001, nothing tuned for one of them more than for another: GAN with R1
  (γ = 10), both losses in one simultaneous step; WGAN-GP (λ = 10) likewise, so with one critic step for each step of
  the generator, not the paper's five; VAE-GAN with a pixel likelihood and an adversarial weight of 1. The last
  weights are judged, no best ones are chosen.
* *Time*: seconds of processor time in `fit`, compilation included. A model with costlier steps takes fewer.

What it does not say: which family is better. Other networks, step sizes, budgets and data give other orders; the
budget here is twenty seconds, in which no model has converged."""


def for_the_lesson(results):
    """The table as the lesson shows it, a column for each model. The lesson carries it, as Colab has no raw results."""
    if not results.get("runs"):
        return "not measured yet"
    head, rows = table_rows(results)
    lines_of_words = list(zip(head, *rows, strict=True))
    widths = [max(map(len, column)) for column in zip(*lines_of_words, strict=True)]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)) for row in lines_of_words]
    runs = [run for of_model in results["runs"].values() for run in of_model.values()]
    dates, processors = sorted({run["date"] for run in runs}), sorted({run["processor"] for run in runs})
    seconds = round(float(np.median([run["seconds"] for run in runs])))
    caption = f"{' and '.join(dates)}, {' and '.join(processors)}, about {seconds} processor seconds a run"
    return "\n".join([caption, *(line.rstrip() for line in lines)])


def parser():
    options = argparse.ArgumentParser(prog="make benchmark-head-to-head", description=__doc__.partition("\n")[0])
    options.add_argument("--seconds", type=float, default=SECONDS, help="processor seconds of each training")
    options.add_argument("--only", choices=MODELS, nargs="+", help="some of the models")
    options.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), help="the seeds")
    options.add_argument("--again", action="store_true", help="forget what was measured before")
    options.add_argument("--render", action="store_true", help="only make HEAD_TO_HEAD.md from the raw results")
    return options


def main(words=None):
    arguments = parser().parse_args(words)
    results = {} if arguments.again else rendering.read(RAW) or {}
    if not arguments.render:
        x, sets = load_sets()
        results.setdefault("fresh", of_fresh_images(sets))
        for name, seed in missing(results, arguments.only, arguments.seeds):
            print(f"--- {MODELS[name]}, seed {seed}", flush=True)
            found = measure(name, seed, x, sets, arguments.seconds)
            results.setdefault("runs", {}).setdefault(name, {})[str(seed)] = found
            rendering.write_raw(RAW, results)
            words_of = ", ".join(f"{score} {value:.3f}" for score, value in found["scores"].items())
            print(f"    {found['updates']:,} updates in {found['seconds']:.1f} s: {words_of}", flush=True)
    rendering.write(PAGE, page(results))
    print(f"Written to {PAGE.relative_to(ROOT)}. The lesson head_to_head shows (paste, and build it):")
    print(for_the_lesson(results))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
