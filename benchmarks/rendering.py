"""RESULTS.md from the raw results: `results/bench.json` and `results/gpu-<backend>.json`, each written by its command.

The page is made anew from all of them each time, so no command can lose what another one measured.
"""

import json
import math
from pathlib import Path

from benchmarks import operations, targets
from benchmarks.targets import MET, MISSED, RATIOS, verdict
from benchmarks.tasks import CONTENDERS, TASKS

HERE = Path(__file__).resolve().parent
RAW = HERE / "results"
PAGE = HERE / "RESULTS.md"
AS_THEN = (
    "With the numbers and names that they had at this commit; "
    "[PROFILES.md](PROFILES.md) has the lessons as they are now."
)

HOW_TO_READ = """\
All contenders of a task train the same networks with the same batches, optimiser and data, on the same machine, each
in a process of its own; they take turns, an epoch each, so that what disturbs the machine disturbs all alike. A test
holds them to the same number of parameters and the same loss at the same weights and noise. Times are per training
step, over the epochs after the first. A ratio below 1 means that the course is faster. Ratios are of medians, and
those of minima stand beside them: where the two differ much, the machine was disturbed. *few* marks rows of fewer than
ten epochs, because they take too long here. The *first step* is what the first epoch took beyond a usual one: set-up,
tracing and compilation. The processor time *of all cores* is disturbed less than the time on the clock, but counts
threads that wait by spinning.

No program trains faster than its machine multiplies. So the course on TensorFlow has no target beside the keras.io
style and PyTorch for the dense VAE, and the importance-weighted bound has none in seconds: instead, the table of the
machine's limit says which *share* of it they reach. Operations are two for each multiplication and addition of a
kernel, three times the forward pass: the pass, the gradient by the weights, the gradient by the input. A GAN's
discriminator counts three times: for data, for samples, and for samples on behalf of the generator. The *limit* is what
bare products of the same shapes reach in float32, each by the faster of NumPy and TensorFlow, in the same process and
in turn with the epochs; the fastest of five counts, so that a disturbed machine makes the share smaller, not larger. A
share of 1 would be a program that multiplies and does nothing else: no draw, no loss, no Adam. It can be above 1, as
not all that is counted is needed (of the first layer no gradient by the input), and a convolution need not be computed
as the product that it is counted as.

The GANs' recipes differ in one thing that belongs to them: the course and the JAX scan update both networks in one
simultaneous step; the keras.io style and PyTorch update one after the other, and the keras.io style draws new samples
for the generator's turn."""

NOT_MEASURED = """\
`predict`, several devices, other batch sizes, and energy. One machine and one seed: the ratios carry over to similar
machines, the milliseconds do not."""


def write_page(raw=RAW, page=PAGE):
    """Render RESULTS.md from whatever raw results there are."""
    parts = ["# How fast the course is\n\nMade by `make bench` and `make gpu-check`; do not edit.\n"]
    parts += ["## How to read this\n", HOW_TO_READ + "\n"]
    bench = read(raw / "bench.json")
    parts += bench_sections(bench) if bench else ["## On a CPU\n\nNot measured yet: `make bench`.\n"]
    accelerators = [read(path) for path in sorted(raw.glob("gpu-*.json"))]
    parts += [accelerator_section(found) for found in accelerators]
    if not accelerators:
        parts.append("## On an accelerator\n\nNot measured yet: `make gpu-check` on a machine that has one.\n")
    parts.append(f"## What was not measured\n\n{NOT_MEASURED}\n")
    write(page, "\n".join(parts))


def bench_sections(bench):
    unfinished = "" if bench.get("finished") else "\n\n**This run is not complete**: `make bench ARGS=--resume`.\n"
    return [
        f"## On a CPU\n\n{machine_lines(bench['machine'])}{other_days(bench)}{unfinished}\n",
        f"### Ratios\n\n{ratio_table(bench['parts'])}\n",
        f"### The machine's limit\n\n{limit_table(bench['parts'])}\n",
        f"### Milliseconds per step\n\n{step_table(bench['parts'])}\n",
        f"### Everything else\n\n{other_table(bench['parts'])}\n",
        *([f"### Lessons\n\n{AS_THEN}\n\n{lesson_table(bench['parts'])}\n"] * ("lessons" in bench["parts"])),
        *(
            [f"### Cost against the size of the data\n\n{size_table(bench['parts'])}\n"]
            * ("data_size" in bench["parts"])
        ),
    ]


def machine_lines(machine):
    return "\n".join(f"* {name}: {value}" for name, value in machine.items() if value)


def other_days(bench):
    """Parts that were measured anew on a later day, in a line."""
    day = bench["machine"].get("date")
    later = [f"{name} ({part['date']})" for name, part in bench["parts"].items() if part["date"] != day]
    return f"\n* measured on another day: {', '.join(later)}" if later else ""


def ratio_table(parts):
    """The table of ratios with their targets."""
    rows = []
    for ratio in RATIOS:
        found = targets.ratio_of(result_of(parts, ratio.task), ratio)
        few = (
            " (few)"
            if any(one.few for one in (contender(ratio.task, name) for name in (ratio.ours, ratio.rival)))
            else ""
        )
        rows.append(
            [
                TASKS[ratio.task].title,
                f"{title(ratio.task, ratio.ours)} ÷ {title(ratio.task, ratio.rival)}{few}",
                number(found and found[0]),
                number(found and found[1]),
                number(ratio.at_most),
                verdict(found and found[0], ratio.at_most),
            ]
        )
    return table(["training", "time of a step", "medians", "minima", "at most", ""], rows)


def limit_table(parts):
    """Operations, what bare products of these shapes reach, and the course's share of it."""
    rows = [(TASKS[name].title + ", a step", found) for name, found in result_of(parts, "limit").items()]
    bound = result_of(parts, "importance_weighted")
    if "operations" in bound:
        rows.append((bound_title(bound), bound | {"seconds": [bound["seconds"]]}))
    if not rows:
        return "Not measured yet: `make bench ARGS='--only limit importance_weighted'`."
    return table(
        ["the course on TensorFlow", "operations", "took, ms", "GFLOP/s", "limit, GFLOP/s", "share reached", "load"],
        [[words, *limit_cells(found)] for words, found in rows],
    )


def limit_cells(found):
    if "error" in found:
        return [f"failed: {one_line(found['error'])}", "", "", "", "", ""]
    limit, speed, share = operations.share(found)
    took = 1e3 * found["operations"] / speed
    return [
        with_prefix(found["operations"]),
        number(took, 2 if took < 1e3 else 0),
        number(speed / 1e9, 0),
        number(limit / 1e9, 0),
        number(share),
        found.get("load") or "–",
    ]


def with_prefix(count):
    """A count of operations in words.

    Example:
        >>> with_prefix(745_881_600)
        '746 MFLOP'
    """
    exponent = min(int(math.log10(count)) // 3, 4)
    return f"{count / 10 ** (3 * exponent):.3g} {' kMGT'[exponent].strip()}FLOP"


def bound_title(bound):
    return f"importance-weighted bound, K = {bound.get('draws', '–')} on {bound.get('count', '–')} images"


def step_table(parts):
    rows = []
    for name, contenders in CONTENDERS.items():
        for one in contenders:
            result = result_of(parts, name).get(one.name, {"error": "not run"})
            rows.append(
                [TASKS[name].title, one.title + " (few)" * one.few, *step_cells(result, TASKS[name].adversarial)]
            )
    return table(
        [
            "training",
            "contender",
            "min, ms",
            "median, ms",
            "of all cores, ms",
            "first step, s",
            "epochs × steps",
            "memory, MB",
        ],
        rows,
    )


def step_cells(result, adversarial):
    if not result.get("seconds"):
        return [f"failed: {one_line(result.get('error', 'no epoch'))}", "", "", "", "", ""]
    minimum, median = targets.milliseconds(result)
    doubt = "" if learnt(result, adversarial) else " (its loss did not fall!)"
    processor = targets.milliseconds(result, "processor_seconds")[1]
    count = f"{len(result['seconds'])} × {result['steps']}{doubt}"
    first_step = number(targets.first_step_seconds(result), 1)
    return [number(minimum), number(median), number(processor), first_step, count, number(result["peak_megabytes"], 0)]


def learnt(result, adversarial):
    """Whether the loss fell; the discriminator's rises again once the generator is good, and need only be a number."""
    first, last = result["losses"]
    return math.isfinite(last) and (adversarial or last < first)


def other_table(parts):
    rows = [
        [name, number(value, digits), words, said]
        for name, value, digits, words, said in (*start_rows(parts), *elbo_rows(parts))
    ]
    return table(["", "measured", "target", ""], rows)


def start_rows(parts):
    first = result_of(parts, "dense_vae").get("course", {})
    first = targets.first_step_seconds(first) if first.get("seconds") else None
    imported = result_of(parts, "import_time").get("seconds")
    lesson = {name[3:]: found for name, found in result_of(parts, "lessons").items()}.get("start_here.ipynb")
    figure = lesson.get("first_figure_seconds") if lesson else None
    bound = result_of(parts, "importance_weighted")
    for name, value, digits, at_most in (
        ("first step of the dense VAE, s", first, 1, targets.FIRST_STEP_SECONDS),
        ("`import course_lib`, s", imported, 3, targets.IMPORT_SECONDS),
        ("first figure of the first lesson, from the kernel's start, s", figure, 1, None),
        (f"{bound_title(bound)}, s", bound.get("seconds"), 1, None),
        ("… its process's peak memory, MB", bound.get("peak_megabytes"), 0, None),
    ):
        yield name, value, digits, f"≤ {at_most}" if at_most else "", verdict(value, at_most)


def elbo_rows(parts):
    for found in (result_of(parts, name) for name in parts if name.startswith("elbo")):
        if "elbo" not in found:
            continue
        minutes = found["seconds"] / 60
        at_least = targets.ELBO_AT_LEAST.get(round(minutes)) if found["data"] == "mnist" else None
        name = f"test ELBO on {found['data']} after {minutes:.1f} min, nats (± {found['error_of_mean']:.2f})"
        said = "" if at_least is None else (MET if found["elbo"] >= at_least else MISSED)
        yield name, found["elbo"], 1, "" if at_least is None else f"≥ {at_least}", said


def lesson_table(parts):
    rows = []
    for name, found in result_of(parts, "lessons").items():
        if "seconds" not in found:
            error = found["error"] if isinstance(found, dict) else found
            rows.append([name, f"failed: {one_line(error)}", "", "", MISSED])
            continue
        memory = found["peak_megabytes"]
        good = found["seconds"] <= targets.LESSON_SECONDS and (memory or 0) <= targets.LESSON_MEGABYTES
        figure = number(found["first_figure_seconds"], 1)
        rows.append([name, number(found["seconds"], 1), figure, number(memory, 0), MET if good else MISSED])
    limits = f"≤ {targets.LESSON_SECONDS} s, ≤ {targets.LESSON_MEGABYTES} MB"
    return table(["lesson", "seconds", "first figure, s", "peak memory, MB", limits], rows)


def size_table(parts):
    """One row a size, and under them how the cost grows: linear means that a cost per image stays as it is."""
    sizes = [size for size in result_of(parts, "data_size").values() if "fit_seconds" in size]
    rows = [
        [
            f"{size['count']:,}",
            number(size["fit_seconds"], 3),
            number(size["evaluate_seconds"], 3),
            number(size["data_megabytes"], 0),
            number(size["peak_megabytes"], 0),
        ]
        for size in sizes
    ]
    lines = table(["images", "`fit`, s an epoch", "`evaluate`, s", "data, MB", "peak memory, MB"], rows)
    if len(sizes) < 2:
        return lines
    for cost, name in (("fit_seconds", "`fit`"), ("evaluate_seconds", "`evaluate`")):
        growth = targets.cost_growth(sizes, cost)
        said = verdict(growth, targets.LINEAR)
        lines += f"\n* {name}: an image at the largest size costs {growth:.2f} × one at the smallest "
        lines += f"(≤ {targets.LINEAR}: {said})"
    copies = targets.copies_of_data(sizes)
    return lines + (f"\n* memory grows by {copies:.1f} × the size of the data" if copies else "")


def accelerator_section(found):
    rows = [
        [
            row["model"],
            row["policy"],
            "failed: " + "; ".join(row["failed"]) if row["failed"] else f"{row['passed']} checks passed",
            number(row.get("images_per_second"), 0),
            number(row.get("raw_jax_images_per_second"), 0),
            number(row.get("product_limit_images_per_second"), 0),
        ]
        for row in found["rows"]
    ]
    lines = table(
        ["model", "precision", "checks", "examples a second", "raw JAX scan, float32", "limit of matrix products"], rows
    )
    return f"## On an accelerator: {found['device']}\n\n{machine_lines(found['machine'])}\n\n{lines}\n"


def result_of(parts, name):
    return parts.get(name, {}).get("result", {})


def contender(task, name):
    return next(one for one in CONTENDERS[task] if one.name == name)


def title(task, name):
    return contender(task, name).title


def number(value, digits=2):
    return "–" if value is None else f"{value:,.{digits}f}"


def one_line(text):
    return " ".join(str(text).split()).replace("|", "/")[:160]


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def read(path):
    """Raw results, or None where there are none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def write(path, text):
    """All or nothing: an interruption leaves the file as it was."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def write_raw(path, content):
    write(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
