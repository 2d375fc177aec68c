"""Settings from the environment. The table of variables stands in README.md."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tracker.kernel import clock, failpoints

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ("development", "demo", "production")
MEBIBYTE = 1024 * 1024


class BadConfiguration(SystemExit):
    """The application refuses to start, and says why."""


def read(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Flask's configuration from the environment. Raises BadConfiguration where production would be unsafe."""
    kind = environ.get("TRACKER_ENV", "development")
    if kind not in ENVIRONMENTS:
        raise BadConfiguration(f"TRACKER_ENV là “{kind}”; phải là một trong: {', '.join(ENVIRONMENTS)}.")
    if kind == "production":
        _refuse_unsafe(environ)
    _check_clock(environ)
    _check_password(environ)
    data = Path(environ.get("TRACKER_DATA") or ROOT / "instance").resolve()
    data.mkdir(parents=True, exist_ok=True)
    base_url = (environ.get("BASE_URL") or f"http://127.0.0.1:{_number(environ, 'PORT', 8000)}").rstrip("/")
    if not base_url.startswith(("http://", "https://")):
        raise BadConfiguration(f"BASE_URL là “{base_url}”; phải là địa chỉ đầy đủ, ví dụ https://dondoc.example.vn.")
    https = base_url.startswith("https://")
    return {
        "TRACKER_ENV": kind,
        "TRACKER_DATA": data,
        "STORAGE_URL": _storage_url(environ.get("STORAGE_URL"), data),
        "BASE_URL": base_url,
        "DEMO_PASSWORD": environ.get("TRACKER_DEMO_PASSWORD") or None,
        "SECRET_KEY": environ.get("SECRET_KEY") or _kept_secret(data / "secret_key"),
        "TRUSTED_HOSTS": _list(environ.get("TRUSTED_HOSTS")) or ["127.0.0.1", "localhost", "[::1]"],
        "TRUSTED_PROXIES": _number(environ, "TRUSTED_PROXIES", 0),
        "SQLALCHEMY_DATABASE_URI": database_url(environ.get("DATABASE_URL"), data),
        # One file of 20 MB and its form. A view may take more (tracker/web/bodies.py).
        # Pages and scripts travel packed, also where no nginx stands in front; files people brought go as they are.
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_ALGORITHM_STREAMING": ["br"],
        "MAX_CONTENT_LENGTH": 24 * MEBIBYTE,
        "MAX_FORM_MEMORY_SIZE": MEBIBYTE // 2,
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_NAME": "__Host-dondoc" if https else "dondoc",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "vi",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
        # Hosts in this installation's own network that webhooks may go to all the same.
        "WEBHOOK_PRIVATE_HOSTS": [host.lower() for host in _list(environ.get("WEBHOOK_PRIVATE_HOSTS"))],
        **_mail(environ, data),
    }


def database_url(url: str | None, data: Path) -> str:
    """DATABASE_URL with the driver we ship, or the SQLite file in TRACKER_DATA."""
    if not url:
        return f"sqlite:///{data / 'dondoc.sqlite'}"
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _storage_url(url: str | None, data: Path) -> str:
    """Where evidence lies: a folder in TRACKER_DATA, another folder, or a bucket."""
    if not url:
        return (data / "evidence").as_uri()
    if not url.startswith(("/", "file:///", "s3://")) or url.rstrip("/") in ("s3:", "file:"):
        raise BadConfiguration(f"STORAGE_URL là “{url}”; viết như s3://kho-minh-chung/dondoc, hoặc file:///srv/dondoc/evidence.")
    return url.rstrip("/")


def _mail(environ: Mapping[str, str], data: Path) -> dict[str, Any]:
    return {
        "MAIL_SERVER": environ.get("MAIL_SERVER") or None,
        "MAIL_PORT": _number(environ, "MAIL_PORT", 25),
        "MAIL_USE_TLS": environ.get("MAIL_USE_TLS", "") == "1",
        "MAIL_USE_SSL": environ.get("MAIL_USE_SSL", "") == "1",
        "MAIL_USERNAME": environ.get("MAIL_USERNAME") or None,
        "MAIL_PASSWORD": environ.get("MAIL_PASSWORD") or None,
        "MAIL_DEFAULT_SENDER": environ.get("MAIL_DEFAULT_SENDER") or "dondoc@localhost",
        "MAIL_FOLDER": data / "mail",
        "MAIL_RATE_PER_MINUTE": _number(environ, "MAIL_RATE_PER_MINUTE", 60),
    }


def _check_password(environ: Mapping[str, str]) -> None:
    if not environ.get("MAIL_PASSWORD", "").isascii():
        raise BadConfiguration(
            "MAIL_PASSWORD có ký tự ngoài ASCII nên máy chủ thư không nhận được; đồng chí đặt mật khẩu chỉ gồm chữ không dấu, số và ký hiệu."
        )


def _refuse_unsafe(environ: Mapping[str, str]) -> None:
    for name in ("SECRET_KEY", "BASE_URL", "TRUSTED_HOSTS", "TRACKER_DATA"):
        if not environ.get(name):
            raise BadConfiguration(f"Chạy thật (TRACKER_ENV=production) cần biến {name}.")
    if len(environ["SECRET_KEY"]) < 32:
        raise BadConfiguration("SECRET_KEY phải dài ít nhất 32 ký tự ngẫu nhiên.")
    if environ.get(failpoints.VARIABLE):
        raise BadConfiguration(f"{failpoints.VARIABLE} chỉ dùng để thử; bỏ biến này khi chạy thật.")
    if environ.get("TRACKER_NOW"):
        raise BadConfiguration("TRACKER_NOW chỉ dùng để thử; bỏ biến này khi chạy thật.")
    if Path(environ["TRACKER_DATA"]).resolve().is_relative_to(ROOT):
        raise BadConfiguration("TRACKER_DATA phải nằm ngoài thư mục mã nguồn khi chạy thật.")


def _check_clock(environ: Mapping[str, str]) -> None:
    for name in (clock.NOW_VARIABLE, clock.ANCHOR_VARIABLE):
        try:
            clock.parse_instant(environ.get(name) or "2026-01-01")
        except ValueError:
            raise BadConfiguration(f"{name} là “{environ[name]}”; viết như 2026-11-18 hoặc 2026-11-18T09:30.") from None


def _kept_secret(path: Path) -> str:
    """A key of this installation, made once, also where two processes start at the same moment. Production brings its own."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
        with suppress(FileExistsError):
            path.hardlink_to(fresh)  # the first one wins
        fresh.unlink()
    return path.read_text(encoding="ascii")


def _number(environ: Mapping[str, str], name: str, otherwise: int) -> int:
    text = environ.get(name) or str(otherwise)
    if not text.isdecimal():
        raise BadConfiguration(f"{name} là “{text}”; phải là một số nguyên, ví dụ {otherwise}.")
    return int(text)


def _list(text: str | None) -> list[str]:
    return [item.strip() for item in (text or "").split(",") if item.strip()]
