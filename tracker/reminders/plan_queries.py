"""What planning a day reads, of any number of authorities at once: as many statements for a hundred as for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.deadlines import queries as deadlines
from tracker.kernel import clock
from tracker.kernel.clock import ONE_DAY
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState, fold_address
from tracker.reminders import directory_queries, news_queries, queries
from tracker.reminders.digest_rules import Wanted
from tracker.reminders.models import Reminder, SummaryRefused, ToldNews
from tracker.reminders.news_rules import NEWS_LIFE, News, NewsKind
from tracker.reminders.plan_rules import Earlier, Told
from tracker.reminders.policy_rules import Policy
from tracker.reminders.rules import DIGEST, Directory, digest_key
from tracker.tasks.duty_queries import open_duties
from tracker.tasks.models import Task
from tracker.tasks.narrowing import IS_OPEN
from tracker.tasks.rules import Duty
from tracker.units.models import Authority


@dataclass(frozen=True, slots=True)
class Known:
    """By authority: its open tasks, what its units wait for, its news, who is told. ``told``: what was said before, of all of them."""

    duties: Mapping[int, Sequence[Duty]]
    wanted: Mapping[int, Sequence[Wanted]]
    news: Mapping[int, Sequence[News]]
    directories: Mapping[int, Directory]
    told: Told


def known(session: Session, authorities: Sequence[Authority], policies: Mapping[int, Policy], day: date, until: datetime) -> Known:
    """Everything that decides what these authorities, all of them in scope, say on a day; news until ``until``."""
    ids = [one.id for one in authorities]
    duties: dict[int, list[Duty]] = {id_: [] for id_ in ids}
    for duty in open_duties(session, lambda id_: deadlines.calendar_of(session, id_)):
        duties[duty.authority_id].append(duty)
    wanted: dict[int, list[Wanted]] = {id_: [] for id_ in ids}
    if any(policies[id_].cooperators for id_ in ids):
        for asked in queries.wanted(session):
            if policies[asked.authority_id].cooperators:
                wanted[asked.authority_id].append(asked)
    news: dict[int, list[News]] = {id_: [] for id_ in ids}
    for one in news_queries.of_several(session, [id_ for id_ in ids if policies[id_].news], until - NEWS_LIFE, until):
        news[one.authority_id].append(one)
    units = {duty.unit_id for found in duties.values() for duty in found}
    units |= {asked.unit_id for found in wanted.values() for asked in found} | {one.unit_id for of in news.values() for one in of}
    persons = {one.account_id for found in news.values() for one in found if one.account_id}
    directories = directory_queries.directories(session, authorities, units, day, persons=persons)
    return Known(duties, wanted, news, directories, _told(session, ids, day, {one.id for of in news.values() for one in of}))


def _told(session: Session, ids: Collection[int], day: date, news_ids: Collection[int]) -> Told:
    refused = select(SummaryRefused.authority_id, SummaryRefused.account_id).order_by(SummaryRefused.id)
    news = (
        select(ToldNews.kind, ToldNews.subject_id, ToldNews.recipient)
        .where(ToldNews.kind != NewsKind.SUMMARY, ToldNews.subject_id.in_(news_ids))
        .order_by(ToldNews.id)
    )
    return Told(
        said=_said(session),
        news={(kind, subject, recipient) for kind, subject, recipient in session.execute(news)},
        keys=_keys_of_day(session, ids, day),
        refused={(authority_id, account_id) for authority_id, account_id in session.execute(refused)},
        summaries=_last_summaries(session),
        earlier=_still_waiting(session, ids, day),
    )


def _said(session: Session) -> dict[tuple[str, date], dict[int, int]]:
    """(folded address, due day) → open task → the highest rung said."""
    found: dict[tuple[str, date], dict[int, int]] = defaultdict(dict)
    query = (
        select(Reminder.task_id, Reminder.recipient, Reminder.due_on, func.max(Reminder.rung))
        .join(Task, (Task.authority_id == Reminder.authority_id) & (Task.id == Reminder.task_id))
        .where(IS_OPEN)
        .group_by(Reminder.task_id, Reminder.recipient, Reminder.due_on)
        .order_by(Reminder.task_id)
    )
    for task_id, recipient, due_on, rung in session.execute(query):
        found[recipient, due_on][task_id] = rung
    return found


def _last_summaries(session: Session) -> dict[tuple[int, str], int]:
    """(authority, folded address) → the last week it was told the summary of."""
    whose = (ToldNews.authority_id, ToldNews.recipient)
    query = select(*whose, func.max(ToldNews.subject_id)).where(ToldNews.kind == NewsKind.SUMMARY).group_by(*whose).order_by(*whose)
    return {(authority_id, recipient): week for authority_id, recipient, week in session.execute(query)}


def _keys_of_day(session: Session, ids: Collection[int], day: date) -> set[str]:
    """The dedupe keys of the day's messages that exist already; a digest of an earlier day that goes only today is today's."""
    query = select(OutboxMessage.dedupe_key).where(OutboxMessage.authority_id.in_(ids), OutboxMessage.planned_on == day)
    begins = clock.noon(day) - ONE_DAY / 2
    today = or_(OutboxMessage.state == MessageState.SENDING, and_(OutboxMessage.state == MessageState.SENT, OutboxMessage.finished_at >= begins))
    late = select(OutboxMessage.authority_id, OutboxMessage.to_address).where(
        OutboxMessage.authority_id.in_(ids), OutboxMessage.kind == DIGEST, OutboxMessage.planned_on < day, today
    )
    told = {digest_key(authority_id or 0, day, address) for authority_id, address in session.execute(late.order_by(OutboxMessage.id))}
    return told | set(session.scalars(query.order_by(OutboxMessage.id)))


def _still_waiting(session: Session, ids: Collection[int], day: date) -> dict[tuple[int, str], list[Earlier]]:
    """(authority, folded address) → digests of earlier days that still wait: today's takes their place."""
    found: dict[tuple[int, str], list[Earlier]] = defaultdict(list)
    query = select(OutboxMessage.authority_id, OutboxMessage.to_address, OutboxMessage.id, OutboxMessage.payload).where(
        OutboxMessage.authority_id.in_(ids),
        OutboxMessage.kind == DIGEST,
        OutboxMessage.planned_on < day,
        OutboxMessage.state == MessageState.WAITING,
    )
    for authority_id, address, id_, payload in session.execute(query.order_by(OutboxMessage.id)):
        found[authority_id, fold_address(address)].append(Earlier(id_, payload))
    return found
