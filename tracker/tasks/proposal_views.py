"""Pages of proposals: proposing, the focal point's list, deciding."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.words import translated
from tracker.tasks import access, proposal_access, service
from tracker.tasks import proposal_queries as queries
from tracker.tasks import proposal_service as proposing
from tracker.tasks.proposal_forms import DecideProposalsForm, ProposeForm
from tracker.tasks.proposal_queries import ProposalRow
from tracker.tasks.proposal_rules import KIND_WORDS, STATE_WORDS, Letter, ProposalKind, Verdict
from tracker.tasks.queries import label_of
from tracker.units.current import actor, desk
from tracker.units.rules import Action, Role
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of tasks."""
    for rule, view, methods in (
        ("/proposals", proposals_, ["GET"]),
        ("/proposals/decide", decide_proposals, ["POST"]),
        ("/proposals/<int:proposal_id>/withdraw", withdraw_proposal, ["POST"]),
        ("/tasks/<int:task_id>/propose", propose, ["GET", "POST"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)


def _task_url(authority: str, task_id: int) -> str:
    return url_for("dashboard.task_page", authority=authority, task_id=task_id)


@allows(Action.ASK_EXTENSION)
def propose(authority: str, task_id: int) -> Page:
    """Không áp dụng, do cơ quan khác cung cấp, or chờ số liệu: until the focal point has decided, the clock runs."""
    session, viewer = db.session(), desk().viewer
    task = access.task(session, viewer, task_id)
    who = proposal_access.to_propose(session, viewer, task)
    service.expect_round_open(session, task)
    form = ProposeForm(data={"version": task.version, "kind": request.args.get("kind", "")})
    if form.validate_on_submit():
        kind = ProposalKind(form.kind.data)
        with saving(form) as attempt:
            service.expect_version(task, form.version.data, f"{KIND_WORDS[kind]}: {form.reason.data}")
            proposing.propose(session, task, kind, form.reason.data, who, clock.now(), body=form.body.data, letter=_letter(form))
        if attempt.saved:
            flash(_("Đã gửi đề nghị; đầu mối sẽ quyết định. Từ nay tới lúc ấy hạn vẫn tính như thường."), "success")
            return redirect(_task_url(authority, task_id))
    task = access.task(session, viewer, task_id)
    page = render_template(
        "tasks/propose.html", form=form, label=label_of(session, task), on_behalf=who.on_behalf_of, back=_task_url(authority, task_id)
    )
    return page, 400 if request.method == "POST" else 200


def _letter(form: ProposeForm) -> Letter | None:
    if not (form.letter_number.data and form.letter_on.data and form.reply_on.data):
        return None
    return Letter(form.letter_number.data, form.letter_on.data, form.reply_on.data)


@allows(Action.ASK_EXTENSION)
def withdraw_proposal(authority: str, proposal_id: int) -> Response:
    """Rút one's own proposal that waits still."""
    session = db.session()
    one, task, who = proposal_access.to_withdraw(session, desk().viewer, proposal_id)
    proposing.withdraw(session, one, task, who, clock.now())
    db.session.commit()
    flash(_("Đã rút đề nghị; nhật ký vẫn giữ."), "success")
    return redirect(_task_url(authority, task.id))


@allows(Action.SEE_ALL_TASKS)
def proposals_(authority: str) -> Page:
    """What waits, then what was decided. Only who decides has the ticks and the buttons."""
    waiting = queries.pending(db.session())
    only = request.args.get("proposal", type=int)
    if only is not None:
        waiting = [row for row in waiting if row.id == only]
    return _list(authority, DecideProposalsForm(data={"decision": "agree"}), waiting, chosen=only is not None)


@allows(Action.DECIDE_EVIDENCE)
def decide_proposals(authority: str) -> Page:
    """Decides on the proposals that were ticked, all alike. One that is refused by the rules leaves all as they were."""
    session = db.session()
    form = DecideProposalsForm()
    rows = proposal_access.chosen(session, request.form.getlist("proposals"))
    if form.validate_on_submit():
        verdict = Verdict(form.decision.data == "agree", form.until.data, form.answer.data)
        with saving(form) as attempt:
            outcome = proposing.decide(session, rows, verdict, actor(Role.FOCAL), clock.now())
        if attempt.saved:
            if outcome.decided:
                flash(_("Đã quyết định %(count)s đề nghị.", count=outcome.decided), "success")
            for sentence in outcome.overtaken:
                flash(translated(sentence), "warning")
            return redirect(url_for("tasks.proposals_", authority=authority))
    ids = {row.id for row, _seen in rows}
    waiting = [row for row in queries.pending(session) if row.id in ids or not ids]
    return _list(authority, form, waiting, chosen=bool(ids)), 400


def _list(authority: str, form: DecideProposalsForm, waiting: Sequence[ProposalRow], *, chosen: bool) -> str:
    return render_template(
        "tasks/proposals.html",
        form=form,
        waiting=waiting,
        chosen=chosen,
        decided=queries.decided(db.session()),
        decides=desk().viewer.may(Action.DECIDE_EVIDENCE),
        kind_words=KIND_WORDS,
        state_words=STATE_WORDS,
        authority=authority,
    )
