"""How much a request may carry. It is decided before anything reads the form: afterwards everything is on the disk already."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request, session

_LIMIT = "__body_limit__"
#: Who is not signed in sends passwords and codes, never files.
ANONYMOUS_LIMIT = 64 * 1024

_KNOWN = "__body_known__"

F = TypeVar("F", bound=Callable[..., object])


def takes(limit: int) -> Callable[[F], F]:
    """Lets a view's requests carry ``limit`` bytes instead of MAX_CONTENT_LENGTH. Goes below the route, like ``@allows``."""

    def mark(view: F) -> F:
        setattr(view, _LIMIT, limit)
        return view

    return mark


def takes_files_of(known: Callable[..., bool]) -> Callable[[F], F]:
    """Lets a request of nobody signed in carry files where ``known`` says so of what the address names: a link that is alive."""

    def mark(view: F) -> F:
        setattr(view, _KNOWN, known)
        return view

    return mark


def _is_known() -> bool:
    known = getattr(current_app.view_functions[request.endpoint], _KNOWN, None) if request.endpoint else None
    return request.method == "POST" and known is not None and known(**(request.view_args or {}))


def install(app: Flask) -> None:
    """Sets each request's limit. To be installed before anything that reads forms (CSRF does)."""

    @app.before_request
    def bound() -> None:
        if "_user_id" not in session:
            if not _is_known():
                request.max_content_length = ANONYMOUS_LIMIT
        elif request.endpoint is not None:
            limit = getattr(current_app.view_functions[request.endpoint], _LIMIT, None)
            if limit is not None:
                request.max_content_length = limit
