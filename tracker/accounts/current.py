"""Who is signed in, for views: Flask-Login's user object."""

from __future__ import annotations

from dataclasses import dataclass

from flask_login import UserMixin, current_user


@dataclass(frozen=True)
class Person(UserMixin):  # type: ignore[misc]
    """A signed-in person. The browser's cookie carries ``token`` and nothing else of it."""

    account_id: int
    username: str
    display_name: str
    demo: bool
    session_id: int
    token: str

    def get_id(self) -> str:
        return self.token


def person() -> Person:
    """The person of this request. Only for views guarded by ``@signed_in`` or ``@allows``."""
    found = current_user._get_current_object()
    assert isinstance(found, Person)
    return found
