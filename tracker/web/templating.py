"""What templates call a thousand times a page, made cheap. Nothing here changes what a page says."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from types import FunctionType
from typing import Any, cast
from urllib.parse import quote_plus, urlencode

from flask import Flask, g, request
from flask.templating import Environment as FlaskEnvironment
from jinja2.runtime import Context, Macro, Undefined
from markupsafe import Markup, escape
from werkzeug.routing import BaseConverter, Rule

from tracker.kernel.words import Words, numbered
from tracker.web.words import language, lookup, quoted, vietnamese

#: Functions that take neither the context nor the environment.
_PLAIN: set[Callable[..., Any]] = set()
_DICT_METHODS = frozenset(dir(dict))
#: What Flask's own takes besides the variables of a rule.
_SPECIAL = frozenset({"_anchor", "_method", "_scheme", "_external"})
#: As Werkzeug writes a query.
_SAFE = "!$'()*,/:;?@"
_PLACEHOLDER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
#: A remembered macro forgets everything when it has seen this many different calls.
REMEMBERED = 5000


class QuickContext(Context):
    """Calls a macro, or a function known to take nothing from Jinja, straight away: Jinja asks every callable five questions first."""

    def call(__self, __obj: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as Jinja names them: any keyword may be a macro's
        kind = __obj.__class__
        if kind is Macro:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return __obj(__self.eval_ctx, *args, **kwargs)
        if kind is FunctionType and __obj in _PLAIN:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return __obj(*args, **kwargs)
        return Context.call(__self, __obj, *args, **kwargs)


class Environment(FlaskEnvironment):
    """Flask's, with :class:`QuickContext`; ``row.key`` of a plain dict is looked up, or found missing, without raising on the way."""

    context_class = QuickContext

    def getattr(self, obj: Any, attribute: str) -> Any:
        if obj.__class__ is dict and attribute not in _DICT_METHODS:
            return obj[attribute] if attribute in obj else self._missing(attribute)
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return super().getattr(obj, attribute)

    def _missing(self, attribute: str) -> Undefined:
        """One undefined value for each name: a table asks each of its columns for ten members it does not have."""
        found = self._undefined.get(attribute)
        if found is None:
            found = self._undefined[attribute] = self.undefined(name=attribute)
        return found

    @cached_property
    def _undefined(self) -> dict[str, Undefined]:
        return {}


def install(app: Flask) -> None:
    """``_``, ``gettext``, ``url_for`` and ``csrf_token`` of templates, and ``remembered`` for macros. After Babel and CSRFProtect."""
    slow_token = cast(Callable[[], str], app.jinja_env.globals["csrf_token"])

    addresses = Addresses(app)

    def url_for(endpoint: str, /, **values: Any) -> str:
        return addresses.url_for(endpoint, values)

    def csrf_token() -> str:
        found = g.get("quick_csrf_token")
        if found is None:
            found = g.quick_csrf_token = slow_token()
        return cast(str, found)

    _PLAIN.update((gettext, url_for, csrf_token, vietnamese))
    app.jinja_env.globals.update(
        {"_": gettext, "gettext": gettext, "url_for": url_for, "csrf_token": csrf_token, "remembered": remembered, "vietnamese": vietnamese}
    )
    app.jinja_env.filters["vi"] = quoted


def gettext(message: str, /, **variables: Any) -> Markup:
    """Flask-Babel's gettext, with each message looked up once; variables are escaped, as Jinja's newstyle does."""
    if message.__class__ is Words:
        return escape(message)
    said = lookup(message)
    if "{" in said:
        said = Markup(numbered(said, variables))  # noqa: S704 - the message is ours
    return said % variables if variables or "%" in message else said


def remembered(macro: Macro) -> Callable[..., Any]:
    """A macro whose words follow from its (plain) arguments and the language alone: written once for each."""
    known: dict[Any, Any] = {}

    def call(*args: Any, **kwargs: Any) -> Any:
        # 0 and False, text and markup are equal but not written alike: the kinds belong to the key.
        key = (language(), args, tuple(kwargs.items()), *map(type, args), *map(type, kwargs.values()))
        found = known.get(key)
        if found is None:
            if len(known) >= REMEMBERED:
                known.clear()
            found = known[key] = macro(*args, **kwargs)
        return found

    _PLAIN.add(call)
    return call


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    return quote_plus(text, safe=_SAFE)


@lru_cache(maxsize=4096)
def _written(converter: BaseConverter, text: str) -> str:
    return converter.to_url(text)


def _query(values: dict[str, Any]) -> str:
    if all(value.__class__ is str for value in values.values()):
        return "&".join(f"{name}={_quoted(value)}" for name, value in values.items())
    return urlencode(values, doseq=True, safe=_SAFE)


class Addresses:
    """``url_for`` for the plain cases: an endpoint with one rule, every variable given, the rest a query. Everything else goes to Flask."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._known: dict[str, tuple[list[tuple[str, str, BaseConverter]], str] | None] = {}

    def url_for(self, endpoint: str, values: dict[str, Any]) -> str:
        if endpoint not in self._known:
            self._known[endpoint] = self._plan(endpoint)
        plan = self._known[endpoint]
        if plan is None or not request or request.environ.get("SCRIPT_NAME") or not _SPECIAL.isdisjoint(values):
            return self._app.url_for(endpoint, **values)
        parts, address = plan
        query = {name: value for name, value in values.items() if value is not None}
        written: list[str] = []
        for before, name, converter in parts:
            if name not in query:
                return self._app.url_for(endpoint, **values)
            value = query.pop(name)
            written += (before, _written(converter, value) if value.__class__ is str else converter.to_url(value))
        written.append(address)
        if query:
            written += ("?", _query(query))
        return "".join(written)

    def _plan(self, endpoint: str) -> tuple[list[tuple[str, str, BaseConverter]], str] | None:
        rules: list[Rule] = list(self._app.url_map.iter_rules(endpoint)) if endpoint in self._app.view_functions else []
        if len(rules) != 1 or rules[0].defaults or rules[0].host or rules[0].subdomain or self._app.url_default_functions:
            return None
        rule, parts, at = rules[0], [], 0
        for found in _PLACEHOLDER.finditer(rule.rule):
            parts.append((rule.rule[at : found.start()], found[1], rule._converters[found[1]]))
            at = found.end()
        return parts, rule.rule[at:]
