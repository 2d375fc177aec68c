"""Shape and wording of what people bring, replace, tick and ask for."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional, ValidationError

from tracker.evidence.rules import SIGNING_WORDS, ItemKind, Signing
from tracker.indicators.rules import REQUIREMENT_WORDS
from tracker.web.fields import DayField, Form, VersionField, WholeNumberField

_FIGURE = re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?")


def parse_figure(text: str) -> Decimal:
    """Reads 1.234,5 as offices write it. Raises ValueError for anything else, also for 1,234.5 and 12.5."""
    cleaned = "".join(text.split())
    if _FIGURE.fullmatch(cleaned) is None:
        raise ValueError(text)
    return Decimal(cleaned.replace(".", "").replace(",", "."))


class ContentForm(Form):
    """What an item says: files, a link, a figure or a sentence; and the particulars of an official document."""

    kind = HiddenField(default=ItemKind.FILE.value)
    file = MultipleFileField(_("Tệp"))
    url = StringField(_("Đường dẫn"), description=_("Địa chỉ đầy đủ, bắt đầu bằng https://. Hệ thống lưu đường dẫn, không tự mở."))
    figure = StringField(_("Số liệu, hoặc tử số"), description=_("Ghi dạng 1.234,5."))
    denominator = StringField(_("Mẫu số"), description=_("Chỉ ghi khi số liệu là một tỷ lệ."), validators=[Optional()])
    figure_unit = StringField(_("Đơn vị tính"), description=_("Ví dụ: hồ sơ, %, triệu đồng."), validators=[Optional()])
    estimate = BooleanField(_("Số ước thực hiện, chưa phải số liệu chính thức"))
    sentence = TextAreaField(_("Vì sao không có"), description=_("Một câu, ví dụ “Trong kỳ không phát sinh sự cố an toàn thông tin”."))
    document_number = StringField(_("Số, ký hiệu"), description=_("Như in trên văn bản, ví dụ 15/QĐ-UBND."), validators=[Optional()])
    document_on = DayField(_("Ngày văn bản"), validators=[Optional()])
    issuer = StringField(_("Cơ quan ban hành"), validators=[Optional()])
    summary = TextAreaField(_("Trích yếu"), validators=[Optional()])
    signer = StringField(_("Người ký"), validators=[Optional()])
    signing = SelectField(_("Chữ ký"), default="", choices=[("", _("Chưa ghi")), *((one.value, words) for one, words in SIGNING_WORDS.items())])
    in_force_to = DayField(_("Hiệu lực đến hết ngày"), description=_("Cho văn bản nhiều năm, ví dụ kế hoạch 5 năm."), validators=[Optional()])

    def validate_file(self, field: Any) -> None:
        if self.item_kind is ItemKind.FILE and self.needs_file and not self.uploads:
            raise ValidationError(_("Đồng chí chưa chọn tệp."))

    def validate_url(self, field: Any) -> None:
        if self.item_kind is ItemKind.LINK and not (field.data or "").strip():
            raise ValidationError(_("Đồng chí chưa dán đường dẫn."))

    def validate_figure(self, field: Any) -> None:
        if self.item_kind is ItemKind.FIGURE:
            _expect_figure(field)

    def validate_denominator(self, field: Any) -> None:
        if self.item_kind is ItemKind.FIGURE and (field.data or "").strip():
            _expect_figure(field)

    def validate_sentence(self, field: Any) -> None:
        if self.item_kind is ItemKind.STATEMENT and not (field.data or "").strip():
            raise ValidationError(_("Đồng chí ghi một câu vì sao không có."))

    @property
    def needs_file(self) -> bool:
        return True

    @property
    def uploads(self) -> list[Any]:
        return [one for one in self.file.data or [] if getattr(one, "filename", "")]

    @property
    def item_kind(self) -> ItemKind:
        try:
            return ItemKind(self.kind.data)
        except ValueError:
            return ItemKind.FILE

    @property
    def signing_chosen(self) -> Signing | None:
        return Signing(self.signing.data) if self.signing.data else None


def _expect_figure(field: Any) -> None:
    try:
        parse_figure(field.data or "")
    except ValueError:
        raise ValidationError(_("“%(text)s” không phải một số; ghi dạng 1.234,5.", text=field.data or "")) from None


class BringForm(ContentForm):
    """One item, for one line of the checklist or for the task as a whole."""

    slot = SelectField(_("Dùng cho tài liệu"), coerce=str)
    also = SelectMultipleField(_("Dùng luôn cho"), description=_("Cùng chỉ số này đang mở ở đợt khác; một minh chứng dùng cho cả hai."), coerce=int)


class SupersedeForm(ContentForm):
    """A newer version. Without new files a document keeps those it has."""

    number = VersionField()
    why = StringField(_("Vì sao có bản mới"), validators=[InputRequired(_("Đồng chí ghi vì sao có bản mới, ví dụ “Bản đã ký, đóng dấu”."))])

    @property
    def needs_file(self) -> bool:
        return False


class FormerForm(Form):
    """Which of what served before still holds."""

    proofs = SelectMultipleField(_("Minh chứng còn giá trị cho kỳ này"), coerce=int)


class RequirementForm(Form):
    """A document the authority itself asks for."""

    name = StringField(
        _("Tên tài liệu"), validators=[InputRequired(_("Đồng chí ghi tên tài liệu cần có, ví dụ “Quyết định kiện toàn Ban chỉ đạo”."))]
    )
    kind = SelectField(_("Loại"), choices=[(kind.value, words) for kind, words in REQUIREMENT_WORDS.items()])
    quantity = WholeNumberField(_("Số lượng"), low=1, high=99, default=1)
    signed_by_head = BooleanField(_("Chỉ tính bản do người đứng đầu ký"))
    while_in_force = BooleanField(_("Văn bản nhiều năm: còn hiệu lực là tính, dù ban hành trước kỳ số liệu"))


class AskContributionForm(Form):
    """What cooperating units are asked for, and by when."""

    units = SelectMultipleField(_("Nhờ đơn vị"), coerce=int)
    wanted = TextAreaField(_("Cần cung cấp"), description=_("Ghi rõ tài liệu hoặc số liệu, kỳ và đơn vị tính; mỗi đơn vị đọc đúng câu này."))
    due_on = DayField(_("Trước hết ngày"), validators=[InputRequired(_("Đồng chí ghi ngày cần có, như 02/12/2026."))])


class AnswerContributionForm(ContentForm):
    """What a cooperating unit gives, or a sentence why there is none."""

    version = VersionField()


class WithdrawFileForm(Form):
    """Why a file is taken away."""

    reason = TextAreaField(
        _("Lý do rút"), validators=[InputRequired(_("Đồng chí ghi lý do rút tệp; lý do hiện với mọi người từng xem được tệp này."))]
    )
