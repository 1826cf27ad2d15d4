"""The two-stage generator: a trained autoencoder, and a density fitted to its codes afterwards."""

import copy
import inspect

import numpy as np


class TwoStage:
    r"""An autoencoder that can generate: stage one trained its networks, stage two fits a density to the codes.

    $$z \sim \hat p(z), \qquad x = \operatorname{decoder}(z), \qquad
      \hat p \text{ fitted to } \operatorname{encoder}(x_1), \dots, \operatorname{encoder}(x_n)$$

    The autoencoder is never trained here, and knows nothing of the density. The density lives in code space: it is no
    likelihood of images, and it is out of date as soon as the autoencoder is trained further.

    Args:
        autoencoder: A trained model with `encode` and `decode`, such as `Autoencoder`.
        density: What is fitted to the codes: an object with scikit-learn's `fit(codes)` and `sample(n)`, such as
            `GaussianMixture`. A copy of it is fitted, the object itself stays as it is. None is one Gaussian with a
            full covariance.

    Raises:
        ValueError: If one of the two lacks its methods.

    Example:
        >>> import keras
        >>> from course_lib.models import Autoencoder
        >>> same = [keras.Sequential([keras.Input((2,)), keras.layers.Identity()]) for _ in range(2)]
        >>> x = np.random.default_rng(0).normal(3.0, 1.0, size=(1000, 2))
        >>> samples = TwoStage(Autoencoder(*same)).fit(x).sample(1000, seed=1)
        >>> samples.shape, bool(abs(samples.mean() - 3) < 0.1)
        ((1000, 2), True)

    Reference:
        Ghosh et al. (2020), From variational to deterministic autoencoders, arXiv:1903.12436, section 4 (ex-post
        density estimation).
    """

    def __init__(self, autoencoder, density=None):
        _require_methods(autoencoder, "autoencoder", "encode", "decode")
        if density is None:
            from sklearn.mixture import GaussianMixture

            density = GaussianMixture(n_components=1, random_state=0)
        _require_methods(density, "density", "fit", "sample")
        self.autoencoder = autoencoder
        self.density = density
        self.fitted = None

    def fit(self, x):
        """Fit the density to the codes of `x`.

        Args:
            x: Array `(n, ...)`, the data of the autoencoder.

        Returns:
            The `TwoStage` itself; the fitted density is its attribute `fitted`.

        Raises:
            ValueError: If the data do not fit the autoencoder or are too few for the density.
        """
        codes = self.autoencoder.encode(x).astype("float64")
        density = _fresh(self.density)
        density.fit(codes)
        self.fitted = density
        return self

    def sample_codes(self, num_samples, seed=0):
        """Codes from the fitted density: float32 `(num_samples, latent_dim)`, in random order."""
        if self.fitted is None:
            raise ValueError("there is no density to sample from yet. Call fit(x) with the training data first.")
        if num_samples < 1:
            raise ValueError(f"num_samples should be a positive integer; got {num_samples!r}.")
        codes = _draw(self.fitted, num_samples, seed)
        codes = np.asarray(codes[0] if isinstance(codes, tuple) else codes, dtype="float32")
        return np.random.default_rng(seed).permutation(codes)  # a mixture lists component by component

    def sample(self, num_samples, seed=0):
        """New data: codes from the density, decoded.

        Args:
            num_samples: Integer ≥ 1.
            seed: Integer; the same seed gives the same samples.

        Returns:
            NumPy array, `(num_samples, ...)`, in data space.

        Raises:
            ValueError: If `fit` was not called before, or `num_samples` is not positive.
        """
        return self.autoencoder.decode(self.sample_codes(num_samples, seed))


def _fresh(density):
    """An unfitted copy, with scikit-learn's own means where it has them."""
    if hasattr(density, "get_params"):
        from sklearn.base import clone

        return clone(density)
    return copy.deepcopy(density)


def _draw(density, num_samples, seed):
    """`density.sample` on a stated seed, whichever way the density takes one; the density itself stays as it is."""
    density = copy.deepcopy(density)
    if hasattr(density, "random_state"):
        density.random_state = seed
    takes = inspect.signature(density.sample).parameters
    return density.sample(num_samples, **{name: seed for name in ("random_state", "seed") if name in takes})


def _require_methods(thing, name, *methods):
    missing = [method for method in methods if not callable(getattr(thing, method, None))]
    if missing:
        raise ValueError(
            f"{name} should have the methods {', '.join(methods)}; a {type(thing).__name__} has no {missing[0]}."
        )
