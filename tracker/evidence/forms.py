"""Shape and wording of what people bring."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import ValidationError

from tracker.evidence.rules import ItemKind
from tracker.web.fields import Form

_FIGURE = re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?")


def parse_figure(text: str) -> Decimal:
    """Reads 1.234,5 as offices write it. Raises ValueError for anything else, also for 1,234.5 and 12.5."""
    cleaned = "".join(text.split())
    if _FIGURE.fullmatch(cleaned) is None:
        raise ValueError(text)
    return Decimal(cleaned.replace(".", "").replace(",", "."))


class BringForm(Form):
    """One item: a file, a link, a figure or a sentence, for one required document or for the task as a whole."""

    kind = HiddenField(default=ItemKind.FILE.value)
    requirement = SelectField(_("Dùng cho tài liệu"), coerce=str)
    file = FileField(_("Tệp"))
    url = StringField(_("Đường dẫn"), description=_("Địa chỉ đầy đủ, bắt đầu bằng https://. Hệ thống lưu đường dẫn, không tự mở."))
    figure = StringField(_("Số liệu"), description=_("Ghi dạng 1.234,5."))
    figure_unit = StringField(_("Đơn vị tính"), description=_("Ví dụ: hồ sơ, %, triệu đồng."))
    also = SelectMultipleField(_("Dùng luôn cho"), description=_("Cùng chỉ số này đang mở ở đợt khác; một minh chứng dùng cho cả hai."), coerce=int)
    sentence = TextAreaField(_("Vì sao không có"), description=_("Một câu, ví dụ “Trong kỳ không phát sinh sự cố an toàn thông tin”."))

    def validate_file(self, field: Any) -> None:
        if self.item_kind is ItemKind.FILE and not (field.data and field.data.filename):
            raise ValidationError(_("Đồng chí chưa chọn tệp."))

    def validate_url(self, field: Any) -> None:
        if self.item_kind is ItemKind.LINK and not (field.data or "").strip():
            raise ValidationError(_("Đồng chí chưa dán đường dẫn."))

    def validate_figure(self, field: Any) -> None:
        if self.item_kind is not ItemKind.FIGURE:
            return
        try:
            parse_figure(field.data or "")
        except ValueError:
            raise ValidationError(_("“%(text)s” không phải một số; ghi dạng 1.234,5.", text=field.data or "")) from None

    def validate_sentence(self, field: Any) -> None:
        if self.item_kind is ItemKind.STATEMENT and not (field.data or "").strip():
            raise ValidationError(_("Đồng chí ghi một câu vì sao không có."))

    @property
    def item_kind(self) -> ItemKind:
        try:
            return ItemKind(self.kind.data)
        except ValueError:
            return ItemKind.FILE
