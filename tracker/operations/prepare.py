"""What stands between an installation and its next start: a copy of the SQLite file, the migrations, the accounts to show."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.kernel.database import sqlite_driver

#: One copy a day, and one before every migration; the last few are kept.
EVERY = timedelta(days=1)
KEPT = 5
#: What the roles of the demonstration are called for the person who starts it.
ROLES = {
    "focal": "Cơ quan đầu mối",
    "chair": "Lãnh đạo",
    "specialist": "Cán bộ của một đơn vị chủ trì",
    "head": "Phụ trách đơn vị ấy",
    "admin": "Quản trị",
    "viewer": "Người xem",
}
STORY = "ninh-son.demo"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A line of the table that ``make run`` prints."""

    username: str
    words: str


def migration_due(engine: Engine, migrations: Path) -> bool:
    """Whether the database is at another version than the newest in ``migrations``."""
    settings = Config(str(migrations / "alembic.ini"))
    settings.set_main_option("script_location", str(migrations))
    with engine.connect() as connection:
        present = set(MigrationContext.configure(connection).get_current_heads())
    return present != set(ScriptDirectory.from_config(settings).get_heads())


def copy_sqlite(engine: Engine, folder: Path, now: datetime, *, due: bool) -> Path | None:
    """A copy of a non-empty SQLite file before it is migrated, and once a day. None where there was nothing to copy.

    ``now`` is the real instant. The driver's own backup copies a consistent state also while others write; a copy that was
    interrupted never bears a good name.
    """
    name = engine.url.database
    source = Path(name) if engine.dialect.name == "sqlite" and name else None
    if source is None or not inspect(engine).get_table_names():
        return None
    copies = sorted(folder.glob("*.sqlite"))
    stamp = "%Y%m%dT%H%M%SZ"
    if not due and copies and copies[-1].stem >= (now - EVERY).strftime(stamp):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{now.strftime(stamp)}.sqlite"
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    driver = sqlite_driver()
    with closing(driver.connect(str(source))) as from_, closing(driver.connect(str(partial))) as to:
        from_.backup(to)
    partial.replace(target)
    for old in copies[: max(0, len(copies) + 1 - KEPT)]:
        old.unlink()
    return target


def demo_accounts(session: Session) -> list[DemoAccount]:
    """Whom to sign in as: each role once in the authority of the README's story, the focal point of the others."""
    shown: dict[tuple[str, str], DemoAccount] = {}
    for username in session.scalars(select(Account.username).where(Account.demo).order_by(Account.id)):
        who, _, where = username.partition("@")
        role = who.partition("-")[0]
        if (where == STORY and role in ROLES) or role == "focal":
            shown.setdefault((where, role), DemoAccount(username, ROLES[role]))
    order = list(ROLES)
    return [shown[key] for key in sorted(shown, key=lambda key: (key[0] != STORY, key[0], order.index(key[1])))]
