"""Counts the statements a stretch of work sends to the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_NOISE = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass
class Counted:
    """The statements in the order they were sent."""

    statements: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        return len(self.statements)

    def __str__(self) -> str:
        return f"{self.number} statements:\n" + "\n".join(" ".join(statement.split())[:200] for statement in self.statements)


def counting(counted: Counted) -> Callable[..., None]:
    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(_NOISE):
            counted.statements.append(statement)

    return note
