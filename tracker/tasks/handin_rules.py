"""What came in through a personal link, by somebody who did not sign in."""

from __future__ import annotations

from enum import StrEnum

from tracker.kernel.words import phrase


class HandinKind(StrEnum):
    FILE = "file"
    FIGURE = "figure"
    #: A request for more time.
    TIME = "time"


HANDIN_WORDS = {HandinKind.FILE: phrase("Tệp"), HandinKind.FIGURE: phrase("Số liệu"), HandinKind.TIME: phrase("Xin thêm thời gian")}

#: On screen, beside what waits.
MARK = phrase("nộp qua liên kết – chưa xác thực")

UNVERIFIED = phrase(
    "Nhiệm vụ có nội dung nộp qua liên kết, chưa xác thực. Lãnh đạo đơn vị hoặc cơ quan đầu mối bấm “Xác thực” ở trang nhiệm vụ trước; "
    "không đúng thì gỡ hoặc rút nội dung ấy."
)
UNVERIFIED_REQUEST = phrase(
    "đề nghị này gửi qua liên kết, chưa xác thực. Lãnh đạo đơn vị hoặc cơ quan đầu mối bấm “Xác thực” ở trang nhiệm vụ trước khi gia hạn."
)
