#!/usr/bin/env bash
# Make .venv: this checkout, what it needs at run time, and the tools of its tests. pip only, no root.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

usable() { # a Python of ours: 3.11 to 3.13 with venv and pip inside
    "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

python=""
for name in ${PYTHON:-} python3 python3.11 python3.12 python3.13; do
    if command -v "$name" >/dev/null && usable "$name"; then python=$name; break; fi
done
if [ -z "$python" ]; then
    say "No Python 3.11 to 3.13 with venv found. On Debian: apt-get install python3-venv; else PYTHON=/path/to/python3 make ..."
    exit 1
fi

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi
say "Installing what requirements.lock names (once; about a minute)"
.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
touch .venv/made
