"""The counts over the pages that keep themselves up to date, each with its words and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

from tracker.tasks.queries import Tally
from tracker.web.words import gettext as _


def today_items(authority: str, whole: Tally) -> list[dict[str, Any]]:
    """Of the focal point."""

    def leads(**asked: Any) -> str:
        return url_for("dashboard.tasks_", authority=authority, **asked)

    return [
        {"value": whole.overdue, "label": _("quá hạn"), "kind": "late", "href": leads(timeliness="overdue")},
        {"value": whole.due_soon + whole.due_today, "label": _("sắp đến hạn"), "kind": "soon", "href": leads(timeliness="soon")},
        {"value": whole.ready, "label": _("chờ xác nhận"), "kind": "wait", "href": url_for("dashboard.verify", authority=authority)},
        {"value": whole.returned, "label": _("bị trả lại"), "kind": "today", "href": leads(returned=1)},
    ]


def work_items(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Of a unit, from ``rules.counted``."""
    return [
        {"value": counts["overdue"], "label": _("quá hạn"), "kind": "late"},
        {"value": counts["soon"], "label": _("sắp đến hạn"), "kind": "soon"},
        {"value": counts["ready"], "label": _("chờ xác nhận"), "kind": "wait"},
        {"value": counts["accepted"], "label": _("đã xác nhận"), "kind": "done"},
    ]
