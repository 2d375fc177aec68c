"""English is complete: what the screen says stands in the catalogue, once, with the same named values."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.architecture.source import ROOT
from tests.harness.stores import make_app
from tests.security import pseudo
from tracker.kernel.errors import BadInput, Refused
from tracker.kernel.words import joined, numbered, phrase
from tracker.web import catalogue
from tracker.web.words import gettext, in_vietnamese, translated

NAMED = re.compile(r"%\((\w+)\)[\d.]*[a-z]")
VIETNAMESE = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)
#: What an English sentence leaves Vietnamese: what a person is to type as it stands, headings of a sheet, money, a feast.
AS_IT_STANDS = re.compile(
    r"“[^”]*”|Công điện [^.]*|Quyết định \d[^.]*|Thông báo(?=\.)|[\w.-]*/[A-Z]*QĐ-UBND"
    r"|Stt, Chỉ số, .*?Nguồn\b|Stt, Chỉ số, .*? phối hợp"
    r"|Họ và tên, .*?Đơn vị\.|: trước ngày .*|VP HĐND-UBND|million đồng|Tết|Hùng"
)


def sentences() -> list[tuple[str, str]]:
    return [(str(message.id), str(message.string)) for message in catalogue.read() if message.id]


def test_the_catalogue_is_what_the_source_says_now() -> None:
    assert catalogue.PO.read_text(encoding="utf-8") == catalogue.written(catalogue.gather()), "run `make docs`"


def test_english_is_complete() -> None:
    wanting = catalogue.untranslated(catalogue.read())
    assert not wanting, f"{len(wanting)} sentences want their English in {catalogue.PO.relative_to(ROOT)}:\n" + "\n".join(wanting)


def test_both_languages_name_the_same_values() -> None:
    wrong = [f"{said} | {english}" for said, english in sentences() if set(NAMED.findall(said)) != set(NAMED.findall(english))]
    assert not wrong, "\n".join(wrong)


def test_no_vietnamese_is_left_in_the_english() -> None:
    wrong = [english for _said, english in sentences() if VIETNAMESE.search(AS_IT_STANDS.sub("", english))]
    assert not wrong, "\n".join(wrong)


def test_both_languages_begin_and_end_alike_where_they_are_put_together() -> None:
    wrong = [said for said, english in sentences() if (said[0] == " ", said[-1] == " ") != (english[0] == " ", english[-1] == " ")]
    assert not wrong, "\n".join(wrong)


def test_a_refusal_is_no_f_string() -> None:
    """An f-string has no msgid: it would be Vietnamese for everybody."""
    wrong = []
    for path in sorted((ROOT / "tracker").rglob("*.py")):
        name = path.relative_to(ROOT / "tracker").as_posix()
        if not catalogue.at_the_terminal(name):
            wrong += [f"tracker/{name}:{line}" for line in catalogue.put_together(path.read_text(encoding="utf-8"))]
    assert not wrong, 'Say phrase("… %(day)s …", day=…):\n' + "\n".join(wrong)


def test_a_sentence_is_vietnamese_and_can_be_said_in_english() -> None:
    english = {"Hạn %(day)s đã qua.": "The deadline %(day)s is past.", "thứ Hai": "Monday"}
    said = phrase("Hạn %(day)s đã qua.", day=phrase("thứ Hai"))
    assert said == "Hạn thứ Hai đã qua." and isinstance(said, str)
    assert said.through(lambda msgid: english.get(msgid, msgid)) == "The deadline Monday is past."
    assert joined("; ", (said, "A 100%")).through(lambda msgid: english.get(msgid, msgid)) == "The deadline Monday is past.; A 100%"
    assert Refused(said).message is said and str(BadInput("thứ Hai", place="a.csv:2:1").message) == "a.csv:2:1: thứ Hai"


def test_english_counts_one_and_many() -> None:
    assert numbered("%(count)s {task is|tasks are} late", {"count": 1}) % {"count": 1} == "1 task is late"
    assert numbered("%(count)s {task is|tasks are} late", {"count": "21"}) % {"count": "21"} == "21 tasks are late"
    assert numbered("write {han_tra_loi}", {}) == "write {han_tra_loi}"


@pytest.fixture
def english(tmp_path: Path) -> Flask:
    """An application whose English puts every word into brackets."""
    folder = pseudo.write(tmp_path / "translations")
    return make_app(f"sqlite:///{tmp_path / 'nothing.sqlite'}", tmp_path, BABEL_TRANSLATION_DIRECTORIES=str(folder))


def test_the_edge_says_it_in_the_language_of_the_cookie(english: Flask) -> None:
    refusal = phrase("Không có đợt “%(slug)s”.", slug="<quy-1>")
    page = english.jinja_env.from_string("{{ _('Nhiệm vụ') }} {{ words }} {{ words | vi }}")
    with english.test_request_context(headers={"Cookie": "locale=en"}):
        assert page.render(words=refusal) == ('⟦Nhiệm⟧ ⟦vụ⟧ ⟦Không⟧ ⟦có⟧ ⟦đợt⟧ “&lt;quy-1&gt;”. <span lang="vi">Không có đợt “&lt;quy-1&gt;”.</span>')
        assert gettext("Sửa %(name)s", name=phrase("thứ Hai")) == "⟦Sửa⟧ ⟦thứ⟧ ⟦Hai⟧"
        with in_vietnamese():
            assert translated(refusal) == "Không có đợt “<quy-1>”."
        assert translated(phrase("thứ Hai")) == "⟦thứ⟧ ⟦Hai⟧"
    with english.test_request_context():
        assert page.render(words=refusal) == "Nhiệm vụ Không có đợt “&lt;quy-1&gt;”. Không có đợt “&lt;quy-1&gt;”."
    assert translated(refusal) == refusal


def test_without_a_compiled_catalogue_the_screen_is_vietnamese(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'nothing.sqlite'}", tmp_path, BABEL_TRANSLATION_DIRECTORIES=str(tmp_path / "nowhere"))
    with app.test_request_context(headers={"Cookie": "locale=en"}):
        assert app.jinja_env.from_string("{{ _('Nhiệm vụ') }}").render() == "Nhiệm vụ"
