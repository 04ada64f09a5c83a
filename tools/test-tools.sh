#!/usr/bin/env bash
# What the tests need beside pip: install it where we may, else say which tests cannot run and why.
set -uo pipefail

# program | Debian package | which tests
NEEDS='mosquitto|mosquitto|the sync contract against mosquitto (nats-server still runs)
systemd-analyze|systemd|the check of the systemd unit'

PATH="$PATH:/usr/sbin:/usr/local/sbin"
missing() { while IFS='|' read -r program package _; do command -v "$program" >/dev/null || echo "$package"; done <<<"$NEEDS"; }

packages=$(missing)
[ -z "$packages" ] && exit 0

root=""
if [ "$(id -u)" != 0 ]; then root="sudo -n"; fi
if ! command -v apt-get >/dev/null; then
    why="this is no Debian: there is no apt-get"
elif [ -n "$root" ] && ! $root true 2>/dev/null; then
    why="not root, and sudo asks for a password"
else
    why="apt-get could not install it"
    echo "Installing for the tests: $packages" >&2
    # shellcheck disable=SC2086  # several words, each a package
    { $root apt-get -qq update && DEBIAN_FRONTEND=noninteractive $root apt-get -qq install -y --no-install-recommends $packages; } >&2 </dev/null
fi

status=0
while IFS='|' read -r program package tests; do
    command -v "$program" >/dev/null && continue
    echo "Cannot run $tests: $program is missing ($why). By hand: apt-get install $package" >&2
    [ "${CI:-}" = true ] && status=1
done <<<"$NEEDS"
exit $status
