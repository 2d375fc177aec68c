"""The style guide: every component in every state. Not in production."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, abort, current_app, render_template
from flask_babel import lazy_gettext as _
from wtforms import FileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from tracker.kernel.clock import ZONE
from tracker.web.fields import DayField, Form, WholeNumberField
from tracker.web.guards import public

blueprint = Blueprint("web", __name__)


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
