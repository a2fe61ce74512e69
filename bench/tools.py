"""The programs that are compared: how each is told to make a bucket equal to a folder."""

import functools
import json
import os
import re
import subprocess
import time
import urllib.request
from pathlib import Path

from servers import KEY, SECRET, free_port

HOME = Path(__file__).resolve().parent.parent
JAR = HOME / "target/caravan.jar"


class Tool:
    part_bytes = 0  # of the parts that a big file is sent in

    def __init__(self, name, *words):
        self.name = name
        self.words = words

    def env(self, server):
        return {}

    def begin(self, state):
        """Forgets what the tool keeps beside the files."""


class Caravan(Tool):
    part_bytes = 16 << 20

    def program(self):
        return ["java", *self.words, "-jar", JAR]

    def begin(self, state):
        subprocess.run(["rm", "-rf", state], check=True)

    def command(self, server, folder, bucket, state, *what):
        what = what or ("sync",)
        remote = {"provider": "s3", "bucket": bucket, "endpoint": f"http://127.0.0.1:{server.port}",
                  "access_key_id": KEY, "secret_access_key": SECRET, "create_bucket": True}
        return [*self.program(), "--set", f"store.path={folder}", "--set", f"store.state={state}",
                "--set", "store.settle=0s", "--set", "storage.remotes=" + json.dumps([remote]), *what]

    def restore(self, server, folder, bucket, state):
        return self.command(server, folder, bucket, state, "restore", "--all")


class Installed(Caravan):
    """The command as `make install` puts it on a machine."""

    @functools.cache
    def program(self):
        place = HOME / "target/installed"
        subprocess.run(["make", "-s", "-C", HOME, "install", f"PREFIX={place}"], check=True)
        return [place / "bin/caravan"]


class Daemon:
    """A running Caravan: asked to mirror files, or to bring back those that a purge took."""

    name = "caravan-daemon"

    def __init__(self, tool, server, folder, bucket, state, *settings):
        self.port = free_port()
        self.log = open(f"{state}.log", "wb")
        words = [word for setting in settings for word in ("--set", setting)]
        command = tool.command(server, folder, bucket, state, "--set", f"http.port={self.port}", "--set",
                               "purge.min_age=0s", *words, "run")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        try:
            self.await_ready()
        except BaseException:
            self.stop()
            raise

    def await_ready(self):
        for _ in range(600):
            try:
                return self.ask("GET", "/observe/health/ready")
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the daemon does not answer")

    def ask(self, method, path, body=None):
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", content, method=method,
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=900) as answer:
            return json.load(answer)

    def carry_out(self, what, body):
        run = self.ask("POST", f"/api/storage/{what}?wait=600", body)
        if run.get("state") != "succeeded":
            raise RuntimeError(f"the {what} ended {run.get('state')}: {run.get('error')}")

    def empty(self):
        """Makes sure that all is mirrored, and gives all of the disk back."""
        self.carry_out("sync", {})
        run = self.ask("POST", "/api/storage/purge?wait=600", {"older_than": "0s"})
        left = self.ask("GET", "/api/storage")["files"]["local"]
        if left:
            raise RuntimeError(f"{left} files stayed in the store; the purge ended {run.get('state')}")

    def restore(self):
        """All files back."""
        return self.timed("restore", {"paths": ["."]})

    def timed(self, what, body):
        """Seconds, seconds of processor, the peak of the memory in KiB so far."""
        began, used = time.monotonic(), self.processor()
        self.carry_out(what, body)
        return time.monotonic() - began, self.processor() - used, self.memory()

    def processor(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", text).group(1))

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


class Rclone(Tool):
    part_bytes = 5 << 20

    def env(self, server):
        return {"RCLONE_CONFIG_LAB_TYPE": "s3", "RCLONE_CONFIG_LAB_PROVIDER": "Ceph",
                "RCLONE_CONFIG_LAB_ENDPOINT": f"http://127.0.0.1:{server.port}",
                "RCLONE_CONFIG_LAB_ACCESS_KEY_ID": KEY, "RCLONE_CONFIG_LAB_SECRET_ACCESS_KEY": SECRET,
                "RCLONE_CONFIG": os.devnull}

    def command(self, server, folder, bucket, state):
        return ["rclone", "sync", folder, f"lab:{bucket}", "--exclude", ".caravan/**", *self.words]

    def restore(self, server, folder, bucket, state):
        return ["rclone", "copy", f"lab:{bucket}", folder, "--exclude", ".caravan/**", *self.words]


class Aws(Tool):
    part_bytes = 8 << 20

    def env(self, server):
        return {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}

    def command(self, server, folder, bucket, state):
        return ["aws", "--endpoint-url", f"http://127.0.0.1:{server.port}", "s3", "sync", "--only-show-errors",
                folder, f"s3://{bucket}"]

    def restore(self, server, folder, bucket, state):
        return ["aws", "--endpoint-url", f"http://127.0.0.1:{server.port}", "s3", "sync", "--only-show-errors",
                f"s3://{bucket}", folder, "--exclude", ".caravan/*"]


ALL = [
    Caravan("caravan"),
    Installed("caravan-installed"),
    Rclone("rclone"),
    Rclone("rclone-tuned", "--transfers", "16", "--checkers", "16", "--fast-list"),
    Aws("aws"),
]

# What a case of few small files at a server far away is compared with.
RCLONE_32 = Rclone("rclone-32", "--transfers", "32", "--checkers", "32")


def versions():
    def first(*command):
        done = subprocess.run(command, capture_output=True, text=True)
        return (done.stdout + done.stderr).splitlines()[0]

    return [first("java", "-version"), first("rclone", "version"), first("aws", "--version").split(" Linux")[0]]
