"""Make a virtual environment, fill it from a lock file, and stamp it when it is complete.

Standard library only, and readable by Python 3.8: this runs before anything is installed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from tools.environment.find_python import SetupError, candidate_commands, examine, find_python

STAMP = ".course-stamp.json"
UNFINISHED, COMPLETE = "unfinished", "complete"
NEEDED_GIB = 3.2
BENDING = {
    "PYTHONHOME",
    "PYTHONPATH",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_REQUIRE_HASHES",
    "__PYVENV_LAUNCHER__",
}
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")

DISK_FULL = "The disk is full. The course needs about 3 GB: make room and call the same command again."
NO_NETWORK = "The network cannot be reached: check the connection (or the proxy) and call the same command again."
FAILURES = (
    ("No space left on device", DISK_FULL),
    ("not enough space on the disk", DISK_FULL),
    (
        "DO NOT MATCH THE HASHES",
        "A downloaded package is not the one that the course was tested with, so it was refused. Call again; if it "
        "happens again, a proxy or mirror on your network alters packages.",
    ),
    ("Failed to establish a new connection", NO_NETWORK),
    ("name resolution", NO_NETWORK),
    ("getaddrinfo failed", NO_NETWORK),
    ("ProxyError", NO_NETWORK),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "The network's certificate was not accepted: name your proxy's own in PIP_CERT.",
    ),
    ("timed out", "The network is too slow or was cut off: call again; what was downloaded is kept."),
    ("Permission denied", "A file could not be written: check that this folder belongs to you."),
    ("No matching distribution found", "A package was not found for this machine, or the network cannot be reached."),
)


@dataclass(frozen=True)
class Environment:
    """A virtual environment: where it lies, which lock fills it, and which Pythons it prefers."""

    root: Path
    folder: str
    lock: str
    course: bool
    preferred: tuple = ("3.12", "3.13", "3.11")
    running_first: bool = True
    download: str = "about 1 GB"

    @property
    def path(self):
        return self.root / self.folder

    @property
    def python(self):
        return self.path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def log(self):
        return self.root / ".cache" / f"set-up{self.folder}.log"


def course_environment(root):
    return Environment(Path(root), ".venv", "requirements.lock", course=True)


def backends_environment(root):
    """JAX and PyTorch, without TensorFlow and without the course (tests import it from the checkout)."""
    preferred = ("3.11", "3.12", "3.13")
    return Environment(
        Path(root), ".venv-backends", "requirements-backends.lock", False, preferred, running_first=False
    )


def browser_environment(root):
    """Playwright, which drives the Chromium of this machine, and pytest: nothing of the course."""
    return Environment(Path(root), ".venv-browser", "requirements-browser.lock", False, download="60 MB")


def site_environment(root):
    """Sphinx and its theme, which learners do not need; the course's own environment writes what it reads."""
    return Environment(Path(root), ".venv-site", "requirements-site.lock", False, download="30 MB")


def classroom_environment(root):
    """nbgrader, whose packages learners do not need; what students wrote runs in the course's own environment."""
    preferred = ("3.11", "3.12", "3.13")
    return Environment(
        Path(root), ".venv-classroom", "requirements-classroom.lock", False, preferred, running_first=False
    )


def prepare(environment, say=print):
    """Make the environment, or bring it up to date; return at once where its stamp says that it is complete."""
    if is_ready(environment):
        return
    with exclusive(environment.root / ".cache" / f"{environment.folder}.lock", say):
        if not is_ready(environment):
            started = time.monotonic()
            make(environment, say)
            say(f"Ready after {time.monotonic() - started:.0f} s.")


def is_ready(environment):
    stamp = read_stamp(environment)
    wanted = dict(fingerprint(environment), state=COMPLETE)
    if {name: stamp.get(name) for name in wanted} != wanted or not environment.python.is_file():
        return False
    return not os.environ.get("PYTHON") or fits_the_request(environment, stamp.get("python"))


def fits_the_request(environment, version):
    """Where the learner names a Python (PYTHON=…), an environment of another version does not count as ready."""
    asked = examine(next(candidate_commands()))
    return not asked.problem and list(asked.version[:2]) == list(version or [])[:2]


def fingerprint(environment):
    """What an environment depends on: the lock, pyproject and the folder (a moved environment does not work)."""
    digest = hashlib.sha256()
    for name in (environment.lock, "pyproject.toml") if environment.course else (environment.lock,):
        digest.update((environment.root / name).read_bytes().replace(b"\r\n", b"\n"))
    return {"requirements": digest.hexdigest(), "root": str(environment.root)}


def read_stamp(environment):
    try:
        stamp = json.loads((environment.path / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(environment, **content):
    target = environment.path / STAMP
    draft = target.with_name(f"{STAMP}.{os.getpid()}")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(target)


def make(environment, say):
    """Install in an order that an interruption cannot break: stamp "unfinished", install, stamp "complete"."""
    version = reusable_version(environment)
    before = read_stamp(environment) if version else {}
    if version is None:
        version = make_empty(environment, say)
    write_stamp(environment, state=UNFINISHED)
    try:
        fill(environment, say)
    except SetupError:
        if before:  # pip gave up by itself and rolled back: an update may go on from here
            write_stamp(environment, **before)
        raise
    write_stamp(environment, state=COMPLETE, python=list(version), **fingerprint(environment))


def fill(environment, say):
    amount = f"the first time: minutes, and {environment.download} to download"
    say(f"Installing the packages of {environment.lock} ({amount}) …")
    hashes = ["--require-hashes"] if environment.course else []
    pip(environment, ["install", "--progress-bar", "off", *hashes, "-r", environment.lock])
    if environment.course:
        pip(environment, ["install", "--no-deps", "--no-build-isolation", "-e", "."])
    compile_bytecode(environment)


def reusable_version(environment):
    """The Python version of an environment that can be brought up to date in place; None where one must be made."""
    if not environment.path.exists():
        return None
    stamp = read_stamp(environment)
    python = examine((str(environment.python),))
    ours = bool(stamp)
    if not ours and python.problem:
        raise SetupError(
            f"The folder {environment.folder} was not made by this course and cannot be used ({python.described}). "
            f"Delete or rename it, and call again."
        )
    whole = stamp.get("state") == COMPLETE and stamp.get("root") == str(environment.root)
    if python.problem or (ours and not whole):
        return None
    if os.environ.get("PYTHON") and not fits_the_request(environment, python.version):
        return None
    return python.version


def make_empty(environment, say):
    python = find_python(candidate_commands(environment.preferred, environment.running_first))
    free = shutil.disk_usage(environment.root).free / 2**30
    if free < NEEDED_GIB and not environment.path.exists():
        raise SetupError(f"The set-up needs about {NEEDED_GIB} GB of disk, and {free:.1f} GB are free: make room.")
    say(f"Making {environment.folder} with Python {'.'.join(map(str, python.version))} ({python.executable}) …")
    try:
        if environment.path.exists():
            shutil.rmtree(environment.path)
        environment.path.mkdir()
    except OSError as error:
        raise SetupError(
            f"The folder {environment.folder} cannot be renewed ({error}). Close JupyterLab and every program that "
            f"uses it, and call again."
        ) from None
    write_stamp(environment, state=UNFINISHED)
    run_logged(environment, [python.executable, "-m", "venv", str(environment.path)], new_log=True)
    return python.version


def pip(environment, arguments):
    run_logged(environment, [str(environment.python), *PIP, *arguments])


def compile_bytecode(environment):
    """Once and for all, so that the first lesson starts fast even where PYTHONDONTWRITEBYTECODE is set."""
    library = environment.path / ("Lib" if os.name == "nt" else "lib")
    command = [str(environment.python), "-m", "compileall", "-q", "-j", "0", str(library)]
    variables = dict(clean_variables(environment), PYTHONDONTWRITEBYTECODE="")
    subprocess.run(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def clean_variables(environment):
    """The caller's variables without those that bend an environment; its own programs come first on PATH."""
    bending = {
        "PYTHONHOME",
        "PYTHONPATH",
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_REQUIRE_HASHES",
        "__PYVENV_LAUNCHER__",
    }
    variables = {name: value for name, value in os.environ.items() if name not in bending}
    variables["VIRTUAL_ENV"] = str(environment.path)
    variables["PATH"] = str(environment.python.parent) + os.pathsep + variables.get("PATH", "")
    return variables


def run_logged(environment, command, new_log=False):
    """Run a command with its output in the log, and a sign of life on a terminal; raise with its last lines."""
    last = deque(maxlen=12)
    environment.log.parent.mkdir(exist_ok=True)
    with environment.log.open("w" if new_log else "a", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            cwd=str(environment.root),
            env=clean_variables(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            for raw in process.stdout:
                line = raw.decode(errors="replace").rstrip()
                log.write(line + "\n")
                last.append(line)
                show_progress(line)
        finally:
            show_progress("")
            if sys.exc_info()[0] is not None:
                process.terminate()
            process.wait()
    if process.returncode:
        said = "\n".join(f"  | {line}" for line in last)
        raise SetupError(
            f"{explain(last)}\n{said}\n(The whole output: {environment.log.relative_to(environment.root)})"
        )


def explain(lines):
    text = "\n".join(lines)
    for sign, sentence in FAILURES:
        if sign in text:
            return f"The set-up did not succeed. {sentence}"
    return "The set-up did not succeed, and these are its last lines. Calling again starts it afresh."


def show_progress(line):
    if sys.stdout.isatty():
        width = max(20, shutil.get_terminal_size().columns - 4)
        sys.stdout.write("\r  " + line.strip()[:width].ljust(width) + ("" if line else "\r"))
        sys.stdout.flush()


@contextlib.contextmanager
def exclusive(path, say):
    """Hold a lock that the operating system frees when the process ends; a second set-up waits for the first."""
    path.parent.mkdir(exist_ok=True)
    with path.open("a+") as file:
        if not try_lock(file):
            say("Another set-up is running in this folder: waiting for it …")
            while not try_lock(file):
                time.sleep(0.5)
        yield


def try_lock(file):
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks: rather two set-ups than none
        return True
    return True


def described_machine(environment):
    version = ".".join(map(str, read_stamp(environment).get("python", [])))
    return f"Python {version}, {platform.system()} {platform.machine()}"
