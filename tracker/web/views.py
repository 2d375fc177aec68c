"""The guides, which anybody may read; and the style guide: every component in every state, not in production."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, send_from_directory
from flask.blueprints import BlueprintSetupState
from flask_babel import lazy_gettext as _
from wtforms import FileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from tracker.kernel.clock import ZONE
from tracker.web import guides
from tracker.web.fields import DayField, Form, WholeNumberField
from tracker.web.guards import public
from tracker.web.terms import TERMS

blueprint = Blueprint("web", __name__)


APP_ICONS = (("app-192.png", 192, "any"), ("app-512.png", 512, "any"), ("app-512-maskable.png", 512, "maskable"))
#: The guides, by the person they are for.
GUIDES = ("don-vi-chu-tri", "dau-moi", "lanh-dao")


@blueprint.record_once
def _terms(state: BlueprintSetupState) -> None:
    """The terms of the trade, for every template."""
    state.app.jinja_env.globals["terms"] = TERMS


@blueprint.get("/huong-dan")
@public
def guides_() -> str:
    """The guides and the terms of the trade."""
    return render_template("web/guides.html", guides=[guides.guide(slug) for slug in GUIDES], terms=TERMS.values())


@blueprint.get("/huong-dan/<slug>")
@public
def guide(slug: str) -> str:
    """One guide."""
    if slug not in GUIDES:
        abort(404)
    return render_template("web/guide.html", guide=guides.guide(slug), guides=[guides.guide(one) for one in GUIDES])


@blueprint.get("/huong-dan/anh/<name>")
@public
def guide_picture(name: str) -> Response:
    """A picture of a guide."""
    answer = send_from_directory(guides.PICTURES, name, mimetype="image/png", max_age=86400)
    answer.cache_control.private = True
    return answer


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """What lets a phone keep the site among its programs. It works only where there is a network: nothing of an office lies on the phone."""
    version = f"?v={current_app.jinja_env.globals['asset_version']}"
    answer = jsonify(
        name="Đôn Đốc",
        short_name="Đôn Đốc",
        lang="vi",
        id="/",
        start_url="/",
        scope="/",
        display="standalone",
        background_color="#f3f4f8",
        theme_color="#18264d",
        icons=[
            {"src": f"/static/build/{name}{version}", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for name, size, purpose in APP_ICONS
        ],
    )
    answer.mimetype = "application/manifest+json"
    return answer


class SampleForm(Form):
    """One field of each kind."""

    title = StringField(_("Tên đợt"), validators=[InputRequired(_("Đồng chí đặt tên cho đợt."))])
    due_on = DayField(_("Ngày cuối"))
    days = WholeNumberField(_("Số ngày"), low=1, high=60)
    unit = SelectField(_("Đơn vị"), choices=[("a", _("Văn phòng")), ("b", _("Phòng Nội vụ"))])
    kind = RadioField(_("Loại"), choices=[("a", _("Không áp dụng")), ("b", _("Do cơ quan khác cung cấp"))])
    reason = TextAreaField(_("Lý do"))
    file = FileField(_("Tệp"))


@blueprint.get("/styleguide")
@public
def styleguide() -> str:
    """Every component in every state; light and dark by the account menu."""
    if current_app.config["TRACKER_ENV"] == "production":
        abort(404)
    form = SampleForm()
    form.title.errors = [_("Đồng chí đặt tên cho đợt.")]
    form.due_on.errors = [_("“31/02/2026” không phải là một ngày có thật; đồng chí viết như 02/12/2026.")]
    return render_template("styleguide.html", sample_form=form, day=_day)


def _day(day: int, month: int, year: int, hour: int | None = None, minute: int = 0) -> date:
    return date(year, month, day) if hour is None else datetime(year, month, day, hour, minute, tzinfo=ZONE)
