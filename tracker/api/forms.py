"""Shape and wording of the form that makes a feed."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.fields.choices import Choice, SelectChoice
from wtforms.validators import InputRequired, Length

from tracker.api.rules import FeedKind
from tracker.kernel import vietnamese
from tracker.kernel.words import phrase
from tracker.units.models import Unit
from tracker.web.fields import Form
from tracker.web.words import gettext as _now

_UNIT = f"{FeedKind.UNIT}:"


class FeedForm(Form):
    what = SelectField(_("Việc trong lịch"))
    name = StringField(
        _("Tên gọi"),
        [InputRequired(_("Đồng chí đặt tên để nhận ra lịch này.")), Length(max=80, message=_("Nội dung này quá dài; tối đa %(max)d ký tự."))],
        filters=[lambda text: vietnamese.clean(text or "")],
    )

    def offer(self, units: Iterable[Unit], *, person: bool, whole: bool) -> None:
        """What the person may choose from."""
        offered: list[Choice] = []
        if person:
            offered.append(SelectChoice(FeedKind.PERSON.value, _now(phrase("Việc của tôi"))))
        if whole:
            offered.append(SelectChoice(FeedKind.AUTHORITY.value, _now(phrase("Cả cơ quan: mọi đợt và các kỳ sắp tới"))))
        self.what.choices = [*offered, *(SelectChoice(_UNIT + unit.slug, unit.name) for unit in units)]

    def chosen(self) -> tuple[FeedKind, str | None]:
        """The kind, and the slug of the unit where it is a unit's."""
        text = str(self.what.data)
        if text.startswith(_UNIT):
            return FeedKind.UNIT, text.removeprefix(_UNIT)
        return FeedKind(text), None
