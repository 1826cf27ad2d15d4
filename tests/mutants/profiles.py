"""Planted bugs of the seed of a lesson, and of the command that runs lessons with other profiles and seeds."""

from tests.mutants.bug import planted_in

_RUNTIME = ("course_lib/runtime.py", "tests/test_runtime.py")
_PROFILES = ("benchmarks/profiles.py", "tests/benchmarks/test_profiles.py")
_BUILDER = ("tools/editions/build_notebooks.py", "tests/benchmarks/test_profiles.py")

BUGS = (
    planted_in(_RUNTIME, "a seed that the environment cannot choose", "        seed = _seed()\n", "        seed = 0\n"),
    planted_in(_RUNTIME, "a seed of the environment before the call's", "    if seed is None:\n", '    if seed is None or os.environ.get("COURSE_SEED"):\n'),
    planted_in(_RUNTIME, "a seed that is no number", "if not (said.isascii() and said.isdigit() and int(said) <= LARGEST_SEED):", "if not said.isdigit():"),
    planted_in(_BUILDER, "variables that never reach the kernel", '"IPYTHONDIR": folder} | variables', '"IPYTHONDIR": folder}'),
    planted_in(_PROFILES, "a record of other code that counts", '.get("digest") != digest(course, lesson)', '.get("digest") is None'),
    planted_in(_PROFILES, "prose that makes a lesson be run again", 'for cell in cells if cell.cell_type == "code"]', "for cell in cells]"),
    planted_in(_PROFILES, "checks that may change unseen", 'texts += [checks.read_text("utf-8")] if checks.exists() else []', "texts += []"),
    planted_in(_PROFILES, "a lesson that passes whatever failed", '"verdict": "FAILED" if failed else "passed"', '"verdict": "passed"'),
    planted_in(_PROFILES, "a kernel of another seed trusted", "[] if said.endswith(wanted) else", "[] if True else"),
    planted_in(_PROFILES, "a lesson that ends at its first failed cell", '"raises-exception"]})  # and go on', '"run"]})  # and go on'),
    planted_in(_PROFILES, "checks that nobody reads", "return strangers + stopped + noisy + builder.verdict_problems(course, lesson, notebook, solved=True)", "return strangers + stopped + noisy"),
    planted_in(_PROFILES, "the results of another command lost", "        results = rendering.read(raw) or {}  # as it is now", "        results = {}  # as it is now"),
    planted_in(_PROFILES, "recorded failures forgiven", "        bad += sum(record_of", "        bad += 0 * sum(record_of"),
    planted_in(_PROFILES, "seeds that are run with the gpu's sizes", 'arguments.profile or ("cpu" if arguments.seeds else "gpu")', 'arguments.profile or "gpu"'),
)  # fmt: skip
