"""What was asked for tasks or said of them, each beside its task."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import Select, and_, func, select

from tracker.deadlines.models import Round
from tracker.indicators.models import Indicator
from tracker.tasks.models import Extension, Task
from tracker.tasks.proposal_models import Proposal
from tracker.units.models import Unit


def beside_task(model: type[Extension] | type[Proposal], row: type[Any]) -> Select[Any]:
    """What was asked for tasks, each with its task as it stands now: the columns the members of ``row`` name, of either."""
    task = {
        "status": Task.status,
        "extensions": Task.extensions,
        "code": Indicator.code,
        "name": func.coalesce(Indicator.name, Task.title).label("name"),
        "points": Indicator.max_points.label("points"),
        "unit_id": Task.unit_id,
        "unit_name": Unit.name.label("unit_name"),
        "unit_slug": Unit.slug.label("unit_slug"),
        "round_name": Round.name.label("round_name"),
        "original_on": Round.last_on.label("original_on"),
        "closed_at": Round.closed_at,
    }
    columns = (task[one.name] if one.name in task else getattr(model, one.name) for one in fields(row))
    return with_task(select(*columns).select_from(model), model)


def with_task(query: Select[Any], said: type[Any]) -> Select[Any]:
    """A query of ``said``, rows that each belong to a task, with the task, its round, its unit and, where it has one, its indicator."""
    return (
        query.join(Task, and_(Task.authority_id == said.authority_id, Task.id == said.task_id))
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .join(Unit, and_(Unit.authority_id == Task.authority_id, Unit.id == Task.unit_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
    )
