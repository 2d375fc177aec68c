"""The focal point looks at the documents of a task one by one, the proof beside the decision."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tracker.deadlines import queries as deadlines
from tracker.evidence import queries, review_service
from tracker.evidence.reading import doubts
from tracker.evidence.review_service import Terms, Verdict
from tracker.evidence.rules import STATE_WORDS
from tracker.evidence.warning_rules import Window
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.words import joined, phrase
from tracker.tasks import access as tasks_access
from tracker.tasks import service as tasks
from tracker.tasks.models import Task
from tracker.tasks.rules import CAUSE_WORDS, Horizon, ReturnCause
from tracker.units import access as units_access
from tracker.units.current import Desk, actor, desk
from tracker.units.rules import Action
from tracker.web.guards import allows
from tracker.web.words import gettext as _


def install(blueprint: Blueprint) -> None:
    """Hangs the pages of the review on the room's blueprint."""
    blueprint.add_url_rule("/tasks/<int:task_id>/review", view_func=review, methods=["GET", "POST"])


@allows(Action.DECIDE_EVIDENCE)
def review(authority: str, task_id: int) -> str | Response | tuple[str, int]:
    """Every document with its particulars, doubts and files; accept or return each. What was chosen stays on the page when something is refused."""
    session, here = db.session(), desk()
    task = tasks_access.task(session, here.viewer, task_id)
    lines = queries.proofs(session, task_id)
    refusal: Refused | None = None
    if request.method == "POST":
        tasks.expect_version(task, request.form.get("version", 0, type=int), _in_words(request.form, lines))
        try:
            review_service.review(session, task, lines, _verdicts(request.form, lines), actor(), clock.now(), terms=_terms(task, here))
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            refusal = refused
        else:
            flash(_("Đã ghi quyết định về từng tài liệu."), "success")
            return redirect(url_for("dashboard.task_page", authority=authority, task_id=task_id))
    task = tasks_access.task(session, here.viewer, task_id)
    one, asked = deadlines.round_by_id(session, task.round_id), queries.checklist(session, task.indicator_id)
    calendar = deadlines.working_calendar(session)
    page = render_template(
        "evidence/review.html",
        row=tasks_access.task_row(session, here.viewer, task_id, calendar, Horizon.of(calendar, clock.today(), here.authority)),
        lines=lines,
        doubts=doubts(session, here.viewer, task_id, lines, asked, Window(one.data_from, one.data_to)),
        names={line.slot: line.name for line in asked},
        typed=request.form,
        refusal=refusal,
        causes=[("", _("Chọn lý do"))] + [(cause.value, words) for cause, words in CAUSE_WORDS.items()],
        state_words=STATE_WORDS,
        back=url_for("dashboard.task_page", authority=authority, task_id=task_id),
        authority=authority,
    )
    return page, 400 if refusal else 200


def _terms(task: Task, here: Desk) -> Terms:
    session = db.session()
    return Terms(
        one=deadlines.round_by_id(session, task.round_id),
        calendar=deadlines.working_calendar(session),
        mend_days=here.authority.mend_days,
        own=units_access.is_own(session, here.viewer, task.unit_id),
        own_allowed=here.authority.own_acceptance,
    )


def _verdicts(typed: MultiDict[str, str], lines: list[queries.ProofLine]) -> dict[int, Verdict]:
    found = {}
    for line in lines:
        decision = typed.get(f"decision-{line.id}")
        cause = typed.get(f"cause-{line.id}", "")
        if decision == "accept":
            found[line.id] = Verdict(accepted=True)
        elif decision == "return":
            words = typed.get(f"words-{line.id}", "")
            found[line.id] = Verdict(False, ReturnCause(cause) if cause in set(ReturnCause) else None, words)
    return found


def _in_words(typed: MultiDict[str, str], lines: list[queries.ProofLine]) -> str:
    """What the person chose, for two versions side by side."""
    said = []
    for line in lines:
        verdict = _verdicts(typed, [line]).get(line.id)
        if verdict is not None:
            said.append(
                phrase(
                    "%(version)s: %(verdict)s",
                    version=line.version.title,
                    verdict=phrase("xác nhận") if verdict.accepted else phrase("trả lại") + " – " + verdict.sentence,
                )
            )
    return joined("; ", said)
