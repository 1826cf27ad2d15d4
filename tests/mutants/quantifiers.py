"""Planted bugs that ask any where all is meant, or all where any is: right for one example, wrong for another."""

from tests.mutants.bug import planted_in

_ARGUMENTS = ("course_lib/contracts/arguments.py", "tests/contracts/test_arguments.py")
_BATCHES = ("course_lib/contracts/batches.py", "tests/contracts/test_batches.py")
_CONTAINERS = ("course_lib/contracts/containers.py", "tests/contracts/test_containers.py")
_DATA = ("course_lib/contracts/data.py", "tests/contracts/test_data.py")
_LABELS = ("course_lib/contracts/labels.py", "tests/contracts/test_labels.py")

BUGS = (
    planted_in(_ARGUMENTS, "a shape that is unknown in every place alone", "any(size is None for size in shape)", "all(size is None for size in shape)"),
    planted_in(_BATCHES, "a batch that shares one size with an example", "same_rank and all(wanted in", "same_rank and any(wanted in"),
    planted_in(_BATCHES, "one pair taken for what load_data returns", "all(isinstance(part, tuple) and len(part) == 2", "any(isinstance(part, tuple) and len(part) == 2"),
    planted_in(_BATCHES, "class weights of which one is negative", "any(weight < 0 for weight in weights)", "all(weight < 0 for weight in weights)"),
    planted_in(_BATCHES, "weights of which one is negative", "(weights < 0).any()", "(weights < 0).all()"),
    planted_in(_CONTAINERS, "a picture among arrays", "all(map(_is_picture, x))", "any(map(_is_picture, x))"),
    planted_in(_CONTAINERS, "a column of which one entry is there", "not any(value is None for value in x.flat)", "not all(value is None for value in x.flat)"),
    planted_in(_CONTAINERS, "a column of which one entry is a number", "not all(_is_number(value) or", "not any(_is_number(value) or"),
    planted_in(_DATA, "symbols of which one is whole", "whole = bool(np.all(", "whole = bool(np.any("),
    planted_in(_DATA, "a header of which one entry is text", "if rows[0].all() and", "if rows[0].any() and"),
    planted_in(_DATA, "a header above other missing values", "not rows[1:].any():", "not rows[1:].all():"),
    planted_in(_DATA, "a column of text of which one entry is missing", "rows.all(axis=0).any() and", "rows.any(axis=0).any() and"),
    planted_in(_DATA, "columns of text all of them", "rows.all(axis=0).any() and", "rows.all(axis=0).all() and"),
    planted_in(_DATA, "a column of text only where nothing is missing", ".any() and not rows.all():", ".any() and not rows.any():"),
    planted_in(_DATA, "columns with a missing value dropped whole", "np.flatnonzero(rows.all(axis=0))", "np.flatnonzero(rows.any(axis=0))"),
    planted_in(_DATA, "rows dropped until none is left", "not rows.any(axis=1).all():", "not rows.all(axis=1).all():"),
    planted_in(_DATA, "rows dropped where none is missing a value", "not rows.any(axis=1).all():", "not rows.any(axis=1).any():"),
    planted_in(_DATA, "rows kept that hold one number", ".reshape(len({code}), -1).all(axis=1)]", ".reshape(len({code}), -1).any(axis=1)]"),
    planted_in(_DATA, "images taken for bytes by one pixel", "return bool(np.all(sample ==", "return bool(np.any(sample =="),
    planted_in(_LABELS, "labels of which one is there", "if not np.isfinite(labels).all():\n        return \"Some", "if not np.isfinite(labels).any():\n        return \"Some"),
    planted_in(_LABELS, "labels of which one is whole", "if np.all(labels == np.round(labels)):", "if np.any(labels == np.round(labels)):"),
)  # fmt: skip
