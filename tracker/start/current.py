"""The steps for the request: how far the office before us has come, and what its empty pages say."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, url_for

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.start import queries
from tracker.start.rules import STEP_WORDS, SampleOf, Standing, Step, lack
from tracker.units.current import Desk, desk
from tracker.units.rules import Action
from tracker.web.words import gettext as _

_SAMPLES = "start_samples"


def install(app: Flask, sample_of: SampleOf) -> None:
    """Tells this room who knows the shipped samples, and gives every template ``what_is_missing()``."""
    app.extensions[_SAMPLES] = sample_of
    app.jinja_env.globals["what_is_missing"] = what_is_missing
    app.jinja_env.globals["never_set_up"] = never_set_up


def sample_of() -> SampleOf:
    """Who knows the shipped samples."""
    found: SampleOf = current_app.extensions[_SAMPLES]
    return found


def standing() -> Standing:
    """How far the office of this request has come."""
    return queries.standing(db.session(), desk().authority, clock.today())


@dataclass(frozen=True, slots=True)
class Missing:
    """What an empty page says before the office has begun. Without ``href`` the reader is not the one to act."""

    fact: str
    action: str
    href: str | None


def what_is_missing() -> Missing | None:
    """The fact and the next step, for empty pages; None once a round has been opened, or where no office is before us. Asked only there."""
    here: Desk | None = g.get("desk")
    found = lack(standing()) if here else None
    if here is None or found is None:
        return None
    if not here.viewer.may(Action.MANAGE_ASSIGNMENTS):
        return Missing(_("%(fact)s Người quản trị hoặc đầu mối của cơ quan đang thiết lập.", fact=_(found.fact)), "", None)
    step = "start.finish" if found.step is None else f"start.{found.step.value}"
    return Missing(_(found.fact), _(found.action), url_for(step, authority=here.authority.slug))


def never_set_up() -> bool:
    """Whether the installation has no authority yet: for the page of sign-in."""
    return not queries.any_authority(db.session())


@dataclass(frozen=True, slots=True)
class RailStep:
    """One step of the rail; see ``steps`` in templates/components/page.html."""

    label: str
    hint: str
    state: str
    href: str


def rail(now: Step | None, at: Standing) -> list[RailStep]:
    """The five steps with what has been done at each."""
    hints = {
        Step.AUTHORITY: at.authority,
        Step.SET: _("%(count)s chỉ số", count=at.indicators) if at.sets else _("Chọn bộ có sẵn hoặc nạp bảng tính"),
        Step.UNITS: _("%(count)s đơn vị", count=at.units) if at.units else _("Đề xuất từ văn bản"),
        Step.LEADS: _leads_hint(at),
        Step.PEOPLE: _("%(count)s người", count=at.people) if at.people > 1 else _("Mời chuyên viên, lãnh đạo đơn vị"),
    }
    slug = desk().authority.slug
    return [
        RailStep(
            _(STEP_WORDS[step]),
            hints[step],
            "now" if step is now else "done" if step in at.done else "next",
            url_for(f"start.{step.value}", authority=slug),
        )
        for step in Step
    ]


def _leads_hint(at: Standing) -> str:
    if not at.assigned:
        return str(_("Ai chủ trì, trước ngày nào"))
    given = _("Đã giao %(assigned)s/%(all)s", assigned=at.assigned, all=at.indicators)
    return str(given if at.rules else _("%(given)s; chưa có thời hạn", given=given))
