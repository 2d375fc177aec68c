"""User names, passwords, codes: pure rules."""

from __future__ import annotations

import pytest

from tracker.accounts import credentials
from tracker.accounts.rules import CODE_ALPHABET, code_key, email_problem, grouped, password_problem, username_key, username_problem


def test_a_user_name_is_the_same_in_any_case_and_composition() -> None:
    assert username_key(" Focal@Ninh-Son.DEMO ") == username_key("focal@ninh-son.demo")
    assert username_key("ho\u0300a.nguyen") == username_key("hòa.nguyen")


@pytest.mark.parametrize("name", ["focal@ninh-son.demo", "specialist-phong-noi-vu@ninh-son.demo", "hòa.nguyễn", "a1b"])
def test_these_are_user_names(name: str) -> None:
    assert username_problem(name) is None


@pytest.mark.parametrize("name", ["", "ab", "có dấu cách", "-đầu", "cuối-", "a" * 101, "a<b>c"])
def test_these_are_not_user_names(name: str) -> None:
    assert username_problem(name)


def test_an_address_is_judged_by_its_shape() -> None:
    assert email_problem("vanphong@ninhson.gov.vn") is None
    for wrong in ("vanphong", "a@b", "a b@c.vn"):
        assert email_problem(wrong)


def test_a_password_is_long_and_does_not_hold_the_name() -> None:
    assert password_problem("ngắn", "focal")
    assert password_problem("x" * 201, "focal")
    assert password_problem("xFOCALx123456", "focal")
    assert password_problem("aaaaaaaaaaaaaa", "focal")
    assert password_problem("bốn mùa thay lá", "focal") is None


def test_a_code_is_read_however_it_was_typed() -> None:
    assert code_key("k7p4 9wxz-2mtd") == code_key("K7P4-9WXZ-2MTD") == "K7P49WXZ2MTD"
    assert code_key("O1l") == "011"
    assert grouped("K7P49WXZ2MTD") == "K7P4-9WXZ-2MTD"


def test_a_printed_code_survives_being_read_aloud() -> None:
    code = credentials.new_printed_code()
    assert len(code) == 12
    assert set(code) <= set(CODE_ALPHABET)
    assert credentials.code_hash(grouped(code).lower()) == credentials.code_hash(code)


def test_a_mailed_code_comes_from_the_nonce_and_the_key_together() -> None:
    nonce = credentials.new_nonce()
    code = credentials.link_code("key", nonce)
    assert len(code) == 26
    assert code == credentials.link_code("key", nonce)
    assert code != credentials.link_code("another key", nonce)
    assert code != credentials.link_code("key", credentials.new_nonce())


def test_a_password_matches_in_either_composition_and_nobody_matches_nothing() -> None:
    kept = credentials.hash_password("mật khẩu hòa")
    assert credentials.matches(kept, "mật khẩu ho\u0300a")
    assert not credentials.matches(kept, "mật khẩu hoà")
    assert not credentials.matches(None, "mật khẩu hòa")


def test_the_hash_compared_for_nobody_costs_as_much_as_a_real_one() -> None:
    assert not credentials.outdated(credentials.NOBODY)
    _empty, kind, _version, parameters, *_rest = credentials.NOBODY.split("$")
    cost = dict(part.split("=") for part in parameters.split(","))
    assert kind == "argon2id"
    assert int(cost["m"]) <= 32 * 1024
