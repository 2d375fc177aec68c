"""What an official chasing letter (công văn đôn đốc) says: Nghị định 30/2020/NĐ-CP, Phụ lục I and III. How it looks: letter_writing.py.

A letter is a draft: its number and its day are the registry clerk's (Điều 15) and stay blank, and so does the signer's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tracker.documents.letter_wording_rules import USUAL_MANNER, Addressed, Manner, Signer, filled
from tracker.kernel.vietnamese import clean, date_vn, number_vn
from tracker.tasks.rules import PROGRESS_WORDS, Progress
from tracker.units.rules import UnitKind

#: Working days a letter gives where the office names no day.
ANSWER_DAYS = 5
#: What the registry clerk writes by hand, or the document system fills in.
BLANK = " " * 8
BLANK_DAY = " " * 6
APPENDIX_COLUMNS = (
    "STT", "Mã", "Chỉ số", "Đơn vị chủ trì", "Đơn vị phối hợp", "Hạn", "Tình trạng", "Số ngày quá hạn", "Nội dung còn thiếu",
)  # fmt: skip

_COUNCIL = "Ủy ban nhân dân"
_SHORT_BOTH = re.compile(r"\bHĐND\s*(?:-|–|và|&)\s*UBND\b")
_SHORT_COUNCIL = re.compile(r"\bUBND\b")
_LONG_COUNCIL = re.compile(r"\b[Ủủ]y ban nhân dân\b")
_AREA_WORDS = ("tỉnh", "thành phố", "huyện", "quận", "thị xã", "thị trấn", "xã", "phường", "đặc khu")
#: How an organ's name begins → who heads it.
_HEADS = (
    ("văn phòng", "Chánh Văn phòng"),
    ("sở", "Giám đốc"),
    ("trung tâm", "Giám đốc"),
    ("phòng", "Trưởng phòng"),
    ("chi cục", "Chi cục trưởng"),
    ("ban", "Trưởng ban"),
)
_ROMAN = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


@dataclass(frozen=True, slots=True)
class Issuer:
    """The authority a letter goes out from. ``superior``: the name of the one above it, where the installation knows it."""

    name: str
    place: str
    superior: str | None
    focal: str | None
    focal_short: str | None


@dataclass(frozen=True, slots=True)
class Basis:
    """The document that assigned the work; ``wording`` is its deadline, verbatim. The letter of a survey, where one started the round."""

    document_type: str
    number: str | None
    issued_on: date | None
    issuer: str
    title: str
    wording: str
    letter_number: str | None = None
    letter_issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class LateTask:
    """One open task past its last day in force. ``code`` None for a titled duty; ``missing``: what it lacks, in words."""

    task_id: int
    code: str | None
    name: str
    cooperators: tuple[str, ...]
    due_on: date
    original_on: date | None
    status: Progress
    returned: bool
    days_late: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LateUnit:
    """A unit with what it owes, at least one task."""

    slug: str
    name: str
    kind: UnitKind
    tasks: tuple[LateTask, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything late in one round of an authority on a day, by unit in the order of the document."""

    issuer: Issuer
    basis: Basis
    round_slug: str
    round_name: str
    day: date
    units: tuple[LateUnit, ...]

    @property
    def tasks(self) -> int:
        return sum(len(unit.tasks) for unit in self.units)


@dataclass(frozen=True, slots=True)
class Group:
    """A unit's heading in the appendix, and its lines in the order of the columns."""

    heading: str
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, element by element; each piece of text is a paragraph of its own."""

    file_name: str
    superior: str | None
    issuer: tuple[str, ...]
    number: str
    subject: str
    place_and_day: str
    addressees: tuple[str, ...]
    grounds: tuple[str, ...]
    body: tuple[str, ...]
    recipients: tuple[str, ...]
    signature: tuple[str, ...]
    appendix_title: str
    appendix_reference: str
    groups: tuple[Group, ...]


def words(text: str | None) -> str:
    """A name from the database as a Word file can hold it: NFC, one line, without control characters and halves of characters."""
    kept = "".join(c for c in clean(text or "") if unicodedata.category(c) not in ("Cc", "Cf", "Cs") and ord(c) & 0xFFFE != 0xFFFE)
    return clean(kept)


def in_full(name: str) -> str:
    """«UBND huyện Thử» → «Ủy ban nhân dân huyện Thử»: an official text does not abbreviate at first use."""
    both = _SHORT_BOTH.sub(f"Hội đồng nhân dân và {_COUNCIL}", words(name))
    return _SHORT_COUNCIL.sub(_COUNCIL, both)


def in_short(name: str) -> str:
    """«Ủy ban nhân dân huyện Thử» → «UBND huyện Thử», where the Decree allows it."""
    return _LONG_COUNCIL.sub("UBND", words(name))


def long_day(day: date) -> str:
    """«ngày 05 tháng 01 năm 2026», «ngày 29 tháng 6 năm 2026»: a leading 0 for days below 10 and for months 1 and 2 only (Phụ lục I, 4)."""
    return f"ngày {day.day:02d} {_month(day)}"


def _month(day: date) -> str:
    return f"tháng {f'{day.month:02d}' if day.month <= 2 else day.month} năm {day.year}"


def place_and_day(issuer: Issuer, day: date) -> str:
    """«Thử, ngày      tháng 11 năm 2026»: the day itself is the clerk's."""
    return f"{words(issuer.place)}, ngày{BLANK_DAY}{_month(day)}"


def roman(number: int) -> str:
    """4 → «IV»."""
    out = ""
    for value, sign in _ROMAN:
        out += sign * (number // value)
        number %= value
    return out


def initials(name: str) -> str:
    """The drafting unit in a số, ký hiệu: «Phòng Văn hóa và Thông tin» → «VHTT», «Sở Nội vụ» → «SNV». What is printed short stays."""
    kept = re.sub(r"^(phòng|công chức)\s+", "", words(name), flags=re.IGNORECASE)
    kept = re.sub(rf"\s+({'|'.join(_AREA_WORDS)})$", "", kept)
    parts = [part for part in re.split(r"[\s\-–/,.&()]+", kept) if part and part != "và"]
    return "".join(part if part.isupper() else part[0].upper() for part in parts)


def symbol(issuer: Issuer) -> str:
    """«UBND-VHTT»: organ and drafting unit. Offices that abbreviate otherwise mend it in the draft."""
    name = in_short(issuer.name)
    organ = "UBND" if name.startswith("UBND") else "VPUB" if name.startswith("Văn phòng UBND") else initials(name)
    short = words(issuer.focal_short)
    unit = short if short.isalpha() and short.isupper() else initials(issuer.focal or "")
    return f"{organ}-{unit}" if unit else organ


def letterhead(issuer: Issuer) -> tuple[str | None, tuple[str, ...]]:
    """(the organ above, the lines of the organ itself), in capitals.

    A people's committee stands alone, its area on a second line. «Văn phòng UBND tỉnh …» stands under that committee.
    """
    name = in_full(issuer.name)
    if name.startswith(_COUNCIL):
        area = name.removeprefix(_COUNCIL).strip()
        return None, tuple(part.upper() for part in (_COUNCIL, area) if part)
    if issuer.superior:
        return in_full(issuer.superior).upper(), (name.upper(),)
    office = "Văn phòng"
    if name.startswith(f"{office} {_COUNCIL}"):
        return name.removeprefix(office).strip().upper(), (office.upper(),)
    return None, (name.upper(),)


def signature(issuer: Issuer, signer: Signer = Signer.DEPUTY) -> tuple[str, ...]:
    """Above the signer's name: a committee signs as a body (TM.), an office by its head; a deputy signs for the head (KT.)."""
    name = in_full(issuer.name)
    whole = ("TM. ỦY BAN NHÂN DÂN",) if name.startswith(_COUNCIL) else ()
    other = next((title for begins, title in _HEADS if name.casefold().startswith(f"{begins} ")), "Thủ trưởng")
    head = ("Chủ tịch" if whole else other).upper()
    return (*whole, head) if signer is Signer.HEAD else (*whole, f"KT. {head}", f"PHÓ {head}")


def basis_words(basis: Basis) -> str:
    """«Thông báo số 01/TB-UBND ngày 01 tháng 01 năm 2026 của … về việc …»; what the copy leaves blank is left out."""
    parts = [words(basis.document_type)]
    parts += [f"số {words(basis.number)}"] if words(basis.number) else []
    parts += [long_day(basis.issued_on)] if basis.issued_on else []
    parts += [f"của {in_full(basis.issuer)}"] if words(basis.issuer) else []
    title = words(basis.title).rstrip(" .;/")
    if title:
        parts.append(_small(title) if title.casefold().startswith("về ") else f"về việc {_small(title)}")
    return " ".join(parts)


def _small(text: str) -> str:
    """«Phân công …» → «phân công …»; an abbreviation stays."""
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]


def _grounds(basis: Basis) -> tuple[str, ...]:
    found = [f"Căn cứ {basis_words(basis)}"]
    if words(basis.letter_number):
        day = f" {long_day(basis.letter_issued_on)}" if basis.letter_issued_on else ""
        found.append(f"Căn cứ Văn bản số {words(basis.letter_number)}{day}")
    return tuple(f"{line}{'.' if place == len(found) else ';'}" for place, line in enumerate(found, 1))


def compose(case: Case, until: date, unit: LateUnit | None = None, manner: Manner = USUAL_MANNER) -> Letter:
    """The letter to every unit that is late, or to one of them. ``until``: the last day it asks to hand in."""
    told = case if unit is None else Case(case.issuer, case.basis, case.round_slug, case.round_name, case.day, (unit,))
    superior, lines = letterhead(case.issuer)
    noun = _noun(told)
    return Letter(
        file_name=file_name(case.round_slug, unit.slug if unit else None),
        superior=superior,
        issuer=lines,
        number=f"Số:{BLANK}/{symbol(case.issuer)}",
        subject=f"V/v đôn đốc cung cấp số liệu, tài liệu kiểm chứng các {_field(told)} {_period(case.round_name)}",
        place_and_day=place_and_day(case.issuer, case.day),
        addressees=_addressees(told, manner.addressed),
        grounds=_grounds(case.basis),
        body=filled(manner.wording, _values(told, until, noun)),
        recipients=_recipients(told),
        signature=signature(case.issuer, manner.signer),
        appendix_title=f"Danh sách {noun} quá hạn, tính đến ngày {date_vn(case.day)}".upper(),
        appendix_reference=(
            f"(Kèm theo Công văn số{BLANK}/{symbol(case.issuer)} ngày{BLANK_DAY}tháng{BLANK_DAY}năm{BLANK}của {in_full(case.issuer.name)})"
        ),
        groups=_groups(told, noun),
    )


def file_name(round_slug: str, unit_slug: str | None = None) -> str:
    """«DuThao_CV_DonDoc_nam-2026.docx»; of a letter to one unit with its slug."""
    return f"DuThao_CV_DonDoc_{'_'.join(filter(None, (round_slug, unit_slug)))}.docx"


def numbered_name(name: str, number: int) -> str:
    """«DuThao_CV_DonDoc_nam-2026 (2).docx»: where the first name is taken by a draft somebody may be working on."""
    stem, dot, ending = name.rpartition(".")
    return name if number == 1 else f"{stem} ({number}){dot}{ending}"


def _noun(case: Case) -> str:
    """«chỉ số» where each line is an indicator of its own; «nhiệm vụ» where several units owe the same one, or a duty has no indicator."""
    codes = [task.code for unit in case.units for task in unit.tasks]
    return "chỉ số" if None not in codes and len(set(codes)) == len(codes) else "nhiệm vụ"


def _field(case: Case) -> str:
    """«chỉ số chuyển đổi số» where the document that assigned them says that it is about that; «nhiệm vụ» where a duty has no indicator."""
    if any(task.code is None for unit in case.units for task in unit.tasks):
        return "nhiệm vụ được giao"
    return "chỉ số chuyển đổi số" if "chuyển đổi số" in words(case.basis.title).casefold() else "chỉ số được giao"


def _period(round_name: str) -> str:
    """«Báo cáo năm 2026» → «phục vụ báo cáo năm 2026»; a round with a name of another kind keeps it."""
    name = words(round_name)
    if re.match(r"(năm|quý|tháng)\b", name.casefold()):
        return _small(name)
    return f"phục vụ {_small(name)}" if name.casefold().startswith("báo cáo") else f"(đợt “{name}”)"


def _bodies(case: Case) -> str:
    return "cơ quan, đơn vị, cá nhân" if any(unit.kind is UnitKind.POSITION for unit in case.units) else "cơ quan, đơn vị"


def _addressees(case: Case, addressed: Addressed) -> tuple[str, ...]:
    """A letter to one unit always names it."""
    if addressed is Addressed.NAMED or len(case.units) == 1:
        return tuple(in_full(one.name) for one in case.units)
    return (f"Các {_bodies(case)} có tên tại Phụ lục kèm theo",)


def _values(case: Case, until: date, noun: str) -> Mapping[str, str]:
    """What stands for the placeholders of the chasing letter's wording."""
    own, focal = in_full(case.issuer.name), in_full(case.issuer.focal or "")
    names = [in_full(unit.name) for unit in case.units]
    bodies = _bodies(case)
    if len(names) == 1:
        late = asked = readers = names[0]
    else:
        late, readers = f"còn {number_vn(len(names))} {bodies}", f"các {bodies}"
        asked = readers if "cá nhân" in bodies else f"Thủ trưởng {readers}"
    # Nobody is asked to write to themselves, or to chase themselves alone.
    follows = focal if focal and focal != own and names != [focal] else ""
    wording = words(case.basis.wording).rstrip(" .;")
    last = f"Giao {follows} theo dõi, đôn đốc, tổng hợp kết quả, báo cáo {own}" if follows else f"{own} thông báo để {readers} biết, thực hiện"
    return {
        "co_quan": own,
        "loai_van_ban": words(case.basis.document_type),
        "can_cu": basis_words(case.basis),
        "neu_thoi_han": f", trong đó nêu thời hạn “{wording}”" if wording else "",
        "ngay_tinh": date_vn(case.day),
        "don_vi": late,
        "so_luong": f"{number_vn(case.tasks)} {noun}",
        "noi_duoc_de_nghi": asked,
        "cac_nhiem_vu": f"{'các ' if case.tasks > 1 else ''}{noun}",
        "han_tra_loi": date_vn(until),
        "dau_moi": follows or own,
        "giao_theo_doi": last,
    }


def _recipients(case: Case) -> tuple[str, ...]:
    own = in_short(case.issuer.name)
    focal = in_full(case.issuer.focal or "")
    drafted = symbol(case.issuer).partition("-")[2]
    leaders = f"Chủ tịch, các Phó Chủ tịch {own}" if own.startswith("UBND") else f"Lãnh đạo {own}"
    found = ["Như trên", leaders]
    found += [focal] if focal and focal not in {in_full(unit.name) for unit in case.units} else []
    return (*(f"- {line};" for line in found), f"- Lưu: VT{f', {drafted}' if drafted else ''}.")


def _groups(case: Case, noun: str) -> tuple[Group, ...]:
    groups = []
    number = 0
    for place, unit in enumerate(case.units, 1):
        lines = []
        for task in unit.tasks:
            number += 1
            lines.append(_line(number, unit, task))
        groups.append(Group(f"{roman(place)}. {words(unit.name)} ({number_vn(len(unit.tasks))} {noun})", tuple(lines)))
    return tuple(groups)


def _line(number: int, unit: LateUnit, task: LateTask) -> tuple[str, ...]:
    missing = "; ".join(words(one) for one in task.missing)
    extended = task.original_on is not None and task.original_on != task.due_on
    return (
        str(number),
        words(task.code),
        words(task.name),
        words(unit.name),
        ", ".join(words(one) for one in task.cooperators),
        date_vn(task.due_on) + (f" (hạn gốc {date_vn(task.original_on)})" if extended else ""),
        "Trả lại, yêu cầu bổ sung" if task.returned else PROGRESS_WORDS[task.status],
        number_vn(task.days_late),
        missing[:1].upper() + missing[1:] if missing else "Đủ tài liệu, chưa báo cáo",
    )
