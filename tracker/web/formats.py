"""Template filters: dates, numbers and words as Vietnamese offices write them."""

from __future__ import annotations

from flask import Flask

from tracker.kernel import vietnamese


def install(app: Flask) -> None:
    """date_vn, long_date_vn, datetime_vn, number_vn, weekday_vn; blocks trimmed so that pages stay light."""
    app.jinja_env.filters.update(
        date_vn=vietnamese.date_vn,
        long_date_vn=vietnamese.long_date_vn,
        datetime_vn=vietnamese.datetime_vn,
        number_vn=vietnamese.number_vn,
        weekday_vn=vietnamese.weekday_vn,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
