"""The page of one task, one unit, one indicator."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from flask import Response, render_template, request

from tracker.assignments import queries as assignments
from tracker.assignments.queries import AssignmentRow
from tracker.audit import service as audit
from tracker.dashboard import rules
from tracker.dashboard.reading import Reading, reading
from tracker.dashboard.views import blueprint as blueprint
from tracker.dashboard.views import tasks_sheet
from tracker.deadlines import queries as deadlines
from tracker.deadlines.explanation_rules import tell_deadline
from tracker.evidence import access as evidence_access
from tracker.evidence import contribution_queries as contributions
from tracker.evidence import queries as evidence
from tracker.evidence import reading as evidence_reading
from tracker.evidence.contribution_rules import STATE_WORDS as CONTRIBUTION_WORDS
from tracker.evidence.queries import ProofLine
from tracker.evidence.rules import WHOLE, Completeness
from tracker.evidence.warning_rules import Window
from tracker.indicators import access as indicators_access
from tracker.indicators.rules import REQUIREMENT_WORDS, SOURCE_WORDS
from tracker.kernel.clock import ZONE
from tracker.kernel.words import phrase
from tracker.mail.rules import MessageState
from tracker.reminders import chase_queries as chasing
from tracker.reminders import link_access
from tracker.reminders import queries as reminders
from tracker.tasks import access as tasks_access
from tracker.tasks import handin_queries, handin_rules, proposal_rules
from tracker.tasks import queries as tasks
from tracker.tasks.extension_access import prospects
from tracker.tasks.extension_rules import STATE_WORDS
from tracker.tasks.handover_queries import left_behind
from tracker.tasks.proposal_access import proposals
from tracker.tasks.queries import Filters, TaskRow
from tracker.tasks.rules import OPEN, Progress
from tracker.tasks.service import closed_words
from tracker.tasks.talk_access import talk
from tracker.units import access as units_access
from tracker.units import queries as units
from tracker.units import succession_queries as successions
from tracker.units.rules import Action, UnitKind
from tracker.units.succession_rules import KIND_WORDS
from tracker.web.guards import allows
from tracker.web.words import gettext as _

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
    everything = evidence_access.sees_everything(read.viewer, task)
    proofs = [proof for proof in evidence.proofs(read.session, row.id) if everything or proof.version.unit_id in read.viewer.unit_ids]
    asked = contributions.of_task(read.session, row.id, None if everything else read.viewer.unit_ids)
    window = Window(one.data_from, one.data_to)
    doubts = evidence_reading.doubts(read.session, read.viewer, row.id, proofs, [line.asked for line in found.lines], window)
    return render_template(
        "dashboard/task.html",
        read=read,
        row=row,
        task=task,
        round=one,
        told=tell_deadline(deadlines.terms_of_round(one), read.calendar, deadlines.dates_of(one), one.started_on),
        stand=stand,
        found=found,
        doubts=doubts,
        doubtful=[proof_id for proof_id, sentences in doubts.items() if sentences],
        **_by_line(found, proofs),
        variables=evidence.variables(read.session, row.indicator_id),
        facts=assignments.by_id(read.session, row.assignment_id),
        history=_history(read, row),
        twins=tasks.twins(read.session, task),
        may=_may(read, row, stand, closed=one.closed_at is not None),
        closed=closed_words(one.name, one.closed_at) if one.closed_at else None,
        proposals=proposals(read.session, read.viewer, task, closed=one.closed_at is not None),
        proposal_words=proposal_rules,
        prospects=prospects(read.session, read.viewer, read.authority, task, row, read.calendar, read.today, closed=one.closed_at is not None),
        talk=talk(read.session, read.viewer, row.id, row.unit_id, row.status, closed=one.closed_at is not None),
        state_words=STATE_WORDS,
        contributions=asked,
        not_sent=contributions.not_sent_words(asked, read.today),
        contribution_words=CONTRIBUTION_WORDS,
        everything=everything,
        handins=handin_queries.waiting(read.session, row.id) if everything else [],
        handin_words=handin_rules,
        confirms=link_access.may_confirm(stand) and one.closed_at is None,
        authority=authority,
    )


def _by_line(found: Completeness, proofs: list[ProofLine]) -> dict[str, Any]:
    """The proofs under the line they tick; what ticks none, or a line no longer asked for, stands apart."""
    if found.lines[0].slot == WHOLE:
        return {"lines": [(found.lines[0], proofs)], "loose": []}
    lines = [(line, [proof for proof in proofs if proof.slot == line.slot]) for line in found.lines]
    placed = {proof.id for _line, ticked in lines for proof in ticked}
    return {"lines": lines, "loose": [proof for proof in proofs if proof.id not in placed]}


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
        "review": decides and row.status in (Progress.READY, Progress.ACCEPTED),
        "send_back": row.status is Progress.PREPARED and row.unit_id in read.viewer.head_unit_ids,
        "contribute": stand is not None and stand.leads and row.status in OPEN and row.assignment_id is not None,
        "former": stand is not None and stand.leads and row.status in OPEN and row.indicator_id is not None,
        "set_aside": decides and row.status in OPEN,
        "resume": decides and row.status in (Progress.NOT_APPLICABLE, Progress.SUPPLIED_ELSEWHERE),
        "chase": read.viewer.may(Action.CHASE) and row.status in OPEN,
    }
    return dict.fromkeys(found, False) if closed else found


def _history(read: Reading, row: TaskRow) -> list[dict[str, Any]]:
    """Audit events, reminders and other chasing of one task, newest first; a cooperator is told what it did itself."""
    whole = read.seen_by is None or row.unit_id in read.viewer.unit_ids
    found = [e for e in audit.history(read.session, row.authority_id, "task", row.id) if whole or e.account_id == read.viewer.account_id]
    events = [(e.at, {"when": e.at, "who": e.actor, "what": e.summary}) for e in found]
    chases = read.viewer.may(Action.CHASE)
    for said in reminders.said_about(read.session, row.id) if whole else ():
        at = said.finished_at or datetime.combine(said.planned_on, PLANNED_AT, ZONE)
        state = _("đã gửi") if said.state is MessageState.SENT else _("chưa gửi")
        events.append(
            (
                at,
                {"when": at, "who": _("Hệ thống"), "what": _("Nhắc %(to)s, %(state)s.", to=said.recipient if chases else row.unit_name, state=state)},
            )
        )
    noted = chasing.noted_about(read.session, row.id) if whole else ()
    events += [(one.at, {"when": one.at, "who": one.by, "what": phrase("%(means)s: %(words)s", means=one.means, words=one.words)}) for one in noted]
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
        chased=chasing.last_chases(read.session, read.authority, [unit.id]).get(unit.id),
        names=successions.names_of(read.session, unit.id),
        changes=[(KIND_WORDS[row.succession.kind], row) for row in successions.of_unit(read.session, unit.id)],
        left=left_behind(read.session, read.today, unit.id) if unit.valid_to and read.viewer.may(Action.MANAGE_ASSIGNMENTS) else [],
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
        checklist=evidence.checklist(read.session, indicator.id),
        requirement_words=REQUIREMENT_WORDS,
        source_words=SOURCE_WORDS,
        may_add=read.viewer.may(Action.MANAGE_ASSIGNMENTS),
        assignments=_newest_first(assignments.of_indicator(read.session, read.authority.id, indicator.id)),
        rows=rows,
        authority=authority,
    )


def _newest_first(rows: list[AssignmentRow]) -> list[AssignmentRow]:
    return sorted(rows, key=lambda row: (row.assignment.valid_from, row.assignment.id), reverse=True)
