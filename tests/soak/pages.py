"""``python -m tests.soak.pages [--role ROLE]``: axe on every page a person can come to by links, light and dark, and at 320 px.

Every role, in an office full of work and in one that has only just begun; and every form of those pages, sent as it was opened or
with nonsense in it, for the page that refuses it. One page of each kind for each role. Changes nothing but the demonstration in a temporary folder.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.harness.browser import chromium, serving
from tests.harness.stores import PASSWORD
from tests.journeys.visitor import Visitor
from tests.journeys.walk import open_empty_office, walks
from tests.screenshots.demonstration import demonstration
from tracker.units.rules import Role


def _faults(visitor: Visitor, _kind: str) -> list[str]:
    return visitor.faults()


def main() -> int:
    """Returns 0 where nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.pages", description=__doc__)
    parser.add_argument("--role", choices=[role.value for role in Role])
    asked = parser.parse_args()
    began, pages, found = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory(prefix="dondoc-pages-") as folder:
        app = demonstration(Path(folder), PASSWORD)
        open_empty_office(app)
        with serving(app) as address, chromium() as browser:
            for walk in walks(app, browser, address, _faults, roles=[role for role in Role if asked.role in (None, role.value)]):
                pages += walk.number
                found += len(walk.found)
                for fault in walk.found:
                    print(fault, file=sys.stderr)
                print(f"{walk.office}: {walk.number} pages, {len(walk.found)} faults  {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(f"{pages} pages looked at, {found} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
