"""Who is looking, for views: the gate in app.py sets it for each request."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

from tracker.audit.rules import Actor
from tracker.units.models import Authority
from tracker.units.rules import Role, Viewer


@dataclass(frozen=True, slots=True)
class Desk:
    """The authority a request is about, and the person before it."""

    authority: Authority
    viewer: Viewer


def desk() -> Desk:
    """The desk of this request. Only for views guarded by ``@allows``."""
    found = g.desk
    assert isinstance(found, Desk)
    return found


def actor(role: Role | None = None) -> Actor:
    """Whoever is before the desk, for the history, «thay» whom where the right is another's. Only for views guarded by ``@allows``.

    ``role``: the one that what is done hangs on, where a setting says so and not the right of the view.
    """
    viewer = desk().viewer
    return Actor(viewer.account_id, viewer.title_with(role))
