"""The form of a listener."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from tracker.mail import hooks
from tracker.mail.hook_rules import Reach
from tracker.reminders.webhook_models import Webhook
from tracker.reminders.webhook_rules import EVENT_KIND_WORDS, EventKind, chosen_kinds
from tracker.web.fields import Form, VersionField


class WebhookForm(Form):
    url = StringField(
        _("Địa chỉ nhận"),
        [InputRequired(_("Đồng chí nhập địa chỉ nhận, ví dụ https://may-chu.gov.vn/nhan."))],
        description=_("Bắt đầu bằng https://, tối đa 2.000 ký tự."),
    )
    task = BooleanField(EVENT_KIND_WORDS[EventKind.TASK])
    evidence = BooleanField(EVENT_KIND_WORDS[EventKind.EVIDENCE])
    request = BooleanField(EVENT_KIND_WORDS[EventKind.REQUEST])
    round = BooleanField(EVENT_KIND_WORDS[EventKind.ROUND])
    assignment = BooleanField(EVENT_KIND_WORDS[EventKind.ASSIGNMENT])
    chasing = BooleanField(EVENT_KIND_WORDS[EventKind.CHASING])
    active = BooleanField(_("Đang gửi"), description=_("Bỏ chọn để tắt: từ đó không sự kiện nào được gửi tới đây."))
    version = VersionField()

    @classmethod
    def showing(cls, hook: Webhook) -> WebhookForm:
        """The form filled with a listener."""
        return cls(formdata=None, url=hook.url, active=hook.active, version=hook.version, **{kind.value: kind in hook.kinds for kind in EventKind})

    def chosen(self, reach: Reach) -> tuple[str, list[str]]:
        """The address, looked up and allowed, and the kinds. Raises Refused naming the field at fault."""
        url = (self.url.data or "").strip(" ")
        kinds = chosen_kinds(kind.value for kind in EventKind if self[kind.value].data)
        hooks.expect_reachable(url, reach)
        return url, kinds
