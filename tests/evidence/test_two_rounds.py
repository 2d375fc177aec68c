"""Overlapping rounds: the quarter by 20/12, the year by 15/12. One list with both dates, one proof for both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.evidence import samples
from tests.factories import World, add_rule
from tests.page_client import PageClient
from tracker.audit.rules import SYSTEM
from tracker.deadlines.rules import Boundary, Schedule
from tracker.evidence.models import ItemVersion, Proof
from tracker.kernel import clock
from tracker.tasks import rounds
from tracker.tasks.models import Task

pytestmark = pytest.mark.db


@pytest.fixture
def quarter(session: Session, world: World) -> Task:
    """The owner's 1.1 once more, in the round of the fourth quarter."""
    add_rule(
        session, world.notice, [world.indicators], slug="quy", name="Báo cáo quý", schedule=Schedule.QUARTERLY,
        month=None, day=20, boundary=Boundary.BEFORE, wording="trước ngày 20 tháng cuối quý", opens_days_before=45, position=3,
    )  # fmt: skip
    opened = {found.round.period: found.round for found in rounds.open_due(session, date(2026, 11, 10), SYSTEM, clock.now())}
    one = opened.pop("2026-Q4")
    for past in opened.values():
        rounds.close(session, past, SYSTEM, clock.now())
    session.commit()
    found = session.scalars(
        select(Task).where(Task.round_id == one.id, Task.indicator_id == world.task.indicator_id, Task.unit_id == world.task.unit_id)
    )
    return found.one()


def _proofs(session: Session, task: Task) -> int:
    session.rollback()
    return session.scalar(select(func.count(Proof.id)).where(Proof.task_id == task.id, Proof.withdrawn_at.is_(None))) or 0


def test_the_unit_sees_one_line_with_both_dates(world: World, quarter: Task, sign_in: Callable[..., PageClient]) -> None:
    page = sign_in(world.owner.username).get("/huyen-thu/work")
    name = page.texts("//h3[contains(@class,'title')]")
    assert len(name) == len(set(name)), "each indicator stands once"
    assert "Cũng trong đợt Báo cáo quý IV/2026, hạn 19/12/2026" in page.main
    task = sign_in(world.owner.username).get(f"/huyen-thu/tasks/{world.task.id}")
    assert "Cùng chỉ số này ở đợt khác" in task.main
    assert "Thứ Bảy, 19/12/2026" in task.main


def test_one_upload_serves_both_rounds_unless_unticked(session: Session, world: World, quarter: Task, sign_in: Callable[..., PageClient]) -> None:
    owner = sign_in(world.owner.username)
    form = owner.get(f"/huyen-thu/tasks/{world.task.id}/evidence").form("/evidence")
    form.upload("file", "quyet-dinh.pdf", samples.PDF, "application/pdf").submit()
    assert (_proofs(session, world.task), _proofs(session, quarter)) == (1, 1)
    assert session.scalar(select(func.count(ItemVersion.id))) == 1, "one item, no copy"
    form = owner.get(f"/huyen-thu/tasks/{world.task.id}/evidence").form("/evidence").fill(also=[])
    form.upload("file", "rieng.pdf", samples.PDF + b"\n%", "application/pdf").submit()
    assert (_proofs(session, world.task), _proofs(session, quarter)) == (2, 1)


def test_what_was_brought_before_the_other_round_opened_serves_it_by_one_click(
    session: Session, world: World, quarter: Task, sign_in: Callable[..., PageClient]
) -> None:
    owner = sign_in(world.owner.username)
    form = owner.get(f"/huyen-thu/tasks/{world.task.id}/evidence").form("/evidence").fill(also=[])
    form.upload("file", "quyet-dinh.pdf", samples.PDF, "application/pdf").submit()
    page = owner.get(f"/huyen-thu/tasks/{quarter.id}")
    page = page.form("/evidence/reuse").submit()
    assert "Đã dùng 1 minh chứng của đợt kia cho đợt này." in page.text
    assert _proofs(session, quarter) == 1
    page = page.form("/evidence/reuse").submit()
    assert "Đợt kia chưa có minh chứng nào" in page.text
    assert _proofs(session, quarter) == 1
    page = owner.get(f"/huyen-thu/tasks/{quarter.id}").form("/withdraw").submit()
    assert (_proofs(session, world.task), _proofs(session, quarter)) == (1, 0), "taken back here, kept there"
    page.form("/evidence/reuse").submit()
    assert _proofs(session, quarter) == 1


def test_evidence_is_shared_only_between_rounds_of_one_indicator_and_unit(
    session: Session, world: World, quarter: Task, sign_in: Callable[..., PageClient]
) -> None:
    owner = sign_in(world.owner.username)
    other = next(task for task in world.tasks if task.unit_id == world.task.unit_id and task.id != world.task.id)
    page = owner.get(f"/huyen-thu/tasks/{quarter.id}").form("/evidence/reuse").tamper(source=str(other.id)).submit()
    assert "cùng một chỉ số và cùng một đơn vị" in page.text
    foreign = next(task for task in world.tasks if task.unit_id == world.other_room.id)
    owner.get(f"/huyen-thu/tasks/{quarter.id}").form("/evidence/reuse").tamper(source=str(foreign.id)).submit(status=404)
    sign_in(world.stranger.username).get(f"/huyen-thu/tasks/{quarter.id}", status=404)
    assert _proofs(session, quarter) == 0
