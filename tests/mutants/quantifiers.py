"""Planted bugs that ask any where all is meant, or all where any is: right for one example, wrong for another."""

from tests.mutants.bug import planted_in

_ARGUMENTS = ("course_lib/contracts/arguments.py", "tests/contracts/test_arguments.py")
_BATCHES = ("course_lib/contracts/batches.py", "tests/contracts/test_batches.py")
_CONTAINERS = ("course_lib/contracts/containers.py", "tests/contracts/test_containers.py")
_DATA = ("course_lib/contracts/data.py", "tests/contracts/test_data.py")
_BREAKS = ("course_lib/training/model.py", "tests/training/test_breaks.py")
_WATCHED = ("course_lib/training/callbacks.py", "tests/training/test_breaks.py")
_COMPILED = ("course_lib/training/model.py", "tests/models/test_autoencoder.py")
_SPLITS = ("course_lib/training/model.py", "tests/training/test_doors.py")
_FRECHET = ("course_lib/metrics/frechet_distance.py", "tests/metrics/test_frechet_distance.py")
_MODES = ("course_lib/metrics/mode_coverage.py", "tests/metrics/test_mode_coverage.py")
_TWO_SAMPLES = ("course_lib/metrics/two_sample_test.py", "tests/metrics/test_two_sample_test.py")
_TOY = ("course_lib/datasets/toy.py", "tests/datasets/test_toy.py")
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
    planted_in(_BREAKS, "answers of which one is a number", "np.isnan(answers).any()", "np.isnan(answers).all()"),
    planted_in(_BREAKS, "Keras' own guard noticed only where it is alone", "if any(isinstance(callback, keras.callbacks.TerminateOnNaN)", "if all(isinstance(callback, keras.callbacks.TerminateOnNaN)"),
    planted_in(_WATCHED, "a callback that asks for one event of a batch", 'return any(not getattr(getattr(callback, name', 'return all(not getattr(getattr(callback, name'),
    planted_in(_COMPILED, "XLA for a model of which one layer has it", "compilable = all(layer.supports_jit", "compilable = any(layer.supports_jit"),
    planted_in(_SPLITS, "a split refused for one weight of 0", "not part.weights.any():", "not part.weights.all():"),
    planted_in(_FRECHET, "a mean of which one number is there", "np.isfinite(mean).all() and", "np.isfinite(mean).any() and"),
    planted_in(_MODES, "deviations of modes of which one is positive", "not (deviation > 0).all()", "not (deviation > 0).any()"),
    planted_in(_TWO_SAMPLES, "answers of which one is a label", "not np.isin(named, (0, 1)).all()", "not np.isin(named, (0, 1)).any()"),
    planted_in(_TWO_SAMPLES, "a classifier that fits and predicts nothing", "has_methods = all(callable(", "has_methods = any(callable("),
    planted_in(_TOY, "a mixture's weights of which one is negative", "(weights < 0).any()", "(weights < 0).all()"),
    planted_in(_TOY, "deviations of a mixture of which one is positive", "not (deviation > 0).all()", "not (deviation > 0).any()"),
)  # fmt: skip
