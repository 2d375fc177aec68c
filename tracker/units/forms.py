"""Shape and wording of the forms of units, people and settings."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from tracker.kernel import vietnamese
from tracker.units.models import Unit
from tracker.units.rules import KIND_WORDS, ROLE_WORDS, SETTINGS, Role, UnitKind
from tracker.web.fields import DayField, Form, WholeNumberField

_TOO_LONG = _("Nội dung này quá dài; tối đa %(max)d ký tự.")
_CHOOSE = _("Đồng chí chọn một mục trong danh sách.")


def _clean(text: str | None) -> str:
    return vietnamese.clean(text or "")


def _line(label: object, most: int, *first: object) -> StringField:
    return StringField(label, [*(first or (Optional(),)), Length(max=most, message=_TOO_LONG)], filters=[_clean])


def offered(units: Iterable[Unit], nothing: object | None = None) -> list[SelectChoice]:
    """Units to choose from by slug, with words for choosing none."""
    first = [] if nothing is None else [SelectChoice("", nothing)]
    return [*first, *(SelectChoice(u.slug, u.name) for u in units)]


class UnitForm(Form):
    name = _line(_("Tên đơn vị"), 250, InputRequired(_("Đồng chí nhập tên đơn vị.")))
    short_name = _line(_("Tên ngắn"), 80)
    kind = SelectField(_("Loại"), choices=[SelectChoice(k.value, words) for k, words in KIND_WORDS.items()], validate_choice=False)
    email = _line(_("Thư điện tử chung"), 254)
    note = TextAreaField(_("Ghi chú"), [Optional(), Length(max=500, message=_TOO_LONG)], filters=[_clean])

    def chosen_kind(self) -> UnitKind | None:
        """The kind, or None with a sentence beside the field."""
        if self.kind.data in set(UnitKind):
            return UnitKind(self.kind.data)
        self.kind.errors = [_CHOOSE]
        return None


class NewUnitForm(UnitForm):
    valid_from = DayField(_("Có từ ngày"), [InputRequired(_("Đồng chí nhập ngày bắt đầu."))])


class AliasForm(Form):
    alias = _line(_("Cách viết khác"), 250, InputRequired(_("Đồng chí nhập cách viết.")))


class EndForm(Form):
    last_day = DayField(_("Ngày cuối"), [InputRequired(_("Đồng chí nhập ngày cuối."))])


class MemberForm(Form):
    member = SelectField(_("Đơn vị thành viên"), validate_choice=False)
    valid_from = DayField(_("Từ ngày"), [InputRequired(_("Đồng chí nhập ngày vào nhóm."))])

    def offer(self, units: Iterable[Unit]) -> None:
        self.member.choices = offered(units, _("Chọn đơn vị"))


class RoleForm(Form):
    role = SelectField(
        _("Vai trò"), choices=[SelectChoice(r.value, words) for r, words in ROLE_WORDS.items()], validate_choice=False, default=Role.SPECIALIST.value
    )
    unit = SelectField(_("Đơn vị"), description=_("Chỉ chọn cho chuyên viên và lãnh đạo đơn vị."), validate_choice=False)
    valid_from = DayField(_("Từ ngày"), [InputRequired(_("Đồng chí nhập ngày bắt đầu."))])

    def offer(self, units: Iterable[Unit]) -> None:
        self.unit.choices = offered(units, _("Cả cơ quan"))

    def chosen_role(self) -> Role | None:
        """The role, or None with a sentence beside the field."""
        if self.role.data in set(Role):
            return Role(self.role.data)
        self.role.errors = [_CHOOSE]
        return None


class PersonForm(RoleForm):
    display_name = _line(_("Họ và tên"), 120, InputRequired(_("Đồng chí nhập họ và tên.")))
    username = _line(_("Tên đăng nhập"), 100, InputRequired(_("Đồng chí nhập tên đăng nhập.")))
    email = _line(_("Thư điện tử"), 254)
    phone = _line(_("Điện thoại"), 40)
    how = RadioField(
        _("Cách giao tài khoản"),
        choices=[SelectChoice("print", _("In phiếu có mã một lần")), SelectChoice("mail", _("Gửi thư mời tới địa chỉ thư điện tử"))],
        default="print",
        validate_choice=False,
    )


class ContactForm(Form):
    display_name = _line(_("Họ và tên"), 120, InputRequired(_("Đồng chí nhập họ và tên.")))
    email = _line(_("Thư điện tử"), 254)
    phone = _line(_("Điện thoại"), 40)


class ImportForm(Form):
    file = FileField(_("Tệp Excel"), [FileRequired(_("Đồng chí chọn tệp Excel (.xlsx)."))])


class SettingsForm(Form):
    """One field for each setting of the table, with its sentence of help."""

    focal_unit = SelectField(_("Cơ quan đầu mối"), description=_("Đơn vị tổng hợp và đôn đốc; mỗi cơ quan có một."), validate_choice=False)

    def values(self) -> dict[str, int | bool]:
        return {s.name: self[s.name].data for s in SETTINGS}


for _setting in SETTINGS:
    if _setting.low is None:
        setattr(SettingsForm, _setting.name, BooleanField(_(_setting.label), description=_(_setting.help)))
    else:
        assert _setting.high is not None
        setattr(SettingsForm, _setting.name, WholeNumberField(_(_setting.label), low=_setting.low, high=_setting.high, description=_(_setting.help)))
