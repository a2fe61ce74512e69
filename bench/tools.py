"""The programs that are compared: how each is told to make a bucket equal to a folder."""

import json
import os
import subprocess
from pathlib import Path

from servers import KEY, SECRET

JAR = Path(__file__).resolve().parent.parent / "target/caravan.jar"


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

    def begin(self, state):
        subprocess.run(["rm", "-rf", state], check=True)

    def command(self, server, folder, bucket, state, *what):
        what = what or ("sync",)
        remote = {"provider": "s3", "bucket": bucket, "endpoint": f"http://127.0.0.1:{server.port}",
                  "access_key_id": KEY, "secret_access_key": SECRET, "create_bucket": True}
        return ["java", *self.words, "-jar", JAR, "--set", f"store.path={folder}", "--set", f"store.state={state}",
                "--set", "store.settle=0s", "--set", "storage.remotes=" + json.dumps([remote]), *what]

    def restore(self, server, folder, bucket, state):
        return self.command(server, folder, bucket, state, "restore", "--all")


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
    Caravan("caravan-small", "@" + str(JAR.parent.parent / "config/jvm.options")),
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
