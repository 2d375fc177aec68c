"""Choosing many files, or many tasks for one piece of evidence."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import MultipleFileField

from tracker.evidence.forms import ContentForm
from tracker.web.fields import Form


class FolderForm(Form):
    """A whole folder, or files chosen one by one: both arrive alike."""

    folder = MultipleFileField(
        _("Cả thư mục"), description=_("Tên tệp hoặc tên thư mục con có mã chỉ số, ví dụ “1.3 Quyết định.pdf” hoặc “1.3/QD.pdf”.")
    )
    files = MultipleFileField(_("Hoặc chọn nhiều tệp"), description=_("PDF, DOCX, XLSX, JPG, PNG; mỗi tệp không quá 20 MB."))


class ShareForm(ContentForm):
    """One document for many tasks: its files and what it says of itself."""
