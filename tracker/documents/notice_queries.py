"""What a notice of assignment is written from: the assignments of a document in force on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from tracker.assignments import queries as assignments
from tracker.assignments.models import Notice
from tracker.assignments.queries import AssignmentRow
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import Round
from tracker.deadlines.rules import RuleKind
from tracker.documents.letter_queries import issuer_of
from tracker.documents.letter_rules import Basis
from tracker.documents.notice_rules import Assigned, Assigning, Part
from tracker.evidence import queries as evidence
from tracker.indicators import queries as indicators
from tracker.indicators.models import Indicator, IndicatorSet
from tracker.kernel.vietnamese import date_vn
from tracker.units.models import Authority


def assigning(session: Session, authority: Authority, notice: Notice, day: date, one: Round | None = None) -> Assigning:
    """A notice's assignments in force on ``day``, set by set. ``one``: the round its days are of; without it the document's own words.

    Needs a scope of the authority.
    """
    by_set: dict[int, list[AssignmentRow]] = defaultdict(list)
    for row in assignments.of_notice(session, notice, day):
        by_set[row.indicator.set_id].append(row)
    wordings = _wordings(session, notice)
    last_on = one.last_on if one else None
    parts = []
    for found in assignments.sets_of_notice(session, notice):
        if by_set[found.id]:
            due = date_vn(last_on) if last_on else "; ".join(wordings[found.id])
            parts.append(Part(found.title, _source(found, notice), tuple(_rows(session, found.id, by_set[found.id], due))))
    every = list(dict.fromkeys(wording for part in wordings.values() for wording in part))
    said = (notice.document_type, notice.number, notice.issued_on, notice.issuer, notice.title, every[0] if len(every) == 1 else "")
    return Assigning(issuer_of(session, authority), Basis(*said), notice.slug, day, tuple(parts), last_on)


def _source(found: IndicatorSet, notice: Notice) -> Basis | None:
    """The document a set comes from; None where that is the notice itself, or has no number to name it by."""
    if not found.document_number or found.document_number == notice.number:
        return None
    return Basis(found.document_type or "Văn bản", found.document_number, found.issued_on, found.issuer or "", f"ban hành {found.title}", "")


def _wordings(session: Session, notice: Notice) -> dict[int, list[str]]:
    """Set → the deadlines the notice states for handing in its proofs, in printed order."""
    rules = [rule for rule in deadlines.rules(session) if rule.notice_id == notice.id and rule.kind is RuleKind.COLLECTION]
    found: dict[int, list[str]] = defaultdict(list)
    for rule in rules:
        for one in deadlines.sets_by_rule(session, [rule.id])[rule.id]:
            if rule.wording not in found[one.id]:
                found[one.id].append(rule.wording)
    return found


def _rows(session: Session, set_id: int, given: Sequence[AssignmentRow], due: str) -> list[Assigned]:
    """The assigned indicators with what stands above them in the set, in its order."""
    rows = {row.id: row for row in indicators.indicators(session, set_id)}
    leads = {one.indicator.id: one for one in given}
    wanted = set(leads)
    for indicator_id in leads:
        above = rows[indicator_id].parent_id
        while above is not None:
            wanted.add(above)
            above = rows[above].parent_id
    asked = evidence.checklists(session, leads)
    return [_assigned(row, leads.get(row.id), tuple(one.name for one in asked[row.id]), due) for row in rows.values() if row.id in wanted]


def _assigned(row: Indicator, one: AssignmentRow | None, proofs: tuple[str, ...], due: str) -> Assigned:
    if one is None:
        return Assigned(row.code, row.name, None, (), (), "")
    return Assigned(row.code, row.name, one.lead.name, tuple(unit.name for unit in one.cooperators), proofs, due)
