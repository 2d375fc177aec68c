"""The demonstration pictures are taken of, on the day of the drawings."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from tracker.app import create_app

NOW = "2026-11-18T09:00"


def demonstration(folder: Path, password: str) -> Flask:
    """A fresh demonstration on SQLite in ``folder``, its clock at NOW."""
    os.environ.update({"TRACKER_NOW": NOW, "TRACKER_DATA": str(folder), "TRACKER_ENV": "demo", "TRACKER_DEMO_PASSWORD": password})
    app = create_app({"MAIL_RATE_PER_MINUTE": 100_000})
    with app.app_context():
        upgrade()
    for command in (["seed", "--demo"], ["reminders", "plan"], ["reminders", "send"]):
        result = app.test_cli_runner().invoke(args=command)
        if result.exit_code:
            raise SystemExit(f"flask {' '.join(command)}: {result.output}")
    return app
