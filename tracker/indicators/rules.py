"""What an indicator may be."""

from __future__ import annotations

from enum import StrEnum

from tracker.kernel.vietnamese import fold
from tracker.kernel.words import phrase


class IndicatorKind(StrEnum):
    """``info`` and ``field`` are the unscored «Thông tin chung» rows and their contact fields."""

    PART = "part"
    MAIN = "main"
    COMPONENT = "component"
    SUB = "sub"
    INFO = "info"
    FIELD = "field"


class SourceKind(StrEnum):
    """Who supplies the data of an indicator, from «Nguồn cung cấp dữ liệu»."""

    OWN = "own"
    ANOTHER_BODY = "another_body"
    #: A system measures it.
    AUTOMATIC = "automatic"


SOURCE_WORDS: dict[SourceKind, str] = {
    SourceKind.OWN: phrase("Đơn vị tự cung cấp"),
    SourceKind.ANOTHER_BODY: phrase("Cơ quan khác cung cấp"),
    SourceKind.AUTOMATIC: phrase("Hệ thống tự đo"),
}

#: Words of a printed source, folded, by which it is another's; «xã» and «đơn vị» among the suppliers make it one's own.
_SYSTEMS = ("emc", "he thong giam sat", "tu dong")
_BODIES = (
    "ncsc", "vnnic", "neac", "bo ca", "bo cong an", "cong an", "ngan hang", "vn post", "vnpost", "buu chinh", "buu dien", "cuc vien thong",
    "chi cuc thue", "cuc thue", "kho bac", "bao hiem xa hoi",
)  # fmt: skip


def source_kind_of(data_source: str) -> SourceKind:
    """Reads a printed source: «NCSC/tỉnh cung cấp», «Hệ thống EMC/tỉnh cung cấp», «UBND xã», «Thống kê tỉnh, xã cung cấp». Empty is one's own."""
    words = f" {fold(data_source)} "
    if any(f" {sign}" in words or f"/{sign}" in words for sign in _SYSTEMS):
        return SourceKind.AUTOMATIC
    if any(f" {sign}" in words or f"/{sign}" in words for sign in _BODIES):
        return SourceKind.ANOTHER_BODY
    return SourceKind.OWN


class RequirementKind(StrEnum):
    """What a required document is, from the «Tài liệu kiểm chứng» column."""

    DOCUMENT = "document"
    MINUTES = "minutes"
    LIST = "list"
    PICTURE = "picture"
    LINK = "link"
    MATERIAL = "material"
    FIGURES = "figures"
    #: Xác nhận của cơ quan khác.
    CONFIRMATION = "confirmation"


REQUIREMENT_WORDS: dict[RequirementKind, str] = {
    RequirementKind.DOCUMENT: phrase("Văn bản"),
    RequirementKind.MINUTES: phrase("Biên bản"),
    RequirementKind.LIST: phrase("Danh sách"),
    RequirementKind.PICTURE: phrase("Hình ảnh"),
    RequirementKind.LINK: phrase("Đường dẫn"),
    RequirementKind.MATERIAL: phrase("Tài liệu"),
    RequirementKind.FIGURES: phrase("Số liệu"),
    RequirementKind.CONFIRMATION: phrase("Xác nhận của cơ quan khác"),
}
