"""Which processes serve this installation right now: what a restore must not pull the database away from.

Every server and scheduler holds a shared lock on one file in TRACKER_DATA for as long as it lives; the system lets go of it
when the process dies, however it dies. A restore needs the file for itself.
"""

from __future__ import annotations

import fcntl
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import Engine, text

from tracker.kernel.errors import Refused

LOCK = "running.lock"
#: Of Python's collector, in every process that lives longer than a command.
THRESHOLDS = (50_000, 20, 50)


def mark_running(data: Path) -> IO[bytes]:
    """From now until the returned file is closed, or the process ends, this installation counts as running."""
    data.mkdir(parents=True, exist_ok=True)
    lock = (data / LOCK).open("ab")
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def settle() -> None:
    """The application is loaded and stays: the collector leaves it alone, so that forked workers go on sharing it, and looks less often.

    Rows read by the ten thousand set Python's own thresholds off hundreds of times and are nobody's cycle: a third of a day's planning went there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


@contextmanager
def nobody_running(data: Path, engine: Engine) -> Iterator[None]:
    """A stretch of work during which no server can start on this installation. Raises Refused where one runs.

    On PostgreSQL the server may run on another machine: other connections to the database count too.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("Hệ thống đang chạy trên dữ liệu này. Dừng máy chủ và bộ lập lịch (Ctrl+C, hoặc systemctl stop) rồi làm lại.") from None
        if others := _other_connections(engine):
            raise Refused(f"Đang có {others} kết nối khác tới cơ sở dữ liệu. Dừng máy chủ và bộ lập lịch đang dùng nó rồi làm lại.")
        yield


def _other_connections(engine: Engine) -> int:
    if engine.dialect.name != "postgresql":
        return 0
    with engine.connect() as connection:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        found = int(connection.scalar(text(query)) or 0)
    engine.dispose()
    return found
