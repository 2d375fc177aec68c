"""A living personal link, opened by nobody signed in: the walk holds no token, so what lies behind one is looked at here."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from tests.security.plant import Objects, Planted
from tracker.kernel import clock, scope
from tracker.kernel.database import db
from tracker.reminders import link_service
from tracker.reminders.link_rules import path_of
from tracker.tasks.models import Task
from tracker.tasks.rules import OPEN
from tracker.units.models import Authority

#: What the page is for; everything else of the authority stays unseen too.
SHOWN = re.compile(rb"zq(?:thu|khac)(?:authorityname|unitname|roundname|indicatorname|tasktitle|requirementname|localrequirementname|variablename)\b")


def opened(app: Flask, objects: Objects) -> str:
    """The path of a living link of the authority's target for the unit and the round of its task."""
    with app.app_context():
        session = db.session()
        scope.choose(session, scope.whole("a test"))
        authority, task = session.get_one(Authority, objects.authority_id), session.get_one(Task, objects.task_id)
        assert task.status in OPEN
        authority.action_links = True
        key = app.config["SECRET_KEY"]
        link = link_service.issue(session, authority, objects.account_id, task.unit_id, task.round_id, clock.now(), secret=key)
        session.commit()
        path = path_of(link_service.token(link, key))
        db.session.remove()
        return path


@pytest.mark.db
@pytest.mark.parametrize("side", ["here", "there"])
def test_a_living_link_shows_its_own_authority_s_questions_and_no_other_word(app: Flask, planted: Planted, side: str) -> None:
    own, foreign = (planted.here, planted.there) if side == "here" else (planted.there, planted.here)
    mark, other = (b"zqthu", b"zqkhac") if side == "here" else (b"zqkhac", b"zqthu")
    path = opened(app, own)
    asked = [path, *(f"{path}?task={own.task_id}&kind={kind}" for kind in ("file", "figure", "time"))]
    asked += [
        f"{path}?task={foreign.task_id}&kind=file",
        f"{path}?task={planted.hidden['task_id']}&kind=file",
        f"{path}?slot=r{foreign.requirement_id}",
    ]
    browser: Any = app.test_client()
    seen = b""
    for address in asked:
        answer = browser.get(address)
        assert other not in answer.data and b"zqan" not in answer.data, address
        seen += answer.data
    assert mark in seen, "the link opens nothing: this test proves nothing"
    told = set(re.findall(rb"zq(?:thu|khac|an)[a-z0-9]*", SHOWN.sub(b"", seen)))
    assert not told, f"the page shows {sorted(told)}"
    for target in (foreign.task_id, planted.hidden["task_id"]):
        answer = browser.post(path, data={"task": target, "kind": "figure", "figure": "1", "slot": ""})
        assert answer.status_code == 400 and other not in answer.data
