"""`make test-profiles`: run whole lessons, solved, with other sizes and seeds than the stored ones, and keep verdicts.

Without options every lesson is run with the `gpu` profile, on whatever device there is; `--seeds 0 1 2` runs them with
the `cpu` profile and these seeds. A lesson passes if no cell stops, every check says "right", and nothing is written to
the standard error. A cell that stops does not end the lesson, so that one run tells everything that is wrong.

What has been run is kept at once, and not run again before the lesson's code or its module of checks changes; a change
of its prose or of the library does not count (`--again` runs whatever is named). The executed lessons lie in
`.cache/profiles/`: `--outputs` shows what they printed, seed beside seed, to be read against the lesson's sentences.

With the `gpu` profile the lesson on tighter bounds trains on MNIST, too, which is looked for in the folder that
COURSE_DATA names, then in `data/cache/`, and then downloaded.
"""

import argparse
import copy
import hashlib
import os
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import nbformat  # noqa: E402

from benchmarks import machine, rendering  # noqa: E402
from tools.editions import build_notebooks as builder  # noqa: E402
from tools.editions.lesson_names import name_of  # noqa: E402
from tools.editions.lesson_rules import text_of  # noqa: E402
from tools.editions.lesson_sources import read_source  # noqa: E402

RAW, PAGE, KEPT = rendering.RAW / "profiles.json", rendering.HERE / "PROFILES.md", ROOT / ".cache" / "profiles"
PROFILES = ("cpu", "gpu")
COLUMNS = (("gpu", 0), ("cpu", 0), ("cpu", 1), ("cpu", 2))  # what the page always shows
MOST_LETTERS = 300
GAVE_UP = "the kernel gave up"  # killed, interrupted, or out of memory or time: that says nothing of the lesson


# --- running -----------------------------------------------------------------------------------------------------


def digest(course, lesson):
    """What decides whether a lesson is run again: its code and its checks, neither its prose nor the whole library."""
    cells = read_source(course.source(lesson)).cells
    checks = course.root / "course_lib" / "exercises" / f"{name_of(lesson)}.py"
    texts = [cell.source for cell in cells if cell.cell_type == "code"]
    texts += [checks.read_text("utf-8")] if checks.exists() else []
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def measure(course, lesson, profile, seed):
    """Run a lesson and say what came of it.

    Returns:
        The record, and the executed notebook.
    """
    notebook, known = builder.make_notebook(course, lesson, solved=True), digest(course, lesson)
    tags = [copy.deepcopy(cell.metadata) for cell in notebook.cells]
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({"tags": [*builder.tags_of(cell), "raises-exception"]})  # and go on
    described, began, processors = machine.described(), time.monotonic(), processor_seconds()
    failed = []
    try:
        builder.run_notebook(course, notebook, COURSE_PROFILE=profile, COURSE_SEED=str(seed))
    except builder.LessonError as error:
        failed = [shortened(problem) for problem in error.problems]
    seconds, processors = time.monotonic() - began, processor_seconds() - processors
    for cell, metadata in zip(notebook.cells, tags, strict=True):
        cell.metadata = metadata
    failed += failures(course, lesson, notebook, profile, seed)
    record = {
        "verdict": "FAILED" if failed else "passed",
        "failed": failed,
        "seconds": round(seconds, 1),
        "processor_seconds": round(processors, 1),
        "digest": known,
        "runs_on": runs_on(notebook).partition(" · profile ")[0],
        **described,
    }
    return record, notebook


def failures(course, lesson, notebook, profile, seed):
    """What went wrong in an executed notebook: a sentence for each cell."""
    said = runs_on(notebook)
    wanted = f"profile {profile} · seed {seed}"
    strangers = [] if said.endswith(wanted) else [f"the set-up cell says {said!r}, not {wanted!r}"]
    stopped = [
        f"cell `{cell.id}` stopped with {output.ename}: {shortened(output.evalue)}"
        for cell in notebook.cells
        if cell.cell_type == "code" and "raises-exception" not in builder.tags_of(cell)
        for output in cell.outputs
        if output.output_type == "error"
    ]
    noisy = [
        f"cell `{cell.id}` wrote to stderr: {shortened(output.text)}"
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.get("name") == "stderr"
    ]
    return strangers + stopped + noisy + builder.verdict_problems(course, lesson, notebook, solved=True)


def runs_on(notebook):
    """The line of the set-up cell, which is what the kernel really had."""
    cell = next(cell for cell in notebook.cells if cell.id == "setup")
    lines = "".join(output.get("text", "") for output in cell.outputs).strip().splitlines()
    return lines[-1] if lines else ""


def shortened(text):
    line = " ".join(text.split())
    return line if len(line) <= MOST_LETTERS else line[: MOST_LETTERS - 1] + "…"


def processor_seconds():
    """Of all processes that this one has started and seen the end of; 0 where the system does not say."""
    return sum(os.times()[2:4])


# --- what is kept ------------------------------------------------------------------------------------------------


def wanted_runs(lessons, profiles, seeds):
    """`(lesson, profile, seed)`, one column of the page after the other."""
    return [(lesson, profile, seed) for profile in profiles for seed in seeds for lesson in lessons]


def record_of(results, lesson, profile, seed):
    return results.get(lesson, {}).get(profile, {}).get(str(seed))


def to_do(course, results, runs):
    """The runs that have no record, or the record of other code."""
    return [
        (lesson, *rest)
        for lesson, *rest in runs
        if (record_of(results, lesson, *rest) or {}).get("digest") != digest(course, lesson)
    ]


def run_all(course, runs, raw=None, page=None, kept=None):
    """Run lesson after lesson and keep each record at once; the number of those that failed."""
    raw, page, kept, bad = raw or RAW, page or PAGE, kept or KEPT, 0
    for lesson, profile, seed in runs:
        print(f"--- {lesson}, profile {profile}, seed {seed}", flush=True)
        record, notebook = measure(course, lesson, profile, seed)
        bad += record["verdict"] != "passed"
        if any(problem.startswith(GAVE_UP) for problem in record["failed"]):
            print(f"    {record['failed'][0]}: no verdict, so it is not kept", flush=True)
            continue
        builder.write_notebook(notebook, kept_notebook(kept, lesson, profile, seed))
        results = rendering.read(raw) or {}  # as it is now: another run may have written meanwhile
        results.setdefault(lesson, {}).setdefault(profile, {})[str(seed)] = record
        rendering.write_raw(raw, {name: results[name] for name in sorted(results)})
        rendering.write(page, text_of_page(results))
        print("\n    ".join([f"    {cell_of(record)}", *record["failed"]]), flush=True)
    return bad


def kept_notebook(folder, lesson, profile, seed):
    return folder / f"{lesson}-{profile}-{seed}.ipynb"


# --- the page ----------------------------------------------------------------------------------------------------


def text_of_page(results):
    """PROFILES.md."""
    if not results:
        return TITLE + "\nNot run yet: `make test-profiles`.\n"
    found = {
        (profile, int(seed))
        for of_lesson in results.values()
        for profile, of_profile in of_lesson.items()
        for seed in of_profile
    }
    columns = [*COLUMNS, *sorted(found - set(COLUMNS))]
    head = ["lesson", *(f"{profile}, seed {seed}" for profile, seed in columns)]
    rows = [[lesson, *(cell_of(record_of(results, lesson, *each)) for each in columns)] for lesson in sorted(results)]
    records = [
        (lesson, profile, seed, record_of(results, lesson, profile, seed))
        for profile, seed in columns
        for lesson in sorted(results)
    ]
    records = [each for each in records if each[-1]]
    failed = [
        f"* {lesson}, {profile}, seed {seed}: {'; '.join(record['failed'])}"
        for lesson, profile, seed, record in records
        if record["verdict"] != "passed"
    ]
    missing = sum(record_of(results, lesson, *each) is None for lesson in results for each in COLUMNS)
    verdict = f"{len(records) - len(failed)} of {len(records)} runs passed"
    verdict += f"; of the four columns {missing} runs are missing." if missing else "."
    parts = [TITLE, rendering.table(head, rows), "", verdict, ""]
    parts += ["## What failed", "", *failed, ""] if failed else []
    return "\n".join([*parts, "## Where", "", *where([record for *_, record in records]), "", HOW, ""])


def cell_of(record):
    if record is None:
        return "–"
    return f"{record['verdict']}, {record['seconds']:.0f} s / {record['processor_seconds']:.0f} s"


def where(records):
    """Machines, versions and commits, each with the number of runs."""
    lines = []
    for record in records:
        words = [record["date"], record["runs_on"], record["processor"], record["system"], record["course"]]
        lines.append(", ".join(filter(None, words)))
    return [f"* {line}: {lines.count(line)} runs" for line in sorted(set(lines))]


TITLE = """\
# The lessons with other sizes and other seeds

Made by `make test-profiles`; do not edit. Each lesson was run whole, with its solutions in place: no cell may stop, and
every check must say "right". *gpu* and *cpu* are profiles, not devices: the line below the table says what they ran on.
Seconds are those on the clock, kernel start included, / those of all processors together; where other jobs ran on the
machine, the second number is the better one.
"""

HOW = """\
## How to read this

* The stored notebooks are *cpu, seed 0*. The other columns say whether an assert, a check or a verdict hangs on that.
* A lesson is run again when its code or its module of checks has changed (`make test-profiles`, and `make
  test-profiles ARGS="--seeds 0 1 2"` for the seeds; `--only gan_theory` names lessons, `--again` runs them whatever is
  kept). Its prose or the library may have changed since a run: the commit says what they were.
* With *gpu* the lesson on tighter bounds trains on MNIST, too (`COURSE_DATA`, `data/cache/`, or a download).
* That a run passes says nothing of the sentences around its cells. `--outputs gan_theory` shows what was printed,
  seed beside seed."""


# --- what was printed --------------------------------------------------------------------------------------------


def outputs(course, lesson, kept=KEPT):
    """What the kept runs of a lesson printed, cell by cell: where all agree once, else one after the other."""
    runs = sorted(kept.glob(f"{lesson}-*.ipynb"))
    notebooks = {path.stem.removeprefix(f"{lesson}-"): nbformat.read(path, as_version=4) for path in runs}
    parts = [f"===== {lesson}: {', '.join(notebooks) or 'not run'}"]
    for cell in builder.make_notebook(course, lesson, solved=True).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        printed = {name: printed_in(notebook, cell.id) for name, notebook in notebooks.items()}
        if not any(printed.values()):
            continue
        same = len(set(printed.values())) == 1
        parts.append(f"----- {cell.id}" + (" (the same in all)" if same else ""))
        parts += [*printed.values()][:1] if same else [f"[{name}]\n{text}" for name, text in printed.items()]
    return "\n".join(parts)


def printed_in(notebook, name):
    cells = [cell for cell in notebook.cells if cell.get("id") == name]
    text = "\n".join(text_of(output) for cell in cells for output in cell.outputs)
    return re.sub(r"<Figure size \S+ with \d+ Axes>", "", text).strip()


# --- the command -------------------------------------------------------------------------------------------------


def parser():
    options = argparse.ArgumentParser(prog="make test-profiles", description=__doc__.partition("\n")[0])
    options.add_argument("--profile", choices=PROFILES, help="gpu; with --seeds cpu")
    options.add_argument("--seeds", type=int, nargs="+", metavar="SEED", help="0 if none is named")
    options.add_argument("--only", nargs="+", metavar="LESSON", help="such as the_elbo, or its number; else all")
    options.add_argument("--again", action="store_true", help="run what is named although it is recorded")
    options.add_argument("--outputs", action="store_true", help="run nothing; show what the kept runs printed")
    options.add_argument("--render", action="store_true", help="run nothing; make PROFILES.md from the raw results")
    return options


def main(words=None):
    arguments = parser().parse_args(words)
    profile = arguments.profile or ("cpu" if arguments.seeds else "gpu")
    try:
        course = builder.find_course(ROOT)
        lessons = builder.named_lessons(course, arguments.only)
    except builder.LessonError as error:
        print(error)
        return 1
    if arguments.outputs:
        print("\n\n".join(outputs(course, lesson) for lesson in lessons))
        return 0
    bad = 0
    if not arguments.render:
        runs = wanted_runs(lessons, [profile], arguments.seeds or [0])
        chosen = runs if arguments.again else to_do(course, rendering.read(RAW) or {}, runs)
        print(f"{len(runs) - len(chosen)} of {len(runs)} runs are recorded, {len(chosen)} are to do", flush=True)
        try:
            bad = run_all(course, chosen)
        except (KeyboardInterrupt, AssertionError):  # nbclient ends the kernel at Ctrl-C, and then misses it
            print("\nStopped. The same command goes on with the lesson that was interrupted.")
            return 130
        bad += sum(record_of(rendering.read(RAW), *each)["verdict"] != "passed" for each in set(runs) - set(chosen))
    rendering.write(PAGE, text_of_page(rendering.read(RAW) or {}))
    print(f"Written to {PAGE.relative_to(ROOT)}" + (f"; {bad} runs FAILED" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
