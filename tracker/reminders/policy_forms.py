"""The form of the policy of chasing."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from tracker.kernel.words import capital
from tracker.reminders.policy_rules import HEADS_FROM, OTHERS_FROM, Policy, expect_livable, read_days, read_quiet, rung_words, rungs_of
from tracker.web.fields import DayField, Form, WholeNumberField

_FIRST, _NEVER = "first", "never"
_NO_TIME = _("Đồng chí nhập giờ, dạng 07:30.")
_TOO_LONG = _("Nội dung này quá dài; tối đa %(max)d ký tự.")


_MARKS = ("focal_from", "chair_from", "zalo_from", "letter_from")
_AS_IS = ("afterwards", "cooperators", "news", "chair_weekly", "opens_at", "closes_at")


def _key(rung: int | None, none: str = _FIRST) -> str:
    return none if rung is None else str(rung)


def _said(rung: int) -> str:
    return capital(rung_words(rung))


def _mark(label: Any, never: Any, description: Any = "") -> SelectField:
    """From which rung, or never."""
    choices = [SelectChoice(_key(rung, _NEVER), never if rung is None else _said(rung)) for rung in OTHERS_FROM]
    return SelectField(label, choices=choices, description=description)


class PolicyForm(Form):
    before = StringField(
        _("Nhắc trước"),
        [Optional(), Length(max=100, message=_TOO_LONG)],
        description=_("Số ngày làm việc trước ngày nhắm tới, cách nhau bằng dấu phẩy: 15, 7, 3, 1."),
    )
    on_the_day = BooleanField(_("Nhắc đúng ngày nhắm tới"))
    after = StringField(
        _("Nhắc sau"),
        [Optional(), Length(max=100, message=_TOO_LONG)],
        description=_("Số ngày làm việc sau ngày nhắm tới, cách nhau bằng dấu phẩy: 1, 3."),
    )
    afterwards = WholeNumberField(_("Sau mốc cuối, nhắc lại mỗi"), low=0, high=60, description=_("Số ngày làm việc; 0 là thôi không nhắc nữa."))
    heads_from = SelectField(
        _("Lãnh đạo đơn vị được nhắc"),
        choices=[SelectChoice(_key(rung), _("Ngay từ mốc đầu") if rung is None else _said(rung)) for rung in HEADS_FROM],
        description=_("Đơn vị chỉ có lãnh đạo nhận được thư thì luôn nhắc lãnh đạo từ mốc đầu."),
    )
    cooperators = BooleanField(
        _("Nhắc đơn vị được nhờ phối hợp, theo ngày hẹn"), description=_("Đơn vị phối hợp chưa được nhờ việc gì thì không nhắc.")
    )
    news = BooleanField(_("Kèm việc mới: chỉ đạo, vướng mắc, đề nghị gia hạn, đề xuất, lời nhắc tới"))
    focal_from = _mark(_("Đầu mối được nhắc kèm"), _("Không nhắc kèm"), _("Đơn vị không có ai nhận thư thì đầu mối luôn nhận thay."))
    chair_from = _mark(_("Lãnh đạo cơ quan được báo"), _("Không báo theo mốc"), _("Mỗi nhiệm vụ báo một lần, trong bản tổng hợp."))
    chair_weekly = BooleanField(_("Gửi lãnh đạo cơ quan bản tổng hợp ngày làm việc đầu tuần"))
    zalo_from = _mark(_("Gợi ý nhắn Zalo"), _("Không gợi ý"))
    letter_from = _mark(_("Gợi ý gửi công văn đôn đốc"), _("Không gợi ý"))
    opens_at = TimeField(_("Thư đi từ"), [InputRequired(_NO_TIME)])
    closes_at = TimeField(
        _("Thư thôi đi từ"),
        [InputRequired(_NO_TIME)],
        description=_("Ngoài giờ này không lập, không gửi thư; lúc mở lại sẽ nhắc bù."),
    )
    quiet = StringField(
        _("Ngày yên lặng"),
        [Optional(), Length(max=400, message=_TOO_LONG)],
        description=_("Ngoài ngày nghỉ. Cách nhau bằng dấu chấm phẩy: 24/12/2026; 28/12/2026 - 31/12/2026."),
    )
    seen_from = DayField(_("Xem thử từ ngày"), [Optional()], description=_("Chỉ để xem trước; không lưu."))

    @classmethod
    def showing(cls, policy: Policy, today: date) -> PolicyForm:
        """The form filled with a policy."""
        values: dict[str, Any] = {name: getattr(policy, name) for name in _AS_IS}
        values |= {name: ", ".join(map(str, getattr(policy, name))) for name in ("before", "after")}
        values |= {name: _key(getattr(policy, name), _NEVER) for name in _MARKS}
        values |= {"heads_from": _key(policy.heads_from), "on_the_day": 0 in policy.rungs, "seen_from": today}
        return cls(formdata=None, quiet="; ".join(one.words for one in policy.quiet), **values)

    def policy(self) -> Policy:
        """What was typed. Raises Refused, naming the field, for days that are none and for policies nobody can live with."""
        before, after = read_days(self.before.data or "", "before"), read_days(self.after.data or "", "after")
        others: dict[str, Any] = {name: None if self[name].data == _NEVER else int(self[name].data) for name in _MARKS}
        others |= {name: self[name].data for name in _AS_IS}
        return expect_livable(
            Policy(
                rungs=rungs_of(before, self.on_the_day.data, after),
                heads_from=None if self.heads_from.data == _FIRST else int(self.heads_from.data),
                quiet=read_quiet(self.quiet.data or "", "quiet"),
                **others,
            )
        )
