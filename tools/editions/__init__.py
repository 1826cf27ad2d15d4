"""Lessons from their sources, and what is made of them: notebooks, solutions, the learner's copies, Colab."""
