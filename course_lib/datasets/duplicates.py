"""Duplicates, leaks and broken examples, in arrays or in a folder of pictures."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from course_lib.contracts.arguments import real_number
from course_lib.datasets.named_examples import named_examples, set_of

_ROWS = 512


@dataclass(frozen=True)
class Duplicates:
    """What `duplicates` found. Examples are named by their set and row, `"train 17"`, or by their file.

    Attributes:
        equal: List of groups, each a tuple of two or more names of examples with equal pixels.
        near: List of `(name, name, distance)`, nearest first: different pixels, but nearly. Of equal examples the first
            stands for all. The distance is a root mean square, in units of the data (of pictures: 0 is black, 1 white).
        broken: List of names: examples with NaN or infinity, or files that are no picture.
        parts: Tuple of the names of the sets, or folders, that were searched; `""` is the folder itself.

    Example:
        >>> found = duplicates({"train": [[0.0], [1.0]], "test": [[1.0], [np.nan]]})
        >>> found.equal, found.near, found.broken, found.parts
        ([('train 1', 'test 0')], [], ['test 1'], ('train', 'test'))

    Reference:
        Barz & Denzler (2020), Do we train on test data? Purging CIFAR of near-duplicates, arXiv:1902.00423.
    """

    equal: list
    near: list
    broken: list
    parts: tuple

    def across(self, *sets):
        """The groups and pairs with a member in each of these sets or folders: a leak, or two labels for one picture.

        Args:
            *sets: Names of sets, or of folders, such as `"train", "test"`, each one of `parts`.

        Returns:
            List of tuples of names, in the order of `equal` and then of `near`.

        Raises:
            ValueError: If no such set was searched: a name that is misspelt has no copies, which would look like good
                news.

        Example:
            >>> found = duplicates({"train": [[0.0], [1.0]], "test": [[1.0], [0.0]], "more": [[1.0]]})
            >>> found.across("train", "test"), found.across("train", "more")
            ([('train 0', 'test 1'), ('train 1', 'test 0', 'more 0')], [('train 1', 'test 0', 'more 0')])
        """
        unknown = [name for name in sets if name not in self.parts]
        if unknown:
            raise ValueError(
                f"sets should be among those that were searched, {', '.join(map(repr, self.parts))}; got "
                f"{', '.join(map(repr, unknown))}."
            )
        found = [*self.equal, *(pair[:2] for pair in self.near)]
        return [names for names in found if set(sets) <= {set_of(name) for name in names}]


def duplicates(examples, near=0.0):
    """Find equal and nearly equal examples, within a set and between sets.

    Args:
        examples: Dict from the name of a set (`"train"`) to numbers `(n, ...)`, all with the same shape of an example;
            or a folder of pictures, with or without folders in it. Pictures are compared in grey, and near ones as
            thumbnails of 16×16 pixels from 0 to 1.
        near: Two examples are near if the root mean square of their differences is at most this. 0 looks for equal ones
            only.

    Returns:
        `Duplicates`, with the lists `equal`, `near` and `broken`.

    Raises:
        ValueError: If there is no such folder, no picture in it, no set, the examples differ in shape, or `near` is
            negative.

    Example:
        >>> x = np.arange(12.0).reshape(4, 3)
        >>> found = duplicates({"train": x, "test": np.array([x[2], x[3] + 0.01])}, near=0.1)
        >>> found.equal
        [('train 2', 'test 0')]
        >>> [pair[:2] for pair in found.near], found.across("train", "test")
        ([('train 3', 'test 1')], [('train 2', 'test 0'), ('train 3', 'test 1')])
    """
    if real_number(near, "near") < 0:
        raise ValueError(f"near should be at least 0, a root mean square; got {near:g}.")
    groups, rows, broken = defaultdict(list), {}, []
    parts = dict.fromkeys(examples if isinstance(examples, dict) else ())
    for name, pixels, row in named_examples(examples):
        parts[set_of(name)] = None
        if row is None or not np.isfinite(row).all():
            broken.append(name)
            continue
        groups[hashlib.sha256(pixels).digest()].append(name)
        rows[name] = row
    first = {names[0]: rows[names[0]] for names in groups.values()}
    equal = [tuple(names) for names in groups.values() if len(names) > 1]
    pairs = _near(list(first), np.array(list(first.values())), near) if near else []
    return Duplicates(equal, pairs, broken, tuple(parts))


def _near(names, rows, near):
    """The pairs of rows whose root mean square difference is at most `near`, nearest first."""
    squares, found = np.einsum("ij,ij->i", rows, rows), []
    for start in range(0, len(rows), _ROWS):
        block = slice(start, start + _ROWS)
        apart = (squares[block, None] + squares - 2 * rows[block] @ rows.T) / max(rows.shape[1], 1)
        candidates = np.argwhere(apart <= near**2 * 1.001 + 1e-9)
        for one, other in candidates + np.array([start, 0]):
            distance = float(np.sqrt(np.mean((rows[one] - rows[other]) ** 2)))
            if one < other and distance <= near:
                found.append((names[one], names[other], distance))
    return sorted(found, key=lambda pair: pair[2])
