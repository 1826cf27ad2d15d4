"""Layers that the course's models are made of."""

from course_lib.layers.gumbel_softmax import GumbelSoftmax, straight_through
from course_lib.layers.masked_dense import MaskedDense
from course_lib.layers.noise import Noise
from course_lib.layers.parallel_dense import ParallelDense
from course_lib.layers.position import Position
from course_lib.layers.sampling import Sampling
from course_lib.layers.spectral_normalization import SpectralNormalization
from course_lib.layers.vector_quantizer import VectorQuantizer, perplexity

__all__ = [
    "GumbelSoftmax",
    "MaskedDense",
    "Noise",
    "ParallelDense",
    "Position",
    "Sampling",
    "SpectralNormalization",
    "VectorQuantizer",
    "perplexity",
    "straight_through",
]
