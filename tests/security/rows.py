"""Rows of the whole database, told apart by whose they are: for planting, and for «nothing changed»."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, Select, Table, and_, select, true
from sqlalchemy.orm import Session

from tracker.indicators.models import Indicator, IndicatorSet
from tracker.kernel.database import Base
from tracker.units.models import Membership

#: Tables without an authority key, and why a foreign canary cannot come from them.
NOBODYS = {
    "calendar_day": "library: the same days for everybody",
    "user_session": "a token's hash and instants; no words",
    "one_time_code": "a code's hash and instants; no words",
    "setup_code": "a code's hash and instants; no words",
    "sign_in_failure": "the throttle; shown to nobody",
    "mail_attempt": "for operators; shown to nobody",
    "job_run": "the installation's own",
    "audit_seal": "digests",
    "sealed_event": "ids",
}
#: What requests change by themselves: when a session was last used, and what the throttle counts.
RESTLESS = {"user_session": {"seen_at"}, "sign_in_failure": None}


def _people(authority_id: int) -> Select[tuple[int]]:
    return select(Membership.account_id).where(Membership.__table__.c.authority_id == authority_id)


def _drafts(authority_id: int) -> ColumnElement[bool]:
    return IndicatorSet.__table__.c.owner_authority_id == authority_id


def _of_draft(column: ColumnElement[int]) -> Callable[[int], ColumnElement[bool]]:
    return lambda authority_id: column.in_(select(IndicatorSet.id).where(_drafts(authority_id)))


def _of_draft_indicator(column: ColumnElement[int]) -> Callable[[int], ColumnElement[bool]]:
    return lambda authority_id: column.in_(select(Indicator.id).where(Indicator.set_id.in_(select(IndicatorSet.id).where(_drafts(authority_id)))))


def _tables() -> Mapping[str, Table]:
    return Base.metadata.tables


def belongs(table: Table) -> Callable[[int], ColumnElement[bool]] | None:
    """The condition «this row is that authority's»; None for tables that are nobody's."""
    if table.name in NOBODYS:
        return None
    if "authority_id" in table.c:
        return lambda authority_id: table.c.authority_id == authority_id
    special: dict[str, Callable[[int], ColumnElement[bool]]] = {
        "authority": lambda authority_id: table.c.id == authority_id,
        "account": lambda authority_id: table.c.id.in_(_people(authority_id)),
        "draft": lambda authority_id: table.c.account_id.in_(_people(authority_id)),
        "indicator_set": _drafts,
    }
    for name, column in (("indicator", "set_id"), ("declared_total", "set_id"), ("document_finding", "set_id")):
        special[name] = _of_draft(_tables()[name].c[column])
    for name in ("requirement", "variable"):
        special[name] = _of_draft_indicator(_tables()[name].c.indicator_id)
    assert table.name in special, f"Table {table.name} has no authority_id: say in tests/security/rows.py whose its rows are, or why nobody's."
    return special[table.name]


def fingerprint(session: Session, authority_id: int | None = None) -> dict[str, str]:
    """table → a digest of its rows: all of them, or one authority's."""
    found: dict[str, str] = {}
    for table in Base.metadata.sorted_tables:
        restless = RESTLESS.get(table.name, set())
        whose = belongs(table) if authority_id is not None else lambda _id: true()
        if restless is None or whose is None:
            continue
        columns = [column for column in table.columns if column.name not in restless]
        rows = session.connection().execute(select(*columns).where(and_(whose(authority_id or 0))).order_by(*table.primary_key.columns))
        found[table.name] = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()
    return found


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The tables that are not as they were."""
    return sorted(name for name in before if before[name] != after[name])
