"""A daemon that mirrors an empty store to an S3 server, for the benches that look at it while it runs."""

import datetime
import json
import os
import platform
import subprocess
import time
import urllib.request
from pathlib import Path

import servers
import tools


def report(lines, out):
    """Prints what was measured, and on what; writes it to a file unless that is "-"."""
    head = f"{datetime.date.today()}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}; {tools.versions()[0]}"
    text = "\n".join([head, *lines])
    print(text)
    if out != "-":
        Path(out).write_text(text + "\n")


class Daemon:
    """Started on the folder given, and ready; `bucket` is where it sends to."""

    bucket = "bench"

    def __init__(self, work, *settings, server=servers.Sink):
        self.work = work
        self.server = server(work)
        self.store = work / "store"
        self.store.mkdir()
        self.port = servers.free_port()
        sets = [word for setting in (f"http.port={self.port}", *settings) for word in ("--set", setting)]
        command = tools.ALL[0].command(self.server, str(self.store), self.bucket, work / "state", *sets, "run")
        self.log = open(work / "log", "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        for _ in range(600):
            try:
                self.ask("/observe/health/ready")
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the daemon is not ready: " + (work / "log").read_text())

    def ask(self, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def sync(self, files):
        """One whole run, which must upload just as many files."""
        run = self.ask("/api/storage/sync?wait=60", b"{}")
        if run["state"] != "succeeded" or run["counts"]["uploaded"] != files:
            raise SystemExit(f"this is no round: {run}")
        return run

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        self.server.stop()
