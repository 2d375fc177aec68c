"""Settings are read once, refused in sentences, and unsafe ones never reach production."""

from __future__ import annotations

import concurrent.futures
from pathlib import Path

import pytest
from flask import request

import config
from tests.harness.stores import make_app

GOOD = {"TRACKER_ENV": "production", "SECRET_KEY": "k" * 40, "BASE_URL": "https://dondoc.example.vn", "TRUSTED_HOSTS": "dondoc.example.vn"}


def production(tmp_path: Path, **changed: str | None) -> dict[str, str]:
    given: dict[str, str | None] = {**GOOD, "TRACKER_DATA": str(tmp_path), **changed}
    return {name: value for name, value in given.items() if value is not None}


def test_production_starts_where_everything_is_said(tmp_path: Path) -> None:
    read = config.read(production(tmp_path))
    assert read["SESSION_COOKIE_SECURE"] and read["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"SECRET_KEY": None},
        {"SECRET_KEY": "short"},
        {"BASE_URL": None},
        {"BASE_URL": "dondoc.example.vn"},
        {"TRUSTED_HOSTS": None},
        {"TRACKER_DATA": None},
        {"TRACKER_DATA": str(config.ROOT / "instance")},
        {"TRACKER_NOW": "2026-11-18"},
        {"TRACKER_ENV": "prod"},
        {"MAIL_PORT": "smtp"},
        {"MAIL_PASSWORD": "bí mật"},
        {"TRUSTED_PROXIES": "-1"},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_production_refuses_what_would_be_unsafe_or_unreadable(tmp_path: Path, wrong: dict[str, str | None]) -> None:
    with pytest.raises(config.BadConfiguration, match=next(iter(wrong))):
        config.read(production(tmp_path, **wrong))


def test_a_day_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(config.BadConfiguration, match="2026-11-31"):
        config.read({"TRACKER_DATA": str(tmp_path), "TRACKER_NOW": "2026-11-31"})


def test_two_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _n: config.read({"TRACKER_DATA": str(tmp_path)})["SECRET_KEY"], range(16)))
    assert len(keys) == 1
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("given", ["postgres://u@h/d", "postgresql://u@h/d"])
def test_a_database_address_gets_the_driver_that_is_shipped(given: str, tmp_path: Path) -> None:
    assert config.database_url(given, tmp_path) == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(("hops", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_the_address_of_a_person_is_believed_only_from_as_many_proxies_as_stand_there(tmp_path: Path, hops: int, seen: str) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'none.sqlite'}", tmp_path, TRUSTED_PROXIES=hops)
    addresses = []
    app.before_request(lambda: addresses.append(request.remote_addr))
    app.test_client().get("/static/favicon.svg", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    assert addresses == [seen]
