"""What the project says it needs is what its lock installs: a fresh checkout starts."""

from __future__ import annotations

import re
import tomllib

from tests.architecture.source import ROOT

NAME = re.compile(r"[A-Za-z0-9._-]+")


def plain(name: str) -> str:
    """The name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_names_every_package_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = {plain(line.partition("==")[0]) for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines() if "==" in line}
    missing = [one for one in asked if (found := NAME.match(one)) is None or plain(found[0]) not in locked]
    assert not missing, f"Not in requirements.lock: {missing}"
