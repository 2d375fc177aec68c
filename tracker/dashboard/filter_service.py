"""Keeping a filter, and letting it go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.dashboard import filter_queries as queries
from tracker.dashboard.filter_models import SavedFilter
from tracker.dashboard.filter_rules import MOST_FILTERS, name_of, query_of
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase


def keep(session: Session, authority_id: int, account_id: int, typed: str | None, asked: Mapping[str, str], now: datetime) -> SavedFilter:
    """«Lưu bộ lọc này». Raises Refused: nothing is narrowed, no name, a name twice, too many. The history does not tell of it."""
    name, query = name_of(typed), query_of(asked)
    if not query:
        raise Refused("Danh sách chưa lọc gì nên không có gì để lưu.")
    # The person's own row holds back a second form of theirs until this one is counted.
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())
    if len(queries.of_person(session, account_id)) >= MOST_FILTERS:
        raise Refused(phrase("Đồng chí đã lưu %(most_filters)s bộ lọc; xóa bớt một bộ không dùng nữa rồi lưu lại.", most_filters=MOST_FILTERS))
    kept = SavedFilter(authority_id=authority_id, account_id=account_id, name=name, query=query, created_at=now)
    try:
        with session.begin_nested():
            session.add(kept)
    except IntegrityError:
        raise Refused(phrase("Đồng chí đã có bộ lọc tên “%(name)s”; đặt tên khác.", name=name), field="name") from None
    return kept


def drop(session: Session, kept: SavedFilter) -> None:
    """Xóa."""
    session.delete(kept)
    session.flush()
