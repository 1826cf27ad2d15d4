"""How much memory processes took at most, in megabytes, or None where the system does not tell."""

import sys


def peak_megabytes():
    """Of this process."""
    try:
        import resource

        return _megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    except ImportError:
        return _peak_on_windows()


def peak_megabytes_of_children():
    """Of the largest process that this one started and that has ended."""
    try:
        import resource
    except ImportError:
        return None
    return _megabytes(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) or None


def _megabytes(maxrss, system=sys.platform):
    return maxrss / 1e6 if system == "darwin" else maxrss * 1024 / 1e6


def _peak_on_windows():
    try:
        import psutil
    except ImportError:
        return None
    return getattr(psutil.Process().memory_info(), "peak_wset", 0) / 1e6 or None
