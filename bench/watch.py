#!/usr/bin/env python3
"""How soon a change is at the remote, and what a watched store costs while nothing happens.

A daemon as it comes (settle 2 s) watches a store of many small files that are all mirrored. Its CPU time is taken over a
minute in which nothing changes. Then one file after the other is written, in turns new and one that was there before, and
the time is taken from the end of the write until the light server holds the new bytes.

usage: bench/watch.py [SAMPLES]    (200) needs: the built jar (make jar)
Variables: FILES=100000 (a multiple of 1,000)  IDLE=60 (seconds)  OUT=bench/results/watch.txt (- for none)  WORK=DIR
"""

import hashlib
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from daemon import Daemon, report

SAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 200
FILES = int(os.environ.get("FILES", 100_000))
IDLE = float(os.environ.get("IDLE", 60))
OUT = os.environ.get("OUT", str(Path(__file__).resolve().parent / "results/watch.txt"))
LIMIT = 30


def cpu(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def settled(daemon):
    """Waits until no run is under way and all files are watched."""
    while True:
        runs = daemon.ask("/api/runs?limit=1")["runs"]
        if runs and runs[0]["ended_at"]:
            return
        time.sleep(0.5)


def measure(daemon, number):
    """One change; how long it takes to arrive, in seconds."""
    folder = number % (FILES // 1000)
    name = f"d{folder:03d}/" + (f"new-{number}" if number % 2 else f"f{folder * 1000 + number:06d}")
    content = os.urandom(4096)
    (daemon.store / name).write_bytes(content)
    begun = time.monotonic()
    wanted = hashlib.md5(content).hexdigest()
    while time.monotonic() < begun + LIMIT:
        if daemon.server.list(daemon.bucket, name).get(name, (0, ""))[1] == wanted:
            return time.monotonic() - begun
        time.sleep(0.02)
    raise SystemExit(f"{name} did not arrive within {LIMIT} s")


def main():
    work = Path(tempfile.mkdtemp(dir=os.environ.get("WORK")))
    daemon = Daemon(work, "store.settle=2s")
    try:
        fresh = work / "fresh"
        for i in range(FILES):
            file = fresh / f"d{i // 1000:03d}/f{i:06d}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"%064d" % i)
        for folder in sorted(fresh.iterdir()):
            folder.rename(daemon.store / folder.name)
        while daemon.ask("/api/storage")["files"]["pending"] or daemon.ask("/api/storage")["files"]["total"] < FILES:
            time.sleep(1)
        settled(daemon)
        time.sleep(10)
        before = cpu(daemon.process.pid)
        time.sleep(IDLE)
        idle = (cpu(daemon.process.pid) - before) / IDLE
        took = []
        for number in range(SAMPLES):
            took.append(measure(daemon, number))
            time.sleep(random.random())
        watch = daemon.ask("/api/storage")["store"]["watch"]
    finally:
        daemon.stop()
        shutil.rmtree(work)
    took.sort()
    lines = [
        f"{FILES} files watched ({watch}), settle 2 s, to bench/sink.c",
        f"nothing happens for {IDLE:.0f} s: {idle * 100:.2f} % of a core",
        f"{SAMPLES} changes, one after the other, last write to the bytes at the server: median {statistics.median(took):.2f} s,"
        f" p95 {took[int(SAMPLES * 0.95) - 1]:.2f} s, longest {took[-1]:.2f} s",
    ]
    report(lines, OUT)


if __name__ == "__main__":
    main()
