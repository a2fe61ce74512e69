#!/usr/bin/env python3
"""Times Caravan, rclone and aws-cli side by side, cold process to finished, rounds interleaved.

Every case is one thing that a mirror does. In each round every tool does it once, one after the other, on the same server.
After each run the bucket is listed past all tools and compared with the folder: names, sizes and the server's own checksum
of what arrived. Prints a report and writes it to bench/results/.

Variables: ROUNDS (5)  CASES (all)  FILES (20000)  MANY (100000)  MILLION (1000000)  BIG (1073741824 bytes)
           FAR (4000)  TOOLS (all)  OUT (bench/results/DATE.txt; - for none)  WORK (a folder for the data; a temporary one)
"""

import datetime
import hashlib
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import servers
import tools

def number(name, default):
    return int(os.environ.get(name, default))


ROUNDS, FILES, MANY = number("ROUNDS", 5), number("FILES", 20_000), number("MANY", 100_000)
MILLION, BIG = number("MILLION", 1_000_000), number("BIG", 1 << 30)
FAR = number("FAR", 4_000)


class Run:
    """What one run of one tool cost."""

    def __init__(self, wall, cpu, rss, counts):
        self.wall, self.cpu, self.rss, self.counts = wall, cpu, rss, counts


class Tree:
    """A folder and what its files must be at a server."""

    def __init__(self, root, files, size):
        self.root, self.size = root, size
        self.names = [f"d{i // 1000:04d}/f{i:07d}" for i in range(files)]
        self.md5 = {}
        for name in self.names:
            self.write(name)

    def write(self, name):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        md5 = hashlib.md5()
        with open(file, "wb") as out:
            for at in range(0, self.size, 1 << 22):
                piece = os.urandom(min(1 << 22, self.size - at))
                md5.update(piece)
                out.write(piece)
        self.md5[name] = md5.hexdigest()

    def etag(self, name, part_bytes, etag):
        """The ETag that Amazon's rule gives: of the whole, or of the parts."""
        if "-" not in etag:
            return self.md5[name]
        digests = b""
        with open(self.root / name, "rb") as file:
            for piece in iter(lambda: file.read(part_bytes), b""):
                digests += hashlib.md5(piece).digest()
        return f"{hashlib.md5(digests).hexdigest()}-{len(digests) // 16}"

    def compare(self, found, part_bytes):
        """Raises where a bucket is not this tree."""
        if found.keys() != self.md5.keys():
            odd = sorted(found.keys() ^ self.md5.keys())
            raise RuntimeError(f"{len(odd)} names differ, such as {odd[0]}")
        for name, (size, etag) in found.items():
            if size != self.size or etag != self.etag(name, part_bytes, etag):
                raise RuntimeError(f"{name} differs: {size} bytes, ETag {etag}")


    def compare_folder(self, root):
        """Raises where a folder is not this tree."""
        found = {str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()}
        if found != self.md5.keys():
            raise RuntimeError(f"{len(found ^ self.md5.keys())} names differ")
        for name in found:
            with open(root / name, "rb") as file:
                if hashlib.file_digest(file, "md5").hexdigest() != self.md5[name]:
                    raise RuntimeError(f"{name} differs")


class Bench:
    def __init__(self, work):
        self.work = work
        self.all = [t for t in tools.ALL if t.name in os.environ.get("TOOLS", t.name).split()]
        self.caravan = tools.ALL[0]
        name = tools.Daemon.name
        self.daemons = [tools.Daemon] if name in os.environ.get("TOOLS", name).split() else []
        self.runs = {}
        self.started = {}

    def server(self, kind):
        if kind not in self.started:
            self.started[kind] = kind(self.work)
        return self.started[kind]

    def stop(self):
        for server in self.started.values():
            server.stop()

    def run(self, tool, server, root, bucket, command=None):
        """One run, timed by a program that is itself nearly nothing, so that the peak memory is the tool's own."""
        server.counts()
        env = {k: v for k, v in os.environ.items() if k not in ("AWS_CA_BUNDLE", "JAVA_TOOL_OPTIONS", "JAVA_OPTS")}
        env.update(tool.env(server))
        command = (command or tool.command)(server, root, bucket, self.state(bucket))
        figures, output = self.work / "figures", self.work / "output"
        with open(output, "w") as out:
            code = subprocess.run(["/usr/bin/time", "-f", "%e %U %S %M", "-o", figures, *command],
                                  env=env, stdout=out, stderr=out, stdin=subprocess.DEVNULL).returncode
        if code:
            raise RuntimeError(f"{tool.name} ended with {code}: {output.read_text()[-600:]}")
        wall, user, system, rss = map(float, figures.read_text().split())
        return Run(wall, user + system, rss / 1024, server.counts())

    def state(self, bucket):
        return self.work / f"state-{bucket}"

    def note(self, case, tool, run):
        self.runs.setdefault(case, {}).setdefault(tool.name, []).append(run)
        kinds = " ".join(f"{n} {kind}" for kind, n in run.counts.items() if n)
        print(f"  {case} {tool.name}: {run.wall:.2f} s, {run.cpu:.2f} CPU s, {run.rss:.0f} MiB, {kinds}", flush=True)

    def rounds(self, case, each, only=None):
        for number in range(ROUNDS):
            for tool in only or self.all:
                self.note(case, tool, each(tool, number))

    # The cases. Each is named by what happens and the server it happens at.

    def first(self, kind):
        """First upload of many small files into an empty bucket."""
        server, tree = self.server(kind), Tree(self.work / "first", FILES, 4096)

        def each(tool, number):
            bucket = f"first-{tool.name}-{number}"
            server.make_bucket(bucket)
            run = self.run(tool, server, tree.root, bucket)
            tree.compare(server.list(bucket), tool.part_bytes)
            return run

        self.rounds(f"first upload of {FILES} x 4 KiB, {server.name}", each)
        bucket = f"first-{self.caravan.name}-0"
        if server.name == "ceph" and self.caravan in self.all:
            self.rounds(f"nothing changed in {FILES}, {server.name}",
                        lambda tool, _: self.checked(tool, server, tree, bucket))
        shutil.rmtree(tree.root)

    def latency(self, kind):
        """Few small files to a server that is far away: what counts is how many requests are under way."""
        server, tree = self.server(kind), Tree(self.work / "latency", FAR, 4096)

        def each(tool, number):
            bucket = f"latency-{tool.name}-{number}"
            server.make_bucket(bucket)
            run = self.run(tool, server, tree.root, bucket)
            tree.compare(server.list(bucket), tool.part_bytes)
            return run

        running = []

        def warm(number):
            """The same by a daemon: as many new files are moved into its store, and it is asked."""
            bucket, store = f"latency-{tools.Daemon.name}", self.work / "daemon"
            if not running:
                server.make_bucket(bucket)
                store.mkdir()
                # Else the watch would tell it of the folder before it is asked.
                running.append(tools.Daemon(self.caravan, server, store, bucket, self.state(bucket),
                                            "store.watch=false"))
                running[0].carry_out("sync", {})
            fresh, folder = Tree(self.work / "fresh", FAR, 4096), f"round-{number}/"
            server.counts()
            fresh.root.rename(store / folder)
            wall, cpu, rss = running[0].timed("sync", {})
            run = Run(wall, cpu, rss / 1024, server.counts())
            found = server.list(bucket, folder)
            fresh.compare({name.removeprefix(folder): entry for name, entry in found.items()}, self.caravan.part_bytes)
            return run

        only = [tool for tool in self.all if tool.name in ("caravan", "rclone")] + self.daemons + [tools.RCLONE_32]
        try:
            self.rounds(f"first upload of {FAR} x 4 KiB, {server.name}",
                        lambda tool, number: warm(number) if tool is tools.Daemon else each(tool, number), only)
        finally:
            for daemon in running:
                daemon.stop()
            shutil.rmtree(self.work / "daemon", ignore_errors=True)
        shutil.rmtree(tree.root)

    def checked(self, tool, server, tree, bucket):
        run = self.run(tool, server, tree.root, bucket)
        tree.compare(server.list(bucket), self.caravan.part_bytes)
        return run

    def many(self, kind):
        """Cycles over many files of which none, then few changed. All tools begin with what Caravan uploaded."""
        server, tree = self.server(kind), Tree(self.work / "many", MANY, 64)
        self.run(self.caravan, server, tree.root, "many-caravan")
        # A bucket belongs to the store that was mirrored into it: both ways to start Caravan share one.
        others = [tool for tool in self.all if not isinstance(tool, tools.Caravan)]
        for tool in others:
            server.copy("many-caravan", f"many-{tool.name}")

        def bucket(tool):
            return f"many-{tool.name}" if tool in others else "many-caravan"

        def unchanged(tool, _):
            return self.checked(tool, server, tree, bucket(tool))

        self.rounds(f"nothing changed in {MANY}, {server.name}", unchanged)

        def changed(tool, number):
            if tool is self.caravan:
                time.sleep(1.1)  # a change within the second of the upload before looks unchanged to aws
                for name in tree.names[number::max(1, len(tree.names) // 100)][:100]:
                    tree.write(name)
            return self.checked(tool, server, tree, bucket(tool))

        self.rounds(f"100 changed of {MANY}, {server.name}", changed, [self.caravan, *others])
        shutil.rmtree(tree.root)

    def million(self, kind):
        """Cycles over very many files of which none changed; Caravan alone, for what it needs to be flat."""
        server, tree = self.server(kind), Tree(self.work / "million", MILLION, 16)
        bucket = "million"
        self.run(self.caravan, server, tree.root, bucket)
        self.rounds(f"nothing changed in {MILLION}, {server.name}",
                    lambda tool, _: self.checked(tool, server, tree, bucket), [self.caravan])
        shutil.rmtree(tree.root)

    def big(self, kind):
        """One big file."""
        server, tree = self.server(kind), Tree(self.work / "big", 1, BIG)

        def each(tool, number):
            bucket = f"big-{tool.name}-{number}"
            server.make_bucket(bucket)
            run = self.run(tool, server, tree.root, bucket)
            tree.compare(server.list(bucket), tool.part_bytes)
            server.delete(bucket, tree.names[0])
            return run

        self.rounds(f"one file of {BIG >> 20} MiB, {server.name}", each)
        shutil.rmtree(tree.root)

    def restore(self, kind):
        """Everything into an empty folder, with nothing but the bucket to know it from."""
        for files, size in ((FILES, 4096), (1, BIG)):
            server, tree = self.server(kind), Tree(self.work / "restore", files, size)
            bucket = f"restore-{files}"
            server.make_bucket(bucket)
            self.run(self.caravan, server, tree.root, bucket)
            running = []

            def warm():
                """The same by a daemon that has mirrored the files itself."""
                if not running:
                    away = f"{bucket}-daemon"
                    server.make_bucket(away)
                    store = self.work / "daemon"
                    shutil.copytree(tree.root, store)
                    running.append(tools.Daemon(self.caravan, server, store, away, self.state(away)))
                daemon = running[0]
                daemon.empty()
                server.counts()
                wall, cpu, rss = daemon.restore()
                run = Run(wall, cpu, rss / 1024, server.counts())
                tree.compare_folder(self.work / "daemon")
                return run

            def each(tool, _):
                if tool is tools.Daemon:
                    return warm()
                fresh = self.work / "fresh"
                fresh.mkdir()
                shutil.rmtree(self.state(bucket), ignore_errors=True)
                run = self.run(tool, server, fresh, bucket, tool.restore)
                tree.compare_folder(fresh)
                shutil.rmtree(fresh)
                return run

            what = f"{files} x 4 KiB" if files > 1 else f"one file of {size >> 20} MiB"
            try:
                self.rounds(f"restore of {what}, {server.name}", each, [*self.all, *self.daemons])
            finally:
                for daemon in running:
                    daemon.stop()
                shutil.rmtree(self.work / "daemon", ignore_errors=True)
            shutil.rmtree(tree.root)

    CASES = {
        "first-ceph": (first, servers.Ceph),
        "big-ceph": (big, servers.Ceph),
        "first-sink": (first, servers.Sink),
        "big-sink": (big, servers.Sink),
        "many-sink": (many, servers.Sink),
        "million-sink": (million, servers.Sink),
        "latency": (latency, servers.FarSink),
        "restore-ceph": (restore, servers.Ceph),
        "restore-sink": (restore, servers.KeepingSink),
    }

    # The report.

    def report(self, conditions):
        lines = [*conditions, ""]
        for case, by_tool in self.runs.items():
            lines.append(case)
            lines.append(f"  {'':14}{'wall s':>8} {'(range)':>15}{'CPU s':>8}{'RSS MiB':>9}  requests")
            for tool, runs in by_tool.items():
                wall = [run.wall for run in runs]
                kinds = " ".join(f"{n} {kind}" for kind, n in runs[-1].counts.items() if n) or "none"
                lines.append(f"  {tool:14}{statistics.median(wall):8.2f} {f'({min(wall):.2f}-{max(wall):.2f})':>15}"
                             f"{self.median(runs, 'cpu'):8.2f}{max(run.rss for run in runs):9.0f}  {kinds}")
            for ours in ("caravan", tools.Daemon.name):
                own = by_tool.get(ours)
                for tool, runs in by_tool.items():
                    if own and tool != ours and tool != tools.Daemon.name:
                        lines.append(f"  {tool} / {ours}: wall {self.median(runs, 'wall') / self.median(own, 'wall'):.2f}, "
                                     f"CPU {self.median(runs, 'cpu') / self.median(own, 'cpu'):.2f}")
            lines.append("")
        return "\n".join(lines)

    @staticmethod
    def median(runs, what):
        return statistics.median(getattr(run, what) for run in runs)


def conditions(bench):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return [
        f"{datetime.date.today()}, {os.cpu_count()} cores, {memory} GiB, Linux {platform.release().split('-')[0]}, "
        f"load before {os.getloadavg()[0]:.1f}; servers and clients on the same machine, over loopback, plain HTTP",
        "; ".join([*tools.versions(), *(f"{s.name}: {s.version()}" for s in bench.started.values())]),
        f"{ROUNDS} rounds interleaved; medians, the peak of the resident memory over all rounds; requests of the last round",
        "after each run the bucket's listing was compared with the folder: names, sizes, MD5 as the server computed it",
    ]


def main():
    if not tools.JAR.exists():
        sys.exit("target/caravan.jar is missing: make jar")
    wanted = os.environ.get("CASES", " ".join(Bench.CASES)).split()
    work = Path(os.environ.get("WORK") or tempfile.mkdtemp(prefix="bench-"))
    work.mkdir(parents=True, exist_ok=True)
    bench = Bench(work)
    began = time.monotonic()
    try:
        for case in wanted:
            measure, server = Bench.CASES[case]
            measure(bench, server)
        text = bench.report(conditions(bench)) + f"\nthe whole took {time.monotonic() - began:.0f} s\n"
    finally:
        bench.stop()
        shutil.rmtree(work, ignore_errors=True)
    print("\n" + text)
    out = os.environ.get("OUT") or Path(__file__).parent / "results" / f"{datetime.date.today()}.txt"
    if str(out) != "-":
        Path(out).parent.mkdir(exist_ok=True)
        Path(out).write_text(text)


if __name__ == "__main__":
    main()
