"""benchmarks/full_size.py: instalments that lose nothing, rows that wait, stations called so, published sizes."""

import json
import math
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from benchmarks import full_size, instalments, rendering
from benchmarks import full_size_networks as sizes
from benchmarks import full_size_tasks as tasks
from course_lib import datasets, networks
from course_lib.formulas import adversarial
from course_lib.models import GAN
from tests.small import IMAGE, binary_images, small_vae, values
from tools import course

ROOT = Path(__file__).resolve().parents[2]
LESSONS = {path.stem.partition("_")[2] for path in (ROOT / "notebooks" / "source").glob("*.py")}


def make_vae(shape, seed):
    model = small_vae(shape, seed=seed)
    model.compile(keras.optimizers.Adam(0.01))
    return model


def make_gan(shape, seed):
    generator = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(16, activation="sigmoid"),
            keras.layers.Reshape(shape),
        ]
    )
    model = GAN(
        generator, networks.dense_discriminator(shape, (8,), dropout=0.2), adversarial.non_saturating, seed=seed
    )
    model.compile(learning_rate=0.01)
    return model


def small_task(make=make_vae, **changes):
    """Seven updates of a pass, and three parts of five updates."""
    usual = replace(tasks.TASKS["vae_mnist"], make=make, batch_size=8, passes=None, updates=15, part=5, binary="")
    return replace(usual, scores=("error", "elbo", "bits", "frechet"), **changes) if make is make_vae else usual


def small_sets(n=60, number=40):
    x, labels = binary_images(n), np.zeros(n, "int32")
    return tasks.Sets(
        x, labels, binary_images(number, seed=1), np.zeros(number, "int32"), binary_images(number, seed=2)
    )


@pytest.fixture
def places(monkeypatch, tmp_path):
    """Everything that the command writes, in a folder of the test."""
    for name, place in (
        ("RAW", tmp_path / "full_size.json"),
        ("PAGE", ROOT / "FULL_SIZE-test.md"),
        ("KEPT", tmp_path / "kept"),
        ("PICTURES", tmp_path / "pictures"),
    ):
        monkeypatch.setattr(full_size, name, place)
    monkeypatch.setattr(rendering, "write", lambda path, text, write=rendering.write: write(tmp_path / path.name, text))
    return tmp_path


def test_the_batches_of_a_pass_are_disjoint_and_those_of_parts_are_those_of_the_whole():
    whole = instalments.rows_of(range(21), num_examples=60, batch_size=8, seed=3)
    for number in range(3):
        of_pass = whole[number * 56 : (number + 1) * 56]
        assert len(set(of_pass.tolist())) == 56
    parts = [instalments.rows_of(range(5 * k, 5 * k + 5), 60, 8, seed=3) for k in range(4)]
    assert np.array_equal(np.concatenate(parts), whole[: 20 * 8])
    assert not np.array_equal(whole[:56], whole[56:112])
    assert not np.array_equal(whole, instalments.rows_of(range(21), 60, 8, seed=4))


def test_a_batch_that_is_larger_than_the_data_is_refused():
    with pytest.raises(ValueError, match=r"a batch of 128 needs as many training examples; got 60\. Take a smaller"):
        instalments.updates_of_a_pass(60, 128)


@pytest.mark.backend
@pytest.mark.parametrize("make", [make_vae, make_gan])
def test_a_training_in_instalments_is_the_training_in_one_piece(make, tmp_path):
    x, trained = binary_images(60), {}
    for name, seconds, times in (("whole", float("inf"), 1), ("parts", 0.0, 3)):
        for done in range(1, times + 1):
            keras.utils.set_random_seed(0)
            model = make(IMAGE, seed=0)
            instalment = instalments.Instalment(tmp_path / name, seconds)
            logs = instalments.train(model, x, None, updates=15, part=5, batch_size=8, instalment=instalment)
            assert len(logs) == (3 if times == 1 else done)
            assert int(model.optimizer.iterations) == 5 * len(logs)
        trained[name] = model, [entry["loss"] for entry in logs]
    assert trained["parts"][1] == pytest.approx(trained["whole"][1], rel=1e-6)
    for a, b in zip(*(values(model.variables) for model, _ in trained.values()), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


def test_a_part_trains_on_its_own_batches(tmp_path):
    """What an update sees is what `rows_of` says, be the updates taken in one compiled loop or one by one."""
    x = np.arange(60, dtype="float32").reshape(60, 1) / 60
    seen = []
    monitor = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(model.epoch_batches.rows))
    model = instalments.train_in_parts(small_vae((1,)), 5)
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(x, batch_size=8, epochs=3, verbose=0, callbacks=[monitor])
    assert np.array_equal(np.concatenate(seen), instalments.rows_of(range(15), 60, 8, seed=0))
    assert int(model.optimizer.iterations) == 15


def test_the_seconds_of_all_instalments_are_added_up_and_longer_results_stay(places, monkeypatch):
    task, sets, trained = small_task(), small_sets(), []
    train = instalments.train
    monkeypatch.setattr(instalments, "train", lambda *given: trained.append(train(*given)) or trained[-1])
    (first, _), (second, rows) = (full_size.measure("vae_mnist", task, sets, 0, 0.0, number=40) for _ in range(2))
    assert list(rows) == second["picture"] == ["real", "reconstructed", "generated"]
    assert (first["updates"], second["updates"], second["of_updates"]) == (5, 10, 15)
    assert [len(logs) for logs in trained] == [1, 2]
    assert trained[1][0]["seconds"] == trained[0][0]["seconds"] == first["seconds"] > 0
    assert second["seconds"] == pytest.approx(first["seconds"] + trained[1][1]["seconds"])
    assert not second["finished"]
    assert second["weights"] == sum(math.prod(each.shape) for each in make_vae(IMAGE, 0).trainable_variables)
    results = {"waiting": {"vae_mnist": "not there"}}
    assert full_size.stored(results, "vae_mnist", second)
    assert not full_size.stored(results, "vae_mnist", first)
    assert results["runs"]["vae_mnist"] == {"seed 0, tensorflow, float32": second}
    assert results["waiting"] == {}
    assert full_size.stored(results, "vae_mnist", {**first, "precision": "mixed_bfloat16"})
    assert len(results["runs"]["vae_mnist"]) == 2


def test_a_run_goes_on_to_the_end_and_rows_without_data_wait(places, monkeypatch, capsys):
    def sets_of(task):
        if task.title == "absent":
            raise datasets.DataError("mnist.npz is not there. Put it there.")
        return small_sets()

    unknown = small_task(title="unknown", data=tasks.CIFAR)
    few = {"absent": small_task(title="absent"), "here": small_task(title="here"), "unknown": unknown}
    monkeypatch.setattr(tasks, "TASKS", few)
    monkeypatch.setattr(tasks, "sets_of", sets_of)
    monkeypatch.setattr(datasets, "names", lambda: ("mnist",))
    for updates in (5, 10, 15):
        assert full_size.main(["--minutes", "0", "--images", "40"]) == 0
        results = json.loads((places / "full_size.json").read_text("utf-8"))
        (found,) = results["runs"]["here"].values()
        assert found["updates"] == updates
        page, printed = (places / "FULL_SIZE-test.md").read_text("utf-8"), capsys.readouterr().out
        assert ("A STATION" in printed) == ("| **station** |" in page) == (updates < 15)
        assert "waits for its data. mnist.npz is not there. Put it there." in printed
        assert "* absent, MNIST: waits for its data, MNIST: they were not on the machine that ran this." in page
        assert "* unknown, CIFAR-10: waits for its data, CIFAR-10" in page
        assert "A station is not a result" in page
    assert set(results["waiting"]) == {"absent", "unknown"}
    assert (places / "pictures" / "here.png").exists()


def test_the_picture_is_that_of_the_longest_training(places, monkeypatch):
    updates, saved = {0: [5, 10], 1: [5, 10, 15]}, []

    def measure(name, task, sets, seed, *rest):
        return found(seed=seed, updates=updates[seed].pop(0)), seed

    monkeypatch.setattr(full_size, "measure", measure)
    monkeypatch.setattr(full_size, "save_picture", lambda path, rows: saved.append((path.name, rows)))
    monkeypatch.setattr(tasks, "TASKS", {"here": small_task()})
    monkeypatch.setattr(tasks, "sets_of", lambda task: None)
    monkeypatch.setattr(datasets, "names", lambda: ("mnist",))
    for seed, shown in ((0, 1), (0, 2), (1, 2), (1, 3), (1, 4)):
        assert full_size.main(["--minutes", "0", "--seeds", str(seed)]) == 0
        assert len(saved) == shown
    assert saved == [("here.png", 0), ("here.png", 0), ("here.png", 1), ("here.png", 1)]


def test_an_unknown_task_is_a_clear_error(capsys):
    with pytest.raises(ValueError, match=r"a task should be one of autoencoder, .*; got 'dc_gan'"):
        tasks.task_of("dc_gan")
    with pytest.raises(SystemExit):
        full_size.main(["--only", "dc_gan"])
    said = capsys.readouterr().err
    assert "dc_gan" in said
    assert "dcgan" in said


def test_one_image_cannot_be_judged(capsys):
    with pytest.raises(SystemExit):
        full_size.main(["--images", "1", "--render"])
    assert "--images must be 2 or more, as one image has no standard error; got 1" in capsys.readouterr().err


def found(**changes):
    scores = {"images": 1000, "elbo": [-101.23, 0.5], "frechet": 30.0, "fresh": 2.0}
    return {
        **{"seed": 0, "backend": "tensorflow", "precision": "float32", "updates": 60, "of_updates": 93_600},
        **{"updates_of_a_pass": 468, "batch_size": 128, "seconds": 61.0, "judging_seconds": 9.0, "weights": 1_234_567},
        **{"scores": scores, "picture": ["real", "generated"], "finished": False, "device": "CPU (2 cores)"},
        **{"versions": "Keras 3, tensorflow 2", "version": "1.0", "date": "2026-01-01", "processor": "fast, 2 cores"},
        **{"system": "Linux", "course": "commit 1", **changes},
    }


def runs_of(**runs):
    return {"runs": {name: {"seed 0, tensorflow, float32": each} for name, each in runs.items()}}


def test_a_station_is_named_and_stands_beside_the_published_figure_with_what_must_match():
    page = full_size.page(runs_of(vae_mnist=found()))
    assert "| none for these networks; −86.76 nats, log p(x), for dense ones | ELBO -101.2 ± 0.5 nats; Fréchet " in page
    assert "| 0.13 of 200 | 60 of 93,600 | 1.0 | **station** |" in page
    assert "A station is not a result" in page
    assert f"*What must match before it may be compared*: {tasks.TASKS['vae_mnist'].match}." in page
    for words in ("1,234,567 weights", "60 updates in 61 s", "2026-01-01, CPU (2 cores), fast", "Keras 3", "commit 1"):
        assert words in page
    assert "* DCGAN, MNIST: not begun. Published: none: the paper shows pictures." in page
    assert "A STATION: not to be compared" in full_size.summary(tasks.TASKS["vae_mnist"], found())


def test_only_a_page_of_finished_rows_says_that_all_came_to_their_end():
    done = found(updates=93_600, finished=True)
    assert "A STATION" not in full_size.summary(tasks.TASKS["vae_mnist"], done)
    one = full_size.page(runs_of(vae_mnist=done))
    assert "| 200 of 200 | 93,600 of 93,600 | 1.0 | end of the recipe |" in one
    assert "A station is not a result" in one  # the other tasks have no row
    every = full_size.page(runs_of(**dict.fromkeys(tasks.TASKS, done)))
    assert "A station is not a result" not in every
    assert "Every row has come to the end" in every
    assert "A station is not a result" in full_size.page(
        runs_of(**{**dict.fromkeys(tasks.TASKS, done), "dcgan": found()})
    )


def test_the_page_is_the_one_that_the_raw_results_make():
    results = rendering.read(full_size.RAW) or {}
    assert full_size.PAGE.read_text("utf-8") == full_size.page(results)
    for name, runs in results.get("runs", {}).items():
        assert name in tasks.TASKS
        picture = full_size.PICTURES / f"{name}.png"
        assert 0 < picture.stat().st_size <= full_size.LARGEST_PICTURE
        assert all(run["finished"] == (run["updates"] >= run["of_updates"]) for run in runs.values())


class Known:
    """A model whose answers are known: half of each image, a uniform density, and samples of one grey."""

    def reconstruct(self, x):
        return 0.5 * x

    def elbo(self, x):
        assert x.min() >= 0
        assert x.max() < 1
        return np.zeros(len(x))

    def sample(self, number, seed):
        return np.full((number, *IMAGE), 0.25, "float32")


def test_scores_are_those_of_the_definitions():
    sets = small_sets(number=200)
    scores = full_size.judged(Known(), small_task(), sets, 150)
    assert scores["images"] == 150
    errors = 0.25 * sets.test[:150].sum(axis=(1, 2, 3))
    assert scores["error"] == pytest.approx([errors.mean(), errors.std(ddof=1) / np.sqrt(150)])
    assert scores["elbo"] == [0.0, 0.0]
    assert scores["bits"] == [8.0, 0.0]
    assert scores["frechet"] > 3 * scores["fresh"]


def test_bits_of_a_density_are_those_of_its_levels():
    """Twice the uniform density on one half: one bit less for each value."""
    nats = np.array([12 * math.log(2)])
    assert full_size.bits_per_dimension(nats, 12) == pytest.approx(7.0)
    levels = np.repeat(np.arange(256, dtype="float32")[None] / 255, 50, axis=0)
    assert np.array_equal(np.floor(256 * full_size.filled(levels)), np.repeat(np.arange(256.0)[None], 50, axis=0))


def test_standardised_data_have_mean_0_and_variance_1_and_come_back():
    x = np.random.default_rng(0).random((500, *IMAGE), dtype="float32") * 0.5
    x[..., ::2, :] += 0.5  # means that differ from pixel to pixel are taken away, and are no part of the variance
    there, back = full_size.standardising(replace(small_task(), standardised=True), x)
    assert there(x).mean() == pytest.approx(0, abs=1e-5)
    assert there(x).std() == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(back(there(x)), x, atol=1e-6)


def test_pixels_of_a_binary_model_are_judged_as_drawn():
    images = full_size.samples_of(Known(), replace(small_task(), binary="anew"), 120, np.zeros(120, "int32"))
    assert set(np.unique(images)) == {0.0, 1.0}
    assert images.mean() == pytest.approx(0.25, abs=0.05)


def test_a_picture_stays_small_whatever_it_shows(tmp_path):
    noise = np.random.default_rng(0).random((8, 64, 64, 3), dtype="float32")
    full_size.save_picture(tmp_path / "noise.png", {"real": noise, "generated": noise, "more": noise})
    assert (tmp_path / "noise.png").stat().st_size <= full_size.LARGEST_PICTURE


def test_every_task_names_a_lesson_a_data_set_and_scores_that_there_are():
    for name, task in tasks.TASKS.items():
        assert task.lesson in LESSONS, name
        assert task.data in tasks.DATA
        assert set(task.scores) <= set(tasks.SCORES)
        assert (task.updates is None) != (task.passes is None)
        assert task.published
        assert task.match
        assert task.differs
    assert tasks.updates_in_all(tasks.TASKS["autoencoder"], 60_000) == 200 * 468
    assert tasks.updates_in_all(tasks.TASKS["vq_vae"], 10_000) == 250_000


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", tasks.TASKS)
def test_each_model_has_the_sizes_of_its_paper_and_takes_a_step(name):
    task = tasks.TASKS[name]
    shape = {tasks.FACES: (64, 64, 3), tasks.CIFAR: (32, 32, 3)}.get(task.data, (28, 28, 1))
    if name == "denoiser":  # 35.7 million weights at 32 × 32; a step takes minutes
        weights = sizes.unet((32, 32, 3)).count_params()
        assert weights == pytest.approx(35.7e6, rel=0.02)
        return
    model = task.make(shape, 0)
    x = np.random.default_rng(0).random((2, *shape), dtype="float32")
    labels = {"y": np.zeros(2, "int32")} if task.labelled else {}
    assert np.isfinite(model.train_on_batch(x, **labels, return_dict=True)["loss"])


def test_dcgan_s_generator_has_the_paper_s_channels():
    """Figure 1 of Radford et al. (2016), at an eighth of the channels."""
    model = sizes.dcgan_generator((64, 64, 3), (128, 64, 32, 16))
    made = [layer.output.shape[1:] for layer in model.layers if isinstance(layer, keras.layers.Conv2DTranspose)]
    assert made == [(8, 8, 64), (16, 16, 32), (32, 32, 16), (64, 64, 3)]


def test_networks_fit_each_other_at_small_sizes():
    shape = (16, 16, 3)
    assert sizes.residual_generator(shape, 4).output_shape == (None, *shape)
    assert sizes.residual_critic(shape, 4).output_shape == (None, 1)
    assert sizes.vq_encoder(shape, 3, 2, 4).output_shape == sizes.vq_decoder(shape, 3, 2, 4).input_shape
    assert sizes.vq_decoder(shape, 3, 2, 4).output_shape == (None, *shape)
    assert sizes.strided_decoder(shape, 5, (4, 4), 4, 8).output_shape == (None, *shape)
    assert sizes.strided_gaussian_encoder(shape, 5, (4, 4), 4, 8).output_shape == [(None, 5), (None, 5)]
    unet = sizes.unet(shape, 4, (1, 2), 1, attention=8)
    assert unet.output_shape == (None, *shape)
    answer = unet([np.ones((2, *shape), "float32"), np.array([[0.1], [0.9]], "float32")])
    assert answer.shape == (2, *shape)


def test_make_benchmark_full_size_passes_its_options_on(monkeypatch):
    seen = []
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setattr(course, "prepare", lambda environment: seen.append(environment.folder))
    monkeypatch.setattr(course, "run", lambda command, variables: seen.append(command[1:]) or 0)
    assert course.main(["benchmark-full-size", "--minutes", "10"]) == 0
    assert seen == [".venv", ["benchmarks/full_size.py", "--minutes", "10"]]
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert course.main(["benchmark-full-size"]) == 0
    assert seen[2] == ".venv-backends"
