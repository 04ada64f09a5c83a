#!/usr/bin/env bash
# Known vulnerabilities of what requirements.lock names: pip-audit asks the package index, so it
# needs the network. One library that the index says nothing about is a failure, not a pass.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pip-audit
"$folder/venv/bin/pip-audit" --strict --requirement requirements.lock --require-hashes --disable-pip
