"""A notice on the screen: who leads what, another lead from a day on, a stale form."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.factories import add_indicator
from tracker.assignments import queries
from tracker.assignments.models import Assignment, Notice
from tracker.audit.models import AuditEvent
from tracker.kernel import scope

pytestmark = pytest.mark.db


def rows_of(session, world, code):
    found = session.scalars(select(Assignment).where(Assignment.authority_id == world.authority.id).order_by(Assignment.valid_from, Assignment.id))
    leaf = next(one for one in world.leaves if one.code == code)
    return [row for row in found if row.indicator_id == leaf.id]


def edit_path(session, world, code):
    row = rows_of(session, world, code)[-1]
    return f"/{world.slug}/notices/{world.notice.slug}/assignments/{row.id}"


def test_a_notice_lists_its_rows_and_who_has_how_much(world, sign_in):
    page = sign_in(world.viewer.username).get(f"/{world.slug}/notices").link("Phân công theo dõi").follow()
    row = page.table("Giao việc")[0]
    assert (row["Mã"], row["Cơ quan chủ trì"], row["Cơ quan phối hợp"]) == ("1.1", "Phòng Nội vụ", "Phòng Tài chính - Kế hoạch")
    assert {"Đơn vị": "Phòng Tài chính - Kế hoạch", "Chủ trì": "1", "Phối hợp": "1"} in page.table("Số chỉ số chủ trì")
    assert not page.has_link("Sửa")


def test_rows_are_found_by_lead_and_by_words_without_diacritics(world, sign_in):
    client = sign_in(world.viewer.username)
    path = f"/{world.slug}/notices/{world.notice.slug}"
    assert [row["Mã"] for row in client.get(f"{path}?lead={world.other_room.slug}").table("Giao việc")] == ["1.2"]
    assert [row["Mã"] for row in client.get(f"{path}?q=tai+chinh").table("Giao việc")] == ["1.1", "1.2"]
    assert client.get(f"{path}?lead={world.room.slug}&export=xlsx").data[:2] == b"PK"


def test_another_lead_from_a_day_on_ends_the_old_row_the_day_before(world, session, sign_in):
    page = sign_in(world.focal.username).get(edit_path(session, world, "1.2"))
    page.form().fill(lead=str(world.room.id), cooperators=[str(world.other_room.id)], since="01/12/2026").submit("Lưu")
    session.expire_all()
    old, new = rows_of(session, world, "1.2")
    assert (old.lead_unit_id, old.valid_to) == (world.other_room.id, date(2026, 11, 30))
    assert (new.lead_unit_id, new.valid_from, new.valid_to) == (world.room.id, date(2026, 12, 1), None)
    by_day = {}
    with scope.using(session, scope.one(world.authority.id)):
        for day in (date(2026, 11, 30), date(2026, 12, 1)):
            row = next(r for r in queries.of_authority(session, world.authority.id, day) if r.indicator.code == "1.2")
            by_day[day] = (row.lead.slug, [unit.slug for unit in row.cooperators])
    assert by_day[date(2026, 11, 30)] == (world.other_room.slug, [])
    assert by_day[date(2026, 12, 1)] == (world.room.slug, [world.other_room.slug])
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "assignments.change")).one()
    assert "từ 01/12/2026 do Phòng Nội vụ chủ trì" in event.summary


def test_a_correction_from_the_first_day_stays_one_row_and_keeps_the_printed_cell(world, session, sign_in):
    page = sign_in(world.focal.username).get(edit_path(session, world, "1.2"))
    page.form().fill(lead=str(world.room.id), since="01/01/2026").submit("Lưu")
    session.expire_all()
    (row,) = rows_of(session, world, "1.2")
    assert (row.lead_unit_id, row.lead_printed) == (world.room.id, "Phòng Tài chính - Kế hoạch")


def test_a_form_somebody_overtook_shows_both_versions_and_saves_nothing(world, session, sign_in):
    path = edit_path(session, world, "1.2")
    mine, theirs = sign_in(world.focal.username).get(path), sign_in(world.admin.username).get(path)
    theirs.form().fill(lead=str(world.room.id), since="01/01/2026").submit("Lưu")
    late = mine.form().fill(lead=str(world.group.id), since="01/01/2026").submit("Lưu", status=409)
    assert "Phòng Nội vụ chủ trì" in late.main
    assert "UBND các xã, thị trấn chủ trì" in late.main
    session.expire_all()
    assert rows_of(session, world, "1.2")[-1].lead_unit_id == world.room.id


def test_the_lead_is_dropped_from_its_own_cooperators(world, session, sign_in):
    page = sign_in(world.focal.username).get(edit_path(session, world, "1.1"))
    page.form().fill(cooperators=[str(world.room.id), str(world.other_room.id)], since="01/01/2026").submit("Lưu")
    with scope.using(session, scope.one(world.authority.id)):
        row = queries.of_indicator(session, world.authority.id, world.leaves[0].id, date(2026, 11, 18))[0]
    assert [unit.id for unit in row.cooperators] == [world.other_room.id]


def test_a_day_before_the_assignment_began_is_refused_beside_the_field(world, session, sign_in):
    page = sign_in(world.focal.username).get(edit_path(session, world, "1.2"))
    again = page.form().fill(lead=str(world.room.id), since="31/12/2025").submit("Lưu", status=400)
    assert again.errors == ["Lần giao đang có bắt đầu ngày 01/01/2026; ghi từ ngày đó trở đi."]
    assert page.form().fill(since="31/02/2026").submit("Lưu", status=400).errors


def test_an_indicator_not_yet_assigned_is_given_out_and_ended(world, session, sign_in):
    main = next(one for one in [*world.leaves] if one.code == "1.1")
    add_indicator(session, world.indicators, "1.5", "Chỉ số bổ sung", parent=main, position=9)
    client = sign_in(world.focal.username)
    form = client.get(f"/{world.slug}/notices/{world.notice.slug}").link("Giao thêm chỉ số").follow().form()
    page = form.fill(lead=str(world.bank.id), since="18/11/2026").submit("Lưu")
    assert page.table("Giao việc")[-1]["Mã"] == "1.5"
    row = session.scalars(select(Assignment).order_by(Assignment.id.desc())).first()
    ended = client.get(f"/{world.slug}/notices/{world.notice.slug}/assignments/{row.id}/end").form().fill(last="17/11/2026").submit("Lưu", status=400)
    assert "bắt đầu ngày 18/11/2026" in ended.errors[0]
    ended.form().fill(last="20/11/2026").submit("Lưu")
    session.expire_all()
    assert session.get(Assignment, row.id).valid_to == date(2026, 11, 20)


def test_a_notice_is_recorded_by_hand(world, session, sign_in):
    page = sign_in(world.focal.username).get(f"/{world.slug}/notices/new")
    form = page.form().fill(
        document_type="Quyết định", number="12/QĐ-UBND", issued_on="01/11/2026", title="Phân công bổ sung", valid_from="01/10/2026"
    )
    again = form.fill(sets=[str(world.indicators.id)]).submit("Ghi nhận", status=400)
    assert again.errors == ["Ngày hiệu lực 01/10/2026 trước ngày ban hành 01/11/2026; ghi từ ngày ban hành trở đi."]
    made = again.form().fill(valid_from="01/11/2026").submit("Ghi nhận")
    assert made.h1 == "Phân công bổ sung"
    assert session.scalars(select(Notice).where(Notice.slug == "quyet-dinh-12-qd-ubnd")).one().authority_id == world.authority.id


def test_others_find_nothing_and_a_specialist_changes_nothing(world, session, sign_in):
    path = edit_path(session, world, "1.1")
    assert sign_in(world.foreign_focal.username).get(path, status=404)
    assert sign_in(world.owner.username).get(path, status=403)
    stranger = sign_in(world.foreign_focal.username)
    assert stranger.get(path.replace(world.slug, world.elsewhere.slug), status=404)


def test_the_list_asks_the_database_no_more_when_rows_double(world, session, sign_in, queries):
    client = sign_in(world.viewer.username)
    path = f"/{world.slug}/notices/{world.notice.slug}"
    client.get(path)
    with queries() as few:
        client.get(path)
    for number in range(5, 13):
        leaf = add_indicator(session, world.indicators, f"1.{number}", f"Chỉ số {number}", position=number)
        session.add(
            Assignment(
                authority_id=world.authority.id,
                notice_id=world.notice.id,
                indicator_id=leaf.id,
                lead_unit_id=world.room.id,
                lead_printed="",
                cooperators_printed="",
                position=number,
                valid_from=date(2026, 1, 1),
            )
        )
    session.commit()
    with queries() as many:
        client.get(path)
    assert many.number == few.number
