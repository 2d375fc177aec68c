"""Whose rows a session may see: unread without a choice, narrowed by it, and no link between two authorities even where Python is asked nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import case, create_engine, delete, exists, func, insert, literal, or_, select, text, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased, sessionmaker

import tracker
from tests.factories import World, add_authority, add_unit
from tracker.indicators.models import Indicator
from tracker.kernel import scope
from tracker.kernel.database import Keyed
from tracker.kernel.scope import OutOfScope, ScopeNotChosen
from tracker.tasks.models import Task
from tracker.units.models import Authority, Unit, UnitAlias

Other = aliased(Task)
_of_indicator = Task.indicator_id == Indicator.id

#: Every way of asking that the product has, each answering with a set of task ids or with their number.
IDS: dict[str, Callable[[], Any]] = {
    "whole rows": lambda: select(Task),
    "a column": lambda: select(Task.id),
    "an alias": lambda: select(Other.id),
    "a join": lambda: select(Task.id).join(Unit, Unit.id == Task.unit_id),
    "a join from a library table": lambda: select(Task.id).select_from(Indicator).join(Task, _of_indicator),
    "an outer join": lambda: select(Task.id).select_from(Indicator).outerjoin(Task, _of_indicator).where(Task.id.is_not(None)),
    "two tables without a join": lambda: select(Task.id).where(Indicator.id == Task.indicator_id),
    "a subquery": lambda: select(select(Task.id).subquery().c.id),
    "a common table expression": lambda: select(select(Task.id).cte().c.id),
    "a union": lambda: union_all(select(Task.id).where(Task.status == "not_started"), select(Other.id).where(Other.status != "not_started")),
    "an alias of what is the same row": lambda: select(Task.id).join(Other, Other.id == Task.id),
    "an order by another keyed table": lambda: select(Task.id).order_by(select(Unit.name).where(Unit.id == Task.unit_id).scalar_subquery()),
}
NUMBERS: dict[str, Callable[[], Any]] = {
    "a count of a column": lambda: select(func.count(Task.id)),
    "a count of distinct values": lambda: select(func.count(Task.id.distinct())),
    "a count of rows": lambda: select(func.count()).select_from(Task),
    "a count over a library table": lambda: select(func.count()).select_from(Indicator).join(Task, _of_indicator),
    "a count of an alias": lambda: select(func.count(Other.id)),
    "a sum of cases": lambda: select(func.sum(case((Task.status == "not_started", 1), else_=0))),
    "a sum of coalesces": lambda: select(func.sum(func.coalesce(Task.version, 0))),
    "a count in a subquery": lambda: select(select(func.count(Task.id).label("n")).subquery().c.n),
    "a count in a common table expression": lambda: select(select(func.count(Task.id).label("n")).cte().c.n),
    "a scalar subquery": lambda: select(select(func.count(Task.id)).scalar_subquery()),
    "a window": lambda: select(func.count(Task.id).over()).select_from(Task).limit(1),
}
#: A question about one foreign task: does it exist?
EXISTS: dict[str, Callable[[int], Any]] = {
    "exists at the top": lambda task_id: select(exists().where(Task.id == task_id)),
    "exists of a select": lambda task_id: select(select(Task.id).where(Task.id == task_id).exists()),
    "a literal with a where": lambda task_id: select(func.count()).select_from(select(literal(1)).where(Task.id == task_id).subquery()),
    "an in-subquery": lambda task_id: select(
        select(Indicator.id).where(Indicator.id.in_(select(Task.indicator_id).where(Task.id == task_id))).exists()
    ),
    "a correlated exists": lambda task_id: select(
        select(Indicator.id).where(select(Task.id).where(_of_indicator, Task.id == task_id).exists()).exists()
    ),
    "a having": lambda task_id: select(
        select(Indicator.set_id)
        .group_by(Indicator.set_id)
        .having(select(func.count(Task.id)).where(Task.id == task_id).scalar_subquery() > 0)
        .exists()
    ),
    "an alias in an or": lambda task_id: select(select(Other.id).where(or_(Other.id == task_id, false_of(Other))).exists()),
}
ALL = {**IDS, **NUMBERS, **{name: (lambda make=make: make(1)) for name, make in EXISTS.items()}}


def false_of(model: Any) -> Any:
    return model.version < 0


@pytest.fixture
def narrow(session: Session, world: World) -> Session:
    """The session as the gate leaves it for a page of the first authority."""
    session.expire_all()
    scope.choose(session, scope.one(world.authority.id))
    return session


@pytest.fixture
def undecided() -> Iterator[Session]:
    """A session nobody chose a scope for, on a database without tables: what reaches it fails in another way."""
    factory = sessionmaker(create_engine("sqlite://"))
    scope.install(factory)
    with factory() as session:
        yield session


@pytest.mark.parametrize("question", ALL)
def test_nothing_is_read_before_somebody_said_whose(undecided: Session, question: str) -> None:
    with pytest.raises(ScopeNotChosen):
        undecided.execute(ALL[question]())


@pytest.mark.parametrize(
    "statement", [update(Task).values(title="x"), delete(Task), insert(UnitAlias).values(alias="x"), select(Task.__table__), update(Task.__table__)]
)
def test_nothing_is_written_or_read_around_the_models_before_somebody_said_whose(undecided: Session, statement: Any) -> None:
    with pytest.raises(ScopeNotChosen):
        undecided.execute(statement)


def test_a_new_row_waits_for_somebody_to_say_whose(undecided: Session) -> None:
    undecided.add(UnitAlias(unit_id=1, alias="x", alias_key="x", position=0))
    with pytest.raises(ScopeNotChosen):
        undecided.flush()


@pytest.mark.db
def test_the_library_is_read_without_a_choice(session: Session, world: World) -> None:
    scope.forget(session)
    assert session.scalar(select(func.count(Indicator.id))) == 5
    assert session.scalar(select(func.count(Authority.id))) == 2


@pytest.mark.db
def test_every_read_sees_one_authority(narrow: Session, world: World) -> None:
    mine = [task.id for task in world.tasks]
    for words, make in IDS.items():
        found = narrow.scalars(make()).all()
        assert sorted(getattr(row, "id", row) for row in found) == mine, words
    for words, make in NUMBERS.items():
        assert narrow.scalar(make()) == len(mine), words


@pytest.mark.db
def test_a_foreign_task_does_not_exist(narrow: Session, world: World) -> None:
    foreign, own = world.elsewhere_tasks[0].id, world.tasks[0].id
    for words, make in EXISTS.items():
        assert not narrow.scalar(make(foreign)), words
        assert narrow.scalar(make(own)), words


@pytest.mark.db
def test_a_statement_the_criterion_would_not_reach_is_refused_rather_than_answered(narrow: Session, world: World) -> None:
    """SQLAlchemy does not see a model behind a bare window function."""
    with pytest.raises(OutOfScope):
        narrow.scalar(select(func.count(Task.id).over()))


@pytest.mark.db
def test_a_row_fetched_by_its_key_is_of_the_authority_in_scope(session: Session, world: World) -> None:
    here, own, foreign = world.authority.id, world.tasks[0].id, world.elsewhere_tasks[0].id
    session.expunge_all()
    scope.choose(session, scope.one(here))
    assert session.get(Task, foreign) is None
    assert session.get(Task, own) is not None


@pytest.mark.db
def test_a_subtree_sees_the_authorities_named_and_no_other(session: Session, world: World) -> None:
    third = add_authority(session, "xa-ba", "UBND xã Ba")
    add_unit(session, third, "Văn phòng")
    session.commit()
    scope.choose(session, scope.subtree((world.authority.id, third.id)))
    assert session.scalar(select(func.count(Task.id))) == len(world.tasks)
    assert set(session.scalars(select(Unit.authority_id).distinct())) == {world.authority.id, third.id}
    scope.choose(session, scope.subtree(()))
    assert session.scalar(select(func.count(Unit.id))) == 0


@pytest.mark.db
def test_the_whole_installation_needs_a_reason_and_sees_all(session: Session, world: World) -> None:
    assert scope.chosen(session).reason
    assert session.scalar(select(func.count(Task.id))) == len(world.tasks) + len(world.elsewhere_tasks)


@pytest.mark.db
def test_update_and_delete_statements_reach_one_authority(narrow: Session, world: World) -> None:
    foreign = [task.id for task in world.elsewhere_tasks]
    assert narrow.execute(update(Task).values(reason="của mình")).rowcount == len(world.tasks)
    assert narrow.execute(update(Task).where(Task.id.in_(foreign)).values(reason="của người")).rowcount == 0
    assert narrow.execute(delete(Task).where(Task.id.in_(foreign))).rowcount == 0
    assert narrow.execute(delete(Task).where(Task.id == world.tasks[-1].id)).rowcount == 1
    with scope.using(narrow, scope.whole("a look from outside")):
        assert narrow.scalars(select(Task.reason).where(Task.id.in_(foreign))).all() == [None] * len(foreign)


@pytest.mark.db
def test_the_choice_holds_for_its_stretch_only(narrow: Session, world: World) -> None:
    with scope.using(narrow, scope.one(world.elsewhere.id)):
        assert narrow.scalars(select(Task.authority_id).distinct()).all() == [world.elsewhere.id]
    assert narrow.scalars(select(Task.authority_id).distinct()).all() == [world.authority.id]
    scope.forget(narrow)
    with scope.using(narrow, scope.one(world.elsewhere.id)):
        pass
    with pytest.raises(ScopeNotChosen):
        scope.chosen(narrow)


def _unit(authority_id: int | None) -> dict[str, Any]:
    named = {
        "slug": "phong-moi",
        "name": "Phòng Mới",
        "folded": "phong moi",
        "sort_key": "",
        "kind": "office",
        "position": 9,
        "valid_from": date(2026, 1, 1),
    }
    return {**named, "authority_id": authority_id}


@pytest.mark.db
def test_a_new_row_takes_the_authority_in_scope(narrow: Session, world: World) -> None:
    unit = Unit(**_unit(None))
    narrow.add(unit)
    narrow.flush()
    assert unit.authority_id == world.authority.id


@pytest.mark.db
@pytest.mark.parametrize("choice", ["one", "subtree"])
def test_a_row_of_another_authority_is_not_written(session: Session, world: World, choice: str) -> None:
    foreign, here = world.elsewhere.id, world.authority.id
    row = session.scalars(select(Unit).where(Unit.authority_id == foreign)).first()
    scope.choose(session, scope.one(here) if choice == "one" else scope.subtree((here,)))
    attempts: dict[str, Callable[[], Any]] = {
        "added": lambda: session.add(Unit(**_unit(foreign))),
        "changed": lambda: setattr(row, "name", "Tên khác"),
        "deleted": lambda: session.delete(row),
        "moved": lambda: setattr(session.get(Unit, world.room.id), "authority_id", foreign),
        "inserted": lambda: session.execute(insert(Unit).values(**_unit(foreign))),
        "inserted in bulk": lambda: session.execute(insert(Unit), [_unit(here), {**_unit(foreign), "slug": "khac"}]),
        "inserted in one statement": lambda: session.execute(insert(Unit).values([_unit(here), {**_unit(foreign), "slug": "khac"}])),
        "moved by a statement": lambda: session.execute(update(Unit).where(Unit.id == world.room.id).values(authority_id=foreign)),
        "moved by an expression": lambda: session.execute(update(Unit).where(Unit.id == world.room.id).values(authority_id=Unit.authority_id + 1)),
        "updated by a list of ids": lambda: session.execute(update(UnitAlias), [{"id": 1, "alias": "x"}]),
        "updated around the models": lambda: session.execute(update(Unit.__table__).values(name="x")),
        "read around the models": lambda: session.execute(select(Unit.__table__.c.name)),
    }
    for words, attempt in attempts.items():
        with pytest.raises(OutOfScope):
            attempt()
            session.flush()
            pytest.fail(f"{words}: nobody objected")
        session.rollback()


@pytest.mark.db
def test_rows_of_the_authority_in_scope_are_inserted_in_bulk(narrow: Session, world: World) -> None:
    narrow.execute(insert(Unit), [_unit(world.authority.id), {**_unit(world.authority.id), "slug": "khac"}])
    assert narrow.scalar(select(func.count(Unit.id)).where(Unit.slug.in_(["phong-moi", "khac"]))) == 2


@pytest.mark.db
def test_the_database_itself_refuses_a_link_between_two_authorities(session: Session, world: World) -> None:
    """Raw statements: what happens when every guard in Python has been forgotten."""
    foreign_unit = session.scalars(select(Unit.id).where(Unit.authority_id == world.elsewhere.id)).first()
    links = {
        "a task led by a foreign unit": "UPDATE task SET unit_id = :unit WHERE id = :task",
        "a task in a foreign round": f"UPDATE task SET round_id = {world.elsewhere_round.id} WHERE id = :task",
        "a task handed to another authority": f"UPDATE task SET authority_id = {world.elsewhere.id} WHERE id = :task",
        "an assignment to a foreign unit": f"UPDATE assignment SET lead_unit_id = :unit WHERE authority_id = {world.authority.id}",
        "a membership in a foreign unit": f"UPDATE membership SET unit_id = :unit WHERE unit_id = {world.room.id}",
        "a foreign member of a group": f"UPDATE group_member SET member_id = :unit WHERE member_id = {world.room.id}",
        "a foreign cooperator": "UPDATE cooperation SET unit_id = :unit",
        "a round of a foreign rule": f"UPDATE round SET rule_id = {world.rule.id} WHERE id = {world.elsewhere_round.id}",
    }
    given = {"unit": foreign_unit, "task": world.task.id}
    for words, statement in links.items():
        with pytest.raises(IntegrityError):
            session.execute(text(statement), {name: value for name, value in given.items() if f":{name}" in statement})
            pytest.fail(f"{words}: the database let it through")
        session.rollback()


def test_nobody_fetches_a_keyed_row_by_its_key() -> None:
    """``Session.get`` answers from the identity map without asking the database, whatever the scope."""
    keyed = {model.__name__ for model in Keyed.__subclasses__()}
    calls = re.compile(r"\.get\(\s*(?:\w+\.)?([A-Z]\w+)\s*,")
    root = Path(tracker.__file__).parent
    found = [f"{path.relative_to(root)}: {name}" for path in root.rglob("*.py") for name in calls.findall(path.read_text()) if name in keyed]
    assert found == []


def test_nobody_uses_the_ways_of_writing_that_no_guard_sees() -> None:
    """SQLAlchemy's legacy bulk methods fire no event."""
    root = Path(tracker.__file__).parent
    found = [
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if any(f"bulk_{kind}" in path.read_text() for kind in ("save_objects", "insert_mappings", "update_mappings"))
    ]
    assert found == []
