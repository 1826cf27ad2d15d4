"""Data sets of the course: `load(name)` returns a `Dataset`, whatever the source.

Embedded, offline: `glyphs` (letters with known factors), `digits` (8×8 scans), `prose` (the course's own text),
`sentences` (of a language with exact probabilities), and the toy densities `ring`, `grid`, `moons`, `mixture_1d`. Made
by the course, with known factors: `faces` (in colour), `tones`, `vowels`, `moving_glyphs`. Downloaded once: `mnist`,
`fashion_mnist`, `cifar10`. From a file of your own: `shakespeare`, `spoken_digits`. Importing this package needs NumPy
only.
"""

import difflib
import importlib
import inspect

from course_lib.datasets.archive import DataError
from course_lib.datasets.dataset import Dataset, from_density
from course_lib.datasets.duplicates import duplicates
from course_lib.datasets.prose import read_prose
from course_lib.datasets.sounds import FORMANTS, VOWELS, pulses, vocal_tract
from course_lib.datasets.suspect_labels import suspect_labels

__all__ = [
    "FORMANTS",
    "VOWELS",
    "DataError",
    "Dataset",
    "duplicates",
    "load",
    "names",
    "pulses",
    "read_prose",
    "suspect_labels",
    "vocal_tract",
]

_LOADERS = {  # name: (module, function returning a Dataset)
    "glyphs": ("course_lib.datasets.glyphs", "load_glyphs"),
    "digits": ("course_lib.datasets.digits", "load_digits"),
    "faces": ("course_lib.datasets.faces", "load_faces"),
    "tones": ("course_lib.datasets.sounds", "load_tones"),
    "vowels": ("course_lib.datasets.sounds", "load_vowels"),
    "moving_glyphs": ("course_lib.datasets.moving_glyphs", "load_moving_glyphs"),
    "spoken_digits": ("course_lib.datasets.spoken_digits", "load_spoken_digits"),
    "mnist": ("course_lib.datasets.mnist", "load_mnist"),
    "fashion_mnist": ("course_lib.datasets.mnist", "load_fashion_mnist"),
    "cifar10": ("course_lib.datasets.cifar10", "load_cifar10"),
    "sentences": ("course_lib.datasets.sentences", "load_sentences"),
    "prose": ("course_lib.datasets.prose", "load_prose"),
    "shakespeare": ("course_lib.datasets.shakespeare", "load_shakespeare"),
}
_DENSITIES = {name: ("course_lib.datasets.toy", name) for name in ("ring", "grid", "moons", "mixture_1d")}


def names():
    """Return the names that `load` knows.

    Example:
        >>> names()[:7]
        ('glyphs', 'digits', 'faces', 'tones', 'vowels', 'moving_glyphs', 'spoken_digits')
    """
    return (*_LOADERS, *_DENSITIES)


def load(name, **options):
    """Load a data set by name.

    Args:
        name: One of `names()`.
        **options: For `faces`: `size`, `num_train`, `cache`. For `mnist`, `fashion_mnist` and `cifar10`:
            `num_validation`, `cache`. For `digits`: `validation_fraction`, `test_fraction`, `seed`. For `sentences`:
            `num_train`, `num_validation`, `num_test`, `seed`. For `prose` and `shakespeare`: `length`. For a toy
            density: `num_train`, `num_validation`, `num_test`, `seed`, and the arguments of the density itself, such as
            `num_modes`. For `tones` and `vowels`: `num_train`, `num_validation`, `num_test`, `num_samples`, `seed`; for
            `vowels` also `lowest_pitch` and `highest_pitch`. For `moving_glyphs`: `num_frames`, `letters`. For
            `spoken_digits`: `num_samples`.

    Returns:
        `Dataset`: float32 images `(n, height, width, channels)` in [0, 1] or points `(n, d)` (a sound is a point), or
        int32 sequences of symbols `(n, length)`; int32 labels, and three splits; `faces` has a fourth, `x_unseen`, of
        combinations of factors that the others do not have.

    Raises:
        ValueError: If the name or an option is unknown; the message lists the ones there are.
        DataError: If a file is missing, broken or changed, or cannot be downloaded.

    Example:
        >>> load("ring", num_modes=6, num_train=600)
        Dataset 'ring'
          train         600 points of 2 float32
          validation  2,000 points
          test        2,000 points
          classes    6: 0, 1, 2, 3, 4, 5
          density    exact, IsotropicMixture
    """
    if isinstance(name, str) and name in _LOADERS:
        loader = _find(*_LOADERS[name])
        _check_options(name, options, loader)
        return loader(**options)
    if isinstance(name, str) and name in _DENSITIES:
        make_density = _find(*_DENSITIES[name])
        _check_options(name, options, make_density, from_density)
        shape = {option: options.pop(option) for option in _options_of(make_density) if option in options}
        return from_density(name, make_density(**shape), **options)
    closest = difflib.get_close_matches(str(name).lower().replace("-", "_"), names(), n=1)
    guess = f" Did you mean {closest[0]!r}?" if closest else ""
    raise ValueError(f"a data set should be one of {', '.join(names())}; got {name!r}.{guess}")


def _find(module, function):
    return getattr(importlib.import_module(module), function)


def _options_of(function):
    parameters = inspect.signature(function).parameters.values()
    return [parameter.name for parameter in parameters if parameter.name not in ("name", "density")]


def _check_options(name, options, *functions):
    known = [option for function in functions for option in _options_of(function)]
    for option in options:
        if option not in known:
            closest = difflib.get_close_matches(option, known, n=1)
            guess = f" Did you mean {closest[0]!r}?" if closest else ""
            raise ValueError(
                f"an option of {name!r} should be one of {', '.join(known) or '(none)'}; got {option!r}.{guess}"
            )
