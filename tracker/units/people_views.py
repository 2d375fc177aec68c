"""Pages of an authority's people: list, invite, roles, codes, import."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.accounts import letters
from tracker.accounts import service as accounts
from tracker.accounts.models import Account
from tracker.accounts.rules import PRINTED_LIFE, grouped
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import BadInput, Refused
from tracker.units import access, people_import, people_service, queries
from tracker.units.current import actor, desk
from tracker.units.forms import ContactForm, EndForm, ImportForm, PersonForm, RoleForm
from tracker.units.models import Unit
from tracker.units.rules import ROLE_WORDS, Action, Role, UnitKind, in_force
from tracker.web import sheets
from tracker.web.fields import saving, tell
from tracker.web.guards import allows
from tracker.web.links import with_filters
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]

SHEET = (
    sheets.Column("display_name", "Họ và tên", 30),
    sheets.Column("username", "Tên đăng nhập", 34),
    sheets.Column("email", "Thư điện tử", 30),
    sheets.Column("phone", "Điện thoại", 16),
    sheets.Column("role", "Vai trò", 18),
    sheets.Column("unit", "Đơn vị", 40),
    sheets.Column("valid_from", "Từ ngày", 12),
    sheets.Column("valid_to", "Đến hết ngày", 14),
    sheets.Column("state", "Tài khoản", 20),
)


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of units."""
    for rule, view, methods in (
        ("/people", people, ["GET"]),
        ("/people.xlsx", export_people, ["GET"]),
        ("/people/new", new_person, ["GET", "POST"]),
        ("/people/import", import_people, ["GET", "POST"]),
        ("/people/import/commit", commit_people, ["POST"]),
        ("/people/import.xlsx", import_form, ["GET"]),
        ("/people/<int:account_id>", person, ["GET", "POST"]),
        ("/people/<int:account_id>/roles", add_role, ["POST"]),
        ("/people/<int:account_id>/roles/<int:membership_id>/end", end_role, ["POST"]),
        ("/people/<int:account_id>/invite", invite, ["POST"]),
        ("/people/<int:account_id>/code", code, ["POST"]),
        ("/people/<int:account_id>/active", active, ["POST"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)


def _by() -> frozenset[Role]:
    return desk().viewer.roles


def _here() -> int:
    return desk().authority.id


def _state(account: Account) -> str:
    return str(_("Đã khóa") if not account.active else _("Đang dùng") if account.password_hash else _("Chờ đặt mật khẩu"))


def _found() -> list[queries.PersonRow]:
    role = request.args.get("role", "")
    return queries.people(db.session(), text=request.args.get("q"), role=Role(role) if role in set(Role) else None)


def _units() -> list[Unit]:
    return [u for u in queries.units(db.session(), day=clock.today()) if u.kind is not UnitKind.GROUP]


@allows(Action.MANAGE_PEOPLE)
def people(authority: str) -> Page:
    today = clock.today()
    rows = [
        {
            "account": row.account,
            "state": _state(row.account),
            "roles": [people_service.role_words(m.role, u) for m, u in row.memberships if in_force(m.valid_from, m.valid_to, today)],
        }
        for row in _found()
    ]
    return render_template(
        "units/people.html",
        rows=rows,
        roles=[(r.value, words) for r, words in ROLE_WORDS.items()],
        authority=authority,
        may_settings=desk().viewer.may(Action.MANAGE_SETTINGS),
        export=with_filters(url_for("units.export_people", authority=authority)),
    )


@allows(Action.MANAGE_PEOPLE)
def export_people(authority: str) -> Page:
    rows = [
        {
            "display_name": row.account.display_name,
            "username": row.account.username,
            "email": row.account.email,
            "phone": row.account.phone,
            "role": ROLE_WORDS[m.role],
            "unit": u.name if u else None,
            "valid_from": m.valid_from,
            "valid_to": m.valid_to,
            "state": _state(row.account),
        }
        for row in _found()
        for m, u in row.memberships
    ]
    return sheets.workbook(SHEET, rows, _("Người dùng – %(name)s", name=desk().authority.name), f"nguoi-dung-{authority}")


@allows(Action.MANAGE_PEOPLE)
def new_person(authority: str) -> Page:
    form = PersonForm()
    form.offer(_units())
    if request.method == "GET":
        form.valid_from.data = clock.today()
        return render_template("units/person_new.html", form=form, authority=authority)
    if form.validate() and (role := form.chosen_role()):
        try:
            return _bring_in(form, role)
        except Refused as refusal:
            db.session.rollback()
            tell(form, refusal)
    return render_template("units/person_new.html", form=form, authority=authority), 400


def _bring_in(form: PersonForm, role: Role) -> Page:
    by_mail = form.how.data == "mail"
    if by_mail and not form.email.data:
        raise Refused(_("Gửi thư mời cần địa chỉ thư điện tử; đồng chí nhập địa chỉ hoặc chọn in phiếu."), "email")
    account = people_service.add_person(
        db.session(),
        actor(),
        _here(),
        username=form.username.data,
        display_name=form.display_name.data,
        email=form.email.data,
        phone=form.phone.data,
        role=role,
        unit=access.unit_by_slug(db.session(), form.unit.data) if form.unit.data else None,
        by=_by(),
        valid_from=form.valid_from.data,
        now=clock.now(),
    )
    if by_mail:
        send_invitation(account)
        name, address = account.display_name, account.email
        db.session.commit()
        flash(_("Đã thêm %(name)s; thư mời sẽ tới %(address)s.", name=name, address=address), "success")
        return redirect(url_for("units.people", authority=desk().authority.slug))
    return printed([account])


def send_invitation(account: Account) -> bool:
    """Queues the invitation; False where the account has no address."""
    return letters.queue_invitation(
        db.session(), actor(), account, key=current_app.config["SECRET_KEY"], now=clock.now(), authority_id=_here(), office=desk().authority.name
    )


def printed(printed_for: list[Account], mailed: int = 0, *, onward: tuple[str, str] | None = None) -> Page:
    """Makes a code for each person, commits and shows them: this once, so the page is the answer to the form itself.

    ``onward``: words and address of what comes next, where that is not the list of people.
    """
    now = clock.now()
    slips = [
        {
            "name": account.display_name,
            "username": account.username,
            "code": grouped(accounts.print_code(db.session(), actor(), account, now=now, authority_id=_here())),
        }
        for account in printed_for
    ]
    db.session.commit()
    return render_template(
        "units/codes.html",
        slips=slips,
        mailed=mailed,
        until=now + PRINTED_LIFE,
        address=current_app.config["BASE_URL"] + url_for("accounts.code"),
        onward=onward,
        authority=desk().authority.slug,
    )


def _person_page(
    account: Account, *, contact: ContactForm | None = None, role: RoleForm | None = None, end: EndForm | None = None, ended: int = 0
) -> str:
    today = clock.today()
    row = next(r for r in queries.people(db.session()) if r.account.id == account.id)
    role = role or RoleForm(formdata=None, valid_from=today)
    role.offer(_units())
    try:
        people_service.check_ours(db.session(), account, _here(), _by(), today)
        why_not = None
    except Refused as refusal:
        why_not = refusal.message
    return render_template(
        "units/person.html",
        account=account,
        state=_state(account),
        why_not=why_not,
        contact=contact or ContactForm(formdata=None, obj=account),
        role_form=role,
        end_form=end or EndForm(formdata=None, last_day=today),
        ended=ended,
        memberships=[
            {"row": m, "words": people_service.role_words(m.role, u), "over": m.valid_to is not None and m.valid_to < today}
            for m, u in row.memberships
        ],
        authority=desk().authority.slug,
    )


def _back(account_id: int) -> Response:
    return redirect(url_for("units.person", authority=desk().authority.slug, account_id=account_id))


@allows(Action.MANAGE_PEOPLE)
def person(authority: str, account_id: int) -> Page:
    account = access.person_here(db.session(), account_id)
    if request.method == "GET":
        return _person_page(account)
    form = ContactForm()
    if form.validate():
        with saving(form) as attempt:
            people_service.check_ours(db.session(), account, _here(), _by(), clock.today())
            accounts.change_profile(
                db.session(),
                actor(),
                account,
                display_name=form.display_name.data,
                email=form.email.data,
                phone=form.phone.data,
                version=request.form.get("version", 0, type=int),
                now=clock.now(),
                authority_id=_here(),
            )
        if attempt.saved:
            flash(_("Đã lưu thông tin của %(name)s.", name=form.display_name.data), "success")
            return _back(account_id)
    return _person_page(account, contact=form), 400


@allows(Action.MANAGE_PEOPLE)
def add_role(authority: str, account_id: int) -> Page:
    account = access.person_here(db.session(), account_id)
    form = RoleForm()
    form.offer(_units())
    if form.validate() and (role := form.chosen_role()):
        with saving(form) as attempt:
            unit = access.unit_by_slug(db.session(), form.unit.data) if form.unit.data else None
            people_service.grant(db.session(), actor(), _here(), account, role, unit, by=_by(), valid_from=form.valid_from.data, now=clock.now())
        if attempt.saved:
            flash(_("Đã giao vai trò."), "success")
            return _back(account_id)
    return _person_page(account, role=form), 400


@allows(Action.MANAGE_PEOPLE)
def end_role(authority: str, account_id: int, membership_id: int) -> Page:
    account = access.person_here(db.session(), account_id)
    row = access.membership(db.session(), membership_id)
    if row.account_id != account.id:
        raise Refused(_("Vai trò này không phải của người này."))
    form = EndForm()
    if form.validate():
        unit = access.unit(db.session(), row.unit_id) if row.unit_id else None
        with saving(form) as attempt:
            people_service.end_membership(
                db.session(), actor(), row, unit, account, form.last_day.data, by=_by(), today=clock.today(), now=clock.now()
            )
        if attempt.saved:
            flash(_("Đã ghi ngày cuối của vai trò."), "success")
            return _back(account_id)
    return _person_page(account, end=form, ended=membership_id), 400


def _ours(account_id: int) -> Account:
    """The account, where this authority may hand out its codes. Raises NotFound, Refused."""
    account = access.person_here(db.session(), account_id)
    people_service.check_ours(db.session(), account, _here(), _by(), clock.today())
    return account


@allows(Action.MANAGE_PEOPLE)
def invite(authority: str, account_id: int) -> Page:
    account = _ours(account_id)
    if not send_invitation(account):
        raise Refused(_("Người này chưa có địa chỉ thư điện tử; đồng chí in phiếu có mã một lần."))
    db.session.commit()
    flash(_("Đã xếp thư mời vào hàng chờ gửi."), "success")
    return _back(account_id)


@allows(Action.MANAGE_PEOPLE)
def code(authority: str, account_id: int) -> Page:
    return printed([_ours(account_id)])


@allows(Action.MANAGE_PEOPLE)
def active(authority: str, account_id: int) -> Page:
    account = _ours(account_id)
    on = request.form.get("active") == "yes"
    if not on and account.id == desk().viewer.account_id:
        raise Refused(_("Đồng chí không tự khóa tài khoản của mình được."))
    accounts.set_active(db.session(), actor(), account, on, now=clock.now(), real_now=clock.real_now(), authority_id=_here())
    db.session.commit()
    flash(_("Đã mở lại tài khoản.") if on else _("Đã khóa tài khoản; mọi phiên đăng nhập của người này đã kết thúc."), "success")
    return _back(account_id)


@allows(Action.MANAGE_PEOPLE)
def import_form(authority: str) -> Page:
    """The empty file to fill in."""
    columns = [sheets.Column(field, heading, 28) for field, heading in people_import.COLUMNS]
    return sheets.workbook(columns, [], _("Danh sách người dùng cần nhập"), "mau-nhap-nguoi-dung")


@allows(Action.MANAGE_PEOPLE)
def import_people(authority: str) -> Page:
    """The dry run: what the file would do, with every problem of every row. Nothing is saved."""
    form = ImportForm()
    if request.method == "POST" and form.validate():
        try:
            lines = people_import.lines(sheets.read(form.file.data.read()))
            return _preview(form, lines)
        except BadInput as refusal:
            tell(form, refusal)
    return render_template("units/import.html", form=form, judged=None, authority=authority), 400 if request.method == "POST" else 200


def _preview(form: ImportForm, lines: list[people_import.Line]) -> str:
    judged = people_import.judge(db.session(), lines, by=_by(), day=clock.today())
    return render_template(
        "units/import.html",
        form=form,
        judged=judged,
        wrong=sum(1 for one in judged if one.problems),
        carried=base64.b64encode(json.dumps([asdict(line) for line in lines]).encode()).decode(),
        authority=desk().authority.slug,
    )


@allows(Action.MANAGE_PEOPLE)
def commit_people(authority: str) -> Page:
    """What the preview showed is judged once more: all of it is saved, or nothing."""
    try:
        lines = [people_import.Line(**line) for line in json.loads(base64.b64decode(request.form.get("carried", ""), validate=True))]
    except (ValueError, TypeError) as error:
        raise BadInput(_("Nội dung xem trước đã hỏng; đồng chí gửi lại tệp Excel.")) from error
    by_mail = request.form.get("how") == "mail"
    try:
        new = people_import.commit(db.session(), actor(), _here(), lines, by=_by(), valid_from=clock.today(), now=clock.now())
    except Refused as refusal:
        db.session.rollback()
        form = ImportForm(formdata=None)
        tell(form, refusal)
        return _preview(form, lines), 400
    mailed = [account for account in new if by_mail and send_invitation(account)]
    return printed([account for account in new if account not in mailed], mailed=len(mailed))
