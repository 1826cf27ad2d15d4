"""`make bench`: the course's training steps beside other ways to write them, and what its lessons cost.

Results are kept after every part in `results/bench.json`, and RESULTS.md is made from them; `--resume` goes on with an
interrupted run, `--only dense_vae lessons` measures these parts anew, `--render` only makes the page, `--quick` sees
that everything works and keeps nothing. Standard library only; each measurement runs in a process of its own.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import machine, rendering, targets  # noqa: E402
from benchmarks.race import race, start  # noqa: E402
from benchmarks.tasks import BACKENDS, COURSE, TASKS  # noqa: E402
from tools.environment.virtual_environment import backends_environment, course_environment  # noqa: E402

LESSONS = ROOT / "notebooks"
SIZES = (3_000, 12_000, 48_000)
PATIENCE = 900  # seconds for one measurement


class Bench:
    """One run: its parts by name, and what they found.

    Args:
        raw: Path of the raw results.
        quick: Whether a few steps are enough.
        elbo_minutes: Minutes of training after which the ELBO is measured; empty for none.
    """

    def __init__(self, raw, quick=False, elbo_minutes=()):
        self.raw, self.quick = raw, quick
        self.pythons = {COURSE: course_environment(ROOT).python, BACKENDS: backends_environment(ROOT).python}
        self.parts = {name: lambda name=name: race(name, self.pythons, quick) for name in TASKS}
        self.parts |= {
            "import_time": self.import_time,
            "lessons": self.lessons,
            "data_size": self.data_size,
            "limit": self.limits,
            "importance_weighted": lambda: self.measure("importance_weighted", *((100, 50) if quick else (1000, 5000))),
        }
        for minutes in elbo_minutes:
            self.parts[f"elbo_{minutes:g}"] = lambda minutes=minutes: self.measure("elbo", 60 * minutes)

    def run(self, only=(), resume=False):
        """Measure part after part, keeping what is done after each; returns everything that is known."""
        kept, known = self.kept(only, resume)
        content = {"machine": known or machine.described(), "finished": False, "parts": kept}
        for name in only or [name for name in self.parts if name not in kept]:
            print(f"--- {name}", flush=True)
            began = time.monotonic()
            result = self.guarded(self.parts[name])
            content["parts"][name] = {"date": machine.described()["date"], "result": result}
            print(f"    {time.monotonic() - began:.0f} s", flush=True)
            rendering.write_raw(self.raw, content)
        content["finished"] = set(self.parts) <= set(content["parts"])
        content["machine"]["packages"] = packages(content["parts"])
        rendering.write_raw(self.raw, content)
        return content

    def kept(self, only, resume):
        """What stays of an earlier run on this machine, and the machine; parts that failed are measured again."""
        found = rendering.read(self.raw)
        if self.quick or not (found and (only or resume)):
            return {}, None
        if found["machine"]["processor"] != machine.described()["processor"]:
            print("The earlier results are another machine's: this run starts anew.")
            return {}, None
        good = {name: part for name, part in found["parts"].items() if only or not errors_in(part["result"])}
        return good, found["machine"]

    def guarded(self, part):
        """A part that breaks is reported as such and does not keep the others from running."""
        try:
            return part()
        except Exception as error:
            print(f"    failed: {error}")
            return {"error": f"{type(error).__name__}: {error}"[:300]}

    def measure(self, *words):
        """The answer of `benchmarks.measure`."""
        process = start(
            [str(self.pythons[COURSE]), "-m", "benchmarks.measure", *map(str, words)], KERAS_BACKEND="tensorflow"
        )
        try:
            said, complaint = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return {"error": f"no answer within {PATIENCE} s"}
        if process.returncode or not said.strip():
            return {"error": (complaint.strip().splitlines() or ["no answer"])[-1][:300]}
        return json.loads(said.strip().splitlines()[-1])

    def import_time(self):
        """The median of five fresh processes."""
        answers = [self.measure("import_time") for _ in range(1 if self.quick else 5)]
        broken = [answer for answer in answers if "error" in answer]
        return broken[0] if broken else sorted(answers, key=lambda answer: answer["seconds"])[len(answers) // 2]

    def lessons(self):
        names = sorted(path.name for path in LESSONS.glob("*.ipynb"))
        return {name: self.measure("lesson", name) for name in (names[:1] if self.quick else names)}

    def limits(self):
        return {name: self.measure("limit", name, 2 if self.quick else 8) for name in targets.LIMITED}

    def data_size(self):
        return {str(count): self.measure("data_size", count) for count in (SIZES[:2] if self.quick else SIZES)}


def packages(parts):
    """Versions, as the contenders named them."""
    found = {}
    for name in TASKS:
        for result in rendering.result_of(parts, name).values():
            if isinstance(result, dict):
                found |= result.get("versions", {})
    return ", ".join(f"{name} {version}" for name, version in sorted(found.items()))


def errors_in(value):
    """Every error in a nest of results."""
    if not isinstance(value, dict):
        return []
    own = [value["error"]] if isinstance(value.get("error"), str) else []
    return own + [error for inner in value.values() for error in errors_in(inner)]


def parser(parts=()):
    options = argparse.ArgumentParser(prog="make bench", description=__doc__.partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="a few steps of everything, printed and not kept")
    options.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    options.add_argument("--only", nargs="+", default=(), metavar="PART", help="measure these parts anew")
    options.add_argument("--render", action="store_true", help="only make RESULTS.md from the raw results")
    options.add_argument(
        "--elbo-minutes", type=float, nargs="+", default=(), metavar="M", help="also the ELBO after M minutes"
    )
    return options


def main(words=None):
    arguments = parser().parse_args(words)
    raw = ROOT / ".cache" / "bench-quick.json" if arguments.quick else rendering.RAW / "bench.json"
    if arguments.render:
        rendering.write_page()
        return 0
    bench = Bench(raw, arguments.quick, arguments.elbo_minutes)
    unknown = set(arguments.only) - set(bench.parts)
    if unknown:
        parser().error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(bench.parts)}")
    content = bench.run(arguments.only, arguments.resume)
    print("\n" + "\n".join(rendering.bench_sections(content)))
    errors = errors_in(content["parts"])
    if arguments.quick:
        print("A quick look: nothing was kept, and its figures mean nothing.")
    else:
        rendering.write_page()
        print(f"Written to {rendering.PAGE.relative_to(ROOT)}.")
    for error in errors:
        print(f"FAILED  {error}")
    return 1 if errors else 0


if __name__ == "__main__":
    raise SystemExit(main())
