"""The commands of the course (course.py), and three rooms that they stand on."""
