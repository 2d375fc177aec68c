"""Naming a filter."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import StringField

from tracker.web.fields import Form


class FilterForm(Form):
    """Only the name: what it holds stands in the address."""

    name = StringField(_("Tên bộ lọc"), description=_("Ngắn gọn để nhận ra ngay, ví dụ “Quá hạn của Văn phòng”."))
