"""Reads and writes the plain files of ``seeds/``. Every refusal names file, line and column; the format is told in seeds/README.md."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from tracker.kernel.errors import BadInput
from tracker.kernel.vietnamese import join_and

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class SeedRow:
    """One row of a file. ``line`` is where it begins; columns count from 1."""

    path: str
    line: int
    columns: tuple[str, ...]
    cells: tuple[str, ...]

    def bad(self, column: str, message: str) -> BadInput:
        """A refusal that points at one cell."""
        return BadInput(f"cột “{column}”: {message}", place=f"{self.path}:{self.line}:{self.columns.index(column) + 1}")

    def text(self, column: str) -> str:
        return self.cells[self.columns.index(column)]

    def needed(self, column: str) -> str:
        """Raises BadInput where the cell is empty."""
        found = self.text(column)
        if not found:
            raise self.bad(column, "đang trống; ô này bắt buộc phải có chữ.")
        return found

    def maybe(self, column: str) -> str | None:
        return self.text(column) or None

    def number(self, column: str) -> Decimal | None:
        """A number in plain form (10, 2.5); empty is None."""
        found = self.text(column)
        if not found:
            return None
        try:
            value = Decimal(found)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or plain(value) != found:
            raise self.bad(column, f"“{found}” không phải là số; ghi dạng 10 hoặc 2.5, để trống nếu văn bản không in.")
        return value

    def whole(self, column: str) -> int | None:
        found = self.text(column)
        if not found:
            return None
        if not found.isascii() or not found.isdigit():
            raise self.bad(column, f"“{found}” không phải là số nguyên; ghi dạng 15.")
        return int(found)

    def day(self, column: str) -> date:
        found = self.needed(column)
        try:
            return date.fromisoformat(found)
        except ValueError:
            raise self.bad(column, f"“{found}” không phải là ngày có thật; ghi dạng 2026-11-14.") from None

    def yes(self, column: str) -> bool:
        return self.one_of(column, ("yes", "no")) == "yes"

    def choice(self, column: str, enum: type[E]) -> E:
        return enum(self.one_of(column, [member.value for member in enum]))

    def one_of(self, column: str, known: Collection[str]) -> str:
        """A cell that must be one of ``known``. The refusal lists them where they are few."""
        found = self.needed(column)
        if found not in known:
            right = f"phải là một trong: {', '.join(known)}" if len(known) <= 12 else "phải là tên đã có trong tệp tương ứng"
            raise self.bad(column, f"“{found}” không hợp lệ; {right}.")
        return found

    def unique(self, column: str, seen: set[str]) -> str:
        """A cell that may stand only once; adds it to ``seen``."""
        found = self.needed(column)
        if found in seen:
            raise self.bad(column, f"“{found}” đã có ở một dòng trước; mỗi giá trị chỉ được có một lần.")
        seen.add(found)
        return found


@dataclass(frozen=True, slots=True)
class SeedDocument:
    """A YAML file of plain keys. ``lines`` says where each key stands."""

    path: str
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def bad(self, key: str, message: str) -> BadInput:
        return BadInput(f"khóa “{key}”: {message}", place=f"{self.path}:{self.lines.get(key, 1)}:1")

    def text(self, key: str) -> str:
        found = self.values[key]
        if not isinstance(found, str) or not found:
            raise self.bad(key, f"“{found}” phải là chữ.")
        return found

    def maybe(self, key: str) -> str | None:
        return None if self.values[key] is None else self.text(key)

    def whole(self, key: str) -> int | None:
        found = self.values[key]
        if found is not None and (not isinstance(found, int) or isinstance(found, bool)):
            raise self.bad(key, f"“{found}” không phải là số nguyên; ghi dạng 1000 hoặc null.")
        return found

    def yes(self, key: str) -> bool:
        found = self.values[key]
        if not isinstance(found, bool):
            raise self.bad(key, f"“{found}” phải là true hoặc false.")
        return found

    def day(self, key: str) -> date | None:
        found = self.maybe(key)
        if found is None:
            return None
        try:
            return date.fromisoformat(found)
        except ValueError:
            raise self.bad(key, f"“{found}” không phải là ngày có thật; ghi dạng '2026-11-14'.") from None

    def names(self, key: str) -> list[str]:
        found = self.values[key]
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self.bad(key, "phải là danh sách các tên.")
        return list(found)

    def mapping(self, key: str) -> dict[str, Any]:
        found = self.values[key]
        if not isinstance(found, dict):
            raise self.bad(key, "phải là các cặp khóa: giá trị, hoặc {}.")
        return dict(found)


def read_rows(folder: Path, name: str, columns: Sequence[str]) -> list[SeedRow]:
    """The rows of ``name`` under the folder of seeds. Raises BadInput for a missing file, bad UTF-8, bad quoting, other columns or a ragged row."""
    path, text = _read(folder, name)
    rows: list[SeedRow] = []
    for line, cells in _records(path, text):
        if line == 1:
            _check_header(path, cells, columns)
            continue
        if len(cells) != len(columns):
            raise BadInput(
                f"dòng có {len(cells)} ô; phải có {len(columns)} ô theo thứ tự {', '.join(columns)}.",
                place=f"{path}:{line}:{min(len(cells), len(columns)) + 1}",
            )
        rows.append(SeedRow(path, line, tuple(columns), tuple(cells)))
    if not text:
        raise BadInput(f"tệp rỗng; dòng đầu phải là {','.join(columns)}.", place=f"{path}:1:1")
    return rows


def _check_header(path: str, cells: Sequence[str], columns: Sequence[str]) -> None:
    for number, (found, right) in enumerate(zip([*cells, *[""] * len(columns)], columns, strict=False), start=1):
        if found != right:
            raise BadInput(f"dòng tiêu đề có cột “{found}”; phải là “{right}”.", place=f"{path}:1:{number}")
    if len(cells) > len(columns):
        raise BadInput(f"dòng tiêu đề thừa cột “{cells[len(columns)]}”.", place=f"{path}:1:{len(columns) + 1}")


def _records(path: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on: a quoted cell may run over several lines."""
    reader = csv.reader(io.StringIO(text), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise BadInput(f"không đọc được dòng này ({error}); kiểm tra dấu ngoặc kép và dấu phẩy.", place=f"{path}:{line}:1") from None
        if cells is None:
            return
        yield line, cells
        line = reader.line_num + 1


def read_document(folder: Path, name: str, keys: Sequence[str]) -> SeedDocument:
    """A YAML file with exactly ``keys``. Raises BadInput with the line and column of the fault."""
    path, text = _read(folder, name)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise BadInput(
            "không đọc được YAML; kiểm tra dấu hai chấm, thụt dòng và dấu nháy.", place=f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        ) from None
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        raise BadInput("phải là các dòng khóa: giá trị.", place=f"{path}:1:1")
    lines = {key.value: key.start_mark.line + 1 for key, _value in node.value}
    for key in values:
        if key not in keys:
            raise BadInput(f"khóa “{key}” không có trong mẫu; các khóa là {', '.join(keys)}.", place=f"{path}:{lines.get(key, 1)}:1")
    missing = [key for key in keys if key not in values]
    if missing:
        raise BadInput(f"thiếu khóa {join_and(missing)}.", place=f"{path}:{len(text.splitlines()) + 1}:1")
    return SeedDocument(path, values, lines)


def _read(folder: Path, name: str) -> tuple[str, str]:
    path = f"{folder.name}/{name}"
    try:
        raw = (folder / name).read_bytes()
    except OSError as error:
        raise BadInput(f"không đọc được tệp ({error.strerror}); tệp này phải có trong bộ dữ liệu.", place=f"{path}:1:1") from None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = len(before.rpartition(b"\n")[2].decode("utf-8")) + 1
        raise BadInput("không phải là UTF-8; lưu lại tệp bằng UTF-8.", place=f"{path}:{before.count(bytes([10])) + 1}:{column}") from None
    _check_form(path, text)
    return path, text


def _check_form(path: str, text: str) -> None:
    """Ends of lines are LF and letters composed, so that what is written back is the same bytes."""
    for number, line in enumerate(text.split("\n"), start=1):
        if "\r" in line:
            raise BadInput("cuối dòng là CR LF; lưu lại tệp với LF.", place=f"{path}:{number}:{line.index(chr(13)) + 1}")
        composed = unicodedata.normalize("NFC", line)
        if composed != line:
            column = next((n for n, (a, b) in enumerate(zip(composed, line, strict=False), start=1) if a != b), len(composed))
            raise BadInput("chữ chưa ở dạng dựng sẵn (NFC); lưu lại tệp ở dạng NFC.", place=f"{path}:{number}:{column}")


def plain(value: Decimal | int | None) -> str:
    """A number as the files write it: 10, 2.5, nothing for None."""
    if value is None:
        return ""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The text of a CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def write_document(values: Mapping[str, Any]) -> str:
    """The text of a YAML file."""
    return yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=10000)
