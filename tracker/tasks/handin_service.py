"""What becomes of a hand-in when its document is taken back or its task returned."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from tracker.tasks.handin_models import LinkHandin


def drop(session: Session, task_id: int, version_id: int, now: datetime) -> None:
    """A version handed in through a link does not serve the task any more: nothing is left to confirm, and the task may lack something again."""
    session.execute(
        update(LinkHandin)
        .where(LinkHandin.task_id == task_id, LinkHandin.version_id == version_id, LinkHandin.confirmed_at.is_(None))
        .values(dropped_at=now)
        .execution_options(synchronize_session=False)
    )
    incomplete_again(session, task_id)


def incomplete_again(session: Session, task_id: int) -> None:
    """The task went back to be worked on: no earlier hand-in completed it."""
    session.execute(update(LinkHandin).where(LinkHandin.task_id == task_id).values(completes=False).execution_options(synchronize_session=False))
