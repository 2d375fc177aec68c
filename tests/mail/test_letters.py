"""How a mail is written: Vietnamese survives, nothing smuggles a header in, copies are the same message."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.errors import Refused
from tracker.mail.rules import Prepared, back_off, checked_address, fold_address, header_text, message_key
from tracker.mail.transport import Letter, encoded_words, write

AT = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)
LONG = "Đôn Đốc: 5 chỉ số đến hạn 14/11/2026, 2 quá hạn; Phòng Văn hóa và Thông tin, Phòng Tài chính - Kế hoạch, Ủy ban nhân dân các xã, thị trấn"


def written(subject: str = "s", text: str = "t", html: str = "", name: str = "", headers: dict[str, str] | None = None) -> bytes:
    letter = Letter(message_key("k"), "a@x.vn", name, Prepared(subject, text, html, headers or {}))
    return write(letter, sender='"Đôn Đốc" <dondoc@x.vn>', domain="x.vn", at=AT)


def decoded(header: str) -> str:
    return str(make_header(decode_header(header)))


def test_a_long_vietnamese_subject_keeps_its_spaces() -> None:
    assert decoded(message_from_bytes(written(LONG))["Subject"]) == LONG


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=300))
def test_any_subject_comes_back_as_it_was(subject: str) -> None:
    clean = header_text(subject)
    raw = written(subject)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert decoded(message_from_bytes(raw)["Subject"] or "") == clean


@pytest.mark.parametrize("evil", ["x\r\nBcc: all@x.vn", "x\nBcc: all@x.vn", "x\u2028Bcc: all@x.vn", "x\x85Bcc: a@x.vn", "x\0y", "x\r\n\r\n<script>"])
def test_nothing_smuggles_a_header_in(evil: str) -> None:
    message = message_from_bytes(written(evil, name=evil, headers={"List-Id": evil}))
    assert sorted(message.keys()) == sorted(
        ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "List-Id", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
    )
    assert getaddresses([message["To"]])[0][1] == "a@x.vn"


def test_both_texts_arrive_whole() -> None:
    text, html = "Kính gửi: đồng chí\n.\n..\r\n.\r\nhết", "<p>Kính gửi</p>\n." + "ô" * 5000
    message = message_from_bytes(written(LONG, text, html))
    plain, rich = message.get_payload()
    assert plain.get_payload(decode=True).decode() == text
    assert rich.get_payload(decode=True).decode() == html
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_no_line_begins_with_a_dot_or_is_too_long() -> None:
    raw = written(LONG, "." * 3000, ".\r\n.\r\n" * 50)
    assert not any(line.startswith(b".") or len(line) > 78 for line in raw.split(b"\r\n"))


def test_duties_offer_no_unsubscribing_and_say_they_are_automatic() -> None:
    message = message_from_bytes(written())
    assert message["List-Unsubscribe"] is None
    assert message["Auto-Submitted"] == "auto-generated"


def test_the_message_id_is_the_rows_and_has_no_colon() -> None:
    ids = {message_from_bytes(written(text=text))["Message-ID"] for text in ("one", "two")}
    assert ids == {f"<{message_key('k')}@x.vn>"}
    assert ":" not in ids.pop()


@pytest.mark.parametrize("name", ["Phòng Nội vụ", 'Room "A", first', "a@b", "x, y <z@w>", ""])
def test_a_name_never_becomes_an_address(name: str) -> None:
    found = getaddresses([message_from_bytes(written(name=name))["To"]])
    assert [address for _, address in found] == ["a@x.vn"]
    assert decoded(found[0][0]) == name


@pytest.mark.parametrize("bad", ["", "a", "a@", "@b", "a b@c", "a@b\r\nRCPT TO:<c@d>", "a@b,c@d", '"a\nb"@x', "<a@b>", "ă@b.vn", "a@" + "b" * 260])
def test_an_address_smtp_cannot_carry_is_refused_with_a_sentence(bad: str) -> None:
    with pytest.raises(Refused):
        checked_address(bad)


def test_a_vietnamese_domain_is_carried_in_its_ascii_form() -> None:
    assert checked_address(" a@việt.vn ") == "a@xn--vit-pua6k.vn" or checked_address("a@việt.vn").startswith("a@xn--")


def test_one_mailbox_is_counted_once() -> None:
    assert fold_address("Van.Phong+DTI@Huyen.Gov.VN ") == fold_address("van.phong@huyen.gov.vn")


def test_waiting_grows_to_an_hour_and_stays() -> None:
    assert [back_off(n).total_seconds() / 60 for n in range(1, 8)] == [1, 2, 5, 15, 60, 60, 60]


def test_words_are_cut_between_characters() -> None:
    for part in encoded_words("đ" * 200).split("\r\n "):
        assert len(part) <= 75
