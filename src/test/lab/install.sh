#!/usr/bin/env bash
# Installs the programs that the tests run against, where they are missing. Needs root only then.
set -euo pipefail

declare -A package_of=(
  [aws]=awscli [ceph]=ceph-common [ceph-mon]=ceph-mon [ceph-osd]=ceph-osd [curl]=curl
  [faketime]=faketime [kubectl]=kubernetes-client [mkfs.ext4]=e2fsprogs [mount]=mount [openssl]=openssl
  [pgrep]=procps [prometheus]=prometheus [prometheus-pushgateway]=prometheus-pushgateway [promtool]=prometheus
  [python3]=python3 [radosgw]=radosgw [rclone]=rclone [rsync]=rsync [setpriv]=util-linux [sqlite3]=sqlite3
  [ssh]=openssh-client [sshd]=openssh-server [systemd-analyze]=systemd [/usr/bin/time]=time
)

PATH=$PATH:/usr/sbin:/sbin
missing=()
for program in "${!package_of[@]}"; do
  command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
# A module, not a program: the Python of the system has to find it.
/usr/bin/python3 -c 'import sqlalchemy' 2>/dev/null || missing+=(python3-sqlalchemy)
[ ${#missing[@]} -gt 0 ] || { echo "all programs for the tests are there"; exit 0; }

if ! command -v apt-get >/dev/null; then
  echo "install.sh: missing: ${missing[*]}; this system has no apt-get, install them by hand" >&2
  exit 1
fi
if [ "$(id -u)" != 0 ]; then
  echo "install.sh: missing: ${missing[*]}; run as root, or: apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# Services of these packages must not start: the tests run their own, on loopback.
deny=/usr/sbin/policy-rc.d
if [ ! -e "$deny" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$deny"
  chmod +x "$deny"
  trap 'rm -f "$deny"' EXIT
fi
apt-get -q update
apt-get -q install -y --no-install-recommends "${missing[@]}"
