#!/usr/bin/env bash
# First upload and unchanged second cycle of many small files, cold process to finished, beside rclone on the same server
# in the same run, rounds interleaved. Prints medians and ratios; nothing is asserted.
# usage: bench/sync.sh [FILES] [BYTES] [ROUNDS]     needs: the built jar and what src/test/lab/install.sh installs
set -euo pipefail
cd "$(dirname "$0")/.."
FILES=${1:-5000} BYTES=${2:-4096} ROUNDS=${3:-3}
JAR=$PWD/target/caravan.jar
WORK=$(mktemp -d)
export LAB_DATA=$WORK/ceph LAB_PORT=17480
trap 'src/test/lab/ceph.sh stop >/dev/null 2>&1 || true; rm -rf "$WORK"' EXIT
src/test/lab/ceph.sh start >/dev/null
export AK=LABACCESSKEY0000001 SK=labsecretlabsecretlabsecretlabsecret0001
export RCLONE_CONFIG_LAB_TYPE=s3 RCLONE_CONFIG_LAB_PROVIDER=Ceph RCLONE_CONFIG_LAB_ENDPOINT=http://127.0.0.1:$LAB_PORT
export RCLONE_CONFIG_LAB_ACCESS_KEY_ID=$AK RCLONE_CONFIG_LAB_SECRET_ACCESS_KEY=$SK
unset AWS_CA_BUNDLE

python3 - "$WORK/files" "$FILES" "$BYTES" <<'P'
import os, sys
root, n, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for i in range(n):
    folder = f"{root}/d{i // 1000:04d}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/f{i:07d}", "wb") as file:
        file.write(os.urandom(size))
P

# The wall seconds, CPU seconds and peak RSS in MiB of a command, one line.
measure() { /usr/bin/time -f '%e %U %S %M' -o "$WORK/time" "$@" >>"$WORK/log" 2>&1 || { tail -20 "$WORK/log" >&2; exit 1; }
  awk '{printf "%.2f %.2f %d\n", $1, $2 + $3, $4 / 1024}' "$WORK/time"; }
caravan() { CARAVAN_LOG_LEVEL=off java -jar "$JAR" --set store.path="$WORK/files" --set store.state="$WORK/state" --set store.settle=0s \
  --set 'storage.remotes=[{provider: s3, bucket: '"$1"', endpoint: "http://127.0.0.1:'"$LAB_PORT"'", access_key_id: '"$AK"', secret_access_key: '"$SK"', create_bucket: true}]' sync; }
export -f caravan; export WORK JAR LAB_PORT

for round in $(seq "$ROUNDS"); do
  rm -rf "$WORK/state" "$WORK/files/.caravan"
  measure bash -c "caravan bench-c$round" >>"$WORK/caravan.first"
  measure bash -c "caravan bench-c$round" >>"$WORK/caravan.second"
  rclone mkdir "lab:bench-r$round"
  measure rclone sync "$WORK/files" "lab:bench-r$round" --exclude '.caravan/**' >>"$WORK/rclone.first"
  measure rclone sync "$WORK/files" "lab:bench-r$round" --exclude '.caravan/**' >>"$WORK/rclone.second"
done
rclone check --download --exclude '.caravan/**' "$WORK/files" "lab:bench-c$ROUNDS" >>"$WORK/log" 2>&1 && echo "trees agree (rclone check --download)"

median() { cut -d' ' -f"$2" "$1" | sort -n | sed -n "$(((ROUNDS + 1) / 2))p"; }
echo "$(date -u +%F), $(nproc) cores, $(java -version 2>&1 | head -1), $(rclone version | head -1), Ceph on loopback"
echo "$FILES files of $BYTES bytes, $ROUNDS rounds interleaved, medians: wall s, CPU s, peak RSS MiB"
for pass in first second; do
  for tool in caravan rclone; do
    echo "$pass $tool $(median "$WORK/$tool.$pass" 1) $(median "$WORK/$tool.$pass" 2) $(median "$WORK/$tool.$pass" 3)"
  done
  awk -v a="$(median "$WORK/rclone.$pass" 1)" -v b="$(median "$WORK/caravan.$pass" 1)" -v c="$(median "$WORK/rclone.$pass" 2)" \
    -v d="$(median "$WORK/caravan.$pass" 2)" -v p="$pass" 'BEGIN{printf "%s: rclone/caravan wall %.2f, CPU %.2f\n", p, a / b, c / d}'
done
