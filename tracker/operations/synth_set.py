"""The indicator set of the synthetic country: 79 components under eight main indicators, 1000 points in all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tracker.indicators.models import Indicator, IndicatorSet, Requirement
from tracker.indicators.rules import IndicatorKind, RequirementKind
from tracker.kernel.vietnamese import code_key, fold

SLUG = "tong-hop"
TOTAL = 1000

MAINS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Nhận thức số",
        (
            "Người đứng đầu là Trưởng Ban Chỉ đạo chuyển đổi số của địa phương",
            "Người đứng đầu chủ trì các cuộc họp về chuyển đổi số trong năm",
            "Văn bản chỉ đạo về chuyển đổi số do người đứng đầu ký ban hành",
            "Cổng thông tin điện tử có chuyên trang, chuyên mục về chuyển đổi số",
            "Hệ thống truyền thanh cơ sở có chương trình phát sóng riêng về chuyển đổi số",
            "Tần suất phát sóng chuyên mục chuyển đổi số trên hệ thống truyền thanh cơ sở",
            "Tổ chức hội nghị, tập huấn nâng cao nhận thức về chuyển đổi số cho cán bộ",
            "Số lượng mô hình, sáng kiến chuyển đổi số được phổ biến, nhân rộng",
            "Hoạt động hưởng ứng Ngày Chuyển đổi số quốc gia trên địa bàn",
            "Tài liệu tuyên truyền về chuyển đổi số phát đến thôn, tổ dân phố",
        ),
    ),
    (
        "Thể chế số",
        (
            "Nghị quyết hoặc kế hoạch của cấp ủy về chuyển đổi số",
            "Kế hoạch hành động 5 năm về chuyển đổi số của Ủy ban nhân dân",
            "Kế hoạch hành động hằng năm về chuyển đổi số của Ủy ban nhân dân",
            "Quyết định giao nhiệm vụ, chỉ tiêu chuyển đổi số cho các phòng chuyên môn",
            "Chính sách khuyến khích người dân, doanh nghiệp dùng dịch vụ công trực tuyến",
            "Quy chế quản lý, vận hành, khai thác hệ thống thông tin của địa phương",
            "Báo cáo tình hình ứng dụng công nghệ thông tin đầy đủ, kịp thời, đúng biểu mẫu",
            "Tiêu chí chuyển đổi số trong đánh giá cán bộ và thi đua khen thưởng",
            "Thực hiện chi ngân sách hằng năm cho chuyển đổi số theo dự toán được giao",
            "Quy trình tiếp nhận, xử lý phản ánh kiến nghị trên môi trường mạng",
        ),
    ),
    (
        "Hạ tầng số",
        (
            "Tỷ lệ cán bộ, công chức được trang bị máy tính phục vụ công việc",
            "Tỷ lệ máy tính kết nối Internet (trừ máy tính xử lý tài liệu mật)",
            "Tỷ lệ cơ quan, đơn vị kết nối mạng truyền số liệu chuyên dùng",
            "Tỷ lệ hộ gia đình có kết nối Internet băng rộng cáp quang",
            "Tỷ lệ thuê bao điện thoại di động sử dụng điện thoại thông minh",
            "Tỷ lệ thôn, tổ dân phố được phủ sóng dịch vụ mạng di động 4G, 5G",
            "Tỷ lệ điểm công cộng có mạng Wi-Fi miễn phí phục vụ người dân, du khách",
            "Tỷ lệ đài truyền thanh cơ sở ứng dụng công nghệ thông tin - viễn thông",
            "Phòng họp trực tuyến từ cấp tỉnh đến cấp xã đáp ứng yêu cầu kỹ thuật",
            "Tỷ lệ hệ thống thông tin triển khai trên nền tảng điện toán đám mây",
        ),
    ),
    (
        "Nhân lực số",
        (
            "Tỷ lệ xã, phường, thị trấn có tổ công nghệ số cộng đồng",
            "Tỷ lệ thôn, khu phố và tương đương có tổ công nghệ số cộng đồng",
            "Tỷ lệ thành viên tổ công nghệ số cộng đồng được bồi dưỡng kỹ năng số",
            "Tỷ lệ công chức, viên chức được bồi dưỡng, tập huấn về chuyển đổi số",
            "Công chức, viên chức được giao làm đầu mối về chuyển đổi số",
            "Tỷ lệ công chức chuyên trách về công nghệ thông tin, an toàn thông tin",
            "Tỷ lệ cơ sở giáo dục thực hiện chuyển đổi số trong quản lý, dạy và học",
            "Tỷ lệ người dân trong độ tuổi lao động được phổ cập kỹ năng số cơ bản",
            "Số lớp tập huấn kỹ năng số cho doanh nghiệp nhỏ và vừa, hộ kinh doanh",
            "Tỷ lệ cán bộ cấp xã sử dụng thành thạo các nền tảng số dùng chung",
        ),
    ),
    (
        "An toàn thông tin mạng",
        (
            "Tỷ lệ hệ thống thông tin được phê duyệt hồ sơ đề xuất cấp độ an toàn",
            "Tỷ lệ hệ thống thông tin triển khai đầy đủ phương án bảo vệ theo cấp độ",
            "Tỷ lệ máy tính được cài đặt phần mềm phòng, chống mã độc tập trung",
            "Số lần kiểm tra, đánh giá an toàn thông tin định kỳ trong năm",
            "Bố trí cán bộ đầu mối tiếp nhận, xử lý thông tin ứng cứu sự cố",
            "Kế hoạch, phương án ứng cứu, xử lý sự cố an toàn thông tin hằng năm",
            "Tham gia diễn tập an toàn thông tin do cấp trên tổ chức",
            "Tham gia lớp đào tạo, tập huấn về an toàn thông tin",
            "Tỷ lệ chi cho an toàn thông tin trên tổng chi công nghệ thông tin",
            "Tuyên truyền kỹ năng bảo đảm an toàn thông tin cho người dân",
        ),
    ),
    (
        "Hoạt động chính quyền số",
        (
            "Trang thông tin điện tử cung cấp đầy đủ thông tin theo quy định",
            "Tỷ lệ văn bản đi được ký số bởi chứng thư số chuyên dùng",
            "Tỷ lệ hồ sơ công việc được xử lý trên môi trường mạng",
            "Tỷ lệ dịch vụ công trực tuyến phát sinh hồ sơ trong kỳ",
            "Tỷ lệ hồ sơ thủ tục hành chính nộp trực tuyến",
            "Tỷ lệ hồ sơ thủ tục hành chính được giải quyết đúng hạn",
            "Tỷ lệ hồ sơ thanh toán trực tuyến qua Cổng Dịch vụ công quốc gia",
            "Tỷ lệ kết quả giải quyết thủ tục hành chính được số hóa",
            "Mức độ hài lòng của người dân, doanh nghiệp khi dùng dịch vụ công trực tuyến",
            "Tỷ lệ phản ánh kiến nghị được xử lý đúng hạn trên hệ thống của tỉnh",
        ),
    ),
    (
        "Hoạt động kinh tế số",
        (
            "Tỷ lệ doanh nghiệp nhỏ và vừa tham gia chương trình hỗ trợ chuyển đổi số",
            "Tỷ lệ doanh nghiệp nộp thuế điện tử",
            "Tỷ lệ doanh nghiệp sử dụng hóa đơn điện tử khởi tạo từ máy tính tiền",
            "Tỷ lệ sản phẩm đặc trưng, sản phẩm OCOP được đưa lên sàn thương mại điện tử",
            "Tỷ lệ hợp tác xã ứng dụng công nghệ số trong quản lý sản xuất",
            "Tỷ lệ chợ, trung tâm thương mại chấp nhận thanh toán không dùng tiền mặt",
            "Số lượng doanh nghiệp công nghệ số hoạt động trên địa bàn",
            "Tỷ lệ hộ kinh doanh có tài khoản trên sàn thương mại điện tử",
            "Số tuyến du lịch, điểm đến có thông tin, đặt vé trên nền tảng số",
            "Tỷ lệ cơ sở lưu trú khai báo thông tin trên môi trường mạng",
        ),
    ),
    (
        "Hoạt động xã hội số",
        (
            "Tỷ lệ người dân trưởng thành có tài khoản định danh điện tử mức độ 2",
            "Tỷ lệ người dân có chữ ký số hoặc chữ ký điện tử cá nhân",
            "Tỷ lệ người dân từ 15 tuổi trở lên có tài khoản thanh toán",
            "Tỷ lệ người dân có hồ sơ sức khỏe điện tử được cập nhật thường xuyên",
            "Tỷ lệ cơ sở giáo dục thu học phí không dùng tiền mặt",
            "Tỷ lệ cơ sở y tế thanh toán viện phí không dùng tiền mặt",
            "Tỷ lệ đối tượng an sinh xã hội được chi trả qua tài khoản",
            "Tỷ lệ hộ gia đình được gắn địa chỉ số trên bản đồ",
            "Tỷ lệ người dân sử dụng nền tảng khám bệnh, chữa bệnh từ xa",
        ),
    ),
)

_REQUIRED = (
    (RequirementKind.DOCUMENT, "Quyết định, kế hoạch hoặc văn bản ban hành đã ký số"),
    (RequirementKind.FIGURES, "Bảng số liệu tổng hợp có xác nhận của đơn vị"),
    (RequirementKind.PICTURE, "Ảnh chụp màn hình hoặc đường dẫn kiểm tra được"),
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A component as the synthetic tasks need it; ``required`` are the ids of the documents it asks for."""

    id: int
    code: str
    name: str
    position: int
    required: tuple[int, ...]


def leaves(session: Session, now: datetime) -> tuple[int, list[Leaf]]:
    """The set, made where it is not there yet: its id and its components in order."""
    set_id = session.scalars(select(IndicatorSet.id).where(IndicatorSet.slug == SLUG)).first() or _make(session, now)
    rows = session.execute(
        select(Indicator.id, Indicator.code, Indicator.name, Indicator.position)
        .where(Indicator.set_id == set_id, Indicator.kind == IndicatorKind.COMPONENT)
        .order_by(Indicator.position)
    ).all()
    required: dict[int, list[int]] = {}
    asked = (
        select(Requirement.indicator_id, Requirement.id).join(Indicator, Indicator.id == Requirement.indicator_id).where(Indicator.set_id == set_id)
    )
    for indicator_id, requirement_id in session.execute(asked.order_by(Requirement.indicator_id, Requirement.position)):
        required.setdefault(indicator_id, []).append(requirement_id)
    return set_id, [Leaf(row.id, row.code, row.name, row.position, tuple(required.get(row.id, ()))) for row in rows]


def _make(session: Session, now: datetime) -> int:
    made = IndicatorSet(
        slug=SLUG,
        title="Bộ chỉ số tổng hợp dùng để thử quy mô",
        issuer=None,
        level="district",
        document_type="Quyết định",
        scale=TOTAL,
        source="Dữ liệu tổng hợp, không phải văn bản thật",
        published_at=now,
    )
    session.add(made)
    session.flush()
    heads = [_row(made.id, None, str(number), name, number * 100, Decimal(TOTAL // len(MAINS))) for number, (name, _) in enumerate(MAINS, 1)]
    main_ids = list(session.scalars(insert(Indicator).returning(Indicator.id, sort_by_parameter_order=True), heads))
    session.execute(update(Indicator).where(Indicator.id.in_(main_ids)).values(main_id=Indicator.id).execution_options(synchronize_session=False))
    rows = []
    for number, (main_id, (_, names)) in enumerate(zip(main_ids, MAINS, strict=True), 1):
        share = Decimal(TOTAL // len(MAINS)) / len(names)
        rows += [_row(made.id, main_id, f"{number}.{n}", name, number * 100 + n, round(share, 1)) for n, name in enumerate(names, 1)]
    leaf_ids = list(session.scalars(insert(Indicator).returning(Indicator.id, sort_by_parameter_order=True), rows))
    # A third asks for two documents, a third for one, a third (as many real sets) for none.
    session.execute(
        insert(Requirement),
        [
            {"indicator_id": leaf_id, "position": n + 1, "kind": kind, "name": name, "quantity": 1}
            for place, leaf_id in enumerate(leaf_ids)
            for n, (kind, name) in enumerate(_REQUIRED[: place % 3])
        ],
    )
    return made.id


def _row(set_id: int, main_id: int | None, code: str, name: str, position: int, points: Decimal) -> dict[str, Any]:
    scoring = "" if main_id is None else f"Đạt đầy đủ: {points} điểm; đạt một phần: điểm tối đa × tỷ lệ; không đạt: 0 điểm."
    return {
        "set_id": set_id,
        "parent_id": main_id,
        "main_id": main_id,
        "code": code,
        "code_key": code_key(code),
        "position": position,
        "kind": IndicatorKind.MAIN if main_id is None else IndicatorKind.COMPONENT,
        "name": name,
        "printed": name,
        "folded": fold(name),
        "max_points": points,
        "max_points_printed": str(points),
        "scoring": scoring,
        "scoring_printed": scoring,
        **dict.fromkeys(("evidence", "evidence_printed", "data_source", "data_source_printed"), ""),
    }
