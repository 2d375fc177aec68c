"""Shape and wording of a notice and of one row of it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from tracker.kernel.words import phrase
from tracker.web.fields import Form, VersionField

_DAY = "%d/%m/%Y"


class NoticeForm(Form):
    """A notice entered by hand; its rows are added one by one."""

    document_type = StringField(
        _("Loại văn bản"), default=phrase("Thông báo"), validators=[InputRequired(_("Đồng chí ghi loại văn bản, ví dụ Thông báo.")), Length(max=80)]
    )
    number = StringField(_("Số, ký hiệu"), description=_("Để trống nếu văn bản chưa có số."), validators=[Length(max=80)])
    issued_on = DateField(_("Ngày ban hành"), format=_DAY, validators=[Optional()])
    issuer = StringField(_("Cơ quan ban hành"), validators=[InputRequired(_("Đồng chí ghi cơ quan ban hành.")), Length(max=300)])
    title = TextAreaField(_("Trích yếu"), validators=[InputRequired(_("Đồng chí ghi trích yếu của văn bản.")), Length(max=2000)])
    report_clause = TextAreaField(
        _("Câu nêu thời hạn"), description=_("Chép nguyên văn câu nêu hạn báo cáo trong văn bản."), validators=[Length(max=4000)]
    )
    valid_from = DateField(
        _("Có hiệu lực từ ngày"), format=_DAY, validators=[InputRequired(_("Ngày hiệu lực chưa đúng; ghi ngày có thật, dạng 15/01/2026."))]
    )
    sets = SelectMultipleField(_("Bộ chỉ số được giao"), coerce=int, validators=[InputRequired(_("Đồng chí chọn ít nhất một bộ chỉ số."))])


class AssignmentForm(Form):
    """Who leads and who cooperates, from a day on."""

    version = VersionField()
    indicator = SelectField(_("Chỉ số"), coerce=int, validate_choice=True)
    lead = SelectField(_("Cơ quan chủ trì"), coerce=int)
    cooperators = SelectMultipleField(_("Cơ quan phối hợp"), description=_("Có thể chọn nhiều; để trống nếu không có."), coerce=int)
    since = DateField(
        _("Từ ngày"),
        format=_DAY,
        description=_("Đổi đơn vị chủ trì: lần giao cũ kết thúc vào ngày trước đó và được giữ lại."),
        validators=[InputRequired(_("Ngày chưa đúng; ghi ngày có thật, dạng 15/01/2026."))],
    )


class EndForm(Form):
    """The last day of an assignment."""

    version = VersionField()
    last = DateField(_("Ngày cuối còn giao"), format=_DAY, validators=[InputRequired(_("Ngày chưa đúng; ghi ngày có thật, dạng 31/12/2026."))])
