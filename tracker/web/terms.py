"""The terms of the trade, each with a sentence for whoever meets it for the first time. Shown beside the word, and as a list in the guides."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.kernel.words import phrase


@dataclass(frozen=True, slots=True)
class Term:
    """A word and what it means, in a sentence or two."""

    word: str
    meaning: str


TERMS: dict[str, Term] = {
    "task": Term(phrase("Nhiệm vụ"), phrase("Một chỉ số, một đơn vị chịu trách nhiệm, trong một đợt.")),
    "round": Term(phrase("Đợt"), phrase("Một kỳ thu thập của một quy tắc thời hạn, ví dụ đợt báo cáo năm 2026.")),
    "rule": Term(phrase("Quy tắc thời hạn"), phrase("Câu về thời hạn ghi trong văn bản, từ đó tính ra ngày cụ thể của từng đợt.")),
    "main": Term(phrase("Chỉ số chính"), phrase("Nhóm các chỉ số thành phần; điểm và tình trạng của nhóm cộng từ các chỉ số thành phần.")),
    "component": Term(phrase("Chỉ số thành phần"), phrase("Chỉ số được giao cho đơn vị thực hiện và chấm điểm riêng.")),
    "lead": Term(phrase("Đơn vị chủ trì"), phrase("Đơn vị chịu trách nhiệm chính về một chỉ số; mỗi chỉ số có đúng một.")),
    "cooperating": Term(phrase("Đơn vị phối hợp"), phrase("Đơn vị cung cấp phần của mình cho đơn vị chủ trì.")),
    "focal": Term(phrase("Đầu mối"), phrase("Cơ quan theo dõi, đôn đốc, kiểm tra và tổng hợp minh chứng.")),
    "evidence": Term(
        phrase("Tài liệu kiểm chứng"), phrase("Văn bản, đường dẫn, số liệu hoặc hình ảnh chứng minh kết quả của chỉ số; gọi tắt là minh chứng.")
    ),
    "last_day": Term(
        phrase("Ngày cuối còn đúng hạn"), phrase("Nộp trong ngày này, đến 24 giờ, vẫn là đúng hạn. “Trước ngày 15/11” có ngày cuối là 14/11.")
    ),
    "target": Term(phrase("Ngày nhắm tới"), phrase("Ngày làm việc cuối cùng không muộn hơn hạn. Các bậc nhắc tính theo ngày này.")),
    "original": Term(phrase("Hạn gốc"), phrase("Hạn theo văn bản, trước mọi lần gia hạn; luôn được giữ và hiện ra.")),
    "window": Term(phrase("Kỳ số liệu"), phrase("Số liệu và văn bản phải thuộc khoảng ngày này thì mới được tính cho kỳ.")),
    "mend": Term(phrase("Hạn bổ sung"), phrase("Ngày phải nộp lại sau khi bị trả; trước ngày ấy nhiệm vụ không bị tính quá hạn.")),
    "overdue": Term(
        phrase("Quá hạn"), phrase("Đã qua hạn đang áp dụng mà đơn vị chưa báo đủ. Tính theo giờ đơn vị nộp, không theo giờ được xác nhận.")
    ),
    "due_soon": Term(phrase("Sắp đến hạn"), phrase("Còn không quá số ngày làm việc mà cơ quan đặt (thường là 7) đến ngày nhắm tới.")),
    "at_risk": Term(phrase("Điểm có nguy cơ mất"), phrase("Tổng điểm tối đa của các nhiệm vụ đang quá hạn.")),
    "weight": Term(phrase("Điểm × ngày"), phrase("Điểm tối đa nhân số ngày quá hạn: việc nào để càng lâu càng mất nhiều thì đứng trước.")),
    "weight_tasks": Term(phrase("Việc × ngày"), phrase("Số nhiệm vụ nhân số ngày quá hạn, dùng khi bộ chỉ số không in điểm.")),
    "ready": Term(phrase("Chờ xác nhận"), phrase("Đơn vị đã báo đủ minh chứng; đầu mối chưa xem xét xong.")),
    "accepted": Term(phrase("Đã xác nhận"), phrase("Đầu mối đã xem xét và chấp nhận minh chứng.")),
    "set_aside": Term(
        phrase("Không tính"), phrase("Không áp dụng cho đơn vị, hoặc số liệu do cơ quan khác cung cấp; không tính là thiếu hay quá hạn.")
    ),
    "estimate": Term(phrase("Ước thực hiện"), phrase("Số liệu chưa chính thức, sẽ được thay khi có số chính thức.")),
    "policy": Term(phrase("Chính sách nhắc"), phrase("Nhắc ai, vào những ngày nào trước và sau hạn, khi nào báo lên cấp trên.")),
    "rung": Term(phrase("Bậc nhắc"), phrase("Một mốc của chính sách nhắc, tính bằng ngày làm việc trước (−) hoặc sau (+) ngày nhắm tới.")),
    "registered": Term(phrase("Số công văn"), phrase("Số do văn thư cấp khi phát hành; ghi vào hệ thống thì công văn mới tính là một lần đôn đốc.")),
    "extension": Term(phrase("Gia hạn"), phrase("Lùi hạn cho một nhiệm vụ theo đề nghị của đơn vị; hạn gốc vẫn được giữ.")),
    "escalation": Term(phrase("Chuyển cấp"), phrase("Việc đã nhắc nhiều lần chưa chuyển biến thì báo lên lãnh đạo đơn vị, rồi lãnh đạo cơ quan.")),
}
