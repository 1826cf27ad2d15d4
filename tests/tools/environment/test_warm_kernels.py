"""A warm kernel is a process of its own with modules in it, and ends when whoever asked for it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

from tools.environment import warm_kernels

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux alone")
IMPORTED = ("ipykernel.kernelapp", "colorsys")  # the second: one that no kernel imports by itself


@pytest.fixture(scope="module")
def described():
    with warm_kernels.of(sys.executable, dict(os.environ), IMPORTED) as (options, variables):
        assert options == ["--nbval-kernel-name=warm"]
        yield f"{variables['JUPYTER_PATH']}/kernels"


@pytest.fixture
def kernel(described, tmp_path):
    managed = KernelManager(kernel_name="warm", kernel_spec_manager=KernelSpecManager(kernel_dirs=[described]))
    managed.start_kernel(cwd=str(tmp_path), env={**os.environ, "MARK": "of this kernel"}, stderr=subprocess.DEVNULL)
    client = managed.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield managed, client
    client.stop_channels()
    managed.shutdown_kernel(now=True)


def said(client, code):
    """What the code prints, or the name of the error with which it ends."""
    printed = []

    def keep(message):
        printed.append(message["content"].get("text") or message["content"].get("ename") or "")

    client.execute_interactive(code, timeout=60, output_hook=keep)
    return "".join(printed).strip()


def gone(process):
    end = time.monotonic() + 10
    while Path(f"/proc/{process}").exists() and time.monotonic() < end:
        time.sleep(0.02)
    return not Path(f"/proc/{process}").exists()


def test_a_kernel_has_the_modules_its_own_variables_and_its_own_folder(kernel, tmp_path):
    words = "import os, sys; print('colorsys' in sys.modules, os.environ['MARK'], os.getcwd(), sys.path[0] == '')"
    assert said(kernel[1], words) == f"True of this kernel {tmp_path} True"


def test_kernels_are_processes_of_their_own_with_children_of_their_own(kernel, described):
    first = int(said(kernel[1], "import os; kept = 1; print(os.getpid())"))
    other = KernelManager(kernel_name="warm", kernel_spec_manager=KernelSpecManager(kernel_dirs=[described]))
    other.start_kernel(stderr=subprocess.DEVNULL)
    try:
        client = other.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        assert int(said(client, "import os; print(os.getpid())")) != first
        assert said(client, "print(kept)") == "NameError"
        assert (
            said(client, "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'exit(3)']).returncode)")
            == "3"
        )
        client.stop_channels()
    finally:
        other.shutdown_kernel(now=True)


def test_an_interrupt_reaches_the_kernel_and_the_kernel_goes_on(kernel):
    managed, client = kernel
    long = "import time; print('begun')\nfor _ in range(600): time.sleep(0.1)"
    asked = client.execute(long, stop_on_error=False)  # else what follows an error at once is refused
    while client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
        pass
    managed.interrupt_kernel()
    while (answer := client.get_shell_msg(timeout=30))["parent_header"]["msg_id"] != asked:
        pass  # answers to the questions whether the kernel is ready
    assert answer["content"]["ename"] == "KeyboardInterrupt"
    assert said(client, "print('here')") == "here"


def test_a_kernel_ends_with_whoever_asked_for_it(kernel):
    managed, client = kernel
    process = int(said(client, "import os; print(os.getpid())"))
    os.kill(managed.provisioner.pid, signal.SIGKILL)
    assert gone(process)


def test_a_module_that_cannot_be_imported_is_named(capfd):
    of_nothing = warm_kernels.of(sys.executable, dict(os.environ), ("no_such_module",))
    with pytest.raises(TimeoutError), of_nothing as (_, found):
        warm_kernels._connected(f"{found['JUPYTER_PATH']}/socket", patience=1)
    assert "No module named 'no_such_module'" in capfd.readouterr().err


def test_elsewhere_kernels_start_as_usual(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with warm_kernels.of(sys.executable, {}) as found:
        assert found == (["--nbval-current-env"], {})
