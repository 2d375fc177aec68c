"""The page of rights is printed from the code: an old one fails here."""

from __future__ import annotations

from flask import Flask

from tracker.operations.reference_commands import PAGE, rights_page


def test_the_page_of_rights_is_what_the_code_says(bare_app: Flask) -> None:
    assert PAGE.read_text(encoding="utf-8") == rights_page(bare_app), "run `make docs`"
