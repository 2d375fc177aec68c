"""A form sent twice, by a double click or by «gửi lại», makes one row; both at the same instant too."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import World, add_unit
from tests.page_client import PageClient
from tracker.accounts.models import Account
from tracker.deadlines.models import DeadlineRule, LocalDay
from tracker.documents.letter_models import OfficialLetter
from tracker.evidence.models import EvidenceItem
from tracker.tasks.proposal_models import Proposal
from tracker.tasks.talk_models import Directive, Obstacle, Remark
from tracker.units.models import GroupMember, Membership, Unit, UnitAlias

SignIn = Callable[..., PageClient]


@dataclass(frozen=True)
class Twice:
    """``who`` sends the form of ``page`` that goes to ``…form``, twice; one row of ``model`` must come of it."""

    who: str
    page: str
    form: str
    values: dict[str, Any]
    model: type[Any]
    #: What a button or a second page would send.
    more: dict[str, str] = field(default_factory=dict)


TASK = "/{slug}/tasks/{task}"
FORMS: dict[str, Twice] = {
    "a unit": Twice("focal", "/{slug}/units/new", "/units/new", {"name": "Phòng Tổng hợp", "valid_from": "01/11/2026"}, Unit),
    "a unit of the start": Twice("focal", "/{slug}/start/units", "/start/units", {"lines": "Phòng Tổng hợp"}, Unit),
    "a deadline of the start": Twice(
        "focal",
        "/{slug}/start/deadlines",
        "/start/deadlines",
        {"wording": "hằng quý (trước ngày 20 tháng cuối quý)", "rule_place": "Mục II"},
        DeadlineRule,
        {"keep": "1", "reading": "0"},
    ),
    "a person of the start": Twice(
        "focal", "/{slug}/start/people", "/start/people", {"name-0": "Đồng chí Mới", "email-0": "moi@x.vn", "role-0": "viewer", "unit-0": ""}, Account
    ),
    "a spelling": Twice("focal", "/{slug}/units/{unit}/edit", "/aliases", {"alias": "P. Nội vụ huyện"}, UnitAlias),
    "a member": Twice("focal", "/{slug}/units/{group}/edit", "/members", {"member": "phong-tong-hop", "valid_from": "01/11/2026"}, GroupMember),
    "a person": Twice(
        "focal",
        "/{slug}/people/new",
        "/people/new",
        {"display_name": "Đồng chí Mới", "username": "moi@huyen-thu.test", "role": "viewer", "how": "print", "valid_from": "18/11/2026"},
        Account,
    ),
    "a role": Twice("focal", "/{slug}/people/{person}", "/roles", {"role": "viewer", "valid_from": "18/11/2026"}, Membership),
    "a local day": Twice(
        "focal", "/{slug}/calendar/days", "/calendar/days", {"day": "25/11/2026", "name": "Nghỉ tránh bão", "source": "Công điện"}, LocalDay
    ),
    "an obstacle": Twice("owner", TASK + "/obstacle", "/obstacle", {"words": "Chưa có số liệu."}, Obstacle),
    "a directive": Twice("chair", TASK + "/directive", "/directive", {"words": "Hoàn thành trong tuần."}, Directive),
    "a remark": Twice("focal", TASK + "/remarks", "/remarks", {"words": "Đồng chí xem lại số liệu."}, Remark),
    "a proof": Twice("owner", TASK + "/evidence?kind=link", "/evidence", {"url": "https://thu.example/1"}, EvidenceItem),
    "a letter": Twice("focal", "/{slug}/letters/new", "/letters/new", {"units": ["phong-noi-vu"]}, OfficialLetter),
    "a proposal": Twice("owner", TASK + "/propose", "/propose", {"kind": "not_applicable", "reason": "Không có."}, Proposal),
}


def _form(session: Session, world: World, sign_in: SignIn, what: str) -> tuple[PageClient, Any, Twice]:
    case = FORMS[what]
    add_unit(session, world.authority, "Phòng Tổng hợp") if what == "a member" else None
    session.commit()
    names = {"slug": world.slug, "task": world.task.id, "unit": world.room.slug, "group": world.group.slug, "person": world.owner.id}
    browser = sign_in(getattr(world, case.who).username)
    return browser, browser.get(case.page.format(**names)).form(case.form).fill(**case.values).tamper(**case.more), case


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("what", FORMS)
def test_sent_twice_it_is_one(session: Session, world: World, sign_in: SignIn, what: str) -> None:
    browser, form, case = _form(session, world, sign_in, what)
    before = session.scalar(select(func.count()).select_from(case.model)) or 0
    session.commit()
    answers = [browser.raw.post(form.action, data=form.values).status_code for _ in range(2)]
    session.rollback()
    assert (session.scalar(select(func.count()).select_from(case.model)) or 0) == before + 1, answers
    assert max(answers) < 500


@pytest.mark.db("postgresql")
@pytest.mark.parametrize("what", FORMS)
def test_sent_twice_at_the_same_instant_it_is_one(app: Flask, session: Session, world: World, sign_in: SignIn, what: str) -> None:
    browser, form, case = _form(session, world, sign_in, what)
    before = session.scalar(select(func.count()).select_from(case.model)) or 0
    session.commit()
    cookie, together = browser.raw.get_cookie(app.config["SESSION_COOKIE_NAME"]).value, Barrier(2)

    def send(_place: int) -> int:
        own = PageClient(app).raw
        own.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie)
        together.wait(20)
        return int(own.post(form.action, data=form.values).status_code)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(send, range(2)))
    session.rollback()
    assert (session.scalar(select(func.count()).select_from(case.model)) or 0) == before + 1, answers
    assert max(answers) < 500
