"""Step 5: who signs in, with which role. All lines or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.accounts import access as accounts
from tracker.accounts import queries as account_queries
from tracker.accounts.rules import email_problem, username_key
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import clean, fold, slugify
from tracker.start import queries, service
from tracker.start.current import rail, standing
from tracker.start.rules import Step, username_of
from tracker.units import access as units_access
from tracker.units import people_import
from tracker.units import people_views as people
from tracker.units import queries as units
from tracker.units.current import actor, desk
from tracker.units.rules import ROLE_WORDS, Action, Role, UnitKind, in_force
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]

#: Lines for whom the list does not foresee.
SPARE = 3
#: Units whose people are asked for at once; the others follow from the page of people.
MOST_ASKED = 40


def install(blueprint: Blueprint) -> None:
    """Hangs the page on the blueprint of the start."""
    blueprint.add_url_rule("/<authority>/start/people", "people", people_step, methods=["GET", "POST"])


def _blank() -> list[dict[str, str]]:
    """A line for the chair, one for each unit that leads and has nobody yet, and a few to spare."""
    session, today = db.session(), clock.today()
    leading = queries.leading_ids(session, desk().authority.id, today)
    groups = units.members_of(session, leading, today)
    leading |= {member.id for members in groups.values() for member in members}
    asked = [unit for unit in units.units(session, day=today) if unit.id in leading and unit.kind not in (UnitKind.GROUP, UnitKind.EXTERNAL)]
    served = units.people_by_unit(session, [unit.id for unit in asked], today)
    lines = [] if units.people_with_role(session, Role.CHAIR, today) else [_line(Role.CHAIR)]
    lines += [_line(Role.SPECIALIST, unit.slug) for unit in asked if not served[unit.id]][:MOST_ASKED]
    return lines + [_line(Role.SPECIALIST) for _place in range(SPARE)]


def _line(role: Role, unit: str = "") -> dict[str, str]:
    return {"name": "", "email": "", "role": role.value, "unit": unit}


def _typed(form: Mapping[str, str]) -> list[dict[str, str]]:
    lines, number = [], 0
    while f"role-{number}" in form and number < people_import.MOST_PEOPLE:
        lines.append({part: clean(form.get(f"{part}-{number}", "")) for part in ("name", "email", "role", "unit")})
        number += 1
    return lines


@allows(Action.MANAGE_PEOPLE)
def people_step(authority: str) -> Page:
    if request.method == "GET":
        return _page(_blank())
    typed = _typed(request.form)
    session, here = db.session(), desk()
    units_access.hold(session, here.authority.id)  # sent twice, the second finds whom the first brought in
    lines = _lines(typed)
    judged = people_import.judge(session, lines, by=here.viewer.roles, day=clock.today())
    problems = {one.line.number: one.problems for one in judged if one.problems} | _known(judged)
    if problems:
        return _page(typed, problem=_("Còn %(count)s dòng chưa đúng; chưa thêm ai cả.", count=len(problems)), problems=problems), 400
    try:
        if request.form.get("me_focal") and Role.FOCAL not in here.viewer.own_roles:
            me = accounts.account(session, here.viewer.account_id)
            service.be_focal(session, here.authority, me, here.viewer.roles, actor(), clock.now())
        new = people_import.commit(session, actor(), here.authority.id, lines, by=here.viewer.roles, valid_from=clock.today(), now=clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _page(typed, problem=refusal.message), 400
    if not new:
        db.session.commit()
        return redirect(url_for("start.finish", authority=authority))
    by_mail = request.form.get("how") == "mail"
    mailed = [account for account in new if by_mail and people.send_invitation(account)]
    onward = (_("Tiếp tục: mở đợt đầu tiên"), url_for("start.finish", authority=authority))
    if len(mailed) == len(new):
        db.session.commit()
        return redirect(onward[1])
    return people.printed([account for account in new if account not in mailed], mailed=len(mailed), onward=onward)


def _known(judged: list[people_import.Judged]) -> dict[int, tuple[str, ...]]:
    """Lines whose person serves there already: without an e-mail address only the name tells."""
    today = clock.today()
    serving = {
        (fold(row.account.display_name), held.role, held.unit_id)
        for row in units.people(db.session())
        for held, _unit in row.memberships
        if in_force(held.valid_from, held.valid_to, today)
    }
    return {
        one.line.number: (_("%(name)s đã có vai trò này.", name=one.line.display_name),)
        for one in judged
        if not one.line.email and one.role is not None and (fold(one.line.display_name), one.role, one.unit.id if one.unit else None) in serving
    }


def _lines(typed: list[dict[str, str]]) -> list[people_import.Line]:
    """The lines that name somebody. Without an e-mail address of one's own the user name is made of the unit's."""
    session, here = db.session(), desk()
    names = {unit.slug: unit.name for unit in units.units(session, day=clock.today())}
    used: set[str] = set()

    def taken(name: str) -> bool:
        return username_key(name) in used or account_queries.account_by_username(session, name) is not None

    found = []
    for number, line in enumerate(typed, start=1):
        if not line["name"] and not line["email"]:
            continue
        role = Role(line["role"]) if line["role"] in set(Role) else None
        whole = role is not None and role not in (Role.SPECIALIST, Role.HEAD)
        username = line["email"]
        if not username or (email_problem(username) is None and username_key(username) in used):
            base = "lanh-dao" if role is Role.CHAIR else slugify(ROLE_WORDS[role]) if whole and role else line["unit"]
            username = username_of(base, here.authority.slug, taken)
        used.add(username_key(username))
        found.append(
            people_import.Line(
                number,
                display_name=line["name"],
                username=username,
                email=line["email"],
                role=ROLE_WORDS[role] if role else line["role"],
                unit="" if whole else names.get(line["unit"], line["unit"]),
            )
        )
    return found


def _page(lines: list[dict[str, str]], *, problem: str = "", problems: Mapping[int, tuple[str, ...]] | None = None) -> str:
    session, here, at = db.session(), desk(), standing()
    today = clock.today()
    rows: list[dict[str, Any]] = [{**line, "number": n, "problems": (problems or {}).get(n + 1, ())} for n, line in enumerate(lines)]
    return render_template(
        "start/people.html",
        rail=rail(Step.PEOPLE, at),
        at=at,
        rows=rows,
        roles=[(role.value, _(words)) for role, words in ROLE_WORDS.items() if role is not Role.ADMIN or Role.ADMIN in here.viewer.roles],
        units=[("", _("Cả cơ quan")), *((u.slug, u.name) for u in units.units(session, day=today) if u.kind is not UnitKind.GROUP)],
        ask_focal=Role.FOCAL not in here.viewer.own_roles and not units.people_with_role(session, Role.FOCAL, today),
        me_focal=not request.form or bool(request.form.get("me_focal")),
        problem=problem,
        authority=here.authority.slug,
    )
