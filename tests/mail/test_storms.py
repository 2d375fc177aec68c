"""A database that dies, comes back or is locked for long: nothing is lost, no sender dies. The long form: ``make soak``."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.harness.cluster import DURABLE, Cluster
from tests.harness.stores import make_app
from tests.mail import post, storms
from tests.mail.sink import Sink
from tracker.kernel import scope
from tracker.kernel.database import db

PEOPLE = 60


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server of the test's own that may be killed: one that keeps what it has said."""
    one = Cluster(DURABLE)
    yield one
    one.stop()


@pytest.mark.db("postgresql")
@pytest.mark.slow
def test_a_server_that_dies_while_mails_go_out_loses_none(cluster: Cluster, data: Path) -> None:
    url = cluster.create("storm")
    app = make_app(url, data)
    with app.app_context():
        upgrade()
        session = db.session()
        scope.choose(session, scope.whole("a storm"))
        assert storms.weather(app, session, url, data, PEOPLE, [cluster.crash, cluster.kill_a_backend], seconds=600) == []
        db.session.remove()
        db.engine.dispose()


@pytest.mark.db("sqlite")
@pytest.mark.slow
def test_a_file_others_write_to_all_the_time_and_lock_for_long_loses_none(app: Flask, session: Session, database_url: str, data: Path) -> None:
    path = database_url.removeprefix("sqlite:///")
    with storms.crowded(path):
        assert storms.weather(app, session, database_url, data, PEOPLE, [lambda: storms.locked(path, 3)] * 2, seconds=600) == []


@pytest.mark.db("sqlite")
def test_a_lock_that_lasts_longer_than_a_statement_waits_is_waited_for(app: Flask, session: Session, database_url: str) -> None:
    post.fill(session, [f"a{n}@x.vn" for n in range(10)])
    session.rollback()

    def impatient(connection: object, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")  # type: ignore[attr-defined]

    engine = db.engine
    engine.dispose()
    event.listen(engine, "connect", impatient)
    try:
        with Sink(delay=0.1) as sink:
            sending = threading.Thread(target=post.send, args=(app, sink.port))
            sending.start()
            sink.wait_for(2)
            storms.locked(database_url.removeprefix("sqlite:///"), 2)
            sending.join(60)
            post.send(app, sink.port)
    finally:
        event.remove(engine, "connect", impatient)
        engine.dispose()
    assert sorted(one.recipient for one in sink.accepted) == sorted(f"a{n}@x.vn" for n in range(10))


@pytest.mark.db("postgresql")
def test_a_pool_without_a_free_connection_for_a_while_costs_no_lease(app: Flask, session: Session, database_url: str, data: Path) -> None:
    post.fill(session, ["held@x.vn"])
    session.rollback()
    lease = timedelta(seconds=2)
    narrow = make_app(database_url, data, SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 2, "max_overflow": 0, "pool_timeout": 0.1})
    with narrow.app_context():
        engine = db.engine
    with Sink() as sink:
        sending = threading.Thread(target=post.send, args=(narrow, sink.port), kwargs={"lease": lease})
        sending.start()
        sink.wait_for(1)
        with engine.connect():  # the sender's own line has the other
            threading.Event().wait(1.2)
        for _ in range(12):
            post.send(app, sink.port, lease=lease)
            threading.Event().wait(0.4)
        sink.release.set()
        sending.join(20)
    engine.dispose()
    assert len(sink.accepted) == 1
