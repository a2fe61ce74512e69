#!/bin/bash
# Adobe S3Mock, loopback http; checks no signature.  usage: s3mock.sh start|stop|status|wipe
# env: LAB_DATA (required)  LAB_PORT (7482)  S3MOCK_VERSION  JAVA (java)
set -euo pipefail
D=${LAB_DATA:?LAB_DATA is not set}; PORT=${LAB_PORT:-7482}; V=${S3MOCK_VERSION:-5.2.0}; PIDF=$D/pid
LIB=${S3MOCK_LIB:-$HOME/.cache/caravan-lab/s3mock-$V}
alive() { local p; p=$(cat "$PIDF" 2>/dev/null) && [ -n "$p" ] && kill -0 "$p" 2>/dev/null; }

# Without the pin the AWS SDK brings an slf4j that Spring Boot's logging dies of.
libraries() {
  ls "$LIB"/s3mock-*.jar >/dev/null 2>&1 && return
  t=$(mktemp -d)
  cat >"$t/pom.xml" <<END
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>lab</groupId><artifactId>s3mock-run</artifactId><version>1</version>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId><version>2.0.17</version></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>com.adobe.testing</groupId><artifactId>s3mock</artifactId><version>$V</version></dependency>
  </dependencies>
</project>
END
  mvn -q -B -f "$t/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$LIB.part" -DincludeScope=runtime
  mv "$LIB.part" "$LIB"; rm -rf "$t"
}

start() {
  mkdir -p "$D/files" "$(dirname "$LIB")"
  alive && return
  (flock 9; libraries) 9>"$(dirname "$LIB")/lock"
  setsid "${JAVA:-java}" -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$LIB/*" com.adobe.testing.s3mock.S3MockApplication \
    --server.address=127.0.0.1 --http.port="$PORT" --server.port=0 \
    --com.adobe.testing.s3mock.store.root="$D/files" --com.adobe.testing.s3mock.store.retainFilesOnExit=true \
    --com.adobe.testing.s3mock.max-payload-size=6GB >"$D/log" 2>&1 </dev/null &
  echo $! >"$PIDF"
  for _ in $(seq 600); do
    curl -s -o /dev/null "http://127.0.0.1:$PORT/" && return
    alive || { tail -30 "$D/log" >&2; exit 1; }
    sleep .1
  done
  echo "S3Mock does not answer on port $PORT" >&2; exit 1
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
