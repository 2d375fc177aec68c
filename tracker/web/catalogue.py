"""The English catalogue: gathered from the source, kept in ``tracker/translations``, compiled beside it.

* ``python -m tracker.web.catalogue`` compiles it (``make setup`` does); what git ignores is written only when it is stale.
* ``python -m tracker.web.catalogue gather`` takes in what the source says now (``make docs`` does); translations of what is still said stay.
* ``python -m tracker.web.catalogue untranslated`` lists what still wants its English.

The msgid is the Vietnamese sentence. It stands in ``_()`` of templates, views and forms, in ``phrase()`` of rules and services, or is the first
argument of a refusal.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
PO = ROOT / "tracker" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
#: What a sentence of the screen is the first argument of.
SPOKEN = (
    *("_", "_l", "gettext", "lazy_gettext", "phrase"),
    *("Refused", "NotFound", "Forbidden", "Stale", "BadInput", "Gone", "Unable", "NoRoom", "TooManyTries"),
)
#: What speaks at the terminal only, in Vietnamese.
_SHELL = re.compile(r"(^|[/_])commands\.py$|^cli\.py$|^operations/(?!views|mailbox)|^web/terminal|^files/upkeep_service|^audit/verify_service")
#: A named value of a sentence.
_NAMED = re.compile(r"%\(\w+\)[\d.]*[a-z]")
#: Of the .po's header, what would change with every run.
_RESTLESS = re.compile(r'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid-Bugs-To).*\n', re.MULTILINE)


def gathered(root: Path = ROOT) -> dict[str, set[str]]:
    """Every msgid of the source → the files that say it."""
    found: dict[str, set[str]] = {}
    for path, message in _sayings(root):
        found.setdefault(message, set()).add(path)
    return found


def _sayings(root: Path) -> Iterator[tuple[str, str]]:
    options = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false", "encoding": "utf-8"}}
    for name, _line, message, *_ in extract.extract_from_dir(root / "templates", [("**.html", "jinja2")], options, {"_": (1,), "gettext": (1,)}):
        if isinstance(message, str) and _wants_words(message):
            yield f"templates/{name}", message
    for path in sorted((root / "tracker").rglob("*.py")):
        name = path.relative_to(root / "tracker").as_posix()
        if not _SHELL.search(name):
            yield from ((f"tracker/{name}", message) for message in spoken(path.read_text(encoding="utf-8")) if _wants_words(message))


def spoken(source: str) -> Iterator[str]:
    """What a Python file says: the first arguments of its sayings that are plain strings, or one of two."""
    for node in _sayings_of(source):
        for said in _said(node):
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                yield said.value


def put_together(source: str) -> Iterator[int]:
    """The lines on which something is said as an f-string with values, which has no msgid."""
    for node in _sayings_of(source):
        if any(isinstance(one, ast.FormattedValue) for said in _said(node) if isinstance(said, ast.JoinedStr) for one in said.values):
            yield node.lineno


def at_the_terminal(name: str) -> bool:
    """Whether a file under ``tracker/`` speaks at the terminal only, in Vietnamese."""
    return _SHELL.search(name) is not None


def _sayings_of(source: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).rpartition(".")[2] in SPOKEN:
            yield node


def _said(node: ast.Call) -> tuple[ast.expr, ...]:
    first = node.args[0]
    return (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)


def _wants_words(message: str) -> bool:
    """What has no letter beside its named values («%(what)s: %(why)s») is the same in every language."""
    return any(map(str.isalpha, _NAMED.sub("", message)))


def read(path: Path = PO) -> Catalog:
    """The catalogue as it is kept."""
    with path.open("rb") as file:
        return read_po(file, locale="en")


def untranslated(catalogue: Catalog) -> list[str]:
    """The msgids that want their English."""
    return [str(message.id) for message in catalogue if message.id and (not message.string or message.fuzzy)]


def gather(path: Path = PO) -> Catalog:
    """The catalogue of what the source says now, with the English of what was said before."""
    before = {message.id: message.string for message in read(path) if message.string} if path.exists() else {}
    catalogue = Catalog(locale="en", project="don-doc", version="", fuzzy=False)
    for message, files in gathered().items():
        catalogue.add(message, before.get(message, ""), locations=[(file, 0) for file in sorted(files)])
    return catalogue


def written(catalogue: Catalog) -> str:
    """The .po: sorted, without dates and line numbers, so that it changes where a sentence does."""
    out = io.BytesIO()
    write_po(out, catalogue, width=0, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return _RESTLESS.sub("", out.getvalue().decode("utf-8"))


def compile_(path: Path = PO) -> None:
    """Writes the .mo beside the .po, where it is missing or older."""
    target = path.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
        return
    out = io.BytesIO()
    write_mo(out, read(path))
    partial = target.with_suffix(".partial")
    partial.write_bytes(out.getvalue())
    partial.replace(target)


def main(*arguments: str) -> None:
    """The command line."""
    if arguments == ("gather",):
        PO.write_text(written(gather()), encoding="utf-8")
    if arguments == ("untranslated",):
        sys.stdout.writelines(f"{message!r}\n" for message in untranslated(gather()))
        return
    compile_()


if __name__ == "__main__":
    main(*sys.argv[1:])
