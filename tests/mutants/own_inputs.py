"""Planted bugs of what learners bring: tables, raw scales, pictures, networks and functions of their own."""

from tests.mutants.bug import planted_in

_PICTURES = ("course_lib/plotting.py", "tests/test_plotting.py")

_CONTAINERS = ("course_lib/contracts/containers.py", "tests/contracts/test_containers.py")
_READERS = ("course_lib/contracts/arguments.py", "tests/networks/test_networks.py")
_NAMES = ("course_lib/contracts/labels.py", "tests/contracts/test_containers.py")
_SCALE = ("course_lib/contracts/data.py", "tests/models/test_parts.py")
_CONVOLUTIONS = ("course_lib/networks/conv.py", "tests/networks/test_networks.py")
_NETWORK_PARTS = ("course_lib/networks/parts.py", "tests/networks/test_networks.py")
_CLASSES = ("course_lib/contracts/networks.py", "tests/models/test_parts.py")
_POSTERIOR = ("course_lib/contracts/networks.py", "tests/metrics/test_of_every_model.py")
_PARTS = ("course_lib/models/parts.py", "tests/models/test_parts.py")
_PORTABLE = ("course_lib/models/portable.py", "tests/models/test_portable.py")
_REGISTER = ("course_lib/formulas/likelihoods.py", "tests/models/test_portable.py")
_SETUP = ("course_lib/runtime.py", "tests/test_runtime.py")

BUGS = (
    planted_in(_CONTAINERS, "masked values read as if they were there", "not np.ma.getmaskarray(x).any()", "True"),
    planted_in(_CONTAINERS, "a palette read as brightness", '_PLAIN_PICTURES = {"1", ', '_PLAIN_PICTURES = {"1", "P", '),
    planted_in(_CONTAINERS, "a missing number read as zero", "np.nan if _is_missing(value)", "0.0 if _is_missing(value)"),
    planted_in(_CONTAINERS, "a table taken for its names", 'if callable(getattr(x, "to_numpy", None)):', "if False:"),
    planted_in(_CONTAINERS, "code about a batch that is no code", '    if name.isidentifier():\n        return name\n    words', '    if True:\n        return name\n    words'),
    planted_in(_CONTAINERS, "ragged examples cropped to the largest", "smallest = [min(sizes)", "smallest = [max(sizes)"),
    planted_in(_NAMES, "categories numbered twice", 'return f"{code} = {code}.cat.codes"', 'return f"{code} = {code}.cat.categories"'),
    planted_in(_NAMES, "labels between whole numbers cut off", "    if np.all(labels == np.round(labels)):\n", "    if True:\n"),
    planted_in(_READERS, "channels that come first built as they come", "if shape[0] in (1, 3) and shape[0] < shape[1] == shape[2]:", "if False:"),
    planted_in(_READERS, "widths of a number", "    if isinstance(values, numbers.Number):\n", "    if isinstance(values, str):\n"),
    planted_in(_SCALE, "data of any scale accepted", "        if loudness.max() <= largest:\n", "        if True:\n"),
    planted_in(_SCALE, "scale judged by the mean example", "if loudness.max() <= largest:", "if loudness.mean() <= largest:"),
    planted_in(_SCALE, "a constant column divided by zero", "    if not x.std(axis=0).all():\n", "    if False:\n"),
    planted_in(_CONVOLUTIONS, "convolutions as keras.json says", 'padding="same", data_format="channels_last", **options', 'padding="same", **options'),
    planted_in(_NETWORK_PARTS, "pixels flattened as keras.json says", 'layers.Flatten(data_format="channels_last")', "layers.Flatten()"),
    planted_in(_CONVOLUTIONS, "pictures of odd sizes cut on one side", "(margin // 2, margin - margin // 2)", "(0, margin)"),
    planted_in(_CONVOLUTIONS, "pictures of odd sizes too small", "small = (-(-height // shrink), -(-width // shrink), filters[0])", "small = (height // shrink, width // shrink, filters[0])"),
    planted_in(_CLASSES, "a class that ends in a sigmoid unseen", '"softmax" if is_softmax else "sigmoid"', '"softmax" if is_softmax else None'),
    planted_in(_CLASSES, "a head that begins at zero taken for a sigmoid", " or high - low < _SAME:", ":"),
    planted_in(_CLASSES, "a class judged on small codes alone", "_PROBE_SCALES = 16, (1.0, 30.0, 1000.0)", "_PROBE_SCALES = 16, (1e-3, 2e-3)"),
    planted_in(_CLASSES, "an encoder that rescales unseen", "        if isinstance(layer, _RESCALING):\n", "        if False:\n"),
    planted_in(_POSTERIOR, "a conditional model without its label", 'if callable(getattr(model, "given", None)):', "if False:"),
    planted_in(_POSTERIOR, "symbols taken for draws", 'if hasattr(model, "quantizer"):', "if False:"),
    planted_in(_PARTS, "layers that take rows for channels", 'if getattr(layer, "data_format", None) == "channels_first" and not is_flatten:', "if False:"),
    planted_in(_PARTS, "a class met on no data", "        model.check_networks()\n\n    return dataclasses", "\n    return dataclasses"),
    planted_in(_PARTS, "a variance that is learned no louder than a fixed one", "return _LOUDEST if facts.num_parameters == 1 else _LOUDEST_WITH_VARIANCE", "return 1e9 if facts.num_parameters == 2 else _LOUDEST"),
    planted_in(_PARTS, "sigmas for variances in the limit of the scale", '"variance", 1.0)) ** 0.5', '"variance", 1.0)) ** 0.0'),
    planted_in(_PORTABLE, "a file written before it is judged", "        require_loadable(self)\n        return super().save", "        return super().save"),
    planted_in(_PORTABLE, "a lambda saved", 'part.__name__ == "<lambda>"', "False"),
    planted_in(_REGISTER, "a likelihood that Keras never hears of", "    _make_known_to_keras(log_prob if is_function else type(log_prob))\n", ""),
    planted_in(_REGISTER, "an object that speaks for itself alone", "        _FACTS[type(log_prob)] = likelihood\n", "        pass\n"),
    planted_in(_SETUP, "a lesson with the channels of keras.json", '        keras.config.set_image_data_format("channels_last")', '        keras.config.image_data_format()'),
    planted_in(_PICTURES, "bytes drawn as ink", "        return images / 255.0\n", "        return np.clip(images, 0, 1)\n"),
    planted_in(_PICTURES, "binary bytes drawn as nearly nothing", "images.dtype == np.uint8 and images.max() > 1", "images.dtype == np.uint8"),
    planted_in(_PICTURES, "pictures in [-1, 1] cut at 0", "low < _FAR_BELOW or high > _FAR_ABOVE or beyond > _SHARE_BEYOND", "high > _FAR_ABOVE"),
    planted_in(_PICTURES, "pictures of a tanh before training cut at 0", " or beyond > _SHARE_BEYOND", ""),
    planted_in(_PICTURES, "colours drawn as their negative", "image if channels else 1 - image", "1 - image"),
    planted_in(_PICTURES, "NaN drawn as paper", "    if not np.isfinite(images).all():", "    if False:"),
    planted_in(_PICTURES, "one colour picture taken for many grey ones", "shape[-1] in (1, 3, 4) and min(shape[:2]) > 4", "False"),
    planted_in(_PICTURES, "logits drawn as probabilities", "probability.min() >= -1e-6 and probability.max() <= 1 + 1e-6", "True"),
    planted_in(_PICTURES, "pictures that a linear decoder overshoots refused", "_FAR_BELOW, _FAR_ABOVE = 0.15, -0.9, 2.0", "_FAR_BELOW, _FAR_ABOVE = 0.15, -0.5, 1.5"),
)  # fmt: skip
