"""How commands speak: JSON or a table on standard output, sentences on standard error, the three exit codes.

@app.cli.command("authorities")
@json_option
@refuses
def authorities(as_json: bool) -> None:
    with work("liệt kê cơ quan") as session:
        emit(rows, as_json, [("slug", "Mã"), ("name", "Tên")])
"""

from __future__ import annotations

import functools
import json
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ParamSpec, TypeVar

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from tracker.kernel import database, scope
from tracker.kernel.errors import Refused

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])
#: (key, heading) of a column of the table, or a key that heads itself; JSON has every key.
Columns = Sequence[tuple[str, str] | str]


class IsoDate(click.ParamType[date]):
    """2026-11-23. Anything else is bad usage (exit 2)."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"“{value}” không phải là ngày; viết như 2026-11-23.", param, ctx)


ISO_DATE = IsoDate()


def json_option(function: F) -> F:
    """``--json``: one JSON object on standard output. The parameter is ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")(function)


def on_option(function: F) -> F:
    """``--on DATE`` stands for today. The parameter is ``on``, None where not given."""
    return click.option("--on", type=ISO_DATE, default=None, help="Ngày thay cho hôm nay.")(function)


class _Refusal(click.ClickException):
    exit_code = 1

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file or sys.stderr)


def refuses(function: Callable[P, R]) -> Callable[P, R]:
    """A Refused becomes its sentence on standard error and exit 1. Goes nearest to the function."""

    @functools.wraps(function)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Refused as refusal:
            raise _Refusal(refusal.message) from refusal

    # A command hung on with add_command() gets no application context from Flask by itself.
    return with_appcontext(told)


def refuse(sentence: str) -> _Refusal:
    """To be raised where a command finds, after printing its rows, that the answer is no: exit 1."""
    return _Refusal(sentence)


@contextmanager
def work(reason: str, *, writes: bool = False) -> Iterator[Session]:
    """The session of a command over the whole installation; with ``writes`` committed at the end, undone on any error."""
    session = database.db.session()
    database.expect_writes(writes)
    try:
        with scope.using(session, scope.whole(reason)):
            yield session
            session.commit() if writes else session.rollback()
    except BaseException:
        session.rollback()
        raise
    finally:
        database.expect_writes(False)


def say(sentence: str) -> None:
    """A message or progress: standard error."""
    click.echo(sentence, err=True)


def counting(seconds: float = 2.0) -> Callable[[str, int, int], None]:
    """How far long copying is, in numbers on standard error: at most every ``seconds``, and at the end of each kind."""
    said = time.monotonic()

    def tell(what: str, done: int, total: int) -> None:
        nonlocal said
        if done == total or time.monotonic() - said >= seconds:
            said = time.monotonic()
            say(f"{what}: {done}/{total}")

    return tell


def emit(answer: Mapping[str, Any] | Iterable[Any], as_json: bool, columns: Columns = (), **more: Any) -> None:
    """Prints an answer: a mapping as it is, anything else as ``rows`` (mappings or dataclasses) with ``more`` beside it.

    As text: a table of ``columns``, or one «key: value» a line.
    """
    if isinstance(answer, Mapping):
        payload: dict[str, Any] = {**answer, **more}
        if isinstance(payload.get("rows"), Iterable):  # of a count there is nothing to print a line for
            payload["rows"] = [_mapping(row) for row in payload["rows"]]
    else:
        payload = {"rows": [_mapping(row) for row in answer], **more}
    if as_json:
        click.echo(json.dumps(payload, ensure_ascii=False, default=_plain))
        return
    if columns and isinstance(payload.get("rows"), list):
        rows = payload.pop("rows")
        click.echo(table([_mapping(row) for row in rows], [(c, c) if isinstance(c, str) else c for c in columns]))
    for key, value in payload.items():
        click.echo(f"{key}: {_text(value)}")


def table(rows: Sequence[Mapping[str, Any]], columns: Columns) -> str:
    """Rows under headings, each column as wide as its widest cell (Vietnamese marks take no width)."""
    pairs = [(column, column) if isinstance(column, str) else column for column in columns]
    cells = [[heading for _key, heading in pairs], *([_text(row.get(key)) for key, _heading in pairs] for row in rows)]
    widths = [max(_width(line[i]) for line in cells) for i in range(len(columns))]
    lines = ["  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def _mapping(row: Any) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return dict(row)
    if is_dataclass(row) and not isinstance(row, type):
        return asdict(row)
    raise TypeError(f"a row is a mapping or a dataclass, not {type(row).__name__}")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "; ".join(_text(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value))
    if isinstance(value, bool):
        return "có" if value else "không"
    plain = _plain(value) if not isinstance(value, (str, int, float)) else value
    return str(plain).replace("\n", " ")


def _width(text: str) -> int:
    return sum(1 for c in unicodedata.normalize("NFC", text) if not unicodedata.combining(c))
