"""The models of the course. Each is handed its networks; each is trained by Keras' own `fit`."""

from course_lib.models.adversarial_autoencoder import AdversarialAutoencoder
from course_lib.models.adversaries import held_still
from course_lib.models.autoencoder import Autoencoder, squared_error
from course_lib.models.auxiliary_classifier_gan import AuxiliaryClassifierGAN
from course_lib.models.code_prior import CodePrior
from course_lib.models.conditional_gan import ConditionalGAN
from course_lib.models.conditional_vae import ConditionalVAE
from course_lib.models.denoiser import Denoiser
from course_lib.models.gan import GAN
from course_lib.models.iwae import IWAE
from course_lib.models.parallel_gan import ParallelGAN
from course_lib.models.two_stage import TwoStage
from course_lib.models.vae import VAE
from course_lib.models.vae_gan import VAEGAN
from course_lib.models.vqvae import VQVAE

__all__ = [
    "GAN",
    "IWAE",
    "VAE",
    "VAEGAN",
    "VQVAE",
    "AdversarialAutoencoder",
    "Autoencoder",
    "AuxiliaryClassifierGAN",
    "CodePrior",
    "ConditionalGAN",
    "ConditionalVAE",
    "Denoiser",
    "ParallelGAN",
    "TwoStage",
    "held_still",
    "squared_error",
]
