"""The form of the policy of chasing."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from tracker.reminders.policy_rules import HEADS_FROM, Policy, chosen, read_days, rung_words
from tracker.web.fields import DayField, Form, WholeNumberField

_FIRST = "first"
_TOO_LONG = _("Nội dung này quá dài; tối đa %(max)d ký tự.")


def _key(rung: int | None) -> str:
    return _FIRST if rung is None else str(rung)


class PolicyForm(Form):
    before = StringField(
        _("Trước ngày nhắm tới"),
        [Optional(), Length(max=100, message=_TOO_LONG)],
        description=_("Số ngày làm việc, cách nhau bằng dấu phẩy: 15, 7, 3, 1."),
    )
    on_the_day = BooleanField(_("Đúng ngày nhắm tới"))
    after = StringField(
        _("Sau ngày nhắm tới"),
        [Optional(), Length(max=100, message=_TOO_LONG)],
        description=_("Số ngày làm việc, cách nhau bằng dấu phẩy: 1, 3."),
    )
    afterwards = WholeNumberField(_("Sau mốc cuối, nhắc lại mỗi"), low=0, high=60, description=_("Số ngày làm việc; 0 là thôi không nhắc nữa."))
    heads_from = SelectField(
        _("Lãnh đạo đơn vị được nhắc"),
        choices=[SelectChoice(_key(rung), _("Ngay từ mốc đầu") if rung is None else rung_words(rung)) for rung in HEADS_FROM],
        description=_("Đơn vị chỉ có lãnh đạo nhận được thư thì luôn nhắc lãnh đạo từ mốc đầu."),
    )
    seen_from = DayField(_("Xem thử từ ngày"), [Optional()], description=_("Chỉ để xem trước; không lưu."))

    @classmethod
    def showing(cls, policy: Policy, today: date) -> PolicyForm:
        """The form filled with a policy."""
        listed = {name: ", ".join(map(str, getattr(policy, name))) for name in ("before", "after")}
        return cls(
            formdata=None, **listed, on_the_day=0 in policy.rungs, afterwards=policy.afterwards, heads_from=_key(policy.heads_from), seen_from=today
        )

    def policy(self) -> Policy:
        """What was typed. Raises Refused, naming the field, for days that are none and for policies nobody can live with."""
        heads = self.heads_from.data
        return chosen(
            read_days(self.before.data or "", "before"),
            self.on_the_day.data,
            read_days(self.after.data or "", "after"),
            self.afterwards.data,
            None if heads == _FIRST else int(heads),
        )
