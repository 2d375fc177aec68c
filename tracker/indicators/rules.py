"""What an indicator may be."""

from __future__ import annotations

from enum import StrEnum


class IndicatorKind(StrEnum):
    """``info`` and ``field`` are the unscored «Thông tin chung» rows and their contact fields."""

    PART = "part"
    MAIN = "main"
    COMPONENT = "component"
    SUB = "sub"
    INFO = "info"
    FIELD = "field"


class RequirementKind(StrEnum):
    """What a required document is, from the «Tài liệu kiểm chứng» column."""

    DOCUMENT = "document"
    MINUTES = "minutes"
    LIST = "list"
    PICTURE = "picture"
    LINK = "link"
    MATERIAL = "material"
    FIGURES = "figures"
