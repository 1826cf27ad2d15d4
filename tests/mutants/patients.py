"""The patients of the bug clinic: the lesson plants them in living functions, `make mutants` in copies of the files."""

from course_lib.patients import PATIENTS

BUGS = PATIENTS
