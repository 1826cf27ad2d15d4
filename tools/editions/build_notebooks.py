r"""Make the lessons: percent sources in `notebooks/source/` become the executed notebooks that people open.

    python -m tools.editions.build_notebooks                    # run every lesson, write notebooks/NN_name.ipynb
    python -m tools.editions.build_notebooks 05_elbo            # one lesson ("05" is enough)
    python -m tools.editions.build_notebooks 05 --no-execute    # a quick look at cells and holes while writing
    python -m tools.editions.build_notebooks 05 --force         # store the figures too where only their bytes changed
    python -m tools.editions.build_notebooks --check            # run nothing: is what is stored what the sources say?
    python -m tools.editions.build_notebooks --solutions        # run the solved edition, every check must say "right"

A notebook is replaced only where its cells or the text of its outputs changed. The exit status is 0 or 1.

How to write a lesson
---------------------

A source is a jupytext percent script, `notebooks/source/NN_name.py`. Its header holds what the README's map of the
lessons says of it, and `gpu: true` where a GPU helps on Colab:

    # ---
    # jupyter:
    #   course:
    #     part: "Part II · Latent variables, the ELBO and the VAE"
    #     question: "Which bound do we climb, and how far below the truth is it?"
    #     gpu: true
    # ---

and then come its cells:

    # %% [markdown]
    # # The ELBO: what does a VAE maximise?
    #
    # The question, the objectives, what to know before. *Time:* {times}; about 15 seconds to run.

    # %% tags=["setup"]
    import course_lib

    run = course_lib.setup()

    # %% [markdown]
    # ## How far is a code from the prior?
    # **Exercise {exercise: KL_TO_THE_STANDARD_NORMAL}.** Write it yourself, for a batch.


    # %% tags=["exercise"]
    def my_kl(mean, log_var):
        # BEGIN SOLUTION
        return 0.5 * np.sum(np.exp(log_var) + mean**2 - 1.0 - log_var, axis=-1)
        # END SOLUTION


    # %%
    check(exercises.KL_TO_THE_STANDARD_NORMAL, my_kl)

    # %% [markdown]
    # In this lesson you have …

* The first cell is markdown with the title, `# Title`; the last is markdown too. The builder adds the Colab badge under
  the title and the links to the neighbouring lessons after the last cell: do not write them. Other relative links
  are written as seen from `notebooks/`.
* One cell has the tag `setup`, the first code cell: the import and the call of `course_lib.setup`. The builder puts
  before them what installs the library on Colab and Kaggle, or says how.
* A cell with the tag `exercise` has solution blocks. A block becomes one line, made from its last statement:
  `return …` becomes `return ...  # your turn`, `name = …` becomes `name = ...  # your turn`, anything else becomes
  `# your turn` and `...` below it. To hand out something else, such as code with a bug to find, write it as comments:

        # BEGIN SOLUTION
        return mean + np.exp(0.5 * log_var) * noise
        # INSTEAD
        # return mean * np.exp(0.5 * log_var)
        # END SOLUTION

* The next cell checks it, `check(exercises.NAME, answer)`: the builder writes the exercise's number before it. Nothing
  later may depend on the answer: the lesson is run with its holes.
* Lessons and exercises are called by their names, `{lesson: the_elbo}` and `{exercise: NAME}`; the builder writes
  numbers, titles and links (`lesson_names.py` lists the forms). So a lesson is moved by renaming its file.
* A section that the core path does without has the tag `deeper` on the markdown cell that begins with its heading. The
  builder counts the minutes of both (`lesson_times.py`, `docs/times.md`), writes them for `{times}`, and refuses a core
  path of more than 75 minutes, or one that uses a name which only a deeper section makes. What only such a section
  teaches is marked `deeper` in the lists "In this lesson you will" and "In this lesson you have", in both.
* A cell with an `assert` has the tag `proof`, `guard` or `identity`; a proof has been seen red (`lesson_proofs.py`).
* Slides and the speaker's notes are markdown cells with the tags `slide` and `notes`, usually at the end of the source;
  they are in no notebook. `lesson_slides.py` says how to write them, `make slides` makes the decks, `--check` judges
  them with the stored notebook: nothing is run again for a slide.
* At most two code cells in a row and 25 lines a code cell; no `!shell`, no magic but `%matplotlib inline`.
* Outputs: nothing on stderr, no error (but in cells tagged `raises-exception`), no path of this machine, no address
  of an object, no printed line of more than 100 characters, no figure over 100 KB, and none without a text:
  `plotting.show(alt="…")` says what is drawn and what one should see, in at least 40 characters. A cell marked
  `NBVAL_CHECK_OUTPUT` has an output. Live widgets are not stored.
"""

import argparse
import copy
import json
import os
import re
import sys
import tempfile
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools.editions.lesson_cells import cell_metadata, checks_of, find_course, make_notebook, tags_of
from tools.editions.lesson_files import renew_files, stale_files
from tools.editions.lesson_names import name_of
from tools.editions.lesson_proofs import proof_problems
from tools.editions.lesson_rules import (
    changed_outputs,
    figure_sizes,
    is_widget,
    language_problems,
    output_problems,
    shortened,
    source_problems,
    stale_cells,
    verdict_problems,
    width_problems,
)
from tools.editions.lesson_slides import slide_problems
from tools.editions.lesson_sources import Course, LessonError

ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS = 60
CELL_TIMEOUT = 600
LABEL = re.compile(r'(check\(\s*)"(\d+\.\d+)"')

# --- running -----------------------------------------------------------------------------------------------------


def run_notebook(course, notebook, **variables):
    """Run a notebook in a fresh kernel inside `notebooks/`, and store its outputs in a form that does not change.

    Args:
        course: The `Course`.
        notebook: What `make_notebook` has made; it is changed in place.
        **variables: Environment variables for the kernel, such as `COURSE_SEED="1"`.

    Raises:
        LessonError: A cell stopped.
    """
    metadata = copy.deepcopy(notebook.metadata)  # the kernel writes its own versions into it
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(course.root), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {"KERAS_BACKEND": "tensorflow", "COURSE_PROFILE": "cpu"} | dict(os.environ)
        environment |= {"PYTHONPATH": os.pathsep.join(paths), "IPYTHONDIR": folder} | variables
        environment.pop("MPLBACKEND", None)  # the kernel's own shows figures in the notebook
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT,
            extra_arguments=["--log-level=ERROR"],
            kernel_name="python3",
            resources={"metadata": {"path": str(course.notebooks)}},
            record_timing=False,
        )
        try:
            client.execute(env=environment)
        except CellExecutionError as error:
            normalise(course, notebook)
            raise LessonError(*(stored_errors(notebook) or [str(error)])) from None
        except (CellTimeoutError, DeadKernelError) as error:
            raise LessonError(f"the kernel gave up: {shortened(str(error))}") from None
    normalise(course, notebook)
    notebook.metadata = metadata


def stored_errors(notebook):
    """The cells that stopped although they should not."""
    return [
        f"cell `{cell.id}` stopped with {output.ename}: {output.evalue}\n{textwrap.indent(cell.source, '    | ')}\n"
        + textwrap.indent("\n".join(output.traceback[-1:]), "    ")
        for cell in notebook.cells
        if cell.cell_type == "code" and "raises-exception" not in tags_of(cell)
        for output in cell.outputs
        if output.output_type == "error"
    ]


def normalise(course, notebook):
    """Leave only what a second run would repeat."""
    counts = iter(range(1, len(notebook.cells) + 1))
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(cell_metadata(tags_of(cell)))
        if cell.cell_type == "code":
            cell.execution_count = next(counts) if cell.execution_count else None
            cell.outputs = [
                settled(course, output, cell) for output in joined_streams(cell.outputs) if not is_widget(output)
            ]


def joined_streams(outputs):
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and last.output_type == output.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def settled(course, output, cell):
    if output.output_type == "stream":
        output.text = re.sub(r"[^\n]*\r(?!\n)", "", output.text)  # what a carriage return has overwritten
    if output.output_type == "execute_result":
        output.execution_count = cell.execution_count
    if output.output_type == "error":
        output.traceback = [without_paths(course, line) for line in output.traceback]
    output.pop("transient", None)
    return output


def without_paths(course, text):
    """A traceback without colours and without this machine's folders."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text).replace(f"{course.root}{os.sep}", "")
    text = re.sub(r"\S*ipykernel_\d+\S*?\.py", "this cell", text)
    text = re.sub(r"(?:[A-Za-z]:)?[~/\\][^\s:'\"]*[/\\](?:site|dist)-packages[/\\]", "", text)
    return re.sub(r"(?<![\w.])(?:[A-Za-z]:|~)?(?:[/\\][^\s:'\"/\\]+)+[/\\]([^\s:'\"/\\]+\.py)", r"\1", text)


# --- what is stored ----------------------------------------------------------------------------------------------


def check_lesson(course, lesson):
    """All that is wrong with a stored notebook, without running it."""
    path = course.notebook(lesson)
    try:
        stored = nbformat.read(path, as_version=4)
    except FileNotFoundError:
        return ["its notebook is missing: build it"]
    except Exception as error:  # nbformat raises many kinds for a broken file
        return [f"its notebook cannot be read: {shortened(str(error))}"]
    problems = source_problems(course, lesson) + proof_problems(course, lesson)
    if problems:
        return problems
    address = stored.metadata.get("course", {}).get("repository")
    expected = make_notebook(Course(course.root, address, course.version), lesson)
    slides = slide_problems(course, lesson, stored)
    foreign = [f"cell `{cell.get('id')}`: {problem}" for cell in stored.cells if cell.cell_type == "code"
               for problem in language_problems(cell.source)]  # fmt: skip
    foreign += width_problems(stored)
    return stale_cells(stored, expected) + foreign + output_problems(course, stored) + slides


def orphans(course):
    return sorted(path.name for path in course.notebooks.glob("*.ipynb") if path.stem not in course.lessons)


def repeats(old, new):
    """Whether two notebooks are equal but for the bytes of their pictures."""
    return readable(old) == readable(new)


def readable(notebook):
    plain = json.loads(nbformat.writes(notebook))
    for cell in plain["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data |= {kind: "picture" for kind in data if kind.startswith("image/")}
    return plain


def keep_outputs(stored, notebook):
    """Hand the outputs of the stored notebook to a new one whose code is the same (set-up cell and numbers apart)."""
    old, new = ([cell for cell in each.cells if cell.cell_type == "code"] for each in (stored, notebook))
    if len(old) != len(new) or any(
        LABEL.sub(r"\1", before.source) != LABEL.sub(r"\1", after.source)
        for before, after in zip(old, new, strict=True)
        if after.id != "setup"
    ):
        return
    for before, after in zip(old, new, strict=True):
        after.outputs, after.execution_count = before.outputs, before.execution_count
        for number, other in zip(LABEL.findall(before.source), LABEL.findall(after.source), strict=False):
            for output in after.outputs:
                if output.get("output_type") == "stream":
                    output.text = output.text.replace(f"Exercise {number[1]}:", f"Exercise {other[1]}:")


def stored_notebook(path):
    try:
        return nbformat.read(path, as_version=4)
    except Exception:  # missing or broken: it is written anew
        return None


def write_notebook(notebook, path):
    """Write under another name, then rename: nobody ever sees half a notebook."""
    nbformat.validate(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes((nbformat.writes(notebook).rstrip("\n") + "\n").encode())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


# --- commands ----------------------------------------------------------------------------------------------------


def build_lesson(course, lesson, path, solved=False, execute=True, force=False):
    """Make a lesson's notebook, run it, judge it, write it.

    Returns:
        A line for the report.

    Raises:
        LessonError: Something is wrong; nothing was written.
    """
    start = time.perf_counter()
    problems = source_problems(course, lesson)
    if problems:
        raise LessonError(*problems)
    notebook, stored = make_notebook(course, lesson, solved), stored_notebook(path)
    if execute:
        run_notebook(course, notebook)
        problems = output_problems(course, notebook) + width_problems(notebook)
        problems += verdict_problems(course, lesson, notebook, solved)
        problems += changed_outputs(stored_notebook(course.notebook(lesson)), notebook) if solved else []
        if problems:
            raise LessonError(*problems)
    elif stored is not None:
        keep_outputs(stored, notebook)
    seconds = time.perf_counter() - start
    if stored is not None and not force and repeats(stored, notebook):
        outcome = "unchanged" if stored == notebook else "unchanged but for the bytes of figures (--force stores them)"
    else:
        outcome = "written"
        write_notebook(notebook, path)
    sizes = [size for cell in notebook.cells for output in cell.get("outputs", []) for size in figure_sizes(output)]
    figures = f"{len(sizes)} figures, the biggest {max(sizes) / 1024:.0f} KB" if sizes else "no figures"
    solutions = sum(len(checks_of(cell.source)) for cell in notebook.cells if cell.cell_type == "code")
    exercises = f", {solutions} exercises{' right' if solved and execute else ''}"
    slow = f"  ← slower than {MOST_SECONDS} s" if seconds > MOST_SECONDS else ""
    return f"{seconds:6.1f} s  {figures}{exercises}, {outcome}{slow}"


def named_lessons(course, names):
    """The lessons that a command line names: `05`, `elbo`, `05_elbo`, or the path of a source or notebook."""
    if not course.lessons:
        raise LessonError(f"there is no lesson in {course.notebooks / 'source'}")
    chosen = []
    for name in names or course.lessons:
        found = [lesson for lesson in course.lessons if Path(name).stem in (lesson, lesson[:2], name_of(lesson))]
        if not found:
            raise LessonError(f"there is no lesson {name!r}; there are {', '.join(course.lessons)}")
        chosen += found
    return chosen


def report(lesson, problems):
    print("\n".join([f"{lesson}: FAILED", *(textwrap.indent(problem, "    ") for problem in problems)]), flush=True)


def check_all(course, names):
    failures = 0
    for lesson in named_lessons(course, names):
        problems = check_lesson(course, lesson)
        failures += bool(problems)
        if problems:
            report(lesson, problems)
    beside = [] if names else stale_files(course)
    if beside:
        report("beside the notebooks", beside)
        failures += 1
    for orphan in [] if names else orphans(course):
        report(orphan, ["it has no source: write one, or delete the notebook"])
        failures += 1
    print(
        "what is stale: python -m tools.editions.build_notebooks LESSON"
        if failures
        else "every notebook is what its source says"
    )
    return failures


def build_all(course, options):
    renew_files(course)
    folder = options.output or course.root / "workbook" / "solutions"

    def build(lesson):
        path = folder / f"{lesson}.ipynb" if options.solutions else course.notebook(lesson)
        try:
            line = build_lesson(course, lesson, path, options.solutions, not options.no_execute, options.force)
            print(f"{lesson}: {line}", flush=True)
            return 0
        except LessonError as error:
            report(lesson, error.problems)
            return 1

    with ThreadPoolExecutor(options.at_once) as pool:  # the work is done in the kernels
        return sum(pool.map(build, named_lessons(course, options.lessons)))


def main(arguments=None, root=ROOT):
    parser = argparse.ArgumentParser(
        description="Make the lessons from notebooks/source/; how to write one: the docstring."
    )
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 05 or 05_elbo; all where none is named")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="run nothing; compare the stored notebooks with the sources")
    what.add_argument("--solutions", action="store_true", help="make and run the solved edition")
    parser.add_argument("--output", type=Path, help="where the solved edition goes (workbook/solutions)")
    parser.add_argument("--no-execute", "--holes-only", action="store_true", help="make the cells, run nothing")
    parser.add_argument("--force", action="store_true", help="write where only the bytes of figures changed too")
    parser.add_argument("--at-once", type=int, default=1, help="how many lessons run at a time (1, to time them)")
    options = parser.parse_args(arguments)
    try:
        course = find_course(root)
        return min(1, check_all(course, options.lessons) if options.check else build_all(course, options))
    except LessonError as error:
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
