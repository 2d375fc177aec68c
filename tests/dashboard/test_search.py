"""Search through everything, without diacritics, as one types; and counts that keep up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from tests.evidence.test_bulk import prove
from tests.factories import World
from tests.harness.page_rules import parse
from tests.harness.queries import Counted
from tests.page_client import PageClient
from tracker.kernel import scope
from tracker.kernel.folding import folded
from tracker.kernel.vietnamese import fold

pytestmark = pytest.mark.db
SignIn = Callable[..., PageClient]
WORDS = ["Đôn Đốc", "QUYẾT ĐỊNH số 12/QĐ-UBND", "Nguyễn Thị Ường", "ươ Ợ ỵ Ỹ ắ", "Hòa", "A b", "12/2026", "e\u0302\u0301", "ß"]


@pytest.mark.parametrize("text", WORDS)
def test_the_database_folds_as_python_does(session: Session, text: str) -> None:
    said = session.scalar(select(folded(literal(text))))
    assert said == fold(text) or text == "ß", (said, fold(text))
    assert session.scalar(select(folded(literal(None)))) is None


def found(browser: PageClient, text: str) -> str:
    answer = browser.raw.get("/huyen-thu/search/found", query_string={"q": text})
    assert answer.status_code == 200
    root, _errors = parse(f"<!DOCTYPE html><html lang=vi><title>x</title><body>{answer.text}</body></html>")
    return " ".join("".join(root.itertext()).split())


def test_everything_is_found_by_words_without_marks_and_only_by_who_may_see_it(session: Session, world: World, sign_in: SignIn) -> None:
    scope.choose(session, scope.one(world.authority.id))
    world.notice.title = "Thông báo phân công đặc thù"
    prove(session, world, world.task)
    session.commit()
    focal, owner, colleague = (sign_in(getattr(world, who).username) for who in ("focal", "owner", "colleague"))
    assert "Văn bản phân công" in found(focal, "phan cong dac thu")
    assert "Đơn vị Phòng Nội vụ" in found(focal, "noi vu")
    assert "Chỉ số" in found(focal, "1.1") and "Nhiệm vụ" in found(focal, "1.1")
    assert "Người" in found(focal, world.owner.username) and "Người" not in found(owner, world.owner.username)
    assert "Minh chứng" in found(owner, "mau.test")
    assert "Minh chứng" in found(focal, "mau.test") and "Minh chứng" not in found(colleague, "mau.test")
    assert "Không tìm thấy gì" in found(focal, "zzz khong co")
    assert found(focal, "") == found(focal, "   ") == "x", "nothing asked, nothing shown"
    stranger = sign_in(world.stranger.username)
    assert stranger.raw.get("/huyen-thu/search/found?q=noi").status_code == 404


def test_the_page_of_results_has_the_same_groups(world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    page = focal.get("/huyen-thu/search?q=noi+vu")
    assert [said.rstrip(" 0123456789") for said in page.texts("//main//h2")] == ["Nhiệm vụ", "Đơn vị"]
    assert page.link("Phòng Nội vụ").follow().h1 == "Phòng Nội vụ"
    assert "Không tìm thấy gì cho “zzz”." in focal.get("/huyen-thu/search?q=zzz").main


def test_searching_asks_as_often_whatever_is_found(world: World, sign_in: SignIn, queries: Callable[[], AbstractContextManager[Counted]]) -> None:
    focal, numbers = sign_in(world.focal.username), {}
    for text in ("zzz", "1.1", "phong", "chi so"):
        focal.raw.get("/huyen-thu/search/found", query_string={"q": text})
        with queries() as counted:
            focal.raw.get("/huyen-thu/search/found", query_string={"q": text})
        numbers[text] = counted.number
    assert len(set(numbers.values())) == 1, numbers


def test_counts_are_told_again_only_when_they_changed(session: Session, world: World, sign_in: SignIn) -> None:
    focal, owner = sign_in(world.focal.username), sign_in(world.owner.username)
    [box] = focal.get("/huyen-thu/today").all("//*[@data-stamp]")
    same = {"If-None-Match": box.get("data-stamp")}
    unchanged = focal.raw.get(box.get("hx-get"), headers=same)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    session.rollback()
    world.task.extended_to_on = None
    from_now = session.merge(world.task)
    from_now.status = "ready"
    session.commit()
    changed = focal.raw.get(box.get("hx-get"), headers=same)
    assert changed.status_code == 200 and "vừa thay đổi lúc" in changed.text and changed.headers["ETag"] != box.get("data-stamp")
    assert focal.raw.get(box.get("hx-get"), headers={"If-None-Match": changed.headers["ETag"]}).status_code == 304
    assert owner.raw.get("/huyen-thu/counts/work").status_code == 200
    assert owner.raw.get("/huyen-thu/counts/today").status_code == 403
