"""The patients of the bug clinic: the lesson plants them in living functions, `make mutants` in copies of the files."""

from course_lib.patients import PATIENTS
from tests.mutants.bug import Bug

BUGS = tuple(Bug(each.name, each.file, each.before, each.after, each.tests) for each in PATIENTS)
