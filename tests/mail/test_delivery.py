"""The sender against a real conversation, with everything a mail server may do to it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.mail import clocks
from tests.mail.post import KIND, fill, hurry, send
from tests.mail.sink import Sink
from tracker.kernel import clock
from tracker.kernel.database import db, writing
from tracker.mail import outbox, service
from tracker.mail.models import MailAttempt, OutboxMessage
from tracker.mail.rules import BACK_OFF, MessageState, Outcome, Phase, Result

pytestmark = pytest.mark.db


def fresh(session: Session, address: str) -> OutboxMessage:
    session.rollback()
    return session.scalars(select(OutboxMessage).where(OutboxMessage.to_address == address).execution_options(populate_existing=True)).one()


def attempts(session: Session, message: OutboxMessage) -> list[MailAttempt]:
    return list(session.scalars(select(MailAttempt).where(MailAttempt.outbox_message_id == message.id).order_by(MailAttempt.number)))


def test_a_key_used_before_queues_nothing(session: Session) -> None:
    assert len(fill(session, ["a@x.vn"])) == 1
    assert fill(session, ["a@x.vn"]) == []


def test_a_message_goes_once_and_says_when(app: Flask, session: Session) -> None:
    fill(session, ["a@x.vn"])
    with Sink() as sink:
        assert send(app, sink.port).sent == 1
        assert send(app, sink.port).tried == 0
    assert [one.recipient for one in sink.accepted] == ["a@x.vn"]
    message = fresh(session, "a@x.vn")
    assert message.state is MessageState.SENT
    assert message.finished_at is not None
    assert message.message_id in sink.accepted[0].message_id
    assert [(a.number, a.outcome, a.phase) for a in attempts(session, message)] == [(1, Outcome.OK, Phase.ACKED)]


def test_one_connection_carries_a_batch(app: Flask, session: Session) -> None:
    fill(session, [f"a{n}@x.vn" for n in range(20)])
    with Sink() as sink:
        send(app, sink.port)
    assert (sink.connections, len(sink.accepted)) == (1, 20)


@pytest.mark.parametrize("pipelining", [True, False])
def test_each_fault_is_told_apart(app: Flask, session: Session, pipelining: bool) -> None:
    fill(
        session,
        [
            "fine@x.vn",
            "no@x.vn",
            "busy@x.vn",
            "rejected@x.vn",
            "closing@x.vn",
            "torn@x.vn",
            "silent@x.vn",
            "mumbling@x.vn",
            "full@x.vn",
            "greylisted@x.vn",
            "garbled@x.vn",
            "endless@x.vn",
            "toolarge@x.vn",
            "dripping@x.vn",
            "last@x.vn",
        ],
    )
    with Sink(pipelining=pipelining) as sink:
        tally = send(app, sink.port)
    assert (tally.sent, tally.failed, tally.retried) == (4, 3, 8)
    found = {
        a: (m.state, attempts(session, m)[0].outcome, attempts(session, m)[0].phase) for a in sorted_addresses(session) for m in [fresh(session, a)]
    }
    assert found["no@x.vn"] == (MessageState.FAILED, Outcome.PERMANENT, Phase.RCPT)
    assert found["rejected@x.vn"] == (MessageState.FAILED, Outcome.PERMANENT, Phase.DOT)
    assert found["busy@x.vn"] == (MessageState.WAITING, Outcome.TEMPORARY, Phase.RCPT)
    assert found["closing@x.vn"] == (MessageState.WAITING, Outcome.TEMPORARY, Phase.RCPT)
    assert found["torn@x.vn"][0] is MessageState.WAITING
    assert found["silent@x.vn"] == (MessageState.WAITING, Outcome.UNKNOWN, Phase.DOT)
    assert found["mumbling@x.vn"] == (MessageState.WAITING, Outcome.UNKNOWN, Phase.DOT)
    assert found["full@x.vn"] == (MessageState.WAITING, Outcome.TEMPORARY, Phase.RCPT)
    assert found["greylisted@x.vn"] == (MessageState.WAITING, Outcome.TEMPORARY, Phase.RCPT)
    assert found["garbled@x.vn"] == (MessageState.SENT, Outcome.OK, Phase.ACKED)
    assert found["endless@x.vn"] == (MessageState.WAITING, Outcome.UNKNOWN, Phase.DOT)
    assert found["toolarge@x.vn"] == (MessageState.FAILED, Outcome.PERMANENT, Phase.DOT)
    assert found["dripping@x.vn"] == (MessageState.SENT, Outcome.OK, Phase.ACKED)
    assert "550 no such mailbox" in (fresh(session, "no@x.vn").reason or "")


def sorted_addresses(session: Session) -> list[str]:
    return sorted(session.scalars(select(OutboxMessage.to_address)))


def test_what_was_put_off_goes_later_and_a_doubtful_one_twice_at_most(app: Flask, session: Session) -> None:
    fill(session, ["busy@x.vn", "silent@x.vn"])
    with Sink() as sink:
        send(app, sink.port)
        assert send(app, sink.port).tried == 0, "back-off holds both back"
        hurry(session)
        assert send(app, sink.port).sent == 2
    assert len(sink.to("busy@x.vn")) == 1
    copies = sink.to("silent@x.vn")
    assert len(copies) == 2
    assert len({copy.message_id for copy in copies}) == 1


def test_back_off_grows(app: Flask, session: Session) -> None:
    fill(session, ["a@x.vn"])
    with Sink(refuse_connections=True) as sink:
        before = clock.real_now()
        send(app, sink.port)
    message = fresh(session, "a@x.vn")
    assert message.attempts == 1
    assert BACK_OFF[0] <= message.not_before - before < BACK_OFF[0] + timedelta(seconds=30)


def test_a_server_that_hangs_up_without_a_word_gets_it_later(app: Flask, session: Session) -> None:
    fill(session, ["a@x.vn"])
    with Sink(hang_ups=1) as sink:
        assert send(app, sink.port).retried == 1
        hurry(session)
        assert send(app, sink.port).sent == 1
    tries = attempts(session, fresh(session, "a@x.vn"))
    assert [(one.outcome, one.phase) for one in tries] == [(Outcome.TEMPORARY, Phase.CONNECT), (Outcome.OK, Phase.ACKED)]


def test_a_server_that_always_says_later_is_asked_ever_more_rarely_and_given_up_after_three_days(app: Flask, session: Session) -> None:
    """1, 2, 5, 15, 60 minutes, then every hour; the clock goes forward by what is still to wait."""
    fill(session, ["never@x.vn"])
    waits: list[timedelta] = []
    with Sink() as sink:
        while (message := fresh(session, "never@x.vn")).state is MessageState.WAITING:
            if waits and len(waits) < 6:
                clocks.forward(session, waits[-1] - timedelta(seconds=30))
                assert send(app, sink.port).tried == 0, "a moment too early"
                clocks.forward(session, timedelta(seconds=31))
            elif waits:
                clocks.forward(session, waits[-1])
            before = clock.real_now()
            send(app, sink.port)
            waits.append(fresh(session, "never@x.vn").not_before - before)
            assert len(waits) < 100
    minutes = [round(wait.total_seconds() / 60) for wait in waits[:8]]
    assert minutes == [1, 2, 5, 15, 60, 60, 60, 60]
    assert message.state is MessageState.FAILED and "451" in (message.reason or "")
    first, *_, last = attempts(session, message)
    assert timedelta(hours=70) < last.started_at - first.started_at <= timedelta(hours=72)
    assert sink.accepted == []


def test_without_a_connection_the_others_keep_their_turn(app: Flask, session: Session) -> None:
    fill(session, ["a@x.vn", "b@x.vn", "c@x.vn"])
    with Sink(refuse_connections=True) as sink:
        assert send(app, sink.port).tried == 1
    assert [fresh(session, f"{x}@x.vn").attempts for x in "abc"] == [1, 0, 0]


def test_a_poisonous_message_ends_alone(app: Flask, session: Session) -> None:
    fill(session, ["poison@x.vn"], **{"raise": "mẫu thư hỏng"})
    fill(session, ["not-an-address", "a\r\n@x.vn"])
    fill(session, ["huge@x.vn"], text="đ" * 5_000_000)
    fill(session, [f"a{n}@x.vn" for n in range(196)])
    with Sink(largest=10_000_000) as sink:
        tally = send(app, sink.port)
    assert (tally.sent, tally.failed) == (196, 4)
    assert "552" in (fresh(session, "huge@x.vn").reason or "")
    assert "mẫu thư hỏng" in (fresh(session, "poison@x.vn").reason or "")
    assert "không đúng dạng" in (fresh(session, "not-an-address").reason or "")


def test_an_unknown_kind_fails_with_a_reason(app: Flask, session: Session) -> None:
    now = clock.now()
    service.queue(
        session, service.Outgoing(kind="nobody.knows", dedupe_key="x", to_address="a@x.vn", to_name="", payload={}, planned_on=clock.today()), now
    )
    session.commit()
    with Sink() as sink:
        assert send(app, sink.port).failed == 1
    assert "nobody.knows" in (fresh(session, "a@x.vn").reason or "")


def test_what_is_no_longer_wanted_is_dropped_with_its_reason(app: Flask, session: Session) -> None:
    fill(session, ["a@x.vn"], drop="Nhiệm vụ đã xong.")
    with Sink() as sink:
        assert send(app, sink.port).dropped == 1
    assert sink.accepted == []
    message = fresh(session, "a@x.vn")
    assert (message.state, message.reason) == (MessageState.CANCELLED, "Nhiệm vụ đã xong.")


def test_two_senders_at_once_send_each_message_once(app: Flask, session: Session) -> None:
    fill(session, [f"a{n}@x.vn" for n in range(80)])
    with Sink() as sink:
        senders = [threading.Thread(target=send, args=(app, sink.port), kwargs={"limit": 80}) for _ in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(60)
        send(app, sink.port)
    assert sorted(one.recipient for one in sink.accepted) == sorted(f"a{n}@x.vn" for n in range(80))


@pytest.mark.parametrize("leases", [0.5, 1, 2])
def test_an_answer_as_slow_as_a_lease_or_slower_doubles_nothing(app: Flask, session: Session, leases: float) -> None:
    fill(session, ["slow@x.vn"])
    lease = timedelta(seconds=1)
    with Sink(slowness=leases * lease.total_seconds()) as sink:
        first = threading.Thread(target=send, args=(app, sink.port), kwargs={"lease": lease})
        first.start()
        sink.wait_for(1)
        while first.is_alive():
            send(app, sink.port, lease=lease)
            first.join(0.2)
    assert len(sink.accepted) == 1
    assert fresh(session, "slow@x.vn").state is MessageState.SENT


def test_who_lost_the_lease_changes_nothing(app: Flask, session: Session) -> None:
    """A sender stopped for longer than its lease and woken up again: its late word matches no row."""
    fill(session, ["a@x.vn", "b@x.vn"])
    now = clock.real_now()
    with app.app_context(), writing():
        with db.engine.begin() as connection:
            mine = outbox.claim(connection, "elsewhere|1|2|first", 2, now, timedelta(minutes=-1))
            outbox.begin_attempt(connection, mine[0], now)
        with db.engine.begin() as connection:
            assert outbox.reclaim(connection, now, timedelta()) == 2
        with db.engine.begin() as connection:
            theirs = outbox.claim(connection, "elsewhere|1|2|second", 2, now, timedelta(minutes=1))
        late = outbox.Done(mine[0], Result(Outcome.OK, Phase.ACKED), "s", now, now)
        with db.engine.begin() as connection:
            assert outbox.record_and_begin(connection, late, mine[1]) == (False, False)
    assert [one.number for one in theirs] == [2, 1], "only what had begun counts as a try"
    message = fresh(session, "a@x.vn")
    assert (message.state, message.owner) == (MessageState.SENDING, "elsewhere|1|2|second")
    assert [a.outcome for a in attempts(session, message)] == [Outcome.UNKNOWN]


def test_all_senders_dead_an_hour_later_everything_goes(app: Flask, session: Session) -> None:
    fill(session, ["a@x.vn", "b@x.vn"])
    with app.app_context(), writing(), db.engine.begin() as connection:
        assert len(outbox.claim(connection, "elsewhere|1|2|3", 2, clock.real_now(), timedelta(hours=-1))) == 2
    lease = timedelta(seconds=1)
    with Sink() as sink:
        send(app, sink.port, lease=lease)
        threading.Event().wait(0.6)
        send(app, sink.port, lease=lease)
    assert sorted(one.recipient for one in sink.accepted) == ["a@x.vn", "b@x.vn"]


def test_a_message_too_old_expires_and_is_listed(app: Flask, session: Session) -> None:
    now = clock.now()
    late = now - timedelta(seconds=1)
    service.queue(
        session,
        service.Outgoing(kind=KIND, dedupe_key="x", to_address="a@x.vn", to_name="", payload={}, planned_on=clock.today(), expires_at=late),
        now,
    )
    session.commit()
    with Sink() as sink:
        tally = send(app, sink.port)
    assert (tally.expired, sink.accepted) == (1, [])
    assert fresh(session, "a@x.vn").state is MessageState.EXPIRED


def test_what_expires_first_goes_first(app: Flask, session: Session) -> None:
    now = clock.now()
    for name, expires in (("digest", None), ("week", timedelta(days=7)), ("reset", timedelta(minutes=30))):
        until = None if expires is None else now + expires
        service.queue(
            session,
            service.Outgoing(
                kind=KIND, dedupe_key=name, to_address=f"{name}@x.vn", to_name="", payload={}, planned_on=clock.today(), expires_at=until
            ),
            now,
        )
    session.commit()
    with Sink() as sink:
        send(app, sink.port)
    assert [one.recipient for one in sink.accepted] == ["reset@x.vn", "week@x.vn", "digest@x.vn"]


def test_the_rate_holds_over_runs(app: Flask, session: Session) -> None:
    fill(session, [f"a{n}@x.vn" for n in range(8)])
    with Sink() as sink:
        assert send(app, sink.port, rate=5).sent == 5
        assert send(app, sink.port, rate=5).sent == 0
        assert send(app, sink.port).sent == 3


def test_the_rate_holds_after_the_clock_steps_back_and_nothing_waits_for_the_old_time_to_come_again(app: Flask, session: Session) -> None:
    fill(session, [f"a{n}@x.vn" for n in range(8)])
    with Sink() as sink:
        assert send(app, sink.port, rate=3).sent == 3
        clocks.forward(session, -timedelta(hours=1))
        hurry(session)
        assert send(app, sink.port, rate=3).sent <= 3
        assert send(app, sink.port, rate=3).sent == 0, "the rate holds"
        clocks.forward(session, timedelta(minutes=1))
        assert send(app, sink.port, rate=3).sent > 0
        clocks.forward(session, timedelta(minutes=1))
        send(app, sink.port, rate=3)
    assert len(sink.accepted) > 6


def test_an_outcome_written_down_twice_stays_as_it_was(app: Flask, session: Session) -> None:
    """The database took the commit and died before it could say so: the sender, patient, writes the same again."""
    fill(session, ["a@x.vn"])
    now = clock.real_now()
    with app.app_context(), writing():
        with db.engine.begin() as connection:
            [mine] = outbox.claim(connection, "elsewhere|1|2|first", 1, now, timedelta(minutes=1))
            outbox.begin_attempt(connection, mine, now)
        done = outbox.Done(mine, Result(Outcome.OK, Phase.ACKED), "s", now, now)
        for taken in (True, False):
            with db.engine.begin() as connection:
                assert outbox.record(connection, done) is taken
    message = fresh(session, "a@x.vn")
    assert message.state is MessageState.SENT
    assert [one.outcome for one in attempts(session, message)] == [Outcome.OK]


def test_a_stop_ends_the_run_between_two_messages(app: Flask, session: Session) -> None:
    fill(session, [f"a{n}@x.vn" for n in range(30)])
    stop = threading.Event()
    with Sink(delay=0.05) as sink:
        sender = threading.Thread(target=send, args=(app, sink.port), kwargs={"stop": stop})
        sender.start()
        sink.wait_for(3)
        stop.set()
        sender.join(5)
        assert not sender.is_alive()
        begun = len(sink.accepted)
        assert begun < 30
        send(app, sink.port)
    assert len(sink.accepted) == 30
    assert {m.attempts for m in session.scalars(select(OutboxMessage).execution_options(populate_existing=True))} == {1}
