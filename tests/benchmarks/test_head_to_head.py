"""benchmarks/head_to_head.py: equal parameters, runs that are kept, errors over seeds, and tables that say what is."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import head_to_head, rendering
from course_lib import models
from course_lib.metrics.scoreboard import SCORES
from tools import course

ROOT = Path(__file__).resolve().parents[2]
LESSON = next((ROOT / "notebooks" / "source").glob("*_head_to_head.py"), ROOT / "no lesson")


def run_of(seconds=30.0, updates=1000, **scores):
    usual = dict.fromkeys(SCORES, 0.5)
    where = {"date": "2026-01-01", "processor": "fast, 2 cores", "system": "Linux", "course": "commit 1"}
    return {"scores": usual | scores, "parameters": 100_000, "updates": updates, "seconds": seconds, **where}


def results_of(**values):
    """Results of all seeds; `values` are the precisions of each model, a number for each seed."""
    runs = {
        name: {str(seed): run_of(precision=value) for seed, value in enumerate(of_model)}
        for name, of_model in values.items()
    }
    return {"runs": runs, "fresh": {"scores": dict.fromkeys(SCORES, 0.9)}}


def test_every_model_has_as_many_parameters_as_the_others_to_one_in_a_thousand():
    pytest.importorskip("course_lib.formulas.gradient_penalties")
    names = [name for name in head_to_head.MODELS if name != "vae_gan" or hasattr(models, "VAEGAN")]
    counts = [
        sum(np.prod(weight.shape) for weight in head_to_head.model_of(name, seed=0).trainable_variables)
        for name in names
    ]
    assert max(counts) / min(counts) < 1.001


def test_training_ends_with_the_batch_in_which_the_seconds_are_used_up():
    class Trainee:
        stop_training, batches = False, 0

        def fit(self, x, batch_size, epochs, verbose, callbacks):
            (stop,) = callbacks
            stop.set_model(self)
            while not self.stop_training:
                self.batches += 1
                stop.on_train_batch_end(self.batches)

    ticks = iter(range(100))
    trainee = Trainee()
    used = head_to_head.train(trainee, None, seconds=7, clock=lambda: next(ticks))
    assert trainee.batches == 7
    assert used == 8  # the clock ticks once more when it is read at the end


def test_what_is_missing_is_measured_seed_by_seed():
    results = results_of(vae=[0.5, 0.6], gan=[0.5])
    todo = head_to_head.missing(results, ["vae", "gan"], seeds=(0, 1, 2))
    assert todo == [("gan", 1), ("vae", 2), ("gan", 2)]
    assert head_to_head.missing({}, ["vae"], seeds=(3,)) == [("vae", 3)]


def test_a_run_keeps_each_result_at_once_and_goes_on_where_it_was_cut(monkeypatch, tmp_path):
    measured = []

    def measure(name, seed, x, sets, seconds):
        measured.append((name, seed, seconds))
        if len(measured) == 3:
            raise KeyboardInterrupt
        return run_of(precision=seed / 10)

    monkeypatch.setattr(head_to_head, "RAW", tmp_path / "raw.json")
    monkeypatch.setattr(head_to_head, "PAGE", ROOT / "page-of-a-test.md")
    monkeypatch.setattr(rendering, "write", lambda path, text, write=rendering.write: write(tmp_path / path.name, text))
    monkeypatch.setattr(head_to_head, "load_sets", lambda: (None, {}))
    monkeypatch.setattr(head_to_head, "of_fresh_images", lambda sets: {"scores": dict.fromkeys(SCORES, 0.9)})
    monkeypatch.setattr(head_to_head, "measure", measure)
    words = ["--only", "vae", "gan", "--seeds", "0", "1", "--seconds", "5"]
    with pytest.raises(KeyboardInterrupt):
        head_to_head.main(words)
    assert set(json.loads((tmp_path / "raw.json").read_text("utf-8"))["runs"]) == {"vae", "gan"}
    assert head_to_head.main(words) == 0
    assert [entry[:2] for entry in measured] == [("vae", 0), ("gan", 0), ("vae", 1), ("vae", 1), ("gan", 1)]
    assert {entry[2] for entry in measured} == {5.0}
    assert "Not complete" in (tmp_path / "page-of-a-test.md").read_text("utf-8")


def test_the_summary_is_the_mean_over_seeds_with_its_standard_error():
    runs = results_of(vae=[0.2, 0.4, 0.9])["runs"]["vae"]
    mean, error = head_to_head.summary(runs)["precision"]
    assert mean == pytest.approx(0.5)
    assert error == pytest.approx(np.std([0.2, 0.4, 0.9], ddof=1) / np.sqrt(3))
    assert head_to_head.mean_and_error([0.7]) == (0.7, None)


@pytest.mark.parametrize(
    ("score", "values", "expected"),
    [
        ("precision", {"a": (0.9, 0.01), "b": (0.5, 0.01)}, ["a"]),
        ("precision", {"a": (0.52, 0.02), "b": (0.5, 0.02)}, ["a", "b"]),
        ("Fréchet", {"a": (3.0, 0.1), "b": (1.0, 0.1)}, ["b"]),
        ("density", {"a": (1.4, 0.01), "b": (0.7, 0.01)}, ["b"]),
        ("accuracy", {"a": (0.45, 0.001), "b": (0.6, 0.001)}, ["a"]),
        ("accuracy", {"a": (0.8, None), "b": (0.9, 0.001)}, ["a", "b"]),
    ],
)
def test_the_best_is_marked_with_those_that_two_errors_cannot_tell_from_it(score, values, expected):
    assert head_to_head.winners({name: {score: value} for name, value in values.items()}, score) == expected


def test_every_score_knows_what_is_best():
    assert tuple(head_to_head.BEST) == SCORES


def test_the_page_says_what_is_missing_and_where_and_how_long_was_measured():
    page = head_to_head.page(results_of(vae=[0.5, 0.6], gan=[0.7, 0.9]))
    assert "**Not complete**" in page
    assert "2026-01-01 on fast, 2 cores" in page
    assert "100,000 parameters, 30.0 to 30.0 processor seconds" in page
    assert "0.80 ± 0.10*" in page
    seeds = [0.5] * len(head_to_head.SEEDS)
    assert "All models were measured" in head_to_head.page(results_of(**dict.fromkeys(head_to_head.MODELS, seeds)))
    assert "Not measured yet" in head_to_head.page({})


def test_the_page_is_the_one_that_the_raw_results_make():
    assert head_to_head.PAGE.read_text("utf-8") == head_to_head.page(rendering.read(head_to_head.RAW) or {})


@pytest.mark.skipif(not LESSON.exists(), reason="the lesson is not there yet")
def test_the_lesson_shows_the_stored_table_and_no_other():
    """Where only the package is installed, as on Colab, there is no raw result: the lesson carries the table."""
    tree = ast.parse(LESSON.read_text("utf-8"))
    shown = next(
        ast.literal_eval(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "stored"
    )
    assert shown.strip() == head_to_head.for_the_lesson(rendering.read(head_to_head.RAW) or {})


def test_the_table_for_the_lesson_has_date_machine_and_aligned_columns():
    caption, *lines = head_to_head.for_the_lesson(results_of(vae=[0.5, 0.7], gan=[0.1, 0.2])).splitlines()
    assert caption == "2026-01-01, fast, 2 cores, about 30 processor seconds a run"
    assert [line.split("  ")[0] for line in lines[:4]] == ["model", "seeds", "updates", "precision"]
    starts = {line.index(word) for line, word in zip(lines[:4], ("VAE", "2 ", "1,000", "0.60 ± 0.10*"), strict=True)}
    assert len(starts) == 1
    assert lines[3].split()[1] == "0.90"


def test_make_benchmark_head_to_head_passes_its_options_on(monkeypatch):
    seen = []
    monkeypatch.setattr(course, "prepare", lambda environment: seen.append(environment.folder))
    monkeypatch.setattr(course, "run", lambda command, variables: seen.append(command[1:]) or 0)
    assert course.main(["benchmark-head-to-head", "--seconds", "10"]) == 0
    assert seen == [".venv", ["benchmarks/head_to_head.py", "--seconds", "10"]]
    assert "benchmark-head-to-head" in (ROOT / "Makefile").read_text("utf-8")
