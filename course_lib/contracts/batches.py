"""What a model reads of a batch: data, labels, a target and weights, each held to its contract. NumPy only.

The same contract reads arrays in memory and every batch of a pipeline, so that nothing can enter by another door.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from course_lib.contracts.arguments import finite_float64, real_number
from course_lib.contracts.data import DataContract
from course_lib.contracts.labels import LabelContract

_LARGEST_WEIGHT, _SMALLEST_WEIGHT = 1e15, 1e-15  # sums of larger ones overflow float32, smaller ones vanish in it


class Batch(NamedTuple):
    """Examples as a model wants them.

    Attributes:
        x: NumPy array `(n, ...)`, what the model sees.
        labels: Int32 array `(n,)`, or None for a model without labels.
        target: NumPy array, what the model is to give back, or None: x itself.
        weights: Float32 array `(n,)`, or None for equal weights.
    """

    x: np.ndarray
    labels: np.ndarray | None = None
    target: np.ndarray | None = None
    weights: np.ndarray | None = None

    def parts(self):
        """What Keras is handed: `(inputs,)`, `(inputs, target)` or `(inputs, target, weights)`.

        Keras drops weights that come without a target, so that x stands in the place of a target that is missing.

        Example:
            >>> [part.tolist() for part in Batch(np.zeros(1), weights=np.ones(1)).parts()]
            [[0.0], [0.0], [1.0]]
        """
        inputs = self.x if self.labels is None else (self.x, self.labels)
        target = self.x if self.target is None else self.target
        if self.weights is not None:
            return inputs, target, self.weights
        return (inputs,) if self.target is None else (inputs, target)

    def rows(self, rows):
        """The same of some of the examples: row numbers or a slice.

        Example:
            >>> Batch(np.arange(4)).rows(slice(2, None)).x.tolist()
            [2, 3]
        """
        return Batch(*(None if part is None else part[rows] for part in self))

    def __len__(self):
        return len(self.x)


@dataclass(frozen=True)
class BatchContract:
    """What a model accepts beside each other.

    Attributes:
        model: The name of the model's class, for messages.
        data: The `DataContract` of x.
        labels: The `LabelContract` of a conditional model, or None.
        target: The `DataContract` of a target that may differ from x (clean data beside noisy), or None if x itself is
            all that the model learns from.
        class_weight: Dict from a label to its weight (a label that is not in it weighs 1), or None.
        multiple_of: Integer of which the number of examples must be a multiple.
    """

    model: str
    data: DataContract
    labels: LabelContract | None = None
    target: DataContract | None = None
    class_weight: Mapping | None = None
    multiple_of: int = 1

    def __post_init__(self):
        if self.class_weight is not None:
            self._check_class_weight()

    def read(self, x, y=None, sample_weight=None, name="x", label_name="y"):
        """Read data in memory.

        Args:
            x: Array-like `(n, ...)`; for a conditional model also the pair `(x, labels)`.
            y: Labels `(n,)` of a conditional model; else a target, as large as x; or None (or x itself).
            sample_weight: Numbers ≥ 0, `(n,)`, not all 0 (times `class_weight` neither); or None.
            name, label_name: What x and y are called, for messages.

        Returns:
            A `Batch`.

        Raises:
            ValueError: If a part does not fit its contract, is missing, or is one that the model does not take.

        Example:
            >>> contract = BatchContract("Autoencoder", DataContract((2,)), target=DataContract((2,)))
            >>> contract.read([[0.0, 1.0]], [[1.0, 1.0]]).target.tolist()
            [[1.0, 1.0]]
        """
        y = None if y is x else y
        x, labels, target = self._sorted(x, y)
        self._refuse_other_rows(x, name, {label_name: y, "sample_weight": sample_weight})
        return self._checked(x, labels, target, sample_weight, name, label_name)

    def read_batch(self, batch):
        """Read one batch of a pipeline: `x`, `(x, y)` or `(x, y, sample_weight)`; see `read`.

        In a pipeline, weights come third: `(x, x, sample_weight)` where there is neither label nor target.

        Args:
            batch: What the pipeline gave.

        Returns:
            A `Batch`, whose weights may all be 0.

        Raises:
            ValueError: As `read`, and if the batch is none of these.
        """
        x, y, sample_weight = self._unpacked(batch)
        self._refuse_single_examples(x)
        x, labels, target = self._sorted(x, y)
        target = None if target is x else target
        return self._checked(x, labels, target, sample_weight, "x", "y", is_batch=True)

    def _unpacked(self, batch):
        if isinstance(batch, Mapping):
            names = ", ".join(map(repr, batch))
            raise ValueError(
                f"a batch should be x{', or (x, y)' if self._takes_y else ''}; got a dictionary with the keys {names}. "
                f"Take what belongs to x{' and y' if self.labels is not None else ''} out of it: "
                f"dataset.map(lambda batch: {self._picked(list(batch))})."
            )
        parts = tuple(batch) if isinstance(batch, (tuple, list)) else (batch,)
        if not 1 <= len(parts) <= 3:
            raise ValueError(
                f"a batch should be x, (x, y) or (x, y, sample_weight); got {len(parts)} parts. Batches of arrays are "
                "np.stack-ed: one array, not a list of examples."
            )
        return (*parts, *[None] * (3 - len(parts)))

    def _picked(self, names):
        first = f"batch[{names[0]!r}]" if names else "batch['x']"
        if self.labels is None:
            return first
        return f"({first}, batch[{names[-1]!r}])" if len(names) > 1 else f"({first}, batch['y'])"

    def _refuse_single_examples(self, x):
        x = x[0] if isinstance(x, (tuple, list)) and len(x) else x
        shape, expected = tuple(getattr(x, "shape", ())), self.data.event_shape
        same_rank = expected is not None and 0 < len(shape) == len(expected)
        if same_rank and all(wanted in (None, size) for size, wanted in zip(shape, expected, strict=True)):
            raise ValueError(
                f"a batch should have shape (examples, {', '.join(map(str, expected))}); got {shape}, a single "
                "example. Let the pipeline make batches: dataset.batch(128)."
            )

    def _sorted(self, x, y):
        """x, labels and target, whichever way the labels came."""
        if self.labels is None:
            if isinstance(x, tuple) or (isinstance(x, list) and self._is_pair(x)):
                raise ValueError(self._words_for_a_tuple(x))
            return x, None, y
        if isinstance(x, (tuple, list)) and len(x) == 2 and not isinstance(x[0], tuple) and _ndim(x[0]) > _ndim(x[1]):
            return *x, y
        if isinstance(x, tuple):
            raise ValueError(self._words_for_a_tuple(x))
        return x, y, None

    def _words_for_a_tuple(self, x):
        if len(x) == 2 and all(isinstance(part, tuple) and len(part) == 2 for part in x):
            given = "fit(x_train, y_train)" if self.labels is not None else "fit(x_train)"
            return (
                "x holds two pairs, as load_data() returns them. Take them apart: "
                f"(x_train, y_train), (x_test, y_test) = x; then {given}."
            )
        wanted = "fit(noisy, clean)" if self.target is not None and self._is_pair(x) else self._call
        return (
            f"x should be one array of examples; got a {type(x).__name__} of {len(x)}. Hand its parts over one by one: "
            f"{wanted}."
        )

    @property
    def _call(self):
        return "fit(x, labels)" if self.labels is not None else "fit(x)"

    def _is_pair(self, x):
        """Whether x holds two arrays of examples, such as noisy and clean ones, rather than two examples."""
        expected = self.data.event_shape
        return expected is not None and len(x) == 2 and all(_ndim(part) == len(expected) + 1 for part in x)

    def _refuse_other_rows(self, x, name, beside):
        """Refuse tables that are as long as x and whose rows stand in another order, by their index."""
        for other, part in beside.items():
            index, others = _index(x), _index(part)
            if index is None or others is None or len(index) != len(others) or index.equals(others):
                continue
            code = other if other.isidentifier() else other.split()[0]
            raise ValueError(
                f"{name} and {other} must have the same rows; got an index that begins {list(index[:3])}, and one that "
                f"begins {list(others[:3])}. In another order? {code}.loc[{name.split()[0]}.index]. In the same order, "
                f"under other names? {code}.to_numpy()."
            )

    def _checked(self, x, labels, target, sample_weight, name, label_name, is_batch=False):
        if x is None:
            repair = "Give each batch its data" if is_batch else f"Call {self._call}"
            raise ValueError(f"{name} is None: expected {self.data.in_words()}. {repair}.")
        data = self.data
        if target is not None:
            self._check_target(target, label_name)
            if not data.symbols:  # noise may lead out of the range that the likelihood asks of its target
                data = replace(data, minimum=None, maximum=None)
        x = data.checked(x, name)
        if len(x) % self.multiple_of:
            raise ValueError(
                f"{self.model} shares every batch out to {self.multiple_of} copies: {name} must be a multiple of "
                f"{self.multiple_of} examples; got {len(x)}. Drop a few, or change the size of the batches."
            )
        if self.labels is not None:
            hint = "(x, labels, weights)" if is_batch else "fit(x, labels, sample_weight=weights)"
            hint = f"Weights? They come third: {hint}." if sample_weight is None else ""
            labels = self.labels.checked(labels, len(x), label_name, hint)
        if target is not None:
            target = self.target.checked(target, label_name)
            _check_length(target, len(x), label_name)
        weights = checked_weights(sample_weight, len(x), all_zero=is_batch)
        if self.class_weight is not None:
            by_class = self._weight_of_class()[labels]
            what = "class_weight" if weights is None else "sample_weight times class_weight"
            weights = by_class if weights is None else weights * by_class
            weights = _as_float32(weights, what, all_zero=is_batch)
        return Batch(x, labels, target, weights)

    def _check_target(self, target, name):
        shape = tuple(getattr(target, "shape", None) or np.shape(target))
        if self.target is None:
            raise ValueError(
                f"{self.model} learns from x alone; got {name} of shape {shape} as well. "
                "Call fit(x), and map a dataset of pairs to its first part: dataset.map(lambda x, y: x)."
            )
        expected = self.target.event_shape
        if expected is not None and len(shape) != len(expected) + 1:
            raise ValueError(
                f"{self.model} learns from x alone; got {name} of shape {shape} as well, which is no target of shape "
                f"(examples, {', '.join('any' if size is None else str(size) for size in expected)}). Labels? Leave "
                "them out: call fit(x), and map a dataset of pairs to its first part: dataset.map(lambda x, y: x). "
                "Weights? They come third, after x itself: dataset.map(lambda x, weights: (x, x, weights))."
            )

    @property
    def _takes_y(self):
        return self.labels is not None or self.target is not None

    def _check_class_weight(self):
        if self.labels is None:
            raise ValueError(
                f"class_weight needs classes, and {self.model} learns from x alone. Give each example its weight: "
                "fit(x, sample_weight=course_lib.contracts.class_weights(labels, num_classes))."
            )
        if not isinstance(self.class_weight, Mapping):
            raise ValueError(
                f"class_weight should be a dictionary from a label to its weight, such as {{0: 1.0, 1: 5.0}}; got "
                f"{self.class_weight!r}."
            )
        classes = range(self.labels.num_classes)
        unknown = [label for label in self.class_weight if isinstance(label, (bool, np.bool_)) or label not in classes]
        if unknown:
            raise ValueError(
                f"class_weight should have labels 0 … {self.labels.num_classes - 1} as its keys; got {unknown[0]!r}."
            )
        weights = [real_number(weight, "a weight in class_weight") for weight in self.class_weight.values()]
        if any(weight < 0 for weight in weights):
            raise ValueError(f"The weights in class_weight must be ≥ 0; got {min(weights):g}.")
        _as_float32(self._weight_of_class(), "class_weight", of="classes")

    def _weight_of_class(self):
        """The weight of each class, float64."""
        weights = np.ones(self.labels.num_classes)
        for label, weight in self.class_weight.items():
            weights[int(label)] = weight
        return weights


def checked_weights(sample_weight, num_examples, all_zero=False):
    """Weights of examples as float32, or None.

    Args:
        sample_weight: Numbers ≥ 0, `(n,)` or `(n, 1)`, or None.
        num_examples: Integer n.
        all_zero: Whether they may all be 0, as those of one batch may.

    Returns:
        Float32 array `(n,)`, or None.

    Raises:
        ValueError: If there are not n, one is negative, not finite or above 1e15, or all are 0 or as good as 0.

    Example:
        >>> checked_weights([[2], [0]], 2).tolist()
        [2.0, 0.0]
    """
    if sample_weight is None:
        return None
    weights = finite_float64(sample_weight, "sample_weight")
    if weights.ndim == 2 and weights.shape[1] == 1:
        weights = weights[:, 0]
    if weights.ndim != 1:
        raise ValueError(
            f"sample_weight must have shape ({num_examples},), one weight for each example; got {weights.shape}. "
            + _shape_repair(weights, num_examples)
        )
    if len(weights) != num_examples or (weights < 0).any():
        found = f"{len(weights)} numbers" if len(weights) != num_examples else f"{weights.min():g} …"
        raise ValueError(
            f"sample_weight must hold a number ≥ 0 for each of the {num_examples} examples, not all 0; got {found}."
        )
    return _as_float32(weights, "sample_weight", all_zero)


def _shape_repair(weights, num_examples):
    if weights.ndim > 1 and len(weights) == num_examples:
        return "Weigh whole examples: np.reshape(sample_weight, (len(sample_weight), -1)).mean(axis=1)."
    if weights.size == num_examples:
        return "Are these the weights of the examples, in their order? np.ravel(sample_weight)."
    return f"One weight for all? Leave it out, or np.ones({num_examples})."


def _as_float32(weights, name, all_zero=False, of="examples"):
    """Weights ≥ 0 as float32, in which those that are far from 1 overflow or vanish."""
    largest = weights.max(initial=0.0)
    if largest > _LARGEST_WEIGHT:
        raise ValueError(
            f"{name} must be at most {_LARGEST_WEIGHT:g}, or sums overflow float32; got {largest:g}. "
            f"Divide by their mean{_by_mean(name)}."
        )
    if not all_zero and largest < _SMALLEST_WEIGHT:
        repair = f"Divide by their mean{_by_mean(name)}" if largest else "Give one that occurs a weight above 0"
        raise ValueError(
            f"{name} must hold a number ≥ 0 for each of the {len(weights)} {of}, not all 0, which trains "
            f"nothing, nor all below {_SMALLEST_WEIGHT:g}, which float32 loses; got {largest:g} at most. {repair}."
        )
    weights = weights.astype("float32")
    return np.where(weights < np.finfo("float32").tiny, np.float32(0), weights)  # what compiled code takes for 0


def _by_mean(name):
    return f": {name} / np.mean({name})" if name == "sample_weight" else ""


def _index(x):
    """The names of a table's rows (pandas); None for anything else."""
    index = getattr(x, "index", None)
    return index if hasattr(x, "to_numpy") and hasattr(index, "equals") else None


def _ndim(x):
    if hasattr(x, "shape"):
        return len(x.shape)
    try:
        return np.ndim(x)
    except ValueError:  # lists of unequal parts
        return 0


def _check_length(target, num_examples, name):
    if len(target) != num_examples:
        raise ValueError(
            f"{name} must be as long as x: {num_examples} examples, each with its target; got {len(target)}."
        )
