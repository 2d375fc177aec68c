"""What an office intends with its deadline rules: keep one, put one right, stop using one. Rounds already opened keep their dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from tracker.assignments import access as assignments
from tracker.assignments.models import Notice
from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.deadlines import queries
from tracker.deadlines.models import DeadlineRule, RuleSet
from tracker.deadlines.rules import PERIOD_MONTHS, Readings, RuleKind
from tracker.deadlines.stated_rules import LABELS, Stated, check, in_words, tidied
from tracker.indicators import queries as indicators
from tracker.indicators.models import IndicatorSet
from tracker.kernel.clock import local_day
from tracker.kernel.errors import NotFound, Refused, Stale
from tracker.kernel.vietnamese import clean, date_vn, join_and, slugify
from tracker.kernel.words import phrase
from tracker.units import access as units
from tracker.units.models import Authority
from tracker.units.rules import RESERVED_SLUGS


def create_rule(
    session: Session, actor: Actor, authority: Authority, stated: Stated, *, notice: str, sets: Sequence[str], now: datetime
) -> DeadlineRule:
    """A rule at the end of the list, with an address made of its name. ``notice`` and ``sets`` are slugs.

    Raises Refused with the field at fault.
    """
    _hold(session, authority.id)
    stated = tidied(stated)
    chosen_notice, chosen_sets = _checked(session, authority, stated, notice, sets, [], local_day(now))
    _refuse_second(session, stated, chosen_sets, None)
    last = session.scalars(select(func.max(DeadlineRule.position)).where(DeadlineRule.authority_id == authority.id)).one()
    rule = DeadlineRule(
        authority_id=authority.id,
        notice_id=chosen_notice.id,
        slug=_free_slug(session, authority.id, stated.name),
        position=0 if last is None else last + 1,
        active=True,
        **_columns(stated),
    )
    session.add(rule)
    session.flush()
    _ask_for(session, rule, chosen_sets)
    said = _said(stated, chosen_notice, chosen_sets)
    audit.record(
        session,
        actor,
        "rule.created",
        f"Thêm quy tắc thời hạn “{stated.name}” theo câu “{stated.wording}”.",
        now=now,
        authority_id=authority.id,
        subject=("rule", rule.id),
        changes={part: (None, words) for part, words in said.items() if words != "–"},
    )
    return rule


def edit_rule(
    session: Session,
    actor: Actor,
    authority: Authority,
    rule: DeadlineRule,
    stated: Stated,
    *,
    notice: str,
    sets: Sequence[str],
    version: int,
    now: datetime,
) -> None:
    """Puts a rule right for the rounds to come. Its address stays; so does its wording once it has opened a round.

    Raises Stale where the form shows an older version, Refused with the field at fault.
    """
    _hold(session, authority.id)
    session.refresh(rule)
    _refuse_ended(rule)
    stated, former = tidied(stated), rule.name
    kept_sets = queries.sets_by_rule(session, [rule.id]).get(rule.id, [])
    old = _said(stated_of(rule), queries.notice_of(session, rule), kept_sets)
    if stated.wording != rule.wording and queries.has_opened(session, rule):
        raise Refused("Quy tắc đã mở đợt nên câu chữ gốc được giữ nguyên; nếu văn bản ghi khác, đồng chí ngừng dùng rồi thêm quy tắc mới.", "wording")
    chosen_notice, chosen_sets = _checked(session, authority, stated, notice, sets, kept_sets, local_day(now))
    new = _said(stated, chosen_notice, chosen_sets)
    expect_version(rule, version, old, new)
    _refuse_second(session, stated, chosen_sets, rule)
    changes = {part: (old[part], new[part]) for part in LABELS if old[part] != new[part]}
    if changes:
        _change(session, rule, stated, chosen_notice, chosen_sets if "sets" in changes else None)
        summary = f"Sửa quy tắc thời hạn “{former}”: {join_and(LABELS[part] for part in changes)}."
        audit.record(session, actor, "rule.changed", summary, now=now, authority_id=authority.id, subject=("rule", rule.id), changes=changes)


def _change(session: Session, rule: DeadlineRule, stated: Stated, notice: Notice, sets: Sequence[IndicatorSet] | None) -> None:
    """``sets`` is None where they stay."""
    for column, value in _columns(stated).items():
        setattr(rule, column, value)
    rule.notice_id = notice.id
    # Other sets alone are a new version of the rule, too.
    flag_modified(rule, "name")
    session.flush()
    if sets is not None:
        _ask_for(session, rule, sets)


def end_rule(session: Session, actor: Actor, rule: DeadlineRule, reason: str, *, version: int, now: datetime) -> None:
    """No further rounds; those open stay as they are. Raises Stale, Refused (field ``reason``)."""
    _hold(session, rule.authority_id)
    session.refresh(rule)
    reason = clean(reason)
    if not reason:
        raise Refused("Đồng chí ghi lý do ngừng dùng, ví dụ văn bản nào thay thế.", field="reason")
    _refuse_ended(rule)
    expect_version(rule, version, {"name": rule.name}, {"name": phrase("Ngừng dùng: %(reason)s", reason=reason)})
    rule.active = False
    audit.record(
        session,
        actor,
        "rule.ended",
        f"Ngừng dùng quy tắc thời hạn “{rule.name}”: {reason}",
        now=now,
        authority_id=rule.authority_id,
        subject=("rule", rule.id),
        changes={"active": ("Đang dùng", "Ngừng dùng"), "reason": (None, reason)},
    )
    session.flush()


def expect_version(rule: DeadlineRule, version: int, theirs: Mapping[str, str], yours: Mapping[str, str]) -> None:
    """Refuses a form opened before somebody else saved. Raises Stale with both versions in words."""
    if rule.version != version:
        raise Stale(
            "Quy tắc này vừa được người khác lưu; chưa lưu gì cả.",
            theirs={LABELS[part]: words for part, words in theirs.items()},
            yours={LABELS[part]: words for part, words in yours.items()},
        )


def stated_of(rule: DeadlineRule) -> Stated:
    """A kept rule as somebody would state it."""
    ends = rule.stated_window
    return Stated(
        name=rule.name,
        kind=rule.kind,
        wording=rule.wording,
        place=rule.place,
        schedule=rule.schedule,
        month=rule.month,
        day=rule.day,
        months_after=rule.months_after,
        boundary=rule.boundary,
        roll=rule.roll,
        term_length=rule.term_length,
        term_unit=rule.term_unit,
        trigger=rule.trigger,
        window=rule.window,
        window_from=(ends.from_day, ends.from_month) if ends else None,
        window_from_last_year=bool(ends and ends.from_last_year),
        window_to=(ends.to_day, ends.to_month) if ends else None,
        opens_days_before=rule.opens_days_before,
        upward=rule.upward,
        check_days=rule.check_days,
        sign_days=rule.sign_days,
        note=rule.note,
    )


def notice_words(notice: Notice) -> str:
    """A document as people call it: «Thông báo 01/TB-UBND ngày 05/01/2026, Phân công …»."""
    number = f" {notice.number}" if notice.number else ""
    issued = phrase(" ngày %(issued_on)s", issued_on=date_vn(notice.issued_on)) if notice.issued_on else ""
    return phrase(
        "%(document_type)s%(number)s%(issued)s, %(notice)s", document_type=notice.document_type, number=number, issued=issued, notice=notice.title
    )


def readings_of(authority: Authority) -> Readings:
    """How the office reads what no statute settles, today."""
    return Readings(before_counts_day=authority.before_counts_day, fixed_dates_roll=authority.fixed_dates_roll)


def _columns(stated: Stated) -> dict[str, object]:
    names = (
        "name", "kind", "wording", "place", "schedule", "month", "day", "months_after", "boundary", "roll", "term_length", "term_unit", "trigger",
        "window", "window_from_last_year", "opens_days_before", "upward", "check_days", "sign_days", "note",
    )  # fmt: skip
    (from_day, from_month), (to_day, to_month) = stated.window_from or (None, None), stated.window_to or (None, None)
    ends = {"window_from_day": from_day, "window_from_month": from_month, "window_to_day": to_day, "window_to_month": to_month}
    return {name: getattr(stated, name) for name in names} | ends


def _said(stated: Stated, notice: Notice, sets: Sequence[IndicatorSet]) -> dict[str, str]:
    """Every part in words, its document and sets among them, in the order of LABELS."""
    words = in_words(stated) | {"notice": notice_words(notice), "sets": "; ".join(one.title for one in sets) or "–"}
    return {part: words[part] for part in LABELS}


def _hold(session: Session, authority_id: int) -> None:
    """Rules of an authority are changed one at a time, and no round opens meanwhile: two people cannot make two rules for one period."""
    units.hold(session, authority_id)


def _checked(
    session: Session, authority: Authority, stated: Stated, notice: str, sets: Sequence[str], kept: Sequence[IndicatorSet], day: date
) -> tuple[Notice, list[IndicatorSet]]:
    """The notice and the sets that the slugs name, of a rule that can be. A set the rule asks for already may have been laid aside since."""
    check(stated, queries.working_calendar(session), readings_of(authority), day)
    try:
        chosen_notice = assignments.notice(session, authority.id, notice)
    except NotFound:
        raise Refused("Đồng chí chọn văn bản trong danh sách văn bản của cơ quan.", field="notice") from None
    offered = {one.slug: one for one in [*indicators.adopted_sets(session, authority.id, day), *kept]}
    if any(slug not in offered for slug in sets):
        raise Refused("Đồng chí chọn trong các bộ chỉ số cơ quan đang dùng.", field="sets")
    if stated.kind is RuleKind.COLLECTION and not sets:
        raise Refused("Quy tắc thu thập cần ít nhất một bộ chỉ số; đồng chí chọn bộ chỉ số được thu thập.", field="sets")
    return chosen_notice, [one for slug, one in offered.items() if slug in sets]


def _refuse_second(session: Session, stated: Stated, sets: Sequence[IndicatorSet], own: DeadlineRule | None) -> None:
    """Two rules of one kind for one period of one set would open two rounds for the same work."""
    if not stated.periodic:
        return
    months = PERIOD_MONTHS[stated.schedule]
    others = [
        rule
        for rule in queries.rules(session)
        if (own is None or rule.id != own.id) and rule.kind is stated.kind and PERIOD_MONTHS.get(rule.schedule) == months
    ]
    asked = queries.sets_by_rule(session, [rule.id for rule in others])
    for rule in others:
        for one in sets:
            if any(one.id == other.id for other in asked.get(rule.id, [])):
                raise Refused(
                    phrase(
                        "Đã có quy tắc “%(rule)s” cho cùng kỳ của bộ chỉ số “%(title)s”; đồng chí sửa quy tắc ấy hoặc ngừng dùng nó trước.",
                        rule=rule.name,
                        title=one.title,
                    ),
                    field="schedule",
                )


def _refuse_ended(rule: DeadlineRule) -> None:
    if not rule.active:
        raise Refused("Quy tắc này đã ngừng dùng; đồng chí thêm quy tắc mới.")


def _ask_for(session: Session, rule: DeadlineRule, sets: Sequence[IndicatorSet]) -> None:
    session.execute(delete(RuleSet).where(RuleSet.authority_id == rule.authority_id, RuleSet.rule_id == rule.id))
    session.add_all(RuleSet(authority_id=rule.authority_id, rule_id=rule.id, set_id=one.id, position=place) for place, one in enumerate(sets))
    session.flush()


def _free_slug(session: Session, authority_id: int, name: str) -> str:
    """The name as a slug. Stable from then on.

    A round is called after its rule, then number and year: «nam-2» yearly and «nam» quarterly would both open «nam-2-2026», so two slugs
    may not differ by a number alone; the second of a name becomes «nam-v2».
    """
    base = slugify(name)[:60].strip("-")
    taken = set(session.scalars(select(DeadlineRule.slug).where(DeadlineRule.authority_id == authority_id).order_by(DeadlineRule.slug)))
    candidates = (base, *(f"{base}-v{n}" for n in range(2, len(taken) + 3)))
    return next(slug for slug in candidates if slug not in RESERVED_SLUGS and not any(_collide(slug, other) for other in taken))


def _collide(one: str, other: str) -> bool:
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return longer == shorter or (longer.startswith(f"{shorter}-") and longer[len(shorter) + 1 :].isdigit())
