"""Shape and wording of proposals."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from tracker.tasks.proposal_rules import KIND_WORDS
from tracker.web.fields import DayField, Form, VersionField


class ProposeForm(Form):
    """What is proposed, why, and for somebody else's data: whose, and the letter that asks for it."""

    version = VersionField()
    kind = RadioField(
        _("Đề nghị"),
        choices=[(kind.value, words) for kind, words in KIND_WORDS.items()],
        validators=[InputRequired(_("Đồng chí chọn một loại đề nghị."))],
    )
    reason = TextAreaField(_("Lý do"), validators=[InputRequired(_("Đồng chí ghi lý do, để đầu mối quyết định được."))])
    body = StringField(_("Cơ quan cung cấp số liệu"), description=_("Không cần khi đề nghị “Không áp dụng”."), validators=[Optional()])
    letter_number = StringField(
        _("Số, ký hiệu công văn đã gửi"), description=_("Ba ô dưới chỉ ghi khi chờ số liệu của cơ quan khác."), validators=[Optional()]
    )
    letter_on = DayField(_("Ngày công văn"), validators=[Optional()])
    reply_on = DayField(_("Hẹn trả lời trước hết ngày"), validators=[Optional()])


class DecideProposalsForm(Form):
    """What becomes of some proposals."""

    decision = RadioField(
        _("Quyết định"),
        choices=[("agree", _("Đồng ý")), ("refuse", _("Không đồng ý, có lý do ở ô dưới"))],
        validators=[InputRequired(_("Đồng chí chọn một quyết định."))],
    )
    until = DayField(
        _("Tạm dừng tính hạn đến hết ngày"),
        description=_("Chỉ ghi khi muốn ngắn hơn ngày hẹn trả lời của công văn."),
        validators=[Optional()],
    )
    answer = TextAreaField(_("Trả lời đơn vị"), description=_("Bắt buộc khi không đồng ý."), validators=[Optional()])
