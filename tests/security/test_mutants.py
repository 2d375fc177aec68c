"""Negative controls: a filter is taken out, and the walk over the addresses concerned must see it. Each alone, in bounded time.

That the walk finds nothing where nothing is taken out is test_tenancy.py's to say.

A mutant is one cut in one function. Choose another where the product has come to say it differently: the test then says so itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.security.walk import Person, Walk


@dataclass(frozen=True)
class Mutant:
    """``cut`` → ``instead`` in ``name`` of ``module``; ``who`` then walks ``rules`` and one finding must contain ``expected``."""

    module: str
    name: str
    cut: str
    instead: str
    who: str
    rules: tuple[str, ...]
    expected: str


MUTANTS: dict[str, Mutant] = {
    "a task is fetched without asking whose it is": Mutant(
        "tracker.tasks.access",
        "_TASK",
        'Task.id == bindparam("task_id"), SEEN[sight])',
        'Task.id == bindparam("task_id"))',
        "owner",
        ("tasks.ask_extension", "tasks.propose", "evidence.bring", "evidence.former", "evidence.ask_contribution", "tasks.say"),
        "answered 403, not 404",
    ),
    "what a unit was asked for is fetched for everybody of the authority": Mutant(
        "tracker.evidence.contribution_access",
        "contribution",
        "if row is None or not (row.Contribution.unit_id in viewer.unit_ids or access.sees_everything(viewer, row.Task)):",
        "if row is None:",
        "owner",
        ("evidence.contribution", "evidence.answer_contribution", "evidence.withdraw_contribution"),
        "not 404",
    ),
    "an item of evidence is fetched for everybody of the authority": Mutant(
        "tracker.evidence.access",
        "item",
        "if found is None or not (own or _serves(session, viewer, item_id) or _given(session, viewer, item_id)):",
        "if found is None:",
        "owner",
        ("evidence.item", "evidence.file"),
        "showed zqan",
    ),
    "a file is fetched without asking whose item it is": Mutant(
        "tracker.evidence.access",
        "file",
        "    item(session, viewer, row.item_id)\n",
        "",
        "owner",
        ("evidence.file",),
        "showed zqan",
    ),
    "a request for more time is fetched without its task": Mutant(
        "tracker.tasks.extension_access",
        "to_withdraw",
        "task = access.task(session, viewer, one.task_id)",
        "task = session.get_one(Task, one.task_id)",
        "owner",
        ("tasks.withdraw_extension",),
        "answered 403, not 404",
    ),
}


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("name", MUTANTS)
def test_the_walk_sees_it(name: str, walk: Walk, mutate: Callable[..., None]) -> None:
    mutant = MUTANTS[name]
    rules = [rule for rule in walk.app.url_map.iter_rules() if rule.endpoint in (*mutant.rules, "dashboard.home")]
    assert {rule.endpoint for rule in rules} == {*mutant.rules, "dashboard.home"}, "an address of the mutant is gone"
    mutate(mutant.module, mutant.name, mutant.cut, mutant.instead)
    found = list(Person(walk, mutant.who).walk(rules))
    assert any(mutant.expected in finding for finding in found), f"{name}: the walk found {found[:5]}"
