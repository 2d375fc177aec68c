"""Folding inside the database, so that titles without a folded column of their own are searched without diacritics too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from tracker.kernel.vietnamese import fold

#: What SQLite calls the function that ``kernel.database`` gives it.
SQLITE_NAME = "fold_vietnamese"


class folded(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """``fold(text)`` as SQL: «Đôn Đốc» → «don doc». NULL stays NULL."""

    type = String()
    name = "folded"
    inherit_cache = True


def fold_or_none(text: str | None) -> str | None:
    """What SQLite calls for each row."""
    return None if text is None else fold(text)


def _letters() -> tuple[str, str]:
    """Every letter that folds to one plain letter, beside it."""
    pairs = [(chr(code), fold(chr(code))) for code in (*range(0xC0, 0x250), *range(0x1EA0, 0x1EFA))]
    kept = [(char, plain) for char, plain in pairs if len(plain) == 1 and plain.isascii() and plain.isalpha()]
    return "".join(char for char, _plain in kept), "".join(plain for _char, plain in kept)


_FROM, _TO = _letters()


@compiles(folded, "sqlite")
def _in_sqlite(element: folded, compiler: SQLCompiler, **options: Any) -> str:
    return f"{SQLITE_NAME}({compiler.process(element.clauses, **options)})"


@compiles(folded, "postgresql")
def _in_postgresql(element: folded, compiler: SQLCompiler, **options: Any) -> str:
    # normalize() joins letters and marks typed apart; translate() needs no extension and no locale.
    (text,) = element.clauses
    spelled = func.translate(func.lower(func.normalize(text)), literal_column(f"'{_FROM}'"), literal_column(f"'{_TO}'"))
    return compiler.process(spelled, **options)
