"""Plausible progress for the demonstration, made with the same services people use. The same day gives the same picture."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.audit.rules import Actor
from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.deadlines.models import Round
from tracker.evidence import content_rules
from tracker.evidence import queries as evidence_queries
from tracker.evidence import service as evidence
from tracker.evidence.content_rules import Content
from tracker.evidence.rules import WHOLE, Asked, Slot, SlotKind
from tracker.files.storage import Storage
from tracker.indicators.models import Indicator
from tracker.kernel.clock import local_day, noon
from tracker.operations.demo_accounts import name_of
from tracker.operations.demo_files import one_page_pdf
from tracker.tasks import service as tasks
from tracker.tasks.models import Task
from tracker.tasks.rules import SET_ASIDE
from tracker.units.access import desk_of
from tracker.units.models import Authority, Membership, Unit
from tracker.units.rules import Role, UnitKind

#: After this many days little is left to chase; after that many a past round is all but forgotten.
PAST_DAYS = 21
LONG_PAST_DAYS = 60
REASONS = (
    "Văn bản chưa có số và ngày ban hành; đề nghị gửi bản đã ký.",
    "Biên bản họp thiếu danh sách người dự; đề nghị bổ sung.",
    "Số liệu chưa khớp với báo cáo quý trước; đề nghị rà soát lại.",
    "Ảnh chụp màn hình không thấy ngày; đề nghị chụp lại hoặc gửi đường dẫn.",
)


class Fate(StrEnum):
    """Where a task of the demonstration ends up."""

    ACCEPTED = "accepted"
    LATE = "late"
    READY = "ready"
    RETURNED = "returned"
    COLLECTING = "collecting"
    NOT_STARTED = "not_started"


Shares = tuple[tuple[float, Fate], ...]
#: Cumulative shares by how long ago a round's last day was: before it, just past it, weeks past it, over for long.
_RUNNING: Shares = ((0.28, Fate.ACCEPTED), (0.42, Fate.READY), (0.48, Fate.RETURNED), (0.76, Fate.COLLECTING), (1.0, Fate.NOT_STARTED))
_JUST_PAST: Shares = (
    (0.44, Fate.ACCEPTED),
    (0.51, Fate.LATE),
    (0.64, Fate.READY),
    (0.71, Fate.RETURNED),
    (0.87, Fate.COLLECTING),
    (1.0, Fate.NOT_STARTED),
)
_PAST: Shares = (
    (0.86, Fate.ACCEPTED),
    (0.93, Fate.LATE),
    (0.95, Fate.READY),
    (0.97, Fate.RETURNED),
    (0.99, Fate.COLLECTING),
    (1.0, Fate.NOT_STARTED),
)
_LONG_PAST: Shares = ((0.92, Fate.ACCEPTED), (1.0, Fate.LATE))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody does at one instant."""

    at: datetime
    order: int
    do: Callable[[datetime], object]


def long_past(one: Round, today: date) -> bool:
    return one.last_on is not None and (today - one.last_on).days > LONG_PAST_DAYS


def share(*words: object) -> float:
    """A number from 0 to 1 that depends on the words alone."""
    digest = hashlib.sha256("|".join(str(word) for word in words).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def make(session: Session, authority: Authority, opened: list[Round], storage: Storage, now: datetime) -> None:
    """Moves the tasks of fresh rounds along, in order of time."""
    story = _Story(session, authority, storage, now)
    steps: list[Step] = []
    for one in opened:
        for task, unit, indicator in _tasks(session, one):
            steps += story.steps(one, task, unit, indicator)
    for step in sorted(steps, key=lambda step: (step.at, step.order)):
        step.do(step.at)


def _tasks(session: Session, one: Round) -> list[tuple[Task, Unit, Indicator | None]]:
    rows = session.execute(
        select(Task, Unit, Indicator)
        .join(Unit, (Unit.authority_id == Task.authority_id) & (Unit.id == Task.unit_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
        .where(Task.round_id == one.id)
        .order_by(Task.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def actor_of(session: Session, authority: Authority, account: Account, today: date) -> Actor:
    """Somebody of the demonstration, as the history names them."""
    _authority, viewer = desk_of(session, account.id, account.display_name, authority.slug, today)
    return Actor(account.id, f"{viewer.name} ({viewer.title})")


class _Story:
    """Who acts, when, and with what."""

    def __init__(self, session: Session, authority: Authority, storage: Storage, now: datetime) -> None:
        self.session, self.authority, self.storage, self.now = session, authority, storage, now
        self.today = local_day(now)
        self.calendar: WorkingCalendar = deadlines.working_calendar(session)
        self.focal = self._actor_of(session.scalars(select(Account).where(Account.username_key == name_of(authority, Role.FOCAL))).one())
        self.people = {
            unit_id: self._actor_of(account)
            for unit_id, account in session.execute(
                select(Membership.unit_id, Account)
                .join(Account, Account.id == Membership.account_id)
                .where(Membership.authority_id == authority.id, Membership.role == Role.SPECIALIST)
                .order_by(Membership.id)
            )
        }
        self.required: dict[int | None, list[Asked]] = {}
        self.files = 0

    def _actor_of(self, account: Account) -> Actor:
        return actor_of(self.session, self.authority, account, self.today)

    def steps(self, one: Round, task: Task, unit: Unit, indicator: Indicator | None) -> list[Step]:
        """What happens to one task until now; nothing to one whose data another body supplies."""
        if task.status in SET_ASIDE:
            return []
        key = (one.slug, indicator.code if indicator else task.title, unit.slug)
        # Some units lag behind others: that is what the pages are for.
        fate = self._fate(one, min(max(share(*key) + 0.4 * (share(unit.slug) - 0.5), 0.0), 1.0))
        if fate is Fate.NOT_STARTED:
            return []
        bring_at, submit_at = self._days(one, fate, share("when", *key))
        actor = self._actor_for(unit)
        steps = [Step(bring_at, task.id, lambda at: self._bring(task, unit, indicator, actor, at, all_of_it=fate is not Fate.COLLECTING))]
        if fate is Fate.COLLECTING:
            return steps
        steps.append(Step(submit_at, task.id, lambda at: evidence.submit(self.session, task, actor, at, needs_head=False, is_head=True)))
        decided = min(submit_at + timedelta(days=1, hours=3 * share("decided", *key)), self.now)
        if fate in (Fate.ACCEPTED, Fate.LATE):
            steps.append(Step(decided, task.id, lambda at: self._accept(task, unit, at)))
        elif fate is Fate.RETURNED:
            reason = REASONS[int(share("why", *key) * len(REASONS))]
            lately = self._hour(self.calendar.add(self.today, -1), 10 + 5 * share("decided", *key))
            steps.append(Step(max(decided, lately), task.id, lambda at: self._return(task, one, reason, at)))
        return steps

    def _fate(self, one: Round, chance: float) -> Fate:
        ago = (self.today - (one.last_on or one.data_to or self.today)).days
        table = _LONG_PAST if ago > LONG_PAST_DAYS else _PAST if ago > PAST_DAYS else _JUST_PAST if ago > 0 else _RUNNING
        return next(fate for limit, fate in table if chance <= limit)

    def _actor_for(self, unit: Unit) -> Actor:
        """A specialist of the unit; the focal point «thay mặt» bodies outside and groups without members."""
        if unit.kind in (UnitKind.EXTERNAL, UnitKind.GROUP) or unit.id not in self.people:
            return Actor(self.focal.account_id, self.focal.words, None if unit.focal else unit.name)
        return self.people[unit.id]

    def _days(self, one: Round, fate: Fate, chance: float) -> tuple[datetime, datetime]:
        """When evidence is brought and when the task is handed in: working hours of working days, never after now."""
        begun = local_day(one.opened_at)
        end = min(one.last_on or self.today, self.today)
        span = max((end - begun).days, 0)
        handed_in = self.calendar.on_or_before(begun + timedelta(days=round(span * (0.3 + 0.7 * chance))))
        if fate is Fate.LATE and one.last_on is not None:
            handed_in = self.calendar.add(one.last_on, 1 + int(chance * 3))
        submit_at = self._hour(max(handed_in, begun), 9 + chance * 7)
        bring_at = max(submit_at - timedelta(hours=1 + 40 * chance), one.opened_at)
        return min(bring_at, submit_at), submit_at

    def _hour(self, day: date, hour: float) -> datetime:
        return min(noon(day) + timedelta(hours=hour - 12), self.now)

    def _needed(self, indicator_id: int | None) -> list[Asked]:
        if indicator_id not in self.required:
            self.required[indicator_id] = evidence_queries.checklist(self.session, indicator_id)
        return self.required[indicator_id]

    def _bring(self, task: Task, unit: Unit, indicator: Indicator | None, actor: Actor, at: datetime, *, all_of_it: bool) -> None:
        needed = self._needed(task.indicator_id)
        wanted: list[Slot] = [one.slot for one in needed for _copy in range(one.quantity)] or [WHOLE]
        for number, slot in enumerate(wanted if all_of_it else wanted[: max(len(wanted) - 1, 1)]):
            content = self._figure(task, unit, number) if slot.kind is SlotKind.VARIABLE else self._content(task, unit, indicator, number)
            evidence.bring(self.session, task, content, slot, unit.id, actor, at)

    def _figure(self, task: Task, unit: Unit, number: int) -> Content:
        """A letter of the scoring formula."""
        chance = share("letter", task.round_id, task.indicator_id or 0, unit.slug, number)
        return content_rules.a_figure(Decimal(20 + int(180 * chance)), None)

    def _content(self, task: Task, unit: Unit, indicator: Indicator | None, number: int) -> Content:
        code = indicator.code if indicator else "bao-cao"
        chance = share("what", task.round_id, code, unit.slug, number)
        if chance < 0.12 and self.files < 12:
            self.files += 1
            data = one_page_pdf(f"TAI LIEU TRINH DIEN - {self.authority.slug} - {code}")
            return content_rules.a_file(self.storage.put(self.authority.id, io.BytesIO(data), "minh-chung.pdf"), f"Minh chứng {code}.pdf")
        if indicator is not None and "tỷ lệ" in indicator.name.casefold() and chance < 0.6:
            return content_rules.a_figure(Decimal(round(40 + 59 * chance, 1)).quantize(Decimal("0.1")), "%")
        if chance > 0.95:
            return content_rules.a_statement("Trong kỳ không phát sinh, đơn vị đã rà soát.")
        return content_rules.a_link(f"https://{self.authority.slug}.example/van-ban/{code}-{number + 1}")

    def _accept(self, task: Task, unit: Unit, at: datetime) -> None:
        tasks.accept(self.session, task, self.focal, at, own=unit.focal, own_allowed=self.authority.own_acceptance)

    def _return(self, task: Task, one: Round, reason: str, at: datetime) -> None:
        tasks.return_(self.session, task, one, reason, self.focal, at, calendar=self.calendar, mend_days=self.authority.mend_days)
