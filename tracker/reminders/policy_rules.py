"""The policy of chasing: on which working days something is said, who is told from when on, and when the office keeps quiet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Protocol, TypeVar

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel.clock import ONE_DAY, ZONE
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn, join_and, parse_date_vn
from tracker.kernel.words import phrase

#: No rung is further from the target day than this, in working days.
FURTHEST = 60
#: How far from today a policy can be tried.
FURTHEST_LOOK = timedelta(days=731)
#: So many working days in a row with a rung are a mail every day.
TOO_MANY_IN_A_ROW = 5
#: The longest row of days an office may keep quiet: more is the setting that switches reminders off.
LONGEST_QUIET = timedelta(days=31)
#: How many such rows a policy holds.
MOST_QUIET = 12

#: So long after the office's hours begin the day is planned for certain: the scheduler plans every half hour.
PLAN_FIRST = timedelta(minutes=35)


class Told(Protocol):
    """Somebody who may be told. ``head``: leads the unit, and is nothing else in it."""

    @property
    def head(self) -> bool: ...


T = TypeVar("T", bound=Told)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Days on which nothing is said, both ends included, beside those nobody works on."""

    first: date
    last: date

    @property
    def words(self) -> str:
        return date_vn(self.first) if self.first == self.last else f"{date_vn(self.first)} – {date_vn(self.last)}"


@dataclass(frozen=True, slots=True)
class Policy:
    """``rungs``: working days from the target day, rising (−15 … 0 … 3). ``afterwards``: after the last one, every so many; 0 for never.

    From which rung others are told beside a unit's specialists: ``heads_from`` its head (None: from the first), ``focal_from`` the focal
    point's people, ``chair_from`` the leaders, once for each task and deadline (None: never). ``chair_weekly``: the leaders' summary on the
    first working day of a week. ``cooperators``: units that were asked for something climb the same rungs to the day they were given.
    ``news``: digests tell what waits for an answer or was answered. From ``zalo_from`` on a unit is also to be told by Zalo, from
    ``letter_from`` on a letter is proposed: a person does both. Mail leaves from ``opens_at`` to ``closes_at``.
    """

    rungs: tuple[int, ...] = (-15, -7, -3, -1, 0, 1, 3)
    afterwards: int = 5
    heads_from: int | None = None
    cooperators: bool = True
    news: bool = True
    focal_from: int | None = None
    chair_from: int | None = 3
    chair_weekly: bool = True
    zalo_from: int | None = 1
    letter_from: int | None = 8
    opens_at: time = time(7, 30)
    closes_at: time = time(17, 0)
    quiet: tuple[Quiet, ...] = ()

    def keeps_quiet(self, day: date) -> bool:
        return any(one.first <= day <= one.last for one in self.quiet)

    def is_open(self, at: time) -> bool:
        """Whether mail leaves at that time of day."""
        return self.opens_at <= at < self.closes_at

    def closed_until(self, calendar: WorkingCalendar, at: datetime) -> datetime | None:
        """When mail held back leaves, where at that instant none does: by night, on days off and quiet days. None where it does.

        Not on the stroke of ``opens_at``: the morning's plan comes first, and folds what waits into the day's one mail.
        """
        local = at.astimezone(ZONE)
        if self._speaks_on(calendar, local.date()) and self.is_open(local.time()):
            return None
        day = local.date() if local.time() < self.opens_at else local.date() + ONE_DAY
        while not self._speaks_on(calendar, day):
            day += ONE_DAY
        opens, closes = datetime.combine(day, self.opens_at, ZONE), datetime.combine(day, self.closes_at, ZONE)
        return opens + min(PLAN_FIRST, (closes - opens) / 2)

    def _speaks_on(self, calendar: WorkingCalendar, day: date) -> bool:
        return calendar.is_working(day) and not self.keeps_quiet(day)

    def rung_reached(self, offset: int) -> int | None:
        """The highest rung at or below ``offset`` working days from the target day; None before the first."""
        if offset < self.rungs[0]:
            return None
        last = self.rungs[-1]
        if offset > last and self.afterwards:
            return last + (offset - last) // self.afterwards * self.afterwards
        return max(rung for rung in self.rungs if rung <= offset)

    def zalo_due(self, calendar: WorkingCalendar, target: date, day: date, last: date | None) -> bool:
        """Whether a unit with a task aimed at ``target`` is to be told by Zalo on ``day``, ``last`` having been the last time it was."""
        return self._due(self.zalo_from, calendar, target, day, last)

    def letter_due(self, calendar: WorkingCalendar, target: date, day: date, last: date | None) -> bool:
        """The same of an official letter."""
        return self._due(self.letter_from, calendar, target, day, last)

    def _due(self, step: int | None, calendar: WorkingCalendar, target: date, day: date, last: date | None) -> bool:
        """What a person does from a step on is due once for each rung."""
        rung = self.rung_reached(calendar.between(target, day))
        if step is None or rung is None or rung < step:
            return False
        said = None if last is None else self.rung_reached(calendar.between(target, last))
        return said is None or said < rung

    def climbs_on(self, calendar: WorkingCalendar, target: date, day: date) -> int | None:
        """The rung a task aimed at ``target`` reaches on the working day ``day``: what a scheduler that never sleeps says then. None: no new one."""
        rung = self.rung_reached(calendar.between(target, day))
        before = self.rung_reached(calendar.between(target, calendar.on_or_before(day - ONE_DAY)))
        return None if rung == before else rung

    def tells(self, rung: int, contacts: tuple[T, ...]) -> tuple[T, ...]:
        """Who of a unit's contacts is told at a rung. A unit with nobody but its head has the head told from the first: no one is forgotten."""
        if self.heads_from is None or rung >= self.heads_from:
            return contacts
        return tuple(one for one in contacts if not one.head) or contacts

    @property
    def before(self) -> tuple[int, ...]:
        """Days before the target day, the furthest first."""
        return tuple(-rung for rung in self.rungs if rung < 0)

    @property
    def after(self) -> tuple[int, ...]:
        return tuple(rung for rung in self.rungs if rung > 0)

    @property
    def words(self) -> str:
        """The whole policy as a sentence, for the history and for who must choose between two."""
        parts = [phrase("trước %(before)s ngày làm việc", before=_listed(self.before))] if self.before else []
        parts += [phrase("đúng ngày nhắm tới")] if 0 in self.rungs else []
        parts += [phrase("sau %(after)s ngày làm việc", after=_listed(self.after))] if self.after else []
        then = phrase(", rồi mỗi %(afterwards)s ngày làm việc một lần", afterwards=self.afterwards) if self.afterwards else phrase(", rồi thôi")
        heads = phrase("ngay từ mốc đầu") if self.heads_from is None else rung_words(self.heads_from)
        return phrase(
            "Nhắc %(parts)s%(then)s; lãnh đạo đơn vị được nhắc %(heads)s. %(others)s %(means)s %(hours)s",
            parts=join_and(parts),
            then=then,
            heads=heads,
            others=self._others,
            means=self._means,
            hours=self._hours,
        )

    @property
    def _others(self) -> str:
        told = [phrase("đơn vị phối hợp được nhờ")] if self.cooperators else []
        told += [phrase("đầu mối %(focal_from)s", focal_from=rung_words(self.focal_from))] if self.focal_from is not None else []
        told += [phrase("lãnh đạo cơ quan %(chair_from)s", chair_from=rung_words(self.chair_from))] if self.chair_from is not None else []
        told += [phrase("lãnh đạo cơ quan bản tổng hợp đầu tuần")] if self.chair_weekly else []
        news = "" if self.news else phrase(" Thư không kèm việc mới phát sinh.")
        return (phrase("Cũng nhắc %(told)s.", told=join_and(told)) if told else phrase("Không nhắc ai khác.")) + news

    @property
    def _means(self) -> str:
        means = [phrase("nhắn Zalo %(zalo_from)s", zalo_from=rung_words(self.zalo_from))] if self.zalo_from is not None else []
        means += [phrase("gửi công văn %(letter_from)s", letter_from=rung_words(self.letter_from))] if self.letter_from is not None else []
        return phrase("Gợi ý %(means)s.", means=join_and(means)) if means else phrase("Không gợi ý nhắn Zalo, gửi công văn.")

    @property
    def _hours(self) -> str:
        quiet = phrase("; yên lặng %(names)s", names=join_and(one.words for one in self.quiet)) if self.quiet else ""
        return phrase(
            "Thư đi từ %(opens_at)s đến %(closes_at)s%(quiet)s.", opens_at=f"{self.opens_at:%H:%M}", closes_at=f"{self.closes_at:%H:%M}", quiet=quiet
        )


#: What an authority that has chosen nothing has.
USUAL = Policy()
#: From which rung heads may be told; None from the first.
HEADS_FROM: tuple[int | None, ...] = (None, -7, -3, -1, 0, 1, 3)
#: From which rung others may be told, and by other means; None never.
OTHERS_FROM: tuple[int | None, ...] = (None, -3, -1, 0, 1, 3, 8, 13)


def rung_words(rung: int) -> str:
    """«khi còn 3 ngày làm việc», «vào đúng ngày nhắm tới», «khi đã qua 3 ngày làm việc»."""
    if rung == 0:
        return phrase("vào đúng ngày nhắm tới")
    return phrase("khi còn %(rung)s ngày làm việc", rung=-rung) if rung < 0 else phrase("khi đã qua %(rung)s ngày làm việc", rung=rung)


def _listed(days: Iterable[int]) -> str:
    return ", ".join(str(day) for day in days)


def read_days(text: str, field: str) -> tuple[int, ...]:
    """«15, 7, 3 và 1» → (15, 7, 3, 1); nothing typed is none. Raises Refused for what is no day from 1 to FURTHEST."""
    words = text.replace("và", ",").replace(";", ",").replace(",", " ").split()
    for word in words:
        if not (word.isdecimal() and len(word) < 4 and 1 <= int(word) <= FURTHEST):
            raise Refused(
                phrase("“%(word)s” không phải số ngày từ 1 đến %(furthest)s; đồng chí viết như: 15, 7, 3, 1.", word=word, furthest=FURTHEST),
                field=field,
            )
    return tuple(int(word) for word in words)


def read_quiet(text: str, field: str) -> tuple[Quiet, ...]:
    """«24/12/2026; 28/12/2026 - 31/12/2026» → rows of days, in order. Raises Refused for what is no day, runs backwards or is too long."""
    found = [_one_quiet(part, field) for part in text.replace("\n", ";").split(";") if part.strip()]
    if len(found) > MOST_QUIET:
        raise Refused(
            phrase("Nhiều nhất %(most_quiet)s khoảng ngày yên lặng; đồng chí bỏ bớt những khoảng đã qua.", most_quiet=MOST_QUIET), field=field
        )
    return tuple(sorted(found, key=lambda one: (one.first, one.last)))


def _one_quiet(part: str, field: str) -> Quiet:
    first, dash, last = part.replace("–", "-").replace("—", "-").partition("-")
    try:
        quiet = Quiet(parse_date_vn(first.strip()), parse_date_vn((last if dash else first).strip()))
    except ValueError:
        raise Refused(
            phrase("“%(part)s” chưa đúng; đồng chí viết như 24/12/2026 hoặc 28/12/2026 - 31/12/2026.", part=part.strip()), field=field
        ) from None
    if quiet.last < quiet.first:
        raise Refused(phrase("“%(part)s” kết thúc trước khi bắt đầu.", part=part.strip()), field=field)
    if quiet.last - quiet.first >= LONGEST_QUIET:
        raise Refused(
            phrase(
                "“%(part)s” dài quá %(days)s ngày; muốn thôi nhắc hẳn, đồng chí tắt nhắc việc trong Thiết lập.",
                part=part.strip(),
                days=LONGEST_QUIET.days,
            ),
            field=field,
        )
    return quiet


def expect_livable(policy: Policy) -> Policy:
    """The policy, where somebody may live with it. Raises Refused for one that tells nobody, or everybody every day."""
    if not policy.rungs:
        raise Refused("Chính sách này không nhắc ai cả; đồng chí cho ít nhất một mốc, hoặc tắt nhắc việc trong Thiết lập.", field="before")
    if policy.afterwards == 1:
        raise Refused("Nhắc lại mỗi ngày thì không ai đọc nữa; đồng chí chọn từ 2 ngày làm việc trở lên, hoặc 0 để thôi.", field="afterwards")
    if _longest_row(policy.rungs) >= TOO_MANY_IN_A_ROW:
        raise Refused(
            phrase(
                "Có %(too_many_in_a_row)s mốc liền nhau trở lên, thành ra ngày nào cũng nhắc; đồng chí bỏ bớt mốc.",
                too_many_in_a_row=TOO_MANY_IN_A_ROW,
            ),
            field="before",
        )
    for field, who in (("heads_from", phrase("lãnh đạo đơn vị")), ("focal_from", phrase("đầu mối")), ("chair_from", phrase("lãnh đạo cơ quan"))):
        rung = getattr(policy, field)
        if rung is not None and not policy.afterwards and rung > policy.rungs[-1]:
            raise Refused(phrase("Không mốc nào tới lượt %(who)s; đồng chí chọn mốc sớm hơn hoặc cho nhắc lại sau mốc cuối.", who=who), field=field)
    if policy.closes_at <= policy.opens_at:
        raise Refused("Giờ thôi gửi phải sau giờ bắt đầu gửi.", field="closes_at")
    return policy


def rungs_of(before: Iterable[int], on_the_day: bool, after: Iterable[int]) -> tuple[int, ...]:
    """(15, 7), True, (3,) → (-15, -7, 0, 3)."""
    return tuple(sorted({-day for day in before} | ({0} if on_the_day else set()) | set(after)))


def expect_near(day: date, today: date) -> None:
    """Refuses to look at a day so far off that no calendar knows it."""
    if abs(day - today) > FURTHEST_LOOK:
        raise Refused("Chỉ xem thử được trong khoảng hai năm trước và sau hôm nay.", field="seen_from")


def _longest_row(rungs: tuple[int, ...]) -> int:
    longest = row = 1
    for previous, rung in pairwise(rungs):
        row = row + 1 if rung == previous + 1 else 1
        longest = max(longest, row)
    return longest
