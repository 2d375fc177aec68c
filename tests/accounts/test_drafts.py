"""What is typed and not sent yet is kept for its writer alone, and goes when the form was sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.page_client import PageClient
from tracker.accounts import draft_service
from tracker.accounts.draft_rules import CHARACTERS_AT_MOST, DRAFT_LIFE, DRAFTS_KEPT
from tracker.accounts.models import Account, Draft
from tracker.kernel import clock

pytestmark = pytest.mark.db

SignIn = Callable[..., PageClient]


def keep(client: PageClient, place: Any, fields: Any, status: int = 200) -> Any:
    token = client.get("/account").form("/account/profile").values["csrf_token"]
    answer = client.raw.post("/drafts", json={"place": place, "fields": fields}, headers={"X-CSRFToken": token})
    assert answer.status_code == status, answer.text
    return answer.get_json(silent=True)


def kept(client: PageClient, place: str) -> Any:
    answer = client.raw.get("/drafts", query_string={"place": place})
    return answer.get_json()["fields"] if answer.status_code == 200 else None


def test_what_is_typed_comes_back_to_its_writer_and_to_nobody_else(session: Session, world: World, sign_in: SignIn) -> None:
    owner, colleague = sign_in(world.owner.username), sign_in(world.colleague.username)
    place = f"/{world.authority.slug}/tasks/{world.task.id}/remarks"
    keep(owner, place, {"words": ["Đang chờ số liệu"], "csrf_token": ["x"]})
    keep(owner, place, {"words": ["Đang chờ số liệu của Chi cục Thống kê"]})
    assert kept(owner, place) == {"words": ["Đang chờ số liệu của Chi cục Thống kê"]}
    assert kept(colleague, place) is None
    keep(owner, place, {})
    assert kept(owner, place) is None


def test_a_form_that_was_sent_leaves_no_draft(session: Session, world: World, sign_in: SignIn) -> None:
    owner = sign_in(world.owner.username)
    keep(owner, "/account/profile", {"email": ["moi@x.vn"]})
    form = owner.get("/account").form("/account/profile")
    form.values["draft"] = "/account/profile"
    form.fill(email="không phải địa chỉ").submit(status=400)
    assert kept(owner, "/account/profile") == {"email": ["moi@x.vn"]}, "a refused form keeps its draft"
    form = owner.get("/account").form("/account/profile")
    form.values["draft"] = "/account/profile"
    form.fill(email="moi@x.vn").submit()
    assert kept(owner, "/account/profile") is None


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        ("https://elsewhere.vn/", {"a": ["b"]}),
        ("//elsewhere.vn/", {"a": ["b"]}),
        (None, {"a": ["b"]}),
        (7, {"a": ["b"]}),
        ("/" + "a" * 400, {"a": ["b"]}),
        ("/x", ["a"]),
        ("/x", {"a": "b"}),
        ("/x", {"a": [1]}),
        ("/x", {"a": ["b" * (CHARACTERS_AT_MOST + 1)]}),
        ("/x", {f"f{n}": [] for n in range(101)}),
    ],
)
def test_what_is_no_draft_is_refused_in_a_sentence(place: Any, fields: Any, session: Session, world: World, sign_in: SignIn) -> None:
    answer = keep(sign_in(world.owner.username), place, fields, status=400)
    assert answer["sentence"].startswith("Bản nháp")
    assert session.scalars(select(Draft.id)).all() == []


def test_without_the_token_of_the_page_nothing_is_kept(session: Session, world: World, sign_in: SignIn) -> None:
    owner = sign_in(world.owner.username)
    assert owner.raw.post("/drafts", json={"place": "/x", "fields": {"a": ["b"]}}).status_code == 400
    assert session.scalars(select(Draft.id)).all() == []


def test_old_drafts_and_too_many_are_forgotten(session: Session, world: World) -> None:
    now = clock.now()
    me = session.scalars(select(Account.id).where(Account.username == world.owner.username)).one()
    draft_service.keep(session, me, "/old", {"a": ["b"]}, now - DRAFT_LIFE)
    assert draft_service.draft_of(session, me, "/old", now) is None
    for number in range(DRAFTS_KEPT + 3):
        draft_service.keep(session, me, f"/{number}", {"a": ["b"]}, now + timedelta(seconds=number))
    places = set(session.scalars(select(Draft.place)))
    assert places == {f"/{number}" for number in range(3, DRAFTS_KEPT + 3)}
