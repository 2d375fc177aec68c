"""What an account may be called and how its secrets behave."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum

from tracker.kernel import vietnamese
from tracker.kernel.words import phrase

#: A session nobody uses dies after this long; a used one after SESSION_LIFE at the latest.
SESSION_IDLE = timedelta(hours=12)
SESSION_LIFE = timedelta(days=30)
#: «Lần dùng gần nhất» is kept no finer than this: a write on every request would cost more than it tells.
SEEN_STEP = timedelta(minutes=10)
PASSWORD_LENGTH = 10
#: Longer ones are refused before they are hashed.
PASSWORD_LIMIT = 200
INVITATION_LIFE = timedelta(days=14)
RESET_LIFE = timedelta(minutes=30)
#: A printed code travels by hand through an office.
PRINTED_LIFE = timedelta(days=7)
#: Failures of one user name from one address before it must wait.
FAILURES_PER_NAME = 10
THROTTLE_WINDOW = timedelta(minutes=5)
#: Failures from one address under all names together: far above what an office behind one address makes.
FAILURES_IN_ALL = 1000
#: Failures are counted for THROTTLE_WINDOW and swept away after this long.
FAILURES_KEPT = timedelta(days=1)

#: Letters a reader cannot mistake for another (Crockford's base 32).
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: 60 bits: typed by hand, throttled, dead within PRINTED_LIFE.
PRINTED_CODE_LENGTH = 12
#: 130 bits: travels as a link.
LINK_CODE_LENGTH = 26

_USERNAME = re.compile(r"[^\W_](?:[\w.@-]{1,98})[^\W_]")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_CODE_NOISE = re.compile(r"[\s\-–.]+")
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


class CodePurpose(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"


def username_key(username: str) -> str:
    """What is compared: «Focal@Ninh-Son.Demo » and «focal@ninh-son.demo» are one name."""
    return vietnamese.clean(username).casefold()


def username_problem(username: str) -> str | None:
    """A sentence where the name cannot be a user name, else None."""
    if _USERNAME.fullmatch(vietnamese.clean(username)):
        return None
    return phrase("Tên đăng nhập có từ 3 đến 100 ký tự, gồm chữ, số và các dấu . _ - @, không có khoảng trắng, bắt đầu và kết thúc bằng chữ hoặc số.")


def email_problem(email: str) -> str | None:
    """A sentence where the address is not one, else None. Only its shape is judged."""
    if len(email) <= 254 and _EMAIL.fullmatch(email):
        return None
    return phrase("“%(email)s” chưa phải là địa chỉ thư điện tử; ví dụ đúng: vanphong@ninhson.gov.vn.", email=email)


def password_problem(password: str, username: str) -> str | None:
    """A sentence where the password is too weak or too long, else None."""
    if len(password) < PASSWORD_LENGTH:
        return phrase("Mật khẩu cần ít nhất %(password_length)s ký tự.", password_length=PASSWORD_LENGTH)
    if len(password) > PASSWORD_LIMIT:
        return phrase("Mật khẩu không dài quá %(password_limit)s ký tự.", password_limit=PASSWORD_LIMIT)
    if username_key(username) in username_key(password):
        return phrase("Mật khẩu không được chứa tên đăng nhập.")
    if len(set(password)) < 4:
        return phrase("Mật khẩu cần ít nhất 4 ký tự khác nhau.")
    return None


def code_key(code: str) -> str:
    """A code as typed or as followed from a link, without spaces and hyphens; O, I and L are read as the digits they look like."""
    return _CODE_NOISE.sub("", code).upper().translate(_LOOK_ALIKES)


def grouped(code: str) -> str:
    """«K7P4-9WXZ-2MTD»: four by four, as it is printed."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))
