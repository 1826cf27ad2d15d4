"""Find a Python that TensorFlow supports, by running every candidate and listening to what it says of itself.

Standard library only, and readable by Python 3.8: this runs before anything is installed.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SUPPORTED = ((3, 11), (3, 12), (3, 13))

# Also runs on Python 2.7: a command called `python` may still be one.
PROBE = """
import json, platform, struct, sys, sysconfig
def lacks(name):
    try:
        __import__(name)
    except ImportError:
        return True
setting = lambda name: str(sysconfig.get_config_var(name) or "")
print("")
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "implementation": platform.python_implementation(),
    "bits": 8 * struct.calcsize("P"),
    "system": sys.platform,
    "machine": platform.machine().lower(),
    "build": sysconfig.get_platform(),
    "musl": "musl" in setting("SOABI") + setting("HOST_GNU_TYPE"),
    "free_threaded": setting("Py_GIL_DISABLED") == "1",
    "lacks": [name for name in ("venv", "ensurepip", "ssl", "ctypes", "zlib") if lacks(name)],
    "executable": getattr(sys, "_base_executable", None) or sys.executable,
}))
"""


class SetupError(Exception):
    """A reason, in a sentence for the learner, why the environment cannot be made."""


@dataclass(frozen=True)
class Python:
    """One candidate, as it described itself when it ran; `problem` is empty where the course can use it."""

    command: tuple
    problem: str
    version: tuple = ()
    executable: str = ""

    @property
    def described(self):
        version = " is " + ".".join(map(str, self.version)) if self.version else ""
        return f"{' '.join(self.command)}{version}: {self.problem}"


def find_python(candidates):
    """Return the first candidate that runs and fits, or raise a `SetupError` that names all that were found."""
    refused = []
    for command in candidates:
        python = examine(command)
        if not python.problem:
            return python
        refused.append(python)
    found = "; ".join(python.described for python in refused) or "none"
    raise SetupError(
        f"The course needs a 64-bit Python 3.11, 3.12 or 3.13, and this machine has none that it can use.\n"
        f"Found: {found}.\n{how_to_install()} Then call the same command again, or name the Python yourself: "
        f"set PYTHON=/path/to/python3.12 in front of it."
    )


def how_to_install():
    if sys.platform == "darwin":
        return "Install one with `brew install python@3.12`, or take the 3.12 installer from python.org."
    if sys.platform == "win32":
        return "Install one with `winget install Python.Python.3.12`, or take the 64-bit installer from python.org."
    return (
        "Install one, for example with `sudo apt install python3.12 python3.12-venv` or `pyenv install 3.12`, "
        "or use conda (see README.md)."
    )


def candidate_commands(preferred=("3.12", "3.13", "3.11"), running_first=True):
    """Yield commands that may start a suitable Python, best first, each program once."""
    asked = os.environ.get("PYTHON", "").strip()
    if asked:
        yield (asked,) if Path(asked).exists() else tuple(shlex.split(asked, posix=os.name != "nt"))
        return
    seen = set()
    for command in _all_commands(preferred, running_first):
        program = (os.path.realpath(command[0]), command[1:])
        if program not in seen:
            seen.add(program)
            yield command


def _all_commands(preferred, running_first):
    running = (getattr(sys, "_base_executable", None) or sys.executable,)
    if running_first:
        yield running
    for version in preferred:
        yield from _on_path(f"python{version}")
        if os.name == "nt" and shutil.which("py"):
            yield (shutil.which("py"), f"-{version}")
        yield from _in_known_places(version)
    yield running
    yield from _on_path("python3")
    yield from _on_path("python")


def _on_path(name):
    """Every program of that name on PATH: the first may be a shim that fails."""
    for folder in os.get_exec_path():
        program = shutil.which(name, path=folder)
        if program:
            yield (program,)


def _in_known_places(version):
    home = Path.home()
    pyenv = os.environ.get("PYENV_ROOT") or home / ".pyenv"
    compact = version.replace(".", "")
    patterns = (
        f"{pyenv}/versions/{version}*/bin/python",
        f"{pyenv}/pyenv-win/versions/{version}*/python.exe",
        f"{home}/.local/share/uv/python/cpython-{version}*/bin/python{version}",
        f"/opt/homebrew/opt/python@{version}/bin/python{version}",
        f"/usr/local/opt/python@{version}/bin/python{version}",
        f"/Library/Frameworks/Python.framework/Versions/{version}/bin/python{version}",
        f"{os.environ.get('LOCALAPPDATA', home)}/Programs/Python/Python{compact}/python.exe",
    )
    for pattern in patterns:
        anchor = Path(pattern).anchor
        for program in sorted(Path(anchor).glob(pattern[len(anchor) :]), reverse=True):
            yield (str(program),)


def examine(command):
    """Run a candidate (shims of inactive versions exist and fail) and say what is wrong with it, if anything."""
    try:
        run = subprocess.run([*command, "-c", PROBE], capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        facts = json.loads(run.stdout.decode(errors="replace").strip().splitlines()[-1])
    except (OSError, subprocess.TimeoutExpired) as error:
        return Python(tuple(command), f"does not start ({type(error).__name__})")
    except (IndexError, ValueError):
        said = run.stderr.decode(errors="replace").strip().splitlines()
        return Python(tuple(command), f"does not run ({said[0]})" if said else "does not run")
    return Python(tuple(command), problem_with(facts), tuple(facts["version"]), facts["executable"])


def problem_with(facts):
    """Say in a few words why TensorFlow or the set-up cannot work on that Python; empty if they can."""
    version = ".".join(map(str, facts["version"][:2]))
    if facts["implementation"] != "CPython":
        return f"{facts['implementation']} instead of CPython, and TensorFlow has no wheel for it"
    if tuple(facts["version"][:2]) > SUPPORTED[-1]:
        return f"{version} has no TensorFlow wheel"
    if tuple(facts["version"][:2]) < SUPPORTED[0]:
        return "too old"
    if facts["free_threaded"]:
        return "a free-threaded build has no TensorFlow wheel"
    if facts["bits"] != 64:
        return "32-bit, and TensorFlow has 64-bit wheels only"
    if facts["musl"]:
        return "built for musl (Alpine), and TensorFlow has no wheel for it: use a distribution with glibc, or Colab"
    if facts["system"] == "darwin" and facts["machine"] != "arm64":
        return (
            "an Intel Python, and TensorFlow has no wheel for Intel Macs: use Colab "
            "(on a Mac with an Apple chip, install the arm64 Python)"
        )
    if facts["build"] == "win-arm64":
        return "built for ARM, and TensorFlow has no wheel for Windows on ARM: install the x86-64 Python"
    if facts["lacks"]:
        cure = f"; on Debian or Ubuntu: sudo apt install python{version}-venv" if "ensurepip" in facts["lacks"] else ""
        return f"its module {' and '.join(facts['lacks'])} is missing{cure}"
    return ""
