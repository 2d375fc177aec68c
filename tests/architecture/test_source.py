"""House rules of the source that no ready-made linter checks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT, modules, written_files

#: Files whose public functions are the product's vocabulary: each says what it intends.
SPOKEN = ("rules", "queries", "access", "service", "jobs")
CLOCK = re.compile(r"(^|\.)(datetime|date)\.(now|utcnow|today)$|^time\.time$")
#: Put together here, so that this file does not break its own rule.
FORBIDDEN = [
    re.compile("/" + "work/"),
    re.compile("/" + r"tmp/\w"),
    re.compile("/" + "root/"),
    re.compile(r"(pypi|pythonhosted|npmjs)\.(org|com)|files\.python" + "hosted|registry\\.npm|deb\\.debian\\.org"),
    re.compile(r"\b(TODO|FIX" + r"ME|XX" + r"X)\b"),
]
TEXT = {
    ".py",
    ".html",
    ".css",
    ".js",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".csv",
    ".txt",
    ".cfg",
    ".ini",
    ".lock",
    ".service",
    ".timer",
    ".conf",
    ".env",
    ".example",
    ".mako",
    ".po",
    ".svg",
    "",
}


def calls_of_the_clock(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and CLOCK.search(ast.unparse(node)):
            yield node.lineno, ast.unparse(node)


def test_only_the_clock_reads_the_clock() -> None:
    wrong = [
        f"tracker/{path}:{line} {call}" for path, tree in modules().items() if path != "kernel/clock.py" for line, call in calls_of_the_clock(tree)
    ]
    assert not wrong, "The one clock is kernel/clock.py (durations: time.monotonic):\n" + "\n".join(wrong)


def test_the_rule_about_the_clock_sees_a_breach() -> None:
    assert list(calls_of_the_clock(ast.parse("import datetime\nx = datetime.date.today()")))


@pytest.mark.parametrize("kind", ["service", "queries", "access", "rules", "models", "forms"])
def test_the_clock_is_read_only_at_the_edges(kind: str) -> None:
    wrong = [
        f"tracker/{path}:{node.lineno} {ast.unparse(node)}"
        for path, tree in modules().items()
        if path.endswith(f"/{kind}.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("clock.now", "clock.today", "clock.real_now")
    ]
    assert not wrong, "Take `now` or `today` as an argument; views, jobs and commands read the clock:\n" + "\n".join(wrong)


def test_no_import_hides_in_a_function() -> None:
    wrong = [
        f"tracker/{path}:{inner.lineno} in {node.name}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_public_function_says_what_it_intends() -> None:
    silent = [
        f"tracker/{path}:{node.lineno} {node.name}"
        for path, tree in modules().items()
        if path.rpartition("/")[2].removesuffix(".py") in SPOKEN
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not silent, "These need a docstring (intent, units, errors, source):\n" + "\n".join(silent)


def test_every_file_says_what_it_is() -> None:
    assert not [path for path, tree in modules().items() if not ast.get_docstring(tree)]


def test_nobody_reads_rows_around_the_scope() -> None:
    """The scope narrows ORM reads. Around it: a table object or SQL text. Only the operations that copy whole tables and schema.py may."""
    wrong = []
    for path, tree in modules().items():
        if path.startswith(("operations/", "kernel/")) or path.endswith(("/models.py", "_models.py")) or path == "schema.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "__table__":
                wrong.append(f"tracker/{path}:{node.lineno} uses __table__")
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("text", "sqlalchemy.text", "sa.text"):
                wrong.append(f"tracker/{path}:{node.lineno} writes SQL as text")
    assert not wrong, "Read through the models, or through kernel.scope.scoped():\n" + "\n".join(wrong)


def kept_aliases(tree: ast.Module) -> Iterator[int]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(one, ast.Call) and ast.unparse(one.func).endswith("aliased") for one in ast.walk(node.value)
        ):
            yield node.lineno


def test_what_threads_share_of_an_alias_is_whole() -> None:
    wrong = [f"tracker/{path}:{line}" for path, tree in modules().items() for line in kept_aliases(tree)]
    assert not wrong, (
        "A module keeps kernel.database.second(), not aliased(): two threads that first use one together may see half of it:\n" + "\n".join(wrong)
    )


def test_the_rule_about_aliases_sees_a_breach() -> None:
    assert list(kept_aliases(ast.parse("from sqlalchemy.orm import aliased\na, b = aliased(X), aliased(Y)"))) == [2]


def test_only_edges_commit() -> None:
    """A service takes part in its caller's transaction."""
    wrong = [
        f"tracker/{path}:{node.lineno}"
        for path, tree in modules().items()
        if path.endswith(("/service.py", "/queries.py", "/access.py"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_tells_of_the_machine_it_was_written_on() -> None:
    wrong = []
    for path in written_files():
        if path.suffix not in TEXT or path == ROOT / "tests/architecture/test_source.py":
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        wrong += [
            f"{path.relative_to(ROOT)}:{number} {line.strip()[:120]}"
            for number, line in enumerate(lines, 1)
            for word in FORBIDDEN
            if word.search(line)
        ]
    assert not wrong, "Paths of one machine, addresses of registries and unfinished work stay out:\n" + "\n".join(wrong)
