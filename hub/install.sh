#!/usr/bin/env bash
# Makes .venv-hub beside .venv: JupyterHub, JupyterLab and the proxy. Needs `make environment` before, and node with npm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
test -x .venv/bin/python || { echo 'The environment of the course is missing: call `make environment` first.' >&2; exit 2; }
command -v npm > /dev/null || { echo 'npm is missing: install node (Debian: apt install nodejs npm) and call again.' >&2; exit 2; }
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo 'The proxy needs node 20 or newer.' >&2; exit 2; }
test -x .venv-hub/bin/python || .venv/bin/python -m venv .venv-hub
.venv-hub/bin/python -m pip install --quiet -r hub/requirements.txt
npm install --silent --no-audit --no-fund --prefix .venv-hub/node configurable-http-proxy@5.3.0
echo "Ready. Start it as docs/hub.md says:  .venv-hub/bin/jupyterhub -f hub/jupyterhub_config.py"
