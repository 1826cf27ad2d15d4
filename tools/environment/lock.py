"""Renew requirements.lock from pyproject.toml with uv, and environment.yml from the lock.

`python -m tools.environment.lock` resolves anew but keeps the pins that still fit; further options go to uv
(`--upgrade`, or `--upgrade-package keras`). With `--environment-only` it needs no uv: it writes environment.yml from
the lock as it is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESOLVE = ("uv", "pip", "compile", "--universal", "--fork-strategy", "fewest", "--generate-hashes")
QUIET = ("--no-emit-index-url", "--no-header", "--quiet")
FILES = ("--extra", "dev", "pyproject.toml", "-o", "requirements.lock")
ENVIRONMENT = """\
# For conda, mamba and Binder:  conda env create -f environment.yml && conda activate generative-models
# Written by `make lock` from requirements.lock: the same versions, without hashes (pip refuses a local project beside
# hashes, and `-e .` is the course itself). Do not edit by hand.
name: generative-models
channels:
  - conda-forge
dependencies:
  - python=3.12
  - pip
  - pip:
{pins}
      - -e .
"""


def pins(lock):
    """The lock's requirements with their markers and without their hashes, one string each."""
    return [line.split("\\")[0].strip() for line in lock.splitlines() if re.match(r"[A-Za-z0-9]", line)]


def environment_file(lock):
    """environment.yml for that lock."""
    return ENVIRONMENT.format(pins="\n".join(f"      - {quoted(pin)}" for pin in pins(lock)))


def quoted(pin):
    return f'"{pin}"' if ";" in pin else pin


def main(options):
    if "--environment-only" not in options:
        if shutil.which("uv") is None:
            raise SystemExit(
                "`make lock` needs uv, which resolves for all platforms at once. Install it with `pipx install uv` or "
                "`python -m pip install uv`, and call again. Learners do not need it."
            )
        done = subprocess.run([*RESOLVE, *QUIET, *FILES, *options], cwd=ROOT)
        if done.returncode:
            return done.returncode
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    (ROOT / "environment.yml").write_text(environment_file(lock), encoding="utf-8", newline="\n")
    print(f"environment.yml now has the {len(pins(lock))} pins of requirements.lock")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
