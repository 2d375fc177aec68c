"""Chuyển giao in steps, each a plain form: who hands over and when; what to whom; the preview; done, with a way back the same day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn, parse_date_vn
from tracker.tasks import handover_access as access
from tracker.tasks import handover_queries as handovers
from tracker.tasks import handover_service as service
from tracker.tasks.handover_forms import HandoverForm, targets_form
from tracker.tasks.handover_queries import Item, Source
from tracker.tasks.handover_rules import LINE_WORDS, SPREAD_WORDS, LineKind, Spread, Ticket, day_problem, undo_problem
from tracker.tasks.handover_service import Choice, Planned, Wish
from tracker.units import queries as units
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.units.succession_rules import Heir, SuccessionKind, heirs_words
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]
TARGET = "target"


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of tasks."""
    for rule, view, methods in (
        ("/handovers", handovers_, ["GET"]),
        ("/handovers/new", new_handover, ["GET", "POST"]),
        ("/handovers/<int:handover_id>", handover, ["GET"]),
        ("/handovers/<int:handover_id>/undo", undo_handover, ["POST"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)


@dataclass(frozen=True, slots=True)
class Desktop:
    """Everything the steps after the first work on."""

    source: Source
    since: date
    spread: Spread
    items: list[Item]
    receivers: list[tuple[int, str]]
    following: list[Heir]

    @property
    def divided(self) -> bool:
        """Whether several followed the source: which gets what no rule says, so nothing is proposed."""
        return len(self.following_ids) > 1

    @property
    def following_ids(self) -> set[int]:
        return {unit_id for heir in self.following if heir.kind is not SuccessionKind.RENAME for unit_id in heir.unit_ids}

    def field_of(self, item: Item) -> str:
        """The name of the select that says where a thing goes."""
        if self.spread is Spread.EACH:
            return f"{TARGET}-{item.kind.value}-{item.ticket.id}"
        return f"{TARGET}-main-{item.main_id}" if self.spread is Spread.MAIN and item.main_id else TARGET


@allows(Action.MANAGE_ASSIGNMENTS)
def handovers_(authority: str) -> Page:
    """The first step, and what was handed over before."""
    return _start()


def _start(problem: str | None = None) -> str:
    session, today = db.session(), clock.today()
    left = {one.unit_id: one for one in handovers.left_behind(session, today)}
    known = sorted(units.units(session), key=lambda u: (u.id not in left, u.position, u.id))
    return render_template(
        "tasks/handovers.html",
        units=[
            (u.slug, _("%(name)s – còn %(count)s nhiệm vụ chưa chuyển", name=u.name, count=left[u.id].tasks) if u.id in left else u.name)
            for u in known
        ],
        people=access.people_here(session, today, serving=True),
        left=list(left.values()),
        spreads=list(SPREAD_WORDS.items()),
        on=request.args.get("on") or date_vn(today),
        problem=problem,
        committed=handovers.committed(session),
        authority=desk().authority.slug,
    )


def _day_asked() -> date:
    text = request.args.get("on", "").strip()
    try:
        return date.fromisoformat(text) if text[:4].isdigit() else parse_date_vn(text)
    except ValueError:
        raise Refused(_("“%(text)s” không phải là một ngày có thật; đồng chí viết như 02/12/2026.", text=text), "on") from None


def _desktop() -> Desktop:
    """Reads the address: who hands over, from which day, how targets are chosen. Raises Refused, NotFound."""
    session, here, today = db.session(), desk(), clock.today()
    source = access.source(session, request.args.get("unit", ""), request.args.get("person", 0, type=int))
    since = _day_asked()
    wrong = day_problem(since, today)
    if wrong:
        raise Refused(wrong, "on")
    asked = request.args.get("spread", "")
    spread = Spread(asked) if asked in set(Spread) else Spread.ONE
    items = access.offered(session, here.authority, source, since, today)
    if source.unit is None:
        people = [(id_, name) for id_, name in access.people_here(session, today, serving=False) if source.account and id_ != source.account.id]
        return Desktop(source, since, Spread.ONE if spread is Spread.MAIN else spread, items, people, [])
    receivers, following = access.receivers(session, source.unit, since)
    found = Desktop(source, since, spread, items, [(u.id, u.name) for u in receivers], following)
    # Several followed the unit: each thing is given its place by a person, one by one.
    return found if not found.divided else Desktop(source, since, Spread.EACH, items, found.receivers, following)


@allows(Action.MANAGE_ASSIGNMENTS)
def new_handover(authority: str) -> Page:
    """The steps after the first: choose, look at it, do it."""
    if not request.args:
        return redirect(url_for("tasks.handovers_", authority=authority))
    try:
        desktop = _desktop()
    except Refused as refusal:
        if refusal.field is None:
            raise
        return _start(refusal.message), 400
    if request.method == "GET":
        return _choose(desktop, HandoverForm(formdata=None, effective_on=desktop.since), {str(item.ticket) for item in desktop.items})
    form = HandoverForm()
    ticked = set(request.form.getlist("lines"))
    if request.form.get("do") == "edit":
        return _choose(desktop, HandoverForm(), ticked | set(request.form.getlist("stays")))
    if not form.validate() or not ticked:
        if not ticked:
            form.form_errors.append(_("Đồng chí chọn ít nhất một mục để chuyển giao."))
        return _choose(desktop, form, ticked), 400
    choices = _choices(desktop, ticked)
    wish = Wish(desktop.source, desktop.since, form.reason.data, form.document.data or "")
    if request.form.get("do") == "commit":
        with saving(form) as attempt:
            made = service.commit(db.session(), desk().authority.id, wish, desktop.items, choices, actor(), clock.now())
            made_id, count = made.id, len(choices)
        if attempt.saved:
            flash(_("Đã chuyển giao %(count)s mục. Hoàn tác được trong hôm nay.", count=count), "success")
            return redirect(url_for("tasks.handover", authority=authority, handover_id=made_id))
        desktop = _desktop()
        wish = Wish(desktop.source, desktop.since, form.reason.data, form.document.data or "")
        return _preview(desktop, form, service.preview(db.session(), wish, desktop.items, choices, clock.today())), 400
    return _preview(desktop, form, service.preview(db.session(), wish, desktop.items, choices, clock.today()))


def _choices(desktop: Desktop, ticked: set[str]) -> list[Choice]:
    """What was ticked, each with the target of its select; what the page did not offer is carried on, to be called stale."""
    by_ticket = {str(item.ticket): item for item in desktop.items}
    found = []
    for text in sorted(ticked):
        ticket = Ticket.read(text)
        if ticket is None:
            raise Refused(_("Một mục đã chọn không đọc được; đồng chí mở lại trang rồi chọn lại."))
        item = by_ticket.get(text)
        found.append(Choice(ticket, request.form.get(desktop.field_of(item), type=int) if item else None))
    return found


def _choose(desktop: Desktop, form: HandoverForm, ticked: set[str]) -> str:
    names: dict[str, str] = {}
    for item in desktop.items:
        label = item.main_label if desktop.spread is Spread.MAIN else _("Nơi nhận: %(item)s", item=item.label)
        names.setdefault(desktop.field_of(item), label)
    if TARGET in names:
        names[TARGET] = _("Các mục khác") if desktop.spread is Spread.MAIN else _("Nơi nhận")
    proposed = next(iter(desktop.following_ids)) if len(desktop.following_ids) == 1 else None
    chosen = {name: request.form.get(name, type=int) if request.method == "POST" else proposed for name in names}
    return render_template(
        "tasks/handover_new.html",
        desktop=desktop,
        form=form,
        targets=targets_form(names, desktop.receivers, chosen),
        names=list(names),
        sections=[(LINE_WORDS[kind], found) for kind in LineKind if (found := [i for i in desktop.items if i.kind is kind])],
        ticked=ticked,
        each=desktop.spread is Spread.EACH,
        heirs=heirs_words(desktop.following),
        staying=handovers.staying(db.session(), desktop.source.unit.id) if desktop.source.unit else 0,
        here=_here(desktop),
        authority=desk().authority.slug,
    )


def _here(desktop: Desktop) -> str:
    """The address of these steps: what the first one said."""
    unit, account = desktop.source.unit, desktop.source.account
    return url_for(
        "tasks.new_handover",
        authority=desk().authority.slug,
        unit=unit.slug if unit else None,
        person=account.id if account else None,
        on=desktop.since.isoformat(),
        spread=desktop.spread.value,
    )


def _preview(desktop: Desktop, form: HandoverForm, planned: Sequence[Planned]) -> str:
    carried = [(name, value) for name, value in request.form.items() if name.startswith(TARGET)]
    return render_template(
        "tasks/handover_preview.html",
        desktop=desktop,
        form=form,
        going=[line for line in planned if line.why_not is None],
        staying=[line for line in planned if line.why_not is not None],
        words=LINE_WORDS,
        carried=carried,
        here=_here(desktop),
        authority=desk().authority.slug,
    )


@allows(Action.MANAGE_ASSIGNMENTS)
def handover(authority: str, handover_id: int) -> Page:
    """What was handed over; the same day, the way back."""
    session = db.session()
    one = access.handover(session, handover_id)
    return render_template(
        "tasks/handover.html",
        one=one,
        source=access.source_of(session, one),
        rows=handovers.named_lines(session, one.id),
        words=LINE_WORDS,
        why_not=undo_problem(one.committed_at, one.undone_at, clock.now()),
        authority=authority,
    )


@allows(Action.MANAGE_ASSIGNMENTS)
def undo_handover(authority: str, handover_id: int) -> Response:
    """Puts everything back, where nobody has worked on it since."""
    session = db.session()
    one = access.handover(session, handover_id)
    service.undo(session, one, access.source_of(session, one), request.form.get("version", 0, type=int), actor(), clock.now())
    session.commit()
    flash(_("Đã hoàn tác chuyển giao; mọi mục về lại nơi cũ."), "success")
    return redirect(url_for("tasks.handover", authority=authority, handover_id=handover_id))
