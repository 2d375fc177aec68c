"""What every HTML answer must be, whatever it says. The page client asks for it on each one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from html5lib import HTMLParser, getTreeBuilder
from html5lib.constants import E as MESSAGES
from lxml.etree import _Element

from tracker.web.headers import CONTENT_POLICY

_CONTROLS = "//input[not(@type='hidden' or @type='submit' or @type='button' or @type='reset' or @type='image')] | //select | //textarea"
_ID_LISTS = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-errormessage", "headers")
_LEFTOVER = re.compile(r"\{\{|\{%|%\(\w+\)s|^\s*None\s*$")


def parse(html: bytes | str) -> tuple[_Element, list[str]]:
    """The tree of a page, and what a strict HTML5 parser has against it."""
    parser = HTMLParser(tree=getTreeBuilder("lxml"), namespaceHTMLElements=False)
    text = html.decode("utf-8") if isinstance(html, bytes) else html
    root = parser.parse(text).getroot()
    lines = text.splitlines()
    errors = [
        f"line {line}: {MESSAGES[code] % details} in {lines[line - 1].strip()[:160] if line <= len(lines) else ''}"
        for (line, _column), code, details in parser.errors
    ]
    return root, errors


def words(element: _Element) -> str:
    """The text of an element, one space between words."""
    return " ".join("".join(element.itertext()).split())


def faults(root: _Element, headers: Mapping[str, str]) -> list[str]:
    """Every rule the page breaks, as sentences. Empty where all is well."""
    return [
        *_document(root),
        *_ids(root),
        *_labels(root),
        *_nothing_inline(root),
        *_forms(root),
        *_tables(root),
        *_leftovers(root),
        *_headers(headers),
    ]


def _document(root: _Element) -> Iterator[str]:
    if not root.get("lang"):
        yield "<html> has no lang"
    headings = root.xpath("//h1")
    if len(headings) != 1:
        yield f"there are {len(headings)} h1, not one: {[words(h) for h in headings]}"
        return
    title, heading = words(root.find(".//title")) if root.find(".//title") is not None else "", words(headings[0])
    if not heading:
        yield "the h1 is empty"
    if not title.startswith(heading):
        yield f"the title “{title}” does not begin with the h1 “{heading}”"


def _ids(root: _Element) -> Iterator[str]:
    seen = Counter(root.xpath("//@id"))
    yield from (f"the id “{name}” stands {count} times" for name, count in seen.items() if count > 1)
    for attribute in _ID_LISTS:
        for value in root.xpath(f"//@{attribute}"):
            yield from (f"{attribute} points at “{name}”, which is not on the page" for name in value.split() if name not in seen)
    for attribute in ("for", "form", "list"):
        yield from (f"{attribute}=“{name}” is not on the page" for name in root.xpath(f"//@{attribute}") if name not in seen)
    yield from (
        f"the link “{href}” leads nowhere on the page"
        for href in root.xpath("//a/@href")
        if href.startswith("#") and href[1:] and href[1:] not in seen
    )


def _labels(root: _Element) -> Iterator[str]:
    labelled = set(root.xpath("//label/@for"))
    for control in root.xpath(_CONTROLS):
        if not (control.get("aria-label") or control.get("aria-labelledby") or control.get("id") in labelled or control.xpath("ancestor::label")):
            yield f"<{control.tag} name=“{control.get('name')}”> has no label"
    for clickable in root.xpath("//button | //a[@href]"):
        names = [
            clickable.get("aria-label"),
            clickable.get("aria-labelledby"),
            clickable.get("title"),
            words(clickable),
            *clickable.xpath(".//img/@alt | .//*[@role='img']/@aria-label"),
        ]
        if not any(names):
            yield f"<{clickable.tag} {dict(clickable.attrib)}> says nothing"
    yield from (f"the image {image.get('src')} has no alt" for image in root.xpath("//img[not(@alt)]"))


def _nothing_inline(root: _Element) -> Iterator[str]:
    if root.xpath("//style | //script[not(@src)]"):
        yield "there is an inline <style> or <script>"
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "style" or name.lower().startswith("on"):
                yield f"<{element.tag}> carries {name}=“{value}”"
            if (
                name in ("href", "action", "src", "formaction")
                and value.strip().lower().startswith(("javascript:", "data:", "http:", "//"))
                and element.tag != "a"
            ):
                yield f"<{element.tag}> loads or runs {value}"
            if name == "href" and value.strip().lower().startswith("javascript:"):
                yield f"<{element.tag}> runs {value}"


def _forms(root: _Element) -> Iterator[str]:
    if root.xpath("//form//form"):
        yield "a form stands inside another"
    for form in root.xpath("//form"):
        tokens = form.xpath(".//input[@name='csrf_token']/@value")
        posts = form.get("method", "get").lower() == "post"
        if posts and (len(tokens) != 1 or not tokens[0]):
            yield f"the form to {form.get('action')} carries {len(tokens)} CSRF tokens, not one"
        if not posts and tokens:
            yield f"the GET form to {form.get('action')} would put the CSRF token into the address"


def _tables(root: _Element) -> Iterator[str]:
    for table in root.xpath("//table"):
        if not table.xpath("caption") and not table.get("aria-label") and not table.get("aria-labelledby"):
            yield "a table has no caption"
        if not table.xpath(".//th"):
            yield f"the table “{''.join(words(c) for c in table.xpath('caption'))}” has no heading cell"


def _leftovers(root: _Element) -> Iterator[str]:
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "style", "textarea"):
            continue
        for text in (element.text, element.tail):
            if text and _LEFTOVER.search(text):
                yield f"<{element.tag}> shows “{text.strip()[:80]}”, which nobody is meant to read"


def _headers(headers: Mapping[str, str]) -> Iterator[str]:
    policy = headers.get("Content-Security-Policy", "")
    if policy != CONTENT_POLICY:
        yield f"the Content-Security-Policy is “{policy}”"
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "X-Content-Type-Options is not nosniff"
    if headers.get("Cache-Control") != "no-store":
        yield f"Cache-Control is “{headers.get('Cache-Control')}”, not no-store"
