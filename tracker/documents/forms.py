"""Shape and wording of taking a notice in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from tracker.web.fields import Form

_DAY = "%d/%m/%Y"


class UploadForm(Form):
    """The file of a notice."""

    file = FileField(_("Tệp văn bản"), validators=[FileRequired(_("Đồng chí chọn tệp Word (.docx) hoặc Excel (.xlsx)."))])


class DetailsForm(Form):
    """What the table does not say; the file itself waits under its digest."""

    digest = HiddenField(validators=[Regexp(r"[0-9a-f]{64}")])
    filename = HiddenField()
    document_type = StringField(_("Loại văn bản"), validators=[InputRequired(_("Đồng chí ghi loại văn bản, ví dụ Thông báo.")), Length(max=80)])
    number = StringField(_("Số, ký hiệu"), validators=[Length(max=80)])
    issued_on = DateField(_("Ngày ban hành"), format=_DAY, validators=[Optional()])
    issuer = StringField(_("Cơ quan ban hành"), validators=[InputRequired(_("Đồng chí ghi cơ quan ban hành.")), Length(max=300)])
    title = TextAreaField(_("Trích yếu"), validators=[InputRequired(_("Đồng chí ghi trích yếu của văn bản.")), Length(max=2000)])
    report_clause = TextAreaField(_("Câu nêu thời hạn"), description=_("Chép nguyên văn."), validators=[Length(max=4000)])
    valid_from = DateField(
        _("Có hiệu lực từ ngày"), format=_DAY, validators=[InputRequired(_("Ngày hiệu lực chưa đúng; ghi ngày có thật, dạng 15/01/2026."))]
    )
    slug = StringField(
        _("Mã bộ chỉ số"),
        description=_("Chữ thường không dấu, số và gạch nối; đứng trong địa chỉ trang."),
        validators=[
            Regexp(r"[a-z0-9]+(-[a-z0-9]+)*$", message=_("Mã chỉ gồm chữ thường không dấu, số và gạch nối, ví dụ thong-bao-2026.")),
            Length(max=100),
        ],
    )
