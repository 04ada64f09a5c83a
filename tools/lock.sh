#!/usr/bin/env bash
# requirements.lock from pyproject.toml: newest allowed versions, with hashes, without any host.
# This machine's own pip settings (indexes, folders of wheels, caps) must not leak into the file.
set -euo pipefail
cd "$(dirname "$0")/.."
unset "${!PIP_@}"
export PIP_CONFIG_FILE=/dev/null

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" # the oldest Python we support decides
"$folder/venv/bin/pip" install --quiet pip-tools
"$folder/venv/bin/pip-compile" --quiet --generate-hashes --strip-extras --no-header --annotation-style=line \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
    --extra postgres --extra nats --extra test --extra check --output-file "$folder/lock" pyproject.toml
{
    echo "# Made by \`make lock\` from pyproject.toml; installed with --require-hashes."
    cat "$folder/lock"
} >requirements.lock
