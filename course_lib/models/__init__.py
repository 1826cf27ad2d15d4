"""The models of the course. Each is handed its networks; each is trained by Keras' own `fit`."""

from course_lib.models.autoencoder import Autoencoder
from course_lib.models.gan import GAN
from course_lib.models.two_stage import TwoStage
from course_lib.models.vae import VAE

__all__ = ["GAN", "VAE", "Autoencoder", "TwoStage"]
