"""What a periodic report (Báo cáo kết quả) says: what was done to chase, the results, what is left, and what is asked for.

Every figure is one of the overview page: counts come in as its tallies, here they only become words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracker.documents.letter_rules import Basis, Issuer, basis_words, in_full, words
from tracker.documents.paper_rules import Draft, Paper, Paragraph, Row, Table, leaders, made, plain
from tracker.kernel.vietnamese import date_vn, number_vn

RESULT_COLUMNS = (
    "STT", "Đơn vị chủ trì", "Tổng số nhiệm vụ", "Hoàn thành đúng hạn", "Hoàn thành muộn", "Đang thực hiện", "Quá hạn", "Không thời hạn, không tính",
)  # fmt: skip
_RESULT_WIDTHS = (16, 86, 25, 25, 25, 25, 25, 25)
LATE_COLUMNS = ("STT", "Mã", "Chỉ số", "Đơn vị chủ trì", "Thời hạn", "Số ngày quá hạn")
_LATE_WIDTHS = (16, 18, 100, 62, 30, 26)
ASKED_COLUMNS = ("STT", "Đơn vị", "Mã, nhiệm vụ", "Loại", "Nội dung")
_ASKED_WIDTHS = (16, 52, 60, 38, 86)


@dataclass(frozen=True, slots=True)
class Figures:
    """Tasks of a unit, or of all, on the day. Together the last five are the first."""

    total: int
    on_time: int
    late: int
    under_way: int
    overdue: int
    uncounted: int

    @property
    def done(self) -> int:
        return self.on_time + self.late

    @property
    def cells(self) -> tuple[str, ...]:
        return tuple(number_vn(one) for one in (self.total, self.on_time, self.late, self.under_way, self.overdue, self.uncounted))


@dataclass(frozen=True, slots=True)
class UnitResult:
    """A unit with its figures."""

    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Overdue:
    """A task late on the day."""

    code: str | None
    name: str
    unit: str
    due_on: date
    days: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a unit waits for: help with an obstacle, or more time until ``wished_on``."""

    unit: str
    label: str
    words: str
    wished_on: date | None = None


@dataclass(frozen=True, slots=True)
class Direction:
    """What was done to chase until the day: letters gone out, reminders sent by mail, directives, and calls or messages noted."""

    letters: int
    reminders: int
    directives: int
    contacts: int


@dataclass(frozen=True, slots=True)
class Report:
    """The state of an authority's tasks on a day: of one round (``basis`` and ``round_name``), or of all open rounds."""

    issuer: Issuer
    day: date
    round_slug: str | None
    round_name: str
    basis: Basis | None
    direction: Direction
    whole: Figures
    units: tuple[UnitResult, ...]
    points_total: Decimal | None
    points_at_risk: Decimal | None
    overdue: tuple[Overdue, ...]
    asked: tuple[Asked, ...]


def compose(report: Report) -> Paper:
    """The report as a draft with its appendices: results by unit; what is late and what is asked for where there is any."""
    above = in_full(report.issuer.superior) if report.issuer.superior else "…………………………"
    tables: list[Table] = [("Kết quả theo đơn vị chủ trì", RESULT_COLUMNS, _RESULT_WIDTHS, (0, 2, 3, 4, 5, 6, 7), _results(report))]
    late = asked = ""
    if report.overdue:
        tables.append((f"Nhiệm vụ quá hạn, tính đến ngày {date_vn(report.day)}", LATE_COLUMNS, _LATE_WIDTHS, (0, 1, 4, 5), _late(report)))
        late = f" (chi tiết tại Phụ lục {'I' * len(tables)})"
    if report.asked:
        tables.append(("Khó khăn, vướng mắc và đề nghị của các đơn vị", ASKED_COLUMNS, _ASKED_WIDTHS, (0,), _asked(report)))
        asked = f" (chi tiết tại Phụ lục {'I' * len(tables)})"
    first = "Phụ lục I" if len(tables) > 1 else "Phụ lục"
    return made(
        Draft(
            name=f"DuThao_BC_KetQua_{report.round_slug or 'cac-dot-dang-mo'}_{report.day.isoformat()}",
            kind="Báo cáo",
            abbreviation="BC",
            about=f"Kết quả thực hiện các chỉ số, nhiệm vụ được giao ({words(report.round_name)}), tính đến ngày {date_vn(report.day)}",
            addressees=(above,),
            body=(*_opening(report), *_direction(report), *_outcome(report, first), *_left(report, late), *_proposals(report, asked)),
            recipients=("Như trên", leaders(report.issuer)),
            tables=tuple(tables),
        ),
        report.issuer,
        report.day,
    )


def _heading(text: str) -> Paragraph:
    return plain(text, bold=True, keep=True)


def _opening(report: Report) -> tuple[Paragraph, ...]:
    why = f"Thực hiện {basis_words(report.basis)}, " if report.basis else ""
    own = in_full(report.issuer.name)
    return (plain(f"{why}{own} báo cáo kết quả thực hiện như sau:"),)


def _direction(report: Report) -> tuple[Paragraph, ...]:
    done = report.direction
    lines = [
        (done.letters, "văn bản đôn đốc đã phát hành"),
        (done.reminders, "thư nhắc việc đã gửi"),
        (done.directives, "ý kiến chỉ đạo của lãnh đạo"),
        (done.contacts, "lần đôn đốc qua điện thoại, tin nhắn được ghi nhận"),
    ]
    told = "; ".join(f"{number_vn(count)} {what}" for count, what in lines if count)
    return (
        _heading("I. Công tác chỉ đạo, đôn đốc"),
        plain(f"Đến ngày {date_vn(report.day)} có {told}." if told else "Chưa phát sinh văn bản đôn đốc."),
    )


def _outcome(report: Report, annex: str) -> tuple[Paragraph, ...]:
    whole = report.whole
    said = [
        (
            f"Tổng số {number_vn(whole.total)} nhiệm vụ của {number_vn(len(report.units))} đơn vị chủ trì. "
            f"Đã hoàn thành {number_vn(whole.done)} nhiệm vụ, trong đó đúng hạn {number_vn(whole.on_time)}, muộn {number_vn(whole.late)}; "
            f"đang thực hiện {number_vn(whole.under_way)}; quá hạn {number_vn(whole.overdue)}; "
            f"không thời hạn hoặc không tính {number_vn(whole.uncounted)} (chi tiết tại {annex})."
        )
    ]
    if report.points_total is not None:
        at_risk = number_vn(report.points_at_risk or 0)
        said.append(f"Điểm tối đa của các nhiệm vụ là {number_vn(report.points_total)}; các nhiệm vụ quá hạn chiếm {at_risk} điểm.")
    return (_heading("II. Kết quả, tồn tại"), plain("1. Kết quả", bold=True, keep=True), *(plain(line) for line in said))


def _left(report: Report, annex: str) -> tuple[Paragraph, ...]:
    heading = plain("2. Tồn tại, khó khăn", bold=True, keep=True)
    lines = []
    if report.overdue:
        longest = max(report.overdue, key=lambda one: one.days)
        units = len({one.unit for one in report.overdue})
        lines.append(
            f"{number_vn(len(report.overdue))} nhiệm vụ quá hạn ở {number_vn(units)} đơn vị{annex}; "
            f"lâu nhất là {number_vn(longest.days)} ngày ({words(longest.unit)})."
        )
    obstacles = [one for one in report.asked if one.wished_on is None]
    if obstacles:
        lines.append(f"{number_vn(len(obstacles))} khó khăn, vướng mắc do đơn vị phản ánh chưa được giải quyết.")
    return (heading, *(plain(line) for line in lines or ["Không có nhiệm vụ quá hạn; không có khó khăn, vướng mắc chưa được giải quyết."]))


def _proposals(report: Report, annex: str) -> tuple[Paragraph, ...]:
    obstacles = sum(one.wished_on is None for one in report.asked)
    requests = len(report.asked) - obstacles
    lines = [f"Xem xét, tháo gỡ {number_vn(obstacles)} khó khăn, vướng mắc của các đơn vị"] if obstacles else []
    lines += [f"Xem xét {number_vn(requests)} đề nghị gia hạn đang chờ quyết định"] if requests else []
    lines += (
        [f"Chỉ đạo các đơn vị có nhiệm vụ quá hạn khẩn trương hoàn thành {number_vn(report.whole.overdue)} nhiệm vụ"] if report.whole.overdue else []
    )
    told = [f"{place}. {line}{annex if place == 1 and report.asked else ''}." for place, line in enumerate(lines, 1)] or ["Không có."]
    if len(told) == 1:
        told = [told[0].removeprefix("1. ")]
    told[-1] = f"{told[-1].rstrip('.')}./."
    return (_heading("III. Kiến nghị"), *(plain(line) for line in told))


def _results(report: Report) -> tuple[Row, ...]:
    rows = [Row((number_vn(place), words(one.name), *one.figures.cells)) for place, one in enumerate(report.units, 1)]
    return (*rows, Row(("", "Cộng", *report.whole.cells), bold=True))


def _late(report: Report) -> tuple[Row, ...]:
    return tuple(
        Row((number_vn(place), words(one.code), words(one.name), words(one.unit), date_vn(one.due_on), number_vn(one.days)))
        for place, one in enumerate(report.overdue, 1)
    )


def _asked(report: Report) -> tuple[Row, ...]:
    def kind(one: Asked) -> str:
        return f"Đề nghị gia hạn đến {date_vn(one.wished_on)}" if one.wished_on else "Khó khăn, vướng mắc"

    return tuple(Row((number_vn(place), words(one.unit), words(one.label), kind(one), words(one.words))) for place, one in enumerate(report.asked, 1))
