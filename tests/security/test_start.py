"""Production refuses to start where it would not be safe, and says which setting is at fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

import config
from tests.harness.stores import SECRET, make_app
from tracker.app import create_app


@pytest.fixture
def sound(tmp_path: Path) -> dict[str, str]:
    """An environment production starts in."""
    return {
        "TRACKER_ENV": "production",
        "SECRET_KEY": SECRET,
        "BASE_URL": "https://dondoc.example.vn",
        "TRUSTED_HOSTS": "dondoc.example.vn",
        "TRACKER_DATA": str(tmp_path),
    }


def test_a_sound_environment_is_accepted(sound: dict[str, str]) -> None:
    settings = config.read(sound)
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert settings["TRUSTED_HOSTS"] == ["dondoc.example.vn"]
    assert settings["MAX_CONTENT_LENGTH"] is not None


@pytest.mark.parametrize("name", ["SECRET_KEY", "BASE_URL", "TRUSTED_HOSTS", "TRACKER_DATA"])
@pytest.mark.parametrize("value", [None, ""])
def test_production_names_the_setting_that_is_missing(sound: dict[str, str], name: str, value: str | None) -> None:
    with pytest.raises(config.BadConfiguration, match=name):
        config.read({**{k: v for k, v in sound.items() if k != name}, **({name: value} if value is not None else {})})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "ngan"),
        ("BASE_URL", "dondoc.example.vn"),
        ("TRACKER_NOW", "2026-11-18"),
        ("TRACKER_DATA", str(config.ROOT)),
        ("TRACKER_DATA", str(config.ROOT / "instance")),
        ("TRACKER_ENV", "prod"),
        ("MAIL_PORT", "hai mươi lăm"),
    ],
)
def test_production_names_the_setting_that_is_unsafe(sound: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(config.BadConfiguration, match=name):
        config.read({**sound, name: value})


@pytest.mark.db
def test_production_does_not_start_while_a_demo_account_could_sign_in(app: Flask, session: Session, world: Any) -> None:
    settings = {name: app.config[name] for name in ("SQLALCHEMY_DATABASE_URI", "TRACKER_DATA", "STORAGE_URL", "SECRET_KEY")}
    world.owner.demo = True
    session.commit()
    with pytest.raises(config.BadConfiguration, match=r"trình diễn|demo"):
        create_app({**settings, "TRACKER_ENV": "production"})
    world.owner.active = False
    session.commit()
    create_app({**settings, "TRACKER_ENV": "production"})


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("path", ["/dev/mail", "/dev/mail/" + "0" * 32, "/styleguide"])
def test_in_production_the_pages_of_a_demonstration_are_not_there(database_url: str, data: Path, path: str) -> None:
    app = make_app(database_url, data, TRACKER_ENV="production")
    assert app.test_client().get(path).status_code == 404
