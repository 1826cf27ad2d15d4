"""The settings of nbgrader for this class. `make classroom` copies this file; yours stays once you have changed it.

A solution cell is handed out with what stands below `### INSTEAD` in its solution, with a time limit for each cell when
it is graded. Students' code runs with your rights: grade as another user, or in a container, without a network.
"""

import os
import re
import sys
from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearSolutions, Execute, NbGraderPreprocessor

REGION = re.compile(
    r"^[ \t]*### BEGIN SOLUTION\n(?:(?!^[ \t]*### (?:BEGIN|END) SOLUTION).*\n)*?"
    r"[ \t]*### INSTEAD\n((?:[ \t]*#.*\n)*)[ \t]*### END SOLUTION[ \t]*$",
    re.MULTILINE,
)


class HandOutHoles(ClearSolutions):
    """Leave in a solution cell what its author wrote below `### INSTEAD`; nbgrader's own stub where there is none."""

    def preprocess_cell(self, cell, resources, cell_index):
        solution = cell.metadata.get("nbgrader", {}).get("solution", False)
        if cell.cell_type != "code" or not solution or not REGION.search(cell.source):
            return super().preprocess_cell(cell, resources, cell_index)
        cell.source = REGION.sub(lambda found: re.sub(r"^([ \t]*)# ?", r"\1", found[1], flags=re.M)[:-1], cell.source)
        if "# BEGIN SOLUTION" in cell.source:  # a second region, without what to hand out instead
            return super().preprocess_cell(cell, resources, cell_index)
        return cell, resources


class WarningsAreNoErrors(NbGraderPreprocessor):
    """What a graded cell writes to stderr costs nothing: nbgrader gives no points for a right answer that warns."""

    def preprocess_cell(self, cell, resources, cell_index):
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade", False):
            for output in cell.outputs:
                if output.output_type == "stream":
                    output.name = "stdout"
        return cell, resources


def with_another(preprocessors, old, new):
    return [new if each is old else each for each in preprocessors]


def with_one_after(preprocessors, old, new):
    return [one for each in preprocessors for one in ((each, new) if each is old else (each,))]


os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])  # alembic
c = get_config()  # noqa: F821 (nbgrader defines it where it reads this file)
c.CourseDirectory.course_id = "generative-models"
c.GenerateAssignment.preprocessors = with_another(
    GenerateAssignment.preprocessors.default_args[0], ClearSolutions, HandOutHoles
)
c.Autograde.autograde_preprocessors = with_one_after(
    Autograde.autograde_preprocessors.default_args[0], Execute, WarningsAreNoErrors
)
c.Execute.kernel_name = "generative-models-grading"  # the course's own environment, with COURSE_STRICT=1
c.Execute.timeout = 120  # seconds for one cell; a lesson's longest training takes some 20
c.Execute.startup_timeout = 120
