"""What the measurements ran on, in words that name no file and no person. Standard library only."""

import os
import platform
import subprocess
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def described():
    """Dict from a word to its description."""
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),  # noqa: UP017  Python 3.8 reads this too
        "processor": f"{processor()}, {cores()} cores",
        "memory": memory(),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "course": commit(),
        "load before the run": load(),
    }


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    found = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    vectors = "AVX-512" if "avx512f" in found.get("flags", "") else "AVX2" if "avx2" in found.get("flags", "") else ""
    return f"{found.get('model name', platform.machine())}{' with ' + vectors if vectors else ''}"


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def memory():
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"
    except (AttributeError, ValueError, OSError):
        return None


def load():
    """The load of the last minute: above 0.3 or so, something else was running."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else None


def commit():
    """The commit, and whether files differ from it; what the benchmarks write down themselves does not count."""
    written = ":(exclude)benchmarks/results", ":(exclude)benchmarks/*.md"
    try:
        name, *changed = (
            subprocess.run(["git", *words], cwd=str(ROOT), capture_output=True, text=True, check=True).stdout.strip()
            for words in (
                ("describe", "--always"),
                ("status", "--porcelain", "--untracked-files=no", "--", ".", *written),
            )
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"commit {name}" + ("-dirty" if any(changed) else "")
