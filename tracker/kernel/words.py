"""Sentences that remember how they were made, so that the edge can say them in another language.

A rule or a service says what it has to say in Vietnamese. What it says *is* that sentence: a ``str`` for tests, logs, the terminal,
workbooks and letters. Beside it stands the catalogue's key and the named values, which only a page in another language asks for:
``markupsafe`` calls ``__html__`` of whatever a template shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape

#: «%(count)s {task|tasks}»: a value, what stands between, what follows one and what follows any other number.
_NUMBERED = re.compile(r"(%\((\w+)\)[\d.]*[a-z])([^%{}]*)\{([^|{}]*)\|([^|{}]*)\}")
#: What looks a msgid up in the catalogue of the reader's language; the web room says how.
Lookup = Callable[[str], str]


class Words(str):
    """A Vietnamese sentence with its msgid and its named values (which may be Words themselves)."""

    msgid: str
    values: Mapping[str, Any]
    shape: Callable[[str], str] | None

    def __new__(cls, msgid: str, values: Mapping[str, Any] | None = None, shape: Callable[[str], str] | None = None) -> Words:
        text = msgid % values if values else msgid
        made = super().__new__(cls, shape(text) if shape else text)
        made.msgid, made.values, made.shape = msgid, values or {}, shape
        return made

    def through(self, lookup: Lookup) -> str:
        """The sentence in the language of the lookup."""
        words = numbered(lookup(self.msgid), self.values)
        if self.values:
            words = words % {name: value.through(lookup) if isinstance(value, Words) else value for name, value in self.values.items()}
        return self.shape(words) if self.shape else words

    def lower(self) -> Words:
        """The same in small letters, in every language."""
        return Words(self.msgid, self.values, str.lower)

    def capitalize(self) -> Words:
        """The same as a sentence begins; what follows stays as it is."""
        return Words(self.msgid, self.values, _capital)

    def __add__(self, more: str) -> Words:
        return joined("", (self, more))

    def __radd__(self, before: str) -> Words:
        return joined("", (before, self))

    def __html__(self) -> Markup:
        return escape(translated(self))


def phrase(msgid: str, /, **values: Any) -> Words:
    """A sentence of the screen: ``phrase("Hạn %(day)s đã qua.", day=date_vn(day))``. The catalogue is gathered by this name."""
    return Words(msgid, values)


def numbered(words: str, values: Mapping[str, Any]) -> str:
    """English of the catalogue with the right number: «%(count)s {task|tasks}» before its values are put in. Vietnamese has no plural."""
    return _NUMBERED.sub(lambda found: found[1] + found[3] + (found[4] if str(values.get(found[2])) == "1" else found[5]), words)


def capital(text: str) -> str:
    """The text as a sentence begins."""
    return text.capitalize() if isinstance(text, Words) else _capital(text)


def small(text: str) -> str:
    """The text as it goes on inside a sentence."""
    return Words(text.msgid, text.values, _small) if isinstance(text, Words) else _small(text)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def joined(separator: str, parts: Iterable[str]) -> Words:
    """``separator.join(parts)`` that can still be said in another language."""
    named = {f"part{place}": part for place, part in enumerate(parts)}
    return Words(separator.replace("%", "%%").join(f"%({name})s" for name in named), named)


def translated(text: str) -> str:
    """In the reader's language where it is one of our sentences; as it is otherwise. What is not in a request speaks Vietnamese."""
    if not isinstance(text, Words):
        return text
    lookup = _readers[0]()
    return str.__str__(text) if lookup is None else text.through(lookup)


def _vietnamese() -> Lookup | None:
    return None


_readers: list[Callable[[], Lookup | None]] = [_vietnamese]


def read_by(reader: Callable[[], Lookup | None]) -> None:
    """Says how the reader's language is found: a lookup, or None where the source language is meant."""
    _readers[0] = reader
