"""The planted database: see plant.py."""

from __future__ import annotations

import importlib
import inspect
import operator
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.stores import Stores
from tests.security import plant
from tests.security.plant import Planted


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
def mutate(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str, str], None]:
    """Rewrites a function's source: ``mutate("tracker.tasks.queries", "visible", "if …:", "if True:")``.

    The code object is exchanged, so that whoever imported the function gets the mutant too.
    """

    def change(module: str, function: str, cut: str, instead: str) -> None:
        home = importlib.import_module(module)
        original = operator.attrgetter(function)(home)
        source = textwrap.dedent(inspect.getsource(original))
        assert source.count(cut.strip("\n")) == 1, f"{module}.{function} no longer says “{cut}” once: choose another mutant"
        names = dict(vars(home))
        exec(compile("from __future__ import annotations\n" + source.replace(cut.strip("\n"), instead.strip("\n")), module, "exec"), names)
        monkeypatch.setattr(original, "__code__", names[original.__name__].__code__)

    return change
