"""Databases for tests: migrated once, filled once, then copied for every test."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Dialect, event, make_url

from tests.harness.cluster import Cluster, NoServer
from tracker.app import create_app
from tracker.kernel.database import db

BACKENDS = ("sqlite", "postgresql")
#: Today in every test that does not choose its own: the day of the drawings, four days after the yearly deadline.
TODAY = "2026-11-18"
PASSWORD = "mat-khau-thu-nghiem"
SECRET = "a key for tests only, longer than thirty-two characters"


def missing(what: str) -> None:
    """Under CI a test that cannot run is a failure; elsewhere it is a skip that says why."""
    if os.environ.get("CI", "0") not in ("", "0", "false"):
        pytest.fail(f"{what}, and under CI that is a failure", pytrace=False)
    pytest.skip(f"NOT TESTED: {what}")


def settings(url: str, data: Path) -> dict[str, object]:
    """What every installation of the tests has: a database, and a folder for everything it writes."""
    return {
        "TESTING": True,
        "TRACKER_ENV": "development",
        "TRACKER_DATA": data,
        "SQLALCHEMY_DATABASE_URI": url,
        "STORAGE_URL": (data / "evidence").as_uri(),
        "MAIL_FOLDER": data / "mail",
        "SECRET_KEY": SECRET,
        "DEMO_PASSWORD": PASSWORD,
        "BASE_URL": "http://localhost",
        "TRUSTED_HOSTS": ["localhost", "127.0.0.1"],
    }


def make_app(url: str, data: Path, **overrides: object) -> Flask:
    """A new application on a database: for tests of settings, and for a second installation. SQLite does not wait for the disk."""
    app = create_app({**settings(url, data), **overrides})
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))
    return app


class Reusable:
    """One application for many tests, moved from database to database: its compiled queries and templates stay warm."""

    def __init__(self, url: str, data: Path) -> None:
        self.app = make_app(url, data)
        self._settings = dict(self.app.config)
        with self.app.app_context():
            self._engine = db.engine
        event.listen(self._engine, "do_connect", self._connect)

    def _connect(self, dialect: Dialect, _record: object, _arguments: object, _named: object) -> object:
        arguments, named = dialect.create_connect_args(self._engine.url)
        return dialect.connect(*arguments, **named)

    def move(self, url: str, data: Path) -> Flask:
        """The application on another database and folder, with its settings as they were at first."""
        self._engine.dispose()
        self._engine.url = make_url(url)
        self.app.config.clear()
        self.app.config.update({**self._settings, **settings(url, data)})
        return self.app


class Stores:
    """Templates by name and backend, made when first asked for; copies for tests. One for each worker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cluster: Cluster | None = None
        self._templates: dict[tuple[str, str], str] = {}
        self._fillers: dict[str, tuple[str | None, Callable[[Flask], None]]] = {"empty": (None, _migrate)}
        self._number = itertools.count()
        self._apps: dict[str, Reusable] = {}

    def describe(self, name: str, base: str, fill: Callable[[Flask], None]) -> None:
        """A further template: a copy of ``base`` that ``fill`` puts rows into."""
        self._fillers.setdefault(name, (base, fill))

    def copy(self, backend: str, name: str) -> str:
        """The URL of a fresh copy of a template, the test's own."""
        return self._blank(backend) if name == "blank" else self._copy(backend, self._template(backend, name))

    def data(self, backend: str, name: str) -> Path:
        """The files that came with a template: evidence, mails."""
        if name == "blank":
            return self._folder / "nothing"
        self._template(backend, name)
        return self._folder / f"{name}-{backend}"

    def restore(self, url: str, backend: str, name: str) -> None:
        """Puts the copy behind ``url`` back to what its template holds. Nobody may be connected to it."""
        template = self._template(backend, name)
        self.drop(url)
        if backend == "postgresql":
            self._server().create(_database(url), _database(template))
        else:
            shutil.copyfile(template.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))

    def app(self, backend: str, url: str, data: Path) -> Flask:
        """The worker's application for this kind of database, moved to ``url``."""
        if backend not in self._apps:
            self._apps[backend] = Reusable(url, data)
        return self._apps[backend].move(url, data)

    def drop(self, url: str) -> None:
        if url.startswith("sqlite"):
            path = Path(url.removeprefix("sqlite:///"))
            for left in path.parent.glob(path.name + "*"):
                left.unlink()
        elif self._cluster:
            self._cluster.drop(_database(url))

    def close(self) -> None:
        if self._cluster:
            self._cluster.stop()

    def _template(self, backend: str, name: str) -> str:
        if (backend, name) not in self._templates:
            base, fill = self._fillers[name]
            url = self._copy(backend, self._template(backend, base)) if base else self._blank(backend)
            data = self._folder / f"{name}-{backend}"
            data.mkdir(exist_ok=True)
            app = make_app(url, data)
            with app.app_context():
                fill(app)
                db.session.remove()
                db.engine.dispose()
            self._templates[(backend, name)] = url
        return self._templates[(backend, name)]

    def _blank(self, backend: str) -> str:
        number = next(self._number)
        return f"sqlite:///{self._folder / f'{number}.sqlite'}" if backend == "sqlite" else self._server().create(f"t{number}")

    def _copy(self, backend: str, template: str) -> str:
        if backend == "postgresql":
            return self._server().create(f"t{next(self._number)}", _database(template))
        url = self._blank(backend)
        shutil.copyfile(template.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
        return url

    def _server(self) -> Cluster:
        if self._cluster is None:
            try:
                self._cluster = Cluster()
            except NoServer as error:
                missing(str(error))
        assert self._cluster is not None
        return self._cluster


def _database(url: str) -> str:
    name = make_url(url).database
    assert name is not None
    return name


def _migrate(app: Flask) -> None:
    upgrade()
