"""flask authorities, flask units AUTHORITY, flask people add."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from tracker.accounts import queries as account_queries
from tracker.accounts import service as accounts
from tracker.accounts.rules import grouped
from tracker.audit.rules import SYSTEM
from tracker.kernel import clock, scope
from tracker.units import access, people_service, queries
from tracker.units.rules import Role, UnitKind
from tracker.web.terminal import emit, json_option, refuses, say, work


def install(app: Flask) -> None:
    """Hangs the commands on the application."""

    @app.cli.command("authorities", help="Liệt kê các cơ quan.")
    @json_option
    @refuses
    def authorities(as_json: bool) -> None:
        with work("list the authorities") as session:
            emit(queries.authorities(session), as_json, [("slug", "Mã"), ("name", "Tên"), ("level", "Cấp"), ("parent", "Thuộc")])

    @app.cli.command("units", help="Liệt kê đơn vị, nhóm và các cách viết của một cơ quan.")
    @click.argument("authority")
    @json_option
    @refuses
    def units(authority: str, as_json: bool) -> None:
        with work("list an authority's units") as session:
            chosen = access.authority_by_slug(session, authority)
            with scope.using(session, scope.one(chosen.id)):
                found = queries.units(session)
                spellings = queries.aliases(session)
                members = queries.members_of(session, [u.id for u in found if u.kind is UnitKind.GROUP], clock.today())
            rows = [
                {
                    "slug": u.slug,
                    "name": u.name,
                    "kind": u.kind,
                    "focal": u.focal,
                    "aliases": spellings.get(u.id, []),
                    "members": [m.slug for m in members.get(u.id, [])],
                    "valid_from": u.valid_from,
                    "valid_to": u.valid_to,
                }
                for u in found
            ]
            emit(rows, as_json, [("slug", "Mã"), ("name", "Tên"), ("kind", "Loại"), ("aliases", "Cách viết khác"), ("members", "Thành viên")])

    people = AppGroup("people", help="Người dùng, do người vận hành hệ thống thêm.")
    app.cli.add_command(people)

    @people.command("add", help="Giao vai trò cho một người, kể cả người quản trị đầu tiên; in mã một lần nếu người ấy chưa có mật khẩu.")
    @click.argument("authority")
    @click.argument("username")
    @click.option("--role", type=click.Choice([r.value for r in Role]), required=True)
    @click.option("--unit", "unit_slug", default=None, help="Mã đơn vị, cho chuyên viên và lãnh đạo đơn vị.")
    @click.option("--name", default=None, help="Họ và tên; cần cho tài khoản mới.")
    @click.option("--email", default=None)
    @json_option
    @refuses
    def add(authority: str, username: str, role: str, unit_slug: str | None, name: str | None, email: str | None, as_json: bool) -> None:
        now = clock.now()
        with work("the operator adds a person", writes=True) as session:
            chosen = access.authority_by_slug(session, authority)
            with scope.using(session, scope.one(chosen.id)):
                account = account_queries.account_by_username(session, username) or accounts.create_account(
                    session, username=username, display_name=name or "", email=email, now=now, authority_id=chosen.id
                )
                unit = access.unit_by_slug(session, unit_slug) if unit_slug else None
                everything = frozenset(Role)
                people_service.grant(session, SYSTEM, chosen.id, account, Role(role), unit, by=everything, valid_from=clock.local_day(now), now=now)
                code = None if account.password_hash else accounts.print_code(session, SYSTEM, account, now=now, authority_id=chosen.id)
            answer = {
                "username": account.username,
                "authority": chosen.slug,
                "role": role,
                "unit": unit_slug,
                "code": grouped(code) if code else None,
            }
        emit(answer, as_json)
        if code:
            say("Mã chỉ hiện một lần; người nhận nhập mã ở trang /code.")
