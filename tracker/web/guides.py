"""The guides of docs/huong-dan as pages of the application: one text for those who read it here and those who read the repository."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

import config

FOLDER = config.ROOT / "docs" / "huong-dan"
PICTURES = FOLDER / "anh"


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide: its title, the sentence under it, its parts as HTML, and the parts to jump to, address → title."""

    slug: str
    title: str
    lead: str
    body: Markup
    parts: tuple[tuple[str, str], ...]


@cache
def guide(slug: str) -> Guide:
    """Reads one guide. Raises FileNotFoundError where there is none."""
    return _read(slug, (FOLDER / f"{slug}.md").read_text(encoding="utf-8"))


def _read(slug: str, text: str) -> Guide:
    # No HTML of its own: the text is ours, but nothing must depend on that.
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    heading, _, rest = text.strip().partition("\n")
    lead, _, body = rest.strip().partition("\n\n")
    parts: list[tuple[str, str]] = []
    tokens: list[Token] = []
    for token, following in pairwise([*reader.parse(body), Token("", "", 0)]):
        tokens.append(token)
        if token.type == "heading_open":
            parts.append((f"phan-{len(parts) + 1}", following.content.replace("*", "")))
            token.attrSet("id", parts[-1][0])
        elif token.type == "table_open":
            token.attrSet("class", "table")
            tokens.append(_caption(parts[-1][1]))
    html = reader.renderer.render(tokens, reader.options, {})
    html = html.replace('src="anh/', 'loading="lazy" src="/huong-dan/anh/')
    return Guide(slug, heading.removeprefix("# "), " ".join(lead.split()), Markup(html), tuple(parts))  # noqa: S704 - made by the reader above, HTML off


def _caption(words: str) -> Token:
    """A table is named, for who does not see it, as the part it stands in."""
    return Token("html_block", "", 0, content=f'<caption class="vh">{escape(words)}</caption>')
