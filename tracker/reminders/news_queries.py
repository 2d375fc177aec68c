"""News of one authority or of several in one statement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Select, String, and_, bindparam, cast, func, literal_column, null, select, type_coerce, union_all
from sqlalchemy.orm import Session

from tracker.deadlines.models import Round
from tracker.indicators.models import Indicator
from tracker.kernel.database import UtcDateTime
from tracker.reminders.news_rules import News, NewsKind
from tracker.tasks.models import Extension, Task
from tracker.tasks.proposal_models import Proposal
from tracker.tasks.proposal_rules import ProposalState
from tracker.tasks.request_queries import with_task
from tracker.tasks.rules import ExtensionState
from tracker.tasks.talk_models import Directive, Mention, Obstacle, Remark
from tracker.tasks.talk_rules import DirectiveState, ObstacleState
from tracker.units.models import Unit

#: Written out: nine parts with the same hundred ids each would be a thousand parameters.
_HERE: Any = bindparam("authority_ids", type_=BigInteger(), expanding=True, literal_execute=True)
_SINCE: Any = bindparam("since", type_=UtcDateTime())
_UNTIL: Any = bindparam("until", type_=UtcDateTime())
_NO_ID, _NO_DAY = cast(null(), BigInteger()), cast(null(), Date())


def _branch(
    kind: NewsKind, model: Any, words: Any, at: Any, by: Any, *, by_id: Any = _NO_ID, account_id: Any = _NO_ID, day: Any = _NO_DAY
) -> Select[Any]:
    """One part of the union: what happened in the time asked for, in rounds that are open."""
    said = Remark if model is Mention else model
    query = select(
        literal_column(f"'{kind.value}'", String()).label("kind"),
        model.id.label("id"),
        Task.id.label("task_id"),
        Indicator.code.label("code"),
        func.coalesce(Indicator.name, Task.title).label("name"),
        Task.unit_id.label("unit_id"),
        Unit.name.label("unit_name"),
        account_id.label("account_id"),
        func.coalesce(words, "").label("words"),
        (cast(said.state, String()) if hasattr(said, "state") else literal_column("''", String())).label("outcome"),
        type_coerce(at, UtcDateTime()).label("at"),
        by.label("by"),
        by_id.label("by_id"),
        day.label("day"),
        model.authority_id.label("authority_id"),
    ).select_from(model)
    if model is Mention:
        query = query.join(Remark, and_(Remark.authority_id == Mention.authority_id, Remark.id == Mention.remark_id))
    return with_task(query, said).where(model.authority_id.in_(_HERE), Round.closed_at.is_(None), at > _SINCE, at <= _UNTIL)


_PARTS = (
    _branch(
        NewsKind.DIRECTIVE,
        Directive,
        Directive.words,
        Directive.given_at,
        Directive.given_by,
        by_id=Directive.given_by_id,
        day=Directive.reply_by_on,
    ).where(Directive.state == DirectiveState.WAITING),
    _branch(NewsKind.DIRECTIVE_ANSWERED, Directive, Directive.answer, Directive.answered_at, Directive.answered_by).where(
        Directive.state == DirectiveState.ANSWERED
    ),
    _branch(NewsKind.MENTION, Mention, Remark.words, Remark.said_at, Remark.said_by, by_id=Remark.said_by_id, account_id=Mention.account_id).where(
        Mention.read_at.is_(None), Remark.withdrawn_at.is_(None)
    ),
    _branch(NewsKind.OBSTACLE, Obstacle, Obstacle.words, Obstacle.reported_at, Obstacle.reported_by, by_id=Obstacle.reported_by_id).where(
        Obstacle.state == ObstacleState.OPEN
    ),
    _branch(NewsKind.OBSTACLE_ANSWERED, Obstacle, Obstacle.answer, Obstacle.settled_at, Obstacle.settled_by).where(
        Obstacle.state == ObstacleState.ANSWERED
    ),
    _branch(
        NewsKind.EXTENSION, Extension, Extension.reason, Extension.asked_at, Extension.asked_by, by_id=Extension.asked_by_id, day=Extension.wished_on
    ).where(Extension.state == ExtensionState.PENDING),
    _branch(NewsKind.EXTENSION_DECIDED, Extension, Extension.answer, Extension.decided_at, Extension.decided_by, day=Extension.granted_to_on).where(
        Extension.state.in_([ExtensionState.GRANTED, ExtensionState.REFUSED])
    ),
    _branch(NewsKind.PROPOSAL, Proposal, Proposal.reason, Proposal.asked_at, Proposal.asked_by, by_id=Proposal.asked_by_id).where(
        Proposal.state == ProposalState.PENDING
    ),
    _branch(NewsKind.PROPOSAL_DECIDED, Proposal, Proposal.answer, Proposal.decided_at, Proposal.decided_by).where(
        Proposal.state.in_([ProposalState.AGREED, ProposalState.REFUSED])
    ),
)
_STATEMENT = union_all(*_PARTS).order_by("at", "kind", "id")


def between(session: Session, authority_id: int, since: datetime, until: datetime) -> list[News]:
    """What happened after ``since`` to ``until`` and still stands: what waits is unanswered, what was answered is news. The oldest first."""
    return of_several(session, [authority_id], since, until)


def of_several(session: Session, authority_ids: Collection[int], since: datetime, until: datetime) -> list[News]:
    """The same of several authorities, all together."""
    rows = session.execute(_STATEMENT, {"authority_ids": list(authority_ids), "since": since, "until": until})
    return [News(**{**row._asdict(), "kind": NewsKind(row.kind)}) for row in rows]
