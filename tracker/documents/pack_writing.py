"""An evidence pack as a stream: constant memory, a length known beforehand. Opened with what is sent, nothing is kept."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import IO, Any

import structlog
import xlsxwriter
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Cm, Pt

from tracker.documents.pack_queries import Pack, PackedFile, PackedProof, PackedTask, Section
from tracker.documents.pack_rules import COVER_NAME, INDEX_NAME, Entry, archive_length
from tracker.evidence.rules import ItemKind
from tracker.files.storage import Storage
from tracker.kernel.vietnamese import date_vn, join_and, number_vn
from tracker.tasks.rules import PROGRESS_WORDS

log = structlog.get_logger(__name__)

CHUNK = 256 * 1024
#: Every entry bears the same time: the same pack is the same bytes.
_WHEN = (2000, 1, 1, 0, 0, 0)
_COLUMNS = (
    ("STT", 6), ("Mã", 9), ("Chỉ số", 48), ("Đơn vị chủ trì", 28), ("Tiến độ", 18), ("Tài liệu yêu cầu", 32), ("Mã minh chứng", 14),
    ("Số, ký hiệu", 16), ("Ngày", 12), ("Cơ quan ban hành", 22), ("Trích yếu", 36), ("Người ký", 20), ("Tệp", 44), ("Đường dẫn", 36),
    ("Số liệu", 24), ("Giải thích", 36), ("Còn thiếu, cần xem lại", 44), ("SHA-256", 20),
)  # fmt: skip
#: Of a cover's table, in centimetres: 16.5 between the margins.
_COVER_WIDTHS = (1.5, 5.5, 3.5, 3, 3)


class ChangedWhileSent(OSError):
    """A file's bytes are not what its row says: the stream is cut, so that nobody takes a damaged pack for a whole one."""


@dataclass(frozen=True, slots=True)
class Written:
    """A pack ready to be sent. ``lost``: files whose bytes are not on the store; they are left out and told in the index."""

    pack: Pack
    small: tuple[tuple[str, bytes], ...]
    lost: tuple[PackedFile, ...]

    @property
    def files(self) -> list[PackedFile]:
        gone = {file.line.id for file in self.lost}
        return [file for file in self.pack.files if file.line.id not in gone]

    @property
    def missing(self) -> int:
        return self.pack.missing + len(self.lost)

    @property
    def length(self) -> int:
        """Of the archive, in bytes."""
        small = [Entry(name, len(data)) for name, data in self.small]
        return archive_length([*small, *(Entry(file.name, file.line.size) for file in self.files)])


def prepared(pack: Pack, store: Storage) -> Written:
    """Looks which files are there, and writes the index and the covers: small, whatever the size of the proofs."""
    lost = tuple(file for file in pack.files if not store.holds(pack.authority_id, file.line.sha256))
    gone = {file.line.id for file in lost}
    small = [(INDEX_NAME, _index(pack, gone))]
    small += [(f"{section.folder}/{COVER_NAME}", _cover(pack, section, gone)) for section in pack.sections]
    return Written(pack, tuple(small), lost)


class _Sink(io.RawIOBase):
    """Takes what the archive writes, to be sent on at once. It cannot go back: sizes and sums follow each entry."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def drain(self) -> bytes:
        data, self.parts = b"".join(self.parts), []
        return data


def stream(written: Written, store: Storage, tell: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """The bytes of the archive, a quarter of a megabyte at a time. ``tell`` hears how many files are done.

    Every file is compared with its SHA-256 on the way; raises ChangedWhileSent where one is not what it was.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, data in written.small:
            yield from _entry(archive, sink, name, io.BytesIO(data), None)
        for number, file in enumerate(written.files, 1):
            with store.open(written.pack.authority_id, file.line.sha256) as source:
                yield from _entry(archive, sink, file.name, source, file.line.sha256)
            if tell:
                tell(number)
    yield sink.drain()


def _entry(archive: zipfile.ZipFile, sink: _Sink, name: str, source: IO[bytes], sha256: str | None) -> Iterator[bytes]:
    digest = hashlib.sha256()
    with archive.open(zipfile.ZipInfo(name, _WHEN), "w", force_zip64=True) as entry:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            entry.write(chunk)
            yield sink.drain()
    if sha256 is not None and digest.hexdigest() != sha256:
        log.error("a stored file is not what it was", sha256=sha256)
        raise ChangedWhileSent(name)
    yield sink.drain()


def _index(pack: Pack, gone: set[int]) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Danh mục minh chứng")
        cell = {"valign": "top", "text_wrap": True, "border": 1, "font_name": "Times New Roman", "font_size": 11}
        head = book.add_format({**cell, "bold": True, "align": "center", "valign": "vcenter", "bg_color": "#E8EDF3"})
        text, link = book.add_format(cell), book.add_format({**cell, "font_color": "#1F4E9E", "underline": 1})
        sheet.write_string(0, 0, f"Danh mục minh chứng – {pack.authority} – {pack.round}", book.add_format({"bold": True, "font_size": 14}))
        for column, (label, width) in enumerate(_COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(2, column, label, head)
        sheet.freeze_panes(3, 3)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        for number, (values, file) in enumerate(_lines(pack, gone)):
            for column, value in enumerate([str(number + 1), *values]):
                sheet.write_string(3 + number, column, value, text)
            if file is not None and len(file.name) < 200:
                sheet.write_url(3 + number, 12, f"external:{_address(file.name)}", link, values[11])
    return out.getvalue()


def _address(name: str) -> str:
    """As a link in the index: a «#» or «%» in a name is part of it, not the start of something else."""
    return name.replace("%", "%25").replace("#", "%23").replace(" ", "%20")


def _lines(pack: Pack, gone: set[int]) -> Iterator[tuple[list[str], PackedFile | None]]:
    """A line for each file, one for a proof without files, and one for a task that has no proof."""
    for task in pack.tasks:
        lacks = f"Còn thiếu: {join_and(task.missing)}." if task.missing else task.reason or "" if not task.proofs else ""
        if not task.proofs:
            yield [task.code, task.name, task.unit, PROGRESS_WORDS[task.status], *[""] * 11, lacks, ""], None
        for proof in task.proofs:
            for file in proof.files or (None,):
                notes = [*proof.doubts, *(["Tệp không còn trong kho lưu."] if file and file.line.id in gone else []), *([lacks] if lacks else [])]
                yield _line(task, proof, file, notes), file if file and file.line.id not in gone else None
                lacks = ""


def _line(task: PackedTask, proof: PackedProof, file: PackedFile | None, notes: list[str]) -> list[str]:
    version = proof.proof.version
    figures = version.figure_words if version.kind is ItemKind.FIGURE else ""
    said = [version.document_number or "", date_vn(version.document_on) if version.document_on else "", version.issuer or ""]
    said += [version.summary or "", version.signer or ""]
    name, digest = (file.name.rpartition("/")[2], file.line.sha256) if file else ("", "")
    return [
        task.code, task.name, task.unit, PROGRESS_WORDS[task.status], proof.wanted, proof.code, *said,
        name, version.url or "", figures, version.sentence or "", " ".join(notes), digest,
    ]  # fmt: skip


def _cover(pack: Pack, section: Section, gone: set[int]) -> bytes:
    """One A4 page or more: the office, the main indicator, its indicators with the number of proofs and what they lack."""
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.top_margin = page.bottom_margin = Cm(2)
    page.left_margin, page.right_margin = Cm(3), Cm(1.5)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(13)
    for words, size, bold in ((pack.authority.upper(), 13, True), ("HỒ SƠ MINH CHỨNG", 18, True), (section.title, 16, True), (pack.round, 13, False)):
        line = document.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = line.add_run(words)
        run.bold, run.font.size = bold, Pt(size)
    table = document.add_table(rows=1, cols=5)
    table.style = "Table Grid"
    for place, label in enumerate(("Mã", "Chỉ số", "Đơn vị chủ trì", "Minh chứng", "Còn thiếu")):
        run = table.rows[0].cells[place].paragraphs[0].add_run(label)
        run.bold = True
    # The headings stand again on every page the table goes on to.
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for task in section.tasks:
        there = [replace(proof, files=tuple(file for file in proof.files if file.line.id not in gone)) for proof in task.proofs]
        codes = ", ".join(proof.code for proof in there) or PROGRESS_WORDS[task.status]
        for cell, words in zip(table.add_row().cells, (task.code, task.name, task.unit, codes, "; ".join(task.missing)), strict=True):
            cell.paragraphs[0].add_run(words).font.size = Pt(11)
    table.autofit = False
    for row in table.rows:
        for cell, width in zip(row.cells, _COVER_WIDTHS, strict=True):
            cell.width = Cm(width)
    total = sum(len(task.proofs) for task in section.tasks)
    document.add_paragraph(f"Cộng: {number_vn(len(section.tasks))} nhiệm vụ, {number_vn(total)} minh chứng.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
