"""Plant bugs for the proof cells of the lessons: each proof must have been seen red.

    make mutants ARGS=lessons                 # every bug of every lesson: some twenty minutes
    make mutants ARGS="lessons 05 11"         # of these lessons
    make mutants ARGS="lessons --new"         # only what is not on record for the cells as they are

The bugs are in tests/mutants/lessons/. The solved cells run one after the other in this process. Before a proof cell
runs as it is, it runs once with each of its bugs, on a copy of the lesson's names and with random states and weights
put back, and must stop with an AssertionError of its own. A bug in the library is planted by exchanging the code of
the living functions. What was seen red is written to tests/mutants/lessons.json with a digest of the cell, and
`build_notebooks.py --check` asks for it.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import gc
import importlib
import io
import json
import linecache
import os
import pkgutil
import random
import re
import signal
import sys
import time
import traceback
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from course_lib.patients import code_of, place_of  # noqa: E402
from tests.mutants import lessons as rooms  # noqa: E402
from tools.editions.lesson_cells import built_text, cell_ids, checks_of, find_course, tags_of  # noqa: E402
from tools.editions.lesson_names import name_of, numbered_source  # noqa: E402
from tools.editions.lesson_proofs import RECORDS, convictions, deciding, digest, never_red, proof_cells  # noqa: E402

MOST_SECONDS = 180  # for one bug: it may also make a loop endless


def main(words):
    said = parser().parse_args(words)
    new, chosen = said.new, said.lessons
    course, started, totals = find_course(ROOT), time.monotonic(), [0, 0]
    for lesson in course.lessons:
        if chosen and not any(word in lesson for word in chosen):
            continue
        begun = time.monotonic()
        bugs, proofs = bugs_of(lesson), proof_cells(course, lesson)
        if new:
            known = convictions(course).get(name_of(lesson), [])
            seen = {(each["cell"], each["bug"], each["digest"]) for each in known}
            bugs = [bug for bug in bugs if (bug.cell, bug.name, digest(proofs[bug.cell])) not in seen]
        wanted = {bug.cell for bug in bugs} | set(never_red(course, lesson)) if new else set(proofs)
        if not wanted:
            continue
        found, complaints = try_lesson(course, lesson, bugs, wanted)
        remember(course, lesson, found, [bug for bug in bugs if bug.cell in wanted])
        left = never_red(course, lesson)
        for complaint in complaints:
            print(complaint)
        for name in left:
            print(f"NEVER RED {lesson} `{name}`")
        print(f"{lesson}: {len(proofs) - len(left)} of {len(proofs)} proofs "
              f"were seen red, in {time.monotonic() - begun:.0f} s", flush=True)  # fmt: skip
        totals[0] += len(left)
        totals[1] += len(complaints)
    print(f"{totals[0]} proofs never red, {totals[1]} complaints, in {time.monotonic() - started:.0f} s")
    return 1 if any(totals) else 0


def parser():
    """The words that the program knows; another one stops it, before a lesson is touched."""
    words = argparse.ArgumentParser(prog="python -m tests.mutants.plant_in_lessons", description=__doc__.split("\n")[0])
    words.add_argument(
        "lessons", nargs="*", help="parts of lessons' names, such as 08 or the_elbo; all if none is given"
    )
    words.add_argument("--new", action="store_true", help="only bugs without a record, or whose cell has changed")
    return words


def bugs_of(lesson):
    """The bugs that are planted for a lesson."""
    name = name_of(lesson)
    known = name in {module.name for module in pkgutil.iter_modules(rooms.__path__)}
    return list(importlib.import_module(f"{rooms.__name__}.{name}").BUGS) if known else []


def remember(course, lesson, found, tried=()):
    """Write what was seen red; forget what survived, is planted no more, or is about cells that are no more."""
    now = {digest(code) for code in proof_cells(course, lesson).values()}
    planted = {(bug.cell, bug.name) for bug in bugs_of(lesson)}
    fresh = {(each["cell"], each["bug"]) for each in found} | {(bug.cell, bug.name) for bug in tried}
    records = convictions(course)
    kept = [each for each in records.get(name_of(lesson), []) if each["digest"] in now]
    kept = [each for each in kept if (each["cell"], each["bug"]) in planted - fresh]
    records[name_of(lesson)] = sorted([*kept, *found], key=lambda each: (each["cell"], each["bug"]))
    path = course.root.joinpath(*RECORDS)
    text = json.dumps({name: records[name] for name in sorted(records)}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


# --- running a lesson --------------------------------------------------------------------------------------------


def try_lesson(course, lesson, bugs, wanted):
    """Run a lesson's solved cells, its proofs with each of their bugs first.

    Args:
        course: The `Course`.
        lesson: The lesson's name.
        bugs: List of `LessonBug`.
        wanted: Names of the proof cells to try.

    Returns:
        List of convictions, list of complaints.
    """
    cells = numbered_source(course, lesson).cells
    code = {
        name: runnable(built_text(course, cell, True))
        for name, cell in zip(cell_ids(cells), cells, strict=True)
        if cell.cell_type == "code" and "raises-exception" not in tags_of(cell)
    }
    names = list(code)
    found, complaints, before = [], [], {}
    runner = Runner(course, lesson)
    needed = {each for bug in bugs if bug.cell in wanted for each in bug.rerun}
    with runner.prepared():
        for here, name in enumerate(names):
            if name in needed:
                before[name] = runner.snapshot()
            if name in wanted:
                found += runner.convict([bug for bug in bugs if bug.cell == name], code, before, name, complaints)
            error = runner.run(code[name], name)
            if error:
                complaints.append(f"RED WITHOUT A BUG {lesson} `{name}`: {type(error).__name__}: {error}")
                break
            if not wanted & set(names[here + 1 :]):
                break
    return found, complaints


def runnable(code):
    """A cell without its magics; of a check only what it imports: no later cell depends on an answer."""
    code = re.sub(r"(?m)^%.*$", "", code)
    if not checks_of(code):
        return code
    return "\n".join(
        ast.unparse(each) for each in ast.parse(code).body if isinstance(each, ast.Import | ast.ImportFrom)
    )


class Runner:
    """The names of a lesson and what can be done with its cells."""

    def __init__(self, course, lesson):
        self.course, self.lesson = course, lesson
        self.names = {"__name__": "__main__"}

    @contextlib.contextmanager
    def prepared(self):
        import matplotlib

        matplotlib.use("agg")
        place = Path.cwd()
        os.chdir(self.course.notebooks)
        try:
            yield
        finally:
            os.chdir(place)

    def run(self, code, name, seconds=0, asserting=True):
        """Run a cell, if asked without its assertions; return the exception that stopped it, or None."""
        label = f"<{self.lesson} {name}>"
        linecache.cache[label] = (len(code), None, [line + "\n" for line in code.splitlines()], label)
        try:
            with silence(), alarm(seconds):
                exec(compile(code, label, "exec", optimize=not asserting), self.names)
        except Exception as error:  # whatever it is, it is reported
            return error
        finally:
            if "matplotlib.pyplot" in sys.modules:
                sys.modules["matplotlib.pyplot"].close("all")
        return None

    def snapshot(self):
        """What is needed to come back to this moment."""
        values = {name: copied(value) for name, value in self.names.items()}
        return dict(self.names), values, states_of(self.names)

    def restore(self, snapshot):
        original, values, states = snapshot
        self.names.clear()  # the dictionary stays: it is what the lesson's functions look into
        self.names.update(original | {name: copied(value) for name, value in values.items()})
        put_back(states)

    def convict(self, bugs, code, before, name, complaints):
        """Try bugs on a cell: the list of convictions."""
        now, caught = self.snapshot(), []
        for bug in bugs:
            started = time.monotonic()
            verdict, message = self.attempt(bug, code, before, now, name)
            seconds = time.monotonic() - started
            if verdict == "caught":
                print(f"caught    {self.lesson} `{name}`: {bug.name}  ({seconds:.1f} s)", flush=True)
                caught.append({"cell": name, "digest": digest(code[name]), "bug": bug.name, "message": message})
            else:
                complaints.append(f"{verdict.upper()}  {self.lesson} `{name}`: {bug.name}  {message}")
        return caught

    def attempt(self, bug, code, before, now, name):
        """Run a cell with a bug: ("caught" or another word, the message)."""
        own = {each: code.get(each) for each in (*bug.rerun, name)}
        if None in own.values() or any(each not in before for each in bug.rerun):
            return "cannot be planted", f"the lesson has no cells {', '.join(bug.rerun)} before it"
        place = bug.place_in(name)
        if place in own:
            if own[place].count(bug.before) != 1:
                return "cannot be planted", f"`{bug.before}` must occur once in cell `{place}`"
            own[place] = own[place].replace(bug.before, bug.after)
            planting = contextlib.nullcontext()
        else:
            try:
                planting = planted_live((self.course.root / bug.file).resolve(), bug.before, bug.after, self.names)
            except ValueError as error:
                return "cannot be planted", str(error)
        start = before[bug.rerun[0]] if bug.rerun else now
        error = None
        try:
            self.restore(start)
            self.names.update({each: value for each, value in now[0].items() if each not in self.names})
            with planting:
                for each in own:
                    proof = each == name
                    error = self.run(deciding(own[each]) if proof else own[each], each, MOST_SECONDS, asserting=proof)
                    if error:
                        break
        except ValueError as problem:
            return "cannot be planted", str(problem)
        finally:
            self.restore(now)
        if error is None:
            return "survived", ""
        frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        message = shown(error)
        if not isinstance(error, AssertionError) or f"<{self.lesson} {name}>" not in frames:
            return f"stopped with {type(error).__name__}", message
        return "caught", message


def shown(error):
    lines = str(error).strip().splitlines()
    return lines[0] if lines else ""


@contextlib.contextmanager
def silence():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


class TooLongError(Exception):
    """A bug made a cell run for too long."""


@contextlib.contextmanager
def alarm(seconds):
    if not seconds or not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(number, frame):
        raise TooLongError(f"after {seconds} s")

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


# --- going back --------------------------------------------------------------------------------------------------


def copied(value):
    """Containers and arrays are changed in place by some cells; everything else keeps its identity."""
    import numpy as np

    if (isinstance(value, np.ndarray) and value.size <= 10**6) or type(value) in (list, dict, set):
        return copy.copy(value)
    return value


def states_of(names):
    """Random states, and variables and attributes of every network that can be reached in two steps."""
    import keras
    import numpy as np
    from keras.src.backend.common import global_state

    generators, variables, attributes = {}, {}, {}
    for value in reachable(names):
        if isinstance(value, np.random.Generator):
            generators[id(value)] = value, copy.deepcopy(value.bit_generator.state)
        elif isinstance(value, keras.layers.Layer):
            own = [*value.variables, *getattr(getattr(value, "optimizer", None), "variables", [])]
            own += [seeds.state for layer in layers_of(value) for seeds in getattr(layer, "_seed_generators", [])]
            variables |= {id(each): (each, each.numpy()) for each in own if hasattr(each, "assign")}
            attributes[id(value)] = value.__dict__, dict(value.__dict__)
    seeds = global_state.get_global_attribute("global_seed_generator")
    if seeds is not None:
        variables[id(seeds.state)] = seeds.state, seeds.state.numpy()
    old = random.getstate(), np.random.get_state()  # noqa: NPY002
    return old, list(generators.values()), list(variables.values()), list(attributes.values())


def put_back(states):
    import numpy as np

    (python, old_numpy), generators, variables, attributes = states
    random.setstate(python)
    np.random.set_state(old_numpy)  # noqa: NPY002
    for generator, state in generators:
        generator.bit_generator.state = state
    for now, before in attributes:  # such as the prior that a cell has given to a model
        for name in [name for name in now if name not in before]:
            del now[name]
        now.update(before)
    for variable, value in variables:
        variable.assign(value)


def reachable(names):
    for value in list(names.values()):
        yield value
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
        for each in inner if len(inner) <= 1000 else ():
            yield each
            yield from each if isinstance(each, (list, tuple)) and len(each) <= 100 else ()


def layers_of(layer):
    return layer._flatten_layers() if hasattr(layer, "_flatten_layers") else [layer]


# --- planting in living functions --------------------------------------------------------------------------------


@contextlib.contextmanager
def planted_live(path, before, after, names):
    """Exchange the code of the function that a bug is in, wherever it lives; take it out again."""
    text = path.read_text("utf-8")
    place = place_of(text, before)
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    module = importlib.import_module(name)  # a cell may be the first to use it
    new = code_of(compile(text.replace(before, after), str(path), "exec"), place)
    living = [
        each for each in [*functions_of(module), *gc.get_objects()]
        if isinstance(each, types.FunctionType) and each.__code__.co_qualname == place
        and each.__code__.co_filename == str(path)
    ]  # fmt: skip
    living = list({id(each): each for each in living}.values())
    if not living or new is None:
        raise ValueError(f"no living function is `{place}` of {path.name}")
    olds = [each.__code__ for each in living]
    forget_compiled(names)
    try:
        for each in living:
            each.__code__ = new
        yield
    finally:
        for each, old in zip(living, olds, strict=True):
            each.__code__ = old
        forget_compiled(names)


def functions_of(module):
    """The functions and methods of a module, which the garbage collector may have been told to leave alone."""
    for value in vars(module).values():
        yield value
        if isinstance(value, type):
            yield from vars(value).values()


def forget_compiled(names):
    """Networks keep compiled steps, which would run the code as it was."""
    import keras

    for value in reachable(names):
        if isinstance(value, keras.Model):
            for name in ("train_function", "test_function", "predict_function"):
                setattr(value, name, None)
            if getattr(value, "_compiled_steps", None):
                value._compiled_steps = {}


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("MPLBACKEND", "agg")
    sys.exit(main(sys.argv[1:]))
