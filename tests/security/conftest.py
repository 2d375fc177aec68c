"""The planted database: see plant.py."""

from __future__ import annotations

import importlib
import operator
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness.stores import Stores, make_app
from tests.security import plant
from tests.security.plant import Planted
from tests.security.walk import Walk, walking


@pytest.fixture
def template(request: pytest.FixtureRequest, template: str, stores: Stores) -> str:
    if "planted" not in request.fixturenames:
        return template
    stores.describe("planted", "empty", plant.fill)
    return "planted"


@pytest.fixture
def planted(data: Path) -> Planted:
    """Two authorities with a giveaway word in every text."""
    return plant.load(data)


@pytest.fixture
def walk(planted: Planted, stores: Stores, backend: str, database_url: str, data: Path) -> Iterator[Walk]:
    """A walk over the planted database. Forms need no token here: who is let in is asked, not from where (see test_forgery.py)."""
    app = make_app(database_url, data, WTF_CSRF_ENABLED=False)
    with walking(app, planted, lambda: stores.restore(database_url, backend, "planted")) as walk:
        yield walk


@pytest.fixture
def mutate(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str, str], None]:
    """Rewrites a file of the product for one test: ``mutate("tracker.units.access", "_DESK", "Account.active,", "")``.

    Of a function the code object is exchanged, so that whoever imported it gets the mutant too.
    """

    def change(module: str, name: str, cut: str, instead: str) -> None:
        home = importlib.import_module(module)
        source = Path(home.__file__ or "").read_text(encoding="utf-8")
        assert source.count(cut) == 1, f"{module} does not say “{cut}” once: choose another mutant"
        names = types.SimpleNamespace(__name__=module)
        exec(compile(source.replace(cut, instead), home.__file__ or module, "exec"), vars(names))
        original, mutant = operator.attrgetter(name)(home), operator.attrgetter(name)(names)
        if isinstance(original, types.FunctionType):
            monkeypatch.setattr(original, "__code__", mutant.__code__)
        else:
            monkeypatch.setattr(home, name, mutant)

    return change
