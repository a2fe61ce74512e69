#!/usr/bin/env bash
# How long the daemon takes from its start to its first HTTP 200 (its health), and to the first answer of its API, what
# that costs, and how long it takes to stop.
# usage: bench/start.sh [ROUNDS] [JAVA OPTIONS...]     needs: the built jar
set -euo pipefail
cd "$(dirname "$0")/.."
ROUNDS=${1:-5}
shift || true
WORK=$(mktemp -d)
PORT=$((20000 + RANDOM % 20000))
trap 'rm -rf "$WORK"' EXIT
mkdir "$WORK/store" "$WORK/remote"
exec 4<> <(:)
# While the port is being tried, a connection may end before anything is said; that is no reason to die.
trap '' PIPE

# One request by the shell itself: a program started for each try would take its share of the two cores.
answers() {
  local line path=$1
  { exec 3<>"/dev/tcp/127.0.0.1/$PORT"; } 2>/dev/null || return 1
  line=
  printf 'GET %s HTTP/1.0\r\n\r\n' "$path" >&3 2>/dev/null && read -r -t 5 line <&3 || line=
  exec 3>&-
  [[ $line == *" 200"* ]]
}
millis() { echo $(($(date +%s%N) / 1000000)); }

for _ in $(seq "$ROUNDS"); do
  begun=$(millis)
  java "$@" -jar target/caravan.jar --set "http.port=$PORT" --set "store.path=$WORK/store" \
    --set "storage.remotes=[{provider: dir, path: $WORK/remote}]" 2>"$WORK/log" &
  pid=$!
  until answers /observe/health/live; do
    kill -0 $pid 2>/dev/null || { cat "$WORK/log" >&2; exit 1; }
    read -r -t 0.01 -u 4 || true
  done
  up=$(millis)
  answers /api/storage
  whole=$(millis)
  cpu=$(awk -v ticks="$(getconf CLK_TCK)" '{printf "%.2f", ($14 + $15) / ticks}' "/proc/$pid/stat")
  rss=$(awk '/VmHWM/{print int($2 / 1024)}' "/proc/$pid/status")
  kill $pid
  code=0
  wait $pid || code=$?
  echo "$((up - begun)) ms to the first 200, $((whole - begun)) ms to the API, $cpu CPU s, $rss MiB;" \
    "stopped in $(($(millis) - whole)) ms with $code"
done | tee "$WORK/lines"
sort -n "$WORK/lines" | awk '{t[NR] = $1} END {print "median " t[int((NR + 1) / 2)] " ms"}'
