"""The forms of official letters."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from tracker.documents.letter_rules import Case
from tracker.documents.letter_wording_rules import Addressed, Manner, Signer
from tracker.kernel.vietnamese import number_vn
from tracker.web.fields import DayField, Form, VersionField
from tracker.web.words import gettext

ONE, EACH = "one", "each"


class DraftForm(Form):
    """Whom a letter goes to and how. The units are checked by the view: one of them may have handed in since."""

    units = SelectMultipleField(_("Đơn vị quá hạn"), validate_choice=False)
    copies = RadioField(
        _("Số công văn"), choices=[SelectChoice(ONE, _("Một công văn gửi mọi đơn vị")), SelectChoice(EACH, _("Mỗi đơn vị một công văn"))]
    )
    answer_by = DayField(_("Hạn trả lời"), [InputRequired(_("Đồng chí nhập hạn trả lời, như 02/12/2026."))])
    addressed = RadioField(
        _("Kính gửi"),
        choices=[SelectChoice(Addressed.NAMED, _("Nêu tên từng đơn vị")), SelectChoice(Addressed.TOGETHER, _("Gọi chung, danh sách ở phụ lục"))],
        description=_("Công văn gửi một đơn vị luôn nêu tên."),
    )
    signer = RadioField(
        _("Người ký"), choices=[SelectChoice(Signer.HEAD, _("Người đứng đầu")), SelectChoice(Signer.DEPUTY, _("Cấp phó ký thay (KT.)"))]
    )

    def offer(self, case: Case) -> None:
        """Offers the late units of a case."""
        self.units.choices = [
            # Not lazily: a lazy sentence counts as markup, and a unit's name is text.
            SelectChoice(unit.slug, gettext("%(unit)s (%(count)s nhiệm vụ)", unit=unit.name, count=number_vn(len(unit.tasks))))
            for unit in case.units
        ]

    @classmethod
    def showing(cls, case: Case, **values: Any) -> DraftForm:
        """Everybody ticked unless ``values`` say whom, the usual manner."""
        usual = {"units": [unit.slug for unit in case.units], "copies": ONE, "addressed": Addressed.NAMED, "signer": Signer.DEPUTY}
        form = cls(formdata=None, **{**usual, **values})
        form.offer(case)
        return form

    def manner(self, wording: str) -> Manner:
        """How the letter is to be written. Only after ``validate``."""
        return Manner(wording, Signer(self.signer.data), Addressed(self.addressed.data))


class NumberForm(Form):
    number = StringField(_("Số, ký hiệu"), [InputRequired(_("Đồng chí nhập số công văn, như 123/UBND-VHTT."))], description=_("Như 123/UBND-VHTT."))
    issued_on = DayField(_("Ngày phát hành"), [InputRequired(_("Đồng chí nhập ngày phát hành, như 02/12/2026."))])
    version = VersionField()


class AsideForm(Form):
    reason = StringField(_("Vì sao bỏ"), [InputRequired(_("Đồng chí cho biết vì sao bỏ dự thảo này."))])
    version = VersionField()


class WordingForm(Form):
    body = TextAreaField(_("Câu chữ"), description=_("Mỗi dòng một đoạn. Chữ trong ngoặc nhọn là chỗ điền."))
    version = VersionField()
