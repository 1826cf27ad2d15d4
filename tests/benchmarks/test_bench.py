"""benchmarks/: every contender trains the same thing, and the tables say what was measured. No timing here."""

import importlib
import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import keras
import numpy as np
import pytest

from benchmarks import bench, gpu_check, machine, measure, memory, operations, race, rendering, targets, tasks
from benchmarks.pace import Pace
from tests.small import every_model
from tools import course

BACKEND = keras.backend.backend()
HERE = [  # the contenders of this backend
    (task, contender.module)
    for task, contenders in tasks.CONTENDERS.items()
    for contender in contenders
    if contender.backend == BACKEND
]
RIVALS = [(task, module) for task, module in HERE if module != "with_course"]


def trainer(module, task, x):
    return importlib.import_module(f"benchmarks.{module}").Trainer(task, x)


@pytest.fixture(scope="module")
def batch():
    """A small batch of a task's data with the noise of one step, and weights that are nowhere symmetric."""

    def make(task, size=6):
        x = task.data(steps=1)[:size]
        rng = np.random.default_rng(1)
        course = trainer("with_course", task, x)
        weights = [
            weight + rng.normal(0, 0.5 if weight.ndim == 1 else 0.03, weight.shape).astype("float32")
            for weight in course.get_weights()
        ]  # biases large enough for the KL divergence to count
        noise = rng.normal(size=(size, task.noise_dim)).astype("float32")
        return x, noise, weights, course

    return make


@pytest.mark.backend
@pytest.mark.parametrize(("task", "module"), RIVALS)
def test_a_contender_has_the_courses_parameters_and_loss(task, module, batch):
    task = tasks.TASKS[task]
    x, noise, weights, course = batch(task)
    rival = trainer(module, task, x)
    assert rival.num_parameters() == course.num_parameters()
    assert rival.loss(weights, x, noise) == pytest.approx(course.loss(weights, x, noise), rel=2e-5)


def marked_where_it_takes_long(task, module):
    """Convolutions take seconds, and speed is the authors' matter: `make test` leaves them to `make test-all`."""
    quick = not tasks.TASKS[task].convolutional and module == "with_course"
    return pytest.param(task, module, marks=() if quick else pytest.mark.exhaustive)


@pytest.mark.backend
@pytest.mark.slow
@pytest.mark.parametrize(("task", "module"), [marked_where_it_takes_long(*pair) for pair in HERE])
def test_a_contenders_loss_falls(task, module):
    """Of a GAN: the discriminator's, from its start, where it knows nothing yet."""
    task = tasks.TASKS[task]
    if task.convolutional and BACKEND == "jax":
        pytest.skip("minutes on a CPU")
    task = replace(task, batch_size=16 if task.convolutional else 64, learning_rate=1e-3)
    pace = Pace(epochs=4)
    trainer(module, task, task.data(steps=6)).train(pace)
    assert len(pace.seconds) == len(pace.losses) == 4
    assert pace.losses[-1] < pace.losses[0]


# --- taking turns


class Runner:
    """Stands for a contender's process; `script` lists its answers, None for silence."""

    def __init__(self, name, script, log):
        self.contender, self.script, self.log = tasks.Contender(name, name, "none"), list(script), log
        self.epochs, self.answers = len(script), []

    def ask(self, question):
        assert question == "epoch"
        self.log.append(self.contender.name)
        answer = self.script.pop(0)
        if answer is None:
            raise race.Failed("ended with code 1")
        return answer


def answer(seconds, loss=1.0):
    return {
        "seconds": seconds,
        "processor_seconds": 2 * seconds,
        "loss": loss,
        "set_up_seconds": 0.5,
        "peak_megabytes": 300.0,
    }


def turns(*scripts):
    log, runners = [], []
    for name, script in zip("abc", scripts, strict=False):
        runners.append(Runner(name, script, log))
    results = {runner.contender.name: {"steps": 10} for runner in runners}
    race.take_turns(runners, results, say=lambda *words, **options: None)
    return log, results


def test_contenders_take_turns_and_the_first_epoch_is_kept_apart():
    log, results = turns([answer(9, 3.0), answer(1), answer(2)], [answer(4), answer(5)])
    assert log == ["a", "b", "a", "b", "a"]
    assert results["a"]["first_seconds"] == 9.5
    assert results["a"]["seconds"] == [1, 2]
    assert results["a"]["losses"] == [3.0, 1.0]


def test_a_contender_that_falls_silent_does_not_stop_the_others():
    log, results = turns([answer(1), None, answer(1)], [answer(1)] * 3)
    assert log == ["a", "b", "a", "b", "b"]
    assert results["a"] == {"error": "ended with code 1"}
    assert results["b"]["seconds"] == [1, 1]


def test_a_missing_environment_is_an_error_of_its_contenders_alone(tmp_path):
    pythons = {tasks.COURSE: tmp_path / "no python", tasks.BACKENDS: tmp_path / "none"}
    results = race.race("dense_gan", pythons, say=lambda *words, **options: None)
    assert set(results) == {"course", "keras_style", "pytorch", "jax_scan"}
    assert all("no python" in result["error"] or "none" in result["error"] for result in results.values())


def test_a_process_that_breaks_says_why(tmp_path):
    broken = tasks.Contender("unheard_of", "", "none")
    pythons = {tasks.COURSE: sys.executable}
    results = race.race("dense_gan", pythons, say=lambda *words, **options: None, contenders=[broken])
    assert "ended with code 1: StopIteration" in results["unheard_of"]["error"]


@pytest.mark.exhaustive
def test_a_contender_in_a_process_of_its_own_trains_when_it_is_told_to():
    [course] = [one for one in tasks.CONTENDERS["dense_gan"] if one.name == "course"]
    few = replace(course, steps=2, epochs=2)
    results = race.race("dense_gan", {tasks.COURSE: sys.executable}, print, contenders=[few])
    assert "error" not in results["course"]
    assert len(results["course"]["seconds"]) == 2
    assert results["course"]["parameters"] > 30_000


# --- the arithmetic of the tables


def result(*seconds, steps=10, first=None, losses=(3.0, 1.0)):
    return {
        "seconds": list(seconds),
        "processor_seconds": [1.5 * number for number in seconds],
        "steps": steps,
        "first_seconds": seconds[0] if first is None else first,
        "losses": list(losses),
        "peak_megabytes": 500.0,
    }


def parts(**results):
    return {name: {"date": "2026-01-01", "result": found} for name, found in results.items()}


RACE = {
    "course": result(0.3, 0.1, 0.2, first=1.7),  # minimum 10, median 20 ms a step
    "keras_style": result(0.5, 0.4, 0.2),  # 20 and 40
    "pytorch": result(0.8, 0.8, 0.8, steps=40),  # 20 and 20
    "jax_scan": {"error": "ended with code 1: no | jax\nhere"},
}


def test_milliseconds_are_per_step_minimum_and_median():
    assert targets.milliseconds(RACE["course"]) == pytest.approx((10, 20))
    assert targets.milliseconds(RACE["pytorch"]) == pytest.approx((20, 20))
    assert targets.milliseconds(RACE["course"], "processor_seconds") == pytest.approx((15, 30))


def test_the_first_step_is_what_the_first_epoch_took_beyond_a_usual_one():
    assert targets.first_step_seconds(RACE["course"]) == pytest.approx(1.5)


@pytest.mark.parametrize(("rival", "ratios"), [("keras_style", (0.5, 0.5)), ("pytorch", (1.0, 0.5))])
def test_a_ratio_is_ours_over_the_rivals(rival, ratios):
    assert targets.ratio_of(RACE, targets.Ratio("dense_vae", "course", rival)) == pytest.approx(ratios)


@pytest.mark.parametrize("rival", ["jax_scan", "never_heard_of"])
def test_a_ratio_to_what_was_not_measured_is_none(rival):
    assert targets.ratio_of(RACE, targets.Ratio("dense_vae", "course", rival)) is None


@pytest.mark.parametrize(
    ("value", "at_most", "said"),
    [
        (0.5, 0.5, "met"),
        (0.51, 0.5, "**not met**"),
        (None, 0.5, "not measured"),
        (0.5, None, ""),
        (None, None, ""),
    ],
)
def test_a_target_is_met_up_to_its_value(value, at_most, said):
    assert targets.verdict(value, at_most) == said


def test_every_ratio_names_contenders_that_take_part():
    for ratio in targets.RATIOS:
        names = {contender.name for contender in tasks.CONTENDERS[ratio.task]}
        assert {ratio.ours, ratio.rival} <= names


def cells(table, *words):
    """The cells of the one row of a table that holds all the words."""
    [row] = [line for line in table.splitlines() if all(word in line for word in words)]
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_the_table_of_ratios_shows_targets_and_verdicts():
    table = rendering.ratio_table(parts(dense_vae=RACE))
    assert cells(table, "dense VAE", "the course**: `fit`, TensorFlow ÷ keras.io")[2:] == [
        "0.50",
        "0.50",
        "–",
        "",
    ]
    assert cells(table, "dense VAE", "TensorFlow ÷ raw jitted")[2:] == ["–", "–", "1.25", "not measured"]
    table = rendering.ratio_table(parts(conv_gan=RACE, conv_vae=RACE))
    assert cells(table, "DCGAN of keras.io", "TensorFlow ÷ keras.io")[2:] == ["0.50", "0.50", "0.80", "met"]
    assert cells(table, "convolutional VAE", "÷ plain PyTorch")[2:] == ["1.00", "0.50", "0.90", "**not met**"]
    assert "(few)" in cells(table, "convolutional VAE", "÷ raw jitted")[1]
    assert len({line.count("|") for line in table.splitlines()}) == 1


def test_the_table_of_steps_shows_failures_and_losses_that_did_not_fall():
    found = dict(RACE, keras_style=result(0.5, losses=(1.0, 1.5)))
    table = rendering.step_table(parts(dense_vae=found))
    assert "failed: ended with code 1: no / jax here" in cells(table, "dense VAE", "raw jitted")
    assert "did not fall" in cells(table, "dense VAE", "keras.io style")[6]
    assert cells(table, "dense VAE", "the course**: `fit`, TensorFlow")[2:] == (
        ["10.00", "20.00", "30.00", "1.5", "3 × 10", "500"]
    )
    assert len({line.count("|") for line in table.splitlines()}) == 1


def sizes(*fit_seconds):
    counts = (3_000, 12_000, 48_000)
    return {
        str(count): {
            "count": count,
            "fit_seconds": seconds,
            "evaluate_seconds": count / 1e5,
            "data_megabytes": count / 100,
            "peak_megabytes": 800 + 2 * count / 100,
        }
        for count, seconds in zip(counts, fit_seconds, strict=True)
    }


@pytest.mark.parametrize(
    ("fit_seconds", "growth", "said"), [((1, 4, 16), "1.00", "met"), ((1, 8, 32), "2.00", "**not met**")]
)
def test_linear_cost_costs_each_image_the_same(fit_seconds, growth, said):
    table = rendering.size_table(parts(data_size=sizes(*fit_seconds)))
    assert f"`fit`: an image at the largest size costs {growth} × one at the smallest (≤ 1.3: {said})" in table
    assert "memory grows by 2.0 × the size of the data" in table


def test_lessons_are_held_to_time_and_memory():
    lesson = {"seconds": 12.0, "first_figure_seconds": 3.0, "peak_megabytes": 900.0}
    table = rendering.lesson_table(
        parts(
            lessons={
                "fast": lesson,
                "slow": dict(lesson, seconds=61.0),
                "large": dict(lesson, peak_megabytes=2001.0),
                "unknown": dict(lesson, peak_megabytes=None),
                "broken": {"error": "NameError"},
            }
        )
    )
    assert {name: cells(table, f"| {name} |")[-1] for name in ("fast", "slow", "large", "unknown", "broken")} == {
        **dict.fromkeys(("fast", "unknown"), "met"),
        **dict.fromkeys(("slow", "large", "broken"), "**not met**"),
    }


# --- what a step has to multiply


def counted(task):
    return operations.operations(operations.training_products(tasks.TASKS[task]))


def test_the_operations_of_a_step_are_those_counted_by_hand():
    dense = 784 * 400 + 400 * 400 + 2 * 20 * 400 + 20 * 400 + 400 * 400 + 400 * 784  # the encoder has two heads
    assert counted("dense_vae") == 3 * 2 * 128 * dense
    assert gpu_check.operations_of_an_example(tasks.TASKS["dense_vae"]) == 3 * 2 * dense
    encoder = 9 * 1 * 32 * 14**2 + 9 * 32 * 64 * 7**2 + 3136 * 16 + 2 * 16 * 2
    decoder = 2 * 3136 + 9 * 64 * 64 * 7**2 + 9 * 64 * 32 * 14**2 + 9 * 32 * 1 * 28**2
    assert counted("conv_vae") == 3 * 2 * 128 * (encoder + decoder)
    generator = 128 * 6272 + 16 * 128**2 * (7**2 + 14**2) + 49 * 128 * 28**2
    discriminator = 9 * 64 * 14**2 + 9 * 64 * 128 * 7**2 + 128
    assert counted("conv_gan") == 3 * 2 * 64 * (generator + 3 * discriminator)
    assert [rendering.with_prefix(counted(task)) for task in ("dense_vae", "conv_vae", "conv_gan")] == [
        "746 MFLOP",
        "5.12 GFLOP",
        "31.2 GFLOP",
    ]


def test_the_bound_multiplies_in_the_decoder_alone():
    from benchmarks.with_course import model_of

    products = operations.bound_products(model_of(tasks.TASKS["dense_vae"]), 1000, 5000, rows=5000)
    assert operations.operations(products) == 2 * 1000 * 5000 * (20 * 400 + 400 * 400 + 400 * 784)
    assert rendering.with_prefix(operations.operations(products)) == "4.82 TFLOP"
    assert set(products) == {(5000, 20, 400), (5000, 400, 400), (5000, 400, 784)}


@pytest.mark.parametrize(
    ("layer", "product"),
    [
        (keras.layers.Conv2D(5, 3, 2, "same"), (10 * 4 * 4, 9 * 3, 5)),
        (keras.layers.Conv2D(5, 3, 1, "same"), (10 * 8 * 8, 9 * 3, 5)),
        (keras.layers.Conv2D(1, 3, 1, "same"), (10 * 8 * 8, 3, 9)),  # the places of the kernel in the columns
        (keras.layers.Conv2DTranspose(5, 3, 2, "same"), (10 * 8 * 8, 3, 9 * 5)),
        (keras.layers.Conv2DTranspose(5, 3, 1, "same"), (10 * 8 * 8, 3, 9 * 5)),
    ],
    ids=["stride 2", "stride 1", "one channel", "transposed, stride 2", "transposed, stride 1"],
)
def test_a_convolution_is_a_product(layer, product):
    network = keras.Sequential([keras.Input((8, 8, 3)), layer])
    assert operations.forward_products(network, examples=10) == [product]
    assert layer.kernel.shape[0] * layer.kernel.shape[1] * 3 * layer.filters == product[1] * product[2]


def test_the_products_of_a_step_are_the_forward_ones_and_those_of_both_gradients():
    first, *rest = operations.training_products(tasks.TASKS["dense_gan"], examples=7)
    assert first == (7, 2, 128)
    assert rest[:2] == [(2, 7, 128), (7, 128, 2)]
    assert len(rest) + 1 == 3 * (3 + 3 * 3)  # three layers in the generator, three in a discriminator asked three times


def test_a_long_product_is_timed_in_pieces_and_each_only_once(monkeypatch):
    asked = []

    def took(call, repeats):
        call()
        asked.append(repeats)
        return 0.5 if len(asked) % 2 else 2.0  # NumPy's time, then TensorFlow's

    monkeypatch.setattr(operations, "fastest", took)
    long = 2 * operations.MOST_ROWS
    assert operations.seconds_of([(2, 3, 4), (long, 3, 4), (2, 3, 4), (3, long, 2)], repeats=2) == 0.5 * (1 + 2 + 1 + 2)
    assert asked == [2] * 6


def test_the_fastest_call_counts_and_the_first_is_not_timed(monkeypatch):
    clock = iter([0.0, 5.0, 10.0, 12.0, 20.0, 24.0])
    monkeypatch.setattr(operations.time, "perf_counter", lambda: next(clock))
    calls = []
    assert operations.fastest(lambda: calls.append(1), repeats=3) == 2.0
    assert len(calls) == 4


FOUND = {"operations": 6e9, "seconds": [0.1, 0.3, 0.2], "product_seconds": [0.05, 0.5, 0.1], "load": "2.0"}


def test_the_share_is_the_time_of_the_products_over_that_of_the_program():
    assert operations.share(FOUND) == pytest.approx((6e10, 3e10, 0.5))


def test_the_table_of_limits_shows_the_share():
    bound = {"count": 1000, "draws": 50, "operations": 4e12, "seconds": 40.0, "product_seconds": [29.0, 31.0]}
    found = parts(limit={"dense_vae": FOUND, "conv_vae": {"error": "no | kernel"}}, importance_weighted=bound)
    table = rendering.limit_table(found)
    assert cells(table, "dense VAE")[1:] == ["6 GFLOP", "200.00", "30", "60", "0.50", "2.0"]
    assert cells(table, "K = 50 on 1000 images")[1:] == ["4 TFLOP", "40,000", "100", "133", "0.75", "–"]
    assert "failed: no / kernel" in cells(table, "convolutional VAE")[1]
    assert len({line.count("|") for line in table.splitlines()}) == 1
    page = "\n".join(rendering.bench_sections({"machine": {}, "finished": True, "parts": found}))
    assert f"### The machine's limit\n\n{table}\n" in page


def test_without_a_measured_limit_the_page_says_so():
    old = parts(importance_weighted={"seconds": 3.0, "count": 1, "draws": 2})  # of a run that timed no products
    assert rendering.limit_table(old) == "Not measured yet: `make bench ARGS='--only limit importance_weighted'`."


@pytest.mark.slow
def test_a_step_and_its_products_take_turns(monkeypatch):
    small = replace(tasks.TASKS["dense_gan"], batch_size=16, steps=2)
    monkeypatch.setitem(tasks.TASKS, "dense_gan", small)
    found = measure.limit(measure.parser().parse_args(["limit", "dense_gan", "2"]))
    assert len(found["seconds"]) == len(found["product_seconds"]) == 2
    assert found["operations"] == operations.operations(operations.training_products(small))
    assert 0 < operations.share(found)[2] < 2


@pytest.mark.slow
def test_the_bound_is_measured_beside_its_products():
    found = measure.importance_weighted(measure.parser().parse_args(["importance_weighted", "10", "1000"]))
    assert found["operations"] == 2 * 10 * 1000 * (20 * 400 + 400 * 400 + 400 * 784)
    assert len(found["product_seconds"]) == 2
    assert found["seconds"] > 0


# --- keeping results


@pytest.fixture
def fake_bench(tmp_path, monkeypatch):
    """A bench of two parts that count how often they ran; the second breaks until it is repaired."""
    ran = {"dense_vae": 0, "lessons": 0}

    def make(broken=False):
        found = bench.Bench(tmp_path / "results" / "bench.json")

        def first():
            ran["dense_vae"] += 1
            return RACE | {"jax_scan": result(0.1)}

        def second():
            ran["lessons"] += 1
            if broken:
                raise RuntimeError("no kernel")
            return {"00_start_here.ipynb": {"seconds": 5.0, "first_figure_seconds": 2.0, "peak_megabytes": 400.0}}

        found.parts = {"dense_vae": first, "lessons": second}
        return found

    return make, ran, tmp_path


def test_a_part_that_breaks_is_an_error_in_the_results_and_resuming_measures_it_alone(fake_bench):
    make, ran, _ = fake_bench
    content = make(broken=True).run()
    assert bench.errors_in(content["parts"]) == ["RuntimeError: no kernel"]
    assert "failed: RuntimeError: no kernel" in "\n".join(rendering.bench_sections(content))
    content = make().run(resume=True)
    assert bench.errors_in(content["parts"]) == []
    assert content["finished"]
    assert ran == {"dense_vae": 1, "lessons": 2}


def test_an_interrupted_run_keeps_its_parts_and_says_that_it_is_not_complete(fake_bench):
    make, ran, folder = fake_bench
    interrupted = make()

    def stop():
        raise KeyboardInterrupt

    interrupted.parts["lessons"] = stop
    with pytest.raises(KeyboardInterrupt):
        interrupted.run()
    kept = rendering.read(folder / "results" / "bench.json")
    assert list(kept["parts"]) == ["dense_vae"]
    assert "not complete" in "\n".join(rendering.bench_sections(kept))
    assert make().run(resume=True)["finished"]
    assert ran == {"dense_vae": 1, "lessons": 1}


def test_a_part_can_be_measured_anew_and_a_new_run_measures_all(fake_bench):
    make, ran, _ = fake_bench
    make().run()
    assert set(make().run(only=["lessons"])["parts"]) == {"dense_vae", "lessons"}
    assert ran == {"dense_vae": 1, "lessons": 2}
    make().run()
    assert ran == {"dense_vae": 2, "lessons": 3}


def test_results_of_another_machine_are_not_mixed_in(fake_bench):
    make, ran, folder = fake_bench
    content = make().run()
    content["machine"]["processor"] = "another"
    rendering.write_raw(folder / "results" / "bench.json", content)
    make().run(resume=True)
    assert ran == {"dense_vae": 2, "lessons": 2}


ON_AN_ACCELERATOR = {
    "device": "Some card, jax",
    "machine": {"date": "2026-01-01", "processor": "some", "memory": None},
    "rows": [
        {"model": "VAE", "policy": "float32", "passed": 10, "failed": [], "images_per_second": 12345.6},
        {"model": "GAN", "policy": "mixed_float16", "passed": 8, "failed": ["both networks move"]},
    ],
}


def test_neither_command_loses_what_the_other_one_measured(fake_bench):
    make, _, folder = fake_bench
    raw, page = folder / "results", folder / "RESULTS.md"
    rendering.write_raw(raw / "gpu-jax.json", ON_AN_ACCELERATOR)
    rendering.write_page(raw, page)
    assert "On a CPU\n\nNot measured yet" in page.read_text(encoding="utf-8")
    make().run()
    rendering.write_page(raw, page)
    text = page.read_text(encoding="utf-8")
    assert "Some card, jax" in text
    assert "10 checks passed | 12,346" in text
    assert "failed: both networks move" in text
    assert "### Ratios" in text
    (raw / "gpu-jax.json").unlink()
    rendering.write_page(raw, page)
    assert "On an accelerator\n\nNot measured yet" in page.read_text(encoding="utf-8")


def test_the_kept_page_is_the_one_that_the_kept_results_make(tmp_path):
    if not rendering.PAGE.exists():
        pytest.skip("nothing was measured yet")
    rendering.write_page(page=tmp_path / "RESULTS.md")
    assert (tmp_path / "RESULTS.md").read_text(encoding="utf-8") == rendering.PAGE.read_text(encoding="utf-8")


# --- measurements of their own


def test_memory_is_in_megabytes_on_every_system():
    assert memory._megabytes(1_000_000, "linux") == pytest.approx(1024)
    assert memory._megabytes(1_000_000_000, "darwin") == pytest.approx(1000)
    if os.name != "nt":
        assert 10 < memory.peak_megabytes() < 100_000


def test_a_figure_is_a_picture_among_a_cells_outputs():
    assert measure.shows_a_figure({"outputs": [{"output_type": "stream"}, {"data": {"image/png": "…"}}]})
    assert not measure.shows_a_figure({"outputs": [{"data": {"text/plain": "…"}}]})
    assert not measure.shows_a_figure({"source": "# text"})


# --- the commands


@pytest.fixture
def commands(monkeypatch):
    """What `make` would run, beside the environments that it would prepare."""
    seen = {"prepared": [], "run": []}
    monkeypatch.setattr(course, "prepare", lambda environment: seen["prepared"].append(environment.folder))
    monkeypatch.setattr(course, "run", lambda command, variables: seen["run"].append(command) or 0)
    return seen


def test_make_bench_prepares_both_environments_and_passes_options_on(commands):
    assert course.main(["bench", "--only", "dense_vae", "lessons"]) == 0
    assert commands["prepared"] == [tasks.COURSE, tasks.BACKENDS]
    assert commands["run"][0][1:] == ["benchmarks/bench.py", "--only", "dense_vae", "lessons"]


@pytest.mark.parametrize(
    ("backend", "folder"),
    [("", tasks.COURSE), ("tensorflow", tasks.COURSE), ("jax", tasks.BACKENDS), ("torch", tasks.BACKENDS)],
)
def test_make_gpu_check_runs_where_the_backend_is(backend, folder, commands, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    assert course.main(["gpu-check", "--allow-cpu"]) == 0
    assert commands["prepared"] == [folder]
    assert commands["run"][0][1:] == ["benchmarks/gpu_check.py", "--allow-cpu"]


# --- the accelerator


@pytest.fixture
def nothing_is_kept(monkeypatch):
    def refuse(*words):
        raise AssertionError("this must not be written")

    monkeypatch.setattr(rendering, "write_raw", refuse)
    monkeypatch.setattr(rendering, "write_page", refuse)


@pytest.mark.parametrize("accelerated", [False, True])
def test_without_an_accelerator_nothing_passes_for_done(accelerated, monkeypatch, capsys):
    monkeypatch.setattr("course_lib.runtime.has_accelerator", lambda: accelerated)
    monkeypatch.setattr(gpu_check, "rows", lambda names, quick, ends: ON_AN_ACCELERATOR["rows"][:1])
    monkeypatch.setattr(gpu_check, "rest", lambda parts, ends, profile: [])
    written = []
    monkeypatch.setattr(rendering, "write_raw", lambda path, content: written.append(path.name))
    monkeypatch.setattr(rendering, "write_page", lambda: None)
    code = gpu_check.main([])
    said = capsys.readouterr().out
    assert code == (0 if accelerated else 3)
    assert ("NOT CHECKED" in said) is not accelerated
    assert written == (["gpu-tensorflow.json"] if accelerated else [])


@pytest.mark.parametrize(("number", "code"), [(0, 0), (1, 1)])
def test_a_trial_on_the_cpu_says_so_and_keeps_nothing(number, code, nothing_is_kept, monkeypatch, capsys):
    monkeypatch.setattr("course_lib.runtime.has_accelerator", lambda: False)
    asked = []
    monkeypatch.setattr(gpu_check, "rows", lambda names, quick, ends: [])
    row = ON_AN_ACCELERATOR["rows"][number]
    monkeypatch.setattr(gpu_check, "rest", lambda parts, ends, profile: asked.append((ends, profile)) or [row])
    assert gpu_check.main(["--allow-cpu", "--minutes", "3"]) == code
    [(ends, profile)] = asked
    assert profile == "cpu"  # the sizes of the gpu profile would take a processor hours
    assert 100 < ends - time.monotonic() <= 180
    said = capsys.readouterr().out
    assert "ON THE CPU" in said
    assert "none, a trial on the CPU" in said


def test_every_model_and_a_lesson_are_checked_and_what_was_not_reached_is_named(monkeypatch):
    row = {"model": "a model", "policy": "p", "passed": 1, "failed": []}

    def fail(name, policy):
        if name == "GAN":
            raise RuntimeError("no kernel")
        return row

    monkeypatch.setattr("tests.small.every_model", lambda: dict.fromkeys(["VAE", "GAN", "VQVAE"]))
    monkeypatch.setattr(gpu_check, "check_model", fail)
    monkeypatch.setattr(gpu_check, "check_lesson", lambda name, profile: {**row, "model": f"{name} {profile}"})
    monkeypatch.setattr(gpu_check, "policies", lambda: ["float32", "mixed_bfloat16"])
    found = gpu_check.rest(gpu_check.ALL, time.monotonic() + 60)
    assert found[0]["model"] == "the_variational_autoencoder gpu"
    assert len(found) == 1 + 2 * 3
    failed = [each for each in found if each["failed"]]
    assert [(each["model"], each["failed"]) for each in failed] == [
        (f"GAN, {policy}", ["RuntimeError: no kernel"]) for policy in ("float32", "mixed_bfloat16")
    ]
    assert [each["policy"] for each in gpu_check.rest(["lesson"], time.monotonic() + 60)] == ["p"]
    assert len(gpu_check.rest(["every_model"], time.monotonic() + 60)) == 2 * 3
    late = gpu_check.rest(gpu_check.ALL, time.monotonic() - 1)
    assert len(late) == len(found)
    assert all(each["failed"] == ["not reached within --minutes"] for each in late)


@pytest.mark.exhaustive
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("name", list(every_model()))
def test_a_small_model_of_each_kind_passes_the_check(name, policy):
    row = gpu_check.check_model(name, policy)
    assert (row["failed"], row["policy"]) == ([], policy)
    assert row["passed"] >= 3


def test_the_speed_of_a_model_stands_beside_what_is_possible(monkeypatch, capsys):
    monkeypatch.setattr(gpu_check, "policies", lambda: ["float32", "mixed_float16"])
    limits = {"float32": 1e12, "mixed_float16": 4e12}
    monkeypatch.setattr(gpu_check, "product_flops", lambda policy, quick: limits[policy])
    monkeypatch.setattr(gpu_check, "operations_of_an_example", lambda task: 1e6)
    monkeypatch.setattr(gpu_check, "raw_jax_speed", lambda task, quick: 700_000.0)
    row = {"model": "VAE", "passed": 10, "failed": [], "images_per_second": 600_000.0}
    monkeypatch.setattr(gpu_check, "check", lambda task, policy, quick: {**row, "policy": policy})
    found = gpu_check.rows(["dense_vae"], True, time.monotonic() + 60)
    assert [each["product_limit_images_per_second"] for each in found] == [1e6, 4e6]
    assert "mixed_float16 4 TFLOP/s" in capsys.readouterr().out
    page = rendering.accelerator_section({"device": "d", "machine": ON_AN_ACCELERATOR["machine"], "rows": found})
    assert "| 600,000 | 700,000 | 4,000,000 |" in page
    [late, _] = gpu_check.rows(["dense_vae"], True, time.monotonic() - 1)
    assert late["failed"] == ["not reached within --minutes"]


def test_the_limit_is_that_of_products_of_matrices():
    size, flops = gpu_check.PRODUCT[True], gpu_check.product_flops("float32", quick=True)
    matrix = np.ones((size, size), "float32")
    began = time.perf_counter()
    for _ in range(5):
        matrix @ matrix
    numpy_flops = 5 * 2 * size**3 / (time.perf_counter() - began)
    assert 0.02 < flops / numpy_flops < 50


@pytest.mark.parametrize(("code", "failed"), [("print(1)", 0), ("assert False, 'a proof'", 1)], ids=["sound", "broken"])
def test_a_lesson_that_does_not_reach_its_end_is_noticed(code, failed, tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    wanted = "import os\nassert os.environ['COURSE_PROFILE'] == 'gpu'\n"
    cells = [("markdown", "# Dice"), ("code", wanted), ("code", code)]
    content = {"cells": [{"cell_type": kind, "source": [text]} for kind, text in cells]}
    (tmp_path / "notebooks" / "07_dice.ipynb").write_text(json.dumps(content), "utf-8")
    monkeypatch.setattr(gpu_check, "ROOT", tmp_path)
    row = gpu_check.check_lesson("dice", "gpu")
    assert (row["passed"], len(row["failed"])) == (1 - failed, failed)
    assert "a proof" in " ".join(row["failed"]) or not failed


def test_a_fact_that_does_not_hold_is_named():
    checks = gpu_check.Checks()
    checks.hold("one is one", 1 == 1)
    checks.hold("a network moves", gpu_check.all_moved([np.zeros(2), np.zeros(2)], [np.ones(2), np.zeros(2)]))
    assert (checks.passed, checks.failed) == (1, ["a network moves"])


@pytest.mark.parametrize(("factor", "holds"), [(1.0, True), (1.00005, True), (1.001, False)])
def test_a_loss_that_is_not_the_cpus_is_noticed(factor, holds, monkeypatch):
    def slightly_off(task, weights, noise):
        return factor * trainer("with_course", task, task.data(1)).loss(weights, task.data(1), noise)

    monkeypatch.setattr(gpu_check, "loss_on_cpu", slightly_off)
    checks = gpu_check.Checks()
    gpu_check.check_loss_against_cpu(checks, tasks.TASKS["dense_gan"], "float32")
    assert (not checks.failed) is holds


@pytest.mark.exhaustive
@pytest.mark.parametrize("sound", [True, False])
def test_a_generator_that_does_not_hold_still_is_noticed(sound, monkeypatch):
    checks, task = gpu_check.Checks(), replace(tasks.TASKS["dense_gan"], batch_size=64)
    found = trainer("with_course", task, task.data(4))
    if not sound:
        compiled = found.model.compile
        without_scales = lambda learning_rate=None, **scales: compiled(learning_rate=learning_rate)  # noqa: E731
        monkeypatch.setattr(found.model, "compile", without_scales)
    gpu_check.check_gan(checks, found)
    assert checks.failed == ([] if sound else ["the generator that stands still does not move"])


def test_what_a_benchmark_writes_does_not_make_its_commit_dirty(tmp_path, monkeypatch):
    """A page of many runs would otherwise call each of them but the first one's code changed."""

    def git(*words):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *words], cwd=tmp_path, check=True)

    (tmp_path / "benchmarks" / "results").mkdir(parents=True)
    places = ["benchmarks/results/bench.json", "benchmarks/RESULTS.md", "benchmarks/worker.py"]
    for place in places:
        (tmp_path / place).write_text("before")
    git("init", "-q"), git("add", "."), git("commit", "-qm", "Begin")
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    for place, changed in zip(places, (False, False, True), strict=True):
        (tmp_path / place).write_text("after")
        assert machine.commit().endswith("-dirty") == changed, place
