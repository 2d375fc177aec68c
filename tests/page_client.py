"""A browser for tests: it follows links and posts the forms it was shown, and checks every page it is given.

page = client.get("/ninh-son/tasks/12")
page.form("/ninh-son/tasks/12/ready").fill(note="Đã đủ").submit()
assert page.h1 == "…"; assert "Quá hạn" in page.text; page.link("Xuất Excel").follow()
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml.etree import _Element
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.harness.page_rules import faults, parse, words
from tests.harness.stores import PASSWORD

REDIRECTS = (301, 302, 303, 307, 308)
#: Where people sign in.
DOOR = "/sign-in"


def _heading(cell: _Element) -> str:
    """What the heading says, without the sentence that explains it."""
    explained = "".join(words(tip) for tip in cell.xpath(".//*[@class='tip']"))
    return words(cell).removesuffix(explained)


@dataclass
class Page:
    """An answer. Of an HTML one everything can be asked; of a file only ``data``, ``status``, ``headers``."""

    client: PageClient
    response: TestResponse
    path: str

    def __post_init__(self) -> None:
        self.status = self.response.status_code
        self.headers = self.response.headers
        self.data = self.response.data
        self.root: _Element | None = None
        if self.response.mimetype == "text/html" and self.data:
            self.root, errors = parse(self.data)
            found = errors + faults(self.root, self.headers)
            assert not found, f"{self.path} ({self.status}) is not a good page:\n- " + "\n- ".join(found)

    @property
    def tree(self) -> _Element:
        assert self.root is not None, f"{self.path} answered {self.status} {self.response.mimetype}, not a page"
        return self.root

    @property
    def h1(self) -> str:
        return words(self.tree.xpath("//h1")[0])

    @property
    def text(self) -> str:
        """Everything a reader can read, one space between words."""
        return words(self.tree.find("body"))

    @property
    def main(self) -> str:
        """The text of the page without its frame."""
        return words(self.tree.xpath("//main")[0])

    def all(self, xpath: str) -> list[_Element]:
        return list(self.tree.xpath(xpath))

    def texts(self, xpath: str) -> list[str]:
        return [words(element) for element in self.all(xpath)]

    def table(self, caption: str = "") -> list[dict[str, str]]:
        """The rows of the table whose caption or label contains ``caption``: heading → text."""
        for table in self.all("//table"):
            name = " ".join([*(words(c) for c in table.xpath("caption")), table.get("aria-label") or ""])
            if caption in name:
                heads = [_heading(cell) for cell in table.xpath("./thead//th")]
                return [dict(zip(heads, [words(cell) for cell in row.xpath("./td | ./th")], strict=False)) for row in table.xpath("./tbody/tr")]
        raise AssertionError(f"{self.path} has no table “{caption}”; it has {self.texts('//table/caption')}")

    def link(self, label: str) -> Link:
        """The first link that says ``label``, or contains it where none says just that."""
        links = [(words(a) or a.get("aria-label") or "", a.get("href")) for a in self.all("//a[@href]")]
        for says in (lambda said: said == label, lambda said: label in said):
            for said, href in links:
                if says(said):
                    return Link(self, said, href)
        raise AssertionError(f"{self.path} has no link “{label}”; it has {[said for said, _href in links]}")

    def has_link(self, label: str) -> bool:
        return any(label in (words(a) or a.get("aria-label") or "") for a in self.all("//a[@href]"))

    def form(self, action: str = "") -> Form:
        """The form whose action ends with or contains ``action``; without one, the only form of the page's main part."""
        forms = [f for f in self.all("//form") if action in (f.get("action") or "")] if action else self.all("//main//form")
        exact = [f for f in forms if (f.get("action") or "").split("?")[0].endswith(action)] if action else forms
        chosen = exact or forms
        assert chosen, f"{self.path} has no form to “{action}”; it has {self.all('//form/@action')}"
        assert action or len(chosen) == 1, f"{self.path} has several forms, name one: {[f.get('action') for f in chosen]}"
        return Form(self, chosen[0])

    def has_form(self, action: str) -> bool:
        return any(action in (f.get("action") or "") for f in self.all("//form"))

    @property
    def errors(self) -> list[str]:
        """The sentences of the summary of errors."""
        return self.texts("//*[contains(concat(' ', @class, ' '), ' error-summary ')]//li")


@dataclass
class Link:
    page: Page
    label: str
    href: str

    def follow(self, status: int = 200) -> Page:
        return self.page.client.get(urljoin(self.page.path, self.href), status=status)


@dataclass
class Form:
    """A form as it was shown, with what it would send. Filling a field it does not have fails."""

    page: Page
    element: _Element
    uploads: list[tuple[str, str, bytes, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.values: MultiDict[str, str] = MultiDict(self._shown())

    def _controls(self) -> list[_Element]:
        own = self.element.xpath(".//input | .//select | .//textarea | .//button")
        name = self.element.get("id")
        return own + (self.element.xpath("//*[@form=$name]", name=name) if name else [])

    def _shown(self) -> Iterator[tuple[str, str]]:
        for control in self._controls():
            name, kind = control.get("name"), control.get("type", "text")
            if not name or control.get("disabled") is not None or control.tag == "button" or kind in ("submit", "button", "file", "image"):
                continue
            if control.tag == "select":
                chosen = control.xpath(".//option[@selected]") or ([] if control.get("multiple") is not None else control.xpath(".//option")[:1])
                yield from ((name, _value(option)) for option in chosen)
            elif control.tag == "textarea":
                yield name, (control.text or "").removeprefix("\n")
            elif kind not in ("checkbox", "radio") or control.get("checked") is not None:
                yield name, control.get("value", "on" if kind in ("checkbox", "radio") else "")

    @property
    def action(self) -> str:
        return urljoin(self.page.path, self.element.get("action") or "")

    def fill(self, **values: Any) -> Form:
        """Sets fields: text, True/False for a checkbox, a list for several, None to send nothing. Choices must be offered."""
        for name, value in values.items():
            controls = [c for c in self._controls() if c.get("name") == name]
            assert controls, (
                f"the form to {self.action} has no field “{name}”; it has {sorted({c.get('name') for c in self._controls() if c.get('name')})}"
            )
            self.values.poplist(name)
            for one in _several(value, controls[0]):
                offered = _offered(controls)
                assert offered is None or one in offered, f"“{name}” does not offer “{one}”, but {sorted(offered)}"
                self.values.add(name, one)
        return self

    def upload(self, name: str, filename: str, content: bytes, media_type: str = "application/octet-stream") -> Form:
        """Chooses a file in a file field."""
        assert any(c.get("name") == name and c.get("type") == "file" for c in self._controls()), (
            f"the form to {self.action} has no file field “{name}”"
        )
        self.uploads.append((name, filename, content, media_type))
        return self

    def tamper(self, **values: str) -> Form:
        """Sends what the form does not offer: for tests of bad input and of foreign ids."""
        for name, value in values.items():
            self.values.poplist(name)
            self.values.add(name, value)
        return self

    def submit(self, button: str = "", status: int = 200) -> Page:
        """Presses the button that says ``button`` (or the first) and follows redirects; ``status`` is the last page's."""
        target, sent = self.action, self.values.copy()
        pressed = self._button(button)
        if pressed is not None:
            target = urljoin(self.page.path, pressed.get("formaction") or self.action)
            if pressed.get("name"):
                sent.add(pressed.get("name"), pressed.get("value", ""))
        if self.element.get("method", "get").lower() == "get":
            return self.page.client.get(target, status=status, query_string=sent)
        data: MultiDict[str, Any] = MultiDict(sent)
        for name, filename, content, media_type in self.uploads:
            data.add(name, (BytesIO(content), filename, media_type))
        if self.element.get("enctype") == "multipart/form-data":
            return self.page.client.post(target, data, status=status, content_type="multipart/form-data")
        return self.page.client.post(target, data, status=status)

    def _button(self, label: str) -> _Element | None:
        buttons = [c for c in self._controls() if (c.tag == "button" and c.get("type", "submit") == "submit") or c.get("type") == "submit"]
        if not label:
            return buttons[0] if buttons else None
        named = [b for b in buttons if label in (words(b) or b.get("value") or "") or label == b.get("aria-label")]
        assert named, f"the form to {self.action} has no button “{label}”; it has {[words(b) or b.get('value') for b in buttons]}"
        return named[0]


def _value(option: _Element) -> str:
    value = option.get("value")
    return words(option) if value is None else value


def _several(value: Any, control: _Element) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return [control.get("value", "on")]
    return [str(one) for one in value] if isinstance(value, (list, tuple, set)) else [str(value)]


def _offered(controls: list[_Element]) -> set[str] | None:
    """The values a choice offers; None for free text."""
    first = controls[0]
    if first.tag == "select":
        return {_value(option) for option in first.xpath(".//option")}
    if first.get("type") in ("radio", "checkbox"):
        return {control.get("value", "on") for control in controls}
    return None


class _OwnContext(FlaskClient):
    """Each request in a context of its own, as a server would: nothing of the test's application context (``g``, the session) leaks in."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return contextvars.Context().run(super().open, *args, **options)


class PageClient:
    """One person's browser. ``raw`` is Flask's own test client, for what no browser would send."""

    def __init__(self, app: Flask, before: Callable[[], None] = lambda: None) -> None:
        self.app = app
        app.test_client_class = _OwnContext
        self.raw = app.test_client()
        self._before = before

    def get(self, path: str, status: int = 200, **options: Any) -> Page:
        """Opens an address and follows redirects. Fails where the last answer has another status."""
        self._before()
        return self._arrive(path, self.raw.get(path, **options), status)

    def post(self, path: str, data: Any = None, status: int = 200, **options: Any) -> Page:
        """Posts as it stands, without a form: what is missing (the CSRF token) stays missing."""
        self._before()
        return self._arrive(path, self.raw.post(path, data=data, **options), status)

    def sign_in(self, username: str, password: str = PASSWORD, status: int = 200) -> Page:
        """Through the form, as everybody does."""
        page = self.get(DOOR).form(DOOR).fill(username=username, password=password).submit(status=status)
        assert status != 200 or not page.path.startswith(DOOR), f"{username} could not sign in: {page.main}"
        return page

    def sign_out(self) -> Page:
        return self.get("/").form("/sign-out").submit()

    def _arrive(self, path: str, response: TestResponse, status: int) -> Page:
        for _hop in range(10):
            if response.status_code not in REDIRECTS or response.status_code == status:
                break
            target = urlsplit(urljoin(path, response.headers["Location"]))
            assert target.netloc in ("", "localhost"), f"{path} sends the browser away to {target.geturl()}"
            path = target.path + (f"?{target.query}" if target.query else "")
            response = self.raw.get(path)
        page = Page(self, response, path)
        assert page.status == status, (
            f"{path} answered {page.status}, not {status}: {page.main[:600] if page.root is not None else page.data[:600]!r}"
        )
        return page
