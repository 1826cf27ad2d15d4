"""One Linux machine, one shared environment, one workbook for each student. docs/hub.md says how to use it.

    .venv-hub/bin/jupyterhub -f hub/jupyterhub_config.py

Settings are environment variables, so that this file stays as it is:

    HUB_URL        where the hub listens               http://127.0.0.1:8000 (put a web server with https before it)
    HUB_STUDENTS   how many servers may run at once    40
    HUB_MEMORY     gigabytes of data for one process   6
    HUB_THREADS    threads of one kernel               2
    HUB_IDLE       minutes until a kernel is closed    20 (its server: three times as long)
    HUB_TRIAL      a word: everybody comes in with it as password, as one system user. For trials, never for a class
"""

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATE = Path(os.environ.get("HUB_STATE", ROOT / ".cache" / "hub"))
COURSE_PYTHON = ROOT / ".venv" / "bin" / "python"
HUB = Path(sys.executable).parent
TRIAL = os.environ.get("HUB_TRIAL")
IDLE = 60 * int(os.environ.get("HUB_IDLE", "20"))
THREADS = os.environ.get("HUB_THREADS", "2")


def write_kernel(folder):
    """The kernel "python3" of all students: the Python of the course, which has the locked packages."""
    kernel = {
        "argv": [str(COURSE_PYTHON), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        "env": {"PYTHONPATH": str(ROOT), "KERAS_BACKEND": "tensorflow", "COURSE_PROFILE": "cpu"},
    }
    path = folder / "kernels" / "python3" / "kernel.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kernel, indent=1) + "\n", "utf-8")
    return folder


def environment_of_students():
    """What each server and its kernels get: the shared kernel, and a share of the machine."""
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    shares = dict.fromkeys((*names, "MKL_NUM_THREADS"), THREADS)
    return shares | {
        "JUPYTER_PATH": str(write_kernel(STATE / "jupyter")),
        "JUPYTER_CONFIG_PATH": str(ROOT / "tools" / "environment" / "jupyter"),  # JupyterLab's settings, as at home
        "HUB_MEMORY": os.environ.get("HUB_MEMORY", "6"),
        "HUB_LESSONS": str(ROOT / "notebooks"),
    }


c = get_config()  # noqa: F821 (JupyterHub defines it)
STATE.mkdir(parents=True, exist_ok=True)
c.JupyterHub.bind_url = os.environ.get("HUB_URL", "http://127.0.0.1:8000")
c.JupyterHub.db_url = f"sqlite:///{STATE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")
c.ConfigurableHTTPProxy.command = [str(HUB.parent / "node" / "node_modules" / ".bin" / "configurable-http-proxy")]
c.JupyterHub.active_server_limit = int(os.environ.get("HUB_STUDENTS", "40"))
c.JupyterHub.concurrent_spawn_limit = 10  # a class comes in at once: ten start, the others are told to wait

# Each student's server: hub/student.py makes the workbook, takes the limits, and becomes JupyterLab.
c.Spawner.cmd = [sys.executable, str(ROOT / "hub" / "student.py")]
c.Spawner.environment = environment_of_students()
c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL"]
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={IDLE}",
    "--MappingKernelManager.cull_interval=60",
    "--MappingKernelManager.cull_connected=True",  # a page that is open and forgotten counts as idle, too
    "--MappingKernelManager.cull_busy=False",  # a training that runs is never cut
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
]

# Servers without activity are stopped as well; notebooks stay where they are.
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={3 * IDLE}", "--cull-every=120"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]

if TRIAL:
    c.JupyterHub.authenticator_class = "dummy"
    c.DummyAuthenticator.password = TRIAL
    c.Authenticator.allow_all = True
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(STATE / "home" / "{username}")
    if os.environ.get("HUB_TRIAL_TOKEN"):  # hub/measure.py
        c.JupyterHub.services.append({"name": "trial", "api_token": os.environ["HUB_TRIAL_TOKEN"]})
        c.JupyterHub.load_roles.append(
            {
                "name": "trial",
                "services": ["trial"],
                "scopes": ["admin:users", "admin:servers", "access:servers", "tokens"],
            }
        )
else:
    c.JupyterHub.authenticator_class = "pam"  # the users of this machine, with their passwords
    c.LocalAuthenticator.admin_groups = {"sudo"}
    c.PAMAuthenticator.allowed_groups = {"students"}
