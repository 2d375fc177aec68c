"""The harness itself: it must go red when a page, a clock or a socket is wrong."""

from __future__ import annotations

import smtplib
import socket
from datetime import date

import pytest
from sqlalchemy import text

from tests.harness.page_rules import faults, parse
from tests.harness.stores import TODAY
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.web.headers import CONTENT_POLICY

HEADERS = {"Content-Security-Policy": CONTENT_POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
GOOD = '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Việc hôm nay · Đôn Đốc</title></head><body><main><h1>Việc hôm nay</h1>{}</main></body></html>'


def of(html: str) -> list[str]:
    root, errors = parse(html)
    return errors + faults(root, HEADERS)


def test_a_good_page_has_no_fault() -> None:
    assert (
        of(
            GOOD.format(
                '<form action="/a" method="post"><input type="hidden" name="csrf_token" value="t"><label for="a">A</label><input id="a" name="a"></form>'
            )
        )
        == []
    )


@pytest.mark.parametrize(
    "wrong",
    [
        "<h1>Hai</h1>",
        "<p>không đóng <b>",
        '<p style="color:red">a</p>',
        '<button onclick="x()">a</button>',
        "<script>1</script>",
        '<input name="a">',
        '<p id="a">a</p><p id="a">b</p>',
        '<form action="/a" method="post"><button>Lưu</button></form>',
        "<table><thead><tr><th>A</th></tr></thead><tbody></tbody></table>",
        "<p>{{ name }}</p>",
        "<td>None</td>",
        "<p>None</p>",
        '<img src="/a.png">',
        '<a href="/a"></a>',
        '<label for="nowhere">A</label>',
        '<a href="#nowhere">a</a>',
    ],
)
def test_a_bad_page_has_a_fault(wrong: str) -> None:
    assert of(GOOD.format(wrong))


def test_the_title_begins_with_the_h1() -> None:
    assert of(GOOD.format("").replace("<title>Việc", "<title>Đôn Đốc: việc"))


def test_a_unit_test_reaches_no_clock_no_socket_and_no_mail_server() -> None:
    with pytest.raises(AssertionError):
        clock.now()
    with pytest.raises(RuntimeError):
        socket.create_connection(("127.0.0.1", 9))
    with pytest.raises(AssertionError):
        smtplib.SMTP("127.0.0.1")


@pytest.mark.db
def test_each_test_has_a_migrated_database_of_its_own(session, backend, on_day, queries) -> None:
    assert session.get_bind().dialect.name == backend
    assert clock.today() == date.fromisoformat(TODAY)
    on_day("2026-12-24T23:30")
    assert clock.today() == date(2026, 12, 24)
    with queries() as counted:
        session.execute(text("SELECT count(*) FROM task"))
    assert counted.number == 1, str(counted)


@pytest.mark.db
def test_a_world_has_an_owner_a_colleague_and_a_stranger(world) -> None:
    assert len(world.tasks) == 5
    assert world.round.last_on == date(2026, 11, 14)
    assert world.owner.id != world.colleague.id != world.stranger.id
    assert {task.authority_id for task in world.elsewhere_tasks} == {world.elsewhere.id}


@pytest.mark.db
def test_a_person_signs_in_through_the_form(world, sign_in) -> None:
    assert world.authority.name in sign_in(world.focal.username).get("/").text


@pytest.mark.db
def test_the_shipped_documents_are_loaded_once_and_copied(seeded, backend) -> None:
    with seeded.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM authority")) == 4
