"""What waits for an answer in the demonstration, and what was said to whom: a directive, an obstacle, requests, a call, a sheet, a letter.

A newcomer sees these pages alive. Made with the services people use, for one authority; no task changes its status by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.audit.rules import Actor
from tracker.deadlines import queries as deadlines
from tracker.documents import letter_queries, letter_service
from tracker.documents.letter_wording_rules import USUAL_MANNER
from tracker.evidence import contribution_queries, contribution_service
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn
from tracker.operations.demo_accounts import name_of
from tracker.operations.demo_progress import actor_of
from tracker.reminders import chase_service
from tracker.reminders import queries as reminders
from tracker.reminders.chase_rules import ChaseKind
from tracker.tasks import directive_service, extension_service, obstacle_service, proposal_service
from tracker.tasks.extension_access import terms_of
from tracker.tasks.models import Task
from tracker.tasks.proposal_rules import ProposalKind
from tracker.tasks.queries import TaskRow
from tracker.units.models import Authority, Unit
from tracker.units.rules import Role

#: The authority these examples are for: the one the README tells of.
SHOWN = "ninh-son"
#: Working days somebody is given to answer.
DAYS = 3

Deed = Callable[["_Desk", TaskRow, Task], object]


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who acts, and when."""

    session: Session
    authority: Authority
    focal: Actor
    chair: Actor
    now: datetime

    def lead(self, row: TaskRow) -> Actor:
        """A specialist of the unit that leads; the focal point «thay mặt» where it has none."""
        account = _account(self.session, f"specialist-{row.unit_slug}@{self.authority.slug}.demo")
        if account is None:
            return Actor(self.focal.account_id, self.focal.words, row.unit_name)
        return actor_of(self.session, self.authority, account, local_day(self.now))


def _account(session: Session, username: str) -> Account | None:
    return session.scalars(select(Account).where(Account.username_key == username, Account.demo)).one_or_none()


def _acting(session: Session, authority: Authority, role: Role, now: datetime) -> Actor:
    account = _account(session, name_of(authority, role))
    assert account is not None, "the people of the demonstration come first"
    return actor_of(session, authority, account, local_day(now))


def make(session: Session, authority: Authority, now: datetime) -> None:
    """The examples, each where the day has a task for it. Needs a scope of the authority."""
    if authority.slug != SHOWN:
        return
    today = local_day(now)
    focal, chair = (_acting(session, authority, role, now) for role in (Role.FOCAL, Role.CHAIR))
    desk = _Desk(session, authority, focal, chair, now)
    open_ones = reminders.open_tasks(session, authority, today)
    # Units with least to do come first: those the README's story is about keep their tasks as they are.
    owed = Counter(row.unit_id for row in open_ones)
    open_ones.sort(key=lambda row: (owed[row.unit_id], row.id))
    late = [row for row in open_ones if row.standing.days_late]
    early = [row for row in open_ones if not row.standing.days_late]
    used: set[int] = set()
    for deed, among in ((_direct, late), (_hinder, late), (_propose, late), (_ask_for_time, early), (_ask_for_help, [*early, *late])):
        _first(desk, deed, among, used)
    _chased(desk, late)
    _letter(desk)


def _first(desk: _Desk, deed: Deed, among: Sequence[TaskRow], used: set[int]) -> None:
    """Does a deed about the first unit that can: each unit has one example, and the rules of the product decide."""
    for row in among:
        if row.unit_id in used or row.unit_focal:
            continue
        try:
            with desk.session.begin_nested():
                deed(desk, row, desk.session.get_one(Task, row.id))
        except Refused:
            continue
        used.add(row.unit_id)
        return


def _direct(desk: _Desk, _row: TaskRow, task: Task) -> None:
    until = deadlines.working_calendar(desk.session).add(local_day(desk.now), DAYS)
    words = "Trưởng phòng trực tiếp chỉ đạo, báo cáo nguyên nhân chậm và ngày hoàn thành."
    directive_service.direct(desk.session, task, words, until, desk.chair, desk.now)


def _hinder(desk: _Desk, row: TaskRow, task: Task) -> None:
    words = "Số liệu do ngành dọc quản lý, đơn vị chưa được cấp tài khoản khai thác; đề nghị cơ quan đầu mối làm việc với cấp tỉnh."
    obstacle_service.report(desk.session, task, words, desk.lead(row), desk.now)


def _propose(desk: _Desk, row: TaskRow, task: Task) -> None:
    reason = "Đơn vị không quản lý số liệu này; ngành dọc cấp tỉnh tổng hợp và công bố."
    proposal_service.propose(desk.session, task, ProposalKind.SUPPLIED_ELSEWHERE, reason, desk.lead(row), desk.now, body="Cơ quan ngành dọc cấp tỉnh")


def _ask_for_time(desk: _Desk, row: TaskRow, task: Task) -> None:
    calendar = deadlines.working_calendar(desk.session)
    if row.standing.due_on is None:
        raise Refused("Nhiệm vụ không có thời hạn.")
    extension_service.ask(
        desk.session,
        [(task, row)],
        calendar.add(row.standing.due_on, 2 * DAYS),
        "Đang chờ các thôn gửi danh sách đã ký; hẹn tổng hợp xong trong tuần tới.",
        desk.lead(row),
        desk.now,
        calendar=calendar,
        terms=terms_of(desk.authority),
    )


def _ask_for_help(desk: _Desk, row: TaskRow, task: Task) -> None:
    today = local_day(desk.now)
    helpers = contribution_queries.candidates(desk.session, task, today)[:1]
    until = row.standing.due_on if row.standing.due_on and row.standing.due_on >= today else deadlines.working_calendar(desk.session).add(today, DAYS)
    contribution_service.ask(
        desk.session, task, row.standing.due_on, helpers, "Số liệu 9 tháng đầu năm thuộc phạm vi đơn vị quản lý", until, desk.lead(row), desk.now
    )


def _chased(desk: _Desk, late: Sequence[TaskRow]) -> None:
    """A call and a printed sheet, about everything the unit is late with."""
    row = next((one for one in late if not one.unit_focal), None)
    if row is None:
        return
    unit, today = desk.session.get_one(Unit, row.unit_id), local_day(desk.now)
    tasks = {one.id: one.standing.due_on for one in late if one.unit_id == row.unit_id}
    chase_service.note_call(
        desk.session,
        desk.focal,
        unit,
        tasks,
        with_whom="lãnh đạo đơn vị",
        words="hẹn nộp đủ trong tuần này, thiếu chữ ký sẽ bổ sung sau.",
        on_day=today,
        today=today,
        now=desk.now,
    )
    words = f"Trao phiếu nhiệm vụ in ngày {date_vn(today)}."
    chase_service.note_once(desk.session, desk.focal, kind=ChaseKind.SHEET, unit=unit, task_ids=tasks, words=words, now=desk.now, day=today)


def _letter(desk: _Desk) -> None:
    """One draft to every late unit of the first round that has some, without number and day."""
    today = local_day(desk.now)
    case = next(iter(letter_queries.late_cases(desk.session, desk.authority, today)), None)
    if case is None:
        return
    late = letter_queries.late_tasks(desk.session, desk.authority, today, case.round_slug)
    letter_service.draft(
        desk.session,
        desk.focal,
        desk.authority,
        case,
        letter_queries.answer_day(desk.session, today),
        USUAL_MANNER,
        each=False,
        round_id=late[0].round_id,
        units={row.unit_slug: row.unit_id for row in late},
        now=desk.now,
    )
