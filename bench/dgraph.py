#!/usr/bin/env python3
"""The proxy for Dgraph's exports beside nginx, both in front of the same fake Alpha.

usage: bench/dgraph.py [SECONDS]     needs: the built jar (make jar); nginx and wrk, which it installs as root with apt-get

Throughput: wrk, 64 connections, a GET answered with 1 KiB; in turns, the median of three rounds. Latency: 500 requests a
second, each sent when its time has come whether or not the one before was answered, over 32 connections; p50 and p99.
"""

import asyncio
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 8
ROUNDS = 3
RATE = 500
HERE = pathlib.Path(__file__).resolve().parent.parent

NGINX = """
worker_processes 2;
pid {work}/nginx.pid;
error_log {work}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {work}/body; proxy_temp_path {work}/proxy; fastcgi_temp_path {work}/f;
  uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
  keepalive_requests 100000000;
  upstream alpha {{ server 127.0.0.1:{alpha}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{alpha} backlog=4096;
    location / {{ default_type application/json; return 200 '{body}'; }}
  }}
  server {{
    listen 127.0.0.1:{nginx} backlog=4096;
    location / {{ proxy_pass http://alpha; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wrk(port):
    out = subprocess.run(
        ["wrk", "-t1", "-c64", f"-d{SECONDS}s", f"http://127.0.0.1:{port}/query"],
        capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(out)
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", out).group(1))


async def paced(port, seconds):
    """The times, in milliseconds, that requests took which began at a fixed pace."""
    took = []
    free = asyncio.Queue()
    for _ in range(32):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))

    async def one(due):
        line = await free.get()
        line[1].write(b"GET /query HTTP/1.1\r\nHost: alpha\r\n\r\n")
        head = await line[0].readuntil(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
        await line[0].readexactly(length)
        took.append((time.perf_counter() - due) * 1000)
        free.put_nowait(line)

    begun = time.perf_counter()
    tasks = []
    for n in range(RATE * seconds):
        due = begun + n / RATE
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    return sorted(took)


def quantile(values, q):
    return values[min(len(values) - 1, int(len(values) * q))]


PACKAGES = {"nginx": "nginx-light", "wrk": "wrk"}


def missing():
    return [package for program, package in PACKAGES.items()
            if not shutil.which(program, path="/usr/sbin:" + os.environ["PATH"])]


def refuse(why):
    print(f"bench/dgraph.py: {why}", file=sys.stderr)
    raise SystemExit(2)


def provide():
    """Installs what is missing, or says what is and ends. No service is started by the packages."""
    packages = missing()
    if not packages:
        return
    by_hand = "install " + " and ".join(packages) + ": apt-get install " + " ".join(packages)
    if not shutil.which("apt-get"):
        refuse(f"this system has no apt-get; {by_hand}")
    if os.geteuid() != 0:
        refuse(f"not root; {by_hand}")
    deny = pathlib.Path("/usr/sbin/policy-rc.d")
    made = not deny.exists()
    if made:
        deny.write_text("#!/bin/sh\nexit 101\n")
        deny.chmod(0o755)
    try:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", "-q", *step], env=quiet, check=False)
    finally:
        if made:
            deny.unlink()
    if missing():
        refuse(f"apt-get could not install {' and '.join(missing())}; {by_hand}")


def main():
    provide()
    if not (HERE / "target/caravan.jar").exists():
        refuse("there is no target/caravan.jar: make jar")
    work = tempfile.mkdtemp()
    alpha, nginx, caravan, http = (free_port() for _ in range(4))
    body = '{"data":{"q":["' + "x" * 990 + '"]}}'
    conf = pathlib.Path(work, "nginx.conf")
    conf.write_text(NGINX.format(work=work, alpha=alpha, nginx=nginx, body=body))
    os.makedirs(work + "/export")
    processes = [subprocess.Popen(
        ["nginx", "-c", str(conf), "-g", "daemon off;"],
        env={**os.environ, "PATH": "/usr/sbin:" + os.environ["PATH"]})]
    flags = ["--bucket-name=b", "--endpoint=127.0.0.1:1", "--access-key=a", "--secret=b",
             f"--towatch={work}/export", f"--port={caravan}", f"--upstream=http://127.0.0.1:{alpha}",
             f"--state={work}/state", f"--set=http.port={http}"]
    java = sys.argv[2:]
    processes.append(subprocess.Popen(
        ["java", *java, "-jar", str(HERE / "target/caravan.jar"), "dsync", *flags],
        env={**os.environ, "DSYNC_CRYPTO_KEY": "0123456789abcdef0123456789abcdef"},
        stderr=open(work + "/caravan.log", "w")))
    try:
        for port in (nginx, caravan):
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/query", timeout=1).read()
                    break
                except OSError:
                    time.sleep(0.1)
        for _ in range(3):
            wrk(caravan)  # the JIT's share
        rates = {"nginx": [], "caravan": []}
        for _ in range(ROUNDS):
            rates["nginx"].append(wrk(nginx))
            rates["caravan"].append(wrk(caravan))
        late = {"nginx": [], "caravan": []}
        for _ in range(ROUNDS):
            late["nginx"].append(asyncio.run(paced(nginx, SECONDS)))
            late["caravan"].append(asyncio.run(paced(caravan, SECONDS)))
        lines = [f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, {os.cpu_count()} cores,"
                 f" {ROUNDS} rounds of {SECONDS} s; load {os.getloadavg()[0]:.1f} at the end"]
        for name in rates:
            p50 = statistics.median(quantile(t, 0.5) for t in late[name])
            p99 = statistics.median(quantile(t, 0.99) for t in late[name])
            rate = statistics.median(rates[name])
            lines.append(f"{name:8} {rate:8.0f} requests/s at 64 connections;"
                         f" at {RATE}/s p50 {p50:.2f} ms, p99 {p99:.2f} ms")
        share = statistics.median(rates["caravan"]) / statistics.median(rates["nginx"])
        lines.append(f"caravan / nginx: {share:.2f} of the throughput")
        rss = pathlib.Path(f"/proc/{processes[1].pid}/status").read_text()
        peak = int(re.search(r"VmHWM:\s+(\d+)", rss).group(1)) // 1024
        lines.append(f"caravan's peak memory: {peak} MiB")
        print("\n".join(lines))
        results = HERE / "bench/results"
        results.mkdir(exist_ok=True)
        (results / "dgraph-proxy.txt").write_text("\n".join(lines) + "\n")
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
