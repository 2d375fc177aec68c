"""What is made cheap says the same: addresses, words and remembered macros are those of Flask, Flask-Babel and Jinja."""

from __future__ import annotations

import pytest
from flask import Flask, url_for
from markupsafe import Markup
from werkzeug.routing import BuildError

from tracker.web import templating

ADDRESSES = [
    ("dashboard.task_page", {"authority": "ninh-son", "task_id": 12}),
    ("dashboard.tasks_", {"authority": "ninh-son"}),
    ("dashboard.tasks_", {"authority": "ninh-son", "unit": "phong-noi-vu", "timeliness": None, "page": 2}),
    ("dashboard.tasks_", {"authority": "ninh-son", "q": "hạ tầng & số?", "main": "1/2", "returned": True}),
    ("dashboard.tasks_", {"authority": "xã lạ", "status": ["a", "b"]}),
    ("dashboard.indicator_page", {"authority": "ninh-son", "set_slug": "huyen-2022", "code": "6.10"}),
    ("dashboard.tasks_", {"authority": "ninh-son", "_anchor": "list"}),
    ("static", {"filename": "build/app.css", "v": "abc"}),
    ("accounts.sign_in", {"next": "/ninh-son/tasks?q=a b"}),
]


@pytest.mark.parametrize(("endpoint", "values"), ADDRESSES)
@pytest.mark.parametrize("script_name", ["", "/don-doc"])
def test_addresses_are_flasks(bare_app: Flask, endpoint: str, values: dict[str, object], script_name: str) -> None:
    quick = bare_app.jinja_env.globals["url_for"]
    with bare_app.test_request_context(environ_overrides={"SCRIPT_NAME": script_name}):
        assert quick(endpoint, **values) == quick(endpoint, **values) == url_for(endpoint, **values)


def test_an_address_that_lacks_a_part_is_refused_as_flask_does(bare_app: Flask) -> None:
    with bare_app.test_request_context(), pytest.raises(BuildError):
        bare_app.jinja_env.globals["url_for"]("dashboard.task_page", authority="ninh-son")


def test_words_escape_what_is_put_into_them(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        assert bare_app.jinja_env.from_string("{{ _('Nhiệm vụ') }} {{ _('Xem %(name)s', name='<b>') }}").render() == "Nhiệm vụ Xem &lt;b&gt;"
        assert bare_app.jinja_env.from_string("{{ _('100%% của %(name)s', name='A') }}{{ _('50%%') }}").render() == "100% của A50%"
        assert isinstance(templating.gettext("Nhiệm vụ"), Markup)


def test_a_remembered_macro_tells_alike_values_apart(bare_app: Flask) -> None:
    page = "{% macro _say(value, mark=none) %}[{{ value }}{% if mark %} {{ mark }}{% endif %}]{% endmacro %}{% set say = remembered(_say) %}"
    page += "{{ say('<i>') }}{{ say('<i>' | safe) }}{{ say(0) }}{{ say(false) }}{{ say(0, mark='x') }}{{ say('<i>') }}"
    with bare_app.test_request_context():
        assert bare_app.jinja_env.from_string(page).render() == "[&lt;i&gt;][<i>][0][False][0 x][&lt;i&gt;]"


def test_missing_members_are_undefined_and_methods_stay_methods(bare_app: Flask) -> None:
    page = "{{ row.none is defined }} {{ row.none or 'không' }} {{ row.name }} {{ row.items() | list | length }} {{ row.items is callable }}"
    with bare_app.test_request_context():
        assert bare_app.jinja_env.from_string(page).render(row={"name": "A", "items": 3}) == "False không A 2 True"
