"""The processes of a measurement: gunicorn as it is shipped, around the product and around the bare page."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import config

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    """A running gunicorn."""

    port: int
    pid: int

    def workers(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def memory(self) -> list[dict[str, float]]:
        """Megabytes of each worker: ``rss`` counts shared pages in each, ``pss`` shares them out."""
        found = []
        for pid in self.workers():
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            sizes = {line.split(":")[0].lower(): int(line.split()[1]) / 1024 for line in lines if line.startswith(("Rss:", "Pss:"))}
            found.append({"rss": sizes["rss"], "pss": sizes["pss"]})
        return found


@contextmanager
def gunicorn(target: str, environment: Mapping[str, str], data: Path) -> Iterator[Server]:
    """``target`` under deploy/gunicorn.py: two workers of four threads, loaded before forking."""
    port = free_port()
    data.mkdir(exist_ok=True)
    env = {**os.environ, **environment, "PORT": str(port), "TRACKER_DATA": str(data)}
    with (data / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.py", target], cwd=config.ROOT, env=env, stdout=log, stderr=log
        )
    try:
        _wait(process, port, data / "gunicorn.log")
        yield Server(port, process.pid)
    except Exception:
        sys.stderr.write((data / "gunicorn.log").read_text()[-4000:])
        raise
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def sink() -> Iterator[tuple[int, int]]:
    """The port and the process of a mail server that takes everything."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.sink"], cwd=config.ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process.pid
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"gunicorn did not start: {log.read_text()}")
