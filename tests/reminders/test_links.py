"""Personal links: what they open, when they die, what comes in through them, and that nobody learns a token."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.evidence import samples
from tests.factories import World
from tests.page_client import Page, PageClient
from tests.security.rows import fingerprint
from tracker.accounts.models import SignInFailure
from tracker.audit.models import AuditEvent
from tracker.evidence.models import EvidenceItem, ItemVersion, Proof
from tracker.kernel import clock, scope
from tracker.kernel.errors import Refused
from tracker.reminders import link_access, link_queries, link_service
from tracker.reminders.chase_models import ChaseEntry
from tracker.reminders.chase_rules import ChaseKind
from tracker.reminders.link_models import ActionLink
from tracker.reminders.link_rules import LIFE, MOST_HANDINS, Masking, masked, path_of, token_of
from tracker.tasks import service as tasks
from tracker.tasks.handin_models import LinkHandin
from tracker.tasks.handin_rules import HandinKind
from tracker.tasks.models import Extension, Task
from tracker.tasks.rules import ExtensionState, Progress
from tracker.units.models import Membership

SignIn = Callable[..., PageClient]
OnDay = Callable[[str], None]
DEAD = "Liên kết không còn hiệu lực; đồng chí mở thư mới nhất hoặc đăng nhập"


@pytest.fixture
def on(session: Session, world: World) -> World:
    """Links are switched on, in both authorities."""
    world.authority.action_links = world.elsewhere.action_links = True
    session.commit()
    return world


def issue(app: Flask, session: Session, world: World) -> tuple[ActionLink, str]:
    """The owner's link for the room's tasks of the round, and its path."""
    key = app.config["SECRET_KEY"]
    link = link_service.issue(session, world.authority, world.owner.id, world.room.id, world.round.id, clock.now(), secret=key)
    session.commit()
    return link, path_of(link_service.token(link, key))


def send(client: PageClient, path: str, task: Task, kind: str, *, status: int = 200, **fields: str) -> Page:
    return client.get(f"{path}?task={task.id}&kind={kind}").form(path).fill(**fields).submit(status=status)


def send_file(client: PageClient, path: str, task: Task, slot: str, content: bytes = samples.PDF, *, status: int = 200) -> Page:
    form = client.get(f"{path}?task={task.id}&kind=file").form(path).fill(slot=slot)
    return form.upload("file", "bao-cao.pdf", content).submit(status=status)


def slots(client: PageClient, path: str, task: Task) -> list[str]:
    page = client.get(f"{path}?task={task.id}&kind=file")
    return [value for option in page.all("//select[@name='slot']/option") if (value := option.get("value"))]


def rows(session: Session) -> dict[str, str]:
    session.rollback()
    return fingerprint(session)


def again(session: Session, task: Task) -> Task:
    session.expire_all()
    return session.get_one(Task, task.id)


# The token


def test_a_token_is_256_bits_that_need_the_key_and_every_word_of_the_row() -> None:
    token = token_of("khóa", "số một lần", (1, 2, 3, 4))
    assert len(token) == 43
    others = [token_of("khác", "số một lần", (1, 2, 3, 4)), token_of("khóa", "số khác", (1, 2, 3, 4)), token_of("khóa", "số một lần", (1, 2, 3, 5))]
    assert len({token, *others}) == 4


def test_a_log_shows_no_token() -> None:
    token = token_of("khóa", "số một lần", (1, 2, 3, 4))
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, "Error handling request %s", (f"/l/{token}?task=1",), None)
    assert Masking().filter(record)
    assert record.getMessage() == "Error handling request /l/…?task=1"
    assert masked("POST /l/" + token) == "POST /l/…"


@pytest.mark.db
def test_the_database_and_the_logs_hold_no_token(
    app: Flask, session: Session, on: World, client: PageClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    link, path = issue(app, session, on)
    token = path.removeprefix("/l/")
    assert link.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str([vars(one) for one in session.scalars(select(ActionLink).order_by(ActionLink.id))])
    client.get(path)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr(link_queries, "by_token", lambda *_: 1 / 0)
    assert app.test_client().get(path).status_code == 500
    app.logger.error("Exception on %s [GET]", path)
    said = caplog.text + "".join(record.getMessage() for record in caplog.records)
    assert "ZeroDivisionError" in said and "Exception on /l/… [GET]" in said and token not in said


# What it opens


@pytest.mark.db
def test_the_page_shows_what_is_asked_for_and_never_what_is_there(
    app: Flask, session: Session, on: World, client: PageClient, sign_in: SignIn
) -> None:
    owner = sign_in(on.owner.username)
    form = owner.get(f"/{on.slug}/tasks/{on.task.id}/evidence?kind=file").form("/evidence")
    form.upload("file", "bi-mat-cua-don-vi.pdf", samples.PDF).submit()
    _link, path = issue(app, session, on)
    page = client.get(path)
    assert on.room.name in page.h1
    shown = page.text
    assert "1.1" in shown and "1.3" in shown and "1.2" not in shown, "the tasks of the unit, and no other's"
    assert "đã qua 4 ngày" in shown and "Cần nộp:" in shown
    for word in ("bi-mat", on.colleague.display_name, on.focal.display_name, on.owner.display_name, "huyện Khác"):
        assert word not in shown
    form_page = client.get(f"{path}?task={on.task.id}&kind=file").text
    assert "bi-mat" not in form_page
    other = on.tasks[1]
    assert client.get(f"{path}?task={other.id}&kind=file", status=400).text.count("không còn của đơn vị") == 1
    client.get(f"{path}?task={on.elsewhere_tasks[0].id}&kind=file", status=400)


@pytest.mark.db
def test_a_link_tells_nobody_its_address_and_opening_it_changes_nothing(app: Flask, session: Session, on: World) -> None:
    _link, path = issue(app, session, on)
    before = rows(session)
    browser = app.test_client()
    for address in (path, f"{path}?task={on.task.id}&kind=file", f"{path}?task={on.task.id}&kind=figure", f"{path}?done=file", f"{path}xyz"):
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = browser.open(address, method=method)
            if method != "OPTIONS":
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
            assert "Set-Cookie" not in answer.headers, "no session is opened"
    assert rows(session) == before


@pytest.mark.db
def test_a_link_of_one_authority_reaches_no_other(app: Flask, session: Session, on: World) -> None:
    """The round and the unit of another cannot even be written down; the tasks behind a link are those of its own authority."""
    link, path = issue(app, session, on)
    with app.test_request_context(path):
        found = link_access.opened(session, path.removeprefix("/l/"), clock.now())
        assert found is not None and {row.authority_id for row in found.rows} == {on.authority.id}
        assert scope.chosen(session) == scope.one(on.authority.id)
        with pytest.raises(Refused):
            link_access.task_of(session, found, on.elsewhere_tasks[0].id)
    assert link.authority_id == on.authority.id


# When it dies


def _closed(session: Session, on: World) -> None:
    on.round.closed_at = clock.now()


def _no_open_task(session: Session, on: World) -> None:
    for task in on.tasks:
        if task.unit_id == on.room.id:
            task.status = Progress.READY


def _reassigned(session: Session, on: World) -> None:
    for task in on.tasks:
        if task.unit_id == on.room.id:
            task.unit_id = on.focal_unit.id


def _left_the_unit(session: Session, on: World) -> None:
    for one in session.scalars(select(Membership).where(Membership.account_id == on.owner.id).order_by(Membership.id)):
        one.valid_to = clock.today() - timedelta(days=1)


def _switched_off(session: Session, on: World) -> None:
    on.authority.action_links = False


def _disabled(session: Session, on: World) -> None:
    on.owner.active = False


DEATHS = {"closed": _closed, "done": _no_open_task, "reassigned": _reassigned, "left": _left_the_unit, "off": _switched_off, "disabled": _disabled}


@pytest.mark.db
@pytest.mark.parametrize("how", DEATHS)
def test_a_link_dies_and_says_nothing(how: str, app: Flask, session: Session, on: World, client: PageClient) -> None:
    link, path = issue(app, session, on)
    assert link.id in link_queries.alive(session, [link.id], clock.now())
    DEATHS[how](session, on)
    session.commit()
    assert link_queries.alive(session, [link.id], clock.now()) == {}
    page = client.get(path, status=410)
    assert DEAD in page.text and on.room.name not in page.text
    assert page.main == client.get("/l/" + "x" * 43, status=410).main, "a dead link and an unknown one answer alike"


@pytest.mark.db
def test_a_link_lives_fourteen_days(app: Flask, session: Session, on: World, client: PageClient, on_day: OnDay) -> None:
    link, path = issue(app, session, on)
    made = link.created_at
    assert link_queries.alive(session, [link.id], made + LIFE - timedelta(seconds=1))
    assert not link_queries.alive(session, [link.id], made + LIFE)
    on_day("2026-12-01T09:00")
    client.get(path)
    on_day("2026-12-03T09:00")
    client.get(path, status=410)


@pytest.mark.db
def test_a_newer_link_ends_the_former_one_of_the_same_person_unit_and_round(app: Flask, session: Session, on: World, client: PageClient) -> None:
    _first, old = issue(app, session, on)
    key = app.config["SECRET_KEY"]
    other = link_service.issue(session, on.authority, on.head.id, on.room.id, on.round.id, clock.now(), secret=key)
    _second, new = issue(app, session, on)
    client.get(old, status=410)
    client.get(new)
    client.get(path_of(link_service.token(other, key)))


@pytest.mark.db
def test_no_link_is_issued_where_links_are_off(app: Flask, session: Session, world: World, sign_in: SignIn) -> None:
    assert world.authority.action_links is False, "off by default"
    with pytest.raises(Refused, match="chưa bật"):
        issue(app, session, world)
    page = sign_in(world.admin.username).get(f"/{world.slug}/settings")
    assert "Liên kết nộp nhanh trong thư" in page.text


# What comes in


@pytest.mark.db
def test_a_file_is_prepared_marked_and_cannot_be_accepted_until_the_head_confirms(
    app: Flask, session: Session, on: World, client: PageClient, sign_in: SignIn, on_day: OnDay
) -> None:
    on_day("2026-11-13T16:00")
    _link, path = issue(app, session, on)
    asked = slots(client, path, on.task)
    assert len(asked) == 2, "1.1 asks for two documents"
    assert "Đã nhận tệp" in send_file(client, path, on.task, asked[0]).text
    assert again(session, on.task).status is Progress.COLLECTING
    send_file(client, path, on.task, asked[1])
    assert again(session, on.task).status is Progress.PREPARED
    on_day("2026-11-18T10:00")
    page = f"/{on.slug}/tasks/{on.task.id}"
    # Nobody signed in for the unit but its specialist: not enough.
    owner = sign_in(on.owner.username)
    assert "chưa xác thực" in owner.get(page).text and not owner.get(page).has_form("/link-handins")
    token = owner.get(page).all("//input[@name='csrf_token']")[0].get("value")
    owner.post(f"{page}/link-handins", data={"upto": "99", "csrf_token": token}, status=403)
    with pytest.raises(Refused, match="liên kết"):
        tasks.expect_verified(session, session.get_one(Task, on.task.id))
    head = sign_in(on.head.username)
    head.get(page).form("/link-handins").submit("Xác thực")
    task = again(session, on.task)
    assert task.status is Progress.READY
    assert task.submitted_on == date(2026, 11, 13), "the instant of handing in counts, not that of confirming"
    assert not head.get(page).has_form("/link-handins")
    assert all("qua liên kết" in actor for actor in session.scalars(select(ItemVersion.actor).order_by(ItemVersion.id)))
    uses = list(session.scalars(select(ChaseEntry.words).where(ChaseEntry.kind == ChaseKind.LINK).order_by(ChaseEntry.id)))
    assert uses == ["Liên kết được dùng: tệp."] * 2
    said = list(session.scalars(select(AuditEvent.summary).where(AuditEvent.action == "link.confirm")))
    assert len(said) == 1 and "bao-cao.pdf" in said[0]


@pytest.mark.db
def test_what_nobody_confirmed_is_refused_wherever_a_task_goes_on(
    app: Flask, session: Session, on: World, client: PageClient, sign_in: SignIn
) -> None:
    _link, path = issue(app, session, on)
    send(client, path, on.task, "figure", figure="12,5", figure_unit="hồ sơ")
    task = again(session, on.task)
    task.status = Progress.READY
    session.commit()
    focal = sign_in(on.focal.username)
    page = f"/{on.slug}/tasks/{on.task.id}"
    refused = focal.get(page).form(f"{page}/accept").submit(status=400)
    assert "chưa xác thực" in refused.text
    assert again(session, on.task).status is Progress.READY
    focal.get(page).form("/link-handins").submit("Xác thực")
    focal.get(page).form(f"{page}/accept").submit()
    assert again(session, on.task).status is Progress.ACCEPTED


@pytest.mark.db
def test_more_time_asked_through_a_link_is_granted_only_once_confirmed(
    app: Flask, session: Session, on: World, client: PageClient, sign_in: SignIn, on_day: OnDay
) -> None:
    on_day("2026-11-10T09:00")
    _link, path = issue(app, session, on)
    assert "Đã nhận đề nghị" in send(client, path, on.task, "time", wished_on="20/11/2026", reason="Chờ số liệu").text
    one = session.scalars(select(Extension)).one()
    assert one.state is ExtensionState.PENDING and "qua liên kết" in one.asked_by
    chair = sign_in(on.chair.username)

    def grant(status: int) -> Page:
        return chair.get(f"/{on.slug}/extensions").form("/decide").fill(decision="grant", requests=[f"{one.id}-1"]).submit(status=status)

    assert "chưa xác thực" in grant(400).text
    sign_in(on.head.username).get(f"/{on.slug}/tasks/{on.task.id}").form("/link-handins").submit("Xác thực")
    grant(200)
    assert again(session, on.task).extended_to_on == date(2026, 11, 20)


@pytest.mark.db
def test_confirming_takes_in_no_more_than_the_page_showed(app: Flask, session: Session, on: World, client: PageClient, sign_in: SignIn) -> None:
    _link, path = issue(app, session, on)
    send(client, path, on.task, "figure", figure="1")
    form = sign_in(on.head.username).get(f"/{on.slug}/tasks/{on.task.id}").form("/link-handins")
    send(client, path, on.task, "figure", figure="2")
    form.submit("Xác thực")
    session.expire_all()
    found = list(session.scalars(select(LinkHandin).order_by(LinkHandin.id)))
    assert [one.confirmed_at is not None for one in found] == [True, False]
    assert {one.kind for one in found} == {HandinKind.FIGURE}


@pytest.mark.db
def test_what_is_taken_back_or_sent_back_leaves_nothing_to_confirm_and_gives_no_early_day(
    app: Flask, session: Session, on: World, client: PageClient, sign_in: SignIn
) -> None:
    _link, path = issue(app, session, on)
    for slot in slots(client, path, on.task):
        send_file(client, path, on.task, slot)
    head = sign_in(on.head.username)
    page = f"/{on.slug}/tasks/{on.task.id}"
    for proof_id in list(session.scalars(select(Proof.id).order_by(Proof.id))):
        head.get(page).form(f"/evidence/{proof_id}/withdraw").submit()
    session.expire_all()
    assert all(one.dropped_at and not one.completes for one in session.scalars(select(LinkHandin).order_by(LinkHandin.id)))
    assert not head.get(page).has_form("/link-handins")


# Forms without a session


@pytest.mark.db
def test_a_form_of_another_link_task_or_site_is_refused(app: Flask, session: Session, on: World, client: PageClient) -> None:
    _link, path = issue(app, session, on)
    mine = next(task for task in on.tasks if task.unit_id == on.room.id and task.id != on.task.id)
    before = rows(session)
    form = client.get(f"{path}?task={on.task.id}&kind=figure").form(path).fill(figure="1")
    assert "không phải do hệ thống này gửi" in form.tamper(task=str(mine.id)).submit(status=400).text
    bare = app.test_client().post(path, data={"task": on.task.id, "kind": "figure", "figure": "1", "slot": ""})
    assert bare.status_code == 400
    app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert rows(session) == before


@pytest.mark.db
def test_a_form_sent_twice_is_one_hand_in(app: Flask, session: Session, on: World, client: PageClient) -> None:
    _link, path = issue(app, session, on)
    for _time in range(2):
        send(client, path, on.task, "figure", figure="12")
    session.rollback()
    assert session.scalar(select(func.count(LinkHandin.id))) == session.scalar(select(func.count(EvidenceItem.id))) == 1


@pytest.mark.db
def test_a_link_carries_files_like_any_upload_and_a_dead_one_none(app: Flask, session: Session, on: World, client: PageClient) -> None:
    link, path = issue(app, session, on)
    large = samples.PDF + b"%" * 200_000
    send_file(client, path, on.task, "", large)
    send_file(client, path, on.task, "", samples.EXE, status=400)
    link.ended_at = clock.now()
    session.commit()
    answer = app.test_client().post(path, data={"file": (BytesIO(large), "a.pdf")})
    assert answer.status_code == 413, "who has no living link sends no files"


@pytest.mark.db
def test_one_link_brings_no_more_than_its_share(app: Flask, session: Session, on: World, client: PageClient) -> None:
    _link, path = issue(app, session, on)
    send(client, path, on.task, "figure", figure="0")
    one = session.scalars(select(LinkHandin)).one()
    same = {name: getattr(one, name) for name in ("authority_id", "link_id", "task_id", "kind", "version_id", "words", "at", "account_id", "said_by")}
    session.add_all(LinkHandin(**same) for _ in range(MOST_HANDINS - 1))
    session.commit()
    assert "đã nhận nhiều nội dung" in send(client, path, on.task, "figure", figure="77", status=400).text


@pytest.mark.db
def test_wrong_tokens_are_counted_when_somebody_posts_with_them(app: Flask, session: Session, on: World, client: PageClient) -> None:
    _link, path = issue(app, session, on)
    browser = app.test_client()
    statuses = [browser.post(f"/l/{'y' * 42}{n}").status_code for n in range(12) for n in (n % 10,)]
    assert statuses[:10] == [410] * 10 and statuses[-1] == 429
    session.rollback()
    assert session.scalar(select(func.count(SignInFailure.id))) == 10
    client.get(path)
    send(client, path, on.task, "figure", figure="3")


@pytest.mark.db("sqlite")
def test_the_letters_day_of_death_is_proved_by_breaking_it(app: Flask, session: Session, on: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the age in the question an old link would open: the test above would be red."""
    link, _path = issue(app, session, on)
    later = link.created_at + LIFE
    assert not link_queries.alive(session, [link.id], later)
    monkeypatch.setattr(link_queries, "LIFE", timedelta(days=999))
    assert link_queries.alive(session, [link.id], later)


@pytest.mark.db
def test_a_reader_is_a_line_of_the_log_once_a_day_and_only_with_the_token_of_the_page(
    app: Flask, session: Session, on: World, client: PageClient, on_day: OnDay, sign_in: SignIn
) -> None:
    def log() -> list[str]:
        session.rollback()
        return list(session.scalars(select(ChaseEntry.words).where(ChaseEntry.kind == ChaseKind.LINK).order_by(ChaseEntry.id)))

    _link, path = issue(app, session, on)
    [page] = client.get(path).all("//*[@data-opening]")
    said = {"kind": page.get("data-opening"), "csrf_token": page.get("data-stamp")}
    assert log() == [], "opening the address is not reading the page"
    [of_task] = client.get(f"{path}?task={on.task.id}&kind=file").all("//input[@name='csrf_token']/@value")
    for forged in ("", "x", of_task):
        client.post(path, {**said, "csrf_token": forged}, status=400)
    assert log() == []
    for _time in range(2):
        answer = client.post(path, said, status=204)
        assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"
    assert len(log()) == 1 and "mở liên kết trong thư" in log()[0]
    on_day("2026-11-19")
    client.post(path, said, status=204)
    assert len(log()) == 2
    assert log()[0] in sign_in(on.focal.username).get(f"/{on.slug}/reminders/log/{on.room.slug}").text
    client.post("/l/" + "x" * 43, said, status=410)
