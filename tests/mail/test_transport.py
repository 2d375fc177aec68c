"""The transports themselves: aiosmtpd as an independent judge of our SMTP, encryption that is never given up, the folder."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message as Received
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler
from flask import Flask

from tests.mail.sink import Sink
from tracker.mail.rules import Outcome, Phase, Prepared, message_key
from tracker.mail.transport import FolderTransport, Letter, SmtpTransport, transport_for

# These speak to servers of their own on 127.0.0.1; no database.
pytestmark = pytest.mark.db

SUBJECT = "Đôn Đốc: 12 chỉ số đến hạn từ 14/11/2026 đến 27/11/2026, 2 quá hạn; Phòng Văn hóa và Thông tin"
LETTER = Letter(message_key("k"), "a@x.vn", "Phòng Nội vụ", Prepared(SUBJECT, "Kính gửi đồng chí.\n.\n", "<p>Kính gửi</p>"))


class Keeping(Handler):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Received] = []

    def handle_message(self, message: Received) -> None:
        self.kept.append(message)


@pytest.fixture
def judge() -> Iterator[tuple[int, Keeping]]:
    handler = Keeping()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield port, handler
    controller.stop()


def settings(bare_app: Flask, port: int, **more: object) -> dict[str, object]:
    return {**bare_app.config, "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": port, **more}


def test_an_independent_server_reads_what_was_meant(bare_app: Flask, judge: tuple[int, Keeping]) -> None:
    port, handler = judge
    transport = SmtpTransport(settings(bare_app, port))
    assert [transport.deliver(LETTER).outcome for _ in range(2)] == [Outcome.OK, Outcome.OK]
    transport.close()
    first, second = handler.kept
    assert str(make_header(decode_header(first["Subject"]))) == SUBJECT
    assert first.get_payload(0).get_payload(decode=True).decode() == LETTER.prepared.text
    assert first["Message-ID"] == second["Message-ID"]
    assert first["X-RcptTo"] == "a@x.vn"


def test_a_server_without_starttls_gets_nothing_where_encryption_is_asked_for(bare_app: Flask) -> None:
    with Sink() as sink:
        result = SmtpTransport(settings(bare_app, sink.port, MAIL_USE_TLS=True)).deliver(LETTER)
    assert (result.outcome, result.phase) == (Outcome.TEMPORARY, Phase.CONNECT)
    assert sink.accepted == []


def test_a_plain_server_gets_nothing_where_ssl_is_asked_for(bare_app: Flask) -> None:
    with Sink() as sink:
        result = SmtpTransport(settings(bare_app, sink.port, MAIL_USE_SSL=True)).deliver(LETTER)
    assert (result.outcome, result.phase) == (Outcome.TEMPORARY, Phase.CONNECT)
    assert sink.accepted == []


def test_a_connection_the_server_closed_meanwhile_is_opened_anew(bare_app: Flask) -> None:
    with Sink() as sink:
        transport = SmtpTransport(settings(bare_app, sink.port))
        transport.deliver(LETTER)
        assert transport._host is not None
        assert transport._host.sock is not None
        transport._host.sock.shutdown(socket.SHUT_RDWR)  # as after a long silence
        assert transport.deliver(LETTER).outcome is Outcome.OK
    assert (sink.connections, len(sink.accepted)) == (2, 2)


def test_no_server_at_all_is_told_in_words(bare_app: Flask) -> None:
    result = SmtpTransport(settings(bare_app, 1)).deliver(LETTER)
    assert (result.outcome, result.phase) == (Outcome.TEMPORARY, Phase.CONNECT)
    assert "refused" in result.detail


def test_without_a_server_mails_go_to_the_folder_and_a_second_copy_replaces_the_first(bare_app: Flask, tmp_path: Path) -> None:
    transport = transport_for({**bare_app.config, "MAIL_SERVER": None, "MAIL_FOLDER": tmp_path / "mail"})
    assert isinstance(transport, FolderTransport)
    assert [transport.deliver(LETTER).outcome for _ in range(2)] == [Outcome.OK, Outcome.OK]
    assert [path.name for path in (tmp_path / "mail").iterdir()] == [f"{LETTER.message_key}.eml"]


def test_a_folder_that_is_a_file_is_a_temporary_failure(bare_app: Flask, tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("")
    result = FolderTransport({**bare_app.config, "MAIL_FOLDER": tmp_path / "mail"}).deliver(LETTER)
    assert result.outcome is Outcome.TEMPORARY
