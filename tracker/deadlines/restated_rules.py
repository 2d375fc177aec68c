"""A reading of a document's words, told back in one Vietnamese sentence for a person to confirm."""

from __future__ import annotations

from datetime import date

from tracker.deadlines.explanation_rules import TRIGGER_WORDS, UNIT_WORDS
from tracker.deadlines.rules import PERIOD_MONTHS, Boundary, Readings, Roll, Schedule, TermUnit, clamped, month_end, months_later
from tracker.deadlines.wording_rules import Understood
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.vietnamese import date_vn

_EVERY = {
    Schedule.MONTHLY: "Hằng tháng",
    Schedule.QUARTERLY: "Hằng quý",
    Schedule.EVERY_3_MONTHS: "03 tháng một lần",
    Schedule.EVERY_6_MONTHS: "06 tháng một lần",
    Schedule.YEARLY: "Hằng năm",
}
_LEAP, _COMMON = 2024, 2023
_LONGEST = 31


def restate(understood: Understood, readings: Readings) -> str:
    """«Hằng năm, hết hạn cuối ngày 14/11 (trước ngày 15/11, không tính ngày 15/11).», as the office's readings have it; then what was assumed."""
    return " ".join(filter(None, (_told(understood, readings), _rolling(understood, readings), understood.note)))


def _told(one: Understood, readings: Readings) -> str:
    if one.schedule is Schedule.EVENT:
        return _term(one)
    if one.on is not None:
        last = one.on - ONE_DAY if _leaves_out(one, readings) else one.on
        return f"Một lần, hết hạn cuối ngày {date_vn(last)}{_why(one, date_vn(one.on), readings)}."
    if one.schedule is Schedule.CONTINUOUS:
        return "Thực hiện thường xuyên, không có ngày hết hạn."
    if one.schedule is Schedule.AD_HOC:
        return "Đột xuất, khi có yêu cầu; ngày hết hạn do người giao việc ấn định từng lần."
    if one.day is None:
        return f"{_EVERY[one.schedule]}; câu không nêu ngày nên không có ngày hết hạn."
    last_day, stated = _yearly(one, readings) if one.schedule is Schedule.YEARLY else _in_period(one, one.day, readings)
    return f"{_EVERY[one.schedule]}, hết hạn cuối {last_day}{_why(one, stated, readings)}."


def _leaves_out(one: Understood, readings: Readings) -> bool:
    return one.boundary is Boundary.BEFORE and not readings.before_counts_day


def _why(one: Understood, stated: str, readings: Readings) -> str:
    if one.boundary is Boundary.BY:
        return f" (tính cả ngày {stated})"
    if readings.before_counts_day:
        return f" (trước ngày {stated}, cơ quan tính cả ngày {stated})"
    return f" (trước ngày {stated}, không tính ngày {stated})"


def _rolling(one: Understood, readings: Readings) -> str:
    dated = one.day is not None or one.on is not None or one.term_length is not None
    rolls = one.roll is Roll.NEXT_WORKING_DAY or (one.roll is Roll.OFFICE and readings.fixed_dates_roll)
    return "Nếu ngày ấy là ngày nghỉ thì hết hạn vào ngày làm việc tiếp theo." if dated and rolls else ""


def _term(one: Understood) -> str:
    since = TRIGGER_WORDS[one.trigger]
    if one.term_unit is TermUnit.WORKING_DAY:
        return f"Hết hạn cuối ngày làm việc thứ {one.term_length} kể từ {since} (không tính {since}, chỉ đếm ngày làm việc)."
    return f"Hết hạn sau {one.term_length:02d} {UNIT_WORDS[one.term_unit]} kể từ {since} (không tính {since})."


def _yearly(one: Understood, readings: Readings) -> tuple[str, str]:
    """The last day of a yearly rule, and the day the document states: «ngày cuối tháng 2» where leap years differ."""
    assert one.month is not None
    assert one.day is not None
    lasts = []
    for year in (_LEAP, _COMMON):
        first = months_later(date(year, one.month, 1), one.months_after)
        stated = clamped(first.year, first.month, one.day)
        last = stated - ONE_DAY if _leaves_out(one, readings) else stated
        lasts.append((last, last.year - year))
    (leap, years), (common, _) = lasts
    of_year = {0: "", 1: " năm sau", -1: " năm trước"}.get(years, "")
    if _day_month(leap) == _day_month(common):
        told = f"ngày {_day_month(leap)}{of_year}"
    elif leap == month_end(leap.year, leap.month) and common == month_end(common.year, common.month):
        told = f"ngày cuối tháng {leap.month}{of_year}"
    else:
        told = f"ngày {_day_month(leap)}{of_year} (năm không nhuận: {_day_month(common)})"
    named = date(_LEAP, one.month, min(one.day, month_end(_LEAP, one.month).day))
    told_stated = f"cuối tháng {one.month}" if one.month == 2 and one.day > 29 else _day_month(named)
    return told, told_stated + {12: " năm sau", -12: " năm trước"}.get(one.months_after, "")


def _day_month(day: date) -> str:
    """14/11, 01/3: as documents write them."""
    return f"{day.day:02d}/{day.month:02d}" if day.month < 3 or day.month > 9 else f"{day.day:02d}/{day.month}"


def _in_period(one: Understood, day: int, readings: Readings) -> tuple[str, str]:
    """The last day within a month, a quarter or half a year, and the day the document states."""
    month = _month_named(one.schedule, one.months_after)
    stated = f"cuối cùng của {month}" if day == _LONGEST else f"{day:02d}"
    named = stated if day == _LONGEST else f"{day:02d} của {month}"
    shorter = ", tháng không có ngày ấy thì lấy ngày cuối tháng" if 28 < day < _LONGEST else ""
    if not _leaves_out(one, readings):
        return f"ngày {named}{shorter}", stated
    if day == 1:
        return f"ngày cuối cùng của {_month_named(one.schedule, one.months_after - 1)}", stated
    if day == _LONGEST:
        return f"ngày liền trước ngày {stated}", stated
    return f"ngày {day - 1:02d} của {month}" + (", tháng không có ngày ấy thì lấy ngày liền trước ngày cuối tháng" if shorter else ""), stated


def _month_named(schedule: Schedule, place: int) -> str:
    """A month by its place from the last one of the period: «tháng cuối quý», «tháng đầu quý sau»."""
    length = PERIOD_MONTHS[schedule]
    periods, within = divmod(place + length - 1, length)
    later = {-1: " trước", 0: "", 1: " sau"}.get(periods, f" thứ {periods} sau đó")
    if schedule is Schedule.MONTHLY:
        return f"tháng{later}"
    period = "quý" if schedule is Schedule.QUARTERLY else f"kỳ {length:02d} tháng"
    which = "đầu" if within == 0 else "cuối" if within == length - 1 else "giữa" if length == 3 else f"thứ {within + 1} của"
    return f"tháng {which} {period}{later}"
