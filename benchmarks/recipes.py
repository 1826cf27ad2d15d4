"""`make benchmark-recipes`: fewer operations for the same VAE of MNIST, searched for and then judged once.

Three ways to train are given the same processor seconds, compilation included: the course's plain one (2 × 400
rectifiers, 20 latents, batches of 128, Adam at 0.001), the networks and the recipe that keras.io shows, and the best of
a random search by Optuna. Pixels are drawn anew from the grey values at each presentation; 5,000 training images are
held out. The search sees those alone (ELBO in nats, its pixels drawn once); the test images judge what it chose, once.

`--search 24` goes on with the search until it has 24 trials (its storage may be shared by several processes);
`--finals` gives the best ones a longer trial; without options the contenders are judged, whatever is there already is
kept, and RECIPES.md is made.
"""

import argparse
import dataclasses
import math
import os
import sys
from pathlib import Path
from time import process_time

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # threads that wait by spinning would be counted

import numpy as np  # noqa: E402

from benchmarks import machine, rendering  # noqa: E402

RAW, PAGE = rendering.RAW / "recipes.json", rendering.HERE / "RECIPES.md"
STORAGE = ROOT / ".cache" / "recipes" / "optuna.log"
MINUTES = (1, 3, 10)  # of one processor
SEEDS = {1: (0, 1, 2), 3: (0, 1, 2), 10: (0,)}
ONE_SEED = dict.fromkeys(MINUTES, (0,))  # for the one that is far behind
TRIAL, FINAL, FINALISTS = 0.5, 2.0, 3  # minutes of a trial, of a finalist's, and how many of those there are
HELD_OUT = 5_000
PART_OF_PASS = 0.25  # what is trained on between two looks at the clock
AVERAGED = 0.2  # the last share of a training whose weights are averaged
WARMED_UP = 0.1  # the first share of a training in which the KL divergence's weight rises to 1


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How to train a VAE for a number of processor seconds.

    Args:
        units: Width of the two hidden layers on each side; 0 for the convolutional networks that keras.io shows.
        activation: Of the hidden layers.
        latents: Number of latent dimensions.
        batch_size: Images of a step.
        rate: Adam's step size at the start.
        schedule: `"constant"`, or `"cosine"` down to zero at the end of the time.
        mean_image: Whether the decoder's last biases begin at the mean image.
        warm_up: Whether the weight of the KL divergence rises from 0 to 1 in the first tenth of the time.
        average: Whether the weights of the last fifth of the time are averaged.
    """

    units: int = 400
    activation: str = "relu"
    latents: int = 20
    batch_size: int = 128
    rate: float = 1e-3
    schedule: str = "constant"
    mean_image: bool = False
    warm_up: bool = False
    average: bool = False

    def rate_at(self, share):
        """Adam's step size after this share of the time.

        Example:
            >>> Recipe(rate=0.002, schedule="cosine").rate_at(0.5)
            0.001
        """
        return self.rate * (0.5 * (1 + math.cos(math.pi * min(share, 1.0))) if self.schedule == "cosine" else 1.0)

    def beta_at(self, share):
        """The weight of the KL divergence after this share of the time."""
        return min(1.0, share / WARMED_UP) if self.warm_up else 1.0


GIVEN = {"plain": Recipe(), "keras.io": Recipe(units=0, latents=2)}
TITLES = {
    "plain": "plain: 2 × 400 rectifiers, 20 latents",
    "keras.io": "the convolutional VAE that keras.io shows, 2 latents",
    "found": "the one that was found",
}


def proposed(trial):
    """A recipe of the space that is searched, by an Optuna trial."""
    return Recipe(
        units=trial.suggest_categorical("units", [200, 300, 400, 500]),
        activation=trial.suggest_categorical("activation", ["relu", "tanh", "silu"]),
        latents=trial.suggest_categorical("latents", [20, 30, 40]),
        batch_size=trial.suggest_categorical("batch_size", [64, 128, 256]),
        rate=trial.suggest_float("rate", 5e-4, 5e-3, log=True),
        schedule=trial.suggest_categorical("schedule", ["constant", "cosine"]),
        mean_image=trial.suggest_categorical("mean_image", [False, True]),
        warm_up=trial.suggest_categorical("warm_up", [False, True]),
        average=trial.suggest_categorical("average", [False, True]),
    )


def model_of(recipe, brightness, seed=0):
    """The compiled VAE of a recipe, for images of this mean."""
    import keras

    from benchmarks.architectures import conv_vae
    from course_lib import networks
    from course_lib.formulas import likelihoods
    from course_lib.models import VAE

    if recipe.units:
        units = (recipe.units, recipe.units)
        encoder = networks.dense_gaussian_encoder(brightness.shape, recipe.latents, units, recipe.activation)
        decoder = networks.dense_decoder(recipe.latents, brightness.shape, units, recipe.activation)
    else:
        encoder, decoder = conv_vae(recipe.latents)
    if recipe.mean_image:
        share = np.clip(brightness.reshape(-1), 0.001, 0.999)
        decoder.layers[-2].bias.assign(np.log(share / (1 - share)))
    model = VAE(encoder, decoder, likelihoods.bernoulli_log_prob, seed=seed)
    model.compile(keras.optimizers.Adam(recipe.rate))
    return model


def binary(x, rng):
    """Black and white pixels drawn from grey ones: float32."""
    return (rng.random(x.shape, dtype="float32") < x).astype("float32")


def train(recipe, x, seconds, seed=0, looks=()):
    """Train for so many processor seconds of this process.

    Args:
        recipe: A `Recipe`.
        x: Grey training images in [0, 1], `(n, height, width, 1)`.
        seconds: Processor seconds, of all threads together, compilation included.
        seed: Of the weights, the order, the pixels and the codes.
        looks: Rising numbers of processor seconds at which `look` is called (what it takes does not count).

    Yields:
        `(model, passes, seconds)` whenever one of `looks` is reached, and at the end, then with averaged weights.
    """
    import keras

    keras.utils.set_random_seed(seed)
    rng, model = np.random.default_rng(seed), model_of(recipe, x.mean(axis=0), seed)
    part, seen, spent, waiting = max(1, round(PART_OF_PASS * len(x))), 0, 0.0, list(looks)
    order, total, count = rng.permutation(len(x)), None, 0
    while spent < seconds:
        began = process_time()
        model.optimizer.learning_rate = recipe.rate_at(spent / seconds)
        model.beta = recipe.beta_at(spent / seconds)
        chosen = np.take(order, np.arange(seen, seen + part), mode="wrap")
        model.fit(binary(x[chosen], rng), batch_size=recipe.batch_size, epochs=1, verbose=0)
        if recipe.average and spent >= (1 - AVERAGED) * seconds:
            weights = weights_of(model)
            total = weights if total is None else [one + other for one, other in zip(total, weights, strict=True)]
            count += 1
        seen += part
        spent += process_time() - began
        while waiting and spent >= waiting[0]:
            waiting.pop(0)
            if spent < seconds:
                yield model, seen / len(x), spent
    for variable, each in zip(model.trainable_variables, total or (), strict=count > 0):
        variable.assign(each / count)
    yield model, seen / len(x), spent


def weights_of(model):
    """What is trained, as arrays."""
    return [np.array(each) for each in model.trainable_variables]


def judged(model, x, passes, spent):
    """The ELBO on images whose pixels are given, and what it cost."""
    values = np.asarray(model.elbo(x), "float64")
    return {
        "elbo": float(values.mean()),
        "standard_error": float(values.std(ddof=1) / math.sqrt(len(values))),
        "passes": round(passes, 2),
        "processor_seconds": round(spent, 1),
    }


def last(results):
    *_, end = results
    return end


def trial_value(recipe, x, x_held_out, minutes, seed=0):
    """The mean ELBO on the images held out, in nats, after so many processor minutes."""
    return judged(*_given_back(last(train(recipe, x, 60 * minutes, seed)), x_held_out))["elbo"]


def _given_back(end, x):
    model, passes, spent = end
    return model, x, passes, spent


def search(trials, x, x_held_out, results):
    """Go on with the random search until it has so many trials; what has run is kept in `results`."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    STORAGE.parent.mkdir(parents=True, exist_ok=True)
    backend = optuna.storages.journal.JournalFileBackend(str(STORAGE))
    study = optuna.create_study(
        storage=optuna.storages.JournalStorage(backend),
        study_name="recipes",
        direction="maximize",
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(n_startup_trials=10, constant_liar=True),
    )
    if not study.trials:
        study.enqueue_trial({name: getattr(GIVEN["plain"], name) for name in SPACE})
    while sum(trial.state.is_finished() for trial in study.trials) < trials:
        trial = study.ask()
        recipe = proposed(trial)
        value = trial_value(recipe, x, x_held_out, TRIAL)
        study.tell(trial, value)
        print(f"    {value:8.2f} nats  {in_words(recipe)}", flush=True)
        results["trials"] = [
            {"recipe": dataclasses.asdict(proposed(optuna.trial.FixedTrial(one.params))), "elbo": one.value}
            for one in study.trials
            if one.value is not None
        ]
        yield


SPACE = tuple(field.name for field in dataclasses.fields(Recipe))


def finalists(results):
    """The recipes that did best in the search, best first."""
    ranked = sorted(results.get("trials", []), key=lambda one: -one["elbo"])
    return [Recipe(**one["recipe"]) for one in ranked[:FINALISTS]]


def found(results):
    """The recipe with the best longer trial, or None before there is one."""
    finals = results.get("finals", [])
    return Recipe(**max(finals, key=lambda one: one["elbo"])["recipe"]) if finals else None


def run_finals(x, x_held_out, results):
    """Give the finalists of the search the longer trial that they have not had."""
    finals = results.setdefault("finals", [])
    for recipe in finalists(results):
        if dataclasses.asdict(recipe) not in [one["recipe"] for one in finals]:
            value = trial_value(recipe, x, x_held_out, FINAL)
            print(f"    {value:8.2f} nats after {FINAL:g} min  {in_words(recipe)}", flush=True)
            finals.append({"recipe": dataclasses.asdict(recipe), "elbo": value})
            yield


def judge(name, recipe, x, x_test, results, minutes, seeds):
    """Judge a recipe on the test images at each number of minutes that it was not yet judged at.

    A constant step size knows no end: one training passes all numbers of minutes. With a schedule each needs its own.
    """
    rows = results.setdefault("judged", [])
    for seed in sorted({seed for each in minutes for seed in seeds[each]}):
        asked = [each for each in minutes if seed in seeds[each] and not _has(rows, name, recipe, each, seed)]
        at_once = recipe.schedule == "constant" and not recipe.warm_up and not recipe.average
        for group in [asked] if at_once and asked else [[each] for each in asked]:
            looks = [60 * each for each in group]
            for at, (model, passes, spent) in zip(group, train(recipe, x, looks[-1], seed, looks[:-1]), strict=True):
                row = {"name": name, "recipe": dataclasses.asdict(recipe), "minutes": at, "seed": seed}
                rows.append({**row, **judged(model, x_test, passes, spent), "parameters": model.count_params()})
                print(f"    {name}, {at} min, seed {seed}: {rows[-1]['elbo']:.2f} nats", flush=True)
                yield


def _has(rows, name, recipe, minutes, seed):
    key = name, dataclasses.asdict(recipe), minutes, seed
    return key in [(row["name"], row["recipe"], row["minutes"], row["seed"]) for row in rows]


def in_words(recipe):
    """A recipe in one line.

    Example:
        >>> in_words(Recipe(schedule="cosine", average=True))
        '2 × 400 relu, 20 latents, batches of 128, Adam 0.001, falling as a cosine, weights averaged'
    """
    network = f"2 × {recipe.units} {recipe.activation}" if recipe.units else "convolutional (keras.io)"
    words = [network, f"{recipe.latents} latents", f"batches of {recipe.batch_size}", f"Adam {recipe.rate:.2g}"]
    words += ["falling as a cosine"] * (recipe.schedule == "cosine") + ["biases at the mean image"] * recipe.mean_image
    return ", ".join(words + ["KL warm-up"] * recipe.warm_up + ["weights averaged"] * recipe.average)


# --- the page


TITLE = """\
# Fewer operations for the same quality: recipes for a VAE on MNIST

Made by `make benchmark-recipes`; do not edit. Test ELBO in nats (higher is better) after the same *processor* seconds,
those of all threads, from the first call to `fit`, compilation included; two cores make a processor minute in about
half of one on the clock.
"""

HOW = """\
## How to read this

* All contenders train on the same 55,000 images, their pixels drawn anew at each presentation, and are judged on the
  same 10,000 test images, their pixels drawn once. ± is over the seeds of the training where there are several
  (standard deviation), else the standard error over the test images, which all contenders share.
* The search saw 5,000 other training images only. The test images were looked at once, for what is in this table.
* A constant step size has no end: one training may be looked at several times. With a schedule each number of minutes
  is a training of its own.
* keras.io's recipe is made for pictures of a plane of codes: two latents bound its ELBO from above. It stands here
  since it is what is copied most, not since it aims at this number.
* The step size, the width and the latents were searched for on MNIST. That they are good elsewhere is not said."""


def page(results):
    """RECIPES.md."""
    recipes = {**GIVEN, "found": found(results)}
    rows = results.get("judged", [])
    lines = [TITLE]
    cells = []
    for name, recipe in recipes.items():
        if recipe is None:
            continue
        values = [_cell(_rows_of(rows, name, recipe, minutes)) for minutes in MINUTES]
        cells.append([TITLES[name], *values])
    if recipes["found"]:
        cells.append(["gained on the plain one", *[_gain(rows, recipes, minutes) for minutes in MINUTES]])
    lines.append(rendering.table(["recipe", *[f"{minutes} min" for minutes in MINUTES]], cells) + "\n")
    if recipes["found"]:
        lines.append(f"**Found**: {in_words(recipes['found'])}.\n")
    if results.get("trials"):
        lines.append(_search_section(results))
    lines.append(HOW + "\n")
    if results.get("machines"):
        lines.append("## Where\n\n" + "\n".join(f"* {each}" for each in results["machines"]) + "\n")
    return "\n".join(lines)


def _rows_of(rows, name, recipe, minutes):
    key = name, dataclasses.asdict(recipe), minutes
    return [row for row in rows if (row["name"], row["recipe"], row["minutes"]) == key]


def _cell(rows):
    if not rows:
        return "–"
    values = [row["elbo"] for row in rows]
    spread = np.std(values, ddof=1) if len(values) > 1 else rows[0]["standard_error"]
    counted = f"{len(values)} seeds, " if len(values) > 1 else ""
    return f"{np.mean(values):.2f} ± {spread:.2f} ({counted}{np.mean([row['passes'] for row in rows]):.1f} passes)"


def _gain(rows, recipes, minutes):
    """The difference of the means over the seeds that both have."""
    of = {
        name: {row["seed"]: row["elbo"] for row in _rows_of(rows, name, recipes[name], minutes)}
        for name in ("plain", "found")
    }
    shared = sorted(of["plain"].keys() & of["found"].keys())
    if not shared:
        return "–"
    gains = [of["found"][seed] - of["plain"][seed] for seed in shared]
    smallest = f" (smallest {min(gains):+.2f})" if len(gains) > 1 else ""
    return f"{np.mean(gains):+.2f}{smallest}"


def _search_section(results):
    ranked = sorted(results["trials"], key=lambda one: -one["elbo"])
    longer = {tuple(one["recipe"].items()): one["elbo"] for one in results.get("finals", [])}
    rows = []
    for one in ranked[:8]:
        recipe = Recipe(**one["recipe"])
        final = longer.get(tuple(dataclasses.asdict(recipe).items()))
        rows.append([in_words(recipe), f"{one['elbo']:.2f}", rendering.number(final)])
    plain = next((one["elbo"] for one in results["trials"] if Recipe(**one["recipe"]) == GIVEN["plain"]), None)
    said = f"The plain recipe, its first trial, had {plain:.2f}. " if plain is not None else ""
    table = rendering.table(["recipe", f"{TRIAL:g} min", f"{FINAL:g} min"], rows)
    return (
        f"## The search\n\n{len(ranked)} trials by Optuna (the plain recipe, nine at random, then TPE; "
        f"Bergstra et al., 2011) of {TRIAL:g} processor minutes each; the best {FINALISTS} were tried for {FINAL:g}. "
        "ELBO in nats on the images "
        f"held out, one seed. {said}The best eight:\n\n{table}\n"
    )


def parser():
    options = argparse.ArgumentParser(prog="make benchmark-recipes", description=__doc__.partition("\n")[0])
    options.add_argument("--search", type=int, metavar="N", help="go on with the search until it has N trials")
    options.add_argument("--finals", action="store_true", help="give the best of the search a longer trial")
    options.add_argument("--only", choices=TITLES, help="judge one contender")
    options.add_argument("--minutes", type=int, nargs="+", choices=MINUTES, default=MINUTES, help="judge after these")
    options.add_argument("--render", action="store_true", help="only make RECIPES.md from the raw results")
    return options


def main(words=None):
    arguments = parser().parse_args(words)
    results = rendering.read(RAW) or {}
    if not arguments.render:
        for _ in work(arguments, results):  # it changes the results
            here = machine.described()
            said = ", ".join(str(here[word]) for word in ("date", "processor", "system") if here.get(word))
            results["machines"] = sorted({*results.get("machines", []), said})
            rendering.write_raw(RAW, results)
            rendering.write(PAGE, page(results))
    rendering.write(PAGE, page(results))
    print(f"Written to {PAGE.relative_to(ROOT)}.")
    return 0


def work(arguments, results):
    """Do what was asked for; yields after each piece, which then stands in the results."""
    from course_lib.datasets import load

    grey = load("mnist", num_validation=HELD_OUT)
    rng = np.random.default_rng(0)
    held_out, test = binary(grey.x_validation, rng), binary(grey.x_test, rng)
    if arguments.search is not None:
        yield from search(arguments.search, grey.x_train, held_out, results)
    elif arguments.finals:
        yield from run_finals(grey.x_train, held_out, results)
    else:
        for name, recipe in {**GIVEN, "found": found(results)}.items():
            if recipe is not None and arguments.only in (None, name):
                seeds = ONE_SEED if name == "keras.io" else SEEDS
                yield from judge(name, recipe, grey.x_train, test, results, tuple(arguments.minutes), seeds)


if __name__ == "__main__":
    raise SystemExit(main())
