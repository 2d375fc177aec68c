"""A language in which every word of the catalogue stands in brackets: what a page says outside them is said outside the catalogue."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from lxml.etree import _Element
from sqlalchemy import JSON, Enum, String, select
from sqlalchemy.orm import Session

from tests.harness.page_rules import parse
from tracker.dashboard.rules import short_name
from tracker.kernel.database import Base
from tracker.web.catalogue import gathered

#: What is not words of a message: its named values, markup, entities.
_APART = re.compile(r"(%\(\w+\)[\d.]*[a-z]|%%|<[^>]*>|&\w+;)")
_SAID = re.compile("⟦[^⟦⟧]*⟧")
_LETTERS = re.compile(r"[^\W\d_]+(?:[-'’/.@_+&]*[^\W_]+)*")
#: Addresses of the web and printed codes are no words.
_ADDRESS = re.compile(r"https?://\S+|\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}\b")
#: What a reader is told beside the text: by the tip of the mouse, by a screen reader, in an empty field, on a button.
_TOLD = ("title", "aria-label", "aria-description", "aria-valuetext", "alt", "placeholder", "data-confirm", "data-label")


def bracketed(message: str) -> str:
    """«Hạn %(day)s» → «⟦Hạn⟧ %(day)s»: each word by itself, so that what is cut, joined or made small still shows where it came from."""
    parts = _APART.split(message)
    return "".join(part if place % 2 else re.sub(r"[^\s⟦⟧]*\w[^\s⟦⟧]*", lambda word: f"⟦{word[0]}⟧", part) for place, part in enumerate(parts))


def write(folder: Path) -> Path:
    """Lays the language down as «en» and returns the folder for BABEL_TRANSLATION_DIRECTORIES."""
    catalogue = Catalog(locale="en", fuzzy=False)
    for message in gathered():
        catalogue.add(message, bracketed(message))
    target = folder / "en" / "LC_MESSAGES"
    target.mkdir(parents=True)
    out = io.BytesIO()
    write_mo(out, catalogue)
    (target / "messages.mo").write_bytes(out.getvalue())
    return folder


def data_of(session: Session) -> list[str]:
    """Every text of the database, longest first: names, sentences of the journal, what the documents say."""
    found: set[str] = set()
    for table in Base.metadata.sorted_tables:
        columns = [c for c in table.columns if isinstance(c.type, (String, JSON)) and not isinstance(c.type, Enum)]
        if columns:
            for row in session.execute(select(*columns)):
                for value in row:
                    found.update(_leaves(value))
    words = {" ".join(value.split()) for value in found}
    return sorted((word for word in words if len(word) > 1 and any(map(str.isalpha, word))), key=len, reverse=True)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if value[:1] in "[{":
            try:
                yield from _leaves(json.loads(value))
            except ValueError:
                return
        yield from (line for line in value.splitlines() if line.strip())
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)


class Data:
    """What comes from the database may stand outside the brackets."""

    def __init__(self, words: Iterable[str], names: Iterable[str]) -> None:
        self._by_head: dict[str, list[str]] = {}
        for word in sorted({*words, *(" ".join(name.split()) for name in names)}, key=len, reverse=True):
            for said in {word, word[:1].upper() + word[1:], word[:1].lower() + word[1:], short_name(word)}:
                head = _LETTERS.search(said)
                if head:
                    self._by_head.setdefault(head[0], []).append(said)
        for known in self._by_head.values():
            known.sort(key=len, reverse=True)

    def without(self, text: str) -> str:
        """The text with everything taken out that is data, longest first at each place."""
        place, left = 0, []
        while found := _LETTERS.search(text, place):
            left.append(text[place : found.start()])
            known = next((word for word in self._by_head.get(found[0], ()) if self._stands(word, text, found)), None)
            if known is None:
                left.append(found[0])
                place = found.end()
            else:
                head = _LETTERS.search(known)
                assert head is not None
                place = found.start() - head.start() + len(known)
        left.append(text[place:])
        return "".join(left)

    @staticmethod
    def _stands(word: str, text: str, found: re.Match[str]) -> bool:
        head = _LETTERS.search(word)
        assert head is not None
        start = found.start() - head.start()
        after = text[start + len(word) : start + len(word) + 1]
        return start >= 0 and text.startswith(word, start) and not (after.isalpha() and word[-1:].isalpha())


def outside(html: bytes, data: Data) -> list[str]:
    """What the page says outside the brackets and is no data: «place: words»."""
    root, _errors = parse(html)
    found: dict[str, None] = {}
    for place, text in _everything_said(root):
        bare = " ".join(_SAID.sub(" ", text).split())
        left = _ADDRESS.sub(" ", data.without(bare))
        if _LETTERS.search(left):
            found[f"{place}: “{' '.join(text.split())[:160]}” says {_LETTERS.findall(left)[:8]}"] = None
    return list(found)


def _everything_said(root: _Element) -> Iterator[tuple[str, str]]:
    """Text and told attributes, except where the page itself says that it is in another language, or no language: lang, translate="no"; keys of the keyboard are no words."""
    pending = [root]
    while pending:
        element = pending.pop()
        if not isinstance(element.tag, str) or element.tag in ("script", "style", "template", "kbd"):
            continue
        if element.get("lang", root.get("lang")) != root.get("lang") or element.get("translate") == "no":
            continue
        name = f"{element.tag}.{(element.get('class') or '').replace(' ', '.')}"
        if element.text:
            yield name, element.text
        for child in element:
            if child.tail:
                yield name, child.tail
        for attribute in _TOLD:
            if element.get(attribute):
                yield f"{name}[{attribute}]", element.get(attribute, "")
        if element.tag == "input" and element.get("type") in ("submit", "button", "reset"):
            yield f"{name}[value]", element.get("value", "")
        pending.extend(reversed(element))
