"""What measurements stand on: an installation of synthetic authorities, and what processes have spent."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psycopg
from flask import Flask
from flask_migrate import upgrade

import config
from tracker.accounts import credentials
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.operations import synth
from tracker.operations.seed_format import calendar_years, read_calendar
from tracker.operations.seed_sets import add_calendar
from tracker.web import terminal

PASSWORD = "mat-khau-do-toc-do"
_TICKS = os.sysconf("SC_CLK_TCK")


def settle(url: str, folder: Path) -> dict[str, str]:
    """The settings of a measured installation, for this process and those it starts."""
    settings = {
        "DATABASE_URL": url,
        "TRACKER_ENV": "development",
        "SECRET_KEY": "a key for measuring only, longer than thirty-two characters",
        "TRACKER_DEMO_PASSWORD": PASSWORD,
        "MAIL_RATE_PER_MINUTE": "0",
    }
    for name in ("TRACKER_NOW", "MAIL_SERVER", "BASE_URL", "TRUSTED_HOSTS", "STORAGE_URL"):
        os.environ.pop(name, None)
    os.environ.update(settings, TRACKER_DATA=str(folder / "own"))
    return settings


def prepare(app: Flask) -> None:
    """Tables and the national calendar."""
    with app.app_context():
        upgrade()
        with terminal.work("bench", writes=True) as session:
            for year in calendar_years(config.ROOT / "seeds"):
                add_calendar(session, year, read_calendar(config.ROOT / "seeds", year))
        db.session.remove()


def fill(app: Flask, authorities: int, url: str) -> float:
    """Seconds the synthetic country took. ANALYZE afterwards, as autovacuum would within its minute."""
    begun = time.perf_counter()
    with app.app_context():
        with terminal.work("bench", writes=True) as session:
            synth.make(session, authorities, 1, clock.now(), password_hash=credentials.hash_password(PASSWORD))
        db.session.remove()
    took = time.perf_counter() - begun
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    return took


def plain(url: str) -> str:
    """A database's address as its own driver reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def processor_seconds(pid: int) -> float:
    """What a process and its children, those that ended too, have spent so far: unlike the clock, little disturbed by other work."""
    return _spent(pid, ended=True) + sum(_spent(int(child)) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def _spent(pid: int, *, ended: bool = False) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if ended else 13])) / _TICKS
