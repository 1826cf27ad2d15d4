"""Planted bugs of training on several devices, and of what `make gpu-check` looks at."""

from tests.mutants.bug import planted_in

_DEVICES = ("course_lib/training/devices.py", "tests/training/test_devices.py")
_RESIDENT = ("course_lib/training/resident.py", "tests/training/test_devices.py")
_PIPELINES = ("course_lib/training/pipelines.py", "tests/training/test_devices.py")
_RESUMING = ("course_lib/training/resuming.py", "tests/training/test_devices.py")
_MODEL = ("course_lib/training/model.py", "tests/training/test_devices.py")
_CHECK = ("benchmarks/gpu_check.py", "tests/benchmarks/test_bench.py")
_OPERATIONS = ("benchmarks/operations.py", "tests/benchmarks/test_bench.py")
_MEASURE = ("benchmarks/measure.py", "tests/benchmarks/test_bench.py")
_TABLES = ("benchmarks/rendering.py", "tests/benchmarks/test_bench.py")

BUGS = (
    planted_in(_DEVICES, "every process reads the first part of a batch", "rows[self.process * size : (self.process + 1) * size]", "rows[:size]"),
    planted_in(_DEVICES, "a distribution on a backend that ignores it", 'if keras.backend.backend() != "jax":', "if False:"),
    planted_in(_DEVICES, "devices counted along another axis of the mesh", "[distribution.batch_dim_name]", "[mesh.axis_names[0]]"),
    planted_in(_DEVICES, "batches that cannot be cut equally", "    if batch_size % devices:\n", "    if False:\n"),
    planted_in(_DEVICES, "a last batch that cannot be cut equally", "    if num_examples % batch_size % devices:\n", "    if False:\n"),
    planted_in(_DEVICES, "a size of batch that is no repair", "max(1, batch_size // devices) * devices", "batch_size // devices * devices"),
    planted_in(_DEVICES, "a process' batch held to all devices", "everyone.devices // everyone.processes", "everyone.devices"),
    planted_in(_RESIDENT, "batches in memory that nobody asked to be cut", "        require_equal_shares(len(x), batch_size)\n", ""),
    planted_in(_RESIDENT, "every process reads the whole batch", "self.data.rows(shares().of(rows)).parts()", "self.data.rows(rows).parts()"),
    planted_in(_PIPELINES, "batches of a pipeline that nobody asked to be cut", "            require_equal_share(len(read))\n", ""),
    planted_in(_RESUMING, "all processes write one file", "return shares().process == 0", "return True"),
    planted_in(_RESUMING, "a process that does not wait for what is written", '        wait_for_all(f"kept after epoch {len(self.logs)}")\n', ""),
    planted_in(_MODEL, "one batch by hand, given by every process", "batch.rows(shares().of(np.arange(len(batch)))).parts()", "batch.parts()"),
    planted_in(_MODEL, "one batch by hand that cannot be cut", "    require_equal_shares(len(batch), len(batch))\n", ""),
    planted_in(_CHECK, "models that were not reached pass for checked", '"failed": ["not reached within --minutes"]}', '"failed": []}'),
    planted_in(_CHECK, "a check of the card without a limit of time", "    if time.monotonic() < ends:\n", "    if True:\n"),
    planted_in(_CHECK, "the limit of float32 for every precision", "limits[policy] / operations_of_an_example(task)", 'limits["float32"] / operations_of_an_example(task)'),
    planted_in(_OPERATIONS, "a judge that is asked twice", "(3 if task.adversarial else 1)", "(2 if task.adversarial else 1)"),
    planted_in(_OPERATIONS, "a coder that is asked three times", "(3 if task.adversarial else 1)", "3"),
    planted_in(_OPERATIONS, "a step without the gradient by the input", "((m, k, n), (k, m, n), (m, n, k))", "((m, k, n), (k, m, n))"),
    planted_in(_OPERATIONS, "a multiplication that is no operation", "sum(2 * m * k * n", "sum(m * k * n"),
    planted_in(_OPERATIONS, "a long product timed as if it were short", "return seconds * (m / short) * (k / inner)", "return seconds * (m / short)"),
    planted_in(_OPERATIONS, "the slower of two libraries", "seconds = min(fastest(", "seconds = max(fastest("),
    planted_in(_OPERATIONS, "a share upside down", "found[\"operations\"] / took, bare / took", "found[\"operations\"] / took, took / bare"),
    planted_in(_OPERATIONS, "the encoder counted in the bound", "forward_products(vae.decoder, rows) * math", "(forward_products(vae.encoder, rows) + forward_products(vae.decoder, rows)) * math"),
    planted_in(_OPERATIONS, "products of a convolution as narrow as can be", "*max(inside, outside, key=min)", "*min(inside, outside, key=min)"),
    planted_in(_MEASURE, "the first epoch among the others", "for seconds in pace.seconds[1:]]", "for seconds in pace.seconds]"),
    planted_in(_TABLES, "a limit beside the wrong speed", "        number(limit / 1e9, 0),\n", "        number(speed / 1e9, 0),\n"),
    planted_in(_OPERATIONS, "a transposed kernel counted where it arrives", "found.append((examples * math.prod(given), *outside))", "found.append((examples * math.prod(made), *outside))"),
    planted_in(_CHECK, "a lesson whose end nobody asks for", "said.returncode == 0", "True"),
)  # fmt: skip
