#!/bin/bash
# S3Proxy on a folder, loopback http.  usage: s3proxy.sh start|stop|status|wipe
# env: LAB_DATA (required)  LAB_PORT (7481)  S3PROXY_VERSION  AK, SK: the keys  JAVA (java)
set -euo pipefail
D=${LAB_DATA:?LAB_DATA is not set}; PORT=${LAB_PORT:-7481}; V=${S3PROXY_VERSION:-4.1.0}
AK=${AK:-LABACCESSKEY0000001}; SK=${SK:-labsecretlabsecretlabsecretlabsecret0001}; PIDF=$D/pid
JAR=$HOME/.m2/repository/org/gaul/s3proxy/$V/s3proxy-$V-jar-with-dependencies.jar
alive() { local p; p=$(cat "$PIDF" 2>/dev/null) && [ -n "$p" ] && kill -0 "$p" 2>/dev/null; }

start() {
  mkdir -p "$D/objects"
  alive && return
  [ -e "$JAR" ] || flock "$HOME/.m2" mvn -q -B dependency:get "-Dartifact=org.gaul:s3proxy:$V:jar:jar-with-dependencies" -Dtransitive=false
  cat >"$D/s3proxy.conf" <<END
s3proxy.endpoint=http://127.0.0.1:$PORT
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity=$AK
s3proxy.credential=$SK
s3proxy.jetty.max-threads=200
jclouds.provider=filesystem-nio2
jclouds.identity=local
jclouds.credential=local
jclouds.filesystem.basedir=$D/objects
END
  setsid "${JAVA:-java}" -Xmx512m -DLOG_LEVEL=warn -jar "$JAR" --properties "$D/s3proxy.conf" >"$D/log" 2>&1 </dev/null &
  echo $! >"$PIDF"
  for _ in $(seq 300); do
    curl -s -o /dev/null "http://127.0.0.1:$PORT/" && return
    alive || { cat "$D/log" >&2; exit 1; }
    sleep .1
  done
  echo "S3Proxy does not answer on port $PORT" >&2; exit 1
}

stop() {
  if alive; then
    p=$(cat "$PIDF"); kill "$p"
    for _ in $(seq 50); do kill -0 "$p" 2>/dev/null || break; sleep .1; done
    kill -9 "$p" 2>/dev/null || true
  fi
  rm -f "$PIDF"
}

case ${1:-} in
  start) start; echo "http://127.0.0.1:$PORT" ;;
  stop) stop ;;
  status) alive && echo up || { echo down; exit 1; } ;;
  wipe) stop; rm -rf --one-file-system "$D" ;;
  *) echo "usage: $0 start|stop|status|wipe" >&2; exit 2 ;;
esac
