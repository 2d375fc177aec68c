"""Mails from templates: a plain text and, where there is one, the same as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app

from tracker.mail.rules import Prepared


def render(template: str, subject: str, headers: Mapping[str, str] | None = None, **context: Any) -> Prepared:
    """``templates/<template>.txt`` and ``.html`` with the context and ``base_url``.

    The templates see nothing of a request: no frame, no person signed in. A mail reads the same whoever's process sends it.
    """
    environment = current_app.jinja_env
    context["base_url"] = current_app.config["BASE_URL"]
    context["subject"] = subject
    text = environment.get_template(f"{template}.txt").render(context)
    html = environment.get_template(f"{template}.html").render(context)
    return Prepared(subject, text, html, headers or {})
