"""The terms of the trade, each with a sentence for whoever meets it for the first time. Shown beside the word, and as a list in the guides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A word and what it means, in a sentence or two."""

    word: str
    meaning: str


TERMS: dict[str, Term] = {
    "task": Term("Nhiệm vụ", "Một chỉ số, một đơn vị chịu trách nhiệm, trong một đợt."),
    "round": Term("Đợt", "Một kỳ thu thập của một quy tắc thời hạn, ví dụ đợt báo cáo năm 2026."),
    "rule": Term("Quy tắc thời hạn", "Câu về thời hạn ghi trong văn bản, từ đó tính ra ngày cụ thể của từng đợt."),
    "main": Term("Chỉ số chính", "Nhóm các chỉ số thành phần; điểm và tình trạng của nhóm cộng từ các chỉ số thành phần."),
    "component": Term("Chỉ số thành phần", "Chỉ số được giao cho đơn vị thực hiện và chấm điểm riêng."),
    "lead": Term("Đơn vị chủ trì", "Đơn vị chịu trách nhiệm chính về một chỉ số; mỗi chỉ số có đúng một."),
    "cooperating": Term("Đơn vị phối hợp", "Đơn vị cung cấp phần của mình cho đơn vị chủ trì."),
    "focal": Term("Đầu mối", "Cơ quan theo dõi, đôn đốc, kiểm tra và tổng hợp minh chứng."),
    "evidence": Term("Tài liệu kiểm chứng", "Văn bản, đường dẫn, số liệu hoặc hình ảnh chứng minh kết quả của chỉ số; gọi tắt là minh chứng."),
    "last_day": Term("Ngày cuối còn đúng hạn", "Nộp trong ngày này, đến 24 giờ, vẫn là đúng hạn. “Trước ngày 15/11” có ngày cuối là 14/11."),
    "target": Term("Ngày nhắm tới", "Ngày làm việc cuối cùng không muộn hơn hạn. Các bậc nhắc tính theo ngày này."),
    "original": Term("Hạn gốc", "Hạn theo văn bản, trước mọi lần gia hạn; luôn được giữ và hiện ra."),
    "window": Term("Kỳ số liệu", "Số liệu và văn bản phải thuộc khoảng ngày này thì mới được tính cho kỳ."),
    "mend": Term("Hạn bổ sung", "Ngày phải nộp lại sau khi bị trả; trước ngày ấy nhiệm vụ không bị tính quá hạn."),
    "overdue": Term("Quá hạn", "Đã qua hạn đang áp dụng mà đơn vị chưa báo đủ. Tính theo giờ đơn vị nộp, không theo giờ được xác nhận."),
    "due_soon": Term("Sắp đến hạn", "Còn không quá số ngày làm việc mà cơ quan đặt (thường là 7) đến ngày nhắm tới."),
    "at_risk": Term("Điểm có nguy cơ mất", "Tổng điểm tối đa của các nhiệm vụ đang quá hạn."),
    "weight": Term("Điểm × ngày", "Điểm tối đa nhân số ngày quá hạn: việc nào để càng lâu càng mất nhiều thì đứng trước."),
    "weight_tasks": Term("Việc × ngày", "Số nhiệm vụ nhân số ngày quá hạn, dùng khi bộ chỉ số không in điểm."),
    "ready": Term("Chờ xác nhận", "Đơn vị đã báo đủ minh chứng; đầu mối chưa xem xét xong."),
    "accepted": Term("Đã xác nhận", "Đầu mối đã xem xét và chấp nhận minh chứng."),
    "set_aside": Term("Không tính", "Không áp dụng cho đơn vị, hoặc số liệu do cơ quan khác cung cấp; không tính là thiếu hay quá hạn."),
    "estimate": Term("Ước thực hiện", "Số liệu chưa chính thức, sẽ được thay khi có số chính thức."),
    "policy": Term("Chính sách nhắc", "Nhắc ai, vào những ngày nào trước và sau hạn, khi nào báo lên cấp trên."),
    "rung": Term("Bậc nhắc", "Một mốc của chính sách nhắc, tính bằng ngày làm việc trước (−) hoặc sau (+) ngày nhắm tới."),
    "registered": Term("Số công văn", "Số do văn thư cấp khi phát hành; ghi vào hệ thống thì công văn mới tính là một lần đôn đốc."),
    "extension": Term("Gia hạn", "Lùi hạn cho một nhiệm vụ theo đề nghị của đơn vị; hạn gốc vẫn được giữ."),
    "escalation": Term("Chuyển cấp", "Việc đã nhắc nhiều lần chưa chuyển biến thì báo lên lãnh đạo đơn vị, rồi lãnh đạo cơ quan."),
}
