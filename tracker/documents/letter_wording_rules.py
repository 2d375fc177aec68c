"""The wording of official letters as an office may edit it: paragraphs with placeholders in braces. Nothing in it is run.

What a placeholder stands for is worked out by who writes that kind of letter: letter_rules.py for the chasing letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import clean, join_and, number_vn
from tracker.kernel.words import phrase


class LetterKind(StrEnum):
    CHASE = "chase"
    NOTICE = "notice"
    REPORT = "report"


KIND_WORDS: dict[LetterKind, str] = {
    LetterKind.CHASE: phrase("Công văn đôn đốc"),
    LetterKind.NOTICE: phrase("Thông báo phân công"),
    LetterKind.REPORT: phrase("Báo cáo định kỳ"),
}

#: Characters a wording may have.
LONGEST = 5000
_HOLE = re.compile(r"\{([^{}\n]*)\}")
#: What stands at the end of a letter's body.
_END = "./."


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name in braces, what is put there, and how that looks."""

    name: str
    means: str
    example: str


PLACEHOLDERS: Mapping[LetterKind, tuple[Placeholder, ...]] = {
    LetterKind.CHASE: (
        Placeholder("co_quan", phrase("Cơ quan ban hành"), "Ủy ban nhân dân xã Nghĩa Phương"),
        Placeholder("loai_van_ban", phrase("Loại văn bản giao việc"), "Thông báo"),
        Placeholder("can_cu", phrase("Văn bản giao việc, dẫn đầy đủ"), "Thông báo số 01/TB-UBND ngày 05 tháng 01 năm 2026 của …"),
        Placeholder(
            "neu_thoi_han",
            phrase("Câu chữ thời hạn của văn bản giao việc; bỏ trống nếu không có"),
            ", trong đó nêu thời hạn “trước ngày 15/11”",
        ),
        Placeholder("ngay_tinh", phrase("Ngày tính số liệu"), "18/11/2026"),
        Placeholder("don_vi", phrase("Đơn vị quá hạn: tên, hoặc số đơn vị"), "còn 2 cơ quan, đơn vị"),
        Placeholder("so_luong", phrase("Số nhiệm vụ quá hạn"), "3 chỉ số"),
        Placeholder("noi_duoc_de_nghi", phrase("Ai được đề nghị thực hiện"), "Thủ trưởng các cơ quan, đơn vị"),
        Placeholder("cac_nhiem_vu", phrase("Gọi chung các nhiệm vụ"), "các chỉ số"),
        Placeholder("han_tra_loi", phrase("Hạn nêu trong công văn"), "25/11/2026"),
        Placeholder("dau_moi", phrase("Nơi nhận trả lời: đơn vị đầu mối, hoặc cơ quan ban hành"), "Phòng Văn hóa - Xã hội"),
        Placeholder("giao_theo_doi", phrase("Câu giao đầu mối theo dõi, đôn đốc"), "Giao Phòng Văn hóa - Xã hội theo dõi, đôn đốc, …"),
    ),
}

#: What a letter says where the office wrote nothing of its own. Kinds without one have no wording to edit.
USUAL: Mapping[LetterKind, str] = {
    LetterKind.CHASE: (
        "Thực hiện {loai_van_ban} nêu trên{neu_thoi_han}. Qua theo dõi, tính đến ngày {ngay_tinh}, {don_vi} chưa hoàn thành {so_luong} "
        "được giao chủ trì đã quá hạn (chi tiết tại Phụ lục kèm theo).\n"
        "Để bảo đảm tiến độ, {co_quan} đề nghị {noi_duoc_de_nghi}:\n"
        "1. Khẩn trương cập nhật đầy đủ số liệu, tài liệu kiểm chứng của {cac_nhiem_vu} nêu tại Phụ lục, chậm nhất ngày {han_tra_loi}.\n"
        "2. Trường hợp không thể hoàn thành, gửi văn bản về {dau_moi} nêu rõ nguyên nhân, đề xuất thời hạn hoàn thành trước ngày {han_tra_loi}.\n"
        "{giao_theo_doi}"
    ),
}


class Signer(StrEnum):
    """Who is to sign: the head, or a deputy for the head (KT.)."""

    HEAD = "head"
    DEPUTY = "deputy"


class Addressed(StrEnum):
    """Whom «Kính gửi» names: each unit, or all of them together, listed in the appendix."""

    NAMED = "named"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Manner:
    """How an office words, addresses and signs a letter."""

    wording: str = USUAL[LetterKind.CHASE]
    signer: Signer = Signer.DEPUTY
    addressed: Addressed = Addressed.NAMED


USUAL_MANNER = Manner()


def known(kind: LetterKind) -> frozenset[str]:
    """The names a wording of this kind may hold."""
    return frozenset(one.name for one in PLACEHOLDERS[kind])


def expect_fillable(kind: LetterKind, text: str) -> str:
    """The wording as it is kept: NFC, one paragraph a line. Raises Refused (field ``body``) with what is wrong and what is known."""
    kept = _one_line_each(text)
    listed = join_and("{" + one.name + "}" for one in PLACEHOLDERS[kind])
    if len(kept) > LONGEST:
        raise _refused(phrase("Câu chữ có %(count)s ký tự; tối đa %(longest)s.", count=number_vn(len(kept)), longest=number_vn(LONGEST)))
    for name in _HOLE.findall(kept):
        if name.strip() not in known(kind):
            raise _refused(phrase("Không có chỗ điền “{%(name)s}”; các chỗ điền dùng được: %(listed)s.", name=name, listed=listed))
    left = _HOLE.sub("", kept)
    stray = next((place for place, character in enumerate(left) if character in "{}"), None)
    if stray is not None:
        said = left[stray : stray + 20].split("\n")[0]
        raise _refused(
            phrase(
                "Dấu ngoặc nhọn ở “%(said)s” không khép thành chỗ điền; đồng chí viết như {han_tra_loi}. Các chỗ điền dùng được: %(listed)s.",
                said=said,
                listed=listed,
            )
        )
    if not any(character.isalpha() for character in left):
        raise _refused(phrase("Câu chữ đang trống; đồng chí viết ít nhất một câu, hoặc bấm «Về câu chữ ban đầu»."))
    return kept


def _one_line_each(text: str) -> str:
    """Raises Refused for characters no letter can hold."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    odd = next((c for c in plain if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn")), None)
    if odd is not None:
        line = 1 + plain[: plain.index(odd)].count("\n")
        raise _refused(
            phrase("Dòng %(line)s có ký tự điều khiển U+%(odd)s không in được; đồng chí xóa đi rồi gõ lại chỗ ấy.", line=line, odd=f"{ord(odd):04X}")
        )
    return "\n".join(filter(None, (clean(line) for line in plain.split("\n"))))


def _refused(sentence: str) -> Refused:
    return Refused(sentence, field="body")


def _closed(said: str, line: str) -> str:
    """A paragraph that ends with a placeholder ends as a sentence: the value brings no full stop of its own."""
    return f"{said}." if line.rstrip().endswith("}") and said[-1:].isalnum() else said


def filled(text: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The paragraphs of a wording with its placeholders filled, the last one closed with «./.». A value is never read for placeholders."""
    lines = (_closed(clean(_HOLE.sub(lambda hole: values[hole[1].strip()], line)), line) for line in text.split("\n"))
    kept = [line for line in lines if line]
    kept[-1:] = [kept[-1].removesuffix(_END).rstrip(" .") + _END] if kept else [_END]
    return tuple(kept)
