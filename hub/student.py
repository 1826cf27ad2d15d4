"""Becomes the JupyterLab of one student: brings the workbook up to date, takes the limits, then runs the server.

The hub starts it as the student (hub/jupyterhub_config.py), so that every file that it makes belongs to the student. An
update of the course reaches the workbook at the next login, and nothing that the student wrote is overwritten:
`tools/editions/workbook.py` is what `make course` uses, too.
"""

import os
import resource
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.editions import workbook  # noqa: E402


def take_limits(gigabytes):
    """Limit the data of this process and of each one that it starts; a kernel that wants more gets a MemoryError."""
    most = int(float(gigabytes) * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def make_workbook(lessons, home):
    """The student's copies of the lessons, in `workbook/`; return the folder, and the notes on what changed."""
    folder = Path(home) / "workbook"
    return folder, workbook.update(Path(lessons), folder)


def server_command(folder, options):
    """What the student's process becomes."""
    root = ["--allow-root"] if os.geteuid() == 0 else []
    program = [sys.executable, "-m", "jupyterhub.singleuser", f"--ServerApp.root_dir={folder}"]
    return [*program, *root, *options]


def main(options):
    folder, notes = make_workbook(os.environ["HUB_LESSONS"], Path.home())
    for note in notes:
        print(f"NOTE  {note}", flush=True)
    if notes:
        (folder / "what is new.txt").write_text("\n\n".join(map(str, notes)) + "\n", "utf-8")
    take_limits(os.environ["HUB_MEMORY"])
    os.chdir(folder)
    command = server_command(folder, options)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
