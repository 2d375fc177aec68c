"""What an address and a form may hold at all, so that no view asks the database what it cannot be asked."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter

#: Ids are 64-bit; a larger number is the address of nothing.
LARGEST_ID = 2**63 - 1
#: PostgreSQL stores no NUL and SQLite would cut the text there.
NUL = "\0"


class IdConverter(IntegerConverter):
    """``<int:…>`` in every address of the product."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options.setdefault("max", LARGEST_ID)
        super().__init__(*arguments, **options)


def install(app: Flask) -> None:
    """Before any view is registered."""
    app.url_map.converters["int"] = IdConverter

    @app.before_request
    def refuse_nul() -> None:
        if NUL in request.path:
            abort(404)
        if any(NUL in value for values in (request.args, request.form) for _name, value in values.items(multi=True)):
            abort(400)
