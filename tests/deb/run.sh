#!/usr/bin/env bash
# The package on a fresh Debian 12 that has a systemd of its own, in a container: run.sh salur_VERSION_ARCH.deb
# Needs root, debootstrap and systemd-container; the base system is made once, in target/debian-12.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
package="$(realpath "$1")"
target="$(realpath -m "${CARGO_TARGET_DIR:-$here/../../target}")"
((EUID == 0)) || { echo "deb-trial: a container needs root" >&2; exit 1; }
command -v debootstrap >/dev/null && command -v systemd-nspawn >/dev/null ||
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends debootstrap systemd-container >/dev/null

base="$target/debian-12"
if [[ ! -e $base/made ]]; then
    rm -rf "$base"
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,adduser,init-system-helpers bookworm "$base" >/dev/null
    touch "$base/made"
fi
root="$(mktemp -d "$target/debian-12-trial.XXXXXX")"
trap 'rm -rf "$root"' EXIT
cp -a "$base/." "$root"
mkdir -p "$root/opt/trial"
cp "$package" "$root/opt/trial/salur.deb"
cp "$here/inside.sh" "$root/opt/trial/inside.sh"
cat >"$root/etc/systemd/system/trial.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/bash /opt/trial/inside.sh
StandardOutput=file:/opt/trial/trial.log
StandardError=file:/opt/trial/trial.log
ExecStopPost=/bin/systemctl --force poweroff
[Install]
WantedBy=multi-user.target
UNIT
ln -s ../trial.service "$root/etc/systemd/system/multi-user.target.wants/trial.service"
# A machine without systemd of its own, or with the older cgroups, is served too.
[[ -e /sys/fs/cgroup/cgroup.controllers ]] || export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0
own=()
[[ -d /run/systemd/system ]] || own=(--register=no --keep-unit)
timeout 300 systemd-nspawn -q -D "$root" "${own[@]}" -b --private-network >"$root/opt/trial/boot.log" 2>&1 </dev/null || true
cat "$root/opt/trial/trial.log" 2>/dev/null || tail -n 20 "$root/opt/trial/boot.log"
grep -q '^deb-trial: ok' "$root/opt/trial/trial.log"
