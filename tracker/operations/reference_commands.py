"""``flask reference``: writes docs/rights.md from the role × action table and the views themselves (``make docs``)."""

from __future__ import annotations

from collections.abc import Iterator

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

import config
from tracker.units.rules import RIGHTS, ROLE_WORDS, Action
from tracker.web import guards, terminal

PAGE = config.ROOT / "docs" / "rights.md"


def install(app: Flask) -> None:
    """Hangs the command on the application."""
    app.cli.add_command(reference)


@click.command("reference", hidden=True)
@with_appcontext
def reference() -> None:
    """Viết lại docs/rights.md."""
    PAGE.write_text(rights_page(current_app), encoding="utf-8")
    terminal.say(f"{PAGE.relative_to(config.ROOT)} đã được viết lại.")


def rights_page(app: Flask) -> str:
    """The page of rights, in Markdown. A test compares it with the one in docs/."""
    return "\n".join([*_head(), *_roles(), "", "## Which page asks for what", "", *_pages(app), ""])


def _head() -> Iterator[str]:
    yield "# Who may do what"
    yield ""
    yield "Printed by `make docs` from `tracker/units/rules.py` and the views; do not edit. Rights of several memberships add up."
    yield "A specialist and a head act for their own units only; what is not yours is answered with 404."
    yield ""


def _roles() -> Iterator[str]:
    roles = list(ROLE_WORDS)
    yield "| action | " + " | ".join(f"{role.value} ({ROLE_WORDS[role]})" for role in roles) + " |"
    yield "|---|" + ":-:|" * len(roles)
    for action in Action:
        yield f"| {action.value.replace('_', ' ')} | " + " | ".join("✓" if action in RIGHTS[role] else "" for role in roles) + " |"


def _pages(app: Flask) -> Iterator[str]:
    yield "| address | methods | asks for |"
    yield "|---|---|---|"
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        guard = guards.guard_of(app, rule.endpoint) or ""
        yield f"| `{rule.rule}` | {methods} | {guard.replace('_', ' ')} |"
