"""Pages are built from components; nothing runs or is styled inline."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from tests.architecture.source import ROOT, modules, templates

RAW = re.compile(r"<(input|table|button|select|textarea)\b", re.IGNORECASE)
INLINE = re.compile(r"""<style\b|<script(?![^>]*\bsrc=)|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:""", re.IGNORECASE)
#: Jinja comments are for readers of the source.
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
#: A letter with a Vietnamese mark, in text that is not inside {{ … }} or {% … %}.
VIETNAMESE = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)
CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
#: Letters, written by the mail room: no layout of the site, and in Vietnamese whoever reads them.
LETTERS = {"reminders/digest.html"}
#: The product's name is the same in every language; error and style pages are told apart by their folder.
NAMES = re.compile(r"Đôn Đốc")


def found(pattern: re.Pattern[str], text: str) -> list[str]:
    bare = COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    return [f"{bare[: match.start()].count(chr(10)) + 1} {match[0].strip()}" for match in pattern.finditer(bare)]


def test_pages_hold_no_raw_controls_or_tables() -> None:
    wrong = [
        f"templates/{name}:{where}" for name, text in templates() if not name.startswith(("components/", "layouts/")) for where in found(RAW, text)
    ]
    assert not wrong, "Use the macros of templates/components/:\n" + "\n".join(wrong)


def test_nothing_is_styled_or_run_inline() -> None:
    wrong = [f"templates/{name}:{where}" for name, text in templates() for where in found(INLINE, text)]
    assert not wrong, "\n".join(wrong)


def test_the_rules_see_a_breach() -> None:
    assert found(RAW, "<p>\n<input name='a'>") == ["2 <input"]
    assert found(INLINE, '<p style="x">') and found(INLINE, "<script>") and found(INLINE, '<a onclick="x">')
    assert not found(INLINE, '<script src="/a.js" defer>')


#: What Jinja itself or the view of a page gives: functions a template is handed.
GIVEN = {"caller", "day", "place", "share", "super"}


def unknown_calls(environment: Environment, text: str) -> set[str]:
    """Macros and functions a template calls and neither imports, defines nor is given: they fail only on the branch that calls them."""
    tree = environment.parse(text)
    bound = {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}
    bound |= {macro.name for macro in tree.find_all(nodes.Macro)}
    for imported in tree.find_all(nodes.FromImport):
        bound |= {name if isinstance(name, str) else name[1] for name in imported.names}
    called = {call.node.name for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)}
    return called - bound - set(environment.globals) - GIVEN


@pytest.mark.db("sqlite")
def test_what_a_template_calls_it_has(app: Flask) -> None:
    wrong = {name: missing for name, text in templates() if (missing := unknown_calls(app.jinja_env, text))}
    assert not wrong
    assert unknown_calls(app.jinja_env, "{% from 'a' import b as c %}{% if x %}{{ c() }}{% call(y) d(y) %}{% endcall %}{% endif %}") == {"d"}


def test_pages_extend_a_layout() -> None:
    wrong = [
        name
        for name, text in templates()
        if not name.startswith(("components/", "layouts/"))
        and name not in LETTERS
        and "{% extends" not in text
        and "{%- extends" not in text
        and not name.rpartition("/")[2].startswith("_")
    ]
    assert not wrong, f"{wrong} neither extend a layout nor begin with _ (a part of a page)"


def test_every_word_on_a_page_can_be_translated() -> None:
    wrong = []
    for name, text in templates():
        if name in LETTERS or name == "styleguide.html":
            continue
        bare = NAMES.sub("", CODE.sub(lambda match: "\n" * match[0].count("\n"), COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)))
        wrong += [f"templates/{name}:{number} {line.strip()[:100]}" for number, line in enumerate(bare.splitlines(), 1) if VIETNAMESE.search(line)]
    assert not wrong, 'Wrap it: {{ _("…") }}:\n' + "\n".join(wrong)


def test_every_template_compiles(bare_app: Flask) -> None:
    for name, _text in templates():
        bare_app.jinja_env.get_template(name)


def test_every_template_is_used() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tracker").rglob("*.py")) + "\n".join(
        text for _name, text in templates()
    )
    unused = [
        name
        for name, _text in templates()
        if name not in LETTERS and f'"{name}"' not in sources and f"'{name}'" not in sources and not _named_by_rule(name, sources)
    ]
    assert not unused, f"No view renders and no template includes {unused}."


def _named_by_rule(name: str, sources: str) -> bool:
    """«mail/digest.txt» may be rendered as f"mail/{kind}.html"."""
    folder = name.rpartition("/")[0]
    return bool(folder) and f'f"{folder}/{{' in sources


@pytest.mark.parametrize("path", sorted(p for p in modules() if p.endswith("views.py")))
def test_views_render_only_templates_that_exist(path: str) -> None:
    rendered = re.findall(r"""render_template\(\s*["']([^"']+)["']""", (ROOT / "tracker" / path).read_text(encoding="utf-8"))
    missing = [name for name in rendered if not (ROOT / "templates" / name).exists()]
    assert not missing, f"tracker/{path} renders {missing}"
