#!/usr/bin/env python3
"""Times an archive whose queue holds 100,000 rows: idle rounds, the first copy, the rate, memory.

usage: bench/archive.py [ROWS]    SECONDS=60 (of copying) JAR=target/caravan.jar OUT=- WORK=DIR
"""
import hashlib
import os
import pathlib
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
SECONDS = float(os.environ.get("SECONDS", "60"))
JAR = os.environ.get("JAR", "target/caravan.jar")
PORT = 18790
CONTENT = b"a short file of an archive\n"
MD5 = hashlib.md5(CONTENT).hexdigest()
COLUMNS = (
    "local_path, local_md5sum, archive_name, remote_path, timestamp, remote_md5sum, copied, removed,"
    " failed_copy_attempts, deletable, ignore"
)


class Place:
    """A folder with a queue, a destination and a daemon."""

    def __init__(self, work, name):
        self.at = pathlib.Path(work) / name
        for folder in ("store", "to", "data"):
            (self.at / folder).mkdir(parents=True)
        self.config = self.at / "caravan.yaml"
        self.config.write_text(
            f"""
store: {{path: {self.at}/store, watch: false}}
storage: {{remotes: []}}
http: {{port: {PORT}}}
archives:
  - name: bench
    remote_basedir: {self.at}/to
    db_path: {self.at}/queue.db
    delete_local_after: 604800
    sleep_time: 0.1
    suprsync_file_root: {self.at}/finalized
"""
        )
        self.command = [
            "java", "-Xmx256m", "-XX:+UseSerialGC", "-jar", JAR, "--config", str(self.config),
        ]
        subprocess.run([*self.command, "archive"], check=True, stdout=subprocess.DEVNULL)

    def fill(self, row):
        queue = sqlite3.connect(self.at / "queue.db", timeout=30)
        with queue:
            queue.executemany(
                f"INSERT INTO supersync_v0 ({COLUMNS}) VALUES (?, ?, 'bench', ?, ?, ?, ?, ?, ?, 1, 0)",
                (row(self, number) for number in range(ROWS)),
            )
        queue.close()

    def count(self, where):
        queue = sqlite3.connect(f"file:{self.at}/queue.db?mode=ro", uri=True, timeout=30)
        try:
            return queue.execute(f"SELECT count(*) FROM supersync_v0 WHERE {where}").fetchone()[0]
        finally:
            queue.close()

    def start(self):
        self.log = open(self.at / "log", "wb")
        self.daemon = subprocess.Popen([*self.command, "run"], stdout=self.log, stderr=self.log)
        for _ in range(600):
            try:
                return get("/observe/health/ready")
            except OSError:
                time.sleep(0.02)
        raise SystemExit("the daemon is not ready: " + (self.at / "log").read_text())

    def stop(self):
        peak = memory(self.daemon.pid)
        self.daemon.terminate()
        self.daemon.wait()
        self.log.close()
        return peak

    def local(self, number):
        return str(self.at / "data" / f"{number % 100:02d}" / f"f{number}")


def get(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=60) as answer:
        return answer.read().decode()


def rounds():
    text = get("/observe/metrics")
    found = {}
    for part in ("count", "sum"):
        match = re.search(rf"caravan_archive_round_duration_seconds_{part}\S* (\S+)", text)
        found[part] = float(match.group(1)) if match else 0.0
    return found


def memory(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", text).group(1)) / 1024


def processor(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def copied(place, number):
    return (place.local(number), MD5, remote(number), time.time(), MD5, time.time(), None, 0)


def removed(place, number):
    return (place.local(number), MD5, remote(number), time.time(), MD5, time.time(), time.time(), 0)


def given_up(place, number):
    return (place.local(number), MD5, remote(number), time.time(), None, time.time(), None, 5)


def queued(place, number):
    return (place.local(number), MD5, remote(number), time.time(), None, None, None, 0)


def remote(number):
    return f"{int(time.time() // 100_000)}/{number % 100:02d}/f{number}"


def views(place, busy):
    """How long the view of an archive takes to be asked for: the middle and the longest of twenty."""
    queue = sqlite3.connect(place.at / "queue.db", timeout=30)
    took = []
    for number in range(20):
        if busy:
            with queue:
                row = ("/none", MD5, "other", f"x/{number}", 1.0, None, None, None, 0)
                queue.execute(
                    f"INSERT INTO supersync_v0 ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0)", row
                )
        began = time.monotonic()
        get("/api/archives/bench")
        took.append((time.monotonic() - began) * 1000)
    queue.close()
    took.sort()
    return f"{took[10]:.1f} ms (at most {took[-1]:.0f})"


def idle(work, name, row):
    place = Place(work, name)
    place.fill(row)
    place.start()
    time.sleep(3)
    quiet, busy = views(place, False), views(place, True)
    before, used = rounds(), processor(place.daemon.pid)
    time.sleep(5)
    after, spent = rounds(), processor(place.daemon.pid) - used
    peak = place.stop()
    times = after["count"] - before["count"]
    millis = (after["sum"] - before["sum"]) / max(1, times) * 1000
    return (
        f"{name:10} {millis:8.1f} ms a round ({times:.0f} rounds, {spent:.2f} s CPU in 5 s, {peak:.0f} MiB);"
        f" GET /api/archives/bench {quiet}, while rows are added {busy}"
    )


def copying(work):
    place = Place(work, "queued")
    for number in range(ROWS):
        path = pathlib.Path(place.local(number))
        if number < 100:
            path.parent.mkdir(exist_ok=True)
        path.write_bytes(CONTENT)
    place.fill(queued)
    began = time.monotonic()
    place.start()
    ready = time.monotonic()
    first = None
    while first is None:
        if any(place.at.joinpath("to").iterdir()):
            first = time.monotonic()
        time.sleep(0.005)
    peaks = []
    while place.count("remote_md5sum IS NULL") > 0 and time.monotonic() - began < SECONDS:
        time.sleep(1)
        peaks.append(memory(place.daemon.pid))
    good = place.count("remote_md5sum = local_md5sum AND failed_copy_attempts = 0")
    ended = time.monotonic()
    peak = place.stop()
    there = sum(len(files) for _, _, files in os.walk(place.at / "to"))
    return [
        f"first copy {first - began:8.2f} s after the start of the process, {first - ready:.2f} s after the daemon was ready",
        f"copies     {good:8d} verified of {ROWS} within {ended - began:.0f} s, to a folder of this machine"
        f" ({good / (ended - live):.0f} a second)",
        f"memory     {peaks[len(peaks) // 2]:8.0f} MiB at the half, {peak:.0f} MiB at the end (-Xmx256m)",
        f"files      {there:8d} at the destination when it was stopped",
    ]


def conditions():
    jar = pathlib.Path(JAR)
    version = subprocess.run(
        ["java", "-jar", str(jar), "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return (
        f"{version}; {os.cpu_count()} cores, {platform.system()} {platform.release()},"
        f" load {os.getloadavg()[0]:.1f} at the start; {ROWS} rows; {time.strftime('%Y-%m-%d')}"
    )


def main():
    lines = [conditions()]
    with tempfile.TemporaryDirectory(dir=os.environ.get("WORK")) as work:
        for name, row in (("copied", copied), ("removed", removed), ("given_up", given_up)):
            lines.append(idle(work, name, row))
            shutil.rmtree(pathlib.Path(work) / name)
        lines += copying(work)
    text = "\n".join(lines) + "\n"
    print(text, end="")
    out = os.environ.get("OUT", "bench/results/archive.txt")
    if out != "-":
        pathlib.Path(out).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(out).write_text(text)


if __name__ == "__main__":
    main()
