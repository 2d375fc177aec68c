"""A rule as an office states it: its parts, their words, what cannot be, and the periods it gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.deadlines.explanation_rules import TRIGGER_WORDS, UNIT_WORDS, explain, warning
from tracker.deadlines.rules import (
    PERIOD_MONTHS,
    Boundary,
    Period,
    Readings,
    Roll,
    RuleKind,
    Schedule,
    StatedWindow,
    Terms,
    TermUnit,
    Trigger,
    Window,
    month_end,
    periods_of_year,
    started_by_letter,
)
from tracker.deadlines.wording_rules import Understood
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import slugify
from tracker.kernel.words import phrase

KIND_WORDS: dict[RuleKind, str] = {
    RuleKind.COLLECTION: phrase("Thu thập: giao việc cho các đơn vị chủ trì"),
    RuleKind.REVIEW: phrase("Rà soát: một việc của đầu mối"),
    RuleKind.PUBLICATION: phrase("Công bố: một việc của đầu mối"),
}
SCHEDULE_WORDS: dict[Schedule, str] = {
    Schedule.YEARLY: phrase("Hằng năm"),
    Schedule.QUARTERLY: phrase("Hằng quý"),
    Schedule.MONTHLY: phrase("Hằng tháng"),
    Schedule.EVERY_3_MONTHS: phrase("03 tháng một lần"),
    Schedule.EVERY_6_MONTHS: phrase("06 tháng một lần"),
    Schedule.EVENT: phrase("Tính từ một sự việc (văn bản, cuộc họp)"),
    Schedule.AD_HOC: phrase("Đột xuất, người giao việc ấn định ngày"),
    Schedule.CONTINUOUS: phrase("Thường xuyên, không có hạn"),
}
BOUNDARY_WORDS: dict[Boundary, str] = {
    Boundary.BEFORE: phrase("“trước ngày”"),
    Boundary.BY: phrase("“chậm nhất ngày”, “đến hết ngày”, “ngày”: kể cả ngày ấy"),
}
ROLL_WORDS: dict[Roll, str] = {
    Roll.OFFICE: phrase("Theo thiết lập của cơ quan"),
    Roll.NONE: phrase("Giữ nguyên ngày"),
    Roll.NEXT_WORKING_DAY: phrase("Lùi sang ngày làm việc tiếp theo"),
}
WINDOW_WORDS: dict[Window, str] = {
    Window.NOT_STATED: phrase("Văn bản không nêu"),
    Window.CALENDAR_YEAR: phrase("Năm dương lịch: 01/01 đến 31/12"),
    Window.OCTOBER_TO_SEPTEMBER: phrase("Từ 01/10 năm trước đến 30/9"),
    Window.PERIOD: phrase("Các tháng của kỳ"),
    Window.DECREE_09: phrase("Từ ngày 15 tháng trước kỳ đến ngày 14 tháng cuối kỳ (Điều 12 Nghị định 09/2019/NĐ-CP)"),
    Window.STATED: phrase("Ngày văn bản ghi"),
}
#: What a round is called after, before its number and year.
_NAMES: dict[Schedule, str] = {
    Schedule.YEARLY: phrase("năm"),
    Schedule.QUARTERLY: phrase("quý"),
    Schedule.MONTHLY: phrase("tháng"),
    Schedule.EVERY_3_MONTHS: phrase("03 tháng"),
    Schedule.EVERY_6_MONTHS: phrase("06 tháng"),
    Schedule.EVENT: phrase("theo văn bản"),
    Schedule.AD_HOC: phrase("đột xuất"),
    Schedule.CONTINUOUS: phrase("thường xuyên"),
}
_DOES: dict[RuleKind, str] = {RuleKind.COLLECTION: phrase("Báo cáo"), RuleKind.REVIEW: phrase("Rà soát"), RuleKind.PUBLICATION: phrase("Công bố")}
#: How long before the deadline a round opens, in days, where nobody has said yet.
_OPENS: dict[Schedule, int] = {Schedule.YEARLY: 45, Schedule.MONTHLY: 10, Schedule.EVENT: 0, Schedule.AD_HOC: 0, Schedule.CONTINUOUS: 0}

#: What a part is called in the history and beside another's version, in the order of the form.
LABELS: dict[str, str] = {
    "name": phrase("Tên quy tắc"),
    "kind": phrase("Loại"),
    "notice": phrase("Văn bản"),
    "wording": phrase("Câu chữ trong văn bản"),
    "place": phrase("Chỗ ghi"),
    "sets": phrase("Bộ chỉ số"),
    "schedule": phrase("Chu kỳ"),
    "day": phrase("Ngày"),
    "month": phrase("Tháng"),
    "months_after": phrase("Tháng của hạn"),
    "boundary": phrase("Chữ trước ngày"),
    "roll": phrase("Rơi vào ngày nghỉ"),
    "term": phrase("Thời hạn"),
    "window": phrase("Kỳ số liệu"),
    "opens_days_before": phrase("Mở đợt trước hạn"),
    "cascade": phrase("Gửi cấp trên"),
    "note": phrase("Ghi chú"),
}
MONTHS_BACK, MONTHS_ON = 12, 12
LONGEST_TERM = LONGEST_OPENING = 366
MOST_BUFFER = 60
#: A leap year, in which every day that exists at all exists.
_LEAP_YEAR = 2024


def months_after_words(months: int) -> str:
    """Where the stated day's month lies: «tháng cuối kỳ», «1 tháng sau tháng cuối kỳ»."""
    if months == 0:
        return phrase("Tháng cuối kỳ; hằng năm: trong năm báo cáo")
    year = {12: phrase(" (hằng năm: năm sau)"), -12: phrase(" (hằng năm: năm trước)")}.get(months, "")
    if months > 0:
        return phrase("%(months)s tháng sau tháng cuối kỳ%(year)s", months=months, year=year)
    return phrase("%(months)s tháng trước tháng cuối kỳ%(year)s", months=-months, year=year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A rule's parts as somebody states them; without its notice and sets. ``window_from`` and ``window_to`` are (day, month)."""

    name: str
    kind: RuleKind
    wording: str
    place: str
    schedule: Schedule
    month: int | None = None
    day: int | None = None
    months_after: int = 0
    boundary: Boundary | None = None
    roll: Roll = Roll.OFFICE
    term_length: int | None = None
    term_unit: TermUnit = TermUnit.DAY
    trigger: Trigger = Trigger.ISSUED
    window: Window = Window.NOT_STATED
    window_from: tuple[int, int] | None = None
    window_from_last_year: bool = False
    window_to: tuple[int, int] | None = None
    opens_days_before: int = 0
    upward: bool = False
    check_days: int = 0
    sign_days: int = 0
    note: str | None = None

    @property
    def stated_window(self) -> StatedWindow | None:
        if self.window is not Window.STATED or self.window_from is None or self.window_to is None:
            return None
        (from_day, from_month), (to_day, to_month) = self.window_from, self.window_to
        return StatedWindow(from_month, from_day, self.window_from_last_year, to_month, to_day)

    @property
    def periodic(self) -> bool:
        return self.schedule in PERIOD_MONTHS

    def terms(self, slug: str, readings: Readings) -> Terms:
        """What dates are computed from."""
        return Terms(
            slug=slug,
            name=self.name,
            kind=self.kind,
            wording=self.wording,
            schedule=self.schedule,
            month=self.month,
            day=self.day,
            months_after=self.months_after,
            term_length=self.term_length,
            term_unit=self.term_unit,
            trigger=self.trigger,
            boundary=self.boundary,
            roll=self.roll,
            window=self.window,
            stated_window=self.stated_window,
            opens_days_before=self.opens_days_before,
            upward=self.upward,
            check_days=self.check_days,
            sign_days=self.sign_days,
            readings=readings,
        )


def proposed(read: Understood, *, kind: RuleKind, wording: str, place: str, check_days: int, sign_days: int) -> Stated:
    """The rule a reading of a sentence would make, with the office's usual buffers."""
    return Stated(
        name=f"{_DOES[kind]} {_NAMES[read.schedule]}",
        kind=kind,
        wording=wording,
        place=place,
        schedule=read.schedule,
        month=read.month,
        day=read.day,
        months_after=read.months_after,
        boundary=read.boundary,
        roll=read.roll,
        term_length=read.term_length,
        term_unit=read.term_unit,
        trigger=read.trigger,
        opens_days_before=_OPENS.get(read.schedule, 30),
        check_days=check_days,
        sign_days=sign_days,
    )


def understood(stated: Stated | Terms) -> Understood:
    """A rule's parts as a reading, to be said in words."""
    return Understood(
        schedule=stated.schedule,
        month=stated.month,
        day=stated.day,
        months_after=stated.months_after,
        term_length=stated.term_length,
        term_unit=stated.term_unit,
        trigger=stated.trigger,
        boundary=stated.boundary,
        roll=stated.roll,
        words=stated.wording,
    )


def same_deadline(read: Understood, terms: Terms) -> bool:
    """Whether a rule's terms are one of the readings of its sentence, however its day rolls."""
    plain = replace(read, words="", note="", on=None, roll=Roll.NONE)
    return plain == replace(understood(terms), words="", roll=Roll.NONE)


def tidied(stated: Stated) -> Stated:
    """Without the parts its schedule does not have: what another schedule left in the form says nothing."""
    if stated.periodic:
        stated = replace(stated, term_length=None, term_unit=TermUnit.DAY, trigger=Trigger.ISSUED)
        if stated.schedule is not Schedule.YEARLY:
            stated = replace(stated, month=None)
            if stated.day is None:
                stated = replace(stated, months_after=0, boundary=None, roll=Roll.NONE)
    else:
        stated = replace(stated, month=None, day=None, months_after=0)
        if stated.schedule is Schedule.EVENT:
            stated = replace(stated, boundary=Boundary.BY)
        else:
            stated = replace(stated, boundary=None, roll=Roll.NONE, term_length=None, term_unit=TermUnit.DAY, trigger=Trigger.ISSUED)
    if stated.window is not Window.STATED:
        stated = replace(stated, window_from=None, window_from_last_year=False, window_to=None)
    return stated if stated.upward else replace(stated, check_days=0, sign_days=0)


def check(stated: Stated, calendar: WorkingCalendar, readings: Readings, today: date) -> None:
    """Raises Refused, with the field at fault, where a tidied rule cannot be."""
    for field, sentence in (
        ("wording", phrase("Đồng chí chép câu nêu thời hạn, đúng như văn bản ghi.")),
        ("place", phrase("Đồng chí ghi chỗ của câu ấy trong văn bản, ví dụ “Mục III.2.a”.")),
        ("name", phrase("Đồng chí đặt tên cho quy tắc, ví dụ “Báo cáo quý”.")),
    ):
        if not getattr(stated, field):
            raise Refused(sentence, field=field)
    if not slugify(stated.name):
        raise Refused(phrase("Tên “%(stated)s” không có chữ nào; đồng chí đặt một tên như “Báo cáo quý”.", stated=stated.name), field="name")
    _check_day(stated)
    _check_term(stated)
    _check_window(stated)
    if not 0 <= stated.opens_days_before <= LONGEST_OPENING:
        raise Refused(
            phrase(
                "Đợt mở trước hạn từ 0 đến %(longest_opening)s ngày; đồng chí ghi lại số %(opens_days_before)s.",
                longest_opening=LONGEST_OPENING,
                opens_days_before=stated.opens_days_before,
            ),
            field="opens_days_before",
        )
    _check_cascade(stated, calendar, readings, today)


def _check_day(stated: Stated) -> None:
    if not stated.periodic:
        return
    if stated.schedule is Schedule.YEARLY:
        if stated.month is None:
            raise Refused("Quy tắc hằng năm cần cả ngày và tháng; đồng chí ghi tháng của hạn.", field="month")
        if stated.day is None:
            raise Refused("Quy tắc hằng năm cần cả ngày và tháng; đồng chí ghi ngày của hạn.", field="day")
        if stated.months_after % 12:
            raise Refused("Quy tắc hằng năm ghi tháng ở ô Tháng; ô này chỉ chọn trong năm, năm sau hoặc năm trước.", field="months_after")
    if stated.day is None:
        return
    if stated.boundary is None:
        raise Refused("Đồng chí chọn văn bản ghi “trước ngày” hay “chậm nhất ngày”.", field="boundary")
    if not -MONTHS_BACK <= stated.months_after <= MONTHS_ON:
        raise Refused(phrase("Tháng của hạn cách tháng cuối kỳ không quá %(months_on)s tháng.", months_on=MONTHS_ON), field="months_after")
    _check_exists(stated.day, stated.month, "day")


def _check_exists(day: int, month: int | None, field: str) -> None:
    """29/02 exists (it ends on 28/02 in other years: Civil Code Art. 148.3); 31/11 does not."""
    if month is not None and not 1 <= month <= 12:
        raise Refused(phrase("Không có tháng %(month)s; tháng từ 1 đến 12.", month=month), field="month" if field == "day" else field)
    longest = month_end(_LEAP_YEAR, month).day if month else 31
    if day < 1 or day > longest:
        of = (
            phrase("Tháng %(month)s chỉ có %(longest)s ngày", month=month, longest=longest)
            if month
            else phrase("Một tháng có nhiều nhất %(longest)s ngày", longest=longest)
        )
        raise Refused(phrase("%(of)s; đồng chí ghi ngày từ 1 đến %(longest)s.", of=of, longest=longest), field=field)


def _check_term(stated: Stated) -> None:
    if stated.schedule is not Schedule.EVENT:
        return
    if stated.term_length is None:
        raise Refused("Quy tắc tính từ một sự việc cần độ dài của thời hạn, ví dụ 15 ngày.", field="term_length")
    if not 0 < stated.term_length <= LONGEST_TERM:
        raise Refused(
            phrase(
                "Thời hạn từ 1 đến %(longest_term)s; đồng chí ghi lại số %(term_length)s.", longest_term=LONGEST_TERM, term_length=stated.term_length
            ),
            field="term_length",
        )


def _check_window(stated: Stated) -> None:
    if stated.window is not Window.STATED:
        return
    for field, end in (("window_from", stated.window_from), ("window_to", stated.window_to)):
        if end is None:
            raise Refused("Kỳ số liệu ghi trong văn bản cần cả ngày đầu và ngày cuối, dạng 01/10.", field=field)
        _check_exists(*end, field)
    assert stated.stated_window is not None
    first, last = stated.stated_window.of(_LEAP_YEAR)
    if last < first:
        raise Refused(
            phrase(
                "Kỳ số liệu kết thúc %(window_to)s trước khi bắt đầu %(window_from)s; nếu kỳ bắt đầu từ năm trước, đồng chí đánh dấu "
                "“Ngày đầu thuộc năm trước”.",
                window_to=_day_month(stated.window_to),
                window_from=_day_month(stated.window_from),
            ),
            field="window_to",
        )


def _check_cascade(stated: Stated, calendar: WorkingCalendar, readings: Readings, today: date) -> None:
    if not stated.upward:
        return
    if not stated.periodic or stated.day is None:
        raise Refused("Chỉ quy tắc định kỳ có ngày mới tính lùi được từ hạn gửi cấp trên; đồng chí bỏ dấu ở ô này.", field="upward")
    for field, days in (("check_days", stated.check_days), ("sign_days", stated.sign_days)):
        if not 0 <= days <= MOST_BUFFER:
            raise Refused(
                phrase(
                    "Số ngày làm việc để kiểm tra, trình ký từ 0 đến %(most_buffer)s; đồng chí ghi lại số %(days)s.",
                    most_buffer=MOST_BUFFER,
                    days=days,
                ),
                field=field,
            )
    terms = stated.terms("rule", readings)
    for before, period in pairwise(p for year in (today.year, today.year + 1) for p in periods_of_year(terms, calendar, year)):
        last, outer = period.dates.last_on, before.dates.outer_on
        if last is not None and outer is not None and last <= outer:
            raise Refused(
                phrase(
                    "Trừ %(check_days)s ngày làm việc để kiểm tra, trình ký thì các đơn vị phải nộp khi kỳ trước chưa gửi xong; đồng chí "
                    "bớt số ngày.",
                    check_days=stated.check_days + stated.sign_days,
                ),
                field="check_days",
            )


def _day_month(end: tuple[int, int] | None) -> str:
    return f"{end[0]:02d}/{end[1]:02d}" if end else "–"


def in_words(stated: Stated) -> dict[str, str]:
    """Each part in Vietnamese, by its name in LABELS; what a rule does not have is «–». Notice and sets are not among them."""
    event = stated.schedule is Schedule.EVENT
    dated = stated.day is not None
    window = WINDOW_WORDS[stated.window]
    if stated.stated_window:
        last_year = phrase(" năm trước") if stated.window_from_last_year else ""
        window = phrase(
            "Văn bản ghi: từ %(window_from)s%(last_year)s đến %(window_to)s",
            window_from=_day_month(stated.window_from),
            last_year=last_year,
            window_to=_day_month(stated.window_to),
        )
    cascade = (
        phrase(
            "Có: %(check_days)s ngày làm việc kiểm tra, %(sign_days)s ngày làm việc trình ký",
            check_days=stated.check_days,
            sign_days=stated.sign_days,
        )
        if stated.upward
        else phrase("Không")
    )
    return {
        "name": stated.name,
        "kind": KIND_WORDS[stated.kind],
        "wording": stated.wording,
        "place": stated.place,
        "schedule": SCHEDULE_WORDS[stated.schedule],
        "day": str(stated.day) if dated else "–",
        "month": str(stated.month) if stated.month else "–",
        "months_after": months_after_words(stated.months_after) if dated else "–",
        "boundary": BOUNDARY_WORDS[stated.boundary] if stated.boundary and dated else "–",
        "roll": ROLL_WORDS[stated.roll] if dated or event else "–",
        "term": phrase(
            "%(term_length)s %(unit)s kể từ %(trigger)s",
            term_length=stated.term_length,
            unit=UNIT_WORDS[stated.term_unit],
            trigger=TRIGGER_WORDS[stated.trigger],
        )
        if event
        else "–",
        "window": window,
        "opens_days_before": phrase("%(opens_days_before)s ngày", opens_days_before=stated.opens_days_before),
        "cascade": cascade,
        "note": stated.note or "–",
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """One period as a page tells it. ``started`` is the day an example of an event-started term counts from."""

    period: Period
    explanation: str
    warning: str | None
    started: date | None = None


def next_periods(terms: Terms, calendar: WorkingCalendar, today: date, count: int = 3) -> list[Shown]:
    """The next periods of a periodic rule, by their last day (of one without a day by the end of its figures), each with its explanation.

    Of an event-started rule one example, as if it started today; of the others nothing.
    """
    if terms.schedule is Schedule.EVENT:
        return [_shown(terms, calendar, started_by_letter(terms, calendar, "mau", today), today)]
    return [_shown(terms, calendar, period) for period in sorted(_to_come(terms, calendar, today), key=_ends)[:count]]


def _to_come(terms: Terms, calendar: WorkingCalendar, today: date) -> Iterator[Period]:
    for year in range(today.year - 1, today.year + 4):
        yield from (period for period in periods_of_year(terms, calendar, year) if _ends(period) >= today)


def _ends(period: Period) -> date:
    return period.dates.last_on or period.dates.data_to or period.opens_on


def _shown(terms: Terms, calendar: WorkingCalendar, period: Period, started: date | None = None) -> Shown:
    return Shown(period, explain(terms, calendar, period.dates, started), warning(calendar, period.dates), started)
