"""An upload killed at any byte and at any named moment leaves no row without its bytes, and nothing half-written in a file's place."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories import World
from tests.files import uploads
from tracker.files import jobs
from tracker.files.current import storage
from tracker.files.queries import known_bytes
from tracker.kernel import clock, failpoints, scope
from tracker.kernel.database import db

pytestmark = [pytest.mark.db, pytest.mark.slow, pytest.mark.wall_clock]  # files in a folder are dated by the real clock


def test_killed_uploads_leave_no_row_without_its_bytes(app: Flask, session: Session, world: World, database_url: str, data: Path) -> None:
    here = world.authority.id
    session.commit()
    session.close()
    assert uploads.wrong(app, here, database_url, data, 14, seed=20261118) == []
    left = [path for path in (data / "evidence" / str(here)).iterdir() if path.name not in kept(app, here)]
    assert len(left) > 5, "most of the killed ones leave something"
    moment = (clock.real_now() - timedelta(hours=25)).timestamp()
    for path in left:
        os.utime(path, (moment, moment))
    done = jobs.reap(app)
    assert done.partials + done.aside == len(left)
    assert [path.name for path in (data / "evidence" / str(here)).iterdir()] == sorted(kept(app, here))
    assert all(storage().digest(here, one) == one for one in kept(app, here))


def kept(app: Flask, authority_id: int) -> list[str]:
    with app.app_context(), scope.using(db.session(), scope.whole("a test")):
        return sorted(known_bytes(db.session(), authority_id))


def test_a_moment_nobody_asked_for_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(failpoints.VARIABLE, raising=False)
    for moment in (*failpoints.UPLOADING, *failpoints.SENDING):
        failpoints.reach(moment)
