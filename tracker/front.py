"""The gate and the frame of every page: who is looking, in which authority, and what the bar shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user

import config
from tracker.files.rules import FILE_LIMIT, MEBIBYTE
from tracker.kernel import clock, scope
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Forbidden
from tracker.kernel.vietnamese import join_and
from tracker.units import access as units_access
from tracker.units.current import Desk
from tracker.units.rules import Action, Role, front_doors
from tracker.web import asset_version, guards, words
from tracker.web.words import gettext as _

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def locale() -> str:
    """Vietnamese first; English on request."""
    chosen = request.cookies.get(words.LOCALE_COOKIE) if request else None
    return chosen if chosen in words.LANGUAGES else words.SOURCE


def gate(action: str, authority_slug: str | None) -> ResponseReturnValue | None:
    """Lets a request through with a desk, or sends it to sign-in, or says not found (not yours) or not allowed."""
    if not current_user.is_authenticated:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?") if request.method in SAFE_METHODS else None))
    if action == guards.SIGNED_IN or authority_slug is None:
        return None
    authority, viewer = units_access.desk_of(db.session(), current_user.account_id, current_user.display_name, authority_slug, clock.today())
    scope.choose(db.session(), scope.one(authority.id))
    viewer.matter.action = Action(action)
    g.desk = Desk(authority, viewer)
    if not viewer.may(Action(action)):
        raise Forbidden(_("Vai trò của đồng chí không được làm việc này. Nếu cần, đồng chí liên hệ cơ quan đầu mối."))
    return None


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the bar."""

    label: str
    url: str
    current: bool
    icon: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """A language to choose."""

    code: str
    name: str
    current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """What the frame of a page shows; see templates/layouts/base.html."""

    authority_name: str | None
    authority_home: str | None
    nav: tuple[Link, ...]
    tabs: tuple[Link, ...]
    person_name: str | None
    role_label: str | None
    account_url: str | None
    sign_out_url: str | None
    search_url: str | None
    notice: str | None
    demo: bool
    mail_url: str | None
    languages: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a link of the bar leads."""

    label: str
    endpoint: str
    icon: str


DOORS: dict[Role, Place] = {
    Role.FOCAL: Place(_l("Việc hôm nay"), "dashboard.today", "check-circle"),
    Role.CHAIR: Place(_l("Tổng quan"), "dashboard.overview", "easel"),
    Role.SPECIALIST: Place(_l("Việc của đơn vị"), "dashboard.work", "list-check"),
    Role.ADMIN: Place(_l("Quản trị"), "units.people", "gear"),
}

PLACES = (
    Place(_l("Nhiệm vụ"), "dashboard.tasks_", "card-checklist"),
    Place(_l("Chỉ số"), "indicators.sets", "bar-chart"),
    Place(_l("Đơn vị"), "units.index", "people"),
    Place(_l("Đợt"), "tasks.rounds_", "arrow-repeat"),
    Place(_l("Lịch"), "dashboard.calendar", "calendar3"),
    Place(_l("Văn bản"), "assignments.notices", "file-earmark-text"),
)
REMINDERS = Place(_l("Nhắc việc"), "reminders.index", "bell")


def _links(places: Iterable[Place], slug: str) -> tuple[Link, ...]:
    return tuple(Link(str(p.label), url_for(p.endpoint, authority=slug), request.endpoint == p.endpoint, p.icon) for p in places)


def _doors(desk: Desk) -> tuple[Place, ...]:
    """The person's front doors, the one to land on first; the others are tabs."""
    return tuple(DOORS[role] for role in front_doors(desk.viewer.roles))


def _nav(desk: Desk) -> tuple[Link, ...]:
    places = (*_doors(desk)[:1], *PLACES, *((REMINDERS,) if desk.viewer.may(Action.CHASE) else ()))
    return _links(places, desk.authority.slug)


def _sentence(note: str | None) -> str | None:
    """A note as a sentence begins: the seeds keep it as documents are cited, in small letters."""
    return note[:1].upper() + note[1:] if note else None


def _role_label(desk: Desk) -> str:
    """Who the person is here, and whom they act for these days."""
    lenders = [one.title for one in desk.viewer.borrowed]
    return _("%(title)s; thay %(others)s", title=desk.viewer.own_title, others=join_and(lenders)) if lenders else desk.viewer.own_title


def shell() -> Shell:
    """The frame for this request."""
    demo = current_app.config["TRACKER_ENV"] == "demo"
    desk: Desk | None = g.get("desk")
    signed_in = current_user.is_authenticated
    return Shell(
        authority_name=desk.authority.name if desk else None,
        authority_home=url_for("dashboard.home", authority=desk.authority.slug) if desk else None,
        nav=_nav(desk) if desk else (),
        tabs=_links(_doors(desk), desk.authority.slug) if desk else (),
        person_name=current_user.display_name if signed_in else None,
        role_label=_role_label(desk) if desk else None,
        account_url=url_for("accounts.account") if signed_in else None,
        sign_out_url=url_for("accounts.sign_out") if signed_in else None,
        search_url=url_for("dashboard.search", authority=desk.authority.slug) if desk else None,
        notice=_sentence(desk.authority.note) if desk and desk.authority.sample else None,
        demo=demo,
        mail_url=url_for("operations.mailbox") if current_app.config["TRACKER_ENV"] != "production" else None,
        languages=_languages() if signed_in else (),
    )


def _languages() -> tuple[Language, ...]:
    """To choose from in the account menu; who is not signed in chooses on the page of sign-in."""
    return tuple(Language(code, name, code == locale()) for code, name in words.LANGUAGES.items())


def install(app: Flask) -> None:
    """Write intent of each request, the frame in every template, a clean session after each request."""

    app.jinja_env.globals["asset_version"] = asset_version.version(config.ROOT / "static")
    app.jinja_env.globals["text_fonts"] = asset_version.text_fonts(config.ROOT / "static")
    app.jinja_env.globals["largest_file_mb"] = FILE_LIMIT // MEBIBYTE

    @app.before_request
    def intend() -> None:
        expect_writes(request.method not in SAFE_METHODS)

    @app.context_processor
    def frame() -> dict[str, Any]:
        return {"shell": shell(), "locale": locale(), "today": clock.today()}

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        expect_writes(False)
