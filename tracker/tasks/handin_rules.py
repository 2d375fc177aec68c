"""What came in through a personal link, by somebody who did not sign in."""

from __future__ import annotations

from enum import StrEnum


class HandinKind(StrEnum):
    FILE = "file"
    FIGURE = "figure"
    #: A request for more time.
    TIME = "time"


HANDIN_WORDS = {HandinKind.FILE: "Tệp", HandinKind.FIGURE: "Số liệu", HandinKind.TIME: "Xin thêm thời gian"}

#: On screen, beside what waits.
MARK = "nộp qua liên kết – chưa xác thực"

UNVERIFIED = (
    "Nhiệm vụ có nội dung nộp qua liên kết, chưa xác thực. Lãnh đạo đơn vị hoặc cơ quan đầu mối bấm “Xác thực” ở trang nhiệm vụ trước; "
    "không đúng thì gỡ hoặc rút nội dung ấy."
)
UNVERIFIED_REQUEST = (
    "đề nghị này gửi qua liên kết, chưa xác thực. Lãnh đạo đơn vị hoặc cơ quan đầu mối bấm “Xác thực” ở trang nhiệm vụ trước khi gia hạn."
)
