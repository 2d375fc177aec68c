"""Work that outlives its request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed, text_enum
from tracker.longwork.rules import WorkKind, WorkState


class LongWork(Keyed, Base):
    """One piece of work. Its instants are of the real clock, like leases and sessions."""

    __tablename__ = "long_work"
    __constraints__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_long_work_account_id_account"),
        CheckConstraint("(state IN ('waiting', 'running')) = (ended_at IS NULL)", name="ended_when_over"),
        Index("ix_long_work_state", "state", "id"),
        Index("ix_long_work_account_id", "authority_id", "account_id"),
    )

    account_id: Mapped[int]
    kind: Mapped[WorkKind] = mapped_column(text_enum(WorkKind, "kind"))
    #: What it is, in words: «Hồ sơ minh chứng đợt năm 2026».
    title: Mapped[str] = mapped_column(Text)
    #: Where it was asked for; a path of the site.
    origin: Mapped[str]
    #: What the worker needs to know, as the room that does it wrote it.
    given: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[WorkState] = mapped_column(text_enum(WorkState, "state"))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    #: The last thing to be said about it: how far, the result, or why not.
    sentence: Mapped[str] = mapped_column(Text)
    #: The result's name for people; its bytes lie under the id.
    filename: Mapped[str | None]
    size: Mapped[int | None]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: Until when the result lies ready.
    kept_until: Mapped[datetime | None]
    #: Who runs it: a token made for each claim, so that a worker taken for dead cannot write any more.
    owner: Mapped[str | None]
    heartbeat_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
