"""A folder sent at once: matched by the codes in the names, looked at, then saved whole or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.evidence import samples
from tests.factories import World
from tests.page_client import Page, PageClient
from tracker.evidence import service, waiting
from tracker.evidence.models import EvidenceItem, Proof, VersionFile
from tracker.files.models import StoredFile
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress

pytestmark = pytest.mark.db

Browser = Callable[..., PageClient]


def pdf(mark: str) -> bytes:
    return samples.PDF + f"% {mark}\n".encode()


@pytest.fixture
def mine(session: Session, world: World) -> list[Task]:
    """The owner's tasks: 1.1 and 1.2."""
    other = session.scalars(select(Task).where(Task.authority_id == world.authority.id, Task.id != world.task.id).order_by(Task.id)).first()
    assert other is not None
    other.unit_id = world.room.id
    session.commit()
    return [world.task, other]


def send(browser: PageClient, world: World, files: dict[str, bytes], *, field: str = "folder", status: int = 200) -> Page:
    form = browser.get(f"/huyen-thu/units/{world.room.slug}/folder").form("/folder")
    for name, content in files.items():
        form.upload(field, name, content)
    return form.submit("Tải lên và xem trước", status=status)


def counted(session: Session) -> tuple[int, int, int]:
    session.rollback()
    return tuple(session.scalar(select(func.count(model.id))) or 0 for model in (EvidenceItem, Proof, StoredFile))  # type: ignore[return-value]


def named(session: Session, task: Task) -> list[str]:
    query = select(VersionFile.filename).join(Proof, Proof.version_id == VersionFile.version_id).where(Proof.task_id == task.id)
    return list(session.scalars(query.order_by(VersionFile.id)))


def test_each_file_becomes_an_item_of_the_task_its_name_bears(session: Session, world: World, mine: list[Task], sign_in: Browser) -> None:
    before = counted(session)
    owner = sign_in(world.owner.username)
    preview = send(owner, world, {
        "Nộp/1.1-01 Biên bản họp.pdf": pdf("a"),
        "Nộp/1.2/QD.pdf": pdf("b"),
        "Nộp/ngày 1.1.2026.pdf": pdf("c"),
        "Nộp/chạy.exe": samples.EXE,
        "Nộp/Thumbs.db": b"x",
    })  # fmt: skip
    assert counted(session) == before, "a preview stores no row"
    rows = preview.table("Tệp và nhiệm vụ")
    assert len(rows) == 3
    assert "Không thấy mã chỉ số" in rows[2]["Tệp"]
    form = preview.form("/folder")
    assert form.values["task-0"].startswith(f"{mine[0].id}-") and form.values["slot-0"].startswith("r")
    assert form.values["task-1"].startswith(f"{mine[1].id}-") and form.values["task-2"] == ""
    refused = preview.table("Tệp không nhận")
    assert [(line["Tệp"], line["Vì sao"][:9]) for line in refused] == [("chạy.exe", "Không nhậ")]
    done = form.submit("Nộp các tệp này")
    assert "Đã nộp 2 tệp" in done.text and done.h1.startswith("Việc của")
    assert counted(session) == (before[0] + 2, before[1] + 2, before[2] + 2)
    assert (named(session, mine[0]), named(session, mine[1])) == (["1.1-01 Biên bản họp.pdf"], ["QD.pdf"])
    assert session.get_one(Task, mine[0].id).status is Progress.COLLECTING


def test_without_a_folder_chooser_many_files_do(session: Session, world: World, mine: list[Task], sign_in: Browser) -> None:
    preview = send(sign_in(world.owner.username), world, {"1.1.pdf": pdf("a"), "1.2.pdf": pdf("b")}, field="files")
    assert "Đã nộp 2 tệp" in preview.form("/folder").submit().text


def test_the_person_corrects_what_was_guessed(session: Session, world: World, mine: list[Task], sign_in: Browser) -> None:
    preview = send(sign_in(world.owner.username), world, {"1.1 a.pdf": pdf("a"), "1.1 b.pdf": pdf("b"), "không mã.pdf": pdf("c")})
    other = f"{mine[1].id}-{mine[1].version}"
    preview.form("/folder").fill(**{"task-0": other, "task-1": "", "task-2": other}).submit()
    session.rollback()
    assert named(session, mine[0]) == []
    assert named(session, mine[1]) == ["1.1 a.pdf", "không mã.pdf"]


def test_sent_twice_it_is_saved_once(session: Session, world: World, mine: list[Task], sign_in: Browser) -> None:
    before = counted(session)
    preview = send(sign_in(world.owner.username), world, {"1.1.pdf": pdf("a")})
    preview.form("/folder").submit()
    again = preview.form("/folder").submit()
    assert "Để lại 1.1.pdf" in again.text
    assert "Đúng tệp này đã có ở 1.1." in again.main, "and it is not offered again"
    assert again.form("/folder").values["task-0"] == ""
    assert counted(session)[:2] == (before[0] + 1, before[1] + 1)


def test_a_task_that_changed_meanwhile_is_named_and_its_files_can_be_sent_on(
    session: Session, world: World, mine: list[Task], sign_in: Browser
) -> None:
    preview = send(sign_in(world.owner.username), world, {"1.1.pdf": pdf("a"), "1.2.pdf": pdf("b")})
    session.refresh(mine[0])
    service.touch(mine[0])
    session.commit()
    rest = preview.form("/folder").submit("Nộp các tệp này")
    assert "Đã nộp 1 tệp" in rest.text and "Để lại 1.1.pdf; 1.1: vừa có người khác thay đổi" in rest.text
    assert len(rest.table("Tệp và nhiệm vụ")) == 1
    assert "Đã nộp 1 tệp" in rest.form("/folder").submit().text
    assert (named(session, mine[0]), named(session, mine[1])) == (["1.1.pdf"], ["1.2.pdf"])


def test_a_round_closed_meanwhile_takes_nothing(session: Session, world: World, mine: list[Task], sign_in: Browser) -> None:
    preview = send(sign_in(world.owner.username), world, {"1.1.pdf": pdf("a")})
    before = counted(session)
    world.round.closed_at = world.round.opened_at
    session.commit()
    assert "đã đóng" in preview.form("/folder").submit().text
    assert counted(session) == before


def test_bytes_withdrawn_by_an_administrator_let_nothing_of_the_folder_in(session: Session, world: World, mine: list[Task], sign_in: Browser) -> None:
    preview = send(sign_in(world.owner.username), world, {"1.1.pdf": pdf("a"), "1.2.pdf": pdf("b")})
    first = preview.form("/folder")
    first.fill(**{"task-1": ""}).submit()
    row = session.scalars(select(StoredFile).order_by(StoredFile.id.desc())).first()
    assert row is not None
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = row.stored_at, "Quản trị", "Văn bản có độ mật"
    session.commit()
    before = counted(session)
    again = send(sign_in(world.owner.username), world, {"1.1 mới.pdf": pdf("a"), "1.2.pdf": pdf("b")}).form("/folder")
    told = again.fill(**{"task-0": f"{mine[1].id}-{mine[1].version}"}).submit(status=400)
    assert "“1.1 mới.pdf”: Tệp này đã được quản trị rút" in told.text
    assert counted(session) == before


def test_nothing_too_much_and_all_skipped_are_told(session: Session, world: World, mine: list[Task], sign_in: Browser) -> None:
    owner = sign_in(world.owner.username)
    assert "Đồng chí chưa chọn tệp nào." in send(owner, world, {}, status=400).text
    many = {f"1.1-{number:03}.pdf": b"x" for number in range(101)}
    assert "Thư mục có 101 tệp; mỗi lần không quá 100." in send(owner, world, many, status=400).text
    skipped = send(owner, world, {"1.1.pdf": pdf("a")}).form("/folder").fill(**{"task-0": ""}).submit(status=400)
    assert "bỏ qua mọi tệp" in skipped.text
    assert "Không tệp nào nhận được" in send(owner, world, {"1.1.exe": samples.EXE, "1.2.pdf": b""}).main


def test_a_folder_may_be_larger_than_any_other_form(session: Session, world: World, mine: list[Task], sign_in: Browser) -> None:
    big = {f"1.1-{number:02} tệp.pdf": pdf(str(number)) + b"\0" * (9 * 1024 * 1024) for number in range(3)}
    assert "Đã nộp 3 tệp" in send(sign_in(world.owner.username), world, big).form("/folder").submit().text


def test_a_list_that_waited_too_long_is_refused(
    session: Session, world: World, mine: list[Task], sign_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = send(sign_in(world.owner.username), world, {"1.1.pdf": pdf("a")})
    monkeypatch.setattr(waiting, "KEPT_SECONDS", -1)
    assert "đồng chí chọn lại tệp" in preview.form("/folder").submit(status=400).text


def test_a_task_of_another_unit_cannot_be_slipped_in(session: Session, world: World, mine: list[Task], sign_in: Browser) -> None:
    foreign = session.scalars(select(Task).where(Task.unit_id != world.room.id).order_by(Task.id)).first()
    assert foreign is not None
    before = counted(session)
    preview = send(sign_in(world.owner.username), world, {"1.1.pdf": pdf("a")})
    preview.form("/folder").tamper(**{"task-0": f"{foreign.id}-{foreign.version}"}).submit(status=404)
    assert counted(session) == before


def test_the_focal_point_sends_a_folder_for_a_unit(session: Session, world: World, mine: list[Task], sign_in: Browser) -> None:
    focal = sign_in(world.focal.username)
    page = focal.get(f"/huyen-thu/units/{world.room.slug}").link("Nộp cả thư mục").follow()
    preview = page.form("/folder").upload("folder", "1.1.pdf", pdf("a")).submit()
    assert f"thay mặt {world.room.name}" in preview.main
    done = preview.form("/folder").submit()
    assert done.h1 == world.room.name and "Đã nộp 1 tệp" in done.text


def test_a_unit_without_open_tasks_is_told_so(session: Session, world: World, sign_in: Browser) -> None:
    for task in session.scalars(select(Task).where(Task.unit_id == world.room.id)):
        task.status = Progress.ACCEPTED
    session.commit()
    assert "không còn nhiệm vụ nào đang mở" in sign_in(world.owner.username).get(f"/huyen-thu/units/{world.room.slug}/folder").main
