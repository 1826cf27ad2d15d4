"""The course's commands: `python tools/course.py course`, `… test`, and what the Makefile lists.

Standard library only; any Python from 3.8 may run it, on Linux, macOS and Windows. It finds the Python that the course
needs, so that nobody has to activate anything.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.editions import colab, verdicts, workbook  # noqa: E402
from tools.environment import durations, report, warm_kernels  # noqa: E402
from tools.environment.find_python import SUPPORTED, SetupError, candidate_commands, examine  # noqa: E402
from tools.environment.virtual_environment import (  # noqa: E402
    Environment,
    backends_environment,
    browser_environment,
    classroom_environment,
    clean_variables,
    course_environment,
    described_machine,
    exclusive,
    prepare,
    site_environment,
)

FIRST_LESSON = "[0-9][0-9]_start_here.ipynb"  # whatever its number
JUPYTER_OPTIONS = (  # a calm log; no confirmation on Ctrl-C; nothing asked of the network
    "--ServerApp.root_dir=.",
    "--ServerApp.log_level=ERROR",  # it warns of each lesson that is opened for the first time ("not trusted")
    "--LabApp.log_level=WARN",
    "--ServerApp.answer_yes=True",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--ServerApp.websocket_ping_interval=30",  # seconds; a longer timeout than interval is warned of
    "--ServerApp.websocket_ping_timeout=30",
)
# Wrapped code, no question about news, markdown pages shown as pages. A learner's own settings go before these.
JUPYTER_SETTINGS = ROOT / "tools" / "environment" / "jupyter"
LONGEST_SOCKET = 100  # characters of the path of a socket: macOS takes 103
WORKERS = 2  # processes that share the tests or the lessons: more of them would need more than 4 GB
THREADS = ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
CODE = ("course_lib", "tests", "tools", "benchmarks", "hub", "notebooks/source")
PROSE = ("README.md", "LICENSE", "Makefile", "environment.yml", "pyproject.toml", "data", "docs", ".ci")


# --- studying


def study(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    lesson = update_workbook()
    with contextlib.suppress(OSError):  # a page of contents is not worth a course that does not start
        show_progress(environment, "--quiet")
    if arguments.no_launch:
        print(f"Ready. The lessons are in {ROOT / 'workbook'}")
        return 0
    return launch(environment, lesson, arguments.port)


def update_workbook():
    """Copy what is new in the lessons; the name of the first one."""
    with exclusive(ROOT / ".cache" / "workbook.lock", print):
        notes = workbook.update(ROOT / "notebooks", ROOT / "workbook")
    for note in notes:
        print(f"\nNOTE  {note}")
    for lesson in (ROOT / "notebooks").glob(FIRST_LESSON):
        if (ROOT / "workbook" / lesson.name).exists():
            return lesson.name
    raise SetupError("The lesson `start_here` is missing: the checkout is not complete. Try `git status`.")


def progress(arguments):
    """Print what is solved, and renew the page workbook/contents.md; lessons that came from elsewhere count, too."""
    environment = course_environment(ROOT)
    prepare(environment)
    if not (ROOT / "workbook").is_dir():
        update_workbook()
    return show_progress(environment)


def show_progress(environment, *options):
    folder = ROOT / "workbook"
    for path in sorted(folder.glob("[0-9][0-9]_*.ipynb")):
        copy = workbook.read_notebook(path.read_bytes())
        if copy is not None:
            verdicts.keep(folder, verdicts.in_notebook(copy, path.name))
    return run_module(environment, "tools.editions.show_progress", str(folder), *options)


def launch(environment, lesson, port):
    command = [str(environment.python), "-m", "jupyterlab", *JUPYTER_OPTIONS, *quiet_transport(os.environ)]
    command.append(f"--LabApp.default_url=/lab/tree/{lesson}")
    command += [f"--port={port}"] if port else []
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    if has_display(os.environ):
        print("\nJupyterLab opens in your browser. If it does not, open the address below.", end=" ")
    else:
        command.append("--no-browser")
        print("\nThere is no display here: open the address below in your browser. If this machine is a remote one,")
        print(f"first forward its port from your own: ssh -L {port or 8888}:localhost:{port or 8888} …", end=" ")
    print("Ctrl-C stops JupyterLab.", flush=True)
    return run_until_stopped(command, environment)


def has_display(variables, system=sys.platform):
    """Whether a browser can open here; someone who comes over SSH sits at another screen."""
    if variables.get("SSH_CONNECTION") or variables.get("SSH_TTY"):
        return False
    if system.startswith(("win", "darwin")) or variables.get("BROWSER"):
        return True
    return bool(variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY"))


def quiet_transport(variables, system=sys.platform):
    """Sockets that are files, which no other user can read and no kernel warns of; where their paths are short enough.

    Args:
        variables: Environment variables.
        system: As `sys.platform`.

    Returns:
        A list of options for JupyterLab.
    """
    home = Path.home() / ("Library/Jupyter" if system == "darwin" else ".local/share/jupyter")
    folder = variables.get("JUPYTER_RUNTIME_DIR") or Path(variables.get("JUPYTER_DATA_DIR") or home) / "runtime"
    name = "kernel-01234567-0123-0123-0123-0123456789ab-ipc-5"
    short = len(str(Path(folder) / name)) <= LONGEST_SOCKET
    return ["--KernelManager.transport=ipc"] if short and not system.startswith("win") else []


def with_settings(variables):
    """Environment variables with which JupyterLab finds the course's settings, after the learner's own folders."""
    folders = [variables.get("JUPYTER_CONFIG_PATH"), str(JUPYTER_SETTINGS)]
    return dict(variables, JUPYTER_CONFIG_PATH=os.pathsep.join(filter(None, folders)))


def run_until_stopped(command, environment):
    """Ctrl-C reaches JupyterLab too: let it end its kernels in peace, and end calmly with it."""
    variables = with_settings(clean_variables(environment))
    process = subprocess.Popen(command, cwd=str(ROOT / "workbook"), env=variables)
    try:
        return process.wait()
    except KeyboardInterrupt:
        try:
            process.wait(timeout=15)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
        print("\nJupyterLab has ended. Your answers are saved in workbook/; the same command brings you back.")
        return 0
    finally:
        if process.poll() is None:
            process.terminate()


# --- testing


def test(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    title, left_out = ("all", []) if arguments.command == "test-all" else ("library", ["-m", "not exhaustive"])
    print(f"\nThe tests of the library take {usual_time(title)}, then the lessons {usual_time('lessons')}.")
    library = run_pytest(environment, title, ["tests", "course_lib", *left_out], workers=WORKERS)
    if arguments.solved:
        return solve_lessons(environment, library)
    lessons = sorted((ROOT / "notebooks").glob("*.ipynb"))
    part = run_lessons(environment, lessons) if lessons else None
    words, good = report.summary(library, part, lessons, described_machine(environment))
    print(words, flush=True)
    return 0 if good else 1


def usual_time(title):
    """What the run with that title took before, here or on the authors' machine, in words."""
    seconds = durations.recorded(title)
    workers = workers_here(WORKERS)
    return f"about {durations.in_words(durations.Forecast(dict.fromkeys(seconds, 1), seconds, workers).total)}"


def solve_lessons(environment, library):
    """Run the lessons with their solutions in place: all that a reader runs, and every check must say "right"."""
    print("\n--- lessons, solved", flush=True)
    at_once = workers_here(WORKERS)
    options = ("--solutions", "--output", str(ROOT / ".cache" / "solved"), "--at-once", str(at_once))
    code = build_notebooks(environment, *options, **(threads_of_one_of(at_once) if at_once > 1 else {}))
    print(f"\n{report.library_line(library).strip()}; the solved lessons {'FAILED' if code else 'are all right'}")
    return 0 if library.good and not code else 1


def run_lessons(environment, lessons):
    options = ["--nbval-lax", "--nbval-cell-timeout", "300"]
    options += [str(lesson.relative_to(ROOT)) for lesson in lessons]
    shares = threads_of_one_of(workers_here(WORKERS))
    with warm_kernels.of(environment.python, {**clean_variables(environment), **shares}) as (of_kernels, variables):
        return run_pytest(environment, "lessons", [*of_kernels, *options], workers=WORKERS, **variables)


def check(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    part = run_pytest(environment, "check", ["tests", "course_lib", "-m", "not slow"], workers=WORKERS)
    print(f"\n{report.library_line(part).strip()}; slow checks and lessons were left out (`make test` has them)")
    return 0 if part.good else 1


def check_backends(arguments):
    environment = backends_environment(ROOT)
    prepare(environment)
    marked = files_with_backend_tests()
    if not marked:
        raise SetupError("No test in tests/ carries the mark `backend`: there is nothing to run on JAX and PyTorch.")
    chosen = "backend" if arguments.all else "backend and not exhaustive"
    parts = [
        run_pytest(
            environment, backend, ["-m", chosen, *marked], KERAS_BACKEND=backend, PYTHONPATH=str(ROOT), **variables
        )
        for backend, variables in (("jax", quick_to_compile()), ("torch", {}))
    ]
    print()
    for part in parts:
        print(f"  {part.title:<6}  {report.counted_outcomes(part)}, {part.seconds:.0f} s")
    return 0 if all(part.good for part in parts) else 1


def quick_to_compile():
    """Settings of JAX for tests, where compiling takes most of the time: compile simply, and keep what was compiled."""
    return {
        "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} --xla_backend_optimization_level=0".strip(),
        "JAX_COMPILATION_CACHE_DIR": str(ROOT / ".cache" / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


def check_colab(arguments):
    if set(arguments.rest) - {"--without-lessons", "--newest"}:
        raise SetupError(f"test-colab knows --without-lessons and --newest; got {' '.join(arguments.rest)}.")
    with_lessons, newest = "--without-lessons" not in arguments.rest, "--newest" in arguments.rest
    return colab.test_in_colabs_environment(ROOT, with_lessons, newest, run_pytest)


def check_in_browser(arguments):
    """What only a browser can tell, such as whether a deck of slides shows its formulas without a network."""
    if slides(argparse.Namespace(rest=[])) or site(argparse.Namespace(rest=[])):
        return 1
    environment = browser_environment(ROOT)
    prepare(environment)
    part = run_pytest(environment, "browser", ["tests/browser", *arguments.rest], workers=WORKERS, share="load")
    print(f"\n  browser  {report.counted_outcomes(part)}, {part.seconds:.0f} s")
    return 0 if part.good else 1


def check_pythons(arguments):
    """The library's fast tests on each supported Python of this machine, or on those named, such as 3.13."""
    words, asked = [], os.environ.pop("PYTHON", None)
    for version in arguments.rest or [".".join(map(str, version)) for version in SUPPORTED]:
        command = next((command for command in candidate_commands((version,)) if is_version(command, version)), None)
        if command is None:
            words.append(f"NOT TESTED  Python {version}: none was found on this machine")
            continue
        os.environ["PYTHON"] = " ".join(command)
        environment = Environment(ROOT, f".venv-{version}", "requirements.lock", course=True)
        prepare(environment)
        del os.environ["PYTHON"]
        fast = ["tests", "course_lib", "-m", "not slow"]
        part = run_pytest(environment, f"python-{version}", fast, workers=WORKERS)
        words.append(f"{'good  ' if part.good else 'FAILED'}  Python {version}: {report.counted_outcomes(part)}")
    if asked:
        os.environ["PYTHON"] = asked
    print("\n" + "\n".join(words))
    return 1 if any(word.startswith("FAILED") for word in words) else 0


def is_version(command, version):
    python = examine(command)
    return not python.problem and ".".join(map(str, python.version[:2])) == version


def files_with_backend_tests():
    """Only these: other test files import packages that the backends' environment does not have."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(path.relative_to(ROOT)) for path in files if "mark.backend" in path.read_text(encoding="utf-8")]


def run_pytest(environment, title, arguments, workers=1, share="loadfile", **variables):
    """Run pytest with its progress on the screen, in one process or in some, and read its results.

    Args:
        environment: Where pytest is installed.
        title: Of this part, which its results and its usual duration are kept under.
        arguments: For pytest.
        workers: The most processes.
        share: What they share, as pytest-xdist names it: the files, or (`"load"`) the tests.
        variables: Environment variables.

    Returns:
        What `report.read_part` returns.
    """
    results = ROOT / ".cache" / f"results-{title}.xml"
    results.parent.mkdir(exist_ok=True)
    if results.exists():
        results.unlink()
    print(f"\n--- {title}", flush=True)
    started = time.monotonic()
    options = ["-q", f"--junitxml={results}", "-p", "tools.environment.progress", f"--progress={title}"]
    options += ["-o", "console_output_style=classic"]
    if workers_here(workers) > 1:
        options += [f"--numprocesses={workers_here(workers)}", f"--dist={share}", "--no-loadscope-reorder"]
        variables = {**threads_of_one_of(workers_here(workers)), **variables}
    code = run_module(environment, "pytest", *options, *arguments, **variables)
    return report.read_part(title, code, time.monotonic() - started, results)


def workers_here(most):
    return max(1, min(most, os.cpu_count() or 1))


def threads_of_one_of(workers):
    """A process's share of the cores: with all of them for each, processes would be in each other's way."""
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    return {name: os.environ.get(name, threads) for name in THREADS}


# --- authoring


def lint(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    code, prose = existing(CODE), existing(PROSE)
    checks = {
        "ruff check (code)": ["ruff", "check", *code],
        "ruff format --check": ["ruff", "format", "--check", *code],
        "ruff check (lessons)": ["ruff", "check", "notebooks"],
        "codespell": ["codespell_lib", *code, *prose],
    }
    failed = []
    for name, command in checks.items():
        print(f"--- {name}", flush=True)
        if run_module(environment, *command):
            failed.append(name)
    print("--- lessons are built from their sources", flush=True)
    if build_notebooks(environment, "--check"):
        failed.append("tools.editions.build_notebooks --check")
    print(f"\nlint: {'FAILED: ' + ', '.join(failed) if failed else 'all clean'}")
    return 1 if failed else 0


def existing(names):
    return [name for name in names if (ROOT / name).exists()]


def notebooks(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return build_notebooks(environment, *arguments.rest)


def solutions(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return build_notebooks(environment, *arguments.rest, "--solutions")


def sheets(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return run_module(environment, "tools.teaching.sheets", *arguments.rest)


def slides(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return run_module(environment, "tools.editions.slides", *arguments.rest)


def site(arguments):
    """Write the site: the course's environment writes Markdown, Sphinx in an environment of its own makes pages."""
    environment, maker = course_environment(ROOT), site_environment(ROOT)
    prepare(environment)
    prepare(maker)
    return run_module(environment, "tools.site.build", "--sphinx", str(maker.python), *arguments.rest)


def build_notebooks(environment, *arguments, **variables):
    return run_module(environment, "tools.editions.build_notebooks", *arguments, **variables)


def mutants(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    of_lessons, words = arguments.rest[:1] == ["lessons"], arguments.rest
    program, words = ("plant_in_lessons", words[1:]) if of_lessons else ("plant", words)
    return run_module(environment, f"tests.mutants.{program}", *words)


def colab_kit(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return run_module(environment, "tools.editions.colab_kit", *arguments.rest)


def classroom(arguments):
    """Write an nbgrader course: nbgrader has an environment of its own, students' code runs in the course's."""
    environment, grader = course_environment(ROOT), classroom_environment(ROOT)
    prepare(environment)
    prepare(grader)
    with exclusive(ROOT / ".cache" / "classroom.lock", print):
        words = ["--nbgrader", str(grader.python), *arguments.rest]
        return run_module(environment, "tools.classroom.class_folder", *words)


def check_classroom(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    prepare(classroom_environment(ROOT))
    part = run_pytest(environment, "classroom", ["tests/tools/classroom"])
    print(f"\n{report.counted_outcomes(part)}, {part.seconds:.0f} s")
    return 0 if part.good else 1


def class_report(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return run_module(environment, "tools.classroom.class_report", *arguments.rest)


def bench(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    prepare(backends_environment(ROOT))
    return run([str(environment.python), "benchmarks/bench.py", *arguments.rest], clean_variables(environment))


def benchmark_mnist(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return run([str(environment.python), "benchmarks/mnist.py", *arguments.rest], clean_variables(environment))


def benchmark_head_to_head(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return run([str(environment.python), "benchmarks/head_to_head.py", *arguments.rest], clean_variables(environment))


def benchmark_modes(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return run([str(environment.python), "benchmarks/modes.py", *arguments.rest], clean_variables(environment))


def benchmark_full_size(arguments):
    """On the backend that KERAS_BACKEND names, in the environment that has it."""
    other = os.environ.get("KERAS_BACKEND", "tensorflow") in ("jax", "torch")
    environment = backends_environment(ROOT) if other else course_environment(ROOT)
    prepare(environment)
    return run([str(environment.python), "benchmarks/full_size.py", *arguments.rest], clean_variables(environment))


def benchmark_recipes(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return run([str(environment.python), "benchmarks/recipes.py", *arguments.rest], clean_variables(environment))


def check_profiles(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return run([str(environment.python), "benchmarks/profiles.py", *arguments.rest], clean_variables(environment))


def gpu_check(arguments):
    """On the backend that KERAS_BACKEND names, in the environment that has it."""
    other = os.environ.get("KERAS_BACKEND", "tensorflow") in ("jax", "torch")
    environment = backends_environment(ROOT) if other else course_environment(ROOT)
    prepare(environment)
    return run([str(environment.python), "benchmarks/gpu_check.py", *arguments.rest], clean_variables(environment))


def lock(arguments):
    environment = course_environment(ROOT)
    prepare(environment)
    return run([str(environment.python), "-m", "tools.environment.lock", *arguments.rest], None)


def make_environment(arguments):
    prepare(course_environment(ROOT))
    return 0


def clean(arguments):
    """Remove what the commands made; the learner's workbook, a class and the downloaded data stay."""
    generated = [
        ".venv",
        *(path.name for path in ROOT.glob(".venv-*")),
        ".cache",
        ".ruff_cache",
        ".hypothesis",
        "build",
        "dist",
    ]
    folders = [ROOT / name for name in generated]
    for name in existing(CODE):
        folders += (ROOT / name).rglob("__pycache__")
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)
            print(f"removed {folder.relative_to(ROOT)}")
    print("workbook/, classroom/ and data/cache/ were left as they are")
    return 0


# --- running


def run_module(environment, module, *arguments, **variables):
    return run([str(environment.python), "-m", module, *arguments], dict(clean_variables(environment), **variables))


def run(command, variables):
    return subprocess.run(command, cwd=str(ROOT), env=variables).returncode


def parser():
    commands = argparse.ArgumentParser(prog="course.py", description="The commands of the course.")
    add = commands.add_subparsers(dest="command", metavar="command", required=True).add_parser
    course = add("course", help="set up, then open JupyterLab on the first lesson")
    course.add_argument("--port", type=int, help="JupyterLab's port (8888 or the next free one)")
    course.add_argument("--no-launch", action="store_true", help="set up and copy the lessons, without JupyterLab")
    course.set_defaults(action=study)
    for name, words in (
        ("test", "set up, then test the library and run every lesson"),
        ("test-all", "the same with the exhaustive tests, which prove little more and take long"),
    ):
        tests = add(name, help=words)
        tests.add_argument("--solved", action="store_true", help="the lessons' solutions, which must be right")
        tests.set_defaults(action=test)
    add("progress", help="which exercises are right so far").set_defaults(action=progress)
    add("check", help="the library's fast checks").set_defaults(action=check)
    backends = add("test-backends", help="the backend checks on JAX and PyTorch")
    backends.add_argument("--all", action="store_true", help="the exhaustive ones, too")
    backends.set_defaults(action=check_backends)
    for name, action, words in (
        ("colab", colab_kit, "write the lessons, the library and instructions for Colab and Kaggle: dist/colab.zip"),
        ("test-colab", check_colab, "what `colab` writes, installed by the set-up cell, with Colab's packages"),
        (
            "test-browser",
            check_in_browser,
            "open the slides, the site and JupyterLab in a browser without network",
        ),
        ("test-pythons", check_pythons, "the library's tests on every supported Python of this machine"),
        ("test-profiles", check_profiles, "run the solved lessons with the gpu profile, or with other seeds"),
    ):
        add(name, help=words).set_defaults(action=action, passes_on=True)
    add("lint", help="ruff, codespell, and lessons against their sources").set_defaults(action=lint)
    for name, action, words in (
        ("notebooks", notebooks, "build and run the lessons from notebooks/source; options go to the builder"),
        ("solutions", solutions, "build and run the solved lessons into workbook/solutions"),
        ("sheets", sheets, "write the instructor sheets, one page to print for each lesson: dist/sheets"),
        ("slides", slides, "write the slides of the lessons, HTML and PDF, into dist/slides"),
        ("site", site, "write the site, to be read without a network or put on any host: dist/site"),
        ("mutants", mutants, "plant the known bugs one by one; each must turn a test red"),
        ("classroom", classroom, "write an nbgrader course of the lessons: instructor and student editions"),
        ("test-classroom", check_classroom, "a class from hand-out to grades, with the real nbgrader"),
        ("class-report", class_report, "read the notebooks of a class and say what it did not understand"),
        ("bench", bench, "measure the training steps beside other ways to write them, and the lessons"),
        ("benchmark-mnist", benchmark_mnist, "train a paper's VAE and IWAE on MNIST and give their log-likelihoods"),
        (
            "benchmark-head-to-head",
            benchmark_head_to_head,
            "train VAEs and GANs on equal terms and judge their samples",
        ),
        ("benchmark-modes", benchmark_modes, "count the modes of a ring and a grid that GANs reach, five seeds each"),
        ("benchmark-full-size", benchmark_full_size, "train models at published sizes, in instalments that go on"),
        ("benchmark-recipes", benchmark_recipes, "search for a way to a better VAE of MNIST in the same seconds"),
        ("gpu-check", gpu_check, "see that the models train on this machine's accelerator, and how fast"),
        ("lock", lock, "renew requirements.lock and environment.yml (needs uv); options go to uv"),
    ):
        add(name, help=words).set_defaults(action=action, passes_on=True)
    add("environment", help="only make or renew .venv").set_defaults(action=make_environment)
    add("clean", help="remove what the commands made, except your workbook").set_defaults(action=clean)
    return commands


def main(words=None):
    arguments, arguments.rest = parser().parse_known_args(words)
    if arguments.rest and not getattr(arguments, "passes_on", False):
        parser().error(f"unknown: {' '.join(arguments.rest)}")
    try:
        return arguments.action(arguments)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"\nA file could not be read or written: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The same command starts again where it has to.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    raise SystemExit(main())
