"""Planted bugs of the training of a GAN: penalties, smoothing, packing, spectral normalisation, checkpoints."""

BUGS = ()
