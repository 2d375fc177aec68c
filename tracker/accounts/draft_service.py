"""Drafts: what a person has typed into a form and not sent yet. One for each form, seen by nobody else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.accounts.draft_rules import DRAFT_LIFE, DRAFTS_KEPT, Fields
from tracker.accounts.models import Draft


def draft_of(session: Session, account_id: int, place: str, now: datetime) -> Draft | None:
    """What the person left in the form of that address, where it is not too old."""
    query = select(Draft).where(Draft.account_id == account_id, Draft.place == place, Draft.saved_at > now - DRAFT_LIFE)
    return session.scalars(query.order_by(Draft.id)).one_or_none()


def keep(session: Session, account_id: int, place: str, fields: Fields, now: datetime) -> None:
    """Saves a form's words over those saved before: two windows of one person cannot collide. Forgets what is old or too many."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = {"fields": fields, "saved_at": now}
    session.execute(
        insert(Draft).values(account_id=account_id, place=place, **new).on_conflict_do_update(index_elements=["account_id", "place"], set_=new)
    )
    newest = select(Draft.id).where(Draft.account_id == account_id).order_by(Draft.saved_at.desc(), Draft.id.desc()).limit(DRAFTS_KEPT)
    session.execute(delete(Draft).where(Draft.account_id == account_id, Draft.id.not_in(newest)))
    session.execute(delete(Draft).where(Draft.saved_at <= now - DRAFT_LIFE))


def drop(session: Session, account_id: int, place: str) -> None:
    """The form was sent, or the person wants none of it."""
    session.execute(delete(Draft).where(Draft.account_id == account_id, Draft.place == place))
