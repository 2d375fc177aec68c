"""The language a page speaks: how the words of rules and services are said in it, and the gettext of views and of WTForms.

Templates use ``templating.gettext``, the same with markup. What is mailed, printed and recorded is Vietnamese: ``in_vietnamese``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app, g, has_app_context, has_request_context
from flask_babel import force_locale, get_locale, get_translations
from markupsafe import Markup

from tracker.kernel import words
from tracker.kernel.words import Lookup, Words, numbered, translated

#: The languages of the screen; the first is the language of the source and of whoever has not chosen.
LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
SOURCE = "vi"
LOCALE_COOKIE = "locale"


def install() -> None:
    """Lets what the kernel says be read in the language of the request."""
    words.read_by(_reader)


def language() -> str:
    """«vi» or «en». Outside a request, where mails and reports are made, Vietnamese."""
    if not has_request_context():
        return SOURCE
    found = g.get("quick_language")
    if found is None:
        found = g.quick_language = str(get_locale() or SOURCE)
    return str(found)


@contextmanager
def in_vietnamese() -> Iterator[None]:
    """For what is mailed, printed or pasted into a document: it is in the language of the office, whoever looks at it."""
    if not has_app_context():
        yield
        return
    before = {name: g.pop(name, None) for name in ("quick_language", "quick_words")}
    try:
        with force_locale(SOURCE):
            g.quick_language = SOURCE
            yield
    finally:
        for name, value in before.items():
            g.pop(name, None)
            if value is not None:
                setattr(g, name, value)


def vietnamese(caller: Callable[[], Markup]) -> Markup:
    """``{% call vietnamese() %}``: a paper on the screen, in Vietnamese whoever reads it, and marked so for screen readers."""
    if language() == SOURCE:
        return caller()
    with in_vietnamese():
        return Markup('<div lang="vi">{}</div>').format(caller())


def quoted(text: object) -> object:
    """``{{ text | vi }}``: words that are Vietnamese by nature, marked so on a page in another language."""
    return text if language() == SOURCE or not text else Markup('<span lang="vi">{}</span>').format(str(text))


def known_words() -> dict[str, Markup]:
    """What the language of the request has said already: msgid → words, for as long as the application runs."""
    found = g.get("quick_words")
    if found is None:
        found = g.quick_words = current_app.extensions.setdefault("words", {}).setdefault(language(), {})
    return found  # type: ignore[no-any-return]


def lookup(msgid: str) -> Markup:
    """The msgid in the language of the request, as written in the catalogue; each looked up once."""
    known = known_words()
    said = known.get(msgid)
    if said is None:
        said = known[msgid] = Markup(get_translations().gettext(msgid) if msgid else "")  # noqa: S704 - the message is ours
    return said


def _plain(msgid: str) -> str:
    return str(lookup(msgid))


def _reader() -> Lookup | None:
    return None if language() == SOURCE else _plain


def gettext(message: str, /, **variables: Any) -> str:
    """For views and forms: the message in the language of the request, and so are the words put into it."""
    if isinstance(message, Words):
        return translated(message)
    said = numbered(_plain(message), variables)
    return said % {name: translated(value) if isinstance(value, Words) else value for name, value in variables.items()} if variables else said
