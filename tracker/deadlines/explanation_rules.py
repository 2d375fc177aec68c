"""Why this day: the basis of each date, and all of it as one sentence for a letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.deadlines.rules import Boundary, Dates, Schedule, Terms, TermUnit, Trigger, target_day, too_early
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.vietnamese import date_vn, long_date_vn
from tracker.kernel.words import phrase

TRIGGER_WORDS: dict[Trigger, str] = {
    Trigger.ISSUED: phrase("ngày phát hành"),
    Trigger.RECEIVED: phrase("ngày nhận văn bản"),
    Trigger.HELD: phrase("ngày họp"),
}
UNIT_WORDS: dict[TermUnit, str] = {
    TermUnit.DAY: phrase("ngày"),
    TermUnit.WORKING_DAY: phrase("ngày làm việc"),
    TermUnit.WEEK: phrase("tuần"),
    TermUnit.MONTH: phrase("tháng"),
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What each date stands on. ``last`` and ``target`` are None where they are the nominal day itself."""

    nominal: str
    last: str | None
    target: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A deadline as pages and commands tell it. ``off_because``: why nobody works on the last day; None where somebody does."""

    dates: Dates
    target_on: date | None
    off_because: str | None
    explanation: str
    warning: str | None


def tell_deadline(terms: Terms, calendar: WorkingCalendar, dates: Dates, started: date | None = None) -> Told:
    """The dates of a round or a period with everything said about them."""
    return Told(
        dates,
        target_day(calendar, dates.nominal_on, dates.last_on),
        calendar.off_because(dates.last_on) if dates.last_on else None,
        explain(terms, calendar, dates, started),
        warning(calendar, dates),
    )


def explain(terms: Terms, calendar: WorkingCalendar, dates: Dates, started: date | None = None) -> str:
    """Why this day, as one sentence a civil servant can paste into a letter. ``started`` is day 0 of an event-started term."""
    quote = f"Văn bản ghi “{terms.wording}”"
    if dates.last_on is None:
        return f"{quote} mà không nêu ngày, nên việc này không có thời hạn."
    found = basis(terms, calendar, dates, started)
    return "; ".join([f"{quote}, {found.nominal}", *(part for part in (found.last, found.target) if part)]) + provisional(calendar, dates) + "."


def basis(terms: Terms, calendar: WorkingCalendar, dates: Dates, started: date | None = None) -> Basis:
    """The basis of each of the three dates, as clauses of one sentence. Only for a round that has a last day."""
    assert dates.last_on is not None
    assert dates.nominal_on is not None
    target = target_day(calendar, dates.nominal_on, dates.last_on)
    assert target is not None
    if dates.outer_on is not None:
        return Basis(_cascade(terms, calendar, dates, started), None, None)
    off = calendar.off_because(dates.nominal_on)
    last = None
    if dates.last_on != dates.nominal_on:
        last = f"ngày ấy là {off}, nên thời hạn kết thúc vào ngày làm việc tiếp theo là {long_date_vn(dates.last_on)} ({_roll_basis(terms)})"
    elif off is not None:
        last = f"ngày ấy là {off} nhưng hạn không lùi sang ngày làm việc tiếp theo vì đây là một ngày ấn định cụ thể"
    aim = None
    if target != dates.last_on:
        before = "không muộn hơn hạn" if last is None or dates.last_on == dates.nominal_on else "trước khi tròn thời hạn"
        aim = f"việc nhắc và hoàn thành nhắm vào {long_date_vn(target)}, ngày làm việc cuối cùng {before}"
    return Basis(_first_step(terms, dates.nominal_on, started), last, aim)


def _roll_basis(terms: Terms) -> str:
    if terms.schedule is Schedule.EVENT:
        return "khoản 5 Điều 148 Bộ luật Dân sự 2015"
    return "vận dụng khoản 5 Điều 148 Bộ luật Dân sự 2015 theo quy định của cơ quan"


def _first_step(terms: Terms, nominal: date, started: date | None) -> str:
    """From the document's words to the nominal day."""
    day = long_date_vn(nominal)
    if terms.schedule is Schedule.EVENT and started is not None:
        words = f"{terms.term_length} {UNIT_WORDS[terms.term_unit]}"
        skipped = ", chỉ đếm ngày làm việc" if terms.term_unit is TermUnit.WORKING_DAY else ""
        return (
            f"{TRIGGER_WORDS[terms.trigger]} {date_vn(started)} không tính (khoản 3 Điều 147 Bộ luật Dân sự 2015){skipped}, nên hết {words} là {day}"
        )
    if terms.schedule is Schedule.AD_HOC:
        return f"người giao việc ấn định ngày, nên ngày cuối còn đúng hạn là {day}"
    if terms.boundary is Boundary.BEFORE and not terms.counts_stated_day:
        return f"chữ “trước” không tính ngày {date_vn(nominal + ONE_DAY)}, nên ngày cuối còn đúng hạn là {day}"
    if terms.boundary is Boundary.BEFORE:
        return f"cơ quan hiểu chữ “trước ngày” là kể cả ngày ấy, nên ngày cuối còn đúng hạn là {day}"
    return f"ngày ấy được tính, nên ngày cuối còn đúng hạn là {day}"


def _cascade(terms: Terms, calendar: WorkingCalendar, dates: Dates, started: date | None) -> str:
    """The outer day, then back to the units'."""
    assert dates.outer_on is not None
    assert dates.check_on is not None
    stated = dates.outer_on
    ready = calendar.on_or_before(stated)
    parts = [_first_step(terms, stated, started).replace("ngày cuối còn đúng hạn là", "ngày cuối gửi cấp trên là")]
    if ready != stated:
        parts.append(f"ngày ấy là {calendar.off_because(stated)}, nên tính lùi từ {long_date_vn(ready)}")
    parts.append(f"trừ {terms.sign_days} ngày làm việc để ký, đầu mối tổng hợp xong {long_date_vn(dates.check_on)}")
    parts.append(f"trừ {terms.check_days} ngày làm việc để kiểm tra, các đơn vị nộp chậm nhất {long_date_vn(dates.last_on)}")
    return "; ".join(parts)


def provisional(calendar: WorkingCalendar, dates: Dates) -> str:
    """A note where a day was told working or off by a list that no notice has confirmed."""
    years = sorted({day.year for day in (dates.nominal_on, dates.last_on, dates.outer_on) if day} - calendar.official_years)
    return f" (tính theo lịch nghỉ dự kiến năm {', '.join(map(str, years))})" if years else ""


def warning(calendar: WorkingCalendar, dates: Dates) -> str | None:
    """Where the deadline leaves no working day after the figures are closed: Decree 09/2019/NĐ-CP Art. 8.5(b). A warning, never a wall."""
    first = too_early(calendar, dates)
    if first is None:
        return None
    last = dates.outer_on or dates.last_on
    return (
        f"Hạn {date_vn(last)} sớm hơn {date_vn(first)}, ngày làm việc đầu tiên sau ngày chốt số liệu {date_vn(dates.data_to)} "
        "(điểm b khoản 5 Điều 8 Nghị định 09/2019/NĐ-CP yêu cầu ít nhất 01 ngày làm việc); số liệu nộp lúc ấy cần ghi là ước thực hiện."
    )
