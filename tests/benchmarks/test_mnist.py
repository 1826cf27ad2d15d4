"""benchmarks/mnist.py: the paper's model and schedule, pixels drawn anew, stops that lose nothing, honest tables."""

import ast
import json
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from benchmarks import mnist, rendering
from course_lib.datasets.dataset import Dataset
from tests.small import values
from tools import course

ROOT = Path(__file__).resolve().parents[2]
LESSON = next((ROOT / "notebooks" / "source").glob("*_tighter_bounds.py"), ROOT / "no lesson")


@pytest.fixture
def small(monkeypatch):
    """Six latents and a short schedule: 1 + 3 passes."""
    for name, value in (
        ("NUM_LATENTS", 3),
        ("UNITS", (8,)),
        ("STAGES", (0, 1)),
        ("DRAWS", 10),
        ("MODELS", {"vae": 1, "iwae": 3}),
    ):
        monkeypatch.setattr(mnist, name, value)
    monkeypatch.setattr(mnist, "epochs_of_schedule", lambda stages=(0, 1): sum(3**stage for stage in stages))


def grey(n=60, seed=0):
    return np.random.default_rng(seed).uniform(0.1, 0.9, size=(n, 4, 4, 1)).astype("float32")


def test_the_schedule_is_the_paper_s():
    assert mnist.epochs_of_schedule() == sum(3**i for i in range(8)) == 3280
    rates = mnist.learning_rates(steps_per_epoch=10)
    for stage, first in enumerate([0, 1, 4, 13, 40, 121, 364, 1093]):
        for step in (10 * first + 1, 10 * (first + 3**stage)):
            assert float(rates(step)) == pytest.approx(1e-3 * 10 ** (-stage / 7), rel=1e-5)


def test_the_network_has_the_paper_s_sizes_and_begins_at_the_mean_image():
    brightness = np.random.default_rng(0).uniform(0.0, 0.6, size=(28, 28, 1))
    for name, samples in (("vae", None), ("iwae", 50)):
        model = mnist.model_of(name, brightness, steps_per_epoch=3000)
        assert model.latent_dim == 50
        assert model.encoder.count_params() == 784 * 200 + 200 + 200 * 200 + 200 + 2 * (200 * 50 + 50)
        assert model.decoder.count_params() == 50 * 200 + 200 + 200 * 200 + 200 + 200 * 784 + 784
        assert getattr(model, "num_samples", None) == samples
        assert model.optimizer.epsilon == 1e-4
        logits = ops.convert_to_numpy(model.decoder(np.zeros((1, 50), "float32")))
        assert 1 / (1 + np.exp(-logits[0])) == pytest.approx(np.clip(brightness, 0.001, 0.999), abs=1e-5)


@pytest.mark.parametrize("name", ["vae", "iwae"])
def test_pixels_are_drawn_anew_in_training_and_judged_as_they_were_drawn(small, name):
    x = grey(2000)
    model = mnist.model_of(name, x.mean(axis=0), steps_per_epoch=10)
    first, second = (ops.convert_to_numpy(model(x, training=True)["pixels"]) for _ in range(2))
    assert set(np.unique(first)) == {0.0, 1.0}
    assert not np.array_equal(first, second)
    error = np.sqrt((x * (1 - x)).mean(axis=0) / len(x))
    assert np.all(abs((first - x).mean(axis=0)) < 5 * error)
    y_pred = model(x, training=True)
    pixels = ops.convert_to_numpy(y_pred["pixels"])
    loss, same, other = (
        float(ops.convert_to_numpy(model.compute_loss(x=each, y_pred={**y_pred, "pixels": seen})))
        for each, seen in ((x, pixels), (pixels, pixels), (x, 1 - pixels))
    )
    assert loss == same
    assert other != pytest.approx(loss, rel=1e-3)
    assert np.array_equal(ops.convert_to_numpy(model(x, training=False)["pixels"]), x)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ["vae", "iwae"])
def test_a_training_in_instalments_is_the_training_in_one_piece(small, name, tmp_path, capsys):
    x = grey()
    whole, losses, _ = mnist.train(name, x, float("inf"), tmp_path / "whole", epochs=4)
    for done in (1, 2, 3, 4):
        model, so_far, _ = mnist.train(name, x, 0, tmp_path / "parts", epochs=4)
        assert len(so_far) == done
    assert so_far == pytest.approx(losses, rel=1e-6)
    for a, b in zip(values(model.trainable_variables), values(whole.trainable_variables), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)
    assert "Resumed after epoch 3 of 4" in capsys.readouterr().out


def test_the_held_out_figure_is_the_mean_over_images_in_a_random_order(small, monkeypatch):
    seen = []
    monkeypatch.setattr(mnist, "IMAGES_AT_ONCE", 5)

    def bound(model, x, draws, seed):
        seen.append(x[:, 0])
        assert draws == 10
        return x[:, 0].astype("float64")

    monkeypatch.setattr("course_lib.metrics.importance_weighted_log_likelihood", bound)
    x = np.arange(20.0)[:, None]
    found = mnist.held_out_log_likelihood(None, x, float("inf"), draws=10)
    assert sorted(np.concatenate(seen)) == list(range(20))
    assert not np.array_equal(np.concatenate(seen), np.arange(20))
    assert found["log_likelihood"] == pytest.approx(9.5)
    assert found["standard_error"] == pytest.approx(np.std(np.arange(20), ddof=1) / np.sqrt(20))
    few = mnist.held_out_log_likelihood(None, x, 0, draws=10)
    assert (few["images"], few["of_images"]) == (5, 20)


@pytest.mark.exhaustive
def test_a_run_measures_keeps_and_renders_both_models_and_goes_on_where_it_stopped(
    small, monkeypatch, tmp_path, capsys
):
    images, labels = grey(40), np.zeros(40, "int32")
    data = Dataset("small", images, labels, images[:10], labels[:10], images[:12], labels[:12], class_names=("any",))
    monkeypatch.setattr("course_lib.datasets.load", lambda name: data)
    for name, place in (
        ("RAW", tmp_path / "mnist.json"),
        ("PAGE", ROOT / "MNIST-test.md"),
        ("KEPT", tmp_path / "kept"),
    ):
        monkeypatch.setattr(mnist, name, place)
    monkeypatch.setattr(rendering, "write", lambda path, text, write=rendering.write: write(tmp_path / path.name, text))
    trained = {"vae": [0.0], "iwae": [0.0]}
    for passes in (1, 2):
        assert mnist.main(["--minutes", "0"]) == 0
        results = json.loads((tmp_path / "mnist.json").read_text("utf-8"))
        for name, seconds in trained.items():
            assert (results[name]["epochs"], results[name]["finished"]) == (passes, False)
            assert np.isfinite(results[name]["log_likelihood"])
            seconds.append(results[name]["training_seconds"])
            assert seconds[-2] < seconds[-1] < 600
            results[name]["training_seconds"] = 1e6  # of another training: the next run must not count it
        (tmp_path / "mnist.json").write_text(json.dumps(results), "utf-8")
    page = (tmp_path / "MNIST-test.md").read_text("utf-8")
    assert "not run to its end" in page
    assert "UNFINISHED" in capsys.readouterr().out
    mnist.main([])
    results = json.loads((tmp_path / "mnist.json").read_text("utf-8"))
    assert all(results[name]["finished"] for name in ("vae", "iwae"))
    assert "may be set beside" in (tmp_path / "MNIST-test.md").read_text("utf-8")


def found(**changes):
    return {
        **{"log_likelihood": -86.9, "standard_error": 0.2, "images": 10_000, "of_images": 10_000, "draws": 5000},
        **{"epochs": 3280, "of_epochs": 3280, "finished": True, "training_seconds": 9000.0, "version": "1.0"},
        **{"date": "2026-01-01", "processor": "fast", "system": "Linux", "course": "commit 1", **changes},
    }


def test_an_unfinished_run_is_never_set_beside_the_published_figures():
    both = {"vae": found(), "iwae": found()}
    assert "may be set beside" in mnist.page(both)
    for results in ({}, {"vae": found()}, {**both, "iwae": found(epochs=12, finished=False)}):
        assert "not a reproduction" in mnist.page(results)
        assert "may be set beside" not in mnist.page(results)
    assert "UNFINISHED" in mnist.summary("vae", found(epochs=3, finished=False))
    assert "UNFINISHED" not in mnist.summary("vae", found())
    assert "−86.76" in mnist.page({})


def test_a_training_of_few_passes_has_no_row_and_keeps_its_record():
    results = {"vae": found(epochs=49, finished=False), "iwae": found(epochs=1, finished=False, log_likelihood=-108.8)}
    page = mnist.page(results)
    assert "| VAE | −86.76 | -86.90 ± 0.20" in page
    assert "-108.8" not in page
    assert "| IWAE" not in page
    assert "IWAE, K = 50 (published −84.78) has no row: its training has had 1 pass, at" in page
    assert set(mnist.for_the_lesson(results)) == {"vae"}
    assert "| IWAE, K = 50 | −84.78" in mnist.page({**results, "iwae": found(epochs=40, finished=False)})
    assert set(rendering.read(mnist.RAW)) == {"vae", "iwae"}


def test_the_lesson_shows_the_stored_figures_and_no_others():
    """Where only the package is installed, as on Colab, there is no raw result: the lesson carries the numbers."""
    tree = ast.parse(LESSON.read_text("utf-8"))
    shown = next(
        ast.literal_eval(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "stored"
    )
    assert shown == mnist.for_the_lesson(rendering.read(mnist.RAW) or {})


def test_the_figures_for_the_lesson_are_rounded_and_named():
    shown = mnist.for_the_lesson({"vae": found(log_likelihood=-86.9123, training_seconds=630.0)})
    assert shown["vae"]["log_likelihood"] == -86.91
    assert shown["vae"]["minutes"] == 10.5
    assert shown["vae"]["images"] == 10_000


def test_make_benchmark_mnist_passes_its_options_on(monkeypatch):
    seen = []
    monkeypatch.setattr(course, "prepare", lambda environment: seen.append(environment.folder))
    monkeypatch.setattr(course, "run", lambda command, variables: seen.append(command[1:]) or 0)
    assert course.main(["benchmark-mnist", "--minutes", "10"]) == 0
    assert seen == [".venv", ["benchmarks/mnist.py", "--minutes", "10"]]


def test_the_page_is_the_one_that_the_raw_results_make():
    assert mnist.PAGE.read_text("utf-8") == mnist.page(rendering.read(mnist.RAW) or {})


def test_keras_sees_a_schedule_that_it_can_save():
    rates = mnist.learning_rates(7)
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(rates))
    assert float(again(50)) == float(rates(50))
