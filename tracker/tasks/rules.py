"""Two axes that never mix: progress is stored and moves by a table; timeliness is computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase


class Progress(StrEnum):
    NOT_STARTED = "not_started"
    COLLECTING = "collecting"
    PREPARED = "prepared"
    READY = "ready"
    ACCEPTED = "accepted"
    NOT_APPLICABLE = "not_applicable"
    SUPPLIED_ELSEWHERE = "supplied_elsewhere"


#: Handed in by the unit, whether or not somebody has confirmed it.
DONE = frozenset({Progress.READY, Progress.ACCEPTED})
#: Decided to need nothing from the unit: never late.
SET_ASIDE = frozenset({Progress.NOT_APPLICABLE, Progress.SUPPLIED_ELSEWHERE})
OPEN = frozenset(Progress) - DONE - SET_ASIDE

PROGRESS_WORDS: dict[Progress, str] = {
    Progress.NOT_STARTED: phrase("Chưa thực hiện"),
    Progress.COLLECTING: phrase("Đang thực hiện"),
    Progress.PREPARED: phrase("Chờ lãnh đạo đơn vị duyệt"),
    Progress.READY: phrase("Đã đủ minh chứng, chờ xác nhận"),
    Progress.ACCEPTED: phrase("Đã xác nhận"),
    Progress.NOT_APPLICABLE: phrase("Không áp dụng"),
    Progress.SUPPLIED_ELSEWHERE: phrase("Do cơ quan khác cung cấp"),
}


class Move(StrEnum):
    """What a person intends."""

    COLLECT = "collect"
    PREPARE = "prepare"
    REPORT_READY = "report_ready"
    ACCEPT = "accept"
    RETURN = "return"
    SET_NOT_APPLICABLE = "set_not_applicable"
    SET_SUPPLIED_ELSEWHERE = "set_supplied_elsewhere"
    RESUME = "resume"
    #: The unit's head gives a prepared task back to the specialist.
    SEND_BACK = "send_back"
    #: The focal point takes back what it has just decided itself (``undo_rules.py`` says until when).
    UNDO_ACCEPT = "undo_accept"
    UNDO_RETURN = "undo_return"
    UNDO_RETURN_OF_ACCEPTED = "undo_return_of_accepted"


MOVES: dict[tuple[Progress, Move], Progress] = {
    (Progress.NOT_STARTED, Move.COLLECT): Progress.COLLECTING,
    (Progress.COLLECTING, Move.COLLECT): Progress.COLLECTING,
    (Progress.NOT_STARTED, Move.PREPARE): Progress.PREPARED,
    (Progress.COLLECTING, Move.PREPARE): Progress.PREPARED,
    (Progress.NOT_STARTED, Move.REPORT_READY): Progress.READY,
    (Progress.COLLECTING, Move.REPORT_READY): Progress.READY,
    (Progress.PREPARED, Move.REPORT_READY): Progress.READY,
    (Progress.READY, Move.ACCEPT): Progress.ACCEPTED,
    (Progress.PREPARED, Move.RETURN): Progress.COLLECTING,
    (Progress.PREPARED, Move.SEND_BACK): Progress.COLLECTING,
    (Progress.READY, Move.RETURN): Progress.COLLECTING,
    (Progress.ACCEPTED, Move.RETURN): Progress.COLLECTING,
    (Progress.NOT_APPLICABLE, Move.RESUME): Progress.COLLECTING,
    (Progress.SUPPLIED_ELSEWHERE, Move.RESUME): Progress.COLLECTING,
    (Progress.ACCEPTED, Move.UNDO_ACCEPT): Progress.READY,
    (Progress.COLLECTING, Move.UNDO_RETURN): Progress.READY,
    (Progress.COLLECTING, Move.UNDO_RETURN_OF_ACCEPTED): Progress.ACCEPTED,
    **{(state, Move.SET_NOT_APPLICABLE): Progress.NOT_APPLICABLE for state in OPEN},
    **{(state, Move.SET_SUPPLIED_ELSEWHERE): Progress.SUPPLIED_ELSEWHERE for state in OPEN},
}


class ReturnCause(StrEnum):
    """What appraisal councils strike points for; the words beside it say the rest."""

    MISSING = "missing"
    WRONG_PERIOD = "wrong_period"
    UNSIGNED = "unsigned"
    WRONG_SIGNER = "wrong_signer"
    DEAD_LINK = "dead_link"
    OTHER_UNIT = "other_unit"
    FIGURES = "figures"
    UNREADABLE = "unreadable"
    OFF_TOPIC = "off_topic"
    OTHER = "other"


CAUSE_WORDS: dict[ReturnCause, str] = {
    ReturnCause.MISSING: phrase("Thiếu tài liệu"),
    ReturnCause.WRONG_PERIOD: phrase("Không thuộc kỳ số liệu"),
    ReturnCause.UNSIGNED: phrase("Dự thảo, chưa ký, chưa đóng dấu"),
    ReturnCause.WRONG_SIGNER: phrase("Người ký không đúng thẩm quyền"),
    ReturnCause.DEAD_LINK: phrase("Đường dẫn không mở được"),
    ReturnCause.OTHER_UNIT: phrase("Tài liệu của đơn vị khác hoặc tên đơn vị cũ"),
    ReturnCause.FIGURES: phrase("Số liệu không khớp, thiếu tử số hoặc mẫu số"),
    ReturnCause.UNREADABLE: phrase("Bản chụp mờ, thiếu trang"),
    ReturnCause.OFF_TOPIC: phrase("Không đúng nội dung chỉ số yêu cầu"),
    ReturnCause.OTHER: phrase("Lý do khác"),
}


def return_words(cause: ReturnCause | None, words: str | None) -> str:
    """Why something is returned: «Bản chụp mờ, thiếu trang: trang 2». «Lý do khác» says nothing by itself; its words do."""
    said = " ".join((words or "").split())
    if cause is None or cause is ReturnCause.OTHER:
        return said
    return phrase("%(cause)s: %(said)s", cause=CAUSE_WORDS[cause], said=said) if said else CAUSE_WORDS[cause]


#: Moves that need a sentence why.
NEEDS_REASON = frozenset({Move.RETURN, Move.SEND_BACK, Move.SET_NOT_APPLICABLE, Move.SET_SUPPLIED_ELSEWHERE, Move.RESUME})

MOVE_WORDS: dict[Move, str] = {
    Move.COLLECT: phrase("thêm minh chứng"),
    Move.PREPARE: phrase("trình lãnh đạo đơn vị"),
    Move.REPORT_READY: phrase("báo đủ minh chứng"),
    Move.ACCEPT: phrase("xác nhận"),
    Move.RETURN: phrase("trả lại"),
    Move.SET_NOT_APPLICABLE: phrase("ghi là không áp dụng"),
    Move.SET_SUPPLIED_ELSEWHERE: phrase("ghi là do cơ quan khác cung cấp"),
    Move.RESUME: phrase("mở lại"),
    Move.SEND_BACK: phrase("trả lại chuyên viên"),
    Move.UNDO_ACCEPT: phrase("hoàn tác việc xác nhận"),
    Move.UNDO_RETURN: phrase("hoàn tác việc trả lại"),
    Move.UNDO_RETURN_OF_ACCEPTED: phrase("hoàn tác việc trả lại nhiệm vụ đã xác nhận"),
}


def moved(state: Progress, move: Move) -> Progress:
    """The state a move leads to. Raises Refused with both words where the table has no such move."""
    try:
        return MOVES[(state, move)]
    except KeyError:
        raise Refused(
            phrase("Nhiệm vụ đang ở trạng thái “%(state)s” nên không thể %(move)s.", state=PROGRESS_WORDS[state], move=MOVE_WORDS[move])
        ) from None


class ExtensionState(StrEnum):
    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    #: Taken back by who asked, or overtaken: handed in, set aside, round closed.
    WITHDRAWN = "withdrawn"


class Timeliness(StrEnum):
    NO_DEADLINE = "no_deadline"
    NOT_DUE = "not_due"
    DUE_SOON = "due_soon"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    DONE_NO_DEADLINE = "done_no_deadline"


TIMELINESS_WORDS: dict[Timeliness, str] = {
    Timeliness.NO_DEADLINE: phrase("Không thời hạn"),
    Timeliness.NOT_DUE: phrase("Chưa đến hạn"),
    Timeliness.DUE_SOON: phrase("Sắp đến hạn"),
    Timeliness.DUE_TODAY: phrase("Đến hạn"),
    Timeliness.OVERDUE: phrase("Quá hạn"),
    Timeliness.DONE_ON_TIME: phrase("Hoàn thành đúng hạn"),
    Timeliness.DONE_LATE: phrase("Hoàn thành quá hạn"),
    Timeliness.DONE_NO_DEADLINE: phrase("Hoàn thành không thời hạn"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a task stands in time. ``days_late`` in calendar days; ``working_days_left`` to the target day, 0 where none."""

    timeliness: Timeliness
    due_on: date | None
    target_on: date | None
    days_late: int = 0
    working_days_left: int = 0


class Office(Protocol):
    """The settings of an authority that its reading of time depends on."""

    @property
    def due_soon_days(self) -> int: ...

    @property
    def late_by_return(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Horizon:
    """The days and settings of a reading, so that Python and SQL draw the same lines.

    With B the day a target is computed from: the target day is reached on ``today`` iff B < ``after_today``;
    it is at most ``due_soon_days`` working days away iff B < ``after_soon``. ``late_by_return``: a task that came back after its days
    to mend counts as late.
    """

    today: date
    after_today: date
    after_soon: date
    late_by_return: bool

    @classmethod
    def of(cls, calendar: WorkingCalendar, today: date, office: Office) -> Horizon:
        """The reading of an authority on a day."""
        after_today = calendar.on_or_after(today + ONE_DAY)
        return cls(today, after_today, calendar.add(today, office.due_soon_days + 1), office.late_by_return)


def read_ticket(text: str) -> tuple[int, int] | None:
    """A row as a form names it («12-3»): its id, and the version that was on the screen. None for anything else."""
    parts = text.split("-")
    # Eighteen digits are as many as every database counts to.
    if len(parts) != 2 or not all(part.isascii() and part.isdecimal() and len(part) <= 18 for part in parts) or len(text) >= 30:
        return None
    return int(parts[0]), int(parts[1])


def in_force(last_on: date | None, extended_to_on: date | None, mend_by_on: date | None, paused_until_on: date | None = None) -> date | None:
    """The last day of an open task: the round's or the one granted, and where a return or a pause left time after that, its own."""
    due = extended_to_on or last_on
    return max(due, mend_by_on or due, paused_until_on or due) if due else due


def _granted(
    nominal_on: date | None, last_on: date | None, extended_to_on: date | None, paused_until_on: date | None
) -> tuple[date | None, date | None]:
    """The last day of a task whatever came back, and the day its target is computed from."""
    due = extended_to_on or last_on
    if due is not None and paused_until_on is not None and paused_until_on > due:
        return paused_until_on, paused_until_on
    return due, extended_to_on or (min(nominal_on, last_on) if nominal_on and last_on else last_on)


def aim(
    nominal_on: date | None, last_on: date | None, extended_to_on: date | None, mend_by_on: date | None, paused_until_on: date | None
) -> tuple[date | None, date | None]:
    """The last day in force of an open task, and the day its target is computed from: nothing else of it decides what is said when."""
    due, base = _granted(nominal_on, last_on, extended_to_on, paused_until_on)
    return (mend_by_on, mend_by_on) if mend_by_on is not None and due is not None and mend_by_on > due else (due, base)


@dataclass(frozen=True, slots=True)
class Duty:
    """An open task as planning sees it: whose it is, and until when. ``code`` None for a titled duty."""

    id: int
    authority_id: int
    unit_id: int
    round_id: int
    code: str | None
    due_on: date | None
    target_on: date | None


def standing(
    *,
    status: Progress,
    nominal_on: date | None,
    last_on: date | None,
    extended_to_on: date | None,
    mend_by_on: date | None,
    paused_until_on: date | None = None,
    submitted_on: date | None,
    resubmitted_on: date | None,
    calendar: WorkingCalendar,
    horizon: Horizon,
) -> Standing:
    """Timeliness of one task on one day.

    Lateness of what is handed in is judged at the first handing-in, not when somebody confirmed it; where the office says so, also
    at the last one after a return. A returned task is not overdue until ``mend_by_on``,
    a paused one not until ``paused_until_on``. What is set aside is never late.
    """
    due, base = _granted(nominal_on, last_on, extended_to_on, paused_until_on)
    target = calendar.on_or_before(base) if base else None
    if status in SET_ASIDE:
        return Standing(Timeliness.NO_DEADLINE, due, target)
    if status in DONE:
        if due is None:
            return Standing(Timeliness.DONE_NO_DEADLINE, None, None)
        late = max((submitted_on - due).days, 0) if submitted_on else 0
        if horizon.late_by_return and resubmitted_on:
            late = max(late, (resubmitted_on - max(due, mend_by_on or due)).days)
        return Standing(Timeliness.DONE_LATE if late else Timeliness.DONE_ON_TIME, due, target, days_late=late)
    due, base = aim(nominal_on, last_on, extended_to_on, mend_by_on, paused_until_on)
    if due is None or base is None:
        return Standing(Timeliness.NO_DEADLINE, None, None)
    target = calendar.on_or_before(base)
    if due < horizon.today:
        return Standing(Timeliness.OVERDUE, due, target, days_late=(horizon.today - due).days)
    left = max(calendar.between(horizon.today, target), 0)
    if base < horizon.after_today:
        return Standing(Timeliness.DUE_TODAY, due, target)
    band = Timeliness.DUE_SOON if base < horizon.after_soon else Timeliness.NOT_DUE
    return Standing(band, due, target, working_days_left=left)


def mend_by(calendar: WorkingCalendar, returned_on: date, due: date | None, days: int) -> date | None:
    """A task returned when its deadline has passed, or too close to it to mend, gets its own working days."""
    if due is None:
        return None
    own = calendar.add(returned_on, days)
    return own if own > due else None


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """What evidence says of a task: whether it may leave the unit, and the names of what it lacks."""

    complete: bool
    missing: tuple[str, ...] = ()
