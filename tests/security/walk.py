"""Every address, by every method, as everybody, about one's own things, another authority's and things that do not exist.

The walk yields sentences about what went wrong; no sentence means nothing did. What it knows about rights stands in policy.py.
"""

from __future__ import annotations

import base64
import json
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from html import escape
from io import BytesIO
from typing import Any
from urllib.parse import quote, quote_plus

from flask import Flask
from flask_wtf import FlaskForm
from sqlalchemy import event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.page_client import PageClient
from tests.security.plant import WORD, Objects, Planted
from tests.security.policy import NOBODY, OUTSIDERS, POLICY, PRINCIPALS, SPECIALISTS
from tests.security.rows import RESTLESS, differences, fingerprint
from tracker.kernel.database import db
from tracker.units.people_import import COLUMNS as IMPORT_COLUMNS

#: What an outsider is at home: the lines of the policy speak of these.
AT_HOME = {"stranger": "owner", "foreign_focal": "focal", "foreign_admin": "admin"}
NO_NUMBER, NO_NAME = 987654321, "khong-co-that"
#: Arguments that name nothing of an authority.
INSTALLATION_WIDE = {"filename": "app.css", "name": "0" * 32, "typed": "KHONGCOMANAY", "token": "x" * 43}
WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
CSRF = re.compile(rb'name="csrf_token"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="csrf_token"')


@dataclass
class Walk:
    """One database, one application, everybody's cookies. ``renew`` puts the rows back as they were planted."""

    app: Flask
    planted: Planted
    renew: Callable[[], None]
    requests: int = 0
    #: Own words that were shown to those who may see them: proof that the walk can see.
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.written: list[str] = []
        pending: dict[int, list[str]] = defaultdict(list)

        def note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if found := WRITE.match(statement):
                pending[id(connection)].append(found[1])

        with self.app.app_context():
            event.listen(db.engine, "before_cursor_execute", note)
            event.listen(db.engine, "rollback", lambda connection: pending.pop(id(connection), None))
            event.listen(db.engine, "commit", lambda connection: self.written.extend(pending.pop(id(connection), ())))

    def findings(self, names: Iterable[str] = PRINCIPALS) -> Iterator[str]:
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.endpoint != "static"]
        for name in names:
            yield from Person(self, name).walk(rules)


@dataclass
class Person:
    """One principal with a browser of its own."""

    walk_: Walk
    name: str

    def __post_init__(self) -> None:
        planted = self.walk_.planted
        outsider = self.name in OUTSIDERS
        self.own, self.foreign = (planted.there, planted.here) if outsider else (planted.here, planted.there)
        self.role = AT_HOME.get(self.name, self.name)
        self.forbidden = self._forbidden()
        self.browser = PageClient(self.walk_.app).raw
        if self.name in planted.cookies:
            self._show_cookie()

    def _show_cookie(self) -> None:
        self.browser.set_cookie(self.walk_.app.config["SESSION_COOKIE_NAME"], self.walk_.planted.cookies[self.name])

    def _forbidden(self) -> re.Pattern[bytes]:
        """Words this person may never be shown: of the other authority; for a specialist also of the task it does not work on."""
        if self.name in NOBODY:
            return re.compile(rb"zq(?:thu|khac|an)[a-z0-9]*")
        foreign = ["thu", "an"] if self.name in OUTSIDERS else ["khac"]
        if self.name in SPECIALISTS:
            foreign.append("an")
        return re.compile(rb"zq(?:" + "|".join(foreign).encode() + rb")[a-z0-9]*")

    def walk(self, rules: list[Rule]) -> Iterator[str]:
        """What must be refused, one's own pages, one's own deeds (each undone; the outsiders' are the insiders' seen from the other side)."""
        before, self.foreign_rows = self._rows(), self._rows(self.foreign.authority_id)
        if self.name not in NOBODY:
            home = next(rule for rule in rules if rule.endpoint == "dashboard.home")
            self.nowhere = self._ask(home, "GET", {"authority": NO_NAME})[0]
        for rule in rules:
            for method in _methods(rule):
                yield from self._refusals(rule, method)
        mine = [rule for rule in rules if self._may(rule)]
        for rule in mine:
            if "GET" in _methods(rule):
                yield from self._own_pages(rule)
        for table in differences(before, self._rows()):
            yield f"{self.name}: refused requests and opened pages changed {table}"
        for rule in mine if self.name not in OUTSIDERS else ():
            if "POST" in _methods(rule):
                yield from self._own_deeds(rule)

    def _may(self, rule: Rule) -> bool:
        line = POLICY[rule.endpoint]
        return self.name in line.may if "authority" not in rule.arguments else self.name not in NOBODY and self.role in line.may

    def _refusals(self, rule: Rule, method: str) -> Iterator[str]:
        own, foreign = _values(rule, self.own), _values(rule, self.foreign)
        may = self._may(rule)
        if self.name in NOBODY:
            if not may:
                yield from self._sent_to_sign_in(rule, method, own)
            return
        refusal = None
        if not may:
            refusal = yield from self._told(rule, method, own, {403, 404})
        for name in sorted(rule.arguments - {"authority", *INSTALLATION_WIDE}):
            asked = {**own, name: foreign[name]}
            if asked != own:
                said = yield from self._told(rule, method, asked, {404} if may else {403, 404})
                if refusal is None or _bare(said) != _bare(refusal):
                    nothing = self._ask(rule, method, {**own, name: _nothing(foreign[name])})[0]
                    yield from self._alike(said, nothing, rule, method, asked)
        if self.name in SPECIALISTS:
            yield from self._hidden(rule, method, own)
        if "authority" in rule.arguments:
            said = yield from self._told(rule, method, foreign, {404})
            yield from self._alike(said, self.nowhere, rule, method, foreign)

    def _hidden(self, rule: Rule, method: str, own: Mapping[str, Any]) -> Iterator[str]:
        """A task of one's own authority that one does not work on: «not found», not «not allowed», for who may do such a thing at all."""
        asked = {**own, **{name: value for name, value in self.walk_.planted.hidden.items() if name in rule.arguments}}
        if asked != own:
            yield from self._told(rule, method, asked, {404} if self._may(rule) else {403, 404})

    def _sent_to_sign_in(self, rule: Rule, method: str, values: Mapping[str, Any]) -> Iterator[str]:
        answer, leaks = self._ask(rule, method, values)
        yield from leaks
        if not _to_sign_in(answer):
            yield f"{self._words(rule, method, values)} answered {answer.status_code}, not the way to sign-in"

    def _told(self, rule: Rule, method: str, values: Mapping[str, Any], statuses: set[int]) -> Generator[str, None, TestResponse]:
        """A refusal: one of these statuses, and nothing written."""
        answer, leaks = self._ask(rule, method, values)
        yield from leaks
        if answer.status_code not in statuses:
            yield f"{self._words(rule, method, values)} answered {answer.status_code}, not {' or '.join(map(str, sorted(statuses)))}"
        if self.walk_.written:
            yield f"{self._words(rule, method, values)} was refused, and wrote {self.walk_.written} all the same"
        return answer

    def _alike(self, said: TestResponse, nothing: TestResponse, rule: Rule, method: str, values: Mapping[str, Any]) -> Iterator[str]:
        """What is another's answers like what does not exist: same status, same words."""
        if (said.status_code, _bare(said)) != (nothing.status_code, _bare(nothing)):
            yield f"{self._words(rule, method, values)} does not answer like something that does not exist"

    def _own_pages(self, rule: Rule) -> Iterator[str]:
        values = _values(rule, self.own)
        if rule.endpoint == "dashboard.task_page" and self.own is self.walk_.planted.here and self.name not in SPECIALISTS:
            yield from self._ask(rule, "GET", {**values, **self.walk_.planted.hidden})[1]
        answer, leaks = self._ask(rule, "GET", values)
        yield from leaks
        if (answer.status_code >= 400 or _to_sign_in(answer)) and not rule.arguments & {"typed", "name", "token"}:
            yield f"{self._words(rule, 'GET', values)} answered {answer.status_code}, though the policy lets {self.name} in"
        if rule.endpoint == "evidence.file" and answer.data != self.own.bytes.encode():
            yield f"{self._words(rule, 'GET', values)} served other bytes than the authority's own"
        hunting = {"q": "zqthu" if self.name in OUTSIDERS else "zqkhac", "unit": self.foreign.unit, "round": self.foreign.round}
        for query in (hunting, {"export": "xlsx"})[: 2 if b"export=xlsx" in answer.data else 1]:
            answer, leaks = self._ask(rule, "GET", values, query=query)
            yield from leaks
            if answer.status_code >= 500:
                yield f"{self._words(rule, 'GET', values)} broke with {query}"

    def _own_deeds(self, rule: Rule) -> Iterator[str]:
        """Posts about one's own things: with an empty form, with everything foreign that fields can name, and with fields no form has."""
        values = _values(rule, self.own)
        words = self._words(rule, "POST", values)
        for data in ({}, _form(self.foreign), {**_form(self.own), **_smuggled(self.foreign)}):
            answer, leaks = self._ask(rule, "POST", values, data=data)
            yield from leaks
            if answer.status_code >= 500:
                yield f"{words} broke"
            if (answer.status_code in (401, 403) and "authority" in rule.arguments) or (
                _to_sign_in(answer) and not rule.endpoint.startswith("accounts.")
            ):
                yield f"{words} answered {answer.status_code}, though the policy lets {self.name} do it"
            if answer.status_code >= 400 and self.walk_.written:
                yield f"{words} answered {answer.status_code}, and wrote {self.walk_.written} all the same"
            elif self.walk_.written:
                for table in differences(self.foreign_rows, self._rows(self.foreign.authority_id)):
                    yield f"{words} changed the other authority's {table}"
                self._renew()
        yield from self._stores_apart(rule, values)

    def _renew(self) -> None:
        self.walk_.renew()
        if self.name in self.walk_.planted.cookies:
            self._show_cookie()

    def _stores_apart(self, rule: Rule, values: Mapping[str, Any]) -> Iterator[str]:
        """The very bytes of the other authority's file, brought here: they lie here a second time, and nobody says they are known."""
        if rule.endpoint != "evidence.bring":
            return
        data = {"kind": "file", "slot": "", "file": (BytesIO(self.foreign.bytes.encode()), "a.pdf")}
        answer, leaks = self._ask(rule, "POST", values, data=data)
        yield from leaks
        folder = self.walk_.app.config["TRACKER_DATA"] / "evidence"
        if answer.status_code == 302 and not (folder / str(self.own.authority_id) / self.foreign.sha256).is_file():
            yield f"{self._words(rule, 'POST', values)} did not lay the file into the authority's own folder"
        for left in folder.glob(f"{self.own.authority_id}/{self.foreign.sha256}"):
            left.unlink()
        self._renew()

    def _rows(self, authority_id: int | None = None) -> dict[str, str]:
        with self.walk_.app.app_context():
            found = fingerprint(db.session(), authority_id)
            db.session.remove()
            return found

    def _ask(
        self, rule: Rule, method: str, values: Mapping[str, Any], *, query: Mapping[str, str] | None = None, data: Any = None
    ) -> tuple[TestResponse, list[str]]:
        """The answer, and what it gives away that it must not."""
        path = self.walk_.app.url_map.bind("localhost").build(rule.endpoint, dict(values), method=method)
        self.walk_.requests += 1
        self.walk_.written.clear()
        answer = self.browser.open(path, method=method, query_string=query, data=data)
        if self.name in NOBODY and self.name not in self.walk_.planted.cookies:
            self.browser.delete_cookie(self.walk_.app.config["SESSION_COOKIE_NAME"])
        self.walk_.written[:] = [table for table in self.walk_.written if table not in RESTLESS]
        given = _everything(answer)
        sent = {str(value) for value in (*values.values(), *(query or {}).values(), *_typed(data)) if WORD.search(str(value))}
        for said in sorted(sent, key=len, reverse=True):
            for way in (said, quote(said), quote_plus(said), escape(said)):
                given = given.replace(way.encode(), b"")
        leaks = sorted({word.decode() for word in self.forbidden.findall(given)})
        for word in WORD.finditer(given.decode("utf-8", "replace")):
            self.walk_.seen[word[0]] += 1
        return answer, [f"{self._words(rule, method, values)} showed {', '.join(leaks)}"] if leaks else []

    def _words(self, rule: Rule, method: str, values: Mapping[str, Any]) -> str:
        return f"{self.name}: {method} {rule.endpoint} {dict(values)}"


def _methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})


def _values(rule: Rule, objects: Objects) -> dict[str, Any]:
    """What the arguments of an address name in one authority. An argument nobody knows fails."""
    line, known, values = POLICY[rule.endpoint], asdict(objects), {}
    for argument in sorted(rule.arguments):
        name = line.objects.get(argument, argument)
        if argument in INSTALLATION_WIDE:
            values[argument] = INSTALLATION_WIDE[argument]
            continue
        assert name in known, f"{rule.endpoint}: say in tests/security/policy.py which planted object “{argument}” names ({', '.join(known)})"
        values[argument] = known[name]
    return values


def _nothing(value: Any) -> Any:
    return NO_NUMBER if isinstance(value, int) else NO_NAME


def _to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")


def _bare(answer: TestResponse) -> bytes:
    """The body without its tokens and without the address that was asked for."""
    path = answer.request.path
    body = CSRF.sub(b"", answer.data)
    for said in {path, quote(path), quote(path, safe="")}:
        body = body.replace(said.encode(), b"-")
    return body


def _everything(answer: TestResponse) -> bytes:
    """Headers and body; of a workbook what its sheets say."""
    parts = [f"{name}: {value}".encode() for name, value in answer.headers if name != "Set-Cookie"]
    if answer.data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(answer.data)) as book:
            parts += [book.read(name) for name in book.namelist()]
    return b"\n".join([*parts, answer.data])


def _typed(data: Any) -> list[str]:
    found: list[str] = []
    for value in (data or {}).values():
        found += [str(one) for one in value] if isinstance(value, list) else [value] if isinstance(value, str) else []
    return [one for one in found if len(one) > 3]


def form_fields() -> set[str]:
    """The name of every field of every form of the product."""
    found: set[str] = set()
    pending = list(FlaskForm.__subclasses__())
    while pending:
        form = pending.pop()
        pending += form.__subclasses__()
        if form.__module__.startswith("tracker."):
            found |= {name for name in dir(form) if hasattr(getattr(form, name), "field_class")}
    return found


def _form(objects: Objects) -> dict[str, Any]:
    """A value for every field of every form; what can name a thing names one of these objects."""
    naming = {
        "unit": objects.unit,
        "member": objects.unit,
        "focal_unit": objects.unit,
        "lead": objects.unit,
        "cooperators": [objects.unit],
        "group": objects.group,
        "rule": objects.rule,
        "notice": objects.notice,
        "set": objects.set,
        "indicators": [str(objects.indicator_id)],
        "indicator": str(objects.indicator_id),
        "slot": f"r{objects.requirement_id}",
        "proofs": [str(objects.proof_id)],
        "number": "1",
        "signing": "head",
        "cause": "other",
        "username": objects.username,
        "display_name": "Đồng chí Mới",
        "email": "moi@mau.test",
        "url": "https://mau.test/",
        "kind": "link",
        "figure": "1",
        "role": "specialist",
        "move": "set_supplied_elsewhere",
        "tasks": [str(objects.task_id)],
        "tickets": [f"{objects.task_id}-1"],
        "item": str(objects.item_id),
        "source": str(objects.task_id),
        "requests": [f"{objects.extension_id}-1"],
        "mentioned": [str(objects.account_id)],
        "reply_by_on": "01/12/2026",
        "decision": "grant_other",
        "wished_on": "01/12/2026",
        "due_on": "01/12/2026",
        "units": [str(objects.unit_id)],
        "until": "01/12/2026",
        "answer_by": "01/12/2026",
        "issued_on": "18/11/2026",
        "copies": "one",
        "addressed": "named",
        "signer": "head",
        "round": objects.round,
        "how": "print",
        "active": "no",
        "locale": "vi",
        "version": "1",
        "valid_from": "01/12/2026",
        "last_day": "01/12/2026",
        "issued": "01/11/2026",
        "last_on": "01/12/2026",
        "next": "",
        "carried": _carried(objects),
        "unit_name": objects.unit_name,
    }
    return {**{name: "Nội dung gửi lên" for name in form_fields() if name not in ("csrf_token", "file")}, **naming}


def _carried(objects: Objects) -> str:
    line = {field_: "" for field_, _heading in IMPORT_COLUMNS}
    line |= {"number": 2, "display_name": "Đồng chí Mới", "username": objects.username, "role": "Chuyên viên", "unit": objects.unit_name}
    return base64.b64encode(json.dumps([line]).encode()).decode()


def _smuggled(objects: Objects) -> dict[str, Any]:
    """Fields no form has: whoever binds them by name would write into the other authority."""
    names = ("authority_id", "task_id", "unit_id", "account_id", "proof_id", "membership_id", "assignment_id")
    return {
        **{name: str(getattr(objects, name)) for name in names},
        "authority": objects.authority,
        "id": str(objects.task_id),
        "status": "accepted",
        "demo": "1",
    }


@contextmanager
def walking(app: Flask, planted: Planted, restore: Callable[[], None]) -> Iterator[Walk]:
    """A walk over the planted database, with nobody connected to it while it is restored, nor afterwards."""

    def leave() -> None:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()

    def renew() -> None:
        leave()
        restore()

    yield Walk(app, planted, renew)
    leave()
