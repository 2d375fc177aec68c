"""Nothing is said outside the catalogue: every page of every role in a language whose words stand in brackets.

Outside the brackets stand only what comes from the database, what the page marks as Vietnamese (``lang="vi"``: papers, explanations to be
pasted into them, guides) and the few words below.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.harness.stores import Stores, make_app
from tests.page_client import REDIRECTS
from tests.security import pseudo
from tests.security.plant import Planted
from tests.security.walk import Person, Walk, _form, _methods, _values, walking
from tracker.documents.letter_wording_rules import USUAL
from tracker.kernel import scope
from tracker.kernel.database import db

#: Names that are the same in every language, and units of measure.
NAMES = {"Đôn Đốc", "English", "Tiếng Việt", "kB", "MB", "PDF", "Word", "Excel", "Zalo", "Mail", "flask authorities", "zqx"}
#: For who builds the product, and a guide: a document in Vietnamese from its title on.
LEFT_OUT = {"web.styleguide", "web.guide", "web.guides_", "operations.mail_page"}
#: What nobody means when they fill in a form; a page that refuses it shows it again.
NONSENSE = "zqx"
ROLES = ("anonymous", "owner", "head", "viewer", "chair", "focal", "admin")


@pytest.fixture
def walk(planted: Planted, stores: Stores, backend: str, database_url: str, data: Path, tmp_path: Path) -> Iterator[Walk]:
    """The planted database behind an application whose English is bracketed Vietnamese."""
    folder = pseudo.write(tmp_path / "translations")
    app = make_app(database_url, data, WTF_CSRF_ENABLED=False, BABEL_TRANSLATION_DIRECTORIES=str(folder))
    with walking(app, planted, lambda: stores.restore(database_url, backend, "planted")) as walk:
        yield walk


@pytest.mark.slow
@pytest.mark.db("sqlite")
@pytest.mark.parametrize("role", ROLES)
def test_every_word_of_every_page_is_in_the_catalogue(walk: Walk, role: str) -> None:
    known = _data(walk)
    pages = [(where, answer.data) for where, answer in answers(walk, role) if answer.mimetype == "text/html" and answer.status_code not in REDIRECTS]
    data = pseudo.Data({*known, *_data(walk)}, {*NAMES, *USUAL.values()})
    wrong = {f"{where} {fault}" for where, page in pages for fault in pseudo.outside(page, data)}
    assert len(pages) > (8 if role == "anonymous" else 60)
    assert not wrong, f"{len(wrong)} texts stand outside the catalogue:\n" + "\n".join(sorted(wrong)[:60])


def _data(walk: Walk) -> list[str]:
    with walk.app.app_context():
        session = db.session()
        scope.choose(session, scope.whole("a test"))
        found = pseudo.data_of(session)
        db.session.remove()
        return found


def answers(walk: Walk, role: str) -> Iterator[tuple[str, TestResponse]]:
    """Every page, a page that is not there, a page that is not allowed, and what forms answer that were sent empty or full of nonsense."""
    person = Person(walk, role)
    rules = [rule for rule in walk.app.url_map.iter_rules() if rule.endpoint != "static" and rule.endpoint not in LEFT_OUT]
    yield "nowhere", _open(person, "/khong-co-that/tasks", "GET")
    for rule in rules:
        if "GET" in _methods(rule):
            yield rule.endpoint, _open(person, _path(walk, rule, person, "GET"), "GET")
    nonsense = dict.fromkeys(_form(person.own), NONSENSE)
    for rule in rules:
        if "POST" in _methods(rule) and person._may(rule) and not rule.endpoint.startswith("accounts."):
            for sent in ({}, nonsense):
                answer = _open(person, _path(walk, rule, person, "POST"), "POST", sent)
                yield f"POST {rule.endpoint}", answer
                if answer.status_code == 302 and "/sign-in" not in answer.headers["Location"]:
                    yield f"after POST {rule.endpoint}", _open(person, answer.headers["Location"], "GET")


def _path(walk: Walk, rule: Rule, person: Person, method: str) -> str:
    return walk.app.url_map.bind("localhost").build(rule.endpoint, _values(rule, person.own), method=method)


def _open(person: Person, path: str, method: str, data: dict[str, str] | None = None) -> TestResponse:
    person.browser.set_cookie("locale", "en")
    return person.browser.open(path, method=method, data=data)


def test_the_walk_sees_what_stands_outside() -> None:
    data = pseudo.Data(["Phòng Nội vụ"], NAMES)
    page = '<!DOCTYPE html><html lang="en"><title>⟦Hạn⟧ · Đôn Đốc</title><body><h1>{}</h1><p lang="vi">Kính gửi</p><input placeholder="{}"></body></html>'
    assert pseudo.outside(page.format("⟦Hạn⟧ của Phòng Nội vụ", "⟦Tìm⟧").encode(), data) == ["h1.: “⟦Hạn⟧ của Phòng Nội vụ” says ['của']"]
    assert pseudo.outside(page.format("⟦Hạn⟧ Phòng Nội vụ 14/11, https://mau.test/a", "Tìm").encode(), data) == [
        "input.[placeholder]: “Tìm” says ['Tìm']"
    ]
    assert not pseudo.outside(page.format("Phòng Nội vụ; Phòng Nội vụ", "⟦Tìm⟧").encode(), data)
