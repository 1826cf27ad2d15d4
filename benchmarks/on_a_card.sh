#!/usr/bin/env bash
# `make gpu-check` on a machine that has a card, JAX and no network. Once, where there is a network:
#   bash benchmarks/on_a_card.sh pack          the small packages that are missing there, into .cache/wheels (37 MB)
# and there, with that folder beside the checkout's other files:
#   bash benchmarks/on_a_card.sh run RESULTS   the check, in under ten minutes; page and numbers into the folder RESULTS
# More words go to gpu_check.py: `--quick --allow-cpu` tries it all without a card.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wheels=.cache/wheels
python=${PYTHON:-python3}

# What comes with JAX, and what the check does not ask for.
there='^(jax|jaxlib|torch|numpy|scipy|ml-dtypes|opt-einsum|sympy|networkx|mpmath|constriction|hypothesis|pytest|psutil|'
there+='scikit-learn|joblib|narwhals|threadpoolctl|jedi|parso)=='

pack() {
  rm -rf "$wheels"
  grep -E '^[a-z0-9-]+==' requirements-backends.lock | grep -vE "$there" | cut -d';' -f1 > .cache/on_a_card.txt
  "$python" -m pip download --quiet --no-deps --only-binary=:all: --python-version "${CARD_PYTHON:-3.12}" \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_17_x86_64 \
    --platform manylinux2014_x86_64 --dest "$wheels" --requirement .cache/on_a_card.txt
  du -sh "$wheels"
}

run() {
  local results=$1 site
  shift
  site=$(mktemp -d)
  if compgen -G "$wheels/*.whl" > /dev/null; then
    "$python" -m pip install --quiet --no-index --no-deps --no-compile --target "$site" "$wheels"/*.whl
  fi
  mkdir -p "$results"
  export PYTHONPATH="$site:$PWD" KERAS_BACKEND="${KERAS_BACKEND:-jax}" MPLBACKEND=agg PYTHONUNBUFFERED=1
  local code=0
  timeout 590 "$python" benchmarks/gpu_check.py --minutes 8.5 "$@" 2>&1 | tee "$results/gpu_check.log" || code=$?
  cp benchmarks/RESULTS.md benchmarks/results/gpu-*.json "$results" 2> /dev/null || true
  rm -rf "$site"
  return "$code"
}

case "${1:-}" in
  pack) pack ;;
  run) shift && run "${1:?Name a folder for the results.}" "${@:2}" ;;
  *) sed -n '2,7s/^# //p' "$0" && exit 2 ;;
esac
