"""What a notice of assignment (Thông báo phân công) says: who leads and who helps with each indicator, on which proofs, by when.

Form: the district notices the sets come from. The table is one the import reads again (reading.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracker.documents.letter_rules import Basis, Issuer, basis_words, in_full, words
from tracker.documents.paper_rules import Draft, Paper, Paragraph, Row, Span, leaders, made, plain
from tracker.kernel.vietnamese import date_vn, number_vn

COLUMNS = ("STT", "Chỉ số", "Đơn vị chủ trì", "Đơn vị phối hợp", "Tài liệu kiểm chứng", "Thời hạn")
_WIDTHS = (16, 62, 40, 48, 46, 40)
_CENTRED = (0, 5)


@dataclass(frozen=True, slots=True)
class Assigned:
    """One indicator: ``lead`` None for a heading of the set. ``due``: the document's words, or the last day of the round."""

    code: str
    name: str
    lead: str | None
    cooperators: tuple[str, ...]
    proofs: tuple[str, ...]
    due: str


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one set, in the order of the document. ``source``: the document the set comes from, where it is another than the notice."""

    title: str
    source: Basis | None
    rows: tuple[Assigned, ...]

    @property
    def assigned(self) -> int:
        return sum(row.lead is not None for row in self.rows)


@dataclass(frozen=True, slots=True)
class Assigning:
    """A document that assigns, as it stands on a day. ``wording``: the deadline, verbatim; ``last_on``: of the round it is written for."""

    issuer: Issuer
    basis: Basis
    slug: str
    day: date
    parts: tuple[Part, ...]
    last_on: date | None

    @property
    def indicators(self) -> int:
        return sum(part.assigned for part in self.parts)

    @property
    def leads(self) -> int:
        return len({row.lead for part in self.parts for row in part.rows if row.lead})


def compose(assigning: Assigning) -> Paper:
    """The notice as a draft; each set of indicators is an appendix of its own."""
    own = in_full(assigning.issuer.name)
    return made(
        Draft(
            name=f"DuThao_TB_PhanCong_{assigning.slug}",
            kind="Thông báo",
            abbreviation="TB",
            about=_about(assigning),
            addressees=(),
            body=_body(assigning, own),
            recipients=(leaders(assigning.issuer), "Các cơ quan, đơn vị được phân công"),
            tables=tuple((_title(part), COLUMNS, _WIDTHS, _CENTRED, tuple(_row(row) for row in part.rows)) for part in assigning.parts),
        ),
        assigning.issuer,
        assigning.day,
    )


def _about(assigning: Assigning) -> str:
    about = words(assigning.basis.title).rstrip(" .;/")
    return about if about.casefold().startswith("phân công") else "Phân công trách nhiệm triển khai thực hiện các chỉ số"


def _title(part: Part) -> str:
    return f"Bảng phân công thực hiện {words(part.title)}"


def _body(assigning: Assigning, own: str) -> tuple[Paragraph, ...]:
    focal = in_full(assigning.issuer.focal or "")
    through = f" (thông qua {focal})" if focal and focal != own else ""
    where = "Phụ lục kèm theo" if len(assigning.parts) == 1 else "các Phụ lục kèm theo"
    wording = words(assigning.basis.wording).rstrip(" .;")
    deadline = f"trước khi kết thúc ngày {date_vn(assigning.last_on)}" if assigning.last_on else wording
    when: tuple[Span, ...] = (Span(" "), Span(deadline, bold=True)) if deadline else (Span(" theo thời hạn của từng chỉ số"),)
    count = f"{number_vn(assigning.indicators)} chỉ số cho {number_vn(assigning.leads)} cơ quan, đơn vị chủ trì"
    return (
        *(plain(f"Căn cứ {line}", italic=True) for line in _grounds(assigning)),
        plain(f"Để kịp thời triển khai thực hiện, {own} phân công {count}, với các đơn vị phối hợp, chi tiết tại {where}."),
        Paragraph(
            (
                Span(f"Đề nghị các cơ quan, đơn vị được phân công nghiêm túc triển khai thực hiện và báo cáo kết quả về {own}{through}"),
                *when,
                Span(" để tổng hợp, báo cáo cấp trên theo quy định."),
            )
        ),
        plain(f"Trong quá trình triển khai thực hiện, nếu có khó khăn, vướng mắc, các cơ quan, đơn vị kịp thời báo cáo {own} để được chỉ đạo./."),
    )


def _grounds(assigning: Assigning) -> list[str]:
    """The documents the sets come from; the assigning document itself where they name none. Each ends «;», the last «.»."""
    found = [basis_words(part.source) for part in assigning.parts if part.source] or [basis_words(assigning.basis)]
    lines = list(dict.fromkeys(found))
    return [f"{line}{'.' if place == len(lines) else ';'}" for place, line in enumerate(lines, 1)]


def _row(row: Assigned) -> Row:
    if row.lead is None:
        return Row((words(row.code), words(row.name), "", "", "", ""), bold=True)
    cooperators = "; ".join(words(one) for one in row.cooperators)
    proofs = "; ".join(words(one).strip(" ;.") for one in row.proofs)
    return Row((words(row.code), words(row.name), words(row.lead), cooperators, proofs, words(row.due)))
