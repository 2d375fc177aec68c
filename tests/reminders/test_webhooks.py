"""Programs that listen: every event once in the order of the seals, signed, tried again under the same id, and never into an office's own network."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import config
from tests.factories import World
from tests.mail import post
from tests.mail.sink import Sink
from tests.page_client import PageClient
from tests.reminders.listener import Listener, certificate_for
from tracker.audit import service as audit
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused, Stale
from tracker.mail import hook_rules, hooks
from tracker.mail import jobs as mail_jobs
from tracker.mail.hook_rules import Reach, checked_url, expect_allowed, is_public, signature
from tracker.mail.models import MailAttempt, OutboxMessage
from tracker.mail.rules import MessageState, Outcome
from tracker.reminders import webhook_jobs, webhook_rules, webhook_service
from tracker.reminders.webhook_models import Webhook
from tracker.reminders.webhook_rules import FAILING_FOR, FAILURES_IN_A_ROW, chosen_kinds, kind_of, secret_of, without_contacts

SignIn = Callable[..., PageClient]
ADMIN = Actor(None, "Quản trị")
LOCAL = Reach(frozenset({"127.0.0.1"}), plain=True)
EVERYTHING = ["task", "evidence", "request", "round", "assignment", "chasing"]


@pytest.fixture(autouse=True)
def _reaches_this_machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "app" in request.fixturenames:
        monkeypatch.setitem(request.getfixturevalue("app").config, "WEBHOOK_PRIVATE_HOSTS", ["127.0.0.1"])


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as found:
        yield found


def hook_to(session: Session, world: World, url: str, kinds: list[str] | None = None) -> Webhook:
    seal(session)  # what building the world told
    made = webhook_service.make(session, ADMIN, world.authority, url, kinds or EVERYTHING, now=clock.now(), real_now=clock.real_now())
    session.commit()
    return made


def happen(session: Session, world: World, action: str = "task.ready", words: str = "Nộp.", authority_id: int | None = None) -> AuditEvent:
    """Something happens and is sealed."""
    authority_id = authority_id or world.authority.id
    event = audit.record(
        session, Actor(None, "Chuyên viên"), action, words, now=clock.now(), authority_id=authority_id, subject=("task", world.task.id)
    )
    session.commit()
    seal(session)
    return event


def seal(session: Session) -> None:
    while audit.seal(session, clock.now() + timedelta(minutes=3)):
        session.commit()
    session.rollback()


def send(app: Flask, session: Session) -> mail_jobs.Tally:
    session.commit()
    return mail_jobs.send_hooks(app)


def secret(app: Flask, hook: Webhook) -> str:
    return secret_of(app.config["SECRET_KEY"], hook.id, hook.nonce)


def states(session: Session) -> list[tuple[MessageState, str | None]]:
    session.rollback()
    wanted = select(OutboxMessage.state, OutboxMessage.reason).where(OutboxMessage.kind.startswith("webhook.")).order_by(OutboxMessage.id)
    return [(row.state, row.reason) for row in session.execute(wanted)]


def outcomes(session: Session) -> list[Outcome | None]:
    session.rollback()
    return list(session.scalars(select(MailAttempt.outcome).order_by(MailAttempt.id)))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("https://a.vn/nhan\r\nX-A: 1", "dấu cách, xuống dòng"),
        ("https://a.vn/\tx", "dấu cách, xuống dòng"),
        ("https://máy-chủ.vn/", "chữ có dấu"),
        ("https://user:pass@a.vn/", "tên đăng nhập"),
        ("https://a.vn@b.vn/", "tên đăng nhập"),
        ("http://a.vn/", "https://"),
        ("ftp://a.vn/", "https://"),
        ("javascript:alert(1)", "tên máy chủ"),
        ("file:///etc/passwd", "tên máy chủ"),
        ("//a.vn/", "https://"),
        ("https://", "tên máy chủ"),
        ("https://2130706433/", "tên máy chủ"),
        ("https://0x7f.1/", "tên máy chủ"),
        ("https://0177.0.0.1/", "tên máy chủ"),
        ("https://127.1/", "tên máy chủ"),
        ("https://[fe80::1%25eth0]/", "tên máy chủ"),
        ("https://[::1/", "không đúng dạng"),
        ("https://a.vn:99999/", "không đúng dạng"),
        ("https://a.vn:0/", "cổng 0"),
        ("https://a.vn/#x", "dấu #"),
        ("https://-a.vn/", "tên máy chủ"),
        ("https://a.vn\\@b.vn/", "không|dấu cách"),
        ("https://a.vn/" + "x" * 2000, "quá 2000"),
    ],
)
def test_an_address_that_is_none_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as refusal:
        checked_url(typed, Reach())
    assert refusal.value.field == "url"


def test_plain_http_reaches_only_this_machine_where_the_installation_says_so() -> None:
    assert checked_url("http://127.0.0.1:8080/x?y=1", LOCAL).path == "/x?y=1"
    assert checked_url("https://May-Chu.gov.vn./x", Reach()) == hook_rules.Target("https", "may-chu.gov.vn", 443, "/x")
    for reach in (Reach(), Reach(plain=True), Reach(frozenset({"127.0.0.1"}))):
        with pytest.raises(Refused, match="https://"):
            checked_url("http://127.0.0.1:8080/", reach)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "ff02::1",
    ],
)
def test_addresses_of_private_networks_are_refused_however_they_are_written(address: str) -> None:
    assert not is_public(ip_address(address))
    with pytest.raises(Refused, match="mạng nội bộ"):
        expect_allowed("may-chu.vn", ["93.184.216.34", address], Reach())
    expect_allowed("may-chu.vn", [address], Reach(frozenset({"may-chu.vn"})))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_addresses_of_the_internet_are_let_through(address: str) -> None:
    assert is_public(ip_address(address))


def test_sentences_lose_their_contacts_and_keep_everything_else() -> None:
    said = without_contacts("Giao Lan (lan.nt@huyen.gov.vn, 0912 345 678, +84.259.3822.111) theo 123/QĐ-UBND ngày 05/11/2026, mã 1.1.2.")
    assert said == "Giao Lan (…, …, …) theo 123/QĐ-UBND ngày 05/11/2026, mã 1.1.2."


def test_every_name_an_event_is_known_by_is_one_that_is_recorded() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(config.ROOT / "tracker").rglob("*.py")))
    recorded = set(re.findall(r'"([a-z_]+)\.[a-z_]+"', written)) | set(re.findall(r'f"([a-z_]+)\.\{', written))
    assert {name for name in webhook_rules._KIND_OF if name not in recorded} == set()


def test_people_accounts_and_discussions_are_told_to_nobody() -> None:
    for action in (
        "account.changed",
        "person.granted",
        "remark.said",
        "authority.settings",
        "webhook.made",
        "deputy.appointed",
        "calendar_feed.made",
    ):
        assert kind_of(action) is None
    assert chosen_kinds(["round", "task"]) == ["task", "round"]
    for wrong in ([], ["task", "account"]):
        with pytest.raises(Refused, match="ít nhất một loại"):
            chosen_kinds(wrong)


@pytest.mark.db
def test_an_event_is_told_once_signed_and_without_contacts(app: Flask, session: Session, world: World, listener: Listener) -> None:
    hook = hook_to(session, world, listener.url)
    event = happen(session, world, words="Nộp minh chứng; hỏi lan@huyen.vn, 0912345678.")
    happen(session, world, action="account.changed")
    audit.record(
        session,
        Actor(None, "Lãnh đạo"),
        "reminders.summary",
        "Thôi nhận.",
        now=clock.now(),
        authority_id=world.authority.id,
        subject=("account", world.chair.id),
    )
    session.commit()
    seal(session)
    assert webhook_jobs.announce(app) == 1
    assert webhook_jobs.announce(app) == 0
    assert send(app, session).sent == 1
    (heard,) = listener.heard
    assert heard.signed_with(secret(app, hook)) and not heard.signed_with("0" * 64)
    assert heard.path == "/nhan?khoa=1" and heard.headers["X-DonDoc-Event"] == "task.ready"
    assert json.loads(heard.body) == {
        "id": event.id,
        "type": "task.ready",
        "kind": "task",
        "authority": {"slug": world.slug, "name": world.authority.name},
        "at": event.at.astimezone(clock.ZONE).isoformat(timespec="seconds"),
        "subject": {"type": "task", "id": world.task.id},
        "actor": "Chuyên viên",
        "words": "Nộp minh chứng; hỏi …, ….",
    }
    assert states(session) == [(MessageState.SENT, None)]
    row = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "webhook.event")).one()
    assert row.message_id == heard.delivery and row.to_address == f"127.0.0.1:{listener.port}"
    assert row.payload == {"webhook": hook.id, "event": event.id}


@pytest.mark.db
def test_only_what_was_chosen_and_only_from_then_on(app: Flask, session: Session, world: World, listener: Listener) -> None:
    happen(session, world, words="Trước khi có nơi nhận.")
    hook_to(session, world, listener.url, ["evidence"])
    happen(session, world)
    wanted = happen(session, world, action="evidence.bring")
    assert webhook_jobs.announce(app) == 1
    assert session.scalars(select(OutboxMessage.payload).where(OutboxMessage.kind == "webhook.event")).one()["event"] == wanted.id


@pytest.mark.db
def test_an_event_committed_late_under_a_lower_id_is_not_skipped(app: Flask, session: Session, world: World, listener: Listener) -> None:
    hook_to(session, world, listener.url)
    first = happen(session, world)
    assert webhook_jobs.announce(app) == 1
    late = AuditEvent(
        id=first.id + 50, at=clock.now(), authority_id=world.authority.id, actor="Đầu mối", action="task.accept", subject_type="", summary="Xác nhận."
    )
    session.add(late)
    session.commit()
    seal(session)
    assert webhook_jobs.announce(app) == 1
    session.add(
        AuditEvent(
            id=first.id + 20,
            at=clock.now(),
            authority_id=world.authority.id,
            actor="Đầu mối",
            action="task.return",
            subject_type="",
            summary="Trả lại.",
        )
    )
    session.commit()
    seal(session)
    assert webhook_jobs.announce(app) == 1
    assert send(app, session).sent == 3
    assert {json.loads(one.body)["type"] for one in listener.heard} == {"task.ready", "task.accept", "task.return"}


@pytest.mark.db
def test_another_authority_is_neither_heard_nor_told(app: Flask, session: Session, world: World, listener: Listener) -> None:
    hook_to(session, world, listener.url)
    happen(session, world, words="Chuyện huyện khác.", authority_id=world.elsewhere.id)
    assert webhook_jobs.announce(app) == 0
    foreign = happen(session, world, words="Chuyện huyện khác nữa.", authority_id=world.elsewhere.id)
    mine = happen(session, world)
    assert webhook_jobs.announce(app) == 1
    with writing():
        row = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "webhook.event")).one()
        row.payload = {**row.payload, "event": foreign.id}
        session.commit()
    assert send(app, session).dropped == 1
    assert listener.heard == [] and mine.id != foreign.id


@pytest.mark.db
def test_two_processes_announce_each_event_once(app: Flask, session: Session, world: World, listener: Listener) -> None:
    hook_to(session, world, listener.url)
    for number in range(12):
        happen(session, world, words=f"Việc {number}.")
    start = threading.Barrier(2)
    queued: list[int] = []

    def work() -> None:
        start.wait(10)
        queued.append(webhook_jobs.announce(app))

    both = [threading.Thread(target=work) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert sum(queued) == 12
    assert send(app, session).sent == 12
    assert sorted(json.loads(one.body)["words"] for one in listener.heard) == sorted(f"Việc {number}." for number in range(12))
    assert len({one.delivery for one in listener.heard}) == 12


@pytest.mark.db
@pytest.mark.parametrize(
    ("answer", "state", "outcome"),
    [
        ("500", MessageState.WAITING, Outcome.TEMPORARY),
        ("429", MessageState.WAITING, Outcome.TEMPORARY),
        ("503", MessageState.WAITING, Outcome.TEMPORARY),
        ("silent", MessageState.WAITING, Outcome.UNKNOWN),
        ("404", MessageState.FAILED, Outcome.PERMANENT),
        ("302", MessageState.FAILED, Outcome.PERMANENT),
        ("307", MessageState.FAILED, Outcome.PERMANENT),
        ("204", MessageState.SENT, Outcome.OK),
        ("huge", MessageState.SENT, Outcome.OK),
    ],
)
def test_each_answer_has_its_consequence(app: Flask, session: Session, world: World, answer: str, state: MessageState, outcome: Outcome) -> None:
    with Listener(answer, "200") as listener:
        hook_to(session, world, listener.url)
        happen(session, world)
        webhook_jobs.announce(app)
        send(app, session)
        assert [found for found, _ in states(session)] == [state]
        assert outcomes(session) == [outcome]
        assert len(listener.heard) == 1, "nothing was followed"
        if state is MessageState.WAITING:
            assert send(app, session).tried == 0, "the back-off is waited for"
            post.hurry(session)
            assert send(app, session).sent == 1
            first, second = listener.heard
            assert first.delivery == second.delivery and first.body == second.body


@pytest.mark.db
@pytest.mark.parametrize("manner", ["slow", "drip"])
def test_whoever_takes_too_long_is_cut_off_and_the_others_do_not_wait(
    app: Flask, session: Session, world: World, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    monkeypatch.setattr(hooks, "HOOK_TIMEOUT", 0.8)
    with Listener(manner, slowness=4.0) as slow, Listener("200") as quick:
        hook_to(session, world, slow.url)
        hook_to(session, world, quick.url)
        for _ in range(3):
            happen(session, world)
        webhook_jobs.announce(app)
        began = clock.real_now()
        tally = send(app, session)
        assert (clock.real_now() - began) < timedelta(seconds=3)
        assert (tally.sent, tally.retried) == (3, 3)
        assert len(slow.heard) == 1 and len(quick.heard) == 3
        assert outcomes(session).count(Outcome.UNKNOWN) == 1


@pytest.mark.db
def test_nobody_there_is_tried_again_and_stops_no_other_listener(app: Flask, session: Session, world: World, listener: Listener) -> None:
    with Listener() as gone:
        pass
    hook_to(session, world, gone.url)
    hook_to(session, world, listener.url)
    happen(session, world)
    webhook_jobs.announce(app)
    tally = send(app, session)
    assert (tally.sent, tally.retried) == (1, 1)


@pytest.mark.db
def test_a_name_that_leads_home_at_sending_is_refused_though_it_was_saved(
    app: Flask, session: Session, world: World, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook_to(session, world, listener.url)
    happen(session, world)
    webhook_jobs.announce(app)
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_HOSTS", [])
    assert send(app, session).failed == 1
    ((state, reason),) = states(session)
    assert state is MessageState.FAILED and reason is not None and "https://" in reason
    assert listener.heard == []


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name nghe.test leads to this machine; no real name does without the net."""
    real = socket.getaddrinfo

    def look_up(host: str, *more: object, **named: object) -> object:
        return real("127.0.0.1" if host == "nghe.test" else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.db
def test_a_name_that_leads_into_the_own_network_since_is_refused_when_it_is_called(
    app: Flask, session: Session, world: World, listener: Listener, named: None
) -> None:
    hook_to(session, world, f"https://nghe.test:{listener.port}/")
    happen(session, world)
    webhook_jobs.announce(app)
    assert send(app, session).failed == 1
    assert "mạng nội bộ" in str(states(session))
    assert listener.heard == []


@pytest.mark.db
@pytest.mark.parametrize(("certified", "delivered"), [("nghe.test", 1), ("khac.test", 0)])
def test_the_certificate_must_be_the_hosts_though_the_address_was_chosen(
    app: Flask, session: Session, world: World, named: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, certified: str, delivered: int
) -> None:
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_HOSTS", ["nghe.test"])
    certificate = certificate_for(certified, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Listener(certificate=certificate) as listener:
        hook_to(session, world, f"https://nghe.test:{listener.port}/")
        happen(session, world)
        webhook_jobs.announce(app)
        assert send(app, session).sent == delivered
        assert len(listener.heard) == delivered
        assert all(one.headers["Host"] == f"nghe.test:{listener.port}" for one in listener.heard)


@pytest.mark.db
def test_listeners_and_mail_do_not_wait_for_each_other(app: Flask, session: Session, world: World, listener: Listener) -> None:
    hook_to(session, world, listener.url)
    for _ in range(5):
        happen(session, world)
    webhook_jobs.announce(app)
    post.fill(session, ["a@x.vn", "b@x.vn"])
    assert send(app, session).sent == 5
    with Sink() as sink:
        assert post.send(app, sink.port, rate=2).sent == 2, "webhooks do not use up the rate of mail"
        assert sorted(one.recipient for one in sink.accepted) == ["a@x.vn", "b@x.vn"]
    assert len(listener.heard) == 5


_DIES = """
import os
from tracker.app import create_app
from tracker.kernel.database import db
from tracker.mail.delivery import Sender
from tracker.mail.hook_rules import Reach
from tracker.mail.hooks import HookTransport

class Dies(HookTransport):
    def deliver(self, letter):
        result = super().deliver(letter)
        print(result.outcome, flush=True)
        os._exit(9)

app = create_app({})
with app.app_context():
    Sender(engine=db.engine, session=db.session(), transport=Dies(Reach.of(app.config)), hooks=True).run()
"""


@pytest.mark.db
def test_killed_between_the_answer_and_the_commit_it_is_told_again_under_the_same_id(
    app: Flask, session: Session, world: World, listener: Listener, data: Path, database_url: str
) -> None:
    hook_to(session, world, listener.url)
    happen(session, world)
    webhook_jobs.announce(app)
    session.commit()
    here = {"DATABASE_URL": database_url, "TRACKER_DATA": str(data), "WEBHOOK_PRIVATE_HOSTS": "127.0.0.1"}
    killed = subprocess.run([sys.executable, "-c", _DIES], env={**os.environ, **here}, capture_output=True, text=True, timeout=120)
    assert killed.returncode == 9 and "ok" in killed.stdout, killed.stderr
    assert [state for state, _ in states(session)] == [MessageState.SENDING]
    assert send(app, session).sent == 1
    first, second = listener.heard
    assert first.delivery == second.delivery and first.body == second.body
    assert outcomes(session) == [Outcome.UNKNOWN, Outcome.OK]


@pytest.mark.db
def test_who_says_it_is_gone_is_switched_off_and_told_nothing_more(app: Flask, session: Session, world: World) -> None:
    with Listener("410") as listener:
        hook = hook_to(session, world, listener.url)
        happen(session, world)
        webhook_jobs.announce(app)
        assert send(app, session).failed == 1
        happen(session, world)
        webhook_jobs.announce(app)
        session.refresh(hook)
        assert not hook.active and hook.off_reason is not None and "410" in hook.off_reason and hook.version == 2
        assert session.scalars(select(AuditEvent.actor).where(AuditEvent.action == "webhook.switched_off")).one() == "Hệ thống"
        assert send(app, session).tried == 0 and len(listener.heard) == 1


@pytest.mark.db
def test_who_takes_nothing_for_a_day_is_switched_off_but_not_for_a_short_outage(app: Flask, session: Session, world: World) -> None:
    with Listener("500") as listener:
        hook = hook_to(session, world, listener.url)
        for _ in range(FAILURES_IN_A_ROW):
            happen(session, world)
        webhook_jobs.announce(app)
        assert send(app, session).retried == FAILURES_IN_A_ROW
        webhook_jobs.announce(app)
        session.refresh(hook)
        assert hook.active, "a burst of failures within a minute is an outage"
        with writing():
            session.execute(update(MailAttempt).values(started_at=clock.real_now() - FAILING_FOR - timedelta(minutes=1)))
            hook.watched_from = clock.real_now() - timedelta(days=2)
            session.commit()
        webhook_jobs.announce(app)
        session.refresh(hook)
        assert not hook.active and hook.off_reason is not None and f"{FAILURES_IN_A_ROW} lần" in hook.off_reason


@pytest.mark.db
def test_what_waits_when_it_is_switched_off_is_dropped_and_what_was_missed_is_not_told_later(
    app: Flask, session: Session, world: World, listener: Listener
) -> None:
    hook = hook_to(session, world, listener.url)
    happen(session, world)
    webhook_jobs.announce(app)

    def switch(active: bool) -> None:
        session.refresh(hook)
        webhook_service.change(session, ADMIN, hook, hook.url, hook.kinds, active, version=hook.version, now=clock.now(), real_now=clock.real_now())
        session.commit()

    switch(False)
    assert send(app, session).dropped == 1
    happen(session, world)
    assert webhook_jobs.announce(app) == 0
    switch(True)
    assert webhook_jobs.announce(app) == 0
    happen(session, world)
    assert webhook_jobs.announce(app) == 1


@pytest.mark.db
def test_a_listener_saved_meanwhile_is_not_overwritten(sign_in: SignIn, app: Flask, session: Session, world: World, listener: Listener) -> None:
    hook = hook_to(session, world, listener.url)
    address = f"/{world.slug}/webhooks/{hook.id}"
    first, second = sign_in(world.admin.username).get(address), sign_in(world.admin.username).get(address)
    happen(session, world)
    webhook_jobs.announce(app)
    assert "Đã lưu nơi nhận" in first.form(address).fill(evidence=False).submit("Lưu nơi nhận").text, "announcing made the form stale"
    told = second.form(address).fill(task=False).submit("Lưu nơi nhận", status=409)
    assert "Nhiệm vụ, Xin gia hạn" in told.text and "Minh chứng, Xin gia hạn" in told.text
    assert second.form(f"{address}/rotate").submit("Đổi khóa", status=409).h1
    with pytest.raises(Stale):
        webhook_service.rotate(session, ADMIN, hook, version=1, now=clock.now())


@pytest.mark.db
def test_the_administrator_adds_tries_and_rotates(sign_in: SignIn, app: Flask, session: Session, world: World, listener: Listener) -> None:
    admin = sign_in(world.admin.username)
    page = admin.get(f"/{world.slug}/settings").link("Hệ thống nhận tin").follow()
    shown = page.link("Thêm nơi nhận").follow().form("/webhooks/new").fill(url=listener.url).submit("Thêm nơi nhận")
    hook = session.scalars(select(Webhook)).one()
    kept = re.findall(r"\b[0-9a-f]{64}\b", shown.data.decode())
    assert kept[0] == secret(app, hook) and "một lần này" in shown.text
    stored = json.dumps([[str(value) for value in row] for row in session.execute(select(Webhook.__table__))])
    assert kept[0] not in stored
    address = f"/{world.slug}/webhooks/{hook.id}"
    edit = admin.get(address)
    assert kept[0] not in edit.data.decode()
    assert "đi trong ít giây" in edit.form(f"{address}/ping").submit("Gửi thử").text
    assert "lập rồi" in edit.form(f"{address}/ping").submit("Gửi thử").text
    assert send(app, session).sent == 1
    assert listener.heard[0].signed_with(kept[0]) and json.loads(listener.heard[0].body)["type"] == "ping"
    assert "Đã gửi" in admin.get(address).text and listener.heard[0].delivery in admin.get(address).text
    again = admin.get(address).form(f"{address}/rotate").submit("Đổi khóa")
    fresh = re.findall(r"\b[0-9a-f]{64}\b", again.data.decode())[0]
    assert fresh != kept[0]
    happen(session, world)
    webhook_jobs.announce(app)
    send(app, session)
    assert listener.heard[-1].signed_with(fresh) and not listener.heard[-1].signed_with(kept[0])
    told = set(session.scalars(select(AuditEvent.action).where(AuditEvent.subject_type == "webhook")))
    assert told == {"webhook.made", "webhook.pinged", "webhook.rotated"}
    again = admin.get(f"/{world.slug}/webhooks/new").form("/webhooks/new").fill(url=listener.url).submit("Thêm nơi nhận", status=400)
    assert "đã có nơi nhận với địa chỉ này" in again.text


@pytest.mark.db
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"url": "https://user:pass@a.vn/"}, "tên đăng nhập"),
        ({"url": "https://localhost/"}, "mạng nội bộ"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "mạng nội bộ"),
        ({"url": "https://[::ffff:127.0.0.1]/"}, "mạng nội bộ"),
        ({"url": "https://2130706433/"}, "tên máy chủ"),
        ({"url": "https://khong-co.invalid/"}, "Không tìm thấy máy chủ"),
        ({"url": "https://a.vn/" + "x" * 2000}, "quá 2000"),
        ({"url": ""}, "nhập địa chỉ nhận"),
        ({"url": "http://127.0.0.1:9/", **dict.fromkeys(EVERYTHING, False)}, "ít nhất một loại"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_nothing_is_saved(
    sign_in: SignIn, session: Session, world: World, typed: dict[str, object], sentence: str
) -> None:
    page = sign_in(world.admin.username).get(f"/{world.slug}/webhooks/new")
    assert sentence in page.form("/webhooks/new").fill(**typed).submit("Thêm nơi nhận", status=400).text
    assert session.scalars(select(Webhook)).all() == []


@pytest.mark.db
def test_only_administrators_of_the_authority_see_the_pages(sign_in: SignIn, session: Session, world: World, listener: Listener) -> None:
    hook = hook_to(session, world, listener.url)
    for name, status in ((world.focal, 403), (world.chair, 403), (world.owner, 403), (world.foreign_focal, 404)):
        for path in ("", "/new", f"/{hook.id}"):
            sign_in(name.username).get(f"/{world.slug}/webhooks{path}", status=status)


@pytest.mark.db
def test_a_secret_is_another_for_another_listener_nonce_or_installation(app: Flask, session: Session, world: World, listener: Listener) -> None:
    hook = hook_to(session, world, listener.url)
    known = {secret_of(key, number, nonce) for key in ("a", "b") for number in (1, 2) for nonce in (hook.nonce, "x")}
    assert len(known) == 8
    assert signature("ab", 1, b"{}").startswith("v1=") and len(signature("ab", 1, b"{}")) == 67
    with app.app_context(), scope.using(db.session(), scope.one(world.elsewhere.id)):
        assert db.session.scalars(select(Webhook)).all() == []
