"""The only way from a token to the tasks behind it, and who may confirm what came in through a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.audit.rules import Actor
from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.deadlines.models import Round
from tracker.evidence import access as evidence_access
from tracker.evidence.access import Standpoint
from tracker.kernel import scope
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Forbidden, NotFound, Refused
from tracker.kernel.words import phrase
from tracker.reminders import link_queries as queries
from tracker.reminders.link_models import ActionLink
from tracker.reminders.link_rules import GONE
from tracker.tasks import queries as tasks
from tracker.tasks.models import Task
from tracker.tasks.queries import Filters, TaskRow
from tracker.tasks.rules import Horizon
from tracker.units import access as units_access
from tracker.units.models import Authority, Unit
from tracker.units.rules import Viewer

#: How the history names who did not sign in: the link says whose it was, not who held it.
THROUGH = phrase("qua liên kết")


@dataclass(frozen=True, slots=True)
class Opened:
    """A living link with what its page needs. The scope is its authority's from here on."""

    link: ActionLink
    authority: Authority
    unit: Unit
    round: Round
    viewer: Viewer
    calendar: WorkingCalendar
    rows: tuple[TaskRow, ...]

    @property
    def actor(self) -> Actor:
        return Actor(self.link.account_id, f"{self.viewer.own_title}, {THROUGH}")

    def row(self, task_id: int) -> TaskRow:
        """One of the open tasks. Raises Refused for any other, whosever it is."""
        for row in self.rows:
            if row.id == task_id:
                return row
        raise Refused(GONE)


def known(session: Session, token: str, now: datetime) -> ActionLink | None:
    """The living link of a token, looked for in every authority: the token says which."""
    with scope.using(session, scope.whole("a link names its authority")):
        return queries.by_token(session, token, now)


def opened(session: Session, token: str, now: datetime) -> Opened | None:
    """What a token opens; None for a dead one and for what nobody of us made. Chooses the scope: that one authority."""
    link = known(session, token, now)
    if link is None:
        return None
    with scope.using(session, scope.whole("a link names its authority")):
        authority, account = session.get_one(Authority, link.authority_id), session.get_one(Account, link.account_id)
    day = local_day(now)
    try:
        _, viewer = units_access.desk_of(session, account.id, account.display_name, authority.slug, day)
    except NotFound:
        return None
    scope.choose(session, scope.one(authority.id))
    unit = session.scalars(select(Unit).where(Unit.id == link.unit_id)).one()
    calendar = deadlines.working_calendar(session)
    one = deadlines.round_by_id(session, link.round_id)
    filters = Filters(round_slug=one.slug, unit_ids=frozenset({unit.id}), open_only=True)
    rows = tasks.listed(session, filters, calendar, Horizon.of(calendar, day, authority))
    return Opened(link, authority, unit, one, viewer, calendar, tuple(rows))


def task_of(session: Session, opened_: Opened, task_id: int) -> Task:
    """One of the open tasks behind a link, to be written to. Raises Refused for any other."""
    return session.scalars(select(Task).where(Task.id == opened_.row(task_id).id)).one()


def may_confirm(stand: Standpoint | None) -> bool:
    """Whether somebody before a task may say that what came in is the unit's: its head, or the focal point."""
    return stand is not None and stand.leads and stand.is_head


def to_confirm(session: Session, viewer: Viewer, task: Task) -> Actor:
    """As whom somebody confirms. Raises Forbidden."""
    stand = evidence_access.standpoint(session, viewer, task)
    if stand is None or not may_confirm(stand):
        raise Forbidden("Chỉ lãnh đạo đơn vị chủ trì hoặc cơ quan đầu mối mới xác thực nội dung nộp qua liên kết.")
    return stand.actor(viewer)
