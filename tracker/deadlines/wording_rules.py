"""From a document's words to a rule: «trước ngày 20 tháng cuối quý» → quarterly, the 20th of the last month, that day not counted.

A table of phrases is tried on the sentence as plain words, the most specific first; what a phrase has read is struck out, so that no word is
read twice. What is read is given back in words (``restated_rules.restate``) for a person to confirm.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from tracker.deadlines.plain_words_rules import Plain, must_exist, refused
from tracker.deadlines.rules import PERIOD_MONTHS, Boundary, Roll, Schedule, TermUnit, Trigger, month_end
from tracker.kernel.words import phrase

LONGEST_SENTENCE = 1000
_UNREAD = phrase("Chưa đọc được thời hạn trong câu này; đồng chí chọn các mục bên dưới.")


@dataclass(frozen=True, slots=True)
class Understood:
    """One deadline read from a sentence, in the terms of ``rules.Terms``.

    ``on``: the day of a single date that bears its year (then ad hoc, ``month`` and ``day`` None). ``words``: the part that was read, verbatim.
    ``note``: what the reader had to assume, as a Vietnamese sentence; empty where nothing.
    """

    schedule: Schedule
    month: int | None = None
    day: int | None = None
    months_after: int = 0
    term_length: int | None = None
    term_unit: TermUnit = TermUnit.DAY
    trigger: Trigger = Trigger.ISSUED
    boundary: Boundary | None = None
    roll: Roll = Roll.NONE
    on: date | None = None
    words: str = ""
    note: str = ""


Reading = tuple[Understood, ...]


def read_wording(sentence: str) -> Reading:
    """The deadlines a sentence states, in its order; several where it states several.

    Days are day/month. Raises ``Refused`` with ``field="wording"`` where nothing can be read or a day does not exist.
    """
    text = unicodedata.normalize("NFC", sentence)
    if len(text) > LONGEST_SENTENCE:
        raise refused(phrase("Câu này dài quá 1.000 ký tự; đồng chí chỉ chép phần nói về thời hạn."))
    if not text.strip():
        raise refused(phrase("Đồng chí chép lời văn bản nói về thời hạn, ví dụ: trước ngày 15/11 hằng năm."))
    plain = Plain.of(text)
    found: list[tuple[int, Understood]] = []
    left = plain.text
    for pattern, reader in _PHRASES:
        for match in list(pattern.finditer(left)):
            read = reader(match, plain)
            if read is None:
                continue
            words = plain.verbatim(*match.span())
            found += [(match.start(), replace(one, words=words)) for one in read]
            left = left[: match.start()] + "#" * len(match[0]) + left[match.end() :]
    readings = [one for _, one in sorted(found, key=lambda pair: pair[0])]
    dated = {one.schedule for one in readings if one.day is not None}
    kept = [one for one in readings if one.day is not None or one.schedule not in dated]
    if not kept:
        raise refused(_UNREAD)
    distinct: dict[Understood, Understood] = {}
    for one in kept:
        distinct.setdefault(replace(one, words="", note=""), one)
    return tuple(distinct.values())


# The words of the grammar.

_QUARTER = r"qu[yi](?! (?:dinh|che|trinh|hoach|tac|uoc|mo|luat|chuan|pham|phap))"
_EVERY = r"(?:hang|moi|tung|theo|bao cao|dinh ky)"
_FREQUENCY = {
    Schedule.MONTHLY: rf"{_EVERY} thang(?! (?:[0-9]|dau|giua|cuoi))|1 thang (?:/ )?1 lan",
    Schedule.QUARTERLY: rf"{_EVERY} {_QUARTER}",
    Schedule.EVERY_3_MONTHS: r"3 thang(?! (?:[0-9](?! lan)|dau|cuoi))(?: (?:/ )?1 lan)?|3(?= (?:,|va) 6 thang)",
    Schedule.EVERY_6_MONTHS: r"6 thang (?:dau|cuoi) nam|6 thang(?! (?:[0-9](?! lan)|dau|cuoi))(?: (?:/ )?1 lan)?|nua nam(?: (?:/ )?1 lan)?",
    Schedule.YEARLY: rf"{_EVERY} nam(?! [0-9])|(?:12 thang|1 nam) (?:/ )?1 lan",
}
#: A period spoken of at all: what «kỳ» and «ngày 20» lean on.
_MENTIONS = re.compile(
    "|".join(f"(?P<{schedule.value}>\\b(?:{phrase}))" for schedule, phrase in _FREQUENCY.items()).replace(f"{_EVERY} {_QUARTER}", _QUARTER)
    + r"|(?P<a_year>(?<!viet )\bnam\b(?! [0-9]))"
)
_CLOCK = r"[0-9]{1,2} (?:gio|h|g|:)(?: [0-9]{1,2}(?: phut)?)?"
_LEAD_WORD = (
    r"cham nhat|muon nhat|tre nhat|khong (?:muon|cham|tre) hon|khong qua|den|het|vao|trong|thoi han|han (?:chot|cuoi(?: cung)?|nop|gui)|han|la|"
    rf"truoc (?:hoac|va)|truoc|ngay|{_CLOCK}"
)
_LEAD = rf"(?P<lead>(?:(?:{_LEAD_WORD})(?: [,:])? )+)"
_DATE = r"(?P<day>[0-9]{1,4}) (?:[/-]|(?:, )?thang) (?P<month>[0-9]{1,4})(?! lan)(?: (?:[/-]|(?:, )?nam) (?P<year>[0-9]{4}))?(?! [/-] [0-9])"
_DATE_UNNAMED = re.sub(r"\?P<\w+>", "?:", _DATE)
_LATER = r"(?: (?:sau|tiep theo|ke tiep|lien ke|lien sau|toi))"
_OF_YEAR = rf"(?: (?:cua )?(?:{_EVERY} nam|nam(?:{_LATER}| truoc(?! (?:ngay|khi))| bao cao| danh gia| nay| do)))"
_AMOUNT = (
    r"(?P<length>[0-9]{1,3}|nam|nua|½) "
    r"(?P<unit>ngay (?:\( )?lam viec(?: \))?|ngay(?! (?:(?:\( )?lam viec|[0-9]))(?: lien tuc| theo lich)?|tuan(?: le)?|"
    r"thang(?! (?:[0-9]|dau|giua|cuoi|tiep|ke tiep|lien|nay|sau(?! (?:khi|ngay|cuoc|hoi))))|nam(?! [0-9]))(?! truoc)"
)
_SINCE = r"(?: ,)? (?:ke tu|tinh tu|ke ca tu|tu|sau)(?P<since>(?:(?! (?:truoc|cham|muon|hang|va|dinh|hoac|nhung) ) [a-z0-9/-]+){1,12})"
_PERIOD = rf"(?:{_QUARTER}|ky(?: (?:bao cao|6 thang))?|6 thang|nam)"
_POINT = rf"(?:[0-9]{{1,4}}|thang [0-9]{{1,2}})(?: (?:[/-]|thang) [0-9]{{1,2}})?(?: (?:[/-]|nam) [0-9]{{4}})?{_OF_YEAR}?(?: (?:cua )?thang truoc)?"


def _lead(words: str) -> tuple[Boundary, str]:
    """The boundary that the words before a day set, and a note where they name an hour: a day ends at 24:00 here."""
    hour = re.search(r"([0-9]+) (?:gio|h|g|:)", words)
    before = re.search(r"\btruoc(?! (?:hoac|va))\b", words) is not None and (hour is None or hour[1] == "0")
    return Boundary.BEFORE if before else Boundary.BY, phrase("Câu có nêu giờ; ở đây tính trọn ngày.") if hour and hour[1] not in {"0", "24"} else ""


def _says_deadline(lead: str | None) -> bool:
    """«là 10/10», «trong 6 …» are no deadlines yet."""
    return bool(lead) and not set(str(lead).replace(",", " ").replace(":", " ").split()) <= {"la", "trong"}


def _period_near(plain: Plain, at: int) -> Schedule | None:
    """The period spoken of last before a place in the sentence, else first after it."""
    mentions = list(_MENTIONS.finditer(plain.text))
    near = [m for m in mentions if m.end() <= at][-1:] or mentions[:1]
    if not near:
        return None
    return Schedule.YEARLY if near[0].lastgroup == "a_year" else Schedule(str(near[0].lastgroup))


_ASSUMED_QUARTER = phrase("Câu không nói rõ kỳ nào; ở đây hiểu là quý, đồng chí kiểm tra lại.")


def _period(word: str | None, plain: Plain, at: int) -> tuple[Schedule, str]:
    """The schedule that «quý», «năm», «6 tháng» names or «kỳ» leans on; with a note where it is a guess."""
    word = (word or "").strip()
    if word.startswith("qu"):
        return Schedule.QUARTERLY, ""
    if word.endswith("6 thang"):
        return Schedule.EVERY_6_MONTHS, ""
    if word == "nam":
        return Schedule.YEARLY, ""
    near = _period_near(plain, at)
    return (near, "") if near else (Schedule.QUARTERLY, _ASSUMED_QUARTER)


def _fixed(schedule: Schedule, place: int, day: int, lead: str | None, note: str = "") -> list[Understood]:
    """A day of the month that lies ``place`` months from the last one of a period. Raises ``Refused`` for days no month has."""
    if not 1 <= day <= 31:
        raise refused(phrase("Không có ngày %(day)s; ngày trong tháng từ 01 đến 31.", day=day))
    boundary, hour = _lead(lead or "")
    month = None
    if schedule is Schedule.YEARLY:
        # a year tells its month by name and moves by whole years
        month = (place - 1) % 12 + 1
        place += 12 - month
    return [Understood(schedule, month, day, place, boundary=boundary, roll=Roll.OFFICE, note=" ".join(filter(None, (note, hour))))]


# Readers: from a phrase found to what it says. None where the phrase says no deadline after all and must be left to later ones.

_Reader = Callable[[re.Match[str], Plain], "list[Understood] | None"]


def _nothing(match: re.Match[str], plain: Plain) -> list[Understood]:
    return []


def _year_first(match: re.Match[str], plain: Plain) -> list[Understood]:
    year, month, day = match[1], int(match[2]), int(match[3])
    if month > 12:
        month, day = day, month
    raise refused(
        phrase(
            "Ngày ghi theo thứ tự ngày/tháng/năm; đồng chí ghi %(day)02d/%(month)02d/%(year)s thay cho %(value)s.",
            day=day,
            month=month,
            year=year,
            value=plain.verbatim(*match.span()),
        )
    )


def _short_year(match: re.Match[str], plain: Plain) -> list[Understood]:
    raise refused(phrase("Năm trong “%(value)s” cần đủ bốn chữ số, ví dụ 15/11/2026.", value=plain.verbatim(*match.span())))


_UNITS = {"ngay": TermUnit.DAY, "tuan": TermUnit.WEEK, "thang": TermUnit.MONTH, "nam": TermUnit.MONTH}
_TRIGGERS = re.compile(
    r"\b(?:(?P<held>(?:(?:ky|cuoc|phien|buoi) )?(?<!phu )hop(?! (?:dong|le|tac))|hoi nghi)"
    r"|(?P<received>(?<!xac )(?<!cong )nhan(?! (?:dan|vien|luc|su)\b)|den)|(?P<issued>ky|ban hanh|phat hanh|ra van ban|gui))\b"
)
_PERIOD_ENDED = re.compile(r"(?:het|ket thuc)(?: (?:ky bao cao|ky|moi))? (?P<period>quy|thang|nam|6 thang)|(?:het|ket thuc) (?P<own>ky)")


def _term(match: re.Match[str], plain: Plain) -> list[Understood] | None:
    opened = match.groupdict().get("opener")
    if opened is not None and set(opened.split()) <= {"la", ":"}:
        return None
    length, unit = _amount(match["length"], match["unit"])
    since = match.groupdict().get("since") or ""
    if re.search(rf"ngay {_DATE_UNNAMED}", since):
        raise refused(
            phrase("Thời hạn phải tính từ một sự việc (ngày phát hành, ngày nhận, ngày họp), không từ một ngày cố định; đồng chí ghi ngày hết hạn.")
        )
    roll = Roll.NONE if unit is TermUnit.WORKING_DAY else Roll.NEXT_WORKING_DAY
    ended = _PERIOD_ENDED.search(since)
    if ended:
        if unit is not TermUnit.DAY or not 1 <= length <= 28:
            raise refused(phrase("Chưa đọc được thời hạn tính từ lúc hết kỳ trong câu này; đồng chí chọn các mục bên dưới."))
        monthly = ended["period"] == "thang"
        schedule, note = (Schedule.MONTHLY, "") if monthly else _period(ended["period"], plain, match.start())
        return [replace(one, roll=roll) for one in _fixed(schedule, 1, length, None, note)]
    if length < 1:
        raise refused(phrase("Thời hạn phải từ 01 ngày trở lên."))
    found = _TRIGGERS.search(since)
    note = "" if found else phrase("Câu không nói rõ tính từ ngày nào; ở đây hiểu là từ ngày phát hành văn bản, đồng chí kiểm tra lại.")
    trigger = Trigger(str(found.lastgroup)) if found else Trigger.ISSUED
    return [Understood(Schedule.EVENT, term_length=length, term_unit=unit, trigger=trigger, boundary=Boundary.BY, roll=roll, note=note)]


def _amount(length: str, unit: str) -> tuple[int, TermUnit]:
    """How long: half a month is 15 days (Civil Code Art. 146), a year twelve months."""
    if length in {"nua", "½"}:
        if unit.startswith("thang"):
            return 15, TermUnit.DAY
        if unit == "nam":
            return 6, TermUnit.MONTH
        raise refused(_UNREAD)
    number = 5 if length == "nam" else int(length)
    if "lam viec" in unit:
        return number, TermUnit.WORKING_DAY
    return number * (12 if unit == "nam" else 1), _UNITS[unit.split()[0]]


#: «đầu», «giữa», «cuối» of a month: Civil Code Art. 146. The last day clamps in shorter months.
_EDGES = {"dau": 1, "giua": 15, "cuoi": 31, "het": 31}


def _day(words: str) -> int:
    return int(words) if words.isdigit() else _EDGES[words.split()[0]]


def _in_period(match: re.Match[str], plain: Plain) -> list[Understood] | None:
    """«ngày 20 tháng cuối quý», «ngày 05 tháng đầu quý sau», «ngày 25 của tháng cuối kỳ»."""
    lead = match["lead"]
    if match["day"].isdigit() and "ngay" not in (lead or "") and not (_says_deadline(lead) and match["period"] != "nam"):
        return None
    schedule, note = _period(match["period"], plain, match.start("day"))
    length = PERIOD_MONTHS.get(schedule, 1)
    which = match["which"].split()
    places = {"dau": 1 - length, "giua": -1, "cuoi": 0}
    place = int(which[1]) - length if which[0] == "thu" else places[which[0]]
    if place > 0 or (which[0] == "giua" and length != 3):
        raise refused(phrase("Chưa rõ “%(value)s” là tháng nào; đồng chí chọn các mục bên dưới.", value=plain.verbatim(*match.span())))
    return _fixed(schedule, place + (length if match["next"] else 0), _day(match["day"]), lead, note)


def _month_after(match: re.Match[str], plain: Plain) -> list[Understood] | None:
    """«ngày 10 của tháng tiếp theo»: of the period spoken of, else of the month."""
    if match["day"].isdigit() and not _says_deadline(match["lead"]):
        return None
    near = _period_near(plain, match.start("day"))
    schedule, note = _period(match["period"], plain, match.start("day")) if match["period"] else (near or Schedule.MONTHLY, "")
    return _fixed(schedule, 1, _day(match["day"]), match["lead"], note)


def _dates(match: re.Match[str], plain: Plain) -> list[Understood] | None:
    """«trước ngày 15/11 hằng năm», «10/10 hằng năm», «ngày 15/6 và 15/12», «trước ngày 15/12/2026»."""
    groups = match.groupdict()
    if "lead" in groups and not _says_deadline(groups["lead"]):
        return None
    of_year = groups.get("of_year") or ""
    found = [(int(m["day"]), int(m["month"]), int(m["year"]) if m["year"] else None) for m in re.finditer(_DATE, groups["dates"])]
    for one in found:
        must_exist(*one)
    return _evenly_spaced([_one_date(*one, groups.get("lead"), of_year) for one in found])


def _one_date(day: int, month: int, year: int | None, lead: str | None, of_year: str) -> Understood:
    if year is not None and not of_year:
        boundary, note = _lead(lead or "")
        return Understood(Schedule.AD_HOC, boundary=boundary, roll=Roll.OFFICE, on=date(year, month, day), note=note)
    years = 1 if re.search(_LATER, of_year) else -1 if of_year.endswith("truoc") else 0
    return _fixed(Schedule.YEARLY, month - 12 + 12 * years, day, lead)[0]


def _evenly_spaced(found: list[Understood]) -> list[Understood]:
    """«15/6 và 15/12» is one rule of every six months, four quarter ends one of every quarter; other lists stay yearly dates."""
    schedule = {(6, 12): Schedule.EVERY_6_MONTHS, (3, 6, 9, 12): Schedule.QUARTERLY}.get(tuple(one.month or 0 for one in found))
    if schedule is None or any(one.months_after for one in found):
        return found
    if all(one.day == month_end(2023, one.month or 1).day for one in found):
        return [replace(found[0], schedule=schedule, month=None, day=31)]
    return [replace(found[0], schedule=schedule, month=None)] if len({one.day for one in found}) == 1 else found


def _month_only(match: re.Match[str], plain: Plain) -> list[Understood] | None:
    """«trong tháng 11» is its last day, «trước tháng 11» before its first, «giữa tháng 11» its 15th; «trong quý IV» likewise."""
    lead, edge, of_year = match["lead"] or "", match["edge"], match["of_year"] or ""
    if not (lead or edge or of_year) or set(lead.split()) & {"ngay", "la"}:
        return None
    before = _lead(lead)[0] is Boundary.BEFORE
    month = int(match["month"]) if match["month"] else 3 * _ROMAN[match["quarter"]] - (2 if before or edge == "dau" else 0)
    if match["quarter"] and edge == "giua":
        return None
    if not 1 <= month <= 12:
        raise refused(phrase("Không có tháng %(month)s; tháng từ 01 đến 12.", month=month))
    year = int(match["year"]) if match["year"] else None
    must_exist(1, month, year)
    day = _EDGES[edge] if edge else 1 if before else 31
    return [_one_date(min(day, month_end(year, month).day) if year else day, month, year, lead, of_year)]


_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}


def _edge(match: re.Match[str], plain: Plain) -> list[Understood] | None:
    """«giữa tháng», «cuối quý», «đầu năm sau», «cuối năm 2026»: Civil Code Art. 146, where the middle of a year is 30/6."""
    edge, period, year = match["edge"].split()[0], match["period"], match["year"]
    schedule, note = (Schedule.MONTHLY, "") if period == "thang" else _period(period, plain, match.start("edge"))
    if edge == "giua" and schedule not in {Schedule.MONTHLY, Schedule.YEARLY}:
        return None
    length = PERIOD_MONTHS.get(schedule, 1)
    day, place = _EDGES[edge], 1 - length if edge == "dau" else 0
    if edge == "giua" and schedule is Schedule.YEARLY:
        day, place = 30, -6
    if year and schedule is Schedule.YEARLY:
        must_exist(1, 12 + place, int(year))
        return [_one_date(day, 12 + place, int(year), match["lead"], "")]
    return _fixed(schedule, place + (length if match["next"] else 0), day, match["lead"], note)


def _day_only(match: re.Match[str], plain: Plain) -> list[Understood] | None:
    """«ngày 15 hằng tháng», «báo cáo tháng trước ngày 20». Of a longer period the month must be told."""
    own = match["own"]
    if not own and "ngay" not in match["lead"].split():
        return None
    schedule = Schedule.MONTHLY if own else _period_near(plain, match.start("day"))
    day = int(match["day"])
    if schedule is Schedule.MONTHLY:
        return _fixed(schedule, 0, day, match["lead"])
    if schedule in {Schedule.YEARLY, None}:
        raise refused(phrase("Câu này nêu ngày %(day)s mà không rõ tháng nào; đồng chí ghi đủ ngày/tháng hoặc “hằng tháng”.", day=day))
    raise refused(
        phrase("Câu này nêu ngày %(day)s mà không rõ tháng nào của kỳ; đồng chí ghi thêm “tháng cuối quý” hay “tháng đầu quý sau”.", day=day)
    )


def _undated(schedule: Schedule) -> _Reader:
    def read(match: re.Match[str], plain: Plain) -> list[Understood]:
        return [Understood(schedule)]

    return read


def _table() -> Iterator[tuple[str, _Reader]]:
    """Phrases with their readers, the most specific first."""
    yield r"([0-9]{4}) [/-] ([0-9]{1,2}) [/-] ([0-9]{1,2})(?! [/-])", _year_first
    yield r"[0-9]{1,2} ([/-]) [0-9]{1,2} \1 [0-9]{2}(?! [/-])", _short_year
    # days that are no deadlines: of the figures, of a document cited, of a beginning, of notice given ahead
    yield r"(?:chot )?(?:so|du) lieu (?:duoc |bao cao )?(?:tinh|lay|chot|tu|:)(?:(?! (?:truoc ngay|cham nhat)) [^;.()#\s]+){1,40}", _nothing
    yield rf"tu (?:ngay )?{_POINT} (?:cho )?den (?:het )?(?:ngay )?{_POINT}", _nothing
    yield rf"[0-9]+ / (?:[0-9]{{4}} / )?[a-z]+(?: [-/] [a-z0-9]+)*(?: [a-z]+){{0,12}}(?: ,)? ngay {_DATE_UNNAMED}", _nothing
    yield rf"(?:khong (?:truoc|som hon)|sau|(?<!ke )(?<!tinh )tu)(?: ngay)? {_DATE_UNNAMED}", _nothing
    yield rf"(?<!\d [,/-] ){_AMOUNT.removesuffix('(?! truoc)')} truoc[^,;.()]*", _nothing
    yield rf"truoc (?:thoi )?(?:han )?{_AMOUNT}[^,;.()]*", _nothing
    opener = r"(?:trong|vong|thoi han|thoi gian|sau|cham nhat|muon nhat|khong qua|toi da|khong (?:muon|cham) hon|la|:)"
    yield rf"(?P<opener>(?:{opener} )+){_AMOUNT}(?:{_SINCE})?", _term
    yield rf"(?<!\d [,/-] ){_AMOUNT}{_SINCE}", _term
    yield rf"^{_AMOUNT}(?<!thang)(?= ?[.;]*$)", _term
    often = "|".join(_FREQUENCY.values())
    opened, within = rf"(?:(?:dinh ky )?(?:{often})(?: [,(:-])? )?", rf"(?P<period>{_PERIOD})(?P<next>{_LATER})?"
    day = r"(?P<day>[0-9]{1,4}|(?:dau|giua|cuoi)(?: tien| cung)?)"
    which = r"(?P<which>dau(?: tien)?|giua|cuoi(?: cung)?|thu [1-9])"
    yield rf"{opened}(?:{_LEAD})?{day} (?:cua |trong )?thang {which}(?: (?:cua )?(?:moi |tung |hang )?{within})?(?! thang)", _in_period
    yield rf"{opened}(?:{_LEAD})?{day} (?:cua )?thang{_LATER}(?: (?:cua )?(?P<period>{_PERIOD}))?", _month_after
    yearly = rf"(?:(?:dinh ky )?(?:{_FREQUENCY[Schedule.YEARLY]}|{_FREQUENCY[Schedule.EVERY_6_MONTHS]})(?: [,(:-])? )?"
    dates = rf"(?P<dates>{_DATE_UNNAMED}(?:(?: [,;])?(?: va| hoac)?(?: ngay)? {_DATE_UNNAMED})*)"
    yield rf"{yearly}{_LEAD}{dates}(?P<of_year>{_OF_YEAR})?", _dates
    yield rf"{dates}(?P<of_year>{_OF_YEAR})", _dates
    yield rf"^{dates}(?= ?[.;]*$)", _dates
    month = rf"(?:thang (?P<month>[0-9]{{1,2}})(?! lan)|{_QUARTER} (?P<quarter>i{{1,3}}|iv|[1-4]))(?: (?:[/-]|nam) (?P<year>[0-9]{{4}}))?"
    yield rf"{yearly}(?:{_LEAD})?(?:(?P<edge>dau|giua|cuoi)(?: cung)? (?:cua )?)?{month}(?P<of_year>{_OF_YEAR})?(?! [/-] [0-9])", _month_only
    edge = r"(?P<edge>(?:dau|giua|cuoi)(?: tien| cung)?|het)"
    named = rf"(?P<period>thang(?! [0-9])|{_PERIOD})(?P<next>{_LATER})?(?: (?P<year>[0-9]{{4}}))?"
    yield rf"{opened}(?:{_LEAD})?(?<!\d thang ){edge} (?:cua )?(?:hang |moi |tung )?{named}", _edge
    own = r"(?P<own>(?: cua| trong)? (?:hang|moi|tung) thang|(?: cua| trong)? thang(?: bao cao)?(?= [,.;)(]|$))"
    yield rf"{opened}{_LEAD}(?P<day>[0-9]{{1,4}})(?:{own}|(?! (?:[/-]|(?:cua )?thang|ngay|tuan|gio|h)(?!\S)))", _day_only
    yield r"thuong xuyen|lien tuc", _undated(Schedule.CONTINUOUS)
    yield r"dot xuat|theo yeu cau|khi (?:co |duoc )?yeu cau", _undated(Schedule.AD_HOC)
    for schedule, often in _FREQUENCY.items():
        yield rf"(?:dinh ky )?(?:{often})", _undated(schedule)


_PHRASES: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple((re.compile(rf"(?<!\S)(?:{said})(?!\S)"), reader) for said, reader in _table())
