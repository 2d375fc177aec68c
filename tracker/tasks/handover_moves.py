"""Each kind of thing a hand-over moves, one by one, and how each is put back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.assignments import succession_service as assignments
from tracker.assignments.models import Assignment
from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import phrase
from tracker.tasks.handover_models import Handover, HandoverLine
from tracker.tasks.handover_queries import Item, Source
from tracker.tasks.handover_rules import LINE_WORDS, LineKind
from tracker.tasks.models import Task
from tracker.tasks.service import expect_round_open
from tracker.units.models import GroupMember, Membership, Unit


def subject_of(source: Source) -> tuple[str, int]:
    """What the history of a source hangs on."""
    if source.unit is not None:
        return "unit", source.unit.id
    assert source.account is not None
    return "account", source.account.id


def record(session: Session, one: Handover, actor: Actor, action: str, subject: tuple[str, int], words: str, now: datetime, **changes: Any) -> None:
    """One event of a hand-over, which names it."""
    audit.record(
        session, actor, action, words, now=now, authority_id=one.authority_id, subject=subject, changes={"handover": (None, one.id), **changes}
    )


@dataclass(slots=True)
class Act:
    """One hand-over under way: who does it, when, from whom."""

    session: Session
    one: Handover
    source: Source
    actor: Actor
    now: datetime

    def move(self, position: int, item: Item, to: Unit | Account, task: Task | None) -> HandoverLine:
        """Moves one thing and writes its line."""
        line = HandoverLine(
            authority_id=self.one.authority_id,
            handover_id=self.one.id,
            position=position,
            kind=item.kind,
            label=item.label,
            from_unit_id=self.source.unit.id if self.source.unit else None,
            to_unit_id=to.id if isinstance(to, Unit) else None,
            to_account_id=to.id if isinstance(to, Account) else None,
            kept={},
        )
        if item.kind is LineKind.ROLE:
            self._role(line, item, to)
        else:
            assert isinstance(to, Unit)
            if item.kind is LineKind.TASK:
                assert task is not None
                self._task(line, task, to)
            elif item.kind is LineKind.GROUP:
                self._place(line, item, to)
            else:
                self._assignment(line, item, to)
        self.session.add(line)
        self.session.flush()
        return line

    def _task(self, line: HandoverLine, task: Task, to: Unit) -> None:
        former = task.unit_id
        try:
            with self.session.begin_nested():
                task.unit_id = to.id
                self.session.flush()
        except IntegrityError:
            raise Refused(
                phrase("%(label)s: %(to)s vừa nhận một nhiệm vụ của chỉ số này trong đợt; chưa chuyển gì cả.", label=line.label, to=to.name),
                field="lines",
            ) from None
        words = f"Chuyển từ {self.source.name} sang {to.name} từ {date_vn(self.one.effective_on)}: {self.one.reason}"
        words += f" (theo {self.one.document})" if self.one.document else ""
        self._tell(task, "task.hand_over", words, former, to.id)
        line.task_id, line.version_after = task.id, task.version

    def _tell(self, task: Task, action: str, words: str, before: int, after: int) -> None:
        record(self.session, self.one, self.actor, action, ("task", task.id), words, self.now, unit_id=(before, after))

    def _assignment(self, line: HandoverLine, item: Item, to: Unit) -> None:
        assert self.source.unit is not None
        query = select(Assignment).where(Assignment.id == item.ticket.id).with_for_update().execution_options(populate_existing=True)
        assignment = self.session.scalars(query).one()
        if assignment.version != item.ticket.version:
            raise Stale(
                "Việc giao chỉ số vừa được người khác sửa. Chưa chuyển gì cả; đồng chí xem lại.", theirs={}, yours={line.label: phrase("Chuyển giao")}
            )
        made = assignments.put_in_place(self.session, assignment, self.source.unit, to, self.one.effective_on)
        line.assignment_id, line.kept, line.version_after = assignment.id, made.kept, made.assignment.version
        line.made_id = made.assignment.id if made.made else None
        words = f"{line.label}: {to.name} thay {self.source.name} {LINE_WORDS[item.kind].lower()}, từ {date_vn(self.one.effective_on)}."
        record(self.session, self.one, self.actor, "assignments.hand_over", ("assignment", made.assignment.id), words, self.now)

    def _place(self, line: HandoverLine, item: Item, to: Unit) -> None:
        row = self.session.scalars(select(GroupMember).where(GroupMember.id == item.ticket.id)).one()
        line.group_member_id, line.kept = row.id, {"valid_to": _iso(row.valid_to)}
        made = GroupMember(
            authority_id=row.authority_id,
            group_id=row.group_id,
            member_id=to.id,
            position=row.position,
            valid_from=self.one.effective_on,
            valid_to=None,
        )
        self._succeed(line, row, made)
        words = f"{to.name} vào nhóm thay {self.source.name} từ {date_vn(self.one.effective_on)}."
        record(self.session, self.one, self.actor, "unit.member_succeeded", ("unit", row.group_id), words, self.now)

    def _role(self, line: HandoverLine, item: Item, to: Unit | Account) -> None:
        row = self.session.scalars(select(Membership).where(Membership.id == item.ticket.id)).one()
        line.membership_id, line.kept = row.id, {"valid_to": _iso(row.valid_to)}
        made = Membership(
            authority_id=row.authority_id,
            account_id=to.id if isinstance(to, Account) else row.account_id,
            role=row.role,
            unit_id=to.id if isinstance(to, Unit) else row.unit_id,
            valid_from=self.one.effective_on,
            # What was given only for a time stays so; what ended with its unit goes on with the successor.
            valid_to=row.valid_to if row.valid_to is not None and row.valid_to >= self.one.effective_on else None,
        )
        line.from_unit_id = row.unit_id
        self._succeed(line, row, made)
        words = f"Vai trò “{item.label}” chuyển từ {self.source.name} sang {line_target(to)} từ {date_vn(self.one.effective_on)}."
        record(self.session, self.one, self.actor, "person.succeeded", ("account", made.account_id), words, self.now)

    def _succeed(self, line: HandoverLine, row: GroupMember | Membership, made: GroupMember | Membership) -> None:
        """The dated row ends the day before; the new one begins."""
        last_day = self.one.effective_on - ONE_DAY
        if row.valid_to is None or row.valid_to > last_day:
            row.valid_to = last_day
        self.session.add(made)
        self.session.flush()
        line.made_id = made.id

    def put_back(self, line: HandoverLine) -> None:
        """One thing as it was. Raises Refused where somebody touched it since."""
        if line.kind is LineKind.TASK:
            self._task_back(line)
        elif line.kind in (LineKind.LEAD, LineKind.COOPERATION):
            self._assignment_back(line)
        elif line.kind is LineKind.GROUP:
            place = self.session.scalars(select(GroupMember).where(GroupMember.id == line.group_member_id)).one()
            self._dated_back(line, place, self.session.scalars(select(GroupMember).where(GroupMember.id == line.made_id)).one_or_none())
        else:
            role = self.session.scalars(select(Membership).where(Membership.id == line.membership_id)).one()
            self._dated_back(line, role, self.session.scalars(select(Membership).where(Membership.id == line.made_id)).one_or_none())
        self.session.flush()

    def _task_back(self, line: HandoverLine) -> None:
        query = select(Task).where(Task.id == line.task_id).with_for_update().execution_options(populate_existing=True)
        task = self.session.scalars(query).one()
        if task.version != line.version_after or _worked_on(self.session, line):
            raise Refused(
                phrase(
                    "%(label)s: đơn vị nhận đã làm tiếp nhiệm vụ này sau khi chuyển giao nên không hoàn tác được; đồng chí chuyển giao ngược lại.",
                    label=line.label,
                )
            )
        expect_round_open(self.session, task)
        assert line.from_unit_id is not None
        assert line.to_unit_id is not None
        try:
            with self.session.begin_nested():
                task.unit_id = line.from_unit_id
                self.session.flush()
        except IntegrityError:
            raise Refused(phrase("%(label)s: đơn vị cũ đã có nhiệm vụ khác của chỉ số này nên không hoàn tác được.", label=line.label)) from None
        self._tell(task, "task.hand_over_undone", f"Hoàn tác chuyển giao: về lại {self.source.name}.", line.to_unit_id, line.from_unit_id)

    def _assignment_back(self, line: HandoverLine) -> None:
        assignment = self.session.scalars(select(Assignment).where(Assignment.id == line.assignment_id)).one()
        used = line.made_id is not None and self.session.scalars(select(Task.id).where(Task.assignment_id == line.made_id)).first() is not None
        if used:
            raise Refused(phrase("%(label)s: đã có đợt giao nhiệm vụ cho đơn vị nhận nên không hoàn tác được.", label=line.label))
        assert line.version_after is not None
        try:
            assignments.put_back(self.session, assignment, line.made_id, line.version_after, line.kept)
        except Refused as refusal:
            raise Refused(phrase("%(label)s: %(message)s nên không hoàn tác được.", label=line.label, message=refusal.message)) from None

    def _dated_back(self, line: HandoverLine, row: GroupMember | Membership, made: GroupMember | Membership | None) -> None:
        if made is None or made.valid_from != self.one.effective_on:
            raise Refused(phrase("%(label)s: đã được sửa sau khi chuyển giao nên không hoàn tác được.", label=line.label))
        self.session.delete(made)
        row.valid_to = date.fromisoformat(line.kept["valid_to"]) if line.kept["valid_to"] else None


def _worked_on(session: Session, line: HandoverLine) -> bool:
    """Whether anything happened on the task after this hand-over that its version does not show: evidence, a request for more time."""
    told = audit.history(session, line.authority_id, "task", line.task_id or 0, limit=1)
    return bool(told) and told[0].action != "task.hand_over"


def line_target(to: Unit | Account) -> str:
    """The name of a receiver."""
    return to.name if isinstance(to, Unit) else to.display_name


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
