"""Tìm kiếm: everything in one place, on a page of its own and, as one types, under the box."""

from __future__ import annotations

from flask import render_template, request

from tracker.dashboard.filter_views import blueprint as blueprint
from tracker.dashboard.reading import reading
from tracker.dashboard.search_queries import search as find
from tracker.dashboard.search_rules import GROUP_WORDS, ON_PAGE, TEXT_LIMIT, UNDER_BOX
from tracker.kernel.vietnamese import clean
from tracker.units.rules import Action
from tracker.web.guards import allows


def _asked() -> str:
    return clean(request.args.get("q") or "")[:TEXT_LIMIT]


@blueprint.get("/search")
@allows(Action.SEE_LIBRARY)
def search(authority: str) -> str:
    """By code or words, with or without diacritics; every group with what was found in it."""
    text = _asked()
    found = find(reading(), text, ON_PAGE)
    return render_template("dashboard/search.html", q=text, found=found, group_words=GROUP_WORDS, most=ON_PAGE, authority=authority)


@blueprint.get("/search/found")
@allows(Action.SEE_LIBRARY)
def found(authority: str) -> str:
    """The first of each group: a part of a page, for the box that shows results as one types."""
    text = _asked()
    return render_template("dashboard/_found.html", q=text, found=find(reading(), text, UNDER_BOX), group_words=GROUP_WORDS, authority=authority)
