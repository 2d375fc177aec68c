"""Every view says who may. The application refuses to start if one does not.

A guard holds only the *name* of an action; what the name means is decided by the gate that app.py installs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue

_GUARD = "__guard__"
PUBLIC = "public"
SIGNED_IN = "signed in"

F = TypeVar("F", bound=Callable[..., object])


class Gate(Protocol):
    """Lets a request through, or raises (NotFound, Forbidden) or sends to sign-in (returns a response)."""

    def __call__(self, action: str, authority_slug: str | None) -> ResponseReturnValue | None: ...


def allows(action: str) -> Callable[[F], F]:
    """Only who may do ``action`` in the authority the URL names."""

    def mark(view: F) -> F:
        setattr(view, _GUARD, str(action))
        return view

    return mark


def public(view: F) -> F:
    """Anybody, signed in or not."""
    setattr(view, _GUARD, PUBLIC)
    return view


def signed_in(view: F) -> F:
    """Anybody who is signed in, in no authority's name."""
    setattr(view, _GUARD, SIGNED_IN)
    return view


def guard_of(app: Flask, endpoint: str) -> str | None:
    """The action an endpoint asks for; ``public``; ``signed in``; None where nobody said."""
    if endpoint == "static":
        return PUBLIC
    return getattr(app.view_functions[endpoint], _GUARD, None)


def install(app: Flask, gate: Gate) -> None:
    """Checks every view now, and every request from now on."""
    undeclared = sorted(e for e in app.view_functions if guard_of(app, e) is None)
    if undeclared:
        raise RuntimeError(f"Views that do not say who may: {', '.join(undeclared)}. Use @allows(action), @signed_in or @public.")

    @app.before_request
    def check() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        guard = guard_of(current_app, request.endpoint)
        if guard is None:
            raise RuntimeError(f"{request.endpoint} was added after the guards were checked")
        if guard == PUBLIC:
            return None
        return gate(guard, (request.view_args or {}).get("authority"))
