"""People who sign in, their sessions, one-time codes, failed tries and unsent forms. Installation-wide: a person may serve several authorities."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.accounts.rules import CodePurpose
from tracker.kernel.database import Base, Identified, text_enum


class Account(Identified, Base):
    """A person. ``email`` is optional and not unique: officers share mailboxes."""

    __tablename__ = "account"

    #: As typed by the administrator; compared by ``username_key``.
    username: Mapped[str]
    username_key: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    #: Folded display name and user name, for search.
    folded: Mapped[str] = mapped_column(index=True)
    email: Mapped[str | None]
    phone: Mapped[str | None]
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    #: Refused at sign-in in production.
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class UserSession(Identified, Base):
    """A signed-in browser. Only the hash of its token is kept."""

    __tablename__ = "user_session"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInFailure(Identified, Base):
    """What the throttle counts: it survives restarts and holds over any number of workers."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_who", "username_key", "address", "at"), Index("ix_sign_in_failure_at", "at"))

    username_key: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]


class OneTimeCode(Identified, Base):
    """An invitation or a reset, mailed as a link or printed as a code; spent atomically by ``used_at IS NULL``."""

    __tablename__ = "one_time_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[CodePurpose] = mapped_column(text_enum(CodePurpose, "purpose"))
    code_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Draft(Identified, Base):
    """What a person has typed into a form and not sent yet."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("account_id", "place", name="uq_draft_account_id_place"), Index("ix_draft_saved_at", "saved_at"))

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: The path the form is sent to.
    place: Mapped[str]
    #: Name → values, as a browser sends them.
    fields: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
