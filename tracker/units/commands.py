"""flask authorities (and add), flask units AUTHORITY, flask people add."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from tracker.accounts import queries as account_queries
from tracker.accounts import service as accounts
from tracker.accounts.rules import grouped
from tracker.audit.rules import SYSTEM
from tracker.kernel import clock, scope
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import slugify
from tracker.units import access, authority_service, people_service, queries
from tracker.units.rules import RESERVED_SLUGS, AuthorityLevel, Role, UnitKind
from tracker.web.terminal import emit, json_option, refuses, say, work


def install(app: Flask) -> None:
    """Hangs the commands on the application."""

    @app.cli.group("authorities", invoke_without_command=True, help="Liệt kê các cơ quan; “add” thêm một cơ quan.")
    @json_option
    @click.pass_context
    @refuses
    def authorities(context: click.Context, as_json: bool) -> None:
        if context.invoked_subcommand is None:
            with work("list the authorities") as session:
                emit(queries.authorities(session), as_json, [("slug", "Mã"), ("name", "Tên"), ("level", "Cấp"), ("parent", "Thuộc")])

    @authorities.command("add", help="Thêm một cơ quan; người quản trị đầu tiên: flask people add.")
    @click.argument("slug")
    @click.argument("name")
    @click.option("--level", type=click.Choice([one.value for one in AuthorityLevel]), required=True)
    @click.option("--place", required=True, help="Địa danh, như in trên công văn.")
    @click.option("--parent", default=None, help="Mã cơ quan cấp trên.")
    @json_option
    @refuses
    def add_authority(slug: str, name: str, level: str, place: str, parent: str | None, as_json: bool) -> None:
        with work("the operator adds an authority", writes=True) as session:
            if slugify(slug) != slug or slug in RESERVED_SLUGS or any(one.slug == slug for one in queries.authorities(session)):
                raise Refused(f"Mã “{slug}” không dùng được: chữ thường không dấu, số, gạch nối; chưa có cơ quan nào hay trang nào dùng.")
            above = access.authority_by_slug(session, parent) if parent else None
            made = authority_service.create_authority(
                session, SYSTEM, name=name, level=AuthorityLevel(level), place=place, slug=slug, parent=above, now=clock.now()
            )
            answer = {"slug": made.slug, "name": made.name, "level": made.level, "parent": parent}
        emit(answer, as_json)

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
