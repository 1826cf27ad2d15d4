"""What a loader returns: the arrays of three splits, and what is known about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course_lib.contracts.arguments import whole_number

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Three splits of a data set, checked to fit together.

    Attributes:
        name: The name under which `load` knows it.
        x_train, x_validation, x_test: float32 images `(n, height, width, channels)` in [0, 1], or points `(n, d)`; or
            int32 sequences of symbols `(n, length)`, counted from 0.
        y_train, y_validation, y_test: int32 `(n,)`, indices into `class_names`.
        class_names: Tuple of strings.
        factors: Dict split → dict factor → array whose first axis is `n`; empty where the factors are unknown.
        density: For the toy densities, the object with the exact `.log_density(x)` and `.sample(...)`; for sentences,
            the one with the exact `.log_prob(x)`; else None.
        x_unseen, y_unseen: A fourth split, of combinations of factors that the other three do not have; else None.

    Raises:
        ValueError: If shapes, dtypes, ranges or lengths do not fit together.

    Example:
        >>> x, y = np.zeros((4, 2), "float32"), np.zeros(4, "int32")
        >>> Dataset("origin", x, y, x[:2], y[:2], x[:1], y[:1], class_names=("zero",))
        Dataset 'origin'
          train           4 points of 2 float32
          validation      2 points
          test            1 points
          classes    1: zero
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    factors: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)
    density: Any = None
    x_unseen: np.ndarray | None = None
    y_unseen: np.ndarray | None = None

    def __post_init__(self):
        for split in self.splits:
            self._check_split(split)
        unknown = set(self.factors) - set(self.splits)
        if unknown:
            raise ValueError(
                f"factors of {self.name!r} should be given per split, one of {self.splits}; got {unknown}."
            )
        names = [tuple(factors) for factors in self.factors.values()]
        if len(set(names)) > 1:
            raise ValueError(f"every split of {self.name!r} should have the same factors; got {names}.")

    def _check_split(self, split):
        x, y = self.split(split)
        where = f"the {split} split of {self.name!r}"
        if not (isinstance(x, np.ndarray) and isinstance(y, np.ndarray)):
            raise ValueError(f"{where} should be NumPy arrays; got {type(x).__name__} and {type(y).__name__}.")
        symbols = x.dtype == np.int32 and x.ndim == 2
        if not symbols and (x.dtype != np.float32 or x.ndim not in (2, 4)):
            raise ValueError(
                f"{where}: x should be float32, images (n, height, width, channels) or points (n, d), or int32 "
                f"sequences of symbols (n, length); got {x.dtype} {x.shape}. Convert or reshape it."
            )
        if x.shape[1:] != self.x_train.shape[1:]:
            raise ValueError(
                f"{where}: one example should have the shape of the training examples, {self.x_train.shape[1:]}; "
                f"got {x.shape[1:]}."
            )
        if y.dtype != np.int32 or y.shape != x.shape[:1]:
            raise ValueError(
                f"{where}: y should be int32 {x.shape[:1]}, one label per example; got {y.dtype} {y.shape}."
            )
        if not x.size:
            raise ValueError(f"{where} should not be empty. Ask for at least one example.")
        # min and max carry NaN along, and make no temporary array of the size of x
        low, high = (0 if symbols else -np.inf, np.inf) if x.ndim == 2 else (0.0, 1.0)
        if not (low <= x.min() and x.max() <= high and np.isfinite([x.min(), x.max()]).all()):
            raise ValueError(
                f"{where}: values should be finite and lie in [{low}, {high}]; they range from {x.min()} to {x.max()}. "
                "Divide images of 0–255 by 255."
            )
        if y.min() < 0 or y.max() >= len(self.class_names):
            raise ValueError(
                f"{where}: labels should lie in 0…{len(self.class_names) - 1}, indices into class_names; "
                f"they range from {y.min()} to {y.max()}."
            )
        for factor, values in self.factors.get(split, {}).items():
            num_values = len(np.atleast_1d(values))
            if num_values != len(x):
                raise ValueError(f"{where}: factor {factor!r} should have {len(x)} values; got {num_values}.")

    @property
    def splits(self):
        """The names of the splits: `"train"`, `"validation"`, `"test"` and, where there is one, `"unseen"`."""
        return SPLITS if self.x_unseen is None and self.y_unseen is None else (*SPLITS, "unseen")

    def split(self, name):
        """Return `(x, y)` of the split of that name, one of `splits`."""
        if name not in self.splits:
            raise ValueError(f"a split should be one of {', '.join(self.splits)}; got {name!r}.")
        return getattr(self, f"x_{name}"), getattr(self, f"y_{name}")

    @property
    def is_image(self):
        """Whether the examples are images, `(n, height, width, channels)`, and not points."""
        return self.x_train.ndim == 4

    @property
    def is_text(self):
        """Whether the examples are sequences of symbols, int32 `(n, length)`."""
        return self.x_train.dtype == np.int32

    def __repr__(self):
        shape = "×".join(map(str, self.x_train.shape[1:]))
        kind, detail = (
            ("images", f"of {shape} float32 in [0, 1]")
            if self.is_image
            else ("sequences" if self.is_text else "points", f"of {shape} {self.x_train.dtype}")
        )
        lines = [f"Dataset {self.name!r}"]
        for split in self.splits:
            lines.append(f"  {split:<10} {len(self.split(split)[0]):>6,} {kind} {detail if split == 'train' else ''}")
        classes = ", ".join(self.class_names[:12]) + (", …" if len(self.class_names) > 12 else "")
        lines.append(f"  classes    {len(self.class_names)}: {classes}")
        if self.factors:
            lines.append(f"  factors    {', '.join(next(iter(self.factors.values())))}")
        if self.density is not None:
            lines.append(f"  density    exact, {type(self.density).__name__}")
        return "\n".join(line.rstrip() for line in lines)


def as_images(pixels):
    """Turn uint8 images of 0–255 into float32 `(n, height, width, channels)` in [0, 1].

    Args:
        pixels: uint8 `(n, height, width)`, which gets one channel, or `(n, height, width, channels)`.

    Example:
        >>> as_images(np.full((2, 3, 3), 255, "uint8")).shape, float(as_images(np.full((1, 1, 1), 51, "uint8")).max())
        ((2, 3, 3, 1), 0.20000000298023224)
    """
    images = np.array(pixels if pixels.ndim == 4 else pixels[..., np.newaxis], "float32")
    images /= np.float32(255)  # in place: colour images fill a gigabyte soon enough
    return images


def check_num_validation(num_validation, num_images):
    """Raise a `ValueError` unless so many of the training images can be set aside."""
    if not 1 <= whole_number(num_validation, "num_validation", -np.inf) < num_images:
        raise ValueError(
            f"num_validation should lie in 1…{num_images - 1}; got {num_validation}. The default is 10000."
        )


def split_off_validation(name, arrays, num_validation, class_names):
    """Make a data set of images whose *last* training images become the validation split.

    Args:
        name: Of the data set.
        arrays: Dict of uint8 arrays `x_train y_train x_test y_test`.
        num_validation: Integer ≥ 1.
        class_names: Tuple of strings.

    Returns:
        `Dataset`.
    """
    images, labels = as_images(arrays["x_train"]), arrays["y_train"].astype("int32")
    return Dataset(
        name,
        x_train=images[:-num_validation],
        y_train=labels[:-num_validation],
        x_validation=images[-num_validation:],
        y_validation=labels[-num_validation:],
        x_test=as_images(arrays["x_test"]),
        y_test=arrays["y_test"].astype("int32"),
        class_names=class_names,
    )


def from_density(name, density, *, num_train=10_000, num_validation=2_000, num_test=2_000, seed=0):
    """Draw the three splits of a data set from a density.

    Args:
        name: For the data set.
        density: An object with `.sample_labelled(num_samples, seed)` → points `(n, d)` and labels `(n,)`.
        num_train, num_validation, num_test: Sizes of the splits, positive.
        seed: Integer ≥ 0. The splits are independent of each other and of `density.sample(n, seed)`.

    Returns:
        `Dataset` of float32 points that keeps the density.

    Raises:
        ValueError: If a size is not a positive integer, or the seed is none.

    Example:
        >>> from course_lib.datasets import toy
        >>> from_density("ring", toy.ring(num_modes=4), num_train=100).x_train.shape
        (100, 2)
    """
    arrays, seed = {}, whole_number(seed, "seed")
    sizes = (num_train, num_validation, num_test)
    for index, (split, size) in enumerate(zip(SPLITS, sizes, strict=True)):
        size = whole_number(size, f"num_{split}", 1)
        split_seed = int(np.random.SeedSequence([seed, index]).generate_state(1)[0])
        points, labels = density.sample_labelled(size, split_seed)
        arrays |= {f"x_{split}": points.astype("float32"), f"y_{split}": labels.astype("int32")}
    num_classes = 1 + int(np.max(density.labels))
    return Dataset(name, **arrays, class_names=tuple(map(str, range(num_classes))), density=density)
