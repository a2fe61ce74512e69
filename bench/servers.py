"""The S3 servers that the bench measures against: started, counted, listed, stopped."""

import datetime
import hashlib
import hmac
import http.client
import os
import re
import socket
import subprocess
import time
import urllib.parse
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEY, SECRET = "LABACCESSKEY0000001", "labsecretlabsecretlabsecretlabsecret0001"
NAMESPACE = re.compile(r"\{.*\}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """An S3 server on loopback. Its own requests are signed here, past every client that is measured."""

    def request(self, method, path, query=""):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{now[:8]}/us-east-1/s3/aws4_request"
        nothing = hashlib.sha256(b"").hexdigest()
        host = f"127.0.0.1:{self.port}"
        canonical = (f"{method}\n{path}\n{query}\nhost:{host}\nx-amz-content-sha256:{nothing}\nx-amz-date:{now}\n\n"
                     f"host;x-amz-content-sha256;x-amz-date\n{nothing}")
        text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = ("AWS4" + SECRET).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request(method, path + ("?" + query if query else ""), headers={
            "x-amz-date": now, "x-amz-content-sha256": nothing,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, "
                             f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}"})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status // 100 != 2:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content

    def make_bucket(self, bucket):
        self.request("PUT", f"/{bucket}")

    def delete(self, bucket, key):
        self.request("DELETE", f"/{bucket}/{urllib.parse.quote(key)}")

    def list(self, bucket, prefix=""):
        """Every object but Caravan's own: {key: (size, etag)}. The servers compute ETags from what arrived."""
        found, token = {}, ""
        while True:
            query = {"list-type": "2", "prefix": prefix, **({"continuation-token": token} if token else {})}
            text = "&".join(f"{k}={urllib.parse.quote(v, safe='')}" for k, v in sorted(query.items()))
            token = ""
            for child in ET.fromstring(self.request("GET", f"/{bucket}", text)):
                tag = NAMESPACE.sub("", child.tag)
                if tag == "Contents":
                    row = {NAMESPACE.sub("", field.tag): field.text for field in child}
                    if not row["Key"].startswith(".caravan/"):
                        found[row["Key"]] = (int(row["Size"]), row["ETag"].strip('"'))
                elif tag == "NextContinuationToken":
                    token = child.text
            if not token:
                return found


class Sink(Server):
    name = "sink"
    away_ms = 0  # how far away it pretends to be
    words = ()

    def __init__(self, work):
        program = work / "sink"
        subprocess.run(["cc", "-O2", "-o", program, HERE / "sink.c", "-lcrypto", "-lpthread"], check=True)
        self.port = free_port()
        self.process = subprocess.Popen([program, str(self.port), str(self.away_ms), *self.words])
        for _ in range(100):
            try:
                self.counts()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the sink does not answer")

    def counts(self):
        """Requests by kind since the last time."""
        rows = self.request("POST", "/_requests").decode().split("\n")
        return {name: int(number) for name, number in (row.split() for row in rows if row)}

    def copy(self, bucket, to):
        self.request("POST", "/_copy", f"from={bucket}&to={to}")

    def version(self):
        return "bench/sink.c"

    def stop(self):
        self.process.kill()
        self.process.wait()


class KeepingSink(Sink):
    """The same, from which big objects can be read again."""

    words = ("keep",)


class ResticSink(Sink):
    """The same for the buckets of restic alone, which reads its own packs again: big objects take memory."""

    words = ("keep", "restic")


class FarSink(Sink):
    """The same, 20 ms away."""

    name = "sink, 20 ms away"
    away_ms = 20


class FarResticSink(ResticSink):
    """The same, 20 ms away."""

    away_ms = 20

    def version(self):
        return f"{super().version()}, {self.away_ms} ms away"


class Ceph(Server):
    """Ceph's S3 gateway; its access log is what requests are counted from."""

    name = "ceph"
    LINE = re.compile(r'"(GET|PUT|HEAD|POST|DELETE) /([^/ ?]*)(/?[^ ?]*)(\?[^ ]*)? HTTP')

    def __init__(self, work):
        self.port = free_port()
        self.env = {**os.environ, "LAB_DATA": str(work / "c"), "LAB_PORT": str(self.port),
                    "MON_PORT": str(free_port()), "OSD_SIZE": str(60 << 30)}
        self.script("start")
        self.log = work / "c/log/client.rgw.log"
        self.at = 0

    def script(self, *words):
        script = HERE.parent / "src/test/lab/ceph.sh"
        done = subprocess.run([script, *words], env=self.env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"ceph.sh {words[0]}: {done.stderr[-500:]}")
        return done.stdout

    def counts(self):
        time.sleep(0.3)  # the log is written behind the answers
        counts = dict.fromkeys(("put", "part", "get", "head", "list", "copy", "delete", "multipart", "other"), 0)
        with open(self.log, errors="replace") as log:
            log.seek(self.at)
            for line in log:
                hit = "beast: " in line and self.LINE.search(line)
                if hit:
                    counts[self.kind(*hit.groups())] += 1
            self.at = log.tell()
        return counts

    @staticmethod
    def kind(method, _, key, query):
        upload = "upload" in (query or "")
        if method in ("HEAD", "DELETE"):
            return method.lower()
        if len(key) <= 1:
            return {"GET": "list", "POST": "delete"}.get(method, "other")
        if method == "POST":
            return "multipart"
        return "get" if method == "GET" else "part" if upload else "put"

    def version(self):
        return subprocess.run(["radosgw", "--version"], capture_output=True, text=True).stdout.strip().split(" (")[0]

    def stop(self):
        self.script("stop")
