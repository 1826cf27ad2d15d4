"""Kernels that have their packages imported when they start: each is a fork of one process that has imported them.

Importing takes four to five seconds of a processor, and `make test` starts a kernel for each lesson. A fork has the
modules and nothing else: Keras has no session, TensorFlow no context (it makes one at its first operation, in the
fork), and every lesson still has a process of its own. The solved lessons of CI start the usual way. Only on Linux,
where a process may be forked after such imports; elsewhere kernels start as usual. Standard library only.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

KERNEL = "warm"
IMPORTED = ("keras", "matplotlib.pyplot", "scipy.stats", "sklearn.linear_model", "ipykernel.kernelapp", "IPython")
LONGEST_MESSAGE = 200_000  # bytes: a kernel's variables, which is what the largest message has
PATIENCE = 55  # seconds, until the first process has its imports; nbval waits for 60
HERE = Path(__file__).resolve()


@contextlib.contextmanager
def of(python, variables, imported=IMPORTED):
    """Have kernels at hand while it lasts.

    Yields:
        The options for nbval that choose them, and the variables under which Jupyter finds them.
    """
    if not sys.platform.startswith("linux"):
        yield ["--nbval-current-env"], {}
        return
    with tempfile.TemporaryDirectory() as folder:
        place, said = Path(folder, "socket"), Path(folder, "said")
        command = [str(python), str(HERE), "serve", str(place), *imported]
        with said.open("wb") as log:
            server = subprocess.Popen(command, env=variables, stdout=log, stderr=log, start_new_session=True)
        _describe_kernel(Path(folder, "kernels", KERNEL), python, place)
        try:
            yield [f"--nbval-kernel-name={KERNEL}"], {"JUPYTER_PATH": folder}
        finally:
            if server.poll() is not None:
                print(
                    f"The process that the kernels are forks of has ended:\n{said.read_text('utf-8')}", file=sys.stderr
                )
            server.terminate()
            server.wait()


def _describe_kernel(folder, python, place):
    folder.mkdir(parents=True)
    command = [str(python), "-I", str(HERE), "start", str(place), "-f", "{connection_file}"]
    description = {"argv": command, "display_name": "warm", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(description), "utf-8")


# --- the process that is forked


def serve(place, *imported):
    """Import what lessons import, then fork a kernel for each that asks."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a kernel ended
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # as course_lib.setup says it, which comes later
    for name in imported:
        importlib.import_module(name)
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(place + ".new")
        door.listen()
        Path(place + ".new").rename(place)  # from now on there is somebody behind it
        while True:
            visitor = door.accept()[0]
            message, streams, *_ = socket.recv_fds(visitor, LONGEST_MESSAGE, 3)
            if os.fork() == 0:
                door.close()
                become_kernel(visitor, json.loads(message), streams)
            visitor.close()
            for stream in streams:
                os.close(stream)


def become_kernel(visitor, asked, streams):
    """Be, in a fork, the kernel that was asked for, until it ends or until whoever asked is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["variables"])
    os.environ.pop("JPY_PARENT_PID", None)  # its parent is another than it would look for
    visitor.send(str(os.getpid()).encode())
    threading.Thread(target=_end_with, args=(visitor,), daemon=True).start()
    sys.path[0] = ""  # as `python -m` has it
    sys.argv = ["ipykernel_launcher", *asked["arguments"]]
    importlib.import_module("ipykernel.kernelapp").launch_new_instance()
    sys.exit()


def _end_with(visitor):
    visitor.recv(1)  # b"" as soon as the other end is closed
    os.kill(os.getpid(), signal.SIGKILL)


# --- what Jupyter starts


def start(place, *arguments):
    """Ask for a kernel, stand in for it (signals are handed on), and end when it ends."""
    visitor = _connected(place)
    asked = {"arguments": arguments, "folder": str(Path.cwd()), "variables": dict(os.environ)}
    socket.send_fds(visitor, [json.dumps(asked).encode()], [0, 1, 2])
    kernel = int(visitor.recv(20))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(kernel, number))
    with contextlib.suppress(ConnectionError):
        visitor.recv(1)


def _connected(place, patience=PATIENCE):
    end = time.monotonic() + patience
    while not Path(place).exists():
        if time.monotonic() > end:
            raise TimeoutError(f"No process with imported packages came within {patience} s.")
        time.sleep(0.05)
    visitor = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    visitor.connect(place)
    return visitor


if __name__ == "__main__":
    {"serve": serve, "start": start}[sys.argv[1]](*sys.argv[2:])
