"""benchmarks/recipes.py: equal processor seconds, a search without the test images, a page of what was judged."""

import dataclasses
import json

import numpy as np
import pytest

from benchmarks import recipes, rendering
from benchmarks.recipes import Recipe
from course_lib.datasets.dataset import Dataset
from tools import course

optuna = pytest.importorskip("optuna", reason="not in every environment that runs tests")
SMALL = Recipe(units=8, latents=2, batch_size=16)


def grey(n=64, seed=0):
    return np.random.default_rng(seed).uniform(0.1, 0.9, size=(n, 4, 4, 1)).astype("float32")


class Clock:
    """Stands for `process_time`: each part of a pass takes a second."""

    def __init__(self):
        self.now, self.asked = 0.0, 0

    def __call__(self):
        self.asked += 1
        self.now += self.asked % 2 == 0
        return self.now


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(recipes, "process_time", Clock())


@pytest.fixture
def places(monkeypatch, tmp_path):
    monkeypatch.setattr(recipes, "RAW", tmp_path / "recipes.json")
    monkeypatch.setattr(recipes, "PAGE", tmp_path / "RECIPES.md")
    monkeypatch.setattr(recipes, "ROOT", tmp_path)
    monkeypatch.setattr(recipes, "STORAGE", tmp_path / "optuna.log")
    monkeypatch.setattr(recipes, "GIVEN", {"plain": SMALL})
    monkeypatch.setattr(recipes, "MINUTES", (0.05, 0.1))
    monkeypatch.setattr(recipes, "SEEDS", {0.05: (0, 1), 0.1: (0,)})
    monkeypatch.setattr(recipes, "TRIAL", 0.05)
    monkeypatch.setattr(recipes, "FINAL", 0.1)
    monkeypatch.setattr(recipes, "proposed", proposed_small)
    monkeypatch.setattr(recipes, "SPACE", ("rate",))
    return tmp_path


def proposed_small(trial):
    return dataclasses.replace(SMALL, rate=trial.suggest_float("rate", 1e-4, 1e-1, log=True), schedule="cosine")


def test_a_training_ends_when_its_seconds_are_used_and_says_how_far_it_got(clock):
    ends = list(recipes.train(SMALL, grey(), 6.0, looks=(2.0, 4.0)))
    assert [(passes, spent) for _, passes, spent in ends] == [(0.5, 2.0), (1.0, 4.0), (1.5, 6.0)]


def test_what_happens_between_two_looks_does_not_count(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(recipes, "process_time", clock)
    training = recipes.train(SMALL, grey(), 4.0, looks=(2.0,))
    next(training)
    clock.now += 100  # judging
    assert next(training)[2] == 4.0


def test_step_size_and_weight_of_the_divergence_follow_the_share_of_the_time(clock, monkeypatch):
    seen = []
    recipe = dataclasses.replace(SMALL, rate=0.01, schedule="cosine", warm_up=True)
    real = recipes.model_of

    def watched(*arguments):
        model = real(*arguments)
        fit = model.fit
        model.fit = lambda *some, **more: (
            seen.append((float(model.optimizer.learning_rate), float(model.beta))),
            fit(*some, **more),
        )
        return model

    monkeypatch.setattr(recipes, "model_of", watched)
    list(recipes.train(recipe, grey(), 40.0))
    shares = np.arange(40) / 40
    assert [rate for rate, _ in seen] == pytest.approx(0.005 * (1 + np.cos(np.pi * shares)), rel=1e-4)
    assert [beta for _, beta in seen] == pytest.approx(np.minimum(1, shares / 0.1), rel=1e-4)


def test_the_averaged_weights_are_the_mean_of_those_of_the_last_fifth(clock, monkeypatch):
    kept = []
    real = recipes.model_of

    def watched(*arguments):
        model = real(*arguments)
        fit = model.fit
        model.fit = lambda *some, **more: (fit(*some, **more), kept.append(recipes.weights_of(model)))
        return model

    monkeypatch.setattr(recipes, "model_of", watched)
    model, _, _ = recipes.last(recipes.train(dataclasses.replace(SMALL, average=True), grey(), 10.0))
    for got, *of_parts in zip(recipes.weights_of(model), *kept[-2:], strict=True):
        np.testing.assert_allclose(got, np.mean(of_parts, axis=0), rtol=1e-5, atol=1e-7)
    assert not np.allclose(kept[-1][0], recipes.weights_of(model)[0], rtol=1e-5, atol=1e-7)


def test_the_last_biases_begin_at_the_mean_image_where_the_recipe_says_so():
    brightness = grey().mean(axis=0)
    for recipe, expected in ((dataclasses.replace(SMALL, mean_image=True), brightness), (SMALL, 0.5)):
        logits = np.asarray(recipes.model_of(recipe, brightness).decoder(np.zeros((1, 2), "float32")))[0]
        assert 1 / (1 + np.exp(-logits)) == pytest.approx(np.broadcast_to(expected, logits.shape), abs=1e-5)


def test_the_recipe_of_keras_io_is_its_convolutional_one_with_two_latents():
    model = recipes.model_of(recipes.GIVEN["keras.io"], np.full((28, 28, 1), 0.2))
    assert model.latent_dim == 2
    assert any(layer.__class__.__name__ == "Conv2DTranspose" for layer in model.decoder.layers)


def test_every_setting_of_a_recipe_is_searched():
    trial = optuna.trial.FixedTrial({name: getattr(Recipe(), name) for name in recipes.SPACE})
    assert recipes.proposed(trial) == Recipe()
    asked = set(trial.params)
    assert asked == {field.name for field in dataclasses.fields(Recipe)}


class Trained:
    """Stands for a model: how good it is hangs on its step size and its time alone."""

    def __init__(self, recipe, seconds, seed):
        self.value = -100.0 - abs(np.log(recipe.rate / 0.01)) - 10 / seconds - seed

    def elbo(self, x):
        return np.full(len(x), self.value) + np.linspace(-1, 1, len(x))

    def count_params(self):
        return 7


def trained(recipe, x, seconds, seed=0, looks=()):
    for spent in (*looks, seconds):
        yield Trained(recipe, spent, seed), spent / 2, spent


def test_search_finals_and_judges_from_the_first_trial_to_the_page(places, monkeypatch):
    seen = []
    x, other, test = grey(64, 0), grey(20, 1), grey(30, 2)
    arrays = [array for each in (x, other, test) for array in (each, np.zeros(len(each), "int32"))]
    data = Dataset("mnist", *arrays, class_names=("zero",))
    monkeypatch.setattr("course_lib.datasets.load", lambda name, **options: data)
    monkeypatch.setattr(recipes, "train", trained)
    seeds = iter((1, 2))
    monkeypatch.setattr("optuna.samplers.TPESampler", lambda **options: optuna.samplers.RandomSampler(next(seeds)))
    real = recipes.judged

    def judged(model, images, passes, spent):
        seen.append(len(images))
        return real(model, images, passes, spent)

    monkeypatch.setattr(recipes, "judged", judged)
    assert recipes.main(["--search", "3"]) == 0
    assert recipes.main(["--search", "4"]) == 0  # goes on
    assert recipes.main(["--finals"]) == 0
    assert seen == [20] * 7  # four trials and three finalists, on what is held out
    assert recipes.main([]) == 0
    assert seen[7:] == [30] * 6  # two recipes, three pairs of minutes and seed: the test images, once each
    assert recipes.main([]) == 0
    assert len(seen) == 13  # nothing is judged twice
    raw = json.loads((places / "recipes.json").read_text("utf-8"))
    best = max(raw["finals"], key=lambda one: one["elbo"])["recipe"]
    assert {json.dumps(row["recipe"]) for row in raw["judged"] if row["name"] == "found"} == {json.dumps(best)}
    page = (places / "RECIPES.md").read_text("utf-8")
    gains = [
        np.mean([_elbo(raw, "found", minutes, seed) - _elbo(raw, "plain", minutes, seed) for seed in seeds])
        for minutes, seeds in recipes.SEEDS.items()
    ]
    assert gains[0] > 0.5
    assert all(f"{gain:+.2f}" in page for gain in gains)
    assert "4 trials" in page


def _elbo(raw, name, minutes, seed):
    (row,) = [row for row in raw["judged"] if (row["name"], row["minutes"], row["seed"]) == (name, minutes, seed)]
    return row["elbo"]


def test_a_recipe_that_was_found_anew_does_not_borrow_the_old_one_s_rows():
    old, new = dataclasses.asdict(SMALL), dataclasses.asdict(dataclasses.replace(SMALL, rate=0.5))
    row = {"name": "found", "recipe": old, "minutes": 1, "seed": 0, "elbo": -100.0, "standard_error": 0.1, "passes": 2}
    results = {"judged": [row], "finals": [{"recipe": old, "elbo": -100.0}, {"recipe": new, "elbo": -90.0}]}
    assert "-100.00" not in recipes.page(results)
    assert "-100.00" in recipes.page({**results, "finals": results["finals"][:1]})


def test_the_elbo_of_the_page_is_a_mean_over_images_with_its_standard_error():
    class Model:
        def elbo(self, x):
            return np.array([-1.0, -2.0, -6.0])

    row = recipes.judged(Model(), None, 1.0, 2.0)
    assert row["elbo"] == -3.0
    assert row["standard_error"] == pytest.approx(np.std([1, 2, 6], ddof=1) / np.sqrt(3))


def test_the_stored_page_is_that_of_the_stored_results():
    if not recipes.PAGE.exists():
        pytest.skip("nothing has been measured yet")
    assert recipes.PAGE.read_text("utf-8") == recipes.page(rendering.read(recipes.RAW))


def test_make_benchmark_recipes_passes_its_options_on(monkeypatch):
    seen = []
    monkeypatch.setattr(course, "prepare", lambda environment: None)
    monkeypatch.setattr(course, "run", lambda command, variables: seen.append(command[1:]) or 0)
    assert course.main(["benchmark-recipes", "--search", "24"]) == 0
    assert seen == [["benchmarks/recipes.py", "--search", "24"]]


def test_the_finals_are_for_the_best_of_the_search_and_the_best_of_them_is_found():
    asked = [dataclasses.asdict(dataclasses.replace(SMALL, rate=rate)) for rate in (0.1, 0.2, 0.3, 0.4, 0.5)]
    trials = [
        {"recipe": each, "elbo": value} for each, value in zip(asked, (-5.0, -1.0, -4.0, -2.0, -3.0), strict=True)
    ]
    results = {"trials": trials}
    assert [recipe.rate for recipe in recipes.finalists(results)] == [0.2, 0.4, 0.5]
    results["finals"] = [{"recipe": asked[1], "elbo": -1.5}, {"recipe": asked[3], "elbo": -1.2}]
    assert recipes.found(results).rate == 0.4
    assert recipes.found({"trials": trials}) is None
