#!/usr/bin/env python3
"""Times backups of a volume: caravan datamover, rclone sync as the upstream image runs it, and restic if it is there.

usage: bench/datamover.py    RESTIC=none FILES=50000 BIG=1000 ROUNDS=3 SERVER=ceph JAR=target/caravan.jar OUT=- WORK=DIR
                             TOOLS="caravan mirror,rclone mirror" CLASSES=none

Each tool makes a first backup, then one after 1 % of the files changed: of many small files, and of files of 1 MiB.
SERVER=sink is a light server that takes next to nothing of the machine, SERVER=far the same one 20 ms away.
Caravan and rclone mirror, and make a dated folder; restic has its own repository, which the sink keeps in memory to the
end: a GiB for each round. Nobody writes to the volume in the seconds before a backup. Caravan is laid out and started as in its image, with the archive of its classes that the
image has (CLASSES=none: without). Each process may use 256 MiB: where the machine lets us, that is a cgroup's limit,
else it is only measured. After each backup what lies in the bucket is compared with the volume, by name, size and MD5
(restic: by name and size, as it lists them); a difference ends it all.
Nothing else is asserted.
"""
import datetime
import hashlib
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from servers import KEY, SECRET, Ceph, FarResticSink, ResticSink  # noqa: E402

FILES = int(os.environ.get("FILES", "50000"))
BIG = int(os.environ.get("BIG", "1000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
HERE = pathlib.Path(__file__).resolve().parent
JAR = os.environ.get("JAR", str(HERE.parent / "target/caravan.jar"))
LIMIT = 256 << 20


class Volume:
    """A folder of files of one size; every second generation changes 1 % of them."""

    def __init__(self, root, files, size):
        self.root, self.files, self.size = root, files, size

    def path(self, number):
        return self.root / f"d{number // 500:04}" / f"f{number:06}.bin"

    def fill(self):
        shutil.rmtree(self.root, ignore_errors=True)
        for number in range(self.files):
            if number % 500 == 0:
                self.path(number).parent.mkdir(parents=True)
            self.path(number).write_bytes(os.urandom(self.size))

    def change(self):
        for number in range(0, self.files, 100):
            self.path(number).write_bytes(os.urandom(self.size))

    def facts(self):
        """Size and MD5 of each file by its path."""
        facts = {}
        for number in range(self.files):
            path = self.path(number)
            facts[str(path.relative_to(self.root))] = (self.size, hashlib.md5(path.read_bytes()).hexdigest())
        return facts


class Limit:
    """A cgroup of its own with 256 MiB, where we may make one."""

    PLACES = (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"))

    def __init__(self):
        self.at = None
        self.note = "no limit could be set; only measured"
        for place, setting in self.PLACES:
            at = pathlib.Path(place) / f"caravan-bench-{os.getpid()}"
            try:
                at.mkdir()
            except OSError:
                continue
            # Only a file that was there before is the kernel's.
            if (at / setting).exists():
                (at / setting).write_text(str(LIMIT))
                self.at, self.note = at, "a cgroup of 256 MiB each"
                return
            at.rmdir()

    def enter(self):
        if self.at:
            (self.at / "cgroup.procs").write_text(str(os.getpid()))

    def close(self):
        if self.at:
            self.at.rmdir()


def run(command, env, limit):
    """Seconds, seconds of CPU, peak of the resident memory in MiB; the tail of the output where it fails."""
    with tempfile.TemporaryFile() as out:
        begun = time.monotonic()
        child = subprocess.Popen(command, env=env, stdout=out, stderr=out, preexec_fn=limit.enter)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begun
        if status:
            out.seek(0)
            raise RuntimeError(f"{command[0]} ended with {status}: {out.read()[-2000:].decode(errors='replace')}")
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def difference(facts, found):
    """The first few paths that are not the same on both sides; nothing when all are."""
    return sorted(path for path in facts.keys() | found.keys() if facts.get(path) != found.get(path))[:3]


def in_bucket(dated):
    def compare(facts, server, bucket, env, stamp):
        folder = f"{stamp}/" if dated else ""
        found = {key[len(folder):]: what for key, what in server.list(bucket).items()
                 if key.startswith(folder) and ".caravan/" not in key}
        return difference(facts, found)
    return compare


def in_repository(facts, server, bucket, env, stamp):
    lines = subprocess.run(["restic", "--no-cache", "ls", "--json", "latest"], env=env, check=True,
                           capture_output=True, text=True).stdout.splitlines()
    nodes = [json.loads(line) for line in lines]
    found = {"/".join(node["path"].split("/")[-2:]): node["size"] for node in nodes if node.get("type") == "file"}
    return difference({path: size for path, (size, _) in facts.items()}, found)


class Tool:
    def __init__(self, name, make, compare):
        self.name, self.make, self.compare = name, make, compare


class Image:
    """The program as it lies in its image: the jar, the script that starts it, the archive of its classes."""

    at = None

    @classmethod
    def lay_out(cls, folder):
        cls.at = folder
        folder.mkdir()
        shutil.copy(JAR, folder / "caravan.jar")
        for name in ("image/caravan", "image/archive", "config/short.options"):
            shutil.copy(HERE.parent / name, folder)
        if os.environ.get("CLASSES") != "none":
            subprocess.run([folder / "archive"], check=True)


def plain_env():
    return {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "RCLONE_", "JAVA_", "CARAVAN"))}


def caravan(dated):
    def make(server, volume, bucket, stamp):
        env = {**plain_env(), "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "BUCKET_HOST": "127.0.0.1",
               "BUCKET_PORT": str(server.port), "TLS_HOST": "false", "BUCKET_NAME": bucket,
               "SOURCE_PATH": str(volume.root), "ADD_TIMESTAMP_PREFIX": "true" if dated else "false",
               "BACKUP_TIMESTAMP": stamp}
        return [[str(Image.at / "caravan"), "datamover"]], env
    return make


def rclone(dated):
    def make(server, volume, bucket, stamp):
        env = {**plain_env(), "RCLONE_CONFIG": os.devnull, "RCLONE_CONFIG_S_TYPE": "s3",
               "RCLONE_CONFIG_S_PROVIDER": "Other", "RCLONE_CONFIG_S_ENDPOINT": f"http://127.0.0.1:{server.port}",
               "RCLONE_CONFIG_S_ACCESS_KEY_ID": KEY, "RCLONE_CONFIG_S_SECRET_ACCESS_KEY": SECRET,
               "RCLONE_CONFIG_S_REGION": "us-east-1"}
        folder = f"{stamp}/" if dated else ""
        return [["rclone", "lsd", "s:"], ["rclone", "sync", f"{volume.root}/", f"s:{bucket}/{folder}", "-v"]], env
    return make


def restic(server, volume, bucket, stamp):
    env = {**plain_env(), "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "RESTIC_PASSWORD": "bench",
           "RESTIC_REPOSITORY": f"s3:http://127.0.0.1:{server.port}/{bucket}", "RESTIC_CACHE_DIR": "/nonexistent"}
    first = [] if stamp.endswith("2") else [["restic", "init"]]
    return first + [["restic", "--no-cache", "backup", str(volume.root)]], env


TOOLS = [Tool("caravan mirror", caravan(False), in_bucket(False)), Tool("rclone mirror", rclone(False), in_bucket(False)),
         Tool("caravan dated", caravan(True), in_bucket(True)), Tool("rclone dated", rclone(True), in_bucket(True))]
SERVERS = {"ceph": Ceph, "sink": ResticSink, "far": FarResticSink}
SERVER = SERVERS[os.environ.get("SERVER", "ceph")]
if os.environ.get("RESTIC") == "none":
    RESTIC = "restic was left out"
elif shutil.which("restic"):
    RESTIC = ""
    TOOLS.append(Tool("restic", restic, in_repository))
else:
    sys.exit("restic is not installed: apt-get install restic, or RESTIC=none to measure without it")
if os.environ.get("TOOLS"):
    TOOLS = [tool for tool in TOOLS if tool.name in os.environ["TOOLS"].split(",")]


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]


def main():
    work = pathlib.Path(os.environ.get("WORK") or tempfile.mkdtemp(prefix="bench-datamover-"))
    work.mkdir(parents=True, exist_ok=True)
    Image.lay_out(work / "app")
    server = SERVER(work)
    limit = Limit()
    rows = []
    try:
        for kind, files, size in (("small", FILES, 1024), ("1 MiB", BIG, 1 << 20)):
            if not files:
                continue
            volume = Volume(work / "volume", files, size)
            seen = {}
            for number in range(ROUNDS):
                volume.fill()
                for step in ("first", "1 %"):
                    if step == "1 %":
                        volume.change()
                    facts = volume.facts()
                    # A time of modification this close to a backup is no proof: the next one reads the file again.
                    time.sleep(4)
                    for tool in TOOLS[number % len(TOOLS):] + TOOLS[:number % len(TOOLS)]:
                        bucket = f"b{files}-{number}-{tool.name.replace(' ', '-')}"
                        if step == "first":
                            server.make_bucket(bucket)
                        stamp = "2026-11-21-00000" + ("1" if step == "first" else "2")
                        commands, env = tool.make(server, volume, bucket, stamp)
                        server.counts()
                        runs = [run(command, env, limit) for command in commands]
                        counts = server.counts()
                        total = (sum(r[0] for r in runs), sum(r[1] for r in runs), max(r[2] for r in runs),
                                 counts.get("put", 0) + counts.get("part", 0), sum(counts.values()))
                        seen.setdefault((step, tool.name), []).append(total)
                        print(f"{kind} {step} {tool.name}: {total[0]:.1f} s", file=sys.stderr, flush=True)
                        wrong = tool.compare(facts, server, bucket, env, stamp)
                        if wrong:
                            raise RuntimeError(f"{tool.name} left a difference: {wrong}")
                        server.counts()
            for (step, name), runs in seen.items():
                rows.append((f"{files} x {kind}, {step}", name, *[median([r[i] for r in runs]) for i in range(5)]))
    finally:
        limit.close()
        server.stop()
        shutil.rmtree(work, ignore_errors=True)
    lines = [f"datamover, {datetime.date.today()}, medians of {ROUNDS}, {platform.machine()}, {os.cpu_count()} CPUs, "
             f"load {os.getloadavg()[0]:.1f}, {server.version()}, {limit.note}",
             f"{'case':28} {'tool':16} {'wall s':>8} {'CPU s':>8} {'RSS MiB':>8} {'PUT':>8} {'requests':>9}"]
    for case, name, wall, cpu, rss, puts, total in rows:
        lines.append(f"{case:28} {name:16} {wall:8.1f} {cpu:8.1f} {rss:8.0f} {puts:8} {total:9}")
    if RESTIC:
        lines.append(RESTIC)
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if os.environ.get("OUT") != "-":
        (HERE / "results/datamover.txt").write_text(text)


if __name__ == "__main__":
    main()
