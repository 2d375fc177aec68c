"""The page of one task, one unit, one indicator; search."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext as _

from tracker.assignments import queries as assignments
from tracker.assignments.queries import AssignmentRow
from tracker.audit import service as audit
from tracker.dashboard import queries, rules
from tracker.dashboard.reading import Reading, reading
from tracker.dashboard.views import blueprint as blueprint
from tracker.dashboard.views import tasks_sheet
from tracker.deadlines import queries as deadlines
from tracker.deadlines.explanation_rules import tell_deadline
from tracker.evidence import access as evidence_access
from tracker.evidence import queries as evidence
from tracker.indicators import access as indicators_access
from tracker.indicators.queries import requirements_by_indicator
from tracker.kernel.clock import ZONE
from tracker.mail.rules import MessageState
from tracker.reminders import queries as reminders
from tracker.tasks import access as tasks_access
from tracker.tasks import queries as tasks
from tracker.tasks.extension_access import prospects
from tracker.tasks.extension_rules import STATE_WORDS
from tracker.tasks.queries import Filters, TaskRow
from tracker.tasks.rules import OPEN, Progress
from tracker.tasks.service import closed_words
from tracker.units import access as units_access
from tracker.units import queries as units
from tracker.units.rules import Action, UnitKind
from tracker.web.guards import allows

#: Where a reminder that has not gone out stands in a history: the morning of its day.
PLANNED_AT = time(7, 30)


@blueprint.get("/tasks/<int:task_id>")
@allows(Action.SEE_TASKS)
def task_page(authority: str, task_id: int) -> str:
    """One task: its deadline and why, its checklist, its history, and what this person may do."""
    read = reading()
    row = tasks_access.task_row(read.session, read.viewer, task_id, read.calendar, read.horizon)
    task = tasks_access.task(read.session, read.viewer, task_id)
    one = deadlines.round_by_id(read.session, row.round_id)
    stand = evidence_access.standpoint(read.session, read.viewer, task)
    found = evidence.completeness_of(read.session, [(row.id, row.indicator_id)])[row.id]
    proofs = evidence.proofs(read.session, row.id)
    return render_template(
        "dashboard/task.html",
        read=read,
        row=row,
        task=task,
        round=one,
        told=tell_deadline(deadlines.terms_of_round(one), read.calendar, deadlines.dates_of(one), one.started_on),
        stand=stand,
        found=found,
        lines=[(line, [p for p in proofs if p.requirement_id == line.id or line.id is None]) for line in found.lines],
        loose=[p for p in proofs if p.requirement_id is None] if found.lines and found.lines[0].id is not None else [],
        variables=evidence.variables(read.session, row.indicator_id),
        facts=assignments.by_id(read.session, row.assignment_id),
        history=_history(read, row),
        twins=tasks.twins(read.session, task),
        may=_may(read, row, stand, closed=one.closed_at is not None),
        closed=closed_words(one.name, one.closed_at) if one.closed_at else None,
        prospects=prospects(read.session, read.viewer, read.authority, task, row, read.calendar, read.today, closed=one.closed_at is not None),
        state_words=STATE_WORDS,
        authority=authority,
    )


def _may(read: Reading, row: TaskRow, stand: Any, *, closed: bool) -> dict[str, bool]:
    """What this person may do with the task now; in a closed round nothing."""
    decides = read.viewer.may(Action.DECIDE_EVIDENCE)
    own = row.unit_id in read.viewer.unit_ids or row.unit_focal
    waits_for_head = row.status is Progress.PREPARED and stand is not None and not stand.is_head
    found = {
        "bring": stand is not None and row.status in OPEN,
        "report": stand is not None and stand.leads and row.status in OPEN and not waits_for_head,
        "accept": decides and row.status is Progress.READY and (not own or read.authority.own_acceptance),
        "accept_forbidden": decides and row.status is Progress.READY and own and not read.authority.own_acceptance,
        "return": decides and row.status in (Progress.READY, Progress.ACCEPTED, Progress.PREPARED),
        "set_aside": decides and row.status in OPEN,
        "resume": decides and row.status in (Progress.NOT_APPLICABLE, Progress.SUPPLIED_ELSEWHERE),
        "chase": read.viewer.may(Action.CHASE) and row.status in OPEN,
    }
    return dict.fromkeys(found, False) if closed else found


def _history(read: Reading, row: TaskRow) -> list[dict[str, Any]]:
    """Audit events and reminders of one task, newest first."""
    events = [(e.at, {"when": e.at, "who": e.actor, "what": e.summary}) for e in audit.history(read.session, row.authority_id, "task", row.id)]
    chases = read.viewer.may(Action.CHASE)
    for said in reminders.said_about(read.session, row.id):
        at = said.finished_at or datetime.combine(said.planned_on, PLANNED_AT, ZONE)
        state = _("đã gửi") if said.state is MessageState.SENT else _("chưa gửi")
        events.append(
            (
                at,
                {"when": at, "who": _("Hệ thống"), "what": _("Nhắc %(to)s, %(state)s.", to=said.recipient if chases else row.unit_name, state=state)},
            )
        )
    return [event for _at, event in sorted(events, key=lambda pair: pair[0], reverse=True)]


@blueprint.get("/units/<slug>")
@allows(Action.SEE_LIBRARY)
def unit_page(authority: str, slug: str) -> str | Response:
    """One unit: its people, its tasks, the groups it belongs to, its members."""
    read = reading()
    unit = units_access.unit_by_slug(read.session, slug)
    members = units.members_of(read.session, [unit.id], read.today).get(unit.id, []) if unit.kind is UnitKind.GROUP else []
    shown = frozenset({unit.id, *(member.id for member in members)})
    rows = tasks.listed(read.session, Filters(unit_ids=shown), read.calendar, read.horizon, seen_by=read.seen_by)
    if request.args.get("export") == "xlsx":
        return tasks_sheet(read, rows)
    return render_template(
        "dashboard/unit.html",
        read=read,
        unit=unit,
        rows=rows,
        counts=rules.counted(rows),
        members=members,
        groups=units.groups_of(read.session, [unit.id], read.today).get(unit.id, []),
        aliases=units.aliases(read.session, [unit.id]).get(unit.id, []),
        # Personal contacts are for who works with the unit: its own people, and those who chase it.
        people=units.people_of_unit(read.session, unit.id, read.today) if read.seen_by is None or unit.id in read.viewer.unit_ids else None,
        chased=queries.last_chases(read.session, [unit.id]).get(unit.id),
        authority=authority,
    )


@blueprint.get("/indicators/<set_slug>/<code>")
@allows(Action.SEE_LIBRARY)
def indicator_page(authority: str, set_slug: str, code: str) -> str | Response:
    """One indicator: what it asks for, who does it, its tasks in every round."""
    read = reading()
    found = indicators_access.readable_set(read.session, set_slug, read.authority.id)
    indicator = indicators_access.indicator(read.session, found.id, code)
    rows = tasks.listed(read.session, Filters(indicator_id=indicator.id, current=False), read.calendar, read.horizon, seen_by=read.seen_by)
    if request.args.get("export") == "xlsx":
        return tasks_sheet(read, rows)
    return render_template(
        "dashboard/indicator.html",
        read=read,
        set=found,
        indicator=indicator,
        requirements=requirements_by_indicator(read.session, [indicator.id]).get(indicator.id, []),
        variables=evidence.variables(read.session, indicator.id),
        assignments=_newest_first(assignments.of_indicator(read.session, read.authority.id, indicator.id)),
        rows=rows,
        authority=authority,
    )


def _newest_first(rows: list[AssignmentRow]) -> list[AssignmentRow]:
    return sorted(rows, key=lambda row: (row.assignment.valid_from, row.assignment.id), reverse=True)


@blueprint.get("/search")
@allows(Action.SEE_LIBRARY)
def search(authority: str) -> str:
    """Indicators, units and tasks by code or words, with or without diacritics."""
    read = reading()
    text = (request.args.get("q") or "").strip()[:100]
    return render_template(
        "dashboard/search.html",
        read=read,
        q=text,
        hits=queries.search(read.session, text) if text else None,
        rows=tasks.listed(read.session, Filters(text=text), read.calendar, read.horizon, seen_by=read.seen_by, limit=queries.SEARCH_LIMIT)
        if text
        else [],
        authority=authority,
    )
