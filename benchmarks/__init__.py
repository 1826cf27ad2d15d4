"""Measurements of the course: its training steps beside other ways to write them, its lessons, its memory."""
