#!/usr/bin/env python3
"""What 200 listeners to the events cost a sync: rounds without and with them, in turns, in one daemon.

Each round moves a folder of new files into the store, asks for a sync and takes the time that its run says it took. All
listeners must have been told of the end of the run. They are one process on the same machine and take their share of it.

usage: bench/listeners.py [LISTENERS]    needs: the built jar (make jar)
Variables: FILES=10000 (of 4 KiB, in each round)  ROUNDS=8 (of each kind)  SERVER=sink (or ceph)
           OUT=bench/results/listeners.txt (- for none)  WORK=DIR
"""

import datetime
import os
import shutil
import socket
import statistics
import sys
import tempfile
import time
from multiprocessing import Event, Process, Queue
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

import servers
from daemon import Daemon, report

LISTENERS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
FILES = int(os.environ.get("FILES", 10_000))
ROUNDS = int(os.environ.get("ROUNDS", 8))
OUT = os.environ.get("OUT", str(Path(__file__).resolve().parent / "results/listeners.txt"))


def listen(port, ready, end, told):
    """Holds all connections and reads what comes, until it is told that the run has ended."""
    wait, seen = DefaultSelector(), {}
    for _ in range(LISTENERS):
        line = socket.create_connection(("127.0.0.1", port))
        line.sendall(b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
        wait.register(line, EVENT_READ)
        seen[line] = [0, b""]

    def read(seconds):
        for key, _ in wait.select(seconds):
            part = key.fileobj.recv(1 << 16)
            if not part:
                raise SystemExit("a listener was sent away")
            row = seen[key.fileobj]
            row[0] += len(part)
            row[1] = part if len(part) > 20_000 else (row[1] + part)[-20_000:]

    while any(row[0] == 0 for row in seen.values()):
        read(1)
    ready.set()
    while not end.is_set():
        read(0.2)
    until = time.monotonic() + 5
    while time.monotonic() < until:
        read(0.2)
    volume, ends = sum(row[0] for row in seen.values()), [row[1].decode(errors="replace") for row in seen.values()]
    told.put((volume, time.process_time(), ends))


class Place(Daemon):
    """The daemon, and the folders of new files that go into its store."""

    def __init__(self, work):
        server = servers.Ceph if os.environ.get("SERVER") == "ceph" else servers.Sink
        super().__init__(work, "store.watch=false", server=server)
        self.made = 0

    def round(self):
        """One run over new files; its seconds and its id."""
        fresh = self.work / "fresh"
        for i in range(FILES):
            file = fresh / f"d{i // 1000:03d}/f{i:06d}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(os.urandom(4096))
        fresh.rename(self.store / f"round-{self.made}")
        self.made += 1
        run = self.sync(FILES)
        return seconds(run), run["run_id"]

    def listened(self):
        ready, end, told = Event(), Event(), Queue()
        listeners = Process(target=listen, args=(self.port, ready, end, told))
        listeners.start()
        if not ready.wait(60):
            raise SystemExit("the listeners do not hear anything")
        took, run = self.round()
        end.set()
        volume, cpu, ends = told.get(timeout=60)
        listeners.join()
        missing = sum(1 for text in ends if run not in text or "succeeded" not in text)
        if missing:
            raise SystemExit(f"{missing} of {LISTENERS} listeners were not told of the end of {run}")
        return took, volume, cpu


def seconds(run):
    begun, ended = (datetime.datetime.fromisoformat(run[key].replace("Z", "+00:00")) for key in ("started_at", "ended_at"))
    return (ended - begun).total_seconds()


def main():
    work = Path(tempfile.mkdtemp(dir=os.environ.get("WORK")))
    place = Place(work)
    try:
        place.round()  # warms up
        alone, heard, volumes, cpus = [], [], [], []
        for number in range(ROUNDS):
            for kind in ((False, True), (True, False))[number % 2]:
                if kind:
                    took, volume, cpu = place.listened()
                    heard.append(took)
                    volumes.append(volume)
                    cpus.append(cpu)
                else:
                    alone.append(place.round()[0])
            print(f"  {alone[-1]:.2f} s alone, {heard[-1]:.2f} s with {LISTENERS} listeners", flush=True)
    finally:
        place.stop()
        shutil.rmtree(work)
    a, b = statistics.median(alone), statistics.median(heard)
    lines = [
        f"{ROUNDS} rounds of each kind in turns, {FILES} x 4 KiB in each, to {place.server.version()}",
        f"alone: median {a:.2f} s ({min(alone):.2f} to {max(alone):.2f}), {FILES / a:.0f} files/s",
        f"with {LISTENERS} listeners: median {b:.2f} s ({min(heard):.2f} to {max(heard):.2f}), {FILES / b:.0f} files/s;"
        f" {sum(heard):.0f} s in all, {statistics.mean(volumes) / LISTENERS / 1024:.0f} KiB to each in a round, each told of the end;"
        f" the listeners themselves, on the same cores: {statistics.mean(cpus):.2f} CPU s in a round",
        f"throughput with listeners: {a / b:.2f} of that alone",
    ]
    report(lines, OUT)


if __name__ == "__main__":
    main()
