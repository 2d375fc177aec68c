"""Shape and wording of the first steps."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, Optional, Regexp

from tracker.accounts.rules import PASSWORD_LIMIT
from tracker.kernel import vietnamese
from tracker.start.rules import LEVEL_WORDS
from tracker.units.rules import AuthorityLevel
from tracker.web.fields import DayField, Form

_TOO_LONG = _("Nội dung này quá dài; tối đa %(max)d ký tự.")


def _clean(text: str | None) -> str:
    return vietnamese.clean(text or "")


def _line(label: object, most: int, *first: object, **more: object) -> StringField:
    return StringField(label, [*(first or (Optional(),)), Length(max=most, message=_TOO_LONG)], filters=[_clean], **more)


class NameForm(Form):
    """What an authority is called."""

    name = _line(
        _("Tên cơ quan"), 200, InputRequired(_("Đồng chí nhập tên cơ quan.")), description=_("Như trên con dấu, ví dụ “UBND xã Nghĩa Phương”.")
    )
    place = _line(
        _("Địa danh"), 100, InputRequired(_("Đồng chí nhập địa danh.")), description=_("Như in trước ngày tháng trên công văn, ví dụ “Nghĩa Phương”.")
    )


class SetupForm(NameForm):
    """The first authority of the installation and its first administrator."""

    code = _line(
        _("Mã thiết lập"),
        60,
        InputRequired(_("Đồng chí nhập mã thiết lập.")),
        description=_("Người vận hành máy chủ có mã này: lệnh “flask setup-code”. Dùng một lần."),
    )
    level = SelectField(
        _("Cấp"), choices=[SelectChoice(one.value, words) for one, words in LEVEL_WORDS.items()], default=AuthorityLevel.COMMUNE.value
    )
    display_name = _line(_("Họ và tên người quản trị"), 120, InputRequired(_("Đồng chí nhập họ và tên.")))
    username = _line(
        _("Tên đăng nhập"),
        100,
        InputRequired(_("Đồng chí nhập tên đăng nhập.")),
        description=_("Địa chỉ thư điện tử công vụ, hoặc một tên ngắn không dấu."),
    )
    password = PasswordField(
        _("Mật khẩu"),
        [InputRequired(_("Đồng chí nhập mật khẩu.")), Length(max=PASSWORD_LIMIT, message=_TOO_LONG)],
        description=_("Ít nhất 10 ký tự, không chứa tên đăng nhập."),
    )
    repeated = PasswordField(
        _("Nhập lại mật khẩu"), [InputRequired(_("Đồng chí nhập lại mật khẩu.")), EqualTo("password", _("Hai lần nhập chưa giống nhau."))]
    )


class FileForm(Form):
    """A spreadsheet."""

    file = FileField(_("Bảng tính đã điền"), [FileRequired(_("Đồng chí chọn tệp Excel (.xlsx)."))])


class TakeInForm(Form):
    """A spreadsheet that was looked at; the file itself waits under its digest."""

    digest = HiddenField(validators=[Regexp(r"[0-9a-f]{64}")])
    filename = HiddenField()
    title = TextAreaField(
        _("Tên bộ chỉ số"),
        [InputRequired(_("Đồng chí đặt tên cho bộ chỉ số.")), Length(max=500, message=_TOO_LONG)],
        filters=[_clean],
    )


class PaperForm(Form):
    """The document an office assigns by."""

    document_type = _line(_("Loại văn bản"), 80, InputRequired(_("Đồng chí ghi loại văn bản, ví dụ Thông báo.")))
    number = _line(_("Số, ký hiệu"), 80)
    issued_on = DayField(_("Ngày ban hành"), [Optional()])
    title = _line(_("Trích yếu"), 500, InputRequired(_("Đồng chí ghi trích yếu.")))


class DeadlineForm(Form):
    """A deadline's sentence as the document has it."""

    wording = TextAreaField(
        _("Câu nêu thời hạn, đúng như văn bản ghi"),
        [InputRequired(_("Đồng chí chép câu nêu thời hạn, đúng như văn bản ghi.")), Length(max=1000, message=_TOO_LONG)],
        filters=[_clean],
        description=_("Ví dụ: “trước ngày 15/11 hằng năm”, “trong thời hạn 15 ngày, kể từ ngày phát hành văn bản khảo sát”."),
    )
    rule_place = _line(_("Chỗ ghi trong văn bản"), 250, InputRequired(_("Đồng chí ghi chỗ của câu ấy, ví dụ “Mục III.2”.")))


class LetterForm(Form):
    """The survey letter that starts a round."""

    letter = _line(_("Số, ký hiệu văn bản khảo sát"), 100, InputRequired(_("Đồng chí ghi số, ký hiệu, ví dụ 05/CV-UBND.")))
    issued = DayField(_("Ngày phát hành"), [InputRequired(_("Đồng chí ghi ngày phát hành."))])
