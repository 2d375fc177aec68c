"""Pages of units and of the authority's settings; those of people stand in people_views.py."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn
from tracker.units import access, deputy_views, people_views, queries, service, succession_views
from tracker.units.current import actor, desk
from tracker.units.forms import AliasForm, EndForm, MemberForm, NewUnitForm, SettingsForm, UnitForm, offered
from tracker.units.models import Unit
from tracker.units.rules import KIND_WORDS, SETTINGS, Action, UnitKind, in_force
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.links import with_filters
from tracker.web.sheets import Column, workbook
from tracker.web.words import gettext as _

blueprint = Blueprint("units", __name__, url_prefix="/<authority>")
for _pages in (people_views, succession_views, deputy_views):
    _pages.install(blueprint)

Page = str | Response | tuple[str, int]

SHEET = (
    Column("name", "Tên đơn vị", 44),
    Column("short_name", "Tên ngắn", 20),
    Column("kind", "Loại", 18),
    Column("aliases", "Cách viết khác", 44),
    Column("members", "Thành viên", 44),
    Column("email", "Thư điện tử", 28),
    Column("valid_from", "Từ ngày", 12),
    Column("valid_to", "Đến hết ngày", 14),
    Column("note", "Ghi chú", 36),
)


def _version() -> int:
    return request.form.get("version", 0, type=int)


def _rows() -> list[dict[str, object]]:
    """The units the filters of the address leave: ``q``, ``kind``, ``ended``. Three reads, however many units."""
    today, kind = clock.today(), request.args.get("kind", "")
    found = queries.units(
        db.session(),
        day=None if request.args.get("ended") else today,
        kind=UnitKind(kind) if kind in set(UnitKind) else None,
        text=request.args.get("q"),
    )
    spellings = queries.aliases(db.session())
    members = queries.members_of(db.session(), [u.id for u in found if u.kind is UnitKind.GROUP], today)
    return [
        {
            "unit": u,
            "slug": u.slug,
            "name": u.name,
            "short_name": u.short_name,
            "kind": KIND_WORDS[u.kind],
            "aliases": spellings.get(u.id, []),
            "members": [m.name for m in members.get(u.id, [])],
            "email": u.email,
            "valid_from": u.valid_from,
            "valid_to": u.valid_to,
            "note": u.note,
            "focal": u.focal,
            "demo": u.demo,
            "ended": not in_force(u.valid_from, u.valid_to, today),
        }
        for u in found
    ]


@blueprint.get("/units")
@allows(Action.SEE_LIBRARY)
def index(authority: str) -> Page:
    return render_template(
        "units/index.html",
        rows=_rows(),
        kinds=[(k.value, words) for k, words in KIND_WORDS.items()],
        may_edit=desk().viewer.may(Action.MANAGE_UNITS),
        authority=authority,
        export=with_filters(url_for("units.export", authority=authority)),
    )


@blueprint.get("/units.xlsx")
@allows(Action.SEE_LIBRARY)
def export(authority: str) -> Page:
    return workbook(SHEET, _rows(), _("Danh sách cơ quan, đơn vị – %(name)s", name=desk().authority.name), f"don-vi-{authority}")


@blueprint.route("/units/new", methods=["GET", "POST"])
@allows(Action.MANAGE_UNITS)
def new_unit(authority: str) -> Page:
    form = NewUnitForm()
    if request.method == "GET":
        form.valid_from.data = clock.today()
        return render_template("units/new.html", form=form, authority=authority)
    if form.validate() and (kind := form.chosen_kind()):
        with saving(form) as attempt:
            unit = service.create_unit(
                db.session(),
                actor(),
                desk().authority.id,
                name=form.name.data,
                kind=kind,
                short_name=form.short_name.data,
                email=form.email.data,
                note=form.note.data,
                valid_from=form.valid_from.data,
                now=clock.now(),
            )
            slug, name = unit.slug, unit.name
        if attempt.saved:
            flash(_("Đã thêm “%(name)s”.", name=name), "success")
            return redirect(url_for("units.edit_unit", authority=authority, slug=slug))
    return render_template("units/new.html", form=form, authority=authority), 400


def _edit_page(
    unit: Unit, *, form: UnitForm | None = None, alias: AliasForm | None = None, end: EndForm | None = None, member: MemberForm | None = None
) -> str:
    today = clock.today()
    members = queries.member_rows(db.session(), unit.id) if unit.kind is UnitKind.GROUP else []
    member = member or MemberForm(formdata=None, valid_from=today)
    member.offer(u for u in queries.units(db.session(), day=today) if u.kind is not UnitKind.GROUP)
    return render_template(
        "units/edit.html",
        unit=unit,
        authority=desk().authority.slug,
        form=form or UnitForm(formdata=None, obj=unit, kind=unit.kind.value),
        alias_form=alias or AliasForm(formdata=None),
        end_form=end or EndForm(formdata=None, last_day=today),
        member_form=member,
        aliases=queries.alias_rows(db.session(), [unit.id]),
        members=[{"row": row, "unit": u, "over": not in_force(row.valid_from, row.valid_to, today)} for row, u in members],
    )


@blueprint.route("/units/<slug>/edit", methods=["GET", "POST"])
@allows(Action.MANAGE_UNITS)
def edit_unit(authority: str, slug: str) -> Page:
    unit = access.unit_by_slug(db.session(), slug)
    if request.method == "GET":
        return _edit_page(unit)
    form = UnitForm()
    if form.validate() and (kind := form.chosen_kind()):
        with saving(form) as attempt:
            service.edit_unit(
                db.session(),
                actor(),
                unit,
                version=_version(),
                name=form.name.data,
                short_name=form.short_name.data,
                kind=kind,
                email=form.email.data,
                note=form.note.data,
                now=clock.now(),
            )
        if attempt.saved:
            flash(_("Đã lưu “%(name)s”.", name=form.name.data), "success")
            return redirect(url_for("units.edit_unit", authority=authority, slug=slug))
    return _edit_page(unit, form=form), 400


@blueprint.post("/units/<slug>/end")
@allows(Action.MANAGE_UNITS)
def end_unit(authority: str, slug: str) -> Page:
    unit = access.unit_by_slug(db.session(), slug)
    form = EndForm()
    if form.validate():
        with saving(form) as attempt:
            service.end_unit(db.session(), actor(), unit, form.last_day.data, version=_version(), now=clock.now())
        if attempt.saved:
            flash(
                _(
                    "Đã ghi ngày cuối %(day)s. Nhiệm vụ còn mở của đơn vị vẫn ở nguyên chỗ; đồng chí xem lại đơn vị chủ trì.",
                    day=date_vn(form.last_day.data),
                ),
                "success",
            )
            return redirect(url_for("units.index", authority=authority))
    return _edit_page(unit, end=form), 400


@blueprint.post("/units/<slug>/aliases")
@allows(Action.MANAGE_UNITS)
def add_alias(authority: str, slug: str) -> Page:
    unit = access.unit_by_slug(db.session(), slug)
    form = AliasForm()
    if form.validate():
        with saving(form) as attempt:
            service.add_alias(db.session(), actor(), unit, form.alias.data, now=clock.now())
        if attempt.saved:
            flash(_("Đã thêm cách viết “%(alias)s”.", alias=form.alias.data), "success")
            return redirect(url_for("units.edit_unit", authority=authority, slug=slug, _anchor="aliases"))
    return _edit_page(unit, alias=form), 400


@blueprint.post("/units/<slug>/aliases/<int:alias_id>/remove")
@allows(Action.MANAGE_UNITS)
def remove_alias(authority: str, slug: str, alias_id: int) -> Page:
    unit = access.unit_by_slug(db.session(), slug)
    service.remove_alias(db.session(), actor(), unit, access.alias(db.session(), unit.id, alias_id), now=clock.now())
    db.session.commit()
    flash(_("Đã bỏ cách viết."), "success")
    return redirect(url_for("units.edit_unit", authority=authority, slug=slug, _anchor="aliases"))


@blueprint.post("/units/<slug>/members")
@allows(Action.MANAGE_UNITS)
def add_member(authority: str, slug: str) -> Page:
    group = access.unit_by_slug(db.session(), slug)
    form = MemberForm()
    if form.validate():
        with saving(form) as attempt:
            if not form.member.data:
                raise Refused(_("Đồng chí chọn đơn vị thành viên."), "member")
            member = access.unit_by_slug(db.session(), form.member.data)
            service.add_member(db.session(), actor(), group, member, form.valid_from.data, now=clock.now())
            name = member.name
        if attempt.saved:
            flash(_("“%(name)s” đã vào nhóm. Đợt đang mở không tự thêm việc; đồng chí xem đề nghị ở trang của đợt.", name=name), "success")
            return redirect(url_for("units.edit_unit", authority=authority, slug=slug, _anchor="members"))
    return _edit_page(group, member=form), 400


@blueprint.post("/units/<slug>/members/<int:row_id>/end")
@allows(Action.MANAGE_UNITS)
def end_member(authority: str, slug: str, row_id: int) -> Page:
    """Leaves at the end of today."""
    group = access.unit_by_slug(db.session(), slug)
    service.end_member(db.session(), actor(), group, access.group_member(db.session(), group.id, row_id), clock.today(), now=clock.now())
    db.session.commit()
    flash(_("Đã ghi ngày cuối trong nhóm là hôm nay."), "success")
    return redirect(url_for("units.edit_unit", authority=authority, slug=slug, _anchor="members"))


def _settings_form(*, fresh: bool) -> SettingsForm:
    possible = [u for u in queries.units(db.session(), day=clock.today()) if u.kind not in (UnitKind.GROUP, UnitKind.EXTERNAL)]
    focal = next((u.slug for u in possible if u.focal), "")
    kept = {s.name: getattr(desk().authority, s.name) for s in SETTINGS}
    form = SettingsForm(formdata=None, focal_unit=focal, **kept) if fresh else SettingsForm()
    form.focal_unit.choices = offered(possible, None if focal else _("Chưa chọn"))
    return form


@blueprint.route("/settings", methods=["GET", "POST"])
@allows(Action.MANAGE_SETTINGS)
def settings(authority: str) -> Page:
    form = _settings_form(fresh=request.method == "GET")
    if request.method == "POST" and form.validate():
        with saving(form) as attempt:
            service.change_settings(
                db.session(), actor(), desk().authority, form.values(), form.focal_unit.data or None, version=_version(), now=clock.now()
            )
        if attempt.saved:
            flash(_("Đã lưu thiết lập."), "success")
            return redirect(url_for("units.settings", authority=authority))
    page = render_template("units/settings.html", form=form, names=[s.name for s in SETTINGS], authority=authority, row=desk().authority)
    return (page, 400) if request.method == "POST" else page
