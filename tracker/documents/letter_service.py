"""Drafting official letters into the register, numbering them, setting them aside, and changing an office's wording."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.documents import letter_access as access
from tracker.documents import letter_register_queries as queries
from tracker.documents.letter_models import LetterTemplate, OfficialLetter, OfficialLetterTask
from tracker.documents.letter_register_rules import STATE_WORDS, LetterState, as_kept, digest_of, expect_answer_day, expect_issue_day
from tracker.documents.letter_rules import Case, LateUnit, compose
from tracker.documents.letter_wording_rules import KIND_WORDS, USUAL, LetterKind, Manner, expect_fillable
from tracker.kernel import clock
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import date_vn, join_and, number_vn
from tracker.kernel.words import phrase
from tracker.reminders import chase_service
from tracker.reminders.chase_rules import ChaseKind
from tracker.units import access as units_access
from tracker.units.models import Authority


def draft(
    session: Session,
    actor: Actor,
    authority: Authority,
    case: Case,
    answer_by: date,
    manner: Manner,
    *,
    each: bool,
    round_id: int,
    units: Mapping[str, int],
    now: datetime,
) -> list[OfficialLetter]:
    """Enters the drafts of a case into the register: one to all its units, or one ``each``. ``units``: slug → id.

    A draft that says the very same and still waits is taken again instead of a second one. Raises Refused for a day not after the case's.
    """
    expect_answer_day(answer_by, case.day)
    # The same form sent twice at one instant: the second waits here and then finds the first one's drafts.
    units_access.hold(session, authority.id)
    return [
        _drafted(session, actor, case, answer_by, manner, one, round_id=round_id, units=units, now=now) for one in (case.units if each else (None,))
    ]


def _drafted(
    session: Session,
    actor: Actor,
    case: Case,
    answer_by: date,
    manner: Manner,
    only: LateUnit | None,
    *,
    round_id: int,
    units: Mapping[str, int],
    now: datetime,
) -> OfficialLetter:
    composed = compose(case, answer_by, only, manner)
    sha256 = digest_of(composed)
    again = queries.same_draft(session, sha256, now)
    if again is not None:
        return again
    letter = OfficialLetter(
        kind=LetterKind.CHASE,
        state=LetterState.DRAFT,
        round_id=round_id,
        subject=composed.subject,
        answer_by=answer_by,
        drafted_on=case.day,
        drafted_at=now,
        drafted_by_id=actor.account_id,
        content=as_kept(composed),
        sha256=sha256,
    )
    session.add(letter)
    session.flush()
    told = case.units if only is None else (only,)
    session.add_all(
        OfficialLetterTask(letter_id=letter.id, task_id=task.task_id, unit_id=units[unit.slug], due_on=task.due_on)
        for unit in told
        for task in unit.tasks
    )
    tasks = sum(len(unit.tasks) for unit in told)
    words = f"Lập dự thảo công văn đôn đốc gửi {_shown(unit.name for unit in told)}: {number_vn(tasks)} nhiệm vụ, hạn trả lời {date_vn(answer_by)}."
    _record(session, actor, letter, "letters.drafted", words, now)
    return letter


def _shown(names: Iterable[str]) -> str:
    """A sentence of the history names a few units and counts the others."""
    listed = list(names)
    return join_and(listed) if len(listed) <= 4 else f"{', '.join(listed[:3])} và {number_vn(len(listed) - 3)} đơn vị khác"


def _record(session: Session, actor: Actor, letter: OfficialLetter, action: str, words: str, now: datetime) -> None:
    session.flush()
    audit.record(session, actor, action, words, now=now, authority_id=letter.authority_id, subject=("official_letter", letter.id))


def _gone_out(number: str, issued_on: date) -> str:
    return phrase("số %(number)s ngày %(day)s", number=number, day=date_vn(issued_on))


def _standing(letter: OfficialLetter) -> str:
    if letter.number is not None and letter.issued_on is not None:
        return STATE_WORDS[letter.state] + ", " + _gone_out(letter.number, letter.issued_on)
    return STATE_WORDS[letter.state] + (f": {letter.reason}" if letter.reason else "")


def _expect_fresh(letter: OfficialLetter, version: int, wish: str) -> None:
    if letter.version != version:
        raise Stale(
            "Công văn này vừa được người khác cập nhật; chưa lưu gì cả.",
            theirs={phrase("Công văn"): _standing(letter)},
            yours={phrase("Công văn"): wish},
        )


def number(session: Session, actor: Actor, authority: Authority, letter_id: int, text: str, issued_on: date, *, version: int, now: datetime) -> bool:
    """Enters the number and the day a letter went out with, or corrects them; the first time each unit was chased by it.

    ``text``: a number as ``number_of`` returns it. Returns whether anything changed. Raises Refused (field at fault), Stale, NotFound.
    """
    letter = access.locked(session, letter_id, authority)
    if letter.state is LetterState.SENT and (letter.number, letter.issued_on) == (text, issued_on):
        return False
    _expect_fresh(letter, version, phrase("Đã phát hành, %(gone_out)s", gone_out=_gone_out(text, issued_on)))
    if letter.state is LetterState.SET_ASIDE:
        raise Refused("Dự thảo này đã bỏ nên không nhập số được; đồng chí lập dự thảo mới.")
    expect_issue_day(issued_on, letter.drafted_on, clock.local_day(now))
    other = queries.with_number(session, text, issued_on.year, letter.id)
    if other is not None:
        raise Refused(
            phrase(
                "Số %(text)s năm %(year)s đã nhập cho công văn “%(subject)s”; đồng chí kiểm tra lại số.",
                text=text,
                year=issued_on.year,
                subject=other.subject,
            ),
            field="number",
        )
    before = _standing(letter)
    first = letter.state is LetterState.DRAFT
    letter.state, letter.number, letter.issued_on = LetterState.SENT, text, issued_on
    if first:
        _record(session, actor, letter, "letters.sent", f"Phát hành công văn đôn đốc {_gone_out(text, issued_on)}.", now)
        _count_as_chased(session, actor, letter, now)
    else:
        _record(session, actor, letter, "letters.corrected", f"Sửa số, ngày công văn đôn đốc. Trước: {before}. Nay: {_standing(letter)}.", now)
    session.flush()
    return True


def _count_as_chased(session: Session, actor: Actor, letter: OfficialLetter, now: datetime) -> None:
    assert letter.number is not None, "it has just been entered"
    assert letter.issued_on is not None, "with its day"
    owed: dict[int, dict[int, date | None]] = defaultdict(dict)
    for named in queries.tasks_of(session, letter):
        owed[named.unit_id][named.task_id] = named.due_on
    for unit_id, tasks in sorted(owed.items()):
        words = f"Công văn đôn đốc {_gone_out(letter.number, letter.issued_on)}, hạn trả lời {date_vn(letter.answer_by)}."
        chase_service.note(session, actor, kind=ChaseKind.LETTER, unit_id=unit_id, task_ids=tasks, words=words, on_day=letter.issued_on, now=now)


def set_aside(session: Session, actor: Actor, authority: Authority, letter_id: int, reason: str, *, version: int, now: datetime) -> None:
    """A draft that will not go out. ``reason`` as ``reason_of`` returns it. Raises Refused where it has gone out or is set aside already."""
    letter = access.locked(session, letter_id, authority)
    _expect_fresh(letter, version, phrase("Bỏ dự thảo: %(reason)s", reason=reason))
    if letter.state is not LetterState.DRAFT:
        raise Refused(phrase("Chỉ bỏ được dự thảo; công văn này: %(letter)s.", letter=_standing(letter)))
    letter.state, letter.reason = LetterState.SET_ASIDE, reason
    _record(session, actor, letter, "letters.set_aside", f"Bỏ dự thảo công văn đôn đốc: {reason}", now)


def reword(session: Session, actor: Actor, authority: Authority, kind: LetterKind, text: str, *, version: int, now: datetime) -> bool:
    """Puts a wording in force for the letters drafted from now on; the usual wording leaves no row. ``version`` 0 where there was none.

    Returns whether anything changed. Raises Refused (field ``body``), Stale with both wordings.
    """
    units_access.hold(session, authority.id)
    kept = expect_fillable(kind, text)
    row = queries.template_row(session, kind)
    before = row.body if row else USUAL[kind]
    if version != (row.version if row else 0):
        raise Stale("Câu chữ này vừa được người khác lưu; chưa lưu gì cả.", theirs={phrase("Câu chữ"): before}, yours={phrase("Câu chữ"): kept})
    if kept == before:
        return False
    if row is None:
        session.add(LetterTemplate(authority_id=authority.id, kind=kind, body=kept))
    else:
        row.body = kept
    words = f"Đổi câu chữ mẫu {KIND_WORDS[kind]}."
    audit.record(session, actor, "letters.reworded", words, now=now, authority_id=authority.id, changes={"body": (before, kept)})
    session.flush()
    return True


def reset_wording(session: Session, actor: Actor, authority: Authority, kind: LetterKind, *, version: int, now: datetime) -> bool:
    """«Về câu chữ ban đầu». Returns whether anything changed. Raises Stale."""
    return reword(session, actor, authority, kind, USUAL[kind], version=version, now=now)
