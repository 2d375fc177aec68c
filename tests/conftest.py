"""Fixtures of every test. How to use them: the docstring of each; the people and rows: tests/factories.py."""

from __future__ import annotations

import gc
import os
import shutil
import smtplib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import hypothesis
import pytest
import pytest_socket
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.harness.cluster import quick_folder

# Before anything of ours is imported: no test sees the settings of the person who runs it.
for _name in [n for n in os.environ if n.startswith(("TRACKER_", "MAIL_"))] + [
    "DATABASE_URL",
    "STORAGE_URL",
    "SECRET_KEY",
    "BASE_URL",
    "TRUSTED_HOSTS",
    "PORT",
]:
    os.environ.pop(_name, None)
_HOME = Path(tempfile.mkdtemp(prefix="dondoc-tests-", dir=quick_folder()))
os.environ["TRACKER_DATA"] = str(_HOME / "unused")

from tests.factories import World, build_world  # noqa: E402
from tests.harness.queries import Counted, counting  # noqa: E402
from tests.harness.stores import BACKENDS, TODAY, Stores, make_app  # noqa: E402
from tests.page_client import PageClient  # noqa: E402
from tracker.deadlines.queries import forget_calendar  # noqa: E402
from tracker.kernel import clock, scope  # noqa: E402
from tracker.kernel.database import db  # noqa: E402
from tracker.operations.running import THRESHOLDS  # noqa: E402

# As every process of ours that lives longer; applications are made and thrown away here, so nothing is frozen.
gc.set_threshold(*THRESHOLDS)

# How long an example takes says how busy the machine is: speed is measured by `make bench`, never by a test.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test marked ``db`` runs on both databases; ``db("postgresql")`` names the only one it is about."""
    if "backend" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("db")
        metafunc.parametrize("backend", (mark and mark.args) or BACKENDS, indirect=True)


def pytest_sessionfinish() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def _edges(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit tests reach no socket, no mail server and no clock; the others start on TODAY, about 09:30 in Việt Nam."""
    marks = {mark.name for mark in request.node.iter_markers()}
    if marks & {"db", "browser", "store"}:
        monkeypatch.setenv(clock.NOW_VARIABLE, f"{TODAY}T09:30")
        monkeypatch.setenv(clock.ANCHOR_VARIABLE, clock.real_now().isoformat())
        return
    pytest_socket.disable_socket(allow_unix_socket=True)
    monkeypatch.setattr(smtplib.SMTP, "connect", _refused("A unit test opened a mail connection."))
    if "wall_clock" not in marks:
        monkeypatch.setattr(clock, "real_now", _refused("A unit test read the clock; pass `now` or `today`, or mark it wall_clock with the reason."))


def _refused(sentence: str) -> Callable[..., object]:
    def refuse(*_args: object, **_named: object) -> object:
        raise AssertionError(sentence)

    return refuse


@pytest.fixture
def on_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """``on_day("2026-11-23")`` or ``on_day("2026-11-23T07:00")``: the business clock goes on from there."""

    def go(instant: str) -> None:
        monkeypatch.setenv(clock.NOW_VARIABLE, instant)
        monkeypatch.setenv(clock.ANCHOR_VARIABLE, clock.real_now().isoformat())

    return go


@pytest.fixture(scope="session")
def stores() -> Iterator[Stores]:
    """Databases migrated and filled once a session, to be copied."""
    folder = Path(tempfile.mkdtemp(dir=_HOME))
    stores = Stores(folder)
    stores.describe("seeded", "empty", lambda app: _run(app, "seed", "--samples"))
    stores.describe("demo", "empty", lambda app: _run(app, "seed", "--demo"))
    yield stores
    stores.close()


def _run(app: Flask, *command: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(clock.NOW_VARIABLE, f"{TODAY}T09:30")
        patch.setenv(clock.ANCHOR_VARIABLE, clock.real_now().isoformat())
        result = app.test_cli_runner().invoke(args=list(command))
    if result.exit_code != 0:
        raise RuntimeError(f"flask {' '.join(command)} exited {result.exit_code}: {result.output}") from result.exception


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """«sqlite» or «postgresql»; only for tests marked ``db``."""
    if request.node.get_closest_marker("db") is None and request.node.get_closest_marker("browser") is None:
        pytest.fail("This test uses a database: mark it with @pytest.mark.db.", pytrace=False)
    return str(request.param)


@pytest.fixture
def template(request: pytest.FixtureRequest) -> str:
    """Which filling the database starts from; ``seeded`` and ``demo`` change it."""
    for name in ("demo", "seeded"):
        if name in request.fixturenames:
            return name
    return "empty"


@pytest.fixture
def database_url(stores: Stores, backend: str, template: str) -> Iterator[str]:
    """A database of the test's own, migrated, and filled as the test asks."""
    url = stores.copy(backend, template)
    yield url
    stores.drop(url)


@pytest.fixture
def data(stores: Stores, backend: str, template: str, tmp_path: Path) -> Path:
    """TRACKER_DATA of the test: evidence, mails, keys."""
    folder = tmp_path / "data"
    came_with = stores.data(backend, template)
    shutil.copytree(came_with, folder) if came_with.exists() else folder.mkdir()
    return folder


@pytest.fixture
def app(stores: Stores, backend: str, database_url: str, data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application on the test's own database and folder. Add no views to it: other tests use it too (``make_app`` makes a new one)."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TRACKER_DATA", str(data))
    app = stores.app(backend, database_url, data)
    with app.app_context():  # kept in memory for the database of the test before
        forget_calendar(db.session())
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def bare_app(tmp_path: Path) -> Flask:
    """The application without a database behind it: for its URL map, its templates, its settings."""
    return make_app(f"sqlite:///{tmp_path / 'nothing.sqlite'}", tmp_path)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session that sees every authority. Requests of the page client use their own, as in life:
    what the test has added is committed before each request, and what the request saved is read afresh after it."""
    with app.app_context():
        session = db.session()
        scope.choose(session, scope.whole("a test"))
        yield session
        db.session.remove()


@pytest.fixture
def client(app: Flask, request: pytest.FixtureRequest) -> PageClient:
    """A browser nobody is signed in on. Every page it gets is checked."""
    return PageClient(app, before=_committing(request))


@pytest.fixture
def sign_in(app: Flask, request: pytest.FixtureRequest) -> Callable[..., PageClient]:
    """``sign_in("focal@ninh-son.demo")``: a browser of that person's own; call it for as many people as you like."""

    def open_browser(username: str, **options: object) -> PageClient:
        client = PageClient(app, before=_committing(request))
        client.sign_in(username, **options)
        return client

    return open_browser


def _committing(request: pytest.FixtureRequest) -> Callable[[], None]:
    if "session" not in request.fixturenames:
        return lambda: None
    session: Session = request.getfixturevalue("session")
    return session.commit


@pytest.fixture
def command(app: Flask, request: pytest.FixtureRequest) -> Callable[..., object]:
    """``command("seed", "--json")`` → click's result: exit_code, stdout, stderr."""
    before = _committing(request)

    def run(*args: str) -> object:
        before()
        return app.test_cli_runner().invoke(args=list(args))

    return run


@pytest.fixture
def seeded(app: Flask) -> Flask:
    """The shipped sets, the calendar and the five sample authorities are loaded."""
    return app


@pytest.fixture
def demo(app: Flask) -> Flask:
    """As ``flask seed --demo`` leaves it on TODAY: accounts, members, progress. The password is harness.stores.PASSWORD."""
    return app


@pytest.fixture
def world(session: Session) -> World:
    """A small authority with three people (owner, colleague, stranger), a set, a notice and an open round."""
    return build_world(session)


@pytest.fixture
def queries(app: Flask) -> Callable[[], AbstractContextManager[Counted]]:
    """``with queries() as counted: …; assert counted.number == 3``. Counts what the database is asked, not BEGIN and PRAGMA."""

    @contextmanager
    def count() -> Iterator[Counted]:
        with app.app_context():
            engine = db.engine
        counted = Counted()
        note = counting(counted)
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield counted
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return count
