"""Planted bugs of the doors by which data come in: what ended, counts nothing, teaches nothing, or is something else."""

from tests.mutants.bug import planted_in

_BATCH = ("course_lib/contracts/batches.py", "tests/contracts/test_batches.py")
_DATA = ("course_lib/contracts/data.py", "tests/contracts/test_data.py")
_CONTAINERS = ("course_lib/contracts/containers.py", "tests/contracts/test_containers.py")
_PIPELINES = ("course_lib/training/pipelines.py", "tests/training/test_doors.py")
_FIT = ("course_lib/training/model.py", "tests/training/test_doors.py")
_PARTS = ("course_lib/models/parts.py", "tests/training/test_doors.py")
_LOUDNESS = ("course_lib/contracts/data.py", "tests/training/test_doors.py")
_RECIPES = ("README.md", "tests/test_own_data.py")

BUGS = (
    planted_in(_BATCH, "weights judged before class weights", "            weights = _as_float32(weights, what, all_zero=is_batch)\n", "            weights = weights.astype(\"float32\")\n"),
    planted_in(_BATCH, "weights that float32 loses", "if not all_zero and largest < _SMALLEST_WEIGHT:", "if not all_zero and largest == 0:"),
    planted_in(_BATCH, "weights that overflow", "    if largest > _LARGEST_WEIGHT:\n", "    if False:\n"),
    planted_in(_BATCH, "weights that compiled code takes for 0 kept", "np.where(weights < np.finfo(\"float32\").tiny, np.float32(0), weights)", "weights"),
    planted_in(_BATCH, "weights of values flattened", "    if weights.ndim != 1:\n", "    weights = weights.reshape(-1)\n    if weights.ndim != 1:\n"),
    planted_in(_BATCH, "a class named by True", "isinstance(label, (bool, np.bool_)) or label not in classes", "label not in classes"),
    planted_in(_BATCH, "a class named by 1.0 that crashes", "weights[int(label)] = weight", "weights[label] = weight"),
    planted_in(_BATCH, "tables paired by their place", "        self._refuse_other_rows(x, name, {label_name: y, \"sample_weight\": sample_weight})\n", ""),
    planted_in(_BATCH, "a list of noisy and clean data taken for two examples", "(isinstance(x, list) and self._is_pair(x))", "False"),
    planted_in(_DATA, "a long signal called labels", "if _is_long(shape, expected) else labels", "if False else labels"),
    planted_in(_CONTAINERS, "an alphabet for weights", "    if x.ndim == 1 and is_text(x) and not symbols:\n        return None\n", ""),
    planted_in(_PIPELINES, "a generator that is begun again", "        if self.is_read_once and (taken is None or", "        if False and (taken is None or"),
    planted_in(_PIPELINES, "a first batch lost in one epoch", "part.passes == 1 and part.steps is None", "False"),
    planted_in(_PIPELINES, "a dataset that begins again refused", "next(iter(self.source), _NOTHING) is _NOTHING", "True"),
    planted_in(_FIT, "a first batch lost in an evaluation", "            if steps is None:\n                data.require_again()\n        return losses", "        return losses"),
    planted_in(_FIT, "a first batch lost in predictions", "        if isinstance(data, Pipeline) and steps is None:\n            data.require_again()\n        return answers", "        return answers"),
    planted_in(_PIPELINES, "a generator that ended while steps were counted", "(self.has_ended and self.count <= taken)", "False"),
    planted_in(_PIPELINES, "an epoch without batches", "and self.passes and self.pipeline.count == self.before:", "and False:"),
    planted_in(_PIPELINES, "weights of 0 in every batch", "        if self._sees_all and not self.has_weight:\n", "        if False:\n"),
    planted_in(_PIPELINES, "one batch without weight refused", "        if batch.weights is None or batch.weights.any():\n            self.has_weight = True\n", "        self.has_weight = batch.weights is None or bool(batch.weights.all())\n"),
    planted_in(_PIPELINES, "an error of the user's forgotten", "            self.error = error if self.error is None else self.error\n", ""),
    planted_in(_PIPELINES, "None taken for the end", "        if batch is _NOTHING:\n", "        if batch is _NOTHING or batch is None:\n"),
    planted_in(_PIPELINES, "labels repaired in NumPy where there are tensors", "        return f\"tf.argmax({named[1]}, {named[2]})\"\n", "        return code\n"),
    planted_in(_PIPELINES, "classes numbered batch by batch", "\"np.clip\", \"np.unique\", ", "\"np.clip\", "),
    planted_in(_PIPELINES, "a generator told to call batch", "    if kind == \"dataset\":\n", "    if True:\n"),
    planted_in(_FIT, "a validation that never ends", "held_out.is_read_once and validation_steps is None:", "False:"),
    planted_in(_FIT, "no steps an epoch", "    return None if value is None else whole_number(value, name, 1)\n", "    return value\n"),
    planted_in(_FIT, "a function for a callback", "        if not isinstance(callback, keras.callbacks.Callback):\n", "        if False:\n"),
    planted_in(_FIT, "a side of a split that weighs nothing", "        if part.weights is not None and not part.weights.any():\n", "        if False:\n"),
    planted_in(_FIT, "the error of the backend for the user's own", "if kept and isinstance(error, Exception) and error is not kept[0]:", "if False:"),
    planted_in(_PARTS, "data of any smallness beside the stated deviation", "_QUIETEST * log_likelihood.variance**0.5 /", "0 * log_likelihood.variance /"),
    planted_in(_PARTS, "a variance for a deviation in the least loudness", "_QUIETEST * log_likelihood.variance**0.5 /", "_QUIETEST * log_likelihood.variance /"),
    planted_in(_LOUDNESS, "silence refused", "not 0 < loudness < self.quietest", "not loudness < self.quietest"),
    planted_in(_RECIPES, "bytes of sound around 128", "\"uint8\": (128, 128)", "\"uint8\": (0, 2**15)"),
    planted_in(_RECIPES, "windows cut before they are held out", "parts = np.split(sound, [len(sound) * 9 // 10])", "parts = sound[: len(sound) * 9 // 10], sound[len(sound) * 9 // 10 - 512 :]"),
    planted_in(_RECIPES, "the last images never trained on", "return -(-len(self.images) // 128)", "return len(self.images) // 128"),
    planted_in(_RECIPES, "a column of one value divided by 0", "train = train.loc[:, train.std() > 0]", "train = train.loc[:, train.std() >= 0]"),
)  # fmt: skip
