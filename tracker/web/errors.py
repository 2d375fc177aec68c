"""How a refusal reaches the reader: the right status and a page with the sentence."""

from __future__ import annotations

import errno

from flask import Flask, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, Gone, NotFound, Refused, Stale, Unable
from tracker.kernel.words import phrase
from tracker.web.words import gettext as _

SENTENCES = {
    400: phrase("Yêu cầu chưa đúng; đồng chí tải lại trang rồi thử lại."),
    404: phrase("Không tìm thấy trang này. Có thể địa chỉ sai, hoặc nội dung không thuộc phạm vi của đồng chí."),
    405: phrase("Trang này không nhận cách gửi ấy."),
    413: phrase("Tệp quá lớn. Mỗi tệp không quá 20 MB, một lần nộp cả thư mục không quá 200 MB."),
    416: phrase("Phần tệp được yêu cầu không có; đồng chí tải lại cả tệp."),
    429: phrase("Quá nhiều lần thử. Đồng chí chờ ít phút rồi thử lại."),
}
CLASH = phrase("Dữ liệu vừa gửi trùng hoặc trái với dữ liệu đã có; chưa lưu gì cả. Đồng chí mở lại trang rồi làm lại.")
NO_ROOM = phrase("Máy chủ hết chỗ lưu; chưa lưu gì cả. Đồng chí báo quản trị hệ thống, rồi thử lại sau.")
#: What the system says of a full disk, a full quota, a file beyond its limit.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FORGED = phrase("Trang đã mở quá lâu hoặc không phải do hệ thống này gửi. Đồng chí tải lại trang rồi gửi lại; chưa lưu gì cả.")


def page(status: int, title: str, sentence: str, **more: object) -> tuple[str, int]:
    """An error page. The failed transaction is undone first: nothing is half-saved."""
    db.session.rollback()
    return render_template("error.html", status=status, title=title, sentence=sentence, **more), status


def install(app: Flask) -> None:
    """Registers the handlers."""

    @app.errorhandler(NotFound)
    def not_found(error: NotFound) -> tuple[str, int]:
        return page(404, _("Không tìm thấy"), _(SENTENCES[404]))

    @app.errorhandler(Forbidden)
    def forbidden(error: Forbidden) -> tuple[str, int]:
        return page(403, _("Không được phép"), error.message)

    @app.errorhandler(Stale)
    def stale(error: Stale) -> tuple[str, int]:
        return page(409, _("Người khác vừa lưu trước"), error.message, theirs=error.theirs, yours=error.yours)

    @app.errorhandler(StaleDataError)
    def stale_row(error: StaleDataError) -> tuple[str, int]:
        return page(409, _("Người khác vừa lưu trước"), _("Nội dung này vừa được người khác sửa. Đồng chí mở lại trang để xem bản mới rồi làm lại."))

    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        return page(400, _("Chưa thực hiện được"), error.message)

    @app.errorhandler(Gone)
    def gone(error: Gone) -> tuple[str, int]:
        return page(410, _("Đã rút khỏi hệ thống"), error.message)

    @app.errorhandler(Unable)
    def unable(error: Unable) -> tuple[str, int]:
        return page(error.status, _("Hệ thống chưa làm được"), error.message)

    @app.errorhandler(OSError)
    def disk(error: OSError) -> tuple[str, int]:
        """Also where the form itself could not be taken in: its files are spooled to disk before any view runs."""
        if error.errno not in FULL:
            return broken(error)
        app.logger.error("no room: %s", error)
        return page(507, _("Hệ thống chưa làm được"), _(NO_ROOM))

    @app.errorhandler(OperationalError)
    def database_failed(error: OperationalError) -> tuple[str, int]:
        if "disk is full" not in str(error.orig) and "No space left" not in str(error.orig):
            return broken(error)
        app.logger.error("no room for the database: %s", error.orig)
        return page(507, _("Hệ thống chưa làm được"), _(NO_ROOM))

    @app.errorhandler(IntegrityError)
    def clash(error: IntegrityError) -> tuple[str, int]:
        app.logger.warning("constraint refused a write: %s", error.orig)
        return page(409, _("Người khác vừa lưu trước"), _(CLASH))

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> tuple[str, int]:
        return page(400, _("Phiên làm việc đã cũ"), _(FORGED))

    @app.errorhandler(SecurityError)
    def strange_host(error: SecurityError) -> tuple[str, int, dict[str, str]]:
        """A host name that is not ours: no page can be drawn, for no address can be built under it."""
        return _("Tên máy chủ trong yêu cầu không thuộc hệ thống này."), 400, {"Content-Type": "text/plain; charset=utf-8"}

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[str, int]:
        code = error.code or 500
        return page(code, _("Chưa thực hiện được") if code != 404 else _("Không tìm thấy"), _(SENTENCES.get(code, SENTENCES[400])))

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int]:
        app.logger.exception("unexpected error")
        return page(500, _("Hệ thống gặp lỗi"), _("Lỗi đã được ghi lại; chưa lưu gì cả. Đồng chí thử lại sau ít phút."))
