#!/usr/bin/env bash
# What the tests need beside pip: install it where we may, else say which tests cannot run and why.
set -uo pipefail

# program | Debian package | which tests
NEEDS='mosquitto|mosquitto|the sync contract against mosquitto (nats-server still runs)
systemd-analyze|systemd|the check of the systemd units
cc|gcc libc6-dev|a box whose wall clock is wrong: a small library that tells the time
mmdebstrap|mmdebstrap|the life of the package in a bare Debian
chromium|chromium|the page on the screen in a real browser
cage|cage|the very command line of the kiosk, on a screen that nobody sees
node|nodejs|the test of the printer simulator by receipt-printer-encoder
npm|npm|the test of the printer simulator by receipt-printer-encoder
initdb|postgresql|headquarters on PostgreSQL (SQLite still runs)
qemu-system-aarch64|qemu-system-arm|the box with devices of a real kernel (tests/hil)
qemu-system-x86_64|qemu-system-x86|the package under a real systemd (tests/hil)
modprobe|kmod|both (tests/hil)
cpio|cpio|both (tests/hil)
qemu-io|qemu-utils|the disk that loses its cache (tests/hil)
mkfs.ext4|e2fsprogs|both (tests/hil)'

# Debian keeps PostgreSQL's programs of each version in a folder of their own.
paths() { PATH="$PATH:/usr/sbin:/usr/local/sbin:$(printf '%s:' /usr/lib/postgresql/*/bin)"; }
paths
missing() { while IFS='|' read -r program package _; do command -v "$program" >/dev/null || echo "$package"; done <<<"$NEEDS"; }

# Another encoder of receipts, from its lock file.
encoders() {
    cd "$(dirname "$0")/../tests/oracles" || return 1
    [ node_modules -nt package-lock.json ] && return 0
    why="npm or node is missing"
    if command -v node >/dev/null && command -v npm >/dev/null; then
        echo "Installing for the tests: receipt-printer-encoder" >&2
        npm ci --no-audit --no-fund --loglevel=error >&2 </dev/null && touch node_modules && return 0
        why="npm ci failed"
    fi
    echo "Cannot run the test of the printer simulator by receipt-printer-encoder: $why. By hand: npm ci in tests/oracles" >&2
    return 1
}

finish() { # node is there by now, if it can be
    (encoders) || { [ "${CI:-}" = true ] && status=1; }
    exit $status
}

status=0
packages=$(missing)
[ -z "$packages" ] && finish

root=""
if [ "$(id -u)" != 0 ]; then root="sudo -n"; fi
if ! command -v apt-get >/dev/null; then
    why="this is no Debian: there is no apt-get"
elif [ -n "$root" ] && ! $root true 2>/dev/null; then
    why="not root, and sudo asks for a password"
else
    why="apt-get could not install it"
    echo "Installing for the tests: $packages" >&2
    if [[ "$packages" == *postgresql* ]]; then # the tests start servers of their own; none for the whole machine
        conf=/etc/postgresql-common/createcluster.conf
        [ -e $conf ] || { $root mkdir -p "${conf%/*}" && echo 'create_main_cluster = false' | $root tee $conf >/dev/null; }
    fi
    # shellcheck disable=SC2086  # several words, each a package
    { $root apt-get -qq update && DEBIAN_FRONTEND=noninteractive $root apt-get -qq install -y --no-install-recommends $packages; } >&2 </dev/null
fi
paths

while IFS='|' read -r program package tests; do
    command -v "$program" >/dev/null && continue
    echo "Cannot run $tests: $program is missing ($why). By hand: apt-get install $package" >&2
    [ "${CI:-}" = true ] && status=1
done <<<"$NEEDS"
finish
