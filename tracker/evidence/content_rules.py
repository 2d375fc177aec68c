"""What a person brings, checked before anything is kept: files, a link, a figure or a sentence, and what the document says of itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from tracker.evidence.rules import SIGNING_WORDS, ItemKind, Signing
from tracker.files.storage import Stored
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import clean, date_vn, number_vn
from tracker.kernel.words import phrase

TEXT_LIMIT = 2000
NAME_LIMIT = 200
FIGURE_LIMIT = Decimal(10) ** 13
#: SQLite keeps figures as 64-bit floats: fifteen digits come back as they went in.
FIGURE_DIGITS, FIGURE_DECIMALS = 15, 4
UNIT_LIMIT = 100
#: In one item; a folder of more is a list of items.
FILES_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Particulars:
    """What an official document carries. Nothing is required: many proofs are no official documents."""

    document_number: str | None = None
    document_on: date | None = None
    issuer: str | None = None
    summary: str | None = None
    signer: str | None = None
    signing: Signing | None = None
    in_force_to: date | None = None

    @property
    def title(self) -> str | None:
        """«Quyết định số 15/QĐ-UBND, 20/02/2026, UBND xã»; None where neither number nor summary is given."""
        if not (self.document_number or self.summary):
            return None
        told = [self.document_number, date_vn(self.document_on) if self.document_on else None, self.issuer, self.summary]
        return ", ".join(part for part in told if part)

    def words(self) -> dict[str, str]:
        """Label → text of what is given, for the page and for two versions side by side."""
        told = {
            phrase("Số, ký hiệu"): self.document_number,
            phrase("Ngày"): date_vn(self.document_on) if self.document_on else None,
            phrase("Cơ quan ban hành"): self.issuer,
            phrase("Trích yếu"): self.summary,
            phrase("Người ký"): self.signer,
            phrase("Chữ ký"): SIGNING_WORDS[self.signing] if self.signing else None,
            phrase("Hiệu lực đến"): date_vn(self.in_force_to) if self.in_force_to else None,
        }
        return {label: text for label, text in told.items() if text}


NOTHING_SAID = Particulars()


@dataclass(frozen=True, slots=True)
class BroughtFile:
    """Bytes that are on the store already, under the name the person gave them."""

    stored: Stored
    filename: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a version says: files, or exactly one of link, figure and sentence; and the document's particulars."""

    kind: ItemKind
    files: tuple[BroughtFile, ...] = ()
    url: str | None = None
    figure: Decimal | None = None
    denominator: Decimal | None = None
    figure_unit: str | None = None
    estimate: bool = False
    sentence: str | None = None
    particulars: Particulars = NOTHING_SAID

    @property
    def title(self) -> str:
        if self.kind is ItemKind.FIGURE:
            return figure_words(self.figure, self.denominator, self.figure_unit, self.estimate)
        named = self.particulars.title
        if named:
            return named
        if self.files:
            more = len(self.files) - 1
            return self.files[0].filename + (phrase(" và %(more)s tệp khác", more=more) if more else "")
        return self.url or self.sentence or ""

    def with_particulars(self, particulars: Particulars) -> Content:
        """The same with what the document says of itself."""
        return replace(self, particulars=particulars)


def figure_words(figure: Decimal | None, denominator: Decimal | None, unit: str | None, estimate: bool) -> str:
    """«45/60 hồ sơ (75 %), ước thực hiện»."""
    text = number_vn(figure, FIGURE_DECIMALS)
    if denominator:
        text += f"/{number_vn(denominator, FIGURE_DECIMALS)}"
    text = f"{text} {unit or ''}".strip()
    if denominator and figure is not None:
        text += f" ({number_vn(100 * figure / denominator, 2)} %)"
    return phrase("%(text)s, ước thực hiện", text=text) if estimate else text


def a_file(stored: Stored, filename: str) -> Content:
    """One file whose bytes are already on the store."""
    return Content(ItemKind.FILE, files=(BroughtFile(stored, filename),))


def some_files(files: tuple[BroughtFile, ...]) -> Content:
    """Files whose bytes are already on the store. Raises Refused where there are none or too many."""
    if not files:
        raise Refused("Đồng chí chưa chọn tệp.", field="file")
    if len(files) > FILES_LIMIT:
        raise Refused(
            phrase("Một minh chứng gồm không quá %(files_limit)s tệp; đồng chí tách ra, hoặc dùng “Nộp cả thư mục”.", files_limit=FILES_LIMIT),
            field="file",
        )
    return Content(ItemKind.FILE, files=files)


def a_link(url: str) -> Content:
    """A link: stored and shown, never fetched by the server. Raises Refused unless it is http(s) with a host."""
    text = url.strip()
    if not _is_address(text) or len(text) > TEXT_LIMIT:
        raise Refused("Đường dẫn chưa đúng; dán cả địa chỉ, bắt đầu bằng https:// hoặc http://.", field="url")
    return Content(ItemKind.LINK, url=text)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # «http://[»
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and all(c.isprintable() and not c.isspace() for c in text)


def a_figure(figure: Decimal, unit: str | None, denominator: Decimal | None = None, *, estimate: bool = False) -> Content:
    """A figure, or a numerator over its denominator, with the unit of measure.

    Raises Refused where one is out of range, finer than every database keeps it, or the denominator is 0.
    """
    _expect_kept(figure, "figure")
    if denominator is not None:
        _expect_kept(denominator, "denominator")
        if denominator == 0:
            raise Refused(
                "Mẫu số bằng 0 thì không tính được tỷ lệ; nếu trong kỳ không phát sinh, đồng chí ghi một câu giải thích.", field="denominator"
            )
    words = clean(unit or "")
    if len(words) > UNIT_LIMIT:
        raise Refused(
            phrase("Đơn vị tính dài %(count)s ký tự; rút gọn còn %(unit_limit)s.", count=len(words), unit_limit=UNIT_LIMIT), field="figure_unit"
        )
    return Content(ItemKind.FIGURE, figure=figure, denominator=denominator, figure_unit=words or None, estimate=estimate)


def _expect_kept(figure: Decimal, field: str) -> None:
    if not figure.is_finite() or abs(figure) >= FIGURE_LIMIT:
        raise Refused("Số liệu quá lớn hoặc không phải một số; ghi dạng 1.234,5.", field=field)
    if figure != round(figure, FIGURE_DECIMALS) or len(figure.normalize().as_tuple().digits) > FIGURE_DIGITS:
        raise Refused(
            phrase(
                "Số liệu quá dài; ghi không quá %(figure_digits)s chữ số, trong đó %(figure_decimals)s chữ số sau dấu phẩy.",
                figure_digits=FIGURE_DIGITS,
                figure_decimals=FIGURE_DECIMALS,
            ),
            field=field,
        )


def a_statement(sentence: str) -> Content:
    """A sentence why there is none. Raises Refused where it says nothing."""
    text = clean(sentence)
    if len(text) < 5:
        raise Refused("Đồng chí ghi một câu vì sao không có, ví dụ “Trong kỳ không phát sinh”.", field="sentence")
    if len(text) > TEXT_LIMIT:
        raise Refused(
            phrase("Câu giải thích dài %(count)s ký tự; rút gọn còn %(text_limit)s.", count=len(text), text_limit=TEXT_LIMIT), field="sentence"
        )
    return Content(ItemKind.STATEMENT, sentence=text)


def particulars(
    *,
    document_number: str | None = None,
    document_on: date | None = None,
    issuer: str | None = None,
    summary: str | None = None,
    signer: str | None = None,
    signing: Signing | None = None,
    in_force_to: date | None = None,
) -> Particulars:
    """What the document says of itself, tidied. Raises Refused where a text is too long or it ends before its own day."""
    texts = {"document_number": document_number, "issuer": issuer, "summary": summary, "signer": signer}
    tidied = {name: clean(text or "") or None for name, text in texts.items()}
    for name, text in tidied.items():
        limit = TEXT_LIMIT if name == "summary" else NAME_LIMIT
        if text and len(text) > limit:
            raise Refused(phrase("Đồng chí ghi %(count)s ký tự; rút gọn còn %(limit)s.", count=len(text), limit=limit), field=name)
    if document_on and in_force_to and in_force_to < document_on:
        raise Refused(
            phrase("Ngày hết hiệu lực phải từ ngày văn bản (%(document_on)s) trở đi.", document_on=date_vn(document_on)), field="in_force_to"
        )
    return Particulars(**tidied, document_on=document_on, signing=signing, in_force_to=in_force_to)
