"""Who leads and who cooperates, out of what a document prints."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Fault(StrEnum):
    """What a printed row got wrong; the words are those of ``flask documents check``."""

    TWO_LEADS = "two_leads"
    LEAD_IN_COOPERATORS = "lead_in_cooperators"


@dataclass(frozen=True, slots=True)
class Division(Generic[T]):
    """Exactly one lead, each cooperator once, and what had to be put right for that."""

    lead: T
    cooperators: tuple[T, ...]
    faults: tuple[Fault, ...]


def divide(leads: Sequence[T], cooperators: Sequence[T]) -> Division[T]:
    """Two printed leads: the first leads, the others cooperate. A lead that also stands among its cooperators is dropped there.

    ``leads`` holds at least one. Sources: Kế hoạch 41/KH-UBND (9.1–9.3), Thông báo of Ninh Sơn (4.2).
    """
    lead, *others = dict.fromkeys(leads)
    faults: list[Fault] = []
    if others:
        faults.append(Fault.TWO_LEADS)
    if lead in cooperators:
        faults.append(Fault.LEAD_IN_COOPERATORS)
    kept = tuple(unit for unit in dict.fromkeys([*others, *cooperators]) if unit != lead)
    return Division(lead, kept, tuple(faults))
