"""Form fields that read what Vietnamese offices type and say in Vietnamese what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField

from tracker.kernel import vietnamese
from tracker.kernel.database import db
from tracker.kernel.errors import Refused, Stale, Unable
from tracker.kernel.words import phrase
from tracker.web.words import gettext as _

#: What WTForms says of itself, as our readers are told it.
_MESSAGES = {
    "Not a valid choice.": phrase("Lựa chọn này không có trong danh sách; đồng chí chọn lại."),
    "Not a valid choice": phrase("Lựa chọn này không có trong danh sách; đồng chí chọn lại."),
    "'%(value)s' is not a valid choice for this field.": phrase("“%(value)s” không có trong danh sách; đồng chí chọn lại."),
    "Invalid Choice: could not coerce.": phrase("Lựa chọn này không hợp lệ; đồng chí chọn lại."),
    "Invalid choice(s): one or more data inputs could not be coerced.": phrase("Lựa chọn này không hợp lệ; đồng chí chọn lại."),
    "Not a valid time value.": phrase("Giờ chưa đúng; đồng chí viết như 07:30."),
    "This field is required.": phrase("Ô này không được để trống."),
    "Not a valid integer value.": phrase("Đồng chí nhập một số nguyên."),
    "Not a valid decimal value.": phrase("Đồng chí nhập một số, dạng 1.234,5."),
    "Not a valid date value.": phrase("Ngày chưa đúng; đồng chí viết như 02/12/2026."),
}


class _OurWords:
    """Stands where WTForms looks for translations."""

    def gettext(self, string: str) -> str:
        return str(_(_MESSAGES.get(string, string)))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular if n == 1 else plural)


class Form(FlaskForm):  # type: ignore[misc]
    """Every form of the product: CSRF, and no English sentence of the library reaches a reader."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, _form: Any) -> _OurWords:
            return _OurWords()


class DayField(DateField):  # type: ignore[misc]
    """A day typed dd/mm/yyyy; 31/02 is refused with a sentence."""

    #: The date; None only where nothing was typed, which InputRequired refuses.
    data: Any

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, format=["%d/%m/%Y", "%Y-%m-%d"], **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = " ".join(valuelist).strip()
        self.data = None
        if not text:
            return
        try:
            self.data = date.fromisoformat(text) if text[:4].isdigit() else vietnamese.parse_date_vn(text)
        except ValueError:
            raise ValueError(_("“%(text)s” không phải là một ngày có thật; đồng chí viết như 02/12/2026.", text=text)) from None


class VersionField(HiddenField):  # type: ignore[misc]
    """The version of the row a form was opened with; 0, which no row has, where what came back does not say."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0] if valuelist else ""
        self.data = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


class WholeNumberField(IntegerField):  # type: ignore[misc]
    """A whole number between two bounds, both allowed."""

    data: Any

    def __init__(self, label: Any = None, *, low: int, high: int, **more: Any) -> None:
        super().__init__(label, **more)
        self.low, self.high = low, high

    def process_formdata(self, valuelist: list[str]) -> None:
        text = " ".join(valuelist).strip()
        self.data = int(text) if text.isdecimal() and len(text) < 10 else None
        if self.data is None or not self.low <= self.data <= self.high:
            raise ValueError(_("“%(text)s” chưa đúng; đồng chí nhập số nguyên từ %(low)d đến %(high)d.", text=text, low=self.low, high=self.high))


def tell(form: FlaskForm, refusal: Refused) -> None:
    """Puts a refusal beside the field at fault; where it names none of the form's, above the form."""
    if refusal.field and refusal.field in form:
        form[refusal.field].errors = [*form[refusal.field].errors, refusal.message]
    else:
        form.form_errors.append(refusal.message)


@dataclass(slots=True)
class Attempt:
    """Whether what a form asked for was done and committed."""

    saved: bool = False


@contextmanager
def saving(form: FlaskForm) -> Iterator[Attempt]:
    """Does the work of its block and commits. What is refused is undone and told on the form; a stale form goes on to its own page,
    and so does what is the installation's fault.

    with saving(form) as attempt:
        service.rename(…)
    if attempt.saved: …
    """
    attempt = Attempt()
    try:
        yield attempt
        db.session.commit()
        attempt.saved = True
    except (Stale, Unable):
        raise
    except Refused as refusal:
        db.session.rollback()
        tell(form, refusal)
