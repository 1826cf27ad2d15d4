"""Builders of small networks: encoders, decoders, generators and discriminators.

Every builder returns an ordinary functional Keras model, ready to be replaced by your own. Heads are linear and
float32 under every precision policy: codes and means may take any sign, and decoders and discriminators return
*logits* (or means), never probabilities. Images are (height, width, channels), whatever Keras' setting
`image_data_format` says: each layer that has such a format is told so. Every builder raises a `ValueError` for an
argument that means nothing.
"""

from course_lib.networks.conditional import (
    dense_classifying_discriminator,
    dense_conditional_decoder,
    dense_conditional_discriminator,
    dense_conditional_encoder,
    dense_conditional_generator,
)
from course_lib.networks.conv import (
    conv_decoder,
    conv_discriminator,
    conv_encoder,
    conv_gaussian_encoder,
    conv_generator,
)
from course_lib.networks.dense import (
    dense_decoder,
    dense_discriminator,
    dense_encoder,
    dense_gaussian_encoder,
    dense_generator,
)
from course_lib.networks.grid import dense_grid_decoder, dense_grid_encoder
from course_lib.networks.parallel import parallel_discriminator, parallel_generator

__all__ = [
    "conv_decoder",
    "conv_discriminator",
    "conv_encoder",
    "conv_gaussian_encoder",
    "conv_generator",
    "dense_classifying_discriminator",
    "dense_conditional_decoder",
    "dense_conditional_discriminator",
    "dense_conditional_encoder",
    "dense_conditional_generator",
    "dense_decoder",
    "dense_discriminator",
    "dense_encoder",
    "dense_gaussian_encoder",
    "dense_generator",
    "dense_grid_decoder",
    "dense_grid_encoder",
    "parallel_discriminator",
    "parallel_generator",
]
