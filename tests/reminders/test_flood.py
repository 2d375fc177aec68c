"""After days without a mail server nobody is flooded, and what is due first is said first. 2,000 people: ``make soak``."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.reminders import flood


@pytest.mark.db
@pytest.mark.slow
def test_two_hundred_people_with_forty_missed_reminders_get_one_mail_each_no_faster_than_the_rate(
    app: Flask, session: Session, on_day: Callable[[str], None]
) -> None:
    assert flood.survive(app, session, people=200, rate=60, on_day=on_day) == []
