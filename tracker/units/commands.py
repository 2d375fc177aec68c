"""flask authorities, flask units AUTHORITY."""

from __future__ import annotations

import click
from flask import Flask

from tracker.kernel import clock, scope
from tracker.units import access, queries
from tracker.units.rules import UnitKind
from tracker.web.terminal import emit, json_option, refuses, work


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
