"""Shape and wording of the account's forms."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from tracker.accounts.rules import PASSWORD_LIMIT
from tracker.kernel import vietnamese
from tracker.web.fields import Form

_TOO_LONG = _("Nội dung này quá dài; tối đa %(max)d ký tự.")


def _clean(text: str | None) -> str:
    return vietnamese.clean(text or "")


class SignInForm(Form):
    username = StringField(
        _("Tên đăng nhập"), [InputRequired(_("Đồng chí nhập tên đăng nhập.")), Length(max=100, message=_TOO_LONG)], filters=[_clean]
    )
    password = PasswordField(_("Mật khẩu"), [InputRequired(_("Đồng chí nhập mật khẩu.")), Length(max=PASSWORD_LIMIT, message=_TOO_LONG)])
    next = HiddenField()


class ForgotForm(Form):
    username = StringField(
        _("Tên đăng nhập"), [InputRequired(_("Đồng chí nhập tên đăng nhập.")), Length(max=100, message=_TOO_LONG)], filters=[_clean]
    )


class NewPasswordForm(Form):
    password = PasswordField(_("Mật khẩu mới"), [InputRequired(_("Đồng chí nhập mật khẩu mới.")), Length(max=PASSWORD_LIMIT, message=_TOO_LONG)])
    repeated = PasswordField(
        _("Nhập lại mật khẩu mới"), [InputRequired(_("Đồng chí nhập lại mật khẩu mới.")), EqualTo("password", _("Hai lần nhập chưa giống nhau."))]
    )


class CodeForm(NewPasswordForm):
    code = StringField(_("Mã một lần"), [InputRequired(_("Đồng chí nhập mã in trên phiếu.")), Length(max=60, message=_TOO_LONG)], filters=[_clean])


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(
        _("Mật khẩu hiện nay"), [InputRequired(_("Đồng chí nhập mật khẩu hiện nay.")), Length(max=PASSWORD_LIMIT, message=_TOO_LONG)]
    )


class ProfileForm(Form):
    display_name = StringField(_("Họ và tên"), [InputRequired(_("Đồng chí nhập họ và tên.")), Length(max=120, message=_TOO_LONG)], filters=[_clean])
    email = StringField(_("Thư điện tử"), [Optional(), Length(max=254, message=_TOO_LONG)], filters=[_clean])
    phone = StringField(_("Điện thoại"), [Optional(), Length(max=40, message=_TOO_LONG)], filters=[_clean])
