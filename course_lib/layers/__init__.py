"""Layers that the course's models are made of."""

from course_lib.layers.gumbel_softmax import GumbelSoftmax
from course_lib.layers.noise import Noise
from course_lib.layers.sampling import Sampling

__all__ = ["GumbelSoftmax", "Noise", "Sampling"]
