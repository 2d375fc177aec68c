"""The source of the product as trees, for the tests of the house."""

from __future__ import annotations

import ast
import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRACKER = ROOT / "tracker"


@functools.cache
def modules() -> dict[str, ast.Module]:
    """«tasks/service.py» → its tree, for every file of tracker/."""
    return {str(path.relative_to(TRACKER)): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(TRACKER.rglob("*.py"))}


@functools.cache
def written_files() -> tuple[Path, ...]:
    """Every file of the repository that people wrote: what version control would keep."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:  # an exported tree without version control
        return tuple(
            p
            for p in ROOT.rglob("*")
            if p.is_file() and not any(part.startswith(".") or part in ("instance", "build") for part in p.relative_to(ROOT).parts)
        )
    return tuple(ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file())


def templates() -> Iterator[tuple[str, str]]:
    """«tasks/one.html» → its text."""
    folder = ROOT / "templates"
    for path in sorted(folder.rglob("*.html")):
        yield str(path.relative_to(folder)), path.read_text(encoding="utf-8")


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every module of tracker that a file imports, with the line: «tracker.tasks.rules»."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name.startswith("tracker"))
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tracker") and not node.level:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_file = (ROOT / (whole.replace(".", "/") + ".py")).exists() or (ROOT / whole.replace(".", "/")).is_dir()
                yield whole if is_file else node.module, node.lineno
