"""Whose rows a session may see.

Every read of a :class:`~tracker.kernel.database.Keyed` model is narrowed to the scope chosen for the session, and refused
where none is chosen. The choices: one authority, an authority and those below it, some that a job takes together, or the whole
installation with a reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Table, UpdateBase, false, true
from sqlalchemy import event as sa_event
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.util import surface_selectables

from tracker.kernel.database import Base, Keyed

_KEY = "scope"
_MARK = "_scope_installed"


class ScopeNotChosen(RuntimeError):
    """A read of an authority's rows before anybody said whose."""


class OutOfScope(RuntimeError):
    """A write to another authority's rows."""


@dataclass(frozen=True, slots=True)
class Scope:
    """``authority_ids`` is None for the whole installation; ``reason`` says why that is right."""

    authority_ids: tuple[int, ...] | None
    reason: str = ""

    def allows(self, authority_id: int | None) -> bool:
        return self.authority_ids is None or authority_id in self.authority_ids


def one(authority_id: int) -> Scope:
    """The rows of one authority."""
    return Scope((authority_id,))


def subtree(authority_ids: Sequence[int]) -> Scope:
    """The rows of an authority and of those below it: for reading figures upwards."""
    return Scope(tuple(authority_ids))


def several(authority_ids: Collection[int]) -> Scope:
    """The rows of some authorities, for a job that serves them all in one read and keeps them apart itself."""
    return Scope(tuple(sorted(authority_ids)))


def whole(reason: str) -> Scope:
    """Every authority's rows: sign-in, jobs, operations."""
    return Scope(None, reason)


def choose(session: Session, scope: Scope) -> None:
    """From here on the session sees these rows."""
    if session.info.get(_KEY) != scope:
        session.expire_all() if session.info.get(_KEY) is not None else None
    session.info[_KEY] = scope


def chosen(session: Session) -> Scope:
    """The scope in force. Raises ScopeNotChosen."""
    scope = session.info.get(_KEY)
    if scope is None:
        raise ScopeNotChosen("Choose a scope before reading an authority's rows: scope.one(), scope.subtree() or scope.whole(reason).")
    assert isinstance(scope, Scope)
    return scope


def forget(session: Session) -> None:
    """Back to no scope."""
    session.info.pop(_KEY, None)


@contextmanager
def using(session: Session, scope: Scope) -> Iterator[None]:
    """The scope for a stretch of work; the former one afterwards."""
    before = session.info.get(_KEY)
    session.info[_KEY] = scope
    try:
        yield
    finally:
        if before is None:
            session.info.pop(_KEY, None)
        else:
            session.info[_KEY] = before


def scoped(session: Session, model: type[Keyed]) -> ColumnElement[bool]:
    """The condition to put into a Core select on a keyed table, which the loader criterion does not reach."""
    ids = chosen(session).authority_ids
    if ids is None:
        return true()
    if not ids:
        return false()
    return model.authority_id == ids[0] if len(ids) == 1 else model.authority_id.in_(ids)


def _touches_keyed(statement: Any) -> bool:
    """Whether a statement speaks of keyed rows, through a model or around it."""
    return any(issubclass(_model_of(element), Keyed) for element in visitors.iterate(statement)) or _goes_around(statement)


def _goes_around(statement: Any) -> bool:
    """Whether some part of a statement works on a keyed table itself, not on its model: the loader criterion does not reach that."""
    keyed = _keyed_tables()
    for element in visitors.iterate(statement):
        if not isinstance(element, (Select, UpdateBase)) or element._propagate_attrs.get("compile_state_plugin") == "orm":
            continue
        sources = element.get_final_froms() if isinstance(element, Select) else [element.table]
        tables = [table for source in sources for table in surface_selectables(source)]  # type: ignore[no-untyped-call]
        if any(isinstance(table, Table) and table.key in keyed for table in tables):
            return True
    return False


def _model_of(element: Any) -> type[Any]:
    """The model an element of a statement belongs to; ``object`` where to none."""
    found = getattr(getattr(element, "_annotations", {}).get("parententity"), "class_", object)
    return found if isinstance(found, type) else object


def _keyed_tables() -> frozenset[str]:
    """The tables every read and write of which needs a scope; they grow while models are imported."""
    return frozenset(mapper.local_table.key for mapper in Base.registry.mappers if issubclass(mapper.class_, Keyed))  # type: ignore[attr-defined]


def install(factory: sessionmaker[Session] | Any) -> None:
    """Hangs the criterion and the guards on a session factory, once: an application more in the same process adds nothing.

    The mark stands on the factory's own class: SQLAlchemy remembers listeners by address, and an address may be used again.
    """
    if _MARK in vars(factory.class_):
        return
    setattr(factory.class_, _MARK, True)
    sa_event.listen(factory, "do_orm_execute", _narrow)
    sa_event.listen(factory, "before_flush", _guard_writes)


def _narrow(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return
    scope = state.session.info.get(_KEY)
    if scope is None:
        if _touches_keyed(state.statement):
            chosen(state.session)
        return
    ids = scope.authority_ids
    if ids is None:
        return
    if not state.is_orm_statement and _goes_around(state.statement):
        raise OutOfScope("A statement on a table itself is not narrowed: go through the models, or choose scope.whole(reason).")
    if state.is_insert or state.is_update:
        _guard_bulk(state, scope)
    if len(ids) == 1:
        only = ids[0]
        state.statement = state.statement.options(with_loader_criteria(Keyed, lambda cls: cls.authority_id == only, include_aliases=True))
    else:
        state.statement = state.statement.options(with_loader_criteria(Keyed, lambda cls: cls.authority_id.in_(ids), include_aliases=True))


def _guard_bulk(state: ORMExecuteState, scope: Scope) -> None:
    """INSERT and UPDATE statements reach the database without a flush: the authority they write is looked at here."""
    mapper = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, Keyed):
        return
    if state.is_update and state.is_executemany:
        raise OutOfScope(f"UPDATE of {mapper.class_.__name__} by a list of ids is not narrowed: say which rows in a WHERE.")
    for authority_id in _written_authorities(state):
        if not scope.allows(authority_id):
            raise OutOfScope(f"{mapper.class_.__name__} of authority {authority_id} written in scope {scope.authority_ids}")


def _written_authorities(state: ORMExecuteState) -> Iterator[Any]:
    """Every value the statement gives to ``authority_id``; an expression, which nobody can judge, as itself."""
    statement: Any = state.statement
    given = state.parameters or ()
    rows: list[Mapping[Any, Any]] = [given] if isinstance(given, Mapping) else list(given)
    rows += [statement._values or {}, *(row for rows_ in statement._multi_values for row in rows_)]
    for row in rows:
        for key, value in row.items():
            if getattr(key, "key", key) == "authority_id":
                yield value.value if isinstance(value, BindParameter) else value


def _guard_writes(session: Session, _context: Any, _instances: Any) -> None:
    changed = [row for row in (*session.new, *session.dirty, *session.deleted) if isinstance(row, Keyed)]
    if not changed:
        return
    scope = chosen(session)
    for row in changed:
        if row.authority_id is None and scope.authority_ids is not None and len(scope.authority_ids) == 1:
            row.authority_id = scope.authority_ids[0]
        if not scope.allows(row.authority_id):
            raise OutOfScope(f"{type(row).__name__} of authority {row.authority_id} written in scope {scope.authority_ids}")
