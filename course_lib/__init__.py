"""A course on generative models: tested Keras 3 models, and the exact oracles that judge them."""

from course_lib.runtime import setup
from course_lib.source import show

__version__ = "0.1.0"

__all__ = ["__version__", "setup", "show"]
