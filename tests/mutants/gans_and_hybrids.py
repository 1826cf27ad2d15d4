"""Planted bugs of conditional GANs and of the hybrids of VAE and GAN."""

BUGS = ()
