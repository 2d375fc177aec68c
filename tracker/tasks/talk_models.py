"""What people say to each other about a task: obstacles, directives, remarks with whom they mention."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed, text_enum, within_authority
from tracker.tasks.talk_rules import DirectiveState, ObstacleState


class Obstacle(Keyed, Base):
    """Khó khăn, vướng mắc that a lead reported, and what it was told. At most one of a task waits."""

    __tablename__ = "obstacle"
    __constraints__ = (
        within_authority("task_id", "task", own="obstacle"),
        CheckConstraint("(state = 'answered') = (answer IS NOT NULL)", name="answered_in_words"),
        CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled_with_a_time"),
        Index("ix_obstacle_task_id", "authority_id", "task_id"),
        Index("ix_obstacle_state", "authority_id", "state"),
        Index(
            "uq_obstacle_open",
            "authority_id",
            "task_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    task_id: Mapped[int]
    state: Mapped[ObstacleState] = mapped_column(text_enum(ObstacleState, "state"), default=ObstacleState.OPEN)
    words: Mapped[str] = mapped_column(Text)
    reported_at: Mapped[datetime]
    #: Who reported it, in words of that day.
    reported_by: Mapped[str]
    reported_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    #: When it was answered, or taken back by the unit.
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Directive(Keyed, Base):
    """Ý kiến chỉ đạo of a leader on a task. Given once more it becomes a new row; the answer to the former stays with that."""

    __tablename__ = "directive"
    __constraints__ = (
        within_authority("task_id", "task", own="directive"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_with_a_time"),
        CheckConstraint("state <> 'answered' OR answer IS NOT NULL", name="answered_in_words"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_with_a_time"),
        CheckConstraint("times >= 1", name="times"),
        Index("ix_directive_task_id", "authority_id", "task_id"),
        Index("ix_directive_state", "authority_id", "state"),
    )

    task_id: Mapped[int]
    state: Mapped[DirectiveState] = mapped_column(text_enum(DirectiveState, "state"), default=DirectiveState.WAITING)
    words: Mapped[str] = mapped_column(Text)
    #: The last day on which an answer is in time; None: as soon as possible.
    reply_by_on: Mapped[date | None]
    #: 1 the first time it was given, 2 where it repeats one, and so on.
    times: Mapped[int] = mapped_column(default=1)
    given_at: Mapped[datetime]
    given_by: Mapped[str]
    given_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    #: Its Vietnamese day: what ``reply_by_on`` is compared with.
    answered_on: Mapped[date | None]
    answered_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Remark(Keyed, Base):
    """One thing said about a task. Never edited or deleted: its author may take it back, and that shows."""

    __tablename__ = "remark"
    __constraints__ = (
        within_authority("task_id", "task", own="remark"),
        Index("ix_remark_task_id", "authority_id", "task_id"),
    )

    task_id: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime]
    said_by: Mapped[str]
    said_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Mention(Keyed, Base):
    """Somebody a remark turns to. It stands on that person's front page until read."""

    __tablename__ = "mention"
    __constraints__ = (
        within_authority("remark_id", "remark", own="mention"),
        UniqueConstraint("authority_id", "remark_id", "account_id", name="uq_mention_once"),
        Index("ix_mention_account_id", "authority_id", "account_id", "read_at"),
    )

    remark_id: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: Who it is, in words of that day.
    title: Mapped[str]
    read_at: Mapped[datetime | None]
