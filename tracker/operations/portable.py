"""The format of a backup: one folder, readable without this program, the same from SQLite and from PostgreSQL.

    manifest.json          format, revision of the schema, tables with columns, rows and SHA-256, files with size and SHA-256
    tables/<table>.jsonl.gz   one JSON array a row, in the order of the primary key
    files/<authority>/<sha256>   evidence, as it lies in the store

Dates and instants are ISO (instants in UTC), numbers with decimals are text, so that no digit is lost. Tables are taken as the
database has them, not as the models say: a backup of any revision can be made and read.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Date, DateTime, MetaData, Numeric, Table

from tracker.kernel.errors import BadInput

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TablePart:
    """One table of a backup."""

    name: str
    columns: list[str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FilePart:
    """One piece of evidence in a backup: ``path`` is ``<authority>/<sha256>``, so its name says what it must contain."""

    path: str
    size: int

    @property
    def authority_id(self) -> int:
        return int(self.path.split("/")[0])

    @property
    def sha256(self) -> str:
        return self.path.split("/")[1]


@dataclass(slots=True)
class Manifest:
    """What a backup says of itself. ``missing`` names evidence that was already gone when it was made."""

    revision: str
    made_at: str
    format: int = FORMAT
    tables: list[TablePart] = field(default_factory=list)
    files: list[FilePart] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    def write(self, folder: Path) -> None:
        """The last file of a backup: without it the folder is none."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


#: Hears of long copying: what (words), how many are done, of how many.
Tell = Callable[[str, int, int], None]


def untold(_what: str, _done: int, _total: int) -> None:
    """Where nobody watches."""


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup. Raises BadInput where the folder is none, or of a newer format."""
    path = folder / MANIFEST
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise BadInput(f"Bản sao lưu có định dạng {said['format']}; phiên bản này đọc định dạng {FORMAT}.", str(path))
        said["tables"] = [TablePart(**table) for table in said["tables"]]
        said["files"] = [FilePart(**file) for file in said["files"]]
        return Manifest(**said)
    except FileNotFoundError:
        raise BadInput("Thư mục này không phải bản sao lưu (không có manifest.json). Chỉ thư mục mà flask backup đã tạo.", str(folder)) from None
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInput(f"Không đọc được manifest ({error}). Dùng bản sao lưu khác.", str(path)) from error


def check(folder: Path, manifest: Manifest) -> None:
    """Every table and file against its SHA-256, before anything is touched. Raises BadInput at the first that differs."""
    for table in manifest.tables:
        _expect(_table_path(folder, table.name), table.sha256)
    for file in manifest.files:
        _expect(folder / "files" / file.path, file.sha256)


def _expect(path: Path, sha256: str) -> None:
    if not path.is_file():
        raise BadInput("Thiếu tệp này trong bản sao lưu. Chép lại bản sao lưu cho đủ, hoặc dùng bản khác.", str(path))
    if digest(path) != sha256:
        raise BadInput("Tệp này đã hỏng (SHA-256 khác manifest). Chép lại bản sao lưu, hoặc dùng bản khác.", str(path))


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def tables_of(connection: Connection) -> list[Table]:
    """The tables of the product as this database has them, a table after those it points to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _table_path(folder: Path, name: str) -> Path:
    return folder / "tables" / f"{name}.jsonl.gz"


@contextmanager
def _zipped(path: Path) -> Iterator[gzip.GzipFile]:
    """A gzip file that is byte for byte the same for the same rows: no time, no name in it."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed:
        yield packed


def write_table(folder: Path, table: Table, rows: Iterator[Any]) -> TablePart:
    """Writes the rows of one table, in the order of its columns."""
    path = _table_path(folder, table.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with _zipped(path) as out:
        for row in rows:
            out.write(json.dumps([_plain(value) for value in row], ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            count += 1
    return TablePart(table.name, [column.name for column in table.columns], count, digest(path))


def read_table(folder: Path, part: TablePart, table: Table) -> Iterator[dict[str, Any]]:
    """The rows of one table as values the database takes. Raises BadInput where a column is not the table's."""
    unknown = set(part.columns) - set(table.columns.keys())
    if unknown:
        raise BadInput(f"Bảng {part.name} của bản sao lưu có cột lạ: {', '.join(sorted(unknown))}.", str(_table_path(folder, part.name)))
    readers = [_reader(table.columns[name]) for name in part.columns]
    with gzip.open(_table_path(folder, part.name), "rb") as lines:
        for line in lines:
            values = json.loads(line)
            yield {name: None if value is None else read(value) for name, read, value in zip(part.columns, readers, values, strict=True)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()  # SQLite knows no zones
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    kind = column.type
    if isinstance(kind, DateTime):
        return datetime.fromisoformat if kind.timezone else _naive
    if isinstance(kind, Date):
        return date.fromisoformat
    return Decimal if isinstance(kind, Numeric) and kind.asdecimal else _as_it_is


def _naive(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def _as_it_is(value: Any) -> Any:
    return value
