"""What may be handed in through a link: a file, a figure, a request for more time. Each form carries a token bound to the link."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _
from itsdangerous import BadData, URLSafeSerializer
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired

from tracker.evidence.forms import ContentForm
from tracker.evidence.rules import ItemKind
from tracker.kernel.words import phrase
from tracker.reminders.link_models import ActionLink
from tracker.web.fields import DayField, Form

#: Posted by the script of the page, which programs that open every link of a mail do not run.
OPENING = "opening"
#: What its token names in the place of a task.
PAGE = 0
_PURPOSE = "reminders.link.form"
_FORGED = phrase("Trang đã mở quá lâu hoặc không phải do hệ thống này gửi. Đồng chí mở lại liên kết rồi gửi lại; chưa lưu gì cả.")


class Deed(StrEnum):
    """What somebody does through a link."""

    FILE = "file"
    FIGURE = "figure"
    TIME = "time"


DEED_WORDS = {Deed.FILE: phrase("Nộp tệp"), Deed.FIGURE: phrase("Ghi số liệu"), Deed.TIME: phrase("Xin thêm thời gian")}


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_PURPOSE)


def stamp(link: ActionLink, task_id: int) -> str:
    """The token of a form: for this link and this task, or PAGE; nobody else can make it, and no session is needed."""
    return str(_seal().dumps([link.id, task_id]))


class LinkForm(Form):
    """A form without a session: the token in the place of the usual one is ours."""

    class Meta(Form.Meta):
        csrf = False

    csrf_token = HiddenField()
    task = HiddenField()
    kind = HiddenField()
    #: What the token must say: the link and the task.
    expected: list[int]

    def validate(self, extra_validators: Any = None) -> bool:
        try:
            found = _seal().loads(self.csrf_token.data or "")
        except BadData:
            found = None
        if found != self.expected:
            self.form_errors.append(_(_FORGED))
            return False
        return bool(super().validate(extra_validators))


class OpeningForm(LinkForm):
    """Nothing but the token: the page says by itself that somebody reads it."""


class HandinForm(LinkForm, ContentForm):
    """A file or a figure, for one line of the checklist or for the task as a whole."""

    slot = SelectField(_("Dùng cho tài liệu"), coerce=str)

    @property
    def item_kind(self) -> ItemKind:
        """A link takes no addresses and no sentences why there is nothing: those are the unit's word."""
        return ItemKind.FIGURE if self.kind.data == ItemKind.FIGURE.value else ItemKind.FILE


class MoreTimeForm(LinkForm):
    """Why, and until when."""

    wished_on = DayField(_("Xin lùi đến hết ngày"), validators=[InputRequired(_("Đồng chí ghi ngày mong muốn, như 02/12/2026."))])
    reason = TextAreaField(_("Lý do"), validators=[InputRequired(_("Đồng chí ghi lý do, để người quyết định biết vì sao cần thêm thời gian."))])
