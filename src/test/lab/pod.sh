#!/usr/bin/env bash
# Runs a command as a pod would: as 65534:65534 without any privilege, on a root file system that is
# read-only and has nothing on it but an image's programs and the volumes that are named. Needs root.
#
#   pod.sh ROOT [FROM:TO[:ro]]... -- COMMAND...     ROOT: an empty folder, where it is put together
#
# The process is the command's own: signals reach it. The mounts are its own too, and end with it.
set -euo pipefail

if [ "${POD_INSIDE-}" != yes ]; then
  POD_INSIDE=yes exec unshare --mount "$0" "$@"
fi
export -n POD_INSIDE
root=$1
shift
mount --make-rprivate /
mount -t tmpfs -o mode=755 pod "$root"
for folder in bin etc lib lib64 sbin usr; do
  [ ! -e "/$folder" ] && continue
  mkdir "$root/$folder"
  mount --rbind "/$folder" "$root/$folder"
  mount -o remount,bind,ro "$root/$folder"
done
mkdir "$root/proc" "$root/dev" "$root/tmp"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do
  IFS=: read -r from to mode <<<"$1"
  if [ -d "$from" ]; then
    mkdir -p "$root$to"
  else
    mkdir -p "$(dirname "$root$to")"
    touch "$root$to"
  fi
  mount --bind "$from" "$root$to"
  [ "$mode" != ro ] || mount -o remount,bind,ro "$root$to"
  shift
done
shift
mount -o remount,ro "$root"
unset POD_INSIDE
exec chroot "$root" setpriv --reuid=65534 --regid=65534 --groups=65534 --no-new-privs \
  --inh-caps=-all --bounding-set=-all -- "$@"
