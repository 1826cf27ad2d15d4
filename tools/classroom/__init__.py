"""A class that is graded: the lessons as an nbgrader course, and a report of what the class did not understand."""
