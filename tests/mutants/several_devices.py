"""Planted bugs of training on several devices, and of what `make gpu-check` looks at."""

from tests.mutants.bug import planted_in

_DEVICES = ("course_lib/training/devices.py", "tests/training/test_devices.py")
_RESIDENT = ("course_lib/training/resident.py", "tests/training/test_devices.py")
_PIPELINES = ("course_lib/training/pipelines.py", "tests/training/test_devices.py")
_RESUMING = ("course_lib/training/resuming.py", "tests/training/test_devices.py")
_MODEL = ("course_lib/training/model.py", "tests/training/test_devices.py")
_CHECK = ("benchmarks/gpu_check.py", "tests/benchmarks/test_bench.py")

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
    planted_in(_CHECK, "the limit of float32 for every precision", "limits[policy] / training_flops(task)", 'limits["float32"] / training_flops(task)'),
    planted_in(_CHECK, "a judge that is asked once", "(2 if task.adversarial else 1) * forward_flops(second)", "forward_flops(second) * 2"),
    planted_in(_CHECK, "a transposed kernel counted where it arrives", 'shapes["Transpose" not in type(layer).__name__]', "shapes[1]"),
    planted_in(_CHECK, "a lesson whose end nobody asks for", "said.returncode == 0", "True"),
)  # fmt: skip
