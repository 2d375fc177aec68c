"""People from an Excel file: every row judged first, then all or none.

Columns, in any order, found by their headings: Họ và tên, Tên đăng nhập, Thư điện tử, Điện thoại, Vai trò, Đơn vị.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.accounts import queries as account_queries
from tracker.accounts.models import Account
from tracker.accounts.rules import email_problem, username_key, username_problem
from tracker.audit.rules import Actor
from tracker.kernel import vietnamese
from tracker.kernel.errors import BadInput, Refused
from tracker.kernel.words import phrase
from tracker.units import people_service, queries
from tracker.units.models import Unit
from tracker.units.rules import ROLE_WORDS, Role, may_manage_person

#: (field, heading); the first heading row within the first rows of the sheet is taken.
COLUMNS = (
    ("display_name", "Họ và tên"),
    ("username", "Tên đăng nhập"),
    ("email", "Thư điện tử"),
    ("phone", "Điện thoại"),
    ("role", "Vai trò"),
    ("unit", "Đơn vị"),
)
NEEDED = ("display_name", "username", "role")
_HEADING_WITHIN = 10
MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file as it was typed; ``number`` is the row of the sheet."""

    number: int
    display_name: str = ""
    username: str = ""
    email: str = ""
    phone: str = ""
    role: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with what it means; it can be imported where ``problems`` is empty. ``joins``: the account stands in an earlier line or here already."""

    line: Line
    role: Role | None
    unit: Unit | None
    joins: bool
    problems: tuple[str, ...]


def lines(rows: Sequence[Sequence[object]]) -> list[Line]:
    """The lines under the headings; blank ones are left out. Raises BadInput (field ``file``) where a heading is missing or nothing stands below."""
    top = 0
    for row in rows[:_HEADING_WITHIN]:
        top += 1
        places = {vietnamese.fold(_text(cell)): place for place, cell in enumerate(row) if cell is not None}
        found = {field: places[vietnamese.fold(heading)] for field, heading in COLUMNS if vietnamese.fold(heading) in places}
        if "username" in found:
            break
    else:
        raise BadInput(
            phrase(
                "Không thấy dòng tiêu đề cột trong %(heading_within)s dòng đầu; các cột là %(list)s.",
                heading_within=_HEADING_WITHIN,
                list=", ".join((h for _f, h in COLUMNS)),
            ),
            field="file",
        )
    missing = [heading for field, heading in COLUMNS if field in NEEDED and field not in found]
    if missing:
        raise BadInput(
            phrase("Tệp thiếu cột %(names)s.", names=vietnamese.join_and(f"“{h}”" for h in missing)),
            place=phrase("dòng %(top)s", top=top),
            field="file",
        )
    result = []
    for number, row in enumerate(rows[top:], start=top + 1):
        cells = {field: _text(row[place]) if place < len(row) else "" for field, place in found.items()}
        if any(cells.values()):
            result.append(Line(number, **cells))
    if not result:
        raise BadInput("Dưới dòng tiêu đề không có người nào.", field="file")
    if len(result) > MOST_PEOPLE:
        raise BadInput(
            phrase("Tệp có %(count)s người; mỗi lần nhập không quá %(most_people)s.", count=len(result), most_people=MOST_PEOPLE), field="file"
        )
    return result


def _text(cell: object) -> str:
    """A telephone number that Excel took for a number keeps its digits."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return vietnamese.clean(str(cell)) if cell is not None else ""


def judge(session: Session, given: Iterable[Line], *, by: frozenset[Role], day: date) -> list[Judged]:
    """Every line with all its problems as sentences. Reads a fixed number of times, however many lines."""
    listed = list(given)
    directory = queries.Directory.load(session, day)
    known = account_queries.accounts_by_username(session, [line.username for line in listed])
    here = {row.account.id: row for row in queries.people(session)}
    roles = {vietnamese.fold(words): role for role, words in ROLE_WORDS.items()}
    first: dict[str, Line] = {}
    seen: dict[tuple[str, Role, int | None], int] = {}
    judged: list[Judged] = []
    for line in listed:
        problems: list[str] = []
        key = username_key(line.username)
        account = known.get(key)
        role = roles.get(vietnamese.fold(line.role))
        unit = directory.resolve(line.unit) if line.unit else None
        problems += _word_problems(line, role, unit, by)
        if account is not None and account.id not in here:
            problems.append(phrase("Tên đăng nhập “%(username)s” đã có người dùng ở cơ quan khác; chọn tên khác.", username=line.username))
        earlier = first.setdefault(key, line)
        if earlier is not line and vietnamese.fold(earlier.display_name) != vietnamese.fold(line.display_name):
            problems.append(phrase("Tên đăng nhập trùng với dòng %(number)s nhưng họ và tên khác.", number=earlier.number))
        if role is not None:
            again = seen.setdefault((key, role, unit.id if unit else None), line.number)
            if again != line.number:
                problems.append(phrase("Trùng hoàn toàn với dòng %(again)s.", again=again))
            if account is not None and account.id in here and _holds(here[account.id], role, unit, day):
                problems.append(phrase("%(account)s đã có vai trò này.", account=account.display_name))
        judged.append(Judged(line, role, unit, account is not None or earlier is not line, tuple(problems)))
    return judged


def _word_problems(line: Line, role: Role | None, unit: Unit | None, by: frozenset[Role]) -> list[str]:
    problems: list[str] = []
    if not line.display_name:
        problems.append(phrase("Họ và tên còn trống."))
    if problem := username_problem(line.username):
        problems.append(problem)
    if line.email and (problem := email_problem(line.email)):
        problems.append(problem)
    if role is None:
        problems.append(phrase("Vai trò “%(role)s” không có; các vai trò là %(list)s.", role=line.role, list=", ".join(ROLE_WORDS.values())))
    elif not may_manage_person(by, {role}):
        problems.append(phrase("Chỉ người quản trị giao được vai trò quản trị."))
    if line.unit and unit is None:
        problems.append(phrase("Không có đơn vị “%(unit)s”; ghi đúng tên hoặc một cách viết đã khai của đơn vị đang hoạt động.", unit=line.unit))
    elif role is not None and (wrong := people_service.role_problem(role, unit)):
        problems.append(wrong.message)
    return problems


def _holds(row: queries.PersonRow, role: Role, unit: Unit | None, day: date) -> bool:
    return any(m.role is role and m.unit_id == (unit.id if unit else None) and (m.valid_to is None or m.valid_to >= day) for m, _u in row.memberships)


def commit(
    session: Session, actor: Actor, authority_id: int, given: Iterable[Line], *, by: frozenset[Role], valid_from: date, now: datetime
) -> list[Account]:
    """All lines or none; returns the new accounts, in order. Raises Refused where a line has a problem: the caller shows the preview again."""
    judged = judge(session, given, by=by, day=valid_from)
    wrong = [one for one in judged if one.problems]
    if wrong:
        raise Refused(phrase("Còn %(count)s dòng chưa đúng nên chưa nhập ai cả; đồng chí sửa tệp rồi gửi lại.", count=len(wrong)), "file")
    accounts = account_queries.accounts_by_username(session, [one.line.username for one in judged])
    new: list[Account] = []
    for one in judged:
        assert one.role is not None
        key = username_key(one.line.username)
        if key in accounts:
            people_service.grant(session, actor, authority_id, accounts[key], one.role, one.unit, by=by, valid_from=valid_from, now=now)
            continue
        accounts[key] = people_service.add_person(
            session,
            actor,
            authority_id,
            username=one.line.username,
            display_name=one.line.display_name,
            email=one.line.email or None,
            phone=one.line.phone or None,
            role=one.role,
            unit=one.unit,
            by=by,
            valid_from=valid_from,
            now=now,
        )
        new.append(accounts[key])
    return new
