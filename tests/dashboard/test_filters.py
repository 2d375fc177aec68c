"""Bộ lọc đã lưu: a person's own, cleaned, named once, not too many; nobody else's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.page_client import Page, PageClient
from tracker.dashboard import filter_rules as rules
from tracker.dashboard.filter_models import SavedFilter
from tracker.kernel import clock
from tracker.kernel.errors import Refused

SignIn = Callable[..., PageClient]


@given(st.dictionaries(st.sampled_from([*rules.FILTER_NAMES, "page", "export", "authority", "_external"]), st.text(max_size=150)))
def test_only_questions_the_list_understands_are_kept_and_read_back_the_same(asked: dict[str, str]) -> None:
    kept = rules.known(asked)
    assert set(kept) <= set(rules.FILTER_NAMES)
    assert rules.asked_of(rules.query_of(asked)) == kept


@pytest.mark.parametrize("typed", [None, "", "   ", "x" * 61])
def test_a_name_is_one_a_chip_can_bear(typed: str | None) -> None:
    with pytest.raises(Refused):
        rules.name_of(typed)
    assert rules.name_of("  Quá hạn \n của   Văn phòng ") == "Quá hạn của Văn phòng"


def keep(browser: PageClient, query: str, name: str, status: int = 200) -> Page:
    form = browser.get(f"/huyen-thu/tasks?{query}").link("Lưu bộ lọc này").follow().form("/filters")
    return form.fill(name=name).submit("Lưu bộ lọc", status=status)


@pytest.mark.db
def test_a_filter_is_kept_used_and_dropped(session: Session, world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    assert not focal.get("/huyen-thu/tasks").has_link("Lưu bộ lọc này"), "an unnarrowed list is nothing to keep"
    after = keep(focal, "timeliness=overdue&unit=phong-noi-vu&page=7&la=x", "Nội vụ quá hạn")
    assert after.path == "/huyen-thu/tasks?unit=phong-noi-vu&timeliness=overdue"
    assert not after.has_link("Lưu bộ lọc này")
    used = focal.get("/huyen-thu/today").link("Nội vụ quá hạn").follow()
    assert used.path == "/huyen-thu/tasks?unit=phong-noi-vu&timeliness=overdue"
    own = focal.get("/huyen-thu/filters")
    assert own.table("Bộ lọc đã lưu")[0]["Lọc theo"] == "Đơn vị: Phòng Nội vụ; Thời hạn: Quá hạn"
    assert "Đã xóa bộ lọc “Nội vụ quá hạn”." in own.form("/drop").submit().text
    assert "Đồng chí chưa lưu bộ lọc nào." in focal.get("/huyen-thu/filters").main


@pytest.mark.db
def test_a_name_twice_and_one_too_many_are_refused_beside_the_field(session: Session, world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    keep(focal, "status=ready", "Của tôi")
    refused = keep(focal, "status=collecting", " Của  tôi ", status=400)
    assert refused.errors == ["Đồng chí đã có bộ lọc tên “Của tôi”; đặt tên khác."]
    assert keep(focal, "status=collecting", "", status=400).errors
    session.add_all(
        SavedFilter(authority_id=world.authority.id, account_id=world.focal.id, name=f"Bộ {n}", query="status=ready", created_at=clock.now())
        for n in range(rules.MOST_FILTERS - 1)
    )
    session.commit()
    assert "đã lưu 20 bộ lọc" in keep(focal, "status=accepted", "Một bộ nữa", status=400).main


@pytest.mark.db
def test_a_filter_is_its_owners_alone_and_names_are_free_for_others(session: Session, world: World, sign_in: SignIn) -> None:
    keep(sign_in(world.focal.username), "status=ready", "Của tôi")
    keep(sign_in(world.chair.username), "status=ready", "Của tôi")
    [first, second] = session.scalars(select(SavedFilter).order_by(SavedFilter.id)).all()
    assert (first.account_id, second.account_id) == (world.focal.id, world.chair.id)
    filter_id = first.id
    session.commit()
    chair = sign_in(world.chair.username)
    token = chair.get("/huyen-thu/filters").form("/drop").values["csrf_token"]
    assert chair.raw.post(f"/huyen-thu/filters/{filter_id}/drop", data={"csrf_token": token}).status_code == 404
    session.expire_all()
    assert len(session.scalars(select(SavedFilter)).all()) == 2
