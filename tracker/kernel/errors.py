"""Refusals. Each carries the sentence the reader gets: Vietnamese, and said in the reader's language at the edge (see words.py)."""

from __future__ import annotations

from collections.abc import Mapping

from tracker.kernel.words import Words, joined, phrase


def _words(message: str) -> Words:
    return message if isinstance(message, Words) else Words(message)


class Refused(Exception):
    """Something a person asked for cannot be done. ``field`` names the form field at fault, where one is."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = _words(message)
        self.field = field


class NotFound(Refused):
    """No such row, or not yours: the two are told alike."""

    def __init__(self, message: str = phrase("Không tìm thấy nội dung đồng chí yêu cầu.")) -> None:
        super().__init__(message)


class Forbidden(Refused):
    """The row may be seen but the action is not this person's to take."""


class Stale(Refused):
    """Somebody else saved first. ``theirs`` and ``yours`` show both versions, label → text."""

    def __init__(self, message: str, theirs: Mapping[str, str], yours: Mapping[str, str]) -> None:
        super().__init__(message)
        self.theirs = dict(theirs)
        self.yours = dict(yours)


class BadInput(Refused):
    """A file or an argument that cannot be read. ``place`` says where: «tệp:dòng:cột»."""

    def __init__(self, message: str, place: str | None = None, field: str | None = None) -> None:
        super().__init__(joined(": ", (place, _words(message))) if place else message, field)
        self.place = place


class Gone(Refused):
    """It was here and was taken away on purpose: told with the reason, as 410."""


class Unable(Refused):
    """The installation cannot do it now, through no fault of the person's. Told on a page of its own, never beside a field."""

    status = 503


class NoRoom(Unable):
    """The disk, or the store, is full."""

    status = 507
