"""benchmarks/modes.py: what is measured, kept and rendered. The figures are measured by the command alone."""

import re
from pathlib import Path

import pytest

from benchmarks import modes, rendering

SOURCES = Path(__file__).resolve().parents[2] / "notebooks" / "source"
LESSON = next(SOURCES.glob("*_stability_and_mode_collapse.py"), SOURCES / "no lesson")


def found(counts, share=0.5):
    machine = {"date": "2026-01-01", "processor": "a processor", "system": "a system"}
    counted = {"modes": counts, "high_quality": [share] * len(counts), "reverse_kl": [0.25] * len(counts)}
    return {**counted, "updates": 10, "seconds": 1.0, **machine}


def test_the_kept_page_is_the_one_that_the_kept_results_make():
    assert modes.PAGE.read_text("utf-8") == modes.page(rendering.read(modes.RAW))


def test_the_kept_results_hold_five_seeds_of_every_method_on_both_data_sets():
    results = rendering.read(modes.RAW)
    assert modes.missing(results) == []
    assert {len(run["modes"]) for of_method in results.values() for run in of_method.values()} == {5}
    assert {run["updates"] for of_method in results.values() for run in of_method.values()} == {modes.STEPS}


def test_cells_are_means_with_standard_errors():
    assert modes.cells(found([1, 3])) == ["2.0 ± 1.0", "50.0 ± 0.0 %", "0.25 ± 0.00"]
    assert modes.cells(None) == ["–"] * 3


def test_what_is_missing_is_said_and_measured_next():
    results = {"r1": {"ring": found([8, 8])}}
    assert ("r1", "ring") not in modes.missing(results)
    assert modes.missing(results, ["r1"]) == [("r1", "grid")]
    assert "**Not complete**: 15 of 16" in modes.page(results)
    assert "8.0 ± 0.0" in modes.page(results)


@pytest.mark.skipif(not LESSON.exists(), reason="the lesson is not there yet")
def test_the_lesson_shows_the_stored_table_with_its_date_and_machine():
    """Where only the package is installed, as on Colab, there is no raw result: the lesson carries the table."""
    results = rendering.read(modes.RAW)
    lesson = re.sub(r"[\s#|]+", " ", LESSON.read_text("utf-8"))
    for row in modes.table_rows(results)[1]:
        assert " ".join(row) in lesson, f"the lesson does not show the row {row}"
    for run in (run for of_method in results.values() for run in of_method.values()):
        assert run["date"] in lesson
        assert run["processor"].partition(",")[0] in lesson


@pytest.mark.skipif(not LESSON.exists(), reason="the lesson is not there yet")
def test_published_rows_are_the_same_on_the_page_and_in_the_lesson_and_say_that_they_are_not_ours():
    page, lesson = modes.PAGE.read_text("utf-8"), re.sub(r"[\s#|]+", " ", LESSON.read_text("utf-8"))
    for paper, method, *numbers in modes.PUBLISHED:
        assert f"| {paper} | {method} | {' | '.join(numbers)} |" in page
    shown = {("VEEGAN", "GAN"), ("VEEGAN", "VEEGAN"), ("PacGAN", "GAN"), ("PacGAN", "packs of 2")}
    in_the_lesson = [" ".join(numbers) for paper, method, *numbers in modes.PUBLISHED if (paper, method) in shown]
    assert len(in_the_lesson) == len(shown)
    assert all(numbers in lesson for numbers in in_the_lesson)
    assert "VEEGAN's were entered from memory" in page
    assert "VEEGAN's rows are from memory" in lesson


@pytest.mark.exhaustive
@pytest.mark.parametrize("method", ["packing_slow", "hinge_spectral"])
def test_a_method_is_trained_for_exactly_so_many_updates_and_counted_seed_by_seed(method, monkeypatch):
    monkeypatch.setattr(modes, "NUM_TRAIN", 3 * modes.BATCH_SIZE * modes.COPIES)
    trained = []
    monkeypatch.setattr(modes, "train", lambda model, *rest: trained.append(model) or train(model, *rest))
    measured = modes.measure(method, "grid", steps=7)
    assert int(trained[0].optimizer.iterations) == measured["updates"] == 7
    assert len(measured["modes"]) == len(measured["counts"]) == len(measured["reverse_kl"]) == modes.COPIES
    assert all(
        sum(map(bool, counts)) == number for counts, number in zip(measured["counts"], measured["modes"], strict=True)
    )


train = modes.train
