"""Write the contents page of a workbook, and print it: what `make progress` calls."""

import sys

from course_lib.exercises import progress

if __name__ == "__main__":
    progress.main(*sys.argv[1:])
