"""benchmarks/profiles.py: what is run, kept, run again and rendered, on a course of two lessons without a backend."""

import contextlib
import io
from pathlib import Path

import nbformat
import pytest

from benchmarks import profiles, rendering

ROOT = Path(__file__).resolve().parents[2]

LESSON = """\
# %% [markdown]
# # A lesson

# %% tags=["setup"]
import course_lib

run = course_lib.setup(backend=False)

# %% [markdown]
# Some prose.

# %%
print("thrown:", 10 * run.seed + {number})
assert run.seed != 2, "a six must come"

# %% [markdown]
# **Exercise {number}.1.** Say one.

# %% tags=["exercise"]
# BEGIN SOLUTION
one = 1
# END SOLUTION

# %%
print("Exercise {number}.1:", "right" if one == 1 else "not yet")
check = lambda *answers: None
check("{number}.1", None, one)

# %% [markdown]
# In this lesson you have thrown dice.
"""


@pytest.fixture
def course(tmp_path):
    """Two lessons, beside the real library."""
    (tmp_path / "notebooks" / "source").mkdir(parents=True)
    (tmp_path / "course_lib").symlink_to(ROOT / "course_lib", target_is_directory=True)
    for number, name in ((1, "01_dice"), (2, "02_coins")):
        source_of(tmp_path, name).write_text(LESSON.format(number=number), "utf-8")
    return profiles.builder.Course(tmp_path, None, "0.1.0")


def source_of(root, lesson):
    return root / "notebooks" / "source" / f"{lesson}.py"


def change(course, lesson, old, new):
    text = source_of(course.root, lesson).read_text("utf-8")
    assert old in text
    source_of(course.root, lesson).write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def no_kernel(monkeypatch):
    """Run cells in this process, as a kernel would that goes on after errors; the list of what was run."""
    ran = []

    def run_notebook(course, notebook, **variables):
        ran.append(
            (str(int(notebook.cells[0].source.split()[1])), variables["COURSE_PROFILE"], variables["COURSE_SEED"])
        )
        names = {}
        with pytest.MonkeyPatch.context() as environment:
            for name, value in variables.items():
                environment.setenv(name, value)
            for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
                assert "raises-exception" in profiles.builder.tags_of(cell)
                written = io.StringIO()
                try:
                    with contextlib.redirect_stdout(written):
                        exec(cell.source, names)
                except Exception as error:
                    name, said = type(error).__name__, str(error)
                    cell.outputs.append(nbformat.v4.new_output("error", ename=name, evalue=said, traceback=[said]))
                cell.outputs.insert(0, nbformat.v4.new_output("stream", name="stdout", text=written.getvalue()))

    monkeypatch.setattr(profiles.builder, "run_notebook", run_notebook)
    return ran


@pytest.fixture
def kept(tmp_path):
    """Where results, page and notebooks go."""
    return {
        "raw": tmp_path / "kept" / "profiles.json",
        "page": tmp_path / "kept" / "PROFILES.md",
        "kept": tmp_path / "run",
    }


def record(verdict="passed", **changes):
    failed = ["cell `dice` stopped with AssertionError: a six must come"] if verdict == "FAILED" else []
    where = {
        "date": "2026-01-01",
        "runs_on": "course_lib 0.1.0 · CPU",
        "processor": "a processor",
        "system": "a system",
    }
    seconds = {"seconds": 31.4, "processor_seconds": 44.6}
    return {"verdict": verdict, "failed": failed, "digest": "d", "course": "commit 1", **seconds, **where, **changes}


@pytest.mark.slow
def test_the_profile_and_the_seed_reach_a_kernel_that_goes_on_after_a_failed_cell(course):
    good, notebook = profiles.measure(course, "01_dice", "gpu", 1)
    assert (good["verdict"], good["failed"]) == ("passed", [])
    assert profiles.runs_on(notebook).endswith("profile gpu · seed 1")
    assert "thrown: 11" in profiles.printed_in(notebook, notebook.cells[3].id)
    bad, notebook = profiles.measure(course, "01_dice", "cpu", 2)
    assert bad["verdict"] == "FAILED"
    assert bad["failed"] == [f"cell `{notebook.cells[3].id}` stopped with AssertionError: a six must come"]
    assert "Exercise 1.1: right" in profiles.printed_in(notebook, "check-1-1")


def test_a_run_is_recorded_with_its_verdict_seconds_digest_and_place(course, no_kernel):
    found, notebook = profiles.measure(course, "02_coins", "gpu", 1)
    assert no_kernel == [("2", "gpu", "1")]
    assert found["verdict"] == "passed"
    assert found["digest"] == profiles.digest(course, "02_coins")
    assert found["runs_on"].startswith("course_lib 0.1.0 · no backend needed · CPU")
    assert "seed" not in found["runs_on"]
    assert found["seconds"] >= 0
    assert found["processor_seconds"] >= 0
    assert found["date"]
    assert not any("raises-exception" in profiles.builder.tags_of(cell) for cell in notebook.cells)


def test_every_cell_that_stops_is_told_with_its_message(course, no_kernel):
    change(course, "01_dice", "one = 1\n", "one = 1\nraise RuntimeError('too\\nmany ' + 400 * 'x')\n")
    found, _ = profiles.measure(course, "01_dice", "cpu", 2)
    first, second = found["failed"]
    assert first.endswith("stopped with AssertionError: a six must come")
    assert "`exercise-1-1` stopped with RuntimeError: too many xxx" in second
    assert len(second) < 400
    assert second.endswith("…")


def test_a_cell_that_is_meant_to_stop_is_no_failure(course, no_kernel):
    change(course, "01_dice", "# %%\nprint(", '# %% tags=["raises-exception"]\nprint(')
    assert profiles.measure(course, "01_dice", "cpu", 2)[0]["verdict"] == "passed"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("one = 1\n", "one = 7\n", "exercise 1.1 says 'not yet', not 'right'"),
        ("course_lib.setup(backend=False)", "course_lib.setup(5, backend=False)", "not 'profile cpu · seed 1'"),
    ],
    ids=["a wrong answer", "another seed"],
)
def test_a_check_that_is_not_right_and_another_seed_than_asked_for_are_failures(course, no_kernel, old, new, words):
    change(course, "01_dice", old, new)
    found, _ = profiles.measure(course, "01_dice", "cpu", 1)
    assert found["verdict"] == "FAILED"
    assert words in " ".join(found["failed"])


def test_words_on_the_standard_error_are_a_failure(course, no_kernel, monkeypatch):
    quiet = profiles.builder.run_notebook

    def noisy(course, notebook, **variables):
        quiet(course, notebook, **variables)
        notebook.cells[3].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="a warning\n"))

    monkeypatch.setattr(profiles.builder, "run_notebook", noisy)
    assert "wrote to stderr: a warning" in profiles.measure(course, "01_dice", "cpu", 1)[0]["failed"][0]


def test_a_kernel_that_gives_up_is_told_and_not_kept_as_a_verdict(course, kept, monkeypatch, capsys):
    def give_up(course, notebook, **variables):
        raise profiles.builder.LessonError("the kernel gave up: Kernel died")

    monkeypatch.setattr(profiles.builder, "run_notebook", give_up)
    assert profiles.run_all(course, [("01_dice", "gpu", 0)], **kept) == 1
    assert "the kernel gave up: Kernel died: no verdict, so it is not kept" in capsys.readouterr().out
    assert not kept["raw"].exists()


def test_what_is_recorded_is_not_run_again_until_the_code_changes(course, no_kernel, kept):
    runs = profiles.wanted_runs(["01_dice", "02_coins"], ["cpu"], [0, 1])
    assert runs == [("01_dice", "cpu", 0), ("02_coins", "cpu", 0), ("01_dice", "cpu", 1), ("02_coins", "cpu", 1)]
    assert profiles.to_do(course, {}, runs) == runs
    assert profiles.run_all(course, runs, **kept) == 0
    results = rendering.read(kept["raw"])
    assert profiles.to_do(course, results, runs) == []
    assert profiles.to_do(course, results, [("01_dice", "gpu", 0)]) == [("01_dice", "gpu", 0)]
    change(course, "01_dice", "Some prose.", "Other prose.")
    assert profiles.to_do(course, results, runs) == []
    change(course, "01_dice", "10 * run.seed", "20 * run.seed")
    assert profiles.to_do(course, results, runs) == [("01_dice", "cpu", 0), ("01_dice", "cpu", 1)]


def test_other_checks_make_a_lesson_be_run_again(course):
    (course.root / "course_lib").unlink()
    (course.root / "course_lib" / "exercises").mkdir(parents=True)
    before = [profiles.digest(course, lesson) for lesson in course.lessons]
    (course.root / "course_lib" / "exercises" / "coins.py").write_text("ONE = 1\n")
    after = [profiles.digest(course, lesson) for lesson in course.lessons]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False]


def test_an_interrupted_command_keeps_what_it_has_run(course, no_kernel, kept, monkeypatch):
    quick = profiles.builder.run_notebook

    def interrupted(course, notebook, **variables):
        if no_kernel:
            raise KeyboardInterrupt
        quick(course, notebook, **variables)

    monkeypatch.setattr(profiles.builder, "run_notebook", interrupted)
    runs = profiles.wanted_runs(["01_dice", "02_coins"], ["cpu"], [2])
    with pytest.raises(KeyboardInterrupt):
        profiles.run_all(course, runs, **kept)
    results = rendering.read(kept["raw"])
    assert results["01_dice"]["cpu"]["2"]["verdict"] == "FAILED"
    assert profiles.to_do(course, results, runs) == [("02_coins", "cpu", 2)]
    assert kept["page"].read_text("utf-8") == profiles.text_of_page(results)
    assert [path.name for path in kept["kept"].iterdir()] == ["01_dice-cpu-2.ipynb"]


def test_results_that_another_command_has_written_meanwhile_are_not_lost(course, no_kernel, kept):
    rendering.write_raw(kept["raw"], {"02_coins": {"gpu": {"0": record()}}})
    assert profiles.run_all(course, [("01_dice", "cpu", 2)], **kept) == 1
    assert list(rendering.read(kept["raw"])) == ["01_dice", "02_coins"]


def test_the_page_shows_every_run_what_is_missing_and_what_failed():
    results = {"01_dice": {"cpu": {"0": record(), "7": record("FAILED")}}, "02_coins": {"gpu": {"0": record()}}}
    page = profiles.text_of_page(results)
    assert "| lesson | gpu, seed 0 | cpu, seed 0 | cpu, seed 1 | cpu, seed 2 | cpu, seed 7 |" in page
    assert "| 01_dice | – | passed, 31 s / 45 s | – | – | FAILED, 31 s / 45 s |" in page
    assert "| 02_coins | passed, 31 s / 45 s | – | – | – | – |" in page
    assert "2 of 3 runs passed; of the four columns 6 runs are missing." in page
    assert "* 01_dice, cpu, seed 7: cell `dice` stopped with AssertionError: a six must come" in page
    assert "* 2026-01-01, course_lib 0.1.0 · CPU, a processor, a system, commit 1: 3 runs" in page
    assert "Not run yet" in profiles.text_of_page({})


def test_a_page_without_failures_and_gaps_says_so():
    everywhere = {"gpu": {"0": record()}, "cpu": {str(seed): record() for seed in range(3)}}
    page = profiles.text_of_page({"01_dice": everywhere})
    assert "4 of 4 runs passed.\n" in page
    assert "What failed" not in page


def test_what_was_printed_is_shown_once_where_it_agrees_and_else_side_by_side(course, no_kernel, kept):
    profiles.run_all(course, profiles.wanted_runs(["02_coins"], ["cpu"], [0, 1]), **kept)
    said = profiles.outputs(course, "02_coins", kept["kept"])
    assert "[cpu-0]\nthrown: 2\n[cpu-1]\nthrown: 12\n" in said
    assert "check-2-1 (the same in all)\nExercise 2.1: right" in said
    assert "Some prose." in said


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ([], [("01_dice", "gpu", 0), ("02_coins", "gpu", 0)]),
        (["--seeds", "1", "2", "--only", "02"], [("02_coins", "cpu", 1), ("02_coins", "cpu", 2)]),
        (["--seeds", "3", "--profile", "gpu", "--only", "01"], [("01_dice", "gpu", 3)]),
    ],
)
def test_the_command_runs_what_is_named_once_and_fails_as_long_as_a_verdict_is_bad(
    words, runs, course, no_kernel, kept, monkeypatch, capsys
):
    for name, place in (("RAW", kept["raw"]), ("PAGE", kept["page"]), ("KEPT", kept["kept"]), ("ROOT", course.root)):
        monkeypatch.setattr(profiles, name, place)
    monkeypatch.setattr(profiles.builder, "find_course", lambda root: course)
    expected = int(("02_coins", "cpu", 2) in runs)
    assert profiles.main(words) == expected
    asked = [(str(int(lesson[:2])), profile, str(seed)) for lesson, profile, seed in runs]
    assert no_kernel == asked
    assert profiles.main(words) == expected
    assert no_kernel == asked
    assert f"{len(runs)} of {len(runs)} runs are recorded, 0 are to do" in capsys.readouterr().out
    assert profiles.main([*words, "--again"]) == expected
    assert no_kernel == asked + asked


def test_an_unknown_lesson_is_named(capsys):
    assert profiles.main(["--only", "77"]) == 1
    assert "there is no lesson '77'" in capsys.readouterr().out


def test_the_kept_page_is_the_one_that_the_kept_results_make():
    assert profiles.PAGE.read_text("utf-8") == profiles.text_of_page(rendering.read(profiles.RAW))
