"""Shape and wording of a hand-over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from tracker.web.fields import DayField, Form


class HandoverForm(Form):
    """Why and by which document; the day comes from the step before."""

    effective_on = DayField(_("Ngày chuyển giao"), validators=[InputRequired(_("Đồng chí ghi ngày chuyển giao."))])
    reason = TextAreaField(_("Lý do"), validators=[InputRequired(_("Đồng chí ghi lý do chuyển giao."))])
    document = StringField(_("Văn bản căn cứ"), description=_("Loại, số, ngày, ví dụ Quyết định 12/QĐ-UBND ngày 01/7/2026."))


class TargetsForm(Form):
    """The selects of where things go; their names and labels depend on what there is to hand over."""


def targets_form(names: Mapping[str, str], receivers: Sequence[tuple[int, str]], chosen: Mapping[str, int | None]) -> TargetsForm:
    """One select for each name, with the receivers to choose from and what was chosen before."""
    choices = [SelectChoice("", _("Chưa chọn")), *(SelectChoice(str(id_), name) for id_, name in receivers)]
    fields = {name: SelectField(label, choices=choices, validate_choice=False) for name, label in names.items()}
    made = type("TargetsForm", (TargetsForm,), fields)
    form: TargetsForm = made(formdata=None, data={name: str(chosen.get(name) or "") for name in names})
    return form
